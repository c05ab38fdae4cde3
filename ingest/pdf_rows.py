"""Lines of a PDF page to rows: what stands on one baseline, parted where there is a gap.

1. Lines on one baseline are one row. A wide gap parts a row's segments, and a number beside a number is one of its own.
2. A currency sign belongs to the number after it, a percent sign or a closing bracket to the one before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from factdesk.ingest.pdf_lines import Run
from factdesk.ingest.pdf_words import Word

ROW_SLACK = 0.35
"""Runs whose baselines differ by less than this share of the smaller one's size stand in one row."""
SEGMENT_GAP = 0.9
"""Words further apart than this share of their size are in different cells."""
NUMBER_GAP = 0.45
"""Numbers side by side further apart than this share of their size are in different cells."""
SIGN_REACH = 2.5
"""A percent sign or bracket belongs to the number before it if it is no further away than so many times its size."""
LONGEST_VALUE = 5
"""A number and its signs are no more words."""
LONGEST_SIGN = 4
"""Signs and what stands for a number, like "n.m.", are no longer than this."""
REMEMBERED = 1 << 15
"""So many words' looks are kept: the words of tables recur."""
SIGNS = frozenset("$€£¥₹()[]%*†‡§•—–‒―−-+.¢")

CURRENCY = r"(?:US\$|C\$|A\$|[$€£¥₹]|USD|EUR|GBP)"
DASH = r"[—–‒―−-]{1,2}"
NUMBER = re.compile(
    rf"\(?{CURRENCY}?[\s]?\(?[-+−–]?{CURRENCY}?(?:\d[\d,.]*|\.\d+)\)?[\s]?(?:%|x|bps|bp|pts?|pp|¢)?\)?(?:\([a-z0-9]{{1,2}}\)|[*†‡§])*",
    re.IGNORECASE,
)
NO_NUMBER = re.compile(
    rf"{CURRENCY}?\s?\(?(?:{DASH}|N/?M|N/?A|n\.m\.|n\.a\.|\*+|•)\)?\s?%?(?:\([a-z0-9]{{1,2}}\))?", re.I
)
SIGN_BEFORE = re.compile(rf"\(?{CURRENCY}\(?")
SIGN_AFTER = re.compile(r"[)%]+|x|bps|bp|pts|pp|¢|\)?\([a-z0-9]\)|[*†‡§]")


@dataclass(slots=True)
class Segment:
    """Words of a row without a wide gap between them."""

    words: list[Word]
    left: float
    right: float
    text: str
    is_value: bool
    core_left: float
    """Where the number begins, without a currency sign that stands apart."""

    @property
    def middle(self) -> float:
        """Half way between its edges."""
        return (self.left + self.right) / 2


@dataclass(slots=True)
class Band:
    """A row of a page: its runs and segments."""

    runs: list[Run]
    baseline: float
    size: float
    segments: list[Segment]

    @property
    def values(self) -> list[Segment]:
        """The segments that are numbers or stand for one."""
        return [segment for segment in self.segments if segment.is_value]


def bands_of(lines: list[Run]) -> list[Band]:
    """The rows of a page from top to bottom: the lines on each baseline."""
    groups: list[list[Run]] = []
    for run in sorted(lines, key=lambda run: -run.baseline):
        if groups and abs(groups[-1][0].baseline - run.baseline) <= ROW_SLACK * min(run.size, groups[-1][0].size):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [band_of(group) for group in groups]


def band_of(group: list[Run]) -> Band:
    """The band of runs on one baseline."""
    words = [word for run in group for word in run.words]
    if len(group) > 1:
        words.sort(key=lambda word: word.left)
    return Band(
        runs=group,
        baseline=max(group, key=lambda run: len(run.words)).baseline,
        size=max(group, key=lambda run: len(run.words)).size,
        segments=segments_of(words),
    )


def segments_of(words: list[Word]) -> list[Segment]:
    """The segments of a row's words, from left to right."""
    groups: list[list[Word]] = [words[:1]]
    before, first = words[0], look(words[0].text)
    for word in words[1:]:
        second = look(word.text)
        gap = (word.left - before.right) / (before.size if before.size > word.size else word.size)
        if gap > SEGMENT_GAP if first is second is Look.WORD else parts_from(groups[-1], word, gap, first, second):
            groups.append([word])
        else:
            groups[-1].append(word)
        before, first = word, second
    return [segment_of(group) for group in groups]


def parts_from(group: list[Word], word: Word, gap: float, first: Look, second: Look) -> bool:
    """Whether a word begins a new segment after a group: `first` and `second` are the looks of its last word and it."""
    if word.glued:
        return gap > SEGMENT_GAP
    if first is Look.SIGN_BEFORE:
        return len(group) > 1 and second is not Look.NUMBER
    if second is Look.SIGN_BEFORE:
        return True
    if first is Look.NUMBER and second is Look.SIGN_AFTER:
        return gap > SIGN_REACH
    if second is Look.NUMBER and first is not Look.WORD and is_value_words(group):
        return gap > NUMBER_GAP
    return gap > SEGMENT_GAP


class Look(Enum):
    """What a word looks like."""

    WORD = 0
    NUMBER = 1
    SIGN_BEFORE = 2
    SIGN_AFTER = 3


@lru_cache(maxsize=REMEMBERED)
def look(text: str) -> Look:
    """What a word looks like, if it stands by itself."""
    if text[0] not in SIGNS and not text[0].isdecimal() and text[0].isalpha() and len(text) > LONGEST_SIGN:
        return Look.WORD
    if SIGN_BEFORE.fullmatch(text):
        return Look.SIGN_BEFORE
    if is_numeric(text):
        return Look.NUMBER
    return Look.SIGN_AFTER if SIGN_AFTER.fullmatch(text) else Look.WORD


@lru_cache(maxsize=REMEMBERED)
def is_numeric(text: str) -> bool:
    """Whether a word is a number or stands for one."""
    return NUMBER.fullmatch(text) is not None or NO_NUMBER.fullmatch(text) is not None


def is_value_words(words: Sequence[Word]) -> bool:
    """Whether words are a number, its signs and all."""
    if len(words) == 1:
        return look(words[0].text) is Look.NUMBER
    if len(words) > LONGEST_VALUE or not any(look(word.text) is Look.NUMBER for word in words):
        return False
    return is_numeric(" ".join(word.text for word in words)) or is_numeric("".join(word.text for word in words))


def segment_of(words: list[Word]) -> Segment:
    """The segment that words make; dots that lead from a label to its number are none of it."""
    core = words[1] if len(words) > 1 and look(words[0].text) is Look.SIGN_BEFORE else words[0]
    return Segment(
        words=words,
        left=words[0].left,
        right=max([word.right for word in words]),
        text=" ".join(word.text for word in words),
        is_value=is_value_words(words),
        core_left=core.left,
    )
