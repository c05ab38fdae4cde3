"""Passages: what is embedded, retrieved and quoted.

1. A heading and what stands under it are one passage, as far as the encoder's limit allows; a longer section is cut
   between blocks, and a longer block between sentences.
2. A heading without text of its own is only part of paths.
3. A passage is embedded with its subject, its headings and its words; a part of a cut section with its heading.
4. A unit is a sentence, an item, a row of a table, or a heading that says something ("INVESTMENT: US$460K"). Its
   vector is of its words and the headings above, as the model reads them within their passage.
5. A table is a passage of its own, or several where it is long; each repeats the caption and the heads. It is embedded
   by its words: numbers tell a model little, and would leave no room for the rows.
6. Footnotes are passages of their own, with the subject they belong to.
7. Where a document has pages, a passage that is long enough ends with its page, so that it is cited by one.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from factdesk.corpus.records import Block, BlockKind, Document, Passage, Subject, Unit
from factdesk.ingest.progress import advance
from factdesk.ingest.sentences import sentence_spans
from factdesk.ingest.structure import Outline, Placed
from factdesk.ingest.tables import CellPlace

CountTokens = Callable[[str], int]
WHOLE = 400
"""An item or footnote of fewer characters is quoted whole: its second sentence qualifies its first."""
CONTEXT_HEADINGS = 2
"""Headings that go with a unit: more would drown a short bullet."""
PAGE_SHARE = 0.25
"""A passage that has this share of what the encoder reads is ended with its page; a shorter one goes on."""
TABLE_SOON = 6
"""So many pieces before a table on a new page the passage of the page before ends: they are the table's caption."""
CAPTION_SHARE = 0.3
"""What stands above a table goes with it, unless it fills so much of a passage."""
OWN_ROWS = 4
"""A smaller table is part of the text around it."""
REPEATED_SHARE = 0.5
"""Caption and heads that need more of a passage than this are not repeated."""
Places = Mapping[int, CellPlace]
"""What the place of each cell says, by `id` of its block."""


@dataclass(slots=True)
class Draft:
    """A passage in the making."""

    subject: Subject
    path: tuple[str, ...]
    units: list[Unit] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """What of each unit is embedded."""
    tokens: int = 0
    repeated: tuple[str, ...] = ()
    """Of a table's part, the caption and heads that stand above its rows, if not among its units."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A unit on its way into a passage."""

    unit: Unit
    words: str
    """What of it is embedded."""
    page: int = 0
    table: int = -1
    repeated: tuple[str, ...] = ()
    """What a passage has to repeat that begins with this row."""


def passages(
    document: Document, outline: Outline, places: Places, count_tokens: CountTokens, limit: int = 256
) -> tuple[Passage, ...]:
    """The passages of a document, in reading order; none has more than `limit` tokens where a cut is possible."""
    drafts: list[Draft] = []
    page_of = page_finder(document)
    for (subject, _, _), members in groupby(outline.placed, key=group_key):
        members_list = list(members)
        pieces = list(pieces_of(members_list, document.language, places, page_of))
        if any(is_content(piece.unit) for piece in pieces):
            drafts += cut(subject, section_of(members_list), pieces, count_tokens, limit)
    return tuple(finish(document, draft) for draft in drafts)


def page_finder(document: Document) -> Callable[[int], int]:
    """Tells on which page a character stands; 0 where there are no pages."""
    starts = [page.start for page in document.pages]
    return lambda position: bisect_right(starts, position)


def group_key(placed: Placed) -> tuple[Subject, int, int]:
    """What holds blocks together: one heading; a footnote stands for itself."""
    note = placed.block.start if placed.block.kind is BlockKind.NOTE else -1
    return placed.subject, placed.heading.start if placed.heading else -1, note


def section_of(members: list[Placed]) -> tuple[str, ...]:
    """The path of a passage: with its heading, unless that is a statement of its own ("INVESTMENT: US$460K")."""
    first, last = members[0], members[-1]
    if first.block.kind is BlockKind.HEADING and any(c.isdigit() for c in first.block.text):
        return first.path
    return last.path


def is_content(unit: Unit) -> bool:
    """Whether a unit says something; a bare heading does not."""
    return unit.kind is not BlockKind.HEADING or any(c.isdigit() for c in unit.text)


def pieces_of(members: list[Placed], language: str, places: Places, page_of: Callable[[int], int]) -> Iterator[Piece]:
    """The units of the blocks under one heading."""
    lead = ""
    for table, blocks in groupby(members, key=lambda p: p.block.table if p.block.kind is BlockKind.CELL else -1):
        if table >= 0:
            yield from rows([p.block for p in blocks], members[0], places, page_of)
            continue
        for placed in blocks:
            block = placed.block
            page = page_of(block.start)
            if block.kind is BlockKind.HEADING:
                unit = Unit(block.start, block.end, block.text, context_of(placed, ""), block.kind, lead=True)
                yield Piece(unit, block.text, page)
                continue
            whole = block.kind in (BlockKind.ITEM, BlockKind.NOTE) and len(block.text) < WHOLE
            spans = [(0, len(block.text))] if whole else sentence_spans(block.text, language)
            for start, end in spans:
                text = block.text[start:end]
                introduces = text.rstrip().endswith(":")
                unit_lead = lead if block.kind is BlockKind.ITEM else ""
                first, last = block.span(start, end)
                unit = Unit(first, last, text, context_of(placed, unit_lead), block.kind, lead=introduces)
                yield Piece(unit, text, page_of(first))
                if introduces or block.kind is BlockKind.PARAGRAPH:
                    lead = text if introduces else ""


def rows(cells: list[Block], first: Placed, places: Places, page_of: Callable[[int], int]) -> Iterator[Piece]:
    """A unit for each row of a table, its numbers with the column heads before them."""
    heads: dict[int, str] = {}
    context = context_of(first, "")
    caption = next((place.caption for cell in cells if (place := places.get(id(cell)))), "")
    above: list[str] = []
    for _, members in groupby(cells, key=lambda c: c.row):
        row = sorted(members, key=lambda c: c.column)
        is_head = all(cell.header for cell in row)
        if is_head:
            for cell in row:
                for column in range(cell.column, cell.column + cell.column_span):
                    heads[column] = f"{heads.get(column, '')} {cell.text}".strip()
        words = [
            cell.text
            if is_head or cell.column == 0 or not heads.get(cell.column)
            else f"{heads[cell.column]}: {cell.text}"
            for cell in row
        ]
        text = " | ".join(words)
        said = [cell.text for cell in row if not (place := places.get(id(cell))) or not place.numeric]
        start, end = min(c.start for c in row), max(c.end for c in row)
        unit = Unit(start, end, text, context, BlockKind.CELL, lead=is_head)
        repeated = (caption, *above) if caption else tuple(above)
        yield Piece(unit, " ".join(said) or text, page_of(start), cells[0].table, repeated)
        if is_head:
            above.append(text)


def context_of(placed: Placed, lead: str) -> str:
    """What a unit is read with: its subject, its nearest headings, and the sentence that introduces its list."""
    headings = list(placed.path[-CONTEXT_HEADINGS:])
    headings = [heading for heading in headings if heading not in placed.subject.name]
    return ". ".join(part for part in (placed.subject.name, *headings, lead.rstrip(":")) if part)


def cut(
    subject: Subject, path: tuple[str, ...], pieces: list[Piece], count_tokens: CountTokens, limit: int
) -> list[Draft]:
    """The units of a section as one draft, or as several: where they are too long for one, and around tables."""
    whole = limit - count_tokens(" › ".join((subject.name, *path))) - 4
    drafts = [Draft(subject, path)]
    sizes = Counter(piece.table for piece in pieces)
    before: Piece | None = None
    for number, piece in enumerate(pieces):
        advance()
        draft = drafts[-1]
        size = count_tokens(piece.words) + 1
        turned = before is not None and before.page != piece.page
        soon = turned and any(p.table >= 0 and p.page == piece.page for p in pieces[number : number + TABLE_SOON])
        full = draft.tokens + size > whole
        if before is not None and (full or soon or parts(before, piece, draft.tokens / whole, sizes)):
            draft = Draft(subject, path, repeated=fitting(piece.repeated, count_tokens, whole))
            draft.tokens = sum(count_tokens(line) + 1 for line in draft.repeated)
            drafts.append(draft)
        draft.units.append(piece.unit)
        draft.words.append(piece.words)
        draft.tokens += size
        before = piece
    return drafts


def parts(before: Piece, piece: Piece, filled: float, sizes: Mapping[int, int]) -> bool:
    """Whether a new passage begins between two pieces, of which the first ends one that is so far filled."""
    if before.table != piece.table and piece.table >= 0:
        return filled > CAPTION_SHARE and sizes[piece.table] >= OWN_ROWS
    if before.table != piece.table and sizes[before.table] >= OWN_ROWS:
        return True
    return before.page != piece.page and filled >= PAGE_SHARE


def fitting(lines: tuple[str, ...], count_tokens: CountTokens, whole: int) -> tuple[str, ...]:
    """The lines to repeat, if they leave most of the room to the rows."""
    return lines if sum(map(count_tokens, lines)) <= REPEATED_SHARE * whole else ()


def finish(document: Document, draft: Draft) -> Passage:
    """The passage of a draft."""
    start, end = min(u.start for u in draft.units), max(u.end for u in draft.units)
    text = "\n".join((*draft.repeated, *(unit.text for unit in draft.units)))
    page = document.page_at(start)
    path = tuple(part for part in draft.path if part)
    before = [part for part in (draft.subject.name, " › ".join(path), *draft.repeated) if part]
    embedded = "\n".join((*before, *draft.words))
    spans = spans_of(draft.words, sum(len(part) + 1 for part in before))
    digest = hashlib.sha256(f"{document.id}\0{start}\0{end}\0{text}".encode()).hexdigest()[:12]
    return Passage(
        id=f"p{digest}",
        document=document.id,
        subject=draft.subject.id,
        section=path,
        text=text,
        embedded=embedded,
        start=start,
        end=end,
        page=page.number if page else None,
        page_label=page.label if page else None,
        units=tuple(replace(unit, embedded=span) for unit, span in zip(draft.units, spans, strict=True)),
    )


def spans_of(lines: list[str], start: int) -> Iterator[tuple[int, int]]:
    """Where some lines stand that follow one another from `start` on."""
    for line in lines:
        yield start, start + len(line)
        start += len(line) + 1
