"""Questions in Spanish and Portuguese, word by word into English, as far as the shipped glossary reaches.

The result is no sentence to read: it is what the question is understood by. Names stay as they are, countries get
their English names, and a word that the glossary does not have is kept.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from factdesk.corpus.territories import display_name, mentions
from factdesk.corpus.words import FUNCTION_WORDS, WORD, fold, stem

LONGEST_PHRASE = 4
FUNCTION = {
    "de": "of", "del": "of", "da": "of", "do": "of", "das": "of", "dos": "of", "en": "in", "em": "in", "no": "in",
    "na": "in", "nos": "in", "nas": "in", "el": "the", "la": "the", "los": "the", "las": "the", "os": "the",
    "as": "the", "y": "and", "e": "and", "para": "for", "con": "with", "com": "with", "por": "by", "pelo": "by",
    "pela": "by", "entre": "between", "hasta": "until", "ate": "until", "desde": "since", "sobre": "about",
    "se": "", "su": "its", "sus": "its", "seu": "its", "sua": "its", "es": "is", "son": "are", "sao": "are",
    "fue": "was", "foi": "was", "foram": "were", "fueron": "were", "al": "to the", "ao": "to the", "ha": "has",
    "un": "a", "una": "a", "um": "a", "uma": "a", "o": "the", "a": "the", "que": "that", "cada": "each",
}  # fmt: skip
"""Words between the others; the empty one is left out."""

MEANS = re.compile(r"^\W*(?:qu[eé]|o que) (?:significan?|significam|quieren? decir|querem? dizer) (.{2,80}?)\W*$", re.I)


@cache
def glossary(language: str) -> dict[tuple[str, ...], str]:
    """The phrases of a language, folded and stemmed, with their English."""
    table = tomllib.loads((resources.files("factdesk.corpus") / "glossary.toml").read_text("utf-8"))
    found: dict[tuple[str, ...], str] = {}
    for phrase, english in table.get(language, {}).items():
        words = WORD.findall(fold(phrase))
        found.setdefault(tuple(words), english)
        found.setdefault(tuple(stem(word, language) for word in words), english)
    return found


def to_english(text: str, language: str) -> str:
    """The text in English words; text in a language without a glossary is returned as it is."""
    entries = glossary(language)
    if not entries:
        return text
    if meaning := MEANS.match(text):
        return f"what does {to_english(meaning.group(1), language)} mean?"
    words = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(text)]
    countries = {m.start: m for m in mentions(text)}
    out: list[str] = []
    at, written = 0, 0
    while at < len(words):
        start = words[at][0]
        if mention := countries.get(start):
            length = sum(mention.start <= s < mention.end for s, _, _ in words)
            english = display_name(mention.code)
        else:
            length, english = translated(words, at, entries, text, language)
        out.append(text[written:start])
        out.append(english)
        written = words[at + length - 1][1]
        at += length
    return " ".join("".join([*out, text[written:]]).replace("¿", "").replace("¡", "").split())


def phrases_to_english(text: str) -> str:
    """An English text with the glossary's foreign phrases of several words in English: terms of art are asked for."""
    words = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(text)]
    for length in range(LONGEST_PHRASE, 1, -1):
        for at in range(len(words) - length + 1):
            phrase = tuple(word for _, _, word in words[at : at + length])
            english = next((e for code in ("es", "pt") if (e := glossary(code).get(phrase))), None)
            if english and sum(word in FUNCTION_WORDS["en"] for word in phrase) == 0:
                start, end = words[at][0], words[at + length - 1][1]
                return phrases_to_english(f"{text[:start]}{english}{text[end:]}")
    return text


def translated(
    words: list[tuple[int, int, str]], at: int, entries: dict[tuple[str, ...], str], text: str, language: str
) -> tuple[int, str]:
    """How many words from `at` on are one entry, and its English; a word without one stands for itself."""
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        phrase = tuple(word for _, _, word in words[at : at + length])
        if english := entries.get(phrase) or entries.get(tuple(stem(word, language) for word in phrase)):
            return length, english
    start, end, word = words[at]
    if word in FUNCTION_WORDS[language] and word in FUNCTION:
        return 1, FUNCTION[word]
    return 1, text[start:end]
