"""The exercises of the page on sizes and receptive fields."""

from course_utils.exercises.sizes_and_receptive_fields.designs import DESIGN
from course_utils.exercises.sizes_and_receptive_fields.sizes import (
    DILATED,
    JUMP,
    RECEPTIVE_FIELD,
    SAME_PADDING,
    SIZES,
)

__all__ = ["EXERCISES"]

EXERCISES = (SIZES, SAME_PADDING, JUMP, DILATED, RECEPTIVE_FIELD, DESIGN)
