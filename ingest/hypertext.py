"""HTML to blocks: what a browser would show, one line a block, in the order of the source.

1. Not read: scripts, styles, templates, comments, forms' controls, and what is hidden by an attribute or a style.
2. A table with another in it, with headings or lists in its cells, with cells as long as a page, or of one column, is
   there for the layout and is read cell by cell; rows of a bullet and a text are a list. The others are tables
   (`grids`).
3. A raised number or sign is a footnote mark. A note is what such a mark links to, a paragraph that opens with a raised
   mark, or one below a table that opens with a mark of it.
4. A short paragraph all in bold is a heading that has no tag. A term and its definition are one item.
5. A file of more bytes, tags or nested tags than the limits is TOO_BIG, told before it is parsed: the parser needs
   minutes for 200,000 nested tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from factdesk.corpus.records import BlockKind, Mark
from factdesk.ingest.composed import Composer, Gathered, Words, too_big
from factdesk.ingest.grids import LaidCell, is_number, tidy
from factdesk.ingest.mapped import RAISED

BYTE_LIMIT = 64_000_000
"""Bytes of one file: the longest filings, with every number tagged for machines, have forty million."""
TAG_LIMIT = 1_000_000
"""Tags of one file, opening and closing: read in a few seconds; such filings have six hundred thousand."""
DEPTH_LIMIT = 5_000
"""Tags open at once: the parser's time grows with the square of it."""
COLUMN_LIMIT = 1_000
"""What HTML allows a cell to span."""
ROW_LIMIT = 65_534
"""What HTML allows a cell to span."""
LAYOUT_CELL = 1_500
"""Characters of a cell: a longer one is a page's column."""
BOLD_WORDS = 14
"""Words of a bold paragraph that may be a heading."""
BOLD_LEVEL = 4
"""Of a bold paragraph: below the headings that have a tag."""
LIST_DEPTH = 9
NBSP_POINTS = 3.0
"""How far a hard blank before a label sets it in."""
EM_POINTS = 12.0
PIXEL_POINTS = 0.75


def names(text: str) -> frozenset[str]:
    """The names in a text, parted by blanks."""
    return frozenset(text.split())


VOID = names("area base br col embed hr img input link meta param source track wbr")
IMPLIED = names("p li dt dd td th tr thead tbody tfoot option optgroup colgroup html head body")
"""Tags whose end may be left out."""
SILENT = names(
    "script style template noscript svg math iframe object select textarea button audio video canvas datalist ix:header"
)
BREAKING = names(
    "p div li ul ol dl dt dd table caption tr td th thead tbody tfoot section article aside header footer main nav "
    "blockquote figure figcaption pre address fieldset legend details summary center hr h1 h2 h3 h4 h5 h6 form "
    "hgroup menu dir body title"
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BOLD = frozenset(("b", "strong", "th"))
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
EMPTY_TAG = re.compile(r"<([a-zA-Z][\w:.-]*)((?:\s[^<>]*?)?)/>")
EMPTY_LINE = re.compile(r"\n[ \t]*\n\s*")
LENGTH = re.compile(r"-?\d{0,6}\.?\d{1,6}")
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
WEIGHT = re.compile(r"font-weight\s*:\s*(\w+)")
SUPERSCRIPT = re.compile(r"vertical-align\s*:\s*super|position\s*:\s*relative\s*;\s*top\s*:\s*-\d")
PADDING = re.compile(r"padding\s*:\s*\S+ +\S+ +\S+ +([\d.]+)(pt|px|em|rem)")
"""The last of the four sides is the left one."""
INDENT = re.compile(r"(?:padding|margin)-left\s*:\s*([\d.]+)(pt|px|em|rem)|text-indent\s*:\s*(-?[\d.]+)(pt|px|em|rem)")
BETWEEN = re.compile(r"\s*[,;]\s*|(?<=[)\]])\s*(?=[(\[])")
"""What parts two marks raised together: "1, 2", "(1)(2)"."""
LABEL = re.compile(r"[\[(]?\s*(\d{1,3}|[a-z]|\*{1,4}|[†‡§¶#])\s*[\])]?")
"""What must be raised to be a footnote mark rather than an exponent or an ordinal's ending."""
OPENS_NOTE = re.compile(r"[\[(]?(\d{1,3}|[a-z]|\*{1,4}|[†‡§¶#])[\])]?[.:]?\s+(?=\S)")
BULLET = re.compile(r"[•·▪◦●○■□–—*-]|\uf0b7|o")
NUMBERED = re.compile(r"\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\*{1,4}|[†‡§]")
BACK = frozenset(("↑", "^", "↩", "↩\ufe0e", "↵", "⏎", "back"))
"""What a link from a note to its mark says."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a hypertext says of itself."""

    title: str
    language: str


def read_hypertext(source: str, composer: Composer, *, strict: bool = False) -> Page:
    """Write the blocks of an HTML source; `strict` for XHTML, where `<a/>` is a whole element.

    Raises InputError: TOO_BIG.
    """
    check_markup(source, composer.name)
    if strict or source[:200].lstrip("\ufeff \n\t").startswith("<?xml"):
        source = EMPTY_TAG.sub(lambda m: m[0] if m[1].lower() in VOID else f"<{m[1]}{m[2]}></{m[1]}>", source)
    parsed = LexborHTMLParser(source)
    root = parsed.root
    events = list(walk(root)) if root is not None else []
    flow = Flow(composer, survey(events))
    for event in events:
        flow.take(event)
    flow.flush()
    attributes: Attributes = root.attributes if root is not None else {}
    language = attributes.get("lang") or attributes.get("xml:lang") or ""
    return Page(flow.title, primary(language))


def primary(language: str) -> str:
    """The language of a tag: "en" of "en-US"; empty if it is none."""
    found = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_]|\s*$)", language)
    return found.group(1).lower() if found else ""


def check_markup(source: str, name: str) -> None:
    """Refuse a source that the parser or this module would take too long for."""
    if len(source) > BYTE_LIMIT:
        raise too_big(name, f"{len(source):,} characters of HTML")
    if source.count("<") > TAG_LIMIT:
        raise too_big(name, f"more than {TAG_LIMIT:,} tags")
    depth = 0
    for found in TAG.finditer(source):
        tag = found[2].lower()
        if tag not in VOID and tag not in IMPLIED:
            depth = max(0, depth + (-1 if found[1] else 1))
            if depth > DEPTH_LIMIT:
                raise too_big(name, f"more than {DEPTH_LIMIT:,} tags within one another")


Attributes = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Opened:
    """An element begins."""

    tag: str
    attributes: Attributes

    @property
    def style(self) -> str:
        """Its own style, in small letters."""
        return (self.attributes.get("style") or "").lower() if self.attributes else ""


@dataclass(frozen=True, slots=True)
class Closed:
    """An element ends."""

    tag: str


Event = Opened | Closed | str


def walk(root: LexborNode) -> Iterator[Event]:
    """The elements and texts of a tree as a browser shows them; no recursion, however deep it is."""
    above: list[LexborNode] = []
    node: LexborNode | None = root
    while node is not None:
        if node.is_text_node:
            yield node.text_content or ""
        elif node.is_element_node and (opened := shown(node)) is not None:
            yield opened
            if (child := node.child) is not None:
                above.append(node)
                node = child
                continue
            yield Closed(opened.tag)
        while node is not None and node.next is None:
            node = above.pop() if above else None
            if node is not None:
                yield Closed((node.tag or "").lower())
        node = node.next if node is not None and above else None


def shown(node: LexborNode) -> Opened | None:
    """The element, unless a browser would not show it."""
    tag = (node.tag or "").lower()
    if tag in SILENT:
        return None
    attributes = node.attributes
    opened = Opened(tag, attributes)
    if not attributes:
        return opened
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true" or HIDING.search(opened.style)
    return None if hidden else opened


@dataclass(slots=True)
class Survey:
    """What is known of a source before it is read: which tables are layout, and what is a note."""

    layout: list[bool] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    """The label of the mark that points to an id."""


@dataclass(slots=True)
class SeenTable:
    """What was seen of a table so far."""

    number: int
    cells: int = 0
    """In the present row."""
    widest: int = 0
    characters: int = 0
    """In the present cell."""


def survey(events: list[Event]) -> Survey:
    """Look over a source once."""
    return Survey(layout_tables(events), note_targets(events))


def layout_tables(events: list[Event]) -> list[bool]:
    """Of each table in the order of their beginnings, whether it is there for the layout."""
    layout: list[bool] = []
    tables: list[SeenTable] = []
    for event in events:
        if isinstance(event, Opened) and event.tag == "table":
            if tables:
                layout[tables[-1].number] = True
            tables.append(SeenTable(len(layout)))
            layout.append((event.attributes.get("role") or "") in ("presentation", "none"))
        elif not tables:
            continue
        elif isinstance(event, str):
            tables[-1].characters += len(event.strip())
            if tables[-1].characters > LAYOUT_CELL:
                layout[tables[-1].number] = True
        elif isinstance(event, Opened):
            seen = tables[-1]
            if event.tag == "tr":
                seen.cells = 0
            elif event.tag in ("td", "th"):
                seen.cells, seen.characters = seen.cells + 1, 0
                seen.widest = max(seen.widest, seen.cells)
            elif event.tag in ("ul", "ol", "dl", "blockquote") or event.tag in HEADINGS:
                layout[seen.number] = True
        elif event.tag == "table":
            seen = tables.pop()
            layout[seen.number] = layout[seen.number] or seen.widest < 2
    return layout


def note_targets(events: list[Event]) -> dict[str, str]:
    """The ids that raised marks link to, with their labels; not those of the marks, which notes link back to."""
    targets: dict[str, str] = {}
    own: set[str] = set()
    link = link_id = raised_id = ""
    raised = 0
    for event in events:
        if isinstance(event, str):
            label = LABEL.fullmatch(event.strip()) if link and raised else None
            if label:
                targets.setdefault(link, label[1])
                own |= {link_id, raised_id}
        elif isinstance(event, Opened):
            if event.tag == "a":
                link = fragment(event)
                link_id = event.attributes.get("id") or ""
                raised += is_reference(event)
            elif is_raised(event):
                raised += 1
                raised_id = event.attributes.get("id") or ""
        elif event.tag == "a":
            link = ""
        elif event.tag in ("p", "div", "td", "li"):
            raised = 0
        elif event.tag in ("sup", "span", "font"):
            raised = max(0, raised - 1) if event.tag == "sup" else raised
    return {target: label for target, label in targets.items() if target not in own}


def fragment(event: Opened) -> str:
    """The id within a document that a link leads to; empty if none."""
    return (event.attributes.get("href") or "").partition("#")[2]


def is_reference(event: Opened) -> bool:
    """Whether a link says that it leads to a note."""
    said = f"{event.attributes.get('epub:type') or ''} {event.attributes.get('role') or ''}"
    return "noteref" in said


def is_raised(event: Opened) -> bool:
    """Whether words in an element stand raised."""
    return event.tag == "sup" or (event.tag in ("span", "font") and SUPERSCRIPT.search(event.style) is not None)


@dataclass(frozen=True, slots=True)
class Outer:
    """What held before an element began, to hold again when it ends."""

    tag: str
    bold: bool
    raised: bool
    note: str
    silent: bool


@dataclass(slots=True)
class Laying:
    """A table on its way to its cells."""

    cells: list[LaidCell] = field(default_factory=list)
    row: int = -1
    column: int = 0
    covered: list[tuple[int, int, int]] = field(default_factory=list)
    """Columns that cells of earlier rows still stand in: from, to, and the row after the last."""
    in_head: bool = False
    opened: Opened | None = None
    """The cell that is being read."""
    indent: float = 0.0
    caption: bool = False


class Flow:
    """One pass over the events of a source."""

    def __init__(self, composer: Composer, known: Survey) -> None:
        self.composer = composer
        self.known = known
        self.tables = 0
        self.now = Gathered()
        self.outer: list[Outer] = []
        self.bold, self.raised, self.note, self.silent = False, False, "", False
        self.heading, self.lists, self.in_item, self.preformatted = 0, 0, 0, 0
        self.breaks = 0
        self.raised_words: list[str] = []
        self.link_at = 0
        self.laying: Laying | None = None
        self.layouts: list[bool] = []
        self.table_marks: set[str] = set()
        self.title: str = ""
        self.in_title = False
        self.term = False
        self.once = ""
        """The label that the block being gathered has as a note, by an anchor at its beginning."""

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, str):
            self.text(event)
        elif isinstance(event, Opened):
            self.open(event)
        else:
            self.close(event.tag)

    def text(self, text: str) -> None:
        """Take words."""
        if self.in_title:
            self.title += text
            return
        if self.silent or (self.laying is not None and self.laying.opened is None and not self.laying.caption):
            return
        if self.raised:
            self.raised_words.append(text)
            return
        if text.strip():
            self.breaks = 0
        paragraphs = [text] if not self.preformatted or self.laying is not None else EMPTY_LINE.split(text)
        for number, paragraph in enumerate(paragraphs):
            if number:
                self.flush()
            self.now.plain_seen = self.now.plain_seen or (not self.bold and bool(paragraph.strip()))
            self.now.add(paragraph)

    def open(self, event: Opened) -> None:
        """Take an element's beginning."""
        tag = event.tag
        outer = Outer(tag, self.bold, self.raised, self.note, self.silent)
        if tag not in VOID:
            self.outer.append(outer)
        if tag == "br":
            self.line_break()
        elif tag == "hr":
            self.part()
        elif tag == "table":
            self.open_table()
        elif self.laying is not None:
            self.open_in_table(event)
        elif tag in BREAKING and not (tag == "dd" and self.term):
            self.part()
        if tag == "title":
            self.in_title = not self.title
            self.silent = True
        elif tag in ("ul", "ol", "menu", "dir"):
            self.lists += 1
        elif tag in ("li", "dt"):
            self.in_item += 1
            self.term = tag == "dt"
        elif tag == "dd":
            self.in_item += 1
            if self.term:
                self.now.add("" if self.now.words().text.endswith(":") else ":")
                self.now.add(" ")
            self.term = False
        elif tag in HEADINGS:
            self.heading = HEADINGS[tag]
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "a":
            self.open_link(event)
        self.styled(event)
        name = event.attributes.get("id") or (event.attributes.get("name") if tag == "a" else "") or ""
        if (label := self.known.notes.get(name)) and self.laying is None:
            if tag in BREAKING:
                self.note = label
            elif not self.now.length:
                self.once = label

    def styled(self, event: Opened) -> None:
        """Take what an element says of how its words look."""
        if event.tag in BOLD:
            self.bold = True
        if event.style and (weight := WEIGHT.search(event.style)):
            self.bold = weight[1].startswith("bold") or (weight[1].isdigit() and int(weight[1]) >= 600)
        if not self.raised and (is_raised(event) or (event.tag == "a" and is_reference(event))):
            self.raised, self.raised_words = True, []

    def close(self, tag: str) -> None:
        """Take an element's end."""
        outer = self.outer.pop() if self.outer and self.outer[-1].tag == tag else None
        if outer is None:
            return
        if self.raised and not outer.raised:
            self.end_raised()
        if tag == "a" and self.now.since(self.link_at).strip() in BACK:
            self.now.cut(self.link_at)
        if tag == "table":
            self.close_table()
        elif self.laying is not None:
            self.close_in_table(tag)
        elif tag in BREAKING and not (tag == "dt" and self.now.length):
            self.part()
        if tag == "title":
            self.in_title = False
        elif tag in ("ul", "ol", "menu", "dir"):
            self.lists = max(0, self.lists - 1)
        elif tag in ("li", "dt", "dd"):
            self.in_item = max(0, self.in_item - 1)
        elif tag in HEADINGS:
            self.heading = 0
        elif tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)
        self.bold, self.raised, self.note, self.silent = outer.bold, outer.raised, outer.note, outer.silent

    def part(self) -> None:
        """End a block where the layout does."""
        if self.laying is None:
            self.flush()
        else:
            self.now.add(" ")

    def line_break(self) -> None:
        """Take a line's end: two in a row part paragraphs."""
        self.breaks += 1
        self.now.add(" ")
        if self.breaks > 1 and self.laying is None and not self.heading:
            self.flush()

    def open_link(self, event: Opened) -> None:
        """Note where a link leads, unless it stays in the document."""
        self.link_at = self.now.length
        href = (event.attributes.get("href") or "").strip()
        if href and not href.startswith("#") and not href.lower().startswith("javascript:"):
            self.now.links.append(href)

    def end_raised(self) -> None:
        """Take raised words: marks, an exponent, or letters like any other."""
        text = "".join(self.raised_words).strip()
        self.raised_words = []
        labels = [LABEL.fullmatch(part) for part in BETWEEN.split(text)] if text else []
        if labels and all(labels):
            for label in labels:
                self.now.mark(label[1] if label else "")
        else:
            self.now.plain_seen = self.now.plain_seen or (bool(text) and not self.bold)
            self.now.add(text.translate(RAISED))

    def flush(self) -> None:
        """End the block that is being gathered."""
        now, self.now = self.now, Gathered()
        once, self.once = self.once, ""
        self.breaks = 0
        self.term = False
        said = now.words()
        if not said:
            return
        label = self.note or once
        if self.heading:
            self.table_marks = set()
            self.composer.add(BlockKind.HEADING, said, level=self.heading)
            return
        if label or (said.marks and said.marks[0].at == 0 and not self.in_item):
            self.composer.add(BlockKind.NOTE, *as_note(said, label))
            return
        if self.in_item:
            level = min(max(self.lists - 1, 0), LIST_DEPTH)
            self.composer.add(BlockKind.ITEM, without_bullet(said), level=level)
            return
        opening = OPENS_NOTE.match(said.text) if self.table_marks else None
        if opening and opening[1] in self.table_marks:
            self.composer.add(BlockKind.NOTE, *as_note(said, opening[1]))
            return
        self.write_paragraph(said, bold=not now.plain_seen)

    def write_paragraph(self, said: Words, *, bold: bool) -> None:
        """Write a paragraph, or the heading or item that it looks like."""
        if (stripped := without_bullet(said)) is not said:
            self.composer.add(BlockKind.ITEM, stripped)
            return
        short = len(said.text.split()) <= BOLD_WORDS and not said.text.endswith((".", ":", ";", ","))
        if bold and short and any(character.isalpha() for character in said.text):
            self.table_marks = set()
            self.composer.add(BlockKind.HEADING, said, level=BOLD_LEVEL)
        else:
            self.composer.add(BlockKind.PARAGRAPH, said)

    def open_table(self) -> None:
        """Begin a table, or a part of the layout."""
        layout = self.known.layout[self.tables] if self.tables < len(self.known.layout) else True
        self.tables += 1
        layout = layout or self.laying is not None
        self.layouts.append(layout)
        self.part()
        if not layout:
            self.laying = Laying()

    def open_in_table(self, event: Opened) -> None:
        """Take an element within a table that is none of the layout."""
        laying, tag = self.laying, event.tag
        assert laying is not None
        if tag == "tr":
            laying.row, laying.column = laying.row + 1, 0
            laying.covered = [stretch for stretch in laying.covered if stretch[2] > laying.row]
        elif tag in ("td", "th"):
            laying.opened, laying.indent = event, indent_of(event)
            self.now = Gathered()
        elif tag == "thead":
            laying.in_head = True
        elif tag == "caption":
            laying.caption = True
            self.now = Gathered()
        elif tag in BREAKING:
            self.now.add(" ")
            if not self.now.length:
                laying.indent += indent_of(event)

    def close_in_table(self, tag: str) -> None:
        """Take an element's end within a table that is none of the layout."""
        laying = self.laying
        assert laying is not None
        if tag in ("td", "th") and laying.opened is not None:
            self.lay(laying, laying.opened)
            laying.opened = None
        elif tag == "thead":
            laying.in_head = False
        elif tag == "caption":
            self.composer.add(BlockKind.PARAGRAPH, self.now.words())
            self.now, laying.caption = Gathered(), False
        elif tag in BREAKING:
            self.now.add(" ")

    def lay(self, laying: Laying, opened: Opened) -> None:
        """Put the cell that ends here in its place."""
        now, self.now = self.now, Gathered()
        wide = spanned(opened, "colspan", COLUMN_LIMIT)
        high = spanned(opened, "rowspan", ROW_LIMIT)
        column = laying.column
        for start, end, _ in sorted(laying.covered):
            if start < column + wide and column < end:
                column = end
        laying.column = column + wide
        if column >= COLUMN_LIMIT:
            return
        if high > 1:
            laying.covered.append((column, column + wide, laying.row + high))
        said = now.words()
        if said or said.marks:
            across = opened.attributes.get("scope") in ("row", "rowgroup")
            head = laying.in_head or (opened.tag == "th" and not across)
            laying.cells.append(
                LaidCell(
                    said,
                    laying.row,
                    column,
                    high,
                    wide,
                    head=head,
                    bold=not now.plain_seen,
                    indent=laying.indent + NBSP_POINTS * now.leading,
                )
            )

    def close_table(self) -> None:
        """End a table: write it, or what it is instead."""
        layout = self.layouts.pop() if self.layouts else True
        laying = self.laying
        if layout or laying is None:
            self.part()
            return
        self.laying, self.now = None, Gathered()
        self.write_table(laying.cells)

    def write_table(self, cells: list[LaidCell]) -> None:
        """Write cells as a table, a list, or paragraphs."""
        rows: dict[int, list[LaidCell]] = {}
        for cell in cells:
            if cell.words:
                rows.setdefault(cell.row, []).append(cell)
        if rows and all(is_listed(row) for row in rows.values()):
            for mark, cell in rows.values():
                self.write_listed(mark.words.text, cell.words)
            return
        table = tidy(cells)
        lone = len(rows) == 1 and not any(is_number(cell.words.text) for cell in cells)
        if lone or table.columns < 2:
            for cell in cells:
                if cell.words:
                    self.write_paragraph(cell.words, bold=cell.bold)
            return
        for said in table.above:
            self.composer.add(BlockKind.PARAGRAPH, said)
        self.composer.table(table.cells)
        self.table_marks = {mark.label for cell in table.cells for mark in cell.words.marks}

    def write_listed(self, mark: str, said: Words) -> None:
        """Write a row of a list that is laid out as a table: an item, or a footnote of the table before."""
        opening = OPENS_NOTE.match(f"{mark} {said.text}")
        if opening and opening[1] in self.table_marks:
            self.composer.add(BlockKind.NOTE, said, label=opening[1])
        else:
            self.composer.add(BlockKind.ITEM, said)


def is_listed(row: list[LaidCell]) -> bool:
    """Whether a row is a bullet or number, and a text."""
    if len(row) != 2 or is_number(row[1].words.text):
        return False
    mark = row[0].words.text
    return (BULLET.fullmatch(mark) or NUMBERED.fullmatch(mark)) is not None


def without_bullet(said: Words) -> Words:
    """The words without a bullet in front of them; the same ones if there is none."""
    found = re.match(r"[•·▪◦●○■\uf0b7]\s*(?=\S)", said.text)
    return without_lead(said, found.end()) if found else said


def without_lead(said: Words, length: int) -> Words:
    """The words without so many characters in front of them."""
    marks = tuple(Mark(mark.label, max(0, mark.at - length)) for mark in said.marks)
    return Words(said.text[length:], marks, said.links)


def as_note(said: Words, label: str) -> tuple[Words, int, str]:
    """A note's words without its mark in front of them, its level, and its label."""
    if said.marks and said.marks[0].at == 0:
        label = label or said.marks[0].label
        said = Words(said.text, said.marks[1:], said.links)
    elif (opening := OPENS_NOTE.match(said.text)) and opening[1] == label:
        said = without_lead(said, opening.end())
    return without_lead(said, len(said.text) - len(said.text.lstrip(" :.)"))), 0, label


def spanned(event: Opened, name: str, limit: int) -> int:
    """How many rows or columns a cell stands in."""
    said = (event.attributes.get(name) or "").strip()
    if not said.isascii() or not said.isdigit() or len(said) > len(str(limit)):
        return 1
    return min(max(int(said), 1), limit)


def indent_of(event: Opened) -> float:
    """How far in an element's style sets its words, in points."""
    points = {"pt": 1.0, "px": PIXEL_POINTS, "em": EM_POINTS, "rem": EM_POINTS}
    found = [(a or b, unit_a or unit_b) for a, unit_a, b, unit_b in INDENT.findall(event.style)]
    found += PADDING.findall(event.style)
    return sum(float(size) * points[unit] for size, unit in found if LENGTH.fullmatch(size))
