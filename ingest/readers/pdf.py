"""PDF: PDFium for the words and their sizes, pypdf for outline, page labels, metadata and encryption.

1. The document's text is the pages' text in PDFium's order, lines parted by "\\n", pages by "\\f".
2. What PDFium parts but stands on one baseline without a gap is one line, from left to right; so is a raised mark.
3. A line's size is that of most of its characters; the body's size is that of most of the document.
4. Digits raised and smaller than their line are footnote marks, and the text has them as they look: "7,6⁵"; a line
   that opens with one is a footnote.
5. Lines at the top or foot of pages that recur from page to page, digits aside, are running heads and page numbers.
6. Lines that are larger than the body, or bold and short, are headings, ranked by size; bullets open items, and a
   bullet's indent tells how deep its list is.
7. Other lines join into paragraphs while the gap between them is the usual one.
"""

from __future__ import annotations

import ctypes
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pypdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Block, BlockKind, Page, Reading
from factdesk.ingest.mapped import INVISIBLE, MappedText

SUFFIXES = (".pdf",)

PAGE_LIMIT = 10_000
"""More pages than any report has; a file that claims more is hostile or no document."""
MARK_SHARE = 0.8
"""A digit smaller than this share of its line's size is a footnote mark."""
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
SAME_BASELINE = 0.15
"""Pieces of a line differ in height by less than this share of their size."""
PIECE_GAP = 0.6
"""Pieces of a line lie no further apart than this share of their size: less than a gap between columns."""
WORD_GAP = 0.12
"""Pieces further apart than this share of their size are words of their own."""
REACH = 100
"""So many lines and pieces back is looked for the place of a mark; a page full of loose marks must not take forever."""
INDENT_SLACK = 0.35
"""Bullets whose left edges differ by less than this share of their size are of one list."""
FURTHEST_INDENT = 6
"""A bullet further to the right than so many times its size is in another column, not in a deeper list."""
BULLETS = "•◦▪‣·●○■□–-"
BULLET = re.compile(rf"[{re.escape(BULLETS)}]\s+")
NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)")
SENTENCE_END = (".", "!", "?", ":", ";")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LOWERED = {raised: plain for plain, raised in RAISED.items()}
MARK_SIGNS = frozenset("0123456789*†‡§")
MARK_PIECE = re.compile(r"\s*(?:\d{1,2}|[*†‡§])\s*")
POWER = re.compile(r"(?:^|[\s\d(/])(?:[kcdm]?m|ft|in)$")
"""What stands before a raised digit that is an exponent and no mark: "km2"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What PDFium keeps on one line: its words, the number of its first character on the page, and its place."""

    shown: str
    first: int
    left: float
    right: float
    baseline: float
    size: float


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


def describe(data: bytes, name: str) -> tuple[str, list[str], set[str]]:
    """The title, page labels and outline entries that pypdf finds; what it cannot tell is left empty.

    Raises InputError if a password is needed or there are too many pages.
    """
    title, labels, outline = "", [], set()
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError("password needed")
        if len(reader.pages) > PAGE_LIMIT:
            raise InputError(
                f"{name} has more than {PAGE_LIMIT} pages", path=name, reason=Reason.TOO_MANY_PAGES, hint="split it"
            )
        title = str(reader.metadata.get("/Title") or "").strip() if reader.metadata else ""
        labels = list(reader.page_labels)
        outline = set(outline_titles(reader.outline))
    except InputError:
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise InputError(
            f"{name} is protected by a password",
            path=name,
            reason=Reason.PASSWORD_NEEDED,
            hint="save a copy without a password",
        ) from error
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OSError):
        pass  # PDFium may still read it; then it has neither labels nor outline
    return title, labels, outline


def outline_titles(outline: object) -> list[str]:
    """The titles in an outline, nested lists and all."""
    found: list[str] = []
    pending: list[object] = [outline]
    while pending:
        entry = pending.pop()
        if isinstance(entry, list):
            pending += entry
        elif (title := getattr(entry, "title", None)) is not None:
            found.append(" ".join(str(title).split()).casefold())
    return found


def read_pages(document: pdfium.PdfDocument, labels: list[str]) -> tuple[str, list[Line], list[Page], list[str]]:
    """The text of all pages, their lines, their spans, and a warning for each page that could not be read."""
    pieces: list[str] = []
    lines: list[Line] = []
    pages: list[Page] = []
    lost: list[str] = []
    at = 0
    for number in range(len(document)):
        label = labels[number] if number < len(labels) else str(number + 1)
        try:
            piece, found = read_page(document, number, at)
        except (pdfium.PdfiumError, ValueError) as error:
            piece, found = "", []
            lost.append(f"{Reason.PAGES_LOST}: page {label}: {error}")
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
        shown = "".join(map(character, codes[start:end]))
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
    """The footnote marks among raised characters: one or two digits, or a sign; longer ones and powers are none."""
    for match in re.finditer(r"\d+|[*†‡§]", "".join(c if i in raised else " " for i, c in enumerate(shown))):
        if len(match.group()) <= 2 and not POWER.search(shown[: match.start()]):
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


def blocks_of(text: str, lines: list[Line], outline: set[str]) -> list[Block]:
    """The blocks of a document's lines."""
    running = running_lines(text, lines)
    kept = [line for i, line in enumerate(lines) if i not in running]
    if not kept:
        return []
    pitch = usual_pitch(kept)
    body = Counter[float]()
    for line in kept:
        body[line.size] += line.end - line.start
    body_size = body.most_common(1)[0][0]
    ranks = heading_ranks(kept, body_size)
    margins = left_margins(kept)
    blocks: list[Block] = []
    group: list[Line] = []
    indents: list[float] = []
    kind, level = BlockKind.PARAGRAPH, 0
    for line in kept:
        words = text[line.start : line.end].strip()
        new_kind, new_level = kind_of(words, line, body_size, ranks, outline)
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
    rank = ranks.get((line.size, line.bold))
    if rank is not None and len(words.split()) <= HEADING_WORDS and any(c.isalpha() for c in words):
        return BlockKind.HEADING, rank
    if " ".join(words.split()).casefold() in outline:
        return BlockKind.HEADING, len(ranks) + 1
    if BULLET.match(words) or NUMBERED.match(words):
        return BlockKind.ITEM, 0
    return BlockKind.PARAGRAPH, 0


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
    mapped, label, links = MappedText(), "", ()
    for number, line in enumerate(group):
        start, end = line.start, line.end
        stretch = text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        if number == 0 and kind is BlockKind.ITEM and (bullet := BULLET.match(text, start, end)):
            start = bullet.end()
        marks = list(line.marks)
        if number == 0 and kind is BlockKind.NOTE and marks:
            label, start = text[slice(*marks[0])].translate(LOWERED), marks[0][1]
            marks = marks[1:]
        split = split_word(text, line, group[number + 1] if number + 1 < len(group) else None)
        for mark_start, mark_end in marks:
            mapped.add_source(text, start, mark_start)
            mapped.mark(text[mark_start:mark_end].translate(LOWERED))
            start = mark_end
        mapped.add_source(text, start, end - 1 if split else end)
        if not split:
            mapped.add(" ", end)
    block = mapped.block(kind, level=level, label=label, links=links)
    return [block] if block else []


def split_word(text: str, line: Line, after: Line | None) -> bool:
    """Whether a line ends in a hyphen that parts a word."""
    if after is None:
        return False
    end = text[line.start : line.end].rstrip()
    return (
        end.endswith("-")
        and end[-2:-1].islower()
        and text[after.start : after.start + 1].islower()
        and end == text[line.start : line.end]
    )


def running_lines(text: str, lines: list[Line]) -> set[int]:
    """The numbers of the lines that are running heads or page numbers."""
    by_page: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        by_page.setdefault(line.page, []).append(number)
    edges: dict[str, list[int]] = {}
    for numbers in by_page.values():
        ordered = sorted(numbers, key=lambda n: -lines[n].baseline)
        for number in {*ordered[:EDGE_LINES], *ordered[-EDGE_LINES:]}:
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
    return found
