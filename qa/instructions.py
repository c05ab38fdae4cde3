"""What a question tells whoever answers it, apart from what it asks: which part to play, where to look, how to answer.

1. A sentence that gives a part to play, or says how to go about the answer, asks nothing and is left out.
2. So is what leads up to the question in its own sentence: "Using the balance sheet, answer this: what ...".
3. Which statements it tells to look at is kept.
4. In which unit and with how many decimals to answer stays in the question, but is not looked for in the documents.
5. A question that would be nothing but instructions stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from factdesk.corpus.patterns import lazily
from factdesk.qa.patterns import (
    ANSWER_FORM,
    INSTRUCTION,
    LEADING_SOURCE,
    QUESTION_FOLLOWS,
    STATEMENTS,
)

SENTENCE_END = lazily(r"(?<=[.?!])\s+(?=[A-Z\"“(])")


@dataclass(frozen=True, slots=True)
class Plain:
    """A question without instructions, and what they told."""

    text: str
    statements: tuple[str, ...] = ()
    """The financial statements to look at: "balance_sheet", "cash_flow", "income_statement"."""


def plain_question(text: str) -> Plain:
    """A question without what it tells whoever answers it."""
    statements = tuple(name for name, way in STATEMENTS.items() if way.search(text))
    kept = []
    for sentence in SENTENCE_END.split(text):
        rest = sentence
        for leading in (QUESTION_FOLLOWS, LEADING_SOURCE):
            if lead := leading.match(rest):
                rest = rest[lead.end() :]
        if rest is sentence and INSTRUCTION.match(rest):
            continue
        kept.append(rest if rest is sentence or not rest else rest[0].upper() + rest[1:])
    left = " ".join(part for part in kept if part.strip())
    return Plain(left if any(c.isalnum() for c in left) else text, statements)


def forms_in(text: str) -> list[tuple[int, int]]:
    """Where a question says in which unit and with how many decimals to answer."""
    return [match.span() for match in ANSWER_FORM.finditer(text)]
