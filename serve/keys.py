"""Keys: who may use the service, for what, and from which sites.

    <home>/keys.json    for its owner's eyes: mode 0600. Of a key there is only its SHA-256.

1. A key is 256 random bits, shown once, when it is made. That much chance needs no slow hash.
2. A key for a site (with origins) is public, for it stands in the site's pages: it may ask, from there, and no more.
3. The file is replaced in one step; a service sees the change within a second.
4. A file that cannot be read lets nobody in.
5. Where there is the file, keys are needed: to take the last one back shuts the service, it does not open it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import filelock

from factdesk.corpus.errors import HomeNotWritable, KeysUnusable, UsageError
from factdesk.qa.history import now
from factdesk.serve.settings import checked_origin

FILE = "keys.json"
LOCK = "keys.lock"
MODE = 0o600
SECRET, PUBLIC = "fd_", "pk_"
"""How keys begin; the second kind is for pages of other sites."""
LONGEST = 128
"""Characters of a key that is looked at: ours have 46."""
MOST_NAME = 80
_DIGEST = re.compile("[0-9a-f]{64}")


class Scope(StrEnum):
    """What a key is good for."""

    ASK = "ask"
    """Questions, the sources of answers, feedback."""
    READ = "read"
    """The library itself: search, figures, comparisons, the list of documents."""
    ADMIN = "admin"
    """All that, the queue of unanswered questions, and the metrics."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `origins` is empty for a secret key."""

    id: str
    name: str
    digest: str
    scopes: tuple[Scope, ...]
    origins: tuple[str, ...]
    created: str

    def allows(self, scopes: Iterable[Scope]) -> bool:
        """Whether it is good for one of them."""
        return Scope.ADMIN in self.scopes or any(scope in self.scopes for scope in scopes)


def _checked(digest: str) -> str:
    """A digest of ours. Raises ValueError for another: it could not even be compared."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("no digest")
    return digest


def digest_of(token: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Keys:
    """The keys of a home. Methods raise KeysUnusable if the file cannot be read, HomeNotWritable if not written."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()
        self._needed = False

    @property
    def needed(self) -> bool:
        """Whether there is the file, or was since this began to look: what is deleted by mistake opens nothing."""
        self.all()
        return self._needed

    def all(self) -> tuple[Key, ...]:
        """Every key; the file is read again only if it is another."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        except OSError as error:
            raise self._unusable(error.strerror or "it cannot be read") from error
        self._needed = True
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            # Not before it is read: a file that cannot be must not pass for the one before it.
            self._keys = self._load()
            self._seen = seen
        return self._keys

    def origins(self) -> frozenset[str]:
        """The sites that have a key; none where the file cannot be read."""
        with suppress(KeysUnusable):
            return frozenset(origin for key in self.all() for origin in key.origins)
        return frozenset()

    def find(self, token: str) -> Key | None:
        """The key of a token; None if there is none. Takes as long for any token."""
        if not token or len(token) > LONGEST:
            return None
        digest = digest_of(token)
        found = None
        for key in self.all():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def create(self, name: str, scopes: Sequence[Scope], origins: Sequence[str] = ()) -> tuple[Key, str]:
        """A new key, and its token, which cannot be had again.

        Raises UsageError for an origin that is none, and for a key of a site that may do more than ask.
        """
        allowed = tuple(checked_origin(origin) for origin in origins)
        if allowed and set(scopes) != {Scope.ASK}:
            raise UsageError("a key with origins stands in a page for all to read", hint="give it the scope ask alone")
        if not scopes:
            raise UsageError("a key without a scope is good for nothing", hint="name one: ask, read or admin")
        if len(name) > MOST_NAME or not name.isprintable():
            raise UsageError(f"a name has at most {MOST_NAME} printable characters", hint="choose another")
        token = (PUBLIC if allowed else SECRET) + secrets.token_urlsafe(32)
        key = Key(secrets.token_hex(4), name, digest_of(token), tuple(scopes), allowed, now())
        with self._alone():
            self._save((*self._fresh(), key))
        return key, token

    def revoke(self, identity: str) -> Key:
        """Take a key back. Raises UsageError if there is none of that id."""
        with self._alone():
            keys = self._fresh()
            found = next((key for key in keys if key.id == identity), None)
            if found is None:
                raise UsageError(f"there is no key {identity}", hint="run: factdesk keys")
            self._save(tuple(key for key in keys if key is not found))
        return found

    def _fresh(self) -> tuple[Key, ...]:
        return self._load() if self.path.exists() else ()

    def _alone(self) -> filelock.BaseFileLock:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._not_written(error) from error
        return filelock.FileLock(self.path.parent / LOCK, timeout=5)

    def _load(self) -> tuple[Key, ...]:
        try:
            raw = json.loads(self.path.read_bytes())
            return tuple(
                Key(
                    id=str(item["id"]),
                    name=str(item["name"]),
                    digest=_checked(item["digest"]),
                    scopes=tuple(Scope(scope) for scope in item["scopes"]),
                    origins=tuple(str(origin) for origin in item["origins"]),
                    created=str(item["created"]),
                )
                for item in raw["keys"]
            )
        except OSError as error:
            raise self._unusable(error.strerror or "it cannot be read") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._unusable("it is not what was written") from error

    def _save(self, keys: tuple[Key, ...]) -> None:
        data = json.dumps({"keys": [asdict(key) for key in keys]}, indent=1).encode("ascii") + b"\n"
        temporary = self.path.with_suffix(".tmp")
        try:
            with suppress(FileNotFoundError):
                temporary.unlink()
            # Made anew and for the owner alone, before anything is in it.
            with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise self._not_written(error) from error

    def _unusable(self, detail: str) -> KeysUnusable:
        return KeysUnusable(f"{FILE}, the keys of the service, cannot be used: {detail}", hint=f"mend {self.path}")

    def _not_written(self, error: OSError) -> HomeNotWritable:
        return HomeNotWritable(f"{FILE} cannot be written: {error.strerror}", hint="choose another folder with --home")
