"""The exercises of the page on what a convolution sees: layers forwards, by hand."""

from course_utils.exercises.convolution.convolution import CONV2D, CONV_BY_HAND, OUTPUT_SIZE
from course_utils.exercises.convolution.designs import DESIGN_A_KERNEL
from course_utils.exercises.convolution.pooling import MAX_POOL2D

__all__ = ["EXERCISES"]

EXERCISES = (CONV_BY_HAND, DESIGN_A_KERNEL, OUTPUT_SIZE, CONV2D, MAX_POOL2D)
