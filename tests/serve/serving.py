"""A real service for tests: uvicorn on a free port of the loopback, in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from factdesk.serve.run import server_of
from factdesk.serve.service import Service
from factdesk.serve.settings import Settings

READY = 60.0
"""Seconds that a service may take to open its index on a busy machine."""


def free_port() -> int:
    """A port that nobody listened at a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A running service."""

    url: str
    port: int
    home: Path
    service: Service

    def client(self, **headers: str) -> httpx.Client:
        """A client of it; the environment's proxies are not asked."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Client(base_url=self.url, headers=given, timeout=60, trust_env=False)


@contextmanager
def serving(home: Path, *, ready: bool = True, **settings: Any) -> Iterator[Served]:
    """A service over a home, until the block ends."""
    chosen = Settings(home=home, port=free_port(), **settings)
    service = Service(chosen)
    server = server_of(chosen, service)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{chosen.port}"
    try:
        wait_until(lambda: server.started)
        if ready:
            wait_until(lambda: service.desks.generation is not None)
        yield Served(url, chosen.port, home, service)
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def wait_until(done: Any, seconds: float = READY) -> None:
    """Wait for what happens in another thread."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
