"""The numeric contract: no number that nothing supports, no altered quote and no mark to nowhere gets out."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.records import Answer, Calculation, Citation, CitedFigure, Figure, Kind
from factdesk.qa.desk import Desk
from factdesk.qa.verify import holds, line_holds, number_holds, runs, squeezed, support, text_of, verified

QUESTION = "How much did the HPD invest?"


@pytest.fixture(scope="module")
def good(desk: Desk) -> Answer:
    """An answer that holds: one figure, two items, a footnote."""
    return desk.ask(QUESTION)


def checked(desk: Desk, answer: Answer) -> Answer:
    return verified(answer, desk.snapshot.catalogue)


def test_an_answer_that_holds_is_left_alone(desk: Desk, good: Answer) -> None:
    assert checked(desk, good) == good


@pytest.mark.parametrize(
    "line",
    [
        "EUR 601K, investment [1]",
        "EUR 600.5K [1]",
        "EUR 6001 [1]",
        "it was 77 [1]",
        "EUR 600K [9]",  # no such citation
        "twice as much, 1200000 [1]",
        "at 2017 prices [3]",
        "٦٠١ [1]",  # digits are digits in any script
    ],
)
def test_a_line_that_nothing_supports_is_taken_out(desk: Desk, good: Answer, line: str) -> None:
    altered = replace(good, answer=f"{good.answer}\n{line}")
    assert checked(desk, altered).answer == good.answer


def test_nothing_is_left_of_an_answer_without_support(desk: Desk, good: Answer) -> None:
    found = checked(desk, replace(good, answer="EUR 999K [1]"))
    assert (found.kind, found.reason, found.answer, found.figures, found.citations, found.confidence) == (
        Kind.ABSTENTION,
        "not_verified",
        "",
        (),
        (),
        0.0,
    )


def altered(citation: Citation, how: str) -> Citation:
    if how == "quote":
        return replace(citation, quote=citation.quote.replace("6", "7"))
    if how == "place":
        return replace(citation, start=citation.start + 1, end=citation.end + 1)
    if how == "document":
        return replace(citation, document=replace(citation.document, id="none"))
    return replace(citation, quote="", start=citation.start, end=citation.start)


@pytest.mark.parametrize("how", ["quote", "place", "document", "empty"])
def test_a_tampered_quote_takes_its_figure_and_its_lines_with_it(desk: Desk, good: Answer, how: str) -> None:
    first = altered(good.citations[0], how)
    assert not holds(first, text_of(first.document.id, desk.snapshot.catalogue))
    found = checked(desk, replace(good, citations=(first, *good.citations[1:])))
    assert all(citation.n != 1 for citation in found.citations)
    assert all(cited.citation != 1 for cited in found.figures)
    assert "[1]" not in found.answer


def test_a_figure_must_lie_in_the_quote_that_is_cited_for_it(desk: Desk, good: Answer) -> None:
    swapped = tuple(CitedFigure(cited.figure, 3) for cited in good.figures)
    assert checked(desk, replace(good, figures=swapped)).kind is Kind.ABSTENTION


def test_the_question_s_own_numbers_are_no_claims(good: Answer) -> None:
    assert "2009" not in support(good, good.citations, ())
    assert "2009" in support(good, good.citations, ("HPD investment in 2009",))


def test_a_calculation_supports_its_operands_and_its_result(good: Answer) -> None:
    made = Calculation("600000 / 12345", Decimal("48.6"), "EUR", None, ())
    assert {"600000", "12345", "486"} <= support(replace(good, calculation=made), good.citations, ())


@pytest.mark.parametrize(
    "number, digits", [("1,248", "1248"), ("7.60", "760"), ("007", "7"), ("0", "0"), ("2015-01", "201501")]
)
def test_a_number_is_compared_by_its_digits(number: str, digits: str) -> None:
    assert squeezed(number) == digits


@pytest.mark.parametrize(
    "number, allowed, held",
    [
        ("1,248", {"1248"}, True),
        ("2015-2018", {"2015", "2018"}, True),
        ("2015-2019", {"2015", "2018"}, False),
        ("1,248", {"1", "248"}, False),
        ("3-1-1", {"311"}, True),
    ],
)
def test_a_number_holds_as_a_whole_or_as_a_list(number: str, allowed: set[str], held: bool) -> None:
    assert number_holds(number, allowed) is held


@settings(max_examples=300)
@given(st.data(), st.sets(st.integers(0, 99) | st.integers(0, 9999), min_size=1, max_size=5))
def test_no_digit_of_a_line_that_holds_is_unsupported(data: st.DataObject, numbers: set[int]) -> None:
    allowed = {str(number) for number in numbers}
    supported = st.sampled_from([*sorted(allowed), *(f" {number} " for number in sorted(allowed))])
    pieces = supported | st.sampled_from([*"0123456789", *" .,:/-[]ab€", "[1]"])
    line = "".join(data.draw(st.lists(pieces, max_size=12)))
    if line_holds(line, allowed, {1, 2}):
        words = re.sub(r"\[\d+\]", " ", line)
        assert all(run.lstrip("0") in " ".join(allowed) for run in re.findall(r"\d+", words))


@given(st.decimals("0", "1e9", places=2), st.integers(0, 10**9))
def test_another_number_never_passes_for_a_stated_one(value: Decimal, other: int) -> None:
    stated = {squeezed(number) for number in runs(f"EUR {value}")}
    assert line_holds(f"EUR {value} [1]", stated, {1})
    assert line_holds(f"EUR {other}", stated, set()) == (str(other) in stated)


def test_a_figure_record_is_not_believed_without_its_citation(desk: Desk, good: Answer) -> None:
    invented: Figure = replace(good.figures[0].figure, value=Decimal(1), printed="EUR 1", start=0, end=5)
    found = checked(desk, replace(good, figures=(*good.figures, CitedFigure(invented, 1))))
    assert found.figures == good.figures
