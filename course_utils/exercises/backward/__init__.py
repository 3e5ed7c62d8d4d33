"""The exercises of the page on the way back: gradients of each layer, by hand."""

from course_utils.exercises.backward.descent import PREDICT_A_STEP
from course_utils.exercises.backward.gradients import (
    CONV1D_DW,
    CONV1D_DX,
    L1_BACKWARD,
    RELU_BACKWARD,
)
from course_utils.exercises.backward.network import KERNEL_GRADIENT
from course_utils.exercises.convolution.pooling import MAX_POOL_BACKWARD

__all__ = ["EXERCISES"]

EXERCISES = (
    RELU_BACKWARD,
    L1_BACKWARD,
    MAX_POOL_BACKWARD,
    CONV1D_DW,
    CONV1D_DX,
    PREDICT_A_STEP,
    KERNEL_GRADIENT,
)
