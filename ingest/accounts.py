"""Every run of digits of a document is accounted for.

1. A run is what the number grammar calls one: digits side by side.
2. The first run of a figure is the figure; the others ("7" and "6" in "7,6") are part of it.
3. Digits in no block are footnote marks, addresses, list numbers and other markup; in a PDF, running heads.
4. So the runs that are seen are those skipped, whatever the reason, and the figures, but for the spelled-out ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from factdesk.corpus.quantities import RUN, Quantity
from factdesk.corpus.records import Block, BlockKind, Document, Skipped
from factdesk.corpus.words import fold
from factdesk.ingest.drafts import Draft
from factdesk.ingest.structure import Outline


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
    inside: set[int] = set()
    for block in (*outline.blocks, *outline.dropped):
        inside.update(block.offsets)
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


def is_contents_page(
    source: str, block: Block, previous: Block | None, quantity: Quantity, titles: tuple[str, ...]
) -> bool:
    """Whether a bare number is a page number in a list of contents: after a tab or dots, or after a heading's words."""
    if quantity.kind not in ("count", "number", "date", "ordinal") or quantity.value_high is not None:
        return False
    if not block.text[quantity.start : quantity.end].isdigit() or block.kind is BlockKind.HEADING:
        return False
    first, last = block.span(quantity.start, quantity.end)
    before, after = source[max(0, first - 4) : first], source[last : last + 1]
    if before.endswith("\t") and (after in "\t\n" or not after):
        line = source[source.rfind("\n", 0, first) + 1 : first - 1]
        cell = fold(line.rpartition("\t")[2]).strip(" .*_|")
        return cell.endswith(titles)
    if before.endswith(("..", "…")) and (after in "\t\n" or not after):
        return True
    words = fold(block.text[: quantity.start]).strip(" .")
    if previous is not None and (previous.table, previous.row) == (block.table, block.row) != (-1, -1):
        words = f"{fold(previous.text).strip(' .')} {words}".strip()
    return quantity.end == len(block.text) and words.endswith(titles)
