"""Plain text that still knows its source characters.

A `MappedText` grows piece by piece from a source; every plain character remembers where it stood. White space
collapses to one blank, and leading blanks are dropped, so that texts that look alike are alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from factdesk.corpus.records import Block, BlockKind, Mark, Wrap

INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufffe\x00\x02")
"""Soft hyphens, zero-width characters and the stand-ins of PDF extractors: never part of a word."""
LENGTH = re.compile(r"(?:^|[\s\d(/])(?:[kcdm]?m|ft|in)$")
"""A unit of length at the end of a text."""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits as footnote marks look, for `str.translate`."""
LOWERED = {raised: plain for plain, raised in RAISED.items()}


@dataclass(slots=True)
class MappedText:
    """Collects plain characters with their positions in the source."""

    characters: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    wraps: list[Wrap] = field(default_factory=list)

    def add(self, character: str, at: int) -> None:
        """Append one source character; any run of white space becomes one blank."""
        if character in INVISIBLE:
            return
        if character.isspace():
            if not self.characters or self.characters[-1] == " ":
                return
            character = " "
        self.characters.append(character)
        self.offsets.append(at)

    def add_source(self, source: str, start: int, end: int) -> None:
        """Append `source[start:end]` as it stands."""
        for at in range(start, end):
            self.add(source[at], at)

    def mark(self, label: str) -> None:
        """Note a footnote mark at the present end of the text."""
        self.marks.append(Mark(label=label, at=len(self.characters)))

    def ends_in_length(self) -> bool:
        """Whether the text ends in a unit of length, so that a raised digit is an exponent and no mark: "10 km"."""
        return LENGTH.search("".join(self.characters[-4:])) is not None

    def wrap(self, start: int, first: int, end: int, *, whole: bool) -> None:
        """Note markup from `start` to `end` around the characters collected since there were `first` of them."""
        if first < len(self.offsets):
            self.wraps.append(Wrap(start, self.offsets[first], self.offsets[-1] + 1, end, whole))

    def __bool__(self) -> bool:
        return any(character != " " for character in self.characters)

    def block(
        self,
        kind: BlockKind,
        *,
        level: int = 0,
        label: str = "",
        row: int = -1,
        column: int = -1,
        table: int = -1,
        row_span: int = 1,
        column_span: int = 1,
        header: bool = False,
        doubt: str = "",
        links: tuple[str, ...] = (),
        lifted: bool = False,
    ) -> Block | None:
        """The block of what was collected, without trailing blanks; None if there is nothing."""
        characters, offsets = self.characters, self.offsets
        length = len(characters)
        while length and characters[length - 1] == " ":
            length -= 1
        if not length:
            return None
        block = Block(
            kind=kind,
            start=offsets[0],
            end=offsets[length - 1] + 1,
            text="".join(characters[:length]),
            offsets=tuple(offsets[:length]),
            level=level,
            marks=tuple(Mark(label=mark.label, at=min(mark.at, length)) for mark in self.marks),
            label=label,
            row=row,
            column=column,
            table=table,
            row_span=row_span,
            column_span=column_span,
            header=header,
            doubt=doubt,
            links=links,
            wraps=tuple(self.wraps),
            lifted=lifted,
        )
        if not self.wraps:
            return block
        start, end = block.span(0, length)
        return replace(block, start=start, end=end)
