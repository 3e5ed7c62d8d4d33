"""What a classifier gets right and wrong, class by class and example by example."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.basics.checks import integer, square_counts
from course_utils.evaluation.arrays import Ints, class_numbers, finite, same_length

__all__ = ["confusion_matrix", "mistakes", "most_confused"]


def confusion_matrix(labels: npt.ArrayLike, predictions: npt.ArrayLike, classes: int = 10) -> Ints:
    """Count the examples of each true class (row) by predicted class (column).

    ``labels`` and ``predictions`` are integers ``[N]``; the result is ``[classes, classes]`` and
    sums to N.

    Raises
    ------
    ValueError
        For lengths that differ, empty input, a value outside 0..classes-1, or no class at all.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], classes=3)
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 0, 1]])
    """
    from sklearn import metrics  # slow to import

    classes = integer("classes", classes)
    true = class_numbers("labels", labels, classes)
    predicted = class_numbers("predictions", predictions, classes)
    same_length("labels", true, "predictions", predicted)
    matrix = metrics.confusion_matrix(true, predicted, labels=np.arange(classes))
    return np.asarray(matrix, dtype=np.int64)


def most_confused(matrix: npt.ArrayLike, n: int = 5) -> list[tuple[int, int, int]]:
    """List the ``n`` most frequent confusions of a matrix as (true, predicted, count).

    Most frequent first, then by class; pairs that never occur are left out.

    Raises
    ------
    ValueError
        For a matrix that is not square, or of shares, and ``n`` below 1.

    Examples
    --------
    >>> most_confused([[5, 0, 2], [1, 7, 0], [0, 0, 9]])
    [(0, 2, 2), (1, 0, 1)]
    """
    counts = square_counts("matrix", matrix)
    integer("n", n)
    pairs = [
        (true, predicted, int(count))
        for (true, predicted), count in np.ndenumerate(counts)
        if true != predicted and count > 0
    ]
    return sorted(pairs, key=lambda pair: -pair[2])[:n]


def mistakes(probabilities: npt.ArrayLike, labels: npt.ArrayLike) -> Ints:
    """Give the indices of the wrongly classified examples, the most confident mistake first.

    ``probabilities`` are ``[N, C]``, each row summing to one; ``labels`` are ``[N]``.
    Confidence is the probability of the (wrong) class predicted; ties keep their order.

    Raises
    ------
    ValueError
        For a row that is not a probability distribution (logits, for instance), labels that are
        not classes, and lengths that differ.

    Examples
    --------
    >>> mistakes([[.6, .4], [.1, .9], [.2, .8]], [1, 1, 0])
    array([2, 0])
    """
    p = finite("probabilities", probabilities, ndim=2)
    true = class_numbers("labels", labels, p.shape[1])
    same_length("probabilities", p, "labels", true)
    off = np.abs(p.sum(axis=1) - 1)
    if p.min() < 0 or off.max() > 1e-3:
        row = int(np.argmax((p.min(axis=1) < 0) | (off > 1e-3)))
        raise ValueError(
            f"probabilities: row {row}, with minimum {p[row].min():.4g} and sum "
            f"{p[row].sum():.4g}, is invalid; use rows of at least 0 that sum to 1 "
            "(softmax the logits first)"
        )
    predicted = p.argmax(axis=1)
    wrong = np.flatnonzero(predicted != true)
    confidence = p[wrong, predicted[wrong]]
    return np.asarray(wrong[np.argsort(-confidence, kind="stable")], dtype=np.int64)
