"""Which documents a question names, by the organisation, the time and the kind that it speaks of.

1. Documents that share a name are of one organisation (or programme, or country): a name counts without its legal
   suffix, glued or not, with "&" or "and"; so do a symbol, initials ("JnJ", "J&J", "AmEx"), and the first words of a
   name that no other organisation has. The longest name that stands in a question is the one that is meant.
2. A first word that many names begin with ("American"), or that goes on as another name, is no name by itself.
3. Of the organisation's documents those are meant that report on the time asked about. A day is that of an event, or
   one on which a period ended; a quarter has its own report, else its year's; a year has its annual report and the
   release of its last quarter; of several years, the last one's report shows all of them.
4. A year is what a document's own name or words call it; else the one in which it ended. Of two documents of one kind
   the one that is surer of the year stays.
5. Where no document of a year is there, a later annual report covers it if it still shows that year; else it is said
   that the year is missing. That is only said of organisations all of whose documents are reports of a period.
6. What is expected of a year was said in the release or report on the year before.
7. Where a question names no time, the latest annual report comes first.
8. Where it names no organisation but a fiscal year or quarter, the documents of that time come first, not alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from rapidfuzz.distance import OSA

from factdesk.corpus.kinds import DAY, QUARTER, YEAR, glued, kinds_asked, kinds_hinted, rank_of, span_of
from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import Document, Source
from factdesk.corpus.territories import mentions
from factdesk.corpus.times import DATE, QUARTER_NAMED, days_in, full_year, quarters_named
from factdesk.corpus.words import FUNCTION_WORDS, fold, strip_possessive, word_set
from factdesk.qa.patterns import EXPECTED, FISCAL_YEAR, LOOSE_YEAR, PLAIN_YEAR

LEGAL = word_set(
    "inc incorporated corp corporation company co plc nv sa spa ag se ltd limited llc lp llp holdings holding group "
    "trust bancorp gmbh ltda ab asa oyj the companies"
)
"""Words of a name that one leaves out when speaking of it, where they stand at its end."""
LEADING = word_set(
    "american national general united first best international global federal new standard southern northern western "
    "eastern central great old royal public bank trust energy health city state north south east west us usa foot "
    "air auto advanced applied digital electronic home house jack royal sun super universal world big blue green red "
    "black white golden gold silver capital credit financial insurance life mutual union pacific atlantic european "
    "estate annual report economic country regional department ministry institute office agency"
)
"""Words that many names begin with: alone they name nobody."""
SYMBOL_LENGTH = 3
"""A name of so few letters, all capitals, is a symbol: it is only meant where it is written as one."""
SHORTEST_GLUED = 5
"""Letters from which a name of several words is recognised without its capitals."""
MOST_JOINED = 8
TYPO_LENGTH = 6
"""Letters from which a name is recognised though one of them is wrong ..."""
LONG_TYPO = 9
"""... or two of them."""
SURE_OF = {Source.NAME: 1.0, Source.TEXT: 0.9, Source.END: 0.8}
"""How surely a document is of a time by what tells it."""
NEAR_DAYS = 5
"""Days within which an event is reported."""
QUARTER_DAYS, YEAR_DAYS = 98, 372
ON_THE_DAY, SOON_AFTER, IN_QUARTER, IN_YEAR, SAME_YEAR = 1.0, 0.8, 0.6, 0.5, 0.4
"""How surely a document is about a day: its own, one just before, one in its quarter, in its year, of that year."""
QUARTER_OF_YEAR, LAST_QUARTER, QUARTER_AFTER = 0.5, 0.85, 0.3
"""How surely an annual report is about one of its quarters, the release on a year about its last one, and the report
on a quarter about the same quarter of the year before."""
PART_OF_YEAR, EVENT_OF_YEAR = 0.45, 0.35
"""How surely the report on a quarter, and that on an event, are about the year."""
SHOWN_AFTER = (0.7, 0.6)
"""How surely the annual reports of the next two years are about a year: they show it beside their own."""
SAID_BEFORE = 1.0
"""The release on a year about what is expected of the next one."""
TOLERANCE = 0.3
"""Documents less sure than the best by this are left out."""
LATEST, LATER, EARLIER = 1.0, 0.8, 0.6
"""Without a time: the latest annual report, what came after it, and what came before."""
OTHER_EDITION = 0.5
"""A document that is no report of a period, where another time is asked about than it has."""
FAR_APART = 3
"""Years from which on one annual report does not show the first and the last of them."""
FIRST_OF_SPAN = 0.75
KIND_STEP = 0.2
"""What a document of a kind that is looked at later is behind one as sure of the time."""
UNNAMED = 0.5
"""What a document counts that only the time asked about leads to."""
WORD = lazily(r"[^\W_]+(?:['’]s\b)?")
JOINT = lazily(r"[\s.]*(?:[&'’-]|and\b|y\b|e\b)?[\s.]*", re.I)
TAIL = lazily(r"(?:['’]s)?,?\s+(?:Inc|Incorporated|Corp|Corporation|Company|Co|plc|N\.?V|S\.?A|Ltd|LLC)\b\.?", re.I)
CAMEL = lazily(r"[A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class DocumentMatch:
    """A document that a question names, how surely (up to 1), and by what."""

    document: str
    score: float
    by: str


@dataclass(frozen=True, slots=True)
class DocumentsNamed:
    """The documents that a question names, surest first."""

    matches: tuple[DocumentMatch, ...] = ()
    organisations: tuple[str, ...] = ()
    """Whose documents they are, as the documents write it."""
    about: str = ""
    """What was understood, in words: "Acme Works, FY2018"."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where the names of the organisations stand in the question."""
    times: tuple[tuple[int, int], ...] = ()
    """Where the time stands."""
    sure: bool = False
    """Whether the question names whose documents they are: then no other document answers."""
    uncovered: str = ""
    """The time asked about that none of the organisation's documents covers; then there are no matches."""
    covered: tuple[str, ...] = ()
    """The times that they do cover."""

    @property
    def ids(self) -> list[str]:
        """The documents' ids, surest first."""
        return [match.document for match in self.matches]


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that a question asks about: "2018", "2018Q4" or an ISO date."""

    label: str
    start: int
    end: int
    fiscal: bool = True
    """Whether it is said to be the time of a report, rather than a bare year."""
    loose: bool = False
    """Whether it may be something else: the year since when, or in which something falls due."""

    @property
    def span(self) -> str:
        """Whether it is a day, a quarter or a year."""
        return DAY if "-" in self.label else QUARTER if "Q" in self.label else YEAR

    @property
    def year(self) -> int:
        """Its year."""
        return int(self.label[:4])

    @property
    def words(self) -> str:
        """As we write it: "FY2018", "Q4 FY2018", "2018-05-26"."""
        return self.label if self.span == DAY else in_words(self.label)


@dataclass(slots=True)
class Organisation:
    """Whom documents are by or about: its names, and the documents."""

    names: list[str]
    documents: list[Document]

    @property
    def name(self) -> str:
        """Its name as one says it: the first with a legal suffix, else of several words, without the suffix."""
        said = [(name, spoken_words(name)) for name in self.names]
        best = min(said, key=lambda item: (len(item[0].split()) == len(item[1]), len(item[1]) == 1))[1]
        return " ".join(w.capitalize() if w.isupper() and len(w) > SYMBOL_LENGTH else w for w in best)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A name in a question: where it stands, and whose it is."""

    start: int
    end: int
    organisation: int


@dataclass(slots=True)
class Keys:
    """What organisations are called, as keys to their numbers."""

    full: dict[str, set[int]] = field(default_factory=dict)
    symbols: dict[str, set[int]] = field(default_factory=dict)
    initials: dict[str, set[int]] = field(default_factory=dict)
    prefixes: dict[str, set[int]] = field(default_factory=dict)
    words: dict[int, list[list[str]]] = field(default_factory=dict)
    """Of each organisation the words of its names."""


NOTHING_NAMED = DocumentsNamed()
NAMED = 500
"""Questions whose documents are kept."""


class Shelf:
    """The documents of a library that report on some time, ready to be named; others are found by their subjects."""

    def __init__(self, documents: Iterable[Document], is_word: Callable[[str], bool] = lambda _: False) -> None:
        self.is_word = is_word
        self.documents = {d.id: d for d in documents if d.periods or (d.names and span_of(d.kind))}
        self.organisations = organisations_of([d for d in self.documents.values() if d.names])
        self.keys = keys_of(self.organisations)
        self.named_in = lru_cache(NAMED)(self._named_in)

    def __bool__(self) -> bool:
        return bool(self.documents)

    @property
    def has_reports(self) -> bool:
        """Whether organisations have reports of periods here."""
        return any(self.is_report(d.id) for o in self.organisations for d in o.documents)

    def is_report(self, document: str) -> bool:
        """Whether a document reports on a period."""
        found = self.documents.get(document)
        return found is not None and bool(span_of(found.kind))

    def of(self, document: str) -> Organisation | None:
        """Whose a document is; None if nothing tells."""
        return next((o for o in self.organisations if any(d.id == document for d in o.documents)), None)

    def _named_in(self, question: str) -> DocumentsNamed:
        """The documents that a question names."""
        if not self.documents:
            return NOTHING_NAMED
        mentioned = self.mentioned(question)
        asked = times_asked(question)
        numbers = list(dict.fromkeys(m.organisation for m in mentioned))
        spans = tuple((m.start, m.end) for m in mentioned)
        if not numbers:
            return self.of_time(question, asked)
        owners = [self.organisations[number] for number in numbers]
        matches: list[DocumentMatch] = []
        missing: list[str] = []
        for number, owner in zip(numbers, owners, strict=True):
            found = choose(owner.documents, asked, question)
            for other in () if found else self.alike(number):
                found = found or choose(other.documents, asked, question)
            matches += found
            if not found:
                missing.append(owner.name)
        names = tuple(owner.name for owner in owners)
        wanted = principal(asked)
        about = ", ".join((*names, *dict.fromkeys(a.words for a in wanted)))
        times = tuple((a.start, a.end) for a in asked)
        if not matches:
            labels = sorted({label for owner in owners for label in labels_of(owner.documents)})
            return DocumentsNamed(
                organisations=names, about=about, spans=spans, times=times, sure=True,
                uncovered=", ".join(dict.fromkeys(a.words for a in wanted)), covered=tuple(map(in_words, labels)),
            )  # fmt: skip
        order = sorted(matches, key=lambda m: -m.score)
        return DocumentsNamed(tuple(order), names, about, spans, times, sure=True)

    def of_time(self, question: str, asked: Sequence[Asked]) -> DocumentsNamed:
        """The documents of the time that a question names which names nobody."""
        fiscal = [a for a in asked if a.fiscal and a.span != DAY]
        reports = [d for d in self.documents.values() if span_of(d.kind)]
        times = tuple((a.start, a.end) for a in fiscal)
        owners = {number for number, o in enumerate(self.organisations) for d in o.documents if span_of(d.kind)}
        if len(owners) == 1 and len(reports) == len(self.documents) and fiscal:
            only = self.organisations[next(iter(owners))]
            if found := choose(only.documents, asked, question):
                about = ", ".join((only.name, *dict.fromkeys(a.words for a in principal(asked))))
                return DocumentsNamed(tuple(found), (only.name,), about, (), times, sure=False)
        if not fiscal:
            return NOTHING_NAMED
        wanted = principal(fiscal)
        scored = [(max(fit(d, a) for a in wanted), d) for d in reports]
        best = max((s for s, _ in scored), default=0.0)
        kept = [DocumentMatch(d.id, UNNAMED * s, "time") for s, d in scored if s >= max(best, SURE_OF[Source.END])]
        about = ", ".join(dict.fromkeys(a.words for a in wanted))
        return DocumentsNamed(tuple(kept), (), about, (), times) if kept else NOTHING_NAMED

    # Names

    def alike(self, number: int) -> list[Organisation]:
        """The organisations whose names begin with a whole name of one: it may have been called so before."""
        own = {key for key, owners in self.keys.full.items() if number in owners and key not in LEADING}
        others = {owner for key in own for owner in self.keys.prefixes.get(key, ())} - {number}
        return [self.organisations[other] for other in sorted(others)]

    def mentioned(self, question: str) -> list[Mentioned]:
        """The names of organisations in a question, in order."""
        words = list(WORD.finditer(question))
        found: list[Mentioned] = []
        at = 0
        while at < len(words):
            size, number = self.name_at(question, words, at)
            if size:
                end = words[at + size - 1].end()
                tail = TAIL.match(question, end)
                found.append(Mentioned(words[at].start(), tail.end() if tail else end, number))
            at += max(size, 1)
        return found

    def name_at(self, question: str, words: list[re.Match[str]], at: int) -> tuple[int, int]:
        """How many words of a name begin at a word, and whose it is; (0, -1) if none does."""
        size = 1
        while at + size < len(words) and size < MOST_JOINED:
            between = question[words[at + size - 1].end() : words[at + size].start()]
            if not JOINT.fullmatch(between) or "'s" in words[at + size - 1].group().replace("’", "'"):
                break
            size += 1
        for length in range(size, 0, -1):
            part = words[at : at + length]
            written = question[part[0].start() : part[-1].end()]
            key = key_of(strip_possessive(written.replace("’", "'")))
            for names, accepts in (
                (self.keys.full, self.accepts_full), (self.keys.symbols, self.accepts_symbol),
                (self.keys.initials, self.accepts_initials), (self.keys.prefixes, self.accepts_prefix),
            ):  # fmt: skip
                owners = names.get(key, set())
                if len(owners) == 1 and accepts(question, words, at, length):
                    return length, next(iter(owners))
        return self.blend_or_slip(question, words, at)

    def accepts_full(self, question: str, words: list[re.Match[str]], at: int, length: int) -> bool:
        """Whether words that are a whole name are meant as one: ordinary words need a capital, or to own something."""
        written = words[at].group()
        if length > 1 and sum(len(w.group()) for w in words[at : at + length]) >= SHORTEST_GLUED:
            return True
        if written[0].isdigit() and any(c.isalpha() for c in written):
            return True
        if written[:1].isupper():
            return at > 0 or not self.is_word(plain(written)) or owns(question, words[at]) or len(words) <= 2
        return not self.is_word(plain(written)) or (question.islower() and is_owner(question, words, at))

    def accepts_symbol(self, question: str, words: list[re.Match[str]], at: int, length: int) -> bool:
        """Whether words that are a symbol are written as one."""
        written = strip_possessive(question[words[at].start() : words[at + length - 1].end()].replace("’", "'"))
        if sum(c.isupper() for c in written) >= 2 or (
            any(map(str.isdigit, written)) and any(map(str.isalpha, written))
        ):
            return not question.isupper() or not self.is_word(fold(written))
        return len(written) >= SYMBOL_LENGTH and fold(written) not in FUNCTION_WORDS["en"] and not self.is_word(
            fold(written)
        ) and is_owner(question, words, at)  # fmt: skip

    def accepts_initials(self, question: str, words: list[re.Match[str]], at: int, length: int) -> bool:
        """Whether words that are initials are written as such: all capitals, or "JnJ"."""
        written = strip_possessive(question[words[at].start() : words[at + length - 1].end()].replace("’", "'"))
        letters = [c for c in written if c.isalpha()]
        if "&" in written:
            return all(c.isupper() for c in letters)
        if length > 1:
            return False
        joined = len(letters) == 3 and letters[1] == "n"
        if joined and letters[0].isupper() and letters[2].isupper():
            return True
        if question.islower():
            return len(letters) >= SYMBOL_LENGTH and not self.is_word(fold(written)) and is_owner(question, words, at)
        return len(letters) >= SYMBOL_LENGTH and written.isupper() and not question.isupper()

    def accepts_prefix(self, question: str, words: list[re.Match[str]], at: int, length: int) -> bool:
        """Whether the first words of a name stand for it: not ordinary ones, and not as part of another name."""
        if length == 1:
            written = words[at].group()
            word = plain(written)
            if not written[0].isupper() and (self.is_word(word) or not is_owner(question, words, at)):
                return False
            if word in LEADING or word in FUNCTION_WORDS["en"] or mentions(written) or len(word) < SYMBOL_LENGTH:
                return False
            if at == 0 and self.is_word(word) and not owns(question, words[at]):
                return False
        last = words[at + length - 1]
        if at + length < len(words) and "'s" not in last.group().replace("’", "'"):
            following = words[at + length]
            beside = question[last.end() : following.start()] in (" ", "-", " & ")
            if beside and is_capitalised(following.group()):
                return False
        if at < 2 or question[words[at - 1].end() : words[at].start()] != " ":
            return True
        return not is_capitalised(words[at - 1].group())

    def blend_or_slip(self, question: str, words: list[re.Match[str]], at: int) -> tuple[int, int]:
        """A word made of the beginnings of a name's words ("AmEx"), or nearly a name."""
        written = words[at].group()
        word = plain(written)
        pieces = [p.lower() for p in CAMEL.findall(written)]
        if len(pieces) > 1 and "".join(pieces) == word:
            for number, names in self.keys.words.items():
                if any(begin(pieces, name) for name in names):
                    return 1, number
        if len(word) >= TYPO_LENGTH and written[0].isupper() and not self.is_word(word):
            most = 2 if len(word) >= LONG_TYPO else 1
            near = {
                owner
                for names in (self.keys.full, self.keys.prefixes)
                for key, owners in names.items()
                if key[:1] == word[:1] and abs(len(key) - len(word)) <= most and len(key) >= TYPO_LENGTH
                and OSA.distance(key, word, score_cutoff=most) <= most
                for owner in owners
            }  # fmt: skip
            if len(near) == 1:
                return 1, next(iter(near))
        return 0, -1


TIME_WORD = lazily(r"(?:FY|Q)\d+|FY|\d+Q\d+", re.I)


def plain(written: str) -> str:
    """A word folded, without possessive."""
    return strip_possessive(fold(written.replace("’", "'")))


def owns(question: str, word: re.Match[str]) -> bool:
    """Whether a word owns something: "Block's", "Boss' "."""
    return word.group().replace("’", "'").endswith("'s") or question[word.end() : word.end() + 1] in ("'", "’")


def is_owner(question: str, words: list[re.Match[str]], at: int) -> bool:
    """Whether a word stands where one names whom one asks about."""
    before = fold(words[at - 1].group()) if at else ""
    return owns(question, words[at]) or before in OWNER_AFTER


OWNER_AFTER = word_set(
    "for of at by did does is was has had are were do with from in about how much and vs versus than"
)


def is_capitalised(written: str) -> bool:
    """Whether a word is written as part of a name."""
    return (
        written[:1].isupper()
        and not TIME_WORD.fullmatch(written)
        and plain(written) not in FUNCTION_WORDS["en"]
        and not (len(written) > 1 and written.isupper())
    )


def begin(pieces: list[str], name: list[str]) -> bool:
    """Whether pieces of a word begin the words of a name, one each, from the first on."""
    return len(pieces) <= len(name) and all(word.startswith(p) for p, word in zip(pieces, name, strict=False))


def spoken_words(name: str) -> list[str]:
    """The words of a name as one says it: without legal suffixes, "&" as it is."""
    words = re.findall(r"[^\s,()]+", name)
    while len(words) > 1 and glued(words[-1]) in LEGAL | {""}:
        words.pop()
    while len(words) > 1 and words[0].casefold() == "the":
        words.pop(0)
    return words


def key_of(name: str) -> str:
    """A name as a key: letters and digits, without "and"."""
    return glued(" ".join(w for w in re.split(r"[\s&]+", name) if fold(w) != "and"))


def is_symbol(name: str) -> bool:
    """Whether a name is written as a symbol."""
    return len(name) <= SYMBOL_LENGTH and name.isupper()


def organisations_of(documents: Sequence[Document]) -> list[Organisation]:
    """The documents in groups that share a name."""
    groups: list[tuple[set[str], Organisation]] = []
    for document in documents:
        keys = {key_of(" ".join(spoken_words(name))) for name in document.names}
        same = [group for group in groups if group[0] & keys]
        merged = Organisation([], [])
        for group in same:
            keys |= group[0]
            merged.names += group[1].names
            merged.documents += group[1].documents
        merged.names = list(dict.fromkeys((*merged.names, *document.names)))
        merged.documents.append(document)
        groups = [group for group in groups if not any(group is other for other in same)] + [(keys, merged)]
    return [organisation for _, organisation in groups]


def keys_of(organisations: Sequence[Organisation]) -> Keys:
    """What each organisation is called."""
    keys = Keys()
    for number, organisation in enumerate(organisations):
        for name in organisation.names:
            words = spoken_words(name)
            parts = [p for w in words for p in re.findall(r"[^\W_]+", fold(w)) if p not in ("and", "of", "the")]
            keys.words.setdefault(number, []).append(parts)
            (keys.symbols if is_symbol(name) else keys.full).setdefault(key_of(" ".join(words)), set()).add(number)
            keys.full.setdefault(key_of(name), set()).add(number) if len(words) > 1 else None
            letters = [p[0] for p in parts]
            if len(parts) > 1:
                keys.initials.setdefault("".join(letters), set()).add(number)
            if len(parts) == 2:
                keys.initials.setdefault(f"{letters[0]}n{letters[1]}", set()).add(number)
            for size in range(1, len(words)):
                keys.prefixes.setdefault(key_of(" ".join(words[:size])), set()).add(number)
    return keys


# Times


def times_asked(question: str) -> list[Asked]:
    """The times that a question names, in order; what is part of a day or a quarter is no year of its own."""
    found: list[Asked] = []
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= first or start >= last for first, last in taken)

    for match in DATE.finditer(question):
        for _, day in days_in(match.group()):
            found.append(Asked(day.isoformat(), *match.span()))
            taken.append(match.span())
    for match in QUARTER_NAMED.finditer(question):
        for _, label in quarters_named(match.group()):
            if free(*match.span()):
                found.append(Asked(label, *match.span()))
                taken.append(match.span())
    for match in FISCAL_YEAR.finditer(question):
        if free(*match.span()):
            digits = next(group for group in match.groups() if group)
            found.append(Asked(str(full_year(digits)), *match.span()))
            taken.append(match.span())
    for match in PLAIN_YEAR.finditer(question):
        if free(*match.span()):
            loose = LOOSE_YEAR.search(question[: match.start()]) is not None
            found.append(Asked(match.group(), *match.span(), fiscal=False, loose=loose))
    return sorted(found, key=lambda a: a.start)


@lru_cache(maxsize=256)
def times_meant(question: str) -> tuple[Asked, ...]:
    """The times that a question is about; kept, as it is asked of every figure that may answer."""
    return tuple(principal(times_asked(question)))


def principal(asked: Sequence[Asked]) -> list[Asked]:
    """The times that tell which document is meant: the most exact, of those the latest, and the first of a long span.

    A quarter is more exact than its year; where fiscal years are named, bare ones tell of something else.
    """
    firm = [a for a in asked if not a.loose]
    pool = [a for a in firm if a.fiscal] or firm
    for span in (QUARTER, DAY, YEAR):
        of_span = sorted((a for a in pool if a.span == span), key=lambda a: a.label)
        if of_span:
            last, first = of_span[-1], of_span[0]
            later = [a for a in pool if a.span == YEAR and a.year > last.year]
            if span == DAY and later:
                continue
            return [last, first] if last.year - first.year >= FAR_APART else [last]
    return []


def fit(document: Document, asked: Asked) -> float:
    """How surely a document is about a time, 0 to 1."""
    if asked.span == DAY:
        return fit_day(document, date.fromisoformat(asked.label))
    of_kind = span_of(document.kind)
    best = 0.0
    for period in document.periods:
        sure = SURE_OF[period.source]
        year = int(period.label[:4])
        quarterly, daily = "Q" in period.label, "-" in period.label
        if period.label == asked.label:
            best = max(best, sure)
        elif asked.span == QUARTER and not quarterly and not daily:
            if year == asked.year:
                last = asked.label.endswith("Q4") and document.kind != "annual_report"
                best = max(best, sure * (LAST_QUARTER if last else QUARTER_OF_YEAR))
        elif asked.span == QUARTER and quarterly:
            if year == asked.year + 1 and period.label[4:] == asked.label[4:]:
                best = max(best, sure * QUARTER_AFTER)
        elif asked.span == YEAR and quarterly:
            if year == asked.year:
                best = max(best, sure * PART_OF_YEAR)
        elif asked.span == YEAR and daily:
            if year == asked.year:
                best = max(best, EVENT_OF_YEAR)
        elif asked.span == YEAR and of_kind == YEAR and 0 < year - asked.year <= len(SHOWN_AFTER):
            best = max(best, sure * SHOWN_AFTER[year - asked.year - 1])
    return best


def fit_day(document: Document, day: date) -> float:
    """How surely a document is about a day."""
    best = 0.0
    for period in document.periods:
        if period.ended:
            end = date.fromisoformat(period.ended)
            if end == day:
                best = max(best, ON_THE_DAY)
            elif "-" in period.label:
                best = max(best, SOON_AFTER if timedelta() < end - day <= timedelta(NEAR_DAYS) else 0.0)
            elif "Q" in period.label and day <= end < day + timedelta(QUARTER_DAYS):
                best = max(best, IN_QUARTER)
            elif day <= end < day + timedelta(YEAR_DAYS):
                best = max(best, IN_YEAR)
        if int(period.label[:4]) == day.year:
            best = max(best, SAME_YEAR if "-" not in period.label else EVENT_OF_YEAR)
    return best


def choose(documents: Sequence[Document], asked: Sequence[Asked], question: str) -> list[DocumentMatch]:
    """The documents of an organisation that a question is about, surest first; none if its time is not covered."""
    wanted = principal(asked)
    kinds = kinds_asked(question)
    pool = [d for d in documents if d.kind in kinds] or list(documents)
    if not wanted:
        return without_time(pool)
    for candidates in (pool, list(documents)):
        found = best_of(candidates, wanted, question)
        if found:
            return found
    if any(not span_of(d.kind) for d in documents):
        return [DocumentMatch(d.id, OTHER_EDITION, "name") for d in documents]
    firm = [a for a in wanted if a.fiscal or IN_YEAR_ASKED.search(question[: a.start])]
    return [] if firm and all(a.span != DAY for a in firm) else without_time(pool)


IN_YEAR_ASKED = lazily(r"\b(?:in|for|during|of|year|fiscal|ended|to|and|through|-|–)\W*$", re.I)


def best_of(documents: Sequence[Document], wanted: Sequence[Asked], question: str) -> list[DocumentMatch]:
    """The documents that fit the times asked about best, of one kind the surest."""
    scores: dict[str, float] = {}
    for number, asked in enumerate(wanted):
        fits = {d.id: fit(d, asked) for d in documents}
        if asked.span == YEAR and EXPECTED.search(question):
            before = Asked(str(asked.year - 1), asked.start, asked.end)
            said = {d.id: fit(d, before) for d in documents if span_of(d.kind) in (YEAR, QUARTER)}
            sure = {i for i, s in said.items() if s >= SURE_OF[Source.END]}
            own = max(fits.values(), default=0.0)
            if sure and own < SURE_OF[Source.END]:
                releases = {d.id for d in documents if d.id in sure and span_of(d.kind) == QUARTER}
                fits = {i: SAID_BEFORE if i in releases else SHOWN_AFTER[0] for i in sure} | {
                    i: s for i, s in fits.items() if i not in sure
                }
        best = max(fits.values(), default=0.0)
        if best <= 0:
            if number == 0:
                return []
            continue
        kept = {i: s for i, s in fits.items() if s > 0 and s >= best - TOLERANCE}
        surest: dict[str, float] = {}
        for d in documents:
            if d.id in kept:
                surest[d.kind] = max(surest.get(d.kind, 0.0), kept[d.id])
        for d in documents:
            if d.id in kept and (kept[d.id] >= surest[d.kind] or not span_of(d.kind)):
                scores[d.id] = max(scores.get(d.id, 0.0), kept[d.id] * (FIRST_OF_SPAN if number else 1.0))
    hinted = kinds_hinted(question)
    kinds = {d.id: -1 if d.kind in hinted else rank_of(d.kind) for d in documents}
    least = SURE_OF[Source.END]
    level = {i: 1.0 if least <= score <= 1 else score for i, score in scores.items()}
    order = sorted(scores, key=lambda i: (-level[i], kinds[i], i))
    first = kinds[order[0]] if order else 0
    return [DocumentMatch(i, round(level[i] - KIND_STEP * (kinds[i] != first), 3), "time") for i in order]


def without_time(documents: Sequence[Document]) -> list[DocumentMatch]:
    """An organisation's documents where no time is asked about: the latest annual report first."""
    annual = [d for d in documents if span_of(d.kind) == YEAR]
    latest = max(annual, key=end_of, default=None)
    scored = []
    for document in documents:
        if latest is None or document is latest or not span_of(document.kind):
            score = LATEST
        else:
            score = LATER if end_of(document) > end_of(latest) else EARLIER
        scored.append((score, document))
    scored.sort(key=lambda item: (-item[0], [-ord(c) for c in end_of(item[1])], item[1].id))
    return [DocumentMatch(d.id, score, "name") for score, d in scored]


def end_of(document: Document) -> str:
    """The last day of what a document reports on, as near as its facts tell, as an ISO date."""
    ends = [p.ended or day_of_label(p.label) for p in document.periods]
    return max(ends, default="")


def day_of_label(label: str) -> str:
    """A day of a time that only has a name: its last, taking years and quarters as those of the calendar."""
    if "Q" in label:
        return f"{label[:4]}-{int(label[5]) * 3:02}-28"
    return label if "-" in label else f"{label}-12-31"


def labels_of(documents: Sequence[Document]) -> list[str]:
    """The years and quarters that documents report on, as their own names or words call them."""
    return [p.label for d in documents for p in d.periods[:1]]


def in_words(label: str) -> str:
    """A year or a quarter as we write it."""
    return label if "-" in label else f"FY{label[:4]}" if "Q" not in label else f"{label[4:]} FY{label[:4]}"
