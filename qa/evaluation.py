"""Scores answers to a set of questions whose right answers are known. The format is told in docs/evaluation.md.

1. A file is read whole before the first question is asked: a line that says nothing clear would be a wrong score.
2. What makes an answer right depends on the type of its question; each rule is one function here, named so.
3. Texts are compared without markup, letter case and footnote marks, and a number only as a whole: 12 is not in 120.
4. A citation is where it says it is: its span is held against the span of the evidence, not its words.
5. What is right is judged by the object that programs get, so that nothing is right that they cannot see.
"""

from __future__ import annotations

import json
import math
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeGuard

from factdesk.corpus.errors import FactdeskError, UsageError
from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import DocumentRef
from factdesk.corpus.words import fold, stems
from factdesk.qa.desk import Desk
from factdesk.qa.format import PERIODS_A_YEAR, answer_to_json, clean, csv_cell, cut, plain, table, to_csv

Json = dict[str, Any]

COUNTED = 800
"""Characters of a quote that count: citing a whole chapter proves nothing."""
CITED = 3
"""Citations among which the evidence must be."""
CITED_ACROSS = 5
"""The same where a question is about several documents."""
CITED_IN_LIST = 4
"""The same where a list is asked for."""
ENOUGH_OF_LIST = 0.8
EQUAL = 1e-6
"""Relative: values are read from text and calculated in decimals, so they are equal or they are others."""
CASES = "cases.json"
"""The file beside a set of questions that says what its cases are called in the documents."""


# Questions with what is expected


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of a document that say the answer; `line` counts from 1, None: wherever they stand."""

    document: str
    quote: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A line of the file. `rule` is the type that says what is right: that of a follow-up is its base type."""

    id: str
    type: str
    rule: str
    question: str
    history: tuple[str, ...] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    ambiguous: bool = False

    @property
    def negative(self) -> bool:
        """Whether to say "no" is as right as to abstain."""
        return bool(self.expect.get("abstain_or_negative"))

    @property
    def answerable(self) -> bool:
        """Whether the documents hold the answer."""
        return self.rule != "unanswerable" and not self.negative


def questions_of(lines: Iterable[bytes]) -> list[Question]:
    """The questions of a JSON Lines file. Raises UsageError, naming the line, if one is not as the format has it."""
    found: list[Question] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(question_of(json.loads(line.decode("utf-8-sig")), f"line-{number}"))
            except UsageError as error:
                raise UsageError(f"line {number}: {error}", hint=error.hint or _FORM) from error
            except (ValueError, RecursionError) as error:
                raise UsageError(f"line {number}: not JSON in UTF-8", hint=_FORM) from error
    if not found:
        raise UsageError("there is no question in the file", hint=_FORM)
    if len({question.id for question in found}) < len(found):
        raise UsageError("two questions have the same id", hint="give each an id of its own")
    return found


_FORM = 'a line is {"id": ..., "type": "...", "question": "...", "expect": {...}}; see docs/evaluation.md'


def question_of(given: object, default_id: str = "") -> Question:
    """A question of its JSON object. Raises UsageError if it is none."""
    if not isinstance(given, dict) or not isinstance(given.get("question"), str):
        raise UsageError("no question")
    expect, history, evidence = given.get("expect") or {}, given.get("history") or [], given.get("evidence") or []
    if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
        raise UsageError("the history is no list of strings")
    if not isinstance(expect, dict):
        raise UsageError("expect is no object")
    if not isinstance(evidence, list):
        raise UsageError("the evidence is no list")
    kind = given.get("type")
    rule = expect.get("base_type") or kind
    if not isinstance(kind, str) or rule not in TYPES:
        raise UsageError(f"{clean(str(rule))} is no type of question", hint=f"types: {', '.join(TYPES)}")
    _examine(rule, expect)
    return Question(
        id=str(given.get("id", default_id)),
        type=kind,
        rule=str(rule),
        question=clean(given["question"]),
        history=tuple(clean(turn) for turn in history),
        expect=expect,
        evidence=tuple(map(_evidence_of, evidence)),
        ambiguous="ambiguous" in str(given.get("note") or ""),
    )


def _evidence_of(given: object) -> Evidence:
    if not isinstance(given, dict) or not all(isinstance(given.get(name), str) for name in ("doc", "quote")):
        raise UsageError("evidence without doc and quote")
    line = given.get("line")
    if line is not None and not isinstance(line, int):
        raise UsageError("a line of the evidence is no number")
    return Evidence(given["doc"], given["quote"], line)


def _examine(rule: str, expect: Mapping[str, Any]) -> None:
    """Raise UsageError if what a rule looks at is not there, or not of its kind: it could only ever fail, or pass."""
    for name in NEEDED.get(rule, ()):
        if name not in expect and not expect.get("abstain_or_negative"):
            raise UsageError(f"{rule} without {name} in expect")
    for name, kinds in _KINDS.items():
        value = expect.get(name)
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise UsageError(f"{name} in expect is of a wrong kind")
    for name in ("contains", "contains_any", "must_not_contain", "items"):
        if not all(isinstance(words, str) for words in expect.get(name) or ()):
            raise UsageError(f"{name} in expect is no list of strings")


_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("value", "value_high", "tolerance"), (int, float)),
    **dict.fromkeys(("unit", "per", "case"), str),
    **dict.fromkeys(("contains", "contains_any", "must_not_contain", "items", "trap", "cases"), list),
    "values": (list, dict),
}


# Documents


class Library(Protocol):
    """What is needed of a catalogue."""

    def references(self) -> dict[str, DocumentRef]: ...
    def document_text(self, identity: str) -> str: ...


class Source:
    """The text of a document, and where a quote stands in it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _squashed(self) -> tuple[str, list[int]]:
        return squashed(self.text)

    def spans(self, quote: str, line: int | None = None) -> list[tuple[int, int]]:
        """Every place of a quote: as it is written, or else by its letters and digits; with a line, those on it."""
        found = [(at, at + len(quote)) for at in _places(self.text, quote)]
        if not found:
            text, positions = self._squashed
            key = squashed(quote)[0]
            found = [(positions[at], positions[at + len(key) - 1] + 1) for at in _places(text, key)]
        return [span for span in found if line is None or self._is_on(span, line)]

    def _is_on(self, span: tuple[int, int], line: int) -> bool:
        first = self.text.count("\n", 0, span[0]) + 1
        return first <= line <= first + self.text.count("\n", span[0], span[1] - 1)


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part) if part else -1
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


_PASSED_OVER = lazily(r"<sup>\s{0,9}\d{1,3}\s{0,9}</sup>|\[\^\w{1,9}\]|<[/!a-zA-Z][^<>]{0,2000}>|\]\([^()\s]{0,2000}\)")


def squashed(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text without case, markup and footnote marks, and where each of them stands."""
    letters: list[str] = []
    positions: list[int] = []
    at = 0
    for end, resume in [*(match.span() for match in _PASSED_OVER.finditer(text)), (len(text), len(text))]:
        for position in range(at, end):
            character = text[position]
            if character.isalpha() or character.isdecimal():
                for letter in fold(unicodedata.normalize("NFKC", character)):
                    letters.append(letter)
                    positions.append(position)
        at = resume
    return "".join(letters), positions


class Sources:
    """The documents of a library by any of their names: id, title, path, or the name of the file without its ending."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ids: dict[str, str] = {}
        self._read: dict[str, Source] = {}
        references = library.references()
        for identity, found in references.items():
            file = found.path.rpartition("/")[2]
            for name in (found.title, found.path, file, file.rpartition(".")[0]):
                self._ids.setdefault(fold(name), identity)
        self._ids |= {fold(identity): identity for identity in references}

    def identity(self, name: str) -> str | None:
        """The id of a document; None if there is none of this name."""
        return self._ids.get(fold(name))

    def source(self, identity: str) -> Source:
        """A document by its id."""
        if identity not in self._read:
            self._read[identity] = Source(self._library.document_text(identity))
        return self._read[identity]


class Cases:
    """What the cases of a set of questions are called in the documents, by their names in it."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self._patterns = patterns

    def of(self, record: Mapping[str, Any]) -> str | None:
        """The one case that a record's subject names, or else its section path; None if it is none, or several."""
        section = record.get("section") or ()
        for text in (str(record.get("subject") or ""), " / ".join(map(str, section))):
            found = [name for name, pattern in self._patterns.items() if pattern.search(text)]
            if len(found) == 1:
                return found[0]
        return None


def cases_of(questions: Iterable[Question], data: bytes | None = None) -> Cases:
    """The cases that questions name. `data` is a file {"case": {"subject": "regular expression"}, ...}.

    A case that is not in the file is called by its own name. Raises UsageError if the file is none such.
    """
    patterns: dict[str, re.Pattern[str]] = {}
    try:
        for name, case in (json.loads(data.decode("utf-8-sig")) if data is not None else {}).items():
            patterns[name] = re.compile(case["subject"], re.IGNORECASE)
    except (ValueError, TypeError, KeyError, AttributeError, re.error, RecursionError) as error:
        raise UsageError(
            "the file of cases cannot be read", hint='it is {"case": {"subject": "words"}, ...}'
        ) from error
    for question in questions:
        for name in _cases_named(question.expect):
            words = r"\W+".join(map(re.escape, re.findall(r"\w+", name)))
            patterns.setdefault(name, re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE))
    return Cases(patterns)


def _cases_named(expect: Mapping[str, Any]) -> list[str]:
    values = expect.get("values") or []
    by_value = list(values) if isinstance(values, dict) else [v.get("case") for v in values if isinstance(v, dict)]
    return [str(name) for name in [expect.get("case"), *(expect.get("cases") or []), *by_value] if name]


# Texts, numbers and units


_FOOTNOTE = lazily(r"[⁰¹²³⁴-⁹]+")
_ALIKE = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u2011": "-", "[": "", "]": "", "\u00ad": ""})
_CLOSED = lazily(r"\s*([$/])\s*")


def compared(text: str) -> str:
    """A text as it is compared: "US \\$**7,6<sup>5</sup>** MILLION" is "us$7,6 million"."""
    words = _FOOTNOTE.sub("", plain(text)).translate(_ALIKE)
    words = unicodedata.normalize("NFKC", words).casefold()
    return _CLOSED.sub(r"\1", " ".join(word for word in words.split() if _is_telling(word)))


def _is_telling(word: str) -> bool:
    """Whether a word is more than a bullet or a dash."""
    return any(character.isalnum() or character in "%$€£¥/" for character in word)


def contains(text: str, words: str) -> bool:
    """Whether words stand in a text; a number must not go on on either side."""
    wanted = compared(words)
    if not wanted:
        return False
    before = r"(?<!\d)(?<!\d[.,])" if wanted[0].isdigit() else ""
    after = r"(?![.,]?\d)" if wanted[-1].isdigit() else ""
    pattern = r"\s*".join(map(re.escape, wanted.split()))
    return re.search(f"{before}{pattern}{after}", compared(text)) is not None


def close(one: object, other: object, tolerance: float = EQUAL) -> bool:
    """Whether two values are numbers and, within a relative tolerance, the same."""
    if not is_number(one) or not is_number(other):
        return False
    return math.isclose(one, other, rel_tol=0, abs_tol=max(tolerance * abs(other), 1e-9))


def is_number(value: object) -> TypeGuard[float]:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_MONEY = lazily(r"(?:\S*/)?[A-Z]{3}(?:/\S*)?")
_CODE = lazily(r"[A-Z]{3}")
_TIMES = {
    stems(word)[0]: times[0]
    for times in (("second", "sec"), ("minute", "min"), ("hour", "hr"), ("day",), ("week",), ("month",), ("year",))
    for word in (*times, f"{times[-1]}s")
}


def same_unit(expected: str, given: str | None, expected_words: str = "", given_words: str = "") -> bool:
    """Whether a figure's unit is the expected one.

    Money, shares and times must be equal. Of counted things one noun in common is enough, in the unit or in the words
    of the other side; where neither the unit nor the evidence has the noun, nothing tells them apart.
    """
    unit = given or ""
    money, expected_money = _money(unit), _money(expected)
    if money or expected_money:
        return bool(money & expected_money)
    share, expected_share = _is_share(unit), _is_share(expected)
    if share or expected_share:
        return share and expected_share
    if expected == "date":
        return not unit or bool({"date", "year"} & set(stems(unit)))
    times, expected_times = _times(unit), _times(expected)
    if times and expected_times:
        return bool(times & expected_times)
    nouns, found = _nouns(expected), _nouns(unit)
    told = nouns & (found | _nouns(given_words)) or found & _nouns(expected_words)
    return bool(told) or (not unit and not nouns & _nouns(expected_words))


def _money(unit: str) -> set[str]:
    return set(_CODE.findall(unit)) if _MONEY.fullmatch(unit) else set()


def _is_share(unit: str) -> bool:
    return "%" in unit or "percent" in unit.lower()


def _times(unit: str) -> set[str]:
    return {_TIMES[found] for found in stems(unit) if found in _TIMES}


def _nouns(text: str) -> set[str]:
    return {found for found in stems(plain(text)) if len(found) > 2 and found.isalpha()}


def at_rate(figure: Mapping[str, Any], per: str | None) -> Any:
    """A figure's value, brought to another rate if both are rates: 151 a month are 1,812 a year."""
    value, own = figure.get("value"), figure.get("per")
    if is_number(value) and own in PERIODS_A_YEAR and per in PERIODS_A_YEAR and own != per:
        return float(value) * float(PERIODS_A_YEAR[own] / PERIODS_A_YEAR[per])
    return value


# The judge


@dataclass(frozen=True, slots=True)
class Scored:
    """A question, what it was answered, and what is to be said of that.

    `answer` is None where asking failed; `fault` is then why, or what in the question cannot be checked.
    """

    question: Question
    answer: Json | None
    right: bool
    wrong_number: bool
    false_abstention: bool
    cites: bool
    fault: str = ""

    @property
    def abstained(self) -> bool:
        """Whether the answer is that there is none."""
        return self.answer is not None and bool(self.answer.get("abstained"))

    @property
    def answered(self) -> bool:
        """Whether there is an answer that is not an abstention."""
        return self.answer is not None and not self.abstained


class _Judge:
    """One answer against what its question expects."""

    def __init__(self, question: Question, answer: Json, sources: Sources, cases: Cases) -> None:
        self.question, self.expect = question, question.expect
        self.sources, self.cases = sources, cases
        self.answer = answer
        self.text = _CITATION_MARK.sub("", str(answer.get("answer") or ""))
        self.abstained = bool(answer.get("abstained"))
        self.figures: list[Json] = answer.get("figures") or []
        self.citations: list[Json] = answer.get("citations") or []
        calculation = answer.get("calculation")
        self.results: list[Json] = [found for found in (*self.figures[:1], calculation) if found]
        """What stands for the number that was asked for."""

    def quotes(self, count: int = CITED) -> str:
        return " \n ".join(str(citation.get("quote") or "")[:COUNTED] for citation in self.citations[:count])

    def cites(self) -> bool:
        """Whether one of the first citations overlaps the evidence."""
        for citation in self.citations[:CITED]:
            identity, start = citation["document"]["id"], citation["start"]
            end = min(citation["end"], start + COUNTED)
            for evidence in self.question.evidence:
                if self.sources.identity(evidence.document) == identity:
                    spans = self.sources.source(identity).spans(evidence.quote, evidence.line)
                    if any(start < last and first < end for first, last in spans):
                        return True
        return False

    def right(self) -> bool:
        if self.question.ambiguous and self.asks_back():
            return True
        if self.question.negative:
            return self.abstained or _NEGATIVE.search(self.text) is not None
        if self.question.rule == "unanswerable":
            return self.abstained and not self.trapped()
        return not self.abstained and RULES[self.question.rule](self)

    # The rules, by type

    def figure_lookup(self) -> bool:
        worded = not self.results and any(
            contains(f"{self.text} {self.quotes()}", words) for words in self.expect.get("contains_any") or ()
        )
        return (worded or self.gives_value()) and (self.cites() or not self.question.evidence)

    def text_passage(self, count: int = CITED) -> bool:
        quotes = self.quotes(count)
        return (
            all(contains(quotes, words) for words in self.expect.get("contains") or ())
            and not any(contains(self.text, words) for words in self.expect.get("must_not_contain") or ())
            and all(self.has_value(value) for value in self.values())
        )

    def cross_document(self) -> bool:
        return self.text_passage(CITED_ACROSS) and ("value" not in self.expect or self.compute())

    def enumeration(self) -> bool:
        text, items = f"{self.text} \n {self.quotes(CITED_IN_LIST)}", self.expect["items"]
        return sum(contains(text, item) for item in items) >= ENOUGH_OF_LIST * len(items)

    def compare(self) -> bool:
        if not all(self.has_value(value, self.expect.get("per")) for value in self.values()):
            return False
        return "case" not in self.expect or (self.wins() and self.first_value())

    def compute(self) -> bool:
        tolerance = float(self.expect.get("tolerance") or 0)
        for result in self.results:
            value = result.get("value")
            if self.expect.get("unit") == "%" and is_number(value) and (result.get("unit") or "ratio") in _SHARES:
                value = 100 * value
            if close(value, self.expect["value"], max(tolerance, 1e-9)):
                return True
        return False

    # What they are made of

    def values(self) -> list[Any]:
        found = self.expect.get("values") or []
        return list(found.values()) if isinstance(found, dict) else [_value_of(item) for item in found]

    def has_value(self, value: Any, per: str | None = None) -> bool:
        """Whether a figure has the value, brought to the asked rate; a year may be a figure's period."""
        is_year = is_number(value) and 1900 <= value <= 2100
        if is_year and any(contains(str(figure.get("period") or ""), str(value)) for figure in self.figures):
            return True
        return any(close(at_rate(figure, per), value) for figure in self.figures)

    def gives_value(self) -> bool:
        return any(self.gives(result) for result in self.results)

    def gives(self, result: Mapping[str, Any]) -> bool:
        """Whether a figure or calculation has the expected value, unit and rate; of a date, the years."""
        expect, unit = self.expect, self.expect.get("unit")
        if unit == "date":
            text = " ".join(str(result.get(name)) for name in ("value", "value_high", "period"))
            years = [year for year in (expect.get("value"), expect.get("value_high")) if year]
            return all(contains(f"{text} {self.text}", str(year)) for year in years)
        words = " ".join(str(result.get(name) or "") for name in ("quote", "label"))
        evidence = " ".join(item.quote for item in self.question.evidence)
        return (
            close(result.get("value"), expect.get("value"))
            and ("per" not in expect or (result.get("per") or None) == (expect["per"] or None))
            and (unit is None or same_unit(unit, result.get("unit"), evidence, words))
        )

    def wins(self) -> bool:
        return bool(self.figures) and self.cases.of(self.figures[0]) == self.expect["case"]

    def first_value(self) -> bool:
        first = next(iter(self.figures), None)
        if first is None or "value" not in self.expect:
            return first is not None
        dated = self.expect.get("unit") == "date" and self.gives(first)
        return dated or close(at_rate(first, self.expect.get("per")), self.expect["value"])

    def trapped(self) -> bool:
        """Whether the first figure is one that a careless reader would give."""
        first = next(iter(self.figures), None)
        return first is not None and any(
            close(first.get("value"), trap)
            if is_number(trap)
            else contains(f"{first.get('period')} {first.get('quote')}", str(trap))
            for trap in self.expect.get("trap") or ()
        )

    def asks_back(self) -> bool:
        """Whether the answer says that the question is ambiguous, or shows all that it may be about."""
        if "ambiguous" in (self.answer.get("reason"), self.answer.get("kind")):
            return True
        wanted = set(self.expect.get("cases") or [])
        if not wanted and not isinstance(self.expect.get("values"), dict):
            wanted = {item.get("case") for item in self.expect.get("values") or () if isinstance(item, dict)}
        return bool(wanted) and wanted <= {self.cases.of(item) for item in (*self.figures, *self.citations)}

    # What else is counted

    def wrong_number(self) -> bool:
        """Whether the answer has a number that is not the expected one, or is one though there is none."""
        if self.abstained or self.question.ambiguous or self.question.negative:
            return False
        if self.question.rule == "unanswerable":
            return True
        if not any(is_number(result.get("value")) for result in self.results):
            return False
        if self.question.rule == "figure_lookup":
            return not self.gives_value()
        if self.question.rule == "compute":
            return not self.compute()
        if self.question.rule == "compare" and "value" in self.expect:
            return not self.first_value()
        values = self.values()
        return bool(values) and not any(self.has_value(value, self.expect.get("per")) for value in values)


RULES: dict[str, Callable[[_Judge], bool]] = {
    "figure_lookup": _Judge.figure_lookup,
    "text_passage": _Judge.text_passage,
    "footnote": _Judge.text_passage,
    "cross_document": _Judge.cross_document,
    "list": _Judge.enumeration,
    "compare": _Judge.compare,
    "compute": _Judge.compute,
}
"""What makes an answer right that is no abstention, by the type of its question."""
TYPES = (*RULES, "unanswerable")
"""Of an unanswerable question, to abstain is right. Follow-ups and translations name one of these as base type."""
NEEDED = {
    "figure_lookup": ("value",),
    "text_passage": ("contains",),
    "footnote": ("contains",),
    "cross_document": ("contains",),
    "list": ("items",),
    "compute": ("value",),
    "compare": ("values",),
}
_CITATION_MARK = lazily(r"\[\d{1,4}\]")
"""Their numbers are none of the answer's."""
_NEGATIVE = lazily(r"\b(?:no|not|none|nothing|neither|never|nor)\b|n['’]t\b", re.IGNORECASE)
_SHARES = ("ratio", "share")


def _value_of(item: object) -> Any:
    return item.get("value") if isinstance(item, dict) else item


def score(question: Question, answer: Json | None, sources: Sources, cases: Cases, fault: str = "") -> Scored:
    """Judge one answer, the object of the contract; None: there was none, and `fault` says why."""
    fault = fault or _fault_of(question, sources)
    if answer is None:
        return Scored(question, None, False, False, False, False, fault)
    judge = _Judge(question, answer, sources, cases)
    right = judge.right()
    false_abstention = question.answerable and judge.abstained and not (question.ambiguous and right)
    return Scored(question, answer, right, judge.wrong_number(), false_abstention, judge.cites(), fault)


def _fault_of(question: Question, sources: Sources) -> str:
    """Which evidence of a question is not to be found: no citation could ever hit it."""
    for evidence in question.evidence:
        identity = sources.identity(evidence.document)
        if identity is None:
            return f"there is no document {evidence.document}"
        if not sources.source(identity).spans(evidence.quote, evidence.line):
            where = f" on line {evidence.line}" if evidence.line is not None else ""
            return f"the evidence is not in {evidence.document}{where}: {cut(evidence.quote, 60)}"
    return ""


# The runner


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every question with its score, in the order of the file."""

    scored: tuple[Scored, ...]
    quotes: int
    """Quotes in the citations of all answers."""
    exact: int
    """Those that stand in the document byte for byte."""

    @property
    def all_right(self) -> bool:
        """Whether no answer is wrong."""
        return all(item.right for item in self.scored)

    def by_type(self) -> dict[str, tuple[int, int]]:
        """How many answers are right, of how many questions, by type in the order of the file."""
        found: dict[str, tuple[int, int]] = {}
        for item in self.scored:
            right, count = found.get(item.question.type, (0, 0))
            found[item.question.type] = (right + item.right, count + 1)
        return found

    def summary(self) -> dict[str, float | int | None]:
        """The figures of merit; None where there was nothing to divide by."""
        count = len(self.scored)
        answerable = [item for item in self.scored if item.question.answerable]
        answered = [item for item in answerable if item.answered and item.question.evidence]
        given = [item.answer for item in self.scored if item.answer is not None]
        times = sorted(float((answer.get("timings_ms") or {}).get("total", 0.0)) for answer in given)
        return {
            "questions": count,
            "accuracy": _share(sum(item.right for item in self.scored), count),
            "wrong_number_rate": _share(sum(item.wrong_number for item in self.scored), count),
            "false_abstention_rate": _share(sum(item.false_abstention for item in self.scored), len(answerable)),
            "citation_hit": _share(sum(item.cites for item in answered), len(answered)),
            "quotes_exact": _share(self.exact, self.quotes),
            "failed": count - len(given),
            "median_ms": statistics.median(times) if times else None,
            "p95_ms": times[int(0.95 * (len(times) - 1))] if times else None,
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def evaluate(
    questions: Sequence[Question],
    ask: Callable[[Question], Json],
    sources: Sources,
    cases: Cases,
    progress: Callable[[str, int, int], None] | None = None,
) -> Evaluation:
    """Ask every question and score its answer. What asking one raises of ours costs that question only."""
    scored: list[Scored] = []
    for number, question in enumerate(questions, 1):
        answer, fault = None, ""
        try:
            answer = ask(question)
        except FactdeskError as error:
            fault = str(error)
        scored.append(score(question, answer, sources, cases, fault))
        if progress is not None:
            progress("ask", number, len(questions))
    quoted = [citation for item in scored for citation in (item.answer or {}).get("citations") or ()]
    exact = sum(
        sources.source(item["document"]["id"]).text[item["start"] : item["end"]] == item["quote"] for item in quoted
    )
    return Evaluation(tuple(scored), len(quoted), exact)


def asking(desk: Desk) -> Callable[[Question], Json]:
    """Asks a desk, each question after its own history."""
    documents = desk.snapshot.catalogue.references()
    return lambda question: answer_to_json(desk.ask(question.question, history=question.history), documents)


# Output


COLUMNS = (
    "id",
    "type",
    "question",
    "right",
    "wrong_number",
    "false_abstention",
    "cites",
    "abstained",
    "answer",
    "fault",
)


def scored_to_json(scored: Scored) -> Json:
    """One question with its score and the whole answer."""
    return {
        "id": scored.question.id,
        "type": scored.question.type,
        "question": scored.question.question,
        "right": scored.right,
        "wrong_number": scored.wrong_number,
        "false_abstention": scored.false_abstention,
        "cites": scored.cites,
        "abstained": scored.abstained,
        "fault": scored.fault or None,
        "answer": scored.answer,
    }


def evaluation_to_json(evaluation: Evaluation) -> Json:
    """The figures of merit, the scores by type and every question."""
    return {
        "summary": evaluation.summary(),
        "by_type": {kind: {"right": right, "of": count} for kind, (right, count) in evaluation.by_type().items()},
        "questions": [scored_to_json(item) for item in evaluation.scored],
    }


def evaluation_to_csv(evaluation: Evaluation) -> str:
    """Every question with its score, one a row; of the answer its text."""
    rows = []
    for item in evaluation.scored:
        record = {**scored_to_json(item), "answer": (item.answer or {}).get("answer")}
        cells = [record[column] for column in COLUMNS]
        rows.append([str(cell).lower() if isinstance(cell, bool) else csv_cell(cell) for cell in cells])
    return to_csv(COLUMNS, rows)


def evaluation_to_text(evaluation: Evaluation) -> str:
    """What was not right, the scores by type, and the figures of merit on one line."""
    wrong = [_wrong_row(item) for item in evaluation.scored if not item.right or item.fault]
    rows = [
        [kind, str(right), str(count), f"{right / count:.3f}"] for kind, (right, count) in evaluation.by_type().items()
    ]
    parts = [table(("id", "what", "question", "answer"), wrong, (30, 60, 60, 60))] if wrong else []
    parts.append(table(("type", "right", "of", "share"), rows, (0, 0, 0, 0)))
    parts.append(" ".join(f"{name} {_shown(value)}" for name, value in evaluation.summary().items()))
    return "\n\n".join(parts)


def _wrong_row(item: Scored) -> list[str]:
    faults = [
        *(["not right"] if not item.right else []),
        *(["wrong number"] if item.wrong_number else []),
        *(["abstained"] if item.false_abstention else []),
        *([item.fault] if item.fault else []),
    ]
    answer = plain(str((item.answer or {}).get("answer") or ""))
    return [item.question.id, ", ".join(faults), item.question.question, answer]


def _shown(value: float | int | None) -> str:
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
