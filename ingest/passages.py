"""Passages: what is embedded, retrieved and quoted.

1. A heading and what stands under it are one passage, as far as the encoder's limit allows; a longer section is cut
   between blocks, and a longer block between sentences.
2. A heading without text of its own is only part of paths.
3. A passage is embedded with its subject, its headings and its words; a part of a cut section with its heading.
4. A unit is a sentence, an item, a row of a table, or a heading that says something ("INVESTMENT: US$460K").
5. Footnotes are passages of their own, with the subject they belong to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from factdesk.corpus.records import Block, BlockKind, Document, Passage, Subject, Unit
from factdesk.ingest.progress import advance
from factdesk.ingest.sentences import sentence_spans
from factdesk.ingest.structure import Outline, Placed

CountTokens = Callable[[str], int]
WHOLE = 400
"""An item or footnote of fewer characters is quoted whole: its second sentence qualifies its first."""
CONTEXT_HEADINGS = 2
"""Headings given to the encoder beside a unit: more would drown a short bullet."""


@dataclass(slots=True)
class Draft:
    """A passage in the making."""

    subject: Subject
    path: tuple[str, ...]
    units: list[Unit] = field(default_factory=list)
    tokens: int = 0


def passages(document: Document, outline: Outline, count_tokens: CountTokens, limit: int = 256) -> tuple[Passage, ...]:
    """The passages of a document, in reading order; none has more than `limit` tokens where a cut is possible."""
    drafts: list[Draft] = []
    for (subject, _, _), members in groupby(outline.placed, key=group_key):
        members_list = list(members)
        units = list(units_of(members_list, document.language))
        if any(is_content(unit) for unit in units):
            drafts += cut(subject, section_of(members_list), units, count_tokens, limit)
    return tuple(finish(document, draft) for draft in drafts)


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


def units_of(members: list[Placed], language: str) -> Iterator[Unit]:
    """The units of the blocks under one heading."""
    lead = ""
    for is_row, blocks in groupby(members, key=lambda p: p.block.kind is BlockKind.CELL):
        if is_row:
            yield from rows([p.block for p in blocks], members[0])
            continue
        for placed in blocks:
            block = placed.block
            if block.kind is BlockKind.HEADING:
                yield Unit(block.start, block.end, block.text, context_of(placed, ""), block.kind, lead=True)
                continue
            whole = block.kind in (BlockKind.ITEM, BlockKind.NOTE) and len(block.text) < WHOLE
            spans = [(0, len(block.text))] if whole else sentence_spans(block.text, language)
            for start, end in spans:
                text = block.text[start:end]
                introduces = text.rstrip().endswith(":")
                unit_lead = lead if block.kind is BlockKind.ITEM else ""
                yield Unit(*block.span(start, end), text, context_of(placed, unit_lead), block.kind, lead=introduces)
                if introduces or block.kind is BlockKind.PARAGRAPH:
                    lead = text if introduces else ""


def rows(cells: list[Block], first: Placed) -> Iterator[Unit]:
    """A unit for each row of a table, its words with the column headers before them."""
    for _, members in groupby(cells, key=lambda c: c.table):
        table = list(members)
        headers = {c.column: c.text for c in table if c.row == 0}
        for row, cells_of_row in groupby(table, key=lambda c: c.row):
            in_row = list(cells_of_row)
            words = [c.text if row == 0 or c.column == 0 else f"{headers.get(c.column, '')}: {c.text}" for c in in_row]
            yield Unit(
                in_row[0].start,
                in_row[-1].end,
                " | ".join(words).strip(": "),
                context_of(first, ""),
                BlockKind.CELL,
                lead=row == 0,
            )


def context_of(placed: Placed, lead: str) -> str:
    """What a unit is embedded with: its subject, its nearest headings, and the sentence that introduces its list."""
    headings = list(placed.path[-CONTEXT_HEADINGS:])
    headings = [heading for heading in headings if heading not in placed.subject.name]
    return ". ".join(part for part in (placed.subject.name, *headings, lead.rstrip(":")) if part)


def cut(
    subject: Subject, path: tuple[str, ...], units: list[Unit], count_tokens: CountTokens, limit: int
) -> list[Draft]:
    """The units of a section as one draft, or as several where they are too long for one."""
    budget = limit - count_tokens(" › ".join((subject.name, *path))) - 4
    drafts = [Draft(subject, path)]
    for unit in units:
        advance()
        size = count_tokens(unit.text) + 1
        if drafts[-1].units and drafts[-1].tokens + size > budget:
            drafts.append(Draft(subject, path))
        drafts[-1].units.append(unit)
        drafts[-1].tokens += size
    return drafts


def finish(document: Document, draft: Draft) -> Passage:
    """The passage of a draft."""
    start, end = min(u.start for u in draft.units), max(u.end for u in draft.units)
    text = "\n".join(unit.text for unit in draft.units)
    page = document.page_at(start)
    path = tuple(part for part in draft.path if part)
    embedded = "\n".join(part for part in (draft.subject.name, " › ".join(path), text) if part)
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
        units=tuple(draft.units),
    )
