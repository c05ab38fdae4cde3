"""A talk whose answers are made here: what is asked is answered by its own words, and some questions are special."""

from __future__ import annotations

import time

from factdesk.corpus.errors import IndexDamaged
from factdesk.corpus.records import Answer, Kind
from factdesk.qa.conversation import turn_of
from factdesk.qa.desk import Desk
from factdesk.qa.format import answer_to_json
from factdesk.qa.history import Exchange, Json, Kept
from factdesk.qa.talk import Answered

CHOICES = ("Harbour?", "Ferry?")


class FakeTalk:
    """Answers "you asked: ..."; "which" offers CHOICES, "slow" takes a minute, "broken" fails, "bug" is a fault."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.exchanges: list[Exchange] = []

    @property
    def kept(self) -> Kept:
        return Kept("", "", "", tuple(self.exchanges))

    def work_out(self, question: str) -> Answered:
        if question == "broken":
            raise IndexDamaged("the index\nis gone", hint="run: factdesk ingest")
        if question == "bug":
            raise RuntimeError("a fault of ours")
        if question == "slow":
            time.sleep(60)
        answer = Answer(
            id="a",
            question=question,
            kind=Kind.PASSAGE,
            answer=f"you asked: {question}",
            confidence=1.0,
            suggestions=CHOICES if question == "which" else (),
            resolved=CHOICES[int(question) - 1] if question.isdigit() else question,
        )
        return Answered(answer, turn_of(answer))

    def take(self, answered: Answered) -> Json:
        record = answer_to_json(answered.answer)
        self.exchanges.append(Exchange(len(self.exchanges) + 1, "", answered.turn, record))
        return record

    def clear(self) -> None:
        self.exchanges.clear()
