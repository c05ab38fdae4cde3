"""The project's documents and gold figures, where they are at hand: nothing missed, nothing made up."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from typing import Any

import pytest

from factdesk.corpus.records import Figure
from factdesk.tests.conftest import SHARED, shared_documents
from factdesk.tests.ingest.conftest import add_up

pytestmark = pytest.mark.skipif(
    not (SHARED / "evaluation" / "score_figures.py").is_file(),
    reason="../shared is absent: it is not part of the repository",
)


def record(figure: Figure) -> dict[str, Any]:
    """A figure as `figures --format jsonl` gives it, as far as the scorer looks."""
    high = figure.value_high
    return {
        **{
            name: getattr(figure, name)
            for name in ("id", "document", "subject", "label", "unit", "per", "period", "quote")
        },
        "section": list(figure.section),
        "value": float(figure.value),
        "value_high": None if high is None else float(high),
        "footnotes": list(figure.footnotes),
    }


@cache
def scores() -> dict[str, float]:
    """What the scorer measures, by its own functions."""
    sys.path.insert(0, str(SHARED / "evaluation"))
    try:
        scorer: Any = importlib.import_module("score_figures")
        common: Any = importlib.import_module("common")
    finally:
        sys.path.pop(0)
    gold = common.read_jsonl(SHARED / "evaluation" / "figures-dev.jsonl")
    sources = common.Sources(SHARED / "documents")
    found = [record(figure) for parsed in shared_documents() for figure in parsed.figures]
    figures = list(scorer.split_ranges(scorer.locate(found, sources), gold))
    pairs = scorer.assign(gold, figures)
    ignored = scorer.read_ignored(SHARED / "evaluation" / "ignored-numbers.txt")
    wrong = list(scorer.extras(figures, pairs, gold, ignored, sources.cases))
    asked = [i for i, g in enumerate(gold) if not scorer.OPTIONAL.search(f"{g['quote']} {g.get('note')}")]
    matched = [(gold[i], figure) for i, figure in pairs.items()]
    placed = [(g, f) for g, f in matched if g["case"] and g["section"] != "REFERENCES"]
    noted = [f for g, f in matched if g["footnote"] and g["section"] != "FOOTNOTE"]
    return {
        "recall": sum(i in pairs for i in asked) / len(asked),
        "precision": len(pairs) / (len(pairs) + len(wrong)),
        "subject": sum(f["case"] == g["case"] for g, f in placed) / len(placed),
        "footnote": sum(bool(f["footnotes"]) for f in noted) / len(noted),
        "quotes exact": sum(f["exact"] for f in figures) / len(figures),
    }


@pytest.mark.parametrize(
    ("name", "least"),
    [("recall", 0.98), ("precision", 0.98), ("subject", 1.0), ("footnote", 0.95), ("quotes exact", 1.0)],
)
def test_the_gold_figures_are_found(name: str, least: float) -> None:
    assert scores()[name] >= least


def test_every_run_of_digits_is_accounted_for() -> None:
    for parsed in shared_documents():
        assert add_up(parsed)
