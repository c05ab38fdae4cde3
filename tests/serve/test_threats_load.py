"""W12 and W13: clients that are slow, take nothing, come in crowds or flood. Others are served meanwhile.

Times are set short, so that the tests are; none asserts how long something took.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from factdesk.corpus.records import Turn
from factdesk.serve.pool import Busy, Overdue, Pool, asking
from factdesk.serve.talks import MOST_TURNS, Recent, Talks
from factdesk.tests.serve.attack import PATIENCE, Reply, Target, read_reply, routes_of, target, until

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

MOST = 40
QUESTION = b'{"question": "What did the OCS cost a month?"}'


@pytest.fixture(scope="module")
def desk(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A service without patience."""
    short: dict[str, Any] = {"head_time": 0.5, "idle_time": 1, "body_time": 0.5, "send_time": 0.5}
    with target(library.home, tmp_path_factory.mktemp("load"), most_connections=MOST, rate=100_000, **short) as found:
        yield found


def healthy(desk: Target) -> bool:
    return desk.request("GET", "/healthz").status == 200


def ask(desk: Target, key: str = "ask") -> Reply:
    return desk.request("POST", "/v1/ask", [("Content-Type", "application/json")], QUESTION, key=key)


def head(desk: Target, length: int) -> bytes:
    lines = ["POST /v1/ask HTTP/1.1", f"Host: {desk.host}", f"Authorization: Bearer {desk.tokens['ask']}"]
    return "\r\n".join([*lines, "Content-Type: application/json", f"Content-Length: {length}", "", ""]).encode()


# W12: slow clients


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"G",
        b"GET /healthz HTTP/1.1\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=["nothing", "a letter", "a line", "half a header", "TLS"],
)
def test_w12_a_connection_without_a_whole_head_is_closed_in_time(desk: Target, begun: bytes) -> None:
    """W12"""
    with desk.connect() as connection:
        connection.sendall(begun)
        assert read_reply(connection).status in (0, 400)


def test_w12_a_head_that_comes_letter_by_letter_gets_no_more_time(desk: Target) -> None:
    """W12"""
    stop = threading.Event()
    with desk.connect() as connection:

        def drip() -> None:
            with suppress(OSError):
                connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
                while not stop.wait(0.05):
                    connection.sendall(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        assert read_reply(connection).status == 0
        stop.set()
        thread.join()


@pytest.mark.parametrize("begun", [b"", b'{"question"'])
def test_w12_a_body_that_does_not_come_is_given_up(desk: Target, begun: bytes) -> None:
    """W12"""
    with desk.connect() as connection:
        connection.sendall(head(desk, 100) + begun)
        reply = read_reply(connection)
        assert (reply.status, reply.code) == (408, "too_slow")
        assert read_reply(connection).status == 0


def test_w12_a_body_sent_after_the_refusal_holds_no_connection(desk: Target) -> None:
    """W12: what was answered and goes on sending is cut off."""
    stop = threading.Event()
    with desk.connect() as connection:
        connection.sendall(f"POST /v1/ask HTTP/1.1\r\nHost: {desk.host}\r\nContent-Length: 1000000\r\n\r\n".encode())
        assert read_reply(connection).status == 401

        def drip() -> None:
            with suppress(OSError):
                while not stop.wait(0.05):
                    connection.sendall(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        assert read_reply(connection).status == 0
        stop.set()
        thread.join()


def test_w12_an_idle_connection_is_closed_in_time(desk: Target) -> None:
    """W12"""
    with desk.connect() as connection:
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {desk.host}\r\n\r\n".encode())
        assert read_reply(connection).status == 200
        assert read_reply(connection).status == 0


def test_w12_a_client_that_takes_nothing_is_cut_off(desk: Target) -> None:
    """W12: closing its connection would wait until it has taken all of it, for ever."""
    until(lambda: desk.connections == 0)
    with ExitStack() as stack:
        body = json.dumps(
            {"messages": [{"role": "user", "content": "What did the OCS cost?"}], "stream": True}
        ).encode()
        request = head(desk, len(body)).replace(b"/v1/ask", b"/v1/chat/completions") + body
        for _ in range(4):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(0.5)
            connection.connect(("127.0.0.1", desk.port))
            # Answers are small: many of them fill what the system keeps for the client.
            with suppress(OSError):
                for _ in range(2_000):
                    connection.sendall(request)
        assert healthy(desk)
        until(lambda: desk.connections == 0, "a client that takes nothing holds its connection")


def test_w12_a_thousand_idle_connections_keep_nobody_out(
    library: Library, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """W12: the one that has waited longest makes room; one whose request has begun never does."""
    place = tmp_path_factory.mktemp("idle")
    patient = target(library.home, place, most_connections=MOST, rate=100_000, body_time=120.0, head_time=120.0)
    with patient as desk, ExitStack() as stack:
        slow = stack.enter_context(desk.connect())
        slow.sendall(head(desk, len(QUESTION)) + QUESTION[:-1])
        for _ in range(1_000):
            stack.enter_context(desk.connect())
        slow.sendall(QUESTION[-1:])
        assert read_reply(slow).status == 200
        assert healthy(desk)
        assert ask(desk).status == 200
        assert desk.connections <= 2 * MOST


def test_w12_a_request_that_came_with_a_crowd_of_idle_connections_is_not_taken_for_one(
    library: Library, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """W12: the server sees all of them at once, the request's connection first, as when it was busy for a moment."""
    busy = threading.Event()
    with (
        target(library.home, tmp_path_factory.mktemp("crowd"), most_connections=MOST, rate=100_000) as desk,
        ExitStack() as stack,
    ):
        until(lambda: desk.connections == 0)
        desk.server.servers[0].get_loop().call_soon_threadsafe(busy.wait, PATIENCE)
        first = stack.enter_context(desk.connect())
        first.sendall(head(desk, len(QUESTION)) + QUESTION)
        for _ in range(4 * MOST):
            stack.enter_context(desk.connect())
        busy.set()
        assert read_reply(first).status == 200


# W13: floods


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/chat/completions", "/mcp", "/v1/figures", "/nothing"])
def test_w13_one_client_has_so_many_requests_a_minute_and_others_theirs(
    library: Library, tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    """W13: and is told when to come back; health is answered all the time."""
    with target(library.home, tmp_path_factory.mktemp("rate"), rate=5) as desk:
        replies = [
            desk.request("POST", path, [("Content-Type", "application/json")], b"{}", key="both") for _ in range(8)
        ]
        assert [reply.status == 429 for reply in replies] == [False] * 5 + [True] * 3
        assert {(reply.code, 1 <= int(reply.header("retry-after") or 0) <= 60) for reply in replies[5:]} == {
            ("rate", True)
        }
        assert ask(desk).status == 200
        assert [desk.request("GET", "/healthz").status for _ in range(20)] == [200] * 20


def test_w13_one_client_has_so_many_requests_at_once(
    library: Library, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """W13"""
    with target(library.home, tmp_path_factory.mktemp("once"), most_in_flight=3) as desk, ExitStack() as stack:
        for _ in range(3):
            connection = stack.enter_context(desk.connect())
            connection.sendall(head(desk, 100))
        until(lambda: ask(desk).status == 429)
        reply = ask(desk)
        assert (reply.code, reply.header("retry-after")) == ("at_once", "1")
        assert ask(desk, "other").status == 200


def test_w13_a_flood_of_one_client_does_not_hold_up_another(desk: Target) -> None:
    """W13"""
    stop = threading.Event()
    slow = json.dumps({"question": "1 2 " * 999}).encode()

    def flood(_: int) -> set[int]:
        got = set()
        while not stop.is_set():
            got.add(desk.request("POST", "/v1/ask", [("Content-Type", "application/json")], slow, key="both").status)
        return got

    with ThreadPoolExecutor(12) as threads:
        floods = [threads.submit(flood, at) for at in range(12)]
        try:
            assert [ask(desk, "other").status for _ in range(5)] == [200] * 5
            assert healthy(desk)
        finally:
            stop.set()
        assert set().union(*(found.result(PATIENCE) for found in floods)) <= {200, 429, 503}


def test_w13_clients_take_turns_however_much_one_of_them_asks() -> None:
    """W13: a line for each, and the lines take turns."""
    done: list[str] = []

    async def one(pool: Pool, client: str, gate: threading.Event) -> None:
        asking.set(client)

        def work() -> None:
            gate.wait(PATIENCE)
            done.append(client)

        await pool.run(work)

    async def run() -> None:
        gate = threading.Event()
        pool = Pool(1, 20, PATIENCE)
        tasks = [asyncio.create_task(one(pool, client, gate)) for client in ("a", "a", "a", "a", "b", "c", "b")]
        await asyncio.sleep(0)
        assert pool.taken == 7
        gate.set()
        await asyncio.gather(*tasks)
        assert pool.taken == 0
        pool.close()

    asyncio.run(run())
    assert done == ["a", "a", "b", "c", "a", "b", "a"]


def test_w13_what_waits_too_long_or_too_much_is_turned_away_and_leaves_no_trace() -> None:
    """W13"""

    async def run() -> None:
        gate = threading.Event()
        pool = Pool(1, 1, 0.05)
        first = asyncio.create_task(pool.run(lambda: gate.wait(PATIENCE)))
        second = asyncio.create_task(pool.run(lambda: None))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool.run(lambda: None)
        for task in (first, second):
            with pytest.raises(Overdue):
                await task
        # A thread cannot be stopped; what had not begun is forgotten at once.
        assert pool.taken == 1
        gate.set()
        while pool.taken:
            await asyncio.sleep(0.01)
        assert await pool.run(lambda: 1) == 1
        pool.close()

    asyncio.run(run())


# What is remembered is bounded


def test_w12_what_is_remembered_is_bounded_in_number_and_time() -> None:
    """W12"""
    now = [0.0]
    recent: Recent[int, int] = Recent(3, idle=10, clock=lambda: now[0])
    for at in range(10):
        recent.put(at, at)
    assert [recent.get(at) for at in range(10)] == [None] * 7 + [7, 8, 9]
    now[0] = 11
    assert (recent.get(9), len(recent)) == (None, 3)
    recent.put(10, 10)
    assert len(recent) == 1


def test_w12_a_conversation_holds_its_last_turns_as_they_were() -> None:
    """W12"""
    talk = Talks().begin("one")
    turns = [Turn(f"¿{at}?", f"What is {at}?", ("f1",), (("doc", at, at + 1),), ("and then?",)) for at in range(50)]
    for turn in turns:
        talk.add(turn)
    assert talk.turns == turns[-MOST_TURNS:]


def test_w13_a_conversation_of_another_client_is_as_if_there_were_none() -> None:
    """W13"""
    talks = Talks()
    talk = talks.begin("one")
    assert talks.find("one", talk.id) is talk
    assert talks.find("two", talk.id) is None


def test_w16_answers_and_conversations_are_their_client_s_alone(desk: Target) -> None:
    """W16: an answer's id follows from its question, and tells nobody whether somebody else has asked it."""
    mine = json.dumps({"question": "Does nobody but me ask how long the ferry takes?"}).encode()
    found = desk.request("POST", "/v1/ask", [("Content-Type", "application/json")], mine, key="ask").json
    about = json.dumps({"answer_id": found["id"], "rating": "up"}).encode()
    further = json.dumps({"question": "And the ferry?", "conversation_id": found["conversation_id"]}).encode()

    def post(path: str, body: bytes, key: str) -> int:
        return desk.request("POST", path, [("Content-Type", "application/json")], body, key=key).status

    assert [post("/v1/feedback", about, key) for key in ("other", "both", "ask")] == [404, 404, 201]
    assert [post("/v1/ask", further, key) for key in ("other", "both", "ask")] == [404, 404, 200]


def test_w12_metrics_have_no_label_that_a_request_could_choose(desk: Target) -> None:
    """W12: or each invented path or method would stay in memory for ever."""
    for at in range(30):
        desk.request("GET", f"/invented-{at}", key="both")
        desk.request(f"METHOD{at}", "/v1/ask", key="both")
        desk.request("GET", f"/v1/passages/invented-{at}", key="both")
        desk.request("GET", "/healthz", host=f"invented-{at}")
    text = desk.request("GET", "/metrics", key="admin").text
    assert "invented" not in text and "METHOD" not in text
    routes = {line.split('route="')[1].split('"')[0] for line in text.splitlines() if 'route="' in line}
    methods = {line.split('method="')[1].split('"')[0] for line in text.splitlines() if 'method="' in line}
    assert len(routes) <= len(routes_of(desk)) + 2
    assert methods <= {"GET", "POST", "HEAD", "other"}
