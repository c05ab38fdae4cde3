"""What a file is by its content: a suffix is only a claim.

1. A PDF, a Word, Excel or PowerPoint file, a book and an HTML page are read as what they are, whatever they are called;
   but what is called a PDF and is HTML is a page that says why there is no PDF, and is refused.
2. Pictures, programs, archives and the like are never read as text.
3. What no content tells (Markdown, CSV, plain text) is told by the suffix.
"""

from __future__ import annotations

import io
import re
import zipfile

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest.composed import damaged

BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", ".pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (bytes.fromhex("d0cf11e0a1b11ae1"), "office"),
    (b"{\\rtf", "rich text"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"OggS\x00", "a recording"),
    (b"ID3\x03", "a recording"),
    (b"ID3\x04", "a recording"),
    (b"MZ\x90\x00", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "an archive"),
    (b"BZh9", "an archive"),
    (b"\xfd7zXZ\x00", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"Rar!\x1a\x07", "an archive"),
    (b"SQLite format 3\x00", "a database"),
    (b"%!PS", "a print file"),
)
"""How files of a kind begin."""
SEARCHED = 1024
"""Bytes in which a PDF must begin, and HTML."""
HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
INSIDE: tuple[tuple[str, str], ...] = (
    ("word/document.xml", ".docx"),
    ("xl/workbook.xml", ".xlsx"),
    ("ppt/presentation.xml", ".pptx"),
    ("META-INF/container.xml", ".epub"),
)
"""The part that tells what an archive is."""
PACKED = frozenset((".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm", ".epub"))
HTML_SUFFIXES = frozenset((".html", ".htm", ".xhtml"))
PDF = ".pdf"


def format_of(data: bytes, name: str, suffix: str, known: frozenset[str]) -> str:
    """The suffix of the format that the content has; `known` are the suffixes with a reader.

    Raises InputError: BINARY, DAMAGED, PASSWORD_NEEDED or UNSUPPORTED.
    """
    found = beginning(data)
    if found == PDF or (suffix == PDF and not found):
        return PDF
    if found == "zip" and suffix in known and (inside := package_in(data, suffix)):
        return inside
    if found == "office" and suffix in known:
        from factdesk.ingest.archives import open_archive

        open_archive(data, name)  # says which of the two it is: protected, or old
    if found == "rich text" and suffix in known:
        raise InputError(
            f"{name} is rich text", path=name, reason=Reason.UNSUPPORTED, hint="save it as .docx, PDF or plain text"
        )
    if suffix not in known or suffix == PDF:
        return suffix
    if found:
        kind = "an archive" if found == "zip" else found
        raise InputError(f"{name} is {kind}", path=name, reason=Reason.BINARY, hint="check what the file really is")
    if HTML.match(data[:SEARCHED]):
        return suffix if suffix in HTML_SUFFIXES else ".html"
    if suffix in PACKED:
        raise damaged(name, f"it is no {suffix} file")
    return suffix


def beginning(data: bytes) -> str:
    """What a file is by its first bytes; empty if they do not tell."""
    if data[:SEARCHED].lstrip().startswith(b"%PDF-"):
        return PDF
    return next((kind for begins, kind in BEGINNINGS if data.startswith(begins)), "")


def package_in(data: bytes, suffix: str) -> str:
    """The suffix of the document that an archive is: by its parts, or, if they cannot be listed, as it is called."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return suffix if suffix in PACKED else ""
    found = next((inside for part, inside in INSIDE if part in names), "")
    return suffix if found[:4] == suffix[:4] and suffix in PACKED else found
