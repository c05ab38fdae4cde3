"""A writer that is killed at any moment leaves an index that answers, and nothing to clean up by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks of itself")

# A process that forks a writer for each moment: importing everything anew for each would take minutes. The writer
# kills itself at the n-th of what it does to the file system: every file opened, made, renamed, removed (audit events),
# before and after every sync, after the vectors and after every document written.
KILLER = """
import json, os, shutil, signal, sys
from pathlib import Path
from factdesk.corpus.errors import IndexMissing
from factdesk.corpus.records import FileStatus
from factdesk.index import builder, catalogue
from factdesk.tests.index.conftest import MEXICO, PANAMA, make_library

root, second = Path(sys.argv[1]), sys.argv[2] == "second"
EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "sqlite3.connect"}
NEW = "# Panama\\n\\nThe cost is 999 a month."

def forked(work):
    process = os.fork()
    if not process:
        try:
            os._exit(work() or 0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

def fresh():
    shutil.rmtree(root / "home", ignore_errors=True)
    library = make_library(root)
    library.write("panama.txt", PANAMA)
    library.write("mexico.txt", MEXICO)
    if second:
        if not (root / "base").exists():
            assert forked(lambda: library.ingest() and 0) == 0
            library.home.rename(root / "base")
        shutil.copytree(root / "base", library.home)
        library.write("panama.txt", NEW, seconds=1)
    return library

def killed_at(library, number):
    count = 0
    def tick(*_):
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
    def hook(event, arguments):
        if event in EVENTS:
            tick()
    def around(owner, name):
        real = getattr(owner, name)
        def call(*arguments, **options):
            tick()
            found = real(*arguments, **options)
            tick()
            return found
        setattr(owner, name, call)
    around(os, "fsync")
    around(builder, "write_passages")
    around(catalogue.CatalogueWriter, "add")
    around(catalogue.CatalogueWriter, "carry")
    around(catalogue.CatalogueWriter, "finish")
    sys.addaudithook(hook)
    library.ingest()

def checked(library):
    # 0: the old state, or none, is in force; 1: the new one.
    try:
        texts = library.texts()
    except IndexMissing:
        assert not second, "the old index is gone"
        return 0
    goal = {"panama.txt": NEW if second else PANAMA, "mexico.txt": MEXICO}
    if second and texts == {"panama.txt": PANAMA, "mexico.txt": MEXICO}:
        return 0
    assert texts == goal, texts
    return 1

def mended(library):
    state = checked(library)
    library.ingest()
    assert checked(library) == 1
    names = [path.name for path in (library.home / "generations").iterdir()]
    assert len(names) <= 2 and not any(name.endswith(".tmp") for name in names), names
    return state

states = []
for number in range(1, 1000):
    library = fresh()
    ended = forked(lambda: killed_at(library, number))
    if ended == 0:
        break
    assert ended == -signal.SIGKILL, ended
    states.append(forked(lambda: mended(library)))
    assert states[-1] in (0, 1), (number, states[-1])
print(json.dumps(states))
"""


@pytest.mark.parametrize("build", ["first", "second"])
def test_a_writer_killed_at_any_moment_leaves_the_old_state_or_the_new(tmp_path: Path, build: str) -> None:
    command = [sys.executable, "-c", KILLER, str(tmp_path), build]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)  # a guard, no measure
    assert done.returncode == 0, done.stderr
    states = json.loads(done.stdout)
    assert len(states) > 40, "so many moments there are at least"
    assert states == sorted(states), "once the new state is in force, it stays"
    assert {0, 1} == set(states)
