"""The index under fire: `python -m factdesk.benchmarks.fire kill|fault|swap|damage [--seed N] [--trials N]`.

Each campaign works in a folder of its own, prints its seed and a table, and ends with status 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from factdesk.benchmarks.fire.calls import environment
from factdesk.benchmarks.fire.table import say

MEMORY = Path("/dev/shm")
"""Files in memory: a kill does not take what the system has, so nothing is gained by waiting for a disk."""
TRIALS = {"kill": 1_200, "fault": 0, "swap": 100, "damage": 2_400}
SHOWN = 10
"""Losses that are told in full."""


def main() -> int:
    """Run one campaign, in a process whose calls are counted."""
    parser = argparse.ArgumentParser(prog="python -m factdesk.benchmarks.fire", description=__doc__)
    parser.add_argument("campaign", choices=list(TRIALS))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--trials", type=int, help="kills, rounds or mutations, at least")
    parser.add_argument("--every", type=int, default=1, help="kill or fail only every n-th call")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside is not None:
        trials = TRIALS[given.campaign] if given.trials is None else given.trials
        return run(given.campaign, given.inside, seed=given.seed, trials=trials, every=given.every)
    with tempfile.TemporaryDirectory(prefix="fire-", dir=MEMORY if MEMORY.is_dir() else None) as place:
        again = [sys.executable, "-m", "factdesk.benchmarks.fire", *sys.argv[1:], "--seed", str(given.seed)]
        return subprocess.run([*again, "--inside", place], env=environment(Path(place))).returncode


def run(name: str, place: Path, *, seed: int, trials: int, every: int) -> int:
    """Run a campaign below a folder; 1 if anything was lost."""
    from factdesk.benchmarks.fire import damage, fault, kill, swap
    from factdesk.benchmarks.fire.bases import prepare

    say(f"{name}: seed {seed}")
    campaigns = {"kill": kill.main, "fault": fault.main, "swap": swap.main, "damage": damage.main}
    began = time.monotonic()
    lost = campaigns[name](prepare(place / "library"), seed=seed, trials=trials, every=every)
    for line in lost[:SHOWN]:
        say(f"LOST {line}")
    say(f"{len(lost)} lost, in {time.monotonic() - began:.0f} s")
    return int(bool(lost))


if __name__ == "__main__":
    sys.exit(main())
