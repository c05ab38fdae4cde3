"""How a service is set up. Decided once, at its start: nothing of it ever comes from a request."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from factdesk.corpus.errors import UsageError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
STANDARD_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Settings:
    """A service's settings. Times are seconds, sizes bytes."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    """The address that people use, if there is a proxy before the service; links begin with it."""
    hosts: tuple[str, ...] = ()
    """More names, with their port, that a request's Host may be."""
    origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may use the service; those of keys are allowed too."""
    threads: int = 2
    """Questions that are worked on at once."""
    most_waiting: int = 128
    """Requests that wait for a thread; more are told to come back."""
    rate: int = 1200
    """Requests a minute of one client."""
    most_in_flight: int = 32
    """Requests of one client that are worked on or wait."""
    most_body: int = 1 << 20
    body_time: float = 10.0
    """Until a request's body is there."""
    head_time: float = 10.0
    """Until a request's head is there."""
    idle_time: int = 15
    """That a connection stays open between two requests."""
    send_time: float = 30.0
    """Until the client takes a piece of the answer."""
    most_connections: int = 512
    """With more, the one that has waited longest for a request is closed."""
    ask_time: float = 30.0
    follow_every: float = 1.0
    """Between two looks at whether there is a new index."""
    keep_questions: bool = True
    """Whether what could not be answered goes into the queue, and feedback is kept."""
    log_questions: bool = False

    def __post_init__(self) -> None:
        """Raise UsageError for what cannot be."""
        for origin in self.origins:
            checked_origin(origin)
        if self.public_url:
            parts = urlsplit(self.public_url)
            if parts.scheme not in STANDARD_PORTS or not parts.netloc or parts.query or parts.fragment:
                raise UsageError(f"{self.public_url} is no address of a service", hint="like https://desk.example.org")

    @property
    def beyond_loopback(self) -> bool:
        """Whether other machines can reach it."""
        return not is_loopback(self.host)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """What a request's Host may be."""
        own = [f"{name}:{self.port}" for name in LOOPBACK_NAMES]
        if self.port == STANDARD_PORTS["http"]:
            own += LOOPBACK_NAMES
        if self.host not in ("0.0.0.0", "::"):
            own.append(f"{bracketed(self.host)}:{self.port}")
        if self.public_url:
            own.append(urlsplit(self.public_url).netloc)
        return frozenset(name.lower() for name in (*own, *self.hosts))

    @property
    def address(self) -> str:
        """Where people find it."""
        return self.public_url or f"http://{bracketed(self.host)}:{self.port}"

    @property
    def own_origins(self) -> frozenset[str]:
        """The origins of the service's own pages."""
        served = {f"http://{host}" for host in self.allowed_hosts}
        if self.public_url:
            parts = urlsplit(self.public_url)
            served.add(f"{parts.scheme}://{parts.netloc.lower()}")
        return frozenset(served)


def is_loopback(host: str) -> bool:
    """Whether an address to listen at is this machine's alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """A host as it stands in an address: one of IPv6 has brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def checked_origin(origin: str) -> str:
    """An origin as browsers send it: scheme, host, port unless it is the usual one. Raises UsageError for another."""
    parts = urlsplit(origin)
    try:
        port = parts.port
    except ValueError:
        port = -1
    usual = port == STANDARD_PORTS.get(parts.scheme)
    whole = f"{parts.scheme}://{parts.netloc}".lower()
    bad = parts.scheme not in STANDARD_PORTS or not parts.hostname or "@" in parts.netloc or "*" in origin
    if bad or usual or port == -1 or parts.netloc.endswith((".", ":")) or origin.lower() != whole:
        raise UsageError(f"{origin} is no origin", hint="like https://intranet.example.org, without a path")
    return whole
