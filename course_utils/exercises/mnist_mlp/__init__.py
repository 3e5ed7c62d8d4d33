"""The exercises of the page on the MNIST MLP: its weights, its loss, its gradient."""

from course_utils.exercises.mnist_mlp import losses, network

__all__ = ["EXERCISES"]

EXERCISES = (*network.EXERCISES, *losses.EXERCISES)
