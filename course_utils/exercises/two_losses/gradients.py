"""The exercises on the gradients of both losses; cross-entropy's stands on the optional page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import Neuron, sigmoid

__all__ = ["CROSS_ENTROPY_GRADIENT", "EXERCISES"]

Gradients = Callable[[Array, Array, float, float], tuple[Array, Array]]
_NEURONS = (
    (np.array([2.0, -1.0, 0.5, 3.0, -4.0]), np.array([1.0, -1.0, 0.5, 0.0, 2.0]), 1.0, 0.5),
    (np.array([[1.0, -2.0, 0.5]] * 2), np.array([[0.5] * 3, [-1.0] * 3]), 2.0, 0.1),
    (np.array(-0.75), np.array(1.25), -1.5, 1.0),
)
_FAR = (np.array([20.0, -20.0]), np.array([30.0, 5.0]), 1.0, 0.0)


def _gradients(loss: str) -> Gradients:
    return lambda w, b, x, y: Neuron(loss, y, x=x).gradients(w, b)


def _from_slope(slope: Callable[[Array, float], Array]) -> Gradients:
    """Give a wrong gradient from a wrong dL/dz, a function of a = σ(w x + b) and y."""

    def wrong(w: Array, b: Array, x: float, y: float) -> tuple[Array, Array]:
        dz = slope(sigmoid(w * x + b), y)
        return dz * x, dz

    return wrong


def _bent(loss: str, bend: Callable[[Array, Array, float], tuple[Array, Array]]) -> Gradients:
    """Give what ``bend`` makes of the right (∂L/∂w, ∂L/∂b) and x."""
    return lambda w, b, x, y: bend(*_gradients(loss)(w, b, x, y), x)


def _x_misplaced(loss: str) -> tuple[Mistake, ...]:
    """Slips of the last step of the chain rule, which is the same for both losses."""
    return (
        Mistake(
            "the factor x is missing in ∂L/∂w: z = w x + b changes with w by x",
            _bent(loss, lambda dw, db, x: (db, db)),
        ),
        Mistake(
            "the factor x is in ∂L/∂b too; z = w x + b changes with b by 1",
            _bent(loss, lambda dw, db, x: (dw, dw)),
        ),
        Mistake("w and b were swapped", _bent(loss, lambda dw, db, x: (db, dw))),
        Mistake(
            "the sign is flipped: target minus output", _bent(loss, lambda dw, db, x: (-dw, -db))
        ),
        Mistake(
            "z = w + b: the input x was left out of z",
            lambda w, b, x, y: (
                Neuron(loss, y).gradients(w, b)[0] * x,
                Neuron(loss, y).gradients(w, b)[1],
            ),
        ),
    )


L2_GRADIENT = Exercise(
    name="l2-neuron-gradient",
    right=_gradients("l2"),
    cases=_NEURONS,
    tolerance=1e-5,
    mistakes=(
        Mistake("the 2 of the square is missing", _from_slope(lambda a, y: (a - y) * a * (1 - a))),
        Mistake(
            "the derivative of the sigmoid, σ (1 − σ), is missing",
            _from_slope(lambda a, y: 2 * (a - y)),
        ),
        Mistake("σ − y, the gradient of cross-entropy", _from_slope(lambda a, y: a - y)),
        Mistake(
            "σ in place of its derivative σ (1 − σ)", _from_slope(lambda a, y: 2 * (a - y) * a)
        ),
        Mistake("the target was left out", _from_slope(lambda a, y: 2 * a * a * (1 - a))),
        Mistake("the loss itself, not its gradient", _from_slope(lambda a, y: (a - y) ** 2)),
        *_x_misplaced("l2"),
    ),
    hint="The page goes from the loss to a, and from a to z. One link is left: how far z moves "
    "when w moves, and when b does.",
)

CROSS_ENTROPY_GRADIENT = Exercise(
    name="cross-entropy-neuron-gradient",
    right=_gradients("cross_entropy"),
    cases=(*_NEURONS, _FAR),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "a factor σ (1 − σ) too many: it cancels against the derivative of the logarithms",
            _from_slope(lambda a, y: (a - y) * a * (1 - a)),
        ),
        Mistake("the gradient of L2", _from_slope(lambda a, y: 2 * (a - y) * a * (1 - a))),
        Mistake("a factor 2, which belongs to L2", _from_slope(lambda a, y: 2 * (a - y))),
        Mistake(
            "the derivative with respect to σ; the chain goes on through the sigmoid",
            _from_slope(lambda a, y: (a - y) / (a * (1 - a))),
        ),
        Mistake(
            "a factor that is 0/0 where σ is rounded to 1: cancel σ (1 − σ) on paper first",
            _from_slope(lambda a, y: (a - y) / (a * (1 - a)) * (a * (1 - a))),
        ),
        Mistake("the term (1 − y) ln(1 − σ) was left out", _from_slope(lambda a, y: -y * (1 - a))),
        Mistake("the target was left out", _from_slope(lambda a, y: a)),
        *_x_misplaced("cross_entropy"),
    ),
    hint="What cancels on paper needn't be computed. Don't divide by what may be rounded to 0.",
)

EXERCISES = (L2_GRADIENT,)
