"""Mistakes that any exercise may meet: a sign, an axis, a factor of 100, a number not rounded."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from course_utils.exercises.answers import compared, whole
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["slips"]


@cache
def slips(exercise: Exercise) -> tuple[Mistake, ...]:
    """Give the right answer as it's often spoilt, where no mistake of the exercise is the same.

    For a function these are functions of its arguments. What would leave the right answer as it
    is, in every case, isn't among them; nor is what an exercise can't have: a transposed number.

    >>> five = Exercise("five", right=[2.5, 2.5], mistakes=(), hint="Halve it.")
    >>> [(slip.looks_like, slip.answer.tolist()) for slip in slips(five)]
    [('the sign is flipped', [-2.5, -2.5]), \
('100 times the right answer: per cent instead of a share', [250.0, 250.0]), \
('a hundredth of the right answer: a share instead of per cent', [0.025, 0.025])]
    """
    if exercise.fault or isinstance(exercise.right, str):
        return ()
    taken = [
        _results(exercise, a) for a in (exercise.right, *(m.answer for m in exercise.mistakes))
    ]
    found = []
    may_be_shares = exercise.tolerance > 0 and not all(map(_whole, taken[0]))
    for words, spoil in _SLIPS + _SHARES * may_be_shares + _COUNTED * bool(exercise.cases):
        answer = _spoilt(exercise, spoil)
        results = _results(exercise, answer)
        if results and not any(_same(exercise, results, other) for other in taken):
            found.append(Mistake(words, answer))
            taken.append(results)
    return tuple(found)


def _whole(right: Any) -> bool:
    if isinstance(right, tuple):
        return all(map(_whole, right))
    return not isinstance(right, str) and whole(np.asarray(right, dtype=np.float64))


def _spoilt(exercise: Exercise, spoil: Callable[[Any], Any]) -> Any:
    """Give the function that spoils what is right; for a value what it gives, or nothing."""
    if exercise.cases:
        return lambda *case: _each(spoil, exercise.right(*case))
    try:
        return _each(spoil, exercise.right)
    except _CannotBe:
        return None


class _CannotBe(Exception):
    """An answer of this kind isn't spoilt in this way."""


def _each(spoil: Callable[[Any], Any], right: Any) -> Any:
    """Spoil an answer, or each part of one."""
    if isinstance(right, tuple):
        return tuple(_each(spoil, part) for part in right)
    if isinstance(right, str):
        raise _CannotBe
    return spoil(np.asarray(right, dtype=np.float64))


def _results(exercise: Exercise, answer: Any) -> list[Any]:
    """What an answer gives, case by case; nothing where it can't be asked for."""
    try:
        with np.errstate(all="ignore"):
            if not exercise.cases:
                return [] if answer is None else [answer]
            return [answer(*copy.deepcopy(case)) for case in exercise.cases]
    except _CannotBe:
        return []


def _same(exercise: Exercise, results: list[Any], others: list[Any]) -> bool:
    return all(
        compared(result, other, exercise.tolerance, strict=False, near="digits") is None
        for result, other in zip(results, others, strict=True)
    )


def _axis(axis: int, dimensions: int) -> Callable[[Any], Any]:
    """Reverse an axis of arrays that have so many."""

    def reverse(right: Any) -> Any:
        return np.flip(right, axis).copy() if right.ndim == dimensions else right

    return reverse


_SLIPS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("the sign is flipped", lambda right: -right),
    (
        "the result was transposed: rows and columns were swapped",
        lambda right: right.T if right.ndim == 2 else right,
    ),
    ("the rows are in reverse order", _axis(0, 2)),
    ("the columns are in reverse order", _axis(1, 2)),
    (
        "both rows and columns are in reverse order",
        lambda right: np.flip(right).copy() if right.ndim == 2 else right,
    ),
    ("the numbers are in reverse order", _axis(0, 1)),
)
# Of what isn't a count.
_SHARES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("100 times the right answer: per cent instead of a share", lambda right: right * 100),
    ("a hundredth of the right answer: a share instead of per cent", lambda right: right / 100),
)


def _rounded(decimals: int) -> Callable[[Any], Any]:
    return lambda right: np.round(right, decimals)


# Nothing of a value is told that gives the value away.
_COUNTED: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("the right answer plus 1, in every case", lambda right: _single(right) + 1),
    ("the right answer minus 1, in every case", lambda right: _single(right) - 1),
    *(
        (f"the right answer rounded to {n}: return it as it is", _rounded(decimals))
        for decimals, n in zip(
            count(), ("a whole number", "one decimal", *(f"{n} decimals" for n in "234"))
        )
    ),
)


def _single(right: Any) -> Any:
    if right.ndim or right != np.rint(right):
        raise _CannotBe
    return right
