"""Where an index lives, and how it changes from one whole state to the next.

    <home>/CURRENT                              the name of the generation in force and the checksum of its manifest
    <home>/generations/gen-000001/              catalogue.sqlite, passages.faiss, units.npy, words.npy, manifest.json
    <home>/encoders/<fingerprint>/              the embedding model for asking: model.onnx, tokenizer.json, ...
    <home>/write.lock, write.lock.json          held while writing; who holds it

1. A generation is written under a temporary name, synced, renamed, and only then named by CURRENT, which is replaced
   in one step. Whoever dies in between leaves the old generation in force. Before the first generation CURRENT says
   "none": a home that has generations and no CURRENT has lost it.
2. CURRENT vouches for the manifest, the manifest for every other file: each is compared before it is loaded.
3. The last two generations stay, so that a reader that has just looked up CURRENT finds its files. A reader shares a
   lock on the manifest that it opened: its generation, and the model of it, are removed only when nobody holds it. The
   lock is on a file opened for reading, so a home that cannot be written is read like any other.
4. One writer at a time. A second one is refused at once. Every lock is the system's: it ends with the process.
5. What a dead writer left is removed by the next one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

try:
    import fcntl
except ImportError:  # Windows has none: there an open file keeps its folder from being renamed, which is as good
    fcntl = None  # type: ignore[assignment]

from factdesk.corpus.errors import (
    FactdeskError,
    HomeNotWritable,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
)
from factdesk.index.catalogue import Catalogue, Counts

if TYPE_CHECKING:
    from factdesk.index.encoder import OnnxEncoder
    from factdesk.index.vectors import PassageVectors, UnitVectors

Result = TypeVar("Result")

FORMAT = 3
"""Of the folder's layout, the manifest and the catalogue's schema together."""
KEPT = 2
"""Generations that stay: the one in force and the one before it."""
CATALOGUE, PASSAGES, UNITS, MANIFEST = "catalogue.sqlite", "passages.faiss", "units.npy", "manifest.json"
WORDS = "words.npy"
FILES = (CATALOGUE, PASSAGES, UNITS, WORDS)
_VECTORS = (PASSAGES, UNITS, WORDS)
ENCODER = "encoder"
PARTS = (*FILES, ENCODER)
"""What a snapshot consists of: the files of a generation, and the embedding model, which is a folder."""
_CURRENT, _LOCK, _HOLDER = "CURRENT", "write.lock", "write.lock.json"
_GENERATIONS, _ENCODERS, _TEMPORARY = "generations", "encoders", ".tmp"
_REPLACED = f".old{_TEMPORARY}"
_NOTHING = b"none\n"
"""What CURRENT says before the first generation is in force."""
_NAME = re.compile(r"gen-([0-9]{6,12})")
_POINTER = re.compile(rb"(gen-[0-9]{6,12}) ([0-9a-f]{64})\n")
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PIECE = 8 << 20
"""Bytes of a file that are read at once to work out its checksum."""
_LOOKS = 3
"""Times that a reader looks again when the generation it found was replaced and removed while it looked."""
INGEST = "run: factdesk ingest"
REBUILD = "run: factdesk ingest --rebuild"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file must be: its size and the SHA-256 of its bytes."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """The embedding model that an index was made by."""

    name: str
    fingerprint: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation consists of. `settings` are those of the passages, "max_tokens" among them."""

    model: Model
    kind: str
    counts: Counts
    settings: dict[str, str | int]
    files: dict[str, Seal]
    encoder_files: dict[str, Seal]
    factdesk: str
    format: int = FORMAT

    def dump(self) -> bytes:
        """As JSON; the same manifest is the same bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode("ascii") + b"\n"

    @classmethod
    def load(cls, data: bytes) -> Manifest:
        """Read JSON. Raises IndexDamaged if it is no manifest, IndexMismatch if it is of another version."""
        try:
            raw: dict[str, Any] = json.loads(data)
            version = int(raw["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise IndexDamaged("the manifest of the index cannot be read", hint=REBUILD) from error
        if version != FORMAT:
            age = "a newer" if version > FORMAT else "an older"
            raise IndexMismatch(
                f"the index was written by {age} factdesk (format {version}; this one reads {FORMAT})", hint=REBUILD
            )
        try:
            return cls(
                model=_model(**raw["model"]),
                kind=_word(raw["kind"]),
                counts=Counts(**{name: _count(count) for name, count in raw["counts"].items()}),
                settings=dict(raw["settings"]),
                files={name: _seal(**seal) for name, seal in raw["files"].items()},
                encoder_files={name: _seal(**seal) for name, seal in raw["encoder_files"].items()},
                factdesk=_word(raw["factdesk"]),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise IndexDamaged("the manifest of the index is incomplete", hint=REBUILD) from error


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("no count")
    return value


def _seal(size: object, sha256: object) -> Seal:
    return Seal(_count(size), _word(sha256))


def _model(name: object, fingerprint: object, dimension: object) -> Model:
    return Model(_word(name), _word(fingerprint), _count(dimension))


def factdesk_version() -> str:
    """The version of this program."""
    import importlib.metadata

    return importlib.metadata.version("factdesk")


def default_home() -> Path:
    """FACTDESK_HOME, or the folder that the system keeps for the user's application data."""
    if given := os.environ.get("FACTDESK_HOME"):
        return Path(given).expanduser()
    import platformdirs

    return platformdirs.user_data_path("factdesk", appauthor=False)


def seal(path: Path) -> Seal:
    """The size and checksum of a file, of the same bytes."""
    # In few and large pieces: after each this thread waits for its turn among those that run Python meanwhile.
    # `hashlib.file_digest` makes hundreds of a model.
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        buffer = memoryview(bytearray(min(_PIECE, os.fstat(file.fileno()).st_size + 1)))
        while read := file.readinto(buffer):
            digest.update(buffer[:read])
            size += read
    return Seal(size, digest.hexdigest())


# Reading


@dataclass
class Snapshot:
    """One generation of an index, checked and open. What it gives does not change while it is open.

    `encoder` is loaded when it is first asked for, and so are the vectors if only the catalogue was opened: figures are
    listed without them. Threads may share a snapshot.
    """

    home: Path
    generation: str
    manifest: Manifest
    catalogue: Catalogue = field(repr=False)
    compared: frozenset[str]
    """The parts that were compared with their checksums; the others are before they are loaded."""
    parts: dict[str, Any] = field(default_factory=dict, repr=False)
    """What is loaded, by its name among `PARTS`."""
    hold: BinaryIO | None = field(default=None, repr=False)
    """The open file whose lock keeps the generation from being removed."""
    _locks: dict[str, threading.RLock] = field(
        default_factory=lambda: {name: threading.RLock() for name in PARTS}, repr=False
    )
    """One for each part: no part waits for another."""

    @property
    def passages(self) -> PassageVectors:
        """The vectors of the passages."""
        found: PassageVectors = self._part(PASSAGES)
        return found

    @property
    def units(self) -> UnitVectors:
        """The vectors of the units."""
        found: UnitVectors = self._part(UNITS)
        return found

    @property
    def words(self) -> UnitVectors:
        """The vectors of the words."""
        found: UnitVectors = self._part(WORDS)
        return found

    @property
    def folder(self) -> Path:
        """Where the generation's files lie."""
        return self.home / _GENERATIONS / self.generation

    @property
    def encoder_folder(self) -> Path:
        """Where the embedding model for asking lies."""
        return self.home / _ENCODERS / self.manifest.model.fingerprint

    @property
    def encoder(self) -> OnnxEncoder:
        """The embedding model that this index was made by."""
        found: OnnxEncoder = self._part(ENCODER)
        return found

    def _part(self, name: str) -> Any:
        """A part of the index, loaded the first time, by one thread."""
        if name not in self.parts:
            with self._locks[name]:
                if name not in self.parts:
                    if name not in self.compared:
                        compare(self.home, self.generation, self.manifest, [name])
                    self.parts[name] = self._load(name)
        return self.parts[name]

    def load_vectors(self) -> None:
        """Load all vectors now. Their library is imported while they are compared: the one takes as long."""
        late = [name for name in _VECTORS if name not in self.compared]
        _beside(lambda: compare(self.home, self.generation, self.manifest, late), _import_vectors)
        self.compared = self.compared.union(late)
        for name in _VECTORS:
            self._part(name)

    def _load(self, name: str) -> object:
        if name == ENCODER:
            from factdesk.index.encoder import OnnxEncoder

            return OnnxEncoder(self.encoder_folder)
        from factdesk.index.vectors import PassageVectors, UnitVectors

        counts, dimension, path = self.manifest.counts, self.manifest.model.dimension, self.folder / name
        if name == PASSAGES:
            return PassageVectors(path, kind=self.manifest.kind, dimension=dimension, count=counts.passages)
        return UnitVectors(path, dimension=dimension, count=counts.units if name == UNITS else counts.words)

    def close(self) -> None:
        """Let go of the files."""
        self.catalogue.close()
        if self.hold is not None:
            self.hold.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def current_generation(home: Path) -> str | None:
    """The name of the generation in force; None if there is no index. Cheap: tells a server when to open anew.

    Raises IndexDamaged if CURRENT does not name one, or is gone.
    """
    found = _current(home)
    return found[0] if found else None


def _current(home: Path) -> tuple[str, str] | None:
    try:
        data = (home / _CURRENT).read_bytes()
    except FileNotFoundError as error:
        if _published(home):
            raise IndexDamaged(f"{_CURRENT} in the index's folder is missing", hint=REBUILD) from error
        return None
    except OSError as error:
        raise IndexDamaged(f"{_CURRENT} in the index's folder cannot be read", hint=REBUILD) from error
    if data == _NOTHING:
        return None
    found = _POINTER.fullmatch(data)
    if found is None:
        raise IndexDamaged(f"{_CURRENT} in the index's folder does not name a generation", hint=REBUILD)
    return found[1].decode("ascii"), found[2].decode("ascii")


def _generations(home: Path) -> list[Path]:
    folder = home / _GENERATIONS
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _published(home: Path) -> bool:
    """Whether there are generations that CURRENT should tell of."""
    return any(_NAME.fullmatch(path.name) for path in _generations(home))


def open_snapshot(home: Path, *, fingerprint: str | None = None, parts: Sequence[str] | None = None) -> Snapshot:
    """Open the index in force, after comparing every file of it with its checksum.

    `fingerprint` is that of the model the caller means to ask with, if it is not just the index's own. `parts`, of
    `PARTS`, are those to compare and open now, None being all; the others are when they are first asked for.

    Raises IndexMissing if there is none yet, IndexDamaged if a file is missing or altered, IndexMismatch if it was
    made by another model or another format version.
    """
    for look in range(_LOOKS):
        found = _current(home)
        if found is None:
            raise IndexMissing("there is no index yet", hint=INGEST)
        hold = _hold(home / _GENERATIONS / found[0])
        try:
            manifest = _verified(home, *found, parts)
            if fingerprint is not None and fingerprint != manifest.model.fingerprint:
                raise IndexMismatch(
                    f"the index was made by the model {manifest.model.fingerprint}, not by {fingerprint}", hint=INGEST
                )
            return _open(home, found[0], manifest, hold, parts)
        except BaseException as error:
            if hold is not None:
                hold.close()
            # A writer may have published twice since and removed the generation: then CURRENT names another.
            if not isinstance(error, IndexDamaged) or look + 1 == _LOOKS or _current(home) == found:
                raise
    raise AssertionError("unreachable")


def _hold(generation: Path) -> BinaryIO | None:
    """The manifest of a generation, open, with a share in its lock; None if there is none to open.

    Where the system knows no such locks the file is open and no more. The lock is waited for only while a writer
    renames the generation, to remove it: what follows then finds its files missing.
    """
    try:
        file = (generation / MANIFEST).open("rb")
    except OSError:
        return None
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def _unheld(generation: Path) -> Iterator[bool]:
    """Whether no reader has a generation open; none can come to hold it meanwhile."""
    with ExitStack() as stack:
        if fcntl is not None:
            try:
                file = stack.enter_context((generation / MANIFEST).open("rb"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                yield error.errno not in _HELD
                return
        yield True


def _verified(home: Path, generation: str, manifest_sha256: str, parts: Sequence[str] | None) -> Manifest:
    """As `verify`. The library of the vectors, if they are wanted, is imported meanwhile: the one takes as long."""
    wanted = parts is None or not set(parts).isdisjoint(_VECTORS)
    return _beside(
        lambda: verify(home, generation, manifest_sha256, parts), _import_vectors if wanted else lambda: None
    )


def _beside(work: Callable[[], Result], meanwhile: Callable[[], None]) -> Result:
    """What some work gives or raises. A thread does it while this one does something else."""
    done: list[Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="factdesk-verify")
    thread.start()
    try:
        meanwhile()
    finally:
        thread.join()
    for error in failed:
        raise error
    return done[0]


def _import_vectors() -> None:
    import factdesk.index.vectors  # noqa: F401 - it is wanted in a moment


def verify(home: Path, generation: str, manifest_sha256: str, parts: Sequence[str] | None = None) -> Manifest:
    """Compare every file of a generation, or of some parts of it, with its checksum; nothing is loaded.

    Raises as `open_snapshot`.
    """
    folder = home / _GENERATIONS / generation
    try:
        data = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{generation}/{MANIFEST} is missing or cannot be read", hint=REBUILD) from error
    if hashlib.sha256(data).hexdigest() != manifest_sha256:
        raise IndexDamaged(f"{generation}/{MANIFEST} is not what was written", hint=REBUILD)
    manifest = Manifest.load(data)
    if set(manifest.files) != set(FILES):
        raise IndexDamaged(f"{generation}/{MANIFEST} does not list the files of an index", hint=REBUILD)
    if not manifest.encoder_files:
        raise IndexDamaged(f"{generation}/{MANIFEST} does not list the files of the model", hint=REBUILD)
    compare(home, generation, manifest, PARTS if parts is None else parts)
    return manifest


def compare(home: Path, generation: str, manifest: Manifest, parts: Sequence[str]) -> None:
    """Compare the files of some parts with their checksums. Raises IndexDamaged for the first that differs."""
    for name, expected in manifest.files.items():
        if name in parts:
            _compare(home / _GENERATIONS / generation / name, f"{generation}/{name}", expected)
    encoder = home / _ENCODERS / manifest.model.fingerprint
    for name, expected in manifest.encoder_files.items() if ENCODER in parts else ():
        _compare(encoder / name, f"{_ENCODERS}/{manifest.model.fingerprint}/{name}", expected)


def is_sealed(folder: Path, seals: Mapping[str, Seal]) -> bool:
    """Whether the files of a folder are what they must be."""
    try:
        for name, expected in seals.items():
            _compare(folder / name, name, expected)
    except IndexDamaged:
        return False
    return True


def _compare(path: Path, shown: str, expected: Seal) -> None:
    try:
        size = path.stat().st_size
        # A wrong size says so at once, without reading gigabytes.
        found = seal(path) if size == expected.size else Seal(size, "")
    except OSError as error:
        raise IndexDamaged(f"{shown} is missing or cannot be read", hint=REBUILD) from error
    if found.size != expected.size:
        raise IndexDamaged(f"{shown} has {found.size:,} bytes instead of {expected.size:,}", hint=REBUILD)
    if found != expected:
        raise IndexDamaged(f"{shown} was altered: its checksum differs", hint=REBUILD)


def _open(
    home: Path, generation: str, manifest: Manifest, hold: BinaryIO | None, parts: Sequence[str] | None
) -> Snapshot:
    catalogue = Catalogue(home / _GENERATIONS / generation / CATALOGUE)
    compared = frozenset(PARTS if parts is None else parts)
    try:
        if catalogue.counts() != manifest.counts:
            raise IndexDamaged("the catalogue holds other numbers of records than the manifest says", hint=REBUILD)
        snapshot = Snapshot(home, generation, manifest, catalogue, compared, hold=hold)
        for name in compared - {CATALOGUE, ENCODER}:  # the model takes longest, and not all that read ask
            snapshot._part(name)
    except BaseException:
        catalogue.close()
        raise
    return snapshot


# Writing


def refused(error: OSError, what: str, *, written: int = 0) -> HomeNotWritable:
    """The error to raise when the system refuses to write; `written` bytes were written before it did."""
    if error.errno in _FULL:
        needed = f"; more than {written / 1e6:,.1f} MB are needed" if written else ""
        return HomeNotWritable(
            f"the disk is full or a limit is reached: {what} could not be written{needed}",
            hint="make room or choose another folder with --home, then run: factdesk ingest",
        )
    reason = error.strerror or type(error).__name__
    return HomeNotWritable(
        f"{what} could not be written: {reason}",
        hint="choose a folder that can be written with --home or FACTDESK_HOME",
    )


class Writer:
    """A writer's hold on a home. Made by `writing`."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def encoders(self) -> Path:
        """The folder of the embedding models."""
        return self.home / _ENCODERS

    def encoder_folder(self, fingerprint: str) -> Path:
        """Where the files of a model belong."""
        return self.encoders / fingerprint

    def stage(self) -> tuple[str, Path]:
        """Clear away what dead writers left and make an empty folder for the next generation: its name, and where.

        A number is never used twice, not even that of a generation that was not published.
        """
        self.tidy()
        numbers = [int(found[1]) for path in _generations(self.home) if (found := _NAME.fullmatch(path.name))]
        with suppress(IndexDamaged):
            if current := _current(self.home):
                numbers.append(int(current[0].removeprefix("gen-")))
            elif not (self.home / _CURRENT).exists():
                self._point(_NOTHING)
        name = f"gen-{max(numbers, default=0) + 1:06}"
        folder = self.home / _GENERATIONS / f"{name}{_TEMPORARY}"
        folder.mkdir(parents=True)
        return name, folder

    def publish(self, name: str, folder: Path, manifest: Manifest) -> None:
        """Put a staged generation in force. Its files are those that the manifest lists."""
        for file in FILES:
            _sync(folder / file)
        data = manifest.dump()
        _write(folder / MANIFEST, data)
        _sync(folder)
        generations = self.home / _GENERATIONS
        folder.replace(generations / name)
        _sync(generations)
        self._point(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode("ascii"))
        self.tidy()

    def _point(self, data: bytes) -> None:
        """Replace CURRENT."""
        temporary = self.home / f"{_CURRENT}{_TEMPORARY}"
        _write(temporary, data)
        temporary.replace(self.home / _CURRENT)
        _sync(self.home)

    def install_encoder(self, staged: Path, fingerprint: str) -> None:
        """Put a model's files, written to a temporary folder beside its place, into their place."""
        for file in sorted(staged.iterdir()):
            _sync(file)
        _sync(staged)
        target = self.encoder_folder(fingerprint)
        if target.exists():
            # Out of the way by a rename: a folder that is half removed must not stand where a whole one did.
            _put_aside(target)
        staged.replace(target)
        _sync(self.encoders)

    def tidy(self) -> None:
        """Remove what dead writers left, what CURRENT never named, and old generations that nobody holds any more."""
        self._put_old_aside()
        for folder in (*_generations(self.home), *(self.encoders.iterdir() if self.encoders.is_dir() else ())):
            if folder.name.endswith(_TEMPORARY):
                shutil.rmtree(folder, ignore_errors=True)

    def _put_old_aside(self) -> None:
        """Keep the generation in force, the one before it, those that readers hold, and the models of all of these.

        Nothing is removed while CURRENT cannot be read: someone may want to look.
        """
        with suppress(IndexDamaged, OSError):
            found = _current(self.home)
            names = [path.name for path in _generations(self.home) if _NAME.fullmatch(path.name)]
            if found is None:
                # Nobody ever read those: they were whole, and their writer died before it could name them.
                for name in names:
                    _put_aside(self.home / _GENERATIONS / name)
                return
            kept = sorted(names, key=lambda name: int(name[4:]))
            kept = kept[: kept.index(found[0]) + 1][-KEPT:] if found[0] in kept else kept
            for name in set(names) - set(kept):
                folder = self.home / _GENERATIONS / name
                with _unheld(folder) as unheld:
                    if unheld:
                        _put_aside(folder)
                    else:
                        kept.append(name)
            used = {self._model_of(name) for name in kept}
            if None not in used and self.encoders.is_dir():
                for folder in self.encoders.iterdir():
                    if folder.name not in used:
                        _put_aside(folder)

    def _model_of(self, generation: str) -> str | None:
        try:
            data = (self.home / _GENERATIONS / generation / MANIFEST).read_bytes()
            return Manifest.load(data).model.fingerprint
        except (OSError, FactdeskError):
            return None


@contextmanager
def writing(home: Path) -> Iterator[Writer]:
    """Hold the lock of a home, making the folder if need be. OSErrors inside become HomeNotWritable.

    Raises IndexBusy at once if another process, or another thread of this one, holds it.
    """
    import filelock

    what = "the index's folder"
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(home / _LOCK, timeout=0, thread_local=False)
        lock.acquire()
    except filelock.Timeout as error:
        raise IndexBusy(
            f"another process is writing the index{_holder(home)}", hint="wait until it is done, then try again"
        ) from error
    except OSError as error:
        raise refused(error, what) from error
    holder = home / _HOLDER
    try:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        holder.write_text(json.dumps({"pid": os.getpid(), "started": started}), "ascii")
        yield Writer(home)
    except OSError as error:
        raise refused(error, _named(error, home, what)) from error
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _named(error: OSError, home: Path, fallback: str) -> str:
    """The file that an error is about, as seen from the home; not the path of anything else."""
    if isinstance(error.filename, str) and error.filename:
        with suppress(ValueError):
            return Path(error.filename).relative_to(home).as_posix()
    return fallback


def _holder(home: Path) -> str:
    """Who holds the lock, if that can be told: the lock is taken an instant before the note is written."""
    try:
        note = json.loads((home / _HOLDER).read_bytes())
        return f" (process {int(note['pid'])}, since {note['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _put_aside(folder: Path) -> None:
    """Give a folder a temporary name, by which `Writer.tidy` removes it: it is there whole or not at all."""
    aside = folder.with_name(f"{folder.name}{_REPLACED}")  # not where its successor is being made
    shutil.rmtree(aside, ignore_errors=True)
    with suppress(OSError):
        folder.rename(aside)


def _sync(path: Path) -> None:
    """Make the system write a file, or the names in a folder, to the disk."""
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) if path.is_dir() else os.O_RDONLY
    try:
        descriptor = os.open(path, flags)
    except PermissionError:
        if os.name == "nt" and path.is_dir():
            return  # Windows opens no folders, and needs no syncing of them
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
