"""Small Office files and books, made part by part, so that a test can say every byte of one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
WORD = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def packed(parts: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of those parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def relations(*found: tuple[str, str, str]) -> str:
    """A part of relations: id, kind, target."""
    inside = "".join(f'<Relationship Id="{i}" Type="{RELATIONS}/{kind}" Target="{to}"/>' for i, kind, to in found)
    return f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'


def docx_parts(body: str, **more: str | bytes) -> dict[str, str | bytes]:
    """The parts of a Word document with that body."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{i}"><w:name w:val="{name}"/></w:style>'
        for i, name in (
            ("Title", "Title"),
            ("Heading1", "heading 1"),
            ("Heading2", "heading 2"),
            ("Ttulo3", "heading 3"),
        )
    )
    levels = "".join(f'<w:lvl w:ilvl="{i}"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>' for i in range(3))
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations(("rId1", "officeDocument", "word/document.xml")),
        "word/document.xml": f"{HEAD}<w:document {WORD}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(
            ("rId1", "styles", "styles.xml"),
            ("rId2", "numbering", "numbering.xml"),
            ("rId3", "footnotes", "footnotes.xml"),
        ),
        "word/styles.xml": f"{HEAD}<w:styles {WORD}>{styles}</w:styles>",
        "word/numbering.xml": f'{HEAD}<w:numbering {WORD}><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
        "word/footnotes.xml": f'{HEAD}<w:footnotes {WORD}><w:footnote w:id="1">{p("Estimate of 2017.")}</w:footnote>'
        "</w:footnotes>",
        **more,
    }


def docx(body: str, **more: str | bytes) -> bytes:
    """A Word document with that body."""
    return packed(docx_parts(body, **more))


def p(text: str, style: str = "", *, level: int | None = None, runs: str = "") -> str:
    """A paragraph: its style by id, the level of its bullet, and what else stands in it."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if level is not None:
        properties += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    run = f"<w:r><w:t>{text}</w:t></w:r>" if text else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{run}{runs}</w:p>"


def tbl(rows: Iterable[Iterable[str]], *, heads: int = 0) -> str:
    """A table of plain cells; the first rows repeat on each page, as heads do."""
    made = ""
    for number, row in enumerate(rows):
        mark = "<w:trPr><w:tblHeader/></w:trPr>" if number < heads else ""
        made += f"<w:tr>{mark}" + "".join(f"<w:tc>{p(cell)}</w:tc>" for cell in row) + "</w:tr>"
    return f"<w:tbl>{made}</w:tbl>"


CONTAINER = (
    f'{HEAD}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def epub_parts(chapters: dict[str, str], *, title: str = "A book", language: str = "en-GB") -> dict[str, str | bytes]:
    """The parts of a book whose chapters stand in that order."""
    items = "".join(
        f'<item id="c{n}" href="{href.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, href in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = (
        f'{HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:language>{language}</dc:language>'
        f'</metadata><manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'{items}</manifest><spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
        "OEBPS/nav.xhtml": page("<nav><ol><li>Contents 99</li></ol></nav>"),
        **{f"OEBPS/{href}": page(body) for href, body in chapters.items()},
    }


def epub(chapters: dict[str, str]) -> bytes:
    """A book whose chapters stand in that order."""
    return packed(epub_parts(chapters))


def page(body: str) -> str:
    """A page of XHTML."""
    return (
        f'{HEAD}<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )
