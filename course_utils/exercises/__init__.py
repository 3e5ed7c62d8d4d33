"""Is my answer right? The exercises of every chapter, and the checker that the notebooks call."""

from __future__ import annotations

import difflib
import textwrap
from typing import Any

from course_utils.exercises import (
    cnn_arithmetic,
    cnn_baseline,
    cnn_depth,
    cnn_evaluation,
    cnn_questions,
    cnn_speed,
    loss_landscapes,
    mnist_mlp,
    pen_and_paper,
    xor,
)
from course_utils.exercises.frame import Exercise, Judgement, Mistake, judge

__all__ = ["REGISTRY", "Exercise", "Judgement", "Mistake", "check", "judge"]

CHAPTERS = (
    pen_and_paper,
    cnn_arithmetic,
    loss_landscapes,
    xor,
    mnist_mlp,
    cnn_baseline,
    cnn_depth,
    cnn_evaluation,
    cnn_questions,
    cnn_speed,
)
REGISTRY: dict[str, Exercise] = {
    exercise.name: exercise for chapter in CHAPTERS for exercise in chapter.EXERCISES
}


def check(name: str, answer: Any) -> None:
    """Print whether the answer to an exercise is right, or which mistake it looks like.

    `answer` is a value (a number, a Fraction, an array, a tensor, a nested list) or a function,
    as the exercise asks; `...` is an answer not attempted yet. No answer raises an error.

    >>> check("normalize", ...)
    normalize: not attempted yet.

    Raises ValueError for an exercise that does not exist.
    """
    if name not in REGISTRY:
        close = difflib.get_close_matches(name, REGISTRY, n=1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"name must be one of {', '.join(REGISTRY)}; got {name!r}{meant}")
    print(textwrap.fill(judge(REGISTRY[name], answer).text, width=72))
