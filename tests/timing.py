"""How the tests tell linear time from quadratic: by what twice the text takes, never by the clock alone."""

from __future__ import annotations

import time
from collections.abc import Callable

HOSTILE: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: " " * n,
    "digits": lambda n: "9" * n,
    "commas": lambda n: "1," * n,
    "points": lambda n: "1." * n,
    "dollars": lambda n: "$ " * n,
    "letters": lambda n: "a" * n,
    "dashes": lambda n: "1-" * n,
    "words": lambda n: "annual cost of the " * (n // 4),
    "spelled": lambda n: "two " * (n // 20),
}


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest of three runs; of one, where that is too little to be compared."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
        if best < 0.02:
            break
    return best


def growth(work: Callable[[str], object], make: Callable[[int], str], sizes: tuple[int, int]) -> float:
    """How much longer twice the text takes; what takes no measurable time does not grow."""
    texts = [make(size) for size in sizes]
    large = seconds(lambda: work(texts[1]))
    if large < 0.02:
        return 1.0
    return large / max(seconds(lambda: work(texts[0])), 0.001)


QUADRATIC = 3.0
"""Between the 2 of linear and the 4 of quadratic time: a busy machine moves one measurement, not the least of some."""


def least_growth(work: Callable[[str], object], make: Callable[[int], str], sizes: tuple[int, int]) -> float:
    """The least growth seen; measured again only while it looks quadratic."""
    found = growth(work, make, sizes)
    for _ in range(4):
        if found < QUADRATIC:
            break
        found = min(found, growth(work, make, sizes))
    return found
