"""Figures: every number of a document with what it measures.

`drafts` finds the numbers and their words, `tables` what the place of a cell says, `roles` what numbers measure,
`qualifiers` their footnotes and periods; `accounts` says why the other digits are no figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from factdesk.corpus.quantities import RUN, Rejected, locale_of
from factdesk.corpus.records import Block, BlockKind, Document, Figure, Omission, Skipped
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import fold
from factdesk.ingest.accounts import is_contents_page, parts_of_figures, runs_of, runs_of_dropped, runs_outside
from factdesk.ingest.drafts import Draft, read_block, read_cell
from factdesk.ingest.progress import advance
from factdesk.ingest.qualifiers import bind_footnotes, bind_periods
from factdesk.ingest.roles import bind_headlines, label_items, lead_items, share_rates
from factdesk.ingest.structure import Outline
from factdesk.ingest.tables import CellPlace

MOST_OF_ROW = 400
"""A cell is quoted with its row's label, if that is within so many characters."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found in a document: figures, the digit sequences that are none, what is said not to be quantified."""

    figures: tuple[Figure, ...]
    skipped: tuple[Skipped, ...]
    omissions: tuple[Omission, ...]
    numbers_seen: int


def extract(document: Document, outline: Outline, places: Mapping[int, CellPlace]) -> Extraction:
    """All figures of a document, in reading order; `places` is what `tables.places_of` says of its cells."""
    drafts, skipped = read_blocks(document, outline, places)
    share_rates(drafts)
    leads = lead_items(outline)
    bind_headlines(drafts, leads)
    advance()
    label_items(drafts, leads)
    advance()
    bind_footnotes(drafts, outline)
    bind_periods(drafts)
    advance()
    figures = tuple(finish(document, drafts, places))
    outside = tuple(runs_outside(document, outline))
    everything = (*skipped, *parts_of_figures(drafts), *runs_of_dropped(outline), *outside)
    seen = len(outside) + sum(len(RUN.findall(block.text)) for block in (*outline.blocks, *outline.dropped))
    in_order = tuple(sorted(everything, key=lambda item: item.start))
    return Extraction(figures, in_order, tuple(omissions(document, outline)), seen)


def read_blocks(
    document: Document, outline: Outline, places: Mapping[int, CellPlace]
) -> tuple[list[Draft], list[Skipped]]:
    """The figures of all blocks in the making, and the digits in them that are none."""
    locale = locale_of("\n".join(block.text for block in outline.blocks), document.language)
    titles = tuple(fold(b.text) for b in outline.blocks if b.kind is BlockKind.HEADING and " " in b.text)
    drafts: list[Draft] = []
    skipped: list[Skipped] = []
    previous: Block | None = None
    for placed in outline.placed:
        advance()
        block = placed.block
        place = places.get(id(block))
        found, rejected = read_block(placed, locale) if place is None else read_cell(placed, place, locale)
        for draft in found:
            if is_contents_page(document.text, block, previous, draft.quantity, titles):
                reason = "page number in a list of contents"
                rejected.append(Rejected(draft.quantity.start, draft.quantity.end, draft.quantity.words, reason))
            else:
                drafts.append(draft)
        for item in rejected:
            skipped += runs_of(block, [m.span() for m in RUN.finditer(block.text, item.start, item.end)], item.reason)
        previous = block
    return drafts, skipped


def finish(document: Document, drafts: list[Draft], places: Mapping[int, CellPlace]) -> Iterator[Figure]:
    """The figures of the drafts, with their ids and quotes."""
    ids: list[str] = []
    for draft in drafts:
        block, quantity = draft.placed.block, draft.quantity
        number_start, number_end = block.span(quantity.start, quantity.end)
        key = f"{document.id}\0{number_start}\0{number_end}\0{quantity.value}\0{quantity.value_high}"
        ids.append("f" + hashlib.sha256(key.encode()).hexdigest()[:12])
    for draft, identity in zip(drafts, ids, strict=True):
        block, quantity = draft.placed.block, draft.quantity
        quote_start, quote_end = quote_span(draft)
        start, end = block.span(quote_start, quote_end)
        if 0 <= draft.row_start < start and end - draft.row_start <= MOST_OF_ROW:
            start = draft.row_start
        sentence_start, sentence_end = block.span(*draft.sentence)
        page = document.page_at(start)
        advance()
        yield Figure(
            id=identity,
            document=document.id,
            subject=draft.placed.subject.name,
            subject_id=draft.placed.subject.id,
            section=section_of(draft, places),
            measure=draft.measure,
            label=draft.label,
            value=quantity.value,
            value_high=quantity.value_high,
            unit=draft.unit,
            per=draft.per,
            period=draft.period,
            period_words=draft.period_words,
            comparator=quantity.comparator,
            role=draft.role,
            parent=ids[draft.parent] if draft.parent is not None else None,
            beneficiary=draft.beneficiary,
            footnotes=tuple(draft.footnotes),
            quote=document.text[start:end],
            start=start,
            end=end,
            page=page.number if page else None,
            page_label=page.label if page else None,
            sentence=block.text[slice(*draft.sentence)],
            sentence_start=sentence_start,
            sentence_end=sentence_end,
            printed=block.text[quantity.start : quantity.end].strip(),
            doubt=draft.doubt,
            facet=draft.facet,
            aggregate=draft.aggregate,
            table=block.table if block.kind is BlockKind.CELL else -1,
        )


def section_of(draft: Draft, places: Mapping[int, CellPlace]) -> tuple[str, ...]:
    """The headings that a figure stands under, its table's caption among them."""
    path = draft.placed.path
    place = places.get(id(draft.placed.block))
    if place is None or not place.caption:
        return path
    known = {fold(part) for part in path}
    lines = [line for line in place.caption.split(" · ") if fold(line) not in known]
    return (*path, " · ".join(lines)) if lines else path


def quote_span(draft: Draft) -> tuple[int, int]:
    """What is quoted for a figure: its heading, its item if short, else its sentence."""
    block = draft.placed.block
    if block.kind in (BlockKind.HEADING, BlockKind.CELL) or (block.kind is BlockKind.ITEM and len(block.text) <= 240):
        return 0, len(block.text)
    return draft.sentence


def omissions(document: Document, outline: Outline) -> Iterator[Omission]:
    """The statements that something is not quantified."""
    words = vocabulary()
    phrases = [fold(phrase) for phrase in words.omissions]
    for placed in outline.placed:
        block = placed.block
        if block.kind is BlockKind.HEADING:
            continue
        folded = fold(block.text)
        if not any(phrase in folded for phrase in phrases):
            continue
        measures: Iterable[str] = (f.name for part in reversed(placed.path) for f in words.measures_in(part))
        page = document.page_at(block.start)
        yield Omission(
            document=document.id,
            subject_id=placed.subject.id,
            section=placed.path,
            measure=next(iter(measures), None),
            text=block.text,
            start=block.start,
            end=block.end,
            page=page.number if page else None,
            page_label=page.label if page else None,
        )
