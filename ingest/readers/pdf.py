"""PDF: PDFium for the words and their sizes, pypdf for outline, page labels, metadata and encryption.

1. The document's text is the pages' text in PDFium's order, lines parted by "\\n", pages by "\\f".
2. Words are found and measured by `pdf_words`, put into lines by `pdf_lines`, into rows and columns by `pdf_tables`.
3. A row of a table is a line of the text, so that it can be quoted as one stretch.
4. What the lines make is told by `layout`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Page, Reading
from factdesk.ingest.layout import Line, PlacedCell, blocks_of
from factdesk.ingest.pdf_description import describe
from factdesk.ingest.pdf_lines import Composed, Run, composed, joined, runs
from factdesk.ingest.pdf_tables import Row, with_tables
from factdesk.ingest.pdf_words import Word, page_words
from factdesk.ingest.progress import advance

SUFFIXES = (".pdf",)
BOLD = 600
"""A font's weight from which on it is bold."""


@dataclass(frozen=True, slots=True)
class ComposedLine:
    """A line of a page as the document's text has it, with its words and their place on the page."""

    made: Composed
    words: list[Word]
    left: float
    baseline: float
    size: float
    row: Row | None = None
    ends_table: bool = False


def read(data: bytes, name: str) -> Reading:
    """Read a PDF with a text layer.

    Raises InputError: NOT_A_PDF, DAMAGED, PASSWORD_NEEDED, TOO_MANY_PAGES, or NO_TEXT for a scan. Pages that
    cannot be read, or have no text among others that do, are named in the warnings.
    """
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        raise InputError(f"{name} is no PDF", path=name, reason=Reason.NOT_A_PDF, hint="check what the file really is")
    title, labels, outline = describe(data, name)
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise InputError(
            f"{name} is damaged: {error}",
            path=name,
            reason=Reason.DAMAGED,
            hint="open and save it again, or replace it",
        ) from error
    try:
        text, lines, pages, lost = read_pages(document, labels)
    finally:
        document.close()
    if not text.strip():
        raise InputError(
            f"{name} has no text layer: it is a scan of {len(pages)} pages",
            path=name,
            reason=Reason.NO_TEXT,
            hint="run it through a text recognition program first",
        )
    warnings = tuple(lost)
    empty = [page.label for page in pages if not text[page.start : page.end].strip()]
    if empty:
        warnings += (f"{Reason.NO_TEXT}: no text on page {', '.join(empty[:20])}",)
    return Reading(
        text=text, blocks=tuple(blocks_of(text, lines, outline)), pages=tuple(pages), title=title, warnings=warnings
    )


def read_pages(document: pdfium.PdfDocument, labels: list[str]) -> tuple[str, list[Line], list[Page], list[str]]:
    """The text of all pages, their lines, their spans, and a warning for each page that could not be read."""
    pieces: list[str] = []
    lines: list[Line] = []
    pages: list[Page] = []
    lost: list[str] = []
    at = 0
    for number in range(len(document)):
        label = (labels[number] if number < len(labels) else "") or str(number + 1)
        try:
            piece, found = read_page(document, number, at)
        except (pdfium.PdfiumError, ValueError) as error:
            piece, found = "", []
            lost.append(f"{Reason.PAGES_LOST}: page {label}: {error}")
        advance(pages=1 if piece else 0)
        pieces.append(piece + "\f")
        lines += found
        pages.append(Page(number=number + 1, label=label, start=at, end=at + len(piece) + 1))
        at += len(piece) + 1
    return "".join(pieces), lines, pages, lost


def read_page(document: pdfium.PdfDocument, number: int, base: int) -> tuple[str, list[Line]]:
    """The text of a page and its lines, with spans from `base` on."""
    page = document[number]
    textpage = page.get_textpage()
    try:
        return page_lines(textpage, base, number)
    finally:
        textpage.close()
        page.close()


def page_lines(textpage: pdfium.PdfTextPage, base: int, number: int) -> tuple[str, list[Line]]:
    """The text of a page and its lines, with spans from `base` on."""
    lines: list[Line] = []
    out: list[str] = []
    at = base
    for composed_line in composed_lines(textpage):
        made = composed_line.made
        lines.append(line_of(textpage.raw, composed_line, at, number))
        out.append(made.text + "\n")
        at += len(made.text) + 1
    return "".join(out), lines


def composed_lines(textpage: pdfium.PdfTextPage) -> Iterator[ComposedLine]:
    """The lines of a page in reading order: a row of a table is one."""
    found = joined(runs(page_words(textpage.raw, textpage.count_chars())))
    for element in with_tables(found):
        if isinstance(element, Run):
            made = composed(element.words, element.baseline, element.size)
            yield ComposedLine(made, element.words, element.left, element.baseline, element.size)
            continue
        for row in element.rows:
            words = [word for cell in row.cells for word in cell.words]
            made = composed(words, row.baseline, row.size)
            yield ComposedLine(made, words, row.left, row.baseline, row.size, row, row is element.rows[-1])


def line_of(raw: Any, found: ComposedLine, at: int, page: int) -> Line:
    """A line whose text begins at `at`: its place, look, marks and cells."""
    row = found.row
    return Line(
        start=at,
        end=at + len(found.made.text),
        page=page,
        left=found.left,
        baseline=found.baseline,
        size=found.size,
        bold=row is None and is_bold(raw, weighed_character(found.words)),
        marks=[(at + start, at + end) for start, end in found.made.marks],
        cells=[] if row is None else placed_cells(row, found.made, at),
        ends_table=found.ends_table,
    )


def is_bold(raw: Any, index: int) -> bool:
    """Whether a character's font is bold, by its weight or its name."""
    return pdfium_c.FPDFText_GetFontWeight(raw, index) >= BOLD or "bold" in font_name(raw, index).lower()


def weighed_character(words: list[Word]) -> int:
    """The number of the character whose font stands for a line's: a third of the way into it."""
    left = sum(len(word.text) for word in words) // 3
    for word in words:
        if left < len(word.text):
            break
        left -= len(word.text)
    return word.first + left


def placed_cells(row: Row, made: Composed, at: int) -> list[PlacedCell]:
    """The cells of a row whose text begins at `at`."""
    cells: list[PlacedCell] = []
    number = 0
    for cell in row.cells:
        start, end = made.places[number][0], made.places[number + len(cell.words) - 1][1]
        number += len(cell.words)
        cells.append(
            PlacedCell(
                start=at + start,
                end=at + end,
                row=row.number,
                column=cell.column,
                column_span=cell.column_span,
                header=cell.header,
                level=cell.level,
                doubt=cell.doubt,
            )
        )
    return cells


def font_name(raw: object, index: int) -> str:
    """The name of a character's font; "" where there is none."""
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    length = pdfium_c.FPDFText_GetFontInfo(raw, index, buffer, 128, flags)
    return buffer.raw[: max(0, min(length, 128) - 1)].decode("utf-8", "replace")
