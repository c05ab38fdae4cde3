"""Finding figures: by kind, subject, beneficiary, period and currency; headlines, items, and words near the number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from factdesk.corpus.records import Figure
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.desk import Desk
from factdesk.qa.lexicon import Terms
from factdesk.qa.lookup import (
    closeness,
    fits_kind,
    gaps_of,
    kind_of,
    names_measure,
    other_side,
    period_agrees,
    years_of,
)
from factdesk.qa.question import Period
from factdesk.tests.qa.conftest import Maker


def figure(
    unit: str | None, *, period: str | None = None, sentence: str = "", printed: str = "5", notes: tuple[str, ...] = ()
) -> Figure:
    return Figure(
        id="a",
        document="d",
        subject="Desk",
        section=(),
        measure=None,
        label="",
        value=Decimal(5),
        unit=unit,
        quote=printed,
        start=0,
        end=1,
        period=period,
        sentence=sentence,
        printed=printed,
        footnotes=notes,
    )


@pytest.mark.parametrize(
    "unit, kind",
    [
        ("EUR", "money"),
        ("NOK/EUR", "money"),
        ("%", "percent"),
        ("percentage points", "percent"),
        ("date", "date"),
        ("minutes", "duration"),
        ("year", "duration"),
        ("permits", "count"),
        ("USB", "money"),  # three capitals are a currency to it; ingest gives no other unit this form
        (None, "count"),
    ],
)
def test_a_unit_tells_the_kind(unit: str | None, kind: str) -> None:
    assert kind_of(figure(unit)) == kind


@pytest.mark.parametrize(
    "unit, wanted, nouns, fits",
    [
        ("EUR", "money", (), True),
        ("EUR", "count", (), False),
        ("EUR", None, (), True),
        ("permits", "count", ("permit",), True),
        ("minutes", "count", (), False),
        ("minutes", "count", ("minut",), True),
        ("date", "duration", (), False),
    ],
)
def test_only_figures_of_the_kind_asked_for_fit(
    unit: str, wanted: str | None, nouns: tuple[str, ...], fits: bool
) -> None:
    assert fits_kind(figure(unit), wanted, nouns) is fits


@pytest.mark.parametrize(
    "period, years",
    [
        ("2017", (2017, 2017)),
        ("2011/2016", (2011, 2016)),
        ("2015-01/2018-09", (2015, 2018)),
        (None, None),
        ("..", None),
    ],
)
def test_a_period_has_a_first_and_a_last_year(period: str | None, years: tuple[int, int] | None) -> None:
    assert years_of(period) == years


def span(first: int, last: int, iso: str = "") -> Period:
    return Period(first, last, "", iso or (str(first) if first == last else f"{first}/{last}"))


@pytest.mark.parametrize(
    "own, asked, agrees",
    [
        (figure("EUR", period="2017"), (), None),
        (figure("EUR", period="2017"), (span(2017, 2017),), True),
        (figure("EUR", period="2017"), (span(2018, 2018),), False),
        (figure("EUR", period="2011/2016"), (span(2011, 2016),), True),
        (figure("EUR", period="2011/2016"), (span(2013, 2013),), False),  # a year inside is not the span's figure
        (figure("EUR", period="2015-01"), (span(2015, 2015, "2015-03"),), False),
        (figure("EUR"), (span(2015, 2015),), None),
        (figure("EUR", sentence="5 in 2015"), (span(2015, 2015),), True),
        (figure("EUR", notes=("At 2015 prices",)), (span(2015, 2015),), True),
    ],
)
def test_a_figure_is_of_the_period_asked_about(own: Figure, asked: tuple[Period, ...], agrees: bool | None) -> None:
    assert period_agrees(own, asked) is agrees


def test_the_number_nearest_to_the_words_is_closest() -> None:
    terms = Terms({"onlin": 1.0})
    sentence = "1,600 answered on paper, and a good many more, some 6,400, online"
    paper = closeness(gaps_of(figure("count", sentence=sentence, printed="1,600")), terms)
    online = closeness(gaps_of(figure("count", sentence=sentence, printed="6,400")), terms)
    assert 0 <= paper < online <= 1
    assert closeness(gaps_of(figure("count", sentence=sentence, printed="7")), terms) == 0
    assert closeness(gaps_of(figure("count", sentence=sentence, printed="6,400")), Terms({})) == 0


@pytest.mark.parametrize(
    "question, value, unit, per",
    [
        ("How much did the HPD invest?", "600000", "EUR", None),
        ("how much did the HPD spend on training?", "200000", "EUR", None),  # the item, where its word is asked
        ("HPD operating costs", "10000", "EUR", "month"),
        ("what does the HPD's help line cost?", "7000", "EUR", "month"),
        ("what does the HPD save the government?", "240000", "EUR", "year"),
        ("what does the HPD save citizens?", "1200000", "EUR", "year"),
        ("operating cost of the geyser line", "24000", "EUR", "year"),
        ("what does the forest register cost a month?", "50000", "NOK", "month"),
        ("how many permits did the desk handle in 2019?", "12000", "permits", None),
        ("what percentage of the permits came from a phone?", "45", "%", None),
        ("how many harbours take part?", "300", "harbours", None),
        ("how many skippers answered online?", "6400", "skippers", None),
        ("how many skippers answered on paper?", "1600", "skippers", None),
        ("how many visits in 2021?", "40300", None, None),
        ("how many visits in 2019?", "31000", None, None),
        ("when did the night ferry booking start?", "2016", "date", None),
        ("how many villages have a room?", "170", "villages", None),
        ("HPD investment in euros", "600000", "EUR", None),
    ],
)
def test_the_figure_asked_for_comes_first(
    desk: Desk, question: str, value: str, unit: str | None, per: str | None
) -> None:
    answer = desk.ask(question)
    assert answer.figures, answer.answer
    first = answer.figures[0].figure
    assert (plain_number(first.value), first.unit, first.per) == (value, unit, per)


def test_what_qualifies_a_figure_comes_with_it(desk: Desk) -> None:
    invested = desk.ask("How much did the HPD invest?").answer
    assert "  note: At 2016 prices. [3]" in invested.splitlines()
    assert desk.ask("how many harbours take part?").answer.startswith("more than 300 harbours: ")


@pytest.mark.parametrize(
    "given, values",
    [
        ({"subject": "hpd", "measure": "investment"}, ["600000", "400000", "200000"]),
        ({"subject": "HPD", "measure": "operating cost"}, ["10000", "7000", "3000"]),
        ({"unit": "nok"}, ["8000000", "50000"]),
        ({"document": "reading", "unit": "%"}, ["71", "78.5"]),
        ({"period": "2021", "unit": None, "document": "report", "words": ["visits"]}, ["40300", "2021"]),
        ({"words": ["skippers"]}, ["1600", "6400"]),
        ({"words": ["helicopters"]}, []),
        ({"subject": "nobody"}, []),
    ],
)
def test_figures_are_listed_by_what_is_given(desk: Desk, given: dict[str, Any], values: list[str]) -> None:
    found = desk.figures(**given)
    assert [plain_number(one.value) for one in found] == values


@pytest.mark.parametrize(
    "label, measure, names",
    [
        ("operation", "operating_cost", True),
        ("Cost of operation", "operating_cost", True),
        ("operation theatres", "operating_cost", False),
        ("vehicles", "operating_cost", False),
        ("cost", "operating_cost", False),
        ("", "operating_cost", False),
    ],
)
def test_a_label_of_a_measures_own_words_names_it(label: str, measure: str, names: bool) -> None:
    assert names_measure(label, [measure]) is names


def test_before_and_after_are_told_apart(desk: Desk) -> None:
    assert other_side("loans after the move", "loans before the move")
    assert not other_side("loans after the move", "loans, before and after")
    assert not other_side("loans", "loans before the move")
    assert other_side("how long in person?", "Online it takes 15 minutes.")
    assert not other_side("how long in person?", "Online it takes 15 minutes, in person an hour.")
    assert not other_side("how long online or in person?", "Online it takes 15 minutes.")
    for side, expected in (("before", "1240"), ("after", "1660")):
        answer = desk.ask(f"how many loans a month {side} the new shelves?")
        assert [plain_number(cited.figure.value) for cited in answer.figures] == [expected]


def test_a_year_is_of_the_number_it_stands_with_and_is_no_answer_itself(small_desk: Maker) -> None:
    text = "# Report\n\n## Dividend\n\nThe board proposes a dividend of EUR 0.90 per share, after EUR 0.75 for 2022.\n"
    answer = small_desk(report=text).ask("dividend in 2022")
    assert [f"{cited.figure.value:f} {cited.figure.unit}" for cited in answer.figures] == ["0.75 EUR"]


def test_a_row_that_is_called_as_asked_comes_before_one_that_says_more(small_desk: Maker) -> None:
    table = "| | 2023 |\n|---|---|\n| Cost of revenue | EUR 30 million |\n| Revenue | EUR 50 million |\n"
    made = small_desk(lighthouse=f"# The Lighthouse Report\n\nIt tells.\n\n{table}")
    figures = made.ask("what was the revenue of the lighthouse in 2023?").figures
    assert [int(cited.figure.value) for cited in figures[:1]] == [50_000_000]
