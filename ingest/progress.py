"""A sign of life: readers and the stages after them say that they go on, and whoever runs them may listen.

A reading that says nothing for long has got stuck. Without a listener nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int], None]
"""Told how many more pages were read, and of how many more the text is about to be recognised; 0 for any other step."""


def _nobody(pages: int, recognised: int) -> None:
    """Listen to nothing."""


_listener: ContextVar[Listener] = ContextVar("_listener", default=_nobody)


def advance(pages: int = 0, recognised: int = 0) -> None:
    """Say that the work goes on, how many more pages (sheets, slides) were read, and how many are to be recognised."""
    _listener.get()(pages, recognised)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have the listener told of every step meanwhile."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
