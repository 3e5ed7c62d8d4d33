"""The exercises on convolution: by hand, its size, as a function, as a matrix product."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from course_utils.exercises.convolution.windows import (
    LESSON,
    STRIDE_IGNORED,
    TOLERANCE,
    conv2d,
    drawn,
    flipped,
    windows,
)
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["CONV2D", "CONV_BY_HAND", "IM2COL", "OUTPUT_SIZE"]

_FLIPPED = "the kernel was flipped: in PyTorch a convolution is a cross-correlation"
_TOO_LOW = "an answer off by one row: every window starts one row too low"

# --- convolution

_X = np.array([[1, 0, 2, 1, 3], [2, 1, 0, 2, 0], [0, 3, 1, 0, 2], [1, 0, 2, 1, 1], [2, 1, 0, 3, 1]])
_W = np.array([[1, 0, -1], [2, 1, 0], [0, -2, 1]])


def _padded(x: Array, top: int, bottom: int, left: int, right: int) -> Array:
    return np.pad(x, ((top, bottom), (left, right)))


CONV_BY_HAND = Exercise(
    name="conv-by-hand",
    right=conv2d(_X, _W, 2, 1),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(_FLIPPED, conv2d(_X, flipped(_W), 2, 1)),
        Mistake("the padding was forgotten: with it the result is 3 × 3", conv2d(_X, _W, 2)),
        Mistake("the stride was ignored: the window moves by 2", conv2d(_X, _W, 1, 1)),
        Mistake("both padding and stride were forgotten", conv2d(_X, _W)),
        Mistake("the result was transposed: rows and columns were swapped", conv2d(_X, _W, 2, 1).T),
        Mistake(
            "the kernel was transposed: its rows and columns were swapped", conv2d(_X, _W.T, 2, 1)
        ),
        Mistake(_TOO_LOW, conv2d(_padded(_X, 0, 2, 1, 1), _W, 2)),
        Mistake(
            "an answer off by one row: every window starts one row too high",
            conv2d(_padded(_X, 2, 0, 1, 1), _W, 2),
        ),
        Mistake(
            "an answer off by one column: every window starts one column too far right",
            conv2d(_padded(_X, 1, 1, 0, 2), _W, 2),
        ),
        Mistake(
            "zeros below and on the right only; padding 1 means a ring all around",
            conv2d(_padded(_X, 0, 2, 0, 2), _W, 2),
        ),
        Mistake(
            "the pixels of the edge were repeated; the padding is made of zeros",
            conv2d(np.pad(_X, 1, mode="edge"), _W, 2),
        ),
        Mistake("the mean instead of the sum of the nine products", conv2d(_X, _W / 9, 2, 1)),
        Mistake("a ReLU was applied; none was asked for", np.maximum(conv2d(_X, _W, 2, 1), 0)),
    ),
    hint="Draw the ring of zeros first. The first window starts on its upper left corner.",
)


def _conv_of_padded(
    pad: Callable[[Array, int], Array],
) -> Callable[[Array, Array, int, int], Array]:
    """A convolution whose padding is made by another rule."""
    return lambda x, w, stride, padding: conv2d(pad(x, padding), w, stride)


# The kernels are square or wide, so that a function that takes the number of rows for both sizes
# still runs, and can be told what it does. The unpadded input holds the kernel each time.
CONV2D = Exercise(
    name="conv2d",
    right=conv2d,
    cases=(
        (*LESSON, 1, 1),
        (drawn(1, 5, 7), drawn(2, 2, 3), 2, 1),
        (drawn(3, 6, 4), drawn(4, 3, 3), 1, 0),
        (drawn(5, 5, 9), drawn(6, 2, 4), 3, 2),
        (drawn(7, 8, 5), drawn(8, 3, 3), 2, 2),
        (drawn(9, 4, 6), drawn(10, 2, 2), 3, 0),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(_FLIPPED, lambda x, w, s, p: conv2d(x, flipped(w), s, p)),
        Mistake("the padding was forgotten", lambda x, w, s, p: conv2d(x, w, s)),
        Mistake(
            "padding below and on the right only; it goes all around",
            _conv_of_padded(lambda x, p: _padded(x, 0, p, 0, p)),
        ),
        Mistake(
            "padding above and on the left only; it goes all around",
            _conv_of_padded(lambda x, p: _padded(x, p, 0, p, 0)),
        ),
        Mistake(
            "padding above and below only; it goes all around",
            _conv_of_padded(lambda x, p: _padded(x, p, p, 0, 0)),
        ),
        Mistake(
            "the pixels of the edge were repeated; the padding is made of zeros",
            _conv_of_padded(lambda x, p: np.pad(x, p, mode="edge")),
        ),
        Mistake(STRIDE_IGNORED, lambda x, w, s, p: conv2d(x, w, 1, p)),
        Mistake(
            "the stride was ignored along one axis: it counts for rows and columns",
            lambda x, w, s, p: conv2d(x, w, 1, p)[::s],
        ),
        Mistake(
            "the result was transposed: rows and columns were swapped",
            lambda x, w, s, p: conv2d(x, w, s, p).T,
        ),
        Mistake(_TOO_LOW, _conv_of_padded(lambda x, p: _padded(np.pad(x, p)[1:], 0, 1, 0, 0))),
        Mistake(
            "an answer off by one row and column: the last window that fits is missing",
            _conv_of_padded(lambda x, p: np.pad(x, p)[:-1, :-1]),
        ),
        Mistake(
            "the kernel was taken to be square; it may be wider than it is high",
            lambda x, w, s, p: conv2d(x, w[:, : len(w)], s, p),
        ),
        Mistake(
            "the mean instead of the sum of the products",
            lambda x, w, s, p: conv2d(x, w / w.size, s, p),
        ),
    ),
    hint="Pad with zeros all around, then multiply each window by the kernel and add up.",
)

OUTPUT_SIZE = Exercise(
    name="output-size",
    right=lambda n, k, s, p: (n + 2 * p - k) // s + 1,
    cases=(
        (5, 3, 2, 1),
        (28, 5, 1, 0),
        (28, 5, 1, 2),
        (32, 3, 2, 1),
        (14, 4, 4, 1),
        (7, 2, 3, 0),
        (224, 7, 2, 3),
        (6, 6, 1, 0),
    ),
    tolerance=1e-6,
    mistakes=(
        Mistake(
            "the + 1 was forgotten: the first window counts too",
            lambda n, k, s, p: (n + 2 * p - k) // s,
        ),
        Mistake(
            "the 1 was added before the division; the first window needs no step",
            lambda n, k, s, p: (n + 2 * p - k + 1) // s,
        ),
        Mistake(
            "the padding was counted once; it goes on both sides",
            lambda n, k, s, p: (n + p - k) // s + 1,
        ),
        Mistake("the padding was forgotten", lambda n, k, s, p: (n - k) // s + 1),
        Mistake(
            "the padding was subtracted; it makes the input larger",
            lambda n, k, s, p: (n - 2 * p - k) // s + 1,
        ),
        Mistake("the stride was ignored", lambda n, k, s, p: n + 2 * p - k + 1),
        Mistake("the kernel's size was forgotten", lambda n, k, s, p: (n + 2 * p) // s + 1),
        Mistake(
            "a quotient rounded up: a window that does not fit is left out",
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
        ),
        Mistake(
            "a quotient that was not rounded: a window that does not fit is left out",
            lambda n, k, s, p: (n + 2 * p - k) / s + 1,
        ),
        Mistake(
            "an answer off by one: the last window that fits is missing",
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s),
        ),
        Mistake("the size divided by the stride, and no more", lambda n, k, s, p: n // s),
        Mistake(
            "the size divided by the stride, rounded up, and no more",
            lambda n, k, s, p: math.ceil(n / s),
        ),
    ),
    hint="How many strides can a window take from the first row of the padded input, and how many "
    "places does it visit then?",
)

# --- convolution as a matrix product


def _im2col(x: Array, size: int) -> Array:
    return windows(x, (size, size)).reshape(-1, size * size)


IM2COL = Exercise(
    name="im2col",
    right=_im2col,
    cases=(
        (np.arange(9.0).reshape(3, 3), 2),
        (drawn(21, 4, 6), 3),
        (drawn(22, 5, 3), 2),
        (drawn(23, 4, 5), 1),
        (drawn(24, 6, 7), 4),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake("the matrix was transposed: each window is one row", lambda x, k: _im2col(x, k).T),
        Mistake(
            "the windows were taken column by column; they move along a row first",
            lambda x, k: windows(x, (k, k)).transpose(1, 0, 2, 3).reshape(-1, k * k),
        ),
        Mistake(
            "each window was read column by column; read its rows first",
            lambda x, k: windows(x, (k, k)).transpose(0, 1, 3, 2).reshape(-1, k * k),
        ),
        Mistake(
            "each window was flipped: it is read from its upper left pixel",
            lambda x, k: _im2col(x, k)[:, ::-1],
        ),
        Mistake(
            "the windows do not overlap; the stride is 1",
            lambda x, k: windows(x, (k, k), (k, k)).reshape(-1, k * k),
        ),
        Mistake(
            "an answer off by one row and column: the last windows are missing",
            lambda x, k: _im2col(x[:-1, :-1], k),
        ),
        Mistake(
            "the windows were left as squares; write each as one row",
            lambda x, k: windows(x, (k, k)).reshape(-1, k, k),
        ),
        Mistake(
            "the windows were left on their grid, as squares; write each as one row",
            lambda x, k: windows(x, (k, k)),
        ),
        Mistake(
            "a ring of zeros was added; no padding was asked for",
            lambda x, k: _im2col(np.pad(x, 1), k),
        ),
    ),
    hint="Each row, times the kernel written out as a column, must give one number of the map.",
)
