"""Tables of PDFs, drawn here and compared as whole grids."""

from __future__ import annotations

import random
from itertools import groupby
from typing import Any

import pytest

from factdesk.corpus.records import Block, BlockKind, Reading
from factdesk.ingest import pdf_tables
from factdesk.ingest.pdf_rows import Segment
from factdesk.ingest.readers import pdf
from factdesk.tests.ingest.drawing import LEFT, Draw, at, body, centred, lines, made, row

PITCH = 14
NARROW = (230.0, 290.0, 350.0, 410.0, 470.0, 530.0)


def read(*draws: Draw) -> Reading:
    return pdf.read(made([*draws, body(top=200)]), "report.pdf")


def cells(reading: Reading) -> list[Block]:
    return [block for block in reading.blocks if block.kind is BlockKind.CELL]


def grid(reading: Reading) -> list[str]:
    """The rows of all tables: "0:Sales 1:$ 5"; a head has an H, one over several columns their number."""

    def shown(cell: Block) -> str:
        span = f"+{cell.column_span}" if cell.column_span > 1 else ""
        return f"{cell.column}{span}{'H' if cell.header else ''}:{cell.text}{'?' if cell.doubt else ''}"

    return [" ".join(map(shown, members)) for _, members in groupby(cells(reading), key=lambda c: (c.table, c.row))]


def others(reading: Reading) -> list[tuple[str, str]]:
    """The blocks that are no cells, without the body at the foot of the page."""
    return [(b.kind.value, b.text) for b in reading.blocks if b.kind is not BlockKind.CELL][:-1]


def rows(*values: tuple[str, ...], top: float = 600, indents: tuple[float, ...] = ()) -> list[Draw]:
    """Rows under one another."""
    spread = dict(enumerate(indents))
    return [row(top - PITCH * n, *texts, indent=spread.get(n, 0)) for n, texts in enumerate(values)]


STATEMENT = rows(
    ("Net sales", "$ 32,765", "$ 31,657", "$ 30,109"),
    ("Cost of sales", "(16,682)", "(16,055)", "—"),
    ("Margin", "49.1%", "49.3%", "NM"),
)
HEADS = [row(600 + PITCH, "(Millions)", "2018", "2017", "2016")]
GRID = [
    "0H:(Millions) 1H:2018 2H:2017 3H:2016",
    "0:Net sales 1:$ 32,765 2:$ 31,657 3:$ 30,109",
    "0:Cost of sales 1:(16,682) 2:(16,055) 3:—",
    "0:Margin 1:49.1% 2:49.3% 3:NM",
]


def test_a_statement_is_a_table_of_cells_with_its_years_as_heads() -> None:
    assert grid(read(*HEADS, *STATEMENT)) == GRID


def test_every_cell_is_its_span_of_the_text_and_a_row_is_one_stretch() -> None:
    reading = read(*HEADS, *STATEMENT)
    assert [reading.text[cell.start : cell.end] for cell in cells(reading)] == [cell.text for cell in cells(reading)]
    assert "\nNet sales $ 32,765 $ 31,657 $ 30,109\n" in reading.text


def test_caption_and_title_stay_before_the_table() -> None:
    reading = read(
        at(LEFT, 660, "Consolidated Statement of Income"), at(LEFT, 640, "Years ended December 31"), *HEADS, *STATEMENT
    )
    assert (grid(reading), [text for _, text in others(reading)]) == (
        GRID,
        ["Consolidated Statement of Income", "Years ended December 31"],
    )


def test_heads_over_several_columns_span_them() -> None:
    years = [row(614, "", "2021", "2020", "Change", "2021", "2020", "Change", indent=0, rights=NARROW)]
    segments = centred(628, (275, "Consumer Banking"), (455, "Corporate"))
    values = [
        row(600, "Revenue", "12,517", "13,287", "(6)%", "14,605", "10,003", "46%", rights=NARROW),
        row(586, "Expense", "7,202", "7,269", "(1)%", "7,104", "5,955", "19%", rights=NARROW),
    ]
    assert grid(read(segments, *years, *values)) == [
        "1+3H:Consumer Banking 4+3H:Corporate",
        "1H:2021 2H:2020 3H:Change 4H:2021 5H:2020 6H:Change",
        "0:Revenue 1:12,517 2:13,287 3:(6)% 4:14,605 5:10,003 6:46%",
        "0:Expense 1:7,202 2:7,269 3:(1)% 4:7,104 5:5,955 6:19%",
    ]


def test_a_period_over_the_middle_column_spans_all_that_it_is_centred_on() -> None:
    assert grid(read(centred(628, (390, "Years Ended")), *HEADS, *STATEMENT)) == ["1+3H:Years Ended", *GRID]


def test_heads_of_two_lines_are_two_rows() -> None:
    heads = [
        row(628, "", "December 1,", "December 2,", rights=(330, 430)),
        row(614, "", "2017", "2016", rights=(330, 430)),
    ]
    values = [row(600, "Cash", "$ 5", "$ 6", rights=(330, 430)), row(586, "Debt", "7", "8", rights=(330, 430))]
    assert grid(read(*heads, *values)) == [
        "1H:December 1, 2H:December 2,",
        "1H:2017 2H:2016",
        "0:Cash 1:$ 5 2:$ 6",
        "0:Debt 1:7 2:8",
    ]


def test_sections_are_rows_and_indents_are_levels() -> None:
    reading = read(
        *HEADS,
        *rows(
            ("Current assets:",),
            ("Cash", "1", "2", "3"),
            ("Receivables", "4", "5", "6"),
            ("Total current assets", "5", "7", "9"),
            indents=(0, 10, 10, 20),
        ),
    )
    assert [(cell.text, cell.level) for cell in cells(reading) if cell.column == 0 and not cell.header] == [
        ("Current assets:", 0),
        ("Cash", 1),
        ("Receivables", 1),
        ("Total current assets", 2),
    ]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (
            [("Gain on the sale of property", ""), ("and equipment", "1", "2", "3")],
            ["Gain on the sale of property and equipment"],
        ),
        ([("Trade receivables, net of", ""), ("Allowances", "1", "2", "3")], ["Trade receivables, net of Allowances"]),
        ([("Investing activities", ""), ("Purchases", "1", "2", "3")], ["Investing activities", "Purchases"]),
        (
            [("Common stock (authorized", ""), ("4,320 shares)", "1", "2", "3")],
            ["Common stock (authorized 4,320 shares)"],
        ),
        ([("Weighted-", ""), ("average shares", "1", "2", "3")], ["Weighted-average shares"]),
    ],
)
def test_a_label_on_two_lines_is_one_unless_the_second_begins_anew(
    values: list[tuple[str, ...]], labels: list[str]
) -> None:
    reading = read(*rows(("Before", "7", "8", "9"), *values, ("After", "4", "5", "6")))
    assert [c.text for c in cells(reading) if c.column == 0] == ["Before", *labels, "After"]
    assert len(grid(reading)) == len(labels) + 2


def test_numbers_half_way_down_their_label_are_in_its_row() -> None:
    reading = read(
        *rows(("Net sales", "1", "2", "3")),
        at(LEFT, 582, "Proceeds from the sale"),
        at(LEFT, 572, "of businesses"),
        row(577, "", "846", "1,065", "142"),
        *rows(("Other", "4", "5", "6"), top=555),
    )
    assert grid(reading) == [
        "0:Net sales 1:1 2:2 3:3",
        "0:Proceeds from the sale of businesses 1:846 2:1,065 3:142",
        "0:Other 1:4 2:5 3:6",
    ]


def test_a_row_without_a_value_leaves_its_column_empty() -> None:
    reading = read(*HEADS, *rows(("One", "1", "2", "3"), ("Two", "", "5", "6"), ("", "6", "7", "9")))
    assert grid(reading)[1:] == ["0:One 1:1 2:2 3:3", "0:Two 2:5 3:6", "1:6 2:7 3:9"]


def test_years_that_open_rows_are_labels() -> None:
    reading = read(
        *rows(("2019", "$ 5", "$ 6"), ("2020", "7", "8"), ("Thereafter", "9", "1"), ("Total", "$ 21", "$ 15"))
    )
    assert grid(reading) == ["0:2019 1:$ 5 2:$ 6", "0:2020 1:7 2:8", "0:Thereafter 1:9 2:1", "0:Total 1:$ 21 2:$ 15"]


def test_raised_marks_are_marks_and_no_part_of_their_cells() -> None:
    marked = at(LEFT, 572, "Other", ("(a)", 6, 4))
    reading = read(*rows(("Sales", "1", "2", "3"), ("Costs", "4", "5", "6")), marked, row(572, "", "7", "8", "9"))
    assert grid(reading)[-1] == "0:Other 1:7 2:8 3:9"
    assert [[m.label for m in c.marks] for c in cells(reading) if c.text == "Other"] == [["a"]]


def test_a_note_under_a_table_is_bound_to_the_mark_in_it() -> None:
    marked = at(LEFT, 572, "Other", ("(a)", 6, 4))
    note = at(LEFT, 545, "(a) Excludes what was sold.")
    reading = read(*rows(("Sales", "1", "2", "3"), ("Costs", "4", "5", "6")), marked, row(572, "", "7", "8", "9"), note)
    notes = [(b.label, b.text) for b in reading.blocks if b.kind is BlockKind.NOTE]
    assert notes == [("a", "Excludes what was sold.")]


def test_a_negative_in_brackets_is_a_number_and_no_mark() -> None:
    reading = read(*rows(("Gain", "(1)", "(2)", "3"), ("Loss", "4", "(5)", "6"), ("Net", "3", "(7)", "9")))
    assert grid(reading) == ["0:Gain 1:(1) 2:(2) 3:3", "0:Loss 1:4 2:(5) 3:6", "0:Net 1:3 2:(7) 3:9"]
    assert not any(cell.marks for cell in cells(reading))


def test_dots_that_lead_to_a_number_are_no_part_of_a_label() -> None:
    reading = read(*rows(("Subscription ........", "1", "2", "3"), ("Product..........", "4", "5", "6")))
    assert [c.text for c in cells(reading) if c.column == 0] == ["Subscription", "Product"]


def test_heads_that_come_again_begin_a_table_of_their_own() -> None:
    again = [
        row(530 + PITCH, "(Millions)", "2018", "2017", "2016"),
        *rows(("Tax", "1", "2", "3"), ("Rent", "4", "5", "6"), top=530),
    ]
    reading = read(*HEADS, *STATEMENT, *again)
    assert grid(reading) == [*GRID, GRID[0], "0:Tax 1:1 2:2 3:3", "0:Rent 1:4 2:5 3:6"]
    assert {cell.table for cell in cells(reading)} == {1, 2}


def test_a_page_number_below_a_table_is_not_in_it() -> None:
    reading = read(*HEADS, *STATEMENT, centred(540, (325, "76")))
    assert grid(reading) == GRID


def test_a_list_of_contents_is_no_table() -> None:
    rights = (490.0,)
    entries = [row(600 - 14 * n, f"Chapter {n} ........", str(3 * n + 1), rights=rights) for n in range(8)]
    assert cells(read(*entries)) == []


def test_a_list_of_contents_with_its_sections_in_a_column_of_their_own_is_no_table() -> None:
    entries = [
        draw
        for n in range(8)
        for draw in (
            row(600 - 14 * n, f"Item {n}.", str(3 * n + 1), rights=(490.0,)),
            at(160, 600 - 14 * n, "Words of a title"),
        )
    ]
    assert cells(read(*entries)) == []


def test_numbers_without_labels_under_a_full_row_of_heads_are_a_table() -> None:
    rights = (150.0, 230.0, 310.0, 390.0)
    heads, values = (
        row(614, "", "2023", "2024", "After 2024", "Total", rights=rights),
        ("$ 1,938", "$ 1,100", "$ 65", "$ 3,103"),
    )

    def draw(canvas: Any) -> None:
        row(600, "", *values, rights=rights)(canvas)

    assert grid(read(heads, draw)) == ["1H:2023 2H:2024 3H:After 2024 4H:Total", "1:$ 1,938 2:$ 1,100 3:$ 65 4:$ 3,103"]


def test_marks_drawn_by_themselves_over_several_heads_are_their_marks() -> None:
    heads = [at(290, 614, "Food"), at(370, 614, "Drink"), at(315, 618, ("(a)", 6, 0)), at(396.5, 618, ("(b)", 6, 0))]
    reading = read(*heads, *rows(("Sales", "1", "2"), ("Costs", "4", "5")))
    assert grid(reading)[0] == "1H:Food 2H:Drink"
    assert [[mark.label for mark in c.marks] for c in cells(reading)[:2]] == [["a"], ["b"]]


def test_a_title_that_reaches_into_the_columns_is_no_head() -> None:
    reading = read(
        at(200, 642, "Statements of Operations of the Company"), centred(628, (390, "Years Ended")), *HEADS, *STATEMENT
    )
    assert grid(reading) == ["1+3H:Years Ended", *GRID]
    assert [text for _, text in others(reading)] == ["Statements of Operations of the Company"]


def test_prose_with_numbers_at_the_ends_of_its_lines_is_no_table() -> None:
    prose = lines(
        "Sales rose by 5 percent to 1,200", "and costs fell by 3 percent to 1,100", "so that we earned 100", top=600
    )
    reading = read(prose)
    assert cells(reading) == []
    assert reading.blocks[0].text.startswith("Sales rose by 5 percent to 1,200 and costs")


def test_numbers_along_an_axis_are_no_table() -> None:
    axis = [row(600 - 20 * n, "", str(100 - 10 * n), rights=(100,)) for n in range(6)]
    assert cells(read(*axis, centred(470, (150, "2019"), (250, "2020"), (350, "2021")))) == []


def test_prose_in_two_columns_is_read_column_by_column_whatever_the_order_of_its_words() -> None:
    left = [f"These are the words of line {n} on the left" for n in range(8)]
    right = [f"Those of line {n} stand here on the right" for n in range(8)]
    drawn: list[Draw] = []
    for n, (one, other) in enumerate(zip(left, right, strict=True)):
        drawn += [at(LEFT, 650 - 12 * n, one), at(320, 650 - 12 * n, other)]
    assert [text for _, text in others(read(*drawn))] == [" ".join(left), " ".join(right)]


def test_a_table_beside_prose_holds_none_of_it() -> None:
    narrow = (220.0, 280.0)
    table = [row(650 - 12 * n, f"Item {n}x", str(10 + n), str(20 + n), rights=narrow) for n in range(8)]
    prose = [at(320, 650 - 12 * n, f"and this is prose in line {n} on the right") for n in range(8)]
    drawn = [draw for pair in zip(table, prose, strict=True) for draw in pair]
    assert grid(read(*drawn)) == [f"0:Item {n}x 1:{10 + n} 2:{20 + n}" for n in range(8)]


def test_sizes_are_those_that_a_reader_sees() -> None:
    """Many filings state sizes of hundreds of points and scale them down; footnotes and headings go by what is seen."""

    def scaled(canvas: Any) -> None:
        canvas.saveState()
        canvas.scale(0.02, 0.02)
        at(LEFT * 50, 640 * 50, "A Heading", size=700)(canvas)
        for n in range(6):
            at(LEFT * 50, (600 - 14 * n) * 50, "Some words of a line of the body of the page", size=500)(canvas)
        canvas.restoreState()

    assert [(b.kind.value, b.text[:10]) for b in read(scaled).blocks] == [
        ("heading", "A Heading"),
        ("paragraph", "Some words"),
        ("paragraph", "A line of "),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_any_grid_of_numbers_is_read_as_it_was_drawn(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.randint(2, 6)
    rights = tuple(200.0 + 60 * n for n in range(count))
    values = [
        [
            chance.choice(
                (f"{chance.randint(1, 99999):,}", f"({chance.randint(1, 999)})", "—", f"{chance.random():.1%}")
            )
            for _ in rights
        ]
        for _ in range(chance.randint(3, 12))
    ]
    values[0] = [f"{chance.randint(100, 999)}" for _ in rights]
    labels = [chance.choice(("Sales", "Cost of sales", "Total, net")) for _ in values]
    drawn = [
        row(600 - 14 * n, label, *texts, rights=rights)
        for n, (label, texts) in enumerate(zip(labels, values, strict=True))
    ]
    expected = [
        " ".join([f"0:{label}", *(f"{n}:{text}" for n, text in enumerate(texts, 1))])
        for label, texts in zip(labels, values, strict=True)
    ]
    assert grid(read(*drawn)) == expected


def test_every_digit_is_in_one_block_at_most_and_only_running_lines_are_in_none() -> None:
    pages = [[at(300, 30, str(n)), *HEADS, *STATEMENT, body(top=200 - n)] for n in range(1, 5)]
    reading = pdf.read(made(*pages), "report.pdf")
    places = [place for b in reading.blocks for place in b.offsets if reading.text[place].isdigit()]
    assert len(places) == len(set(places))
    outside = set(range(len(reading.text))) - set(places)
    assert [reading.text[n] for n in sorted(outside) if reading.text[n].isdigit()] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("count", [8, 16, 32])
def test_heads_that_fit_no_columns_are_given_up_soon(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [pdf_tables.Column(n * 10.0, n * 10.0 + 8) for n in range(3 * count)]
    middles = [columns[3 * n + 1].left + 4 for n in range(count - 1)] + [-1e6]  # the last stands over no column
    heads = [Segment([], middle - 4, middle + 4, f"Head {n}", False, middle - 4) for n, middle in enumerate(middles)]
    tried: list[int] = []
    off_centre = pdf_tables.off_centre

    def counted(head: Segment, first: int, last: int, among: list[pdf_tables.Column]) -> float:
        tried.append(first)
        return off_centre(head, first, last, among)

    monkeypatch.setattr(pdf_tables, "off_centre", counted)
    reached = [(3 * n + 1, 3 * n + 1) for n in range(count)]
    assert pdf_tables.tiling(heads, reached, 0, columns, 50.0) == []
    assert count < len(tried) <= 9 * count
