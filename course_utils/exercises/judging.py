"""The judge, which says whether an answer is right or which mistake it looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils.exercises.answers import Nearness, compared
from course_utils.exercises.frame import Exercise, Judgement, not_attempted, wrong
from course_utils.exercises.reading import describe, is_blank, snapshot
from course_utils.exercises.slips import slips
from course_utils.exercises.trial import judge_function, told
from course_utils.threads import threads

__all__ = ["judge"]


def judge(exercise: Exercise, answer: Any) -> Judgement:
    """Judge an answer, whatever it is: nothing a student hands in raises an error here.

    A value is right within the tolerance, or if it's right to three significant digits, as one
    writes it down. One with fewer digits, or with the third cut off instead of rounded, is told to
    give three. This is for numbers that go on: counts and other whole numbers are exact, and so is
    what has a tolerance of 0. What a function returns needs no rounding and gets no such room.

    >>> third = Exercise("third", right=1 / 3, mistakes=(), hint="Divide.", tolerance=1e-6)
    >>> judge(third, 0.333).text
    '✓ third: right.'
    >>> judge(third, 0.33).text
    '✗ third: wrong. Your answer is close: give three digits, and round the last. Hint: Divide.'
    """
    try:
        with threads(1):
            if is_blank(answer):
                return not_attempted(exercise)
            if exercise.fault:
                return _judge_design(exercise, answer, exercise.fault)
            if not exercise.cases:
                return _judge_value(exercise, answer)
            if callable(answer):
                return judge_function(exercise, answer)
            return wrong(
                exercise,
                f"This exercise asks for a function, and the answer is {describe(answer)}. "
                "Hand in the function itself, without calling it.",
            )
    except (Exception, SystemExit) as error:
        return wrong(exercise, f"The answer cannot be read: {told(error)}.")


def _judge_value(exercise: Exercise, answer: Any) -> Judgement:
    if callable(answer):
        return wrong(exercise, "This exercise asks for a value, and the answer is a function.")
    mistakes = (*exercise.mistakes, *slips(exercise))
    rules: tuple[Nearness, ...] = ("tolerance", "digits")
    for near in rules:
        if _same(exercise, answer, exercise.right, near):
            return Judgement("right", f"✓ {exercise.name}: right.")
        for mistake in mistakes:
            if _same(exercise, answer, mistake.answer, near, strict=False):
                return wrong(exercise, mistake=mistake)
    if _same(exercise, answer, exercise.right, "cut"):
        return wrong(exercise, "Your answer is close: give three digits, and round the last.")
    difference = compared(answer, exercise.right, exercise.tolerance)
    return wrong(exercise, f"Your answer {difference.words if difference else ''}.")


def _same(
    exercise: Exercise, answer: Any, other: Any, near: Nearness, *, strict: bool = True
) -> bool:
    return compared(answer, other, exercise.tolerance, strict=strict, near=near) is None


def _judge_design(exercise: Exercise, answer: Any, fault: Callable[[Any], str | None]) -> Judgement:
    found = fault(snapshot(answer))
    if found is None:
        return Judgement("right", f"✓ {exercise.name}: right.")
    return wrong(exercise, found)
