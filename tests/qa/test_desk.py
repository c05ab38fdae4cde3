"""A desk may be shared: threads get the answers that one thread gets. Listing loads nothing that only asking needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from factdesk.corpus.errors import IndexDamaged
from factdesk.corpus.records import Answer
from factdesk.index.snapshot import CATALOGUE, ENCODER, FILES, UNITS, Snapshot, open_snapshot
from factdesk.qa.desk import Desk
from factdesk.tests.qa.conftest import HashEncoder, Maker

THREADS = 8
NOTES = """\
# Northern Services

## Harbour Desk (Ireland)

The Harbour Desk is a counter where skippers apply for berths and cranes. It was created in 2014.

### Investment: EUR 600K

- Software, EUR 400K
- Training, EUR 200K

### Operating costs: EUR 10K/month

In 2019 the desk handled 12,000 permits, 45% of them from a phone.

## Night Ferry Booking (Finland)

The Night Ferry Booking sells tickets for the ferries through a web site. It started in 2016.

### Investment: EUR 1.5 million

### Operating costs: EUR 30K/month

More than 300 harbours take part, and 1,600 skippers answered on paper.
"""
TALKS: tuple[tuple[str, ...], ...] = (
    ("What did the Harbour Desk cost to run each month?", "and the ferry?"),
    ("How many permits did the desk handle in 2019?", "what share was from a phone?"),
    ("Which case had the highest investment?", "and the lowest?"),
    ("What is the Night Ferry Booking?", "when did it start?"),
    ("compare operating costs", "which of them is cheaper?"),
    ("What did the Norwgian portal cost?", "and in Ireland?"),
    ("¿Cuánto costó el Harbour Desk?", "¿y el ferry?"),
    ("how many harbors take part", "who answered on paper?"),
    ("What does the investment of the Harbour Desk consist of?", "how much is training?"),
    ("wat is the opperating cost of the ferry booking", "per year?"),
)


def asked(desk: Desk, talk: tuple[str, ...]) -> list[Answer]:
    """The answers to the questions of a talk, without the time they took."""
    answers = [desk.ask(question, history=talk[:turn], passages=5) for turn, question in enumerate(talk)]
    return [replace(answer, timings_ms={}) for answer in answers]


def test_threads_that_share_a_desk_get_the_answers_that_one_thread_gets(small_desk: Maker) -> None:
    alone = small_desk(notes=NOTES)
    expected = [asked(alone, talk) for talk in TALKS]
    assert {answer.kind for answers in expected for answer in answers} > {"figure", "abstention"}
    alone.close()
    # Nothing is loaded or made ready yet: the threads do it at the same time.
    fresh = Desk.open(alone.snapshot.home, to_ask=False)
    fresh.snapshot.parts[ENCODER] = HashEncoder()
    begin = Barrier(THREADS)

    def work(number: int) -> list[list[Answer]]:
        begin.wait()
        order = [*range(number, len(TALKS)), *range(number)]
        found = {at: asked(fresh, TALKS[at]) for at in order}
        return [found[at] for at in range(len(TALKS))]

    with fresh, ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(work, range(THREADS)):
            assert found == expected


def test_a_part_that_is_loaded_late_is_compared_with_its_checksum_first(small_desk: Maker) -> None:
    made = small_desk(notes=NOTES)
    home = made.snapshot.home
    made.close()
    with open_snapshot(home, parts=[CATALOGUE]) as snapshot:
        assert snapshot.parts == {}
        path = snapshot.folder / UNITS
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        (snapshot.encoder_folder / "model.onnx").write_text("another\n")
        assert len(snapshot.passages.vectors()) == snapshot.manifest.counts.passages
        for part in (lambda: snapshot.units, lambda: snapshot.encoder):
            with pytest.raises(IndexDamaged):
                part()
        assert not {UNITS, ENCODER} & snapshot.parts.keys()


@pytest.mark.parametrize("name", [*FILES, "model.onnx"])
def test_a_desk_of_a_damaged_index_is_refused_as_the_index_is_and_nothing_damaged_is_loaded(
    small_desk: Maker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    made = small_desk(notes=NOTES)
    home, folders = made.snapshot.home, (made.snapshot.folder, made.snapshot.encoder_folder)
    made.close()
    (path,) = [folder / name for folder in folders if (folder / name).exists()]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    loaded: list[str] = []
    load = Snapshot._load

    def noted(self: Snapshot, part: str) -> object:
        loaded.append(part)
        return load(self, part)

    monkeypatch.setattr(Snapshot, "_load", noted)
    with pytest.raises(IndexDamaged) as told:
        open_snapshot(home)
    with pytest.raises(IndexDamaged) as caught:
        Desk.open(home)
    assert (str(caught.value), caught.value.hint) == (str(told.value), told.value.hint)
    assert (ENCODER if name == "model.onnx" else name) not in loaded


@pytest.mark.parametrize(
    "use",
    [
        lambda desk: desk.figures(["permits"], subject="Harbour Desk"),
        lambda desk: desk.documents(),
        lambda desk: desk.subjects(),
        lambda desk: desk.show(desk.figures()[0].id),
    ],
)
def test_a_desk_that_is_not_to_ask_lists_the_same_and_loads_only_the_catalogue(
    small_desk: Maker, use: Callable[[Desk], object]
) -> None:
    with small_desk(notes=NOTES) as whole, Desk.open(whole.snapshot.home, to_ask=False) as desk:
        assert use(desk) == use(whole)
        assert desk.snapshot.parts == {}


def test_a_desk_that_is_not_to_ask_answers_all_the_same(small_desk: Maker) -> None:
    with small_desk(notes=NOTES) as whole, Desk.open(whole.snapshot.home, to_ask=False) as desk:
        desk.snapshot.parts[ENCODER] = HashEncoder()
        assert asked(desk, TALKS[0]) == asked(whole, TALKS[0])


def test_listing_figures_imports_none_of_the_libraries_that_only_asking_needs(
    small_desk: Maker, tmp_path: Path
) -> None:
    with small_desk(notes=NOTES) as made:
        script = tmp_path / "list.py"
        script.write_text(
            "import sys\n"
            "from factdesk.cli import run\n"
            f"status = run(['figures', '--home', {str(made.snapshot.home)!r}])\n"
            "heavy = {'numpy', 'faiss', 'onnxruntime', 'tokenizers', 'babel', 'torch'}\n"
            "print(status, sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
        )
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stderr == "0 []\n"
    assert "Harbour Desk" in done.stdout
