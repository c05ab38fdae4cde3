"""A page of a PDF as a picture, with the words of a quote marked.

1. The page is read again by the code that read it at first. Only if that gives the very text that the document has
   there are the quote's characters known, and only then is anything marked.
2. A mark is a translucent box over the quote's characters, one a line, so that the words stay legible.
3. Words that were recognised on the page's picture are recognised again, and marked whole.
4. What cannot be marked is drawn all the same, and the reason is told: no mark is better than a wrong one.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops, ImageDraw

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Page
from factdesk.ingest import recognition
from factdesk.ingest.pdf_words import Word
from factdesk.ingest.readers.pdf import composed_lines, words_of

DOTS_PER_INCH = 144
POINTS_PER_INCH = 72
MOST_DOTS = 4000
"""No side of a picture is longer: a page may be as large as its file says."""
MARKER = (255, 235, 90)
"""The colour of a mark: black words on it are as legible as on white."""
MARGIN = 1.0
"""So many points a mark is larger than the characters on each side."""
SAME_LINE = 0.35
"""Characters whose baselines differ by less than this share of their size are marked as one line."""
BESIDE = 1.5
"""Words further apart than so many times their size are marked apart: the cells of a row."""
BELOW = 0.21
"""So much of a recognised word's size is below its baseline."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in points from the page's lower left corner."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A picture as PNG, and why it has no marks; "" where it has."""

    png: bytes
    unmarked: str = ""


def page_image(data: bytes, name: str, page: Page, text: str, start: int, end: int) -> PageImage:
    """The picture of a page, with the characters of the document's text from `start` to `end` marked.

    `text` is the text of the page; the span counts as the page's does. Raises InputError if there is no such page.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise InputError(
            f"{name} cannot be drawn: {error}", path=name, reason=Reason.DAMAGED, hint="open and save it again"
        ) from error
    try:
        if page.number > len(document):
            raise InputError(
                f"{name} has no page {page.number} any more",
                path=name,
                reason=Reason.PAGES_LOST,
                hint="ingest it again",
            )
        return drawn(document[page.number - 1], page, text, start, end)
    except pdfium.PdfiumError as error:
        raise InputError(
            f"{name}: page {page.number} cannot be drawn: {error}",
            path=name,
            reason=Reason.PAGES_LOST,
            hint="open and save it again",
        ) from error
    finally:
        document.close()


def drawn(leaf: pdfium.PdfPage, page: Page, text: str, start: int, end: int) -> PageImage:
    """A page with the characters from `start` to `end` marked, if it still has the text."""
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, MOST_DOTS / max(*leaf.get_size(), 1.0))
    picture = leaf.render(scale=scale).to_pil().convert("RGB")
    textpage = leaf.get_textpage()
    try:
        on_page = words_of(leaf, textpage, recognise=bool(text.strip()))
        words = words_of_quote(
            on_page.words, text, max(start, page.start) - page.start, min(end, page.end) - page.start
        )
        boxes = list(
            recognised_boxes(words or [], on_page.slope) if on_page.recognised else boxes_of(textpage.raw, words or [])
        )
    finally:
        textpage.close()
    if words is None and not on_page.words and text.strip() and (remedy := recognition.remedy()):
        return PageImage(as_png(picture), f"its text was recognised on its picture; {remedy}")
    if words is None:
        return PageImage(as_png(picture), "the page does not read as it did when it was indexed")
    if not boxes:
        return PageImage(as_png(picture), "the quote has no characters on the page")
    marks = Image.new("RGB", picture.size, "white")
    pen = ImageDraw.Draw(marks)
    for box in boxes:
        dots = as_drawn(picture.size, scale, box) if on_page.recognised else on_picture(leaf, picture.size, box)
        pen.rectangle(dots, fill=MARKER)
    return PageImage(as_png(ImageChops.multiply(picture, marks)))


def words_of_quote(on_page: Sequence[Word], text: str, start: int, end: int) -> list[tuple[Word, int, int]] | None:
    """The words of a stretch of a page's text, each with its first and last character; None if the text is another."""
    found: list[tuple[Word, int, int]] = []
    at = 0
    for line in composed_lines(on_page):
        made = line.made
        if text[at : at + len(made.text) + 1] != made.text + "\n":
            return None
        for word, (first, last) in zip(line.words, made.places, strict=True):
            low, high = max(start, at + first), min(end, at + last)
            if low < high:
                found.append((word, word.first + low - at - first, word.first + high - 1 - at - first))
        at += len(made.text) + 1
    return found if text[at:].strip("\f") == "" else None


def boxes_of(raw: Any, words: list[tuple[Word, int, int]]) -> Iterator[Box]:
    """The boxes over the words of a quote: one for words side by side."""
    groups: list[list[tuple[Word, int, int]]] = []
    for entry in words:
        if groups and is_beside(groups[-1][-1][0], entry[0]):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    for group in groups:
        yield around([character_box(raw, index) for _, first, last in group for index in (first, last)])


def recognised_boxes(words: list[tuple[Word, int, int]], slope: float) -> Iterator[Box]:
    """The boxes over the words of a quote that were recognised: one a word, for a line of a scan may be crooked."""
    for word, _, _ in words:
        baseline = word.baseline - slope * (word.left + word.right) / 2
        yield around([(word.left, baseline - BELOW * word.size, word.right, baseline + (1 - BELOW) * word.size)])


def around(boxes: Sequence[Box]) -> Box:
    """The box around others, with a margin."""
    return (
        min(box[0] for box in boxes) - MARGIN,
        min(box[1] for box in boxes) - MARGIN,
        max(box[2] for box in boxes) + MARGIN,
        max(box[3] for box in boxes) + MARGIN,
    )


def is_beside(before: Word, word: Word) -> bool:
    """Whether a word stands right after another on its line."""
    size = max(before.size, word.size)
    if not word.glued and abs(before.baseline - word.baseline) > SAME_LINE * size:
        return False
    return -size <= word.left - before.right <= BESIDE * size


def character_box(raw: Any, index: int) -> Box:
    """The box of a character, as high as its font."""
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(raw, index, box)
    return box.left, box.bottom, box.right, box.top


def as_drawn(size: tuple[int, int], scale: float, box: Box) -> tuple[int, int, int, int]:
    """A box of the page as it is drawn, as dots of its picture."""
    left, bottom, right, top = (round(side * scale) for side in box)
    return left, size[1] - top, right, size[1] - bottom


def on_picture(leaf: pdfium.PdfPage, size: tuple[int, int], box: Box) -> tuple[int, int, int, int]:
    """A box of a page as dots of its picture, from the upper left corner; the page may be turned."""
    x, y = ctypes.c_int(), ctypes.c_int()
    across: list[int] = []
    down: list[int] = []
    for right, up in ((box[0], box[1]), (box[2], box[3])):
        pdfium_c.FPDF_PageToDevice(leaf.raw, 0, 0, *size, 0, right, up, x, y)
        across.append(x.value)
        down.append(y.value)
    return min(across), min(down), max(across), max(down)


def as_png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
