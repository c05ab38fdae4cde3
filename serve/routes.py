"""The HTTP API: each route translates, asks the service, and translates back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from factdesk.corpus.errors import UsageError
from factdesk.corpus.records import Figure
from factdesk.qa import format as render
from factdesk.qa.desk import CONTEXT, Desk
from factdesk.serve import metrics, shapes
from factdesk.serve.guard import Client
from factdesk.serve.links import Json, linked_answer, linked_passage, links
from factdesk.serve.listing import feedback_to_json, group_to_json
from factdesk.serve.queue import Expectation, Group, Queue, Rating, State, evaluation_lines
from factdesk.serve.service import NotFound, Service
from factdesk.serve.talks import leaned_on

Responses = dict[int | str, dict[str, Any]]
CSV = "text/csv; charset=utf-8"
REFUSALS = (400, 401, 403, 404, 408, 413, 415, 421, 422, 429, 503)
"""What the guard and any route may say instead of an answer."""
MOST_CONTEXT = 4000
"""Characters before and after a place."""
MOST_POSITION = 1 << 40
Position = Annotated[int, Query(ge=0, le=MOST_POSITION)]
Identity = Annotated[str, Path(min_length=1, max_length=300)]
Filter = Annotated[str | None, Query(max_length=shapes.LONGEST_NAME)]
Sorting = Literal["value", "-value", "subject", "measure", "document"]


def said(model: type[Any], status: int = 200) -> Responses:
    """What a route answers, for OpenAPI: its own answer, and the errors that any route may give."""
    errors: Responses = {code: {"model": shapes.Error} for code in REFUSALS}
    return errors | {status: {"model": model}}


def client_of(request: Request) -> str:
    """Who asks, as the guard found out."""
    client: Client = request.state.client
    return client.name


def build_routes(service: Service) -> APIRouter:
    """The routes over a service."""
    api = APIRouter()
    api.include_router(asking(service))
    api.include_router(library(service))
    api.include_router(desk_work(service))
    api.include_router(health(service))
    return api


def asking(service: Service) -> APIRouter:
    """Questions, and what stands behind the answers."""
    api = APIRouter(tags=["ask"])

    @api.post("/v1/ask", responses=said(shapes.Answer))
    async def ask(given: shapes.Ask, request: Request) -> Response:
        """One answer, with its sources. What the documents do not hold is an answer too, with `abstained` true."""
        client = client_of(request)
        if given.history:
            if given.conversation_id:
                raise UsageError("conversation_id and history exclude each other", hint="send one of them")
            turns = leaned_on(given.history)
            _, found = await service.ask(given.question, client=client, history=turns, passages=given.passages)
            return JSONResponse(found)
        if given.conversation_id is None:
            talk = service.talks.begin(client)
        elif (known := service.talks.find(client, given.conversation_id)) is None:
            raise NotFound("that conversation is not remembered any more", hint="begin a new one")
        else:
            talk = known
        return JSONResponse(await service.ask_in_talk(talk, given.question, client=client, passages=given.passages))

    @api.get("/v1/passages/{place:path}", responses=said(shapes.Shown))
    async def passage(place: Identity, context: Annotated[int, Query(ge=0, le=MOST_CONTEXT)] = CONTEXT) -> Response:
        """A place in its context: DOCUMENT:START-END, or the id of a passage or of a figure."""

        def work(desk: Desk) -> Json:
            try:
                shown = desk.show(place, context)
            except UsageError as error:
                raise NotFound("there is no such place", hint="take the address from an answer") from error
            found = render.shown_to_json(shown, "")
            found.pop("source")
            return found | {"image": links(shown.document, shown.page, shown.start, shown.end)["image"]}

        return JSONResponse(await service.with_desk(work))

    @api.get(
        "/v1/documents/{identity}/pages/{number}.png",
        responses={**said(shapes.Error), 200: {"content": {"image/png": {}}}},
        response_class=Response,
    )
    async def page_image(
        identity: Identity,
        number: Annotated[int, Path(ge=1, le=1_000_000)],
        start: Position = 0,
        end: Position = 0,
    ) -> Response:
        """A page of a PDF as a picture, with the characters from `start` to `end` marked."""
        png = await service.picture(identity, number, start, end)
        return Response(png, media_type="image/png", headers={"cache-control": "private, max-age=3600"})

    @api.post("/v1/feedback", status_code=201, responses=said(shapes.Kept, 201))
    async def feedback(given: shapes.Feedback, request: Request) -> Response:
        """What a reader thinks of an answer that was given lately."""
        kept = await service.rate(given.answer_id, given.rating, given.reason, given.correction, client_of(request))
        return JSONResponse({"id": kept}, 201)

    return api


def library(service: Service) -> APIRouter:
    """What is in the documents."""
    api = APIRouter(tags=["library"])

    @api.post("/v1/search", responses=said(shapes.Results))
    async def search(given: shapes.Search) -> Response:
        """The passages nearest to a question, best first."""

        def work(desk: Desk) -> Json:
            documents = desk.snapshot.catalogue.references()
            return {"results": [linked_passage(item, documents) for item in desk.search(given.query, given.limit)]}

        return JSONResponse(await service.with_desk(work))

    @api.post("/retrieval", responses=said(shapes.RetrievalRecords))
    async def retrieval(given: shapes.Retrieval) -> Response:
        """The same search as Dify's external knowledge API."""

        def work(desk: Desk) -> Json:
            documents = desk.snapshot.catalogue.references()
            found = desk.search(given.query, given.retrieval_setting.top_k)
            records = [as_record(linked_passage(item, documents)) for item in found]
            return {"records": [item for item in records if item["score"] >= given.retrieval_setting.score_threshold]}

        return JSONResponse(await service.with_desk(work))

    @api.get(
        "/v1/figures",
        responses={**said(shapes.Figures), 200: {"model": shapes.Figures, "content": {"text/csv": {}}}},
    )
    async def figures(
        request: Request,
        words: Annotated[str, Query(max_length=shapes.LONGEST_NAME)] = "",
        subject: Filter = None,
        measure: Filter = None,
        unit: Filter = None,
        document: Filter = None,
        period: Filter = None,
        sort: Sorting | None = None,
        limit: Annotated[int, Query(ge=1, le=shapes.MOST_FIGURES)] = 100,
        offset: Position = 0,
        format: Literal["json", "csv"] | None = None,
    ) -> Response:
        """Figures that fit all that is given. CSV has all of them, JSON a stretch."""

        def work(desk: Desk) -> list[Figure]:
            found = desk.figures(
                words.split(), subject=subject, measure=measure, unit=unit, document=document, period=period
            )
            return in_order(found, sort)

        found = await service.with_desk(work)
        wants_csv = format == "csv" or (format is None and request.headers.get("accept", "").startswith("text/csv"))
        if wants_csv:
            attached = {"content-disposition": 'attachment; filename="figures.csv"'}
            return Response(render.figures_to_csv(found), media_type=CSV, headers=attached)
        return JSONResponse(
            {
                "figures": [render.figure_to_json(figure) for figure in found[offset : offset + limit]],
                "total": len(found),
                "measures": counted(figure.measure for figure in found),
                "units": counted(figure.unit for figure in found),
            }
        )

    @api.get("/v1/compare", responses=said(shapes.Answer))
    async def compare(measure: Annotated[str, Query(min_length=1, max_length=shapes.LONGEST_NAME)]) -> Response:
        """One measure over all subjects, brought to one rate and ranked; an abstention if nothing states it."""

        def work(desk: Desk) -> Json:
            return linked_answer(desk.compare(measure), desk.snapshot.catalogue.references())

        return JSONResponse(await service.with_desk(work))

    @api.get("/v1/measures", responses=said(shapes.Measures))
    async def measures() -> Response:
        """The measures that figures of the documents have, the commonest first."""
        found = await service.with_desk(lambda desk: counted(figure.measure for figure in desk.figures()))
        return JSONResponse({"measures": [{"name": name, "figures": n} for name, n in found.items()]})

    @api.get("/v1/subjects", responses=said(shapes.Subjects))
    async def subjects() -> Response:
        """What the documents are about, part by part."""

        def work(desk: Desk) -> Json:
            found = [
                {"id": item.id, "name": item.name, "document": item.document, "aliases": list(item.aliases)}
                for item in desk.subjects()
            ]
            return {"subjects": found}

        return JSONResponse(await service.with_desk(work))

    @api.get("/v1/documents", responses=said(shapes.Documents))
    async def documents() -> Response:
        """What is indexed."""
        found = await service.with_desk(lambda desk: desk.documents())
        return JSONResponse({"documents": [render.document_to_json(item) for item in found]})

    return api


def desk_work(service: Service) -> APIRouter:
    """The queue of what could not be answered."""
    api = APIRouter(tags=["desk"])

    @api.get("/v1/questions", responses=said(shapes.Questions))
    async def questions(state: State | None = None) -> Response:
        """Questions that could not be answered, in groups that ask the same."""
        found = await service.with_queue(lambda queue: queue.groups(state))
        return JSONResponse({"questions": [group_to_json(group) for group in found]})

    @api.get(
        "/v1/questions/export",
        responses={**said(shapes.Error), 200: {"content": {"application/jsonl": {}}}},
        response_class=Response,
    )
    async def export() -> Response:
        """The resolved questions as lines of an evaluation file."""
        found = await service.with_queue(lambda queue: queue.groups())
        lines = [json.dumps(line, ensure_ascii=False) for line in evaluation_lines(found)]
        return Response("".join(f"{line}\n" for line in lines), media_type="application/jsonl")

    @api.patch("/v1/questions/{identity}", responses=said(shapes.Questions))
    async def resolve(identity: Identity, given: shapes.Resolution) -> Response:
        """Say what became of a question."""

        def work(queue: Queue) -> Group:
            try:
                queue.group(identity)
            except UsageError as error:
                raise NotFound(str(error), hint=error.hint) from error
            return queue.resolve(
                identity, given.state, given.answer, given.note, expectation=expectation_of(given.expectation)
            )

        return JSONResponse({"questions": [group_to_json(await service.with_queue(work))]})

    @api.get("/v1/ratings", responses=said(shapes.Ratings))
    async def ratings(rating: Rating | None = None) -> Response:
        """What readers thought of answers, the latest first."""
        found = await service.with_queue(lambda queue: queue.feedback(rating))
        return JSONResponse({"ratings": [feedback_to_json(item) for item in found]})

    return api


def health(service: Service) -> APIRouter:
    """Whether it runs, and how."""
    api = APIRouter(tags=["health"])

    @api.get("/healthz", responses={200: {"model": shapes.Health}})
    async def healthz() -> Response:
        """That the service runs."""
        return JSONResponse({"status": "ok"})

    @api.get("/readyz", responses={200: {"model": shapes.Readiness}, 503: {"model": shapes.Error}})
    async def readyz() -> Response:
        """That an index is open, so that questions can be answered."""
        with service.desks.lease() as desk:
            return JSONResponse({"status": "ok", "generation": desk.snapshot.generation})

    @api.get("/metrics", response_class=PlainTextResponse, responses=said(shapes.Error))
    async def measured() -> Response:
        """Counters for Prometheus."""
        return Response(service.metrics.text(), headers={"content-type": metrics.CONTENT_TYPE})

    return api


def as_record(found: Json) -> Json:
    """A passage as Dify reads it."""
    metadata = {
        name: found[name] for name in ("id", "page", "page_label", "section", "start", "end", "url", "page_url")
    }
    metadata |= {"path": found["document"]["path"], "document_id": found["document"]["id"], "subject": found["subject"]}
    # Dify shows a score from 0 to 1.
    score = max(0.0, min(1.0, found["score"]))
    return {"content": found["text"], "score": score, "title": found["document"]["title"], "metadata": metadata}


def in_order(found: Sequence[Figure], by: Sorting | None) -> list[Figure]:
    """Figures in the order that was asked for; that of the documents where none was."""
    keys: dict[str, Callable[[Figure], Any]] = {
        "value": lambda figure: (figure.unit or "", figure.value),
        "-value": lambda figure: (figure.unit or "", -figure.value if figure.value.is_finite() else Decimal(0)),
        "subject": lambda figure: figure.subject.casefold(),
        "measure": lambda figure: (figure.measure is None, figure.measure or ""),
        "document": lambda figure: figure.document,
    }
    return sorted(found, key=keys[by]) if by else list(found)


def counted(names: Any) -> dict[str, int]:
    """How often each name occurs, the commonest first."""
    counts = Counter(name for name in names if name)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def expectation_of(given: shapes.Expectation | None) -> Expectation | None:
    """What a right answer must have, as the queue keeps it."""
    if given is None:
        return None
    return Expectation(given.value, given.unit, given.per, tuple(given.text), given.document, given.quote)
