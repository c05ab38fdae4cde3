"""Whether two questions ask the same: their words, and the things that they name.

1. Questions that are near in meaning are still two if they do not name the same numbers, countries and names: "Norway's
   cost in 2015" is neither Denmark's nor that of 2016.
2. Nor are they one if a single word stands in the place of another ("what it costs", "what it earns"): vectors hardly
   tell such questions apart. A misspelt word, or another form of it, is the same word.
3. When in doubt they are two: somebody reads one question more, and loses none.
"""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz.distance import DamerauLevenshtein

from factdesk.corpus.territories import mentions
from factdesk.corpus.words import FUNCTION_WORDS, fold, stem, strip_possessive, tokens

TYPING_ERROR = 1
"""Letters by which a word may differ and still be the same word, misspelt."""
SHORTEST_MISSPELT = 5
"""Letters of the shortest word that is taken for a misspelling: "cost" is not "lost"."""


def folded(question: str) -> str:
    """What two questions of the same words have in common: their words without case, accents and punctuation."""
    return " ".join(tokens(question)) or fold(question)


def same_matter(one: str, other: str) -> bool:
    """Whether two questions that are near in meaning name the same things."""
    if _numbers(one) != _numbers(other) or _countries(one) != _countries(other):
        return False
    return _names(one) <= _words(other) and _names(other) <= _words(one) and not _one_word_apart(one, other)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in tokens(text) if any(character.isdigit() for character in word))


def _countries(text: str) -> frozenset[str]:
    return frozenset(mention.code for mention in mentions(text))


def _words(text: str) -> frozenset[str]:
    return frozenset(map(stem, tokens(text)))


_CAPITALISED = re.compile(r"(?P<first>^|[.?!¿¡:]\W*)?(?P<word>[^\W\d_][\w'’]*)")


def _names(text: str) -> frozenset[str]:
    """The stems of the words with capitals, but for countries, and the first of a sentence: it has one anyway."""
    countries = [(mention.start, mention.end) for mention in mentions(text)]
    found = set()
    for match in _CAPITALISED.finditer(text):
        word, at = match["word"], match.start("word")
        capitals = sum(character.isupper() for character in word)
        if (capitals > 1 or (capitals and match["first"] is None)) and not any(s <= at < e for s, e in countries):
            found.add(stem(strip_possessive(fold(word))))
    return frozenset(found - _function_words())


@cache
def _function_words() -> frozenset[str]:
    return frozenset[str]().union(*FUNCTION_WORDS.values())


def _one_word_apart(one: str, other: str) -> bool:
    """Whether one word stands in the place of another that is neither a form nor a misspelling of it."""
    left, right = tokens(one), tokens(other)
    if len(left) != len(right):
        return False
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if stem(a) != stem(b)]
    if len(pairs) != 1 or set(pairs[0]) <= _function_words():
        return False
    a, b = pairs[0]
    misspelt = min(len(a), len(b)) >= SHORTEST_MISSPELT and DamerauLevenshtein.distance(a, b) <= TYPING_ERROR
    return not misspelt
