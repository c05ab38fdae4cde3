"""Words as they are compared: tokens, stems, function words, and the look of headings.

Stems are Snowball's (Porter, 2001; https://snowballstem.org). Diacritics never matter in a comparison.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import Any

import snowballstemmer

from factdesk.corpus.patterns import lazily

LANGUAGES = {"en": "english", "es": "spanish", "pt": "portuguese"}
WORD = lazily(r"[^\W\d_]{1,6}\d{1,4}(?![\d.,]\d)|[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,:/-]\d+)*", re.UNICODE)
SITE = lazily(
    r"(?<![\w@.-])(?:https?://)?((?:[\w-]{1,63}\.){1,6}[a-z]{2,12})(?![\w@])(/[\w./-]{0,100})?", re.IGNORECASE
)


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set: how lists of words are written here."""
    return frozenset(text.split())


FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "en": word_set(
        "a about after all also am among an and any are as at be because been before being between both but by "
        "can could did do does doing done down during each either else etc ever every few for from further get "
        "gets got had has have having he her here hers him his how i if in into is it its itself just let many me "
        "might more most much must my no nor not now of off on once only or other our out over own per please "
        "same shall she should so some such tell than that the their theirs them then there these they this those "
        "through to too under until up us very was we were what when where whether which while who whom whose why "
        "will with within without would you your yours give given show say says said s t d ll re ve don didn "
        "doesn isn wasn aren whats wheres whens hows whos thats theres dont doesnt didnt isnt"
    ),
    "es": word_set(
        "a al algo algun alguna algunos ante antes como con contra cual cuales cuando cuanta cuantas cuanto "
        "cuantos de del desde donde dos durante e el ella ellas ellos en entre era es esa ese eso esta estan "
        "estas este esto estos fue fueron ha han hasta hay la las le les lo los mas me mi mismo muy ni no nos o "
        "os otra otro para pero por porque que quien quienes se ser si sin sobre son su sus tambien tanto te "
        "tiene tienen todo todos tu un una uno unos y ya cada dice"
    ),
    "pt": word_set(
        "a ao aos aquela aquele as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa "
        "esse esta estao este foi foram ha isso isto ja lhe mais mas me mesmo muito na nao nas nem no nos num "
        "numa o os ou para pela pelas pelo pelos por porque qual quais quando quanta quantas quanto quantos que "
        "quem se sem ser seu seus sua suas sao tambem te tem ter um uma umas uns voce"
    ),
}
ABBREVIATION = lazily(r"\([A-Z]{2,8}\)\W?")
"""What stands alone in brackets in a heading is the short form of what stands before it."""
SMALL_WORDS = word_set("a an and as at but by de del da do e el en for from in la los of on or per the to vs with y")


class _Plain(dict[int, int | None]):
    """For `str.translate`: drops what combines, keeps the rest; each character is looked up once."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.combining(chr(code)) else code
        self[code] = kept
        return kept


_PLAIN = _Plain()


def fold(text: str) -> str:
    """The text without case and diacritics; its length may differ."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKD", text.replace("’", "'")).translate(_PLAIN).casefold()


def tokens(text: str) -> list[str]:
    """The folded words and numbers of a text; possessives lose their ending."""
    folded = fold(text)
    words: list[str] = WORD.findall(folded)
    return [strip_possessive(word) for word in words] if "'" in folded else words


def strip_possessive(word: str) -> str:
    """The word without an English possessive: "korea's" is "korea"."""
    return word.removesuffix("'s").removesuffix("'")


class _Stemmers(threading.local):
    """Of each thread its own: a stemmer works on the word that it holds."""

    def __init__(self) -> None:
        self.by_language: dict[str, Any] = {}

    def of(self, language: str) -> Any:
        """The stemmer of a language, English for those without one."""
        if language not in self.by_language:
            self.by_language[language] = snowballstemmer.stemmer(LANGUAGES.get(language, "english"))
        return self.by_language[language]


_stemmers = _Stemmers()


@lru_cache(maxsize=100_000)
def stem(word: str, language: str = "en") -> str:
    """The stem of a folded word; numbers are their own."""
    if not word[:1].isalpha() or len(word) < 3:
        return word
    if language == "en":
        word = IRREGULAR.get(word, word)
        if AGENT.search(word):  # an operator is not an operation
            return word.removesuffix("s")
    return str(_stemmers.of(language).stemWord(BRITISH.sub(r"\1iz", word) if language == "en" else word))


IRREGULAR = {
    form: base
    for base, forms in {
        "begin": "began begun", "build": "built", "buy": "bought", "bring": "brought", "come": "came", "cost": "costed",
        "do": "did done", "fall": "fell fallen", "find": "found", "get": "got gotten", "give": "gave given",
        "go": "went gone", "grow": "grew grown", "hold": "held", "keep": "kept", "know": "knew known",
        "lead": "led", "learn": "learnt", "leave": "left", "lose": "lost", "make": "made", "meet": "met",
        "pay": "paid", "put": "puts", "rise": "rose risen", "run": "ran", "say": "said", "see": "saw seen",
        "sell": "sold", "send": "sent", "set": "sets", "spend": "spent", "take": "took taken", "teach": "taught",
        "tell": "told", "think": "thought", "win": "won", "write": "wrote written", "person": "persons",
        "datum": "datums", "child": "children", "man": "men", "woman": "women", "draw": "drew drawn",
        "show": "shown", "stand": "stood", "speak": "spoke spoken", "choose": "chose chosen", "drive": "drove driven",
    }.items()
    for form in forms.split()
}  # fmt: skip
"""English forms that no suffix rule brings back to their verb or noun."""

AGENT = lazily(r"ators?$")
BRITISH = lazily(r"^(\w{4,})is(?=(?:e|es|ed|ing|ation|ations|er|ers)$)")
"""Digitise and digitize are one word."""


def stems(text: str, language: str = "en") -> list[str]:
    """The stems of all words of a text, in order."""
    return [stem(word, language) for word in tokens(text)]


def language_of(text: str) -> str:
    """ "en", "es" or "pt" by the function words of a text; "en" when in doubt."""
    words = tokens(text)
    counts = {code: sum(w in drop for w in words) for code, drop in FUNCTION_WORDS.items()}
    signs = {
        "es": ("¿", "¡", "ñ", "ción", "cuánt", "qué"),
        "pt": ("ção", "ções", "ã", "õ", "quanto foi", "ê", "ç"),
    }
    folded = text.casefold()
    for code, marks in signs.items():
        counts[code] += 2 * sum(mark in folded for mark in marks)
    best = max(counts, key=lambda code: (counts[code], code == "en"))
    return best if counts[best] > max(1, counts["en"]) else "en"  # one "el" or "a" may be part of a name


def sites(text: str) -> list[str]:
    """The web sites that a text names, with their paths, without scheme and "www."."""
    found = ((m.group(1) + (m.group(2) or "")).casefold() for m in SITE.finditer(text))
    return [site.removeprefix("www.").rstrip("/.") for site in found]


def heading_case(text: str, seen: dict[str, str]) -> str:
    """A heading in capitals as one would write it; `seen` maps folded words to their form in running text."""
    letters = [c for c in text if c.isalpha()]
    if not letters or sum(c.isupper() for c in letters) < 0.8 * len(letters):
        return text
    out = []
    for number, word in enumerate(text.split(" ")):
        core = word.strip("()[]:;,.“”\"'–-")
        known = seen.get(fold(core))
        if known and known.casefold() == core.casefold() and not (known.islower() and "." not in known):
            out.append(word.replace(core, known))
        elif ABBREVIATION.fullmatch(word):
            out.append(word)
        elif number and fold(core) in SMALL_WORDS:
            out.append(word.lower())
        else:
            out.append("-".join(part[:1] + part[1:].lower() for part in word.split("-")))
    return " ".join(out)
