"""The exercise of the page on the effective field: how many small kernels see how far."""

from course_utils.exercises.sizes_and_receptive_fields.sizes import STACK

__all__ = ["EXERCISES"]

EXERCISES = (STACK,)
