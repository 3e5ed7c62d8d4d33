"""The windows of an input, from which right and wrong answers are computed."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_utils.exercises.formulas import Array

__all__ = [
    "LESSON",
    "STRIDE_IGNORED",
    "TOLERANCE",
    "UPSTREAM_FORGOTTEN",
    "conv2d",
    "drawn",
    "flipped",
    "windows",
]

# The right answers are whole numbers or their quotients, and no mistake is as near to them as
# float16, which keeps three digits.
TOLERANCE = 1e-3

# The convolution of the lesson: x and w.
LESSON = (
    np.array([[3.0, 1, 9, 2], [0, 0, 3, 3], [0, 3, 1, 1], [8, 2, 8, 7]]),
    np.array([[0.2, 0.3, -0.1], [0.3, -1.1, 1], [-1, 1.1, 0.3]]),
)

STRIDE_IGNORED = "the stride was ignored: the window moved by one pixel"
UPSTREAM_FORGOTTEN = "the upstream gradient was forgotten: the chain rule multiplies by it"


def drawn(seed: int, *shape: int) -> Array:
    """Draw whole numbers from −4 to 4: sums of their products are exact in every float type."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(np.float64)


def windows(x: Array, size: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> Array:
    """Give every window of x [H, W] as [H', W', *size].

    >>> windows(np.arange(6).reshape(2, 3), (2, 2)).tolist()
    [[[[0, 1], [3, 4]], [[1, 2], [4, 5]]]]
    """
    return sliding_window_view(x, size)[:: stride[0], :: stride[1]]


def conv2d(x: Array, w: Array, stride: int = 1, padding: int = 0) -> Array:
    """Cross-correlate x [H, W] with w [kH, kW], as PyTorch does.

    >>> conv2d(np.array([[1, 2, 3]]), np.array([[10, 1]])).tolist()
    [[12, 23]]
    """
    found = windows(np.pad(x, padding), w.shape, (stride, stride))
    return np.asarray((found * w).sum(axis=(2, 3)))


def flipped(w: Array) -> Array:
    """Turn w by half a turn: both axes are reversed.

    >>> flipped(np.array([[1, 2], [3, 4]])).tolist()
    [[4, 3], [2, 1]]
    """
    return np.asarray(np.flip(w))
