"""Reading in processes that may be killed: what a file does to one of them costs that file only, and is told."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from factdesk.corpus.errors import FactdeskError, HomeNotWritable, InputError, UsageError
from factdesk.corpus.records import Outcome, Parsed
from factdesk.index.encoder import find_model, token_counter
from factdesk.ingest import pipeline, sandbox, wire
from factdesk.ingest.pdf_scans import MOST_PAGES
from factdesk.ingest.sandbox import MEGABYTE, START_WORKER, Found, Limits, Sandbox, Times
from factdesk.tests.conftest import NOTES, SERVICES
from factdesk.tests.index.conftest import simple_parse

# A process that does what the first word of a file says.
FAULTS = """
import ctypes, os, signal, sys, time
from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest import pipeline, progress, worker

real = pipeline.parse

def parse(data, **named):
    what, *rest = data.decode().split()
    if what == "abort":
        os.abort()
    elif what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "exit":
        os._exit(7)
    elif what == "leave":
        sys.exit(7)
    elif what == "once":  # dies only if it has read something before
        if seen:
            os.abort()
    elif what == "hang":
        while True:
            pass
    elif what == "hold":  # as C code that never gives the interpreter back
        ctypes.PyDLL(None).sleep(60)
    elif what == "slow":
        for _ in range(int(rest[0])):
            until = time.process_time() + 0.1
            while time.process_time() < until:
                pass
            progress.advance(pages=int(rest[1]))
    elif what == "recognise":  # takes more than it may without recognition
        for _ in range(int(rest[0])):
            progress.advance(recognised=1)
        held = bytearray(250 << 20)
        for at in range(0, len(held), 4096):
            held[at] = 1
        time.sleep(0.3)
    elif what == "hog":
        held = []
        while True:
            held.append(b"x" * (4 << 20))
            time.sleep(0.002)
    elif what == "grab":
        b"x" * (8 << 30)
    elif what == "deep":
        parse(data, **named)
    elif what == "raise":
        raise ZeroDivisionError("a secret")
    elif what == "refuse":
        raise InputError("no \\ud800", path="x", reason=Reason.DAMAGED, hint="mend it")
    elif what == "print":
        os.write(1, b"noise" * 999)
        os.write(2, b"noise" * 99_999)
        print("noise")
    elif what == "read":
        assert sys.stdin.read() == ""
    elif what == "write":
        open("/tmp/left-behind", "w").write("x" * 9999)
    elif what == "environment":
        raise InputError(" ".join(sorted(os.environ)), path="x", reason=Reason.DAMAGED)
    elif what == "junk":
        os.write(4, b"junk" * 99)
    seen.append(what)
    return real(data, **named)

seen = []
pipeline.parse = parse
if "UNLIMITED" in os.environ:
    worker.limit_memory = lambda most, usual: None
worker.main(sys.argv[1:])
"""
QUICK = Limits(silence=1.0, seconds=3.0, memory=200 * MEGABYTE)


@dataclass(frozen=True)
class Given:
    """A file by its name."""

    path: str


def files(*texts: str | bytes) -> Iterator[tuple[Given, bytes, str]]:
    for number, text in enumerate(texts):
        data = text.encode() if isinstance(text, str) else text
        yield Given(f"file{number}.txt"), data, hashlib.sha256(data).hexdigest()


def faulty(workers: int = 1, limits: Limits = QUICK) -> Sandbox:
    return Sandbox(find_model(), workers=workers, limits=limits, start=("-P", "-c", FAULTS))


def told(results: Iterable[Found | InputError]) -> list[str]:
    return [str(r.reason) if isinstance(r, InputError) else f"{r.summary.path} read" for r in results]


FINE = "fine words about 5 towns"


EXPECTED = {
    "abort": ("CRASHED", "the process that read it ended with signal 6"),
    "killed": ("CRASHED", "the process that read it ended with signal 9"),
    "exit": ("CRASHED", "the process that read it ended with status 7"),
    "leave": ("CRASHED", "the process that read it ended with status 7"),
    "junk": ("CRASHED", "the process that read it answered in no known form"),
    "raise": ("CRASHED", "ZeroDivisionError while reading"),
    "write": ("CRASHED", "OSError while reading"),
    "hang": ("TIMEOUT", "no sign of progress for 1 seconds"),
    "hold": ("TIMEOUT", "no sign of progress for 1 seconds"),
    "slow 100 0": ("TIMEOUT", "not read after 3 seconds"),
    "grab": ("MEMORY", "not enough memory"),
    "deep": ("DAMAGED", "nested too deep"),
    "refuse": ("DAMAGED", "no \\ud800"),
}


def test_a_fault_costs_its_own_file_and_says_what_it_was() -> None:
    with faulty(workers=2) as processes:
        before, *failed, after = processes.map(files(FINE, *EXPECTED, FINE))
    assert told([before, after]) == ["file0.txt read", f"file{len(EXPECTED) + 1}.txt read"]
    errors = [item for item in failed if isinstance(item, InputError)]
    assert dict(zip(EXPECTED, [(str(e.reason), str(e)) for e in errors], strict=True)) == EXPECTED
    assert [error.hint for error in errors] == [""] * (len(EXPECTED) - 1) + ["mend it"]


@pytest.mark.parametrize("seen", [True, False])
def test_memory_that_is_taken_bit_by_bit_ends_at_the_limit(seen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if seen:  # by the parent; else the process runs into its own limit
        monkeypatch.setitem(sandbox.SET, "UNLIMITED", "1")
    with faulty() as processes:
        assert told(processes.map(files("hog", FINE))) == ["MEMORY", "file1.txt read"]
        assert processes.peak < 300 * MEGABYTE


@pytest.mark.parametrize("text", ["print", "read", "slow 12 1", "once"])
def test_what_is_no_fault_is_read(text: str) -> None:
    with faulty() as processes:
        assert told(processes.map(files(FINE, text))) == ["file0.txt read", "file1.txt read"]


def test_pages_that_are_read_give_a_file_more_time_and_its_size_more_memory() -> None:
    limits = Limits(seconds=10, seconds_a_megabyte=10, seconds_a_page=0.5, memory=400, memory_a_byte=2, most_memory=900)
    assert [limits.seconds_of(0, 0), limits.seconds_of(MEGABYTE // 2, 500)] == [10, 265]
    assert [limits.memory_of(size) for size in (0, 100, 10**9)] == [400, 600, 900]
    with faulty(limits=replace(QUICK, seconds=1.0)) as processes:
        assert told(processes.map(files("slow 20 1", "slow 20 0"))) == ["file0.txt read", "TIMEOUT"]


def test_a_busy_machine_makes_no_file_too_slow() -> None:
    """What was computed counts; the clock only when it shows that nothing will come."""
    began = Times(clock=100.0, computed=3.0)
    assert not Times(clock=140.0, computed=17.0).beyond(began, 15.0)
    assert Times(clock=116.0, computed=18.5).beyond(began, 15.0)
    assert Times(clock=161.0, computed=4.0).beyond(began, 15.0)


def test_results_come_in_the_order_of_the_files_whoever_is_done_first() -> None:
    texts = ["slow 8 1", "abort", FINE, FINE, "slow 3 1", "raise", FINE]
    with faulty(workers=3) as processes:
        found = told(processes.map(files(*texts)))
    read = [f"file{number}.txt read" for number in range(7)]
    assert found == [read[0], "CRASHED", read[2], read[3], read[4], "CRASHED", read[6]]


def test_no_more_files_are_taken_than_can_be_read() -> None:
    taken: list[int] = []

    def counted() -> Iterator[tuple[Given, bytes, str]]:
        for number, file in enumerate(files(*["slow 3 1"] * 8)):
            taken.append(number)
            yield file

    with faulty(workers=2) as processes:
        results = processes.map(counted())
        next(results)
        assert len(taken) <= 5


def test_the_records_are_those_that_reading_here_makes() -> None:
    data = (SERVICES + NOTES).encode()
    digest = hashlib.sha256(data).hexdigest()
    expected = pipeline.parse(
        data,
        name="services.md",
        path="a/services.md",
        sha256=digest,
        document_id="services",
        count_tokens=token_counter(),
    )
    with Sandbox(find_model()) as processes:
        (found,) = processes.map([(Given("a/services.md"), data, digest)])
        assert isinstance(found, Found)
        assert found.load() == expected
        assert found.summary == Outcome.of_read(expected)


@pytest.mark.parametrize("text", ["1E+30", "-0.00", "0.10", "7.65E-7", "NaN", "9" * 5000])
def test_records_survive_the_journey_exactly(text: str) -> None:
    parsed = simple_parse(Given("a.txt"), "# Ünïcode\n\nThe cost is 1.50\t\ufffe \U0001f600".encode(), "ab")  # type: ignore[arg-type]
    figures = tuple(replace(item, value=Decimal(text), value_high=None, doubt="") for item in parsed.figures)
    sent = replace(parsed, figures=figures)
    found = wire.unpack(wire.pack(sent))
    assert repr(found) == repr(sent)
    assert type(found.figures[0].role) is type(sent.figures[0].role)
    assert found == sent or text == "NaN"


def test_a_lone_surrogate_does_not_travel_and_junk_is_refused() -> None:
    parsed = simple_parse(Given("a.txt"), b"# A\n\nThe cost is 1.", "ab")  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        wire.pack(replace(parsed, document=replace(parsed.document, text="\ud800")))
    packed = wire.pack(parsed)
    for junk in (b"", b"junk", packed[:-9], zlib.compress(b"\xc1"), zlib.compress(wire.encode({"a": 1}))):
        with pytest.raises(wire.BadFrame):
            wire.unpack(junk)


def test_a_worn_process_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    real = sandbox.Worker.get_ready

    def counted(worker: sandbox.Worker) -> None:
        started.append(1)
        real(worker)

    monkeypatch.setattr(sandbox.Worker, "get_ready", counted)
    monkeypatch.setattr(sandbox, "SERVES", 2)
    with faulty() as processes:
        assert len(told(processes.map(files(*[FINE] * 5)))) == 5
    assert len(started) == 3


def test_a_process_has_a_bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    with faulty() as processes:
        (found,) = processes.map(files("environment"))
    assert set(str(found).split()) <= {*sandbox.ENVIRONMENT, *sandbox.SET, "LC_CTYPE"}


def children() -> list[int]:
    return [child.pid for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]


def test_no_process_is_left_when_the_sandbox_closes_in_mid_work() -> None:
    before = children()
    with faulty(workers=2, limits=Limits()) as processes:
        results = processes.map(files(FINE, "hang", "hang", "hang"))
        next(results)
        assert len(children()) > len(before)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    assert children() == before


PARENT = """
import sys
from factdesk.tests.ingest.test_sandbox import Limits, faulty, files, find_model
with faulty(workers=2, limits=Limits()) as processes:
    results = processes.map(files("fine words", "hang", "hold", "hang"))
    next(results)
    print("reading", flush=True)
    list(results)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="how Linux ends the children of a process")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_its_parent(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout and parent.stdout.readline() == "reading\n"
        workers = psutil.Process(parent.pid).children(recursive=True)
        assert len(workers) == 2
        parent.send_signal(how)
        parent.wait(30)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert alive == []


def test_a_process_that_cannot_start_is_an_error_and_not_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Sandbox(find_model(), workers=1, start=("-c", "raise SystemExit(3)")) as processes,
        pytest.raises(FactdeskError, match="status 3"),
    ):
        list(processes.map(files(FINE)))
    with Sandbox(tmp_path, workers=1) as processes, pytest.raises(UsageError, match=r"tokenizer\.json"):
        list(processes.map(files(FINE)))
    monkeypatch.setenv("FACTDESK_MEASURES", str(tmp_path / "none.toml"))
    with Sandbox(find_model(), workers=1) as processes, pytest.raises(UsageError, match=r"none\.toml"):
        list(processes.map(files(FINE)))


def test_no_room_for_what_was_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with Sandbox(find_model(), workers=1) as processes, pytest.raises(HomeNotWritable, match="No space"):
        list(processes.map(files(FINE)))


LOADED = """
import sys
sys.argv = ["worker"]
import factdesk.ingest.worker
from tokenizers import Tokenizer
from factdesk.ingest.readers import readers
readers()
heavy = {"torch", "transformers", "sentence_transformers", "onnxruntime", "onnx", "faiss", "multiprocessing", "click"}
print(sorted(heavy & set(sys.modules)))
"""


def test_a_process_imports_nothing_heavy_and_starts_soon() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with Sandbox(find_model(), workers=1) as processes:
        begun = time.monotonic()
        list(processes.map(files(FINE)))
        assert time.monotonic() - begun < 10, "half a second on an idle machine"


def test_a_module_in_the_present_folder_is_not_taken_for_one_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(Path(p).absolute()) for p in paths.split(os.pathsep) if p))
    (tmp_path / "json.py").write_text("raise SystemExit('taken in')")
    (tmp_path / "factdesk.py").write_text("raise SystemExit('taken in')")
    monkeypatch.chdir(tmp_path)
    with Sandbox(find_model(), workers=1) as processes:
        assert told(processes.map(files(FINE))) == ["file0.txt read"]
    assert START_WORKER[0] == "-P"


def test_closing_twice_and_using_what_is_closed() -> None:
    processes = faulty()
    (found,) = processes.map(files(FINE))
    assert isinstance(found, Found) and isinstance(found.load(), Parsed)
    processes.close()
    processes.close()
    with pytest.raises(ValueError, match="closed"):
        list(processes.map(files(FINE)))


def test_recognition_is_given_more_memory_and_more_time() -> None:
    limits = replace(QUICK, memory_to_recognise=300 * MEGABYTE)
    with faulty(limits=limits) as processes:
        assert told(processes.map(files("recognise 1", "recognise 0", FINE))) == [
            "file0.txt read",
            "MEMORY",
            "file2.txt read",
        ]
    limits = Limits(seconds=10, seconds_a_page=0, seconds_a_recognised_page=2)
    assert [limits.seconds_of(0, 0, recognised) for recognised in (0, 3, 10**9)] == [10, 16, 10 + 2 * MOST_PAGES]
