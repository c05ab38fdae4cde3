"""factdesk: answers questions over a folder of documents, each number traced to its source.

    from factdesk import Desk
    with Desk.open() as desk:
        print(desk.ask("What did the service centre cost a month?").answer)

Names are imported when they are first used: `import factdesk` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from factdesk.corpus.errors import FactdeskError
    from factdesk.corpus.records import Answer, Citation, Figure, Passage
    from factdesk.qa.conversation import Conversation
    from factdesk.qa.desk import Desk

    __version__: str

__all__ = ["Answer", "Citation", "Conversation", "Desk", "FactdeskError", "Figure", "Passage", "__version__"]

_HOMES = {
    "Answer": "factdesk.corpus.records",
    "Citation": "factdesk.corpus.records",
    "Conversation": "factdesk.qa.conversation",
    "Desk": "factdesk.qa.desk",
    "FactdeskError": "factdesk.corpus.errors",
    "Figure": "factdesk.corpus.records",
    "Passage": "factdesk.corpus.records",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("factdesk")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
