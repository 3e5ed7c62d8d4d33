"""Does each notebook run alone: an installed wheel, an empty folder, no network, no MNIST?

Pages that read neither data nor records say the same wherever they run, and `make test` has run
them: of these, what they import is tried.
"""

import ast
import json
import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from book_text import output_text
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
CODE = {
    path: [
        "".join(cell["source"])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    for path in sorted(BOOK.glob("*.ipynb"))
}
READERS = [path for path, cells in CODE.items() if re.search(r"\b(data|experiments)\b", str(cells))]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The folder that the project's wheel, built here and now, is installed in."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    built, target = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", built, ROOT], check=True
    )
    (file,) = built.glob("*.whl")
    subprocess.run([*pip, "install", *offline, "--target", target, file], check=True)
    return target


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory):
    """The environment of a process that has the wheel, and neither data nor a network."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    env = {name: value for name, value in os.environ.items() if name.upper() != "NO_PROXY"}
    env.pop("COURSE_DATA", None)
    env |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), nowhere)
    cache = tmp_path_factory.mktemp("cache")
    env |= dict.fromkeys(("OMP_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")
    return env | {"PYTHONPATH": str(wheel), "COURSE_CACHE": str(cache)}


@pytest.fixture(scope="module")
def runs(request, alone, tmp_path_factory):
    """The notebooks that are asked for, run two at a time with a thread each: path to future."""

    def run(path):
        notebook = nbformat.read(path, as_version=4)
        folder = {"metadata": {"path": str(tmp_path_factory.mktemp(path.stem))}}
        client = NotebookClient(
            notebook, kernel_name="python3", timeout=900, startup_timeout=900, resources=folder
        )
        client.execute(env=alone)
        return notebook

    asked = [
        item.callspec.params["path"]
        for item in request.session.items
        if item.path == Path(__file__) and hasattr(item, "callspec")
    ]
    with ThreadPoolExecutor(2) as pool:
        yield {path: pool.submit(run, path) for path in asked}


def test_the_wheel_is_what_runs_and_finds_only_the_digits(wheel, alone, tmp_path):
    code = (
        "import course_utils.data, course_utils.experiments as experiments; "
        "print(course_utils.__file__); print(course_utils.data.load(progress=False).source); "
        "print(len(experiments.REGISTRY))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=alone, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    file, source, experiments = done.stdout.split()
    assert Path(file).is_relative_to(wheel)
    assert source == "digits"
    assert int(experiments) > 0


def test_the_wheel_has_every_file_of_the_package(wheel):
    there = [
        path.relative_to(ROOT)
        for path in (ROOT / "course_utils").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert len(there) > 1000
    assert [name for name in there if not (wheel / name).is_file()] == []


def test_the_other_pages_find_what_they_import_and_name_no_file(alone, tmp_path):
    others = set(CODE) - set(READERS)
    imports = set()
    for path in others:
        for source in CODE[path][1:]:  # after the setup
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    imports.add(ast.unparse(node))
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
                    assert not re.fullmatch(r"[\w./-]+\.[a-z]{2,}|\.\.?/.*", node.value), node.value
    assert len(others) > 5 and len(imports) > 15
    command = [sys.executable, "-c", "\n".join(sorted(imports))]
    done = subprocess.run(command, env=alone, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.stem)
def test_a_notebook_runs_alone_and_says_the_same(path, runs):
    stored = nbformat.read(path, as_version=4)
    fresh = runs[path].result()
    for place, (cell, again) in enumerate(zip(stored.cells, fresh.cells, strict=True), start=1):
        compared = "nbval-ignore-output" not in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and compared:
            assert output_text(again) == output_text(cell), f"cell {place} of {path.name}"
