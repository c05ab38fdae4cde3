"""Questions on financial statements, asked of two annual reports of one invented company and one of another."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from factdesk.corpus.records import Answer, Figure, Kind
from factdesk.corpus.statements import statements
from factdesk.qa.desk import Desk
from factdesk.qa.statements import fiscal_year, spoken_value
from factdesk.tests.qa.conftest import make_desk


def report(name: str, year: int, scale: int) -> str:
    """The annual report of a company, in which every number is a multiple of `scale`."""
    before = year - 1

    def row(label: str, now: int, then: int) -> str:
        return f"| {label} | {told(now * scale)} | {told(then * scale)} |\n"

    def told(value: int) -> str:
        return f"({-value:,})" if value < 0 else f"{value:,}"

    head = f"| | {year} | {before} |\n|---|---|---|\n"
    return (
        f"# {name}\n\n(Exact name of registrant as specified in its charter)\n\nANNUAL REPORT\n\nFORM 10-K\n\n"
        f"For the fiscal year ended December 31, {year}\n\n## Overview\n\nSales of tools grew in {year}.\n\n"
        f"## Selected Financial Data\n\n(Dollars in millions)\n\n{head}{row('Capital expenditures', -7, -5)}\n"
        "## Consolidated Statements of Income\n\n(Dollars in millions)\n\n"
        f"{head}{row('Net sales', 120, 100)}{row('Cost of sales', 80, 70)}{row('Operating income', 30, 20)}"
        f"{row('Provision for income taxes', 8, 5)}{row('Net income', 20, 15)}\n"
        f"## Consolidated Balance Sheets\n\n(Dollars in millions)\n\n{head}"
        f"{row('Inventories', 12, 8)}{row('Total current assets', 60, 50)}{row('Property and equipment, net', 25, 15)}"
        f"{row('Accounts payable', 10, 6)}{row('Total current liabilities', 40, 20)}{row('Total assets', 100, 90)}\n"
        "## Consolidated Statements of Cash Flows\n\n(Dollars in millions)\n\n"
        f"{head}{row('Depreciation and amortization', 6, 4)}{row('Net cash provided by operating activities', 36, 24)}"
        f"{row('Purchases of property and equipment', -9, -6)}{row('Dividends paid', -4, -3)}"
    )


@pytest.fixture(scope="module")
def filings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    texts = {
        "quillwort-2019-10k.md": report("Quillwort Tools, Inc.", 2019, 1),
        "quillwort-2021-10k.md": report("Quillwort Tools, Inc.", 2021, 10),
        "dunmarrow-2021-10k.md": report("Dunmarrow Mills Corporation", 2021, 100),
    }
    with make_desk(tmp_path_factory.mktemp("filings"), texts) as desk:
        yield desk


def asked(desk: Desk, question: str) -> Answer:
    return desk.ask(question)


@pytest.mark.parametrize(
    ("question", "value", "document"),
    [
        ("What is the FY2019 capital expenditure amount (in USD millions) for Quillwort Tools?", -9_000_000, "2019"),
        ("How much did Quillwort Tools pay out in cash dividends for FY2021?", -40_000_000, "2021"),
        ("What were the total assets of Dunmarrow at the end of FY2021?", 10_000_000_000, "dunmarrow"),
        ("What was Quillwort's net income in FY2020?", 150_000_000, "2021"),
        ("What were Dunmarrow's total current liabilities at December 31, 2021?", 4_000_000_000, "dunmarrow"),
        ("What was Dunmarrow's net income for the year ended December 31, 2020?", 1_500_000_000, "dunmarrow"),
    ],
)
def test_an_item_is_the_figure_of_the_statement_of_its_year(
    filings: Desk, question: str, value: int, document: str
) -> None:
    answer = asked(filings, question)
    assert answer.kind is Kind.FIGURE
    figure = answer.figures[0].figure
    assert (int(figure.value), document in figure.document) == (value, True)
    assert figure.section[-2].startswith("Consolidated") or "Consolidated" in figure.section[-1]
    assert answer.citations[0].quote == figure.quote


@pytest.mark.parametrize(
    ("question", "value", "unit", "operands"),
    [
        ("What was the operating margin of Quillwort Tools in FY2021?", "25.0", "%", 2),
        ("What is Quillwort's FY2021 EBITDA?", "360000000", "USD", 2),
        (
            "What is Dunmarrow's FY2021 fixed asset turnover ratio? It is defined as: revenue / (average PP&E between "
            "FY2020 and FY2021). Round your answer to two decimal places.",
            "6.00",
            None,
            3,
        ),
        ("What is the FY2020 - FY2021 2 year average of capex as a % of revenue for Quillwort?", "6.8", "%", 4),
        (
            "What is the FY2018 - FY2019 total revenue growth rate for Quillwort Tools? Round to one decimal place.",
            "20.0",
            "%",
            2,
        ),
        (
            "Using the balance sheet, what is Quillwort's FY2021 working capital ratio? Define working capital "
            "ratio as total current assets divided by total current liabilities.",
            "1.50",
            None,
            2,
        ),
        ("By how much did the net income of Dunmarrow Mills increase from FY2020 to FY2021?", "500000000", "USD", 2),
    ],
)
def test_a_ratio_is_worked_out_and_every_operand_is_cited(
    filings: Desk, question: str, value: str, unit: str | None, operands: int
) -> None:
    answer = asked(filings, question)
    assert answer.calculation is not None, answer.answer
    assert (str(answer.calculation.value), answer.calculation.unit) == (value, unit)
    assert len(answer.calculation.operands) == operands == len(answer.figures)
    assert all(cited.citation for cited in answer.figures)
    worked_out = eval(answer.calculation.expression, {"__builtins__": {}})
    decimals = -int(Decimal(value).as_tuple().exponent)
    percent = unit == "%" and "* 100" not in answer.calculation.expression
    assert round(worked_out * (100 if percent else 1), decimals) == pytest.approx(float(value))


@pytest.mark.parametrize(
    "question",
    [
        "What was the operating margin of Quillwort Tools in FY2012?",
        "What were Dunmarrow's total current liabilities at June 30, 2021?",
        "What was the research and development expense of Quillwort Tools in FY2021?",
        "What is the FY2021 effective interest on the pension plans of Quillwort Tools?",
    ],
)
def test_what_no_statement_states_is_refused(filings: Desk, question: str) -> None:
    answer = asked(filings, question)
    assert answer.abstained
    assert answer.figures == ()
    assert answer.calculation is None


def test_a_refusal_says_what_is_missing_and_of_whom(filings: Desk) -> None:
    answer = asked(filings, "What was the research and development expense of Quillwort Tools in FY2021?")
    first = "Not in the documents: research and development expense (Quillwort Tools, FY2021)."
    assert (answer.answer.split("\n")[0], answer.reason) == (first, "figure_not_given")


def figure(label: str, value: int, period: str = "2022", words: str = "2022") -> Figure:
    return Figure(
        "f", "acme", "Acme", (), None, label, Decimal(value), "USD", "", 0, 1, period=period, period_words=words
    )


@pytest.mark.parametrize(
    ("item", "label", "value", "spoken"),
    [
        ("capital_expenditure", "Capital expenditures", -7, 7),
        ("net_income", "Net loss", 90, -90),
        ("net_income", "Net income (loss)", -90, -90),
        ("net_income", "Net loss (income)", 90, 90),
        ("income_tax", "Provision (benefit) for income taxes", 50, 50),
        ("income_tax", "Benefit (provision) for income taxes", -50, 50),
        ("income_tax", "Income tax (expense) benefit", -50, 50),
    ],
)
def test_an_item_has_the_sign_that_one_speaks_of_it_with(item: str, label: str, value: int, spoken: int) -> None:
    assert spoken_value(figure(label, value), statements().items[item]) == spoken


@pytest.mark.parametrize(
    ("period", "words", "state", "early", "year"),
    [
        ("2022", "2022", False, False, 2022),
        ("2022", "2022", False, True, 2022),
        ("2023", "52 weeks ended January 28, 2023", False, True, 2022),
        ("2023", "52 weeks ended January 28, 2023", False, False, 2023),
        ("2018", "Year ended December 29, 2018", False, True, 2018),
        ("2023-01-28", "January 28, 2023", True, True, 2022),
        ("2022-12-31", "December 31, 2022", True, False, 2022),
        ("2022-12-31", "December 31, 2022", False, False, None),
        ("2022-01/2022-03", "Three months ended March 31, 2022", False, False, None),
    ],
)
def test_a_column_is_of_the_year_that_its_document_calls_it(
    period: str, words: str, state: bool, early: bool, year: int | None
) -> None:
    assert fiscal_year(figure("Sales", 1, period, words), state=state, early=early) == year


def test_a_table_that_repeats_an_item_does_not_stand_for_the_statement(filings: Desk) -> None:
    quotes = [c.quote for c in asked(filings, "What was Quillwort's capital expenditure in FY2021?").citations]
    assert quotes[0].startswith("Purchases of property and equipment")
