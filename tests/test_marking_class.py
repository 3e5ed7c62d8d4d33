"""A made-up class, marked for real: in sandboxes, killed on the way, with mischief in it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import made_up_class
import nbformat
import psutil
import pytest
from contrast import assert_text_stands_out
from interrupts import hear_interrupts

from course_utils.marking import sandbox
from course_utils.marking.classroom import mark
from course_utils.marking.handout import handout
from course_utils.marking.nursery import Nursery
from course_utils.marking.pages import SOLUTION, read_pages
from course_utils.marking.running import judged
from course_utils.marking.session import Limits, Session

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
PAGES = read_pages(BOOK)
STUDENTS = 8


@pytest.fixture(scope="module")
def nursery():
    pytest.importorskip("nbconvert", reason="nbconvert is not installed (extra book)")
    made = Nursery(["matplotlib.pyplot"])
    yield made
    made.close()


@pytest.fixture(scope="module")
def boxed():
    if sandbox.available():
        pytest.skip(f"no sandbox here: {sandbox.available()}")


@pytest.fixture(scope="module")
def handed(boxed, nursery, tmp_path_factory):
    """What a class hands in, what is expected of it, and a secret beside it."""
    folder = tmp_path_factory.mktemp("handed")
    secret = tmp_path_factory.mktemp("home") / "secret"
    secret.write_text("grades", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        pages = [PAGES["01a_convolution"]]
        address = server.getsockname()
        expected = made_up_class.handed_in(folder, pages, STUDENTS, str(secret), address)
        yield folder, *expected, pages


def command(folder, out):
    words = ["mark", folder, "--out", out, "--book", BOOK, "--pages", "01a", "--seconds", "3"]
    return subprocess.Popen(
        [sys.executable, "-m", "course_utils", *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        preexec_fn=hear_interrupts,
    )


def interrupted(process, results, count, signum):
    """Wait for so many results, then send the signal; all that was started ends with it."""
    while len(list(results.glob("*.json"))) < count:
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.02)
    others = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signum)
    said = process.communicate()[0]
    assert others
    psutil.wait_procs(others)
    return said, {path: path.read_bytes() for path in results.glob("*.json")}


@pytest.fixture(scope="module")
def marked(handed, tmp_path_factory):
    """The folder of marks, after a kill and an interrupt, and what the last run said."""
    folder, *_ = handed
    out = tmp_path_factory.mktemp("marks")
    process = command(folder, out)
    said, before = interrupted(process, out / "results", 4, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (out / "marks.csv").exists()
    process = command(folder, out)
    said, more = interrupted(process, out / "results", len(before) + 2, signal.SIGINT)
    assert f"{len(before)} of " in said and "were marked before" in said
    assert said.strip().endswith("the same command picks up where this one stopped")
    assert (process.returncode, before.items() <= more.items()) == (130, True)
    process = command(folder, out)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    assert f"{len(more)} of " in said.splitlines()[0]
    after = {path: path.read_bytes() for path in (out / "results").glob("*.json")}
    assert more.items() <= after.items()
    assert len(after) == STUDENTS + len(made_up_class.MISCHIEF) + len(made_up_class.FILES)
    return out


def test_all_are_marked_as_they_should_be_whatever_came_between(handed, marked):
    _, expected, troubles, pages = handed
    found = json.loads((marked / "marks.json").read_text(encoding="utf-8"))
    assert found["warning"] == ""
    assert list(made_up_class.wrongs(found, expected, troubles, pages)) == []
    assert len(found["students"]) == len(expected) + len(troubles)


def test_marked_again_nothing_runs_and_the_marks_are_the_same(handed, marked):
    kept = {path: path.read_bytes() for path in marked.rglob("*") if path.is_file()}
    process = command(handed[0], marked)
    said = process.communicate()[0]
    assert len(said.splitlines()) == 2  # those that were marked before, and the report
    assert {path: path.read_bytes() for path in marked.rglob("*") if path.is_file()} == kept


def test_nothing_is_left_of_the_notebooks(marked):
    assert [process for process in psutil.process_iter() if "marking.kernel" in told(process)] == []


def told(process):
    """What a process was started with, if it was started by a run that has ended."""
    try:
        started = process.ppid() == 1
        return " ".join(process.cmdline()) if started else ""
    except psutil.Error:
        return ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_report_and_a_students_page_can_be_read(marked, open_alone, width, scheme):
    for path in (marked / "report.html", *sorted((marked / "students").glob("*.html"))[:3]):
        tab = open_alone(path.read_text(encoding="utf-8"), width, color_scheme=scheme)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert_text_stands_out(tab, "main *")


# --- one notebook


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_what_runs_of_a_page_is_enough_for_its_solutions(page, nursery):
    """A student's notebook with the page's solutions, each in a cell of its own below the stub."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(page.notebook)))
    for cell in notebook.cells:
        if SOLUTION in cell.metadata.get("tags", []):
            cell.source += "\n# mine"
    result = judged(nbformat.writes(notebook).encode(), PAGES, PAGES, Limits(120), nursery)
    assert result["trouble"] == []
    assert {answer["status"] for answer in result["exercises"].values()} == {"right"}


def test_a_handout_runs_as_it_is(nursery):
    cells = [c.source for c in handout(PAGES["02b_parameters_and_work"]).cells]
    kinds = [c.cell_type == "code" for c in handout(PAGES["02b_parameters_and_work"]).cells]
    session = Session([s for s, code in zip(cells, kinds, strict=True) if code], Limits(120))
    session.run(nursery)
    assert [heard.stopped for heard in session.heard if heard.stopped] == []


def heard(nursery, *cells):
    session = Session(list(cells), Limits(20))
    session.run(nursery)
    assert session.trouble == []
    return [cell.printed + cell.stopped for cell in session.heard]


def test_what_the_sandbox_forbids(boxed, nursery, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("TOKEN", "secret")
    tmp_path.chmod(0o755)  # root becomes somebody else in there
    (tmp_path / "data").write_text("digits", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        forbidden = f"""
import os, socket, subprocess
from pathlib import Path

def tried(what, *words):
    try:
        what(*words)
        print("could", what, words)
    except OSError as error:
        pass

tried(os.listdir, {str(ROOT)!r} + "/tests")
tried(os.listdir, {str(Path.home())!r} + "/.cache")
tried(os.listdir, "/etc/ssh")
tried(Path("{tmp_path}/data").write_text, "changed")
tried(Path("/usr/mine").write_text, "new")
tried(Path("/mine").write_text, "new")
tried(Path("/proc/sys/kernel/core_pattern").write_text, "new")
tried(os.setuid, 0)
tried(os.kill, {os.getpid()}, 0)
tried(socket.create_connection, {server.getsockname()!r}, 5)
tried(os.mkdir, {str(Path(sys.prefix) / "mine")!r})
print(os.environ.get("TOKEN"), os.getppid(), Path("{tmp_path}/data").read_text())
Path("mine").write_text("here"), Path("/tmp/mine").write_text("there")
"""
        umount = "done = subprocess.run(['umount', '/tmp'], capture_output=True)"
        umount = f"{umount}\nprint(done.returncode != 0)"
        assert heard(nursery, forbidden, umount) == ["None 0 digits\n", "True\n"]


def test_notebooks_know_nothing_of_one_another(boxed, nursery):
    assert heard(nursery, "open('/tmp/a', 'w').write('x'); import torch; torch.mine = 1") == [""]
    again = "import os, torch; print(os.path.exists('/tmp/a'), hasattr(torch, 'mine'))"
    assert heard(nursery, again) == ["False False\n"]


@pytest.mark.parametrize("forks", [True, False])
def test_without_a_sandbox_that_is_said_everywhere(forks, monkeypatch, tmp_path, nursery):
    monkeypatch.setattr(sandbox, "available", lambda: "this is a test")
    monkeypatch.setattr("course_utils.marking.nursery._forks", lambda: forks)  # else: as on Windows
    page = PAGES["01a_convolution"]
    (tmp_path / "in").mkdir()
    answers = {name: made_up_class.right(page, name) for name in page.titles}
    (tmp_path / "in" / "anna.ipynb").write_bytes(made_up_class.answered(page, answers))
    said = []
    mark(tmp_path / "in", tmp_path / "out", book=BOOK, say=said.append)
    assert said[0].startswith("warning: The notebooks ran on this machine as they are (this is")
    assert said[1] == "1 of 1: anna, anna.ipynb: 6 of 6 right"
    assert "No sandbox." in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("here", [True, False])
def test_a_notebooks_own_processes_end_as_they_do_elsewhere(here, monkeypatch, nursery):
    if here:
        monkeypatch.setattr(sandbox, "available", lambda: "this is a test")
    code = "import subprocess\nprint(subprocess.run(['sh', '-c', 'exit 3']).returncode)"
    assert heard(nursery, code) == ["3\n"]
