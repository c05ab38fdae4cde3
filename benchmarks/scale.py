"""How cost grows from a thousand passages to a million: python benchmarks/scale.py [SIZE ...] [--folder DIR]

A library of each size is written with the index's own parts and asked in a process of its own. What it consists of:

1. Real text: the shipped documents, and those of ../shared/evaluation where it is present, taken apart as ever. Their
   passages are embedded by the model.
2. The rest is made of it by seeded variation. In a passage one word in `SWAPPED` becomes another of the real text's
   words; its vector is a real passage's, moved part of the way towards that of another and shaken. A million texts are
   not embedded: that takes an hour, and its cost is a thousand times that of a thousand.
3. Passages are cut to `CHARACTERS`, with `UNITS` units each and one figure; real ones are twice as long and have about
   eight units. A document has `PASSAGES` passages.

Questions are passages of the real text that were held back, moved and shaken in the same way, and for the full text
some of their words. Recall is against comparing all vectors one by one.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from factdesk.corpus.records import Document, Figure, Page, Parsed, Passage, Subject, Unit, Vectors
from factdesk.corpus.words import FUNCTION_WORDS
from factdesk.index import snapshot
from factdesk.index.catalogue import Catalogue, CatalogueWriter
from factdesk.index.encoder import TorchEncoder, token_counter
from factdesk.index.snapshot import Manifest, Model, open_snapshot, seal, writing
from factdesk.index.vectors import UnitArray, write_passages, write_units
from factdesk.ingest.pipeline import document_id, files_under, parse
from factdesk.qa.desk import Desk
from factdesk.qa.question import understand

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (ROOT / "corpus" / "documents", ROOT.parent / "shared" / "evaluation" / "mtrag" / "corpus")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED = 20_26
REAL = 800
"""Real passages that are embedded; `HELD_BACK` of them are asked with, the others repeated."""
HELD_BACK = 100
CHARACTERS, UNITS, PASSAGES = 320, 2, 50
SWAPPED = 6
TOWARDS, SHAKEN = 0.35, 0.45
"""How far a vector is moved towards another, and the length of the noise on it: its cosine to the first is then about
0.85, as between passages that say nearly the same."""
ASKED = 40
"""Questions of which a whole answer is timed, the first eight to warm up."""
QUESTION_WORDS = 6
BLOCK = 20_000


class Real:
    """The real text: passages, units and their vectors, figures with their sentences, words."""

    def __init__(self, texts: list[str], figures: list[Figure], vectors: Vectors, units: Vectors) -> None:
        self.held, self.texts = texts[:HELD_BACK], texts[HELD_BACK:]
        self.held_vectors, self.vectors = vectors[:HELD_BACK], vectors[HELD_BACK:]
        self.units = units[HELD_BACK * UNITS :]
        self.figures = figures
        self.words = sorted({word for text in self.texts for word in re.findall(r"[A-Za-z]{4,}", text)})
        self.split = [text.split(" ") for text in self.texts]


def read_real(tell: Callable[[str], None], kept: Path) -> Real:
    """Read and embed the real text, or take its vectors from where an earlier run left them."""
    count, texts, figures = token_counter(), list[str](), list[Figure]()
    for folder in SOURCES:
        if not folder.is_dir():
            tell(f"{folder.name} is absent: the text is repeated from less")
            continue
        for file in files_under(folder):
            name = str(file)
            found = parse(
                file.read_bytes(), name=file.name, path=name, sha256="", document_id=document_id(name),
                count_tokens=count,
            )  # fmt: skip
            texts += [" ".join(item.text.split())[:CHARACTERS] for item in found.passages if len(item.text) > 120]
            figures += [item for item in found.figures if item.quote in item.sentence and 20 < len(item.sentence) < 200]
    texts = sorted(dict.fromkeys(texts))
    random.Random(SEED).shuffle(texts)
    texts = texts[:REAL]
    if kept.exists():
        with np.load(kept) as found_before:
            if found_before["texts"].tolist() == texts:
                return Real(texts, figures, found_before["vectors"], found_before["units"])
    encoder = TorchEncoder()
    vectors = encoder.encode(texts)
    units = encoder.encode([text[start:end] for text in texts for start, end in halves(text)])
    np.savez(kept, texts=np.array(texts), vectors=vectors, units=units)
    return Real(texts, figures, vectors, units)


def halves(text: str) -> list[tuple[int, int]]:
    """Two stretches that a text consists of."""
    middle = text.find(" ", len(text) // 2)
    return [(0, middle), (middle + 1, len(text))] if 0 < middle < len(text) - 1 else [(0, len(text))] * UNITS


def documents(real: Real, count: int) -> Iterator[Parsed]:
    """Documents that together have this many passages."""
    for number, first in enumerate(range(0, count, PASSAGES)):
        yield varied_document(real, number, range(first, min(first + PASSAGES, count)))


def varied_document(real: Real, number: int, rows: range) -> Parsed:
    """A document of varied passages. Row by row it is made of the real passage that `source` says."""
    chance = random.Random(f"{SEED} {number}")
    identity = f"report-{number:06}"
    names = [chance.choice(real.words).capitalize() for _ in range(2)]
    title = f"{names[0]} {names[1]} report {number}"
    subject = Subject(f"{identity}#0", identity, title, (), "", whole=True)
    passages, figures, parts, at = [], [], list[str](), 0
    for row in rows:
        words = list(real.split[source(real, row)])
        for place in chance.sample(range(len(words)), max(1, len(words) // SWAPPED)):
            words[place] = chance.choice(real.words)
        body = " ".join(words)
        figure = real.figures[row % len(real.figures)]
        text = f"{body} {figure.sentence}"
        sentence = at + len(body) + 1
        start = sentence + figure.sentence.index(figure.quote)
        units = tuple(Unit(at + first, at + last, body[first:last]) for first, last in halves(body))
        passages.append(
            Passage(f"{identity}:{row}", identity, subject.id, (title,), text, text, at, at + len(text), 1, "1", units)
        )
        figures.append(
            replace(
                figure, id=f"{identity}.{row}", document=identity, subject=title, subject_id=subject.id,
                section=(title,), start=start, end=start + len(figure.quote), page=1, page_label="1", parent=None,
                sentence_start=sentence, sentence_end=sentence + len(figure.sentence), footnotes=(),
            )
        )  # fmt: skip
        parts.append(text)
        at += len(text) + 2
    whole = "\n\n".join(parts)
    document = Document(identity, title, f"{identity}.txt", f"{number:064x}", "text", whole, (Page(1, "1", 0, at),))
    return Parsed(document, (subject,), tuple(passages), tuple(figures))


def source(real: Real, row: int) -> int:
    """The real passage that a row is made of."""
    return row * 7_919 % len(real.texts)


def moved(base: Vectors, rows: list[int], chance: np.random.Generator) -> Vectors:
    """Real vectors moved and shaken."""
    width = base.shape[1]
    other = base[chance.integers(0, len(base), len(rows))]
    noise = chance.standard_normal((len(rows), width), dtype=np.float32) * np.float32(SHAKEN / width**0.5)
    made = base[rows] + TOWARDS * other + noise
    unit: Vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


def vectors_of(real: Real, count: int) -> Iterator[Vectors]:
    """The vectors of the passages of a library, in blocks."""
    for first in range(0, count, BLOCK):
        rows = [source(real, row) for row in range(first, min(first + BLOCK, count))]
        yield moved(real.vectors, rows, np.random.default_rng([SEED, first]))


def units_of(real: Real, count: int) -> Iterator[UnitArray]:
    """The vectors of the units of a library, in blocks."""
    for first in range(0, count, BLOCK):
        rows = [
            source(real, row) * UNITS + part for row in range(first, min(first + BLOCK, count)) for part in range(UNITS)
        ]
        yield moved(real.units, rows, np.random.default_rng([SEED, first, 1])).astype(np.float16)


def write(home: Path, real: Real, count: int, encoder: TorchEncoder, exported: Path) -> dict[str, float]:
    """Write the index of a library of this size; the seconds that its parts took."""
    took: dict[str, float] = {}
    begun = time.perf_counter()

    def mark(name: str) -> None:
        nonlocal begun
        took[name] = time.perf_counter() - begun
        begun = time.perf_counter()

    with writing(home) as writer:
        name, folder = writer.stage()
        target = writer.encoder_folder(encoder.fingerprint)
        shutil.copytree(exported, target)
        catalogue = CatalogueWriter(folder / snapshot.CATALOGUE)
        for parsed in documents(real, count):
            catalogue.add(parsed)
        counts = catalogue.finish()
        mark("catalogue")
        vectors = np.concatenate(list(vectors_of(real, count)))
        begun = time.perf_counter()
        kind = write_passages(folder / snapshot.PASSAGES, vectors)
        mark("vectors")
        del vectors
        with (folder / snapshot.UNITS).open("wb") as file:
            write_units(file, units_of(real, count), count=counts.units, dimension=encoder.dimension)
        with Catalogue(folder / snapshot.CATALOGUE) as made, (folder / snapshot.WORDS).open("wb") as file:
            words = encoder.encode(made.embedded_words(range(counts.words))).astype(np.float16)
            write_units(file, [words], count=counts.words, dimension=encoder.dimension)
        begun = time.perf_counter()
        files = {item: seal(folder / item) for item in snapshot.FILES}
        model = Model(encoder.name, encoder.fingerprint, encoder.dimension)
        seals = {path.name: seal(path) for path in sorted(target.iterdir())}
        writer.publish(name, folder, Manifest(model, kind, counts, {}, files, seals, snapshot.factdesk_version()))
        mark("publish")
    return took


def memory() -> tuple[float, float]:
    """MB that this process holds for itself, and with the files that it has mapped."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["RssAnon"].split()[0]) / 1e3, int(status["VmRSS"].split()[0]) / 1e3


def measure(home: Path, questions: Path) -> dict[str, object]:
    """Open the index, as a process of its own, and search and ask it."""
    given = np.load(questions)
    begun = time.perf_counter()
    held = open_snapshot(home)
    opened = time.perf_counter() - begun
    texts = [str(text) for text in given["texts"]]
    terms = [question_words(text) for text in texts]
    dense, lexical, both, found = [], [], [], []
    for vector, words in zip(given["vectors"], terms, strict=True):
        begun = time.perf_counter()
        near = held.passages.search(vector, 50)
        between = time.perf_counter()
        held.catalogue.search_passages(words, 50)
        done = time.perf_counter()
        found.append({row for row, _ in near[:10]})
        dense.append(between - begun)
        lexical.append(done - between)
        both.append(done - begun)
    own, whole = memory()
    recall = exact_share(held.passages.vectors, held.passages.count, given["vectors"], found)
    asked, retrieved = list[float](), list[float]()
    with Desk(held) as desk:
        retriever = desk.answerer.retriever
        for words in terms[:ASKED]:
            question = f"What is said of {' '.join(words)}?"
            query = understand(question, desk.answerer.library)
            vector = retriever.vector(query)
            begun = time.perf_counter()
            retriever.rank(query, vector)
            retrieved.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            desk.ask(f"How much is {' '.join(words[:4])}?")
            asked.append(time.perf_counter() - begun)
            if sum(asked) > 120:
                break
        own_asked, _ = memory()
    warm = slice(min(8, len(asked) // 2), None)
    return {
        "kind": held.manifest.kind, "documents": held.manifest.counts.documents, "open_s": opened,
        "own_mb": own, "mapped_mb": whole, "ask_mb": own_asked, "recall": recall,
        "dense": spread(dense[8:]), "lexical": spread(lexical[8:]), "search": spread(both[8:]),
        "rank": spread(retrieved[warm]), "ask": spread(asked[warm]),
    }  # fmt: skip


def question_words(text: str) -> list[str]:
    """Some words of a text, as a question has them."""
    telling = [
        word
        for word in dict.fromkeys(re.findall(r"[a-z]+", text.lower()))
        if len(word) > 3 and word not in FUNCTION_WORDS["en"]
    ]
    return random.Random(text).sample(telling, min(QUESTION_WORDS, len(telling)))


def exact_share(
    vectors: Callable[[np.ndarray[tuple[int], np.dtype[np.int64]]], Vectors],
    count: int,
    questions: Vectors,
    found: list[set[int]],
) -> float:
    """The share of the true nearest ten that were found."""
    best: list[list[tuple[float, int]]] = [[] for _ in questions]
    for first in range(0, count, BLOCK):
        rows = np.arange(first, min(first + BLOCK, count), dtype=np.int64)
        scores = questions @ vectors(rows).T
        nearest = np.argpartition(-scores, min(10, len(rows) - 1), axis=1)[:, :10]
        for number, places in enumerate(nearest):
            best[number] += [(-float(scores[number, place]), int(rows[place])) for place in places]
    true = [{row for _, row in sorted(item)[:10]} for item in best]
    return sum(len(one & other) for one, other in zip(true, found, strict=True)) / (10 * len(true))


def spread(seconds: list[float]) -> list[float]:
    """Median and 99th percentile in milliseconds."""
    return [statistics.median(seconds) * 1e3, float(np.percentile(seconds, 99)) * 1e3] if seconds else [0.0, 0.0]


def row_of(size: int, took: dict[str, float], megabytes: float, found: dict[str, Any]) -> str:
    """A line of the table."""

    def pair(name: str) -> str:
        return f"{found[name][0]:.1f} / {found[name][1]:.1f}"

    built = sum(took.values())
    return (
        f"| {size:,} | {found['kind']} | {built:,.0f} ({took['vectors']:,.0f}) | {megabytes:,.0f} "
        f"| {found['open_s']:.2f} | {found['own_mb']:.0f} / {found['mapped_mb']:.0f} | {found['recall']:.3f} "
        f"| {pair('dense')} | {pair('lexical')} | {pair('search')} | {pair('rank')} | {pair('ask')} |"
    )


HEAD = (
    "| passages | kind | build s (of it vectors) | MB on disk | open s | own / mapped MB | recall@10 | vectors ms "
    "| full text ms | both ms | ranked ms | whole answer ms |\n" + "|---" * 12 + "|"
)


def say(line: str) -> None:
    """Print a line at once: the last takes a quarter of an hour."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--folder", type=Path, help="where to write; a temporary folder unless given")
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        sys.stdout.write(json.dumps(measure(*chosen.measure)) + "\n")
        return 0

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        real, encoder = read_real(tell, folder / "real.npz"), TorchEncoder()
        exported = folder / "encoder"
        if not exported.exists():
            exported.mkdir()
            encoder.export(exported)
        chance = np.random.default_rng([SEED, 2])
        asked = moved(real.held_vectors, list(range(len(real.held))), chance)
        np.savez(folder / "questions.npz", vectors=asked, texts=np.array(real.held))
        say(f"{date.today()}: {len(real.texts):,} real passages, the rest seeded variations; median / p99\n\n{HEAD}")
        for size in chosen.sizes:
            home = folder / f"home-{size}"
            shutil.rmtree(home, ignore_errors=True)
            took = write(home, real, size, encoder, exported)
            held = sum(path.stat().st_size for path in home.rglob("gen-*/*"))
            done = subprocess.run(
                [sys.executable, __file__, "--measure", str(home), str(folder / "questions.npz")],
                stdout=subprocess.PIPE,
                check=True,
            )
            say(row_of(size, took, held / 1e6, json.loads(done.stdout)))
            if not chosen.folder:
                shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
