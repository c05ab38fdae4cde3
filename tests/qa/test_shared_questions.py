"""The development questions over the shared documents, scored by the project's own scorer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from factdesk.tests.conftest import environment

LEAST = {
    "figure_lookup": 0.97,
    "compare": 0.92,
    "compute": 0.92,
    "unanswerable": 0.95,
    "text_passage": 0.9,
    "list": 0.8,
}


@pytest.fixture(scope="module")
def scores(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the scorer writes."""
    place = tmp_path_factory.mktemp("scores")
    command = Path(sys.executable).with_name("factdesk")
    done = subprocess.run(
        [
            sys.executable,
            shared / "evaluation" / "score_questions.py",
            "--factdesk",
            command,
            "--home",
            place / "home",
            "--json",
            place / "scores.json",
        ],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(),
    )
    assert (place / "scores.json").is_file(), done.stderr
    found: dict[str, Any] = json.loads((place / "scores.json").read_text("utf-8"))
    return found


def test_each_type_of_question_is_answered_as_often_as_it_must(scores: dict[str, Any]) -> None:
    reached = {kind: scores["by type"][kind] for kind in LEAST}
    assert {kind: share for kind, share in reached.items() if share < LEAST[kind]} == {}


def test_no_number_is_wrong_and_every_quote_is_exact(scores: dict[str, Any]) -> None:
    summary = scores["summary"]
    assert summary["quotes_exact"] == 1.0
    assert summary["citation_hit"] >= 0.95
    assert summary["wrong_number_rate"] <= 0.01
    assert summary["false_abstention_rate"] <= 0.03
