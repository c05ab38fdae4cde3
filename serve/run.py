"""Runs the service: uvicorn, with clients that send nothing kept from holding connections."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from factdesk.corpus.errors import UsageError
from factdesk.serve.app import build_app
from factdesk.serve.keys import Keys
from factdesk.serve.service import Service
from factdesk.serve.settings import Settings

MOST_CONNECTIONS = 1024
MOST_HEAD = 16 * 1024
"""Bytes of a request's head."""
HEAD_TIME = 10.0
"""Seconds until a request's head is there."""
IDLE_TIME = 15
"""Seconds that a connection stays open between two requests."""
LAST_TIME = 10
"""Seconds that requests have to end when the service is stopped."""


class PatientProtocol(H11Protocol):
    """HTTP for clients that come to the point: a connection without a whole request's head is closed in time."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; wait again if that does not make a request."""
        super().data_received(data)
        # uvicorn sets `cycle` when a request's head is whole.
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._deadline is None:
            self._wait()

    def on_response_complete(self) -> None:
        """After an answer uvicorn's own time for idle connections counts."""
        super().on_response_complete()
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEAD_TIME, self._give_up)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


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
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # The address of a client is the connection's: a header could say anything.
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_HEAD,
        timeout_keep_alive=IDLE_TIME,
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

    async def run() -> None:
        following = asyncio.create_task(service.follow())
        try:
            await build_tools(service).run_stdio_async()
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
