"""The desk for other programs' assistants: the Model Context Protocol, on standard input and output and over HTTP.

1. Tools read; none writes, and none takes a path or an address.
2. `search` and `fetch` have the shape that connectors expect; the others give the records of the contract.
3. What an assistant is told to do with them stands in `INSTRUCTIONS`: to quote, and to cite.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from factdesk.corpus.errors import FactdeskError
from factdesk.index.snapshot import factdesk_version
from factdesk.qa import format as render
from factdesk.qa.desk import Desk
from factdesk.serve import shapes
from factdesk.serve.links import Json, linked_answer, links
from factdesk.serve.pool import Busy, Overdue
from factdesk.serve.routes import counted
from factdesk.serve.service import Service

INSTRUCTIONS = (
    "Answers questions from a library of documents and nothing else. Give numbers exactly as `printed` or `quote` has "
    "them, with their unit, period, footnotes and comparator, and cite title, page and url. If `abstained` is true the "
    "documents do not hold the answer: say so, do not guess."
)
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
FOUND = 10
MOST_FOUND = 200
T = TypeVar("T")

Words = Annotated[str, Field(min_length=1, max_length=shapes.LONGEST_NAME)]
Optional = Annotated[str | None, Field(max_length=shapes.LONGEST_NAME)]


class Hit(BaseModel):
    """A passage that a search found."""

    id: str
    title: str
    url: str


class Hits(BaseModel):
    """What a search found, best first."""

    results: list[Hit]


class Fetched(BaseModel):
    """A passage in its context."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any]


class FoundFigures(BaseModel):
    """Figures that fit; `total` says how many there are."""

    figures: list[shapes.Figure]
    total: int


def build_tools(service: Service) -> MCPServer[Any]:
    """The server with its tools, for either transport."""
    server: MCPServer[Any] = MCPServer(
        "factdesk", title="factdesk", instructions=INSTRUCTIONS, version=factdesk_version(), log_level="ERROR"
    )
    base = service.settings.public_url.rstrip("/")

    def tool(function: Callable[..., Awaitable[Any]]) -> None:
        server.add_tool(function, annotations=READS, structured_output=True)

    async def read(work: Callable[[Desk], T]) -> T:
        """What work finds; what goes wrong is told in one line."""
        try:
            return await service.with_desk(work)
        except (Busy, Overdue) as error:
            raise ToolError("too much is asked at once; try again in a moment") from error
        except FactdeskError as error:
            raise ToolError(error.line) from error

    def address(found: Json, place: str) -> str:
        return f"{base}{found['page_url']}" if base else f"factdesk:{place}"

    async def search(query: shapes.Question) -> Hits:
        """Find passages of the documents for a question, best first. Give an id to fetch."""

        def work(desk: Desk) -> Hits:
            documents = desk.snapshot.catalogue.references()
            hits = []
            for item in desk.search(query, FOUND):
                passage = item.passage
                document = documents[passage.document]
                place = render.span_words(document.id, passage.start, passage.end)
                where = render.page_words(passage.page, passage.page_label, document.path)
                title = render.PATH.join([*filter(None, (document.title, where)), *passage.section[-2:]])
                found = links(document, passage.page, passage.start, passage.end)
                hits.append(Hit(id=place, title=title, url=address(found, place)))
            return Hits(results=hits)

        return await read(work)

    async def fetch(id: Words) -> Fetched:
        """The text of a passage that search has found, with what stands around it."""

        def work(desk: Desk) -> Fetched:
            shown = desk.show(id)
            found = links(shown.document, shown.page, shown.start, shown.end)
            metadata = render.shown_to_json(shown, "")
            for name in ("before", "after", "source"):
                metadata.pop(name)
            return Fetched(
                id=id,
                title=shown.document.title,
                text=f"{shown.before}{shown.quote}{shown.after}",
                url=address(found, id),
                metadata=metadata,
            )

        return await read(work)

    async def ask(question: shapes.Question) -> shapes.Answer:
        """Answer a question from the documents, with every number traced to its source; or say that they do not."""

        def work(desk: Desk) -> shapes.Answer:
            answer = desk.ask(question)
            return shapes.Answer.model_validate(linked_answer(answer, desk.snapshot.catalogue.references()))

        return await read(work)

    async def find_figures(
        words: Annotated[str, Field(max_length=shapes.LONGEST_NAME)] = "",
        subject: Optional = None,
        measure: Optional = None,
        unit: Optional = None,
        document: Optional = None,
        period: Optional = None,
        limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 50,
    ) -> FoundFigures:
        """Numbers of the documents with their meaning, by words, subject, measure, unit, document or period."""

        def work(desk: Desk) -> FoundFigures:
            found = desk.figures(
                words.split(), subject=subject, measure=measure, unit=unit, document=document, period=period
            )
            shown = [shapes.Figure.model_validate(render.figure_to_json(figure)) for figure in found[:limit]]
            return FoundFigures(figures=shown, total=len(found))

        return await read(work)

    async def compare_figures(measure: Words) -> shapes.Answer:
        """Compare one measure (investment, operating cost, savings ...) over all subjects, ranked."""

        def work(desk: Desk) -> shapes.Answer:
            answer = desk.compare(measure)
            return shapes.Answer.model_validate(linked_answer(answer, desk.snapshot.catalogue.references()))

        return await read(work)

    async def list_subjects() -> shapes.Subjects:
        """What the documents are about, part by part: the cases of a compendium, or a document as a whole."""

        def work(desk: Desk) -> shapes.Subjects:
            found = [
                shapes.Subject(id=item.id, name=item.name, document=item.document, aliases=list(item.aliases))
                for item in desk.subjects()
            ]
            return shapes.Subjects(subjects=found)

        return await read(work)

    async def list_measures() -> shapes.Measures:
        """The measures that figures of the documents have, the commonest first."""
        found = await read(lambda desk: counted(figure.measure for figure in desk.figures()))
        return shapes.Measures(measures=[shapes.Measure(name=name, figures=n) for name, n in found.items()])

    async def list_documents() -> shapes.Documents:
        """The documents that there are."""
        found = await read(lambda desk: [render.document_to_json(item) for item in desk.documents()])
        return shapes.Documents(documents=[shapes.DocumentSummary.model_validate(item) for item in found])

    for function in (search, fetch, ask, find_figures, compare_figures, list_subjects, list_measures, list_documents):
        tool(function)
    return server
