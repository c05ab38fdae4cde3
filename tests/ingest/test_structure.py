"""The outline: subjects against facets, whatever the levels; what only repeats is dropped."""

from __future__ import annotations

import random

import pytest

from factdesk.ingest.readers import read
from factdesk.ingest.structure import Outline, heading_name, outline

FACETS = ("IMPLEMENTATION", "COSTS", "SAVINGS", "BENEFITS")


def case(country: str, title: str, *, more: str = "", facets: tuple[str, ...] = FACETS) -> list[str]:
    """The headings and texts of a case."""
    parts = [f"# {country}", f"It is told here what {country.title()} did with its service.", f"# {title}", more]
    for facet in facets:
        parts += [f"# {facet}", f"Words of {facet.lower()} and more."]
    return [part for part in parts if part]


def outlined(source: str | list[str], name: str = "report.md") -> Outline:
    text = source if isinstance(source, str) else "\n\n".join(source)
    return outline(read(text.encode(), name), "d", "fallback")


def subjects(found: Outline) -> list[tuple[str, str]]:
    """Name and territory of each subject but the document itself."""
    return [(subject.name, subject.territory) for subject in found.subjects[1:]]


TWO = [*case("NORWAY", "DIGITAL MAILBOX"), *case("REPUBLIC OF KENYA", "MOBILE LAND REGISTRY (MLR)")]
SUBJECTS = [("Digital Mailbox (Norway)", "NO"), ("Mobile Land Registry (MLR) (Republic of Kenya)", "KE")]


def test_two_countries_are_two_subjects() -> None:
    assert subjects(outlined(TWO)) == SUBJECTS


def test_levels_at_random_change_no_subject() -> None:
    chance = random.Random(7)
    for _ in range(20):
        source = [part.replace("# ", "#" * chance.randint(1, 6) + " ", 1) for part in TWO]
        assert subjects(outlined(source)) == SUBJECTS


def test_the_same_country_may_head_two_cases() -> None:
    source = [*case("CHILE", "SINGLE KEY"), *case("PERU", "FIRST PORTAL"), *case("CHILE", "OPEN TAX")]
    assert subjects(outlined(source)) == [
        ("Single Key (Chile)", "CL"),
        ("First Portal (Peru)", "PE"),
        ("Open Tax (Chile)", "CL"),
    ]


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("VIET NAM", "VN"),
        ("Federal Republic of Germany", "DE"),
        ("Brasil", "BR"),
        ("España", "ES"),
        ("KINGDOM OF THE NETHERLANDS", "NL"),
    ],
)
def test_countries_are_known_by_their_names_in_several_languages(heading: str, code: str) -> None:
    assert subjects(outlined([*case(heading, "THE SERVICE"), *TWO]))[0][1] == code


def test_cases_need_no_country() -> None:
    source = [part for title in ("Alpha Desk", "Beta Line", "Gamma Room") for part in case(title, title)[2:]]
    assert subjects(outlined(source)) == [("Alpha Desk", ""), ("Beta Line", ""), ("Gamma Room", "")]


def test_a_document_without_cases_is_one_subject_itself() -> None:
    found = outlined("# The Northern Plan\n\n## Costs\n\nIt cost 5.\n\n## Annual growth\n\nIt grew.\n")
    assert [(s.name, s.whole) for s in found.subjects] == [("The Northern Plan", True)]
    assert {placed.subject.name for placed in found.placed} == {"The Northern Plan"}


def test_a_subject_is_named_by_the_front_matter() -> None:
    found = outlined("---\ntitle: Plan of 2030\nsubject: The Northern Plan\n---\n\n# Costs\n\nIt cost 5.\n")
    assert (found.title, found.subjects[0].name) == ("Plan of 2030", "The Northern Plan")


def test_references_belong_to_the_document_not_to_the_last_case() -> None:
    source = [*TWO, "# REFERENCES", "## NORWAY", "Ministry (2018). A report of 5 pages."]
    found = outlined(source)
    assert subjects(found) == SUBJECTS
    assert found.placed[-1].subject.whole


def test_aliases_come_from_the_text() -> None:
    more = "[mail.example.no](https://mail.example.no) was made by the Agency for Digital Mail (ADM in Norwegian)."
    found = outlined([*case("NORWAY", "DIGITAL MAILBOX", more=more), *TWO[len(TWO) // 2 :]])
    assert {"Norway", "mail.example.no", "ADM"} <= set(found.subjects[1].aliases)


def test_a_running_head_in_a_list_is_dropped() -> None:
    source = (
        "# Tool Kit\n\nWords of it.\n\n# Costs\n\n- one;\n- two;\n\n# TOOL KIT\n\n- three;\n- four.\n\n# Next\n\nEnd.\n"
    )
    found = outlined(source)
    assert [block.text for block in found.dropped] == ["TOOL KIT"] or [b.text for b in found.dropped] == [
        "Tool Kit",
        "TOOL KIT",
    ]
    items = [placed for placed in found.placed if placed.block.text in ("one;", "four.")]
    assert len({placed.path for placed in items}) == 1


def test_a_page_number_in_a_list_is_dropped() -> None:
    found = outlined("# Costs\n\n- one;\n- two;\n\n17\n\n- three.\n")
    assert [block.text for block in found.dropped] == ["17"]


def test_a_paragraph_broken_by_a_page_is_one() -> None:
    found = outlined("# Costs\n\nThe money was spent on the\n\nnew tools of 2017.\n")
    assert [placed.block.text for placed in found.placed][1:] == ["The money was spent on the new tools of 2017."]


def test_sections_nest_under_their_subject() -> None:
    source = [*TWO, "# PERU", "# THE SERVICE", "## COSTS", "### INVESTMENT: US$5K", "- Tools", "## SAVINGS", "- Time"]
    placed = outlined(source).placed
    assert [p.path for p in placed if p.block.text in ("Tools", "Time")] == [
        ("Peru", "The Service", "Costs", "Investment"),
        ("Peru", "The Service", "Savings"),
    ]


def test_a_title_comes_from_the_headings_unless_metadata_or_nothing_has_one() -> None:
    assert outlined("# The Plan\n\n## Costs\n\nIt cost 5.\n").title == "The Plan"
    assert outlined("It cost 5.\n").title == "fallback"


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("OPERATING COSTS: US$90K/YEAR", "operating costs"),
        ("INVESTMENT US$90K", "investment"),
        ("GOVERNMENT:", "government"),
        ("2.1 Costs and savings", "costs and savings"),
        ("IV. RESULTS", "results"),
        ("Savings – $5 million", "savings"),
        ("Servicio único", "servicio unico"),
    ],
)
def test_a_heading_is_named_by_what_stands_before_its_amount(heading: str, name: str) -> None:
    assert heading_name(heading) == name
