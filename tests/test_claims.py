"""The script that finds claims that can't fail, on a notebook made up for it."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "claims.py"
spec = importlib.util.spec_from_file_location("claims", SCRIPT)
claims = importlib.util.module_from_spec(spec)
spec.loader.exec_module(claims)
survivors, variants = claims.survivors, claims.variants

CELLS = [
    "from course_utils.prose import claim\nimport numpy as np",
    "class Found:\n    low = 0.2\n\n\nfound, names = Found(), ['a', 'b']\n"
    "losses = np.array([3.0, 2.0])",
    "claim('The square is no less than 0.', (losses**2).min() >= 0)",
    "claim('It falls, and is long.', losses[1] < losses[0] and len(names) > -1)",
    "claim('Two names.', len(names) == 2 and names[0] == 'a')\nclaim('Above.', found.low > 0.1)",
    "for i in range(2):\n    claim(f'Loss {i} is above 1.', losses[i] > 1)",
]


def notebook(folder: Path, cells: list[str]) -> Path:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, folder / "made.ipynb")
    return folder / "made.ipynb"


def test_what_no_change_turns_false_is_found_and_nothing_else(tmp_path):
    found = survivors(notebook(tmp_path, CELLS), by=0.5)
    assert [(cell, words) for cell, _, words in found] == [
        (2, "(losses ** 2).min() >= 0"),
        (3, "len(names) > -1"),
    ]
    assert found[1][1] == "It falls, and is long."


def test_a_smaller_change_leaves_more(tmp_path):
    cells = [*CELLS[:2], "claim('Below 5.', (abs(losses) < 5).all())"]
    assert survivors(notebook(tmp_path, cells), by=0.1) != []
    assert survivors(notebook(tmp_path, cells), by=2) == []


@pytest.mark.parametrize("value", [None, object(), len])
def test_what_is_no_number_is_left_alone(value):
    assert variants(value, 0.5) == []
