"""A compendium of four invented cases and a prose report, indexed once a session with the real model.

Ireland's desk states everything. Finland has two cases: the ferry's items do not add up to its investment, the alert
line states no investment at all. Norway's register is in another currency, and says that its savings are not known.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from factdesk.corpus.records import Parsed, Parted, Vectors
from factdesk.index.builder import IngestEncoder, SourceFile, build
from factdesk.index.encoder import TorchEncoder
from factdesk.index.snapshot import ENCODER, open_snapshot
from factdesk.qa.desk import Desk
from factdesk.qa.library import Library
from factdesk.tests.conftest import take_apart

CASES = """\
# The Northern Services Compendium

Four public services of the north, what they cost and what they bring.

# IRELAND

## Harbour Permit Desk (HPD)

### Overview

The Harbour Permit Desk is a single counter where skippers apply for berths, cranes and fishing permits. It was created
in May 2014 because every harbour office used forms of its own.

### COSTS

#### INVESTMENT: EUR 600K[^1]

- Software, EUR 400K
- Training, EUR 200K

#### OPERATING COSTS: EUR 10K/MONTH

- Help line, EUR 7K/month
- Servers, EUR 3K/month

### SAVINGS

#### GOVERNMENT: EUR 240K/YEAR

The estimate compares the hours of the harbour offices before and after.

#### CITIZENS: EUR 1.2 MILLION/YEAR

Skippers no longer travel to the capital.

### Key Achievements

- In 2019 the desk handled 12,000 permits, 45% of them from a phone.
- More than 300 harbours take part.
- 1,600 skippers answered on paper while 6,400 skippers answered online.

# FINLAND

## Night Ferry Booking

### Overview

The Night Ferry Booking sells tickets for the night ferries through a web site. It started in 2016.

### COSTS

#### INVESTMENT: EUR 1.5 MILLION

- Cabins, EUR 900K
- Ticket machines, EUR 500K

#### OPERATING COSTS: EUR 90K/YEAR

### SAVINGS

#### GOVERNMENT: EUR 300K/YEAR

- At a counter: the cost of selling one ticket is EUR 4.20
- On the web site: average cost of EUR 1.20
- What is saved is the difference, EUR 20K per year

# FINLAND

## Geyser Alert Line

### Overview

The Geyser Alert Line warns walkers by telephone when a geyser is about to erupt.

### COSTS

#### OPERATING COSTS: EUR 24K/YEAR

# NORWAY

## Forest Inventory Register

### Overview

The Forest Inventory Register lists every stand of trees. Prior to 2015, foresters sent cards by post. After the
register opened, they enter each stand on a tablet.

### COSTS

#### INVESTMENT: NOK 8 MILLION

#### OPERATING COSTS: NOK 50K/MONTH

### SAVINGS

Quantification not available.

[^1]: At 2016 prices.
"""

REPORT = """\
# Rivermouth Reading Rooms

Rivermouth Reading Rooms lend books, tools and instruments to everybody in the valley.

## Readers

Visits grew from 31,000 in 2019 to 40,300 in 2021. Reader satisfaction rose from 71% to 78.5%. Of a total of 425
villages, 170 villages have a room of their own. A reading voucher is a slip of paper that stands for three loans.

## Shelves

A count found 52 bridges; 13 of them carry a lending box. Broken lamps went down from nine a week to two a week.

- 1,240 loans a month before the new shelves, some 1,660 loans a month after them

## Rules

The rules of the house are:

- Whisper in the hall
- Return tools clean
- Leave dogs at the gate

## Contact

Write to rooms@rivermouth.example with any question.
"""

DIMENSION = 64


class HashEncoder:
    """A text's vector counts its words in 64 boxes, the box by a checksum of the word. Made of length one."""

    name = "hash"
    fingerprint = "hash-1"
    dimension = DIMENSION

    def encode(self, texts: list[str]) -> Vectors:
        counts = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        counts[:, 0] = 0.1
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                counts[row, hashlib.sha256(word.encode()).digest()[0] % DIMENSION] += 1
        unit: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit

    def encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        """For each text its own vector and those of its parts: half of its own words, half of its text's."""
        found = [self.encode([item.text, *(item.text[start:end] for start, end in item.parts)]) for item in texts]
        halves = [vectors + vectors[:1] for vectors in found]
        return [vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in halves]

    def knows(self, word: str) -> bool:
        """No word is a common one to it: whatever the documents do not have may be misspelt."""
        return False

    def suited(self, exported: Path, characters: int) -> IngestEncoder:
        """Itself: there is nothing to wait for."""
        return self

    def export(self, folder: Path) -> None:
        (folder / "model.onnx").write_text("hash\n")
        (folder / "tokenizer.json").write_text("{}\n")


def make_desk(place: Path, texts: Mapping[str, str], encoder: IngestEncoder | None = None) -> Desk:
    """A desk over some files, read and indexed as `factdesk ingest` does."""
    folder = place / "documents"
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")

    def taken(source: SourceFile, data: bytes, sha256: str) -> Parsed:
        name = source.absolute.name
        stem = name.rsplit(".", 1)[0]
        return take_apart(data, name, sha256=sha256, document_id=stem)

    sources = [SourceFile(name, folder / name) for name in texts]
    build(place / "home", sources, taken, encoder or HashEncoder(), roots=[folder])
    snapshot = open_snapshot(place / "home")
    if not isinstance(encoder, TorchEncoder):
        snapshot.parts[ENCODER] = encoder or HashEncoder()
    return Desk(snapshot)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The four cases and the report, with the real model: nearness matters here."""
    with make_desk(tmp_path_factory.mktemp("desk"), {"cases.md": CASES, "report.md": REPORT}, TorchEncoder()) as made:
        yield made


@pytest.fixture(scope="session")
def plain_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same with an encoder that counts words: names and numbers do not need a model."""
    with make_desk(tmp_path_factory.mktemp("plain"), {"cases.md": CASES, "report.md": REPORT}) as made:
        yield made


@pytest.fixture(scope="session")
def library(plain_desk: Desk) -> Library:
    """The names of the four cases and the report."""
    return plain_desk.answerer.library


@dataclass(frozen=True)
class Maker:
    """Makes desks over a few lines of text."""

    folder: Callable[[], Path]

    def __call__(self, **texts: str) -> Desk:
        return make_desk(self.folder(), {f"{name}.md": text for name, text in texts.items()})


@pytest.fixture(scope="session")
def small_desk(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Makes a desk over Markdown texts: `small_desk(a="# A\\n...", b="...")`."""
    return Maker(lambda: tmp_path_factory.mktemp("small"))
