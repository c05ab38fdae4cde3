"""A folder of files that bite, and a wild one: every file has its outcome, and the good ones are indexed."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from factdesk import cli
from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import FileStatus
from factdesk.index.builder import Report, SourceFile, build
from factdesk.ingest.folder import Entry, entries_under
from factdesk.ingest.pdf_description import PAGE_LIMIT, describe
from factdesk.ingest.readers import pdf as pdf_reader
from factdesk.tests import hostile
from factdesk.tests.index.conftest import WordCountEncoder, simple_parse

if TYPE_CHECKING:
    from factdesk.tests.conftest import Runner

unix = pytest.mark.skipif(os.name == "nt", reason="pipes, sockets and names of Unix")


def outcomes_of(shown: Any) -> Counter[str]:
    return Counter(outcome["path"] for outcome in shown["outcomes"])


# Files whose bytes bite


@unix
def test_files_that_bite_cost_themselves_only(factdesk: Runner, tmp_path: Path) -> None:
    """Through the command itself, with the real model; benchmarks/hostile.py says what each of them costs."""
    place, home = tmp_path / "documents", tmp_path / "home"
    place.mkdir()
    expected = hostile.write_hostile(place)
    (place / "a good one.pdf").write_bytes(hostile.good("The tram cost EUR 7,500 a month in 2018."))
    (place / "z good one.md").write_text("# Night Ferry\n\nThe ferry cost EUR 31,000 a month in 2021.\n")
    begun = time.monotonic()
    done = factdesk("ingest", place, "--home", home, "--format", "json")
    took = time.monotonic() - begun
    assert done.status == 1
    assert "Traceback" not in done.err and str(tmp_path) not in done.err
    found = {outcome["path"]: outcome["reason"] or "" for outcome in done.json["outcomes"]}
    wrong = {
        name: found.get(name) for name, right in expected.items() if found.get(name) not in right | {"DUPLICATE_OF"}
    }
    assert wrong == {}
    assert found["a good one.pdf"] == found["z good one.md"] == ""
    assert outcomes_of(done.json) == Counter(file.name for file in place.iterdir())
    assert took < 20 * len(expected) / 2, "bounded, by far"
    answer = factdesk("ask", "What did the Night Ferry cost a month?", "--home", home)
    assert "31" in answer.out, answer.out


@pytest.mark.parametrize("at", range(0, 700, 35))
def test_a_pdf_cut_off_anywhere_is_read_or_damaged(at: int) -> None:
    data = hostile.good()[:at]
    try:
        found = pdf_reader.read(data, "cut.pdf")
    except InputError as error:
        assert error.reason in (Reason.DAMAGED, Reason.NOT_A_PDF, Reason.NO_TEXT)
    else:
        assert found.text.strip() == hostile.GOOD_TEXT


def test_a_page_that_is_none_is_named_and_the_others_are_kept() -> None:
    found = pdf_reader.read(hostile.broken_page(), "broken.pdf")
    assert "ferry" in found.text and "bridge" in found.text
    assert found.warnings[0].startswith("PAGES_LOST: page 2")


def test_the_limit_of_pages_is_the_one_that_is_stated() -> None:
    assert describe(hostile.many_pages(PAGE_LIMIT), "long.pdf")[0] == ""
    with pytest.raises(InputError) as raised:
        describe(hostile.many_pages(PAGE_LIMIT + 1), "longer.pdf")
    assert raised.value.reason is Reason.TOO_MANY_PAGES


def test_a_damaged_outline_costs_neither_title_nor_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdf

    def fail(reader: object) -> object:
        raise MemoryError

    monkeypatch.setattr(pypdf.PdfReader, "outline", property(fail))
    assert describe(hostile.many_pages(2), "a.pdf") == ("", ["1", "2"], set())


# What a file system holds


def wild_folder(root: Path) -> list[str]:
    """A folder with everything in it that no library expects; the names of its files, as the report tells them."""
    place = root / "wild"
    (place / "deep" / "er").mkdir(parents=True)
    (place / "empty").mkdir()
    (root / "secret.md").write_text("# Secret\n\nThe cost is 99.")
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "more.md").write_text("# More\n\nThe cost is 98.")
    files = {
        "good.md": b"# Good\n\nThe cost is 5.",
        "twin.md": b"# Good\n\nThe cost is 5.",
        "deep/er/good.txt": b"The staff are 7 in number.",
        "UPPER.MD": b"# Upper\n\nThe cost is 6.",
        "picture.jpg": b"\xff\xd8\xff",
        "no suffix": b"words",
        "empty.md": b"",
        "line\nbreak.md": b"# A\n\nThe cost is 1.",
        "tab\tquote'\".md": b"# B\n\nThe cost is 2.",
        "<script>alert(1)<.md": b"# C\n\nThe cost is 3.",
        "-rf.md": b"# D\n\nThe cost is 4.",
        "$(touch x).md": b"# E\n\nThe cost is 8.",
        "\u202egnp.md": b"# F\n\nThe cost is 9.",
        "e\u0301.md": b"# G\n\nThe cost is 10.",
        "n" * 252 + ".md": b"# H\n\nThe cost is 11.",
    }
    for name, data in files.items():
        (place / name).write_bytes(data)
    names = list(files)
    (Path(os.fsdecode(os.fsencode(place) + b"/\xff\xfe.md"))).write_bytes(b"# I\n\nThe cost is 12.")
    names.append("\\xff\\xfe.md")
    links = {
        "link.md": "good.md",
        "out.md": "../secret.md",
        "out of it": "../elsewhere",
        "dangling.md": "nowhere.md",
        "dangling.lock": "nobody@nowhere:1",
        "loop.md": "loop.md",
        "there.md": "back.md",
        "back.md": "there.md",
        "up": "..",
        "same": ".",
        "folder.md": "deep",
        "endless.txt": "/dev/zero",
    }
    for name, target in links.items():
        (place / name).symlink_to(target)
    hostile.pipe(place / "pipe.md")
    hostile.plug(place / "plug.txt")
    (place / ".hidden.md").write_text("# Hidden\n\nThe cost is 97.")
    (place / ".git").mkdir()
    (place / ".git" / "config.md").write_text("# Hidden\n\nThe cost is 96.")
    return [*names, *links, "pipe.md", "plug.txt"]


@pytest.fixture
def ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs the command on a folder, with an encoder that counts words, and gives what it printed."""
    import json

    from factdesk.index import encoder

    class Counting(WordCountEncoder):
        def __init__(self, model: str | None = None) -> None:
            super().__init__()
            self.folder = encoder.find_model()

    monkeypatch.setattr(encoder, "TorchEncoder", Counting)

    def run(*paths: Path) -> Any:
        capsys.readouterr()
        cli.run(["ingest", *map(str, paths), "--home", str(tmp_path / "home"), "--format", "json"])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return json.loads(shown.out)

    return run


@unix
def test_every_file_of_a_wild_folder_has_one_outcome(tmp_path: Path, ingest: Callable[..., Any]) -> None:
    names = wild_folder(tmp_path)
    shown = ingest(tmp_path / "wild")
    assert outcomes_of(shown) == Counter(names)
    reasons = {outcome["path"]: (outcome["status"], outcome["reason"]) for outcome in shown["outcomes"]}
    read = {name for name, (status, _) in reasons.items() if status == "read"}
    assert {name: reasons[name] for name in names if name not in read} == {
        "twin.md": ("skipped", "DUPLICATE_OF"),
        "link.md": ("skipped", "DUPLICATE_OF"),
        "picture.jpg": ("skipped", "UNSUPPORTED"),
        "no suffix": ("skipped", "UNSUPPORTED"),
        "empty.md": ("failed", "EMPTY_FILE"),
        "out.md": ("skipped", "OUTSIDE_FOLDER"),
        "out of it": ("skipped", "OUTSIDE_FOLDER"),
        "up": ("skipped", "OUTSIDE_FOLDER"),
        "endless.txt": ("skipped", "OUTSIDE_FOLDER"),
        "same": ("skipped", "UNSUPPORTED"),
        "folder.md": ("skipped", "UNSUPPORTED"),
        "dangling.md": ("failed", "NOT_FOUND"),
        "dangling.lock": ("skipped", "NOT_FOUND"),
        "loop.md": ("failed", "NOT_FOUND"),
        "there.md": ("failed", "NOT_FOUND"),
        "back.md": ("failed", "NOT_FOUND"),
        "pipe.md": ("skipped", "UNSUPPORTED"),
        "plug.txt": ("skipped", "UNSUPPORTED"),
    }
    again = ingest(tmp_path / "wild")
    assert (outcomes_of(again), again["index"]["written"]) == (Counter(names), False)
    assert outcomes_of(ingest(tmp_path / "wild", tmp_path / "wild" / "deep")) == Counter(names), "told of once"


@unix
def test_a_file_that_became_a_pipe_leaves_the_index_and_has_one_outcome(
    tmp_path: Path, ingest: Callable[..., Any]
) -> None:
    place = tmp_path / "documents"
    place.mkdir()
    (place / "a.md").write_text("# A\n\nThe cost is 1.")
    (place / "b.md").write_text("# B\n\nThe cost is 2.")
    ingest(place)
    (place / "b.md").unlink()
    hostile.pipe(place / "b.md")
    shown = ingest(place)
    assert {o["path"]: (o["status"], o["reason"]) for o in shown["outcomes"]} == {
        "a.md": ("unchanged", None),
        "b.md": ("skipped", "UNSUPPORTED"),
    }
    assert shown["index"]["documents"] == 1


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "a.md").write_text("x")
    real = os.scandir

    def scandir(place: Path) -> Any:
        if place.name == "shut":
            raise PermissionError(13, "Permission denied")
        return real(place)

    monkeypatch.setattr(os, "scandir", scandir)
    denied = "no permission to look into this folder"
    assert list(entries_under(tmp_path)) == [
        Entry(tmp_path / "a.md"),
        Entry(tmp_path / "shut", Reason.NO_PERMISSION, denied, meant=True),
    ]


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, ingest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("# A\n\nThe cost is 1.")
    (tmp_path / "shut.md").write_text("# B\n\nThe cost is 2.")
    real = os.open

    def refusing(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith("shut.md"):  # the superuser, as whom tests may run, can read anything
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refusing)
    found = {o["path"]: o["reason"] for o in ingest(tmp_path)["outcomes"] if not o["path"].startswith("home")}
    assert found == {"a.md": None, "shut.md": "NO_PERMISSION"}


def test_ten_thousand_files_and_twenty_levels(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["level"] * 20)
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("x")
    for number in range(10_000):
        (tmp_path / f"{number:05}.txt").touch()
    found = list(entries_under(tmp_path))
    assert len(found) == 10_001 and found == sorted(found, key=lambda entry: entry.path)
    assert found[-1].path == deep / "a.md"


# Files that change while they are read


@pytest.mark.parametrize("round_number", range(4))
def test_what_is_indexed_is_one_state_of_a_file_that_does_not_hold_still(tmp_path: Path, round_number: int) -> None:
    """Grows, shrinks, is replaced, vanishes: one outcome each, and never half of one state and half of another."""
    place = tmp_path / "documents"
    place.mkdir()
    names = [f"{number}.txt" for number in range(12)]
    for name in names:
        (place / name).write_text("A" * 5_000)
    stop = threading.Event()

    def disturb() -> None:
        turn = round_number
        while not stop.is_set():
            turn += 1
            path = place / names[turn % len(names)]
            kind = "ABCDEFGH"[turn % 8]
            match turn % 5:
                case 0:
                    path.write_text(kind * (5_000 + turn % 999))
                case 1 if path.exists():
                    os.truncate(path, 100)
                case 2:
                    (place / "new").write_text(kind * 6_000)
                    (place / "new").replace(path)
                case 3:
                    path.unlink(missing_ok=True)
                case _:
                    with path.open("a") as file:
                        file.write(kind * 100)

    thread = threading.Thread(target=disturb)
    thread.start()
    seen: list[tuple[str, bytes]] = []

    def parse(source: SourceFile, data: bytes, sha256: str) -> Any:
        import hashlib

        assert hashlib.sha256(data).hexdigest() == sha256
        seen.append((source.path, data))
        return simple_parse(source, data, sha256)

    def once() -> Report:
        sources = [SourceFile(name, place / name) for name in names]
        return build(tmp_path / "home", sources, parse, WordCountEncoder(), roots=[place])

    try:
        for _ in range(5):
            report = once()
            assert Counter(o.path for o in report.outcomes if o.status is not FileStatus.REMOVED) == Counter(names)
            allowed = {None, "CHANGED_WHILE_READING", "NOT_FOUND", "EMPTY_FILE", "DUPLICATE_OF"}
            assert {outcome.reason for outcome in report.outcomes} <= allowed
    finally:
        stop.set()
        thread.join()
    once()
    settled = once()
    there = {name for name in names if (place / name).exists()}
    assert {o.path for o in settled.outcomes if o.reason in (None, "DUPLICATE_OF")} == there
