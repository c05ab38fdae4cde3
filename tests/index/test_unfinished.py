"""What an ingest had done when it was stopped is not done again, and is never trusted more than it deserves."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from factdesk.corpus.errors import HomeNotWritable, IndexDamaged
from factdesk.corpus.records import Outcome, Parsed, Parted
from factdesk.index import builder, unfinished
from factdesk.index.snapshot import Seal
from factdesk.index.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable

    from factdesk.tests.index.conftest import Library

SAME = ("passages.faiss", "units.npy", "words.npy")


class Stopped(Exception):
    """The ingest ends here."""


def stop_at(stage: str, done: int) -> Callable[[str, int, int], None]:
    def progress(now: str, so_far: int, total: int) -> None:
        if (now, so_far) == (stage, done):
            raise Stopped

    return progress


def stopped(library: Library, stage: str, done: int) -> None:
    with pytest.raises(Stopped):
        library.ingest(progress=stop_at(stage, done))


@pytest.fixture(autouse=True)
def in_small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "BLOCK", 4)
    monkeypatch.setattr(builder, "SLICE", 2)


def test_documents_that_were_taken_apart_are_not_taken_apart_again(library: Library) -> None:
    stopped(library, "read", 1)
    assert library.parsed == ["mexico.txt"]
    assert library.ingest().written
    assert library.parsed == ["panama.txt"]


def test_vectors_that_were_made_are_not_made_again_and_the_index_is_the_same(library: Library, tmp_path: Path) -> None:
    told: list[int] = []
    builder.build(
        *(tmp_path / "whole", library.sources(), library.parse, library.encoder),
        progress=lambda stage, done, total: told.append(done) if stage == "embed" else None,
    )
    made: list[str] = []
    for done in sorted(set(told))[1:-1]:
        stopped(library, "embed", done)
        made += library.encoder.seen
    report = library.ingest()
    made += library.encoder.seen
    assert 0 < report.embedded == len(library.encoder.seen) < 4
    assert len(made) == len(set(made)), "no text was embedded twice"
    assert (library.parsed, library.encoder.exports) == ([], 2), "one export for each home"
    assert len(set(library.encoder.amounts)) == 1, "what embeds is chosen by all there is to embed, not by what is left"
    for name in SAME:
        files = [home / "generations/gen-000001" / name for home in (library.home, tmp_path / "whole")]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert {path.name for path in library.home.iterdir()} == {"CURRENT", "encoders", "generations", "write.lock"}


def test_a_second_build_goes_on_too(library: Library) -> None:
    library.ingest()
    library.write("panama.txt", "# Panama\n\nThe staff are 12.\n\nThe portal is new.\n\nThe year is 1999.", seconds=1)
    stopped(library, "embed", 4)
    former = library.encoder.seen.copy()
    report = library.ingest()
    assert library.parsed == []
    assert report.embedded == len(library.encoder.seen) > 0
    assert len(former) == 4
    assert not set(former) & set(library.encoder.seen)
    assert "12" in library.texts()["panama.txt"]


def test_a_file_that_changed_since_is_read_again(library: Library) -> None:
    stopped(library, "embed", 2)
    library.write("mexico.txt", "# Mexico\n\nThe cost is 5.", seconds=1)
    library.ingest()
    assert library.parsed == ["mexico.txt"]
    assert library.texts()["mexico.txt"] == "# Mexico\n\nThe cost is 5."


def test_what_other_settings_or_another_name_made_is_made_again(library: Library) -> None:
    stopped(library, "embed", 2)
    (library.folder / "mexico.txt").rename(library.folder / "other.txt")
    library.ingest()
    assert library.parsed == ["other.txt"]
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    stopped(library, "write", 1)
    library.ingest(settings={"max_tokens": 9})
    assert library.parsed == ["other.txt", "panama.txt"]


def test_another_models_vectors_are_not_taken(library: Library) -> None:
    stopped(library, "embed", 4)
    library.encoder.fingerprint = "words-2"
    report = library.ingest()
    assert (library.parsed, library.encoder.exports) == ([], 2)
    assert report.embedded == len(library.encoder.seen) > 4


def test_a_rebuild_reads_again_what_was_kept(library: Library) -> None:
    stopped(library, "embed", 4)
    library.ingest(rebuild=True)
    assert library.parsed == ["mexico.txt", "panama.txt"]


def test_when_nothing_is_left_to_do_nothing_is_kept(library: Library) -> None:
    library.ingest()
    text = (library.folder / "panama.txt").read_text()
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    stopped(library, "write", 1)
    assert (library.home / unfinished.NAME).exists()
    library.write("panama.txt", text)
    assert not library.ingest().written
    assert not (library.home / unfinished.NAME).exists()


def test_a_damaged_file_is_never_trusted(library: Library) -> None:
    stopped(library, "embed", 6)
    path = library.home / unfinished.NAME
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        kept = Unfinished(library.home)
        for source in library.sources():
            found = kept.document(*key_of(library, source))
            assert found is None or found.load() == library.parse(source, source.absolute.read_bytes(), sha_of(source))
        kept.close()
    path.write_bytes(whole[: len(whole) // 3])
    library.ingest()
    assert set(library.texts()) == {"mexico.txt", "panama.txt"}


def sha_of(source: builder.SourceFile) -> str:
    return hashlib.sha256(source.absolute.read_bytes()).hexdigest()


def key_of(library: Library, source: builder.SourceFile) -> tuple[str, str, str]:
    return sha_of(source), source.path, builder._made_by({})


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 400])
def test_what_is_no_file_of_ours_is_replaced(library: Library, content: bytes) -> None:
    library.home.mkdir()
    (library.home / unfinished.NAME).write_bytes(content)
    stopped(library, "embed", 6)
    library.ingest()
    assert library.parsed == [], "what was read after that was kept"


def test_without_room_for_it_the_ingest_goes_on(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Unfinished, "_connected", full)
    assert library.ingest().written
    assert not (library.home / unfinished.NAME).exists()


def test_records_that_went_bad_meanwhile_stop_the_ingest_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(library, "embed", 2)

    def bad(self: Unfinished, key: bytes) -> Parsed:
        monkeypatch.undo()
        with sqlite3.connect(self.path) as other:
            other.execute("UPDATE kept SET data = x'00'")
        other.close()
        return self.records(key)

    monkeypatch.setattr(Unfinished, "records", bad)
    with pytest.raises(IndexDamaged) as caught:
        library.ingest()
    assert caught.value.hint == "run: factdesk ingest"
    assert library.ingest().written


def test_everything_comes_back_as_it_was_kept(tmp_path: Path, parsed: Parsed) -> None:
    first = Unfinished(tmp_path)
    assert first.document("ab", "panama.txt", "x") is None
    assert not first.path.exists(), "looking makes no file"
    taken = builder._Held(parsed)
    texts = [Parted("a"), Parted("b", ((0, 1),))]
    vectors = [np.arange(3, dtype=np.float32).reshape(1, 3), np.arange(3, 9, dtype=np.float32).reshape(2, 3)]
    first.keep_document("ab", "panama.txt", "x", taken)
    first.keep_vectors(texts, vectors, "m", np.float16)
    first.keep_encoder("m", "1", {"model.onnx": Seal(3, "ff")})
    first.close()
    again = Unfinished(tmp_path)
    found = again.document("ab", "panama.txt", "x")
    assert found is not None
    assert (found.summary, found.load()) == (Outcome.of_read(parsed), parsed)
    b = texts[1]
    assert {place: rows.tolist() for place, rows in again.vectors([b, Parted("c")], "m", 3, np.float16).items()} == {
        0: [[3, 4, 5], [6, 7, 8]]
    }
    assert again.vectors([b], "m", 3, np.float32) == again.vectors([b], "n", 3, np.float16) == {}
    assert again.vectors([b], "m", 4, np.float16) == {}, "of another width"
    assert again.vectors([Parted("b"), Parted("b", ((0, 0),))], "m", 3, np.float16) == {}, "with other parts"
    assert again.encoder("m", "1") == {"model.onnx": Seal(3, "ff")}
    assert again.encoder("m", "2") is None
    surrogate = replace(parsed, document=replace(parsed.document, text="\ud800"))
    again.keep_document("cd", "x", "x", builder._Held(surrogate))
    assert again.document("cd", "x", "x") is None
    again.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_done_for_the_next_ingest(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object, **__: object) -> str:
        raise HomeNotWritable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(builder, "write_passages", full)
        with pytest.raises(HomeNotWritable):
            library.ingest()
    library.ingest()
    assert library.parsed == []
