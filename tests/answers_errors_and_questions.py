"""Right answers to the exercises on errors and questions, by name; the notebook's is first."""

import math
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch.nn import functional as F

from course_utils import evaluation
from course_utils.data import distortions


def share_interval(k, n):
    low = stats.beta.ppf(0.025, k, n - k + 1) if k > 0 else 0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1
    return low, high


def share_interval_scipy(k, n):
    return tuple(stats.binomtest(k, n).proportion_ci(0.95, method="exact"))


def share_interval_by_search(k, n):
    """The shares under which so many, or so few, come up in one case of forty."""

    def crossing(chance_of):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if chance_of(middle) else (low, middle)
        return low

    def at_least(p):
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))

    def at_most(p):
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))

    low = 0.0 if k == 0 else crossing(lambda p: at_least(p) < 0.025)
    high = 1.0 if k == n else crossing(lambda p: at_most(p) > 0.025)
    return [low, high]


def confused_pair(matrix):
    both = np.triu(matrix + matrix.T, 1)
    return np.unravel_index(both.argmax(), both.shape)


def confused_pair_loops(matrix):
    counts = {}
    for a in range(len(matrix)):
        for b in range(a + 1, len(matrix)):
            counts[a, b] = int(matrix[a][b]) + int(matrix[b][a])
    return max(counts, key=counts.get)


def confused_pair_torch(matrix):
    both = torch.triu(torch.as_tensor(matrix) + torch.as_tensor(matrix).T, diagonal=1)
    place = int(both.argmax())
    return place // len(both), place % len(both)


def confused_pair_course(matrix):
    both = np.asarray(matrix) + np.asarray(matrix).T
    a, b, _ = evaluation.most_confused(both, 1)[0]
    return [a, b]


def honest_choice(validation, test):
    return test[validation.argmax()]


def honest_choice_loops(validation, test):
    best = 0
    for i, value in enumerate(validation):
        if value > validation[best]:
            best = i
    return float(test[best])


def shift_image(image, rows, columns):
    moved = np.zeros_like(image)
    h, w = image.shape
    moved[max(rows, 0) : h + rows, max(columns, 0) : w + columns] = image[
        max(-rows, 0) : h - rows, max(-columns, 0) : w - columns
    ]
    return moved


def shift_image_loops(image, rows, columns):
    h, w = image.shape
    return [
        [
            float(image[r - rows, c - columns])
            if 0 <= r - rows < h and 0 <= c - columns < w
            else 0.0
            for c in range(w)
        ]
        for r in range(h)
    ]


def shift_image_padding(image, rows, columns):
    x = torch.as_tensor(image)
    return F.pad(x, (columns, -columns, rows, -rows))


def shift_image_roll(image, rows, columns):
    moved = np.roll(np.asarray(image), (rows, columns), (0, 1))
    if rows:
        moved[slice(0, rows) if rows > 0 else slice(rows, None)] = 0
    if columns:
        moved[:, slice(0, columns) if columns > 0 else slice(columns, None)] = 0
    return moved


def shift_image_course(image, rows, columns):
    x = torch.as_tensor(image)[None, None].float()
    return distortions.shift(x, rows, columns)[0, 0]


RIGHT: dict[str, list[Any]] = {
    "share-interval": [
        share_interval,
        share_interval_scipy,
        share_interval_by_search,
        lambda k, n: np.array(share_interval(k, n)),
        lambda k, n: torch.tensor(share_interval(k, n), dtype=torch.float32),
    ],
    "confused-pair": [
        confused_pair,
        confused_pair_loops,
        confused_pair_torch,
        confused_pair_course,
        lambda m: torch.tensor(confused_pair_torch(m)),
    ],
    "honest-choice": [
        honest_choice,
        honest_choice_loops,
        lambda v, t: t[np.argmax(v)],
        lambda v, t: max(zip(v, t, strict=True))[1],
        lambda v, t: t[v == v.max()].mean(),
    ],
    "shift-image": [
        shift_image,
        shift_image_loops,
        shift_image_padding,
        shift_image_roll,
        shift_image_course,
    ],
}
