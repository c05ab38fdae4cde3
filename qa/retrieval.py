"""Finding passages: dense and lexical search, fused, then re-ranked with what is known of the question.

1. Candidates are the passages nearest to the question, those with its rarest words, and, where the question names
   subjects, the best of theirs.
2. A passage's score is made of the question's nearness to it and to its best unit, of the share of the question's
   words (by rarity) that it and its headings hold, and of the subjects it belongs to.
3. A word that only a synonym explains counts less; a word of the subject's name counts as little as it tells.
4. Of passages with the same words only the first stays.
5. Where the question names documents, theirs come first, whatever others say; how sure it is of each decides little
   among theirs. Words that only say whose document is meant, and how to answer, are not looked for in them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import takewhile
from operator import contains
from typing import NamedTuple

import numpy as np

from factdesk.corpus.records import BlockKind, Passage, RankedPassage, Unit, Vectors
from factdesk.corpus.remembered import Remembered
from factdesk.corpus.territories import display_name
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, stem, tokens
from factdesk.index.snapshot import Snapshot
from factdesk.qa.lexicon import Lexicon, Terms
from factdesk.qa.library import Library, tokenize
from factdesk.qa.patterns import ways
from factdesk.qa.question import SCAFFOLD_STEMS, Query

POOL = 50
"""Candidates from each search: enough that the right passage is nearly always among them."""
FUSION_RANK = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009)."""
RERANKED = 40
ENCODED = 1_000
"""Questions whose vectors are kept: a talk comes back to its own again and again."""
PREPARED = 1_500
"""Passages that are kept ready to be compared, 10 to 20 KB each."""
UNIT_SHARE, PASSAGE_SHARE, WORD_SHARE, FUSED_SHARE = 0.40, 0.20, 0.45, 0.10
"""Weights of the best unit's nearness, the passage's, the words' coverage, and the fused rank."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much in a passage's score: its best unit's nearness and words, its own nearness and words."""

    unit: float
    unit_words: float
    passage: float
    passage_words: float


USUAL = Weights(UNIT_SHARE, WORD_SHARE, PASSAGE_SHARE, 0.5 * WORD_SHARE)
IN_DOCUMENT = Weights(0.5, 0.1, 0.5, 0.1)
"""Within named documents: one long filing has every word of a question somewhere, so that nearness tells more."""
BARE_PENALTY = 0.2
"""For a heading that states nothing."""
SUBJECT_BONUS = 0.35
"""For a passage of a subject that the question names."""
MENTION_BONUS = 0.10
"""For a passage elsewhere that mentions it."""
SOURCE_BONUS = 0.5
"""For the sources of a named subject, where a question asks where something is from."""
REFERENCE_PENALTY = 0.15
"""Against lists of sources: they repeat names and answer little."""
DOCUMENT_BONUS = 3.0
"""For a passage of a document that the question names: more than any passage has without."""
DOCUMENT_SHARE = 0.3
"""What being the surest of several named documents counts among their passages."""
TIME_BONUS = 0.6
"""The same where it names no organisation, only the time; others may still be better."""
CONTEXT_WEIGHT = 2.0
"""What the question together with the topic of the talk counts beside the question alone: most turns stay on topic."""
TOPIC_PASSAGE, TOPIC_UNIT, TOPIC_WORDS = 0.40, 0.50, 0.10
"""Weights within that: the topic shows in a whole passage rather than in one sentence."""


SAME_MEANING = (
    ("how long did people have to wait", "cuánto tiempo tenía que esperar la gente"),
    ("the hospital has few doctors", "o hospital tem poucos médicos"),
    ("water and electricity became cheaper", "el agua y la luz se abarataron"),
    ("children go to school on foot", "as crianças vão à escola a pé"),
)
SAME = 0.6
"""Cosine that a model for many languages gives each of these pairs; one for English gives 0.1 to 0.3."""


SOURCE = ways(
    r"source|sources|according to|where (?:does|do|did) .{1,80} (?:come from|stem from|originate)|cited",
    r"reference|surveys?|fuente|fonte",
)
"""Questions about where a statement is from: there the lists of sources count."""


@dataclass(frozen=True, slots=True)
class ScoredUnit:
    """A unit of a ranked passage: its place in it, its score, its nearness, the share of the question it explains."""

    row: int
    index: int
    unit: Unit
    score: float
    cosine: float
    coverage: float
    bare: bool = False
    """Whether it is a heading that states nothing."""


class UnitScores(NamedTuple):
    """The units of a passage and, of each, its score, its nearness, and the share of the question it explains."""

    units: tuple[tuple[int, Unit], ...] = ()
    bare: tuple[bool, ...] = ()
    scores: tuple[float, ...] = ()
    cosines: tuple[float, ...] = ()
    coverages: tuple[float, ...] = ()

    def records(self) -> tuple[ScoredUnit, ...]:
        """The units as records, in reading order."""
        columns = zip(self.units, self.scores, self.cosines, self.coverages, self.bare, strict=True)
        return tuple(
            ScoredUnit(row, index, unit, score, cosine, coverage, bare)
            for index, ((row, unit), score, cosine, coverage, bare) in enumerate(columns)
        )


@dataclass(frozen=True)
class Scored:
    """A passage with its score and its units, in reading order."""

    row: int
    passage: Passage
    score: float
    coverage: float
    cosine: float
    unit_scores: UnitScores
    own_subject: bool
    topic: float = 0.0
    """How well it fits the question together with the topic of the talk; the question alone where there was no talk."""
    subject_depth: int = 0
    """How many headings of its section lead to its subject; the others tell which part of it this is."""

    @cached_property
    def units(self) -> tuple[ScoredUnit, ...]:
        """Its units; made when they are looked at, which those of most passages never are."""
        return self.unit_scores.records()

    @property
    def best(self) -> ScoredUnit:
        """Its best unit, the first of equals."""
        scores = self.unit_scores.scores
        return self.units[scores.index(max(scores))]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A passage as questions are compared with it: made once, as the same passages come up question after question."""

    passage: Passage
    units: tuple[tuple[int, Unit], ...]
    words: str
    """Its folded words."""
    headings: str
    """Those of its headings."""
    stems: frozenset[str]
    around: frozenset[str]
    """The stems of its headings, and of its subject's names."""
    unit_stems: tuple[frozenset[str], ...]
    bare: tuple[bool, ...]
    """Which of its units are headings that state nothing."""
    reference: bool
    """Whether it stands in the back matter."""
    subject_depth: int
    """How many headings of its section lead to its subject."""


class Retriever:
    """Searches one snapshot. Threads may share it."""

    def __init__(self, snapshot: Snapshot, library: Library) -> None:
        self.snapshot, self.library = snapshot, library
        self.lexicon = Lexicon(snapshot)
        self.count = max(1, snapshot.catalogue.counts().passages)
        self.encode = lru_cache(ENCODED)(self._encode)
        self._prepared = Remembered[int, Prepared](PREPARED)
        self.own_names = lru_cache(PREPARED)(self._own_names)

    def vector(self, query: Query) -> Vectors:
        """A question's vector: of its own words if the model knows their language, else of their English."""
        text = query.sought or query.text
        return self.encode(query.asked if query.language != "en" and self.multilingual else text)

    @cached_property
    def multilingual(self) -> bool:
        """Whether the model puts sentences of several languages that mean the same near to each other."""
        vectors = self.snapshot.encoder.encode([text for pair in SAME_MEANING for text in pair])
        return float((vectors[::2] * vectors[1::2]).sum(axis=1).min()) >= SAME

    def _encode(self, text: str) -> Vectors:
        """The question's vector, shape (1, dimension); it is kept and shared, so nobody may write to it."""
        vector = self.snapshot.encoder.encode([text])
        vector.flags.writeable = False
        return vector

    def rarity(self, words: list[str]) -> dict[str, float]:
        """How much each word tells: the logarithm of how rare it is among the passages."""
        found = self.snapshot.catalogue.term_document_frequencies(words)
        return {word: math.log(1 + self.count / (0.5 + found.get(word, 0))) for word in words}

    def rank(self, query: Query, vector: Vectors, limit: int = RERANKED) -> list[Scored]:
        """The best passages for a question, best first."""
        words = content_words(query)
        inside = self.inside(query, vector, words)
        alone = query.documents.sure and len(inside) >= limit
        talk = self.in_context(query)
        fused = {} if alone else self.anywhere(query, vector, words, talk)
        fused |= inside
        held = set(inside) if query.documents.sure else set[int]()
        best = sorted(fused, key=lambda row: (row not in held, -fused[row], row))[: limit * 2]
        scored = self.score(query, vector, best, fused)
        if talk is not None:
            scored = self.with_context(scored, *talk)
        scored.sort(key=lambda s: (-s.score, s.row))
        return self.distinct(scored)[:limit]

    def inside(self, query: Query, vector: Vectors, words: list[str]) -> dict[int, float]:
        """The best passages of the documents that a question names, with their fused ranks; none if it names none."""
        documents = query.documents.ids
        rows = self.snapshot.catalogue.passage_rows(documents=documents)
        if not len(rows):
            return {}
        near = self.snapshot.passages.search(vector, POOL, rows=rows)
        return fused_ranks(near, self.snapshot.catalogue.search_passages(words, POOL, documents=documents))

    def anywhere(
        self, query: Query, vector: Vectors, words: list[str], talk: tuple[Query, Vectors] | None
    ) -> dict[int, float]:
        """The best passages of all documents, and of the subjects that a question names, with their fused ranks."""
        catalogue, passages = self.snapshot.catalogue, self.snapshot.passages
        found = [passages.search(vector, POOL), catalogue.search_passages(words, POOL)]
        if talk is not None:
            whole, topic = talk
            found += [passages.search(topic, POOL), catalogue.search_passages(content_words(whole), POOL)]
        named = [match.subject.id for match in query.named.matches]
        rows = catalogue.passage_rows(subjects=named)
        if len(rows):
            found += [passages.search(vector, POOL, rows=rows)]
            found += [catalogue.search_passages(words, POOL, subjects=named)]
        return fused_ranks(*found)

    def in_context(self, query: Query) -> tuple[Query, Vectors] | None:
        """The question with the topic of the talk as one query, and its vector; None where there is no talk."""
        if not query.context:
            return None
        whole = f"{query.text.rstrip(' ?')} ({query.context})?"
        return replace(query, text=whole, tokens=tuple(tokenize(whole)), context=""), self.encode(whole)

    def with_context(self, scored: list[Scored], whole: Query, topic: Vectors) -> list[Scored]:
        """The passages with scores to which the question in the context of the talk has added its own."""
        again = self.score(whole, topic, [item.row for item in scored], dict.fromkeys((s.row for s in scored), 1.0))
        return [
            replace(item, topic=other.topic, score=item.score + CONTEXT_WEIGHT * other.topic)
            for item, other in zip(scored, again, strict=True)
        ]

    def score(self, query: Query, vector: Vectors, rows: list[int], fused: dict[int, float]) -> list[Scored]:
        """The passages of some rows with scores, in the order given."""
        prepared = self.prepared(rows)
        terms = self.terms(query)
        total = terms.total or 1.0
        telling = terms.telling
        names = telling & {stem(query.tokens[i].word) for i in query.named.covered if i < len(query.tokens)}
        named = {match.subject.id for match in query.named.matches}
        top = max(fused.values(), default=1.0)
        nearness: list[float] = (self.snapshot.passages.vectors(np.array(rows, dtype=np.int64)) @ vector[0]).tolist()
        unit_rows = [unit_row for row in rows for unit_row, _ in prepared[row].units]
        cosines: list[float] = (self.snapshot.units.vectors(unit_rows) @ vector[0]).tolist()
        source_asked = SOURCE.search(query.text) is not None
        documents = {m.document: m.score for m in query.documents.matches}
        weights = IN_DOCUMENT if query.documents.sure else USUAL
        result = []
        first = 0
        for row, near in zip(rows, nearness, strict=True):
            item = prepared[row]
            passage = item.passage
            last = first + len(item.units)
            own_cosines, first = tuple(cosines[first:last]), last
            asks_source = bool(named) and item.reference and source_asked
            own = passage.subject in named or (asks_source and self.mentions(item, named))
            around = telling & item.around
            coverage = terms.weight(telling & item.stems | around) / total
            mention = 0.0 if own or not named else MENTION_BONUS * float(self.mentions(item, named))
            bonus = SUBJECT_BONUS if own else mention
            if passage.document in documents:
                own = own or query.documents.sure
                bonus = DOCUMENT_BONUS if query.documents.sure else TIME_BONUS
                bonus += DOCUMENT_SHARE * documents[passage.document]
            source = SOURCE_BONUS if asks_source else -REFERENCE_PENALTY
            base = FUSED_SHARE * fused[row] / top + bonus + source * item.reference
            # A subject need not name itself.
            shares = unit_shares(terms, item, around, names if own else frozenset(), total)
            values = unit_values(own_cosines, shares, weights, item.bare)
            unit_scores = values if weights is USUAL else unit_values(own_cosines, shares, USUAL, item.bare)
            score = base + weights.passage * near + weights.passage_words * coverage
            score += max(values, default=0.0)
            topic = TOPIC_PASSAGE * near + TOPIC_UNIT * max(unit_scores, default=0.0) + TOPIC_WORDS * coverage
            units = UnitScores(item.units, item.bare, unit_scores, own_cosines, shares)
            result.append(Scored(row, passage, score, coverage, near, units, own, topic, item.subject_depth))
        return result

    def prepared(self, rows: list[int]) -> dict[int, Prepared]:
        """The passages of some rows, ready to be compared."""
        known = {row: self._prepared.get(row) for row in rows}
        missing = [row for row, item in known.items() if item is None]
        passages = self.snapshot.catalogue.passages(missing)
        units = self.snapshot.catalogue.units_of(missing)
        for row in missing:
            known[row] = item = self.prepare(passages[row], units[row])
            self._prepared.put(row, item)
        return {row: item for row, item in known.items() if item is not None}

    def prepare(self, passage: Passage, units: tuple[tuple[int, Unit], ...]) -> Prepared:
        """A passage ready to be compared."""
        words = tokens(passage.text)
        subject = self.library.by_id.get(passage.subject)
        return Prepared(
            passage=passage,
            units=units,
            words=" ".join(words),
            headings=" ".join(tokens(" ".join(passage.section))),
            stems=frozenset(map(stem, words)),
            around=stems_of(" ".join((*passage.section, self.subject_name(passage.subject)))),
            unit_stems=tuple(stems_of(unit.text) for _, unit in units),
            bare=tuple(is_bare(unit, passage) for _, unit in units),
            reference=in_back_matter(passage.section),
            subject_depth=len(list(takewhile(partial(contains, subject.name), passage.section))) if subject else 0,
        )

    def terms(self, query: Query) -> Terms:
        """The stems of the question's content words with their weights; words of a subject's name count half."""
        words = {t.word: t for n, t in enumerate(query.tokens) if is_content(t.word) and n not in query.aside}
        telling = {word: t for word, t in words.items() if t.stem not in SCAFFOLD_STEMS}
        words = telling or words
        rarity = self.rarity(list(words))
        covered_words = {query.tokens[i].word for i in query.named.covered if i < len(query.tokens)}
        result: dict[str, float] = {}
        for word, token in words.items():
            weight = rarity[word] * (0.5 if word in covered_words else 1.0)
            result[stem(token.word)] = max(result.get(stem(token.word), 0.0), weight)
        return Terms(result, self.near(query, [word for word in words if word not in covered_words]))

    def near(self, query: Query, words: list[str]) -> dict[str, dict[str, float]]:
        """The near words of some of a question's words; names, which have a capital amid small ones, have none."""
        names = {
            t.word for t in query.tokens if t.start > 0 and query.text[t.start].isupper() and not query.text.isupper()
        }
        return self.lexicon.near([word for word in words if word not in names])

    def subject_name(self, identity: str) -> str:
        """The name of a subject."""
        subject = self.library.by_id.get(identity)
        return f"{subject.name} {' '.join(subject.aliases)}" if subject else ""

    def mentions(self, item: Prepared, named: set[str]) -> bool:
        """Whether a passage that belongs to none of the named subjects speaks of one: by alias, or in its headings."""
        text = f" {item.words} {item.headings} "
        # In the back matter the country is all that is said.
        return any(name in text for identity in named for name in self.own_names(identity, item.reference))

    def _own_names(self, identity: str, with_country: bool = False) -> tuple[str, ...]:
        """The words of a subject's own names, each between blanks."""
        subject = self.library.by_id[identity]
        names = self.library.own_aliases(identity)
        if subject.territory and with_country:
            names = (*names, display_name(subject.territory))
        return tuple(f" {' '.join(tokens(name))} " for name in names)

    def distinct(self, scored: list[Scored]) -> list[Scored]:
        """The passages without those whose words stood in a better one."""
        prepared = self.prepared([item.row for item in scored])
        first: dict[str, Scored] = {}
        for item in scored:
            first.setdefault(prepared[item.row].words, item)
        return list(first.values())


def fused_ranks(*searches: list[tuple[int, float]]) -> dict[int, float]:
    """The rows that some searches found, by the sum of the reciprocals of their ranks."""
    fused: dict[int, float] = {}
    for found in searches:
        for rank, (row, _) in enumerate(found):
            fused[row] = fused.get(row, 0.0) + 1 / (FUSION_RANK + rank)
    return fused


def unit_shares(
    terms: Terms, passage: Prepared, around: frozenset[str], given: frozenset[str], total: float
) -> tuple[float, ...]:
    """The share of the terms that each unit of a passage explains: what only stands around it counts half.

    `given` are stems that every unit is taken to hold; `total` is the weight of all terms.
    """
    telling, weight = terms.telling, terms.weight
    shares = []
    for stems in passage.unit_stems:
        held = telling & stems | given
        alone = weight(held)
        shares.append((alone + 0.5 * (weight(held | around) - alone)) / total)
    return tuple(shares)


def unit_values(
    cosines: tuple[float, ...], coverages: tuple[float, ...], weights: Weights, bare: tuple[bool, ...]
) -> tuple[float, ...]:
    """What each unit adds to the score of its passage."""
    near, words = weights.unit, weights.unit_words
    return tuple(
        near * cosine + words * coverage - BARE_PENALTY * empty
        for cosine, coverage, empty in zip(cosines, coverages, bare, strict=True)
    )


def is_bare(unit: Unit, passage: Passage) -> bool:
    """Whether a unit is a heading that states nothing: without a number, or only the name of its section."""
    if unit.kind is not BlockKind.HEADING:
        return False
    path = " ".join(tokens(" ".join(passage.section)))
    return not any(c.isdigit() for c in unit.text) or " ".join(tokens(unit.text)) in path


def is_content(word: str) -> bool:
    """Whether a word means something."""
    return word not in FUNCTION_WORDS["en"]


def content_words(query: Query) -> list[str]:
    """The words to search for."""
    words = [t.word for n, t in enumerate(query.tokens) if is_content(t.word) and n not in query.aside]
    return list(dict.fromkeys(words or [t.word for t in query.tokens if is_content(t.word)]))


@lru_cache(maxsize=8_000)
def stems_of(text: str) -> frozenset[str]:
    """The stems of the words of a text; kept, as the same units come up question after question."""
    return frozenset(stem(word) for word in tokens(text))


def in_back_matter(section: tuple[str, ...]) -> bool:
    """Whether what stands under some headings stands in the back matter."""
    words = tokens(section[0]) if section else []
    return bool(words) and words[0] in vocabulary().back_matter


def ranked(scored: list[Scored], limit: int) -> tuple[RankedPassage, ...]:
    """The best passages as records."""
    return tuple(RankedPassage(item.passage, round(item.score, 4)) for item in scored[:limit])
