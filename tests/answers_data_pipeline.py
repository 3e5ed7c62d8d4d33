"""Right answers to the exercises on the data pipeline; the notebook's solution is first."""

from fractions import Fraction
from typing import Any

import numpy as np
import torch


def mean_loss(losses, sizes):
    return (losses * sizes).sum() / sizes.sum()


def mean_loss_loops(losses, sizes):
    total, count = 0.0, 0
    for loss, size in zip(losses, sizes, strict=True):
        total += float(loss) * int(size)
        count += int(size)
    return total / count


BLACK, WHITE = (0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081
RIGHT: dict[str, list[Any]] = {
    "normalize": [
        [(0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081],
        (round(BLACK, 4), round(WHITE, 4)),
        np.array([BLACK, WHITE], dtype=np.float32),
        torch.tensor([BLACK, WHITE], requires_grad=True),
        [Fraction(-1307, 3081), Fraction(8693, 3081)],
        [torch.tensor(BLACK), np.float64(WHITE)],
        torch.tensor([BLACK, WHITE], dtype=torch.float64),
    ],
    "rates-for-bytes": [
        [1 / 255, 1 / 255**2],
        (Fraction(1, 255), Fraction(1, 65_025)),
        np.array([0.00392157, 0.0000153787]),
        torch.tensor([1 / 255, 1 / 255**2], requires_grad=True),
        [torch.tensor(1 / 255), np.float64(1 / 65_025)],
    ],
    "test-loss": [
        mean_loss,
        mean_loss_loops,
        lambda losses, sizes: np.average(losses, weights=sizes),
        lambda losses, sizes: torch.dot(losses, sizes.float()) / sizes.sum(),
        lambda losses, sizes: losses @ (sizes / sizes.sum()),
        lambda losses, sizes: mean_loss(losses, sizes).reshape(1, 1),
        lambda losses, sizes: np.repeat(losses, sizes).mean(),
    ],
}

SLIPS = [
    ("normalize", ["-1", "1"], "the constants 0.5 and 0.5"),
    ("normalize", [2.82, -0.424], "white and black were swapped"),
]
