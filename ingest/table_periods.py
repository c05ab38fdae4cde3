"""The period that the heads of a table's column tell, as ISO.

1. A length is told by months, weeks, quarters, halves of a year, or a year. The heads' lengths hold before the
   caption's, and a shorter one before a year that is only named ("second quarter of fiscal 2022").
2. Of two lengths, or of one that could be any ("year to date"), nothing is taken: a wrong period is worse than none.
3. A period shorter than a year needs the day it ends. "Q2 2022" without one is that of the calendar, unless a fiscal
   year is spoken of.
4. A year alone is a year; a day alone is a day.
"""

from __future__ import annotations

import re
from functools import lru_cache

from factdesk.corpus.quantities import NumberLocale, scan

YEAR = re.compile(r"(?<![\d,.])(?:19|20)\d\d(?![\d,]|\.\d)")
SHORT_YEAR = re.compile(r"\b(FY|CY|[1-4]Q|Q[1-4]|[12]H|H[12]|[69]M)[ \t]?['’]?(?=\d\d(?!\d))", re.I)
"""What stands before a year of two digits: "2Q22", "FY24"."""
YEARLY = re.compile(
    r"\b(?:fiscal|years?|annual|(?:twelve|12)[\s-]months?|5[0-3] weeks|fifty[\s-](?:one|two|three) weeks|"
    r"ejercicios?|años?|anual|exercícios?|anos?)\b",
    re.I,
)
"""What names a year, if nothing shorter is told."""
FULL_YEAR = re.compile(
    r"\byears?\s+(?:then\s+)?end(?:ed|ing)\b|\b(?:full|whole)[\s-]years?\b|\bejercicios? terminados?\b|"
    r"\bexercícios? (?:findos?|encerrados?)\b",
    re.I,
)
"""What says that numbers are a year's."""
YEAR_TO_DATE = re.compile(
    r"\byears?[\s-]+to[\s-]+date\b|\b(?:YTD|LTM|TTM)\b|\b(?:trailing|last|past)\s+(?:twelve|12)[\s-]months?\b", re.I
)
"""Lengths that end at any day."""
FISCAL = re.compile(r"\bfiscal|\bFY", re.I)
SHORTER = (
    (re.compile(r"\bquarters?\b|\b[1-4]Q(?![^\W\d_])|\bQ[1-4](?![^\W\d_])|\btrimestres?\b", re.I), 3),
    (re.compile(r"\b(?:first|second|1st|2nd)[\s-]half\b|\bhalf[\s-]years?\b|\bsemestres?\b", re.I), 6),
    (re.compile(r"\b(?:H[12]|[12]H)(?![^\W\d_])|\b6M(?=[\s'’]?\d)", re.I), 6),
    (re.compile(r"\b9M(?=[\s'’]?\d)", re.I), 9),
)
UNITS: tuple[str, ...] = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
)
UNITS += ("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
COUNTS = {word: number for number, word in enumerate(UNITS, 1)} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
COUNTS |= {"tres": 3, "três": 3, "seis": 6, "nueve": 9, "nove": 9, "doce": 12, "doze": 12}
COUNT = rf"(?:\d{{1,2}}|(?:{'|'.join(COUNTS)})(?:[\s-](?:{'|'.join(UNITS[:9])}))?)"
COUNTED = re.compile(
    rf"\b(?P<counts>{COUNT}(?:(?:\s?,\s?|-?\s(?:and|or|y|e|&)\s){COUNT}){{0,3}})"
    r"[\s-]?(?P<unit>months?|weeks?|meses|semanas)\b",
    re.I,
)
"""Months or weeks: "three and nine months", "Thirty-nine weeks"."""
EACH_COUNT = re.compile(rf"\b{COUNT}\b", re.I)
MONTHS_KNOWN = frozenset((3, 6, 9, 12))
WEEKS_KNOWN = ((range(12, 18), 3), (range(24, 29), 6), (range(36, 42), 9), (range(50, 54), 12))
"""How many weeks companies that count in weeks take for a quarter (the longest has 17), and for more of them."""
OPEN = 0
"""The length of a period that could be any."""
YEAR_LONG = 12
PARTS = re.compile(
    r"\b(?:Q(?P<q>[1-4])(?![^\W\d_])|(?P<p>[1-4])Q(?![^\W\d_])|(?P<w>first|second|third|fourth|[1-4](?:st|nd|rd|th)) "
    r"quarter\b|H(?P<h>[12])(?![^\W\d_])|(?P<i>[12])H(?![^\W\d_])|(?P<v>first|second|1st|2nd)[\s-]half\b)",
    re.I,
)
"""Which quarter or half of its year a period is."""
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
TIME_WORDS = re.compile(
    r"\b(?:for|the|as|of|at|on|in|to|ended|ending|end|fiscal|FY|CY|years?|months?|weeks?|quarters?|half|periods?|"
    rf"{'|'.join(COUNTS)}|"
    r"first|second|third|fourth|1st|2nd|3rd|4th|unaudited|audited|and|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|q[1-4]|[1-4]q|h[12]|"
    r"[12]h|notes?|millions?|thousands?|billions?|dollars?|except|per|share|amounts?|data|restated|a|el|los|las|de|del|"
    r"al|ejercicios?|años?|anos?|terminados?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|"
    r"noviembre|diciembre)(?![^\W\d_])|\W|\d",
    re.I,
)
"""What heads say of time and scale; what is left of a head is a facet."""
DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})\b")
"""A month and a day, or another word before a number."""
DAY_LENGTH = len("2000-01-01")
YEAR_ENDS = "12-31"
"""The day on which the years of the calendar end."""
MONTH_BEGINS = 14
"""A period that ends in the first days of a month is that of the month before: companies end on a weekday, and 40
weeks in the second week of October."""


@lru_cache(maxsize=4096)
def period_of(heads: tuple[str, ...], caption: str) -> tuple[str | None, str | None]:
    """The period that heads tell, as ISO and in their words; the caption's where they name no year."""
    own, caption = spelled(" ".join(heads)), spelled(caption)
    text = own if YEAR.search(own) else f"{caption} {own}"
    years = set(YEAR.findall(text))
    if len(years) != 1:
        return None, None
    year = int(years.pop())
    words = " ".join(h for h in heads if TIME_WORDS.search(h) or is_timed(h)) or str(year)
    lengths = lengths_of(own)
    if not lengths and not YEARLY.search(own):
        lengths = lengths_of(caption)
    if len(lengths) > 1 or OPEN in lengths:
        return None, words
    date = day_in(text, year)
    if not lengths or YEAR_LONG in lengths:
        yearly = YEARLY.search(text) or (YEARLY.search(caption) and re.search(r"\bended\b", caption, re.I))
        return (str(year) if date is None or yearly else date), words
    (months,) = lengths
    part = part_of(own)
    if part is not None and (date is None or YEAR.search(own) is None):
        date = day_in(own, year) or (date if lengths_of(caption) == lengths else None)
    elif part is None:
        date = date or day_in(caption, year)
    if date is not None:
        last = year * 12 + int(date[5:7]) - 1
        if int(date[8:10]) <= MONTH_BEGINS:  # a quarter that ends on 2 July is that of June
            last -= 1
        return months_as_iso(last - months + 1, last), words
    part = part or part_of(caption)
    closing = day_in(caption, year)
    if part is None or FISCAL.search(f"{caption} {own}") or (closing and not closing.endswith(YEAR_ENDS)):
        return None, words
    first = year * 12 + (part - 1) * months
    return months_as_iso(first, first + months - 1), words


def spelled(text: str) -> str:
    """The text with years of two digits in full: "2Q22" is "2Q 2022"."""
    return SHORT_YEAR.sub(r"\1 20", text)


def lengths_of(text: str) -> set[int]:
    """The lengths of time that a text tells, in months; OPEN for one that could be any. A year named is none."""
    found = {OPEN} if YEAR_TO_DATE.search(text) else set()
    text = YEAR_TO_DATE.sub(" ", text)
    for told in COUNTED.finditer(text):
        counts = [count_of(count.group()) for count in EACH_COUNT.finditer(told["counts"])]
        weeks = told["unit"][0] in "wWsS"
        found |= {months_of_weeks(count) if weeks else months_told(count) for count in counts if weeks or count <= 12}
    found |= {months for pattern, months in SHORTER if pattern.search(text)}
    if FULL_YEAR.search(text):
        found.add(YEAR_LONG)
    return found


def count_of(text: str) -> int:
    """The number of months or weeks that is written in digits or words."""
    if text.isdigit():
        return int(text)
    return sum(COUNTS[word] for word in re.split(r"[\s-]", text.casefold()))


def months_told(count: int) -> int:
    """The length of some months; OPEN if no report is made of so many."""
    return count if count in MONTHS_KNOWN else OPEN


def months_of_weeks(count: int) -> int:
    """The months that so many weeks stand for; OPEN if they stand for none."""
    return next((months for weeks, months in WEEKS_KNOWN if count in weeks), OPEN)


def part_of(text: str) -> int | None:
    """Which quarter or half of a year a text names; None if it names none, or several."""
    named = {next(part for part in found.groups() if part).casefold() for found in PARTS.finditer(text)}
    numbers = {ORDINALS.get(name) or int(name[0]) for name in named}
    return numbers.pop() if len(numbers) == 1 else None


def months_as_iso(first: int, last: int) -> str:
    """Months counted from year 0, as an ISO interval."""
    return f"{first // 12}-{first % 12 + 1:02}/{last // 12}-{last % 12 + 1:02}"


def is_timed(text: str) -> bool:
    """Whether a text tells a length of time."""
    return bool(YEARLY.search(text) or lengths_of(text))


def day_in(text: str, year: int) -> str | None:
    """The day of a year that a text names, as ISO; None where it names none."""
    found, _ = scan(text, NumberLocale())
    dates = [q.period for q in found if q.kind == "date" and q.period and len(q.period) == DAY_LENGTH]
    if dates:
        return dates[-1]
    for named in DAY.finditer(text):
        found, _ = scan(f"{named.group(1)} {named.group(2)}, {year}", NumberLocale())
        day = next((q.period for q in found if q.kind == "date" and q.period and len(q.period) == DAY_LENGTH), None)
        if day is not None:
            return day
    return None
