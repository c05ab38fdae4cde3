"""PDF: PDFium for the words and their sizes, pypdf for outline, page labels, metadata and encryption.

1. The document's text is the pages' text in PDFium's order, lines parted by "\\n", pages by "\\f".
2. Words are found and measured by `pdf_words`, put into lines by `pdf_lines`, into rows and columns by `pdf_tables`.
3. A row of a table is a line of the text, so that it can be quoted as one stretch.
4. A page without text has the words that are recognised on its picture by `pdf_scans`, with the extra for that.
5. What the lines make is told by `layout`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Page, Reading
from factdesk.ingest import recognition
from factdesk.ingest.layout import Line, PlacedCell, blocks_of
from factdesk.ingest.pdf_description import describe
from factdesk.ingest.pdf_lines import Composed, Run, composed, joined, runs
from factdesk.ingest.pdf_scans import (
    DOUBT,
    MOST_PAGES,
    RECOGNISED_WORD,
    PageWords,
    has_picture,
    has_text,
    scanned_words,
)
from factdesk.ingest.pdf_tables import Row, with_tables
from factdesk.ingest.pdf_words import Word, page_words
from factdesk.ingest.progress import advance

SUFFIXES = (".pdf",)
MOST_NAMED = 20
"""So many pages are named in a warning."""
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


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page and its lines; whether it was recognised, and whether there is a picture but no text."""

    text: str = ""
    lines: Sequence[Line] = ()
    recognised: bool = False
    scan: bool = False


@dataclass(slots=True)
class Collected:
    """What the pages read so far make, and the labels of those of a kind."""

    text: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """A warning for each page that could not be read."""
    recognised: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    scans: bool = False
    """Whether an empty page has a picture on it."""


def read(data: bytes, name: str) -> Reading:
    """Read a PDF: its text layer, and what is recognised on pages without one.

    Raises InputError: NOT_A_PDF, DAMAGED, PASSWORD_NEEDED, TOO_MANY_PAGES, or NO_TEXT for a scan
    without the extra for text recognition. Pages that cannot be read, or have no text among others that do, and those
    whose text was recognised, are named in the warnings.
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
        found = read_pages(document, labels)
    finally:
        document.close()
    text = "".join(found.text)
    if not text.strip():
        state = recognition.remedy() or "no text is recognised on it"
        raise InputError(
            f"{name} has no text layer: it is a scan of {len(found.pages)} pages; {state}",
            path=name,
            reason=Reason.NO_TEXT,
            hint="run it through a text recognition program first",
        )
    return Reading(
        text=text,
        blocks=tuple(blocks_of(text, found.lines, outline)),
        pages=tuple(found.pages),
        title=title,
        warnings=warnings_of(found),
    )


def warnings_of(found: Collected) -> tuple[str, ...]:
    """What is said of a document that was read: which pages were lost, recognised or empty."""
    said = list(found.lost)
    if found.recognised:
        pages = named(found.recognised)
        said.append(f"{Reason.RECOGNISED}: text recognised on page {pages}: check its numbers against the page")
    if found.empty:
        remedy = recognition.remedy() if found.scans else ""
        said.append(f"{Reason.NO_TEXT}: no text on page {named(found.empty)}" + (f"; {remedy}" if remedy else ""))
    return tuple(said)


def named(labels: Sequence[str]) -> str:
    """The first of many pages, and how many more there are."""
    more = len(labels) - MOST_NAMED
    return ", ".join(labels[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def read_pages(document: pdfium.PdfDocument, labels: list[str]) -> Collected:
    """All pages, in order."""
    found = Collected()
    at = 0
    for number in range(len(document)):
        label = (labels[number] if number < len(labels) else "") or str(number + 1)
        try:
            page = read_page(document, number, at, recognise=len(found.recognised) < MOST_PAGES)
        except (pdfium.PdfiumError, ValueError) as error:
            page = PageText()
            found.lost.append(f"{Reason.PAGES_LOST}: page {label}: {error}")
        advance(pages=1 if page.text else 0)
        found.text.append(page.text + "\f")
        found.lines += page.lines
        found.pages.append(Page(number=number + 1, label=label, start=at, end=at + len(page.text) + 1))
        if page.recognised:
            found.recognised.append(label)
        if not page.text.strip():
            found.empty.append(label)
            found.scans |= page.scan
        at += len(page.text) + 1
    return found


def read_page(document: pdfium.PdfDocument, number: int, base: int, *, recognise: bool = True) -> PageText:
    """The text of a page and its lines, with spans from `base` on."""
    page = document[number]
    textpage = page.get_textpage()
    try:
        found = words_of(page, textpage, recognise=recognise)
        lines: list[Line] = []
        out: list[str] = []
        at = base
        for composed_line in composed_lines(found.words):
            made = composed_line.made
            lines.append(line_of(None if found.recognised else textpage.raw, composed_line, at, number))
            out.append(made.text + "\n")
            at += len(made.text) + 1
        return PageText("".join(out), lines, found.recognised, scan=not out and has_picture(page))
    finally:
        textpage.close()
        page.close()


def words_of(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, *, recognise: bool = True) -> PageWords:
    """The words of a page, or those recognised on its picture if it has none."""
    words = page_words(textpage.raw, textpage.count_chars())
    if recognise and not has_text(words):
        scanned = scanned_words(page)
        if scanned.recognised:
            return scanned
    return PageWords(words)


def composed_lines(words: Sequence[Word]) -> Iterator[ComposedLine]:
    """The lines that a page's words make, in reading order: a row of a table is one."""
    for element in with_tables(joined(runs(words))):
        if isinstance(element, Run):
            in_line = unraised(element.words, element.size)
            made = composed(in_line, element.baseline, element.size)
            yield ComposedLine(made, in_line, element.left, element.baseline, element.size)
            continue
        for row in element.rows:
            words_of_row = unraised([word for cell in row.cells for word in cell.words], row.size)
            made = composed(words_of_row, row.baseline, row.size)
            yield ComposedLine(made, words_of_row, row.left, row.baseline, row.size, row, row is element.rows[-1])


def unraised(words: list[Word], size: float) -> list[Word]:
    """The words of a line; recognised ones in its size, or a number that was measured too small would be a mark."""
    return [replace(word, size=size) if word.first == RECOGNISED_WORD else word for word in words]


def line_of(raw: Any, found: ComposedLine, at: int, page: int) -> Line:
    """A line whose text begins at `at`: its place, look, marks and cells. `raw` is None where it was recognised."""
    row = found.row
    return Line(
        start=at,
        end=at + len(found.made.text),
        page=page,
        left=found.left,
        baseline=found.baseline,
        size=found.size,
        bold=row is None and raw is not None and is_bold(raw, weighed_character(found.words)),
        marks=[(at + start, at + end) for start, end in found.made.marks],
        cells=[] if row is None else placed_cells(row, found.made, at),
        ends_table=found.ends_table,
        doubt=DOUBT if raw is None else "",
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
