"""The questions that could not be answered, in groups, and what people thought of answers.

    <home>/feedback.sqlite     beside the index, which neither makes nor removes it; handled as `qa.store` says

1. Two questions are in one group if they are the same words, or if their vectors are near and they name the same
   things, as `matching` says.
2. A group is open until somebody says that it is answered, or out of scope. If a question of an answered group is
   asked again and again not answered, the group is open again; one that is out of scope stays so.
3. What is kept is bounded, whoever asks: the groups, the wordings of each, the ratings, and the length of every text.
   Open groups that were asked once and long ago go first; what somebody has settled goes last.
4. A rating is tied to the answer it is of, which is kept with it. Who rates an answer again changes the rating.
5. A settled group is a line of an evaluation file: what was missed once is asked for ever after.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from factdesk.corpus.errors import QueueUnusable, UsageError
from factdesk.corpus.records import Vectors
from factdesk.corpus.words import language_of
from factdesk.qa.format import clean
from factdesk.qa.history import now
from factdesk.qa.store import Layout, Store
from factdesk.serve.matching import folded, same_matter

Json = dict[str, Any]

FILE = "feedback.sqlite"
LONGEST_QUESTION = 4_000
"""Characters of a question that are kept; `Desk.ask` takes no longer ones."""
LONGEST_REMARK = 2_000
"""The same of what people write: reasons, corrections, answers, notes."""
LARGEST_ANSWER = 1 << 20
"""Bytes of an answer object that is kept with its rating."""
MOST_GROUPS = 1_000
"""Nobody works through more; with the wordings at their longest, that is 80 MB."""
MOST_WORDINGS = 10
MOST_RATINGS = 2_000
SIMILAR = 0.88
"""The cosine from which two questions may be one. With the packaged model, twelve pairs of paraphrases had 0.76 to
0.97, and of fourteen pairs of different questions those that the words do not tell apart had at most 0.87."""
MOST_COMPARED = 20
"""Groups whose words are compared with those of a new question, the nearest: nobody can make it take long."""

_SCHEMA = """
CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    resolved TEXT NOT NULL,
    answer TEXT NOT NULL,
    note TEXT NOT NULL,
    expectation TEXT NOT NULL,
    model TEXT NOT NULL,
    vector BLOB
);
CREATE TABLE wordings (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    question_group TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    folded TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    resolved TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_seen TEXT NOT NULL
);
CREATE INDEX wordings_of ON wordings (question_group);
CREATE TABLE ratings (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    answer_id TEXT NOT NULL,
    rater TEXT NOT NULL,
    rating TEXT NOT NULL,
    given TEXT NOT NULL,
    question TEXT NOT NULL,
    reason TEXT NOT NULL,
    correction TEXT NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (answer_id, rater)
)
"""
_LAYOUT = Layout(application=0x46444B51, version=1, schema=_SCHEMA)
""" "FDKQ"."""


class State(StrEnum):
    """What became of a group."""

    OPEN = "open"
    ANSWERED = "answered"
    OUT_OF_SCOPE = "out_of_scope"


class Rating(StrEnum):
    """A thumb."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a right answer to a question must have, as the person says who settled it; empty parts are not asked for.

    `quote` is words of `document` that say it.
    """

    value: float | None = None
    unit: str = ""
    per: str = ""
    text: tuple[str, ...] = ()
    document: str = ""
    quote: str = ""

    def __bool__(self) -> bool:
        """Whether there is something to hold an answer against."""
        return self.value is not None or bool(self.text or self.quote)


@dataclass(frozen=True, slots=True)
class Wording:
    """One way in which a question was asked; `resolved` is how it was understood, standing by itself."""

    text: str
    resolved: str
    count: int
    last_seen: str


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask the same. `question` is the first, as understood; times are UTC in ISO 8601.

    `reason` is why the last could not be answered. `resolved` is when somebody settled it, empty if nobody has;
    `answer`, `note` and `expectation` are what they said, and stay if it is opened again.
    """

    id: str
    question: str
    state: State
    reason: str
    count: int
    first_seen: str
    last_seen: str
    wordings: tuple[Wording, ...]
    resolved: str = ""
    answer: str = ""
    note: str = ""
    expectation: Expectation = Expectation()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of an answer; `answer` is the object of the contract."""

    id: str
    answer_id: str
    rater: str
    rating: Rating
    given: str
    question: str
    reason: str
    correction: str
    answer: Json


class Queue:
    """What a home's users left behind. Threads and processes may share one; nothing is made before it is written.

    Methods raise QueueUnusable if the file cannot be read or written, and UsageError for what is not there or cannot
    be.
    """

    def __init__(self, home: Path, *, clock: Callable[[], str] = now) -> None:
        self._store = Store(
            home / FILE, _LAYOUT, content="the kept feedback and unanswered questions", error=QueueUnusable
        )
        self.path = self._store.path
        self._clock = clock

    # Questions

    def unanswered(
        self, question: str, resolved: str, reason: str, vector: Vectors | None = None, *, model: str = ""
    ) -> str:
        """Put a question into the queue; the id of its group. `resolved` is the question as it was understood.

        `vector` is the unit vector of `resolved` by the model of this fingerprint; without, only the words count.
        """
        text = _kept(question, LONGEST_QUESTION)
        meant = _kept(resolved, LONGEST_QUESTION) or text
        if not meant:
            raise UsageError("the question is empty")
        seen, row = self._clock(), None if vector is None else np.asarray(vector, dtype=np.float32).reshape(-1)
        with self._store.writing() as connection:
            found = _group_of(connection, meant, row, model)
            if found is None:
                found = f"q{secrets.token_hex(5)}"
                blob = None if row is None else row.astype("<f2").tobytes()
                connection.execute(
                    "INSERT INTO groups VALUES (?, ?, ?, ?, 1, ?, ?, '', '', '', '{}', ?, ?)",
                    (found, meant, State.OPEN, _kept(reason, LONGEST_REMARK), seen, seen, model, blob),
                )
                _make_room(connection, found)
            else:
                connection.execute(
                    "UPDATE groups SET count = count + 1, last_seen = ?, reason = ?,"
                    " state = CASE state WHEN 'answered' THEN 'open' ELSE state END WHERE id = ?",
                    (seen, _kept(reason, LONGEST_REMARK), found),
                )
            _add_wording(connection, found, text, meant, seen)
        return found

    def groups(self, state: State | None = None) -> list[Group]:
        """The groups, or those of one state: what was asked most comes first, then what was asked last."""
        return [group for group in self._groups() if state is None or group.state is state]

    def group(self, identity: str) -> Group:
        """A group by its whole id."""
        for group in self._groups("WHERE g.id = ?", (identity,)):
            return group
        raise _no_such(identity)

    def find(self, name: str) -> str:
        """The id of the group that is meant by an id or the beginning of one. Raises UsageError if that is not one."""
        return _meant(name, self._store.rows("SELECT id FROM groups"))

    def find_feedback(self, name: str) -> str:
        """The same of a rating."""
        return _meant(name, self._store.rows("SELECT id FROM ratings"))

    def resolve(
        self,
        identity: str,
        state: State | str,
        answer: str = "",
        note: str = "",
        *,
        expectation: Expectation | None = None,
    ) -> Group:
        """Settle a group, or open it again. What was said of it before and is not said anew stays."""
        if state not in list(State):
            raise UsageError(f"{clean(str(state))} is no state", hint="open, answered or out_of_scope")
        if expectation is not None:
            _examine(expectation)
        with self._store.writing() as connection:
            changed = connection.execute(
                "UPDATE groups SET state = ?, resolved = ?, answer = coalesce(nullif(?, ''), answer),"
                " note = coalesce(nullif(?, ''), note), expectation = coalesce(?, expectation) WHERE id = ?",
                (
                    State(state),
                    "" if state == State.OPEN else self._clock(),
                    _kept(answer, LONGEST_REMARK),
                    _kept(note, LONGEST_REMARK),
                    None if expectation is None else json.dumps(_expectation_to_json(expectation)),
                    identity,
                ),
            ).rowcount
            if not changed:
                raise _no_such(identity)
        return self.group(identity)

    # Ratings

    def rate(
        self,
        answer_id: str,
        rating: Rating | str,
        question: str,
        answer: Mapping[str, Any],
        reason: str = "",
        correction: str = "",
        rater: str = "",
    ) -> str:
        """Keep what somebody thinks of an answer; its id. Each rater has one rating of an answer, the last."""
        if rating not in list(Rating):
            raise UsageError(f"{clean(str(rating))} is no rating", hint="up or down")
        kept = json.dumps(answer)
        if not answer_id or len(kept) > LARGEST_ANSWER:
            raise UsageError("no answer's id" if not answer_id else "the answer is too large to be kept")
        values = (
            *(_kept(answer_id, LONGEST_REMARK), _kept(rater, LONGEST_REMARK), Rating(rating), self._clock()),
            *(_kept(question, LONGEST_QUESTION), _kept(reason, LONGEST_REMARK), _kept(correction, LONGEST_REMARK)),
        )
        with self._store.writing() as connection:
            (identity,) = connection.execute(
                "INSERT INTO ratings (id, answer_id, rater, rating, given, question, reason, correction, answer)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (answer_id, rater) DO UPDATE SET"
                " rating = excluded.rating, given = excluded.given, question = excluded.question,"
                " reason = excluded.reason, correction = excluded.correction, answer = excluded.answer RETURNING id",
                (f"f{secrets.token_hex(5)}", *values, kept),
            ).fetchone()
            connection.execute(
                "DELETE FROM ratings WHERE position IN (SELECT position FROM ratings WHERE id <> ?"
                " ORDER BY given DESC, position DESC LIMIT -1 OFFSET ?)",
                (identity, MOST_RATINGS - 1),
            )
        return str(identity)

    def feedback(self, rating: Rating | str | None = None) -> list[Feedback]:
        """The ratings, or those with one thumb, the latest first."""
        rows = self._store.rows(
            "SELECT id, answer_id, rater, rating, given, question, reason, correction, answer FROM ratings"
            " ORDER BY given DESC, position DESC"
        )
        return [found for found in map(self._feedback, rows) if rating is None or found.rating == rating]

    # Both

    def counts(self) -> dict[str, int]:
        """How many groups there are in each state, and how many ratings with each thumb."""
        rows = self._store.rows(
            "SELECT state, count(*) FROM groups GROUP BY state UNION ALL"
            " SELECT rating, count(*) FROM ratings GROUP BY rating"
        )
        found = {str(name): int(count) for name, count in rows}
        return {name.value: found.get(name.value, 0) for name in (*State, *Rating)}

    def delete(self, identities: Sequence[str]) -> int:
        """Delete groups and ratings by their ids, all in one step; how many were there."""
        if not identities:
            return 0
        with self._store.writing() as connection:
            return sum(
                connection.execute(f"DELETE FROM {table} WHERE id = ?", (identity,)).rowcount
                for identity in identities
                for table in ("groups", "ratings")
            )

    def delete_questions(self) -> int:
        """Delete every group; how many there were."""
        return self.delete([group.id for group in self._groups()])

    def delete_feedback(self) -> int:
        """Delete every rating; how many there were."""
        return self.delete([str(identity) for (identity,) in self._store.rows("SELECT id FROM ratings")])

    def _groups(self, where: str = "", values: Sequence[object] = ()) -> list[Group]:
        # One statement, so that what another process adds is seen whole or not at all.
        rows = self._store.rows(
            "SELECT g.id, g.question, g.state, g.reason, g.count, g.first_seen, g.last_seen, g.resolved, g.answer,"
            " g.note, g.expectation, w.text, w.resolved, w.count, w.last_seen FROM groups g"
            f" JOIN wordings w ON w.question_group = g.id {where}"
            " ORDER BY g.count DESC, g.last_seen DESC, g.id, w.count DESC, w.position",
            values,
        )
        together: dict[str, list[Any]] = {}
        for row in rows:
            together.setdefault(str(row[0]), []).append(row)
        return [self._group(rows) for rows in together.values()]

    def _group(self, rows: Sequence[Any]) -> Group:
        identity, question, state, reason, count, first, last, resolved, answer, note, expectation = rows[0][:11]
        try:
            return Group(
                *(str(identity), str(question), State(state), str(reason), int(count), str(first), str(last)),
                tuple(Wording(str(text), str(meant), int(times), str(seen)) for *_, text, meant, times, seen in rows),
                *(str(resolved), str(answer), str(note), _expectation_from_json(json.loads(expectation))),
            )
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise self._store.damaged("a question of it is not what was written") from error

    def _feedback(self, row: Sequence[Any]) -> Feedback:
        identity, answer_id, rater, rating, given, question, reason, correction, answer = row
        try:
            found = json.loads(answer)
            if not isinstance(found, dict):
                raise ValueError("no object")
            texts = (str(given), str(question), str(reason), str(correction))
            return Feedback(str(identity), str(answer_id), str(rater), Rating(rating), *texts, found)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._store.damaged("a rating of it is not what was written") from error


def _meant(name: str, rows: Iterable[Sequence[object]]) -> str:
    found = [str(row[0]) for row in rows if name and str(row[0]).startswith(name)]
    if name in found:
        return name
    if len(found) > 1:
        raise UsageError(f"{name} begins {len(found)} ids", hint=f"one of: {', '.join(sorted(found)[:10])}")
    if not found:
        raise _no_such(name)
    return found[0]


def _no_such(name: str) -> UsageError:
    return UsageError(f"there is no {clean(name) or 'such id'}", hint="run: factdesk questions, or factdesk feedback")


def _kept(text: str, longest: int) -> str:
    """A text as it is kept: one line without control characters, cut."""
    return clean(text[:longest])


# Which questions are one


def _group_of(connection: sqlite3.Connection, question: str, vector: Vectors | None, model: str) -> str | None:
    """The group of a question: that of the same words, else the nearest that asks the same."""
    row = connection.execute("SELECT question_group FROM wordings WHERE folded = ?", (folded(question),)).fetchone()
    if row is not None:
        return str(row[0])
    if vector is None:
        return None
    rows = connection.execute(
        "SELECT id, question, vector FROM groups WHERE model = ? AND length(vector) = ?", (model, 2 * vector.size)
    ).fetchall()
    if not rows:
        return None
    cosines = np.stack([np.frombuffer(blob, "<f2") for *_, blob in rows]).astype(np.float32) @ vector
    for at in np.argsort(-cosines, kind="stable")[:MOST_COMPARED].tolist():
        if cosines[at] < SIMILAR:
            return None
        if same_matter(question, str(rows[at][1])):
            return str(rows[at][0])
    return None


# Keeping within bounds


def _add_wording(connection: sqlite3.Connection, group: str, text: str, meant: str, seen: str) -> None:
    """Count a wording. Beyond MOST_WORDINGS of a group the least asked goes, the oldest of them; never this one."""
    key = folded(meant)
    connection.execute(
        "INSERT INTO wordings (question_group, folded, text, resolved, count, last_seen) VALUES (?, ?, ?, ?, 1, ?)"
        " ON CONFLICT (folded) DO UPDATE SET count = count + 1, last_seen = excluded.last_seen",
        (group, key, text, meant, seen),
    )
    connection.execute(
        "DELETE FROM wordings WHERE position IN (SELECT position FROM wordings WHERE question_group = ?"
        " AND folded <> ? ORDER BY count DESC, last_seen DESC, position DESC LIMIT -1 OFFSET ?)",
        (group, key, MOST_WORDINGS - 1),
    )


def _make_room(connection: sqlite3.Connection, newest: str) -> None:
    """Beyond MOST_GROUPS: open ones go before settled ones, those asked once before others, the oldest first."""
    connection.execute(
        "DELETE FROM groups WHERE id IN (SELECT id FROM groups WHERE id <> ?"
        " ORDER BY state <> 'open' DESC, count > 1 DESC, last_seen DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (newest, MOST_GROUPS - 1),
    )


# Lines of an evaluation file


def evaluation_lines(groups: Iterable[Group]) -> list[Json]:
    """Settled groups as lines of an evaluation file (docs/evaluation.md).

    A group that is open, or answered without saying what a right answer must have, makes no line.
    """
    return [line for group in groups if (line := _line(group)) is not None]


def _line(group: Group) -> Json | None:
    expected = group.expectation
    if group.state is State.OUT_OF_SCOPE:
        kind, expect = "unanswerable", Json(abstain=True, reason=group.reason)
    elif group.state is not State.ANSWERED or not expected:
        return None
    elif expected.value is not None:
        value = int(expected.value) if expected.value.is_integer() else expected.value
        kind, expect = "figure_lookup", Json(value=value)
        if expected.unit or expected.per:  # a value alone says nothing of either
            expect |= {"unit": expected.unit or None, "per": expected.per or None}
        if expected.text:
            expect["contains"] = list(expected.text)
    else:
        kind, expect = "text_passage", Json(contains=list(expected.text) or [expected.quote])
    evidence = [{"doc": expected.document, "quote": expected.quote, "line": None}] if expected.quote else []
    return {
        "id": group.id,
        "type": kind,
        "question": group.question,
        "lang": language_of(group.question),
        "history": [],
        "expect": expect,
        "evidence": evidence if group.state is State.ANSWERED else [],
        "note": group.note or None,
    }


def _examine(expectation: Expectation) -> None:
    """Raise UsageError for an expectation that no answer can be held against."""
    value = expectation.value
    if value is not None and not np.isfinite(value):
        raise UsageError("the value is no number")
    if (expectation.unit or expectation.per) and value is None:
        raise UsageError("a unit or a rate without a value", hint="give the value too")
    if bool(expectation.document) != bool(expectation.quote):
        raise UsageError("a document and a quote of it go together", hint="give both, or neither")


def _expectation_to_json(expectation: Expectation) -> Json:
    return {
        "value": expectation.value,
        "unit": _kept(expectation.unit, LONGEST_REMARK),
        "per": _kept(expectation.per, LONGEST_REMARK),
        "text": [_kept(words, LONGEST_REMARK) for words in expectation.text],
        "document": _kept(expectation.document, LONGEST_REMARK),
        # A quote is byte for byte: it keeps its line breaks.
        "quote": expectation.quote[:LONGEST_REMARK],
    }


def _expectation_from_json(found: Mapping[str, Any]) -> Expectation:
    value = found.get("value")
    unit, per, document, quote = (str(found.get(name) or "") for name in ("unit", "per", "document", "quote"))
    text = tuple(map(str, found.get("text") or ()))
    return Expectation(None if value is None else float(value), unit, per, text, document, quote)
