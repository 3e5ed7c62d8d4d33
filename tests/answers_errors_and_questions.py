"""Right answers to the exercises on errors and questions, by name; the notebook's is first."""

import math
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch.nn import functional as F

from course_utils import evaluation
from course_utils.data import distortions


def share_interval(k, n):
    low = stats.beta.ppf(0.025, k, n - k + 1) if k > 0 else 0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1
    return low, high


def share_interval_scipy(k, n):
    return tuple(stats.binomtest(k, n).proportion_ci(0.95, method="exact"))


def share_interval_by_search(k, n):
    """The shares under which so many, or so few, come up in one case of forty."""

    def crossing(chance_of):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if chance_of(middle) else (low, middle)
        return low

    def at_least(p):
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))

    def at_most(p):
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))

    low = 0.0 if k == 0 else crossing(lambda p: at_least(p) < 0.025)
    high = 1.0 if k == n else crossing(lambda p: at_most(p) > 0.025)
    return [low, high]


def confused_pair(matrix):
    both = np.triu(matrix + matrix.T, 1)
    return np.unravel_index(both.argmax(), both.shape)


def confused_pair_loops(matrix):
    counts = {}
    for a in range(len(matrix)):
        for b in range(a + 1, len(matrix)):
            counts[a, b] = int(matrix[a][b]) + int(matrix[b][a])
    return max(counts, key=counts.get)


def confused_pair_torch(matrix):
    both = torch.triu(torch.as_tensor(matrix) + torch.as_tensor(matrix).T, diagonal=1)
    place = int(both.argmax())
    return place // len(both), place % len(both)


def confused_pair_course(matrix):
    both = np.asarray(matrix) + np.asarray(matrix).T
    a, b, _ = evaluation.most_confused(both, 1)[0]
    return [a, b]


def honest_choice(validation, test):
    return test[validation.argmax()]


def honest_choice_loops(validation, test):
    best = 0
    for i, value in enumerate(validation):
        if value > validation[best]:
            best = i
    return float(test[best])


def shift_image(image, rows, columns):
    moved = np.zeros_like(image)
    h, w = image.shape
    moved[max(rows, 0) : h + rows, max(columns, 0) : w + columns] = image[
        max(-rows, 0) : h - rows, max(-columns, 0) : w - columns
    ]
    return moved


def shift_image_loops(image, rows, columns):
    h, w = image.shape
    return [
        [
            float(image[r - rows, c - columns])
            if 0 <= r - rows < h and 0 <= c - columns < w
            else 0.0
            for c in range(w)
        ]
        for r in range(h)
    ]


def shift_image_padding(image, rows, columns):
    x = torch.as_tensor(image)
    return F.pad(x, (columns, -columns, rows, -rows))


def shift_image_roll(image, rows, columns):
    moved = np.roll(np.asarray(image), (rows, columns), (0, 1))
    if rows:
        moved[slice(0, rows) if rows > 0 else slice(rows, None)] = 0
    if columns:
        moved[:, slice(0, columns) if columns > 0 else slice(columns, None)] = 0
    return moved


def shift_image_course(image, rows, columns):
    x = torch.as_tensor(image)[None, None].float()
    return distortions.shift(x, rows, columns)[0, 0]


def batch_norm_eval(x, mean, var, gamma, beta):
    return gamma * (x - mean) / (var + 1e-5) ** 0.5 + beta


def batch_norm_eval_loops(x, mean, var, gamma, beta):
    return [
        [
            float(g) * (float(v) - float(m)) / math.sqrt(float(s) + 1e-5) + float(b)
            for v, m, s, g, b in zip(row, mean, var, gamma, beta, strict=True)
        ]
        for row in x
    ]


def batch_norm_eval_layer(x, mean, var, gamma, beta):
    layer = torch.nn.BatchNorm1d(x.shape[1]).eval()
    with torch.no_grad():
        for target, value in (
            (layer.running_mean, mean), (layer.running_var, var),
            (layer.weight, gamma), (layer.bias, beta),
        ):  # fmt: skip
            target.copy_(value)
    return layer(x)


def relu_gradient(z):
    return (z > 0).astype(float)


def relu_gradient_autograd(z):
    z = z.clone().requires_grad_()
    F.relu(z).sum().backward()
    return z.grad


def sigmoid_chain(z, w):
    s = 1 / (1 + np.exp(-z))
    return (w * s * (1 - s)).prod()


def sigmoid_chain_loops(z, w):
    gradient = 1.0
    for a, weight in zip(z, w, strict=True):
        s = 1 / (1 + math.exp(-float(a)))
        gradient *= float(weight) * s * (1 - s)
    return gradient


def sigmoid_chain_autograd(z, w):
    """Each layer shifted so that it meets the given z, whatever comes in."""
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    a = x
    for target, weight in zip(z.double(), w.double(), strict=True):
        a = torch.sigmoid(weight * a + (target - weight * a).detach())
    a.backward()
    return x.grad


RIGHT: dict[str, list[Any]] = {
    "share-interval": [
        share_interval,
        share_interval_scipy,
        share_interval_by_search,
        lambda k, n: np.array(share_interval(k, n)),
        lambda k, n: torch.tensor(share_interval(k, n), dtype=torch.float32),
    ],
    "confused-pair": [
        confused_pair,
        confused_pair_loops,
        confused_pair_torch,
        confused_pair_course,
        lambda m: torch.tensor(confused_pair_torch(m)),
    ],
    "honest-choice": [
        honest_choice,
        honest_choice_loops,
        lambda v, t: t[np.argmax(v)],
        lambda v, t: max(zip(v, t, strict=True))[1],
        lambda v, t: t[v == v.max()].mean(),
    ],
    "shift-image": [
        shift_image,
        shift_image_loops,
        shift_image_padding,
        shift_image_roll,
        shift_image_course,
    ],
    "batch-norm-eval": [
        batch_norm_eval,
        batch_norm_eval_loops,
        batch_norm_eval_layer,
        lambda x, m, v, g, b: F.batch_norm(x, m, v, g, b),
        lambda x, m, v, g, b: (x - m) * (g / np.sqrt(v + 1e-5)) + b,
        lambda x, m, v, g, b: batch_norm_eval(x, m, v, g, b).tolist(),
    ],
    "relu-gradient": [
        relu_gradient,
        relu_gradient_autograd,
        lambda z: np.where(z > 0, 1, 0),
        lambda z: np.heaviside(z, 0),
        lambda z: (z > 0).double(),
        lambda z: z.sign().clamp(min=0),
    ],
    "sigmoid-chain": [
        sigmoid_chain,
        sigmoid_chain_loops,
        sigmoid_chain_autograd,
        lambda z, w: torch.prod(w * z.sigmoid() * (1 - z.sigmoid())),
        lambda z, w: math.prod((w / (2 + np.exp(z) + np.exp(-z))).tolist()),
    ],
}
