"""Kept questions and ratings as people and programs are shown them. Pure functions, as in `qa.format`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from factdesk.qa.format import fields_to_text, markdown_table, table, to_csv, visible
from factdesk.serve.queue import Expectation, Feedback, Group

Json = dict[str, Any]

GROUP_COLUMNS = (
    *(
        "id",
        "state",
        "count",
        "first_seen",
        "last_seen",
        "question",
        "reason",
        "wordings",
        "resolved",
        "answer",
        "note",
    ),
    *("value", "unit", "per", "text", "document", "quote"),
)
FEEDBACK_COLUMNS = (
    *("id", "given", "rating", "rater", "question", "answer_id", "answer", "abstained", "reason", "correction"),
)
_GROUP_HEADER = ("id", "state", "asked", "last", "why", "question")
_GROUP_WIDTHS = (0, 0, 0, 0, 20, 80)
_FEEDBACK_HEADER = ("id", "given", "rating", "by", "question", "reason", "correction")
_FEEDBACK_WIDTHS = (0, 0, 0, 20, 60, 40, 40)


def expectation_to_json(expectation: Expectation) -> Json:
    """What a right answer must have."""
    return {
        "value": expectation.value,
        "unit": expectation.unit or None,
        "per": expectation.per or None,
        "text": list(expectation.text),
        "document": expectation.document or None,
        "quote": expectation.quote or None,
    }


def group_to_json(group: Group) -> Json:
    """A group with its wordings."""
    return {
        "id": group.id,
        "question": group.question,
        "state": group.state.value,
        "reason": group.reason or None,
        "count": group.count,
        "first_seen": group.first_seen,
        "last_seen": group.last_seen,
        "wordings": [
            {"question": item.text, "resolved": item.resolved, "count": item.count, "last_seen": item.last_seen}
            for item in group.wordings
        ],
        "resolved": group.resolved or None,
        "answer": group.answer or None,
        "note": group.note or None,
        "expectation": expectation_to_json(group.expectation) if group.expectation else None,
    }


def _group_row(group: Group) -> list[str]:
    return [group.id, group.state.value, str(group.count), group.last_seen, group.reason, group.question]


def groups_to_text(groups: Iterable[Group]) -> str:
    """The groups as a table."""
    return table(_GROUP_HEADER, [_group_row(group) for group in groups], _GROUP_WIDTHS)


def groups_to_markdown(groups: Iterable[Group]) -> str:
    """The same as a Markdown table."""
    return markdown_table(_GROUP_HEADER, [_group_row(group) for group in groups])


def groups_to_csv(groups: Iterable[Group]) -> str:
    """The groups as CSV, one a row; wordings and words of the answer are joined."""
    rows = []
    for group in groups:
        record = group_to_json(group)
        record |= expectation_to_json(group.expectation)
        record["wordings"] = " | ".join(item.text for item in group.wordings)
        record["text"] = " | ".join(group.expectation.text)
        rows.append([record[column] for column in GROUP_COLUMNS])
    return to_csv(GROUP_COLUMNS, rows)


def group_to_text(group: Group) -> str:
    """A group for reading: what is known of it, then its wordings with how often each was asked."""
    record = {name: value for name, value in group_to_json(group).items() if value is not None}
    expectation = {name: value for name, value in (record.pop("expectation", None) or {}).items() if value}
    del record["wordings"]
    lines = [fields_to_text(record)]
    lines += [visible(f"expected {name}: {_words(value)}") for name, value in expectation.items()]
    lines += ["", "asked as:", *(f"  {item.count:,}x  {visible(item.text)}" for item in group.wordings)]
    return "\n".join(lines)


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value).split())


def feedback_to_json(feedback: Feedback) -> Json:
    """A rating with the answer that it is of."""
    return {
        "id": feedback.id,
        "answer_id": feedback.answer_id,
        "rater": feedback.rater or None,
        "rating": feedback.rating.value,
        "given": feedback.given,
        "question": feedback.question,
        "reason": feedback.reason or None,
        "correction": feedback.correction or None,
        "answer": feedback.answer,
    }


def _feedback_row(item: Feedback) -> list[str]:
    return [item.id, item.given, item.rating.value, item.rater, item.question, item.reason, item.correction]


def feedback_to_text(found: Iterable[Feedback]) -> str:
    """The ratings as a table."""
    return table(_FEEDBACK_HEADER, [_feedback_row(item) for item in found], _FEEDBACK_WIDTHS)


def feedback_to_markdown(found: Iterable[Feedback]) -> str:
    """The same as a Markdown table."""
    return markdown_table(_FEEDBACK_HEADER, [_feedback_row(item) for item in found])


def feedback_to_csv(found: Iterable[Feedback]) -> str:
    """The ratings as CSV, one a row; of the answer its text."""
    rows = []
    for item in found:
        record = feedback_to_json(item)
        record["abstained"] = "yes" if item.answer.get("abstained") else "no"
        record["answer"] = str(item.answer.get("answer") or "")
        rows.append([record[column] for column in FEEDBACK_COLUMNS])
    return to_csv(FEEDBACK_COLUMNS, rows)
