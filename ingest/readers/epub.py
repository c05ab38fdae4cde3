"""EPUB: the chapters in the order of the book's spine, each read as HTML; a chapter plays the page.

A chapter's label is its first heading, else its number in the spine. The book's own list of contents is left out.
"""

from __future__ import annotations

import posixpath
import zipfile
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import BlockKind, Page, Reading
from factdesk.ingest.composed import Composer, damaged, too_big

SUFFIXES = (".epub",)
CONTAINER_PART = "META-INF/container.xml"
ENCRYPTION_PART = "META-INF/encryption.xml"
RIGHTS_PART = "META-INF/rights.xml"
PACKAGE = "{http://www.idpf.org/2007/opf}"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
TEXT_TYPES = ("application/xhtml+xml", "text/html", "application/xml", "")
LABEL_LENGTH = 60
"""Characters of a chapter's name in a citation."""


def read(data: bytes, name: str) -> Reading:
    """Read a book. Spans are positions in its text as it is put together here.

    Raises InputError: DAMAGED, PASSWORD_NEEDED for a book with rights management, TOO_BIG. Chapters that the book
    names and does not have are told in the warnings.
    """
    from factdesk.ingest.archives import open_archive, part_of, password_needed
    from factdesk.ingest.decoding import decode
    from factdesk.ingest.hypertext import TAG_LIMIT, primary, read_hypertext
    from factdesk.ingest.packages import parse_xml

    archive = open_archive(data, name)
    parts = set(archive.namelist())
    if RIGHTS_PART in parts and ENCRYPTION_PART in parts:
        raise password_needed(name)
    place, package = package_of(archive, name)
    root = parse_xml(package, name)
    composer, lost, tags = Composer(name), [], 0
    for part in chapters(root, posixpath.dirname(place)):
        if part not in parts:
            lost.append(part)
            continue
        source, _ = decode(part_of(archive, part, name), name)
        tags += source.count("<")
        if tags > TAG_LIMIT:
            raise too_big(name, f"more than {TAG_LIMIT:,} tags")
        first = len(composer.blocks)
        composer.page(str(len(composer.pages) + 1))
        read_hypertext(source, composer, strict=True)
        if len(composer.blocks) == first:
            composer.pages.pop()
            continue
        label = next((b.text for b in composer.blocks[first:] if b.kind is BlockKind.HEADING), "")
        last = composer.pages[-1]
        composer.pages[-1] = Page(last.number, label[:LABEL_LENGTH].strip() or last.label, last.start, last.end)
    if not composer.blocks:
        raise InputError(f"{name} has no text", path=name, reason=Reason.NO_TEXT, hint="put text into it or remove it")
    warnings = (f"{Reason.PAGES_LOST}: no chapter {', '.join(lost[:20])}",) if lost else ()
    language = primary(root.findtext(f".//{DUBLIN}language") or "")
    return composer.reading(title=root.findtext(f".//{DUBLIN}title") or "", language=language, warnings=warnings)


def package_of(archive: zipfile.ZipFile, name: str) -> tuple[str, bytes]:
    """Where a book's package stands in its archive, and the package."""
    from factdesk.ingest.archives import part_of
    from factdesk.ingest.packages import parse_xml

    if CONTAINER_PART not in archive.namelist():
        raise damaged(name, "it has no container part")
    root = parse_xml(part_of(archive, CONTAINER_PART, name), name)
    rootfile = root.find(f".//{CONTAINER}rootfile")
    place = unquote(rootfile.get("full-path") or "") if rootfile is not None else ""
    return place, part_of(archive, place, name)


def chapters(root: Element, folder: str) -> list[str]:
    """The parts that a package's spine names, each once, without the list of contents."""
    items = {item.get("id"): item for item in root.iter(f"{PACKAGE}item")}
    found: list[str] = []
    for reference in root.iter(f"{PACKAGE}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        if (item.get("media-type") or "") not in TEXT_TYPES:
            continue
        href = unquote((item.get("href") or "").partition("#")[0])
        found.append(posixpath.normpath(posixpath.join(folder, href)))
    return list(dict.fromkeys(found))
