"""The exercises that go back through one layer: ReLU, convolution in 1-D, the L1 loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_utils.exercises.convolution.windows import TOLERANCE, UPSTREAM_FORGOTTEN, drawn
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["CONV1D_DW", "CONV1D_DX", "L1_BACKWARD", "RELU_BACKWARD"]

# --- ReLU

RELU_BACKWARD = Exercise(
    name="relu-backward",
    right=lambda upstream, x: upstream * (x > 0),
    cases=(
        (np.array([5.0, -3, 2, 1]), np.array([-1.0, 2, 0, 3])),
        (np.array([[2.0, -1, 4], [-3, 1, 6]]), np.array([[0.0, 3, -2], [2, 0, 1]])),
        (drawn(31, 7), drawn(32, 7)),
        (drawn(33, 2, 3, 4), drawn(34, 2, 3, 4)),
        (np.array([3.0]), np.array([-2.0])),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the ReLU was skipped: where x is not positive nothing passes",
            lambda upstream, x: upstream,
        ),
        Mistake(
            "the upstream gradient was tested instead of x: the sign of x decides",
            lambda upstream, x: upstream * (upstream > 0),
        ),
        Mistake("x and the upstream gradient were swapped", lambda upstream, x: x * (upstream > 0)),
        Mistake(
            "a negative upstream gradient was stopped too; it passes where x > 0",
            lambda upstream, x: upstream * (x > 0) * (upstream > 0),
        ),
        Mistake(
            "the slope at 0 was taken as 1; here it is 0", lambda upstream, x: upstream * (x >= 0)
        ),
        Mistake(
            "the slope at 0 was taken as 1/2; here it is 0",
            lambda upstream, x: upstream * np.heaviside(x, 0.5),
        ),
        Mistake(
            "the gradient passes where x < 0; it should where x > 0",
            lambda upstream, x: upstream * (x < 0),
        ),
        Mistake(UPSTREAM_FORGOTTEN, lambda upstream, x: 1.0 * (x > 0)),
        Mistake("the ReLU of x: that is the way forward", lambda upstream, x: np.maximum(x, 0)),
        Mistake(
            "the gradient was multiplied by the ReLU of x instead of its slope, 0 or 1",
            lambda upstream, x: upstream * np.maximum(x, 0),
        ),
        Mistake(
            "the gradient was multiplied by x instead of the slope of the ReLU",
            lambda upstream, x: upstream * x,
        ),
        Mistake(
            "the gradient was multiplied by the sign of x; below 0 the slope is 0, not -1",
            lambda upstream, x: upstream * np.sign(x),
        ),
        Mistake(
            "the slope of a leaky ReLU, 0.01 below 0; here it is 0",
            lambda upstream, x: upstream * np.where(x > 0, 1, 0.01),
        ),
    ),
    hint="Sketch the graph of ReLU. What is its slope on either side of 0, and what does the chain "
    "rule do with it?",
)

# --- convolution in one dimension


def _dw(upstream: Array, x: Array) -> Array:
    return np.correlate(x, upstream, mode="valid")


CONV1D_DW = Exercise(
    name="conv1d-dw",
    right=_dw,
    cases=(
        (np.array([1.0, -2, 3, 1]), np.array([2.0, 0, 1, 3, -1])),
        (drawn(41, 4), drawn(42, 6)),
        (drawn(43, 3), drawn(44, 7)),
        (drawn(45, 5), drawn(46, 7)),
        (np.array([2.0]), np.array([3.0, -1, 4])),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the upstream gradient was flipped; this is a cross-correlation",
            lambda upstream, x: _dw(upstream[::-1], x),
        ),
        Mistake(
            "x was flipped; this is a cross-correlation", lambda upstream, x: _dw(upstream, x[::-1])
        ),
        Mistake(
            "the result is flipped: its first number belongs to w[0]",
            lambda upstream, x: _dw(upstream, x)[::-1],
        ),
        Mistake(UPSTREAM_FORGOTTEN, lambda upstream, x: _dw(np.ones_like(upstream), x)),
        Mistake(
            "the mean instead of the sum of the products",
            lambda upstream, x: _dw(upstream, x) / len(upstream),
        ),
        Mistake(
            "zeros were put around x; only whole windows count",
            lambda upstream, x: np.correlate(x, upstream, mode="full"),
        ),
        Mistake(
            "the matrix of all derivatives; multiply it by the upstream gradient",
            lambda upstream, x: sliding_window_view(x, len(x) - len(upstream) + 1),
        ),
        Mistake(
            "an answer off by one: w[0] starts at the first number of x",
            lambda upstream, x: _dw(upstream, np.append(x[1:], 0)),
        ),
        Mistake(
            "x was left out: w[k] is multiplied by x, and so is its gradient",
            lambda upstream, x: _dw(upstream, np.ones_like(x)),
        ),
        Mistake("the sign is flipped", lambda upstream, x: -_dw(upstream, x)),
        Mistake(
            "the result is as long as x; there is one number for each weight",
            lambda upstream, x: np.correlate(x, upstream, mode="same"),
        ),
    ),
    hint="w[k] appears in every y[i], multiplied by x[i + k].",
)


def _last_product_alone(upstream: Array, w: Array) -> Array:
    dx = np.zeros(len(upstream) + len(w) - 1)
    for i, passed in enumerate(upstream):
        dx[i : i + len(w)] = passed * w
    return dx


def _cut(start: bool) -> Callable[[Array, Array], Array]:
    """The full convolution without its first, or its last, len(w) − 1 numbers."""
    return lambda upstream, w: (
        np.convolve(upstream, w)[len(w) - 1 :]
        if start
        else np.convolve(upstream, w)[: len(upstream)]
    )


# No upstream gradient is shorter than the kernel: without padding a window still fits.
CONV1D_DX = Exercise(
    name="conv1d-dx",
    right=np.convolve,
    cases=(
        (np.array([1.0, -2, 3, 1]), np.array([2.0, -1])),
        (drawn(51, 5), drawn(52, 3)),
        (drawn(53, 4), drawn(54, 4)),
        (drawn(55, 7), drawn(56, 2)),
        (np.array([3.0, 1, -2]), np.array([4.0])),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the kernel was not flipped: here, on the way back, the flip is real",
            lambda upstream, w: np.correlate(upstream, w, mode="full"),
        ),
        Mistake(
            "the padding was forgotten: the result is as long as x",
            lambda upstream, w: np.convolve(upstream, w, mode="valid"),
        ),
        Mistake(
            "both flip and padding were forgotten",
            lambda upstream, w: np.correlate(upstream, w, mode="valid"),
        ),
        Mistake("padding on the left only; it goes on both sides", _cut(start=False)),
        Mistake("padding on the right only; it goes on both sides", _cut(start=True)),
        Mistake(UPSTREAM_FORGOTTEN, lambda upstream, w: np.convolve(np.ones_like(upstream), w)),
        Mistake(
            "the kernel was forgotten: each product passes back the upstream gradient times w",
            lambda upstream, w: np.convolve(upstream, np.ones_like(w)),
        ),
        Mistake(
            "the mean instead of the sum of the products",
            lambda upstream, w: np.convolve(upstream, w) / len(w),
        ),
        Mistake(
            "overlapping windows overwrote each other; what they send back is summed",
            _last_product_alone,
        ),
        Mistake("the result is flipped", lambda upstream, w: np.convolve(upstream, w)[::-1]),
        Mistake("the sign is flipped", lambda upstream, w: -np.convolve(upstream, w)),
        Mistake(
            "half of the padding: the result is to be as long as x",
            lambda upstream, w: np.convolve(upstream, w, mode="same"),
        ),
        Mistake(
            "the upstream gradient was flipped; it is the kernel that is",
            lambda upstream, w: np.correlate(w, upstream, mode="full"),
        ),
    ),
    hint="x[j] appears in y[j], y[j - 1], … multiplied by w[0], w[1], …, where those exist.",
)

# --- the L1 loss

L1_BACKWARD = Exercise(
    name="l1-backward",
    right=lambda y, target: np.sign(y - target) / y.size,
    cases=(
        (np.array([[9.0, 1], [12, 10]]), np.array([[8.0, 3], [12, 6]])),
        (drawn(61, 5), drawn(62, 5)),
        (drawn(63, 2, 3), drawn(64, 2, 3)),
        (drawn(65, 4, 2), drawn(66, 4, 2)),
        (np.array([2.0]), np.array([-1.0])),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(
            "the gradient of the sum instead of the mean: divide by the number of elements",
            lambda y, target: np.sign(y - target),
        ),
        Mistake(
            "a division by the number of rows; divide by the number of elements",
            lambda y, target: np.sign(y - target) / len(y),
        ),
        Mistake(
            "the sign is flipped: this is the gradient with respect to the target",
            lambda y, target: np.sign(target - y) / y.size,
        ),
        Mistake(
            "the gradient of the mean squared error", lambda y, target: 2 * (y - target) / y.size
        ),
        Mistake(
            "the differences over their number; only the sign of each is left",
            lambda y, target: (y - target) / y.size,
        ),
        Mistake(
            "the absolute differences over their number; take the slope of |y - target|",
            lambda y, target: np.abs(y - target) / y.size,
        ),
        Mistake("the loss itself", lambda y, target: np.abs(y - target).mean()),
        Mistake(
            "the slope of the absolute value was taken as 1 on both sides",
            lambda y, target: np.abs(np.sign(y - target)) / y.size,
        ),
        Mistake(
            "the slope where y equals the target was taken as 1; here it is 0",
            lambda y, target: np.where(y >= target, 1, -1) / y.size,
        ),
        Mistake(
            "the slope where y equals the target was taken as -1; here it is 0",
            lambda y, target: np.where(y > target, 1, -1) / y.size,
        ),
        Mistake(
            "a factor 2, which belongs to the squared error",
            lambda y, target: 2 * np.sign(y - target) / y.size,
        ),
        Mistake(
            "where y lies below the target the slope is -1, not 0",
            lambda y, target: (y > target) / y.size,
        ),
        Mistake(
            "the differences themselves; only the sign of each is left, over their number",
            lambda y, target: y - target,
        ),
    ),
    hint="Each element adds |y - target| / n to the loss. Take the slope of that.",
)
