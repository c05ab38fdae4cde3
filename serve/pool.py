"""The threads that questions are worked on in: a few, with a queue of bounded length before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Busy(Exception):
    """So many wait already that waiting is of no use."""


class Overdue(Exception):
    """It was not done in time."""


class Pool:
    """Runs work in threads. For one event loop."""

    def __init__(self, threads: int, most_waiting: int, patience: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="desk")
        self._most = threads + most_waiting
        self._patience = patience
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many pieces of work are done or wait."""
        return self._taken

    async def run(self, work: Callable[[], T]) -> T:
        """The result of work. Raises Busy if too much waits, Overdue if it takes too long."""
        if self._taken >= self._most:
            raise Busy
        self._taken += 1
        loop = asyncio.get_running_loop()
        future = self._threads.submit(work)

        def done(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody counts any more
                loop.call_soon_threadsafe(self._done)

        # A thread cannot be stopped: what is overdue keeps its place until it is done.
        future.add_done_callback(done)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._patience)
        except TimeoutError as error:
            raise Overdue from error

    def _done(self) -> None:
        self._taken -= 1

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
