"""The HTML reader: what is shown is read, tables mean what they look like, and every character is in its place."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.records import Mark, Reading
from factdesk.ingest.readers import html
from factdesk.tests.ingest.conftest import Take
from factdesk.tests.ingest.reading import check_spans, said, tables


def read(source: str | bytes) -> Reading:
    return html.read(source.encode() if isinstance(source, str) else source, "page.html")


def grid(rows: str) -> list[str]:
    (table,) = tables(read(f"<table>{rows}</table>"))
    return table


def test_headings_paragraphs_and_lists_have_their_levels() -> None:
    source = "<h1>A</h1><p>One<br>line <b>5</b>.<h3>B</h3><ul><li>x<ul><li>y</ul><li><p>z</p></ul>end"
    assert said(read(source)) == [
        ("heading", 1, "A"),
        ("paragraph", 0, "One line 5."),
        ("heading", 3, "B"),
        ("item", 0, "x"),
        ("item", 1, "y"),
        ("item", 0, "z"),
        ("paragraph", 0, "end"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "<script>var a=9</script>",
        "<style>a{b:9}</style>",
        "<template><p>9</p></template>",
        "<noscript>9</noscript>",
        "<!-- 9 -->",
        "<p hidden>9</p>",
        "<p style='display: none'>9</p>",
        "<div style='VISIBILITY:hidden'><p>9</p></div>",
        "<p aria-hidden=true>9</p>",
        "<ix:header><p>9</p></ix:header>",
        "<select><option>9</select>",
    ],
)
def test_what_is_not_shown_is_not_read(source: str) -> None:
    assert read(f"<p>a</p>{source}<p>b</p>").text == "a\nb\n"


def test_a_page_says_its_title_and_language() -> None:
    reading = read("<html lang=pt-BR><title>Gov &amp; co\n 5</title><svg><title>no</title></svg><p>x")
    assert (reading.title, reading.language, reading.text) == ("Gov & co 5", "pt", "x\n")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>£5</p>".encode("utf-16"), "£5"),
        (b"<meta charset=iso-8859-1><p>\x80 5 caf\xe9</p>", "€ 5 café"),
        (b"<meta http-equiv=x content='text/html; charset=koi8-r'><p>\xc1\xc2 5</p>", "аб 5"),
        (b"<?xml version='1.0' encoding='windows-1250'?><p>\xb3 5</p>", "ł 5"),
        ("<meta charset=iso-8859-1><p>€5</p>".encode(), "€5"),  # it is UTF-8 all the same
        (b"<meta charset=utf-7><p>5 caf\xe9</p>", "5 café"),
    ],
)
def test_the_encoding_is_the_one_declared(data: bytes, text: str) -> None:
    assert read(data).blocks[-1].text == text


def test_a_link_s_address_stays_with_its_block() -> None:
    (block,) = read("<p>See <a href='http://a.b/5'>the 5</a> and <a href='#x'>below</a>.</p>").blocks
    assert (block.text, block.links) == ("See the 5 and below.", ("http://a.b/5",))


@pytest.mark.parametrize(
    ("source", "text", "marks"),
    [
        ("cost US$940K<sup>1</sup> a year", "cost US$940K a year", (Mark("1", 12),)),
        ("cost 5<sup>(a)</sup>", "cost 5", (Mark("a", 6),)),
        ("5<sup>1, 2</sup>", "5", (Mark("1", 1), Mark("2", 1))),
        ("5<span style='vertical-align:super'>3</span>", "5", (Mark("3", 1),)),
        ("10 km<sup>2</sup>", "10 km²", ()),
        ("the 1<sup>st</sup> one", "the 1st one", ()),
    ],
)
def test_a_raised_number_is_a_mark_unless_it_is_an_exponent(source: str, text: str, marks: tuple[Mark, ...]) -> None:
    (block,) = read(f"<p>{source}</p>").blocks
    assert (block.text, block.marks) == (text, marks)


@pytest.mark.parametrize(
    "source",
    [
        "<p>x<sup><a href='#n1' id=r1>1</a></sup></p><ol><li id=n1>Estimate. <a href='#r1'>↑</a></li></ol>",
        "<p>x<a href='#n1' id=r1><sup>[1]</sup></a></p><div id=n1><p>1. Estimate.</p></div>",
        "<p>x<a epub:type=noteref href='#n1'>1</a></p><aside id=n1><p>Estimate.</p></aside>",
        "<p>x<sup>1</sup></p><p><sup>1</sup> Estimate.</p>",
        "<p>x<sup id=r1><a href='#n1'>1</a></sup></p><p><a id=n1></a><sup><a href='#r1'>1</a></sup> Estimate.</p>",
        "<table><tr><td>Case<td>2019<tr><td>A<sup>(1)</sup><td>5</table><p>(1) Estimate.</p>",
        "<table><tr><td>Case<td>2019<tr><td>A<sup>1</sup><td>5</table><table><tr><td>(1)<td>Estimate.</table>",
    ],
)
def test_a_note_is_bound_to_its_mark(source: str) -> None:
    reading = read(source)
    assert [(b.label, b.text) for b in reading.blocks if b.kind.value == "note"] == [("1", "Estimate.")]
    assert [mark.label for block in reading.blocks for mark in block.marks] == ["1"]


def test_a_term_and_its_definition_are_one_item() -> None:
    source = "<dl><dt>Cost<dd>$5<dd>and 6<dt>Staff:<dd>7</dl>"
    assert said(read(source)) == [("item", 0, "Cost: $5"), ("item", 0, "and 6"), ("item", 0, "Staff: 7")]


def test_two_line_breaks_and_empty_lines_of_code_part_paragraphs() -> None:
    assert read("a<br>b<br><br>c<pre>d\n e\n\nf</pre>").text == "a b\nc\nd e\nf\n"


def test_a_short_bold_paragraph_is_a_heading_and_a_bold_sentence_is_none() -> None:
    assert said(read("<p><b>Net sales</b></p><p style='font-weight:700'>It was 5.</p><p><b>a</b> b</p>")) == [
        ("heading", 4, "Net sales"),
        ("paragraph", 0, "It was 5."),
        ("paragraph", 0, "a b"),
    ]


def test_a_table_has_heads_spans_and_a_caption() -> None:
    source = (
        "<table><caption>In millions</caption><thead><tr><th rowspan=2>Case<th colspan=2>Cost<tr>"
        "<th>2019<th>2020</thead><tr><td rowspan=2>A<td>5<td>6<tr><td colspan=2>none</table>"
    )
    reading = read(source)
    assert said(reading)[0] == ("paragraph", 0, "In millions")
    assert tables(reading) == [["#Case|Cost<2>", "#|2019|2020", "A|5|6", "|none<2>"]]
    assert [block.row_span for block in reading.blocks if block.text in ("Case", "A")] == [2, 2]
    assert reading.text == "In millions\nCase\tCost\n2019\t2020\nA\t5\t6\nnone\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # words above numbers
        ("<tr><td>Case<td>Cost<tr><td>A<td>5<tr><td>B<td>6", ["#Case|Cost", "A|5", "B|6"]),
        ("<tr><td><td>2019<td>2020<tr><td>A<td>5<td>6", ["#|2019|2020", "A|5|6"]),
        ("<tr><th>Case<th>Cost<tr><th scope=row>A<td>n/a", ["#Case|Cost", "A|n/a"]),
        # a first row in bold, without a number below
        ("<tr><td><b>Name</b><td><b>Role</b><tr><td>A<td>head", ["#Name|Role", "A|head"]),
        # two rows of heads, the first over several columns
        (
            "<tr><td><td colspan=2>Cost<td colspan=2>Staff<tr><td>Case<td>2019<td>2020<td>2019<td>2020"
            "<tr><td>A<td>5<td>6<td>7<td>8",
            ["#|Cost<2>||Staff<2>", "#Case|2019|2020|2019|2020", "A|5|6|7|8"],
        ),
        # a section's name is no head
        ("<tr><td><td>2019<tr><td>Assets<tr><td>Cash<td>5", ["#|2019", "Assets", "Cash|5"]),
        # the properties of one thing have no heads
        ("<tr><td>Name<td>Acme<tr><td>Staff<td>1,200<tr><td>Since<td>1995", ["Name|Acme", "Staff|1,200", "Since|1995"]),
        ("<tr><td>A<td>5<tr><td>B<td>6", ["A|5", "B|6"]),
    ],
)
def test_heads_are_told_from_rows(rows: str, expected: list[str]) -> None:
    assert grid(rows) == expected


def test_a_filing_s_table_reads_label_number_number() -> None:
    source = """
    <tr><td style="width:1%"/><td/><td/><td/><td/><td/><td/><td/><td/><td/><td/><td/></tr>
    <tr><td colspan=3></td><td colspan=9><b>Year ended December 31,</b></td></tr>
    <tr><td colspan=3></td><td colspan=3><b>2023</b></td><td colspan=3></td><td colspan=3><b>2022</b></td></tr>
    <tr><td colspan=3>Net sales<td>$<td>1,234<td><td colspan=3><td>$<td>1,100<sup>(1)</sup><td></tr>
    <tr><td colspan=3 style="padding-left:10pt">Loss<td colspan=2>(577<td>)<td colspan=3><td colspan=2>—<td></tr>
    <tr><td colspan=3><div style="margin-left:20pt">Tax</div><td>$<td>(5<td>)<td colspan=3><td>$<td>-<td></tr>
    <tr><td colspan=3 style="padding:2px 1pt 2px 10pt">Net<td colspan=2>5&#160;<td><td colspan=3><td colspan=2>6</tr>
    <tr><td colspan=3>Margin<td colspan=2>12.3<td>%<td colspan=3><td colspan=2>11<td>%</tr>"""
    reading = read(f"<table>{source}</table>")
    assert tables(reading) == [
        [
            "#|Year ended December 31,<2>",
            "#|2023|2022",
            "Net sales|$1,234|$1,100",
            "Loss|(577)|—",
            "Tax|$(5)|$-",
            "Net|5|6",
            "Margin|12.3%|11%",
        ]
    ]
    labels = {block.text: block.level for block in reading.blocks if block.column == 0}
    assert labels == {"Net sales": 0, "Loss": 1, "Tax": 2, "Net": 1, "Margin": 0}


def test_a_head_set_off_from_its_numbers_still_heads_them() -> None:
    assert grid("<tr><td><td>2023<td><td>2022<td><tr><td>Cash<td><td>5<td><td>6<tr><td>Tax<td><td>7<td><td>8") == [
        "#|2023|2022",
        "Cash|5|6",
        "Tax|7|8",
    ]


def test_a_line_over_the_whole_table_stands_before_it() -> None:
    reading = read("<table><tr><td colspan=3>(in millions)<tr><td><td>2019<td>2020<tr><td>A<td>5<td>6</table>")
    assert said(reading)[0] == ("paragraph", 0, "(in millions)")
    assert tables(reading) == [["#|2019|2020", "A|5|6"]]


def test_a_table_for_the_layout_is_read_as_text() -> None:
    source = (
        "<table><tr><td><h2>Costs</h2><p>It cost 5.</p><ul><li>x</ul></td><td>"
        "<table><tr><td>Case<td>Cost<tr><td>A<td>5</table></td></tr></table><table><tr><td>• <td>a point</table>"
        "<table><tr><td>left<td>right</table><table role=presentation><tr><td>A<td>5</table>"
    )
    reading = read(source)
    assert tables(reading) == [["#Case|Cost", "A|5"]]
    assert [entry for entry in said(reading) if entry[0] != "cell"] == [
        ("heading", 2, "Costs"),
        ("paragraph", 0, "It cost 5."),
        ("item", 0, "x"),
        ("item", 0, "a point"),
        ("paragraph", 0, "left"),
        ("paragraph", 0, "right"),
        ("paragraph", 0, "A"),
        ("paragraph", 0, "5"),
    ]


def test_figures_of_a_table_have_their_label_and_period(take: Take) -> None:
    rows = "<tr><th>Case<th>2019<th>2020<tr><td>Panama<td>$5<td>(7)"
    parsed = take(f"<h1>Costs</h1><p>(in millions)</p><table>{rows}</table>", "report.html")
    found = [f for f in parsed.figures if f.unit != "date"]
    assert [(f.label, str(f.value), f.period) for f in found] == [
        ("Panama", "5000000", "2019"),
        ("Panama", "-7000000", "2020"),
    ]
    assert [parsed.document.text[f.start : f.end] for f in found] == [f.quote for f in found]


def test_xhtml_s_empty_elements_end_where_they_begin() -> None:
    reading = html.read(b"<?xml version='1.0'?><html><head><title/></head><body><p>a<a id='x'/>b</p><br/>c", "a.xhtml")
    assert reading.text == "ab\nc\n"


def test_nothing_is_imported_before_a_page_is_read() -> None:
    code = "import sys, factdesk.ingest.readers as r; r.readers(); print([m for m in %r if m in sys.modules])"
    names = ["selectolax", "mammoth", "openpyxl", "pptx", "lxml", "defusedxml"]
    done = subprocess.run([sys.executable, "-c", code % names], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "<td colspan=2>", "<th rowspan=3>", "</table>", "<ul>"),
    *(
        "<li>",
        "</ul>",
        "<sup>",
        "</sup>",
        "<br>",
        "<h2>",
        "</h2>",
        "<a href=#n>",
        "</a>",
        "<p id=n>",
        "<dl><dt>",
        "<dd>",
    ),
    *(
        "<pre>",
        "</pre>",
        "<caption>",
        "<thead>",
        "1",
        "$",
        "5,000",
        ")",
        "%",
        "2019",
        " ",
        "\n\n",
        "word",
        "\u200b",
        "&nbsp;",
    ),
    *("<title>", "</title>", "<div style='display:none'>", "</div>", "•", "²", "<nothing", "</td>", "<tbody>", "↑"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_every_character_stands_where_it_is_said_to(pieces: list[str]) -> None:
    check_spans(read("".join(pieces) or " "))
