"""The vocabulary of factdesk: the records that cross from one layer to the next.

All are frozen values. Positions are character offsets into `Document.text`, half open, so that
`document.text[record.start:record.end]` is the quote, byte for byte. Pages count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# A string, as figures are listed without NumPy.
Vectors: TypeAlias = "npt.NDArray[np.float32]"
"""Row vectors of unit length, shape (n, dimension)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document: its number from 1, the label printed on it, and its characters."""

    number: int
    label: str
    start: int
    end: int


class BlockKind(StrEnum):
    """What a block of text is by its form."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CELL = "cell"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote mark in a block: its label, and the position in the block's plain text where it stood."""

    label: str
    at: int


@dataclass(frozen=True, slots=True)
class Wrap:
    """Markup around words of the source: `start:end` with it, `inner_start:inner_end` without."""

    start: int
    inner_start: int
    inner_end: int
    end: int
    whole: bool
    """Whether the markup cannot be cut: half a link is no quote."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table cell or footnote, with its words freed of markup.

    `text` is plain: no tags, escapes, emphasis or footnote marks, white space collapsed. `offsets[i]` is the
    position in the document of the i-th plain character, so any stretch of plain text can be quoted exactly.
    """

    kind: BlockKind
    start: int
    end: int
    text: str
    offsets: tuple[int, ...]
    level: int = 0
    """Of a heading, 1 is the highest; of an item, the depth of its list from 0; of a row's first cell, its indent."""
    marks: tuple[Mark, ...] = ()
    label: str = ""
    """Of a note, its mark."""
    row: int = -1
    """Of a cell, the row of its table from 0."""
    column: int = -1
    table: int = -1
    """Of a cell, which table of the document it belongs to; -1: none."""
    row_span: int = 1
    column_span: int = 1
    """Of a cell, how many columns it stands over."""
    header: bool = False
    """Of a cell, whether it heads the columns that it stands over."""
    doubt: str = ""
    """Why its reader is unsure of it: "overlaps another cell"; empty where it is not."""
    links: tuple[str, ...] = ()
    """Addresses that the block links to."""
    wraps: tuple[Wrap, ...] = ()
    """The markup inside the block that a quote must not cut through, or had better keep."""
    lifted: bool = False
    """Whether it stands directly under its table's column header rather than under the heading before it."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The document span of `text[start:end]`, with the markup that belongs to it.

        Raises ValueError if the stretch is empty or out of range.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no characters between {start} and {end}")
        first, last = self.offsets[start], self.offsets[end - 1] + 1
        for wrap in self.wraps:
            covered = first <= wrap.inner_start and wrap.inner_end <= last
            cut = wrap.whole and first < wrap.inner_end and wrap.inner_start < last
            if covered or cut:
                first, last = min(first, wrap.start), max(last, wrap.end)
        return first, last


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a file: its text, its blocks in reading order, its pages."""

    text: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    title: str = ""
    language: str = ""
    warnings: tuple[str, ...] = ()
    subject: str = ""
    """What the whole document is about, if its front matter says so."""


class Source(StrEnum):
    """What tells that a document reports on some time; the surest first."""

    NAME = "name"
    """The file's name, or the title that it carries."""
    TEXT = "text"
    """Its own words: "results of the fourth quarter of fiscal 2022"."""
    END = "end"
    """The day on which that time ended: it lies in the year of that name."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A time that a document reports on: a year, a quarter of one, or a day.

    `label` is "2018", "2018Q4" or, of a day, its ISO date; a year may be a fiscal one, which is then known by the
    name that `source` gives it. `ended` is the ISO date of its last day, empty where that is not known.
    """

    label: str
    source: Source
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the library. `id` is a name for people and programs; `sha256` is of the file's bytes."""

    id: str
    title: str
    path: str
    sha256: str
    format: str
    text: str = field(repr=False)
    pages: tuple[Page, ...] = field(default=(), repr=False)
    language: str = "en"
    warnings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names of whom or what it is by or about, as printed, the surest first; empty where nothing tells."""
    periods: tuple[Reported, ...] = ()
    kind: str = ""
    """What sort of document it is, by its name in kinds.toml; empty where nothing tells."""

    def page_at(self, position: int) -> Page | None:
        """The page on which a character stands; None where the format has no pages."""
        at = bisect_right(self.pages, position, key=lambda page: page.start) - 1
        if at < 0 or (position >= self.pages[at].end and at < len(self.pages) - 1):
            return None
        return self.pages[at]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a section is about: the case of a compendium, or a document as a whole.

    `aliases` are names taken from the text: its country, its abbreviations, its site.
    """

    id: str
    document: str
    name: str
    aliases: tuple[str, ...] = ()
    territory: str = ""
    """ISO 3166 code of the territory it belongs to, if its heading or title names one."""
    whole: bool = False
    """Whether it is the document as a whole rather than a part of it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, bullet, cell or heading with content: the least that is quoted.

    `text` is plain; `context` is what it is read with (subject, headings, the sentence that introduces a list).
    """

    start: int
    end: int
    text: str
    context: str = ""
    kind: BlockKind = BlockKind.PARAGRAPH
    lead: bool = False
    """Whether it introduces the units that follow (a heading with content, "the components are:")."""
    embedded: tuple[int, int] = (0, 0)
    """The stretch of its passage's `embedded` that its vector is of: its words; of a table's row, no numbers."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document that is retrieved as one: a heading and what stands under it."""

    id: str
    document: str
    subject: str
    section: tuple[str, ...]
    text: str
    """Plain text."""
    embedded: str
    """What is given to the encoder: subject, heading path and text."""
    start: int
    end: int
    page: int | None
    page_label: str | None
    units: tuple[Unit, ...] = ()


class Role(StrEnum):
    """The part a figure plays in its section."""

    HEADLINE = "headline"
    ITEM = "item"
    PLAIN = "plain"


class Aggregate(StrEnum):
    """What a row of a table sums up: other rows above it, or all of them."""

    SUBTOTAL = "subtotal"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a document states, with what it measures.

    `unit` is an ISO 4217 code, "%", "percentage points", "date", a unit of time or the counted noun; a rate
    of exchange is "BRL/USD". `period` is ISO 8601 where dates are known, else words; `period_words` as printed.
    """

    id: str
    document: str
    subject: str
    """The name of the subject."""
    section: tuple[str, ...]
    measure: str | None
    label: str
    value: Decimal
    unit: str | None
    quote: str
    start: int
    end: int
    page: int | None = None
    page_label: str | None = None
    value_high: Decimal | None = None
    per: str | None = None
    period: str | None = None
    period_words: str | None = None
    comparator: str | None = None
    role: Role = Role.PLAIN
    parent: str | None = None
    beneficiary: str | None = None
    """Whom a saving or benefit is for: "government", "citizens", "social" ..., from the vocabulary."""
    footnotes: tuple[str, ...] = ()
    sentence: str = ""
    """The sentence or bullet it stands in, plain."""
    sentence_start: int = 0
    sentence_end: int = 0
    printed: str = ""
    """The number as printed, plain: "US $7,6 MILLION"."""
    doubt: str | None = None
    """Why the reading is uncertain; None where it is not."""
    subject_id: str = ""
    facet: str = ""
    """Of a table's cell, what its column is beside a period: "Change", the name of a segment."""
    aggregate: Aggregate | None = None
    """Of a table's cell, whether its row sums up others."""
    table: int = -1
    """Of a table's cell, which table of its document it stands in; -1: none."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A digit sequence that is no figure, and why."""

    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Omission:
    """A measure that the document names and says it does not quantify ("quantification not available")."""

    document: str
    subject_id: str
    section: tuple[str, ...]
    measure: str | None
    text: str
    start: int
    end: int
    page: int | None = None
    page_label: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything that ingest knows of one document."""

    document: Document
    subjects: tuple[Subject, ...]
    passages: tuple[Passage, ...]
    figures: tuple[Figure, ...]
    skipped: tuple[Skipped, ...] = ()
    omissions: tuple[Omission, ...] = ()
    numbers_seen: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document as answers name it."""

    id: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where something stands. `n` is the mark in the answer's text."""

    n: int
    document: DocumentRef
    page: int | None
    page_label: str | None
    section: tuple[str, ...]
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Calculation:
    """Arithmetic over figures: derived, and shown as such."""

    expression: str
    value: Decimal
    unit: str | None
    per: str | None
    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitedFigure:
    """A figure in an answer with the number of its citation (0: none)."""

    figure: Figure
    citation: int


class Kind(StrEnum):
    """What sort of answer it is."""

    FIGURE = "figure"
    PASSAGE = "passage"
    LIST = "list"
    COMPARISON = "comparison"
    CALCULATION = "calculation"
    ABSTENTION = "abstention"


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage found by a search, with its score (higher is better)."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What `ask` returns; the contract's JSON is made of it in `qa.format`."""

    id: str
    question: str
    kind: Kind
    answer: str
    confidence: float
    reason: str | None = None
    figures: tuple[CitedFigure, ...] = ()
    calculation: Calculation | None = None
    citations: tuple[Citation, ...] = ()
    nearest: tuple[CitedFigure, ...] = ()
    suggestions: tuple[str, ...] = ()
    resolved: str = ""
    language: str = "en"
    passages: tuple[RankedPassage, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        """Whether the documents do not hold the answer."""
        return self.kind is Kind.ABSTENTION


@dataclass(frozen=True, slots=True)
class Turn:
    """What one exchange of a conversation leaves for the next: plain values, so that it can be kept."""

    question: str
    resolved: str
    """The question as it was understood: it stands by itself."""
    figures: tuple[str, ...] = ()
    """The ids of the figures that answered, best first."""
    places: tuple[tuple[str, int, int], ...] = ()
    """Where the answer's citations stand, in their order: document, start, end."""
    suggestions: tuple[str, ...] = ()
    """The questions that were offered; "2" or the words of one are an answer to them."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A text that is embedded as one, and the stretches of it, as (start, end), that get vectors of their own.

    What stands before the first of them, its headings, goes with each.
    """

    text: str
    parts: tuple[tuple[int, int], ...] = ()

    @property
    def head(self) -> int:
        """Where what goes with each part ends."""
        return min((start for start, _ in self.parts), default=0)


class Encoder(Protocol):
    """Turns texts into unit vectors. `fingerprint` names the exact model; `dimension` its width."""

    fingerprint: str
    dimension: int

    def encode(self, texts: list[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), each of length one."""
        ...


class PartEncoder(Encoder, Protocol):
    """An encoder of texts with parts."""

    def encode_parts(self, texts: list[Parted]) -> list[Vectors]:
        """For each text its own vector and then those of its parts, of shape (1 + len(parts), dimension)."""
        ...


class FileStatus(StrEnum):
    """What became of a file in an ingest."""

    READ = "read"
    UNCHANGED = "unchanged"
    RENAMED = "renamed"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: every file that was looked at has exactly one."""

    path: str
    status: FileStatus
    reason: str | None = None
    detail: str = ""
    document: str | None = None
    passages: int = 0
    figures: int = 0
    numbers_seen: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    """Digit sequences that are no figures, counted by reason."""
    warnings: tuple[str, ...] = ()

    @classmethod
    def of_read(cls, parsed: Parsed) -> Outcome:
        """The outcome of a file that was read just now."""
        return cls(
            path=parsed.document.path,
            status=FileStatus.READ,
            document=parsed.document.id,
            passages=len(parsed.passages),
            figures=len(parsed.figures),
            numbers_seen=parsed.numbers_seen,
            skipped=dict(sorted(Counter(item.reason for item in parsed.skipped).items())),
            warnings=parsed.document.warnings,
        )
