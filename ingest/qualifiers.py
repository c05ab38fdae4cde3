"""What qualifies a figure: its footnotes and its period.

1. Footnotes are those of the mark in the sentence, in the heading, or in the table's header for that measure. A
   footnote that defines a word in quotes goes with every heading of that name.
2. The period is the date beside the number, else the one its sentence opens with or holds, else its heading's, the
   list item's that says only a period, or its footnote's.
"""

from __future__ import annotations

import re
from itertools import pairwise

from factdesk.corpus.records import Block, BlockKind, Role
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import fold
from factdesk.ingest.drafts import Draft
from factdesk.ingest.structure import Outline, heading_name

DATE_REACH = 34
"""Characters between a number and a date right after it that still belong together ("US $18k in 2010")."""
DEFINED_TERM = re.compile(r"^\s*[\"“”'‘«]([^\"“”'’»]{3,40})[\"“”'’»]")
PRICE_YEAR = re.compile(r"\bprices?\b|\bprecios\b|\bpreços\b|\bexchange rate\b", re.I)


def bind_footnotes(drafts: list[Draft], outline: Outline) -> None:
    """Give every figure the footnotes that qualify it."""
    notes = [p.block for p in outline.placed if p.block.kind is BlockKind.NOTE]
    marks: dict[int, list[tuple[int, str]]] = {}
    for placed in outline.placed:
        for mark in placed.block.marks:
            note = note_for(mark.label, placed.block.start, notes)
            if note:
                marks.setdefault(placed.block.start, []).append((mark.at, note.text))
    defined = {fold(m.group(1)): note.text for note in notes if (m := DEFINED_TERM.match(note.text))}
    headers = [p for p in outline.placed if p.block.kind is BlockKind.HEADING and p.block.table >= 0 and p.block.marks]
    for draft in drafts:
        block, found = draft.placed.block, list[str]()
        if block.kind is BlockKind.NOTE:
            continue
        for at, note in marks.get(block.start, []):
            whole = block.kind is not BlockKind.PARAGRAPH
            if whole or draft.sentence[0] <= at <= draft.sentence[1] + 1:
                found.append(note)
        heading = draft.placed.heading
        if (
            heading is not None
            and block.kind is not BlockKind.HEADING
            and heading.kind is BlockKind.HEADING
            and not block.lifted
        ):
            found += [note for _, note in marks.get(heading.start, [])]
        for header in headers:
            same_table = header.block.table == block.table
            header_measures = {f.name for f in vocabulary().measures_in(header.block.text)}
            if same_table and (header.block.column == block.column or draft.measure in header_measures):
                found += [note for _, note in marks.get(header.block.start, [])]
        own_heading = block if block.kind is BlockKind.HEADING else heading
        if own_heading is not None and (term := heading_name(own_heading.text)) in defined:
            found.append(defined[term])
        draft.footnotes = list(dict.fromkeys(found))


def note_for(label: str, position: int, notes: list[Block]) -> Block | None:
    """The footnote that a mark points to: the next one with its label, else the last before it."""
    same = [note for note in notes if note.label == label]
    after = [note for note in same if note.start > position]
    return after[0] if after else same[-1] if same else None


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
        if rises and re.fullmatch(r"\s*(?:to|a|hasta|até|para)\s*", between, re.I) and first.unit == second.unit:
            first.period = first.period_words = years[0]
            second.period = second.period_words = years[1]


def date_for(draft: Draft, dates: list[Draft]) -> Draft | None:
    """The date in a sentence that goes with a number: right after it, else opening the sentence, else the last before."""
    text = draft.placed.block.text
    end, start = draft.quantity.end, draft.quantity.cover_start
    for date in dates:
        between = text[end : date.quantity.cover_start]
        if (
            date.quantity.start >= end
            and len(between) <= DATE_REACH
            and not re.search(r"\d|[,;]|\bto\b|\bfrom\b", between)
        ):
            return date
    opening = [d for d in dates if d.quantity.cover_start - draft.sentence[0] <= 12 and d.quantity.end <= start]
    before = [d for d in dates if d.quantity.end <= start and start - d.quantity.end <= 60]
    after = [d for d in dates if d.quantity.start >= end]
    if before and (not opening or before[-1] is not opening[0]) and not claimed(before[-1], draft, text):
        return before[-1]
    if opening:
        return opening[0]
    return after[0] if len(dates) == 1 and after and not re.search(r";", text[end : after[0].quantity.start]) else None


def claimed(date: Draft, draft: Draft, text: str) -> bool:
    """Whether a date before a number belongs to another number before it ("US $18k in 2010 to US $268k")."""
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
            around = block.text[max(0, other.quantity.start - 24) : other.quantity.end + 12]
            if not PRICE_YEAR.search(around):
                return other
    return None
