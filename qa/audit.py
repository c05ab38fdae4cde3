"""The audit: what adds up among the figures, what does not, and what cannot be checked.

1. Items against their headline: same unit, same rate, every item counted.
2. A change stated in percent against the two values that its sentence, or the one beside it, gives.
3. An amount stated in two currencies against the rate of exchange stated with it.
4. One measure of one subject with different values: in two places of a document, or in two documents.
5. Readings that are uncertain.

Numbers in documents are rounded. A difference counts only if no rounding of what is printed explains it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Citation, CitedFigure, Figure, Role, Subject
from factdesk.corpus.words import SITE
from factdesk.index.catalogue import Catalogue
from factdesk.qa.arithmetic import plain_number, rounded
from factdesk.qa.cite import Citer
from factdesk.qa.compose import amount
from factdesk.qa.library import compact
from factdesk.qa.lookup import kind_of
from factdesk.qa.patterns import ways

TOLERANCE = Decimal("0.005")
"""A sum of rounded items may be off by half a percent."""
ADDS_UP, DIFFERS, CANNOT = "adds up", "differs", "cannot be checked"
CHANGE = ways(
    r"cut|reduc\w*|decreas\w*|fell|fall\w*|drop\w*|declin\w*|less|lower\w*|sav(?:e|es|ed|ing|ings)",
    r"increas\w*|grow\w*|grew|rose|rise\w*|more|higher",
    r"redu[cz]\w*|aument\w*|crec\w*|cresc\w*|ahorr\w*|econom\w*|ca[iy]\w*|disminu\w*|diminu\w*",
)
"""Words of a change; a percentage whose label has one may be a change."""
TOWARDS = lazily(r"\b(?:to|a|hasta|até|para)\W{0,3}$", re.I)
"""What stands before the second value of a change."""
ELSEWHERE = Decimal("0.25")
"""A percentage farther than this share of itself from a change speaks of another one."""
BESIDE = 6
"""Characters between the end of a sentence and the next one: white space and footnote marks."""
SHORTEST_NAME = 3
ABBREVIATION = lazily(r"\(([A-Z][A-Z0-9-]+)\)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was compared, the verdict, the words, and where the figures stand."""

    kind: str
    verdict: str
    text: str
    citations: tuple[Citation, ...]
    figures: tuple[CitedFigure, ...]


def audit(catalogue: Catalogue) -> list[Finding]:
    """All findings over a catalogue, in document order, those that differ first."""
    figures = catalogue.figures()
    findings = [
        *items_against_headlines(figures, catalogue),
        *percentages(figures, catalogue),
        *conversions(figures, catalogue),
        *conflicts(figures, catalogue),
        *doubts(figures, catalogue),
    ]
    rank = {DIFFERS: 0, CANNOT: 1, ADDS_UP: 2}
    return sorted(findings, key=lambda f: rank[f.verdict])


def finding(kind: str, verdict: str, text: str, figures: list[Figure], catalogue: Catalogue) -> Finding:
    """A finding with its figures cited."""
    citer = Citer(catalogue)
    cited = tuple(CitedFigure(figure, citer.figure(figure)) for figure in figures)
    return Finding(kind, verdict, text, tuple(citer.citations), cited)


def items_against_headlines(figures: list[Figure], catalogue: Catalogue) -> Iterator[Finding]:
    """Whether the items of each headline add up to it."""
    by_parent: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.parent is not None and figure.role is Role.ITEM:
            by_parent.setdefault(figure.parent, []).append(figure)
    for headline in figures:
        items = by_parent.get(headline.id, [])
        if headline.role is not Role.HEADLINE or len(items) < 2:
            continue
        name = f"{headline.subject}: {headline.label}"
        if {i.per for i in items} != {headline.per} or {i.unit for i in items} != {headline.unit}:
            text = f"{name}: items of another rate or unit than {headline.printed}"
            yield finding("items", CANNOT, text, [headline, *items], catalogue)
            continue
        total = sum((i.value for i in items), Decimal(0))
        sums = " + ".join(plain_number(i.value) for i in items)
        off = abs(total - headline.value)
        verdict = ADDS_UP if off <= TOLERANCE * abs(headline.value) else DIFFERS
        tail = "" if verdict == ADDS_UP else f", stated {plain_number(headline.value)}: differs by {plain_number(off)}"
        yield finding("items", verdict, f"{name}: {sums} = {plain_number(total)}{tail}", [headline, *items], catalogue)


def percentages(figures: list[Figure], catalogue: Catalogue) -> Iterator[Finding]:
    """Whether a change stated in percent fits the two values that stand with it."""
    groups = by_subject(figures)
    for stated in figures:
        if stated.unit != "%" or stated.value <= 0 or not CHANGE.search(stated.label):
            continue
        beside = standing_with(stated, groups)
        around = [f for f in beside if f.id != stated.id and kind_of(f) != "date"]
        for first, second in pairwise(around):
            if is_change(first, second) and (verdict := verdict_on_change(first, second, stated)):
                change = abs(second.value - first.value) / first.value * 100
                text = (
                    f"{stated.subject}: {first.printed} to {second.printed} is {plain_number(round(change, 1))}%, "
                    f"stated {amount(stated, 'en')}"
                )
                if verdict == DIFFERS:
                    text += f": differs by {plain_number(round(abs(change - stated.value), 1))} points"
                yield finding("percentage", verdict, text, [stated, first, second], catalogue)
                break


def by_subject(figures: list[Figure]) -> dict[str, list[Figure]]:
    """The figures of each subject."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.subject_id, []).append(figure)
    return groups


def standing_with(figure: Figure, groups: dict[str, list[Figure]]) -> list[Figure]:
    """The figures of the same subject in a figure's sentence, or in one right before or after it; itself included."""
    return [other for other in groups[figure.subject_id] if stand_together(figure, other)]


def stand_together(one: Figure, other: Figure) -> bool:
    """Whether two figures stand in one sentence of a document, or in two that follow each other."""
    if one.document != other.document:
        return False
    first, second = sorted((one, other), key=lambda f: f.sentence_start)
    return first.sentence_start == second.sentence_start or 0 <= second.sentence_start - first.sentence_end <= BESIDE


def is_change(first: Figure, second: Figure) -> bool:
    """Whether two values read as "from the first to the second"."""
    at = second.sentence.find(second.printed)
    alike = first.unit == second.unit and first.per == second.per
    return alike and first.value > 0 and first.value != second.value and bool(TOWARDS.search(second.sentence[:at]))


def verdict_on_change(first: Figure, second: Figure, stated: Figure) -> str | None:
    """Whether a percentage fits a change; None if it must be another one's."""
    lowest, highest = bounds(first)
    low, high = bounds(second)
    if second.value < first.value:
        changes = (lowest - high) / lowest, (highest - low) / highest
    else:
        changes = (low - highest) / highest, (high - lowest) / lowest
    least, most = (change * 100 for change in changes)
    said_least, said_most = bounds(stated)
    if stated.comparator in (">", ">="):
        said_most *= 1 + ELSEWHERE
    if stated.comparator in ("<", "<="):
        said_least *= 1 - ELSEWHERE
    if least <= said_most and said_least <= most:
        return ADDS_UP
    off = min(abs(least - stated.value), abs(most - stated.value))
    return DIFFERS if off <= ELSEWHERE * stated.value else None


def bounds(figure: Figure) -> tuple[Decimal, Decimal]:
    """Between which values a figure lies, as far as it is printed; a percentage is never rounded to tens."""
    normal = figure.value.normalize()
    exponent = int(normal.as_tuple().exponent)
    if figure.unit == "%":
        exponent = min(exponent, 0)
    half = Decimal(1).scaleb(min(exponent, normal.adjusted() - 1)) / 2
    return figure.value - half, figure.value + half


def conversions(figures: list[Figure], catalogue: Catalogue) -> Iterator[Finding]:
    """Whether an amount in two currencies fits the rate of exchange that stands with both."""
    groups = by_subject(figures)
    for rate in figures:
        above, _, below = (rate.unit or "").partition("/")
        if not below or rate.value <= 0:
            continue
        beside = standing_with(rate, groups)
        for given in (f for f in beside if f.unit == above):
            for stated in (f for f in beside if f.unit == below and f.per == given.per):
                yield conversion(given, rate, stated, catalogue)


def conversion(given: Figure, rate: Figure, stated: Figure, catalogue: Catalogue) -> Finding:
    """An amount, divided by the rate, against the amount stated for it."""
    lowest, highest = bounds(rate)
    low, high = bounds(given)
    said_least, said_most = bounds(stated)
    fits = low / highest <= said_most and said_least <= high / lowest
    value = rounded(given.value / rate.value, given.value, rate.value)
    text = (
        f"{stated.subject}: {given.printed} at {rate.printed} is {stated.unit} {plain_number(value)}, "
        f"stated {stated.printed}"
    )
    if not fits:
        text += f": differs by {plain_number(abs(stated.value - value))}"
    return finding("conversion", ADDS_UP if fits else DIFFERS, text, [stated, given, rate], catalogue)


def conflicts(figures: list[Figure], catalogue: Catalogue) -> Iterator[Finding]:
    """One measure of one subject with different values."""
    same = same_subjects(catalogue.subjects())
    groups: dict[tuple[str, ...], list[Figure]] = {}
    for figure in figures:
        if figure.measure and figure.role is Role.HEADLINE:
            name = same.get(figure.subject_id, figure.subject_id)
            told = (figure.beneficiary, figure.unit, figure.per, figure.period)
            groups.setdefault((name, figure.measure, *(part or "" for part in told)), []).append(figure)
    for group in groups.values():
        if len({f.value for f in group}) > 1:
            values = "; ".join(f"{f.printed} ({f.document})" for f in group)
            text = f"{group[0].subject}: {group[0].measure} has several values: {values}"
            yield finding("conflict", DIFFERS, text, group, catalogue)


def same_subjects(subjects: Iterable[Subject]) -> dict[str, str]:
    """For each subject the first one that has its name, its abbreviation or its site: the same in two documents."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for subject in subjects:
        names = {compact(subject.name)}
        names |= {compact(short) for short in ABBREVIATION.findall(subject.name)}
        names |= {compact(alias) for alias in subject.aliases if alias.isupper() or SITE.fullmatch(alias)}
        keys = sorted(name for name in names if len(name) >= SHORTEST_NAME)
        known = next((first[key] for key in keys if key in first), subject.id)
        same[subject.id] = known
        for key in keys:
            first.setdefault(key, known)
    return same


def doubts(figures: list[Figure], catalogue: Catalogue) -> Iterator[Finding]:
    """Readings that are uncertain."""
    for figure in figures:
        if figure.doubt:
            text = f"{figure.subject}: {figure.printed}: {figure.doubt}"
            yield finding("reading", CANNOT, text, [figure], catalogue)
