"""The reader of books: chapters in order, each a page under its name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest.readers import epub as book
from factdesk.tests.ingest.reading import check_spans, said
from factdesk.tests.office_files import epub, epub_parts, packed


def test_chapters_are_pages_in_the_order_of_the_spine() -> None:
    chapters = {"b one.xhtml": "<h1>The costs</h1><p>It cost 5.</p>", "a.xhtml": "<p>Two</p>", "text/c.xhtml": "<p/>"}
    reading = book.read(epub(chapters), "a.epub")
    assert (reading.title, reading.language, reading.warnings) == ("A book", "en", ())
    assert [(p.number, p.label, reading.text[p.start : p.end]) for p in reading.pages] == [
        (1, "The costs", "The costs\nIt cost 5.\n"),
        (2, "2", "Two\n"),
    ]


def test_notes_links_and_empty_elements_are_those_of_xhtml() -> None:
    source = "<p>Cost 5<sup><a epub:type='noteref' href='#n'>1</a></sup><a id='x'/> more</p><aside id='n'>Note.</aside>"
    assert said(book.read(epub({"c.xhtml": source}), "a.epub")) == [
        ("paragraph", 0, "Cost 5 more"),
        ("note", 0, "Note."),
    ]


def test_the_book_s_list_of_contents_is_left_out() -> None:
    assert "Contents" not in book.read(epub({"c.xhtml": "<p>5</p>"}), "a.epub").text


def test_a_chapter_that_is_missing_is_told() -> None:
    parts = epub_parts({"c.xhtml": "<p>5</p>", "d.xhtml": "<p>6</p>"})
    del parts["OEBPS/c.xhtml"]
    reading = book.read(packed(parts), "a.epub")
    assert (reading.text, reading.warnings) == ("6\n", ("PAGES_LOST: no chapter OEBPS/c.xhtml",))


def test_a_book_without_words_has_no_text() -> None:
    with pytest.raises(InputError) as refused:
        book.read(epub({"c.xhtml": "<img src='a.png'/>"}), "a.epub")
    assert refused.value.reason is Reason.NO_TEXT


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.sampled_from("ab5 <>/p&;"), max_size=20), min_size=1, max_size=3))
def test_every_character_stands_where_it_is_said_to(chapters: list[str]) -> None:
    parts = {f"c{n}.xhtml": f"<h1>C{n}</h1>{chapter}" for n, chapter in enumerate(chapters)}
    check_spans(book.read(epub(parts), "a.epub"))
