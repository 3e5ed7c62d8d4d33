"""The exercise on convolution as a matrix product: the windows of an image as rows."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.convolution.windows import TOLERANCE, drawn, windows
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["IM2COL"]


def _im2col(x: Array, size: int) -> Array:
    return windows(x, (size, size)).reshape(-1, size * size)


IM2COL = Exercise(
    name="im2col",
    right=_im2col,
    cases=(
        (np.arange(9.0).reshape(3, 3), 2),
        (drawn(21, 4, 6), 3),
        (drawn(22, 5, 3), 2),
        (drawn(23, 4, 5), 1),
        (drawn(24, 6, 7), 4),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake("the matrix was transposed: each window is one row", lambda x, k: _im2col(x, k).T),
        Mistake(
            "the windows were taken column by column; they move along a row first",
            lambda x, k: windows(x, (k, k)).transpose(1, 0, 2, 3).reshape(-1, k * k),
        ),
        Mistake(
            "each window was read column by column; read its rows first",
            lambda x, k: windows(x, (k, k)).transpose(0, 1, 3, 2).reshape(-1, k * k),
        ),
        Mistake(
            "each window was flipped: it is read from its upper left pixel",
            lambda x, k: _im2col(x, k)[:, ::-1],
        ),
        Mistake(
            "the windows do not overlap; the stride is 1",
            lambda x, k: windows(x, (k, k), (k, k)).reshape(-1, k * k),
        ),
        Mistake(
            "an answer off by one row and column: the last windows are missing",
            lambda x, k: _im2col(x[:-1, :-1], k),
        ),
        Mistake(
            "the windows were left as squares; write each as one row",
            lambda x, k: windows(x, (k, k)).reshape(-1, k, k),
        ),
        Mistake(
            "the windows were left on their grid, as squares; write each as one row",
            lambda x, k: windows(x, (k, k)),
        ),
        Mistake(
            "a ring of zeros was added; no padding was asked for",
            lambda x, k: _im2col(np.pad(x, 1), k),
        ),
    ),
    hint="Each row, times the kernel written out as a column, must give one number of the map.",
)
