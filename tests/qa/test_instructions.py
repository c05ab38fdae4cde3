"""What a question tells whoever answers it is told from what it asks."""

from __future__ import annotations

import pytest

from factdesk.qa.instructions import Plain, plain_question

CASH, BALANCE, INCOME = "cash_flow", "balance_sheet", "income_statement"


@pytest.mark.parametrize(
    "question, plain",
    [
        ("What was the revenue?", Plain("What was the revenue?")),
        (
            "What was capex? Give a response to the question by relying on details shown in the cash flow statement.",
            Plain("What was capex?", (CASH,)),
        ),
        (
            "Using the income statement, answer the following question to the best of your ability: how much was left?",
            Plain("How much was left?", (INCOME,)),
        ),
        (
            "Basing your judgments off of the cash flow statement and the P&L statement, what is the EBITDA?",
            Plain("What is the EBITDA?", (CASH, INCOME)),
        ),
        (
            "You are an investment banker and your only resource(s) to answer the following question is (are): the "
            "statement of financial position. Here's the question: what is the ratio?",
            Plain("What is the ratio?", (BALANCE,)),
        ),
        (
            "What drove the margin? If margin is not a useful metric for a company like this, then please state that.",
            Plain("What drove the margin?"),
        ),
        (
            "What is the DPO? DPO is defined as: 365 * payables / COGS. Base your judgments on the balance sheet.",
            Plain("What is the DPO? DPO is defined as: 365 * payables / COGS.", (BALANCE,)),
        ),
        ("Who can use the portal? If not citizens, who?", Plain("Who can use the portal? If not citizens, who?")),
        ("You are a consultant for whom?", Plain("You are a consultant for whom?")),
        ("With the portal, how long did it take?", Plain("With the portal, how long did it take?")),
    ],
)
def test_instructions_are_left_out_and_statements_kept(question: str, plain: Plain) -> None:
    assert plain_question(question) == plain
