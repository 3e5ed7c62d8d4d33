"""The exercises on the steps of an optimizer: momentum's, and Adam's first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

_GRADIENT = np.array([0.5, -0.002, 30.0])
_LR = 0.001

FIRST_ADAM_STEP = Exercise(
    name="first-adam-step",
    right=-_LR * np.sign(_GRADIENT),
    tolerance=1e-6,
    mistakes=(
        Mistake("plain SGD's steps: Adam divides by the gradient's own size", -_LR * _GRADIENT),
        Mistake("uphill: the step goes against the gradient", _LR * np.sign(_GRADIENT)),
        Mistake("the same step for each weight, whatever the sign", np.full(3, -_LR)),
        Mistake("the directions without the learning rate", -np.sign(_GRADIENT)),
        Mistake(
            "the running means without Adam's correction for their start at 0",
            -_LR * np.sign(_GRADIENT) * 0.1 / 0.001**0.5,
        ),
    ),
    hint="At the first step, the mean of the gradients is the gradient. What is the root of the "
    "mean of its square?",
)


def _momentum(gradients: Array, lr: float) -> Array:
    velocity, w, seen = 0.0, 0.0, []
    for gradient in gradients:
        velocity = 0.9 * velocity + gradient
        w -= lr * velocity
        seen.append(w)
    return np.array(seen)


def _averaged(gradients: Sequence[float], lr: float) -> Array:
    velocity, w, seen = 0.0, 0.0, []
    for gradient in gradients:
        velocity = 0.9 * velocity + 0.1 * gradient
        w -= lr * velocity
        seen.append(w)
    return np.array(seen)


def _velocities(gradients: Sequence[float]) -> Array:
    velocity, seen = 0.0, []
    for gradient in gradients:
        velocity = 0.9 * velocity + gradient
        seen.append(velocity)
    return np.array(seen)


MOMENTUM_STEPS = Exercise(
    name="momentum-steps",
    right=_momentum,
    cases=(
        (np.array([1.0, 1.0, 1.0]), 0.1),
        (np.array([2.0, -1.0, 0.5, 0.0, 0.0]), 0.01),
        (np.array([-3.0, 4.0]), 0.5),
        (np.array([0.2, 0.4, -0.6, 0.8, -1.0, 1.2]), 1.0),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake("plain SGD: the velocity is missing", lambda g, lr: -lr * np.cumsum(g)),
        Mistake(
            "a running mean of the gradients; SGD's momentum adds the gradient whole", _averaged
        ),
        Mistake("uphill: the step goes against the velocity", lambda g, lr: -_momentum(g, lr)),
        Mistake(
            "the velocities; subtract lr times each of them from w",
            lambda g, lr: _velocities(g),
        ),
        Mistake(
            "the steps one by one; w is where they add up to",
            lambda g, lr: -lr * _velocities(g),
        ),
        Mistake(
            "w after the last step only; give it after each",
            lambda g, lr: _momentum(g, lr)[-1],
        ),
        Mistake("the learning rate was forgotten", lambda g, lr: _momentum(g, 1.0)),
        Mistake(
            "the velocity was updated after the step; the step uses the new one",
            lambda g, lr: -lr * np.cumsum(np.concatenate([[0.0], _velocities(g)[:-1]])),
        ),
        Mistake(
            "Nesterov's momentum, which looks a step ahead",
            lambda g, lr: -lr * np.cumsum(g + 0.9 * _velocities(g)),
        ),
        Mistake(
            "the learning rate times each gradient: neither velocity nor w was kept",
            lambda g, lr: -lr * g,
        ),
    ),
    hint="Keep two numbers, v and w, both 0 at first. Each gradient changes v, and then v moves w.",
)

EXERCISES = (FIRST_ADAM_STEP, MOMENTUM_STEPS)
