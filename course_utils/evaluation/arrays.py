"""Numbers and class numbers as arrays, checked on their way in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Ints", "class_numbers", "finite", "same_length"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def finite(name: str, values: npt.ArrayLike, *, ndim: int) -> Floats:
    """Give finite numbers in so many dimensions, at least one of them."""
    x = _filled(name, values, ndim)
    try:
        x = x.astype(np.float64)
    except (TypeError, ValueError) as error:
        kind = type(x.flat[0]).__name__ if x.dtype.kind == "O" else f"dtype {x.dtype}"
        rule = "use finite numbers"
        if hasattr(x.flat[0], "test_accuracy"):
            rule += ", such as [history.test_accuracy[-1] for history in …]"
        raise ValueError(f"{name}: {kind} is invalid; {rule}") from error
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        raise _at(name, x, bad[0], "use finite numbers")
    return x


def class_numbers(name: str, values: npt.ArrayLike, classes: int) -> Ints:
    """Give integers from 0 to ``classes - 1``, at least one of them."""
    x = _filled(name, values, ndim=1)
    rule = f"use integers from 0 to {classes - 1}"
    if x.dtype.kind not in "iu":
        raise ValueError(f"{name}: dtype {x.dtype} is invalid; {rule}")
    bad = np.argwhere((x < 0) | (x >= classes))
    if len(bad):
        raise _at(name, x, bad[0], rule)
    return x.astype(np.int64)


def same_length(name: str, x: npt.NDArray[Any], other: str, y: npt.NDArray[Any]) -> None:
    """Require two arrays to have one length."""
    if len(x) != len(y):
        raise ValueError(
            f"{other}: length {len(y)} is invalid; use that of {name}, which is {len(x)}"
        )


def _filled(name: str, values: npt.ArrayLike, ndim: int) -> npt.NDArray[Any]:
    x = np.asarray(values)
    if x.ndim != ndim or x.size == 0:
        s = "s" * (ndim > 1)
        raise ValueError(
            f"{name}: shape {x.shape} is invalid; use {ndim} dimension{s}, with a value or more"
        )
    return x


def _at(name: str, x: npt.NDArray[Any], index: npt.NDArray[np.intp], rule: str) -> ValueError:
    place = tuple(map(int, index))
    where = place[0] if len(place) == 1 else place
    return ValueError(f"{name}: {x[place]} at index {where} is invalid; {rule}")
