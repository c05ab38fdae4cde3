"""Text that a reader puts together itself, for formats whose source no person reads (HTML, Word, sheets, slides).

1. A block is one line; the cells of a table's row are one line, parted by tabs. A quote is checked against this text.
2. Blocks say where their characters stand in it: `text[block.offsets[i]] == block.text[i]`.
3. A footnote mark stands in the text as it looks ("7,6⁵") and not among the block's words, as in a PDF.
4. A text of more characters than `TEXT_LIMIT` is refused as TOO_BIG, before it is put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Block, BlockKind, Mark, Page, Reading
from factdesk.ingest.mapped import INVISIBLE, LENGTH, RAISED

TEXT_LIMIT = 8_000_000
"""Characters of one document: more than twice the longest annual report; what is longer is a database or a bomb."""
CELL_LIMIT = 500_000
"""Cells of one document: what has more is no table that a person reads, and each becomes a record in memory."""
CELL_GAP = "\t"
UNSEEN = re.compile("[" + "".join(sorted(INVISIBLE | {chr(code) for code in range(0xD800, 0xE000)})) + "]")
"""What is never part of a word, and lone surrogates, which storage cannot bear."""


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words, white space collapsed, with the footnote marks among them and the addresses they link to."""

    text: str
    marks: tuple[Mark, ...] = ()
    links: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


def plain(text: str) -> str:
    """The text on one line: any run of white space is one blank, and nothing invisible is left."""
    return " ".join(UNSEEN.sub("", text).split())


def words(text: str) -> Words:
    """Plain words without marks."""
    return Words(plain(text))


class Gathered:
    """Words in the making: white space collapsed, marks and links noted."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.blank = True
        """Whether the words end in a blank, or there are none."""
        self.tail = ""
        self.marks: list[Mark] = []
        self.links: list[str] = []
        self.plain_seen = False
        self.leading = 0
        """Hard blanks before the first word."""

    def add(self, text: str) -> None:
        """Append text."""
        text = UNSEEN.sub("", text)
        if not text:
            return
        if not self.length:
            lead = text[: len(text) - len(text.lstrip())]
            self.leading += sum(character in "\u00a0\u2003\u2002" for character in lead)
        found = text.split()
        shown = " ".join(found)
        if text[0].isspace() and not self.blank:
            shown = " " + shown
        if found and text[-1].isspace():
            shown += " "
        if shown:
            self.pieces.append(shown)
            self.length += len(shown)
            self.blank = shown[-1] == " "
            self.tail = (self.tail + shown)[-4:]

    def mark(self, label: str) -> None:
        """Note a footnote mark here; one after a unit of length is its exponent."""
        if label.isdigit() and LENGTH.search(self.tail):
            self.add(label.translate(RAISED))
        else:
            self.marks.append(Mark(label, self.length))

    def since(self, length: int) -> str:
        """What was added since there was so much."""
        return "".join(self.pieces)[length:]

    def cut(self, length: int) -> None:
        """Drop what was added since there was so much."""
        text = "".join(self.pieces)[:length]
        self.pieces, self.length, self.tail = [text], length, text[-4:]
        self.blank = not text or text[-1] == " "

    def words(self) -> Words:
        """What was gathered."""
        text = "".join(self.pieces).rstrip()
        marks = tuple(Mark(mark.label, min(mark.at, len(text))) for mark in self.marks)
        return Words(text, marks, tuple(dict.fromkeys(self.links)))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table on its way to a block."""

    words: Words
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    header: bool = False
    level: int = 0
    doubt: str = ""
    origin: int = -1
    """Which of its reader's own cells it is, for a reader that does not compose its text."""


@dataclass(slots=True)
class Composer:
    """Grows a text block by block, and keeps what a `Reading` needs."""

    name: str
    """Of the file, for messages."""
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    blocks: list[Block] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    tables: int = 0
    cells: int = 0

    def add(self, kind: BlockKind, said: Words, level: int = 0, label: str = "") -> None:
        """Write a block as a line of its own; nothing where there are no words."""
        if said:
            self.blocks.append(self.written(Block(kind, 0, 0, said.text, (), level=level, label=label), said))
            self.put("\n")

    def table(self, cells: Iterable[Cell]) -> None:
        """Write a table, given in reading order: one line a row."""
        row: int | None = None
        for cell in cells:
            if not cell.words:
                continue
            if row is None:
                self.tables += 1
            else:
                self.put(CELL_GAP if cell.row == row else "\n")
            row = cell.row
            self.cells += 1
            if self.cells > CELL_LIMIT:
                raise too_big(self.name, f"more than {CELL_LIMIT:,} cells")
            block = Block(
                BlockKind.CELL,
                0,
                0,
                cell.words.text,
                (),
                level=cell.level,
                row=cell.row,
                column=cell.column,
                table=self.tables,
                row_span=cell.row_span,
                column_span=cell.column_span,
                header=cell.header,
                doubt=cell.doubt,
            )
            self.blocks.append(self.written(block, cell.words))
        if row is not None:
            self.put("\n")

    def page(self, label: str) -> None:
        """Begin the next page, which the last one ends before."""
        self.end_page()
        self.pages.append(Page(len(self.pages) + 1, label, self.length, self.length))

    def end_page(self) -> None:
        """Let the present page end here."""
        if self.pages:
            last = self.pages[-1]
            self.pages[-1] = Page(last.number, last.label, last.start, self.length)

    def reading(self, *, title: str = "", language: str = "", warnings: tuple[str, ...] = ()) -> Reading:
        """What was composed."""
        self.end_page()
        return Reading(
            text="".join(self.pieces),
            blocks=tuple(self.blocks),
            pages=tuple(self.pages),
            title=plain(title),
            language=language,
            warnings=warnings,
        )

    def put(self, text: str) -> None:
        """Append to the text as it is."""
        self.length += len(text)
        if self.length > TEXT_LIMIT:
            raise too_big(self.name, f"more than {TEXT_LIMIT:,} characters of text")
        self.pieces.append(text)

    def written(self, block: Block, said: Words) -> Block:
        """Write the words of a block, each mark at its place, and say where they stand."""
        offsets: list[int] = []
        at = 0
        for mark in said.marks:
            offsets += self.stretch(said.text[at : mark.at])
            at = max(at, mark.at)
            self.put(mark.label.translate(RAISED))
        offsets += self.stretch(said.text[at:])
        return Block(
            block.kind,
            offsets[0],
            offsets[-1] + 1,
            block.text,
            tuple(offsets),
            level=block.level,
            marks=said.marks,
            label=block.label,
            row=block.row,
            column=block.column,
            table=block.table,
            row_span=block.row_span,
            column_span=block.column_span,
            header=block.header,
            doubt=block.doubt,
            links=said.links,
        )

    def stretch(self, text: str) -> range:
        """Write characters of a block: where they stand."""
        start = self.length
        self.put(text)
        return range(start, self.length)


def too_big(name: str, what: str) -> InputError:
    """The error for a file that is more than a document can be."""
    return InputError(f"{name} is too big: {what}", path=name, reason=Reason.TOO_BIG, hint="split it")


def damaged(name: str, what: str) -> InputError:
    """The error for a file that is not what its format asks for."""
    return InputError(
        f"{name} is damaged: {what}", path=name, reason=Reason.DAMAGED, hint="open and save it again, or replace it"
    )
