"""What the attacks share: a real service on the loopback, requests written byte by byte, and everything it logged."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from factdesk.serve.guard import Guard, needed
from factdesk.serve.keys import Key, Keys, Scope
from factdesk.serve.run import OneLine, server_of
from factdesk.serve.settings import Settings

PATIENCE = 60.0
"""Seconds after which a test gives up: only a fault takes that long."""
SITE = "https://intranet.example.org"
"""A site that has a key."""
FOREIGN = "https://evil.example.net"


def unused_port() -> int:
    """A port that nobody listened at a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(done: Callable[[], Any], what: str = "it did not happen") -> None:
    """Wait for what happens in another thread."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@dataclass(frozen=True)
class Reply:
    """An answer, read byte by byte. Status 0: the connection was closed without one."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """A header that is there once at most."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, (name, values)
        return values[0] if values else None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of an error, in the one shape that all errors have."""
        error = self.json["error"]
        assert set(error) == {"message", "type", "param", "code"}, error
        return str(error["code"])


@dataclass
class Log(logging.Handler):
    """Everything that was logged, as lines."""

    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.setFormatter(OneLine())

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Target:
    """A running service to be attacked. `tokens` are its secret keys by what they are good for, `site` is SITE's."""

    port: int
    home: Path
    settings: Settings
    server: uvicorn.Server
    log: Log
    tokens: dict[str, str]
    keys: dict[str, Key]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def connections(self) -> int:
        """How many are open, as the server counts them."""
        return len(self.server.server_state.connections)

    def client(self, key: str | None = None, **headers: str) -> httpx2.Client:
        """A client, with a key of that name; the environment's proxies are not asked."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            given["authorization"] = f"Bearer {self.tokens[key]}"
        return httpx2.Client(base_url=self.url, headers=given, timeout=PATIENCE, trust_env=False)

    def connect(self) -> socket.socket:
        """A connection of its own."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, data: bytes, *, end: bool = False) -> Reply:
        """The first answer to these bytes; with `end` nothing more is said to come."""
        with self.connect() as connection:
            with suppress(OSError):  # It may hang up in the middle, and its answer is still there.
                connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
            return read_reply(connection)

    def request(
        self,
        method: str,
        path: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        key: str | None = None,
        host: str | None = "",
        version: str = "1.1",
    ) -> Reply:
        """The answer to a request whose every byte is chosen. `host` "" is ours; None: there is no such header."""
        lines = [f"{method} {path} HTTP/{version}"]
        lines += [f"Host: {host or self.host}"] if host is not None else []
        lines += [f"Authorization: Bearer {self.tokens[key]}"] if key else []
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        return self.send("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)


def read_reply(connection: socket.socket) -> Reply:
    """One answer from a connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = received(connection)
        if not part:
            return Reply(0)
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = tuple((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in rest))
    status = int(first.split()[1])
    length = next((int(value) for name, value in pairs if name == "content-length"), None)
    chunked = any(name == "transfer-encoding" for name, _ in pairs)
    while status not in (204, 304) and ((not body.endswith(b"0\r\n\r\n")) if chunked else len(body) < (length or 0)):
        part = received(connection)
        if not part:
            break
        body += part
    return Reply(status, pairs, body)


def received(connection: socket.socket) -> bytes:
    """What came; nothing if the other side is gone."""
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


@contextmanager
def target(
    library_home: Path, folder: Path, *, with_keys: bool = True, ready: bool = True, **settings: Any
) -> Iterator[Target]:
    """A service over a copy of a library's home, until the block ends."""
    home = folder / "home"
    if not home.exists():
        shutil.copytree(library_home, home)
    tokens: dict[str, str] = {}
    made: dict[str, Key] = {}
    if with_keys:
        keys = Keys(home)
        for name, scopes, origins in (
            ("ask", [Scope.ASK], []),
            ("read", [Scope.READ], []),
            ("both", [Scope.ASK, Scope.READ], []),
            ("admin", [Scope.ADMIN], []),
            ("other", [Scope.ASK, Scope.READ], []),
            ("site", [Scope.ASK], [SITE]),
        ):
            made[name], tokens[name] = keys.create(name, scopes, origins)
    chosen = Settings(home=home, port=unused_port(), **settings)
    server = server_of(chosen)
    log = Log()
    ours, root = logging.getLogger("factdesk"), logging.getLogger()
    levels = ours.level, root.level
    ours.setLevel(logging.INFO)
    root.addHandler(log)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, "it does not start")
        found = Target(chosen.port, home, chosen, server, log, tokens, made)
        if ready:
            # Each time a connection of its own: while the index is opened, one that waits may be closed for it.
            until(lambda: found.request("GET", "/readyz").status == 200, "it is never ready")
        yield found
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        root.removeHandler(log)
        ours.setLevel(levels[0])
        root.setLevel(levels[1])
        assert not thread.is_alive(), "it does not stop"


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the running application, with an example of its path."""

    method: str
    path: str

    @property
    def public(self) -> bool:
        """Whether it is meant for everybody."""
        return needed(self.path) is None


def routes_of(service: Target) -> list[Route]:
    """Every route that the application has, found in it: a new one is attacked too."""
    found = set()
    for path, methods in paths_of(service.server.config.app):
        example = path.replace("{number}", "1")
        while "{" in example:
            example = example[: example.index("{")] + "x" + example[example.index("}") + 1 :]
        found |= {Route(method, example) for method in methods or {"GET", "POST"}}
    return sorted(found, key=lambda route: (route.path, route.method))


def paths_of(part: Any, prefix: str = "") -> Iterator[tuple[str, set[str] | None]]:
    """The paths in an application and all that is put into it, with their methods; None: any method."""
    inner: Any = part.app if isinstance(part, Guard) else part
    routes = getattr(inner, "routes", None)
    if routes is None and hasattr(inner, "original_router"):
        routes = inner.original_router.routes
    for route in routes or ():
        path = getattr(route, "path", None)
        if path is None or (hasattr(route, "routes") and getattr(route, "routes", None)):
            yield from paths_of(route, prefix + (path or ""))
        else:
            yield prefix + path, getattr(route, "methods", None)
