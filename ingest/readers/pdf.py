"""PDF: PDFium for the words and their sizes, pypdf for outline, page labels, metadata and encryption.

1. The document's text is the pages' text in PDFium's order, lines parted by "\\n", pages by "\\f".
2. What PDFium parts but stands on one baseline without a gap is one line, from left to right; so is a raised mark.
3. A line's size is that of most of its characters. Digits raised and smaller are footnote marks, and the text has
   them as they look: "7,6⁵".
4. What the lines make is told by `layout`.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Page, Reading
from factdesk.ingest.layout import Line, blocks_of
from factdesk.ingest.mapped import INVISIBLE, LENGTH, RAISED
from factdesk.ingest.pdf_description import describe
from factdesk.ingest.progress import advance

SUFFIXES = (".pdf",)
MARK_SHARE = 0.8
"""A digit smaller than this share of its line's size is a footnote mark."""
SAME_BASELINE = 0.15
"""Pieces of a line differ in height by less than this share of their size."""
PIECE_GAP = 0.6
"""Pieces of a line lie no further apart than this share of their size: less than a gap between columns."""
WORD_GAP = 0.12
"""Pieces further apart than this share of their size are words of their own."""
REACH = 100
"""So many lines and pieces back is looked for the place of a mark; a page full of loose marks must not take forever."""
SPLIT = "\x02"
"""What PDFium gives for a hyphen at a line's end; the line goes on with the next."""
MARK_SIGNS = frozenset("0123456789*†‡§")
MARK_PIECE = re.compile(r"\s*(?:\d{1,2}|[*†‡§])\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """What PDFium keeps on one line: its words, the number of its first character on the page, and its place."""

    shown: str
    first: int
    left: float
    right: float
    baseline: float
    size: float


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
    lines: list[Line] = []
    out: list[str] = []
    at = base
    try:
        raw = textpage.raw
        for pieces in page_lines(page_pieces(raw, textpage.count_chars())):
            shown, line = measure_line(raw, pieces, at, number)
            lines.append(line)
            out.append(shown + "\n")
            at += len(shown) + 1
    finally:
        textpage.close()
        page.close()
    return "".join(out), lines


def page_pieces(raw: object, count: int) -> list[Piece]:
    """The stretches of a page between the line breaks that PDFium sees, blank ones left out."""
    codes = [pdfium_c.FPDFText_GetUnicode(raw, i) for i in range(count)]
    pieces: list[Piece] = []
    start = 0
    while start < count:
        end = start
        while end < count and codes[end] not in (10, 13):
            end += 1
        shown = with_hyphens("".join(map(character, codes[start:end])))
        if visible := visible_places(shown):
            pieces.append(
                Piece(
                    shown=shown,
                    first=start,
                    left=origin(raw, start + visible[0])[0],
                    right=right_edge(raw, start + visible[-1]),
                    baseline=most_common(origin(raw, start + i)[1] for i in sparse(visible)),
                    size=most_common(pdfium_c.FPDFText_GetFontSize(raw, start + i) for i in sparse(visible)),
                )
            )
        start = end + 1
    return pieces


def character(code: int) -> str:
    """A character of a page, as the text keeps it: one for one, so that positions hold."""
    if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return "\ufffe"
    return " " if code in (9, 11, 12, 0xA0) else chr(code)


def with_hyphens(shown: str) -> str:
    """The text with the hyphens that PDFium takes for a split word's, where they part no small letters: "2011-2016"."""
    parts = shown.split(SPLIT)
    out = parts[0]
    for part in parts[1:]:
        out += (SPLIT if out[-1:].islower() and part[:1].islower() else "-") + part
    return out


def visible_places(shown: str) -> list[int]:
    """Where the characters that one can see stand."""
    return [i for i, c in enumerate(shown) if not c.isspace() and c not in INVISIBLE]


def sparse(places: list[int]) -> list[int]:
    """About a dozen of the places, evenly: enough to tell what most of them are like."""
    return places[:: max(1, len(places) // 12)]


def most_common(values: Iterable[float]) -> float:
    """The value, to a tenth of a point, that there is most of; the first of several."""
    return Counter(round(value, 1) for value in values).most_common(1)[0][0]


def page_lines(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of each line of a page, from left to right; the lines in the order in which they begin."""
    lines: list[list[Piece]] = []
    for piece in pieces:
        near = lines[-1:]
        if MARK_PIECE.fullmatch(piece.shown):  # it may have been drawn long after the words that it marks
            near = lines[: -REACH - 1 : -1]
        line = next((earlier for earlier in near if adjoins(earlier, piece)), None)
        if line is None:
            lines.append([piece])
        else:
            line.append(piece)
            line.sort(key=lambda p: p.left)
    return lines


def adjoins(line: list[Piece], piece: Piece) -> bool:
    """Whether a piece stands on a line, right before or after one of its pieces."""
    for other in line[-REACH:]:
        size = max(other.size, piece.size)
        level = abs(piece.baseline - other.baseline) <= SAME_BASELINE * size
        gap = piece.left - other.right if piece.left > other.left else other.left - piece.right
        if (level or is_mark_of(piece, other) or is_mark_of(other, piece)) and -WORD_GAP <= gap / size <= PIECE_GAP:
            return True
    return False


def is_mark_of(piece: Piece, other: Piece) -> bool:
    """Whether a piece looks like a footnote mark on the other's line."""
    small = piece.size < MARK_SHARE * other.size and 0 < piece.baseline - other.baseline < other.size
    return small and MARK_PIECE.fullmatch(piece.shown) is not None


def join_pieces(pieces: list[Piece]) -> tuple[str, list[int]]:
    """The text of a line, and the number on the page of each of its characters; -1 for a blank put in."""
    shown, places = pieces[0].shown, list(range(pieces[0].first, pieces[0].first + len(pieces[0].shown)))
    for before, piece in pairwise(pieces):
        apart = piece.left - before.right > WORD_GAP * max(before.size, piece.size)
        if apart and not shown.endswith(" ") and not piece.shown.startswith(" "):
            shown, places = shown + " ", [*places, -1]
        shown += piece.shown
        places += range(piece.first, piece.first + len(piece.shown))
    return shown, places


def measure_line(raw: object, pieces: list[Piece], at: int, page: int) -> tuple[str, Line]:
    """The text of a line that begins at `at`, and its place, size and marks."""
    shown, places = join_pieces(pieces)
    visible = visible_places(shown)
    size = most_common(pdfium_c.FPDFText_GetFontSize(raw, places[i]) for i in sparse(visible))
    baseline = most_common(origin(raw, places[i])[1] for i in sparse(visible))
    small = [
        i
        for i in visible
        if shown[i] in MARK_SIGNS
        and pdfium_c.FPDFText_GetFontSize(raw, places[i]) < MARK_SHARE * size
        and (i == visible[0] or origin(raw, places[i])[1] > baseline + 0.1 * size)
    ]
    characters = list(shown)
    for i in small:
        characters[i] = shown[i].translate(RAISED)
    weighed = places[visible[len(visible) // 3]]
    line = Line(
        start=at,
        end=at + len(shown),
        page=page,
        left=origin(raw, places[visible[0]])[0],
        baseline=baseline,
        size=size,
        bold=pdfium_c.FPDFText_GetFontWeight(raw, weighed) >= 600 or "bold" in font_name(raw, weighed).lower(),
        marks=[(at + start, at + end) for start, end in mark_spans(shown, small)],
    )
    return "".join(characters), line


def mark_spans(shown: str, raised: list[int]) -> Iterator[tuple[int, int]]:
    """The footnote marks among raised characters: one or two digits, or a sign; not "10³⁰⁰" or "km²"."""
    for match in re.finditer(r"\d+|[*†‡§]", "".join(c if i in raised else " " for i, c in enumerate(shown))):
        if len(match.group()) <= 2 and not LENGTH.search(shown[: match.start()]):
            yield match.span()


def origin(raw: object, index: int) -> tuple[float, float]:
    """Where a character stands on its baseline, in points from the lower left corner."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDFText_GetCharOrigin(raw, index, x, y)
    return x.value, y.value


def right_edge(raw: object, index: int) -> float:
    """Where the next character would stand, in points from the left."""
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(raw, index, box)
    return float(box.right)


def font_name(raw: object, index: int) -> str:
    """The name of a character's font; "" where there is none."""
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    length = pdfium_c.FPDFText_GetFontInfo(raw, index, buffer, 128, flags)
    return buffer.raw[: max(0, min(length, 128) - 1)].decode("utf-8", "replace")
