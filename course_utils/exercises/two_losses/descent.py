"""The exercises on the steps down, the steepest place, and a start that learns."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_utils.exercises.answers import Difference, numbers
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import Neuron, sigmoid, steepest, steps_to_halve

__all__ = ["EXERCISES"]

# --- the steps until the error is halved, from a neuron that is sure of rain where it never rains

_W, _B, _RATE = 3.0, 2.0, 0.5


def _count(loss: str, pace: float, near: Callable[[float, float], bool], target: float = 0) -> int:
    """Count steps z ← z − pace · dL/dz from z = w + b until near(z, the loss there)."""
    neuron, z, n = Neuron(loss, target), _W + _B, 0
    while not near(z, float(neuron.losses(z, 0))):
        z, n = z - pace * float(neuron.gradients(z, 0)[1]), n + 1
    return n


def _both(pace: float, near: Callable[[float, float, float], bool]) -> tuple[int, ...]:
    starts = {loss: float(Neuron(loss, 0).losses(_W, _B)) for loss in ("l2", "cross_entropy")}
    return tuple(
        _count(loss, pace, lambda z, now, start=start: near(z, now, start))  # type: ignore[misc]
        for loss, start in starts.items()
    )


def _output_halved(z: float, now: float, start: float) -> bool:
    return float(sigmoid(z)) <= float(sigmoid(_W + _B)) / 2


def _steps(target: float, rate: float) -> tuple[int, ...]:
    return tuple(
        int(steps_to_halve(Neuron(loss, target), _W, _B, rate)) for loss in ("l2", "cross_entropy")
    )


_STEPS = _steps(0, _RATE)

STEPS_TO_HALVE = Exercise(
    name="steps-to-halve",
    right=_STEPS,
    tolerance=0,
    mistakes=(
        Mistake(
            "only one of w and b was moved; both take their step", _both(_RATE, _output_halved)
        ),
        Mistake(
            "the steps until w + b is halved; the error of the forecast was asked for",
            _both(2 * _RATE, lambda z, now, start: z <= (_W + _B) / 2),
        ),
        Mistake(
            "the steps until the loss is halved; the error of the forecast was asked for",
            _both(2 * _RATE, lambda z, now, start: now <= start / 2),
        ),
        Mistake("the steps with the target ½; here it never rains", _steps(0.5, _RATE)),
        Mistake("the steps with the learning rate 1", _steps(0, 1)),
        Mistake("one step too few: the start is step 0", tuple(n - 1 for n in _STEPS)),
        Mistake("one step too many: the start is step 0", tuple(n + 1 for n in _STEPS)),
        Mistake("the two losses were swapped", _STEPS[::-1]),
    ),
    hint="Take the page's loop with this target and rate, and stop as soon as the error is at most "
    "half of its first value. Count the updates.",
)

# --- where L2 pulls hardest

STEEPEST_L2 = Exercise(
    name="steepest-l2",
    right=float(steepest(0)[0][1]),
    mistakes=(
        Mistake("the output σ there, not z", 2 / 3),
        Mistake("the point for the target ½", float(steepest(0.5)[0][1])),
        Mistake("the gradient there, not z", float(steepest(0)[1][1])),
        Mistake("where the sigmoid alone is steepest; the factor σ − y moves the point", 0),
        Mistake(
            "a flipped sign: σ above ½ means z above 0 (or the target 1 was taken)",
            -float(steepest(0)[0][1]),
        ),
        Mistake("the odds σ / (1 − σ); z is their logarithm", 2),
        Mistake("the logarithm of σ; z is that of σ / (1 − σ)", math.log(2 / 3)),
    ),
    hint="Write the gradient for y = 0 in a alone. Find the best a, then the z that belongs to it.",
)

# --- a start, as wrong as possible, from which L2 still learns

_LEAST_ERROR, _MOST_STEPS = 0.9, 10


def _fault(answer: Any) -> str | None:
    """Say why a start (w, b) is not as asked, or None."""
    pair = numbers(answer, (2,))
    if isinstance(pair, Difference):
        return f"Your start {pair.words}. Give two numbers, w and b."
    w, b = (float(number) for number in pair)
    error = float(sigmoid(w + b))
    if not error >= _LEAST_ERROR:
        return f"The neuron starts with a forecast of {error:.3f}; that isn't wrong enough."
    steps = float(steps_to_halve(Neuron("l2", 0), w, b, 1, max_steps=1000))
    if steps <= _MOST_STEPS:
        return None
    taken = f"{steps:.0f}" if math.isfinite(steps) else "more than 1,000"
    return f"From a forecast of {error:.6f} it takes L2 {taken} steps to halve its error."


START = Exercise(
    name="a-start-that-learns",
    right=(1.5, 1.0),
    mistakes=(),
    fault=_fault,
    hint="Very sure is very slow. Look for the least sure start that is wrong enough.",
)

EXERCISES = (STEPS_TO_HALVE, STEEPEST_L2, START)
