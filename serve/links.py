"""Answers for programs: the contract's objects, with addresses of what they cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from factdesk.corpus.records import Answer, DocumentRef, RankedPassage
from factdesk.qa.format import answer_to_json, passage_to_json, span_words

Json = dict[str, Any]


def links(document: DocumentRef, page: int | None, start: int, end: int) -> Json:
    """Where a place can be read: as JSON, as a page for people, and drawn, if its document has pages to draw."""
    place = span_words(document.id, start, end)
    drawn = page is not None and document.path.lower().endswith(".pdf")
    image = f"/v1/documents/{quote(document.id, safe='')}/pages/{page}.png?{urlencode({'start': start, 'end': end})}"
    return {
        "url": f"/v1/passages/{quote(place, safe=':')}",
        "page_url": f"/source?{urlencode({'at': place})}",
        "image": image if drawn else None,
    }


def linked_answer(answer: Answer, documents: Mapping[str, DocumentRef]) -> Json:
    """The contract's answer object; each citation and passage says where it can be read."""
    found = answer_to_json(answer, documents)
    for item, citation in zip(found["citations"], answer.citations, strict=True):
        item |= links(citation.document, citation.page, citation.start, citation.end)
    if "passages" in found:
        found["passages"] = [linked_passage(item, documents) for item in answer.passages]
    found["conversation_id"] = None
    return found


def linked_passage(ranked: RankedPassage, documents: Mapping[str, DocumentRef]) -> Json:
    """A passage, and where it can be read."""
    found = passage_to_json(ranked, documents)
    passage = ranked.passage
    document = documents.get(passage.document) or DocumentRef(passage.document, passage.document, "")
    return found | links(document, passage.page, passage.start, passage.end)
