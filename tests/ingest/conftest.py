"""What the tests of ingest share: a file read and taken apart, with a word count in place of the model's tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from factdesk.corpus.records import Parsed
from factdesk.ingest.pipeline import parse

Take = Callable[..., Parsed]


@pytest.fixture(scope="session")
def take() -> Take:
    """Takes a text apart as ingest does: `take("# A\\n5 b")`, or bytes, with the name of the file."""

    def taken(source: str | bytes, name: str = "report.md") -> Parsed:
        data = source.encode() if isinstance(source, str) else source
        return parse(
            data, name=name, path=name, sha256="", document_id="d", count_tokens=lambda text: len(text.split())
        )

    return taken
