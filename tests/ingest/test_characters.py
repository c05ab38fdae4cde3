"""Text that breaks storage, terminals or readers: mended in one place, whatever the reader, and positions hold."""

from __future__ import annotations

import sqlite3
import unicodedata
from decimal import Decimal

import pytest

from factdesk.corpus.records import Block, BlockKind, Mark, Page, Reading
from factdesk.ingest import pipeline
from factdesk.ingest.characters import STAND_IN, UNBEARABLE, bearable

LETTER = "a"
CLASSES = {
    "NUL": "\x00",
    "a control": "\x07",
    "escape": "\x1b",
    "vertical tab": "\x0b",
    "a separator": "\x1c",
    "delete": "\x7f",
    "a control of the second set": "\x9b",
    "next line": "\x85",
    "a high surrogate": "\ud83d",
    "a low surrogate": "\udc00",
    "an override": "\u202e",
    "an embedding": "\u202b",
    "its end": "\u202c",
    "an isolate": "\u2067",
    "a noncharacter": "\ufdd0",
    "the last of a plane": "\uffff",
    "the last of all": "\U0010ffff",
}
STAY = {
    "tab": "\t",
    "line feed": "\n",
    "form feed": "\f",
    "a joiner": "\u200d",
    "a mark of direction": "\u200f",
    "private": "\ue000",
    "unassigned": "\u0378",
    "replacement": "\ufffd",
    "emoji": "\U0001f600",
    "combining": "\u0301",
    "no-break space": "\u00a0",
    "line separator": "\u2028",
}


def block(text: str, start: int = 0, **more: object) -> Block:
    offsets = tuple(range(start, start + len(text)))
    return Block(BlockKind.PARAGRAPH, start, start + len(text), text, offsets, **more)  # type: ignore[arg-type]


def reading(text: str, **more: object) -> Reading:
    return Reading(text=text, blocks=(block(text),), pages=(Page(1, "1", 0, len(text)),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("character", CLASSES.values(), ids=CLASSES)
def test_what_cannot_stay_leaves_words_and_keeps_their_places(character: str) -> None:
    found = bearable(reading(f"cost{character} 5{character}1"))
    assert found.text == f"cost{STAND_IN} 5{STAND_IN}1"
    (only,) = found.blocks
    assert (only.text, only.offsets) == ("cost 51", (0, 1, 2, 3, 5, 6, 8))
    assert [found.text[at] for at in only.offsets] == list(only.text)
    assert found.warnings == ("CHARACTERS_LEFT_OUT: 2 control characters and the like",)
    found.text.encode("utf-8")


@pytest.mark.parametrize("character", STAY.values(), ids=STAY)
def test_what_may_stay_stays(character: str) -> None:
    given = reading(f"cost{character} 5", title=f"T{character}")
    assert bearable(given) is given


def test_every_code_point_is_of_a_class_that_was_thought_of() -> None:
    """Controls, surrogates and noncharacters by the standard's own tables, less what readers make of white space."""
    for code in range(0x110000):
        character = chr(code)
        category = unicodedata.category(character)
        noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        turns = unicodedata.bidirectional(character) in {
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        }
        expected = (category in ("Cc", "Cs") and character not in "\t\n\f") or noncharacter or turns
        assert bool(UNBEARABLE.match(character)) == expected, hex(code)


def test_what_readers_leave_on_purpose_is_mended_and_not_counted() -> None:
    found = bearable(reading("co\x02st\r 5\ufffe"))
    assert (found.text, found.blocks[0].text, found.warnings) == (f"co{STAND_IN}st{STAND_IN} 5{STAND_IN}", "cost 5", ())


def test_marks_keep_their_places_in_the_words() -> None:
    given = block("a\x00b\x00c", marks=(Mark("1\x00", 2), Mark("2", 5)), label="\x07n", links=("http://a\x00",))
    (found,) = bearable(Reading("a\x00b\x00c", (given,))).blocks
    assert found.marks == (Mark("1", 1), Mark("2", 3))
    assert (found.text, found.label, found.links) == ("abc", "n", ("http://a",))


def test_a_block_of_nothing_else_is_gone() -> None:
    given = Reading("\x00\x01 fine", (block("\x00\x01"), block("fine", 3)))
    assert [found.text for found in bearable(given).blocks] == ["fine"]


def test_a_number_shown_backwards_is_in_doubt() -> None:
    (found,) = bearable(reading("cost \u202e51\u202c")).blocks
    assert (found.text, bool(found.doubt)) == ("cost 51", True)


def test_titles_labels_and_warnings_are_mended_too() -> None:
    given = Reading("fine", (block("fine"),), (Page(1, "i\x00", 0, 4),), "T\ud800", "e\x00n", ("w\ud800",), "s\x00")
    found = bearable(given)
    assert (found.title, found.language, found.subject, found.warnings) == ("T", "en", "s", ("w",))
    assert found.pages == (Page(1, "i", 0, 4),)


def test_whatever_a_reader_gives_can_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The cost is " + "".join(CLASSES.values()) + "5 towns a year."
    monkeypatch.setattr(pipeline, "read", lambda data, name: reading(text, title="A \ud800 title"))
    parsed = pipeline.parse(b"x", name="a.txt", path="a", sha256="", document_id="a", count_tokens=len)
    (figure,) = parsed.figures
    assert (figure.value, parsed.document.text[figure.start : figure.end]) == (Decimal(5), figure.quote)
    texts = [parsed.document.text, parsed.document.title, figure.quote, *(p.text for p in parsed.passages)]
    with sqlite3.connect(":memory:") as database:
        for stored in texts:
            assert database.execute("SELECT ?, length(?)", (stored, stored)).fetchone() == (stored, len(stored))
