"""Pages drawn in a process of their own: a document that hangs or crashes the drawing costs its picture, no more.

Who draws starts this module as a program, and writes a line of JSON and the file's bytes to it; back come a line of
JSON and the picture. The process reads no file, writes none, and ends with who started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass

from factdesk.corpus.errors import FactdeskError, InputError, Reason
from factdesk.corpus.records import Page
from factdesk.ingest.page_image import PageImage, page_image
from factdesk.ingest.sandbox import MEGABYTE, bare_environment

START = ("-P", "-m", "factdesk.ingest.pictures")
SECONDS = 20.0
"""A dense page takes one, of which the start of the process is half."""
MEMORY = 600 * MEGABYTE
MEMORY_A_BYTE = 4


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be drawn. `text` is the page's; spans count as the page's do."""

    name: str
    number: int
    page_start: int
    page_end: int
    text: str
    start: int
    end: int


def picture_of(
    data: bytes, name: str, page: Page, text: str, start: int, end: int, *, seconds: float = SECONDS
) -> PageImage:
    """As `page_image`, in a process of its own. Raises InputError, also if that takes too long or ends badly."""
    order = Order(name, page.number, page.start, page.end, text, start, end)
    head = json.dumps(asdict(order)).encode("ascii") + b"\n"
    try:
        done = subprocess.run(
            [sys.executable, *START, str(os.getpid())],
            input=head + data,
            capture_output=True,
            timeout=seconds,
            env=bare_environment(os.environ),
        )
    except subprocess.TimeoutExpired as error:
        message = f"{name}: page {page.number} is not drawn after {seconds:g} seconds"
        raise InputError(message, path=name, reason=Reason.TIMEOUT) from error
    except OSError as error:
        raise FactdeskError(f"no process for drawing can be started: {error.strerror}") from error
    first, _, png = done.stdout.partition(b"\n")
    try:
        said = json.loads(first)
    except ValueError as error:
        message = f"{name}: the process that drew page {page.number} ended with status {done.returncode}"
        raise InputError(message, path=name, reason=Reason.CRASHED) from error
    if "reason" in said:
        raise InputError(said["message"], path=name, reason=Reason(said["reason"]), hint=said["hint"])
    return PageImage(png, said["unmarked"])


def main(arguments: list[str]) -> None:
    """Draw one page. The argument is the parent's process id."""
    from factdesk.ingest.worker import address_space, forbid_files, limit_memory, take_pipes, tie_to

    tie_to(int(arguments[0]))
    requests, replies = take_pipes()
    forbid_files()
    order = Order(**json.loads(requests.readline()))
    data = requests.read()
    limit_memory(MEMORY + MEMORY_A_BYTE * len(data), address_space())
    page = Page(order.number, str(order.number), order.page_start, order.page_end)
    try:
        found = page_image(data, order.name, page, order.text, order.start, order.end)
        head, png = {"unmarked": found.unmarked}, found.png
    except InputError as error:
        head, png = {"reason": error.reason.value, "message": str(error), "hint": error.hint}, b""
    except MemoryError:
        head, png = {"reason": Reason.MEMORY.value, "message": "the page needs too much memory", "hint": ""}, b""
    replies.write(json.dumps(head).encode("ascii") + b"\n" + png)
    replies.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
