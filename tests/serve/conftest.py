"""A service over the small library, for all tests here that alter nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from factdesk.tests.serve.serving import Served, serving

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library


@pytest.fixture(scope="session")
def served(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service without keys, over a home of its own: what it could not answer is kept there."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(library.home, home)
    with serving(home) as found:
        yield found


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """A client of it."""
    with served.client() as found:
        yield found
