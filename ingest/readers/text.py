"""Plain text: hard-wrapped paragraphs are one, bullets are items, short lines that stand alone are headings."""

from __future__ import annotations

import re

from factdesk.corpus.records import Block, BlockKind, Reading
from factdesk.ingest.decoding import decode
from factdesk.ingest.mapped import MappedText

SUFFIXES = (".txt", ".text")

BULLET = re.compile(r"[ \t]{0,40}(?:[-*•·–▪◦‣o]|\(?\d{1,2}[.)]|\(?[a-z][.)])[ \t]+")
RULE = re.compile(r"[ \t]{0,40}[-=_*~]{3,}[ \t]*")
HEADING_WORDS = 12
"""A longer line that stands alone is a sentence."""
PAGE_BREAK = "\f"


def read(data: bytes, name: str) -> Reading:
    """Read plain text. Spans are positions in the decoded source."""
    source, warnings = decode(data, name)
    blocks: list[Block] = []
    for group in line_groups(source):
        blocks += group_blocks(source, group)
    return Reading(text=source, blocks=tuple(blocks), warnings=warnings)


Line = tuple[int, int]


def line_groups(source: str) -> list[list[Line]]:
    """The lines of the source, grouped by blank lines and rules."""
    groups: list[list[Line]] = [[]]
    at = 0
    for line in source.split("\n"):
        end = at + len(line)
        if not line.strip() or PAGE_BREAK in line or RULE.fullmatch(line):
            groups.append([])
        else:
            groups[-1].append((at, end))
        at = end + 1
    return [group for group in groups if group]


def group_blocks(source: str, group: list[Line]) -> list[Block]:
    """The blocks of lines that no blank line parts: a heading, a list, or one paragraph."""
    if len(group) == 1 and is_heading(source[slice(*group[0])]):
        return joined(source, group, BlockKind.HEADING, level=1 if source[slice(*group[0])].isupper() else 2)
    blocks: list[Block] = []
    pending: list[Line] = []
    kind, depth = BlockKind.PARAGRAPH, 0
    for start, end in group:
        if bullet := BULLET.match(source, start, end):
            blocks += joined(source, pending, kind, level=depth)
            depth = min((bullet.end() - bullet.start() - len(bullet.group().lstrip())) // 2, 5)
            kind, pending = BlockKind.ITEM, [(bullet.end(), end)]
        else:
            pending.append((start, end))
    return blocks + joined(source, pending, kind, level=depth)


def joined(source: str, lines: list[Line], kind: BlockKind, *, level: int = 0) -> list[Block]:
    """The lines as one block; a word split by a hyphen at a line's end is one word again."""
    mapped = MappedText()
    for number, (start, end) in enumerate(lines):
        follows = number + 1 < len(lines)
        splits = follows and source[end - 1 : end] == "-" and source[end - 2 : end - 1].islower()
        if splits and source[lines[number + 1][0] :].lstrip()[:1].islower():
            mapped.add_source(source, start, end - 1)
            continue
        mapped.add_source(source, start, end)
        mapped.add(" ", end)
    block = mapped.block(kind, level=level)
    return [block] if block else []


def is_heading(line: str) -> bool:
    """Whether a line that stands alone is a heading: short, with letters, and no sentence."""
    text = line.strip()
    few = len(text.split()) <= HEADING_WORDS
    return (
        few and any(c.isalpha() for c in text) and text[-1] not in ".,;:!?" and (text[0].isupper() or text[0].isdigit())
    )
