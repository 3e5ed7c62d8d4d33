"""The exercises of the page on optimizers and depth: constant answers, gradients, time, chance."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- a network that gives one answer

_LABELS = (
    (np.array([1, 1, 2, 0]),),
    (np.array([7, 7, 7, 7, 3, 9, 3]),),
    (np.array([0, 2, 2, 2, 5, 4, 6, 9, 8, 5]),),
    (np.array([4, 4, 4]),),
)


def _counts(labels: Array) -> Array:
    counts = np.bincount(labels)
    return counts[counts > 0]


def _shares(labels: Array) -> Array:
    return _counts(labels) / len(labels)


def _entropy(labels: Array) -> float:
    q = _shares(labels)
    return float(-(q * np.log(q)).sum())


def _with_zeros(labels: Array) -> float:
    q = np.bincount(labels) / len(labels)
    return float(-(q * np.log(q)).sum())


CONSTANT_ACCURACY = Exercise(
    name="constant-accuracy",
    right=lambda y: float(_shares(y).max()),
    cases=_LABELS,
    tolerance=1e-6,
    mistakes=(
        Mistake(
            "one tenth, which is right only if all ten digits are equally frequent", lambda y: 0.1
        ),
        Mistake("one over the number of digits that occur", lambda y: 1 / len(_counts(y))),
        Mistake(
            "the share of ones; another digit may be the most frequent",
            lambda y: float((y == 1).mean()),
        ),
        Mistake("a count of images; divide by their number", lambda y: int(_counts(y).max())),
        Mistake(
            "the most frequent digit itself, not its share", lambda y: int(np.bincount(y).argmax())
        ),
        Mistake("the share of the rarest digit", lambda y: float(_shares(y).min())),
        Mistake(
            "the share of mistakes, not of right answers", lambda y: 1 - float(_shares(y).max())
        ),
        Mistake(
            "the sum of squared shares: guessing with these frequencies, not one answer",
            lambda y: float((_shares(y) ** 2).sum()),
        ),
    ),
    hint="The best single answer is the digit that occurs most often.",
)

CONSTANT_COST = Exercise(
    name="constant-cost",
    right=_entropy,
    cases=_LABELS,
    tolerance=1e-5,
    mistakes=(
        Mistake("log 10, the loss of ten equal probabilities", lambda y: math.log(10)),
        Mistake(
            "equal probabilities for the digits that occur; frequent ones deserve more",
            lambda y: math.log(len(_counts(y))),
        ),
        Mistake(
            "the logarithm to base 2; nats take the natural one",
            lambda y: _entropy(y) / math.log(2),
        ),
        Mistake(
            "the loss of an image of the most frequent digit", lambda y: -math.log(_shares(y).max())
        ),
        Mistake("the sum over all images instead of the mean", lambda y: _entropy(y) * len(y)),
        Mistake("the minus sign is missing", lambda y: -_entropy(y)),
        Mistake(
            "the plain mean of −log q over the digits; weigh each digit by its share",
            lambda y: float(-np.log(_shares(y)).mean()),
        ),
        Mistake(
            "the plain sum of −log q over the digits; weigh each digit by its share",
            lambda y: float(-np.log(_shares(y)).sum()),
        ),
        Mistake("0 · log 0, which is nan: leave out the digits that do not occur", _with_zeros),
    ),
    hint="The best probabilities are the shares q of the digits; an image's loss is then −log q.",
)


# --- gradients and depth

GRADIENT_LEFT = Exercise(
    name="gradient-left",
    right=lambda n: 6.0 ** (-n / 2),
    cases=((2,), (1,), (5,), (4,), (0,)),
    tolerance=1e-6,
    mistakes=(
        Mistake("the factor of the mean square; take its root", lambda n: 6.0**-n),
        Mistake("the weights' third alone: ReLU halves the mean square", lambda n: 3.0 ** (-n / 2)),
        Mistake("ReLU's half alone: the weights leave a third", lambda n: 2.0 ** (-n / 2)),
        Mistake("the factor of one layer; there are n of them", lambda n: 6.0**-0.5),
        Mistake("n times one layer's factor; factors multiply", lambda n: n * 6.0**-0.5),
        Mistake("how much it grows; it shrinks", lambda n: 6.0 ** (n / 2)),
        Mistake(
            "the root of ReLU's half alone; take the root of both", lambda n: (2**-0.5 / 3) ** n
        ),
        Mistake(
            "the root of the weights' third alone; take the root of both",
            lambda n: (3**-0.5 / 2) ** n,
        ),
        Mistake("what is lost, not what is left", lambda n: 1 - 6.0 ** (-n / 2)),
    ),
    hint="A layer leaves a third (weights) of a half (ReLU) of the mean square.",
)

SKIP_SLOPE = Exercise(
    name="skip-slope",
    right=lambda d: float((1 + d).prod()),
    cases=(
        (np.array([0.5, -0.25, 2.0]),),
        (np.array([0.01, 0.02, -0.03, 0.01, 0.02]),),
        (np.array([-0.5, 3.0]),),
        (np.array([0.75]),),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake("the network without skips", lambda d: float(d.prod())),
        Mistake("a single skip past all blocks", lambda d: float(1 + d.prod())),
        Mistake(
            "1 plus the sum of the slopes: the products of several slopes are missing",
            lambda d: float(1 + d.sum()),
        ),
        Mistake(
            "a sum over the blocks; slopes one after the other multiply",
            lambda d: float((1 + d).sum()),
        ),
        Mistake("the slopes were added up, and the skips are missing", lambda d: float(d.sum())),
        Mistake("the skip was subtracted: y = f(x) − x", lambda d: float((d - 1).prod())),
        Mistake("the block was subtracted: y = x − f(x)", lambda d: float((1 - d).prod())),
        Mistake("the slope of each block; multiply them", lambda d: 1 + d),
    ),
    hint="The derivative of x + f(x) is 1 + d; then the chain rule.",
)


# --- the time of depth

ADDED = Exercise(
    name="added-multiply-adds",
    right=lambda channels, side, depth: depth * side**2 * 9 * channels**2,
    cases=((8, 28, 3), (16, 14, 2), (32, 7, 1), (5, 6, 4)),
    tolerance=0,
    mistakes=(
        Mistake(
            "the weights of the layers: each is used at every position of the map",
            lambda c, s, d: d * 9 * c**2,
        ),
        Mistake("one input channel; a kernel reads all of them", lambda c, s, d: d * s**2 * 9 * c),
        Mistake("one position per row; a map has side · side", lambda c, s, d: d * s * 9 * c**2),
        Mistake("kernels of a single weight; they have 3 · 3", lambda c, s, d: d * s**2 * c**2),
        Mistake("3 weights per kernel; each has 3 · 3", lambda c, s, d: d * s**2 * 3 * c**2),
        Mistake("a single layer; there are depth of them", lambda c, s, d: s**2 * 9 * c**2),
        Mistake(
            "maps that shrink by 2 pixels a side: padding 1 keeps them",
            lambda c, s, d: d * (s - 2) ** 2 * 9 * c**2,
        ),
        Mistake(
            "the biases were counted too: adding one multiplies nothing",
            lambda c, s, d: d * s**2 * (9 * c**2 + c),
        ),
    ),
    hint="Each number of the output takes 3 · 3 · channels products. Count those numbers.",
)

_J, _C = 528 / 50, 146 / 100

TIMES_AS_LONG = Exercise(
    name="times-as-long",
    right=_J / _C,
    tolerance=1e-3,
    mistakes=(
        Mistake("the ratio of the whole runs, which have 50 and 100 epochs", 528 / 146),
        Mistake("task c over task j; it was asked the other way round", _C / _J),
        Mistake("how many times longer; times as long is one more", _J / _C - 1),
        Mistake("the seconds of an epoch of task j; divide by those of task c", _J),
        Mistake("the difference in seconds; a ratio was asked for", _J - _C),
        Mistake("the epochs multiplied instead of divided", 528 * 50 / (146 * 100)),
    ),
    hint="First the seconds of one epoch of each, then their ratio.",
)


# --- chance

ACCURACY_DEVIATION = Exercise(
    name="accuracy-deviation",
    right=lambda p, n: math.sqrt(p * (1 - p) / n),
    cases=((0.99, 10_000), (0.5, 100), (0.8, 64), (0.25, 3)),
    tolerance=1e-6,
    mistakes=(
        Mistake("the variance; take its root", lambda p, n: p * (1 - p) / n),
        Mistake(
            "the standard deviation for a single image; divide by √n",
            lambda p, n: math.sqrt(p * (1 - p)),
        ),
        Mistake(
            "the root of p (1 − p), divided by n instead of √n",
            lambda p, n: math.sqrt(p * (1 - p)) / n,
        ),
        Mistake(
            "the standard deviation of the number of right answers; divide by n",
            lambda p, n: math.sqrt(p * (1 - p) * n),
        ),
        Mistake("percent; a fraction was asked for", lambda p, n: 100 * math.sqrt(p * (1 - p) / n)),
        Mistake(
            "half of a 95 % interval, 1.96 standard deviations",
            lambda p, n: 1.96 * math.sqrt(p * (1 - p) / n),
        ),
        Mistake("the factor 1 − p is missing", lambda p, n: math.sqrt(p / n)),
        Mistake("the factor p is missing", lambda p, n: math.sqrt((1 - p) / n)),
        Mistake("one over √n, whatever p", lambda p, n: 1 / math.sqrt(n)),
    ),
    hint="One image is right with probability p: variance p (1 − p). The mean of n has 1/n of it.",
)

EXERCISES = (
    CONSTANT_ACCURACY,
    CONSTANT_COST,
    GRADIENT_LEFT,
    SKIP_SLOPE,
    ADDED,
    TIMES_AS_LONG,
    ACCURACY_DEVIATION,
)
