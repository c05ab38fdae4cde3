"""On which page of a document a character stands."""

from __future__ import annotations

from factdesk.corpus.records import Document, Page


def document(*ends: int) -> Document:
    pages = tuple(
        Page(n + 1, str(n + 1), start, end) for n, (start, end) in enumerate(zip((0, *ends), ends, strict=False))
    )
    return Document("d", "D", "d.pdf", "", "pdf", "", pages)


def test_a_character_stands_on_its_page() -> None:
    found = [document(3, 3, 5).page_at(at) for at in (-1, 0, 2, 3, 4, 5, 99)]
    assert [page.number if page else None for page in found] == [None, 1, 1, 3, 3, 3, 3]
    assert document().page_at(0) is None
