"""A chat on a terminal: lines are read with history, completion and keys; replies are shown in their tones.

1. Ctrl-C leaves what is being typed or worked out, and the chat goes on; Ctrl-D on an empty line leaves the chat.
2. An answer is worked out in a thread, so that leaving it takes effect at once. The thread's result is then dropped.
3. Nothing but `print_formatted_text` writes, and it lets no escape sequence through.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType
from typing import TypeVar

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.completion import Completion as Shown
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import DummyHistory, FileHistory, History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style

from factdesk.chat.completion import completions
from factdesk.chat.session import MOST_KEYS, Part, Reply, Session, Talker, Tone
from factdesk.qa.store import MODE

Result = TypeVar("Result")

PROMPT = "> "
WELCOME = "Ask about the documents. /help says what else there is; Ctrl-D leaves."
LEFT = "left unanswered"
_GLANCE = 0.1
"""Seconds between looks at the work: on Windows a wait without end lets no Ctrl-C in."""
_TONES = {"aside": "ansibrightblack", "alert": "ansired", "prompt": "bold"}


class Worker:
    """Does pieces of work in a thread while Ctrl-C is ours: pressed, it ends the waiting for one, and nothing else.

    Ctrl-C as Python has it would strike anywhere, in the midst of printing or keeping an answer too.
    """

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._pressed = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C over. Only the main thread may."""
        before = signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _press(self, _: int, __: FrameType | None) -> None:
        self._pressed = True
        self._woken.set()

    def ready(self) -> None:
        """Forget what was pressed so far: it was not meant for the work that comes."""
        self._pressed = False

    def run(self, work: Callable[[], Result]) -> Result:
        """Do a piece of work and wait for it. Raises KeyboardInterrupt if it is left."""
        future: Future[Result] = Future()
        self._woken.clear()
        future.add_done_callback(lambda _: self._woken.set())
        threading.Thread(target=_fulfil, args=(future, work), daemon=True).start()
        while not (future.done() or self._pressed):
            self._woken.wait(_GLANCE)
        if not future.done():
            raise KeyboardInterrupt
        return future.result()


def _fulfil(future: Future[Result], work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)


class LineHistory(FileHistory):
    """Typed lines in a file for its owner's eyes. That it cannot be read or written is no reason to stop."""

    def load_history_strings(self) -> Iterable[str]:
        """The lines, the newest first."""
        with suppress(OSError):
            return list(super().load_history_strings())
        return []

    def store_string(self, string: str) -> None:
        """Add a line; a digit that chose a suggestion says nothing later."""
        if string.isdigit():
            return
        with suppress(OSError):
            os.close(os.open(self.filename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, MODE))
            super().store_string(string)


class NameCompleter(Completer):
    """Completes commands and names. `names` is called when they are first needed."""

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self._names = cache(lambda: tuple(names()))

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Shown]:
        """What may stand before the cursor instead."""
        for found in completions(document.text_before_cursor, self._names()):
            yield Shown(found.text, start_position=-found.length)


def keys(session: Session) -> KeyBindings:
    """On an empty line a digit answers with that suggestion, at once."""
    bindings = KeyBindings()

    def bind(number: int) -> None:
        @Condition
        def offered() -> bool:
            return number <= session.choices and not get_app().current_buffer.text

        @bindings.add(str(number), filter=offered)
        def choose(event: KeyPressEvent) -> None:
            event.current_buffer.text = str(number)
            event.current_buffer.validate_and_handle()

    for number in range(1, MOST_KEYS + 1):
        bind(number)
    return bindings


def style() -> Style:
    """The tones' colours; none where the user wants none."""
    return Style.from_dict({} if os.environ.get("NO_COLOR") else _TONES)


def show(reply: Reply) -> None:
    """Print a reply, and a blank line after it."""
    for part in reply.parts:
        name = "" if part.tone is Tone.PLAIN else f"class:{part.tone.value}"
        print_formatted_text(FormattedText([(name, part.text)]), style=style())
    if reply.parts:
        print_formatted_text()


def converse(talk: Talker, *, names: Callable[[], Sequence[str]], lines: Path | None) -> None:
    """Read lines and show replies until the user leaves. `lines` is the file of typed lines; None: none is kept."""
    worker = Worker()
    session = Session(talk, run=worker.run)
    history: History = LineHistory(lines) if lines else DummyHistory()
    prompt: PromptSession[str] = PromptSession(
        FormattedText([("class:prompt", PROMPT)]),
        style=style(),
        history=history,
        completer=NameCompleter(names),
        complete_while_typing=False,
        key_bindings=keys(session),
    )
    show(Reply((Part(WELCOME, Tone.ASIDE), *session.opening())))
    with worker.listening():
        while (line := read(prompt)) is not None:
            worker.ready()
            try:
                reply = session.respond(line)
            except KeyboardInterrupt:
                reply = Reply((Part(LEFT, Tone.ASIDE),))
            if reply.ends:
                return
            show(reply)


def read(prompt: PromptSession[str]) -> str | None:
    """The next line; empty if it was left, None if the user leaves."""
    try:
        return prompt.prompt()
    except KeyboardInterrupt:
        return ""
    except EOFError:
        return None
