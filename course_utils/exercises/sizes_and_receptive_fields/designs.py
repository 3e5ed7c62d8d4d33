"""The exercise with many right answers: a network to design."""

from __future__ import annotations

from typing import Any

from course_utils import arithmetic, layers
from course_utils.exercises.frame import Exercise

__all__ = ["DESIGN", "untraceable"]


def untraceable(network: Any, shape: tuple[int, ...]) -> str | None:
    """Say why a network does not fit together, as a sentence; None where it does."""
    try:
        arithmetic.trace(network, shape)
    except ValueError as error:
        words = str(error).rstrip(".")
        return f"{words[0].upper()}{words[1:]}."
    return None


_FIELD, _CHANNELS, _BUDGET = 31, 32, 20_000


def _fault_of_design(answer: Any) -> str | None:
    network = layers.read(answer)
    fields = arithmetic.receptive_fields(network)
    if not fields or fields[-1] != _FIELD:
        seen = fields[-1] if fields else 1
        unit = "pixel" if seen == 1 else "pixels"
        return f"The receptive field is {seen} {unit}; it must be {_FIELD}."
    fault = untraceable(network, (3, 64, 64))
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
