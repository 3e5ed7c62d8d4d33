"""The exercise on the way back through a hidden layer of ReLUs."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import sigmoid

__all__ = ["EXERCISES"]


def _parts(
    w: Array, b: Array, v: Array, c: float, x: Array, y: Array
) -> tuple[Array, Array, Array]:
    """Give the sums u [N, hidden], the units' values h [N, hidden] and the error δ [N]."""
    u = x @ w.T + b
    h = np.maximum(u, 0)
    return u, h, sigmoid(h @ v + c) - y


def _gradient(w: Array, b: Array, v: Array, c: float, x: Array, y: Array) -> Array:
    u, _, delta = _parts(w, b, v, c, x, y)
    return np.asarray((np.outer(delta, v) * (u > 0)).T @ x)


def _with_tanh_slope(w: Array, b: Array, v: Array, c: float, x: Array, y: Array) -> Array:
    _, h, delta = _parts(w, b, v, c, x, y)
    return np.asarray((np.outer(delta, v) * (1 - h**2)).T @ x)


def _without_slope(w: Array, b: Array, v: Array, c: float, x: Array, y: Array) -> Array:
    _, _, delta = _parts(w, b, v, c, x, y)
    return np.asarray(np.outer(delta, v).T @ x)


def _times_value(w: Array, b: Array, v: Array, c: float, x: Array, y: Array) -> Array:
    _, h, delta = _parts(w, b, v, c, x, y)
    return np.asarray((np.outer(delta, v) * h).T @ x)


def _without_v(w: Array, b: Array, v: Array, c: float, x: Array, y: Array) -> Array:
    u, _, delta = _parts(w, b, v, c, x, y)
    return np.asarray((delta[:, None] * (u > 0)).T @ x)


def _all_tanh(w: Array, b: Array, v: Array, c: float, x: Array, y: Array) -> Array:
    h = np.tanh(x @ w.T + b)
    delta = sigmoid(h @ v + c) - y
    return np.asarray((np.outer(delta, v) * (1 - h**2)).T @ x)


def _case(hidden: int, points: int) -> tuple[Array, Array, Array, float, Array, Array]:
    rng = np.random.default_rng([hidden, points, 3])
    w, b, v = (rng.uniform(-2, 2, shape).round(2) for shape in ((hidden, 2), hidden, hidden))
    x = rng.uniform(0.2, 2, (points, 2)).round(2)
    return w, b, v, 0.25, x, rng.integers(0, 2, points).astype(float)


RELU_GRADIENT = Exercise(
    name="relu-hidden-gradient",
    right=_gradient,
    cases=(_case(2, 4), _case(3, 5), _case(5, 3)),
    mistakes=(
        Mistake("tanh's slope, 1 - h²; ReLU has another one", _with_tanh_slope),
        Mistake("ReLU's slope was left out: a unit that is 0 passes nothing on", _without_slope),
        Mistake("h itself was taken for the slope; it should be 1 or 0", _times_value),
        Mistake("v is missing: it carries δ to the hidden units", _without_v),
        Mistake("a hidden layer of tanh, forwards and back", _all_tanh),
        Mistake(
            "the mean over the cases; the losses are added up", lambda *a: _gradient(*a) / len(a[4])
        ),
        Mistake("the sign is flipped: δ is p - y", lambda *a: -_gradient(*a)),
        Mistake("the result is transposed: dW has the shape of W", lambda *a: _gradient(*a).T),
    ),
    hint="One factor differs from the page's, the slope of the bend. Draw ReLU to see it.",
)

EXERCISES = (RELU_GRADIENT,)
