"""A small library to talk about, and a talk whose answers are made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from factdesk.qa.desk import Desk
from factdesk.tests.qa.conftest import CASES, make_desk

HOSTILE = (
    "# Report\x1b]0;owned\x07 of the Lighthouse\n\n"
    "The cost of the lamp\x1b[2J renewal was \x1b[31mEUR 70K\u202e in 2019.\n\n"
    # A text with more control characters than this would be taken for no text.
    + "The keeper of the lighthouse writes down each night what he sees and hears. "
    * 40
)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and the home of their index."""
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="session")
def desk(place: Path) -> Iterator[Desk]:
    """Four cases, with an encoder that counts words."""
    with make_desk(place, {"cases.md": CASES}) as made:
        yield made


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A document that would like to steer a terminal."""
    with make_desk(tmp_path_factory.mktemp("hostile"), {"hostile.md": HOSTILE}) as made:
        yield made
