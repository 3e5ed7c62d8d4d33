"""Intervals over seeds, and verdicts on the difference between two experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from course_utils.basics.checks import real
from course_utils.basics.numerals import minus, signed
from course_utils.evaluation.arrays import finite, same_length

__all__ = ["Comparison", "Interval", "Verdict", "compare", "mean_interval", "prediction_interval"]

Verdict = Literal["better", "worse", "indistinguishable"]


@dataclass(frozen=True)
class Interval:
    """A mean over ``n`` seeds, their sample standard deviation, and an interval from low to high.

    With n = 1 nothing is known about the spread: sd, low and high are nan.
    A format is applied to each number: ``f"{interval:.2%}"`` gives "96.68% ± 0.09% (n = 10)".
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

    Repeated with other seeds, such an interval holds the true mean in ``confidence`` of all cases.

    Raises
    ------
    ValueError
        For no value or one that is not finite, and a confidence outside (0, 1).

    Examples
    --------
    >>> print(mean_interval([0.97, 0.96, 0.98]))
    0.9700 ± 0.0248 (n = 3)
    >>> print(mean_interval([0.97]))
    0.9700 (n = 1)
    """
    return _interval(values, confidence, of_one_run=False)


def prediction_interval(values: npt.ArrayLike, confidence: float = 0.95) -> Interval:
    """Say where one further run would lie: mean ± t · sd · √(1 + 1/n).

    This, not the interval of the mean, is what a single run reported elsewhere is compared with.
    It raises what ``mean_interval`` raises.

    Examples
    --------
    >>> print(prediction_interval([0.97, 0.96, 0.98]))
    0.9700 ± 0.0497 (n = 3)
    """
    return _interval(values, confidence, of_one_run=True)


@dataclass(frozen=True)
class Comparison:
    """The mean paired difference a - b over ``n`` seeds, its interval, and the verdict on a."""

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
    """Compare two experiments run with the same seeds, ``a`` against ``b``.

    Seed i of a is paired with seed i of b, so what a seed does to both cancels. The verdict is
    "indistinguishable" when the interval of the mean difference a - b contains 0.

    Raises
    ------
    ValueError
        For lengths that differ and for fewer than two seeds.

    Examples
    --------
    >>> print(compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96]))
    +0.0167 [+0.0023, +0.0310] (n = 3): better
    """
    first = finite("a", a, ndim=1)
    second = finite("b", b, ndim=1)
    same_length("a", first, "b", second)
    if len(first) < 2:
        raise ValueError("a: 1 seed is invalid; use at least 2, the same as for b")
    mean = mean_interval(first - second, confidence)
    verdict: Verdict = "indistinguishable"
    if mean.low > 0 or mean.high < 0:
        verdict = "better" if (mean.low > 0) == higher_is_better else "worse"
    return Comparison(mean.mean, mean.low, mean.high, mean.n, verdict, confidence)


def _interval(values: npt.ArrayLike, confidence: float, *, of_one_run: bool) -> Interval:
    x = finite("values", values, ndim=1)
    confidence = real("confidence", confidence, above=0, below=1)
    n, mean = len(x), float(x.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, np.nan, 1)
    sd = float(x.std(ddof=1))
    t = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    half = t * sd * float(np.sqrt(1 / n + (1 if of_one_run else 0)))
    return Interval(mean, sd, mean - half, mean + half, n)
