"""Arithmetic over figures: exact, shown step by step, and no finer than what it is made of."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factdesk.corpus.records import Calculation, Figure
from factdesk.qa import arithmetic
from factdesk.qa.arithmetic import Operand, at_rate, plain_number, rounded

AMOUNTS = st.decimals("0.01", "1e12", places=2)


def figure(value: str | Decimal, per: str | None = None, unit: str = "EUR", identity: str = "a") -> Figure:
    return Figure(
        id=identity,
        document="d",
        subject="Desk",
        section=(),
        measure=None,
        label="",
        value=Decimal(value),
        unit=unit,
        per=per,
        quote="",
        start=0,
        end=0,
    )


def operand(value: str | Decimal, identity: str = "a", unit: str = "EUR", per: str | None = None) -> Operand:
    found = at_rate(figure(value, per, unit, identity), per)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "value, text",
    [("0", "0"), ("-0", "0"), ("1E+3", "1000"), ("1.50", "1.5"), ("0.00012", "0.00012"), ("-7.0", "-7")],
)
def test_a_number_is_shown_without_exponent_and_idle_zeros(value: str, text: str) -> None:
    assert plain_number(Decimal(value)) == text


@pytest.mark.parametrize(
    "value, per, asked, expected",
    [
        ("10", "month", "year", ("120", "10 * 12")),
        ("120", "year", "month", ("10", "120 / 12")),
        ("2", "week", "year", ("104", "2 * 52")),
        ("3", "day", "year", ("1095", "3 * 365")),
        ("4", "quarter", "year", ("16", "4 * 4")),
        ("100", "year", "month", ("8.33", "100 / 12")),
        ("5", "month", "month", ("5", "5")),
        ("5", "month", None, ("5", "5")),
        ("5", None, "year", None),  # an amount without a rate is none
        ("5", "trip", "year", None),
        ("5", "year", "trip", None),
    ],
)
def test_a_figure_is_brought_to_a_rate_in_a_shown_step(
    value: str, per: str | None, asked: str | None, expected: tuple[str, str] | None
) -> None:
    found = at_rate(figure(value, per), asked)
    assert (found and (plain_number(found.value), found.expression)) == expected


@pytest.mark.parametrize(
    "value, operands, expected",
    [
        ("0.41666666", ("600000", "1440000"), "0.417"),  # three digits at least
        ("33.3333333", ("200000", "600000"), "33.3"),
        ("12.3456789", ("1234.5", "98765.4"), "12.346"),  # five, as the coarser of them
        ("0.5", ("1", "2"), "0.5"),
        ("2.5", (), "2.5"),
    ],
)
def test_a_result_is_no_finer_than_its_operands(value: str, operands: tuple[str, ...], expected: str) -> None:
    assert rounded(Decimal(value), *map(Decimal, operands)) == Decimal(expected)


def shown(found: Calculation | None) -> tuple[str, str, str | None, str | None, tuple[str, ...]] | None:
    if found is None:
        return None
    return found.expression, plain_number(found.value), found.unit, found.per, found.operands


A, B, MONTHLY = operand("600000", "a"), operand("1500000", "b"), at_rate(figure("10", "month", identity="m"), "year")
assert MONTHLY is not None
NONE = operand("0", "z")


@pytest.mark.parametrize(
    "found, expected",
    [
        (arithmetic.total([A, B]), ("600000 + 1500000", "2100000", "EUR", None, ("a", "b"))),
        (
            arithmetic.total([MONTHLY, operand("5", "y", per="year")]),
            ("(10 * 12) + 5", "125", "EUR", "year", ("m", "y")),
        ),
        (arithmetic.average([A, B]), ("(600000 + 1500000) / 2", "1050000", "EUR", None, ("a", "b"))),
        (arithmetic.difference(B, A), ("1500000 - 600000", "900000", "EUR", None, ("b", "a"))),
        (
            arithmetic.difference(operand("78.5", "b", "%"), operand("71", "a", "%"), "percentage points"),
            ("78.5 - 71", "7.5", "percentage points", None, ("b", "a")),
        ),
        (arithmetic.quotient(B, A, "times"), ("1500000 / 600000", "2.5", "times", None, ("b", "a"))),
        (arithmetic.quotient(A, NONE, "times"), None),
        (arithmetic.share(A, [B]), ("600000 / 1500000 * 100", "40", "%", None, ("a", "b"))),
        (arithmetic.share(A, [A, B]), ("600000 / (600000 + 1500000) * 100", "28.6", "%", None, ("a", "b"))),
        (arithmetic.share(A, [NONE]), None),
        (arithmetic.growth(A, B), ("(1500000 - 600000) / 600000 * 100", "150", "%", None, ("a", "b"))),
        (arithmetic.growth(B, A), ("(600000 - 1500000) / 1500000 * 100", "-60", "%", None, ("b", "a"))),
        (arithmetic.growth(NONE, A), None),
        (
            arithmetic.part_of(operand("12000", "w", "permits"), operand("45", "p", "%")),
            ("12000 * 45 / 100", "5400", "permits", None, ("w", "p")),
        ),
        (arithmetic.payback(B, [A], "years"), ("1500000 / 600000", "2.5", "years", None, ("b", "a"))),
        (arithmetic.payback(B, [A], "months"), ("1500000 / 600000 * 12", "30", "months", None, ("b", "a"))),
        (
            arithmetic.payback(B, [A, MONTHLY], "days"),
            ("1500000 / (600000 + (10 * 12)) * 365", "912", "days", None, ("b", "a", "m")),
        ),
        (arithmetic.payback(B, [A], "fortnights"), ("1500000 / 600000", "2.5", "years", None, ("b", "a"))),
        (arithmetic.payback(B, [NONE], "years"), None),
        (arithmetic.conversion(MONTHLY), ("10 * 12", "120", "EUR", "year", ("m",))),
    ],
)
def test_a_calculation_shows_its_expression_and_names_its_operands(
    found: Calculation | None, expected: tuple[str, str, str | None, str | None, tuple[str, ...]] | None
) -> None:
    assert shown(found) == expected


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_a_sum_is_exact(amounts: list[Decimal]) -> None:
    cents = sum(int(amount * 100) for amount in amounts)
    assert arithmetic.total([operand(amount) for amount in amounts]).value * 100 == cents


@given(AMOUNTS, AMOUNTS)
def test_a_difference_undoes_a_sum(first: Decimal, second: Decimal) -> None:
    total = arithmetic.total([operand(first), operand(second)]).value
    assert arithmetic.difference(operand(total), operand(second)).value == first


@given(AMOUNTS, AMOUNTS)
def test_two_shares_make_a_whole(first: Decimal, second: Decimal) -> None:
    parts = [operand(first, "a"), operand(second, "b")]
    shares = [arithmetic.share(part, parts) for part in parts]
    assert abs(sum((share.value for share in shares if share), Decimal(-100))) <= 1  # each is rounded to three digits


@given(AMOUNTS, st.sampled_from(["month", "week", "day", "quarter", "year"]))
def test_a_yearly_amount_is_at_least_what_it_was(amount: Decimal, per: str) -> None:
    yearly = at_rate(figure(amount, per), "year")
    assert yearly is not None
    assert yearly.per == "year"
    assert yearly.value.compare(amount) >= 0


@given(AMOUNTS, AMOUNTS)
def test_growth_brings_the_first_value_to_the_last(first: Decimal, last: Decimal) -> None:
    change = arithmetic.growth(operand(first), operand(last))
    assert change is not None
    assert abs(first * (1 + change.value / 100) - last) <= Decimal("0.006") * (first + last)
