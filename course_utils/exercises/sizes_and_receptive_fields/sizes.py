"""The exercises on sizes and receptive fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["DILATED", "JUMP", "RECEPTIVE_FIELD", "SAME_PADDING", "SIZES", "STACK"]


Windows = Sequence[tuple[int, int]]  # (kernel size, stride), from the input up


# --- sizes

# The feature layers of AlexNet, as (kernel size, stride, padding), on 224 pixels.
_ALEXNET = ((11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 2, 0))


def _sizes(rule: Any) -> tuple[int, ...]:
    return tuple(accumulate(_ALEXNET, lambda n, layer: rule(n, *layer), initial=224))[1:]


SIZES = Exercise(
    name="alexnet-sizes",
    right=_sizes(lambda n, k, s, p: (n + 2 * p - k) // s + 1),
    tolerance=0,
    mistakes=(
        Mistake("the + 1 was forgotten", _sizes(lambda n, k, s, p: (n + 2 * p - k) // s)),
        Mistake(
            "the padding was added on one side only",
            _sizes(lambda n, k, s, p: (n + p - k) // s + 1),
        ),
        Mistake("the padding was forgotten", _sizes(lambda n, k, s, p: (n - k) // s + 1)),
        Mistake(
            "sizes were rounded up; an incomplete step is not taken",
            _sizes(lambda n, k, s, p: -((k - 2 * p - n) // s) + 1),
        ),
        Mistake(
            "n divided by s, the kernel forgotten", _sizes(lambda n, k, s, p: (n + 2 * p) // s)
        ),
        Mistake(
            "both the padding and the + 1 were forgotten", _sizes(lambda n, k, s, p: (n - k) // s)
        ),
        Mistake(
            "sizes were not rounded; an incomplete step is not taken",
            _sizes(lambda n, k, s, p: (n + 2 * p - k) / s + 1),
        ),
        Mistake(
            "each layer was given the image's 224 pixels; its input is what the layer before gives",
            tuple((224 + 2 * p - k) // s + 1 for k, s, p in _ALEXNET),
        ),
    ),
    hint="Each size is the next layer's input. The first is (224 + 4 − 11) // 4 + 1.",
)

SAME_PADDING = Exercise(
    name="same-padding",
    right=lambda k, d: d * (k - 1) // 2,
    cases=((3, 1), (3, 2), (5, 1), (7, 3), (1, 4), (11, 2)),
    tolerance=0,
    mistakes=(
        Mistake("the dilation was forgotten", lambda k, d: (k - 1) // 2),
        Mistake("the padding of both sides was given; it is for one", lambda k, d: d * (k - 1)),
        Mistake("half the kernel, times the dilation, rounded up", lambda k, d: d * (k + 1) // 2),
        Mistake("the dilation multiplies k instead of k − 1", lambda k, d: (d * k - 1) // 2),
        Mistake("the dilation was added instead of multiplied", lambda k, d: (k - 1) // 2 + d - 1),
        Mistake(
            "half of k times d; the kernel spans d (k − 1) + 1 pixels", lambda k, d: k * d // 2
        ),
        Mistake(
            "the size of the spread-out kernel; its padding is asked for",
            lambda k, d: d * (k - 1) + 1,
        ),
        Mistake(
            "the kernel size times the dilation; half of what the kernel adds is asked for",
            lambda k, d: k * d,
        ),
    ),
    hint="With stride 1 the output is n + 2p − d(k − 1) pixels long. It must be n.",
)


# --- receptive fields


def _field(windows: Windows, own: int = 0) -> int:
    """The forwards recurrence; with own = 1 each layer's own stride is in its jump."""
    r, j = 1, 1
    for k, s in windows:
        r += (k - 1) * (j * s if own else j)
        j *= s
    return r


_STACKS: tuple[tuple[Windows], ...] = (
    ([(3, 1), (3, 2), (3, 1)],),
    ([(5, 2), (2, 2)],),
    ([(3, 2), (4, 3), (3, 1), (2, 2)],),
    ([(7, 1)],),
    ([(2, 2), (3, 1), (2, 2), (3, 1), (5, 3)],),
)

RECEPTIVE_FIELD = Exercise(
    name="receptive-field",
    right=_field,
    cases=_STACKS,
    tolerance=0,
    mistakes=(
        Mistake(
            "a layer's own stride was put into its jump; it counts from the next layer on",
            lambda windows: _field(windows, own=1),
        ),
        Mistake("the strides were ignored", lambda windows: 1 + sum(k - 1 for k, _ in windows)),
        Mistake("the + 1 for the pixel itself was forgotten", lambda windows: _field(windows) - 1),
        Mistake(
            "k was added where it should be k − 1",
            lambda windows: _field([(k + 1, s) for k, s in windows]),
        ),
        Mistake("the last layer was left out", lambda windows: _field(windows[:-1])),
        Mistake("the layers were taken in reverse", lambda windows: _field(windows[::-1])),
        Mistake(
            "only the stride of the layer just before counts; all earlier ones multiply",
            lambda windows: (
                1
                + sum(
                    (k - 1) * s
                    for (k, _), (_, s) in zip(windows, [(1, 1), *windows[:-1]], strict=True)
                )
            ),
        ),
        Mistake(
            "the kernel sizes were multiplied", lambda windows: math.prod(k for k, _ in windows)
        ),
        Mistake("the kernel sizes were added up", lambda windows: sum(k for k, _ in windows)),
        Mistake("the first layer was left out", lambda windows: _field(windows[1:])),
        Mistake(
            "the jump, the product of the strides", lambda windows: math.prod(s for _, s in windows)
        ),
        Mistake(
            "each kernel times its own stride, added up",
            lambda windows: sum(k * s for k, s in windows),
        ),
        Mistake(
            "both the strides and the + 1 for the pixel itself were forgotten",
            lambda windows: sum(k - 1 for k, _ in windows),
        ),
        Mistake(
            "each layer's own stride alone; those of all layers before it multiply",
            lambda windows: 1 + sum((k - 1) * s for k, s in windows),
        ),
        Mistake(
            "the field after each layer; the last one is asked for",
            lambda windows: [_field(windows[: i + 1]) for i in range(len(windows))],
        ),
    ),
    hint="Keep two numbers, the field and the jump. Each layer adds (k − 1) jumps, then the jump "
    "is multiplied by its stride.",
)

JUMP = Exercise(
    name="jump",
    right=lambda windows: math.prod(s for _, s in windows),
    cases=_STACKS,
    tolerance=0,
    mistakes=(
        Mistake("the strides were added", lambda windows: sum(s for _, s in windows)),
        Mistake("only the last stride was given", lambda windows: windows[-1][1]),
        Mistake("the receptive field", _field),
        Mistake(
            "the kernel sizes were multiplied", lambda windows: math.prod(k for k, _ in windows)
        ),
        Mistake(
            "the last layer was left out", lambda windows: math.prod(s for _, s in windows[:-1])
        ),
        Mistake(
            "the first layer was left out", lambda windows: math.prod(s for _, s in windows[1:])
        ),
        Mistake(
            "the largest stride alone; they multiply", lambda windows: max(s for _, s in windows)
        ),
        Mistake("the first stride alone; they multiply", lambda windows: windows[0][1]),
        Mistake(
            "the jump after each layer; the last one is asked for",
            lambda windows: list(accumulate((s for _, s in windows), lambda a, b: a * b)),
        ),
    ),
    hint="Two neighbours in the last layer lie s numbers apart in the layer below, and so on down.",
)

STACK = Exercise(
    name="how-many-3x3",
    right=15,
    tolerance=0,
    mistakes=(
        Mistake("31 / 3 rounded; each layer adds 2 pixels, not 3", 10),
        Mistake("the pixel itself was forgotten: 1 + 2n must be 31", 16),
        Mistake("each layer was taken to add 1 pixel", 30),
        Mistake("the first layer was not counted", 14),
    ),
    hint="One layer sees 3 pixels, two see 5, three see 7.",
)

DILATED = Exercise(
    name="dilated-stack",
    right=15,
    tolerance=0,
    mistakes=(
        Mistake("the dilations were forgotten", 7),
        Mistake("the pixel itself was forgotten", 14),
        Mistake("each kernel was taken to cover 3 · d pixels", 22),
        Mistake("the dilations were taken for strides", 23),
        Mistake("the field of the last layer alone", 9),
        Mistake("the kernels' reaches were added, not the steps between their taps", 17),
    ),
    hint="A kernel of 3 taps that lie d apart adds 2 · d pixels to what a unit sees.",
)
