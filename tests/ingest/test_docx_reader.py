"""The Word reader: headings, lists, tables and notes, and nothing that was deleted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.errors import InputError, Reason
from factdesk.corpus.records import Mark, Reading
from factdesk.ingest.readers import docx as word
from factdesk.tests.ingest.conftest import Take
from factdesk.tests.ingest.reading import check_spans, said, tables
from factdesk.tests.office_files import HEAD, docx, p, packed, tbl

NOTE = '<w:r><w:footnoteReference w:id="1"/></w:r>'


def read(body: str, **more: str | bytes) -> Reading:
    return word.read(docx(body, **more), "report.docx")


def test_styles_give_headings_and_numbering_gives_items() -> None:
    body = p("Report", "Title") + p("Costs", "Heading1") + p("Detail", "Ttulo3") + p("It cost 5.")
    body += p("one", level=0) + p("two", level=1) + p("three", level=0)
    assert said(read(body)) == [
        ("heading", 1, "Report"),
        ("heading", 1, "Costs"),
        ("heading", 3, "Detail"),
        ("paragraph", 0, "It cost 5."),
        ("item", 0, "one"),
        ("item", 1, "two"),
        ("item", 0, "three"),
    ]


def test_a_footnote_is_a_note_under_its_number() -> None:
    reading = read(p("It cost 5", runs=f"{NOTE}<w:r><w:t> in all.</w:t></w:r>"))
    first, note = reading.blocks
    assert (first.text, first.marks) == ("It cost 5 in all.", (Mark("1", 9),))
    assert (note.kind.value, note.label, note.text) == ("note", "1", "Estimate of 2017.")


def test_what_was_deleted_moved_away_or_commented_is_not_read() -> None:
    runs = (
        "<w:del><w:r><w:delText>99</w:delText></w:r></w:del><w:ins><w:r><w:t> new</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>98</w:t></w:r></w:moveFrom><w:commentRangeStart w:id='0'/>"
        "<w:r><w:commentReference w:id='0'/></w:r>"
    )
    assert read(p("old", runs=runs)).text == "old new\n"


def test_rows_that_repeat_are_heads_and_merged_cells_span() -> None:
    merged = (
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{p("Both")}</w:tc></w:tr>'
        f'<w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{p("Tall")}</w:tc><w:tc>{p("5")}</w:tc></w:tr>'
        f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{p('')}</w:tc><w:tc>{p('6')}</w:tc></w:tr></w:tbl>"
    )
    reading = read(tbl([["Case", "2019"], ["A", "$5"]], heads=1) + p("between") + merged)
    assert tables(reading) == [["#Case|2019", "A|$5"], ["Both<2>", "Tall|5", "|6"]]


def test_text_boxes_are_read() -> None:
    box = (
        f"<w:pict><v:shape><v:textbox><w:txbxContent>{p('In a box: 5')}</w:txbxContent></v:textbox></v:shape></w:pict>"
    )
    assert read(p("", runs=f"<w:r>{box}</w:r>")).text == "In a box: 5\n"


def test_the_title_is_the_author_s_and_not_the_program_s() -> None:
    def titled(title: str) -> str:
        core = (
            f'{HEAD}<c:coreProperties xmlns:c="urn:core" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></c:coreProperties>'
        )
        return read(p("a"), **{"docProps/core.xml": core}).title

    assert (titled("Costs of 2017"), titled("Microsoft Word"), read(p("a")).title) == ("Costs of 2017", "", "")


def test_an_archive_without_a_document_is_damaged() -> None:
    try:
        word.read(packed({"a.xml": "<a/>"}), "a.docx")
    except InputError as error:
        assert error.reason is Reason.DAMAGED
    else:
        raise AssertionError


def test_figures_come_out_of_tables(take: Take) -> None:
    data = docx(p("Costs", "Heading1") + tbl([["Case", "2019"], ["Panama", "US$5 million"]], heads=1))
    parsed = take(data, "report.docx")
    assert [(f.label, str(f.value), f.unit, f.period) for f in parsed.figures if f.unit != "date"] == [
        ("Panama", "5000000", "USD", "2019")
    ]


WORDS = st.text(st.sampled_from("ab5 $%.,()\u00a0\u200b²é"), max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(WORDS, st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=3)), max_size=5)
)
def test_every_character_stands_where_it_is_said_to(parts: list[str | list[list[str]]]) -> None:
    check_spans(read("".join(p(part) if isinstance(part, str) else tbl(part) for part in parts)))
