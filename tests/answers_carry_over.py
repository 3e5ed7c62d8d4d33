"""Right answers to the exercises on what carries over, by name; the first is the notebook's."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import signal, stats
from torch import nn
from torch.nn import functional as F

from course_utils.evaluation import Comparison

X, W, BIAS = [4.0, 1, 0, 3, 2, 5], [2.0, -1, 3], -2.0


def tensor(values):
    return torch.as_tensor(values, dtype=torch.float64)


# --- convolutions of signals


def by_torch(x=X, w=W, bias=BIAS, **settings):
    settings = {"stride": 2, "padding": 1} | settings
    return F.conv1d(tensor(x)[None], tensor(w)[None, None], tensor([bias]), **settings)[0]


def conv1d(x, w, b, stride, padding):
    k = w.shape[2]
    x = np.pad(x, ((0, 0), (padding, padding)))
    starts = range(0, x.shape[1] - k + 1, stride)
    sums = [(w * x[:, i : i + k]).sum(axis=(1, 2)) + b for i in starts]
    return np.stack(sums, axis=1)


def conv1d_torch(x, w, b, stride, padding):
    return F.conv1d(tensor(x)[None], tensor(w), tensor(b), stride, padding)[0]


def conv1d_unfold(x, w, b, stride, padding):
    windows = F.pad(x, (padding, padding)).unfold(1, w.shape[2], stride)
    return torch.einsum("cik,ock->oi", windows, w) + b[:, None]


def conv1d_scipy(x, w, b, stride, padding):
    x, w = np.pad(x, ((0, 0), (padding, padding))), np.asarray(w)
    maps = [sum(map(signal.correlate, x, kernel, ["valid"] * len(x))) for kernel in w]
    return np.stack(maps)[:, ::stride] + np.asarray(b)[:, None]


def conv1d_loops(x, w, b, stride, padding):
    size = (x.shape[1] + 2 * padding - w.shape[2]) // stride + 1
    y = np.zeros((len(w), size))
    for o, c, i, t in np.ndindex(len(w), len(x), size, w.shape[2]):
        place = i * stride + t - padding
        if 0 <= place < x.shape[1]:
            y[o, i] += w[o, c, t] * x[c, place]
    return y + np.asarray(b)[:, None]


def conv1d_as_an_image(x, w, b, stride, padding):
    x, w = tensor(x)[None, :, None], tensor(w)[:, :, None]
    return F.conv2d(x, w, tensor(b), (1, stride), (0, padding))[0, :, 0]


def conv1d_flipped(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (padding, padding)))
    maps = [sum(map(np.convolve, x, kernel, ["valid"] * len(x))) for kernel in np.asarray(w)]
    return np.stack(maps)[:, ::stride] + np.asarray(b)[:, None]


def conv1d_sized(x, w, b, stride, padding):
    size = (x.shape[1] + 2 * padding - w.shape[2]) // stride + 1
    return conv1d_torch(x, w, b, 1, padding)[:, :size]


def counted_by_torch(c_in, c_out, k):
    return sum(p.numel() for p in nn.Conv1d(c_in, c_out, k).parameters())


# --- what a test set can tell


def times_as_wide(p, n, q, m):
    return ((q * (1 - q) / m) / (p * (1 - p) / n)) ** 0.5


# --- what became of a verdict


def kind(low, high, margin):
    if -margin < low and high < margin:
        return "same"
    return "better" if low > 0 else "worse" if high < 0 else "open"


def what_became_of_it(mnist, margin, signals, margin_signals):
    a, b = kind(*mnist, margin), kind(*signals, margin_signals)
    if "open" in (a, b):
        return "open"
    if a == b:
        return "carries over"
    only = {a: "only on the second", b: "only on the first"}
    return only.get("same", "turns round")


def by_the_package(mnist, margin, signals, margin_signals):
    """With the words that the package has for an interval."""

    def words(interval, margin):
        low, high = interval
        side = "better" if low > 0 else "worse" if high < 0 else "indistinguishable"
        return Comparison((low + high) / 2, low, high, 10, side, 9).outcome(margin)

    table = {
        ("better", "worse"): "turns round",
        ("worse", "better"): "turns round",
        ("better", "the same"): "only on the first",
        ("worse", "the same"): "only on the first",
        ("the same", "better"): "only on the second",
        ("the same", "worse"): "only on the second",
    }
    table |= {(word, word): "carries over" for word in ("better", "worse", "the same")}
    return table.get((words(mnist, margin), words(signals, margin_signals)), "open")


def by_signs(mnist, margin, signals, margin_signals):
    def sign(interval, margin):
        if max(map(abs, interval)) < margin:
            return 0
        low, high = np.sign(interval)
        return low if low == high else math.nan

    one, two = sign(mnist, margin), sign(signals, margin_signals)
    if math.isnan(one + two):
        return "open"
    if one * two < 0:
        return "turns round"
    return {0: "carries over", 1: "only on the first", -1: "only on the second"}[
        abs(one) - abs(two)
    ]


def by_ifs(mnist, margin, signals, margin_signals):
    (a, b), (c, d) = mnist, signals
    same_1, same_2 = -margin < a and b < margin, -margin_signals < c and d < margin_signals
    apart_1, apart_2 = (not same_1) and a * b > 0, (not same_2) and c * d > 0
    if (same_1 and same_2) or (apart_1 and apart_2 and a * c > 0):
        return "Carries over"
    if apart_1 and apart_2:
        return "Turns round"
    if apart_1 and same_2:
        return "Only on the first"
    return "Only on the second" if same_1 and apart_2 else "Open"


def with_zero_the_same(mnist, margin, signals, margin_signals):
    margins = [math.inf if low < 0 < high else 0 for low, high in (mnist, signals)]
    return what_became_of_it(mnist, margins[0], signals, margins[1])


RIGHT: dict[str, list[Any]] = {
    "conv1d-by-hand": [
        [-3, 9, 17],
        by_torch(),
        by_torch().numpy().astype(np.float32),
        [sum(a * b for a, b in zip(W, [0, *X, 0][i : i + 3], strict=True)) - 2 for i in (0, 2, 4)],
        tuple(Fraction(y) for y in (-3, 9, 17)),
        np.correlate([0, *X, 0], W)[::2] - 2,
    ],
    "conv1d-parameters": [
        lambda c_in, c_out, k: c_out * (c_in * k + 1),
        counted_by_torch,
        lambda c_in, c_out, k: c_in * c_out * k + c_out,
        lambda c_in, c_out, k: np.zeros((c_out, c_in, k)).size + c_out,
        lambda c_in, c_out, k: float(sum(c_in * k + 1 for _ in range(c_out))),
    ],
    "times-as-wide": [
        times_as_wide,
        lambda p, n, q, m: math.sqrt(q * (1 - q) / m) / math.sqrt(p * (1 - p) / n),
        lambda p, n, q, m: stats.binom(m, q).std() / m / (stats.binom(n, p).std() / n),
        lambda p, n, q, m: np.sqrt(n / m) * np.sqrt((q - q**2) / (p - p**2)),
        lambda p, n, q, m: torch.tensor(times_as_wide(p, n, q, m)),
    ],
    "field-of-40": [
        [8, 2, 9, 2, 5, 1],
        (8, 2, 9, 2, 5, 4),
        np.array([8, 1, 9, 3, 9, 2]),
        torch.tensor([6, 2, 6, 3, 5, 2]),
        [4, 3, 5, 4, 3, 1],
    ],
    "what-became-of-it": [
        what_became_of_it,
        by_the_package,
        by_signs,
        by_ifs,
        lambda *given: f" {what_became_of_it(*given)} ".title(),
    ],
    "conv1d": [
        conv1d,
        conv1d_torch,
        conv1d_unfold,
        conv1d_scipy,
        conv1d_loops,
        conv1d_as_an_image,
    ],
}

SLIPS = [
    ("conv1d-by-hand", np.convolve([0, *X, 0], W, "valid")[::2] - 2, "the kernel was flipped"),
    ("conv1d-by-hand", by_torch(padding=0), "the padding was forgotten"),
    ("conv1d-by-hand", by_torch(stride=1), "the stride was ignored"),
    ("conv1d-by-hand", by_torch(bias=0.0).tolist(), "the bias was forgotten"),
    ("conv1d-by-hand", by_torch([*X, 0], padding=0), "starts on the first number"),
    ("conv1d", conv1d_flipped, "the kernel was flipped"),
    ("conv1d", lambda x, w, b, s, p: conv1d_torch(x, w, b, s, 0), "the padding was forgotten"),
    ("conv1d", conv1d_sized, "the stride went into the size only"),
    (
        "conv1d",
        lambda x, w, b, s, p: conv1d_scipy(x[:1], w[:, :1], b, s, p),
        "the first input channel alone",
    ),
    ("conv1d", lambda x, w, b, s, p: conv1d_torch(x, w, 0 * b, s, p), "the bias was forgotten"),
    (
        "conv1d-parameters",
        lambda c_in, c_out, k: sum(p.numel() for p in nn.Conv2d(c_in, c_out, k).parameters()),
        "as for an image",
    ),
    (
        "conv1d-parameters",
        lambda c_in, c_out, k: nn.Conv1d(c_in, c_out, k, bias=False).weight.numel(),
        "the biases were forgotten",
    ),
    ("times-as-wide", lambda p, n, q, m: q * (1 - q) / m / (p * (1 - p) / n), "square root"),
    ("times-as-wide", lambda p, n, q, m: (n / m) ** 0.5, "the accuracies do too"),
    (
        "what-became-of-it",
        with_zero_the_same,
        "an interval that holds 0 was called the same",
    ),
    (
        "what-became-of-it",
        lambda a, _, b, __: "carries over" if sum(a) * sum(b) > 0 else "turns round",
        "the signs of the middles",
    ),
    (
        "what-became-of-it",
        lambda a, _, b, __: what_became_of_it(a, 0, b, 0),
        "the margins were ignored",
    ),
]

# Designs with a fault, each with a word of what must be said.
FAULTS = {
    "field-of-40": [
        ([9, 1, 9, 1, 9, 1], "One unit sees 25 numbers; it should be 40. Hint"),
        ([1, 1, 1, 1, 1, 1], "One unit sees 1 number; it should be 40."),
        ([8, 1, 3, 2, 8, 2], "One unit sees 24 numbers"),
        ([8, 1, 3, 2, 8, 2], "own stride was put into its step"),
        ([9, 2, 6, 3, 8, 1], "only the stride just before counted"),
        ([5, 2, 6, 3, 6, 2], "the layers were taken in reverse"),
        ([9, 1, 4, 3, 9, 2], "k steps were added where it should be k − 1"),
        ([8, 2, 6, 3, 6, 1], "each kernel times its own stride, added up"),
        ([5, 1, 4, 2, 2, 1], "the kernel sizes were multiplied"),
        ([9, 2, 9, 2, 5, 1], "the first number itself was left out"),
        ([1, 3, 2, 4, 4, 1], "From end to end it is 40 numbers, but only 8 of them are read"),
        ([9, 2, 8], "six whole numbers"),
        ([8.5, 2, 9, 2, 5, 1], "six whole numbers"),
        ([11, 2, 9, 2, 5, 1], "Each kernel has 1 to 9 weights"),
        ([8, 5, 9, 2, 5, 1], "Each stride is 1 to 4"),
        ([8, 2, 9, 2, 5, 0], "Each stride is 1 to 4"),
    ],
}
