"""Comma-separated values, whatever parts them: comma, semicolon, tab or bar. Spans are positions in the source itself.

1. The delimiter is the one that parts the rows most evenly; of several the rarer in prose. Where none does, the file is
   prose and is read as plain text.
2. Numbers stay as they are written: "1.234,5" is not converted.
3. The first row of a table names its columns, unless it holds numbers. Lines of one field before and after it are text.
4. A row with more fields than the table has columns is read, with a doubt.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from factdesk.corpus.records import Block, BlockKind, Reading
from factdesk.ingest.composed import CELL_LIMIT, TEXT_LIMIT, Cell, too_big, words
from factdesk.ingest.decoding import decode
from factdesk.ingest.grids import LaidCell
from factdesk.ingest.mapped import MappedText
from factdesk.ingest.readers import text as plain_text
from factdesk.ingest.sheets import tables_of

SUFFIXES = (".csv", ".tsv", ".tab")

DELIMITERS = "\t;|,"
"""The rarer in prose first."""
SAMPLE = 65_536
"""Characters that the delimiter is told from."""
EVEN = 0.6
"""Of the rows with a delimiter, how many have as many fields as most."""
ROWS_SHARE = 0.5
"""Of all rows, how many have the delimiter."""
FIELD_WORDS = 40
"""Words of a field on average: more is prose with commas."""
BLANKS = re.compile(r" {1,8}(?=\")")
"""Blanks before a quotation mark, which some programs write after a comma."""
SAID = re.compile(r"sep=([,;|\t])\n", re.I)
"""How a spreadsheet program names the delimiter in a first line."""
RAGGED = "its row has more fields than the table has columns"


@dataclass(frozen=True, slots=True)
class Field:
    """A field's place in the source, without its quotation marks."""

    start: int
    end: int
    quoted: bool = False


def read(data: bytes, name: str) -> Reading:
    """Read a table of values. Spans are positions in the decoded source.

    Raises InputError: BINARY, TOO_BIG.
    """
    source, warnings = decode(data, name)
    if len(source) > TEXT_LIMIT:
        raise too_big(name, f"more than {TEXT_LIMIT:,} characters of text")
    said = SAID.match(source)
    delimiter = said[1] if said else delimiter_of(source[:SAMPLE])
    if not delimiter:
        return plain_text.read(data, name)
    rows = fields(source, said.end() if said else 0, delimiter)
    if sum(map(len, rows)) > CELL_LIMIT:
        raise too_big(name, f"more than {CELL_LIMIT:,} cells")
    return Reading(text=source, blocks=tuple(blocks_of(source, rows)), warnings=warnings)


def delimiter_of(sample: str) -> str:
    """What parts the fields of a text; empty if nothing does."""
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        rows = [row for row in fields(sample, 0, delimiter) if len(row) > 1 or row[0].end > row[0].start]
        counts = Counter(len(row) for row in rows if len(row) > 1)
        parted = sum(counts.values())
        if not parted or parted < ROWS_SHARE * len(rows):
            continue
        lengths = [len(sample[f.start : f.end].split()) for row in rows for f in row]
        even = counts.most_common(1)[0][1] >= EVEN * parted
        if even and sum(lengths) <= FIELD_WORDS * len(lengths):
            return delimiter
    return ""


def fields(source: str, at: int, delimiter: str) -> list[list[Field]]:
    """The fields of each line; one in quotation marks may hold delimiters and line ends."""
    rows: list[list[Field]] = []
    row: list[Field] = []
    stop = re.compile(f"[{re.escape(delimiter)}\n]")
    length = len(source)
    while at <= length:
        opening = BLANKS.match(source, at)
        at = opening.end() if opening else at
        closing = closing_quote(source, at) if source[at : at + 1] == '"' else -1
        found = stop.search(source, closing + 1 if closing >= 0 else at)
        end = found.start() if found else length
        row.append(Field(at + 1, closing, True) if closing >= 0 else Field(at, end))
        if found is None or found.group() == "\n":
            rows.append(row)
            row = []
        if found is None:
            break
        at = end + 1
    return rows


def closing_quote(source: str, opening: int) -> int:
    """Where the quotation mark stands that ends a field; -1 if none does."""
    at = source.find('"', opening + 1)
    while at >= 0 and source[at + 1 : at + 2] == '"':
        at = source.find('"', at + 2)
    return at


def blocks_of(source: str, rows: list[list[Field]]) -> list[Block]:
    """The blocks of the rows' fields."""
    flat: list[Field] = []
    laid: list[list[LaidCell]] = []
    for number, row in enumerate(rows):
        cells: list[LaidCell] = []
        for column, place in enumerate(row):
            if said := words(source[place.start : place.end]):
                cells.append(LaidCell(said, number, column, origin=len(flat)))
                flat.append(place)
        if cells:
            laid.append(cells)
    found: list[Block] = []
    tables = 0
    for part in tables_of(laid, values=True):
        if isinstance(part, LaidCell):
            found += written(source, flat[part.origin], BlockKind.PARAGRAPH)
            continue
        tables += 1
        wide = max((c.column + c.column_span for c in part.cells if c.header), default=part.columns)
        for cell in part.cells:
            found += written(source, flat[cell.origin], BlockKind.CELL, cell, tables, wide)
    return found


def written(
    source: str, place: Field, kind: BlockKind, cell: Cell | None = None, table: int = -1, wide: int = 0
) -> list[Block]:
    """The block of a field, its doubled quotation marks single."""
    mapped = MappedText()
    at = place.start
    while at < place.end:
        mapped.add(source[at], at)
        at += 2 if place.quoted and source[at] == '"' else 1
    if cell is None:
        block = mapped.block(kind)
    else:
        doubt = cell.doubt or (RAGGED if cell.column >= wide else "")
        block = mapped.block(
            kind, row=cell.row, column=cell.column, table=table, header=cell.header, level=cell.level, doubt=doubt
        )
    return [block] if block else []
