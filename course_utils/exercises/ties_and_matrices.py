"""The exercise of the page on ties and matrices: the windows of a convolution as rows."""

from course_utils.exercises.convolution.convolution import IM2COL

__all__ = ["EXERCISES"]

EXERCISES = (IM2COL,)
