"""What the tests of ingest share: a text taken apart, and whether its numbers add up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from factdesk.corpus.records import Parsed
from factdesk.tests.conftest import take_apart

Take = Callable[..., Parsed]


@pytest.fixture(scope="session")
def take() -> Take:
    """Takes a text apart as ingest does: `take("# A\\n5 b")`, or bytes, with the name of the file."""

    def taken(source: str | bytes, name: str = "report.md") -> Parsed:
        return take_apart(source.encode() if isinstance(source, str) else source, name)

    return taken


def spelled(parsed: Parsed) -> int:
    """How many figures have no digits."""
    return sum(not any(character.isdigit() for character in figure.printed) for figure in parsed.figures)


def add_up(parsed: Parsed) -> bool:
    """Whether every run of digits seen is a figure or skipped; figures that are spelled out have none."""
    return parsed.numbers_seen == len(parsed.figures) - spelled(parsed) + len(parsed.skipped)
