"""Right answers to the exercises on training recipes, by name; the notebook's solution is first."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import stats

from course_utils import evaluation


def momentum(gradients, lr):
    v = w = 0.0
    places = []
    for g in gradients:
        v = 0.9 * v + g
        w = w - lr * v
        places.append(w)
    return places


def momentum_torch(gradients, lr):
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr, momentum=0.9)
    places = []
    for g in gradients:
        w.grad = torch.as_tensor(g).reshape(1).float()
        optimizer.step()
        places.append(w.item())
    return torch.tensor(places)


def momentum_in_one_sum(gradients, lr):
    g = np.asarray(gradients)
    v = [sum(0.9 ** (t - s) * g[s] for s in range(t + 1)) for t in range(len(g))]
    return -lr * np.cumsum(v)


def momentum_with_the_rate_inside(gradients, lr):
    v, w, places = 0.0, 0.0, []
    for g in gradients:
        v = 0.9 * v - lr * g
        w += v
        places.append(w)
    return np.array([float(w) for w in places])


def paired_interval(a, b):
    difference = a - b
    n = len(difference)
    t = stats.t.ppf(0.975, n - 1)
    half = t * difference.std(ddof=1) / np.sqrt(n)
    mean = difference.mean()
    return mean, mean - half, mean + half


def paired_interval_torch(a, b):
    d = torch.as_tensor(a) - torch.as_tensor(b)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std() / len(d) ** 0.5
    return torch.stack([d.mean(), d.mean() - half, d.mean() + half])


def paired_interval_loops(a, b):
    d = [x - y for x, y in zip(a, b, strict=True)]
    n, mean = len(d), sum(d) / len(d)
    variance = sum((x - mean) ** 2 for x in d) / (n - 1)
    half = stats.t.ppf(0.975, n - 1) * math.sqrt(variance / n)
    return [mean, mean - half, mean + half]


def paired_interval_scipy(a, b):
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    return np.array([np.mean(a - b), low, high])


def paired_interval_course(a, b):
    c = evaluation.compare(a, b)
    return c.difference, c.low, c.high


def holm(p):
    p = sorted(float(x) for x in p)
    for i, smallest in enumerate(p):
        if smallest * (len(p) - i) >= 0.05:
            return i
    return len(p)


def holm_course(p):
    return (evaluation.holm(p) < 0.05).sum()


def holm_numpy(p):
    scaled = np.sort(p) * np.arange(len(p), 0, -1)
    failed = np.flatnonzero(scaled >= 0.05)
    return failed[0] if len(failed) else len(p)


def holm_torch(p):
    scaled = torch.as_tensor(p).sort().values * torch.arange(len(p), 0, -1)
    return (scaled.cummax(0).values < 0.05).sum()


def holm_one_by_one(p):
    left, standing = [float(x) for x in p], 0
    while left and min(left) < 0.05 / len(left):
        left.remove(min(left))
        standing += 1
    return standing


RIGHT: dict[str, list[Any]] = {
    "first-adam-step": [
        [-0.001, 0.001, -0.001],
        -0.001 * np.sign([0.5, -0.002, 30.0]),
        torch.tensor([-1e-3, 1e-3, -1e-3], requires_grad=True),
        (Fraction(-1, 1000), Fraction(1, 1000), Fraction(-1, 1000)),
        np.array([-0.001, 0.001, -0.001], dtype=np.float32),
        -0.001 * torch.tensor([0.5, -0.002, 30.0]).sign().double(),
    ],
    "momentum-steps": [
        momentum,
        momentum_torch,
        momentum_in_one_sum,
        momentum_with_the_rate_inside,
        lambda g, lr: torch.tensor([float(w) for w in momentum(g, lr)]),
    ],
    "paired-interval": [
        paired_interval,
        paired_interval_torch,
        paired_interval_loops,
        paired_interval_scipy,
        paired_interval_course,
        lambda a, b: np.array(paired_interval(a, b), dtype=np.float32),
    ],
    "holm": [
        holm,
        holm_course,
        holm_numpy,
        holm_torch,
        holm_one_by_one,
        lambda p: float(holm(p)),
    ],
    "enough-seeds": [28, 29, 30, 28.0, np.int64(28), torch.tensor(29), Fraction(30)],
}

FAULTS: dict[str, list[tuple[Any, str]]] = {
    "enough-seeds": [
        (..., "not attempted"),
        (10, "With 10 seeds of each, a difference must be 0.172 points to be found."),
        (27, "With 27 seeds of each, a difference must be 0.101 points to be found."),
        (31, "Twice 31 is more than the 60 runs that you have."),
        (28.5, "28.5 is not a number of seeds"),
        (1, "1 is not a number of seeds"),
        (-3, "-3 is not a number of seeds"),
        ("about 28", "should be one number"),
        ([28, 28], "should be"),
        (float("inf"), "inf is not a number of seeds"),
    ],
}
