"""The exercises of the page on evaluation: batch norm's two modes, and faults found by counting."""

from course_utils.exercises.evaluation import batch_norm, faults

__all__ = ["EXERCISES"]

EXERCISES = (*batch_norm.EXERCISES, *faults.EXERCISES)
