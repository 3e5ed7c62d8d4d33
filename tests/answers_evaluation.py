"""Right answers to the exercises on evaluation, by name; the notebook's solution is first."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# --- batch norm


def batch_norm(x):
    return (x - x.mean(0)) / (x.var(0, correction=0) + 1e-5) ** 0.5


def batch_norm_numpy(x):
    x = np.asarray(x)
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def batch_norm_loops(x):
    columns = []
    for column in zip(*x, strict=True):
        values = [float(v) for v in column]
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values)
        columns.append([(v - mean) / (variance + 1e-5) ** 0.5 for v in values])
    return [list(row) for row in zip(*columns, strict=True)]


def batch_norm_module(x):
    return nn.BatchNorm1d(x.shape[1])(x)


# --- running mean


def running_mean(batch_means, start, momentum):
    for mean in batch_means:
        start = (1 - momentum) * start + momentum * mean
    return start


def running_mean_step(batch_means, start, momentum):
    running = float(start)
    for mean in batch_means:
        running += momentum * (float(mean) - running)
    return running


def running_mean_closed(batch_means, start, momentum):
    n = len(batch_means)
    weights = momentum * (1 - momentum) ** np.arange(n - 1, -1, -1)
    return (1 - momentum) ** n * start + (weights * np.asarray(batch_means)).sum()


def running_mean_module(batch_means, start, momentum):
    layer = nn.BatchNorm1d(1, momentum=momentum)
    layer.running_mean.fill_(start)
    for mean in batch_means:
        layer(torch.full((2, 1), float(mean)))
    return layer.running_mean


def running_mean_recursive(batch_means, start, momentum):
    if not len(batch_means):
        return start
    before = running_mean_recursive(batch_means[:-1], start, momentum)
    return before + momentum * (batch_means[-1] - before)


# --- ReLU on the logits


def cut_gradient(z, y):
    z = z.clone().requires_grad_()
    F.cross_entropy(z.relu(), y).backward()
    return z.grad


def cut_gradient_numpy(z, y):
    z = np.asarray(z)
    e = np.exp(np.maximum(z, 0))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return np.where(z > 0, p / len(y), 0)


def cut_gradient_formula(z, y):
    p = torch.softmax(F.relu(z), dim=1)
    return (p - F.one_hot(y, z.shape[1])) / len(y) * (z > 0)


def silent_share(z, y):
    return (z[range(len(y)), y] <= 0).float().mean()


def silent_share_loops(z, y):
    silent = 0
    for row, label in zip(z, y, strict=True):
        silent += float(row[int(label)]) <= 0
    return silent / len(y)


# --- normalisation


def constants(x):
    std = 1 / (x.max() - x.min())
    return -x.min() * std, std


def constants_solved(x):
    black, white = float(x.min()), float(x.max())
    # black · std + mean = 0 and white · std + mean = 1
    std, mean = np.linalg.solve([[black, 1], [white, 1]], [0, 1])
    return mean, std


def constants_torch(x):
    low, high = torch.as_tensor(x).double().aminmax()
    return torch.stack([low / (low - high), 1 / (high - low)])


RIGHT: dict[str, list[Any]] = {
    "eval-reaches": [
        [0, 1, 0, 1, 0, 0],
        (0, 1, 0, 1, 0, 0),
        np.array([0, 1, 0, 1, 0, 0]),
        torch.tensor([0, 1, 0, 1, 0, 0]),
        [0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
    ],
    "batch-norm": [
        batch_norm,
        batch_norm_numpy,
        batch_norm_loops,
        batch_norm_module,
        lambda x: F.batch_norm(x, None, None, training=True),
        lambda x: (x - x.mean(0)) * torch.rsqrt(x.var(0, unbiased=False) + 1e-5),
    ],
    "running-mean": [
        running_mean,
        running_mean_step,
        running_mean_closed,
        running_mean_module,
        running_mean_recursive,
    ],
    "cut-gradient": [
        cut_gradient,
        cut_gradient_numpy,
        cut_gradient_formula,
        lambda z, y: cut_gradient(z, y).tolist(),
        lambda z, y: cut_gradient_formula(z.double(), y).numpy(),
    ],
    "silent-share": [
        silent_share,
        silent_share_loops,
        lambda z, y: np.mean([row[label] <= 0 for row, label in zip(z, y, strict=True)]),
        lambda z, y: 1 - (z.gather(1, y[:, None]) > 0).double().mean().item(),
        lambda z, y: (F.relu(z)[torch.arange(len(y)), y] == 0).sum() / len(y),
    ],
    "read-constants": [
        constants,
        constants_solved,
        constants_torch,
        lambda x: [-x.min() / (x.max() - x.min()), 1 / (x.max() - x.min())],
        lambda x: np.array([-x.min(), 1.0]) / float(x.max() - x.min()),
    ],
}

SLIPS = [
    ("eval-reaches", [True, False, True, False, True, True], "yes and no were swapped"),
    ("silent-share", lambda z, y: 100 * (z[range(len(y)), y] <= 0).float().mean(), "per cent"),
]
