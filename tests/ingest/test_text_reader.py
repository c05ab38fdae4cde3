"""The reader of plain text: paragraphs, lists and headings without any markup."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.ingest.readers import text


def blocks(source: str) -> list[tuple[str, int, str]]:
    return [(b.kind.value, b.level, b.text) for b in text.read(source.encode(), "notes.txt").blocks]


def test_a_hard_wrapped_paragraph_is_one() -> None:
    assert blocks("It cost\n  5 million\nin 2017.\n\nAnd more.\n") == [
        ("paragraph", 0, "It cost 5 million in 2017."),
        ("paragraph", 0, "And more."),
    ]


@pytest.mark.parametrize("bullet", ["-", "*", "•", "1.", "(2)", "a)"])
def test_bullets_open_items_that_may_be_wrapped(bullet: str) -> None:
    source = f"They gave:\n{bullet} one thing that\n   goes on\n{bullet} two\n    {bullet} deep\n"
    assert blocks(source) == [
        ("paragraph", 0, "They gave:"),
        ("item", 0, "one thing that goes on"),
        ("item", 0, "two"),
        ("item", 2, "deep"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("THE COSTS", "heading"),
        ("The costs of 2017", "heading"),
        ("2017 in short", "heading"),
        ("It cost five.", "paragraph"),  # a sentence
        ("costs and more", "paragraph"),  # it begins small
        ("One two three four five six seven eight nine ten eleven twelve thirteen", "paragraph"),
        ("2017 - 5", "paragraph"),  # no letters
    ],
)
def test_a_short_line_that_stands_alone_is_a_heading(line: str, kind: str) -> None:
    assert blocks(f"{line}\n\nIt cost 5 million.\n")[0][0] == kind


def test_rules_and_page_breaks_part_blocks_and_are_none() -> None:
    assert blocks("It cost 5.\n-----\nAnd six.\n\f\nLast one.\n") == [
        ("paragraph", 0, "It cost 5."),
        ("paragraph", 0, "And six."),
        ("paragraph", 0, "Last one."),
    ]


def test_a_word_split_at_a_line_s_end_is_whole() -> None:
    assert blocks("The govern-\nment paid 5 for self-\nService.\n") == [
        ("paragraph", 0, "The government paid 5 for self- Service.")
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab5. -*•\n\t(1)\u200bé\u00a0"), max_size=80))
def test_every_character_stands_where_it_is_said_to(source: str) -> None:
    reading = text.read(source.encode(), "notes.txt")
    for block in reading.blocks:
        assert block.text
        for character, place in zip(block.text, block.offsets, strict=True):
            assert reading.text[place] == character or (character == " " and reading.text[place].isspace())
