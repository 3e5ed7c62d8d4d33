"""The exercises on the loss from the logit, and on the least that it can be."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import binary_cross_entropy, sigmoid

__all__ = ["EXERCISES"]

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


# --- numbers to find


def _entropy(y: float) -> float:
    return float(binary_cross_entropy(y, y))


_TARGETS = (0.5, 0.25)

LEAST_CROSS_ENTROPY = Exercise(
    name="least-cross-entropy",
    right=np.array([_entropy(y) for y in _TARGETS]),
    mistakes=(
        Mistake("0, as CIS6800 says: cross-entropy gets there only for a target of 0 or 1", [0, 0]),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            np.array([_entropy(y) / math.log(2) for y in _TARGETS]),
        ),
        Mistake("−ln y: the term (1 − y) ln(1 − y) was left out", [-math.log(y) for y in _TARGETS]),
        Mistake(
            "−y ln y: the term (1 − y) ln(1 − y) was left out", [-y * math.log(y) for y in _TARGETS]
        ),
        Mistake("the sign is flipped", [-_entropy(y) for y in _TARGETS]),
        Mistake("ln 2 for both; the minimum depends on the target", [math.log(2)] * 2),
        Mistake("the output at the minimum, not the loss there", np.array(_TARGETS)),
    ),
    hint="The gradient σ − y is 0 at σ = y. Put that into the loss.",
)

EXERCISES = (LOSS_FROM_LOGITS, LEAST_CROSS_ENTROPY)
