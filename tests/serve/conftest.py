"""A service over the small library, for all tests here that alter nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from factdesk.tests.serve.serving import Served, serving

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library


@pytest.fixture(scope="session")
def served(library: Library) -> Iterator[Served]:
    """A service without keys."""
    with serving(library.home) as found:
        yield found


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """A client of it."""
    with served.client() as found:
        yield found
