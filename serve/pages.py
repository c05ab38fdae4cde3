"""The web page, the page for frames and the widget: files that ship with factdesk, served from memory.

1. No path of a request is ever opened: an address is looked up in a table that is made once, at import.
2. A page may load from this service only, and runs no script of its own text; `frame-ancestors` says who may frame it.
3. Scripts and styles hold no secret and are the same for all, so other origins may read them: the widget needs it.
4. Everything is revalidated by its ETag, so a new version is seen at once.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Request, Response

FRAME_PAGE = "/embed"
PAGES = {"/": "index.html", "/figures": "index.html", "/compare": "index.html", "/source": "index.html"}
"""The views of the page: one file, whose script reads the address."""
WIDGET = "/widget.js"
MODULES = ("answer", "api", "app", "chat", "compare", "dom", "embed", "examples", "figures", "source", "words")
STYLES = ("chat", "style")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors "
)
NOBODY = "'none'"
TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file as it is sent."""

    content: bytes
    packed: bytes
    """The same, gzipped."""
    media_type: str
    etag: str


def page_file(name: str) -> PageFile:
    """A file of the folder `page` beside this module."""
    content = (files("factdesk.serve") / "page" / name).read_bytes()
    # Without a time in its head, the packed file is the same at every start.
    packed = gzip.compress(content, 9, mtime=0)
    return PageFile(content, packed, TYPES[name.rpartition(".")[2]], hashlib.sha256(content).hexdigest()[:32])


def static_names() -> dict[str, str]:
    """The address of each file that is no page, and its name."""
    scripts = {f"/static/{name}.js": f"{name}.js" for name in MODULES}
    styles = {f"/static/{name}.css": f"{name}.css" for name in STYLES}
    return {WIDGET: "widget.js", "/static/icon.svg": "icon.svg", "/favicon.ico": "icon.svg", **scripts, **styles}


def content_policy(ancestors: Sequence[str]) -> str:
    """The content security policy of a page that these origins may frame.

    What is no plain origin is left out: a blank or a semicolon in it would write another policy.
    """
    allowed = [origin for origin in ancestors if _ORIGIN.fullmatch(origin)]
    return POLICY + (" ".join(dict.fromkeys(allowed)) or NOBODY)


def page_headers(ancestors: Sequence[str]) -> dict[str, str]:
    """The headers of a page."""
    policy = content_policy(ancestors)
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    # The older header knows "nobody" but not a list of origins.
    return {**headers, "X-Frame-Options": "DENY"} if policy.endswith(NOBODY) else headers


STATIC_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


def respond(request: Request, file: PageFile, headers: Mapping[str, str]) -> Response:
    """A file, or 304 where the caller has it already."""
    packs = "gzip" in {
        offer.partition(";")[0].strip() for offer in request.headers.get("accept-encoding", "").split(",")
    }
    etag = f'"{file.etag}{"-gzip" if packs else ""}"'
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    sent = {**headers, "ETag": etag}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=sent)
    if packs:
        sent["Content-Encoding"] = "gzip"
    return Response(file.packed if packs else file.content, media_type=file.media_type, headers=sent)


FILES = {name: page_file(name) for name in {*PAGES.values(), "embed.html", *static_names().values()}}


def build_pages(frame_ancestors: Callable[[], Sequence[str]] = tuple) -> APIRouter:
    """The routes of the page and the widget. `frame_ancestors` gives the origins that may frame FRAME_PAGE now."""
    router = APIRouter(include_in_schema=False)

    def serve(path: str, name: str, headers: Callable[[], Mapping[str, str]]) -> None:
        def route(request: Request) -> Response:
            return respond(request, FILES[name], headers())

        router.add_api_route(path, route, methods=["GET", "HEAD"], response_model=None, name=f"page {path}")

    for path, name in PAGES.items():
        serve(path, name, lambda: page_headers(()))
    serve(FRAME_PAGE, "embed.html", lambda: page_headers(frame_ancestors()))
    for path, name in static_names().items():
        serve(path, name, lambda: STATIC_HEADERS)
    return router
