"""Readers: one module a format. A module that offers `SUFFIXES` and `read` is a reader; nothing else is to be done.

`read(data, name)` takes a file's bytes and its name (for messages only) and returns a `Reading`; it raises
`InputError` with a reason for what it cannot read, and puts what it could read only in part into `warnings`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import PurePath

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Reading
from factdesk.ingest.formats import format_of

Read = Callable[[bytes, str], Reading]


@cache
def readers() -> dict[str, Read]:
    """The reader of each suffix (lower case, with its dot)."""
    found: dict[str, Read] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for suffix in getattr(module, "SUFFIXES", ()):
            found[suffix] = module.read
    return found


def read(data: bytes, name: str) -> Reading:
    """Read a file by what it is: its content decides where it can, else its suffix.

    Raises InputError if the file is empty, of a format without a reader, or cannot be read.
    """
    if not data.strip():
        raise InputError(f"{name} is empty", path=name, reason=Reason.EMPTY_FILE, hint="put text into it or remove it")
    suffix = format_of(data, name, PurePath(name).suffix.lower(), frozenset(readers()))
    reader = readers().get(suffix)
    if reader is None:
        known = ", ".join(sorted(readers()))
        raise InputError(
            f"{name}: no reader for {suffix or 'files without a suffix'}",
            path=name,
            reason=Reason.UNSUPPORTED,
            hint=f"readable are {known}",
        )
    return reader(data, name)


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF by its first bytes."""
    return data[:1024].lstrip().startswith(b"%PDF-")
