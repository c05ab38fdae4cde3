"""The scale and currency that a table's numbers have when they state none themselves.

1. A caption ("in millions of euros") holds for the table below it, and so does the table's first cell.
2. A column's header holds for its column; a row's first cell holds for its row, before all others.
3. A row of counts, shares or ratios has no scale, whatever the caption says; an amount per share keeps its currency.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from factdesk.corpus.quantities import stated_scale
from factdesk.corpus.records import Block, BlockKind

Scale = tuple[Decimal | None, str | None]
"""A factor and a currency; None where there is none."""

CAPTION_LENGTH = 200
"""A longer text before a table is no caption."""
UNSCALED_ROW = re.compile(
    r"\(number\)|\(n[uú]mero\)|\bnumber of\b|\bn[uú]mero de\b|\bemployees\b|\bheadcount\b|\bshares outstanding\b|"
    r"%|\bpercent|\bratio\b|\bmargin\b",
    re.IGNORECASE,
)
AMOUNT_PER_SHARE = re.compile(r"\bper share\b|\bpor acci[oó]n\b|\bpor a[cç]ão\b", re.IGNORECASE)


@dataclass(slots=True)
class Scales:
    """What was seen of captions and headers up to a block."""

    caption: Scale = (None, None)
    columns: dict[int, Scale] = field(default_factory=dict)
    row: Scale | None = None
    place: tuple[int, int] = (-1, -1)

    def of(self, block: Block) -> Scale:
        """The scale of a block's numbers; blocks are to be given in reading order."""
        stated = stated_scale(block.text) if len(block.text) < CAPTION_LENGTH else None
        if block.kind is not BlockKind.CELL:
            if block.kind is not BlockKind.NOTE:
                self.caption, self.columns, self.row = stated or (None, None), {}, None
            return None, None
        if self.place[0] != block.table:
            self.columns = {}
        if self.place != (block.table, block.row):
            self.place, self.row = (block.table, block.row), self.row_scale(block, stated)
        if block.row == 0 and stated:
            if block.column == 0:
                self.caption = stated
            else:
                self.columns[block.column] = stated
        return self.row or self.columns.get(block.column, self.caption)

    def row_scale(self, first: Block, stated: Scale | None) -> Scale | None:
        """What a row's first cell says of its numbers; None if nothing."""
        if first.row == 0:
            return None
        if stated:
            return stated
        if AMOUNT_PER_SHARE.search(first.text):
            return None, self.caption[1]
        return (None, None) if UNSCALED_ROW.search(first.text) else None
