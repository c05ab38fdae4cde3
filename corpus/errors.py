"""Every error that factdesk raises, under one root.

    FactdeskError
    ├── UsageError           the caller asked for something that cannot be: an empty question, a bad option
    ├── InputError           a file or folder cannot be read; carries the path and a reason code
    ├── IndexUnusable        the index on disk cannot be used
    │   ├── IndexMissing     there is none yet
    │   ├── IndexDamaged     a file of it is missing or its checksum differs
    │   ├── IndexMismatch    it was made by another model or another format version
    │   ├── IndexBusy        another process is writing it
    │   └── HomeNotWritable  the folder it lives in cannot be written
    ├── HistoryUnusable      the kept conversations cannot be read or written
    ├── QueueUnusable        the kept feedback and unanswered questions cannot be read or written
    ├── KeysUnusable         the keys of the service cannot be read
    └── ModelError           the embedding model is missing, altered or cannot be loaded

Each carries what happened (`str(error)`) and what to do about it (`error.hint`): the command line and the
service print the two as one line; nothing below them prints or exits.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a file was not read, or not read whole. The values are part of the ingest report."""

    NOT_FOUND = "NOT_FOUND"
    EMPTY_FILE = "EMPTY_FILE"
    BINARY = "BINARY"
    NOT_A_PDF = "NOT_A_PDF"
    DAMAGED = "DAMAGED"
    PASSWORD_NEEDED = "PASSWORD_NEEDED"
    NO_TEXT = "NO_TEXT"
    TOO_BIG = "TOO_BIG"
    TOO_MANY_PAGES = "TOO_MANY_PAGES"
    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    CRASHED = "CRASHED"
    UNSUPPORTED = "UNSUPPORTED"
    OUTSIDE_FOLDER = "OUTSIDE_FOLDER"
    NO_PERMISSION = "NO_PERMISSION"
    CHANGED_WHILE_READING = "CHANGED_WHILE_READING"
    DUPLICATE_OF = "DUPLICATE_OF"
    ENCODING_GUESSED = "ENCODING_GUESSED"
    PAGES_LOST = "PAGES_LOST"
    CHARACTERS_LEFT_OUT = "CHARACTERS_LEFT_OUT"
    RECOGNISED = "RECOGNISED"


class FactdeskError(Exception):
    """The root: what happened, and in `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def line(self) -> str:
        """Both, as one line for people."""
        return "; ".join(part for part in (str(self), self.hint) if part)


class UsageError(FactdeskError):
    """The caller asked for something that cannot be."""


class InputError(FactdeskError):
    """A file or folder cannot be read."""

    def __init__(self, message: str, *, path: str, reason: Reason, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.reason = reason


class IndexUnusable(FactdeskError):
    """The index on disk cannot be used."""


class IndexMissing(IndexUnusable):
    """There is no index yet."""


class IndexDamaged(IndexUnusable):
    """A file of the index is missing or is not what its manifest says."""


class IndexMismatch(IndexUnusable):
    """The index was made by another model or another format version."""


class IndexBusy(IndexUnusable):
    """Another process is writing the index."""


class HomeNotWritable(IndexUnusable):
    """The folder of the index cannot be written."""


class HistoryUnusable(FactdeskError):
    """The kept conversations cannot be read or written."""


class QueueUnusable(FactdeskError):
    """The kept feedback and unanswered questions cannot be read or written."""


class KeysUnusable(FactdeskError):
    """The keys of the service cannot be read: nobody is let in."""


class ModelError(FactdeskError):
    """The embedding model is missing, altered or cannot be loaded."""
