"""Bytes become text as they were meant, or are refused; a guess is said aloud."""

from __future__ import annotations

import codecs

import pytest

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest.decoding import clean, decode

TEXT = "Café “5” €\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),  # begins with the mark of UTF-16 too
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
)
def test_unicode_is_read_with_and_without_its_mark(data: bytes) -> None:
    assert decode(data, "a.txt") == (TEXT, ())


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_all_line_ends_become_one(ends: bytes) -> None:
    assert decode(b"one" + ends + b"two" + ends, "a.txt") == ("one\ntwo\n", ())


def test_an_older_encoding_is_guessed_and_the_guess_is_told() -> None:
    written = "The café charges €5 – “a bargain”, says the señor, who paid £4 for crème brûlée in São Paulo.\n" * 5
    text, warnings = decode(written.encode("cp1252"), "a.txt")
    assert "café charges" in text and "São Paulo" in text
    assert [warning.split(":")[0] for warning in warnings] == [Reason.ENCODING_GUESSED]


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02\x03" * 50,
        b"PK\x03\x04" + b"\x00\x08\x07\x06" * 60,
        b"\x7fELF" + b"\x00" * 300,
    ],
)
def test_a_binary_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        decode(data, "picture.txt")
    assert (caught.value.reason, caught.value.path) == (Reason.BINARY, "picture.txt")


def test_a_stray_nul_is_dropped() -> None:
    assert decode(b"one" * 100 + b"\x00two", "a.txt") == ("one" * 100 + "two", ())


def test_a_lone_surrogate_is_dropped() -> None:
    assert clean("a\ud800b\udfff") == "ab"


def test_a_damaged_byte_does_not_make_mojibake_of_the_rest() -> None:
    text, warnings = decode("São Paulo, £5, ação, maçã, café, órgão ".encode() * 3 + b"\xe2\x82 end", "a.txt")
    assert text.startswith("São Paulo, £5") and text.endswith("\ufffd end")
    assert warnings == (f"{Reason.ENCODING_GUESSED}: read as utf-8",)
