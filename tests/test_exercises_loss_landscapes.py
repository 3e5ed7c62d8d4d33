"""Are the answers of the exercises on loss landscapes right? See also `test_exercises`."""

import math

import answers_loss_landscapes as right
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.exercises import PAGES, REGISTRY

# --- by hand


def test_the_slope_by_hand():
    slope = REGISTRY["sigmoid-slope"].right
    assert slope(np.log([1.0, 3.0])) == pytest.approx([1 / 2 * 1 / 2, 3 / 4 * 1 / 4])


def test_the_gradients_by_hand():
    """σ(ln 3) = ¾, x = 2, y = ¼: the error is ½, the sigmoid's slope 3/16."""
    w, b = np.array([0.0]), np.array([math.log(3)])
    l2 = REGISTRY["l2-neuron-gradient"].right(w, b, 2.0, 0.25)
    assert l2 == pytest.approx((2 * 1 / 2 * 3 / 16 * 2, 2 * 1 / 2 * 3 / 16))
    ce = REGISTRY["cross-entropy-neuron-gradient"].right(w, b, 2.0, 0.25)
    assert ce == pytest.approx((1 / 2 * 2, 1 / 2))


def test_the_numbers_by_hand():
    assert REGISTRY["least-cross-entropy"].right == pytest.approx(
        [math.log(2), 1 / 4 * math.log(4) + 3 / 4 * math.log(4 / 3)]
    )
    assert REGISTRY["steepest-l2"].right == pytest.approx(math.log((2 / 3) / (1 - 2 / 3)))
    assert np.float32(1) + np.exp(np.float32(-16.64)) == 1
    assert np.float32(1) + np.exp(np.float32(-16.63)) > 1
    assert REGISTRY["first-output-of-one"].right == pytest.approx(16.6355, abs=1e-4)
    assert REGISTRY["steps-to-halve"].right == right.counts_by_torch()


# --- against PyTorch


def test_the_slope_and_the_loss_are_pytorchs():
    rng = np.random.default_rng(0)
    for shape in [(1,), (9,), (4, 5)]:
        z, y = rng.normal(0, 30, shape), rng.uniform(0, 1, shape)
        logits = torch.tensor(z, requires_grad=True)
        torch.sigmoid(logits).sum().backward()
        np.testing.assert_allclose(REGISTRY["sigmoid-slope"].right(z), logits.grad, atol=1e-15)
        theirs = F.binary_cross_entropy_with_logits(
            logits.detach(), torch.tensor(y), reduction="none"
        )
        np.testing.assert_allclose(REGISTRY["loss-from-logits"].right(z, y), theirs, rtol=1e-12)


@pytest.mark.parametrize("loss", ["l2", "cross-entropy"])
def test_the_gradients_are_autograds(loss):
    rng = np.random.default_rng(1)
    exercise, torchs = REGISTRY[f"{loss}-neuron-gradient"], right.by_autograd(loss)
    for shape in [(1,), (9,), (4, 5)]:
        w, b = rng.normal(0, 3, (2, *shape))
        x, y = rng.normal(), rng.uniform()
        for mine, theirs in zip(exercise.right(w, b, x, y), torchs(w, b, x, y), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-15)


def test_six_exercises_or_more_know_six_mistakes_or_more():
    page = PAGES["loss_landscapes"]
    assert len(page) >= 6
    assert all(len(exercise.mistakes) >= 6 for exercise in page)
