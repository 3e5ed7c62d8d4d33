"""The exercises of the page on CNN arithmetic: sizes, counts, and networks to design."""

from course_utils.exercises.cnn_arithmetic import counts, designs, sizes

__all__ = ["EXERCISES"]

EXERCISES = (*sizes.EXERCISES, *counts.EXERCISES, *designs.EXERCISES)
