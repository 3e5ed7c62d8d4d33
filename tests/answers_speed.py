"""Right answers to the exercises on speed, by name; the first is the notebook's solution."""

import math
import statistics

import numpy as np
import torch
from torch.nn import functional as F


def tensors(logits, labels):
    return torch.as_tensor(np.asarray(logits)).double(), torch.as_tensor(np.asarray(labels)).long()


# --- what a gain is worth


def amdahl(s1, f1, s2, f2):
    return 1 / (1 - s1 - s2 + s1 / f1 + s2 / f2)


def amdahl_by_seconds(s1, f1, s2, f2):
    old = 100.0
    new = (1 - s1 - s2) * old + s1 * old / f1 + s2 * old / f2
    return old / new


def amdahl_by_savings(s1, f1, s2, f2):
    saved = s1 * (1 - 1 / f1) + s2 * (1 - 1 / f2)
    return 1 / (1 - saved)


def ratio(usual, ours):
    return np.median(usual) / np.median(ours)


def ratio_sorted(usual, ours):
    def middle(values):
        values = sorted(values)
        n = len(values)
        return (values[(n - 1) // 2] + values[n // 2]) / 2

    return middle(usual) / middle(ours)


def steps_counted(n, batch):
    return len(list(range(0, n, batch)))


# --- the recipe


def smoothing(logits, labels, eps):
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    true = log_p[np.arange(len(labels)), labels]
    return -((1 - eps) * true + eps * log_p.mean(axis=1)).mean()


def smoothing_torch(logits, labels, eps):
    z, y = tensors(logits, labels)
    return F.cross_entropy(z, y, label_smoothing=eps)


def smoothing_by_target(logits, labels, eps):
    z, y = tensors(logits, labels)
    classes = z.shape[1]
    target = torch.full_like(z, eps / classes)
    target[torch.arange(len(y)), y] += 1 - eps
    return -(target * z.log_softmax(dim=1)).sum(dim=1).mean()


def smoothing_loops(logits, labels, eps):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        row = [float(v) for v in row]
        log_sum = math.log(sum(math.exp(v) for v in row))
        for c, v in enumerate(row):
            weight = eps / len(row) + (1 - eps) * (c == int(label))
            total -= weight * (v - log_sum)
    return total / len(labels)


def smoothing_mixed(logits, labels, eps):
    z, y = tensors(logits, labels)
    uniform = -z.log_softmax(dim=1).mean()
    return float((1 - eps) * F.cross_entropy(z, y) + eps * uniform)


def triangle(step, steps, warmup):
    top = warmup * steps
    return step / top if step < top else (steps - step) / (steps - top)


def triangle_interpolated(step, steps, warmup):
    return np.interp(step, [0, warmup * steps, steps], [0, 1, 0])


def smoothed(label, classes, share):
    targets = [share / classes] * classes
    targets[label] += 1 - share
    return targets


def smoothed_torch(label, classes, share):
    one_hot = F.one_hot(torch.tensor(label), classes).double()
    return (1 - share) * one_hot + share * torch.full((classes,), 1 / classes)


def smoothed_by_the_loss(label, classes, share):
    """What PyTorch's loss weighs each log-probability with, up to its sign: a gradient."""
    log_p = torch.full((1, classes), 1 / classes, dtype=torch.float64).log().requires_grad_()
    F.cross_entropy(log_p, torch.tensor([label]), label_smoothing=share).backward()
    return 1 / classes - log_p.grad[0]  # softmax − targets


RIGHT = {
    "steps-of-an-epoch": [
        lambda n, batch: math.ceil(n / batch),
        lambda n, batch: -(-n // batch),
        lambda n, batch: (n + batch - 1) // batch,
        lambda n, batch: n // batch + (n % batch > 0),
        steps_counted,
        lambda n, batch: float(np.ceil(n / batch)),
    ],
    "triangle-schedule": [
        triangle,
        triangle_interpolated,
        lambda i, n, w: min(i / (w * n), (n - i) / (n - w * n)),
        lambda i, n, w: torch.tensor(triangle(i, n, w)),
        lambda i, n, w: [triangle(i, n, w)],
    ],
    "label-smoothing": [
        smoothing,
        smoothing_torch,
        smoothing_by_target,
        smoothing_loops,
        smoothing_mixed,
    ],
    "ratio-of-times": [
        ratio,
        ratio_sorted,
        lambda usual, ours: statistics.median(usual) / statistics.median(ours),
        lambda usual, ours: np.quantile(usual, 0.5) / np.quantile(ours, 0.5),
        lambda usual, ours: torch.tensor(usual).quantile(0.5) / torch.tensor(ours).quantile(0.5),
    ],
    "amdahl": [
        amdahl,
        amdahl_by_seconds,
        amdahl_by_savings,
        lambda *given: torch.tensor(amdahl(*given)),
        lambda *given: np.float32(amdahl(*given)),
    ],
    "smoothed-targets": [
        smoothed,
        smoothed_torch,
        smoothed_by_the_loss,
        lambda label, classes, share: np.eye(classes)[label] * (1 - share) + share / classes,
        lambda label, classes, share: tuple(smoothed(label, classes, share)),
    ],
    "half-the-work": [
        [6, 16, 64],
        (9, 10, 64),
        np.array([4, 24, 64]),
        torch.tensor([8, 12, 64]),
        [8, 13, 32],
    ],
}

# Designs with a fault, each with a word of what must be said.
FAULTS = {
    "half-the-work": [
        ([8, 40, 64], "It needs 467,840 multiply-adds; half of the speedrun's are 233,920"),
        ([6, 8, 8], "multiply-adds only; a third of the speedrun's are 155,947"),
        ([3, 40, 64], "A width of 3 is too small; each is at least 4"),
        ([8, 16], "three whole numbers"),
        ([8.5, 16, 64], "three whole numbers"),
    ],
}

SLIPS = [
    ("steps-of-an-epoch", lambda n, batch: round(n / batch), "rounded to the nearest"),
    ("triangle-schedule", lambda step, steps, warmup: 1 - step / steps, "down from the start"),
    ("amdahl", lambda s1, f1, s2, f2: (f1 + f2) / 2, "the mean of the two factors"),
    (
        "smoothed-targets",
        lambda y, c, s: [1 - s if i == y else s / c for i in range(c)],
        "gets its part of the share as well",
    ),
]
