"""Any answer read as numbers, and compared with the right one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

__all__ = ["Difference", "compared", "describe", "is_blank", "numbers", "snapshot"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How an answer differs from the right one, as the end of a sentence that starts with "It"."""

    words: str


def is_blank(answer: object) -> bool:
    """Say whether nothing was handed in: None, ``...``, or a list or tuple of nothing else."""
    if isinstance(answer, list | tuple):
        return len(answer) > 0 and all(is_blank(part) for part in answer)
    return answer is None or answer is Ellipsis


def compared(
    answer: Any, right: Any, tolerance: float, *, strict: bool = True
) -> Difference | None:
    """Compare an answer with the right one; None if they agree.

    A tuple is compared part by part, text as text, all else as arrays of numbers of equal shape
    (one number may come in any shape) that differ by at most tolerance · max(1, |right|).
    With ``strict``, nan and infinity are never right.
    """
    if isinstance(right, str):
        if not isinstance(answer, str):
            return Difference(f"should be text; it is {describe(answer)}")
        same = answer.strip().casefold() == right.casefold()
        return None if same else Difference("is not the right text")
    if isinstance(right, tuple):
        return _compared_parts(answer, right, tolerance, strict)
    found, wanted = numbers(answer, np.shape(right)), np.asarray(right, dtype=np.float64)
    if isinstance(found, Difference):
        return found
    if strict and not np.isfinite(found).all():
        return Difference("contains nan or infinity")
    with np.errstate(all="ignore"):
        off = np.abs(found - wanted) > tolerance * np.maximum(1, np.abs(wanted))
        unlike = np.isfinite(found) != np.isfinite(wanted)
        same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        finite = np.isfinite(found) & np.isfinite(wanted)
    wrong = unlike | np.where(finite, off, ~same)
    if not wrong.any():
        return None
    if wrong.size == 1:
        return Difference("is a number, but not the right one")
    return Difference(f"has the right shape and {wrong.sum()} wrong value(s) of {wrong.size}")


def describe(value: Any) -> str:
    """Name a value by its kind and shape, never by its content.

    >>> describe([[1, 2, 3], [4, 5, 6]]), describe(torch.zeros(2, 3)), describe("2 by 3")
    ('a list of 2', 'a tensor of shape (2, 3)', 'text')
    """
    if value is None or value is Ellipsis:
        return "left blank"
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Real | Decimal | np.number) and not isinstance(value, bool):
        return "a number"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)}"
    return f"of the type {type(value).__name__}"


class _BlankLeft(Exception):
    """A list is filled in only in part."""


def _compared_parts(
    answer: Any, right: tuple[Any, ...], tolerance: float, strict: bool
) -> Difference | None:
    parts = answer if isinstance(answer, list | tuple | np.ndarray | torch.Tensor) else None
    if parts is None or (not isinstance(parts, list | tuple) and parts.ndim == 0):
        return Difference(f"should be {len(right)} values; it is {describe(answer)}")
    if len(parts) != len(right):
        return Difference(f"should be {len(right)} values; it is {len(parts)}")
    for i, (part, wanted) in enumerate(zip(parts, right, strict=True), start=1):
        difference = compared(part, wanted, tolerance, strict=strict)
        if difference is not None:
            return Difference(f"goes wrong at value {i} of {len(right)}, which {difference.words}")
    return None


def snapshot(answer: Any) -> Any:
    """Copy the arrays and tensors of an answer: another call may write into the same buffer.

    >>> buffer = np.zeros(2)
    >>> kept = snapshot([buffer, buffer[:1]])
    >>> buffer += 1
    >>> kept
    [array([0., 0.]), array([0.])]
    """
    if isinstance(answer, torch.Tensor):
        return answer.detach().clone()
    if isinstance(answer, np.ndarray):
        return answer.copy()
    if type(answer) in (list, tuple):
        return type(answer)(snapshot(part) for part in answer)
    return answer


def numbers(answer: Any, shape: tuple[int, ...] | None = None) -> Floats | Difference:
    """Read an answer as float64 of the given shape, or say why that cannot be done.

    None stands for any shape.

    Whatever an answer is made of, each of its numbers is read in the same way: text, truth values,
    imaginary parts and what a mask hides are not numbers.

    >>> numbers([Decimal("0.5"), torch.tensor(2)], (2,))
    array([0.5, 2. ])
    >>> numbers(np.array(["0.5", 2], dtype=object), (2,)).words
    'should be an array of shape (2,); it is an array of shape (2,) that holds other than numbers'
    """
    wanted = "numbers" if shape is None else f"an array of shape {shape}" if shape else "one number"
    misread = Difference(f"should be {wanted}; it is {describe(answer)}")
    if shape is not None and isinstance(answer, np.ndarray | np.generic | torch.Tensor):
        found = tuple(answer.shape)
        if found != shape and not (shape == () and int(np.prod(found)) == 1):
            return misread
    rows = shape[0] if shape else 1
    if shape is not None and isinstance(answer, list | tuple) and len(answer) != rows:
        return misread
    if answer is None or answer is Ellipsis:
        return misread
    try:
        floats = np.asarray(_plain(answer), dtype=np.float64)
    except _BlankLeft:
        return Difference("still has a blank in it")
    except TypeError:
        held = isinstance(answer, list | tuple | np.ndarray | torch.Tensor)
        return Difference(misread.words + " that holds other than numbers" * held)
    except (ValueError, ArithmeticError, RuntimeError):
        return misread
    if shape == () and floats.size == 1:
        return floats.reshape(())
    if shape is not None and floats.shape != shape:
        return Difference(f"should be {wanted}; it has the shape {floats.shape}")
    return floats


def _plain(answer: Any) -> Any:
    """Turn an answer into an array of numbers, or lists of them; refuse what only looks so."""
    if isinstance(answer, torch.Tensor):
        tensor = answer.detach().cpu()
        answer = (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    if isinstance(answer, list | tuple):
        return [_plain(part) for part in answer]
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        return _plain(answer.tolist())
    if is_blank(answer):
        raise _BlankLeft
    if isinstance(answer, np.ndarray | np.generic):
        if answer.dtype.kind in "iuf" and not np.ma.getmaskarray(answer).any():
            return np.asarray(answer)
    elif isinstance(answer, Real | Decimal) and not isinstance(answer, bool):
        return float(answer)
    raise TypeError(f"{type(answer).__name__} is not a number")
