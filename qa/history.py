"""The conversations that are kept: what was asked, when, and what was answered.

    <home>/conversations.sqlite     beside the index, which neither makes nor removes it
    <home>/chat-history             the lines that were typed in chats

1. One exchange is one transaction: whoever dies in between leaves the conversation as it was before.
2. A conversation begins with its first exchange: none is empty.
3. Reading makes nothing and needs no right to write. The file is for its owner's eyes: mode 0600.
4. Several processes may keep at once; one waits for the other, but not for long: an answer is worth more.
5. A file that is no such file is never altered. What is deleted is overwritten.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factdesk.corpus.errors import HistoryUnusable, UsageError
from factdesk.corpus.records import Turn

Json = dict[str, Any]

FILE = "conversations.sqlite"
LINES = "chat-history"
"""The lines that were typed in chats, in the same folder; it is `chat` that keeps them."""
SETTING = "FACTDESK_KEEP"
LAST = "last"
"""The name of the conversation that was spoken in last; no id is like it."""
MODE = 0o600
_PATIENCE = 2.0
"""Seconds to wait for another process: its transaction takes milliseconds."""
_APPLICATION = 0x46444B43
""" "FDKC": tells the file from another program's database."""
_VERSION = 1
_SCHEMA = f"""
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
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
"""
_OFF = {"0", "no", "false", "off"}
_ASIDE = "move {path} away: a new one is made"


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
        self.path = home / FILE
        self._clock = clock

    def start(self) -> str:
        """An id for a new conversation. It is there as soon as something is appended to it."""
        return secrets.token_hex(6)

    def latest(self) -> str | None:
        """The conversation that was spoken in last; None if there is none."""
        rows = self._rows("SELECT conversation FROM turns ORDER BY position DESC LIMIT 1")
        return str(rows[0][0]) if rows else None

    def append(self, conversation: str, turn: Turn, answer: Mapping[str, Any]) -> Exchange:
        """Keep one exchange at the end of a conversation."""
        asked = self._clock()
        with self._writing() as connection:
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
        rows = self._rows(
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
        rows = self._rows(
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
        with self._writing() as connection:
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
            raise self._damaged("a turn of it is not what was written") from error

    # The file

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with self._errors("read"):
            if not self.path.exists():
                return []
            with closing(self._connect()) as connection:
                if self._is_new(connection):
                    return []  # made by a process that died before it wrote
                self._examine(connection)
                return connection.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction. The file is made first if there is none."""
        with self._errors("written"):
            self._make()
            with closing(self._connect()) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")
                # Safe in this journal mode on every file system that keeps the order of writes.
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    if self._is_new(connection):
                        for statement in filter(str.strip, _SCHEMA.split(";")):
                            connection.execute(statement)
                    else:
                        self._examine(connection)
                    yield connection
                except BaseException:
                    with suppress(sqlite3.Error):  # a full disk has ended it already
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")

    def _make(self) -> None:
        """An empty file that only its owner may read: SQLite would make it as the umask has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, MODE))

    def _connect(self) -> sqlite3.Connection:
        """Open the file; it is not made. SQLite is content with reading where it may not write."""
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)

    def _is_new(self, connection: sqlite3.Connection) -> bool:
        return (
            _pragma(connection, "application_id") == 0
            and not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        )

    def _examine(self, connection: sqlite3.Connection) -> None:
        """Raise HistoryUnusable if the file is another program's or of another version."""
        if _pragma(connection, "application_id") != _APPLICATION:
            raise self._damaged("it is another program's file")
        version = _pragma(connection, "user_version")
        if version != _VERSION:
            age = "a newer" if version > _VERSION else "an older"
            raise self._damaged(f"it was written by {age} factdesk (version {version}; this one reads {_VERSION})")

    def _damaged(self, detail: str) -> HistoryUnusable:
        hint = _ASIDE.format(path=self.path)
        return HistoryUnusable(f"{FILE}, the kept conversations, cannot be used: {detail}", hint=hint)

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        """Turn what the system and SQLite raise into our own."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
            hint = f"see whether {self.path} can be {done}"
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                hint = _ASIDE.format(path=self.path)
            elif done == "written":
                hint += f"; --no-keep or {SETTING}=0 keeps none"
            raise HistoryUnusable(f"{FILE}, the kept conversations, cannot be used: {reason}", hint=hint) from error


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


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
