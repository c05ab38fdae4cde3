"""The threads that questions are worked on in: a few, with lines of bounded length before them.

Each client has a line of its own, and the lines take turns: who asks a lot waits behind himself, not others behind him.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

asking: ContextVar[str] = ContextVar("asking", default="")
"""Whom work is done for."""


class Busy(Exception):
    """So many wait already that waiting is of no use."""


class Overdue(Exception):
    """It was not done in time."""


@dataclass(eq=False, slots=True)
class _Job:
    client: str
    work: Callable[[], Any]
    result: asyncio.Future[Any]
    begun: bool = False


class Pool:
    """Runs work in threads. For one event loop."""

    def __init__(self, threads: int, most_waiting: int, patience: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="desk")
        self._free = threads
        self._most = threads + most_waiting
        self._patience = patience
        self._taken = 0
        self._lines: OrderedDict[str, deque[_Job]] = OrderedDict()

    @property
    def taken(self) -> int:
        """How many pieces of work are done or wait."""
        return self._taken

    async def run(self, work: Callable[[], T]) -> T:
        """The result of work. Raises Busy if too much waits, Overdue if it takes too long."""
        if self._taken >= self._most:
            raise Busy
        self._taken += 1
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = _Job(asking.get(), work, result)
        self._lines.setdefault(job.client, deque()).append(job)
        self._begin()
        try:
            return await asyncio.wait_for(result, self._patience)
        except TimeoutError as error:
            raise Overdue from error
        finally:
            if not job.begun:
                self._leave(job)

    def _begin(self) -> None:
        """Have free threads work for those who are next, each from another line."""
        while self._free and self._lines:
            client, line = self._lines.popitem(last=False)
            job = line.popleft()
            if line:
                self._lines[client] = line
            self._free -= 1
            job.begun = True
            loop = job.result.get_loop()
            self._threads.submit(job.work).add_done_callback(partial(_tell, self, loop, job))

    def _ended(self, job: _Job, done: Future[Any]) -> None:
        # A thread cannot be stopped: what is overdue has kept its place until now.
        self._free += 1
        self._taken -= 1
        if not job.result.done():
            if done.cancelled():
                job.result.cancel()
            elif error := done.exception():
                job.result.set_exception(error)
            else:
                job.result.set_result(done.result())
        self._begin()

    def _leave(self, job: _Job) -> None:
        """Nobody waits for it any more, and it has not begun."""
        line = self._lines.get(job.client)
        if line is not None and job in line:
            line.remove(job)
            self._taken -= 1
            if not line:
                del self._lines[job.client]

    def close(self) -> None:
        """Take no more work."""
        lines, self._lines = self._lines, OrderedDict()
        for job in (job for line in lines.values() for job in line):
            self._taken -= 1
            job.result.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _tell(pool: Pool, loop: asyncio.AbstractEventLoop, job: _Job, done: Future[Any]) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody counts any more
        loop.call_soon_threadsafe(pool._ended, job, done)
