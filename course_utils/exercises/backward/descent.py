"""The exercise that predicts the loss after one step against the gradient."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["PREDICT_A_STEP"]

# The lesson's network with the weight in its middle at −1, where no two numbers tie.
_LOSS, _RATE = 0.675, 0.002
_GRADIENT = np.array([[-0.25, -3, -1.25], [0, -0.75, 2], [-1.25, -0.25, -0.75]])
_FALL = _RATE * (_GRADIENT**2).sum()

PREDICT_A_STEP = Exercise(
    name="predict-a-step",
    right=_LOSS - _FALL,
    tolerance=1e-5,
    mistakes=(
        Mistake("a step along the gradient: the loss rises", _LOSS + _FALL),
        Mistake("the fall of the loss; the loss after it is asked for", _FALL),
        Mistake(
            "the learning rate times the sum of the gradient: square each slope first",
            _LOSS - _RATE * _GRADIENT.sum(),
        ),
        Mistake(
            "the learning rate times the sizes of the slopes: square each, since each weight moves "
            "by its own slope",
            _LOSS - _RATE * np.abs(_GRADIENT).sum(),
        ),
        Mistake(
            "the learning rate was squared; it is a factor of the step, once",
            _LOSS - _RATE * _FALL,
        ),
        Mistake(
            "the steepest weight alone; all nine move",
            _LOSS - _RATE * (_GRADIENT**2).max(),
        ),
        Mistake("the mean over the nine weights; their contributions add up", _LOSS - _FALL / 9),
        Mistake("the loss before the step", _LOSS),
    ),
    hint="How far does each weight move? And by how much does the loss fall per unit of that move?",
)
