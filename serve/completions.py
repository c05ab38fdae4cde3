"""The desk as a model that chat front ends know: OpenAI's chat completions, with citations in every place they look.

1. The last message of the user is the question; the user's messages before it are what it may lean on. What a system
   message says changes nothing: the desk answers from the documents or not at all.
2. The text ends in the list of its sources, as links. `annotations` mark each [1] in it, `citations` and
   `search_results` list the sources, `factdesk` holds the whole answer.
3. Of a document's text nothing is Markup in it: no picture, no link but ours.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from factdesk.corpus.errors import UsageError
from factdesk.corpus.records import Answer, Citation
from factdesk.qa.desk import LONGEST_QUESTION, Desk
from factdesk.qa.format import markdown_line, place_of, said_to_markdown, shown_quote
from factdesk.serve.links import Json
from factdesk.serve.routes import client_of, said
from factdesk.serve.service import NotFound, Service
from factdesk.serve.shapes import LONGEST_MESSAGE, MOST_MESSAGES
from factdesk.serve.talks import leaned_on

MODEL = "factdesk"
_MARK = re.compile(r"\[(\d{1,4})\]")
_PIECES = re.compile(r"\S+\s*|\s+")
A_PIECE = 8
"""Words of a piece of a stream."""


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: Annotated[str, Field(max_length=40)]
    text: Annotated[str, Field(max_length=LONGEST_MESSAGE)] = ""


class Message(BaseModel):
    """A message of the chat so far."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=LONGEST_MESSAGE)] | Annotated[list[Part], Field(max_length=100)] | None = (
        None
    )

    @property
    def words(self) -> str:
        """Its text."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content if part.type in ("text", "input_text"))


class StreamOptions(BaseModel):
    """What a stream ends with."""

    include_usage: bool = False


class Completion(BaseModel):
    """What a chat front end asks. What it says of sampling and tools has no meaning here, and is left out."""

    model: Annotated[str, Field(max_length=200)] = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = 1


class Completed(BaseModel):
    """A chat completion, as OpenAI has it, with what we add."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    citations: list[str]
    search_results: list[dict[str, Any]]
    factdesk: dict[str, Any]


class Model(BaseModel):
    """A model, as OpenAI lists it."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(BaseModel):
    """The models there are: one."""

    object: Literal["list"]
    data: list[Model]


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as a chat shows it."""

    content: str
    annotations: list[Json]
    citations: list[str]
    search_results: list[Json]
    found: Json

    @property
    def sources(self) -> Json:
        """What the first piece of a stream carries already."""
        return {"citations": self.citations, "search_results": self.search_results}


def build_completions(service: Service) -> APIRouter:
    """The endpoint of a chat front end."""
    api = APIRouter(tags=["chat"])

    @api.get("/v1/models", responses=said(Models))
    async def models() -> Response:
        """The models there are: one."""
        return JSONResponse({"object": "list", "data": [model()]})

    @api.get("/v1/models/{name}", responses=said(Model))
    async def one_model(name: str) -> Response:
        """A model by its name."""
        known(name)
        return JSONResponse(model())

    @api.post("/v1/chat/completions", responses=said(Completed))
    async def completions(given: Completion, request: Request) -> Response:
        """The answer to the last message of the user."""
        known(given.model)
        question, history = asked(given.messages)
        answer, found = await service.ask(question, client=client_of(request), history=history)
        written = as_written(answer, found, base_of(service, request))
        prompt, completion = await service.with_desk(partial(token_counts, question, written.content))
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": MODEL}
        if given.stream:
            tell = usage if given.stream_options and given.stream_options.include_usage else None
            lines = as_events(stream_of(written, head, tell))
            return StreamingResponse(lines, media_type="text/event-stream")
        message = {"role": "assistant", "content": written.content, "annotations": written.annotations, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        whole = {"object": "chat.completion", "choices": [choice], "usage": usage, "factdesk": written.found}
        return JSONResponse(head | whole | written.sources)

    return api


def model() -> Json:
    """Our one model. It was not made at any time that matters."""
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "factdesk"}


def known(name: str) -> None:
    """Raise NotFound for a model that there is not."""
    if name != MODEL:
        raise NotFound("there is no such model", hint=f"use {MODEL}")


def asked(messages: list[Message]) -> tuple[str, list[str]]:
    """The question, and those before it. Raises UsageError if the last message is none of the user's."""
    said_by_user = [message.words for message in messages if message.role == "user"]
    if not said_by_user or messages[-1].role != "user":
        raise UsageError("the last message is not the user's", hint="end with the question")
    *before, question = said_by_user
    # What was too long to be answered then is no help now.
    return question, leaned_on([words for words in before if len(words) <= LONGEST_QUESTION])


def base_of(service: Service, request: Request) -> str:
    """What links begin with: the public address, or the one that the guard has let through."""
    return service.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.headers['host']}"


def token_counts(question: str, content: str, desk: Desk) -> tuple[int, int]:
    """The tokens of question and answer, as the embedding model counts them."""
    count = desk.snapshot.encoder.count_tokens
    return count(question), count(content)


def as_written(answer: Answer, found: Json, base: str) -> Written:
    """An answer as a chat shows it; links begin with `base`."""
    text = said_to_markdown(answer)
    addresses = [base + item["page_url"] for item in found["citations"]]
    numbered = {item["n"]: (address, item) for address, item in zip(addresses, found["citations"], strict=True)}
    annotations = [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": mark.start(),
                "end_index": mark.end(),
                "url": numbered[int(mark[1])][0],
                "title": numbered[int(mark[1])][1]["document"]["title"],
            },
        }
        for mark in _MARK.finditer(text)
        if int(mark[1]) in numbered
    ]
    places = [source_line(citation, address) for address, citation in zip(addresses, answer.citations, strict=True)]
    results = [
        {"title": place_of(citation), "url": address, "snippet": citation.quote, "date": None}
        for address, citation in zip(addresses, answer.citations, strict=True)
    ]
    choices = [f"- {markdown_line(item)}" for item in answer.suggestions]
    parts = [text]
    parts += ["\n".join(["You can ask:", "", *choices])] if choices else []
    parts += ["\n".join(["**Sources**", "", *places])] if places else []
    return Written("\n\n".join(parts), annotations, addresses, results, found)


def source_line(citation: Citation, address: str) -> str:
    """A source as an item of a list: a link to its place, and its words."""
    place, words = markdown_line(place_of(citation)), markdown_line(shown_quote(citation.quote))
    return f'{citation.n}. [{place}]({address}): "{words}"'


def stream_of(written: Written, head: Json, usage: dict[str, int] | None) -> Iterator[Json]:
    """The answer in pieces: the sources with the first, the annotations with the last."""
    begin = head | {"object": "chat.completion.chunk"}

    def piece(delta: Json, finish: str | None = None) -> Json:
        return begin | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}

    yield piece({"role": "assistant", "content": ""}) | written.sources
    words = _PIECES.findall(written.content)
    for at in range(0, len(words), A_PIECE):
        yield piece({"content": "".join(words[at : at + A_PIECE])}) | written.sources
    if written.annotations:
        yield piece({"annotations": written.annotations}) | written.sources
    yield piece({}, "stop") | written.sources | {"factdesk": written.found}
    if usage is not None:
        yield begin | {"choices": [], "usage": usage}


async def as_events(pieces: Iterator[Json]) -> AsyncIterator[str]:
    """Server-sent events, the last of which says that it is the last."""
    for piece in pieces:
        # In ASCII: some clients take U+2028 in a document for the end of a line, and what follows for an event.
        yield f"data: {json.dumps(piece)}\n\n"
    yield "data: [DONE]\n\n"
