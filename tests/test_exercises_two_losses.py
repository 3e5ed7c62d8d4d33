"""Are the answers of the exercises on two losses right? See also `test_exercises`."""

import math

import answers_two_losses as right
import numpy as np
import pytest

from course_utils.exercises import PAGES, REGISTRY

# --- by hand


def test_the_gradient_by_hand():
    """σ(ln 3) = ¾, x = 2, y = ¼: the error is ½, the sigmoid's slope 3/16."""
    w, b = np.array([0.0]), np.array([math.log(3)])
    l2 = REGISTRY["l2-neuron-gradient"].right(w, b, 2.0, 0.25)
    assert l2 == pytest.approx((2 * 1 / 2 * 3 / 16 * 2, 2 * 1 / 2 * 3 / 16))


def test_the_numbers_by_hand():
    assert REGISTRY["total-surprise"].right == pytest.approx(
        -math.log(8 / 10) - math.log(6 / 10) - math.log(1 / 10)
    )
    assert REGISTRY["least-cross-entropy"].right == pytest.approx(
        [
            1 / 4 * math.log(4) + 3 / 4 * math.log(4 / 3),
            1 / 10 * math.log(10) + 9 / 10 * math.log(10 / 9),
        ]
    )
    assert REGISTRY["steepest-l2"].right == pytest.approx(math.log((2 / 3) / (1 - 2 / 3)))
    assert REGISTRY["steps-to-halve"].right == right.counts_by_torch()


# --- against PyTorch


def test_the_gradient_is_autograds():
    rng = np.random.default_rng(1)
    exercise, torchs = REGISTRY["l2-neuron-gradient"], right.by_autograd("l2")
    for shape in [(1,), (9,), (4, 5)]:
        w, b = rng.normal(0, 3, (2, *shape))
        x, y = rng.normal(), rng.uniform()
        for mine, theirs in zip(exercise.right(w, b, x, y), torchs(w, b, x, y), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-15)


def test_each_exercise_but_a_design_knows_six_mistakes_or_more():
    page = PAGES["two_losses"]
    assert len(page) == 6
    assert all(exercise.fault or len(exercise.mistakes) >= 6 for exercise in page)
