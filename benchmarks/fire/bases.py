"""The states that a campaign starts from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from factdesk.benchmarks.fire.calls import Calls, What
from factdesk.benchmarks.fire.forks import forked, must
from factdesk.benchmarks.fire.library import NEW, NONE, OLD, Expected, Library, WordEncoder, answers, contents_of, warm
from factdesk.corpus.errors import IndexDamaged

DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Base:
    """Where an ingest to the new state starts: the home before it, and the states it may leave if it is stopped."""

    name: str
    home: Path | None
    before: str
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What every trial stands on."""

    library: Library
    expected: Expected
    bases: tuple[Base, ...]

    def start(self, base: Base) -> Library:
        """The library as it is before the ingest."""
        self.library.put_home(base.home)
        return self.library


def prepare(place: Path) -> Ground:
    """Make the states. The documents are left in the new one.

    A first index; a second; a third, with which the first and its model go; a rebuild of one whose model and catalogue
    are damaged; and a second again after an ingest that was killed before it published.
    """
    warm()
    library = Library(place)
    made: dict[str, tuple[list[str], dict[str, str]]] = {}
    for state in (OLD, NEW):
        library.bring_to(state)
        library.put_home(None)
        made[state] = must(lambda: _made(library))
    expected = Expected({state: said for state, (said, _) in made.items()}, {s: v for s, (_, v) in made.items()})
    assert expected.answers[OLD] != expected.answers[NEW]

    library.put_home(None)
    library.bring_to(NEW)
    former = Library(place, WordEncoder("words-0"))
    must(lambda: former.ingest() and 0)
    library.bring_to(OLD)
    must(lambda: library.ingest() and 0)
    third = _copied(library, place / "third")

    library.put_home(None)
    must(lambda: library.ingest() and 0)
    second = _copied(library, place / "second")

    for file in (*library.home.glob("encoders/*/model.onnx"), *library.home.glob("generations/*/catalogue.sqlite")):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    damaged = _copied(library, place / "damaged")

    library.bring_to(NEW)
    library.put_home(second)
    _kill_late(library)
    stopped = _copied(library, place / "stopped")
    return Ground(
        library,
        expected,
        (
            Base("first index", None, NONE),
            Base("second", second, OLD),
            Base("third, the first goes", third, OLD),
            Base("rebuild of a damaged one", damaged, DAMAGED, rebuild=True),
            Base("after one was killed", stopped, OLD),
        ),
    )


def _made(library: Library) -> tuple[list[str], dict[str, str]]:
    library.ingest()
    with library.open() as desk:
        return answers(desk), contents_of(desk.snapshot)


def _kill_late(library: Library) -> None:
    """Kill an ingest as it makes CURRENT anew: all the work is done, none of it published."""
    calls = Calls()

    def counted() -> list[str]:
        calls.arm(library.home)
        library.ingest()
        return calls.names

    backup = library.home.with_name("backup")
    shutil.copytree(library.home, backup)
    names: list[str] = must(counted)
    library.put_home(backup)
    shutil.rmtree(backup)
    renames = [number for number, name in enumerate(names, 1) if name == "rename"]

    def killed() -> None:
        calls.arm(library.home, renames[1], What.KILL_BEFORE)
        library.ingest()

    assert forked(killed).status < 0
    assert (library.home / "unfinished.sqlite").exists()


def _copied(library: Library, to: Path) -> Path:
    shutil.copytree(library.home, to)
    return to


def state_of(examine: Callable[[], str], base: Base) -> str:
    """The state of an index, which may also be as damaged as it was."""
    try:
        return examine()
    except IndexDamaged as error:
        assert base.before == DAMAGED, f"damaged: {error}"
        assert "--rebuild" in error.hint
        return DAMAGED
