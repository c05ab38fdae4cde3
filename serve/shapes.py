"""The JSON that comes in and goes out, as OpenAPI describes it.

What comes in is checked against these. What goes out is made in `qa.format` and described here: a test holds the two
together, so that no answer pays for being checked.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from factdesk.qa.desk import LONGEST_QUESTION
from factdesk.serve.queue import State

MOST_PASSAGES = 50
MOST_TURNS = 40
MOST_MESSAGES = 400
LONGEST_MESSAGE = 100_000
"""Characters of a message of a chat; what is asked has at most LONGEST_QUESTION."""
LONGEST_NAME = 200
LONGEST_REASON = 2000
MOST_FIELDS = 50
MOST_FIGURES = 1000

Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Number = int | float


class Given(BaseModel):
    """What comes in: unknown fields are refused, for a misspelt one would be ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def few_fields(cls, given: Any) -> Any:
        """Raise ValueError for a crowd of fields: to complain of each would hold up everybody for a second."""
        if isinstance(given, dict) and len(given) > MOST_FIELDS:
            raise ValueError("too many fields")
        return given


class Ask(Given):
    """A question."""

    question: Question
    conversation_id: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="Of an earlier answer: the question may lean on what was said."
    )
    history: Annotated[list[Question], Field(max_length=MOST_TURNS)] = Field(
        [], description="The questions before, where the caller keeps the conversation."
    )
    passages: Annotated[int, Field(ge=0, le=MOST_PASSAGES)] = Field(0, description="So many best passages go with it.")


class Search(Given):
    """A search for passages."""

    query: Question
    limit: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 10


class Feedback(Given):
    """What a reader thinks of an answer."""

    answer_id: Annotated[str, Field(min_length=1, max_length=64)]
    rating: Literal["up", "down"]
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    correction: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


class Expectation(Given):
    """What a right answer must have: a value, words, or words of a document."""

    model_config = ConfigDict(strict=False)

    value: Annotated[float, Field(allow_inf_nan=False)] | None = None
    unit: Name = ""
    per: Name = ""
    text: Annotated[list[Name], Field(max_length=20)] = []
    document: Name = ""
    quote: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


class Resolution(Given):
    """What is to become of a question of the queue."""

    model_config = ConfigDict(strict=False)

    state: State
    answer: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    note: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    expectation: Expectation | None = None


class RetrievalSetting(BaseModel):
    """How much Dify wants."""

    top_k: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 5
    score_threshold: Annotated[float, Field(allow_inf_nan=False)] = 0.0


class Retrieval(BaseModel):
    """A search as Dify's external knowledge API sends it; conditions on metadata are not supported."""

    knowledge_id: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    query: Question
    retrieval_setting: RetrievalSetting = RetrievalSetting()


# What goes out


class ErrorBody(BaseModel):
    """What went wrong, and what to do."""

    message: str
    type: str
    param: str | None = None
    code: str


class Error(BaseModel):
    """Every error has this shape."""

    error: ErrorBody


class Document(BaseModel):
    """A document by its name."""

    id: str
    title: str
    path: str


class Figure(BaseModel):
    """A number that a document states, with its meaning."""

    id: str
    document: str
    subject: str
    section: list[str]
    measure: str | None
    label: str
    value: Number | None
    value_high: Number | None
    unit: str | None
    per: str | None
    period: str | None
    period_words: str | None
    comparator: str | None
    role: str
    parent: str | None
    beneficiary: str | None
    footnotes: list[str]
    printed: str
    sentence: str
    quote: str
    page: int | None
    page_label: str | None
    start: int
    end: int
    doubt: str | None
    facet: str | None
    aggregate: str | None


class CitedFigure(Figure):
    """A figure of an answer."""

    citation: int | None


class Calculation(BaseModel):
    """Arithmetic over figures."""

    expression: str
    value: Number | None
    unit: str | None
    per: str | None
    operands: list[str]


class Citation(BaseModel):
    """Where something stands."""

    n: int
    document: Document
    page: int | None
    page_label: str | None
    section: list[str]
    quote: str
    start: int
    end: int
    url: str
    page_url: str
    image: str | None


class Passage(BaseModel):
    """A passage that was found."""

    id: str
    document: Document
    subject: str
    page: int | None
    page_label: str | None
    section: list[str]
    text: str
    start: int
    end: int
    score: float
    url: str
    page_url: str
    image: str | None


class Answer(BaseModel):
    """The answer to a question; an abstention is one too."""

    id: str
    question: str
    kind: Literal["figure", "passage", "list", "comparison", "calculation", "abstention"]
    answer: str
    abstained: bool
    reason: str | None
    confidence: float
    figures: list[CitedFigure]
    calculation: Calculation | None
    citations: list[Citation]
    nearest: list[CitedFigure]
    suggestions: list[str]
    passages: list[Passage] = []
    resolved: str
    language: str
    timings_ms: dict[str, float]
    conversation_id: str | None = None


class Shown(BaseModel):
    """A place in a document, with what stands around it."""

    document: Document
    page: int | None
    page_label: str | None
    section: list[str]
    before: str
    quote: str
    after: str
    start: int
    end: int
    image: str | None


class Results(BaseModel):
    """What a search found, best first."""

    results: list[Passage]


class Figures(BaseModel):
    """Figures that fit, and how many there are of each measure and unit among all that fit."""

    figures: list[Figure]
    total: int
    measures: dict[str, int]
    units: dict[str, int]


class Measure(BaseModel):
    """A measure that figures of the documents have."""

    name: str
    figures: int


class Measures(BaseModel):
    """The measures, the commonest first."""

    measures: list[Measure]


class Subject(BaseModel):
    """What a part of a document is about."""

    id: str
    name: str
    document: str
    aliases: list[str]


class Subjects(BaseModel):
    """What the documents are about."""

    subjects: list[Subject]


class DocumentSummary(BaseModel):
    """A document of the index, with what was found in it."""

    id: str
    title: str
    path: str
    sha256: str
    format: str
    language: str | None
    passages: int
    figures: int
    numbers_seen: int
    skipped: dict[str, int]
    warnings: list[str]


class Documents(BaseModel):
    """What is indexed."""

    documents: list[DocumentSummary]


class Kept(BaseModel):
    """That feedback is kept."""

    id: str


class Questions(BaseModel):
    """Questions that could not be answered, in groups that ask the same."""

    questions: list[dict[str, Any]]


class Ratings(BaseModel):
    """What readers thought of answers."""

    ratings: list[dict[str, Any]]


class RetrievalRecord(BaseModel):
    """A passage as Dify reads it."""

    content: str
    score: float
    title: str
    metadata: dict[str, Any]


class RetrievalRecords(BaseModel):
    """Passages as Dify reads them."""

    records: list[RetrievalRecord]


class Health(BaseModel):
    """That the service runs."""

    status: str


class Readiness(BaseModel):
    """That an index is open."""

    status: str
    generation: str
