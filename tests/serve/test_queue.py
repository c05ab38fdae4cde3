"""Questions that could not be answered and ratings of answers: what is one question, what stays, and for how long."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from factdesk.corpus.errors import QueueUnusable, UsageError
from factdesk.corpus.records import Vectors
from factdesk.qa import desk
from factdesk.qa.evaluation import questions_of
from factdesk.serve import queue as module
from factdesk.serve.queue import (
    FILE,
    LONGEST_QUESTION,
    SIMILAR,
    Expectation,
    Feedback,
    Group,
    Queue,
    Rating,
    State,
    Wording,
    evaluation_lines,
)
from factdesk.tests.conftest import environment

COST = "What does the night ferry cost a month?"
CHEAPER = "How much is the monthly cost of the night ferry?"


def clock() -> Callable[[], str]:
    """A second later each time."""
    seconds = count()
    return lambda: f"2026-01-31T09:{(number := next(seconds)) // 60:02}:{number % 60:02}Z"


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path, clock=clock())


def at_cosine(cosine: float) -> tuple[Vectors, Vectors]:
    """Two unit vectors with this cosine."""
    first = np.zeros(8, dtype=np.float32)
    second = np.zeros(8, dtype=np.float32)
    first[0], second[0], second[1] = 1.0, cosine, np.sqrt(1 - cosine**2)
    return first, second


def ask(queue: Queue, question: str, vector: Vectors | None = None, **other: str) -> str:
    return queue.unanswered(question, question, "not_in_documents", vector, **other)


# What is one question


def test_a_question_that_could_not_be_answered_waits_with_all_that_is_known(queue: Queue) -> None:
    identity = queue.unanswered("and the cost?", "and the cost (Lindholm)?", "figure_not_given")
    assert queue.groups() == [
        Group(
            id=identity,
            question="and the cost (Lindholm)?",
            state=State.OPEN,
            reason="figure_not_given",
            count=1,
            first_seen="2026-01-31T09:00:00Z",
            last_seen="2026-01-31T09:00:00Z",
            wordings=(Wording("and the cost?", "and the cost (Lindholm)?", 1, "2026-01-31T09:00:00Z"),),
        )
    ]
    assert queue.group(identity) == queue.groups()[0]


@pytest.mark.parametrize("again", [COST, COST.upper(), f"  {COST} ", "what does the níght ferry cost a month"])
def test_the_same_words_are_one_question_however_they_are_typed(queue: Queue, again: str) -> None:
    assert ask(queue, again) == ask(queue, COST)
    (group,) = queue.groups()
    assert (group.count, group.first_seen, group.last_seen) == (2, "2026-01-31T09:00:00Z", "2026-01-31T09:00:01Z")
    assert [wording.count for wording in group.wordings] == [2]


def test_other_words_of_near_meaning_are_one_question_and_every_wording_stays(queue: Queue) -> None:
    one, other = at_cosine(SIMILAR + 0.01)
    first = ask(queue, COST, one)
    assert ask(queue, CHEAPER, other) == first
    assert ask(queue, CHEAPER, other) == first
    assert [(item.text, item.count) for item in queue.group(first).wordings] == [(CHEAPER, 2), (COST, 1)]


def test_other_words_of_other_meaning_are_another_question(queue: Queue) -> None:
    one, other = at_cosine(SIMILAR - 0.01)
    assert ask(queue, COST, one) != ask(queue, CHEAPER, other)


def test_vectors_of_two_models_are_not_compared(queue: Queue) -> None:
    vector, _ = at_cosine(1.0)
    first = ask(queue, COST, vector, model="one")
    assert ask(queue, CHEAPER, vector, model="other") != first
    assert ask(queue, CHEAPER + "!", vector[:4] / np.linalg.norm(vector[:4]), model="one") not in ("", first)


def test_the_nearest_group_that_names_the_same_is_taken(queue: Queue) -> None:
    one, other = at_cosine(0.95)
    norway = ask(queue, "What did Norway pay?", one)
    denmark = ask(queue, "What did Denmark pay?", one)
    assert ask(queue, "How much was paid by Denmark?", other) == denmark != norway


# States


def test_an_answered_question_that_is_asked_again_in_vain_is_open_again_and_keeps_what_was_said(queue: Queue) -> None:
    identity = ask(queue, COST)
    settled = queue.resolve(identity, State.ANSWERED, "EUR 30K", "see p. 3", expectation=Expectation(30000, "EUR"))
    assert (settled.state, settled.resolved, settled.answer) == (State.ANSWERED, "2026-01-31T09:00:01Z", "EUR 30K")
    assert ask(queue, COST) == identity
    again = queue.group(identity)
    assert (again.state, again.count, again.answer, again.note) == (State.OPEN, 2, "EUR 30K", "see p. 3")
    assert again.expectation == Expectation(30000.0, "EUR")


def test_what_is_out_of_scope_stays_so(queue: Queue) -> None:
    identity = ask(queue, COST)
    queue.resolve(identity, "out_of_scope")
    ask(queue, COST)
    assert (queue.group(identity).state, queue.group(identity).count) == (State.OUT_OF_SCOPE, 2)
    assert queue.groups(State.OPEN) == []
    assert queue.counts() == {"open": 0, "answered": 0, "out_of_scope": 1, "up": 0, "down": 0}
    assert queue.resolve(identity, State.OPEN).resolved == ""


@pytest.mark.parametrize(
    "expectation",
    [
        Expectation(unit="USD"),
        Expectation(per="month"),
        Expectation(float("nan")),
        Expectation(float("inf")),
        Expectation(document="report"),
        Expectation(quote="words"),
    ],
)
def test_half_an_expectation_is_refused_and_changes_nothing(queue: Queue, expectation: Expectation) -> None:
    identity = ask(queue, COST)
    before = queue.group(identity)
    with pytest.raises(UsageError):
        queue.resolve(identity, State.ANSWERED, expectation=expectation)
    with pytest.raises(UsageError, match="is no state"):
        queue.resolve(identity, "done")
    assert queue.group(identity) == before


def test_what_is_not_there_is_wrong_usage(queue: Queue) -> None:
    identity = ask(queue, COST)
    for wrong in (lambda: queue.group("x"), lambda: queue.resolve("x", State.ANSWERED), lambda: queue.find("x")):
        with pytest.raises(UsageError, match="there is no x"):
            wrong()
    with pytest.raises(UsageError):
        queue.find("")
    assert queue.find(identity[:3]) == queue.find(identity) == identity
    other = ask(queue, CHEAPER)
    with pytest.raises(UsageError, match="q begins 2 ids"):
        queue.find("q")
    assert queue.delete([identity, "x"]) == 1
    assert [group.id for group in queue.groups()] == [other]


# Bounds


def test_beyond_the_bound_open_ones_asked_once_and_long_ago_go_first(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", 4)
    settled, asked_twice, old, new = (ask(queue, name) for name in ("settled", "twice", "old", "new"))
    ask(queue, "twice")
    queue.resolve(settled, State.OUT_OF_SCOPE)
    left = []
    for name in ("fifth", "sixth", "seventh"):
        ask(queue, name)
        left.append({group.question for group in queue.groups()})
    assert left == [
        {"settled", "twice", "new", "fifth"},
        {"settled", "twice", "fifth", "sixth"},
        {"settled", "twice", "sixth", "seventh"},
    ]
    assert {group.id for group in queue.groups()} >= {settled, asked_twice}
    assert not {old, new} & {group.id for group in queue.groups()}


def test_a_newcomer_is_kept_even_where_everything_else_is_settled(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", 2)
    for name in ("one", "two", "three"):
        queue.resolve(ask(queue, name), State.OUT_OF_SCOPE)
    assert {group.question for group in queue.groups()} == {"two", "three"}


def test_of_many_wordings_those_asked_most_stay_and_the_last(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WORDINGS", 2)
    vector, _ = at_cosine(1.0)
    for question in ("ferry cost", "ferry cost", "the cost of ferry", "cost of the one ferry"):
        ask(queue, question, vector)
    (group,) = queue.groups()
    assert (group.count, [item.text for item in group.wordings]) == (4, ["ferry cost", "cost of the one ferry"])


def test_texts_are_cut_and_freed_of_what_steers_a_terminal(queue: Queue) -> None:
    assert desk.LONGEST_QUESTION == LONGEST_QUESTION
    identity = ask(queue, "\x1b[31mred\ud800 \x00" + "x" * LONGEST_QUESTION)
    question = queue.group(identity).question
    assert len(question) <= LONGEST_QUESTION and question.startswith("[31mred\ufffd x")
    with pytest.raises(UsageError, match="empty"):
        ask(queue, " \x00 ")


# Ratings


def rate(queue: Queue, answer_id: str = "a1", rating: str = "down", **other: str) -> str:
    return queue.rate(answer_id, rating, COST, {"id": answer_id, "answer": "EUR 3 ›", "abstained": False}, **other)


def test_a_rating_is_kept_with_its_answer(queue: Queue) -> None:
    identity = rate(queue, reason="wrong\nmonth", correction="EUR 30K", rater="ann")
    assert queue.feedback() == [
        Feedback(
            id=identity,
            answer_id="a1",
            rater="ann",
            rating=Rating.DOWN,
            given="2026-01-31T09:00:00Z",
            question=COST,
            reason="wrong month",
            correction="EUR 30K",
            answer={"id": "a1", "answer": "EUR 3 ›", "abstained": False},
        )
    ]


def test_who_rates_an_answer_again_changes_the_rating(queue: Queue) -> None:
    first = rate(queue, rater="ann", reason="wrong")
    other = rate(queue, rater="bob")
    assert rate(queue, rating="up", rater="ann") == first
    assert [(item.id, item.rating, item.reason) for item in queue.feedback()] == [
        (first, "up", ""),
        (other, "down", ""),
    ]
    assert [item.id for item in queue.feedback("down")] == [other]
    assert queue.counts() == {"open": 0, "answered": 0, "out_of_scope": 0, "up": 1, "down": 1}


def test_what_is_no_rating_is_refused(queue: Queue) -> None:
    with pytest.raises(UsageError, match="sideways is no rating"):
        rate(queue, rating="sideways")
    with pytest.raises(UsageError, match="no answer's id"):
        rate(queue, answer_id="")
    with pytest.raises(UsageError, match="too large"):
        queue.rate("a", "up", COST, {"answer": "x" * module.LARGEST_ANSWER})
    assert not queue.path.exists()


def test_the_oldest_ratings_go_first(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RATINGS", 2)
    for name in ("a", "b", "c"):
        rate(queue, name)
    assert [item.answer_id for item in queue.feedback()] == ["c", "b"]


def test_what_is_deleted_leaves_no_trace(queue: Queue) -> None:
    ask(queue, "secret-question?")
    rate(queue, reason="secret-reason")
    assert (queue.delete_questions(), queue.delete_feedback(), queue.delete([])) == (1, 1, 0)
    assert (queue.groups(), queue.feedback()) == ([], [])
    assert b"secret" not in queue.path.read_bytes()


# The file


def test_looking_makes_no_file(queue: Queue) -> None:
    assert (queue.groups(), queue.feedback(), queue.delete_questions(), sum(queue.counts().values())) == ([], [], 0, 0)
    assert not queue.path.exists()


def test_only_the_owner_may_read_it(queue: Queue) -> None:
    before = os.umask(0)
    try:
        ask(queue, COST)
    finally:
        os.umask(before)
    assert stat.S_IMODE(queue.path.stat().st_mode) == 0o600
    assert [file.name for file in queue.path.parent.iterdir()] == [FILE]


@pytest.mark.parametrize("name", ["folder", "text", "foreign", "newer", "torn"])
def test_a_bad_file_is_one_error_with_a_hint_and_stays_as_it_is(queue: Queue, name: str) -> None:
    file = queue.path
    if name == "folder":
        file.mkdir()
    elif name == "text":
        file.write_text("my shopping list, which is longer than a header of SQLite " * 9)
    else:
        if name != "foreign":
            ask(queue, COST)
        with sqlite3.connect(file) as connection:
            if name == "foreign":
                connection.execute("CREATE TABLE mine (x)")
            if name == "newer":
                connection.execute("PRAGMA user_version = 2")
        if name == "torn":
            data = file.read_bytes()
            file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    before = file.read_bytes() if file.is_file() else b""
    for use in (queue.groups, queue.feedback, lambda: ask(queue, CHEAPER), lambda: rate(queue)):
        with pytest.raises(QueueUnusable) as raised:
            use()
        assert FILE in str(raised.value) and raised.value.hint
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_a_record_that_is_not_what_was_written_is_one_error(queue: Queue) -> None:
    ask(queue, COST)
    rate(queue)
    with sqlite3.connect(queue.path) as connection:
        connection.execute("UPDATE groups SET expectation = '[1'")
        connection.execute("UPDATE ratings SET answer = '[]'")
    for use in (queue.groups, queue.feedback):
        with pytest.raises(QueueUnusable, match="not what was written"):
            use()


WRITER = """
import sys
from pathlib import Path
from factdesk.serve.queue import Queue
queue = Queue(Path(sys.argv[1]))
for number in range(20):
    queue.unanswered(f"question number {number}?", f"question number {number}?", "")
    queue.rate("a", "up", "q", {"id": number}, rater=sys.argv[2])
"""


def test_two_processes_may_write_at_once(queue: Queue) -> None:
    command = [sys.executable, "-c", WRITER, str(queue.path.parent)]
    writers = [subprocess.Popen([*command, name], env=environment(), stderr=subprocess.PIPE) for name in "ab"]
    assert [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers] == [(b"", 0)] * 2
    assert sorted(group.question for group in queue.groups()) == sorted(f"question number {n}?" for n in range(20))
    assert {group.count for group in queue.groups()} == {2}
    assert sorted((item.rater, item.answer) for item in queue.feedback()) == [("a", {"id": 19}), ("b", {"id": 19})]


def test_threads_may_share_one(queue: Queue) -> None:
    vector, _ = at_cosine(1.0)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda text: ask(queue, text, vector), [COST, CHEAPER] * 10))
    assert len(set(found)) == 1
    (group,) = queue.groups()
    assert (group.count, {item.text: item.count for item in group.wordings}) == (20, {COST: 10, CHEAPER: 10})


def test_the_service_packages_queue_needs_no_web_framework() -> None:
    code = "import sys, factdesk.serve.queue, factdesk.serve.listing; print({'fastapi', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert (done.stdout, done.stderr) == ("set()\n", "")


# Lines of an evaluation file


def settled(queue: Queue, question: str, state: State, expectation: Expectation | None = None, note: str = "") -> Group:
    return queue.resolve(ask(queue, question), state, note=note, expectation=expectation)


def test_settled_groups_become_lines_of_an_evaluation_file(queue: Queue) -> None:
    groups = [
        settled(queue, "moon?", State.OUT_OF_SCOPE, note="not ours"),
        settled(queue, "cost?", State.ANSWERED, Expectation(151000.0, "USD", "month", (), "report", "US$151K")),
        settled(queue, "half?", State.ANSWERED, Expectation(0.5)),
        settled(queue, "¿cuándo abre la biblioteca?", State.ANSWERED, Expectation(text=("nine", "late"))),
        settled(queue, "hours?", State.ANSWERED, Expectation(document="notes", quote="opens at nine")),
    ]
    lines = evaluation_lines(groups)
    assert [(line["type"], line["expect"]) for line in lines] == [
        ("unanswerable", {"abstain": True, "reason": "not_in_documents"}),
        ("figure_lookup", {"value": 151000, "unit": "USD", "per": "month"}),
        ("figure_lookup", {"value": 0.5}),
        ("text_passage", {"contains": ["nine", "late"]}),
        ("text_passage", {"contains": ["opens at nine"]}),
    ]
    assert [line["evidence"] for line in lines] == [
        [],
        [{"doc": "report", "quote": "US$151K", "line": None}],
        [],
        [],
        [{"doc": "notes", "quote": "opens at nine", "line": None}],
    ]
    assert [(line["id"], line["question"]) for line in lines] == [(group.id, group.question) for group in groups]
    assert [line["lang"] for line in lines] == ["en", "en", "en", "es", "en"]
    assert [line["note"] for line in lines] == ["not ours", None, None, None, None]


def test_every_line_is_one_that_the_evaluation_reads(queue: Queue) -> None:
    import json

    groups = [
        settled(queue, "moon?", State.OUT_OF_SCOPE),
        settled(queue, "cost?", State.ANSWERED, Expectation(3.5, "USD", "", ("a",), "report", "US$3.5")),
        settled(queue, "when?", State.ANSWERED, Expectation(text=("nine",))),
    ]
    lines = [json.dumps(line).encode() for line in evaluation_lines(groups)]
    assert [(item.id, item.question) for item in questions_of(lines)] == [(item.id, item.question) for item in groups]


def test_what_is_open_or_says_nothing_to_hold_an_answer_against_makes_no_line(queue: Queue) -> None:
    ask(queue, "open?")
    settled(queue, "answered?", State.ANSWERED)
    assert evaluation_lines(queue.groups()) == []
