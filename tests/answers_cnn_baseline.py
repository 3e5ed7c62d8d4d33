"""Right answers to the exercises of the page on a first CNN; the notebook's solution is first."""

from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import models


def wrong_constants(m, s, mean, std):
    return (m - mean) / std, s / std


def wrong_constants_measured(m, s, mean, std):
    """Two pixels of the given mean and deviation, sent through."""
    pixels = torch.tensor([m - s, m + s], dtype=torch.float64)
    after = (pixels - mean) / std
    return after.mean(), after.std(correction=0)


def nll_loops(log_p, labels):
    return -sum(float(row[int(y)]) for row, y in zip(log_p, labels, strict=True)) / len(labels)


def parameters(size):
    side = (size - 4) // 2
    convolutions = (9 * 1 + 1) * 16 + (9 * 16 + 1) * 32
    return convolutions + (32 * side * side + 1) * 128 + (128 + 1) * 10


def parameters_of_layers(size):
    side = (size - 4) // 2
    layers = [nn.Conv2d(1, 16, 3), nn.Conv2d(16, 32, 3)]
    layers += [nn.Linear(32 * side**2, 128), nn.Linear(128, 10)]
    return sum(p.numel() for layer in layers for p in layer.parameters())


def dropout(x, kept, p, training):
    return x * kept / (1 - p) if training else x


def dropout_where(x, kept, p, training):
    if not training:
        return x
    return np.where(np.asarray(kept) == 1, np.asarray(x) / (1 - p), 0)


RIGHT: dict[str, list[Any]] = {
    "wrong-constants": [
        wrong_constants,
        wrong_constants_measured,
        lambda m, s, mean, std: [(m - mean) / std, s / std],
        lambda m, s, mean, std: np.array([m - mean, s]) / std,
        lambda m, s, mean, std: torch.tensor([m - mean, s], dtype=torch.float64).div(std),
    ],
    "nll": [
        lambda log_p, y: -log_p[range(len(y)), y].mean(),
        nll_loops,
        F.nll_loss,
        nn.NLLLoss(),
        F.cross_entropy,  # log-probabilities are their own log-softmax
        lambda log_p, y: -log_p.gather(1, y[:, None]).mean(),
        lambda log_p, y: -np.asarray(log_p)[np.arange(len(y)), np.asarray(y)].mean(),
    ],
    "dropout-cnn-parameters": [
        parameters,
        parameters_of_layers,
        lambda size: models.parameter_count(models.dropout_cnn(size)),
        lambda size: Fraction(parameters(size)),
        lambda size: 160 + 4640 + 128 * (32 * ((size - 4) // 2) ** 2 + 1) + 1290,
    ],
    "dropout": [
        dropout,
        dropout_where,
        lambda x, kept, p, training: x * (kept / (1 - p)) if training else x,
        lambda x, kept, p, training: x - (x - x * kept / (1 - p)) * training,
        lambda x, kept, p, training: (np.asarray(dropout(x, kept, p, training))).tolist(),
    ],
    "silu-window": [
        [-1.5, -2.0, -3.0, -5.0],
        (-1.28, -1.28, -1.28, -100),
        np.array([[-1.0, -1.0], [-1.0, -4.0]]),
        torch.tensor([[-3.0, -1.3], [-2.0, -8.0]]),
        [Fraction(-3, 2), -2, -3, -10],
        [-0.5, -0.5, -0.5, -9.0],
        ["-1.5", "-2.0", "−3", "-5"],
    ],
    "tanh-slope": [
        lambda y: 1 - y**2,
        lambda y: (1 - y) * (1 + y),
        lambda y: [[1 - v * v for v in row] if np.ndim(row) else 1 - row * row for row in y],
        lambda y: torch.as_tensor(y).square().neg() + 1,
        lambda y: 1 - np.square(np.asarray(y)),
    ],
}

FAULTS: dict[str, list[tuple[Any, str]]] = {
    "silu-window": [
        (None, "not attempted"),
        ([1.0, -2.0, -3.0, -5.0], "Its largest number is not negative."),
        ([0.0, -2.0, -3.0, -5.0], "Its largest number is not negative."),
        ([-0.1, -0.2, -0.3, -1.2], "All four lie where SiLU still rises"),
        ([-0.1, -1.3, -1.3, -1.3], "move another one further left"),
        ([-2.0, -2.0, -2.0, -2.0], "move another one further left"),
        ([-1.5, -5.0], "A 2×2 window holds four numbers; yours holds 2."),
        ([-1.5, -2.0, -3.0, float("-inf")], "must be finite"),
        (["a", "b", "c", "d"], "that holds text"),
        (np.array([-1.5, -2.0, -3.0, -5.0 + 1j]), "that holds complex numbers"),
    ],
}
