"""The tokens of a model, counted without the model: passages are cut by them where documents are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from factdesk.corpus.errors import ModelError

TOKENIZER = "tokenizer.json"
"""The file of a model that says how it parts a text into tokens."""
REINSTALL = "reinstall factdesk with its dependencies, or name another model in FACTDESK_MODEL"


def load_tokenizer(path: Path) -> Any:
    """The tokenizer of a file. Raises ModelError if it is missing or no such file."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_str(path.read_text("utf-8"))
    except Exception as error:  # the library raises bare Exceptions
        raise ModelError(f"the model's {path.name} is missing or cannot be read", hint=REINSTALL) from error


def counter(tokenizer: Any) -> Callable[[str], int]:
    """A function that counts the tokens of a text, however long; the marks at its start and end are not counted."""
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    return count
