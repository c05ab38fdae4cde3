"""What lies in a folder: the files to read, and why each of the others is not.

1. Everything that is no folder is accounted for once, a link among them, whatever its name is made of.
2. Hidden files and folders (a dot before the name) are left out on purpose: they are programs' own.
3. Links to folders are not followed: what they lead to is read where it is, and no loop can catch us. A link to a file
   of the folder is read, and is then a duplicate; one out of the folder is not.
4. Only regular files are ever opened: a pipe would wait for a writer, and a device may have no end.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from factdesk.corpus.errors import Reason
from factdesk.ingest.readers import readers


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a folder. `reason` and `detail` say why it is not to be read; None: it is."""

    path: Path
    reason: Reason | None = None
    detail: str = ""
    meant: bool = False
    """Whether one would expect it to be read: then that it is not is a failure."""


def entries_under(folder: Path) -> Iterator[Entry]:
    """Everything in a folder and those below it, hidden ones left out, in the order of their paths."""
    yield from sorted(_walk(folder, folder.resolve()), key=lambda entry: entry.path)


def _walk(folder: Path, root: Path) -> Iterator[Entry]:
    pending = [folder]
    while pending:
        here = pending.pop()
        try:
            with os.scandir(here) as found:
                entries = [entry for entry in found if not entry.name.startswith(".")]
        except PermissionError:
            yield Entry(here, Reason.NO_PERMISSION, "no permission to look into this folder", meant=True)
            continue
        except OSError as error:
            yield Entry(here, Reason.DAMAGED, f"this folder cannot be looked into: {error.strerror}", meant=True)
            continue
        for entry in entries:
            path = here / entry.name
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                yield _link(path, root) if entry.is_symlink() else _file(path, path.lstat)


def _link(path: Path, root: Path) -> Entry:
    try:
        target = path.resolve(strict=True)
    except FileNotFoundError:
        return Entry(path, Reason.NOT_FOUND, "a link to nothing", meant=has_reader(path))
    except (OSError, RuntimeError):  # a loop is one or the other, by the version of Python
        return Entry(path, Reason.NOT_FOUND, "a link that leads nowhere", meant=has_reader(path))
    if not target.is_relative_to(root):
        return Entry(path, Reason.OUTSIDE_FOLDER, "a link out of the folder")
    if target.is_dir():
        return Entry(path, Reason.UNSUPPORTED, "a link to a folder; its files are read where they are")
    return _file(path, path.stat)


def _file(path: Path, status_of: Callable[[], os.stat_result]) -> Entry:
    try:
        mode = status_of().st_mode
    except FileNotFoundError:
        return Entry(path, Reason.NOT_FOUND, "gone while the folder was looked through", meant=has_reader(path))
    except OSError as error:
        return Entry(path, Reason.NO_PERMISSION, f"cannot be looked at: {error.strerror}", meant=has_reader(path))
    if not stat.S_ISREG(mode):
        return Entry(path, Reason.UNSUPPORTED, "not a regular file")
    if not has_reader(path):
        return Entry(path, Reason.UNSUPPORTED, "no reader for this kind of file")
    return Entry(path)


def has_reader(path: Path) -> bool:
    """Whether files of this kind can be read, by the suffix."""
    return path.suffix.lower() in readers()
