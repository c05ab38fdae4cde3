"""The picture of a page: marks lie over the quote's words and nowhere else."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from factdesk.corpus.errors import InputError
from factdesk.corpus.records import Page
from factdesk.ingest.page_image import DOTS_PER_INCH, MARKER, page_image
from factdesk.ingest.readers import pdf
from factdesk.tests.ingest.drawing import LEFT, TOP, Draw, at, body, lines, made, row

SCALE = DOTS_PER_INCH / 72
WIDTH, HEIGHT = 612.0, 792.0
Dots = set[tuple[int, int]]


def drawn(quote: str, *draws: Draw, page: int = 1, alter: bool = False) -> tuple[Image.Image, str]:
    """The picture of the page that has a quote, and why it has no marks."""
    data = made(*[[lines("Nothing is quoted here")]] * (page - 1), [*draws, body()], pagesize=(WIDTH, HEIGHT))
    reading = pdf.read(data, "report.pdf")
    start = reading.text.index(quote)
    place = reading.pages[page - 1]
    text = reading.text[place.start : place.end]
    found = page_image(data, "report.pdf", place, text.replace("A", "B") if alter else text, start, start + len(quote))
    return Image.open(io.BytesIO(found.png)), found.unmarked


def marked(picture: Image.Image) -> Dots:
    """The dots that have the colour of a mark."""
    pixels: Any = picture.load()
    return {(x, y) for x in range(picture.width) for y in range(picture.height) if pixels[x, y] == MARKER}


def box(dots: Dots) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the dots, in points from the lower left corner."""
    across, down = [x for x, _ in dots], [y for _, y in dots]
    return min(across) / SCALE, HEIGHT - max(down) / SCALE, max(across) / SCALE, HEIGHT - min(down) / SCALE


def near(found: tuple[float, ...], expected: tuple[float, ...]) -> bool:
    return all(abs(one - other) <= 4 for one, other in zip(found, expected, strict=True))


def test_the_mark_lies_over_the_words_and_nowhere_else() -> None:
    picture, reason = drawn("of 940", at(LEFT, TOP, "The sum of 940 thousand"))
    assert reason == ""
    assert near(box(marked(picture)), (LEFT + 39, TOP - 2, LEFT + 70, TOP + 9))  # "The sum " is 39 points wide


def test_the_words_stay_legible_under_the_mark() -> None:
    picture, _ = drawn("sum", at(LEFT, TOP, "The sum of 940 thousand"))
    left, low, right, high = box(marked(picture))
    inside = picture.crop(
        (int(left * SCALE), int((HEIGHT - high) * SCALE), int(right * SCALE), int((HEIGHT - low) * SCALE))
    )
    assert min(inside.convert("L").tobytes()) < 60


def test_a_quote_on_two_lines_has_two_marks() -> None:
    picture, _ = drawn("of 940\nthousand", lines("The sum of 940", "thousand was paid"))
    dots = marked(picture)
    upper, lower = ({x for x, y in dots if y == int((HEIGHT - TOP - up) * SCALE)} for up in (8, -12))
    assert near((min(upper) / SCALE, max(upper) / SCALE), (LEFT + 39, LEFT + 70))
    assert near((min(lower) / SCALE, max(lower) / SCALE), (LEFT, LEFT + 42))


def test_the_cells_of_a_row_are_marked_each_by_itself() -> None:
    table = [row(600 - 14 * n, label, "$ 5", "$ 6", "$ 7") for n, label in enumerate(("Sales", "Costs", "Tax"))]
    picture, _ = drawn("Costs $ 5 $ 6 $ 7", *table)
    across = sorted({x for x, _ in marked(picture)})
    parts = 1 + sum(after - before > 20 for before, after in pairwise(across))
    assert parts == 7


def test_the_page_of_the_quote_is_drawn() -> None:
    picture, reason = drawn("sum", at(LEFT, TOP, "The sum of 940 thousand"), page=3)
    assert (reason, picture.size) == ("", (int(WIDTH * SCALE), int(HEIGHT * SCALE)))
    assert marked(picture)


def test_a_turned_page_is_marked_where_its_words_are() -> None:
    def turn(canvas: Any) -> None:
        canvas.setPageRotation(90)

    picture, reason = drawn("sum", turn, at(LEFT, 500, "The sum of 940 thousand"))
    dots = marked(picture)
    assert reason == ""
    assert near((min(x for x, _ in dots) / SCALE, min(y for _, y in dots) / SCALE), (498, LEFT + 19))
    assert near((max(x for x, _ in dots) / SCALE, max(y for _, y in dots) / SCALE), (509, LEFT + 38))


def test_a_page_that_reads_otherwise_is_drawn_without_a_mark() -> None:
    picture, reason = drawn("sum", at(LEFT, TOP, "The sum of 940 thousand"), alter=True)
    assert (marked(picture), reason) == (set(), "the page does not read as it did when it was indexed")


@pytest.mark.parametrize(("data", "page"), [(b"%PDF-1.4 nothing", 1), (made([body()]), 2)])
def test_what_cannot_be_drawn_is_said(data: bytes, page: int) -> None:
    with pytest.raises(InputError) as caught:
        page_image(data, "report.pdf", Page(page, str(page), 0, 1), "", 0, 1)
    assert caught.value.hint
