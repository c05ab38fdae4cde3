"""The page and the widget in a real browser, before a real service over small documents made here."""

from __future__ import annotations

import csv
import http.server
import io
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from factdesk.serve.keys import Keys, Scope
from factdesk.serve.queue import Queue
from factdesk.serve.run import server_of
from factdesk.serve.settings import Settings
from factdesk.tests.conftest import SERVICES, run_process

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser can be driven")
expect = playwright.expect
expect.set_options(timeout=20_000)

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
MARKER = (255, 235, 90)
PAYLOADS = (
    '<script>alert("text")</script>',
    '<img src="http://outside.invalid/x.png" onerror="alert(1)">',
    '"><svg onload=alert(2)>',
    "javascript:alert(3)",
    "[click](javascript:alert(4))",
    "![pixel](http://outside.invalid/p.png)",
)
HOSTILE = f"""\
# Ledger {PAYLOADS[0]}

## Gate `{PAYLOADS[1]}`

INVESTMENT: EUR 77K

The gate costs EUR 12K a month, writes the clerk {PAYLOADS[2]} in the ledger.

The clerk keeps goats: {" ".join(PAYLOADS)}
"""
PLAIN_HOSTILE = (
    f"Notes about otters {PAYLOADS[0]}\n\nThe otters of the mill eat 14 trout a day {PAYLOADS[1]} says the miller.\n"
)
REPORT = (
    ("Harbour Report", "This report tells what the harbour built.", "The crane lifts 480 tonnes at once."),
    ("Lighthouse", "The lighthouse was painted red in May.", "The lamp of the lighthouse shines for 34 miles."),
)


def write_report(file: Path) -> None:
    """A PDF whose paragraphs stand apart."""
    canvas = Canvas(str(file), pagesize=A4)
    canvas.setTitle("Harbour Report")
    for heading, *paragraphs in REPORT:
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(72, 760, heading)
        canvas.setFont("Helvetica", 11)
        for i, paragraph in enumerate(paragraphs):
            canvas.drawString(72, 700 - 60 * i, paragraph)
        canvas.showPage()
    canvas.save()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of a compendium, a PDF, and two documents that would like to be more than text."""
    place = tmp_path_factory.mktemp("page")
    folder = place / "documents"
    folder.mkdir()
    (folder / "services.md").write_text(SERVICES, "utf-8")
    (folder / "ledger<img src=x onerror=alert(5)>.md").write_text(HOSTILE, "utf-8")
    (folder / 'otters"onload="alert(6).txt').write_text(PLAIN_HOSTILE, "utf-8")
    write_report(folder / "harbour.pdf")
    done = run_process("ingest", folder, "--home", place / "home")
    assert done.status == 0, done.err
    return place / "home"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def serving(home: Path, port: int) -> Iterator[str]:
    """The real service in a thread, ready."""
    server = server_of(Settings(home=home, port=port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            with urlopen(f"{address}/readyz") as answer:
                assert answer.status == 200
                break
        except (URLError, ConnectionError):
            time.sleep(0.05)
    else:
        pytest.fail("the service did not become ready")
    yield address
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    """A service without keys."""
    with serving(home, free_port()) as address:
        yield address


@dataclass
class Foreign:
    """A site of somebody else, which shows `html` under its own strict policy."""

    origin: str
    policy: str = ""
    html: str = ""


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    page = Foreign("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            style = self.path == "/host.css"
            body = "button, textarea { display: none !important; } * { color: red; }" if style else page.html
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if style else "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", page.policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page.origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield page
    server.shutdown()


@dataclass
class Guarded:
    """A service with keys: one for people, one for the pages of the foreign site."""

    address: str
    secret: str
    public: str


@pytest.fixture(scope="module")
def guarded(home: Path, foreign: Foreign, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    own = tmp_path_factory.mktemp("guarded") / "home"
    shutil.copytree(home, own)
    keys = Keys(own)
    _, secret = keys.create("people", [Scope.ASK, Scope.READ])
    _, public = keys.create("their site", [Scope.ASK], [foreign.origin])
    with serving(own, free_port()) as address:
        yield Guarded(address, secret, public)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield launched
        launched.close()


@dataclass
class Watched:
    """A page, and what it did that it must not: dialogs, faults, requests to other hosts."""

    page: Any
    allowed: set[str]
    dialogs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._request)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("blob:", *self.allowed)):
            self.outside.append(request.url)

    @property
    def misdeeds(self) -> list[str]:
        return self.dialogs + self.faults + self.outside


@pytest.fixture
def opened(browser: Any, site: str, foreign: Foreign, guarded: Guarded) -> Iterator[Callable[..., Any]]:
    """Opens an address in a context of its own; afterwards nothing forbidden has happened."""
    contexts, watched = [], []

    def open_page(address: str = "", *, wide: bool = True, **options: Any) -> Any:
        viewport = {"width": 1280, "height": 900} if wide else {"width": 360, "height": 740}
        context = browser.new_context(viewport=viewport, reduced_motion="reduce", **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watched.append(Watched(page, {site, foreign.origin, guarded.address}))
        page.goto(address if address.startswith("http") else f"{site}{address or '/'}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [misdeed for one in watched for misdeed in one.misdeeds] == []


def ask(page: Any, question: str) -> Any:
    """Ask, and wait for the answer."""
    before = page.locator("article.turn").count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator("article.turn").nth(before)
    expect(turn).to_be_visible()
    return turn


def marked_pixels(picture: Any) -> int:
    """Pixels of a picture in the colour of a mark."""
    return int(
        picture.evaluate(
            """(image, marker) => {
                const canvas = document.createElement("canvas");
                canvas.width = image.naturalWidth ?? image.width;
                canvas.height = image.naturalHeight ?? image.height;
                const drawing = canvas.getContext("2d");
                drawing.drawImage(image, 0, 0);
                const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
                let count = 0;
                for (let i = 0; i < data.length; i += 4)
                    if (marker.every((part, c) => Math.abs(data[i + c] - part) < 4)) count += 1;
                return count;
            }""",
            list(MARKER),
        )
    )


def too_wide(page: Any) -> int:
    """Pixels by which a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_an_answer_stands_beside_its_source_with_the_quote_highlighted_in_the_page(opened: Callable[..., Any]) -> None:
    page = opened()
    turn = ask(page, "How many miles does the lamp of the lighthouse shine?")
    expect(turn).to_contain_text("34 miles")
    source = turn.get_by_label("Sources")
    expect(source.locator("mark")).to_contain_text("34 miles")
    expect(source.get_by_role("button", name="Harbour Report")).to_contain_text("p. 2")
    picture = source.get_by_role("img")
    expect(picture).to_be_visible()
    assert marked_pixels(picture) > 500
    beside = turn.locator(".answer").bounding_box(), source.bounding_box()
    assert beside[0]["x"] + beside[0]["width"] <= beside[1]["x"]


def test_a_follow_up_leans_on_what_was_said_and_says_how_it_was_understood(opened: Callable[..., Any]) -> None:
    page = opened()
    first = ask(page, "What are the operating costs of the One Counter Service?")
    expect(first.locator(".lead")).to_contain_text("EUR 151K")
    second = ask(page, "And of the Night Ferry Booking?")
    expect(second.locator(".understood")).to_contain_text("Understood as: ")
    expect(second.locator(".lead")).to_contain_text("EUR 30K")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("article.turn")).to_have_count(0)
    expect(page.get_by_role("heading", name="What do you want to know?")).to_be_visible()


def test_a_conversation_that_the_service_forgot_goes_on(opened: Callable[..., Any]) -> None:
    page = opened()
    asked: list[Any] = []

    def forget(route: Any) -> None:
        body = route.request.post_data_json
        asked.append(body)
        if body["conversation_id"] is None:
            route.continue_()
        else:
            route.fulfill(status=404, json={"error": {"message": "gone", "code": "not_found"}})

    page.route("**/v1/ask", forget)
    ask(page, "What are the operating costs of the One Counter Service?")
    expect(ask(page, "And of the Night Ferry Booking?").locator(".lead")).to_contain_text("EUR 30K")
    assert [body["history"] for body in asked] == [[], [], ["What are the operating costs of the One Counter Service?"]]


def test_a_mark_opens_its_source_and_escape_goes_back_to_the_mark(opened: Callable[..., Any]) -> None:
    page = opened(wide=False)
    turn = ask(page, "What are the operating costs of the One Counter Service?")
    expect(turn.locator("blockquote")).to_have_count(0)
    mark = turn.get_by_role("button", name="Source 1: City Services Compendium")
    mark.click()
    expect(turn.locator("mark")).to_contain_text("EUR 151K/MONTH")
    expect(turn.get_by_role("button", expanded=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(turn.locator("blockquote")).to_have_count(0)
    expect(mark).to_be_focused()


def test_an_abstention_looks_different_and_says_what_is_missing(opened: Callable[..., Any]) -> None:
    page = opened()
    turn = ask(page, "What did the Night Ferry Booking save?")
    expect(turn.locator(".answer.missing .gap")).to_have_text("The documents give no such figure")
    found = ask(page, "What are the operating costs of the Night Ferry Booking?")
    expect(found.locator(".answer")).to_be_visible()
    expect(found.locator(".missing, .gap")).to_have_count(0)


def test_arithmetic_is_shown_with_its_expression_and_footnotes_with_their_figure(opened: Callable[..., Any]) -> None:
    page = opened()
    question = "How much more did the One Counter Service invest than the Night Ferry Booking?"
    expect(ask(page, question).locator("code").first).to_have_text("940000 - 220000")
    turn = ask(page, "What was the investment of the One Counter Service?")
    expect(turn.locator(".answer")).to_contain_text("At 2016 prices")


def test_what_is_offered_can_be_chosen(opened: Callable[..., Any]) -> None:
    page = opened()
    examples = page.get_by_role("group", name="For example:")
    expect(examples.get_by_role("button").first).to_be_visible()
    question = examples.get_by_role("button", name="What is the").first
    words = question.text_content()
    question.click()
    turn = page.locator("article.turn")
    expect(turn.get_by_role("heading", level=2)).to_have_text(words)
    expect(turn.locator(".missing")).to_have_count(0)
    expect(turn.locator(".lead")).to_be_visible()


def test_copying_takes_the_sources_along(opened: Callable[..., Any], site: str) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    turn = ask(page, "What are the operating costs of the Night Ferry Booking?")
    turn.get_by_role("button", name="Copy with sources").click()
    expect(turn.get_by_role("status")).to_have_text("Copied with its sources.")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].startswith("EUR 30K per month") and lines[0].endswith("[1]")
    assert lines[-2].startswith("[1] City Services Compendium · Varnau › Night Ferry Booking")
    assert lines[-1] == '    "OPERATING COSTS: EUR 30K/MONTH"'


def test_a_rating_and_its_reason_reach_the_queue(opened: Callable[..., Any], home: Path) -> None:
    page = opened()
    turn = ask(page, "What are the operating costs of the Night Ferry Booking?")
    turn.get_by_role("button", name="Not helpful").click()
    expect(turn.get_by_role("button", name="Not helpful", pressed=True)).to_be_visible()
    turn.get_by_label("What was right or wrong about it?").fill("I meant the day ferry <b>")
    turn.get_by_role("button", name="Send").click()
    expect(turn.get_by_label("What was right or wrong about it?")).to_be_hidden()
    kept = [(item.rating, item.question, item.reason) for item in Queue(home).feedback()]
    question = "What are the operating costs of the Night Ferry Booking?"
    assert [item[1:] for item in kept] == [(question, "I meant the day ferry <b>")]
    assert str(kept[0][0]) == "down"


def test_all_of_it_works_by_keyboard_alone(opened: Callable[..., Any]) -> None:
    page = opened("/figures")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    for name in ("factdesk", "Ask"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="What do you want to know?")).to_be_focused()
    page.keyboard.press("Tab")
    box = page.get_by_label("Your question")
    expect(box).to_be_focused()
    page.keyboard.type("operating costs of the Night Ferry Booking")
    page.keyboard.press("Enter")
    turn = page.get_by_role("article")
    expect(turn).to_be_focused()
    page.keyboard.press("Tab")
    expect(turn.get_by_role("button", name="Source 1: ")).to_be_focused()
    page.keyboard.press("Enter")
    expect(turn.get_by_role("button", expanded=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(turn.get_by_role("button", name="Source 1: ")).to_be_focused()
    page.keyboard.press("/")
    expect(box).to_be_focused()


def test_what_documents_hold_stays_text(opened: Callable[..., Any], site: str) -> None:
    """W5"""
    page = opened()
    for question in ("How many trout do the otters of the mill eat a day?", "What does the clerk keep?", PAYLOADS[1]):
        turn = ask(page, question)
        expect(turn).to_contain_text(question)
    turn = ask(page, "How many trout do the otters of the mill eat a day?")
    expect(turn.get_by_label("Sources").locator("blockquote")).to_contain_text(PAYLOADS[1])
    page.get_by_role("link", name="Open in full").last.click()
    expect(page.locator("#source blockquote")).to_contain_text(PAYLOADS[0])
    for view in ("/figures?words=otters", "/figures?words=gate", "/compare?measure=investment"):
        page.goto(f"{site}{view}")
        expect(page.get_by_role("row").nth(1)).to_be_visible()
        expect(page.locator("main img, main script, main [onerror], main [onload]")).to_have_count(0)


def test_a_source_that_is_none_is_said_in_words(opened: Callable[..., Any], site: str) -> None:
    page = opened("/source?at=")
    expect(page.locator("#source")).to_contain_text("No source is named")
    for at in ("<script>alert(1)</script>", "https://outside.invalid/", "../../etc/passwd:1-2", "x" * 250):
        page.goto(f"{site}/source?at={at}")
        expect(page.get_by_role("alert")).to_contain_text("There is no such place")


def test_figures_are_filtered_sorted_downloaded_and_lead_to_their_source(opened: Callable[..., Any]) -> None:
    page = opened("/figures")
    rows = page.locator("tbody").get_by_role("row")
    expect(page.get_by_role("status")).to_contain_text("figures")
    page.get_by_label("Measure").select_option("operating_cost")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d figures$"))
    page.get_by_label("Subject").select_option(label="One Counter Service (OCS) (Lindholm)")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Value").click()
    expect(page.get_by_role("columnheader", name="Value")).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_contain_text("EUR 151K")
    page.get_by_role("button", name="Value").click()
    expect(page.get_by_role("columnheader", name="Value")).to_have_attribute("aria-sort", "ascending")
    expect(rows.first).to_contain_text("EUR 44K")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8"))))
    assert [row["value"] for row in table] == ["44000", "107000", "151000"]
    rows.first.get_by_role("link").click()
    expect(page.locator("#source mark")).to_contain_text("EUR 44K")
    page.go_back()
    expect(rows).to_have_count(3)
    expect(page.get_by_label("Measure")).to_have_value("operating_cost")
    page.get_by_label("Words").fill("nothing of the kind")
    expect(page.get_by_role("status")).to_contain_text("No figure fits these filters")


def test_a_comparison_has_a_ranked_table_and_bars_that_lead_to_their_source(opened: Callable[..., Any]) -> None:
    page = opened("/compare")
    page.get_by_label("Measure").select_option("operating_cost")
    rows = page.get_by_role("table", name="Ranked figures").locator("tbody").get_by_role("row")
    expect(rows.first).to_contain_text("One Counter Service")
    expect(rows.nth(1)).to_contain_text("Night Ferry Booking")
    bars = page.get_by_role("group", name="Bars").get_by_role("link")
    expect(bars.first).to_have_accessible_name("One Counter Service (OCS) (Lindholm): EUR 151K/MONTH. Open the source.")
    lengths = [float(bar.locator(".bar").get_attribute("width")) for bar in bars.all()]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[1] / lengths[0] == pytest.approx(30 / 151, abs=0.01)
    bars.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source mark")).to_contain_text("EUR 151K")
    page.go_back()
    expect(page.get_by_label("Measure")).to_have_value("operating_cost")


@pytest.mark.parametrize("path", ["/", "/figures", "/compare?measure=investment", "/source?at=harbour:1-20"])
def test_a_phone_needs_no_sideways_scrolling(opened: Callable[..., Any], path: str) -> None:
    page = opened(path, wide=False)
    expect(page.locator("main h1:visible")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert too_wide(page) <= 0
    if path == "/":
        turn = ask(page, "What does the clerk keep?")
        turn.get_by_role("button", name="Source 1: ").first.click()
        expect(turn.locator("blockquote")).to_be_visible()
        assert too_wide(page) <= 0


NAMELESS = re.compile(
    r"- (?:button|link|textbox|combobox|searchbox|img|dialog|table|region)(?:\s*\[[^\]]*\])*:?$", re.M
)


def test_every_control_has_a_name_and_every_view_its_landmarks(opened: Callable[..., Any]) -> None:
    assert NAMELESS.findall('- button\n- button "Ask"\n- textbox [disabled]:') == ["- button", "- textbox [disabled]:"]
    for path in ("/", "/figures", "/compare?measure=investment", "/source?at=harbour:1-20"):
        page = opened(path)
        page.wait_for_load_state("networkidle")
        if path == "/":
            ask(page, "How many miles does the lamp of the lighthouse shine?")
            expect(page.get_by_role("img")).to_be_visible()
        snapshot = page.locator("body").aria_snapshot()
        assert NAMELESS.findall(snapshot) == []
        for landmark in ("- banner", "- navigation", "- main"):
            assert landmark in snapshot
    page = opened()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (colour, over) => {
        canvas.clearRect(0, 0, 1, 1);
        if (over) { canvas.fillStyle = `rgb(${over.join(" ")})`; canvas.fillRect(0, 0, 1, 1); }
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const behind = (element) => {
        const chain = [];
        for (let e = element; e; e = e.parentElement) chain.unshift(getComputedStyle(e).backgroundColor);
        return chain.reduce((under, colour) => rgb(colour, under), [255, 255, 255]);
    };
    const light = (c) => {
        const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const low = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let seen = 0;
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("svg, noscript")) continue;
        const under = behind(element);
        const [a, b] = [light(rgb(getComputedStyle(element).color, under)), light(under)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        seen += 1;
        if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${element.className} ${walker.currentNode.data.slice(0, 30)}`);
    }
    return [seen, low];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(opened: Callable[..., Any], scheme: str) -> None:
    page = opened(color_scheme=scheme)
    ask(page, "What are the operating costs of the Night Ferry Booking?")
    expect(page.locator("blockquote")).to_be_visible()
    ask(page, "What did the Night Ferry Booking save?")
    expect(page.locator(".gap")).to_be_visible()
    seen, low = page.evaluate(CONTRASTS)
    assert seen > 15
    assert low == []
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (ground == "rgb(250, 249, 246)") is (scheme == "light")


def test_a_service_with_keys_asks_for_one_and_keeps_it_for_the_tab(
    opened: Callable[..., Any], guarded: Guarded
) -> None:
    page = opened(guarded.address)
    dialog = page.get_by_role("dialog", name="A key is needed")
    dialog.get_by_label("Key").fill("fd_wrong")
    dialog.get_by_role("button", name="Use this key").click()
    expect(dialog).to_contain_text("This key is not valid here")
    dialog.get_by_label("Key").fill(guarded.secret)
    dialog.get_by_role("button", name="Use this key").click()
    expect(page.get_by_role("group", name="For example:")).to_be_visible()
    expect(ask(page, "How many miles does the lamp of the lighthouse shine?").get_by_role("img")).to_be_visible()
    page.reload()
    expect(page.get_by_role("group", name="For example:")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0


def test_without_a_key_it_is_said_in_words(opened: Callable[..., Any], guarded: Guarded) -> None:
    page = opened(guarded.address)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_label("Your question").fill("anything")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator(".state.trouble")).to_contain_text("The service asks for a key")


@pytest.mark.parametrize(
    "status, headers, words",
    [
        (429, {"Retry-After": "7"}, "Too many questions at once. You can ask again in 7 s."),
        (413, {}, "The question is too long. Told."),
        (422, {}, "Told."),
        (503, {}, "The service is not ready. Told. Ask again in a moment."),
        (500, {}, "The service failed to answer (500). Ask again in a moment."),
        (None, {}, "The service cannot be reached. Check the connection and try again."),
    ],
)
def test_what_goes_wrong_is_said_in_words(
    opened: Callable[..., Any], status: int | None, headers: dict[str, str], words: str
) -> None:
    page = opened()

    def fail(route: Any) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, headers=headers, json={"error": {"message": "told"}})

    page.route("**/v1/ask", fail)
    page.get_by_label("Your question").fill("What are the operating costs?")
    page.keyboard.press("Enter")
    expect(page.locator(".state.trouble p")).to_have_text(words)
    if status == 429:
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    else:
        page.unroute("**/v1/ask")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("article.turn")).to_be_visible()
    assert page.get_by_label("Your question").input_value() == (
        "What are the operating costs?" if status == 429 else ""
    )


def widget(foreign: Foreign, guarded: Guarded, attributes: str) -> None:
    """Put the widget into the foreign page, whose policy allows the service's scripts and answers, and no more."""
    foreign.policy = (
        f"default-src 'none'; style-src 'self'; script-src {guarded.address}; connect-src {guarded.address}"
    )
    foreign.html = (
        '<!doctype html><html lang="en"><title>Town hall</title><link rel="stylesheet" href="/host.css">'
        f'<script type="module" src="{guarded.address}/widget.js"></script><h1>Town hall</h1>'
        f'<factdesk-chat endpoint="{guarded.address}" {attributes}></factdesk-chat></html>'
    )


EVENTS = """() => {
    globalThis.seen = [];
    for (const name of ["answer", "feedback", "source", "handoff"])
        addEventListener(`factdesk:${name}`, (event) => seen.push([name, event.target.localName, event.detail]));
}"""


def test_the_widget_answers_inside_a_foreign_page(
    opened: Callable[..., Any], foreign: Foreign, guarded: Guarded
) -> None:
    widget(foreign, guarded, f'key="{guarded.public}" heading="Ask the town" handoff="Ask a person"')
    page = opened(foreign.origin)
    page.evaluate(EVENTS)
    launcher = page.get_by_role("button", name="Ask the town", exact=True)
    launcher.click()
    expect(page.get_by_label("Your question")).to_be_focused()
    assert page.get_by_label("Your question").evaluate("(box) => getComputedStyle(box).color") != "rgb(255, 0, 0)"
    turn = ask(page, "How many miles does the lamp of the lighthouse shine?")
    expect(turn).to_contain_text("34 miles")
    turn.get_by_role("button", name="Source 1: ").first.click()
    picture = turn.get_by_role("img")
    expect(picture).to_be_visible()
    assert marked_pixels(picture) > 500
    turn.get_by_role("button", name="Helpful", exact=True).click()
    expect(turn.get_by_role("button", name="Helpful", exact=True, pressed=True)).to_be_visible()
    page.get_by_role("button", name="Ask a person").click()
    seen = page.evaluate("seen")
    assert [(name, target) for name, target, _ in seen] == [
        *(("answer", "factdesk-chat"), ("source", "factdesk-chat")),
        *(("feedback", "factdesk-chat"), ("handoff", "factdesk-chat")),
    ]
    assert [turn["answer"]["citations"][0]["page"] for turn in seen[-1][2]["turns"]] == [2]
    page.get_by_role("article").focus()
    page.keyboard.press("Escape")
    expect(turn.locator("blockquote")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()
    assert page.context.cookies() == []


def test_the_widget_stands_in_the_page_if_told_to(
    opened: Callable[..., Any], foreign: Foreign, guarded: Guarded
) -> None:
    widget(foreign, guarded, f'key="{guarded.public}" mode="inline" heading="Ask the town" theme="dark"')
    page = opened(foreign.origin, wide=False)
    expect(page.get_by_role("heading", name="Ask the town")).to_be_visible()
    expect(page.get_by_role("group", name="For example:").get_by_role("button").first).to_be_visible()
    expect(ask(page, "operating costs of the Night Ferry Booking").locator(".lead")).to_contain_text("EUR 30K")
    assert too_wide(page) <= 0


def test_a_widget_with_a_wrong_key_says_so(opened: Callable[..., Any], foreign: Foreign, guarded: Guarded) -> None:
    widget(foreign, guarded, 'key="pk_wrong" mode="inline"')
    page = opened(foreign.origin)
    page.get_by_label("Your question").fill("anything")
    page.keyboard.press("Enter")
    expect(page.locator(".state.trouble")).to_contain_text("this one is missing or not valid")


def test_a_frame_answers_in_the_page_of_a_site_that_has_a_key(
    opened: Callable[..., Any], foreign: Foreign, guarded: Guarded
) -> None:
    foreign.policy = f"default-src 'none'; frame-src {guarded.address}"
    address = f"{guarded.address}/embed?key={guarded.public}"
    foreign.html = f'<!doctype html><title>Town</title><iframe src="{address}" title="Ask" width="400"></iframe>'
    page = opened(foreign.origin)
    frame = page.frame_locator("iframe")
    frame.get_by_label("Your question").fill("How many miles does the lamp of the lighthouse shine?")
    frame.get_by_label("Your question").press("Enter")
    expect(frame.locator("article.turn")).to_contain_text("34 miles")


def test_other_sites_cannot_frame_it(opened: Callable[..., Any], site: str, foreign: Foreign) -> None:
    """W6"""
    foreign.policy = ""
    for path in ("/", "/embed", "/figures"):
        # This service has no keys, so no site may frame it.
        foreign.html = f'<!doctype html><title>Town</title><iframe src="{site}{path}" title="Ask"></iframe>'
        page = opened(foreign.origin)
        page.wait_for_load_state("networkidle")
        inner = page.frames[1]
        assert inner.url == "chrome-error://chromewebdata/"
