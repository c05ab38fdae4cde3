"""Days, quarters and years as texts name them, and which year a year that ended on some day is of.

1. A year that ends in the first days of January is that of the year before.
2. A year that ends in the first half of a year is called by either of its years: what its report calls it counts.
3. A year of two digits is of this century up to 69.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from factdesk.corpus import numberwords
from factdesk.corpus.patterns import lazily

FEW_DAYS = 10
"""A year that ends so early in January is a year of 52 weeks that began in the year before."""
FIRST_HALF = 6
"""A year that ends in one of the first six months is called by either of its years."""
MONTH = "|".join(sorted((re.escape(name) for name in numberwords.MONTHS), key=lambda name: (-len(name), name)))
DATE = lazily(
    rf"\b(?:(?P<m1>{MONTH})\b\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+)?(?P<m2>{MONTH})\b\.?,?\s+(?:de\s+)?(?P<y2>(?:19|20)\d\d)"
    r"|(?P<y3>(?:19|20)\d\d)-(?P<m3>\d\d)-(?P<d3>\d\d))",
    re.I,
)
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
ORDINAL = "|".join(ORDINALS)
FISCAL = r"(?:fiscal(?:\s+year)?|full[ -]?year|FY|financial year|year)"
QUARTER_NAMED = lazily(
    rf"\b(?P<o1>{ORDINAL})[ -]?(?:fiscal[ -])?quarter,?\s+(?:and\s+(?:full[ -]year|fiscal(?:\s+year)?|annual)\s+)?"
    rf"(?:results\s+)?(?:of|for|in)?\s*(?:the\s+)?(?:{FISCAL}\s*)?(?P<y1>(?:19|20)\d\d)\b"
    rf"|\b(?:{FISCAL}\s*)?(?P<y2>(?:19|20)\d\d)(?:['’]s)?\s+(?P<o2>{ORDINAL})[ -](?:fiscal[ -])?quarter\b"
    rf"|\bQ(?P<q3>[1-4])\s*[,-]?\s*(?:of|for|in)?\s*(?:the\s+)?(?:{FISCAL}\s*)?['’-]?(?P<y3>(?:19|20)?\d\d)(?!\d|[,.]\d|%)"
    r"|\b(?:FY\s?)?(?P<y4>(?:19|20)\d\d)\s*[- ]?\s*Q(?P<q4>[1-4])\b"
    r"|\b(?P<q5>[1-4])Q[ -]?(?:FY)?['’]?(?P<y5>(?:19|20)?\d\d)\b",
    re.I,
)
"""A quarter with its year: "fourth quarter of fiscal 2022", "Q2 of FY2023", "2022 Q2", "2Q23"."""


def days_in(text: str) -> Iterator[tuple[int, date]]:
    """The dates in a text, and where each stands."""
    for match in DATE.finditer(text):
        for number in ("1", "2", "3"):
            if match[f"y{number}"]:
                month = match[f"m{number}"]
                of_name = numberwords.MONTHS.get(month.lower().rstrip("."))
                found = day_of(int(match[f"y{number}"]), of_name or int(month) if month.isdigit() else of_name or 0,
                               int(match[f"d{number}"]))  # fmt: skip
                if found:
                    yield match.start(), found


def day_of(year: int, month: int, day: int) -> date | None:
    """A date, if there is one of these numbers."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def year_of_end(end: date) -> int:
    """The year of which a year that ended on some day is."""
    return end.year - 1 if end.month == 1 and end.day <= FEW_DAYS else end.year


def may_be_called(year: int, end: date) -> bool:
    """Whether a year that ended on some day may be called by a number."""
    early = end.year != year_of_end(end)
    return year == year_of_end(end) or (not early and end.month <= FIRST_HALF and year == end.year - 1)


def full_year(digits: str) -> int:
    """The year of four digits, or of two."""
    return int(digits) if len(digits) > 2 else 2000 + int(digits) if int(digits) < 70 else 1900 + int(digits)


def quarters_named(text: str) -> Iterator[tuple[int, str]]:
    """The quarters that a text names, as "2022Q4", and where."""
    for match in QUARTER_NAMED.finditer(text):
        year = next(match[g] for g in ("y1", "y2", "y3", "y4", "y5") if match[g])
        word = match["o1"] or match["o2"]
        number = ORDINALS[word.lower()] if word else int(match["q3"] or match["q4"] or match["q5"])
        yield match.start(), f"{full_year(year)}Q{number}"
