"""Ingest killed by SIGKILL: before and halfway through every call that changes a file, and at random times."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from factdesk.benchmarks.fire.bases import DAMAGED, Base, Ground, state_of
from factdesk.benchmarks.fire.calls import Calls, What
from factdesk.benchmarks.fire.forks import Child, forked, must
from factdesk.benchmarks.fire.library import NEW, NONE, OLD, Library, examine, finish, worked
from factdesk.benchmarks.fire.table import say, show

WAYS = (What.KILL_BEFORE, What.KILL_HALFWAY)
"""Halfway through a write a part of it is done; any other call is done and nothing after it."""


@dataclass
class Tally:
    """What came of the kills from one base."""

    base: str
    calls: Counter[str] = field(default_factory=Counter)
    at_calls: int = 0
    at_random: int = 0
    states: Counter[str] = field(default_factory=Counter)
    taken_over: int = 0
    """Documents that the next ingest did not read again."""
    vectors: int = 0
    """Vectors that it did not make again."""
    lost: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """All of them."""
        return self.at_calls + self.at_random

    def row(self) -> list[str]:
        """As a line of the table."""
        states = [str(self.states[state] or "") for state in (NONE, DAMAGED, OLD, NEW)]
        return [
            *(self.base, str(sum(self.calls.values())), str(self.at_calls), str(self.at_random), *states),
            *(f"{self.taken_over:,}", f"{self.vectors:,}", str(len(self.lost))),
        ]


HEADS = [
    *("ingest killed", "calls", "at calls", "at random", "then none", "damaged", "old", "new"),
    *("documents kept", "vectors kept", "lost"),
]


def campaign(ground: Ground, *, kills: int, seed: int, every: int = 1) -> list[Tally]:
    """Kill at every call (or every n-th) from every base, and at random times until there are so many kills."""
    calls = Calls()
    tallies = []
    whole: dict[str, tuple[int, int, float]] = {}
    for base in ground.bases:
        names, read, encoded, seconds = must(partial(_whole, ground, base, calls))
        whole[base.name] = read, encoded, seconds
        tally = Tally(base.name, Counter(names))
        tallies.append(tally)
        for number in range(1, len(names) + 1, every):
            for way in WAYS:
                moment = f"{way.name} of call {number} ({names[number - 1]})"
                ground.start(base)
                ended = forked(partial(_ingest, ground.library, base, calls, number, way))
                if ended.status != -signal.SIGKILL:
                    tally.lost.append(f"{base.name}, {moment}: not killed: {ended.trouble}")
                    continue
                tally.at_calls += 1
                _account(ground, base, tally, whole, moment)
    chance = random.Random(seed)
    while sum(tally.kills for tally in tallies) < kills:
        base, tally = chance.choice(list(zip(ground.bases, tallies, strict=True)))
        ground.start(base)
        child = Child(partial(_ingest, ground.library, base, None, 0, What.COUNT))
        wait = chance.uniform(0, whole[base.name][2])
        time.sleep(wait)
        os.kill(child.process, signal.SIGKILL)
        if child.end().status == -signal.SIGKILL:
            tally.at_random += 1
            _account(ground, base, tally, whole, f"after {wait:.4f} s")
    return tallies


def _whole(ground: Ground, base: Base, calls: Calls) -> tuple[list[str], int, int, float]:
    """An ingest at one go: its calls, the documents it reads, the texts it embeds, and how long it takes."""
    library = ground.start(base)
    calls.arm(library.home)
    began = time.monotonic()
    work = worked(library, rebuild=base.rebuild)
    seconds = time.monotonic() - began
    return calls.names, work.read, work.encoded, seconds


def _ingest(library: Library, base: Base, calls: Calls | None, number: int, what: What) -> None:
    if calls is not None:
        calls.arm(library.home, number, what)
    library.ingest(rebuild=base.rebuild)


def _account(ground: Ground, base: Base, tally: Tally, whole: dict[str, tuple[int, int, float]], moment: str) -> None:
    """See what the kill left, and let the next ingest finish the work."""
    ended = forked(lambda: _after(ground, base))
    if ended.status:
        tally.lost.append(f"{base.name}, {moment}: {ended.trouble}")
        return
    state, read, encoded = ended.said
    tally.states[state] += 1
    if state != NEW:
        tally.taken_over += whole[base.name][0] - read
        tally.vectors += whole[base.name][1] - encoded


def _after(ground: Ground, base: Base) -> tuple[Any, int, int]:
    library = ground.library
    state = state_of(lambda: examine(library, ground.expected), base)
    assert state in (base.before, NEW), f"an index in state {state}"
    work = finish(library, ground.expected, rebuild=state == DAMAGED)
    return state, work.read, work.encoded


def main(ground: Ground, *, seed: int, trials: int, every: int) -> list[str]:
    """Run the campaign, print its table and return what was lost."""
    tallies = campaign(ground, kills=trials, seed=seed, every=every)
    show(HEADS, [tally.row() for tally in tallies])
    calls = sum((tally.calls for tally in tallies), Counter[str]())
    say("calls: " + ", ".join(f"{number} {name}" for name, number in calls.most_common()))
    say(f"{sum(tally.kills for tally in tallies):,} kills")
    return [line for tally in tallies for line in tally.lost]
