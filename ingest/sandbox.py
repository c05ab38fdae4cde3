"""Reading files in processes of their own, which are stopped when a file takes too long or too much.

1. Each process takes files apart one after the other; there are as many as cores, so that reading is parallel. They
   are started when they are needed. What comes back comes in the order of the files, whoever was done first.
2. A file may take `Limits` of time without a sign of life, and of time and memory in all: more for a larger file, and
   more time for each page that was read. Text recognition gets more of both, for so many pages as it is done for at
   most. A process that passes a limit is killed, and another takes its place. Time
   is what the process computed, so that a busy machine makes no file too slow; `PATIENCE` times as much by the clock.
3. A process that dies costs its file, and no other. If it had read files before, the file gets a second chance in a new
   one: what a file comes to does not depend on those before it.
4. A process gets the bytes that were hashed, a bare environment, and no terminal. What it prints is lost.
5. What was found waits, packed, in a temporary file until it is wanted: a large folder does not fit into memory.
6. No process outlives this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Protocol

import msgspec
import psutil

from factdesk.corpus.errors import FactdeskError, HomeNotWritable, InputError, Reason, UsageError
from factdesk.corpus.records import Outcome, Parsed
from factdesk.corpus.vocabulary import USER_FILE
from factdesk.ingest import pipeline, wire
from factdesk.ingest.pdf_scans import MOST_PAGES
from factdesk.ingest.recognition import SWITCH

MEGABYTE = 1 << 20
START_WORKER = ("-P", "-m", "factdesk.ingest.worker")
"""How Python is started: not from the present folder, for a json.py that lies there is none of ours."""
LOOK_EVERY = 0.05
"""Seconds between two looks at what the processes use: a loop can take fifty megabytes in that time."""
START = 30.0
"""Seconds that a process may take to get ready; it takes half of one."""
PATIENCE = 4.0
"""How many times as long as it may compute a process may wait for its turn, or for what never comes."""
LAST_WORDS = 1.0
"""Seconds that a process has to end by itself once it has closed its pipe, so that we learn how it ended."""
SERVES = 64
"""Files after which a process is replaced: libraries in C leak."""
WORN = 192 * MEGABYTE
"""A process that still holds so much after a file is replaced, or the next file would pay for it."""
NEARLY = 0.8
"""A process that died by itself above this share of its memory limit died of it."""
ENVIRONMENT = (
    *("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"),
    *(USER_FILE, SWITCH),
)
"""What a process keeps of the environment: what Python needs to start, the user's vocabulary, and whether the user
wants text recognised."""
SET = {
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Every thread of an allocator with its own reserve would use up address space that counts as memory.
    "MALLOC_ARENA_MAX": "2",
}
"""Settings of a process: one core, the same results each time, and no more threads than it needs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may take: a start for any file, and more with its size and its pages."""

    silence: float = 15.0
    """Seconds without a sign of life; whatever readers and the stages after them do for one takes a second at most."""
    seconds: float = 17.0
    seconds_a_megabyte: float = 10.0
    seconds_a_page: float = 0.5
    """A dense page takes 0.05 on an idle machine."""
    memory: int = 400 * MEGABYTE
    """A filing of 392 pages takes 260 MB in all, one of 217 dense pages 210 MB; 70 MB are the process's own."""
    memory_a_byte: int = 100
    """Plain text takes about 140 bytes a character."""
    most_memory: int = 2048 * MEGABYTE
    memory_to_recognise: int = 700 * MEGABYTE
    """More for a file with a page whose text is to be recognised: libraries and models take 110 MB, a page 400."""
    seconds_a_recognised_page: float = 15.0
    """A dense page takes 5 on an idle machine."""

    def memory_of(self, size: int) -> int:
        """The bytes that a file of this size may take."""
        return min(self.memory + self.memory_a_byte * size, max(self.most_memory, self.memory))

    def seconds_of(self, size: int, pages: int, recognised: int = 0) -> float:
        """The seconds that a file of this size may take when so many pages were read, and recognition begun on some."""
        extra = self.seconds_a_recognised_page * min(recognised, MOST_PAGES)
        return self.seconds + self.seconds_a_megabyte * size / MEGABYTE + self.seconds_a_page * pages + extra


class Named(Protocol):
    """A file by the path that people are shown."""

    @property
    def path(self) -> str:
        """The path."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a file: an account of it, and the records themselves, in the spool."""

    summary: Outcome
    spool: Spool
    at: int
    length: int

    def load(self) -> Parsed:
        """The records."""
        return wire.unpack(self.spool.read(self.at, self.length))


class Spool:
    """A temporary file that takes packed records and gives them back. It vanishes with its process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._end = 0

    def write(self, data: bytes) -> int:
        """Keep bytes and return where they are. Raises HomeNotWritable if there is no room."""
        with self._lock:
            try:
                if self._file is None:
                    self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the spool
                self._file.seek(self._end)
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise HomeNotWritable(
                    f"what was read cannot be kept in the temporary folder: {error.strerror}",
                    hint="make room there, or name another folder in TMPDIR",
                ) from error
            at = self._end
            self._end += len(data)
            return at

    def read(self, at: int, length: int) -> bytes:
        """The bytes that were kept there."""
        with self._lock:
            if self._file is None:
                raise ValueError("the spool is closed")
            self._file.seek(at)
            return self._file.read(length)

    def close(self) -> None:
        """Let go of everything that was kept."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


@dataclass(frozen=True, slots=True)
class Times:
    """A moment: by the clock, and by what a process has computed since its start, in seconds."""

    clock: float
    computed: float

    def beyond(self, earlier: Times, seconds: float) -> bool:
        """Whether so many seconds have been computed since an earlier moment, or `PATIENCE` times as many passed."""
        return self.computed - earlier.computed > seconds or self.clock - earlier.clock > PATIENCE * seconds


@dataclass(slots=True)
class Job:
    """A file that a process is at: since when, when it was last heard of, and how far it is.

    Times are pairs: by the clock, and what the process had computed by then; the latter as last looked at.
    """

    size: int
    memory: int
    began: Times
    heard: Times
    pages: int = 0
    recognised: int = 0
    peak: int = 0
    starting: bool = False
    """Whether there is no file yet."""


class Worker:
    """A reading process and the pipes to it. One thread talks to it; another may kill it."""

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        """Start the process. Raises FactdeskError if the system has none to give."""
        self._limits = limits
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._verdict: tuple[Reason, str] | None = None
        self.served = 0
        self.dead = False
        self.peak = 0
        try:
            self._process = subprocess.Popen(
                [*command, str(os.getpid())],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=bare_environment(os.environ),
            )
        except OSError as error:
            raise FactdeskError(
                f"no process for reading can be started: {error.strerror}", hint="end other programs"
            ) from error
        assert self._process.stdin and self._process.stdout
        self._requests: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._replies: BinaryIO = os.fdopen(os.dup(self._process.stdout.fileno()), "rb")
        self._process.stdout.close()
        self._measured: psutil.Process | None = None
        with suppress(psutil.Error):
            self._measured = psutil.Process(self._process.pid)
        now = Times(time.monotonic(), 0)
        self._job = Job(0, limits.memory_of(0), now, now, starting=True)

    def get_ready(self) -> None:
        """Wait until the process can take files. Raises FactdeskError if it cannot."""
        try:
            kind, payload = wire.receive(self._replies)
        except wire.BadFrame as error:
            self.kill()
            raise FactdeskError(
                f"the process for reading does not start (status {self._process.wait()})",
                hint="reinstall factdesk with its dependencies",
            ) from error
        self._job = None
        if kind == wire.BROKEN:
            self.kill()
            refusal = wire.refusal_of(payload)
            raise UsageError(refusal.message, hint=refusal.hint)

    def take_apart(self, task: wire.Task, data: bytes) -> tuple[Outcome, bytes]:
        """What the process finds in a file: an account, and packed records. Raises InputError."""
        now = self._now()
        job = Job(len(data), task.memory, now, now)
        with self._lock:
            self._job, self._verdict = job, None
        self.served += 1
        try:
            wire.send(self._requests, wire.TASK, wire.encode(task))
            wire.send(self._requests, wire.DATA, data)
            found = self._listen(job)
        except (wire.Gone, OSError) as error:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LAST_WORDS)
            self.kill()
            reason, message = self._cause_of_death(job)
            raise InputError(message, path=task.path, reason=reason) from error
        except (wire.BadFrame, msgspec.MsgspecError) as error:
            self.kill()
            message = "the process that read it answered in no known form"
            raise InputError(message, path=task.path, reason=Reason.CRASHED) from error
        finally:
            with self._lock:
                self._job = None
        if isinstance(found, wire.Refusal):
            raise InputError(found.message, path=task.path, reason=found.reason, hint=found.hint)
        return found

    def _listen(self, job: Job) -> tuple[Outcome, bytes] | wire.Refusal:
        summary: Outcome | None = None
        memory = job.memory
        while True:
            kind, payload = wire.receive(self._replies)
            job.heard = self._now()
            if kind == wire.PAGES:
                job.pages = wire.count_of(payload)
            elif kind == wire.RECOGNISED:
                job.recognised = wire.count_of(payload)
                job.memory = memory + self._limits.memory_to_recognise
            elif kind == wire.SUMMARY:
                summary = wire.summary_of(payload)
            elif kind == wire.RECORDS and summary is not None:
                return summary, payload
            elif kind == wire.REFUSED:
                return wire.refusal_of(payload)
            else:
                raise wire.BadFrame(f"an unexpected frame {kind!r}")

    def _cause_of_death(self, job: Job) -> tuple[Reason, str]:
        if self._verdict is not None:
            return self._verdict
        if job.peak > NEARLY * job.memory:
            return Reason.MEMORY, memory_message(job)
        status = self._process.returncode or 0
        by = f"signal {-status}" if status < 0 else f"status {status}"
        return Reason.CRASHED, f"the process that read it ended with {by}"

    def _now(self) -> Times:
        computed = 0.0
        with suppress(psutil.Error):
            if self._measured is not None:
                used = self._measured.cpu_times()
                computed = used.user + used.system
        return Times(time.monotonic(), computed)

    def look(self) -> None:
        """Kill the process if its file has passed a limit."""
        with self._lock:
            job = self._job
            if job is None or self.dead:
                return
            now = self._now()
            with suppress(psutil.Error):
                job.peak = max(job.peak, self._measured.memory_info().rss if self._measured else 0)
            self.peak = max(self.peak, job.peak)
            silence = START if job.starting else self._limits.silence
            most = START if job.starting else self._limits.seconds_of(job.size, job.pages, job.recognised)
            if job.peak > job.memory:
                self._verdict = Reason.MEMORY, memory_message(job)
            elif now.beyond(job.heard, silence):
                self._verdict = Reason.TIMEOUT, f"no sign of progress for {silence:g} seconds"
            elif now.beyond(job.began, most):
                self._verdict = Reason.TIMEOUT, f"not read after {most:.0f} seconds"
            else:
                return
            self._process.kill()

    @property
    def worn(self) -> bool:
        """Whether the next file had better go to another process."""
        if self.served >= SERVES:
            return True
        try:
            return self._measured is None or self._measured.memory_info().rss > WORN
        except psutil.Error:
            return True

    def kill(self) -> None:
        """End the process at once."""
        self.dead = True
        self._process.kill()
        with suppress(OSError):
            self._requests.close()
        self._process.wait()
        self._replies.close()

    def interrupt(self) -> None:
        """End the process from another thread than the one that talks to it, which then finds it gone."""
        with suppress(OSError):
            self._process.kill()


def memory_message(job: Job) -> str:
    """What is said of a file that needed too much memory."""
    return f"needs more than {job.memory // MEGABYTE:,} MB of memory"


def bare_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a reading process."""
    return {name: given[name] for name in ENVIRONMENT if name in given} | SET


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Sandbox:
    """The reading processes. Takes files apart, in order; close it, or use it in a `with` statement."""

    def __init__(
        self,
        model: Path,
        *,
        workers: int | None = None,
        limits: Limits | None = None,
        start: Sequence[str] = START_WORKER,
    ) -> None:
        """Nothing is started yet. `model` is the folder of the model, whose tokens are counted."""
        self._command = [sys.executable, *start, str(model)]
        self._limits = limits or Limits()
        self._count = workers or cores()
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._closed = threading.Event()
        self._spool = Spool()
        self._threads: ThreadPoolExecutor | None = None
        self.peak = 0
        """The most memory that a process has been seen to use, in bytes."""

    def __enter__(self) -> Sandbox:
        """The sandbox itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def map(self, files: Iterable[tuple[Named, bytes, str]]) -> Iterator[Found | InputError]:
        """What is found in each file, in their order; an error in place of one that cannot be read.

        A file is its name, its bytes and their SHA-256. So many are asked for as are being read, and one more.
        """
        pending: deque[Future[Found | InputError]] = deque()
        for file, data, sha256 in files:
            pending.append(self._pool().submit(self._take_apart, file, data, sha256))
            while sum(not future.done() for future in pending) > self._count:
                wait([future for future in pending if not future.done()], return_when=FIRST_COMPLETED)
            while pending and pending[0].done():
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def _pool(self) -> ThreadPoolExecutor:
        if self._closed.is_set():
            raise ValueError("the sandbox is closed")
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="reading")
            threading.Thread(target=self._watch, name="watching", daemon=True).start()
        return self._threads

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_EVERY):
            with self._lock:
                workers = list(self._all)
            for worker in workers:
                worker.look()
                self.peak = max(self.peak, worker.peak)

    def _take_apart(self, file: Named, data: bytes, sha256: str) -> Found | InputError:
        task = wire.Task(
            name=PurePosixPath(file.path).name,
            path=file.path,
            sha256=sha256,
            document_id=pipeline.document_id(file.path),
            memory=self._limits.memory_of(len(data)),
            memory_to_recognise=self._limits.memory_to_recognise,
        )
        worker = self._worker()
        had_served = worker.served > 0
        result = self._try(worker, task, data)
        if isinstance(result, InputError) and worker.dead and had_served and result.reason is not Reason.TIMEOUT:
            result = self._try(self._worker(fresh=True), task, data)
        return result

    def _try(self, worker: Worker, task: wire.Task, data: bytes) -> Found | InputError:
        try:
            summary, packed = worker.take_apart(task, data)
            return Found(summary, self._spool, self._spool.write(packed), len(packed))
        except InputError as error:
            return error
        finally:
            self._put_back(worker)

    def _worker(self, *, fresh: bool = False) -> Worker:
        """A process that waits for a file, or a new one."""
        with self._lock:
            if self._closed.is_set():
                raise ValueError("the sandbox is closed")
            if self._idle and not fresh:
                return self._idle.pop()
            worker = Worker(self._command, self._limits)
            self._all.add(worker)
        try:
            worker.get_ready()
        except BaseException:
            with self._lock:
                self._all.discard(worker)
            raise
        return worker

    def _put_back(self, worker: Worker) -> None:
        keep = not worker.dead and not worker.worn and not self._closed.is_set()
        if not keep and not worker.dead:
            worker.kill()
        with self._lock:
            if keep:
                self._idle.append(worker)
            else:
                self._all.discard(worker)

    def close(self) -> None:
        """End all processes and let go of what was found."""
        self._closed.set()
        with self._lock:
            workers = list(self._all)
        for worker in workers:
            worker.interrupt()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            if not worker.dead:
                worker.kill()
        self._spool.close()
