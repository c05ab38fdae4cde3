"""Archives and file kinds: what the directory says, and what the content says against the name."""

from __future__ import annotations

import io
import zipfile

import pytest

from factdesk.corpus.errors import InputError, Reason
from factdesk.ingest import archives
from factdesk.ingest.readers import read
from factdesk.tests.hostile_office import xlsx
from factdesk.tests.office_files import docx, epub, p, packed

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 4
PAGE = b"<!DOCTYPE html><html><body><p>It cost 5.</p></body></html>"
SHEET = xlsx('<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>It cost 5.</t></is></c></row></sheetData>')
ZIP = packed({"a.txt": "It cost 5."})


def refusal(data: bytes, name: str = "a.docx") -> tuple[Reason, str]:
    with pytest.raises(InputError) as refused:
        archives.open_archive(data, name)
    return refused.value.reason, str(refused.value)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PAGE, "a.docx"),
        (PAGE, "a.txt"),
        (PAGE, "a.md"),
        (b"\xef\xbb\xbf <!-- x -->\n<HTML><p>It cost 5.", "a.csv"),
        (SHEET, "a.docx"),
        (SHEET, "a.txt"),
        (SHEET, "a.pdf"),
        (docx(p("It cost 5.")), "a.xlsx"),
        (docx(p("It cost 5.")), "a.docm"),
        (epub({"c.xhtml": "<p>It cost 5.</p>"}), "a.pptx"),
        (b"It cost 5.", "a.txt"),
        (b"<p>It cost 5.", "a.md"),
    ],
)
def test_content_decides_how_a_file_is_read(data: bytes, name: str) -> None:
    assert [block.text for block in read(data, name).blocks][-1] == "It cost 5."


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (PAGE, "a.pdf", Reason.NOT_A_PDF),
        (PNG, "a.pdf", Reason.NOT_A_PDF),
        (PROGRAM, "a.pdf", Reason.NOT_A_PDF),
        (ZIP, "a.pdf", Reason.NOT_A_PDF),
        (PNG, "a.md", Reason.BINARY),
        (PNG, "a.html", Reason.BINARY),
        (PROGRAM, "a.txt", Reason.BINARY),
        (PROGRAM, "a.docx", Reason.BINARY),
        (ZIP, "a.txt", Reason.BINARY),
        (ZIP, "a.csv", Reason.BINARY),
        (ZIP, "a.docx", Reason.BINARY),
        (b"\x1f\x8b\x08" + bytes(100), "a.txt", Reason.BINARY),
        (b"%PDF-1.7 broken", "a.txt", Reason.DAMAGED),
        (b"{\\rtf1 It cost 5.}", "a.docx", Reason.UNSUPPORTED),
        (b"It cost 5.", "a.docx", Reason.DAMAGED),
        (b"It cost 5.", "a.epub", Reason.DAMAGED),
        (PNG, "a.png", Reason.UNSUPPORTED),
        (ZIP, "a.zip", Reason.UNSUPPORTED),
        (bytes(range(256)), "a.csv", Reason.BINARY),
    ],
)
def test_content_decides_why_a_file_is_refused(data: bytes, name: str, reason: Reason) -> None:
    with pytest.raises(InputError) as refused:
        read(data, name)
    assert (refused.value.reason, refused.value.path) == (reason, name)


def test_the_limits_are_those_of_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed({"a.xml": "<a>" + "xy" * 50 + "</a>", "b.bin": b"z" * 2000})
    archives.open_archive(data, "a.docx")
    for limit, value, words in (
        ("MEMBER_LIMIT", 1, "2 parts"),
        ("TOTAL_LIMIT", 2000, "2,107 bytes unpacked"),
        ("PART_LIMIT", 100, "a part of 107 bytes"),
    ):
        with monkeypatch.context() as changed:
            changed.setattr(archives, limit, value)
            assert refusal(data) == (Reason.TOO_BIG, f"a.docx is too big: {words}")
    monkeypatch.setattr(archives, "RATIO_FROM", 1000)
    monkeypatch.setattr(archives, "RATIO_LIMIT", 20)
    assert refusal(data)[1].startswith("a.docx is too big: a part grows from ")


@pytest.mark.parametrize("name", ["../a.xml", "a/../../b.xml", "/a.xml", "C:/a.xml"])
def test_names_that_lead_out_are_damage(name: str) -> None:
    assert refusal(packed({name: "<a/>"})) == (Reason.DAMAGED, "a.docx is damaged: a part's name leads out of it")


def test_a_name_that_stands_twice_is_damage() -> None:
    data = packed({"a.xml": "<a/>", "b.xml": "<b/>"}).replace(b"b.xml", b"a.xml")
    assert refusal(data) == (Reason.DAMAGED, "a.docx is damaged: two parts have one name")


def test_an_unknown_way_of_packing_is_damage() -> None:
    assert refusal(packed({"a.xml": "<a/>"}, method=zipfile.ZIP_BZIP2))[0] is Reason.DAMAGED


def test_parts_are_looked_at_before_a_library_sees_them() -> None:
    def checked(part: bytes, *, tags: int | None = archives.TAG_LIMIT) -> str:
        archive = zipfile.ZipFile(io.BytesIO(packed({"a.xml": part})))
        try:
            archives.check_parts(archive, "a.docx", tags=tags)
        except InputError as error:
            return error.reason.value
        return ""

    assert checked(b"<a>5</a>") == ""
    assert checked("<a>é</a>".encode("utf-16")) == ""
    assert checked(b"<!DOCTYPE a><a/>") == "DAMAGED"
    assert checked("<!DOCTYPE a><a/>".encode("utf-16-be")) == "DAMAGED"
    assert checked(b"<?xml version='1.0' encoding='utf-7'?><a/>") == "DAMAGED"
    assert checked(b"<a><b/><b/></a>", tags=3) == "TOO_BIG"
    assert checked(b"<a><b/><b/></a>", tags=None) == ""
