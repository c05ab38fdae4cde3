"""What is not in the documents is named as missing, with what is near; it is never made up."""

from __future__ import annotations

import pytest

from factdesk.corpus.records import Kind
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.desk import Desk


@pytest.mark.parametrize(
    "question, reason, nearest",
    [
        ("What did Portugal invest?", "subject_not_covered", []),
        ("who runs the harbour permit desk in Spain?", "subject_not_covered", []),
        ("HPD investment in 2009", "period_not_covered", ["600000"]),
        ("What will the night ferry save in 2031?", "period_not_covered", ["300000"]),
        ("How much did the HPD save businesses?", "figure_not_given", ["240000", "1200000"]),
        ("How much does the night ferry save citizens?", "figure_not_given", ["300000"]),
        ("How much does the ferry booking save citizens per year?", "figure_not_given", ["300000"]),
        ("How much does the forest register save?", "figure_not_given", []),
        ("investment of the Geyser Alert Line", "figure_not_given", ["24000"]),
        ("HPD investment in dollars", "figure_not_given", ["600000"]),
        ("how many helicopters does the HPD own?", "figure_not_given", []),
        ("Why was the Harbour Permit Desk shut down?", "not_in_documents", []),
        ("Why did the visits to the reading rooms fall?", "not_in_documents", []),
        ("What is the telephone number of the reading rooms?", "not_in_documents", []),
        ("What is the capital of Ireland's moon base on Europa made from?", "not_in_documents", []),
    ],
)
def test_what_is_missing_is_named_with_what_is_near(desk: Desk, question: str, reason: str, nearest: list[str]) -> None:
    answer = desk.ask(question)
    assert (answer.kind, answer.reason) == (Kind.ABSTENTION, reason), answer.answer
    assert answer.abstained
    assert (answer.figures, answer.calculation) == ((), None)
    assert [plain_number(cited.figure.value) for cited in answer.nearest] == nearest


def test_what_the_documents_do_not_quantify_is_quoted(desk: Desk) -> None:
    answer = desk.ask("How much does the forest register save?")
    assert answer.answer.splitlines() == [
        "The documents name this but do not quantify it (Forest Inventory Register (Norway)).",
        "  “Quantification not available.” [1]",
    ]
    assert [citation.quote for citation in answer.citations] == ["Quantification not available."]


@pytest.mark.parametrize(
    "question, first",
    [
        ("¿Cuánto invirtió Portugal?", "Los documentos no tratan de Portugal."),
        ("Quanto investiu a Espanha?", "Os documentos não tratam de Spain."),
        ("What did Portugal invest?", "The documents do not cover Portugal."),
    ],
)
def test_a_refusal_is_in_the_language_of_the_question(desk: Desk, question: str, first: str) -> None:
    assert desk.ask(question).answer.splitlines()[0] == first


def test_whether_a_document_mentions_something(desk: Desk) -> None:
    no = desk.ask("Does the Northern Services Compendium mention helicopters?")
    assert (no.kind, no.answer) == (
        Kind.ABSTENTION,
        "No: The Northern Services Compendium does not mention helicopters.",
    )
    yes = desk.ask("Does the Northern Services Compendium mention tablets?")
    assert yes.kind is Kind.PASSAGE
    assert "tablet" in yes.answer
