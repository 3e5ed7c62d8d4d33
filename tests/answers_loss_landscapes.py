"""Right answers to the exercises on loss landscapes, by name; the first is the notebook's solution.

The others are written as students may: with NumPy, PyTorch, autograd, SciPy, or loops over floats.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import optimize, special
from torch.nn import functional as F

from course_utils.neuron import Neuron, descend, sigmoid, steps_to_halve


def logistic(z):
    return 1 / (1 + np.exp(-z))


def slope_by_autograd(z):
    z = torch.as_tensor(z).clone().requires_grad_()
    torch.sigmoid(z).sum().backward()
    return z.grad


def slope_by_loops(z):
    flat = [special.expit(float(v)) for v in np.ravel(z)]
    return np.reshape([v * (1 - v) for v in flat], np.shape(z)).tolist()


def l2_gradient(w, b, x, y):
    a = logistic(w * x + b)
    slope = 2 * (a - y) * a * (1 - a)
    return slope * x, slope


def cross_entropy_gradient(w, b, x, y):
    slope = logistic(w * x + b) - y
    return slope * x, slope


def by_autograd(loss):
    def gradient(w, b, x, y):
        w, b = (torch.as_tensor(v).double().requires_grad_() for v in (w, b))
        z = w * x + b
        target = torch.full_like(z, y)
        if loss == "l2":
            ((torch.sigmoid(z) - target) ** 2).sum().backward()
        else:
            F.binary_cross_entropy_with_logits(z, target, reduction="sum").backward()
        return w.grad, b.grad

    return gradient


def by_differences(loss):
    def gradient(w, b, x, y):
        w, b = (np.asarray(v, dtype=float) for v in (w, b))
        neuron, h = Neuron(loss, y, x=x), 1e-5
        return tuple(
            (neuron.losses(w + i, b + j) - neuron.losses(w - i, b - j)) / (2 * h)
            for i, j in ((h, 0), (0, h))
        )

    return gradient


def loss_from_logits(z, y):
    z = np.asarray(z)
    return y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)


def loss_by_loops(z, y):
    def one(z, y):
        return max(z, 0) - z * y + math.log1p(math.exp(-abs(z)))

    flat = [one(float(a), float(b)) for a, b in zip(np.ravel(z), np.ravel(y), strict=True)]
    return np.reshape(flat, np.shape(z))


def entropy(y):
    return -y * np.log(y) - (1 - y) * np.log(1 - y)


MINIMA = [entropy(0.5), entropy(0.25)]


def least_on_a_line(y):
    return Neuron("cross_entropy", y).losses(np.linspace(-5, 5, 100_001), 0).min()


def steepest_by_search():
    found = optimize.minimize_scalar(
        lambda z: -Neuron("l2", 0).gradients(z, 0)[1], bounds=(-5, 5), method="bounded"
    )
    return found.x


def first_one():
    """By halving: the least float32 whose sigmoid is 1."""
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if sigmoid(np.float32([middle]))[0] == 1 else (middle, high)
    return high


def counts(lr=1.0):
    found = []
    for loss in ("l2", "cross_entropy"):
        w, b = descend(Neuron(loss), 4, 2, lr=lr, steps=400)
        error = np.abs(sigmoid(w + b) - 0.5)
        found.append(int((error <= error[0] / 2).argmax()))
    return found


def counts_by_torch():
    found = []
    for loss in ("l2", "cross_entropy"):
        w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (4.0, 2.0))
        optimizer, n = torch.optim.SGD([w, b], lr=1), 0
        start = torch.sigmoid(w + b).item() - 0.5
        while abs(torch.sigmoid(w + b).item() - 0.5) > start / 2:
            optimizer.zero_grad()
            if loss == "l2":
                (torch.sigmoid(w + b) - 0.5).square().backward()
            else:
                half = torch.tensor(0.5, dtype=torch.float64)
                F.binary_cross_entropy_with_logits(w + b, half).backward()
            optimizer.step()
            n += 1
        found.append(n)
    return tuple(found)


RIGHT: dict[str, list[Any]] = {
    "sigmoid-slope": [
        lambda z: logistic(z) * (1 - logistic(z)),
        slope_by_autograd,
        slope_by_loops,
        lambda z: torch.sigmoid(z) * torch.sigmoid(-z),
        lambda z: special.expit(z) * special.expit(-np.asarray(z)),
        lambda z: 0.25 / np.cosh(np.asarray(z) / 2) ** 2,
        lambda z: (1 - np.tanh(np.asarray(z) / 2) ** 2) / 4,
    ],
    "l2-neuron-gradient": [
        l2_gradient,
        by_autograd("l2"),
        by_differences("l2"),
        lambda w, b, x, y: np.stack(l2_gradient(np.asarray(w), np.asarray(b), x, y)),
        lambda w, b, x, y: list(Neuron("l2", y, x=x).gradients(w, b)),
        lambda w, b, x, y: [g.tolist() for g in Neuron("l2", y, x=x).gradients(w, b)],
    ],
    "cross-entropy-neuron-gradient": [
        cross_entropy_gradient,
        by_autograd("cross_entropy"),
        by_differences("cross_entropy"),
        lambda w, b, x, y: (
            (torch.sigmoid(w * x + b) - y) * x,
            torch.sigmoid(w * x + b) - y,
        ),
        lambda w, b, x, y: list(Neuron("cross_entropy", y, x=x).gradients(w, b)),
    ],
    "least-cross-entropy": [
        MINIMA,
        tuple(MINIMA),
        np.array(MINIMA, dtype=np.float32),
        torch.tensor(MINIMA, requires_grad=True),
        [math.log(2), 2 * math.log(2) - 0.75 * math.log(3)],
        [least_on_a_line(0.5), least_on_a_line(0.25)],
        [0.6931, 0.5623],
    ],
    "steepest-l2": [
        np.log(2),
        math.log((2 / 3) / (1 / 3)),
        steepest_by_search(),
        torch.tensor(math.log(2)),
        np.float32(0.693147),
        [Fraction(6931, 10_000)],
    ],
    "loss-from-logits": [
        loss_from_logits,
        loss_by_loops,
        lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none"),
        lambda z, y: y * F.softplus(-z) + (1 - y) * F.softplus(z),
        lambda z, y: -y * F.logsigmoid(z) - (1 - y) * F.logsigmoid(-z),
        lambda z, y: np.logaddexp(0, np.asarray(z)) - np.asarray(z) * np.asarray(y),
        lambda z, y: -special.log_expit(z) * y - special.log_expit(-z) * (1 - y),
    ],
    "first-output-of-one": [
        24 * np.log(2),
        first_one(),
        -math.log(2**-24),
        torch.tensor(16.6355),
        np.float32(16.635532),
        [16.6355],
    ],
    "steps-to-halve": [
        [int(steps_to_halve(Neuron(loss), 4, 2, 1)) for loss in ("l2", "cross_entropy")],
        counts(),
        counts_by_torch(),
        np.array(counts(), dtype=np.float32),
        torch.tensor(counts()),
        [steps_to_halve(Neuron(loss), 4, 2, 1) for loss in ("l2", "cross_entropy")],
    ],
}


# --- slips, as students write them


def naive_loss(z, y):
    p = 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def gradient_of_square_only(w, b, x, y):
    a = torch.sigmoid(w * x + b)
    return 2 * (a - y) * x, 2 * (a - y)


SLIPS = [
    ("sigmoid-slope", torch.sigmoid, "σ itself, not its derivative"),
    ("sigmoid-slope", lambda z: 1 - torch.tanh(z) ** 2, "the derivative of tanh"),
    ("l2-neuron-gradient", gradient_of_square_only, "σ (1 − σ), is missing"),
    (
        "l2-neuron-gradient",
        lambda w, b, x, y: l2_gradient(w, b, x, y)[::-1],
        "w and b were swapped",
    ),
    (
        "cross-entropy-neuron-gradient",
        lambda w, b, x, y: (logistic(w * x + b) - y,) * 2,
        "the factor x is missing in ∂L/∂w",
    ),
    ("loss-from-logits", naive_loss, "stay with z"),
    (
        "loss-from-logits",
        lambda z, y: F.binary_cross_entropy(torch.sigmoid(z), y, reduction="none"),
        "logarithms stopped at −100, as PyTorch",
    ),
    (
        "loss-from-logits",
        lambda z, y: F.binary_cross_entropy_with_logits(z, y),
        "the mean over the examples",
    ),
    ("least-cross-entropy", [0, 0], "as CIS6800 says"),
    ("least-cross-entropy", [1, 0.8113], "to base 2"),
    ("steepest-l2", 1.317, "the point for the target ½"),
    ("steepest-l2", [0.6667], "the output σ there"),
    ("first-output-of-one", 36.7368, "float64"),
    ("steps-to-halve", [6, 214], "were swapped"),
    ("steps-to-halve", [425, 12], "only one of w and b was moved"),
]

FAULTS = {
    "cross-entropy-neuron-gradient": [
        (lambda w, b, x, y: cross_entropy_gradient(w, b, x, y)[1], "should be 2 values"),
    ]
}
