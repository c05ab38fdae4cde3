"""What a question asks for: the form of the answer, the operation, the kind of value, when, per what, and the rest."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from factdesk.qa.library import Library
from factdesk.qa.question import Operation, Style, currency_in, understand


@dataclass(frozen=True)
class Asked:
    """What is expected of a question; what is left out is expected to be empty."""

    style: Style = Style.FIGURE
    operation: Operation = Operation.LOOKUP
    wanted: str | None = None
    measures: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    per: str | None = None
    currency: str | None = None
    terms: tuple[str, ...] = ()
    result_unit: str | None = None


def asked(question: str, library: Library) -> Asked:
    query = understand(question, library)
    return Asked(
        query.style,
        query.operation,
        query.wanted,
        query.measures,
        query.beneficiaries,
        query.nouns,
        tuple(period.iso for period in query.periods),
        query.per,
        query.currency,
        tuple(token.word for token in query.terms),
        query.result_unit,
    )


INVESTMENT = ("investment",)
COST = ("operating_cost",)
SAVINGS = ("savings",)


@pytest.mark.parametrize(
    "question, expected",
    [
        # money, in the vocabulary's words and in others
        ("How much did the HPD invest?", Asked(wanted="money", measures=INVESTMENT)),
        ("how much did it cost to build the HPD?", Asked(wanted="money", measures=INVESTMENT)),
        ("HPD operating cost", Asked(wanted="money", measures=COST)),
        ("What does the HPD cost to run?", Asked(wanted="money", measures=COST)),
        ("What did the HPD cost to run each month?", Asked(wanted="money", measures=COST, per="month")),
        ("citizen savings per year", Asked(wanted="money", measures=SAVINGS, beneficiaries=("citizens",), per="year")),
        (
            "How much does Ireland save businesses a year?",
            Asked(wanted="money", measures=SAVINGS, beneficiaries=("businesses",), per="year"),
        ),
        ("cost in US dollars", Asked(wanted="money", currency="USD")),
        ("cost in euros", Asked(wanted="money", currency="EUR")),
        ("cost in NOK", Asked(wanted="money", currency="NOK")),
        # counts, shares, times, dates
        (
            "how many permits did the desk handle in 2019?",
            Asked(wanted="count", nouns=("permit",), periods=("2019",), terms=("handle",)),
        ),
        ("visits between 2019 and 2021", Asked(wanted="count", measures=("visits",), periods=("2019/2021",))),
        (
            "how many percent of the permits came from a phone?",
            Asked(wanted="percent", terms=("permits", "phone"), result_unit="percent"),
        ),
        ("reader satisfaction", Asked(wanted="percent", measures=("satisfaction",))),
        ("how long do people wait?", Asked(wanted="duration", beneficiaries=("citizens",), terms=("people", "wait"))),
        ("when did the ferry booking start?", Asked(wanted="date", terms=("start",))),
        ("since when does the desk exist?", Asked(wanted="date", terms=("desk",))),
        # words
        ("why was the desk created?", Asked(Style.TEXT, terms=("desk", "created"))),
        ("who runs the desk?", Asked(Style.TEXT, terms=("runs", "desk"))),
        ("what is the HPD?", Asked(Style.TEXT)),
        ("list the rules of the house", Asked(Style.LIST, terms=("list", "rules", "house"))),
        ("what are the rules of the house?", Asked(Style.LIST, terms=("rules", "house"))),
        ("phone number of the desk", Asked(Style.OPEN, terms=("phone", "desk"))),
        ("help in real time", Asked(Style.OPEN, terms=("help", "real"))),
        # operations
        ("which case cost the most?", Asked(operation=Operation.MOST, wanted="money")),
        (
            "which case has the lowest operating cost",
            Asked(operation=Operation.LEAST, wanted="money", measures=COST),
        ),
        ("all operating costs", Asked(operation=Operation.RANK, wanted="money", measures=COST)),
        (
            "operating costs of the HPD vs the night ferry booking",
            Asked(operation=Operation.COMPARE, wanted="money", measures=COST),
        ),
        ("does the HPD cost more than the ferry booking?", Asked(operation=Operation.COMPARE, wanted="money")),
        ("sum of all operating costs", Asked(operation=Operation.SUM, wanted="money", measures=COST)),
        ("total savings of Ireland and Finland", Asked(operation=Operation.SUM, wanted="money", measures=SAVINGS)),
        ("average investment of all cases", Asked(operation=Operation.AVERAGE, wanted="money", measures=INVESTMENT)),
        (
            "difference between the investment of the HPD and the ferry booking",
            Asked(operation=Operation.DIFFERENCE, wanted="money", measures=INVESTMENT),
        ),
        (
            "how many villages have no room?",
            Asked(operation=Operation.DIFFERENCE, wanted="count", nouns=("villag",), terms=("villages", "room")),
        ),
        (
            "by how many percentage points did satisfaction rise?",
            Asked(operation=Operation.POINTS, wanted="percent", measures=("satisfaction",), terms=("rise",)),
        ),
        (
            "by what percentage did visits grow?",
            Asked(operation=Operation.GROWTH, wanted="percent", measures=("visits",), terms=("grow",)),
        ),
        ("payback period of the HPD", Asked(operation=Operation.PAYBACK, wanted="money")),
        (
            "in how many months does the ferry pay for itself?",
            Asked(operation=Operation.PAYBACK, wanted="money", terms=("pay",), result_unit="months"),
        ),
        (
            "investment per harbour",
            Asked(operation=Operation.RATIO, wanted="money", measures=INVESTMENT, terms=("harbour",)),
        ),
        (
            "what are the operating costs made up of?",
            Asked(Style.LIST, Operation.BREAKDOWN, wanted="money", measures=COST),
        ),
        ("which countries are covered?", Asked(Style.LIST, Operation.SUBJECTS, terms=("covered",))),
        ("does the compendium mention tablets?", Asked(Style.TEXT, Operation.MENTIONS, terms=("tablets",))),
        (
            "which cases state savings for citizens?",  # the verb, not the public body
            Asked(operation=Operation.WHICH, wanted="money", measures=SAVINGS, beneficiaries=("citizens",)),
        ),
        (
            "anglers in 2015 at the open days",
            Asked(Style.OPEN, nouns=("angler",), terms=("anglers", "open"), periods=("2015",)),
        ),
        ("what is the town's annual budget", Asked(wanted="money", measures=("budget",), per="year", terms=("town",))),
        ("how much does the state save", Asked(wanted="money", measures=SAVINGS, beneficiaries=("government",))),
        # Spanish and Portuguese
        ("¿Cuánto se invirtió en el HPD?", Asked(wanted="money", measures=INVESTMENT)),
        ("¿Cuál es el costo operativo mensual del HPD?", Asked(wanted="money", measures=COST, per="month")),
        (
            "Qual foi a economia anual do governo?",
            Asked(wanted="money", measures=SAVINGS, beneficiaries=("government",), per="year"),
        ),
        ("Quando começou o Night Ferry Booking?", Asked(wanted="date", terms=("start",))),
        ("¿Por qué se creó el HPD?", Asked(Style.TEXT, terms=("created",))),
    ],
)
def test_a_question_is_taken_apart(library: Library, question: str, expected: Asked) -> None:
    assert asked(question, library) == expected


@pytest.mark.parametrize(
    "text, code",
    [
        ("in US dollars", "USD"),
        ("in dollars", "USD"),
        ("in usd", "USD"),
        ("en euros", "EUR"),
        ("em libras", "GBP"),
        ("in Japanese yen", "JPY"),
        ("in Mexican pesos", "MXN"),
        ("in pesos", None),  # of which country?
        ("in real time", None),
        ("in all", None),
        ("in total", None),
        ("dollars", None),
        ("", None),
    ],
)
def test_a_currency_is_known_by_its_name_or_code(text: str, code: str | None) -> None:
    found = currency_in(f"what did it cost {text}")
    assert (found and found[0]) == code


NOTHING = Asked(style=Style.OPEN)


@pytest.mark.parametrize(
    "question, expected",
    [
        ("?", NOTHING),
        ("the", NOTHING),
        ("¿¿¿", NOTHING),
        ("((((", NOTHING),
        ("\\", NOTHING),
        ("a" * 3000, Asked(style=Style.OPEN, terms=("a" * 3000,))),
        ("2019", Asked(style=Style.OPEN, periods=("2019",))),
        ("100%", Asked(wanted="percent")),
    ],
)
def test_any_text_can_be_taken_apart(library: Library, question: str, expected: Asked) -> None:
    assert asked(question, library) == expected
