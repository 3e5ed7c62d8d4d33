"""The exercise that asks for a kernel: flat areas and ramps cancel, a single pixel doesn't."""

from __future__ import annotations

from typing import Any

from course_utils.exercises.answers import Difference, numbers
from course_utils.exercises.frame import Exercise

__all__ = ["DESIGN_A_KERNEL"]

_NEAR = 1e-6


def _fault_of_kernel(answer: Any) -> str | None:
    kernel = numbers(answer, (3, 3))
    if isinstance(kernel, Difference):
        return f"The kernel should have 3 rows of 3 weights. Yours {kernel.words}."
    if abs(kernel.sum()) > _NEAR:
        return f"On nine equal pixels of 1 it gives {kernel.sum():g}, not 0: add up its weights."
    ramp = float((kernel * [[0, 1, 2]] * 3).sum() / 3)
    if abs(ramp) > _NEAR:
        return f"On a ramp 0, 1, 2 from left to right it gives {ramp:g}, not 0."
    if abs(kernel[1, 1] - 1) > _NEAR:
        return f"In the middle of a single pixel of 1 it gives {kernel[1, 1]:g}, not 1."
    return None


DESIGN_A_KERNEL = Exercise(
    name="design-a-kernel",
    right=[[0, 0, 0], [-0.5, 1, -0.5], [0, 0, 0]],
    mistakes=(),
    fault=_fault_of_kernel,
    hint="Each of the three demands is one equation in the weights. Start with the middle one.",
)
