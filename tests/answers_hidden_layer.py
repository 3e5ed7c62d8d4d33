"""Right answers to the exercises on the hidden layer, by name; the notebook's is first.

The others are written as students may: in loops, with PyTorch, or by autograd.
"""

import math
from fractions import Fraction

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course_utils import xor

# --- parameters


def counted_by_pytorch(hidden):
    model = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    return sum(p.numel() for p in model.parameters())


# --- weights by hand

STAIRS = ([[1, 1], [1, 1]], [0, -1], [1, -2], -0.5)
EITHER_OR = ([[1, -1], [-1, 1]], [0, 0], [1, 1], -0.5)
PARITY = ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], [0, -1, -2], [1, -2, 2], -0.5)


def downwards():
    """The three ReLUs over the number of switches that are down, which is odd when it is even."""
    w, b, v, c = map(np.array, PARITY)
    return -w, 3 * np.ones(3) + b, -v, -c


# --- gradient


def relu_gradient(w, b, v, c, x, y):
    u = x @ w.T + b
    p = 1 / (1 + np.exp(-(np.maximum(u, 0) @ v + c)))
    return (np.outer(p - y, v) * (u > 0)).T @ x


def relu_gradient_autograd(w, b, v, c, x, y):
    w = w.clone().requires_grad_()
    z = torch.relu(x @ w.T + b) @ v + c
    F.binary_cross_entropy_with_logits(z, y, reduction="sum").backward()
    return w.grad


def relu_gradient_torch(w, b, v, c, x, y):
    u = F.linear(x, w, b)
    delta = torch.sigmoid(u.relu() @ v + c) - y
    return torch.einsum("p,h,ph,pi->hi", delta, v, (u > 0).float(), x)


def relu_gradient_loops(w, b, v, c, x, y):
    hidden = range(len(b))
    dw = [[0.0, 0.0] for _ in hidden]
    for point, target in zip(x.tolist(), y.tolist(), strict=True):
        u = [sum(float(w[j][i]) * point[i] for i in (0, 1)) + float(b[j]) for j in hidden]
        z = sum(float(v[j]) * max(u[j], 0) for j in hidden) + c
        delta = 1 / (1 + math.exp(-z)) - target
        for j in hidden:
            for i in (0, 1):
                dw[j][i] += delta * float(v[j]) * (u[j] > 0) * point[i]
    return dw


def relu_gradient_differences(w, b, v, c, x, y):
    w, b, v, x, y = (np.asarray(a, dtype=float) for a in (w, b, v, x, y))

    def loss(w):
        z = np.maximum(x @ w.T + b, 0) @ v + c
        return (np.logaddexp(0, z) - y * z).sum()

    slopes, h = np.zeros_like(w), 1e-6
    for place in np.ndindex(w.shape):
        nudge = np.zeros_like(w)
        nudge[place] = h
        slopes[place] = (loss(w + nudge) - loss(w - nudge)) / (2 * h)
    return slopes


# --- line


def line_loops(v, c):
    rows = []
    for (v1, v2), shift in zip(v.tolist(), c.tolist(), strict=True):
        at = [-(v1 * h1 + shift) / v2 for h1 in (0, 1)]
        rows.append([at[1] - at[0], at[0]])
    return rows


RIGHT = {
    "xor-parameters": [
        lambda hidden: 2 * hidden + hidden + hidden + 1,
        counted_by_pytorch,
        lambda h: float(4 * h + 1),
        lambda h: Fraction(4 * h + 1),
        lambda h: sum(p.numel() for p in xor.network(0, hidden=h).parameters()),
        lambda h: torch.tensor(h * 4 + 1),
    ],
    "hidden-line": [
        lambda v, c: np.stack([-v[:, 0] / v[:, 1], -c / v[:, 1]], axis=1),
        line_loops,
        lambda v, c: torch.stack([-v[:, 0] / v[:, 1], -c / v[:, 1]], dim=1),
        lambda v, c: -np.column_stack([v[:, 0], c]) / v[:, 1:],
        lambda v, c: [[float(-a / b), float(-s / b)] for (a, b), s in zip(v, c, strict=True)],
    ],
    "zero-gradients": [
        [4, 6, 9],
        (4, 6, 9),
        np.array([4, 6, 9]),
        torch.tensor([4, 6, 9]),
        [4.0, 6.0, 9.0],
    ],
    "xor-by-hand": [
        STAIRS,
        EITHER_OR,
        list(EITHER_OR),
        ([["1", "1"], ["1", "1"]], [0, "-1"], [[1, -2]], "-1/2"),
        ([[-1, -1], [-1, -1]], [2, 1], [1, -2], -0.5),  # over the switches that are down
        (np.array([[3.0, 3], [3, 3]]), np.array([0, -3]), np.array([4, -8]), -3.5),
        [torch.tensor(part, dtype=torch.float32) for part in STAIRS],
        ([[1, -1], [-1, 1]], [0, 0], [20, 20], [-8.0]),
    ],
    "three-switches": [
        PARITY,
        list(PARITY),
        downwards(),
        [torch.tensor(part, dtype=torch.float32) for part in PARITY],
        (np.full((3, 3), 2), [0, -2, -4], [5, -10, 10], -4),
    ],
    "relu-hidden-gradient": [
        relu_gradient,
        relu_gradient_autograd,
        relu_gradient_torch,
        relu_gradient_loops,
        relu_gradient_differences,
    ],
}

FAULTS = {
    "xor-by-hand": [
        (([[1, 1], [1, 1]], [0, 0], [0, 0], 0), "gives about ½ at (0, 0), (0, 1), (1, 0), (1, 1)"),
        (([[1, 1], [1, 1]], [0, -1], [-1, 2], 0.5), "XNOR, the opposite of XOR"),
        (([[1, 1], [1, 1]], [0, -1], [1, 0], -0.5), "computes OR."),
        (([[1, 1], [1, 1]], [0, -1], [0, 1], -0.5), "computes AND."),
        (([[1, 1], [1, 1]], [0, -1], [0, -1], 0.5), "computes NAND."),
        (([[1, 1], [1, 1]], [0, -1], [-1, 0], 0.5), "computes NOR."),
        (([[1, 1], [1, 1]], [0, 0], [0, 0], 3), "computes always 1."),
        (([[1, 1], [1, 1]], [0, 0], [0, 0], -3), "computes always 0."),
        (([[1, 0], [0, 1]], [0, 0], [1, 0], -0.5), "has the wrong class at (0, 1), (1, 1)."),
        (([10, 10, 10, 10], [0, -1], [1, -2], -1), "W should be an array of shape (2, 2)"),
        (([[1, 1], [1, 1]], -1, [1, -2], -1), "b should be 2 numbers; it is a number"),
        (
            ([[1, 1], [1, 1]], [0, -1], [[1], [-2]], -1),
            "v should be 2 numbers; it has the shape (2, 1)",
        ),
        (([[1, 1], [1, 1]], [0, -1], [1, -2], [1, 2]), "c should be one number"),
        (([[1, math.nan], [1, 1]], [0, -1], [1, -2], 1), "W contains nan or infinity"),
        (([[1, 1], [1, 1]], [0, -1], [1, -2]), "four things: W, b, v and c"),
        ("W", "four things: W, b, v and c"),
        (([["1", "one"], ["1", "1"]], [0, -1], [1, -2], -1), "W should be an array of"),
        (([[1, 1], [1, 1]], [0 + 5j, -1], [1, -2], -1), "that holds complex numbers"),
        (([[1, 1], [1, 1]], [0, -1], [1, -2], True), "c should be one number; it is a truth value"),
        ((..., ..., ..., ...), "not attempted"),
    ],
    "three-switches": [
        (([[1, 1, 1]] * 3, [0, -1, -2], [-1, 2, -2], 0.5), "wrong class everywhere"),
        (([[1, 1, 1]] * 3, [0, -1, -2], [1, -2, 0], -0.5), "wrong class at (1, 1, 1)."),
        (([[1, 1, 1]] * 3, [0, -1, -2], [0, 0, 0], 0), "about ½ at (0, 0, 0), (0, 0, 1)"),
        (STAIRS, "W should be an array of shape (3, 3)"),
    ],
}
