"""The HTTP API over a real socket: what it answers, and how it says what is wrong."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx2 as httpx
import pytest

from factdesk.qa.desk import LONGEST_QUESTION, Desk
from factdesk.qa.format import answer_to_json, figure_to_json
from factdesk.serve import shapes
from factdesk.tests.serve.serving import Served

QUESTION = "What did the One Counter Service cost to run each month?"
SAID = "EUR 151K per month, operating cost of One Counter Service (OCS) (Lindholm) [1]"


def asked(client: httpx.Client, question: str, **other: Any) -> dict[str, Any]:
    answer = client.post("/v1/ask", json={"question": question, **other})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and parameter of an error, whose shape is always the same."""
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    return answer.status_code, error["code"], error["param"]


def test_an_answer_is_the_one_that_the_desk_gives(client: httpx.Client, served: Served) -> None:
    found = asked(client, QUESTION)
    with Desk.open(served.home) as desk:
        expected = answer_to_json(desk.ask(QUESTION))
    found.pop("conversation_id"), found.pop("timings_ms"), expected.pop("timings_ms")
    for citation in found["citations"]:
        for name in ("url", "page_url", "image"):
            citation.pop(name)
    assert found == expected
    assert found["answer"].startswith(SAID)


def test_a_follow_up_leans_on_the_conversation(client: httpx.Client) -> None:
    first = asked(client, QUESTION)
    second = asked(client, "and the investment?", conversation_id=first["conversation_id"])
    assert second["conversation_id"] == first["conversation_id"]
    assert second["answer"].startswith("EUR 940K")
    assert second["resolved"] == "and the investment (One Counter Service (OCS) (Lindholm))?"


def test_a_follow_up_may_bring_its_history_itself(client: httpx.Client) -> None:
    found = asked(client, "and the investment?", history=[QUESTION])
    assert (found["answer"][:8], found["conversation_id"]) == ("EUR 940K", None)


def test_conversation_and_history_exclude_each_other(client: httpx.Client) -> None:
    body = {"question": "and?", "history": [QUESTION], "conversation_id": "x"}
    assert problem(client.post("/v1/ask", json=body)) == (422, "invalid", None)


def test_a_conversation_that_is_not_known_is_said_to_be_so(client: httpx.Client) -> None:
    answer = client.post("/v1/ask", json={"question": "and?", "conversation_id": "no-such"})
    assert problem(answer) == (404, "not_found", None)


def test_what_the_documents_do_not_hold_is_an_answer(client: httpx.Client) -> None:
    found = asked(client, "What did the One Counter Service cost to run in 2031?")
    assert (found["abstained"], found["kind"], found["figures"]) == (True, "abstention", [])


def test_an_answer_says_where_its_source_can_be_read(client: httpx.Client) -> None:
    citation = asked(client, QUESTION)["citations"][0]
    place = f"{citation['document']['id']}:{citation['start']}-{citation['end']}"
    assert citation["url"] == f"/v1/passages/{place}"
    assert citation["page_url"] == f"/source?at={place.replace(':', '%3A')}"
    shown = client.get(citation["url"]).json()
    assert shown["quote"] == citation["quote"]
    assert shown["before"].endswith("#### ")
    assert shown["section"] == citation["section"]


def test_a_place_may_be_named_by_a_figure(client: httpx.Client) -> None:
    figure = asked(client, QUESTION)["figures"][0]
    assert client.get(f"/v1/passages/{figure['id']}").json()["quote"] == figure["quote"]


def test_a_place_comes_with_as_much_around_it_as_is_wanted(client: httpx.Client) -> None:
    url = asked(client, QUESTION)["citations"][0]["url"]
    shown = client.get(url, params={"context": 5}).json()
    assert (shown["before"], len(shown["after"])) == ("#### ", 5)


@pytest.mark.parametrize("place", ["nothing", "services:1-", "services:5-2", "services:0-99999999", "../../etc/passwd"])
def test_a_place_that_is_none_is_not_found(client: httpx.Client, place: str) -> None:
    assert problem(client.get(f"/v1/passages/{place}"))[0] == 404


def test_passages_come_with_an_answer_if_they_are_asked_for(client: httpx.Client) -> None:
    found = asked(client, QUESTION, passages=3)
    assert [set(item) >= {"text", "score", "url"} for item in found["passages"]] == [True] * 3


def test_a_search_gives_passages_best_first(client: httpx.Client) -> None:
    found = client.post("/v1/search", json={"query": "ferry tickets on a web site", "limit": 2}).json()["results"]
    assert len(found) == 2
    assert "Night Ferry Booking" in found[0]["section"]
    assert found[0]["score"] >= found[1]["score"]


def test_dify_gets_records_in_its_shape(client: httpx.Client) -> None:
    body = {
        "knowledge_id": "any",
        "query": "ferry tickets on a web site",
        "retrieval_setting": {"top_k": 2, "score_threshold": 0.0},
        "metadata_condition": None,
    }
    records = client.post("/retrieval", json=body).json()["records"]
    assert [set(record) for record in records] == [{"content", "score", "title", "metadata"}] * 2
    assert records[0]["title"] == "City Services Compendium"
    assert all(0 <= record["score"] <= 1 for record in records)
    body["retrieval_setting"] = {"top_k": 2, "score_threshold": 1.1}
    assert client.post("/retrieval", json=body).json() == {"records": []}


def test_figures_are_those_of_the_desk(client: httpx.Client, served: Served) -> None:
    found = client.get("/v1/figures", params={"unit": "EUR", "limit": 1000}).json()
    with Desk.open(served.home) as desk:
        assert found["figures"] == [figure_to_json(figure) for figure in desk.figures(unit="EUR")]
    assert found["total"] == len(found["figures"])
    assert found["units"] == {"EUR": found["total"]}


def test_figures_are_filtered_sorted_and_given_in_stretches(client: httpx.Client) -> None:
    asked_for = {"measure": "investment", "sort": "-value"}
    whole = client.get("/v1/figures", params=asked_for).json()
    values = [figure["value"] for figure in whole["figures"]]
    assert values == sorted(values, reverse=True)
    assert values[0] == 940_000
    second = client.get("/v1/figures", params={**asked_for, "limit": 1, "offset": 1}).json()
    assert [figure["value"] for figure in second["figures"]] == values[1:2]
    assert second["total"] == whole["total"]


def test_figures_are_given_as_csv_whole_and_harmless(client: httpx.Client) -> None:
    by_name = client.get("/v1/figures", params={"format": "csv", "limit": 1})
    by_header = client.get("/v1/figures", headers={"accept": "text/csv"})
    assert by_name.text == by_header.text
    assert by_name.headers["content-disposition"] == 'attachment; filename="figures.csv"'
    rows = list(csv.reader(io.StringIO(by_name.text)))
    assert len(rows) - 1 == client.get("/v1/figures").json()["total"]
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith("=")]


def test_a_comparison_is_ranked_and_cited(client: httpx.Client) -> None:
    found = client.get("/v1/compare", params={"measure": "investment"}).json()
    assert (found["kind"], [figure["value"] for figure in found["figures"]]) == ("comparison", [940_000, 220_000])
    assert {figure["citation"] for figure in found["figures"]} <= {item["n"] for item in found["citations"]}


def test_a_comparison_of_what_nothing_states_is_an_abstention(client: httpx.Client) -> None:
    found = client.get("/v1/compare", params={"measure": "satisfaction"}).json()
    assert (found["kind"], found["figures"]) == ("abstention", [])


def test_the_library_is_listed(client: httpx.Client) -> None:
    documents = client.get("/v1/documents").json()["documents"]
    assert sorted(item["title"] for item in documents) == ["City Services Compendium", "Notes On The Library"]
    subjects = client.get("/v1/subjects").json()["subjects"]
    assert "Night Ferry Booking (Varnau)" in [item["name"] for item in subjects]
    measures = client.get("/v1/measures").json()["measures"]
    counts = [item["figures"] for item in measures]
    assert counts == sorted(counts, reverse=True)
    assert {"investment", "operating_cost"} <= {item["name"] for item in measures}


@pytest.mark.parametrize(
    "method, path, model",
    [
        ("ask", "", shapes.Answer),
        ("get", "/v1/compare?measure=investment", shapes.Answer),
        ("get", "/v1/figures", shapes.Figures),
        ("get", "/v1/subjects", shapes.Subjects),
        ("get", "/v1/measures", shapes.Measures),
        ("get", "/v1/documents", shapes.Documents),
    ],
)
def test_what_goes_out_has_the_shape_that_is_described(
    client: httpx.Client, method: str, path: str, model: type[shapes.Answer]
) -> None:
    found = asked(client, QUESTION, passages=1) if method == "ask" else client.get(path).json()
    assert model.model_validate(found, strict=True).model_dump(exclude_unset=True) == found


# What is wrong


@pytest.mark.parametrize(
    "body, param",
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": "x" * (LONGEST_QUESTION + 1)}, "question"),
        ({"question": 7}, "question"),
        ({"question": "what?", "passages": 51}, "passages"),
        ({"question": "what?", "passages": -1}, "passages"),
        ({"question": "what?", "pasages": 1}, "pasages"),
        ({"question": "what?", "history": ["x"] * 41}, "history"),
    ],
)
def test_a_body_that_is_wrong_is_refused_by_its_field(client: httpx.Client, body: Any, param: str) -> None:
    assert problem(client.post("/v1/ask", json=body)) == (422, "invalid", param)


def test_a_question_without_words_is_refused(client: httpx.Client) -> None:
    assert problem(client.post("/v1/ask", json={"question": "?!"})) == (422, "invalid", None)


def test_a_body_that_is_no_json_is_refused_and_not_sent_back(client: httpx.Client) -> None:
    answer = client.post("/v1/ask", content=b'{"question": "canary', headers={"content-type": "application/json"})
    assert problem(answer)[0] == 422
    assert "canary" not in answer.text


@pytest.mark.parametrize("path, status, code", [("/nothing", 404, "not_found"), ("/v1/ask", 405, "method_not_allowed")])
def test_what_is_not_there_is_said_in_the_same_shape(client: httpx.Client, path: str, status: int, code: str) -> None:
    assert problem(client.get(path))[:2] == (status, code)


def test_every_answer_keeps_browsers_from_guessing_and_storing(client: httpx.Client) -> None:
    for path in ("/healthz", "/v1/documents", "/nothing"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["cache-control"] == "no-store"
        assert headers["x-request-id"]
        assert "server" not in headers


def test_health_and_counters_are_told(client: httpx.Client, served: Served) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "generation": served.service.desks.generation}
    asked(client, QUESTION)
    counted = client.get("/metrics").text
    assert 'factdesk_answers_total{kind="figure"}' in counted
    assert 'factdesk_requests_total{method="POST",route="/v1/ask",status="200"}' in counted
    assert "One Counter" not in counted
