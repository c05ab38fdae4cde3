"""From the cells of a sheet to its tables and the lines around them.

1. Empty rows part what stands on a sheet; empty columns do where both sides have labels and numbers of their own, else
   they are there for the looks.
2. A part of one column is lines of text. A part of several is a table.
3. A part without heads below a table that has them, and within its columns, goes on with it: people set sections of one
   table apart by empty rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from factdesk.ingest.grids import LaidCell, Row, Table, head_rows, is_figure, tidy

TEXTUAL = 0.5
"""Of the first cells of a table's rows, how many are words."""


@dataclass(slots=True)
class Part:
    """Rows of a sheet that belong together."""

    rows: list[Row] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Its first column."""
        return min(row[0].column for row in self.rows)

    @property
    def right(self) -> int:
        """The column after its last."""
        return max(row[-1].end for row in self.rows)

    @property
    def is_text(self) -> bool:
        """Whether it is lines of one cell each."""
        return all(len(row) == 1 for row in self.rows) and len({row[0].column for row in self.rows}) == 1

    @property
    def has_heads(self) -> bool:
        """Whether it begins with heads."""
        return head_rows(self.rows) > 0


def tables_of(rows: list[Row], *, values: bool = False) -> Iterator[LaidCell | Table]:
    """What stands on a sheet, in reading order: single cells of text, and tables. Rows are given without empty cells.

    `values`: the sheet is a file of comma-separated values: its first row names the columns, its cells are whole.
    """
    tables: list[Part] = []
    waiting: list[Part] = []
    first = True

    def finished() -> Iterator[LaidCell | Table]:
        nonlocal first
        for table in tables:
            cells = (cell for row in table.rows for cell in row)
            yield tidy(cells, signs=not values, first_heads=values and first)
            first = False
        tables.clear()

    for band in bands(rows):
        found: list[Part] = []
        for part in [Part(band)] if values else beside(band):
            if part.is_text:
                waiting.append(part)
                continue
            above = None if part.has_heads else next((table for table in tables if within(part, table)), None)
            if above is not None and all(within(text, above) for text in waiting):
                above.rows += [row for text in waiting for row in text.rows] + part.rows
            else:
                if not found:
                    yield from finished()
                yield from lines(waiting)
                found.append(part)
            waiting = []
        tables += found
    yield from finished()
    yield from lines(waiting)


def lines(parts: list[Part]) -> Iterator[LaidCell]:
    """The cells of parts that are text."""
    for part in parts:
        for row in part.rows:
            yield from row


def within(part: Part, table: Part) -> bool:
    """Whether a part stands in a table's columns, from its first one on."""
    return part.left == table.left and part.right <= table.right


def bands(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows, parted by empty ones; a cell over several rows holds them together."""
    band: list[Row] = []
    reach = -1
    for row in rows:
        if band and row[0].row > reach:
            yield band
            band = []
        band.append(row)
        reach = max(reach, *(cell.row + cell.row_span for cell in row))
    if band:
        yield band


def beside(rows: list[Row]) -> list[Part]:
    """The parts of a band that stand side by side, from the left; one where the gaps are only for the looks."""
    stretches = filled(rows)
    cuts = [start for start, _ in stretches[1:]]
    parts: list[list[Row]] = [rows]
    for cut in cuts:
        left, right = split(parts[-1], cut)
        if stands_alone(left) and stands_alone(right):
            parts[-1:] = [left, right]
    found: list[Part] = []
    for part in parts:
        found += [Part(band) for band in bands(part)] if len(parts) > 1 else [Part(part)]
    return found


def filled(rows: list[Row]) -> list[tuple[int, int]]:
    """The stretches of columns that hold anything."""
    stretches: list[tuple[int, int]] = []
    for start, end in sorted({(cell.column, cell.end) for row in rows for cell in row}):
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    return stretches


def split(rows: list[Row], column: int) -> tuple[list[Row], list[Row]]:
    """The rows left of a column, and from it on."""
    left = [[cell for cell in row if cell.column < column] for row in rows]
    right = [[cell for cell in row if cell.column >= column] for row in rows]
    return [row for row in left if row], [row for row in right if row]


def stands_alone(rows: list[Row]) -> bool:
    """Whether rows are a table by themselves: at least two columns, the first of them words."""
    first = min((row[0].column for row in rows), default=0)
    labels = [row[0].words.text for row in rows if row[0].column == first]
    textual = sum(not is_figure(label) and any(c.isalpha() for c in label) for label in labels)
    wide = any(len(row) > 1 for row in rows)
    return wide and len(rows) > 1 and textual > TEXTUAL * len(rows)
