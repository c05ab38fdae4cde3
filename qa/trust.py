"""How far an answer is to be trusted: a logistic model over a handful of signs, fitted on questions with known answers.

The weights are printed by `python benchmarks/calibrate.py QUESTIONS HOME ...`; they were fitted on the
development questions and on questions of ours over the same and over invented documents, 127 of them for figures
(right in 90 % of the cases at a half) and 96 for passages; those for turns of a talk on 111 turns of MTRAG-UN
(Rosenthal et al., ACL 2026). The result is also the confidence that an answer reports.
"""

from __future__ import annotations

import math
from typing import NamedTuple

FIGURE_TRUST = 0.6
"""A figure below this is not given: what is near is shown instead."""
PASSAGE_TRUST = 0.48
"""The same for a passage: its words are the document's own, so a reader sees at once whether they answer."""
TALK_TRUST = 0.6
"""The same for a turn in a talk: there is always some passage on the topic, so more is asked of it."""
SURE = 0.86
"""A passage from here on stands alone; below, the next best ones are shown with it."""


class FigureSigns(NamedTuple):
    """What speaks for a figure: all from 0 to 1 but the score, the margin and the number of words."""

    explained: float
    in_label: float
    near: float
    noun: float
    """How near its unit is to the noun asked for; -1 if none was."""
    margin: float
    unknown: float
    """1 if the question has a word that neither the figure explains nor any document has."""
    score: float
    words: float


class PassageSigns(NamedTuple):
    """What speaks for a passage."""

    share: float
    """Share of the question's own words that the two best units hold."""
    near: float
    coverage: float
    score: float
    passage_near: float
    named: float
    """1 if the question names a subject: then words and nearness come cheap."""
    words: float


class TalkSigns(NamedTuple):
    """What speaks for a passage as the answer to a turn in a talk on some topic: a turn has few words of its own."""

    near: float
    topic: float
    """How well its passage fits the question together with the topic."""


FIGURE_WEIGHTS = FigureSigns(1.64, 1.48, 1.12, 0.73, 1.46, -0.56, 1.68, -0.21)
FIGURE_BIAS = -1.42
PASSAGE_WEIGHTS = PassageSigns(1.45, 0.30, 0.90, 1.39, 0.29, -0.63, -0.02)
PASSAGE_BIAS = -1.28
TALK_WEIGHTS = TalkSigns(3.63, 6.71)
TALK_BIAS = -3.53


def trust_in_figure(signs: FigureSigns) -> float:
    """The probability that a figure is the one asked for."""
    return logistic(signs, FIGURE_WEIGHTS, FIGURE_BIAS)


def trust_in_passage(signs: PassageSigns) -> float:
    """The probability that a passage answers."""
    return logistic(signs, PASSAGE_WEIGHTS, PASSAGE_BIAS)


def trust_in_talk(signs: TalkSigns) -> float:
    """The probability that a passage answers a turn in a talk on some topic."""
    return logistic(signs, TALK_WEIGHTS, TALK_BIAS)


def logistic(signs: tuple[float, ...], weights: tuple[float, ...], bias: float) -> float:
    """The logistic function of a weighted sum."""
    value = bias + sum(sign * weight for sign, weight in zip(signs, weights, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
