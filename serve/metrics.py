"""What the service counts, for Prometheus. No question and no name of a client is among it."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("factdesk_requests", "Requests.", labels, registry=registry)
        self._seconds = Histogram(
            "factdesk_request_seconds", "Time of a request.", ("route",), buckets=BUCKETS, registry=registry
        )
        self._answers = Counter("factdesk_answers", "Answers by their kind.", ("kind",), registry=registry)
        self._index = Gauge("factdesk_index_generation", "Number of the index in force; 0: none.", registry=registry)
        self._taken = Gauge("factdesk_questions_in_hand", "Questions worked on or waiting.", registry=registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, kind: str) -> None:
        """Count an answer."""
        self._answers.labels(kind).inc()

    def watch(self, generation: Callable[[], str | None], taken: Callable[[], int]) -> None:
        """Say where to look for what is not counted."""
        self._index.set_function(lambda: float((generation() or "gen-0").removeprefix("gen-")))
        self._taken.set_function(lambda: float(taken()))

    def text(self) -> bytes:
        """All of it in Prometheus' format."""
        return generate_latest(self._registry)


_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
