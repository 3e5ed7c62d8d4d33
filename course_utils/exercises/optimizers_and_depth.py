"""The exercises of the page on optimizers and depth: gradients, constant answers, comparisons."""

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
        Mistake(
            "the logarithm to base 10; nats take the natural one",
            lambda y: _entropy(y) / math.log(10),
        ),
    ),
    hint="Which probabilities lose least on average? Try two digits first, one more often.",
)


# --- gradients and depth

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
    hint="Start with a single block; then ask how the slopes of functions in turn combine.",
)


UNIFORM_BOUND = Exercise(
    name="uniform-bound",
    right=lambda n: math.sqrt(6 / n),
    cases=((9,), (72,), (1,), (600,)),
    tolerance=1e-6,
    mistakes=(
        Mistake("PyTorch's bound, under which the mean square shrinks", lambda n: n**-0.5),
        Mistake("the variance 2/n; the bound is wanted", lambda n: 2 / n),
        Mistake(
            "the standard deviation; a uniform draw's bound is larger", lambda n: math.sqrt(2 / n)
        ),
        Mistake("the bound without a ReLU behind it: half is lost there", lambda n: (3 / n) ** 0.5),
        Mistake("the square of the bound", lambda n: 6 / n),
        Mistake("n times too much in the root: the sum has n terms", lambda n: 6**0.5),
        Mistake(
            "the width of the interval from -b to b; b is half of that",
            lambda n: 2 * math.sqrt(6 / n),
        ),
        Mistake("n stands outside the root; it belongs inside", lambda n: math.sqrt(6) / n),
        Mistake(
            "a factor 2 too many in the root: ReLU's half was counted twice",
            lambda n: math.sqrt(12 / n),
        ),
    ),
    hint="Write the factor that a layer puts on the mean square, in terms of b and n.",
)


# --- logits


def _odds(p: float) -> float:
    return math.log(p / (1 - p))


_CHANCES = ((0.9, 1.0), (0.6, 2.0), (0.99, 0.5), (0.75, 4.0))

BEST_FACTOR = Exercise(
    name="best-factor",
    right=lambda p, m: _odds(p) / m,
    cases=_CHANCES,
    tolerance=1e-6,
    mistakes=(
        Mistake("the best margin, not the factor on it", lambda p, m: _odds(p)),
        Mistake("multiplied by the margin instead of divided", lambda p, m: m * _odds(p)),
        Mistake("the sign: wrong answers were counted as right", lambda p, m: -_odds(p) / m),
        Mistake("the odds; take their logarithm", lambda p, m: p / (1 - p) / m),
        Mistake("the logarithm of p alone", lambda p, m: math.log(p) / m),
        Mistake("-log(1 - p): the odds are p over 1 - p", lambda p, m: -math.log(1 - p) / m),
        Mistake("p over m: set the slope of the mean loss to 0", lambda p, m: p / m),
        Mistake(
            "the logarithm to base 10; the natural one is meant",
            lambda p, m: _odds(p) / m / math.log(10),
        ),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            lambda p, m: _odds(p) / m / math.log(2),
        ),
        Mistake(
            "half of the right factor: m is the whole difference of the two logits",
            lambda p, m: _odds(p) / (2 * m),
        ),
    ),
    hint="A right image costs log(1 + exp(-s m)), a wrong one log(1 + exp(s m)). Set the slope of "
    "their mean to 0.",
)

EXERCISES = (
    SKIP_SLOPE,
    CONSTANT_COST,
    UNIFORM_BOUND,
    BEST_FACTOR,
)
