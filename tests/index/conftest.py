"""A library small enough to reckon with in the head: an encoder that counts words, a parser that splits lines."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import (
    BlockKind,
    Document,
    Figure,
    FileStatus,
    Omission,
    Page,
    Parsed,
    Parted,
    Passage,
    Role,
    Skipped,
    Subject,
    Unit,
    Vectors,
)
from factdesk.index.builder import IngestEncoder, Report, SourceFile, build
from factdesk.index.snapshot import Snapshot, open_snapshot

WORDS = ("panama", "mexico", "cost", "saving", "staff", "portal", "year")
LONG_AGO = 1_500_000_000


class WordCountEncoder:
    """A text's vector counts the words of WORDS in it; the last number is 1 if there are none. Made of length one."""

    def __init__(self, fingerprint: str = "words-1") -> None:
        self.name = "words"
        self.fingerprint = fingerprint
        self.dimension = len(WORDS) + 1
        self.seen: list[str] = []
        self.exports = 0
        self.amounts: list[int] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.seen += texts
        return self.counted(texts)

    def encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        """A part's vector counts its own words."""
        self.seen += [item.text for item in texts]
        return [self.counted(pieces(item)) for item in texts]

    @staticmethod
    def counted(texts: list[str]) -> Vectors:
        counts = np.zeros((len(texts), len(WORDS) + 1), dtype=np.float32)
        for row, text in enumerate(texts):
            words = re.findall("[a-z]+", text.lower())
            counts[row, :-1] = [words.count(word) for word in WORDS]
            counts[row, -1] = not counts[row].any()
        unit: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit

    def suited(self, exported: Path, characters: int) -> IngestEncoder:
        """Itself; how much there is to embed is kept."""
        assert (exported / "model.onnx").is_file()
        self.amounts.append(characters)
        return self

    def export(self, folder: Path) -> None:
        self.exports += 1
        (folder / "model.onnx").write_text(f"counts {' '.join(WORDS)}\n")
        (folder / "tokenizer.json").write_text("{}\n")


def pieces(item: Parted) -> list[str]:
    """A text and its parts."""
    return [item.text, *(item.text[start:end] for start, end in item.parts)]


def simple_parse(source: SourceFile, data: bytes, sha256: str) -> Parsed:
    """Every paragraph a passage, every line a unit, every number a figure; "#" heads a subject, "page" a page.

    A file that says "raise REASON" raises an InputError with it; "crash" crashes.
    """
    text = data.decode("utf-8", errors="surrogatepass")
    if text.startswith("raise "):
        raise InputError("cannot be read", path=source.path, reason=Reason(text.split()[1]))
    if text.startswith("crash"):
        raise RuntimeError("a reader's fault")
    name = Path(source.path).stem
    subject = Subject(f"{name}#0", name, text.split("\n")[0].lstrip("# "), (name.upper(),), "PA", whole=True)
    pages = (Page(1, "i", 0, len(text)),)
    passages: list[Passage] = []
    figures: list[Figure] = []
    for found in re.finditer(r"[^\n]+(?:\n[^\n]+)*", text):
        units: list[Unit] = []
        for line in re.finditer(r"[^\n]+", found[0]):
            start = found.start() + line.start()
            units.append(
                Unit(
                    *(start, start + len(line[0]), line[0], subject.name, BlockKind.ITEM),
                    lead=not units,
                    embedded=line.span(),
                )
            )
            for number in re.finditer(r"\d+(?:\.\d+)?", line[0]):
                figures.append(
                    Figure(
                        id=f"{name}:f{len(figures)}",
                        document=name,
                        subject=subject.name,
                        section=(subject.name, "Costs"),
                        measure="cost",
                        label=line[0][: number.start()].strip(),
                        value=Decimal(number[0]),
                        unit="USD",
                        quote=number[0],
                        start=start + number.start(),
                        end=start + number.end(),
                        page=1,
                        page_label="i",
                        sentence=line[0],
                        sentence_start=start,
                        sentence_end=start + len(line[0]),
                        printed=number[0],
                        subject_id=subject.id,
                    )
                )
        passages.append(
            Passage(
                id=f"{name}:p{len(passages)}",
                document=name,
                subject=subject.id,
                section=(subject.name, "Costs"),
                text=found[0],
                embedded=found[0],
                start=found.start(),
                end=found.end(),
                page=1,
                page_label="i",
                units=tuple(units),
            )
        )
    return Parsed(
        document=Document(name, subject.name, source.path, sha256, "txt", text, pages, "en", ("made up",)),
        subjects=(subject,),
        passages=tuple(passages),
        figures=tuple(figures),
        skipped=(Skipped(0, 1, "3-1-1", "name"), Skipped(2, 3, "24/7", "name"), Skipped(4, 5, "1", "page number")),
        omissions=(Omission(name, subject.id, (subject.name,), "saving", "not available", 0, 3, 1, "i"),),
        numbers_seen=len(figures) + 3,
    )


@dataclass
class Library:
    """A folder of text files and the home of its index."""

    folder: Path
    home: Path
    encoder: WordCountEncoder
    parsed: list[str] = field(default_factory=list)

    def write(self, path: str, text: str, *, seconds: int = 0) -> Path:
        """Write a file as of long ago (plus `seconds`), so that its time can be relied on."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", errors="surrogatepass"))
        os.utime(file, (LONG_AGO + seconds, LONG_AGO + seconds))
        return file

    def sources(self, folder: Path | None = None) -> list[SourceFile]:
        folder = folder or self.folder
        return [SourceFile(str(file.relative_to(self.folder.parent)), file) for file in folder.rglob("*.txt")]

    def parse(self, source: SourceFile, data: bytes, sha256: str) -> Parsed:
        self.parsed.append(source.path.removeprefix("docs/"))
        return simple_parse(source, data, sha256)

    def ingest(self, **options: Any) -> Report:
        """Ingest the folder; `encoder.seen` and `parsed` then hold what this ingest alone did."""
        self.encoder.seen.clear()
        self.parsed.clear()
        given: dict[str, Any] = {"sources": self.sources(), "parse": self.parse, "roots": [self.folder]}
        return build(self.home, encoder=self.encoder, **(given | options))

    def statuses(self, report: Report) -> dict[str, FileStatus]:
        found = {outcome.path.removeprefix("docs/"): outcome.status for outcome in report.outcomes}
        assert len(found) == len(report.outcomes), "a file has two outcomes"
        return found

    def open(self) -> Snapshot:
        return open_snapshot(self.home)

    def texts(self) -> dict[str, str]:
        """The text of every document, by path."""
        with self.open() as snapshot:
            return {item.path.removeprefix("docs/"): item.text for item in snapshot.catalogue.documents()}


def make_library(root: Path) -> Library:
    """A library below a folder, with no files yet."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    return Library(root / "docs", root / "home", WordCountEncoder())


PANAMA = "# Panama Citizen Service\n\nThe cost is 151 a month.\nThe staff are 10.\n\nThe saving is 11.5 a year."
MEXICO = "# Mexico gob.mx\n\nThe portal has 34000 procedures.\n\nThe cost of the portal is 7.6 a year."


@pytest.fixture
def encoder() -> WordCountEncoder:
    return WordCountEncoder()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two documents, not yet ingested."""
    made = make_library(tmp_path)
    made.write("panama.txt", PANAMA)
    made.write("mexico.txt", MEXICO)
    return made


@pytest.fixture
def parsed() -> Parsed:
    """Everything known of one document, no field left at its default."""
    found = simple_parse(SourceFile("docs/panama.txt", Path("/docs/panama.txt")), PANAMA.encode(), "ab" * 32)
    return replace(found, figures=tuple(_full(item, found.figures) for item in found.figures))


def _full(figure: Figure, figures: Sequence[Figure]) -> Figure:
    return replace(
        figure,
        value=figure.value + Decimal("0.10"),
        value_high=Decimal("1E+30"),
        per="month",
        period="2015-01/2018-09",
        period_words="between 2015 and 2018",
        comparator=">",
        role=Role.ITEM,
        parent=figures[0].id,
        beneficiary="citizens",
        footnotes=("2017 prices", "only the “City”"),
        doubt="decimal comma or thousands",
    )
