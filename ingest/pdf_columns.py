"""Pages in two columns: where the gutter is, and what stands on either side of it.

1. A gutter is a strip near the middle of a page that no words cross for many rows, with rows of words that begin at
   its right edge.
2. On both sides stand words, and on one side at least lines of prose that fill their column, or to the right stands a
   table whose lines stand between those to the left: else the strip is a gap in a table.
3. Where a page has a gutter, what stands above is read first, then the left column, then the right one, then what
   stands below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from factdesk.ingest.pdf_lines import Run, run_of
from factdesk.ingest.pdf_rows import Band, Segment

MIDDLE = (0.38, 0.62)
"""Between these shares of a page's width of text a gutter lies."""
FEWEST_ROWS = 6
"""So many rows have words that begin at a gutter's right edge, and so many have words to its left."""
PROSE_ROWS = 4
"""So many lines on one side of a gutter are prose."""
TOGETHER = 3
"""So many of them follow one another: the words of a table's cell are fewer."""
PROSE_WORDS = 5
"""A line of prose has at least so many words."""
FULL = 0.7
"""A line of prose fills at least this share of its column."""
WORDY = 0.5
"""This share of the rows on each side of a gutter open with letters."""
SPREAD = 4.0
"""Words that begin so many points left of others may still stand at the same edge: tables have margins."""
INTERLEAVED = 3
"""So many rows of one side that stand between the lines of the other show that the sides know nothing of each other."""
BETWEEN = 0.85
"""Rows nearer to one another than this share of the size cannot be of one column."""
STRIP = 0.7
"""A gutter is at least so wide, as a share of the size."""
INDENT = 3.0
"""Words that begin no further right of a gutter than so many times their size stand at its edge."""


@dataclass(frozen=True, slots=True)
class Gutter:
    """A strip without words: its right edge, and the first and last row beside it."""

    right: float
    first: int
    last: int


def parts_of(bands: list[Band]) -> list[list[Run]]:
    """What is read one after the other: the page above, left of, right of and below each gutter; [] without one."""
    gutters = gutters_of(bands)
    if not gutters:
        return []
    parts: list[list[Run]] = []
    at = 0
    for gutter in gutters:
        parts.append([run for band in bands[at : gutter.first] for run in band.runs])
        left: list[Run] = []
        right: list[Run] = []
        for run in (run for band in bands[gutter.first : gutter.last + 1] for run in band.runs):
            beside = [word for word in run.words if word.left < gutter.right - 1]
            if len(beside) == len(run.words):
                left.append(run)
            elif not beside:
                right.append(run)
            else:
                left.append(run_of(beside))
                right.append(run_of([word for word in run.words if word.left >= gutter.right - 1]))
        parts += [left, right]
        at = gutter.last + 1
    parts.append([run for band in bands[at:] for run in band.runs])
    for part in parts:
        part.sort(key=lambda run: run.words[0].first)
    return [part for part in parts if part]


def gutters_of(bands: list[Band]) -> list[Gutter]:
    """The gutters of a page, from top to bottom."""
    if len(bands) < FEWEST_ROWS:
        return []
    left = min(band.segments[0].left for band in bands)
    right = max(band.segments[-1].right for band in bands)
    low, high = (left + share * (right - left) for share in MIDDLE)
    edges = Counter(
        round(segment.left)
        for band in bands
        for segment in band.segments
        if low <= segment.left <= high and segment.text[0].isalpha()
    )
    for edge, _ in sorted(edges.items(), key=lambda item: (-item[1], item[0])):
        near = sum(edges[edge + off] for off in (-1, 0, 1))
        if near < FEWEST_ROWS:
            return []
        outermost = min(s.left for band in bands for s in band.segments if -SPREAD <= s.left - edge <= 1)
        found = [gutter for gutter in stretches(bands, outermost - 1.0) if is_gutter(bands, gutter, left, right)]
        if found:
            return found
    return []


def stretches(bands: list[Band], edge: float) -> list[Gutter]:
    """The stretches of rows that do not cross an edge."""
    found: list[Gutter] = []
    first = 0
    for number in range(len(bands) + 1):
        if number < len(bands) and not crosses(bands[number], edge):
            continue
        if number - first >= FEWEST_ROWS:
            found.append(Gutter(edge, first, number - 1))
        first = number + 1
    return found


def crosses(band: Band, edge: float) -> bool:
    """Whether words of a row stand in the strip left of an edge."""
    strip = edge - STRIP * band.size
    return any(segment.left < edge and segment.right > strip for segment in band.segments)


def is_gutter(bands: list[Band], gutter: Gutter, left: float, right: float) -> bool:
    """Whether a stretch of rows has columns of words on both sides, one of them prose."""
    rows = bands[gutter.first : gutter.last + 1]
    before = [[s for s in band.segments if s.left < gutter.right] for band in rows]
    after = [[s for s in band.segments if s.left >= gutter.right] for band in rows]
    at_edge = sum(bool(side) and side[0].left <= gutter.right + INDENT * rows[0].size for side in after)
    if at_edge < FEWEST_ROWS or sum(map(bool, before)) < FEWEST_ROWS:
        return False
    if not (opens_with_letters(before) and opens_with_letters(after)):
        return False
    if has_prose(before, gutter.right - left) or has_prose(after, right - gutter.right):
        return True
    figures = sum(len(side) > 1 and any(segment.is_value for segment in side[1:]) for side in after)
    return figures >= INTERLEAVED and interleaved(rows, before, after) >= INTERLEAVED


def has_prose(sides: Sequence[list[Segment]], width: float) -> bool:
    """Whether a column has enough lines of prose, some of them one after the other: a cell has one or two."""
    lines = [is_prose(side, width) for side in sides if side]
    together = any(all(lines[n : n + TOGETHER]) for n in range(len(lines) - TOGETHER + 1))
    return together and sum(lines) >= PROSE_ROWS


def interleaved(rows: list[Band], before: Sequence[list[Segment]], after: Sequence[list[Segment]]) -> int:
    """How many rows with words on one side only are followed too closely by one with words on the other side only."""
    return sum(
        rows[n].baseline - rows[n + 1].baseline < BETWEEN * rows[n].size
        and (bool(before[n]), bool(after[n]), bool(before[n + 1]), bool(after[n + 1]))
        in ((True, False, False, True), (False, True, True, False))
        for n in range(len(rows) - 1)
    )


def opens_with_letters(sides: Sequence[list[Segment]]) -> bool:
    """Whether enough of a column's rows open with letters."""
    rows = [side[0] for side in sides if side]
    return sum(any(c.isalpha() for c in row.words[0].text) for row in rows) >= WORDY * len(rows)


def is_prose(side: list[Segment], width: float) -> bool:
    """Whether a row of a column is a line of prose: words without a gap that fill it."""
    if len(side) != 1 or len(side[0].words) < PROSE_WORDS:
        return False
    return side[0].right - side[0].left >= FULL * width
