"""Pages of a PDF that are pictures: what is recognised in them, as words with the places that words of text have.

1. A page without a letter or digit of text is drawn and recognised, unless it is blank or its pictures are too large.
2. A letter's size is told by how high its line's ink is and by which letters reach up and down. Sizes that differ
   little are one, as are baselines: a picture is never as even as a text.
3. Places are points of the page as it is drawn, from its lower left corner, with the slope of a crooked scan taken out.
4. Every line of such a page carries a doubt, and the document a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from factdesk.ingest import recognition
from factdesk.ingest.pdf_words import Word
from factdesk.ingest.progress import advance
from factdesk.ingest.recognition import SeenLine

DOUBT = "read by text recognition"
"""What is said of every figure of such a page."""
MOST_PAGES = 200
"""So many pages of a file are recognised: each takes seconds."""
RECOGNISED_WORD = -1
"""In place of the number of a word's first character on the page: it has none."""
DOTS_PER_INCH = 200
POINTS_PER_INCH = 72
MOST_DOTS = 3000
"""No side of the picture is longer: a page may be as large as its file says."""
MOST_PICTURE = 64_000_000
"""Points of a page's pictures together: a page scanned at 600 dots an inch has 35 million."""
DEEPEST = 3
"""Pictures are looked for in so many forms within one another."""
CAPITAL = 0.72
"""How high a capital or digit is, as a share of the size; most fonts are near."""
SMALL = 0.53
"""The same of a letter like x."""
DESCENT = 0.21
"""How far a letter like g, or a bracket, reaches below the baseline."""
COMMA = 0.13
HIGH = frozenset("bdfhklt()[]{}|/\\$£€%&?!@#\"'")
LOW = frozenset("gjpqy()[]{}|/\\$Q@")
LOW_MARKS = frozenset(",;")
FLAT = frozenset("-–—_.·•~=+* ")
"""Characters that say nothing of the size."""
ALIKE = 0.15
"""Sizes that differ by less than this share are one: letters of six dots are measured no better."""
LEVEL = 0.35
"""Lines whose baselines differ by less than this share of their size stand on one."""
STEEPEST = 0.05
"""A steeper line is no line of a crooked scan, which is off by two degrees at most."""
LONG = 8
"""A line of so many characters tells the slope of the page."""


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of a page; whether they were recognised on its picture, and how far that falls to the right."""

    words: list[Word]
    recognised: bool = False
    slope: float = 0.0


def has_text(words: Sequence[Word]) -> bool:
    """Whether a page has a letter or digit of text."""
    return any(any(map(str.isalnum, word.text)) for word in words)


def is_drawn_on(page: pdfium.PdfPage) -> bool:
    """Whether there is anything on a page."""
    return bool(pdfium_c.FPDFPage_CountObjects(page.raw) > 0)


def has_picture(page: pdfium.PdfPage) -> bool:
    """Whether there is a picture on a page, as on a scan."""
    return next(pictures(page), None) is not None


def pictures(page: pdfium.PdfPage) -> Iterator[Any]:
    """The pictures on a page."""
    found: Iterator[Any] = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=DEEPEST)
    return found


def is_bearable(page: pdfium.PdfPage) -> bool:
    """Whether the pictures of a page are small enough to be drawn."""
    points = 0
    for picture in pictures(page):
        wide, high = picture.get_px_size()
        points += wide * high
    return points <= MOST_PICTURE


def scanned_words(page: pdfium.PdfPage) -> PageWords:
    """The words that are recognised on a page, row by row; none on a blank page, and none without the extra."""
    if not recognition.is_wanted() or not is_drawn_on(page) or not is_bearable(page):
        return PageWords([])
    advance(recognised=1)
    if not recognition.is_ready():
        return PageWords([])
    import numpy as np

    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, MOST_DOTS / max(*page.get_size(), 1.0))
    bitmap = page.render(scale=scale)
    picture = np.asarray(bitmap.to_pil().convert("RGB"))
    if (picture == picture[0, 0]).all():
        return PageWords([])
    lines = recognition.recognise(picture)
    slope = slope_of(lines)
    return PageWords(placed(lines, slope, picture.shape[0], scale), bool(lines), slope)


def placed(lines: Sequence[SeenLine], slope: float, height: int, scale: float) -> list[Word]:
    """The words of recognised lines, in points, on level baselines."""
    sizes = alike([(size_of(line) / scale, len(line.text)) for line in lines])
    words: list[Word] = []
    for number, (line, size) in enumerate(zip(lines, sizes, strict=True)):
        middle = (line.words[0].left + line.words[-1].right) / 2
        bottom = line.bottom - slope * middle
        baseline = (height - bottom) / scale + below(line.text) * size
        words += [
            Word(word.text, RECOGNISED_WORD, word.left / scale, word.right / scale, baseline, size, number)
            for word in line.words
        ]
    return in_rows(words)


def slope_of(lines: Sequence[SeenLine]) -> float:
    """How far the page is turned: the slope of most of its long lines."""
    slopes = [line.slope for line in lines if len(line.text) >= LONG and abs(line.slope) <= STEEPEST]
    return median(slopes) if slopes else 0.0


def size_of(line: SeenLine) -> float:
    """The size of a line's letters, in dots; 0 where they do not tell it."""
    letters = set(line.text) - FLAT
    if not letters:
        return 0.0
    reaches_up = any(letter in HIGH or letter.isupper() or letter.isdecimal() for letter in letters)
    return (line.bottom - line.top) / ((CAPITAL if reaches_up else SMALL) + below(line.text))


def below(text: str) -> float:
    """How far a line reaches below its baseline, as a share of its size."""
    letters = set(text)
    return DESCENT if letters & LOW else COMMA if letters & LOW_MARKS else 0.0


def alike(sizes: Sequence[tuple[float, int]]) -> list[float]:
    """The sizes of lines, each with its number of characters, without differences that are none.

    Sizes near that of most characters are that; the others go to the nearest that more characters have.
    """
    weights = sorted(((size, weight) for size, weight in sizes if size), key=lambda pair: pair[0])
    if not weights:
        return [10.0] * len(sizes)
    kept: list[float] = []
    left = weights
    while left:
        centre = weighted_middle(left)
        kept.append(centre)
        left = [pair for pair in left if not is_alike(pair[0], centre)]
    return [
        round(next((known for known in kept if is_alike(size, known)), kept[0]) if size else kept[0], 1)
        for size, _ in sizes
    ]


def weighted_middle(weights: Sequence[tuple[float, int]]) -> float:
    """The size that half of the characters do not reach; the sizes are in order."""
    half = sum(weight for _, weight in weights) / 2
    for size, weight in weights:
        half -= weight
        if half <= 0:
            return size
    return weights[-1][0]


def is_alike(size: float, other: float) -> bool:
    """Whether two sizes are one, but for how they were measured."""
    return abs(size - other) <= ALIKE * other


def in_rows(words: Sequence[Word]) -> list[Word]:
    """The words on common baselines, from the top down and from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: -word.baseline):
        if rows and rows[-1][0].baseline - word.baseline <= LEVEL * min(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    found: list[Word] = []
    for row in rows:
        baseline = round(median(word.baseline for word in row), 1)
        found += [replace(word, baseline=baseline) for word in sorted(row, key=lambda word: word.left)]
    return found
