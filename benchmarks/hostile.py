"""What each file that bites costs: `python benchmarks/hostile.py [FILE ...]` prints outcome, seconds and memory.

Without FILE: those that the tests generate. Each is read alone, in a new process of the sandbox, as an ingest reads it.
The limits are 20 seconds and 512 MB; a file beyond them makes the exit status 1. They hold without text recognition,
which is off here unless FACTDESK_OCR says "on": it may take 15 seconds more for each page, and 700 MB.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from factdesk.corpus.errors import InputError
from factdesk.index.encoder import find_model
from factdesk.ingest.recognition import SWITCH
from factdesk.ingest.sandbox import Sandbox
from factdesk.tests.hostile import HOSTILE

MOST_SECONDS, MOST_MEGABYTES = 20, 512


@dataclass(frozen=True, slots=True)
class Given:
    """A file by its name."""

    path: str


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def files(paths: list[str]) -> Iterator[tuple[str, bytes]]:
    """The files to try."""
    if paths:
        yield from ((Path(path).name, Path(path).read_bytes()) for path in paths)
    else:
        yield from ((hostile.name, hostile.make()) for hostile in HOSTILE)


def main(paths: list[str]) -> int:
    """Print a line for each file; 1 if one is beyond the limits."""
    os.environ.setdefault(SWITCH, "off")
    worst_seconds, worst_megabytes = 0.0, 0
    say(f"{'file':24} {'bytes':>12} {'outcome':18} {'seconds':>8} {'MB':>6}")
    for name, data in files(paths):
        with Sandbox(find_model(), workers=1) as sandbox:
            begun = time.monotonic()
            (result,) = sandbox.map([(Given(name), data, hashlib.sha256(data).hexdigest())])
            seconds = time.monotonic() - begun
            outcome = (
                result.reason.value if isinstance(result, InputError) else f"read, {result.summary.figures} figures"
            )
            megabytes = sandbox.peak >> 20
        worst_seconds, worst_megabytes = max(worst_seconds, seconds), max(worst_megabytes, megabytes)
        say(f"{name:24} {len(data):12,} {outcome:18} {seconds:8.2f} {megabytes:6}")
    exact = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    say(f"at most {worst_seconds:.1f} s and {worst_megabytes} MB as seen twenty times a second, {exact} MB exactly")
    worst_megabytes = max(worst_megabytes, exact)
    return int(not paths and (worst_seconds > MOST_SECONDS or worst_megabytes > MOST_MEGABYTES))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
