"""The exercises on the 2–2–1 network: parameters, weights by hand, forwards, gradient, line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.answers import Difference, numbers
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import sigmoid

__all__ = ["EXERCISES"]

# --- parameters

XOR_PARAMETERS = Exercise(
    name="xor-parameters",
    right=lambda hidden: 4 * hidden + 1,
    cases=((2,), (1,), (3,), (8,), (20,)),
    tolerance=0,
    mistakes=(
        Mistake("the biases, or the output layer, were forgotten", lambda h: 3 * h),
        Mistake("the bias of the output was forgotten", lambda h: 4 * h),
        Mistake(
            "the hidden units' biases, or one of their inputs, were forgotten", lambda h: 3 * h + 1
        ),
        Mistake(
            "two outputs; one probability is enough for two classes", lambda h: 3 * h + 2 * h + 2
        ),
        Mistake("the inputs were given biases too", lambda h: 4 * h + 3),
    ),
    hint="A layer from a to b units has a·b weights and b biases; here are two layers.",
)


# --- weights by hand

_TARGETS = np.array([0, 1, 1, 0])
_OTHERS = {
    (0, 0, 0, 1): "AND",
    (0, 1, 1, 1): "OR",
    (1, 0, 0, 1): "XNOR, the opposite of XOR: flip the signs of v and c",
    (1, 1, 1, 0): "NAND",
    (1, 0, 0, 0): "NOR",
    (0, 0, 0, 0): "always 0",
    (1, 1, 1, 1): "always 1",
}


def _fault_by_hand(answer: Any) -> str | None:
    """Run the network that was handed in on the four points."""
    if not isinstance(answer, list | tuple) or len(answer) != 4:
        return "Hand in four things: W, b, v and c."
    arrays = []
    for name, part, shape in zip("Wbvc", answer, [(2, 2), (2,), (2,), ()], strict=True):
        array = numbers(part, shape)
        if isinstance(array, Difference):
            return f"{name} {array.words}."
        if not np.isfinite(array).all():
            return f"{name} contains nan or infinity."
        arrays.append(array)
    w, b, v, c = arrays
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    p = sigmoid(np.tanh(points @ w.T + b) @ v + c)
    undecided = np.abs(p - 0.5) <= 0.01
    if undecided.any():
        where = ", ".join(f"({x}, {y})" for x, y in points[undecided])
        return f"Your network gives about ½ at {where}: it does not decide there."
    found = tuple((p > 0.5).astype(int).tolist())
    if found == tuple(_TARGETS):
        return None
    if found in _OTHERS:
        return f"Your network computes {_OTHERS[found]}."
    where = ", ".join(f"({x}, {y})" for x, y in points[np.array(found) != _TARGETS])
    return f"Your network has the wrong class at {where}."


XOR_BY_HAND = Exercise(
    name="xor-by-hand",
    right=([[10, 10], [10, 10]], [-5, -15], [10, -10], -10),
    mistakes=(),
    fault=_fault_by_hand,
    hint="Let one unit be OR and the other AND. XOR is what is OR and not AND.",
)


# --- a thousand networks at once


def _all_forward(w: Array, b: Array, v: Array, c: Array, x: Array) -> Array:
    return np.asarray(_hidden(w, b, v, x) + c[:, None])


def _hidden(
    w: Array,
    b: Array,
    v: Array,
    x: Array,
    f: Callable[[Array], Array] = np.tanh,
) -> Array:
    h = f(np.einsum("nhi,pi->nph", w, x) + b[:, None])
    return np.asarray(np.einsum("nph,nh->np", h, v))


def _case(n: int, hidden: int, points: int) -> tuple[Array, ...]:
    rng = np.random.default_rng([n, hidden, points])
    shapes = [(n, hidden, 2), (n, hidden), (n, hidden), (n,), (points, 2)]
    return tuple(rng.uniform(-2, 2, shape).round(2) for shape in shapes)


ALL_FORWARD = Exercise(
    name="all-networks-forward",
    right=_all_forward,
    cases=(_case(5, 2, 4), _case(3, 4, 7), _case(1, 1, 2), _case(4, 3, 4)),
    mistakes=(
        Mistake(
            "the hidden biases b were forgotten",
            lambda w, b, v, c, x: _all_forward(w, 0 * b, v, c, x),
        ),
        Mistake("the output's bias c was forgotten", lambda w, b, v, c, x: _hidden(w, b, v, x)),
        Mistake(
            "the tanh was forgotten: such a network is linear",
            lambda w, b, v, c, x: _hidden(w, b, v, x, np.asarray) + c[:, None],
        ),
        Mistake(
            "the hidden biases were added after the tanh, not before",
            lambda w, b, v, c, x: _hidden(w, 0 * b, v, x) + (b * v).sum(1)[:, None] + c[:, None],
        ),
        Mistake(
            "the sigmoid was applied; the logits are asked for",
            lambda w, b, v, c, x: sigmoid(_all_forward(w, b, v, c, x)),
        ),
        Mistake(
            "a sigmoid in place of the tanh",
            lambda w, b, v, c, x: _hidden(w, b, v, x, sigmoid) + c[:, None],
        ),
        Mistake(
            "a ReLU in place of the tanh",
            lambda w, b, v, c, x: _hidden(w, b, v, x, lambda z: np.maximum(z, 0)) + c[:, None],
        ),
        Mistake(
            "the tanh was applied to the output as well",
            lambda w, b, v, c, x: np.tanh(_all_forward(w, b, v, c, x)),
        ),
        Mistake(
            "points down and networks across: transpose the result",
            lambda w, b, v, c, x: _all_forward(w, b, v, c, x).T,
        ),
    ),
    hint='"nhi,pi->nph" multiplies each network\'s W by each point.',
)


# --- the gradient at the logits

_LOGITS = (
    (np.array([0.8, -0.3, 2.0, -1.5]), np.array([0.0, 1.0, 1.0, 0.0])),
    (np.array([0.0, 3.0]), np.array([1.0, 1.0])),
    (np.array([-40.0, 40.0, 500.0]), np.array([1.0, 0.0, 1.0])),
    (np.array([-800.0, 1.0, 800.0, 0.2, -0.1]), np.array([0.0, 0.0, 0.0, 1.0, 0.0])),
)

SUM_GRADIENT = Exercise(
    name="sum-gradient",
    right=lambda z, y: sigmoid(z) - y,
    cases=_LOGITS,
    mistakes=(
        Mistake(
            "the gradient of the mean; the loss is a sum", lambda z, y: (sigmoid(z) - y) / len(z)
        ),
        Mistake("the sign is flipped: σ(z) - y, not y - σ(z)", lambda z, y: y - sigmoid(z)),
        Mistake(
            "the gradient of L2 instead of cross-entropy",
            lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z),
        ),
        Mistake("σ(z) alone: the target is missing", lambda z, y: sigmoid(z)),
        Mistake("z - y: the sigmoid is missing", lambda z, y: z - y),
        Mistake(
            "σ'(z) was multiplied in once more: it has cancelled already",
            lambda z, y: (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z),
        ),
        Mistake(
            "the gradient for p = σ(z), not for z: multiply by σ'(z)",
            lambda z, y: (sigmoid(z) - y) / (sigmoid(z) * sigmoid(-z)),
        ),
        Mistake(
            "one number: the gradient has one for each point", lambda z, y: (sigmoid(z) - y).sum()
        ),
        Mistake(
            "e^z / (1 + e^z) overflows for large z: write it with e^-z, or use a library's sigmoid",
            lambda z, y: np.exp(z) / (1 + np.exp(z)) - y,
        ),
    ),
    hint="Through p = σ(z), everything but a difference cancels. It stays between -1 and 1.",
)


# --- the separating line of the hidden plane


def _line(v: Array, c: Array) -> Array:
    return np.stack([-v[:, 0] / v[:, 1], -c / v[:, 1]], axis=1)


def _lines(n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(n)
    v = rng.choice([-1, 1], (n, 2)) * rng.uniform(0.5, 3, (n, 2))
    return v.round(2), rng.uniform(-2, 2, n).round(2)


HIDDEN_LINE = Exercise(
    name="hidden-line",
    right=_line,
    cases=(_lines(2), _lines(1), _lines(5), _lines(3)),
    mistakes=(
        Mistake("the sign of the slope is flipped", lambda v, c: _line(v, c) * [-1, 1]),
        Mistake("the sign of the intercept is flipped", lambda v, c: _line(v, c) * [1, -1]),
        Mistake(
            "both signs are flipped: bring h₁ and c to the other side", lambda v, c: -_line(v, c)
        ),
        Mistake("slope and intercept were swapped", lambda v, c: _line(v, c)[:, [1, 0]]),
        Mistake("the line was solved for h₁; h₂ is asked for", lambda v, c: _line(v[:, ::-1], c)),
        Mistake("nothing was divided by v₂", lambda v, c: np.stack([-v[:, 0], -c], axis=1)),
        Mistake(
            "the intercept was not divided by v₂",
            lambda v, c: np.stack([-v[:, 0] / v[:, 1], -c], axis=1),
        ),
        Mistake(
            "the logit was set to ½; p is ½ where the logit is 0", lambda v, c: _line(v, c - 0.5)
        ),
    ),
    hint="p = ½ where v₁ h₁ + v₂ h₂ + c = 0. Solve for h₂.",
)

EXERCISES = (XOR_PARAMETERS, XOR_BY_HAND, SUM_GRADIENT, HIDDEN_LINE, ALL_FORWARD)
