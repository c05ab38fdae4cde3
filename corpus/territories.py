"""Names of countries and their adjectives, from Unicode's CLDR through Babel.

CLDR has no list of adjectives, but its currency names hold them ("Brazilian Real", "peso mexicano"), and so do
its names of languages whose likeliest territory is known. Both are used as hints, on word stems.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import tomli
from babel import Locale
from babel.core import get_global

from factdesk.corpus.patterns import lazily
from factdesk.corpus.vocabulary import shipped
from factdesk.corpus.words import fold, word_set

LOCALES = ("en", "es", "pt")
OFFICIAL = lazily(
    r"^(?:the )?(?:(?:federal|democratic|people's|islamic|plurinational|bolivarian|oriental) )*"
    r"(?:republic|kingdom|state|states|commonwealth|principality|union|republica|reino|estado) "
    r"(?:of|de|do|da|del) (?:the )?"
)
WORDS = lazily(r"[^\W\d_]+")
AMBIGUOUS = frozenset(
    ("us", "guinea", "georgia", "jersey", "chad", "turkey", "jordan", "niger", "mali", "man", "dominica", "polish")
)
"""Names and adjectives that are also ordinary words or parts of other names; they count with a capital only."""
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
def name_words(locale: str) -> frozenset[str]:
    """The folded words of the names of countries in one language."""
    return frozenset(word for name in Locale(locale).territories.values() for word in WORDS.findall(fold(name)))


@cache
def glossary_file() -> dict[str, dict[str, str]]:
    """The shipped glossary: English by phrase, by language."""
    return tomli.loads(shipped("glossary.toml"))


@cache
def common_words() -> frozenset[str]:
    """Folded words that tell no country by themselves: the glossary has none but common words."""
    texts = [text for entries in glossary_file().values() for pair in entries.items() for text in pair]
    return STOP.union(WORDS.findall(fold("\n".join(texts))))  # at once: one by one takes five times as long


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
        if territory not in codes or " " in name:
            continue
        root = adjective_stem(fold(name))
        country = fold(str(Locale("en").territories.get(territory, "")))
        akin = any(word[:3] == root[:3] for word in WORDS.findall(country))  # Polish is Poland's, Latin is nobody's
        if akin and len(root) >= STEM_LENGTH:
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


@lru_cache(maxsize=4_000)
def dominant(word: str) -> str:
    """The country among those whose name holds the word that its language is at home in; "" if none or unsure."""
    candidates = sharing(word)
    if not candidates or word in common_words():
        return ""
    if len(candidates) == 1:
        return candidates[0]
    homes = {str(tag).rpartition("_")[2] for tag in get_global("likely_subtags").values()}
    alike = {w for name in names() for w in name.split() if w not in common_words() and sharing(w) == candidates}
    by_adjective = {
        code
        for root, code in adjectives().items()
        if code in candidates and code in homes and root.startswith(tuple(adjective_stem(w) for w in alike))
    }
    return by_adjective.pop() if len(by_adjective) == 1 else ""


def sharing(word: str) -> tuple[str, ...]:
    """The codes of the countries whose names hold a word."""
    return sharing_by_word().get(word, ())


@cache
def sharing_by_word() -> dict[str, tuple[str, ...]]:
    """The codes of the countries whose names hold a word, by word."""
    found: dict[str, set[str]] = {}
    for name, code in names().items():
        for word in name.split():
            found.setdefault(word, set()).add(code)
    return {word: tuple(sorted(codes)) for word, codes in found.items()}


@lru_cache(maxsize=2_000)
def mentions(text: str) -> tuple[Mention, ...]:
    """The countries a text names, by name or adjective, from left to right; longer names win."""
    words = [(m.start(), m.end(), fold(m.group())) for m in WORDS.finditer(text)]
    found: list[Mention] = []
    i = 0
    while i < len(words):
        for length in range(min(5, len(words) - i), 0, -1):
            start, end = words[i][0], words[i + length - 1][1]
            phrase = " ".join(w for _, _, w in words[i : i + length])
            code = names().get(phrase, "") or (names().get(phrase.replace(" ", ""), "") if length == 2 else "")
            if code and (phrase in AMBIGUOUS or phrase in common_words()) and not text[start].isupper():
                code = ""
            if not code and length == 1 and (phrase not in AMBIGUOUS or text[start].isupper()):
                code = by_adjective_or_word(phrase)
            if code and i and words[i - 1][2] in NEW and text[words[i - 1][0]].isupper() and text[start].isupper():
                code = ""  # a place named after the country
            if code:
                found.append(Mention(start, end, code))
                i += length
                break
        else:
            i += 1
    return tuple(found)


def by_adjective_or_word(word: str) -> str:
    """The code of an adjective ("Salvadoran"), a possessive or plural ("uruguays"), or a name's telling word."""
    word = word.removesuffix("'s")
    if word in common_words():
        return ""
    forms = (adjective_stem(word), word, re.sub("ois$", "ol", word))  # "irlandés" has no ending, "espanhóis" another
    if code := next((adjectives()[form] for form in forms if form in adjectives()), ""):
        return code
    if word.endswith("s") and word[:-1] in names() and word[:-1] not in common_words():
        return names()[word[:-1]]
    if ending := ADJECTIVE.search(word):
        root = word[: ending.start()]
        if len(root) > STEM_LENGTH and (codes := {code for name, code in names().items() if name.startswith(root)}):
            return codes.pop() if len(codes) == 1 else ""
    if len(word) <= STEM_LENGTH:
        return ""
    return dominant(word) or dominant(SOUTHERN_ADJECTIVE.sub("", word))


SOUTHERN_ADJECTIVE = lazily(r"(?<=[ae])n[oa]s?$")
"""What Spanish and Portuguese add to a name's last vowel: "coreano"."""
NEW = word_set("new nuevo nueva nuevos nuevas novo nova novos novas")
ADJECTIVE = lazily(r"(?:e?ian|e?an|ese|ish|eno|ense|i)s?$")


STOP = word_set(
    "south north east west central united new saint islands island republic states state democratic kingdom northern "
    "southern outlying minor territory territories ocean federal great high african arab emirates equatorial french "
    "british american hong kong heard bouvet christmas norfolk marshall solomon indian virgin faroe cayman cook "
    "western canary man sandwich ivory coast cape green sierra africa america caribbean sahara papua turks alejadas "
    "arabes australes bajos britanicas caribe centroafricana ciudad costa democratica ecuatorial estados franceses "
    "isla islas leona marfil menores navidad nieves norte nueva nuevo occidental oceano oriental paises puerto reino "
    "sur territorio turcas unido unidos unidas verde virgenes vaticana federados baixos cidade distantes ilha ilhas "
    "leoa marfim natal nova novo ocidental porto republica saara serra sul territorios timor virgens ascension "
    "ascensao antigua barbuda diego elena garcia helena lucia mariana marino martin martinho mcdonald pedro pierre "
    "principe salomao salomon san santa santo sao cristobal cristovao cunha tristan tristao vicente vincent cocos "
    "britanico indico"
)
"""Words of countries' names, in all three languages, that are common words, or names of many places or people."""


def display_name(code: str, locale: str = "en") -> str:
    """The name of a territory in a language; the code itself if there is none."""
    return str(Locale(locale).territories.get(code, code))
