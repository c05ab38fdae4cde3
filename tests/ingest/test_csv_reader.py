"""The reader of comma-separated values: which sign parts them, what is a head, and exact places in the source."""

from __future__ import annotations

import csv as standard
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.records import Reading
from factdesk.ingest.readers import csv
from factdesk.tests.ingest.conftest import Take
from factdesk.tests.ingest.reading import check_spans, said, tables


def read(source: str) -> Reading:
    return csv.read(source.encode(), "values.csv")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Case,Cost\nA,5\nB,6\n", ["#Case|Cost", "A|5", "B|6"]),
        ("Case;Cost;Rate\nA;1.234,5;2,5\nB;6,1;3,5\n", ["#Case|Cost|Rate", "A|1.234,5|2,5", "B|6,1|3,5"]),
        ("Case\tCost\nA, or B\t5\n", ["#Case|Cost", "A, or B|5"]),
        ("Case|Cost\nA|5\n", ["#Case|Cost", "A|5"]),
        ("sep=;\nCase;Cost\nA;5\n", ["#Case|Cost", "A|5"]),
        ('Case,"Cost, in $"\n"A ""one""", "5,000"\n', ["#Case|Cost, in $", 'A "one"|5,000']),
        ("Name,Role\nAda,head\nBob,clerk\n", ["#Name|Role", "Ada|head", "Bob|clerk"]),
        ("country,code,population\nA,x,5\nB,y,6\n", ["#country|code|population", "A|x|5", "B|y|6"]),
        ("A,5\nB,6\n", ["A|5", "B|6"]),
        (",2019,2020\nA,5,6\n\nB,7,8\n", ["#|2019|2020", "A|5|6", "B|7|8"]),
        ("Case,Cost\r\nA,5\r\n", ["#Case|Cost", "A|5"]),
    ],
)
def test_values_are_a_table(source: str, expected: list[str]) -> None:
    assert tables(read(source)) == [expected]


def test_quotes_are_the_source_s_own() -> None:
    reading = read('Case,Cost\n"A, B","1,5"\n')
    assert [reading.text[b.start : b.end] for b in reading.blocks] == ["Case", "Cost", "A, B", "1,5"]
    assert reading.text == 'Case,Cost\n"A, B","1,5"\n'


def test_lines_of_one_field_are_text_and_an_empty_line_parts_tables() -> None:
    reading = read("Costs in millions\n\nCase,Cost\nA,5\n\nStaff,Number\nB,6\n\nSource: me\n")
    assert [entry for entry in said(reading) if entry[0] != "cell"] == [
        ("paragraph", 0, "Costs in millions"),
        ("paragraph", 0, "Source: me"),
    ]
    assert tables(reading) == [["#Case|Cost", "A|5"], ["#Staff|Number", "B|6"]]


def test_a_row_with_too_many_fields_is_read_with_a_doubt() -> None:
    doubts = {b.text: b.doubt for b in read("Case,Cost\nA,5\nB,6,extra\nC,7\n").blocks if b.doubt}
    assert doubts == {"extra": "its row has more fields than the table has columns"}


@pytest.mark.parametrize(
    "source",
    [
        "Hello, this is text.\nIt goes on, and on, and on.\nNo commas here\nNor here\n",
        "One line only\n",
        "First, a sentence of many words" + " and more" * 60 + ".\nThen, another" + " and more" * 60 + ".\n",
    ],
)
def test_prose_is_read_as_prose(source: str) -> None:
    assert {block.kind.value for block in read(source).blocks} <= {"paragraph", "heading"}


def test_an_unclosed_quotation_mark_is_a_character() -> None:
    assert tables(read('Case,Cost\n"A,5\nB,6\n')) == [["#Case|Cost", '"A|5', "B|6"]]


def test_figures_come_out_of_values(take: Take) -> None:
    parsed = take("Case,2019,2020\nPanama,US$5 million,7\n", "costs.csv")
    found = [(f.label, str(f.value), f.unit, f.period) for f in parsed.figures if f.unit != "date"]
    assert found[0] == ("Panama", "5000000", "USD", "2019")


FIELD = st.text(st.sampled_from('ab5,; "\n.%$'), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(FIELD, min_size=2, max_size=4), min_size=1, max_size=5))
def test_fields_are_those_of_the_standard_library(rows: list[list[str]]) -> None:
    file = io.StringIO()
    standard.writer(file, lineterminator="\n", quoting=standard.QUOTE_ALL).writerows(rows)
    source = file.getvalue()
    found = [
        [source[f.start : f.end].replace('""', '"') for f in row] for row in csv.fields(source, 0, ",") if len(row) > 1
    ]
    assert found == rows
    check_spans(read(source))


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('ab5,;\t|"\n 2019$%'), min_size=1, max_size=60))
def test_every_character_stands_where_it_is_said_to(source: str) -> None:
    check_spans(read(source))
