"""The lines that a chat takes from a pipe."""

from __future__ import annotations

import pytest

from factdesk.chat.lines import Asked, asked_in
from factdesk.corpus.errors import UsageError


@pytest.mark.parametrize(
    "line, asked",
    [
        (b"What?\n", Asked("What?", {})),
        (b"\xef\xbb\xbfWhat?\r\n", Asked("What?", {})),
        (b'"What?"', Asked('"What?"', {})),
        (b'{"question": "What?"}', Asked("What?", {"question": "What?"})),
        (b' {"id": 7, "question": "Wh\\u001bat?"}', Asked("Wh at?", {"id": 7, "question": "Wh\x1bat?"})),
        (b"/clear", Asked("/clear", {})),
    ],
)
def test_a_line_is_a_question_or_an_object_with_one(line: bytes, asked: Asked) -> None:
    assert asked_in(line) == asked


@pytest.mark.parametrize(
    "line, said",
    [
        (b"\xff", "not in UTF-8"),
        (b"{What?", "begins as JSON and is none"),
        (b'{"question": "What?", "id": NaN}', "begins as JSON and is none"),
        (b'{"a":' * 99999, "begins as JSON and is none"),
        (b"{}", "no question"),
        (b'{"question": ["What?"]}', "no question"),
        (b'{"question": "What?", "history": []}', "a chat has its own history"),
    ],
)
def test_any_other_line_is_refused_with_a_hint(line: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        asked_in(line)
    assert raised.value.hint
