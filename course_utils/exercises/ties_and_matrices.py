"""The exercises of the page on ties and matrices: windows as rows, and a matrix mostly of zeros."""

from __future__ import annotations

from course_utils.exercises.convolution.matrices import IM2COL
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

WEIGHTS_IN_T = Exercise(
    name="weights-in-t",
    right=lambda n: (3 * n - 2) ** 2,
    cases=((4,), (3,), (5,), (28,), (100,), (1,)),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            "nine weights in every row; at the border some of them lie in the padding",
            lambda n: 9 * n**2,
        ),
        Mistake("the number of all entries; most of them are 0", lambda n: n**4),
        Mistake(
            "the border counted once; it has two ends along each axis", lambda n: (3 * n - 1) ** 2
        ),
        Mistake("the count along one axis; an image has two", lambda n: 3 * n - 2),
        Mistake(
            "the corners taken off twice",
            lambda n: 9 * n**2 - 12 * n,
        ),
        Mistake(
            "the inner pixels alone; those at the border have weights too",
            lambda n: 9 * max(n - 2, 0) ** 2,
        ),
        Mistake("one weight in every row; each row holds a window", lambda n: n**2),
        Mistake(
            "the corners were forgotten: each has four weights",
            lambda n: 9 * max(n - 2, 0) ** 2 + 24 * max(n - 2, 0),
        ),
    ),
    hint="Take one dimension first: along a row of n pixels, how many pairs of a pixel and an "
    "output are neighbours or the same?",
)

EXERCISES = (WEIGHTS_IN_T, IM2COL)
