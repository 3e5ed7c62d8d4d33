"""The exercises on where the slope is steepest, where it ends, and the steps down it."""

from __future__ import annotations

import math
from collections.abc import Callable

from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import Neuron, sigmoid, steepest, steps_to_halve

__all__ = ["EXERCISES"]


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
    hint="With y = 0 the gradient is 2 σ² (1 − σ). Find the best σ, then the z that belongs to it.",
)

FIRST_ONE = Exercise(
    name="first-output-of-one",
    right=24 * math.log(2),
    tolerance=1e-4,
    mistakes=(
        Mistake("the value for float64, which keeps 53 bits", 53 * math.log(2)),
        Mistake(
            "the whole step 2^(−23) from 1 to its neighbour; half of it is rounded away too",
            23 * math.log(2),
        ),
        Mistake("the number of bits; multiply it by ln 2", 24),
        Mistake("where e^(−z) itself is no longer a float32", 128 * math.log(2)),
        Mistake("a flipped sign: σ is near 1 for large z", -24 * math.log(2)),
        Mistake("the logarithm to base 10", 24 * math.log10(2)),
    ),
    hint="1 + e^(−z) is 1 when e^(−z) is at most half the step from 1 to the next number.",
)


_W, _B = 4.0, 2.0


def _count(loss: str, pace: float, near: Callable[[float, float], bool]) -> int:
    """Count steps z ← z − pace · dL/dz from z = 6 until near(z, loss)."""
    neuron, z, n = Neuron(loss), _W + _B, 0
    while not near(z, float(neuron.losses(z, 0))):
        z, n = z - pace * float(neuron.gradients(z, 0)[1]), n + 1
    return n


def _both(pace: float, near: Callable[[float, float, float], bool]) -> tuple[int, ...]:
    starts = {loss: float(Neuron(loss).losses(_W, _B)) for loss in ("l2", "cross_entropy")}
    return tuple(
        _count(loss, pace, lambda z, now, start=start: near(z, now, start))  # type: ignore[misc]
        for loss, start in starts.items()
    )


def _output_halved(z: float, now: float, start: float) -> bool:
    return abs(float(sigmoid(z)) - 0.5) <= abs(float(sigmoid(_W + _B)) - 0.5) / 2


_STEPS = tuple(int(steps_to_halve(Neuron(loss), _W, _B, 1)) for loss in ("l2", "cross_entropy"))

STEPS_TO_HALVE = Exercise(
    name="steps-to-halve",
    right=_STEPS,
    tolerance=0,
    mistakes=(
        Mistake("only one of w and b was moved; both take their step", _both(1, _output_halved)),
        Mistake(
            "the steps until w + b is halved; the distance of the output was asked for",
            _both(2, lambda z, now, start: abs(z) <= (_W + _B) / 2),
        ),
        Mistake(
            "the steps until the loss is halved; the distance of the output was asked for",
            _both(2, lambda z, now, start: now <= start / 2),
        ),
        Mistake("one step too few: the start is step 0", tuple(n - 1 for n in _STEPS)),
        Mistake("one step too many: the start is step 0", tuple(n + 1 for n in _STEPS)),
        Mistake("the two losses were swapped", _STEPS[::-1]),
    ),
    hint="`descend` gives the path. Find its first place where |σ − ½| is at most half.",
)

EXERCISES = (STEEPEST_L2, FIRST_ONE, STEPS_TO_HALVE)
