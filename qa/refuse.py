"""Abstentions: what is missing, named, with the nearest thing there is.

1. A country or name that no document mentions: the subject is not covered.
2. The measure is named in the documents, which say they do not quantify it: that, with the quote.
3. The figure is there for another period, or for another beneficiary: that figure is the nearest.
4. The figure's words are not all there: the measure of the subject is the nearest, marked as such.
5. Otherwise the passage nearest to the question is shown.
"""

from __future__ import annotations

from factdesk.corpus.records import CitedFigure, Kind, Omission
from factdesk.qa.cite import Citer
from factdesk.qa.compose import Draft, amount, asked_for, described, of_subject
from factdesk.qa.lookup import Match
from factdesk.qa.question import Query
from factdesk.qa.retrieval import Scored
from factdesk.qa.wording import say

NEAREST = 2
"""So many near figures are shown: more would look like an answer."""
NEAR_SCORE = 0.35
"""A figure below this has nothing to do with the question."""
NEAR_PASSAGE = 0.5
"""The same for a passage's best unit."""


def not_covered(query: Query) -> Draft:
    """A name that is in no document."""
    names = ", ".join(query.named.missing)
    draft = Draft(Kind.ABSTENTION, reason="subject_not_covered", confidence=0.9)
    draft.lines.append(say(query.language, "subject_not_covered", name=names))
    return draft


def period_not_covered(query: Query) -> Draft:
    """A time of which no document of the organisation that is asked about is there, and those of which there are."""
    documents = query.documents
    names = "; ".join(documents.organisations)
    draft = Draft(Kind.ABSTENTION, reason="period_not_covered", confidence=0.9)
    draft.lines.append(say(query.language, "period_not_covered", period=documents.uncovered, of_subject=f" ({names})"))
    draft.lines.append("  " + say(query.language, "covered", names=", ".join(documents.covered)))
    draft.counted += [documents.uncovered, *documents.covered]
    return draft


def ambiguous(query: Query) -> Draft:
    """A name that many subjects answer to: which is meant? They are the answer's suggestions."""
    draft = Draft(Kind.ABSTENTION, reason="ambiguous", confidence=0.9)
    draft.lines.append(say(query.language, "which_one"))
    draft.lines += [f"  {number}. {m.subject.name}" for number, m in enumerate(query.named.matches, 1)]
    draft.counted += [str(number) for number in range(1, len(query.named.matches) + 1)]
    return draft


def not_quantified(query: Query, omissions: list[Omission], citer: Citer) -> Draft:
    """What the documents name and say they do not quantify."""
    draft = Draft(Kind.ABSTENTION, reason="figure_not_given", confidence=0.9)
    draft.lines.append(say(query.language, "not_quantified", of_subject=of_subject(query)))
    for omission in omissions:
        n = citer.omission(omission)
        draft.lines.append(f"  “{omission.text}” [{n}]")
    return draft


def figure_not_given(query: Query, matches: list[Match], ranked: list[Scored], citer: Citer) -> Draft:
    """A figure that is not there, with what is."""
    language = query.language
    near = nearest_figures(query, matches)
    only_period = near and near[0].against == ("period",)
    if only_period and query.periods:
        draft = Draft(Kind.ABSTENTION, reason="period_not_covered", confidence=0.85)
        words = ", ".join(p.words for p in query.periods)
        draft.lines.append(say(language, "period_not_covered", period=words, of_subject=of_subject(query)))
    else:
        draft = Draft(Kind.ABSTENTION, reason="figure_not_given", confidence=0.8)
        draft.lines.append(say(language, "figure_not_given", what=asked_for(query), of_subject=of_subject(query)))
    for match in near:
        n = citer.figure(match.figure)
        draft.nearest.append(CitedFigure(match.figure, n))
        period = (
            f" ({match.figure.period_words})"
            if match.figure.period_words and match.figure.period_words in match.figure.quote
            else ""
        )
        draft.lines.append(
            "  "
            + say(
                language,
                "nearest",
                text=f"{amount(match.figure, language)}{period}, {described(match.figure, language)} [{n}]",
            )
        )
    if not near:
        add_passage(draft, ranked, citer, language)
    return draft


def not_stated(query: Query, what: str, ranked: list[Scored], citer: Citer) -> Draft:
    """An item or ratio of financial statements that those of the named documents do not state."""
    draft = Draft(Kind.ABSTENTION, reason="figure_not_given", confidence=0.8)
    about = f" ({query.documents.about})" if query.documents.about else ""
    draft.lines.append(say(query.language, "figure_not_given", what=what, of_subject=about))
    draft.counted.append(about)
    add_passage(draft, ranked, citer, query.language)
    return draft


def not_in_documents(query: Query, ranked: list[Scored], citer: Citer, reason: str = "not_in_documents") -> Draft:
    """A question that no passage answers, with the nearest one."""
    draft = Draft(Kind.ABSTENTION, reason=reason, confidence=0.7)
    draft.lines.append(say(query.language, reason))
    add_passage(draft, ranked, citer, query.language)
    return draft


def add_passage(draft: Draft, ranked: list[Scored], citer: Citer, language: str) -> None:
    """The nearest unit, if it has anything to do with the question."""
    if ranked and (best := ranked[0].best).score >= NEAR_PASSAGE:
        n = citer.cite(ranked[0].passage.document, best.unit.start, best.unit.end, ranked[0].passage.section)
        draft.lines.append("  " + say(language, "nearest", text=f"“{best.unit.text}” [{n}]"))


def nearest_figures(query: Query, matches: list[Match]) -> list[Match]:
    """The figures nearest to the one asked for, of the named subjects if there are any."""
    same = [
        m
        for m in matches
        if m.score >= NEAR_SCORE
        and query.is_about(m.figure.document, m.figure.subject_id)
        and "subject" not in m.against
    ]
    if any(m.figure.measure in query.measures for m in same):
        same = [m for m in same if m.figure.measure in query.measures]
    if not query.terms:  # a headline speaks for its items
        heads = {m.figure.id for m in same}
        same = [m for m in same if m.figure.parent not in heads]
    same.sort(key=lambda m: (len(m.against) > 1, -m.explained, -m.score))
    return same[:NEAREST]


def relevant_omissions(query: Query, omissions: list[Omission]) -> list[Omission]:
    """The omissions that concern the measure or the words of a question."""
    return [o for o in omissions if o.measure in query.asked_measures]
