"""A SQLite file beside the index in which something is kept for people: what conversations and questions share.

1. A change is one transaction: whoever dies in between leaves the file as it was before.
2. Reading makes nothing and needs no right to write. The file is for its owner's eyes: mode 0600.
3. Several processes and threads may write at once; one waits for the other, but not for long.
4. A file that is no such file is never altered. What is deleted is overwritten.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factdesk.corpus.errors import FactdeskError

MODE = 0o600
PATIENCE = 2.0
"""Seconds to wait for another process: its transaction takes milliseconds."""
ASIDE = "move {path} away: a new one is made"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file must be to be ours."""

    application: int
    """Its `application_id`: tells it from another program's database."""
    version: int
    schema: str
    """The statements that make it, without the two numbers above."""


class Store:
    """A file of one layout. Nothing is read or made before a method is called.

    `content` is what is kept in it, for people: "the kept conversations"; `remedy` is what else helps if it cannot be
    written. Methods raise `error` if the file cannot be read or written. Each opens the file anew, so that threads
    and processes may share it.
    """

    def __init__(
        self, path: Path, layout: Layout, *, content: str, error: type[FactdeskError], remedy: str = ""
    ) -> None:
        self.path = path
        self._layout = layout
        self._content = content
        self._error = error
        self._remedy = remedy

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows of a query; none where there is no file yet."""
        with self._errors("read"):
            if not self.path.exists():
                return []
            with closing(self._connect()) as connection:
                if _is_new(connection):
                    return []  # made by a process that died before it wrote
                self._examine(connection)
                return connection.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
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
                    if _is_new(connection):
                        for statement in filter(str.strip, self._layout.schema.split(";")):
                            connection.execute(statement)
                        connection.execute(f"PRAGMA application_id = {self._layout.application:d}")
                        connection.execute(f"PRAGMA user_version = {self._layout.version:d}")
                    else:
                        self._examine(connection)
                    yield connection
                except BaseException:
                    with suppress(sqlite3.Error):  # a full disk has ended it already
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")

    def damaged(self, detail: str) -> FactdeskError:
        """The error that the file is not what it must be."""
        return self._error(self._unusable(detail), hint=ASIDE.format(path=self.path))

    def _unusable(self, detail: str) -> str:
        return f"{self.path.name}, {self._content}, cannot be used: {detail}"

    def _make(self) -> None:
        """An empty file that only its owner may read: SQLite would make it as the umask has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, MODE))

    def _connect(self) -> sqlite3.Connection:
        """Open the file; it is not made. SQLite is content with reading where it may not write."""
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)

    def _examine(self, connection: sqlite3.Connection) -> None:
        """Raise the error if the file is another program's or of another version."""
        if _pragma(connection, "application_id") != self._layout.application:
            raise self.damaged("it is another program's file")
        version, ours = _pragma(connection, "user_version"), self._layout.version
        if version != ours:
            age = "a newer" if version > ours else "an older"
            raise self.damaged(f"it was written by {age} factdesk (version {version}; this one reads {ours})")

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        """Turn what the system and SQLite raise into our own."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
            hint = f"see whether {self.path} can be {done}"
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                hint = ASIDE.format(path=self.path)
            elif done == "written" and self._remedy:
                hint += f"; {self._remedy}"
            raise self._error(self._unusable(reason), hint=hint) from error


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _is_new(connection: sqlite3.Connection) -> bool:
    return (
        _pragma(connection, "application_id") == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    )
