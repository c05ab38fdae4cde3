"""Answers in the documents' own words: the units that answer, in reading order, and no more."""

from __future__ import annotations

import pytest

from factdesk.corpus.records import Kind
from factdesk.qa import extract
from factdesk.qa.desk import Desk

RULES = "The rules of the house are:\n  • Whisper in the hall\n  • Return tools clean\n  • Leave dogs at the gate [1]"


@pytest.mark.parametrize(
    "question, kind, text",
    [
        ("What are the rules of the house?", Kind.LIST, RULES),  # the sentence that introduces brings its items
        ("list the rules of the house", Kind.LIST, RULES),
        (
            "What is a reading voucher?",
            Kind.PASSAGE,
            "A reading voucher is a slip of paper that stands for three loans. [1]",
        ),
        (
            "Why was the Harbour Permit Desk created?",
            Kind.PASSAGE,
            "It was created in May 2014 because every harbour office used forms of its own. [1]",
        ),
        (
            "What happened after the forest register opened?",
            Kind.PASSAGE,
            "After the register opened, they enter each stand on a tablet. [1]",
        ),
        (
            "What is the email address of the reading rooms?",
            Kind.PASSAGE,
            "Write to rooms@rivermouth.example with any question. [1]",
        ),
    ],
)
def test_the_units_that_answer_are_quoted_and_no_more(desk: Desk, question: str, kind: Kind, text: str) -> None:
    answer = desk.ask(question)
    assert (answer.kind, answer.answer) == (kind, text)


@pytest.mark.parametrize(
    "question, words",
    [
        ("How did foresters work before the register?", "Prior to 2015, foresters sent cards by post."),
        ("What is the HPD?", "The Harbour Permit Desk is a single counter"),
        ("What does the geyser alert line do?", "warns walkers by telephone"),
        ("¿Qué es el HPD?", "The Harbour Permit Desk is a single counter"),
    ],
)
def test_the_answer_holds_the_words_that_tell(desk: Desk, question: str, words: str) -> None:
    answer = desk.ask(question)
    assert words in answer.answer
    assert any(words in " ".join(citation.quote.split()) for citation in answer.citations)


def test_neighbouring_units_are_one_quote(desk: Desk) -> None:
    answer = desk.ask("What are the rules of the house?")
    assert [citation.quote for citation in answer.citations] == [
        "The rules of the house are:\n\n- Whisper in the hall\n- Return tools clean\n- Leave dogs at the gate"
    ]


def test_numbers_but_not_years_are_left_out_where_two_texts_are_compared() -> None:
    said = "In 2019 the boat cost EUR 10K a month"
    assert extract.without_numbers(said) == extract.without_numbers("In  2019 the Boat cost EUR 99.5K a month")
    assert extract.without_numbers(said) != extract.without_numbers("In 2018 the boat cost EUR 10K a month")
