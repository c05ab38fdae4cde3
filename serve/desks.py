"""The desk in force: opened when there is an index, and opened anew when there is a newer one.

1. A new index is opened and tried beside the old one, then takes its place in one step. No request waits for it.
2. A request keeps the desk that it began with; an old desk is closed when its last request is done.
3. A new index that cannot be opened changes nothing: the old one goes on answering, and `problem` says so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from factdesk.corpus.errors import FactdeskError, IndexMissing
from factdesk.index.snapshot import INGEST, current_generation
from factdesk.qa.desk import Desk

log = logging.getLogger(__name__)
PROBE = "What is stated?"
"""Asked of a new desk, so that no user waits for what is loaded at the first question."""


@dataclass
class _Open:
    desk: Desk
    leases: int = 0
    retired: bool = False


class Desks:
    """Hands out the desk in force. Safe for threads; `refresh` is for one at a time."""

    def __init__(self, home: Path, *, opened: Callable[[Path], Desk] = Desk.open) -> None:
        """Nothing is opened yet."""
        self.home = home
        self._opened = opened
        self._lock = threading.Lock()
        self._now: _Open | None = None
        self.problem: FactdeskError | None = IndexMissing("no index is open yet", hint="wait a moment")

    @property
    def generation(self) -> str | None:
        """The generation in force; None if there is none."""
        now = self._now
        return now.desk.snapshot.generation if now else None

    @contextmanager
    def lease(self) -> Iterator[Desk]:
        """The desk in force, for one request. Raises what is wrong if there is none."""
        with self._lock:
            held = self._now
            if held is None:
                raise self.problem or IndexMissing("there is no index yet", hint=INGEST)
            held.leases += 1
        try:
            yield held.desk
        finally:
            with self._lock:
                held.leases -= 1
                last = held.retired and not held.leases
            if last:
                held.desk.close()

    def refresh(self) -> bool:
        """Open the index if it is another than the one in force; whether it was. What is wrong goes to `problem`."""
        try:
            current = current_generation(self.home)
            if current is not None and current == self.generation:
                self.problem = None
                return False
            desk = self._opened(self.home)
        except FactdeskError as error:
            self._tell(error)
            return False
        try:
            desk.ask(PROBE)
        except FactdeskError as error:
            desk.close()
            self._tell(error)
            return False
        self.problem = None
        self._replace(_Open(desk))
        return True

    def _tell(self, error: FactdeskError) -> None:
        if str(error) != str(self.problem):
            log.warning("the index cannot be opened: %s; %s", error, error.hint)
        self.problem = error

    def _replace(self, new: _Open | None) -> None:
        with self._lock:
            old, self._now = self._now, new
            if old is None:
                return
            old.retired = True
            idle = not old.leases
        if idle:
            old.desk.close()

    def close(self) -> None:
        """Close the desk when its last request is done."""
        self._replace(None)
