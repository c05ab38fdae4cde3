"""What holds for every answer, whatever was asked."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from factdesk.corpus.errors import UsageError
from factdesk.corpus.records import Answer, Kind
from factdesk.corpus.words import word_set
from factdesk.qa.desk import LONGEST_QUESTION, Desk, cleaned
from factdesk.qa.format import answer_to_json

QUESTIONS = (
    "How much did the HPD invest?",
    "HPD investment in 2009",
    "What did the HPD cost to run in a year?",
    "rank all operating costs",
    "average operating cost of all cases",
    "Which cases state savings for the government?",
    "What is the payback period of the harbour permit desk?",
    "How many villages have no room of their own?",
    "What share of the HPD investment went to training?",
    "What are the rules of the house?",
    "Why was the Harbour Permit Desk created?",
    "What is a reading voucher?",
    "how many harbours take part?",
    "how many helicopters does the HPD own?",
    "which countries are covered?",
    "How much does the forest register save?",
    "What did Portugal invest?",
    "Finland operating costs",
    "harbour permit desk investmnt",
    "visits 2019",
    "¿Cuánto se invirtió en el Harbour Permit Desk?",
    "Quanto custa operar o Night Ferry Booking por ano?",
    "HPD",
    "tell me everything about 12345 and 67890",
    "investment investment investment",
    "x",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_keeps_the_promises(desk: Desk, question: str) -> None:
    answer = desk.ask(question)
    text_of = desk.snapshot.catalogue.document_text
    assert all(c.quote and text_of(c.document.id)[c.start : c.end] == c.quote for c in answer.citations)
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert {int(mark) for mark in re.findall(r"\[(\d+)\]", answer.answer)} <= {c.n for c in answer.citations}
    assert 0 <= answer.confidence <= 1
    assert answer.abstained == (answer.reason is not None) == (answer.kind is Kind.ABSTENTION)
    assert not (answer.abstained and answer.figures)
    assert answer.answer.strip()
    assert unsupported(answer) == []


WORDS = sorted(
    word_set(
        "how much many what which why when share total average difference most per month year investment operating "
        "cost savings government citizens HPD Ireland Finland ferry harbour permits skippers villages visits "
        "satisfaction 2019 2021 7 1,600 45% EUR dollars and or than more no in of the ?"
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9))
def test_whatever_is_asked_no_number_is_unsupported(desk: Desk, words: list[str]) -> None:
    question = " ".join(words)
    assume(any(c.isalnum() for c in question))
    answer = desk.ask(question)
    text_of = desk.snapshot.catalogue.document_text
    assert all(c.quote and text_of(c.document.id)[c.start : c.end] == c.quote for c in answer.citations)
    assert unsupported(answer) == []


def unsupported(answer: Answer) -> list[str]:
    """The numbers of an answer that no quote, heading, title, shown calculation or the question itself holds."""
    texts = [c.quote for c in answer.citations]
    texts += [" ".join((*c.section, c.document.title)) for c in answer.citations]
    texts += [c.figure.subject for c in (*answer.figures, *answer.nearest)]
    texts.append(answer.question)
    known = {digits(number) for text in texts for number in re.findall(r"\d[\d.,]*", text)}
    if answer.calculation is not None:
        steps, value = answer.calculation.expression, answer.calculation.value
        # 40.0 is shown as 40.
        known |= {digits(number) for number in re.findall(r"\d[\d.]*", f"{steps} {value:f} {value.normalize():f}")}
    shown = re.sub(r"\[\d+\]|\d+ of \d+|\d+ de \d+|\(.*? = .*?\)", " ", answer.answer)  # marks, coverage, shown steps
    return [number for number in re.findall(r"\d[\d.,]*", shown) if digits(number) not in known]


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_twice_is_the_same_answer(desk: Desk, question: str) -> None:
    first, second = (answer_to_json(replace(desk.ask(question, passages=3), timings_ms={})) for _ in range(2))
    assert first == second


def test_an_answer_says_how_long_it_took(desk: Desk) -> None:
    timings = desk.ask("HPD").timings_ms
    assert set(timings) == {"understand", "retrieve", "answer", "total"}
    assert timings["total"] >= timings["answer"] > 0


@pytest.mark.parametrize(
    "question, kind",
    [
        ("How much did the HPD invest?", Kind.FIGURE),
        ("What did the HPD cost to run in a year?", Kind.CALCULATION),
        ("rank all operating costs", Kind.COMPARISON),
        ("What are the rules of the house?", Kind.LIST),
        ("What is a reading voucher?", Kind.PASSAGE),
        ("What did Portugal invest?", Kind.ABSTENTION),
        ("which countries are covered?", Kind.LIST),
    ],
)
def test_an_answer_says_of_what_kind_it_is(desk: Desk, question: str, kind: Kind) -> None:
    assert desk.ask(question).kind is kind


def test_the_subjects_are_listed(desk: Desk) -> None:
    cases = [
        "Harbour Permit Desk (HPD) (Ireland) [1]",
        "  Night Ferry Booking (Finland) [2]",
        "  Geyser Alert Line (Finland) [3]",
        "  Forest Inventory Register (Norway) [4]",
    ]
    assert desk.ask("which countries are covered?").answer.splitlines() == cases  # the reading rooms are in none


def test_passages_go_with_an_answer_if_they_are_asked_for(desk: Desk) -> None:
    question = "What are the rules of the house?"
    assert desk.ask(question).passages == ()
    ranked = desk.ask(question, passages=3).passages
    assert len(ranked) == 3
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)
    assert ranked[0].passage.section[-1] == "Rules"
    assert desk.search(question, 3) == list(ranked)


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "???", "\x00\x01", "¿!"])
def test_a_question_without_words_is_a_mistake_of_the_caller(desk: Desk, question: str) -> None:
    with pytest.raises(UsageError, match="the question is empty"):
        desk.ask(question)


def test_a_question_has_a_greatest_length(desk: Desk) -> None:
    assert desk.ask("x" * LONGEST_QUESTION).abstained
    with pytest.raises(UsageError, match="4,001 characters"):
        desk.ask("x" * (LONGEST_QUESTION + 1))


@pytest.mark.parametrize(
    "question, clean", [("a\x00b", "a b"), (" a \n b ", "a b"), ("a\ud800", "a"), ("ｆｕｌｌ", "ｆｕｌｌ")]
)
def test_a_question_is_cleaned(question: str, clean: str) -> None:
    assert cleaned(question) == clean


def test_a_figure_can_be_shown_in_its_context(desk: Desk) -> None:
    cited = desk.ask("How much did the HPD invest?").figures[0].figure
    shown = desk.show(cited.id)
    assert shown.quote == cited.quote
    assert f"{shown.before}{shown.quote}{shown.after}" in desk.snapshot.catalogue.document_text("cases")
    assert desk.show(f"cases:{cited.start}-{cited.end}") == shown
    for wrong in ("none", "cases:5-1", "cases:0-99999999", "x:1-2", ":", ""):
        with pytest.raises(UsageError):
            desk.show(wrong)
