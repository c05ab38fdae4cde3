"""Figures: what a number measures, whose part it is, when it was so, what qualifies it; and no digit is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.records import Figure, Parsed, Role
from factdesk.tests.ingest.conftest import Take, add_up


def short(figure: Figure) -> str:
    """A figure in short: "5000 USD/month savings[citizens] headline @2017 'label'", what is missing left out."""
    high = "" if figure.value_high is None else f"..{figure.value_high:f}"
    parts = [
        f"{figure.comparator or ''}{figure.value:f}{high}",
        f"{figure.unit or '?'}{f'/{figure.per}' if figure.per else ''}",
        f"{figure.measure or ''}{f'[{figure.beneficiary}]' if figure.beneficiary else ''}",
        "" if figure.role is Role.PLAIN else figure.role.value,
        f"@{figure.period}" if figure.period else "",
        repr(figure.label),
    ]
    return " ".join(part for part in parts if part)


def numbers(parsed: Parsed) -> list[str]:
    """The figures in short, dates left out."""
    return [short(figure) for figure in parsed.figures if figure.unit != "date"]


CASE = """\
# The Service

## COSTS

### INVESTMENT: US$940K[^1]

- Training, US$ 90K
- Software and its licences – US$ 850K
- The supplier has sold US$ 3K of tools to others

### OPERATING COSTS: US $7,6 MILLION/YEAR

- Contact center (US $5,1 million)
- Staff (US $2,5 million)

## SAVINGS[^2]

### GOVERNMENT: US $2 BILLION BETWEEN 2007 AND 2018

- Unit-level savings:
  - IDs: US $26
  - Births: US $41

### CITIZENS: US $20 MILLION/MONTH

- Between 2008 and 2017
- Entries of 1,035 entities

[^1]: In 2017 prices, with an exchange rate of R3.3/USD.

[^2]: Data of 2004; only the capital is counted.
"""


def test_headlines_have_their_measure_and_items_their_headline(take: Take) -> None:
    parsed = take(CASE)
    assert numbers(parsed)[:12] == [
        "940000 USD investment headline 'INVESTMENT'",
        "90000 USD investment item 'Training'",
        "850000 USD investment item 'Software and its licences'",
        "3000 USD 'The supplier has sold US$ 3K of tools to others'",
        "7600000 USD/year operating_cost headline 'OPERATING COSTS'",
        "5100000 USD/year operating_cost item 'Contact center'",
        "2500000 USD/year operating_cost item 'Staff'",
        "2000000000 USD savings[government] headline @2007/2018 'GOVERNMENT'",
        "26 USD [government] 'Unit-level savings: IDs'",
        "41 USD [government] 'Unit-level savings: Births'",
        "20000000 USD/month savings[citizens] headline @2008/2017 'CITIZENS'",
        "1035 entities [citizens] 'Entries of 1,035 entities'",
    ]
    ids = {figure.id: figure.label for figure in parsed.figures}
    assert [ids[f.parent] for f in parsed.figures if f.parent] == ["INVESTMENT"] * 2 + ["OPERATING COSTS"] * 2


def test_footnotes_go_with_what_they_mark(take: Take) -> None:
    notes = {
        figure.label: [note.split(",")[0].split(";")[0] for note in figure.footnotes]
        for figure in take(CASE).figures
        if figure.unit == "USD"
    }
    assert notes["INVESTMENT"] == notes["Training"] == ["In 2017 prices"]
    assert notes["OPERATING COSTS"] == []


def test_a_section_path_is_the_headings_above(take: Take) -> None:
    sections = {figure.label: figure.section for figure in take(CASE).figures if figure.unit == "USD"}
    assert sections["Training"] == ("Costs", "Investment")
    assert sections["GOVERNMENT"] == ("Savings",)


def test_quotes_are_the_source_s(take: Take) -> None:
    parsed = take(CASE)
    for figure in parsed.figures:
        assert parsed.document.text[figure.start : figure.end] == figure.quote
        assert figure.quote.strip()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Today 170 government institutions take part.",
            ["170 institutions 'Today 170 government institutions take part'"],
        ),
        ("There are four programs.", ["4 programs 'There are four programs'"]),
        ("More than 225,000 people came.", [">225000 people 'More than 225,000 people came'"]),
        ("It carried 77 million data points.", ["77000000 data points 'It carried 77 million data points'"]),
        ("It grew from 71% to 74.3% between 2016 and 2017.", ["71 % @2016 ?", "74.3 % @2017 ?"]),
        ("It rose from US $18k in 2010 to US $268k in 2016.", ["18000 USD @2010 ?", "268000 USD @2016 ?"]),
        ("Reporting takes 2.25 hours at the police and 15 minutes online.", ["2.25 hours ?", "15 minutes ?"]),
        ("It takes from 5 to 10 days.", ["5..10 days ?"]),
        ("Nearly 60% are digital.", ["~60 % ?"]),
        ("Costs fell by 3 percentage points.", ["3 percentage points ?"]),
        ("The exchange rate was R$3.3/USD at the end of 2017.", ["3.3 BRL/USD exchange_rate @2017 ?"]),
        (
            "Between January 2015 and September 2018 it answered 6.2 million calls.",
            ["6200000 calls @2015-01/2018-09 ?"],
        ),
        ("The annual budget was €1.5bn in 2019.", ["1500000000 EUR/year budget @2019 ?"]),
        ("Satisfaction was 87% in 2016.", ["87 % satisfaction @2016 ?"]),
        ("The 3-1-1 line of 311.example.org is open; see Table 2 and W3C.", []),
    ],
)
def test_numbers_in_prose(take: Take, text: str, found: list[str]) -> None:
    expected = [line.removesuffix(" ?") for line in found]
    actual = numbers(take(f"{text}\n\nA second paragraph without any.\n"))
    assert [a[: len(e)] for a, e in zip(actual, expected, strict=True)] == expected


def test_the_cells_of_a_table_have_their_scale_labels_and_years(take: Take) -> None:
    parsed = take(
        "Key figures (EUR million)\n\n| | 2023 | 2022 |\n|---|---|---|\n| Revenue | 1,284.6 | 1,197.3 |\n"
        "| Cost of goods | (893.2) | – |\n| Earnings per share, EUR | 2.38 | 2.07 |\n"
        "| Employees (number) | 4,812 | 4,655 |\n"
        "| Margin | 12% | 9% |\n"
    )
    assert numbers(parsed) == [
        "1284600000 EUR revenue @2023 'Revenue'",
        "1197300000 EUR revenue @2022 'Revenue'",
        "-893200000 EUR @2023 'Cost of goods'",
        "2.38 EUR @2023 'Earnings per share, EUR'",
        "2.07 EUR @2022 'Earnings per share, EUR'",
        "4812 ? staff @2023 'Employees (number)'",
        "4655 ? staff @2022 'Employees (number)'",
        "12 % @2023 'Margin'",
        "9 % @2022 'Margin'",
    ]


def test_a_column_s_scale_is_its_own_and_a_mark_on_its_header_qualifies_it(take: Take) -> None:
    parsed = take(
        "| Item | Cost, US$ million[^1] | People |\n|---|---|---|\n| Desk | 5 | 7 |\n\n[^1]: Without taxes.\n"
    )
    desk = [(int(f.value), f.unit, f.footnotes) for f in parsed.figures]
    assert desk == [(5_000_000, "USD", ("Without taxes.",)), (7, None, ())]


def test_what_is_not_quantified_is_said(take: Take) -> None:
    source = "# The Service\n\n## SAVINGS\n\n- The rolls were cleaned (quantification not available)\n- Time\n"
    assert [(o.measure, o.text, o.section) for o in take(source).omissions] == [
        ("savings", "The rolls were cleaned (quantification not available)", ("Savings",))
    ]


def test_page_numbers_in_a_list_of_contents_are_no_figures(take: Take) -> None:
    contents = "# Contents\n\nThe first service\t8\n\n| Case | Page |\n|---|--:|\n| The second service | 10 |\n\n"
    parsed = take(contents + "# The first service\n\nIt.\n\n# The second service\n\nIt.\n")
    assert parsed.figures == ()
    assert {item.reason for item in parsed.skipped} == {"page number in a list of contents"}


@pytest.mark.parametrize(
    ("source", "seen", "figures", "reasons"),
    [
        ("It cost 5.", 1, 1, []),
        ("It cost 7,6 million for 1,035 entities.", 4, 2, ["part of a figure"] * 2),
        ("Four programs of 5.", 1, 2, []),
        ("It runs 24/7 on 3-1-1.", 5, 1, ["name or code"] * 3 + ["part of a figure"]),
        ("A note[^1] of 5.\n\n[^1]: In 2017.", 4, 2, ["footnote mark"] * 2),
        ("A note<sup>1</sup> of 5 km².", 3, 1, ["footnote mark", "?"]),
        ("See [it](http://a.example/2017/5) for 5.", 3, 1, ["address"] * 2),
        ("1. Out of 5\n2. Into it\n", 3, 1, ["list number"] * 2),
        ("No digits at all.", 0, 0, []),
    ],
)
def test_every_run_of_digits_is_accounted_for(
    take: Take, source: str, seen: int, figures: int, reasons: list[str]
) -> None:
    parsed = take(source)
    actual = sorted(item.reason for item in parsed.skipped)
    assert (parsed.numbers_seen, len(parsed.figures), len(actual)) == (seen, figures, len(reasons))
    assert "?" in reasons or actual == reasons
    assert add_up(parsed)


PHRASES = [
    *(
        "US$5K",
        "7,6 million",
        "3-1-1",
        "24/7",
        "2017",
        "from 5 to 10 days",
        "four programs",
        "(12)",
        "1.",
        "[^1]",
        "[^1]: ",
    ),
    *(
        "<sup>2</sup>",
        "km²",
        "http://a.example/9",
        "| a | 5 |\n|---|---|\n| b | (7.5) |",
        "# ",
        "- ",
        "**",
        "20 %",
        "W3C",
    ),
    *("5 May 2020", "10⁶", "٣", "word", "and", ".", ",", ":", "\n", "\n\n", "5th", "Table 2", "half", "&#53;"),
]


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PHRASES), max_size=25))
@pytest.mark.parametrize("name", ["report.md", "report.txt"])
def test_numbers_add_up_in_any_document(take: Take, name: str, phrases: list[str]) -> None:
    parsed = take("begin " + " ".join(phrases), name)
    assert add_up(parsed)
    assert len({figure.id for figure in parsed.figures}) == len(parsed.figures)
    for item in parsed.skipped:
        assert 0 <= item.start < item.end <= len(parsed.document.text)
    for figure in parsed.figures:
        assert parsed.document.text[figure.start : figure.end] == figure.quote != ""


def test_numbers_after_tabs_are_figures_unless_a_title_stands_before_them(take: Take) -> None:
    assert [
        int(figure.value) for figure in take("Net sales\t512\t648\nOther income\t70\t80\n", "report.txt").figures
    ] == [*(512, 648, 70, 80)]


@pytest.mark.parametrize(
    "sentence, periods",
    [
        ("The board proposes EUR 0.90 per share, after EUR 0.75 for 2022.", [None, "2022"]),
        ("Sales were EUR 9K, against EUR 7K in 2019.", [None, "2019"]),
        ("The school had 90 pupils and 12 teachers in 2019.", ["2019", "2019"]),
    ],
)
def test_a_year_that_another_number_is_of_is_not_taken_for_ones_own(
    take: Take, sentence: str, periods: list[str | None]
) -> None:
    assert [f.period for f in take(f"# Report\n\n{sentence}\n").figures if f.unit != "date"] == periods
