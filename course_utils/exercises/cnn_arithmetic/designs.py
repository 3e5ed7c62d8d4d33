"""The exercises with many right answers: blanks to fill in, a network to design."""

from __future__ import annotations

from typing import Any

from course_utils import arithmetic, layers
from course_utils.exercises.frame import Exercise

__all__ = ["EXERCISES"]


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
    hint="A layer takes what the one before it gives. 3136 features are channels times 7 · 7.",
)

_FIELD, _CHANNELS, _BUDGET = 31, 32, 20_000


def _fault_of_design(answer: Any) -> str | None:
    network = layers.read(answer)
    fields = arithmetic.receptive_fields(network)
    if not fields or fields[-1] != _FIELD:
        seen = fields[-1] if fields else 1
        unit = "pixel" if seen == 1 else "pixels"
        return f"The receptive field is {seen} {unit}; it must be {_FIELD}."
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

EXERCISES = (BLANKS, DESIGN)
