"""What the service remembers: conversations that go on, and the answers that feedback may be about.

In memory alone, for a while, and not too many: a service that starts anew has forgotten them.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from factdesk.corpus.records import Turn

MOST_CONVERSATIONS = 5_000
MOST_TURNS = 40
"""Turns of a conversation that are kept: a question leans on the last few."""
MOST_HISTORY = 8_000
"""Characters of what a caller says was said before."""
MOST_ANSWERS = 5_000
QUICK = 1
"""How hard things are packed: they shrink to a third by this already."""
MOST_IDLE = 3600.0
"""Seconds after which a conversation that nobody goes on with is forgotten."""

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Name, Value]):
    """The values that were used last; the others are forgotten."""

    def __init__(self, most: int, idle: float = MOST_IDLE, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._idle, self._clock = most, idle, clock
        self._kept: OrderedDict[Name, tuple[float, Value]] = OrderedDict()

    def put(self, name: Name, value: Value) -> None:
        """Remember a value."""
        now = self._clock()
        self._kept[name] = now, value
        self._kept.move_to_end(name)
        while self._kept:
            used, _ = next(iter(self._kept.values()))
            if len(self._kept) <= self._most and now - used <= self._idle:
                return
            self._kept.popitem(last=False)

    def get(self, name: Name) -> Value | None:
        """A value that is still remembered; it counts as used."""
        found = self._kept.get(name)
        if found is None or self._clock() - found[0] > self._idle:
            return None
        self.put(name, found[1])
        return found[1]

    def __len__(self) -> int:
        return len(self._kept)


_turns = msgspec.msgpack.Decoder(Turn)


@dataclass(slots=True)
class Talk:
    """A conversation of one client. Who asks holds `lock`, for one question leans on the one before.

    Its turns are packed: every question begins one, and few are gone on with.
    """

    id: str
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _packed: tuple[bytes, ...] = ()

    @property
    def turns(self) -> list[Turn]:
        """What was said, oldest first."""
        return [_turns.decode(zlib.decompress(packed)) for packed in self._packed]

    def add(self, turn: Turn) -> None:
        """Remember what was said."""
        packed = zlib.compress(msgspec.msgpack.encode(turn), QUICK)
        self._packed = (*self._packed[-MOST_TURNS + 1 :], packed)


def leaned_on(said: Sequence[str]) -> list[str]:
    """Of what was said before, what a question may lean on: the last turns with words, as far as they are short.

    Each is understood anew, so that a request with many long ones would cost as much as many requests.
    """
    found: list[str] = []
    length = 0
    for words in reversed([words for words in said if any(map(str.isalnum, words))][-MOST_TURNS:]):
        length += len(words)
        if length > MOST_HISTORY:
            break
        found.insert(0, words)
    return found


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given, packed: thousands are remembered, and few are asked for again."""

    question: str
    packed: bytes

    @classmethod
    def of(cls, question: str, answer: Mapping[str, Any]) -> Given:
        """Pack an answer."""
        return cls(question, zlib.compress(json.dumps(answer).encode("ascii"), QUICK))

    @property
    def answer(self) -> dict[str, Any]:
        """The answer."""
        found: dict[str, Any] = json.loads(zlib.decompress(self.packed))
        return found


class Talks:
    """The conversations; each is its client's alone."""

    def __init__(self) -> None:
        self._talks: Recent[tuple[str, str], Talk] = Recent(MOST_CONVERSATIONS)

    def begin(self, client: str) -> Talk:
        """A new conversation."""
        talk = Talk(secrets.token_urlsafe(12))
        self._talks.put((client, talk.id), talk)
        return talk

    def find(self, client: str, identity: str) -> Talk | None:
        """A conversation of a client; None if it has none of that id any more."""
        return self._talks.get((client, identity))
