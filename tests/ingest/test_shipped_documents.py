"""The shipped PDF is read as the Markdown that it is set from, figure by figure and heading by heading."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from factdesk.corpus.editions.build import SOURCE, TARGET
from factdesk.corpus.records import BlockKind, Figure, Parsed, Role
from factdesk.ingest.readers import read
from factdesk.tests.conftest import take_apart
from factdesk.tests.ingest.conftest import add_up


@cache
def parsed(name: str) -> Parsed:
    path = TARGET if name == "pdf" else SOURCE
    return take_apart(path.read_bytes(), path.name)


FIELDS = (
    *("printed", "label", "subject", "value", "value_high", "unit", "per", "period", "period_words", "comparator"),
    *("measure", "beneficiary", "role", "footnotes"),
)


def meaning(figure: Figure) -> dict[str, object]:
    """All that a figure says but where it stands."""
    return {name: getattr(figure, name) for name in FIELDS}


def test_the_figures_are_those_of_the_source() -> None:
    from_pdf, from_markdown = ([meaning(figure) for figure in parsed(name).figures] for name in ("pdf", "markdown"))
    assert len(from_pdf) > 150
    assert from_pdf == from_markdown


def test_the_headings_are_those_of_the_source() -> None:
    headings = [b.text for b in read(TARGET.read_bytes(), TARGET.name).blocks if b.kind is BlockKind.HEADING]
    table_header = "CASE PAGE"  # set in bold, which in a PDF is all that a heading has
    from_pdf = [heading for heading in headings if heading != table_header]
    source = re.findall(r"^#+ (.*)$", SOURCE.read_text("utf-8"), re.M)
    assert from_pdf == [re.sub(r"<sup>\d</sup>", "", heading).strip() for heading in source]


@pytest.mark.parametrize("name", ["pdf", "markdown"])
def test_savings_for_each_unit_are_no_items_of_the_headline_above(name: str) -> None:
    figures = {figure.label: figure for figure in parsed(name).figures}
    for label, value in (("IDs", 26), ("Registrations of births and deaths", 41), ("Administrative resolutions", 141)):
        figure = figures[f"Savings for each unit: {label}"]
        assert (int(figure.value), figure.unit, figure.section[-1]) == (value, "USD", "Social")
        assert figure.role is Role.PLAIN
        assert (figure.parent, figure.measure) == (None, None)


@pytest.mark.parametrize("name", ["pdf", "markdown"])
def test_a_mark_in_a_heading_costs_neither_name_nor_number(name: str) -> None:
    parts: Callable[[Figure], tuple[object, ...]] = lambda f: (f.label, f.value, f.unit, f.measure, f.beneficiary)  # noqa: E731
    found = {figure.printed: parts(figure) for figure in parsed(name).figures if figure.role is Role.HEADLINE}
    assert found["US $466 MILLION"] == ("SOCIAL", 466_000_000, "USD", "savings", "social")
    assert found["US $7,6 MILLION"] == ("INVESTMENT", 7_600_000, "USD", "investment", None)
    assert found["US $660 MILLION"] == ("CITIZENS", 660_000_000, "USD", "savings", "citizens")


@pytest.mark.parametrize("name", ["pdf", "markdown"])
def test_every_quote_is_the_document_s(name: str) -> None:
    document = parsed(name).document
    for figure in parsed(name).figures:
        assert document.text[figure.start : figure.end] == figure.quote
        assert figure.quote.strip()
    for omission in parsed(name).omissions:
        assert document.text[omission.start : omission.end].strip()


@pytest.mark.parametrize("name", ["pdf", "markdown"])
def test_every_run_of_digits_is_accounted_for(name: str) -> None:
    found = parsed(name)
    assert add_up(found)
    assert {item.reason for item in found.skipped} <= {
        *("address", "footnote mark", "list number", "markup", "name or code", "part of a figure"),
        *("page number in a list of contents", "running head or page number"),
    }
