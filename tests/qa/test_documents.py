"""Which documents a question names: a shelf of invented companies, retailers, banks and a country."""

from __future__ import annotations

import pytest

from factdesk.corpus.records import Document, Reported, Source
from factdesk.corpus.words import word_set
from factdesk.qa.documents import Shelf, times_asked


def document(identity: str, kind: str, *names: str, periods: tuple[Reported, ...]) -> Document:
    """A document of which only the facts of identity matter."""
    return Document(identity, identity, f"{identity}.pdf", "", "pdf", "", names=names, periods=periods, kind=kind)


def named(label: str, ended: str = "") -> Reported:
    """A time that the file's name tells."""
    return Reported(label, Source.NAME, ended)


def annual(identity: str, year: int, *names: str, ended: str = "") -> Document:
    """An annual report."""
    return document(identity, "annual_report", *names, periods=(named(str(year), ended or f"{year}-12-31"),))


TOOLS = ("HARBOUR & HILL TOOLS COMPANY, INC.", "HARBOURHILLTOOLS", "HHT")
TWINS = ("Hanson & Hanson", "HNH")
KETTLE = ("Blue Kettle, Inc.", "BLUEKETTLE", "KETL")
SHELF = Shelf(
    [
        annual("tools-2018", 2018, *TOOLS),
        annual("tools-2019", 2019, *TOOLS),
        annual("tools-2022", 2022, *TOOLS),
        annual("twins-2022", 2022, *TWINS, ended="2023-01-01"),
        document("twins-2022q4", "earnings_release", *TWINS, periods=(named("2022Q4"), named("2022"))),
        document("twins-2023q2", "earnings_release", *TWINS, periods=(named("2023Q2", "2023-07-02"),)),
        document("twins-8k", "current_report", *TWINS, periods=(named("2023-08-30", "2023-08-30"),)),
        annual("kettle-2022", 2022, *KETTLE, ended="2022-12-31"),
        document("kettle-8k-a", "current_report", *KETTLE, periods=(
            named("2023-05-05", "2023-05-05"), Reported("2023-05-03", Source.TEXT, "2023-05-03"))),
        document("kettle-8k-b", "current_report", *KETTLE, periods=(
            named("2023-05-30", "2023-05-30"), Reported("2023-05-26", Source.TEXT, "2023-05-26"))),
        document("bank-2021q1", "quarterly_report", "MeridianBank Chase & Co.", "MBC",
                 periods=(named("2021Q1", "2021-03-31"),)),
        document("bank-2022q2", "quarterly_report", "MeridianBank Chase & Co.", "MBC",
                 periods=(named("2022Q2", "2022-06-30"),)),
        document("lark-2022", "annual_report", "Larkspur Beauty, Inc.", "LARK", periods=(
            Reported("2021", Source.TEXT, "2022-01-29"), Reported("2022", Source.END, "2022-01-29"))),
        document("lark-2023", "annual_report", "Larkspur Beauty, Inc.", "LARK", periods=(
            Reported("2022", Source.TEXT, "2023-01-28"), Reported("2023", Source.END, "2023-01-28"))),
        annual("block-2020", 2020, "SQUARE PEG, INC.", "BLOCK", "SP"),
        annual("express-2022", 2022, "American Rail Express Company", "AMERICANRAILEXPRESS"),
        annual("water-2022", 2022, "American Water Mills, Inc."),
        document("iceland-2021", "", "Iceland Economic Outlook", "Iceland", periods=(named("2021"),)),
        document("iceland-2022", "", "Iceland Economic Outlook", "Iceland", periods=(named("2022"),)),
    ],
    word_set("block hill blue kettle water express rail hanson american").__contains__,
)  # fmt: skip


@pytest.mark.parametrize(
    "question, documents",
    [
        # names
        ("What is the FY2018 capital expenditure for Harbour & Hill Tools?", ["tools-2018"]),
        ("what was harbour and hill tools' revenue in fiscal 2019?", ["tools-2019"]),
        ("What did HarbourHillTools spend in FY2018?", ["tools-2018"]),
        ("What was HHT's revenue in FY2018?", ["tools-2018"]),
        ("What was Harbour Hill's revenue in FY2018?", ["tools-2018"]),
        ("What was Blue Kettle Inc.'s net income in FY2022?", ["kettle-2022"]),
        ("What was BlueKettle's net income in FY2022?", ["kettle-2022"]),
        ("Are HnH's FY2022 financials those of a high growth company?", ["twins-2022", "twins-2022q4"]),
        ("What drove H&H's margin in FY2022?", ["twins-2022", "twins-2022q4"]),
        ("What was Larkspur's inventory at the end of fiscal 2022?", ["lark-2023"]),
        ("What was Larkspurr Beauty's inventory at the end of fiscal 2022?", ["lark-2023"]),
        ("What is Block's (formerly known as Square Peg) FY2020 working capital ratio?", ["block-2020"]),
        ("How much did American Rail Express pay in FY2022?", ["express-2022"]),
        ("How much did American Water pay in dividends in FY2022?", ["water-2022"]),
        ("How much did AmRaEx pay in FY2022?", ["express-2022"]),
        # times
        ("What was MBC's net revenue in 2021 Q1?", ["bank-2021q1"]),
        ("In 2022 Q2, which of MeridianBank's segments was best?", ["bank-2022q2"]),
        ("Looking at VaR, did MBC's risk fall in the second fiscal quarter of 2022?", ["bank-2022q2"]),
        ("Did HnH's net earnings increase in Q2 of FY2023 compared to Q2 of FY2022?", ["twins-2023q2"]),
        ("Is HnH's adjusted EPS expected to accelerate in FY2023?", ["twins-2022q4", "twins-2022"]),
        ("What did HnH say as of August 30, 2023?", ["twins-8k"]),
        ("At the Blue Kettle AGM held on May 3, 2023, what was the outcome?", ["kettle-8k-a"]),
        ("By how much did Blue Kettle raise its credit on May 26, 2023?", ["kettle-8k-b"]),
        ("What is HHT's change in income from FY2018 to FY2019?", ["tools-2019"]),
        ("What is the FY2017 - FY2019 average margin of HHT?", ["tools-2019"]),
        ("What was HHT's revenue in FY2017?", ["tools-2018"]),
        ("What was HHT's revenue in FY2021?", ["tools-2022"]),
        ("Has Blue Kettle paid dividends in Q2 of FY2022?", ["kettle-2022"]),
        ("What was HnH's revenue in Q4 of FY2022?", ["twins-2022q4"]),
        # kinds
        ("What does the 10-K of HnH say about FY2022?", ["twins-2022"]),
        ("What does HnH's earnings release say about FY2022?", ["twins-2022q4"]),
        ("What does HnH say about adjusted EPS in FY2022?", ["twins-2022q4", "twins-2022"]),
        # no time: the latest
        ("What are HHT's segments?", ["tools-2022", "tools-2019", "tools-2018"]),
        # a report that is no filing: the edition asked for, else all
        ("What was Iceland's inflation in 2021?", ["iceland-2021"]),
        ("What was Iceland's inflation in 2009?", ["iceland-2021", "iceland-2022"]),
        # nobody
        ("What did the hill cost?", []),
        ("How many American companies pay dividends?", []),
        ("What was the total of 2019?", []),
        ("Who is Hilda?", []),
    ],
)  # fmt: skip
def test_a_question_names_the_documents_of_whom_when_and_what_kind(question: str, documents: list[str]) -> None:
    found = SHELF.named_in(question)
    assert (found.ids, found.uncovered) == (documents, "")


def test_two_companies_are_each_answered_from_their_own() -> None:
    found = SHELF.named_in("Did Blue Kettle or HHT have more revenue in FY2022?")
    assert set(found.ids) == {"kettle-2022", "tools-2022"}
    assert found.about == "Blue Kettle, Harbour & Hill Tools, FY2022"


def test_a_year_that_no_report_covers_is_told_with_those_that_are_there() -> None:
    found = SHELF.named_in("What was HHT's revenue in FY2009?")
    assert (found.ids, found.uncovered, found.covered) == ([], "FY2009", ("FY2018", "FY2019", "FY2022"))


def test_a_fiscal_year_alone_leads_to_the_reports_on_it_but_not_surely() -> None:
    found = SHELF.named_in("What drove the reduction in expense in FY2020?")
    assert (found.ids, found.sure) == (["block-2020"], False)


def test_a_library_without_reports_names_nothing() -> None:
    assert Shelf([]).named_in("What was HHT's revenue in FY2018?").ids == []


@pytest.mark.parametrize(
    "question, labels",
    [
        ("in Q2 of FY2023 compared to Q2 of FY2022", ["2023Q2", "2022Q2"]),
        ("FY2023Q1", ["2023Q1"]),
        ("in FY 2023, in Q4 of FY2023", ["2023", "2023Q4"]),
        ("FY18 and FY'19", ["2018", "2019"]),
        ("on May 26, 2023", ["2023-05-26"]),
        ("from 2022, 2021 and 2020?", ["2022", "2021", "2020"]),
        ("fiscal year ended 2022, 2Q23, first quarter of fiscal 2024", ["2022", "2023Q2", "2024Q1"]),
        ("365 * 2018 units of 1,999 and $2020", ["2018"]),
    ],
)
def test_the_times_of_a_question_are_read_as_people_write_them(question: str, labels: list[str]) -> None:
    assert [asked.label for asked in times_asked(question)] == labels
