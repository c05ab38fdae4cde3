"""Questions in Spanish and Portuguese, word by word into English, as far as the shipped glossary reaches.

The result is no sentence to read: it is what the question is understood by. Names stay as they are, countries get
their English names, and a word that the glossary does not have is kept, unless its English spelling is a known word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from factdesk.corpus.patterns import lazily
from factdesk.corpus.territories import display_name, glossary_file, mentions, name_words
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, WORD, fold, stem, word_set

Word = tuple[int, int, str]
"""Start and end of a word, and the word folded."""

LONGEST_PHRASE = 5
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
AS_WRITTEN = {"é": "is", "está": "is", "à": "to the", "às": "to the", "sí": "yes"}
"""Words that only their accent tells from others."""

MEANS = lazily(r"^\W*(?:qu[eé]|o que) (?:significan?|significam|quieren? decir|querem? dizer) (.{2,80}?)\W*$", re.I)


@cache
def written(language: str) -> dict[tuple[str, ...], str]:
    """The phrases of a language, folded, with their English."""
    found: dict[tuple[str, ...], str] = {}
    for phrase, english in glossary_file().get(language, {}).items():
        found.setdefault(tuple(WORD.findall(fold(phrase))), english)
    return found


@cache
def glossary(language: str) -> dict[tuple[str, ...], str]:
    """The phrases of a language, folded and stemmed, with their English; of one stem the first has it."""
    found: dict[tuple[str, ...], str] = {}
    for words, english in written(language).items():
        found.setdefault(tuple(stem(word, language) for word in words), english)
    return found


def to_english(text: str, language: str, is_word: Callable[[str], bool] = lambda word: False) -> str:
    """The text in English words; text in a language without a glossary is returned as it is.

    `is_word` tells whether a folded word is a known English one: a word that the glossary does not have becomes its
    cognate only if it is ("inspección" is "inspection").
    """
    if not glossary(language):
        return text
    if meaning := MEANS.match(text):
        return f"what does {to_english(meaning.group(1), language, is_word)} mean?"
    words = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(text)]
    countries = {m.start: m for m in mentions(text)}
    out: list[str] = []
    at, done = 0, 0
    while at < len(words):
        start = words[at][0]
        if mention := countries.get(start):
            length = sum(mention.start <= s < mention.end for s, _, _ in words)
            english = display_name(mention.code)
        else:
            length, english = dated(words, at, language) or translated(words, at, text, language, is_word)
        out.append(text[done:start])
        out.append(english)
        done = words[at + length - 1][1]
        at += length
    return " ".join("".join([*out, text[done:]]).replace("¿", "").replace("¡", "").split())


def phrases_to_english(text: str) -> str:
    """An English text with the glossary's foreign phrases of several words in English: terms of art are asked for."""
    words = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(text)]
    for length in range(LONGEST_PHRASE, 1, -1):
        for at in range(len(words) - length + 1):
            phrase = tuple(word for _, _, word in words[at : at + length])
            english = next((e for code in ("es", "pt") if (e := written(code).get(phrase))), None)
            if english and sum(word in FUNCTION_WORDS["en"] for word in phrase) == 0:
                start, end = words[at][0], words[at + length - 1][1]
                return phrases_to_english(f"{text[:start]}{english}{text[end:]}")
    return text


YEAR = lazily(r"(?:1[5-9]|20|21)\d\d")
DAY = lazily(r"[0-3]?\d")
MONTHS = word_set("January February March April May June July August September October November December")


def dated(words: list[Word], at: int, language: str) -> tuple[int, str] | None:
    """How many words from `at` on are the small words of a date, and their English; None if they are none.

    "15 de mayo de 2018" is 15 May 2018, "de 2014 a 2018" is from 2014 to 2018.
    """
    before, word, after = (words[i][2] if 0 <= i < len(words) else "" for i in (at - 1, at, at + 1))
    if word in ("de", "del", "do") and is_month(before, language) and YEAR.fullmatch(after):
        return 1, ""
    if word in ("de", "del") and DAY.fullmatch(before) and is_month(after, language):
        return 1, ""
    to = words[at + 2][2] if at + 2 < len(words) else ""
    if word in ("de", "del", "desde") and YEAR.fullmatch(after) and to in ("a", "al", "ao", "hasta", "ate"):
        return 1, "from"
    if word in ("a", "al", "ao") and YEAR.fullmatch(before) and YEAR.fullmatch(after):
        return 1, "to"
    return None


def is_month(word: str, language: str) -> bool:
    """Whether a folded word is the name of a month."""
    return written(language).get((word,)) in MONTHS


def translated(words: list[Word], at: int, text: str, language: str, is_word: Callable[[str], bool]) -> tuple[int, str]:
    """How many words from `at` on are one entry, and its English; a word without one stands for itself."""
    stemmed = glossary(language)
    start, end, word = words[at]
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        phrase = tuple(w for _, _, w in words[at : at + length])
        if length == 1:
            if english := AS_WRITTEN.get(text[start:end].lower()) or written(language).get(phrase):
                return 1, english
            if word in FUNCTION_WORDS[language]:
                return 1, FUNCTION.get(word, text[start:end])
            if word in FUNCTION_WORDS["en"]:  # "how much ahorra el gobierno": people mix
                return 1, text[start:end]
            if base := next((w for w in base_forms(word) if (w,) in written(language)), ""):
                return 1, written(language)[(base,)]
            if word.endswith(ADVERB) and (adverb := cognate(word, is_word)):
                return 1, adverb
        if english := written(language).get(phrase) or stemmed.get(tuple(stem(w, language) for w in phrase)):
            return length, english
    name = text[start].isupper() and at > 0
    return 1, ("" if name else cognate(word, is_word)) or text[start:end]


SHORTEST_INFLECTED = 4
SHORTEST_COGNATE, LONGEST_COGNATE = 6, 24
ADVERB = "mente"
PLURALS = (
    ("ciones", "cion"), ("siones", "sion"), ("coes", "cao"), ("soes", "sao"), ("idades", "idad"), ("ales", "al"),
    ("ais", "al"), ("ores", "or"), ("veis", "vel"), ("ces", "z"), ("des", "d"),
    ("nes", "n"), ("s", ""),
)  # fmt: skip
"""Endings of plurals, folded, and those of their singulars."""
ENDINGS = (
    ("ccion", "ction"), ("cion", "tion"), ("cao", "tion ction ption"), ("sion", "sion"), ("sao", "sion"),
    ("cidade", "city cy"), ("cidad", "city cy"),
    ("idade", "ity"), ("idad", "ity"), ("dade", "ty"), ("dad", "ty"), ("encia", "ence ency"), ("ancia", "ance ancy"),
    ("ista", "ist"), ("ismo", "ism"), ("ico", "ic ical"), ("ica", "ic ical ics"), ("ario", "ary"), ("aria", "ary"),
    ("orio", "ory"), ("oria", "ory"), ("able", "able ible"), ("avel", "able ible"), ("ible", "ible"),
    ("ivel", "ible"), ("ivo", "ive"), ("iva", "ive"), ("oso", "ous"), ("osa", "ous"), ("ura", "ure"),
    ("agem", "age"), ("miento", "ment"), ("mento", "ment"), ("dor", "tor"), ("ia", "y ia"), ("io", "y"),
    ("o", "@ e"), ("a", "@ e"), ("e", "@ e"), ("al", "al"), ("or", "or"), ("ar", "ar"),
)  # fmt: skip
"""Endings of words, folded, and those of their English cognates, likeliest first; "@" is none."""
SPELLINGS = (
    *((letter, 2 * letter) for letter in "cfglmnprst"), ("f", "ph"), ("t", "th"), ("t", "ct"), ("i", "y"),
    ("cu", "qu"), ("c", "ch"), ("qu", "ch"), ("nm", "mm"), ("u", "ou"),
)  # fmt: skip
"""What English writes otherwise; of each word at most two places are tried."""
OTHERWISE = 2


def cognate(word: str, is_word: Callable[[str], bool]) -> str:
    """The known English word that a folded word is in another spelling; "" if there is none."""
    if not SHORTEST_COGNATE <= len(word) <= LONGEST_COGNATE or not word.isalpha() or is_word(word):
        return ""
    if word.endswith(ADVERB):
        return next(respelled(word.removesuffix(ADVERB), is_word, "ly"), "")
    if found := next(respelled(word, is_word), ""):
        return found
    singulars = [word.removesuffix(many) + one for many, one in PLURALS if word.endswith(many)]
    return next((found for singular in singulars for found in respelled(singular, is_word, "s")), "")


def base_forms(word: str) -> Iterator[str]:
    """What a folded word may be the plural or the feminine of; of other forms the stem tells."""
    if len(word) < SHORTEST_INFLECTED:
        return
    yield from (word.removesuffix(many) + one for many, one in PLURALS if word.endswith(many))
    yield from (word.removesuffix(ending) + "o" for ending in ("as", "os", "a") if word.endswith(ending))


def respelled(word: str, is_word: Callable[[str], bool], added: str = "") -> Iterator[str]:
    """The known English words that a word may be in another spelling with a suffix added, likeliest first."""
    for foreign, endings in ENDINGS:
        if not word.endswith(foreign) or len(word) - len(foreign) < 2:
            continue
        body = word.removesuffix(foreign)
        bodies = [body, body[1:]] if re.match(r"es[^aeiou]", body) else [body]
        roots = {b + ending.strip("@"): None for ending in endings.split() for b in bodies}
        yield from (english for root in roots if is_word(english := suffixed(root, added)))
        for _ in range(OTHERWISE):
            roots = {other: None for root in roots for other in other_spellings(root)}
            yield from (english for root in roots if is_word(english := suffixed(root, added)))


def other_spellings(word: str) -> Iterator[str]:
    """The word with one place spelled otherwise."""
    for letters, others in SPELLINGS:
        doubled = others == 2 * letters  # never at the start
        for match in re.finditer(letters, word[doubled:]):
            start = match.start() + doubled
            yield word[:start] + others + word[start + len(letters) :]


def suffixed(word: str, suffix: str) -> str:
    """An English word with "s" or "ly"."""
    if suffix == "ly":
        return f"{word[:-1]}y" if word.endswith("le") else f"{word}ally" if word.endswith("ic") else f"{word}ly"
    if suffix == "s" and re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return word + suffix


NAME_JOINTS = word_set("de del da do das dos la las los of the e y")
"""Small words within names."""
ARTICLES = word_set("el la los las o a os as the")
SIGNS = {"es": lazily("[¿¡ñ]"), "pt": lazily("[ãõçêôâà]")}
"""Letters and marks that one of the languages writes and the others do not."""
SHAPES = {
    "es": lazily(r"(?:[aceu]cion|ciones|idad|miento|mientos)$"),
    "pt": lazily(r"(?:[aeiu]cao|coes|idade|idades|agem|agens)$"),
}
"""Endings, folded, that words of one of the languages have and those of the others do not."""
FOREIGN_PLURAL = lazily(r"(?:[aeio][lnr]|d)es$")


@lru_cache(maxsize=2_000)
def spoken(text: str, before: str = "en") -> str:
    """ "en", "es" or "pt", the language of a question, however short; `before` is that of the talk so far.

    Words speak for a language that English does not have, and the other way round; names do not. Where no language
    has more words than the others, the talk goes on in its own.
    """
    english, foreign = 0, 0
    scores = {"es": 0, "pt": 0}
    words = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(text)]
    named = in_names(words, text)
    for at, (start, end, word) in enumerate(words):
        after = words[at + 1][2] if at + 1 < len(words) else ""
        if at in named or "-" in (text[start - 1 : start], text[end : end + 1]):
            continue
        is_english = known_in_english(word)
        marks = {code for code in scores if SIGNS[code].search(text[start:end].casefold())}
        if is_english and not marks and not exact_in(word, set(scores)):
            english += 1  # whatever stem it has in them: an English question stems no glossary
            continue
        theirs = {code for code in scores if known_in(word, after, code)}
        if not is_english and not theirs:
            theirs = {code for code in scores if SHAPES[code].search(word)}
        if marks or (theirs and not is_english) or (theirs and is_english == "stem" and exact_in(word, theirs)):
            foreign += 1
            for code in scores:
                scores[code] += 2 * (code in theirs) + 2 * (code in marks) + exact_in(word, {code})
                if not text[start:end].isascii():
                    scores[code] += accented_stem(text[start:end], code) in accented_stems(code)
        elif is_english and not exact_in(word, theirs):
            english += 1
    if SIGNS["es"].search("".join(c for c in text if c in "¿¡")):
        foreign, scores["es"] = foreign + 1, scores["es"] + 2
    if english >= foreign:
        return "en" if english > foreign else before
    for mention in mentions(text):
        for word in WORD.findall(fold(text[mention.start : mention.end])):
            for code in scores:
                scores[code] += word in name_words(code) and word not in name_words("en")
    if scores["es"] == scores["pt"]:
        return before if before in scores else "es"
    return max(scores, key=lambda code: scores[code])


def in_names(words: list[Word], text: str) -> set[int]:
    """Which words are parts of names: countries, and words with capitals amid small ones, two or more at the start."""
    spans = [(mention.start, mention.end) for mention in mentions(text)]
    found = {at for at, (start, _, _) in enumerate(words) for first, end in spans if first <= start < end}
    if text.upper() == text:  # a text in capitals has no names that could be told
        return found
    capital = [text[start].isupper() and at not in found for at, (start, _, _) in enumerate(words)]
    at = 0
    while at < len(words):
        if not capital[at]:
            at += 1
            continue
        last, i = at, at + 1
        while i < len(words) and (capital[i] or words[i][2] in NAME_JOINTS):
            last = i if capital[i] else last
            i += 1
        first = at
        if at == 0:
            word = words[0][2]
            asks = any(word in small for small in FUNCTION_WORDS.values()) and word not in ARTICLES
            first = 1 if asks or last == 0 else 0
        found.update(range(first, last + 1))
        at = last + 1
    return found


@cache
def english_forms() -> frozenset[str]:
    """The English words that are known here, folded."""
    values = [english for code in ("es", "pt") for english in written(code).values()]
    return FUNCTION_WORDS["en"].union(WORD.findall(fold("\n".join(values))))


@cache
def english_stems() -> frozenset[str]:
    """The stems of the known English words and of the measures."""
    names = (vocabulary().measures, vocabulary().beneficiaries)
    phrases = {word for table in names for by in table.values() for phrase in by.get("en", ()) for word in phrase}
    return frozenset({stem(word) for word in english_forms()} | phrases | set(vocabulary().synonyms))


def known_in_english(word: str) -> str:
    """Whether English has a folded word: "form", only its "stem", or ""."""
    forms = english_forms()
    if word in forms or (word.endswith("s") and word[:-1] in forms):
        return "form"
    return "stem" if stem(word) in english_stems() and not FOREIGN_PLURAL.search(word) else ""


def known_in(word: str, after: str, language: str) -> bool:
    """Whether a language has a folded word, given the one after it."""
    if word == "e" and language == "es":  # "y" before any other sound
        return bool(re.match(r"h?i", after))
    if word in FUNCTION_WORDS[language] or (word,) in written(language):
        return True
    return word.isalpha() and len(word) > 3 and (stem(word, language),) in glossary(language)


@cache
def accented_stems(language: str) -> frozenset[str]:
    """The stems of the glossary's words with their accents."""
    phrases = glossary_file().get(language, {})
    return frozenset(accented_stem(word, language) for phrase in phrases for word in WORD.findall(phrase))


def accented_stem(word: str, language: str) -> str:
    """As much of a word, with its accents, as its stem has letters."""
    return word.lower()[: len(stem(fold(word), language))]


def exact_in(word: str, languages: set[str]) -> bool:
    """Whether one of some languages has a folded word in this very form."""
    return any(word in FUNCTION_WORDS[code] or (word,) in written(code) for code in languages)
