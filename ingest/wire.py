"""What factdesk and its reading processes say to each other: frames on a pipe, each a kind, a length and its bytes.

1. A task is two frames: what the file is (`Task`), and its bytes.
2. While it works, the process says how many pages it has read (`PAGES`), and of how many it is about to recognise the
   text (`RECOGNISED`), which takes more of everything. It ends with what it found, in two frames
   (`SUMMARY`, `RECORDS`), or with why it found nothing (`REFUSED`).
3. Everything is MessagePack decoded into typed records: data that is not of their form is refused, and none of it is
   ever run.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from factdesk.corpus.errors import Reason
from factdesk.corpus.records import Outcome, Parsed

READY, PAGES, RECOGNISED, SUMMARY, RECORDS, REFUSED, BROKEN = b"H", b"P", b"O", b"S", b"R", b"X", b"B"
TASK, DATA = b"T", b"D"
HEADER = struct.Struct("<cQ")
MOST_MESSAGE = 1 << 28
"""More bytes than this in one frame are a fault: a filing of 500 pages makes a few million."""
MOST_RECORDS = 1 << 30
"""The same of records when they are unpacked."""
QUICK = 1
"""How hard records are packed: they wait in a file for a while, and shrink to a seventh by this already."""


class BadFrame(Exception):
    """The other side said something that is no frame."""


class Gone(BadFrame):
    """The other side broke off."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file to take apart, and how much memory that may take, in bytes; the file's own bytes follow.

    `memory_to_recognise` comes on top once the text of a page is to be recognised.
    """

    name: str
    path: str
    sha256: str
    document_id: str
    memory: int
    memory_to_recognise: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be taken apart."""

    reason: Reason
    message: str
    hint: str = ""


_tasks = msgspec.msgpack.Decoder(Task)
_refusals = msgspec.msgpack.Decoder(Refusal)
_summaries = msgspec.msgpack.Decoder(Outcome)
_records = msgspec.msgpack.Decoder(Parsed)
_counts = msgspec.msgpack.Decoder(int)
encode = msgspec.msgpack.encode


def send(pipe: BinaryIO, kind: bytes, payload: bytes) -> None:
    """Write a frame."""
    pipe.write(HEADER.pack(kind, len(payload)))
    pipe.write(payload)
    pipe.flush()


def receive(pipe: BinaryIO, most: int = MOST_MESSAGE) -> tuple[bytes, bytes]:
    """Read a frame: its kind and its bytes. Raises Gone at the end, BadFrame if it claims to be longer than `most`."""
    kind, length = HEADER.unpack(_exactly(pipe, HEADER.size))
    if length > most:
        raise BadFrame(f"a frame of {length:,} bytes")
    return kind, _exactly(pipe, length)


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    data = pipe.read(count)
    if data is None or len(data) != count:
        raise Gone("the other side is gone")
    return data


def task_of(payload: bytes) -> Task:
    """The task of a frame."""
    return _tasks.decode(payload)


def refusal_of(payload: bytes) -> Refusal:
    """The refusal of a frame."""
    return _refusals.decode(payload)


def summary_of(payload: bytes) -> Outcome:
    """The outcome of a frame."""
    return _summaries.decode(payload)


def count_of(payload: bytes) -> int:
    """The number of a frame."""
    return _counts.decode(payload)


def pack(parsed: Parsed) -> bytes:
    """Records as they travel. Raises UnicodeEncodeError if a text of them holds a lone surrogate."""
    return zlib.compress(encode(parsed), QUICK)


def unpack(packed: bytes) -> Parsed:
    """The records that were packed, each equal to what it was. Raises BadFrame if they are none."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, MOST_RECORDS)
        if not unpacker.eof:
            raise BadFrame("records that are cut off or too large")
        return _records.decode(data)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise BadFrame("no records") from error
