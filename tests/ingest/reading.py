"""How the tests of readers say what was read: short lines that can be compared whole."""

from __future__ import annotations

from factdesk.corpus.records import Block, BlockKind, Reading


def said(reading: Reading) -> list[tuple[str, int, str]]:
    """Kind, level and text of each block."""
    return [(block.kind.value, block.level, block.text) for block in reading.blocks]


def tables(reading: Reading) -> list[list[str]]:
    """The rows of each table, cells parted by bars; a head's row opens with "#"; a wide cell ends in its width."""
    found: dict[int, dict[int, list[Block]]] = {}
    for block in reading.blocks:
        if block.kind is BlockKind.CELL:
            found.setdefault(block.table, {}).setdefault(block.row, []).append(block)
    return [[shown(row) for row in table.values()] for table in found.values()]


def shown(row: list[Block]) -> str:
    """A row as a line, each cell under its column."""
    columns = {cell.column: cell.text + (f"<{cell.column_span}>" if cell.column_span > 1 else "") for cell in row}
    line = "|".join(columns.get(column, "") for column in range(max(columns) + 1))
    return ("#" if all(cell.header for cell in row) else "") + line


def check_spans(reading: Reading) -> None:
    """Every character stands where it is said to, and every span lies in the text."""
    for block in reading.blocks:
        assert block.text and len(block.text) == len(block.offsets)
        assert 0 <= block.start < block.end <= len(reading.text)
        for character, place in zip(block.text, block.offsets, strict=True):
            assert reading.text[place] == character or (character == " " and reading.text[place].isspace())
        assert all(0 <= mark.at <= len(block.text) for mark in block.marks)
    for page in reading.pages:
        assert 0 <= page.start <= page.end <= len(reading.text)
    starts = [block.start for block in reading.blocks]
    assert starts == sorted(starts)
