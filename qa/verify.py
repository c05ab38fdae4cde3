"""The promises, enforced in one place for every answer of every kind.

1. Every quote is cut from the document anew and compared, byte for byte.
2. Every number in the answer's text stands in a cited quote, in the section, subject or title it is cited from, or in
   the calculation that is shown. What does not is taken out, line by line; if nothing is left, there is no answer.
3. Every figure that answers is cited by a quote that holds its digits.
"""

from __future__ import annotations

import re
from dataclasses import replace

from factdesk.corpus.records import Answer, Citation, CitedFigure, Kind
from factdesk.index.catalogue import Catalogue

NUMBER = re.compile(r"\d+(?:[.,:/\u00a0\u202f' -]?\d+)*")
MARK = re.compile(r"\[\d+\]")
APART = re.compile(r"\d+(?:[.,:/']\d+)*")
"""A number between blanks: the columns of a table's row are numbers of their own."""
DIGITS = re.compile(r"\d+")


def verified(answer: Answer, catalogue: Catalogue, own_words: tuple[str, ...] = ()) -> Answer:
    """The answer with only what holds. `own_words` are texts whose numbers are the question's own, not claims."""
    texts = {identity: text_of(identity, catalogue) for identity in {c.document.id for c in answer.citations}}
    citations = tuple(c for c in answer.citations if holds(c, texts[c.document.id]))
    kept = {c.n for c in citations}
    figures = tuple(f for f in answer.figures if is_supported(f, citations))
    nearest = tuple(f for f in answer.nearest if is_supported(f, citations))
    allowed = support(answer, citations, own_words)
    lines = [line for line in answer.answer.split("\n") if line_holds(line, allowed, kept)]
    if not lines or (answer.figures and not figures and answer.kind is not Kind.ABSTENTION):
        return replace(
            answer,
            kind=Kind.ABSTENTION,
            reason="not_verified",
            answer="",
            figures=(),
            nearest=(),
            citations=(),
            calculation=None,
            confidence=0.0,
        )
    return replace(answer, answer="\n".join(lines), citations=citations, figures=figures, nearest=nearest)


def text_of(document: str, catalogue: Catalogue) -> str:
    """The text of a document; empty if there is no such document."""
    try:
        return catalogue.document_text(document)
    except KeyError:
        return ""


def holds(citation: Citation, text: str) -> bool:
    """Whether a quote is what stands in the text of its document."""
    return bool(citation.quote) and text[citation.start : citation.end] == citation.quote


def is_supported(cited: CitedFigure, citations: tuple[Citation, ...]) -> bool:
    """Whether a figure's citation is there and holds the figure's quote."""
    for citation in citations:
        if citation.n == cited.citation:
            figure = cited.figure
            return (
                citation.document.id == figure.document
                and citation.start <= figure.start
                and figure.end <= citation.end
            )
    return False


def support(answer: Answer, citations: tuple[Citation, ...], own_words: tuple[str, ...]) -> set[str]:
    """The numbers an answer may show, each as its run of digits."""
    texts = [c.quote for c in citations]
    texts += [part for c in citations for part in (*c.section, c.document.title, c.page_label or "")]
    texts += [f.figure.subject for f in (*answer.figures, *answer.nearest)]
    if answer.calculation is not None:
        texts += [answer.calculation.expression, format(answer.calculation.value, "f")]
    texts += own_words
    return {squeezed(number) for text in texts for number in runs(text)}


def runs(text: str) -> list[str]:
    """The numbers of a text, and their parts: a quote may say "3,260" where an answer shows "3260"."""
    found = NUMBER.findall(text)
    return [*found, *APART.findall(text), *(part for number in found for part in DIGITS.findall(number))]


def squeezed(number: str) -> str:
    """A number's digits alone, trailing zeros after a point aside."""
    digits = re.sub(r"\D", "", number)
    return digits.lstrip("0") or "0"


def line_holds(line: str, allowed: set[str], kept: set[int]) -> bool:
    """Whether every number of a line is allowed and every mark leads to a citation."""
    if any(int(mark[1:-1]) not in kept for mark in MARK.findall(line)):
        return False
    words = MARK.sub(" ", line)
    return all(number_holds(number, allowed) for number in NUMBER.findall(words))


def number_holds(number: str, allowed: set[str]) -> bool:
    """Whether a number is allowed as a whole, or, as a list of numbers, part by part."""
    return squeezed(number) in allowed or all(
        squeezed(part) in allowed for part in re.split(r"[\s:/-]+", number) if part
    )
