"""What a PDF says of itself beside its text: title, page labels, outline; and whether it can be read at all.

1. A password is needed if PDFium says so, with an empty one tried: it reads the text. Restrictions of an owner
   (printing, copying) are not enforced: who ingests a file may read it, and the index stays on their machine.
2. pypdf is given far less room than by default: no file of a page or two may keep it busy. What it cannot tell within
   that, or stumbles over, is left empty, for PDFium may still read the text.
3. More pages than `PAGE_LIMIT` are refused, whoever of the two counts them.
"""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pypdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest.progress import advance

PAGE_LIMIT = 10_000
"""More pages than any report has; a file that claims more is hostile or no document."""
MEGABYTE = 1_000_000
LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 25 * MEGABYTE,
    "lzw_maximum_output_length": 25 * MEGABYTE,
    "run_length_maximum_output_length": 25 * MEGABYTE,
    "brotli_maximum_output_length": 25 * MEGABYTE,
    "image_maximum_buffer_size": 25 * MEGABYTE,
    "stream_decoding_work_maximum_length": 50 * MEGABYTE,
    "stream_parsing_work_maximum_count": 300_000,
    "xform_maximum_invocations_per_extraction": 500,
    "page_tree_maximum_entries": 2 * PAGE_LIMIT,
    "page_tree_maximum_page_entries": 20 * PAGE_LIMIT,
    "outline_maximum_entries": 20_000,
    "jbig2dec_binary": None,
}
"""A third of pypdf's own limits or less; no outline of a real report comes near. No other program is ever called."""


def describe(data: bytes, name: str) -> tuple[str, list[str], set[str]]:
    """The title, page labels and outline entries that pypdf finds; what it cannot tell is left empty.

    Raises InputError if a password is needed or there are too many pages.
    """
    refuse_what_pdfium_cannot_read(data, name)
    title = ""
    labels: list[str] = []
    outline: set[str] = set()
    with pypdf.apply_configuration(**LIMITS):
        reader = open_leniently(data)
        if reader is None:
            return title, labels, outline
        advance()
        refuse_too_many_pages(reader, name)
        advance()
        # Each by itself: one of them may be damaged and the others not. pypdf raises errors of all kinds over them.
        with suppress(Exception):
            title = str(reader.metadata.get("/Title") or "").strip() if reader.metadata else ""
        with suppress(Exception):
            labels = list(reader.page_labels)
        advance()
        with suppress(Exception):
            outline = set(outline_titles(reader.outline))
    advance()
    return title, labels, outline


def refuse_what_pdfium_cannot_read(data: bytes, name: str) -> None:
    """Raise InputError if PDFium wants a password or counts too many pages. Other faults it tells when it reads."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise InputError(
                f"{name} is protected by a password",
                path=name,
                reason=Reason.PASSWORD_NEEDED,
                hint="save a copy without a password",
            ) from error
        return
    try:
        if len(document) > PAGE_LIMIT:
            raise too_many_pages(name)
    finally:
        document.close()


def open_leniently(data: bytes) -> pypdf.PdfReader | None:
    """The file as pypdf sees it, opened with an empty password; None if it sees nothing."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return None
    except Exception:  # pypdf's own, and whatever it stumbles over: ValueError, TypeError, RecursionError ...
        return None
    return reader


def refuse_too_many_pages(reader: pypdf.PdfReader, name: str) -> None:
    """Raise InputError if pypdf counts too many pages; that it cannot count them is no fault."""
    try:
        count = len(reader.pages)
    except Exception:  # its limit among them: then PDFium's count stands
        return
    if count > PAGE_LIMIT:
        raise too_many_pages(name)


def too_many_pages(name: str) -> InputError:
    """The error for a file of too many pages."""
    return InputError(
        f"{name} has more than {PAGE_LIMIT} pages", path=name, reason=Reason.TOO_MANY_PAGES, hint="split it"
    )


def outline_titles(outline: object) -> list[str]:
    """The titles in an outline, nested lists and all."""
    found: list[str] = []
    pending: list[object] = [outline]
    while pending:
        entry = pending.pop()
        if isinstance(entry, list):
            pending += entry
        elif (title := getattr(entry, "title", None)) is not None:
            found.append(" ".join(str(title).split()).casefold())
    return found
