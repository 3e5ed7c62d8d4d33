"""The exercises on rounding and on paths: stable slopes and losses, steps and rates by formula."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.exercises.two_losses.gradients import CROSS_ENTROPY_GRADIENT
from course_utils.neuron import sigmoid

__all__ = ["EXERCISES"]

# --- the slope of the sigmoid


def _slope(z: Array) -> Array:
    return sigmoid(z) * (1 - sigmoid(z))


SIGMOID_SLOPE = Exercise(
    name="sigmoid-slope",
    right=_slope,
    cases=(
        (np.array([-2.0, -0.5, 0.0, 1.0, 3.0]),),
        (np.array([[0.25, -1.5], [2.5, -4.0]]),),
        (np.array([-800.0, 0.7, 800.0]),),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake("σ itself, not its derivative", sigmoid),
        Mistake("z (1 − z): σ belongs in place of z", lambda z: z * (1 - z)),
        Mistake("1 − σ², by analogy with tanh", lambda z: 1 - sigmoid(z) ** 2),
        Mistake("1 − tanh², the derivative of tanh", lambda z: 1 - np.tanh(z) ** 2),
        Mistake("σ (1 + σ): a sign is flipped", lambda z: sigmoid(z) * (1 + sigmoid(z))),
        Mistake(
            "the −1 from the exponent −z was forgotten: σ grows, so its slope is positive",
            lambda z: -_slope(z),
        ),
        Mistake(
            "e^(−z) / (1 + e^(−z))², which is right on paper and ∞/∞ for z far below 0",
            lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
        ),
    ),
    hint="e^800 is more than a computer can hold. Write the slope so that you never divide by it.",
)


# --- steps too many to count, and a rate too large

STEPS_FROM_TWENTY = Exercise(
    name="steps-from-twenty",
    right=math.exp(20) / 4,
    tolerance=0.01,
    mistakes=(
        Mistake(
            "a factor 2 is missing: the square's, or w and b's two steps (or the target was ½)",
            math.exp(20) / 2,
        ),
        Mistake("both twos are missing: the square's, and that w and b both move", math.exp(20)),
        Mistake("the steps that cross-entropy needs", 20),
        Mistake("the steps from z = 10", math.exp(10) / 4),
        Mistake("a factor 2 too many", math.exp(20) / 8),
        Mistake("e^(−20) in place of e^20", math.exp(-20) / 4),
    ),
    hint="Find L2's slope far out for y = 0, and from it how far z falls in a step.",
)

_Y = 0.1
_BEND = _Y * (1 - _Y)  # of cross-entropy over z, at the bottom of its valley

LARGEST_RATE = Exercise(
    name="largest-rate",
    right=1 / _BEND,
    tolerance=0.01,
    mistakes=(
        Mistake("the limit for the target ½", 4),
        Mistake("only one of w and b was moved", 2 / _BEND),
        Mistake("the rate that lands on the bottom in one step, half of the limit", 0.5 / _BEND),
        Mistake("the limit of L2", 0.5 / _BEND**2),
        Mistake("the curvature, not the rate", 2 * _BEND),
        Mistake("1/y: the factor 1 − y is missing", 1 / _Y),
    ),
    hint="How curved is cross-entropy along a path at the bottom of its valley, where a = y? "
    "A step must not end farther up on the other side than it began.",
)

# --- the loss from the logit


def _loss(z: Array, y: Array) -> Array:
    return np.asarray(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


def _from_probabilities(z: Array, y: Array, least: float = 0, lowest: float = -np.inf) -> Array:
    """Clip the probabilities, or stop their logarithms, on the way to the loss."""
    a = np.clip(sigmoid(np.asarray(z, dtype=np.float64)), least, 1 - least)
    return np.asarray(
        -y * np.maximum(np.log(a), lowest) - (1 - y) * np.maximum(np.log(1 - a), lowest)
    )


LOSS_FROM_LOGITS = Exercise(
    name="loss-from-logits",
    right=_loss,
    cases=(
        (np.array([-3.0, -0.5, 0.0, 1.0, 2.0]), np.array([0.5, 0.0, 1.0, 0.25, 0.9])),
        (np.array([[0.5, -2.0], [1.5, 3.0]]), np.array([[1.0, 0.1], [0.5, 0.0]])),
        (np.array([-800.0, 800.0, 50.0]), np.array([0.5, 0.25, 0.5])),
        (np.array([900.0, -900.0, 60.0, -60.0]), np.array([1.0, 0.0, 0.0, 1.0])),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the logarithm of a probability that was rounded to 0: stay with z, "
            "since −ln σ(z) = ln(1 + e^(−z))",
            _from_probabilities,
        ),
        *(
            Mistake(
                f"probabilities clipped at {least:g}: beyond that, the loss is flat",
                lambda z, y, least=least: _from_probabilities(z, y, least),
            )
            for least in (1e-6, 1e-7, 1e-8, 1e-12, 1e-15)
        ),
        Mistake(
            "logarithms stopped at −100, as PyTorch's loss on probabilities does",
            lambda z, y: _from_probabilities(z, y, lowest=-100),
        ),
        Mistake(
            "ln(1 + e^z) without a way around e^800: use np.logaddexp or torch's softplus",
            lambda z, y: y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z)),
        ),
        Mistake("y and 1 − y were swapped", lambda z, y: _loss(z, 1 - y)),
        Mistake("the sign is flipped", lambda z, y: -_loss(z, y)),
        Mistake(
            "the mean over the examples; one loss per example is asked for",
            lambda z, y: _loss(z, y).mean(),
        ),
        Mistake("the term of 1 − y was left out", lambda z, y: y * np.logaddexp(0, -z)),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            lambda z, y: _loss(z, y) / np.log(2),
        ),
        Mistake("the sigmoid was taken twice", lambda z, y: _loss(sigmoid(z), y)),
        Mistake("the squared error", lambda z, y: (sigmoid(z) - y) ** 2),
    ),
    hint="−ln σ(z) = ln(1 + e^(−z)) and −ln(1 − σ(z)) = ln(1 + e^z), each with a stable function.",
)


# --- where float16 ends

FIRST_ONE = Exercise(
    name="first-output-of-one",
    right=11 * math.log(2),
    tolerance=1e-3,
    mistakes=(
        Mistake("the value for float32, which keeps 24 bits", 24 * math.log(2)),
        Mistake(
            "the whole step 2^(−10) from 1 to its neighbour; half of it is rounded away too",
            10 * math.log(2),
        ),
        Mistake("the number of bits; multiply it by ln 2", 11),
        Mistake("where e^(−z) itself is no longer a float16", 16 * math.log(2)),
        Mistake("a flipped sign: σ is near 1 for large z", -11 * math.log(2)),
        Mistake("the logarithm to base 10", 11 * math.log10(2)),
    ),
    hint="Find the distance from 1 to the next float16. Less than half of it is rounded away.",
)

EXERCISES = (
    SIGMOID_SLOPE,
    CROSS_ENTROPY_GRADIENT,
    STEPS_FROM_TWENTY,
    LARGEST_RATE,
    LOSS_FROM_LOGITS,
    FIRST_ONE,
)
