"""The PowerPoint reader: slides are pages, and tables and charts are tables."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pptx import Presentation
from pptx.chart import data as chart_data
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from factdesk.corpus.records import Mark, Reading
from factdesk.ingest.readers import pptx
from factdesk.tests.ingest.conftest import Take
from factdesk.tests.ingest.reading import check_spans, said, tables

CHART_DATA: Any = chart_data
"""The library's types leave these calls out."""
TITLE_AND_CONTENT, TITLE_ONLY, BLANK = 1, 5, 6


class Deck:
    """A presentation in the making."""

    def __init__(self) -> None:
        self.made: Any = Presentation()

    def slide(self, title: str = "", layout: int = TITLE_ONLY) -> Any:
        slide = self.made.slides.add_slide(self.made.slide_layouts[layout])
        if title:
            slide.shapes.title.text = title
        return slide

    def bytes(self) -> bytes:
        file = io.BytesIO()
        self.made.save(file)
        return file.getvalue()

    def read(self) -> Reading:
        return pptx.read(self.bytes(), "deck.pptx")


def box(shapes: Any, text: str, top: float, left: float = 1) -> Any:
    made = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
    made.text_frame.text = text
    return made


def put_table(slide: Any, rows: list[list[str]]) -> Any:
    shape = slide.shapes.add_table(len(rows), len(rows[0]), Inches(1), Inches(2), Inches(5), Inches(2))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            shape.table.cell(r, c).text = text
    return shape.table


def test_a_slide_is_a_page_with_its_title_first_and_its_notes_last() -> None:
    deck = Deck()
    slide = deck.slide("Costs", TITLE_AND_CONTENT)
    slide.placeholders[1].text = "First\nSecond"
    slide.placeholders[1].text_frame.paragraphs[1].level = 1
    slide.notes_slide.notes_text_frame.text = "Say this.\nAnd 5."
    deck.slide("Savings")
    reading = deck.read()
    assert said(reading) == [
        ("heading", 2, "Costs"),
        ("item", 0, "First"),
        ("item", 1, "Second"),
        ("paragraph", 0, "Notes: Say this."),
        ("paragraph", 0, "And 5."),
        ("heading", 2, "Savings"),
    ]
    assert [(p.number, p.label, reading.text[p.start : p.end]) for p in reading.pages] == [
        (1, "1", "Costs\nFirst\nSecond\nNotes: Say this.\nAnd 5.\n"),
        (2, "2", "Savings\n"),
    ]


def test_shapes_are_read_from_the_top_and_groups_from_within() -> None:
    deck = Deck()
    shapes = deck.slide("T").shapes
    box(shapes, "right", 3.0, 6)
    box(shapes, "left", 3.1, 1)
    group = shapes.add_group_shape()
    box(group.shapes.add_group_shape().shapes, "within", 2)
    assert [text for _, _, text in said(deck.read())] == ["T", "within", "left", "right"]


def test_a_table_has_heads_and_merged_cells() -> None:
    deck = Deck()
    table = put_table(deck.slide("T"), [["Case", "2019", "2020"], ["A", "$5", "$6"], ["both", "", "8"]])
    table.cell(2, 0).merge(table.cell(2, 1))
    assert tables(deck.read()) == [["#Case|2019|2020", "A|$5|$6", "both<2>||8"]]


def test_a_chart_is_a_table_under_its_title_and_one_without_categories_is_told() -> None:
    deck = Deck()
    slide = deck.slide("T")
    data = CHART_DATA.CategoryChartData(number_format="0.0%")
    data.categories = ["East", "West"]
    data.add_series("2019", (0.1, 0.25))
    data.add_series("2020", (0.3, None))
    place = (Inches(1), Inches(3), Inches(3), Inches(2))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Share by region"
    scattered = CHART_DATA.XyChartData()
    scattered.add_series("s").add_data_point(1, 2)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *place, scattered)
    reading = deck.read()
    assert said(reading)[1] == ("paragraph", 0, "Share by region")
    assert tables(reading) == [["#|2019|2020", "East|10.0%|30.0%", "West|25.0%"]]
    assert reading.warnings == ("slide 1: a chart without categories was not read",)


def test_hidden_slides_are_not_read_and_keep_their_number() -> None:
    deck = Deck()
    deck.slide("Secret")._element.set("show", "0")
    deck.slide("Shown")
    reading = deck.read()
    assert (reading.text, reading.warnings) == ("Shown\n", ("hidden slide not read: 1",))
    assert [(p.number, p.label) for p in reading.pages] == [(1, "1"), (2, "2")]


def test_a_raised_number_is_a_mark() -> None:
    deck = Deck()
    paragraph = box(deck.slide("T").shapes, "cost 5", 2).text_frame.paragraphs[0]
    run = paragraph.add_run()
    run.text = "1"
    run._r.get_or_add_rPr().set("baseline", "30000")
    block = deck.read().blocks[-1]
    assert (block.text, block.marks) == ("cost 5", (Mark("1", 6),))


def test_figures_come_out_of_slides(take: Take) -> None:
    deck = Deck()
    put_table(deck.slide("Costs"), [["Case", "2019"], ["Panama", "US$5 million"]])
    found = [f for f in take(deck.bytes(), "deck.pptx").figures if f.unit != "date"]
    assert [(f.label, str(f.value), f.unit, f.period, f.page) for f in found] == [
        ("Panama", "5000000", "USD", "2019", 1)
    ]


WORDS = st.text(st.sampled_from("ab5 $%.\n\u00a0\u200b²é"), max_size=12)


@settings(max_examples=15, deadline=None)
@given(st.lists(WORDS, max_size=3), st.lists(st.lists(WORDS, min_size=2, max_size=2), min_size=1, max_size=3))
def test_every_character_stands_where_it_is_said_to(texts: list[str], rows: list[list[str]]) -> None:
    deck = Deck()
    slide = deck.slide("T")
    for number, text in enumerate(texts):
        box(slide.shapes, text, number)
    put_table(slide, rows)
    check_spans(deck.read())
