"""What shifts and turns do to features and class scores: by hand, against PyTorch, by property."""

import math

import pytest
import torch
from drawing import drawn
from torch import nn

from course_utils.data.distortions import rotate
from course_utils.inspection import Drift, drift, equivariance_gap

pytestmark = pytest.mark.usefixtures("one_thread")

# --- features under shifts


@pytest.mark.parametrize("down", [False, True])
def test_the_gap_by_hand(down):
    """Maxima of pairs: (1 2)(0 4) become (0 1)(2 0), so 2, 4 become 1, 2, not 2, 4 nor 0, 2."""

    def gap(*pixels):
        line = torch.tensor([[[pixels]]])
        pool = nn.MaxPool2d((2, 1) if down else (1, 2))
        return equivariance_gap(pool, line.mT if down else line, int(down), int(not down), stride=2)

    moved_by_none = max(abs(1 - 2), abs(2 - 4))
    moved_by_one = max(abs(1 - 0), abs(2 - 2))
    assert gap(1.0, 2.0, 0.0, 4.0) == min(moved_by_none, moved_by_one) / 4
    # Here the maxima stay where they are: (2 0)(4 0) become (0 2)(0 4).
    assert gap(2.0, 0.0, 4.0, 0.0) == 0


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_convolution_moves_with_its_input_by_its_stride_alone(kernel, stride):
    torch.manual_seed(kernel + 10 * stride)
    conv = nn.Conv2d(2, 3, kernel, stride, padding=kernel // 2).double()
    x = drawn(2, 2, 24, 24, dtype=torch.float64)
    for rows in range(-3, 4):
        for columns in (-2, 0, 3):
            gap = equivariance_gap(
                conv, x, rows, columns, stride=stride, border=3 if stride > 1 else 5
            )
            by_strides = rows % stride == 0 and columns % stride == 0
            assert gap < 1e-14 if by_strides else gap > 0.05


def test_pooling_moves_by_its_stride_and_an_activation_by_anything():
    x = drawn(2, 2, 24, 24, dtype=torch.float64)
    for pool in (nn.MaxPool2d(2), nn.AvgPool2d(2), nn.MaxPool2d(1, 2)):
        gaps = [equivariance_gap(pool, x, 0, k, stride=2, border=3) for k in range(5)]
        assert gaps[0] == gaps[2] == gaps[4] == 0
        assert min(gaps[1], gaps[3]) > 0.05
    assert equivariance_gap(nn.ReLU(), x - 0.5, 3, -2, border=3) == 0


def test_what_enters_at_the_border_shows_unless_left_out():
    x = drawn(1, 1, 10, 10, dtype=torch.float64) + 1
    conv = nn.Conv2d(1, 1, 3, padding=1).double()
    assert equivariance_gap(conv, x, 1, 0) > 0.01
    assert equivariance_gap(conv, x, 1, 0, border=2) < 1e-14


def test_turned_features_are_no_features_of_turned_images():
    """A kernel that is not symmetric gives the layer away; a symmetric one does not."""
    x = drawn(1, 1, 11, 11, dtype=torch.float64)
    conv = nn.Conv2d(1, 1, 3, padding=1, bias=False).double()
    with torch.no_grad():
        for weights, equal in (([1, 0, 1, 0, 2, 0, 1, 0, 1], True), (range(9), False)):
            conv.weight[0, 0] = torch.tensor([*weights], dtype=torch.float64).reshape(3, 3)
            same = torch.allclose(conv(rotate(x, 90)), rotate(conv(x), 90))
            assert same == equal


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"stride": 0}, "stride: 0 is invalid"),
        ({"border": -1}, "border: -1 is invalid on a map of 4×4"),
        ({"border": 2}, "border: 2 is invalid on a map of 4×4"),
    ],
)
def test_a_gap_that_cannot_be_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        equivariance_gap(nn.Identity(), drawn(1, 1, 4, 4).float(), 0, 0, **arguments)


def test_a_gap_of_nothing_is_refused():
    with pytest.raises(ValueError, match="features: they are 0 everywhere"):
        equivariance_gap(nn.Identity(), torch.zeros(1, 1, 4, 4), 0, 0)


# --- scores under distortions


def test_drift_by_hand():
    """Softmax of (ln 3, 0) is (3/4, 1/4), of (0, 0) one half each: a quarter has moved."""
    before = torch.tensor([[math.log(3), 0.0], [0.0, math.log(3)]])
    after = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    moved = (abs(3 / 4 - 1 / 2) + abs(1 / 4 - 1 / 2)) / 2
    assert drift(before, after).moved == pytest.approx(moved)
    assert drift(before, after).same_class == 1 / 2  # of equal scores the first class is taken
    assert drift(before, before) == Drift(1.0, 0.0)


def test_drift_against_pytorch():
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        n, c = 2 + seed, 2 + seed % 9
        a, b = torch.randn(2, n, c, generator=generator, dtype=torch.float64) * 3
        p, q = nn.functional.softmax(a, 1), nn.functional.softmax(b, 1)
        found = drift(a, b)
        assert found.moved == pytest.approx(torch.relu(p - q).sum(1).mean().item())
        assert (
            found.same_class
            == sum(int(x.argmax() == y.argmax()) for x, y in zip(a, b, strict=True)) / n
        )
        assert found.moved == pytest.approx(drift(b, a).moved)
        assert 0 <= found.moved <= 1
        assert drift(a, b + 5).moved == pytest.approx(found.moved)  # softmax knows no constant


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (torch.zeros(2, 3), torch.zeros(3, 2)),
        (torch.zeros(3), torch.zeros(3)),
        (torch.zeros(0, 3), torch.zeros(0, 3)),
    ],
)
def test_scores_that_do_not_match_are_refused(before, after):
    with pytest.raises(ValueError, match="after: shape .* is invalid with .* before"):
        drift(before, after)
