"""Follow-ups: what a question leaves out is taken from the turns before; what it says is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from factdesk.corpus.records import Answer
from factdesk.qa.arithmetic import plain_number
from factdesk.qa.conversation import Conversation
from factdesk.qa.desk import Desk
from factdesk.qa.followup import topic_words
from factdesk.qa.library import Library

HPD = "What did the HPD cost to run a month?"
FERRY, GEYSER = "Night Ferry Booking (Finland)", "Geyser Alert Line (Finland)"
OF_TWO = f"which of the two spent more (investment Harbour Permit Desk (HPD) (Ireland); {FERRY})?"
NAME = "Harbour Permit Desk (HPD) (Ireland)"


@pytest.mark.parametrize(
    "history, question, resolved",
    [
        ([], "and the investment?", "and the investment?"),
        ([HPD], "and the investment?", f"and the investment ({NAME})?"),
        ([HPD], "what did it save citizens?", f"what did it save citizens ({NAME})?"),
        ([HPD], "What did the night ferry invest?", "What did the night ferry invest?"),
        ([HPD], "What about the night ferry booking?", "the night ferry booking (operating cost)?"),
        ([HPD], "What did Portugal invest?", "What did Portugal invest?"),
        (
            [HPD, "What about the night ferry booking?"],
            "and the investment?",
            "and the investment (Night Ferry Booking (Finland))?",
        ),
        (["How much does the HPD save the government?"], "and citizens?", f"and citizens (savings {NAME})?"),
        ([HPD], "since when?", f"since when (operating cost {NAME})?"),
        ([HPD], "and who benefits?", f"and who benefits ({NAME})?"),
        ([HPD], "per year?", f"per year (operating cost {NAME})?"),
        ([HPD], "sorry, I meant Norway", "Norway (operating cost)?"),
        ([HPD], "what about Portugal?", "Portugal (operating cost)?"),
        ([HPD], "e a Noruega?", "a Noruega (operating cost)?"),
        ([HPD], "¿y la inversión?", f"¿y la inversión ({NAME})?"),
        ([HPD], "tell me about the night ferry", "tell me about the night ferry"),
        ([HPD], "where does it say that?", HPD),
        ([HPD], "¿dónde dice eso?", HPD),
        ([HPD], "what is it made up of?", f"what is the operating cost made up of ({NAME})?"),
        ([HPD], "more detail please", f"what is the operating cost made up of ({NAME})?"),
        ([HPD], "how much is the second one?", f"how much is Servers ({NAME})?"),
        (["Finland operating costs"], "2", f"Finland operating costs ({GEYSER})?"),
        (["Finland operating costs"], "the first one", f"Finland operating costs ({FERRY})?"),
        (["Finland operating costs"], "la segunda", f"Finland operating costs ({GEYSER})?"),
        (["Finland operating costs"], "the ferry", f"Finland operating costs ({FERRY})?"),
        (["Finland operating costs"], "7", "7"),
        ([HPD], "2", "2"),
        (["Which case saved most in 2014?"], "and in 2015?", "Which case saved most in 2015?"),
        (["?", HPD], "and the investment?", f"and the investment ({NAME})?"),
        (["How much did the night ferry booking invest?"], "and the other one?", f"investment {GEYSER}?"),
        (["What did the HPD invest?", "and the night ferry?"], "which of the two spent more?", OF_TWO),
        (["Reader visits in 2019"], "and in 2021?", "Reader visits in 2021"),
        (["Reader visits in 2021"], "and the year before?", "Reader visits in 2020"),
        (["How long did the HPD take?"], "how much of that is waiting?", f"how much time of that is waiting ({NAME})?"),
        (["What are the rules of the reading rooms?"], "and dogs?", "and dogs (about: rules reading rooms)?"),
        (["Which case invested most?"], "Which case saved most?", "Which case saved most?"),
    ],
)
def test_a_question_is_made_to_stand_by_itself(desk: Desk, history: list[str], question: str, resolved: str) -> None:
    assert desk.answerer.understood(question, history)[0] == resolved


@pytest.mark.parametrize(
    "history, question, value",
    [
        ([HPD], "and the investment?", "600000"),
        (["How much does the HPD save the government?"], "and citizens?", "1200000"),
        (["How much did the HPD invest?"], "What about the night ferry booking?", "1500000"),
        (["How much did the HPD invest?", "What about the night ferry booking?"], "and the operating cost?", "90000"),
    ],
)
def test_a_follow_up_gets_the_figure_it_means(desk: Desk, history: list[str], question: str, value: str) -> None:
    answer = desk.ask(question, history=history)
    assert [plain_number(cited.figure.value) for cited in answer.figures][:1] == [value]
    assert answer.question == question
    assert answer.resolved != question


@pytest.mark.parametrize(
    "history, question, resolved",
    [
        (["Finland operating costs"], "What ferry is the oldest?", None),  # shares a word with one of the choices
        (["How much did the night ferry invest?"], "On the other hand, what about dogs?", None),
        ([HPD], "total investment of all cases?", "total investment of all cases?"),
        ([HPD], "How much did all countries save together?", "How much did all countries save together?"),
        ([HPD], "Where is it located?", f"Where is it located ({NAME})?"),
        ([HPD], "When was the last one?", None),
        ([HPD], "ok", "ok"),
        ([HPD], "thanks!", "thanks!"),
    ],
)
def test_what_only_looks_like_a_follow_up_of_a_kind_is_none(
    desk: Desk, history: list[str], question: str, resolved: str | None
) -> None:
    found = desk.answerer.understood(question, history)[0]
    assert found.startswith(question.rstrip("?")) if resolved is None else found == resolved


def test_a_question_after_one_that_names_no_subject_is_answered(desk: Desk) -> None:
    talk = ["What did the cabins cost?"]
    for question in (
        "What were the operating costs per month?",
        "are the savings per year?",
        "is that for the investment?",
    ):
        assert desk.ask(question, history=talk).answer


def test_a_turn_is_answered_once_for_all_that_lean_on_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answer = desk.answerer.answer

    def counted(question: str, *others: Any) -> Answer:
        asked.append(question)
        return answer(question, *others)

    monkeypatch.setattr(desk.answerer, "answer", counted)
    desk.ask("the first one?", history=["Finland operating costs"] * 8)
    assert len(asked) == len(set(asked))


def test_which_of_them_ranks_what_the_talk_has_come_to(desk: Desk) -> None:
    talk = Conversation(desk)
    for question in ("What did the HPD invest?", "and the night ferry?"):
        talk.ask(question)
    answer = talk.ask("which of them spent less?")
    found = [(plain_number(cited.figure.value), cited.figure.subject) for cited in answer.figures]
    assert found[0] == ("600000", NAME)
    assert [value for value, _ in found] == ["600000", "1500000"]


def test_a_conversation_goes_on_from_kept_turns_as_if_it_had_not_stopped(desk: Desk) -> None:
    talk = Conversation(desk)
    talk.ask("Finland operating costs")
    later = Conversation(desk, talk.turns)
    assert talk.turns[0].suggestions[1] == later.ask("2").resolved
    assert [turn.question for turn in later.turns] == ["Finland operating costs", "2"]
    later.clear()
    assert later.ask("2").resolved == "2"


def test_a_turn_is_only_answered_from_passages_on_the_topic_of_the_talk(desk: Desk) -> None:
    talk = ["What are the rules of the reading rooms?"]
    assert "Leave dogs at the gate" in desk.ask("and what about dogs?", history=talk).answer
    assert desk.ask("which brand of tea do they pour?", history=talk).abstained


@pytest.mark.parametrize(
    "turns, words",
    [
        (["Who lends instruments?"], "lends instruments"),
        (["Thanks, that is great!", "Who lends instruments in the valley?"], "lends instruments valley"),
        (["Tell me about zeppelins"], ""),  # no document speaks of them
        (["what are lanterns (or lamps)?"], "lamps"),
    ],
)
def test_the_topic_is_the_telling_words_that_the_documents_have(library: Library, turns: list[str], words: str) -> None:
    assert " ".join(topic_words(turns, set(), library)) == words
