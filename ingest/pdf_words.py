"""The words of a PDF page as PDFium gives them, each with its place.

1. A word is what stands between blanks. It is measured as a whole: a call a character would cost more than all else.
2. A word's size is the one that it is seen in: many files state a size that their own matrix makes smaller.
3. Digits and signs in a word may be footnote marks, so that they are measured one by one where their word is not
   of one size.
4. A hyphen at a line's end ends its word; what follows is a word of the next line.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium_c

from factdesk.ingest.mapped import INVISIBLE

MARK_SHARE = 0.8
"""A digit smaller than this share of its line's size is a footnote mark."""
ROUGHLY = 16
"""Characters of one stated size whose boxes are equally high, to this part of a point, are seen in one size."""
RAISED_BY = 0.1
"""A mark stands higher than its line by this share of the line's size; the 2 of CO2 does not."""
SPLITS = "\x02\ufffe"
"""What PDFium gives for a hyphen at a line's end, in its two ways to tell a character; the word goes on in the next."""
NEXT_LINE = 0.5
"""A character that stands lower or further left than by this share of the size is on the next line."""
MAY_BE_MARK = re.compile(r"[0-9*†‡§]|\([a-z0-9]{1,2}\)")
TOKEN = re.compile(r"\r\n?|\n|\S+")
LINE_BREAKS = frozenset(("\r\n", "\n", "\r"))
UNSEEN = 2
"""The code of a hyphen that ends a line."""
FULL_NUMBER = re.compile(r"[$€£¥(]*[\d.,]+[)%]*")


@dataclass(slots=True)
class Word:
    """A word of a page: the number of its first character on the page, its place, and which of its digits are small."""

    text: str
    first: int
    left: float
    right: float
    baseline: float
    size: float
    line: int
    """The number of the line, between PDFium's line breaks, that it stands on."""
    glued: bool = False
    """Whether no blank parts it from the word before it."""
    small: list[int] = field(default_factory=list)
    """The places in it of digits and signs that are smaller than the rest."""


def quick(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of PDFium that takes addresses as plain numbers: a page needs thousands of calls."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    made: Callable[..., Any] = ctypes.PYFUNCTYPE(result, *arguments)(address)
    return made


get_origin = quick(
    pdfium_c.FPDFText_GetCharOrigin, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p
)
get_loose_box = quick(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
get_font_size = quick(pdfium_c.FPDFText_GetFontSize, ctypes.c_double, ctypes.c_void_p, ctypes.c_int)


class Measure:
    """Asks PDFium for the places of characters, with buffers that are used again and again."""

    __slots__ = ("_box", "_handle", "_matrix", "_raw", "_sizes", "_where_box", "_where_x", "_where_y", "_x", "_y")

    def __init__(self, raw: Any) -> None:
        self._raw, self._handle = raw, ctypes.cast(raw, ctypes.c_void_p).value
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._box, self._matrix = pdfium_c.FS_RECTF(), pdfium_c.FS_MATRIX()
        self._where_x, self._where_y = ctypes.addressof(self._x), ctypes.addressof(self._y)
        self._where_box = ctypes.addressof(self._box)
        self._sizes: dict[tuple[float, int], float] = {}

    def origin(self, index: int) -> tuple[float, float]:
        """Where a character stands on its baseline, in points from the lower left corner."""
        get_origin(self._handle, index, self._where_x, self._where_y)
        return self._x.value, self._y.value

    def right_and_size(self, index: int) -> tuple[float, float]:
        """Where the next character would stand, and how large this one is seen."""
        box = self._box
        get_loose_box(self._handle, index, self._where_box)
        stated = get_font_size(self._handle, index)
        key = stated, int(ROUGHLY * (box.top - box.bottom))
        size = self._sizes.get(key)
        if size is None:
            size = self._sizes[key] = self.scaled(index, stated)
        return box.right, size

    def scaled(self, index: int, stated: float) -> float:
        """The size in which a character is seen: what the file states, scaled by the character's matrix."""
        matrix = self._matrix
        if not pdfium_c.FPDFText_GetMatrix(self._raw, index, matrix):
            return round(stated, 1)
        return round(stated * (math.hypot(matrix.c, matrix.d) or 1.0), 1)


def page_text(raw: Any, count: int) -> str:
    """All characters of a page, one for one with PDFium's numbers."""
    buffer = (ctypes.c_ushort * (count + 1))()
    got = pdfium_c.FPDFText_GetText(raw, 0, count, buffer)
    text = bytes(buffer)[: max(0, got - 1) * 2].decode("utf-16-le", "replace") if got > 0 else ""
    if len(text) != count:  # PDFium left some out: ask for each
        text = "".join(map(character, (pdfium_c.FPDFText_GetUnicode(raw, i) for i in range(count))))
    return text


def character(code: int) -> str:
    """A character of a page, as the text keeps it: one for one, so that positions hold."""
    return "\ufffe" if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def page_words(raw: Any, count: int) -> list[Word]:
    """The words of a page in PDFium's order."""
    measure = Measure(raw)
    words: list[Word] = []
    text = page_text(raw, count)
    has_unseen = not INVISIBLE.isdisjoint(text)
    line = 0
    for match in TOKEN.finditer(text):
        shown = match.group()
        if shown in LINE_BREAKS:
            line += 1
        elif not has_unseen:
            words.append(measured(measure, shown, match.start(), match.end(), line, glued=False))
        else:
            found = [part for part in parts(raw, text, *match.span()) if not INVISIBLE.issuperset(part[2])]
            for number, (first, last, part) in enumerate(found):
                words.append(measured(measure, part, first, last, line, glued=number > 0))
                if number and next_line(words[-2], words[-1]):
                    line += 1
                    words[-1].line, words[-1].glued = line, False
    return words


def parts(raw: Any, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The words of a stretch without blanks: parted where a hyphen ends a line."""
    shown = text[start:end]
    if not any(split in shown for split in SPLITS):
        yield start, end, shown
        return
    first = start
    for at in range(start, end):
        if text[at] in SPLITS and pdfium_c.FPDFText_GetUnicode(raw, at) == UNSEEN:
            yield first, at + 1, text[first:at] + "-"
            first = at + 1
    if first < end:
        yield first, end, text[first:end]


def measured(measure: Measure, shown: str, first: int, last: int, line: int, *, glued: bool) -> Word:
    """A word with its place and size."""
    left, baseline = measure.origin(first)
    right, size = measure.right_and_size(last - 1)
    word = Word(shown, first, left, right, baseline, size, line, glued)
    if len(shown) > 1 and MAY_BE_MARK.search(shown):
        mark_small(measure, word)
    return word


def mark_small(measure: Measure, word: Word) -> None:
    """Note the digits and signs of a word that are smaller than the rest of it."""
    shown, first = word.text, word.first
    edges = {word.size, measure.right_and_size(first)[1]}
    if len(edges) == 1 and FULL_NUMBER.fullmatch(shown):
        return
    sizes = {i: measure.right_and_size(first + i)[1] for i in may_be_marks(shown)}
    largest = max(edges | set(sizes.values()))
    if largest != word.size:
        word.size = largest
        whole = next((i for i in range(len(shown)) if measure.right_and_size(first + i)[1] == largest), 0)
        word.baseline = measure.origin(first + whole)[1]
    small = (i for i, size in sizes.items() if size < MARK_SHARE * largest)
    word.small = [i for i in small if measure.origin(first + i)[1] > word.baseline + RAISED_BY * largest]


def may_be_marks(shown: str) -> Iterator[int]:
    """The places of what may be footnote marks in a word: digits, signs, and "(a)"."""
    for match in MAY_BE_MARK.finditer(shown):
        yield from range(*match.span())


def next_line(before: Word, word: Word) -> bool:
    """Whether what follows a hyphen stands on the next line."""
    size = max(before.size, word.size)
    return abs(before.baseline - word.baseline) > NEXT_LINE * size or word.left < before.left - NEXT_LINE * size
