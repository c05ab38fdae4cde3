"""Regular expressions that are compiled when they are first used.

A question meets a few of the hundreds there are, and compiling one takes longer than searching by it: compiled as
their modules are imported, they would be a seventh of the time of a command that asks one question.
"""

from __future__ import annotations

import re
from typing import Any, TypeGuard, cast


def lazily(pattern: str, flags: int | re.RegexFlag = 0) -> re.Pattern[str]:
    """As `re.compile`, at the first use: that a pattern is none is told then, and so it must not come from a user."""
    return cast("re.Pattern[str]", _Uncompiled(pattern, flags))


def is_pattern(value: object) -> TypeGuard[re.Pattern[str]]:
    """Whether a value is a pattern, of `lazily` or of `re.compile`."""
    return isinstance(value, (re.Pattern, _Uncompiled))


class _Uncompiled:
    """Has whatever the compiled pattern has. For `re.search` and the like it is no pattern: call its own methods."""

    def __init__(self, pattern: str, flags: int | re.RegexFlag) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        # Kept, so that Python finds it at once from then on: a search costs no more than that of a compiled pattern.
        found = self.__dict__[name] = getattr(self._compiled(), name)
        return found

    def _compiled(self) -> re.Pattern[str]:
        known: re.Pattern[str] | None = self.__dict__.get("_made")
        if known is None:
            known = self.__dict__["_made"] = re.compile(*self._given)
        return known
