"""Arithmetic over figures: exact decimals, the expression shown, the result no finer than the operands.

Sums and differences of stated amounts are exact. Products and quotients keep as many significant digits as the
coarsest operand, but no fewer than three: "US$1 million" is rarely meant to one digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from factdesk.corpus.records import Calculation, Figure

PER_YEAR = {
    "hour": Decimal(8760),
    "day": Decimal(365),
    "week": Decimal(52),
    "month": Decimal(12),
    "quarter": Decimal(4),
    "year": Decimal(1),
}
YEAR_IN = {
    "years": Decimal(1),
    "months": Decimal(12),
    "weeks": Decimal(52),
    "days": Decimal(365),
    "hours": Decimal(8760),
}
LEAST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure as it enters a calculation: brought to a rate, with the step that did it."""

    figure: Figure
    value: Decimal
    expression: str
    per: str | None


def plain_number(value: Decimal) -> str:
    """A number as an expression shows it: no exponent, no needless zeros."""
    text = format(value.normalize(), "f")
    return text if text != "-0" else "0"


def as_stated(figure: Figure) -> Operand:
    """A figure as it is."""
    return Operand(figure, figure.value, plain_number(figure.value), figure.per)


def at_rate(figure: Figure, per: str | None) -> Operand | None:
    """The figure at a rate; None if it has no rate, or another one is asked for and it has none."""
    if per is None or figure.per == per:
        return as_stated(figure)
    if figure.per is None or per not in PER_YEAR or figure.per not in PER_YEAR:
        return None
    factor = PER_YEAR[figure.per] / PER_YEAR[per]
    if factor >= 1:
        return Operand(figure, figure.value * factor, f"{plain_number(figure.value)} * {plain_number(factor)}", per)
    inverse = PER_YEAR[per] / PER_YEAR[figure.per]
    return Operand(
        figure,
        rounded(figure.value / inverse, figure.value),
        f"{plain_number(figure.value)} / {plain_number(inverse)}",
        per,
    )


def significant(value: Decimal) -> int:
    """The significant digits of a number as stated; trailing zeros of a whole number do not count."""
    return max(1, len(value.normalize().as_tuple().digits))


def rounded(value: Decimal, *operands: Decimal) -> Decimal:
    """A quotient or product, rounded no finer than its operands allow."""
    digits = max(LEAST_DIGITS, min((significant(o) for o in operands if o), default=LEAST_DIGITS))
    with localcontext(Context(prec=digits, rounding=ROUND_HALF_EVEN)):
        return +value


def total(operands: list[Operand]) -> Calculation:
    """The sum of operands of one unit and rate."""
    return Calculation(
        expression=added(operands),
        value=sum((o.value for o in operands), Decimal(0)),
        unit=operands[0].figure.unit,
        per=operands[0].per,
        operands=tuple(o.figure.id for o in operands),
    )


def average(operands: list[Operand]) -> Calculation:
    """The mean of operands of one unit and rate."""
    value = sum((o.value for o in operands), Decimal(0)) / len(operands)
    return Calculation(
        expression=f"({added(operands)}) / {len(operands)}",
        value=rounded(value, *(o.value for o in operands)),
        unit=operands[0].figure.unit,
        per=operands[0].per,
        operands=tuple(o.figure.id for o in operands),
    )


def difference(first: Operand, second: Operand, unit: str | None = None) -> Calculation:
    """What the first is more than the second."""
    return Calculation(
        expression=f"{bracketed(first)} - {bracketed(second)}",
        value=first.value - second.value,
        unit=unit or first.figure.unit,
        per=first.per,
        operands=(first.figure.id, second.figure.id),
    )


def quotient(first: Operand, second: Operand, unit: str | None, per: str | None = None) -> Calculation | None:
    """The first over the second; None if the second is zero."""
    if not second.value:
        return None
    return Calculation(
        expression=f"{bracketed(first)} / {bracketed(second)}",
        value=rounded(first.value / second.value, first.value, second.value),
        unit=unit,
        per=per,
        operands=(first.figure.id, second.figure.id),
    )


def implied_count(amount: Operand, before: Operand, after: Operand, unit: str | None) -> Calculation | None:
    """How many times the difference of two unit costs goes into an amount saved; None if there is no difference."""
    saved = before.value - after.value
    if saved <= 0:
        return None
    return Calculation(
        expression=f"{bracketed(amount)} / ({bracketed(before)} - {bracketed(after)})",
        value=rounded(amount.value / saved, amount.value, saved),
        unit=unit,
        per=amount.per,
        operands=(amount.figure.id, before.figure.id, after.figure.id),
    )


def share(part: Operand, whole: list[Operand]) -> Calculation | None:
    """A part of the sum of others, in percent; None if that is zero."""
    value = sum((o.value for o in whole), Decimal(0))
    if not value:
        return None
    ids = dict.fromkeys([part.figure.id, *(o.figure.id for o in whole)])
    return Calculation(
        expression=f"{bracketed(part)} / {grouped(whole)} * 100",
        value=rounded(part.value / value * 100, part.value, *(o.value for o in whole)),
        unit="%",
        per=None,
        operands=tuple(ids),
    )


def growth(first: Operand, last: Operand) -> Calculation | None:
    """The change from the first to the last in percent; None from zero."""
    if not first.value:
        return None
    return Calculation(
        expression=f"({bracketed(last)} - {bracketed(first)}) / {bracketed(first)} * 100",
        value=rounded((last.value - first.value) / first.value * 100, first.value, last.value),
        unit="%",
        per=None,
        operands=(first.figure.id, last.figure.id),
    )


def part_of(whole: Operand, percent: Operand) -> Calculation:
    """A percentage of a count."""
    return Calculation(
        expression=f"{bracketed(whole)} * {bracketed(percent)} / 100",
        value=rounded(whole.value * percent.value / 100, whole.value),
        unit=whole.figure.unit,
        per=whole.per,
        operands=(whole.figure.id, percent.figure.id),
    )


def payback(investment: Operand, savings: list[Operand], unit: str) -> Calculation | None:
    """How long yearly savings take to reach an investment, in a unit of time; None without savings."""
    yearly = sum((o.value for o in savings), Decimal(0))
    if yearly <= 0:
        return None
    factor = YEAR_IN.get(unit, Decimal(1))
    tail = "" if factor == 1 else f" * {plain_number(factor)}"
    return Calculation(
        expression=f"{bracketed(investment)} / {grouped(savings)}{tail}",
        value=rounded(investment.value / yearly * factor, investment.value, *(o.value for o in savings)),
        unit=unit if unit in YEAR_IN else "years",
        per=None,
        operands=(investment.figure.id, *(o.figure.id for o in savings)),
    )


def conversion(operand: Operand) -> Calculation:
    """The step that brings a figure to another rate, as a calculation of its own."""
    return Calculation(operand.expression, operand.value, operand.figure.unit, operand.per, (operand.figure.id,))


def bracketed(operand: Operand) -> str:
    """An operand in an expression, in brackets if it is a step itself."""
    return f"({operand.expression})" if " " in operand.expression else operand.expression


def added(operands: list[Operand]) -> str:
    """Operands as the terms of a sum."""
    return " + ".join(bracketed(o) for o in operands)


def grouped(operands: list[Operand]) -> str:
    """The sum of operands as one operand of an expression."""
    return bracketed(operands[0]) if len(operands) == 1 else f"({added(operands)})"
