"""Readers while an ingest publishes again and again; a home that cannot be written; two ingests at once."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from factdesk.benchmarks.fire.bases import Ground
from factdesk.benchmarks.fire.fault import PLENTY, can_mount, mounted, remount
from factdesk.benchmarks.fire.forks import Child, Ended, forked
from factdesk.benchmarks.fire.library import NEW, OLD, QUESTIONS, Library, WordEncoder, answers, examine
from factdesk.benchmarks.fire.table import say, show
from factdesk.corpus.errors import IndexBusy
from factdesk.index.snapshot import current_generation, is_sealed

READERS = 2
HELD = 4
"""Publications that a slow reader sits through with the index open."""
MODELS = ("words-1", "words-2")


def _read(ground: Ground, stop: Path) -> dict[str, int]:
    """Open, ask everything and close until told to stop. Every index opened gives the answers of one state."""
    told: Counter[str] = Counter()
    while not stop.exists():
        with ground.library.open() as desk:
            found = answers(desk)
        assert found in ground.expected.answers.values(), "answers of no state"
        told["opened"] += 1
        told["asked"] += len(found)
    return dict(told)


def _hold(ground: Ground, stop: Path) -> dict[str, int]:
    """Keep an index open while others take its place; its answers and its model's files stay what they were."""
    told: Counter[str] = Counter()
    while not stop.exists():
        with ground.library.open() as desk:
            first, snapshot = answers(desk), desk.snapshot
            number = _number(snapshot.generation)
            while not stop.exists() and _number(current_generation(ground.library.home)) < number + HELD:
                time.sleep(0.01)
            assert answers(desk) == first, "other answers from the same index"
            assert snapshot.folder.is_dir(), "a generation that is held was removed"
            assert is_sealed(snapshot.encoder_folder, snapshot.manifest.encoder_files), "the model went"
        told["opened"] += 1
        told["asked"] += 2 * len(first)
    return dict(told)


def _number(generation: str | None) -> int:
    return int((generation or "gen-0").removeprefix("gen-"))


def _publish(library: Library, rounds: int) -> int:
    """Publish one state after the other, with another model now and then."""
    for number in range(rounds):
        library.encoder = WordEncoder(MODELS[number // 3 % 2])
        library.bring_to((NEW, OLD)[number % 2])
        assert library.ingest().written
    return rounds


def _held_for_ever(library: Library) -> None:
    library.open()
    signal.pause()


def readers(ground: Ground, rounds: int) -> tuple[list[list[str]], list[str]]:
    """Readers during swaps: the lines of the table, and what was lost."""
    library, stop, lost = ground.library, ground.library.place / "stop", []
    second = ground.bases[1]
    ground.start(second)
    # One that was killed with the index open: its hold must end with it.
    crashed = Child(partial(_held_for_ever, library))
    working = {"opens and asks": [Child(partial(_read, ground, stop)) for _ in range(READERS)]}
    working["holds and asks"] = [Child(partial(_hold, ground, stop))]
    time.sleep(0.5)
    os.kill(crashed.process, signal.SIGKILL)
    crashed.end()
    writer = forked(partial(_publish, library, rounds))
    stop.touch()
    rows = []
    for kind, children in working.items():
        ended = [child.end() for child in children]
        good = [child.said for child in ended if not child.status]
        lost += [f"a reader that {kind}: {child.trouble}" for child in ended if child.status]
        opened, asked = sum(found["opened"] for found in good), sum(found["asked"] for found in good)
        rows.append(
            [f"a reader {kind}, {len(children)} of them", f"{opened:,}", f"{asked:,}", str(len(ended) - len(good))]
        )
    stop.unlink()
    lost += _trouble("the writer", writer)
    library.bring_to(NEW)
    lost += _trouble("after all readers are gone", forked(partial(_tidied, ground)))
    rows.append([f"publications meanwhile: {rounds}", "", "", str(len(_trouble("", writer)))])
    return rows, lost


def _tidied(ground: Ground) -> None:
    library = ground.library
    library.ingest()
    assert examine(library, ground.expected) == NEW
    left = [path.name for path in (library.home / "generations").iterdir()]
    assert len(left) == 2, f"generations that nobody holds are left: {left}"


def _trouble(what: str, ended: Ended) -> list[str]:
    return [f"{what}: {ended.trouble}"] if ended.status else []


def without_writing(ground: Ground) -> tuple[list[list[str]], list[str]]:
    """Read a home on a file system that is mounted for reading only."""
    at = ground.library.place / "disk"
    at.mkdir()
    elsewhere = Library(ground.library.place, elsewhere=at / "home")
    with mounted(at, PLENTY):
        ground.library.put_home(ground.bases[1].home)
        shutil.copytree(ground.library.home, elsewhere.home)
        remount(at, "ro")
        ended = forked(partial(examine, elsewhere, ground.expected))
    at.rmdir()
    lost = _trouble("a home that cannot be written", ended)
    return [["a home that cannot be written", "1", str(len(QUESTIONS)), str(len(lost))]], lost


def two_at_once(ground: Ground, rounds: int) -> tuple[list[list[str]], list[str]]:
    """Two ingests begin at the same moment, again and again."""
    outcomes: Counter[str] = Counter()
    lost: list[str] = []
    for number in range(rounds):
        ground.start(ground.bases[number % 2])
        gate, opened = os.pipe()
        children = [Child(partial(_ingest_at, ground.library, gate, opened)) for _ in range(2)]
        os.close(gate)
        os.close(opened)
        ended = [child.end() for child in children]
        lost += [f"round {number}: {child.trouble}" for child in ended if child.status]
        said = sorted(str(child.said) for child in ended)
        outcomes[" and ".join(said)] += 1
        if "published" not in said:
            lost.append(f"round {number}: nobody published: {said}")
        lost += _trouble(f"round {number}", forked(partial(_is_new, ground)))
    rows = [[f"two ingests at once: {said}", str(count), "", ""] for said, count in outcomes.most_common()]
    return [*rows, [f"two ingests at once: {rounds} rounds", "", "", str(len(lost))]], lost


def _ingest_at(library: Library, gate: int, opened: int) -> str:
    os.close(opened)
    os.read(gate, 1)  # returns when the last writing end is closed
    try:
        return "published" if library.ingest().written else "nothing to do"
    except IndexBusy as error:
        assert re.match(r"another process is writing the index( \(process \d+, since .*\))?$", str(error)), error
        return "told to wait"


def _is_new(ground: Ground) -> None:
    assert examine(ground.library, ground.expected) == NEW
    left = [path.name for path in ground.library.home.rglob("*.tmp")]
    assert not left, left


def main(ground: Ground, *, seed: int, trials: int, every: int) -> list[str]:
    """Run the campaign, print its table and return what was lost."""
    parts: list[Callable[[], Any]] = [partial(readers, ground, trials)]
    if can_mount(ground.library.place):
        parts.append(partial(without_writing, ground))
    else:
        say("a home that cannot be written: not tried, no file system can be mounted here")
    parts.append(partial(two_at_once, ground, trials))
    rows, lost = [], []
    for part in parts:
        more, found = part()
        rows += more
        lost += found
    show(["during swaps", "opened", "asked", "lost"], rows)
    return lost
