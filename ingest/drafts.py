"""Figures in the making: the quantities of a block with the noun they count and the words that say what is measured.

1. A counted noun is the noun after the number; a number without one shares that of the count before it.
2. A label is the words of a heading before its amount, those of a short item beside it, else the clause around it.
3. A table's cell has the label, scale and period of its place; the digits of its heads and row labels are no figures.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from factdesk.corpus.quantities import RUN, NumberLocale, Quantity, Rejected, scan
from factdesk.corpus.records import Aggregate, Block, BlockKind, Role
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import FUNCTION_WORDS, fold, word_set
from factdesk.ingest.sentences import sentence_spans
from factdesk.ingest.structure import Placed
from factdesk.ingest.tables import CellPlace, plain_number

LABEL_WORDS = 16
"""A longer label is cut at the clause: it would be the sentence again."""
LABEL_REACH = 500
"""Characters on either side of a number in which its label is looked for, however long its sentence is."""
NOUN_WINDOW = 5
"""Words after a number among which its noun is looked for."""
GENERIC_NOUNS = frozenset(("points", "units", "sets", "kinds", "pieces", "items", "cases"))
"""Counted nouns that say nothing without the word before them ("data points")."""
VERB_HINTS = word_set(
    "is are was were be been has have had will would can could may must should which that who whose while and or but "
    "so currently already now have participate participated received issued offered registered took conducted "
    "submitted downloaded connected included increased reached rose fell"
)
ITEM_KEY = re.compile(r"([^\W\d_][^:.;,\d]{1,38}):\s")
"""What an item or paragraph opens with to say what it is about ("In person: ...")."""
CLAUSE = re.compile(r"[,;:()]\s|\s[–—-]\s|[()]")
JOINT = re.compile(r"\s*(?:;|,|\s(?:and|while|whereas|but|y|e|mientras|enquanto))\s+")
"""What parts the phrases of two numbers in a sentence."""
TOWARDS = re.compile(r"\s*(?:to|a|hasta|até|para)\s*", re.I)
"""What stands between two numbers of which the second is where the first one goes ("from 5 to 7")."""


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
    facet: str = ""
    aggregate: Aggregate | None = None


def read_cell(placed: Placed, place: CellPlace, locale: NumberLocale) -> tuple[list[Draft], list[Rejected]]:
    """The quantities of a table's cell, with what its place says of them."""
    text = placed.block.text
    if place.heading or place.dash:
        return [], label_digits(text, locale)
    plain = plain_cell(text, place, locale) if place.numeric else None
    if plain is not None:
        drafts = [Draft(placed, plain, (0, len(text)), plain.unit, "", doubt=plain.doubt)]
        rejected: list[Rejected] = []
    else:
        factor, currency = place.scale
        drafts, rejected = read_block(placed, locale, factor, currency, statement=True)
        drafts = [d for d in drafts if not (place.numeric and d.quantity.kind == "ordinal")]
    for draft in drafts:
        words = " · ".join(part for part in (place.label, place.facet) if part)
        draft.row_start, draft.facet, draft.aggregate = place.row_start, place.facet, place.aggregate
        if place.unit and draft.unit is None:
            draft.unit = place.unit
        if words:
            draft.label = words
            draft.measure, draft.beneficiary = measure_of(words, place.label, draft.quantity.kind)
        if place.period and draft.quantity.kind != "date":
            draft.period, draft.period_words = place.period, place.period_words
        draft.doubt = draft.doubt or place.doubt
    return drafts, rejected


def label_digits(text: str, locale: NumberLocale) -> list[Rejected]:
    """The digits of a head or of a row's label, and why each is no figure: it names what the figures are."""
    if not RUN.search(text):
        return []
    quantities, rejected = scan(text, locale)
    named = [Rejected(*run, text[slice(*run)], "head or label of a table") for q in quantities for run in q.digits]
    return sorted([*named, *rejected], key=lambda item: item.start)


@lru_cache(maxsize=4096)
def measure_of(words: str, row: str, kind: str) -> tuple[str | None, str | None]:
    """The measure that a cell's label names, and for whom it is."""
    measure = next((f.name for f in vocabulary().measures_in(words)), None)
    whom = next((f.name for f in vocabulary().beneficiaries_in(row)), None) if measure else None
    return measure, whom


def whole(value: Decimal) -> Decimal:
    """The value without decimals that say nothing: 1284600000.0 is 1284600000."""
    return value.to_integral_value() if value == value.to_integral_value() else value


def plain_cell(text: str, place: CellPlace, locale: NumberLocale) -> Quantity | None:
    """The quantity of a cell that is one number in English writing; None: it has to be read with more care."""
    if locale.decimal == "," or (locale.decimal == "both" and "," in text) or locale.grouping != ",":
        return None
    value = plain_number(text)
    if value is None:
        return None
    factor, currency = place.scale
    percent = "%" in text or place.unit == "%"
    signed = any(sign in text for sign in "$€£¥")
    if signed and currency is None:
        return None
    money = not percent and place.unit is None and currency is not None
    if factor is not None and not percent:
        value = whole(value * factor)
    first = next(i for i, c in enumerate(text) if not c.isspace())
    return Quantity(
        start=first,
        end=len(text.rstrip()),
        cover_start=first,
        cover_end=len(text.rstrip()),
        digits=tuple(run.span() for run in RUN.finditer(text)),
        value=value,
        value_high=None,
        kind="percent" if percent else "money" if money else "number",
        unit="%" if percent else currency if money else None,
        per=None,
        comparator=None,
        period=None,
        words=text.strip(),
        doubt=None,
    )


def read_block(
    placed: Placed,
    locale: NumberLocale,
    scale: Decimal | None = None,
    currency: str | None = None,
    *,
    statement: bool = False,
) -> tuple[list[Draft], list[Rejected]]:
    """The quantities of a block with their nouns and labels."""
    block = placed.block
    quantities, rejected = scan(block.text, locale, scale=scale, currency=currency, statement=statement)
    quantities.sort(key=lambda quantity: quantity.start)
    spans = sentence_spans(block.text, locale.language) or [(0, len(block.text))]
    drafts: list[Draft] = []
    for quantity in quantities:
        sentence = spans[max(0, bisect_right(spans, quantity.start, key=lambda span: span[0]) - 1)]
        unit, noun_end = unit_of(block.text, quantity, sentence[1], drafts)
        stretch = own_stretch(block.text, quantity, quantities, near(block.text, quantity, sentence))
        label = label_of(block, quantity, stretch, noun_end)
        doubt = quantity.doubt or block.doubt or None
        drafts.append(Draft(placed, quantity, sentence, unit, label, per=quantity.per, doubt=doubt))
    return drafts, list(rejected)


def near(text: str, quantity: Quantity, sentence: tuple[int, int]) -> tuple[int, int]:
    """The part of a sentence that is looked at for a quantity's label: all of it, unless it is endless."""
    start, end = sentence
    if quantity.cover_start - start > LABEL_REACH:
        start = text.find(" ", quantity.cover_start - LABEL_REACH, quantity.cover_start) + 1 or quantity.cover_start
    if end - quantity.end > LABEL_REACH:
        end = max(text.rfind(" ", quantity.end, quantity.end + LABEL_REACH), quantity.end)
    return start, end


def own_stretch(
    text: str, quantity: Quantity, quantities: list[Quantity], sentence: tuple[int, int]
) -> tuple[int, int]:
    """The part of a sentence that speaks of one amount where it lists several ("US $4 for A and US $5 for B")."""
    start, end = sentence
    if quantity.kind in ("date", "ordinal"):
        return sentence
    first, last = (bisect_left(quantities, place, key=lambda other: other.start) for place in sentence)
    alike = [other for other in quantities[first:last] if other.kind == quantity.kind]
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
    earlier = (draft.unit for draft in reversed(before) if draft.quantity.kind in ("count", "number") and draft.unit)
    return next(earlier, None), quantity.end


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
        if (len(folded) > 3 and plural_word(word)) or len(words) == NOUN_WINDOW:
            break
    if not words:
        return None, 0
    at = next((i for i, (word, _) in enumerate(words) if plural_word(word)), 0)
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
    start, end = near(text, quantity, sentence)
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
