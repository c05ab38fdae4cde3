"""Set our edition of the compendium, written in Markdown, as the PDF that ships with factdesk.

1. A line `<!-- page 8 -->` in the source begins a page that carries the label 8; what does not fit on it runs
   over to 9. The first page is 1. Labels leave gaps where the original has pages that we do not need.
2. A label is printed at the foot of its page and stands in the PDF's page labels.
3. Headings of the second and third level make the PDF's outline.
4. The same source gives the same bytes.
5. Markdown that has no rule here is an error: nothing is left out in silence.

Run as `python -m factdesk.corpus.editions.build`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CallerMacro,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

SOURCE = Path(__file__).with_name("value-of-digital-government.md")
TARGET = Path(__file__).parents[1] / "documents" / "value-of-digital-government.pdf"

TITLE = "The Value of Digital Government"
SUBJECT = (
    "The factdesk project's own edition of the compendium of cases 'The Value of Digital Government' "
    "(data as of November 2018): its outline and figures, in our sentences"
)
RUNNING_HEAD = f"{TITLE} - factdesk edition"

FIRST_LABEL = 1
MARGIN = 30 * mm
INDENT = 12  # points by which each level of a list is set in
MARK_SIZE = 6  # points; smaller than any other text, so that a reader can tell a footnote mark by its size
MARK_RISE = 4  # points above the baseline
LINK_COLOUR = "#1a4f8b"

# Helvetica is one of the fonts every PDF reader has, and its encoding covers all characters of the source:
# nothing has to be embedded, and the text layer is plain text.
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13.5, spaceAfter=6)
ITEM = ParagraphStyle("item", BODY, spaceAfter=2.5)
QUOTE = ParagraphStyle("quote", BODY, leftIndent=INDENT, rightIndent=INDENT, spaceBefore=12)
CELL = ParagraphStyle("cell", BODY, spaceAfter=0)
CELL_HEADER = ParagraphStyle("cell header", CELL, fontName="Helvetica-Bold")
NOTE = ParagraphStyle("note", BODY, fontSize=8, leading=10.5, spaceBefore=3, spaceAfter=3)
HEADING = ParagraphStyle("heading", fontName="Helvetica-Bold", keepWithNext=1, spaceAfter=4)
HEADINGS = {
    f"h{level}": ParagraphStyle(f"h{level}", HEADING, fontSize=size, leading=size * 1.25, spaceBefore=before)
    for level, size, before in ((1, 26, 0), (2, 20, 14), (3, 15, 10), (4, 12.5, 9), (5, 11, 5))
}
OUTLINE_LEVELS = {"h2": 0, "h3": 1}


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between two page directives, with the label of its first page."""

    label: int
    nodes: list[SyntaxTreeNode]


def sections(markdown: str) -> list[Section]:
    """Cut the source at its page directives."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))
    found = [Section(FIRST_LABEL, [])]
    for node in tree.children:
        if node.type == "html_block":
            found.append(Section(_directive(node.content), []))
        else:
            found[-1].nodes.append(node)
    return found


def _directive(comment: str) -> int:
    words = comment.split()
    if len(words) != 4 or words[:2] != ["<!--", "page"] or words[3] != "-->":
        raise ValueError(f"not a page directive: {comment.strip()!r}")
    return int(words[2])


def markup(node: SyntaxTreeNode) -> str:
    """Inline Markdown in the small XML that reportlab's paragraphs read."""
    inner = "".join(markup(child) for child in node.children)
    match node.type:
        case "inline":
            return inner
        case "text":
            return escape(node.content)
        case "softbreak":
            return " "
        case "strong":
            return f"<b>{inner}</b>"
        case "link":
            return f'<a href={quoteattr(str(node.attrs["href"]))} color="{LINK_COLOUR}">{inner}</a>'
        case "html_inline" if node.content == "<sup>":
            return f'<super size="{MARK_SIZE}" rise="{MARK_RISE}">'
        case "html_inline" if node.content == "</sup>":
            return "</super>"
    raise ValueError(f"no rule for {node.type}: {node.content!r}")


def plain(node: SyntaxTreeNode) -> str:
    """The words of a heading, without its footnote marks' tags."""
    return "".join(part.content for part in node.walk() if part.type == "text")


def flowables(node: SyntaxTreeNode) -> Iterator[Flowable]:
    """What a block of the source becomes on the page."""
    match node.type:
        case "heading":
            if node.tag in OUTLINE_LEVELS:
                yield _outline_entry(plain(node), OUTLINE_LEVELS[node.tag])
            yield Paragraph(markup(node.children[0]), HEADINGS[node.tag])
        case "paragraph":
            text = markup(node.children[0])
            yield Paragraph(text, NOTE if text.startswith("<super") else BODY)
        case "blockquote":
            for child in node.children:
                yield Paragraph(markup(child.children[0]), QUOTE)
        case "bullet_list":
            yield from _items(node, depth=1)
            yield Spacer(0, BODY.spaceAfter - ITEM.spaceAfter)
        case "table":
            yield _table(node)
            yield Spacer(0, BODY.spaceAfter)
        case _:
            raise ValueError(f"no rule for {node.type}")


def _items(bullets: SyntaxTreeNode, *, depth: int) -> Iterator[Flowable]:
    style = ParagraphStyle(f"item {depth}", ITEM, leftIndent=INDENT * depth, bulletIndent=INDENT * (depth - 1))
    for item in bullets.children:
        for child in item.children:
            match child.type:
                case "paragraph":
                    yield Paragraph(markup(child.children[0]), style, bulletText="•")
                case "bullet_list":
                    yield from _items(child, depth=depth + 1)
                case _:
                    raise ValueError(f"no rule for {child.type} in a list")


def _table(node: SyntaxTreeNode) -> Flowable:
    rows = [row for part in node.children for row in part.children]
    numbers = ParagraphStyle("number", CELL, alignment=TA_RIGHT)
    numbers_header = ParagraphStyle("number header", CELL_HEADER, alignment=TA_RIGHT)

    def style(cell: SyntaxTreeNode) -> ParagraphStyle:
        at_right = "right" in str(cell.attrs.get("style", ""))
        if cell.type == "th":
            return numbers_header if at_right else CELL_HEADER
        return numbers if at_right else CELL

    cells = [[Paragraph(markup(cell.children[0]), style(cell)) for cell in row.children] for row in rows]
    return Table(cells, colWidths=[None, 20 * mm], hAlign="LEFT")


def _outline_entry(title: str, level: int) -> Flowable:
    def draw(macro: Any) -> None:
        canvas = macro.canv
        # Two cases share a country, so the place makes the name unique, not the words.
        key = f"{canvas.getPageNumber()}/{level}/{title}"
        canvas.bookmarkHorizontal(key, 0, 0)
        canvas.addOutlineEntry(title, key, level)

    macro = CallerMacro(drawCallable=draw)
    macro.keepWithNext = 1
    return macro


def _furniture(first: int, printed: list[int]) -> Callable[[Any, Any], None]:
    """Draw running head and label on each page of a section, and add the label to those printed so far."""
    labels = count(first)

    def draw(canvas: Any, _document: Any) -> None:
        label = next(labels)
        printed.append(label)
        canvas.addPageLabel(canvas.getPageNumber() - 1, style="ARABIC", start=label)
        width, height = A4
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(HexColor("#555555"))
        canvas.drawString(MARGIN, height - 15 * mm, RUNNING_HEAD)
        canvas.drawCentredString(width / 2, 12 * mm, str(label))

    return draw


def _page_template(section: Section, printed: list[int]) -> Any:
    width, height = A4
    # Without padding, text begins exactly at the margin, under the running head.
    frame = Frame(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN, 0, 0, 0, 0)
    return PageTemplate(str(section.label), frames=[frame], onPage=_furniture(section.label, printed))


def _story(parts: Iterable[Section]) -> Iterator[Flowable]:
    for number, section in enumerate(parts):
        if number:
            yield NextPageTemplate(str(section.label))
            yield PageBreak()
        for node in section.nodes:
            yield from flowables(node)


def build(markdown: str) -> bytes:
    """Set the source as a PDF; refuse a section that runs over into the labels of the next."""
    parts = sections(markdown)
    printed: list[int] = []
    target = io.BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=TITLE,
        author="factdesk project",
        subject=SUBJECT,
        creator="factdesk.corpus.editions.build",
        lang="en",
        invariant=1,
        # Compressed streams would tie the bytes to the version of zlib at hand.
        pageCompression=0,
    )
    document.addPageTemplates([_page_template(section, printed) for section in parts])
    document.build(list(_story(parts)))
    for label, following in pairwise(printed):
        if following <= label:
            raise ValueError(f"the section before page {following} runs over: it ends on page {label}")
    return target.getvalue()


def main() -> None:
    """Write the PDF into the folder of shipped documents."""
    TARGET.write_bytes(build(SOURCE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
