"""A talk with a desk: each question is understood by what was said before, and stays what it is if it needs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from factdesk.corpus.records import Answer
from factdesk.qa.desk import Desk

Place = tuple[str, int, int]
"""Document, start and end of a cited span."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one exchange leaves for the next: plain values, so that it can be kept."""

    question: str
    resolved: str
    figures: tuple[str, ...] = ()
    """The ids of the figures that answered, best first."""
    places: tuple[Place, ...] = ()
    """Where the answer's citations stand, in their order."""
    suggestions: tuple[str, ...] = ()
    """The questions that were offered; "2" or the words of one are an answer to them."""


def turn_of(answer: Answer) -> Turn:
    """The turn that an answer leaves."""
    return Turn(
        question=answer.question,
        resolved=answer.resolved or answer.question,
        figures=tuple(cited.figure.id for cited in answer.figures),
        places=tuple((c.document.id, c.start, c.end) for c in answer.citations),
        suggestions=answer.suggestions,
    )


class Conversation:
    """A conversation with a desk. One at a time may ask; several conversations may share a desk.

    `turns` are those of an earlier talk that is to go on, oldest first.
    """

    def __init__(self, desk: Desk, turns: Sequence[Turn] = ()) -> None:
        self.desk = desk
        self.turns: list[Turn] = list(turns)

    def ask(self, question: str, *, passages: int = 0) -> Answer:
        """The answer to a question that may lean on the turns before. Raises UsageError as `Desk.ask` does."""
        answer = self.desk.ask(question, history=[turn.resolved for turn in self.turns], passages=passages)
        self.turns.append(turn_of(answer))
        return answer

    def clear(self) -> None:
        """Forget what was said."""
        self.turns.clear()
