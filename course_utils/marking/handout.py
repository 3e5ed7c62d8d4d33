"""Notebooks for students: the book's pages without solutions, and without the answers to recall.

All else stays as it is in the book, and the notebooks run. As an assignment for nbgrader, each
exercise is followed by a locked cell that has it judged, and is worth a point.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from course_utils.basics.checks import choice
from course_utils.basics.files import write_atomically
from course_utils.marking.pages import SOLUTION, Page, asked, read_pages

__all__ = ["FORMATS", "assignment", "handout", "write"]

FORMATS = ("notebook", "nbgrader")
RECALL = "## Questions to recall"
_OPTION = re.compile(r"<details>\s*<summary>(.*?)</summary>.*?</details>\n*", re.DOTALL)
# What the book says of what a handout lacks.
_GONE = {
    "Choose an answer; each says why it is right or not.": "Choose an answer.",
    " Solutions are folded.": "",
}
_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "course"
c.ExecutePreprocessor.timeout = 600
"""
_TEST = """# @title Judged: {name}
from course_utils.exercises import REGISTRY, judge

_judgement = judge(REGISTRY[{name!r}], {answer})
assert _judgement.status == "right", _judgement.text
"""


def write(
    out: Path, *, book: Path, pages: Iterable[str] = (), kind: str = "notebook"
) -> list[Path]:
    """Write the pages' handouts, all or those that are named, and say which files those are.

    For nbgrader, ``out`` becomes a course's folder: ``source/PAGE/PAGE.ipynb`` and a
    ``nbgrader_config.py``, unless it has one.

    Raises
    ------
    ValueError
        For a folder without the book's pages, an unknown page, an unknown kind.
    ModuleNotFoundError
        Without nbconvert.
    """
    import nbformat

    choice("format", kind, FORMATS)
    notebooks: dict[Path, Any] = {}
    for name, page in read_pages(book, pages).items():
        if kind == "nbgrader":
            notebooks[out / "source" / name / f"{name}.ipynb"] = assignment(page)
        else:
            notebooks[out / f"{name}.ipynb"] = handout(page)
    for path, notebook in notebooks.items():
        write_atomically(path, partial(nbformat.write, notebook))
    config = out / "nbgrader_config.py"
    if kind == "nbgrader" and not config.exists():
        write_atomically(config, lambda part: part.write_text(_CONFIG, encoding="utf-8"))
    return list(notebooks)


def handout(page: Page) -> Any:
    """Make a student's notebook of a page."""
    from nbconvert.preprocessors import TagRemovePreprocessor

    remover = TagRemovePreprocessor(remove_cell_tags={SOLUTION}, enabled=True)
    notebook, _ = remover.preprocess(copy.deepcopy(page.notebook), {})
    recall = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source, recall = _without_answers(cell.source, recall)
        elif asked(cell.source):  # the stored box has the answer in it
            cell.outputs, cell.execution_count = [], None
    return notebook


def _without_answers(source: str, recall: bool) -> tuple[str, bool]:
    """Make lists of the options to recall; say whether the next cell still has some."""
    parts = re.split(r"^(?=## )", source, flags=re.MULTILINE)
    for i, part in enumerate(parts):
        if part.startswith("## "):
            recall = part.startswith(RECALL)
        if recall:
            listed = _OPTION.sub(lambda match: f"- {match[1].strip()}\n", part)
            parts[i] = re.sub(r"^(- .*\n)(?=[^-\n])", r"\1\n", listed, flags=re.MULTILINE)
        for said, instead in _GONE.items():
            parts[i] = parts[i].replace(said, instead)
    return "".join(parts), recall


def assignment(page: Page) -> Any:
    """Make the source of an assignment for nbgrader (``nbgrader generate_assignment``)."""
    from nbformat.v4 import new_code_cell

    notebook = handout(page)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        for name, answer in _answers(cell):
            about: dict[str, Any] = {
                "grade": True,
                "solution": False,
                "locked": True,
                "task": False,
                "points": 1,
            }
            about |= {"grade_id": name, "schema_version": 3, "cell_type": "code"}
            test = new_code_cell(_TEST.format(name=name, answer=answer))
            test.id = f"judged-{name}"[:64]
            test.metadata.update(nbgrader=about, tags=["hide-input"])
            cells.append(test)
    notebook.cells = cells
    return notebook


def _answers(cell: Any) -> list[tuple[str, str]]:
    """Read the exercises of a cell, each with the expression that is its answer."""
    if cell.cell_type != "code" or not asked(cell.source):
        return []
    calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    return [
        (name, ast.unparse(call.args[1]))
        for name in asked(cell.source)
        for call in calls
        if len(call.args) == 2 and getattr(call.args[0], "value", None) == name
    ]
