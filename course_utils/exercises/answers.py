"""An answer compared with the right one: equal, equal to three digits, or how it differs."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from course_utils.exercises.reading import BlankLeft, Floats, NotNumbers, describe, floats

__all__ = ["Difference", "Nearness", "compared", "numbers", "whole", "whole_numbers"]

Nearness = Literal["tolerance", "digits", "cut"]


@dataclass(frozen=True)
class Difference:
    """How an answer differs from the right one, as the end of a sentence that starts with "It"."""

    words: str


def compared(
    answer: Any,
    right: Any,
    tolerance: float,
    *,
    strict: bool = True,
    near: Nearness = "tolerance",
) -> Difference | None:
    """Compare an answer with the right one; None if they agree.

    A tuple is compared part by part, text as text, all else as arrays of numbers of equal shape
    (leading axes of length 1 don't count, and one number may come in any shape) that differ by at
    most tolerance · max(1, |right|). Where all that is right is 0 or 1, False and True are too.
    With ``strict``, nan and infinity are never right.

    With ``near="digits"``, numbers that are right to three significant digits agree as well: within
    half a unit of the third. With ``near="cut"``, so do those with too few digits: rounded or cut
    off after two, or cut off after three. Neither changes anything where the tolerance is 0 or all
    that is right is whole: such numbers are exact.

    >>> compared(3.04, 3.0366, 1e-4, near="digits")
    >>> compared(3.0, 3.0366, 1e-4, near="digits").words, compared(3.0, 3.0366, 1e-4, near="cut")
    ('is a number, but not the right one', None)
    """
    if isinstance(right, str):
        if not isinstance(answer, str):
            return Difference(f"should be text; it is {describe(answer)}")
        same = answer.strip().casefold() == right.casefold()
        return None if same else Difference("is not the right text")
    if isinstance(right, tuple):
        return _compared_parts(answer, right, tolerance, strict, near)
    wanted = np.asarray(right, dtype=np.float64)
    truths = bool(np.isin(wanted, (0, 1)).all())
    found = _read(answer, wanted.shape, truths)
    if isinstance(found, Difference):
        return found
    if strict and not np.isfinite(found).all():
        return Difference("contains nan or infinity")
    shaped = _shaped(found, wanted.shape)
    wrong = ~_near(found if shaped is None else shaped, wanted, tolerance, near)
    if shaped is None:
        if wrong.any():
            return _misshapen(found, wanted.shape)
        return Difference(
            f"has the right numbers in the wrong shape: {found.shape} instead of {wanted.shape}"
        )
    if not wrong.any():
        return None
    if wrong.size == 1:
        return Difference("is a number, but not the right one")
    values = "value" if wrong.sum() == 1 else "values"
    return Difference(f"has the right shape and {wrong.sum()} wrong {values} of {wrong.size}")


def _near(found: Floats, wanted: Floats, tolerance: float, near: Nearness) -> npt.NDArray[np.bool_]:
    """Say which numbers agree; found may have another shape, and is then read in its order."""
    found = found.reshape(wanted.shape)
    with np.errstate(all="ignore"):
        finite = np.isfinite(found) & np.isfinite(wanted)
        off = np.abs(found - wanted)
        agree = off <= tolerance * np.maximum(1, np.abs(wanted)) * (1 + 1e-9)
        if near != "tolerance" and tolerance and not whole(wanted):
            unit = _unit(wanted)
            agree |= off <= unit / 2 * (1 + 1e-9)
            if near == "cut":
                for digit, up in ((unit, 0), (10 * unit, 0), (10 * unit, 0.5)):
                    kept = np.sign(wanted) * np.floor(np.abs(wanted) / digit + up) * digit
                    agree |= np.abs(found - kept) <= 1e-6 * unit
        agree = (agree & finite) | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    return np.asarray(agree)


def _unit(values: Floats) -> Floats:
    """Give what 1 in the third significant digit counts for, of each number.

    >>> _unit(np.array([3.0366, -0.424, 120.0]))
    array([0.01 , 0.001, 1.   ])
    """
    powers = [int(f"{x:.11e}".split("e")[1]) - 2 if np.isfinite(x) else 0 for x in values.flat]
    return np.asarray([float(f"1e{power}") for power in powers]).reshape(values.shape)


def whole(values: Floats) -> bool:
    """Say whether all are whole numbers, but for the last bits of a calculation."""
    return all(float(f"{x:.12g}").is_integer() for x in values.flat)


def _compared_parts(
    answer: Any, right: tuple[Any, ...], tolerance: float, strict: bool, near: Nearness
) -> Difference | None:
    parts = answer if isinstance(answer, list | tuple | np.ndarray | torch.Tensor) else None
    if parts is None or (not isinstance(parts, list | tuple) and parts.ndim == 0):
        return Difference(f"should be {len(right)} values; it is {describe(answer)}")
    if len(parts) == 1 and isinstance(parts[0], list | tuple | np.ndarray | torch.Tensor):
        return _compared_parts(parts[0], right, tolerance, strict, near)
    if len(parts) != len(right):
        return Difference(f"should be {len(right)} values; there are {len(parts)}")
    for i, (part, wanted) in enumerate(zip(parts, right, strict=True), start=1):
        difference = compared(part, wanted, tolerance, strict=strict, near=near)
        if difference is not None:
            return Difference(f"goes wrong at value {i} of {len(right)}, which {difference.words}")
    return None


def numbers(answer: Any, shape: tuple[int, ...] | None = None) -> Floats | Difference:
    """Read an answer as float64 of the given shape, or say why that can't be done.

    None stands for any shape. Leading axes of length 1 don't count, and one number may come in any
    shape.

    >>> numbers([["1/2", 2]], (2,))
    array([0.5, 2. ])
    >>> numbers(np.array(["half", 2], dtype=object), (2,)).words
    'should be 2 numbers; it is an array of shape (2,) that holds text'
    """
    found = _read(answer, shape)
    if isinstance(found, Difference) or shape is None:
        return found
    shaped = _shaped(found, shape)
    return _misshapen(found, shape) if shaped is None else shaped


def whole_numbers(answer: Any, n: int) -> list[int] | None:
    """Read ``n`` whole numbers, in whatever form they come; None for anything else.

    >>> whole_numbers(("8", 16.0, torch.tensor(64)), 3), whole_numbers([8, 16.5, 64], 3)
    ([8, 16, 64], None)
    """
    found = numbers(answer, (n,))
    if isinstance(found, Difference) or not np.isfinite(found).all() or not whole(found):
        return None
    return [round(float(number)) for number in found]


def _shaped(found: Floats, shape: tuple[int, ...]) -> Floats | None:
    """Bring numbers into a shape, where only leading axes of length 1 are in the way."""
    extra = len(found.shape) - len(shape)
    leading = extra >= 0 and found.shape == (1,) * extra + shape
    return found.reshape(shape) if leading or (shape == () and found.size == 1) else None


def _wanted(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return "numbers"
    if len(shape) == 1 and shape[0] > 1:
        return f"{shape[0]} numbers"
    return f"an array of shape {shape}" if shape else "one number"


def _misshapen(found: Floats, shape: tuple[int, ...]) -> Difference:
    return Difference(f"should be {_wanted(shape)}; it has the shape {found.shape}")


def _read(answer: Any, shape: tuple[int, ...] | None, truths: bool = False) -> Floats | Difference:
    """Read as many numbers as the shape has, in whatever shape they come."""
    misread = Difference(f"should be {_wanted(shape)}; it is {describe(answer)}")
    array = isinstance(answer, np.ndarray | np.generic | torch.Tensor)
    if answer is None or answer is Ellipsis:
        return misread
    if shape is not None:
        if array and prod(answer.shape) != prod(shape):
            return misread
        if isinstance(answer, list | tuple) and len(answer) > prod(shape):
            return misread
    try:
        found = floats(answer, truths=truths)
    except BlankLeft:
        return Difference("still has a blank in it")
    except (NotNumbers, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        if not array and not isinstance(answer, list | tuple):
            return misread
        if isinstance(error, NotNumbers):
            return Difference(f"{misread.words} that holds {error}")
        ragged = isinstance(error, ValueError) and not array
        why = "whose rows differ in length" if ragged else "whose numbers can't be read"
        return Difference(f"{misread.words} {why}")
    if shape is not None and found.size != prod(shape):
        return (
            misread if found.ndim == len(shape) == 1 or not found.ndim else _misshapen(found, shape)
        )
    return found
