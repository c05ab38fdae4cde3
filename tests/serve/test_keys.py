"""Keys: made once, kept as checksums, good for what they are good for."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from factdesk.corpus.errors import KeysUnusable, UsageError
from factdesk.serve.guard import NEEDED, PUBLIC, needed
from factdesk.serve.keys import Keys, Scope
from factdesk.tests.conftest import Ran


def test_a_key_is_found_by_its_token_and_kept_without_it(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    key, token = keys.create("help desk", [Scope.ASK, Scope.READ])
    assert keys.find(token) == key
    assert token.encode() not in keys.path.read_bytes()
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert [keys.find(other) for other in ("", token[:-1], token.upper(), token + "x", "x" * 100_000)] == [None] * 5


def test_a_service_sees_what_another_process_does_to_keys(tmp_path: Path) -> None:
    service, command = Keys(tmp_path), Keys(tmp_path)
    assert service.all() == ()
    key, token = command.create("one", [Scope.ASK])
    assert service.find(token) == key
    command.revoke(key.id)
    assert service.find(token) is None


def test_a_key_of_a_site_may_only_ask(tmp_path: Path) -> None:
    key, token = Keys(tmp_path).create("intranet", [Scope.ASK], ["https://intranet.example.org"])
    assert (token[:3], key.origins) == ("pk_", ("https://intranet.example.org",))
    with pytest.raises(UsageError, match="stands in a page"):
        Keys(tmp_path).create("intranet", [Scope.READ], ["https://intranet.example.org"])


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "intranet.example.org", "ftp://a.example", "https://*.example", "https://a.example."),
        *("https://a.example/path", "https://a.example:443", "https://u@a.example", "https://a.example:x"),
    ],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UsageError, match="is no origin"):
        Keys(tmp_path).create("x", [Scope.ASK], [origin])


@pytest.mark.parametrize("content", ["", "[]", "{", '{"keys": [{"id": 1}]}', '{"keys": 5}', "[" * 100_000])
def test_a_file_that_is_damaged_lets_nobody_in(tmp_path: Path, content: str) -> None:
    keys = Keys(tmp_path)
    _, token = keys.create("x", [Scope.ADMIN])
    assert keys.find(token)
    keys.path.write_text(content, "ascii")
    for _ in range(2):
        with pytest.raises(KeysUnusable):
            keys.find(token)


def test_admin_is_good_for_everything_and_the_others_for_their_own(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    ask, _ = keys.create("a", [Scope.ASK])
    admin, _ = keys.create("b", [Scope.ADMIN])
    for path, scopes in NEEDED:
        assert admin.allows(scopes)
        assert ask.allows(scopes) == (Scope.ASK in scopes), path
    assert needed("/v1/anything") == frozenset(Scope)
    assert all(needed(path) is None for path in PUBLIC)


def test_the_command_makes_lists_and_revokes(invoke: Callable[..., Ran], tmp_path: Path) -> None:
    made = invoke("keys", "create", "help desk", "--home", tmp_path)
    assert (made.status, made.out[:3]) == (0, "fd_")
    identity = json.loads((tmp_path / "keys.json").read_bytes())["keys"][0]["id"]
    assert identity in made.complaint
    listed = invoke("keys", "--home", tmp_path, "--format", "json").json
    assert [(item["id"], item["name"], item["scopes"]) for item in listed] == [(identity, "help desk", ["ask", "read"])]
    assert "digest" not in listed[0]
    assert invoke("keys", "revoke", identity, "--home", tmp_path).out == f"revoked {identity}, help desk\n"
    again = invoke("keys", "revoke", identity, "--home", tmp_path)
    assert (again.status, again.complaint) == (2, f"factdesk: there is no key {identity}; run: factdesk keys")
