"""A chat without its terminal: every line has a reply, and the reply is whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from factdesk.chat.session import COMMANDS, KEYS, Part, Reply, Session, Tone
from factdesk.qa.desk import Desk
from factdesk.qa.history import History
from factdesk.qa.talk import Answered, Talk
from factdesk.tests.chat.fakes import CHOICES, FakeTalk

COST = "What did the Harbour Permit Desk cost to run each month?"
DESK = "Harbour Permit Desk (HPD) (Ireland)"
COSTS = "The Northern Services Compendium › Ireland › Harbour Permit Desk (HPD) › Costs"
LAMP = "what is the lamp renewal"


@pytest.fixture
def session(desk: Desk) -> Session:
    return Session(Talk(desk))


@pytest.fixture
def fake(desk: Desk) -> Session:
    return Session(FakeTalk(desk))


def alert(text: str) -> Reply:
    return Reply((Part(text, Tone.ALERT),), failed=True)


def aside(text: str) -> Reply:
    return Reply((Part(text, Tone.ASIDE),))


# Questions


def test_an_answer_has_its_sources_as_footers_without_their_words(session: Session) -> None:
    answer = f"EUR 10K per month, operating cost of {DESK} [1]\n  Help line EUR 7K · Servers EUR 3K  (adds up) [2]"
    assert session.respond(COST) == Reply(
        (Part(answer), Part(f"[1] {COSTS}\n[2] {COSTS} › Operating Costs", Tone.ASIDE))
    )


def test_a_question_that_leans_on_the_one_before_says_how_it_was_understood(session: Session) -> None:
    session.respond(COST)
    first, second, _ = session.respond("and the investment?").parts
    assert (first.tone, first.text.partition(": ")[0]) == (Tone.ASIDE, "understood as")
    assert second.text.startswith(f"EUR 600K, investment of {DESK} [1]\n")


def test_suggestions_are_numbered_and_a_digit_is_passed_on(fake: Session) -> None:
    assert fake.choices == 0
    assert fake.respond("which").parts == (
        Part("you asked: which"),
        Part(f"You can ask:\n  1  {CHOICES[0]}\n  2  {CHOICES[1]}"),
    )
    assert fake.choices == 2
    assert fake.respond("2").parts == (Part(f"understood as: {CHOICES[1]}", Tone.ASIDE), Part("you asked: 2"))
    assert fake.choices == 0


@pytest.mark.parametrize("line", ["", "  ", "\x00\x1b", "\u200b"])
def test_an_empty_line_is_no_question(fake: Session, line: str) -> None:
    assert fake.respond(line) == Reply()
    assert fake.talk.kept.exchanges == ()


def test_what_goes_wrong_is_one_line_and_the_chat_goes_on(fake: Session) -> None:
    assert fake.respond("broken") == alert("the index is gone; run: factdesk ingest")
    assert fake.respond("bug") == alert("unexpected RuntimeError: a fault of ours; FACTDESK_DEBUG=1 shows where")
    assert fake.respond("more").parts == (Part("you asked: more"),)
    assert len(fake.talk.kept.exchanges) == 1


def test_a_question_that_is_too_long_is_refused(session: Session) -> None:
    assert session.respond("cost " * 1000) == alert("the question has 4,999 characters; ask in at most 4,000")


def test_an_answer_that_is_left_leaves_the_conversation_as_it_was(desk: Desk) -> None:
    def leave(_: Callable[[], Answered]) -> NoReturn:
        raise KeyboardInterrupt

    talk = FakeTalk(desk)
    Session(talk).respond("which")
    session = Session(talk, run=leave)
    with pytest.raises(KeyboardInterrupt):
        session.respond("more")
    assert ([item.turn.question for item in talk.exchanges], session.choices) == (["which"], 2)


def test_a_document_cannot_steer_a_terminal(hostile: Desk) -> None:
    session = Session(Talk(hostile))
    replies = [session.respond(line).text for line in (LAMP, "/sources", "/open 1")]
    assert all("lamp[2J renewal was [31mEUR 70K in 2019." in text for text in replies)
    assert not set("".join(replies)) & {"\x1b", "\x07", "\u202e"}


# Commands


def test_the_sources_have_their_words(session: Session) -> None:
    session.respond(COST)
    assert session.respond("/sources").text.splitlines() == [
        f"[1] {COSTS}",
        '    "OPERATING COSTS: EUR 10K/MONTH"',
        f"[2] {COSTS} › Operating Costs",
        '    "Help line, EUR 7K/month Servers, EUR 3K/month"',
    ]


def test_the_figures_are_a_table(session: Session) -> None:
    session.respond(COST)
    header, first, *_ = session.respond("/figures").text.splitlines()
    assert header.split()[:2] == ["value", "as"]
    assert first.startswith("10,000 EUR per month")


def test_a_source_can_be_opened_in_its_context(session: Session) -> None:
    session.respond(COST)
    place, span, _, *context = session.respond("/open 1").text.splitlines()
    assert (place, span.endswith("  cases.md")) == (COSTS, True)
    assert "#### ▶OPERATING COSTS: EUR 10K/MONTH◀" in context
    assert "- Help line, EUR 7K/month" in context


@pytest.mark.parametrize("which", ["", "9", "x", "-1", "1 2"])
def test_a_source_that_is_not_there_is_said_with_those_that_are(session: Session, which: str) -> None:
    session.respond(COST)
    assert session.respond(f"/open {which}") == alert(f"there is no source {which}".rstrip() + "; one of 1, 2")


@pytest.mark.parametrize("command", ["/sources", "/figures", "/open 1"])
def test_commands_about_the_last_answer_need_one(session: Session, command: str) -> None:
    assert session.respond(command) == alert("nothing was answered yet; ask something first")


def test_an_answer_without_sources_says_so(fake: Session) -> None:
    fake.respond("more")
    assert fake.respond("/sources") == aside("the last answer cites nothing")
    assert fake.respond("/figures") == aside("the last answer has no figures")
    assert fake.respond("/open 1") == alert("there is no source 1; the last answer cites nothing")


def test_forgetting_forgets(session: Session) -> None:
    session.respond(COST)
    assert session.respond("/clear") == aside("forgotten: the next question stands by itself")
    assert session.respond("/sources").failed
    assert "understood as" not in session.respond("and the investment?").text


def test_an_unknown_command_is_said_with_the_list(session: Session) -> None:
    assert session.respond("/nope 1") == alert(f"there is no /nope; there are {', '.join(COMMANDS)}")


def test_help_names_every_command(session: Session) -> None:
    lines = session.respond("/help").text.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == list(COMMANDS)
    assert lines[-1] == KEYS


def test_leaving_ends_the_chat(session: Session) -> None:
    assert session.respond("/quit") == Reply(ends=True)


# The conversation as a file


def test_the_conversation_can_be_exported_in_the_form_of_the_suffix(session: Session, tmp_path: Path) -> None:
    session.respond(COST)
    session.respond("and the investment?")
    for name in ("talk.md", "talk.json", "talk.jsonl"):
        assert session.respond(f"/export {tmp_path / name}") == aside(f"written to {tmp_path / name}")
    markdown = (tmp_path / "talk.md").read_text("utf-8")
    assert markdown.startswith(f"# Conversation\n\n## 1. {COST}\n\nAsked 20")
    assert "\n\n## 2. and the investment?\n\n" in markdown
    whole = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    lines = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text("utf-8").splitlines()]
    assert (whole["id"], whole["turns"]) == (None, lines)
    assert [(line["number"], line["question"]) for line in lines] == [(1, COST), (2, "and the investment?")]


def test_an_export_never_writes_over_a_file(fake: Session, tmp_path: Path) -> None:
    fake.respond("more")
    file = tmp_path / "there.md"
    file.write_text("mine")
    assert fake.respond(f"/export {file}") == alert(f"{file} is there already; choose another name, or remove it first")
    assert file.read_text() == "mine"
    assert fake.respond(f"/export {tmp_path}").failed
    assert fake.respond(f"/export {tmp_path}/none/talk.md").failed


def test_an_export_needs_a_name_and_something_said(fake: Session, tmp_path: Path) -> None:
    assert fake.respond("/export") == alert("/export needs the name of a file; as in /export talk.md")
    assert fake.respond(f"/export {tmp_path}/talk.md") == alert("nothing was said yet; ask something first")
    assert list(tmp_path.iterdir()) == []


# A conversation that goes on


def test_a_new_conversation_opens_without_a_word(session: Session) -> None:
    assert session.opening() == ()


def test_the_last_answer_of_an_earlier_conversation_can_be_looked_at(desk: Desk, tmp_path: Path) -> None:
    history = History(tmp_path)
    earlier = Session(Talk(desk, history=history))
    earlier.respond(COST)
    later = Session(Talk(desk, history=history, earlier=history))
    assert later.opening()[0] == Part(f"going on after: {COST}", Tone.ASIDE)
    assert later.opening()[1].text.startswith("EUR 10K per month")
    for command in ("/sources", "/figures", "/open 1"):
        assert later.respond(command) == earlier.respond(command)
    assert "600K" in later.respond("and the investment?").text
