"""The exercises of the page on errors and questions: samples, choices, shifts, gradients."""

from course_utils.exercises.errors_and_questions import networks, samples

__all__ = ["EXERCISES"]

EXERCISES = (*samples.EXERCISES, *networks.EXERCISES)
