"""Conversations on the command line: going on with one, keeping, listing, exporting and deleting them."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from factdesk.qa.history import FILE, LINES
from factdesk.tests.conftest import environment

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library, Ran, Runner

    Invoke = Callable[..., Ran]

COST = "What did the One Counter Service cost to run each month?"
FOLLOW_UP = "and the investment?"
UNKNOWN = "How many submarines does the town of Quexley own?"

UNDERSTOOD = """\
understood as: and the investment (One Counter Service (OCS) (Lindholm))?
EUR 940K, investment of One Counter Service"""


@pytest.fixture
def home(library: Library, tmp_path: Path) -> Iterator[Path]:
    """A home of its own for conversations, with the index of the library."""
    place = tmp_path / "home"
    place.mkdir()
    for name in ("CURRENT", "generations", "encoders"):
        (place / name).symlink_to(library.home / name)
    yield place


@pytest.fixture
def here(invoke: Invoke, home: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs a command on that home, in this process."""
    monkeypatch.setenv("FACTDESK_HOME", str(home))
    return invoke


def listed(here: Invoke) -> list[tuple[int, str]]:
    """The conversations that are kept: how many turns, and the first question."""
    found = here("conversations", "--format", "json").json
    return [(entry["turns"], entry["question"]) for entry in found]


# Going on


@pytest.mark.parametrize("words", [["ask", "-c", FOLLOW_UP], ["-c", FOLLOW_UP], [FOLLOW_UP, "--continue"]])
def test_a_question_can_go_on_from_the_last(here: Invoke, words: list[str]) -> None:
    here("ask", COST)
    done = here(*words)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(UNDERSTOOD)
    assert listed(here) == [(2, COST)]


def test_a_question_by_itself_begins_a_conversation(here: Invoke) -> None:
    for question in (COST, UNKNOWN, COST):
        here(question)
    assert listed(here) == [(1, COST), (1, UNKNOWN), (1, COST)]


def test_going_on_from_nothing_begins_a_conversation(here: Invoke) -> None:
    assert here("ask", "-c", COST).out == here("ask", COST).out
    assert listed(here) == [(1, COST), (1, COST)]


# What is not kept


@pytest.mark.parametrize("words, setting", [(["--no-keep"], ""), ([], "0"), ([], "off")])
def test_keeping_can_be_switched_off(
    here: Invoke, home: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], setting: str
) -> None:
    monkeypatch.setenv("FACTDESK_KEEP", setting)
    assert here("ask", COST, *words).status == 0
    assert not (home / FILE).exists()


def test_a_batch_is_no_conversation(here: Invoke, home: Path, tmp_path: Path) -> None:
    (tmp_path / "batch.jsonl").write_text(json.dumps({"question": COST}))
    assert here("batch", tmp_path / "batch.jsonl").status == 0
    assert not (home / FILE).exists()


def test_an_answer_is_given_even_if_it_cannot_be_kept(here: Invoke, home: Path) -> None:
    (home / FILE).write_text("no database, but what a user has there\n" * 99)
    done = here("ask", "-c", COST)
    assert (done.status, "EUR 151K" in done.out) == (0, True)
    assert f"{FILE}, the kept conversations, cannot be used" in done.complaint
    again = here("conversations")
    assert (again.status, again.out) == (1, "")
    assert "a new one is made" in again.complaint


# Looking


def test_conversations_are_listed_without_an_index(invoke: Invoke, tmp_path: Path) -> None:
    done = invoke("conversations", "--home", tmp_path / "none")
    assert (done.status, done.out, done.complaint) == (0, "", "factdesk: no conversation is kept")
    assert invoke("conversations", "--home", tmp_path / "none", "--format", "json").json == []
    assert not (tmp_path / "none").exists()


def test_the_list_has_the_same_records_in_every_format(here: Invoke, home: Path) -> None:
    here("ask", COST)
    here("ask", UNKNOWN)
    array = here("conversations", "--format", "json").json
    assert here("conversations", "--format", "jsonl").lines == array
    assert [list(entry) for entry in array] == [["id", "started", "updated", "turns", "question"]] * 2
    header, *rows = here("conversations").out.splitlines()
    assert header.split() == ["id", "last", "turns", "first", "question"]
    assert [row.split(maxsplit=3)[::3] for row in rows] == [[entry["id"], entry["question"]] for entry in array]
    assert here("conversations", "--format", "md").out.count(" | ") == 4 * 3
    assert stat.S_IMODE((home / FILE).stat().st_mode) == 0o600


def test_a_citation_of_the_last_answer_is_shown_by_its_number(here: Invoke) -> None:
    citations = here("ask", COST, "--format", "json").json["citations"]
    for citation in citations:
        assert here("show", citation["n"], "--format", "json").json["quote"] == citation["quote"]
    beyond = here("show", len(citations) + 1)
    assert (beyond.status, beyond.out) == (2, "")
    assert f"the last answer has no citation {len(citations) + 1}; it has 1 to {len(citations)}" in beyond.err


def test_a_conversation_is_shown_with_the_answers_as_they_were(here: Invoke) -> None:
    answer = here("ask", COST).out
    record = here("ask", "-c", FOLLOW_UP, "--format", "json").json
    (entry,) = here("conversations", "--format", "json").json
    shown = here("conversations", "show", "last", "--format", "json").json
    assert {name: shown[name] for name in ("id", "started", "updated")} == {
        name: entry[name] for name in ("id", "started", "updated")
    }
    assert [(turn["number"], turn["question"]) for turn in shown["turns"]] == [(1, COST), (2, FOLLOW_UP)]
    assert shown["turns"][1]["answer"] == record
    text = here("conversations", "show", entry["id"][:6]).out
    assert f"\n\n> {COST}\n{answer}\n> {FOLLOW_UP}\n{UNDERSTOOD}" in text


def test_a_conversation_can_be_exported_to_a_file_or_printed(here: Invoke, tmp_path: Path) -> None:
    here("ask", COST)
    printed = here("conversations", "export", "last")
    assert (printed.status, f"\n## 1. {COST}\n" in printed.out) == (0, True)
    for name, options in (("talk.md", []), ("talk.json", []), ("talk.txt", ["--format", "jsonl"])):
        file = tmp_path / name
        done = here("conversations", "export", "last", file, *options)
        assert (done.status, done.out, done.err) == (0, f"wrote {file}\n", "")
    assert (tmp_path / "talk.md").read_text("utf-8") == printed.out
    whole = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    assert whole == here("conversations", "show", "last", "--format", "json").json
    assert json.loads((tmp_path / "talk.txt").read_text("utf-8")) == whole["turns"][0]
    again = here("conversations", "export", "last", tmp_path / "talk.md")
    assert (again.status, "is there already" in again.complaint) == (2, True)


def test_conversations_can_be_deleted(here: Invoke, home: Path) -> None:
    for question in (COST, UNKNOWN, FOLLOW_UP):
        here("ask", question)
    (home / LINES).write_text("+typed\n")
    last = here("conversations", "--format", "json").json[0]["id"]
    done = here("conversations", "delete", "last", last)
    assert (done.status, done.out) == (0, "deleted 1; 2 conversations are left\n")
    missing = here("conversations", "delete", "last", "none")
    assert (missing.status, "there is no conversation none" in missing.complaint) == (2, True)
    assert listed(here) == [(1, UNKNOWN), (1, COST)]
    assert here("conversations", "delete", "--all").out == "deleted 2; 0 conversations are left\n"
    assert (listed(here), (home / LINES).exists()) == ([], False)
    for wrong in ([], ["--all", "last"]):
        assert here("conversations", "delete", *wrong).status == 2


@pytest.mark.parametrize("command", ["show", "export"])
def test_a_conversation_that_is_not_there_is_wrong_usage(here: Invoke, command: str) -> None:
    for name in ("last", "none", ""):
        done = here("conversations", command, name)
        assert (done.status, done.out) == (2, ""), name
        assert done.complaint


def test_building_the_index_anew_leaves_conversations(factdesk: Runner, own_library: Library) -> None:
    factdesk("ask", COST, "--home", own_library.home)
    before = (own_library.home / FILE).read_bytes()
    done = factdesk("ingest", own_library.folder, "--rebuild", "--home", own_library.home)
    assert (done.status, done.err) == (0, "")
    assert (own_library.home / FILE).read_bytes() == before


# A chat without a terminal


def test_a_chat_in_a_pipe_answers_each_line_in_text(factdesk: Runner, home: Path) -> None:
    lines = f"{COST}\n\n{FOLLOW_UP}\n/sources\n/nope\n/quit\nnever asked\n"
    done = factdesk("chat", "--home", home, stdin=lines)
    assert done.status == 1
    assert done.complaint.startswith("factdesk: line 5: there is no /nope; there are /sources")
    first, second, sources = done.out.split("\n\n")
    assert first.startswith("EUR 151K per month, operating cost of One Counter Service (OCS)")
    assert second.splitlines()[1].startswith("EUR 940K, investment of One Counter Service")
    assert sources.splitlines()[1] == '    "INVESTMENT: EUR 940K"'
    assert "\x1b" not in done.out
    assert not (home / LINES).exists()


def test_a_chat_in_json_answers_each_line_as_it_comes(home: Path) -> None:
    command = [sys.executable, "-m", "factdesk.cli", "chat", "--format", "jsonl", "--home", str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment()) as process:
        assert process.stdin and process.stdout and process.stderr

        def answer(line: str) -> dict[str, object]:
            assert process.stdin and process.stdout
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()
            found: dict[str, object] = json.loads(process.stdout.readline())
            return found

        assert answer(COST)["question"] == COST
        second = answer(json.dumps({"question": FOLLOW_UP, "id": 7}))
        assert second["id"] == 7
        assert str(second["answer"]).startswith("EUR 940K, investment of One Counter Service")
        process.stdin.write(b"{bad\n\xff\n\n")
        process.stdin.close()
        assert process.wait(timeout=60) == 1
        complaints = process.stderr.read().decode().splitlines()
    assert [line.split(";")[0] for line in complaints] == [
        "factdesk: line 3: begins as JSON and is none",
        "factdesk: line 4: not in UTF-8",
    ]


def test_a_chat_that_is_not_kept_leaves_nothing(factdesk: Runner, home: Path) -> None:
    done = factdesk("chat", "--no-keep", "--format", "jsonl", "--home", home, stdin=f"{COST}\n{UNKNOWN}\n")
    assert (done.status, done.err) == (0, "")
    assert [answer["abstained"] for answer in done.lines] == [False, True]
    assert not (home / FILE).exists()
