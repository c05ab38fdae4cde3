"""What qualifies a figure: its footnotes and its period.

1. Footnotes are those of the mark in the sentence, in the heading, or in the table's header for that measure. A
   footnote that defines a word in quotes goes with every heading of that name.
2. The period is the date beside the number, else the one its sentence opens with or holds, else its heading's, the
   list item's that says only a period, or its footnote's.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from factdesk.corpus.records import Block, BlockKind, Role
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import fold
from factdesk.ingest.drafts import TOWARDS, Draft
from factdesk.ingest.structure import Outline, heading_name

DATE_REACH = 34
"""Characters between a number and a date right after it that still belong together ("US $12k in 2010")."""
DATE_BEFORE = 60
"""Characters between a date and a number after it that still belong together ("in 2010, it was US $12k")."""
OPENING = 12
"""A date that begins within so many characters opens its sentence and holds for all of it."""
DEFINED_TERM = re.compile(r"^\s*[\"“”'‘«]([^\"“”'’»]{3,40})[\"“”'’»]")
PRICE_YEAR = re.compile(r"\bprices?\b|\bprecios\b|\bpreços\b|\bexchange rate\b", re.I)


Marks = dict[int, list[tuple[int, str]]]
"""Of each block with footnote marks, by its start: where the marks stand in it, and the texts they point to."""


def bind_footnotes(drafts: list[Draft], outline: Outline) -> None:
    """Give every figure the footnotes that qualify it."""
    notes = [block for block in outline.blocks if block.kind is BlockKind.NOTE]
    marks = marks_of(outline, notes)
    defined = {fold(m.group(1)): note.text for note in notes if (m := DEFINED_TERM.match(note.text))}
    heads = [block for block in outline.blocks if block.start in marks and block.table >= 0]
    for draft in drafts:
        block, heading = draft.placed.block, draft.placed.heading
        if block.kind is BlockKind.NOTE:
            continue
        found = [*own_notes(draft, marks), *table_notes(draft, heads, marks)]
        own_heading = block if block.kind is BlockKind.HEADING else heading
        if own_heading is not None and (term := heading_name(own_heading.text)) in defined:
            found.append(defined[term])
        draft.footnotes = list(dict.fromkeys(found))


def marks_of(outline: Outline, notes: list[Block]) -> Marks:
    """The marks of all blocks, with the notes they point to: the next one with that label, else the last before."""
    by_label: dict[str, list[Block]] = {}
    for note in notes:
        by_label.setdefault(note.label, []).append(note)
    marks: Marks = {}
    for block in outline.blocks:
        for mark in block.marks:
            if same := by_label.get(mark.label):
                after = bisect_right(same, block.start, key=lambda note: note.start)
                marks.setdefault(block.start, []).append((mark.at, same[min(after, len(same) - 1)].text))
    return marks


def own_notes(draft: Draft, marks: Marks) -> Iterator[str]:
    """The notes of a figure's sentence, item, cell or heading, and those of the heading it stands under."""
    block, heading = draft.placed.block, draft.placed.heading
    for at, note in marks.get(block.start, []):
        if block.kind is not BlockKind.PARAGRAPH or draft.sentence[0] <= at <= draft.sentence[1] + 1:
            yield note
    if heading is not None and block.kind is not BlockKind.HEADING and not block.lifted:
        yield from (note for _, note in marks.get(heading.start, []))


def table_notes(draft: Draft, heads: list[Block], marks: Marks) -> Iterator[str]:
    """The notes of the headers of a figure's table that are for its column, its row or its measure."""
    block = draft.placed.block
    for head in heads:
        if head.table != block.table or head is block:
            continue
        if head.kind is BlockKind.CELL:
            qualifies = (head.row == 0 and head.column in (0, block.column)) or (head.row, head.column) == (
                block.row,
                0,
            )
        else:
            measures = {found.name for found in vocabulary().measures_in(head.text)}
            qualifies = head.kind is BlockKind.HEADING and (head.column == block.column or draft.measure in measures)
        if qualifies:
            yield from (note for _, note in marks[head.start])


SET_APART = re.compile(
    r";|,\s*(?:after|against|compared|versus|vs|up|down|tras|frente|contra|face|ap[oó]s|depois)\b", re.I
)
"""What stands between a number and the date of another that it is held against: "EUR 0.90, after EUR 0.75 for 2022"."""


def bind_periods(drafts: list[Draft]) -> None:
    """Give every figure the time its words state."""
    by_sentence: dict[tuple[int, int], list[Draft]] = {}
    for draft in drafts:
        by_sentence.setdefault((draft.placed.block.start, draft.sentence[0]), []).append(draft)
    for members in by_sentence.values():
        dates = [d for d in members if d.quantity.kind == "date"]
        for draft in members:
            if draft.quantity.kind == "date":
                draft.period, draft.period_words = draft.quantity.period, draft.quantity.words
            elif draft.period is None and (date := date_for(draft, dates)):
                draft.period, draft.period_words = date.quantity.period, date.quantity.words
        bind_changes(members, dates)
    for number, draft in enumerate(drafts):
        if draft.role is Role.HEADLINE and draft.period is None:
            date = only_date_below(draft, drafts[number + 1 :])
            if date is None:
                date = footnote_date(draft, drafts)
            if date is not None:
                draft.period, draft.period_words = date.quantity.period, date.quantity.words


def bind_changes(members: list[Draft], dates: list[Draft]) -> None:
    """Between two years, "from A to B" is A in the first and B in the second."""
    spans = [d for d in dates if d.quantity.value_high is not None]
    if len(spans) != 1:
        return
    years = (str(spans[0].quantity.value), str(spans[0].quantity.value_high))
    text = members[0].placed.block.text
    values = [d for d in members if d.quantity.kind not in ("date", "ordinal")]
    for first, second in pairwise(values):
        between = text[first.quantity.end : second.quantity.cover_start]
        rises = re.search(r"\b(?:from|de|desde)\s*$", text[: first.quantity.cover_start], re.I)
        if rises and TOWARDS.fullmatch(between) and first.unit == second.unit:
            first.period = first.period_words = years[0]
            second.period = second.period_words = years[1]


def date_for(draft: Draft, dates: list[Draft]) -> Draft | None:
    """The date of a sentence that goes with a number: right after it, else opening the sentence, else before it."""
    text = draft.placed.block.text
    end, start = draft.quantity.end, draft.quantity.cover_start
    after = bisect_left(dates, end, key=lambda date: date.quantity.start)
    for date in dates[after : after + 3]:
        between = text[end : min(date.quantity.cover_start, end + DATE_REACH + 1)]
        if len(between) <= DATE_REACH and not re.search(r"\d|[,;]|\bto\b|\bfrom\b", between):
            return date
    last = bisect_right(dates, start, key=lambda date: date.quantity.end) - 1
    before = dates[last] if last >= 0 and start - dates[last].quantity.end <= DATE_BEFORE else None
    opens = last >= 0 and dates[0].quantity.cover_start - draft.sentence[0] <= OPENING
    if before is not None and (not opens or before is not dates[0]) and not claimed(before, draft, text):
        return before
    if opens:
        return dates[0]
    only = dates[0] if len(dates) == 1 and after == 0 else None
    return only if only is not None and not SET_APART.search(text[end : only.quantity.start]) else None


def claimed(date: Draft, draft: Draft, text: str) -> bool:
    """Whether a date before a number belongs to another number before it ("US $12k in 2010 to US $310k")."""
    between = text[date.quantity.end : draft.quantity.cover_start]
    return bool(re.match(r"\s*(?:to|while|whereas|a|hasta|até)\b|\s*;", between))


def only_date_below(draft: Draft, following: list[Draft]) -> Draft | None:
    """The date of the first list item under a headline, if that item says when ("Between 2008 and 2017")."""
    for other in following:
        if other.placed.heading is not draft.placed.block:
            return None
        if other.quantity.kind == "date":
            first = other.sentence[0] == 0 and other.placed.block.kind is BlockKind.ITEM
            return other if first and len(other.placed.block.text.split()) <= 12 else None
    return None


def footnote_date(draft: Draft, drafts: list[Draft]) -> Draft | None:
    """The date of a footnote of a figure, years of prices and exchange rates aside."""
    for other in drafts:
        block = other.placed.block
        if block.kind is BlockKind.NOTE and block.text in draft.footnotes and other.quantity.kind == "date":
            around = block.text[max(0, other.quantity.start - 60) : other.quantity.end + 12]
            if not PRICE_YEAR.search(around):
                return other
    return None
