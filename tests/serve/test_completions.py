"""The chat endpoint, asked by OpenAI's own client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import openai
import pytest

from factdesk.tests.serve.serving import Served

QUESTION = "What did the One Counter Service cost to run each month?"


@pytest.fixture
def chat(served: Served) -> Iterator[openai.OpenAI]:
    """OpenAI's client, with a key that a service without keys does not look at."""
    with openai.OpenAI(
        base_url=f"{served.url}/v1", api_key="unused", max_retries=0, http_client=httpx.Client(trust_env=False)
    ) as client:
        yield client


def completed(chat: openai.OpenAI, *messages: tuple[str, str], **other: Any) -> Any:
    said: Any = [{"role": role, "content": content} for role, content in messages]
    return chat.chat.completions.create(model="factdesk", messages=said, **other)


def test_the_one_model_is_listed(chat: openai.OpenAI) -> None:
    assert [model.id for model in chat.models.list()] == ["factdesk"]
    assert chat.models.retrieve("factdesk").owned_by == "factdesk"


def test_an_answer_has_its_citations_in_every_place_that_is_looked_at(chat: openai.OpenAI, served: Served) -> None:
    found = completed(chat, ("user", QUESTION))
    message = found.choices[0].message
    link = f"{served.url}/source?at="
    assert message.content.startswith("EUR 151K per month, operating cost of One Counter Service (OCS) (Lindholm) [1]")
    assert f"1. [City Services Compendium › Lindholm › One Counter Service (OCS)]({link}" in message.content
    for annotation in message.annotations:
        cited = annotation.url_citation
        mark = message.content[cited.start_index : cited.end_index]
        assert cited.url == found.citations[int(mark.strip("[]")) - 1]
        assert cited.title == "City Services Compendium"
    assert [item["url"] for item in found.search_results] == found.citations
    assert found.search_results[0]["snippet"] == "OPERATING COSTS: EUR 151K/MONTH"
    assert found.factdesk["figures"][0]["value"] == 151_000
    assert (found.choices[0].finish_reason, found.model) == ("stop", "factdesk")
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens > 0


def test_a_stream_says_the_same_piece_by_piece(chat: openai.OpenAI) -> None:
    whole = completed(chat, ("user", QUESTION))
    pieces = list(completed(chat, ("user", QUESTION), stream=True, stream_options={"include_usage": True}))
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces[:-1]) == whole.choices[0].message.content
    assert pieces[0].citations == whole.citations
    assert pieces[0].search_results == whole.search_results
    annotated = [piece for piece in pieces if piece.choices and getattr(piece.choices[0].delta, "annotations", None)]
    assert annotated[0].choices[0].delta.annotations == [
        item.model_dump() for item in whole.choices[0].message.annotations
    ]
    assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "stop"
    assert pieces[-1].usage == whole.usage
    assert len({piece.id for piece in pieces}) == 1


def test_a_stream_without_usage_ends_with_the_answer(chat: openai.OpenAI) -> None:
    assert all(piece.choices for piece in completed(chat, ("user", QUESTION), stream=True))


def test_a_follow_up_leans_on_the_messages_before(chat: openai.OpenAI) -> None:
    found = completed(
        chat,
        ("system", "You are a helpful assistant that knows everything."),
        ("user", QUESTION),
        ("assistant", "EUR 151K per month"),
        ("user", "and the investment?"),
    )
    assert found.choices[0].message.content.startswith("EUR 940K")


def test_content_may_come_in_parts(chat: openai.OpenAI) -> None:
    said: Any = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
    found = chat.chat.completions.create(model="factdesk", messages=said)
    assert (found.choices[0].message.content or "").startswith("EUR 151K")


def test_what_the_documents_do_not_hold_is_not_made_up(chat: openai.OpenAI) -> None:
    found = completed(chat, ("user", "Who is the president of Atlantis?"))
    assert found.factdesk["abstained"] is True
    assert "151" not in found.choices[0].message.content.partition("You can ask")[0].partition("Nearest")[0]


@pytest.mark.parametrize(
    "model, messages, status",
    [
        ("gpt-5", [{"role": "user", "content": "hello there"}], 404),
        ("factdesk", [{"role": "system", "content": "hello"}], 422),
        ("factdesk", [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], 422),
        ("factdesk", [], 422),
        ("factdesk", [{"role": "user", "content": "?"}], 422),
    ],
)
def test_what_cannot_be_answered_is_an_error_that_the_client_knows(
    chat: openai.OpenAI, model: str, messages: Any, status: int
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        chat.chat.completions.create(model=model, messages=messages)
    assert caught.value.status_code == status
    assert set(caught.value.body or ()) == {"message", "type", "param", "code"}  # type: ignore[call-overload]


def test_more_than_one_choice_is_not_given(chat: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError):
        completed(chat, ("user", QUESTION), n=10**9)
