"""The exercises of the chapter on CNN arithmetic: sizes, receptive fields, parameters, designs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from course_utils import arithmetic, layers
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

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
    ),
    hint="With stride 1 the output is n + 2p − d(k − 1) pixels long. It is to be n.",
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
            "k was added where it is k − 1",
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
    ),
    hint="Two neighbours of the last layer are s numbers of the layer below apart, and so on down.",
)

STACK = Exercise(
    name="how-many-3x3",
    right=15,
    tolerance=0,
    mistakes=(
        Mistake("31 / 3 rounded; each layer adds 2 pixels, not 3", 10),
        Mistake("the pixel itself was forgotten: 1 + 2n is to be 31", 16),
        Mistake("each layer was taken to add 1 pixel", 30),
        Mistake("the first layer was not counted", 14),
    ),
    hint="One layer sees 3 pixels, two see 5, three see 7.",
)


# --- parameters and multiply-adds


def _parameters(i: int, o: int, k: int) -> int:
    return o * (i * k * k + 1)


_CONVOLUTIONS = ((64, 128, 3), (3, 16, 5), (1, 10, 5), (32, 32, 1), (16, 8, 7))

PARAMETERS = Exercise(
    name="conv-parameters",
    right=_parameters,
    cases=_CONVOLUTIONS,
    tolerance=0,
    mistakes=(
        Mistake("the biases were forgotten", lambda i, o, k: o * i * k * k),
        Mistake("one bias for each input channel", lambda i, o, k: o * i * k * k + i),
        Mistake(
            "one bias for each kernel of each input channel", lambda i, o, k: o * i * (k * k + 1)
        ),
        Mistake("a single bias for the layer", lambda i, o, k: o * i * k * k + 1),
        Mistake("the input channels were forgotten", lambda i, o, k: o * (k * k + 1)),
        Mistake("the kernel is square: k² weights, not k", lambda i, o, k: o * (i * k + 1)),
        Mistake("the output channels were forgotten", lambda i, o, k: i * k * k + 1),
    ),
    hint="Each output channel has a kernel for every input channel, and one bias.",
)

CONV2 = Exercise(
    name="conv2-parameters",
    right=_parameters(64, 128, 3),
    tolerance=0,
    mistakes=(
        Mistake("two digits changed places, as in the report", 73_586),
        Mistake("the biases were forgotten", 128 * 64 * 9),
        Mistake("the real VGG-16, whose second convolution has 64 outputs", _parameters(64, 64, 3)),
        Mistake("one bias for each input channel", 128 * 64 * 9 + 64),
        Mistake("the input channels were forgotten", 128 * (9 + 1)),
    ),
    hint="The layer is Conv(64, 128, 3): 128 · (64 · 3² + 1).",
)

MULTIPLY_ADDS = Exercise(
    name="conv-multiply-adds",
    right=lambda i, o, k, n: o * i * k * k * n * n,
    cases=tuple((*c, n) for c, n in zip(_CONVOLUTIONS, (112, 28, 8, 7, 3), strict=True)),
    tolerance=0,
    mistakes=(
        Mistake(
            "multiplications and additions counted apart",
            lambda i, o, k, n: 2 * o * i * k * k * n * n,
        ),
        Mistake("the biases were counted", lambda i, o, k, n: _parameters(i, o, k) * n * n),
        Mistake("the weights; each is used at every place", lambda i, o, k, n: o * i * k * k),
        Mistake("one row of the output; it has n × n places", lambda i, o, k, n: o * i * k * k * n),
        Mistake("the output channels were forgotten", lambda i, o, k, n: i * k * k * n * n),
        Mistake("the input channels were forgotten", lambda i, o, k, n: o * k * k * n * n),
    ),
    hint="Every number of the output is a sum of C_in · k² products.",
)

SEPARABLE = Exercise(
    name="separable-parameters",
    right=lambda i, o, k: i * k * k + i * o,
    cases=_CONVOLUTIONS,
    tolerance=0,
    mistakes=(
        Mistake("the ordinary convolution", lambda i, o, k: i * o * k * k),
        Mistake("only the depthwise layer", lambda i, o, k: i * k * k),
        Mistake("only the 1×1 layer", lambda i, o, k: i * o),
        Mistake(
            "the two were multiplied; they come one after the other",
            lambda i, o, k: i * i * o * k * k,
        ),
        Mistake(
            "the depthwise layer has one kernel for each output channel",
            lambda i, o, k: o * k * k + i * o,
        ),
        Mistake(
            "biases were counted; these layers have none",
            lambda i, o, k: i * (k * k + 1) + o * (i + 1),
        ),
    ),
    hint="Depthwise: one k×k kernel for each input channel. Then 1×1: from all to each output.",
)

FEATURES = Exercise(
    name="features-for-fc",
    right=512 * 5 * 5,
    tolerance=0,
    mistakes=(
        Mistake("the 25088 of an image of 224 pixels", 512 * 7 * 7),
        Mistake("four poolings instead of five", 512 * 10 * 10),
        Mistake("only the channels", 512),
        Mistake("one side of the map; it has 5 × 5 places", 512 * 5),
        Mistake("the channels were forgotten", 5 * 5),
        Mistake("no pooling was taken into account", 512 * 160 * 160),
    ),
    hint="Each pooling halves the side: 160, 80, 40, …; then channels times height times width.",
)


# --- designs: many right answers

_BLANKS = (
    "Conv(?,32,5,1,2) -> ReLU -> MaxPool(2,2) -> Conv(?,?,3,1,1) -> MaxPool(2,2) "
    "-> FC(3136,?) -> FC(50,10)"
)
_SHAPE = (1, 28, 28)


def _fault_of_blanks(answer: Any) -> str | None:
    asked = layers.parse(_BLANKS)
    given = layers.read(answer)
    if len(given) != len(asked):
        return f"There are {len(given)} layers; the exercise has {len(asked)}."
    for number, (mine, theirs) in enumerate(zip(given, asked, strict=True), start=1):
        if mine.blanks:
            return f"Layer {number}, {mine}, still has a blank."
        if type(mine) is not type(theirs) or any(
            getattr(mine, name) != value for name, value in vars(theirs).items() if value != "?"
        ):
            return f"Layer {number} should be {theirs}, with numbers for the question marks only."
    return _untraceable(given, _SHAPE)


def _untraceable(network: Any, shape: tuple[int, ...]) -> str | None:
    try:
        arithmetic.trace(network, shape)
    except ValueError as error:
        words = str(error).rstrip(".")
        return f"{words[0].upper()}{words[1:]}."
    return None


BLANKS = Exercise(
    name="fill-the-blanks",
    right="Conv(1,32,5,1,2) -> ReLU -> MaxPool(2,2) -> Conv(32,64,3,1,1) -> MaxPool(2,2) "
    "-> FC(3136,50) -> FC(50,10)",
    mistakes=(),
    fault=_fault_of_blanks,
    hint="A layer takes what the one before gives. 3136 features are channels times 7 · 7.",
)

_FIELD, _CHANNELS, _BUDGET = 31, 32, 20_000


def _fault_of_design(answer: Any) -> str | None:
    network = layers.read(answer)
    fields = arithmetic.receptive_fields(network)
    if not fields or fields[-1] != _FIELD:
        seen = fields[-1] if fields else 1
        return f"The receptive field is {seen} pixels; it must be {_FIELD}."
    fault = _untraceable(network, (3, 64, 64))
    if fault:
        return fault
    table = arithmetic.trace(network, (3, 64, 64))
    if len(table.rows[-1].output) != 3 or table.rows[-1].output[0] != _CHANNELS:
        return (
            f"The output has the shape {table.rows[-1].output}; it must have {_CHANNELS} channels."
        )
    if table.totals.parameters >= _BUDGET:
        return f"It has {table.totals.parameters:,} parameters; fewer than {_BUDGET:,} are allowed."
    return None


DESIGN = Exercise(
    name="design-31",
    right="Conv(3,8,3,2,1) -> ReLU -> (Conv(8,8,3,1,1) -> ReLU) * 6 -> Conv(8,32,3,1,1)",
    mistakes=(),
    fault=_fault_of_design,
    hint="A stride early on makes every later layer count for more pixels.",
)


EXERCISES = (
    SIZES,
    SAME_PADDING,
    RECEPTIVE_FIELD,
    JUMP,
    STACK,
    PARAMETERS,
    CONV2,
    MULTIPLY_ADDS,
    SEPARABLE,
    FEATURES,
    BLANKS,
    DESIGN,
)
