"""What could not be answered, and what readers thought: from the page to whoever looks after the desk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from factdesk.tests.conftest import run_process
from factdesk.tests.serve.serving import Served, serving, wait_until

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

OUTSIDE = "How many submarines does the ferry line have?"
QUESTION = "What did the One Counter Service cost to run each month?"


@pytest.fixture(scope="module")
def own(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service over a home of its own, for what is asked here is kept."""
    home = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(library.home, home)
    with serving(home) as found:
        yield found


@pytest.fixture
def client(own: Served) -> Iterator[httpx.Client]:
    with own.client() as found:
        yield found


def test_a_question_that_cannot_be_answered_ends_as_a_line_of_an_evaluation(client: httpx.Client, own: Served) -> None:
    for _ in range(2):
        assert client.post("/v1/ask", json={"question": OUTSIDE}).json()["abstained"]
    wait_until(lambda: [item["count"] for item in client.get("/v1/questions").json()["questions"]] == [2])
    (group,) = client.get("/v1/questions", params={"state": "open"}).json()["questions"]
    assert (group["question"], [item["question"] for item in group["wordings"]]) == (OUTSIDE, [OUTSIDE])
    assert client.get("/v1/questions/export").text == ""
    settled = client.patch(f"/v1/questions/{group['id']}", json={"state": "out_of_scope", "note": "no navy"})
    assert settled.json()["questions"][0]["state"] == "out_of_scope"
    (line,) = map(json.loads, client.get("/v1/questions/export").text.splitlines())
    assert (line["type"], line["question"], line["expect"]["abstain"]) == ("unanswerable", OUTSIDE, True)
    listed = run_process("questions", "--home", own.home, "--format", "json").json
    assert [item["id"] for item in listed] == [group["id"]]


def test_what_can_be_answered_is_not_kept(client: httpx.Client) -> None:
    before = client.get("/v1/questions").json()
    client.post("/v1/ask", json={"question": QUESTION})
    assert client.get("/v1/questions").json() == before


def test_a_rating_is_kept_with_its_answer(client: httpx.Client) -> None:
    answer = client.post("/v1/ask", json={"question": QUESTION}).json()
    body = {"answer_id": answer["id"], "rating": "down", "reason": "which year?"}
    assert client.post("/v1/feedback", json=body).status_code == 201
    (kept,) = client.get("/v1/ratings").json()["ratings"]
    assert (kept["rating"], kept["reason"], kept["question"]) == ("down", "which year?", QUESTION)
    assert kept["answer"]["answer"] == answer["answer"]
    assert client.get("/v1/ratings", params={"rating": "up"}).json() == {"ratings": []}


def test_a_rating_of_no_answer_is_refused(client: httpx.Client) -> None:
    body = {"answer_id": "a0", "rating": "up"}
    assert client.post("/v1/feedback", json=body).status_code == 404
    assert client.post("/v1/feedback", json=body | {"rating": "sideways"}).status_code == 422


@pytest.mark.parametrize("identity", ["q0000000000", "%2e%2e", "x" * 200])
def test_a_question_of_the_queue_that_is_none_is_not_found(client: httpx.Client, identity: str) -> None:
    assert client.patch(f"/v1/questions/{identity}", json={"state": "answered"}).status_code == 404


def test_questions_are_not_kept_where_that_is_switched_off(library: Library, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(library.home, home)
    with serving(home, keep_questions=False) as served, served.client() as client:
        assert client.post("/v1/ask", json={"question": OUTSIDE}).json()["abstained"]
        assert client.get("/v1/questions").json() == {"questions": []}
    assert not (home / "feedback.sqlite").exists()
