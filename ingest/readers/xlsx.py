"""Excel: each sheet is a page under its name; cells are read as a person sees them, formulas by their stored values.

1. Hidden sheets, rows and columns are not read, and the warnings say so; rows folded away under a plus sign are read.
2. A formula whose value the file does not hold has no text; the warnings name the cells. An error ("#DIV/0!") is read
   with a doubt.
3. A chart sheet, comments and running heads are not read.
4. The sheet's XML is streamed: a sheet that claims a million empty rows costs nothing. More cells, or more text, than
   the limits of `composed` are TOO_BIG.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from factdesk.corpus.errors import InputError
from factdesk.corpus.records import BlockKind, Reading
from factdesk.ingest.composed import CELL_LIMIT, TEXT_LIMIT, Composer, damaged, too_big, words

SUFFIXES = (".xlsx", ".xlsm")
MAIN_PART = "xl/workbook.xml"
NAMED = 8
"""Cells that a warning names."""
MERGED_LIMIT = 20_000
"""Merged ranges of a sheet that are looked at."""
ERROR_DOUBT = "the sheet could not work it out"
INDENT_POINTS = 9.0
"""How far one step of a cell's indent sets it in."""


@dataclass(slots=True)
class Sheet:
    """What was read of a sheet."""

    rows: dict[int, dict[int, Any]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First and last row, first and last column."""
    hidden_rows: int = 0
    hidden_columns: int = 0
    unknown: list[str] = field(default_factory=list)
    """Formulas without a stored value."""


def read(data: bytes, name: str) -> Reading:
    """Read an Excel file. Spans are positions in its text as it is put together here.

    Raises InputError: DAMAGED, PASSWORD_NEEDED, TOO_BIG.
    """
    import warnings as python_warnings

    from factdesk.ingest.archives import check_parts, open_archive
    from factdesk.ingest.packages import core_title

    archive = open_archive(data, name)
    if MAIN_PART not in archive.namelist():
        raise damaged(name, "it has no workbook part")
    check_parts(archive, name, tags=None)
    composer, told = Composer(name), []
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")  # of parts that openpyxl leaves out, and that are not read here
        try:
            told = read_workbook(data, composer)
        except InputError:
            raise
        except (RecursionError, MemoryError) as error:
            raise damaged(name, "its parts are nested too deep") from error
        except Exception as error:  # what openpyxl raises on a file that breaks the rules is not declared
            raise damaged(name, f"{type(error).__name__} while reading it") from error
    return composer.reading(title=core_title(archive, name), warnings=tuple(told))


def read_workbook(data: bytes, composer: Composer) -> list[str]:
    """Write the sheets of a workbook; what is to be warned of."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    told: list[str] = []
    budget = Budget(composer.name)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            told.append(f"hidden sheet not read: {sheet.title}")
            continue
        found = read_sheet(sheet, budget)
        composer.page(sheet.title)
        if found.rows:
            composer.add(BlockKind.HEADING, words(sheet.title), 1)
            write_sheet(sheet, found, composer)
        told += warnings_of(sheet.title, found)
    return told


def warnings_of(title: str, found: Sheet) -> list[str]:
    """What is to be said of what was not read of a sheet."""
    told = []
    if found.hidden_rows or found.hidden_columns:
        told.append(f"{title}: {found.hidden_rows} hidden rows and {found.hidden_columns} hidden columns not read")
    if found.unknown:
        more = f" and {len(found.unknown) - NAMED} more" if len(found.unknown) > NAMED else ""
        told.append(f"{title}: formulas without a stored value: {', '.join(found.unknown[:NAMED])}{more}")
    return told


@dataclass(slots=True)
class Budget:
    """What a workbook may still hold."""

    name: str
    cells: int = CELL_LIMIT
    characters: int = TEXT_LIMIT

    def take(self, text: str) -> None:
        """Count a cell. Raises InputError, TOO_BIG."""
        self.cells -= 1
        self.characters -= len(text)
        if self.cells < 0:
            raise too_big(self.name, f"more than {CELL_LIMIT:,} cells")
        if self.characters < 0:
            raise too_big(self.name, f"more than {TEXT_LIMIT:,} characters of text")


def read_sheet(sheet: Any, budget: Budget) -> Sheet:
    """The cells of a sheet that are seen and hold anything."""
    from openpyxl.cell.read_only import ReadOnlyCell
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

    found = Sheet()

    class Parser(WorkSheetParser):  # type: ignore[misc]
        """Tells the formulas that have no stored value from empty cells."""

        def parse_cell(self, element: Any) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            if cell["value"] is None and element.find(FORMULA_TAG) is not None:
                found.unknown.append(element.get("r") or "?")
            return cell

    book = sheet.parent
    with sheet._get_source() as source:
        parser = Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            attributes = parser.row_dimensions.pop(str(number), {})
            kept = {}
            for cell in cells:
                if cell["value"] is None or cell["value"] == "":
                    continue
                budget.take(str(cell["value"]) if isinstance(cell["value"], str) else "0")
                kept[cell["column"]] = ReadOnlyCell(sheet, **cell)
            if not kept:
                continue
            if is_hidden(attributes):
                found.hidden_rows += 1
            else:
                found.rows.setdefault(number, {}).update(kept)
        hide_columns(found, parser.column_dimensions)
        if parser.merged_cells is not None:
            found.merged = [
                (r.min_row, r.max_row, r.min_col, r.max_col) for r in list(parser.merged_cells.mergeCell)[:MERGED_LIMIT]
            ]
    return found


def is_hidden(attributes: dict[str, str]) -> bool:
    """Whether a row or column is hidden, rather than folded away with its group."""
    return attributes.get("hidden") in ("1", "true") and not int(attributes.get("outlineLevel") or 0)


def hide_columns(found: Sheet, columns: dict[str, dict[str, str]]) -> None:
    """Take out the cells of hidden columns."""
    hidden = [(int(c["min"]), int(c["max"])) for c in columns.values() if is_hidden(c)]
    if not hidden:
        return
    gone: set[int] = set()
    for number, row in list(found.rows.items()):
        out = [column for column in row if any(first <= column <= last for first, last in hidden)]
        gone.update(out)
        for column in out:
            del row[column]
        if not row:
            del found.rows[number]
    found.hidden_columns = len(gone)


def write_sheet(sheet: Any, found: Sheet, composer: Composer) -> None:
    """Write what stands on a sheet."""
    from factdesk.ingest.grids import LaidCell, Table
    from factdesk.ingest.sheets import tables_of

    for part in tables_of(list(laid_rows(found))):
        if isinstance(part, LaidCell):
            composer.add(BlockKind.PARAGRAPH, part.words)
        elif isinstance(part, Table):
            for said in part.above:
                composer.add(BlockKind.PARAGRAPH, said)
            composer.table(part.cells)


def laid_rows(found: Sheet) -> Iterator[list[Any]]:
    """The cells of a sheet as they are laid out, row by row."""
    from factdesk.ingest.grids import LaidCell
    from factdesk.ingest.numberformats import shown

    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, bottom, left, right in found.merged}
    for number in sorted(found.rows):
        row: list[Any] = []
        cells = found.rows[number]
        for column in sorted(cells):
            cell = cells[column]
            said = words(shown(cell.value, cell.number_format or "General"))
            if not said:
                continue
            high, wide = spans.get((number, column), (1, 1))
            alignment = cell.alignment
            row.append(
                LaidCell(
                    said,
                    number,
                    column,
                    row_span=high,
                    column_span=wide,
                    bold=bool(cell.font is not None and cell.font.b),
                    indent=INDENT_POINTS * float((alignment.indent if alignment is not None else 0) or 0)
                    + leading_blanks(cell.value),
                    doubt=ERROR_DOUBT if cell.data_type == "e" else "",
                )
            )
        if row:
            yield row


def leading_blanks(value: object) -> float:
    """How far blanks typed before a label set it in, in points."""
    return 3.0 * (len(value) - len(value.lstrip())) if isinstance(value, str) else 0.0
