"""What people and programs are shown: records in, JSON values, text, Markdown, CSV rows or a chart out.

1. Pure functions: nothing here prints, reads a file or knows of a terminal.
2. JSON holds what the records hold, unaltered; its numbers are numbers.
3. Text and Markdown are for reading: a quote is freed of its markup, cut if it is long, and what would steer a
   terminal (control characters, bidirectional overrides) is shown as an escape.
4. In CSV a text that a spreadsheet would take for a formula begins with an apostrophe; numbers stay numbers.
"""

from __future__ import annotations

import csv
import html
import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from factdesk.corpus.patterns import lazily
from factdesk.corpus.records import (
    Answer,
    Calculation,
    Citation,
    CitedFigure,
    DocumentRef,
    Figure,
    Outcome,
    RankedPassage,
)

if TYPE_CHECKING:
    from factdesk.index.catalogue import Counts, DocumentSummary
    from factdesk.qa.audit import Finding
    from factdesk.qa.desk import Shown

Json = dict[str, Any]
Cell = str | int | float | None

QUOTE_LENGTH = 300
"""Characters of a quote that are shown: a screen has other answers to show, and `show` gives the whole."""
PASSAGE_LENGTH = 600
"""The same of a passage found by a search."""
FEW = 3
"""Examples shown of many alike."""
LARGEST_INTEGER = 300
"""Digits of the largest number written out whole; a float ends at 308, and no statement needs more."""
PATH = " › "

# Text freed of markup

_MARK = lazily(r"<sup>\s*(\d{1,3})\s*</sup>|\[\^(\d{1,3})\]")
_TAG_INSIDE = lazily(r"</?(?:a|abbr|b|em|font|i|mark|small|span|strong|sub|sup|u)\b[^<>]{0,2000}>", re.IGNORECASE)
_TAG = lazily(r"<[/!a-zA-Z][^<>]{0,2000}>")
_ADDRESS = lazily(r"<(https?://[^<>\s]{1,2000})>")
_LINK = lazily(r"!?\[([^\[\]]{0,2000})\]\([^()\s]{0,2000}\)")
_LINE_MARK = lazily(r"^[ \t]{0,40}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)", re.MULTILINE)
_RULE_ROW = lazily(r"^[ \t|:-]{3,}$", re.MULTILINE)
_EMPHASIS = lazily(r"(?<!\\)\*{1,3}|(?<![\w\\])_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`")
_PIPE = lazily(r"[ \t]*(?<!\\)\|[ \t]*")
_ESCAPED = lazily(r"\\([!-/:-@\[-`{-~])")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(quote: str) -> str:
    """A quote as people read it: no Markdown, no HTML, white space collapsed; a footnote mark is raised (7,6⁵).

    For display only. The quote itself is what stands in the document.
    """
    text = _MARK.sub(lambda found: (found[1] or found[2]).translate(_SUPERSCRIPTS), quote)
    text = _ADDRESS.sub(r"\1", text)
    text = _TAG.sub(" ", _TAG_INSIDE.sub("", text))
    text = _LINK.sub(r"\1", text)
    text = _RULE_ROW.sub("", _LINE_MARK.sub("", text))
    text = _EMPHASIS.sub("", text)
    text = _PIPE.sub(" · ", text).strip(" ·") if "|" in text else text
    return " ".join(html.unescape(_ESCAPED.sub(r"\1", text)).split())


_LEFT_OUT = frozenset("\u00ad\ufffe")
"""A soft hyphen, and what stands in a document for a character that could not stay: nobody needs to see either."""
_HARMLESS = {"\n", "\u200c", "\u200d"}
"""Line ends, and the joiners that some scripts cannot be written without."""
_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    """A text in which everything that would steer a terminal is an escape: ESC is \\x1b, an override \\u202e."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c
        if c in _HARMLESS or (c not in _LEFT_OUT and unicodedata.category(c) not in _STEERING)
        else ""
        if c in _LEFT_OUT
        else _escape(c)
        for c in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def clean(text: str) -> str:
    """What a person typed or pasted, without control characters and halves of characters, on one line."""
    return " ".join("".join(_cleaned(character) for character in text).split())


def _cleaned(character: str) -> str:
    category = unicodedata.category(character)
    if category not in _STEERING or character in ("\u200c", "\u200d"):
        return character
    if category == "Cs":
        return "\ufffd"
    return "" if category == "Cf" and character != "\u200b" else " "


def cut(text: str, length: int) -> str:
    """A text of at most so many characters, ended between words and with an ellipsis if it had more."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    words = head.rpartition(" ")[0]
    return f"{words if len(words) > length // 2 else head}…"


# JSON


def number(value: Decimal | None) -> int | float | None:
    """A JSON number: whole if it is whole."""
    if value is None:
        return None
    if value.is_finite() and value == value.to_integral_value() and value.adjusted() < LARGEST_INTEGER:
        return int(value)
    nearest = float(value)
    # JSON has no infinity.
    return nearest if math.isfinite(nearest) else None


def document_ref_to_json(document: DocumentRef) -> Json:
    """A document as answers name it."""
    return {"id": document.id, "title": document.title, "path": document.path}


def figure_to_json(figure: Figure) -> Json:
    """The Figure record; `figures --format jsonl` prints one a line."""
    return {
        "id": figure.id,
        "document": figure.document,
        "subject": figure.subject,
        "section": list(figure.section),
        "measure": figure.measure,
        "label": figure.label,
        "value": number(figure.value),
        "value_high": number(figure.value_high),
        "unit": figure.unit,
        "per": figure.per,
        "period": figure.period,
        "period_words": figure.period_words,
        "comparator": figure.comparator,
        "role": figure.role.value,
        "parent": figure.parent,
        "beneficiary": figure.beneficiary,
        "footnotes": list(figure.footnotes),
        "printed": figure.printed,
        "sentence": figure.sentence,
        "quote": figure.quote,
        "page": figure.page,
        "page_label": figure.page_label,
        "start": figure.start,
        "end": figure.end,
        "doubt": figure.doubt,
        "facet": figure.facet or None,
        "aggregate": figure.aggregate.value if figure.aggregate else None,
    }


def cited_figure_to_json(cited: CitedFigure) -> Json:
    """A figure of an answer, with the number of its citation; null if it has none."""
    return {**figure_to_json(cited.figure), "citation": cited.citation or None}


def citation_to_json(citation: Citation) -> Json:
    """Where something stands."""
    return {
        "n": citation.n,
        "document": document_ref_to_json(citation.document),
        "page": citation.page,
        "page_label": citation.page_label,
        "section": list(citation.section),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }


def passage_to_json(ranked: RankedPassage, documents: Mapping[str, DocumentRef] | None = None) -> Json:
    """A passage that a search found; `documents` says what its document is called."""
    passage = ranked.passage
    document = (documents or {}).get(passage.document) or DocumentRef(passage.document, passage.document, "")
    return {
        "id": passage.id,
        "document": document_ref_to_json(document),
        "subject": passage.subject,
        "page": passage.page,
        "page_label": passage.page_label,
        "section": list(passage.section),
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(float(ranked.score), 6),
    }


def document_to_json(document: DocumentSummary) -> Json:
    """A document of the index, with what was found in it."""
    return {
        "id": document.id,
        "title": document.title,
        "path": document.path,
        "sha256": document.sha256,
        "format": document.format,
        "language": document.language,
        "passages": document.passages,
        "figures": document.figures,
        "numbers_seen": document.numbers_seen,
        "skipped": dict(document.skipped),
        "warnings": list(document.warnings),
    }


def calculation_to_json(calculation: Calculation | None) -> Json | None:
    """Arithmetic over figures."""
    if calculation is None:
        return None
    return {
        "expression": calculation.expression,
        "value": number(calculation.value),
        "unit": calculation.unit,
        "per": calculation.per,
        "operands": list(calculation.operands),
    }


def answer_to_json(answer: Answer, documents: Mapping[str, DocumentRef] | None = None) -> Json:
    """The contract's answer object. `documents` names the documents of its passages."""
    found: Json = {
        "id": answer.id,
        "question": answer.question,
        "kind": answer.kind.value,
        "answer": answer.answer,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "confidence": round(float(answer.confidence), 4),
        "figures": [cited_figure_to_json(item) for item in answer.figures],
        "calculation": calculation_to_json(answer.calculation),
        "citations": [citation_to_json(item) for item in answer.citations],
        "nearest": [cited_figure_to_json(item) for item in answer.nearest],
        "suggestions": list(answer.suggestions),
    }
    if answer.passages:
        found["passages"] = [passage_to_json(item, documents) for item in answer.passages]
    found["resolved"] = answer.resolved or answer.question
    found["language"] = answer.language
    found["timings_ms"] = {stage: round(float(time), 3) for stage, time in answer.timings_ms.items()}
    return found


def finding_to_json(finding: Finding) -> Json:
    """One result of the audit."""
    return {
        "kind": finding.kind,
        "verdict": finding.verdict,
        "text": finding.text,
        "figures": [cited_figure_to_json(item) for item in finding.figures],
        "citations": [citation_to_json(item) for item in finding.citations],
    }


def shown_to_json(shown: Shown, source: str) -> Json:
    """A place in a document with what stands around it; `source` is where the file is."""
    return {
        "document": document_ref_to_json(shown.document),
        "source": source,
        "page": shown.page,
        "page_label": shown.page_label,
        "section": list(shown.section),
        "before": shown.before,
        "quote": shown.quote,
        "after": shown.after,
        "start": shown.start,
        "end": shown.end,
    }


# Text


def page_words(page: int | None, label: str | None, path: str = "") -> str:
    """ "p. 10", or "p. 8, PDF page 10" where the printed label is another; empty where there are no pages."""
    if page is None:
        return f"p. {label}" if label else ""
    if not label or label == str(page):
        return f"p. {page}"
    return f"p. {label}, {'PDF page' if path.lower().endswith('.pdf') else 'page'} {page}"


def place_of(citation: Citation) -> str:
    """Title, page and headings on one line."""
    return _place(citation.document, citation.page, citation.page_label, citation.section)


def _place(document: DocumentRef, page: int | None, label: str | None, section: Sequence[str]) -> str:
    where = page_words(page, label, document.path)
    head = f"{document.title}, {where}" if where else document.title
    # A document's title is often its first heading too: once is enough.
    below = section[1:] if section and section[0] == document.title else section
    return _line(PATH.join([head, *(part for part in below if part)]))


def _line(text: str) -> str:
    """A text of a document on one line, harmless to a terminal."""
    return visible(" ".join(text.split()))


def shown_quote(quote: str, length: int = QUOTE_LENGTH) -> str:
    """A quote for reading: plain, harmless, cut."""
    return visible(cut(plain(quote), length))


def answer_to_text(answer: Answer) -> str:
    """An answer as on a terminal: how the question was understood, what it says, each citation with its words."""
    lines = [*understood_lines(answer), *said_lines(answer)]
    lines += citation_lines(answer.citations)
    return "\n".join([*lines, *choice_lines(answer)])


def understood_lines(answer: Answer) -> list[str]:
    """How the question was understood, where that is not as it was asked."""
    return [f"understood as: {_line(answer.resolved)}"] if answer.resolved not in ("", answer.question) else []


def said_lines(answer: Answer) -> list[str]:
    """What an answer says, and the calculation if its text does not show it."""
    lines = [visible(answer.answer)]
    if answer.calculation is not None and answer.calculation.expression not in answer.answer:
        lines.append(f"  {visible(calculation_words(answer.calculation))}")
    return lines


def choice_lines(answer: Answer) -> list[str]:
    """The questions that are offered, by number."""
    if not answer.suggestions:
        return []
    return ["You can ask:", *(f"  {n}  {_line(item)}" for n, item in enumerate(answer.suggestions, 1))]


def citation_lines(citations: Iterable[Citation]) -> list[str]:
    """Each citation with its place, and its words below."""
    lines = []
    for citation in citations:
        mark = f"[{citation.n}]"
        lines += [f"{mark} {place_of(citation)}", f'{" " * len(mark)} "{shown_quote(citation.quote)}"']
    return lines


def calculation_words(calculation: Calculation) -> str:
    """The expression with its result: "151000 * 12 = 1,812,000 USD per year"."""
    return f"{calculation.expression} = {amount(calculation.value, None, calculation.unit, calculation.per)}"


def amount(value: Decimal, value_high: Decimal | None = None, unit: str | None = None, per: str | None = None) -> str:
    """A normalised value: "151,000 USD per month", "78.9 to 81.2 %"; a date's year has no commas."""

    def written(part: Decimal) -> str:
        if part.is_finite() and abs(part.adjusted()) >= LARGEST_INTEGER:
            return f"{part:e}"
        exact = part.normalize() if part else Decimal(0)
        return f"{exact:f}" if unit == "date" else f"{exact:,f}"

    words = written(value) if value_high is None else f"{written(value)} to {written(value_high)}"
    words += f" {unit}" if unit and unit != "date" else ""
    return words + (f" per {per}" if per else "")


def figure_amount(figure: Figure) -> str:
    """The normalised value of a figure, with its comparator."""
    words = amount(figure.value, figure.value_high, figure.unit, figure.per)
    return f"{figure.comparator} {words}" if figure.comparator else words


def what(figure: Figure) -> str:
    """What a figure measures: the measure and the words of the text, once if they are the same."""
    measure, label = (figure.measure or "").replace("_", " "), figure.label
    if measure.casefold().rstrip("s") == label.casefold().rstrip("s"):
        return measure
    return ": ".join(part for part in (measure, label) if part)


def span_words(document: str, start: int, end: int) -> str:
    """A place as `show` takes it."""
    return f"{document}:{start}-{end}"


FIGURE_HEADER = ("value", "as printed", "what", "subject", "period", "page", "citation")
_FIGURE_WIDTHS = (28, 26, 40, 34, 12, 6, 0)


def _figure_row(figure: Figure) -> list[str]:
    page = figure.page_label or (str(figure.page) if figure.page is not None else "")
    printed = figure.printed or plain(figure.quote)
    return [
        figure_amount(figure),
        printed,
        what(figure),
        figure.subject,
        figure.period or figure.period_words or "",
        page,
        span_words(figure.document, figure.start, figure.end),
    ]


def figures_to_text(figures: Sequence[Figure]) -> str:
    """The figures as a table; long cells are cut, the other formats give them whole."""
    return table(FIGURE_HEADER, [_figure_row(figure) for figure in figures], _FIGURE_WIDTHS)


def figures_to_markdown(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    return markdown_table(FIGURE_HEADER, [_figure_row(figure) for figure in figures])


PERIODS_A_YEAR = {"year": Decimal(1), "month": Decimal(12), "week": Decimal(52), "day": Decimal(365)}
RANKING_HEADER = ("", "value", "a year", "as printed", "what", "subject", "source")
_RANKING_WIDTHS = (0, 28, 0, 26, 40, 60, 0)
_CITED = lazily(r"\[(\d+)\]")


def rates_differ(figures: Sequence[Figure]) -> bool:
    """Whether figures must be brought to one rate to be compared."""
    return len({figure.per for figure in figures}) > 1 and all(figure.per in PERIODS_A_YEAR for figure in figures)


def yearly(figure: Figure) -> str:
    """A rate brought to a year, with the arithmetic: "1,812,000 (151,000 * 12)"."""
    times = PERIODS_A_YEAR[figure.per or "year"]
    if times == 1:
        return amount(figure.value)
    return f"{amount(figure.value * times)} ({amount(figure.value)} * {times})"


def _ranking_rows(answer: Answer) -> list[list[str]]:
    differ = rates_differ([item.figure for item in answer.figures])
    return [
        [
            f"{place}.",
            figure_amount(item.figure),
            yearly(item.figure) if differ else "",
            item.figure.printed or plain(item.figure.quote),
            what(item.figure),
            item.figure.subject,
            f"[{item.citation}]" if item.citation else "",
        ]
        for place, item in enumerate(answer.figures, 1)
    ]


def _without_ranking(answer: Answer) -> Answer:
    """The answer without the lines that say of each figure what its row of the table says.

    What is not comparable and what is covered stays: those lines cite no figure of the table.
    """
    ranked = {cited.citation for cited in answer.figures}
    lines = [line.strip() for line in answer.answer.split("\n")]
    rest = "\n".join(line for line in lines if line and not ranked & {int(n) for n in _CITED.findall(line)})
    # The table shows the arithmetic of every row.
    return replace(answer, answer=rest, calculation=None)


def comparison_to_text(answer: Answer) -> str:
    """A comparison: the ranked figures, which subjects state none, and where the figures stand."""
    if not answer.figures:
        return answer_to_text(answer)
    rest = answer_to_text(_without_ranking(answer)).strip("\n")
    return f"{table(RANKING_HEADER, _ranking_rows(answer), _RANKING_WIDTHS)}\n\n{rest}"


def comparison_to_markdown(answer: Answer) -> str:
    """The same as Markdown."""
    if not answer.figures:
        return answer_to_markdown(answer)
    rest = answer_to_markdown(_without_ranking(answer)).strip("\n")
    return f"{markdown_table(RANKING_HEADER, _ranking_rows(answer))}\n\n{rest}"


def passages_to_text(found: Sequence[RankedPassage], documents: Mapping[str, DocumentRef]) -> str:
    """Passages by rank: where each stands, how to show it, and its words."""
    lines = []
    for rank, item in enumerate(found, 1):
        passage = item.passage
        document = documents.get(passage.document) or DocumentRef(passage.document, passage.document, "")
        place = _place(document, passage.page, passage.page_label, passage.section)
        lines += [
            f"{rank}. {place}",
            f"   {_line(span_words(passage.document, passage.start, passage.end))}  score {item.score:.3f}",
            f"   {visible(cut(' '.join(passage.text.split()), PASSAGE_LENGTH))}",
        ]
    return "\n".join(lines)


def passages_to_markdown(found: Sequence[RankedPassage], documents: Mapping[str, DocumentRef]) -> str:
    """The same as a numbered list."""
    lines = []
    for rank, item in enumerate(found, 1):
        passage = item.passage
        document = documents.get(passage.document) or DocumentRef(passage.document, passage.document, "")
        place = _place(document, passage.page, passage.page_label, passage.section)
        lines += [f"{rank}. {_markdown(place)}", "", f"   > {_markdown(visible(' '.join(passage.text.split())))}", ""]
    return "\n".join(lines).rstrip()


DOCUMENT_HEADER = ("id", "title", "path", "format", "language", "passages", "figures", "warnings")
_DOCUMENT_WIDTHS = (40, 50, 40, 0, 0, 0, 0, 0)


def _document_row(document: DocumentSummary) -> list[str]:
    return [
        *(document.id, document.title, document.path, document.format, document.language),
        *(str(document.passages), str(document.figures), str(len(document.warnings) or "")),
    ]


def documents_to_text(documents: Sequence[DocumentSummary]) -> str:
    """What is indexed, as a table."""
    return table(DOCUMENT_HEADER, [_document_row(item) for item in documents], _DOCUMENT_WIDTHS)


def documents_to_markdown(documents: Sequence[DocumentSummary]) -> str:
    """The same as a Markdown table."""
    return markdown_table(DOCUMENT_HEADER, [_document_row(item) for item in documents])


def findings_to_text(findings: Sequence[Finding]) -> str:
    """The results of the audit, each with its verdict and its citations."""
    blocks = []
    for finding in findings:
        head = f"{_line(finding.verdict)}: {visible(finding.text)}"
        blocks.append("\n".join([head, *(f"  {line}" for line in citation_lines(finding.citations))]))
    return "\n\n".join(blocks)


def findings_to_markdown(findings: Sequence[Finding]) -> str:
    """The same as a list."""
    lines = []
    for finding in findings:
        marks = {citation.n for citation in finding.citations}
        lines.append(f"- **{_markdown(_line(finding.verdict))}**: {_markdown(visible(finding.text), marks)}")
        lines += [f"  - {line}" for line in _citation_items(finding.citations)]
    return "\n".join(lines)


QUOTE_MARKS = ("▶", "◀")
"""Around the quote in its context: there is no colour in a file or a pipe."""


def shown_to_text(shown: Shown, source: str) -> str:
    """A place in a document: where it is, and the words in their context between ▶ and ◀."""
    place = _place(shown.document, shown.page, shown.page_label, shown.section)
    opening, closing = QUOTE_MARKS
    before, after = _context(shown)
    context = f"{before}{opening}{shown.quote}{closing}{after}"
    span = span_words(shown.document.id, shown.start, shown.end)
    return f"{place}\n{_line(span)}  {_line(source)}\n\n{visible(context.strip(chr(10)))}"


def _context(shown: Shown) -> tuple[str, str]:
    """What stands before and after a quote, cut between words; a document's own beginning is not marked as a cut."""
    before, after = shown.before, shown.after
    if shown.start > len(before) and (words := re.search(r"\s", before)):
        before = f"…{before[words.start() :]}"
    if after and (head := re.match(r"(?s).*(?=\s)", after)):
        after = f"{head[0]}…"
    return before, after


def shown_to_markdown(shown: Shown) -> str:
    """The same as Markdown."""
    place = _place(shown.document, shown.page, shown.page_label, shown.section)
    before, quote, after = (_markdown(visible(part)) for part in (_context(shown)[0], shown.quote, _context(shown)[1]))
    lines = f"{before}**{quote}**{after}"
    return "\n".join([_markdown(place), "", *(f"> {line}".rstrip() for line in lines.strip().split("\n"))])


# Markdown

_SPECIAL = lazily(r"([\\`*_{}\[\]<>|#~@&]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What begins markup; the last three make of a bare address a link, in many readers of Markdown."""
_ESCAPED_MARK = lazily(r"(?<!!)\\\[(\d+)\\\](?![(:])")
"""A mark, unless what stands beside it would make it a picture, a link, or the definition of where all marks lead."""


def _markdown(text: str, marks: Iterable[int] = ()) -> str:
    """A text in which nothing is markup, except the citation marks."""
    known = {str(mark) for mark in marks}
    return _ESCAPED_MARK.sub(
        lambda found: f"[{found[1]}]" if found[1] in known else found[0], _SPECIAL.sub(r"\\\1", text)
    )


def markdown_line(text: str) -> str:
    """A text on one line, in which nothing is markup."""
    return _markdown(_line(text))


def said_to_markdown(answer: Answer) -> str:
    """What an answer says, as Markdown: its marks stay, and nothing else in it is markup."""
    marks = {citation.n for citation in answer.citations}
    # Two blanks at the end keep a line break of the text.
    text = "  \n".join(_markdown(visible(line), marks) for line in answer.answer.split("\n"))
    if answer.calculation is None or answer.calculation.expression in answer.answer:
        return text
    return f"{text}\n\n`{visible(calculation_words(answer.calculation)).replace('`', '')}`"


def answer_to_markdown(answer: Answer) -> str:
    """An answer as Markdown: what it says, then its sources as a list with the quotes."""
    parts = [said_to_markdown(answer)]
    if answer.citations:
        parts.append("\n".join(f"- {line}" for line in _citation_items(answer.citations)))
    if answer.suggestions:
        parts.append("\n".join(["You can ask:", "", *(f"- {_markdown(_line(item))}" for item in answer.suggestions)]))
    return "\n\n".join(parts)


def _citation_items(citations: Iterable[Citation]) -> list[str]:
    return [f'[{item.n}] {_markdown(place_of(item))}: "{_markdown(shown_quote(item.quote))}"' for item in citations]


# Tables


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal: East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> str:
    """Columns set side by side; a cell longer than its width is cut (0: never), and an empty column is left out."""
    lines = [[_line(cell) for cell in row] for row in rows]
    cells = [[cut(cell, most) if most else cell for cell, most in zip(row, widths, strict=True)] for row in lines]
    used = [column for column in range(len(header)) if any(row[column] for row in cells)]
    shown = [[row[column] for column in used] for row in [list(header), *cells]]
    broad = [max(width_of(row[column]) for row in shown) for column in range(len(used))]
    return "\n".join(
        "  ".join(cell + " " * (most - width_of(cell)) for cell, most in zip(row, broad, strict=True)).rstrip()
        for row in shown
    )


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; nothing in its cells is markup."""
    lines = [header, ["---"] * len(header), *([_markdown(_line(cell)) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# CSV

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_cell(value: Cell) -> Cell:
    """A cell as a spreadsheet may be given it: a text that it would take for a formula begins with an apostrophe."""
    if not isinstance(value, str):
        return value
    starts = value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA)
    return f"'{value}" if starts else value


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """CSV with a header line; missing values are empty."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return target.getvalue().rstrip("\n")


def records_to_csv(records: Sequence[Json], columns: Sequence[str]) -> str:
    """JSON records as CSV. Lists are joined, section paths as paths."""

    def cell(record: Json, column: str) -> Cell:
        value = record[column]
        if isinstance(value, list):
            return (PATH if column == "section" else " | ").join(str(item) for item in value)
        return value if isinstance(value, str | int | float) or value is None else str(value)

    return to_csv(columns, ([cell(record, column) for column in columns] for record in records))


FIGURE_COLUMNS = (
    *("id", "document", "subject", "section", "measure", "label", "value", "value_high", "unit", "per", "period"),
    *("period_words", "comparator", "role", "parent", "beneficiary", "footnotes", "printed", "quote", "page"),
    *("page_label", "start", "end", "doubt"),
)
DOCUMENT_COLUMNS = (
    *("id", "title", "path", "sha256", "format", "language", "passages", "figures", "numbers_seen", "warnings"),
)


def figures_to_csv(figures: Sequence[Figure]) -> str:
    """The figures as CSV, one a row."""
    return records_to_csv([figure_to_json(figure) for figure in figures], FIGURE_COLUMNS)


def documents_to_csv(documents: Sequence[DocumentSummary]) -> str:
    """The documents as CSV, one a row."""
    return records_to_csv([document_to_json(item) for item in documents], DOCUMENT_COLUMNS)


# Charts


def chart(answer: Answer, title: str) -> tuple[Json, list[str]]:
    """A comparison as a Vega-Lite bar chart, and the subjects that are left out because their unit is another.

    Rates are brought to a year if they differ. The unit of most figures is charted.
    """
    figures = [item.figure for item in answer.figures]
    if not figures:
        return {}, []
    units = [(figure.unit, figure.per is None) for figure in figures]
    unit, at_once = max(dict.fromkeys(units), key=units.count)
    charted = [figure for figure in figures if (figure.unit, figure.per is None) == (unit, at_once)]
    left_out = [figure.subject for figure in figures if figure not in charted]
    rates = {figure.per for figure in charted}
    per = "year" if len(rates) > 1 else next(iter(rates))

    def times(figure: Figure) -> Decimal:
        return PERIODS_A_YEAR.get(figure.per or "", Decimal(1)) if len(rates) > 1 else Decimal(1)

    values = [
        {
            "subject": _chart_words(figure.subject or figure.label),
            "value": float(figure.value * times(figure)),
            "printed": _chart_words(figure.printed),
        }
        for figure in charted
    ]
    axis = " ".join(part for part in (unit or "", f"per {per}" if per else "") if part) or "value"
    spec: Json = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": _chart_words(title),
        "width": 600,
        "data": {"values": values},
        "encoding": {
            "y": {"field": "subject", "type": "nominal", "sort": "-x", "title": None, "axis": {"labelLimit": 320}},
            "x": {"field": "value", "type": "quantitative", "title": _chart_words(axis)},
            "tooltip": [{"field": "subject"}, {"field": "printed"}],
        },
        "layer": [
            {"mark": "bar"},
            {"mark": {"type": "text", "align": "left", "dx": 3}, "encoding": {"text": {"field": "printed"}}},
        ],
    }
    return spec, left_out


def _chart_words(text: str) -> str:
    """Words for a chart. It may become a web page, in which a document's "</script>" must not end ours."""
    return _line(plain(text)).replace("<", "‹").replace(">", "›")


# Reports


def report_to_json(
    outcomes: Sequence[Outcome], counts: Counts, *, generation: str | None, written: bool, seconds: float
) -> Json:
    """What an ingest did: every file with what became of it, and the sums; "numbers" are those of these files."""
    files = Counter(outcome.status.value for outcome in outcomes)
    skipped = Counter[str]()
    for outcome in outcomes:
        skipped.update(outcome.skipped)
    return {
        "files": dict(sorted(files.items())),
        "numbers": {
            "seen": sum(outcome.numbers_seen for outcome in outcomes),
            "figures": sum(outcome.figures for outcome in outcomes),
            "skipped": dict(sorted(skipped.items())),
        },
        "index": {
            "generation": generation,
            "written": written,
            "documents": counts.documents,
            "passages": counts.passages,
            "figures": counts.figures,
        },
        "seconds": round(seconds, 3),
        "outcomes": [
            {
                "path": outcome.path,
                "status": outcome.status.value,
                "reason": outcome.reason,
                "detail": outcome.detail,
                "document": outcome.document,
                "passages": outcome.passages,
                "figures": outcome.figures,
                "numbers_seen": outcome.numbers_seen,
                "skipped": dict(outcome.skipped),
                "warnings": list(outcome.warnings),
            }
            for outcome in outcomes
        ],
    }


def report_to_text(report: Json, home: str) -> str:
    """The same for reading: a line for every file that was not read as it should be, then the sums.

    Files that failed are left to the error output.
    """
    lines = []
    for outcome in report["outcomes"]:
        if outcome["status"] not in ("read", "unchanged", "failed"):
            reason = ": ".join(part for part in (outcome["reason"], outcome["detail"]) if part)
            lines.append(f"{outcome['status']} {outcome['path']}" + (f": {reason}" if reason else ""))
        lines += [f"warning {outcome['path']}: {warning}" for warning in outcome["warnings"]]
    index, numbers = report["index"], report["numbers"]
    lines.append(f"files: {_counted(report['files']) or 'none'}")
    if numbers["seen"]:
        passed = f"; the others: {_counted(numbers['skipped'])}" if numbers["skipped"] else ""
        lines.append(f"numbers: {numbers['seen']:,} seen, {numbers['figures']:,} figures{passed}")
    if index["generation"]:
        state = f"{index['documents']:,} documents, {index['passages']:,} passages, {index['figures']:,} figures"
        lines.append(f"index: {state}, in {home}" + ("" if index["written"] else " (nothing changed)"))
    return "\n".join(_line(line) for line in lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def doubted_place(item: Json) -> str:
    """The document and page of something."""
    return f"{item['document']}, p. {item['page']}" if item["page"] else str(item["document"])


def doubts_to_text(report: Json) -> str:
    """What `doctor` doubts, by why: how many figures, and the first of them."""
    by_doubt: dict[str, list[Json]] = {}
    for item in report.get("doubts", []):
        by_doubt.setdefault(item["doubt"], []).append(item)
    lines = []
    for doubt, items in sorted(by_doubt.items(), key=lambda pair: -len(pair[1])):
        places = (f"{item['printed']} ({doubted_place(item)})" for item in items[:FEW])
        more = ", ..." if len(items) > FEW else ""
        lines.append(_line(f"  {doubt}: {len(items):,}: {', '.join(places)}{more}"))
    return "\n".join(lines)


def fields_to_text(record: Json) -> str:
    """A record as lines "name: value"; of a list, its length."""
    lines = []
    for name, value in record.items():
        words = f"{len(value):,}" if isinstance(value, list) else f"{value:,}" if isinstance(value, int) else str(value)
        lines.append(_line(f"{name.replace('_', ' ')}: {words}"))
    return "\n".join(lines)
