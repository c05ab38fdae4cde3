"""Calls that fail: every one that changes a file, in turn; a disk that is full at every page; a limit on file sizes."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from factdesk.benchmarks.fire.bases import DAMAGED, Base, Ground, state_of
from factdesk.benchmarks.fire.calls import Calls, What
from factdesk.benchmarks.fire.forks import forked, must
from factdesk.benchmarks.fire.library import NEW, Library, examine, finish
from factdesk.benchmarks.fire.table import say, show
from factdesk.corpus.errors import FactdeskError

WAYS = ((What.FAIL_ONCE, errno.EIO), (What.FAIL_FROM_THEN_ON, errno.ENOSPC))
"""A disk that errs once, and one that is full and stays so: then nothing can be tidied up either."""
PAGE = 4_096
PLENTY = 64 << 20
REFUSED, FINISHED = "refused", "finished"
HEADS = ["fault", "injected at", "refused in one line", "finished all the same", "state before", "new", "lost"]


@dataclass
class Tally:
    """What came of the faults of one kind."""

    fault: str
    points: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def row(self) -> list[str]:
        """As a line of the table."""
        good = self.points - len(self.lost)
        counts = [self.outcomes[REFUSED], self.outcomes[FINISHED], self.states["before"], self.states[NEW]]
        return [self.fault, f"{good:,} of {self.points:,}", *map(str, counts), str(len(self.lost))]

    def account(
        self, ground: Ground, base: Base, moment: str, fault: Callable[[], None], mend: Callable[[], None]
    ) -> str:
        """Ingest under a fault, mend it, see what is left, and let the next ingest finish the work."""
        self.points += 1
        first = forked(lambda: _refused(ground.library, base, fault))
        mend()
        ended = first if first.status else forked(lambda: _after(ground, base))
        if ended.status:
            self.lost.append(f"{self.fault}, {moment}: {ended.trouble}")
            return ""
        outcome, state = str(first.said), str(ended.said)
        self.outcomes[outcome] += 1
        self.states[NEW if state == NEW else "before"] += 1
        if outcome == FINISHED and state != NEW:
            self.lost.append(f"{self.fault}, {moment}: said to be finished, and is in state {state}")
        return outcome


def _refused(library: Library, base: Base, fault: Callable[[], None]) -> str:
    """How an ingest ends; anything but an error of ours, in one line with what to do, is a loss."""
    fault()
    try:
        library.ingest(rebuild=base.rebuild)
    except FactdeskError as error:
        line = f"{error}; {error.hint}"
        assert error.hint and "\n" not in line and str(library.home) not in line, line
        return REFUSED
    return FINISHED


def _after(ground: Ground, base: Base) -> str:
    state = state_of(lambda: examine(ground.library, ground.expected), base)
    assert state in (base.before, NEW), f"an index in state {state}"
    finish(ground.library, ground.expected, rebuild=state == DAMAGED)
    return state


def each_call(ground: Ground, base: Base, every: int) -> Tally:
    """Let every call fail in turn."""
    calls = Calls()

    def counted() -> list[str]:
        calls.arm(ground.library.home)
        ground.library.ingest(rebuild=base.rebuild)
        return calls.names

    ground.start(base)
    names: list[str] = must(counted)
    tally = Tally(f"a call fails: {base.name}")
    for number in range(1, len(names) + 1, every):
        for what, error in WAYS:
            ground.start(base)
            moment = f"{what.name} {errno.errorcode[error]} at call {number} ({names[number - 1]})"

            def arm(number: int = number, what: What = what, error: int = error) -> None:
                calls.arm(ground.library.home, number, what, error)

            tally.account(ground, base, moment, arm, lambda: None)
    return tally


def each_file_size(ground: Ground, base: Base, every: int) -> Tally:
    """Limit the size of files, page by page, until an ingest gets through."""
    tally = Tally(f"a limit on file sizes: {base.name}")
    outcome, limit = "", PAGE
    while outcome != FINISHED and limit < PLENTY:
        ground.start(base)

        def restrict(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        outcome = tally.account(ground, base, f"{limit:,} bytes", restrict, lambda: None)
        limit += every * PAGE
    return tally


def each_disk_size(ground: Ground, base: Base, every: int) -> Tally:
    """Ingest on a disk that is full after so many pages, from just the old index on, until an ingest gets through."""
    tally = Tally(f"a disk that is full: {base.name}")
    disk = ground.library.place / "disk"
    disk.mkdir()
    library = replace(ground.library, elsewhere=disk / "home")
    on_disk = replace(ground, library=library)
    used = sum(-(-file.stat().st_size // PAGE) + 1 for file in base.home.rglob("*")) if base.home else 0
    outcome, pages = "", used + 4
    while outcome != FINISHED and pages * PAGE < PLENTY:
        with mounted(disk, pages * PAGE):
            on_disk.start(base)
            outcome = tally.account(
                *(on_disk, base, f"{pages - used} pages free", lambda: None),
                lambda: remount(disk, f"size={PLENTY}"),
            )
        pages += every
    shutil.rmtree(disk)
    return tally


def can_mount(place: Path) -> bool:
    """Whether this process may mount a file system."""
    if os.geteuid() or not shutil.which("mount"):
        return False
    trial = place / "trial"
    trial.mkdir()
    try:
        with mounted(trial, PAGE * 16):
            return True
    except subprocess.CalledProcessError:
        return False
    finally:
        trial.rmdir()


@contextmanager
def mounted(at: Path, size: int) -> Iterator[None]:
    """A disk of this size, in memory."""
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "fire", str(at))
    try:
        yield
    finally:
        _run("umount", str(at))


def remount(at: Path, option: str) -> None:
    """Change an option of a disk: its size, or "ro"."""
    _run("mount", "-o", f"remount,{option}", str(at))


def _run(*command: str) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    subprocess.run(command, check=True, capture_output=True, env=clean)


def main(ground: Ground, *, seed: int, trials: int, every: int) -> list[str]:
    """Run the campaign, print its table and return what was lost. Nothing is left to chance."""
    tallies = [each_call(ground, base, every) for base in ground.bases[:3]]
    tallies += [each_file_size(ground, base, every) for base in ground.bases[:2]]
    if can_mount(ground.library.place):
        tallies += [each_disk_size(ground, base, every) for base in ground.bases[:2]]
    else:
        say("a full disk: not tried, no file system can be mounted here")
    show(HEADS, [tally.row() for tally in tallies])
    points, lost = sum(tally.points for tally in tallies), [line for tally in tallies for line in tally.lost]
    say(f"{points - len(lost):,} of {points:,} injection points")
    return lost
