"""The one place where text that storage, terminals or readers cannot bear is mended, whatever reader it came from.

1. A document's text keeps its length: a character that cannot stay becomes `STAND_IN`, which is no part of any word.
   So every position of a block, a page or a quote holds.
2. A block's words lose such characters, each with its position.
3. What cannot stay: NUL and the other control characters but tab, line feed and form feed; lone surrogates, which are
   no text at all; noncharacters; and the embeddings, overrides and isolates of right-to-left text, which make a number
   look like another. Single marks of direction, joiners and private characters stay: scripts and fonts need them.
4. How many there were is a warning of the document.
"""

from __future__ import annotations

import re
from dataclasses import replace

from factdesk.corpus.errors import Reason
from factdesk.corpus.records import Block, Reading

STAND_IN = "\ufffe"
"""A noncharacter that UTF-8 can hold; readers use it for what has no place in a text."""
CONTROLS = "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
SURROGATES = "\ud800-\udfff"
BIDIRECTIONAL = "\u202a-\u202e\u2066-\u2069"
NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
USUAL = "\r\x02\ufffe"
"""What readers leave on purpose: carriage returns, a hyphen at a line's end, their stand-in. They are not counted."""
UNBEARABLE = re.compile(f"[{CONTROLS}\r{SURROGATES}{BIDIRECTIONAL}{NONCHARACTERS}]")


def bearable(reading: Reading) -> Reading:
    """The reading without characters that cannot stay, and with a warning if there were any."""
    if not UNBEARABLE.search(reading.text) and not any(UNBEARABLE.search(said) for said in said_by(reading)):
        return reading
    odd = sum(match.group() not in USUAL for match in UNBEARABLE.finditer(reading.text))
    warnings = tuple(without(warning) for warning in reading.warnings)
    if odd:
        warnings += (f"{Reason.CHARACTERS_LEFT_OUT}: {odd:,} control characters and the like",)
    return replace(
        reading,
        text=UNBEARABLE.sub(STAND_IN, reading.text),
        blocks=tuple(mended for block in reading.blocks if (mended := bearable_block(block)) is not None),
        pages=tuple(replace(page, label=without(page.label)) for page in reading.pages),
        title=without(reading.title),
        language=without(reading.language),
        warnings=warnings,
        subject=without(reading.subject),
    )


def said_by(reading: Reading) -> list[str]:
    """Every text of a reading but the document's own."""
    said = [reading.title, reading.language, reading.subject, *reading.warnings]
    said += (page.label for page in reading.pages)
    for block in reading.blocks:
        said += (block.text, block.label, block.doubt, *block.links, *(mark.label for mark in block.marks))
    return said


def without(text: str) -> str:
    """A text without the characters that cannot stay."""
    return UNBEARABLE.sub("", text)


def bearable_block(block: Block) -> Block | None:
    """A block without the characters that cannot stay, and without their positions; None if nothing is left of it."""
    marks = tuple(replace(mark, label=without(mark.label)) for mark in block.marks)
    links = tuple(without(link) for link in block.links)
    label, doubt = without(block.label), without(block.doubt)
    gone = [match.start() for match in UNBEARABLE.finditer(block.text)]
    if not gone:
        return replace(block, marks=marks, links=links, label=label, doubt=doubt)
    if not doubt and any(re.match(f"[{BIDIRECTIONAL}]", block.text[at]) for at in gone):
        doubt = "its characters are shown in another order than they are stored in"
    dropped = set(gone)
    kept = [at for at in range(len(block.text)) if at not in dropped]
    if not "".join(block.text[at] for at in kept).strip():
        return None
    return replace(
        block,
        text="".join(block.text[at] for at in kept),
        offsets=tuple(block.offsets[at] for at in kept),
        marks=tuple(replace(mark, at=mark.at - sum(at < mark.at for at in gone)) for mark in marks),
        links=links,
        label=label,
        doubt=doubt,
    )
