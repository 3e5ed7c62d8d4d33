"""What the project's own files say of each other, and the size of its package."""

import ast
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
import yaml

import course_utils

ROOT = Path(__file__).resolve().parent.parent
TOML = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = TOML["project"]
EXTRAS = PROJECT["optional-dependencies"]
PACKAGE = ROOT / "course_utils"


def name(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()


def names(*requirements):
    return {name(r) for r in chain(*requirements)} - {PROJECT["name"]}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(heading):
    """The lines of each block of commands in a section of the README."""
    section = read("README.md").split(f"{heading}\n")[1].split("\n## ")[0]
    return [block.splitlines() for block in re.findall(r"^```\n(.*?)^```", section, re.M | re.S)]


def imported(folder):
    """The packages, as they are installed, that the files of a folder import."""
    modules = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.split(".")[0])
    local = {path.stem for path in (ROOT / folder).glob("*.py")} | {"course_utils"}
    installed = metadata.packages_distributions()
    foreign = modules - set(sys.stdlib_module_names) - local
    return {installed.get(module, [module])[0].lower() for module in foreign}


def test_the_conda_environment_installs_the_project_and_its_extras():
    environment = yaml.safe_load(read("environment.yml"))
    python, pip, by_pip = environment["dependencies"]
    assert python == f"python{PROJECT['requires-python']}"
    assert pip == "pip"
    assert by_pip == {"pip": ["-e .[book,test]"]}
    assert {"book", "cluster", "test", "dev"} == set(EXTRAS)
    assert "course-utils[book,test]" in EXTRAS["dev"]
    assert "course-utils[cluster]" in EXTRAS["test"]


def test_the_package_declares_what_it_imports():
    by_choice = {"distributed": "cluster"}
    by_choice |= dict.fromkeys(("reportlab", "pyyaml", "nbclient", "nbconvert", "nbformat"), "book")
    by_choice |= dict.fromkeys(("ipykernel", "jupyter_client", "pyzmq", "psutil"), "book")
    assert imported("course_utils") - set(by_choice) <= names(PROJECT["dependencies"])
    assert all(package in names(EXTRAS[extra]) for package, extra in by_choice.items())


def test_the_tests_and_scripts_run_with_the_extras():
    base = names(PROJECT["dependencies"], *(EXTRAS[e] for e in ("book", "cluster", "test")))
    assert imported("tests") - {"playwright"} <= base
    assert imported("scripts") | imported("benchmarks") <= base | names(EXTRAS["dev"])


def test_the_oldest_versions_that_are_tried_are_those_allowed():
    """With every dependency of the tests and the book among them."""
    extras = chain(*(EXTRAS[extra] for extra in ("book", "cluster", "test")))
    needed = [r for r in [*PROJECT["dependencies"], *extras] if name(r) != PROJECT["name"]]
    lines = [line for line in read("scripts/oldest.txt").splitlines() if "==" in line]
    assert sorted(lines) == sorted({r.split(",")[0].replace(">=", "==") for r in needed})
    (builder,) = TOML["build-system"]["requires"]
    assert builder in EXTRAS["test"]
    job = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]["oldest"]
    assert job["env"]["PIP_CONSTRAINT"].endswith("/scripts/oldest.txt")
    assert job["env"]["PYTHON"] == f"python{PROJECT['requires-python'].lstrip('>=')}"
    assert job["steps"][-1] == {"run": "make test"}


def test_every_dependency_has_its_reason_and_no_other_is_explained():
    section = read("CONTRIBUTING.md").split("## Why each dependency")[1]
    rows = re.findall(r"^\| ([a-z][a-z0-9_, -]*) \| .+ \|$", section, re.MULTILINE)
    explained = {word for row in rows for word in row.split(", ")} - {"package"}
    assert explained == names(PROJECT["dependencies"], *EXTRAS.values())


def test_the_picture_of_the_tree_has_every_module_once():
    tree = read("CONTRIBUTING.md").split("```")[1]
    lines = tree.split("course_utils/", 1)[1].split("\nscripts/")[0].splitlines()[1:]
    shown = [word for line in lines for word in re.split(r"\s{3,}", line.strip())[0].split()]
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    modules |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert sorted(shown) == sorted(modules)


def test_the_package_has_few_rooms():
    entries = {path.name for path in PACKAGE.iterdir()} - {"recorded", "__pycache__"}
    assert len(entries) <= 27


def test_a_module_can_be_read_in_one_sitting():
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in PACKAGE.rglob("*.py")}
    long = {str(path.relative_to(PACKAGE)): n for path, n in lines.items() if n > 300}
    assert not long, "split what holds two ideas"


def test_the_table_of_contents_stands_once():
    link = ROOT / "_toc.yml"
    if not link.is_symlink():
        pytest.skip("this checkout has no symbolic links")
    assert link.resolve() == ROOT / "book" / "_toc.yml"


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load(read("CITATION.cff"))["version"] == PROJECT["version"]
    assert PROJECT["version"] in read("README.md").split("## How to cite")[1]


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_that_was_copied_needs_no_metadata(missing, monkeypatch, request):
    def version(name):
        if missing:
            raise metadata.PackageNotFoundError(name)
        return "7"

    request.addfinalizer(lambda: importlib.reload(course_utils))
    with monkeypatch.context() as patched:
        patched.setattr(metadata, "version", version)
        importlib.reload(course_utils)
    assert course_utils.__version__ == ("0+unknown" if missing else "7")


@pytest.mark.parametrize(
    ("target", "command"), [("book", "jupyter-book build book"), ("test", "pytest --nbval")]
)
def test_make_ends_in_the_command_that_the_readme_names(target, command):
    if shutil.which("make") is None:
        pytest.skip("no make here")
    plan = subprocess.run(
        ["make", "--dry-run", "--always-make", "--no-print-directory", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert plan.strip().splitlines()[-1].strip() == f".venv/bin/{command}"
    assert plan.count("pip install") == 1
    by_make, by_hand = blocks("## Two commands"), blocks("## In an environment of your own")
    assert any(f"make {target}" in block for block in by_make)
    assert by_hand and all(command in block for block in by_hand)


def test_make_refuses_a_python_that_is_too_old(tmp_path):
    if shutil.which("make") is None:
        pytest.skip("no make here")
    for file in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    old = tmp_path / "python-old"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    made = subprocess.run(
        ["make", "book", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert made.returncode == 2
    assert "needs Python 3.11 or newer" in made.stderr
    assert str(old) in made.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_workflows_run_what_a_maintainer_runs():
    ci = yaml.safe_load(read(".github/workflows/ci.yml"))
    job = ci["jobs"]["run"]
    assert job["strategy"]["matrix"]["python"][0] == PROJECT["requires-python"].lstrip(">=")
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 or sys.platform == "win32"
    publish = yaml.safe_load(read(".github/workflows/publish.yml"))
    runs = [step.get("run", "") for step in publish["jobs"]["book"]["steps"]]
    steps = [
        [words in run for run in runs].index(True) for words in ("publish_here.py", "make book")
    ]
    assert steps == sorted(steps), "the book is built with the address in it"
    assert publish["permissions"]["contents"] == "write"
    colab = yaml.safe_load(read(".github/workflows/colab.yml"))
    assert "colab_trial.py --here" in colab["jobs"]["trial"]["steps"][-1]["run"]


def test_publishing_needs_no_torch():
    code = "import sys; from course_utils import publish; publish.changes(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "torch" not in done.stdout.split()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The book, built as a whole with warnings as errors."""
    pytest.importorskip("jupyter_book")
    folder = tmp_path_factory.mktemp("book")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", "book", "-W", "-n", "--keep-going", "--path-output", str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "_build" / "html"


@pytest.mark.slow
def test_the_built_pages_load_nothing_from_outside(built):
    pages = sorted(built.glob("*.html"))
    assert built / "index.html" in pages
    for page in pages:
        html = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|iframe)\b[^>]*\bsrc="([^"]+)"', html)
        loaded += re.findall(
            r'<link\b(?=[^>]*rel="(?:stylesheet|preload|icon)")[^>]*\bhref="([^"]+)"', html
        )
        assert loaded, page.name
        assert [url for url in loaded if "//" in url] == [], page.name


@pytest.mark.slow
def test_the_formulas_are_set_by_the_mathjax_that_comes_with_the_book(built):
    page = (built / "notation.html").read_text(encoding="utf-8")
    (source,) = re.findall(r'src="([^"?]+)/startup\.js', page)
    (config,) = re.findall(r"window\.MathJax = (\{.+?\})</script>", page)
    for part in ["startup", *json.loads(config)["loader"]["load"]]:
        assert (built / source / f"{part}.js").resolve().is_file(), part
