"""The kinds of documents, read from kinds.toml and from the user's own file: how each is known, and asked for.

1. The words of a file's name count before the cover, as whoever filed it knew what it is.
2. On the cover the kind stands that is named first: the cover of one kind mentions others further down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import tomli

from factdesk.corpus.errors import UsageError
from factdesk.corpus.vocabulary import USER_FILE, texts_of
from factdesk.corpus.words import fold

YEAR, QUARTER, DAY = "year", "quarter", "day"
SPANS = (YEAR, QUARTER, DAY)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document: its name, how it is known, and what time one of it reports on ("" for none)."""

    name: str
    span: str = ""
    file: tuple[str, ...] = ()
    cover: tuple[re.Pattern[str], ...] = ()
    asked: tuple[re.Pattern[str], ...] = ()
    hinted: tuple[re.Pattern[str], ...] = ()


def load(*texts: str) -> tuple[DocumentKind, ...]:
    """The kinds of one or more TOML texts; later ones add to earlier ones.

    Raises UsageError if one of them is no TOML, not of the form of kinds.toml, or holds no valid pattern.
    """
    found: dict[str, DocumentKind] = {}
    for text in texts:
        try:
            for name, entry in tomli.loads(text).get("kind", {}).items():
                known = found.get(name, DocumentKind(name))
                span = str(entry.get("span", known.span))
                if span and span not in SPANS:
                    raise UsageError(f"the kind {name} has the span {span}", hint=f"use one of {', '.join(SPANS)}")
                found[name] = DocumentKind(
                    name=name,
                    span=span,
                    file=(*known.file, *(glued(word) for word in entry.get("file", ()))),
                    cover=(*known.cover, *(re.compile(pattern, re.I) for pattern in entry.get("cover", ()))),
                    asked=(*known.asked, *(re.compile(pattern, re.I) for pattern in entry.get("asked", ()))),
                    hinted=(*known.hinted, *(re.compile(pattern, re.I) for pattern in entry.get("hinted", ()))),
                )
        except (tomli.TOMLDecodeError, AttributeError, TypeError, re.error) as error:
            raise UsageError(
                f"the kinds of documents cannot be read: {error}", hint=f"mend the file that {USER_FILE} names"
            ) from error
    return tuple(found.values())


@cache
def kinds() -> tuple[DocumentKind, ...]:
    """The shipped kinds with the user's, if FACTDESK_MEASURES names a file.

    Raises UsageError if that file cannot be read.
    """
    return load(*texts_of("kinds.toml"))


def kinds_hinted(question: str) -> tuple[str, ...]:
    """The kinds whose documents are the first to say what a question asks."""
    return tuple(kind.name for kind in kinds() if any(way.search(question) for way in kind.hinted))


@cache
def rank_of(kind: str) -> int:
    """The place of a kind among all: the earlier is looked at first; what is unknown comes last."""
    names = [known.name for known in kinds()]
    return names.index(kind) if kind in names else len(names)


def span_of(kind: str) -> str:
    """What time a document of a kind reports on; "" for none."""
    return next((known.span for known in kinds() if known.name == kind), "")


def kind_of_name(words: list[str]) -> tuple[str, int, int]:
    """The kind that some words of a file's name tell, and which of them do, last not included; ("", 0, 0) if none."""
    for first in range(len(words)):
        for last in range(len(words), first, -1):
            name = glued("".join(words[first:last]))
            for kind in kinds():
                if name in kind.file:
                    return kind.name, first, last
    return "", 0, 0


def kind_of_cover(text: str) -> str:
    """The kind that is named first in a title and first page; "" if none is."""
    found = [
        (match.start(), kind.name) for kind in kinds() for way in kind.cover for match in [way.search(text)] if match
    ]
    return min(found, key=lambda item: (item[0], rank_of(item[1])))[1] if found else ""


def kinds_asked(question: str) -> tuple[str, ...]:
    """The kinds that a question names."""
    return tuple(kind.name for kind in kinds() if any(way.search(question) for way in kind.asked))


def glued(name: str) -> str:
    """A name without anything but letters and digits, in small letters: "Johnson & Johnson" is "johnsonjohnson"."""
    return "".join(c for c in fold(name) if c.isalnum())
