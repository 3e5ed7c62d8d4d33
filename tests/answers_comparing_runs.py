"""Right answers to the exercises on comparing runs, by name; the first is the notebook's."""

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import nn


def added_by_torch(channels, side, depth):
    layer = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
    return depth * side * side * layer.weight.numel()


def added_by_loops(channels, side, depth):
    return sum(channels * 9 for _ in range(depth) for _ in range(channels * side * side))


def constant_accuracy(labels):
    return np.bincount(labels).max() / len(labels)


def by_counting(labels):
    return Counter(labels.tolist()).most_common(1)[0][1] / len(labels)


MISSING = [
    (True, False, False),
    (False, True, False),
    (False, False, True),
    (False, True, True),
    (True, False, True),
    (True, True, False),
]


RIGHT: dict[str, list[Any]] = {
    "added-multiply-adds": [
        lambda channels, side, depth: depth * side**2 * 9 * channels**2,
        added_by_torch,
        added_by_loops,
        lambda c, s, d: np.prod([d, s, s, 3, 3, c, c]),
        lambda c, s, d: float(d * (3 * s * c) ** 2),
        lambda c, s, d: torch.tensor([d, s, s, 9, c, c]).prod(),
    ],
    "times-as-long": [
        (528 / 50) / (146 / 100),
        Fraction(528, 50) / Fraction(146, 100),
        7.23,
        np.float32(7.2329),
        torch.tensor(7.23288),
        [2 * 528 / 146],
    ],
    "accuracy-deviation": [
        lambda p, n: (p * (1 - p) / n) ** 0.5,
        lambda p, n: stats.binom(n, p).std() / n,
        lambda p, n: stats.bernoulli(p).std() / math.sqrt(n),
        lambda p, n: np.sqrt(p - p**2) / np.sqrt(n),
        lambda p, n: torch.distributions.Bernoulli(torch.tensor(p)).stddev / n**0.5,
        lambda p, n: np.std([0] * round(100 * (1 - p)) + [1] * round(100 * p)) / n**0.5,
    ],
    "constant-accuracy": [
        constant_accuracy,
        by_counting,
        lambda y: torch.bincount(y).max() / len(y),
        lambda y: (y == torch.as_tensor(y).mode().values).float().mean(),
        lambda y: max(np.mean(np.asarray(y) == c) for c in range(10)),
        lambda y: Fraction(max(Counter(y.tolist()).values()), len(y)),
    ],
    "fill-the-cube": [
        MISSING,
        MISSING[::-1],
        [[int(change) for change in run] for run in MISSING],
        np.array(MISSING),
        torch.tensor(MISSING),
    ],
}


FAULTS = {
    "fill-the-cube": [
        ([(0, 0, 1), (0, 1, 0), (1, 0, 0)], "takes it alone out of the new network"),
        ([(0, 1, 1), (1, 0, 1), (1, 1, 0)], "adds it alone to the old network"),
        ([*MISSING, (1, 1, 1)], "exists already"),
        ([*MISSING, MISSING[0]], "appears twice"),
        ([(0, 1), (1, 0)], "Each run is three values"),
    ],
}
