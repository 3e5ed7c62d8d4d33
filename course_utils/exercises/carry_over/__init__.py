"""The exercises of the page on another data set: signals, and what became of the verdicts."""

from course_utils.exercises.carry_over.signals import CONV1D, CONV1D_BY_HAND, FIELD, PARAMETERS
from course_utils.exercises.carry_over.verdicts import BECAME, WIDER

__all__ = ["EXERCISES"]

EXERCISES = (CONV1D_BY_HAND, PARAMETERS, WIDER, FIELD, BECAME, CONV1D)
