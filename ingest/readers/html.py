"""HTML: the page as a browser shows it, its tables as tables. What is done with it stands in `hypertext`."""

from __future__ import annotations

from pathlib import PurePath

from factdesk.corpus.records import Reading
from factdesk.ingest.composed import Composer, too_big
from factdesk.ingest.decoding import decode

SUFFIXES = (".html", ".htm", ".xhtml")


def read(data: bytes, name: str) -> Reading:
    """Read HTML. Spans are positions in the page's text, not in its source.

    Raises InputError: TOO_BIG, or BINARY.
    """
    from factdesk.ingest.hypertext import BYTE_LIMIT, TAG_LIMIT, check_markup, read_hypertext

    if len(data) > BYTE_LIMIT:
        raise too_big(name, f"{len(data):,} bytes of HTML")
    if data.count(b"<") > TAG_LIMIT:
        raise too_big(name, f"more than {TAG_LIMIT:,} tags")
    source, warnings = decode(data, name)
    check_markup(source, name)
    composer = Composer(name)
    page = read_hypertext(source, composer, strict=PurePath(name).suffix.lower() == ".xhtml")
    return composer.reading(title=page.title, language=page.language, warnings=warnings)
