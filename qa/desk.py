"""The door: a library of documents that answers. It opens parts and hands over to them; it holds no algorithms."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from factdesk.corpus.errors import FactdeskError, UsageError
from factdesk.corpus.records import Answer, DocumentRef, Figure, Kind, RankedPassage, Subject, Turn
from factdesk.corpus.words import fold, stems
from factdesk.index.catalogue import DocumentSummary
from factdesk.index.snapshot import CATALOGUE, Snapshot, default_home, open_snapshot
from factdesk.qa.wording import say

if TYPE_CHECKING:
    # What only asking needs is imported where it is asked: figures are listed in a fraction of the time.
    from factdesk.qa.answer import Answerer
    from factdesk.qa.audit import Finding

LONGEST_QUESTION = 4000
"""Characters; a longer text is a document, not a question."""
CONTEXT = 400
"""Characters shown before and after a quote."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage in its context."""

    document: DocumentRef
    page: int | None
    page_label: str | None
    section: tuple[str, ...]
    before: str
    quote: str
    after: str
    start: int
    end: int


class Desk:
    """Answers questions over an index. Reads only; threads may share one."""

    def __init__(self, snapshot: Snapshot, *, to_ask: bool = True) -> None:
        self.snapshot = snapshot
        self._answerer: Answerer | None = None
        self._lock = threading.Lock()
        if to_ask:
            self._answerer = self.answerer

    @classmethod
    def open(cls, home: Path | None = None, *, to_ask: bool = True) -> Desk:
        """The desk of an index folder; None: the default one.

        Not `to_ask`: what it takes to ask is loaded with the first question, for who only lists what is there.
        Raises IndexMissing, IndexDamaged or IndexMismatch.
        """
        # All else is compared with its checksum by the thread that loads it.
        snapshot = open_snapshot(home if home is not None else default_home(), parts=[CATALOGUE])
        try:
            return cls(snapshot, to_ask=to_ask)
        except BaseException:
            snapshot.close()
            raise

    @property
    def answerer(self) -> Answerer:
        """What answers, made once."""
        if self._answerer is None:
            with self._lock:
                if self._answerer is None:
                    self._answerer = made_beside_the_model(self.snapshot)
        return self._answerer

    def ask(self, question: str, *, history: Sequence[str | Turn] = (), passages: int = 0) -> Answer:
        """The answer to one question; `history` holds the earlier turns, as the user's words or as kept.

        Raises UsageError for an empty question or one longer than LONGEST_QUESTION.
        """
        said = (turn for turn in history if isinstance(turn, Turn) or has_words(turn))
        turns = [turn if isinstance(turn, Turn) else cleaned(turn) for turn in said]
        return self.answerer.answer(cleaned(question), turns, passages)

    def search(self, question: str, limit: int = 10) -> list[RankedPassage]:
        """The passages nearest to a question, best first. Raises UsageError as `ask` does."""
        from factdesk.qa.question import understand
        from factdesk.qa.retrieval import ranked

        text = cleaned(question)
        query = understand(text, self.answerer.library)
        retriever = self.answerer.retriever
        return list(ranked(retriever.rank(query, retriever.vector(query), max(limit, 1)), limit))

    def figures(
        self,
        words: Sequence[str] = (),
        *,
        subject: str | None = None,
        measure: str | None = None,
        unit: str | None = None,
        document: str | None = None,
        period: str | None = None,
    ) -> list[Figure]:
        """The figures that fit all of what is given, in document order.

        `words` must all stand in label, sentence, section or subject; `subject` and `document` are parts of names.
        """
        found = self.snapshot.catalogue.figures(measure=measure.replace(" ", "_") if measure else None)
        wanted = {stem for word in words for stem in stems(word)}
        titles = {i: r.title for i, r in self.snapshot.catalogue.references().items()}
        called = {item.id for item in self.subjects() if fold(subject) in map(fold, item.aliases)} if subject else set()
        return [
            figure
            for figure in found
            if (not subject or fold(subject) in fold(figure.subject) or figure.subject_id in called)
            and (not unit or fold(unit) == fold(figure.unit or ""))
            and (not document or fold(document) in fold(f"{figure.document} {titles.get(figure.document, '')}"))
            and (not period or period in f"{figure.period or ''} {figure.period_words or ''}")
            and wanted
            <= set(
                stems(" ".join((figure.label, figure.sentence, *figure.section, figure.subject, figure.measure or "")))
            )
        ]

    def compare(self, measure: str) -> Answer:
        """One measure over all subjects, brought to one rate and ranked; an abstention if nothing states it."""
        name = measure.replace("_", " ")
        answer = self.ask(f"rank all {name}")
        if answer.kind is Kind.COMPARISON:
            return answer
        text = say(answer.language, "figure_not_given", what=name, of_subject="")
        return replace(
            answer,
            kind=Kind.ABSTENTION,
            reason="figure_not_given",
            answer=text,
            figures=(),
            nearest=(),
            citations=(),
            calculation=None,
        )

    def check(self) -> list[Finding]:
        """What adds up and what does not, among all figures."""
        from factdesk.qa.audit import audit

        return audit(self.snapshot.catalogue)

    def documents(self) -> list[DocumentSummary]:
        """What is indexed."""
        return self.snapshot.catalogue.summaries()

    def subjects(self) -> list[Subject]:
        """What the documents are about, part by part."""
        return self.snapshot.catalogue.subjects()

    def show(self, citation: str, context: int = CONTEXT) -> Shown:
        """A passage, and so many characters around it, by "DOCUMENT:START-END", the id of a passage or of a figure.

        Raises UsageError if there is no such thing.
        """
        document, start, end, section = self._place(citation)
        source = self.snapshot.catalogue.document(document)
        if source is None or not 0 <= start < end <= len(source.text):
            raise UsageError(f"there is no {citation}", hint="copy it from an answer: DOCUMENT:START-END, or an id")
        page = source.page_at(start)
        return Shown(
            document=DocumentRef(source.id, source.title, source.path),
            page=page.number if page else None,
            page_label=page.label if page else None,
            section=section,
            before=source.text[max(0, start - context) : start],
            quote=source.text[start:end],
            after=source.text[end : end + context],
            start=start,
            end=end,
        )

    def _place(self, citation: str) -> tuple[str, int, int, tuple[str, ...]]:
        catalogue = self.snapshot.catalogue
        if figure := catalogue.figure(citation):
            return figure.document, figure.start, figure.end, figure.section
        document, _, span = citation.rpartition(":")
        first, _, last = span.partition("-")
        if document and first.isdecimal() and last.isdecimal() and len(first) < 12 and len(last) < 12:
            row = catalogue.passage_row_of(document, int(first))
            section = catalogue.passages([row])[row].section if row is not None else ()
            return document, int(first), int(last), section
        for passage in catalogue.passages(catalogue.passage_rows().tolist()).values():
            if passage.id == citation:
                return passage.document, passage.start, passage.end, passage.section
        raise UsageError(f"there is no {citation}", hint="copy it from an answer: DOCUMENT:START-END, or an id")

    def close(self) -> None:
        """Let go of the index's files."""
        self.snapshot.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def made_beside_the_model(snapshot: Snapshot) -> Answerer:
    """What answers. The embedding model is loaded by another thread meanwhile: the one takes as long as the other.

    Raises as `Snapshot.encoder` does.
    """

    def load() -> None:
        with suppress(FactdeskError):  # it is told below
            _ = snapshot.encoder

    thread = threading.Thread(target=load, name="factdesk-model")
    thread.start()
    try:
        snapshot.load_vectors()
        from factdesk.qa.answer import Answerer

        answerer = Answerer(snapshot)
    finally:
        thread.join()
    _ = snapshot.encoder
    return answerer


def has_words(text: str) -> bool:
    """Whether a text has a letter or a digit: without, it asks nothing, and there is nothing to lean on."""
    return any(c.isalnum() for c in text)


def cleaned(question: str) -> str:
    """A question without control characters and surrogates. Raises UsageError if it is empty or far too long."""
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"the question has {len(question):,} characters", hint=f"ask in at most {LONGEST_QUESTION:,}")
    text = "".join(c if c.isprintable() or c in "\n\t" else " " for c in question)
    text = " ".join(text.split())
    if not has_words(text):
        raise UsageError("the question is empty", hint='ask something: factdesk "What is ...?"')
    return text
