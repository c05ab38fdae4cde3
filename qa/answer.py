"""One question, one answer: the parts in their order.

1. A name that no document has ends it.
2. An item or ratio of financial statements is worked out from those of the documents that the question names.
3. An operation (compare, sum, payback ...) is tried first where the question asks for one.
4. A question for a figure gets the figure, or the share or conversion that follows from figures, or an abstention that
   says what is missing and shows what is near.
5. Any other question gets the passages' own words, or an abstention.
6. A bare phrase gets the figure if it explains the phrase, else the passage.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from factdesk.corpus.records import Answer, Figure, Kind, RankedPassage, Role, Turn, Vectors
from factdesk.corpus.words import FUNCTION_WORDS
from factdesk.index.snapshot import Snapshot
from factdesk.qa import arithmetic, extract, refuse
from factdesk.qa.calculate import Calculator
from factdesk.qa.cite import Citer
from factdesk.qa.compose import Draft, figure_lines, money
from factdesk.qa.documents import times_meant
from factdesk.qa.followup import POLITE, TURNS, Said, language_after, resolve, with_words
from factdesk.qa.instructions import plain_question
from factdesk.qa.lexicon import Terms
from factdesk.qa.library import Library, tokenize
from factdesk.qa.lookup import Lookup, Match, counts, kind_of, noun_near
from factdesk.qa.patterns import AMOUNT_NOUN, COUNTRIES, FROM_TO, MENTIONS, MUCH
from factdesk.qa.question import Operation, Query, Style, understand
from factdesk.qa.retrieval import Retriever, Scored, ranked, stems_of
from factdesk.qa.trust import FIGURE_TRUST, TALK_TRUST, FigureSigns, TalkSigns, trust_in_figure, trust_in_talk
from factdesk.qa.verify import verified
from factdesk.qa.wording import say

if TYPE_CHECKING:
    from factdesk.qa.statements import Statements

EXPLAINED = 0.45
"""Share of a question's own words that a second figure must account for."""
OPEN_SCORE = 0.55
"""A bare phrase is answered with a figure from this score on ..."""
OPEN_SURE = 0.4
"""... or from this, if the figure explains every word of it."""
CLOSE_SCORE = 0.04
"""Figures of several subjects within this of the best are all shown where the question does not tell them apart."""
OWNERS = 2
"""Best passages that tell which subject a question is about that names none."""
SAID_IN_LABEL = 0.5
"""Share of a turn's own words that a figure's label must hold to be meant without more."""
ON_TOPIC = 10
"""Passages that a talk on some topic is taken to be about: a figure from elsewhere answers another question."""
MOST_SHOWN = 6
REST = 0.66
"""Share of what a figure leaves unexplained that a passage must hold to be shown beside it."""


class Answerer:
    """Answers questions over one snapshot. Reads only, so several threads may share it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        # Looked up when a word is asked about: the model may still be loading while the library is made.
        self.library = Library(snapshot.catalogue, lambda word: snapshot.encoder.knows(word))
        self.retriever = Retriever(snapshot, self.library)
        self.lookup = Lookup(self.retriever)
        self.calculator = Calculator(self.lookup)

    @cached_property
    def statements(self) -> Statements:
        """What answers from financial statements; imported and made where documents have them."""
        from factdesk.qa.statements import Statements

        return Statements(self.snapshot.catalogue)

    def answer(self, question: str, history: Sequence[str | Turn] = (), passages: int = 0) -> Answer:
        """The answer to a question; `passages` best ranked passages go with it."""
        begun = time.perf_counter()
        resolved, query = self.understood(question, history)
        vector = self.retriever.vector(query)
        encoded = time.perf_counter()
        found = self.retriever.rank(query, vector)
        retrieved = time.perf_counter()
        citer = Citer(self.snapshot.catalogue)
        draft = self.draft(query, vector, found, citer)
        draft.suggestions += choices(resolved, query, draft)
        if draft.kind is Kind.ABSTENTION and query.named.guesses:
            names = ", ".join(dict.fromkeys(name for _, name in query.named.guesses))
            draft.lines.append(say(query.language, "did_you_mean", name=names))
        if query.named.corrected:
            words = "; ".join(say(query.language, "read_as", word=w, meant=m) for w, m in query.named.corrected)
            draft.lines.append(f"({words})")
        answer = Answer(
            id=identity(question, history, self.snapshot.manifest.model.fingerprint, self.snapshot.generation),
            question=question,
            kind=draft.kind,
            answer="\n".join(draft.lines),
            confidence=draft.confidence,
            reason=draft.reason,
            figures=tuple(draft.figures) if draft.kind is not Kind.ABSTENTION else (),
            calculation=draft.calculation,
            citations=tuple(citer.citations),
            nearest=tuple(draft.nearest),
            suggestions=tuple(draft.suggestions),
            resolved=resolved,
            language=query.language,
            passages=self.evidence(query, draft, found, citer, passages),
        )
        checked = verified(answer, self.snapshot.catalogue, (*own_words(query), *draft.counted))
        if checked.reason == "not_verified":
            fallback = refuse.not_in_documents(query, [], Citer(self.snapshot.catalogue))
            checked = replace(checked, answer="\n".join(fallback.lines), reason="not_in_documents")
        done = time.perf_counter()
        return replace(
            checked,
            timings_ms={
                "understand": milliseconds(begun, encoded),
                "retrieve": milliseconds(encoded, retrieved),
                "answer": milliseconds(retrieved, done),
                "total": milliseconds(begun, done),
            },
        )

    def understood(self, question: str, history: Sequence[str | Turn] = ()) -> tuple[str, Query]:
        """The question as one that stands by itself, and taken apart."""
        said = Said(self.library, self.outcome, self.owners)
        for turn in history[-2 * TURNS :]:
            said.add(Turn(turn, resolve(turn, said)) if isinstance(turn, str) else turn)
        resolved = resolve(question, said)
        return resolved, understand(resolved, self.library, language_after(said.turns, question))

    def outcome(self, turn: Turn) -> Turn:
        """A turn with what answered it: known only by its question, it is asked once more."""
        if turn.figures or turn.places or turn.suggestions:
            return turn
        return replace(turn_of(self.answer(turn.resolved)), question=turn.question)

    def owners(self, query: Query) -> set[str]:
        """The subjects of the passages that fit a question best."""
        found = self.retriever.rank(query, self.retriever.vector(query), OWNERS)
        return {item.passage.subject for item in found}

    def draft(self, query: Query, vector: Vectors, found: list[Scored], citer: Citer) -> Draft:
        """The answer before it is verified."""
        compares = query.operation in (Operation.COMPARE, Operation.DIFFERENCE, Operation.FACTOR)
        if query.named.missing and not (compares and len(query.named.matches) > 1):
            return refuse.not_covered(query)
        if query.documents.uncovered:
            return refuse.period_not_covered(query)
        if not (query.named.matches or query.measures or says_something(query)):
            return refuse.not_in_documents(query, [], citer)
        guessed = query.named.guesses and not query.named.matches
        if guessed or (query.style is Style.FIGURE and is_untold(query)):
            return refuse.not_in_documents(query, [], citer)
        if query.documents.sure and (draft := self.from_statements(query, found, citer)):
            return draft
        if query.operation is Operation.SUBJECTS:
            return self.subjects(query, citer)
        if query.operation is Operation.MENTIONS and (draft := self.mentions(query, citer)):
            return draft
        in_words = (Operation.COMPARE, Operation.FACTOR, Operation.PAYBACK, Operation.DIFFERENCE)
        if query.style is not Style.TEXT or query.operation in in_words:  # "is the one cheaper than the other?"
            draft = self.calculator.answer(query, vector, citer)
            if draft is not None:
                return draft
        if query.operation is Operation.BREAKDOWN and (draft := self.breakdown(query, vector, citer)):
            return draft
        if query.style is Style.FIGURE:
            return self.figure(query, vector, found, citer)
        if query.style is Style.OPEN and (draft := self.open_figure(query, vector, found, citer)):
            return draft
        favoured = self.favoured(query, vector)
        return extract.answer(query, found, self.retriever, citer, favoured) or refuse.not_in_documents(
            query, found, citer
        )

    def evidence(
        self, query: Query, draft: Draft, found: list[Scored], citer: Citer, limit: int
    ) -> tuple[RankedPassage, ...]:
        """The best passages; those that hold the figures that answer a question on named documents come first."""
        best = ranked(found, limit)
        if draft.kind not in (Kind.FIGURE, Kind.CALCULATION) or not query.documents.sure or not limit:
            return best
        catalogue = self.snapshot.catalogue
        rows = [catalogue.passage_row_of(c.document.id, c.start) for c in citer.citations]
        held = catalogue.passages([row for row in dict.fromkeys(rows) if row is not None])
        top = best[0].score if best else 1.0
        first = [RankedPassage(held[row], round(top + 1, 4)) for row in dict.fromkeys(rows) if row is not None]
        known = {item.passage.id for item in first}
        return tuple([*first, *(item for item in best if item.passage.id not in known)][:limit])

    def from_statements(self, query: Query, found: list[Scored], citer: Citer) -> Draft | None:
        """The item or ratio of financial statements that a question asks for; None if it asks for none.

        Where the documents have statements that do not state it, no other number is taken for it.
        """
        from factdesk.qa.metric import metric_in

        asked = query.asked if query.language == "en" else query.text
        names = [query.text[start:end] for start, end in query.documents.spans] + list(query.documents.organisations)
        if query.operation in (Operation.MOST, Operation.LEAST) and (draft := self.of_parts(query, citer)):
            return draft
        metric = metric_in(plain_question(asked).text, names, whole=asked)
        if metric is None:
            return None
        draft = self.statements.answer(metric, query.documents.ids, citer)
        if draft is None and any(map(self.statements.has_any, query.documents.ids)):
            return refuse.not_stated(query, metric.name, found, citer)
        return draft

    def of_parts(self, query: Query, citer: Citer) -> Draft | None:
        """The part of an organisation (a segment, a region) that has the most or least of an item."""
        from factdesk.qa.metric import item_of_parts

        item = item_of_parts(query.text)
        times = times_meant(query.text)
        least = query.operation is Operation.LEAST
        for document in query.documents.ids if item else ():
            for when in [*times, *([] if times else [None])]:
                if item and (draft := self.statements.ranked(item, when, document, citer, least=least)):
                    return draft
        return None

    def favoured(self, query: Query, vector: Vectors) -> frozenset[int]:
        """The passages of the headlines that a question in words is about ("what do the savings consist of")."""
        if not query.measures or not query.named.matches:
            return frozenset()
        about = replace(query, terms=(), nouns=(), wanted="money", periods=())
        heads = [
            m.figure for m in self.lookup.find(about, vector)[:6] if not m.against and m.figure.role is Role.HEADLINE
        ]
        catalogue = self.snapshot.catalogue
        rows = [catalogue.passage_row_of(f.document, f.start) for f in heads[:3]]
        notes = {note for f in heads[:3] for note in f.footnotes}
        for subject in {f.subject_id for f in heads[:3]} if notes else ():
            rows += [
                row
                for row, p in catalogue.passages_of(subject=subject).items()
                if " ".join(u.text for u in p.units) in notes
            ]
        return frozenset(row for row in rows if row is not None)

    # Figures

    def accepted(self, query: Query, matches: list[Match]) -> list[Match]:
        """The matches that answer: nothing against them, and trusted enough."""
        known, nouns = self.known(query), self.lookup.nouns(query)
        free = [m for m in matches if not m.against]
        trusted = []
        for number, match in enumerate(free):
            following = free[number + 1].score if number + 1 < len(free) else 0.0
            margin = match.score - following if number == 0 else 0.0
            if trust_in_figure(self.signs(query, match, margin, known, nouns)) >= FIGURE_TRUST:
                trusted.append(match)
        return trusted

    def signs(self, query: Query, match: Match, margin: float, known: dict[str, int], nouns: Terms) -> FigureSigns:
        """What speaks for a figure; `margin` is what its score has over the next one's."""
        return FigureSigns(
            explained=match.explained,
            in_label=match.in_label,
            near=match.near,
            noun=noun_near(query, match.figure, nouns) if query.nouns else -1.0,
            margin=margin,
            unknown=float(any(not known.get(word, 1) for word in match.unexplained)),
            score=match.score,
            words=float(len(query.terms)),
        )

    def known(self, query: Query) -> dict[str, int]:
        """In how many passages each of the question's own words stands, by stem."""
        found = self.snapshot.catalogue.term_document_frequencies([t.word for t in query.terms])
        return {t.stem: found.get(t.word, 0) for t in query.terms}

    def figure(self, query: Query, vector: Vectors, found: list[Scored], citer: Citer) -> Draft:
        """The figure that is asked for, or what there is instead."""
        if len(query.named.matches) > 1 and (draft := self.several(query, vector, citer)):
            return draft
        matches = self.on_topic(query, self.lookup.find(query, vector), found)
        if query.context and query.wanted == "count" and not query.nouns:
            matches = []  # "how many of them?": what they are, only the talk would tell
        good = self.accepted(query, matches)
        derived = self.derived(query, vector, good, citer)
        if derived is not None:
            return derived
        if not good and (pair := self.halves(query, matches, vector)):
            draft = Draft(Kind.LIST, confidence=0.6)
            for match in pair:
                figure_lines(draft, match.figure, query, citer, items=[], show_items=False)
            return draft
        open_to_words = query.wanted in (None, "date") and not query.nouns
        amount = MUCH.search(query.text) or AMOUNT_NOUN.search(query.text)
        by_name = not (amount or query.nouns or query.named.matches)
        if not good and (FROM_TO.search(query.text) or open_to_words or by_name):
            told = extract.answer(query, found, self.retriever, citer)
            if told is not None:
                return told
        if not good:
            return self.refused(query, matches, found, citer)
        if not query.named.matches and not query.terms and query.measures and good[0].figure.role is Role.HEADLINE:
            everything = self.calculator.answer(replace(query, operation=Operation.RANK), vector, citer)
            if everything is not None:
                return everything
        draft = Draft(Kind.FIGURE, confidence=confidence_of(good))
        alike = self.alike(query, good)
        if alike:  # none of them is singled out: as a list, they come in the order of the document
            good[0], *alike = sorted((good[0], *alike), key=lambda m: m.figure.start)
        best = good[0].figure
        figure_lines(draft, best, query, citer, items=self.calculator.items_of(best), show_items=False)
        for other in (*alike, *self.for_others(query, good)):
            figure_lines(draft, other.figure, query, citer, items=[], show_items=False)
            draft.kind = Kind.LIST
        for contrary in contradicting(best, matches):
            first = len(draft.lines)
            figure_lines(draft, contrary, query, citer, items=[], show_items=False)
            draft.lines[first] = say(query.language, "but_elsewhere", words=draft.lines[first])
        if query.yes_no and query.per and best.per is None:
            draft.lines[0] += f" ({say(query.language, 'no_rate')})"
        self.convert(query, best, draft)
        if second := self.second(query, good[0], vector):
            figure_lines(draft, second.figure, query, citer, items=[], show_items=False)
        elif extra := self.rest(query, good[0], found):
            n = citer.cite(extra.passage.document, extra.best.unit.start, extra.best.unit.end, extra.passage.section)
            draft.lines.append(f"{extra.best.unit.text} [{n}]")
        return draft

    def halves(self, query: Query, matches: list[Match], vector: Vectors) -> list[Match]:
        """Two figures that only together explain a question of two halves ("... in A and in B")."""
        free = [m for m in matches if not m.against and m.explained >= EXPLAINED]
        if not free or not (second := self.second(query, free[0], vector)):
            return []
        return [free[0], second]

    def subjects(self, query: Query, citer: Citer) -> Draft:
        """The subjects of the documents, each with the heading it stands under."""
        documents = {m.subject.document for m in query.named.matches if m.subject.whole}
        parts = [s for s in self.library.subjects if not self.library.is_container(s)]
        parts = [s for s in parts if not documents or s.document in documents]
        if COUNTRIES.search(query.text):
            parts = [s for s in parts if s.territory] or parts
        draft = Draft(Kind.LIST, confidence=0.9)
        for subject in parts:
            passages = sorted(self.snapshot.catalogue.passages_of(subject=subject.id).values(), key=lambda p: p.start)
            if passages and passages[0].units:
                unit = passages[0].units[0]
                n = citer.cite(subject.document, unit.start, unit.end, passages[0].section)
                draft.lines.append(f"{'  ' if draft.lines else ''}{subject.name} [{n}]")
        return draft

    def mentions(self, query: Query, citer: Citer) -> Draft | None:
        """Whether a document that a question names speaks of something: where it does, or that it does not."""
        said = MENTIONS.search(query.text)
        wholes = [m.subject for m in self.library.named_in(said.group(1)).matches if m.subject.whole] if said else []
        if said is None or not wholes:
            return None
        wanted = {t.stem for t in tokenize(said.group(2)) if t.word not in FUNCTION_WORDS["en"]}
        if not wanted:
            return None
        for passage in self.snapshot.catalogue.passages_of(document=wholes[0].document).values():
            for unit in passage.units:
                if wanted <= stems_of(unit.text):
                    draft = Draft(Kind.PASSAGE, confidence=0.8)
                    n = citer.cite(passage.document, unit.start, unit.end, passage.section)
                    draft.lines.append(f"{unit.text} [{n}]")
                    return draft
        draft = Draft(Kind.ABSTENTION, reason="not_in_documents", confidence=0.8)
        draft.lines.append(say(query.language, "not_mentioned", document=wholes[0].name, what=said.group(2).strip()))
        return draft

    def alike(self, query: Query, good: list[Match]) -> list[Match]:
        """The other members of a list of which the question's words single out none ("unit-level savings")."""
        best = good[0]
        if (
            best.figure.role is Role.HEADLINE
            or ": " not in best.figure.label
            or query.wanted not in ("money", "percent", None)
        ):
            return []
        lead = best.figure.label.split(": ")[0]
        return [
            m
            for m in good[1:MOST_SHOWN]
            if m.figure.label.startswith(f"{lead}: ") and m.score >= best.score - CLOSE_SCORE
        ]

    def for_others(self, query: Query, good: list[Match]) -> list[Match]:
        """The same measure of the same subject for other beneficiaries, where a question names none."""
        best = good[0].figure
        if query.beneficiaries or best.role is not Role.HEADLINE or best.beneficiary is None:
            return []
        same = [
            m
            for m in good[1:]
            if (m.figure.subject_id, m.figure.measure, m.figure.role) == (best.subject_id, best.measure, best.role)
        ]
        first: dict[str | None, Match] = {best.beneficiary: good[0]}
        for match in same:
            first.setdefault(match.figure.beneficiary, match)
        return [m for beneficiary, m in first.items() if beneficiary not in (None, best.beneficiary)]

    def second(self, query: Query, match: Match, vector: Vectors) -> Match | None:
        """The figure for a second half of a question that the best one leaves unexplained ("... in A and in B")."""
        if not match.unexplained or " and " not in query.text or len(query.terms) < 2:
            return None
        everywhere = replace(query, named=replace(query.named, matches=(), ambiguous=False))
        for other in self.lookup.find(everywhere, vector):
            completes = not set(match.unexplained) & set(other.unexplained) and other.explained >= EXPLAINED
            if completes and not other.against and other.figure.id != match.figure.id:
                return other
        return None

    def several(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """The figure of each named subject, where a question names several or does not tell them apart."""
        found: list[Match] = []
        for identity in query.named.ids:
            good = self.accepted(query, self.lookup.named_alone(query, identity, vector))
            found += [*good[:1], *(self.for_others(query, good) if good else [])]
        if not found:
            return None
        if query.named.ambiguous and len({m.figure.subject_id for m in found}) > MOST_SHOWN:
            return refuse.ambiguous(query)
        best = max(m.score for m in found)
        if query.named.ambiguous:
            found = [m for m in found if m.score >= best - 0.3]
        draft = Draft(Kind.FIGURE if len(found) == 1 else Kind.LIST, confidence=0.75)
        for match in found[:MOST_SHOWN]:
            figure_lines(draft, match.figure, query, citer, items=[], show_items=False)
        if len(found) == 1:
            self.convert(query, found[0].figure, draft)
        return draft

    def derived(self, query: Query, vector: Vectors, good: list[Match], citer: Citer) -> Draft | None:
        """A share or a part that is not stated but follows."""
        if query.wanted == "percent" and not any(m.explained >= 0.75 for m in good):
            return self.calculator.share(query, vector, citer)
        if (
            query.wanted == "count"
            and query.terms
            and not any(m.in_label >= 0.99 and counts(m.figure, query.nouns) for m in good)
        ):
            return self.calculator.part_count(query, vector, citer)
        return None

    def convert(self, query: Query, figure: Figure, draft: Draft) -> None:
        """Bring the figure to the rate that was asked for, as a shown step."""
        if query.per and figure.per and figure.per != query.per and kind_of(figure) in ("money", "count"):
            operand = arithmetic.at_rate(figure, query.per)
            if operand is not None:
                draft.calculation = arithmetic.conversion(operand)
                draft.kind = Kind.CALCULATION
                result = f"{amount_of(operand, query.language)}"
                draft.lines.insert(0, say(query.language, "calculated", result=result, expression=operand.expression))

    def rest(self, query: Query, match: Match, found: list[Scored]) -> Scored | None:
        """A passage for what the figure leaves unexplained of a question that asks two things."""
        if len(match.unexplained) < 2 and not (match.unexplained and " and " in query.text):
            return None
        terms = Terms(dict.fromkeys(match.unexplained, 1.0))
        forms = extract.TYPE_STEMS & set(terms.weights)
        for passage in found[:12]:
            held = stems_of(passage.best.unit.text)
            shaped = not forms or "@" in passage.best.unit.text or "www." in passage.best.unit.text
            if shaped and terms.without(forms).share(held) >= REST:
                return passage
        return None

    def breakdown(self, query: Query, vector: Vectors, citer: Citer) -> Draft | None:
        """A headline with its items."""
        headless = replace(query, terms=tuple(t for t in query.terms if t.stem not in BREAKDOWN_STEMS), wanted="money")
        for match in self.accepted(headless, self.lookup.find(headless, vector))[:3]:
            items = self.calculator.items_of(match.figure)
            if items:
                draft = Draft(Kind.LIST, confidence=0.9)
                figure_lines(draft, match.figure, query, citer, items=items, show_items=True)
                return draft
        return None

    def on_topic(self, query: Query, matches: list[Match], found: list[Scored]) -> list[Match]:
        """The matches that stand in a passage on the topic of the talk; all of them where there was no talk."""
        if not query.context:
            return matches
        topics, catalogue = {item.row: item.topic for item in found[:ON_TOPIC]}, self.snapshot.catalogue
        kept = []
        for match in matches:
            row = catalogue.passage_row_of(match.figure.document, match.figure.sentence_start)
            topic = topics.get(row) if row is not None else None
            meant = counts(match.figure, query.nouns) or (query.terms and match.in_label >= SAID_IN_LABEL)
            if topic is not None and (meant or trust_in_talk(TalkSigns(match.near, topic)) >= TALK_TRUST):
                kept.append(match)
        return kept

    def open_figure(self, query: Query, vector: Vectors, found: list[Scored], citer: Citer) -> Draft | None:
        """A figure for a bare phrase, if it explains the phrase."""
        matches = [
            m
            for m in self.on_topic(query, self.lookup.find(query, vector), found)
            if not m.against
            and ((m.explained >= 0.7 and m.score >= OPEN_SCORE) or (m.explained >= 0.99 and m.score >= OPEN_SURE))
        ]
        if not matches or matches[0].figure.sentence.rstrip().endswith(":"):  # it counts a list: the list is better
            return None
        draft = Draft(Kind.FIGURE, confidence=confidence_of(matches))
        figure_lines(draft, matches[0].figure, query, citer, items=[], show_items=False)
        return draft

    def refused(self, query: Query, matches: list[Match], found: list[Scored], citer: Citer) -> Draft:
        """Why there is no figure, and what there is."""
        omissions = self.snapshot.catalogue.omissions(subjects=query.named.ids or None) if query.named.matches else []
        relevant = refuse.relevant_omissions(query, omissions)
        if relevant:
            return refuse.not_quantified(query, relevant, citer)
        return refuse.figure_not_given(query, matches, found, citer)


BREAKDOWN_STEMS = frozenset(
    ("break", "breakdown", "broken", "down", "split", "composit", "compon", "item", "consist", "detail")
)


def says_something(query: Query) -> bool:
    """Whether a question, or the talk it is part of, has a word that means something: "thanks!" has none.

    Words that only ask ("all of them together?") are enough where what is done with figures says of which.
    """
    if query.context or query.terms or query.nouns or query.periods:
        return True
    if query.style is Style.OPEN and query.operation in (Operation.LOOKUP, Operation.SUM, Operation.AVERAGE):
        return False
    return any(t.word not in FUNCTION_WORDS["en"] and t.word not in POLITE for t in query.tokens)


def is_untold(query: Query) -> bool:
    """Whether a foreign question for a figure lost the words that say which: they could not be put into English."""
    if not query.lost or query.measures:
        return False
    left = query.terms or query.nouns or query.named.corrected
    return not left or (query.wanted == "money" and query.lost >= len(query.terms))


def choices(resolved: str, query: Query, draft: Draft) -> list[str]:
    """The questions that an ambiguous one may have been meant as, each standing by itself."""
    if draft.kind is Kind.ABSTENTION and query.named.guesses:
        replaced = resolved
        for written, name in query.named.guesses:
            replaced = re.sub(rf"\b{re.escape(written)}\b", name, replaced)
        return [replaced] if replaced != resolved else []
    if draft.kind is Kind.ABSTENTION and draft.reason != "ambiguous":
        return []
    figures = [cited.figure for cited in draft.figures]
    subjects = list(dict.fromkeys(figure.subject for figure in figures))
    if query.named.ambiguous and (len(subjects) > 1 or not figures):
        return [with_words(resolved, name) for name in subjects or [m.subject.name for m in query.named.matches]]
    told = list(dict.fromkeys(figure.beneficiary for figure in figures if figure.beneficiary))
    if len(told) > 1 and len(subjects) == 1 and not query.beneficiaries:
        return [with_words(resolved, say(query.language, beneficiary)) for beneficiary in told]
    return []


def contradicting(best: Figure, matches: list[Match]) -> list[Figure]:
    """Figures of other documents in the same sentence but for its numbers: neither is to pass for the truth."""
    said = extract.without_numbers(best.sentence)
    return [
        match.figure
        for match in matches
        if match.figure.document != best.document
        and (match.figure.unit, match.figure.per) == (best.unit, best.per)
        and match.figure.value != best.value
        and extract.without_numbers(match.figure.sentence) == said
    ][:MOST_SHOWN]


def confidence_of(matches: list[Match]) -> float:
    """How sure an answer is: how much is explained, and how far the next one is behind."""
    margin = matches[0].score - matches[1].score if len(matches) > 1 else 0.3
    return round(min(0.99, 0.5 + 0.35 * matches[0].explained + 0.4 * min(margin, 0.3)), 2)


def amount_of(operand: arithmetic.Operand, language: str) -> str:
    """A converted amount in words."""
    return money(operand.value, operand.figure.unit, operand.per, language)


def own_words(query: Query) -> tuple[str, ...]:
    """The texts whose numbers are not claims: names of subjects, and what the question itself says."""
    return (*(m.subject.name for m in query.named.matches), query.documents.about, query.text)


def turn_of(answer: Answer) -> Turn:
    """The turn that an answer leaves."""
    return Turn(
        question=answer.question,
        resolved=answer.resolved or answer.question,
        figures=tuple(cited.figure.id for cited in answer.figures),
        places=tuple((c.document.id, c.start, c.end) for c in answer.citations),
        suggestions=answer.suggestions,
    )


def identity(question: str, history: Sequence[str | Turn], fingerprint: str, generation: str) -> str:
    """The answer's id: the same for the same question over the same index."""
    said = (turn.question if isinstance(turn, Turn) else turn for turn in history)
    key = "\0".join((question, *said, fingerprint, generation))
    return "a" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]


def milliseconds(start: float, end: float) -> float:
    """The time between two clock readings, in milliseconds."""
    return round((end - start) * 1000, 2)
