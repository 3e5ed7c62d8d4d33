"""How large a difference some seeds find, and how many seeds find a given one."""

from bisect import bisect_left

import numpy as np
from scipy import special

from course_utils.basics.checks import integer, invalid, real
from course_utils.evaluation.seeds import t_quantile

__all__ = ["detectable", "seeds_needed"]


def detectable(
    sd: float, n: int, *, paired: bool = False, power: float = 0.8, confidence: float = 0.95
) -> float:
    """The least difference of two means that ``n`` seeds of each find with this power.

    Both have the standard deviation ``sd`` over seeds; of a ``paired`` comparison it is that of the
    differences. The power of a t test of 2n - 2 degrees of freedom, paired n - 1, is a non-central
    t distribution's (J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988).

    Raises
    ------
    ValueError
        For fewer than two seeds, a negative ``sd``, and a power or confidence outside (0, 1).

    Examples
    --------
    >>> [round(detectable(0.09, n), 2) for n in (3, 5, 10)]
    [0.28, 0.18, 0.12]
    >>> [round(detectable(0.09, n, paired=True), 2) for n in (3, 5, 10)]
    [0.29, 0.15, 0.09]
    """
    n, sd = integer("n", n, least=2), real("sd", sd, least=0)
    power = real("power", power, above=0, below=1)
    confidence = real("confidence", confidence, above=0, below=1)
    df, of_one = (n - 1, 1) if paired else (2 * n - 2, 2)
    beyond = t_quantile(df, confidence)
    effect = special.nctdtrinc(df, 1 - power, beyond)  # a find in the wrong direction left out
    return float(sd * np.sqrt(of_one / n) * effect)


def seeds_needed(
    sd: float,
    difference: float,
    *,
    paired: bool = False,
    power: float = 0.8,
    confidence: float = 0.95,
) -> int:
    """How many seeds of each find this difference with this power: the least n of ``detectable``.

    Raises
    ------
    ValueError
        As ``detectable`` does; for a difference of 0 or less, and one that takes over 10,000 seeds.

    Examples
    --------
    >>> [seeds_needed(0.09, difference) for difference in (0.42, 0.2, 0.1)]
    [3, 5, 14]
    """
    difference = real("difference", difference, above=0)

    def found(n: int) -> bool:
        least = detectable(sd, n, paired=paired, power=power, confidence=confidence)
        return least <= difference

    most = 10_000
    if not found(most):
        raise invalid("difference", difference, f"at an sd of {sd:g} it takes over {most:,} seeds")
    return 2 + bisect_left(range(2, most), True, key=found)
