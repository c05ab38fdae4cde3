"""The PDF reader, on documents made here: lines, marks, headings, lists, running heads, and files that are none."""

from __future__ import annotations

from typing import Any

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import BlockKind, Mark, Reading
from factdesk.ingest.readers import pdf
from factdesk.tests.ingest.drawing import LEFT, LONG, TOP, Draw, at, body, lines, made


def read(*pages: list[Draw], **options: Any) -> Reading:
    return pdf.read(made(*pages, **options), "report.pdf")


def blocks(reading: Reading) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, block.text) for block in reading.blocks]


def test_every_character_stands_where_it_is_said_to() -> None:
    reading = read([lines("One line", "and a second, with 5 words"), body()], [lines("Page two")])
    for block in reading.blocks:
        for character, place in zip(block.text, block.offsets, strict=True):
            assert reading.text[place] == character or character == " "
    assert [reading.text[page.start : page.end][-1] for page in reading.pages] == ["\f", "\f"]


@pytest.mark.parametrize(
    ("runs", "text", "marks", "quote"),
    [
        (
            ["SOCIAL", ("3", 6, 4), ": US $466 MILLION"],
            "SOCIAL: US $466 MILLION",
            (Mark("3", 6),),
            "SOCIAL³: US $466 MILLION",
        ),
        (
            ["COST: US $7,6", ("5", 6, 4), " MILLION"],
            "COST: US $7,6 MILLION",
            (Mark("5", 13),),
            "COST: US $7,6⁵ MILLION",
        ),
        (["US$940K", ("1", 6, 4)], "US$940K", (Mark("1", 7),), "US$940K"),
        (["one", ("12", 6, 4), " two", ("*", 6, 4), " x"], "one two x", (Mark("12", 3), Mark("*", 7)), "one¹² two* x"),
        (["10 km", ("2", 6, 4), " of land"], "10 km² of land", (), "10 km² of land"),
        (["CO", ("2", 6, -2), " fell by 5 t"], "CO2 fell by 5 t", (), "CO2 fell by 5 t"),
        (["10", ("300", 6, 4), " is large"], "10³⁰⁰ is large", (), "10³⁰⁰ is large"),
    ],
)
def test_a_raised_mark_does_not_part_its_line(
    runs: list[str | tuple[str, float, float]], text: str, marks: tuple[Mark, ...], quote: str
) -> None:
    reading = read([at(LEFT, TOP, *runs, size=11), body()])
    block = reading.blocks[0]
    assert (block.text, block.marks, reading.text[block.start : block.end]) == (text, marks, quote)


def test_a_mark_drawn_after_all_words_finds_its_line() -> None:
    after = at(LEFT + 38.5, TOP + 4, ("3", 6, 0))  # "SOCIAL" is 38.3 points wide
    reading = read([at(LEFT, TOP, "SOCIAL"), body(), after])
    assert (reading.blocks[0].text, reading.blocks[0].marks) == ("SOCIAL", (Mark("3", 6),))


def test_pieces_drawn_from_right_to_left_are_read_from_left_to_right() -> None:
    reading = read([at(LEFT + 60, TOP, "right half 5"), at(LEFT, TOP, "The left and"), body()])
    assert reading.blocks[0].text == "The left and right half 5"


def test_columns_are_not_one_line() -> None:
    left, right = lines("Left one", "left two"), lines("Right one", "right two", left=330)
    assert [text for _, _, text in blocks(read([left, right, body()]))[:2]] == [
        "Left one left two",
        "Right one right two",
    ]


def test_headings_are_ranked_by_size_and_weight() -> None:
    reading = read(
        [
            at(LEFT, 760, "The Report", size=24, bold=True),
            at(LEFT, 720, "A Country", size=16, bold=True),
            at(LEFT, 690, "COSTS", size=10, bold=True),
            lines("It cost 5 million."),
            body(),
        ]
    )
    assert blocks(reading)[:4] == [
        ("heading", 1, "The Report"),
        ("heading", 2, "A Country"),
        ("heading", 3, "COSTS"),
        ("paragraph", 0, "It cost 5 million."),
    ]


def test_a_wrapped_heading_is_one() -> None:
    reading = read([at(LEFT, 740, "A Title That Goes On", size=20), at(LEFT, 716, "For Two Lines", size=20), body()])
    assert blocks(reading)[0] == ("heading", 1, "A Title That Goes On For Two Lines")


def test_bullets_open_items_and_their_indent_is_their_level() -> None:
    reading = read(
        [
            at(LEFT, 700, "• One item that is wrapped and"),
            at(LEFT + 12, 686, "goes on here"),
            at(LEFT, 672, "• Savings for each unit:"),
            at(LEFT + 12, 658, "• IDs: US $26"),
            at(LEFT + 12, 644, "• Births: US $41"),
            at(LEFT + 24, 630, "– of which 5"),
            at(LEFT, 616, "• Last"),
            body(),
        ]
    )
    assert blocks(reading)[:6] == [
        ("item", 0, "One item that is wrapped and goes on here"),
        ("item", 0, "Savings for each unit:"),
        ("item", 1, "IDs: US $26"),
        ("item", 1, "Births: US $41"),
        ("item", 2, "of which 5"),
        ("item", 0, "Last"),
    ]


def test_a_list_in_the_next_column_begins_anew() -> None:
    left, right = lines("• One", "• Left:"), [at(330, 700, "• Right: 5"), at(342, 686, "• Deeper")]
    assert [block[:2] for block in blocks(read([left, *right, body()]))[:4]] == [
        ("item", 0),
        ("item", 0),
        ("item", 0),
        ("item", 1),
    ]


def test_a_word_split_at_a_line_s_end_is_whole_and_a_compound_is_not() -> None:
    reading = read([lines("The govern-", "ment and its Self-", "Service from 2011-", "2016"), body()])
    assert reading.blocks[0].text == "The government and its Self-Service from 2011-2016"


def test_a_footnote_is_a_note_with_its_label() -> None:
    reading = read([body(), at(LEFT, 90, ("1", 5, 3), " In 2017 prices, at 3.3.", size=8)])
    note = reading.blocks[-1]
    assert (note.kind, note.label, note.text) == (BlockKind.NOTE, "1", "In 2017 prices, at 3.3.")
    assert reading.text[note.start : note.end] == "In 2017 prices, at 3.3."


def test_running_heads_and_page_numbers_are_no_blocks() -> None:
    texts = [f"Words of {name} page. {LONG}." for name in ("the first", "another", "a third", "one more", "the last")]
    pages = [[at(LEFT, 800, "The Report 2020"), lines(text), at(300, 30, str(n))] for n, text in enumerate(texts, 1)]
    reading = read(*pages)
    assert [text for _, _, text in blocks(reading)] == texts
    assert "The Report 2020" in reading.text


def test_page_labels_and_title_come_from_the_file() -> None:
    def label(canvas: Any) -> None:
        canvas.setTitle("A Real Title")
        canvas.addPageLabel(0, style="ROMAN_LOWER")
        canvas.addPageLabel(2, style="ARABIC", start=8)

    reading = read([body()], [body()], [body()], before=label)
    assert (reading.title, [page.label for page in reading.pages]) == ("A Real Title", ["i", "ii", "8"])


def test_a_page_without_text_among_others_is_told() -> None:
    reading = read([body()], [lambda canvas: canvas.rect(50, 50, 400, 400, fill=1)], [body()])
    assert reading.warnings == (f"{Reason.NO_TEXT}: no text on page 2",)


def refused(data: bytes) -> Reason:
    with pytest.raises(InputError) as caught:
        pdf.read(data, "report.pdf")
    assert caught.value.hint and caught.value.path == "report.pdf"
    assert caught.value.reason is not None
    return Reason(caught.value.reason)


def test_a_scan_is_refused_as_having_no_text() -> None:
    assert refused(made([lambda canvas: canvas.rect(50, 50, 400, 400, fill=1)])) is Reason.NO_TEXT


def test_a_file_that_needs_no_password_is_read_and_one_that_does_is_refused() -> None:
    def encrypted(password: str) -> bytes:
        return made([body()], encrypt=StandardEncryption(password, ownerPassword="owner"))

    assert pdf.read(encrypted(""), "report.pdf").blocks[0].text.startswith(LONG)
    assert refused(encrypted("secret")) is Reason.PASSWORD_NEEDED


@pytest.mark.parametrize("data", [b"no pdf at all", b"PK\x03\x04" + bytes(100), b"<html>%PDF-1.4"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    assert refused(data) is Reason.NOT_A_PDF


def test_a_truncated_file_is_read_in_part_or_refused_with_a_reason(capfd: pytest.CaptureFixture[str]) -> None:
    whole = made([body()], [body()], [body()])
    for part in range(1, 51):
        try:
            reading = pdf.read(whole[: len(whole) * part // 51], "report.pdf")
        except InputError as error:
            assert error.reason in (Reason.DAMAGED, Reason.NO_TEXT, Reason.NOT_A_PDF)
        else:
            assert reading.blocks or reading.warnings
    assert capfd.readouterr() == ("", "")
