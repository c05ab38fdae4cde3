"""The vocabulary of measures, beneficiaries and headings, read from measures.toml and from the user's own file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from factdesk.corpus.errors import UsageError
from factdesk.corpus.words import LANGUAGES, fold, stem, tokens

USER_FILE = "FACTDESK_MEASURES"
"""The environment variable that names the user's own vocabulary."""

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A word of the vocabulary in a text: its canonical name and which tokens of the text it covers."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Canonical names and their phrases, as stems, by language."""

    measures: dict[str, dict[str, tuple[Phrase, ...]]]
    kinds: dict[str, str]
    beneficiaries: dict[str, dict[str, tuple[Phrase, ...]]]
    facets: frozenset[str]
    back_matter: frozenset[str]
    front_matter: frozenset[str]
    omissions: tuple[str, ...]
    synonyms: dict[str, frozenset[str]]
    """The stems that mean nearly the same as a stem, itself left out; English."""
    abbreviations: dict[str, str]
    measure_phrases: tuple[str, ...]
    """The phrases of the measures as written, all languages."""

    def measures_in(self, text: str, language: str = "en") -> list[Found]:
        """The measures that a text names, longest phrase first where phrases overlap, in order."""
        return find(self.measures, text, language)

    def beneficiaries_in(self, text: str, language: str = "en") -> list[Found]:
        """The beneficiaries that a text names, in order."""
        return find(self.beneficiaries, text, language)

    def measure_words(self, language: str, names: Iterable[str] | None = None) -> frozenset[str]:
        """The stems of all words for some measures in a language; for all measures if none are named."""
        measures = self.measures if names is None else names
        return frozenset(s for name in measures for p in self.measures[name].get(language, ()) for s in p)


def find(names: dict[str, dict[str, tuple[Phrase, ...]]], text: str, language: str) -> list[Found]:
    """Where the phrases of a language (and of English, which documents are mostly in) stand in a text."""
    words = [stem(word, language) for word in tokens(text)]
    english = words if language == "en" else [stem(word) for word in tokens(text)]
    found: list[Found] = []
    for code, stemmed in {language: words, "en": english}.items():
        openings = _by_first_word(names, code)
        for at, word in enumerate(stemmed):
            for name, phrase in openings.get(word, ()):
                if tuple(stemmed[at : at + len(phrase)]) == phrase:
                    found.append(Found(name, at, at + len(phrase) - 1))
    found.sort(key=lambda f: (f.first - f.last, f.first, f.name))
    kept: list[Found] = []
    for candidate in found:
        if all(candidate.last < other.first or candidate.first > other.last for other in kept):
            kept.append(candidate)
    return sorted(kept, key=lambda f: f.first)


Openings = dict[str, list[tuple[str, Phrase]]]
_openings: dict[tuple[int, str], tuple[dict[str, dict[str, tuple[Phrase, ...]]], Openings]] = {}
"""The names and phrases that begin with a word, by table and language; with the table, which must be the same one."""


def _by_first_word(names: dict[str, dict[str, tuple[Phrase, ...]]], code: str) -> Openings:
    """The names and phrases of a language, by their first word. Made once for each table, which does not change."""
    known = _openings.get((id(names), code))
    if known is not None and known[0] is names:
        return known[1]
    made: Openings = {}
    for name, by_language in names.items():
        for phrase in by_language.get(code, ()):
            if phrase:
                made.setdefault(phrase[0], []).append((name, phrase))
    _openings[id(names), code] = names, made
    return made


def _phrases(entry: dict[str, Any]) -> dict[str, tuple[Phrase, ...]]:
    return {
        code: tuple(tuple(stem(word, code) for word in tokens(phrase)) for phrase in entry.get(code, ()))
        for code in LANGUAGES
    }


def load(*texts: str) -> Vocabulary:
    """The vocabulary of one or more TOML texts; later ones add to earlier ones.

    Raises UsageError if one of them is no TOML or not of the form of measures.toml.
    """
    measures: dict[str, dict[str, tuple[Phrase, ...]]] = {}
    beneficiaries: dict[str, dict[str, tuple[Phrase, ...]]] = {}
    kinds: dict[str, str] = {}
    headings: dict[str, set[str]] = {"facet": set(), "back": set(), "front": set()}
    omissions: list[str] = []
    synonyms: dict[str, set[str]] = {}
    abbreviations: dict[str, str] = {}
    written: list[str] = []
    for text in texts:
        try:
            table = tomli.loads(text)
            for name, entry in table.get("measure", {}).items():
                kinds[name] = entry.get("kind", kinds.get(name, "number"))
                merge(measures, name, _phrases(entry))
                written += [phrase for code in LANGUAGES for phrase in entry.get(code, ())]
            for name, entry in table.get("beneficiary", {}).items():
                merge(beneficiaries, name, _phrases(entry))
            for kind, words in headings.items():
                words |= {fold(word) for word in table.get("headings", {}).get(kind, ())}
            omissions += table.get("omission", {}).get("phrases", [])
            abbreviations |= table.get("abbreviations", {})
            for group in table.get("synonyms", {}).get("groups", ()):
                members = {stem(fold(word)) for word in group}
                for member in members:
                    synonyms.setdefault(member, set()).update(members - {member})
        except (tomli.TOMLDecodeError, AttributeError, TypeError) as error:
            raise UsageError(
                f"the vocabulary cannot be read: {error}", hint=f"mend the file that {USER_FILE} names"
            ) from error
    return Vocabulary(
        measures=measures,
        kinds=kinds,
        beneficiaries=beneficiaries,
        facets=frozenset(headings["facet"]),
        back_matter=frozenset(headings["back"]),
        front_matter=frozenset(headings["front"]),
        omissions=tuple(omissions),
        synonyms={word: frozenset(others) for word, others in synonyms.items()},
        abbreviations=abbreviations,
        measure_phrases=tuple(written),
    )


def merge(into: dict[str, dict[str, tuple[Phrase, ...]]], name: str, phrases: dict[str, tuple[Phrase, ...]]) -> None:
    """Add phrases to a name's."""
    known = into.setdefault(name, {})
    for code, more in phrases.items():
        known[code] = (*known.get(code, ()), *more)


def shipped(name: str) -> str:
    """The text of a file of this package."""
    # Not by `importlib.resources`: it imports whatever it takes to read archives.
    return Path(__file__).with_name(name).read_text("utf-8")


def texts_of(name: str) -> list[str]:
    """The text of a shipped vocabulary, and of the user's file, if FACTDESK_MEASURES names one.

    Raises UsageError if that file cannot be read.
    """
    texts = [shipped(name)]
    if given := os.environ.get(USER_FILE):
        try:
            texts.append(Path(given).read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{given} cannot be read", hint=f"{USER_FILE} must name a file like measures.toml"
            ) from error
    return texts


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary with the user's, if FACTDESK_MEASURES names a file.

    Raises UsageError if that file cannot be read.
    """
    return load(*texts_of("measures.toml"))
