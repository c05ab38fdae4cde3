"""The picture of a cited page, from the command line."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from factdesk.ingest.page_image import MARKER
from factdesk.tests.conftest import Runner
from factdesk.tests.ingest.drawing import at, body, made

PAGE = made([at(72, 700, "The counter cost 940 thousand euros in 2019."), body()])
CITATION = "counter:4-16"


def has_marks(file: Path) -> bool:
    """Whether the picture has the colour of a mark."""
    return any(color == MARKER for _, color in Image.open(io.BytesIO(file.read_bytes())).getcolors(1 << 20) or ())


def test_a_cited_page_is_drawn_and_what_cannot_be_drawn_is_said(factdesk: Runner, tmp_path: Path) -> None:
    folder, home = tmp_path / "documents", tmp_path / "home"
    folder.mkdir()
    (folder / "counter.pdf").write_bytes(PAGE)
    (folder / "notes.txt").write_text("The counter has one desk.", "utf-8")
    assert factdesk("ingest", folder, "--home", home).status == 0

    done = factdesk("show", CITATION, "--image", tmp_path / "page.png", "--home", home)
    assert (done.status, done.err) == (0, "")
    assert "counter cost" in done.out
    assert has_marks(tmp_path / "page.png")

    for place, file in (("notes:0-5", "a.png"), (CITATION, "a.gif"), (CITATION, "no/folder/a.png")):
        done = factdesk("show", place, "--image", tmp_path / file, "--home", home)
        assert (done.status, done.out) == (2, ""), (place, file)
        assert done.complaint

    (folder / "counter.pdf").write_bytes(PAGE + b"\n% edited\n")
    done = factdesk("show", CITATION, "--image", tmp_path / "changed.png", "--home", home)
    assert done.status == 0
    assert done.complaint == (
        "factdesk: nothing is marked on the page: the file has changed since it was indexed; ingest it again"
    )
    assert not has_marks(tmp_path / "changed.png")

    (folder / "counter.pdf").unlink()
    done = factdesk("show", CITATION, "--image", tmp_path / "gone.png", "--home", home)
    assert (done.status, done.out) == (2, "")
    assert done.complaint
    assert not (tmp_path / "gone.png").exists()
