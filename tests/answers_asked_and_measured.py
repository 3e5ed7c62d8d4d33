"""Right answers on batch norm and activations, by name; the notebook's is first."""

import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F


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

SLIPS = [
    ("relu-gradient", lambda z: z >= 0, "1 at zero"),
    ("relu-gradient", lambda z: z != 0, "1 wherever z isn't 0"),
    ("batch-norm-eval", lambda x, m, v, g, b: (x - m) / v**0.5, "γ, β and ε are missing"),
]
