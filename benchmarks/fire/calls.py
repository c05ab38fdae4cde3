"""The n-th call of a process that changes a file below a folder: counted, made to fail, or made the last it does."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("calls.c")


class What(IntEnum):
    """What becomes of the n-th call. The numbers are those of calls.c."""

    COUNT = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    KILL_HALFWAY = 3
    FAIL_ONCE = 4
    FAIL_FROM_THEN_ON = 5


def compiler() -> str | None:
    """The C compiler of this machine; None if it has none, or cannot load what it makes before libc."""
    return shutil.which("cc") if sys.platform == "linux" else None


def environment(place: Path) -> dict[str, str]:
    """The environment of a process whose calls are counted. Raises FileNotFoundError if there is no compiler."""
    library = place / "calls.so"
    found = compiler()
    if found is None:
        raise FileNotFoundError("a C compiler (cc) on Linux is needed to count calls")
    subprocess.run([found, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    # One thread each: the process forks, and a forked child has no other threads.
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    return {**os.environ, **threads, "LD_PRELOAD": str(library)}


class Calls:
    """The counter of this process. Forked children have their own."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.fire_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int]
        self._library.fire_count.restype = ctypes.c_long
        self._library.fire_names.restype = ctypes.c_char_p

    def arm(self, folder: Path, number: int = 0, what: What = What.COUNT, error: int = 0) -> None:
        """Begin to count at 0; 0 as the number is no call at all."""
        self._library.fire_arm(os.fsencode(folder), number, int(what), error)

    @property
    def count(self) -> int:
        """How many calls there were since."""
        return int(self._library.fire_count())

    @property
    def names(self) -> list[str]:
        """Which calls there were, if they were only counted."""
        return bytes(self._library.fire_names()).decode("ascii").split()
