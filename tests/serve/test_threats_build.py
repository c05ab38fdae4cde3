"""W18: no version below the floors under which faults are known, and the table of threats names tests that are."""

from __future__ import annotations

import ast
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FLOORS = {
    "pypdf": "7.0.1",
    "mcp": "1.23.0",
    "starlette": "1.3.1",
    "python-multipart": "0.0.31",
    "h11": "0.16.0",
    "pdfminer.six": "20251107",
}
"""Below these, faults are known that a request or a document can use: CVE-2025-66416 (mcp, no check of the
origin), CVE-2025-64512 (pdfminer.six, runs code), CVE-2025-43859 (h11, smuggled requests), 67 entries of pypdf."""
NOT_THERE = {"litellm", "langchain", "pdfminer.six", "websockets", "wsproto"}
"""What is not installed cannot be attacked: compromised releases, unpickling, protocols that nobody needs."""


def numbers(written: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", written.split("+")[0])[:3]))


def pins() -> dict[str, str]:
    lines = (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {name.lower().replace("_", "-"): pinned for name, pinned in pairs}


@pytest.mark.parametrize("name", sorted(set(FLOORS) - NOT_THERE))
def test_w18_what_is_installed_and_what_is_pinned_is_above_the_floor(name: str) -> None:
    """W18"""
    found = {version(name), pins().get(name, version(name))}
    assert [each for each in found if numbers(each) < numbers(FLOORS[name])] == []


@pytest.mark.parametrize("name", sorted(NOT_THERE))
def test_w18_what_is_not_needed_is_not_there(name: str) -> None:
    """W18"""
    assert name not in pins()
    with pytest.raises(PackageNotFoundError):
        version(name)


def test_w18_every_pin_is_exact() -> None:
    """W18"""
    lines = (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines()
    loose = [
        line for line in lines if line and not line.startswith("#") and not re.fullmatch(r"[\w.\-]+==[\w.+]+", line)
    ]
    assert loose == []


def test_the_table_of_threats_has_every_row_and_every_test_that_it_names_is_there() -> None:
    """W1 to W20"""
    text = (CHECKOUT / "docs" / "security.md").read_text("utf-8")
    rows = {found[1]: found[0] for found in re.finditer(r"^\| (W\d+) \|.*$", text, re.MULTILINE)}
    assert list(rows) == [f"W{number}" for number in range(1, 21)]
    named = {row: re.findall(r"`(test_\w+)`", line) for row, line in rows.items()}
    assert [row for row, tests in named.items() if not tests] == []
    there = {
        node.name
        for file in (CHECKOUT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {name for tests in named.values() for name in tests} - there == set()


def test_every_test_of_a_threat_says_which() -> None:
    """W1 to W20"""
    nameless = [
        node.name
        for file in sorted(Path(__file__).parent.glob("test_threats_*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if not re.match(r"W\d+", ast.get_docstring(node) or "")
    ]
    assert nameless == []
