"""How good is a model, and is the difference between two models more than luck?

Plain numbers in (lists, arrays or CPU tensors), plain numbers out. A *seed* is one run of an
experiment; intervals are Student's t intervals over seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn import metrics

from course_utils.basics.numerals import minus, signed

__all__ = [
    "Comparison",
    "Interval",
    "compare",
    "confusion_matrix",
    "mean_interval",
    "mistakes",
    "most_confused",
    "prediction_interval",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Verdict = Literal["better", "worse", "indistinguishable"]


def confusion_matrix(labels: npt.ArrayLike, predictions: npt.ArrayLike, classes: int = 10) -> Ints:
    """Count the examples of each true class (row) by predicted class (column).

    `labels` and `predictions` are integers of shape [N]; the result has shape
    [classes, classes] and sums to N.

    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], classes=3)
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 0, 1]])

    Raises ValueError for lengths that differ, empty input, or a value outside 0..classes-1.
    """
    true = _classes("labels", labels, classes)
    predicted = _classes("predictions", predictions, classes)
    _same_length("labels", true, "predictions", predicted)
    matrix = metrics.confusion_matrix(true, predicted, labels=np.arange(classes))
    return np.asarray(matrix, dtype=np.int64)


def most_confused(matrix: npt.ArrayLike, n: int = 5) -> list[tuple[int, int, int]]:
    """List the `n` most frequent confusions of a matrix as (true, predicted, count).

    Most frequent first, then by class; pairs that never occur are left out.

    >>> most_confused([[5, 0, 2], [1, 7, 0], [0, 0, 9]])
    [(0, 2, 2), (1, 0, 1)]
    """
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"matrix must be square, [classes, classes]; got shape {counts.shape}")
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    pairs = [
        (true, predicted, int(count))
        for (true, predicted), count in np.ndenumerate(counts)
        if true != predicted and count > 0
    ]
    return sorted(pairs, key=lambda pair: -pair[2])[:n]


def mistakes(probabilities: npt.ArrayLike, labels: npt.ArrayLike) -> Ints:
    """Give the indices of the wrongly classified examples, the most confident mistake first.

    `probabilities` has shape [N, C], each row summing to one; `labels` has shape [N].
    Confidence is the probability of the (wrong) class predicted; ties keep their order.

    >>> mistakes([[.6, .4], [.1, .9], [.2, .8]], [1, 1, 0])
    array([2, 0])

    Raises ValueError when a row is no probability distribution (logits, for instance).
    """
    p = _finite("probabilities", probabilities, ndim=2)
    true = _classes("labels", labels, p.shape[1])
    _same_length("probabilities", p, "labels", true)
    off = np.abs(p.sum(axis=1) - 1)
    if p.min() < 0 or off.max() > 1e-3:
        row = int(np.argmax((p.min(axis=1) < 0) | (off > 1e-3)))
        raise ValueError(
            "probabilities must be at least 0 and sum to 1 in each row (softmax the logits "
            f"first); row {row} has minimum {p[row].min():.4g} and sum {p[row].sum():.4g}"
        )
    predicted = p.argmax(axis=1)
    wrong = np.flatnonzero(predicted != true)
    confidence = p[wrong, predicted[wrong]]
    return np.asarray(wrong[np.argsort(-confidence, kind="stable")], dtype=np.int64)


@dataclass(frozen=True)
class Interval:
    """A mean over `n` seeds, the sample standard deviation `sd`, and an interval from low to high.

    With n = 1 nothing is known about the spread: sd, low and high are nan.
    A format is applied to each number: `f"{interval:.2%}"` gives "96.68% ± 0.09% (n = 10)".
    """

    mean: float
    sd: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """The number after ±."""
        return (self.high - self.low) / 2

    def written(self, digits: int = 4, *, scale: float = 1, unit: str = "") -> str:
        """Write the mean, half of its interval where it has one, and how many seeds.

        >>> mean_interval([0.97, 0.96, 0.98]).written(2, scale=100, unit=" %")
        '97.00 ± 2.48 % (n = 3)'
        >>> mean_interval([0.97]).written()
        '0.9700 (n = 1)'
        """
        spread = "" if self.n == 1 else f" ± {scale * self.half_width:.{digits}f}"
        return f"{minus(f'{scale * self.mean:.{digits}f}')}{spread}{unit} (n = {self.n})"

    def __format__(self, spec: str) -> str:
        spec = spec or ".4f"
        spread = "" if self.n == 1 else f" ± {self.half_width:{spec}}"
        return f"{self.mean:{spec}}{spread} (n = {self.n})"

    def __str__(self) -> str:
        return format(self)


def mean_interval(values: npt.ArrayLike, confidence: float = 0.95) -> Interval:
    """Estimate the mean over seeds: mean ± t · sd / √n, with t of n - 1 degrees of freedom.

    Repeated with other seeds, such an interval holds the true mean in `confidence` of all cases.

    >>> print(mean_interval([0.97, 0.96, 0.98]))
    0.9700 ± 0.0248 (n = 3)
    >>> print(mean_interval([0.97]))
    0.9700 (n = 1)
    """
    return _interval(values, confidence, of_one_run=False)


def prediction_interval(values: npt.ArrayLike, confidence: float = 0.95) -> Interval:
    """Say where one further run would lie: mean ± t · sd · √(1 + 1/n).

    This, not the interval of the mean, is what a single run reported elsewhere is held against.

    >>> print(prediction_interval([0.97, 0.96, 0.98]))
    0.9700 ± 0.0497 (n = 3)
    """
    return _interval(values, confidence, of_one_run=True)


@dataclass(frozen=True)
class Comparison:
    """The mean paired difference a - b over `n` seeds, its interval, and the verdict on a."""

    difference: float
    low: float
    high: float
    n: int
    verdict: Verdict
    confidence: float = 0.95

    def points(self, digits: int = 2) -> str:
        """Write a difference of accuracies in points, with its interval and the number of seeds.

        >>> Comparison(-0.0173, -0.0218, -0.0127, 10, "worse").points()
        '−1.73 points, 95 % interval −2.18 to −1.27 (n = 10)'
        """
        difference, low, high = (signed(100 * x, digits) for x in self._numbers())
        per_cent = f"{100 * self.confidence:g} %"
        return f"{difference} points, {per_cent} interval {low} to {high} (n = {self.n})"

    def __format__(self, spec: str) -> str:
        d, low, high = (format(x, "+" + (spec or ".4f")) for x in self._numbers())
        return f"{d} [{low}, {high}] (n = {self.n}): {self.verdict}"

    def __str__(self) -> str:
        return format(self)

    def _numbers(self) -> tuple[float, float, float]:
        return self.difference, self.low, self.high


def compare(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    higher_is_better: bool = True,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two experiments run with the same seeds, `a` against `b`.

    Seed i of a is paired with seed i of b, so what a seed does to both cancels. The verdict is
    "indistinguishable" when the interval of the mean difference a - b contains 0.

    >>> print(compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96]))
    +0.0167 [+0.0023, +0.0310] (n = 3): better

    Raises ValueError for lengths that differ and for fewer than two seeds.
    """
    first = _finite("a", a, ndim=1)
    second = _finite("b", b, ndim=1)
    _same_length("a", first, "b", second)
    if len(first) < 2:
        raise ValueError(
            f"a and b must hold at least 2 seeds each to be compared; got {len(first)}"
        )
    mean = mean_interval(first - second, confidence)
    verdict: Verdict = "indistinguishable"
    if mean.low > 0 or mean.high < 0:
        verdict = "better" if (mean.low > 0) == higher_is_better else "worse"
    return Comparison(mean.mean, mean.low, mean.high, mean.n, verdict, confidence)


def _interval(values: npt.ArrayLike, confidence: float, *, of_one_run: bool) -> Interval:
    x = _finite("values", values, ndim=1)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1; got {confidence}")
    n, mean = len(x), float(x.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, np.nan, 1)
    sd = float(x.std(ddof=1))
    t = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    half = t * sd * float(np.sqrt(1 / n + (1 if of_one_run else 0)))
    return Interval(mean, sd, mean - half, mean + half, n)


def _finite(name: str, values: npt.ArrayLike, *, ndim: int) -> Floats:
    x = _array(name, values, ndim)
    try:
        x = x.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers; got dtype {x.dtype}") from error
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        at = tuple(int(i) for i in bad[0])
        where = at[0] if ndim == 1 else at
        raise ValueError(f"{name} must be finite; got {x[at]} at index {where}")
    return x


def _classes(name: str, values: npt.ArrayLike, classes: int) -> Ints:
    x = _array(name, values, ndim=1)
    if x.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold class numbers (integers); got dtype {x.dtype}")
    bad = np.flatnonzero((x < 0) | (x >= classes))
    if len(bad):
        raise ValueError(
            f"{name} must lie in 0..{classes - 1}; got {x[bad[0]]} at index {int(bad[0])}"
        )
    return x.astype(np.int64)


def _array(name: str, values: npt.ArrayLike, ndim: int) -> npt.NDArray[Any]:
    x = np.asarray(values)
    if x.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s); got shape {x.shape}")
    if x.size == 0:
        raise ValueError(f"{name} must not be empty; got shape {x.shape}")
    return x


def _same_length(name: str, x: npt.NDArray[Any], other: str, y: npt.NDArray[Any]) -> None:
    if len(x) != len(y):
        raise ValueError(f"{name} and {other} must have one length; got {len(x)} and {len(y)}")
