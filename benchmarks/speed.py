"""How fast questions are answered: python benchmarks/speed.py [HOME [QUESTIONS]]

Cold is a new process, its time told as seconds and as a multiple of a process that only starts Python, in turn with
it, with the most memory that it held. Warm is an open desk: every question of a JSON Lines file (one that has the field
"question" a line; else a few of ours) is asked once, after WARM_UP of them, so that no answer is a repetition; it is
told beside the encoding of a question, which no answer can do without. Then two threads ask the same at once.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# As the command line does; before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from factdesk.index.snapshot import default_home
from factdesk.qa.desk import Desk

ROUNDS = 7
WARM_UP = 10
MOST = 300
"""Questions that are asked at most."""
KILOBYTE = 1024 if sys.platform != "darwin" else 1
"""The system counts memory in kilobytes, or in bytes on a Mac."""
COLD = ("What did Panama's 3-1-1 cost to run each month?",)
QUESTIONS = (
    "What did Panama's 3-1-1 cost to run each month?",
    "What is gub.uy?",
    "which case saves citizens the most per year",
    "How many requests were received in 2017?",
    "How long did people wait before?",
    "compare investment",
    "What are the lessons learned?",
    "What share of procedures is online?",
    "How was the portal paid for?",
    "When was the system launched?",
    "Who runs the one-stop portal?",
    "What does the investment consist of?",
    "How much do governments save a year?",
    "How many people work at the contact centre?",
    "What did the crime report system cost?",
    "Why were birth certificates put online?",
)


def seconds(action: Callable[[], object]) -> float:
    """The time one call takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def process(arguments: Sequence[str]) -> tuple[float, float]:
    """The seconds that a Python process with these arguments takes, and the most megabytes that it holds."""
    begun = time.perf_counter()
    nothing = os.open(os.devnull, os.O_WRONLY)
    quiet = [(os.POSIX_SPAWN_DUP2, nothing, number) for number in (1, 2)]
    child = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ, file_actions=quiet)
    _, _, used = os.wait4(child, 0)
    os.close(nothing)
    return time.perf_counter() - begun, used.ru_maxrss * KILOBYTE / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of all do not pass."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def cold(home: Path) -> None:
    """Time new processes."""
    program = ("-c", "from factdesk.cli import main; main()")
    at_home = ("--home", str(home))
    kinds = {
        "ask": (*program, "ask", *COLD, "--no-keep", *at_home),
        "figures": (*program, "figures", *at_home),
        "--help": (*program, "--help"),
    }
    for name, arguments in kinds.items():
        process(arguments)
        pairs = [(process(arguments), process(("-c", "pass"))) for _ in range(ROUNDS)]
        took = statistics.median(own[0] for own, _ in pairs)
        ratio = statistics.median(own[0] / bare[0] for own, bare in pairs)
        memory = max(own[1] for own, _ in pairs)
        show(f"cold {name}: {took:.2f} s, {ratio:.0f} times the start of Python, {memory:.0f} MB")


def warm(home: Path, questions: Sequence[str]) -> None:
    """Time an open desk."""
    first, rest = questions[:WARM_UP], questions[WARM_UP:]
    with Desk.open(home) as desk:
        for question in first:
            desk.ask(question)
        encode = desk.snapshot.encoder.encode
        encoded = [seconds(lambda q=question: encode([q])) * 1000 for question in first]  # type: ignore[misc]
        took = [seconds(lambda q=question: desk.ask(q)) * 1000 for question in rest]  # type: ignore[misc]
        median, embed = statistics.median(took), statistics.median(encoded)
        show(
            f"warm ask, {len(rest)} questions: median {median:.1f} ms, 99 % within {percentile(took, 0.99):.1f} ms, "
            f"{median / embed:.1f} times an encoding ({embed:.1f} ms)"
        )
    with Desk.open(home) as desk, ThreadPoolExecutor(2) as pool:
        for question in first:
            desk.ask(question)
        total = seconds(lambda: list(pool.map(desk.ask, rest)))
        show(f"two threads: {len(rest) / total:.0f} answers a second, one thread {1000 * len(rest) / sum(took):.0f}")


def show(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Measure and print."""
    home = Path(arguments[0]) if arguments else default_home()
    questions = list(QUESTIONS)
    if len(arguments) > 1:
        lines = Path(arguments[1]).read_text("utf-8").splitlines()
        questions = list(dict.fromkeys(json.loads(line)["question"] for line in lines if line.strip()))[:MOST]
    cold(home)
    warm(home, questions)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
