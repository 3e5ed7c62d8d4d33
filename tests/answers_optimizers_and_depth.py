"""Right answers to the exercises on optimizers and depth, by name; the first is the notebook's.

The others are written as students may: with NumPy, PyTorch, SciPy, autograd, or loops.
"""

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F


def constant_accuracy(labels):
    return np.bincount(labels).max() / len(labels)


def by_counting(labels):
    return Counter(labels.tolist()).most_common(1)[0][1] / len(labels)


def constant_cost(labels):
    q = np.bincount(labels) / len(labels)
    q = q[q > 0]
    return -(q * np.log(q)).sum()


def cost_by_cross_entropy(labels):
    labels = torch.as_tensor(labels)
    counts = torch.bincount(labels, minlength=10).float()
    logits = counts.log().expand(len(labels), 10)
    return F.cross_entropy(logits, labels)


def cost_by_images(labels):
    counts = Counter(labels.tolist())
    return -sum(math.log(counts[y] / len(labels)) for y in labels.tolist()) / len(labels)


def left_by_loops(n):
    square = 1.0
    for _ in range(n):
        square = square / 3 / 2
    return math.sqrt(square)


def slope_by_autograd(d):
    d = torch.as_tensor(d)
    x = torch.ones((), dtype=d.dtype, requires_grad=True)
    y = x
    for slope in d:
        y = y + slope * y
    y.backward()
    return x.grad


def slope_by_loops(d):
    total = 1.0
    for slope in d.tolist():
        total *= 1 + slope
    return total


def added_by_torch(channels, side, depth):
    layer = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
    return depth * side * side * layer.weight.numel()


def added_by_loops(channels, side, depth):
    return sum(channels * 9 for _ in range(depth) for _ in range(channels * side * side))


RIGHT: dict[str, list[Any]] = {
    "constant-accuracy": [
        constant_accuracy,
        by_counting,
        lambda y: torch.bincount(y).max() / len(y),
        lambda y: (y == torch.as_tensor(y).mode().values).float().mean(),
        lambda y: max(np.mean(np.asarray(y) == c) for c in range(10)),
        lambda y: Fraction(max(Counter(y.tolist()).values()), len(y)),
    ],
    "constant-cost": [
        constant_cost,
        cost_by_cross_entropy,
        cost_by_images,
        lambda y: stats.entropy(np.bincount(y)),
        lambda y: stats.entropy([*Counter(y.tolist()).values()]),
        lambda y: torch.distributions.Categorical(torch.bincount(y).float()).entropy(),
    ],
    "gradient-left": [
        lambda n: 6 ** (-n / 2),
        left_by_loops,
        lambda n: math.sqrt(1 / 6) ** n,
        lambda n: (1 / np.sqrt(6)) ** n,
        lambda n: torch.tensor(6.0).rsqrt().pow(n),
        lambda n: math.exp(-n * math.log(6) / 2),
        lambda n: Fraction(1, 6) ** (n // 2) * (6**-0.5 if n % 2 else 1),
    ],
    "skip-slope": [
        lambda d: (1 + d).prod(),
        slope_by_autograd,
        slope_by_loops,
        lambda d: np.prod(np.asarray(d) + 1),
        lambda d: math.prod(1 + float(s) for s in d),
        lambda d: np.exp(np.log1p(np.asarray(d)).sum()),
    ],
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
}
