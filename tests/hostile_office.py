"""Files that mean harm, or are broken, in the formats of offices: each with the reason for which it is refused."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from factdesk.corpus.errors import Reason
from factdesk.tests.office_files import HEAD, WORD, docx, docx_parts, epub, epub_parts, p, packed, page

CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file's name, how to make it, and why it is refused."""

    name: str
    make: Callable[[], bytes]
    reason: Reason
    called: str = ""

    def __str__(self) -> str:
        return self.called or self.name


def swollen(part: str, begins: str, repeated: str, times: int, ends: str, parts: dict[str, str | bytes]) -> bytes:
    """An archive of which one part is words repeated many times, never held in memory whole."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name != part:
                archive.writestr(name, content)
        with archive.open(part, "w") as out:
            out.write(begins.encode())
            chunk = (repeated * 1000).encode()
            for _ in range(times // 1000):
                out.write(chunk)
            out.write(ends.encode())
    return file.getvalue()


def docx_bomb() -> bytes:
    """200 MB of paragraphs in half a megabyte."""
    begins, ends = f"{HEAD}<w:document {WORD}><w:body>", "</w:body></w:document>"
    return swollen("word/document.xml", begins, p("aaaaaaaaaaaaaaaa"), 2_600_000, ends, docx_parts(""))


def docx_long_text() -> bytes:
    """One text of a gigabyte."""
    begins, ends = f"{HEAD}<w:document {WORD}><w:body><w:p><w:r><w:t>", "</w:t></w:r></w:p></w:body></w:document>"
    return swollen("word/document.xml", begins, "a" * 100, 10_000_000, ends, docx_parts(""))


def epub_bomb() -> bytes:
    """A chapter of 300 MB."""
    return swollen("OEBPS/c.xhtml", "<html><body>", "<p>aaaaa</p>", 25_000_000, "", epub_parts({"c.xhtml": ""}))


def with_entities() -> bytes:
    """A document whose text is an entity; what follows it would be lost."""
    parts = docx_parts(p("A&b;B"))
    parts["word/document.xml"] = str(parts["word/document.xml"]).replace(HEAD, HEAD + LAUGHS)
    return packed(parts)


def with_entities_in_utf16() -> bytes:
    """The same, where a search for the letters of "DOCTYPE" does not find them."""
    parts = docx_parts(p("A&b;B"))
    body = str(parts["word/document.xml"]).replace(HEAD, '<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS)
    return packed({**parts, "word/document.xml": body.encode("utf-16")})


def in_utf7() -> bytes:
    """A document in an encoding in which a document type looks like something else."""
    return docx("", **{"word/document.xml": HEAD.replace("UTF-8", "UTF-7") + "<x/>"})


def encrypted_member() -> bytes:
    """An archive whose member wants a password."""
    data = bytearray(docx(p("a")))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """An archive that lists the bytes of one member for another as well."""
    data = bytearray(docx(p("a")))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = struct.pack("<I", struct.unpack("<I", data[first + 42 : first + 46])[0])
    return bytes(data)


def xlsx_parts(sheet: str) -> dict[str, str | bytes]:
    """The parts of a workbook of one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rels = f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{rels}<Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>'
        '<sheet name="Sheet" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{rels}<Relationship Id="r1" Type="{relation}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{HEAD}<worksheet xmlns="{main}">{sheet}</worksheet>',
    }


def xlsx(sheet: str) -> bytes:
    """A workbook of one sheet."""
    return packed(xlsx_parts(sheet))


def xlsx_cells() -> bytes:
    """A sheet of 600,000 cells, each of another value, so that it does not compress like a bomb."""
    rows = "".join(
        f'<row r="{r}">' + "".join(f"<c><v>{r * c % 9973}</v></c>" for c in range(60)) + "</row>"
        for r in range(1, 10_001)
    )
    return xlsx(f"<sheetData>{rows}</sheetData>")


def many_members() -> bytes:
    """An archive of 20,000 members."""
    return packed({**docx_parts(p("a")), **{f"word/media/{n}": b"" for n in range(20_000)}})


HOSTILE = (
    Hostile("bomb.docx", docx_bomb, Reason.TOO_BIG),
    Hostile("long.docx", docx_long_text, Reason.TOO_BIG),
    Hostile("bomb.epub", epub_bomb, Reason.TOO_BIG),
    Hostile("many.docx", many_members, Reason.TOO_BIG),
    Hostile("cells.xlsx", xlsx_cells, Reason.TOO_BIG),
    Hostile("laughs.docx", with_entities, Reason.DAMAGED),
    Hostile("laughs16.docx", with_entities_in_utf16, Reason.DAMAGED),
    Hostile("utf7.docx", in_utf7, Reason.DAMAGED),
    Hostile("cut.docx", lambda: docx(p("a"))[:-100], Reason.DAMAGED),
    Hostile("cut.epub", lambda: epub({"c.xhtml": "<p>a</p>"})[:-30], Reason.DAMAGED),
    Hostile("overlap.docx", overlapping, Reason.DAMAGED),
    Hostile("climb.docx", lambda: docx(p("a"), **{"../../x.xml": "<x/>"}), Reason.DAMAGED),
    Hostile("absolute.docx", lambda: docx(p("a"), **{"/etc/x.xml": "<x/>"}), Reason.DAMAGED),
    Hostile("nested.docx", lambda: docx("<w:sdt><w:sdtContent>" * 20_000), Reason.DAMAGED),
    Hostile(
        "deep.docx",
        lambda: docx("<w:sdt><w:sdtContent>" * 2_000 + p("a") + "</w:sdtContent></w:sdt>" * 2_000),
        Reason.DAMAGED,
    ),
    Hostile("other.docx", lambda: b"PK\x03\x04" + b"rubbish" * 100, Reason.DAMAGED),
    Hostile("no.epub", lambda: epub_without_package(), Reason.DAMAGED),
    Hostile("member.docx", encrypted_member, Reason.PASSWORD_NEEDED),
    Hostile(
        "locked.docx", lambda: CONTAINER + bytes(600) + "EncryptedPackage".encode("utf-16-le"), Reason.PASSWORD_NEEDED
    ),
    Hostile(
        "locked.xlsx", lambda: CONTAINER + bytes(600) + "EncryptedPackage".encode("utf-16-le"), Reason.PASSWORD_NEEDED
    ),
    Hostile("old.docx", lambda: CONTAINER + bytes(600) + "WordDocument".encode("utf-16-le"), Reason.UNSUPPORTED),
    Hostile("rights.epub", lambda: packed({**epub_parts({"c.xhtml": ""}), **RIGHTS}), Reason.PASSWORD_NEEDED),
    Hostile("unclosed.html", lambda: b"<p>a" * 12_500_000, Reason.TOO_BIG),
    Hostile("deep.html", lambda: b"<div>" * 200_000 + b"5", Reason.TOO_BIG),
    Hostile("deep.epub", lambda: epub({"c.xhtml": "<div>" * 200_000}), Reason.TOO_BIG),
    Hostile("text.html", lambda: b"<p>" + b"word " * 1_700_000, Reason.TOO_BIG),
    Hostile("text.csv", lambda: b"a,b\n" + b'"' + b"word " * 1_700_000 + b'",5\n', Reason.TOO_BIG),
    Hostile("cells.csv", lambda: b"a,b,c,d\n" + b"1,2,3,4\n" * 130_000, Reason.TOO_BIG),
)
RIGHTS: dict[str, str | bytes] = {"META-INF/rights.xml": "<x/>", "META-INF/encryption.xml": "<x/>"}


def epub_without_package() -> bytes:
    """A book whose container names a package that is not there."""
    return packed({name: part for name, part in epub_parts({}).items() if not name.endswith(".opf")})


HARMLESS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    (
        "far.xlsx",
        lambda: xlsx(
            '<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576"><v>5</v></c></row>'
            "</sheetData>"
        ),
        "5",
    ),
    (
        "merged.xlsx",
        lambda: xlsx(
            '<sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>'
            '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        ),
        "5",
    ),
    ("deep.html", lambda: b"<div>" * 4_000 + b"5", "5"),
    ("spans.html", lambda: b"<span>" * 4_000 + b"5", "5"),
    ("spanning.html", lambda: b"<table><tr><td colspan=99999 rowspan=99999999>a<td>b<tr><td>c<td>5</table>", "5"),
    ("laughs.xhtml", lambda: page("<p>5 &b;</p>").replace("<!DOCTYPE html>", LAUGHS).encode(), "5"),
)
"""What looks like harm and is read, with a word that is to be found in it."""
