"""Lines of standard input as a chat without a terminal takes them. Nothing here prints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from factdesk.corpus.errors import UsageError
from factdesk.qa.format import clean

FORM = 'a line is a question, or {"question": "...", "id": ...}'


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a line, and what else its object holds."""

    question: str
    given: dict[str, Any]


def text_of(line: bytes) -> str:
    """A line as text. Raises UsageError if it is no UTF-8."""
    try:
        return line.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UsageError("not in UTF-8", hint=FORM) from error


def _refuse(constant: str) -> NoReturn:
    """Python reads NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


def asked_in(line: bytes) -> Asked:
    """The question of a line of `chat --format jsonl`. Raises UsageError if there is none.

    A line that begins with a brace is an object, or meant to be one.
    """
    text = text_of(line)
    if not text.startswith("{"):
        return Asked(clean(text), {})
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError("begins as JSON and is none", hint=FORM) from error
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        raise UsageError("no question", hint=FORM)
    if "history" in found:
        raise UsageError("a chat has its own history", hint="leave it out, or use: factdesk batch")
    return Asked(clean(found["question"]), found)
