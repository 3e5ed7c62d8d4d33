"""The exercise that goes back through the whole tiny network, from the loss to the kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils import exact
from course_utils.exercises.convolution.windows import TOLERANCE, conv2d, flipped
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["KERNEL_GRADIENT"]

# Before ReLU the window on the upper right is negative throughout, and no two of its numbers tie.
_X = np.array([[4, 0, 0, 0], [2, 3, 4, 2], [2, 2, 3, 4], [3, 1, 2, 1]])
_W = np.array([[2, 1, -2], [2, -2, -1], [-2, -1, 1]])
_TARGET = np.array([[7, 3], [1, 9]])
_PADDED = np.pad(_X, 1)


def _l1(pooled: Array) -> Array:
    return np.sign(pooled - _TARGET) / _TARGET.size


def _to_the_maximum(upstream: Array, x: Array) -> Array:
    return exact.max_pool2d_backward(upstream, x, 2)


def _gradient_at_y(
    y: Array,
    loss_backward: Callable[[Array], Array] = _l1,
    pool_backward: Callable[[Array, Array], Array] = _to_the_maximum,
    rectify: Callable[[Array], Array] = exact.relu,
    slope: Callable[[Array], Array] = lambda y: y > 0,
) -> Array:
    """Give ∂L/∂y, y being the convolution; a mistake changes one of the steps."""
    rectified = rectify(y)
    pooled = exact.max_pool2d(rectified, 2)
    return np.asarray(pool_backward(loss_backward(pooled), rectified) * slope(y))


_Y = conv2d(_X, _W, padding=1)
_DELTA = _gradient_at_y(_Y)
_RIGHT = conv2d(_PADDED, _DELTA)


def _through(delta: Array) -> Array:
    return conv2d(_PADDED, delta)


def _at_x(delta: Array) -> Array:
    return conv2d(delta, flipped(_W), padding=1)


KERNEL_GRADIENT = Exercise(
    name="kernel-gradient",
    right=_RIGHT,
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the kernel was flipped on the way forward",
            _through(_gradient_at_y(conv2d(_X, flipped(_W), padding=1))),
        ),
        Mistake("the gradient is flipped: there is no flip in ∂L/∂w", flipped(_RIGHT)),
        Mistake(
            "the kernel was flipped both ways: in PyTorch a convolution is a cross-correlation",
            flipped(_through(_gradient_at_y(conv2d(_X, flipped(_W), padding=1)))),
        ),
        Mistake(
            "the ReLU was skipped, forwards and backwards",
            _through(_gradient_at_y(_Y, rectify=lambda y: y, slope=np.ones_like)),
        ),
        Mistake(
            "the ReLU was skipped on the way back", _through(_gradient_at_y(_Y, slope=np.ones_like))
        ),
        Mistake(
            "the gradient was not routed to the maximum: each of the four got an equal share",
            _through(
                _gradient_at_y(_Y, pool_backward=lambda up, x: exact.avg_pool2d_backward(up, x, 2))
            ),
        ),
        Mistake(
            "the gradient was not routed to the maximum: each of the four got all of it",
            _through(
                _gradient_at_y(
                    _Y, pool_backward=lambda up, x: 4 * exact.avg_pool2d_backward(up, x, 2)
                )
            ),
        ),
        Mistake(
            "the upstream gradient was forgotten: the loss sends back a sign over 4",
            _through(_gradient_at_y(_Y, np.ones_like)),
        ),
        Mistake(
            "the sign of each difference was forgotten",
            _through(_gradient_at_y(_Y, lambda pooled: np.abs(_l1(pooled)))),
        ),
        Mistake("the gradient of the sum instead of the mean over the 2 × 2 errors", 4 * _RIGHT),
        Mistake(
            "the gradient of the mean squared error",
            _through(_gradient_at_y(_Y, lambda pooled: 2 * (pooled - _TARGET) / 4)),
        ),
        Mistake("the sign is flipped: the loss takes y minus target", -_RIGHT),
        Mistake("the result was transposed: rows and columns were swapped", _RIGHT.T),
        Mistake(
            "an answer off by one row: every window starts one row too low",
            conv2d(np.pad(_X, ((0, 2), (1, 1))), _DELTA),
        ),
        Mistake(
            "an answer off by one row: every window starts one row too high",
            conv2d(np.pad(_X, ((2, 0), (1, 1))), _DELTA),
        ),
        Mistake(
            "the padding was forgotten: windows that reach over the edge count too",
            conv2d(_X, _DELTA[1:-1, 1:-1]),
        ),
        Mistake(
            "the gradient with respect to x; that with respect to w is asked for", _at_x(_DELTA)
        ),
        Mistake("the gradient before the last step, with respect to the convolution", _DELTA),
    ),
    hint="Go back one layer at a time. Which number of the map won each window, and which "
    "window of the padded x had made it?",
)
