"""The exercises on success rates: an interval for one, and what five seeds may do."""

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
    hint="(p̂ + z²/2n ± z √(p̂(1 - p̂)/n + z²/4n²)) / (1 + z²/n), with p̂ = successes/n, z = 1.96.",
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
    hint="With the failure rate q, all of n seeds work with (1 - q)ⁿ, and all fail with qⁿ.",
)

EXERCISES = (WILSON, FIVE_SEEDS)
