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
from course_utils.exercises.frame import Exercise, Judgement, Mistake, wrong
from course_utils.exercises.judging import judge
from course_utils.exercises.limits import Exceeded, within
from course_utils.exercises.reading import is_plain
from course_utils.threads import threads

__all__ = [
    "PAGES",
    "REGISTRY",
    "Exercise",
    "Judgement",
    "Mistake",
    "box",
    "check",
    "judge",
    "judged",
]


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
    exercise = _named(name)
    if hint:
        say(textwrap.fill(f"Hint: {exercise.hint}", width=72))
        return
    judgement = judged(name, answer)
    if judgement.status == "not attempted":
        sys.displayhook(box(exercise))  # as the value of a cell or of a line is shown
    else:
        say(textwrap.fill(judgement.text, width=72))


def judged(
    name: str, answer: Any = ..., *, seconds: float = 10, memory: int = 2 * 2**30
) -> Judgement:
    """Judge the answer to an exercise as ``judge`` does, within limits of time and memory.

    Whatever isn't a plain value runs a student's code, and that is done as ``limits.within`` does
    it: in a process of its own where there can be one, so that nothing it does is left behind.

    >>> judged("output-size", lambda n, k, s, p: (n + 2 * p - k) // s + 1).status
    'right'

    Parameters
    ----------
    name
        Which exercise.
    answer
        What is handed in.
    seconds
        How long judging it may take, where it has a core to itself.
    memory
        How many bytes it may need, beyond what is in use.

    Raises
    ------
    ValueError
        For an exercise that does not exist.
    """
    exercise = _named(name)
    if is_plain(answer):
        return judge(exercise, answer)

    def work() -> list[str | None]:
        found = judge(exercise, answer)
        return [found.status, found.text, found.mistake.looks_like if found.mistake else None]

    try:
        status, text, looks_like = within(work, seconds=seconds, memory=memory)
    except Exceeded as error:
        return wrong(exercise, str(error))
    known = [mistake for mistake in exercise.mistakes if mistake.looks_like == looks_like]
    mistake = next(iter(known), Mistake(looks_like, None)) if looks_like else None
    return Judgement(status, text, mistake)


def _named(name: str) -> Exercise:
    if name not in REGISTRY:
        close = difflib.get_close_matches(name, REGISTRY, n=1)
        known = f"use one of {', '.join(sorted(REGISTRY))}"
        raise invalid("name", name, f"did you mean {close[0]!r}?" if close else known)
    return REGISTRY[name]
