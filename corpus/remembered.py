"""What is kept in memory of things that are dear to make, up to a limit."""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Values by their keys: at least the `limit` last used, at most twice as many.

    Threads may share one without a lock: single steps on a dictionary are whole. Two that change it at once may
    forget a value too early; then it is made anew. What is kept must not change.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._recent: dict[Key, Value] = {}
        self._before: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """What is kept under a key; None if nothing is."""
        found = self._recent.get(key)
        if found is None and (found := self._before.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, which is not None; half of what was not asked for of late may go."""
        recent = self._recent
        recent[key] = value
        if len(recent) >= self._limit:
            self._before, self._recent = recent, {}
