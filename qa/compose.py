"""Answers in words: the figure as printed, what it measures, what qualifies it, and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Calculation, CitedFigure, Figure, Kind, Role
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.cite import Citer
from factdesk.qa.lookup import kind_of
from factdesk.qa.question import Query
from factdesk.qa.wording import say

RATE = lazily(
    r"\s*/\s*(?:year|yr|month|mth|week|day|hour|quarter|a[nñ]o|mes|m[eê]s|ano)\b|\s*\b(?:per|a|each|por|"
    r"al|ao) (?:year|month|week|day|annum|a[nñ]o|mes|ano|m[eê]s)\b|\s*\b(?:annually|yearly|monthly|daily|"
    r"weekly)\b",
    re.I,
)
FEW_ITEMS = 6
"""More items than these are shown only when asked for."""
LONG_LABEL = 90
SCALES = {Decimal(10) ** 3: "thousand", Decimal(10) ** 6: "million", Decimal(10) ** 9: "billion"}
"""How the scale of a table is told beside its numbers."""
MOST_QUOTED = 1500
"""Items that stand within so many characters are quoted as the list they are."""


@dataclass(slots=True)
class Draft:
    """An answer in the making."""

    kind: Kind
    lines: list[str] = field(default_factory=list)
    figures: list[CitedFigure] = field(default_factory=list)
    nearest: list[CitedFigure] = field(default_factory=list)
    calculation: Calculation | None = None
    reason: str | None = None
    confidence: float = 0.5
    suggestions: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    """Texts whose numbers are counted or calculated here, each with its step shown: no document states them."""

    def add(self, figure: Figure, citer: Citer) -> int:
        """Add a figure that answers; the number of its citation."""
        n = citer.figure(figure)
        if all(cited.figure.id != figure.id for cited in self.figures):
            self.figures.append(CitedFigure(figure, n))
        return n


def amount(figure: Figure, language: str) -> str:
    """A figure as printed, its comparator and rate in words: "more than 110 services", "EUR 151K per month"."""
    if kind_of(figure) == "date":
        return figure.period_words or figure.printed
    in_words = re.search(r"[^\W\d_]{3,}", figure.printed.replace(figure.unit or "", ""))
    if figure.table >= 0 and kind_of(figure) in ("money", "count") and not in_words:
        return as_printed(figure)
    printed = RATE.sub("", figure.printed).strip() or figure.printed
    before = f"{say(language, figure.comparator)} " if figure.comparator else ""
    unit = ""
    if (
        kind_of(figure) == "count"
        and figure.unit
        and figure.unit != "rank"
        and figure.unit.casefold() not in printed.casefold()
    ):
        unit = f" {figure.unit}"
    rate = f" {say(language, 'per', per=say(language, figure.per))}" if figure.per else ""
    return f"{before}{printed}{unit}{rate}"


def printed_scale(figure: Figure) -> Decimal:
    """What a cell's number was multiplied by: 1000000 for a table in millions."""
    digits = "".join(c for c in figure.printed if c.isdigit())
    if not digits or abs(figure.value) == Decimal(digits):  # "1.120" may be a thousand and more
        return Decimal(1)
    plain = Decimal("".join(c for c in figure.printed if c.isdigit() or c == ".").strip(".") or "0")
    return abs(figure.value) / plain if plain else Decimal(1)


def as_printed(figure: Figure) -> str:
    """A cell's number as printed, with its currency and the scale that its table states: "USD (1,577) million"."""
    printed = figure.printed.strip()
    factor = printed_scale(figure)
    scale = f" {SCALES[factor]}" if factor in SCALES else ""
    sign = any(mark in printed for mark in "$€£¥") or not (figure.unit or "").isupper()
    currency = "" if sign else f"{figure.unit} "
    return f"{currency}{printed}{scale}"


def described(figure: Figure, language: str) -> str:
    """What a figure measures, for whom, of which subject."""
    return say(language, "of", what=measured(figure, language), subject=figure.subject)


def measured(figure: Figure, language: str) -> str:
    """What a figure measures: its measure for a headline, its label otherwise."""
    if figure.measure and figure.role is Role.HEADLINE:
        what = say(language, figure.measure)
        return f"{what} {say(language, figure.beneficiary)}" if figure.beneficiary else what
    label = figure.label.strip()
    return label if len(label) <= LONG_LABEL else label[: LONG_LABEL - 1].rsplit(" ", 1)[0] + "…"


def figure_lines(
    draft: Draft, figure: Figure, query: Query, citer: Citer, *, items: list[Figure], show_items: bool
) -> None:
    """Add a figure to an answer: its line, its items if few, its period and footnotes, each cited."""
    language = query.language
    n = draft.add(figure, citer)
    when = f", {figure.period_words or figure.period}" if figure.table >= 0 and figure.period else ""
    if figure.role is Role.HEADLINE or not figure.sentence or figure.table >= 0:  # a cell is no sentence
        draft.counted.append(when)
        draft.lines.append(f"{amount(figure, language)}, {described(figure, language)}{when} [{n}]")
    else:
        draft.lines.append(f"{amount(figure, language)}: “{sentence_of(figure)}” ({figure.subject}) [{n}]")
    if items and (show_items or len(items) <= FEW_ITEMS):
        add_items(draft, figure, items, citer, language)
    said = f"{figure.sentence if figure.role is not Role.HEADLINE else ''} {figure.printed}"
    if figure.period_words and not when and kind_of(figure) != "date" and figure.period_words not in said:
        source = period_source(figure, citer)
        if source is not None:
            draft.lines.append(f"  {say(language, 'period', period=figure.period_words)} [{source}]")
    for note in figure.footnotes:
        if (number := citer.footnote(figure, note)) is not None:
            draft.lines.append(f"  {say(language, 'note', note=note)} [{number}]")
    if figure.doubt and figure.table >= 0:
        draft.lines.append(f"  {say(language, 'doubt', doubt=figure.doubt)}")


def sentence_of(figure: Figure) -> str:
    """The sentence of a figure, cut to the part around it where it is long."""
    text = figure.sentence.strip()
    if len(text) <= 320:
        return text
    at = text.find(figure.printed)
    start = max(0, at - 180)
    return ("…" if start else "") + text[start : start + 320].rsplit(" ", 1)[0] + "…"


def period_source(figure: Figure, citer: Citer) -> int | None:
    """The number of the citation that states a figure's period: its quote, its footnote, or a date near it."""
    words = figure.period_words or ""
    for citation in citer.citations:
        if words in re.sub(r"\s+", " ", citation.quote) and citation.document.id == figure.document:
            return citation.n
    for note in figure.footnotes:
        if words in note:
            return citer.footnote(figure, note)
    for other in citer.catalogue.figures(subjects=[figure.subject_id]):
        near = other.section[: len(figure.section)] == figure.section and abs(other.start - figure.start) < 1000
        if other.unit == "date" and other.period == figure.period and near:
            return citer.figure(other)
    return None


def add_items(draft: Draft, headline: Figure, items: list[Figure], citer: Citer, language: str) -> None:
    """The items of a headline in one line, and whether they add up."""
    parts, marks = [], []
    first, last = min(i.start for i in items), max(i.end for i in items)
    together = last - first <= MOST_QUOTED
    for item in items:
        start, end = (first, last) if together else (item.start, item.end)
        marks.append(citer.cite(item.document, start, end, item.section))
        parts.append(f"{item.label} {RATE.sub('', item.printed).strip()}")
    draft.figures += [
        CitedFigure(item, mark)
        for item, mark in zip(items, marks, strict=True)
        if all(c.figure.id != item.id for c in draft.figures)
    ]
    total = sum((item.value for item in items), Decimal(0))
    if len(items) > 1 and {item.per for item in items} == {headline.per}:
        close = abs(total - headline.value) <= abs(headline.value) * Decimal("0.005")
        verdict = say(language, "adds_up") if close else ""
    else:
        verdict = ""
    numbers = "".join(f"[{mark}]" for mark in dict.fromkeys(marks))
    draft.lines.append(f"  {' · '.join(parts)}{f'  ({verdict})' if verdict else ''} {numbers}")


def money(value: Decimal, unit: str | None, per: str | None, language: str) -> str:
    """A calculated value in words: thousands grouped, the unit, the rate."""
    number = f"{int(value):,}" if value == value.to_integral() else plain_number(value)
    if unit == "%":
        text = f"{number}%"
    elif unit and len(unit) == 3 and unit.isupper():
        text = f"{unit} {number}"
    else:
        text = f"{number} {unit}" if unit else number
    return f"{text} {say(language, 'per', per=say(language, per))}" if per else text


def of_subject(query: Query) -> str:
    """ " (A; B)" for the subjects a question names, or nothing."""
    names = [match.subject.name for match in query.named.matches if match.by != "document"]
    if not names and query.documents.sure:
        names = [query.documents.about]
    return f" ({'; '.join(names)})" if names else ""


def asked_for(query: Query) -> str:
    """What a question asks for, in the answer's words: its measure, for whom, and its own words."""
    parts = [say(query.language, measure) for measure in query.asked_measures]
    if "savings" in query.measures:
        parts += [say(query.language, b) for b in query.beneficiaries]
    parts += [query.text[t.start : t.end] for t in query.terms if not any(c.isdigit() for c in t.word)]
    return " ".join(dict.fromkeys(parts)) or query.text.strip(" ?¿")
