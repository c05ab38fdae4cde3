"""The audit: what adds up, what differs, and what cannot be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from factdesk.qa.audit import ADDS_UP, CANNOT, DIFFERS
from factdesk.qa.desk import Desk

Checked = list[tuple[str, str, str]]


@dataclass
class Checker:
    """Audits Markdown texts: the kind, verdict and words of each finding."""

    make: Callable[..., Desk]

    def __call__(self, *texts: str) -> Checked:
        with self.make(**{f"d{number}": text for number, text in enumerate(texts)}) as desk:
            return [(found.kind, found.verdict, found.text) for found in desk.check()]


@pytest.fixture(scope="module")
def check(small_desk: Callable[..., Desk]) -> Checker:
    return Checker(small_desk)


def case(investment: str, *items: str, name: str = "Ferry") -> str:
    listed = "\n".join(f"- {item}" for item in items)
    return f"# {name}\n\nA boat.\n\n## INVESTMENT: {investment}\n\n{listed}\n"


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            case("EUR 600K", "Boats, EUR 400K", "Training, EUR 200K"),
            [("items", ADDS_UP, "Ferry: INVESTMENT: 400000 + 200000 = 600000")],
        ),
        (
            case("EUR 600K", "Boats, EUR 400K", "Training, EUR 100K"),
            [("items", DIFFERS, "Ferry: INVESTMENT: 400000 + 100000 = 500000, stated 600000: differs by 100000")],
        ),
        (
            case("EUR 600K/YEAR", "Boats, EUR 40K/month", "Training, EUR 20K/month"),
            [("items", CANNOT, "Ferry: INVESTMENT: items of another rate or unit than EUR 600K/YEAR")],
        ),
        (
            case("EUR 1.2 MILLION", "Boats, EUR 833K", "Training, EUR 366K"),  # rounding is no difference
            [("items", ADDS_UP, "Ferry: INVESTMENT: 833000 + 366000 = 1199000")],
        ),
        (case("EUR 600K", "Boats, EUR 600K"), []),  # one item is no sum
    ],
)
def test_items_are_added_up_against_their_headline(check: Checker, text: str, expected: Checked) -> None:
    assert check(text) == expected


@pytest.mark.parametrize(
    "sentences, expected",
    [
        (
            "Losses fell from 40% to 30%. In other words, losses were cut by 25%.",
            [(ADDS_UP, "40% to 30% is 25%, stated 25%")],
        ),
        (
            "Losses are 4.5% of sales. The goal is to bring them to 3.2%, in other words, cut losses by 25%.",
            [(DIFFERS, "4.5% to 3.2% is 28.9%, stated 25%: differs by 3.9 points")],
        ),
        (
            "The fee was reduced from EUR 80 to EUR 60, a cut of 25%.",
            [(ADDS_UP, "EUR 80 to EUR 60 is 25%, stated 25%")],
        ),
        (
            "Income increased more than 1300%, from EUR 18k to EUR 268k.",
            [(ADDS_UP, "EUR 18k to EUR 268k is 1388.9%, stated more than 1300%")],
        ),
        ("The fee was reduced from EUR 80 to EUR 60, while complaints fell by 90%.", []),  # another change
        ("Nine of ten pay EUR 60 and EUR 80. Complaints fell by 25%.", []),  # no change is told
        ("Losses fell from 40% to 30%. Many were glad. The boats are blue. Staff was cut by 24%.", []),
    ],
)
def test_a_stated_change_is_checked_against_its_two_values(
    check: Checker, sentences: str, expected: list[tuple[str, str]]
) -> None:
    found = [(verdict, text) for kind, verdict, text in check(f"# Ferry\n\n{sentences}\n") if kind == "percentage"]
    assert found == [(verdict, f"Ferry: {text}") for verdict, text in expected]


@pytest.mark.parametrize(
    "note, expected",
    [
        (
            "The investment was 5 million Norwegian kroner. This is equivalent to EUR 900k, at NOK 10/EUR.",
            [(DIFFERS, "5 million Norwegian kroner at NOK 10/EUR is EUR 500000, stated EUR 900k: differs by 400000")],
        ),
        (
            "The investment was 5 million Norwegian kroner. This is equivalent to EUR 500k, at NOK 10/EUR.",
            [(ADDS_UP, "5 million Norwegian kroner at NOK 10/EUR is EUR 500000, stated EUR 500k")],
        ),
        ("The investment was EUR 900k, at NOK 10/EUR.", []),  # only one amount
        ("It was 5 million Norwegian kroner, or EUR 900k.", []),  # no rate
    ],
)
def test_an_amount_in_two_currencies_is_checked_against_the_rate(
    check: Checker, note: str, expected: list[tuple[str, str]]
) -> None:
    found = [(verdict, text) for kind, verdict, text in check(f"# Ferry\n\n{note}\n") if kind == "conversion"]
    assert found == [(verdict, f"Ferry: {text}") for verdict, text in expected]


@pytest.mark.parametrize(
    "first, second, conflicts",
    [
        (("EUR 600K", "Ferry"), ("EUR 650K", "Ferry"), 1),
        (("EUR 600K", "Ferry"), ("EUR 600K", "Ferry"), 0),
        (("EUR 600K", "Ferry"), ("NOK 650K", "Ferry"), 0),  # another currency is no conflict
        (("EUR 600K", "Ferry"), ("EUR 650K", "Harbour"), 0),
        (("EUR 600K", "Night Ferry Booking (NFB)"), ("EUR 650K", "The Booking of Ferries (NFB)"), 1),
    ],
)
def test_one_measure_with_two_values_in_two_documents_is_a_conflict(
    check: Checker, first: tuple[str, str], second: tuple[str, str], conflicts: int
) -> None:
    texts = [case(amount, name=name) for amount, name in (first, second)]
    found = [text for kind, verdict, text in check(*texts) if (kind, verdict) == ("conflict", DIFFERS)]
    assert len(found) == conflicts
    assert all("EUR 600K (d0); EUR 650K (d1)" in text for text in found)


def test_every_finding_cites_its_figures(small_desk: Callable[..., Desk]) -> None:
    text = case("EUR 600K", "Boats, EUR 400K", "Training, EUR 100K")
    with small_desk(a=text) as desk:
        (found,) = desk.check()
        quotes = {citation.n: citation.quote for citation in found.citations}
        assert [quotes[cited.citation] for cited in found.figures] == [cited.figure.quote for cited in found.figures]
        assert all(text[c.start : c.end] == c.quote for c in found.citations)


def test_what_differs_comes_first(check: Checker) -> None:
    text = case("EUR 600K", "Boats, EUR 400K", "Training, EUR 200K")
    wrong = case("EUR 600K", "Boats, EUR 400K", "Training, EUR 100K", name="Harbour")
    assert [verdict for _, verdict, _ in check(text, wrong)] == [DIFFERS, ADDS_UP]


@pytest.fixture(scope="module")
def shared_desk(shared: Path, small_desk: Callable[..., Desk]) -> Iterator[Desk]:
    files = sorted((shared / "documents").glob("*.md"))
    with small_desk(**{file.stem: file.read_text("utf-8") for file in files}) as desk:
        yield desk


def test_the_shared_documents_do_not_add_up_in_two_places(shared_desk: Desk) -> None:
    differing = [one for one in shared_desk.check() if one.verdict == DIFFERS]
    found = {(one.kind, *one.text.split(": ")[-2:]) for one in differing}
    assert found == {
        ("percentage", "4.25% to 3.1% is 27.1%, stated 25%", "differs by 2.1 points"),
        ("conversion", "1 million reals at R3.3/USD is USD 303000, stated US $940k", "differs by 637000"),
    }
