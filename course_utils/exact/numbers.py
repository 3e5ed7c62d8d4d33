"""Fractions: which one a number stands for, and how one is written."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from course_utils.basics.checks import invalid
from course_utils.basics.numerals import minus

Array: TypeAlias = npt.NDArray[np.object_]  # its elements are Fractions

# A float64 keeps any decimal of 15 digits. Rounding errors show in the last of these (ten times
# 0.1 ten times is 9.99999999999998), so fewer are believed.
FLOAT_DIGITS = 12


def fraction(value: Any, name: str = "value") -> Fraction:
    """Read one number: an int, a Fraction, a Decimal, text, or a float that is a short decimal.

    A float is read as the decimal it is printed as, if that has at most 12 significant digits
    (float32: 6, float16: 3). Others are results of arithmetic: their decimals are rounding errors.

    >>> fraction(0.2), fraction("1/3")
    (Fraction(1, 5), Fraction(1, 3))
    >>> fraction(0.1 * 3)
    Traceback (most recent call last):
    ValueError: value: 0.30000000000000004 is invalid; use at most 12 significant digits in a \
float, or write text or a Fraction

    ``name`` is what the number is called in an error.

    Raises
    ------
    ValueError
        For a float with more digits, NaN, infinity, a bool, and whatever else is not a number.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, float | np.floating):
        return _from_float(value, name)
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | np.integer | str | Decimal
    ):
        raise invalid(name, value, "use an int, a decimal or a Fraction")
    if isinstance(value, np.integer):
        return Fraction(int(value))
    try:
        return Fraction(value.replace("−", "-") if isinstance(value, str) else value)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise invalid(name, value, "use a decimal or a ratio, '0.2' or '1/5'") from None


def _from_float(value: float | np.floating[Any], name: str) -> Fraction:
    if not np.isfinite(value):
        raise invalid(name, float(value), "use a finite number")
    digits = min(FLOAT_DIGITS, np.finfo(type(value)).precision)
    shown = str(value)
    decimal = Decimal(shown)
    if len(decimal.normalize().as_tuple().digits) > digits:
        rule = f"use at most {digits} significant digits in a float, or write text or a Fraction"
        raise invalid(name, float(shown), rule)
    return Fraction(decimal)


def array(values: Any, name: str = "values") -> Array:
    """Read nested lists, an array or a tensor as an array of Fractions of the same shape.

    >>> array([[0.5, "1/3"], [2, 0]]).tolist()[0]
    [Fraction(1, 2), Fraction(1, 3)]

    Raises
    ------
    ValueError
        For rows of different lengths, an empty list, or what ``fraction`` refuses; ``name`` and the
        index say which number it is.
    """
    shape = _shape(values, name)
    result = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        value = values
        for i in index:
            value = value[i]
        if hasattr(value, "detach"):  # an element of a tensor, which autograd may follow
            value = value.detach()
        if hasattr(value, "__array__"):
            value = np.asarray(value)[()]
        result[index] = fraction(value, f"{name}[{', '.join(map(str, index))}]" if index else name)
    return result


def _shape(values: Any, name: str) -> tuple[int, ...]:
    if hasattr(values, "shape"):
        shape = tuple(int(n) for n in values.shape)
    elif isinstance(values, list | tuple):
        inner = [_shape(row, f"{name}[{i}]") for i, row in enumerate(values)]
        for i, other in enumerate(inner):
            if other != inner[0]:
                raise ValueError(
                    f"{name}: row {i} has shape {other}, but row 0 has {inner[0]}; "
                    "all rows must be equally long"
                )
        shape = (len(values), *(inner[0] if inner else ()))
    else:
        shape = ()
    if 0 in shape:
        raise ValueError(f"{name}: shape {shape} is empty; use at least one number")
    return shape


def text(values: Any) -> str:
    """Write a number, or nested lists of numbers: decimals where they end, fractions elsewhere.

    >>> text("97/10"), text([[1, "1/3"]])
    ('9.7', '[[1, 1/3]]')
    """
    numbers = array(values)
    if numbers.ndim:
        return f"[{', '.join(text(row) for row in numbers)}]"
    number: Fraction = numbers.item()
    return _decimal(number) or str(number)


def printed(values: Any) -> str:
    """Write what ``text`` writes with a true minus, which is read out as one.

    >>> printed("-5/4")
    '−1.25'
    """
    return minus(text(values))


def latex(values: Any) -> str:
    """Write a number, a vector (as a row) or a matrix in LaTeX, decimals where they end.

    >>> print(latex([[0.5, 1], [2, "-1/3"]]))
    \\begin{bmatrix} 0.5 & 1 \\\\ 2 & -\\frac{1}{3} \\end{bmatrix}

    Raises
    ------
    ValueError
        For more than two axes.
    """
    numbers = array(values)
    if numbers.ndim > 2:
        raise ValueError(f"values: {numbers.ndim} axes are too many; use at most 2")
    if numbers.ndim:
        rows = [" & ".join(latex(number) for number in row) for row in np.atleast_2d(numbers)]
        return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"
    number: Fraction = numbers.item()
    sign = "-" if number < 0 else ""
    return _decimal(number) or rf"{sign}\frac{{{abs(number.numerator)}}}{{{number.denominator}}}"


def _decimal(number: Fraction) -> str | None:
    """Write the number as a decimal if that ends, which it does if 10ⁿ times it is whole."""
    for places in _places(number.denominator):
        digits = f"{abs(number.numerator) * 10**places // number.denominator:0{places + 1}d}"
        whole, after = digits[: len(digits) - places], digits[len(digits) - places :]
        return ("-" if number < 0 else "") + whole + ("." + after if after else "")
    return None


def _places(denominator: int) -> Iterator[int]:
    """Give the decimal places that 1/denominator needs; nothing where no number is enough."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator == 1:
        yield max(twos, fives)
