"""Exercises on the 2–2–1 network: its parameters, its line, and what gets no gradient."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- parameters

XOR_PARAMETERS = Exercise(
    name="xor-parameters",
    right=lambda hidden: 4 * hidden + 1,
    cases=((2,), (1,), (3,), (8,), (20,)),
    tolerance=0,
    mistakes=(
        Mistake("the biases, or the output layer, were forgotten", lambda h: 3 * h),
        Mistake("the bias of the output was forgotten", lambda h: 4 * h),
        Mistake(
            "the hidden units' biases, or one of their inputs, were forgotten", lambda h: 3 * h + 1
        ),
        Mistake(
            "two outputs; one probability is enough for two classes", lambda h: 3 * h + 2 * h + 2
        ),
        Mistake("the inputs were given biases too", lambda h: 4 * h + 3),
        Mistake("three inputs for each hidden unit; it has two", lambda h: 5 * h + 1),
    ),
    hint="A unit has one weight for each of its inputs, and one bias. Go unit by unit.",
)

# --- the separating line of the hidden plane


def _line(v: Array, c: Array) -> Array:
    return np.stack([-v[:, 0] / v[:, 1], -c / v[:, 1]], axis=1)


def _lines(n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(n)
    v = rng.choice([-1, 1], (n, 2)) * rng.uniform(0.5, 3, (n, 2))
    return v.round(2), rng.uniform(-2, 2, n).round(2)


HIDDEN_LINE = Exercise(
    name="hidden-line",
    right=_line,
    cases=(_lines(2), _lines(1), _lines(5), _lines(3)),
    mistakes=(
        Mistake("the sign of the slope is flipped", lambda v, c: _line(v, c) * [-1, 1]),
        Mistake("the sign of the intercept is flipped", lambda v, c: _line(v, c) * [1, -1]),
        Mistake(
            "both signs are flipped: bring h₁ and c to the other side", lambda v, c: -_line(v, c)
        ),
        Mistake("slope and intercept were swapped", lambda v, c: _line(v, c)[:, [1, 0]]),
        Mistake("the line was solved for h₁; h₂ is asked for", lambda v, c: _line(v[:, ::-1], c)),
        Mistake("nothing was divided by v₂", lambda v, c: np.stack([-v[:, 0], -c], axis=1)),
        Mistake(
            "the intercept was not divided by v₂",
            lambda v, c: np.stack([-v[:, 0] / v[:, 1], -c], axis=1),
        ),
        Mistake(
            "the logit was set to ½; p is ½ where the logit is 0", lambda v, c: _line(v, c - 0.5)
        ),
    ),
    hint="On the border the network can't decide: p = ½. Start with the logit that belongs to it.",
)


# --- weights that get no gradient

ZERO_GRADIENTS = Exercise(
    name="zero-gradients",
    right=[4, 6, 9],
    mistakes=(
        Mistake("6 in the first: both biases of the hidden units do get a gradient", [6, 6, 9]),
        Mistake("2 in the first: each hidden unit has two inputs, and both are 0", [2, 6, 9]),
        Mistake("4 in the second: what doesn't reach h doesn't reach the biases", [4, 4, 9]),
        Mistake("8 in the second: v is 0, but its own gradient is δ h", [4, 8, 9]),
        Mistake("0 in the second: what returns to a hidden unit is δ v, and v is 0", [4, 0, 9]),
        Mistake("8 in the third: add up the four δ, with their signs", [4, 6, 8]),
        Mistake("6 in the third: h is 0 as well, so what does v get?", [4, 6, 6]),
        Mistake("0 in the third: the weights are where the gradient comes through", [4, 6, 0]),
    ),
    tolerance=0,
    hint="Every gradient on the page is a product. Look for a factor that is 0; in the last case "
    "also for terms that cancel.",
)

EXERCISES = (XOR_PARAMETERS, HIDDEN_LINE, ZERO_GRADIENTS)
