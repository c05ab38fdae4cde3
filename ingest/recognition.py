"""Recognising text in a picture, with the extra `factdesk[ocr]`: its models come with it, nothing is downloaded.

1. Nothing is loaded before the first picture, for it takes half a second and some hundred megabytes.
2. Lines are looked for in a smaller copy of the picture, and read in the picture itself, one at a time: so they need
   half of the memory and keep more of the blanks between their words.
3. A line of which the model is not sure is left out. What is found is bounded: a hostile picture gets no more lines.
4. Without the extra, or with FACTDESK_OCR=off, there is no recognition; `remedy` says how to get it.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from factdesk.ingest.progress import advance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SWITCH = "FACTDESK_OCR"
"""The environment variable that switches recognition off."""
OFF = frozenset(("off", "0", "no", "false"))
EXTRA = "pip install 'factdesk[ocr]'"
MODULE = "rapidocr_onnxruntime"
LOOK_IN = 1280
"""The longer side, in dots, of the picture in which lines are looked for: a letter of 6 points is 7 dots high there."""
SUREST = 0.6
"""A line that the model is less sure of is left out: half of such lines are dirt, seals and handwriting."""
MOST_LINES = 600
"""Lines of a picture; a dense table of a page has 400 cells."""
STEADY = 16
"""Lines that are read between two signs of life."""
TALLEST = 1.5
"""A line of several letters that is higher than wide by this factor stands upright: it belongs to no row."""
FULL_ROW = 0.75
"""A row of dots with ink in more than this share of it is a rule, and no part of letters."""
INK = 2
"""A row of fewer dots of ink is between lines: the tail of a single p is no wider."""
GAP = 2
"""So many rows without ink may lie within a line; lines set tightly are no more than 3 apart."""
DOLLAR = re.compile(r"(?<![^\W_])S(?=\s?\(?\d{1,3}(?:,\d{3})+)")
"""An S before a number with groups: there is no such word."""

Picture: TypeAlias = "NDArray[np.uint8]"
"""Rows of dots of three colours."""


@dataclass(frozen=True, slots=True)
class SeenWord:
    """A word of a line, and where it begins and ends, in dots from the left."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class SeenLine:
    """Words side by side, where their ink begins and ends in dots from the top, and how sure the model is of them."""

    words: tuple[SeenWord, ...]
    top: float
    bottom: float
    slope: float
    """How many dots the line falls for each to the right."""
    score: float

    @property
    def text(self) -> str:
        """The line's words."""
        return " ".join(word.text for word in self.words)


def is_off(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the user switched recognition off."""
    return environment.get(SWITCH, "").strip().casefold() in OFF


def is_installed() -> bool:
    """Whether the extra is there; it may still not start."""
    return importlib.util.find_spec(MODULE) is not None


def is_wanted() -> bool:
    """Whether text is to be recognised: the extra is there and not switched off."""
    return not is_off() and is_installed()


def is_ready() -> bool:
    """Whether text can be recognised. Loads the engine if it is wanted."""
    return is_wanted() and engine() is not None


def remedy() -> str:
    """What to do to have text recognised; "" where it is."""
    if is_off():
        return f"{SWITCH}=on has it recognised"
    if not is_installed():
        return f"{EXTRA} has it recognised"
    if engine() is None:
        return f"the extra factdesk[ocr] does not start: {fault()}"
    return ""


@cache
def loaded() -> tuple[Any, str]:
    """The engine, or why there is none: one of its libraries may lack a part of the system."""
    try:
        import cv2
        from rapidocr_onnxruntime import RapidOCR
    except ImportError as error:
        return None, str(error)
    cv2.setNumThreads(1)
    made = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    made.text_rec.rec_batch_num = 1
    return made, ""


def engine() -> Any:
    """The engine; None where it does not start."""
    return loaded()[0]


def fault() -> str:
    """Why the engine does not start."""
    return loaded()[1]


def recognise(picture: Picture) -> list[SeenLine]:
    """The lines of a picture, from top to bottom. Only to be called if recognition `is_ready`.

    Raises ValueError if the engine cannot cope with it.
    """
    try:
        return lines_of(engine(), picture)
    except (MemoryError, ValueError):
        raise
    except Exception as error:  # the engine and its libraries have errors of their own, with no common root
        raise ValueError(f"its text cannot be recognised: {type(error).__name__}") from error


def lines_of(model: Any, picture: Picture) -> list[SeenLine]:
    """The lines of a picture, as a model sees them."""
    import cv2
    import numpy as np

    colours = np.ascontiguousarray(picture[:, :, ::-1])
    share = min(1.0, LOOK_IN / max(colours.shape[:2]))
    small = cv2.resize(colours, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    boxes, _ = model.text_det(small)
    advance()
    if boxes is None or not len(boxes):
        return []
    boxes = model.sorted_boxes(np.asarray(boxes, dtype=np.float32) / share)[:MOST_LINES]
    found: list[SeenLine] = []
    for start in range(0, len(boxes), STEADY):
        some = boxes[start : start + STEADY]
        crops = model.get_crop_img_list(colours, some)
        read, _ = model.text_rec(crops, True)
        for box, crop, (text, score, placed) in zip(some, crops, read, strict=True):
            if score >= SUREST and text.strip() and not is_upright(box, text):
                found.append(seen_line(box, crop, text, float(score), placed))
        advance()
    return found


def mended(text: str) -> str:
    """The text, no longer or shorter, with the dollar signs that the model takes for an S: "Us$ 5" and "S1,234"."""
    return DOLLAR.sub("$", text.replace("Us$", "US$"))


def is_upright(box: NDArray[np.float32], text: str) -> bool:
    """Whether a line runs up or down the page."""
    import numpy as np

    wide, high = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[0] - box[3])
    return len(text.strip()) > 1 and bool(high > TALLEST * wide)


def seen_line(box: NDArray[np.float32], crop: Picture, text: str, score: float, placed: Sequence[Any]) -> SeenLine:
    """A line by its box, from the upper left corner clockwise, by the picture of it, and by what the model said."""
    left, right = float(box[0][0] + box[3][0]) / 2, float(box[1][0] + box[2][0]) / 2
    top = float(box[0][1] + box[1][1]) / 2
    slope = float(box[1][1] - box[0][1] + box[2][1] - box[3][1]) / 2 / max(right - left, 1.0)
    rows, columns = inked(crop)
    across = (right - left) / crop.shape[1]
    return SeenLine(
        words=words_of(mended(text), places(text, placed), left, across * crop.shape[1], across, columns),
        top=top + rows[0],
        bottom=top + rows[1],
        slope=slope,
        score=score,
    )


def places(text: str, placed: Sequence[Any]) -> list[float]:
    """Where the middle of each character stands, as a share of the line's width."""
    length, words, columns = placed[0], placed[1], placed[2]
    found = [(column + 0.5) / length for group in columns for column in group]
    if "".join("".join(group) for group in words) != text or len(found) != len(text):
        return places_of_letters(text, words, found)
    return found


def places_of_letters(text: str, words: Sequence[Sequence[str]], found: Sequence[float]) -> list[float]:
    """The same where the model's groups leave blanks out; evenly spread if they fit the text in no way."""
    letters = [letter for group in words for letter in group]
    if [letter for letter in text if letter != " "] != [letter for letter in letters if letter != " "]:
        return [(number + 0.5) / len(text) for number in range(len(text))]
    known = iter([place for letter, place in zip(letters, found, strict=True) if letter != " "])
    out: list[float] = []
    for letter in text:
        out.append(next(known) if letter != " " else (out[-1] if out else 0.0))
    return out


def words_of(
    text: str, middles: Sequence[float], left: float, width: float, across: float, ink: tuple[int, int]
) -> tuple[SeenWord, ...]:
    """The words of a line: inner edges lie half a letter off the letters' middles, outer ones where the ink ends."""
    half = width / max(len(text), 1) / 2
    first, last = left + across * ink[0], left + across * ink[1]
    groups = [list(group) for blank, group in groupby(range(len(text)), lambda at: text[at] == " ") if not blank]
    words: list[SeenWord] = []
    for number, group in enumerate(groups):
        begins = first if number == 0 else left + middles[group[0]] * width - half
        ends = last if number == len(groups) - 1 else left + middles[group[-1]] * width + half
        begins = max(begins, words[-1].right) if words else begins
        words.append(SeenWord("".join(text[at] for at in group), begins, max(ends, begins)))
    return tuple(words)


def inked(crop: Picture) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and last row and column of a line's picture that its letters reach."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if dark.mean() > 0.5:  # light letters on a dark ground
        dark = 1 - dark
    height, width = dark.shape
    rows = dark.sum(axis=1)
    rows[rows > FULL_ROW * width] = 0
    bands = bands_of(rows >= INK)
    if not bands:
        return (0, height), (0, width)
    top, bottom = max(bands, key=lambda band: band[1] - band[0])  # parts of other lines and rules are not as high
    columns = np.flatnonzero(dark[top:bottom].any(axis=0))
    return (top, bottom), (int(columns[0]), int(columns[-1]) + 1)


def bands_of(kept: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where rows of ink begin and end, small gaps aside."""
    import numpy as np

    bands: list[tuple[int, int]] = []
    for at in map(int, np.flatnonzero(kept)):
        if bands and at - bands[-1][1] <= GAP:
            bands[-1] = bands[-1][0], at + 1
        else:
            bands.append((at, at + 1))
    return bands
