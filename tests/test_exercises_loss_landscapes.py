"""Are the answers of the exercises on loss landscapes right, and is a student's slip recognised?

What holds for every exercise is tested in `test_exercises`.
"""

import math

import answers_loss_landscapes as right
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.exercises import REGISTRY, judge, loss_landscapes

NAMES = [exercise.name for exercise in loss_landscapes.EXERCISES]
MISTAKES = [m.looks_like for exercise in loss_landscapes.EXERCISES for m in exercise.mistakes]


def told(name, answer):
    judgement = judge(REGISTRY[name], answer)
    assert judgement.status == "wrong"
    return judgement.text


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


# --- slips, written as students write them


def naive_loss(z, y):
    p = 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def gradient_of_square_only(w, b, x, y):
    a = torch.sigmoid(w * x + b)
    return 2 * (a - y) * x, 2 * (a - y)


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("sigmoid-slope", torch.sigmoid, "σ itself, not its derivative"),
        ("sigmoid-slope", lambda z: 1 - torch.tanh(z) ** 2, "the derivative of tanh"),
        ("l2-neuron-gradient", gradient_of_square_only, "σ (1 − σ), is missing"),
        (
            "l2-neuron-gradient",
            lambda w, b, x, y: right.l2_gradient(w, b, x, y)[::-1],
            "w and b changed places",
        ),
        (
            "cross-entropy-neuron-gradient",
            lambda w, b, x, y: (right.logistic(w * x + b) - y,) * 2,
            "the factor x is missing in ∂L/∂w",
        ),
        (
            "cross-entropy-neuron-gradient",
            lambda w, b, x, y: right.cross_entropy_gradient(w, b, x, y)[1],
            "should be 2 values",
        ),
        ("loss-from-logits", naive_loss, "stay with z"),
        (
            "loss-from-logits",
            lambda z, y: F.binary_cross_entropy(torch.sigmoid(z), y, reduction="none"),
            "logarithms stopped at −100, as PyTorch",
        ),
        (
            "loss-from-logits",
            lambda z, y: F.binary_cross_entropy_with_logits(z, y),
            "the mean over the examples",
        ),
        ("least-cross-entropy", [0, 0], "as CIS6800 says"),
        ("least-cross-entropy", [1, 0.8113], "to base 2"),
        ("steepest-l2", 1.317, "the place for the target ½"),
        ("steepest-l2", [0.6667], "the output σ there"),
        ("first-output-of-one", 36.7368, "float64"),
        ("steps-to-halve", [6, 214], "changed places"),
        ("steps-to-halve", [425, 12], "only one of w and b was moved"),
    ],
)
def test_a_slip_is_named(name, answer, words):
    assert words in told(name, answer)


def test_counts(capsys):
    with capsys.disabled():
        print(f"\n{len(NAMES)} exercises on loss landscapes, {len(MISTAKES)} mistakes planted")
    assert set(NAMES) == set(right.RIGHT)
    assert len(NAMES) >= 6
    assert all(len(exercise.mistakes) >= 6 for exercise in loss_landscapes.EXERCISES)
