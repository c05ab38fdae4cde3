"""PDF: PDFium for the words and their sizes, pypdf for outline, page labels, metadata and encryption.

1. The document's text is the pages' text in PDFium's order, lines parted by "\\n", pages by "\\f".
2. A line's size is that of most of its characters; the body's size is that of most of the document.
3. Digits raised and smaller than their line are footnote marks; a line that opens with one is a footnote.
4. Lines at the top or foot of pages that recur from page to page, digits aside, are running heads and page numbers.
5. Lines that are larger than the body, or bold and short, are headings, ranked by size; bullets open items.
6. Other lines join into paragraphs while the gap between them is the usual one.
"""

from __future__ import annotations

import ctypes
import io
import re
from collections import Counter
from dataclasses import dataclass, field, replace
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
"""A line at the edge of so many of the pages is a running head, wherever they are; one of fewer must be on neighbours."""
BULLETS = "•◦▪‣·●○■□–-"
BULLET = re.compile(rf"[{re.escape(BULLETS)}]\s+")
NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)")
SENTENCE_END = (".", "!", "?", ":", ";")


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
            f"{name} is damaged: {error}", path=name, reason=Reason.DAMAGED, hint="open and save it again, or replace it"
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
    return Reading(text=text, blocks=tuple(blocks_of(text, lines, outline)), pages=tuple(pages), title=title, warnings=warnings)


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
        title = str((reader.metadata or {}).get("/Title") or "").strip()
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
    try:
        count = textpage.count_chars()
        raw = textpage.raw
        characters = [pdfium_c.FPDFText_GetUnicode(raw, i) for i in range(count)]
        lines: list[Line] = []
        out: list[str] = []
        start = 0
        while start < count:
            end = start
            while end < count and characters[end] not in (10, 13):
                end += 1
            shown = "".join(map(character, characters[start:end]))
            if shown.strip():
                at = base + sum(map(len, out))
                lines.append(measure_line(raw, shown, start, at, number))
                out.append(shown + "\n")
            start = end + 1
    finally:
        textpage.close()
        page.close()
    return "".join(out), lines


def character(code: int) -> str:
    """A character of a page, as the text keeps it: one for one, so that positions hold."""
    if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return "\ufffe"
    return " " if code in (9, 11, 12, 0xA0) else chr(code)


def measure_line(raw: object, shown: str, first: int, at: int, page: int) -> Line:
    """The box, size and marks of the line that starts at character `first` of its page."""
    visible = [i for i, c in enumerate(shown) if not c.isspace() and c not in INVISIBLE]
    sizes = {i: pdfium_c.FPDFText_GetFontSize(raw, first + i) for i in sample(visible, shown)}
    size = Counter(round(value, 1) for value in sizes.values()).most_common(1)[0][0]
    baselines = Counter(round(origin(raw, first + i)[1], 1) for i in visible[:: max(1, len(visible) // 6)])
    baseline = baselines.most_common(1)[0][0]
    marks = []
    for match in re.finditer(r"\d{1,2}|[*†‡§]", shown):
        i = match.start()
        if sizes.get(i, size) < MARK_SHARE * size and (origin(raw, first + i)[1] > baseline + 0.1 * size or i == visible[0]):
            marks.append((at + i, at + match.end()))
    position = visible[len(visible) // 3]
    weight = pdfium_c.FPDFText_GetFontWeight(raw, first + position)
    return Line(
        start=at,
        end=at + len(shown),
        page=page,
        left=origin(raw, first + visible[0])[0],
        baseline=baseline,
        size=size,
        bold=weight >= 600 or "bold" in font_name(raw, first + position).lower(),
        marks=marks,
    )


def sample(visible: list[int], shown: str) -> list[int]:
    """Characters whose size is asked for: all digits and marks, and every eighth of the others."""
    return [i for n, i in enumerate(visible) if n % 8 == 0 or shown[i].isdigit() or shown[i] in "*†‡§"]


def origin(raw: object, index: int) -> tuple[float, float]:
    """Where a character stands on its baseline, in points from the lower left corner."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDFText_GetCharOrigin(raw, index, x, y)
    return x.value, y.value


def font_name(raw: object, index: int) -> str:
    """The name of a character's font; "" where there is none."""
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    length = pdfium_c.FPDFText_GetFontInfo(raw, index, buffer, 128, flags)
    return buffer.raw[: max(0, min(length, 128) - 1)].decode("utf-8", "replace")


def blocks_of(text: str, lines: list[Line], outline: set[str]) -> list[Block]:
    """The blocks of a document's lines."""
    running = running_lines(text, lines)
    kept = with_loose_marks(text, [line for i, line in enumerate(lines) if i not in running])
    if not kept:
        return []
    pitch = usual_pitch(kept)
    body = Counter[float]()
    for line in kept:
        body[line.size] += line.end - line.start
    body_size = body.most_common(1)[0][0]
    ranks = heading_ranks(kept, body_size)
    blocks: list[Block] = []
    group: list[Line] = []
    kind, level = BlockKind.PARAGRAPH, 0
    for line in kept:
        words = text[line.start : line.end].strip()
        new_kind, new_level = kind_of(words, line, body_size, ranks, outline)
        if group and continues(group[-1], line, kind, new_kind, text, pitch) and (
            new_kind is not BlockKind.HEADING or new_level == level
        ):
            group.append(line)
            continue
        blocks += finished(text, group, kind, level)
        group, kind, level = [line], new_kind, new_level
    return blocks + finished(text, group, kind, level)


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
    bold_body = {(line.size, line.bold) for line in lines if line.bold and body_size <= line.size < HEADING_SHARE * body_size}
    ordered = sorted(looks, key=lambda look: (-look[0], not look[1])) + sorted(bold_body, reverse=True)
    return {look: rank for rank, look in enumerate(ordered, 1)}


def continues(
    before: Line, line: Line, kind: BlockKind, new_kind: BlockKind, text: str, pitch: float
) -> bool:
    """Whether a line goes on with the block of the line before it."""
    if new_kind in (BlockKind.ITEM, BlockKind.NOTE) or (kind is BlockKind.HEADING) != (new_kind is BlockKind.HEADING):
        return False
    same_look = abs(before.size - line.size) < 0.1 * line.size and before.bold == line.bold
    drop = before.baseline - line.baseline
    if kind is BlockKind.HEADING:
        return same_look and before.page == line.page and 0 < drop <= 1.6 * line.size
    if before.page != line.page or drop < 0:  # the next page or column: a sentence may go on
        unfinished = not text[before.start : before.end].rstrip().endswith(SENTENCE_END)
        return same_look and unfinished and text[line.start : line.end].lstrip()[:1].islower()
    return abs(before.size - line.size) < 0.1 * line.size and drop <= PITCH_SLACK * pitch * min(1.0, line.size / before.size)


def usual_pitch(lines: list[Line]) -> float:
    """The distance between baselines that is most common in the document, in points."""
    drops = Counter[float]()
    for before, line in pairwise(lines):
        drop = before.baseline - line.baseline
        if before.page == line.page and before.size == line.size and 0 < drop < 3 * line.size:
            drops[round(drop * 2) / 2] += 1
    return drops.most_common(1)[0][0] if drops else 14.0


def with_loose_marks(text: str, lines: list[Line]) -> list[Line]:
    """The lines with a footnote mark that PDFium put on a line of its own joined to the line it opens."""
    joined: list[Line] = []
    for line in lines:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.page == line.page
            and before.size < MARK_SHARE * line.size
            and re.fullmatch(r"\s*(?:\d{1,2}|[*†‡§])\s*", text[before.start : before.end])
            and abs(before.baseline - line.baseline) < line.size
        ):
            joined[-1] = replace(line, start=before.start, left=before.left, marks=[(before.start, before.end), *line.marks])
        else:
            joined.append(line)
    return joined


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
            label, start = text[slice(*marks[0])], marks[0][1]
            marks = marks[1:]
        split = split_word(text, line, group[number + 1] if number + 1 < len(group) else None)
        for mark_start, mark_end in marks:
            mapped.add_source(text, start, mark_start)
            mapped.mark(text[mark_start:mark_end])
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
    return end.endswith("-") and end[-2:-1].islower() and text[after.start : after.start + 1].islower() and end == text[line.start : line.end]


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
