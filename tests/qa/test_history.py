"""Conversations that are kept: what comes back, who may read it, and what a bad file does."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path

import pytest

from factdesk.corpus.errors import FactdeskError, HistoryUnusable, UsageError
from factdesk.qa.conversation import Turn
from factdesk.qa.desk import Desk
from factdesk.qa.format import answer_to_json, answer_to_text
from factdesk.qa.history import FILE, Entry, Exchange, History, Kept, keeping
from factdesk.qa.reread import answer_from_json
from factdesk.qa.talk import Talk
from factdesk.qa.transcript import export, kept_as
from factdesk.tests.conftest import environment

COST = "What did the Harbour Permit Desk cost to run each month?"


def clock() -> Callable[[], str]:
    """A second later each time."""
    seconds = count()
    return lambda: f"2026-01-31T09:30:{next(seconds):02}Z"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path, clock=clock())


def turn(question: str = "What?", **other: tuple[str, ...]) -> Turn:
    return Turn(question, f"{question} (Lindholm)", ("f1",), (("report", 3, 9),), **other)


def kept(history: History, *conversations: list[str]) -> list[str]:
    """The ids of conversations with these questions."""
    made = []
    for questions in conversations:
        made.append(history.start())
        for question in questions:
            history.append(made[-1], turn(question), {"answer": question.upper()})
    return made


# What comes back


def test_what_is_appended_is_shown_whole_and_in_order(history: History) -> None:
    asked = [turn("What?", suggestions=("Lindholm?", "Varnau?")), turn("é \u200d \x1b")]
    conversation = history.start()
    for item in asked:
        history.append(conversation, item, {"answer": "151K ›", "figures": [{"value": 1.5}]})
    assert history.show(conversation) == Kept(
        conversation,
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:01Z",
        tuple(
            Exchange(n, f"2026-01-31T09:30:0{n - 1}Z", item, {"answer": "151K ›", "figures": [{"value": 1.5}]})
            for n, item in enumerate(asked, 1)
        ),
    )
    assert history.turns(conversation) == asked


def test_the_listing_begins_with_what_was_spoken_in_last(history: History) -> None:
    first, second = kept(history, ["a", "b"], ["c"])
    assert history.latest() == second
    history.append(first, turn("d"), {})
    assert history.latest() == first
    assert history.listing() == [
        Entry(first, "2026-01-31T09:30:00Z", "2026-01-31T09:30:03Z", 3, "a"),
        Entry(second, "2026-01-31T09:30:02Z", "2026-01-31T09:30:02Z", 1, "c"),
    ]


def test_looking_makes_no_file(history: History) -> None:
    assert (history.latest(), history.listing(), history.delete_all()) == (None, [], 0)
    assert not history.path.exists()


def test_a_conversation_has_no_id_before_something_was_said(history: History) -> None:
    assert history.start() != history.start()
    assert not history.path.exists()


def test_a_name_is_an_id_its_beginning_or_last(history: History) -> None:
    for name in ("aa11", "aa22", "bb33", "bb"):
        history.append(name, turn(), {})
    found = {name: history.find(name) for name in ("aa11", "aa2", "bb", "last")}
    assert found == {"aa11": "aa11", "aa2": "aa22", "bb": "bb", "last": "bb"}
    for name, said in (("aa", "aa begins 2 conversations"), ("c", "there is no conversation c"), ("", "no conv")):
        with pytest.raises(UsageError, match=said):
            history.find(name)


def test_deleting_takes_conversations_with_their_turns(history: History) -> None:
    first, second, third = kept(history, ["secret-one"], ["secret-two"], ["three"])
    assert history.delete([first, "none"]) == 1
    assert [entry.id for entry in history.listing()] == [third, second]
    with pytest.raises(UsageError, match="there is no conversation"):
        history.show(first)
    assert history.delete_all() == 2
    assert history.listing() == []
    assert b"secret" not in history.path.read_bytes()


def test_turns_of_another_version_lose_what_is_not_known_here(history: History) -> None:
    (conversation,) = kept(history, ["a"])
    with sqlite3.connect(history.path) as connection:
        connection.execute("""UPDATE turns SET turn = '{"question": "a", "resolved": "b", "mood": 1}'""")
    assert history.turns(conversation) == [Turn("a", "b")]


# Who may read it, and when it may not be written


def test_only_the_owner_may_read_it(history: History) -> None:
    before = os.umask(0)
    try:
        kept(history, ["a"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(history.path.stat().st_mode) == 0o600
    assert [file.name for file in history.path.parent.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "value, kept", [("0", False), ("no", False), (" FALSE ", False), ("off", False), ("", True), ("1", True)]
)
def test_the_environment_switches_keeping_off(monkeypatch: pytest.MonkeyPatch, value: str, kept: bool) -> None:
    monkeypatch.setenv("FACTDESK_KEEP", value)
    assert keeping() is kept


def in_the_way(file: Path, name: str) -> None:
    """Put something there that is no file of ours."""
    if name == "folder":
        file.mkdir()
    elif name == "text":
        file.write_text("my shopping list, which is longer than a header of SQLite " * 9)
    elif name == "foreign":
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE mine (x)")
    else:
        kept(History(file.parent), ["a"])
        with sqlite3.connect(file) as connection:
            if name == "newer":
                connection.execute("PRAGMA user_version = 2")
            if name == "broken turn":
                connection.execute("UPDATE turns SET turn = '[1'")
        if name == "torn":
            data = file.read_bytes()
            file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


BAD = ("folder", "text", "foreign", "newer", "torn", "broken turn")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_error_with_a_hint_and_stays_as_it_is(tmp_path: Path, name: str) -> None:
    file = tmp_path / FILE
    in_the_way(file, name)
    before = file.read_bytes() if file.is_file() else b""
    history = History(tmp_path)
    with pytest.raises(HistoryUnusable) as raised:
        history.show(history.latest() or "")
    assert FILE in str(raised.value) and raised.value.hint
    if name != "broken turn":  # which does not keep others from being added
        with pytest.raises(HistoryUnusable):
            history.append("x", turn(), {})
        assert (file.read_bytes() if file.is_file() else b"") == before


def test_an_empty_file_is_a_new_one(history: History) -> None:
    """As a process leaves it that dies between making and filling it."""
    history.path.touch()
    assert history.listing() == []
    kept(history, ["a"])
    assert [entry.question for entry in history.listing()] == ["a"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_home_that_cannot_be_written_can_be_read(history: History) -> None:
    (conversation,) = kept(history, ["a"])
    history.path.parent.chmod(0o500)
    history.path.chmod(0o400)
    try:
        assert history.turns(conversation) == [turn("a")]
        with pytest.raises(HistoryUnusable):
            history.append(conversation, turn(), {})
    finally:
        history.path.parent.chmod(0o700)


def test_a_home_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = History(tmp_path / "file" / "home")
    with pytest.raises(HistoryUnusable):
        history.append("x", turn(), {})
    assert history.path.parent.parent.is_file()


def test_a_turn_that_cannot_be_kept_whole_is_not_kept_at_all(history: History) -> None:
    (conversation,) = kept(history, ["a"])
    before = history.show(conversation)
    with sqlite3.connect(history.path) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT raise(ABORT, 'full'); END")
    with pytest.raises(HistoryUnusable, match="full"):
        history.append(conversation, turn("b"), {})
    assert history.show(conversation) == before


def test_a_file_that_another_process_holds_too_long_is_one_error(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    (conversation,) = kept(history, ["a"])
    monkeypatch.setattr("factdesk.qa.store.PATIENCE", 0.05)
    with sqlite3.connect(history.path, isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(HistoryUnusable, match="locked"):
            history.append(conversation, turn(), {})
        connection.execute("ROLLBACK")


WRITER = """
import sys
from pathlib import Path
from factdesk.qa.conversation import Turn
from factdesk.qa.history import History
history = History(Path(sys.argv[1]))
for number in range(20):
    history.append("both", Turn(f"{sys.argv[2]}{number}", ""), {})
"""


def test_two_processes_may_keep_at_once(history: History) -> None:
    command = [sys.executable, "-c", WRITER, str(history.path.parent)]
    writers = [subprocess.Popen([*command, name], env=environment(), stderr=subprocess.PIPE) for name in "ab"]
    assert [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers] == [(b"", 0)] * 2
    exchanges = history.show("both").exchanges
    assert [exchange.number for exchange in exchanges] == list(range(1, 41))
    for name in "ab":
        mine = [item.turn.question for item in exchanges if item.turn.question.startswith(name)]
        assert mine == [f"{name}{number}" for number in range(20)]


# A talk


@pytest.fixture
def complaints() -> Iterator[list[FactdeskError]]:
    yield []


def test_a_talk_goes_on_where_it_was_left(plain_desk: Desk, history: History) -> None:
    first = Talk(plain_desk, history=history)
    assert first.ask(COST).figures[0].figure.printed == "EUR 10K/MONTH"
    second = Talk(plain_desk, history=history, earlier=history)
    assert second.ask("and the investment?").figures[0].figure.printed == "EUR 600K"
    (entry,) = history.listing()
    assert (entry.turns, entry.question) == (2, COST)
    assert history.show(entry.id).exchanges == tuple(second.exchanges)
    assert second.kept.id == entry.id


def test_a_talk_that_is_not_kept_can_lean_on_one_that_was(plain_desk: Desk, history: History) -> None:
    Talk(plain_desk, history=history).ask(COST)
    talk = Talk(plain_desk, earlier=history)
    assert talk.ask("and the investment?").figures[0].figure.printed == "EUR 600K"
    assert [entry.turns for entry in history.listing()] == [1]


def test_an_answer_that_nobody_takes_leaves_nothing(plain_desk: Desk, history: History) -> None:
    talk = Talk(plain_desk, history=history)
    talk.work_out(COST)
    assert (talk.turns, history.listing()) == ([], [])


def test_after_forgetting_another_conversation_begins(plain_desk: Desk, history: History) -> None:
    talk = Talk(plain_desk, history=history)
    talk.ask(COST)
    talk.clear()
    talk.ask(COST)
    assert [entry.turns for entry in history.listing()] == [1, 1]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_costs_one_complaint_and_no_answer(
    plain_desk: Desk, tmp_path: Path, complaints: list[FactdeskError], name: str
) -> None:
    in_the_way(tmp_path / FILE, name)
    history = History(tmp_path)
    talk = Talk(plain_desk, history=history, earlier=history, complain=complaints.append)
    assert [talk.ask(COST).kind, talk.ask("and the investment?").kind] == ["figure", "figure"]
    assert [exchange.number for exchange in talk.exchanges] == [1, 2]
    assert [type(error) for error in complaints][:1] == [HistoryUnusable]
    assert len({str(error) for error in complaints}) == len(complaints)


# What is shown of it


@pytest.mark.parametrize(
    "question", [COST, "Which case had the highest investment?", "payback period of the Harbour Permit Desk?", "Moon?"]
)
def test_a_kept_answer_is_shown_as_it_was(plain_desk: Desk, question: str) -> None:
    answer = plain_desk.ask(question)
    record = answer_to_json(answer)
    again = answer_from_json(record)
    assert answer_to_text(again) == answer_to_text(answer)
    assert answer_to_json(again) == {**record, "timings_ms": {}}


@pytest.mark.parametrize("found", [{}, {"answer": 1}, {"kind": "song"}])
def test_an_object_that_is_no_answer_is_one_error(found: dict[str, object]) -> None:
    with pytest.raises(HistoryUnusable):
        answer_from_json(found)


def test_what_is_exported_is_never_written_over(plain_desk: Desk, tmp_path: Path) -> None:
    talk = Talk(plain_desk)
    talk.ask(COST)
    file = tmp_path / "talk.md"
    export(talk.kept, file, "md")
    assert file.read_text("utf-8") == kept_as("md", talk.kept) + "\n"
    with pytest.raises(UsageError, match="is there already"):
        export(talk.kept, file, "json")
    with pytest.raises(UsageError, match="cannot be written"):
        export(talk.kept, tmp_path / "none" / "talk.md", "md")


def test_a_question_in_a_transcript_is_neither_markup_nor_an_escape(plain_desk: Desk) -> None:
    talk = Talk(plain_desk)
    answered = talk.work_out(COST)
    hostile = type(answered)(answered.answer, Turn("# *x*\x1b[31m", "x"))
    talk.take(hostile)
    assert "\n\n## 1. \\# \\*x\\*\\\\x1b\\[31m\n\n" in kept_as("md", talk.kept)
    assert "\n\n> # *x*\\x1b[31m\n" in kept_as("text", talk.kept)
    assert asdict(talk.kept.exchanges[0].turn)["question"] == "# *x*\x1b[31m"
