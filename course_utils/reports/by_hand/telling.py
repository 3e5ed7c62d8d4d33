"""How is a result told so that it says on which data, and the same on every processor?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from course_utils.data import Dataset
from course_utils.reports.rows import Row


def on_mnist(dataset: Dataset, row: Row) -> Row:
    """The row as it is on MNIST; on the digits that stand in for it, that it needs MNIST."""
    if dataset.is_mnist:
        return row
    why = "The digits that stand in for MNIST have other pixels."
    return replace(row, ours="needs MNIST", verdict="cannot be told", why=why, difference="")


def scientific(number: float) -> str:
    """One digit and a power of ten.

    >>> scientific(1e-5), scientific(0.00372)
    ('1e-5', '4e-3')
    """
    return np.format_float_scientific(number, precision=0, exp_digits=1, trim="-")


def power_above(error: float) -> str:
    """The next power of ten above a rounding error, of which processors differ in the digits.

    >>> power_above(7.6e-7), power_above(0.0)
    ('1e-6', '1e-14')

    Raises ValueError for an error that is negative or not finite.
    """
    if not 0 <= error < math.inf:
        raise ValueError(f"error: {error} is no size of an error; it must be finite, from 0 up")
    return f"1e{max(-14, math.ceil(math.log10(error)))}" if error else "1e-14"
