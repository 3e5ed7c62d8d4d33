"""Right answers to the exercises on the way back, by name; the notebook's is first."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
from answers_convolution import RIGHT_BACKWARD

from course_utils import exact

__all__ = ["RIGHT", "SLIPS"]

GRADIENT = [[-0.25, -3, -1.25], [0, -0.75, 2], [-1.25, -0.25, -0.75]]
FLAT = [slope for row in GRADIENT for slope in row]


def predict_a_step():
    return 0.675 - 0.002 * (np.array(GRADIENT) ** 2).sum()


RIGHT = {
    **RIGHT_BACKWARD,
    "predict-a-step": [
        predict_a_step(),
        0.675 - 0.002 * sum(slope * slope for slope in FLAT),
        Fraction(27, 40) - Fraction(1, 500) * (exact.array(GRADIENT) ** 2).sum(),
        Decimal("0.64025"),
        torch.tensor(0.675) - 0.002 * torch.tensor(GRADIENT).square().sum(),
        [predict_a_step()],
    ],
}

SLIPS = [
    ("predict-a-step", 0.675 + 0.002 * np.square(GRADIENT).sum(), "the loss rises"),
    ("predict-a-step", 0.675 - 0.002 * sum(map(abs, FLAT)), "sizes of the slopes"),
    ("predict-a-step", 0.675 - 0.002 * sum(FLAT), "square each slope first"),
]
