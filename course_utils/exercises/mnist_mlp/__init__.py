"""The exercises of the page on the MNIST MLP: its network, its loss, its evaluation."""

from course_utils.exercises.mnist_mlp import evaluation, losses, network

__all__ = ["EXERCISES"]

EXERCISES = (*network.EXERCISES, *losses.EXERCISES, *evaluation.EXERCISES)
