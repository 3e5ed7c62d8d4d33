"""The exercises on the weights of an MLP: how many there are, and where they belong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]


def _parameters(widths: Sequence[int]) -> int:
    return sum(a * b + b for a, b in pairwise(widths))


MLP_PARAMETERS = Exercise(
    name="mlp-parameters",
    right=_parameters,
    cases=(
        ([784, 500, 10],),
        ([784, 50, 50, 10],),
        ([784, 10],),
        ([196, 30, 20, 40, 10],),
        ([3, 2],),
    ),
    tolerance=0,
    mistakes=(
        Mistake("the biases were forgotten", lambda w: sum(a * b for a, b in pairwise(w))),
        Mistake("the output layer was forgotten", lambda w: _parameters(w[:-1])),
        Mistake("the first layer was forgotten", lambda w: _parameters(w[1:])),
        Mistake("the output layer has no biases", lambda w: _parameters(w) - w[-1]),
        Mistake(
            "each layer has one bias for every input; it has one for every output",
            lambda w: sum(a * b + a for a, b in pairwise(w)),
        ),
        Mistake(
            "each layer has a single bias; it has one for every output",
            lambda w: sum(a * b + 1 for a, b in pairwise(w)),
        ),
        Mistake("the input layer was given biases too", lambda w: _parameters(w) + w[0]),
        Mistake(
            "only the first and the last layer were counted",
            lambda w: _parameters(w) if len(w) < 4 else _parameters(w[:2]) + _parameters(w[-2:]),
        ),
        Mistake("the number of units; count weights and biases", sum),
        Mistake("all widths were multiplied; layers are added up", math.prod),
        Mistake("the first layer alone", lambda w: _parameters(w[:2])),
    ),
    hint="What does one layer from a to b units multiply by, and what does it add?",
)

# --- shuffled pixels


def _shuffled_case(seed: int, units: int, pixels: int) -> tuple[Array, Array]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(units, pixels)).round(3), generator.permutation(pixels)


SHUFFLED_PIXELS = Exercise(
    name="shuffled-pixels",
    right=lambda w, order: w[:, order],
    cases=(
        _shuffled_case(0, 3, 6),
        _shuffled_case(1, 2, 9),
        _shuffled_case(2, 5, 5),
        (np.array([[1.0, 2.0, 3.0]]), np.array([2, 0, 1])),
    ),
    tolerance=1e-6,
    mistakes=(
        Mistake("the weights as they were", lambda w, order: w),
        Mistake(
            "the inverse order: input j now holds the pixel order[j], so it needs that pixel's "
            "weight",
            lambda w, order: w[:, np.argsort(order)],
        ),
        Mistake("the order reversed", lambda w, order: w[:, order[::-1]]),
        Mistake("the transpose of the right answer", lambda w, order: w[:, order].T),
    ),
    hint="Follow one pixel. At which input did it arrive before, and at which does it arrive now?",
)

EXERCISES = (MLP_PARAMETERS, SHUFFLED_PIXELS)
