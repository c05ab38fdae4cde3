"""The application: the routes, the errors in their one shape, and the guard around all of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from factdesk.corpus.errors import FactdeskError, HomeNotWritable, IndexUnusable, InputError, UsageError
from factdesk.index.snapshot import factdesk_version
from factdesk.serve.completions import build_completions
from factdesk.serve.guard import Guard, fault_of, problem
from factdesk.serve.keys import Keys
from factdesk.serve.pages import build_pages
from factdesk.serve.pool import Busy, Overdue
from factdesk.serve.routes import build_routes
from factdesk.serve.service import NotFound, Service
from factdesk.serve.tools import build_tools

SOON = {"retry-after": "1"}
LATER = {"retry-after": "5"}
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 415: "unsupported"}
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,40}")
DESCRIPTION = "Answers questions over a library of documents; every number is traced to its source."


def build_app(service: Service, keys: Keys | None = None) -> ASGIApp:
    """The service as an ASGI application. It follows the index from the moment it starts."""
    keys = keys or Keys(service.settings.home)
    tools = build_tools(service)
    connected = tools.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=True,
        max_request_body_size=service.settings.most_body,
        # The guard has seen Host and Origin before.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(service.follow())
        try:
            async with tools.session_manager.run():
                yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            service.close()

    app = FastAPI(
        title="factdesk",
        version=factdesk_version(),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # A redirect would name http where a proxy speaks https, and the client would send its key there.
        redirect_slashes=False,
    )
    app.include_router(build_routes(service))
    app.include_router(build_completions(service))
    app.include_router(build_pages(lambda: (*service.settings.origins, *sorted(keys.origins()))))
    app.router.routes.append(Route("/mcp", no_stream, methods=["GET"]))
    app.router.routes.extend(connected.routes)
    translate_errors(app)
    return Guard(app, service.settings, keys, observe=service.metrics.request)


async def no_stream(_: Request) -> Response:
    """Refuse a stream of messages that nobody asked for: there are none, and it would never end."""
    return problem(405, "method_not_allowed", "there is no such stream; send requests", headers={"allow": "POST"})


def translate_errors(app: FastAPI) -> None:
    """Have every error answered in its one shape, in words that help, without what is nobody's business."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        # What was sent is not sent back: it may be long, and it may be anything. That goes for unknown fields' names.
        where = ".".join(str(part) for part in first["loc"] if part != "body" and _FIELD.fullmatch(str(part)))
        return problem(422, "invalid", f"{where}: {first['msg']}" if where else str(first["msg"]), param=where or None)

    @app.exception_handler(Exception)
    async def fault(request: Request, _: Exception) -> Response:
        # The guard writes it into the log.
        return fault_of(str(request.state.request_id))

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "refused")
        return problem(error.status_code, code, str(error.detail), headers=error.headers)

    @app.exception_handler(FactdeskError)
    async def failed(_: Request, error: FactdeskError) -> Response:
        if isinstance(error, NotFound):
            return problem(404, "not_found", error.line)
        if isinstance(error, UsageError):
            return problem(422, "invalid", error.line)
        if isinstance(error, InputError):
            return problem(404, "not_drawn", "this page cannot be drawn")
        if isinstance(error, IndexUnusable) and not isinstance(error, HomeNotWritable):
            return problem(503, "no_index", error.line, headers=LATER)
        # A hint for whoever runs the service names folders of the machine.
        return problem(503, "unusable", str(error), headers=LATER)

    @app.exception_handler(Busy)
    async def busy(_: Request, __: Busy) -> Response:
        return problem(503, "busy", "too much is asked at once", headers=SOON)

    @app.exception_handler(Overdue)
    async def overdue(_: Request, __: Overdue) -> Response:
        return problem(503, "overdue", "that took too long", headers=SOON)
