"""Figures: every number of a document with what it measures.

1. Every run of digits of the document becomes a figure or has a stated reason why not. Of a figure with several
   ("7,6") the first is the figure, the others are part of it. So what is seen is what is skipped and the figures,
   those aside that are spelled out.
2. A heading's amount is a headline: its measure is the heading's name, or, if that only says for whom ("GOVERNMENT"),
   the measure of the heading above. An amount for somebody with no measure above it but benefits is a saving.
3. A short list item under a headline, in the same currency, is an item of it and shares its measure; but not in a list
   that another item introduces ("Unit-level savings:").
4. A counted noun is the noun after the number; a number without one shares that of the count before it.
5. The period is the date beside the number, else the one its sentence opens with or holds, else its heading's, the
   list item's that says only a period, or its footnote's.
6. Footnotes are those of the mark in the sentence, in the heading, or in the table's header for that measure. A
   footnote that defines a word in quotes goes with every heading of that name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from factdesk.corpus.quantities import RUN, NumberLocale, Quantity, Rejected, locale_of, scan, stated_scale
from factdesk.corpus.records import Block, BlockKind, Document, Figure, Omission, Role, Skipped
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, fold
from factdesk.ingest.sentences import sentence_spans
from factdesk.ingest.structure import Outline, Placed, heading_name

LABEL_WORDS = 16
"""A longer label is cut at the clause: it would be the sentence again."""
NOUN_WINDOW = 5
"""Words after a number among which its noun is looked for."""
GENERIC_NOUNS = frozenset("points units sets kinds pieces items cases".split())
"""Counted nouns that say nothing without the word before them ("data points")."""
VERB_HINTS = frozenset(
    "is are was were be been has have had will would can could may must should which that who whose while and or but so "
    "currently already now have participate participated received issued offered registered took conducted submitted "
    "downloaded connected included increased reached rose fell".split()
)
SENTENCE_VERBS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|generates?|include[sd]?|corresponds?|requires?|costs?|es|son|fue|é|são|foi)\b",
    re.I,
)
MOST_OF_ROW = 400
"""A cell is quoted with its row's label, if that is within so many characters."""
DATE_REACH = 34
"""Characters between a number and a date right after it that still belong together ("US $18k in 2010")."""
DEFINED_TERM = re.compile(r"^\s*[\"“”'‘«]([^\"“”'’»]{3,40})[\"“”'’»]")
PRICE_YEAR = re.compile(r"\bprices?\b|\bprecios\b|\bpreços\b|\bexchange rate\b", re.I)
ITEM_KEY = re.compile(r"([^\W\d_][^:.;,\d]{1,38}):\s")
"""What an item or paragraph opens with to say what it is about ("In person: ...")."""
CLAUSE = re.compile(r"[,;:()]\s|\s[–—-]\s|[()]")


@dataclass(slots=True)
class Draft:
    """A figure in the making: the quantity in its block, and what was found out about it."""

    placed: Placed
    quantity: Quantity
    sentence: tuple[int, int]
    unit: str | None
    label: str
    measure: str | None = None
    beneficiary: str | None = None
    role: Role = Role.PLAIN
    parent: int | None = None
    period: str | None = None
    period_words: str | None = None
    per: str | None = None
    footnotes: list[str] = field(default_factory=list)
    doubt: str | None = None
    row_start: int = -1
    """Of a cell's figure, where its row starts in the document."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found in a document: figures, the digit sequences that are none, what is said not to be quantified."""

    figures: tuple[Figure, ...]
    skipped: tuple[Skipped, ...]
    omissions: tuple[Omission, ...]
    numbers_seen: int


def extract(document: Document, outline: Outline) -> Extraction:
    """All figures of a document, in reading order."""
    drafts, skipped = read_blocks(document, outline)
    share_rates(drafts)
    leads = lead_items(outline)
    bind_headlines(drafts, leads)
    label_items(drafts, leads)
    label_cells(drafts, outline)
    bind_footnotes(drafts, outline)
    bind_periods(drafts)
    figures = tuple(finish(document, drafts))
    outside = tuple(runs_outside(document, outline))
    everything = (*skipped, *parts_of_figures(drafts), *runs_of_dropped(outline), *outside)
    inside = [placed.block for placed in outline.placed] + list(outline.dropped)
    seen = len(outside) + sum(len(RUN.findall(block.text)) for block in inside)
    in_order = tuple(sorted(everything, key=lambda item: item.start))
    return Extraction(figures, in_order, tuple(omissions(document, outline)), seen)


def read_blocks(document: Document, outline: Outline) -> tuple[list[Draft], list[Skipped]]:
    """The figures of all blocks in the making, and the digits in them that are none."""
    locale = locale_of("\n".join(p.block.text for p in outline.placed), document.language)
    titles = [fold(p.block.text) for p in outline.placed if p.block.kind is BlockKind.HEADING and " " in p.block.text]
    drafts: list[Draft] = []
    skipped: list[Skipped] = []
    scale: tuple[Decimal, str | None] | None = None
    previous: Block | None = None
    for placed in outline.placed:
        block = placed.block
        if block.kind is not BlockKind.CELL:
            scale = stated_scale(block.text) if block.kind is not BlockKind.NOTE and len(block.text) < 200 else None
        elif cell_scale := stated_scale(block.text):
            scale = cell_scale
        found, rejected = read_block(placed, locale, scale)
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


def runs_of(block: Block, spans: Iterable[tuple[int, int]], reason: str) -> list[Skipped]:
    """Runs of digits of a block, each skipped for the same reason."""
    return [Skipped(*block.span(start, end), block.text[start:end], reason) for start, end in spans]


def parts_of_figures(drafts: list[Draft]) -> Iterator[Skipped]:
    """All but the first run of digits of each figure."""
    for draft in drafts:
        yield from runs_of(draft.placed.block, draft.quantity.digits[1:], "part of a figure")


def runs_of_dropped(outline: Outline) -> Iterator[Skipped]:
    """The digits of running heads and page numbers among the blocks."""
    for block in outline.dropped:
        yield from runs_of(block, [m.span() for m in RUN.finditer(block.text)], "running head or page number")


def runs_outside(document: Document, outline: Outline) -> Iterator[Skipped]:
    """The digits of the document's text that stand in no block: footnote marks, addresses, running heads."""
    blocks = [*(placed.block for placed in outline.placed), *outline.dropped]
    inside = {at for block in blocks for at in block.offsets}
    for match in RUN.finditer(document.text):
        if inside.isdisjoint(range(*match.span())):
            yield Skipped(*match.span(), match.group(), reason_outside(document, *match.span()))


def reason_outside(document: Document, start: int, end: int) -> str:
    """Why a run of digits stands in no block."""
    line = document.text[document.text.rfind("\n", 0, start) + 1 : start]
    after = document.text[end : end + 6]
    if not document.text[start].isdecimal() or line.endswith("[^") or after.startswith("</sup"):
        return "footnote mark"
    if document.pages:
        return "running head or page number"
    if re.search(r"(?:https?://|www\.|\]\(|=[\"'])[^\s\"')]*$", line):
        return "address"
    return "list number" if not line.strip(" \t>") and after[:1] in (".", ")") else "markup"


def read_block(
    placed: Placed, locale: NumberLocale, scale: tuple[Decimal, str | None] | None
) -> tuple[list[Draft], list[Rejected]]:
    """The quantities of a block with their nouns and labels."""
    block = placed.block
    in_cell = block.kind is BlockKind.CELL
    multiplier, currency = scale if scale and in_cell else (None, None)
    quantities, rejected = scan(block.text, locale, scale=multiplier, currency=currency, statement=in_cell)
    spans = sentence_spans(block.text, locale.language) or [(0, len(block.text))]
    drafts: list[Draft] = []
    for quantity in sorted(quantities, key=lambda q: q.start):
        sentence = next((s for s in spans if s[0] <= quantity.start < s[1]), spans[-1])
        unit, noun_end = unit_of(block.text, quantity, sentence[1], drafts)
        label = label_of(block, quantity, own_stretch(block.text, quantity, quantities, sentence), noun_end)
        drafts.append(Draft(placed, quantity, sentence, unit, label, per=quantity.per, doubt=quantity.doubt))
    return drafts, list(rejected)


def is_contents_page(source: str, block: Block, previous: Block | None, quantity: Quantity, titles: list[str]) -> bool:
    """Whether a bare number is a page number in a list of contents: after a tab or dots, or after a heading's words."""
    if quantity.kind not in ("count", "number", "date", "ordinal") or quantity.value_high is not None:
        return False
    if not block.text[quantity.start : quantity.end].isdigit() or block.kind is BlockKind.HEADING:
        return False
    first, last = block.span(quantity.start, quantity.end)
    before, after = source[max(0, first - 4) : first], source[last : last + 1]
    if before.endswith(("\t", "..", "…")) and (after in "\t\n" or not after):
        return True
    words = fold(block.text[: quantity.start]).strip(" .")
    if previous is not None and (previous.table, previous.row) == (block.table, block.row) != (-1, -1):
        words = f"{fold(previous.text).strip(' .')} {words}".strip()
    return quantity.end == len(block.text) and any(words.endswith(title) for title in titles)


def own_stretch(
    text: str, quantity: Quantity, quantities: list[Quantity], sentence: tuple[int, int]
) -> tuple[int, int]:
    """The part of a sentence that speaks of one amount where it lists several ("US $4 for A and US $5 for B")."""
    start, end = sentence
    if quantity.kind in ("date", "ordinal"):
        return sentence
    alike = [q for q in quantities if q.kind == quantity.kind and start <= q.start < end]
    at = alike.index(quantity)
    for before, after in reversed(list(pairwise(alike[: at + 1]))):
        if joint := last_joint(text, before.end, after.cover_start):
            start = joint[1]
            break
    for before, after in pairwise(alike[at:]):
        if joint := last_joint(text, before.end, after.cover_start):
            end = joint[0]
            break
    return start, end


JOINT = re.compile(r"\s*(?:;|,|\s(?:and|while|whereas|but|y|e|mientras|enquanto))\s+")
"""What parts the phrases of two numbers in a sentence."""


def last_joint(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the last conjunction or comma between two numbers stands; a date's own "and" is none."""
    found = [
        m.span()
        for m in JOINT.finditer(text, start, end)
        if not re.search(r"\d\s*$", text[start : m.start()]) or ";" in m.group()
    ]
    return found[-1] if found else None


def unit_of(text: str, quantity: Quantity, end: int, before: list[Draft]) -> tuple[str | None, int]:
    """The unit of a quantity, and where its noun phrase ends."""
    if quantity.unit or quantity.kind in ("date", "money", "percent", "points", "duration", "rate"):
        return quantity.unit, quantity.end
    noun, noun_end = counted_noun(text[quantity.end : end])
    if noun:
        return noun, quantity.end + noun_end
    if quantity.kind == "ordinal":
        return "rank", quantity.end
    earlier = [d for d in before if d.quantity.kind in ("count", "number") and d.unit]
    return (earlier[-1].unit if earlier else None), quantity.end


def counted_noun(text: str) -> tuple[str | None, int]:
    """The noun that a number at the head of this text counts, and where it ends; None if there is none."""
    words: list[tuple[str, int]] = []
    for match in re.finditer(r"[^\W\d_][\w'’/-]*|[^\w\s]", text):
        word = match.group()
        folded = fold(word)
        if not word[0].isalpha():
            if words or word in ".;:)":
                break
            continue
        if folded in ("of", "de") and words and not plural_word(words[-1][0]) and len(words) == 1:
            beyond, beyond_end = counted_noun(text[match.end() :])
            if beyond and plural_word(beyond):  # "126 standardization of services workshops" counts workshops
                return following_plural(text, match.end() + beyond_end, beyond)
            break
        if folded in VERB_HINTS or (folded in FUNCTION_WORDS["en"] and folded not in ("more", "most", "other", "such")):
            break
        if folded.endswith("ly") and words:
            break
        words.append((word, match.end()))
        plural = folded.endswith("s") and not folded.endswith(("ss", "us", "is", "'s")) and len(folded) > 3
        if plural or len(words) == NOUN_WINDOW:
            break
    if not words:
        return None, 0
    plurals = [i for i, (w, _) in enumerate(words) if re.search(r"[^su'i’]s$", fold(w))]
    at = plurals[0] if plurals else 0
    noun = words[at][0]
    if fold(noun) in GENERIC_NOUNS and at:
        noun = f"{words[at - 1][0]} {noun}"
    return noun.casefold() if not noun.isupper() or len(noun) > 5 else noun, words[at][1]


def plural_word(word: str) -> bool:
    """Whether an English word looks like a plural."""
    return re.search(r"[^su'i’]s$", fold(word)) is not None


def following_plural(text: str, end: int, noun: str) -> tuple[str, int]:
    """The plural right after a plural, which is then the head ("public services workshops"), else the plural itself."""
    after = re.match(r"\s+([^\W\d_]+)", text[end:])
    if after and plural_word(after.group(1)) and fold(after.group(1)) not in VERB_HINTS:
        return after.group(1).casefold(), end + after.end()
    return noun, end


def label_of(block: Block, quantity: Quantity, sentence: tuple[int, int], noun_end: int) -> str:
    """The words that say what is measured."""
    text = block.text
    if block.kind is BlockKind.HEADING:
        before = text[: quantity.start].rstrip(" :–—-(")
        if before and quantity.kind != "date":
            return re.split(r":\s", before)[0].strip(" :")
        return text.strip()
    start, end = sentence
    key = ITEM_KEY.match(text) if block.kind in (BlockKind.ITEM, BlockKind.PARAGRAPH) else None
    prefix = f"{key.group(1)}: " if key and key.end() <= quantity.cover_start and quantity.kind != "date" else ""
    rest_before = text[start : quantity.cover_start].strip(" –—-:;,(")
    rest_after = text[quantity.end : end].strip(" –—-:;,.)")
    if block.kind is BlockKind.ITEM and quantity.kind in ("money", "percent"):
        if rest_before and not rest_after:
            return rest_before if len(rest_before.split()) <= LABEL_WORDS else CLAUSE.split(rest_before)[0]
        if not rest_before and len(rest_after.split()) <= LABEL_WORDS:
            return re.sub(r"^(?:for|in|on|to|of|de|para|en)\s+", "", rest_after)
    clause = clause_around(text, quantity, sentence)
    return clause if clause.startswith(prefix) else prefix + clause


def clause_around(text: str, quantity: Quantity, sentence: tuple[int, int]) -> str:
    """The clause that holds a quantity, at most LABEL_WORDS words, the number itself left in."""
    start, end = sentence
    breaks = [m for m in CLAUSE.finditer(text, start, end) if not quantity.cover_start <= m.start() < quantity.end]
    left = max((m.end() for m in breaks if m.end() <= quantity.cover_start), default=start)
    right = min((m.start() for m in breaks if m.start() >= quantity.end), default=end)
    words = text[left:right].split()
    if left > start and (len(words) < 3 or text[left - 1] == "("):
        left = max((m.end() for m in breaks if m.end() < left), default=start)
    clause = text[left:right].strip(" –—-:;,.")
    if len(clause.split()) <= LABEL_WORDS:
        return clause
    before, after = text[left : quantity.cover_start].split(), text[quantity.cover_start : right].split()
    keep = max(0, LABEL_WORDS - min(len(after), LABEL_WORDS - 6))
    return " ".join([*before[len(before) - keep :], *after[: LABEL_WORDS - keep]]).strip(" –—-:;,.")


def share_rates(drafts: list[Draft]) -> None:
    """Give the rate of "from A to B a month" to A, and a rate behind "of CO2" to its number."""
    for first, second in pairwise(drafts):
        text = first.placed.block.text
        if first.placed.block is second.placed.block and first.unit == second.unit and second.per and not first.per:
            between = text[first.quantity.end : second.quantity.cover_start]
            if re.fullmatch(r"\s*(?:to|a|hasta|até|para)\s*", between, re.I):
                first.per = second.per
    for draft in drafts:
        if draft.per is None and draft.quantity.kind in ("count", "number"):
            after = draft.placed.block.text[draft.quantity.end : draft.sentence[1]]
            if rate := RATE_AFTER.match(after):
                draft.per = rate.group(1).lower()


RATE_AFTER = re.compile(r"\s+[^\W\d_]+\s+of\s+[\w₂]{1,12}\s+(?:a|per|each|every)\s+(year|month|week|day)\b", re.I)


def bind_headlines(drafts: list[Draft], leads: dict[int, str]) -> None:
    """Give measures, roles and parents: headings first, then what stands under them."""
    words = vocabulary()
    headline: int | None = None
    for number, draft in enumerate(drafts):
        block, kind = draft.placed.block, draft.quantity.kind
        if block.kind is BlockKind.HEADING:
            if kind in ("money", "percent", "count"):
                measure, beneficiary = heading_measure(draft)
                draft.measure, draft.beneficiary, draft.role = measure, beneficiary, Role.HEADLINE
                if kind == "money":
                    headline = number
            continue
        heading = draft.placed.heading
        top = drafts[headline] if headline is not None else None
        if top is not None and heading is top.placed.block and not block.lifted:
            draft.beneficiary = top.beneficiary
            if is_item(draft, top) and block.start not in leads:
                draft.role, draft.parent = Role.ITEM, headline
                draft.measure = top.measure
                draft.per = draft.per or (top.per if shares_rate(top, drafts, leads) else None)
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


def shares_rate(top: Draft, drafts: list[Draft], leads: dict[int, str]) -> bool:
    """Whether items without a rate of their own share the headline's: if they add up to it."""
    if top.per is None:
        return False
    values = [
        d.quantity.value
        for d in drafts
        if d.placed.heading is top.placed.block
        and is_item(d, top)
        and d.placed.block.start not in leads
        and d.quantity.per in (None, top.per)
    ]
    total = sum(values, Decimal(0))
    return bool(values) and abs(total - top.quantity.value) <= top.quantity.value * Decimal("0.02")


def sentence_measure(draft: Draft, kinds: dict[str, str]) -> str | None:
    """The measure that the words around a number name, if it is of the number's kind."""
    text = draft.placed.block.text
    clause = clause_around(text, draft.quantity, draft.sentence)
    kind = "count" if draft.quantity.kind == "number" else draft.quantity.kind
    for words in (clause,):
        found = [f.name for f in vocabulary().measures_in(words) if kinds.get(f.name) == kind]
        if kind == "count":  # the counted noun must be the measure's own word
            found = [
                name
                for name in found
                if draft.unit and any(f.name == name for f in vocabulary().measures_in(draft.unit))
            ]
        if found:
            return found[0]
    return None


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


def label_cells(drafts: list[Draft], outline: Outline) -> None:
    """Label the figures of table cells with their row and column headers."""
    cells = {
        (p.block.table, p.block.row, p.block.column): p.block for p in outline.placed if p.block.kind is BlockKind.CELL
    }
    numeric = {id(draft.placed.block) for draft in drafts}
    for draft in drafts:
        block = draft.placed.block
        if block.kind is not BlockKind.CELL:
            continue
        row = row_label(block, cells, numeric)
        header = cells.get((block.table, 0, block.column))
        column = header.text if header is not None and block.row > 0 else ""
        draft.row_start = min(
            (c.start for (t, r, _), c in cells.items() if (t, r) == (block.table, block.row)), default=block.start
        )
        if row or column:
            draft.label = " · ".join(part for part in (row, column) if part)
            draft.measure = next((f.name for f in vocabulary().measures_in(f"{row} {column}")), None)
            if years := re.findall(r"\b(?:19|20)\d\d\b", column):
                draft.period = draft.period_words = years[0]
            if draft.unit is None and draft.quantity.kind in ("count", "number") and stated_scale(column):
                draft.unit = (stated_scale(column) or (None, None))[1]


def row_label(block: Block, cells: dict[tuple[int, int, int], Block], numeric: set[int]) -> str:
    """The words to the left of a cell in its row; an empty first cell takes what stands above it."""
    parts: list[str] = []
    for column in range(block.column):
        cell = cells.get((block.table, block.row, column))
        if cell is None and column == 0:
            above = (cells.get((block.table, row, 0)) for row in range(block.row - 1, -1, -1))
            cell = next((c for c in above if c is not None), None)
        if cell is not None and id(cell) not in numeric:
            parts.append(cell.text)
    return " · ".join(parts)


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


def finish(document: Document, drafts: list[Draft]) -> Iterator[Figure]:
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
        yield Figure(
            id=identity,
            document=document.id,
            subject=draft.placed.subject.name,
            subject_id=draft.placed.subject.id,
            section=draft.placed.path,
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
        )


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
        if block.kind is BlockKind.HEADING or not any(phrase in fold(block.text) for phrase in phrases):
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
