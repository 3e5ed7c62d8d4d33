"""The exercises of the chapter on pen and paper: layers forwards and backwards, by hand."""

from course_utils.exercises.pen_and_paper import convolution, gradients, network, pooling

__all__ = ["EXERCISES"]

EXERCISES = (*convolution.EXERCISES, *pooling.EXERCISES, *gradients.EXERCISES, *network.EXERCISES)
