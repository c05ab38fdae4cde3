"""Answers from financial statements: an item of a statement, or what a formula makes of several.

1. An item is looked for by the label of its row, in the documents that the question names, in the year that it names.
2. The statement itself comes before other tables that repeat it; a row called exactly so before one that is called
   nearly so; a column that is nothing but the year before one with a facet.
3. Where the best places disagree on the value, nothing is answered.
4. A flow is that of a whole year, a state that of a day in it; only documents that report on years are asked. A year
   that ended in January is called as its document calls it.
5. "Which segment had the most" ranges over the columns of one page whose rows are called like the item; totals, changes
   and eliminations aside.
6. What is worked out is shown with its formula and with every operand, each cited; what is stated is shown as printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from factdesk.corpus.kinds import QUARTER, YEAR
from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Calculation, Document, Figure, Kind
from factdesk.corpus.statements import Item, plain_label, statements
from factdesk.corpus.times import FIRST_HALF, days_in
from factdesk.index.catalogue import Catalogue
from factdesk.qa.cite import Citer
from factdesk.qa.compose import SCALES, Draft, as_printed, printed_scale
from factdesk.qa.documents import Asked
from factdesk.qa.formula import Missing, Of, Result, Stated, Value, reckoned, worked_out
from factdesk.qa.lookup import is_quarter, kind_of
from factdesk.qa.metric import Metric, Over, usual_decimals

KEPT_ITEMS = 2_000
"""Items whose rows in a document are kept in memory: a few each."""
KEPT_DOCUMENTS = 64
"""Documents whose table figures are kept in memory: a filing has some thousands."""
PRIMARY, ELSEWHERE = 0.9, 0.75
"""How sure an answer is whose operands all stand in the statements themselves, and one of others."""
WITNESSES = 2
"""So many tables have to say the same where none of them is the statement."""
AGREE = Decimal("0.006")
"""Two values are the same if they differ by no more than this share: one table rounds to millions, one to billions."""
HUNDRED = Decimal(100)
LOSS = lazily(r"(?:net|operating) loss(?:es)?(?! ?\()|loss from operations")
"""Labels whose numbers are losses though no bracket says so."""
BENEFIT_FIRST = lazily(r"\((?:provision|expense)\)")
"""Labels that put what is paid in brackets: there a tax is negative."""
FEWEST_COLUMNS = 3
"""With fewer columns there is nothing to be the most of."""
NO_PART = lazily(r"\btotals?\b|\bchange|\bconsolidated|%|\bvs\b|\beliminat|\breconcil|\badjust|\bas reported\b", re.I)
"""Columns that are no part of the whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item may be stated: the figure, and how well it fits (smaller is better)."""

    figure: Figure
    elsewhere: bool
    """Whether its table is not the statement itself."""
    rank: int
    detail: bool
    """Whether its column is more than the year."""

    main: bool
    """Whether its page has the most rows of such a statement in its document: the statement, not a part of it."""

    @property
    def order(self) -> tuple[bool, bool, bool, int, int]:
        """What places are sorted by."""
        return self.elsewhere, self.detail, not self.main, self.rank, self.figure.start


Row = tuple[Figure, tuple[str, ...], str | None]
"""A figure of a table, its plain labels, and the kind of statement it stands in."""


def statement_of(figure: Figure) -> str | None:
    """The kind of statement that a figure's table is, by its caption, else by the nearest heading that names one."""
    return statement_under(figure.section)


@lru_cache(maxsize=2_000)
def statement_under(section: tuple[str, ...]) -> str | None:
    """The kind of statement that stands under some headings."""
    for part in reversed(section):
        if (kind := statements().statement_of(part)) is not None:
            return kind
    return None


class Statements:
    """Answers questions from the statements of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.rows_of = lru_cache(KEPT_DOCUMENTS)(self._rows_of)
        self.rows_named = lru_cache(KEPT_ITEMS)(self._rows_named)
        self._identities: dict[str, Document] | None = None

    def answer(self, metric: Metric, documents: Sequence[str], citer: Citer) -> Draft | None:
        """The answer to a metric, from the first of some documents that states all it needs; None if none does."""
        for document in documents:
            if not self.reports_years(document):
                continue
            try:
                if isinstance(metric.formula, Of) and metric.over is Over.ONE:
                    return self.stated(metric.formula, metric, document, citer)
                return self.made(metric, document, citer)
            except (Missing, ZeroDivisionError):
                continue
        return None

    def reports_years(self, document: str) -> bool:
        """Whether a document reports on a year; what nothing is known of may."""
        labels = [period.label for period in self.identity(document).periods]
        return not labels or any(label.isdigit() for label in labels)

    def identity(self, document: str) -> Document:
        """A document without its text."""
        if self._identities is None:
            self._identities = {found.id: found for found in self.catalogue.identities()}
        return self._identities[document]

    def has_any(self, document: str) -> bool:
        """Whether a document has financial statements."""
        return bool(self.rows_of(document)[1])

    def value(self, document: str, item: str, year: int, day: str = "") -> Stated | None:
        """What a document states of an item in a year, or on or to a day of it; None if nothing or contradictory."""
        entry = statements().items[item]
        places = sorted(self.places(document, entry, year), key=lambda place: place.order)
        if day.startswith(str(year)):
            places = [place for place in places if self.is_of_day(place.figure, day)]
        if not places:
            return None
        best = places[0]
        # Outside the statements a label may mean a part: then all that are called so have to agree.
        rivals = [p for p in places if p.elsewhere or p.order[:4] == best.order[:4]]
        rivals = [p for p in rivals if (p.elsewhere, p.detail) == (best.elsewhere, best.detail)]
        if best.elsewhere and len({p.figure.table for p in rivals}) < WITNESSES:
            return None
        values = [spoken_value(p.figure, entry) for p in rivals]
        if any(abs(v - values[0]) > AGREE * abs(values[0]) for v in values):
            return None
        return Stated(best.figure, values[0])

    def places(self, document: str, item: Item, year: int) -> list[Place]:
        """Where a document may state an item in a year, by the name that it gives its years; else by the calendar's."""
        early = self.calls_years_early(document)
        return self.places_of_year(document, item, year, early=early) or (
            self.places_of_year(document, item, year, early=False) if early else []
        )

    def is_of_day(self, figure: Figure, day: str) -> bool:
        """Whether a figure is of a day, or of the year that ended on it."""
        period = figure.period or ""
        if len(period) == len(day):
            return period == day
        named = next((found.isoformat() for _, found in days_in(figure.period_words or "")), None)
        ended = {p.ended for p in self.identity(figure.document).periods if p.ended}
        return day == named if named else not ended or any(day[4:] == end[4:] for end in ended)

    def calls_years_early(self, document: str) -> bool:
        """Whether a document calls a year that ended early in the next one by the year in which it began."""
        named = [p for p in self.identity(document).periods if p.label.isdigit() and p.ended]
        return bool(named) and int(named[0].ended[:4]) == int(named[0].label) + 1

    def places_of_year(self, document: str, item: Item, year: int, *, early: bool) -> list[Place]:
        """The same; `early`: what ended in the first months of a year is of the year before."""
        found = []
        pages = self.rows_of(document)[1]
        for figure, rank, kind in self.rows_named(document, item.name):
            if kind is not None and kind != item.statement:
                continue
            if fiscal_year(figure, state=item.statement == "balance", early=early) != year:
                continue
            main = figure.page == pages.get(item.statement)
            found.append(Place(figure, kind != item.statement, rank, bool(figure.facet), main))
        return found

    def _rows_named(self, document: str, item: str) -> list[tuple[Figure, int, str | None]]:
        """The figures of a document whose rows are called like an item, how well, and the kind of their statement."""
        rank = cache(statements().items[item].rank)
        found = []
        for figure, labels, kind in self.rows_of(document)[0]:
            ranks = [known for label in labels if (known := rank(label)) is not None]
            if ranks:
                found.append((figure, min(ranks), kind))
        return found

    def _rows_of(self, document: str) -> tuple[list[Row], dict[str, int | None]]:
        """The amounts in a document's tables, and on which page each kind of statement has the most rows."""
        rows: list[Row] = []
        counts: dict[str, Counter[int | None]] = {}
        plain = cache(plain_label)
        for figure in self.catalogue.figures_of_tables(document):
            if kind_of(figure) not in ("money", "count"):
                continue
            row = figure.label.removesuffix(f" · {figure.facet}") if figure.facet else figure.label
            labels = dict.fromkeys((plain(row), plain(row.rpartition(": ")[2])))
            kind = statement_of(figure)
            rows.append((figure, tuple(labels), kind))
            if kind is not None:
                counts.setdefault(kind, Counter())[figure.page] += 1
        return rows, {kind: pages.most_common(1)[0][0] for kind, pages in counts.items()}

    # Answers

    def stated(self, asked: Of, metric: Metric, document: str, citer: Citer) -> Draft:
        """The answer that one figure is. Raises Missing."""
        year = asked.year or metric.years[0]
        found = self.value(document, asked.item, year, metric.day)
        if found is None:
            raise Missing(asked.item, year)
        draft = Draft(Kind.FIGURE, confidence=self.sureness([found.figure]))
        draft.lines.append(self.line(found.figure, year, draft, citer))
        return draft

    def made(self, metric: Metric, document: str, citer: Citer) -> Draft:
        """The answer that is worked out. Raises Missing, ZeroDivisionError."""
        operands: dict[tuple[str, int], Stated] = {}

        def value(item: str, year: int) -> Stated | None:
            found = self.value(document, item, year, metric.day)
            if found is not None:
                operands[item, year] = found
            return found

        result = over_years(metric, value, plain_value)
        unit = unit_of(metric, [o.figure for o in result.stated])
        exact = (
            result.value * HUNDRED
            if metric.unit == "%" and metric.over not in (Over.GROWTH, Over.COMPOUND)
            else result.value
        )
        rounded = in_form(exact, metric)
        draft = Draft(Kind.CALCULATION, confidence=self.sureness([o.figure for o in result.stated]))
        ids = tuple(dict.fromkeys(o.figure.id for o in result.stated))
        draft.calculation = Calculation(result.expression, rounded, unit, None, ids)
        shown = spoken(rounded, unit)
        factor = common_scale([o.figure for o in result.stated])
        told = over_years(metric, value, lambda operand: trimmed(operand.value / factor)).expression
        scale = (
            f" ({unit or ''} {SCALES[factor]})".replace("( ", "(")
            if factor in SCALES and metric.unit == "money"
            else ""
        )
        draft.counted += [shown, told, *(str(year) for _, year in operands)]
        draft.lines.append(f"{shown}, {metric.name}: {told}{scale}")
        for (_, year), operand in operands.items():
            draft.lines.append(f"  {self.line(operand.figure, year, draft, citer)}")
        return draft

    def ranked(self, item: str, time: Asked | None, document: str, citer: Citer, *, least: bool) -> Draft | None:
        """Which column has the most, or least, of an item in a year or quarter; None without columns of it."""
        figures = self.columns(document, item, time)
        if len({f.facet for f in figures}) < FEWEST_COLUMNS:
            return None
        figures.sort(key=lambda f: (f.value if least else -f.value, f.start))
        draft = Draft(Kind.COMPARISON, confidence=ELSEWHERE)
        year = time.year if time else int((figures[0].period or "0")[:4])
        draft.lines = [self.line(figure, year, draft, citer) for figure in figures]
        return draft

    def columns(self, document: str, item: str, time: Asked | None) -> list[Figure]:
        """An item in every column of the page that has most columns of it, one figure for each."""
        pages: dict[int | None, dict[str, tuple[int, Figure]]] = {}
        for figure, rank, _ in self.rows_named(document, item):
            if not figure.facet or NO_PART.search(figure.facet) or (time and not is_at(figure, time)):
                continue
            known = pages.setdefault(figure.page, {})
            if figure.facet not in known or rank < known[figure.facet][0]:
                known[figure.facet] = (rank, figure)
        best = max(pages.values(), key=len, default={})
        return [figure for _, figure in best.values()]

    def line(self, figure: Figure, year: int, draft: Draft, citer: Citer) -> str:
        """A figure of a table in words: its number as printed with currency and scale, its row, its time, its mark."""
        n = draft.add(figure, citer)
        row = figure.label
        draft.counted += [row, figure.period_words or "", str(year)]
        title = citer.document(figure.document).title
        when = figure.period_words or figure.period or str(year)
        return f"{as_printed(figure)}, {row}, {when} ({title}) [{n}]"

    def sureness(self, figures: Sequence[Figure]) -> float:
        """How sure an answer from some figures is."""
        in_statements = all(statement_of(figure) for figure in figures)
        return PRIMARY if in_statements else ELSEWHERE


def is_at(figure: Figure, time: Asked) -> bool:
    """Whether a figure is of the year or quarter asked about; a flow of a day is none."""
    if time.span == QUARTER:
        return is_quarter(figure.period or "", time.label)
    return time.span == YEAR and fiscal_year(figure, state=False, early=False) == time.year


def fiscal_year(figure: Figure, *, state: bool, early: bool) -> int | None:
    """The year that a figure is of: a flow of all of it, a state of its last day; None for parts of years.

    `early`: a year that ended in the first months is called by the one before, unless the column itself names it.
    """
    period = figure.period or ""
    day = date.fromisoformat(period) if len(period) == len("2000-01-01") else None
    if "/" in period or (day is not None and not state) or not period[:4].isdigit():
        return None
    if day is None:
        day = next((found for _, found in days_in(figure.period_words or "")), None)
    year = int(period[:4])
    return year - 1 if early and day is not None and day.month <= FIRST_HALF and day.year == year else year


def spoken_value(figure: Figure, item: Item) -> Decimal:
    """A figure's value as one speaks of the item: what is spent is positive, a loss negative, a tax paid positive."""
    label = figure.label.rpartition(": ")[2].casefold()
    if item.outflow:
        return abs(figure.value)
    if LOSS.match(label):
        return -abs(figure.value)
    return -figure.value if BENEFIT_FIRST.search(label) and item.name == "income_tax" else figure.value


def over_years(metric: Metric, value: Value, say: Callable[[Stated], str]) -> Result:
    """What a metric's formula comes to over its years. Raises Missing, ZeroDivisionError."""
    results = [worked_out(metric.formula, year, value, say) for year in metric.years]
    stated = tuple(dict.fromkeys(o for result in results for o in result.stated))
    if metric.over is Over.AVERAGE:
        total = sum((r.value for r in results), Decimal(0))
        text = " + ".join(in_brackets(r.expression) for r in results)
        return Result(total / len(results), f"({text}) / {len(results)}", stated)
    if metric.over is Over.ONE:
        return results[0]
    first, last = results[0], results[-1]
    if metric.over is Over.DIFFERENCE:
        return Result(last.value - first.value, f"{last.expression} - {in_brackets(first.expression)}", stated)
    if metric.over is Over.COMPOUND:
        years = metric.years[-1] - metric.years[0]
        if first.value <= 0 or last.value <= 0:
            raise ZeroDivisionError
        grown = ((last.value / first.value) ** (Decimal(1) / years) - 1) * HUNDRED
        text = f"(({in_brackets(last.expression)} / {in_brackets(first.expression)}) ** (1 / {years}) - 1) * 100"
        return Result(grown, text, stated)
    grown = (reckoned("/", last.value, first.value) - 1) * HUNDRED
    return Result(grown, f"({in_brackets(last.expression)} / {in_brackets(first.expression)} - 1) * 100", stated)


def in_brackets(expression: str) -> str:
    """An expression in brackets, unless it is one number."""
    return f"({expression})" if " " in expression else expression


def plain_value(operand: Stated) -> str:
    """The value of an operand in an expression."""
    value = operand.value
    return format(value.to_integral_value() if value == value.to_integral_value() else value, "f")


def in_form(value: Decimal, metric: Metric) -> Decimal:
    """A result with the decimals that are asked for; money without any stays exact."""
    if metric.unit == "money" and metric.decimals is None and value == value.to_integral_value():
        return value.to_integral_value()
    step = Decimal(1).scaleb(-usual_decimals(metric))
    return value.quantize(step, ROUND_HALF_UP)


def unit_of(metric: Metric, figures: Sequence[Figure]) -> str | None:
    """The unit of a result."""
    if metric.unit == "money":
        return next((f.unit for f in figures if kind_of(f) == "money"), None)
    return {"%": "%", "days": "days"}.get(metric.unit)


def spoken(value: Decimal, unit: str | None) -> str:
    """A result in words: "24.26", "1.9%", "USD 1,832 million"."""
    if unit == "%":
        return f"{value}%"
    if unit == "days":
        return f"{value} days"
    if unit is None:
        return format(value, "f")
    for scale in sorted(SCALES, reverse=True)[1:]:
        if abs(value) >= scale and value % (scale / 1000) == 0:
            return f"{unit} {trimmed(value / scale)} {SCALES[scale]}"
    return f"{unit} {trimmed(value)}"


def trimmed(value: Decimal) -> str:
    """A number with thousands grouped and no zeros at its end."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def common_scale(figures: Sequence[Figure]) -> Decimal:
    """The scale that all of some figures are printed in; 1 where they are not alike."""
    scales = {printed_scale(figure) for figure in figures}
    return scales.pop() if len(scales) == 1 else Decimal(1)
