"""The exercises of the page on training recipes: an optimizer's steps, comparisons over seeds."""

from course_utils.exercises.recipes import comparisons, steps

__all__ = ["EXERCISES"]

EXERCISES = (*steps.EXERCISES, *comparisons.EXERCISES)
