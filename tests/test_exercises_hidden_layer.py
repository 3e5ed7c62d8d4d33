"""Are the answers of the exercises on the hidden layer right? See also `test_exercises`."""

from itertools import product

import numpy as np
import pytest
import torch
from answers_hidden_layer import PARITY, STAIRS
from torch import nn
from torch.nn import functional as F

from course_utils import xor
from course_utils.exercises import REGISTRY, judge


def test_two_relus_as_arithmetic():
    """Over the number of switches that are up: 0 − 0 − ½, 1 − 0 − ½, 2 − 2·1 − ½."""
    w, b, v, c = map(np.array, REGISTRY["xor-by-hand"].right)
    h = np.maximum(xor.POINTS.numpy() @ w.T + b, 0)
    assert (h @ v + c).tolist() == [0 - 0 - 0.5, 1 - 0 - 0.5, 1 - 0 - 0.5, 2 - 2 * 1 - 0.5]


def test_three_relus_as_arithmetic():
    """0, 1, 2 − 2·1, 3 − 2·2 + 2·1, each less ½: on where an odd number of switches is up."""
    w, b, v, c = map(np.array, REGISTRY["three-switches"].right)
    for switches in product((0, 1), repeat=3):
        z = np.maximum(w @ switches + b, 0) @ v + c
        assert z == [0, 1, 2 - 2 * 1, 3 - 2 * 2 + 2 * 1][sum(switches)] - 0.5
        assert (z > 0) == (sum(switches) % 2)


@pytest.mark.parametrize(
    ("name", "right", "spread"), [("xor-by-hand", STAIRS, 0.25), ("three-switches", PARITY, 0.1)]
)
def test_random_networks_are_judged_by_what_they_compute(name, right, spread):
    """Of many networks around a right one, those told to be right are those PyTorch finds so."""
    torch.manual_seed(0)
    size = len(right[1])
    points = torch.tensor(list(product((0.0, 1.0), repeat=size)))
    target = points.sum(1) % 2 == 1
    found = 0
    for _ in range(400):
        w, b, v, c = (torch.tensor(part) + spread * torch.randn(np.shape(part)) for part in right)
        p = torch.sigmoid(torch.relu(points @ w.T + b) @ v + c)
        correct = torch.where(target, p > 0.51, p < 0.49).all().item()
        assert (judge(REGISTRY[name], (w, b, v, c)).status == "right") == correct
        found += correct
    print(f"\n{name}: {found} of 400 random networks are right")
    assert 20 < found < 380


def zeros_of_gradient(model, points, targets):
    model.zero_grad()
    loss = F.binary_cross_entropy_with_logits(model(points)[:, 0], targets, reduction="sum")
    loss.backward()
    return sum(int((p.grad == 0).sum()) for p in model.parameters())


def test_what_gets_no_gradient_is_counted_by_autograd():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).double()
    points, targets = xor.POINTS.double(), xor.TARGETS.double()
    counts = [zeros_of_gradient(model, points[:1], targets[:1])]
    nn.init.zeros_(model[2].weight)
    counts.append(zeros_of_gradient(model, points, targets))
    for p in model.parameters():
        nn.init.zeros_(p)
    counts.append(zeros_of_gradient(model, points, targets))
    assert counts == REGISTRY["zero-gradients"].right


def test_parameters_as_arithmetic():
    assert REGISTRY["xor-parameters"].right(2) == 2 * 2 + 2 + 2 * 1 + 1 == 9


def test_the_gradient_is_autograds():
    exercise = REGISTRY["relu-hidden-gradient"]
    for case in exercise.cases:
        w, b, v, c, x, y = (torch.tensor(a) for a in case)
        w.requires_grad_()
        z = torch.relu(x @ w.T + b) @ v + c
        F.binary_cross_entropy_with_logits(z, y, reduction="sum").backward()
        assert w.grad is not None
        assert np.allclose(exercise.right(*case), w.grad)
        off = (x @ w.T + b <= 0).float().mean()
        assert 0 < off < 1  # some units pass nothing on, some do
