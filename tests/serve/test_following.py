"""A service follows its index: no restart, and no request that fails while it changes."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from factdesk.corpus.errors import IndexDamaged, IndexMissing
from factdesk.qa.desk import Desk
from factdesk.serve.desks import Desks
from factdesk.tests.conftest import run_process
from factdesk.tests.serve.serving import serving, wait_until

if TYPE_CHECKING:
    from factdesk.tests.conftest import Library

QUESTION = "How many wishes does the librarian have?"


def test_answers_come_from_the_new_index_and_none_is_missing(own_library: Library) -> None:
    with serving(own_library.home, follow_every=0.05, rate=1_000_000) as served:
        statuses: list[int] = []
        stop = threading.Event()

        def ask_on() -> None:
            with served.client() as client:
                while not stop.is_set():
                    statuses.append(client.post("/v1/ask", json={"question": QUESTION}).status_code)

        asking = [threading.Thread(target=ask_on) for _ in range(2)]
        for thread in asking:
            thread.start()
        before = served.service.desks.generation
        (own_library.folder / "more.md").write_text(
            "# Harbour\n\n## Costs\n\nThe crane cost EUR 77K in 2021.\n", "utf-8"
        )
        done = run_process("ingest", own_library.folder, "--home", own_library.home)
        assert done.status == 0
        wait_until(lambda: served.service.desks.generation != before)
        with served.client() as client:
            found = client.post("/v1/ask", json={"question": "What did the crane cost?"}).json()
        stop.set()
        for thread in asking:
            thread.join()
        (own_library.folder / "more.md").unlink()
    assert found["answer"].startswith("EUR 77K")
    assert set(statuses) == {200}


def test_a_service_without_an_index_says_so_until_there_is_one(library: Library, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(home, ready=False, follow_every=0.05) as served, served.client() as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 503
        shutil.copytree(library.home, home, dirs_exist_ok=True)
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200


def test_an_index_that_is_damaged_changes_nothing(own_library: Library) -> None:
    desks = Desks(own_library.home)
    assert desks.refresh()
    before = desks.generation
    (own_library.home / "CURRENT").write_text("gen-000009 0\n", "ascii")
    assert not desks.refresh()
    assert isinstance(desks.problem, IndexDamaged)
    assert desks.generation == before
    with desks.lease() as desk:
        assert desk.ask(QUESTION).answer
    desks.close()


def test_a_request_keeps_its_desk_until_it_is_done(library: Library, tmp_path: Path) -> None:
    closed: list[Any] = []

    class Watched(Desk):
        def close(self) -> None:
            closed.append(self.snapshot.generation)
            super().close()

    home = tmp_path / "home"
    shutil.copytree(library.home, home)
    desks = Desks(home, opened=Watched.open)
    desks.refresh()
    with desks.lease() as desk:
        desks.close()
        assert closed == []
        assert desk.ask(QUESTION).answer
    assert len(closed) == 1
    with pytest.raises(IndexMissing), desks.lease():
        pass
