"""Lines to blocks, on a few lines written by hand."""

from __future__ import annotations

import pytest

from factdesk.ingest.layout import Line, blocks_of, list_indents, running_lines, splits_range, splits_word


def page(*rows: tuple[str, dict[str, float]], number: int = 0, base: int = 0) -> tuple[str, list[Line]]:
    """A page's text and lines; each row may have its own left, baseline and size."""
    text, lines = "", []
    for order, (words, own) in enumerate(rows):
        start = base + len(text)
        values = {"left": 72.0, "baseline": 700.0 - 14 * order, "size": 10.0, **own}
        lines.append(
            Line(start, start + len(words), number, values["left"], values["baseline"], values["size"], bold=False)
        )
        text += words + "\n"
    return text, lines


def texts(*rows: tuple[str, dict[str, float]]) -> list[tuple[str, str]]:
    text, lines = page(*rows)
    return [(block.kind.value, block.text) for block in blocks_of(text, lines, set())]


def test_no_lines_are_no_blocks() -> None:
    assert texts() == []


def test_lines_at_the_usual_pitch_are_one_paragraph_and_a_gap_begins_another() -> None:
    rows = [("one", {}), ("two", {}), ("three", {}), ("four", {"baseline": 640.0}), ("five", {"baseline": 626.0})]
    assert texts(*rows) == [("paragraph", "one two three"), ("paragraph", "four five")]


def test_a_line_left_of_its_item_is_no_part_of_it() -> None:
    rows = [("• one", {"left": 84.0}), ("more", {"left": 92.0}), ("A paragraph", {})]
    assert texts(*rows) == [("item", "one more"), ("paragraph", "A paragraph")]


@pytest.mark.parametrize(
    ("before", "indent", "after"),
    [
        ([], 0, [0]),
        ([0], 0, [0]),
        ([0], 1, [1]),  # hardly moved: the same list
        ([0], 12, [0, 12]),
        ([0, 12], 24, [0, 12, 24]),
        ([0, 12, 24], 12, [0, 12]),
        ([0, 12, 24], 0, [0]),
        ([0], 250, [250]),  # another column
        ([250], 0, [0]),
    ],
)
def test_an_indent_tells_the_lists_an_item_stands_in(before: list[float], indent: float, after: list[float]) -> None:
    assert list_indents(before, indent, 10) == after


@pytest.mark.parametrize(
    ("line", "following", "word", "range_"),
    [
        ("govern-", "m", True, False),
        ("self-", "S", False, False),
        ("2011-", "2", False, True),
        ("2011–", "2", False, True),
        ("in 2011 -", "2", False, False),
        ("whole", "w", False, False),
        ("", "", False, False),
    ],
)
def test_a_hyphen_at_a_line_s_end_parts_a_word_or_a_range(line: str, following: str, word: bool, range_: bool) -> None:
    assert (splits_word(line, following), splits_range(line, following)) == (word, range_)


def test_a_line_that_recurs_at_the_edge_is_a_running_head_and_one_in_the_middle_is_not() -> None:
    text = ""
    lines: list[Line] = []
    for number in range(4):
        rows: list[tuple[str, dict[str, float]]] = [
            (words, {})
            for words in (f"Report, page {number}", f"first {number} a", "again", f"z{number}", "q" * (number + 1))
        ]
        more, found = page(*rows, number=number, base=len(text))
        text, lines = text + more, lines + found
    running = running_lines(text, lines)
    assert running >= {0, 5, 10, 15}
    assert not running & {2, 7, 12, 17}
