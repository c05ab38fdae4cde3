"""A chat in a real pseudo-terminal, with what stands on the screen as a person sees it."""

from __future__ import annotations

import re
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from factdesk.chat.terminal import LEFT, PROMPT, WELCOME, LineHistory
from factdesk.qa.desk import Desk
from factdesk.qa.history import History
from factdesk.tests.chat.fakes import CHOICES
from factdesk.tests.conftest import environment

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

pexpect = pytest.importorskip("pexpect", reason="pseudo-terminals are of Unix")
pyte = pytest.importorskip("pyte")

ROWS, COLUMNS = 40, 160
PATIENCE = 60
"""Seconds until what is waited for must stand there; it mostly does at once."""
HERE = Path(__file__).with_name("talk_here.py")
COST = "What did the Harbour Permit Desk cost to run each month?"
ENTER, CTRL_C, CTRL_D, TAB, UP = "\r", "\x03", "\x04", "\t", "\x1b[A"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d|10\d)(?:;\d+)*m")


class Terminal:
    """A process in a terminal of its own, and the screen of that terminal."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        env = {name: value for name, value in env.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color", **env}
        self.process: Any = pexpect.spawn(
            command[0], command[1:], env=env, dimensions=(ROWS, COLUMNS), encoding="utf-8", timeout=PATIENCE
        )
        self.raw = ""
        self.screen: Any = pyte.HistoryScreen(COLUMNS, ROWS, history=1000)
        # The answers that a terminal gives, as to where the cursor is.
        self.screen.write_process_input = self.process.send
        self._stream: Any = pyte.Stream(self.screen)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def see(self, wanted: Callable[[str], bool] | str) -> str:
        """Wait for a text, or for what a function looks for: the screen then."""
        found = wanted if callable(wanted) else lambda text: wanted in text
        deadline = time.monotonic() + PATIENCE
        while not found(self.text):
            assert time.monotonic() < deadline, f"waited for {wanted!r}; the screen is:\n{self.text}"
            self.read()
        return self.text

    def read(self) -> None:
        """Take in what the process has written by now."""
        try:
            more = self.process.read_nonblocking(4096, timeout=0.2)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            raise AssertionError(f"the process ended; the screen is:\n{self.text}") from None
        self.raw += more
        self._stream.feed(more)

    def see_prompt(self) -> str:
        """Wait until the last line is an empty prompt."""
        return self.see(lambda text: text.endswith(f"\n{PROMPT.rstrip()}") or text == PROMPT.rstrip())

    def type(self, keys: str) -> None:
        """Press keys."""
        self.process.send(keys)

    def ask(self, line: str, answer: str) -> str:
        """Type a line and wait for a text in the answer and the prompt after it."""
        self.see_prompt()
        self.type(line + ENTER)
        self.see(answer)
        return self.see_prompt()

    def status(self) -> int | None:
        """Wait until the process has ended: its exit status."""
        self.process.expect(pexpect.EOF)
        self.raw += self.process.before
        self.process.close()
        status: int | None = self.process.exitstatus
        return status


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(desk: Desk) -> Iterator[Open]:
    """Opens terminals with a chat in them: `terminal("fake")`; they are closed afterwards."""
    opened: list[Terminal] = []

    def start(kind: str, lines: Path | str = "", home: Path | None = None, **env: str) -> Terminal:
        command = [sys.executable, str(HERE), str(home or desk.snapshot.home), kind, str(lines)]
        opened.append(Terminal(command, environment(**env)))
        opened[-1].see(WELCOME)
        return opened[-1]

    yield start
    for item in opened:
        item.process.close(force=True)


def test_questions_follow_up_and_sources_can_be_looked_at_until_ctrl_d(terminal: Open, tmp_path: Path) -> None:
    chat = terminal("real")
    chat.ask(COST, "EUR 10K per month, operating cost of Harbour Permit Desk")
    screen = chat.ask("and the investment?", "EUR 600K, investment of Harbour Permit Desk")
    assert "understood as: and the investment (Harbour" in screen
    assert "[1] The Northern Services Compendium › Ireland › Harbour Permit Desk (HPD) › Costs\n" in screen
    chat.ask("/open 1", "▶INVESTMENT: EUR 600K◀")
    chat.ask(f"/export {tmp_path}/talk.md", f"written to {tmp_path}/talk.md")
    assert "## 2. and the investment?" in (tmp_path / "talk.md").read_text("utf-8")
    chat.ask(f"/export {tmp_path}/talk.md", "is there already")
    chat.ask("/nope", "there is no /nope; there are /sources")
    chat.type(CTRL_D)
    assert chat.status() == 0


def test_a_digit_on_an_empty_line_answers_at_once_and_elsewhere_is_a_digit(terminal: Open) -> None:
    chat = terminal("fake")
    chat.ask("2", "you asked: 2")
    chat.ask("which", f"  2  {CHOICES[1]}")
    chat.type("2")
    chat.see(f"understood as: {CHOICES[1]}\nyou asked: 2\n")
    chat.ask("which", f"  2  {CHOICES[1]}")
    chat.ask("take 2", "you asked: take 2\n")
    chat.ask("which", f"  2  {CHOICES[1]}")
    chat.type("3")
    chat.see(lambda text: text.endswith(f"{PROMPT}3"))
    chat.type(ENTER)
    chat.type(CTRL_D)


def test_tab_completes_commands_and_names(terminal: Open) -> None:
    chat = terminal("fake")
    chat.see_prompt()
    chat.type(f"/so{TAB}")
    chat.see(lambda text: text.endswith(f"{PROMPT}/sources"))
    chat.type(CTRL_C)
    chat.see_prompt()
    chat.type(f"cost of night f{TAB}")
    chat.see(f"{PROMPT}cost of Night Ferry Booking (Finland)")


def test_ctrl_c_leaves_a_line_or_an_answer_and_the_chat_lives(terminal: Open) -> None:
    chat = terminal("fake")
    chat.see_prompt()
    chat.type(f"half a question{CTRL_C}")
    chat.see("half a question\n>")
    chat.see_prompt()
    begun = time.monotonic()
    chat.type(f"slow{ENTER}")
    # While an answer is worked out the terminal shows what is typed, and hands Ctrl-C on as a signal.
    while LEFT not in chat.text:
        assert time.monotonic() < begun + PATIENCE / 2, "the answer takes longer than that, and was waited for"
        if chat.process.getecho():
            chat.type(CTRL_C)
        chat.read()
    chat.ask("more", "you asked: more")
    assert "you asked: slow" not in chat.text
    chat.type(CTRL_D)
    assert chat.status() == 0


def test_quit_leaves_too(terminal: Open) -> None:
    chat = terminal("fake")
    chat.see_prompt()
    chat.type(f"/quit{ENTER}")
    assert chat.status() == 0


def test_typed_lines_come_back_and_only_their_owner_may_read_them(terminal: Open, tmp_path: Path) -> None:
    lines = tmp_path / "chat-history"
    chat = terminal("fake", lines)
    chat.ask("first question", "you asked: first question")
    chat.type(CTRL_D)
    assert chat.status() == 0
    assert stat.S_IMODE(lines.stat().st_mode) == 0o600
    again = terminal("fake", lines)
    again.see_prompt()
    again.type(UP)
    again.see(lambda text: text.endswith(f"{PROMPT}first question"))


def test_a_document_stays_text(terminal: Open, hostile: Desk) -> None:
    chat = terminal("real", home=hostile.snapshot.home)
    chat.ask("what is the lamp renewal", "The cost of the lamp[2J renewal was [31mEUR 70K in 2019. [1]")
    chat.ask("/sources", '"The cost of the lamp[2J renewal')
    assert "\x1b]0;owned" not in chat.raw and "\x1b[31mEUR" not in chat.raw


@pytest.mark.parametrize("env, coloured", [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_left_out_where_nobody_wants_them(terminal: Open, env: dict[str, str], coloured: bool) -> None:
    chat = terminal("fake", **env)
    chat.ask("broken", "the index is gone; run: factdesk ingest")
    assert bool(COLOUR.search(chat.raw)) is coloured


def test_the_command_itself_talks_keeps_and_goes_on(library: Library, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("CURRENT", "generations", "encoders"):
        (home / name).symlink_to(library.home / name)
    command = [sys.executable, "-m", "factdesk.cli", "chat", "--home", str(home)]
    for more, question, answer in (
        ([], "What did the One Counter Service cost to run each month?", "EUR 151K per month"),
        (["-c"], "and the investment?", "EUR 940K, investment of One Counter Service"),
    ):
        chat = Terminal([*command, *more], environment())
        chat.ask(question, answer)
        chat.type(CTRL_D)
        assert chat.status() == 0
    (entry,) = History(home).listing()
    assert entry.turns == 2
    assert "+and the investment?\n" in (home / "chat-history").read_text("utf-8")


# The file of typed lines


def test_lines_that_cannot_be_kept_are_no_error(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none" / "lines"):
        history = LineHistory(file)
        history.store_string("a")
        assert list(history.load_history_strings()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_digit_that_chose_is_not_kept_as_a_line(tmp_path: Path) -> None:
    history = LineHistory(tmp_path / "lines")
    for line in ("a", "2", "b"):
        history.store_string(line)
    assert list(history.load_history_strings()) == ["b", "a"]
