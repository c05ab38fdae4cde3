"""A talk with a desk: each question is understood by what was said before, and stays what it is if it needs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from factdesk.corpus.records import Answer, Turn
from factdesk.qa.answer import turn_of
from factdesk.qa.desk import Desk

__all__ = ["Conversation", "Turn", "turn_of"]


class Conversation:
    """A conversation with a desk. One at a time may ask; several conversations may share a desk.

    `turns` are those of an earlier talk that is to go on, oldest first.
    """

    def __init__(self, desk: Desk, turns: Sequence[Turn] = ()) -> None:
        self.desk = desk
        self.turns: list[Turn] = list(turns)

    def ask(self, question: str, *, passages: int = 0) -> Answer:
        """The answer to a question that may lean on the turns before. Raises UsageError as `Desk.ask` does."""
        answer = self.desk.ask(question, history=self.turns, passages=passages)
        self.turns.append(turn_of(answer))
        return answer

    def clear(self) -> None:
        """Forget what was said."""
        self.turns.clear()
