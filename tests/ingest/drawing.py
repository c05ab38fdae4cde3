"""PDFs made for tests: words drawn at places on pages, and rows of tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2 as pdfium
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

LEFT, TOP, PITCH = 72, 700, 14
LONG = "A line of the body that is long enough for its size to be that of most of the document"

Draw = Callable[[Any], None]


def at(x: float, y: float, *runs: str | tuple[str, float, float], size: float = 10, bold: bool = False) -> Draw:
    """Draws runs of text on one baseline; a run may have a size and a rise of its own."""

    def draw(canvas: Any) -> None:
        text = canvas.beginText(x, y)
        for run in runs:
            words, own_size, rise = (run, size, 0.0) if isinstance(run, str) else run
            text.setFont("Helvetica-Bold" if bold else "Helvetica", own_size)
            text.setRise(rise)
            text.textOut(words)
        canvas.drawText(text)

    return draw


def lines(*texts: str, left: float = LEFT, top: float = TOP, size: float = 10, bold: bool = False) -> Draw:
    """Draws lines one under the other."""

    def draw(canvas: Any) -> None:
        for number, words in enumerate(texts):
            at(left, top - number * PITCH, words, size=size, bold=bold)(canvas)

    return draw


def made(*pages: list[Draw], before: Draw | None = None, **options: Any) -> bytes:
    """A PDF with these pages."""
    target = io.BytesIO()
    canvas = Canvas(target, pageCompression=0, invariant=1, **options)
    if before:
        before(canvas)
    for page in pages:
        for draw in page:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def body(top: float = 300) -> Draw:
    """Enough text for the body's size to be known."""
    return lines(*[LONG] * 6, top=top)


def row(
    y: float, label: str, *values: str, indent: float = 0, rights: tuple[float, ...] = (330, 410, 490), size: float = 10
) -> Draw:
    """Draws a row of a table: its label, and its values right-aligned; "$" stands apart, ")" and "%" hang over."""

    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", size)
        if label:
            canvas.drawString(LEFT + indent, y, label)
        for right, value in zip(rights, values, strict=False):
            sign, number = ("$", value[1:].strip()) if value.startswith("$") else ("", value)
            bare = number.rstrip(")%")
            if sign:
                canvas.drawString(right - 50, y, sign)
            canvas.drawString(right - canvas.stringWidth(bare, "Helvetica", size), y, number)

    return draw


def centred(y: float, *heads: tuple[float, str], size: float = 10) -> Draw:
    """Draws heads, each centred on its place."""

    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", size)
        for middle, words in heads:
            canvas.drawCentredString(middle, y, words)

    return draw


def scanned(data: bytes, *pages: int, dots: int = 150, turned: float = 0) -> bytes:
    """The same pages as pictures without text; only those of these numbers if there are any. A scan may be crooked."""
    source = pdfium.PdfDocument(data)
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1)
    for number in pages or range(1, len(source) + 1):
        leaf = source[number - 1]
        width, height = leaf.get_size()
        canvas.setPageSize((width, height))
        picture = leaf.render(scale=dots / 72).to_pil().convert("L").rotate(turned, fillcolor=255)
        canvas.drawImage(ImageReader(picture), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    source.close()
    return target.getvalue()
