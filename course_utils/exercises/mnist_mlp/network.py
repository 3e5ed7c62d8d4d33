"""The exercises on the input and the parameters of an MLP."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- the input

_MEAN, _STD = 0.1307, 0.3081

NORMALIZE = Exercise(
    name="normalize",
    right=np.array([(0 - _MEAN) / _STD, (1 - _MEAN) / _STD]),
    tolerance=5e-4,
    mistakes=(
        Mistake(
            "the pixels were left at 0 to 255: ToTensor divides them by 255 first",
            np.array([(0 - _MEAN) / _STD, (255 - _MEAN) / _STD]),
        ),
        Mistake("the mean was subtracted after the division", np.array([-_MEAN, 1 / _STD - _MEAN])),
        Mistake("the division by the standard deviation is missing", np.array([-_MEAN, 1 - _MEAN])),
        Mistake("the mean was not subtracted", np.array([0, 1 / _STD])),
        Mistake(
            "a product with the standard deviation instead of a quotient",
            np.array([-_MEAN * _STD, (1 - _MEAN) * _STD]),
        ),
        Mistake(
            "a division by the variance instead of the standard deviation",
            np.array([-_MEAN / _STD**2, (1 - _MEAN) / _STD**2]),
        ),
        Mistake("the mean was added", np.array([_MEAN / _STD, (1 + _MEAN) / _STD])),
        Mistake("the pixels after ToTensor, before Normalize", np.array([0, 1])),
        Mistake("white and black were swapped", np.array([(1 - _MEAN) / _STD, (0 - _MEAN) / _STD])),
    ),
    hint="Scale to [0, 1], subtract the mean, then divide by the standard deviation.",
)


# --- parameters of an MLP


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
    ),
    hint="A layer from a to b units multiplies by a matrix and adds a vector.",
)

EXERCISES = (NORMALIZE, MLP_PARAMETERS)
