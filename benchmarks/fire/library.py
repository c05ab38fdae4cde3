"""A small library in two states, and what must hold of its index whatever happened to it.

The documents are read, found and asked as any others are; only the embedding model is a small one of our own, which
makes a state in a few hundredths of a second.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import faiss as _typed_faiss
import numpy as np

from factdesk.corpus.errors import IndexMissing
from factdesk.corpus.records import Parsed, Parted, Vectors
from factdesk.index import builder
from factdesk.index.builder import IngestEncoder, Report, SourceFile, build
from factdesk.index.snapshot import CATALOGUE, ENCODER, PASSAGES, UNITS, WORDS, Snapshot, open_snapshot
from factdesk.ingest.pipeline import parse
from factdesk.qa.desk import Desk
from factdesk.qa.format import answer_to_json

faiss: Any = _typed_faiss

DIMENSION = 64
LONG_AGO = 1_500_000_000
NONE, OLD, NEW = "none", "old", "new"
"""The states that an index can be in."""

_SERVICES = """\
# City Services Compendium

Lindholm and Varnau opened their services to everybody. This report tells what they cost.

## Lindholm

### One Counter Service (OCS)

The One Counter Service is a single desk for permits, taxes and parking. It began in March 2015.

#### INVESTMENT: EUR {investment}K

- Training, EUR 90K
- Software, EUR {software}K

#### OPERATING COSTS: EUR 151K/MONTH

- Contact centre, EUR 107K
- Tools, EUR 44K

## Varnau

### Night Ferry Booking

The Night Ferry Booking sells tickets for the ferry through a web site.

#### INVESTMENT: EUR 220K

#### OPERATING COSTS: EUR {ferry}K/MONTH

The costs cover two servers and the help line.
"""
_REPORT = """\
# The {town} library

The {town} library lends {books} books a year. It opens at nine and closes late on Thursdays.

It has {staff} staff and its building cost EUR {cost} million in {year}.
"""
_TOWNS = ("Brelin", "Corvane", "Dastrup", "Elmery")
QUESTIONS = (
    "What was the investment of the One Counter Service?",
    "What does the Night Ferry Booking cost a month?",
    "How many books does the Corvane library lend a year?",
    "What did the building of the Fenwold library cost?",
    "What did the One Counter Service save?",
)


def _report(town: str, seed: int) -> str:
    return _REPORT.format(town=town, books=f"{31_400 + 77 * seed:,}", staff=5 + seed, cost=2 + seed, year=2_001 + seed)


def documents(state: str) -> dict[str, str]:
    """The files of a state. The new one changes a document, adds one, removes one, and leaves the others."""
    reports = {f"{town.lower()}.md": _report(town, seed) for seed, town in enumerate(_TOWNS)}
    if state == OLD:
        return {"services.md": _SERVICES.format(investment=940, software=850, ferry=30), **reports}
    del reports["dastrup.md"]
    changed = _SERVICES.format(investment=990, software=900, ferry=35)
    return {"services.md": changed, **reports, "fenwold.md": _report("Fenwold", 9)}


class WordEncoder:
    """A text's vector counts its words in some boxes, the box by a checksum of the word. Made of length one."""

    name = "words"
    dimension = DIMENSION

    def __init__(self, fingerprint: str = "words-1") -> None:
        self.fingerprint = fingerprint
        self.encoded = 0

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors in the order of the texts."""
        self.encoded += len(texts)
        counts = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        counts[:, 0] = 0.1
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                counts[row, hashlib.sha256(word.encode()).digest()[0] % DIMENSION] += 1
        unit: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit

    def encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        """For each text its own vector and those of its parts, as if each stood alone."""
        return [self.encode([item.text, *(item.text[start:end] for start, end in item.parts)]) for item in texts]

    def knows(self, word: str) -> bool:
        """No word is a common one to it."""
        return False

    def suited(self, exported: Path, characters: int) -> IngestEncoder:
        """Itself: there is nothing to wait for."""
        return self

    def export(self, folder: Path) -> None:
        """Something for the checksums to vouch for."""
        (folder / "model.onnx").write_bytes(self.fingerprint.encode() * 300)
        (folder / "tokenizer.json").write_text("{}\n", "ascii")


@cache
def _parsed(name: str, data: bytes) -> Parsed:
    stem = name.rsplit(".", 1)[0]
    sha256 = hashlib.sha256(data).hexdigest()
    return parse(
        data, name=name, path=name, sha256=sha256, document_id=stem, count_tokens=lambda text: len(text.split())
    )


@dataclass
class Library:
    """A folder of documents, brought to a state, and the home of its index."""

    place: Path
    encoder: WordEncoder = field(default_factory=WordEncoder)
    read: int = 0
    """Documents taken apart so far."""
    elsewhere: Path | None = None
    """Where the home is, if not beside the documents."""

    @property
    def folder(self) -> Path:
        """Where the documents lie."""
        return self.place / "documents"

    @property
    def home(self) -> Path:
        """Where the index lives."""
        return self.elsewhere or self.place / "home"

    def bring_to(self, state: str) -> None:
        """Write the files of a state, as of long ago, so that their times can be relied on."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name, text in documents(state).items():
            file = self.folder / name
            file.write_text(text, "utf-8")
            # A time of its own for every text: some have the same length.
            when = LONG_AGO + int.from_bytes(hashlib.sha256(text.encode()).digest()[:3])
            os.utime(file, (when, when))

    def put_home(self, backup: Path | None) -> None:
        """Put the home back to what it was when it was copied; None: there is none."""
        shutil.rmtree(self.home, ignore_errors=True)
        if backup is not None:
            shutil.copytree(backup, self.home)

    def _parse(self, source: SourceFile, data: bytes, sha256: str) -> Parsed:
        self.read += 1
        return _parsed(source.path, data)

    def ingest(self, *, rebuild: bool = False) -> Report:
        """Ingest the folder, in small slices, so that there is much to be stopped between."""
        builder.BLOCK, builder.SLICE = 32, 8
        sources = [SourceFile(file.name, file) for file in sorted(self.folder.iterdir())]
        return build(self.home, sources, self._parse, self.encoder, roots=[self.folder], rebuild=rebuild)

    def open(self) -> Desk:
        """The desk of the index, asking with the small model."""
        snapshot = open_snapshot(self.home)
        snapshot.parts[ENCODER] = self.encoder
        return Desk(snapshot)


def warm() -> None:
    """Do once what every forked child would do again."""
    for state in (OLD, NEW):
        for name, text in documents(state).items():
            _parsed(name, text.encode())


def answers(desk: Desk) -> list[str]:
    """What the desk says to each question, without how long it took and the answer's id, which names the generation."""
    found = []
    for question in QUESTIONS:
        said = answer_to_json(desk.ask(question))
        del said["timings_ms"], said["id"]
        found.append(json.dumps(said, sort_keys=True, ensure_ascii=False))
    return found


@dataclass(frozen=True, slots=True)
class Expected:
    """What the two states answer, and the checksums of what they hold."""

    answers: dict[str, list[str]]
    contents: dict[str, dict[str, str]]


def contents_of(snapshot: Snapshot) -> dict[str, str]:
    """The checksums of everything that the model made, and of every row of the catalogue."""
    found = {name: snapshot.manifest.files[name].sha256 for name in (PASSAGES, UNITS, WORDS)}
    fresh = sqlite3.connect(f"{(snapshot.folder / CATALOGUE).as_uri()}?mode=ro", uri=True)
    try:
        for table in _EVERY_TABLE:
            columns = _WITHOUT_TIME if table == "files" else "*"
            rows = repr(fresh.execute(f"SELECT {columns} FROM {table}").fetchall())
            found[table] = hashlib.sha256(rows.encode()).hexdigest()
    finally:
        fresh.close()
    return found


def examine(library: Library, expected: Expected) -> str:
    """The state that the index is in. Raises AssertionError if it is in none, or not whole.

    It opens, which compares every checksum; SQLite finds its file sound, by the index's own reader and by a connection
    of its own; rows, vectors and the manifest's counts agree; the answers are those of one state.
    """
    try:
        desk = library.open()
    except IndexMissing as error:
        assert "factdesk ingest" in error.hint, error.hint
        return NONE
    with desk:
        snapshot = desk.snapshot
        counts = snapshot.manifest.counts
        snapshot.catalogue.check()
        assert snapshot.catalogue.counts() == counts
        with sqlite3.connect(f"{(snapshot.folder / CATALOGUE).as_uri()}?mode=ro", uri=True) as fresh:
            assert fresh.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            rows = [fresh.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _TABLES]
        fresh.close()
        assert rows == [counts.documents, counts.passages, counts.units, counts.figures, counts.words], rows
        assert faiss.read_index(str(snapshot.folder / PASSAGES)).ntotal == counts.passages
        shapes = [np.load(snapshot.folder / name, mmap_mode="r").shape for name in (UNITS, WORDS)]
        assert shapes == [(counts.units, DIMENSION), (counts.words, DIMENSION)], shapes
        found = answers(desk)
    for state, said in expected.answers.items():
        if found == said:
            return state
    raise AssertionError("the answers are those of no state")


_TABLES = ("documents", "passages", "units", "figures", "words")
_WITHOUT_TIME = "absolute, path, sha256, size, made_by, status, reason, detail, document"
"""Of a file's record all but when it was changed: the system's own time of change cannot be set back."""
_EVERY_TABLE = (*_TABLES, "files", "subjects", "omissions", "skipped")


@dataclass(frozen=True, slots=True)
class Work:
    """What an ingest did itself."""

    read: int
    encoded: int


def worked(library: Library, *, rebuild: bool = False) -> Work:
    """Ingest, and count."""
    read, encoded = library.read, library.encoder.encoded
    library.ingest(rebuild=rebuild)
    return Work(library.read - read, library.encoder.encoded - encoded)


def finish(library: Library, expected: Expected, *, rebuild: bool = False) -> Work:
    """Let an ingest finish the work, and see that the index holds what one at one go makes, and no more."""
    work = worked(library, rebuild=rebuild)
    with open_snapshot(library.home) as snapshot:
        snapshot.catalogue.check()
        found, wanted = contents_of(snapshot), expected.contents[NEW]
        assert found == wanted, f"other contents: {[name for name in wanted if found[name] != wanted[name]]}"
    names = sorted(path.name for path in library.home.iterdir())
    assert names == ["CURRENT", "encoders", "generations", "write.lock"], names
    left = sorted(path.name for folder in ("generations", "encoders") for path in (library.home / folder).iterdir())
    assert len(left) <= 3 and not any(name.endswith(".tmp") for name in left), left
    return work
