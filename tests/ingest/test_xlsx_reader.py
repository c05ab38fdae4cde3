"""The Excel reader: sheets are pages, cells look as a person sees them, and tables are found on them."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Alignment, Font

from factdesk.corpus.records import Reading
from factdesk.ingest.numberformats import shown
from factdesk.ingest.readers import xlsx
from factdesk.tests.hostile_office import xlsx as made_by_hand
from factdesk.tests.ingest.conftest import Take
from factdesk.tests.ingest.reading import check_spans, said, tables

ACCOUNTING = '_($* #,##0.0_);_($* (#,##0.0);_($* "-"??_);_(@_)'


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def book_of(rows: list[list[object]], adorn: Callable[[Any], None] | None = None) -> bytes:
    """A workbook of one sheet called Costs; `adorn` may do more to the sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Costs"
    for row in rows:
        sheet.append(row)
    if adorn:
        adorn(sheet)
    return saved(book)


def read(rows: list[list[object]], adorn: Callable[[Any], None] | None = None) -> Reading:
    return xlsx.read(book_of(rows, adorn), "book.xlsx")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (-1577, "#,##0_);(#,##0)", "(1,577)"),
        (-1577, "#,##0", "-1,577"),
        (0.1234, "0.0%", "12.3%"),
        (1234567, '0.0,,"M"', "1.2M"),
        (1234567, "#,##0,", "1,235"),
        (0, '#,##0;(#,##0);"-"', "-"),
        (1234.5, ACCOUNTING, "$1,234.5"),
        (-1234.5, ACCOUNTING, "$(1,234.5)"),
        (12.5, "[$€-407] #,##0.00", "€ 12.50"),
        (12.5, "#,##0.00\\ [$€-1]", "12.50 €"),
        (5, "[$-409]0", "5"),
        (2, "[Red][<5]0.0;0", "2.0"),
        (12, "00000", "00012"),
        (0.5, ".00", "0.50"),
        (1.5e10, "0.00E+00", "1.50E+10"),
        (2.5, "0", "3"),
        (-0.001, "0.0", "0.0"),
        (3, '0 "units"', "3 units"),
        (0.5, "# ?/?", "0.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (1234567.0, "General", "1234567"),
        (float("nan"), "0.0", "nan"),
        (True, "General", "TRUE"),
        (" a ", "0.0", " a "),
        (None, "0.0", ""),
        (datetime.datetime(2023, 12, 31), "dd/mm/yyyy", "2023-12-31"),
        (datetime.datetime(2023, 12, 31, 9, 30), "dd/mm/yyyy hh:mm", "2023-12-31 09:30"),
        (datetime.datetime(2023, 12, 1), "mmm yyyy", "2023-12"),
        (datetime.datetime(2023, 1, 1), "yyyy", "2023"),
        (datetime.time(9, 30), "hh:mm", "09:30:00"),
    ],
)
def test_a_cell_looks_as_its_format_says(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.integers(), st.floats(), st.booleans()),
    st.text(st.sampled_from('0#?.,%;"-_*$[]€eE+/@ \\M()'), max_size=12),
)
def test_any_format_shows_something_or_nothing(value: object, number_format: str) -> None:
    assert isinstance(shown(value, number_format), str)


def test_a_sheet_is_a_page_and_its_lines_stand_before_its_table() -> None:
    def adorn(sheet: Any) -> None:
        for row in sheet["B4:C5"]:
            for cell in row:
                cell.number_format = ACCOUNTING
        sheet["B6"].number_format = sheet["C6"].number_format = "0.0%"
        sheet["A5"].alignment = Alignment(indent=1)

    rows: list[list[object]] = [
        ["Acme Corp"],
        ["(in millions)"],
        [None, 2023, 2022],
        ["Revenue", 1234.5, 1100],
        ["Cost", -577, -500.4],
        ["Margin", 0.123, 0.2],
    ]
    reading = read(rows, adorn)
    assert said(reading)[:3] == [
        ("heading", 1, "Costs"),
        ("paragraph", 0, "Acme Corp"),
        ("paragraph", 0, "(in millions)"),
    ]
    assert tables(reading) == [
        ["#|2023|2022", "Revenue|$1,234.5|$1,100.0", "Cost|$(577.0)|$(500.4)", "Margin|12.3%|20.0%"]
    ]
    assert {b.text: b.level for b in reading.blocks if b.column == 0} == {"Revenue": 0, "Cost": 1, "Margin": 0}
    assert [(p.number, p.label, p.start) for p in reading.pages] == [(1, "Costs", 0)]


def test_empty_rows_and_columns_part_tables() -> None:
    rows: list[list[object]] = [
        ["Case", "Cost", None, "Staff", "Number"],
        ["A", 5, None, "Ops", 12],
        ["B", 6, None, "IT", 7],
        [],
        ["Office", "Rent"],
        ["East", 8],
        [],
        ["Source: accounts"],
    ]
    reading = read(rows)
    assert tables(reading) == [
        ["#Case|Cost", "A|5", "B|6"],
        ["#Staff|Number", "Ops|12", "IT|7"],
        ["#Office|Rent", "East|8"],
    ]
    assert said(reading)[-1] == ("paragraph", 0, "Source: accounts")


def test_rows_set_apart_within_one_table_and_columns_left_for_the_looks_stay_together() -> None:
    rows: list[list[object]] = [[None, None, 2023, None, 2022], ["Assets"], ["Cash", None, 5, None, 6], [], ["Debts"]]
    rows += [["Loan", None, 7, None, 8]]
    assert tables(read(rows)) == [["#|2023|2022", "Assets", "Cash|5|6", "Debts", "Loan|7|8"]]


def test_merged_heads_span_their_columns() -> None:
    def adorn(sheet: Any) -> None:
        sheet.merge_cells("B1:C1")

    rows: list[list[object]] = [[None, "Cost"], ["Case", 2019, 2020], ["A", 5, 6]]
    assert tables(read(rows, adorn)) == [["#|Cost<2>", "#Case|2019|2020", "A|5|6"]]


def test_a_first_row_in_bold_is_a_head() -> None:
    def adorn(sheet: Any) -> None:
        sheet["A1"].font = sheet["B1"].font = Font(bold=True)

    assert tables(read([["Name", "Role"], ["Ada", "head"]], adorn)) == [["#Name|Role", "Ada|head"]]


def test_what_is_hidden_is_not_read_and_said_and_what_is_folded_is_read() -> None:
    def adorn(sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[3].outlineLevel = 1
        secret = sheet.parent.create_sheet("Secret")
        secret["A1"] = 99
        secret.sheet_state = "hidden"

    reading = read([["Case", "Cost", "Plan"], ["A", 5, 98], ["B", 6, 97], ["C", 7, 96]], adorn)
    assert tables(reading) == [["#Case|Cost", "B|6", "C|7"]]
    assert reading.warnings == ("Costs: 1 hidden rows and 1 hidden columns not read", "hidden sheet not read: Secret")


def test_a_formula_is_its_stored_value_and_one_without_is_named() -> None:
    sheet = (
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Sum</t></is></c><c r="B1"><f>1+4</f><v>5</v></c>'
        '<c r="C1"><f>B1*2</f></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData>'
    )
    reading = xlsx.read(made_by_hand(sheet), "book.xlsx")
    assert tables(reading) == [["Sum|5|#DIV/0!"]]
    assert [block.doubt for block in reading.blocks[1:]] == ["", "", "the sheet could not work it out"]
    assert reading.warnings == ("Sheet: formulas without a stored value: C1",)


def test_figures_come_out_of_sheets(take: Take) -> None:
    data = book_of([["(in millions)"], [None, 2023, 2022], ["Revenue", 1234.5, 1100], ["Cost", -577, -500]])
    found = [f for f in take(data, "book.xlsx").figures if f.unit != "date"]
    assert [(f.label, str(f.value), f.period, f.page_label) for f in found][:2] == [
        ("Revenue", "1234500000", "2023", "Costs"),
        ("Revenue", "1100000000", "2022", "Costs"),
    ]


VALUES = st.one_of(
    st.none(),
    st.integers(-3000, 3000),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.sampled_from("ab5 $%.\u00a0\u200b²é"), max_size=6),
    st.dates(datetime.date(1950, 1, 1)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=5), max_size=8))
def test_every_character_stands_where_it_is_said_to(rows: list[list[object]]) -> None:
    check_spans(read(rows))
