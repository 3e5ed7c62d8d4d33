"""The exercises on parameters, multiply-adds and features."""

from __future__ import annotations

from typing import Any

from course_utils import layers
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.exercises.sizes_and_receptive_fields.designs import untraceable

__all__ = ["EXERCISES"]


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
        Mistake(
            "the biases were forgotten, and the kernel is square: k² weights, not k",
            lambda i, o, k: o * i * k,
        ),
        Mistake("both the input channels and the biases were forgotten", lambda i, o, k: o * k * k),
        Mistake(
            "a bias for each channel, those of the input too; outputs have them",
            lambda i, o, k: o * i * k * k + i + o,
        ),
        Mistake(
            "the bias was counted as one more input channel, with k² weights",
            lambda i, o, k: o * (i + 1) * k * k,
        ),
    ),
    hint="Each output channel has a kernel for every input channel, and one bias.",
)

CONV2 = Exercise(
    name="conv2-parameters",
    right=_parameters(48, 96, 5),
    tolerance=0,
    mistakes=(
        Mistake("two digits were swapped", 115_926),
        Mistake("the biases were forgotten", 96 * 48 * 25),
        Mistake("one bias for each input channel", 96 * 48 * 25 + 48),
        Mistake("the input channels were forgotten", 96 * (25 + 1)),
        Mistake("the kernel is square: 5² weights, not 5", _parameters(48, 96, 1) * 5 - 96 * 4),
    ),
    hint="Count one output channel first: a slice of 5 × 5 for each input channel, and a bias.",
)

MULTIPLY_ADDS = Exercise(
    name="conv-multiply-adds",
    right=lambda i, o, k, n: o * i * k * k * n * n,
    cases=tuple((*c, n) for c, n in zip(_CONVOLUTIONS, (112, 28, 8, 7, 3), strict=True)),
    tolerance=0,
    mistakes=(
        Mistake(
            "multiplications and additions counted separately",
            lambda i, o, k, n: 2 * o * i * k * k * n * n,
        ),
        Mistake("the biases were counted", lambda i, o, k, n: _parameters(i, o, k) * n * n),
        Mistake("the weights; each is used at every position", lambda i, o, k, n: o * i * k * k),
        Mistake(
            "one row of the output; it has n × n positions", lambda i, o, k, n: o * i * k * k * n
        ),
        Mistake("the output channels were forgotten", lambda i, o, k, n: i * k * k * n * n),
        Mistake("the input channels were forgotten", lambda i, o, k, n: o * k * k * n * n),
        Mistake(
            "the kernel is square: k² products for each pair of channels, not k",
            lambda i, o, k, n: o * i * k * n * n,
        ),
        Mistake("both channels were forgotten", lambda i, o, k, n: k * k * n * n),
        Mistake(
            "the output was made smaller by the kernel; n is its size already",
            lambda i, o, k, n: o * i * k * k * (n - k + 1) ** 2,
        ),
        Mistake(
            "the kernel was forgotten: each position has k² products",
            lambda i, o, k, n: o * i * n * n,
        ),
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
        Mistake(
            "one depthwise kernel for all channels; each has its own", lambda i, o, k: k * k + i * o
        ),
        Mistake(
            "the depthwise kernels are square: k² weights, not k", lambda i, o, k: i * k + i * o
        ),
        Mistake(
            "the 1×1 layer has a weight for each pair of channels", lambda i, o, k: i * k * k + o
        ),
        Mistake(
            "the biases of the outputs were counted; these layers have none",
            lambda i, o, k: i * k * k + i * o + o,
        ),
    ),
    hint="Depthwise: one k×k kernel for each input channel. Then 1×1: from all to each output.",
)

FEATURES = Exercise(
    name="features-for-fc",
    right=512 * 5 * 5,
    tolerance=0,
    mistakes=(
        Mistake("the 25088 features of an image of 224 pixels", 512 * 7 * 7),
        Mistake("four poolings instead of five", 512 * 10 * 10),
        Mistake("only the channels", 512),
        Mistake("one side of the map; it has 5 × 5 positions", 512 * 5),
        Mistake("the channels were forgotten", 5 * 5),
        Mistake("no pooling was taken into account", 512 * 160 * 160),
    ),
    hint="Each pooling halves the side: 160, 80, 40, …; then channels times height times width.",
)


# --- blanks

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
            return f"Layer {number} should be {theirs}, with numbers only for the question marks."
    return untraceable(given, _SHAPE)


BLANKS = Exercise(
    name="fill-the-blanks",
    right="Conv(1,32,5,1,2) -> ReLU -> MaxPool(2,2) -> Conv(32,64,3,1,1) -> MaxPool(2,2) "
    "-> FC(3136,50) -> FC(50,10)",
    mistakes=(),
    fault=_fault_of_blanks,
    hint="A layer takes what the one before it gives. 3136 features are channels times 7 · 7.",
)

EXERCISES = (PARAMETERS, CONV2, MULTIPLY_ADDS, FEATURES, SEPARABLE, BLANKS)
