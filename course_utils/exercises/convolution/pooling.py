"""The exercises on max-pooling, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils import exact
from course_utils.exact.backward import Ties
from course_utils.exercises.convolution.windows import (
    LESSON,
    STRIDE_IGNORED,
    TOLERANCE,
    UPSTREAM_FORGOTTEN,
    conv2d,
    drawn,
    flipped,
    windows,
)
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["MAX_POOL2D", "MAX_POOL_BACKWARD"]

# --- forwards


def _pooled(reduce: Callable[[Array], Array], x: Array, size: int, stride: int) -> Array:
    """Reduce the last axis of the windows, each of which is one row."""
    found = windows(x, (size, size), (stride, stride))
    return reduce(found.reshape(*found.shape[:2], -1))


def _max_pool2d(x: Array, size: int, stride: int) -> Array:
    return _pooled(lambda rows: rows.max(axis=-1), x, size, stride)


def _largest_magnitude(rows: Array) -> Array:
    return np.take_along_axis(rows, np.abs(rows).argmax(axis=-1)[..., None], axis=-1)[..., 0]


def _room_for_one_more(x: Array, size: int, stride: int) -> Array:
    """Add what is less than any number, so that a last window fits that begins inside."""
    missing = [(size - n) % stride for n in x.shape]
    more = [(0, n if n < size else 0) for n in missing]
    return np.pad(x, more, constant_values=-np.inf)


MAX_POOL2D = Exercise(
    name="max-pool2d",
    right=_max_pool2d,
    cases=(
        (np.maximum(conv2d(*LESSON, 1, 1), 0).round(1), 2, 2),
        (drawn(11, 5, 7), 3, 2),
        (drawn(12, 6, 4), 2, 1),
        (drawn(13, 5, 9), 2, 3),
        (drawn(14, 7, 5) - 5, 3, 1),
        (drawn(15, 6, 9), 2, 2),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the mean instead of the maximum",
            lambda x, k, s: _pooled(lambda rows: rows.mean(axis=-1), x, k, s),
        ),
        Mistake(
            "the sum instead of the maximum",
            lambda x, k, s: _pooled(lambda rows: rows.sum(axis=-1), x, k, s),
        ),
        Mistake("the minimum instead of the maximum", lambda x, k, s: -_max_pool2d(-x, k, s)),
        Mistake(
            "the largest absolute value instead of the largest number",
            lambda x, k, s: _pooled(_largest_magnitude, x, k, s),
        ),
        Mistake(
            "the maximum starts from 0: a window may be negative throughout",
            lambda x, k, s: np.maximum(_max_pool2d(x, k, s), 0),
        ),
        Mistake(STRIDE_IGNORED, lambda x, k, s: _max_pool2d(x, k, 1)),
        Mistake(
            "the stride was ignored: the window moved by its own size",
            lambda x, k, s: _max_pool2d(x, k, k),
        ),
        Mistake("kernel size and stride were swapped", lambda x, k, s: _max_pool2d(x, s, k)),
        Mistake(
            "an answer off by one row and column: the last window that fits is missing",
            lambda x, k, s: _max_pool2d(x[:-1, :-1], k, s),
        ),
        Mistake(
            "windows that reach over the edge were kept; they are left out",
            lambda x, k, s: np.array(
                [
                    [x[i : i + k, j : j + k].max() for j in range(0, x.shape[1], s)]
                    for i in range(0, x.shape[0], s)
                ]
            ),
        ),
        Mistake(
            "the result was transposed: rows and columns were swapped",
            lambda x, k, s: _max_pool2d(x, k, s).T,
        ),
        Mistake(
            "the stride went into the size only: the window still moved by one pixel",
            lambda x, k, s: _max_pool2d(x, k, 1)[tuple(map(slice, _max_pool2d(x, k, s).shape))],
        ),
        Mistake(
            "the stride counted downwards only; it counts to the right as well",
            lambda x, k, s: _max_pool2d(x, k, 1)[::s],
        ),
        Mistake(
            "the stride counted to the right only; it counts downwards as well",
            lambda x, k, s: _max_pool2d(x, k, 1)[:, ::s],
        ),
        Mistake(
            "the place of the largest number in each window; the number itself is asked for",
            lambda x, k, s: _pooled(lambda rows: rows.argmax(axis=-1), x, k, s),
        ),
        Mistake(
            "the first number of each window instead of the largest",
            lambda x, k, s: _pooled(lambda rows: rows[..., 0], x, k, s),
        ),
        Mistake(
            "the size was rounded up: a window that doesn't fit is left out",
            lambda x, k, s: _pooled(
                lambda rows: rows.max(axis=-1), _room_for_one_more(x, k, s), k, s
            ),
        ),
    ),
    hint="Only whole windows count, and the largest number in a window may be negative.",
)

# --- backwards

# The 5s tie in the window on the upper right, and in no other.
_X = np.array([[1, 4, 2, 0], [3, 0, 5, 5], [2, 1, 4, 6]])
_UPSTREAM = np.array([[2, -1, 4], [3, 6, -2]])


def _pool_backward(upstream: Array, x: Array, ties: Ties = "first") -> Array:
    return exact.max_pool2d_backward(upstream, x, 2, 1, ties=ties)


def _window_by_window(upstream: Array) -> list[Array]:
    """The gradient that each window sends back by itself."""
    alone = [np.zeros_like(upstream) for _ in range(upstream.size)]
    for one, place in zip(alone, np.ndindex(upstream.shape), strict=True):
        one[place] = upstream[place]
    return [_pool_backward(one, _X) for one in alone]


def _overwritten(gradients: list[Array]) -> Array:
    kept = gradients[0]
    for gradient in gradients[1:]:
        kept = np.where(gradient != 0, gradient, kept)
    return kept


MAX_POOL_BACKWARD = Exercise(
    name="max-pool-backward",
    right=_pool_backward(_UPSTREAM, _X),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the gradient was not routed to the maximum: every pixel got an equal share",
            exact.avg_pool2d_backward(_UPSTREAM, _X, 2, 1),
        ),
        Mistake(
            "the gradient was not routed to the maximum: every pixel got all of it",
            4 * exact.avg_pool2d_backward(_UPSTREAM, _X, 2, 1),
        ),
        Mistake(
            "the tie was counted twice: both maxima got the whole gradient",
            _pool_backward(_UPSTREAM, _X, "all"),
        ),
        Mistake(
            "the tie was split; here the first of equal maxima gets everything",
            _pool_backward(_UPSTREAM, _X, "split"),
        ),
        Mistake(
            "the last of two equal maxima was taken; here it is the first",
            flipped(_pool_backward(flipped(_UPSTREAM), flipped(_X))),
        ),
        Mistake(
            "overlapping windows overwrote each other; what they send back is summed",
            _overwritten(_window_by_window(_UPSTREAM)),
        ),
        Mistake(UPSTREAM_FORGOTTEN, _pool_backward(np.ones_like(_UPSTREAM), _X)),
        Mistake(
            "1 at each maximum: the upstream gradient and the sum over windows were forgotten",
            _overwritten(_window_by_window(np.ones_like(_UPSTREAM))),
        ),
        Mistake(
            "the gradient was multiplied by the maximum; its derivative is 1",
            _pool_backward(_UPSTREAM, _X) * _X,
        ),
        Mistake("the sign is flipped", -_pool_backward(_UPSTREAM, _X)),
        Mistake(
            "the result was transposed: it has the shape of x", _pool_backward(_UPSTREAM, _X).T
        ),
    ),
    hint="Circle the maximum of each of the six windows, and write its gradient into that circle.",
)
