"""The short recipe: what it makes, and that a seed gives the same run."""

import pytest
import torch

from course_utils import data, inspection
from course_utils.training import speedrun, speedrun_network


def test_parameters_as_arithmetic():
    # Two convolutions without bias and their batch norms, then two linear layers.
    convolutions = 8 * 1 * 5 * 5 + 2 * 8 + 40 * 8 * 3 * 3 + 2 * 40
    linear = (1000 + 1) * 64 + (64 + 1) * 10
    table = inspection.trace(speedrun_network().eval(), (1, 28, 28))
    assert table.totals.parameters == convolutions + linear == 67_890
    assert table.totals.multiply_adds == (8 * 25 * 24**2 + 40 * 8 * 9 * 10**2 + 1000 * 64 + 64 * 10)


def test_pooling_first_changes_nothing_but_the_work():
    """Max pooling commutes with batch norm of positive scale and with ReLU."""
    torch.manual_seed(0)
    network = speedrun_network().eval()
    conv, pool, norm, relu = network[:4]
    x = torch.randn(8, 1, 28, 28)
    assert torch.allclose(relu(norm(pool(conv(x)))), pool(relu(norm(conv(x)))), atol=1e-6)


@pytest.fixture(scope="module")
def digits():
    return data.load(source="digits", validation=0)


def test_the_same_seed_gives_the_same_run_and_another_seed_another(digits):
    first, again, other = (speedrun(digits, seed) for seed in (0, 0, 1))
    assert first.accuracy == again.accuracy != other.accuracy
    assert first.images == min(42_000, len(digits.train))
    assert first.precision in ("fp32", "bf16") and first.seconds > 0


def test_it_learns(digits):
    assert speedrun(digits, 2).accuracy > 0.6


def test_an_unknown_precision_is_refused(digits):
    with pytest.raises(ValueError, match="precision: 'fp8' is invalid"):
        speedrun(digits, precision="fp8")


def test_one_seed_classifies_more_than_985_of_1000_digits_of_mnist(mnist):
    """The mean over ten seeds, above 99 %, is in chapter 06 and in `make bench`."""
    assert speedrun(mnist, 0).accuracy > 0.985
