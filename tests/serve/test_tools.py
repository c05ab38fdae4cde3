"""MCP, spoken by the official client: over HTTP, and with a process on its standard input and output."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from factdesk.serve.keys import Keys, Scope
from factdesk.tests.conftest import environment
from factdesk.tests.serve.serving import Served, serving

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

QUESTION = "What did the One Counter Service cost to run each month?"
TOOLS = {
    "search": {"query"},
    "fetch": {"id"},
    "ask": {"question"},
    "find_figures": {"words", "subject", "measure", "unit", "document", "period", "limit"},
    "compare_figures": {"measure"},
    "list_subjects": set(),
    "list_measures": set(),
    "list_documents": set(),
}
Work = Callable[[Client], Awaitable[Any]]


def over_http(served: Served, work: Work) -> Any:
    async def run() -> Any:
        async with (
            httpx2.AsyncClient(trust_env=False, timeout=60) as http,
            Client(streamable_http_client(f"{served.url}/mcp", http_client=http)) as client,
        ):
            return await work(client)

    return anyio.run(run)


def over_pipes(library: Library, work: Work) -> Any:
    command = ["-m", "factdesk.cli", "mcp", "--home", str(library.home)]
    server = StdioServerParameters(command=sys.executable, args=command, env=environment())

    async def run() -> Any:
        async with Client(server) as client:
            return await work(client)

    return anyio.run(run)


def text_of(result: Any) -> str:
    """The one text item of a result."""
    assert [item.type for item in result.content] == ["text"]
    return str(result.content[0].text)


def test_the_tools_read_only_and_take_no_path_and_no_address(served: Served) -> None:
    listed = over_http(served, lambda client: client.list_tools())
    assert {tool.name: set(tool.input_schema["properties"]) for tool in listed.tools} == TOOLS
    for tool in listed.tools:
        assert tool.annotations.read_only_hint is True
        assert tool.output_schema
        assert tool.description


async def everything(client: Client) -> dict[str, Any]:
    """Each tool used once."""
    found = json.loads(text_of(await client.call_tool("search", {"query": "ferry tickets on a web site"})))
    calls = {
        "fetch": {"id": found["results"][0]["id"]},
        "ask": {"question": QUESTION},
        "find_figures": {"measure": "investment", "limit": 1},
        "compare_figures": {"measure": "investment"},
        "list_subjects": {},
        "list_measures": {},
        "list_documents": {},
    }
    results = {name: await client.call_tool(name, arguments) for name, arguments in calls.items()}
    assert not [name for name, result in results.items() if result.is_error]
    assert all(json.loads(text_of(result)) == result.structured_content for result in results.values())
    return {"search": found} | {name: result.structured_content for name, result in results.items()}


def without_times(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: without_times(value) for name, value in found.items() if name not in ("timings_ms", "url")}
    return [without_times(item) for item in found] if isinstance(found, list) else found


def test_both_transports_give_the_same(served: Served, library: Library) -> None:
    found, again = over_http(served, everything), over_pipes(library, everything)
    assert without_times(found) == without_times(again)
    assert [set(item) for item in found["search"]["results"]] == [{"id", "title", "url"}] * len(
        found["search"]["results"]
    )
    assert set(found["fetch"]) == {"id", "title", "text", "url", "metadata"}
    assert "sells tickets for the ferry" in found["fetch"]["text"]
    assert found["ask"]["figures"][0]["value"] == 151_000
    assert (len(found["find_figures"]["figures"]), found["find_figures"]["total"]) == (1, 4)
    assert [figure["value"] for figure in found["compare_figures"]["figures"]] == [940_000, 220_000]


@pytest.mark.parametrize(
    "tool, arguments, words",
    [
        ("fetch", {"id": "/etc/passwd"}, "there is no /etc/passwd"),
        ("ask", {"question": "?!"}, "the question is empty"),
        ("ask", {}, "question"),
        ("find_figures", {"limit": 10**9}, "limit"),
        ("no_such_tool", {}, "no_such_tool"),
    ],
)
def test_what_goes_wrong_is_told_in_words(served: Served, tool: str, arguments: Any, words: str) -> None:
    async def work(client: Client) -> Any:
        try:
            result = await client.call_tool(tool, arguments)
        except Exception as error:
            return True, str(error)
        return result.is_error, text_of(result)

    failed, said = over_http(served, work)
    assert failed
    assert words in said
    assert "Traceback" not in said


def test_a_key_is_needed_where_there_are_keys(library: Library, tmp_path: Any) -> None:
    import shutil

    home = tmp_path / "home"
    shutil.copytree(library.home, home)
    _, token = Keys(home).create("assistant", [Scope.READ])
    with serving(home) as served:

        async def listed(headers: dict[str, str]) -> int:
            async with (
                httpx2.AsyncClient(trust_env=False, timeout=60, headers=headers) as http,
                Client(streamable_http_client(f"{served.url}/mcp", http_client=http)) as client,
            ):
                return len((await client.list_tools()).tools)

        assert anyio.run(listed, {"authorization": f"Bearer {token}"}) == len(TOOLS)
        with served.client() as client:
            assert client.post("/mcp", json={}).status_code == 401
