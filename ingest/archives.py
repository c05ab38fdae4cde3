"""Zip archives (Word, Excel, PowerPoint, EPUB), judged by their directory before anything is unpacked.

1. Too much to unpack is TOO_BIG: the sum of all sizes, one part's size, the number of members, or how much a part is
   said to grow.
2. A directory that lies is DAMAGED: names that leave the archive, names twice, members that overlap, unknown
   compression. An encrypted member is PASSWORD_NEEDED, and so is an Office file in the container that Office
   puts around encrypted ones.
3. A part of an Office file is UTF-8 or UTF-16 and declares no document type: entities have no place in it, and text
   after one is lost on some parsers.
4. The sizes said in the directory hold: Python's zipfile unpacks no more of a member than its directory says.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest.composed import damaged, too_big

TOTAL_LIMIT = 200_000_000
"""Bytes of all members unpacked: a long report with its pictures."""
PART_LIMIT = 64_000_000
"""Bytes of one XML part unpacked: the text of a hundred books, with the markup."""
MEMBER_LIMIT = 10_000
"""Members of an archive: a deck of a thousand slides has some six thousand."""
RATIO_LIMIT = 200
"""How many times a part may grow: XML grows ten to fifty times, a bomb a thousand times."""
RATIO_FROM = 1_000_000
"""A smaller part may grow as it likes."""
TAG_LIMIT = 1_000_000
"""Tags of the parts that a library makes trees of, in all: it reads some twenty-five thousand a second."""
LOCAL_HEADER = 30
"""Bytes before a member's name."""
ENCRYPTED = 0x1
PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
"""How a compound file begins: Word, Excel and PowerPoint before 2007, and any of them with a password."""
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
XML_SUFFIXES = (".xml", ".rels", ".vml")
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([\w.-]+)")
ENCODINGS = frozenset((b"utf-8", b"utf8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii"))
DECLARATION_LENGTH = 400
FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, ValueError, KeyError)
"""What reading a damaged archive raises."""


def open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """An archive whose directory says nothing against unpacking it.

    Raises InputError: TOO_BIG, DAMAGED or PASSWORD_NEEDED.
    """
    if data.startswith(CONTAINER):
        raise password_needed(name) if ENCRYPTED_PACKAGE in data else old_format(name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except FAULTS as error:
        raise damaged(name, f"its directory cannot be read ({error})") from error
    check_sizes(members, name)
    check_names(members, name)
    check_places(members, archive.start_dir, name)
    return archive


def check_sizes(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse what is more than a document can be."""
    if len(members) > MEMBER_LIMIT:
        raise too_big(name, f"{len(members):,} parts")
    total = sum(member.file_size for member in members)
    if total > TOTAL_LIMIT:
        raise too_big(name, f"{total:,} bytes unpacked")
    for member in members:
        if member.filename.lower().endswith(XML_SUFFIXES) and member.file_size > PART_LIMIT:
            raise too_big(name, f"a part of {member.file_size:,} bytes")
        if member.file_size > RATIO_FROM and member.file_size > RATIO_LIMIT * member.compress_size:
            raise too_big(name, f"a part grows from {member.compress_size:,} to {member.file_size:,} bytes")


def check_names(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse passwords, and names and ways of packing that no writer of documents uses."""
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise password_needed(name)
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise damaged(name, "two parts have one name")
    for inner in names:
        if inner.startswith("/") or "\\" in inner or ".." in inner.split("/") or inner[1:2] == ":":
            raise damaged(name, "a part's name leads out of it")
    if any(member.compress_type not in PLAIN_METHODS for member in members):
        raise damaged(name, "a part is packed in an unknown way")


def check_places(members: list[zipfile.ZipInfo], directory: int, name: str) -> None:
    """Refuse members that share bytes: one bomb packed once and listed a thousand times."""
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < end:
            raise damaged(name, "its parts overlap")
        end = member.header_offset + LOCAL_HEADER + len(member.filename) + member.compress_size
    if end > directory:
        raise damaged(name, "its parts overlap")


def check_parts(archive: zipfile.ZipFile, name: str, *, tags: int | None = TAG_LIMIT) -> None:
    """Refuse an Office file with a part that declares entities, hides what it declares, or has too many tags."""
    counted = 0
    for member in archive.infolist():
        if not member.filename.lower().endswith(XML_SUFFIXES):
            continue
        part = part_of(archive, member.filename, name)
        letters = part.replace(b"\x00", b"") if b"\x00" in part else part
        declared = ENCODING.search(letters[:DECLARATION_LENGTH].split(b">")[0])
        if declared and declared.group(1).lower() not in ENCODINGS:
            raise damaged(name, f"{member.filename} is neither UTF-8 nor UTF-16")
        if b"<!DOCTYPE" in letters or b"<!ENTITY" in letters:
            raise damaged(name, f"{member.filename} declares a document type")
        counted += letters.count(b"<")
        if tags is not None and counted > tags:
            raise too_big(name, f"more than {tags:,} tags")


def part_of(archive: zipfile.ZipFile, part: str, name: str) -> bytes:
    """The bytes of a part. Raises InputError if it is missing, damaged or longer than it says."""
    try:
        return archive.read(part)
    except FAULTS as error:
        raise damaged(name, f"{part} cannot be unpacked") from error
    except RuntimeError as error:  # zipfile's word for a member that wants a password
        raise password_needed(name) from error


def password_needed(name: str) -> InputError:
    """The error for a file that only its password opens."""
    return InputError(
        f"{name} is protected by a password",
        path=name,
        reason=Reason.PASSWORD_NEEDED,
        hint="save a copy without a password",
    )


def old_format(name: str) -> InputError:
    """The error for a Word, Excel or PowerPoint file of before 2007."""
    return InputError(
        f"{name} is in an Office format of before 2007",
        path=name,
        reason=Reason.UNSUPPORTED,
        hint="save it as .docx, .xlsx, .pptx or PDF",
    )
