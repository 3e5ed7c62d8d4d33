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

_Q = 63 / 200

FIVE_SEEDS = Exercise(
    name="five-seeds",
    right=np.array([(1 - _Q) ** 5, 1 - _Q**5]),
    tolerance=6e-4,
    mistakes=(
        Mistake("the two were swapped", np.array([1 - _Q**5, (1 - _Q) ** 5])),
        Mistake(
            "the second is the chance that at least one *fails*",
            np.array([(1 - _Q) ** 5, 1 - (1 - _Q) ** 5]),
        ),
        Mistake("failures and successes were swapped", np.array([_Q**5, 1 - (1 - _Q) ** 5])),
        Mistake("the chances of a single seed", np.array([1 - _Q, 1 - _Q])),
        Mistake(
            "the second is the chance that all five fail: subtract it from 1",
            np.array([(1 - _Q) ** 5, _Q**5]),
        ),
        Mistake(
            "the first adds up five failures; independent chances multiply",
            np.array([1 - 5 * _Q, 1 - _Q**5]),
        ),
        Mistake(
            "the first is 1 - q⁵, the chance that not all five fail",
            np.array([1 - _Q**5, 1 - _Q**5]),
        ),
    ),
    hint="Chances of independent runs multiply. 'At least one' is everything but 'none'.",
)

SEEDS_TO_SEE_A_FAILURE = Exercise(
    name="seeds-to-see-a-failure",
    right=74,
    tolerance=0,
    mistakes=(
        Mistake("73, which falls just short of 95 %: round up", 73),
        Mistake("25, with which you expect one failure; in a third of all tries you see none", 25),
        Mistake("24, from adding up chances of 4 %; they don't add up", 24),
        Mistake("75, from the rule of thumb 3/q; work it out exactly", 75),
        Mistake("8, which is enough where 31.5 % fail", 8),
        Mistake("113, for a chance of 99 %", 113),
    ),
    hint="How likely is it that n seeds show no failure at all? Make that at most 5 %.",
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

EXERCISES = (FIVE_SEEDS, EQUAL_SHARES, SEEDS_TO_SEE_A_FAILURE, WILSON)
