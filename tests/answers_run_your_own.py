"""Right answers to the exercises on a study of one's own; the first is the notebook's solution."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models import staged_cnn

# --- a variant


def inserted():
    network = staged_cnn()
    return nn.Sequential(*network[:-1], nn.Dropout(0.2), network[-1])


def before_flatten():
    layers = [*staged_cnn()]
    return nn.Sequential(*layers[:-2], nn.Dropout(0.2), *layers[-2:])


class Wrapped(nn.Module):
    def __init__(self, p=0.2):
        super().__init__()
        self.p, self.network = p, staged_cnn()

    def forward(self, x):
        return self.network[-1](F.dropout(self.network[:-1](x), self.p, self.training))


def by_hook():
    network = staged_cnn()
    drop = nn.Dropout(0.2)
    network[-1].register_forward_pre_hook(lambda layer, args: drop.train(layer.training)(args[0]))
    network.register_forward_pre_hook(lambda *_: None)
    return network


def replaced():
    network = staged_cnn()
    network[-1] = nn.Sequential(nn.Dropout(0.2), network[-1])
    return network


def written_out():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip


ONE = inserted()


def in_two_parts():
    return nn.Sequential(*staged_cnn()[:-1], nn.Dropout(0.2), staged_cnn()[-1])


def norm_as_well():
    return nn.Sequential(*inserted(), nn.BatchNorm1d(10))


def squeezed():
    return nn.Sequential(*inserted(), nn.LogSoftmax(dim=1))


def at_the_end():
    return nn.Sequential(*staged_cnn(), nn.Dropout(0.2))


# --- what a study takes, and what its runs say


def runs(variants, seeds, rates):
    tried = 2 * rates if rates > 1 else 0
    return variants * (tried + seeds)


def runs_counted(variants, seeds, rates):
    trials = [(r, s) for r in range(rates) for s in (1000, 1001)] if rates > 1 else []
    return sum(len(trials) + len(range(seeds)) for _ in range(variants))


def best_rate(rates, accuracies):
    place = int(accuracies.mean(1).argmax())
    return [rates[place], min(place, len(rates) - 1 - place)]


def best_by_sorting(rates, accuracies):
    means = [float(sum(row)) / len(row) for row in accuracies]
    best = max(zip(means, rates, strict=True))[1]
    return best, min(sum(r < best for r in rates), sum(r > best for r in rates))


def best_numpy(rates, accuracies):
    means = np.mean(np.asarray(accuracies), axis=1)
    i = np.argmax(means)
    return np.array([rates[i], min(len(means[:i]), len(means[i + 1 :]))])


def in_pairs(a, b):
    first, second = ({int(s): float(x) for s, x in rows} for rows in (a, b))
    return np.mean([first[s] - second[s] for s in first.keys() & second.keys()])


def in_pairs_numpy(a, b):
    a, b = np.asarray(a), np.asarray(b)
    _, i, j = np.intersect1d(a[:, 0], b[:, 0], return_indices=True)
    return (a[i, 1] - b[j, 1]).mean()


def in_pairs_by_loops(a, b):
    found = [x - y for s, x in a for t, y in b if s == t]
    return sum(found) / len(found)


def in_pairs_torch(a, b):
    a, b = torch.as_tensor(a), torch.as_tensor(b)
    same = a[:, :1] == b[:, 0]
    return (a[:, 1:] - b[:, 1])[same].mean()


def in_pairs_by_means(a, b):
    common = {float(s) for s in a[:, 0]} & {float(s) for s in b[:, 0]}
    x, y = ([float(v) for s, v in rows if float(s) in common] for rows in (a, b))
    return sum(x) / len(x) - sum(y) / len(y)


RIGHT: dict[str, list[Any]] = {
    "one-change": [inserted, before_flatten, Wrapped, by_hook, replaced, written_out],
    "runs-of-a-study": [
        runs,
        runs_counted,
        lambda v, s, r: v * s + 2 * v * r * (r > 1),
        lambda v, s, r: v * (s if r == 1 else s + 2 * r),
        lambda v, s, r: np.sum([[s, 2 * r * (r != 1)]] * v),
    ],
    "best-rate": [
        best_rate,
        best_by_sorting,
        best_numpy,
        lambda rates, a: (rates[p := int(a.sum(1).argmax())], min(p, len(a) - 1 - p)),
        lambda rates, a: torch.tensor(best_rate(rates, a)),
    ],
    "in-pairs": [in_pairs, in_pairs_numpy, in_pairs_by_loops, in_pairs_torch, in_pairs_by_means],
    "least-margin": [
        lambda low, high: max(abs(low), abs(high)),
        lambda low, high: max(-low, high),
        lambda low, high: np.abs([low, high]).max(),
        lambda low, high: torch.tensor([low, high]).abs().max(),
        lambda low, high: abs(low + high) / 2 + (high - low) / 2,
    ],
    "plan-a-study": [[4, 12], (3, 15), np.array([5, 13]), torch.tensor([3, 12]), ["4", 16.0]],
}  # fmt: skip


FAULTS: dict[str, list[tuple[Any, str]]] = {
    "one-change": [
        (ONE, "This is a network"),
        ("dropout", "this is text"),
        (lambda: None, "is left blank, not a network"),
        (lambda: ONE, "Each call gives the same network"),
        (norm_as_well, "dropout has none of its own"),
        (in_two_parts, "other initial weights than the baseline"),
        (squeezed, "something else than the baseline"),
        (staged_cnn, "nothing is dropped"),
        (at_the_end, "nothing is dropped"),
        (lambda: Wrapped(0.5), "a fifth dropped"),
    ],
    "plan-a-study": [
        ([2, 15], "always lies at an end"),
        ([4.5, 12], "whole numbers"),
        ([6, 14], "78 runs, and 312 seconds"),
        ([7, 9], "too often missed"),
    ],
}
