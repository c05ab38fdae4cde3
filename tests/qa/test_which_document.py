"""Many documents, one question: it is answered from the one that it names, and from no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from factdesk.qa.conversation import Conversation
from factdesk.qa.desk import Desk
from factdesk.qa.question import understand
from factdesk.tests.qa.conftest import make_desk

COVER = """\
# FORM 10-K

ANNUAL REPORT PURSUANT TO SECTION 13 OF THE SECURITIES EXCHANGE ACT OF 1934

For the fiscal year ended December 31, {year}

# {name}

(Exact name of registrant as specified in its charter)

## Results of operations

Total revenue was US${revenue} million in {year}. Operating income grew because {why}.

## Legal proceedings

In {year} no proceedings against {short} were pending.
"""

FILES = {
    "acme_2021_10k.md": COVER.format(
        name="ACME WORKS, INC.", short="Acme", year=2021, revenue=310, why="anvils sold well"
    ),
    "acme_2022_10k.md": COVER.format(
        name="ACME WORKS, INC.", short="Acme", year=2022, revenue=420, why="springs sold well"
    ),
    "larkspur_2022_10k.md": COVER.format(
        name="LARKSPUR GARDENS CORPORATION", short="Larkspur", year=2022, revenue=77, why="the spring was long"
    ),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two annual reports of one company and one of another, which say the same things in the same words."""
    with make_desk(tmp_path_factory.mktemp("filings"), FILES) as made:
        yield made


def documents(desk: Desk, question: str) -> list[str]:
    """The documents of the ranked passages, each once, in their order."""
    found = (item.passage.document for item in desk.search(question, 20))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    "question, document",
    [
        ("What was Acme's total revenue in FY2021?", "acme_2021_10k"),
        ("What was Acme's total revenue in FY2022?", "acme_2022_10k"),
        ("Why did the operating income of Acme Works grow in fiscal 2022?", "acme_2022_10k"),
        ("Are proceedings pending against Larkspur as of FY2022?", "larkspur_2022_10k"),
        ("What was Larkspur Gardens' total revenue?", "larkspur_2022_10k"),
        ("What is the change in revenue from FY2020 to FY2021 for Acme?", "acme_2021_10k"),
    ],
)
def test_the_passages_of_the_document_that_is_named_come_first(desk: Desk, question: str, document: str) -> None:
    assert documents(desk, question)[0] == document


@pytest.mark.parametrize(
    "question, amount",
    [
        ("What was Acme's total revenue in FY2021?", "US$310 million"),
        ("What was Acme's total revenue in FY2022?", "US$420 million"),
        ("What was Larkspur's total revenue in FY2022?", "US$77 million"),
    ],
)
def test_a_figure_is_that_of_the_document_that_is_named(desk: Desk, question: str, amount: str) -> None:
    assert [cited.figure.printed for cited in desk.ask(question).figures] == [amount]


def test_a_year_that_is_not_there_is_refused_with_those_that_are(desk: Desk) -> None:
    answer = desk.ask("What was Acme's total revenue in FY2009?")
    assert answer.reason == "period_not_covered"
    assert answer.answer == (
        "The documents do not give this for FY2009 (Acme Works).\n  There are documents for FY2021, FY2022."
    )


@pytest.mark.parametrize(
    "question", ["What was Voltaro's total revenue in FY2021?", "Total revenue for Voltaro in 2021"]
)
def test_a_company_that_is_in_no_document_is_refused_by_name(desk: Desk, question: str) -> None:
    answer = desk.ask(question)
    assert (answer.reason, answer.answer) == ("subject_not_covered", "The documents do not cover Voltaro.")


def test_a_follow_up_for_another_year_moves_to_the_other_document(desk: Desk) -> None:
    talk = Conversation(desk)
    talk.ask("What was Acme's total revenue in FY2021?")
    answer = talk.ask("and in 2022?")
    assert answer.resolved == "What was Acme's total revenue in 2022?"
    assert [cited.figure.printed for cited in answer.figures] == ["US$420 million"]


def test_a_follow_up_about_something_else_stays_with_the_document(desk: Desk) -> None:
    talk = Conversation(desk)
    talk.ask("What was Acme's total revenue in FY2021?")
    answer = talk.ask("why did its operating income grow?")
    assert answer.resolved == "why did its operating income grow (Acme Works, FY2021)?"
    assert {citation.document.id for citation in answer.citations} == {"acme_2021_10k"}


def test_what_a_question_tells_whoever_answers_is_not_looked_for(desk: Desk) -> None:
    told = (
        "Assume that you are a public equities analyst. Answer the following question by primarily using information "
        "that is shown in the balance sheet: what is the FY2022 inventory for Acme? Answer in USD million."
    )
    query = understand(told, desk.answerer.library)
    assert query.text == "What is the FY2022 inventory for Acme? Answer in USD million."
    assert query.sought == "What is the FY2022 inventory for Acme?"
    assert query.statements == ("balance_sheet",)
    assert query.documents.ids == ["acme_2022_10k"]
    assert [token.word for token in query.terms] == ["inventory"]
