"""Unanswered questions, ratings and evaluations on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from factdesk.serve.queue import FILE, Queue
from factdesk.tests.conftest import SHARED

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library, Ran

    Invoke = Callable[..., Ran]

MOON = "How far is the moon?"
COST = "What did the One Counter Service cost to run each month?"
OPENS = "When does the town library open?"


@pytest.fixture
def home(library: Library, tmp_path: Path) -> Path:
    """A home of its own for what is kept, with the index of the library."""
    place = tmp_path / "home"
    place.mkdir()
    for name in ("CURRENT", "generations", "encoders"):
        (place / name).symlink_to(library.home / name)
    return place


@pytest.fixture
def here(invoke: Invoke, home: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs a command on that home, in this process."""
    monkeypatch.setenv("FACTDESK_HOME", str(home))
    return invoke


@pytest.fixture
def asked(home: Path) -> list[str]:
    """The ids of three questions that wait; the moon was asked twice."""
    queue = Queue(home)
    found = [queue.unanswered(text, text, "not_in_documents") for text in (MOON, COST, OPENS)]
    queue.unanswered(MOON.lower(), MOON.lower(), "not_in_documents")
    return found


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("command", ["questions", "feedback", "eval"])
def test_every_command_has_help_with_an_example_and_a_home(invoke: Invoke, command: str) -> None:
    done = invoke(command, "--help")
    assert (done.status, done.err) == (0, "")
    assert f"\n  factdesk {command}" in done.out and "--home DIR" in done.out


# Questions


@pytest.mark.parametrize("command, nothing", [("questions", "no question is waiting"), ("feedback", "no answer was")])
def test_where_nothing_is_kept_the_list_is_empty_and_nothing_is_made(
    invoke: Invoke, tmp_path: Path, command: str, nothing: str
) -> None:
    done = invoke(command, "--home", tmp_path / "none")
    assert (done.status, done.out, nothing in done.complaint) == (0, "", True)
    assert invoke(command, "--format", "json", "--home", tmp_path / "none").json == []
    assert not (tmp_path / "none").exists()


def test_questions_are_listed_in_every_format_what_was_asked_most_first(here: Invoke, asked: list[str]) -> None:
    found = here("questions", "--format", "json").json
    assert (found[0]["question"], found[0]["count"], found[0]["state"]) == (MOON, 2, "open")
    assert {item["id"] for item in found} == set(asked)
    assert here("questions", "--format", "jsonl").lines == found
    header, *lines = here("questions").out.splitlines()
    assert header.split() == ["id", "state", "asked", "last", "why", "question"]
    assert [line.split()[0] for line in lines] == [item["id"] for item in found]
    assert [row["id"] for row in rows_of(here("questions", "--format", "csv").out)] == [item["id"] for item in found]
    assert here("questions", "--format", "md").out.count("\n") == 5
    assert here("questions", "--state", "answered", "--format", "json").json == []


def test_a_question_is_shown_with_the_ways_in_which_it_was_asked(here: Invoke, asked: list[str]) -> None:
    shown = here("questions", "show", asked[0][:6], "--format", "json").json
    assert [(item["question"], item["count"]) for item in shown["wordings"]] == [(MOON, 2)]
    text = here("questions", "show", asked[0]).out
    assert f"question: {MOON}\n" in text and text.endswith(f"  2x  {MOON}\n")
    missing = here("questions", "show", "none")
    assert (missing.status, missing.out, "there is no none" in missing.complaint) == (2, "", True)


def test_a_question_is_settled_opened_again_and_deleted(here: Invoke, asked: list[str]) -> None:
    moon, cost, _ = asked
    done = here("questions", "resolve", moon, "--state", "out_of_scope", "--note", "not ours")
    assert (done.status, done.out, done.err) == (0, f"{moon} is out of scope\n", "")
    (group,) = here("questions", "--state", "out_of_scope", "--format", "json").json
    assert (group["id"], group["note"]) == (moon, "not ours")
    assert here("questions", "resolve", moon, "--state", "open").status == 0
    without = here("questions", "resolve", cost, "--state", "answered")
    assert (without.status, "makes no line" in without.complaint) == (0, True)
    assert here("questions", "delete", moon, moon).out == "deleted 1; 2 questions are left\n"
    assert here("questions", "delete", "--all").out == "deleted 2; 0 questions are left\n"


@pytest.mark.parametrize(
    "words",
    [
        ["resolve", "ID"],
        ["resolve", "ID", "--state", "done"],
        ["resolve", "ID", "--state", "answered", "--unit", "USD"],
        ["resolve", "ID", "--state", "answered", "--quote", "words"],
        ["resolve", "ID", "--state", "answered", "--value", "nan"],
        ["resolve", "nobody", "--state", "answered"],
        ["delete"],
        ["delete", "ID", "--all"],
        ["delete", "ID", "nobody"],
        ["export", "--format", "csv"],
        ["show", ""],
    ],
)
def test_what_cannot_be_is_wrong_usage_and_changes_nothing(
    here: Invoke, home: Path, asked: list[str], words: list[str]
) -> None:
    before = (home / FILE).read_bytes()
    done = here("questions", *[asked[0] if word == "ID" else word for word in words])
    assert (done.status, done.out) == (2, "")
    assert done.complaint
    assert (home / FILE).read_bytes() == before


def test_all_questions_are_exported_as_a_table_without_formulas(here: Invoke, home: Path, tmp_path: Path) -> None:
    Queue(home).unanswered("=1+1 is what?", "=1+1 is what?", "@reason")
    file = tmp_path / "all.csv"
    done = here("questions", "export", "--all", file)
    assert (done.status, done.out, done.err) == (0, f"wrote {file}\n", "")
    (row,) = rows_of(file.read_text("utf-8"))
    assert (row["question"], row["reason"], row["wordings"]) == ("'=1+1 is what?", "'@reason", "'=1+1 is what?")
    assert here("questions", "export", "--all").lines == here("questions", "--format", "json").json
    again = here("questions", "export", "--all", file)
    assert (again.status, "is there already" in again.complaint) == (2, True)
    nothing = here("questions", "export", tmp_path / "none.jsonl")
    assert (nothing.status, "nothing to write" in nothing.complaint) == (0, True)
    assert not (tmp_path / "none.jsonl").exists()


def test_a_damaged_file_is_one_line_and_exit_status_1(here: Invoke, home: Path) -> None:
    (home / FILE).write_text("no database, but what a user has there\n" * 99)
    for words in (["questions"], ["feedback"], ["questions", "delete", "--all"], ["feedback", "export"]):
        done = here(*words)
        assert (done.status, done.out) == (1, ""), words
        assert "a new one is made" in done.complaint


# Ratings


def test_ratings_are_listed_exported_and_deleted(here: Invoke, home: Path, tmp_path: Path) -> None:
    answer = here("ask", COST, "--format", "json", "--no-keep").json
    queue = Queue(home)
    identity = queue.rate(answer["id"], "down", COST, answer, reason="=cmd", correction="EUR 3", rater="ann")
    queue.rate(answer["id"], "up", COST, answer)
    (found,) = here("feedback", "--rating", "down", "--format", "json").json
    assert (found["id"], found["rater"], found["answer"]) == (identity, "ann", answer)
    assert len(here("feedback").out.splitlines()) == 3
    rows = rows_of(here("feedback", "export", "--format", "csv").out)
    (row,) = [row for row in rows if row["rating"] == "down"]
    assert (row["reason"], row["answer"], row["abstained"]) == ("'=cmd", answer["answer"], "no")
    here("feedback", "export", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines == here("feedback", "--format", "json").json
    assert here("feedback", "delete", identity[:5]).out == "deleted 1; 1 ratings are left\n"
    assert here("feedback", "delete").status == 2
    assert here("feedback", "delete", "--all").out == "deleted 1; 0 ratings are left\n"


# From a question that waited to a score


def test_settled_questions_become_an_evaluation_that_is_scored(here: Invoke, asked: list[str], tmp_path: Path) -> None:
    moon, cost, opens = asked
    here("questions", "resolve", moon, "--state", "out_of_scope")
    worth = ["--value", "151000", "--unit", "EUR", "--per", "month"]
    where = ["--document", "services", "--quote", "OPERATING COSTS: EUR 151K/MONTH"]
    assert here("questions", "resolve", cost, "--state", "answered", *worth, *where).err == ""
    assert here("questions", "resolve", opens, "--state", "answered", "--text", "nine").err == ""
    file = tmp_path / "evaluation.jsonl"
    assert here("questions", "export", file).out == f"wrote {file}\n"
    done = here("eval", file, "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert {item["id"]: (item["right"], item["cites"]) for item in done.json["questions"]} == {
        moon: (True, False),
        cost: (True, True),
        opens: (True, False),
    }
    here("questions", "resolve", cost, "--state", "answered", "--value", "151001", "--unit", "EUR", "--per", "month")
    (tmp_path / "again.jsonl").write_text(here("questions", "export").out)
    wrong = here("eval", tmp_path / "again.jsonl")
    assert (wrong.status, wrong.err) == (1, "")
    assert wrong.out.splitlines()[1].startswith(f"{cost}  not right, wrong number")
    assert wrong.out.splitlines()[-1].startswith("questions 3 accuracy 0.667 wrong_number_rate 0.333 ")


# Evaluations


def test_an_evaluation_is_printed_in_every_format(here: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    line = {"id": "=m", "type": "unanswerable", "question": MOON, "expect": {"abstain": True}}
    file.write_text(json.dumps(line))
    found = here("eval", file, "--format", "json").json
    assert found["by_type"] == {"unanswerable": {"right": 1, "of": 1}}
    (row,) = here("eval", file, "--format", "jsonl").lines
    assert (row["right"], row["answer"]["abstained"]) == (True, True)
    (cells,) = rows_of(here("eval", file, "--format", "csv").out)
    assert (cells["id"], cells["right"], cells["question"]) == ("'=m", "true", MOON)
    assert here("eval", file).out.splitlines()[:2] == [
        "type          right  of  share",
        "unanswerable  1      1   1.000",
    ]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "there is no question in the file"),
        ("{bad", "line 1: not JSON in UTF-8"),
        ('{"type": "list"}', "line 1: no question"),
        ('\n{"type": "song", "question": "what?"}', "line 2: song is no type of question"),
    ],
)
def test_a_file_that_is_no_set_of_questions_is_wrong_usage(here: Invoke, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(text)
    done = here("eval", file)
    assert (done.status, done.out) == (2, "")
    assert said in done.complaint


def test_a_file_that_is_not_there_is_a_failure(here: Invoke, tmp_path: Path) -> None:
    done = here("eval", tmp_path / "none.jsonl")
    assert (done.status, done.out, "none.jsonl: No such file" in done.complaint) == (1, "", True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: it is not part of the repository")
def test_the_development_questions_are_scored_as_the_projects_own_scorer_has_them(
    here: Invoke, tmp_path: Path, shared: Path
) -> None:
    """At least what tests/qa/test_shared_questions.py asks of that scorer."""
    assert here("ingest", shared / "documents", "--home", tmp_path / "other").status == 0
    done = here("eval", shared / "evaluation" / "dev.jsonl", "--home", tmp_path / "other", "--format", "json")
    assert done.err == ""
    assert [item["fault"] for item in done.json["questions"] if item["fault"]] == []
    assert done.json["summary"]["accuracy"] >= 0.95
    assert done.json["summary"]["wrong_number_rate"] <= 0.01
    assert done.json["summary"]["quotes_exact"] == 1.0
