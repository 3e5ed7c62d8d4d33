"""What stands under an exercise that is not attempted yet: a box that judges a value in the page.

The box is one piece of HTML with its script, which judges as ``frame`` does, without a kernel. A
function can't be tried there: the page says how to open it as a notebook.
"""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.exercises.frame import Exercise
from course_utils.exercises.slips import slips
from course_utils.fragments import Fragment, assemble

__all__ = ["Box", "box"]

NOTEBOOK = "index.html#three-ways-to-work-through-it"


class Box(Fragment):
    """The box as notebooks show it; elsewhere it is its one sentence."""

    def __repr__(self) -> str:
        return self.summary


def box(exercise: Exercise) -> Box:
    """Make the box of an exercise, the same whenever it is made.

    >>> from course_utils.exercises import REGISTRY
    >>> box(REGISTRY["normalize"])
    normalize: not attempted yet.
    """
    summary = f"{exercise.name}: not attempted yet."
    if exercise.cases:
        return Box(summary, _note(summary, "It asks for a function."))
    if exercise.fault:
        return Box(summary, _note(summary, "Many answers are right."))
    text = assemble(
        f"Your answer to {exercise.name}",
        f"<p>{html.escape(summary)} In a notebook, put your answer in place of the "
        "<code>...</code> and run the cell.</p>",
        # MathJax, which JupyterLab lets loose on every output, takes dollar signs for formulas.
        name="cjx mathjax_ignore tex2jax_ignore",
        folder=Path(__file__).parent,
        script="box.js",
        uses=["judge.js"],
        styles=["box.css"],
        attributes={"data-n": exercise.name, "data-d": _encoded(exercise)},
    )
    return Box(summary, text)


def _note(summary: str, why: str) -> str:
    """A line; its second half is for the built book alone, whose style shows it."""
    return (
        f'<p class="exercise-note">{html.escape(summary)} <span hidden>{why} To have yours tried, '
        f'<a href="{NOTEBOOK}">open this page as a notebook</a>.</span></p>'
    )


def _encoded(exercise: Exercise) -> str:
    """All that the script needs to judge; in base64, so that nobody reads the answer by chance."""
    data = {
        "right": _plain(exercise.right),
        "mistakes": [
            [mistake.looks_like, _plain(mistake.answer)]
            for mistake in (*exercise.mistakes, *slips(exercise))
        ],
        "tolerance": exercise.tolerance,
        "hint": exercise.hint,
    }
    return base64.b64encode(json.dumps(data, allow_nan=False).encode()).decode()


def _plain(answer: Any) -> Any:
    """An answer as lists of numbers; a tuple, which is compared part by part, is marked as one.

    Twelve digits, since machines differ in the last ones of a logarithm, and pages are compared.
    """
    if isinstance(answer, tuple):
        return {"parts": [_plain(part) for part in answer]}
    numbers = np.asarray(answer, dtype=np.float64)
    return np.reshape([float(f"{x:.12g}") for x in numbers.flat], numbers.shape).tolist()
