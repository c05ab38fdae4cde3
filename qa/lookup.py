"""Finding figures: by structure first, by words and nearness for what the vocabulary does not know.

1. A figure of another kind than asked for, of another subject, beneficiary or period than named, is none that answers.
2. Among the rest, the measure counts most, then the share of the question's words that label, sentence and headings
   explain, then the nearness of the sentence to the question.
3. A headline answers for its measure; an item answers only where the question has words for it.
4. What the question says and the best figure does not explain tells how much to trust it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from factdesk.corpus.kinds import DAY, QUARTER
from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Figure, Role, Unit, Vectors
from factdesk.corpus.remembered import Remembered
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, WORD, fold, stem, strip_possessive, tokens, word_set
from factdesk.qa.documents import times_meant
from factdesk.qa.lexicon import Terms
from factdesk.qa.library import SubjectMatch
from factdesk.qa.patterns import AMOUNT, BY_HOW_MUCH, CHANGED, OPPOSITES, SPENDING, TOTAL_ASKED
from factdesk.qa.question import SCAFFOLD_STEMS, Period, Query, without_names
from factdesk.qa.retrieval import Retriever, content_words, in_back_matter, stems_of

DURATIONS = word_set("seconds minutes hours days weeks months quarters years")
LABEL_WEIGHT, SENTENCE_WEIGHT = 0.6, 0.4
"""A word in the label says what is measured; in the sentence it may speak of a neighbour."""
MEASURE_WEIGHT, WORD_WEIGHT, NEAR_WEIGHT = 0.40, 0.42, 0.18
NOUN_BONUS = 0.25
"""For the counted noun itself."""
PERIOD_BONUS = 0.12
RATE_BONUS = 0.10
HEADLINE_BONUS = 0.10
ITEM_PENALTY = 0.22
ELSEWHERE_PENALTY = 0.25
"""For a figure of another subject whose sentence mentions the named one."""
REFERENCE_PENALTY = 0.25
AROUND_SHARE = 0.85
"""What a word counts that only the headings, footnotes or introduction of a figure's subject hold."""
INTRODUCTION = 2
"""Passages that introduce a subject."""
TITLE_WEIGHT = 0.12
"""What a word of the subject's title counts among the words that a figure has to explain."""
PROXIMITY = 0.08
"""For a number right beside the question's words; it only decides between neighbours in one sentence."""
FAR = 100
"""Characters from which on a word is not beside a number."""
NAMED_FIT = 0.8
"""What a label fits that consists of words for the measure ("operation" for the cost of operating)."""
OTHER_SIDE_PENALTY = 0.15
"""For what was before something where the question says after, and the other way round."""
DATE_PENALTY = 0.15
"""For a date where none was asked for."""
REPORT_EXPLAINED = 0.8
"""Share of a question's own words that a figure of a report of a period has to account for, and its label if it stands
in a table: thousands of figures there look alike."""
EXTRA_PENALTY = 0.2
"""Against a cell whose label says more than the question: as much as all of it would cost."""
CELL_WORDS = 0.6
"""Share of a question's own words that a cell's label has to hold as they are: near words lead to the next row."""
YEAR_MONTHS = 12
MONTHS_ASKED = lazily(r"\b(?:six|nine|6|9)[ -]months?\b|\bhalf[ -]year\b|\bfirst half\b", re.I)
MONTHS_NAMED = {"six": 6, "6": 6, "half": 6, "nine": 9, "9": 9}
CANDIDATES = 400
"""Figures looked at when a question names no subject."""
PREPARED = 2_000
"""Figures that are kept ready to be compared, some 5 KB each."""


@dataclass(frozen=True, slots=True)
class Match:
    """A figure that may answer, its score, and what speaks against it."""

    figure: Figure
    score: float
    explained: float
    """Share of the question's own words that it accounts for, by weight; 1 where there are none."""
    unexplained: tuple[str, ...]
    """The words of the question that it leaves unexplained."""
    near: float
    in_label: float = 1.0
    """The share that its label alone explains."""
    against: tuple[str, ...] = ()
    """Why it does not answer: "period", "beneficiary", "measure", ...; empty if it may."""


@dataclass(frozen=True, slots=True)
class PreparedFigure:
    """A figure as questions are compared with it: made once, as the same figures come up question after question."""

    figure: Figure
    label: frozenset[str]
    """The stems of its label, its unit and its number."""
    sentence: frozenset[str]
    """Those, and the stems of its sentence, of the nearest headings and of its beneficiary."""
    around: frozenset[str]
    """Those, and the stems of its subject, of all headings and of the footnotes."""
    gaps: dict[str, int]
    """The stems beside its number, with how many characters lie between."""
    reference: bool
    """Whether it stands in the back matter."""
    unit: int | None
    """The row of the unit that holds its sentence."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A question as figures are compared with it: made once for all of them."""

    query: Query
    asked: str
    """Its text without the names of subjects."""
    named: frozenset[str]
    measures: tuple[str, ...]
    """The measures of the kind of value that it asks for."""
    terms: Terms
    exact: Terms
    """The same words without near ones."""
    nouns: Terms
    dated: Set[tuple[str, int]]
    """Sentences in which a figure states the period that it asks about."""


def kind_of(figure: Figure) -> str:
    """The kind of a figure's value."""
    unit = figure.unit or ""
    if unit == "date":
        return "date"
    if unit in ("%", "percentage points"):
        return "percent"
    if (len(unit) == 3 and unit.isupper()) or ("/" in unit and unit.replace("/", "").isupper()):
        return "money"
    return "duration" if unit in DURATIONS or unit.rstrip("s") + "s" in DURATIONS else "count"


def fits_kind(figure: Figure, wanted: str | None, nouns: tuple[str, ...] = ()) -> bool:
    """Whether a figure's value is of the kind asked for."""
    kind = kind_of(figure)
    if wanted is None:
        return True
    if wanted == "count":
        return kind == "count" or (kind == "duration" and any(stem(figure.unit or "") == noun for noun in nouns))
    return kind == wanted


def counts(figure: Figure, nouns: Iterable[str]) -> bool:
    """Whether a figure counts one of some nouns, given as stems."""
    return not stems_of(figure.unit or "").isdisjoint(nouns)


def years_of(period: str | None) -> tuple[int, int] | None:
    """First and last year of an ISO period."""
    if not period:
        return None
    years = [int(part[:4]) for part in period.split("/") if part[:4].isdigit()]
    return (years[0], years[-1]) if years else None


def period_agrees(figure: Figure, periods: tuple[Period, ...], *, until: bool = False) -> bool | None:
    """Whether a figure is of a period asked about; None where nothing tells.

    A span agrees with itself and what it covers whole; a year inside a longer span is not that span's figure.
    `until`: it is the end of a span that is asked about.
    """
    if not periods:
        return None
    asked = (min(p.first for p in periods), max(p.last for p in periods))
    own = years_of(figure.period)
    if until and own is not None:
        return own[1] == asked[1]
    if own is None:
        said = set(tokens(" ".join((figure.sentence, *figure.footnotes, *figure.section))))
        return True if any(str(year) in said for p in periods for year in (p.first, p.last)) else None
    for period in periods:
        if own == (period.first, period.last):
            months = (
                period.iso
                if len(period.iso) > 4 and "-" in period.iso and figure.period and len(figure.period) > 4
                else ""
            )
            return not months or months[:7] == (figure.period or "")[:7] or own[0] != own[1] or months == figure.period
    return own == asked or (own[0] <= asked[0] and asked[1] <= own[1] and own == asked)


class Lookup:
    """Looks figures up for questions, over one snapshot."""

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever
        self.catalogue = retriever.snapshot.catalogue
        self.library = retriever.library
        self._profiles: dict[str, frozenset[str]] = {}
        self._prepared = Remembered[str, PreparedFigure](PREPARED)

    def candidates(self, query: Query) -> list[Figure]:
        """The figures worth a look: those of the named subjects, and those that the words or the passages lead to."""
        named = query.named.ids
        found: dict[str, Figure] = {}
        if query.documents.sure:
            words = content_words(query)
            rows = [row for row, _ in self.catalogue.search_figures(words, CANDIDATES, documents=query.documents.ids)]
            return list(self.catalogue.figures_by_row(rows=rows).values())
        if named:
            parts = [i for i in named if not self.library.is_container(self.library.by_id[i])]
            for figure in self.catalogue.figures(subjects=parts):
                found[figure.id] = figure
        words = [t.word for t in query.terms] + [t.word for t in query.tokens if t.stem in query.nouns]
        words += [t.word for t in query.tokens]
        rows = [row for row, _ in self.catalogue.search_figures(words, CANDIDATES)]
        for figure in self.catalogue.figures_by_row(rows=rows).values():
            found.setdefault(figure.id, figure)
        return list(found.values())

    def prepared(self, figures: list[Figure]) -> list[PreparedFigure]:
        """Some figures, ready to be compared, in the order given."""
        known = {figure.id: self._prepared.get(figure.id) for figure in figures}
        missing = [figure for figure in figures if known[figure.id] is None]
        units = self.units_of(missing)
        for figure in missing:
            known[figure.id] = made = prepare(figure, units.get(figure.id))
            if len(figures) <= PREPARED:  # more would drive each other out
                self._prepared.put(figure.id, made)
        return [item for figure in figures if (item := known[figure.id]) is not None]

    def units_of(self, figures: list[Figure]) -> dict[str, int]:
        """The row of the unit that holds each figure's sentence, by the figure's id; without those that none holds."""
        by_passage: dict[int, list[Figure]] = {}
        for figure in figures:
            row = self.catalogue.passage_row_of(figure.document, figure.sentence_start)
            if row is not None:
                by_passage.setdefault(row, []).append(figure)
        units = self.catalogue.units_of(by_passage)
        found = {
            figure.id: containing(units.get(row, []), figure.sentence_start)
            for row, members in by_passage.items()
            for figure in members
        }
        return {identity: row for identity, row in found.items() if row is not None}

    def nearness(self, figures: list[PreparedFigure], vector: Vectors) -> dict[str, float]:
        """The nearness of each figure's sentence to the question."""
        unit_of = {item.figure.id: item.unit for item in figures if item.unit is not None}
        rows = sorted(set(unit_of.values()))
        if not rows:
            return {}
        cosines = dict(zip(rows, self.retriever.snapshot.units.vectors(np.array(rows)) @ vector[0], strict=True))
        return {identity: float(cosines[row]) for identity, row in unit_of.items()}

    def find(self, query: Query, vector: Vectors, figures: list[Figure] | None = None) -> list[Match]:
        """All figures of the right kind with their scores, those that may answer first, best first."""
        figures = self.candidates(query) if figures is None else figures
        figures = [f for f in figures if fits_kind(f, query.wanted, query.nouns)]
        prepared = self.prepared(figures)
        near, sought = self.nearness(prepared, vector), self.sought(query, figures)
        matches = [self.match(sought, item, near.get(item.figure.id, 0.0)) for item in prepared]
        if any(PEOPLE & set(query.nouns)) and any(not m.against and is_of_people(m.figure) for m in matches):
            matches = [m if is_of_people(m.figure) else replace(m, against=(*m.against, "noun")) for m in matches]
        matches.sort(key=lambda m: (bool(m.against), -m.score, m.figure.document, m.figure.start, m.figure.id))
        return matches

    def sought(self, query: Query, figures: list[Figure]) -> Sought:
        """A question ready to be compared with some figures."""
        terms = self.terms(query)
        dated = {
            (f.document, f.sentence_start)
            for f in figures
            if f.period and kind_of(f) != "date" and period_agrees(f, query.periods, until=query.until)
        }
        return Sought(
            query=query,
            asked=without_names(query.text, query.named),
            named=frozenset(query.named.ids),
            measures=query.asked_measures,
            terms=terms,
            exact=Terms(terms.weights),
            nouns=self.nouns(query),
            dated=dated,
        )

    def named_alone(self, query: Query, subject: str, vector: Vectors) -> list[Match]:
        """The matches of a question as if it named only one of its subjects."""
        matches = tuple(m for m in query.named.matches if m.subject.id == subject) or (
            SubjectMatch(self.library.by_id[subject], 1.0, "given"),
        )
        alone = replace(query, named=replace(query.named, matches=matches, ambiguous=False))
        if query.documents.sure:  # its own documents, as they were chosen for it
            own = self.library.documents_beside(query.documents, self.library.by_id[subject].document)
            alone = replace(alone, documents=replace(query.documents, matches=own))
            return self.find(alone, vector)
        return self.find(alone, vector, self.catalogue.figures(subjects=[subject]))

    def terms(self, query: Query) -> Terms:
        """The words that a figure has to explain, with their weights and near words."""
        words = vocabulary()
        counts_people = not PEOPLE.isdisjoint(query.nouns)  # then it is the unit that has to be people of some kind
        terms = [t.word for t in query.terms if not (counts_people and t.stem in PEOPLE)]
        context = [name for name in query.measures if query.wanted and words.kinds.get(name) != query.wanted]
        if context:  # "the satisfaction surveys": the measure is not asked for, but tells where to look
            covered_tokens = {
                at for f in words.measures_in(query.text) if f.name in context for at in range(f.first, f.last + 1)
            }
            flat = tokens(query.text)
            terms += [flat[at] for at in covered_tokens if at < len(flat)]
        rarity = self.retriever.rarity(list(dict.fromkeys(terms)))
        result: dict[str, float] = {}
        for word, weight in rarity.items():
            result[stem(word)] = max(result.get(stem(word), 0.0), weight)
        if result:  # words of a title also say which of a subject's figures is meant ("to report a crime")
            titles = {s for m in query.named.matches for s in self.library.titles[m.subject.id]}
            shared = [t.word for t in query.tokens if t.stem in titles and t.stem not in result]
            for word, weight in self.retriever.rarity(list(dict.fromkeys(shared))).items():
                result.setdefault(stem(word), TITLE_WEIGHT * weight)
        return Terms(result, self.retriever.near(query, list(rarity)))

    def nouns(self, query: Query) -> Terms:
        """The nouns that a question asks to count, with their near words."""
        words = [t.word for t in query.tokens if t.stem in query.nouns]
        return Terms({stem(w): 1.0 for w in words}, self.retriever.near(query, words))

    def match(self, sought: Sought, item: PreparedFigure, near: float) -> Match:
        """How well one figure answers; `near` is the nearness of its sentence to the question."""
        query, figure, terms, named = sought.query, item.figure, sought.terms, sought.named
        against: list[str] = []
        subject = self.library.by_id.get(figure.subject_id)
        around = item.around | self.profile(figure.subject_id) if figure.subject_id in named else item.around
        in_label, in_sentence = terms.share(item.label), terms.share(item.sentence)
        explained = max(in_sentence, AROUND_SHARE * terms.share(around))
        words = LABEL_WEIGHT * in_label + SENTENCE_WEIGHT * in_sentence if terms else 0.6
        score = WORD_WEIGHT * words + NEAR_WEIGHT * near + MEASURE_WEIGHT * measure_fit(sought, figure, against)
        if query.nouns:
            score += (
                NOUN_BONUS if counts(figure, query.nouns) else 0.7 * NOUN_BONUS * noun_near(query, figure, sought.nouns)
            )
        score += self.role_fit(query, figure, bool(terms))
        if query.wanted is None and figure.unit == "date":
            score -= DATE_PENALTY
        score += PROXIMITY * closeness(item.gaps, terms)
        agrees = period_agrees(figure, query.periods, until=query.until) if query.wanted != "date" else None
        if figure.period is None and (figure.document, figure.sentence_start) in sought.dated:
            agrees = None  # the sentence's year is that of another of its numbers
        if agrees and figure.unit == "date":
            against.append("asked")  # the year that the question itself names answers nothing
        if agrees:
            score += PERIOD_BONUS
        elif query.periods and query.wanted != "date":
            against.append("period")
        if other_side(sought.asked, figure.label):
            score -= OTHER_SIDE_PENALTY
        if other_side(sought.asked, figure.sentence) and figure.role is Role.PLAIN:
            against.append("side")
        if query.per and figure.per == query.per:
            score += RATE_BONUS
        if query.currency and kind_of(figure) == "money" and figure.unit != query.currency:
            against.append("currency")
        if named and not query.is_about(figure.document, figure.subject_id):
            mentioned = self.mentions(figure, named)
            score -= ELSEWHERE_PENALTY
            if not mentioned:
                against.append("subject")
        if item.reference:
            score -= REFERENCE_PENALTY
        if subject is None and named:
            against.append("subject")
        report = query.documents.sure and self.library.shelf.is_report(figure.document)
        if (report and explained < REPORT_EXPLAINED) or (figure.table >= 0 and in_label < REPORT_EXPLAINED):
            against.append("words")
        if figure.table >= 0:
            score -= EXTRA_PENALTY * extra_words(query, figure)
            if sought.exact.share(item.label) < CELL_WORDS:
                against.append("words")
        if report and not (fits_wording(query.text, figure) and self.fits_time(query, figure)):
            against.append("wording")
        missing = terms.missing(around)
        return Match(figure, score, explained, missing, near, in_label, tuple(dict.fromkeys(against)))

    def fits_time(self, query: Query, figure: Figure) -> bool:
        """Whether a figure of a report may be of the time that a question names: the year, the quarter, nine months."""
        months = MONTHS_ASKED.search(query.text)
        length = next((n for words, n in MONTHS_NAMED.items() if months and words in months.group().lower()), None)
        span = span_of_period(figure.period)
        if length is not None and (span is None or span != length):
            return False
        asked = times_meant(query.text)
        if not asked or length is not None:
            return True
        document = self.library.shelf.documents[figure.document]
        labels = {period.label for period in document.periods}
        wanted = {time.label for time in asked}
        if figure.period is None:  # prose is of the time that its document reports on
            return bool(wanted & labels) or any(time.span == DAY for time in asked)
        quarters = [time for time in asked if time.span == QUARTER]
        if quarters:
            return any(is_quarter(figure.period, time.label) for time in quarters)
        return span is None or span == YEAR_MONTHS

    def profile(self, subject: str) -> frozenset[str]:
        """The stems of what introduces a subject: words by which people mean it ("the hotline")."""
        if subject not in self._profiles:
            own = self.library.by_id.get(subject)
            texts: list[str] = []
            if own is not None and not self.library.is_container(own):
                passages = sorted(self.catalogue.passages_of(subject=subject).values(), key=lambda p: p.start)
                texts = [p.text for p in passages[:INTRODUCTION] if len(p.section) <= len(passages[0].section)]
            self._profiles[subject] = stems_of(" ".join(texts))
        return self._profiles[subject]

    def role_fit(self, query: Query, figure: Figure, has_terms: bool) -> float:
        """What a figure's role adds: headlines answer for measures, items for words."""
        if figure.role is Role.HEADLINE:
            return HEADLINE_BONUS if query.measures else 0.0
        if figure.role is Role.ITEM and not has_terms:
            return -ITEM_PENALTY
        return 0.0

    def mentions(self, figure: Figure, named: Set[str]) -> bool:
        """Whether a figure's sentence or headings mention a named subject by alias."""
        text = spoken(figure.sentence, figure.section)
        return any(name in text for identity in named for name in self.retriever.own_names(identity))


def prepare(figure: Figure, unit: int | None) -> PreparedFigure:
    """A figure ready to be compared; `unit` is the row of the unit that holds its sentence."""
    whole = figure.sentence if figure.unit == "date" else ""  # a date's label is the sentence: it dates all of it
    label = stems_of(f"{figure.label} {figure.unit or ''} {figure.printed} {whole}")
    # The cells of a row have one sentence, and those of a table one place: their stems are found once for all.
    sentence = label | stems_of(" ".join((figure.sentence, *figure.section[-2:], figure.beneficiary or "")))
    place = stems_of(figure.subject) | stems_of(" ".join((*figure.section, *figure.footnotes)))
    return PreparedFigure(
        figure=figure,
        label=label,
        sentence=sentence,
        around=sentence | place,
        gaps=gaps_of(figure),
        reference=in_back_matter(figure.section),
        unit=unit,
    )


def measure_fit(sought: Sought, figure: Figure, against: list[str]) -> float:
    """How well a figure's measure and beneficiary fit, 0 to 1; what contradicts the question goes to `against`."""
    query, asked = sought.query, sought.measures
    if not asked and query.wanted == "money" and figure.measure == "savings" and SPENDING.search(query.text):
        against.append("measure")  # what something costs is not what it saves
    if not asked:
        return 0.4 if figure.measure is None or figure.role is not Role.HEADLINE else 0.2
    fit = 0.0
    if figure.measure in asked:
        fit = 1.0
    elif figure.measure is None:
        in_label = not measures_named(figure.label).isdisjoint(asked)
        fits_whom = not query.beneficiaries or not beneficiaries_named(figure.label).isdisjoint(query.beneficiaries)
        told = bool(query.terms) and not ("savings" in asked and query.beneficiaries and not fits_whom)
        fit = 0.5 if in_label and (fits_whom or "savings" not in asked) else 0.45 if told else 0.15
        if names_measure(figure.label, asked) and (fits_whom or "savings" not in asked):
            fit = NAMED_FIT
    if fit < 0.45:
        against.append("measure")
    if query.beneficiaries and "savings" in asked and figure.measure == "savings":
        if figure.beneficiary in query.beneficiaries:
            fit += 0.2
        elif figure.beneficiary is not None or figure.role is Role.HEADLINE:
            against.append("beneficiary")
    return fit


@lru_cache(maxsize=8_000)
def measures_named(label: str) -> frozenset[str]:
    """The measures that a label names; kept, as the same figures come up again and again."""
    return frozenset(found.name for found in vocabulary().measures_in(label))


@lru_cache(maxsize=8_000)
def beneficiaries_named(label: str) -> frozenset[str]:
    """The beneficiaries that a label names."""
    return frozenset(found.name for found in vocabulary().beneficiaries_in(label))


@lru_cache(maxsize=8_000)
def spoken(sentence: str, section: tuple[str, ...]) -> str:
    """The folded words of a sentence and its headings, between blanks."""
    return f" {' '.join(tokens(' '.join((sentence, *section))))} "


def is_of_people(figure: Figure) -> bool:
    """Whether a figure counts people."""
    return not stems_of(figure.unit or "").isdisjoint(PERSONS | PEOPLE)


def noun_near(query: Query, figure: Figure, nouns: Terms) -> float:
    """How near a figure's unit is to the nouns that a question asks to count, 0 to 1."""
    unit = stems_of(figure.unit or "")
    best = max((nouns.held(w, unit) for w in nouns.weights), default=0.0)
    if best < 1 and PEOPLE & set(query.nouns) and PERSONS & unit:
        best = max(best, PERSON_WEIGHT)
    return best


PERSON_WEIGHT = 0.9
"""What a group of persons counts where a question asks for people."""
PEOPLE = frozenset(map(stem, word_set("people persons person individuals human")))
PERSONS = frozenset(
    map(
        stem,
        word_set(
            "staff employees workers members citizens participants students residents customers users servants "
            "prisoners tutors teachers patients households visitors passengers applicants beneficiaries responses "
            "respondents"
        ),
    )
)
"""What people are counted as."""


def extra_words(query: Query, figure: Figure) -> float:
    """The share of a cell's label that the question does not say: "Cost of revenue" where revenue is asked for."""
    words = {stem(word) for word in tokens(figure.label) if word not in FUNCTION_WORDS["en"] and word.isalpha()}
    return len(words - {token.stem for token in query.tokens}) / len(words) if words else 0.0


def span_of_period(period: str | None) -> int | None:
    """How many months a period has: 12 for a year; None for a day, a longer span, or where there is none."""
    if period is None or (len(period) > len("2000") and "/" not in period):
        return None
    if "/" not in period:
        return YEAR_MONTHS
    first, last = period.split("/")
    if len(first) != len("2000-01") or len(last) != len("2000-01"):
        return None
    return (int(last[:4]) - int(first[:4])) * YEAR_MONTHS + int(last[5:]) - int(first[5:]) + 1


def is_quarter(period: str, label: str) -> bool:
    """Whether a period is the calendar quarter of a label ("2021Q1")."""
    year, quarter = label.split("Q")
    last = 3 * int(quarter)
    return period == f"{year}-{last - 2:02}/{year}-{last:02}"


def fits_wording(question: str, figure: Figure) -> bool:
    """Whether a figure is what the question's form asks for: an amount, a change, a total."""
    if AMOUNT.search(question) and kind_of(figure) not in ("money", "percent"):
        return False
    if BY_HOW_MUCH.search(question) and not CHANGED.search(f"{figure.sentence} {figure.label}"):
        return False
    if not TOTAL_ASKED.search(question) or figure.aggregate is not None:
        return True
    return TOTAL_ASKED.search(f"{figure.sentence} {figure.label}") is not None


def gaps_of(figure: Figure) -> dict[str, int]:
    """The stems of a figure's sentence that stand beside its number, with how many characters lie between."""
    at = figure.sentence.find(figure.printed)
    if at < 0:
        return {}
    end = at + len(figure.printed)
    gaps: dict[str, int] = {}
    for first, last, word in words_in(figure.sentence):
        gap = max(at - last, first - end, 0)
        if gap < FAR:
            gaps[word] = min(gap, gaps.get(word, gap))
    return gaps


@lru_cache(maxsize=8_000)
def words_in(sentence: str) -> tuple[tuple[int, int, str], ...]:
    """Where the words of a sentence stand, and their stems; kept, as the cells of a row have one sentence."""
    return tuple((*m.span(), stem(strip_possessive(fold(m.group())))) for m in WORD.finditer(sentence))


def closeness(gaps: Mapping[str, int], terms: Terms) -> float:
    """How close to a number the nearest of the question's words stands, 0 to 1; `gaps` are the words beside it."""
    near = [gaps[word] for word in terms.telling & gaps.keys() if terms.covered(frozenset((word,)))]
    return 1 - min(near) / FAR if near else 0.0


def containing(units: Sequence[tuple[int, Unit]], position: int) -> int | None:
    """The row of the unit that holds a position."""
    for row, unit in units:
        if unit.start <= position < unit.end:
            return row
    return None


def names_measure(label: str, asked: Sequence[str]) -> bool:
    """Whether every word of a label is one of a measure's own words, those that only ask for an amount aside."""
    held = {stem(word) for word in tokens(label) if word not in FUNCTION_WORDS["en"]} - SCAFFOLD_STEMS
    return bool(held) and held <= vocabulary().measure_words("en", asked) - SCAFFOLD_STEMS


def other_side(question: str, text: str) -> bool:
    """Whether a text is only about the one of two opposites that a question does not ask for: after, not before."""
    alone = sides_decided(question)
    if not alone:
        return False
    told = sides_of(text)
    return any((pair, not side) in told and (pair, side) not in told for pair, side in alone)


@lru_cache(maxsize=4_000)
def sides_decided(question: str) -> frozenset[tuple[int, bool]]:
    """Which side a question asks for, of the pairs of opposites of which it names one side only."""
    asked = sides_of(question)
    return frozenset((pair, side) for pair, side in asked if (pair, not side) not in asked)


@lru_cache(maxsize=4_000)
def sides_of(text: str) -> frozenset[tuple[int, bool]]:
    """Which side of which pair of opposites a text names."""
    pairs = enumerate(OPPOSITES)
    return frozenset((at, side) for at, pair in pairs for side in (False, True) if pair[side].search(text))
