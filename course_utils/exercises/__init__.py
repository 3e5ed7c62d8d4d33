"""The exercises of every page, and the checker that the notebooks call.

Each page has a module, or a package of them, that is named as the page is, without its number:
``06a_cnn_baseline`` has its exercises in ``cnn_baseline``.
"""

from __future__ import annotations

import difflib
import sys
import textwrap
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from course_utils.basics.checks import invalid
from course_utils.basics.output import say
from course_utils.exercises.box import box
from course_utils.exercises.frame import Exercise, Judgement, Mistake
from course_utils.exercises.judging import judge
from course_utils.threads import threads

__all__ = ["PAGES", "REGISTRY", "Exercise", "Judgement", "Mistake", "box", "check", "judge"]


@threads(1)
def _pages() -> dict[str, tuple[Exercise, ...]]:
    """Find the modules that hold exercises, and what they hold."""
    modules = {
        found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)
    }
    return {
        page: module.EXERCISES for page, module in modules.items() if hasattr(module, "EXERCISES")
    }


PAGES = _pages()
REGISTRY = {exercise.name: exercise for page in PAGES.values() for exercise in page}


def check(name: str, answer: Any = ..., *, hint: bool = False) -> None:
    """Print whether the answer to an exercise is right, or which mistake it looks like.

    The answer is a value (a number, a Fraction, an array, a tensor, a nested list) or a function,
    as the exercise asks; ``...`` is an answer not attempted yet, and a notebook shows a box for it,
    which judges a value in the page. No answer raises an error. With ``hint=True`` a hint is
    printed instead.

    >>> check("normalize", ...)
    normalize: not attempted yet.
    >>> check("relu-gradient", hint=True)
    Hint: Above zero ReLU rises with slope 1, below it is flat. At zero
    PyTorch takes the 0.

    Raises
    ------
    ValueError
        For an exercise that does not exist.
    """
    if name not in REGISTRY:
        close = difflib.get_close_matches(name, REGISTRY, n=1)
        known = f"use one of {', '.join(sorted(REGISTRY))}"
        raise invalid("name", name, f"did you mean {close[0]!r}?" if close else known)
    exercise = REGISTRY[name]
    if hint:
        say(textwrap.fill(f"Hint: {exercise.hint}", width=72))
        return
    judgement = judge(exercise, answer)
    if judgement.status == "not attempted":
        sys.displayhook(box(exercise))  # as the value of a cell or of a line is shown
    else:
        say(textwrap.fill(judgement.text, width=72))
