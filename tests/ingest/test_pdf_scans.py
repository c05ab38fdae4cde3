"""Pages without text: what is recognised on their pictures, and what is said where nothing can be.

Those that need the extra `factdesk[ocr]` are skipped, and say so, where it is not installed.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import BlockKind, Page, Reading
from factdesk.index.encoder import find_model
from factdesk.ingest import pdf_scans, recognition
from factdesk.ingest.page_image import DOTS_PER_INCH, MARKER, page_image
from factdesk.ingest.pdf_scans import DOUBT, RECOGNISED_WORD, PageWords, alike, placed, size_of, slope_of
from factdesk.ingest.pdf_words import Word
from factdesk.ingest.readers import pdf
from factdesk.ingest.recognition import SWITCH, SeenLine, SeenWord, mended, places, words_of
from factdesk.ingest.sandbox import Found, Sandbox
from factdesk.tests.ingest.conftest import Take
from factdesk.tests.ingest.drawing import LEFT, at, body, centred, lines, made, row, scanned
from factdesk.tests.ingest.reading import check_spans, tables

with_extra = pytest.mark.skipif(
    not recognition.is_ready(), reason=f"text recognition is not tested: {recognition.remedy()}"
)
SENTENCE = "The tram cost US$ 7,500 a month in 2018."
CHECK = ": check its numbers against the page"


def statement(sentence: str = SENTENCE) -> bytes:
    """A page with a heading, a sentence and a table."""
    return made(
        [
            at(LEFT, 740, "Night Ferry", size=18, bold=True),
            lines(sentence),
            centred(650, (310, "2019"), (390, "2018"), (470, "2017")),
            row(630, "Revenue", "1,234", "1,150", "980"),
            row(612, "Cost of goods sold", "(567)", "(498)", "(401)"),
            row(594, "Gross profit", "667", "652", "579"),
            body(),
        ]
    )


TABLE = [
    "#|2019|2018|2017",
    "Revenue|1,234|1,150|980",
    "Cost of goods sold|(567)|(498)|(401)",
    "Gross profit|667|652|579",
]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without the extra."""
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr(recognition, "is_installed", lambda: False)


def refusal(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        pdf.read(data, "scan.pdf")
    return caught.value


# With the extra


@with_extra
@pytest.mark.parametrize("turned", [0.0, 1.0])
def test_a_scan_is_read_as_the_page_was_even_if_it_is_crooked(turned: float) -> None:
    reading = pdf.read(scanned(statement(), turned=turned), "scan.pdf")
    check_spans(reading)
    assert [(block.kind, block.text) for block in reading.blocks][:2] == [
        (BlockKind.HEADING, "Night Ferry"),
        (BlockKind.PARAGRAPH, SENTENCE),
    ]
    assert tables(reading) == [TABLE]
    assert {block.doubt for block in reading.blocks} == {DOUBT}
    assert reading.warnings == (f"RECOGNISED: text recognised on page 1{CHECK}",)


@with_extra
def test_the_figures_of_a_scan_are_those_of_the_page_and_carry_a_doubt(take: Take) -> None:
    told = [(f.value, f.unit, f.label, f.doubt) for f in take(scanned(statement()), "scan.pdf").figures]
    page = [(f.value, f.unit, f.label, DOUBT) for f in take(statement(), "page.pdf").figures]
    assert told == page and (Decimal(7500), "USD") in [figure[:2] for figure in told]


@with_extra
def test_only_the_pages_without_text_are_recognised() -> None:
    data = made([lines("One is text"), body()], [lambda canvas: None])
    merged = pdfium.PdfDocument(data)
    picture = pdfium.PdfDocument(scanned(statement()))
    merged.import_pages(picture)
    target = io.BytesIO()
    merged.save(target)
    reading = pdf.read(target.getvalue(), "report.pdf")
    assert reading.warnings == (f"RECOGNISED: text recognised on page 3{CHECK}", "NO_TEXT: no text on page 2")
    doubts = [
        {block.doubt for block in reading.blocks if page.start <= block.start < page.end} for page in reading.pages
    ]
    assert doubts == [{""}, set(), {DOUBT}]


@with_extra
def test_no_more_pages_are_recognised_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    reading = pdf.read(scanned(made([lines("The first")], [lines("The second")])), "scan.pdf")
    assert (reading.text.strip(), reading.warnings) == (
        "The first",
        (f"RECOGNISED: text recognised on page 1{CHECK}", "NO_TEXT: no text on page 2"),
    )


@with_extra
def test_pictures_that_are_too_large_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_scans, "MOST_PICTURE", 1000)
    assert refusal(scanned(statement())).reason is Reason.NO_TEXT


@with_extra
def test_a_scan_without_words_has_no_text_and_says_so() -> None:
    error = refusal(scanned(made([lambda canvas: canvas.rect(50, 50, 400, 400, fill=1)])))
    assert (error.reason, str(error)) == (
        Reason.NO_TEXT,
        "scan.pdf has no text layer: it is a scan of 1 pages; no text is recognised on it",
    )


@with_extra
def test_an_engine_that_fails_costs_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(recognition, "lines_of", fail)
    data = scanned(statement())
    assert refusal(data).reason is Reason.NO_TEXT


@with_extra
@pytest.mark.parametrize("turned", [0.0, 1.0])
def test_a_recognised_quote_is_marked_on_its_page(turned: float) -> None:
    data = scanned(statement(), turned=turned)
    reading = pdf.read(data, "scan.pdf")
    start = reading.text.index("652")
    found = page_image(data, "scan.pdf", reading.pages[0], reading.text, start, start + 3)
    assert found.unmarked == ""
    picture = np.asarray(Image.open(io.BytesIO(found.png)))
    down, across = np.nonzero((picture == MARKER).all(axis=2))
    scale, height = DOTS_PER_INCH / 72, picture.shape[0]
    clean = page_image(statement(), "page.pdf", *where(pdf.read(statement(), "page.pdf"), "652"))
    expected = np.nonzero((np.asarray(Image.open(io.BytesIO(clean.png))) == MARKER).all(axis=2))
    fall = np.tan(np.radians(turned)) * (across.mean() - picture.shape[1] / 2)  # turned about the middle
    assert abs(across.mean() - expected[1].mean() + np.tan(np.radians(turned)) * (height / 2 - down.mean())) < 5 * scale
    assert abs(down.mean() - expected[0].mean() + fall) < 3 * scale


def where(reading: Reading, quote: str) -> tuple[Page, str, int, int]:
    start = reading.text.index(quote)
    return reading.pages[0], reading.text, start, start + len(quote)


@dataclass(frozen=True)
class Given:
    """A file by its name."""

    path: str


def in_a_process(data: bytes) -> tuple[Found | InputError, int]:
    """What a process of its own finds in a scan, and the most memory that it used."""
    with Sandbox(find_model(), workers=1) as processes:
        (found,) = processes.map([(Given("scan.pdf"), data, hashlib.sha256(data).hexdigest())])
        if isinstance(found, Found):
            found.load()
        return found, processes.peak


@with_extra
def test_a_process_has_room_for_recognition() -> None:
    found, peak = in_a_process(scanned(statement()))
    assert isinstance(found, Found), found
    assert found.summary.warnings == (f"RECOGNISED: text recognised on page 1{CHECK}",)
    assert peak < 800 << 20


# Without it


@pytest.mark.usefixtures("bare")
def test_without_the_extra_a_scan_has_no_text_and_the_message_names_the_extra() -> None:
    error = refusal(scanned(statement()))
    assert (error.reason, str(error), error.hint) == (
        Reason.NO_TEXT,
        "scan.pdf has no text layer: it is a scan of 1 pages; pip install 'factdesk[ocr]' has it recognised",
        "run it through a text recognition program first",
    )


@pytest.mark.usefixtures("bare")
def test_without_the_extra_pages_that_are_pictures_are_named() -> None:
    def picture(canvas: object) -> None:
        draw = getattr(canvas, "drawInlineImage")  # noqa: B009 - reportlab has no types
        draw(Image.new("L", (20, 20)), 50, 50, 400, 400)

    reading = pdf.read(made([body()], [picture]), "report.pdf")
    assert reading.warnings == ("NO_TEXT: no text on page 2; pip install 'factdesk[ocr]' has it recognised",)


def test_recognition_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    error = refusal(scanned(statement()))
    assert (error.reason, str(error).rpartition("; ")[2]) == (Reason.NO_TEXT, "FACTDESK_OCR=on has it recognised")


def test_reading_processes_know_that_recognition_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    found, peak = in_a_process(scanned(statement()))
    assert isinstance(found, InputError) and found.reason is Reason.NO_TEXT
    assert peak < 200 << 20


def test_an_engine_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr(recognition, "is_installed", lambda: True)
    monkeypatch.setattr(recognition, "loaded", lambda: (None, "libGL.so.1: cannot open shared object file"))
    assert str(refusal(scanned(statement()))).endswith(
        "the extra factdesk[ocr] does not start: libGL.so.1: cannot open shared object file"
    )


def test_a_page_recognised_before_is_drawn_without_marks_where_recognition_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SWITCH, "off")
    data = scanned(statement())
    place = Page(number=1, label="1", start=0, end=len(SENTENCE) + 2)
    found = page_image(data, "scan.pdf", place, SENTENCE + "\n\f", 0, 8)
    assert found.unmarked == "its text was recognised on its picture; FACTDESK_OCR=on has it recognised"


# The parts


def seen(text: str, left: float, top: float, bottom: float, slope: float = 0.0) -> SeenLine:
    return SeenLine((SeenWord(text, left, left + 10 * len(text)),), top, bottom, slope, 1.0)


@pytest.mark.parametrize(
    ("text", "high", "size"),
    [("Hill", 72, 100), ("Hugo", 93, 100), ("sea", 53, 100), ("pray", 74, 100), ("1,234", 85, 100), ("-", 5, 0)],
)
def test_a_size_is_told_by_the_letters_that_reach_up_and_down(text: str, high: float, size: float) -> None:
    assert size_of(seen(text, 0, 0, high)) == pytest.approx(size)


def test_sizes_that_differ_little_are_one() -> None:
    assert alike([(10.2, 80), (10.9, 5), (9.3, 20), (18.4, 12), (17.2, 9), (0, 1)]) == [
        10.2,
        10.2,
        10.2,
        18.4,
        18.4,
        10.2,
    ]
    assert alike([(0, 3)]) == [10.0]
    assert alike([]) == []


def test_lines_of_a_crooked_page_stand_on_level_baselines_from_left_to_right() -> None:
    crooked = [seen("Revenue of 2019", 0, 101, 130, 0.02), seen("1234", 1000, 120, 148.9, 0.02)]
    assert slope_of(crooked) == 0.02
    words = placed(crooked[::-1], 0.02, 1000, 1.0)
    assert [(word.text, word.baseline) for word in words] == [("Revenue of 2019", 871.5), ("1234", 871.5)]


def test_words_stand_where_their_letters_do() -> None:
    middles = places("ab c", [8, [["a", "b", " ", "c"]], [[0, 2, 4, 6]]])
    assert middles == [0.0625, 0.3125, 0.5625, 0.8125]
    assert words_of("ab c", middles, 100, 80, 1.0, (2, 78)) == (
        SeenWord("ab", 102, 135),
        SeenWord("c", 155, 178),
    )


def test_a_number_of_a_scan_that_was_measured_too_small_is_no_footnote_mark() -> None:
    words = [Word("Total", RECOGNISED_WORD, 70, 95, 600, 10, 0), Word("167,825", RECOGNISED_WORD, 98, 130, 601.2, 7, 1)]
    assert [line.made.text for line in pdf.composed_lines(words)] == ["Total 167,825"]


@pytest.mark.parametrize(
    ("placed_letters", "middles"),
    [
        ([4, [["a"], ["b"]], [[0], [3]]], [0.125, 0.125, 0.875]),  # the blank stands with the letter before
        ([4, [["x"]], [[0]]], [1 / 6, 0.5, 5 / 6]),
    ],
)
def test_letters_without_a_place_get_one(placed_letters: list[object], middles: list[float]) -> None:
    assert places("a b", placed_letters) == pytest.approx(middles)


@pytest.mark.parametrize(
    ("text", "right"),
    [("Us$ 5", "US$ 5"), ("S10,343", "$10,343"), ("S (25,887)", "$ (25,887)"), ("PS1,000", "PS1,000"), ("S3", "S3")],
)
def test_a_dollar_sign_read_as_s_is_mended(text: str, right: str) -> None:
    assert mended(text) == right


def test_a_page_with_a_letter_has_text() -> None:
    def word(text: str) -> Word:
        return Word(text, 0, 0, 0, 0, 10, 0)

    assert [pdf_scans.has_text([word(text)]) for text in ("a", "7", "—", "\u200b")] == [True, True, False, False]
    assert PageWords([]).recognised is False
