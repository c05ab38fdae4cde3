"""Passages: what they are searched with, and what the topic of a talk adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from factdesk.corpus.records import Vectors
from factdesk.qa.desk import Desk
from factdesk.qa.question import understand
from factdesk.qa.retrieval import SAME_MEANING
from factdesk.tests.qa.conftest import REPORT, HashEncoder, make_desk

IN_ENGLISH = {foreign: english for english, foreign in SAME_MEANING} | {
    "¿quién amonesta a los alborotadores?": "who whispers in the hall?"
}


class ManyLanguages(HashEncoder):
    """Knows a few foreign sentences: each has the vector of its English."""

    name, fingerprint = "many", "many-1"

    def encode(self, texts: list[str]) -> Vectors:
        return super().encode([IN_ENGLISH.get(text, text) for text in texts])


@pytest.mark.parametrize("encoder, many", [(HashEncoder(), False), (ManyLanguages(), True)])
def test_a_model_for_many_languages_is_given_the_question_in_its_own_words(
    tmp_path: Path, encoder: HashEncoder, many: bool
) -> None:
    question = "¿quién amonesta a los alborotadores?"
    with make_desk(tmp_path, {"report.md": REPORT}, encoder) as desk:
        retriever = desk.answerer.retriever
        query = understand(question, desk.answerer.library)
        assert (query.language, query.asked, retriever.multilingual) == ("es", question, many)
        expected = encoder.encode([question if many else query.text])
        assert retriever.vector(query).tolist() == expected.tolist()


def test_the_topic_of_a_talk_lifts_passages_about_it(desk: Desk) -> None:
    retriever = desk.answerer.retriever

    def first(question: str) -> tuple[str, ...]:
        query = understand(question, desk.answerer.library)
        return retriever.rank(query, retriever.vector(query))[0].passage.section

    assert first("how many are there (about: permits phone)?")[-1] == "Key Achievements"
    assert first("how many are there (about: bridges lending box)?")[-1] == "Shelves"


def test_without_a_topic_the_question_alone_decides(desk: Desk) -> None:
    retriever = desk.answerer.retriever
    query = understand("how many bridges carry a lending box?", desk.answerer.library)
    best = retriever.rank(query, retriever.vector(query))[0]
    assert (query.context, best.passage.section[-1]) == ("", "Shelves")
    assert best.topic == pytest.approx(0.4 * best.cosine + 0.5 * best.best.score + 0.1 * best.coverage)
