"""The exercises on softmax, cross-entropy and its gradient at the logits."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.formulas import Array, log_softmax, one_hot, picked, softmax
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# The rows that hold numbers of about 2000 overflow, or underflow, unless the maximum of the
# row is subtracted first.
_LOGITS: tuple[Array, ...] = (
    np.array([[2.0, 1.0, 0.1], [0.5, 2.5, -1.0]]),
    np.array([[1.0, -1.0, 0.5, 3.0]]),
    np.array([[0.3, 0.7], [1.9, -0.4], [-2.2, 0.6], [0.0, 1.1], [1.0, 4.0]]),
    np.array([[2000.0, 1999.0, 1998.5], [-2000.0, -2001.5, -2000.5], [0.2, 0.4, -0.3]]),
    np.sin(np.arange(70.0)).reshape(7, 10) * 3,
)
_LABELS: tuple[Array, ...] = (
    np.array([0, 2]),
    np.array([1]),
    np.array([1, 0, 1, 0, 0]),
    np.array([2, 1, 0]),
    np.array([3, 1, 4, 1, 5, 9, 2]),
)
# A probability that underflows to 0: its logarithm is to be taken before, not after.
_FAR = (np.array([[2000.0, 0.0], [1.0, 3.0]]), np.array([1, 0]))


def _softmax_naive(z: Array) -> Array:
    return np.asarray(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


def _softmax_down(z: Array) -> Array:
    return softmax(z.T).T


def _softmax_one_maximum(z: Array) -> Array:
    return _softmax_naive(z - z.max())


def _softmax_over_all(z: Array) -> Array:
    e = np.exp(z - z.max())
    return np.asarray(e / e.sum())


SOFTMAX = Exercise(
    name="softmax",
    right=softmax,
    cases=tuple((z,) for z in _LOGITS),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the exponentials overflow or underflow: subtract the maximum of each row first",
            _softmax_naive,
        ),
        Mistake("the sum runs over the images instead of the classes", _softmax_down),
        Mistake("the sum runs over the whole batch instead of each row", _softmax_over_all),
        Mistake(
            "one maximum was subtracted from the whole batch: rows far below it underflow",
            _softmax_one_maximum,
        ),
        Mistake(
            "the exponentials were not divided by their sum",
            lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
        ),
        Mistake("the logarithm of the softmax", log_softmax),
        Mistake(
            "the logits were divided by their sum without the exponential",
            lambda z: z / z.sum(axis=1, keepdims=True),
        ),
        Mistake("the sign of the logits was flipped", lambda z: softmax(-z)),
        Mistake(
            "a sigmoid of each logit: the probabilities of a row must sum to 1",
            lambda z: 1 / (1 + np.exp(-z)),
        ),
        Mistake("powers of 2 instead of e", lambda z: softmax(z * math.log(2))),
        Mistake(
            "the likeliest class of each row; all probabilities are asked for",
            lambda z: z.argmax(axis=1),
        ),
        Mistake(
            "the largest probability of each row; all of them are asked for",
            lambda z: softmax(z).max(axis=1),
        ),
    ),
    hint="If the largest logit of a row were 0, could any of its exponentials overflow?",
)


def _cross_entropy(z: Array, y: Array) -> float:
    return float(-picked(log_softmax(z), y).mean())


CROSS_ENTROPY = Exercise(
    name="cross-entropy",
    right=_cross_entropy,
    cases=(*zip(_LOGITS, _LABELS, strict=True), _FAR),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the sum over the images instead of the mean",
            lambda z, y: _cross_entropy(z, y) * len(y),
        ),
        Mistake("the minus sign is missing", lambda z, y: -_cross_entropy(z, y)),
        Mistake("the softmax was applied twice", lambda z, y: _cross_entropy(softmax(z), y)),
        Mistake(
            "the logarithm to base 10; the natural one is meant",
            lambda z, y: _cross_entropy(z, y) / math.log(10),
        ),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            lambda z, y: _cross_entropy(z, y) / math.log(2),
        ),
        Mistake(
            "the mean over images and classes; divide by the number of images only",
            lambda z, y: _cross_entropy(z, y) / z.shape[1],
        ),
        Mistake(
            "the logarithm of the mean probability instead of the mean of the logarithms",
            lambda z, y: -np.log(picked(softmax(z), y).mean()),
        ),
        Mistake(
            "the mean probability of the right class, without a logarithm",
            lambda z, y: picked(softmax(z), y).mean(),
        ),
        Mistake(
            "the mean logit of the right class: the softmax is missing",
            lambda z, y: -picked(z, y).mean(),
        ),
        Mistake(
            "the exponentials overflow or underflow: subtract the maximum of each row first",
            lambda z, y: -np.log(picked(_softmax_naive(z), y)).mean(),
        ),
        Mistake(
            "the logarithm of a probability that underflowed to 0: "
            "log softmax is the logit minus the log of the sum of exponentials",
            lambda z, y: -np.log(picked(softmax(z), y)).mean(),
        ),
        Mistake(
            "one loss for each image; take their mean", lambda z, y: -picked(log_softmax(z), y)
        ),
        Mistake(
            "the likeliest class was taken in each row; take the right one",
            lambda z, y: -log_softmax(z).max(axis=1).mean(),
        ),
        Mistake(
            "all classes were averaged; only the right one counts",
            lambda z, y: -log_softmax(z).mean(),
        ),
        Mistake(
            "the share of wrong answers, not a loss",
            lambda z, y: float((z.argmax(axis=1) != y).mean()),
        ),
        Mistake(
            "every pair of an image and a label, which z[:, y] takes; index the rows as well",
            lambda z, y: -log_softmax(z)[:, y].mean(),
        ),
    ),
    hint="Write −ln of the fraction as a difference. Which of the two terms needs no exponential?",
)


def _tempered(z: Array, y: Array, t: float) -> Array:
    return np.asarray((softmax(z / t) - one_hot(y, z.shape[1])) / (len(y) * t))


_TEMPERATURES = (2.0, 0.5, 5.0, 1.0, 3.0)

LOGIT_GRADIENT = Exercise(
    name="logit-gradient",
    right=_tempered,
    cases=tuple(zip(_LOGITS, _LABELS, _TEMPERATURES, strict=True)),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the inner derivative is missing: the logits were divided by the temperature",
            lambda z, y, t: _tempered(z, y, t) * t,
        ),
        Mistake(
            "the temperature was multiplied where it divides",
            lambda z, y, t: _tempered(z, y, t) * t**2,
        ),
        Mistake(
            "the temperature was left out of the softmax", lambda z, y, t: _tempered(z, y, 1) / t
        ),
        Mistake("the temperature was left out", lambda z, y, t: _tempered(z, y, 1)),
        Mistake(
            "the gradient of the sum: divide by the number of images",
            lambda z, y, t: _tempered(z, y, t) * len(y),
        ),
        Mistake("the sign is flipped", lambda z, y, t: -_tempered(z, y, t)),
        Mistake(
            "1 was not subtracted at the true class",
            lambda z, y, t: softmax(z / t) / (len(y) * t),
        ),
        Mistake(
            "only the true class was given a gradient; every logit has one",
            lambda z, y, t: _tempered(z, y, t) * one_hot(y, z.shape[1]),
        ),
        Mistake(
            "a division by images and classes; divide by the number of images only",
            lambda z, y, t: _tempered(z, y, t) / z.shape[1],
        ),
        Mistake(
            "the softmax runs over the images instead of the classes",
            lambda z, y, t: (_softmax_down(z / t) - one_hot(y, z.shape[1])) / (len(y) * t),
        ),
        Mistake(
            "the exponentials overflow or underflow: subtract the maximum of each row first",
            lambda z, y, t: (_softmax_naive(z / t) - one_hot(y, z.shape[1])) / (len(y) * t),
        ),
        Mistake(
            "neither the temperature's inner derivative nor the mean over the images was taken",
            lambda z, y, t: _tempered(z, y, t) * t * len(y),
        ),
    ),
    hint="Call z / t the new logits: you know the gradient at those. What does the chain rule add "
    "on the way back to z?",
)

EXERCISES = (SOFTMAX, CROSS_ENTROPY, LOGIT_GRADIENT)
