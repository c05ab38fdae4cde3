"""What part a figure plays: its measure, whom it is for, and the headline that it is an item of.

1. A heading's amount is a headline: its measure is the heading's name, or, if that only says for whom ("GOVERNMENT"),
   the measure of the heading above. An amount for somebody with no measure above it but benefits is a saving.
2. A short list item under a headline, in the same currency, is an item of it and shares its measure; but not in a list
   that another item introduces ("Unit-level savings:").
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from factdesk.corpus.records import BlockKind, Role
from factdesk.corpus.vocabulary import vocabulary
from factdesk.ingest.drafts import LABEL_WORDS, TOWARDS, Draft, clause_around
from factdesk.ingest.structure import Outline, heading_name

SENTENCE_VERBS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|generates?|include[sd]?|corresponds?|requires?|costs?|es|son|fue|é|são|foi)\b",
    re.I,
)
RATE_AFTER = re.compile(r"\s+[^\W\d_]+\s+of\s+[\w₂]{1,12}\s+(?:a|per|each|every)\s+(year|month|week|day)\b", re.I)


def share_rates(drafts: list[Draft]) -> None:
    """Give the rate of "from A to B a month" to A, and a rate behind "of CO2" to its number."""
    for first, second in pairwise(drafts):
        text = first.placed.block.text
        if first.placed.block is second.placed.block and first.unit == second.unit and second.per and not first.per:
            between = text[first.quantity.end : second.quantity.cover_start]
            if TOWARDS.fullmatch(between):
                first.per = second.per
    for draft in drafts:
        if draft.per is None and draft.quantity.kind in ("count", "number"):
            after = draft.placed.block.text[draft.quantity.end : draft.sentence[1]]
            if rate := RATE_AFTER.match(after):
                draft.per = rate.group(1).lower()


def bind_headlines(drafts: list[Draft], leads: dict[int, str]) -> None:
    """Give measures, roles and parents: headings first, then what stands under them."""
    words = vocabulary()
    headline: int | None = None
    shared: str | None = None
    for number, draft in enumerate(drafts):
        block, kind = draft.placed.block, draft.quantity.kind
        if block.kind is BlockKind.HEADING:
            if kind in ("money", "percent", "count"):
                measure, beneficiary = heading_measure(draft)
                draft.measure, draft.beneficiary, draft.role = measure, beneficiary, Role.HEADLINE
                if kind == "money":
                    headline, shared = number, shared_rate(draft, drafts, leads)
            continue
        heading = draft.placed.heading
        top = drafts[headline] if headline is not None else None
        if top is not None and heading is top.placed.block and not block.lifted:
            draft.beneficiary = top.beneficiary
            if is_item(draft, top) and block.start not in leads:
                draft.role, draft.parent = Role.ITEM, headline
                draft.measure = top.measure
                draft.per = draft.per or shared
                if draft.per != top.per:
                    draft.measure = None
        if draft.measure is None:
            draft.measure = sentence_measure(draft, words.kinds)


def heading_measure(draft: Draft) -> tuple[str | None, str | None]:
    """The measure and beneficiary of a heading's amount, from its name and the headings above."""
    words = vocabulary()
    name = heading_name(draft.placed.block.text)
    own = [f.name for f in words.measures_in(name)]
    beneficiaries = [f.name for f in words.beneficiaries_in(name)]
    beneficiary = beneficiaries[0] if beneficiaries else None
    if own:
        return own[0], beneficiary
    for above in reversed(draft.placed.path):
        found = [f.name for f in words.measures_in(above)]
        if found and words.kinds.get(found[0]) == draft.quantity.kind:
            return found[0], beneficiary
    if beneficiary and draft.quantity.kind == "money":
        return "savings", beneficiary
    return None, beneficiary


def is_item(draft: Draft, top: Draft) -> bool:
    """Whether an amount under a headline is an item of it: same currency, in a list, and not a sentence about it."""
    block = draft.placed.block
    return (
        block.kind is BlockKind.ITEM
        and draft.quantity.kind == "money"
        and draft.unit == top.unit
        and (len(block.text.split()) <= LABEL_WORDS + 14 and not SENTENCE_VERBS.search(block.text))
    )


def shared_rate(top: Draft, drafts: list[Draft], leads: dict[int, str]) -> str | None:
    """The rate that items without one of their own share with their headline: its own, if they add up to it."""
    if top.per is None:
        return None
    values = [
        d.quantity.value
        for d in drafts
        if d.placed.heading is top.placed.block
        and is_item(d, top)
        and d.placed.block.start not in leads
        and d.quantity.per in (None, top.per)
    ]
    total = sum(values, Decimal(0))
    adds_up = values and abs(total - top.quantity.value) <= top.quantity.value * Decimal("0.02")
    return top.per if adds_up else None


def sentence_measure(draft: Draft, kinds: dict[str, str]) -> str | None:
    """The measure that the words around a number name, if it is of the number's kind."""
    text = draft.placed.block.text
    clause = clause_around(text, draft.quantity, draft.sentence)
    kind = "count" if draft.quantity.kind == "number" else draft.quantity.kind
    found = [f.name for f in vocabulary().measures_in(clause) if kinds.get(f.name) == kind]
    if kind == "count":  # the counted noun must be the measure's own word
        own = {f.name for f in vocabulary().measures_in(draft.unit or "")}
        found = [name for name in found if name in own]
    return found[0] if found else None


def lead_items(outline: Outline) -> dict[int, str]:
    """The items that another item introduces ("Unit-level savings:"): where they start, and its words."""
    leads: dict[int, str] = {}
    lead, level = "", 0
    for placed in outline.placed:
        block = placed.block
        if block.kind is not BlockKind.ITEM or (lead and block.level < level):
            lead = ""
        elif lead and (block.level > level or block.level == level == 0):
            leads[block.start] = lead
        if block.kind is BlockKind.ITEM and block.text.endswith(":"):
            lead, level = block.text.rstrip(":"), block.level
    return leads


def label_items(drafts: list[Draft], leads: dict[int, str]) -> None:
    """Put the words of the item that introduces others before their labels."""
    for draft in drafts:
        if (text := leads.get(draft.placed.block.start)) and text not in draft.label:
            draft.label = f"{text}: {draft.label}"
