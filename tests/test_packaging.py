"""What is installed is what is in the tree: an editable install would hide an omission."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import factdesk

CHECKOUT = Path(__file__).resolve().parents[1]
NOT_INSTALLED = {"tests", "benchmarks"}
MADE = {"__pycache__", "build", "dist", "node_modules"}
"""Folders that tools make; those that begin with a dot are left out as well, but for .ci."""
REGISTRIES = ("py" + "pi.org", "pythonhosted" + ".org", "conda" + ".anaconda", "index" + "-url=", "artifact" + "ory")
"""In two parts, or this file would be found."""
FLOORS = {"pypdf": (7, 0, 1)}
"""Versions below these have known faults that a hostile document can use."""
BROUGHT = {
    "cv2": "rapidocr-onnxruntime",
    "huggingface_hub": "sentence-transformers",
    "transformers": "sentence-transformers",
}
"""Modules that come with a dependency which could not do without them."""
NAMES = {
    "faiss": "faiss-cpu",
    "markdown_it": "markdown-it-py",
    "PIL": "pillow",
    "pptx": "python-pptx",
    "text_to_num": "text2num",
}
"""Modules that are not called like their distribution."""
OPTIONAL = {"reportlab": "dev", "altair": "plot", "vl_convert": "plot", "cv2": "ocr", "rapidocr_onnxruntime": "ocr"}


def project() -> dict[str, Any]:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def tree() -> Iterator[Path]:
    """The files that are, or may be, committed."""
    for folder, folders, files in os.walk(CHECKOUT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in MADE and not name.endswith(".egg-info") and (name == ".ci" or not name.startswith("."))
        )
        yield from (Path(folder, name) for name in sorted(files))


def packages() -> list[str]:
    folders = [file.parent.relative_to(CHECKOUT).parts for file in tree() if file.name == "__init__.py"]
    return sorted(".".join(("factdesk", *parts)) for parts in folders if not parts or parts[0] not in NOT_INSTALLED)


def test_the_packages_listed_are_those_of_the_tree() -> None:
    assert project()["tool"]["setuptools"]["packages"] == packages()


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {file.parent for file in tree() if file.suffix == ".py"}
    bare = {
        shown for folder in folders if not (folder / "__init__.py").exists() and (shown := folder.relative_to(CHECKOUT))
    }
    assert {path.parts[0] for path in bare} <= NOT_INSTALLED


def test_the_root_holds_no_other_module_than_the_command_line() -> None:
    assert sorted(file.name for file in CHECKOUT.glob("*.py")) == ["__init__.py", "cli.py"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from a copy of the tree: building leaves folders behind."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    for file in tree():
        target = source / file.relative_to(CHECKOUT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", build, place], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = place.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()


def test_a_wheel_holds_every_package_with_its_data(wheel: list[str]) -> None:
    modules = [file.relative_to(CHECKOUT) for file in tree() if file.suffix == ".py"]
    expected = {f"factdesk/{path.as_posix()}" for path in modules if path.parts[0] not in NOT_INSTALLED}
    documents = CHECKOUT / "corpus" / "documents"
    expected |= {f"factdesk/corpus/documents/{file.name}" for file in documents.iterdir()}
    expected |= {"factdesk/corpus/measures.toml"}
    assert expected - set(wheel) == set()
    assert any(name.endswith(".pdf") for name in expected) and any(name.endswith(".md") for name in expected)


def test_a_wheel_puts_nothing_generic_into_site_packages(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not re.fullmatch(r"factdesk-[\d.]+\.dist-info", top)} == {"factdesk"}
    assert not [name for name in wheel if re.match(r"factdesk/(tests|benchmarks|\.|build)", name)]


@pytest.mark.parametrize("name, floor", FLOORS.items())
def test_floors_are_kept(name: str, floor: tuple[int, ...]) -> None:
    (requirement,) = [item for item in project()["project"]["dependencies"] if re.match(rf"{name}\W", item)]
    lowest = re.search(r">=\s*([\d.]+)", requirement)
    assert lowest and tuple(map(int, lowest[1].split("."))) >= floor


def third_party_imports() -> set[str]:
    found: set[str] = set()
    for file in tree():
        if file.suffix != ".py" or file.relative_to(CHECKOUT).parts[0] in NOT_INSTALLED:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"factdesk"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_declared() -> None:
    declared = {canonical(re.split(r"[<>=!~ \[]", item)[0]) for item in project()["project"]["dependencies"]}
    needed = {name: canonical(BROUGHT.get(name) or NAMES.get(name) or name) for name in third_party_imports()}
    assert {name for name, wanted in needed.items() if wanted not in declared and name not in OPTIONAL} == set()
    extras = project()["project"]["optional-dependencies"]
    for name, extra in OPTIONAL.items():
        assert any(canonical(item).startswith(canonical(BROUGHT.get(name, name))) for item in extras[extra])


def pins() -> dict[str, str]:
    lines = (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines()
    return {canonical(line.split("==")[0]): line.split("==")[1] for line in lines if line and not line.startswith("#")}


def test_everything_that_is_asked_for_is_pinned() -> None:
    asked = list(project()["project"]["dependencies"])
    asked += [item for extra in project()["project"]["optional-dependencies"].values() for item in extra]
    names = {canonical(re.split(r"[<>=!~ \[]", item)[0]) for item in asked}
    assert names - set(pins()) == set()
    assert all(re.fullmatch(r"\d[\w.]*", version) for version in pins().values())


def test_nothing_names_a_machine_or_a_registry() -> None:
    machine = re.compile("(?<![a-z])/wo" + r"rk/|/ro" + r"ot/|/ho" + r"me/\w")
    faults = []
    for file in tree():
        text = file.read_bytes().decode("utf-8", "replace")
        found = [name for name in REGISTRIES if name in text] + machine.findall(text)
        faults += [f"{file.relative_to(CHECKOUT)}: {name}" for name in found]
    assert faults == []


def test_public_names_are_sorted_and_there() -> None:
    assert sorted(factdesk.__all__) == factdesk.__all__
    assert all(getattr(factdesk, name) for name in factdesk.__all__)
    assert factdesk.__version__ == project()["project"]["version"]


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, factdesk; print(sorted(name for name in sys.modules if name.startswith('factdesk')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['factdesk']"
