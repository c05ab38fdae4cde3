"""W16, W17 and W8's files: what is secret is in no answer and no log, and what is logged is one line of JSON."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from factdesk.corpus.errors import UsageError
from factdesk.qa.desk import Desk
from factdesk.serve.app import build_app
from factdesk.serve.keys import FILE, Keys, Scope
from factdesk.serve.run import server_of
from factdesk.serve.service import Service
from factdesk.serve.settings import Settings
from factdesk.tests.serve.attack import Target, routes_of, target, until

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

EMAIL = "canary.person@example.org"
JSON = ("Content-Type", "application/json")
FIELDS = {"time", "level", "event", "request", "method", "route", "status", "ms", "client"}


@pytest.fixture
def desk(library: Library, tmp_path: Path) -> Iterator[Target]:
    with target(library.home, tmp_path) as found:
        yield found


def everything(desk: Target, words: str) -> str:
    """All that the service answers and logs when words are put into every field, but for what repeats a question."""
    text = json.dumps(words)
    called = '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": %s}}'
    bodies = [
        ("/v1/ask", f'{{"question": {text}}}'),
        ("/v1/ask", f'{{"question": "cost", "conversation_id": {text}}}'),
        ("/v1/ask", f'{{"question": "cost", "history": [{text}]}}'),
        ("/v1/ask", f'{{"question": 1, {text}: {text}}}'),
        ("/v1/search", f'{{"query": {text}}}'),
        ("/retrieval", f'{{"knowledge_id": {text}, "query": {text}}}'),
        ("/v1/chat/completions", f'{{"model": {text}, "messages": [{{"role": "user", "content": {text}}}]}}'),
        ("/v1/feedback", f'{{"answer_id": {text}, "rating": {text}, "reason": {text}}}'),
        ("/mcp", f'{{"jsonrpc": "2.0", "id": 1, "method": {text}}}'),
        ("/mcp", called % f'{{"question": {text}}}'),
        ("/mcp", called % f'{{"other": {text}}}'),
        ("/mcp", f'{text} {text}'),
        ("/v1/ask", f'{{"question": {text}'),
    ]  # fmt: skip
    replies = []
    for path, body in bodies:
        headers = [
            JSON,
            ("Accept", "application/json, text/event-stream"),
            ("X-Request-Id", words),
            ("User-Agent", words),
        ]
        replies.append(desk.request("POST", path, headers, body.encode(), key="both"))
    for route in routes_of(desk):
        for key in (None, "site", "both", "admin"):
            replies.append(
                desk.request(route.method, f"{route.path}?words={words}&key={words}", [JSON], b"{}", key=key)
            )
    # Of the answers those count that are no answer to these words.
    return "\n".join(reply.text for reply in replies[len(bodies) :]) + str([reply.headers for reply in replies])


def test_w16_no_key_no_path_and_nobody_s_words_are_in_an_answer_a_log_or_a_description(
    desk: Target, library: Library
) -> None:
    """W16"""
    said = everything(desk, EMAIL)
    described = "\n".join(map(repr, (desk.settings, desk.keys, Keys(desk.home).all(), desk.server.config.app)))
    metrics = desk.request("GET", "/metrics", key="admin").text
    for where in (said, desk.log.text, described, metrics, (desk.home / FILE).read_text()):
        assert [name for name, token in desk.tokens.items() if token in where] == []
    for where in (desk.log.text, metrics):
        assert EMAIL not in where and EMAIL.split("@")[0] not in where
    for where in (said, desk.log.text, metrics):
        assert str(desk.home) not in where and str(library.folder) not in where
        assert "Traceback" not in where and "site-packages" not in where
    # The words are in the queue of what could not be answered, which is the administrator's, and in no other's answer.
    assert EMAIL not in desk.request("GET", "/v1/questions", key="both").text


def test_w16_a_question_is_in_the_log_only_if_that_is_switched_on(library: Library, tmp_path: Path) -> None:
    """W16"""
    question = json.dumps({"question": f"Is {EMAIL} named?\n\x1b]0;x\x07"}).encode()
    for switched in (False, True):
        with target(library.home, tmp_path / str(switched), with_keys=False, log_questions=switched) as desk:
            assert desk.request("POST", "/v1/ask", [JSON], question).status == 200
            assert (EMAIL in desk.log.text) is switched
            assert "\x1b" not in desk.log.text
            assert all(isinstance(json.loads(line), dict) for line in desk.log.lines)


def test_w16_a_fault_of_ours_tells_where_it_is_in_the_log_and_no_more(
    desk: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W16: neither what it was about nor the way through the code."""

    def fails(*_: object) -> None:
        raise RuntimeError(f"{EMAIL} {desk.home}")

    monkeypatch.setattr(Desk, "compare", fails)
    reply = desk.request("GET", "/v1/compare?measure=x", [("X-Request-Id", "mine")], key="read")
    assert (reply.status, reply.code, reply.json["error"]["message"]) == (
        500, "internal", "something went wrong here; it is in the log as mine",
    )  # fmt: skip
    assert reply.header("x-content-type-options") == "nosniff"
    until(lambda: '"fault"' in desk.log.text)
    (line,) = [line for line in desk.log.lines if '"fault"' in line]
    assert json.loads(line)["where"].startswith("RuntimeError at test_threats_secrets.py:")
    assert EMAIL not in desk.log.text and str(desk.home) not in desk.log.text


def test_w16_a_damaged_index_is_told_without_its_place(library: Library, tmp_path: Path) -> None:
    """W16"""
    with target(library.home, tmp_path, ready=False, with_keys=False) as desk:
        until(lambda: desk.request("GET", "/readyz").status == 200)
    for file in (tmp_path / "home").rglob("*.sqlite"):
        file.write_bytes(b"nothing" * 100)
    with target(library.home, tmp_path, ready=False, with_keys=False) as desk:
        until(lambda: "cannot be opened" in desk.log.text)
        for path in ("/readyz", "/v1/subjects", "/v1/figures", "/v1/compare?measure=x", "/v1/passages/x"):
            reply = desk.request("GET", path)
            assert (reply.status, reply.code, reply.header("retry-after")) == (503, "no_index", "5")
            assert str(tmp_path) not in reply.text
        assert desk.request("GET", "/healthz").status == 200
        assert str(tmp_path) not in desk.log.text


def test_w16_what_is_kept_is_its_owner_s_alone(desk: Target) -> None:
    """W16: the keys, and what people asked."""
    nowhere = json.dumps({"question": "How deep is the sea at Nowhere?"}).encode()
    assert desk.request("POST", "/v1/ask", [JSON], nowhere, key="ask").json["abstained"]
    until(lambda: desk.request("GET", "/v1/questions", key="admin").json["questions"])
    modes = {name: stat.S_IMODE((desk.home / name).stat().st_mode) for name in (FILE, "feedback.sqlite")}
    assert modes == {FILE: 0o600, "feedback.sqlite": 0o600}


# W17


@pytest.mark.parametrize(
    "words",
    ["a\r\nb", "\x1b]0;x\x07", "\x1b[2J", "\u202e", "\u2028", '", "level": "ERROR', "a\nb", "\x00", "\x85", "%0a%0d"],
)
def test_w17_nothing_that_is_sent_begins_a_line_of_the_log_or_steers_a_terminal(desk: Target, words: str) -> None:
    """W17"""
    text = json.dumps({"question": words, words: words}).encode()
    desk.request("POST", "/v1/ask", [JSON], text, key="ask")
    shown = "".join(character if 32 < ord(character) < 127 else "%0A" for character in words)
    for method, path in (("GET", f"/{shown}"), (shown.replace("/", ""), "/healthz"), ("GET", f"/v1/passages/{shown}")):
        desk.request(method, path, [("X-Request-Id", shown), ("User-Agent", shown)], key="ask")
    desk.send(f"GET /\x1b[2J HTTP/1.1\r\nHost: {desk.host}\r\n\r\n".encode())
    lines = [json.loads(line) for line in desk.log.lines]
    assert all(line.isprintable() and line.isascii() for line in desk.log.lines)
    requests = [line for line in lines if line.get("event") == "request"]
    assert requests and all(set(line) == FIELDS for line in requests)
    assert {line["level"] for line in lines} <= {"INFO", "WARNING"}


# The file of the keys (W8)


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"{", b"[]", b"null", b'{"keys": 1}', b'{"keys": [{}]}', b"\xff\xfe", b"[" * 100_000,
        b'{"keys": [{"id": "x", "name": "x", "digest": "\\u00e9", "scopes": ["admin"], "origins": [], "created": ""}]}',
        b'{"keys": [{"id": "x", "name": "x", "digest": "", "scopes": ["admin"], "origins": [], "created": ""}]}',
        b'{"keys": [{"id": "x", "name": "x", "digest": null, "scopes": ["admin"], "origins": [], "created": ""}]}',
    ],
    ids=range(11),
)  # fmt: skip
def test_w8_damaged_keys_let_nobody_in(library: Library, tmp_path: Path, damage: bytes) -> None:
    """W8"""
    keys = Keys(tmp_path)
    _, token = keys.create("x", [Scope.ADMIN])
    keys.path.write_bytes(damage)
    app = build_app(Service(Settings(home=tmp_path)), keys)
    asked = [(path, given) for path in ("/v1/subjects", "/metrics", "/nothing") for given in (token, "", "x")]
    assert {gone_in(app, path, given) for path, given in asked} == {(503, "keys_unusable")}
    assert gone_in(app, "/healthz", "") == (200, "")


def gone_in(app: object, path: str, token: str) -> tuple[int, str]:
    """What an application answers without a socket: status and code."""

    async def get() -> tuple[int, str]:
        transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            reply = await client.get(path, headers={"authorization": f"Bearer {token}"} if token else {})
        return reply.status_code, str(reply.json().get("error", {}).get("code", ""))

    return asyncio.run(get())


@pytest.mark.parametrize("way", ["revoked", "deleted"])
def test_w8_to_lose_the_last_key_shuts_a_service_and_does_not_open_it(tmp_path: Path, way: str) -> None:
    """W8: on the loopback too, where a service that never had a key needs none."""
    keys = Keys(tmp_path)
    app = build_app(Service(Settings(home=tmp_path)), keys)
    assert gone_in(app, "/nothing", "") == (404, "not_found")
    key, token = keys.create("x", [Scope.ADMIN])
    assert gone_in(app, "/nothing", "") == (401, "no_key")
    assert gone_in(app, "/nothing", token) == (404, "not_found")
    if way == "revoked":
        keys.revoke(key.id)
        # Nor does a service that begins now.
        later = build_app(Service(Settings(home=tmp_path)), Keys(tmp_path))
        assert gone_in(later, "/nothing", "") == (401, "no_key")
    else:
        keys.path.unlink()
    assert {gone_in(app, "/nothing", given) for given in ("", token)} == {(401, "no_key")}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example.org", "", "127.0.0.1.example.org", "0"])
def test_w8_beyond_the_loopback_nothing_starts_or_answers_without_a_key(tmp_path: Path, host: str) -> None:
    """W8"""
    settings = Settings(home=tmp_path, host=host)
    with pytest.raises(UsageError, match="there is no key yet"):
        server_of(settings)
    assert gone_in(build_app(Service(settings)), "/nothing", "") == (401, "no_key")
