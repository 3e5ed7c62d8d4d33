"""Are the answers of the exercises on rounding and on paths right? See also `test_exercises`."""

import math

import answers_two_losses as right
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.exercises import PAGES, REGISTRY
from course_utils.neuron import Neuron, descend, steps_to_halve

# --- by hand


def test_the_slope_by_hand():
    slope = REGISTRY["sigmoid-slope"].right
    assert slope(np.log([1.0, 3.0])) == pytest.approx([1 / 2 * 1 / 2, 3 / 4 * 1 / 4])


def test_the_gradient_by_hand():
    """σ(ln 3) = ¾, x = 2, y = ¼: the error is ½."""
    w, b = np.array([0.0]), np.array([math.log(3)])
    gradient = REGISTRY["cross-entropy-neuron-gradient"].right(w, b, 2.0, 0.25)
    assert gradient == pytest.approx((1 / 2 * 2, 1 / 2))


def test_the_first_output_of_one_by_hand():
    assert np.float16(1) + np.exp(np.float16(-7.63)) == 1
    assert np.float16(1) + np.exp(np.float16(-7.62)) > 1
    assert REGISTRY["first-output-of-one"].right == pytest.approx(7.6246, abs=1e-4)


@pytest.mark.parametrize("z", [8, 10, 12])
def test_the_rule_for_the_steps_nears_the_count(z):
    counted = float(steps_to_halve(Neuron("l2", 0), z, 0, 1, max_steps=50_000))
    ratio = counted / (REGISTRY["steps-from-twenty"].right * math.exp(z - 20))
    assert 1 < ratio < 1 + 80 * math.exp(-z)


def test_the_valley_holds_a_path_up_to_the_largest_rate():
    neuron, limit = Neuron("cross_entropy", 0.1), REGISTRY["largest-rate"].right
    valley = math.log(1 / 9)
    w, b = descend(neuron, valley + 0.1, 0, lr=[0.99 * limit, 1.01 * limit], steps=5000)
    below, above = np.abs(w[-1] + b[-1] - valley)
    assert below < 1e-9
    assert above > 0.1


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


def test_the_gradient_is_autograds():
    rng = np.random.default_rng(1)
    exercise = REGISTRY["cross-entropy-neuron-gradient"]
    torchs = right.by_autograd("cross-entropy")
    for shape in [(1,), (9,), (4, 5)]:
        w, b = rng.normal(0, 3, (2, *shape))
        x, y = rng.normal(), rng.uniform()
        for mine, theirs in zip(exercise.right(w, b, x, y), torchs(w, b, x, y), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-15)


def test_each_exercise_knows_six_mistakes_or_more():
    page = PAGES["float32_and_paths"]
    assert len(page) == 6
    assert all(len(exercise.mistakes) >= 6 for exercise in page)
