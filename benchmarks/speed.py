"""How fast a question is answered, as ratios within one run: python benchmarks/speed.py [HOME]

A cold question is a new process; it is compared with a process that only starts Python, in turn with it. A warm
question is compared with encoding the same question, which no answer can do without.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from factdesk.index.snapshot import default_home
from factdesk.qa.desk import Desk

ROUNDS = 7
QUESTIONS = (
    "What did Panama's 3-1-1 cost to run each month?",
    "What is gub.uy?",
    "which case saves citizens the most per year",
)


def seconds(action: Callable[[], object]) -> float:
    """The time one call takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def process(*arguments: str) -> Callable[[], object]:
    """A Python process with these arguments, its output dropped."""
    return lambda: subprocess.run(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )


def main(arguments: list[str]) -> int:
    """Measure and print."""
    home = Path(arguments[0]) if arguments else default_home()
    ask = process("-c", "from factdesk.cli import main; main()", "ask", QUESTIONS[0], "--home", str(home))
    start = process("-c", "pass")
    pairs = [(seconds(ask), seconds(start)) for _ in range(ROUNDS)]
    cold, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    sys.stdout.write(
        f"cold question {cold:.2f} s, {cold / bare:.0f} times the start of Python ({bare * 1000:.0f} ms)\n"
    )
    with Desk.open(home) as desk:
        for question in QUESTIONS:
            desk.ask(question)
            ask_warm, only_encode = partial(desk.ask, question), partial(desk.answerer.retriever.encode, question)
            both = [(seconds(ask_warm), seconds(only_encode)) for _ in range(ROUNDS)]
            warm, encode = (statistics.median(column) * 1000 for column in zip(*both, strict=True))
            sys.stdout.write(
                f"warm question {warm:.1f} ms, {warm / encode:.1f} times its encoding ({encode:.1f} ms): {question}\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
