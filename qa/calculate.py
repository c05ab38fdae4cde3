"""Comparison, aggregation and arithmetic: which figures an operation needs, and what it makes of them.

1. Only like is put beside like: the same unit, and a rate that can be brought to the same.
2. Every figure that takes part is cited; those that cannot are named, and why.
3. A result is a calculation, shown with its expression; it is never presented as stated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Calculation, Figure, Kind, Role, Vectors
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, stems
from factdesk.qa import arithmetic
from factdesk.qa.arithmetic import Operand, as_stated, at_rate
from factdesk.qa.cite import Citer
from factdesk.qa.compose import Draft, amount, described, measured, money
from factdesk.qa.library import TITLE_SCORE, SubjectMatch, Token, tokenize
from factdesk.qa.lookup import Lookup, Match, counts, fits_kind, kind_of
from factdesk.qa.patterns import COST_OF_ONE, EQUAL, INSTEAD, ITEMS, LESS, PART_ASKED, PER_UNIT, WHICH, ways
from factdesk.qa.question import SCAFFOLD_STEMS, Operation, Query
from factdesk.qa.wording import say

WITHOUT = ways(r"no|not|without|none|nobody")
"""Of a part that states already what is left of the whole."""
NEAR_BEFORE = 400
"""Characters between "26 of them" and the number that "them" stands for."""
SET_AGAINST = ways(r"while|whereas|and|against|mientras|enquanto")
"""Between two parts of a whole."""
OUT_OF = lazily(r"\b(?:out of|of a total of|of the|de un total de|de um total de)\b[^.\d]{0,30}$", re.I)
EXPLAINS = 0.45
"""Share of a question's own words that a figure must account for to take part."""
STATED = 0.75
"""So much of a question a figure must explain to be the rate that is asked for, as stated."""
IN_LABEL = 0.6
"""Share of a question's own words that a percentage's label must hold to be the percentage that is meant."""
EXPLAINS_PART = 0.3
"""The same for the parts of a share: "covered" and "missing" are what the calculation says, not the figures."""
SAME = Decimal("1e-9")


class Calculator:
    """Answers the operations of one snapshot."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.catalogue = lookup.catalogue
        self.library = lookup.library

    def answer(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """The answer to a question whose operation is more than a lookup; None if the figures for it are not there."""
        handlers: dict[Operation, Callable[[Query, Vectors, Citer], Draft | None]] = {
            Operation.MOST: self.extreme,
            Operation.LEAST: self.extreme,
            Operation.RANK: self.extreme,
            Operation.WHICH: self.which,
            Operation.COMPARE: self.compare,
            Operation.SUM: self.sum,
            Operation.AVERAGE: self.sum,
            Operation.DIFFERENCE: self.difference,
            Operation.FACTOR: self.factor,
            Operation.POINTS: self.change,
            Operation.GROWTH: self.change,
            Operation.PAYBACK: self.payback,
            Operation.RATIO: self.ratio,
            Operation.IMPLIED: self.implied,
        }
        handler = handlers.get(query.operation)
        documents = query.documents
        if (
            documents.sure
            and len(documents.organisations) == 1
            and any(map(self.library.shelf.is_report, documents.ids))
        ):
            return None  # what is worked out over a report is worked out from its statements
        return handler(query, vector, citer) if handler else None

    # What takes part

    def per_subject(self, query: Query, vector: Vectors, subjects: list[str]) -> list[Match]:
        """The best figure of each subject for the question's measure or words, where it has one.

        Words by which one of the subjects is meant are not asked of the others' figures.
        """
        found = []
        meant = frozenset().union(*(self.lookup.profile(identity) for identity in query.named.ids))
        if query.measures:
            query = replace(query, terms=tuple(t for t in query.terms if t.stem not in meant))
        for identity in subjects:
            match = next((m for m in self.lookup.named_alone(query, identity, vector) if not m.against), None)
            if match and kind_of(match.figure) != "date" and (match.explained >= EXPLAINS or query.nouns):
                found.append(match)
        return found

    def all_subjects(self, query: Query) -> list[str]:
        """The subjects a comparison ranges over: those named, else every part of the library that is one."""
        if len(query.named.matches) > 1 and not query.named.ambiguous:
            return query.named.ids
        if any(match.by == "document" for match in query.named.matches):  # the headings of a report are no cases
            return query.named.ids
        documents = {m.subject.document for m in query.named.matches if self.library.is_container(m.subject)}
        return [
            s.id
            for s in self.library.subjects
            if not self.library.is_container(s) and (not documents or s.document in documents)
        ]

    def headlines(self, measure: str, subjects: list[str], query: Query) -> dict[str, list[Figure]]:
        """The figures of a measure that stand for themselves, by subject; of the beneficiaries named, if any are."""
        found: dict[str, list[Figure]] = {}
        for figure in self.catalogue.figures(subjects=subjects, measure=measure):
            if figure.role is Role.ITEM or not fits_kind(figure, vocabulary().kinds.get(measure)):
                continue
            if measure == "savings" and query.beneficiaries and figure.beneficiary not in query.beneficiaries:
                continue
            found.setdefault(figure.subject_id, []).append(figure)
        for identity, figures in found.items():
            headed = [f for f in figures if f.role is Role.HEADLINE]
            found[identity] = headed or figures[:1]
        return found

    # Ranking

    def extreme(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """Most, least, or all in order: over the items of one headline, or over subjects."""
        items = self.items_asked(query, vector) or self.within_subject(query, vector)
        if items:
            return self.ranked([as_stated(i) for i in items], query, citer, [], [])
        measure = self.measure_of(query)
        if measure is None:
            return None
        subjects = self.all_subjects(query)
        by_subject = self.headlines(measure, subjects, query)
        if not by_subject:
            return None
        figures = [f for group in by_subject.values() for f in group]
        per = query.per if query.per else common_rate(figures)
        operands: list[Operand] = []
        excluded: list[Figure] = []
        unit = common_unit(figures)
        for figure in figures:
            operand = at_rate(figure, per) if per or figure.per is None else None
            if operand is None or figure.unit != unit:
                excluded.append(figure)
            else:
                operands.append(operand)
        absent = [self.library.by_id[s].name for s in subjects if s not in by_subject]
        if not operands:
            return None
        return self.ranked(operands, query, citer, excluded, absent, of=len(subjects))

    def ranked(
        self,
        operands: list[Operand],
        query: Query,
        citer: Citer,
        excluded: list[Figure],
        absent: list[str],
        of: int = 0,
    ) -> Draft:
        """Operands in order, the winner first, with what could not take part."""
        language = query.language
        sign = 1 if query.operation is Operation.LEAST else -1
        operands = sorted(operands, key=lambda o: (sign * o.value, o.figure.document, o.figure.start))
        draft = Draft(Kind.COMPARISON, confidence=0.9)
        for place, operand in enumerate(operands, 1):
            n = draft.add(operand.figure, citer)
            step = ""
            if " " in operand.expression:
                step = f" ({operand.expression} = {money(operand.value, operand.figure.unit, operand.per, language)})"
                draft.counted.append(step)
                draft.calculation = draft.calculation or arithmetic.conversion(operand)
            name = described(operand.figure, language) if of else measured(operand.figure, language)
            prefix = "" if place == 1 else "  "
            draft.lines.append(f"{prefix}{amount(operand.figure, language)}{step}: {name} [{n}]")
        add_left_out(draft, excluded, citer, language)
        if of:
            add_coverage(draft, [*(o.figure for o in operands), *excluded], of, language, absent)
        return draft

    def items_asked(self, query: Query, vector: Vectors) -> list[Figure]:
        """The items of the headline that a question about its largest or smallest item means."""
        if not ITEMS.search(query.text):
            return []
        headline = next(
            (
                m.figure
                for m in self.lookup.find(replace(query, terms=(), nouns=()), vector)
                if not m.against and m.figure.role is Role.HEADLINE
            ),
            None,
        )
        return self.items_of(headline) if headline else []

    def within_subject(self, query: Query, vector: Vectors) -> list[Figure]:
        """The figures of one named subject that a question's words fit, where it asks for the largest of them."""
        if len(query.named.matches) != 1 or not query.terms or WHICH.search(query.text):
            return []
        matches = [
            m
            for m in self.lookup.find(query, vector)
            if not m.against and m.in_label >= IN_LABEL and m.figure.role is not Role.HEADLINE
        ]
        alike = [
            m.figure
            for m in matches
            if m.figure.unit == matches[0].figure.unit and m.figure.per == matches[0].figure.per
        ]
        return alike if len(alike) > 1 else []

    def items_of(self, headline: Figure) -> list[Figure]:
        """The items of a headline, in reading order."""
        return [f for f in self.catalogue.figures(subjects=[headline.subject_id]) if f.parent == headline.id]

    def measure_of(self, query: Query) -> str | None:
        """The measure of the kind asked for that a question names first."""
        return next(iter(query.asked_measures), None)

    def which(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """Which subjects state a measure: for a beneficiary, or at a rate."""
        measure = self.measure_of(query)
        if measure is None:
            return None
        chosen = query
        if INSTEAD.search(query.text) and len(query.beneficiaries) > 1:
            chosen = replace(query, beneficiaries=query.beneficiaries[:1])
        subjects = self.all_subjects(query)
        figures = [f for group in self.headlines(measure, subjects, chosen).values() for f in group]
        if query.per:
            figures = [f for f in figures if f.per == query.per]
        if not figures:
            return None
        draft = Draft(Kind.LIST, confidence=0.85)
        language = query.language
        for figure in figures:
            n = draft.add(figure, citer)
            draft.lines.append(
                f"{'  ' if draft.lines else ''}{amount(figure, language)}: {described(figure, language)} [{n}]"
            )
        add_coverage(draft, figures, len(subjects), language)
        return draft

    # Two or more beside each other

    def pair(self, query: Query, vector: Vectors) -> list[Figure]:
        """The figures that a comparison, difference or ratio puts beside each other, in the question's order."""
        if len(query.named.matches) > 1:
            measure = self.measure_of(query)
            found = self.per_subject(query, vector, query.named.ids)
            if measure is None and len(found) < 2:
                spent = replace(query, measures=("investment",), wanted="money", terms=())
                found = self.per_subject(spent, vector, query.named.ids)
            return [m.figure for m in found]
        moneys = [m for m in query.measures if vocabulary().kinds.get(m) == "money"]
        if len(moneys) > 1 and len(query.named.matches) == 1:
            heads = [self.headlines(m, query.named.ids, query).get(query.named.ids[0], []) for m in moneys]
            return [figures[0] for figures in heads if figures]
        if len(query.beneficiaries) > 1 and "savings" in query.measures:
            figures = []
            for beneficiary in query.beneficiaries:
                one = replace(query, beneficiaries=(beneficiary,))
                match = next(
                    (m for m in self.lookup.find(one, vector) if not m.against and m.figure.beneficiary == beneficiary),
                    None,
                )
                figures += [match.figure] if match else []
            return figures
        if len(query.periods) > 1 or (query.periods and query.periods[0].first != query.periods[0].last):
            return self.by_period(query, vector)
        figures = self.alternatives(query, vector)
        if len(figures) < 2 and len(query.named.matches) == 1 and (hinted := self.hinted(query)):
            own = frozenset().union(*(self.library.titles[match.subject.id] for match in hinted))
            terms = tuple(t for t in query.terms if t.stem not in own)
            both = replace(query.named, matches=(*query.named.matches, *hinted))
            return self.pair(replace(query, named=both, terms=terms), vector)
        return figures

    def hinted(self, query: Query) -> list[SubjectMatch]:
        """The other subjects that a comparison means by a single word of their title, which no other title has."""
        found = []
        for token in query.terms:
            owners = [s for s in self.library.subjects if token.stem in self.library.titles[s.id]]
            if len(owners) == 1 and owners[0].id not in query.named.ids:
                found.append(SubjectMatch(owners[0], TITLE_SCORE, "title"))
        return found

    def by_period(self, query: Query, vector: Vectors) -> list[Figure]:
        """The figure of each of two periods, of the same thing."""
        spans = [(p.first, p.last, p.iso) for p in query.periods]
        if len(spans) == 1:
            first, last, _ = spans[0]
            spans = [(first, first, str(first)), (last, last, str(last))]
        figures: list[Figure] = []
        for first, last, iso in spans:
            period = replace(query.periods[0], first=first, last=last, iso=iso)
            one = replace(query, periods=(period,), per=None)
            matches = [m for m in self.lookup.find(replace(one, wanted=one.wanted or "count"), vector) if not m.against]
            if figures:
                matches = [m for m in matches if m.figure.unit == figures[0].unit and m.figure.id != figures[0].id]
            figures += [matches[0].figure] if matches else []
        return figures

    def alternatives(self, query: Query, vector: Vectors) -> list[Figure]:
        """The figures of "A or B": the question asked once with each half's words."""
        halves = re.split(r"\b(?:or|vs\.?|versus|than|and|o|ou|y|e)\b", query.text)
        if len(halves) < 2:
            return []
        cut = len(query.text) - len(halves[-1])
        cut_start = len(query.text) - len(halves[-1]) - len(halves[-2]) if len(halves) > 2 else 0
        asked_measures = tuple(m for m in query.measures if vocabulary().kinds.get(m) == query.wanted)
        own = telling_tokens(query, asked_measures)
        before = tuple(t for t in own if t.end <= cut and t.start >= cut_start)
        after = tuple(t for t in own if t.start >= cut)
        figures: list[Figure] = []
        for terms, others in ((before, after), (after, before)):
            distinct = tuple(t for t in terms if t.stem not in {o.stem for o in others})
            if not distinct:
                continue
            one = replace(
                query,
                terms=distinct,
                nouns=(),
                measures=asked_measures,
                wanted=query.wanted if query.wanted != "count" or query.nouns else None,
            )
            matches = [
                m
                for m in self.lookup.find(one, vector)
                if not m.against and m.in_label >= EXPLAINS and kind_of(m.figure) != "date"
            ]
            matches.sort(key=lambda m: (bool(query.per) and m.figure.per != query.per, -m.in_label))
            if figures:
                matches = [
                    m for m in matches if m.figure.unit == figures[0].unit and m.figure.id != figures[0].id
                ] or matches
                matches.sort(key=lambda m: m.figure.sentence_start != figures[0].sentence_start)
            money_first = (
                [m for m in matches if kind_of(m.figure) == "money"]
                if query.measures or "cost" in query.text.lower()
                else []
            )
            chosen = (money_first or matches)[:1]
            figures += [m.figure for m in chosen]
        return figures

    def compare(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """Figures beside each other, the larger first, or the smaller if less was asked for."""
        figures = self.pair(query, vector)
        figures = list({f.id: f for f in figures}.values())
        if len(figures) < 2:
            return None
        comparable = len({f.unit if kind_of(f) in ("money", "percent") else kind_of(f) for f in figures}) == 1
        per = query.per or common_rate(figures)
        operands = [o for f in figures if (o := at_rate(f, per if f.per else None)) is not None]
        if not comparable or len(operands) < len(figures):
            return self.incomparable(figures, query, citer) if all(kind_of(f) == "money" for f in figures) else None
        asks_less = bool(LESS.search(query.text))
        ordered = replace(query, operation=Operation.LEAST if asks_less else Operation.MOST)
        draft = self.ranked(operands, ordered, citer, [], [], of=0)
        language = query.language
        if EQUAL.search(query.text):
            equal = all(abs(o.value - operands[0].value) <= SAME for o in operands)
            first = say(language, "equal", amount=amount(figures[0], language)) if equal else say(language, "not_equal")
            draft.lines[:] = [first + f" [{draft.figures[0].citation}]", *("  " + line.strip() for line in draft.lines)]
        if len({f.subject_id for f in figures}) > 1:
            draft.lines[:] = [self.with_subject(line, draft, place) for place, line in enumerate(draft.lines)]
        return draft

    def incomparable(self, figures: list[Figure], query: Query, citer: Citer) -> Draft:
        """Amounts that were to be compared and cannot be: each as it is, and that they cannot."""
        draft = Draft(Kind.LIST, confidence=0.7)
        for figure in figures:
            n = draft.add(figure, citer)
            draft.lines.append(f"{amount(figure, query.language)}: {described(figure, query.language)} [{n}]")
        names = "; ".join(dict.fromkeys(f.subject for f in figures))
        draft.lines.append("  " + say(query.language, "not_comparable", names=names))
        return draft

    def with_subject(self, line: str, draft: Draft, place: int) -> str:
        """A line of a comparison with the subject it is about, where it does not say."""
        if place < len(draft.figures) and draft.figures[place].figure.subject not in line:
            return re.sub(r" (\[\d+\])$", rf" ({draft.figures[place].figure.subject.replace(chr(92), '')}) \1", line)
        return line

    # Arithmetic

    def result(
        self,
        query: Query,
        calculation: Calculation,
        label: str,
        figures: list[Figure],
        citer: Citer,
        confidence: float = 0.8,
    ) -> Draft:
        """A calculation as an answer: the result, the expression, each operand cited."""
        language = query.language
        draft = Draft(Kind.CALCULATION, calculation=calculation, confidence=confidence)
        shown = f"{money(calculation.value, calculation.unit, calculation.per, language)} ({label})"
        draft.lines.append(say(language, "calculated", result=shown, expression=calculation.expression))
        for figure in figures:
            n = draft.add(figure, citer)
            draft.lines.append(f"  {amount(figure, language)}: {described(figure, language)} [{n}]")
        return draft

    def sum(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """The sum or mean of what the question lists: beneficiaries, items, its own alternatives, or subjects."""
        figures = self.addends(query, vector)
        per = query.per or common_rate(figures)
        operands = [o for f in figures if (o := at_rate(f, per)) is not None and f.unit == common_unit(figures)]
        if len(operands) < 2:
            return None
        mean = query.operation is Operation.AVERAGE
        calculation = arithmetic.average(operands) if mean else arithmetic.total(operands)
        label = say(query.language, "average" if mean else "total")
        draft = self.result(query, calculation, label, [o.figure for o in operands], citer, 0.85)
        left = [f for f in figures if f.id not in calculation.operands]
        add_left_out(draft, left, citer, query.language)
        if self.measure_of(query) and not query.named.matches:
            add_coverage(draft, figures, len(self.all_subjects(query)), query.language)
        return draft

    def addends(self, query: Query, vector: Vectors) -> list[Figure]:
        """What a sum adds up; nothing if the question describes a subject that none is named for."""
        measure = self.measure_of(query)
        if not (query.measures or query.terms or query.nouns or query.named.matches or query.periods):
            return []  # "all of them together?" does not say what they are
        if len(query.periods) > 1 and len(found := self.by_period(query, vector)) > 1:
            return found
        if measure is None and (parts := self.disjoint_parts(query, vector)):
            return parts
        one = query.terms and len(query.named.matches) <= 1
        if one and len(found := self.alternatives(query, vector)) > 1:
            return found
        if measure and query.terms and not query.named.matches:
            return []
        subjects = query.named.ids or self.all_subjects(query)
        if measure:
            groups = self.headlines(measure, subjects, query)
            return [f for group in groups.values() for f in group]
        return [m.figure for m in self.per_subject(query, vector, subjects)]

    def difference(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """What is left of a whole, or how much more one is than another."""
        if whole := self.part_and_whole(query, vector):
            part, total = whole
            calculation = arithmetic.difference(as_stated(total), as_stated(part))
            return self.result(query, calculation, say(query.language, "rest"), [total, part], citer)
        operands = self.two_alike(query, vector)
        if operands is None:
            return None
        calculation = arithmetic.difference(*operands)
        return self.result(query, calculation, say(query.language, "difference"), [o.figure for o in operands], citer)

    def factor(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """How many times one figure is another."""
        operands = self.two_alike(query, vector)
        calculation = arithmetic.quotient(*operands, "times") if operands else None
        if operands is None or calculation is None:
            return None
        return self.result(query, calculation, say(query.language, "factor"), [o.figure for o in operands], citer)

    def two_alike(self, query: Query, vector: Vectors) -> tuple[Operand, Operand] | None:
        """Two figures of one unit at one rate, the larger first."""
        figures = self.pair(query, vector)[:2]
        per = query.per if query.per and all(f.per for f in figures) else common_rate(figures)
        operands = [o for f in figures if (o := at_rate(f, per)) is not None]
        if len(operands) < 2 or operands[0].figure.unit != operands[1].figure.unit:
            return None
        first, second = sorted(operands, key=lambda o: -o.value)
        return first, second

    def change(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """The change between two periods, in percentage points or in percent."""
        asked = query
        if query.operation is Operation.GROWTH and query.wanted == "percent":  # the percentage is the result
            kinds = [vocabulary().kinds.get(measure) for measure in query.measures]
            asked = replace(query, wanted=next((kind for kind in kinds if kind), None))
        figures = self.by_period(asked, vector) if query.periods else self.before_and_after(asked, vector)
        if len(figures) < 2:
            return None
        first, last = figures[0], figures[1]
        before, after = as_stated(first), as_stated(last)
        calculation: Calculation | None
        if query.operation is Operation.POINTS or kind_of(first) == "percent":
            calculation = arithmetic.difference(after, before, "percentage points")
            label = say(query.language, "difference")
        else:
            calculation = arithmetic.growth(before, after)
            label = say(query.language, "growth")
        if calculation is None:
            return None
        return self.result(query, calculation, label, [last, first], citer)

    def before_and_after(self, query: Query, vector: Vectors) -> list[Figure]:
        """The two values of "rose from A to B" that a question without years is about."""
        kind = "percent" if query.operation is Operation.POINTS else query.wanted
        for match in self.lookup.find(replace(query, wanted=kind), vector)[:3]:
            if match.against or match.explained < EXPLAINS_PART:
                continue
            best = match.figure
            beside = in_sentence_of(best, self.catalogue.figures(subjects=[best.subject_id]))
            for first, last in pairwise(beside):
                change = rf"{re.escape(first.printed)}\s*(?:to|a|hasta|até|para)\s*{re.escape(last.printed)}"
                if best.id in (first.id, last.id) and re.search(change, best.sentence):
                    return [first, last]
        return []

    def ratio(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """An amount per thing counted: stated if it is, else the amount over the count of the same subject."""
        per = PER_UNIT.search(query.text)
        if per is None:
            return None
        noun = stems(per.group(1))[-1:]
        stated = [m for m in self.lookup.find(query, vector) if not m.against and m.explained >= STATED]
        if any(re.search(rf"\bper {re.escape(per.group(1)[:5])}", m.figure.sentence, re.I) for m in stated[:2]):
            return None
        counted = self.lookup.find(replace(query, wanted="count", nouns=tuple(noun), measures=(), terms=()), vector)
        units = [m.figure for m in counted if not m.against and counts(m.figure, noun)]
        rest = tuple(t for t in query.terms if t.stem not in noun and t.start < per.start())
        measure = self.measure_of(query)
        if measure and query.named.matches:
            group = self.headlines(measure, query.named.ids[:1], query)
            tops = next(iter(group.values()), [])
        else:
            above = [
                t.stem
                for t in tokenize(query.text[: per.start()])
                if t.stem not in SCAFFOLD_STEMS and t.word not in FUNCTION_WORDS["en"]
            ]
            asked = replace(query, wanted="count", nouns=tuple(above), terms=rest)
            tops = [m.figure for m in self.lookup.find(asked, vector) if not m.against and counts(m.figure, above)]
        pairs = [
            (top, unit) for top in tops for unit in units if top.subject_id == unit.subject_id and top.id != unit.id
        ]
        if not pairs:
            return None
        top, unit = min(pairs, key=lambda p: abs(p[0].start - p[1].start))
        calculation = arithmetic.quotient(as_stated(top), as_stated(unit), top.unit, None)
        if calculation is None:
            return None
        label = f"{say(query.language, 'ratio')}: {query.text[per.start() : per.end()]}"
        return self.result(query, calculation, label, [top, unit], citer, 0.75)

    def payback(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """How long savings take to reach the investment of a subject."""
        if not query.named.matches:
            return None
        subject = query.named.ids[0]
        money_query = replace(query, wanted="money")
        investments = self.headlines("investment", [subject], replace(money_query, beneficiaries=())).get(subject, [])
        savings = self.headlines("savings", [subject], money_query).get(subject, [])
        yearly = [o for f in savings if (o := at_rate(f, "year")) is not None and f.per is not None]
        if not investments or not yearly or investments[0].unit != yearly[0].figure.unit:
            return None
        calculation = arithmetic.payback(as_stated(investments[0]), yearly, query.result_unit or "years")
        if calculation is None:
            return None
        label = f"{say(query.language, 'payback')}; {say(query.language, 'without_running')}"
        return self.result(query, calculation, label, [investments[0], *(o.figure for o in yearly)], citer)

    def implied(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """The count behind an amount saved, where its section gives the cost of one before and after."""
        subjects = query.named.ids
        stated = [f for f in self.catalogue.figures(subjects=subjects) if f.value in query.amounts] if subjects else []
        for whole in stated:
            costs = [
                f
                for f in self.catalogue.figures(subjects=[whole.subject_id])
                if f.role in (Role.PLAIN, Role.ITEM) and f.section[: len(whole.section)] == whole.section
                if f.unit == whole.unit and f.value < whole.value and COST_OF_ONE.search(f.sentence)
            ]
            if len(costs) != 2:
                continue
            before, after = sorted(costs, key=lambda f: -f.value)
            unit = " ".join([t.word for t in query.tokens if t.stem in query.nouns][: len(query.nouns)]) or None
            calculation = arithmetic.implied_count(as_stated(whole), as_stated(before), as_stated(after), unit)
            if calculation:
                label = say(query.language, "implied")
                return self.result(query, calculation, label, [whole, before, after], citer, 0.7)
        return None

    # Shares

    def share(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """A share that is not stated but follows from two counts of the same thing."""
        if not PART_ASKED.search(query.text):
            return None
        figures: list[Figure]
        if pair := self.item_and_headline(query, vector) or self.part_and_whole(query, vector):
            figures, whole = list(pair), [pair[1]]
        else:
            figures = whole = self.disjoint_parts(query, vector)
        calculation = arithmetic.share(as_stated(figures[0]), [as_stated(f) for f in whole]) if figures else None
        if calculation is None:
            return None
        return self.result(query, calculation, say(query.language, "share"), figures, citer, 0.75)

    def item_and_headline(self, query: Query, vector: Vectors) -> tuple[Figure, Figure] | None:
        """An item of a headline and that headline, for "what share of the cost is X"."""
        if not any(vocabulary().kinds.get(m) == "money" for m in query.measures):
            return None
        for match in self.lookup.find(replace(query, wanted="money"), vector)[:3]:
            parent = self.catalogue.figure(match.figure.parent) if match.figure.parent else None
            if (
                parent is not None
                and not match.against
                and match.in_label >= EXPLAINS
                and parent.per == match.figure.per
            ):
                return match.figure, parent
        return None

    def counted(self, query: Query, vector: Vectors) -> list[Match]:
        """The counts that a question about a share or rest of something may mean, best first; a rate has no parts."""
        matches = self.lookup.find(replace(query, wanted="count"), vector)
        return [m for m in matches if not m.against and m.explained >= EXPLAINS_PART and not m.figure.per]

    def part_and_whole(self, query: Query, vector: Vectors) -> tuple[Figure, Figure] | None:
        """A count and the total that its sentence says it is out of."""
        matches = self.counted(query, vector)
        for match in matches[:3]:
            if found := self.of_them(match.figure):
                return found
            siblings = in_sentence_of(match.figure, [m.figure for m in matches])
            for whole in siblings:
                at = whole.sentence.find(whole.printed)
                if at > 0 and OUT_OF.search(whole.sentence[:at]):
                    parts = [
                        f
                        for f in siblings
                        if f.id != whole.id and f.value < whole.value and not WITHOUT.search(f.label)
                    ]
                    if parts:
                        return parts[0], whole
        return None

    def of_them(self, part: Figure) -> tuple[Figure, Figure] | None:
        """A count "of them" and the count just before it that "them" stands for."""
        if not re.search(rf"{re.escape(part.printed)} of (?:them|these|those)\b", part.sentence):
            return None
        own = self.catalogue.figures(subjects=[part.subject_id])
        at = next((number for number, f in enumerate(own) if f.id == part.id), 0)
        before = [f for f in own[:at] if f.unit == part.unit and part.start - f.start < NEAR_BEFORE]
        whole = before[-1] if before else None
        return (part, whole) if whole and whole.value > part.value else None

    def disjoint_parts(self, query: Query, vector: Vectors) -> list[Figure]:
        """Two counts of one thing that a sentence sets against each other, the one asked about first; or none."""
        found = [m.figure for m in self.counted(query, vector)]
        parts = in_sentence_of(found[0], found) if found else []
        return parts if len(parts) == 2 and SET_AGAINST.search(parts[0].sentence) else []

    def part_count(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """A count that is a stated percentage of a stated count ("nearly 60% of which")."""
        percents = [
            m
            for m in self.lookup.find(replace(query, wanted="percent", nouns=()), vector)
            if not m.against and m.explained >= EXPLAINS
        ]
        for match in percents[:2]:
            percent = match.figure
            wholes = [
                f
                for f in self.catalogue.figures(subjects=[percent.subject_id])
                if f.sentence_start == percent.sentence_start and kind_of(f) == "count" and counts(f, query.nouns)
            ]
            if wholes and percent.value <= 100 and match.in_label >= IN_LABEL:
                calculation = arithmetic.part_of(as_stated(wholes[0]), as_stated(percent))
                return self.result(query, calculation, say(query.language, "part"), [wholes[0], percent], citer, 0.7)
        return None


def telling_tokens(query: Query, measures: tuple[str, ...]) -> list[Token]:
    """The words of a question that tell its alternatives apart: neither names, numbers, scaffold nor its measures."""
    asked = vocabulary().measure_words("en", measures)
    return [
        token
        for number, token in enumerate(query.tokens)
        if number not in query.named.covered
        and token.word not in FUNCTION_WORDS["en"]
        and token.stem not in SCAFFOLD_STEMS | asked
        and not token.word.isdigit()
    ]


def in_sentence_of(figure: Figure, figures: list[Figure]) -> list[Figure]:
    """Those of some figures that stand in a figure's sentence and have its unit, itself included."""
    return [
        f
        for f in figures
        if f.sentence_start == figure.sentence_start and f.unit == figure.unit and f.document == figure.document
    ]


def add_left_out(draft: Draft, figures: list[Figure], citer: Citer, language: str) -> None:
    """Name the figures that could not take part, each cited."""
    if figures:
        names = "; ".join(f"{f.subject}: {amount(f, language)} [{citer.figure(f)}]" for f in figures)
        draft.lines.append("  " + say(language, "not_comparable", names=names))


def add_coverage(draft: Draft, figures: list[Figure], of: int, language: str, absent: Sequence[str] = ()) -> None:
    """Say how many of so many subjects the figures are of, and which are missing."""
    line = say(language, "coverage", stated=str(len({f.subject_id for f in figures})), all=str(of))
    if absent:
        line += "; " + say(language, "missing_of", names="; ".join(absent))
    draft.counted.append(line)
    draft.lines.append("  " + line)


def common_unit(figures: list[Figure]) -> str | None:
    """The unit that most of the figures have, the first such in order."""
    units = [f.unit for f in figures]
    return max(dict.fromkeys(units), key=units.count) if units else None


def common_rate(figures: list[Figure]) -> str | None:
    """The rate to bring figures to: a year if they differ, None if most have none."""
    rates = [f.per for f in figures]
    if not rates or rates.count(None) > len(rates) / 2:
        return None
    named = {rate for rate in rates if rate}
    return named.pop() if len(named) == 1 else "year"
