"""Are the answers of the exercises on XOR right? See also `test_exercises`."""

import math

import numpy as np
import pytest
import torch
from answers_hidden_layer import OR_AND
from scipy import stats

from course_utils.exercises import REGISTRY, judge


def test_or_and_not_and_as_arithmetic():
    """tanh(±5) is ±1 to four digits, so the logit is 10·(±1) − 10·(±1) − 10."""
    w, b, v, c = map(np.array, REGISTRY["xor-by-hand"].right)
    logits = []
    for x1, x2 in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        h = [math.tanh(w[i, 0] * x1 + w[i, 1] * x2 + b[i]) for i in (0, 1)]
        logits.append(v[0] * h[0] + v[1] * h[1] + c)
    by_hand = [10 * -1 - 10 * -1 - 10, 10 * 1 - 10 * -1 - 10, 10 * 1 - 10 * -1 - 10]
    assert logits == pytest.approx([*by_hand, 10 * 1 - 10 * 1 - 10], abs=0.01)


def test_random_networks_are_judged_by_what_they_compute():
    """Of many networks around a right one, those told to be right are those PyTorch finds so."""
    torch.manual_seed(0)
    points = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    target = torch.tensor([False, True, True, False])
    found = 0
    for _ in range(400):
        w, b, v, c = (torch.tensor(part) + 5 * torch.randn(np.shape(part)) for part in OR_AND)
        p = torch.sigmoid(torch.tanh(points @ w.T + b) @ v + c)
        right = torch.where(target, p > 0.51, p < 0.49).all().item()
        assert (judge(REGISTRY["xor-by-hand"], (w, b, v, c)).status == "right") == right
        found += right
    print(f"\n{found} of 400 random networks compute XOR")
    assert 20 < found < 380


def test_values_as_arithmetic():
    works, fails = 170 / 200, 30 / 200
    wanted = [works * works * works * works * works * works, 1 - fails**3 * fails**3]
    assert REGISTRY["six-seeds"].right == pytest.approx(wanted)
    assert 34 / (34 + 1.96**2) < 0.9 < 35 / (35 + 1.96**2)
    assert REGISTRY["xor-parameters"].right(2) == 2 * 2 + 2 + 2 * 1 + 1 == 9


@pytest.mark.parametrize(("k", "n"), [(0, 3), (2, 7), (63, 200), (1000, 1000)])
def test_the_interval_is_scipys(k, n):
    theirs = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert REGISTRY["wilson-interval"].right(k, n) == pytest.approx(tuple(theirs), abs=1e-9)
