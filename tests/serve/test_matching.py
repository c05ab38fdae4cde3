"""Questions that are one, and questions that only look alike."""

from __future__ import annotations

import pytest

from factdesk.serve.matching import folded, same_matter

COST = "What does the night ferry cost a month?"
CHEAPER = "How much is the monthly cost of the night ferry?"


@pytest.mark.parametrize(
    "one, other, same",
    [
        (COST, CHEAPER, True),
        ("What did Norway invest?", "how much was invested by norway", True),
        ("What did Norway invest?", "What did Denmark invest?", False),
        ("Norwegian investment", "investment of Norway", True),
        ("cost of the portal in 2015", "portal's cost in 2016", False),
        ("cost of the portal in 2015", "cost of the portal", False),
        ("What did Lindholm spend on ferries?", "What was spent on ferries by Varnau?", False),
        ("What did Lindholm spend on ferries?", "spending of lindholm on ferries", True),
        ("savings for citizens of the portal", "savings for government of the portal", False),
        ("savings for citizens", "saving for citizen", True),
        ("who is the minister of transport", "who is the ministre of transport", True),
        ("what was the cost", "what is the cost", True),
        ("the cost of it", "the lost of it", False),
        ("how long does 3-1-1 take", "how long does 4-1-1 take", False),
        ("Opening hours?", "When does it open?", True),
    ],
)
def test_near_questions_are_one_only_if_they_name_the_same(one: str, other: str, same: bool) -> None:
    assert (same_matter(one, other), same_matter(other, one)) == (same, same)


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("What's the cost?", "whats the  COST", False),
        ("The cost in Évora?", "the cost in evora", True),
        ("Lindholm’s cost", "lindholm's cost!", True),
        ("cost in 2015", "cost in 2016", False),
        ("?!", "??", False),
    ],
)
def test_the_same_words_are_the_same_however_typed(one: str, other: str, same: bool) -> None:
    assert (folded(one) == folded(other)) is same
