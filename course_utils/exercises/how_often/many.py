"""Exercises on many networks: all of them in one product, and a setting that mostly works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils import xor
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import sigmoid

__all__ = ["EXERCISES"]

# --- all networks in one product


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
    hint="Give each axis a letter. The letter that the result lacks is the one summed over.",
)


# --- a setting that works

_UNITS, _STEPS, _SHARE = 3, 100, 0.9
_STARTS = range(1000, 1200)  # none that the page uses


def _fault_of_setting(answer: Any) -> str | None:
    """Train 200 fresh networks with what was handed in, and count."""
    if not isinstance(answer, list | tuple) or len(answer) != 4:
        return "Hand in four things: hidden, activation, loss and lr."
    hidden, activation, loss, lr = answer
    if isinstance(hidden, int) and hidden > _UNITS:
        return f"{hidden} hidden units are too many; {_UNITS} are allowed."
    try:
        found = xor.Networks(_STARTS, hidden, activation, loss, lr=lr).train(_STEPS).rate()
    except (TypeError, ValueError) as error:
        return f"These settings can't be trained: {error}."
    if found.mean >= _SHARE:
        return None
    return (
        f"After {_STEPS} steps {found.successes} of {found.n} fresh networks work; "
        f"{_SHARE * found.n:.0f} must."
    )


SETTING_THAT_WORKS = Exercise(
    name="a-setting-that-works",
    right=(3, "tanh", "cross_entropy", 1.0),
    mistakes=(),
    fault=_fault_of_setting,
    hint="Width makes success likelier; with few steps each one has to be long. Try settings "
    "on some hundred seeds of your own with xor.Networks.",
)

EXERCISES = (ALL_FORWARD, SETTING_THAT_WORKS)
