"""Words of a PDF page to lines.

1. What PDFium keeps on one line is one run, but for words that stand higher, lower or further back: they begin another.
2. Runs that stand on one baseline without a gap are one line, from left to right; so is a raised mark with its words.
3. A line's size and baseline are those of most of its characters. Digits raised and smaller are footnote marks, and
   the text has them as they look: "7,6⁵".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from factdesk.ingest.mapped import LENGTH, RAISED
from factdesk.ingest.pdf_words import MARK_SHARE, RAISED_BY, Word, may_be_marks

SAME_BASELINE = 0.15
"""Runs of a line differ in height by less than this share of their size."""
RUN_GAP = 0.6
"""Runs of a line lie no further apart than this share of their size: less than a gap between columns."""
WORD_GAP = 0.12
"""Runs further apart than this share of their size are words of their own."""
JUMP = 0.35
"""A word that stands higher or lower than the one before by more than this share of the size is on another line."""
BACK = 1.0
"""A word that begins further left than where the one before it began, by this share of the size, begins a line."""
REACH = 100
"""So many lines and runs back is looked for the place of a mark; a page full of loose marks must not take forever."""
MARK_RUN = re.compile(r"\d{1,2}|[*†‡§]|\([a-z0-9]{1,2}\)|st|nd|rd|th|SM|TM|[®™]")
"""What may be raised and drawn apart from its line."""
PLAINLY_RAISED = 0.25
"""A smaller word that stands higher by this share of the size is raised, however little smaller it is."""
NESTED_GAP = 0.35
"""A raised word that stands no further than this share of the size after a word of a line belongs to it."""
LONGEST_MARK = 4
"""A mark with its brackets has no more characters."""
LONGEST_NUMBER = 2
"""A footnote's number has no more digits."""
MARK = re.compile(r"\d+|[*†‡§]|\([a-z0-9]{1,2}\)")


@dataclass(slots=True)
class Run:
    """Words side by side, and their place."""

    words: list[Word]
    left: float
    right: float
    baseline: float
    size: float


@dataclass(frozen=True, slots=True)
class Composed:
    """Words as a line of text: where each word stands in it, and the footnote marks."""

    text: str
    places: list[tuple[int, int]]
    marks: list[tuple[int, int]] = field(default_factory=list)


def run_of(words: list[Word]) -> Run:
    """The run that words make; its size and baseline are those of most of its characters."""
    if len(words) == 1:
        word = words[0]
        return Run(words, word.left, word.right, round(word.baseline, 1), word.size)
    return Run(
        words,
        min([word.left for word in words]),
        max([word.right for word in words]),
        weightiest([word.baseline for word in words], words),
        weightiest([word.size for word in words], words),
    )


def weightiest(values: list[float], words: Sequence[Word]) -> float:
    """The value of most characters of the words, to a tenth of a point; the first of several."""
    if min(values) == max(values):
        return round(values[0], 1)
    weights: dict[float, int] = {}
    for value, word in zip(values, words, strict=True):
        rounded = round(value, 1)
        weights[rounded] = weights.get(rounded, 0) + len(word.text)
    return max(weights, key=weights.__getitem__)


def runs(words: Sequence[Word]) -> list[Run]:
    """The runs of a page's words: PDFium's lines, parted where a word stands elsewhere than after the one before."""
    found: list[Run] = []
    group: list[Word] = []
    for word in words:
        if group and (word.line != group[-1].line or elsewhere(group, word)):
            found.append(run_of(group))
            group = []
        group.append(word)
    return [*found, run_of(group)] if group else found


def elsewhere(group: list[Word], word: Word) -> bool:
    """Whether a word that PDFium keeps on a line stands on another."""
    before = group[-1]
    if word.left - before.right > word.size and is_mark(word) and is_mark(before):
        return True  # marks of several words, drawn by themselves
    if word.left < before.left - BACK * max(before.size, word.size):
        return True
    if abs(word.baseline - before.baseline) <= JUMP * min(word.size, before.size):
        return False
    if is_small_beside(word, before) or is_small_beside(before, word):
        return False
    return abs(word.baseline - group[0].baseline) > JUMP * min(word.size, group[0].size)


def is_mark(word: Word) -> bool:
    """Whether a word may be a footnote mark as a whole."""
    return len(word.text) <= LONGEST_MARK and MARK_RUN.fullmatch(word.text) is not None


def is_small_beside(word: Word, other: Word) -> bool:
    """Whether a word is so much smaller than its neighbour that it may be raised or lowered on the same line."""
    return word.size < MARK_SHARE * other.size and abs(word.baseline - other.baseline) < other.size


def joined(found: list[Run]) -> list[Run]:
    """The lines of a page: runs that adjoin are one; in the order in which they begin."""
    lines: list[list[Run]] = []
    for run in found:
        near = lines[-1:]
        if len(run.words) == 1 and MARK_RUN.fullmatch(run.words[0].text):  # drawn long after the words it marks
            near = lines[: -REACH - 1 : -1]
        line = next((earlier for earlier in near if adjoins(earlier, run)), None)
        if line is None:
            lines.append([run])
        else:
            line.append(run)
    return [line[0] if len(line) == 1 else merged(line) for line in lines]


def merged(line: list[Run]) -> Run:
    """Several runs as one, from left to right."""
    line.sort(key=lambda run: run.left)
    for before, run in pairwise(line):
        if run.left < before.right - NESTED_GAP * before.size:
            return nested(line)
        run.words[0].glued = run.left - before.right <= WORD_GAP * max(before.size, run.size)
    return run_of([word for run in line for word in run.words])


def nested(line: list[Run]) -> Run:
    """Several runs as one where a raised word stands between the words of another run."""
    words = sorted((word for run in line for word in run.words), key=lambda word: word.left)
    for before, word in pairwise(words):
        word.glued = word.left - before.right <= WORD_GAP * max(before.size, word.size)
    words[0].glued = False
    return run_of(words)


def adjoins(line: list[Run], run: Run) -> bool:
    """Whether a run stands on a line, right before or after one of its runs."""
    for other in line[-REACH:]:
        size = max(other.size, run.size)
        level = abs(run.baseline - other.baseline) <= SAME_BASELINE * size
        gap = run.left - other.right if run.left > other.left else other.left - run.right
        if (level or is_mark_of(run, other) or is_mark_of(other, run)) and -WORD_GAP <= gap / size <= RUN_GAP:
            return True
        if is_nested(run, other) or is_nested(other, run):
            return True
    return False


def is_mark_of(run: Run, other: Run) -> bool:
    """Whether a run looks like a footnote mark on the other's line."""
    rise = run.baseline - other.baseline
    small = run.size < MARK_SHARE * other.size or (run.size < other.size and rise > PLAINLY_RAISED * other.size)
    return small and 0 < rise < other.size and len(run.words) == 1 and MARK_RUN.fullmatch(run.words[0].text) is not None


def is_nested(run: Run, other: Run) -> bool:
    """Whether a raised word stands right after one of the words of a run, in a gap before the next."""
    return (
        is_mark_of(run, other)
        and other.left < run.left < other.right
        and any(abs(run.left - word.right) <= NESTED_GAP * other.size for word in other.words)
    )


def composed(words: Sequence[Word], baseline: float, size: float) -> Composed:
    """The text of a line of words, with raised digits as they look."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    small: list[int] = []
    at = 0
    for number, word in enumerate(words):
        if number and not word.glued:
            pieces.append(" ")
            at += 1
        pieces.append(word.text)
        places.append((at, at + len(word.text)))
        small += [at + i for i in small_places(word, number == 0, baseline, size)]
        at += len(word.text)
    shown = "".join(pieces)
    if not small:
        return Composed(shown, places)
    characters = list(shown)
    for i in small:
        characters[i] = shown[i].translate(RAISED)
    return Composed("".join(characters), places, list(mark_spans(shown, set(small))))


def small_places(word: Word, first: bool, baseline: float, size: float) -> list[int]:
    """The places of a word's raised digits and signs, if it is part of a line or one as a whole."""
    if word.size >= MARK_SHARE * size:
        return word.small
    if first or word.baseline > baseline + RAISED_BY * size:
        return list(may_be_marks(word.text))
    return []


def mark_spans(shown: str, raised: set[int]) -> Iterator[tuple[int, int]]:
    """The footnote marks among raised characters: one or two digits, "(a)", or a sign; not "10³⁰⁰" or "km²"."""
    for match in MARK.finditer("".join(c if i in raised else " " for i, c in enumerate(shown))):
        if (len(match.group()) <= LONGEST_NUMBER or match.group()[0] == "(") and not LENGTH.search(
            shown[: match.start()]
        ):
            yield match.span()
