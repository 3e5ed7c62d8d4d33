"""The exercise on the size of a convolution's output, as a function."""

from __future__ import annotations

import math

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["OUTPUT_SIZE"]

OUTPUT_SIZE = Exercise(
    name="output-size",
    right=lambda n, k, s, p: (n + 2 * p - k) // s + 1,
    cases=(
        (5, 3, 2, 1),
        (28, 5, 1, 0),
        (28, 5, 1, 2),
        (32, 3, 2, 1),
        (14, 4, 4, 1),
        (8, 2, 5, 0),
        (224, 7, 2, 3),
        (6, 6, 1, 0),
    ),
    tolerance=1e-6,
    mistakes=(
        Mistake(
            "the + 1 was forgotten: the first window counts too",
            lambda n, k, s, p: (n + 2 * p - k) // s,
        ),
        Mistake(
            "the 1 was added before the division; the first window needs no step",
            lambda n, k, s, p: (n + 2 * p - k + 1) // s,
        ),
        Mistake(
            "the padding was counted once; it goes on both sides",
            lambda n, k, s, p: (n + p - k) // s + 1,
        ),
        Mistake("the padding was forgotten", lambda n, k, s, p: (n - k) // s + 1),
        Mistake(
            "the padding was subtracted; it makes the input larger",
            lambda n, k, s, p: (n - 2 * p - k) // s + 1,
        ),
        Mistake("the stride was ignored", lambda n, k, s, p: n + 2 * p - k + 1),
        Mistake("the kernel's size was forgotten", lambda n, k, s, p: (n + 2 * p) // s + 1),
        Mistake(
            "a quotient rounded up: a window that does not fit is left out",
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
        ),
        Mistake(
            "a quotient that was not rounded: a window that does not fit is left out",
            lambda n, k, s, p: (n + 2 * p - k) / s + 1,
        ),
        Mistake(
            "an answer off by one: the last window that fits is missing",
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s),
        ),
        Mistake("the size divided by the stride, and no more", lambda n, k, s, p: n // s),
        Mistake(
            "the size divided by the stride, rounded up, and no more",
            lambda n, k, s, p: math.ceil(n / s),
        ),
        Mistake("both the padding and the + 1 were forgotten", lambda n, k, s, p: (n - k) // s),
        Mistake("both the padding and the stride were forgotten", lambda n, k, s, p: n - k + 1),
        Mistake("both the stride and the + 1 were forgotten", lambda n, k, s, p: n + 2 * p - k),
        Mistake(
            "a quotient rounded to the nearest: a window that does not fit is left out",
            lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
        ),
        Mistake(
            "the + 1 was forgotten, and the quotient was not rounded",
            lambda n, k, s, p: (n + 2 * p - k) / s,
        ),
        Mistake(
            "the padding was forgotten, and the quotient was not rounded",
            lambda n, k, s, p: (n - k) / s + 1,
        ),
        Mistake(
            "1 too many: the first window was counted twice",
            lambda n, k, s, p: (n + 2 * p - k) // s + 2,
        ),
        Mistake(
            "the padding was counted once, and the quotient was not rounded",
            lambda n, k, s, p: (n + p - k) / s + 1,
        ),
        Mistake(
            "brackets are missing: only the 1 was divided by the stride",
            lambda n, k, s, p: n + 2 * p - k + 1 / s,
        ),
    ),
    hint="How many strides can a window take from the first row of the padded input, and how many "
    "places does it visit then?",
)
