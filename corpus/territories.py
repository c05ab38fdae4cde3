"""Names of countries and their adjectives, from Unicode's CLDR through Babel.

CLDR has no list of adjectives, but its currency names hold them ("Brazilian Real", "peso mexicano"), and so do
its names of languages whose likeliest territory is known. Both are used as hints, on word stems.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.core import get_global

from factdesk.corpus.words import fold, word_set

LOCALES = ("en", "es", "pt")
OFFICIAL = re.compile(
    r"^(?:the )?(?:(?:federal|democratic|people's|islamic|plurinational|bolivarian|oriental) )*"
    r"(?:republic|kingdom|state|states|commonwealth|principality|union|republica|reino|estado) "
    r"(?:of|de|do|da|del) (?:the )?"
)
WORDS = re.compile(r"[^\W\d_]+")
AMBIGUOUS = frozenset(
    ("us", "guinea", "georgia", "jersey", "chad", "turkey", "jordan", "niger", "mali", "man", "dominica")
)
"""Names that are also ordinary words or parts of other names; they count only when written with a capital."""
STEM_LENGTH = 4
"""A shorter adjective stem would match too much."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A territory named in a text, with the span of its name."""

    start: int
    end: int
    code: str


@cache
def names() -> dict[str, str]:
    """Folded names of countries in the known languages, with their ISO 3166 codes."""
    found: dict[str, str] = {}
    for locale in LOCALES:
        for code, name in Locale(locale).territories.items():
            if len(code) == 2 and code not in ("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"):
                plain = fold(re.sub(r"\s*\(.*?\)", "", name))
                found.setdefault(plain, code)
    return found


@cache
def adjectives() -> dict[str, str]:
    """Stems of the adjectives of countries, with their codes."""
    found: dict[str, str] = {}
    codes = set(names().values())
    for locale in LOCALES:
        for currency, name in Locale(locale).currencies.items():
            words = WORDS.findall(fold(name))
            if len(words) != 2 or currency[:2] not in codes or "(" in name:
                continue  # of longer names ("South Korean Won") the adjective's bounds are not known
            adjective = words[-2] if locale == "en" else words[1]
            root = adjective_stem(adjective)
            if len(root) >= STEM_LENGTH and root not in ("unit", "conv", "franc", "peso", "dollar"):
                found.setdefault(root, currency[:2])
    likely = get_global("likely_subtags")
    for language, name in Locale("en").languages.items():
        territory = str(likely.get(language, "")).rpartition("_")[2]
        root = adjective_stem(fold(name))
        if territory in codes and " " not in name and len(root) >= STEM_LENGTH:
            found.setdefault(root, territory)
    return found


def adjective_stem(word: str) -> str:
    """The part of an adjective that number and gender leave alone: "mexicanas" and "mexicano" are "mexican"."""
    return re.sub(r"(?:os|as|es|o|a|s)$", "", word)


def territory_of(name: str) -> str:
    """The code of a name that is a country's, official forms included; "" if it is none."""
    plain = " ".join(fold(name).strip(" .:-–").split())
    if plain in names():
        return names()[plain]
    if joined := names().get(plain.replace(" ", "")):  # "Viet Nam"
        return joined
    short = OFFICIAL.sub("", plain)
    if short == plain:
        return ""
    return names().get(short) or dominant(short)


@cache
def dominant(word: str) -> str:
    """The country among those whose name holds the word that its language is at home in; "" if none or unsure."""
    candidates = sorted({code for name, code in names().items() if word in name.split()})
    if len(candidates) == 1:
        return candidates[0]
    homes = {str(tag).rpartition("_")[2] for tag in get_global("likely_subtags").values()}
    language_homes = {code for code in candidates if code in homes}
    by_adjective = {
        code for root, code in adjectives().items() if root.startswith(adjective_stem(word)) and code in language_homes
    }
    return by_adjective.pop() if len(by_adjective) == 1 else ""


def mentions(text: str) -> list[Mention]:
    """The countries a text names, by name or adjective, from left to right; longer names win."""
    words = [(m.start(), m.end(), fold(m.group())) for m in WORDS.finditer(text)]
    found: list[Mention] = []
    i = 0
    while i < len(words):
        for length in range(min(5, len(words) - i), 0, -1):
            start, end = words[i][0], words[i + length - 1][1]
            phrase = " ".join(w for _, _, w in words[i : i + length])
            code = names().get(phrase, "") or (names().get(phrase.replace(" ", ""), "") if length == 2 else "")
            if code and phrase in AMBIGUOUS and not text[start].isupper():
                code = ""
            if not code and length == 1:
                code = by_adjective_or_word(phrase)
            if code:
                found.append(Mention(start, end, code))
                i += length
                break
        else:
            i += 1
    return found


def by_adjective_or_word(word: str) -> str:
    """The code of an adjective ("Salvadoran"), a possessive or plural ("uruguays"), or a name's telling word."""
    word = word.removesuffix("'s")
    if word in STOP:
        return ""
    if code := adjectives().get(adjective_stem(word)):
        return code
    if word.endswith("s") and word[:-1] in names():
        return names()[word[:-1]]
    if ending := ADJECTIVE.search(word):
        root = word[: ending.start()]
        if len(root) > STEM_LENGTH and (codes := {code for name, code in names().items() if name.startswith(root)}):
            return codes.pop() if len(codes) == 1 else ""
    return dominant(word) if len(word) > STEM_LENGTH else ""


ADJECTIVE = re.compile(r"(?:e?ian|e?an|ese|ish|eno|ense|i)s?$")


STOP = word_set(
    "south north east west central united new saint islands island republic states state democratic kingdom northern "
    "southern outlying minor territory territories ocean federal great high african arab emirates equatorial french "
    "british american hong kong heard bouvet christmas norfolk marshall solomon indian virgin faroe cayman cook"
)


def display_name(code: str, locale: str = "en") -> str:
    """The name of a territory in a language; the code itself if there is none."""
    return str(Locale(locale).territories.get(code, code))
