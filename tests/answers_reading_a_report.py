"""Right answers to the exercise on reading a report; the first is the notebook's solution."""

import numpy as np
import torch
from torch import nn

from course_utils import arithmetic, layers
from course_utils.models import parameter_count


def parameters(a, b, k):
    side = ((28 - k + 1) // 2 - k + 1) // 2
    return a * (k * k + 1) + b * (a * k * k + 1) + (b * side * side + 1) * 10


def parameters_by_pytorch(a, b, k):
    features = nn.Sequential(
        nn.Conv2d(1, a, k), nn.MaxPool2d(2), nn.Conv2d(a, b, k), nn.MaxPool2d(2), nn.Flatten()
    )
    width = features(torch.zeros(1, 1, 28, 28)).shape[1]
    return parameter_count(features) + parameter_count(nn.Linear(width, 10))


def parameters_by_the_course(a, b, k):
    side = ((28 - k + 1) // 2 - k + 1) // 2
    network = (
        f"Conv(1,{a},{k}) -> MaxPool(2,2) -> Conv({a},{b},{k}) -> MaxPool(2,2) "
        f"-> FC({b * side * side},10)"
    )
    return arithmetic.trace(layers.parse(network), (1, 28, 28)).totals.parameters


RIGHT = {
    "small-cnn-parameters": [
        parameters,
        parameters_by_pytorch,
        parameters_by_the_course,
        lambda a, b, k: float(parameters(a, b, k)),
        lambda a, b, k: np.int64(parameters(a, b, k)),
    ],
}
