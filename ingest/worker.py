"""A reading process: takes files apart, one after the other, until its input ends. Started by `sandbox`, never by hand.

1. It gets bytes and gives records; it opens no document itself, and it cannot write a file.
2. Whatever a file makes it raise becomes an answer. What it cannot answer, a crash in a library's C code, is seen by
   whoever started it.
3. It never outlives who started it: it ends with its input, with its parent, or is killed.
4. It imports neither torch nor anything else of the model but its tokenizer.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from factdesk.corpus.errors import FactdeskError, InputError, Reason
from factdesk.corpus.records import Outcome
from factdesk.corpus.tokens import TOKENIZER, counter, load_tokenizer
from factdesk.corpus.vocabulary import vocabulary
from factdesk.ingest import pipeline, progress, wire
from factdesk.ingest.readers import readers

try:
    import resource
except ImportError:  # Windows has none: there the parent's own measuring is all
    resource = None  # type: ignore[assignment]

SIGN_EVERY = 0.2
"""Seconds between two signs of life; more of them would only cost time."""
LOOK_EVERY = 1.0
"""Seconds between two looks at whether the parent is still there."""
PARENT_IS_DEAD = 1
"""Linux's PR_SET_PDEATHSIG: the signal that a process gets when its parent ends."""
SLACK = 64 << 20
"""Address space beyond what a task may use: the parent, which measures what is really used, is to be the first."""


def main(arguments: list[str]) -> None:
    """Answer tasks. The arguments are the folder of the model and the parent's process id."""
    folder, parent = Path(arguments[0]), int(arguments[1])
    tie_to(parent)
    requests, replies = take_pipes()
    try:
        count_tokens = counter(load_tokenizer(folder / TOKENIZER))
        vocabulary()
        readers()
    except FactdeskError as error:
        wire.send(replies, wire.BROKEN, wire.encode(wire.Refusal(Reason.CRASHED, str(error), error.hint)))
        return
    forbid_files()
    usual = address_space()
    wire.send(replies, wire.READY, b"")
    while True:
        try:
            _, payload = wire.receive(requests)
            _, data = wire.receive(requests, sys.maxsize)
        except wire.BadFrame:
            return
        answer(wire.task_of(payload), data, replies, count_tokens, usual)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent. What a library reads or prints by itself goes to nowhere instead."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return requests, replies


def tie_to(parent: int) -> None:
    """End when the parent ends, whatever this process is doing then."""
    with suppress(OSError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it says what becomes of us
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PARENT_IS_DEAD, signal.SIGKILL)
    if os.name == "nt":
        return  # there a parent's id outlives it; the end of the input must do

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def forbid_files() -> None:
    """Have no document write a file, be it the core of a crash."""
    if resource is not None:
        for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
            with suppress(OSError, ValueError):
                resource.setrlimit(limit, (0, 0))


def address_space() -> int:
    """The bytes of address space that this process uses; 0 where that cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def limit_memory(most: int, usual: int) -> None:
    """Have what would pass the limit fail here: a MemoryError is a clearer end than to be killed."""
    if resource is not None and usual and sys.platform == "linux":
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (usual + most + SLACK, resource.RLIM_INFINITY))


def answer(task: wire.Task, data: bytes, replies: BinaryIO, count_tokens: Callable[[str], int], usual: int = 0) -> None:
    """Take a file apart and send what was found, or why nothing was."""
    limit_memory(task.memory, usual)
    refusal: wire.Refusal
    try:
        more = task.memory + task.memory_to_recognise
        with progress.listening(Signs(replies, lambda: limit_memory(more, usual))):
            parsed = pipeline.parse(
                data,
                name=task.name,
                path=task.path,
                sha256=task.sha256,
                document_id=task.document_id,
                count_tokens=count_tokens,
            )
            progress.advance()
            summary = wire.encode(Outcome.of_read(parsed))
            records = wire.pack(parsed)
        wire.send(replies, wire.SUMMARY, summary)
        wire.send(replies, wire.RECORDS, records)
        return
    except InputError as error:
        refusal = wire.Refusal(error.reason, str(error), error.hint)
    except MemoryError:
        refusal = wire.Refusal(Reason.MEMORY, "not enough memory")
    except RecursionError:
        refusal = wire.Refusal(Reason.DAMAGED, "nested too deep")
    except UnicodeEncodeError as error:
        refusal = wire.Refusal(Reason.DAMAGED, f"a text cannot be stored: {error.reason} at character {error.start}")
    except Exception as error:
        # Whatever a reader stumbles over must not cost the user the other files.
        refusal = wire.Refusal(Reason.CRASHED, f"{type(error).__name__} while reading")
    wire.send(replies, wire.REFUSED, wire.encode(storable(refusal)))


def storable(refusal: wire.Refusal) -> wire.Refusal:
    """The refusal in characters that can be sent: a library's words may quote the file's."""
    message, hint = (text.encode("utf-8", "backslashreplace").decode() for text in (refusal.message, refusal.hint))
    return wire.Refusal(refusal.reason, message, hint)


class Signs:
    """Tells the parent how many pages were read, now and then, and at once of how many the text is to be recognised."""

    def __init__(self, replies: BinaryIO, to_recognise: Callable[[], None]) -> None:
        """`to_recognise` is called, after the parent was told, before text is recognised for the first time."""
        self._replies = replies
        self._to_recognise = to_recognise
        self._pages = 0
        self._recognised = 0
        self._said = time.monotonic()

    def __call__(self, pages: int, recognised: int) -> None:
        """Count, and say so if it is time."""
        self._pages += pages
        if recognised:
            first = not self._recognised
            self._recognised += recognised
            wire.send(self._replies, wire.RECOGNISED, wire.encode(self._recognised))
            if first:
                self._to_recognise()
        now = time.monotonic()
        if now - self._said >= SIGN_EVERY:
            self._said = now
            wire.send(self._replies, wire.PAGES, wire.encode(self._pages))


if __name__ == "__main__":
    main(sys.argv[1:])
