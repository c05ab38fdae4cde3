"""What may be meant in several ways: all of it if it is little, else the choices; names that are in no document."""

from __future__ import annotations

import pytest

from factdesk.corpus.records import Kind
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.desk import Desk
from factdesk.qa.question import understand
from factdesk.tests.qa.conftest import Maker

FERRY, GEYSER = "Night Ferry Booking (Finland)", "Geyser Alert Line (Finland)"


def test_two_cases_of_one_country_are_both_answered_and_offered(desk: Desk) -> None:
    answer = desk.ask("Finland operating costs")
    found = [(plain_number(cited.figure.value), cited.figure.subject, cited.citation) for cited in answer.figures]
    assert found == [("90000", FERRY, 1), ("24000", GEYSER, 2)]
    assert answer.suggestions == (f"Finland operating costs ({FERRY})?", f"Finland operating costs ({GEYSER})?")


def test_each_beneficiary_is_answered_where_none_is_named(desk: Desk) -> None:
    answer = desk.ask("savings of the HPD")
    found = [(plain_number(cited.figure.value), cited.figure.beneficiary) for cited in answer.figures]
    assert found == [("240000", "government"), ("1200000", "citizens")]
    assert answer.suggestions == ("savings of the HPD (for the government)?", "savings of the HPD (for citizens)?")
    for question, value in zip(answer.suggestions, ("240000", "1200000"), strict=True):
        assert [plain_number(c.figure.value) for c in desk.ask(question).figures] == [value]


def test_a_beneficiary_in_the_name_of_a_subject_is_not_one_that_is_asked_for(small_desk: Maker) -> None:
    services = "".join(
        f"# {country}\n\n## {name}\n\n### COSTS\n\n#### INVESTMENT: EUR {at}0K\n\nPaid once.\n\n"
        f"### SAVINGS\n\n#### GOVERNMENT: EUR {at}K/YEAR\n\nLess paper.\n\n"
        for at, (country, name) in enumerate([("SPAIN", "Government Portal"), ("PERU", "Tax Line")], 1)
    )
    made = small_desk(cases=f"# Two Services\n\nWhat they cost.\n\n{services}")
    query = understand("and citizens (savings Government Portal (Spain))?", made.answerer.library)
    assert [match.subject.name for match in query.named.matches] == ["Government Portal (Spain)"]
    assert query.beneficiaries == ("citizens",)


def test_many_cases_of_one_name_are_asked_back(small_desk: Maker) -> None:
    names = ["Ferry", "Bridge", "Museum", "Library", "Theatre", "Harbour", "Airport"]
    cases = "".join(
        f"# NORWAY\n\n## The {name} Desk\n\n### COSTS\n\n#### INVESTMENT: EUR {at}0K\n\nFor the {name.lower()}.\n\n"
        for at, name in enumerate(names, 1)
    )
    answer = small_desk(cases=f"# Northern Desks\n\nSeven desks.\n\n{cases}").ask("What did Norway invest?")
    assert (answer.kind, answer.reason, answer.figures) == (Kind.ABSTENTION, "ambiguous", ())
    assert len(answer.suggestions) == len(names)
    assert answer.answer.splitlines()[0] == "Which of these do you mean?"
    assert [line[:5] for line in answer.answer.splitlines()[1:]] == [f"  {number}. " for number in range(1, 8)]


@pytest.mark.parametrize(
    "question, missing",
    [
        ("What did the desk in Gdansk cost?", ("Gdansk",)),
        ("the harbour permit desk of Rotterdam", ("Rotterdam",)),
        ("Sweden Harbour Permit Desk investment", ("Sweden",)),
        ("What did the desk in Ireland cost?", ()),
        ("WHAT DID THE DESK IN GDANSK COST", ()),  # capitals tell nothing here
        ("the desk for Skippers", ()),
    ],
)
def test_a_place_that_no_document_has_is_missing(desk: Desk, question: str, missing: tuple[str, ...]) -> None:
    named = understand(question, desk.answerer.library).named
    assert named.missing == missing
    if missing:
        answer = desk.ask(question)
        assert (answer.reason, answer.answer) == (
            "subject_not_covered",
            f"The documents do not cover {', '.join(missing)}.",
        )


@pytest.mark.parametrize(
    "question, shown",
    [
        ("Harmouth budget", "The documents do not cover Harmouth."),
        ("what is the budget of Harmouth?", "The documents do not cover Harmouth."),
        ("what did Rivermoose reading cost", "The documents do not cover Rivermoose.\nDid you mean Rivermouth?"),
    ],
)
def test_a_name_too_far_from_any_is_never_replaced(desk: Desk, question: str, shown: str) -> None:
    answer = desk.ask(question)
    assert answer.abstained
    assert shown in answer.answer
