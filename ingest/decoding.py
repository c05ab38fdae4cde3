"""Bytes to text: UTF-8 where it is, a guess that is said aloud where it is not, and no binary passed off as text."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from factdesk.corpus.errors import InputError, Reason

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DAMAGED_SHARE = 0.1
"""With fewer damaged ones among its other characters than this, a text is still UTF-8."""
WESTERN = "cp1252"
"""By far the most frequent of the older encodings of English, Spanish and Portuguese; its neighbours make Ł of £."""
CONTROL_SHARE = 0.02
"""More control characters than this is no text: real texts have none but tabs and line ends."""


DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w-]+)", re.I
)
"""How HTML and XML name their encoding."""
DECLARED_WITHIN = 8192
"""Bytes at the beginning in which a browser looks for that, and more."""
TRUSTED = re.compile(
    r"iso-?8859-?\d{1,2}|windows-?\d{3,4}|cp\d{3,4}|koi8-[ru]|mac-?\w+|macintosh|shift_?jis|euc-?(?:jp|kr)|gbk?|gb2312|"
    r"gb18030|big5|latin-?\d"
)
"""Encodings that a declaration may name; those in which any bytes can be markup in disguise are not among them."""


def decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file and the warnings that go with it.

    Line ends become "\\n", NULs and lone surrogates are dropped. Raises InputError for a binary file.
    """
    warnings: tuple[str, ...] = ()
    encoding = next((name_ for mark, name_ in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if looks_binary(data):
            raise binary(name) from None
        declared = declared_encoding(data)
        encoding = declared or ("utf-8" if nearly_utf8(data) else likeliest_encoding(data))
        if encoding is None:
            raise binary(name) from None
        text = data.decode(encoding, "replace")
        warnings = () if declared else (f"{Reason.ENCODING_GUESSED}: read as {encoding}",)
    if looks_binary(text[:65536].encode("utf-8", "replace")):
        raise binary(name)
    return clean(text), warnings


def declared_encoding(data: bytes) -> str | None:
    """The encoding that HTML or XML says it has; Latin-1 is its Windows neighbour, as in browsers."""
    found = DECLARED.search(data[:DECLARED_WITHIN])
    label = (found[1] or found[2]).decode("ascii", "replace").lower() if found else ""
    if label in ("iso-8859-1", "latin1", "latin-1"):
        return WESTERN
    if not TRUSTED.fullmatch(label):
        return None
    try:
        return codecs.lookup(label).name
    except LookupError:
        return None


def nearly_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 but for a few that were damaged."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    return damaged <= DAMAGED_SHARE * sum(not character.isascii() for character in text)


def likeliest_encoding(data: bytes) -> str | None:
    """The encoding that makes most sense of the bytes; of several that do, the western one; None if none does."""
    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        return None
    as_good = (match for match in matches if match.chaos <= best.chaos)
    return WESTERN if any(WESTERN in match.could_be_from_charset for match in as_good) else best.encoding


def clean(text: str) -> str:
    """The text with Unix line ends and without what storage or terminals cannot bear."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF) if not text.isascii() else text


def looks_binary(data: bytes) -> bool:
    """Whether a sample of bytes has more control characters than text ever has."""
    sample = data[:65536]
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in sample)
    return controls > CONTROL_SHARE * len(sample)


def binary(name: str) -> InputError:
    """The error for a file that is no text."""
    return InputError(
        f"{name} is not text", path=name, reason=Reason.BINARY, hint="convert it to PDF, Markdown or plain text"
    )
