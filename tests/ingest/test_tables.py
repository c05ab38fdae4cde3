"""What the place of a cell says of its number."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from factdesk.corpus import statements
from factdesk.corpus.records import Aggregate, Block, BlockKind, Figure
from factdesk.ingest import table_periods, tables
from factdesk.ingest.table_periods import period_of
from factdesk.ingest.tables import (
    caption_of,
    facet_of,
    general_scale,
    made_table,
    plain_number,
    title_rows,
    widened,
)
from factdesk.tests.conftest import take_apart
from factdesk.tests.timing import HOSTILE, QUADRATIC, least_growth

STATEMENT = """# Acme Works Annual Report

## Outlook

It is good.

## Consolidated Statement of Income

(In millions, except per share data)

| | 2023 | 2022 | Change |
|---|---|---|---|
| Revenue: | | | |
| Products | $ 1,200 | $ 1,100 | 9 % |
| Services | 300 | 200 | 50 |
| Total revenue | 1,500 | 1,300 | 15 |
| Cost of sales | (900) | (800) | 13 |
| Impairment | — | (12) | NM |
| Earnings per share | 2.50 | 2.10 | 19 |
| Weighted-average shares outstanding | 120 | 118 | 2 |
| Employees (number) | 4,812 | 4,655 | 3 |
"""


def figures(source: str) -> list[Figure]:
    return [f for f in take_apart(source.encode(), "acme.md").figures if f.table >= 0]


def short(figure: Figure) -> str:
    unit = figure.unit or "-"
    return " | ".join((figure.label, f"{figure.value:f}", unit, figure.period or "-", figure.aggregate or "-"))


def test_a_statement_is_read_row_by_row() -> None:
    found = [short(f) for f in figures(STATEMENT)]
    assert found == [
        "Revenue: Products | 1200000000 | USD | 2023 | -",
        "Revenue: Products | 1100000000 | USD | 2022 | -",
        "Revenue: Products · Change | 9 | % | - | -",
        "Revenue: Services | 300000000 | USD | 2023 | -",
        "Revenue: Services | 200000000 | USD | 2022 | -",
        "Revenue: Services · Change | 50 | % | - | -",
        "Total revenue | 1500000000 | USD | 2023 | total",
        "Total revenue | 1300000000 | USD | 2022 | total",
        "Total revenue · Change | 15 | % | - | total",
        "Cost of sales | -900000000 | USD | 2023 | -",
        "Cost of sales | -800000000 | USD | 2022 | -",
        "Cost of sales · Change | 13 | % | - | -",
        "Impairment | -12000000 | USD | 2022 | -",
        "Earnings per share | 2.50 | USD | 2023 | -",
        "Earnings per share | 2.10 | USD | 2022 | -",
        "Earnings per share · Change | 19 | % | - | -",
        "Weighted-average shares outstanding | 120000000 | shares | 2023 | -",
        "Weighted-average shares outstanding | 118000000 | shares | 2022 | -",
        "Weighted-average shares outstanding · Change | 2 | % | - | -",
        "Employees (number) | 4812 | - | 2023 | -",
        "Employees (number) | 4655 | - | 2022 | -",
        "Employees (number) · Change | 3 | % | - | -",
    ]


def test_a_figure_of_a_table_stands_under_its_caption_and_is_quoted_with_its_row() -> None:
    found = figures(STATEMENT)[1]
    assert found.section[-2:] == ("Consolidated Statement of Income", "(In millions, except per share data)")
    assert found.quote == "Products | $ 1,200 | $ 1,100"
    assert (found.facet, found.aggregate, found.table) == ("", None, 1)


def test_money_in_a_table_that_states_no_scale_is_doubted() -> None:
    found = figures("| | 2023 |\n|---|---|\n| Rent | $ 1,200 |\n| Heat | 300 |\n| Tea | $ 4.50 |\n")
    assert [(f.label, f.doubt) for f in found] == [
        ("Rent", "its table states no scale"),
        ("Heat", "its table states no scale"),
        ("Tea", None),
    ]


def test_a_number_without_a_head_is_doubted_where_others_have_one() -> None:
    found = figures("In EUR million\n\n| | 2023 | |\n|---|---|---|\n| Rent | 12 | 13 |\n| Heat | 3 | 4 |\n")
    assert [(f.period, f.doubt) for f in found[:2]] == [("2023", None), (None, "no head stands over its column")]


def test_a_scale_that_a_chapter_states_holds_for_its_tables() -> None:
    told = "(Tabular dollars in millions, unless otherwise noted)\n\nThe charges were as follows, in detail:\n\n"
    found = figures(f"{told}| | 2023 |\n|---|---|\n| Rent | $ 12 |\n| Heat | 3 |\n")
    assert [(int(f.value), f.doubt) for f in found] == [(12_000_000, None), (3_000_000, None)]
    assert general_scale("Sales in millions of dollars grew.") is None


def test_the_digits_of_heads_and_labels_are_no_figures_and_are_accounted_for() -> None:
    parsed = take_apart(b"| | 2023 |\n|---|---|\n| 4.5% notes due 2030 | 12 |\n", "acme.md")
    assert [f.printed for f in parsed.figures] == ["12"]
    assert {item.text: item.reason for item in parsed.skipped} == {
        "2023": "head or label of a table",
        "4": "head or label of a table",
        "5": "head or label of a table",
        "2030": "head or label of a table",
    }


@pytest.mark.parametrize(
    ("heads", "caption", "period"),
    [
        (("2018",), "", "2018"),
        (("Years ended December 31", "2018"), "", "2018"),
        (("December 31, 2018",), "Balance Sheet", "2018-12-31"),
        (("December 1,", "2017"), "Years Ended", "2017"),
        (("At December 31,", "2018"), "", "2018-12-31"),
        (("Three months ended March 31,", "2021"), "", "2021-01/2021-03"),
        (("Three Months Ended July 2, 2022",), "", "2022-04/2022-06"),
        (("Nine months ended September 30, 2022",), "", "2022-01/2022-09"),
        (("52 Weeks Ended", "January 28, 2023"), "", "2023"),
        (("Change",), "", None),
        (("2018 vs. 2017",), "", None),
        (("Amount",), "Year ended December 31, 2020", "2020"),
        (("Retail", "2021"), "Three months ended March 31,", "2021-01/2021-03"),
        (("Amount",), "2020 and 2021", None),
        (("Q2 2022",), "", "2022-04/2022-06"),
        (("2Q22",), "", "2022-04/2022-06"),
        (("Second quarter 2022",), "", "2022-04/2022-06"),
        (("Q2",), "Year ended December 31, 2022", "2022-04/2022-06"),
        (("Q2",), "Year ended June 30, 2022", None),
        (("Q2 2022",), "Fiscal year ended June 30, 2022", None),
        (("Second quarter of fiscal 2022",), "", None),
        (("Second quarter of fiscal year 2022", "ended June 4, 2022"), "", "2022-03/2022-05"),
        (("Q1 to Q3 2022",), "", None),
        (("H1 2022",), "", "2022-01/2022-06"),
        (("2H22",), "", "2022-07/2022-12"),
        (("First Half 2022",), "", "2022-01/2022-06"),
        (("9M 2022",), "", None),
        (("YTD 2022",), "", None),
        (("Year-to-date 2022",), "", None),
        (("Trailing twelve months 2022",), "", None),
        (("2022",), "Three and nine months ended September 30,", None),
        (("2022",), "For the three- and nine-month periods ended September 30,", None),
        (("2022",), "Quarter and year ended December 31,", None),
        (("Nine months", "2022"), "Three and nine months ended September 30,", "2022-01/2022-09"),
        (("Five months ended May 31, 2022",), "", None),
        (("16 weeks ended June 4, 2022",), "Fiscal year ended", "2022-03/2022-05"),
        (("Thirteen weeks ended July 2, 2022",), "", "2022-04/2022-06"),
        (("Twenty-six weeks ended", "July 2, 2022"), "", "2022-01/2022-06"),
        (("40 weeks ended October 8, 2022",), "", "2022-01/2022-09"),
        (("Fifty-three weeks ended December 31, 2022",), "", "2022"),
        (("20 weeks ended June 4, 2022",), "", None),
        (("FY24",), "2023 results", "2024"),
        (("FY2024",), "", "2024"),
    ],
)
def test_the_period_of_a_column(heads: tuple[str, ...], caption: str, period: str | None) -> None:
    assert period_of(heads, caption)[0] == period


def test_a_column_whose_time_is_unclear_has_its_words_and_no_period() -> None:
    assert period_of(("YTD", "2022"), "Statements of income") == (None, "YTD 2022")
    assert period_of(("2022",), "Three and nine months ended September 30,") == (None, "2022")


def test_a_part_of_a_year_and_an_estimate_are_not_taken_for_an_actual_year() -> None:
    table = (
        "In EUR million\n\n| | 2022 | Q2 2022 | YTD 2022 | 2022E |\n|---|---|---|---|---|\n| Sales | 8 | 2 | 4 | 9 |\n"
    )
    assert [short(f) for f in figures(table)] == [
        "Sales | 8000000 | EUR | 2022 | -",
        "Sales | 2000000 | EUR | 2022-04/2022-06 | -",
        "Sales · YTD | 4000000 | EUR | - | -",
        "Sales · estimate | 9000000 | EUR | 2022 | -",
    ]


@pytest.mark.parametrize(
    ("heads", "facet"),
    [
        (["Years ended December 31", "2018"], ""),
        (["Consumer Banking", "2018"], "Consumer Banking"),
        (["Change"], "Change"),
        (["(in millions)"], ""),
        (["Thirteen weeks ended", "First half 2022"], ""),
        (["FY24"], ""),
        (["FY2024"], ""),
        (["2Q22"], ""),
        (["2022A"], ""),
        (["2023E"], "estimate"),
        (["2023e", "Retail"], "Retail · estimate"),
        (["FY23F"], "forecast"),
        (["2023 (B)"], "budget"),
        (["2023P"], "P"),
        (["FY24 Guidance"], "FY24 Guidance"),
        (["Less: 2023E Sales"], "Less: Sales · estimate"),
    ],
)
def test_what_heads_say_beside_time_is_the_facet(heads: list[str], facet: str) -> None:
    assert facet_of(heads) == facet


@pytest.mark.parametrize(
    ("text", "value"),
    [("$ (1,577)", -1577), ("(12.5)%", -12.5), ("1,577", 1577), ("$ 0.48", 0.48), ("12-34", None), ("1.5 bn", None)],
)
def test_a_plain_cell_is_a_number(text: str, value: float | None) -> None:
    found = plain_number(text)
    assert (None if found is None else float(found)) == value


def head(text: str, row: int, column: int, span: int = 1) -> Block:
    return cell(text, row, column, span, header=True)


def cell(text: str, row: int, column: int, span: int = 1, *, header: bool = False) -> Block:
    offsets = tuple(range(len(text)))
    return Block(
        BlockKind.CELL, 0, len(text), text, offsets, row=row, column=column, table=1, column_span=span, header=header
    )


def test_heads_over_groups_of_columns_are_as_wide_as_the_groups() -> None:
    low = [head(text, 1, column) for column, text in enumerate(["2021", "2020", "Change"] * 2, 1)]
    made = widened([head("Retail", 0, 1, 3), head("Corporate", 0, 5), *low])
    assert [(c.text, c.column, c.column_span) for c in made[:2]] == [("Retail", 1, 3), ("Corporate", 4, 3)]


def test_a_title_set_over_the_columns_is_no_head() -> None:
    heads = [head("ACME INC.", 0, 1), head("CONSOLIDATED STATEMENTS OF INCOME", 1, 1), head("Years Ended", 2, 1, 2)]
    heads += [head("2018", 3, 1), head("2017", 3, 2)]
    assert title_rows(heads) == {0, 1}
    table = made_table([*heads, cell("Sales", 4, 0), cell("5", 4, 1)], ["(In millions)"])
    assert table.caption == "(In millions) · ACME INC. · CONSOLIDATED STATEMENTS OF INCOME"
    assert [c.text for c in table.heads] == ["Years Ended", "2018", "2017"]


def test_a_caption_is_made_of_short_lines_only() -> None:
    prose = "The following is a long account of what happened in the year and of what came of it in the end. " * 3
    blocks = [prose, "Consolidated Balance Sheet", "59", "(In millions)"]
    found = caption_of([Block(BlockKind.PARAGRAPH, 0, 1, text, (0,)) for text in blocks])
    assert found == ["Consolidated Balance Sheet", "(In millions)"]


def test_a_row_that_sums_up_others_is_a_total_whatever_it_is_called() -> None:
    source = "In EUR million\n\n| | 2023 |\n|---|---|\n| A | 2 |\n| B | 3 |\n| Cash used | 5 |\n| Total | 9 |\n"
    assert [f.aggregate for f in figures(source)] == [None, None, Aggregate.SUBTOTAL, Aggregate.TOTAL]


def read(*rows: str, caption: str = "(In millions of dollars)") -> list[str]:
    """The figures of a table with one column, 2023."""
    lines = "\n".join(f"| {label} | {value} |" for label, value in (row.rsplit(" = ", 1) for row in rows))
    found = figures(f"{caption}\n\n| | 2023 |\n|---|---|\n{lines}\n")
    return [f"{f.label} = {f.value:f} {f.unit or '-'}" for f in found]


def test_a_group_of_amounts_per_share_ends_with_the_first_row_of_another_kind() -> None:
    rows = ("Revenue = 900", "Earnings per share: = ", "Basic = 2.10", "Diluted = 2", "Research and development = 66")
    assert read(*rows, "Net income = 70") == [
        "Revenue = 900000000 USD",
        "Earnings per share: Basic = 2.10 USD",
        "Earnings per share: Diluted = 2 USD",
        "Research and development = 66000000 USD",
        "Net income = 70000000 USD",
    ]


def test_a_long_label_in_cents_belongs_to_the_amounts_per_share_above_it() -> None:
    found = read("Earnings per share: = ", "Income from continuing operations = 2.30", "Net income = 2.40")
    assert found == ["Income from continuing operations = 2.30 USD", "Earnings per share: Net income = 2.40 USD"]


def test_percentages_without_a_sign_are_told_from_money_by_label_and_size() -> None:
    rows = ("Revenue = 900", "Gross margin percentage = 43.3", "Effective tax rate = 21.2", "Operating margin = 12.5")
    money = ("Gross margin = $ 50", "Gross margin = 12,345", "Gross margin = 850", "Tax at the statutory rate = 21")
    assert read(*rows, *money, "Average daily rate = 95", "4.5% notes due later = 12") == [
        "Revenue = 900000000 USD",
        "Gross margin percentage = 43.3 %",
        "Effective tax rate = 21.2 %",
        "Operating margin = 12.5 %",
        "Gross margin = 50000000 USD",
        "Gross margin = 12345000000 USD",
        "Gross margin = 850000000 USD",
        "Tax at the statutory rate = 21000000 USD",
        "Average daily rate = 95000000 USD",
        "4.5% notes due later = 12000000 USD",
    ]


def test_only_numbers_of_shares_are_shares() -> None:
    shares: tuple[str, ...] = (
        "Weighted-average common shares outstanding",
        "Shares issued",
        "Common shares authorized",
        "Diluted shares",
    )
    shares += ("Number of shares repurchased", "Shares used in computing earnings per share", "Shares")
    money: tuple[str, ...] = (
        "Net income attributable to common shares",
        "Net income available to common shares",
        "Preferred shares",
    )
    money += ("Dividends on preferred shares", "Proceeds from shares issued", "Common stock, 500 shares issued")
    assert read(*(f"{label} = 12" for label in (*shares, *money))) == [
        *(f"{label} = 12000000 shares" for label in shares),
        *(f"{label} = 12000000 USD" for label in money),
    ]


def test_employees_are_counted_and_their_salaries_are_money() -> None:
    counts = ("Employees", "Number of employees", "Employees (number)", "Full-time employees at year end")
    money = ("Salaries of employees", "Loans to employees")
    assert read(*(f"{label} = 12" for label in (*counts, *money))) == [
        *(f"{label} = 12 -" for label in counts),
        *(f"{label} = 12000000 USD" for label in money),
    ]


def rows_of_cents(lines: int) -> str:
    rows = "\n".join(f"| Line {n} of all | {n % 99}.25 | {n % 99}.50 | {n % 99}.75 |" for n in range(lines))
    return f"(In millions of dollars)\n\n| | 2023 | 2022 | 2021 |\n|---|---|---|---|\n{rows}\n"


def test_a_table_of_twice_the_rows_takes_about_twice_the_time() -> None:
    assert least_growth(figures, rows_of_cents, (400, 800)) < QUADRATIC


@pytest.mark.parametrize("work", [plain_number, tables.is_value, statements.plain_label])
@pytest.mark.parametrize("start", ["", "(", "$", "-", "1", "(1"])
def test_a_cell_full_of_blanks_takes_linear_time(work: Callable[[str], object], start: str) -> None:
    assert least_growth(work, lambda n: f"{start}{' ' * n}x", (20_000, 40_000)) < QUADRATIC


MODULES = (tables, table_periods, statements)


@pytest.mark.parametrize("name", HOSTILE)
def test_every_pattern_of_tables_takes_linear_time(name: str) -> None:
    found = [value for module in MODULES for value in vars(module).values() if isinstance(value, re.Pattern)]
    found += [pattern for pattern, _ in table_periods.SHORTER]
    assert len(found) > 30
    for pattern in found:
        ratio = least_growth(lambda text, p=pattern: sum(1 for _ in p.finditer(text)), HOSTILE[name], (10_000, 20_000))  # type: ignore[misc]
        assert ratio < QUADRATIC, pattern.pattern
