"""W9, W10, W11, W14 and W19: what a request may say. Nothing of it is a path, an address, a query or too much."""

from __future__ import annotations

import ast
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import factdesk.serve
from factdesk.serve.shapes import LONGEST_MESSAGE, MOST_MESSAGES
from factdesk.tests.serve.attack import Reply, Target, target

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

JSON = ("Content-Type", "application/json")
MCP = [JSON, ("Accept", "application/json, text/event-stream")]
REFUSED = {400, 413, 415, 422}
CANARY = "canary-in-a-file-5d1c"
SEED = 20261122


@pytest.fixture(scope="module")
def desk(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A service with keys, beside whose index lies a file that nobody may see."""
    folder = tmp_path_factory.mktemp("input")
    (folder / "canary.txt").write_text(CANARY)
    with target(library.home, folder, rate=100_000) as found:
        (found.home / "canary.txt").write_text(CANARY)
        yield found


def post(desk: Target, path: str, body: Any, *headers: tuple[str, str], key: str = "both") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return desk.request("POST", path, [*MCP, *headers], data, key=key)


def call(desk: Target, tool: str, **arguments: Any) -> Any:
    """What a tool answers over HTTP."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    reply = desk.request("POST", "/mcp", MCP, json.dumps(asked).encode(), key="both")
    assert reply.status == 200, reply.body
    return reply.json


# W9: paths


def paths(home: Path) -> list[str]:
    """Names of files, as an attacker writes them: of one that is there, by every road."""
    near = [
        "canary.txt",
        "../canary.txt",
        "../../canary.txt",
        "keys.json",
        "gen-000001/manifest.json",
        "feedback.sqlite",
    ]
    far = [
        str(home / "canary.txt"),
        str(home.parent / "canary.txt"),
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "~/.ssh/id_rsa",
    ]
    climbs = ["../" * times + "etc/passwd" for times in (1, 3, 12)]
    tricks = [
        name.replace("../", other) for name in near[1:3] for other in ("..\\", "....//", ".../", "..;/", "..%c0%af")
    ]
    ended = [
        f"{name}{end}" for name in near[:4] for end in ("\x00", "\x00.png", "%00", " ", ".", "::$DATA", "/", ":0-20")
    ]
    schemes = [
        f"{scheme}{home}/canary.txt"
        for scheme in ("file://", "file:", "\\\\127.0.0.1\\", "//127.0.0.1/", "/proc/self/cwd")
    ]
    return [*near, *far, *climbs, *tricks, *ended, *schemes]


def encoded(name: str) -> set[str]:
    """Spellings of a name in an address."""
    once = quote(name, safe="")
    return {once, quote(once, safe=""), quote(name, safe="/"), quote(name, safe="/").replace(".", "%2e")}


def test_w9_no_name_of_a_file_gets_a_file(desk: Target) -> None:
    """W9: ids are looked up, never joined to a path."""
    spellings = sorted({each for name in paths(desk.home) for each in encoded(name)})
    assert len(spellings) >= 150
    got: dict[int, int] = {}
    with desk.client("admin") as client:
        for name in spellings:
            for route in ("/v1/passages/{}", "/v1/documents/{}/pages/1.png", "/v1/questions/{}", "/v1/models/{}"):
                reply = client.request("GET", client.base_url.copy_with(raw_path=route.format(name).encode()))
                assert CANARY not in reply.text
                assert "root:" not in reply.text
                got[reply.status_code] = got.get(reply.status_code, 0) + 1
    assert set(got) <= {404, 405, 422}, got


def test_w9_no_filter_and_no_argument_of_a_tool_gets_a_file(desk: Target) -> None:
    """W9"""
    for name in paths(desk.home):
        shown = name.replace("\x00", "\ufffd")
        listed = [
            desk.request("GET", f"/v1/figures?document={quote(shown, safe='')}", key="read").json["total"],
            len(call(desk, "find_figures", document=shown[:200])["result"]["structuredContent"]["figures"]),
        ]
        assert listed == [0, 0], name
        fetched = call(desk, "fetch", id=shown[:200])["result"]
        assert fetched["isError"] and CANARY not in json.dumps(fetched), name


# W10: addresses


@contextmanager
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port of the loopback, and who came."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def wait() -> None:
            while not stop.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                came.append(str(address))
                connection.close()

        thread = threading.Thread(target=wait)
        thread.start()
        yield server.getsockname()[1], came
        stop.set()
        thread.join()


def test_w10_no_address_in_a_request_is_ever_gone_to(desk: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """W10: whatever its spelling, in whatever field; nor is a proxy of the environment asked."""
    with listener() as (port, came):
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        hosts = (
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f.1",
            "[::ffff:127.0.0.1]",
            "evil@127.0.0.1",
            "[64:ff9b::7f00:1]",
        )
        for url in [f"http://{host}:{port}/x" for host in hosts]:
            post(desk, "/v1/ask", {"question": f"What is at {url}?", "history": [url]})
            post(desk, "/v1/chat/completions", {"model": url, "messages": [{"role": "user", "content": url}]})
            picture = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": url}]
            chat = {"messages": [{"role": "user", "content": picture}], "base_url": url, "tools": [{"url": url}]}
            assert post(desk, "/v1/chat/completions", chat).status == 200
            post(desk, "/retrieval", {"knowledge_id": url, "query": url, "endpoint": url})
            post(desk, "/v1/feedback", {"answer_id": url, "rating": "up", "reason": url, "correction": url})
            desk.request("GET", f"/v1/passages/{quote(url, safe='')}", [("Referer", url)], key="both")
            desk.request("GET", f"/v1/figures?words={quote(url, safe='')}", [("Forwarded", f"host={url}")], key="both")
            for tool, name in (
                ("fetch", "id"),
                ("ask", "question"),
                ("search", "query"),
                ("compare_figures", "measure"),
            ):
                call(desk, tool, **{name: url})
    assert came == []


def test_w10_nothing_in_the_service_could_go_to_an_address() -> None:
    """W10: it imports no client of any protocol."""
    clients = {"httpx", "httpx2", "requests", "urllib3", "aiohttp", "http", "ftplib", "smtplib", "socket", "telnetlib"}
    imported = set()
    for file in Path(factdesk.serve.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            imported |= set(names)
    assert {name for name in imported if name.split(".")[0] in clients or name == "urllib.request"} == set()


# W11: too much, too deep, too odd

MESSAGE = {"role": "user", "content": "What does it cost?"}


@pytest.mark.parametrize(
    "path", ["/v1/ask", "/v1/search", "/retrieval", "/v1/chat/completions", "/v1/feedback", "/mcp"]
)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="lists in lists"),
        pytest.param(b'{"question":' * 50_000 + b"1" + b"}" * 50_000, id="objects in objects"),
        pytest.param(b'{"question":' + b"[" * 100_000, id="never closed"),
        pytest.param(b'{"question":"\xff\xfe","query":"\xff","answer_id":"\xff"}', id="no UTF-8"),
        pytest.param(b'{"a":' + b"9" * 100_000 + b"}", id="a number of 100,000 digits"),
        pytest.param(b'{"question":NaN,"query":Infinity,"messages":-Infinity}', id="no numbers"),
        pytest.param(b'{"\\ud800":1,"question":"\\ud800","query":"\\udfff"}', id="half characters"),
        pytest.param(b"{" + b",".join(b'"k%d":0' % at for at in range(60_000)) + b"}", id="60,000 fields"),
        pytest.param(b'{"' + b"k" * 900_000 + b'":1}', id="one field with a long name"),
        pytest.param(b"[" + b"0," * 400_000 + b"0]", id="a long list"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\x00" * 100, id="packed"),
    ],
)
def test_w11_what_is_no_request_is_refused_in_few_words(desk: Target, path: str, body: bytes) -> None:
    """W11"""
    reply = post(desk, path, body)
    assert reply.status in REFUSED, reply.body[:200]
    # What was sent does not come back.
    assert len(reply.body) < 2_000
    assert b"kkkk" not in reply.body


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("/v1/ask", {"question": "a" * 4_001}, 422),
        ("/v1/ask", {"question": ""}, 422),
        ("/v1/ask", {"question": "   "}, 422),
        ("/v1/ask", {"question": "cost", "passages": 10**9}, 422),
        ("/v1/ask", {"question": "cost", "passages": -1}, 422),
        ("/v1/ask", {"question": "cost", "passages": 1.5}, 422),
        ("/v1/ask", {"question": "cost", "passages": True}, 422),
        ("/v1/ask", {"question": "cost", "passages": "1"}, 422),
        ("/v1/ask", {"question": ["cost"]}, 422),
        ("/v1/ask", {"question": "cost", "history": ["a"] * 41}, 422),
        ("/v1/ask", {"question": "cost", "history": ["a" * 4_001]}, 422),
        ("/v1/ask", {"question": "cost", "conversation_id": "x" * 65}, 422),
        ("/v1/ask", {"question": "cost", "path": "/etc/passwd"}, 422),
        ("/v1/search", {"query": "cost", "limit": 10**9}, 422),
        ("/v1/search", {"query": "cost", "limit": 0}, 422),
        ("/retrieval", {"query": "cost", "retrieval_setting": {"top_k": 10**9}}, 422),
        ("/v1/chat/completions", {"messages": [MESSAGE], "n": 10**9}, 422),
        ("/v1/chat/completions", {"messages": [MESSAGE], "n": -1}, 422),
        ("/v1/chat/completions", {"messages": []}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": ""}] * (MOST_MESSAGES + 1)}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "a" * (LONGEST_MESSAGE + 1)}]}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "a" * 5_000}]}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": [{"type": "text"}] * 101}]}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "evil", "content": "cost"}]}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "cost"}]}, 422),
        # What it says of sampling has no meaning here.
        ("/v1/chat/completions", {"messages": [MESSAGE], "max_tokens": 10**9, "temperature": -1e308}, 200),
        ("/v1/feedback", {"answer_id": "a", "rating": "up", "reason": "a" * 2_001}, 422),
        ("/v1/feedback", {"answer_id": "a", "rating": "sideways"}, 422),
        ("/v1/feedback", {"answer_id": "a" * 65, "rating": "up"}, 422),
    ],
)  # fmt: skip
def test_w11_what_is_out_of_bounds_is_refused(desk: Target, path: str, body: Any, status: int) -> None:
    """W11"""
    assert post(desk, path, body).status == status


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=1001", "limit=1e9", "limit=NaN", "limit=" + "9" * 5000, "offset=-1", f"offset={1 << 60}",
        "sort=evil", "format=html", "words=" + "a" * 201, "subject=" + "a" * 201, "limit=", "limit=1&limit=x",
    ],
)  # fmt: skip
def test_w11_filters_out_of_bounds_are_refused(desk: Target, query: str) -> None:
    """W11"""
    assert desk.request("GET", f"/v1/figures?{query}", key="read").status == 422


def test_w11_the_last_of_two_fields_of_one_name_counts(desk: Target) -> None:
    """W11: as everywhere in Python; there is no second reader here that could take the first."""
    assert post(desk, "/v1/ask", b'{"question":"What?","question":"Which cost?"}').json["question"] == "Which cost?"


@pytest.mark.parametrize("name", ["gzip", "br", "deflate", "x", "identity, gzip", "GZIP"])
def test_w11_packed_bodies_are_refused(desk: Target, name: str) -> None:
    """W11: they could be of any size."""
    body = b'{"question":"Which cost?"}'
    assert post(desk, "/v1/ask", body, ("Content-Encoding", name)).status == 415
    assert post(desk, "/v1/ask", body, ("Content-Encoding", "identity"), ("Content-Encoding", name)).status == 415


@pytest.mark.parametrize("way", ["declared", "chunked", "declared too short"])
def test_w11_a_body_of_ten_megabytes_is_refused_before_it_is_read(desk: Target, way: str) -> None:
    """W11"""
    size = 10 << 20
    head = f"POST /v1/ask HTTP/1.1\r\nHost: {desk.host}\r\nAuthorization: Bearer {desk.tokens['ask']}\r\n"
    if way == "chunked":
        piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        reply = desk.send(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + piece * 160)
    elif way == "declared":
        reply = desk.send(head.encode() + f"Content-Length: {size}\r\n\r\n".encode())
    else:
        # What goes beyond the length is another request, and none.
        reply = desk.send(
            head.encode() + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" + b"a" * size
        )
        assert reply.status == 422
        return
    assert (reply.status, reply.code, reply.header("connection")) == (413, "too_large", "close")


def test_w11_a_long_history_costs_no_more_than_a_short_one() -> None:
    """W11: what a question leans on is bounded in all, not only each turn."""
    from factdesk.serve.talks import MOST_HISTORY, MOST_TURNS, leaned_on

    assert leaned_on(["a" * 4_000] * 40) == ["a" * 4_000] * (MOST_HISTORY // 4_000)
    assert leaned_on([str(at) for at in range(100)]) == [str(at) for at in range(100 - MOST_TURNS, 100)]
    assert leaned_on(["one", "?!", "", "two"]) == ["one", "two"]


# W14: queries

SYNTAX = [
    '"', "AND", "-x", "col:", "(", ")", "*", "NEAR(a b)", "a OR", "NOT", "^a", "a + b", "{text}: x", "'", "''",
    "\\", ";", "--",
    "' OR '1'='1", "'; DROP TABLE passages; --", "x' UNION SELECT sql FROM sqlite_master --", "\" OR 1=1 --",
    "%", "_", "%%%",
    "1; ATTACH DATABASE '/tmp/x' AS y", "load_extension('x')", "randomblob(1000000000)", "text:lindholm",
    "rowid:1", "a\x00b",
    "\u202e", "\ufeff", "\u0000", "ſ", "𝟙", "١٢٣", "²", "e\u0301" * 40, "\U0001f600", "\r\n", "\x1b]0;x\x07",
]  # fmt: skip


def printable(count: int) -> list[str]:
    """Words of random characters, the same ones every time."""
    chance = random.Random(SEED)
    ranges = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x600, 0x6FF), (0x2000, 0x206F), (0x1F300, 0x1F5FF)]
    return [
        "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(chance.randint(1, 30))) for _ in range(count)
    ]


def test_w14_no_word_of_a_query_language_is_one_here(desk: Target) -> None:
    """W14: each is answered as any other word is, in every field that is looked for."""
    with desk.client("both") as client:
        before = client.get("/v1/figures").json()["total"]
        for words in [*SYNTAX, *printable(60)]:
            got = {
                "ask": client.post("/v1/ask", json={"question": words}).status_code,
                "ask more": client.post("/v1/ask", json={"question": f"What does {words} cost?"}).status_code,
                "search": client.post("/v1/search", json={"query": words}).status_code,
                "compare": client.get("/v1/compare", params={"measure": words}).status_code,
            }
            for name in ("words", "subject", "measure", "unit", "document", "period"):
                got[name] = client.get("/v1/figures", params={name: words}).status_code
            # A question without a letter or a digit is refused as empty.
            assert set(got.values()) <= {200, 422}, (words, got)
            assert got["ask more"] == got["words"] == got["document"] == 200, (words, got)
        assert client.get("/v1/figures").json()["total"] == before


# W19: tools


def test_w19_the_tools_read_and_take_no_path_or_address(desk: Target) -> None:
    """W19: a tool or an argument that is added must be added here."""
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    tools = desk.request("POST", "/mcp", MCP, json.dumps(listed).encode(), key="read").json["result"]["tools"]
    found = {tool["name"]: sorted(tool["inputSchema"].get("properties", {})) for tool in tools}
    assert found == {
        "search": ["query"],
        "fetch": ["id"],
        "ask": ["question"],
        "find_figures": ["document", "limit", "measure", "period", "subject", "unit", "words"],
        "compare_figures": ["measure"],
        "list_subjects": [],
        "list_measures": [],
        "list_documents": [],
    }
    for tool in tools:
        hints = tool["annotations"]
        assert (hints["readOnlyHint"], hints["destructiveHint"], hints["openWorldHint"]) == (True, False, False)
        for argument in tool["inputSchema"].get("properties", {}).values():
            kinds = argument.get("anyOf", [argument])
            assert all(k["type"] in ("integer", "null") or k["maxLength"] <= 4_000 for k in kinds), (
                tool["name"],
                argument,
            )


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": "a" * 4_001},
        {"query": ""},
        {},
        {"query": 1},
        {"query": None},
        {"query": ["a"]},
        {"query": "a", "limit": 10**9},
    ],
)
def test_w19_a_tool_with_wrong_arguments_says_so_in_few_words(desk: Target, arguments: Any) -> None:
    """W19"""
    given = call(desk, "search", **arguments)
    if "limit" in arguments:
        return
    assert given["result"]["isError"] and len(json.dumps(given)) < 2_000


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
def test_w19_tools_have_no_streams_and_no_sessions_that_could_be_held_open(desk: Target, method: str) -> None:
    """W19"""
    assert desk.request(method, "/mcp", [("Accept", "text/event-stream")], key="both").status == 405
