"""The catalogue: documents, subjects, passages, figures and their full text, in one SQLite file.

1. It is written once, by `CatalogueWriter`, into a new file; afterwards it is only read, so readers need no locks.
2. Rows count from 0 in document order: `passages.row` is the row of the passage's vector, `units.row` that of the
   unit's, `figures.row` its place among the figures. Documents are ordered by path.
3. A figure's value is kept as the text of its decimal, exactly; the REAL column beside it only orders.
4. Every search term is a quoted string for FTS5: nothing that a person types can act as query syntax.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from queue import LifoQueue
from typing import TYPE_CHECKING, TypeVar

from factdesk.corpus.errors import HomeNotWritable, IndexDamaged, IndexUnusable
from factdesk.corpus.records import (
    Aggregate,
    BlockKind,
    Document,
    DocumentRef,
    Figure,
    FileStatus,
    Omission,
    Page,
    Parsed,
    Parted,
    Passage,
    Reported,
    Role,
    Source,
    Subject,
    Unit,
)
from factdesk.corpus.remembered import Remembered
from factdesk.corpus.words import FUNCTION_WORDS, tokens

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Record = TypeVar("Record")
SCHEMA_VERSION = 3
REBUILD = "run: factdesk ingest --rebuild"
MOST_TERMS = 256
"""Distinct terms after which the rest is cut off: a question has tens, a pasted page must not make a query of all."""
MOST_MATCHES = 10_000
"""Passages that a search of the whole library scores: scoring takes a second for a million. A word that more have
tells little, and what a search finds is looked at again with all the words."""
MOST_WORDS = 40_000
"""Words whose vectors are kept: a language's common ones and a library's own."""
DIGEST_BYTES = 16
PASSAGE_WEIGHTS = (1.0, 0.6, 0.8)
"""Of text, heading and subject: what the passage says counts more than where it stands."""
FIGURE_WEIGHTS = (2.0, 1.0, 0.8, 0.8)
"""Of label, sentence, section and subject: the label says what is measured."""
CONNECTIONS = 4
"""Queries that run at the same time; beyond that they wait for one another."""
KEPT_FIGURES, KEPT_PASSAGES = 8_000, 2_000
"""Records kept in memory, some 10 MB each: of a small library all, of a large one what is asked about."""
KEPT_WORDS, KEPT_SETS = 20_000, 200
"""Words with their frequencies, and documents with the rows of their passages, that are kept in memory."""

_SCHEMA = """
CREATE TABLE files (
    absolute BLOB PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, made_by TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, detail TEXT NOT NULL,
    document TEXT
) WITHOUT ROWID;
CREATE TABLE documents (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, format TEXT NOT NULL, text TEXT NOT NULL, pages TEXT NOT NULL, language TEXT NOT NULL,
    warnings TEXT NOT NULL, names TEXT NOT NULL, periods TEXT NOT NULL, kind TEXT NOT NULL,
    numbers_seen INTEGER NOT NULL, made_by TEXT NOT NULL
);
CREATE TABLE subjects (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL, document TEXT NOT NULL, name TEXT NOT NULL,
    aliases TEXT NOT NULL, territory TEXT NOT NULL, whole INTEGER NOT NULL
);
CREATE INDEX subjects_document ON subjects (document);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, document TEXT NOT NULL, subject TEXT NOT NULL,
    subject_id TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL, embedded TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, page_label TEXT, digest BLOB NOT NULL
);
CREATE INDEX passages_document ON passages (document, start);
CREATE INDEX passages_subject ON passages (subject_id);
CREATE INDEX passages_id ON passages (id);
CREATE TABLE units (
    row INTEGER PRIMARY KEY, passage INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL, context TEXT NOT NULL, kind TEXT NOT NULL, lead INTEGER NOT NULL,
    embedded_start INTEGER NOT NULL, embedded_end INTEGER NOT NULL, digest BLOB NOT NULL
);
CREATE INDEX units_passage ON units (passage);
CREATE TABLE words (row INTEGER PRIMARY KEY, word TEXT NOT NULL, digest BLOB NOT NULL);
CREATE TABLE figures (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, document TEXT NOT NULL, subject TEXT NOT NULL,
    subject_id TEXT NOT NULL, subject_key TEXT NOT NULL, section TEXT NOT NULL, measure TEXT, label TEXT NOT NULL,
    value TEXT NOT NULL, value_real REAL, value_high TEXT, value_high_real REAL, unit TEXT, per TEXT, period TEXT,
    period_words TEXT, comparator TEXT, role TEXT NOT NULL, parent TEXT, beneficiary TEXT, footnotes TEXT NOT NULL,
    quote TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, page_label TEXT,
    sentence TEXT NOT NULL, sentence_start INTEGER NOT NULL, sentence_end INTEGER NOT NULL, printed TEXT NOT NULL,
    doubt TEXT, facet TEXT NOT NULL, aggregate TEXT, in_table INTEGER NOT NULL
);
CREATE INDEX figures_document ON figures (document, start);
CREATE INDEX figures_subject ON figures (subject_key, measure);
CREATE INDEX figures_measure ON figures (measure, value_real);
CREATE INDEX figures_id ON figures (id);
CREATE TABLE omissions (
    position INTEGER PRIMARY KEY, document TEXT NOT NULL, subject_id TEXT NOT NULL, section TEXT NOT NULL,
    measure TEXT, text TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, page_label TEXT
);
CREATE INDEX omissions_document ON omissions (document);
CREATE TABLE skipped (
    document TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (document, reason)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE passages_fts USING fts5(
    text, heading, subject, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE figures_fts USING fts5(
    label, sentence, section, subject, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE passages_words USING fts5vocab(passages_fts, row);
"""

_TOKENS = """
CREATE VIRTUAL TABLE said USING fts5(text, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE said_words USING fts5vocab(said, instance);
"""

_DOCUMENT = "id, title, path, sha256, format, text, pages, language, warnings, names, periods, kind"
_NO_TEXT = _DOCUMENT.replace("text, pages", "'', '[]'")
_SUBJECT = "id, document, name, aliases, territory, whole"
_PASSAGE = 'row, id, document, subject, section, text, embedded, start, "end", page, page_label'
_UNIT = 'passage, row, start, "end", text, context, kind, lead, embedded_start, embedded_end'
_FIGURE = (
    'row, id, document, subject, section, measure, label, value, unit, quote, start, "end", page, page_label, '
    "value_high, per, period, period_words, comparator, role, parent, beneficiary, footnotes, sentence, "
    "sentence_start, sentence_end, printed, doubt, subject_id, facet, aggregate, in_table"
)
_OMISSION = 'document, subject_id, section, measure, text, start, "end", page, page_label'


class UncleanText(IndexUnusable):
    """A record holds text that cannot be stored: a lone surrogate. The document is not in the catalogue."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is remembered of a file between two ingests.

    `made_by` names the settings and the version that read it: another value means that it must be read again.
    """

    absolute: Path
    path: str
    sha256: str
    size: int
    mtime_ns: int
    made_by: str
    status: FileStatus
    reason: str | None = None
    detail: str = ""
    document: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text, with what was found in it."""

    id: str
    title: str
    path: str
    sha256: str
    format: str
    language: str
    warnings: tuple[str, ...]
    made_by: str
    passages: int
    figures: int
    numbers_seen: int
    skipped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalogue holds."""

    documents: int
    passages: int
    units: int
    figures: int
    words: int = field(default=0, compare=False)
    """Distinct words of the passages whose nearness to other words is known; follows from the passages."""


def is_telling(word: str) -> bool:
    """Whether a folded word means something by itself: letters only, no function word."""
    return len(word) >= 3 and word.isalpha() and all(word not in drop for drop in FUNCTION_WORDS.values())


def digest_of(text: str) -> bytes:
    """The key under which a text's vector is found again: equal texts have equal vectors."""
    return blake2b(text.encode("utf-8"), digest_size=DIGEST_BYTES).digest()


def parted(passage: Passage) -> Parted:
    """A passage as it is embedded, with its units as parts."""
    return Parted(passage.embedded, tuple(unit.embedded for unit in passage.units))


def digests_of_parts(item: Parted) -> list[bytes]:
    """The same of the parts of a text: their vectors depend on all of the text."""
    whole = blake2b(f"{item.head} {item.text}".encode(), digest_size=DIGEST_BYTES).digest()
    return [
        blake2b(f"{start}-{end}".encode("ascii"), key=whole, digest_size=DIGEST_BYTES).digest()
        for start, end in item.parts
    ]


def quoted(terms: Iterable[str]) -> str:
    """An FTS5 query for any of the terms, each a string literal: no operator, column or prefix can come of it.

    Empty if there is nothing to look for. NUL would end the query early and lone surrogates cannot be passed, so
    both become blanks.
    """
    clean = (re.sub("[\x00\ud800-\udfff]+", " ", term).strip() for term in terms)
    distinct = list(dict.fromkeys(term for term in clean if term))[:MOST_TERMS]
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in distinct)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@lru_cache(KEPT_FIGURES)
def _strings(text: str) -> tuple[str, ...]:
    return tuple(str(item) for item in json.loads(text))


def _real(value: Decimal | None) -> float | None:
    return float(value) if value is not None and value.is_finite() else None


class CatalogueWriter:
    """Writes a catalogue into a new file. Documents are added in the order they shall have; then `finish`.

    `old` is the catalogue that `carry` copies unchanged documents from.
    """

    def __init__(self, path: Path, *, old: Path | None = None) -> None:
        with self._storing():
            self._connection = sqlite3.connect(path, isolation_level=None, uri=True)
            # The file is thrown away if the writer dies and synced whole before it is published: SQLite's own
            # journal and syncs would be paid twice. A journal in memory is what a rollback needs.
            self._connection.execute("PRAGMA journal_mode = MEMORY")
            self._connection.execute("PRAGMA synchronous = OFF")
            if old is not None:
                self._connection.execute("ATTACH DATABASE ? AS old", (_address(old),))
            self._connection.execute("BEGIN")
            for statement in _SCHEMA.strip().split(";\n"):
                self._connection.execute(statement)
        self._next = {"documents": 0, "subjects": 0, "passages": 0, "units": 0, "figures": 0, "omissions": 0}

    def add(self, parsed: Parsed, *, made_by: str = "") -> None:
        """Append a document with all that was found in it; all of it or nothing.

        Raises UncleanText if a text holds a lone surrogate, HomeNotWritable if the disk does not take it.
        """
        before = dict(self._next)
        with self._storing():
            self._connection.execute("SAVEPOINT document")
        try:
            with self._storing():
                self._add(parsed, made_by)
                self._connection.execute("RELEASE document")
        except UncleanText:
            with self._storing():
                self._connection.execute("ROLLBACK TO document")
                self._connection.execute("RELEASE document")
            self._next = before
            raise

    def _add(self, parsed: Parsed, made_by: str) -> None:
        document = parsed.document
        pages = [[page.number, page.label, page.start, page.end] for page in document.pages]
        periods = [[period.label, period.source.value, period.ended] for period in document.periods]
        self._insert(
            "documents",
            [
                (
                    *(document.id, document.title, document.path, document.sha256, document.format, document.text),
                    *(_json(pages), document.language, _json(document.warnings), _json(document.names)),
                    *(_json(periods), document.kind, parsed.numbers_seen, made_by),
                )
            ],
        )
        self._insert(
            "subjects",
            [
                (item.id, item.document, item.name, _json(item.aliases), item.territory, item.whole)
                for item in parsed.subjects
            ],
        )
        ids = {item.id for item in parsed.subjects}
        by_name: dict[str, str] = {}
        for item in parsed.subjects:
            by_name.setdefault(item.name, item.id)

        def subject_id(given: str, name: str) -> str:
            return given if given in ids else by_name.get(name, given)

        first = self._next["passages"]
        self._insert(
            "passages",
            [
                (
                    *(item.id, item.document, item.subject, subject_id(item.subject, item.subject)),
                    *(_json(item.section), item.text, item.embedded, item.start, item.end, item.page),
                    *(item.page_label, digest_of(item.embedded)),
                )
                for item in parsed.passages
            ],
        )
        self._insert(
            "units",
            [
                (
                    *(row, unit.start, unit.end, unit.text, unit.context, unit.kind.value, unit.lead),
                    *(*unit.embedded, digest),
                )
                for row, item in enumerate(parsed.passages, first)
                for unit, digest in zip(item.units, digests_of_parts(parted(item)), strict=True)
            ],
        )
        self._insert(
            "figures",
            [
                (
                    *(item.id, item.document, item.subject, item.subject_id),
                    *(subject_id(item.subject_id, item.subject), _json(item.section), item.measure, item.label),
                    *(str(item.value), _real(item.value)),
                    *(None if item.value_high is None else str(item.value_high), _real(item.value_high)),
                    *(item.unit, item.per, item.period, item.period_words, item.comparator, item.role.value),
                    *(item.parent, item.beneficiary, _json(item.footnotes), item.quote, item.start, item.end),
                    *(item.page, item.page_label, item.sentence, item.sentence_start, item.sentence_end),
                    *(item.printed, item.doubt, item.facet, item.aggregate, item.table),
                )
                for item in parsed.figures
            ],
        )
        self._insert(
            "omissions",
            [
                (
                    *(item.document, item.subject_id, _json(item.section), item.measure, item.text),
                    *(item.start, item.end, item.page, item.page_label),
                )
                for item in parsed.omissions
            ],
        )
        reasons: dict[str, int] = {}
        for skipped in parsed.skipped:
            reasons[skipped.reason] = reasons.get(skipped.reason, 0) + 1
        self._connection.executemany(
            "INSERT INTO skipped VALUES (?, ?, ?)",
            [(document.id, reason, count) for reason, count in sorted(reasons.items())],
        )

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        marks = ", ".join("?" * (len(rows[0]) + 1))
        first = self._next[table]
        numbered = ((number, *row) for number, row in enumerate(rows, first))
        self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", numbered)
        self._next[table] = first + len(rows)

    def carry(self, document: str, *, path: str | None = None) -> None:
        """Append a document of the old catalogue as it is there, under another path if one is given."""
        with self._storing():
            self._carry(document)
            if path is not None:
                self._connection.execute("UPDATE documents SET path = ? WHERE id = ?", (path, document))

    def _carry(self, document: str) -> None:
        execute = self._connection.execute
        for table in ("documents", "subjects", "passages", "figures", "omissions"):
            number, key = _NUMBERS[table], "id" if table == "documents" else "document"
            columns = ", ".join(f'"{name}"' for name in self._columns(table) if name != number)
            low, count = execute(
                f"SELECT min({number}), count(*) FROM old.{table} WHERE {key} = ?", (document,)
            ).fetchone()
            if not count:
                continue
            shift = self._next[table] - low
            execute(
                f"INSERT INTO main.{table} ({number}, {columns}) SELECT {number} + ?, {columns} "
                f"FROM old.{table} WHERE {key} = ? ORDER BY {number}",
                (shift, document),
            )
            self._next[table] += count
            if table == "passages":
                self._carry_units(low, count, shift)
        execute("INSERT INTO main.skipped SELECT * FROM old.skipped WHERE document = ?", (document,))

    def _carry_units(self, first: int, passages: int, shift: int) -> None:
        execute = self._connection.execute
        low, count = execute(
            "SELECT min(row), count(*) FROM old.units WHERE passage >= ? AND passage < ?", (first, first + passages)
        ).fetchone()
        if not count:
            return
        columns = ", ".join(f'"{name}"' for name in self._columns("units") if name not in ("row", "passage"))
        execute(
            f"INSERT INTO main.units (row, passage, {columns}) SELECT row + ?, passage + ?, {columns} "
            "FROM old.units WHERE passage >= ? AND passage < ? ORDER BY row",
            (self._next["units"] - low, shift, first, first + passages),
        )
        self._next["units"] += count

    def _columns(self, table: str) -> list[str]:
        return [str(row[1]) for row in self._connection.execute(f"PRAGMA main.table_info({table})")]

    def file(self, record: FileRecord) -> None:
        """Remember a file for the next ingest."""
        with self._storing():
            self._connection.execute(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    # As bytes: a file's name need not be text.
                    os.fsencode(record.absolute),
                    *(record.path, record.sha256, record.size, record.mtime_ns, record.made_by),
                    *(record.status.value, record.reason, record.detail, record.document),
                ),
            )

    def finish(self) -> Counts:
        """Fill the full text, commit and close."""
        with self._storing():
            self._fill_full_text()
            words = self._fill_words()
            self._connection.execute(f"PRAGMA main.user_version = {SCHEMA_VERSION}")
            self._connection.execute("COMMIT")
        self.close()
        documents, passages, units, figures = (
            self._next[name] for name in ("documents", "passages", "units", "figures")
        )
        return Counts(documents, passages, units, figures, words)

    def _fill_full_text(self) -> None:
        words: dict[tuple[str, str], str] = {}
        for identity, document, name, aliases in self._connection.execute(
            "SELECT id, document, name, aliases FROM main.subjects"
        ):
            words[document, identity] = " ".join((name, *_strings(aliases)))

        def subject_words(document: str, subject: str, fallback: str) -> str:
            return words.get((document, subject), fallback)

        def joined(section: str) -> str:
            return " ".join(_strings(section))

        self._connection.create_function("subject_words", 3, subject_words, deterministic=True)
        self._connection.create_function("joined", 1, joined, deterministic=True)
        self._connection.execute(
            "INSERT INTO passages_fts (rowid, text, heading, subject) SELECT row, text, joined(section), "
            "subject_words(document, subject_id, subject) FROM main.passages ORDER BY row"
        )
        self._connection.execute(
            "INSERT INTO figures_fts (rowid, label, sentence, section, subject) SELECT row, label, sentence, "
            "joined(section), subject_words(document, subject_key, subject) FROM main.figures ORDER BY row"
        )
        for table in ("passages_fts", "figures_fts"):
            self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")

    def _fill_words(self) -> int:
        """Fill the list of distinct words, the commonest first; return how many there are."""
        counts: Counter[str] = Counter()
        for (text,) in self._connection.execute("SELECT text FROM main.passages ORDER BY row"):
            counts.update(tokens(text))
        common = sorted(filter(is_telling, counts), key=lambda word: (-counts[word], word))[:MOST_WORDS]
        rows = [(row, word, digest_of(word)) for row, word in enumerate(common)]
        self._connection.executemany("INSERT INTO main.words VALUES (?, ?, ?)", rows)
        return len(rows)

    def close(self) -> None:
        """Close without finishing; what was written is not a catalogue. Does nothing after `finish`."""
        self._connection.close()

    @contextmanager
    def _storing(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError as error:
            raise UncleanText(
                f"a text cannot be stored: {error.reason} at character {error.start}",
                hint="this is a fault of the reader of that file format; the other documents are not concerned",
            ) from error
        except sqlite3.IntegrityError as error:
            raise IndexUnusable(f"the catalogue refuses a record: {error}") from error
        except sqlite3.DatabaseError as error:
            raise HomeNotWritable(
                f"the catalogue cannot be written: {error}",
                hint="make room on the disk or choose another folder with --home, then run: factdesk ingest",
            ) from error


_NUMBERS = {
    "documents": "position",
    "subjects": "position",
    "passages": "row",
    "figures": "row",
    "omissions": "position",
}


def _address(path: Path) -> str:
    """An address that opens the file for reading only. It never changes again, so SQLite need not lock it."""
    return path.absolute().as_uri() + "?mode=ro&immutable=1"


class _Connection:
    """A connection to the file, and a full text index in memory that takes words apart as the file's does."""

    def __init__(self, path: Path) -> None:
        self.file = sqlite3.connect(_address(path), uri=True, check_same_thread=False, isolation_level=None)
        self.file.execute("PRAGMA query_only = ON")
        self._words: sqlite3.Connection | None = None

    def tokens(self, term: str) -> list[str]:
        """The term as the full text index has it: folded, stemmed, in words."""
        if self._words is None:
            self._words = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
            self._words.executescript(_TOKENS)
        try:
            self._words.execute("INSERT INTO said (said) VALUES ('delete-all')")
            self._words.execute("INSERT INTO said (rowid, text) VALUES (1, ?)", (term.replace("\x00", " "),))
            return [str(row[0]) for row in self._words.execute('SELECT term FROM said_words ORDER BY "offset"')]
        except (sqlite3.Error, UnicodeEncodeError):
            return []

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()
        if self._words is not None:
            self._words.close()


class Catalogue:
    """Reads a catalogue. Threads may share one: each query has a connection to itself, and what is kept is immutable.

    `documents` and `subjects` arguments are ids; None means all, an empty list means none.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises IndexDamaged if it is no catalogue of this version."""
        self._idle: LifoQueue[_Connection] = LifoQueue()
        self._closed = False
        try:
            # All of them at once: the file may be gone when the next one is wanted. The last one put is the first used.
            for _ in range(CONNECTIONS):
                self._idle.put(_Connection(path))
            ((version,),) = self._rows("PRAGMA user_version")
        except sqlite3.Error as error:
            self.close()
            raise IndexDamaged(f"the catalogue cannot be opened: {error}", hint=REBUILD) from error
        except IndexDamaged:
            self.close()
            raise
        if version != SCHEMA_VERSION:
            self.close()
            raise IndexDamaged(f"the catalogue has version {version}, not {SCHEMA_VERSION}", hint=REBUILD)
        self._figures = Remembered[int, Figure](KEPT_FIGURES)
        self._passages = Remembered[int, Passage](KEPT_PASSAGES)
        self._units = Remembered[int, tuple[tuple[int, Unit], ...]](KEPT_PASSAGES)
        self._frequencies = Remembered[str, int](KEPT_WORDS)
        self._rows_of: Remembered[str, npt.NDArray[np.int64]] = Remembered(KEPT_SETS)
        self._places = Remembered[str, tuple[list[int], list[int], list[int]]](KEPT_SETS)

    def close(self) -> None:
        """Close the file, once nobody reads it; later calls raise IndexDamaged."""
        if not self._closed:
            self._closed = True
            for _ in range(self._idle.qsize()):
                self._idle.get().close()

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _connected(self) -> Iterator[_Connection]:
        """A connection that nobody else uses meanwhile."""
        if self._closed:
            raise IndexDamaged("the catalogue cannot be read: it is closed", hint=REBUILD)
        connection = self._idle.get()
        try:
            yield connection
        finally:
            if self._closed:
                connection.close()
            self._idle.put(connection)

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._connected() as connection:
            try:
                return connection.file.execute(query, values).fetchall()
            except UnicodeEncodeError:
                return []  # asked for a lone surrogate, which no stored text holds
            except sqlite3.Error as error:
                raise IndexDamaged(f"the catalogue cannot be read: {error}", hint=REBUILD) from error

    def check(self) -> None:
        """Let SQLite examine the whole file. Raises IndexDamaged with what it found."""
        found = str(self._rows("PRAGMA integrity_check(1)")[0][0])
        if found != "ok":
            raise IndexDamaged(f"the catalogue is damaged: {found}", hint=REBUILD)

    def counts(self) -> Counts:
        """How much there is."""
        tables = ("documents", "passages", "units", "figures", "words")
        (found,) = self._rows("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
        return Counts(*(_integer(value) for value in found))

    # Documents and files

    def documents(self) -> list[Document]:
        """All documents with their text, by path. `references` and `summaries` are lighter."""
        return [_document(row) for row in self._rows(f"SELECT {_DOCUMENT} FROM documents ORDER BY position")]

    def identities(self) -> list[Document]:
        """All documents without text and pages, by path: what tells one from another."""
        return [_document(row) for row in self._rows(f"SELECT {_NO_TEXT} FROM documents ORDER BY position")]

    def document(self, identity: str) -> Document | None:
        """A document by its id; None if there is none."""
        found = self._rows(f"SELECT {_DOCUMENT} FROM documents WHERE id = ?", (identity,))
        return _document(found[0]) if found else None

    def document_text(self, identity: str) -> str:
        """The text of a document. Raises KeyError if there is no such document."""
        found = self._rows("SELECT text FROM documents WHERE id = ?", (identity,))
        if not found:
            raise KeyError(identity)
        return str(found[0][0])

    def references(self) -> dict[str, DocumentRef]:
        """Every document as answers name it, by id."""
        found = self._rows("SELECT id, title, path FROM documents ORDER BY position")
        return {str(row[0]): DocumentRef(str(row[0]), str(row[1]), str(row[2])) for row in found}

    def summaries(self) -> list[DocumentSummary]:
        """Every document with what was found in it."""
        skipped: dict[str, dict[str, int]] = {}
        for document, reason, count in self._rows("SELECT document, reason, count FROM skipped"):
            skipped.setdefault(str(document), {})[str(reason)] = _integer(count)
        found = self._rows(
            "SELECT id, title, path, sha256, format, language, warnings, made_by, "
            "(SELECT count(*) FROM passages WHERE document = documents.id), "
            "(SELECT count(*) FROM figures WHERE document = documents.id), numbers_seen "
            "FROM documents ORDER BY position"
        )
        return [
            DocumentSummary(
                id=str(row[0]),
                title=str(row[1]),
                path=str(row[2]),
                sha256=str(row[3]),
                format=str(row[4]),
                language=str(row[5]),
                warnings=_strings(str(row[6])),
                made_by=str(row[7]),
                passages=_integer(row[8]),
                figures=_integer(row[9]),
                numbers_seen=_integer(row[10]),
                skipped=skipped.get(str(row[0]), {}),
            )
            for row in found
        ]

    def files(self) -> list[FileRecord]:
        """Every file that was looked at, by path; those that could not be read are among them."""
        found = self._rows(
            "SELECT absolute, path, sha256, size, mtime_ns, made_by, status, reason, detail, document "
            "FROM files ORDER BY path, absolute"
        )
        return [
            FileRecord(
                absolute=Path(os.fsdecode(_bytes(row[0]))),
                path=str(row[1]),
                sha256=str(row[2]),
                size=_integer(row[3]),
                mtime_ns=_integer(row[4]),
                made_by=str(row[5]),
                status=FileStatus(str(row[6])),
                reason=_maybe(row[7]),
                detail=str(row[8]),
                document=_maybe(row[9]),
            )
            for row in found
        ]

    # Subjects, figures, omissions

    def subjects(self, document: str | None = None) -> list[Subject]:
        """The subjects of one document or of all, in document order."""
        where, values = ("", ()) if document is None else (" WHERE document = ?", (document,))
        found = self._rows(f"SELECT {_SUBJECT} FROM subjects{where} ORDER BY position", values)
        return [
            Subject(str(row[0]), str(row[1]), str(row[2]), _strings(str(row[3])), str(row[4]), bool(row[5]))
            for row in found
        ]

    def figures(
        self,
        *,
        subjects: Iterable[str] | None = None,
        documents: Iterable[str] | None = None,
        measure: str | None = None,
        rows: Iterable[int] | None = None,
    ) -> list[Figure]:
        """The figures that meet every condition given, in document order."""
        return list(self.figures_by_row(subjects=subjects, documents=documents, measure=measure, rows=rows).values())

    def figures_by_row(
        self,
        *,
        subjects: Iterable[str] | None = None,
        documents: Iterable[str] | None = None,
        measure: str | None = None,
        rows: Iterable[int] | None = None,
    ) -> dict[int, Figure]:
        """As `figures`, by the row that `search_figures` answers with."""
        if rows is not None and subjects is None and documents is None and measure is None:
            return self._by_row(sorted({int(row) for row in rows}), self._figures, KEPT_FIGURES, self._read_figures)
        where, values = _conditions(subject_key=subjects, document=documents, row=rows)
        if measure is not None:
            where, values = [*where, "measure = ?"], [*values, measure]
        if subjects is not None:  # a few, which are asked about again and again
            found = self._rows(f"SELECT row FROM figures{_where(where)} ORDER BY row", values)
            return self.figures_by_row(rows=[_integer(row[0]) for row in found])
        return self._figures_where(_where(where), values)

    def _read_figures(self, rows: Sequence[int]) -> dict[int, Figure]:
        return self._figures_where(" WHERE row IN (SELECT value FROM json_each(?))", [_json(rows)])

    def _figures_where(self, condition: str, values: Sequence[object]) -> dict[int, Figure]:
        query = f"SELECT {_FIGURE} FROM figures{condition} ORDER BY row"
        return {_integer(row[0]): _figure(row) for row in self._rows(query, values)}

    @staticmethod
    def _by_row(
        rows: Sequence[int],
        kept: Remembered[int, Record],
        limit: int,
        read: Callable[[Sequence[int]], dict[int, Record]],
    ) -> dict[int, Record]:
        """The records of some rows, in their order, those that are not kept read at once; rows without one left out."""
        if len(rows) > limit:  # they would drive each other out
            return read(rows)
        known = {row: kept.get(row) for row in rows}
        missing = [row for row, record in known.items() if record is None]
        if missing:
            new = read(missing)
            for row, record in new.items():
                kept.put(row, record)
            known.update(new)
        return {row: record for row, record in known.items() if record is not None}

    def figures_of_tables(self, document: str) -> list[Figure]:
        """The figures in a document's tables that have a period and no doubt, in document order."""
        condition = " WHERE document = ? AND in_table >= 0 AND period IS NOT NULL AND doubt IS NULL"
        return list(self._figures_where(condition, [document]).values())

    def figure(self, identity: str) -> Figure | None:
        """A figure by its id; None if there is none."""
        found = self._rows(f"SELECT {_FIGURE} FROM figures WHERE id = ? ORDER BY row LIMIT 1", (identity,))
        return _figure(found[0]) if found else None

    def doubts(self) -> dict[str, list[tuple[str, int | None, str]]]:
        """The figures whose reading is uncertain, by why: document, page and the number as printed, in their order."""
        query = "SELECT doubt, document, page, printed FROM figures WHERE doubt IS NOT NULL ORDER BY row"
        found: dict[str, list[tuple[str, int | None, str]]] = {}
        for doubt, document, page, printed in self._rows(query, ()):
            found.setdefault(str(doubt), []).append((str(document), _number(page), str(printed)))
        return found

    def omissions(
        self, *, subjects: Iterable[str] | None = None, documents: Iterable[str] | None = None
    ) -> list[Omission]:
        """What the documents say they do not quantify, in document order."""
        where, values = _conditions(subject_id=subjects, document=documents)
        found = self._rows(f"SELECT {_OMISSION} FROM omissions{_where(where)} ORDER BY position", values)
        return [
            Omission(
                document=str(row[0]),
                subject_id=str(row[1]),
                section=_strings(str(row[2])),
                measure=_maybe(row[3]),
                text=str(row[4]),
                start=_integer(row[5]),
                end=_integer(row[6]),
                page=_number(row[7]),
                page_label=_maybe(row[8]),
            )
            for row in found
        ]

    # Passages and units

    def passages(self, rows: Iterable[int]) -> dict[int, Passage]:
        """The passages in these rows, with their units; rows that do not exist are left out."""
        wanted = sorted({int(row) for row in rows})
        return self._by_row(wanted, self._passages, KEPT_PASSAGES, self._read_passages)

    def passages_of(self, *, document: str | None = None, subject: str | None = None) -> dict[int, Passage]:
        """The passages of a document, of a subject, or of a subject within a document, in document order."""
        where, values = _conditions(
            document=None if document is None else [document], subject_id=None if subject is None else [subject]
        )
        found = self._rows(f"SELECT row FROM passages{_where(where)} ORDER BY row", values)
        return self.passages(_integer(row[0]) for row in found)

    def passage_rows(
        self, *, documents: Iterable[str] | None = None, subjects: Iterable[str] | None = None
    ) -> npt.NDArray[np.int64]:
        """The rows of the passages of these documents and subjects, ascending."""
        import numpy as np  # not at the top: figures are listed without it

        where, values = _conditions(document=documents, subject_id=subjects)
        key = repr((where, values))
        rows = self._rows_of.get(key)
        if rows is None:
            found = self._rows(f"SELECT row FROM passages{_where(where)} ORDER BY row", values)
            rows = np.array([_integer(row[0]) for row in found], dtype=np.int64)
            rows.flags.writeable = False
            if where:
                self._rows_of.put(key, rows)
        return rows

    def passage_row_of(self, document: str, position: int) -> int | None:
        """The row of the passage in which a character of a document stands; None if none holds it."""
        rows, starts, ends = self._places_of(document)
        for at in range(bisect_right(starts, position) - 1, -1, -1):
            if ends[at] > position:
                return rows[at]
        return None

    def _places_of(self, document: str) -> tuple[list[int], list[int], list[int]]:
        """The rows of a document's passages, where each begins and ends, by where they begin."""
        places = self._places.get(document)
        if places is None:
            query = 'SELECT row, start, "end" FROM passages WHERE document = ? ORDER BY start, row'
            found = [
                (_integer(row), _integer(start), _integer(end)) for row, start, end in self._rows(query, (document,))
            ]
            places = [row for row, _, _ in found], [start for _, start, _ in found], [end for _, _, end in found]
            self._places.put(document, places)
        return places

    def _read_passages(self, rows: Sequence[int]) -> dict[int, Passage]:
        query = f"SELECT {_PASSAGE} FROM passages WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"
        found = self._rows(query, (_json(rows),))
        units = self.units_of(_integer(row[0]) for row in found)
        return {
            _integer(row[0]): Passage(
                id=str(row[1]),
                document=str(row[2]),
                subject=str(row[3]),
                section=_strings(str(row[4])),
                text=str(row[5]),
                embedded=str(row[6]),
                start=_integer(row[7]),
                end=_integer(row[8]),
                page=_number(row[9]),
                page_label=_maybe(row[10]),
                units=tuple(unit for _, unit in units[_integer(row[0])]),
            )
            for row in found
        }

    def units_of(self, rows: Iterable[int]) -> dict[int, tuple[tuple[int, Unit], ...]]:
        """For each passage row, its units with the rows of their vectors, in order; something for every row asked."""
        return self._by_row([int(row) for row in rows], self._units, KEPT_PASSAGES, self._read_units)

    def _read_units(self, rows: Sequence[int]) -> dict[int, tuple[tuple[int, Unit], ...]]:
        units: dict[int, list[tuple[int, Unit]]] = {row: [] for row in rows}
        query = f"SELECT {_UNIT} FROM units WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY row"
        for row in self._rows(query, (_json(rows),)):
            unit = Unit(
                start=_integer(row[2]),
                end=_integer(row[3]),
                text=str(row[4]),
                context=str(row[5]),
                kind=BlockKind(str(row[6])),
                lead=bool(row[7]),
                embedded=(_integer(row[8]), _integer(row[9])),
            )
            units[_integer(row[0])].append((_integer(row[1]), unit))
        return {row: tuple(found) for row, found in units.items()}

    # Full text

    def search_passages(
        self,
        terms: Sequence[str],
        limit: int,
        *,
        documents: Iterable[str] | None = None,
        subjects: Iterable[str] | None = None,
        column_weights: tuple[float, float, float] = PASSAGE_WEIGHTS,
    ) -> list[tuple[int, float]]:
        """The passages with any of the terms, best first: (row, score), higher is better, equals by row.

        A term of several words is a phrase. The weights are of text, heading and subject.
        """
        where, values = _conditions(document=documents, subject_id=subjects)
        return self._search("passages", terms, limit, where, values, column_weights)

    def search_figures(
        self,
        terms: Sequence[str],
        limit: int,
        *,
        documents: Iterable[str] | None = None,
        subjects: Iterable[str] | None = None,
        column_weights: tuple[float, float, float, float] = FIGURE_WEIGHTS,
    ) -> list[tuple[int, float]]:
        """The figures with any of the terms, as `search_passages`; the weights: label, sentence, section, subject."""
        where, values = _conditions(document=documents, subject_key=subjects)
        return self._search("figures", terms, limit, where, values, column_weights)

    def _search(
        self,
        table: str,
        terms: Sequence[str],
        limit: int,
        where: list[str],
        values: list[object],
        weights: tuple[float, ...],
    ) -> list[tuple[int, float]]:
        # Within some documents or subjects what does not belong to them is dropped before it is scored.
        query = quoted(terms) if where else self._narrowed(terms)
        if not query or limit <= 0:
            return []
        # The plus keeps SQLite from looking every row up in the full text by its number: that takes 400 times as long.
        bounds = f" AND +rowid IN (SELECT row FROM {table}{_where(where)})" if where else ""
        found = self._rows(
            f"SELECT rowid, bm25({table}_fts, {', '.join('?' * len(weights))}) AS rank FROM {table}_fts "
            f"WHERE {table}_fts MATCH ?{bounds} ORDER BY rank, rowid LIMIT ?",
            (*weights, query, *values, limit),
        )
        return [(_integer(row), -_decimal(score)) for row, score in found]

    def _narrowed(self, terms: Sequence[str]) -> str:
        """A query for the rarest of the terms, so many that about `MOST_MATCHES` passages are scored; mostly for all.

        Where even the rarest is in more, another of the terms must be there with it.
        """
        counts = self.term_document_frequencies(terms)
        if sum(counts.values()) <= MOST_MATCHES:
            return quoted(terms)
        rarest = sorted(counts, key=lambda term: (counts[term], term))
        within = sum(total <= MOST_MATCHES for total in accumulate(counts[term] for term in rarest))
        if any(counts[term] for term in rarest[:within]):
            return quoted(rarest[:within])
        first, others = rarest[within], rarest[within + 1 :]
        return f"({quoted([first])}) AND ({quoted(others)})" if others else quoted([first])

    def term_document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each term occurs, in any of its forms; a term of several words counts as a phrase."""
        found: dict[str, int] = {}
        for term in dict.fromkeys(terms):
            count = self._frequencies.get(term)
            if count is None:
                count = self._frequency(term)
                self._frequencies.put(term, count)
            found[term] = count
        return found

    def _frequency(self, term: str) -> int:
        query = quoted([term])
        tokens = self._tokens(term) if query else []
        if not tokens:
            return 0
        if len(tokens) > 1:
            found = self._rows("SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (query,))
        else:
            found = self._rows("SELECT doc FROM passages_words WHERE term = ?", (tokens[0],))
        return _integer(found[0][0]) if found else 0

    def _tokens(self, term: str) -> list[str]:
        with self._connected() as connection:
            return connection.tokens(term)

    def words(self) -> list[str]:
        """The distinct words of the passages, folded, by row."""
        return [str(row[0]) for row in self._rows("SELECT word FROM words ORDER BY row")]

    # For the builder

    def embedded_words(self, rows: Iterable[int]) -> list[str]:
        """The words in these rows, in the order of their rows: each is embedded as it is."""
        query = "SELECT word FROM words WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"
        return [str(row[0]) for row in self._rows(query, (_json([int(row) for row in rows]),))]

    def digests(self, table: str) -> npt.NDArray[np.bytes_]:
        """The digests of what was embedded, by row, of "passages" or "units"."""
        import numpy as np

        found = self._rows(f"SELECT digest FROM {table} ORDER BY row")
        return np.array([_bytes(row[0]) for row in found], dtype=f"S{DIGEST_BYTES}")

    def embedded_passages(self, rows: Iterable[int]) -> list[str]:
        """What the passages in these rows are embedded as, in the order of their rows."""
        query = "SELECT embedded FROM passages WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"
        return [str(row[0]) for row in self._rows(query, (_json([int(row) for row in rows]),))]

    def embedded_size(self, rows: Iterable[int]) -> int:
        """How many characters the passages in these rows are embedded as, all together."""
        query = "SELECT coalesce(sum(length(embedded)), 0) FROM passages WHERE row IN (SELECT value FROM json_each(?))"
        return _integer(self._rows(query, (_json([int(row) for row in rows]),))[0][0])

    def parted_passages(self, rows: Sequence[int]) -> list[Parted]:
        """The same with the stretches that the vectors of their units are of."""
        query = (
            "SELECT passage, embedded_start, embedded_end FROM units "
            "WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY row"
        )
        parts: dict[int, list[tuple[int, int]]] = {row: [] for row in rows}
        for row, start, end in self._rows(query, (_json([int(row) for row in rows]),)):
            parts[_integer(row)].append((_integer(start), _integer(end)))
        texts = self.embedded_passages(rows)
        return [Parted(text, tuple(parts[row])) for row, text in zip(sorted(parts), texts, strict=True)]

    def unit_starts(self) -> npt.NDArray[np.int64]:
        """For each passage the row of its first unit, and after the last the number of units."""
        import numpy as np

        query = "SELECT (SELECT count(*) FROM units WHERE passage = passages.row) FROM passages ORDER BY row"
        counts = [_integer(row[0]) for row in self._rows(query)]
        return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))


def _conditions(**wanted: Iterable[str] | Iterable[int] | None) -> tuple[list[str], list[object]]:
    """SQL conditions "column is one of", and their values: one JSON list each, so that no list is too long."""
    where: list[str] = []
    values: list[object] = []
    for column, items in wanted.items():
        if items is not None:
            where.append(f"{column} IN (SELECT value FROM json_each(?))")
            # NumPy's integers are no numbers to json.
            values.append(json.dumps([item if isinstance(item, str) else int(item) for item in items]))
    return where, values


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _document(row: tuple[object, ...]) -> Document:
    return Document(
        id=str(row[0]),
        title=str(row[1]),
        path=str(row[2]),
        sha256=str(row[3]),
        format=str(row[4]),
        text=str(row[5]),
        pages=tuple(Page(*page) for page in json.loads(str(row[6]))),
        language=str(row[7]),
        warnings=_strings(str(row[8])),
        names=_strings(str(row[9])),
        periods=tuple(Reported(label, Source(source), ended) for label, source, ended in json.loads(str(row[10]))),
        kind=str(row[11]),
    )


def _figure(row: tuple[object, ...]) -> Figure:
    return Figure(
        id=str(row[1]),
        document=str(row[2]),
        subject=str(row[3]),
        section=_strings(str(row[4])),
        measure=_maybe(row[5]),
        label=str(row[6]),
        value=Decimal(str(row[7])),
        unit=_maybe(row[8]),
        quote=str(row[9]),
        start=_integer(row[10]),
        end=_integer(row[11]),
        page=_number(row[12]),
        page_label=_maybe(row[13]),
        value_high=None if row[14] is None else Decimal(str(row[14])),
        per=_maybe(row[15]),
        period=_maybe(row[16]),
        period_words=_maybe(row[17]),
        comparator=_maybe(row[18]),
        role=Role(str(row[19])),
        parent=_maybe(row[20]),
        beneficiary=_maybe(row[21]),
        footnotes=_strings(str(row[22])),
        sentence=str(row[23]),
        sentence_start=_integer(row[24]),
        sentence_end=_integer(row[25]),
        printed=str(row[26]),
        doubt=_maybe(row[27]),
        subject_id=str(row[28]),
        facet=str(row[29]),
        aggregate=None if row[30] is None else Aggregate(str(row[30])),
        table=_integer(row[31]),
    )


def _maybe(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return None if value is None else _integer(value)


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise IndexDamaged("the catalogue holds no whole number where one must be", hint=REBUILD)
    return value


def _decimal(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise IndexDamaged("the catalogue holds no number where one must be", hint=REBUILD)
    return float(value)


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise IndexDamaged("the catalogue holds no bytes where they must be", hint=REBUILD)
    return value
