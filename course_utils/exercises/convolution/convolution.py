"""The exercises on convolution: by hand, and as a function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.exercises.convolution.windows import (
    LESSON,
    STRIDE_IGNORED,
    TOLERANCE,
    conv2d,
    drawn,
    flipped,
)
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["CONV2D", "CONV_BY_HAND"]

_FLIPPED = "the kernel was flipped: in PyTorch a convolution is a cross-correlation"
_TOO_LOW = "an answer off by one row: every window starts one row too low"

# --- convolution

_X = np.array([[1, 0, 2, 1, 3], [2, 1, 0, 2, 0], [0, 3, 1, 0, 2], [1, 0, 2, 1, 1], [2, 1, 0, 3, 1]])
_W = np.array([[1, 0, -1], [2, 1, 0], [0, -2, 1]])


def _padded(x: Array, top: int, bottom: int, left: int, right: int) -> Array:
    return np.pad(x, ((top, bottom), (left, right)))


def _in_size_only(x: Array, w: Array, stride: int, padding: int) -> Array:
    """As many windows as there should be, from the upper left, one pixel apart."""
    height, width = conv2d(x, w, stride, padding).shape
    return conv2d(x, w, 1, padding)[:height, :width]


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
        Mistake(
            "the kernel was turned upside down; it slides over the image as it stands",
            conv2d(_X, _W[::-1], 2, 1),
        ),
        Mistake(
            "the kernel was mirrored, left to right; it slides over the image as it stands",
            conv2d(_X, _W[:, ::-1], 2, 1),
        ),
        Mistake(
            "the stride went into the size only: the window still moved by one pixel",
            _in_size_only(_X, _W, 2, 1),
        ),
        Mistake(
            "the stride counted downwards only; the window moves by 2 to the right as well",
            conv2d(_X, _W, 1, 1)[::2],
        ),
        Mistake(
            "the stride counted to the right only; the window moves by 2 downwards as well",
            conv2d(_X, _W, 1, 1)[:, ::2],
        ),
        Mistake(
            "zeros above and on the left only; padding 1 means a ring all around",
            conv2d(_padded(_X, 2, 0, 2, 0), _W, 2),
        ),
    ),
    hint="Draw the ring of zeros first. The first window starts on its upper left corner.",
)


def _conv_of_padded(
    pad: Callable[[Array, int], Array],
) -> Callable[[Array, Array, int, int], Array]:
    """A convolution whose padding is made by another rule."""
    return lambda x, w, stride, padding: conv2d(pad(x, padding), w, stride)


def _kept_over_the_edge(x: Array, w: Array, stride: int, padding: int) -> Array:
    """Each window that begins inside: what lies beyond the edge is 0."""
    padded = np.pad(x, padding)
    height, width = (-(-n // stride) for n in padded.shape)
    more = np.pad(padded, ((0, w.shape[0]), (0, w.shape[1])))
    return conv2d(more, w, stride)[:height, :width]


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
        Mistake(
            "the stride went into the size only: the window still moved by one pixel", _in_size_only
        ),
        Mistake(
            "the kernel was turned upside down; it slides over the image as it stands",
            lambda x, w, s, p: conv2d(x, w[::-1], s, p),
        ),
        Mistake(
            "the kernel was mirrored, left to right; it slides over the image as it stands",
            lambda x, w, s, p: conv2d(x, w[:, ::-1], s, p),
        ),
        Mistake(
            "the kernel was transposed: its rows and columns were swapped",
            lambda x, w, s, p: conv2d(x, w.T, s, p),
        ),
        Mistake(
            "the padding was counted twice: p zeros go on each side",
            lambda x, w, s, p: conv2d(x, w, s, 2 * p),
        ),
        Mistake(
            "padding on the left and right only; it goes all around",
            _conv_of_padded(lambda x, p: _padded(x, 0, 0, p, p)),
        ),
        Mistake(
            "a window that reaches over the edge was kept; it is left out", _kept_over_the_edge
        ),
        Mistake(
            "a ReLU was applied; none was asked for",
            lambda x, w, s, p: np.maximum(conv2d(x, w, s, p), 0),
        ),
        Mistake(
            "the kernel was forgotten: each window was only added up",
            lambda x, w, s, p: conv2d(x, np.ones_like(w), s, p),
        ),
        Mistake("both padding and stride were forgotten", lambda x, w, s, p: conv2d(x, w)),
    ),
    hint="Pad with zeros all around, then multiply each window by the kernel and add up.",
)
