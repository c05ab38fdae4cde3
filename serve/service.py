"""What the routes share: the desk in force, threads to ask it in, conversations, pictures, and what is kept.

Everything is asked for by id or by words. No method takes a path or an address.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from factdesk.corpus.errors import FactdeskError, InputError
from factdesk.corpus.records import Answer, Turn
from factdesk.ingest.pictures import picture_of
from factdesk.ingest.readers import is_pdf
from factdesk.qa.conversation import turn_of
from factdesk.qa.desk import Desk
from factdesk.serve.desks import Desks
from factdesk.serve.links import linked_answer
from factdesk.serve.metrics import Metrics
from factdesk.serve.pool import Busy, Pool
from factdesk.serve.queue import Queue
from factdesk.serve.settings import Settings
from factdesk.serve.talks import MOST_ANSWERS, Given, Recent, Talk, Talks

log = logging.getLogger(__name__)
Json = dict[str, Any]
T = TypeVar("T")

MOST_PICTURES = 64
"""Pages that stay drawn; one takes some 200 kB."""
MOST_UNDRAWN = 1_000
"""Pages that cannot be drawn and are not tried again for each who asks: one takes up to twenty seconds."""
MOST_DRAWING = 16
MOST_NOTES = 256
"""Questions that wait to be put into the queue; more are left out, for answering comes first."""


MOST_WAIT = 30.0
"""Seconds between two attempts to open an index that cannot be opened."""


class NotFound(FactdeskError):
    """There is no such thing here."""


class Service:
    """One service over one home. For one event loop; the work is done in threads."""

    def __init__(self, settings: Settings, *, opened: Callable[..., Desk] = Desk.open) -> None:
        self.settings = settings
        self.desks = Desks(settings.home, opened=opened)
        self.talks = Talks()
        self.given: Recent[tuple[str, str], Given] = Recent(MOST_ANSWERS)
        self.metrics = Metrics()
        self.queue = Queue(settings.home)
        self._asking = Pool(settings.threads, settings.most_waiting, settings.ask_time)
        self._drawing = Pool(1, MOST_DRAWING, settings.ask_time)
        self._noting = Pool(1, MOST_NOTES, settings.ask_time)
        self._pictures: OrderedDict[tuple[str, int, int, int], bytes] = OrderedDict()
        self._undrawn: Recent[tuple[str, int], InputError] = Recent(MOST_UNDRAWN)
        self.metrics.watch(lambda: self.desks.generation, lambda: self._asking.taken)

    # Following the index

    async def follow(self) -> None:
        """Open what is newer, now and then, until cancelled; what cannot be opened less and less often."""
        wait = self.settings.follow_every
        while True:
            with suppress(Exception):
                await asyncio.to_thread(self._refresh)
            wait = min(2 * wait, MOST_WAIT) if self.desks.problem else self.settings.follow_every
            await asyncio.sleep(wait)

    def _refresh(self) -> None:
        if self.desks.refresh():
            # What an index holds stays: to look through it again and again for garbage takes a tenth of the time.
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            log.info('{"event": "index", "generation": "%s"}', self.desks.generation)

    def close(self) -> None:
        """Let go of everything."""
        for pool in (self._asking, self._drawing, self._noting):
            pool.close()
        self.desks.close()

    async def with_desk(self, work: Callable[[Desk], T]) -> T:
        """What work finds with the desk in force, in a thread of its own. Raises Busy and Overdue too."""

        def leased() -> T:
            with self.desks.lease() as desk:
                return work(desk)

        return await self._asking.run(leased)

    # Asking

    async def ask(
        self, question: str, *, client: str, history: Sequence[str | Turn] = (), passages: int = 0
    ) -> tuple[Answer, Json]:
        """The answer to one question, as record and as JSON."""

        def work(desk: Desk) -> tuple[Answer, Json]:
            answer = desk.ask(question, history=history, passages=passages)
            return answer, linked_answer(answer, desk.snapshot.catalogue.references())

        answer, found = await self.with_desk(work)
        self._note(answer, found, client)
        return answer, found

    async def ask_in_talk(self, talk: Talk, question: str, *, client: str, passages: int = 0) -> Json:
        """The answer to the next question of a conversation."""
        async with talk.lock:
            answer, found = await self.ask(question, client=client, history=talk.turns, passages=passages)
            talk.add(turn_of(answer))
        return found | {"conversation_id": talk.id}

    def _note(self, answer: Answer, found: Json, client: str) -> None:
        """Remember an answer for feedback; put what could not be answered into the queue, without waiting for that."""
        self.metrics.answer(answer.kind.value)
        # The passages are many times the answer, and can be found again.
        kept = {name: value for name, value in found.items() if name != "passages"}
        # An answer's id follows from its question: under the id alone, others could tell what was asked.
        self.given.put((client, answer.id), Given.of(answer.question, kept))
        if self.settings.log_questions:
            log.info("%s", _line(event="question", question=answer.question, answer=answer.id, kind=answer.kind.value))
        if answer.abstained and self.settings.keep_questions:
            task = asyncio.ensure_future(self._noting.run(partial(self._unanswered, answer)))
            task.add_done_callback(_told)

    def _unanswered(self, answer: Answer) -> None:
        resolved = answer.resolved or answer.question
        with self.desks.lease() as desk:
            encoder = desk.snapshot.encoder
            vector = encoder.encode([resolved])[0]
        self.queue.unanswered(answer.question, resolved, answer.reason or "", vector, model=encoder.fingerprint)

    async def rate(self, answer_id: str, rating: str, reason: str, correction: str, rater: str) -> str:
        """Keep feedback on an answer that was given to this rater; its id. Raises NotFound if none is remembered."""
        given = self.given.get((rater, answer_id))
        if given is None:
            raise NotFound("no such answer was given here lately", hint="ask again, then rate")
        keep = partial(self.queue.rate, answer_id, rating, given.question, given.answer, reason, correction, rater)
        return await self._noting.run(keep)

    async def with_queue(self, work: Callable[[Queue], T]) -> T:
        """What work finds in the queue of unanswered questions."""
        return await self._noting.run(lambda: work(self.queue))

    # Drawing

    async def picture(self, document: str, number: int, start: int, end: int) -> bytes:
        """A page of a PDF with a span marked, as PNG. Raises NotFound if there is none to draw."""
        name = (f"{self.desks.generation}/{document}", number, start, end)
        if name in self._pictures:
            self._pictures.move_to_end(name)
            return self._pictures[name]

        if known := self._undrawn.get(name[:2]):
            raise known.with_traceback(None)

        def work() -> bytes:
            with self.desks.lease() as desk:
                return drawn(desk, document, number, start, end)

        try:
            png = await self._drawing.run(work)
        except InputError as error:
            self._undrawn.put(name[:2], error)
            raise
        self._pictures[name] = png
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)
        return png


def drawn(desk: Desk, identity: str, number: int, start: int, end: int) -> bytes:
    """A page of a document with a span marked if the file is still what was indexed; as PNG."""
    catalogue = desk.snapshot.catalogue
    document = catalogue.document(identity)
    page = next((page for page in document.pages if page.number == number), None) if document else None
    path = next((file.absolute for file in catalogue.files() if file.document == identity), None)
    if document is None or page is None or path is None or not document.path.lower().endswith(".pdf"):
        raise NotFound("there is no such page", hint="take the address from an answer")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFound("the file of this document is not there any more", hint="ingest it again") from error
    same = hashlib.sha256(data).hexdigest() == document.sha256
    if not same or not is_pdf(data):
        raise NotFound("the file of this document has changed since it was indexed", hint="ingest it again")
    text = document.text[page.start : page.end]
    return picture_of(data, document.path, page, text, start, end).png


def _told(task: asyncio.Future[None]) -> None:
    """A question that could not be put into the queue costs nobody an answer, but it is said."""
    if not task.cancelled() and (error := task.exception()):
        what = str(error) if isinstance(error, FactdeskError) else type(error).__name__
        log.warning("%s", _line(event="queue", what="too many wait" if isinstance(error, Busy) else what))


def _line(**fields: object) -> str:
    return json.dumps(fields)
