"""The exercises of the page on comparing runs: what depth costs, and what chance does."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.formulas import Array, share_deviation
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- a network that gives one answer

_LABELS = (
    (np.array([1, 1, 2, 0]),),
    (np.array([7, 7, 7, 7, 3, 9, 3]),),
    (np.array([0, 2, 2, 2, 5, 4, 6, 9, 8, 5]),),
    (np.array([4, 4, 4]),),
)


def _counts(labels: Array) -> Array:
    counts = np.bincount(labels)
    return counts[counts > 0]


def _shares(labels: Array) -> Array:
    return _counts(labels) / len(labels)


CONSTANT_ACCURACY = Exercise(
    name="constant-accuracy",
    right=lambda y: float(_shares(y).max()),
    cases=_LABELS,
    tolerance=1e-6,
    mistakes=(
        Mistake(
            "one tenth, which is right only if all ten digits are equally frequent", lambda y: 0.1
        ),
        Mistake("one over the number of digits that occur", lambda y: 1 / len(_counts(y))),
        Mistake(
            "the share of ones; another digit may be the most frequent",
            lambda y: float((y == 1).mean()),
        ),
        Mistake("a count of images; divide by their number", lambda y: int(_counts(y).max())),
        Mistake(
            "the most frequent digit itself, not its share", lambda y: int(np.bincount(y).argmax())
        ),
        Mistake("the share of the rarest digit", lambda y: float(_shares(y).min())),
        Mistake(
            "the share of mistakes, not of right answers", lambda y: 1 - float(_shares(y).max())
        ),
        Mistake(
            "the sum of squared shares: guessing with these frequencies, not one answer",
            lambda y: float((_shares(y) ** 2).sum()),
        ),
        Mistake("the shares of all digits; the largest is asked for", lambda y: _shares(y)),
    ),
    hint="Think of which digit to answer, if you had to give the same answer every time.",
)


# --- comparisons


def _fault_in_cube(answer: object) -> str | None:
    """Say what is wrong with a list of runs, each three true-or-false values."""
    runs = [tuple(bool(change) for change in run) for run in answer]  # type: ignore[attr-defined]
    if any(len(run) != 3 for run in runs):
        return "Each run is three values: batch norm, rate raised, skips."
    if len(set(runs)) < len(runs):
        return "A run appears twice; give each once."
    if (False,) * 3 in runs or (True,) * 3 in runs:
        return "One of these runs exists already: none of the changes, or all three."
    alone = {tuple(i == k for i in range(3)) for k in range(3)}
    without = {tuple(i != k for i in range(3)) for k in range(3)}
    if not alone <= set(runs):
        return "For some change there is no run that adds it alone to the old network."
    if not without <= set(runs):
        return "For some change there is no run that takes it alone out of the new network."
    return None


FILL_THE_CUBE = Exercise(
    name="fill-the-cube",
    right=[(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1) if 0 < a + b + c < 3],
    mistakes=(),
    fault=_fault_in_cube,
    hint="The two runs that exist are opposite corners of a cube; mark the edges you must compare.",
)


# --- what depth costs

ADDED = Exercise(
    name="added-multiply-adds",
    right=lambda channels, side, depth: depth * side**2 * 9 * channels**2,
    cases=((8, 28, 3), (16, 14, 2), (32, 7, 1), (5, 6, 4)),
    tolerance=0,
    mistakes=(
        Mistake(
            "the weights of the layers: each is used at every position of the map",
            lambda c, s, d: d * 9 * c**2,
        ),
        Mistake("one input channel; a kernel reads all of them", lambda c, s, d: d * s**2 * 9 * c),
        Mistake("one position per row; a map has side · side", lambda c, s, d: d * s * 9 * c**2),
        Mistake("kernels of a single weight; they have 3 · 3", lambda c, s, d: d * s**2 * c**2),
        Mistake("3 weights per kernel; each has 3 · 3", lambda c, s, d: d * s**2 * 3 * c**2),
        Mistake("a single layer; there are depth of them", lambda c, s, d: s**2 * 9 * c**2),
        Mistake(
            "maps that shrink by 2 pixels a side: padding 1 keeps them",
            lambda c, s, d: d * (s - 2) ** 2 * 9 * c**2,
        ),
        Mistake(
            "the biases were counted too: adding one multiplies nothing",
            lambda c, s, d: d * s**2 * (9 * c**2 + c),
        ),
        Mistake(
            "multiplications and additions counted separately",
            lambda c, s, d: 2 * d * s**2 * 9 * c**2,
        ),
    ),
    hint="Find how many products make one number of the output, and how many numbers there are.",
)

_J, _C = 528 / 50, 146 / 100

TIMES_AS_LONG = Exercise(
    name="times-as-long",
    right=_J / _C,
    tolerance=1e-3,
    mistakes=(
        Mistake("the ratio of the whole runs, which have 50 and 100 epochs", 528 / 146),
        Mistake("task c over task j; it was asked the other way round", _C / _J),
        Mistake("how many times longer; times as long is one more", _J / _C - 1),
        Mistake("the seconds of an epoch of task j; divide by those of task c", _J),
        Mistake("the difference in seconds; a ratio was asked for", _J - _C),
        Mistake("the epochs multiplied instead of divided", 528 * 50 / (146 * 100)),
    ),
    hint="First the seconds of one epoch of each, then their ratio.",
)


# --- chance

ACCURACY_DEVIATION = Exercise(
    name="accuracy-deviation",
    right=share_deviation,
    cases=((0.99, 10_000), (0.5, 100), (0.8, 64), (0.25, 3)),
    tolerance=1e-6,
    mistakes=(
        Mistake("the variance; take its root", lambda p, n: p * (1 - p) / n),
        Mistake(
            "the standard deviation for a single image; divide by √n",
            lambda p, n: math.sqrt(p * (1 - p)),
        ),
        Mistake(
            "the root of p (1 − p), divided by n instead of √n",
            lambda p, n: math.sqrt(p * (1 - p)) / n,
        ),
        Mistake(
            "the standard deviation of the number of right answers; divide by n",
            lambda p, n: math.sqrt(p * (1 - p) * n),
        ),
        Mistake("percent; a fraction was asked for", lambda p, n: 100 * share_deviation(p, n)),
        Mistake(
            "half of a 95 % interval, 1.96 standard deviations",
            lambda p, n: 1.96 * share_deviation(p, n),
        ),
        Mistake("the factor 1 − p is missing", lambda p, n: math.sqrt(p / n)),
        Mistake("the factor p is missing", lambda p, n: math.sqrt((1 - p) / n)),
        Mistake("one over √n, whatever p", lambda p, n: 1 / math.sqrt(n)),
        Mistake(
            "p (1 − p) over √n: it belongs inside the root", lambda p, n: p * (1 - p) / math.sqrt(n)
        ),
        Mistake(
            "n − 1 in place of n: p is known here, not estimated",
            lambda p, n: math.sqrt(p * (1 - p) / (n - 1)),
        ),
    ),
    hint="One image is right or wrong: find the variance of that, then that of a mean of n such.",
)

EXERCISES = (TIMES_AS_LONG, CONSTANT_ACCURACY, ADDED, ACCURACY_DEVIATION, FILL_THE_CUBE)
