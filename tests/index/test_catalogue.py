"""The catalogue gives back what it was given, and no search term is ever a query."""

from __future__ import annotations

import random
import sqlite3
import string
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factdesk.corpus.errors import HomeNotWritable, IndexDamaged, IndexUnusable
from factdesk.corpus.records import Document, Figure, FileStatus, Parsed, Parted, Reported, Source
from factdesk.corpus.words import tokens
from factdesk.index import catalogue as module
from factdesk.index.catalogue import (
    Catalogue,
    CatalogueWriter,
    Counts,
    FileRecord,
    UncleanText,
    digests_of_parts,
    is_telling,
    quoted,
)

BARE = Document("d", "t", "p", "0", "txt", "")


def written(path: Path, *documents: Parsed) -> Catalogue:
    writer = CatalogueWriter(path)
    for document in documents:
        writer.add(document)
    writer.finish()
    return Catalogue(path)


@pytest.fixture
def catalogue(tmp_path: Path, parsed: Parsed) -> Iterator[Catalogue]:
    with written(tmp_path / "catalogue.sqlite", parsed) as opened:
        yield opened


def test_what_tells_a_document_from_others_comes_back_without_its_text(tmp_path: Path) -> None:
    periods = (Reported("2018", Source.NAME, "2018-12-31"), Reported("2018Q4", Source.TEXT))
    told = replace(BARE, text="words", names=("Acme, Inc.", "ACM"), periods=periods, kind="annual_report")
    with written(tmp_path / "catalogue.sqlite", Parsed(told, (), (), ())) as catalogue:
        assert catalogue.identities() == [replace(told, text="")]
        assert catalogue.documents() == [told]


def test_every_record_comes_back_as_it_was(catalogue: Catalogue, parsed: Parsed) -> None:
    assert catalogue.documents() == [parsed.document]
    assert catalogue.document("panama") == parsed.document
    assert catalogue.document_text("panama") == parsed.document.text
    assert catalogue.subjects() == list(parsed.subjects)
    assert catalogue.figures() == list(parsed.figures)
    assert catalogue.omissions() == list(parsed.omissions)
    assert tuple(catalogue.passages(range(99)).values()) == parsed.passages
    (summary,) = catalogue.summaries()
    assert (summary.passages, summary.figures, summary.numbers_seen) == (3, 3, 6)
    assert summary.skipped == {"name": 2, "page number": 1}
    assert catalogue.counts() == Counts(documents=1, passages=3, units=4, figures=3)
    catalogue.check()


def test_the_words_of_the_passages_are_listed_the_commonest_first(catalogue: Catalogue, parsed: Parsed) -> None:
    counts = Counter(w for p in parsed.passages for w in tokens(p.text) if is_telling(w))
    assert catalogue.words() == sorted(counts, key=lambda word: (-counts[word], word))
    assert catalogue.counts().words == len(catalogue.words()) > 0
    assert catalogue.embedded_words([1, 0]) == catalogue.words()[:2]


def test_quotes_can_be_sliced_from_the_stored_text(catalogue: Catalogue) -> None:
    text = catalogue.document_text("panama")
    assert all(text[figure.start : figure.end] == figure.quote for figure in catalogue.figures())


@pytest.mark.parametrize("value", ["0", "-0.00", "1E+400", "1E-400", "9" * 5000, "123456789012345678901.10", "NaN"])
def test_decimals_are_exact_whatever_their_size(tmp_path: Path, parsed: Parsed, value: str) -> None:
    figure = replace(parsed.figures[0], value=Decimal(value), value_high=None)
    with written(tmp_path / "c.sqlite", replace(parsed, figures=(figure,))) as catalogue:
        (found,) = catalogue.figures()
    assert (str(found.value), found.value_high) == (str(Decimal(value)), None)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.decimals(allow_nan=False, allow_infinity=False),
            st.none() | st.decimals(allow_nan=False),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
            st.none() | st.integers(0, 2**40),
        ),
        max_size=4,
    )
)
def test_any_figure_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    cases: list[tuple[Decimal, Decimal | None, str, str | None, int | None]],
) -> None:
    figures = tuple(
        Figure(
            *(f"f{number}", "d", "s", (text, text), unit, text, value, unit, text, 0, 1),
            page=page,
            value_high=high,
            footnotes=(text,),
        )
        for number, (value, high, text, unit, page) in enumerate(cases)
    )
    document = Parsed(BARE, (), (), figures)
    with written(tmp_path_factory.mktemp("trip") / "c.sqlite", document) as catalogue:
        found = catalogue.figures()
    assert found == list(figures)
    assert [str(item.value) for item in found] == [str(item.value) for item in figures]


def test_figures_are_found_by_every_condition(catalogue: Catalogue, parsed: Parsed) -> None:
    figures = list(parsed.figures)
    assert catalogue.figures(subjects=["panama#0"], documents=["panama"], measure="cost") == figures
    assert catalogue.figures(measure="benefit") == catalogue.figures(subjects=[]) == []
    assert catalogue.figures(rows=[2, 0]) == [figures[0], figures[2]]
    assert catalogue.figures(rows=np.array([2])) == [figures[2]]
    assert catalogue.figures_by_row(rows=[1]) == {1: figures[1]}
    assert catalogue.figure(figures[1].id) == figures[1]
    assert catalogue.figure("nothing") is None
    assert catalogue.figure("\ud800") is None


def test_a_figure_without_a_subjects_id_is_found_by_its_name(tmp_path: Path, parsed: Parsed) -> None:
    named = tuple(replace(figure, subject_id="") for figure in parsed.figures)
    with written(tmp_path / "c.sqlite", replace(parsed, figures=named)) as catalogue:
        assert catalogue.figures(subjects=["panama#0"]) == list(named)


def test_a_passage_that_names_its_subject_by_name_is_found_by_the_subjects_id(tmp_path: Path, parsed: Parsed) -> None:
    named = tuple(replace(passage, subject="Panama Citizen Service") for passage in parsed.passages)
    with written(tmp_path / "c.sqlite", replace(parsed, passages=named)) as catalogue:
        assert catalogue.passage_rows(subjects=["panama#0"]).tolist() == [0, 1, 2]
        assert tuple(catalogue.passages_of(subject="panama#0").values()) == named


def test_passages_are_found_by_document_and_position(catalogue: Catalogue, parsed: Parsed) -> None:
    assert list(catalogue.passages_of(document="panama")) == [0, 1, 2]
    assert catalogue.passages_of(document="mexico") == {}
    second = parsed.passages[1]
    assert catalogue.passage_row_of("panama", second.start) == 1
    assert catalogue.passage_row_of("panama", second.end) is None
    assert catalogue.units_of([1, 7]) == {1: tuple(enumerate(second.units, 1)), 7: ()}


def test_units_are_embedded_as_parts_of_their_passages(catalogue: Catalogue, parsed: Parsed) -> None:
    first, second, third = parsed.passages
    assert catalogue.parted_passages([2, 1]) == list(map(module.parted, (second, third)))
    assert catalogue.unit_starts().tolist() == [0, len(first.units), len(first.units) + len(second.units), 4]
    own = digests_of_parts(module.parted(second))
    assert catalogue.digests("units")[len(first.units) :][: len(own)].tolist() == own
    others = [Parted("The cost", ((4, 8),)), Parted("The cost is 5", ((4, 8),)), Parted("The cost", ((3, 8), (4, 8)))]
    assert len({digests_of_parts(item)[-1] for item in others}) == 3, "it is read in its passage, after its headings"


def test_search_finds_any_form_of_a_word_in_text_heading_and_subject(catalogue: Catalogue) -> None:
    assert [row for row, _ in catalogue.search_passages(["savings"], 10)] == [2]
    assert [row for row, _ in catalogue.search_passages(["saved"], 10)] == [2]
    assert {row for row, _ in catalogue.search_passages(["costs"], 10)} == {0, 1, 2}
    assert {row for row, _ in catalogue.search_passages(["PANÁMA"], 10)} == {0, 1, 2}
    assert [row for row, _ in catalogue.search_figures(["staff"], 10)] == [1]
    assert catalogue.search_passages(["cost"], 0) == catalogue.search_passages([], 9) == []


def test_scores_are_higher_for_better_and_follow_the_weights(catalogue: Catalogue) -> None:
    found = catalogue.search_passages(["cost", "month"], 10)
    assert found[0][0] == 1
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    by_text = dict(catalogue.search_passages(["cost"], 10, column_weights=(1.0, 0.0, 0.0)))
    assert by_text[1] > by_text[0] == by_text[2] == 0


@pytest.mark.parametrize(
    ("most", "terms", "rows"),
    [
        (4, ["cost", "saving"], {0, 1, 2}),  # three and one: all of them are scored
        (3, ["cost", "saving"], {2}),  # the rarer alone
        (3, ["cost", "saving", "nowhere"], {2}),
        (2, ["cost"], {0, 1, 2}),  # nothing rarer to go by
        (2, ["cost", "nowhere"], {0, 1, 2}),
        (0, ["cost", "saving"], {2}),  # both are too common: where they stand together
    ],
)
def test_where_too_many_would_be_scored_the_rarest_words_decide(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, most: int, terms: list[str], rows: set[int]
) -> None:
    monkeypatch.setattr(module, "MOST_MATCHES", most)
    assert {row for row, _ in catalogue.search_passages(terms, 10)} == rows
    # Within a document every word counts: what is elsewhere is not scored.
    inside = catalogue.search_passages(terms, 10, documents=["panama"])
    assert {row for row, _ in inside} == {0, 1, 2}


def test_search_keeps_to_documents_and_subjects(tmp_path: Path, parsed: Parsed) -> None:
    other = replace(
        parsed,
        document=replace(parsed.document, id="other"),
        subjects=tuple(replace(item, id="other#0", document="other") for item in parsed.subjects),
        passages=tuple(replace(item, document="other", subject="other#0") for item in parsed.passages),
        figures=tuple(replace(item, document="other", subject_id="other#0") for item in parsed.figures),
    )
    with written(tmp_path / "c.sqlite", parsed, other) as catalogue:
        assert [row for row, _ in catalogue.search_passages(["saving"], 9)] == [2, 5]
        assert [row for row, _ in catalogue.search_passages(["saving"], 9, documents=["other"])] == [5]
        assert [row for row, _ in catalogue.search_passages(["saving"], 9, subjects=["panama#0"])] == [2]
        assert [row for row, _ in catalogue.search_figures(["staff"], 9, subjects=["other#0"])] == [4]
        assert catalogue.search_passages(["saving"], 9, documents=[]) == []


HOSTILE = ['"', '""', "AND", "OR", "NOT", "-x", "col:", "text:", "(", ")", "NEAR(", "NEAR(a b, 2)", "*", "a*", "^a"]
HOSTILE += ["+", ":", ",", "'", ";", "\\", "{a}:", "\x00", 'a\x00" OR text:b', "\ud800", "a" * 100_000, "", " "]
HOSTILE += ["'; DROP TABLE passages; --"]


@pytest.mark.parametrize("term", HOSTILE)
def test_no_term_is_read_as_query_syntax(catalogue: Catalogue, term: str) -> None:
    alone = catalogue.search_passages([term], 10)
    beside = catalogue.search_passages([term, "saving"], 10)
    assert {row for row, _ in alone} <= {0, 1, 2}
    assert 2 in {row for row, _ in beside}
    assert catalogue.term_document_frequencies([term])[term] == len(alone)
    catalogue.search_figures([term], 10)


def test_operators_find_the_words_and_nothing_else(tmp_path: Path, parsed: Parsed) -> None:
    passage = replace(parsed.passages[0], text="and or not near text", section=(), units=())
    with written(tmp_path / "c.sqlite", replace(parsed, passages=(passage, parsed.passages[1]))) as catalogue:
        for word in ("AND", "OR", "NOT", "NEAR", "text:", "text*", "-text", "^text"):
            assert [row for row, _ in catalogue.search_passages([word], 9)] == [0], word
        assert catalogue.search_passages(["tex*"], 9) == []


def test_500_random_strings_are_only_looked_for(catalogue: Catalogue) -> None:
    chance = random.Random(7)
    for _ in range(500):
        term = "".join(chance.choices(string.printable, k=chance.randint(1, 12)))
        catalogue.search_passages([term, "cost"], 5)
        catalogue.search_figures([term], 5)
        catalogue.term_document_frequencies([term])


def test_thousands_of_terms_are_cut_off_and_not_refused(catalogue: Catalogue) -> None:
    assert catalogue.search_passages(["saving", *(f"word{number}" for number in range(5000))], 5)[0][0] == 2


def test_terms_are_quoted_once_each() -> None:
    assert quoted(["a", 'b"c', "a", " ", "\x00"]) == '"a" OR "b""c"'


def test_frequencies_count_passages_with_any_form_or_with_the_phrase(catalogue: Catalogue) -> None:
    assert catalogue.term_document_frequencies(["costs", "savings", "a month", "month a", "zebra", "!"]) == {
        "costs": 3,
        "savings": 1,
        "a month": 1,
        "month a": 0,
        "zebra": 0,
        "!": 0,
    }


def test_text_with_nul_is_kept_whole(tmp_path: Path, parsed: Parsed) -> None:
    text = "a\x00b 12"
    changed = replace(parsed, document=replace(parsed.document, text=text))
    with written(tmp_path / "c.sqlite", changed) as catalogue:
        assert catalogue.document_text("panama") == text


def test_a_document_with_a_lone_surrogate_is_refused_whole_and_the_others_stay(tmp_path: Path, parsed: Parsed) -> None:
    unclean = replace(parsed.passages[-1], text="\ud800")
    bad = replace(
        parsed,
        document=replace(parsed.document, id="bad"),
        passages=(*parsed.passages[:-1], unclean),
        omissions=(),
    )
    writer = CatalogueWriter(tmp_path / "c.sqlite")
    with pytest.raises(UncleanText) as caught:
        writer.add(bad)
    assert isinstance(caught.value, IndexUnusable)
    writer.add(parsed)
    assert writer.finish() == Counts(1, 3, 4, 3)
    with Catalogue(tmp_path / "c.sqlite") as catalogue:
        assert [item.id for item in catalogue.documents()] == ["panama"]
        assert list(catalogue.passages(range(9))) == [0, 1, 2]


def test_two_documents_of_one_id_are_refused(tmp_path: Path, parsed: Parsed) -> None:
    writer = CatalogueWriter(tmp_path / "c.sqlite")
    writer.add(parsed)
    with pytest.raises(IndexUnusable):
        writer.add(parsed)
    writer.close()


def test_carrying_a_document_over_equals_adding_it(tmp_path: Path, parsed: Parsed) -> None:
    first = replace(parsed, document=replace(parsed.document, id="aaa"), subjects=(), passages=(), figures=())
    first = replace(first, omissions=(), skipped=())
    written(tmp_path / "old.sqlite", first, parsed).close()
    writer = CatalogueWriter(tmp_path / "carried.sqlite", old=tmp_path / "old.sqlite")
    writer.carry("panama", path="docs/other.txt")
    assert writer.finish() == Counts(1, 3, 4, 3)
    moved = replace(parsed, document=replace(parsed.document, path="docs/other.txt"))
    written(tmp_path / "added.sqlite", moved).close()
    assert _dump(tmp_path / "carried.sqlite") == _dump(tmp_path / "added.sqlite")


def test_carried_rows_move_to_their_new_place(tmp_path: Path, parsed: Parsed) -> None:
    written(tmp_path / "old.sqlite", parsed).close()
    other = replace(
        parsed,
        document=replace(parsed.document, id="other"),
        subjects=(),
        passages=parsed.passages[:2],
        figures=parsed.figures[:1],
        omissions=(),
    )
    writer = CatalogueWriter(tmp_path / "new.sqlite", old=tmp_path / "old.sqlite")
    writer.add(other)
    writer.carry("panama")
    assert writer.finish() == Counts(2, 5, 7, 4)
    with Catalogue(tmp_path / "new.sqlite") as catalogue:
        assert tuple(catalogue.passages(range(2, 5)).values()) == parsed.passages
        assert [row for row, _ in catalogue.units_of([4])[4]] == [6]
        assert [row for row, _ in catalogue.search_passages(["saving"], 5)] == [4]


def test_files_come_back_even_if_their_name_is_no_text(tmp_path: Path) -> None:
    record = FileRecord(Path("/docs/\udcff.txt"), "docs/?.txt", "ab", 3, 2**62, "v", FileStatus.FAILED, "DAMAGED", "x")
    writer = CatalogueWriter(tmp_path / "c.sqlite")
    writer.file(record)
    writer.finish()
    with Catalogue(tmp_path / "c.sqlite") as catalogue:
        assert catalogue.files() == [record]


def test_a_catalogue_is_never_written_by_its_reader(catalogue: Catalogue) -> None:
    with pytest.raises(IndexDamaged):
        catalogue._rows("DELETE FROM documents")
    assert catalogue.counts().documents == 1


def test_several_threads_may_read_at_once(catalogue: Catalogue, parsed: Parsed) -> None:
    def read(number: int) -> tuple[int, list[Figure]]:
        rows = [row for row, _ in catalogue.search_passages(["saving"], 3)]
        frequency = catalogue.term_document_frequencies([f"word{number}", "costs"])
        return rows[0] + frequency["costs"], catalogue.figures()

    with ThreadPoolExecutor(8) as pool:
        assert all(found == (5, list(parsed.figures)) for found in pool.map(read, range(200)))


@pytest.mark.parametrize("content", [b"", b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_what_is_no_catalogue_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.sqlite").write_bytes(content)
    with pytest.raises(IndexDamaged):
        Catalogue(tmp_path / "c.sqlite")


def test_a_missing_or_closed_catalogue_is_damaged_too(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(IndexDamaged):
        Catalogue(tmp_path / "none.sqlite")
    catalogue.close()
    with pytest.raises(IndexDamaged):
        catalogue.counts()


def test_a_damaged_page_is_noticed_by_the_check_or_the_query(tmp_path: Path, parsed: Parsed) -> None:
    written(tmp_path / "c.sqlite", parsed).close()
    whole = (tmp_path / "c.sqlite").read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    for start in range(size, len(whole), size):
        (tmp_path / "c.sqlite").write_bytes(whole[:start] + b"\xff" * 64 + whole[start + 64 :])
        with pytest.raises(IndexDamaged), Catalogue(tmp_path / "c.sqlite") as catalogue:
            catalogue.check()


def test_a_disk_that_takes_no_more_is_said(tmp_path: Path, parsed: Parsed) -> None:
    writer = CatalogueWriter(tmp_path / "c.sqlite")
    writer._connection.execute("PRAGMA main.max_page_count = 60")
    text = "".join(random.Random(1).choices(string.ascii_letters, k=1_000_000))
    with pytest.raises(HomeNotWritable, match="full"):
        writer.add(replace(parsed, document=replace(parsed.document, text=text)))
    writer.close()


def _dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())
