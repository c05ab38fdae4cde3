"""Sentences with their places: simplemma's splitter, and what it parts that belongs together rejoined."""

from __future__ import annotations

import re

from simplemma import split_sentences

ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:Rs|No|Nos|approx|ca|cf|etc|e\.g|i\.e|al|Fig|Figs|Tab|Art|Sec|Govt|Dept|Inc|Ltd|Corp|Co|vol|pp?|Mr|Mrs|Ms|Dr|St|"
    r"U\.S|U\.K|Mio|Mrd|mil|aprox|núm|pág|Sr|Sra|EE\.UU)\.$",
    re.IGNORECASE,
)


def sentence_spans(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Start and end of each sentence of a plain text, in order, blanks aside."""
    spans: list[tuple[int, int]] = []
    at = 0
    for sentence in split_sentences(text, lang=language):
        words = sentence.strip()
        if not words:
            continue
        start = text.find(words, at)
        if start < 0:  # the splitter changed white space: keep the rest whole
            start, words = at, text[at:].strip()
        at = start + len(words)
        if spans and rejoins(text[slice(*spans[-1])], words):
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((start, at))
    return spans


def rejoins(before: str, after: str) -> bool:
    """Whether a break between two sentences is none: after an abbreviation, inside brackets, before a small letter."""
    open_bracket = before.count("(") > before.count(")")
    return bool(ABBREVIATION.search(before[-12:])) or open_bracket or after[:1].islower()
