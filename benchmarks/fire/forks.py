"""Trials in forked children: imports are done once, and whatever happens to a child happens to it alone."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BROKEN = 99


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: by a signal (negative) or with a status; and what it said."""

    status: int
    said: Any = None

    @property
    def trouble(self) -> str:
        """What went wrong in it; empty if nothing did."""
        if self.status == 0:
            return ""
        return str(self.said) if self.said else f"ended with {self.status}"


class Child:
    """A forked child that does something and says, as JSON, what came of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._pipe, write = os.pipe()
        self.process = os.fork()
        if not self.process:
            status, said = 0, None
            try:
                os.close(self._pipe)
                said = work()
            except BaseException as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                status, said = BROKEN, f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
            try:
                os.write(write, json.dumps(said).encode())
            finally:
                os._exit(status)
        os.close(write)

    def end(self) -> Ended:
        """Wait for it."""
        with os.fdopen(self._pipe, "rb") as pipe:
            said = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return Ended(status, json.loads(said) if said else None)


def forked(work: Callable[[], Any]) -> Ended:
    """Do something in a child and wait for it."""
    return Child(work).end()


def must(work: Callable[[], Any]) -> Any:
    """What a child says that cannot fail."""
    ended = forked(work)
    if ended.status:
        raise RuntimeError(ended.trouble)
    return ended.said
