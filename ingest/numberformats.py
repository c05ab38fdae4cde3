"""A cell of a sheet as a person sees it: its value in its number format.

1. Currency, percent, thousands, decimals, scale ("0.0,,") and the brackets of a negative are shown as the format says.
2. Colours, conditions, padding and fill are not; of a format for several signs the section of the value's sign holds.
3. A date is ISO 8601, as exact as the format shows it: "2023-12-31", "2023-12", "2023".
4. A value without a format has at most fifteen digits, which is what a sheet computes with.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

GENERAL = frozenset(("", "General", "GENERAL", "general", "@", "Standard"))
DIGITS = 15
"""Significant digits of a sheet's numbers."""
LONGEST = 200
"""Characters of a format: a longer one is no format."""
PLACES_LIMIT = 30
"""Decimals that a format may ask for, as in the programs themselves."""
WIDE = Context(prec=200)
"""More digits than any value in any format here has."""
PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<money>[^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]|'
    r"(?P<digits>[#0?][#0?,]*(?:\.[#0?]*)?(?P<scale>,*))|(?P<point>\.[#0?]+)|(?P<power>[eE][+-]0+)|(?P<other>.)",
    re.S,
)
CODED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
"""What in a date's format is none of its fields."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a number format: what stands before and after the number, and how the number is written."""

    before: str
    after: str
    decimals: int
    grouped: bool
    divided: int
    """How often by a thousand."""
    percent: bool
    power: bool
    digits: bool
    """Whether the number is shown at all."""
    least: int = 1
    """Digits before the point."""


def shown(value: object, number_format: str) -> str:
    """The text of a cell with that value; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return shown_number(value, number_format[:LONGEST])
    if isinstance(value, datetime.datetime | datetime.date):
        return shown_date(value, number_format[:LONGEST])
    return str(value)


def shown_number(value: int | float | Decimal, number_format: str) -> str:
    """A number in its format."""
    try:
        exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{DIGITS}g}")
    except (InvalidOperation, ValueError):
        return str(value)
    if not exact.is_finite() or exact.adjusted() > 2 * PLACES_LIMIT:
        return str(value)
    if number_format in GENERAL or "/" in CODED.sub("", number_format):
        return plain_number(exact)
    sections = sections_of(number_format)
    number, sign = exact, ""
    if len(sections) > 1 and exact < 0:
        section, number = sections[1], -exact
    elif len(sections) > 2 and exact == 0:
        section = sections[2]
    else:
        section = sections[0]
        sign = "-" if exact < 0 else ""
        number = abs(exact)
    if not section.digits:
        return f"{section.before}{section.after}".strip() or ("" if sections[1:] else plain_number(exact))
    written = in_section(number, section)
    if sign and not any(character in "123456789" for character in written):
        sign = ""
    return f"{sign}{section.before}{written}{section.after}".strip()


def in_section(number: Decimal, section: Section) -> str:
    """A number without its sign, as its section writes it."""
    if section.percent:
        number = number.scaleb(2, WIDE)
    number = number.scaleb(-3 * section.divided, WIDE)
    if section.power:
        return f"{number:.{section.decimals}E}"
    rounded = number.quantize(Decimal(1).scaleb(-section.decimals), rounding=ROUND_HALF_UP, context=WIDE)
    written = f"{rounded:{',' if section.grouped else ''}.{section.decimals}f}"
    whole, point, rest = written.partition(".")
    return whole.rjust(section.least, "0") + point + rest


def sections_of(number_format: str) -> list[Section]:
    """The sections of a format, those for text left out."""
    parts, start, at = [], 0, 0
    for found in PIECE.finditer(number_format):
        if found["other"] == ";":
            parts.append(number_format[start : found.start()])
            start = found.end()
        at = found.end()
    parts.append(number_format[start : max(at, start)])
    return [section_of(part) for part in parts[:3]]


def section_of(part: str) -> Section:
    """What one section of a format says."""
    before, after = "", ""
    whole, decimals, grouped, divided, percent, power, seen = "", 0, False, 0, False, False, False
    for found in PIECE.finditer(part):
        literal = found["quoted"] or found["escaped"] or (found["money"] or "").strip() or ""
        if found["money"] and len(literal) > 1 and literal.isalpha():
            literal += " "
        if found["digits"] and not seen:
            seen = True
            whole, _, fraction = found["digits"].partition(".")
            divided = len(found["scale"]) + (len(whole) - len(whole.rstrip(",")) if not fraction else 0)
            divided = min(divided, PLACES_LIMIT)
            grouped = "," in whole.rstrip(",")
            decimals = min(sum(sign in "#0?" for sign in fraction), PLACES_LIMIT)
        elif found["point"] and not seen:
            seen, decimals = True, min(len(found["point"]) - 1, PLACES_LIMIT)
        elif found["power"]:
            power = True
        elif found["other"]:
            percent = percent or found["other"] == "%"
            literal = found["other"]
            if literal == "@":
                literal = ""
            if literal.isalpha() and part.strip().lower() == "general":
                literal = ""
        if seen:
            after += literal
        else:
            before += literal
    least = min(max(whole.replace(",", "").count("0"), 1), PLACES_LIMIT)
    return Section(before, after, decimals, grouped, divided, percent, power, seen, least)


def plain_number(value: Decimal) -> str:
    """A number without a format: no exponent, no needless zeros."""
    if value == 0:
        return "0"
    written = f"{value.normalize():f}"
    return written if len(written) < 2 * DIGITS else f"{value:.{DIGITS}g}"


def shown_date(value: datetime.datetime | datetime.date, number_format: str) -> str:
    """A date, as exact as its format shows it."""
    fields = CODED.sub("", number_format).lower()
    if isinstance(value, datetime.datetime):
        clock = value.time()
        if clock != datetime.time() and ("h" in fields or "s" in fields):
            return f"{value.date().isoformat()} {clock.isoformat('minutes')}"
        value = value.date()
    if "d" not in fields and "y" in fields:
        return f"{value.year:04}-{value.month:02}" if "m" in fields else f"{value.year:04}"
    return value.isoformat()
