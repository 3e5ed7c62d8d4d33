"""Comparisons of two experiments over seeds: paired or Welch's, and several at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from course_utils.basics.numerals import signed
from course_utils.evaluation.arrays import finite, same_length
from course_utils.evaluation.seeds import mean_interval, t_quantile

__all__ = ["MARGIN", "Comparison", "Verdict", "compare", "compare_seeds", "holm"]

MARGIN = 0.001  # a tenth of a point: two accuracies that are closer are the same, in this course

Verdict = Literal["better", "worse", "indistinguishable"]


@dataclass(frozen=True)
class Comparison:
    """The mean difference a - b over seeds, its interval, the verdict on a, and the test behind it.

    ``n`` are the pairs of a paired comparison. Of an unpaired one they are the seeds of a, and
    ``n_b`` those of b. ``df`` are the degrees of freedom of t.
    """

    difference: float
    low: float
    high: float
    n: int
    verdict: Verdict
    df: float
    n_b: int | None = None
    confidence: float = 0.95

    @property
    def test(self) -> str:
        """Its name and the number of seeds: "paired, n = 10" or "Welch, n = 10 and 5"."""
        return f"{self.pairing}, n = {self._seeds}"

    @property
    def pairing(self) -> str:
        """Its name alone: "paired", or "Welch" where nothing links a seed of a to one of b."""
        return "paired" if self.n_b is None else "Welch"

    @property
    def p(self) -> float:
        """How often chance alone gives a difference as large, if there is none."""
        return self._two_sided(abs(self.difference))

    def p_within(self, margin: float) -> float:
        """How often chance alone puts it as far inside ±margin, if the true one lies at its edge.

        Twice the larger p of two one-sided tests, so that it is below 1 - ``confidence`` just when
        ``within`` is true (D. J. Schuirmann, A comparison of the two one-sided tests procedure and
        the power approach, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987).
        """
        room = margin - abs(self.difference)
        return self._two_sided(room) if room > 0 else 1.0

    def within(self, margin: float) -> bool:
        """Whether the whole interval lies inside ±margin: the same, but for what doesn't matter.

        >>> alike = compare([0.9801, 0.9799, 0.9802], [0.98, 0.98, 0.98])
        >>> alike.verdict, alike.within(0.001), alike.within(0.0001)
        ('indistinguishable', True, False)
        """
        return -margin < self.low and self.high < margin

    def outcome(self, margin: float) -> str:
        """Give "better", "worse", "the same" within ±margin, or "not told apart".

        >>> compare([0.9801, 0.9799, 0.9802], [0.98, 0.98, 0.98]).outcome(0.001)
        'the same'
        """
        if self.within(margin):
            return "the same"
        return "not told apart" if self.verdict == "indistinguishable" else self.verdict

    def words(self, margin: float) -> str:
        """Say in words what became of a, where ±margin is a difference that doesn't matter.

        >>> compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96]).words(0.001)
        'better'
        >>> compare([0.9801, 0.9799, 0.9802], [0.98, 0.98, 0.98]).words(0.001)
        'the same within 0.1 points'
        >>> compare([0.97, 0.99, 0.98], [0.98, 0.98, 0.98]).words(0.001)
        'not told apart'
        """
        outcome, points = self.outcome(margin), f"{100 * margin:g}"
        if outcome != "the same":
            return outcome
        return f"the same within {points} point{'s' * (points != '1')}"

    def points(self, digits: int = 2) -> str:
        """Write a difference of accuracies in points, with its interval and the number of seeds.

        >>> compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96]).points()
        '+1.67 points, 95 % interval +0.23 to +3.10 (n = 3)'
        """
        difference, low, high = (signed(100 * x, digits) for x in self._numbers())
        per_cent = f"{100 * self.confidence:g} %"
        return f"{difference} points, {per_cent} interval {low} to {high} (n = {self._seeds})"

    def __format__(self, spec: str) -> str:
        d, low, high = (format(x, "+" + (spec or ".4f")) for x in self._numbers())
        return f"{d} [{low}, {high}] (n = {self._seeds}): {self.verdict}"

    def __str__(self) -> str:
        return format(self)

    @property
    def _seeds(self) -> str:
        return f"{self.n}" if self.n_b is None else f"{self.n} and {self.n_b}"

    def _numbers(self) -> tuple[float, float, float]:
        return self.difference, self.low, self.high

    def _two_sided(self, distance: float) -> float:
        error = (self.high - self.low) / 2 / t_quantile(self.df, self.confidence)
        if error == 0:
            return 0.0 if distance else 1.0
        return float(2 * special.stdtr(self.df, -distance / error))


def compare(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    paired: bool = True,
    higher_is_better: bool = True,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two experiments over their seeds, ``a`` against ``b``.

    The verdict is "indistinguishable" when the interval of the mean difference a - b contains 0.
    That is not to say that they are equal: see ``Comparison.within``. A difference no larger than
    the rounding of its numbers is none.

    Parameters
    ----------
    a, b : one value for each seed.
    paired : True where seed i of a and seed i of b share something, such as their initial weights
        and batches. What a seed does to both then cancels. False compares the two means
        (B. L. Welch, The generalization of "Student's" problem, Biometrika 34, 1947); a and b may
        then have different numbers of seeds.
    higher_is_better : False for losses.
    confidence : how often such an interval holds the true difference.

    Raises
    ------
    ValueError
        For fewer than two seeds, and for pairs of which one is missing.

    Examples
    --------
    >>> print(compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96]))
    +0.0167 [+0.0023, +0.0310] (n = 3): better
    >>> print(compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96, 0.96], paired=False))
    +0.0150 [-0.0055, +0.0355] (n = 3 and 4): indistinguishable
    """
    first = finite("a", a, ndim=1)
    second = finite("b", b, ndim=1)
    if paired:
        same_length("a", first, "b", second)
    for name, values in (("a", first), ("b", second)):
        if len(values) < 2:
            raise ValueError(f"{name}: 1 seed is invalid; use at least 2")
    if paired:
        mean = mean_interval(first - second, confidence)
        difference, half, df, n_b = mean.mean, mean.half_width, float(mean.n - 1), None
    else:
        difference, half, df = _welch(first, second, confidence)
        n_b = len(second)
    if max(abs(difference), half) <= _rounding(a, b):
        difference = half = 0.0
    low, high = difference - half, difference + half
    verdict: Verdict = "indistinguishable"
    if low > 0 or high < 0:
        verdict = "better" if (low > 0) == higher_is_better else "worse"
    return Comparison(difference, low, high, len(first), verdict, df, n_b, confidence)


def compare_seeds(
    a: Mapping[int, float], b: Mapping[int, float], *, paired: bool, higher_is_better: bool = True
) -> Comparison:
    """Compare two experiments of which each may have seeds that the other lacks.

    Parameters
    ----------
    a, b : seed to value.
    paired : in pairs, over the seeds that both have; else by Welch's test, over all of each.

    Raises
    ------
    ValueError
        For fewer than two seeds.

    Examples
    --------
    >>> a, b = {0: 0.97, 1: 0.96, 2: 0.98}, {1: 0.95, 2: 0.96, 3: 0.97}
    >>> compare_seeds(a, b, paired=True).test, compare_seeds(a, b, paired=False).test
    ('paired, n = 2', 'Welch, n = 3 and 3')
    """
    if paired:
        both = [seed for seed in a if seed in b]
        a, b = {seed: a[seed] for seed in both}, {seed: b[seed] for seed in both}
    one, other = [*a.values()], [*b.values()]
    return compare(one, other, paired=paired, higher_is_better=higher_is_better)


def holm(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjust the p of several tests, so that one below 0.05 is luck in 5 % of such families.

    (S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979.)

    Raises
    ------
    ValueError
        For a p outside [0, 1], or none.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    x = finite("p", p, ndim=1)
    if x.min() < 0 or x.max() > 1:
        raise ValueError(f"p: {x.min():g} to {x.max():g} is invalid; use numbers from 0 to 1")
    order = x.argsort()
    adjusted = np.empty_like(x)
    adjusted[order] = np.maximum.accumulate(x[order] * np.arange(len(x), 0, -1)).clip(max=1)
    return adjusted


def _rounding(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Give what rounding alone can make of a difference: some units in the last place."""
    sizes = []
    for x in (np.asarray(a), np.asarray(b)):
        kind = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
        sizes.append(8 * float(np.finfo(kind).eps) * float(np.abs(x).max()))
    return max(sizes)


def _welch(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], confidence: float
) -> tuple[float, float, float]:
    """Give the difference of two means, half of its interval, and the degrees of freedom."""
    shares = np.array([x.var(ddof=1) / len(x) for x in (a, b)])
    error = float(np.sqrt(shares.sum()))
    each = np.array([len(a) - 1, len(b) - 1])
    df = float(shares.sum() ** 2 / (shares**2 / each).sum()) if error else float(each.sum())
    half = t_quantile(df, confidence) * error
    return float(a.mean() - b.mean()), half, df
