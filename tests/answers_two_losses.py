"""Right answers to the exercises on two losses, by name; the first is the notebook's solution.

The others are written as students may: with NumPy, PyTorch, autograd, SciPy, or loops over floats.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import optimize
from torch.nn import functional as F

from course_utils.neuron import Neuron, descend, sigmoid, steps_to_halve


def logistic(z):
    return 1 / (1 + np.exp(-z))


def l2_gradient(w, b, x, y):
    a = logistic(w * x + b)
    slope = 2 * (a - y) * a * (1 - a)
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


def entropy(y):
    return -y * np.log(y) - (1 - y) * np.log(1 - y)


MINIMA = [entropy(0.25), entropy(0.1)]


def least_on_a_line(y):
    return Neuron("cross_entropy", y).losses(np.linspace(-5, 5, 100_001), 0).min()


def steepest_by_search():
    found = optimize.minimize_scalar(
        lambda z: -Neuron("l2", 0).gradients(z, 0)[1], bounds=(-5, 5), method="bounded"
    )
    return found.x


def counts(lr=0.5):
    found = []
    for loss in ("l2", "cross_entropy"):
        w, b = descend(Neuron(loss, 0), 3, 2, lr=lr, steps=400)
        a = sigmoid(w + b)
        found.append(int((a <= a[0] / 2).argmax()))
    return found


def counts_by_torch():
    found = []
    for loss in ("l2", "cross_entropy"):
        w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (3.0, 2.0))
        optimizer, n = torch.optim.SGD([w, b], lr=0.5), 0
        start = torch.sigmoid(w + b).item()
        while torch.sigmoid(w + b).item() > start / 2:
            optimizer.zero_grad()
            if loss == "l2":
                torch.sigmoid(w + b).square().backward()
            else:
                zero = torch.tensor(0.0, dtype=torch.float64)
                F.binary_cross_entropy_with_logits(w + b, zero).backward()
            optimizer.step()
            n += 1
        found.append(n)
    return tuple(found)


def counts_by_the_loop():
    found = []
    for slope in (lambda a: 2 * a * a * (1 - a), lambda a: a):
        w, b, n = 3.0, 2.0, 0
        first = a = logistic(w + b)
        while a > first / 2:
            w, b, n = w - 0.5 * slope(a), b - 0.5 * slope(a), n + 1
            a = logistic(w + b)
        found.append(n)
    return found


RIGHT: dict[str, list[Any]] = {
    "l2-neuron-gradient": [
        l2_gradient,
        by_autograd("l2"),
        by_differences("l2"),
        lambda w, b, x, y: np.stack(l2_gradient(np.asarray(w), np.asarray(b), x, y)),
        lambda w, b, x, y: list(Neuron("l2", y, x=x).gradients(w, b)),
        lambda w, b, x, y: [g.tolist() for g in Neuron("l2", y, x=x).gradients(w, b)],
    ],
    "least-cross-entropy": [
        MINIMA,
        tuple(MINIMA),
        np.array(MINIMA, dtype=np.float32),
        torch.tensor(MINIMA, requires_grad=True),
        [2 * math.log(2) - 0.75 * math.log(3), math.log(10) - 0.9 * math.log(9)],
        [least_on_a_line(0.25), least_on_a_line(0.1)],
        [0.5623, 0.3251],
    ],
    "steepest-l2": [
        np.log(2),
        math.log((2 / 3) / (1 / 3)),
        steepest_by_search(),
        torch.tensor(math.log(2)),
        np.float32(0.693147),
        [Fraction(6931, 10_000)],
    ],
    "steps-to-halve": [
        counts_by_the_loop(),
        [int(steps_to_halve(Neuron(loss, 0), 3, 2, 0.5)) for loss in ("l2", "cross_entropy")],
        counts(),
        counts_by_torch(),
        np.array(counts(), dtype=np.float32),
        torch.tensor(counts()),
    ],
    "total-surprise": [
        -math.log(0.8) - math.log(0.6) - math.log(0.1),
        -np.log([0.8, 0.6, 0.1]).sum(),
        -math.log(0.8 * 0.6 * 0.1),
        -torch.tensor([0.8, 0.6, 0.1]).log().sum(),
        3.0366,
        [Fraction(30366, 10_000)],
    ],
    "a-start-that-learns": [
        (1.5, 1.0),
        [0, 2.2],
        (Fraction(5, 2), 0),
        np.array([3.0, 0.0]),
        torch.tensor([12.0, -9.5]),
        [math.log(9.001), 0.0],
    ],
}


# --- slips, as students write them


def gradient_of_square_only(w, b, x, y):
    a = torch.sigmoid(w * x + b)
    return 2 * (a - y) * x, 2 * (a - y)


SLIPS = [
    ("total-surprise", -math.log(0.8 * 0.4 * 0.1), "on the dry day too"),
    ("total-surprise", 4.3808, "base 2"),
    ("l2-neuron-gradient", gradient_of_square_only, "σ (1 − σ), is missing"),
    (
        "l2-neuron-gradient",
        lambda w, b, x, y: l2_gradient(w, b, x, y)[::-1],
        "w and b were swapped",
    ),
    ("least-cross-entropy", [0, 0], "only for a target of 0 or 1"),
    ("least-cross-entropy", [0.8113, 0.469], "to base 2"),
    ("steepest-l2", 1.317, "the point for the target ½"),
    ("steepest-l2", [0.6667], "the output σ there"),
    ("steps-to-halve", counts()[::-1], "were swapped"),
    ("steps-to-halve", counts(0.25), "only one of w and b was moved"),
    ("steps-to-halve", counts(1), "learning rate 1"),
]

FAULTS = {
    "a-start-that-learns": [
        ((0, 0), "a forecast of 0.500; that isn't wrong enough"),
        ((-3, -3), "a forecast of 0.002; that isn't wrong enough"),
        ((2, 2), "it takes L2 19 steps"),
        ((6, 6), "it takes L2 more than 1,000 steps"),
        (2.5, "Give two numbers, w and b"),
        ([math.nan, 0], "isn't wrong enough"),
        ("2.5, 0", "Give two numbers, w and b"),
    ],
}
