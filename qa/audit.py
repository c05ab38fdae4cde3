"""The audit: what adds up among the figures, what does not, and what cannot be checked.

1. Items against their headline: same currency, same rate, every item counted.
2. A change stated in percent against the two values its sentence gives.
3. One measure of one subject with different values in two places.
4. Readings that are uncertain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from factdesk.corpus.records import Citation, CitedFigure, Figure, Role
from factdesk.index.catalogue import Catalogue
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.cite import Citer

TOLERANCE = Decimal("0.005")
"""Rounding to three digits: half a percent is no difference."""
ADDS_UP, DIFFERS, CANNOT = "adds up", "differs", "cannot be checked"
FROM_TO = re.compile(r"\b(?:from|of|de|desde)\b", re.I)


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


def items_against_headlines(figures: list[Figure], catalogue: Catalogue) -> list[Finding]:
    """Whether the items of each headline add up to it."""
    found = []
    for headline in figures:
        items = [f for f in figures if f.parent == headline.id and f.role is Role.ITEM]
        if headline.role is not Role.HEADLINE or len(items) < 2:
            continue
        name = f"{headline.subject}: {headline.label}"
        if {i.per for i in items} != {headline.per} or {i.unit for i in items} != {headline.unit}:
            text = f"{name}: items of another rate or unit than {headline.printed}"
            found.append(finding("items", CANNOT, text, [headline, *items], catalogue))
            continue
        total = sum((i.value for i in items), Decimal(0))
        sums = " + ".join(plain_number(i.value) for i in items)
        off = total - headline.value
        verdict = ADDS_UP if abs(off) <= TOLERANCE * abs(headline.value) else DIFFERS
        tail = "" if verdict == ADDS_UP else f", stated {plain_number(headline.value)}: differs by {plain_number(abs(off))}"
        found.append(finding("items", verdict, f"{name}: {sums} = {plain_number(total)}{tail}", [headline, *items], catalogue))
    return found


def percentages(figures: list[Figure], catalogue: Catalogue) -> list[Finding]:
    """Whether a change stated in percent fits the two values that stand beside it."""
    found = []
    for stated in figures:
        if stated.unit != "%" or not re.search(r"\b(?:cut|reduc\w*|increas\w*|grow\w*|rose|saving|fell|less|more)\b", stated.label, re.I):
            continue
        beside = [
            f for f in figures
            if f.document == stated.document and f.id != stated.id and abs(f.sentence_start - stated.sentence_start) <= 400
            and f.unit not in (None, "date") and f.value > 0 and f.subject_id == stated.subject_id
        ]
        for first, second in zip(beside, beside[1:], strict=False):
            if first.unit != second.unit or first.value == second.value or first.end > stated.end + 400:
                continue
            change = abs(second.value - first.value) / first.value * 100
            near = abs(change - stated.value)
            if near <= Decimal("0.6"):
                text = f"{stated.subject}: {first.printed} to {second.printed} is {plain_number(round(change, 1))}%, stated {stated.printed}"
                found.append(finding("percentage", ADDS_UP, text, [stated, first, second], catalogue))
                break
            if near <= Decimal("0.15") * stated.value and first.unit in ("%", "USD") and stated.start >= second.start:
                text = (
                    f"{stated.subject}: {first.printed} to {second.printed} is {plain_number(round(change, 1))}%, "
                    f"stated {stated.printed}: differs by {plain_number(round(near, 1))} points"
                )
                found.append(finding("percentage", DIFFERS, text, [stated, first, second], catalogue))
                break
    return found


def conflicts(figures: list[Figure], catalogue: Catalogue) -> list[Finding]:
    """One measure of one name with different values."""
    found = []
    groups: dict[tuple[str, str, str, str, str, str], list[Figure]] = {}
    for figure in figures:
        if figure.measure and figure.role is Role.HEADLINE:
            name = re.sub(r"\W+", " ", figure.subject).casefold().strip()
            key = (name, figure.measure, figure.beneficiary or "", figure.unit or "", figure.per or "", figure.period or "")
            groups.setdefault(key, []).append(figure)
    for group in groups.values():
        if len({f.value for f in group}) > 1:
            values = "; ".join(f.printed for f in group)
            text = f"{group[0].subject}: {group[0].measure} has several values: {values}"
            found.append(finding("conflict", DIFFERS, text, group, catalogue))
    return found


def doubts(figures: list[Figure], catalogue: Catalogue) -> list[Finding]:
    """Readings that are uncertain."""
    return [
        finding("reading", CANNOT, f"{f.subject}: {f.printed}: {f.doubt}", [f], catalogue) for f in figures if f.doubt
    ]
