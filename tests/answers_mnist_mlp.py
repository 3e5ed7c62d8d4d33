"""Right answers to the exercises of the MNIST MLP, by name; the notebook's solution is first."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def parameters(widths):
    total = 0
    for inputs, outputs in pairwise(widths):
        total += inputs * outputs + outputs
    return total


def parameters_of_a_network(widths):
    layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
    return sum(p.numel() for p in nn.Sequential(*layers).parameters())


def softmax(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    exponentials = shifted.exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def softmax_numpy(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_loops(z):
    rows = []
    for row in z:
        row = [float(v) - float(max(row)) for v in row]
        total = sum(math.exp(v) for v in row)
        rows.append([math.exp(v) / total for v in row])
    return rows


def cross_entropy(logits, labels):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    log_softmax = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_softmax[torch.arange(len(labels)), labels].mean()


def cross_entropy_loops(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        row = [float(v) for v in row]
        top = max(row)
        total += top + math.log(sum(math.exp(v - top) for v in row)) - row[int(label)]
    return total / len(labels)


def cross_entropy_numpy(z, y):
    z = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])


def logit_gradient(logits, labels, temperature):
    probabilities = (logits / temperature).softmax(dim=1)
    one_hot = torch.nn.functional.one_hot(labels, logits.shape[1])
    return (probabilities - one_hot) / len(labels) / temperature


def logit_gradient_autograd(logits, labels, temperature):
    logits = logits.clone().requires_grad_()
    F.cross_entropy(logits / temperature, labels).backward()
    return logits.grad


def logit_gradient_numpy(z, y, t):
    g = softmax_numpy(z / t)
    g[np.arange(len(y)), y] -= 1
    return g / (len(y) * t)


def logit_gradient_loops(z, y, t):
    rows = softmax_loops(z / t)
    for row, label in zip(rows, y, strict=True):
        row[int(label)] -= 1
    return [[v / len(rows) / t for v in row] for row in rows]


def shuffled(w, order):
    return w[:, order]


def shuffled_loops(w, order):
    return [[float(row[int(j)]) for j in order] for row in w]


def shuffled_by_product(w, order):
    """A matrix that does the shuffling, multiplied from the right."""
    return w @ torch.eye(len(order))[order].T


RIGHT: dict[str, list[Any]] = {
    "mlp-parameters": [
        parameters,
        parameters_of_a_network,
        lambda w: sum((a + 1) * b for a, b in pairwise(w)),
        lambda w: float(parameters(w)),
        lambda w: torch.tensor(parameters(w)),
        lambda w: np.int64(np.dot(w[:-1], w[1:]) + sum(w[1:])),
        lambda w: Fraction(parameters(w)),
    ],
    "shuffled-pixels": [
        shuffled,
        shuffled_loops,
        shuffled_by_product,
        lambda w, order: torch.as_tensor(w).index_select(1, torch.as_tensor(order)),
        lambda w, order: np.take(np.asarray(w), order, axis=1),
        lambda w, order: torch.stack([w[:, j] for j in order], dim=1),
    ],
    "softmax": [
        softmax,
        softmax_numpy,
        softmax_loops,
        lambda z: F.softmax(z, dim=1),
        nn.Softmax(dim=1),
        lambda z: z.log_softmax(1).exp().tolist(),
        lambda z: z.clone().requires_grad_().softmax(-1).double(),
        lambda z: np.stack([softmax_numpy(row[None])[0] for row in np.asarray(z)]),
    ],
    "cross-entropy": [
        cross_entropy,
        cross_entropy_loops,
        cross_entropy_numpy,
        F.cross_entropy,
        nn.CrossEntropyLoss(),
        lambda z, y: F.nll_loss(z.clone().requires_grad_().log_softmax(1), y),
        lambda z, y: (z.logsumexp(1) - z.gather(1, y[:, None])[:, 0]).mean().item(),
        lambda z, y: F.cross_entropy(z.double(), y).reshape(1),
    ],
    "logit-gradient": [
        logit_gradient,
        logit_gradient_autograd,
        logit_gradient_numpy,
        logit_gradient_loops,
        lambda z, y, t: logit_gradient(z, y, t).double().numpy(),
        lambda z, y, t: logit_gradient(z, y, t).tolist(),
    ],
}


def all_pairs(logits, labels):
    log_p = logits - torch.logsumexp(torch.as_tensor(logits), 1, keepdim=True)
    return -log_p[:, labels].mean()


SLIPS = [
    ("softmax", torch.sigmoid, "a sigmoid of each logit"),
    ("softmax", lambda z: z.argmax(1), "the likeliest class of each row"),
    ("cross-entropy", all_pairs, "every pair of an image and a label"),
    ("cross-entropy", lambda z, y: (z.argmax(1) != y).float().mean(), "the share of wrong answers"),
    ("mlp-parameters", lambda widths: math.prod(widths), "all widths were multiplied"),
]
