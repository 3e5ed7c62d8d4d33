"""Any answer read as numbers, whatever it's made of, or named by its kind and shape."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import prod
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

__all__ = [
    "BlankLeft",
    "NotNumbers",
    "describe",
    "floats",
    "is_blank",
    "is_plain",
    "shown",
    "snapshot",
]

Floats = npt.NDArray[np.float64]


class BlankLeft(Exception):
    """A list is filled in only in part."""


class NotNumbers(Exception):
    """There is something else than numbers; the message says what."""


def is_blank(answer: object) -> bool:
    """Say whether nothing was handed in: None, ``...``, or a list or tuple of nothing else."""
    if isinstance(answer, list | tuple):
        return len(answer) > 0 and all(is_blank(part) for part in answer)
    return answer is None or answer is Ellipsis


_PLAIN = (bool, int, float, complex, str, bytes, Fraction, Decimal, torch.Tensor)


def is_plain(answer: object, depth: int = 8) -> bool:
    """Say whether reading an answer runs nobody's code: numbers, text, arrays, lists of them.

    >>> is_plain([1, ["1/2", np.zeros(2)]]), is_plain(lambda x: x), is_plain(float)
    (True, False, False)
    """
    if isinstance(answer, np.ndarray):
        return type(answer).__module__.startswith("numpy") and answer.dtype != object
    if isinstance(answer, list | tuple) and type(answer) in (list, tuple):
        return depth > 0 and all(is_plain(part, depth - 1) for part in answer)
    return isinstance(answer, np.generic) or type(answer) in _PLAIN or is_blank(answer)


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
    if isinstance(value, bool | np.bool_):
        return "a truth value"
    if isinstance(value, Real | Decimal | np.number):
        return "a number"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)}"
    return f"of the type {type(value).__name__}"


def shown(value: Any, longest: int = 60) -> str:
    """Write a value down where it's short, else name its kind and shape.

    >>> shown(2.0), shown(np.array([[1.0, -2], [0.25, 3]])), shown(torch.zeros(2))
    ('2', 'array([[1, -2], [0.25, 3]])', 'tensor([0, 0])')
    >>> shown([(3, 1), (3, 2)]), shown(np.zeros((4, 5)))
    ('[(3, 1), (3, 2)]', 'an array of shape (4, 5)')
    """
    text = _written(value)
    return text if text and len(text) <= longest else describe(value)


def _written(value: Any) -> str:
    """A number, text, or few of them in a list, an array or a tensor; else nothing."""
    if isinstance(value, torch.Tensor | np.ndarray):
        if prod(value.shape) > 12 or not value.ndim:
            return _written(value.item()) if not value.ndim else ""
        kind = "tensor" if isinstance(value, torch.Tensor) else "array"
        inside = _written(value.tolist())
        return f"{kind}({inside})" if inside else ""
    if type(value) in (list, tuple):
        parts = [_written(part) for part in value[:13]]
        if not all(parts) or len(value) > 12:
            return ""
        inside = ", ".join(parts)
        comma = "," * (len(parts) == 1)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{comma})"
    if isinstance(value, bool | np.bool_ | int) or type(value) is str:
        return repr(value) if type(value) is str else str(value)
    if not isinstance(value, Real | Decimal):
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() and number < 1e12 else f"{number:.4g}"


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


def floats(answer: Any, *, truths: bool = False) -> Floats:
    """Read an answer as float64, in the shape it has.

    Whatever an answer is made of, each of its numbers is read in the same way: as a number, as text
    that is one (``"3"``, ``"−1/2"``), as anything that Python turns into a float, or as a complex
    number without an imaginary part. With ``truths``, False and True are 0 and 1.

    >>> floats([Decimal("0.5"), torch.tensor(2), "1/4", 3 + 0j])
    array([0.5 , 2.  , 0.25, 3.  ])

    Raises
    ------
    BlankLeft
        Where something in it is still ``...`` or None.
    NotNumbers
        For what is not a number; the message says what there is instead.
    TypeError, ValueError, ArithmeticError, RuntimeError
        For rows of unequal length, numbers too large, tensors without values.
    """
    return np.asarray(_plain(answer, truths), dtype=np.float64)


def _plain(answer: Any, truths: bool) -> Any:
    """Turn an answer into an array of numbers, or lists of them; refuse what only looks so."""
    if isinstance(answer, torch.Tensor):
        tensor = answer.detach().cpu().resolve_conj().resolve_neg()
        answer = (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    if isinstance(answer, list | tuple):
        return [_plain(part, truths) for part in answer]
    if isinstance(answer, np.ndarray) and answer.dtype.kind in "OUT":
        return _plain(answer.tolist(), truths)
    if is_blank(answer):
        raise BlankLeft
    if isinstance(answer, str):
        return _number(answer)
    if isinstance(answer, bool | np.ndarray | np.generic | complex):
        return _real(np.ma.asanyarray(answer), truths)
    if hasattr(type(answer), "__float__"):
        return float(answer)
    raise NotNumbers(f"what is {describe(answer)}")


def _real(array: Any, truths: bool) -> npt.NDArray[Any]:
    """Give an array of real numbers; refuse others."""
    if np.ma.getmaskarray(array).any():
        raise NotNumbers("numbers that a mask hides")
    if array.dtype.kind == "b" and not truths:
        raise NotNumbers("truth values")
    if array.dtype.kind == "c":
        if (array.imag != 0).any():
            raise NotNumbers("complex numbers")
        array = array.real
    if array.dtype.kind not in "biuf":
        raise NotNumbers("no numbers")
    return np.asarray(array)


_BLANK = re.compile(r"(\.\.\.|…|\?|_+)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


def _number(text: str) -> float:
    """Read one number as people type it, by the rules that the page's box has."""
    text = re.sub(r"\s*/\s*", "/", re.sub("[−–]", "-", text.strip()))
    text = re.sub(r"\s*[×·*]\s*10(\^|\*\*)", "e", text)
    if _BLANK.fullmatch(text):
        raise BlankLeft
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    above, _, below = text.partition("/")
    if not _NUMBER.fullmatch(above) or ("/" in text and not _NUMBER.fullmatch(below)):
        raise NotNumbers("text")
    return float(above) / float(below) if below else float(above)
