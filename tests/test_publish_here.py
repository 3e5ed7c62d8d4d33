"""Does a push publish? A bare repository stands for GitHub's, and the workflow's step runs."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest

from course_utils import publish

ROOT = Path(__file__).resolve().parents[1]
AUTHOR = ["-c", "user.name=author", "-c", "user.email=author@localhost"]
STEP = "scripts/publish_here.py"

if shutil.which("git") is None:
    pytest.skip("no git here", allow_module_level=True)


def git(folder, *arguments):
    done = subprocess.run(
        ["git", *AUTHOR, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", f"--message={name}")


@pytest.fixture
def server(tmp_path):
    """The address of a small fork, pushed: a configuration, a page, the step itself."""
    work, bare = tmp_path / "work", tmp_path / "server" / "owner" / "course"
    (work / "book").mkdir(parents=True)
    (work / "scripts").mkdir()
    shutil.copy(ROOT / STEP, work / STEP)
    shutil.copy(ROOT / "_config.yml", work)
    page = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=page), work / "book" / "01_page.ipynb")
    git(work, "init", "--quiet", "--initial-branch=main")
    commit(work, "README.md", "# A course\n\n<!-- colab -->\n<!-- /colab -->\n")
    git(work, "clone", "--quiet", "--bare", work, bare)
    return f"file://{bare}"


def checkout(server, folder):
    """What actions/checkout leaves: the last commit alone."""
    git(folder.parent, "clone", "--quiet", "--depth=1", server, folder)
    return folder


def step(folder, server, **changes):
    url, owner, name = server.rsplit("/", 2)
    github = {
        "GITHUB_SERVER_URL": url,
        "GITHUB_REPOSITORY": f"{owner}/{name}",
        "GITHUB_REF_NAME": "main",
        "PYTHONPATH": str(ROOT),
    }
    env = os.environ | github | changes
    command = [sys.executable, folder / STEP]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def log(server):
    return git(server.removeprefix("file://"), "log", "--format=%s", "main").splitlines()


def test_a_push_writes_the_address_once(server, tmp_path):
    done = step(checkout(server, tmp_path / "run"), server)
    assert done.returncode == 0, done.stderr
    assert log(server) == [f"The book's address: {server}", "README.md"]
    result = checkout(server, tmp_path / "result")
    assert publish.address(result) == (server, "main")
    page = nbformat.read(result / "book" / "01_page.ipynb", as_version=4)
    assert page.cells[1].source == publish.setup_source(server, "main")

    again = step(checkout(server, tmp_path / "again"), server)
    assert (again.returncode, again.stdout) == (0, f"{server} stands in the book already\n")
    assert len(log(server)) == 2


def test_on_github_the_links_open_in_colab(server, tmp_path):
    """The address is GitHub's; git takes it to the repository that stands for it."""
    run, github = checkout(server, tmp_path / "run"), "https://github.com/owner/course"
    assert step(run, github).returncode == 0
    result = checkout(server, tmp_path / "result")
    link = f"({publish.COLAB}/github/owner/course/blob/main/book/01_page.ipynb)"
    assert link in (result / "README.md").read_text(encoding="utf-8")
    assert link in nbformat.read(result / "book" / "01_page.ipynb", as_version=4).cells[0].source
    # The book is built from the checkout, which has what was pushed.
    assert git(run, "rev-parse", "HEAD") == git(result, "rev-parse", "HEAD")


def test_a_push_that_came_before_the_step_is_kept(server, tmp_path):
    run, other = checkout(server, tmp_path / "run"), checkout(server, tmp_path / "other")
    commit(other, "new.md", "new")
    git(other, "push", "--quiet")
    assert step(run, server).returncode == 0
    assert log(server) == [f"The book's address: {server}", "new.md", "README.md"]
    assert (run / "new.md").exists()


def test_a_push_that_comes_during_the_step_is_kept(server, tmp_path):
    run, other = checkout(server, tmp_path / "run"), checkout(server, tmp_path / "other")
    commit(other, "new.md", "new")
    hook = run / ".git" / "hooks" / "pre-push"  # between the step's fetch and its push
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nunset GIT_DIR GIT_WORK_TREE\ncd '{other}' && git push -q || true\n",
        encoding="utf-8",
    )
    hook.chmod(0o755)
    done = step(run, server)
    assert done.returncode == 0, done.stderr
    assert log(server) == [f"The book's address: {server}", "new.md", "README.md"]
    assert (run / "new.md").exists()


def test_a_branch_that_takes_no_commit_is_named_and_nothing_is_pushed(server, tmp_path):
    hook = Path(server.removeprefix("file://")) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    done = step(checkout(server, tmp_path / "run"), server)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the branch main does not take the commit. Let workflows")
    assert f"--repository {server} --ref main" in done.stderr
    assert "protected branch" in done.stderr
    assert log(server) == ["README.md"]


def test_outside_a_workflow_and_over_changes_the_step_does_nothing(server, tmp_path):
    run = checkout(server, tmp_path / "run")
    done = step(run, server, GITHUB_REPOSITORY="")
    assert done.stderr.startswith("error: GITHUB_REPOSITORY: '' is invalid; run this in a workflow")
    (run / "README.md").write_text("mine", encoding="utf-8")
    done = step(run, server)
    assert (done.returncode, done.stderr) == (
        1, "error: the checkout has changes; commit them first\n"
    )  # fmt: skip
    assert (run / "README.md").read_text(encoding="utf-8") == "mine"
    assert log(server) == ["README.md"]


@pytest.mark.slow
def test_the_colab_trial_runs_from_what_the_workflow_published(tmp_path):
    """In an environment that has the packages of this one, and no course-utils of its own."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "outer.pth").write_text(
        sysconfig.get_path("purelib"), encoding="utf-8"
    )  # whose own .pth are not read
    listed = [venv / "bin" / "python", "-m", "pip", "list", "--format=json"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    rows = subprocess.run(listed, env=env, capture_output=True, text=True, check=True).stdout
    found = {row["name"]: row["version"] for row in json.loads(rows)}
    (venv / "preinstalled.json").write_text(json.dumps(found), encoding="utf-8")
    pages = [min((ROOT / "book").glob(f"{chapter}*.ipynb")) for chapter in ("01", "02")]
    command = [sys.executable, ROOT / "scripts" / "colab_trial.py", "--venv", venv, *pages]
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_DEPS": "1"}
    done = subprocess.run(
        command, env=env | offline | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "now stands in" in done.stdout
    assert done.stdout.count("passed") == len(pages)
