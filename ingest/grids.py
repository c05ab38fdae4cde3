"""From the cells of a laid-out table to the table that it means: label, number, number.

1. Filings set `$`, `(`, `)` and `%` in cells of their own and part columns by empty ones. A sign joins its number; what
   stands over one another is one column; a column with nothing in it is none.
2. A table's heads are the rows that its markup says, else its first rows as long as they hold words or years and
   numbers stand below; else a first row all in bold.
3. A line over the whole table before its heads ("in millions") stands before the table, not in it.
4. How deep a row's label is indented is its level.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from factdesk.corpus.records import Mark
from factdesk.ingest.composed import Cell, Words

NUMBER = re.compile(
    r"[\s(\[+\-–—−~≈<>]*(?:[A-Z]{3}\b|[A-Z]{0,3}[$€£¥₹₩])?[\s(+\-–−]*\d[\d.,'’\s]*"
    r"(?:%|[kKmMbBxX]|bn|mn|tn|bps?|pp|pts?|million|billion|thousand|[A-Z]{3}|[$€£])?[\s)\]%*]*"
)
NO_NUMBER = re.compile(r"[$€£(\s]*[-–—−]{1,3}[\s%)]*|n/?[am]\.?|n\.[am]\.", re.IGNORECASE)
"""What stands in the place of a number that there is none of."""
YEAR = re.compile(r"(?:FY|CY)?\s?['’]?(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?\s?[AEFP]?", re.IGNORECASE)
OPENING = re.compile(r"(?:[A-Z]{0,3}[$€£¥₹₩]|[A-Z]{3})?\s?\(?")
CODE = re.compile(r"[A-Z]{3}")
CLOSING = re.compile(r"\)?\s?(?:%|pts?|bps|pp|x)?\s?\)?")
FAR = 1
"""Columns left empty between a sign and its number, at most."""
NUMERIC_SHARE = 0.6
"""Of the cells below unmarked heads, how many are numbers: fewer are a list of a thing's properties."""
INDENT_STEP = 2.0
"""Points by which a label must stand further in to be a level deeper: less is a slip."""
DEEPEST = 9
CROWDED = "shares its column with another cell"


@dataclass(frozen=True, slots=True)
class LaidCell:
    """A cell as it was laid out: rows and columns are those of the page, not of the table's sense."""

    words: Words
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    head: bool = False
    """Whether the markup says that it heads a column."""
    bold: bool = False
    indent: float = 0.0
    """How far in its words stand, in points."""
    doubt: str = ""
    origin: int = -1
    """Which of its reader's own cells it is, for a reader that does not compose its text."""

    @property
    def end(self) -> int:
        """The column after it."""
        return self.column + self.column_span


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is meant: the lines to stand before it, its cells in reading order, how many rows are heads."""

    above: tuple[Words, ...]
    cells: tuple[Cell, ...]
    heads: int = 0

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return max((cell.column + cell.column_span for cell in self.cells), default=0)


Row = list[LaidCell]


def tidy(cells: Iterable[LaidCell], *, signs: bool = True, first_heads: bool = False) -> Table:
    """The table that laid-out cells mean.

    `signs`: whether currency signs may have cells of their own; `first_heads`: whether a first row of words is heads
    whatever stands below, as in a file of values.
    """
    rows = [with_marks(list(row)) for _, row in groupby(cells, key=lambda cell: cell.row)]
    rows = [row for row in rows if row]
    heads = head_rows(rows)
    if first_heads and not heads and len(rows) > 1 and names_columns(rows[0]):
        heads = 1
    above = lines_above(rows, heads)
    rows, heads = rows[len(above) :], heads - len(above)
    rows = rows[:heads] + [with_signs(row) if signs else row for row in rows[heads:]]
    columns = columns_of(rows, heads)
    levels = levels_of([row[0] for row in rows[heads:] if row[0].column <= columns[0][0]]) if columns else {}
    numbers = [row[0].row for row in rows]
    made: list[Cell] = []
    for number, row in enumerate(rows):
        taken: set[int] = set()
        for place, cell in enumerate(row):
            first = bisect_left(columns, cell.column + 1, key=lambda column: column[1])
            last = bisect_left(columns, cell.end, key=lambda column: column[0])
            span = max(1, last - first)
            rows_under = bisect_left(numbers, cell.row + cell.row_span) - number
            made.append(
                Cell(
                    cell.words,
                    number,
                    first,
                    row_span=max(1, rows_under),
                    column_span=span,
                    header=number < heads,
                    level=levels.get(round(cell.indent, 1), 0) if place == 0 and number >= heads else 0,
                    doubt=cell.doubt or (CROWDED if first in taken else ""),
                    origin=cell.origin,
                )
            )
            taken.update(range(first, first + span))
    return Table(tuple(row[0].words for row in above), tuple(made), heads)


def is_number(text: str) -> bool:
    """Whether a cell holds a number and no more: "$(1,577)", "12.3%", "5.2 million"."""
    return NUMBER.fullmatch(text) is not None


def is_figure(text: str) -> bool:
    """Whether a cell is of a table's body: a number that is no year, or the sign for none."""
    return (is_number(text) and YEAR.fullmatch(text) is None) or NO_NUMBER.fullmatch(text) is not None


def with_marks(row: Row) -> Row:
    """The cells of a row with words; a footnote mark in a cell of its own goes to the cell before it."""
    kept: Row = []
    for cell in row:
        if cell.words:
            kept.append(cell)
        elif cell.words.marks and kept:
            kept[-1] = joined(kept[-1], cell, "")
    return kept


def with_signs(row: Row) -> Row:
    """The row with each currency sign, bracket and percent sign in the cell of its number."""
    made: Row = []
    for cell in row:
        before = made[-1] if made else None
        if before is not None and cell.column - before.end <= FAR:
            text, found = before.words.text, cell.words.text
            opens = OPENING.fullmatch(text) and (is_number(found) or NO_NUMBER.fullmatch(found))
            closes = CLOSING.fullmatch(found) and is_number(text) and not (found == "x" and text.endswith("%"))
            if opens or closes:
                made[-1] = joined(before, cell, " " if opens and CODE.fullmatch(text) else "")
                continue
        made.append(cell)
    return made


def joined(first: LaidCell, second: LaidCell, between: str) -> LaidCell:
    """Two neighbours as one cell."""
    text = first.words.text + between + second.words.text
    shift = len(first.words.text) + len(between)
    marks = tuple(Mark(mark.label, mark.at + shift) for mark in second.words.marks)
    words = Words(text, first.words.marks + marks, first.words.links + second.words.links)
    return replace(first, words=words, column_span=second.end - first.column)


def head_rows(rows: list[Row]) -> int:
    """How many of the first rows are heads."""
    if not rows:
        return 0
    left = min(row[0].column for row in rows)
    marked = leading(rows, left, lambda row: all(cell.head for cell in row))
    if marked:
        return marked if marked < len(rows) else 0
    worded = worded_heads(rows, left)
    if worded and (has_years(rows[:worded]) or numeric_column(rows[worded:], left)):
        return worded
    bold = leading(rows[:1], left, lambda row: all(cell.bold and not is_figure(cell.words.text) for cell in row))
    return bold if len(rows) > 1 else 0


def numeric_column(rows: list[Row], left: int) -> bool:
    """Whether a column of the body, not its first, is numbers for the most part."""
    columns: dict[int, list[str]] = {}
    for row in rows:
        for cell in row:
            if cell.column > left:
                columns.setdefault(cell.column, []).append(cell.words.text)
    counts = is_figure if len(columns) < 2 else is_numeric  # of two columns, the second may be a thing's properties
    return any(sum(map(counts, texts)) >= NUMERIC_SHARE * len(texts) for texts in columns.values())


def is_numeric(text: str) -> bool:
    """Whether a cell is a number, a year, or the sign for none."""
    return is_number(text) or is_figure(text)


def names_columns(row: Row) -> bool:
    """Whether a row is the names of columns: several, all different, none a number."""
    names = [cell.words.text for cell in row]
    return len(names) > 1 and len(set(names)) == len(names) and not any(map(is_numeric, names))


def leading(rows: list[Row], left: int, fits: Callable[[Row], bool]) -> int:
    """How many first rows fit, up to the last of them that says more than one thing."""
    count = 0
    for number, row in enumerate(rows):
        if not fits(row):
            break
        if len(row) > 1 or row[0].column > left:
            count = number + 1
    return count


def worded_heads(rows: list[Row], left: int) -> int:
    """How many first rows are words or years, as heads without markup are.

    A second row of heads has no label of its own, unless the first one spans several columns.
    """
    count = 0
    spanning = False
    for number, row in enumerate(rows):
        rest = [cell for cell in row if cell.column > left]
        if any(is_figure(cell.words.text) for cell in rest):
            break
        if not rest:
            if count:
                break
            continue
        labelled = row[0].column == left
        if count and labelled and not spanning:
            break
        count = number + 1
        spanning = len(rest) < max((len(r) - 1 for r in rows), default=0)
    return count


def has_years(rows: list[Row]) -> bool:
    """Whether heads name years."""
    return any(YEAR.fullmatch(cell.words.text) for row in rows for cell in row)


def lines_above(rows: list[Row], heads: int) -> list[Row]:
    """The first rows that are a line over the whole table: a title, "in millions"."""
    above: list[Row] = []
    left = min((row[0].column for row in rows), default=0)
    for row in rows[: max(heads - 1, 0)]:
        if len(row) > 1 or row[0].column > left:
            break
        above.append(row)
    return above


Column = tuple[int, int]


def columns_of(rows: list[Row], heads: int) -> list[Column]:
    """The columns that a table has in sense: stretches of the page that nothing narrower divides, from the left."""
    body = sorted({(c.column, c.end) for row in rows[heads:] for c in row}, key=narrowest)
    above = sorted({(c.column, c.end) for row in rows[:heads] for c in row}, key=narrowest)
    columns: list[Column] = []
    for interval in body:
        settle(columns, interval)
    bodies = len(columns)
    for interval in above:
        settle(columns, interval)
    return columns if len(columns) == bodies else without_strays(columns, rows, heads)


def narrowest(interval: Column) -> tuple[int, int]:
    """Sorts narrow stretches first."""
    return interval[1] - interval[0], interval[0]


def settle(columns: list[Column], interval: Column) -> None:
    """Take a stretch in: a column of its own, or a part of the one it overlaps; over several it only stands."""
    first = bisect_left(columns, interval[0] + 1, key=lambda column: column[1])
    last = bisect_left(columns, interval[1], key=lambda column: column[0])
    if first == last:
        insort(columns, interval)
    elif last == first + 1:
        start, end = columns[first]
        columns[first] = (min(start, interval[0]), max(end, interval[1]))


def without_strays(columns: list[Column], rows: list[Row], heads: int) -> list[Column]:
    """The columns, those that only heads stand in joined to a neighbour that no head stands in."""
    in_heads = {n for row in rows[:heads] for cell in row for n in under(columns, cell)}
    in_body = {n for row in rows[heads:] for cell in row for n in under(columns, cell)}
    made: list[Column] = []
    stray_before = bare_before = False
    for number, column in enumerate(columns):
        stray = number in in_heads and number not in in_body
        bare = number in in_body and number not in in_heads and number > 0
        if (stray_before and bare) or (stray and bare_before):
            made[-1] = (made[-1][0], column[1])
            stray_before = bare_before = False
        else:
            made.append(column)
            stray_before, bare_before = stray, bare
    return made


def under(columns: list[Column], cell: LaidCell) -> range:
    """The numbers of the columns that a cell stands in."""
    first = bisect_left(columns, cell.column + 1, key=lambda column: column[1])
    return range(first, bisect_left(columns, cell.end, key=lambda column: column[0]))


def levels_of(labels: list[LaidCell]) -> dict[float, int]:
    """The level of each indent that a table's labels have."""
    levels: dict[float, int] = {}
    level, last = 0, None
    for indent in sorted({round(cell.indent, 1) for cell in labels}):
        if last is not None and indent - last >= INDENT_STEP:
            level, last = min(level + 1, DEEPEST), indent
        last = indent if last is None else last
        levels[indent] = level
    return levels
