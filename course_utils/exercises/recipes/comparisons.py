"""The exercises on two recipes compared over seeds: an interval, many verdicts, enough seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from course_utils.evaluation import detectable
from course_utils.exercises.answers import Difference, numbers
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]


def _interval(difference: float, error: float, degrees: float, level: float = 0.975) -> Array:
    half = float(special.stdtrit(degrees, level)) * error
    return np.array([difference, difference - half, difference + half])


def _paired(a: Array, b: Array) -> Array:
    d, n = a - b, len(a)
    return _interval(d.mean(), d.std(ddof=1) / math.sqrt(n), n - 1)


def _varied(make: Callable[[Array, int], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: make(a - b, len(a))


def _unpaired(a: Array, b: Array, *, pooled: bool) -> Array:
    n = len(a)
    va, vb = a.var(ddof=1) / n, b.var(ddof=1) / n
    degrees = 2 * n - 2 if pooled else (va + vb) ** 2 * (n - 1) / (va**2 + vb**2)
    return _interval(a.mean() - b.mean(), math.sqrt(va + vb), degrees)


_APART = "the two experiments were treated as unrelated: take the difference seed by seed first"

PAIRED_INTERVAL = Exercise(
    name="paired-interval",
    right=lambda a, b: tuple(float(x) for x in _paired(a, b)),
    cases=(
        (
            np.array([0.972, 0.968, 0.975, 0.970, 0.966]),
            np.array([0.969, 0.967, 0.970, 0.968, 0.965]),
        ),
        (np.array([0.91, 0.95]), np.array([0.92, 0.90])),
        (
            np.array([0.981, 0.979, 0.980, 0.978, 0.982, 0.977, 0.980, 0.979, 0.981, 0.976]),
            np.array([0.979, 0.980, 0.978, 0.979, 0.981, 0.978, 0.977, 0.980, 0.979, 0.978]),
        ),
        (np.array([0.3, 0.5, 0.4]), np.array([0.6, 0.4, 0.7])),
    ),
    tolerance=1e-6,
    forms=("array",),  # of a tensor, d.std() is another thing
    mistakes=(
        Mistake(_APART, lambda a, b: _unpaired(a, b, pooled=True)),
        Mistake(_APART, lambda a, b: _unpaired(a, b, pooled=False)),
        Mistake(
            "the standard deviation in place of the standard error: divide by √n",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1), n - 1)),
        ),
        Mistake(
            "the standard error was divided by n instead of √n",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1) / n, n - 1)),
        ),
        Mistake(
            "the population standard deviation, NumPy's default: give ddof=1",
            _varied(lambda d, n: _interval(d.mean(), d.std() / math.sqrt(n), n - 1)),
        ),
        Mistake(
            "1.96, which is for many seeds: take Student's t with n - 1 degrees of freedom",
            _varied(
                lambda d, n: d.mean() + np.array([0, -1.96, 1.96]) * d.std(ddof=1) / math.sqrt(n)
            ),
        ),
        Mistake(
            "Student's t was taken with n degrees of freedom instead of n - 1",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1) / math.sqrt(n), n)),
        ),
        Mistake(
            "Student's t at 0.95 instead of 0.975: 2.5 % lie beyond each end",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1) / math.sqrt(n), n - 1, 0.95)),
        ),
        Mistake("b minus a instead of a minus b", lambda a, b: _paired(b, a)),
        Mistake(
            "the factor t is missing: mean plus or minus one standard error",
            _varied(lambda d, n: d.mean() + np.array([0, -1, 1]) * d.std(ddof=1) / math.sqrt(n)),
        ),
    ),
    hint="Which single list of n numbers do you want the mean of? Then use the interval of a mean.",
)


def _holm(p: Array) -> int:
    """Count the verdicts that stand: from the smallest p on, until the first that fails."""
    passed = np.sort(p) * np.arange(len(p), 0, -1) < 0.05
    return int(passed.cumprod().sum())


HOLM = Exercise(
    name="holm",
    right=_holm,
    cases=(
        (np.array([0.012, 0.5, 0.001, 0.018, 0.4]),),
        (np.array([0.04]),),
        (np.array([0.03, 0.001, 0.002, 0.015, 0.6, 0.0101]),),
        (np.array([0.3, 0.04, 0.03]),),
        (np.array([0.001, 0.03, 0.04]),),
        (np.array([0.03, 0.01, 0.02]),),
        (np.array([0.02, 0.02, 0.02, 0.02]),),
    ),
    tolerance=0,
    mistakes=(
        Mistake("every p below 0.05, without a correction", lambda p: (p < 0.05).sum()),
        Mistake(
            "every p multiplied by their number (Bonferroni's correction); Holm's asks less of "
            "all but the smallest",
            lambda p: (p * len(p) < 0.05).sum(),
        ),
        Mistake(
            "going on after a p that failed: once one fails, so do all larger ones",
            lambda p: (np.sort(p) * np.arange(len(p), 0, -1) < 0.05).sum(),
        ),
        Mistake(
            "the factors in the wrong order: the smallest p takes the largest factor",
            lambda p: (np.sort(p)[::-1] * np.arange(len(p), 0, -1) < 0.05).sum(),
        ),
        Mistake("the number that fall, not the number that stand", lambda p: len(p) - _holm(p)),
    ),
    hint="Sort first. Then ask of the smallest p what you would ask of all; of the next, a little "
    "less.",
)

_SD, _DIFFERENCE, _RUNS = 0.13, 0.1, 60


def _fault_of_plan(answer: Any) -> str | None:
    found = numbers(answer, ())
    if isinstance(found, Difference):
        return f"Your answer {found.words}."
    n = float(found)
    if not math.isfinite(n) or n < 2 or n != round(n):
        return f"{n:g} is not a number of seeds; use a whole number of at least 2."
    if 2 * n > _RUNS:
        return f"Twice {n:g} is more than the {_RUNS} runs that you have."
    seen = detectable(_SD, int(n))
    if seen > _DIFFERENCE:
        return f"With {n:g} seeds of each, a difference must be {seen:.3f} points to be found."
    return None


ENOUGH_SEEDS = Exercise(
    name="enough-seeds",
    right=28,
    mistakes=(),
    fault=_fault_of_plan,
    hint="evaluation.detectable(sd, n) gives the smallest difference that n seeds of each find. "
    "How does it shrink when you double n?",
)

EXERCISES = (PAIRED_INTERVAL, HOLM, ENOUGH_SEEDS)
