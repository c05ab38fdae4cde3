"""Hostile Office files, books and pages: each is refused for its own reason, soon, and without much memory."""

from __future__ import annotations

import io
import resource
import time
import zipfile

import pytest

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest.readers import read
from factdesk.tests.hostile_office import HARMLESS, HOSTILE, Hostile, docx_bomb

SECONDS = 20.0
"""Far more than any of them takes, on a machine that does much else."""
MEGABYTES = 700
"""By which memory may grow over all of them: the largest of their bytes are 50 MB."""


def grown() -> int:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_each_is_refused_for_its_reason_and_soon(hostile: Hostile) -> None:
    data = hostile.make()
    before, began = grown(), time.monotonic()
    with pytest.raises(InputError) as refused:
        read(data, hostile.name)
    assert (refused.value.reason, refused.value.path) == (hostile.reason, hostile.name)
    assert refused.value.hint
    assert time.monotonic() - began < SECONDS
    assert grown() - before < MEGABYTES


@pytest.mark.parametrize("name, make, word", HARMLESS, ids=[name for name, _, _ in HARMLESS])
def test_what_only_looks_like_harm_is_read(name: str, make: object, word: str) -> None:
    assert callable(make)
    began = time.monotonic()
    reading = read(make(), name)
    assert any(word in block.text for block in reading.blocks)
    assert time.monotonic() - began < SECONDS


def test_a_bomb_is_told_by_its_directory() -> None:
    data = docx_bomb()
    assert len(data) < 2_000_000
    began = time.monotonic()
    with pytest.raises(InputError) as refused:
        read(data, "bomb.docx")
    assert refused.value.reason is Reason.TOO_BIG
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("hostile", [h for h in HOSTILE if h.reason is Reason.PASSWORD_NEEDED], ids=str)
def test_a_password_is_told_apart_from_damage(hostile: Hostile) -> None:
    with pytest.raises(InputError, match="password"):
        read(hostile.make(), hostile.name)


def test_a_directory_that_lies_about_a_size_is_damage_and_costs_no_more_than_it_says() -> None:
    from factdesk.tests.office_files import docx, p

    data = bytearray(docx(p("It cost 5. " * 2_000)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("word/document.xml").file_size
    said = size.to_bytes(4, "little")
    data = bytearray(bytes(data).replace(said, (100).to_bytes(4, "little")))
    with pytest.raises(InputError) as refused:
        read(bytes(data), "liar.docx")
    assert refused.value.reason is Reason.DAMAGED
