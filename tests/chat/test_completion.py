"""What Tab offers."""

from __future__ import annotations

import pytest

from factdesk.chat.completion import Completion, completions, names_of
from factdesk.chat.session import COMMANDS
from factdesk.qa.desk import Desk

NAMES = ["Harbour Permit Desk (Ireland)", "Night Ferry Booking", "Night Bus", "operating cost"]


@pytest.mark.parametrize(
    "before, offered",
    [
        ("", []),
        ("What did the ", []),
        ("What did the Har", [Completion(NAMES[0], 3)]),
        ("har", [Completion(NAMES[0], 3)]),
        # The longest end of the line counts: "Night F" and not "F".
        ("the night f", [Completion("Night Ferry Booking", 7)]),
        ("the Ni", [Completion("Night Ferry Booking", 2), Completion("Night Bus", 2)]),
        # A word inside a name, once enough of it is typed.
        ("the Fer", [Completion("Night Ferry Booking", 3)]),
        ("the Fe", []),
        ("(irel", []),
        ("irel", [Completion(NAMES[0], 4)]),
        ("zzz", []),
        ("/so", [Completion("/sources", 3)]),
        ("/", [Completion(name, 1) for name in COMMANDS]),
        ("/open 1", []),
        ("and /so", []),
    ],
)
def test_the_longest_end_of_the_line_that_begins_a_name_is_completed(before: str, offered: list[Completion]) -> None:
    assert completions(before, NAMES) == offered


def test_names_are_those_of_subjects_then_of_measures(desk: Desk) -> None:
    names = names_of(desk)
    assert names[1:3] == ["Harbour Permit Desk (HPD) (Ireland)", "Night Ferry Booking (Finland)"]
    assert "operating cost" in names


def test_a_name_cannot_steer_a_terminal(hostile: Desk) -> None:
    assert names_of(hostile)[0] == "Report]0;owned of the Lighthouse"
