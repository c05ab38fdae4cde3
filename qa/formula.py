"""Formulas over items of financial statements: read from words or signs, worked out over figures.

1. A formula is made of numbers, items, the four signs and brackets; signs may be words ("divided by", "plus", "less").
2. "average x", "average of x between A and B" is the mean of x at the two ends; "change in x" their difference.
3. An item may say its year ("FY2018 COGS"); otherwise it is of the year that the whole formula is worked out for.
4. Words that are no item end the formula; a formula that is cut short is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Figure

YEAR_WORD = r"(?:fy|fiscal(?: year)?|year(?: ended?)?)?\s*'?((?:19|20)\d\d)"


@dataclass(frozen=True, slots=True)
class Number:
    """A plain number of a formula."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Of:
    """An item, in the year asked about or `back` years before, or in a year of its own."""

    item: str
    year: int | None = None
    back: int = 0


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of an item at the ends of two years; None: the year asked about and the one before."""

    item: str
    years: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an item has grown by between two years."""

    item: str
    years: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Two formulas and the sign between them."""

    sign: str
    left: Formula
    right: Formula


Formula = Number | Of | Mean | Change | Operation


@dataclass(frozen=True, slots=True)
class Stated:
    """The figure of an item in a year, and its value as one speaks of it: what was spent is positive."""

    figure: Figure
    value: Decimal


Value = Callable[[str, int], Stated | None]
"""What is stated of an item in a year; None if nothing is."""


class Missing(Exception):
    """An item of a formula that no document states for its year."""

    def __init__(self, item: str, year: int) -> None:
        super().__init__(item, year)
        self.item, self.year = item, year


@dataclass(frozen=True, slots=True)
class Result:
    """What a formula comes to, how it was worked out, and from which figures."""

    value: Decimal
    expression: str
    stated: tuple[Stated, ...]


# Reading


SIGNS = {"×": "*", "÷": "/", "−": "-", "–": "-"}
WORD_SIGNS = (
    (lazily(r"\bdivided by\b", re.I), " / "),
    (lazily(r"\bmultiplied by\b|(?<!many )\btimes\b", re.I), " * "),
    (lazily(r"\bplus\b", re.I), " + "),
    (lazily(r"\bminus\b|\bless\b", re.I), " - "),
)
REMARK = lazily(
    r"[\[(]\s*(?:from|in|as (?:shown|reported) (?:in|on)|per|on) [^()\[\]]*[)\]]|\bfrom (?:the )?cash flow statement\b",
    re.I,
)
"""What says where to find an item, and is no part of the formula."""


def prepared(text: str) -> str:
    """A text as `Reader` reads it: signs for words, no remarks, small letters."""
    text = REMARK.sub(" ", text)
    for pattern, sign in WORD_SIGNS:
        text = pattern.sub(sign, text)
    return text.casefold().replace("’", "'")


class Reader:
    """Reads one formula from the head of a prepared text, up to where `at` then stands."""

    def __init__(self, text: str, phrases: Mapping[str, str], ratios: Mapping[str, Formula] | None = None) -> None:
        self.text = text
        self.at = 0
        self.phrases = sorted(phrases, key=len, reverse=True)
        self.meaning = phrases
        self.ratios = ratios or {}

    def formula(self) -> Formula | None:
        """The formula at the head of the text; None if there is none."""
        try:
            return self.sum()
        except ValueError:
            return None

    def sum(self) -> Formula:
        left = self.product()
        while (sign := self.sign("+-")) is not None:
            left = Operation(sign, left, self.product())
        return left

    def product(self) -> Formula:
        left = self.atom()
        while (sign := self.sign("*/")) is not None:
            left = Operation(sign, left, self.atom())
        return left

    def sign(self, signs: str) -> str | None:
        match = re.compile(r"\s*([-+*/×÷−–])\s*(?!\s*$)").match(self.text, self.at)
        if match is None:
            return None
        found = SIGNS.get(match.group(1), match.group(1))
        if found not in signs:
            return None
        self.at = match.end()
        return found

    def atom(self) -> Formula:
        self.skip(r"(?:the|a|an|of|its|total value of)\b")
        if self.skip(r"\("):
            inner = self.sum()
            if not self.skip(r"\)"):
                raise ValueError("a bracket is open")
            self.skip(YEARS_AFTER)
            return inner
        if number := self.take(r"(\d+(?:\.\d+)?)(?![\w.%])(?!\s*[-–]?\s*year)"):
            if not re.fullmatch(r"(?:19|20)\d\d", number.group(1)):
                return Number(Decimal(number.group(1)))
            self.at = number.start()
        if self.skip(r"(?:the\s+)?(?:average|mean)\b(?:\s+of)?"):
            bracket = self.skip(r"\(")
            item, _ = self.item()
            years = self.years()
            if bracket:
                self.skip(r"\)")
            return Mean(item, years)
        if self.skip(r"(?:the\s+)?(?:change|increase|decrease) in\b|change(?=\()"):
            bracket = self.skip(r"\(")
            item, _ = self.item()
            years = self.years()
            if bracket:
                self.skip(r"\)")
            return Change(item, years)
        if self.skip(r"previous(?=\()"):
            self.skip(r"\(")
            item, _ = self.item()
            self.skip(r"\)")
            return Of(item, back=1)
        name, year = self.item()
        if name in self.ratios:
            return self.ratios[name]
        return Of(name, year)

    def item(self) -> tuple[str, int | None]:
        """The item named here, and its year."""
        year = None
        self.skip(r"(?:the|a|an|of|its)\b")
        if before := self.take(YEAR_WORD + r"(?:'s)?\s+"):
            year = int(before.group(1))
        self.skip(r"(?:the|year-?end|ending|company's|firm's|net(?= p))\s+")
        space = re.compile(r"\s*").match(self.text, self.at)
        start = space.end() if space else self.at
        for phrase in self.phrases:
            if self.text.startswith(phrase, start) and not self.text[start + len(phrase) :][:1].isalnum():
                self.at = start + len(phrase)
                if after := self.take(OWN_YEAR):
                    year = year or int(after.group(1))
                return self.meaning[phrase], year
        raise ValueError("no item here")

    def years(self) -> tuple[int, int] | None:
        """Two years named here ("between FY2018 and FY2019")."""
        found = self.take(TWO_YEARS)
        return (int(found.group(1)), int(found.group(2))) if found else None

    def take(self, pattern: str) -> re.Match[str] | None:
        match = re.compile(r"\s*(?:" + pattern + ")", re.I).match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def skip(self, pattern: str) -> bool:
        return self.take(pattern) is not None


OWN_YEAR = rf"\s*(?:,|in|for|as of|at the end of|at)?\s*{YEAR_WORD}(?!\s*(?:and|-|–|to)\s*(?:fy)?\s*(?:19|20)\d\d)"
"""The year right after an item, which is not the first of two."""
TWO_YEARS = rf"\s*(?:between|from|of|for|in|over|at)?\s*(?:the\s+)?{YEAR_WORD}\s*(?:and|to|-|–|through)\s*{YEAR_WORD}"
YEARS_AFTER = rf"\s*(?:between|from)\s*{YEAR_WORD}\s*(?:and|to|-)\s*{YEAR_WORD}"


# Working out


def worked_out(formula: Formula, year: int, value: Value, say: Callable[[Stated], str]) -> Result:
    """What a formula comes to in a year. `say` writes the number of an operand.

    Raises Missing for an item without a figure, ZeroDivisionError.
    """

    def stated(item: str, when: int) -> Stated:
        found = value(item, when)
        if found is None:
            raise Missing(item, when)
        return found

    def of(part: Formula) -> Result:
        if isinstance(part, Number):
            return Result(part.value, f"{part.value}", ())
        if isinstance(part, Of):
            operand = stated(part.item, (part.year or year) - part.back)
            return Result(operand.value, say(operand), (operand,))
        if isinstance(part, (Mean, Change)):
            first, last = part.years or (year - 1, year)
            before, after = stated(part.item, min(first, last)), stated(part.item, max(first, last))
            if isinstance(part, Mean):
                total = f"({say(before)} + {say(after)}) / 2"
                return Result((before.value + after.value) / 2, f"({total})", (before, after))
            return Result(after.value - before.value, f"({say(after)} - {say(before)})", (after, before))
        left, right = of(part.left), of(part.right)
        operands = tuple(dict.fromkeys((*left.stated, *right.stated)))
        shown = f"{bracketed(part.left, left, part.sign)} {part.sign} "
        shown += bracketed(part.right, right, part.sign, right=True)
        return Result(reckoned(part.sign, left.value, right.value), shown, operands)

    return of(formula)


def reckoned(sign: str, left: Decimal, right: Decimal) -> Decimal:
    """Two numbers and the sign between them. Raises ZeroDivisionError."""
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if right <= 0:  # a margin on a negative base says nothing
        raise ZeroDivisionError("division by zero or less")
    return left / right


def bracketed(part: Formula, result: Result, sign: str, *, right: bool = False) -> str:
    """A part of an expression, in brackets where its sign binds less than the sign around it."""
    if not isinstance(part, Operation):
        return result.expression
    weaker = part.sign in "+-" and (sign in "*/" or (right and sign == "-"))
    return f"({result.expression})" if weaker or (right and sign == "/") else result.expression
