"""The exercises of the page on the hidden layer: designed by hand, and its way back."""

from course_utils.exercises.hidden_layer import designs, gradient, network

__all__ = ["EXERCISES"]

EXERCISES = (*network.EXERCISES, *designs.EXERCISES, *gradient.EXERCISES)
