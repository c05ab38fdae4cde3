"""What every request passes before any work is done for it, whatever route it asks for.

1. The Host must be one of ours, or a foreign page could reach a service on loopback under its own name.
2. A page of another site must be allowed, by the settings or by its key. "null" is no site.
3. Where keys are needed, every route but those of `PUBLIC` needs one. A key for sites counts from those sites alone.
4. One client gets so many requests a minute, and so many at once.
5. A body is read whole, within a time and up to a size; packed ones are refused, for they could be of any size.
6. What a client does not take in time is dropped.
7. Every answer has headers that keep browsers from guessing types, framing and leaking addresses.
8. The log has a line for each request: no question, no key, no address's query.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

import limits
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from factdesk.corpus.errors import KeysUnusable
from factdesk.serve.keys import Key, Keys
from factdesk.serve.keys import Scope as Allowed
from factdesk.serve.pool import asking
from factdesk.serve.settings import Settings

log = logging.getLogger("factdesk.serve")

PUBLIC = frozenset(
    {"/", "/figures", "/compare", "/source", "/embed", "/widget.js", "/healthz", "/readyz", "/favicon.ico"}
)
PUBLIC_FOLDER = "/static/"
"""Beside the health of the service only its own pages, which hold nothing of the documents."""
FOR_OTHER_SITES = frozenset({"/widget.js", "/embed"})
"""What pages of other sites load, scripts and frames, without asking first."""
UNLIMITED = frozenset({"/healthz", "/readyz"})
ASKING, READING, ADMIN = (
    frozenset({Allowed.ASK}),
    frozenset({Allowed.READ}),
    frozenset({Allowed.ADMIN}),
)
NEEDED: tuple[tuple[str, frozenset[Allowed]], ...] = (
    ("/v1/ask", ASKING),
    ("/v1/chat/completions", ASKING),
    ("/v1/models", ASKING),
    ("/v1/feedback", ASKING),
    ("/v1/passages", ASKING | READING),
    ("/v1/documents/", ASKING | READING),
    ("/v1/measures", ASKING | READING),
    ("/v1/subjects", ASKING | READING),
    ("/v1/documents", READING),
    ("/v1/search", READING),
    ("/v1/figures", READING),
    ("/v1/compare", READING),
    ("/retrieval", READING),
    ("/mcp", READING),
    ("/openapi.json", ASKING | READING),
    ("/v1/questions", ADMIN),
    ("/v1/ratings", ADMIN),
    ("/metrics", ADMIN),
)
"""What a key must be good for, one of these, by the beginning of the path; the first that fits counts."""
ANY = frozenset(Allowed)
METHODS = "GET, POST, PATCH, DELETE"
MINUTE = 60
MOST_REMEMBERED = 600
"""Seconds that a browser may remember what a page of another site may do."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: a key, or an address where none is needed."""

    name: str
    key: Key | None = None


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def problem(
    status: int, code: str, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An error in the one shape that all have."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status, dict(headers or {}))


def fault_of(request: str) -> Response:
    """What is said of a fault of ours: where it is in the log."""
    return problem(500, "internal", f"something went wrong here; it is in the log as {request}")


def needed(path: str) -> frozenset[Allowed] | None:
    """The scopes one of which a path needs; None: none at all. What is not known needs a key as well."""
    if path in PUBLIC or path.startswith(PUBLIC_FOLDER):
        return None
    return next((scopes for begin, scopes in NEEDED if path.startswith(begin)), ANY)


class Guard:
    """The gate around an application."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        keys: Keys,
        *,
        observe: Callable[[str, str, int, float], None] = lambda *_: None,
    ) -> None:
        """`observe` is told the method, the route, the status and the seconds of each request."""
        self.app = app
        self.settings = settings
        self.keys = keys
        self._observe = observe
        self._hosts = settings.allowed_hosts
        self._own = settings.own_origins
        self._others = frozenset(origin.lower() for origin in settings.origins)
        self._limiter = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
        self._rate = limits.RateLimitItemPerMinute(settings.rate)
        self._in_flight: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return None
        given = Headers(scope=scope)
        reply = Reply(send, self.settings.send_time, request_id(given))
        scope.setdefault("state", {})["request_id"] = reply.request_id
        begun = time.perf_counter()
        client = Client("?")
        try:
            origin = self._origin(scope, given, reply)
            if is_preflight(scope, given):
                await self._preflight(origin)(scope, receive, reply)
                return None
            client = self._client(scope, given, origin)
            scope["state"]["client"] = client
            await self._within_limits(client, scope, given, receive, reply)
        except Refused as refused:
            await reply.instead(problem(refused.status, refused.code, refused.message, headers=refused.headers), scope)
        except ClientGone:
            reply.status = reply.status or 499
        except Exception as error:
            log.error(json.dumps({"event": "fault", "request": reply.request_id, "where": whereabouts(error)}))
            await reply.instead(fault_of(reply.request_id), scope)
        finally:
            self._account(scope, reply, client, time.perf_counter() - begun)
        return None

    # Who asks, from where

    def _origin(self, scope: Scope, given: Headers, reply: Reply) -> str:
        """The origin of the page that asks; "" where none does, or one of ours. Refuses foreign hosts and sites."""
        hosts = given.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise Refused(421, "unknown_host", "this service is not known under that name")
        path: str = scope["path"]
        anyone = path in FOR_OTHER_SITES or path.startswith(PUBLIC_FOLDER)
        origins = given.getlist("origin")
        if not origins:
            site = given.get("sec-fetch-site", "none")
            # Following a link to a page is no harm; having a picture of a document in a foreign page is.
            visits = path in PUBLIC and given.get("sec-fetch-mode") == "navigate"
            if site in ("cross-site", "same-site") and not anyone and not visits:
                raise Refused(403, "foreign_origin", "pages of other sites may not use this")
            if anyone:
                reply.add["cross-origin-resource-policy"] = "cross-origin"
            return ""
        origin = origins[0].lower()
        if len(origins) == 1 and origin in self._own:
            return ""
        if anyone and given.get("sec-fetch-mode", "cors") != "navigate":
            # Scripts that hold no secret, loaded without one.
            reply.add |= {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
            return ""
        if len(origins) != 1 or origin not in self._others | self.keys.origins():
            raise Refused(403, "foreign_origin", "pages of that site may not use this")
        reply.add |= {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": "retry-after, x-request-id",
            "cross-origin-resource-policy": "cross-origin",
            "vary": "Origin",
        }
        return origin

    def _preflight(self, origin: str) -> Response:
        """What a page of another site may send: only what its key allows is then done."""
        headers = {
            "access-control-allow-methods": METHODS,
            "access-control-allow-headers": "authorization, content-type",
            "access-control-max-age": str(MOST_REMEMBERED),
        }
        return Response(status_code=204, headers=headers if origin else None)

    def _client(self, scope: Scope, given: Headers, origin: str) -> Client:
        """Who asks. Refuses a key that is missing, unknown or not good for this."""
        address = scope["client"][0] if scope.get("client") else "?"
        scopes = needed(scope["path"])
        if scopes is None:
            return Client(address)
        try:
            required = self.keys.needed or self.settings.beyond_loopback
            token = bearer(given)
            key = self.keys.find(token) if token else None
        except KeysUnusable as error:
            log.error(json.dumps({"event": "keys", "what": str(error)}))
            raise Refused(503, "keys_unusable", "the keys of this service cannot be read") from error
        if key is None:
            if not required:
                return Client(address)
            challenge = {"www_authenticate": 'Bearer realm="factdesk"'}
            raise Refused(401, "no_key", "a key is needed: Authorization: Bearer KEY", **challenge)
        from_own_page = not origin and (given.get("origin") or given.get("sec-fetch-site") == "same-origin")
        if key.origins and not from_own_page and origin not in key.origins:
            raise Refused(403, "wrong_origin", "this key counts only from pages of its sites")
        if not key.allows(scopes):
            names = " or ".join(sorted(scopes))
            raise Refused(403, "wrong_scope", f"this key is not good for that; it needs the scope {names}")
        return Client(key.id, key)

    # How much

    async def _within_limits(
        self, client: Client, scope: Scope, given: Headers, receive: Receive, reply: Reply
    ) -> None:
        if scope["path"] in UNLIMITED:
            return await self.app(scope, receive, reply)
        if not self._limiter.hit(self._rate, client.name):
            again = self._limiter.get_window_stats(self._rate, client.name).reset_time - time.time()
            raise Refused(429, "rate", "too many requests", retry_after=str(max(1, min(MINUTE, round(again)))))
        if self._in_flight[client.name] >= self.settings.most_in_flight:
            raise Refused(429, "at_once", "too many requests at once", retry_after="1")
        self._in_flight[client.name] += 1
        asking.set(client.name)
        try:
            body = await self._body(given, receive)
            await self.app(scope, replayed(body, receive), reply)
        finally:
            self._in_flight[client.name] -= 1
            if not self._in_flight[client.name]:
                del self._in_flight[client.name]

    async def _body(self, given: Headers, receive: Receive) -> bytes:
        if any(value.lower() != "identity" for value in given.getlist("content-encoding")):
            raise Refused(415, "packed", "send the body as it is, without Content-Encoding")
        if "transfer-encoding" in given and "content-length" in given:
            # A proxy before us may have gone by the other one, and would take the rest for somebody's next request.
            raise Refused(400, "two_lengths", "a body has one length", connection="close")
        most = self.settings.most_body
        too_large = Refused(413, "too_large", f"a request has at most {most:,} bytes", connection="close")
        declared = given.get("content-length", "0")
        if not declared.isdecimal() or int(declared[:20]) > most:
            raise too_large
        parts, size = [], 0
        try:
            async with asyncio.timeout(self.settings.body_time):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    part = message.get("body", b"")
                    size += len(part)
                    if size > most:
                        raise too_large
                    parts.append(part)
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError as error:
            message_ = "the request did not come to its end in time"
            raise Refused(408, "too_slow", message_, connection="close") from error

    # What is noted

    def _account(self, scope: Scope, reply: Reply, client: Client, seconds: float) -> None:
        route = scope.get("route")
        path = getattr(route, "path", None) or ("/mcp" if scope["path"] == "/mcp" else "other")
        if needed(scope["path"]) is None:
            path = scope["path"] if scope["path"] in PUBLIC else PUBLIC_FOLDER
        self._observe(scope["method"], path, reply.status, seconds)
        line = {
            "event": "request",
            "request": reply.request_id,
            "method": scope["method"],
            "route": path,
            "status": reply.status,
            "ms": round(seconds * 1000, 1),
            "client": client.key.id if client.key else None,
        }
        log.info(json.dumps(line))


class ClientGone(Exception):
    """Nobody is there to answer."""


class Reply:
    """The way back: adds headers, notes the status, gives up on a client that takes nothing."""

    def __init__(self, send: Send, patience: float, identity: str) -> None:
        self._send = send
        self._patience = patience
        self.request_id = identity
        self.status = 0
        self.add: dict[str, str] = {}

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer. Raises ClientGone if the client does not take it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            for name, value in self.add.items():
                headers[name] = value
            headers["x-request-id"] = self.request_id
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except (TimeoutError, OSError) as error:
            raise ClientGone from error

    async def instead(self, response: Response, scope: Scope) -> None:
        """Send this, unless an answer has begun already: then there is nothing left but to stop."""
        if not self.status:
            with suppress(ClientGone):
                await response(scope, _nothing, self)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def replayed(body: bytes, receive: Receive) -> Receive:
    """A body that was read already, for whoever reads it now."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def is_preflight(scope: Scope, given: Headers) -> bool:
    """Whether a browser asks what it may send."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" in given


def bearer(given: Headers) -> str:
    """The key of a request; "" if it has none, or several."""
    values = given.getlist("authorization")
    if len(values) != 1:
        return ""
    scheme, _, token = values[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def request_id(given: Headers) -> str:
    """The id that the caller gave, if it is a harmless one, else a new one."""
    asked = given.get("x-request-id", "")
    return asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)


def whereabouts(error: BaseException) -> str:
    """What is logged of a fault: its kind and the lines it went through, without what it was about."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)
    )
