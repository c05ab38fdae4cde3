"""Markdown, with the HTML that converters leave in it.

markdown-it-py says which lines are which block and what the words of a block are; the words are then found
again in the source, token by token, so that every quote is the source's. HTML blocks go through the
standard library's parser, which knows its positions. A table flattened to tab-separated cells with markup in
them is unrolled column by column, each under its header.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from markdown_it.token import Token

from factdesk.corpus.records import Block, BlockKind, Reading
from factdesk.ingest.decoding import decode
from factdesk.ingest.mapped import LOWERED, MappedText

SUFFIXES = (".md", ".markdown")

NOTE_LABEL = re.compile(r"\d{1,3}|[*†‡§a-z]")
"""What a superscript must hold to be a footnote mark rather than an exponent or an ordinal's ending."""
FRONT_MATTER = re.compile(r"\A---\n(.{0,5000}?)\n---\n", re.S)
FRONT_MATTER_LINE = re.compile(r"^(title|subject|language):[ \t]*(.{1,300})$", re.M)
FOOTNOTE_LINE = re.compile(r"^\[\^([^\]\s]{1,20})\]:[ \t]*", re.M)
NESTING = 100
"""Lists and quotations within one another; what is deeper is not read, so it must be deeper than people write."""
PSEUDO_HEADING_WORDS = 14
"""A paragraph all in bold of at most so many words is a heading that lost its level."""
TABLE_LEVEL = 2
"""The level of a flattened table's headers; its own bold lines stand one below."""
REFERENCE = re.compile(r"\[\^([^\]\s]{1,20})\]")
MARK_AT_START = re.compile(r"\s*(?:<sup>\s*\w+\s*</sup>|[⁰¹²³⁴-⁹]+|\[\^[^\]\s]{1,20}\])?[\s:]*")


def read(data: bytes, name: str) -> Reading:
    """Read Markdown. Spans are positions in the decoded source."""
    source, warnings = decode(data, name)
    meta: dict[str, str] = {}
    body_start = 0
    if matter := FRONT_MATTER.match(source):
        meta = {key: value.strip().strip("\"'") for key, value in FRONT_MATTER_LINE.findall(matter.group(1))}
        body_start = matter.end()
    blocks = MarkdownBlocks(source, body_start).blocks()
    return Reading(
        text=source,
        blocks=tuple(blocks),
        title=meta.get("title", ""),
        language=meta.get("language", ""),
        subject=meta.get("subject", ""),
        warnings=warnings,
    )


def parser() -> MarkdownIt:
    """CommonMark with tables and struck words; escapes stay tokens of their own, and footnotes are no link targets."""
    made = (
        MarkdownIt("commonmark", {"html": True, "maxNesting": NESTING})
        .enable(["table", "strikethrough"])
        .disable("text_join")
    )
    made.block.ruler.at("reference", link_target)
    return made


def link_target(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """CommonMark's rule for `[name]: address`, which would swallow the footnote `[^1]: Estimate.`"""
    footnote = state.src.startswith("[^", state.bMarks[line] + state.tShift[line])
    return not footnote and reference(state, line, last, silent)


class MarkdownBlocks:
    """One pass over the tokens of a source."""

    def __init__(self, source: str, start: int) -> None:
        self.source = source
        self.first_line = source.count("\n", 0, start)
        self.lines = line_starts(source)
        self.tables = 0
        self.parser = parser()
        self.body = source[start:]

    def blocks(self) -> list[Block]:
        """The blocks of the source in reading order."""
        tokens = self.parser.parse(self.body)
        found: list[Block] = []
        depth, row, column, in_cell = -1, -1, 0, False
        cursor: dict[int, int] = {}
        at = 0
        while at < len(tokens):
            token = tokens[at]
            kind = token.type
            if kind in ("bullet_list_open", "ordered_list_open"):
                depth += 1
            elif kind in ("bullet_list_close", "ordered_list_close"):
                depth -= 1
            elif kind == "table_open":
                self.tables += 1
                row = -1
            elif kind == "tr_open":
                row, column = row + 1, -1
            elif kind in ("th_open", "td_open"):
                column, in_cell = column + 1, True
            elif kind in ("th_close", "td_close"):
                in_cell = False
            elif kind == "inline" and token.map:
                start, end = self.span(token)
                if in_cell:
                    start = cursor.get(token.map[0], start)
                    block, cursor[token.map[0]] = self.cell(token, start, end, row, column)
                    found += [block] if block else []
                elif "\t" in token.content and at + 2 < len(tokens) and tokens[at + 2].type == "html_block":
                    found += self.flattened_table(start, end, *self.span(tokens[at + 2]))
                    at += 2
                elif tokens[at - 1].type == "heading_open":
                    found += self.prose(token, start, end, BlockKind.HEADING, level=int(tokens[at - 1].tag[1]))
                elif depth >= 0:
                    found += self.prose(token, start, end, BlockKind.ITEM, level=depth)
                else:
                    found += self.prose(token, start, end, BlockKind.PARAGRAPH)
            elif kind in ("fence", "code_block") and token.map:
                mapped = MappedText()
                mapped.add_source(self.source, *self.code_span(token))
                block = mapped.block(BlockKind.PARAGRAPH)
                found += [block] if block else []
            elif kind == "html_block" and token.map:
                found += html_blocks(self.source, *self.span(token), level=TABLE_LEVEL + 1)
            at += 1
        return found

    def span(self, token: Token) -> tuple[int, int]:
        """Where the token's lines stand in the source."""
        assert token.map is not None
        first, last = (line + self.first_line for line in token.map)
        return self.lines[min(first, len(self.lines) - 1)], self.lines[min(last, len(self.lines) - 1)]

    def code_span(self, token: Token) -> tuple[int, int]:
        """Where the lines of code stand in the source, without the fences around them."""
        start, end = self.span(token)
        if token.type != "fence":
            return start, end
        first = self.source.find("\n", start, end) + 1 or end
        closing = self.source.rfind("\n", first, end - 1) + 1 or first
        fenced = self.source[closing:end].strip().startswith(token.markup)
        return first, max(first, closing if fenced else end)

    def prose(self, token: Token, start: int, end: int, kind: BlockKind, level: int = 0) -> list[Block]:
        """A heading, item or paragraph; a paragraph that opens with a mark is a footnote."""
        mapped, links, bold = inline(self.source, start, end, token.children or [])
        block = mapped.block(kind, level=level, links=tuple(links))
        if block is None:
            return []
        if kind is BlockKind.PARAGRAPH:
            if definitions := footnote_definitions(self.source, block, start, end):
                return definitions
            if bold and len(block.text.split()) <= PSEUDO_HEADING_WORDS and is_bold_line(token, block):
                return [replace(block, kind=BlockKind.HEADING, level=TABLE_LEVEL + 2)]
        return [block]

    def cell(self, token: Token, start: int, end: int, row: int, column: int) -> tuple[Block | None, int]:
        """A cell of a pipe table, and where its line goes on after it."""
        mapped, links, _ = inline(self.source, start, end, token.children or [])
        block = mapped.block(
            BlockKind.CELL, row=row, column=column, table=self.tables, header=row == 0, links=tuple(links)
        )
        after = self.source.find("|", block.end if block else start + 1)
        return block, (after if 0 <= after < end else end)

    def flattened_table(self, start: int, end: int, body_start: int, body_end: int) -> list[Block]:
        """Unroll a header line of tab-separated cells and a body line of as many, column by column."""
        self.tables += 1
        headers = cells(self.source, start, end)
        bodies = cells(self.source, body_start, body_end)
        found: list[Block] = []
        for number, header in enumerate(headers):
            tokens = self.parser.parseInline(self.source[header[0] : header[1]])[0].children or []
            mapped, links, _ = inline(self.source, *header, tokens)
            block = mapped.block(
                BlockKind.HEADING, level=TABLE_LEVEL, table=self.tables, column=number, links=tuple(links)
            )
            found += [block] if block else []
            if number < len(bodies):
                found += [
                    replace(inner, table=self.tables, column=number)
                    for inner in html_blocks(self.source, *bodies[number], level=TABLE_LEVEL + 1)
                ]
        for body in bodies[len(headers) :]:
            found += html_blocks(self.source, *body, level=TABLE_LEVEL + 1)
        return found


def line_starts(source: str) -> list[int]:
    """Where each line starts, and the end of the text."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(source)
    return starts


def cells(source: str, start: int, end: int) -> list[tuple[int, int]]:
    """The spans between the tabs of a line."""
    spans, at = [], start
    for piece in source[start:end].rstrip("\n").split("\t"):
        spans.append((at, at + len(piece)))
        at += len(piece) + 1
    return spans


def is_bold_line(token: Token, block: Block) -> bool:
    """Whether the whole paragraph is one bold run and no sentence."""
    children = [c for c in token.children or [] if c.type not in ("softbreak", "hardbreak") and (c.content or c.markup)]
    whole = bool(children) and children[0].type == "strong_open" and children[-1].type == "strong_close"
    return whole and sum(c.type == "strong_open" for c in children) == 1 and not block.text.endswith((".", ":"))


def inline(source: str, start: int, end: int, children: list[Token]) -> tuple[MappedText, list[str], bool]:
    """The words of an inline stretch with their positions, its links, and whether it has bold words."""
    words = InlineWords(source, start, end)
    for child in children:
        words.take(child)
    return words.mapped, words.links, words.bold


class InlineWords:
    """Collects the words of inline tokens, finding each token's words again in the source from `at` on."""

    OPENING = frozenset(("strong_open", "em_open", "s_open"))
    CLOSING = frozenset(("strong_close", "em_close", "s_close"))

    def __init__(self, source: str, start: int, end: int) -> None:
        self.source, self.start, self.at, self.end = source, start, start, end
        self.mapped = MappedText()
        self.links: list[str] = []
        self.bold = False
        self.superscript: str | None = None
        self.opened: list[tuple[int, int]] = []

    def take(self, token: Token) -> None:
        """Take the words of the next token."""
        if token.type == "text":
            self.text(token.content)
        elif token.type == "text_special":
            self.special(token)
        elif token.type == "code_inline":
            self.open(token.markup)
            self.text(token.content)
            self.close(token.markup)
        elif token.type in ("softbreak", "hardbreak"):
            line_end = self.source.find("\n", self.at, self.end)
            if line_end >= 0:
                self.mapped.add(" ", line_end)
                self.at = line_end + 1
        elif token.type == "link_open":
            self.links.append(str(token.attrs.get("href", "")))
            self.open("<" if token.markup == "autolink" else "[")
        elif token.type == "link_close" and self.opened:
            self.at = link_end(self.source, self.at, self.end, autolink=token.markup == "autolink")
            self.mapped.wrap(*self.opened.pop(), self.at, whole=True)
        elif token.type == "image":
            image = self.source.find("![", self.at, self.end)
            self.at = link_end(self.source, max(image, self.at) + 2, self.end, autolink=False)
        elif token.type in self.OPENING:
            self.bold = self.bold or token.type == "strong_open"
            self.open(token.markup)
        elif token.type in self.CLOSING and self.opened:
            self.close(token.markup)
        elif token.type == "html_inline":
            self.tag(token.content)

    def open(self, markup: str) -> None:
        """Note where markup opens around the words that follow."""
        opening = self.source.find(markup, self.at, self.end)
        self.opened.append((max(opening, self.at), len(self.mapped.offsets)))

    def close(self, markup: str) -> None:
        """Note where the markup closes that was opened last."""
        closing = self.source.find(markup, self.at, self.end)
        self.at = closing + len(markup) if closing >= 0 else self.at
        self.mapped.wrap(*self.opened.pop(), self.at, whole=False)

    def text(self, words: str) -> None:
        """Take words as they stand in the source; `[^1]` and raised digits become marks."""
        verbatim = self.source.find(words, self.at, self.end)
        skip_until = 0
        for i, character in enumerate(words):
            found = verbatim + i if verbatim >= 0 else self.source.find(character, self.at, self.end)
            if found < 0:
                continue
            self.at = found + 1
            if self.superscript is not None:
                self.superscript += character
            elif i < skip_until:
                continue
            elif character == "[" and (mark := REFERENCE.match(words, i)):
                self.mapped.mark(mark.group(1))
                skip_until = mark.end()
            elif ord(character) in LOWERED and not self.mapped.ends_in_length():
                self.mapped.mark(character.translate(LOWERED))
            else:
                self.mapped.add(character, found)

    def special(self, token: Token) -> None:
        """Take an escaped character or a character reference ("&euro;"), which no quote may cut."""
        found = self.source.find(token.markup, self.at, self.end)
        if found < 0:
            return
        self.at = found + len(token.markup)
        escape = token.markup.startswith("\\")
        if token.content == token.markup:  # a backslash before what needs none
            self.mapped.add_source(self.source, found, self.at)
            return
        first = len(self.mapped.offsets)
        for character in token.content:
            self.mapped.add(character, found + 1 if escape else found)
        if not escape:
            self.mapped.wrap(found, first, self.at, whole=True)

    def tag(self, markup: str) -> None:
        """Take an HTML tag: a superscript is a mark, or belongs to the words; a break parts them."""
        name = markup.lower()
        found = self.source.find(markup, self.at, self.end)
        self.at = found + len(markup) if found >= 0 else self.at
        if name.startswith("<sup"):
            self.superscript = ""
        elif name.startswith("</sup") and self.superscript is not None:
            raised, self.superscript = self.superscript, None
            if NOTE_LABEL.fullmatch(raised.strip()) and not self.mapped.ends_in_length():
                self.mapped.mark(raised.strip())
            else:
                back = self.source.rfind(raised, self.start, self.at)
                self.mapped.add_source(self.source, back, back + len(raised))
        elif name.startswith("<br"):
            self.mapped.add(" ", max(found, self.start))


def link_end(source: str, at: int, end: int, *, autolink: bool) -> int:
    """Where a link ends whose words end at `at`: after `>`, `](address)`, `][name]` or `]`."""
    if autolink:
        return source.find(">", at, end) + 1 or at
    bracket = source.find("]", at, end)
    if bracket < 0:
        return at
    opening = source[bracket + 1 : bracket + 2]
    closing = {"(": ")", "[": "]"}.get(opening, "")
    if not closing:
        return bracket + 1
    depth = 0
    for place in range(bracket + 1, end):
        depth += (source[place] == opening) - (source[place] == closing)
        if depth == 0:
            return place + 1
    return bracket + 1


def footnote_definitions(source: str, block: Block, start: int, end: int) -> list[Block]:
    """The footnotes that a paragraph defines: `<sup>1</sup> text`, `¹ text` or `[^1]: text` at its lines' starts."""
    starts: list[tuple[int, str]] = []
    if block.marks and block.marks[0].at == 0:
        starts = [(mark.at, mark.label) for mark in block.marks if mark.at == 0 or opens_line(source, block, mark.at)]
    elif FOOTNOTE_LINE.match(source[start:end]):
        starts = [(0, "")]
    found = []
    for number, (at, label) in enumerate(starts):
        until = starts[number + 1][0] if number + 1 < len(starts) else len(block.text)
        text = block.text[at:until]
        lead = len(text) - len(text.lstrip(" :"))
        if not label and (definition := FOOTNOTE_LINE.match(source[start:end])):
            label = definition.group(1)
        text, offsets = text[lead:].rstrip(), block.offsets[at + lead : until]
        if text:
            offsets = offsets[: len(text)]
            note = Block(
                BlockKind.NOTE,
                offsets[0],
                offsets[-1] + 1,
                text,
                offsets,
                label=label,
                links=block.links,
                wraps=block.wraps,
            )
            start_, end_ = note.span(0, len(text))
            found.append(replace(note, start=start_, end=end_))
    return found


def opens_line(source: str, block: Block, at: int) -> bool:
    """Whether the character of the block is the first of a source line, markup aside."""
    if at >= len(block.offsets):
        return False
    position = block.offsets[at]
    line = source.rfind("\n", 0, position) + 1
    return MARK_AT_START.fullmatch(source[line:position]) is not None


class HtmlWords(HTMLParser):
    """Collects the blocks of an HTML stretch with their positions in the source."""

    BREAKS = frozenset(
        ("p", "li", "div", "ul", "ol", "tr", "td", "th", "table", "br", "h1", "h2", "h3", "h4", "h5", "h6")
    )
    SILENT = frozenset(("script", "style", "template", "head"))

    def __init__(self, source: str, start: int, end: int, level: int) -> None:
        super().__init__(convert_charrefs=False)
        self.source, self.start, self.level = source, start, level
        self.lines = [position + start for position in line_starts(source[start:end])]
        self.found: list[Block] = []
        self.words = MappedText()
        self.kind, self.depth, self.heading = BlockKind.PARAGRAPH, -1, 0
        self.bold, self.plain_seen, self.superscript = 0, False, False
        self.silent = 0
        self.links: list[str] = []
        self.list_closed, self.lifted = False, False

    def position(self) -> int:
        """Where the parser stands in the source."""
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def flush(self) -> None:
        """End the block that is being collected."""
        if self.words:
            kind, level = self.kind, max(self.depth, 0)
            wholly_bold = not self.plain_seen and len(self.words.characters) < 120
            if self.heading:
                kind, level = BlockKind.HEADING, self.heading
            elif kind is BlockKind.PARAGRAPH and wholly_bold:
                kind, level = BlockKind.HEADING, self.level
            self.list_closed = False
            if kind is not BlockKind.ITEM:
                self.lifted = False
            block = self.words.block(kind, level=level, links=tuple(self.links), lifted=self.lifted)
            if block:
                self.found.append(block)
        self.words, self.plain_seen, self.links = MappedText(), False, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.flush()
        if tag in ("ul", "ol"):
            self.depth += 1
            self.lifted = self.lifted or self.list_closed  # a list right after a list opens a thought of its own
        elif tag == "li":
            self.kind = BlockKind.ITEM
        elif tag in ("b", "strong"):
            self.bold += 1
        elif tag == "sup":
            self.superscript = True
        elif tag in self.SILENT:
            self.silent += 1
        elif tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.heading = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BREAKS:
            self.flush()
        if tag in ("ul", "ol"):
            self.depth -= 1
            self.list_closed = self.depth < 0
        elif tag == "li":
            self.kind = BlockKind.PARAGRAPH
        elif tag in ("b", "strong"):
            self.bold = max(0, self.bold - 1)
        elif tag == "sup":
            self.superscript = False
        elif tag in self.SILENT:
            self.silent = max(0, self.silent - 1)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.heading = 0

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.superscript and NOTE_LABEL.fullmatch(data.strip()):
            self.words.mark(data.strip())
            return
        start = self.position()
        lead = 0
        if self.kind is BlockKind.ITEM and not self.words and (bullet := re.match(r"\s*[-•–·*]\s+", data)):
            lead = bullet.end()
        if data[lead:].strip() and not self.bold:
            self.plain_seen = True
        for at in range(start + lead, start + len(data)):
            character = self.source[at]
            escaped = character == "\\" and at + 1 < len(self.source) and not self.source[at + 1].isalnum()
            if not (escaped and not self.source[at + 1].isspace()):
                self.words.add(character, at)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, reference: str) -> None:
        if not self.silent:
            self.plain_seen = self.plain_seen or not self.bold
            start, first = self.position(), len(self.words.offsets)
            for character in unescape(reference):
                self.words.add(character, start)
            end = start + len(reference) - (self.source[start + len(reference) - 1 : start + len(reference)] != ";")
            self.words.wrap(start, first, end, whole=True)


def html_blocks(source: str, start: int, end: int, *, level: int) -> list[Block]:
    """The blocks of an HTML stretch; a wholly bold paragraph is a heading of the given level."""
    parser = HtmlWords(source, start, end, level)
    parser.feed(source[start:end])
    parser.close()
    parser.flush()
    return parser.found
