"""The exercise on a kernel with two slices and a bias: one map out of two channels."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.convolution.windows import TOLERANCE, conv2d, flipped
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["CHANNELS_BY_HAND"]

_X = np.array([[[1, 2, 0], [2, 1, 3], [2, 0, 1]], [[0, 1, 2], [2, 0, 1], [1, 3, 0]]])
_W = np.array([[[1, 0], [2, -1]], [[0, 2], [-1, 1]]])
_BIAS = -2


def _relu(y: Array) -> Array:
    return np.maximum(y, 0)


_EACH = np.stack([conv2d(x, w) for x, w in zip(_X, _W, strict=True)])
_SUM = _EACH.sum(axis=0)

CHANNELS_BY_HAND = Exercise(
    name="channels-by-hand",
    right=_relu(_SUM + _BIAS),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake("the bias was forgotten", _relu(_SUM)),
        Mistake("the ReLU was forgotten: what is negative becomes 0", _SUM + _BIAS),
        Mistake("both the bias and the ReLU were forgotten", _SUM),
        Mistake("the bias was added once per channel; it is added once", _relu(_SUM + 2 * _BIAS)),
        Mistake("the bias was subtracted", _relu(_SUM - _BIAS)),
        Mistake("the second channel was left out", _relu(_EACH[0] + _BIAS)),
        Mistake("the first channel was left out", _relu(_EACH[1] + _BIAS)),
        Mistake(
            "one map per channel; the channels are added up to a single map",
            _relu(_EACH + _BIAS),
        ),
        Mistake(
            "ReLU came before the channels were added up; it comes last",
            _relu(_EACH + _BIAS).sum(axis=0),
        ),
        Mistake(
            "the slices were swapped: each belongs to one channel",
            _relu(conv2d(_X[0], _W[1]) + conv2d(_X[1], _W[0]) + _BIAS),
        ),
        Mistake(
            "the kernel was flipped: it slides over the image as it stands",
            _relu(conv2d(_X[0], flipped(_W[0])) + conv2d(_X[1], flipped(_W[1])) + _BIAS),
        ),
        Mistake("ReLU came before the bias; it comes last", _relu(_SUM) + _BIAS),
        Mistake("the channels were averaged; they are added up", _relu(_SUM / 2 + _BIAS)),
        Mistake(
            "the kernel was transposed: its rows and columns were swapped",
            _relu(conv2d(_X[0], _W[0].T) + conv2d(_X[1], _W[1].T) + _BIAS),
        ),
    ),
    hint="Work out one map for each channel with its own slice. What is left to do with the two?",
)
