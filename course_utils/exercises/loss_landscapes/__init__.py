"""The exercises of the page on loss landscapes: one neuron, its slopes, losses and descent."""

from course_utils.exercises.loss_landscapes import descent, gradients, losses

__all__ = ["EXERCISES"]

EXERCISES = (*gradients.EXERCISES, *losses.EXERCISES, *descent.EXERCISES)
