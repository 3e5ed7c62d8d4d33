"""The exercises of the page on what a convolution sees: layers forwards, by hand."""

from course_utils.exercises.convolution.channels import CHANNELS_BY_HAND
from course_utils.exercises.convolution.convolution import CONV2D, CONV_BY_HAND
from course_utils.exercises.convolution.designs import DESIGN_A_KERNEL
from course_utils.exercises.convolution.pooling import MAX_POOL2D
from course_utils.exercises.convolution.sizes import OUTPUT_SIZE

__all__ = ["EXERCISES"]

EXERCISES = (
    CONV_BY_HAND,
    CHANNELS_BY_HAND,
    OUTPUT_SIZE,
    DESIGN_A_KERNEL,
    MAX_POOL2D,
    CONV2D,
)
