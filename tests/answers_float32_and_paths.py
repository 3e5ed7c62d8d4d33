"""Right answers to the exercises on rounding and on paths, by name; the first is the notebook's.

The others are written as students may: with NumPy, PyTorch, autograd, SciPy, or loops over floats.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from answers_two_losses import by_autograd, by_differences, logistic
from scipy import optimize, special
from torch.nn import functional as F

from course_utils.neuron import Neuron, steps_to_halve


def slope_by_autograd(z):
    z = torch.as_tensor(z).clone().requires_grad_()
    torch.sigmoid(z).sum().backward()
    return z.grad


def slope_by_loops(z):
    flat = [special.expit(float(v)) for v in np.ravel(z)]
    return np.reshape([v * (1 - v) for v in flat], np.shape(z)).tolist()


def loss_from_logits(z, y):
    z = np.asarray(z)
    return y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)


def loss_by_loops(z, y):
    def one(z, y):
        return max(z, 0) - z * y + math.log1p(math.exp(-abs(z)))

    flat = [one(float(a), float(b)) for a, b in zip(np.ravel(z), np.ravel(y), strict=True)]
    return np.reshape(flat, np.shape(z))


def cross_entropy_gradient(w, b, x, y):
    slope = logistic(w * x + b) - y
    return slope * x, slope


def first_one():
    """By trial, in steps of float16's own size there."""
    one, z = np.float16(1), np.float16(7)
    while one / (one + np.exp(-z)) < 1:
        z = np.nextafter(z, np.float16(8))
    return z


def bend():
    """The second derivative of cross-entropy at the bottom of the valley, by differences."""
    neuron, valley, h = Neuron("cross_entropy", 0.1), math.log(1 / 9), 1e-5
    slopes = [float(neuron.gradients(valley + d, 0)[1]) for d in (-h, h)]
    return (slopes[1] - slopes[0]) / (2 * h)


def extrapolated():
    """From z = 12, eight more units, each of which costs e times as many steps."""
    return float(steps_to_halve(Neuron("l2", 0), 12, 0, 1, max_steps=50_000)) * math.e**8


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
    "steps-from-twenty": [
        math.exp(20) / 4,
        np.exp(20.0) * 0.25,
        extrapolated(),
        121_300_000,
        torch.tensor(20.0).exp() / 4,
        Fraction(121_291_299),
    ],
    "largest-rate": [
        1 / (0.1 * 0.9),
        1 / bend(),
        optimize.brentq(lambda rate: rate * 0.09 - 1, 1, 100),
        np.float32(100 / 9),
        11.11,
        [Fraction(100, 9)],
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
        11 * np.log(2),
        first_one(),
        -math.log(2**-11),
        torch.tensor(7.6246),
        np.float16(7.625),
        [7.62],
    ],
}


# --- slips, as students write them


def naive_loss(z, y):
    p = 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


SLIPS = [
    ("sigmoid-slope", torch.sigmoid, "σ itself, not its derivative"),
    ("sigmoid-slope", lambda z: 1 - torch.tanh(z) ** 2, "the derivative of tanh"),
    (
        "cross-entropy-neuron-gradient",
        lambda w, b, x, y: (logistic(w * x + b) - y,) * 2,
        "the factor x is missing in ∂L/∂w",
    ),
    ("steps-from-twenty", 242_600_000, "the square's"),
    ("steps-from-twenty", 20, "that cross-entropy needs"),
    ("largest-rate", 4, "for the target ½"),
    ("largest-rate", 22.2222, "only one of w and b"),
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
    ("first-output-of-one", 16.6355, "float32"),
]

FAULTS = {
    "cross-entropy-neuron-gradient": [
        (lambda w, b, x, y: cross_entropy_gradient(w, b, x, y)[1], "should be 2 values"),
    ],
}
