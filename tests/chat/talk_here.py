"""Run as a process in a terminal: a chat over a home whose encoder counts words, as `factdesk chat` would hold it.

python talk_here.py HOME fake|real [FILE FOR LINES]
"""

from __future__ import annotations

import sys
from pathlib import Path

from factdesk.chat.completion import names_of
from factdesk.chat.session import Talker
from factdesk.chat.terminal import converse
from factdesk.index.snapshot import ENCODER, open_snapshot
from factdesk.qa.desk import Desk
from factdesk.qa.talk import Talk
from factdesk.tests.chat.fakes import FakeTalk
from factdesk.tests.qa.conftest import HashEncoder


def main(home: str, kind: str, lines: str = "") -> None:
    snapshot = open_snapshot(Path(home))
    snapshot.parts[ENCODER] = HashEncoder()
    with Desk(snapshot) as desk:
        talk: Talker = FakeTalk(desk) if kind == "fake" else Talk(desk)
        converse(talk, names=lambda: names_of(desk), lines=Path(lines) if lines else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
