"""A snapshot is whole or refused, and changes in one step."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from factdesk.corpus.errors import HomeNotWritable, IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, IndexUnusable
from factdesk.corpus.records import FileStatus
from factdesk.index import snapshot as module
from factdesk.index.snapshot import Manifest, current_generation, default_home, open_snapshot, writing

if TYPE_CHECKING:
    from factdesk.tests.index.conftest import Library


def generations(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "generations").iterdir())


def alter_manifest(home: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest in force, and let CURRENT vouch for it."""
    name = current_generation(home)
    assert name is not None
    path = home / "generations" / name / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))
    (home / "CURRENT").write_text(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n")


def test_without_an_index_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as caught:
        open_snapshot(tmp_path / "none")
    assert caught.value.hint == "run: factdesk ingest"
    assert current_generation(tmp_path) is None


def test_the_layout_is_as_promised(library: Library) -> None:
    library.ingest()
    files = sorted(path.relative_to(library.home).as_posix() for path in library.home.rglob("*") if path.is_file())
    assert files == [
        "CURRENT",
        "encoders/words-1/model.onnx",
        "encoders/words-1/tokenizer.json",
        "generations/gen-000001/catalogue.sqlite",
        "generations/gen-000001/manifest.json",
        "generations/gen-000001/passages.faiss",
        "generations/gen-000001/units.npy",
        "generations/gen-000001/words.npy",
        "write.lock",
    ]


def test_the_manifest_says_what_made_the_index(library: Library) -> None:
    library.ingest(settings={"max_tokens": 200})
    with library.open() as found:
        manifest = found.manifest
        assert manifest.settings == {"max_tokens": 200}
        assert (manifest.model.name, manifest.model.fingerprint, manifest.model.dimension) == ("words", "words-1", 8)
        assert (manifest.counts.documents, manifest.counts.passages, manifest.counts.units) == (2, 6, 7)
        assert manifest.factdesk == module.factdesk_version()
        assert Manifest.load(manifest.dump()) == manifest


EVERY_FILE = (
    "CURRENT",
    "encoders/words-1/model.onnx",
    "encoders/words-1/tokenizer.json",
    "generations/gen-000001/catalogue.sqlite",
    "generations/gen-000001/manifest.json",
    "generations/gen-000001/passages.faiss",
    "generations/gen-000001/units.npy",
    "generations/gen-000001/words.npy",
)


@pytest.mark.parametrize("name", EVERY_FILE)
def test_any_change_of_any_file_is_refused_before_anything_is_loaded(
    library: Library, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    library.ingest()
    path = library.home / name
    whole = path.read_bytes()

    def loaded(*_: object) -> None:
        raise AssertionError("loaded before it was compared")

    monkeypatch.setattr(module, "_open", loaded)
    flips = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in (0, len(whole) // 2, len(whole) - 2)]
    for changed in (*flips, b"", whole[: len(whole) // 2], whole + b"x"):
        path.write_bytes(changed)
        with pytest.raises(IndexDamaged) as caught:
            open_snapshot(library.home)
        assert caught.value.hint == "run: factdesk ingest --rebuild"
    path.unlink()
    with pytest.raises(IndexDamaged) as caught:
        open_snapshot(library.home)
    assert caught.value.hint == "run: factdesk ingest --rebuild"


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b"null", b'{"format": 3}', b'{"format": "x"}', b"\xff\xfe"])
def test_half_a_manifest_is_damaged(content: bytes) -> None:
    with pytest.raises(IndexDamaged):
        Manifest.load(content)


@pytest.mark.parametrize(("version", "age"), [(1, "an older"), (4, "a newer"), (99, "a newer")])
def test_another_format_is_a_mismatch_that_says_which(library: Library, version: int, age: str) -> None:
    library.ingest()
    alter_manifest(library.home, lambda manifest: manifest.update(format=version, surprise=1))
    with pytest.raises(IndexMismatch, match=f"{age} factdesk") as caught:
        open_snapshot(library.home)
    assert caught.value.hint == "run: factdesk ingest --rebuild"


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "dimension": lambda manifest: manifest["model"].update(dimension=9),
    "kind": lambda manifest: manifest.update(kind="hnsw"),
    "passages": lambda manifest: manifest["counts"].update(passages=5),
    "units": lambda manifest: manifest["counts"].update(units=5),
    "figures": lambda manifest: manifest["counts"].update(figures=99),
    "documents": lambda manifest: manifest["counts"].update(documents=5),
    "fingerprint": lambda manifest: manifest["model"].update(fingerprint="words-2"),
    "a file less": lambda manifest: manifest["files"].pop("units.npy"),
    "a file more": lambda manifest: manifest["files"].update({"../../x": {"size": 1, "sha256": ""}}),
    "model": lambda manifest: manifest.pop("model"),
    "a field of counts": lambda manifest: manifest["counts"].pop("units"),
    "seal": lambda manifest: manifest["files"].update({"units.npy": 3}),
    "size as text": lambda manifest: manifest["files"]["units.npy"].update(size="3"),
    "no size": lambda manifest: manifest["encoder_files"]["model.onnx"].update(size=None),
    "checksum as a list": lambda manifest: manifest["files"]["units.npy"].update(sha256=[]),
    "fingerprint as a list": lambda manifest: manifest["model"].update(fingerprint=[]),
    "dimension as text": lambda manifest: manifest["model"].update(dimension="8"),
    "dimension below nothing": lambda manifest: manifest["model"].update(dimension=-8),
    "counts as text": lambda manifest: manifest["counts"].update(units="7"),
    "counts as truth": lambda manifest: manifest["counts"].update(documents=True),
    "kind as a number": lambda manifest: manifest.update(kind=7),
    "no encoder files": lambda manifest: manifest.update(encoder_files={}),
    "settings as a number": lambda manifest: manifest.update(settings=7),
    "version as a number": lambda manifest: manifest.update(factdesk=7),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_manifest_that_contradicts_the_files_is_damaged(library: Library, name: str) -> None:
    library.ingest()
    alter_manifest(library.home, CHANGES[name])
    with pytest.raises(IndexDamaged):
        open_snapshot(library.home)


def test_asking_with_another_model_is_a_mismatch_that_names_both(library: Library) -> None:
    library.ingest()
    with pytest.raises(IndexMismatch, match="words-1, not by words-2"):
        open_snapshot(library.home, fingerprint="words-2")
    open_snapshot(library.home, fingerprint="words-1").close()


@pytest.mark.parametrize(
    "content",
    [
        *("", "gen-000001", "../x abc", "gen-000009 abc", "gen-1 abc", "a b c", "none"),
        *(f"gen-000009 {'0' * 64}\n", f"../gen-000001 {'0' * 64}\n", f"gen-000001 {'0' * 64}"),
    ],
)
def test_a_current_that_names_no_generation_is_damaged(library: Library, content: str) -> None:
    library.ingest()
    (library.home / "CURRENT").write_text(content)
    with pytest.raises(IndexDamaged):
        open_snapshot(library.home)


def test_a_home_that_lost_current_is_not_taken_for_one_without_an_index(library: Library) -> None:
    library.ingest()
    (library.home / "CURRENT").unlink()
    with pytest.raises(IndexDamaged, match="CURRENT in the index's folder is missing"):
        library.ingest()
    assert library.ingest(rebuild=True).generation == "gen-000002"
    assert set(library.texts()) == {"mexico.txt", "panama.txt"}


def test_before_the_first_generation_is_named_there_is_no_index_yet(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module.Writer, "publish", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
        with pytest.raises(HomeNotWritable):
            library.ingest()
    assert (library.home / "CURRENT").read_bytes() == b"none\n"
    (library.home / "generations" / "gen-000001").mkdir()
    assert current_generation(library.home) is None
    with pytest.raises(IndexMissing):
        library.open()
    assert library.ingest().generation == "gen-000001", "what was never named is no generation"


def publish(library: Library, times: int, *, first: int = 1) -> None:
    """Put the index in another state, so many times."""
    for number in range(first, first + times):
        library.write("panama.txt", f"# Panama\n\nThe cost is {number}.", seconds=number)
        library.ingest()


def test_what_a_reader_has_open_stays_until_it_is_closed(library: Library) -> None:
    library.ingest()
    with library.open() as reader:
        before = reader.catalogue.documents(), reader.units.vectors([0, 3]).tolist()
        library.encoder.fingerprint = "words-2"
        publish(library, 3)
        assert generations(library.home) == ["gen-000001", "gen-000003", "gen-000004"]
        assert (reader.encoder_folder / "model.onnx").is_file(), "the model is loaded when it is first asked"
        assert (reader.catalogue.documents(), reader.units.vectors([0, 3]).tolist()) == before
        assert reader.passages.search(library.encoder.encode(["saving year"]), 1)[0][0] == 5
        assert reader.catalogue.search_passages(["saving"], 1)[0][0] == 5
    assert not library.ingest().written
    assert generations(library.home) == ["gen-000003", "gen-000004"], "also when there is nothing else to do"
    assert [path.name for path in (library.home / "encoders").iterdir()] == ["words-2"]


READ_ON = """
import sys
from pathlib import Path
from factdesk.index.snapshot import open_snapshot
reader = open_snapshot(Path(sys.argv[1]))
print(reader.generation, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks on this system")
def test_the_hold_of_a_reader_that_was_killed_ends_with_it(library: Library) -> None:
    library.ingest()
    command = [sys.executable, "-c", READ_ON, str(library.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "gen-000001\n"
        publish(library, 2)
        assert generations(library.home) == ["gen-000001", "gen-000002", "gen-000003"]
        reader.kill()
    publish(library, 1, first=3)
    assert generations(library.home) == ["gen-000003", "gen-000004"]


def test_a_reader_without_locks_reads_all_the_same(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no locks here")

    library.ingest()
    monkeypatch.setattr(
        module, "fcntl", type("fcntl", (), {"flock": refused, "LOCK_SH": 1, "LOCK_EX": 2, "LOCK_NB": 4})
    )
    with library.open() as reader:
        assert reader.hold is not None
        assert not reader.hold.writable(), "a home that cannot be written is read like any other"
        publish(library, 2)
        assert generations(library.home) == ["gen-000002", "gen-000003"]
    monkeypatch.setattr(module, "fcntl", None)
    assert "panama.txt" in library.texts()


def test_a_reader_that_looked_up_a_generation_just_removed_looks_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.ingest()
    real, calls = module._current, []

    def late(home: Path) -> tuple[str, str] | None:
        calls.append(home)
        return ("gen-000000", "x") if len(calls) == 1 else real(home)

    monkeypatch.setattr(module, "_current", late)
    open_snapshot(library.home).close()


def test_what_dead_writers_left_is_removed_by_the_next(library: Library) -> None:
    library.ingest()
    for name in ("generations/gen-000002.tmp", "generations/gen-000007", "encoders/words-9.tmp", "encoders/words-8"):
        (library.home / name / "x").mkdir(parents=True)
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    library.ingest()
    assert generations(library.home) == ["gen-000001", "gen-000002"]
    assert [path.name for path in (library.home / "encoders").iterdir()] == ["words-1"]


def test_another_models_files_go_with_the_last_generation_it_made(library: Library) -> None:
    library.ingest()
    library.encoder.fingerprint = "words-2"
    library.ingest()
    encoders = library.home / "encoders"
    assert sorted(path.name for path in encoders.iterdir()) == ["words-1", "words-2"]
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    library.ingest()
    assert [path.name for path in encoders.iterdir()] == ["words-2"]


# The lock

HOLD = """
import sys
from pathlib import Path
from factdesk.index.snapshot import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_refused_at_once_and_told_who_writes_until_that_one_dies(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError("it waits for the other to be done")

    library.ingest()
    command = [sys.executable, "-c", HOLD, str(library.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setattr(time, "sleep", sleep)
        with pytest.raises(IndexBusy, match=rf"process {holder.pid}, since 20\d\d-") as caught:
            library.ingest()
        assert caught.value.hint
        assert set(library.texts()) == {"panama.txt", "mexico.txt"}, "a reader is not blocked"
        holder.kill()
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    assert library.ingest().written


def test_two_threads_do_not_write_at_once(tmp_path: Path) -> None:
    refused: list[IndexBusy] = []

    def second() -> None:
        try:
            with writing(tmp_path):
                pass
        except IndexBusy as error:
            refused.append(error)

    with writing(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(refused) == 1
    with writing(tmp_path):
        pass
    assert not (tmp_path / "write.lock.json").exists()


# A home that does not take what is written


def failing(error: int, at: int, real: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == at:
            raise OSError(error, os.strerror(error))
        return real(*arguments, **options)

    return call


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_error_at_any_sync_or_rename_leaves_a_whole_index(
    library: Library, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    library.ingest()
    for at in range(1, 99):
        library.write("panama.txt", f"# Panama\n\nThe cost is {at}.", seconds=at)
        before = library.texts()
        calls: list[int] = []
        with monkeypatch.context() as patch:
            for name in ("fsync", "replace"):
                patch.setattr(os, name, failing(code, at, getattr(os, name), calls))
            try:
                library.ingest()
            except HomeNotWritable as error:
                assert error.hint
                assert "could not be written" in str(error)
                assert str(library.home) not in str(error)
            else:
                break
        published = library.texts() != before
        # After CURRENT is replaced only the syncing of its folder can fail: the new index is whole then.
        assert published == (at == 11)
        assert not [name for name in generations(library.home) if name.endswith(".tmp")]
    assert at == 12, "nine files and folders to sync, two renames"


@pytest.mark.parametrize(
    ("at", "said"),
    [(1, "disk is full"), (2, "disk is full"), (3, "disk is full.* MB are needed"), (4, "disk is full")],
)
def test_an_error_while_the_first_index_is_written_leaves_none(
    library: Library, monkeypatch: pytest.MonkeyPatch, at: int, said: str
) -> None:
    monkeypatch.setattr(os, "replace", failing(errno.ENOSPC, at, os.replace, []))
    with pytest.raises(HomeNotWritable, match=said):
        library.ingest()
    with pytest.raises(IndexMissing):
        library.open()
    monkeypatch.undo()
    assert library.ingest().written


FILE_LIMIT = """
import resource, sys
from pathlib import Path
from factdesk.corpus.errors import HomeNotWritable
from factdesk.tests.index.conftest import make_library
library = make_library(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    library.ingest()
except HomeNotWritable as error:
    print("refused:", error)
"""


def test_a_limit_on_file_sizes_is_refused_and_the_old_index_stays(library: Library) -> None:
    library.ingest()
    before = library.texts()
    library.write("long.txt", "# Long\n" + "\n".join(f"l {number}" for number in range(2_000)), seconds=1)
    command = [sys.executable, "-c", FILE_LIMIT, str(library.home.parent), "60000"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.startswith("refused:"), done.stderr
    assert library.texts() == before
    assert library.statuses(library.ingest())["long.txt"] is FileStatus.READ


@pytest.mark.parametrize("call", ["mkdir", "open"])
def test_a_read_only_home_is_said_in_one_line(library: Library, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    monkeypatch.setattr(os, call, failing(errno.EROFS, 1, getattr(os, call), []))
    with pytest.raises(HomeNotWritable, match="Read-only file system") as caught, writing(library.home):
        pass
    assert "--home" in caught.value.hint


def test_a_home_that_is_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(HomeNotWritable), writing(tmp_path / "home"):
        pass
    with pytest.raises(HomeNotWritable), writing(tmp_path / "home" / "below"):
        pass
    with pytest.raises(IndexUnusable):
        open_snapshot(tmp_path / "home")


def test_the_home_is_the_settings_or_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACTDESK_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.setenv("FACTDESK_HOME", "~/desk")
    assert default_home() == Path.home() / "desk"
    monkeypatch.delenv("FACTDESK_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_home().name == "factdesk"
