"""The conversations that are kept: what was asked, when, and what was answered.

    <home>/conversations.sqlite     beside the index, which neither makes nor removes it
    <home>/chat-history             the lines that were typed in chats

1. One exchange is one transaction; the file is handled as `store` says.
2. A conversation begins with its first exchange: none is empty.
3. One process waits for another, but not for long: an answer is worth more.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factdesk.corpus.errors import HistoryUnusable, UsageError
from factdesk.corpus.records import Turn
from factdesk.qa.store import Layout, Store

Json = dict[str, Any]

FILE = "conversations.sqlite"
LINES = "chat-history"
"""The lines that were typed in chats, in the same folder; it is `chat` that keeps them."""
SETTING = "FACTDESK_KEEP"
LAST = "last"
"""The name of the conversation that was spoken in last; no id is like it."""
_SCHEMA = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    started TEXT NOT NULL,
    updated TEXT NOT NULL
);
CREATE TABLE turns (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    asked TEXT NOT NULL,
    question TEXT NOT NULL,
    turn TEXT NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (conversation, number)
);
"""
_LAYOUT = Layout(application=0x46444B43, version=1, schema=_SCHEMA)
""" "FDKC"."""
_OFF = {"0", "no", "false", "off"}


def keeping() -> bool:
    """Whether conversations are kept, as the environment says."""
    return os.environ.get(SETTING, "").strip().casefold() not in _OFF


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer as in the contract. `asked` is UTC in ISO 8601."""

    number: int
    asked: str
    turn: Turn
    answer: Json


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation, oldest exchange first. Times are UTC in ISO 8601."""

    id: str
    started: str
    updated: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation as it is listed; `question` is its first."""

    id: str
    started: str
    updated: str
    turns: int
    question: str


def now() -> str:
    """The time in UTC, to the second, as "2026-01-31T09:30:00Z"."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """The kept conversations of a home. Nothing is read or made before a method is called.

    Methods raise HistoryUnusable if the file cannot be read or written, and UsageError for a conversation that is
    not there.
    """

    def __init__(self, home: Path, *, clock: Callable[[], str] = now) -> None:
        self._store = Store(
            home / FILE,
            _LAYOUT,
            content="the kept conversations",
            error=HistoryUnusable,
            remedy=f"--no-keep or {SETTING}=0 keeps none",
        )
        self.path = self._store.path
        self._clock = clock

    def start(self) -> str:
        """An id for a new conversation. It is there as soon as something is appended to it."""
        return secrets.token_hex(6)

    def latest(self) -> str | None:
        """The conversation that was spoken in last; None if there is none."""
        rows = self._store.rows("SELECT conversation FROM turns ORDER BY position DESC LIMIT 1")
        return str(rows[0][0]) if rows else None

    def append(self, conversation: str, turn: Turn, answer: Mapping[str, Any]) -> Exchange:
        """Keep one exchange at the end of a conversation."""
        asked = self._clock()
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
                (conversation, asked, asked),
            )
            query = "SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation = ?"
            (number,) = connection.execute(query, (conversation,)).fetchone()
            connection.execute(
                "INSERT INTO turns (conversation, number, asked, question, turn, answer) VALUES (?, ?, ?, ?, ?, ?)",
                (conversation, number, asked, turn.question, json.dumps(asdict(turn)), json.dumps(answer)),
            )
        return Exchange(number, asked, turn, dict(answer))

    def turns(self, conversation: str) -> list[Turn]:
        """What a conversation leaves for the next question, oldest first."""
        return [exchange.turn for exchange in self.show(conversation).exchanges]

    def listing(self) -> list[Entry]:
        """Every conversation, the one that was spoken in last first."""
        rows = self._store.rows(
            "SELECT c.id, c.started, c.updated, count(*), (SELECT question FROM turns"
            " WHERE conversation = c.id ORDER BY number LIMIT 1) FROM conversations c"
            " JOIN turns t ON t.conversation = c.id GROUP BY c.id ORDER BY max(t.position) DESC"
        )
        return [
            Entry(str(identity), str(started), str(updated), count, str(question))
            for identity, started, updated, count, question in rows
        ]

    def show(self, conversation: str) -> Kept:
        """A conversation by its whole id."""
        # One statement, so that another process's exchange is seen whole or not at all.
        rows = self._store.rows(
            "SELECT c.started, c.updated, t.number, t.asked, t.turn, t.answer FROM conversations c"
            " JOIN turns t ON t.conversation = c.id WHERE c.id = ? ORDER BY t.number",
            (conversation,),
        )
        if not rows:
            raise _no_such(conversation)
        exchanges = tuple(self._exchange(*row[2:]) for row in rows)
        return Kept(conversation, str(rows[0][0]), str(rows[0][1]), exchanges)

    def find(self, name: str) -> str:
        """The id that is meant by "last", an id or the beginning of one. Raises UsageError if that is not one."""
        if name == LAST:
            if (latest := self.latest()) is None:
                raise UsageError("no conversation is kept yet", hint='ask something: factdesk "What is ...?"')
            return latest
        known = [entry.id for entry in self.listing()]
        found = [identity for identity in known if name and identity.startswith(name)]
        if len(found) > 1 and name not in found:
            raise UsageError(f"{name} begins {len(found)} conversations", hint=f"one of: {', '.join(found)}")
        if not found:
            raise _no_such(name)
        return name if name in found else found[0]

    def delete(self, conversations: Sequence[str]) -> int:
        """Delete conversations by their ids, all in one step; how many were there."""
        if not conversations:
            return 0
        with self._store.writing() as connection:
            return sum(
                connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,)).rowcount
                for conversation in conversations
            )

    def delete_all(self) -> int:
        """Delete every conversation; how many there were."""
        return self.delete([entry.id for entry in self.listing()])

    def _exchange(self, number: int, asked: object, turn: str, answer: str) -> Exchange:
        try:
            found = json.loads(answer)
            if not isinstance(found, dict):
                raise ValueError("no object")
            return Exchange(number, str(asked), _turn(json.loads(turn)), found)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._store.damaged("a turn of it is not what was written") from error


def _no_such(name: str) -> UsageError:
    return UsageError(f"there is no conversation {name}", hint="run: factdesk conversations")


def _turn(found: Mapping[str, Any]) -> Turn:
    """A turn as it was. Fields that an older factdesk did not write have their defaults, those of a newer are left."""
    known = {field.name for field in fields(Turn)}
    turn = Turn(**{name: _frozen(value) for name, value in found.items() if name in known})
    if not isinstance(turn.question, str) or not isinstance(turn.resolved, str):
        raise TypeError("no question")
    return turn


def _frozen(value: Any) -> Any:
    """JSON has no tuples."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
