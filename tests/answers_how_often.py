"""Right answers to the exercises on success rates, by name; the first is the notebook's solution.

The others are written as students may: in loops, with PyTorch, or by asking SciPy.
"""

import math
from fractions import Fraction

import numpy as np
import torch
from scipy import stats
from torch.nn import functional as F

from course_utils import xor

# --- all networks at once


def forward_einsum(w, b, v, c, x):
    h = np.tanh(np.einsum("nhi,pi->nph", w, x) + b[:, None])
    return np.einsum("nph,nh->np", h, v) + c[:, None]


def forward_matmul(w, b, v, c, x):
    h = torch.tanh(x @ w.mT + b.unsqueeze(1))
    return (h @ v.unsqueeze(2)).squeeze(2) + c.unsqueeze(1)


def forward_loops(w, b, v, c, x):
    rows = []
    for n in range(len(w)):
        row = []
        for point in x:
            z = float(c[n])
            for h in range(len(b[n])):
                inside = sum(float(w[n][h][i]) * float(point[i]) for i in range(2)) + float(b[n][h])
                z += float(v[n][h]) * math.tanh(inside)
            row.append(z)
        rows.append(row)
    return rows


def forward_baddbmm(w, b, v, c, x):
    points = x.expand(len(w), -1, -1)
    h = torch.baddbmm(b[:, None], points, w.transpose(1, 2)).tanh()
    return torch.einsum("nph,nh->np", h, v) + c[:, None]


def forward_vmap(w, b, v, c, x):
    def one(w, b, v, c):
        return torch.tanh(F.linear(x, w, b)) @ v + c

    return torch.vmap(one)(w, b, v, c)


# --- intervals


def wilson(k, n, z=1.96):
    share = k / n
    half = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    middle = share + z**2 / (2 * n)
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def wilson_scipy(k, n):
    return tuple(stats.binomtest(k, n).proportion_ci(method="wilson"))


def wilson_by_roots(k, n):
    """The shares that lie z standard errors away: (p̂ − p)² = z² p (1 − p) / n."""
    z2 = stats.norm.ppf(0.975) ** 2
    roots = np.roots([1 + z2 / n, -(2 * k / n + z2 / n), (k / n) ** 2])
    return sorted(roots.real)


def six_by_product():
    work = math.prod([1 - 30 / 200] * 6)
    return [work, 1 - math.prod([30 / 200] * 6)]


def six_by_binomial():
    chance = stats.binom(6, 170 / 200)
    return chance.pmf(6), 1 - chance.pmf(0)


def seen_by_trying(q):
    n = 1
    while (1 - q) ** n > 0.05:
        n += 1
    return n


def overlaps():
    """The numbers of seeds on which two sets of 400 among 1,000 may differ."""
    differ = [2 * (400 - common) for common in range(401) if 800 - common <= 1000]
    return [min(differ), max(differ)]


RIGHT = {
    "all-networks-forward": [
        forward_einsum,
        forward_matmul,
        forward_loops,
        forward_baddbmm,
        forward_vmap,
        lambda *args: forward_einsum(*args).astype(np.float32).tolist(),
    ],
    "wilson-interval": [
        wilson,
        wilson_scipy,
        wilson_by_roots,
        lambda k, n: xor.rate(k, n)[2:],
        lambda k, n: torch.tensor(wilson(k, n)),
        lambda k, n: np.array(wilson(k, n, stats.norm.ppf(0.975)), dtype=np.float32),
    ],
    "six-seeds": [
        [(1 - 30 / 200) ** 6, 1 - (30 / 200) ** 6],
        six_by_product(),
        six_by_binomial(),
        [0.3771, 0.99999],
        (Fraction(170, 200) ** 6, 1 - Fraction(30, 200) ** 6),
        torch.tensor([0.85**6, 1 - 0.15**6]),
    ],
    "seeds-to-see": [
        lambda q: math.ceil(math.log(0.05) / math.log(1 - q)),
        lambda q: int(np.ceil(np.log(0.05) / np.log1p(-q))),
        seen_by_trying,
        lambda q: float(seen_by_trying(q)),
        lambda q: torch.tensor(seen_by_trying(q)),
    ],
    "runs-for-ninety": [35, 35.0, Fraction(35), np.int64(35), [35]],
    "equal-shares": [
        [0, 800],
        overlaps(),
        (0.0, 800.0),
        np.array([0, 2 * 400]),
        torch.tensor([0, 800]),
    ],
    "a-setting-that-works": [
        (3, "tanh", "cross_entropy", 1.0),
        [3, "tanh", "cross_entropy", 1],
        (3, "tanh", "l2", 1.0),
        (3, "tanh", "cross_entropy", 0.5),
        (3, "tanh", "cross_entropy", 0.7),
    ],
}

FAULTS = {
    "a-setting-that-works": [
        ((3, "tanh", "cross_entropy", 0.1), "fresh networks work; 180 must."),
        ((2, "tanh", "cross_entropy", 1.0), "of 200 fresh networks work"),
        ((3, "sigmoid", "l2", 3.0), "of 200 fresh networks work"),
        ((4, "tanh", "cross_entropy", 1.0), "4 hidden units are too many; 3 are allowed."),
        ((3, "tan", "cross_entropy", 1.0), "activation: 'tan' is invalid"),
        ((3, "tanh", "mse", 1.0), "loss: 'mse' is invalid"),
        ((3, "tanh", "cross_entropy", -1), "lr: -1 is invalid"),
        ((0, "tanh", "cross_entropy", 1.0), "hidden: 0 is invalid"),
        (("three", "tanh", "cross_entropy", 1.0), "These settings can't be trained"),
        ((3, "tanh", "cross_entropy"), "four things: hidden, activation, loss and lr"),
        ((..., ..., ..., ...), "not attempted"),
    ]
}
