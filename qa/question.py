"""A question, taken apart: what it asks for, of which measure, for whom, when, and what is left of its words.

How people ask is in `patterns`. The words that none of them explains are the query's terms, which a
figure or passage has to account for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from factdesk.corpus import numberwords
from factdesk.corpus.patterns import lazily
from factdesk.corpus.quantities import Quantity, locale_of, scan
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, WORD, word_set
from factdesk.qa.documents import NOTHING_NAMED, DocumentsNamed
from factdesk.qa.instructions import forms_in, plain_question
from factdesk.qa.library import Library, Named, Token, tokenize
from factdesk.qa.patterns import (
    ALL_OF,
    AMONG_LESS,
    AMONG_MORE,
    AMOUNT_NOUN,
    AVERAGE,
    BARE_NOUN,
    BREAKDOWN,
    COMPARE,
    CONSISTS,
    COSTS_MORE,
    COUNT,
    DATE,
    DEFINITION,
    DIFFERENCE,
    DURATION,
    EVERY,
    EXPENSIVE,
    FACTOR,
    FROM_TO,
    GAINS,
    GROWTH_RATE,
    HOW_MANY_PERCENT,
    HOW_MUCH_OF,
    IMPLIED,
    IN_WORDS,
    LEADING_TIME,
    LEAST,
    LISTING,
    MENTIONS,
    MORE_NOUN,
    MOST,
    MUCH,
    NOT_COUNT,
    NOUN_PHRASE,
    OF_ALL,
    PAYBACK,
    PER,
    PER_UNIT,
    PERCENT,
    POINTS,
    POSSESSED,
    RANK,
    RESULT_UNIT,
    RUNNING,
    SAYS,
    SET_UP,
    STOP_NOUN,
    SUBJECTS,
    SUM,
    TEXTUAL,
    UNTIL,
    WHAT,
    WHAT_OF,
    WHAT_OR_WHERE,
    WHICH,
    YES_NO,
)
from factdesk.qa.translate import phrases_to_english, spoken, to_english


class Operation(StrEnum):
    """What is to be done with the figures."""

    LOOKUP = "lookup"
    MOST = "most"
    LEAST = "least"
    RANK = "rank"
    COMPARE = "compare"
    SUM = "sum"
    AVERAGE = "average"
    DIFFERENCE = "difference"
    FACTOR = "factor"
    POINTS = "points"
    GROWTH = "growth"
    PAYBACK = "payback"
    RATIO = "ratio"
    IMPLIED = "implied"
    """The count behind an amount saved."""
    BREAKDOWN = "breakdown"
    SUBJECTS = "subjects"
    """Which subjects there are."""
    MENTIONS = "mentions"
    """Whether a document speaks of something."""
    WHICH = "which"
    """Which of the subjects state a measure at all, or in a certain way."""


class Style(StrEnum):
    """What form of answer the question's words ask for."""

    FIGURE = "figure"
    TEXT = "text"
    LIST = "list"
    OPEN = "open"
    """A bare phrase: whichever fits better."""


@dataclass(frozen=True, slots=True)
class Period:
    """Years that a question asks about, both included; `words` as written."""

    first: int
    last: int
    words: str
    iso: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question, taken apart. `text` is what it was understood by: spelled right, in English."""

    text: str
    language: str
    """The language it was asked in."""
    tokens: tuple[Token, ...]
    named: Named
    style: Style
    operation: Operation
    measures: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    wanted: str | None = None
    """The kind of value asked for: "money", "percent", "count", "duration", "date"; None if open."""
    nouns: tuple[str, ...] = ()
    """Stems of what is to be counted ("how many ENTITIES")."""
    periods: tuple[Period, ...] = ()
    until: bool = False
    """Whether the periods asked about are ends of spans ("until 2018")."""
    amounts: tuple[Decimal, ...] = ()
    """Amounts of money that the question itself states."""
    per: str | None = None
    currency: str | None = None
    terms: tuple[Token, ...] = ()
    """The words that neither names, nor measures, nor the question's form explain."""
    yes_no: bool = False
    definition: bool = False
    result_unit: str | None = None
    """The unit in which a result is asked for ("in days")."""
    lost: int = 0
    """Words of its own that it had in another language and that could not be put into English."""
    asked: str = ""
    """The question in the language and the words it was asked in."""
    context: str = ""
    """Words for what the talk is about, which a passage should be about too."""
    documents: DocumentsNamed = NOTHING_NAMED
    """The documents that it names, by organisation, time and kind."""
    statements: tuple[str, ...] = ()
    """The financial statements that it says to look at: "balance_sheet", "cash_flow", "income_statement"."""
    aside: frozenset[int] = frozenset()
    """Numbers of the tokens that no passage need hold: how to answer, and whose document of what time is meant."""
    sought: str = ""
    """The question as it is looked for, without how to answer; empty where that is all of `text`."""

    def is_about(self, document: str, subject: str) -> bool:
        """Whether what stands in a document, under a subject, is of what the question names; true where it names none.

        All sections of a report that it names are.
        """
        if document in self.documents.ids and not any(
            m.subject.document == document and not m.subject.whole for m in self.named.matches
        ):
            return True
        return not self.named.matches or subject in self.named.ids

    @property
    def asked_measures(self) -> tuple[str, ...]:
        """The measures of the kind of value that is asked for."""
        kinds = vocabulary().kinds
        return tuple(m for m in self.measures if self.wanted is None or kinds.get(m) == self.wanted)


SCAFFOLD = (
    "cost amount figure number total sum value spend money much many case project system country programme "
    "program document report text compendium state mention tell name find exactly roughly approximately currently "
    "today now present year month day week annual annually yearly monthly daily per hour minute second time "
    "period average mean go please know want need word concern regard accord relate question answer thing way "
    "good new old actual actually make have be do get give happen come take together alone still already ever "
    "each every share percentage percent proportion part fraction factor date kind spent work exist since ago "
    "until stand behind call term refer whole entire plus higher lower greater smaller more less fewer altogether "
    "goes went going highest lowest largest biggest smallest greatest most least cheapest costliest maximum "
    "minimum top early late gone point someone somebody anyone exact precise stated keep item expensive cheap big "
    "small large high low bigger larger vs versus difference gap compare comparison payback last long reach obtain via"
)
"""Words that ask rather than tell."""
SCAFFOLD_STEMS = frozenset(token.stem for token in tokenize(SCAFFOLD))
NO_CURRENCY = word_set("real won lei leu lev sum")
"""Names of currencies that in a question mean something else."""


TOPIC = lazily(r" \(about: ([^()]*)\)\??$")
"""How a question that a talk has made to stand by itself names the talk's topic; see qa.followup."""


ADDED = lazily(r" \((?!about: )[^()]*(?:\([^()]*\)[^()]*)*\)\??$")
"""What a follow-up left out, in brackets at the end; see qa.followup."""


def understand(text: str, library: Library, language: str | None = None) -> Query:
    """Take a question apart, misspelt words set right; `language` None: the one that its words are in."""
    if topic := TOPIC.search(text):
        return replace(understand(f"{text[: topic.start()]}?", library, language), context=topic.group(1))
    told = language or spoken(text)
    english = in_english(text, told, library) if told != "en" else text
    query = understand_english(english, library, foreign=told != "en")
    return replace(query, language=told, asked=text)


def in_english(text: str, language: str, library: Library) -> str:
    """A question in English words; what a talk has added, and names of subjects that stand in it in full, are that."""
    if added := ADDED.search(text):
        return f"{in_english(text[: added.start()], language, library)}{added.group()}"
    names = sorted((s.name for s in library.subjects if s.name in text), key=len, reverse=True)
    if not names:
        return to_english(text, language, library.is_word)
    pieces = re.split(f"({'|'.join(map(re.escape, names))})", text)
    return " ".join(p if p in names else to_english(p, language, library.is_word) for p in pieces if p.strip())


def understand_english(text: str, library: Library, *, foreign: bool = False) -> Query:
    """Take an English question apart, misspelt words set right; `foreign`: it was put into English by the glossary."""
    query = library.understood.get((text, foreign))
    if query is None:
        query = taken_apart(text, library, foreign=foreign)
        library.understood.put((text, foreign), query)
    return query


def taken_apart(text: str, library: Library, *, foreign: bool) -> Query:
    """As `understand_english`, anew."""
    language = "en"
    statements: tuple[str, ...] = ()
    if not foreign:
        plain = plain_question(text)
        text, statements = phrases_to_english(plain.text), plain.statements
    spelling = library.spelled(text, language, library.shelf.named_in(text).spans)
    text = spelling.text
    documents = library.shelf.named_in(text)
    named = library.named_of(documents, text, language)
    tokens = tuple(tokenize(text, language))
    forms = forms_in(text) if documents.matches else []
    beside = (*forms, *documents.spans, *documents.times)
    words = vocabulary()
    said = without_names(text, named)
    style, operation = style_of(text), Operation.LOOKUP
    measures = tuple(dict.fromkeys(f.name for f in words.measures_in(said, language)))
    beneficiaries = tuple(dict.fromkeys(f.name for f in words.beneficiaries_in(SAYS.sub(" ", said), language)))
    quantities, _ = scan(text, locale_of(text, language))
    dates = [q for q in quantities if q.kind == "date" and said[q.cover_start : q.end].strip()]
    periods = tuple(p for q in dates for p in [period_of(q)] if p)
    query = Query(
        text=text,
        language=language,
        tokens=tokens,
        named=named,
        style=style,
        operation=operation,
        measures=measures,
        beneficiaries=beneficiaries,
        periods=periods,
        until=bool(UNTIL.search(text)),
        amounts=tuple(q.value for q in quantities if q.kind == "money"),
        per=next((unit for unit, pattern in PER.items() if pattern.search(text)), None),
        currency=(found[0] if (found := currency_in(text)) else None),
        yes_no=bool(YES_NO.search(text)),
        definition=bool(DEFINITION.search(text)),
        result_unit=(m.group(1).lower() if (m := RESULT_UNIT.search(text)) else None),
        documents=documents,
        statements=statements,
        aside=frozenset(n for n, t in enumerate(tokens) if any(start <= t.start < end for start, end in beside)),
        sought=without(text, forms) if forms else "",
    )
    query = replace(query, measures=implied_measures(query))
    wanted, nouns = wanted_of(query)
    query = replace(query, wanted=wanted, nouns=nouns)
    query = replace(query, operation=operation_of(query))
    query = replace(query, terms=terms_of(query, quantities))
    if foreign:  # what the glossary does not have is no English word that a figure would have to explain
        known = library.catalogue.term_document_frequencies([t.word for t in query.terms])
        lost = sum(not known.get(t.word) and not library.is_word(t.word) for t in query.terms)
        query = replace(query, terms=tuple(t for t in query.terms if known.get(t.word)), lost=lost)
    named = replace(query.named, corrected=spelling.changes, guesses=spelling.guesses)
    return replace(query, named=named, style=refine_style(query))


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without some stretches of it."""
    kept, at = "", 0
    for start, end in sorted(spans):
        kept, at = kept + text[at:start], max(at, end)
    return " ".join((kept + text[at:]).split())


def without_names(text: str, named: Named) -> str:
    """The text with blanks for the names of subjects that stand in it in full: their words ask for nothing."""
    for match in named.matches:
        text = text.replace(match.subject.name, " " * len(match.subject.name))
    return text


def implied_measures(query: Query) -> tuple[str, ...]:
    """The measures a question names, or means in other words."""
    text = query.text
    if any(vocabulary().kinds.get(m) == "money" for m in query.measures):
        return query.measures
    if RUNNING.search(text):
        return ("operating_cost", *query.measures)
    if SET_UP.search(text) or (EXPENSIVE.search(text) and COMPARE.search(text) and not query.measures):
        return ("investment", *query.measures)
    if GAINS.search(text) and query.beneficiaries:
        return ("savings", *query.measures)
    return query.measures


def currency_in(text: str) -> tuple[str, int, int] | None:
    """The ISO code of the currency that a question wants its answer in ("in US dollars"), and where that stands."""
    for match in IN_WORDS.finditer(text):
        words = match.group(1).split(" ")
        for size in range(len(words), 0, -1):
            phrase = " ".join(words[:size])
            end = match.start(1) + len(phrase)
            if code := numberwords.currency_names()[0].get(phrase.lower()):
                return code, match.start(), end
            if phrase.upper() in numberwords.currency_codes() - numberwords.DOUBTFUL_CODES:
                return phrase.upper(), match.start(), end
        head = words[0].lower()
        if head not in NO_CURRENCY and (code := numberwords.head_currency(head)[0]):
            return code, match.start(), match.start(1) + len(head)
    return None


TIME_STEMS = frozenset(t.stem for t in tokenize("seconds minutes hours days weeks months years"))


def period_of(quantity: Quantity) -> Period | None:
    """The years a date covers."""
    first = int(quantity.value)
    last = int(quantity.value_high) if quantity.value_high is not None else first
    if not 1000 <= first <= 3000:
        return None
    return Period(first, last, quantity.words, quantity.period or str(first))


def style_of(text: str) -> Style:
    """The form of answer by the question's first words, the time that it may begin with aside."""
    if TEXTUAL.search(LEADING_TIME.sub("", text)):
        return Style.TEXT
    counted = COUNT.search(text) and not NOT_COUNT.search(text)
    if DATE.search(text) or counted or MUCH.search(text) or PERCENT.search(text):
        return Style.FIGURE
    return Style.OPEN


def wanted_of(query: Query) -> tuple[str | None, tuple[str, ...]]:
    """The kind of value that is asked for, and what is counted."""
    text, words = query.text, vocabulary()
    nouns: tuple[str, ...] = ()
    counted = COUNT.search(text) and not NOT_COUNT.search(text)
    if (of := HOW_MUCH_OF.search(text)) and not query.measures:
        return None, tuple(t.stem for t in tokenize(of.group(1)))
    if FACTOR.search(text) and "money" in [words.kinds.get(name) for name in query.measures]:
        return "money", ()
    if PAYBACK.search(text):
        return "money", ()
    if counted and (phrase := NOUN_PHRASE.search(text)):
        stems = []
        for token in tokenize(phrase.group(1)):
            if token.word in STOP_NOUN or token.word in FUNCTION_WORDS["en"]:
                break
            stems.append(token.stem)
        nouns = tuple(stems)
    if COSTS_MORE.search(text):
        return "money", ()
    if DURATION.search(text):
        return "duration", nouns or tuple(t.stem for t in query.tokens if t.stem in TIME_STEMS)
    if HOW_MANY_PERCENT.search(text):
        return "percent", ()
    if counted:
        return "count", nouns
    if DATE.search(text) or FROM_TO.search(text):
        return "date", ()
    if PERCENT.search(text):
        return "percent", ()
    if not query.measures and COMPARE.search(text):
        found = [t.stem for m in MORE_NOUN.finditer(text) for t in tokenize(m.group(1))[:1]]
        return None, tuple(found)
    kinds = [words.kinds.get(name) for name in query.measures]
    if MUCH.search(text) or "money" in kinds or (AMOUNT_NOUN.search(text) and query.style is not Style.TEXT):
        return "money", ()
    kind = next((kind for kind in kinds if kind), None)
    if kind is None and query.style is Style.OPEN and (bare := BARE_NOUN.match(text)):
        nouns = tuple(t.stem for t in tokenize(bare.group(1)))
    return kind, nouns


def operation_of(query: Query) -> Operation:
    """What the question wants done with figures, first match first."""
    text = query.text
    rules: tuple[tuple[Operation, bool], ...] = (
        (Operation.MENTIONS, bool(MENTIONS.search(text)) and bool(query.named.matches)),
        (Operation.SUBJECTS, bool(SUBJECTS.search(text)) and not query.measures),
        (Operation.PAYBACK, bool(PAYBACK.search(text))),
        (Operation.FACTOR, bool(FACTOR.search(text))),
        (Operation.POINTS, bool(POINTS.search(text))),
        (Operation.IMPLIED, bool(IMPLIED.search(text)) and bool(query.amounts)),
        (Operation.RATIO, bool(PER_UNIT.search(text)) and not query.yes_no),
        (Operation.BREAKDOWN, bool(BREAKDOWN.search(text)) and not (MOST.search(text) or LEAST.search(text))),
        (Operation.MOST, bool(MOST.search(text)) and bool(WHICH.search(text) or OF_ALL.search(text))),
        (Operation.LEAST, bool(LEAST.search(text)) and bool(WHICH.search(text) or OF_ALL.search(text))),
        (Operation.MOST, bool(AMONG_MORE.search(text)) and len(query.named.matches) != 1),
        (Operation.LEAST, bool(AMONG_LESS.search(text)) and len(query.named.matches) != 1),
        (Operation.RANK, bool(RANK.search(text))),
        (Operation.DIFFERENCE, bool(DIFFERENCE.search(text))),
        (Operation.COMPARE, bool(COMPARE.search(text))),
        (Operation.AVERAGE, bool(AVERAGE.search(text))),
        (
            Operation.SUM,
            bool(SUM.search(text))
            and query.wanted in ("money", "count", None)
            and bool(query.named.matches or query.periods or EVERY.search(text)),
        ),
        (Operation.RANK, bool(ALL_OF.search(text))),
        (Operation.WHICH, bool(WHICH.search(text)) and bool(query.measures)),
        (Operation.GROWTH, bool(GROWTH_RATE.search(text))),
        (Operation.MOST, bool(MOST.search(text)) and query.wanted == "money"),
        (Operation.LEAST, bool(LEAST.search(text)) and query.wanted == "money"),
    )
    return next((operation for operation, holds in rules if holds), Operation.LOOKUP)


def terms_of(query: Query, quantities: list[Quantity]) -> tuple[Token, ...]:
    """The tokens that nothing explains yet."""
    words = vocabulary()
    drop = FUNCTION_WORDS["en"]
    spans = [(q.cover_start, q.end) for q in quantities]
    if currency := currency_in(query.text):
        spans.append(currency[1:])
    for implied in (RUNNING.search(query.text), SET_UP.search(query.text)):
        spans += [implied.span(group) for group in (1, 2) if implied.group(group)] if implied else []
    whom = words.beneficiaries_in(query.text) if "savings" in query.measures else []
    explained = {at for found in (*words.measures_in(query.text), *whom) for at in range(found.first, found.last + 1)}
    flat = flat_positions(query.text)
    kept = []
    for number, token in enumerate(query.tokens):
        if token.word in drop or token.stem in SCAFFOLD_STEMS or number in query.named.covered | query.aside:
            continue
        if any(start <= token.start < end for start, end in spans):
            continue
        if any(start <= token.start < end for at, (start, end) in enumerate(flat) if at in explained):
            continue
        kept.append(token)
    return tuple(kept)


def flat_positions(text: str) -> list[tuple[int, int]]:
    """Where the vocabulary's tokens of a text stand; folding may change lengths, so they are found anew."""
    return [match.span() for match in WORD.finditer(text)]


def refine_style(query: Query) -> Style:
    """The form of answer, now that the measures and the operation are known."""
    text = query.text
    calculating = query.operation not in (Operation.LOOKUP, Operation.BREAKDOWN, Operation.WHICH)
    if query.operation is Operation.BREAKDOWN:
        return Style.LIST
    if query.yes_no and query.per and query.measures:
        return Style.FIGURE
    if PERCENT.search(text) and query.wanted == "percent" and query.style is Style.FIGURE:
        return Style.FIGURE
    if WHAT_OF.search(text) and not MUCH.search(text) and not FROM_TO.search(text):
        return Style.TEXT
    if calculating and (query.measures or query.wanted):
        return Style.FIGURE
    if query.style is Style.TEXT:
        owned = POSSESSED.match(text) and query.wanted == "money" and query.measures
        asks_money = (MUCH.search(text) or owned) and not CONSISTS.search(text) and not YES_NO.search(text)
        return Style.FIGURE if asks_money else Style.LIST if LISTING.search(text) and not query.measures else Style.TEXT
    if CONSISTS.search(text) and query.style is not Style.FIGURE:
        return Style.TEXT
    if CONSISTS.search(text) and WHAT_OR_WHERE.match(text) and not COUNT.search(text):
        return Style.TEXT
    if query.style is Style.FIGURE:
        return Style.FIGURE
    if LISTING.search(text) and not query.measures:
        return Style.LIST
    if query.wanted in ("money", "percent", "duration") or any(m for m in query.measures):
        return Style.FIGURE
    return Style.TEXT if WHAT.match(text) else Style.OPEN
