"""Follow-ups: a question that leans on what was said before, made to stand by itself.

1. A question that names a subject, or nothing that the talk is about, stands by itself.
2. A fragment ("and the operating cost?", "since when?", "citizens?") takes over the subject last named, and the measure
   where it names none but asks for another side of it.
3. What was taken over is said in the resolved question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from factdesk.qa.library import Library
from factdesk.qa.patterns import ways
from factdesk.qa.question import Query, understand

FRAGMENT_WORDS = 7
"""A question of at most so many words without a name of its own is a fragment."""
TURNS = 8
"""Earlier turns that are looked back to."""
OPENING = re.compile(r"^\s*(?:and|but|so|what about|how about|y|pero|e|mas|qu[eé] hay de)\b", re.I)
POINTING = ways(
    r"it|its|that|this|there|they|them|these|those|here|he|she|one|ones|eso|esto|ese|esa|ello|isso|isto",
    r"ele|ela|after that",
)
BARE_WHEN = re.compile(
    r"^\s*(?:and |y |e )?(?:since when|from when to when|when|until when|for how long|desde cu[aá]ndo|"
    r"cu[aá]ndo|desde quando|quando)\W*$",
    re.I,
)
ABOUT_LAST = re.compile(
    r"\b(?:is|was|are|were) (?:that|this|it|they) (?:per|a|each|for)|\bper (?:month|year|day)\?*$|"
    r"\bhow is (?:that|it|this) (?:calculated|measured|defined)|\bwhat is it made up of|"
    r"\bwhere does it say|\bdoes that (?:cover|include|mean)|\bwhy\W*$|\bwhat does .{1,30} mean here",
    re.I,
)


def resolve(question: str, history: Sequence[str], library: Library) -> str:
    """The question as one that stands by itself, given the user's earlier turns."""
    turns: list[str] = []
    for turn in history[-TURNS:]:
        turns.append(completed(turn, turns, library))
    return completed(question, turns, library)


def completed(question: str, turns: Sequence[str], library: Library) -> str:
    """A question with what it leaves out, given earlier turns that stand by themselves."""
    if not turns:
        return question
    query = understand(question, library)
    fragment = len(query.tokens) <= FRAGMENT_WORDS and OPENING.search(question) and not query.measures
    if (query.named.matches or query.named.missing) and not fragment:
        return question
    if not leans(question, query):
        return question
    context = last_context(turns, library)
    if query.named.matches:  # "what about the other one?": the measure is taken over, the subject is new
        return with_words(question, measure_words(context))
    added = subject_words(context)
    bare = bool(BARE_WHEN.match(question) or ABOUT_LAST.search(question))
    other_side = bool(query.beneficiaries) and not query.measures
    if (bare or other_side or not (query.measures or query.terms or query.wanted)) and measure_words(context):
        added = f"{measure_words(context, without_beneficiary=other_side)} {added}"
    return with_words(question, added)


def leans(question: str, query: Query) -> bool:
    """Whether a question needs what was said before."""
    short = len(query.tokens) <= FRAGMENT_WORDS
    unknown_name = any(t.word.isupper() or (query.text[t.start].isupper() and t.start > 0) for t in query.terms)
    if unknown_name and not OPENING.search(question) and not POINTING.search(question):
        return False
    return bool(OPENING.search(question) or POINTING.search(question) or ABOUT_LAST.search(question) or short)


def last_context(turns: Sequence[str], library: Library) -> Query:
    """The last turn that named a subject, else the last one."""
    for turn in reversed(turns):
        query = understand(turn, library)
        if query.named.matches:
            return query
    return understand(turns[-1], library)


def subject_words(context: Query) -> str:
    """The names of the subjects that the talk is about."""
    return "; ".join(match.subject.name for match in context.named.matches[:2]) or " ".join(
        t.word for t in context.terms
    )


def measure_words(context: Query, *, without_beneficiary: bool = False) -> str:
    """The measure and beneficiary that the talk is about, or its words."""
    words = [measure.replace("_", " ") for measure in context.measures]
    words += [b for b in context.beneficiaries if "savings" in context.measures and not without_beneficiary]
    words += [context.text[t.start : t.end] for t in context.terms]
    return " ".join(w for w in dict.fromkeys(words) if w)


def with_words(question: str, words: str) -> str:
    """The question with the words it left out."""
    stem = question.rstrip().rstrip("?").rstrip()
    return f"{stem} ({words})?" if words else question
