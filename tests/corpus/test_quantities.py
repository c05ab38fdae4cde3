"""Every number is read exactly, or the reason why it is none is given."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.quantities import (
    RUN,
    NumberLocale,
    Quantity,
    format_number,
    locale_of,
    parse_number,
    patterns,
    scan,
    stated_scale,
)
from factdesk.tests.timing import HOSTILE, QUADRATIC, least_growth

ENGLISH = NumberLocale()
MIXED = NumberLocale(decimal="both")
CONTINENTAL = NumberLocale(".", ",", "es")
PORTUGUESE = NumberLocale(".", ",", "pt")
SPACED = NumberLocale(" ", ",", "fr")
SWISS = NumberLocale("'", ".", "de")


def reading(quantity: Quantity) -> str:
    """A quantity in short: "~60 %", "5..10 days", "700000 USD /year", "2017 date @2017"."""
    high = "" if quantity.value_high is None else f"..{quantity.value_high:f}"
    parts = [f"{quantity.comparator or ''}{quantity.value:f}{high}", quantity.unit or ""]
    parts += [f"/{quantity.per}" if quantity.per else "", f"@{quantity.period}" if quantity.period else ""]
    return " ".join(part for part in parts if part)


def readings(text: str, locale: NumberLocale = ENGLISH) -> list[str]:
    return [reading(quantity) for quantity in scan(text, locale)[0]]


PHRASES: list[tuple[str, list[str]]] = [
    # money: signs, scales, spacing
    ("Capital outlay: US$460K", ["460000 USD"]),
    ("SAVED: US $312 MILLION/ YEAR", ["312000000 USD /year"]),
    ("US$ 30 MILLIONS/YEAR", ["30000000 USD /year"]),
    ("running cost US$85K/MONTH", ["85000 USD /month"]),
    ("staff (US $12k/month)", ["12000 USD /month"]),
    ("The grant was $5,250.75.", ["5250.75 USD"]),
    ("£1.5bn of loans", ["1500000000 GBP"]),
    ("€2.4 billion in receipts", ["2400000000 EUR"]),
    ("CHF 3 Mio", ["3000000 CHF"]),
    ("CHF 3 Mio. for the canton", ["3000000 CHF"]),
    ("Rs. 4.87 crore", ["48700000 INR"]),
    ("₹12 lakh", ["1200000 INR"]),
    ("Rs 2.5 lakh crore", ["2500000000000 INR"]),
    ("EUR 40m facility", ["40000000 EUR"]),
    ("USD 18,000,000", ["18000000 USD"]),
    ("18,000,000 USD", ["18000000 USD"]),
    ("250 EUR per person", ["250 EUR"]),
    ("a fee of 20 €", ["20 EUR"]),
    ("C$45 million", ["45000000 CAD"]),
    ("A$1.2m", ["1200000 AUD"]),
    ("HK$7.8 billion", ["7800000000 HKD"]),
    ("MX$350 million", ["350000000 MXN"]),
    ("S/ 120 million", ["120000000 PEN"]),
    ("¥500 billion", ["500000000000 JPY"]),
    ("₩30 trillion", ["30000000000000 KRW"]),
    ("2 million reals", ["2000000 BRL"]),
    ("350,000 Mexican pesos", ["350000 MXN"]),
    ("15 billion Chilean pesos", ["15000000000 CLP"]),
    ("32,415,200.00 dollars", ["32415200.00 USD"]),
    ("5 million US dollars", ["5000000 USD"]),
    ("3 million Canadian dollars", ["3000000 CAD"]),
    ("900 euros a month", ["900 EUR /month"]),
    ("2 million pounds", ["2000000 GBP"]),
    ("$0.05 per share", ["0.05 USD"]),
    ("costs $.75 each", ["0.75 USD"]),
    ("-$5 million", ["-5000000 USD"]),
    ("$(1,577)", ["-1577 USD"]),
    ("a gain of $1.25 trillion", ["1250000000000 USD"]),
    ("up to US$2 million", ["<=2000000 USD"]),
    ("more than $1 million", [">1000000 USD"]),
    ("$1M and then $2M", ["1000000 USD", "2000000 USD"]),
    ("US$5-6 million", ["5000000..6000000 USD"]),
    ("between $10 and $15 million", ["10000000..15000000 USD"]),
    ("$500 to $900", ["500..900 USD"]),
    ("rose from $3.1 million to $4.4 million", ["3100000 USD", "4400000 USD"]),
    ("from US $22k in 2011 to US $240k in 2017", ["22000 USD", "2011 date @2011", "240000 USD", "2017 date @2017"]),
    ("with an exchange rate of 19.1 MXN/USD", ["19.1 MXN/USD"]),
    ("spent 2 million reals at R3.9/USD", ["2000000 BRL", "3.9 BRL/USD"]),
    ("paid R450 in rands", ["450 ZAR"]),
    ("US $0", ["0 USD"]),
    ("OPERATING COSTS: US $10K/MONTH", ["10000 USD /month"]),
    ("a loss of $(12.4) million", ["-12400000 USD"]),
    ("(US$ 4 million)", ["4000000 USD"]),
    ("$12bn-$15bn", ["12000000000..15000000000 USD"]),
    # rates
    ("US $650k annually for upkeep", ["650000 USD /year"]),
    ("US $420k per year", ["420000 USD /year"]),
    ("US $3 million in savings per year", ["3000000 USD /year"]),
    ("an annual budget of US $4.1 million", ["4100000 USD /year"]),
    ("the annual spending on hosting, licences and staff was US $2.9 million", ["2900000 USD /year"]),
    ("a monthly fee of $30", ["30 USD /month"]),
    ("on average 64 tickets daily", ["64 /day"]),
    ("480 maximum visits per day", ["480 /day"]),
    ("12 calls an hour", ["12 /hour"]),
    ("900 tons of waste per year", ["900 /year"]),
    ("3 million copies of plans and 2 million copies of deeds per year", ["3000000 /year", "2000000 /year"]),
    ("a daily average of 300 calls", ["300 /day"]),
    ("5% annual growth", ["5 % /year"]),
    ("open 24/7", ["24 hours /day @24/7"]),
    ("open 24/7/365 to all", ["24 hours /day @24/7/365"]),
    ("24 hours a day, 7 days a week", ["24 hours /day", "7 days /week"]),
    ("3 hours per day", ["3 hours /day"]),
    ("20 working days", ["20 days"]),
    ("10 reports each quarter", ["10 /quarter"]),
    # counts
    ("1,248 topics", ["1248"]),
    ("nearly 4.3 million contacts", ["~4300000"]),
    ("used by 1,035 entities", ["1035"]),
    ("more than 27 thousand petitions", [">27000"]),
    ("over 500 officials", [">500"]),
    ("at least 30 sites", [">=30"]),
    ("no more than 12 steps", ["<=12"]),
    ("fewer than 40 complaints", ["<40"]),
    ("not less than 9 members", [">=9"]),
    ("about 75 offices", ["~75"]),
    ("approximately 1,500 desks", ["~1500"]),
    ("an estimated 3.5 million users", ["~3500000"]),
    ("some 800 volunteers", ["~800"]),
    (">500 users", [">500"]),
    ("≥ 95 points", [">=95"]),
    ("500+ users", [">=500"]),
    ("10 or more employees", [">=10"]),
    ("structured around 3 pillars", ["3"]),
    ("18 full-time employees", ["18"]),
    ("2000 people attended", ["2000"]),
    ("1366 participants", ["1366"]),
    ("a 5-member panel", ["5"]),
    ("10 to 15 offices", ["10..15"]),
    ("between 10 and 15 people", ["10..15"]),
    ("10-15 offices", ["10..15"]),
    ("from 40 to 55 sites a year ranged the plan", ["40..55 /year"]),
    ("grew from 40 to 55 sites", ["40", "55"]),
    ("temperatures fell to −5 and -12", ["-5", "-12"]),
    ("1'234 units", ["1234"]),
    ("12,34,567 voters", ["1234567"]),
    ("2 million", ["2000000"]),
    ("673 million tons per year", ["673000000 /year"]),
    ("20k users", ["20000"]),
    ("the 8th most visited site", ["8"]),
    ("four programs", ["4"]),
    ("twenty-five offices", ["25"]),
    ("two hundred and fifty delegates", ["250"]),
    ("one million visits", ["1000000"]),
    ("a million visits", ["1000000"]),
    ("half a million visits", ["500000"]),
    ("one of them left", []),
    ("two-thirds of them", []),
    ("more than three million users", [">3000000"]),
    # percentages
    ("nearly 60% are digital", ["~60 %"]),
    ("increased from 78.9% to 81.2%", ["78.9 %", "81.2 %"]),
    ("rose from 61% a 64.3%", ["61 %", "64.3 %"]),
    ("30-40% of cases", ["30..40 %"]),
    ("30% to 40% of cases", ["30..40 %"]),
    ("between 10% and 15%", ["10..15 %"]),
    ("12 percent", ["12 %"]),
    ("12 per cent", ["12 %"]),
    ("five percent", ["5 %"]),
    ("up 3 percentage points", ["3 percentage points"]),
    ("a fall of 2.5 pp", ["2.5 percentage points"]),
    ("25 basis points", ["25 basis points"]),
    ("greater than 92% satisfaction", [">92 %"]),
    ("a 100% digital service", ["100 %"]),
    ("margin of (12.5)%", ["-12.5 %"]),
    ("more than 1300%", [">1300 %"]),
    # durations
    ("spends 2.25 hours in line and 15 minutes online", ["2.25 hours", "15 minutes"]),
    ("a 22-year old student", ["22 years"]),
    ("a three-month pilot", ["3 months"]),
    ("5 to 10 days", ["5..10 days"]),
    ("2-3 weeks", ["2..3 weeks"]),
    ("reduced from 3 days to 2 hours", ["3 days", "2 hours"]),
    ("more than 10 years ago", [">10 years"]),
    ("aged 4 years or older", [">=4 years"]),
    ("one year", ["1 years"]),
    ("18 months", ["18 months"]),
    ("within 48h", ["48 hours"]),
    # dates
    ("In 2016, usage doubled", ["2016 date @2016"]),
    ("As of 1998, owners may pay", ["1998 date @1998"]),
    ("on November 14, 2007", ["2007 date @2007-11-14"]),
    ("9 October 2005", ["2005 date @2005-10-09"]),
    ("In May 18th 2014", ["2014 date @2014-05-18"]),
    ("On June, 6th, 2011", ["2011 date @2011-06-06"]),
    ("On March, 2015", ["2015 date @2015-03"]),
    ("since mid-2017", ["~2017 date @2017"]),
    ("through mid 2018", ["~2018 date @2018"]),
    ("early 2017", ["~2017 date @2017"]),
    ("near the end of 2016", ["~2016 date @2016"]),
    ("since 2014", ["2014 date @2014"]),
    ("the 2016-2018 plan", ["2016..2018 date @2016/2018"]),
    ("(2007–2016)", ["2007..2016 date @2007/2016"]),
    ("in 2010/11", ["2010..2011 date @2010/2011"]),
    ("FY2018", ["2018 date @2018"]),
    ("FY18 results", ["2018 date @2018"]),
    ("fiscal year 2019", ["2019 date @2019"]),
    ("Q2 2023", ["2023 date @2023-04/2023-06"]),
    ("the second half of 2018", ["2018 date @2018-07/2018-12"]),
    ("third quarter of 2020", ["2020 date @2020-07/2020-09"]),
    ("2018-09-30", ["2018 date @2018-09-30"]),
    ("09/30/2018", ["2018 date @2018-09-30"]),
    ("between 2011 and 2016", ["2011..2016 date @2011/2016"]),
    ("BETWEEN 2011 AND 2016", ["2011..2016 date @2011/2016"]),
    ("from 2014 to 2015", ["2014..2015 date @2014/2015"]),
    ("Between January 2015 and September 2018", ["2015..2018 date @2015-01/2018-09"]),
    ("from January to May 2016", ["2016 date @2016-01/2016-05"]),
    ("between July 31, 2017 and September 17, 2018", ["2017..2018 date @2017-07-31/2018-09-17"]),
    ("May 5–10, 2018", ["2018 date @2018-05-05/2018-05-10"]),
    ("15-20 July 2014", ["2014 date @2014-07-15/2014-07-20"]),
    ("US $9 million in 2015 and 2016 for permits", ["9000000 USD", "2015..2016 date @2015/2016"]),
    ("in 2012 and 2016", ["2012 date @2012", "2016 date @2016"]),
    ("US $300k in 2017 prices", ["300000 USD", "2017 date @2017"]),
    ("Perez, Ana. (2011). A study", ["2011 date @2011"]),
    ("Design: 2014", ["2014 date @2014"]),
    ("in 04/2018", ["2018 date @2018-04"]),
    ("For the years ended December 31, 2022 and 2021", ["2022 date @2022-12-31", "2021 date @2021"]),
    ("the 1990s", ["1990..1999 date @1990/1999"]),
    ("opens at 10:30", ["630 time @T10:30"]),
]


@pytest.mark.parametrize(("text", "expected"), PHRASES, ids=[text for text, _ in PHRASES])
def test_a_phrase_is_read_as_people_mean_it(text: str, expected: list[str]) -> None:
    assert readings(text) == expected


ELSEWHERE: list[tuple[str, NumberLocale, list[str]]] = [
    ("US $3,1K/YEAR and 2,804 sites", MIXED, ["3100 USD /year", "2804"]),
    ("US $7,6 MILLION", MIXED, ["7600000 USD"]),
    ("€1.234,50", CONTINENTAL, ["1234.50 EUR"]),
    ("más de 1.500 personas", CONTINENTAL, [">1500"]),
    ("12,5% de los casos", CONTINENTAL, ["12.5 %"]),
    ("casi 3,5 millones de pesos mexicanos", CONTINENTAL, ["~3500000 MXN"]),
    ("2 mil millones de dólares al año", CONTINENTAL, ["2000000000 USD /year"]),
    ("3 de agosto de 2015", CONTINENTAL, ["2015 date @2015-08-03"]),
    ("a finales de 2016", CONTINENTAL, ["~2016 date @2016"]),
    ("entre 2011 y 2016", CONTINENTAL, ["2011..2016 date @2011/2016"]),
    ("500 trámites por día", CONTINENTAL, ["500 /day"]),
    ("treinta y dos municipios", CONTINENTAL, ["32"]),
    ("dos años", CONTINENTAL, ["2 years"]),
    ("4 puntos porcentuales", CONTINENTAL, ["4 percentage points"]),
    ("22 nuevos servicios", CONTINENTAL, ["22"]),
    ("R$ 3,5 milhões", PORTUGUESE, ["3500000 BRL"]),
    ("1,2 milhão de reais por ano", PORTUGUESE, ["1200000 BRL /year"]),
    ("julho de 2017", PORTUGUESE, ["2017 date @2017-07"]),
    ("27 mil pedidos", PORTUGUESE, ["27000"]),
    ("vinte e três cidades", PORTUGUESE, ["23"]),
    ("mais de 40 bilhões", PORTUGUESE, [">40000000000"]),
    ("1 234 567 habitants", SPACED, ["1234567"]),
    ("12\u202f500,5 km", SPACED, ["12500.5"]),
    ("1’234.50", SWISS, ["1234.50"]),
]


@pytest.mark.parametrize(("text", "locale", "expected"), ELSEWHERE, ids=[text for text, *_ in ELSEWHERE])
def test_a_phrase_is_read_by_the_marks_of_its_document(text: str, locale: NumberLocale, expected: list[str]) -> None:
    assert readings(text, locale) == expected


NO_NUMBERS: list[tuple[str, list[str]]] = [
    ("the 3-1-1 hotline", ["3-1-1"]),
    ("see 311.example.org", ["311.example.org"]),
    ("https://example.org/a/11319", ["https://example.org/a/11319"]),
    ("bit.ly/2DlPQGo", ["bit.ly/2DlPQGo"]),
    ("write to desk7@example.org", ["desk7@example.org"]),
    ("the W3C", ["W3C"]),
    ("CO2", ["CO2"]),
    ("B2B trade", ["B2B"]),
    ("COVID-19", ["COVID-19"]),
    ("Principle 5 – Lead", ["5"]),
    ("see Article 12 and Table 2", ["12", "2"]),
    ("Tables 2 and 3", ["2", "3"]),
    ("Figure 4, p. 8, page 10", ["4", "8", "10"]),
    ("pp. 10–12", ["10", "12"]),
    ("No. 5", ["5"]),
    ("Part II Item 7", ["7"]),
    ("Note 7", ["7"]),
    ("a 401(k) plan", ["401(k)"]),
    ("Decree 45/2010", ["45/2010"]),
    ("Law No. 19.799", ["19.799"]),
    ("7-Eleven", ["7-Eleven"]),
    ("Version 2.0 of it", ["2.0"]),
    ("The WCAG 2.0 rules", ["2.0"]),
    ("ISO 9001", ["9001"]),
    ("1. Openness", ["1."]),
    ("Cinema 4D", ["4D"]),
    ("Sketch3", ["Sketch3"]),
    ("Model 3", ["3"]),
    ("the 10-K and 8-K", ["10-K", "8-K"]),
    ("code eo4990401", ["eo4990401"]),
    ("as shown [12]", ["[12]"]),
    ("call +1 202 555 0143", ["+1 202 555 0143"]),
    ("10² square", ["²"]),
    ("x1e999", ["x1e999"]),
    ("1e999", ["1e999"]),
    ("9" * 5000, ["9" * 5000]),
]


@pytest.mark.parametrize(("text", "expected"), NO_NUMBERS, ids=[text[:30] for text, _ in NO_NUMBERS])
def test_names_and_references_are_no_numbers(text: str, expected: list[str]) -> None:
    assert [record.text for record in scan(text, ENGLISH)[1]] == expected


def test_there_are_enough_phrases() -> None:
    assert len(PHRASES) + len(ELSEWHERE) >= 150


def test_a_quantity_knows_its_words_and_its_comparator() -> None:
    text = "It saved more than US $2.5 million per year."
    (quantity,) = scan(text, ENGLISH)[0]
    assert quantity.words == "US $2.5 million per year"
    assert text[quantity.cover_start : quantity.cover_end] == "more than US $2.5 million per year"
    assert [text[start:end] for start, end in quantity.digits] == ["2", "5"]


def test_brackets_mean_minus_in_a_statement_only() -> None:
    assert [q.value for q in scan("(1,577)", ENGLISH, statement=True)[0]] == [-1577]
    assert [q.value for q in scan("(1,577)", ENGLISH)[0]] == [1577]


def test_a_cell_inherits_scale_and_currency_but_a_count_does_not() -> None:
    found, _ = scan("1,577", ENGLISH, scale=Decimal(10**6), currency="USD")
    assert [reading(q) for q in found] == ["1577000000 USD"]
    assert readings_with("12%", 1000) == ["12 %"]
    assert readings_with("$2 billion", 1000) == ["2000000000 USD"]
    assert readings_with("300 employees", 1000) == ["300"]


def readings_with(text: str, scale: int) -> list[str]:
    return [reading(quantity) for quantity in scan(text, ENGLISH, scale=scale, currency="USD")[0]]


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("(in millions)", (10**6, None)),
        ("US$ thousand", (10**3, "USD")),
        ("En millones de pesos mexicanos", (10**6, "MXN")),
        ("EUR bn", (10**9, "EUR")),
        ("$ in millions, except per share amounts", (10**6, "USD")),
        ("(dollars in thousands)", (10**3, "USD")),
        ("US$ '000", (10**3, "USD")),
        ("Miles de millones de dólares", (10**9, "USD")),
        ("R$ milhões", (10**6, "BRL")),
        ("Year ended", None),
        ("", None),
    ],
)
def test_a_caption_states_its_scale(caption: str, expected: tuple[int, str | None] | None) -> None:
    found = stated_scale(caption)
    assert (found and (int(found[0]), found[1])) == expected


@pytest.mark.parametrize(
    ("text", "language", "grouping", "decimal", "sure"),
    [
        ("1,035 entities and 2,804 forms", "en", ",", ".", True),
        ("1,035 entities, US$ 7,6 million and 2.25 hours", "en", ",", "both", True),
        ("1.234,50 and 99,90", "en", ".", ",", True),
        ("1.234.567 forms, 1.234 sites", "en", ".", ",", True),
        ("1.234 sites and 12,5%", "es", ".", ",", True),
        ("1.234 sites", "en", ",", ".", False),
        ("1.234 sitios", "es", ".", ",", False),
        ("1.234 cidades", "pt", ".", ",", True),
        ("12 000 dossiers, 14,5 %", "fr", " ", ",", True),
        ("1'234'567.50", "de", "'", ".", True),
        ("", "en", ",", ".", False),
    ],
)
def test_the_document_tells_what_its_marks_mean(
    text: str, language: str, grouping: str, decimal: str, sure: bool
) -> None:
    locale = locale_of(text, language)
    assert (locale.grouping, locale.decimal, locale.sure) == (grouping, decimal, sure)


def test_what_cannot_be_decided_is_doubted() -> None:
    (quantity,) = scan("1.234 sites")[0]
    assert quantity.doubt is not None
    (quantity,) = scan("1.234 sites", locale_of("1.234 sites, 2,804 forms, 3,120 desks"))[0]
    assert (quantity.value, quantity.doubt) == (Decimal("1.234"), None)


@pytest.mark.parametrize(
    ("text", "unit"), [("R5 million", None), ("R5 million (rand)", "ZAR"), ("R5 million, in reais", "BRL")]
)
def test_a_sign_of_several_currencies_is_settled_by_the_text_or_doubted(text: str, unit: str | None) -> None:
    (quantity,) = scan(text, ENGLISH)[0]
    assert (quantity.unit, quantity.doubt is None) == (unit, unit is not None)


ODD = [
    "²",
    "٣٤ people",
    "NaN",
    "1e999",
    str(2**63),
    "-" * 50 + "5",
    "\ud8005",
    "5\x005",
    "½",
    "①",
    "٣.٤",
    "1,,2",
    "$",
    "%5",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_text_never_raises(text: str) -> None:
    assert covered(text) == [match.span() for match in RUN.finditer(text)]


def test_digits_of_another_script_are_read_with_a_doubt() -> None:
    (quantity,) = scan("٣٤ people", ENGLISH)[0]
    assert quantity.value == 34
    assert quantity.doubt == "digits of another script"


# --- properties --------------------------------------------------------------------------------------------------

LOCALES = st.sampled_from([ENGLISH, MIXED, CONTINENTAL, PORTUGUESE, SPACED, SWISS])
AMOUNTS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(1, 10**12), st.sampled_from([0, 1, 2])
)
CURRENCIES = st.sampled_from(
    [("US$", "USD"), ("€", "EUR"), ("£", "GBP"), ("CHF ", "CHF"), ("R$ ", "BRL"), ("MXN ", "MXN")]
)
SCALES = st.sampled_from([("", 1), ("k", 10**3), (" million", 10**6), (" billion", 10**9), (" trillion", 10**12)])


@given(AMOUNTS, LOCALES, st.booleans(), st.booleans())
def test_format_then_parse_gives_the_value_back(
    value: Decimal, locale: NumberLocale, grouped: bool, negative: bool
) -> None:
    signed = -value if negative else value
    assert parse_number(format_number(signed, locale, grouped=grouped), locale) == signed


@given(AMOUNTS, LOCALES, CURRENCIES, SCALES)
def test_money_survives_writing_and_reading(
    value: Decimal, locale: NumberLocale, currency: tuple[str, str], scale: tuple[str, int]
) -> None:
    text = f"It cost {currency[0]}{format_number(value, locale)}{scale[0]}."
    (quantity,) = scan(text, locale)[0]
    assert (quantity.value, quantity.unit, quantity.kind) == (value * scale[1], currency[1], "money")


@given(st.integers(3, 10**6), st.integers(1, 10**6), LOCALES)
def test_a_range_survives_writing_and_reading(low: int, more: int, locale: NumberLocale) -> None:
    written = [format_number(Decimal(number), locale) for number in (low, low + more)]
    (quantity,) = scan(f"US$ {written[0]} to US$ {written[1]}", locale)[0]
    assert (quantity.value, quantity.value_high) == (Decimal(low), Decimal(low + more))


FRAGMENTS = """
    1 12 2015 1,234 1.234 7,6 $ US$ € R R$ % ( ) - – / . , ' million k M Table Note of to and between from in May
    January mid- 24/7 ² ٣ per year a one two hundred pesos reals @ http:// example.org COVID- Q FY st th 000 + ~ > =
    [ ] : # _ é ① ½ 1e999 annual cost"""
PIECES = st.sampled_from([*FRAGMENTS.split(), *[" ", "  ", "\n", "\u00a0", "9" * 45]])


def covered(text: str) -> list[tuple[int, int]]:
    """The digit runs that the records of a scan hold, in order."""
    found, rejected = scan(text, locale_of(text))
    spans = [span for quantity in found for span in quantity.digits]
    spans += [match.span() for record in rejected for match in RUN.finditer(text, record.start, record.end)]
    return sorted(spans)


@settings(max_examples=400)
@given(
    st.one_of(
        st.text(max_size=80), st.lists(PIECES, max_size=20).map("".join), st.lists(PIECES, max_size=20).map(" ".join)
    )
)
def test_every_run_of_digits_is_accounted_for_once(text: str) -> None:
    assert covered(text) == [match.span() for match in RUN.finditer(text)]


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_text_raises(text: str) -> None:
    locale = locale_of(text)
    scan(text, locale, scale=1000, currency="USD", statement=True)
    parse_number(text, locale)
    stated_scale(text)


# --- time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_scanning_takes_linear_time(name: str) -> None:
    for sizes in ((20_000, 40_000), (40_000, 80_000)):
        assert least_growth(lambda text: scan(text, ENGLISH), HOSTILE[name], sizes) < QUADRATIC


@pytest.mark.parametrize("name", HOSTILE)
def test_every_pattern_takes_linear_time(name: str) -> None:
    found: list[re.Pattern[str]] = list(patterns())
    assert len(found) > 40
    for pattern in found:
        ratio = least_growth(lambda text, p=pattern: sum(1 for _ in p.finditer(text)), HOSTILE[name], (40_000, 80_000))  # type: ignore[misc]
        assert ratio < QUADRATIC, pattern.pattern
