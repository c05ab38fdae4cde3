"""The index under fire, in short: what `python -m factdesk.benchmarks.fire` does at length."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from factdesk.benchmarks.fire import bases, fault, library
from factdesk.benchmarks.fire.bases import Base, Ground
from factdesk.benchmarks.fire.calls import compiler
from factdesk.benchmarks.fire.forks import forked
from factdesk.benchmarks.fire.library import NEW, NONE, OLD, Expected, Library, WordEncoder
from factdesk.corpus.errors import HomeNotWritable, IndexDamaged
from factdesk.corpus.records import Vectors
from factdesk.index import builder

needs_compiler = pytest.mark.skipif(compiler() is None, reason="calls are counted by a library that cc makes on Linux")


@needs_compiler
@pytest.mark.parametrize(
    ("campaign", "options", "said"),
    [
        ("kill", ["--trials", "45", "--every", "60"], r"\n4[5-9] kills\n"),
        ("fault", ["--every", "80"], r"\n(\d+) of \1 injection points\n"),
        ("swap", ["--trials", "6"], r"\ntwo ingests at once: 6 rounds +0\n"),
        ("damage", ["--trials", "60"], r"\n66 mutations\n"),
    ],
)
def test_nothing_is_lost(campaign: str, options: list[str], said: str) -> None:
    command = [sys.executable, "-m", "factdesk.benchmarks.fire", campaign, "--seed", "7", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.startswith(f"{campaign}: seed 7\n")
    assert re.search(said, done.stdout), done.stdout
    assert re.search(r"\n0 lost, in \d+ s\n", done.stdout), done.stdout


# A campaign that could lose nothing would prove nothing.


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A library whose index is in the old state, its files in the new one."""
    for name in ("BLOCK", "SLICE"):  # which the library makes small, in a process of its own as a rule
        monkeypatch.setattr(builder, name, getattr(builder, name))
    made = Library(tmp_path)
    answers, contents = {}, {}
    for state in (NEW, OLD):
        made.put_home(None)
        made.bring_to(state)
        made.ingest()
        with made.open() as desk:
            answers[state], contents[state] = library.answers(desk), library.contents_of(desk.snapshot)
    made.bring_to(NEW)
    made.home.rename(tmp_path / "second")
    return Ground(made, Expected(answers, contents), (Base("second", tmp_path / "second", OLD),))


def test_the_state_of_an_index_is_told_by_its_answers(ground: Ground) -> None:
    made = ground.start(ground.bases[0])
    assert library.examine(made, ground.expected) == OLD
    work = library.finish(made, ground.expected)
    assert (work.read, 0 < work.encoded < 20) == (2, True), "what changed, and no more"
    assert library.examine(made, ground.expected) == NEW
    made.put_home(None)
    assert library.examine(made, ground.expected) == NONE


def test_an_index_of_neither_state_is_noticed(ground: Ground) -> None:
    made = ground.start(ground.bases[0])
    (made.folder / "corvane.md").unlink()
    made.ingest()
    with pytest.raises(AssertionError, match="no state"):
        library.examine(made, ground.expected)
    with pytest.raises(AssertionError, match="other contents"):
        library.finish(made, ground.expected)
    next(made.home.glob("generations/*2/units.npy")).write_bytes(b"x")
    with pytest.raises(IndexDamaged):
        library.examine(made, ground.expected)
    with pytest.raises(AssertionError, match="damaged"):
        bases.state_of(lambda: library.examine(made, ground.expected), ground.bases[0])


class Failing(WordEncoder):
    """An encoder that fails as it is told."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def encode(self, texts: list[str]) -> Vectors:
        raise self.error


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (HomeNotWritable("no room", hint="make some"), []),
        (HomeNotWritable("no room\nat all", hint="make some"), ["AssertionError"]),
        (HomeNotWritable("no room"), ["AssertionError"]),
        (ValueError("odd"), ["ValueError"]),
    ],
)
def test_an_ingest_that_ends_otherwise_than_in_one_line_is_lost(
    ground: Ground, error: Exception, lost: list[str]
) -> None:
    tally, base = fault.Tally("a fault"), ground.bases[0]
    made = ground.start(base)
    whole, made.encoder = made.encoder, Failing(error)

    def mend() -> None:
        made.encoder = whole

    tally.account(ground, base, "now", lambda: None, mend)
    assert (tally.points, [line.split(":")[1].strip() for line in tally.lost]) == (1, [f"now: {x}"[5:] for x in lost])


def test_a_child_tells_what_came_of_it() -> None:
    assert forked(lambda: [1, "a"]).said == [1, "a"]
    broken = forked(lambda: [][0])
    assert broken.status == 99
    assert broken.trouble.startswith("IndexError: list index out of range (test_fire.py:")
