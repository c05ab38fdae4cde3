"""How many questions a second the service answers, how fast, and whether it grows.

    python benchmarks/load.py [--home HOME] [--rate 50] [--seconds 60] [--requests 30000] [--questions FILE]

1. A service of its own is started on the loopback, as people start it, over the shipped documents or over HOME.
2. At a fixed rate, whether or not answers come (an open loop), so that a slow answer delays no later question: p50 and
   p99 count from the moment at which a question was due.
3. As fast as it goes, with as many connections as `--connections`, until `--requests` were asked in all: ten minutes'
   worth at 50 a second are 30,000. Memory of the service is read before and after.
4. The questions: figures of every subject, comparisons, sums, passages, follow-ups, Spanish, misspelt ones, and what
   the documents do not hold, made of the library's own subjects, in an order that the seed decides; none comes twice
   in a row, and each has a number of its own so that nothing could be answered from a cache.

Everything is bounded and stays on this machine. Exit status 1 if a question failed or a target was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from factdesk.qa.desk import Desk
from factdesk.serve.settings import Settings

MOST_SECONDS, MOST_REQUESTS = 1200, 100_000
START = 120.0
P99, RATE, GROWTH = 250.0, 50, 1.10
"""The targets: milliseconds, questions a second, memory after over memory before."""
WARM = 400
"""Questions before memory is read for the first time: what is loaded lazily is loaded by then."""
OUTSIDE = (
    "Who won the world cup?",
    "What did Atlantis spend on its tax portal in 2031?",
    "How many submarines does the ministry have?",
)
FORMS = (
    "What did {} cost to run?",
    "How much was invested in {}?",
    "What does {} save a year?",
    "operating cost {}",
    "What is the payback period of {}?",
    "What are the benefits of {}?",
    "Why was {} built?",
    "¿Cuánto costó {}?",
    "how much was investd in {}?",
)
BEFORE = (
    *("", "Hello, ", "Hi there, ", "Good morning: ", "Quick question: ", "Could you tell me: ", "Please: "),
    *("I wonder, ", "For a report: ", "For the minister: ", "One more thing: ", "Just checking: ", "Sorry to ask, "),
)
AFTER = (
    *("", " Thanks.", " Thank you!", " Please cite it.", " I need it today.", " It is urgent.", " Be brief."),
    *(
        " Roughly is fine.",
        " With the page, please.",
        " As the report has it.",
        " Kind regards",
        " Cheers",
        " Best wishes",
    ),
    *(" No hurry.", " For a slide.", " My boss asks.", " For the record.", " If it is there.", " If you can."),
)
FOLLOW_UPS = ("and the investment?", "and per year?", "what are its benefits?", "and before?")
WHOLE = ("Which case saved most?", "Rank all investments", "What is the total investment of all cases?")


@dataclass
class Run:
    """What was measured: milliseconds from when a question was due, and what went wrong."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    def note(self, status: int, milliseconds: float) -> None:
        """Count an answer; 0 is none at all."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.times.append(milliseconds)

    @property
    def errors(self) -> int:
        """How many questions were not answered."""
        return sum(count for status, count in self.statuses.items() if status != 200)

    def percentile(self, share: float) -> float:
        """The time that this share of the questions took at most."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def bodies(desk: Desk, seed: int) -> Iterator[dict[str, Any]]:
    """Questions without end."""
    chance = random.Random(seed)
    subjects = [subject.name for subject in desk.subjects()]
    titles = [document.title for document in desk.documents()]
    while True:
        about = chance.choice(subjects or titles)
        kind = chance.random()
        if kind < 0.08:
            question = chance.choice(OUTSIDE)
        elif kind < 0.16:
            question = chance.choice(WHOLE)
        else:
            question = chance.choice(FORMS).format(about)
        question = chance.choice(BEFORE) + question + chance.choice(AFTER) + chance.choice(AFTER)
        if kind > 0.85:
            yield {"question": chance.choice(FOLLOW_UPS), "history": [question]}
        else:
            yield {"question": question}


def bodies_of(file: Path, seed: int) -> Iterator[dict[str, Any]]:
    """The questions of an evaluation file, without end, in an order that the seed decides."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    chance = random.Random(seed)
    while True:
        for line in chance.sample(lines, len(lines)):
            yield {"question": line["question"], "history": line.get("history") or []}


class Connection:
    """One connection to the service, kept open. The least of a client, so that the machine is the service's."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, body: dict[str, Any]) -> int:
        """The status of an answer; 0 if the connection broke."""
        data = json.dumps(body).encode()
        head = (
            f"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        try:
            if self._streams is None or self._streams[0].at_eof():  # closed by the service while it was not used
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(head.encode() + data)
            answer = await reader.readuntil(b"\r\n\r\n")
            lines = answer.decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            await reader.readexactly(int(headers["content-length"]))
            if headers.get("connection") == "close":
                self.close()
            return int(lines[0].split()[1])
        except (OSError, asyncio.IncompleteReadError, KeyError, ValueError):
            self.close()
            return 0

    def close(self) -> None:
        """Give the connection up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def at_rate(port: int, questions: Iterator[dict[str, Any]], rate: float, seconds: float) -> Run:
    """Ask at a fixed rate."""
    run, idle, tasks = Run(), [Connection(port) for _ in range(4)], set()
    begun = time.perf_counter()

    async def one(due: float) -> None:
        connection = idle.pop() if idle else Connection(port)
        status = await connection.ask(next(questions))
        run.note(status, (time.perf_counter() - due) * 1000)
        idle.append(connection)

    for number in range(int(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    run.seconds = time.perf_counter() - begun
    for connection in idle:
        connection.close()
    return run


async def at_full_speed(port: int, questions: Iterator[dict[str, Any]], connections: int, requests: int) -> Run:
    """Ask so many questions, each connection the next one when it has its answer."""
    run, left = Run(), requests
    begun = time.perf_counter()

    async def ask_on() -> None:
        nonlocal left
        connection = Connection(port)
        while left > 0:
            left -= 1
            due = time.perf_counter()
            run.note(await connection.ask(next(questions)), (time.perf_counter() - due) * 1000)
        connection.close()

    await asyncio.gather(*(ask_on() for _ in range(connections)))
    run.seconds = time.perf_counter() - begun
    return run


@contextmanager
def service(home: Path, threads: int) -> Iterator[tuple[int, psutil.Process]]:
    """A service, as people start it: its port and its process."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "factdesk.cli", "serve", "--home", str(home), "--port", str(port)]
    command += ["--rate", "1000000", "--threads", str(threads), "--no-queue"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stderr=log, env={**os.environ, "PYTHONUTF8": "1"})
        try:
            wait_for(port, process)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the service answers."""

    async def ready() -> bool:
        return await Connection(port).ask({"question": "ready?"}) == 200

    deadline = time.monotonic() + START
    while not asyncio.run(ready()):
        if time.monotonic() > deadline or process.poll() is not None:
            raise SystemExit("the service does not start")
        time.sleep(0.2)


def row(name: str, run: Run) -> str:
    """A run as a row of a table."""
    rate = len(run.times) / run.seconds
    p50, p99 = statistics.median(run.times), run.percentile(0.99)
    return f"| {name} | {len(run.times):,} | {rate:.1f} | {p50:.0f} | {p99:.0f} | {max(run.times):.0f} | {run.errors} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="an index; without, the shipped documents are indexed")
    parser.add_argument("--questions", type=Path, help="an evaluation file, instead of questions made here")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--requests", type=int, default=600 * RATE)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--threads", type=int, default=Settings(Path()).threads)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if given.seconds > MOST_SECONDS or given.requests > MOST_REQUESTS:
        parser.error(f"at most {MOST_SECONDS} seconds and {MOST_REQUESTS:,} requests")
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder)
        if given.home is None:
            subprocess.run([sys.executable, "-m", "factdesk.cli", "ingest", "--home", folder], check=True)
        with Desk.open(home) as desk, service(home, given.threads) as (port, process):
            questions = bodies_of(given.questions, given.seed) if given.questions else bodies(desk, given.seed)
            warm = asyncio.run(at_full_speed(port, questions, given.connections, WARM))
            before = process.memory_info().rss
            steady = asyncio.run(at_rate(port, questions, given.rate, given.seconds))
            left = max(given.requests - len(steady.times), 1)
            full = asyncio.run(at_full_speed(port, questions, given.connections, left))
            after = process.memory_info().rss
    failed = warm.errors + steady.errors + full.errors
    p99, growth = steady.percentile(0.99), after / before
    held = not failed and p99 < P99 and growth < GROWTH
    verdict = "held" if held else "NOT HELD"
    shown = [
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, seed {given.seed}",
        "| `/v1/ask` | questions | a second | p50 ms | p99 ms | slowest ms | errors |",
        "|---|---|---|---|---|---|---|",
        row(f"{given.rate:g} a second", steady),
        row(f"{given.connections} connections, as fast as it goes", full),
        f"memory: {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after ({(growth - 1) * 100:+.1f} %)",
        f"{verdict}: p99 under {P99:g} ms, no error, memory within {(GROWTH - 1) * 100:.0f} %",
    ]
    sys.stdout.write("\n".join(shown) + "\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
