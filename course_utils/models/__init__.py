"""The networks that the course trains, each a list of layers, read top to bottom.

>>> from course_utils import models
>>> models.parameter_count(models.mlp((128,)))  # 784·128 + 128 + 128·10 + 10
101770
>>> models.parameter_count(models.staged_cnn())
21578
"""

from course_utils.models import by_hand
from course_utils.models.convolutional import (
    average_pool_cnn,
    dropout_cnn,
    lenet,
    small_cnn,
    staged_cnn,
)
from course_utils.models.parts import (
    ACTIVATIONS,
    AlwaysDropout1d,
    AlwaysDropout2d,
    Residual,
    parameter_count,
)
from course_utils.models.perceptron import mlp

__all__ = [
    "ACTIVATIONS",
    "AlwaysDropout1d",
    "AlwaysDropout2d",
    "Residual",
    "average_pool_cnn",
    "by_hand",
    "dropout_cnn",
    "lenet",
    "mlp",
    "parameter_count",
    "small_cnn",
    "staged_cnn",
]
