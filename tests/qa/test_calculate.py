"""Comparison, aggregation and arithmetic over four invented cases."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from factdesk.corpus.records import Answer, Kind
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.desk import Desk

HPD_INVESTED, FERRY_INVESTED, FOREST_INVESTED = ("600000", "EUR"), ("1500000", "EUR"), ("8000000", "NOK")
CABINS, MACHINES = ("900000", "EUR"), ("500000", "EUR")
HPD_RUNS, FERRY_RUNS, GEYSER_RUNS = ("10000", "EUR"), ("90000", "EUR"), ("24000", "EUR")
HPD_SAVES, FERRY_SAVES, CITIZENS_SAVE = ("240000", "EUR"), ("300000", "EUR"), ("1200000", "EUR")


def values(answer: Answer) -> list[tuple[str, str | None]]:
    return [(plain_number(cited.figure.value), cited.figure.unit) for cited in answer.figures]


@pytest.mark.parametrize(
    "question, kind, expected",
    [
        ("which case cost the most to set up?", Kind.COMPARISON, [FERRY_INVESTED, HPD_INVESTED]),
        ("which case had the smallest investment?", Kind.COMPARISON, [HPD_INVESTED, FERRY_INVESTED]),
        ("rank all operating costs", Kind.COMPARISON, [HPD_RUNS, FERRY_RUNS, GEYSER_RUNS]),
        ("which case has the lowest operating cost?", Kind.COMPARISON, [GEYSER_RUNS, FERRY_RUNS, HPD_RUNS]),
        ("Which cases state savings for the government?", Kind.LIST, [HPD_SAVES, FERRY_SAVES]),
        ("Which cases state savings for citizens?", Kind.LIST, [CITIZENS_SAVE]),
        (
            "Did the ferry booking or the harbour permit desk save the government more?",
            Kind.COMPARISON,
            [FERRY_SAVES, HPD_SAVES],
        ),
        ("Did the ferry or the harbour desk save the government more?", Kind.COMPARISON, [FERRY_SAVES, HPD_SAVES]),
        (
            "what is the largest item of the night ferry investment?",
            Kind.COMPARISON,
            [("900000", "EUR"), ("500000", "EUR")],
        ),
        ("Finland operating costs", Kind.LIST, [FERRY_RUNS, GEYSER_RUNS]),
    ],
)
def test_figures_are_put_beside_each_other(
    desk: Desk, question: str, kind: Kind, expected: list[tuple[str, str]]
) -> None:
    answer = desk.ask(question)
    assert (answer.kind, values(answer)) == (kind, expected)


@dataclass(frozen=True)
class Result:
    """A calculation that is expected, and what it is made of."""

    expression: str
    value: str
    unit: str
    per: str | None
    operands: list[tuple[str, str | None]]


@pytest.mark.parametrize(
    "question, expected",
    [
        (
            "What is the total investment of the Harbour Permit Desk and the Night Ferry Booking?",
            Result("600000 + 1500000", "2100000", "EUR", None, [HPD_INVESTED, FERRY_INVESTED]),
        ),
        (
            "sum of all operating costs",
            Result("(10000 * 12) + 90000 + 24000", "234000", "EUR", "year", [HPD_RUNS, FERRY_RUNS, GEYSER_RUNS]),
        ),
        (
            "average operating cost of all cases",
            Result("((10000 * 12) + 90000 + 24000) / 3", "78000", "EUR", "year", [HPD_RUNS, FERRY_RUNS, GEYSER_RUNS]),
        ),
        (
            "how many skippers answered in all?",
            Result("1600 + 6400", "8000", "skippers", None, [("1600", "skippers"), ("6400", "skippers")]),
        ),
        (
            "What is the difference between the investment of the HPD and the Night Ferry Booking?",
            Result("1500000 - 600000", "900000", "EUR", None, [FERRY_INVESTED, HPD_INVESTED]),
        ),
        (
            "How much more does the HPD cost to run a month than the ferry booking?",
            Result("10000 - (90000 / 12)", "2500", "EUR", "month", [HPD_RUNS, FERRY_RUNS]),
        ),
        (
            "How many times more did the ferry booking cost to set up than the harbour permit desk?",
            Result("1500000 / 600000", "2.5", "times", None, [FERRY_INVESTED, HPD_INVESTED]),
        ),
        (
            "What share of the HPD investment went to training?",
            Result("200000 / 600000 * 100", "33.3", "%", None, [("200000", "EUR"), HPD_INVESTED]),
        ),
        (
            "what share of the skippers answered online?",
            Result("6400 / (6400 + 1600) * 100", "80", "%", None, [("6400", "skippers"), ("1600", "skippers")]),
        ),
        (
            "share of villages with a room of their own",
            Result("170 / 425 * 100", "40", "%", None, [("170", "villages"), ("425", "villages")]),
        ),
        (
            "what share of the bridges carries a lending box?",
            Result("13 / 52 * 100", "25", "%", None, [("13", "bridges"), ("52", "bridges")]),
        ),
        (
            "How many villages have no room of their own?",
            Result("425 - 170", "255", "villages", None, [("425", "villages"), ("170", "villages")]),
        ),
        (
            "how many permits came from a phone?",
            Result("12000 * 45 / 100", "5400", "permits", None, [("12000", "permits"), ("45", "%")]),
        ),
        (
            "By how many percentage points did reader satisfaction rise?",
            Result("78.5 - 71", "7.5", "percentage points", None, [("78.5", "%"), ("71", "%")]),
        ),
        (
            "What is the payback period of the harbour permit desk?",
            Result("600000 / (240000 + 1200000)", "0.417", "years", None, [HPD_INVESTED, HPD_SAVES, CITIZENS_SAVE]),
        ),
        (
            "in how many months does the ferry booking pay for itself?",
            Result("1500000 / 300000 * 12", "60", "months", None, [FERRY_INVESTED, FERRY_SAVES]),
        ),
        (
            "investment per harbour of the HPD",
            Result("600000 / 300", "2000", "EUR", None, [HPD_INVESTED, ("300", "harbours")]),
        ),
        (
            "How many tickets do the EUR 300,000 of savings of the ferry booking imply?",
            Result(
                "300000 / (4.2 - 1.2)",
                "100000",
                "tickets",
                "year",
                [FERRY_SAVES, ("4.2", "EUR"), ("1.2", "EUR")],
            ),
        ),
    ],
)
def test_a_result_is_shown_with_its_operands(desk: Desk, question: str, expected: Result) -> None:
    answer = desk.ask(question)
    made = answer.calculation
    assert made is not None, answer.answer
    assert expected == Result(made.expression, plain_number(made.value), made.unit or "", made.per, values(answer))
    assert made.operands and set(made.operands) == {cited.figure.id for cited in answer.figures}
    assert answer.kind is Kind.CALCULATION
    assert all(re.search(rf"\[{cited.citation}\]", answer.answer) for cited in answer.figures)


@pytest.mark.parametrize(
    "question",
    [
        "What share of the lamps is broken?",  # "from nine a week to two a week" is a change, no part of a whole
        "What did it cost to build the web wizard that ties all the registers together?",  # one case, and none we know
    ],
)
def test_nothing_is_calculated_from_what_does_not_belong_together(desk: Desk, question: str) -> None:
    assert desk.ask(question).calculation is None


def test_growth_is_the_change_between_two_years(desk: Desk) -> None:
    answer = desk.ask("By what percentage did visits grow from 2019 to 2021?")
    assert answer.calculation is not None
    assert (answer.calculation.expression, plain_number(answer.calculation.value), answer.calculation.unit) == (
        "(40300 - 31000) / 31000 * 100",
        "30",
        "%",
    )


def test_a_monthly_figure_is_brought_to_a_year_in_a_shown_step(desk: Desk) -> None:
    answer = desk.ask("What did the HPD cost to run in a year?")
    assert answer.answer.splitlines()[0] == "EUR 120,000 per year, calculated: 10000 * 12"
    assert values(answer)[0] == HPD_RUNS


def test_a_ranking_says_how_many_state_it_and_what_cannot_be_compared(desk: Desk) -> None:
    assert desk.ask("which case cost the most to set up?").answer.splitlines() == [
        "EUR 1.5 MILLION: investment of Night Ferry Booking (Finland) [1]",
        "  EUR 600K: investment of Harbour Permit Desk (HPD) (Ireland) [2]",
        "  not comparable, other unit or rate: Forest Inventory Register (Norway): NOK 8 MILLION [3]",
        "  3 of 5 state it; not: Geyser Alert Line (Finland); Rivermouth Reading Rooms",
    ]


def test_amounts_of_two_currencies_are_shown_and_not_compared(desk: Desk) -> None:
    answer = desk.ask("did HPD or the forest register cost more to set up?")
    assert (answer.kind, values(answer)) == (Kind.LIST, [HPD_INVESTED, FOREST_INVESTED])
    assert answer.answer.splitlines()[-1].startswith("  not comparable")


def test_a_breakdown_shows_the_items_and_whether_they_add_up(desk: Desk) -> None:
    assert desk.ask("What is the HPD's investment made up of?").answer.splitlines()[:2] == [
        "EUR 600K, investment of Harbour Permit Desk (HPD) (Ireland) [1]",
        "  Software EUR 400K · Training EUR 200K  (adds up) [2]",
    ]
    assert "adds up" not in desk.ask("What is the night ferry investment made up of?").answer


def test_compare_ranks_a_measure(desk: Desk) -> None:
    answer = desk.compare("operating cost")
    assert (answer.kind, values(answer)) == (Kind.COMPARISON, [HPD_RUNS, FERRY_RUNS, GEYSER_RUNS])
    assert desk.compare("operating_cost").answer == answer.answer


@pytest.mark.parametrize("measure", ["net income", "exchange rate", "happiness"])
def test_compare_abstains_where_nothing_states_the_measure(desk: Desk, measure: str) -> None:
    answer = desk.compare(measure)
    assert (answer.kind, answer.reason, answer.figures) == (Kind.ABSTENTION, "figure_not_given", ())
