"""Lines on pages to blocks: the layout of a document whose format knows places and sizes, but no paragraphs.

1. The body's size is that of most of the document's characters.
2. Lines at the top or foot of pages that recur from page to page, digits aside, are running heads and page numbers.
3. Lines that are larger than the body, or bold and short, are headings, ranked by size; bullets open items, and a
   bullet's indent tells how deep its list is. A small line that opens with a mark is a footnote.
4. Other lines join into paragraphs while the gap between them is the usual one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from factdesk.corpus.records import Block, BlockKind
from factdesk.ingest.mapped import LOWERED, MappedText

HEADING_SHARE = 1.08
"""A line larger than the body by this factor is a heading."""
HEADING_WORDS = 18
EDGE_LINES = 2
"""Running heads and page numbers stand in the first or last so many lines of a page."""
RECURS = 3
"""On so many pages a line at the edge must recur to be a running head."""
PITCH_SLACK = 1.2
"""Lines further apart than the document's usual pitch by this factor belong to different paragraphs."""
RUNNING_SHARE = 0.3
"""A line at the edge of so many of the pages is a running head, wherever they are; fewer must be on neighbours."""
INDENT_SLACK = 0.35
"""Bullets whose left edges differ by less than this share of their size are of one list."""
FURTHEST_INDENT = 6
"""A bullet further to the right than so many times its size is in another column, not in a deeper list."""
LEADER = re.compile(r"(?:[.…·_] ?){4,}|…")
"""Dots that lead from a label to its number."""
NOTE_OPENING = re.compile(r"(?:\(([a-z0-9]{1,2})\)|([a-z0-9]{1,2})\)|([*†‡§]{1,3}))\s*(?=\S)")
"""A footnote's mark that is not raised: "(a) ", "1) ", "* "."""
BULLETS = "•◦▪‣·●○■□–-"
BULLET = re.compile(rf"[{re.escape(BULLETS)}]\s+")
NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)")
PAGE_NUMBER = re.compile(r"(?:[^\W\d]+ |[–—-] ?|[^\W\d]{1,2}-)?(\d{1,4})(?: ?[–—-])?")
SUSPENDED = re.compile(r"(?:and|or|to|and/or|y|e|ou|o|a)\b")
"""What follows a hyphen that stands for the rest of a later word: "short- and long-term"."""
LETTERS = re.compile(r"[^\W\d_]+")
LAST_LETTERS = re.compile(r"[^\W\d_]+$")
SENTENCE_END = (".", "!", "?", ":", ";")


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell of a table: its span in the text and its place in the table."""

    start: int
    end: int
    row: int
    column: int
    column_span: int = 1
    header: bool = False
    level: int = 0
    doubt: str = ""


@dataclass(slots=True)
class Line:
    """A line of a page: its span in the text, its place, its size, and where footnote marks stand in it."""

    start: int
    end: int
    page: int
    left: float
    baseline: float
    size: float
    bold: bool
    marks: list[tuple[int, int]] = field(default_factory=list)
    cells: list[PlacedCell] = field(default_factory=list)
    """The cells of a line that is a row of a table."""
    ends_table: bool = False
    """Whether it is the last row of its table."""
    doubt: str = ""
    """Why the reader is unsure of it."""


def blocks_of(text: str, lines: list[Line], outline: set[str]) -> list[Block]:
    """The blocks of a document's lines."""
    running = running_lines(text, lines)
    kept = [line for i, line in enumerate(lines) if i not in running]
    if not kept:
        return []
    pitch = usual_pitch([line for line in kept if not line.cells])
    body = Counter[float]()
    for line in [line for line in kept if not line.cells] or kept:
        body[line.size] += line.end - line.start
    body_size = body.most_common(1)[0][0]
    ranks = heading_ranks([line for line in kept if not line.cells], body_size)
    margins = left_margins(kept)
    blocks: list[Block] = []
    group: list[Line] = []
    indents: list[float] = []
    kind, level = BlockKind.PARAGRAPH, 0
    table = 1
    noted: set[str] = set()  # the marks in the last table, for the notes under it
    noted_page = -1
    for line in kept:
        if line.page != noted_page:
            noted, noted_page = set(), line.page
        if line.cells:
            noted |= {label_of(text[slice(*mark)]) for mark in line.marks}
            blocks += finished(text, group, kind, level)
            blocks += cells_of(text, line, table)
            table += line.ends_table
            group, indents = [], []
            continue
        words = text[line.start : line.end].strip()
        new_kind, new_level = kind_of(words, line, body_size, ranks, outline)
        if noted and opened_note(words, line) in noted:
            new_kind, new_level = BlockKind.NOTE, 0
        same_heading = new_kind is not BlockKind.HEADING or new_level == level
        if group and same_heading and continues(group, line, kind, new_kind, text, pitch):
            group.append(line)
            continue
        blocks += finished(text, group, kind, level)
        group, kind, level = [line], new_kind, new_level
        if kind is BlockKind.ITEM:
            indents = list_indents(indents, line.left - margins[line.page], line.size)
            level = len(indents) - 1
        elif kind is not BlockKind.NOTE:
            indents = []
    return blocks + finished(text, group, kind, level)


def left_margins(lines: list[Line]) -> dict[int, float]:
    """Where the leftmost line of each page begins."""
    margins: dict[int, float] = {}
    for line in lines:
        margins[line.page] = min(line.left, margins.get(line.page, line.left))
    return margins


def list_indents(indents: list[float], indent: float, size: float) -> list[float]:
    """The indents of the lists that an item stands in, outermost first, from those of the item before it."""
    if indents and indent - indents[-1] > FURTHEST_INDENT * size:
        return [indent]
    outer = [known for known in indents if known < indent - INDENT_SLACK * size]
    return [*outer, indent]


def kind_of(
    words: str, line: Line, body_size: float, ranks: dict[tuple[float, bool], int], outline: set[str]
) -> tuple[BlockKind, int]:
    """What a line is by its look, and its level."""
    opens_with_mark = bool(line.marks) and not text_before_mark(line, words)
    if opens_with_mark and line.size < body_size:
        return BlockKind.NOTE, 0
    if BULLET.match(words):
        return BlockKind.ITEM, 0
    rank = ranks.get((line.size, line.bold))
    if rank is not None and len(words.split()) <= HEADING_WORDS and any(c.isalpha() for c in words):
        return BlockKind.HEADING, rank
    if " ".join(words.split()).casefold() in outline:
        return BlockKind.HEADING, len(ranks) + 1
    if NUMBERED.match(words):
        return BlockKind.ITEM, 0
    return BlockKind.PARAGRAPH, 0


def opened_note(words: str, line: Line) -> str | None:
    """The label of the footnote that a line opens, if it does."""
    if line.marks and not text_before_mark(line, words):
        return label_of(words[: line.marks[0][1] - line.start])
    opening = NOTE_OPENING.match(words)
    return next(filter(None, opening.groups())) if opening else None


def text_before_mark(line: Line, words: str) -> bool:
    """Whether anything but blanks stands before a line's first mark."""
    return line.marks[0][0] - line.start > 1 and bool(words[: line.marks[0][0] - line.start - 1].strip())


def heading_ranks(lines: list[Line], body_size: float) -> dict[tuple[float, bool], int]:
    """The level of each look that marks a heading: larger first, bold before plain; bold at the body's size last."""
    looks = {(line.size, line.bold) for line in lines if line.size >= HEADING_SHARE * body_size}
    bold_body = {
        (line.size, line.bold) for line in lines if line.bold and body_size <= line.size < HEADING_SHARE * body_size
    }
    ordered = sorted(looks, key=lambda look: (-look[0], not look[1])) + sorted(bold_body, reverse=True)
    return {look: rank for rank, look in enumerate(ordered, 1)}


def continues(group: list[Line], line: Line, kind: BlockKind, new_kind: BlockKind, text: str, pitch: float) -> bool:
    """Whether a line goes on with the block of the lines before it."""
    if new_kind in (BlockKind.ITEM, BlockKind.NOTE) or (kind is BlockKind.HEADING) != (new_kind is BlockKind.HEADING):
        return False
    before = group[-1]
    same_size = abs(before.size - line.size) < 0.1 * line.size
    drop = before.baseline - line.baseline
    if kind is BlockKind.HEADING:
        return same_size and before.bold == line.bold and before.page == line.page and 0 < drop <= 1.6 * line.size
    if before.page != line.page or drop < 0:  # the next page or column: a sentence may go on
        unfinished = not text[before.start : before.end].rstrip().endswith(SENTENCE_END)
        goes_on = unfinished and text[line.start : line.end].lstrip()[:1].islower()
        return same_size and before.bold == line.bold and goes_on
    if kind is BlockKind.ITEM and line.left < group[0].left - INDENT_SLACK * line.size and before.page == group[0].page:
        return False
    return same_size and drop <= PITCH_SLACK * pitch * min(1.0, line.size / before.size)


def usual_pitch(lines: list[Line]) -> float:
    """The distance between baselines that is most common in the document, in points."""
    drops = Counter[float]()
    for before, line in pairwise(lines):
        drop = before.baseline - line.baseline
        if before.page == line.page and before.size == line.size and 0 < drop < 3 * line.size:
            drops[round(drop * 2) / 2] += 1
    return drops.most_common(1)[0][0] if drops else 14.0


def finished(text: str, group: list[Line], kind: BlockKind, level: int) -> list[Block]:
    """The lines as one block: bullets dropped, words split at line ends joined, marks noted."""
    mapped, label = MappedText(), ""
    for number, line in enumerate(group):
        start, end = line.start, line.end
        stretch = text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        if number == 0 and kind is BlockKind.ITEM and (bullet := BULLET.match(text, start, end)):
            start = bullet.end()
        marks = list(line.marks)
        if number == 0 and kind is BlockKind.NOTE and marks and not text[start : marks[0][0]].strip():
            label, start = label_of(text[slice(*marks[0])]), marks[0][1]
            marks = marks[1:]
        elif number == 0 and kind is BlockKind.NOTE and (opening := NOTE_OPENING.match(text, start, end)):
            label, start = next(filter(None, opening.groups())), opening.end()
        following = text[group[number + 1].start : group[number + 1].end] if number + 1 < len(group) else ""
        split = splits_word(stretch, following) and not is_compound(stretch, following, text)
        for mark_start, mark_end in marks:
            mapped.add_source(text, start, mark_start)
            mapped.mark(label_of(text[mark_start:mark_end]))
            start = mark_end
        mapped.add_source(text, start, end - 1 if split else end)
        if not split and not splits_range(stretch, following) and not splits_compound(stretch, following):
            mapped.add(" ", end)
    block = mapped.block(kind, level=level, label=label, doubt=next((line.doubt for line in group if line.doubt), ""))
    return [block] if block else []


def label_of(mark: str) -> str:
    """A footnote mark as its note names it: "a" for "(a)", "1" for "¹"."""
    return mark.translate(LOWERED).strip("()")


def add_words(mapped: MappedText, text: str, start: int, end: int) -> None:
    """Add a stretch of a cell without the dots that lead from a label to its number."""
    for leader in LEADER.finditer(text, start, end):
        mapped.add_source(text, start, leader.start())
        start = leader.end()
    mapped.add_source(text, start, end)


def cells_of(text: str, line: Line, table: int) -> list[Block]:
    """The cells of a row of a table."""
    found: list[Block] = []
    for cell in line.cells:
        mapped, start = MappedText(), cell.start
        for mark_start, mark_end in line.marks:
            if cell.start <= mark_start < cell.end:
                add_words(mapped, text, start, mark_start)
                mapped.mark(label_of(text[mark_start:mark_end]))
                start = mark_end
        add_words(mapped, text, start, cell.end)
        block = mapped.block(
            BlockKind.CELL,
            level=cell.level,
            table=table,
            row=cell.row,
            column=cell.column,
            column_span=cell.column_span,
            header=cell.header,
            doubt=cell.doubt or line.doubt,
        )
        if block:
            found.append(block)
    return found


def splits_word(line: str, following: str) -> bool:
    """Whether a line ends in a hyphen that parts a word; not in "short- and long-term"."""
    return line.endswith("-") and line[-2:-1].islower() and following[:1].islower() and not SUSPENDED.match(following)


def is_compound(line: str, following: str, text: str) -> bool:
    """Whether the two halves of a word have their hyphen elsewhere in the document, and never lack it."""
    first, second = LAST_LETTERS.search(line[:-1]), LETTERS.match(following)
    if first is None or second is None:
        return False
    halves = first.group(), second.group()
    return "-".join(halves) in text and "".join(halves) not in text


def splits_compound(line: str, following: str) -> bool:
    """Whether a line ends in the hyphen of a word that goes on in the next: "Self-" and "Service"."""
    return line.endswith("-") and line[-2:-1].isalpha() and following[:1].isalpha() and not SUSPENDED.match(following)


def splits_range(line: str, following: str) -> bool:
    """Whether a line ends in the dash of a range of numbers that goes on in the next."""
    return line.endswith(("-", "–")) and line[-2:-1].isdecimal() and following[:1].isdecimal()


def running_lines(text: str, lines: list[Line]) -> set[int]:
    """The numbers of the lines that are running heads or page numbers."""
    by_page: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        by_page.setdefault(line.page, []).append(number)
    edges: dict[str, list[int]] = {}
    for numbers in by_page.values():
        ordered = sorted(numbers, key=lambda n: -lines[n].baseline)
        for number in {*ordered[:EDGE_LINES], *ordered[-EDGE_LINES:]}:
            if lines[number].cells:
                continue
            key = re.sub(r"\d+|\b[ivxlc]+\b", "#", text[lines[number].start : lines[number].end].strip().casefold())
            edges.setdefault(key, []).append(number)
    found: set[int] = set()
    for key, numbers in edges.items():
        pages = {lines[n].page for n in numbers}
        neighbours = sum(after - before <= 2 for before, after in pairwise(sorted(pages)))
        everywhere = len(pages) >= max(RECURS, RUNNING_SHARE * len(by_page))
        if everywhere or (len(pages) >= RECURS and neighbours >= 2) or (key == "#" and len(pages) >= 2):
            tops = Counter(round(lines[n].baseline / 6) for n in numbers)  # the same height, within 6 points
            if tops.most_common(1)[0][1] >= max(2, len(numbers) // 2):
                found |= set(numbers)
    return found | page_numbers(text, lines, by_page)


def page_numbers(text: str, lines: list[Line], by_page: dict[int, list[int]]) -> set[int]:
    """The lines at the edges of pages that count the pages, wherever they stand: "12", "Page 12"."""
    counting: dict[tuple[str, int], list[int]] = {}
    for page, numbers in by_page.items():
        ordered = sorted(numbers, key=lambda n: -lines[n].baseline)
        for number in {ordered[0], *ordered[-EDGE_LINES:]}:
            words = text[lines[number].start : lines[number].end].strip()
            if (counted := PAGE_NUMBER.fullmatch(words)) and not lines[number].cells:
                key = words[: counted.start(1)].casefold(), int(counted.group(1)) - page
                counting.setdefault(key, []).append(number)
    return {number for numbers in counting.values() if len(numbers) >= RECURS for number in numbers}
