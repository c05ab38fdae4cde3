"""Follow-ups: what a question leaves out is taken from the turns before; what it says is left alone."""

from __future__ import annotations

import pytest

from factdesk.qa.arithmetic import plain_number
from factdesk.qa.desk import Desk

HPD = "What did the HPD cost to run a month?"
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
