"""The exercises on convolutions of signals: by hand, as a function, counted, what a unit sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils import arithmetic, layers
from course_utils.exercises.answers import whole_numbers
from course_utils.exercises.convolution.windows import TOLERANCE, conv2d, drawn
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["CONV1D", "CONV1D_BY_HAND", "FIELD", "PARAMETERS"]

_FLIPPED = "the kernel was flipped: in PyTorch a convolution is a cross-correlation"
_EDGE = "the numbers at the ends were repeated; the padding is made of zeros"

# --- convolutions of signals


def _padded(x: Array, left: int, right: int) -> Array:
    return np.pad(x, ((0, 0), (left, right)))


def _conv1d(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    """Convolve x [C_in, L] with w [C_out, C_in, k]: kernels as high as the channels are many."""
    x = _padded(x, padding, padding)
    maps = [conv2d(x, kernel, stride)[0] for kernel in w]
    return np.stack(maps) + b[:, None]


_X, _W, _B = np.array([[4, 1, 0, 3, 2, 5]]), np.array([[[2, -1, 3]]]), np.array([-2])


def _by_hand(
    x: Array = _X, w: Array = _W, bias: int = -2, *, stride: int = 2, padding: int = 1
) -> Array:
    return np.asarray(_conv1d(x, w, np.array([bias]), stride, padding)[0])


CONV1D_BY_HAND = Exercise(
    name="conv1d-by-hand",
    right=_by_hand(),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(_FLIPPED, _by_hand(w=np.flip(_W))),
        Mistake("the padding was forgotten: a zero goes on either end", _by_hand(padding=0)),
        Mistake("the stride was ignored: the kernel moves by 2", _by_hand(stride=1)),
        Mistake("both padding and stride were forgotten", _by_hand(stride=1, padding=0)),
        Mistake("the bias was forgotten", _by_hand(bias=0)),
        Mistake("the bias was subtracted", _by_hand(bias=2)),
        Mistake("the bias was added to each product; it is added once", _by_hand(bias=-6)),
        Mistake(
            "the first window starts on the first number; it starts on the zero before it",
            _by_hand(_padded(_X, 0, 1), padding=0),
        ),
        Mistake(_EDGE, _by_hand(np.pad(_X, ((0, 0), (1, 1)), mode="edge"), padding=0)),
        Mistake(
            "one number too many: the last window doesn't fit, and is left out",
            _by_hand(_padded(_X, 1, 2), padding=0),
        ),
        Mistake("the mean instead of the sum of the three products", _by_hand(w=_W / 3)),
        Mistake("a ReLU was applied; none was asked for", np.maximum(_by_hand(), 0)),
        Mistake(
            "the stride went into the size only; the kernel still moved by one",
            _by_hand(stride=1)[:3],
        ),
        Mistake("both the bias and the padding were forgotten", _by_hand(bias=0, padding=0)),
    ),
    hint="Write a zero on either end. The first window starts on the left one.",
)


def _signal(seed: int, shape: tuple[int, int], out: int, k: int) -> tuple[Array, Array, Array]:
    """Draw x of a shape [C_in, L], w [out, C_in, k] and b [out]; no bias is 0, or another's."""
    return drawn(seed, *shape), drawn(seed + 1, out, shape[0], k), np.arange(out) * 3.0 - 1


# The input holds the kernel without its padding, so that forgetting that can be told.
CONV1D = Exercise(
    name="conv1d",
    right=_conv1d,
    cases=(
        (_X * 1.0, _W * 1.0, _B * 1.0, 2, 1),
        (*_signal(61, (3, 9), 2, 4), 1, 2),
        (*_signal(63, (2, 8), 4, 3), 3, 0),
        (*_signal(65, (4, 7), 3, 2), 2, 1),
        (*_signal(67, (1, 6), 5, 5), 4, 3),
        (*_signal(69, (2, 10), 3, 1), 2, 0),
    ),
    tolerance=TOLERANCE,
    mistakes=(
        Mistake(_FLIPPED, lambda x, w, b, s, p: _conv1d(x, np.flip(w, 2), b, s, p)),
        Mistake(
            "the first input channel alone; all of them are added up",
            lambda x, w, b, s, p: _conv1d(x[:1], w[:, :1], b, s, p),
        ),
        Mistake(
            "the first output channel alone; each kernel of w gives one",
            lambda x, w, b, s, p: _conv1d(x, w[:1], b[:1], s, p),
        ),
        Mistake("the bias was forgotten", lambda x, w, b, s, p: _conv1d(x, w, 0 * b, s, p)),
        Mistake(
            "the bias was added once for each input channel; it is added once",
            lambda x, w, b, s, p: _conv1d(x, w, len(x) * b, s, p),
        ),
        Mistake(
            "one bias for all; each output channel has its own",
            lambda x, w, b, s, p: _conv1d(x, w, b[0] + 0 * b, s, p),
        ),
        Mistake("the padding was forgotten", lambda x, w, b, s, p: _conv1d(x, w, b, s, 0)),
        Mistake(
            "padding on the left only; it goes on both ends",
            lambda x, w, b, s, p: _conv1d(_padded(x, p, 0), w, b, s, 0),
        ),
        Mistake(
            "padding on the right only; it goes on both ends",
            lambda x, w, b, s, p: _conv1d(_padded(x, 0, p), w, b, s, 0),
        ),
        Mistake(
            _EDGE,
            lambda x, w, b, s, p: _conv1d(np.pad(x, ((0, 0), (p, p)), mode="edge"), w, b, s, 0),
        ),
        Mistake(
            "the stride was ignored: the kernel moved by one",
            lambda x, w, b, s, p: _conv1d(x, w, b, 1, p),
        ),
        Mistake(
            "the stride went into the size only; the kernel still moved by one",
            lambda x, w, b, s, p: _conv1d(x, w, b, 1, p)[:, : _conv1d(x, w, b, s, p).shape[1]],
        ),
        Mistake(
            "a size rounded up: a window that doesn't fit is left out",
            lambda x, w, b, s, p: _conv1d(_padded(x, p, p + s - 1), w, b, s, 0),
        ),
        Mistake(
            "an answer off by one: the last window that fits is missing",
            lambda x, w, b, s, p: _conv1d(x, w, b, s, p)[:, :-1],
        ),
        Mistake(
            "the result was transposed: channels come first",
            lambda x, w, b, s, p: _conv1d(x, w, b, s, p).T,
        ),
        Mistake(
            "the kernels' channels were swapped: each channel of a kernel belongs to one of x",
            lambda x, w, b, s, p: _conv1d(x, w[:, ::-1], b, s, p),
        ),
        Mistake("the bias was subtracted", lambda x, w, b, s, p: _conv1d(x, w, -b, s, p)),
        Mistake(
            "a ReLU was applied; none was asked for",
            lambda x, w, b, s, p: np.maximum(_conv1d(x, w, b, s, p), 0),
        ),
    ),
    hint="A window spans all input channels: multiply it by a kernel, add up, then add the bias.",
)

PARAMETERS = Exercise(
    name="conv1d-parameters",
    right=lambda i, o, k: o * (i * k + 1),
    cases=((16, 32, 5), (1, 16, 7), (64, 10, 3), (8, 24, 1), (40, 25, 4)),
    tolerance=0,
    mistakes=(
        Mistake(
            "k² weights, as for an image; the kernel of a signal has k",
            lambda i, o, k: o * (i * k * k + 1),
        ),
        Mistake("the biases were forgotten", lambda i, o, k: o * i * k),
        Mistake(
            "one bias for each input channel; outputs have them", lambda i, o, k: o * i * k + i
        ),
        Mistake(
            "one bias for each pair of channels; each output has one",
            lambda i, o, k: o * i * (k + 1),
        ),
        Mistake("a single bias for the layer", lambda i, o, k: o * i * k + 1),
        Mistake("the input channels were forgotten", lambda i, o, k: o * (k + 1)),
        Mistake("the output channels were forgotten", lambda i, o, k: i * k + 1),
        Mistake("both the input channels and the biases were forgotten", lambda i, o, k: o * k),
    ),
    hint="Count one output channel first: which numbers does it need to turn a window into one?",
)


# --- a design

LENGTH, LARGEST, LONGEST = 40, 9, 4


def _field(windows: Sequence[tuple[int, int]]) -> Any:
    return arithmetic.receptive_fields([layers.Conv(1, 1, k, s) for k, s in windows])[-1]


def _read(windows: Sequence[tuple[int, int]]) -> int:
    """Count the numbers that one unit of the last layer reads: strides may leave gaps."""
    places = {0}
    for k, s in reversed(windows):
        places = {s * place + tap for place in places for tap in range(k)}
    return len(places)


def _fault_of_field(answer: Any) -> str | None:
    given = whole_numbers(answer, 6)
    if given is None:
        return "The answer should be six whole numbers, [k1, s1, k2, s2, k3, s3]."
    (k1, s1), (k2, s2), (k3, s3) = windows = list(zip(given[::2], given[1::2], strict=True))
    if min(k1, k2, k3) < 1 or max(k1, k2, k3) > LARGEST:
        return f"Each kernel has 1 to {LARGEST} weights."
    if min(s1, s2, s3) < 1 or max(s1, s2, s3) > LONGEST:
        return f"Each stride is 1 to {LONGEST}."
    seen, read = _field(windows), _read(windows)
    if seen == LENGTH:
        if read == seen:
            return None
        return f"From end to end it is {LENGTH} numbers, but only {read} of them are read."
    slips = {
        "a layer's own stride was put into its step; it counts from the next layer on": _field(
            [(1, s1), (k1, s2), (k2, s3), (k3, 1)]
        ),
        "only the stride just before counted; all the earlier ones multiply": (
            k1 + (k2 - 1) * s1 + (k3 - 1) * s2
        ),
        "the layers were taken in reverse": _field(windows[::-1]),
        "k steps were added where it should be k − 1": k1 + k2 * s1 + k3 * s1 * s2,
        "the first number itself was left out": seen - 1,
        "each kernel times its own stride, added up": k1 * s1 + k2 * s2 + k3 * s3,
        "the kernel sizes were multiplied": k1 * k2 * k3,
    }
    why = next((f" It looks as if {slip}." for slip, found in slips.items() if found == LENGTH), "")
    return f"One unit sees {seen} number{'s' * (seen != 1)}; it should be {LENGTH}.{why}"


FIELD = Exercise(
    name="field-of-40",
    right=[8, 2, 9, 2, 5, 1],
    mistakes=(),
    fault=_fault_of_field,
    hint="The first weight sees one number. Each further weight of a kernel adds one step, which "
    "is as long as the strides of the layers before, multiplied.",
)
