"""The Markdown reader: what is a block, what is a mark, and every character in its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.records import Block, BlockKind, Mark
from factdesk.ingest.readers import markdown


def blocks(source: str) -> tuple[Block, ...]:
    return markdown.read(source.encode(), "report.md").blocks


def plain(source: str) -> list[tuple[str, int, str]]:
    """Kind, level and text of each block."""
    return [(block.kind.value, block.level, block.text) for block in blocks(source)]


def quotes(source: str) -> list[str]:
    return [source[block.start : block.end] for block in blocks(source)]


@pytest.mark.parametrize(
    ("source", "text", "quote"),
    [
        (r"US\$190K", "US$190K", r"US\$190K"),
        (r"5 \* 3", "5 * 3", r"5 \* 3"),
        ("AT&amp;T paid 5 maps", "AT&T paid 5 maps", "AT&amp;T paid 5 maps"),
        ("&euro;5 and more", "€5 and more", "&euro;5 and more"),
        ("paid 5&euro;", "paid 5€", "paid 5&euro;"),
        ("5&nbsp;000 people", "5 000 people", "5&nbsp;000 people"),
        ("a **bold 5** word", "a bold 5 word", "a **bold 5** word"),
        ("**5** words", "5 words", "**5** words"),
        ("`code 5` x", "code 5 x", "`code 5` x"),
        ("see [the 5](http://a.b/5_(c)) now", "see the 5 now", "see [the 5](http://a.b/5_(c)) now"),
        ("see [the 5](http://a.b/5_(c))", "see the 5", "see [the 5](http://a.b/5_(c))"),
        ("see [the 5][x]\n\n[x]: http://a.b", "see the 5", "see [the 5][x]"),
        ("![costs 2017](a.png) costs 5", "costs 5", "costs 5"),
        ("<b>5</b> x", "5 x", "5</b> x"),
        ("one\ntwo  \nthree", "one two three", "one\ntwo  \nthree"),
        ("> quoted 5\n> on", "quoted 5 on", "quoted 5\n> on"),
        ("a <!-- 5 --> b", "a b", "a <!-- 5 --> b"),
        ("a\u200bb\u00ad5", "ab5", "a\u200bb\u00ad5"),
    ],
)
def test_words_lose_their_markup_and_quotes_keep_it(source: str, text: str, quote: str) -> None:
    block = blocks(source)[0]
    assert (block.text, source[block.start : block.end]) == (text, quote)


@pytest.mark.parametrize(
    ("source", "text", "marks"),
    [
        ("US$940K<sup>1</sup>", "US$940K", (Mark("1", 7),)),
        ("US $7,6<sup>5</sup> MILLION", "US $7,6 MILLION", (Mark("5", 7),)),
        ("US $7,6⁵ MILLION", "US $7,6 MILLION", (Mark("5", 7),)),
        ("one[^a] two[^12]", "one two", (Mark("a", 3), Mark("12", 7))),
        ("one<sup>*</sup>", "one", (Mark("*", 3),)),
        ("the 5<sup>th</sup> of 9", "the 5th of 9", ()),
        ("10 km<sup>2</sup>", "10 km2", ()),
        ("10 km² of it", "10 km² of it", ()),
        ("one [^two words] three", "one [^two words] three", ()),
    ],
)
def test_a_raised_mark_is_a_footnote_and_no_digit(source: str, text: str, marks: tuple[Mark, ...]) -> None:
    block = blocks(source)[0]
    assert (block.text, block.marks) == (text, marks)


@pytest.mark.parametrize(
    ("source", "notes"),
    [
        ("a[^1]\n\n[^1]: In 2017 prices.", [("1", "In 2017 prices.")]),
        ("a<sup>1</sup>\n\n<sup>1</sup> In 2017 prices.", [("1", "In 2017 prices.")]),
        ("a[^1] b[^x]\n\n[^1]: One.\n[^x]: Two.", [("1", "One."), ("x", "Two.")]),
        ("a¹ b²\n\n¹ One.\n² Two.", [("1", "One."), ("2", "Two.")]),
    ],
)
def test_a_paragraph_that_opens_with_a_mark_is_a_footnote(source: str, notes: list[tuple[str, str]]) -> None:
    assert [(b.label, b.text) for b in blocks(source) if b.kind is BlockKind.NOTE] == notes


def test_headings_items_and_paragraphs_have_their_levels() -> None:
    source = "# A\n\n## B ##\n\ntext\nwrapped\n\n- one\n  wrapped\n  - two\n\n1. three\n\nC\n---\n"
    assert plain(source) == [
        ("heading", 1, "A"),
        ("heading", 2, "B"),
        ("paragraph", 0, "text wrapped"),
        ("item", 0, "one wrapped"),
        ("item", 1, "two"),
        ("item", 0, "three"),
        ("heading", 2, "C"),
    ]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("**COSTS**", "heading"),
        ("**Costs of 5**", "heading"),
        ("**Costs:**", "paragraph"),  # it introduces what follows
        ("**It cost 5.**", "paragraph"),  # a sentence
        ("**Costs** and more", "paragraph"),
        ("**" + "word " * 20 + "end**", "paragraph"),  # too long for a heading
    ],
)
def test_a_short_paragraph_in_bold_is_a_heading(source: str, kind: str) -> None:
    assert [block[0] for block in plain(source)] == [kind]


def test_a_pipe_table_has_rows_and_columns() -> None:
    found = blocks("| | 2023 |\n|---|--:|\n| Sales | 1,5 |\n| a \\| b | 2 |\n")
    assert [(b.row, b.column, b.table, b.text) for b in found] == [
        (0, 1, 1, "2023"),
        (1, 0, 1, "Sales"),
        (1, 1, 1, "1,5"),
        (2, 0, 1, "a | b"),
        (2, 1, 1, "2"),
    ]


def test_a_flattened_table_is_unrolled_column_by_column() -> None:
    header = "**COSTS**\t**SAVINGS**<sup>2</sup>"
    costs = "<p><strong>INVESTMENT: US$5K</strong></p><ul><li>Tools</li></ul>"
    body = f"{costs}\t<p><strong>STATE: US$9K</strong></p><p>A year.</p>"
    found = blocks(f"{header}\n\n{body}\n")
    assert [(b.kind.value, b.level, b.column, b.text) for b in found] == [
        ("heading", 2, 0, "COSTS"),
        ("heading", 3, 0, "INVESTMENT: US$5K"),
        ("item", 0, 0, "Tools"),
        ("heading", 2, 1, "SAVINGS"),
        ("heading", 3, 1, "STATE: US$9K"),
        ("paragraph", 0, 1, "A year."),
    ]
    assert [b.marks for b in found if b.marks] == [(Mark("2", 7),)]


def test_html_has_lists_headings_and_silent_parts() -> None:
    items = "<ul><li>one</li><li>• two</li></ul><script>var x = 7;</script>"
    source = f"<div><h2>Costs &amp; more</h2><p>It cost &euro;5.</p>{items}</div>\n"
    assert plain(source) == [
        ("heading", 2, "Costs & more"),
        ("paragraph", 0, "It cost €5."),
        ("item", 0, "one"),
        ("item", 0, "two"),
    ]
    assert quotes(source)[1] == "It cost &euro;5."


def test_code_is_text_without_its_fences() -> None:
    assert plain("```sh\nrun 5\n```\n") == [("paragraph", 0, "run 5")]
    assert plain("    indented 5\n") == [("paragraph", 0, "indented 5")]


def test_front_matter_says_title_subject_and_language() -> None:
    source = "---\ntitle: A Report\nsubject: 'The Case'\nlanguage: es\nother: 1\n---\n\ntext 5\n"
    reading = markdown.read(source.encode(), "report.md")
    assert (reading.title, reading.subject, reading.language) == ("A Report", "The Case", "es")
    assert [(b.text, source[b.start : b.end]) for b in reading.blocks] == [("text 5", "text 5")]


def test_links_are_kept_as_addresses() -> None:
    assert blocks("[gub](http://gub.example/x) and <http://b.example>")[0].links == (
        "http://gub.example/x",
        "http://b.example",
    )


SIGNS = "** * _ ` ~~ [ ] ( ) [a](b) ![c](d) [^1] [^1]: & &amp; &euro; &#53; \\ | # - 1. > : . , $ é € ²"
TAGS = "<sup>1</sup> <sup> </sup> <b> </b> <br> <p> <li> <ul> </ul> <!-- x -->"
PIECES = st.sampled_from(
    [*("word", "5", "1,248", "2017", "US\\$5"), *SIGNS.split(" "), *TAGS.split(" "), *"\u200b\u00ad\u00a0\t"]
)
MARKDOWN = st.lists(st.one_of(PIECES, st.sampled_from([" ", "\n", "\n\n", "  "])), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(MARKDOWN | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_every_character_stands_where_it_is_said_to(source: str) -> None:
    reading = markdown.read(source.encode("utf-8", "replace") + b"\nend", "report.md")
    for block in reading.blocks:
        assert 0 <= block.start < block.end <= len(reading.text)
        assert len(block.text) == len(block.offsets)
        for character, at in zip(block.text, block.offsets, strict=True):
            assert block.start <= at < block.end
            stands = reading.text[at]
            assert stands == character or stands.isspace() or stands == "&" or character == " "
        assert list(block.offsets) == sorted(block.offsets)
        for mark in block.marks:
            assert 0 <= mark.at <= len(block.text)


def test_what_is_nested_deeply_is_still_read() -> None:
    source = "\n".join(f"{'  ' * depth}- item {depth}" for depth in range(30))
    assert plain(source) == [("item", depth, f"item {depth}") for depth in range(30)]
