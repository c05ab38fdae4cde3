"""Files of a home altered in every way that disks, copies and hands alter them: none of it may be loaded."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from factdesk.benchmarks.fire.bases import Base, Ground
from factdesk.benchmarks.fire.forks import forked, must
from factdesk.benchmarks.fire.library import NEW, OLD, Library, examine, finish
from factdesk.benchmarks.fire.table import say, show
from factdesk.corpus.errors import IndexDamaged, IndexMismatch, IndexMissing
from factdesk.index.snapshot import current_generation, open_snapshot
from factdesk.index.unfinished import NAME as UNFINISHED

BLOCK = 512
ESSENTIAL = 0.9
"""Share of the mutations that are of files that answers come from."""
SAMPLE = 20
"""Of so many mutations one is diagnosed and mended."""
REFUSED, SAME, TAKEN = "refused", "same answers", "finished from it"
HEADS = ["damage", "mutations", *("refused", "same answers", "ingest finished", "diagnosed", "mended", "lost")]

Mutation = Callable[[bytes, random.Random], bytes | None]
"""What becomes of a file's bytes; None: the file goes."""


def _flipped(data: bytes, chance: random.Random, bits: int) -> bytes:
    changed = bytearray(data)
    for _ in range(bits if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _zeroed(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(max(len(data), 1)) // BLOCK * BLOCK
    return data[:at] + bytes(len(data[at : at + BLOCK])) + data[at + BLOCK :]


MUTATIONS: dict[str, Mutation] = {
    "a bit flipped": lambda data, chance: _flipped(data, chance, 1),
    "eight bits flipped": lambda data, chance: _flipped(data, chance, 8),
    "a block zeroed": _zeroed,
    "cut off": lambda data, chance: data[: chance.randrange(max(len(data), 1))],
    "extended": lambda data, chance: data + chance.choice([b"\0", b"\n", b" ", chance.randbytes(64)]),
    "emptied": lambda data, chance: b"",
    "removed": lambda data, chance: None,
}
EXCHANGED, EDITED, POINTED = "exchanged for another file", "manifest edited, vouched for", "CURRENT edited"


@dataclass
class Tally:
    """What came of one kind of damage."""

    damage: str
    mutations: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    diagnosed: int = 0
    mended: int = 0
    lost: list[str] = field(default_factory=list)

    def row(self) -> list[str]:
        """As a line of the table."""
        outcomes = [f"{self.outcomes[kind]:,}" if self.outcomes[kind] else "" for kind in (REFUSED, SAME, TAKEN)]
        rest = [str(count or "") for count in (self.diagnosed, self.mended)]
        return [self.damage, f"{self.mutations:,}", *outcomes, *rest, str(len(self.lost))]


@dataclass(frozen=True, slots=True)
class Damage:
    """One mutation of one file."""

    kind: str
    file: Path
    data: bytes | None

    def __str__(self) -> str:
        return f"{self.file.name}, {self.kind}"


def _essential(home: Path) -> set[Path]:
    """The files that an answer comes from; no change of one may go unseen."""
    with open_snapshot(home) as snapshot:
        return {home / "CURRENT", *snapshot.folder.iterdir(), *snapshot.encoder_folder.iterdir()}


def _draw(home: Path, files: list[Path], kinds: list[str], chance: random.Random) -> Damage:
    """A mutation that changes something."""
    while True:
        kind, file = chance.choice(kinds), chance.choice(files)
        if kind == EDITED:
            file = home / "generations" / str(current_generation(home)) / "manifest.json"
        elif kind == POINTED:
            file = home / "CURRENT"
        data = file.read_bytes()
        if kind == EXCHANGED:
            other: bytes | None = chance.choice([one for one in files if one != file]).read_bytes()
        elif kind == EDITED:
            other = _edited(data, chance)
        elif kind == POINTED:
            other = _pointed(data, home, chance)
        else:
            other = MUTATIONS[kind](data, chance)
        if other != data:
            return Damage(kind, file, other)


def _edited(data: bytes, chance: random.Random) -> bytes:
    """A manifest with one value changed or one field gone."""
    manifest: dict[str, Any] = json.loads(data)
    inside, key = manifest, chance.choice(sorted(manifest))
    while isinstance(inside[key], dict) and inside[key] and chance.random() < 0.9:
        inside = inside[key]
        key = chance.choice(sorted(inside))
    value = inside[key]
    if chance.random() < 0.2:
        del inside[key]
    elif isinstance(value, int):
        inside[key] = chance.choice([value + 1, value - 1, -1, 0, 1 << 40, str(value), None])
    else:
        inside[key] = chance.choice([f"{value}x", "", "../../..", 7, None, [], {}])
    return json.dumps(manifest).encode()


def _pointed(data: bytes, home: Path, chance: random.Random) -> bytes:
    """CURRENT naming something else than the generation in force."""
    name, checksum = data.decode("ascii").split()
    others = sorted(path.name for path in (home / "generations").iterdir() if path.name != name)
    names = [*others, "gen-000000", "gen-999999", "../..", f"{name}/..", "", "none"]
    return f"{chance.choice(names)} {checksum}\n".encode("ascii")


def _inflict(home: Path, damage: Damage) -> None:
    if damage.data is None:
        damage.file.unlink()
    else:
        damage.file.write_bytes(damage.data)
    if damage.kind == EDITED and damage.data is not None:
        checksum = hashlib.sha256(damage.data).hexdigest()
        (home / "CURRENT").write_text(f"{damage.file.parent.name} {checksum}\n", "ascii")


def _opened(ground: Ground, essential: bool) -> str:
    """What becomes of opening the index and asking it."""
    try:
        state = examine(ground.library, ground.expected)
    except (IndexDamaged, IndexMismatch, IndexMissing) as error:
        line = f"{error}; {error.hint}"
        assert error.hint.startswith("run: factdesk ingest") and "\n" not in line, line
        assert str(ground.library.home) not in line, line
        return REFUSED
    assert state == NEW, f"an index in state {state} was loaded"
    assert not essential, "a file that was altered was loaded"
    return SAME


def _diagnosed(library: Library) -> None:
    """What `factdesk doctor` says of it: status 1, and one line with what to run."""
    from factdesk.cli import run

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(["doctor", "--home", str(library.home)])
    said = err.getvalue()
    assert status == 1 and said.count("\n") == 1 and "run: factdesk ingest" in said, (status, said)
    assert "not checked" in out.getvalue()


def _mended(ground: Ground) -> None:
    finish(ground.library, ground.expected, rebuild=True)


def _campaign(ground: Ground, trials: int, seed: int) -> list[Tally]:
    library, chance = ground.library, random.Random(seed)
    ground.start(ground.bases[1])
    must(lambda: library.ingest() and 0)
    whole = library.place / "whole"
    library.home.rename(whole)
    base = Base("whole", whole, NEW)
    ground.start(base)
    files = sorted(path for path in library.home.rglob("*") if path.is_file())
    essential = _essential(library.home)
    kinds = [*MUTATIONS, EXCHANGED, EDITED, POINTED]
    tallies = {kind: Tally(kind) for kind in kinds}
    for number in range(trials):
        among = sorted(essential) if chance.random() < ESSENTIAL else files
        damage = _draw(library.home, among, kinds, chance)
        tally = tallies[damage.kind]
        tally.mutations += 1
        _inflict(library.home, damage)
        # A manifest may be edited in what does not matter: the name of the model, say.
        must_refuse = damage.file in essential and damage.kind != EDITED
        ended = forked(partial(_opened, ground, must_refuse))
        if ended.status:
            tally.lost.append(f"{damage}: {ended.trouble}")
        else:
            tally.outcomes[ended.said] += 1
        if ended.said == REFUSED and number % SAMPLE == 0:
            tally.diagnosed += _counted(tally, damage, "doctor", partial(_diagnosed, library))
            tally.mended += _counted(tally, damage, "rebuild", partial(_mended, ground))
        ground.start(base)
    return list(tallies.values())


def _counted(tally: Tally, damage: Damage, what: str, work: Callable[[], Any]) -> int:
    ended = forked(work)
    if ended.status:
        tally.lost.append(f"{damage}, {what}: {ended.trouble}")
    return int(not ended.status)


def _of_the_unfinished(ground: Ground, trials: int, seed: int) -> Tally:
    """What an ingest that was stopped had kept, altered: the old index answers, and the next ingest gets it right."""
    stopped, chance = ground.bases[-1], random.Random(seed)
    library, tally = ground.library, Tally("what a stopped ingest kept")
    for _ in range(trials):
        ground.start(stopped)
        damage = _draw(library.home, [library.home / UNFINISHED], list(MUTATIONS), chance)
        _inflict(library.home, damage)
        tally.mutations += 1
        ended = forked(partial(_finished, ground))
        if ended.status:
            tally.lost.append(f"{damage}: {ended.trouble}")
        else:
            tally.outcomes[TAKEN] += 1
    return tally


def _finished(ground: Ground) -> None:
    assert examine(ground.library, ground.expected) == OLD
    finish(ground.library, ground.expected)


def main(ground: Ground, *, seed: int, trials: int, every: int) -> list[str]:
    """Run the campaign, print its table and return what was lost."""
    tallies = [*_campaign(ground, trials, seed), _of_the_unfinished(ground, trials // 10, seed)]
    show(HEADS, [tally.row() for tally in tallies])
    say(f"{sum(tally.mutations for tally in tallies):,} mutations")
    return [line for tally in tallies for line in tally.lost]
