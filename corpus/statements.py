"""The vocabulary of financial statements, read from statements.toml: items, what rows call them, and ratios."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import tomli

from factdesk.corpus.patterns import lazily
from factdesk.corpus.vocabulary import shipped
from factdesk.corpus.words import fold

NOTES = lazily(
    r" ?\((?:see |notes?\b|refer)[^()]*\)| ?\([a-z]{1,3}\)| ?\[[^\[\]]*\]| ?\((?:in [^()]*|unaudited|restated)\)",
    re.I,
)
"""What a squeezed label of a row says beside its name: where a note on it stands, its scale."""
NOT_THE_STATEMENT = lazily(
    r"\bsupplement|\bselected\b|\bnotes? \d|\bschedule|\bparent\b|\bactivity\b|\bimpact|\breconcil|\bpercentage of\b|"
    r"\bsummar|\bpro forma\b|\bquarterly\b|\bdata\b(?!\))|\bline items?\b|\badoption\b|\beffects?\b",
    re.I,
)
"""What the captions of tables say that show parts of a statement, or make something of it."""
BRACKETS = lazily(r"[()\[\]]")
SLASH = lazily(r"/(?=(?:loss|deficit|benefit|used)\b)")
"""In "income/(loss)" the slash says what brackets say elsewhere."""
DASHES = lazily(r" ?[—–-] | [—–-] ?")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a financial statement."""

    name: str
    statement: str
    """"income", "balance" or "cash"."""
    rows: tuple[re.Pattern[str], ...]
    asked: tuple[str, ...]
    outflow: bool = False

    def rank(self, label: str) -> int | None:
        """How well a row's plain label names the item, 0 being best; None if it does not."""
        return next((number for number, row in enumerate(self.rows) if row.fullmatch(label)), None)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A number that is worked out of items by a formula that everybody uses."""

    name: str
    formula: str
    unit: str
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementVocabulary:
    """All items and ratios, and how each kind of statement is called."""

    items: dict[str, Item]
    ratios: dict[str, Ratio]
    titles: dict[str, re.Pattern[str]]

    def phrases(self) -> dict[str, str]:
        """Every phrase of questions, folded, with the item or ratio that it means."""
        asked = [(entry.asked, entry.name) for entry in self.items.values()]
        asked += [(entry.asked, entry.name) for entry in self.ratios.values()]
        return {fold(phrase): name for phrases, name in asked for phrase in phrases}

    def statement_of(self, text: str) -> str | None:
        """The kind of statement that a caption or heading names; None if it names none, or several."""
        if NOT_THE_STATEMENT.search(text):
            return None
        squeezed = re.sub(r"\s+", "", text)  # "Balance Shee t": some files set letters apart
        found = [name for name, title in self.titles.items() if title.search(squeezed)]
        return found[0] if len(found) == 1 else None


@cache
def statements() -> StatementVocabulary:
    """The vocabulary of statements."""
    data = tomli.loads(shipped("statements.toml"))
    items = {
        name: Item(
            name=name,
            statement=entry["statement"],
            rows=tuple(re.compile(row, re.I) for row in entry["rows"]),
            asked=tuple(entry["asked"]),
            outflow=entry.get("outflow", False),
        )
        for name, entry in data["item"].items()
    }
    ratios = {
        name: Ratio(name, entry["formula"], entry["unit"], tuple(entry["asked"]))
        for name, entry in data["ratio"].items()
    }
    titles = {name: re.compile(re.sub(r" ", "", pattern), re.I) for name, pattern in data["statement"].items()}
    return StatementVocabulary(items, ratios, titles)


def plain_label(label: str) -> str:
    """A row's label as `Item.rank` reads it: small letters, without notes, brackets, dashes and marks at its end."""
    text = NOTES.sub("", " ".join(label.casefold().split()))  # patterns take long over runs of blanks
    text = BRACKETS.sub("", DASHES.sub(" ", text)).replace("’", "'")
    text = SLASH.sub(" ", text)
    return " ".join(text.split()).strip(" :*.,;†‡")
