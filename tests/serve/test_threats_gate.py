"""W7 and W8: who may come in, and from where. Every route of the running application is tried, so that a new one is.

Beside the list: what a proxy before the service and the service might take for two different requests.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from factdesk.serve.guard import FOR_OTHER_SITES, PUBLIC_FOLDER
from factdesk.tests.serve.attack import FOREIGN, SITE, Reply, Route, Target, read_reply, routes_of, target

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
JSON = ("Content-Type", "application/json")
QUESTION = b'{"question": "What did the OCS cost a month?"}'


@pytest.fixture(scope="module")
def desk(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A service with keys."""
    with target(library.home, tmp_path_factory.mktemp("gate"), rate=100_000) as found:
        yield found


def closed(desk: Target) -> list[Route]:
    """The routes that need a key."""
    found = [route for route in routes_of(desk) if not route.public]
    assert len(found) >= 20
    return found


def ask(desk: Target, *headers: tuple[str, str], key: str | None = "ask", host: str = "") -> Reply:
    return desk.request("POST", "/v1/ask", [JSON, *headers], QUESTION, key=key, host=host)


# W8: keys


def wrong_keys(desk: Target) -> dict[str, list[tuple[str, str]]]:
    """Ways to come without a right key."""
    token = desk.tokens["admin"]
    basic = base64.b64encode(f"{token}:".encode()).decode()
    return {
        "none": [],
        "empty": [("Authorization", "")],
        "empty bearer": [("Authorization", "Bearer")],
        "blank bearer": [("Authorization", "Bearer  ")],
        "wrong": [("Authorization", "Bearer fd_" + "A" * 43)],
        "upper case": [("Authorization", f"Bearer {token.upper()}")],
        "one letter more": [("Authorization", f"Bearer {token}A")],
        "one letter less": [("Authorization", f"Bearer {token[:-1]}")],
        "another scheme": [("Authorization", f"Basic {basic}")],
        "no scheme": [("Authorization", token)],
        "its checksum": [("Authorization", f"Bearer {desk.keys['admin'].digest}")],
        "its id": [("Authorization", f"Bearer {desk.keys['admin'].id}")],
        "two of them": [("Authorization", f"Bearer {token}")] * 2,
        "two in one": [("Authorization", f"Bearer {token}, Bearer {token}")],
        "another header": [("X-Api-Key", token), ("Proxy-Authorization", f"Bearer {token}")],
        "a cookie": [("Cookie", f"key={token}; authorization=Bearer {token}")],
        "not ASCII": [("Authorization", "Bearer \xe9\xff")],
        "as if forwarded": [
            ("X-Forwarded-For", "127.0.0.1"),
            ("X-Real-Ip", "127.0.0.1"),
            ("Forwarded", "for=127.0.0.1"),
        ],
        "another method": [("X-Http-Method-Override", "GET"), ("X-Original-Url", "/healthz")],
    }


def test_w8_no_route_but_the_public_ones_answers_without_a_right_key(desk: Target) -> None:
    """W8"""
    refused = {
        (route, how): desk.request(route.method, route.path, [JSON, *headers], b"{}").status
        for route in closed(desk)
        for how, headers in wrong_keys(desk).items()
    }
    assert {pair: status for pair, status in refused.items() if status != 401} == {}


def test_w8_what_is_public_is_health_and_pages_alone(desk: Target) -> None:
    """W8"""
    library = ("/v1/", "/mcp", "/retrieval", "/metrics", "/openapi.json")
    assert [route for route in routes_of(desk) if route.public and route.path.startswith(library)] == []
    health = [desk.request("GET", path).json for path in ("/healthz", "/readyz")]
    assert health == [{"status": "ok"}, {"status": "ok", "generation": "gen-000001"}]


@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "token", "authorization"])
def test_w8_a_key_in_the_address_is_no_key(desk: Target, name: str) -> None:
    """W8"""
    assert desk.request("GET", f"/v1/subjects?{name}={desk.tokens['read']}").status == 401


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PUT", "DELETE", "PROPFIND", "get", "QUERY"])
def test_w8_no_method_opens_a_route(desk: Target, method: str) -> None:
    """W8"""
    for path in sorted({route.path for route in closed(desk)}):
        assert desk.request(method, path).status == 401, path


@pytest.mark.parametrize(
    "path",
    [
        "//v1/subjects", "/v1//subjects", "/v1/subjects/", "/v1/./subjects", "/v1/x/../subjects", "/V1/SUBJECTS",
        "/static/../v1/subjects", "/static/%2e%2e/v1/subjects", "/static/..%2fv1%2fsubjects", "/healthz/../v1/subjects",
        "/healthz/..%2fv1/subjects", "/healthz%2f..%2fv1%2fsubjects", "/v1%2fsubjects", "/v1/subjects%00",
        "/%76%31/subjects", "/healthz%00/v1/subjects", "/embed/../v1/subjects", "/widget.js/v1/subjects",
        "/v1\\subjects", "/v1/subjects;a",
        "http://127.0.0.1/v1/subjects", "https://healthz/v1/subjects", "*", "/./v1/subjects", "/.%2e/v1/subjects",
        "/healthz?/v1/subjects", "/healthz#/v1/subjects", "/v1/subjects?/healthz", "/v1/..", "/v1/../admin",
    ],
)  # fmt: skip
def test_w8_no_spelling_of_a_path_goes_round_the_gate(desk: Target, path: str) -> None:
    """W8: nothing of the library comes without a key, and no answer sends a client with its key anywhere."""
    reply = desk.request("GET", path)
    assert reply.status in (200, 400, 401, 404)
    assert reply.status != 200 or reply.json == {"status": "ok"}
    assert "Lindholm" not in reply.text
    assert reply.header("location") is None


@pytest.mark.parametrize("path", ["/v1/ask/", "/mcp/", "/v1/subjects/", "/healthz/", "//v1/ask"])
def test_w8_nothing_redirects_so_that_no_key_is_sent_on_over_plain_http(desk: Target, path: str) -> None:
    """W8"""
    for method in ("GET", "POST"):
        reply = desk.request(method, path, [JSON, ("X-Forwarded-Proto", "https")], QUESTION, key="admin")
        assert (reply.status, reply.header("location")) == (404, None)


def test_w8_a_key_of_ten_megabytes_is_not_looked_at(desk: Target) -> None:
    """W8"""
    assert ask(desk, ("Authorization", "Bearer " + "A" * (10 << 20)), key=None).status in (0, 400)
    assert ask(desk).status == 200


@pytest.mark.parametrize(
    "name, may",
    [
        ("ask", {"/v1/ask", "/v1/chat/completions", "/v1/models", "/v1/feedback", "/v1/passages", "/v1/documents/",
                 "/v1/measures", "/v1/subjects", "/openapi.json"}),
        ("read", {"/v1/search", "/v1/figures", "/v1/compare", "/retrieval", "/mcp", "/v1/passages", "/v1/documents",
                  "/v1/measures", "/v1/subjects", "/openapi.json"}),
        ("admin", {"/v1", "/metrics", "/mcp", "/retrieval", "/openapi.json"}),
    ],
)  # fmt: skip
def test_w8_a_key_opens_what_it_is_for_and_nothing_else(desk: Target, name: str, may: set[str]) -> None:
    """W8"""
    opened = {
        route.path
        for route in closed(desk)
        if desk.request(route.method, route.path, [JSON], b"{}", key=name).status not in (401, 403)
    }
    assert opened == {route.path for route in closed(desk) if route.path.startswith(tuple(may))}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_w8_the_right_key_opens(desk: Target, scheme: str) -> None:
    """W8"""
    assert ask(desk, ("Authorization", f"{scheme} {desk.tokens['ask']}"), key=None).status == 200


def test_w8_a_refusal_says_how_to_come_in_and_waits_for_no_body(desk: Target) -> None:
    """W8"""
    head = f"POST /v1/ask HTTP/1.1\r\nHost: {desk.host}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
    reply = desk.send(head.encode())
    assert (reply.status, reply.header("www-authenticate")) == (401, 'Bearer realm="factdesk"')


# W7: Host, Origin, CORS


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.net", "127.0.0.1", "127.0.0.1:1", "localhost", "localhost.:PORT", "127.0.0.1:PORT.",
        "0.0.0.0:PORT",
        "127.1:PORT", "2130706433:PORT", "0x7f000001:PORT", "[::ffff:127.0.0.1]:PORT", "[::]:PORT", "::1:PORT",
        "evil@127.0.0.1:PORT", "127.0.0.1:PORT@evil", "127.0.0.1:PORT, evil", "localhost.evil:PORT",
        "127.0.0.1:PORT/evil",
        "127.0.0.1:0PORT", "127.0.0.1:PORT:80", "\xe9:PORT", "evil:PORT", "localhost:PORT#evil", "xn--localhost:PORT",
    ],
)  # fmt: skip
def test_w7_a_service_answers_to_its_own_names_only(desk: Target, host: str) -> None:
    """W7: so that a foreign name that is made to lead here (DNS rebinding) gets nothing, on any route."""
    name = host.replace("PORT", str(desk.port))
    got = {
        desk.request(route.method, route.path, [JSON], b"{}", key="admin", host=name).status
        for route in routes_of(desk)
    }
    assert got <= {400, 421}


def test_w7_no_host_or_two_are_refused(desk: Target) -> None:
    """W7"""
    assert desk.request("GET", "/healthz", host=None, version="1.0").status == 421
    assert desk.request("GET", "/healthz", host=None).status == 400
    assert desk.request("GET", "/healthz", [("Host", "evil.example.net")]).status == 400
    assert desk.request("GET", "/healthz", [("X-Forwarded-Host", "evil.example.net")]).status == 200
    absolute = desk.request("GET", "http://evil.example.net/v1/subjects", key="admin")
    assert absolute.status == 404


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "[::1]"])
def test_w7_it_answers_to_its_own_names(desk: Target, host: str) -> None:
    """W7"""
    assert ask(desk, host=f"{host}:{desk.port}").status == 200


FOREIGN_ORIGINS = [
    FOREIGN, "null", "NULL", "file://", "https://127.0.0.1:PORT", "http://127.0.0.1", "http://127.0.0.1:1",
    "http://localhost.:PORT", "http://127.0.0.1:PORT.", "http://evil@127.0.0.1:PORT", "http://127.0.0.1:PORT/", "*", "",
    "http://[::ffff:127.0.0.1]:PORT", "http://[::1]", "https://intranet.example.org.",
    "https://intranet.example.org:443",
    "http://intranet.example.org", "https://intranet.example.org.evil.net", "https://evil-intranet.example.org",
    "https://sub.intranet.example.org", "https://intranet.example.org, https://evil.example.net",
    "chrome-extension://abc",
]  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_w7_pages_of_other_sites_reach_no_route_even_with_a_key(desk: Target, origin: str) -> None:
    """W7: nor is a preflight answered, nor may they read that they were refused."""
    given = ("Origin", origin.replace("PORT", str(desk.port)))
    for route in routes_of(desk):
        if route.path in FOR_OTHER_SITES or route.path.startswith(PUBLIC_FOLDER):
            continue
        reply = desk.request(route.method, route.path, [JSON, given], b"{}", key="admin")
        assert (reply.status, reply.header("access-control-allow-origin")) == (403, None), route
        asks = ("Access-Control-Request-Method", route.method)
        preflight = desk.request("OPTIONS", route.path, [given, asks])
        assert (preflight.status, preflight.header("access-control-allow-methods")) == (403, None), route


def test_w7_two_origins_are_no_origin(desk: Target) -> None:
    """W7"""
    own = ("Origin", desk.url)
    assert ask(desk, own).status == 200
    assert ask(desk, own, own).status == 403
    assert ask(desk, own, ("Origin", FOREIGN)).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "navigate", "websocket"])
def test_w7_a_foreign_page_cannot_embed_or_load_a_document(desk: Target, site: str, mode: str) -> None:
    """W7: as a picture, a script or a frame; requests that browsers send without an Origin."""
    headers = [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode)]
    for route in closed(desk):
        assert desk.request(route.method, route.path, headers, key="admin").status == 403, route


def test_w7_the_site_of_a_key_may_ask_and_no_other(desk: Target) -> None:
    """W7"""
    there = ("Origin", SITE)
    reply = ask(desk, there, key="site")
    assert reply.status == 200
    assert reply.header("access-control-allow-origin") == SITE
    assert reply.header("access-control-allow-credentials") is None
    assert reply.header("vary") == "Origin"
    assert ask(desk, there, key=None).status == 401
    assert ask(desk, key="site").status == 403
    assert ask(desk, ("Origin", FOREIGN), key="site").status == 403


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT", "TRACE", "x"])
def test_w7_a_preflight_allows_no_more_than_ours_and_needs_a_known_site(desk: Target, method: str) -> None:
    """W7: never "*", never with credentials."""
    reply = desk.request("OPTIONS", "/v1/ask", [("Origin", SITE), ("Access-Control-Request-Method", method)])
    allowed = {name: value for name, value in reply.headers if name.startswith("access-control")}
    assert (reply.status, allowed) == (
        204,
        {
            "access-control-allow-origin": SITE,
            "access-control-allow-methods": "GET, POST, PATCH, DELETE",
            "access-control-allow-headers": "authorization, content-type",
            "access-control-expose-headers": "retry-after, x-request-id",
            "access-control-max-age": "600",
        },
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
def test_w7_what_a_form_of_another_page_can_send_is_no_question(desk: Target, kind: str) -> None:
    """W7"""
    headers = [("Content-Type", kind)] if kind else []
    assert desk.request("POST", "/v1/ask", headers, QUESTION, key="ask").status == 422


def test_w7_every_answer_tells_browsers_not_to_guess_frame_or_keep(desk: Target) -> None:
    """W7"""
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    for route in closed(desk):
        for key in (None, "both"):
            reply = desk.request(route.method, route.path, [JSON], b"{}", key=key)
            assert {name: reply.header(name) for name in expected} == expected, route


# Beside the list: requests that two readers could read differently


def chunked(desk: Target, *more: str) -> bytes:
    size = f"{len(QUESTION):x}"
    head = [
        "POST /v1/ask HTTP/1.1",
        f"Host: {desk.host}",
        f"Authorization: Bearer {desk.tokens['ask']}",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        *more,
        "",
        size,
    ]
    return "\r\n".join(head).encode() + b"\r\n" + QUESTION + b"\r\n0\r\n"


def smuggled(desk: Target) -> bytes:
    """A request that nobody with a right to it has made."""
    return (
        f"GET /metrics HTTP/1.1\r\nHost: {desk.host}\r\nAuthorization: Bearer {desk.tokens['admin']}\r\n\r\n".encode()
    )


@pytest.mark.parametrize("length", ["0", "5", "46", "100000"])
def test_w8_a_body_with_two_lengths_is_refused_and_what_follows_it_is_not_read(desk: Target, length: str) -> None:
    """W8: a proxy may go by one and the service by the other."""
    with desk.connect() as connection:
        connection.sendall(chunked(desk, f"Content-Length: {length}") + b"\r\n" + smuggled(desk))
        reply = read_reply(connection)
        assert (reply.status, reply.code) == (400, "two_lengths")
        assert read_reply(connection).status == 0


@pytest.mark.parametrize(
    "more",
    [
        "Transfer-Encoding: gzip", "Transfer-Encoding: identity", "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +46", "Content-Length: 4 6", "Content-Length: -1", "Content-Length: 46, 46x",
        " folded: x: y\r\n\tz",
        "bad name: x", "nul: a\x00b",
    ],
)  # fmt: skip
def test_w8_a_head_that_is_none_is_refused(desk: Target, more: str) -> None:
    """W8"""
    reply = desk.send(chunked(desk, more) + b"\r\n" + smuggled(desk))
    assert reply.status in (400, 501)
    assert b"factdesk_" not in reply.body


def test_w8_trailers_change_nothing(desk: Target) -> None:
    """W8: a key that comes after the body is none."""
    with_key = chunked(desk) + b"Host: evil.example.net\r\nOrigin: https://evil.example.net\r\n\r\n"
    assert desk.send(with_key).status == 200
    without = with_key.replace(f"Authorization: Bearer {desk.tokens['ask']}\r\n".encode(), b"")
    late = without[:-2] + f"Authorization: Bearer {desk.tokens['ask']}\r\n\r\n".encode()
    assert desk.send(late).status == 401


def test_w8_each_of_several_requests_at_once_needs_its_own_key(desk: Target) -> None:
    """W8: what was allowed before on the same connection counts for nothing."""
    bare = f"GET /v1/subjects HTTP/1.1\r\nHost: {desk.host}\r\n"
    with_key = f"{bare}Authorization: Bearer {desk.tokens['read']}\r\n\r\n".encode()
    foreign = bare.replace(desk.host, "evil.example.net").encode() + b"\r\n"
    with desk.connect() as connection:
        connection.sendall(with_key + bare.encode() + b"\r\n" + foreign + with_key)
        answers = b""
        while len(statuses := [int(status) for status in STATUS.findall(answers)]) < 4:
            part = connection.recv(65536)
            assert part
            answers += part
    assert statuses == [200, 401, 421, 200]


def test_w20_nothing_of_a_document_stands_in_a_header(desk: Target) -> None:
    """W20: the one download has a fixed name, whatever the documents and the request are called."""
    reply = desk.request("GET", "/v1/figures?format=csv&document=%0d%0aSet-Cookie:%20a=b", key="read")
    assert (reply.status, reply.header("content-disposition")) == (200, 'attachment; filename="figures.csv"')
    for value in ("a\nb", "a%0d%0ab", "x" * 65, "<script>", "\xe9", "a b", '"'):
        given = value.replace("\n", "%0a")
        answered = desk.request(
            "GET", f"/v1/models/{given if given.isascii() else 'x'}", [("X-Request-Id", given)], key="ask"
        )
        assert (answered.status, answered.header("set-cookie")) in ((404, None), (400, None))
        assert answered.status == 400 or answered.header("x-request-id") != value
