"""Fit the weights of qa/trust.py: python benchmarks/calibrate.py QUESTIONS HOME [QUESTIONS HOME ...]

QUESTIONS is a JSON Lines file with `type`, `question`, `history` and `expect` (a `value`, or strings that the quote
`contains`), or with `question`, `history` and `answerability` as in MTRAG; HOME is an index of the documents they are
about. Questions that cannot be answered teach when to refuse; turns of a talk on a topic are fitted apart.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from factdesk.corpus.words import fold
from factdesk.qa import extract
from factdesk.qa.answer import Answerer
from factdesk.qa.desk import Desk
from factdesk.qa.question import Operation, Query, Style
from factdesk.qa.trust import FigureSigns, PassageSigns, TalkSigns

Example = tuple[tuple[float, ...], bool]
NEARLY = 1e-6
ANSWERABILITY = {"ANSWERABLE": "text_passage", "UNANSWERABLE": "unanswerable"}
WEAK, STRONG = 1.0, 10.0
"""How freely the weights follow the examples (scikit-learn's C): seven signs need holding back, two do not."""
CHOSEN = 3
"""A passage is right if it is among so many of the best."""


def questions(path: Path) -> Iterator[dict[str, Any]]:
    """The questions of a file; of MTRAG's tasks those that are clearly answerable or clearly not."""
    for line in path.read_text("utf-8").splitlines():
        question = json.loads(line)
        if "answerability" in question:
            question |= {"type": ANSWERABILITY.get(question["answerability"][0], ""), "expect": {}}
        yield question


def figure_example(answerer: Answerer, query: Query, question: dict[str, Any]) -> Example | None:
    """The signs of the best figure, and whether it is the one expected."""
    if query.style is Style.TEXT or query.operation is not Operation.LOOKUP:
        return None
    vector = answerer.retriever.vector(query)
    matches = [m for m in answerer.lookup.find(query, vector) if not m.against]
    if not matches:
        return None
    margin = matches[0].score - (matches[1].score if len(matches) > 1 else 0.0)
    signs = answerer.signs(query, matches[0], margin, answerer.known(query), answerer.lookup.nouns(query))
    value = question["expect"].get("value")
    right = question["type"] == "figure_lookup" and value is not None
    return signs, right and abs(float(matches[0].figure.value) - value) < NEARLY * max(1.0, abs(value))


def passage_example(answerer: Answerer, query: Query, question: dict[str, Any]) -> Example | None:
    """The signs of the best passage, and whether it is among those expected."""
    if query.style is Style.FIGURE:
        return None
    vector = answerer.retriever.vector(query)
    ranked = answerer.retriever.rank(query, vector)
    candidates = extract.order(query, ranked, answerer.favoured(query, vector))
    if not candidates:
        return None
    signs = extract.talk_signs(candidates) if query.context else extract.signs(query, candidates, answerer.retriever)
    wanted = question["expect"].get("contains") or []
    texts = [bare(c.unit.unit.text) for c in candidates[:CHOSEN]]
    right = question["type"] != "unanswerable" and any(all(bare(w) in text for w in wanted) for text in texts)
    return signs, right


def bare(text: str) -> str:
    """A text without markup, case and blanks."""
    return re.sub(r"[\s*\\]+", "", fold(text))


def fit(
    name: str, examples: list[Example], signs: type[FigureSigns | PassageSigns | TalkSigns], strength: float
) -> str:
    """The fitted weights in words that can be pasted into qa/trust.py."""
    features = np.array([example[0] for example in examples])
    right = np.array([example[1] for example in examples])
    model = LogisticRegression(C=strength, max_iter=5000).fit(features, right)
    weights = ", ".join(f"{weight:.2f}" for weight in model.coef_[0])
    decided = float((model.predict(features) == right).mean())
    fitted = f"{signs.__name__}({weights}), bias {model.intercept_[0]:.2f}"
    return f"{name}: {fitted}; {len(examples)} examples, {decided:.0%} right"


def main(arguments: list[str]) -> int:
    """Read, fit, print."""
    if not arguments or len(arguments) % 2:
        sys.stderr.write(__doc__ or "")
        return 2
    figures: list[Example] = []
    passages: list[Example] = []
    turns: list[Example] = []
    for file, home in zip(arguments[::2], arguments[1::2], strict=True):
        with Desk.open(Path(home)) as desk:
            answerer = desk.answerer
            for question in questions(Path(file)):
                _, query = answerer.understood(question["question"], question.get("history", []))
                if query.named.missing or (question.get("history") and not query.context):
                    continue
                if question["type"] in ("figure_lookup", "unanswerable") and not query.context:
                    figures += filter(None, [figure_example(answerer, query, question)])
                if question["type"] in ("text_passage", "footnote", "unanswerable"):
                    found = passage_example(answerer, query, question)
                    (turns if query.context else passages).extend([found] if found else [])
    fits = (
        ("figures", figures, FigureSigns, WEAK),
        ("passages", passages, PassageSigns, WEAK),
        ("turns", turns, TalkSigns, STRONG),
    )
    for name, examples, signs, strength in fits:
        if len({right for _, right in examples}) == 2:
            sys.stdout.write(fit(name, examples, signs, strength) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
