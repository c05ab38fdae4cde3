"""The number grammar: every number in a stretch of plain text, exact, or the reason why it is none.

1. Every run of digits ends in exactly one `Quantity` or one `Rejected`; spelled-out numbers are added.
2. Values are exact decimals; what cannot be read for certain says so in `doubt`, never in silence.
3. The meaning of "," and "." comes from the document (`locale_of`), not from the machine it is read on.
4. Addresses, codes, references ("Table 2") and marks go first, then dates, then numbers from left to right; last,
   neighbours are joined to ranges and rates ("a year") are found.
5. Time grows with the length of the text: each pattern is bounded, and context is read through short windows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from factdesk.corpus import numberwords as words
from factdesk.corpus.patterns import is_pattern, lazily
from factdesk.corpus.words import word_set

Kind = Literal["money", "percent", "points", "count", "duration", "date", "rate", "time", "ordinal", "number"]
Per = Literal["hour", "day", "week", "month", "quarter", "year"]
Comparator = Literal[">", ">=", "<", "<=", "~"]
Grouping = Literal[",", ".", " ", "'", ""]
DecimalMark = Literal[".", ",", "both"]

MAX_DIGITS = 40
"""A longer run is an identifier or damage: no report counts past 10^40, and arithmetic stays exact well beyond it."""
_EXACT = Context(prec=200)
WINDOW = 80
"""Characters of context read on either side: five long words."""
SENTENCE = 200
"""How far back "the annual cost ... was" may stand."""
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class NumberLocale:
    """How a document writes numbers. `decimal` is "both" where 7,6 stands beside 2,415; `sure` is whether it shows."""

    grouping: Grouping = ","
    decimal: DecimalMark = "."
    language: str = "en"
    sure: bool = True
    currencies: frozenset[str] = frozenset()
    """Currencies that the document names in words; they settle "R", "$" and "pesos"."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the text with what its own words say of it.

    `start:end` is the number with currency, scale, unit and adjoining rate; `cover_start:cover_end` also holds the
    comparator ("more than") and a rate after the noun ("tickets daily"). `digits` are its digit runs. A date's value
    is its year; a time of day's, its minutes since midnight. A percentage is 87, not 0.87.
    """

    start: int
    end: int
    cover_start: int
    cover_end: int
    digits: tuple[tuple[int, int], ...]
    value: Decimal
    value_high: Decimal | None
    kind: Kind
    unit: str | None
    per: Per | None
    comparator: Comparator | None
    period: str | None
    words: str
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Digits that are no quantity, and why."""

    start: int
    end: int
    text: str
    reason: str


@dataclass(slots=True)
class _Draft:
    """A quantity while its surroundings are still being read."""

    start: int
    end: int
    value: Decimal
    kind: Kind
    unit: str | None = None
    high: Decimal | None = None
    per: str | None = None
    comparator: str | None = None
    period: str | None = None
    doubt: str | None = None
    cover_start: int = -1
    cover_end: int = -1
    multiplier: Decimal | None = None
    """The scale that its own words gave."""
    bare_year: bool = False

    def doubted(self, reason: str) -> None:
        self.doubt = self.doubt or reason


@dataclass(frozen=True, slots=True)
class _Numeral:
    """Digits with their separators, read."""

    end: int
    value: Decimal
    places: int = 0
    plain: bool = True
    """Whether it is one bare run of digits."""
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class _Word:
    """A word beside a number."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()


@dataclass(slots=True)
class _Work:
    """What one scan knows so far."""

    text: str
    locale: NumberLocale
    scale: Decimal | None
    currency: str | None
    statement: bool
    taken: bytearray
    drafts: list[_Draft]
    rejected: list[Rejected]

    def free(self, start: int, end: int) -> bool:
        return not any(self.taken[start:end])

    def claim(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def reject(self, start: int, end: int, reason: str) -> None:
        rest = RUN.match(self.text, end)
        if rest and RUN.match(self.text, end - 1) and self.free(end, rest.end()):
            end = rest.end()
        self.claim(start, end)
        self.rejected.append(Rejected(start, end, self.text[start:end], reason))

    def keep(self, draft: _Draft) -> None:
        self.claim(draft.start, draft.end)
        if draft.cover_start < 0 or draft.cover_start > draft.start:
            draft.cover_start = draft.start
        draft.cover_end = max(draft.cover_end, draft.end)
        self.drafts.append(draft)


# --- digits and separators ---------------------------------------------------------------------------------------

_RAISED = (
    "¹²³⁰⁴-⁹₀-₉፩-፱᧚①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒"
    "\U00010a40-\U00010a43\U00010e60-\U00010e68\U00011052-\U0001105a\U0001f100-\U0001f10a"
)
"""Characters that `str.isdigit` calls digits although `int` cannot read them."""
RUN = lazily(rf"\d+|[{_RAISED}]+")
_SPACES = "\u00a0\u202f\u2009\u2007"
_APOSTROPHES = "'’"
_SEPARATORS = frozenset(",. " + _SPACES + _APOSTROPHES)

_GROUPED = {
    mark: lazily(rf"(?<![\d.,])[1-9]\d{{0,2}}(?:{sep}\d{{3}}){{1,9}}(?![\d{stop}])")
    for mark, sep, stop in (
        (",", ",", ","),
        (".", r"\.", "."),
        (" ", rf"(?:[{_SPACES}]|\x20(?=\d00(?!\d)))", ""),
        ("'", rf"[{_APOSTROPHES}]", ""),
    )
}
_SPACED_TWICE = lazily(r"(?<![\d.,])[1-9]\d{0,2}(?:\x20\d{3}){2,9}(?!\d)")
_DECIMALS = {
    ",": lazily(r"(?<![\d,])(?:\d{1,12}|\d{1,3}(?:[.\x20]\d{3}){1,4}),(?:\d{1,2}|\d{4,6})(?![\d,]|\.\d)"),
    ".": lazily(r"(?<![\d.])(?:\d{1,12}|\d{1,3}(?:[,\x20]\d{3}){1,4})\.(?:\d{1,2}|\d{4,6})(?![\d.]|,\d)"),
}
_CONTINENTAL = frozenset({"pt", "de", "it", "nl", "da", "id", "tr", "el"})
_NAMED = lazily(
    r"(?i)\b(?:([^\W\d_]{3,15})\x20(pesos?|francs?|kron[ea]r?|rupees?|pounds?)|(pesos?)\x20([^\W\d_]{3,15})|"
    r"(R\$|reais|reals)|(rands?)\b)"
)


def locale_of(text: str, language: str = "en") -> NumberLocale:
    """Tell from a document's own numbers what its commas, points and spaces mean.

    2,415 shows comma grouping and 7,6 a decimal comma; both may stand in one document. A lone 1.234 proves nothing:
    a number of that form elsewhere (1.234.567, 12,5) decides, else `sure` is false and such numbers carry a doubt.
    """
    language = (language or "en").lower()[:2]
    one, many = {}, {}
    for mark, pattern in _GROUPED.items():
        found = [match.group() for match in pattern.finditer(text)]
        many[mark] = sum(len(number) > 8 or len(re.findall(r"\D", number)) > 1 for number in found)
        one[mark] = len(found) - many[mark]
    many[" "] += sum(1 for _ in _SPACED_TWICE.finditer(text))
    comma, point = (sum(1 for _ in _DECIMALS[mark].finditer(text)) for mark in ",.")
    grouping: Grouping
    sure = True
    if many[","] or many["."]:
        grouping = "," if many[","] >= many["."] else "."
    elif language == "en" and one[","]:
        grouping = "," if not (one["."] and comma > point) else "."
    elif many[" "] or one[" "]:
        grouping = " "
    elif many["'"] or one["'"]:
        grouping = "'"
    elif comma != point:
        grouping = "." if comma > point else ","
        sure = not (one[grouping] == 0 and one["," if grouping == "." else "."] and language not in _CONTINENTAL)
        sure = sure or (language == "en" and point > 0)
    else:
        grouping = "." if language in _CONTINENTAL or (language != "en" and one["."] > one[","]) else ","
        sure = language in _CONTINENTAL
    decimal: DecimalMark = "," if grouping == "." else "."
    if grouping in " '" and comma > point:
        decimal = ","
    if (comma and point) or (comma and grouping == ","):
        decimal = "both"
    return NumberLocale(grouping, decimal, language, sure, _named_currencies(text))


def _named_currencies(text: str) -> frozenset[str]:
    """Currencies named with their country or in a way that leaves no choice."""
    found = set()
    for match in _NAMED.finditer(text):
        adjective, head, head_first, adjective_after, real, rand = match.groups()
        if real:
            found.add("BRL")
        elif rand:
            found.add("ZAR")
        else:
            name = f"{adjective} {head}" if head else f"{head_first} {adjective_after}"
            code = words.currency_names()[0].get(name.lower())
            if code:
                found.add(code)
    return frozenset(found)


def parse_number(text: str, locale: NumberLocale) -> Decimal | None:
    """The value of a bare number, with its sign; None if the text is anything else or cannot be told."""
    stripped = text.strip()
    sign = -1 if stripped[:1] in ("-", "−") else 1
    start = 1 if stripped[:1] in ("-", "−", "+") else 0
    if not stripped[start : start + 1].isdecimal():
        return None
    numeral = _numeral(stripped, start, locale)
    if isinstance(numeral, str) or numeral.end != len(stripped):
        return None
    return numeral.value * sign if sign > 0 else _EXACT.minus(numeral.value)


def format_number(value: Decimal, locale: NumberLocale, *, grouped: bool = True) -> str:
    """Write a number as the document would; `parse_number` gives it back."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"no number: {value}")
    plain = "".join(map(str, digits)) + "0" * max(exponent, 0)
    places = max(-exponent, 0)
    plain = plain.zfill(places + 1)
    whole, fraction = (plain[:-places], plain[-places:]) if places else (plain, "")
    whole = whole.lstrip("0") or "0"
    mark = "," if locale.decimal == "," else "."
    if grouped and locale.grouping and len(whole) > 3:
        separator = "\u00a0" if locale.grouping == " " else locale.grouping
        head = len(whole) % 3 or 3
        whole = separator.join([whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))])
    return f"{'-' if sign else ''}{whole}{mark + fraction if fraction else ''}"


def _numeral(text: str, at: int, locale: NumberLocale) -> _Numeral | str:
    """Read the digits at a position with their separators; a string is the reason why they are no number.

    The reason "list" means that only the first run is a number of its own.
    """
    first = RUN.match(text, at)
    if first is None:
        return "no digits"
    pieces, end = [first.group()], first.end()
    marks: list[str] = []
    if not pieces[0].isascii():
        return _foreign(pieces[0], end)
    while end + 1 < len(text) and text[end] in _SEPARATORS and len(pieces) <= MAX_DIGITS:
        run = RUN.match(text, end + 1)
        if run is None or not run.group().isascii():
            break
        mark = text[end]
        if mark in _SPACES or mark == " ":
            mark = " "
        elif mark in _APOSTROPHES:
            mark = "'"
        if mark in " '" and (
            len(run.group()) != 3
            or len(pieces[0]) > 3
            or (text[end] == " " and locale.grouping != " ")
            or any(m != mark for m in marks)
            or (text[end] == " " and _letter_code(text, run.end()))
        ):
            break
        pieces.append(run.group())
        marks.append(mark)
        end = run.end()
    if sum(map(len, pieces)) > MAX_DIGITS:
        return "too long for a number"
    return _assemble(pieces, marks, end, locale)


def _letter_code(text: str, at: int) -> bool:
    """Whether letters that are no scale follow at once: "room 12 300b2"."""
    glued = _GLUED.match(text, at)
    return text[at : at + 1].isalnum() and (glued is None or glued.group() not in words.GLUED_SCALES)


def _foreign(run: str, end: int) -> _Numeral | str:
    """Digits of another script: read, with a doubt; raised and circled ones are marks."""
    if not run.isdecimal():
        return "raised or circled digit"
    if len(run) > MAX_DIGITS:
        return "too long for a number"
    value = Decimal("".join(str(unicodedata.decimal(character)) for character in run))
    return _Numeral(end, value, doubt="digits of another script")


def _assemble(pieces: list[str], marks: list[str], end: int, locale: NumberLocale) -> _Numeral | str:
    """The value of digit runs and the marks between them."""
    if not marks:
        return _Numeral(end, Decimal(pieces[0]))
    groups_three = all(len(piece) == 3 for piece in pieces[1:])
    head_fits = 1 <= len(pieces[0]) <= 3 and not pieces[0].startswith("0")
    joined, last = "".join(pieces), marks[-1]
    if len(set(marks)) == 1 and len(marks) > 1:
        if groups_three and head_fits:
            return _Numeral(end, Decimal(joined), plain=False)
        if last == "," and len(pieces[-1]) == 3 and head_fits and all(len(p) == 2 for p in pieces[1:-1]):
            return _Numeral(end, Decimal(joined), plain=False)
        return "list" if last == "," else "section, version or code"
    if len(marks) > 1:
        inner = marks[:-1]
        grouped = len(set(inner)) == 1 and last not in inner and last in ",." and head_fits
        indian = inner[0] == "," and len(pieces[-2]) == 3 and all(len(p) == 2 for p in pieces[1:-2])
        if grouped and (all(len(piece) == 3 for piece in pieces[1:-1]) or indian):
            value = Decimal("".join(pieces[:-1]) + "." + pieces[-1])
            return _Numeral(end, value, len(pieces[-1]), plain=False)
        return "list" if "," in marks else "section, version or code"
    if last in " '":
        return _Numeral(end, Decimal(joined), plain=False) if head_fits else "list"
    decimal = _Numeral(end, Decimal(f"{pieces[0]}.{pieces[1]}"), len(pieces[1]), plain=False)
    if len(pieces[1]) != 3 or not head_fits:
        listed = last == "," and len(pieces[1]) > 3 and (len(pieces[0]) > 3 or locale.decimal == ".")
        return "list" if listed else decimal
    return _three_after_one_mark(decimal, joined, last, locale)


def _three_after_one_mark(decimal: _Numeral, joined: str, mark: str, locale: NumberLocale) -> _Numeral:
    """1,234 or 1.234: a thousand or a decimal, by what the document shows."""
    grouped = locale.grouping == mark or (locale.grouping in (" ", "'", "") and locale.decimal != mark)
    certain = locale.sure or (mark == "," and locale.language == "en" and locale.grouping == ",")
    doubt = None if certain else f"{'grouping' if grouped else 'decimal'} mark not certain in this document"
    if grouped:
        return _Numeral(decimal.end, Decimal(joined), plain=False, doubt=doubt)
    return _Numeral(decimal.end, decimal.value, 3, plain=False, doubt=doubt)


def _times(value: Decimal, factor: Decimal) -> Decimal:
    """An exact product, without the trailing ".0" of "2.2 million"."""
    product = _EXACT.multiply(value, factor)
    whole = product.to_integral_value()
    return Decimal(int(whole)) if product == whole else product


# --- words around a number ---------------------------------------------------------------------------------------

_NEXT_WORD = lazily(r"(\s{0,3})((?:[A-Za-z]\.){2,3}|[^\W\d_]{1,30}(?:[-'’][^\W\d_]{1,30}){0,2})")
_TOKEN = lazily(r"\S+")
_OPENING = "([{<\"'“”‘’«*–—-:;,/|…"


def _after(text: str, at: int, count: int = 6) -> list[_Word]:
    """The words that follow directly, with nothing but blanks between them."""
    found: list[_Word] = []
    while len(found) < count:
        match = _NEXT_WORD.match(text, at)
        if match is None or (found and not match.group(1)):
            break
        found.append(_Word(match.group(2), match.start(2), match.end(2)))
        at = match.end()
    return found


def _before(text: str, at: int, count: int = 5) -> list[_Word]:
    """The blank-separated tokens that precede directly, the nearest last; a token may carry punctuation."""
    base = max(0, at - WINDOW)
    tokens = [_Word(m.group(), base + m.start(), base + m.end()) for m in _TOKEN.finditer(text[base:at])]
    return tokens[-count:]


def _phrase_before(text: str, at: int, table: dict[str, str]) -> tuple[str, int] | None:
    """The longest phrase of a table that ends right before a position, with where it starts."""
    tokens = _before(text, at, 5)
    if not tokens or text[at - 1 : at].strip():
        return None
    for size in range(min(4, len(tokens)), 0, -1):
        chosen = tokens[-size:]
        first = chosen[0].text.lstrip(_OPENING)
        phrase = " ".join([first, *(token.text for token in chosen[1:])]).lower()
        if phrase in table:
            return table[phrase], chosen[0].end - len(first)
    return None


def _phrase_after(found: list[_Word], table: dict[str, str], longest: int = 4) -> tuple[str, int, int] | None:
    """The longest phrase of a table that the words begin with: its value, end and number of words."""
    for size in range(min(longest, len(found)), 0, -1):
        phrase = " ".join(word.low for word in found[:size])
        if phrase in table:
            return table[phrase], found[size - 1].end, size
    return None


# --- what is no number -------------------------------------------------------------------------------------------

_ADDRESS = lazily(r"(?i)://|@|^[(<\[\"']{0,3}(?:www\.|doi:|isbn)")
_DOMAIN = lazily(
    r"[(<\[\"'“]{0,3}(?:[A-Za-z0-9_-]{1,63}\.){1,6}([A-Za-z]{2,12})(/\S{0,2000}|\?\S{0,2000}|#\S{0,2000})?[)>\]\"'”.,;:]{0,4}"
)
_CHAIN = lazily(r"(?<![\w.,])\d{1,12}(?:[-–‐‑]\d{1,12}){2,8}(?![\w])")
_CITATION = lazily(r"\[\d{1,4}(?:\s{0,2}[,;–-]\s{0,2}\d{1,4}){0,9}\]")
_LIST_NUMBER = lazily(r"\s{0,8}(\(?\d{1,3}(?:\.\d{1,2}){0,3}[.)])(?=\s|$)")
_LIST_ENTRY = lazily(r"(?:^|[;:,.]|\band|\bor|\by|\be)\s{0,2}(\(\d{1,2}\))(?=\s{1,2}[^\W\d_])")
_SECTION_NUMBER = lazily(r"\s{0,8}(\d{1,2}(?:\.\d{1,2}){1,4})\s{1,4}(?=[A-ZÁÉÍÓÚ][^\W\d_])")
_PHONE = lazily(
    r"\+\d{1,3}(?:[\s.()-]{1,2}\d{1,5}){2,6}|\(\d{2,4}\)\s?\d{3,4}[-\s]\d{4}|"
    r"(?i:\b(?:tel|phone|telephone|fax|teléfono|telefone)\b\.?:?\s{0,2})\+?\d{1,5}(?:[\s.()-]{1,2}\d{1,5}){1,6}"
)
_POSTAL = lazily(
    r"(?<![\w$])(?:[A-Z]{2}\s\d{5}(?:-\d{4})?|(?:C\.?P\.?|CEP|ZIP|PLZ)\s{1,2}\d{5}(?:-\d{3,4})?)(?![\w.,])"
)
_FORM = lazily(
    r"(?<![\w.,])(?:(?:10|8|20|6|11|40)[-‐‑](?:K|Q|KSB|QSB|F)(?:/A)?|(?:Form\s)(?:10|8|20|6)(?:K|Q|F))(?!\w)"
)
_FRACTION = lazily(r"(?<![\w/.,])\d{1,3}/\d{1,3}(?![\w/])")
_RATIO = lazily(r"(?<![\w:.,])\d{1,6}\s?:\s?\d{1,6}(?:,\d{3}){0,2}(?![\w:])")
_CLAUSE = lazily(r"(?<![\w.,$€£])\d{1,4}[A-Z]?(?:\([a-zA-Z]{1,3}\)){1,3}(?![\w])")
_NUMBER_OF_YEAR = lazily(r"(?<![\w/.,-])(\d{1,6})/((?:1[89]|20)\d\d)(?![\w/])")
_AROUND_THE_CLOCK = lazily(r"(?<![\w/])24\s?[/x×-]\s?7(?:\s?[/x×-]\s?36[56])?(?![\w/])")
_CLOCK = lazily(
    r"(?<![\w:.,/])([01]?\d|2[0-4])(?::([0-5]\d)(?::[0-5]\d)?(?:\s?([ap])\.?m\b\.?|\s?(?:h|hrs|hours)\b)?"
    r"|\s?([ap])\.?m\b\.?)(?![:\d])",
    re.IGNORECASE,
)


def _addresses(work: _Work) -> None:
    """Reject the digits of addresses of the web and of mail."""
    for chunk in _TOKEN.finditer(work.text):
        token = chunk.group()
        if ("." not in token and "@" not in token and ":" not in token) or len(token) > 3000:
            continue
        if not RUN.search(token):
            continue
        domain = _DOMAIN.fullmatch(token)
        if _ADDRESS.search(token) or (domain and domain.group(1).islower() and not token[:1].isdecimal()):
            work.reject(chunk.start(), chunk.end(), "address")
        elif domain and domain.group(1).islower():
            head = token.split(".")[1]
            if not head[:1].isdigit() and domain.group(1) not in words.SCALES:
                work.reject(chunk.start(), chunk.end(), "address")


def _marks(work: _Work) -> None:
    """Reject citations, list numbers, chains of digits, telephone numbers and other names made of digits."""
    text = work.text
    for match in _AROUND_THE_CLOCK.finditer(text):
        if work.free(*match.span()):
            period = re.sub(r"\s", "", match.group())
            work.keep(_Draft(*match.span(), Decimal(24), "rate", "hours", per="day", period=period))
    for pattern, reason in ((_LIST_NUMBER, "list number"), (_SECTION_NUMBER, "section number")):
        first = pattern.match(text)
        negative = work.statement and first and text[first.start(1)] == "(" and first.end(1) == len(text.rstrip())
        if first and not negative and work.free(*first.span(1)) and not _scaled_after(text, first.end(1)):
            work.reject(*first.span(1), reason)
    for pattern, reason in (
        (_CITATION, "citation"),
        (_PHONE, "telephone number"),
        (_POSTAL, "postal code"),
        (_FORM, "name or code"),
        (_CLAUSE, "reference"),
    ):
        for match in pattern.finditer(text):
            if work.free(*match.span()) and RUN.search(match.group()):
                work.reject(*match.span(), reason)
    for match in _LIST_ENTRY.finditer(text):
        if work.free(*match.span(1)) and not work.statement:
            work.reject(*match.span(1), "list number")


def _codes(work: _Work) -> None:
    """Reject what dates have not used of chained digits, and read times of day."""
    text = work.text
    for match in _CHAIN.finditer(text):
        if work.free(*match.span()):
            work.reject(*match.span(), "name or code")
    for match in _CLOCK.finditer(text):
        if work.free(*match.span()):
            hour, minute = int(match.group(1)), int(match.group(2) or 0)
            half = (match.group(3) or match.group(4) or "").lower()
            if half and hour <= 12:
                hour = hour % 12 + (12 if half == "p" else 0)
            draft = _Draft(*match.span(), Decimal(hour * 60 + minute), "time", "time", period=f"T{hour:02}:{minute:02}")
            work.keep(draft)
    for match in _NUMBER_OF_YEAR.finditer(text):
        if work.free(*match.span()):
            tokens, month = _before(text, match.start(), 1), int(match[1])
            if not 1 <= month <= 12 or len(match[1]) > 2 or (tokens and _names(tokens[-1], [])):
                work.reject(*match.span(), "name or code")
            else:
                work.keep(_Draft(*match.span(), Decimal(match[2]), "date", "date", period=f"{match[2]}-{month:02}"))
    for pattern, reason in ((_FRACTION, "fraction, or a date without a year"), (_RATIO, "ratio")):
        for match in pattern.finditer(text):
            if work.free(*match.span()):
                work.reject(*match.span(), reason)


def _scaled_after(text: str, at: int) -> bool:
    """Whether a scale word or a percent sign follows."""
    found = _after(text, at, 1)
    return bool(found and found[0].low in words.SCALES) or text[at : at + 2].strip()[:1] == "%"


# --- dates -------------------------------------------------------------------------------------------------------

_MONTH = "(?:" + "|".join(sorted(words.MONTHS, key=lambda name: (-len(name), name))) + ")"
_YEAR = r"(?:1[5-9]|20|21)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_DAY_SUFFIX = r"(?:st|nd|rd|th|º|er)?"
_OF = r"(?:(?:of|de|del|do)\s{1,2})?"
_TO = r"(?:-|–|—|to|through|thru|until|till|and|a|al|ao|até|hasta|y|e)"
_FLAGS = re.IGNORECASE
_DATES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ymd", lazily(rf"(?<![\w.,-])({_YEAR})([-/.])(1[0-2]|0[1-9])\2(3[01]|[12]\d|0[1-9])(?!\w|-\d)", _FLAGS)),
    ("nny", lazily(rf"(?<![\w.,/-])(\d{{1,2}})([-/.])(\d{{1,2}})\2({_YEAR})(?!\w|[-/]\d)", _FLAGS)),
    (
        "dmy",
        lazily(
            rf"(?<![\w.,])({_DAY}){_DAY_SUFFIX}[\s-]{{1,2}}{_OF}({_MONTH})\b\.?,?[\s-]{{1,2}}{_OF}({_YEAR})(?!\w)",
            _FLAGS,
        ),
    ),
    (
        "mdy",
        lazily(rf"\b({_MONTH})\b\.?,?\s{{1,2}}({_DAY}){_DAY_SUFFIX},?\s{{1,2}}{_OF}({_YEAR})(?!\w)", _FLAGS),
    ),
    ("my", lazily(rf"\b({_MONTH})\b\.?,?[\s/-]{{1,2}}{_OF}({_YEAR})(?!\w|[-/]\d)", _FLAGS)),
    (
        "quarter",
        lazily(
            rf"(?<!\w)(?:((?-i:[QHS]))([1-4])\s?[-/]?\s?(?:of\s)?|([1-4])((?-i:[QHS]))\s?)(?:FY\s?)?['’]?({_YEAR}|\d\d)(?!\w)",
            _FLAGS,
        ),
    ),
    ("year-quarter", lazily(rf"(?<!\w)({_YEAR})[\s-]?([QH])([1-4])(?!\w)", _FLAGS)),
    (
        "part",
        lazily(
            r"\b(first|second|third|fourth|1st|2nd|3rd|4th|primer|primero|segundo|tercer|cuarto|primeiro|terceiro|quarto)"
            r"\s{1,2}(quarter|half|semester|trimester|trimestre|semestre)\s{1,2}(?:(?:of|de|del|do|in)\s{1,2})?"
            rf"(?:the\s)?(?:fiscal\s(?:year\s)?|FY\s?|year\s)?({_YEAR})(?!\w)",
            _FLAGS,
        ),
    ),
    (
        "fiscal",
        lazily(
            rf"(?<!\w)(?:(?:FY|F\.Y\.)\s?['’]?({_YEAR}|\d\d)|(?:fiscal(?:\syears?)?|año\sfiscal|ejercicio)\s({_YEAR}))"
            rf"(?:\s?[-/–]\s?({_YEAR}|\d\d))?(?!\w)",
            _FLAGS,
        ),
    ),
    ("years", lazily(rf"(?<![\w.,/$€£-])({_YEAR})\s?[-–—/]\s?({_YEAR}|\d\d)(?!\w|[-/.,]\d|\s?%)", _FLAGS)),
    ("decade", lazily(rf"(?<!\w)({_YEAR})(?:['’]?s)(?!\w)", _FLAGS)),
)
_MONTH_BEFORE = lazily(
    rf"\b({_MONTH})\b\.?(?:\s({_DAY}){_DAY_SUFFIX},?)?\s{{0,2}}{_TO}(?:\s{{1,2}}(?:the|el)?\s?)?$", _FLAGS
)
_DAY_BEFORE = lazily(rf"(?<![\w.,])({_DAY}){_DAY_SUFFIX}(?:\s{_OF}({_MONTH}))?\s{{0,2}}{_TO}\s{{0,2}}$", _FLAGS)
_DAYS_INSIDE = lazily(
    rf"\b({_MONTH})\.?\s({_DAY}){_DAY_SUFFIX}\s?{_TO}\s?({_DAY}){_DAY_SUFFIX},?\s{{1,2}}({_YEAR})(?!\w)", _FLAGS
)
_UNDATED = lazily(
    rf"\b({_MONTH})\s({_DAY}){_DAY_SUFFIX}(?![\w%]|[.,]?\d)|(?<![\w.,])({_DAY}){_DAY_SUFFIX}\s{_OF}({_MONTH})\b", _FLAGS
)
_VAGUE = lazily(
    r"(?:\b(?:at|by|around|about|near|in|until|since|a|en|em|no|the|towards?|through|from)\s{1,2}){0,3}"
    r"\b(?:(mid|early|late|mid-to-late|near)[-\s]{1,2}(?:the\s)?(?:(?:end|beginning|start)\s(?:of\s)?(?:the\s)?)?"
    r"|(?:the\s)?(beginning|start|middle|turn|summer|winter|spring|autumn|fall)\s(?:of\s|in\s)?(?:the\s)?(?:year\s)?"
    r"|(mediados|principios|inicios|finales|fines|comienzos|meados|inícios|início|começo|finais)\s(?:de|del|do)\s"
    r"|(circa|around|about|approximately|c\.|ca\.)\s)$",
    re.IGNORECASE,
)


def _dates(work: _Work) -> None:
    """Read dates that are written with a month, a quarter, a fiscal year or a span of years."""
    text = work.text
    for match in _DAYS_INSIDE.finditer(text):
        if work.free(*match.span()):
            month, year = _month(match[1]), int(match[4])
            period = f"{year:04}-{month:02}-{int(match[2]):02}/{year:04}-{month:02}-{int(match[3]):02}"
            work.keep(_Draft(*match.span(), Decimal(year), "date", "date", period=period))
    for form, pattern in _DATES:
        for match in pattern.finditer(text):
            if not work.free(*match.span()):
                continue
            draft = _date(form, match, work.locale)
            if draft is None:
                continue
            _earlier_end(work, draft)
            work.keep(draft)
    for match in _UNDATED.finditer(text):
        name = match[1] or match[4]
        certain = (name.lower() in words.FULL_MONTHS and name[:1].isupper()) or (match[4] and len(name) > 4)
        if certain and work.free(*match.span()) and not _scaled_after(text, match.end()):
            work.reject(*match.span(), "date without a year")


def _month(name: str) -> int:
    return words.MONTHS[name.lower().rstrip(".")]


def _century(year: str, near: int | None = None) -> int:
    """A year of two digits is put beside the year it follows, else into 1970 to 2069."""
    number = int(year)
    if len(year) == 4:
        return number
    if near is not None:
        return near - near % 100 + number + (100 if number < near % 100 else 0)
    return 2000 + number if number < 70 else 1900 + number


def _date(form: str, match: re.Match[str], locale: NumberLocale) -> _Draft | None:
    """The date that a pattern has found; None if its numbers are no date."""
    start, end = match.span()
    year, high, doubt = 0, None, None
    if form == "ymd":
        year, period = int(match[1]), f"{match[1]}-{match[3]}-{match[4]}"
    elif form == "nny":
        one, two, year = int(match[1]), int(match[3]), int(match[4])
        month_first = two > 12 or (one <= 12 and locale.language == "en" and match[2] == "/")
        month, day = (one, two) if month_first else (two, one)
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        doubt = "day and month may be the other way round" if one <= 12 and two <= 12 and one != two else None
        period = f"{year}-{month:02}-{day:02}"
    elif form in ("dmy", "mdy"):
        day_text, month_text = (match[1], match[2]) if form == "dmy" else (match[2], match[1])
        year, period = int(match[3]), f"{match[3]}-{_month(month_text):02}-{int(day_text):02}"
    elif form == "my":
        year, period = int(match[2]), f"{match[2]}-{_month(match[1]):02}"
    elif form in ("quarter", "year-quarter", "part"):
        if form == "quarter":
            letter, number, year = match[1] or match[4], int(match[2] or match[3]), _century(match[5])
        elif form == "year-quarter":
            letter, number, year = match[2], int(match[3]), int(match[1])
        else:
            letter, number, year = match[2], words.ORDINAL_WORDS[match[1].lower()], int(match[3])
        months = 6 if letter[:1].lower() in "hs" else 3
        if number * months > 12:
            return None
        period = f"{year}-{(number - 1) * months + 1:02}/{year}-{number * months:02}"
        if "F" in match.group().upper().split("OF")[0]:
            doubt = "months of a fiscal year are not known"
    elif form in ("fiscal", "years"):
        year = _century(match[1] or match[2]) if form == "fiscal" else int(match[1])
        second = match[3] if form == "fiscal" else match[2]
        period = str(year)
        if second:
            high = _century(second, year)
            month_like = len(second) == 2 and 1 <= int(second) <= 12 and "-" in match.group()
            if month_like and high != year + 1:
                high, period = None, f"{year}-{second}"
            elif high < year or (len(second) == 2 and high - year > 50):
                return None
            elif high == year:
                high = None
            else:
                period = f"{year}/{high}"
                doubt = (
                    "may be a month"
                    if month_like and form == "years" and re.search(r"\d-\d\d$", match.group())
                    else None
                )
    else:
        year = int(match[1])
        if year % 10:
            return None
        high, period = year + (99 if year % 100 == 0 and year < 2000 else 9), ""
        period = f"{year}/{high}"
    draft = _Draft(start, end, Decimal(year), "date", "date", period=period, doubt=doubt)
    draft.high = None if high is None else Decimal(high)
    return draft


def _earlier_end(work: _Work, draft: _Draft) -> None:
    """Extend a date over an earlier month or day that borrows its year: "January to May 2016", "15-20 July 2014"."""
    if not draft.period or "/" in draft.period or len(draft.period) < 7:
        return
    base = max(0, draft.start - 40)
    window = work.text[base : draft.start]
    year = draft.period[:4]
    if match := _MONTH_BEFORE.search(window):
        month, day = _month(match[1]), match[2]
    elif len(draft.period) == 10 and (match := _DAY_BEFORE.search(window)):
        month, day = (_month(match[2]) if match[2] else int(draft.period[5:7])), match[1]
    else:
        return
    begin = f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")
    start = base + match.start()
    if work.free(start, draft.start) and begin <= draft.period:
        draft.start, draft.period = start, f"{begin}/{draft.period}"


def _vague(work: _Work, draft: _Draft) -> None:
    """Note "early", "mid-", "near the end of" before a date."""
    base = max(0, draft.start - 40)
    match = _VAGUE.search(work.text[base : draft.start])
    if match:
        draft.comparator = "~"
        draft.cover_start = base + next(match.start(i) for i in range(1, 5) if match[i] is not None)


def _year(work: _Work, start: int, end: int) -> _Draft | None:
    """Four digits that read as a year."""
    text, year = work.text, int(work.text[start:end])
    tokens = _before(text, start, 4)
    previous = tokens[-1].text.strip(_OPENING + "'.").lower() if tokens else ""
    following = _after(text, end, 3)
    glued_before, glued_after = text[start - 1 : start], text[end : end + 1]
    if glued_after.isalpha() or glued_after in ("%", "$", "€", "£", "+") or glued_before in tuple("$€£#+/.,"):
        return None
    if glued_before == "-" or glued_before == "–":
        stem = _STEM.search(text[max(0, start - 8) : start])
        if stem is None:
            return None
    elif glued_before.isalnum() or (
        not FIRST_YEAR <= year <= LAST_YEAR
        and not (previous in ("in", "since", "en", "em") and 1000 <= year < FIRST_YEAR and not _counted(following))
    ):
        return None
    if _left_currency(work, start) or _phrase_before(text, start, _COUNT_COMPARATORS):
        return None
    if tokens and _names(tokens[-1], following):
        return None
    if following and _unit_follows(following):
        return None
    strong = previous in words.DATE_PREPOSITIONS or glued_before in ("-", "–")
    if not strong and following and _counted(following):
        noun = following[0].low
        dated = noun in words.YEAR_NOUNS or previous in words.DETERMINERS or following[0].text[:1].isupper()
        if _plural(noun) and not dated:
            return None
    return _Draft(start, end, Decimal(year), "date", "date", period=str(year), bare_year=True)


_COUNT_COMPARATORS = {
    phrase: sign
    for phrase, sign in words.COMPARATORS.items()
    if phrase
    not in {"around", "circa", "ca", "ca.", "c.", "about", "approximately", "near", "until", "hasta", "até", "up to"}
    and phrase not in {"over", "before", "cerca de", "por volta de", "some", "estimated"}
}
"""Comparators that never stand before a year."""


def _counted(following: list[_Word]) -> bool:
    """Whether the next word can be the noun (or its adjective) that a number counts."""
    return bool(following) and following[0].low not in words.FUNCTION_WORDS


def _plural(noun: str) -> bool:
    return (noun.endswith("s") and not noun.endswith(("ss", "us", "is"))) or noun in {
        "people",
        "children",
        "men",
        "women",
        "staff",
    }


def _unit_follows(following: list[_Word]) -> bool:
    """Whether a scale, a unit of time, a currency name or "percent" follows."""
    low = following[0].low
    if (low in words.SCALES and low not in words.SHORT_SCALES) or low in words.DURATIONS or low in words.PERCENT:
        return True
    return words.head_currency(low)[1] and low not in words.VERB_LIKE_HEADS and low not in words.YEAR_NOUNS


# --- numbers -----------------------------------------------------------------------------------------------------

_SYMBOL = "|".join(re.escape(sign).replace(r"\ ", "") for sign in sorted(words.SYMBOLS, key=lambda s: (-len(s), s)))
_CURRENCY_BEFORE = lazily(
    rf"(?:(?<![^\W\d_])(US\s{{0,2}}\$|U\.S\.?\s{{0,2}}\$|(?:[A-Z]{{3}})\s?\$|{_SYMBOL}|[A-Z]{{3}}(?=[\s\d(−–+-]|$))|([€£¥$₹]))"
    r"\s{0,2}([-−–+]?)(\(?)\s?$"
)
_CURRENCY_AFTER = lazily(rf"\s{{0,2}}(US\s?\$|{_SYMBOL}|[A-Z]{{3}})(?![^\W\d_])")
_RATE_AFTER = lazily(
    r"\s{0,2}(?:/|\bper\b|\bpor\b|\ba\b|\bto the\b)\s{0,2}"
    r"(?:(US\s?\$|[A-Z]{3}|€|£)(?!\w)|((?:US |U\.S\. )?dollar|dólar|euro)\b)"
)
_DIGIT_CHAIN = lazily(r"\d+(?:[.,'’]\d+){0,60}")
_PERCENT_SIGN = lazily(r"\)?\s{0,2}([%‰])")
_OLD = lazily(r"[-\s]old\b")
_CLOSING = lazily(r"\s?\)")
_SIGN_BEFORE = lazily(r"(?:[<>]=?|[≤≥~≈±])\s?$")
_STEM = lazily(r"(?i)(?:^|\W)(mid|early|late|pre|post|since)[-–]$")
_DIGIT_BEFORE = lazily(r"\d[\s-]{0,2}$")
_CAPTION_WORD = lazily(r"[^\W\d_]+|['’]?000s?")
_ORDINAL = lazily(r"(?:st|nd|rd|th|ª|º|°|er|era|ro|do|ra|da|ta|to|va|vo)(?![\w])")
_GLUED = lazily(r"[^\W\d_]{1,20}[²³2]?(?!\w)|×")
_HYPHEN_WORD = lazily(r"[-‐‑]([^\W\d_]{1,20})(?:[-\s]old\b)?")
_CODE_LEFT = lazily(r"[\w][\w.\-–‐‑/]{0,60}$")
_CODE_RIGHT = lazily(r"\w{0,60}(?:[-‐‑/]\w{1,40}){0,4}")
_REFERENCE_MORE = lazily(r"(\s{0,2}(?:,|and|&|y|e|or|to|a|-|–)\s{0,2}){1,2}(\d{1,3}(?:\.\d{1,2})?)(?![\w%]|[.,]\d)")


def _number(work: _Work, start: int, end: int) -> None:
    """Read the number at a run of digits that nothing has used, or reject it."""
    text, locale = work.text, work.locale
    if (end - start == 4 and text[start:end].isascii() and text[end : end + 1] != ",") or _comma_is_no_group(
        text, start, end
    ):
        year = _year(work, start, end)
        if year:
            _vague(work, year)
            work.keep(year)
            return
    numeral = _numeral(text, start, locale)
    if numeral == "list":
        numeral = _Numeral(end, Decimal(text[start:end]), doubt="digits joined by commas without a clear grouping")
    if isinstance(numeral, str):
        stop = end
        if numeral != "raised or circled digit":
            chain = _DIGIT_CHAIN.match(text, start)
            stop = max(end, chain.end() if chain else end)
        work.reject(start, stop, numeral)
        return
    if not work.free(start, numeral.end):
        numeral = _Numeral(end, Decimal(text[start:end]), doubt="what follows is part of a name")
    left = start
    value = numeral.value
    if text[start - 1 : start] == "." and numeral.plain and (start < 2 or text[start - 2] in " ($€£\u00a0-−"):
        left, value = start - 1, value.scaleb(start - end, _EXACT)
    found = _left_currency(work, left)
    code, negative, opened = None, False, False
    draft = _Draft(left, numeral.end, value, "number", doubt=numeral.doubt)
    if found:
        code, left, negative, opened, doubt = found
        draft.kind, draft.start = "money", left
        if doubt:
            draft.doubted(doubt)
    else:
        glued = text[left - 1 : left]
        if (glued and (glued.isalnum() or glued == "_")) or _hyphenated(text, left):
            _reject_code(work, start, numeral.end)
            return
        if glued in ("-", "−", "–", "+") and _is_sign(text, left):
            negative = glued != "+"
            if glued == "–":
                draft.doubted("a dash may be a minus sign")
            left -= 1
            draft.start = left
    if negative:
        draft.value = _EXACT.minus(draft.value)
    if not _right(work, draft, numeral, code):
        _reject_code(work, start, numeral.end)
        return
    if draft.kind in ("number", "count") and _reference(work, draft, numeral):
        return
    if draft.kind == "count" and numeral.plain and FIRST_YEAR <= draft.value <= LAST_YEAR and draft.value % 100:
        draft.doubted("may be a year")
    _parentheses(work, draft, opened)
    ahead = text[draft.start - 1 : draft.start]
    if draft.kind == "money" and found and ahead and ahead in "-−–" and not negative and _is_sign(text, draft.start):
        draft.start, draft.value = draft.start - 1, _EXACT.minus(draft.value)
        if ahead == "–":
            draft.doubted("a dash may be a minus sign")
    _signs(work, draft)
    _inherit(work, draft)
    work.keep(draft)


def _comma_is_no_group(text: str, start: int, end: int) -> bool:
    """Whether four digits before a comma end a clause ("In 2015, 300 people") rather than begin a longer number."""
    return end - start == 4 and text[start:end].isascii() and not text[end + 1 : end + 2].isdigit()


def _hyphenated(text: str, at: int) -> bool:
    """Whether a hyphen ties the digits to a word before them: COVID-19."""
    return at > 1 and text[at - 1] in "-‐‑_" and text[at - 2].isalnum() and not text[at - 2].isdigit()


def _is_sign(text: str, at: int) -> bool:
    """Whether the dash before the digits is a sign: nothing but a blank, a bracket or the start stands before it."""
    return at < 2 or text[at - 2].isspace() or text[at - 2] in "([{:;,|/=$€£"


def _reject_code(work: _Work, start: int, end: int) -> None:
    """Reject digits with the letters they are glued to, as far as nothing else has used them."""
    text = work.text
    base = max(0, start - 62)
    match = _CODE_LEFT.search(text[base:start])
    first = base + match.start() if match else start
    right = _CODE_RIGHT.match(text, end)
    last = right.end() if right else end
    first = max((at + 1 for at in range(first, start) if work.taken[at]), default=first)
    last = min((at for at in range(end, last) if work.taken[at]), default=last)
    work.reject(first, last, "name or code")


def _left_currency(work: _Work, at: int) -> tuple[str | None, int, bool, bool, str | None] | None:
    """The currency before a number: code, start, whether a minus stands between, whether a bracket does, doubt."""
    base = max(0, at - 14)
    window = work.text[base:at]
    match = _CURRENCY_BEFORE.search(window)
    if match is None:
        return None
    sign = re.sub(r"\s", "", match[1] or match[2])
    begin = base + match.start()
    code, doubt = _currency(work, sign)
    if code is None and doubt is None:
        return None
    if (sign in ("R", "Ft") and window[-1:].isspace()) or (sign in ("kr", "Rs", "R") and match.group()[-1:] in "-–"):
        return None
    if code in words.DOUBTFUL_CODES and sign == code:
        numeral = _numeral(work.text, at, work.locale)
        small = isinstance(numeral, str) or (numeral.plain and numeral.value < 1000)
        if small and not _scaled_after(work.text, at if isinstance(numeral, str) else numeral.end):
            return None
    if match[3] and match[3] not in "-−–+":
        return None
    return code, begin, match[3] in ("-", "−", "–") and match[3] != "", bool(match[4]), doubt


def _currency(work: _Work, sign: str) -> tuple[str | None, str | None]:
    """The ISO code of a sign or code, with a doubt where it may stand for another; (None, None): no currency."""
    named = work.locale.currencies | ({work.currency} if work.currency else set())
    if sign == "$":
        if work.currency:
            return work.currency, None
        return "USD", "a bare $ may be pesos here" if work.locale.language in ("es",) else None
    if sign == "R":
        possible = named & {"BRL", "ZAR"}
        if len(possible) == 1:
            return next(iter(possible)), None
        return None, "R may be reals or rand"
    if sign in ("kr", "kr."):
        return None, "kr may be any krone or krona"
    if sign in words.SYMBOLS:
        return words.SYMBOLS[sign], None
    if sign in ("U.S.$", "U.S$", "US$"):
        return "USD", None
    if len(sign) == 4 and sign.endswith("$"):
        sign = sign[:3]
    return (sign, None) if sign in words.currency_codes() else (None, None)


def _right(work: _Work, draft: _Draft, numeral: _Numeral, code: str | None) -> bool:
    """Read scale, percent, currency and unit of time after a number; false if letters make it a code."""
    text, at = work.text, draft.end
    money = draft.kind == "money"
    draft.unit = code
    character = text[at : at + 1]
    if character and (character.isalpha() or character == "×"):
        glued = _GLUED.match(text, at)
        if glued is None:
            return False
        if not _glued(work, draft, numeral, glued.group(), money):
            return False
        if draft.kind in ("ordinal",) or (draft.unit and not money):
            return True
        at = draft.end
    elif character == "_":
        return False
    if character in _RAISED[:3] and character:
        draft.doubted("a raised digit follows")
    if text[at : at + 1] == "+" and not text[at + 1 : at + 2].isdigit():
        draft.comparator, at = ">=", at + 1
        draft.end = at
    percent = _PERCENT_SIGN.match(text, at)
    if percent and not money and (percent.group()[0] != ")" or text[draft.start - 1 : draft.start] == "("):
        draft.kind, draft.unit, draft.end = "percent", percent[1], percent.end()
        if percent.group()[0] == ")":
            draft.start, draft.value = draft.start - 1, _EXACT.minus(draft.value)
        points = _phrase_after(_after(text, draft.end, 2), words.PERCENT, 2)
        if (points and points[0] == "percentage points") or (
            points and points[2] == 1 and points[0] == "percentage points"
        ):
            draft.kind, draft.unit, draft.end = "points", points[0], points[1]
        return True
    hyphen = _HYPHEN_WORD.match(text, at)
    if hyphen and not money:
        if text[at + 1 : hyphen.end(1)].lower() in words.DURATIONS:
            draft.kind, draft.unit, draft.end = "duration", words.DURATIONS[hyphen[1].lower()], hyphen.end()
        elif (hyphen[1].isupper() and len(hyphen[1]) <= 3) or (hyphen[1].istitle() and text[at] == "-"):
            return False
        else:
            draft.kind = "count"
        return True
    at = _scale(work, draft, at, money)
    following = _after(text, at)
    if not money:
        phrase = _phrase_after(following, words.PERCENT, 2)
        if phrase:
            draft.kind = "percent" if phrase[0] == "%" else "points"
            draft.unit, draft.end = phrase[0], phrase[1]
            return True
        if _money_after(work, draft, at, following):
            money = True
    else:
        _name_after_sign(work, draft, following)
    if money:
        _exchange(work, draft)
        return True
    adjective = bool(following) and following[0].low in words.DURATION_ADJECTIVES
    unit = following[1] if adjective and len(following) > 1 else following[0] if following else None
    if unit and unit.low in words.DURATIONS and not (unit.low in ("second", "mo") and draft.value != 1):
        draft.kind, draft.unit, draft.end = "duration", words.DURATIONS[unit.low], unit.end
        old = _OLD.match(text, unit.end)
        if old:
            draft.end = old.end()
    elif _counted(following):
        draft.kind = "count"
    return True


def _glued(work: _Work, draft: _Draft, numeral: _Numeral, letters: str, money: bool) -> bool:
    """Read letters written against the digits: 940K, 6th, 15min, 100USD; false if they make a name (4D)."""
    text = work.text
    ordinal = _ORDINAL.match(text, draft.end)
    if ordinal and numeral.plain and not money and letters not in words.GLUED_SCALES:
        draft.kind, draft.end = "ordinal", ordinal.end()
        return True
    if letters in words.GLUED_SCALES and (money or letters not in ("b", "B", "t", "T", "cr", "Cr", "mm", "MM", "m")):
        draft.multiplier = words.GLUED_SCALES[letters]
    elif letters == "m" and not money:
        draft.multiplier = words.GLUED_SCALES["m"]
        draft.doubted("m may be metres or millions")
    elif money:
        low = letters.lower()
        return low in words.SCALES and len(low) > 2
    elif letters in words.GLUED_UNITS:
        draft.kind, draft.unit = "count", words.GLUED_UNITS[letters]
        if draft.unit in ("hours", "minutes", "seconds"):
            draft.kind = "duration"
        draft.end += len(letters)
        return True
    else:
        low = letters.lower()
        known = (low in words.SCALES and len(low) > 2) or (low in words.DURATIONS and len(low) > 3)
        return known or low in words.PERCENT or letters in words.currency_codes()
    draft.end += len(letters)
    draft.value = _times(draft.value, draft.multiplier)
    return True


def _scale(work: _Work, draft: _Draft, at: int, money: bool) -> int:
    """Multiply by the scale words after a number; the position after them."""
    for _ in range(2):
        following = _after(work.text, at, 2)
        if not following:
            break
        low = following[0].low
        if low in ("hundred", "dozen") and len(following) > 0:
            factor = Decimal(100) if low == "hundred" else Decimal(12)
        elif (
            low not in words.SCALES
            or (low == "miles" and work.locale.language == "en")
            or (
                low in words.SHORT_SCALES
                and low != "mil"
                and not (money or (following[0].text.isupper() and len(low) == 2))
            )
        ):
            break
        else:
            factor = words.SCALES[low]
        draft.value = _times(draft.value, factor)
        draft.multiplier = _times(draft.multiplier or Decimal(1), factor)
        at = draft.end = following[0].end
    if work.text[at : at + 1] == "." and work.text[at - 3 : at].lower() in ("mio", "mrd", "ill", "mln"):
        at = draft.end = at + 1
    return at


def _money_after(work: _Work, draft: _Draft, at: int, following: list[_Word]) -> bool:
    """Read a currency sign, code or name after the number and its scale."""
    sign = _CURRENCY_AFTER.match(work.text, at)
    if (
        sign
        and sign[1] not in ("R", "S/", "Ft")
        and not (sign[1] in ("$", "£") and work.text[sign.end() : sign.end() + 1].isdigit())
    ):
        compact = re.sub(r"\s", "", sign[1])
        code, doubt = _currency(work, compact)
        doubtful = compact in words.DOUBTFUL_CODES and draft.value < 1000
        if (code or doubt) and not doubtful:
            draft.kind, draft.unit, draft.end = "money", code, sign.end()
            if doubt:
                draft.doubted(doubt)
            return True
    name = _currency_name(work, draft, following)
    if name is None:
        return False
    draft.kind, draft.unit, draft.end = "money", name[0], name[1]
    if name[0] is None:
        draft.doubted("which currency is not said")
    return True


def _name_after_sign(work: _Work, draft: _Draft, following: list[_Word]) -> None:
    """Let a name settle a bare sign: "$500 million Mexican pesos", "$5 CAD"."""
    sign = _CURRENCY_AFTER.match(work.text, draft.end)
    if sign and len(sign[1]) == 3 and sign[1] in words.currency_codes() - words.DOUBTFUL_CODES:
        draft.unit, draft.doubt, draft.end = sign[1], None, sign.end()
        return
    name = _currency_name(work, draft, following)
    if name and name[0]:
        draft.unit, draft.doubt, draft.end = name[0], None, name[1]
    elif name and work.text[draft.start : draft.start + 1] == "$":
        draft.unit, draft.end = None, name[1]
        draft.doubted("which currency is not said")


def _currency_name(work: _Work, draft: _Draft, following: list[_Word]) -> tuple[str | None, int] | None:
    """The currency whose name the words begin with, and where the name ends; a code of None: one of several."""
    if following and following[0].low in ("of", "de"):
        following = following[1:]
    if not following:
        return None
    names = words.currency_names()[0]
    for size in range(min(4, len(following)), 0, -1):
        phrase = " ".join(word.low.rstrip(".") if size == 1 else word.low for word in following[:size])
        if size > 1 and phrase in names:
            return names[phrase], following[size - 1].end
    head = following[0].low
    code, known = words.head_currency(head)
    if not known:
        return None
    large = draft.multiplier is not None or abs(draft.value) >= 1000
    if head in words.VERB_LIKE_HEADS and not large and draft.value != 1:
        return None
    if head in ("pound", "pounds", "libra", "libras") and not large:
        draft.doubted("pounds may be a weight")
    if code is None:
        named = {
            c for c in work.locale.currencies | {work.currency or ""} if c in words.currency_names()[1].get(head, ())
        }
        code = next(iter(named)) if len(named) == 1 else None
    return code, following[0].end


def _exchange(work: _Work, draft: _Draft) -> None:
    """Read "/USD" or "per dollar" after an amount as a rate of exchange."""
    match = _RATE_AFTER.match(work.text, draft.end)
    if match is None:
        return
    if match[1]:
        base, _ = _currency(work, re.sub(r"\s", "", match[1]))
    else:
        base = "EUR" if "euro" in match[2] else "USD"
    if base is None or base == draft.unit:
        return
    draft.kind, draft.end = "rate", match.end()
    draft.unit = f"{draft.unit}/{base}" if draft.unit else None


def _names(token: _Word, following: list[_Word]) -> bool:
    """Whether the word before a number names a place or a thing by it: "Table 2", "Model 3", "ISO 9001"."""
    raw = token.text.lstrip(_OPENING)
    low = raw.rstrip(".").lower()
    if low in words.REFERENCES:
        if low in ("no", "nos"):
            return raw[0] == "N" or raw.endswith(".")
        return len(low) > 3 or raw.endswith(".") or low in ("p", "pp", "ley", "lei", "nº", "n°", "art")
    if raw.rstrip(".") != raw:
        return False
    if raw in words.STANDARDS or raw == "#":
        return True
    return low in words.NAMES_BEFORE and (raw[:1].isupper() or not _counted(following))


def _reference(work: _Work, draft: _Draft, numeral: _Numeral) -> bool:
    """Reject a number that is part of a name or a reference, with those listed after it."""
    text, start = work.text, draft.start
    if draft.multiplier is not None or draft.value < 0:
        return False
    if text[start - 1 : start] == "#" and numeral.plain:
        work.reject(start, draft.end, "reference")
        return True
    tokens = _before(text, start, 2)
    if not tokens or tokens[-1].end < start - 2 or (tokens[-1].end == start and tokens[-1].text[-1:] not in ".°º"):
        return False
    token = tokens[-1]
    following = _after(text, draft.end, 2)
    raw = token.text.strip(_OPENING)
    low = raw.lower().rstrip(".")
    short = numeral.places <= 2 or low in ("no", "nos", "nº", "n°", "ley", "lei")
    if short and numeral.value < 10**5 and _names(token, following):
        reference = low in words.REFERENCES
        work.reject(start, draft.end, "reference" if reference else "name or version")
        at = draft.end
        more = _REFERENCE_MORE.match(text, at)
        while (
            reference
            and more
            and work.free(*more.span(2))
            and (low.endswith("s") or low == "pp" or more[1].strip() in "-–")
        ):
            work.reject(*more.span(2), "reference")
            more = _REFERENCE_MORE.match(text, more.end(2))
        return True
    if (
        low in ("year", "month", "week", "day", "quarter", "año", "ano", "mes", "mês")
        and numeral.plain
        and draft.value < 100
    ):
        if not _counted(following):
            draft.kind, draft.unit = "ordinal", low
        return False
    version = numeral.places == 1 and not numeral.plain and draft.value < 30 and token.end < start
    acronym = raw.isupper() and 2 <= len(raw) <= 6 and raw.isalpha() and not text[max(0, start - 60) : start].isupper()
    titled = raw[:1].isupper() and text[numeral.end - 2 : numeral.end] == ".0" and len(tokens) > 1
    if version and (acronym or (titled and not _counted(following))):
        work.reject(start, draft.end, "name or version")
        return True
    if (
        numeral.plain
        and draft.kind == "number"
        and raw[:1].isupper()
        and raw.isalpha()
        and raw[1:].islower()
        and len(tokens) > 1
        and tokens[0].text[-1:] not in ".:;!?"
        and low not in words.FUNCTION_WORDS
    ):
        draft.doubted("may belong to the name before it")
    return False


def _parentheses(work: _Work, draft: _Draft, opened: bool) -> None:
    """Read a bracketed number as negative: in a statement, or where the currency stands before the bracket."""
    text = work.text
    closing = _CLOSING.match(text, draft.end)
    if closing is None or draft.value < 0:
        return
    if opened:
        draft.end, draft.value = closing.end(), _EXACT.minus(draft.value)
        if draft.multiplier is None:
            _scale(work, draft, draft.end, True)
    elif work.statement and text[draft.start - 1 : draft.start] == "(" and draft.kind != "date":
        draft.start, draft.end, draft.value = draft.start - 1, closing.end(), _EXACT.minus(draft.value)


_PLACES = frozenset({"under", "around", "near", "above", "below", "beyond"})
"""Comparators that before a handful are more often prepositions: "under three lines of action"."""


def _signs(work: _Work, draft: _Draft) -> None:
    """Find the comparator before or after a number."""
    text, at = work.text, draft.start
    draft.cover_start = at
    sign = _SIGN_BEFORE.search(text[max(0, at - 3) : at])
    if sign:
        draft.comparator = words.COMPARATOR_SIGNS[sign.group().strip()]
        draft.cover_start = max(0, at - 3) + sign.start()
        return
    found = _phrase_before(text, at, words.COMPARATORS)
    if found is None:
        tokens = _before(text, at, 1)
        if tokens and tokens[0].low in ("the", "a", "an", "another", "some", "los", "las", "os", "as"):
            found = _phrase_before(text, tokens[0].start, words.COMPARATORS)
    if found and not (found[0] == "~" and draft.kind == "ordinal"):
        lead = text[found[1] : at].strip().lower()
        over = lead == "over"
        if over and draft.kind == "duration" and draft.unit in ("weeks", "months", "years", "quarters", "decades"):
            draft.doubted("over may mean during")
        elif not (lead in _PLACES and draft.kind in ("count", "number") and draft.value < 10):
            draft.comparator, draft.cover_start = found
    after = _phrase_after(_after(text, draft.end, 3), words.COMPARATORS_AFTER, 3)
    if after and draft.comparator is None:
        draft.comparator, draft.cover_end = after[0], after[1]


def _inherit(work: _Work, draft: _Draft) -> None:
    """Give a number without words of its own the scale and currency of its caption or header."""
    if draft.kind not in ("money", "number") or draft.doubt == "digits of another script":
        return
    if work.currency and draft.kind == "number":
        draft.kind, draft.unit = "money", work.currency
    if work.scale is not None and draft.multiplier is None:
        draft.value = _times(draft.value, work.scale)


# --- numbers in words --------------------------------------------------------------------------------------------

_WORD = lazily(r"[^\W\d_]+")
_ARTICLE_SCALE = lazily(
    r"(?i)\b(half\s)?an?\s(hundred|thousand|million|billion|trillion|dozen)\b|\b(medio)\s(millón)\b"
)


def _spelled(work: _Work) -> None:
    """Read numbers in words, from two upwards; one only before a scale or a unit of time."""
    text = work.text
    language = work.locale.language if work.locale.language in words.NUMBER_WORDS else ""
    for match in _ARTICLE_SCALE.finditer(text):
        if not work.free(*match.span()):
            continue
        scale = (match[2] or match[4]).lower()
        factor = {"hundred": Decimal(100), "dozen": Decimal(12)}.get(scale) or words.SCALES[scale]
        half = Decimal("0.5") if match[1] or match[3] else Decimal(1)
        _keep_spelled(work, match.start(), match.end(), _times(half, factor), factor)
    if not language:
        return
    vocabulary, joiners = words.NUMBER_WORDS[language], words.JOINERS[language]
    chain: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        low = match.group().lower()
        adjoining = bool(chain) and text[chain[-1].end() : match.start()] in (" ", "-", "\u00a0")
        joins = adjoining and low in joiners and len(chain) < 12
        if (low in vocabulary and (not chain or adjoining)) or joins:
            chain.append(match)
            continue
        _spelled_chain(work, chain, language)
        chain = [match] if low in vocabulary else []
    _spelled_chain(work, chain, language)


def _spelled_chain(work: _Work, chain: list[re.Match[str]], language: str) -> None:
    """Read the longest numbers that a chain of number words makes."""
    while chain:
        for size in range(min(len(chain), 12), 0, -1):
            part = chain[:size]
            if part[-1].group().lower() in words.JOINERS[language]:
                continue
            value = words.spelled(" ".join(match.group().lower() for match in part), language)
            if value is not None:
                _one_spelled(work, part, value)
                chain = chain[size:]
                break
        else:
            chain = chain[1:]


def _one_spelled(work: _Work, part: list[re.Match[str]], value: int) -> None:
    """Keep a number in words unless it is a pronoun, an article, a fraction or part of a name."""
    text, start, end = work.text, part[0].start(), part[-1].end()
    following = _after(text, end, 2)
    low = following[0].low if following else ""
    single = part[0].group().lower()
    scaled = any(match.group().lower() in words.SCALE_WORDS for match in part)
    if value < 2:
        unit = single == "one" and low in words.DURATIONS and low != "second" and low != "day"
        if value == 0 or not unit:
            return
    if len(part) == 1 and scaled and single != "mil":
        return
    hyphen = _HYPHEN_WORD.match(text, end)
    if (hyphen and hyphen[1].lower() not in words.DURATIONS) or text[start - 1 : start] in ("-", "'", "’"):
        return
    if low in words.FRACTION_WORDS or (low == "of" and len(following) > 1 and following[1].low == "the" and value < 2):
        return
    if part[0].group()[0].isupper() and part[0].group()[1:].islower() and following and following[0].text.istitle():
        return
    if _money_sign_before(text, start):
        return
    _keep_spelled(work, start, end, Decimal(value), Decimal(1) if scaled else None)


def _money_sign_before(text: str, start: int) -> bool:
    """Whether digits stand right before, so that the words are their scale."""
    return bool(_DIGIT_BEFORE.search(text[max(0, start - 4) : start]))


def _keep_spelled(work: _Work, start: int, end: int, value: Decimal, multiplier: Decimal | None) -> None:
    """Give a number in words its context as if it were digits."""
    if not work.free(start, end):
        return
    draft = _Draft(start, end, value, "number", multiplier=multiplier)
    if not _right(work, draft, _Numeral(end, value), None) or not work.free(start, draft.end):
        return
    tokens = _before(work.text, start, 1)
    if tokens and _names(tokens[0], _after(work.text, end, 1)):
        return
    _signs(work, draft)
    work.keep(draft)


# --- neighbours --------------------------------------------------------------------------------------------------

_DASH = lazily(r"\s{0,2}[-–—]\s{0,2}")
_TO_WORD = lazily(r"(?i)\s{1,2}(?:to|a|al|até|hasta|through|thru|ao)\s{1,2}(?:(?:about|nearly|over|almost|the)\s)?")
_UNTIL = lazily(r"(?i)\s{1,2}(?:until|till|through|thru|to|a|al|ao|até|hasta)\s{1,2}(?:the\s|el\s)?")
_AND = lazily(r"(?i)\s{1,2}(?:and|y|e|&)\s{1,2}")
_BETWEEN = lazily(r"(?i)\b(?:between|entre)\s{1,2}(?:the\s|los\s|el\s)?$")
_FROM = lazily(r"(?i)\b(?:from|de|desde|del)\s{1,2}(?:(?:about|nearly|over|the|an?|around)\s)?$")
_RANGING = lazily(r"(?i)\b(?:rang(?:e|es|ed|ing)|var(?:y|ies|ied|ying)|anywhere)\s(?:from|between)\s{1,2}$")


def _join(work: _Work) -> None:
    """Join neighbours to ranges: dates with dates, amounts with amounts; a change from one to another stays two."""
    drafts = sorted(work.drafts, key=lambda draft: draft.start)
    joined: list[_Draft] = []
    for draft in drafts:
        if joined and draft.start - joined[-1].end <= 12 and draft.start >= joined[-1].end:
            previous = joined[-1]
            if previous.high is None and draft.high is None and _pair(work, previous, draft):
                continue
        joined.append(draft)
    work.drafts = joined


def _pair(work: _Work, low: _Draft, high: _Draft) -> bool:
    """Whether two neighbours are one range; makes the first one of them if so."""
    text = work.text
    gap = text[low.end : high.start]
    lead = text[max(0, low.cover_start - 40) : low.cover_start]
    between = _BETWEEN.search(lead)
    dash, to, and_ = (pattern.fullmatch(gap) for pattern in (_DASH, _TO_WORD, _AND))
    if low.bare_year and high.kind in ("number", "count") and ((between and and_) or dash) and high.value > low.value:
        low.kind, low.unit, low.period, low.bare_year = "count", None, None, False
    if low.kind == "date" and high.kind == "date":
        until = _UNTIL.fullmatch(gap)
        consecutive = and_ and low.bare_year and high.bare_year and high.value == low.value + 1
        if not (dash or until or (and_ and between) or consecutive) or "/" in f"{low.period}{high.period}":
            return False
        if f"{low.period}" > f"{high.period}":
            return False
        low.period = f"{low.period}/{high.period}"
        low.high = high.value if high.value != low.value else None
        opening = between or (_FROM.search(lead) if until else None)
        return _absorb(low, high, opening, lead)
    if "date" in (low.kind, high.kind) or "time" in (low.kind, high.kind) or not (dash or to or (and_ and between)):
        return False
    if low.kind == "ordinal" or high.kind == "ordinal" or low.kind == "rate" or high.kind == "rate":
        return False
    _share(low, high)
    if (low.kind, low.unit) != (high.kind, high.unit) and {low.kind, high.kind} != {"number", "count"}:
        return False
    if low.value >= high.value or (low.per and high.per and low.per != high.per):
        return False
    ranging, came = _RANGING.search(lead), _FROM.search(lead)
    if came and not ranging and to:
        story = lead.lower()
        if low.kind in ("percent", "money", "points") or any(stem in story for stem in words.CHANGE_WORDS):
            return False
    if dash and gap != gap.strip() and low.kind != high.kind:
        return False
    low.kind, low.unit, low.high, low.per = high.kind, high.unit, high.value, high.per or low.per
    low.doubt = low.doubt or high.doubt
    low.comparator = low.comparator or high.comparator
    return _absorb(low, high, between or ranging or came, lead)


def _absorb(low: _Draft, high: _Draft, opening: re.Match[str] | None, lead: str) -> bool:
    low.end, low.cover_end = high.end, max(high.cover_end, high.end)
    if opening:
        low.cover_start -= len(lead) - opening.start()
    return True


def _share(low: _Draft, high: _Draft) -> None:
    """Let the first of two take unit and scale from the second ("5 to 10 million dollars"), or give its currency."""
    if low.kind in ("number", "count") and low.unit is None and high.unit is not None and low.per is None:
        if high.kind == "money" and low.value < 0:
            return
        low.kind, low.unit = high.kind, high.unit
    elif low.kind == "money" and high.kind in ("number", "count") and high.unit is None:
        high.kind, high.unit = "money", low.unit
    if low.multiplier is None and high.multiplier is not None and low.kind == high.kind:
        scaled = _times(low.value, high.multiplier)
        if scaled < high.value or low.value * 2 > high.value / high.multiplier:
            low.value, low.multiplier = scaled, high.multiplier


_SLASH_UNIT = lazily(r"\s{0,2}/\s{0,2}([^\W\d_]{1,12})(?![\w])")
_PHRASE_STOPS = words.FUNCTION_WORDS - word_set("of in de en em do da dos das del la las los for")
_ADJECTIVE = lazily(r"\b(" + "|".join(words.PER_ADJECTIVES) + r")\b", re.IGNORECASE)
_SENTENCE_END = lazily(r"[.;!?]\s")
_LINKS = word_set(
    """is was are were of reached reaching totals totaled totalled to at be being cost costs equals es fue era son
    fueron foi é de a estimated"""
)
_MEASURES_BEFORE = word_set(
    """average rate total volume number mean median maximum minimum output throughput promedio media"""
)


def _rates(work: _Work) -> None:
    """Find "per year", "/month", "daily" after a number or its noun, and "annual ... of" before it."""
    drafts = work.drafts
    starts = [*(draft.start for draft in drafts[1:]), len(work.text)]
    for draft, stop in zip(drafts, starts, strict=False):
        if draft.kind in ("date", "time", "ordinal") or draft.per:
            continue
        _rate_after(work, draft, stop)
    for index, draft in enumerate(drafts):
        if draft.kind in ("date", "time", "ordinal", "rate") or draft.per:
            continue
        floor = max((other.end for other in drafts[max(0, index - 6) : index] if other.kind == "money"), default=0)
        _rate_before(work, draft, floor)
    for first, second in pairwise(drafts):
        if first.per is None and second.per and first.kind == second.kind == "count":
            _same_noun(work, first, second)


def _rate_after(work: _Work, draft: _Draft, stop: int) -> None:
    text = work.text
    slash = _SLASH_UNIT.match(text, draft.end)
    if slash and slash[1].lower() in words.PER_UNIT:
        draft.per, draft.end = words.PER_UNIT[slash[1].lower()], slash.end()
        draft.cover_end = max(draft.cover_end, draft.end)
        return
    found = _after(text, draft.end, 8)
    for index, word in enumerate(found):
        if index > 5 or word.start >= stop:
            return
        low = word.low
        after = found[index + 1] if index + 1 < len(found) else None
        end = None
        if low in words.PER_LEADS and after:
            unit = after
            if after.low in ("calendar", "fiscal", "single") and index + 2 < len(found):
                unit = found[index + 2]
            if unit.low in words.PER_UNIT and len(unit.low) > 2:
                draft.per, end = words.PER_UNIT[unit.low], unit.end
        elif low in words.PER_ADVERBS:
            noun_follows = after is not None and after.low not in words.FUNCTION_WORDS
            direct = index == 0 and (draft.kind in ("money", "percent") or low in ("daily", "hourly"))
            if direct or (index > 0 and not noun_follows):
                draft.per, end = words.PER_ADVERBS[low], word.end
        elif (later := _SLASH_UNIT.match(text, word.end)) and index < 2 and later[1].lower() in words.PER_UNIT:
            draft.per, end = words.PER_UNIT[later[1].lower()], later.end()
        if end is not None:
            if index == 0:
                draft.end = end
            draft.cover_end = max(draft.cover_end, end)
            return
        if low in _PHRASE_STOPS or low in words.PER_LEADS:
            return


def _rate_before(work: _Work, draft: _Draft, floor: int) -> None:
    text = work.text
    base = max(floor, draft.cover_start - SENTENCE, 0)
    window = text[base : draft.cover_start]
    for match in _SENTENCE_END.finditer(window):
        floor = base + match.end()
    window = text[max(base, floor) : draft.cover_start]
    found = list(_ADJECTIVE.finditer(window))
    if not found:
        return
    tail = window[found[-1].end() :].split()
    per = words.PER_ADJECTIVES[found[-1].group().lower()]
    near = len(tail) <= 4 and not any(token[-1:] in ",;:)" for token in tail[:-1])
    if draft.kind == "money":
        linked = bool(tail) and (tail[-1].lower() in _LINKS or tail[-1].endswith(":"))
        if near or (linked and not re.search(r"\d", window[found[-1].end() :])):
            draft.per = per
    elif draft.kind == "percent":
        draft.per = per if near and tail and tail[-1].lower() in _LINKS else None
    elif near and tail and tail[0].lower() in _MEASURES_BEFORE and draft.kind in ("count", "number"):
        draft.per = per


def _same_noun(work: _Work, first: _Draft, second: _Draft) -> None:
    """Share a rate over "20 million copies of A and 10 million copies of B per year"."""
    between = work.text[first.end : second.cover_start].split()
    noun, other = _after(work.text, first.end, 1), _after(work.text, second.end, 1)
    joined = 1 < len(between) <= 7 and between[-1].lower() in ("and", "y", "e")
    if joined and noun and other and noun[0].low == other[0].low:
        first.per = second.per


# --- the door ----------------------------------------------------------------------------------------------------


def scan(
    text: str,
    locale: NumberLocale | None = None,
    *,
    scale: Decimal | int | None = None,
    currency: str | None = None,
    statement: bool = False,
) -> tuple[list[Quantity], list[Rejected]]:
    """Find every number of a text: what it says, or why it is no number. Both lists are in reading order.

    `scale` and `currency` are what a caption or header states for amounts that state none themselves; `statement`
    says that a bracketed number is negative. Without a locale, the text itself is the evidence.
    """
    locale = locale or locale_of(text)
    locale = _with_currencies(text, locale)
    factor = None if scale is None else Decimal(scale)
    work = _Work(text, locale, factor, currency, statement, bytearray(len(text)), [], [])
    runs = [match.span() for match in RUN.finditer(text)]
    if runs:
        _addresses(work)
        _marks(work)
        _dates(work)
        _codes(work)
        for draft in work.drafts:
            if draft.kind == "date":
                _vague(work, draft)
        for start, end in runs:
            if not any(work.taken[start:end]):
                _number(work, start, end)
    _spelled(work)
    _join(work)
    _rates(work)
    return _settle(work, runs)


def _with_currencies(text: str, locale: NumberLocale) -> NumberLocale:
    """Add the currencies that this very text names."""
    found = _named_currencies(text) - locale.currencies
    if not found:
        return locale
    return NumberLocale(locale.grouping, locale.decimal, locale.language, locale.sure, locale.currencies | found)


def _settle(work: _Work, runs: list[tuple[int, int]]) -> tuple[list[Quantity], list[Rejected]]:
    """Make the records, giving each run of digits to the one that covers it; none is left over."""
    spans = sorted(
        [(draft.start, draft.end, draft) for draft in work.drafts] + [(r.start, r.end, r) for r in work.rejected],
        key=lambda span: span[:2],
    )
    quantities: list[Quantity] = []
    rejected: list[Rejected] = []
    following = iter(runs)
    run = next(following, None)
    for start, end, record in spans:
        while run is not None and run[0] < start:
            rejected.append(Rejected(*run, work.text[slice(*run)], "not understood"))
            run = next(following, None)
        digits: list[tuple[int, int]] = []
        while run is not None and run[0] < end:
            digits.append(run)
            run = next(following, None)
        if isinstance(record, Rejected):
            if digits:
                rejected.append(record)
        else:
            quantities.append(_quantity(work.text, record, tuple(digits)))
    while run is not None:
        rejected.append(Rejected(*run, work.text[slice(*run)], "not understood"))
        run = next(following, None)
    return quantities, sorted(rejected, key=lambda record: record.start)


def _quantity(text: str, draft: _Draft, digits: tuple[tuple[int, int], ...]) -> Quantity:
    return Quantity(
        start=draft.start,
        end=draft.end,
        cover_start=draft.cover_start,
        cover_end=draft.cover_end,
        digits=digits,
        value=draft.value,
        value_high=draft.high,
        kind=draft.kind,
        unit=draft.unit,
        per=draft.per,  # type: ignore[arg-type]
        comparator=draft.comparator,  # type: ignore[arg-type]
        period=draft.period,
        words=text[draft.start : draft.end],
        doubt=draft.doubt,
    )


_CAPTION_CURRENCY = lazily(rf"(?<![^\W\d_])(US\s{{0,2}}\$|U\.S\.\s{{0,2}}\$|{_SYMBOL}|[A-Z]{{3}})(?![^\W\d_])")


@lru_cache(maxsize=512)
def stated_scale(text: str) -> tuple[Decimal, str | None] | None:
    """The multiplier and currency that a caption or header states: "(in millions)", "US$ thousand", "EUR bn".

    None where it states neither; a currency alone has the multiplier 1. Long texts are no captions.
    """
    if len(text) > 300:
        return None
    work = _Work(text, _with_currencies(text, NumberLocale()), None, None, False, bytearray(), [], [])
    currency: str | None = None
    for match in _CAPTION_CURRENCY.finditer(text):
        sign = re.sub(r"\s", "", match[1])
        if sign in ("R", "Rs", "Ft", "kr") or sign in words.DOUBTFUL_CODES:
            continue
        currency = currency or _currency(work, sign)[0]
    multiplier, named = Decimal(1), False
    for match in _CAPTION_WORD.finditer(text):
        low = match.group().lower().strip("'’s") if "000" in match.group() else match.group().lower()
        if low == "000":
            multiplier, named = multiplier * 1000, True
            break
        if low in words.SCALES and (len(low) > 2 or low in ("mn", "bn") or (low == "k" and currency)):
            multiplier, named = multiplier * words.SCALES[low], True
            following = _after(text, match.end(), 1)
            if not (low in ("mil", "miles") and following and following[0].low in words.SCALES | {"de": 0}):
                break
    if currency is None:
        currency = _caption_name(work)
    return (multiplier, currency) if named or currency else None


def _caption_name(work: _Work) -> str | None:
    """A currency that a caption names in words."""
    text = work.text
    for match in _WORD.finditer(text):
        if not words.head_currency(match.group().lower())[1] or match.group().lower() in words.VERB_LIKE_HEADS:
            following = _after(text, match.start(), 3)
            name = " ".join(word.low for word in following[:2])
            if name in words.currency_names()[0]:
                return words.currency_names()[0][name]
            continue
        following = _after(text, match.start(), 3)
        found = _currency_name(work, _Draft(0, 0, Decimal(1000), "number"), following)
        if found:
            return found[0]
    return None


def patterns() -> Iterator[re.Pattern[str]]:
    """Every pattern of this module, for the test of their running time."""
    for value in list(globals().values()):
        if is_pattern(value):
            yield value
        elif isinstance(value, dict) and value and all(map(is_pattern, value.values())):
            yield from value.values()
    yield from (pattern for _, pattern in _DATES)
