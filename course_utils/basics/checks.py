"""Guards for arguments, and the one form that an error has: ``name: value is invalid; rule``."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["choice", "integer", "integers", "invalid", "lookup", "real", "square_counts"]

T = TypeVar("T")


def invalid(name: str, value: object, rule: str) -> ValueError:
    """Give the error for a value that breaks a rule, to be raised.

    >>> raise invalid("stride", 0, "use an integer of at least 1")
    Traceback (most recent call last):
    ValueError: stride: 0 is invalid; use an integer of at least 1
    """
    return ValueError(f"{name}: {value!r} is invalid; {rule}")


def integer(name: str, value: Any, *, least: int | None = 1, most: int | None = None) -> int:
    """Return an integer from ``least`` to ``most``; a bool is not one, a NumPy integer is.

    >>> integer("epochs", 5), integer("seed", 0, least=0)
    (5, 0)
    >>> integer("epochs", 2.5)
    Traceback (most recent call last):
    ValueError: epochs: 2.5 is invalid; use an integer of at least 1

    Raises
    ------
    ValueError
        For all else.
    """
    number = _index(value)
    if number is None or not _within(number, least, most):
        raise invalid(name, value, f"use {_integers(least, most)}")
    return number


def integers(name: str, value: Any, count: int, *, least: int = 1) -> tuple[int, ...]:
    """Return ``count`` integers, given as a list or tuple, or as one that stands for all.

    >>> integers("stride", 2, 2), integers("padding", (0, 1), 2, least=0)
    ((2, 2), (0, 1))
    >>> integers("stride", (1, 0), 2)
    Traceback (most recent call last):
    ValueError: stride: (1, 0) is invalid; use an integer of at least 1, or 2 of them

    Raises
    ------
    ValueError
        For another number of them, and for one that is not an integer or below ``least``.
    """
    values = value if isinstance(value, tuple | list) else (value,) * count
    numbers = [number for number in map(_index, values) if number is not None and number >= least]
    if len(numbers) != len(values) or len(values) != count:
        each = f", or {count} of them" if count > 1 else ""
        raise invalid(name, value, f"use {_integers(least, None)}{each}")
    return tuple(numbers)


def real(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> float:
    """Return a finite number within the bounds: above or at least one, below or at most the other.

    >>> real("lr", 0.1, above=0), real("confidence", 0.95, above=0, below=1)
    (0.1, 0.95)
    >>> real("target", 2, least=0, most=1)
    Traceback (most recent call last):
    ValueError: target: 2 is invalid; use a finite number from 0 to 1
    >>> real("lr", float("nan"), above=0)
    Traceback (most recent call last):
    ValueError: lr: nan is invalid; use a finite number above 0

    Raises
    ------
    ValueError
        For a number out of bounds, for nan and infinity, and for what is not a number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    good = (
        not isinstance(value, bool | str | bytes)
        and math.isfinite(number)
        and (above is None or number > above)
        and (least is None or number >= least)
        and (below is None or number < below)
        and (most is None or number <= most)
    )
    if not good:
        raise invalid(name, value, f"use a finite number{_bounds(above, least, below, most)}")
    return number


def choice(name: str, value: Any, options: Iterable[T]) -> T:
    """Return the option that equals the value.

    >>> choice("order", "desc", ["asc", "desc"])
    'desc'
    >>> choice("order", "down", ["asc", "desc"])
    Traceback (most recent call last):
    ValueError: order: 'down' is invalid; use 'asc' or 'desc'

    Raises
    ------
    ValueError
        Where none does; it lists them.
    """
    known = list(options)
    for option in known:
        if type(option) is type(value) and option == value:
            return option
    words = [repr(option) for option in known]
    raise invalid(
        name, value, "use " + " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    )


def lookup(name: str, value: Any, table: Mapping[str, T]) -> T:
    """Return what a table holds under a name.

    >>> lookup("loss", "l1", {"l1": abs})(-2)
    2

    Raises
    ------
    ValueError
        Where the table has no such name; it lists those that it has.
    """
    return table[choice(name, value, table)]


def square_counts(name: str, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return a square matrix of counts, ``[classes, classes]``, given as integers of any type.

    >>> square_counts("matrix", [[3.0, 1.0], [0.0, 2.0]]).tolist()
    [[3, 1], [0, 2]]
    >>> square_counts("matrix", [[0.75, 0.25], [0.0, 1.0]])
    Traceback (most recent call last):
    ValueError: matrix: 0.75 at (0, 0) is invalid; use counts of examples, not shares

    Raises
    ------
    ValueError
        For another shape, and for what is not an integer of at least 0.
    """
    x = np.asarray(values)
    if x.ndim != 2 or x.shape[0] != x.shape[1] or x.size == 0:
        raise ValueError(f"{name}: shape {x.shape} is invalid; use [classes, classes]")
    if x.dtype.kind not in "iuf":
        raise ValueError(f"{name}: dtype {x.dtype} is invalid; use counts of examples")
    bad = np.argwhere(~((x >= 0) & (x < 2.0**53) & (np.floor(x) == x)))
    if len(bad):
        row, column = map(int, bad[0])
        rule = "use counts of examples, not shares"
        raise ValueError(f"{name}: {x[row, column]} at ({row}, {column}) is invalid; {rule}")
    return x.astype(np.int64)


def _index(value: Any) -> int | None:
    if isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool"):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def _bounds(
    above: float | None, least: float | None, below: float | None, most: float | None
) -> str:
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    words = {"above": above, "of at least": least, "below": below, "of at most": most}
    parts = [f"{word} {bound:g}" for word, bound in words.items() if bound is not None]
    return f" {' and '.join(parts)}" if parts else ""


def _within(number: int, least: int | None, most: int | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


def _integers(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        bounds = [f"of at least {least}"] * (least is not None)
        return " ".join(["an integer", *bounds, *[f"of at most {most}"] * (most is not None)])
    return f"an integer from {least} to {most}"
