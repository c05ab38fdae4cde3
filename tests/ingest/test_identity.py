"""Who a document is by, which time it reports on and what kind it is, from first pages written here."""

from __future__ import annotations

import pytest

from factdesk.corpus.kinds import kind_of_cover, kinds, load
from factdesk.corpus.records import Block, BlockKind, Page, Reading, Reported, Source
from factdesk.ingest.identity import FileFacts, Identity, file_facts, identify
from factdesk.tests.conftest import take_apart

ANNUAL = """\
# UNITED STATES SECURITIES AND EXCHANGE COMMISSION
Washington, D.C. 20549
# FORM 10-K
ANNUAL REPORT PURSUANT TO SECTION 13 OR 15(d) OF THE SECURITIES EXCHANGE ACT OF 1934
For the fiscal year ended December 31, 2018
Commission file number 1-99999
# HARBOUR & HILL TOOLS COMPANY, INC.
(Exact name of registrant as specified in its charter)
Delaware 12-3456789
Securities registered pursuant to Section 12(b) of the Act:
Title of each class Trading Symbol(s) Name of each exchange on which registered
Common Stock, par value $0.01 HHT New York Stock Exchange
In this report Harbour & Hill Tools Company, Inc. (“Harbour Hill” or the “Company”) bought Ferrous Inc. (“Ferrous”).
"""

QUARTERLY = """\
# FORM 10-Q
Quarterly report pursuant to Section 13 or 15(d) of the Securities Exchange Act of 1934
For the quarterly period ended Commission file March 31, 2021 number 1-5805
# Meridian Bank & Co.
(Exact name of registrant as specified in its charter)
Number of shares outstanding as of April 30, 2021: 12
"""

CURRENT = """\
# FORM 8-K
CURRENT REPORT Pursuant to Section 13 or 15(d) of the Securities Exchange Act of 1934
Date of Report (Date of earliest event reported): May 26, 2023
# Blue Kettle, Inc.
# (Exact name of registrant as specified in its charter)
Securities registered: Common Stock, KETL The Nasdaq Stock Market
"""

RELEASE = """\
March 9, 2023
# Larkspur Beauty Announces Fourth Quarter Fiscal 2022 Results
PORTLAND, Ore. – Larkspur Beauty, Inc. (NASDAQ: LARK) today announced financial results for the thirteen-week period
13 Weeks Ended 52 Weeks Ended January 28, 2023
"""

COUNTRY = """\
# Iceland Economic Outlook 2021

What the island earns and spends.
"""

NOTHING = """\
# Notes on keeping bees

Bees are kept in hives. In 2019 there were nine of them.
"""


def reading(text: str, title: str = "") -> Reading:
    """A first page as a reader gives it, one block a line."""
    blocks, at = [], 0
    for line in text.splitlines():
        words = line.removeprefix("# ")
        if words:
            kind = BlockKind.HEADING if line.startswith("# ") else BlockKind.PARAGRAPH
            start = at + len(line) - len(words)
            blocks.append(Block(kind, start, start + len(words), words, tuple(range(start, start + len(words)))))
        at += len(line) + 1
    return Reading(text, tuple(blocks), (Page(1, "1", 0, len(text)),), title)


def test_the_cover_of_an_annual_report_tells_all() -> None:
    found = identify(reading(ANNUAL), "Form 10-K", "scan0001.pdf")
    assert found == Identity(
        names=("HARBOUR & HILL TOOLS COMPANY, INC.", "Harbour Hill", "HHT"),
        periods=(Reported("2018", Source.END, "2018-12-31"),),
        kind="annual_report",
    )


def test_the_cover_of_a_quarterly_report_tells_all() -> None:
    found = identify(reading(QUARTERLY), "Form 10-Q", "MERIDIANBANK_2021Q1_10Q.pdf")
    assert found == Identity(
        names=("Meridian Bank & Co.", "MERIDIANBANK"),
        periods=(Reported("2021Q1", Source.NAME, "2021-03-31"),),
        kind="quarterly_report",
    )


def test_a_current_report_is_of_the_day_of_its_event_and_of_its_filing() -> None:
    found = identify(reading(CURRENT), "Form 8-K", "BLUEKETTLE_2023_8K_dated-2023-05-30.pdf")
    assert found == Identity(
        names=("Blue Kettle, Inc.", "BLUEKETTLE"),
        periods=(
            Reported("2023-05-30", Source.NAME, "2023-05-30"),
            Reported("2023-05-26", Source.TEXT, "2023-05-26"),
        ),
        kind="current_report",
    )


def test_a_release_on_a_year_that_ends_in_january_is_of_both_its_years() -> None:
    found = identify(reading(RELEASE), "Larkspur Beauty Announces Fourth Quarter Fiscal 2022 Results", "r.pdf")
    assert found == Identity(
        names=("Larkspur Beauty, Inc.", "LARK", "Larkspur Beauty"),
        periods=(
            Reported("2022Q4", Source.TEXT, "2023-01-28"),
            Reported("2022", Source.TEXT, "2023-01-28"),
            Reported("2023", Source.END, "2023-01-28"),
        ),
        kind="earnings_release",
    )


def test_a_year_that_ends_in_the_first_days_of_january_is_that_of_the_year_before() -> None:
    text = ANNUAL.replace("December 31, 2018", "January 1, 2023")
    assert identify(reading(text), "", "x.pdf").periods == (Reported("2022", Source.END, "2023-01-01"),)


def test_a_file_named_by_the_year_of_filing_is_of_the_year_that_its_cover_says() -> None:
    found = identify(reading(ANNUAL), "", "harbour-hill-2019-10-k.pdf")
    assert found.periods == (Reported("2018", Source.END, "2018-12-31"),)


def test_a_report_on_a_country_is_known_by_its_title_its_country_and_its_year() -> None:
    document = take_apart(COUNTRY.encode(), "outlook_2021.md").document
    assert (document.names, document.periods, document.kind) == (
        ("outlook",),
        (Reported("2021", Source.NAME),),
        "",
    )
    document = take_apart(COUNTRY.encode(), "report.md").document
    assert (document.names, document.periods, document.kind) == (
        ("Iceland Economic Outlook", "Iceland"),
        (Reported("2021", Source.NAME),),
        "",
    )


def test_a_document_of_which_nothing_tells_has_no_facts() -> None:
    document = take_apart(NOTHING.encode(), "bees.md").document
    assert (document.names, document.periods, document.kind) == ((), (), "")


def test_a_text_without_words_has_no_facts() -> None:
    assert identify(Reading("", ()), "", "a.pdf") == Identity()


@pytest.mark.parametrize(
    "name, facts",
    [
        ("ACME_2018_10K.pdf", FileFacts("ACME", (Reported("2018", Source.NAME),), "annual_report")),
        ("JOHN_JOHN_2022_10K.pdf", FileFacts("JOHN JOHN", (Reported("2022", Source.NAME),), "annual_report")),
        (
            "ACME_2022Q4_EARNINGS.pdf",
            FileFacts("ACME", (Reported("2022Q4", Source.NAME), Reported("2022", Source.NAME)), "earnings_release"),
        ),
        (
            "ACME_2023_8K_dated-2023-08-30.pdf",
            FileFacts("ACME", (Reported("2023-08-30", Source.NAME, "2023-08-30"),), "current_report"),
        ),
        ("acme-10-q-q3-2021.pdf", FileFacts("acme", (Reported("2021Q3", Source.NAME),), "quarterly_report")),
        ("annual_report-2021.pdf", FileFacts("", (Reported("2021", Source.NAME),), "annual_report")),
        (
            "AcmeWorks Annual Report FY21.pdf",
            FileFacts("Acme Works", (Reported("2021", Source.NAME),), "annual_report"),
        ),
        ("value-of-bees.pdf", FileFacts()),
        ("3M_2018_10K.pdf", FileFacts("3M", (Reported("2018", Source.NAME),), "annual_report")),
        ("scan 12.pdf", FileFacts()),
    ],
)
def test_a_file_name_tells_owner_time_and_kind(name: str, facts: FileFacts) -> None:
    assert file_facts(name) == facts


def test_the_kind_that_a_cover_names_first_is_its_kind() -> None:
    assert kind_of_cover("FORM 8-K. Exhibit: annual report on Form 10-K") == "current_report"
    assert kind_of_cover("A tale of two kettles") == ""


def test_a_file_of_the_user_adds_kinds() -> None:
    shipped = kinds()
    more = load('[kind.minutes]\ncover = ["minutes of the meeting"]\nspan = "day"')
    assert [kind.name for kind in more] == ["minutes"]
    assert "annual_report" in [kind.name for kind in shipped]


def test_an_amount_of_ten_thousand_is_no_form() -> None:
    source = b"# Two Services\n\n## COSTS\n\n### INVESTMENT: EUR 10K\n\nThen US$8K and 6K more.\n"
    assert take_apart(source, "cases.md").document.kind == ""


def test_a_compendium_that_calls_itself_an_annual_report_keeps_its_cases() -> None:
    cases = "".join(f"# {c}\n\n## {n}\n\n### COSTS\n\n#### SAVINGS: EUR 5 million\n\nIt.\n\n" for c, n in CASES)
    found = take_apart(f"# Annual Report 2021\n\nOf the ministry.\n\n{cases}".encode(), "cases.md")
    assert found.document.kind == "annual_report"
    assert [subject.name for subject in found.subjects[1:]] == ["Government Portal (Spain)", "Tax Line (Peru)"]


CASES = (("SPAIN", "Government Portal"), ("PERU", "Tax Line"))


def test_a_release_is_by_whoever_reports_in_its_title() -> None:
    source = b"# Ostrel Lumen Holdings plc Reports Third Quarter 2023 Results\n\nRevenue rose.\n"
    found = take_apart(source, "q3-release.md").document
    assert (found.names[0], found.kind) == ("Ostrel Lumen Holdings plc", "earnings_release")
