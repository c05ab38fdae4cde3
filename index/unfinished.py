"""What an ingest had finished when it was stopped: documents taken apart, vectors, the model's files for asking.

    <home>/unfinished.sqlite                    there only while an ingest runs, or after one that was stopped

1. It saves time and nothing else. Whatever is wrong with it (damaged, no room for it, another program's file), it is
   thrown away and the work is done again: no error leaves this module but `IndexDamaged` for a document that was whole
   a moment ago.
2. An entry is found by everything that it depends on: a document by its bytes, its name and what took it apart, a
   vector by its text, its parts, the model and its precision. It carries a checksum over that and itself: one that
   does not agree is not there.
3. It is not synced: what a killed process wrote the system still has, and what a loss of power takes, the checksums
   tell.
4. One writer at a time, whoever holds the home's lock. It is removed once the index is published.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from factdesk.corpus.errors import IndexDamaged
from factdesk.corpus.records import Outcome, Parsed, Parted, Vectors
from factdesk.index.catalogue import digest_of
from factdesk.index.snapshot import INGEST, Seal

NAME = "unfinished.sqlite"
FORMAT = 2
"""Part of every key: entries of another form are not found."""
QUICK = 1
"""How hard records are packed: they shrink to a seventh by this already."""
MOST_RECORDS = 1 << 30
"""Bytes of records when they are unpacked."""
_SUM = 16
_AT_ONCE = 256
"""Keys looked up in one query."""

_packed = msgspec.msgpack.Decoder(tuple[Outcome, bytes])
_records = msgspec.msgpack.Decoder(Parsed)

T = TypeVar("T")


class _Readable(Protocol):
    @property
    def summary(self) -> Outcome: ...

    def load(self) -> Parsed: ...


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document that an earlier ingest took apart."""

    summary: Outcome
    key: bytes
    unfinished: Unfinished

    def load(self) -> Parsed:
        """Its records. Raises IndexDamaged if they cannot be read any more."""
        return self.unfinished.records(self.key)


class Unfinished:
    """The work of an ingest that was stopped, and that of the one under way."""

    def __init__(self, home: Path) -> None:
        """Nothing is opened, nor any file made, before there is something to look up or to keep."""
        self.path = home / NAME
        self._connection: sqlite3.Connection | None = None
        self._given_up = False

    def document(self, sha256: str, path: str, made_by: str) -> KeptDocument | None:
        """The document that was made of these bytes under this name; None if it is to be made."""
        key = _key("document", sha256, path, made_by)
        data = self._get([key]).get(key)
        try:
            return None if data is None else KeptDocument(_packed.decode(data)[0], key, self)
        except msgspec.MsgspecError:
            return None

    def keep_document(self, sha256: str, path: str, made_by: str, taken: _Readable) -> None:
        """Keep a document. One that cannot be kept is none the worse for it."""
        if self._given_up:
            return
        try:
            parsed = zlib.compress(msgspec.msgpack.encode(taken.load()), QUICK)
        except UnicodeEncodeError:
            return  # it cannot be stored in the catalogue either, where that is told
        self._put({_key("document", sha256, path, made_by): msgspec.msgpack.encode((taken.summary, parsed))})

    def records(self, key: bytes) -> Parsed:
        """The records of a document that `document` found."""
        try:
            _, packed = _packed.decode(self._get([key])[key])
            return _records.decode(zlib.decompressobj().decompress(packed, MOST_RECORDS))
        except (KeyError, zlib.error, msgspec.MsgspecError) as error:
            self._give_up()
            raise IndexDamaged("what an interrupted ingest had kept cannot be read", hint=INGEST) from error

    def vectors(self, texts: Sequence[Parted], model: str, dimension: int, kind: npt.DTypeLike) -> dict[int, Vectors]:
        """The vectors there are for these texts, by the text's place: a row for the text, then one for each part."""
        width = np.dtype(kind).itemsize * dimension
        keys = [_vector_key(text, model, kind) for text in texts]
        found = self._get(keys)
        return {
            place: np.frombuffer(found[key], dtype=kind).reshape(-1, dimension).astype(np.float32)
            for place, (key, text) in enumerate(zip(keys, texts, strict=True))
            if len(found.get(key, b"")) == width * (1 + len(text.parts))
        }

    def keep_vectors(
        self, texts: Sequence[Parted], vectors: Sequence[Vectors], model: str, kind: npt.DTypeLike
    ) -> None:
        """Keep the vectors of texts and their parts at the precision that the index has."""
        rows = (np.ascontiguousarray(found, dtype=kind).tobytes() for found in vectors)
        self._put({_vector_key(text, model, kind): data for text, data in zip(texts, rows, strict=True)})

    def encoder(self, fingerprint: str, version: str) -> dict[str, Seal] | None:
        """What the files of a model for asking must be, if an earlier ingest wrote them."""
        key = _key("encoder", fingerprint, version)
        data = self._get([key]).get(key)
        return None if data is None else {name: Seal(**seal) for name, seal in json.loads(data).items()}

    def keep_encoder(self, fingerprint: str, version: str, seals: Mapping[str, Seal]) -> None:
        """Remember that the files of a model were written."""
        said = json.dumps({name: asdict(seal) for name, seal in seals.items()})
        self._put({_key("encoder", fingerprint, version): said.encode("ascii")})

    def close(self) -> None:
        """Let go of the file; what is in it stays for the next ingest."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def remove(self) -> None:
        """Remove the file: there is nothing left to do."""
        self.close()
        for name in (f"{NAME}-journal", NAME):
            with suppress(OSError):
                self.path.with_name(name).unlink(missing_ok=True)

    def _give_up(self) -> None:
        self._given_up = True
        self.remove()

    def _get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The whole entries of these keys."""
        if self._connection is None and not self.path.exists():
            return {}

        def look(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            found: dict[bytes, bytes] = {}
            for first in range(0, len(keys), _AT_ONCE):
                part = keys[first : first + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                rows = connection.execute(f"SELECT key, data, checksum FROM kept WHERE key IN ({marks})", part)
                found |= {key: data for key, data, checksum in rows if checksum == _checksum(key, data)}
            return found

        return self._trying(look, {})

    def _put(self, entries: Mapping[bytes, bytes]) -> None:
        rows = [(key, data, _checksum(key, data)) for key, data in entries.items()]

        def keep(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")

        self._trying(keep, None)

    def _trying(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do something with the file. If it fails, nothing is kept from here on."""
        if self._given_up:
            return otherwise
        try:
            return work(self._opened())
        except (sqlite3.Error, sqlite3.Warning, OSError, TypeError):  # a damaged file may hold other types
            self._give_up()
            return otherwise

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = self._connected()
            except sqlite3.DatabaseError:
                # No database, or one that is damaged at its root: what follows is worth keeping all the same.
                self.remove()
                self._connection = self._connected()
        return self._connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, data BLOB NOT NULL, checksum BLOB NOT NULL)"
            )
        except BaseException:
            connection.close()
            raise
        return connection


def _key(*parts: str) -> bytes:
    said = json.dumps([FORMAT, *parts]).encode("ascii")
    return blake2b(said, digest_size=_SUM).digest()


def _vector_key(text: Parted, model: str, kind: npt.DTypeLike) -> bytes:
    return _key("vector", digest_of(text.text).hex(), repr(text.parts), model, np.dtype(kind).str)


def _checksum(key: bytes, data: bytes) -> bytes:
    return blake2b(data, digest_size=_SUM, key=key).digest()
