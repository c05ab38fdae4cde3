"""Builds the index: reads what is new, carries over what is not, and publishes the result as one generation.

1. A file is known by its path, size and times, or else by the SHA-256 of its bytes. What is known is not read again.
2. A document is known by the SHA-256 of its file: a renamed file costs nothing, a copy is not indexed twice. When
   the file that stands for a document is gone and a copy of it is there, the copy stands for it.
3. What was made by another version or with other settings is read again.
4. A vector is known by the text it was made from, a unit's by its passage's text: a changed page costs its own passages
   and their units, no more.
5. The roots that are given are replaced: what was read from under them before and is not there now leaves the index.
   What was read from elsewhere stays.
6. Files are taken apart by whoever is handed in: several at a time, and what they hold waits outside memory.
7. A file that cannot be read is reported, never fatal. If its bytes are at fault its former text leaves the index, for
   it is no longer what the file says; if time, memory or a writer was in the way, the former text stays for now.
8. If nothing changed, nothing is written. Whatever stops the build, the old generation stays in force.
9. What was read and embedded when a build was stopped is not done again by the next (`unfinished`). A rebuild reads
   anew all the same, and takes over vectors only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from factdesk.corpus.errors import (
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    InputError,
    ModelError,
    Reason,
    UsageError,
)
from factdesk.corpus.records import FileStatus, Outcome, Parsed, Parted, PartEncoder, Vectors
from factdesk.index import snapshot
from factdesk.index.catalogue import Catalogue, CatalogueWriter, Counts, DocumentSummary, FileRecord, UncleanText
from factdesk.index.snapshot import Manifest, Model, Seal, Snapshot, Writer, open_snapshot, seal, writing
from factdesk.index.unfinished import Unfinished
from factdesk.index.vectors import FLAT_LIMIT, UnitArray, write_passages, write_units

MOST_BYTES = 1 << 30
"""A larger file is not read: it would be held in memory several times over."""
FRESH_NS = 2_000_000_000
"""A file changed less than two seconds before it was read may change again within the same tick of its clock."""
BLOCK = 4_096
"""Rows whose vectors are in memory at a time; within a block texts are embedded by length."""
SLICE = 256
"""Texts between two reports of progress."""
CHARACTERS_A_WORD = 12
"""What a word costs to embed, the marks around it included, in characters of a longer text."""

_IN_THE_WAY = {Reason.TIMEOUT, Reason.MEMORY, Reason.CRASHED, Reason.CHANGED_WHILE_READING}
"""Failures that are not the bytes' fault: tried again each time, the former text kept meanwhile."""
_STUCK = {Reason.TIMEOUT, Reason.MEMORY, Reason.CRASHED}
"""Failures that copies of a file share without being tried: a hundred copies must not take a hundred time limits."""
_NOT_MEANT = {Reason.UNSUPPORTED, Reason.OUTSIDE_FOLDER, Reason.DUPLICATE_OF}
"""Reasons for which a file is passed over rather than failed: nobody expects a photograph to be read."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index: the path that people are shown, and where it is."""

    path: str
    absolute: Path


class IngestEncoder(PartEncoder, Protocol):
    """An encoder that can leave behind what `OnnxEncoder`, or a test's double of it, needs for asking."""

    name: str

    def export(self, folder: Path) -> None:
        """Write the files for asking into an existing empty folder."""
        ...

    def suited(self, exported: Path, characters: int) -> PartEncoder:
        """What embeds so much text soonest: this encoder, or what it exported into a folder."""
        ...


Parse = Callable[[SourceFile, bytes, str], Parsed]
"""Makes records of a file's bytes; the string is their SHA-256. Raises InputError."""


class Taken(Protocol):
    """A file that was taken apart: an account of it, and the records, which need not be in memory until they are."""

    @property
    def summary(self) -> Outcome:
        """What was found, in numbers."""
        ...

    def load(self) -> Parsed:
        """The records."""
        ...


@runtime_checkable
class Parser(Protocol):
    """Takes files apart, several at a time if it can."""

    def map(self, files: Iterable[tuple[SourceFile, bytes, str]]) -> Iterator[Taken | InputError]:
        """What is made of each file's bytes, in the order of the files; an error in place of one that has none."""
        ...


Progress = Callable[[str, int, int], None]
"""Told the stage ("read", "embed", "write"), how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did. `generation` is the one now in force; `written`, whether it is a new one."""

    outcomes: tuple[Outcome, ...]
    counts: Counts
    seconds: float
    generation: str | None
    written: bool
    embedded: int = 0
    """Texts that were embedded; the vectors of the others were there."""


def build(
    home: Path,
    sources: Sequence[SourceFile],
    parse: Parse | Parser,
    encoder: IngestEncoder,
    *,
    roots: Sequence[Path] = (),
    settings: Mapping[str, str | int] | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
    flat_limit: int = FLAT_LIMIT,
    most_bytes: int = MOST_BYTES,
) -> Report:
    """Bring the index of a home up to date with the files under the roots.

    `settings` are whatever changes what `parse` makes, "max_tokens" among them. `rebuild` reads and embeds everything
    again, also what was read from elsewhere before, and mends a damaged index.

    Raises IndexBusy, HomeNotWritable, ModelError; IndexDamaged or IndexMismatch of an index that only `rebuild` can
    replace.
    """
    begun = time.monotonic()
    tell = progress or (lambda stage, done, total: None)
    chosen = dict(settings or {})
    with writing(home) as writer:
        old = _open_old(home, rebuild=rebuild)
        unfinished = Unfinished(home)
        try:
            plan = _Plan(old, unfinished, made_by=_made_by(chosen), rebuild=rebuild, most_bytes=most_bytes)
            plan.look(sources, roots, parse if isinstance(parse, Parser) else _Here(parse), tell)
            work = plan.resolve()
            model = Model(encoder.name, encoder.fingerprint, encoder.dimension)
            if not rebuild and not _changed(old, work, model):
                counts = old.manifest.counts if old else Counts(0, 0, 0, 0)
                name = old.generation if old else None
                unfinished.remove()
                writer.tidy()
                return Report(tuple(work.outcomes()), counts, time.monotonic() - begun, name, written=False)
            made = _write(
                *(writer, old, work, model, chosen, encoder, unfinished, tell),
                flat_limit=flat_limit,
                reuse=not rebuild,
            )
            return Report(tuple(work.outcomes()), made.counts, time.monotonic() - begun, made.name, True, made.embedded)
        finally:
            unfinished.close()
            if old is not None:
                old.close()


def remove_document(home: Path, identity: str, *, flat_limit: int = FLAT_LIMIT) -> Report:
    """Take a document out of the index. The next ingest of its folder brings it back, if its file is still there.

    Raises UsageError if there is no such document, and as `build` and `open_snapshot`.
    """
    begun = time.monotonic()
    with writing(home) as writer, open_snapshot(home) as old:
        if identity not in old.catalogue.references():
            raise UsageError(f"there is no document {identity!r}", hint="run: factdesk documents")
        files = old.catalogue.files()
        gone = [record for record in files if record.document == identity]
        work = _Work(
            documents=[_Carried(item, item.path) for item in old.catalogue.summaries() if item.id != identity],
            records=[record for record in files if record.document != identity],
            told=[Outcome(record.path, FileStatus.REMOVED, document=identity) for record in gone],
        )
        made = _write(
            *(writer, old, work, old.manifest.model, old.manifest.settings, None, Unfinished(home)),
            lambda stage, done, total: None,
            flat_limit=flat_limit,
            reuse=True,
        )
        return Report(tuple(work.outcomes()), made.counts, time.monotonic() - begun, made.name, True)


def _open_old(home: Path, *, rebuild: bool) -> Snapshot | None:
    try:
        return open_snapshot(home)
    except IndexMissing:
        return None
    except (IndexDamaged, IndexMismatch):
        if rebuild:
            return None
        raise


def _made_by(settings: Mapping[str, str | int]) -> str:
    """Names the version and settings that made a document of a file."""
    said = json.dumps([snapshot.factdesk_version(), sorted(settings.items())])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# What there is to do


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: Reason
    detail: str


@dataclass(slots=True)
class _Entry:
    """A file as it is now. `looked` is false for one from elsewhere, which is only kept."""

    source: SourceFile
    before: FileRecord | None
    sha256: str = ""
    size: int = 0
    mtime_ns: int = -1
    failure: _Failure | None = None
    looked: bool = True
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class _Carried:
    """A document of the old generation that stays, under this path."""

    summary: DocumentSummary
    path: str


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A document that was read just now, with the id and the path that it gets."""

    taken: Taken
    id: str
    path: str
    sha256: str
    made_by: str

    def load(self) -> Parsed:
        """Its records."""
        parsed = _with_id(self.taken.load(), self.id)
        return replace(parsed, document=replace(parsed.document, path=self.path, sha256=self.sha256))


@dataclass(frozen=True, slots=True)
class _Held:
    """Records that are in memory."""

    parsed: Parsed

    @property
    def summary(self) -> Outcome:
        return Outcome.of_read(self.parsed)

    def load(self) -> Parsed:
        return self.parsed


@dataclass(frozen=True, slots=True)
class _Here:
    """Takes files apart in this process, one after the other."""

    parse: Parse

    def map(self, files: Iterable[tuple[SourceFile, bytes, str]]) -> Iterator[Taken | InputError]:
        for source, data, sha256 in files:
            try:
                yield _Held(self.parse(source, data, sha256))
            except InputError as error:
                yield error
            except MemoryError:
                yield InputError("not enough memory", path=source.path, reason=Reason.MEMORY)
            except Exception as error:
                # Whatever a reader stumbles over must not cost the user the other files.
                message = f"{type(error).__name__} while reading"
                yield InputError(message, path=source.path, reason=Reason.CRASHED)


@dataclass(slots=True)
class _Work:
    """The next generation: its documents, the files to remember, and what to tell of each."""

    documents: list[_Carried | _Fresh]
    records: list[FileRecord]
    told: list[Outcome] = field(default_factory=list)

    def outcomes(self) -> Iterator[Outcome]:
        """What became of every file, by path."""
        yield from sorted(self.told, key=lambda outcome: outcome.path)

    def fail(self, document: str, failure: _Failure) -> None:
        """Turn the outcome of every file that holds a document into this failure."""
        for number, record in enumerate(self.records):
            if record.document == document:
                self.records[number] = replace(
                    record,
                    status=FileStatus.FAILED,
                    reason=failure.reason.value,
                    detail=failure.detail,
                    document=None,
                )
        for number, outcome in enumerate(self.told):
            if outcome.document == document:
                self.told[number] = Outcome(outcome.path, FileStatus.FAILED, failure.reason.value, failure.detail)


class _Plan:
    """Finds out what is new. `look` reads files, `resolve` decides which file stands for which document."""

    def __init__(
        self, old: Snapshot | None, unfinished: Unfinished, *, made_by: str, rebuild: bool, most_bytes: int
    ) -> None:
        self._unfinished = unfinished
        self._made_by = made_by
        self._rebuild = rebuild
        self._most_bytes = most_bytes
        self._known = {record.absolute: record for record in old.catalogue.files()} if old else {}
        self._old = {item.sha256: item for item in old.catalogue.summaries()} if old else {}
        self._entries: list[_Entry] = []
        self._gone: list[FileRecord] = []
        self._taken: dict[str, Taken] = {}
        self._stuck: dict[str, _Failure] = {}

    def look(self, sources: Sequence[SourceFile], roots: Sequence[Path], parser: Parser, tell: Progress) -> None:
        """Look at every source, and read and parse those that are new."""
        given = {source.absolute: source for source in sources}
        places = [root.absolute() for root in roots]
        for absolute, record in self._known.items():
            if absolute in given:
                continue
            if any(absolute.is_relative_to(place) for place in places):
                self._gone.append(record)
            elif (self._rebuild or record.made_by != self._made_by) and absolute.exists():
                given[absolute] = SourceFile(record.path, absolute)
            else:
                self._entries.append(_kept(record))
        todo = sorted(given.values(), key=lambda source: (source.path, str(source.absolute)))
        tell("read", 0, len(todo))
        done = 0
        waiting = [_Entry(source, self._known.get(source.absolute), made_by=self._made_by) for source in todo]
        while waiting:
            copies: list[_Entry] = []
            for entry in self._take_in(waiting, parser, copies):
                self._entries.append(entry)
                done += 1
                tell("read", done, len(todo))
            waiting = copies
        self._entries.sort(key=lambda entry: (entry.source.path, str(entry.source.absolute)))

    def _take_in(self, entries: Iterable[_Entry], parser: Parser, copies: list[_Entry]) -> Iterator[_Entry]:
        """Look at files, have the new ones taken apart, and yield those that are settled.

        A copy of a file that is being taken apart is put aside: it is read only if that one cannot be, for under its
        own name it may be readable.
        """
        settled: deque[_Entry] = deque()
        asked: deque[_Entry] = deque()
        under_way: set[str] = set()

        def files() -> Iterator[tuple[SourceFile, bytes, str]]:
            for entry in entries:
                data = self._look_at(entry)
                if data is None:
                    settled.append(entry)
                elif entry.sha256 in under_way:
                    copies.append(entry)
                else:
                    under_way.add(entry.sha256)
                    asked.append(entry)
                    yield entry.source, data, entry.sha256

        for result in parser.map(files()):
            entry = asked.popleft()
            if isinstance(result, InputError):
                failure = _Failure(result.reason, str(result))
                if failure.reason in _STUCK:
                    self._stuck[entry.sha256] = failure
                self._failed(entry, failure)
            else:
                self._taken[entry.sha256] = result
                self._unfinished.keep_document(entry.sha256, entry.source.path, self._made_by, result)
            yield entry
            while settled:
                yield settled.popleft()
        yield from settled

    def _look_at(self, entry: _Entry) -> bytes | None:
        """The bytes of a file that is to be taken apart; None if the entry says all that there is to say."""
        try:
            if entry.sha256 in self._taken:
                return None
            if stuck := self._stuck.get(entry.sha256):
                self._failed(entry, stuck)
                return None
            return None if self._is_as_before(entry) else self._read(entry)
        except InputError as error:
            self._failed(entry, _Failure(error.reason, str(error)))
        except MemoryError:
            self._failed(entry, _Failure(Reason.MEMORY, "not enough memory"))
        except Exception as error:
            self._failed(entry, _Failure(Reason.CRASHED, f"{type(error).__name__} while reading"))
        return None

    def _is_as_before(self, entry: _Entry) -> bool:
        """Whether size and time say that the file is what was read before; then takes over what is known of it."""
        before = entry.before
        if before is None or not self._may_reuse(before):
            return False
        try:
            now = entry.source.absolute.stat()
        except OSError:
            return False
        if (now.st_size, _times(now)) != (before.size, before.mtime_ns) or not stat.S_ISREG(now.st_mode):
            return False
        self._take_over(entry, before, now.st_size, before.mtime_ns)
        return True

    def _may_reuse(self, before: FileRecord) -> bool:
        if self._rebuild or before.made_by != self._made_by or not before.sha256:
            return False
        if before.status is FileStatus.FAILED or before.document is None:
            return before.reason not in _IN_THE_WAY
        return True

    def _take_over(self, entry: _Entry, before: FileRecord, size: int, mtime_ns: int) -> None:
        entry.sha256, entry.size, entry.mtime_ns = before.sha256, size, mtime_ns
        if before.document is None and before.reason is not None:
            entry.failure = _Failure(Reason(before.reason), before.detail)

    def _read(self, entry: _Entry) -> bytes | None:
        data, entry.size, entry.mtime_ns = _bytes_of(entry.source, self._most_bytes)
        entry.sha256 = hashlib.sha256(data).hexdigest()
        before = entry.before
        if before is not None and before.sha256 == entry.sha256 and self._may_reuse(before):
            self._take_over(entry, before, entry.size, entry.mtime_ns)
            return None
        known = self._old.get(entry.sha256)
        if known is not None and known.made_by == self._made_by and not self._rebuild:
            return None
        if entry.sha256 in self._taken:
            return None
        if not self._rebuild and (kept := self._unfinished.document(entry.sha256, entry.source.path, self._made_by)):
            self._taken[entry.sha256] = kept
            return None
        return data

    def _failed(self, entry: _Entry, failure: _Failure) -> None:
        entry.failure = failure
        before = entry.before
        if failure.reason in _IN_THE_WAY and before is not None and before.document is not None:
            entry.sha256, entry.size, entry.mtime_ns, entry.made_by = before.sha256, -1, -1, before.made_by

    def resolve(self) -> _Work:
        """Give every document to one file, and every file its outcome."""
        holders: dict[str, list[_Entry]] = {}
        work = _Work([], [])
        for entry in self._entries:
            stands = entry.failure is None or entry.failure.reason in _IN_THE_WAY
            if stands and (entry.sha256 in self._taken or entry.sha256 in self._old):
                holders.setdefault(entry.sha256, []).append(entry)
            else:
                failure = entry.failure or _Failure(Reason.DAMAGED, "")
                _tell_failure(work, entry, failure, None)
        owners = {sha256: self._owner(sha256, entries) for sha256, entries in holders.items()}
        taken = {self._old[sha256].id for sha256 in owners if sha256 not in self._taken}
        renamed: set[str] = set()
        for sha256, owner in sorted(owners.items(), key=lambda item: self._turn(*item)):
            if sha256 in self._taken:
                found = self._taken[sha256].summary
                identity = _free_id(found.document or "document", sha256, taken)
                taken.add(identity)
                work.documents.append(_Fresh(self._taken[sha256], identity, owner.source.path, sha256, self._made_by))
                found = replace(found, document=identity)
            else:
                summary = self._old[sha256]
                work.documents.append(_Carried(summary, owner.source.path))
                found = _outcome_of_summary(summary)
                if owner.before is None:
                    renamed.add(summary.path)
            for entry in holders[sha256]:
                self._tell(work, entry, owner, found, fresh=sha256 in self._taken)
        for record in self._gone:
            if record.path not in renamed or record.status is not FileStatus.READ:
                work.told.append(Outcome(record.path, FileStatus.REMOVED, document=record.document))
        work.documents.sort(key=lambda item: item.path)
        work.records.sort(key=lambda record: (record.path, str(record.absolute)))
        return work

    def _turn(self, sha256: str, owner: _Entry) -> tuple[bool, str, str]:
        """When a document chooses its id: first whoever had it before, then by path."""
        before, taken = owner.before, self._taken.get(sha256)
        keeps = before is not None and taken is not None and before.document == taken.summary.document
        return not keeps, owner.source.path, sha256

    def _owner(self, sha256: str, entries: list[_Entry]) -> _Entry:
        """The file that stands for a document: the one that did before, else the first by path."""
        for entry in entries:
            before = entry.before
            if before is not None and before.sha256 == sha256 and before.status is FileStatus.READ:
                return entry
        return next((entry for entry in entries if entry.failure is None), entries[0])

    def _tell(self, work: _Work, entry: _Entry, owner: _Entry, found: Outcome, *, fresh: bool) -> None:
        if entry.failure is not None:
            _tell_failure(work, entry, entry.failure, found.document)
            return
        status, reason, detail = FileStatus.READ, None, ""
        if entry is not owner:
            status, reason, detail = FileStatus.SKIPPED, Reason.DUPLICATE_OF.value, owner.source.path
        work.records.append(_record(entry, status, reason, detail, found.document))
        if not entry.looked:
            return
        if entry is not owner:
            work.told.append(Outcome(entry.source.path, status, reason, detail, found.document))
            return
        if not fresh:
            former = self._old[entry.sha256].path
            moved = former != entry.source.path
            status, detail = (FileStatus.RENAMED, f"was {former}") if moved else (FileStatus.UNCHANGED, "")
        work.told.append(replace(found, path=entry.source.path, status=status, detail=detail))


def _kept(record: FileRecord) -> _Entry:
    entry = _Entry(SourceFile(record.path, record.absolute), record, looked=False, made_by=record.made_by)
    entry.sha256, entry.size, entry.mtime_ns = record.sha256, record.size, record.mtime_ns
    if record.document is None and record.reason is not None:
        entry.failure = _Failure(Reason(record.reason), record.detail)
    return entry


def _record(entry: _Entry, status: FileStatus, reason: str | None, detail: str, document: str | None) -> FileRecord:
    return FileRecord(
        *(entry.source.absolute, entry.source.path, entry.sha256, entry.size, entry.mtime_ns, entry.made_by),
        *(status, reason, detail, document),
    )


def _tell_failure(work: _Work, entry: _Entry, failure: _Failure, document: str | None) -> None:
    status = FileStatus.SKIPPED if failure.reason in _NOT_MEANT else FileStatus.FAILED
    reason = failure.reason.value
    work.records.append(_record(entry, status, reason, failure.detail, document))
    if entry.looked:
        work.told.append(Outcome(entry.source.path, status, reason, failure.detail, document))


def _outcome_of_summary(summary: DocumentSummary) -> Outcome:
    return Outcome(
        path=summary.path,
        status=FileStatus.UNCHANGED,
        document=summary.id,
        passages=summary.passages,
        figures=summary.figures,
        numbers_seen=summary.numbers_seen,
        skipped=summary.skipped,
        warnings=summary.warnings,
    )


def _bytes_of(source: SourceFile, most: int) -> tuple[bytes, int, int]:
    """The bytes of a file with its size and time, of one state of the file; the time is -1 if it cannot be relied on.

    Opened without waiting: a pipe in the folder must not stop the ingest.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

    def refuse(reason: Reason, message: str) -> InputError:
        return InputError(message, path=source.path, reason=reason)

    try:
        descriptor = os.open(source.absolute, flags)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise refuse(Reason.UNSUPPORTED, "not a regular file")
            if before.st_size > most:
                raise refuse(Reason.TOO_BIG, f"{before.st_size:,} bytes; the limit is {most:,}")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(most + 1)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise refuse(Reason.NOT_FOUND, "no such file") from error
    except PermissionError as error:
        raise refuse(Reason.NO_PERMISSION, "no permission to read it") from error
    except OSError as error:
        raise refuse(Reason.DAMAGED, f"cannot be read: {error.strerror}") from error
    if (before.st_size, _times(before)) != (after.st_size, _times(after)) or len(data) != after.st_size:
        raise refuse(Reason.CHANGED_WHILE_READING, "changed while it was read; the next ingest picks it up")
    settled = time.time_ns() - after.st_mtime_ns > FRESH_NS
    return data, after.st_size, _times(after) if settled else -1


def _times(status: os.stat_result) -> int:
    """When a file was changed, and when anything about it was, in one number.

    Whoever changes a file may set the first back, as copying with its times does; the second is the system's.
    """
    return status.st_mtime_ns + status.st_ctime_ns


def _free_id(wanted: str, sha256: str, taken: set[str]) -> str:
    """An id that no other document has: two files may have one name in two folders."""
    found, width = wanted, 6
    while found in taken:
        found = f"{wanted}-{sha256[:width]}"
        width += 6
    return found


def _with_id(parsed: Parsed, new: str) -> Parsed:
    """The same records under another id."""
    old = parsed.document.id
    if old == new:
        return parsed

    def own(identity: str) -> str:
        return new + identity[len(old) :] if identity.startswith(old) else f"{new}/{identity}"

    subjects = {item.id: own(item.id) for item in parsed.subjects}
    return replace(
        parsed,
        document=replace(parsed.document, id=new),
        subjects=tuple(replace(item, id=subjects[item.id], document=new) for item in parsed.subjects),
        passages=tuple(
            replace(item, id=own(item.id), document=new, subject=subjects.get(item.subject, item.subject))
            for item in parsed.passages
        ),
        figures=tuple(
            replace(
                item,
                id=own(item.id),
                document=new,
                parent=None if item.parent is None else own(item.parent),
                subject_id=subjects.get(item.subject_id, item.subject_id),
            )
            for item in parsed.figures
        ),
        omissions=tuple(
            replace(item, document=new, subject_id=subjects.get(item.subject_id, item.subject_id))
            for item in parsed.omissions
        ),
    )


def _changed(old: Snapshot | None, work: _Work, model: Model) -> bool:
    if old is None:
        # Without a single document there is nothing to ask: then there is "no index yet".
        return bool(work.documents)
    if old.manifest.model != model or any(isinstance(item, _Fresh) for item in work.documents):
        return True

    def essence(records: Iterable[FileRecord]) -> list[tuple[object, ...]]:
        # Times may differ, and so may the words of a failure that is tried again each time.
        return [(item.absolute, item.path, item.sha256, item.made_by, item.reason, item.document) for item in records]

    return essence(old.catalogue.files()) != essence(work.records)


# Writing


class _Made(NamedTuple):
    name: str
    counts: Counts
    embedded: int


def _write(
    writer: Writer,
    old: Snapshot | None,
    work: _Work,
    model: Model,
    settings: Mapping[str, str | int],
    encoder: IngestEncoder | None,
    unfinished: Unfinished,
    tell: Progress,
    *,
    flat_limit: int,
    reuse: bool,
) -> _Made:
    """Write and publish the next generation. Without an encoder every vector must be in the old one."""
    name, folder = writer.stage()
    try:
        # First the export, which may be refused: an hour of embedding must not come before that.
        seals = _encoder_files(writer, old, model, encoder, unfinished)
        counts = _write_catalogue(folder / snapshot.CATALOGUE, old, work, tell)
        same = old if reuse and old is not None and old.manifest.model == model else None
        with Catalogue(folder / snapshot.CATALOGUE) as catalogue:
            exported = writer.encoder_folder(model.fingerprint)
            embedding = _Embedding(catalogue, same, model, encoder, exported, unfinished, tell)
            passages = np.empty((counts.passages, model.dimension), dtype=np.float32)
            with (folder / snapshot.UNITS).open("wb") as file:
                write_units(file, embedding.units(passages), count=counts.units, dimension=model.dimension)
            kind = write_passages(folder / snapshot.PASSAGES, passages, flat_limit=flat_limit)
            del passages
            with (folder / snapshot.WORDS).open("wb") as file:
                write_units(file, embedding.words(counts.words), count=counts.words, dimension=model.dimension)
        tell("write", len(work.documents), len(work.documents) + 1)
        files = {item: seal(folder / item) for item in snapshot.FILES}
        manifest = Manifest(model, kind, counts, dict(settings), files, seals, snapshot.factdesk_version())
        writer.publish(name, folder, manifest)
    except BaseException as error:
        if isinstance(error, OSError):
            written = sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
            shutil.rmtree(folder, ignore_errors=True)
            raise snapshot.refused(error, "the next state of the index", written=written) from error
        shutil.rmtree(folder, ignore_errors=True)
        raise
    unfinished.remove()
    tell("write", len(work.documents) + 1, len(work.documents) + 1)
    return _Made(name, counts, embedding.embedded)


def _write_catalogue(path: Path, old: Snapshot | None, work: _Work, tell: Progress) -> Counts:
    source = None if old is None else old.folder / snapshot.CATALOGUE
    target = CatalogueWriter(path, old=source)
    try:
        total = len(work.documents) + 1
        for done, item in enumerate(list(work.documents)):
            tell("write", done, total)
            if isinstance(item, _Carried):
                moved = item.path if item.path != item.summary.path else None
                target.carry(item.summary.id, path=moved)
                continue
            try:
                target.add(item.load(), made_by=item.made_by)
            except UncleanText as error:
                work.documents.remove(item)
                work.fail(item.id, _Failure(Reason.DAMAGED, str(error)))
        for record in work.records:
            target.file(record)
        return target.finish()
    finally:
        target.close()


def _encoder_files(
    writer: Writer, old: Snapshot | None, model: Model, encoder: IngestEncoder | None, unfinished: Unfinished
) -> dict[str, Seal]:
    """The model's files for asking: those of the old generation, which were compared when it was opened, or new."""
    if old is not None and old.manifest.model.fingerprint == model.fingerprint:
        return old.manifest.encoder_files
    if encoder is None:
        raise AssertionError("a new model without an encoder")
    target, version = writer.encoder_folder(model.fingerprint), snapshot.factdesk_version()
    kept = unfinished.encoder(model.fingerprint, version)
    if kept and snapshot.is_sealed(target, kept):
        return kept
    staged = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        encoder.export(staged)
        seals = {path.name: seal(path) for path in sorted(staged.iterdir())}
        writer.install_encoder(staged, model.fingerprint)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    unfinished.keep_encoder(model.fingerprint, version, seals)
    return seals


class _Embedding:
    """Vectors for the rows of a new catalogue: those of the old generation where the text is the same, else new."""

    def __init__(
        self,
        catalogue: Catalogue,
        old: Snapshot | None,
        model: Model,
        encoder: IngestEncoder | None,
        exported: Path,
        unfinished: Unfinished,
        tell: Progress,
    ) -> None:
        self._catalogue = catalogue
        self._old = old
        self._dimension = model.dimension
        self._model = model.fingerprint
        self._encoder = encoder
        self._unfinished = unfinished
        self._tell = tell
        self._from = {table: self._found_again(table) for table in ("passages", "units", "words")}
        # Units come with their passages.
        self._total = sum(int((self._from[table] < 0).sum()) for table in ("passages", "words"))
        self._exported = exported
        self._done = 0
        self.embedded = 0

    def _found_again(self, table: str) -> npt.NDArray[np.int64]:
        """For every row, the row of the old generation with the same text, or -1."""
        new = self._catalogue.digests(table)
        found = np.full(len(new), -1, dtype=np.int64)
        if self._old is None or not len(new):
            return found
        before = self._old.catalogue.digests(table)
        if not len(before):
            return found
        order = np.argsort(before, kind="stable")
        places = order[np.minimum(np.searchsorted(before, new, sorter=order), len(before) - 1)]
        same = before[places] == new
        found[same] = places[same]
        return found

    def units(self, passages: Vectors) -> Iterator[UnitArray]:
        """The vectors of all units, in blocks; those of the passages, made with them, are put into `passages`.

        A passage is embedded if its own vector or one of its units' is not there.
        """
        starts = self._catalogue.unit_starts()
        lacking = np.concatenate(([0], np.cumsum(self._from["units"] < 0)))[starts]
        known = (self._from["passages"] >= 0) & (np.diff(lacking) == 0)
        for rows in _blocks(len(passages)):
            first, last = starts[rows[0]], starts[rows[-1] + 1]
            block = np.empty((last - first, self._dimension), dtype=np.float16)
            before, new = rows[known[rows]], rows[~known[rows]]
            if self._old is not None and len(before):
                passages[before] = self._old.passages.vectors(self._from["passages"][before])
                of_them = np.concatenate([np.arange(starts[row], starts[row + 1]) for row in before.tolist()])
                block[of_them - first] = self._old.units.stored(self._from["units"][of_them])
            texts = self._catalogue.parted_passages(new.tolist())
            for row, found in zip(new.tolist(), self._embed(texts, np.float32, self._encode_parts), strict=True):
                passages[row] = found[0]
                block[starts[row] - first : starts[row + 1] - first] = found[1:]
            yield block

    def words(self, count: int) -> Iterator[UnitArray]:
        """The vectors of all words, in blocks, at half precision."""
        for rows in _blocks(count):
            block = np.empty((len(rows), self._dimension), dtype=np.float16)
            known = self._from["words"][rows] >= 0
            if self._old is not None and known.any():
                block[known] = self._old.words.stored(self._from["words"][rows[known]])
            texts = [Parted(word) for word in self._catalogue.embedded_words(rows[~known].tolist())]
            found = self._embed(texts, np.float16, self._encode)
            block[~known] = np.concatenate(found) if found else np.empty((0, self._dimension))
            yield block

    def _embed(
        self,
        texts: list[Parted],
        kind: type[np.floating[Any]],
        encode: Callable[[list[Parted]], list[Vectors]],
    ) -> list[Vectors]:
        """Vectors of texts that the old generation does not have, of the precision that they are kept with.

        What was kept is looked up slice by slice, also what this ingest has kept itself: so the encoder gets the same
        texts together, and makes the same vectors, whether or not it was stopped in between.
        """
        if not texts:
            return []
        distinct = sorted(dict.fromkeys(texts), key=lambda text: (-len(text.text), text.text, text.parts))
        made: dict[Parted, Vectors] = {}
        self._tell("embed", self._done, self._total)
        for first in range(0, len(distinct), SLICE):
            part = distinct[first : first + SLICE]
            kept = self._unfinished.vectors(part, self._model, self._dimension, kind)
            made |= {part[number]: vectors for number, vectors in kept.items()}
            fresh = [text for text in part if text not in made]
            if fresh:
                found = encode(fresh)
                self._unfinished.keep_vectors(fresh, found, self._model, kind)
                made |= zip(fresh, found, strict=True)
                self.embedded += len(fresh)
            self._tell("embed", min(self._done + first + len(part), self._total), self._total)
        self._done += len(texts)
        return [made[text] for text in texts]

    def _encode(self, texts: list[Parted]) -> list[Vectors]:
        found = self._usable(self._asked.encode([text.text for text in texts]), len(texts))
        return list(found[:, np.newaxis])

    def _encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        found = self._asked.encode_parts(texts)
        return [self._usable(one, 1 + len(text.parts)) for text, one in zip(texts, found, strict=True)]

    @cached_property
    def _asked(self) -> PartEncoder:
        """What embeds. Chosen by all that the old generation lacks: an ingest that goes on chooses as the first did."""
        if self._encoder is None:
            raise IndexDamaged("a vector of the index is missing", hint=snapshot.REBUILD)
        rows = {table: np.flatnonzero(self._from[table] < 0).tolist() for table in ("passages", "words")}
        characters = self._catalogue.embedded_size(rows["passages"])
        return self._encoder.suited(self._exported, characters + CHARACTERS_A_WORD * len(rows["words"]))

    def _usable(self, vectors: Vectors, count: int) -> Vectors:
        """The vectors if they are so many, and numbers."""
        if vectors.shape != (count, self._dimension) or not np.isfinite(vectors).all():
            raise ModelError("the embedding model returned no usable vectors", hint="try another in FACTDESK_MODEL")
        return vectors


def _blocks(count: int) -> Iterator[npt.NDArray[np.int64]]:
    for first in range(0, count, BLOCK):
        yield np.arange(first, min(first + BLOCK, count), dtype=np.int64)
