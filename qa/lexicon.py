"""Which words of the documents are near to a word of a question, by the encoder: "inmates" to "prisoners".

A single word's vector is a coarse thing. A near word therefore counts less than the word itself, and names and
numbers have no near words: one country is not another.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from factdesk.corpus.records import Vectors
from factdesk.corpus.remembered import Remembered
from factdesk.corpus.vocabulary import vocabulary
from factdesk.corpus.words import stem
from factdesk.index.snapshot import Snapshot

NEAR = 0.55
"""Cosine from which on two words are near: payroll and salaries have 0.60, hardware and technology 0.53."""
NEAR_WEIGHT = 0.45
"""What the least near word counts; it rises with the cosine, one for one."""
SYNONYM_WEIGHT = 0.6
"""What a synonym of the vocabulary counts."""
REMEMBERED = 20_000
"""Question words whose neighbours are kept in memory."""


@dataclass
class Terms:
    """Stems of a question with their weights, and the stems near to each with what they count. They do not change."""

    weights: dict[str, float]
    near: dict[str, dict[str, float]] = field(default_factory=dict)
    _covered: dict[frozenset[str], float] = field(default_factory=dict, init=False, repr=False, compare=False)
    _missing: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.weights)

    @cached_property
    def total(self) -> float:
        """The sum of the weights."""
        return sum(self.weights.values())

    @cached_property
    def telling(self) -> frozenset[str]:
        """The stems that decide what a text holds of the terms: themselves, their parts, synonyms and near words."""
        synonyms = vocabulary().synonyms
        return frozenset(self.weights).union(
            *(word.split("-") for word in self.weights if "-" in word),
            *(synonyms.get(word, ()) for word in self.weights),
            *(self.near.get(word, ()) for word in self.weights),
        )

    def covered(self, held: Set[str]) -> float:
        """The weight of the terms that a text with these stems holds; synonyms and near words count less."""
        return self.weight(self.telling & held)

    def weight(self, telling: frozenset[str]) -> float:
        """As `covered`, of stems that all tell.

        Hundreds of texts are asked of the same terms, and most hold the same few of the stems that tell, or none.
        """
        found = self._covered.get(telling)
        if found is None:
            found = sum(weight * self.held(word, telling) for word, weight in self.weights.items())
            self._covered[telling] = found
        return found

    def missing(self, held: Set[str]) -> tuple[str, ...]:
        """The terms of which a text with these stems holds nothing."""
        telling = self.telling & held
        found = self._missing.get(telling)
        if found is None:
            found = self._missing[telling] = tuple(word for word in self.weights if not self.held(word, telling))
        return found

    def share(self, held: Set[str]) -> float:
        """The share of the weight that a text holds; 1 if there are no terms."""
        return self.covered(held) / self.total if self.weights else 1.0

    def held(self, word: str, held: Set[str]) -> float:
        """How far one term is held, 0 to 1."""
        if word in held or ("-" in word and all(part in held for part in word.split("-") if part)):
            return 1.0
        best = SYNONYM_WEIGHT if not vocabulary().synonyms.get(word, frozenset()).isdisjoint(held) else 0.0
        near = self.near.get(word, {})
        for other in near.keys() & held:
            best = max(best, near[other])
        return best

    def only(self, words: Set[str]) -> Terms:
        """The terms among these stems."""
        return Terms({w: v for w, v in self.weights.items() if w in words}, self.near)

    def without(self, words: Set[str]) -> Terms:
        """The terms that are not among these stems."""
        return Terms({w: v for w, v in self.weights.items() if w not in words}, self.near)


class Lexicon:
    """The words of one snapshot and their vectors. Threads may share it: what is kept is whole when it is put there."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._known = Remembered[str, dict[str, float]](REMEMBERED)

    @cached_property
    def words(self) -> list[str]:
        """The documents' words, by row."""
        return self.snapshot.catalogue.words()

    @cached_property
    def vectors(self) -> Vectors:
        """Their vectors."""
        return self.snapshot.words.vectors(np.arange(len(self.words)))

    def near(self, words: list[str]) -> dict[str, dict[str, float]]:
        """For the stem of each folded word, the stems near to it with what they count."""
        asked = [w for w in dict.fromkeys(words) if w.isalpha() and len(w) >= 3]
        known = {word: found for word in asked if (found := self._known.get(word)) is not None}
        new = [word for word in asked if word not in known]
        if new and self.words:
            cosines = self.snapshot.encoder.encode(new) @ self.vectors.T
            for word, row in zip(new, cosines, strict=True):
                known[word] = self._neighbours(word, row)
                self._known.put(word, known[word])
        return {stem(word): known.get(word, {}) for word in asked}

    def _neighbours(self, word: str, cosines: npt.NDArray[np.float32]) -> dict[str, float]:
        """The stems near to a word, given how near each of the documents' words is."""
        own, found = stem(word), dict[str, float]()
        for at in np.flatnonzero(cosines >= NEAR):
            other = stem(self.words[at])
            if other != own:
                value = min(1.0, NEAR_WEIGHT + float(cosines[at]) - NEAR)
                found[other] = max(value, found.get(other, 0.0))
        return found
