"""The exercises on surprise: of a few days, and of the best forecaster."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import binary_cross_entropy

__all__ = ["EXERCISES"]

_RAIN = (0.8, 0.4, 0.1)  # the forecasts; it rains on the first day and on the last
_GIVEN = (0.8, 0.6, 0.1)  # the probability of what then happened

TOTAL_SURPRISE = Exercise(
    name="total-surprise",
    right=-math.log(math.prod(_GIVEN)),
    mistakes=(
        Mistake(
            "the probability of rain was taken on the dry day too", -math.log(math.prod(_RAIN))
        ),
        Mistake(
            "the surprise at the opposite weather on each day",
            -math.log(math.prod(1 - p for p in _GIVEN)),
        ),
        Mistake("the mean of a day; the total is asked for", -math.log(math.prod(_GIVEN)) / 3),
        Mistake("bits, by the logarithm to base 2", -math.log2(math.prod(_GIVEN))),
        Mistake("the logarithm to base 10; a nat takes the natural one", -math.log10(0.048)),
        Mistake("the sign is flipped: a surprise is never below 0", math.log(math.prod(_GIVEN))),
        Mistake("the probability of all three days, not its surprise", math.prod(_GIVEN)),
        Mistake("the sum of the squared errors", sum((1 - p) ** 2 for p in _GIVEN)),
    ),
    hint="Write down for each day the probability that was given to what then happened.",
)


def _entropy(y: float) -> float:
    return float(binary_cross_entropy(y, y))


_TARGETS = (0.25, 0.1)

LEAST_CROSS_ENTROPY = Exercise(
    name="least-cross-entropy",
    right=np.array([_entropy(y) for y in _TARGETS]),
    mistakes=(
        Mistake("0: cross-entropy gets there only for a target of 0 or 1", [0, 0]),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            np.array([_entropy(y) / math.log(2) for y in _TARGETS]),
        ),
        Mistake("−ln y: the dry days were left out", [-math.log(y) for y in _TARGETS]),
        Mistake("−y ln y: the dry days were left out", [-y * math.log(y) for y in _TARGETS]),
        Mistake("the sign is flipped", [-_entropy(y) for y in _TARGETS]),
        Mistake("ln 2 for both; the minimum depends on the target", [math.log(2)] * 2),
        Mistake("the output at the minimum, not the loss there", np.array(_TARGETS)),
        Mistake(
            "the logarithm to base 10; the natural one is meant",
            np.array([_entropy(y) / math.log(10) for y in _TARGETS]),
        ),
    ),
    hint="Which forecast is the best one? Put it into the loss.",
)

EXERCISES = (TOTAL_SURPRISE, LEAST_CROSS_ENTROPY)
