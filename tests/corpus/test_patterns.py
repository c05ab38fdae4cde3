"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import factdesk.corpus
import factdesk.qa
from factdesk.corpus.patterns import is_pattern, lazily

MODULES = [
    found.name
    for package in (factdesk.corpus, factdesk.qa)
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
]


def patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if is_pattern(value):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from patterns_in(item)
    elif isinstance(value, dict):
        yield from patterns_in([*value, *value.values()])


def test_a_pattern_is_compiled_once_and_not_before_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_now = re.compile

    def noted(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_now(pattern, flags)

    monkeypatch.setattr(re, "compile", noted)
    way = lazily("(b)C", re.I)
    assert compiled == []
    assert way.search("abc") and way.search("ABC") and not way.search("a")
    assert way.sub("-", "abcd") == "a-d"
    assert compiled == ["(b)C"]


def test_it_has_what_a_compiled_pattern_has() -> None:
    way, compiled = lazily("(b)C", re.I), re.compile("(b)C", re.I)
    assert (way.pattern, way.flags, way.groups) == (compiled.pattern, compiled.flags, compiled.groups)
    assert is_pattern(way) and is_pattern(compiled) and not is_pattern("(b)C")
    with pytest.raises(AttributeError):
        _ = way.replace  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", MODULES)
def test_every_pattern_of_the_package_is_one(module: str) -> None:
    for way in patterns_in(list(vars(importlib.import_module(module)).values())):
        assert re.compile(way.pattern, way.flags)
