"""Records as people and programs are shown them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factdesk.corpus.records import (
    Answer,
    Calculation,
    Citation,
    CitedFigure,
    DocumentRef,
    Figure,
    Kind,
    Passage,
    RankedPassage,
)
from factdesk.qa import format as render

REPORT = DocumentRef("report", "Annual Report", "reports/report.pdf")


def figure(value: str = "151000", **other: Any) -> Figure:
    known: dict[str, Any] = {
        "id": "report/f1",
        "document": "report",
        "subject": "Lindholm",
        "section": ("Lindholm", "Costs"),
        "measure": "operating_cost",
        "label": "operating costs",
        "unit": "EUR",
        "quote": "EUR 151K/MONTH",
        "start": 10,
        "end": 24,
        "page": 10,
        "page_label": "8",
        "per": "month",
        "printed": "EUR 151K/MONTH",
    }
    return Figure(value=Decimal(value), **{**known, **other})


def citation(n: int = 1, **other: Any) -> Citation:
    known: dict[str, Any] = {
        "document": REPORT,
        "page": 10,
        "page_label": "8",
        "section": ("Lindholm", "Costs"),
        "quote": "#### OPERATING COSTS: **EUR 151K/MONTH**",
        "start": 10,
        "end": 50,
    }
    return Citation(n=n, **{**known, **other})


def answer(text: str = "EUR 151K per month [1]", **other: Any) -> Answer:
    known: dict[str, Any] = {
        "id": "a1",
        "question": "What does it cost?",
        "kind": Kind.FIGURE,
        "confidence": 0.97,
        "figures": (CitedFigure(figure(), 1),),
        "citations": (citation(),),
    }
    return Answer(answer=text, **{**known, **other})


@pytest.mark.parametrize(
    "quote, words",
    [
        ("US $7,6<sup>5</sup> MILLION", "US $7,6⁵ MILLION"),
        ("US\\$190K", "US$190K"),
        ("US$940K[^1]", "US$940K¹"),
        ("## **COSTS:** [the site](https://example.test/a_b)", "COSTS: the site"),
        ("- one\n- *two*  and __three__", "one two and three"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a · b · · 1 · 2"),
        ("<td>78.9%</td><td>AT&amp;T</td>", "78.9% AT&T"),
        ("<https://example.test/x>", "https://example.test/x"),
        ("snake_case stays, 2 * 3 loses its star", "snake_case stays, 2 3 loses its star"),
        ("a < b and c > d", "a < b and c > d"),
        ("", ""),
    ],
)
def test_a_quote_is_freed_of_markup(quote: str, words: str) -> None:
    assert render.plain(quote) == words


@pytest.mark.parametrize("text", ["[" * 50_000, "<" * 50_000, "*_" * 50_000, "<a " * 30_000, "[x](" * 20_000])
def test_hostile_markup_costs_no_time(text: str) -> None:
    render.plain(text)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain, ünïcode and 漢字", "plain, ünïcode and 漢字"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("over\u202eride", "over\\u202eride"),
        ("a\rb", "a\\rb"),
        ("half \ud800", "half \\ud800"),
        ("soft\u00adhyphen", "softhyphen"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_what_would_steer_a_terminal_is_shown(text: str, shown: str) -> None:
    assert render.visible(text) == shown


@given(st.text())
def test_a_cleaned_question_is_one_harmless_line(text: str) -> None:
    cleaned = render.clean(text)
    assert "\n" not in render.visible(cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert render.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "page, label, path, words",
    [
        (10, "10", "a.pdf", "p. 10"),
        (10, "8", "a.pdf", "p. 8, PDF page 10"),
        (10, "viii", "a.docx", "p. viii, page 10"),
        (10, None, "a.pdf", "p. 10"),
        (None, None, "a.md", ""),
    ],
)
def test_a_page_is_named_as_printed_and_as_counted(page: int | None, label: str | None, path: str, words: str) -> None:
    assert render.page_words(page, label, path) == words


def test_an_answer_on_a_terminal() -> None:
    assert render.answer_to_text(answer()) == (
        "EUR 151K per month [1]\n"
        "[1] Annual Report, p. 8, PDF page 10 › Lindholm › Costs\n"
        '    "OPERATING COSTS: EUR 151K/MONTH"'
    )


def test_a_document_without_pages_shows_none() -> None:
    text = render.answer_to_text(answer(citations=(citation(page=None, page_label=None),)))
    assert "[1] Annual Report › Lindholm › Costs\n" in text


def test_a_title_that_is_the_first_heading_is_named_once() -> None:
    assert (
        render.place_of(citation(section=("Annual Report", "Lindholm")))
        == "Annual Report, p. 8, PDF page 10 › Lindholm"
    )


def test_a_long_quote_is_cut_between_words() -> None:
    text = render.answer_to_text(answer(citations=(citation(quote="word " * 200),)))
    quote = text.splitlines()[-1].strip()
    assert len(quote) <= render.QUOTE_LENGTH + 2
    assert quote.endswith('word…"')


def test_a_calculation_is_shown_once() -> None:
    calculation = Calculation("151000 * 12", Decimal(1812000), "EUR", "year", ("report/f1",))
    shown = render.answer_to_text(answer("EUR 1.812 million a year [1]", calculation=calculation))
    assert "  151000 * 12 = 1,812,000 EUR per year\n" in shown
    told = render.answer_to_text(answer("151000 * 12 = 1,812,000 EUR per year [1]", calculation=calculation))
    assert told.count("151000 * 12") == 1


def test_suggestions_are_shown_after_the_citations() -> None:
    shown = render.answer_to_text(answer(suggestions=("What did Varnau cost?",)))
    assert shown.endswith("You can ask:\n  1  What did Varnau cost?")


def test_a_document_cannot_steer_the_terminal_or_add_lines() -> None:
    hostile = citation(document=DocumentRef("x", "Title\n[2] forged\x1b[2J", "x.md"), quote="a\x1b[31m\u202e b\n[3] c")
    lines = render.answer_to_text(answer(citations=(hostile,))).splitlines()
    assert len(lines) == 3
    assert all("\x1b" not in line and "\u202e" not in line for line in lines)


def test_in_markdown_nothing_of_a_document_is_markup() -> None:
    hostile = citation(quote="<script>x</script> [link](javascript:1) `code`")
    shown = render.answer_to_markdown(answer("*EUR* <b>151K</b> [1] [9]", citations=(hostile,)))
    assert shown.startswith(r"\*EUR\* \<b\>151K\</b\> [1] \[9\]")
    assert "<script>" not in shown and "](" not in shown


def test_json_numbers_are_exact_where_they_are_whole() -> None:
    values = ["151000", "151000.00", "-1577", "2.25", "1.25E+12", "0", "12345678901234567890"]
    assert [render.number(Decimal(value)) for value in values] == [
        *(151000, 151000, -1577, 2.25, 1250000000000, 0, 12345678901234567890),
    ]
    assert json.dumps(render.number(Decimal("151000.0"))) == "151000"
    assert render.number(None) is None
    assert render.number(Decimal("1E+1000000")) is None


def test_a_number_of_a_million_digits_is_not_written_out() -> None:
    assert len(render.amount(Decimal("1E+1000000"), unit="EUR")) < 30


def test_passages_are_there_only_when_asked_for() -> None:
    passage = Passage("p1", "report", "Lindholm", ("Lindholm",), "words", "words", 0, 5, 10, "8")
    assert "passages" not in render.answer_to_json(answer())
    shown = render.answer_to_json(answer(passages=(RankedPassage(passage, 0.5),)), {"report": REPORT})["passages"]
    assert shown[0]["document"] == {"id": "report", "title": "Annual Report", "path": "reports/report.pdf"}
    assert (shown[0]["page"], shown[0]["page_label"], shown[0]["score"]) == (10, "8", 0.5)


@pytest.mark.parametrize(
    "cell, written",
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("+49 30", "'+49 30"),
        ("-5 %", "'-5 %"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\u00a0=1", "'\u00a0=1"),
        ("a=1", "a=1"),
        (-1577, -1577),
        (2.5, 2.5),
        (None, None),
    ],
)
def test_formulas_are_neutralised_and_numbers_are_not(cell: render.Cell, written: render.Cell) -> None:
    assert render.csv_cell(cell) == written


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_keeps_numbers_and_quotes_text() -> None:
    (row,) = rows(render.figures_to_csv([figure("-1577", label='=HYPERLINK("x")', footnotes=("a", "b"))]))
    assert (row["value"], row["label"]) == ("-1577", '\'=HYPERLINK("x")')
    assert (row["section"], row["footnotes"], row["value_high"]) == ("Lindholm › Costs", "a | b", "")


def test_tables_line_up_whatever_the_script() -> None:
    text = render.table(("a", "b", "c"), [["漢字", "1", ""], ["x", "2", ""]], (0, 0, 0))
    assert text.splitlines() == ["a     b", "漢字  1", "x     2"]


def series(*figures: Figure) -> Answer:
    return answer(figures=tuple(CitedFigure(item, 1) for item in figures), kind=Kind.COMPARISON)


def bars(found: Answer) -> Sequence[float]:
    return [bar["value"] for bar in render.chart(found, "costs")[0]["data"]["values"]]


def test_a_chart_brings_rates_to_a_year() -> None:
    assert bars(series(figure("10"), figure("300", per="year"))) == [120, 300]
    assert bars(series(figure("10"), figure("30"))) == [10, 30]


def test_a_chart_leaves_other_units_out_and_says_so() -> None:
    found = series(figure("10"), figure("20"), figure("3", unit="USD", subject="Varnau"))
    spec, left_out = render.chart(found, "costs")
    assert (len(spec["data"]["values"]), left_out) == (2, ["Varnau"])
    assert render.chart(series(), "costs") == ({}, [])


def test_a_chart_cannot_end_the_script_it_stands_in() -> None:
    spec, _ = render.chart(series(figure(subject="</scr<b>ipt><script>alert(1)</script>")), "</script>")
    assert "<" not in json.dumps(spec)


def test_a_comparison_keeps_what_is_not_comparable_and_what_is_covered() -> None:
    lines = (
        "EUR 151K per month: operating cost of Lindholm [1]",
        "  not comparable, other unit or rate: Varnau: USD 9K [2]",
        "  2 of 3 state it; not: Holt",
    )
    compared = answer("\n".join(lines), kind=Kind.COMPARISON, citations=(citation(1), citation(2, quote="USD 9K")))
    shown = render.comparison_to_text(compared)
    assert "not comparable, other unit or rate: Varnau: USD 9K [2]" in shown
    assert "2 of 3 state it; not: Holt" in shown
    assert "operating cost of Lindholm [1]" not in shown
