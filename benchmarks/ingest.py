"""What an ingest costs beside embedding, and when nothing changed: python benchmarks/ingest.py [--texts N]

1. The same texts, already read, are embedded by sentence-transformers alone, sorted by length in batches of 32, in the
   number format that the ingest uses; and by an ingest that also writes, checks and publishes the index. In turn.
2. A thousand files that did not change are looked at again: in this process, and by the command in a new one. A file is
   taken for unchanged by its size and its times of change to the nanosecond, kept only if they were two seconds old
   when the file was read; otherwise the SHA-256 of its bytes decides.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from factdesk.cli import made_by
from factdesk.corpus.records import Parsed, Parted, Vectors
from factdesk.index.builder import SourceFile, build
from factdesk.index.encoder import TorchEncoder, has_bfloat16, token_counter
from factdesk.ingest.pipeline import document_id, files_under, parse

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT / "corpus" / "documents"
ROUNDS, FILES = 5, 1_000


class Counting:
    """An encoder that adds up the time it takes and keeps what it was given."""

    def __init__(self, encoder: TorchEncoder) -> None:
        self.encoder, self.seconds, self.texts = encoder, 0.0, list[str]()
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension

    def encode(self, texts: list[str]) -> Vectors:
        found = self.encode_parts([Parted(text) for text in texts])
        return np.concatenate(found)

    def encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        begun = time.perf_counter()
        found = self.encoder.encode_parts(texts)
        self.seconds += time.perf_counter() - begun
        self.texts += [item.text for item in texts]
        return found

    def suited(self, exported: Path, characters: int) -> Counting:
        """Itself: what is compared with is loaded already."""
        return self

    def export(self, folder: Path) -> None:
        """Nothing is asked here, and writing the model for it is done once for all ingests."""
        (folder / "model").write_text("not exported\n", "ascii")


def seconds(action: Callable[[], object]) -> float:
    """The time one call takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def against_bare(limit: int) -> str:
    """An ingest of documents already read beside the bare encoder on what the ingest embedded."""
    count, read = token_counter(), dict[Path, Parsed]()
    held = 0
    for file in files_under(DOCUMENTS):
        if held < limit:
            read[file] = parse(
                file.read_bytes(), name=file.name, path=file.name, sha256="",
                document_id=document_id(file.name), count_tokens=count,
            )  # fmt: skip
            held += len(read[file].passages)
    encoder = TorchEncoder()
    bare = encoder.load(bfloat16=has_bfloat16())
    encoder.encode(["to warm up"])
    sources = [SourceFile(file.name, file) for file in read]
    ratios, speeds = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as home:
            counting = Counting(encoder)
            took = seconds(
                lambda home=home, counting=counting: build(  # type: ignore[misc]
                    Path(home), sources, lambda source, data, sha256: read[source.absolute], counting
                )
            )
        ordered = sorted(counting.texts, key=len, reverse=True)
        alone = seconds(lambda ordered=ordered: bare.encode(ordered, batch_size=32, show_progress_bar=False))  # type: ignore[misc]
        ratios.append(alone / took)
        speeds.append(len(counting.texts) / took)
    return (
        f"ingest of {len(counting.texts):,} texts already read: {statistics.median(speeds):.0f} a second, "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) times the bare encoder's speed; "
        f"{(took - counting.seconds) / took:.1%} of the last is not embedding"
    )


def unchanged() -> str:
    """A thousand files looked at again."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, home = Path(temporary) / "files", Path(temporary) / "home"
        folder.mkdir()
        for number in range(FILES):
            (folder / f"note-{number:04}.txt").write_text(f"The harbour of town {number} is {number} years old.\n")
        time.sleep(2.5)  # younger files are read again to be sure
        command = [sys.executable, "-c", "from factdesk.cli import main; main()", "ingest", str(folder)]
        command += ["--home", str(home)]

        def run() -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        first, encoder = seconds(run), TorchEncoder()
        sources = [SourceFile(file.name, file) for file in sorted(folder.iterdir())]

        def never(source: SourceFile, data: bytes, sha256: str) -> Parsed:
            raise AssertionError(f"{source.path} was read again")

        def here() -> None:
            build(home, sources, never, encoder, roots=[folder], settings=made_by())

        inside = [seconds(here) for _ in range(ROUNDS)]
        whole = [seconds(run) for _ in range(ROUNDS)]
    return (
        f"{FILES:,} files read in {first:.1f} s; unchanged, looked at again in {statistics.median(inside):.2f} s, "
        f"as a new process {statistics.median(whole):.2f} s (medians of {ROUNDS})"
    )


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=2_000, help="about how many passages are embedded a round")
    chosen = parser.parse_args(arguments)
    number_format = "bfloat16" if has_bfloat16() else "float32"
    sys.stdout.write(f"{date.today()}, embedding in {number_format}\n{unchanged()}\n")
    sys.stdout.flush()
    sys.stdout.write(f"{against_bare(chosen.texts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
