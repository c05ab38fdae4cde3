"""A chat without its terminal: a line comes in, what is to be shown comes out. Nothing here prints.

1. A line that begins with "/" is a command; any other is a question, a digit that chooses a suggestion among them.
2. Under an answer stand its sources, one line each; `/sources` has their words, `/open` what stands around them.
3. What goes wrong with a line is its reply, and the chat goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from factdesk.corpus.errors import FactdeskError, UsageError
from factdesk.corpus.records import Answer
from factdesk.qa.desk import Desk
from factdesk.qa.format import (
    choice_lines,
    citation_lines,
    clean,
    figures_to_text,
    place_of,
    said_lines,
    shown_to_text,
    span_words,
    understood_lines,
    visible,
)
from factdesk.qa.history import Json, Kept
from factdesk.qa.reread import answer_from_json
from factdesk.qa.talk import Answered

Result = TypeVar("Result")

MOST_KEYS = 9
"""Suggestions that one key can choose."""
COMMANDS = {
    "/sources": "the sources of the last answer, with their words",
    "/figures": "the figures of the last answer as a table",
    "/open": "/open N: what stands around source N of the last answer",
    "/clear": "forget what was said; the next question stands by itself",
    "/export": "/export FILE: write the conversation as Markdown, or as .json or .jsonl",
    "/help": "this list",
    "/quit": "leave; Ctrl-D does too",
}
KEYS = (
    "Ctrl-C leaves a line or an answer, Tab completes names, a digit on an empty line takes that suggestion"
    " (begin with a blank to type a question that starts with a digit)"
)


class Tone(StrEnum):
    """How a part of a reply is meant; a terminal may show it."""

    PLAIN = "plain"
    ASIDE = "aside"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one tone, harmless to a terminal."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Reply:
    """What to show for a line. `ends`: the chat is over. `failed`: the line could not be answered."""

    parts: tuple[Part, ...] = ()
    ends: bool = False
    failed: bool = False

    @property
    def text(self) -> str:
        """All parts, without their tones."""
        return "\n".join(part.text for part in self.parts)


class Talker(Protocol):
    """The part of `qa.talk.Talk` that a session needs."""

    @property
    def desk(self) -> Desk: ...
    @property
    def kept(self) -> Kept: ...
    def work_out(self, question: str) -> Answered: ...
    def take(self, answered: Answered) -> Json: ...
    def clear(self) -> None: ...


def at_once(work: Callable[[], Result]) -> Result:
    """Do a piece of work here and now."""
    return work()


class Session:
    """A chat. `run` does the work of an answer; what it raises leaves the conversation as it was."""

    def __init__(self, talk: Talker, *, run: Callable[[Callable[[], Answered]], Answered] = at_once) -> None:
        self.talk = talk
        self._run = run
        self._last = self._last_kept()
        self._commands: dict[str, Callable[[str], Reply]] = {
            "/sources": self._sources,
            "/figures": self._figures,
            "/open": self._open,
            "/clear": self._clear,
            "/export": self._export,
            "/help": self._help,
            "/quit": lambda _: Reply(ends=True),
        }

    @property
    def choices(self) -> int:
        """How many suggestions a digit may choose from now."""
        return min(len(self._last.suggestions), MOST_KEYS) if self._last else 0

    def opening(self) -> tuple[Part, ...]:
        """Where a conversation that goes on was left: the last question with its answer."""
        if self._last is None:
            return ()
        return (Part(f"going on after: {visible(self._last.question)}", Tone.ASIDE), *answer_parts(self._last))

    def respond(self, line: str) -> Reply:
        """The reply to a line. A fault of ours is the line's, not the chat's."""
        text = clean(line)
        if not text:
            return Reply()
        try:
            return self._command(text) if text.startswith("/") else self._ask(text)
        except FactdeskError as error:
            return _failure(str(error), error.hint)
        except Exception as error:
            if os.environ.get("FACTDESK_DEBUG"):
                raise
            return _failure(f"unexpected {type(error).__name__}: {error}", "FACTDESK_DEBUG=1 shows where")

    def _last_kept(self) -> Answer | None:
        exchanges = self.talk.kept.exchanges
        try:
            return answer_from_json(exchanges[-1].answer) if exchanges else None
        except FactdeskError:
            return None

    def _ask(self, question: str) -> Reply:
        answered = self._run(lambda: self.talk.work_out(question))
        self.talk.take(answered)
        self._last = answered.answer
        return Reply(tuple(answer_parts(answered.answer)))

    def _command(self, text: str) -> Reply:
        name, _, rest = text.partition(" ")
        if name not in self._commands:
            return _failure(f"there is no {name}", f"there are {', '.join(COMMANDS)}")
        return self._commands[name](rest.strip())

    def _answer(self) -> Answer:
        if self._last is None:
            raise UsageError("nothing was answered yet", hint="ask something first")
        return self._last

    def _sources(self, _: str) -> Reply:
        lines = citation_lines(self._answer().citations)
        return _plain("\n".join(lines)) if lines else _aside("the last answer cites nothing")

    def _figures(self, _: str) -> Reply:
        figures = [cited.figure for cited in self._answer().figures]
        return _plain(figures_to_text(figures)) if figures else _aside("the last answer has no figures")

    def _open(self, which: str) -> Reply:
        citations = {str(citation.n): citation for citation in self._answer().citations}
        if which not in citations:
            known = f"one of {', '.join(citations)}" if citations else "the last answer cites nothing"
            raise UsageError(f"there is no source {which}".rstrip(), hint=known)
        found = citations[which]
        place = span_words(found.document.id, found.start, found.end)
        return _plain(shown_to_text(self.talk.desk.show(place), found.document.path))

    def _clear(self, _: str) -> Reply:
        self.talk.clear()
        self._last = None
        return _aside("forgotten: the next question stands by itself")

    def _export(self, name: str) -> Reply:
        from factdesk.qa.transcript import export, style_of

        if not name:
            raise UsageError("/export needs the name of a file", hint="as in /export talk.md")
        kept = self.talk.kept
        if not kept.exchanges:
            raise UsageError("nothing was said yet", hint="ask something first")
        file = Path(os.path.expanduser(name))  # noqa: PTH111 - a "~" that is nobody's stays as it is
        export(kept, file, style_of(file))
        return _aside(f"written to {visible(str(file))}")

    def _help(self, _: str) -> Reply:
        broad = max(map(len, COMMANDS))
        return _plain("\n".join([*(f"{name:<{broad}}  {does}" for name, does in COMMANDS.items()), KEYS]))


def _plain(text: str) -> Reply:
    return Reply((Part(text),))


def _aside(text: str) -> Reply:
    return Reply((Part(text, Tone.ASIDE),))


def _failure(message: str, hint: str) -> Reply:
    line = "; ".join(part for part in (message, hint) if part)
    return Reply((Part(visible(" ".join(line.split())), Tone.ALERT),), failed=True)


def answer_parts(answer: Answer) -> list[Part]:
    """An answer as a chat shows it: how the question was understood, the text, the sources, what else to ask."""
    parts = [Part(line, Tone.ASIDE) for line in understood_lines(answer)]
    parts += [Part(line) for line in said_lines(answer)]
    if answer.citations:
        footers = "\n".join(f"[{citation.n}] {place_of(citation)}" for citation in answer.citations)
        parts.append(Part(footers, Tone.ASIDE))
    if choices := choice_lines(answer):
        parts.append(Part("\n".join(choices)))
    return parts
