"""One neuron's loss and gradient as functions of the two numbers that it learns.

The neuron computes a = f(z) with z = w x + b, and its loss compares a with a target y. With one
fixed input x everything is a function of the weight w and the bias b: a surface. All of it is
closed form here. With the logistic sigmoid σ(z) = 1 / (1 + e^(−z)),

    L2              L = (a − y)²                       dL/dz = 2 (a − y) f'(z)
    cross-entropy   L = −y ln a − (1 − y) ln (1 − a)   dL/dz = a − y, for f = σ

and ∂L/∂w = x dL/dz, ∂L/∂b = dL/dz. (Goodfellow, Bengio, Courville: Deep Learning, 6.2.2.2; Bishop:
Pattern Recognition and Machine Learning, 4.3.2.) Losses are in nats where a logarithm is taken;
L2 has no unit. What is computed in float32 stays float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.basics.checks import choice, integer, invalid, real

__all__ = [
    "Neuron",
    "binary_cross_entropy",
    "descend",
    "grid",
    "sigmoid",
    "steepest",
    "steps_to_halve",
]

Floats = npt.NDArray[np.floating[Any]]


def sigmoid(z: npt.ArrayLike) -> Floats:
    """Give σ(z) = 1 / (1 + e^(−z)), of any shape; e^(−z) may overflow, σ is then 0.

    >>> sigmoid([0, np.log(3)]).round(4).tolist()
    [0.5, 0.75]
    """
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-np.asarray(z))))


# Each activation, and its derivative as a function of its own value a = f(z).
_ACTIVATIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Any]]] = {
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),  # 0 at 0, as in PyTorch
}
_LOSSES = ("l2", "cross_entropy")
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Neuron:
    """One neuron with a fixed input x and target y, and the loss by which it learns.

    Its methods take the weights w and biases b, of shapes that broadcast, and give arrays.

    >>> l2, ce = Neuron("l2"), Neuron("cross_entropy")
    >>> w, b = 3, 0
    >>> [f"{float(n.losses(w, b)):.4f}" for n in (l2, ce)]
    ['0.2048', '1.5486']
    >>> [f"{float(n.gradients(w, b)[0]):.4f}" for n in (l2, ce)]
    ['0.0409', '0.4526']

    Raises
    ------
    ValueError
        For an unknown loss or activation, for cross-entropy without the sigmoid (another output is
        not a probability), a target outside [0, 1], and an x that is not finite.
    """

    loss: str = "l2"
    target: float = 0.5
    activation: str = "sigmoid"
    x: float = 1.0

    def __post_init__(self) -> None:
        choice("loss", self.loss, _LOSSES)
        choice("activation", self.activation, _ACTIVATIONS)
        if self.loss == "cross_entropy" and self.activation != "sigmoid":
            raise ValueError(
                f"activation: {self.activation!r} does not go with cross_entropy, which takes "
                "probabilities; use 'sigmoid'"
            )
        real("target", self.target, least=0, most=1)
        real("x", self.x)

    def outputs(self, w: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
        """Give a = f(w x + b)."""
        return self._output(self._z(w, b))

    def losses(self, w: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
        """Give the loss. Cross-entropy is taken from z, not from a, so that it stays finite.

        −ln σ(z) = ln(1 + e^(−z)) and −ln(1 − σ(z)) = ln(1 + e^z), both by ``np.logaddexp``.
        """
        z, y = self._z(w, b), self.target
        if self.loss == "l2":
            return np.asarray((self._output(z) - y) ** 2)
        return np.asarray(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))

    def gradients(self, w: npt.ArrayLike, b: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Give (∂L/∂w, ∂L/∂b)."""
        slope = self._slope(self._z(w, b))
        return slope * self.x, slope

    def _z(self, w: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
        return np.asarray(np.asarray(w) * self.x + np.asarray(b))

    def _output(self, z: Floats) -> Floats:
        return np.asarray(_ACTIVATIONS[self.activation][0](z))

    def _slope(self, z: Floats) -> Floats:
        """Give dL/dz."""
        a = self._output(z)
        if self.loss == "cross_entropy":
            return np.asarray(a - self.target)
        return np.asarray(2 * (a - self.target) * _ACTIVATIONS[self.activation][1](a))


def binary_cross_entropy(a: npt.ArrayLike, target: float) -> Floats:
    """Give −y ln a − (1 − y) ln (1 − a) from probabilities a, as the formula is written.

    Where a was rounded to 0 or 1 this is infinite, or nan if the logarithm's factor is 0. PyTorch's
    function of this name stops the logarithm at −100 instead. ``Neuron.losses`` needs neither.

    >>> float(binary_cross_entropy(0.5, 0.5).round(4))  # ln 2
    0.6931
    >>> float(binary_cross_entropy(sigmoid(40), 0))  # it is 40
    inf

    Raises
    ------
    ValueError
        For a target outside [0, 1].
    """
    y = Neuron(target=target).target
    a = np.asarray(a)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-y * np.log(a) - (1 - y) * np.log(1 - a))


def grid(w: npt.ArrayLike | None = None, b: npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Lay a grid over weights w [W] and biases b [B]: two arrays [B, W], b down and w across.

    Without w it is 100 values from −6 to 6, without b it is w.

    >>> w, b = grid([0, 1, 2], [-1, 1])
    >>> w.tolist(), b.tolist()
    ([[0, 1, 2], [0, 1, 2]], [[-1, -1, -1], [1, 1, 1]])

    Raises
    ------
    ValueError
        For an axis that is empty, not in one row, not finite or not increasing.
    """
    across = np.linspace(-6, 6, 100) if w is None else np.asarray(w)
    down = across if b is None else np.asarray(b)
    for name, axis in (("w", across), ("b", down)):
        if axis.ndim != 1 or axis.size == 0:
            raise ValueError(
                f"{name}: shape {axis.shape} is invalid; use [n], with n of at least 1"
            )
        if not np.isfinite(axis).all():
            raise invalid(name, axis[~np.isfinite(axis)][0].item(), "use finite numbers")
        if not (np.diff(axis) > 0).all():
            i = int(np.argmin(np.diff(axis) > 0))
            raise ValueError(
                f"{name}: {axis[i]}, {axis[i + 1]} at positions {i}, {i + 1} do not increase; "
                "use increasing numbers"
            )
    across, down = np.meshgrid(across, down)
    return across, down


def steepest(target: float) -> tuple[Floats, Floats]:
    """Give the two z [2] where dL2/dz of a sigmoid neuron is least and greatest, and its values.

    2 (σ − y) σ (1 − σ) is a cubic in σ, with its extremes at σ = ((1 + y) ± √(1 − y + y²)) / 3.
    At y = ½ these are (3 ± √3) / 6: z = ±ln(2 + √3), the values ±√3 / 18.

    >>> z, slope = steepest(0.5)
    >>> z.round(5).tolist(), slope.round(6).tolist()
    ([-1.31696, 1.31696], [-0.096225, 0.096225])

    At y = 0 the first, and at y = 1 the second, lies at infinity.

    Raises
    ------
    ValueError
        For a target outside [0, 1].
    """
    y = Neuron(target=target).target
    a = ((1 + y) + np.array([-1.0, 1.0]) * np.sqrt(1 - y + y * y)) / 3
    with np.errstate(divide="ignore"):
        return np.log(a) - np.log(1 - a), 2 * (a - y) * a * (1 - a)


def descend(
    neuron: Neuron, w: npt.ArrayLike, b: npt.ArrayLike, *, lr: npt.ArrayLike, steps: int
) -> tuple[Floats, Floats]:
    """Go down the loss: (w, b) ← (w, b) − lr · gradient, ``steps`` times. Every start goes at once.

    w, b and lr have shapes that broadcast. Gives the weights and the biases passed, each
    [steps + 1, *that shape].

    >>> w, b = descend(Neuron("cross_entropy"), 2, 1, lr=1, steps=1)
    >>> w.round(4).tolist(), (2 - (sigmoid(3) - 0.5)).round(4).tolist()
    ([2.0, 1.5474], 1.5474)

    Raises
    ------
    ValueError
        For an lr that is not positive and finite, or steps that are not an integer of at least 0.
    """
    _check_rates(lr)
    integer("steps", steps, least=0)
    w, b, rate = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (w, b, lr)))
    path = np.empty((steps + 1, 2, *rate.shape))
    path[0] = w, b
    for i in range(steps):
        path[i + 1] = path[i] - rate * np.stack(neuron.gradients(*path[i]))
    return path[:, 0], path[:, 1]


def steps_to_halve(
    neuron: Neuron,
    w: npt.ArrayLike,
    b: npt.ArrayLike,
    lr: npt.ArrayLike,
    *,
    max_steps: int = 10_000,
) -> Floats:
    """Count the steps of gradient descent until |a − y| is at most half of what it was.

    w, b and lr have shapes that broadcast to that of the result: whole numbers, or infinity where
    ``max_steps`` were not enough. The distance is that of the output from its target, since the
    minimum itself is a whole line of (w, b), and lies at infinity for a sigmoid with y = 0 or 1. A
    start that is there but for rounding takes no step.

    >>> [float(steps_to_halve(Neuron(loss), 3, 3, 1)) for loss in ("l2", "cross_entropy")]
    [214.0, 6.0]

    Raises
    ------
    ValueError
        For an lr that is not positive and finite, or max_steps below 1.
    """
    _check_rates(lr)
    integer("max_steps", max_steps)
    # A step moves w by x times what it moves b, so z alone tells the way: dz = x dw + db.
    z, rate = np.broadcast_arrays(neuron._z(w, b).astype(float), np.asarray(lr, dtype=float))
    counts = np.zeros(z.shape).ravel()
    z, pace = z.flatten(), rate.ravel() * (1 + neuron.x**2)
    half = np.abs(neuron._output(z) - neuron.target) / 2
    going = np.flatnonzero(half > _ROUNDING)
    for step in range(1, max_steps + 1):
        z[going] -= pace[going] * neuron._slope(z[going])
        near = np.abs(neuron._output(z[going]) - neuron.target) <= half[going]
        counts[going[near]] = step
        going = going[~near]
        if not going.size:
            break
    counts[going] = np.inf
    return counts.reshape(rate.shape)


def _check_rates(lr: npt.ArrayLike) -> None:
    for rate in np.ravel(lr).tolist():
        real("lr", rate, above=0)
