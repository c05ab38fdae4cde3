"""What Office packages and EPUB books say of themselves, in XML that may be hostile."""

from __future__ import annotations

import zipfile
from xml.etree.ElementTree import Element, ParseError

from factdesk.ingest.archives import part_of
from factdesk.ingest.composed import damaged

CORE_PART = "docProps/core.xml"
TITLE = "{http://purl.org/dc/elements/1.1/}title"
NO_TITLES = frozenset(("powerpoint presentation", "presentation", "document", "microsoft word", "untitled", "book1"))
"""What programs put where a title belongs."""


def core_title(archive: zipfile.ZipFile, name: str) -> str:
    """The title in an Office file's properties; empty if there is none that its author gave."""
    if CORE_PART not in archive.namelist():
        return ""
    title = (parse_xml(part_of(archive, CORE_PART, name), name).findtext(TITLE) or "").strip()
    return "" if title.lower() in NO_TITLES else title


def parse_xml(part: bytes, name: str) -> Element:
    """The root of an XML part. Raises InputError, DAMAGED, also for entities."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(part)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise damaged(name, "a part of it is no sound XML") from error
    return root
