"""An assignment in a real nbgrader: handed out, handed in right and wrong, graded.

`make lab` installs it, in `.venv-lab`.
"""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import made_up_class
import nbformat
import pytest

from course_utils.marking.handout import write
from course_utils.marking.pages import asked, read_pages

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
NBGRADER = ROOT / ".venv-lab" / "bin" / "nbgrader"


def answered(released, page, wrong):
    """A student's copy; one who is wrong also empties a cell that judges."""
    notebook = nbformat.read(released, as_version=4)
    found, _ = made_up_class.stubs(page)
    for cell in notebook.cells:
        names = asked(cell.source) if cell.cell_type == "code" else []
        for name in names if "nbgrader" not in cell.metadata else []:
            if not wrong:
                cell.source = made_up_class.right(page, name)
            elif name == "conv-by-hand":
                answer = re.search(r'check\("conv-by-hand", (\w+)\)', found[name].source)[1]
                cell.source = f"{made_up_class.mistaken(name, 0)}\n{answer} = answer"
        if wrong and cell.metadata.get("nbgrader", {}).get("grade_id") == "conv2d":
            cell.source = "pass"
    return notebook


def test_nbgrader_grades_a_right_and_a_wrong_one(tmp_path):
    pytest.importorskip("nbconvert", reason="nbconvert is not installed (extra book)")
    if not NBGRADER.exists():
        pytest.skip("nbgrader is not installed: make lab")
    (page,) = read_pages(ROOT / "book", ["01a"]).values()
    write(tmp_path, book=ROOT / "book", pages=["01a"], kind="nbgrader")
    kernel = tmp_path / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Course", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    # JUPYTER_PATH comes before the kernels of the environment that nbgrader is in.
    own = {"JUPYTER_PATH": str(tmp_path / "data"), "HOME": str(tmp_path)}
    own["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    # It starts alembic by name, which an environment that isn't active doesn't have on its path.
    own["PATH"] = os.pathsep.join([str(NBGRADER.parent), os.environ["PATH"]])

    def nbgrader(*words):
        done = subprocess.run(
            [NBGRADER, *words], cwd=tmp_path, env=os.environ | own, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    nbgrader("generate_assignment", page.name, "--create")
    released = tmp_path / "release" / page.name / f"{page.name}.ipynb"
    for who in ("right", "wrong"):
        folder = tmp_path / "submitted" / who / page.name
        folder.mkdir(parents=True)
        nbformat.write(answered(released, page, who == "wrong"), folder / f"{page.name}.ipynb")
    nbgrader("autograde", page.name, "--create")
    nbgrader("export")
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        grades = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {who: float(row["score"]) for who, row in grades.items()} == {
        "right": len(page.titles),
        "wrong": 0,
    }
    assert {float(row["max_score"]) for row in grades.values()} == {len(page.titles)}
    graded = tmp_path / "autograded" / "wrong" / page.name / f"{page.name}.ipynb"
    text = graded.read_text(encoding="utf-8")
    assert "This looks like" in text  # the sentence that the student gets back
