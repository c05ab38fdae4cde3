"""Imports point one way, and nothing in the package runs what a document or an index says."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
LAYERS = ("chat", "corpus", "index", "ingest", "qa", "serve")
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "cloudpickle", "yaml"}
FORBIDDEN_ATTRIBUTES = {("torch", "load"), ("yaml", "load"), ("os", "system"), ("os", "popen")}


def package_files() -> list[Path]:
    return [CHECKOUT / "cli.py", CHECKOUT / "__init__.py"] + [
        file for layer in LAYERS for file in sorted((CHECKOUT / layer).rglob("*.py"))
    ]


def shown(file: Path) -> str:
    return file.relative_to(CHECKOUT).as_posix()


def test_imports_point_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_layers_of_the_contract_are_those_of_the_tree() -> None:
    packages = {folder.name for folder in CHECKOUT.iterdir() if (folder / "__init__.py").is_file()}
    assert packages - {"tests", "benchmarks"} == set(LAYERS)


def imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def dangers(source: str) -> list[str]:
    """What in a piece of Python could run code from data."""
    tree = ast.parse(source)
    found = [name for name in imports_of(tree) if name.split(".")[0] in FORBIDDEN_MODULES]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in FORBIDDEN_CALLS:
            found.append(called.id)
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            pair = (called.value.id, called.attr)
            found += [".".join(pair)] if pair in FORBIDDEN_ATTRIBUTES else []
        for keyword in node.keywords:
            if keyword.arg in ("allow_pickle", "shell", "trust_remote_code"):
                off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                found += [] if off else [keyword.arg]
    return found


@pytest.mark.parametrize(
    "source, found",
    [
        ("import pickle", ["pickle"]),
        ("from joblib import load", ["joblib"]),
        ("eval('1')", ["eval"]),
        ("torch.load(path)", ["torch.load"]),
        ("np.load(path, allow_pickle=True)", ["allow_pickle"]),
        ("np.load(path, allow_pickle=False)", []),
        ("re.compile('a'); model.eval()", []),
    ],
)
def test_the_scan_finds_what_it_looks_for(source: str, found: list[str]) -> None:
    assert dangers(source) == found


@pytest.mark.parametrize("file", package_files(), ids=shown)
def test_no_file_runs_code_from_data(file: Path) -> None:
    assert dangers(file.read_text("utf-8")) == []


@pytest.mark.parametrize("file", package_files(), ids=shown)
def test_only_the_command_line_prints_and_only_the_terminal_of_a_chat_draws(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    calls = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert "print" not in calls
    used = {name.split(".")[0] for name in imports_of(tree)}
    assert file.name == "cli.py" or "click" not in used
    assert shown(file) == "chat/terminal.py" or "prompt_toolkit" not in used
