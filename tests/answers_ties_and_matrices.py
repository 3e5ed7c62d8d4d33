"""Right answers to the exercises on matrices; the notebook's is first."""

from fractions import Fraction

import numpy as np
import torch
from answers_convolution import RIGHT_MATRICES
from torch.nn import functional as F

__all__ = ["RIGHT", "SLIPS"]


def counted(n):
    """Each output, each weight: is there a pixel under it?"""
    near = [[abs(i - k) <= 1 for i in range(n)] for k in range(n)]
    along = sum(map(sum, near))
    return along * along


def by_padding(n):
    """Count in each window the pixels of an image of ones."""
    ones = torch.ones(1, 1, n, n)
    return F.conv2d(ones, torch.ones(1, 1, 3, 3), padding=1).sum()


RIGHT = {
    **RIGHT_MATRICES,
    "weights-in-t": [
        lambda n: (3 * n - 2) ** 2,
        counted,
        by_padding,
        lambda n: 9 * n * n - 12 * n + 4,
        lambda n: Fraction(9 * (n - 2) ** 2 + 6 * 4 * (n - 2) + 4 * 4) if n > 1 else 1,
        lambda n: np.float64((n + 2 * (n - 1)) ** 2),
    ],
}

SLIPS = [
    ("weights-in-t", lambda n: n * n * 9, "nine weights in every row"),
    ("weights-in-t", lambda n: (n * n) ** 2, "all entries"),
]
