"""The exercises of the chapter on XOR: a network by hand, a thousand at once, and how many work."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

Array = npt.NDArray[Any]


def _sigmoid(z: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0, -z)))


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
    (1, 0, 0, 1): "XNOR, the opposite of XOR: turn the signs of v and c",
    (1, 1, 1, 0): "NAND",
    (1, 0, 0, 0): "NOR",
    (0, 0, 0, 0): "always 0",
    (1, 1, 1, 1): "always 1",
}


def _fault_by_hand(answer: Any) -> str | None:
    """Run the network that was handed in on the four points."""
    if not isinstance(answer, list | tuple) or len(answer) != 4:
        return "Hand in four things: W, b, v and c."
    arrays = [np.asarray(part, dtype=np.float64) for part in answer]
    for name, array, shape in zip("Wbvc", arrays, [(2, 2), (2,), (2,), ()], strict=True):
        if array.shape != shape and not (shape == () and array.size == 1):
            wanted = f"the shape {shape}" if shape else "one number"
            return f"{name} should be {wanted}; it has the shape {array.shape}."
        if not np.isfinite(array).all():
            return f"{name} contains nan or infinity."
    w, b, v, c = arrays
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    p = _sigmoid(np.tanh(points @ w.T + b) @ v + c.reshape(()))
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
            lambda w, b, v, c, x: _sigmoid(_all_forward(w, b, v, c, x)),
        ),
        Mistake(
            "a sigmoid in place of the tanh",
            lambda w, b, v, c, x: _hidden(w, b, v, x, _sigmoid) + c[:, None],
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
            "points down and networks across: turn the result around",
            lambda w, b, v, c, x: _all_forward(w, b, v, c, x).T,
        ),
    ),
    hint='"nhi,pi->nph" multiplies each network\'s W with each point.',
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
    right=lambda z, y: _sigmoid(z) - y,
    cases=_LOGITS,
    mistakes=(
        Mistake(
            "the gradient of the mean; the loss is a sum",
            lambda z, y: (_sigmoid(z) - y) / len(z),
        ),
        Mistake("the sign is turned: σ(z) - y, not y - σ(z)", lambda z, y: y - _sigmoid(z)),
        Mistake(
            "the gradient of L2 instead of cross-entropy",
            lambda z, y: 2 * (_sigmoid(z) - y) * _sigmoid(z) * _sigmoid(-z),
        ),
        Mistake("σ(z) alone: the target is missing", lambda z, y: _sigmoid(z)),
        Mistake("z - y: the sigmoid is missing", lambda z, y: z - y),
        Mistake(
            "σ'(z) was multiplied in once more: it has cancelled already",
            lambda z, y: (_sigmoid(z) - y) * _sigmoid(z) * _sigmoid(-z),
        ),
        Mistake(
            "the gradient for p = σ(z), not for z: multiply by σ'(z)",
            lambda z, y: (_sigmoid(z) - y) / (_sigmoid(z) * _sigmoid(-z)),
        ),
        Mistake(
            "one number: the gradient has one for each point", lambda z, y: (_sigmoid(z) - y).sum()
        ),
        Mistake(
            "e^z / (1 + e^z) overflows for large z: write it with e^-z, or use a library's sigmoid",
            lambda z, y: np.exp(z) / (1 + np.exp(z)) - y,
        ),
    ),
    hint="Through p = σ(z), all but a difference cancels. It stays between -1 and 1.",
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
        Mistake("the sign of the slope is turned", lambda v, c: _line(v, c) * [-1, 1]),
        Mistake("the sign of the intercept is turned", lambda v, c: _line(v, c) * [1, -1]),
        Mistake(
            "both signs are turned: bring h₁ and c to the other side", lambda v, c: -_line(v, c)
        ),
        Mistake("slope and intercept changed places", lambda v, c: _line(v, c)[:, [1, 0]]),
        Mistake("the line was solved for h₁; h₂ is asked for", lambda v, c: _line(v[:, ::-1], c)),
        Mistake("nothing was divided by v₂", lambda v, c: np.stack([-v[:, 0], -c], axis=1)),
        Mistake(
            "the intercept was not divided by v₂",
            lambda v, c: np.stack([-v[:, 0] / v[:, 1], -c], axis=1),
        ),
        Mistake(
            "the logit was set to ½; p is ½ where the logit is 0",
            lambda v, c: _line(v, c - 0.5),
        ),
    ),
    hint="p = ½ where v₁ h₁ + v₂ h₂ + c = 0. Solve for h₂.",
)


# --- counting failures


def _wilson(k: int, n: int, z: float = float(stats.norm.ppf(0.975))) -> Array:
    share, scale = k / n, 1 + z * z / n
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return np.array([share + z * z / (2 * n) - half, share + z * z / (2 * n) + half]) / scale


def _usual(k: int, n: int) -> Array:
    half = 1.959964 * math.sqrt(k / n * (1 - k / n) / n)
    return np.array([k / n - half, k / n + half])


def _without_middle(k: int, n: int) -> Array:
    low, high = _wilson(k, n)
    return k / n + np.array([-1, 1]) * (high - low) / 2


def _without_second_term(k: int, n: int) -> Array:
    z2 = 1.959964**2
    low, high = _usual(k, n) + z2 / (2 * n)
    return np.array([low, high]) / (1 + z2 / n)


WILSON = Exercise(
    name="wilson-interval",
    right=lambda k, n: tuple(_wilson(k, n)),
    cases=((137, 200), (0, 10), (10, 10), (659, 1000), (1, 5), (3, 8)),
    tolerance=2e-4,
    mistakes=(
        Mistake("the usual p̂ ± z √(p̂(1 - p̂)/n), which has no width at 0", _usual),
        Mistake(
            "z for 90 %: 2.5 % lie beyond each end, so take 1.96",
            lambda k, n: _wilson(k, n, 1.644854),
        ),
        Mistake("z for 99 %; 95 % is asked for", lambda k, n: _wilson(k, n, 2.575829)),
        Mistake("z = 1: take 1.96", lambda k, n: _wilson(k, n, 1)),
        Mistake(
            "the division by 1 + z²/n is missing",
            lambda k, n: _wilson(k, n) * (1 + 1.959964**2 / n),
        ),
        Mistake("the middle was left at p̂; it moves towards ½", _without_middle),
        Mistake("z²/4n² is missing under the root", _without_second_term),
        Mistake(
            "the interval of the failures, not of the successes", lambda k, n: _wilson(n - k, n)
        ),
        Mistake("high before low", lambda k, n: _wilson(k, n)[[1, 0]]),
    ),
    hint="(p̂ + z²/2n ± z √(p̂(1 - p̂)/n + z²/4n²)) / (1 + z²/n), with p̂ = successes/n, z = 1.96.",
)

_Q = 63 / 200

FIVE_SEEDS = Exercise(
    name="five-seeds",
    right=np.array([(1 - _Q) ** 5, 1 - _Q**5]),
    tolerance=6e-4,
    mistakes=(
        Mistake("the two changed places", np.array([1 - _Q**5, (1 - _Q) ** 5])),
        Mistake(
            "the second is the chance that at least one *fails*",
            np.array([(1 - _Q) ** 5, 1 - (1 - _Q) ** 5]),
        ),
        Mistake("failures and successes changed places", np.array([_Q**5, 1 - (1 - _Q) ** 5])),
        Mistake("the chances of a single seed", np.array([1 - _Q, 1 - _Q])),
        Mistake(
            "the second is the chance that all five fail: take what is left to 1",
            np.array([(1 - _Q) ** 5, _Q**5]),
        ),
        Mistake(
            "the first adds up five failures; independent chances multiply",
            np.array([1 - 5 * _Q, 1 - _Q**5]),
        ),
        Mistake(
            "the first is 1 - q⁵, the chance that not all five fail",
            np.array([1 - _Q**5, 1 - _Q**5]),
        ),
    ),
    hint="With the failure rate q, all of n seeds work with (1 - q)ⁿ, and all fail with qⁿ.",
)

EXERCISES = (
    XOR_PARAMETERS,
    XOR_BY_HAND,
    SUM_GRADIENT,
    HIDDEN_LINE,
    ALL_FORWARD,
    WILSON,
    FIVE_SEEDS,
)
