"""Files that bite, made here: each is small, and none of them is kept.

A PDF is written by hand, object by object, so that it can be wrong in just one way.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEGABYTE = 1 << 20
GOOD_TEXT = "The night ferry cost EUR 30,000 a month in 2019."
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"


def pdf(objects: Mapping[int, bytes], *, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of numbered objects, with a true table of where they are."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, body in objects.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start, size = out.tell(), max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        out.write(b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n")
    out.write(b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))
    return out.getvalue()


def stream(data: bytes, extra: bytes = b"") -> bytes:
    """A compressed stream."""
    packed = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), extra, packed)


def words(text: str) -> bytes:
    """The drawing of a line of text."""
    return b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % text.encode("ascii")


def page(contents: int, *, resources: bytes = b"/Font << /F1 3 0 R >>", parent: int = 2) -> bytes:
    """A page whose drawing is an object."""
    return b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] /Resources << %s >> /Contents %d 0 R >>" % (
        parent,
        resources,
        contents,
    )


def one_page(drawing: bytes, **others: Any) -> bytes:
    """A PDF of one page."""
    return pdf({**base([4]), 4: page(5, **others), 5: stream(drawing)})


def base(pages: list[int], count: int | None = None) -> dict[int, bytes]:
    """The first three objects: catalogue, page tree, font."""
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    tree = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages) if count is None else count, kids)
    return {1: CATALOGUE, 2: tree, 3: FONT}


def good(text: str = GOOD_TEXT) -> bytes:
    """A PDF with one line."""
    return one_page(words(text))


def repeated(megabytes: int) -> bytes:
    """One page that draws the letter a until its drawing has so many megabytes."""
    unit = b"(a) Tj\n"
    return one_page(b"BT /F1 12 Tf 72 720 Td " + unit * (megabytes * MEGABYTE // len(unit)) + b" ET")


def same_page(count: int) -> bytes:
    """One page, named so many times."""
    return pdf({**base([4] * count), 4: page(5), 5: stream(words(GOOD_TEXT))})


def many_pages(count: int) -> bytes:
    """So many pages, each an object of its own, with one drawing."""
    numbers = list(range(10, 10 + count))
    return pdf({**base(numbers), 5: stream(words(GOOD_TEXT)), **{number: page(5) for number in numbers}})


def lying_count() -> bytes:
    """A page tree that claims two thousand million pages and has one."""
    return pdf({**base([4], count=2_000_000_000), 4: page(5), 5: stream(words(GOOD_TEXT))})


def form(draws: bytes, resources: bytes) -> bytes:
    """A form that draws others."""
    return stream(draws, b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %s >>" % resources)


def form_of_itself() -> bytes:
    """A form that draws itself."""
    objects = {**base([4]), 4: page(5, resources=b"/XObject << /X 6 0 R >>"), 5: stream(b"/X Do")}
    return pdf({**objects, 6: form(b"/X Do", b"/XObject << /X 6 0 R >>")})


def doubling_forms(levels: int = 24) -> bytes:
    """Forms that each draw the next one twice."""
    objects = {**base([4]), 4: page(5, resources=b"/XObject << /X 10 0 R >>"), 5: stream(b"/X Do")}
    for level in range(levels):
        objects[10 + level] = form(b"/X Do /X Do", b"/XObject << /X %d 0 R >>" % (11 + level))
    objects[10 + levels] = form(words("a"), b"/Font << /F1 3 0 R >>")
    return pdf(objects)


def pages_in_a_circle() -> bytes:
    """A page tree that holds itself."""
    return pdf({1: CATALOGUE, 2: b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>", 3: FONT})


def nested_arrays(depth: int = 100_000) -> bytes:
    """A page whose box is an array in an array in an array ..."""
    deep = b"[" * depth + b"]" * depth
    objects = {**base([4]), 4: page(5).replace(b"[0 0 612 792]", deep), 5: stream(words(GOOD_TEXT))}
    return pdf(objects)


def outline_in_a_circle() -> bytes:
    """An outline whose second entry is its first."""
    objects = {**base([4]), 4: page(5), 5: stream(words(GOOD_TEXT))}
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>"
    objects[6] = b"<< /Type /Outlines /First 7 0 R /Last 8 0 R /Count 2 >>"
    objects[7] = b"<< /Title (Costs) /Parent 6 0 R /Next 8 0 R /Dest [4 0 R /Fit] >>"
    objects[8] = b"<< /Title (Again) /Parent 6 0 R /Next 7 0 R /First 6 0 R /Dest [4 0 R /Fit] >>"
    return pdf(objects)


def broken_page() -> bytes:
    """Two good pages, and one between them whose object is none."""
    objects = {**base([4, 6, 7]), 4: page(5), 5: stream(words(GOOD_TEXT)), 6: b"(no page)", 7: page(8)}
    return pdf({**objects, 8: stream(words("The bridge cost EUR 9,000 in 2020."))})


def scan() -> bytes:
    """A page that is only a picture."""
    picture = stream(
        bytes(64), b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8"
    )
    objects = {**base([4]), 4: page(5, resources=b"/XObject << /I 6 0 R >>"), 5: stream(b"600 0 0 700 0 0 cm /I Do")}
    return pdf({**objects, 6: picture})


def giant_picture() -> bytes:
    """A page with a picture that claims a thousand million points, beside a line of text."""
    picture = stream(
        bytes(4096),
        b"/Type /XObject /Subtype /Image /Width 32000 /Height 32000 /ColorSpace /DeviceRGB /BitsPerComponent 8",
    )
    resources = b"/Font << /F1 3 0 R >> /XObject << /I 6 0 R >>"
    objects = {**base([4]), 4: page(5, resources=resources), 5: stream(words(GOOD_TEXT) + b" /I Do")}
    return pdf({**objects, 6: picture})


def entity_bomb() -> bytes:
    """Metadata whose entities unfold to a thousand million letters."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><x>&e9;</x>'.encode()
    objects = {**base([4]), 4: page(5), 5: stream(words(GOOD_TEXT)), 6: stream(xml, b"/Type /Metadata /Subtype /XML")}
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>"
    return pdf(objects)


def filters_on_filters(levels: int = 4) -> bytes:
    """A drawing packed several times over: a few hundred bytes of two hundred megabytes."""
    data = b"BT /F1 12 Tf 72 720 Td (a) Tj ET " + b" " * (200 * MEGABYTE)
    for _ in range(levels):
        data = zlib.compress(data, 9)
    names = b"/FlateDecode " * levels
    body = b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream" % (len(data), names, data)
    return pdf({**base([4]), 4: page(5), 5: body})


def locked(*, user: str, owner: str = "owner", strength: int = 128) -> bytes:
    """A PDF encrypted by reportlab, which may forbid everything but reading."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    rights = {"canPrint": 0, "canModify": 0, "canCopy": 0, "canAnnotate": 0}
    canvas = Canvas(out, encrypt=StandardEncryption(user, owner, strength=strength, **rights))
    canvas.drawString(72, 720, GOOD_TEXT)
    canvas.save()
    return out.getvalue()


def packed(name: str = "a.txt", data: bytes = b"hello") -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(200)
EXE = b"MZ" + bytes(range(256)) * 4
HTML = b"<!DOCTYPE html><html><body><p>The ferry cost 5 euros.</p></body></html>"


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file that bites: its name, how it is made, and what an ingest may say of it ("" that it was read)."""

    name: str
    make: Callable[[], bytes]
    outcomes: frozenset[str]


def bites(name: str, make: Callable[[], bytes], *outcomes: str) -> Hostile:
    """A file with the outcomes that are right for it."""
    return Hostile(name, make, frozenset(outcomes))


HOSTILE = (
    bites("empty.pdf", lambda: b"", "EMPTY_FILE"),
    bites("blank.pdf", lambda: b" \n" * 99, "EMPTY_FILE"),
    bites("header only.pdf", lambda: b"%PDF-1.7\n", "DAMAGED"),
    bites("half.pdf", lambda: good()[: len(good()) // 2], "DAMAGED"),
    bites("no end.pdf", lambda: good()[:-30], "", "DAMAGED"),
    bites("wrong table.pdf", lambda: good().replace(b"startxref\n", b"startxref\n9"), "", "DAMAGED"),
    bites("no catalogue.pdf", lambda: good().replace(b"/Root 1 0 R", b"/Root 9 0 R"), "", "DAMAGED"),
    bites("broken page.pdf", broken_page, ""),
    bites("scan.pdf", scan, "NO_TEXT"),
    bites("giant picture.pdf", giant_picture, ""),
    bites("entities.pdf", entity_bomb, ""),
    bites("filters.pdf", filters_on_filters, "", "NO_TEXT", "TIMEOUT", "MEMORY", "DAMAGED"),
    bites("locked 40.pdf", lambda: locked(user="secret", strength=40), "PASSWORD_NEEDED"),
    bites("locked 128.pdf", lambda: locked(user="secret"), "PASSWORD_NEEDED"),
    bites("restricted 128.pdf", lambda: locked(user=""), ""),
    bites("letters 1 MB.pdf", lambda: repeated(1), "", "TIMEOUT", "MEMORY"),
    bites("letters 5 MB.pdf", lambda: repeated(5), "", "TIMEOUT", "MEMORY"),
    bites("letters 20 MB.pdf", lambda: repeated(20), "TIMEOUT", "MEMORY"),
    bites("letters 60 MB.pdf", lambda: repeated(60), "TIMEOUT", "MEMORY"),
    bites("letters 200 MB.pdf", lambda: repeated(200), "TIMEOUT", "MEMORY", "NO_TEXT"),
    bites("same page.pdf", lambda: same_page(50_000), "TOO_MANY_PAGES"),
    bites("pages.pdf", lambda: many_pages(20_000), "TOO_MANY_PAGES"),
    bites("lying count.pdf", lying_count, "", "TOO_MANY_PAGES", "DAMAGED"),
    bites("form of itself.pdf", form_of_itself, "NO_TEXT"),
    bites("doubling.pdf", doubling_forms, "", "NO_TEXT", "TIMEOUT", "MEMORY", "CRASHED"),
    bites("circle.pdf", pages_in_a_circle, "DAMAGED", "NO_TEXT"),
    bites("arrays.pdf", nested_arrays, "", "DAMAGED", "CRASHED", "NO_TEXT"),
    bites("outline.pdf", outline_in_a_circle, ""),
    bites("html.pdf", lambda: HTML, "NOT_A_PDF"),
    bites("zip.pdf", packed, "NOT_A_PDF"),
    bites("png.pdf", lambda: PNG, "NOT_A_PDF"),
    bites("exe.pdf", lambda: EXE, "NOT_A_PDF"),
    bites("pdf.txt", lambda: good("The tram cost EUR 7,000 a month in 2018."), ""),
    bites("zip.txt", lambda: packed(data=bytes(range(256)) * 9), "BINARY"),
    bites("png.md", lambda: PNG, "BINARY"),
    bites("exe.txt", lambda: EXE, "BINARY"),
    bites("blanks.txt", lambda: b"The cost is 5." + b" " * MEGABYTE + b"9", ""),
    bites("digits.txt", lambda: b"The cost is " + b"9" * 200_000 + b" a year.", ""),
    bites("commas.txt", lambda: b"The cost is " + b"1," * 100_000 + b" a year.", ""),
    bites("brackets.md", lambda: b"[" * 50_000 + b"a" + b"](" * 50_000, "", "TIMEOUT", "DAMAGED", "CRASHED"),
    bites("quotes.md", lambda: b">" * 20_000 + b" The cost is 5.", "", "TIMEOUT", "DAMAGED", "CRASHED", "NO_TEXT"),
)
"""Every file that bites which this project generates, but for what `wild_folder` does to a file system."""


def write_hostile(folder: Path) -> dict[str, frozenset[str]]:
    """Write all of them into a folder; what may be said of each."""
    for hostile in HOSTILE:
        (folder / hostile.name).write_bytes(hostile.make())
    return {hostile.name: hostile.outcomes for hostile in HOSTILE}


def pipe(path: Path) -> None:
    """Make a pipe that nobody writes to."""
    os.mkfifo(path)


def plug(path: Path) -> None:
    """Make a socket. Its path must be short, so it is made from within its folder."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)
