"""What questions about financial statements want worked out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from factdesk.corpus.records import Figure
from factdesk.corpus.statements import plain_label, statements
from factdesk.qa.formula import (
    Change,
    Formula,
    Mean,
    Missing,
    Number,
    Of,
    Operation,
    Reader,
    Result,
    Stated,
    prepared,
    worked_out,
)
from factdesk.qa.metric import Metric, Over, metric_in

PHRASES = statements().phrases()


def read(text: str) -> Formula | None:
    return Reader(prepared(text), PHRASES).formula()


def over(left: Formula, right: Formula) -> Operation:
    return Operation("/", left, right)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("revenue / (average PP&E between FY2018 and FY2019)", over(Of("revenue"), Mean("property", (2018, 2019)))),
        ("FY2019 revenue / average(total assets)", over(Of("revenue", 2019), Mean("total_assets"))),
        (
            "total current assets divided by total current liabilities",
            over(Of("current_assets"), Of("current_liabilities")),
        ),
        (
            "operating income + D&A [from cash flow statement]",
            Operation("+", Of("operating_income"), Of("depreciation")),
        ),
        ("cash from operations minus capex", Operation("-", Of("operating_cash"), Of("capital_expenditure"))),
        (
            "COGS + change in inventory between FY2017 and FY2018",
            Operation("+", Of("cost_of_sales"), Change("inventories", (2017, 2018))),
        ),
        (
            "365 * accounts payable / COGS",
            over(Operation("*", Number(Decimal(365)), Of("payables")), Of("cost_of_sales")),
        ),
        ("the mood of the staff", None),
        ("(revenue", None),
        ("revenue / the weather", None),
    ],
)
def test_a_formula_is_read_from_words_and_signs(text: str, formula: Formula | None) -> None:
    assert read(text) == formula


def figure(value: int, identity: str) -> Figure:
    return Figure(
        *(identity, "acme", "Acme", (), None, "Revenue", Decimal(value), "USD", str(value), 0, 1),
        sentence=str(value),
        printed=str(value),
    )


def worth(values: dict[tuple[str, int], int]) -> Result:
    def value(item: str, year: int) -> Stated | None:
        found = values.get((item, year))
        return None if found is None else Stated(figure(found, f"{item}{year}"), Decimal(found))

    formula = read("(revenue - COGS) / (average inventory + 1)")
    assert formula is not None
    return worked_out(formula, 2020, value, lambda stated: f"{stated.value}")


def test_a_formula_is_worked_out_over_the_figures_it_names() -> None:
    values = {("revenue", 2020): 100, ("cost_of_sales", 2020): 40, ("inventories", 2020): 6, ("inventories", 2019): 4}
    result = worth(values)
    assert (result.value, result.expression) == (Decimal(10), "(100 - 40) / (((4 + 6) / 2) + 1)")
    assert [stated.figure.id for stated in result.stated] == [
        *("revenue2020", "cost_of_sales2020", "inventories2019", "inventories2020")
    ]


def test_a_formula_without_a_figure_says_which_is_missing() -> None:
    with pytest.raises(Missing) as raised:
        worth({("revenue", 2020): 100, ("cost_of_sales", 2020): 40, ("inventories", 2020): 6})
    assert (raised.value.item, raised.value.year) == ("inventories", 2019)


def test_a_formula_divided_by_nothing_is_no_number() -> None:
    with pytest.raises(ZeroDivisionError):
        worth({("revenue", 2020): 1, ("cost_of_sales", 2020): 0, ("inventories", 2019): -1, ("inventories", 2020): -1})


MARGIN = over(Of("operating_income"), Of("revenue"))


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        (
            "What is Acme's FY2018 capital expenditure?",
            Metric("capital expenditure", Of("capital_expenditure"), (2018,)),
        ),
        (
            "How much did Acme pay out in cash dividends for FY2020?",
            Metric("cash dividends", Of("dividends", 2020), (2020,)),
        ),
        ("What was Acme's operating margin in FY22?", Metric("operating margin", MARGIN, (2022,), unit="%")),
        (
            "What is the 3 year average of capex as a % of revenue for Acme, FY2017 - FY2019? Give one decimal place.",
            Metric(
                "capex as a % of revenue",
                over(Of("capital_expenditure"), Of("revenue")),
                (2017, 2018, 2019),
                Over.AVERAGE,
                "%",
                1,
            ),
        ),
        (
            "What is the FY2019 - FY2020 total revenue growth rate for Acme?",
            Metric("total revenue", Of("revenue"), (2019, 2020), Over.GROWTH, "%"),
        ),
        (
            "By how much did Acme's net income increase from FY2019 to FY2020?",
            Metric("net income", Of("net_income"), (2019, 2020), Over.DIFFERENCE),
        ),
        (
            "What is Acme's FY2021 days payable outstanding (DPO)? DPO is defined as: accounts payable / COGS.",
            Metric("dpo", over(Of("payables"), Of("cost_of_sales")), (2021,), unit="times"),
        ),
        (
            "How many times did Acme sell its inventory in FY2022? Calculate the inventory turnover ratio for FY2022.",
            Metric("inventory turnover ratio", over(Of("cost_of_sales"), Mean("inventories")), (2022,), unit="times"),
        ),
    ],
)
def test_a_question_is_taken_for_what_it_wants(question: str, metric: Metric) -> None:
    assert metric_in(question, ["Acme"]) == metric


def test_a_definition_may_use_the_name_of_another() -> None:
    asked = (
        "What is Acme's FY2020 cash conversion cycle (CCC)? CCC is defined as: DIO - DPO. DIO is defined as: 365 * "
        "inventory / COGS. DPO is defined as: 365 * accounts payable / revenue."
    )
    days = [
        over(Operation("*", Number(Decimal(365)), Of(a)), Of(b))
        for a, b in (("inventories", "cost_of_sales"), ("payables", "revenue"))
    ]
    assert metric_in(asked, ["Acme"]) == Metric("ccc", Operation("-", *days), (2020,), unit="times")


@pytest.mark.parametrize(
    "lead",
    [
        "By drawing conclusions from the balance sheet, ",
        "When primarily referencing the income statement, ",
        "In FY2021, ",
    ],
)
def test_what_leads_up_to_a_question_asks_nothing(lead: str) -> None:
    metric = metric_in(f"{lead}what is Acme's FY2021 inventory turnover ratio?", ["Acme"])
    assert metric is not None
    assert (metric.name, metric.years) == ("inventory turnover ratio", (2021,))


@pytest.mark.parametrize(
    "question",
    [
        "What share of Acme's revenue came from Europe in FY2020?",
        "What was Acme's revenue in Q2 of FY2020?",
        "What was Acme's revenue?",
        "Why did Acme's operating margin fall in FY2020?",
        "What was the net income of Acme's insurance segment in FY2020?",
        "How many people worked for Acme in FY2020?",
        "What drove the change in Acme's gross margin in FY2022?",
        "In the second quarter of 2021, what was Acme's revenue?",
        "For the six months ended June 30, 2022, what was Acme's revenue?",
        "What was Acme's income tax rate in FY2021?",
        "What was Acme's receivables turnover in FY2021?",
        "What is Acme's ratio of operating cash flow to net income in FY2021?",
        "What was Acme's gain on sales of business in FY2021?",
        "How much cash did Acme pay for income taxes in FY2021?",
        "What were Acme's other current assets in FY2021?",
        "What was the average inventory of Acme in FY2021?",
        "What was Acme's revenue in the year prior to FY2021?",
        "What was Acme's revenue for the two years before FY2022?",
        "What were Acme's revenue and net income in FY2021?",
        "What was the average annual growth of Acme's revenue from FY2019 to FY2022?",
        "What is Acme's FY2020 quick ratio? Quick ratio is defined as (cash + the weather) / current liabilities.",
        "What is Acme's FY2020 ROE? ROE is defined as net income divided by total assets at the beginning of the year.",
        f"What is Acme's FY2020 ROE? ROE is defined as {'(' * 1900} net income.",
    ],
)
def test_a_question_with_words_that_nothing_explains_is_left_to_others(question: str) -> None:
    assert metric_in(question, ["Acme"]) is None


@pytest.mark.parametrize(
    ("label", "item"),
    [
        ("Purchases of property, plant and equipment (PP&E)", "capital_expenditure"),
        ("Capital spending", "capital_expenditure"),
        ("Net cash provided by (used in) operating activities", "operating_cash"),
        ("Property, plant and equipment — net", "property"),
        ("Total current liabilities (Note 3)", "current_liabilities"),
        ("Total Acme shareholders’ equity", "equity"),
        ("Net income attributable to Acme", "net_income"),
        ("Net income/(loss)", "net_income"),
        ("Selling, general and administrative expenses", "sga"),
        ("Merchandise inventories, net", "inventories"),
    ],
)
def test_the_labels_of_rows_name_items(label: str, item: str) -> None:
    plain = plain_label(label)
    assert statements().items[item].rank(plain) is not None
    others = [i.name for i in statements().items.values() if i.rank(plain) is not None]
    assert others == [item]


@pytest.mark.parametrize(
    ("label", "item"),
    [
        ("Net income attributable to noncontrolling interests", "net_income"),
        ("Proceeds from sale of property and equipment", "capital_expenditure"),
        ("Income before taxes", "operating_income"),
        ("Total assets held for sale", "total_assets"),
    ],
)
def test_other_labels_do_not(label: str, item: str) -> None:
    assert statements().items[item].rank(plain_label(label)) is None


@pytest.mark.parametrize(
    ("caption", "kind"),
    [
        ("CONSOLIDATED STATEMENTS OF CASH FLOWS", "cash"),
        ("Consolidated Balance Shee t At December 31", "balance"),
        ("Statement of Operations", "income"),
        ("NOTE 7. Supplemental Balance Sheet Information", None),
        ("Selected Financial Data", None),
        ("Impact on the income statement and balance sheet", None),
    ],
)
def test_a_caption_tells_which_statement_a_table_is(caption: str, kind: str | None) -> None:
    assert statements().statement_of(caption) == kind
