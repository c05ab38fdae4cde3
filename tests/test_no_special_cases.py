"""Nothing is coded to the project's own documents: no case, no country and no figure of theirs stands in the code.

The words are taken from the documents themselves, where they are at hand: names of subjects and their aliases, the
names of their countries in the languages that factdesk knows, and the amounts as printed.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel import Locale

from factdesk.corpus.territories import LOCALES
from factdesk.tests.conftest import CHECKOUT, SHARED, shared_documents

ALLOWED = ("corpus/documents", "corpus/editions", "tests", "build", "benchmarks/")
"""What may name them: the documents that ship, what they are made from, and the tests."""
TELLING_DIGITS = 3
"""Amounts with fewer digits stand in every text."""

pytestmark = pytest.mark.skipif(
    not (SHARED / "documents").is_dir(), reason="../shared is absent: it is not part of the repository"
)


@cache
def code() -> dict[str, str]:
    """The text of every Python and TOML file of ours, by its path."""
    tops = (path for path in CHECKOUT.iterdir() if not path.name.startswith("."))  # .venv is large, and not ours
    files = (path for top in tops for path in (top, *top.rglob("*")) if path.suffix in (".py", ".toml"))
    kept = {str(path.relative_to(CHECKOUT)): path for path in sorted(files)}
    return {
        name: path.read_text("utf-8")
        for name, path in kept.items()
        if not name.startswith(ALLOWED) and "/." not in name
    }


def aliases() -> set[str]:
    """Abbreviations and sites of the subjects: words that stand for them and for nothing else."""
    names = {alias for parsed in shared_documents() for subject in parsed.subjects for alias in subject.aliases}
    return {name for name in names if re.search(r"\.", name) or (name.isupper() and len(name) > 2)}


def titles() -> set[str]:
    """The titles of the subjects, without what stands in brackets."""
    return {re.sub(r"\s*\(.*\)$", "", subject.name) for parsed in shared_documents() for subject in parsed.subjects}


def countries() -> set[str]:
    """The names of the subjects' countries."""
    codes = {subject.territory for parsed in shared_documents() for subject in parsed.subjects if subject.territory}
    return {str(Locale(locale).territories[code]) for locale in LOCALES for code in codes}


def amounts() -> set[str]:
    """The amounts, shares and counts as printed, with digits enough to be told; "100" alone is anybody's."""
    printed = {figure.printed for parsed in shared_documents() for figure in parsed.figures if figure.unit != "date"}
    return {words for words in printed if len(re.findall(r"\d", words)) >= TELLING_DIGITS and not words.isdecimal()}


@pytest.mark.parametrize("words", [aliases, titles, countries, amounts])
def test_the_code_names_nothing_of_the_documents(words: object) -> None:
    assert callable(words)
    names = sorted(words(), key=len, reverse=True)
    assert len(names) > 4  # else nothing was looked for
    pattern = re.compile("|".join(rf"(?<![\w.,]){re.escape(name)}(?!\w)" for name in names))
    found = {(name, match.group()) for name, text in code().items() for match in pattern.finditer(text)}
    assert sorted(found) == []
