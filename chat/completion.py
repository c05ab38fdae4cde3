"""What a line that is being typed may go on with: commands, and the names that the documents and measures have.

The longest end of the line that begins a name, or a later word of one, is what is completed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from factdesk.chat.session import COMMANDS
from factdesk.corpus.vocabulary import vocabulary
from factdesk.qa.desk import Desk
from factdesk.qa.format import clean

MOST = 20
"""A menu longer than a screen helps nobody."""
LEAST_INSIDE = 3
"""Letters needed to find a name by a word inside it: fewer are in too many."""
LONGEST_NAME = 80
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that may stand in place of the last `length` characters before the cursor."""

    text: str
    length: int


def names_of(desk: Desk) -> list[str]:
    """The names that can be completed: of subjects, then of measures."""
    subjects = [clean(subject.name) for subject in desk.subjects()]
    names = [*subjects, *(measure.replace("_", " ") for measure in sorted(vocabulary().measures))]
    return [name for name in dict.fromkeys(names) if 0 < len(name) <= LONGEST_NAME]


def completions(before: str, names: Sequence[str]) -> list[Completion]:
    """What may follow, given the text before the cursor; nothing where that ends in a blank or is empty."""
    if before.startswith("/"):
        return [] if " " in before else [Completion(name, len(before)) for name in COMMANDS if name.startswith(before)]
    if not before or before[-1].isspace():
        return []
    for word in _WORD.finditer(before):
        typed = before[word.start() :]
        if found := _named(typed, names):
            return [Completion(name, len(typed)) for name in found[:MOST]]
    return []


def _named(typed: str, names: Sequence[str]) -> list[str]:
    """The names that begin so, then those of which a later word does."""
    wanted = typed.casefold()
    first = [name for name in names if name.casefold().startswith(wanted)]
    if len(wanted) < LEAST_INSIDE:
        return first
    return first + [name for name in names if name not in first and _inside(wanted, name.casefold())]


def _inside(wanted: str, name: str) -> bool:
    return any(name.startswith(wanted, word.start()) for word in re.finditer(r"\b\w", name))
