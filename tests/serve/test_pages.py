"""The files of the page as they are served: from a table, with strict headers, revalidated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from factdesk.serve import pages

FOLDER = Path(pages.__file__).parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors "
)
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|DOMParser|document\.cookie"
    # Messages from other pages would need their origin checked: there are none.
    r"|postMessage|onmessage|[\"']message[\"']"
)


def client(ancestors: Sequence[str] = ()) -> TestClient:
    app = FastAPI()
    app.include_router(pages.build_pages(lambda: ancestors))
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/figures", "/compare", "/source?at=d:1-2"])
def test_every_view_is_the_page_and_nobody_may_frame_it(path: str) -> None:
    answer = client(["https://other.example"]).get(path)
    assert (answer.status_code, answer.content) == (200, (FOLDER / "index.html").read_bytes())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == f"{POLICY}'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_page_for_frames_may_be_framed_by_the_sites_that_have_a_key_now() -> None:
    origins: list[str] = []
    asked = client(origins)
    assert asked.get("/embed").headers["content-security-policy"] == f"{POLICY}'none'"
    origins += ["https://a.example", "http://127.0.0.1:8001"]
    answer = asked.get("/embed?key=pk_1")
    assert answer.headers["content-security-policy"] == f"{POLICY}https://a.example http://127.0.0.1:8001"
    assert "x-frame-options" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        *("https://a.example; script-src *", "*", "null", "https://*.example", "https://a.example\nSet-Cookie: a=b"),
        *("javascript:alert(1)", "https://a.example/path", "'self'", "", "https://a.example 'unsafe-inline'"),
    ],
)
def test_what_is_no_plain_origin_writes_no_policy(origin: str) -> None:
    assert pages.content_policy([origin]) == f"{POLICY}'none'"
    assert pages.content_policy([origin, "https://b.example"]) == f"{POLICY}https://b.example"


def test_every_file_of_the_folder_is_served_and_no_other() -> None:
    served = {*pages.PAGES.values(), "embed.html", *pages.static_names().values()}
    assert served == {file.name for file in FOLDER.iterdir()} == set(pages.FILES)


@pytest.mark.parametrize("path, name", sorted(pages.static_names().items()))
def test_scripts_and_styles_have_their_type_and_may_be_read_by_other_sites(path: str, name: str) -> None:
    answer = client().get(path)
    assert (answer.status_code, answer.content) == (200, (FOLDER / name).read_bytes())
    assert answer.headers["content-type"] == pages.TYPES[name.rpartition(".")[2]]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_the_browser_has_is_not_sent_again(coding: str) -> None:
    asked = client()
    first = asked.get("/static/chat.js", headers={"accept-encoding": coding})
    assert first.headers["vary"] == "Accept-Encoding"
    assert first.headers.get("content-encoding", "identity") == coding
    given = {"accept-encoding": coding, "if-none-match": f'"other", W/{first.headers["etag"]}'}
    again = asked.get("/static/chat.js", headers=given)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = asked.get("/static/chat.js", headers={"accept-encoding": coding, "if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static/", "/static/app"),
        *("/static//etc/passwd", "/static/chat.js%00.css", "/static/..%5cpages.py", "/page/app.js"),
    ],
)
def test_no_other_address_leads_to_a_file(path: str) -> None:
    assert client().get(path, follow_redirects=False).status_code == 404


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_no_script_turns_text_into_markup_and_no_page_holds_script_or_style(file: Path) -> None:
    text = file.read_text("utf-8")
    assert FORBIDDEN.findall(text) == []
    if file.suffix == ".html":
        assert re.findall(r"\sstyle=|<style|\son\w+=|<script(?![^>]* src=)", text) == []
    outside = [
        url for url in re.findall(r"https?://[^\s\"'`)]+", text) if not url.startswith("http://www.w3.org/2000/svg")
    ]
    # Examples in comments have no host.
    assert [url for url in outside if url != "https://..."] == []


def test_all_of_it_is_small() -> None:
    assert sum(len(file.packed) for file in pages.FILES.values()) < 40_000
    assert sum(len(file.content) for file in pages.FILES.values()) < 100_000
