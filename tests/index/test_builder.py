"""The incremental build: what did not change costs nothing, what failed stops nothing, and all is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from factdesk.corpus.errors import (
    IndexDamaged,
    IndexMissing,
    InputError,
    ModelError,
    Reason,
    UsageError,
)
from factdesk.corpus.records import FileStatus, Outcome, Parsed, Parted, Vectors
from factdesk.index import builder
from factdesk.index import snapshot as snapshot_module
from factdesk.index.builder import SourceFile, build, remove_document
from factdesk.index.catalogue import Counts
from factdesk.index.vectors import IVF

if TYPE_CHECKING:
    from factdesk.tests.index.conftest import Library, WordCountEncoder

READ, UNCHANGED, RENAMED, REMOVED, SKIPPED, FAILED = (
    *(FileStatus.READ, FileStatus.UNCHANGED, FileStatus.RENAMED),
    *(FileStatus.REMOVED, FileStatus.SKIPPED, FileStatus.FAILED),
)


def test_a_first_build_holds_what_was_parsed(library: Library) -> None:
    report = library.ingest()
    assert library.statuses(report) == {"mexico.txt": READ, "panama.txt": READ}
    assert report.outcomes[1] == Outcome(
        *("docs/panama.txt", READ, None, "", "panama"),
        passages=3,
        figures=3,
        numbers_seen=6,
        skipped={"name": 2, "page number": 1},
        warnings=("made up",),
    )
    assert (report.counts, report.generation, report.written) == (Counts(2, 6, 7, 5), "gen-000001", True)
    parsed = {source.path: library.parse(source, source.absolute.read_bytes(), "") for source in library.sources()}
    with library.open() as snapshot:
        catalogue = snapshot.catalogue
        catalogue.check()
        ordered = [parsed["docs/mexico.txt"], parsed["docs/panama.txt"]]
        assert catalogue.figures() == [figure for item in ordered for figure in item.figures]
        assert list(catalogue.passages(range(9)).values()) == [p for item in ordered for p in item.passages]


def test_every_row_has_the_vector_of_its_text(library: Library, encoder: WordCountEncoder) -> None:
    library.ingest()
    library.write("panama.txt", "# Panama\n\nThe staff cost 5.\n\nThe saving is 11.5 a year.", seconds=1)
    library.write("a.txt", "# First\n\nThe cost of the portal is 7.6 a year.", seconds=1)
    library.ingest()
    with library.open() as snapshot:
        passages = snapshot.catalogue.passages(range(99))
        assert list(passages) == list(range(8))
        expected = encoder.encode([passage.embedded for passage in passages.values()])
        np.testing.assert_allclose(snapshot.passages.vectors(), expected, atol=1e-6)
        units = [item for found in snapshot.catalogue.units_of(passages).values() for item in found]
        assert [row for row, _ in units] == list(range(snapshot.manifest.counts.units))
        expected = encoder.encode([unit.text for _, unit in units])
        np.testing.assert_allclose(snapshot.units.vectors([row for row, _ in units]), expected, atol=1e-3)


def test_when_nothing_changed_nothing_is_read_embedded_or_written(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.ingest()
    monkeypatch.setattr(builder, "_bytes_of", lambda source, most: pytest.fail(f"{source.path} was opened"))
    again = library.ingest()
    assert library.statuses(again) == {"mexico.txt": UNCHANGED, "panama.txt": UNCHANGED}
    assert (again.written, again.generation, again.counts) == (False, "gen-000001", first.counts)
    assert again.outcomes[1] == replace(first.outcomes[1], status=UNCHANGED)
    assert library.parsed == library.encoder.seen == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of change that nobody can set")
def test_a_file_changed_to_the_same_size_and_set_back_in_time_is_read(library: Library) -> None:
    library.write("panama.txt", "# Panama\n\nThe cost is 1.")
    library.ingest()
    library.write("panama.txt", "# Panama\n\nThe cost is 2.")
    assert library.statuses(library.ingest())["panama.txt"] is READ


def test_a_touched_file_is_compared_and_left(library: Library) -> None:
    library.ingest()
    os.utime(library.folder / "panama.txt")
    again = library.ingest()
    assert (library.statuses(again)["panama.txt"], again.written, library.parsed) == (UNCHANGED, False, [])


def test_a_file_written_just_now_is_looked_into_next_time(library: Library) -> None:
    file = library.write("panama.txt", "# Panama\n\nThe cost is 1.")
    os.utime(file)
    library.ingest()
    status = file.stat()
    file.write_text("# Panama\n\nThe cost is 2.")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert library.statuses(library.ingest())["panama.txt"] is READ


def test_a_changed_paragraph_embeds_that_paragraph_only(library: Library) -> None:
    library.ingest()
    text = (library.folder / "panama.txt").read_text()
    library.write("panama.txt", text.replace("staff are 10", "staff are 12"), seconds=1)
    report = library.ingest()
    assert library.statuses(report) == {"mexico.txt": UNCHANGED, "panama.txt": READ}
    assert library.encoder.seen == ["The cost is 151 a month.\nThe staff are 12."]
    assert (library.parsed, report.embedded, library.encoder.exports) == (["panama.txt"], 1, 1)


def test_a_renamed_file_costs_nothing_and_keeps_its_documents_id(library: Library) -> None:
    library.ingest()
    (library.folder / "panama.txt").rename(library.folder / "zz.txt")
    report = library.ingest()
    assert library.statuses(report) == {"mexico.txt": UNCHANGED, "zz.txt": RENAMED}
    assert (report.outcomes[1].detail, report.outcomes[1].document) == ("was docs/panama.txt", "panama")
    assert library.parsed == library.encoder.seen == []
    assert set(library.texts()) == {"mexico.txt", "zz.txt"}
    assert not library.ingest().written


def test_a_copy_is_not_indexed_twice_and_takes_over_when_the_first_goes(library: Library) -> None:
    shutil.copy2(library.folder / "panama.txt", library.folder / "copy.txt")
    library.write("panama.txt", (library.folder / "panama.txt").read_text())
    report = library.ingest()
    assert library.statuses(report) == {"copy.txt": READ, "mexico.txt": READ, "panama.txt": SKIPPED}
    assert report.outcomes[2] == Outcome("docs/panama.txt", SKIPPED, "DUPLICATE_OF", "docs/copy.txt", "copy")
    assert report.counts.documents == 2
    with library.open() as snapshot:
        holders = [item.path for item in snapshot.catalogue.files() if item.document == "copy"]
        assert holders == ["docs/copy.txt", "docs/panama.txt"], "both names can be cited"
    assert not library.ingest().written
    (library.folder / "copy.txt").unlink()
    report = library.ingest()
    assert library.statuses(report) == {"copy.txt": REMOVED, "mexico.txt": UNCHANGED, "panama.txt": RENAMED}
    assert library.parsed == library.encoder.seen == []
    assert set(library.texts()) == {"mexico.txt", "panama.txt"}


def test_a_copy_that_comes_first_by_name_does_not_take_the_document(library: Library) -> None:
    library.ingest()
    shutil.copy2(library.folder / "panama.txt", library.folder / "a.txt")
    report = library.ingest()
    assert library.statuses(report) == {"a.txt": SKIPPED, "mexico.txt": UNCHANGED, "panama.txt": UNCHANGED}


def test_the_first_file_changes_and_its_copy_takes_the_document(library: Library) -> None:
    shutil.copy2(library.folder / "panama.txt", library.folder / "z.txt")
    library.ingest()
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    report = library.ingest()
    assert library.statuses(report) == {"mexico.txt": UNCHANGED, "panama.txt": READ, "z.txt": RENAMED}
    assert {outcome.document for outcome in report.outcomes} == {"mexico", "panama", f"panama-{sha6(library)}"}


def sha6(library: Library) -> str:
    with library.open() as snapshot:
        (found,) = (item for item in snapshot.catalogue.documents() if item.path == "docs/panama.txt")
    return found.sha256[:6]


def test_files_that_are_gone_leave_and_those_from_elsewhere_stay(library: Library, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "chile.txt").write_text("# Chile\n\nThe cost is 9.")
    library.ingest()
    report = library.ingest(sources=library.sources(elsewhere), roots=[elsewhere])
    assert library.statuses(report) == {"elsewhere/chile.txt": READ}
    (library.folder / "mexico.txt").unlink()
    report = library.ingest()
    assert library.statuses(report) == {"mexico.txt": REMOVED, "panama.txt": UNCHANGED}
    assert set(library.texts()) == {"elsewhere/chile.txt", "panama.txt"}
    with library.open() as snapshot:
        assert snapshot.catalogue.search_passages(["mexico"], 9) == []


def test_a_file_that_is_given_by_name_replaces_only_itself(library: Library) -> None:
    library.ingest()
    file = library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)
    report = library.ingest(sources=[SourceFile("docs/panama.txt", file)], roots=[file])
    assert library.statuses(report) == {"panama.txt": READ}
    assert set(library.texts()) == {"mexico.txt", "panama.txt"}


def test_the_last_file_that_goes_leaves_an_empty_index(library: Library) -> None:
    library.ingest()
    for file in library.folder.iterdir():
        file.unlink()
    assert library.ingest().counts == Counts(0, 0, 0, 0)
    with library.open() as snapshot:
        assert snapshot.catalogue.search_passages(["cost"], 5) == []
        assert snapshot.passages.search(library.encoder.encode(["cost"]), 5) == []
    library.write("new.txt", "# New\n\nThe cost is 3.")
    assert library.statuses(library.ingest()) == {"new.txt": READ}


# Files that cannot be read


def test_a_file_that_fails_stops_no_other_and_has_a_reason(library: Library) -> None:
    library.write("broken.txt", "raise DAMAGED")
    library.write("crash.txt", "crash")
    library.write("photo.txt", "raise UNSUPPORTED")
    library.write("surrogate.txt", "# Bad \ud800\n\nThe cost is 1.")
    report = library.ingest()
    found = {
        outcome.path.removeprefix("docs/"): (outcome.status, outcome.reason)
        for outcome in report.outcomes
        if outcome.status is not READ
    }
    assert found == {
        "broken.txt": (FAILED, "DAMAGED"),
        "crash.txt": (FAILED, "CRASHED"),
        "photo.txt": (SKIPPED, "UNSUPPORTED"),
        "surrogate.txt": (FAILED, "DAMAGED"),
    }
    assert set(library.texts()) == {"mexico.txt", "panama.txt"}


def test_what_failed_by_its_bytes_is_not_tried_again_but_a_crash_is(library: Library) -> None:
    library.write("broken.txt", "raise DAMAGED")
    library.write("slow.txt", "raise TIMEOUT")
    library.write("crash.txt", "crash")
    first = library.ingest()
    again = library.ingest()
    assert library.parsed == ["crash.txt", "slow.txt"]
    failures = [outcome for outcome in again.outcomes if outcome.status is FAILED]
    assert failures == [outcome for outcome in first.outcomes if outcome.status is FAILED]
    assert not again.written


def test_no_document_at_all_makes_no_index(library: Library) -> None:
    for file in library.folder.iterdir():
        file.write_text("raise EMPTY_FILE")
    report = library.ingest()
    assert (report.generation, report.written, report.counts) == (None, False, Counts(0, 0, 0, 0))
    assert library.encoder.exports == 0
    with pytest.raises(IndexMissing):
        library.open()


@pytest.mark.parametrize("reason", Reason)
def test_the_former_text_stays_only_if_the_bytes_are_not_at_fault(library: Library, reason: Reason) -> None:
    library.ingest()
    library.write("panama.txt", f"raise {reason.value}", seconds=1)
    report = library.ingest()
    outcome = report.outcomes[1]
    kept = reason in (Reason.TIMEOUT, Reason.MEMORY, Reason.CRASHED, Reason.CHANGED_WHILE_READING)
    assert outcome.reason == reason.value
    assert outcome.status in (FAILED, SKIPPED)
    assert outcome.document == ("panama" if kept else None)
    assert ("panama.txt" in library.texts()) == kept
    again = library.ingest()
    assert (again.outcomes, again.written) == (report.outcomes, False)
    assert library.parsed == (["panama.txt"] if kept else [])
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=2)
    assert library.statuses(library.ingest())["panama.txt"] is READ


def test_a_copy_of_a_failed_file_under_a_readable_name_is_read(library: Library) -> None:
    def by_name(source: SourceFile, data: bytes, sha256: str) -> Parsed:
        if source.path.endswith("panama.txt"):
            raise InputError("no", path=source.path, reason=Reason.DAMAGED)
        return library.parse(source, data, sha256)

    shutil.copy2(library.folder / "panama.txt", library.folder / "q.txt")
    for _ in range(2):
        report = library.ingest(parse=by_name)
        assert library.statuses(report)["panama.txt"] is FAILED
        assert report.outcomes[1].document is None
    assert set(library.texts()) == {"mexico.txt", "q.txt"}


def test_what_is_no_regular_readable_file_is_told_without_waiting(library: Library) -> None:
    os.mkfifo(library.folder / "pipe.txt")
    (library.folder / "folder.txt").mkdir()
    (library.folder / "loop.txt").symlink_to("loop.txt")
    gone = SourceFile("docs/gone.txt", library.folder / "gone.txt")
    report = library.ingest(sources=[*library.sources(), gone], most_bytes=len("# Mexico") + 100)
    reasons = {outcome.path.removeprefix("docs/"): outcome.reason for outcome in report.outcomes}
    assert reasons == {
        "folder.txt": "UNSUPPORTED",
        "gone.txt": "NOT_FOUND",
        "loop.txt": "DAMAGED",
        "mexico.txt": None,
        "panama.txt": None,
        "pipe.txt": "UNSUPPORTED",
    }
    library.write("panama.txt", "x" * 200)
    assert library.ingest(most_bytes=199).outcomes[-2].reason == "TOO_BIG"


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_time(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = library.folder / "mexico.txt"
    real, inode = os.fstat, file.stat().st_ino

    def growing(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        if found.st_ino == inode and not file.read_text().startswith("longer"):
            file.write_text("longer " * 99)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", growing)
        report = library.ingest()
    assert [outcome.reason for outcome in report.outcomes] == ["CHANGED_WHILE_READING", None]
    assert library.statuses(library.ingest()) == {"mexico.txt": READ, "panama.txt": UNCHANGED}


def test_a_file_given_twice_has_one_outcome(library: Library) -> None:
    report = library.ingest(sources=library.sources() * 2)
    assert library.statuses(report) == {"mexico.txt": READ, "panama.txt": READ}


# Ids


def test_two_files_of_one_name_have_two_ids_that_stay(library: Library) -> None:
    library.write("later/panama.txt", "# Other Panama\n\nThe cost is 77.")
    library.ingest()
    with library.open() as snapshot:
        catalogue = snapshot.catalogue
        ids = {item.path: item.id for item in catalogue.documents()}
        other = ids["docs/panama.txt"]
        assert (ids["docs/later/panama.txt"], other.startswith("panama-")) == ("panama", True)
        assert [figure.document for figure in catalogue.figures(documents=[other])] == [other] * 3
        (subject,) = catalogue.subjects(other)
        assert catalogue.figures(subjects=[subject.id]) == catalogue.figures(documents=[other])
        assert list(catalogue.passages_of(subject=subject.id)) == list(catalogue.passages_of(document=other))
        assert [item.subject_id for item in catalogue.omissions(documents=[other])] == [subject.id]
        assert len({figure.id for figure in catalogue.figures()}) == len(catalogue.figures())
    library.write("a/panama.txt", "# Third\n\nThe cost is 78.")
    for options in ({}, {"rebuild": True}, {"settings": {"max_tokens": 9}}):
        library.ingest(**options)
        with library.open() as snapshot:
            now = {item.path: item.id for item in snapshot.catalogue.documents()}
        assert len(set(now.values())) == 4
        assert {path: now[path] for path in ids} == ids


def test_a_new_id_reaches_every_record(parsed: Parsed) -> None:
    new = builder._free_id("panama", parsed.document.sha256, {"panama"})
    assert new == f"panama-{parsed.document.sha256[:6]}"
    renamed = builder._with_id(parsed, new)
    assert renamed.document.id == new
    assert {figure.parent for figure in renamed.figures} == {f"{new}:f0"}
    said = repr(renamed)
    assert said.count("'panama") == said.count(f"'{new}") + said.count("'panama.txt")
    assert builder._with_id(parsed, "panama") is parsed
    assert builder._free_id("panama", "ab" * 32, set()) == "panama"
    assert builder._free_id("panama", "ab" * 32, {"panama", new}) == f"panama-{'ab' * 6}"


# Settings, models, rebuilding


def test_other_settings_read_everything_again_wherever_it_came_from(library: Library, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "chile.txt").write_text("# Chile\n\nThe cost is 9.")
    library.ingest(settings={"max_tokens": 200})
    library.ingest(sources=library.sources(elsewhere), roots=[elsewhere], settings={"max_tokens": 200})
    report = library.ingest(settings={"max_tokens": 100})
    assert library.statuses(report) == {"elsewhere/chile.txt": READ, "mexico.txt": READ, "panama.txt": READ}
    assert library.encoder.seen == [], "the texts are the same, so their vectors are"
    assert not library.ingest(settings={"max_tokens": 100}).written


def test_what_cannot_be_read_again_stays_as_it_was_read(library: Library, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "chile.txt").write_text("# Chile\n\nThe cost is 9.")
    library.ingest(sources=library.sources(elsewhere), roots=[elsewhere])
    shutil.rmtree(elsewhere)
    library.ingest(settings={"max_tokens": 100}, rebuild=True)
    assert set(library.texts()) == {"elsewhere/chile.txt", "mexico.txt", "panama.txt"}


def test_another_version_reads_everything_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.ingest()
    monkeypatch.setattr(snapshot_module, "factdesk_version", lambda: "9.9")
    assert set(library.statuses(library.ingest()).values()) == {READ}


def test_another_model_embeds_everything_again_and_reads_nothing(library: Library) -> None:
    first = library.ingest()
    library.encoder.fingerprint = "words-2"
    report = library.ingest()
    assert set(library.statuses(report).values()) == {UNCHANGED}
    assert (library.parsed, report.embedded, report.written) == ([], first.embedded, True)
    with library.open() as snapshot:
        assert snapshot.manifest.model.fingerprint == "words-2"


@pytest.mark.parametrize(
    "name",
    [
        *("generations/gen-000001/passages.faiss", "generations/gen-000001/manifest.json", "CURRENT"),
        *("encoders", "encoders/words-1/model.onnx"),
    ],
)
def test_a_damaged_index_is_refused_and_mended_by_a_rebuild(library: Library, name: str) -> None:
    library.ingest()
    target = library.home / name
    shutil.rmtree(target) if target.is_dir() else target.write_bytes(b"x")
    with pytest.raises(IndexDamaged):
        library.ingest()
    report = library.ingest(rebuild=True)
    assert set(library.statuses(report).values()) == {READ}
    assert (report.generation, library.encoder.exports) == ("gen-000002", 2)
    assert set(library.texts()) == {"mexico.txt", "panama.txt"}


def test_a_rebuild_reads_and_embeds_everything_also_from_elsewhere(library: Library, tmp_path: Path) -> None:
    first = library.ingest()
    report = library.ingest(sources=[], roots=[], rebuild=True)
    assert library.statuses(report) == {"mexico.txt": READ, "panama.txt": READ}
    assert (report.embedded, report.written, library.encoder.exports) == (first.embedded, True, 1)


def test_step_by_step_or_at_once_the_index_is_the_same(library: Library, tmp_path: Path) -> None:
    library.ingest()
    library.write("panama.txt", "# Panama\n\nThe cost is 3.\n\nThe saving is 4.", seconds=1)
    library.write("aruba.txt", "# Aruba\n\nThe staff are 3.", seconds=1)
    library.ingest()
    (library.folder / "mexico.txt").unlink()
    library.ingest()
    library.write("bolivia.txt", "# Bolivia\n\nThe portal cost 31.", seconds=1)
    steps = library.ingest()
    once = build(tmp_path / "once", library.sources(), library.parse, library.encoder)
    assert steps.counts == once.counts
    folders = [library.home / "generations/gen-000004", tmp_path / "once/generations/gen-000001"]
    for name in ("passages.faiss", "units.npy"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    dumps = []
    for folder in folders:
        with sqlite3.connect(folder / "catalogue.sqlite") as connection:
            dumps.append(list(connection.iterdump()))
    assert dumps[0] == dumps[1]


def test_many_passages_make_a_graph_whose_vectors_are_reused(library: Library) -> None:
    first = library.ingest(flat_limit=3)
    library.write("panama.txt", "# Panama\n\nThe staff are 12.", seconds=1)
    report = library.ingest(flat_limit=3)
    assert 0 < report.embedded < first.embedded
    with library.open() as snapshot:
        assert (snapshot.manifest.kind, snapshot.passages.kind) == (IVF, IVF)
        expected = library.encoder.encode([item.embedded for item in snapshot.catalogue.passages(range(9)).values()])
        np.testing.assert_allclose(snapshot.passages.vectors(), expected, atol=1e-6)


def test_blocks_and_slices_do_not_show(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.ingest()
    monkeypatch.setattr(builder, "BLOCK", 2)
    monkeypatch.setattr(builder, "SLICE", 1)
    build(tmp_path / "small", library.sources(), library.parse, library.encoder)
    for name in ("passages.faiss", "units.npy"):
        whole, parts = library.home / "generations/gen-000001" / name, tmp_path / "small/generations/gen-000001" / name
        assert whole.read_bytes() == parts.read_bytes()


# Stopping


@pytest.mark.parametrize("stage", ["read", "embed", "write"])
def test_an_interrupt_leaves_the_old_index_and_no_litter(library: Library, stage: str) -> None:
    library.ingest()
    before = library.texts()
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)

    def interrupt(now: str, done: int, total: int) -> None:
        if now == stage and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.ingest(progress=interrupt)
    assert library.texts() == before
    assert [path.name for path in (library.home / "generations").iterdir()] == ["gen-000001"]
    assert library.statuses(library.ingest())["panama.txt"] is READ


@pytest.mark.parametrize("what", ["shape", "nan"])
def test_vectors_that_are_none_are_refused(library: Library, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    library.ingest()
    library.write("panama.txt", "# Panama\n\nThe cost is 3.", seconds=1)

    def broken(texts: list[Parted]) -> list[Vectors]:
        width = 8 if what == "nan" else 7
        return [np.full((1 + len(text.parts), width), np.nan, dtype=np.float32) for text in texts]

    with monkeypatch.context() as patch:
        patch.setattr(library.encoder, "encode_parts", broken)
        with pytest.raises(ModelError):
            library.ingest()
    assert "151" in library.texts()["panama.txt"]


def test_an_export_that_fails_leaves_no_index_and_is_tried_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        (folder / "model.onnx").write_text("half")
        raise ModelError("the export does not agree")

    with monkeypatch.context() as patch:
        patch.setattr(library.encoder, "export", refuse)
        with pytest.raises(ModelError):
            library.ingest()
    assert list((library.home / "encoders").iterdir()) == []
    assert library.encoder.seen == [], "refused before an hour of embedding"
    assert library.ingest().written


def test_progress_counts_up_to_the_end_of_every_stage(library: Library) -> None:
    told: dict[str, list[tuple[int, int]]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        told.setdefault(stage, []).append((done, total))

    library.ingest(progress=progress)
    assert list(told) == ["read", "write", "embed"]
    for steps in told.values():
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


# Removing


def test_a_removed_document_is_gone_until_its_folder_is_read_again(library: Library) -> None:
    library.ingest()
    library.encoder.seen.clear()
    report = remove_document(library.home, "panama")
    assert report.outcomes == (Outcome("docs/panama.txt", REMOVED, document="panama"),)
    assert (set(library.texts()), report.counts.documents, library.encoder.seen) == ({"mexico.txt"}, 1, [])
    assert library.statuses(library.ingest()) == {"mexico.txt": UNCHANGED, "panama.txt": READ}


def test_removing_what_is_not_there_is_a_mistake_in_use(library: Library) -> None:
    library.ingest()
    with pytest.raises(UsageError):
        remove_document(library.home, "nothing")
    with pytest.raises(IndexMissing):
        remove_document(library.home.parent / "none", "panama")
