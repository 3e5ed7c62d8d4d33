"""The exercises of the page on success rates: what a few seeds show, and thousands at once."""

from course_utils.exercises.how_often import chances, many

__all__ = ["EXERCISES"]

EXERCISES = (*chances.EXERCISES, *many.EXERCISES)
