"""The formulas that several pages share: softmax, the true class, an interval for a share."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = [
    "Array",
    "log_softmax",
    "one_hot",
    "picked",
    "share_deviation",
    "share_interval",
    "softmax",
]

Array = npt.NDArray[Any]


def softmax(z: Array) -> Array:
    """Give the probabilities that belong to logits [N, classes].

    >>> softmax(np.log([[1.0, 3.0]])).round(4).tolist()
    [[0.25, 0.75]]
    """
    return np.asarray(special.softmax(z, axis=1))


def log_softmax(z: Array) -> Array:
    """Give the logarithms of those probabilities, none of which underflows.

    >>> log_softmax(np.array([[0.0, 2000.0]])).tolist()
    [[-2000.0, 0.0]]
    """
    return np.asarray(special.log_softmax(z, axis=1))


def picked(values: Array, labels: Array) -> Array:
    """Pick the number of the true class from each row of values [N, classes].

    >>> picked(np.array([[1, 2, 3], [4, 5, 6]]), np.array([2, 0])).tolist()
    [3, 4]
    """
    return np.asarray(values[np.arange(len(labels)), labels])


def one_hot(labels: Array, classes: int) -> Array:
    """Give a row for each label: 1 at the true class and 0 elsewhere.

    >>> one_hot(np.array([1, 0]), 3).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    return np.asarray(np.eye(classes)[labels])


def share_deviation(p: float, n: float) -> float:
    """Give the standard deviation of a share p among n that are drawn at random.

    >>> share_deviation(0.5, 100)
    0.05
    """
    return math.sqrt(p * (1 - p) / n)


def share_interval(
    k: int, n: int, confidence: float = 0.95, method: Literal["exact", "wilson"] = "exact"
) -> Array:
    """Give the low and high end of an interval for a share, of which k of n were seen.

    >>> share_interval(0, 10).round(4).tolist(), share_interval(0, 10, method="wilson").round(4)
    ([0.0, 0.3085], array([0.    , 0.2775]))
    """
    from scipy import stats  # slow to import

    return np.array(stats.binomtest(k, n).proportion_ci(confidence, method))
