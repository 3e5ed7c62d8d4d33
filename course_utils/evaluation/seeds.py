"""Intervals over seeds: of a mean, and of one further run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from course_utils.basics.checks import real
from course_utils.basics.numerals import minus
from course_utils.evaluation.arrays import Floats, finite

__all__ = ["Interval", "half_widths", "mean_interval", "prediction_interval", "t_quantile"]


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


def half_widths(values: npt.ArrayLike) -> Floats:
    """Half of the 95 % interval of the mean in each column of numbers [seeds, points].

    It is what ``mean_interval`` finds, for many points at once; nan with one seed, and in a column
    that has a nan.

    Raises
    ------
    ValueError
        For numbers that aren't [seeds, points].

    Examples
    --------
    >>> half_widths([[0.97, 0.5], [0.96, 0.5], [0.98, 0.5]]).round(4).tolist()
    [0.0248, 0.0]
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or not len(x):
        raise ValueError(f"values: shape {x.shape} is invalid; use [seeds, points]")
    n = len(x)
    if n == 1:
        return np.full(x.shape[1], np.nan)
    return t_quantile(n - 1) * x.std(axis=0, ddof=1) * float(np.sqrt(1 / n))


def t_quantile(df: float, confidence: float = 0.95) -> float:
    """The t between whose negative and itself a share of Student's t distribution lies.

    The degrees of freedom need not be whole.

    >>> round(t_quantile(9), 4), round(t_quantile(9.5), 4)
    (2.2622, 2.2441)
    """
    return float(special.stdtrit(df, (1 + confidence) / 2))


def _interval(values: npt.ArrayLike, confidence: float, *, of_one_run: bool) -> Interval:
    x = finite("values", values, ndim=1)
    confidence = real("confidence", confidence, above=0, below=1)
    n, mean = len(x), float(x.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, np.nan, 1)
    sd = float(x.std(ddof=1))
    half = t_quantile(n - 1, confidence) * sd * float(np.sqrt(1 / n + (1 if of_one_run else 0)))
    return Interval(mean, sd, mean - half, mean + half, n)
