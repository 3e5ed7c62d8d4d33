"""Right answers to the exercises on XOR, by name; the first is the notebook's solution.

The others are written as students may: in loops, with PyTorch, or by asking SciPy.
"""

import math
from fractions import Fraction

import numpy as np
import torch
from scipy import special, stats
from torch import nn
from torch.nn import functional as F

from course_utils import xor

# --- parameters


def counted_by_pytorch(hidden):
    model = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    return sum(p.numel() for p in model.parameters())


# --- weights by hand

OR_AND = ([[10, 10], [10, 10]], [-5, -15], [10, -10], -10)
EITHER_OR = ([[8, -8], [-8, 8]], [-4, -4], [6, 6], 6)


def trained():
    return xor.Networks([42], lr=1.0).train(500)[0]


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


# --- gradient


def gradient_autograd(z, y):
    z = z.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(z, y, reduction="sum").backward()
    return z.grad


def gradient_loops(z, y):
    def sigmoid(t):
        return 1 / (1 + math.exp(-t)) if t > 0 else math.exp(t) / (1 + math.exp(t))

    return [sigmoid(float(a)) - float(b) for a, b in zip(z, y, strict=True)]


# --- line


def line_loops(v, c):
    rows = []
    for (v1, v2), shift in zip(v.tolist(), c.tolist(), strict=True):
        at = [-(v1 * h1 + shift) / v2 for h1 in (0, 1)]
        rows.append([at[1] - at[0], at[0]])
    return rows


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


_ALL = {
    "xor-parameters": [
        lambda hidden: 2 * hidden + hidden + hidden + 1,
        counted_by_pytorch,
        lambda h: float(4 * h + 1),
        lambda h: Fraction(4 * h + 1),
        lambda h: sum(p.numel() for p in xor.network(0, hidden=h).parameters()),
        lambda h: torch.tensor(h * 4 + 1),
    ],
    "xor-by-hand": [
        OR_AND,
        EITHER_OR,
        list(EITHER_OR),
        ([[-10, -10], [-10, -10]], [5, 15], [-10, 10], -10),  # both units turned around
        (np.array([[3.0, 3], [3, 3]]), np.array([-1.5, -4.5]), np.array([4, -4]), -3.5),
        [torch.tensor(part, dtype=torch.float32) for part in OR_AND],
        (np.array([[0.5, 0.5], [0.5, 0.5]]), [-0.25, -0.75], [20, -20], [-8.0]),
        (*trained()[:2], trained()[2][0], trained()[3]),
    ],
    "all-networks-forward": [
        forward_einsum,
        forward_matmul,
        forward_loops,
        forward_baddbmm,
        forward_vmap,
        lambda *args: forward_einsum(*args).astype(np.float32).tolist(),
    ],
    "sum-gradient": [
        lambda z, y: special.expit(z) - y,
        gradient_autograd,
        gradient_loops,
        lambda z, y: torch.sigmoid(z) - y,
        lambda z, y: 1 / (1 + np.exp(-z)) - y,
        lambda z, y: (1 + np.tanh(z / 2)) / 2 - y,
        lambda z, y: (z.sigmoid() - y).tolist(),
    ],
    "hidden-line": [
        lambda v, c: np.stack([-v[:, 0] / v[:, 1], -c / v[:, 1]], axis=1),
        line_loops,
        lambda v, c: torch.stack([-v[:, 0] / v[:, 1], -c / v[:, 1]], dim=1),
        lambda v, c: -np.column_stack([v[:, 0], c]) / v[:, 1:],
        lambda v, c: [[float(-a / b), float(-s / b)] for (a, b), s in zip(v, c, strict=True)],
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
}

OFTEN = ("six-seeds", "seeds-to-see", "wilson-interval", "runs-for-ninety")
RIGHT_OFTEN = {name: _ALL[name] for name in OFTEN}
RIGHT = {name: found for name, found in _ALL.items() if name not in OFTEN}

FAULTS = {
    "xor-by-hand": [
        (([[1, 1], [1, 1]], [0, 0], [0, 0], 0), "gives about ½ at (0, 0), (0, 1), (1, 0), (1, 1)"),
        (([[10, 10], [10, 10]], [-5, -15], [-10, 10], 10), "XNOR, the opposite of XOR"),
        (([[10, 10], [10, 10]], [-5, -15], [10, 0], 0), "computes OR."),
        (([[10, 10], [10, 10]], [-5, -15], [0, 10], 0), "computes AND."),
        (([[10, 10], [10, 10]], [-5, -15], [0, -10], 0), "computes NAND."),
        (([[10, 10], [10, 10]], [-5, -15], [-10, 0], 0), "computes NOR."),
        (([[1, 1], [1, 1]], [0, 0], [0, 0], 3), "computes always 1."),
        (([[1, 1], [1, 1]], [0, 0], [0, 0], -3), "computes always 0."),
        (([[10, 0], [0, 10]], [-5, -5], [10, 0], 0), "has the wrong class at (0, 1), (1, 1)."),
        (([10, 10, 10, 10], [-5, -15], [10, -10], -10), "W should be an array of shape (2, 2)"),
        (([[10, 10], [10, 10]], -5, [10, -10], -10), "b should be an array of shape (2,)"),
        (([[10, 10], [10, 10]], [-5, -15], [[10, -10]], -10), "v should be an array of shape (2,)"),
        (([[10, 10], [10, 10]], [-5, -15], [10, -10], [1, 2]), "c should be one number"),
        (([[10, math.nan], [10, 10]], [-5, -15], [10, -10], 1), "W contains nan or infinity"),
        (([[10, 10], [10, 10]], [-5, -15], [10, -10]), "four things: W, b, v and c"),
        ("W", "four things: W, b, v and c"),
        (([["10", "10"], ["10", "10"]], [-5, -15], [10, -10], -10), "W should be an array of"),
        (([[10, 10], [10, 10]], [-5 + 5j, -15], [10, -10], -10), "that holds other than numbers"),
        (([[10, 10], [10, 10]], [-5, -15], [10, -10], True), "c should be one number; it is of"),
        ((..., ..., ..., ...), "not attempted"),
    ]
}
