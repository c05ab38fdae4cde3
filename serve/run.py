"""Runs the service: uvicorn, with clients that send nothing kept from holding connections."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from factdesk.corpus.errors import UsageError
from factdesk.serve.app import build_app
from factdesk.serve.keys import Keys
from factdesk.serve.service import Service
from factdesk.serve.settings import Settings

MOST_HEAD = 16 * 1024
"""Bytes of a request's head."""
LAST_TIME = 10
"""Seconds that requests have to end when the service is stopped."""


class PatientProtocol(H11Protocol):
    """HTTP for clients that come to the point.

    1. A connection without a whole request's head is closed in time.
    2. One that does not take what it is sent is cut off in time: closing it would wait for that, and hold it for ever.
    3. Where there are too many, the one that has waited longest for a request is cut off, so that others are served.
    """

    def __init__(self, settings: Settings, **given: Any) -> None:
        super().__init__(**given)
        self._settings = settings
        self._deadline: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._closing = False
        self._since = 0.0

    @property
    def idle(self) -> bool:
        """Whether it waits for a request."""
        answered: bool = self.cycle is None or self.cycle.response_complete
        return answered and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) > self._settings.most_connections:
            # Not at once: what the others have sent is read first, or a request in a crowd would pass for idleness.
            self.loop.call_soon(self.loop.call_soon, self._make_room)
        self._wait()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came; wait again if that does not make a request."""
        # uvicorn refuses a request at so many connections or tasks. Idle connections are about to make room, so that
        # only requests in work count; that many are not reached, for each client has a few.
        self.limit_concurrency = 0 if len(self.tasks) >= 2 * self._settings.most_connections else None
        super().data_received(data)
        # uvicorn sets `cycle` when a request's head is whole.
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._deadline is None:
            self._wait()

    def on_response_complete(self) -> None:
        """After an answer uvicorn's own time for idle connections counts."""
        self._since = self.loop.time()
        super().on_response_complete()
        self._stop()

    def pause_writing(self) -> None:
        """Give the client time to take something."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self._settings.send_time, self.transport.abort)

    def resume_writing(self) -> None:
        """It has."""
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        for handle in (self._stuck, self._look):
            if handle is not None:
                handle.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self._settings.head_time, self._give_up)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.idle:
            self.transport.close()

    def _watch(self) -> None:
        """Cut off what was closed a while ago and is still there."""
        if self._closing:
            self.transport.abort()
            return
        self._closing = self.transport.is_closing()
        self._look = self.loop.call_later(self._settings.send_time, self._watch)

    def _make_room(self) -> None:
        others = (other for other in self.connections if isinstance(other, PatientProtocol) and other is not self)
        longest = min((other for other in others if other.idle), key=lambda other: other._since, default=None)
        if longest is not None:
            longest.transport.abort()


def server_of(settings: Settings, service: Service | None = None) -> uvicorn.Server:
    """A service, by default a new one, ready to run. Raises UsageError if others could reach it without a key."""
    keys = Keys(settings.home)
    if settings.beyond_loopback and not keys.all():
        raise UsageError(
            f"{settings.host} can be reached from other machines, and there is no key yet",
            hint="run: factdesk keys create NAME",
        )
    app = build_app(service or Service(settings), keys)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=cast(type[asyncio.Protocol], partial(PatientProtocol, settings)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # The address of a client is the connection's: a header could say anything.
        proxy_headers=False,
        h11_max_incomplete_event_size=MOST_HEAD,
        timeout_keep_alive=settings.idle_time,
        timeout_graceful_shutdown=LAST_TIME,
    )
    return uvicorn.Server(config)


def serve(settings: Settings) -> None:
    """Run until stopped. Raises UsageError if it may not be, or the address is taken."""
    server = server_of(settings)
    log_to_stderr()
    try:
        server.run()
    except SystemExit as error:
        if error.code:
            raise UsageError(f"{settings.host}:{settings.port} is not free", hint="choose another --port") from error


def serve_tools(settings: Settings) -> None:
    """Speak the Model Context Protocol on standard input and output until the input ends."""
    from factdesk.serve.tools import build_tools

    service = Service(settings)
    service.desks.refresh()

    tools = build_tools(service)
    # The server has set up a log of its own, which shows what failed with its lines and paths.
    log_to_stderr()

    async def run() -> None:
        following = asyncio.create_task(service.follow())
        try:
            await tools.run_stdio_async()
        finally:
            following.cancel()
            service.close()

    asyncio.run(run())


class OneLine(logging.Formatter):
    """A record as one line of JSON: nothing that is logged can begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        message = record.getMessage()
        line: dict[str, Any] = {"time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname}
        try:
            fields = json.loads(message)
            line |= fields if isinstance(fields, dict) else {"message": message}
        except ValueError:
            line["message"] = message
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line)


def log_to_stderr() -> None:
    """Send the log to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("factdesk").setLevel(logging.INFO)
