"""What several test modules need: a small library made here, indexed once, and factdesk run as people run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest

from factdesk.corpus.records import Parsed
from factdesk.ingest.pipeline import document_id, files_under, parse

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared"
"""The project's folder of test input beside the checkout; it is not part of the repository."""

SERVICES = """\
# City Services Compendium

Lindholm and Varnau opened their services to everybody. This report tells what they cost.

## Lindholm

### One Counter Service (OCS)

The One Counter Service is a single desk for permits, taxes and parking. It began in March 2015.

#### INVESTMENT: EUR 940K[^1]

- Training, EUR 90K
- Software, EUR 850K

#### OPERATING COSTS: EUR 151K/MONTH

- Contact centre, EUR 107K
- Tools, EUR 44K

#### BENEFITS

- People wait 12 minutes instead of 45 minutes.
- Staff see the whole case on one screen.

## Varnau

### Night Ferry Booking

The Night Ferry Booking sells tickets for the ferry through a web site.

#### INVESTMENT: EUR 220K

#### OPERATING COSTS: EUR 30K/MONTH

The costs cover two servers and the help line.

[^1]: At 2016 prices.
"""

NOTES = """\
Notes On The Library

The town library lends 31,400 books a year. It opens at nine and closes late on Thursdays.

=SUM(A1:A9) is how the librarian heads her list of 17 wishes.
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output, which must be JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """Standard error, which must be one line of ours, and no traceback."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("factdesk: "), self.err
        return self.err.strip()


def take_apart(data: bytes, name: str, **other: Any) -> Parsed:
    """A file taken apart as ingest does, with a word count in place of the model's tokens."""
    given: dict[str, Any] = {"path": name, "sha256": "", "document_id": "d", "count_tokens": lambda t: len(t.split())}
    return parse(data, name=name, **(given | other))


@cache
def shared_documents() -> tuple[Parsed, ...]:
    """The shared documents, taken apart."""
    return tuple(
        take_apart(path.read_bytes(), path.name, path=str(path), document_id=document_id(str(path)))
        for path in files_under(SHARED / "documents")
    )


def environment(**more: str) -> dict[str, str]:
    """The environment without what a developer may have set for factdesk."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FACTDESK")}
    return {**kept, "PYTHONUTF8": "1", **more}


class Runner(Protocol):
    """Runs factdesk, or with `code` a piece of Python, in a process of its own."""

    def __call__(
        self, *arguments: str | Path | bytes, stdin: str | bytes = b"", code: str | None = None, **env: str
    ) -> Ran: ...


def run_process(*arguments: str | Path | bytes, stdin: str | bytes = b"", code: str | None = None, **env: str) -> Ran:
    """As `Runner`."""
    start = ["-m", "factdesk.cli"] if code is None else ["-c", code]
    command: list[str | Path | bytes] = [sys.executable, *start, *arguments]
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(command, input=given, capture_output=True, timeout=300, env=environment(**env))
    # Other encodings than UTF-8 are asked for by one test only, and show as escapes.
    return Ran(done.returncode, done.stdout.decode("utf-8", "backslashreplace"), done.stderr.decode())


@pytest.fixture(scope="session")
def factdesk() -> Runner:
    """The command, in a process of its own."""
    return run_process


@dataclass(frozen=True)
class Library:
    """A folder of documents and the home of its index."""

    folder: Path
    home: Path
    report: Any


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Two made-up documents, indexed with the real model. Not to be altered: `own_library` is."""
    place = tmp_path_factory.mktemp("library")
    folder, home = place / "documents", place / "home"
    folder.mkdir()
    (folder / "services.md").write_text(SERVICES, "utf-8")
    (folder / "notes.txt").write_text(NOTES, "utf-8")
    done = run_process("ingest", folder, "--home", home, "--format", "json")
    assert (done.status, done.err) == (0, "")
    return Library(folder, home, done.json)


@pytest.fixture
def own_library(library: Library, tmp_path: Path) -> Iterator[Library]:
    """A library to alter. The folder is the same one, for the index knows its files by their paths; it is put back."""
    backup, home = tmp_path / "backup", tmp_path / "home"
    shutil.copytree(library.folder, backup)
    shutil.copytree(library.home, home)
    yield Library(library.folder, home, library.report)
    shutil.rmtree(library.folder)
    shutil.copytree(backup, library.folder)


@pytest.fixture
def invoke(library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs a command on the library, in this process."""
    for name in [name for name in os.environ if name.startswith("FACTDESK")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FACTDESK_HOME", str(library.home))

    def run(*arguments: str | Path) -> Ran:
        from factdesk.cli import run

        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return Ran(status, shown.out, shown.err)

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder SHARED, where it is."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: it is not part of the repository")
    return SHARED
