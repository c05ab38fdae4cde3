"""Scores of answers: what is right by each type of question, and what is only nearly so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from factdesk.corpus.errors import UsageError
from factdesk.corpus.records import DocumentRef
from factdesk.qa.desk import Desk
from factdesk.qa.evaluation import (
    COUNTED,
    Cases,
    Question,
    Scored,
    Source,
    Sources,
    asking,
    cases_of,
    close,
    compared,
    contains,
    evaluate,
    evaluation_to_csv,
    evaluation_to_json,
    evaluation_to_text,
    question_of,
    questions_of,
    same_unit,
    score,
)

Json = dict[str, Any]

TEXT = """\
# Lindholm

OPERATING COSTS: **US\\$151K**<sup>1</sup>/MONTH

The desk opens at nine. It is closed on Sundays.

# Varnau

OPERATING COSTS: **US\\$30K**/MONTH
"""


class Shelf:
    """A library of one document."""

    def references(self) -> dict[str, DocumentRef]:
        return {"report": DocumentRef("report", "The Report", "folder/report-2019.md")}

    def document_text(self, identity: str) -> str:
        assert identity == "report"
        return TEXT


SOURCES = Sources(Shelf())
COSTS, OTHER = TEXT.index("OPERATING"), TEXT.rindex("OPERATING")


def citation(start: int = COSTS, length: int = 30) -> Json:
    end = min(start + length, len(TEXT))
    return {"document": {"id": "report"}, "start": start, "end": end, "quote": TEXT[start:end], "section": ["Lindholm"]}


def figure(value: float = 151000, unit: str | None = "USD", per: str | None = "month", **other: Any) -> Json:
    return {"value": value, "unit": unit, "per": per, "subject": "Lindholm", "section": [], "quote": "costs"} | other


def answer(*figures: Json, **other: Any) -> Json:
    given: Json = {"answer": "text [1]", "abstained": False, "figures": list(figures), "calculation": None}
    return {**given, "citations": [citation()], **other}


ABSTENTION = answer(abstained=True, citations=[])


def asked(kind: str, note: str | None = None, evidence: list[Json] | None = None, **expect: Any) -> Question:
    line = {"id": "1", "type": kind, "question": "What?", "expect": expect, "note": note, "evidence": evidence or []}
    return question_of(line)


def scored(question: Question, given: Json | None) -> Scored:
    return score(question, given, SOURCES, cases_of([question]))


def right(question: Question, given: Json | None) -> bool:
    return scored(question, given).right


EVIDENCE = [{"doc": "report-2019", "quote": "US\\$151K", "line": 3}]

# A figure


@pytest.mark.parametrize(
    "given, is_right, wrong_number",
    [
        (answer(figure()), True, False),
        (answer(figure(151000.0000001)), True, False),
        (answer(figure(), figure(7)), True, False),
        (answer(figure(7), figure()), False, True),
        (answer(figure(151)), False, True),
        (answer(figure(unit="EUR")), False, True),
        (answer(figure(unit=None)), False, True),
        (answer(figure(per=None)), False, True),
        (answer(figure(per="year")), False, True),
        (answer(), False, False),
        (answer(calculation=figure()), True, False),
        (answer(figure(), citations=[]), False, False),
        (answer(figure(), citations=[citation(OTHER)]), False, False),
        (answer(figure(), citations=[citation(OTHER)] * 3 + [citation()]), False, False),
        (answer(figure(), abstained=True), False, False),
        (None, False, False),
    ],
)
def test_a_figure_is_right_with_its_value_unit_rate_and_source(
    given: Json | None, is_right: bool, wrong_number: bool
) -> None:
    question = asked("figure_lookup", evidence=EVIDENCE, value=151000, unit="USD", per="month")
    found = scored(question, given)
    assert (found.right, found.wrong_number) == (is_right, wrong_number)


def test_what_is_not_asked_for_is_not_looked_at() -> None:
    value_only = asked("figure_lookup", value=151000)
    assert right(value_only, answer(figure(unit="EUR", per="year"), citations=[]))
    assert not right(asked("figure_lookup", value=151000, per=None), answer(figure()))


def test_a_date_is_right_with_its_years_wherever_they_stand() -> None:
    question = asked("figure_lookup", value=2008, value_high=2017, unit="date", per=None)
    assert right(question, answer(figure(2008, "date", None, value_high=2017)))
    assert right(question, answer(figure(2008, "date", None, period="2008/2017")))
    assert not right(question, answer(figure(2008, "date", None, period="2008/2018")))


@pytest.mark.parametrize(
    "expected, given, same",
    [
        ("USD", "USD", True),
        ("USD", "EUR", False),
        ("BRL/USD", "BRL/USD", True),
        ("USD", "percent", False),
        ("%", "percentage points", True),
        ("%", "institutions", False),
        ("hours", "minutes", False),
        ("hours", "hour", True),
        ("public institutions", "institution", True),
        ("transactions", "loans", False),
        ("transactions", None, True),
        ("date", "year", True),
        ("date", "USD", False),
    ],
)
def test_units_are_the_same_by_their_kind(expected: str, given: str | None, same: bool) -> None:
    assert same_unit(expected, given) is same


def test_a_counted_noun_may_stand_in_the_words_of_the_other_side() -> None:
    assert same_unit("transactions", "", "20 transactions", "20 transactions")
    assert not same_unit("transactions", "", "20 transactions", "20 of them")
    assert same_unit("loans", "books", "31,400 books", "")


# Words


@pytest.mark.parametrize(
    "kind, expect, is_right",
    [
        ("text_passage", {"contains": ["opens at NINE"]}, True),
        ("text_passage", {"contains": ["opens at nine", "noon"]}, False),
        ("text_passage", {"contains": ["opens"], "must_not_contain": ["1"]}, True),
        ("text_passage", {"contains": ["opens"], "must_not_contain": ["text"]}, False),
        ("footnote", {"contains": ["**opens** at nine"]}, True),
        ("list", {"items": ["opens", "nine", "closed", "sundays", "noon"]}, True),
        ("list", {"items": ["opens", "nine", "closed", "noon"]}, False),
        ("cross_document", {"contains": ["nine"], "values": [{"value": 5}]}, False),
        ("cross_document", {"contains": ["nine"], "values": [{"value": 7}]}, True),
    ],
)
def test_words_are_looked_for_in_what_is_cited(kind: str, expect: Json, is_right: bool) -> None:
    given = answer(figure(7), citations=[citation(TEXT.index("The desk"), 48)])
    assert right(asked(kind, **expect), given) is is_right


def test_of_a_quote_only_its_beginning_counts() -> None:
    whole = {**citation(), "quote": "x" * COUNTED + " opens"}
    assert not right(asked("text_passage", contains=["opens"]), answer(citations=[whole]))


@pytest.mark.parametrize(
    "text, words, there",
    [
        ("US \\$**7,6<sup>5</sup>** MILLION", "us$7,6 million", True),
        ("it has 120 rooms", "12", False),
        ("it has 1.12 rooms", "12", False),
        ("it has 12.", "12", True),
        ("12.5 rooms", "12", False),
        ("- one\n- two", "one two", True),
        ("[the site](https://x.example) is “new”", 'the site is "new"', True),
        ("anything", "", False),
    ],
)
def test_texts_are_compared_without_markup_and_numbers_whole(text: str, words: str, there: bool) -> None:
    assert contains(text, words) is there


def test_a_compared_text_is_plain() -> None:
    assert compared("US \\$**7,6<sup>5</sup>** MILLION / Year – [x]") == "us$7,6 million/year x"


# Comparisons and calculations


@pytest.mark.parametrize(
    "given, is_right",
    [
        (answer(figure(), figure(30000, subject="Varnau")), True),
        (answer(figure(1812000, per="year"), figure(30000, subject="Varnau")), True),
        (answer(figure(30000, subject="Varnau"), figure()), False),
        (answer(figure(subject="Varnau"), figure(30000)), False),
        (answer(figure(subject="Lindholm and Varnau"), figure(30000)), False),
        (answer(figure(subject="", section=["Costs", "Lindholm"]), figure(30000)), True),
        (answer(figure()), False),
    ],
)
def test_a_comparison_is_right_with_all_values_and_the_winner_first(given: Json, is_right: bool) -> None:
    values = {"lindholm": 1812000, "varnau": 360000}
    question = asked("compare", case="lindholm", value=1812000, values=values, unit="USD", per="year")
    assert right(question, given) is is_right


def test_a_case_may_be_called_otherwise_in_the_documents() -> None:
    question = asked("compare", case="the-desk", value=151000, values={"the-desk": 151000}, per="month")
    table = b'{"the-desk": {"subject": "lind(holm)?"}}'
    assert score(question, answer(figure()), SOURCES, cases_of([question], table)).right
    assert not right(question, answer(figure()))
    for bad in (b"[]", b"{", b'{"a": {}}', b'{"a": {"subject": "("}}', b"\xff"):
        with pytest.raises(UsageError, match="file of cases"):
            cases_of([question], bad)


@pytest.mark.parametrize(
    "value, unit, is_right",
    [(50, "%", True), (50.4, "%", True), (51, "%", False), (0.5, "ratio", True), (0.5, None, True), (0.5, "%", False)],
)
def test_a_calculation_is_right_within_its_tolerance(value: float, unit: str | None, is_right: bool) -> None:
    question = asked("compute", value=50, unit="%", tolerance=0.01)
    assert right(question, answer(calculation=figure(value, unit, None))) is is_right


def test_equal_is_relative() -> None:
    assert close(1_000_000, 1_000_000.5) and not close(1, 1.00001)
    assert not close(True, 1) and not close(None, None) and close(0, 0)


# Abstentions


@pytest.mark.parametrize(
    "given, is_right, wrong_number",
    [
        (ABSTENTION, True, False),
        (answer(figure(11), abstained=True), False, False),
        (answer(figure(12), abstained=True), True, False),
        (answer(figure(12)), False, True),
        (answer(), False, True),
    ],
)
def test_to_abstain_is_right_where_there_is_nothing_and_no_trap(
    given: Json, is_right: bool, wrong_number: bool
) -> None:
    found = scored(asked("unanswerable", abstain=True, trap=[11]), given)
    assert (found.right, found.wrong_number, found.false_abstention) == (is_right, wrong_number, False)


def test_to_abstain_is_wrong_where_there_is_something() -> None:
    found = scored(asked("figure_lookup", value=1), ABSTENTION)
    assert (found.right, found.false_abstention, found.answered) == (False, True, False)


def test_a_negative_answer_is_as_right_as_an_abstention_where_the_question_says_so() -> None:
    question = asked("cross_document", contains=[], abstain_or_negative=True)
    given = [ABSTENTION, answer(answer="None does."), answer(answer="It doesn’t."), answer(answer="Notable.")]
    assert [right(question, item) for item in given] == [True, True, True, False]


def test_an_ambiguous_question_may_be_answered_with_all_it_may_mean_or_a_question_back() -> None:
    question = asked("figure_lookup", note="ambiguous: two", value=1, cases=["lindholm", "varnau"])
    assert right(question, answer(reason="ambiguous", abstained=True))
    assert right(question, answer(figure(5), figure(6, subject="Varnau")))
    assert not right(question, answer(figure(5), citations=[]))
    assert not scored(question, answer(reason="ambiguous", abstained=True)).false_abstention


def test_a_follow_up_is_right_by_its_base_type() -> None:
    assert right(asked("followup", base_type="unanswerable"), ABSTENTION)
    assert right(asked("multilingual", base_type="text_passage", contains=["costs"]), answer())


# Where quotes stand


def test_a_quote_is_found_as_written_or_by_its_letters_on_its_line_only() -> None:
    source = Source(TEXT)
    start = TEXT.index("US\\$151K")
    assert source.spans("US\\$151K") == [(start, start + 8)]
    ((first, last),) = source.spans("us$151K /month")
    assert TEXT[first:last] == "US\\$151K**<sup>1</sup>/MONTH"
    assert source.spans("OPERATING COSTS:", 9) == [(OTHER, OTHER + 16)]
    assert [len(source.spans(words)) for words in ("OPERATING", "nowhere", "", "**")] == [2, 0, 0, 4]


def test_evidence_that_is_not_there_is_told() -> None:
    faults = [
        scored(asked("text_passage", contains=[], evidence=[evidence]), answer()).fault
        for evidence in (
            {"doc": "The Report", "quote": "opens at nine"},
            {"doc": "other", "quote": "opens"},
            {"doc": "report", "quote": "opens at ten"},
            {"doc": "report", "quote": "opens at nine", "line": 1},
        )
    ]
    assert faults == [
        "",
        "there is no document other",
        "the evidence is not in report: opens at ten",
        "the evidence is not in report on line 1: opens at nine",
    ]


# The file


@pytest.mark.parametrize(
    "line, said",
    [
        ("[]", "no question"),
        ('{"question": 1}', "no question"),
        ('{"question": "a", "type": "song"}', "song is no type of question; "),
        ('{"question": "a", "type": "followup", "expect": {}}', "followup is no type"),
        ('{"question": "a", "type": "list", "expect": []}', "list without items"),
        ('{"question": "a", "type": "list", "expect": [1]}', "expect is no object"),
        ('{"question": "a", "type": "list", "expect": {"items": [1]}}', "items in expect"),
        ('{"question": "a", "type": "figure_lookup", "expect": {}}', "figure_lookup without value"),
        ('{"question": "a", "type": "compute", "expect": {"value": "3"}}', "value in expect is of a wrong kind"),
        ('{"question": "a", "type": "compute", "expect": {"value": true}}', "value in expect is of a wrong kind"),
        ('{"question": "a", "type": "unanswerable", "history": "b"}', "history"),
        ('{"question": "a", "type": "unanswerable", "evidence": [{"doc": "x"}]}', "evidence without doc and quote"),
        ('{"question": "a", "type": "unanswerable", "evidence": "x"}', "the evidence is no list"),
        ("{", "not JSON"),
        ("\udcff", "not JSON in UTF-8"),
    ],
)
def test_a_line_that_says_nothing_clear_is_refused_by_its_number(line: str, said: str) -> None:
    good = b'{"question": "a", "type": "unanswerable"}'
    with pytest.raises(UsageError) as raised:
        questions_of([good, b"\n", line.encode("utf-8", "surrogateescape")])
    assert str(raised.value).startswith("line 3: ") and raised.value.hint
    assert said.partition(";")[0] in str(raised.value)


def test_a_file_needs_questions_with_ids_of_their_own() -> None:
    for lines, said in (
        ([b" "], "no question"),
        ([b'{"id": 1, "question": "a", "type": "unanswerable"}'] * 2, "same id"),
    ):
        with pytest.raises(UsageError, match=said):
            questions_of(lines)
    unnamed = [b'{"question": "a", "type": "unanswerable"}'] * 2
    assert [question.id for question in questions_of(unnamed)] == ["line-1", "line-2"]


# The runner


def lines(*questions: Json) -> list[Question]:
    return questions_of(json.dumps(question).encode() for question in questions)


def test_a_desk_is_asked_every_question_after_its_history(plain_desk: Desk) -> None:
    cost = "What did the Harbour Permit Desk cost to run each month?"
    expect = {"value": 600000, "unit": "EUR", "per": None}
    questions = lines(
        {
            "id": "cost",
            "type": "figure_lookup",
            "question": cost,
            "expect": {"value": 10000, "unit": "EUR", "per": "month"},
        },
        {
            "id": "more",
            "type": "followup",
            "question": "and the investment?",
            "history": [cost],
            "expect": {"base_type": "figure_lookup", **expect},
        },
        {"id": "moon", "type": "unanswerable", "question": "How many submarines does the town of Quexley own?"},
        {"id": "wrong", "type": "figure_lookup", "question": cost, "expect": {"value": 3}},
        {"id": "empty", "type": "unanswerable", "question": "?!"},
    )
    sources = Sources(plain_desk.snapshot.catalogue)
    steps: list[tuple[str, int, int]] = []
    found = evaluate(questions, asking(plain_desk), sources, Cases({}), lambda *step: steps.append(step))
    assert [(item.question.id, item.right, item.fault) for item in found.scored] == [
        ("cost", True, ""),
        ("more", True, ""),
        ("moon", True, ""),
        ("wrong", False, ""),
        ("empty", False, "the question is empty"),
    ]
    assert steps == [("ask", number, 5) for number in range(1, 6)]
    assert found.by_type() == {"figure_lookup": (1, 2), "followup": (1, 1), "unanswerable": (1, 2)}
    summary = {name: value for name, value in found.summary().items() if not name.endswith("_ms")}
    assert summary == {
        "questions": 5,
        "accuracy": 0.6,
        "wrong_number_rate": 0.2,
        "false_abstention_rate": 0.0,
        "citation_hit": None,
        "quotes_exact": 1.0,
        "failed": 1,
    }
    assert not found.all_right
    assert evaluation_to_json(found)["questions"][3]["answer"]["abstained"] is False
    assert (
        evaluation_to_csv(found).splitlines()[-1]
        == "empty,unanswerable,?!,false,false,false,false,false,,the question is empty"
    )
    text = evaluation_to_text(found).splitlines()
    assert [line.split("  ")[0] for line in text[:3]] == ["id", "wrong", "empty"]
    assert "citation_hit -" in text[-1]


def test_a_quote_that_is_not_in_its_document_is_counted(plain_desk: Desk) -> None:
    exact, altered = citation(), {**citation(), "quote": "what is not there"}
    questions = lines({"type": "unanswerable", "question": "a"})
    found = evaluate(questions, lambda _: answer(citations=[exact, altered]), SOURCES, Cases({}))
    assert (found.quotes, found.exact, found.summary()["quotes_exact"]) == (2, 1, 0.5)
