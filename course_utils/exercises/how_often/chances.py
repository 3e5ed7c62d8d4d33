"""The exercises on shares: an interval, what a few seeds show, and shares that are equal."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.formulas import Array, share_interval
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]


_Z = 1.959964


def _wilson(k: int, n: int, confidence: float = 0.95) -> Array:
    return share_interval(k, n, confidence, "wilson")


def _usual(k: int, n: int) -> Array:
    return k / n + np.array([-1, 1]) * _Z * math.sqrt(k / n * (1 - k / n) / n)


def _without_middle(k: int, n: int) -> Array:
    low, high = _wilson(k, n)
    return k / n + np.array([-1, 1]) * (high - low) / 2


def _without_second_term(k: int, n: int) -> Array:
    return (_usual(k, n) + _Z**2 / (2 * n)) / (1 + _Z**2 / n)


WILSON = Exercise(
    name="wilson-interval",
    right=lambda k, n: tuple(_wilson(k, n)),
    cases=((137, 200), (0, 10), (10, 10), (659, 1000), (1, 5), (3, 8)),
    tolerance=2e-4,
    mistakes=(
        Mistake("the usual p̂ ± z √(p̂(1 - p̂)/n), which has no width at 0", _usual),
        Mistake(
            "z for 90 %: 2.5 % lie beyond each end, so take 1.96", lambda k, n: _wilson(k, n, 0.90)
        ),
        Mistake("z for 99 %; 95 % is asked for", lambda k, n: _wilson(k, n, 0.99)),
        Mistake("z = 1: take 1.96", lambda k, n: _wilson(k, n, 0.6826895)),
        Mistake(
            "the division by 1 + z²/n is missing", lambda k, n: _wilson(k, n) * (1 + _Z**2 / n)
        ),
        Mistake("the middle was left at p̂; it moves towards ½", _without_middle),
        Mistake("z²/4n² is missing under the root", _without_second_term),
        Mistake(
            "the interval of the failures, not of the successes", lambda k, n: _wilson(n - k, n)
        ),
        Mistake("high before low", lambda k, n: _wilson(k, n)[[1, 0]]),
    ),
    hint="At the two ends the share lies exactly 1.96 standard errors away. Square that equation: "
    "it is quadratic in p.",
)

_Q = 30 / 200

SIX_SEEDS = Exercise(
    name="six-seeds",
    right=np.array([(1 - _Q) ** 6, 1 - _Q**6]),
    tolerance=6e-4,
    mistakes=(
        Mistake("the two were swapped", np.array([1 - _Q**6, (1 - _Q) ** 6])),
        Mistake(
            "the second is the chance that at least one *fails*",
            np.array([(1 - _Q) ** 6, 1 - (1 - _Q) ** 6]),
        ),
        Mistake("failures and successes were swapped", np.array([_Q**6, 1 - (1 - _Q) ** 6])),
        Mistake("the chances of a single seed", np.array([1 - _Q, 1 - _Q])),
        Mistake(
            "the second is the chance that all six fail: subtract it from 1",
            np.array([(1 - _Q) ** 6, _Q**6]),
        ),
        Mistake(
            "the first adds up six failures; independent chances multiply",
            np.array([1 - 6 * _Q, 1 - _Q**6]),
        ),
        Mistake(
            "the first is 1 - q⁶, the chance that not all six fail",
            np.array([1 - _Q**6, 1 - _Q**6]),
        ),
    ),
    hint='"At least one works" is the opposite of "all fail".',
)

SEEDS_TO_SEE = Exercise(
    name="seeds-to-see",
    right=lambda q: math.ceil(math.log(0.05) / math.log(1 - q)),
    cases=((0.315,), (0.1,), (0.01,), (0.5,), (0.04,)),
    tolerance=1e-5,
    mistakes=(
        Mistake("the number was not rounded up", lambda q: math.log(0.05) / math.log(1 - q)),
        Mistake("rounded down: one seed too few", lambda q: int(math.log(0.05) / math.log(1 - q))),
        Mistake(
            "the chance that all of them *fail* was brought below 5 %",
            lambda q: math.ceil(math.log(0.05) / math.log(q)),
        ),
        Mistake("one failure in 1/q seeds on average", lambda q: math.ceil(1 / q)),
        Mistake(
            "95 % was taken for 5 %: the chance of no failure is to be 0.05",
            lambda q: math.ceil(math.log(0.95) / math.log(1 - q)),
        ),
        Mistake(
            "the number was rounded to the nearest; one that is too small doesn't do",
            lambda q: round(math.log(0.05) / math.log(1 - q)),
        ),
        Mistake("one failure in 1/q seeds on average, not rounded either", lambda q: 1 / q),
    ),
    hint="With n seeds, the chance to see no failure at all is to be 5 % or less.",
)

RUNS_FOR_NINETY = Exercise(
    name="runs-for-ninety",
    right=35,
    tolerance=0,
    mistakes=(
        Mistake("one run too few: the low end is then just below 0.9", 34),
        Mistake("the runs that see a failure of one in ten with 95 %", 29),
        Mistake("ten runs, since nine in ten are asked for", 10),
        Mistake("the interval for 90 %, not 95 %", 25),
    ),
    hint="All runs are to work, so the share is 1. Put that into the page's inequality.",
)

EQUAL_SHARES = Exercise(
    name="equal-shares",
    right=[0, 800],
    tolerance=0,
    mistakes=(
        Mistake("the least and the most were swapped", [800, 0]),
        Mistake("400 as the most: each setting may solve 400 that the other doesn't", [0, 400]),
        Mistake("1,000 as the most: that needs 500 each", [0, 1000]),
        Mistake("0 as the most: equal shares don't mean the same seeds", [0, 0]),
        Mistake("480, what you'd expect if the settings had nothing in common", [0, 480]),
        Mistake("seeds that both solve, not seeds on which they differ", [0, 200]),
        Mistake("200 as the least: nothing keeps the two from agreeing everywhere", [200, 800]),
    ),
    hint="Picture the seeds that each setting solves as a set, and slide one over the other.",
)

EXERCISES = (SIX_SEEDS, EQUAL_SHARES, SEEDS_TO_SEE, RUNS_FOR_NINETY, WILSON)
