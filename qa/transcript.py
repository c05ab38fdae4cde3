"""Kept conversations as people and programs are shown them. Pure functions as in `format`, and one that writes a file.

An exchange is shown as its question and its answer, and the answer as `ask` shows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from factdesk.corpus.errors import UsageError
from factdesk.qa.format import answer_to_markdown, answer_to_text, markdown_line, markdown_table, table, visible
from factdesk.qa.history import Entry, Exchange, Json, Kept
from factdesk.qa.reread import answer_from_json

LISTED = ("id", "last", "turns", "first question")
_WIDTHS = (0, 0, 0, 80)
STYLES = {".json": "json", ".jsonl": "jsonl"}
"""What a file's suffix says about how it is to be written; any other is Markdown."""


def entry_to_json(entry: Entry) -> Json:
    """A conversation as it is listed."""
    return {
        "id": entry.id,
        "started": entry.started,
        "updated": entry.updated,
        "turns": entry.turns,
        "question": entry.question,
    }


def _row(entry: Entry) -> list[str]:
    return [entry.id, entry.updated, str(entry.turns), entry.question]


def entries_to_text(entries: Iterable[Entry]) -> str:
    """The list as a table."""
    return table(LISTED, [_row(entry) for entry in entries], _WIDTHS)


def entries_to_markdown(entries: Iterable[Entry]) -> str:
    """The list as a Markdown table."""
    return markdown_table(LISTED, [_row(entry) for entry in entries])


def exchange_to_json(exchange: Exchange) -> Json:
    """A question, when it was asked, and the answer object of the contract."""
    return {
        "number": exchange.number,
        "asked": exchange.asked,
        "question": exchange.turn.question,
        "answer": exchange.answer,
    }


def kept_to_json(kept: Kept) -> Json:
    """A conversation whole; its id is null if it is kept nowhere."""
    turns = [exchange_to_json(exchange) for exchange in kept.exchanges]
    return {"id": kept.id or None, "started": kept.started, "updated": kept.updated, "turns": turns}


def kept_to_text(kept: Kept) -> str:
    """A conversation for reading: "> " before each question, the answers as `ask` prints them."""
    parts = (
        f"> {visible(exchange.turn.question)}\n{answer_to_text(answer_from_json(exchange.answer))}"
        for exchange in kept.exchanges
    )
    return "\n\n".join([f"conversation {kept.id}, {kept.started}", *parts])


def kept_to_markdown(kept: Kept) -> str:
    """A conversation as a Markdown document: questions as headings, each with its time and its answer."""
    parts = (
        part
        for exchange in kept.exchanges
        for part in (
            f"## {exchange.number}. {markdown_line(exchange.turn.question)}",
            f"Asked {exchange.asked}.",
            answer_to_markdown(answer_from_json(exchange.answer)),
        )
    )
    return "\n\n".join([f"# Conversation {kept.id}".rstrip(), *parts])


def kept_as(style: str, kept: Kept, *, ascii_only: bool = False) -> str:
    """A conversation as "text", "md", "json" (one object) or "jsonl" (an exchange a line)."""
    if style == "json":
        return json.dumps(kept_to_json(kept), ensure_ascii=ascii_only, indent=2)
    if style == "jsonl":
        return "\n".join(json.dumps(exchange_to_json(item), ensure_ascii=ascii_only) for item in kept.exchanges)
    return kept_to_markdown(kept) if style == "md" else kept_to_text(kept)


def style_of(file: Path) -> str:
    """What a file's name says about how a conversation is to be written into it; Markdown if it says nothing."""
    return STYLES.get(file.suffix.lower(), "md")


def export(kept: Kept, file: Path, style: str) -> None:
    """Write a conversation into a file that is not there yet. Raises UsageError if it is, or cannot be written."""
    write_new(file, kept_as(style, kept))


def write_new(file: Path, text: str) -> None:
    """Write lines into a file that is not there yet. Raises UsageError if it is, or cannot be written."""
    shown = visible(str(file))
    try:
        with file.open("x", encoding="utf-8", newline="\n") as target:
            target.write(f"{text}\n")
    except FileExistsError as error:
        raise UsageError(f"{shown} is there already", hint="choose another name, or remove it first") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise UsageError(f"{shown} cannot be written: {reason}", hint="choose another place") from error
