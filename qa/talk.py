"""A conversation that is kept as it goes.

1. Working out an answer and taking it into the conversation are two steps: an answer nobody waits for any more leaves
   nothing behind.
2. That a conversation cannot be kept is said, in one line; it never keeps an answer from its reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from factdesk.corpus.errors import FactdeskError, HistoryUnusable
from factdesk.corpus.records import Answer
from factdesk.qa.conversation import Conversation, Turn
from factdesk.qa.desk import Desk
from factdesk.qa.format import answer_to_json
from factdesk.qa.history import Exchange, History, Json, Kept, now


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that is worked out but not yet part of the conversation."""

    answer: Answer
    turn: Turn


class Talk:
    """A conversation with a desk, and what was said in it.

    `earlier` is a history whose last conversation goes on; `history` is where exchanges are kept, None: nowhere.
    `complain` is told once of each reason why they are not.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        history: History | None = None,
        earlier: History | None = None,
        complain: Callable[[FactdeskError], None] = lambda _: None,
    ) -> None:
        self.desk = desk
        self.exchanges: list[Exchange] = []
        self._history = history
        self._complain = complain
        self._complaint = ""
        self._id: str | None = None
        if earlier is not None:
            self._go_on(earlier)

    def _go_on(self, earlier: History) -> None:
        try:
            if (latest := earlier.latest()) is not None:
                self.exchanges = list(earlier.show(latest).exchanges)
                self._id = latest
        except FactdeskError as error:
            self._tell(error)

    @property
    def turns(self) -> list[Turn]:
        """What was said so far, oldest first."""
        return [exchange.turn for exchange in self.exchanges]

    @property
    def kept(self) -> Kept:
        """The conversation as it stands; its id is empty if it is kept nowhere."""
        first, last = (self.exchanges[0].asked, self.exchanges[-1].asked) if self.exchanges else ("", "")
        return Kept(self._id or "", first, last, tuple(self.exchanges))

    def work_out(self, question: str, *, passages: int = 0) -> Answered:
        """The answer to a question; nothing of it is kept. May run in a thread. Raises as `Conversation.ask`."""
        conversation = Conversation(self.desk, self.turns)
        answer = conversation.ask(question, passages=passages)
        return Answered(answer, conversation.turns[-1])

    def take(self, answered: Answered) -> Json:
        """Make an answer part of the conversation: the object of the contract."""
        record = answer_to_json(answered.answer, self.desk.snapshot.catalogue.references())
        self.exchanges.append(self._kept(answered.turn, record))
        return record

    def ask(self, question: str) -> Answer:
        """Both steps at once."""
        answered = self.work_out(question)
        self.take(answered)
        return answered.answer

    def clear(self) -> None:
        """Forget what was said; what comes is another conversation. What was kept stays kept."""
        self.exchanges.clear()
        self._id = None

    def _kept(self, turn: Turn, record: Json) -> Exchange:
        if self._history is not None:
            try:
                self._id = self._id or self._history.start()
                return self._history.append(self._id, turn, record)
            except HistoryUnusable as error:
                self._tell(error)
        return Exchange(len(self.exchanges) + 1, now(), turn, record)

    def _tell(self, error: FactdeskError) -> None:
        if str(error) != self._complaint:
            self._complaint = str(error)
            self._complain(error)
