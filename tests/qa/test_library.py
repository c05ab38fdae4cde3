"""Which subjects a question names: by alias, by country, by title, misspelt; and what it names that is not there."""

from __future__ import annotations

import pytest

from factdesk.qa.desk import Desk
from factdesk.qa.library import Library, compact, tokenize
from factdesk.qa.question import understand

HARBOUR, FERRY, GEYSER, FOREST = "cases#1", "cases#2", "cases#3", "cases#4"
ROOMS = "report#0"


@pytest.mark.parametrize(
    "question, named",
    [
        ("HPD investment", [HARBOUR]),
        ("hpd investment", [HARBOUR]),
        ("what is the H.P.D.?", [HARBOUR]),
        ("what is the H-P-D?", [HARBOUR]),
        ("the HPD's cost", [HARBOUR]),
        ("Ireland's operating costs", [HARBOUR]),
        ("the Irish desk", [HARBOUR]),
        ("Norwegian register of forests", [FOREST]),
        ("Norway", [FOREST]),
        ("¿cuánto costó en Noruega?", [FOREST]),
        ("quanto custa na Irlanda?", [HARBOUR]),
        ("harbour permit desk", [HARBOUR]),
        ("permit desk of the harbour", [HARBOUR]),
        ("the ferry booking", [FERRY]),
        ("alert line for geysers", [GEYSER]),
        ("Ireland and Norway", [HARBOUR, FOREST]),
        ("HPD vs night ferry booking", [HARBOUR, FERRY]),
        ("reading rooms of Rivermouth", [ROOMS]),
        ("what does everything cost?", []),
        ("", []),
    ],
)
def test_names_are_found(library: Library, question: str, named: list[str]) -> None:
    assert sorted(library.named_in(question).ids) == sorted(named)


@pytest.mark.parametrize(
    "question, named, ambiguous",
    [
        ("Finland's operating costs", {FERRY, GEYSER}, True),
        ("Finnish night ferry costs", {FERRY}, False),
        ("the geyser line in Finland", {GEYSER}, False),
        ("Ireland's operating costs", {HARBOUR}, False),
    ],
)
def test_a_country_of_several_subjects_names_all_that_other_words_leave(
    library: Library, question: str, named: set[str], ambiguous: bool
) -> None:
    found = library.named_in(question)
    assert (set(found.ids), found.ambiguous) == (named, ambiguous)


@pytest.mark.parametrize(
    "question, missing",
    [
        ("what did Portugal invest?", ("Portugal",)),
        ("what did portugal invest?", ("Portugal",)),
        ("Portugal or Japan?", ("Portugal", "Japan")),
        ("¿cuánto costó en Alemania?", ("Germany",)),
        ("what did Ireland invest?", ()),
        ("what did the moon invest?", ()),
    ],
)
def test_a_country_that_no_document_mentions_is_missing(
    library: Library, question: str, missing: tuple[str, ...]
) -> None:
    assert library.named_in(question).missing == missing


@pytest.mark.parametrize(
    "question, corrected, named",
    [
        ("forest invenory", (("invenory", "Inventory"),), [FOREST]),
        ("rivermoth rooms", (("rivermoth", "Rivermouth"),), [ROOMS]),
        ("forest inventory", (), [FOREST]),
        ("Riverdance rooms", (), []),  # too far from anything to be a slip
    ],
)
def test_a_misspelt_name_is_taken_for_the_name_and_said(
    library: Library, question: str, corrected: tuple[tuple[str, str], ...], named: list[str]
) -> None:
    found = understand(question, library).named
    assert (found.corrected, found.ids) == (corrected, named)


WAHT = (("waht", "what"), ("teh", "the"), ("inevstment", "investment"))


@pytest.mark.parametrize(
    "text, spelled, changes",
    [
        ("what is the investmnt?", "what is the investment?", (("investmnt", "investment"),)),
        ("how many permts", "how many permits", (("permts", "permits"),)),
        ("investment and savings", "investment and savings", ()),
        ("what did Investmnt save?", "what did Investmnt save?", ()),  # a capital amid small words: a name
        ("what did Harbuor save?", "what did Harbour save?", (("Harbuor", "Harbour"),)),
        ("waht is teh inevstment", "what is the investment", WAHT),
        ("what did Portugal invest?", "what did Portugal invest?", ()),
        ("xqzzz", "xqzzz", ()),
    ],
)
def test_misspelt_common_words_are_set_right_and_names_stay(
    library: Library, text: str, spelled: str, changes: tuple[tuple[str, str], ...]
) -> None:
    found = library.spelled(text)
    assert (found.text, found.changes) == (spelled, changes)


def test_a_correction_is_said_in_the_answer(desk: Desk) -> None:
    assert desk.ask("harbour permit desk investmnt").answer.endswith("(Read investmnt as investment.)")


@pytest.mark.parametrize("name", ["3-1-1", "3.1.1", "311", " 3 1 1 "])
def test_punctuation_does_not_tell_names_apart(name: str) -> None:
    assert compact(name) == "311"


@pytest.mark.parametrize(
    "text, words",
    [
        ("Norway's costs", ["norway", "costs"]),
        ("avg. yr costs", ["average", "year", "costs"]),
        ("one-stop shop", ["one-stop", "shop"]),
        ("¿Cuánto?", ["cuanto"]),
        ("...", []),
    ],
)
def test_a_question_is_cut_into_words(text: str, words: list[str]) -> None:
    assert [token.word for token in tokenize(text)] == words
