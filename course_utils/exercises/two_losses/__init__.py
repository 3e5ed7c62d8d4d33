"""The exercises of the page on two losses: surprise, gradients, and the way down."""

from course_utils.exercises.two_losses import descent, gradients, surprise

__all__ = ["EXERCISES"]

EXERCISES = (*surprise.EXERCISES, *gradients.EXERCISES, *descent.EXERCISES)
