"""Where are the reports wrong in what is computed, not trained?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import torch
from torch import nn

from course_utils import arithmetic, exact, inspection, xor
from course_utils.data.distortions import rotate
from course_utils.inspection import equivariance_gap
from course_utils.models import mlp, parameter_count, small_cnn
from course_utils.neuron import Neuron, grid
from course_utils.reports.by_hand.pen_and_paper import W, X
from course_utils.reports.by_hand.sizes import THIRD
from course_utils.reports.erratum import Erratum
from course_utils.reports.places import QUESTIONS, SLIPS
from course_utils.reports.rows import Place, minus

PAPER, SIZES, SURFACES, XOR = (
    "01_pen_and_paper", "02_cnn_arithmetic", "03_loss_landscapes", "04_xor",
)  # fmt: skip

ROUNDING = 1e-12


def errata() -> Iterator[Erratum]:
    """Give them by their numbers. Takes about a second: it trains the network of 002k."""
    yield from _map()
    yield _receptive_fields()
    yield _parameters()
    yield from _losses()
    yield _gradients()
    yield _plane()
    yield _range_of_relu()
    yield _sigmoid_output()
    yield _rotation()
    yield _two_counts()


def _map() -> Iterator[Erratum]:
    place = Place(PAPER, "The report's map")
    J = exact.conv2d(X, W, padding=1)
    first, other = _text(J[0, 0]), _text(J[3, 2])
    yield Erratum(
        1, "000a", "J11 = −2.8 and J43 = −4.4.",
        f"Added up in exact fractions they are {first} and {other}. The scan may be at fault.",
        f"{minus(exact.text(J))}", place,
        J[0, 0] != Fraction("-2.8") and J[3, 2] != Fraction("-4.4"),
    )  # fmt: skip
    product = X[1, 2] * W[1, 1]
    without = J.copy()
    without[1, 2] -= product
    pooled, wrong = (exact.max_pool2d(exact.relu(m), 2)[0, 1] for m in (J, without))
    yield Erratum(
        1, "000a", "J23 = 4.11.",
        f"Its terms leave out {_text(X[1, 2])} · ({_text(W[1, 1])}) = {_text(product)}. "
        f"Without it the sum is {_text(without[1, 2])}, and pooling gives {_text(wrong)}.",
        f"J23 = {_text(J[1, 2])}, and pooling gives {_text(pooled)}.", place,
        without[1, 2] == Fraction("4.1") != J[1, 2],
    )  # fmt: skip


def _receptive_fields() -> Erratum:
    fields = arithmetic.receptive_fields(THIRD)
    network = nn.Sequential(
        nn.Conv2d(3, 64, 3, 2, 1), nn.ReLU(), nn.MaxPool2d(4, 3),
        nn.Conv2d(64, 128, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2, 2),
    )  # fmt: skip
    probed = inspection.receptive_field(network, (3, 96, 96))
    return Erratum(
        2, "000h", "The receptive fields are 5, 9, 13.",
        f"Gradients of the real network reach {probed[0]} × {probed[1]} pixels from one output.",
        f"{', '.join(map(str, fields))}.", Place(SIZES, "Where 5, 9, 13 come from"),
        fields[-1] == probed[0] and fields != [5, 9, 13],
    )  # fmt: skip


def _parameters() -> Erratum:
    counted, by_hand = parameter_count(nn.Conv2d(64, 128, 3)), 64 * 9 * 128 + 128
    return Erratum(
        3, "000j", "The second convolution has 73586 parameters.",
        f"PyTorch's own layer has {counted:,}; 64 · 9 · 128 + 128 = {by_hand:,}.",
        f"{counted:,}.", Place(SIZES, "Parameters"), counted == by_hand != 73_586,
    )  # fmt: skip


def _losses() -> Iterator[Erratum]:
    values = Neuron("cross_entropy").losses(*grid())
    apart, least = np.abs(values - values[::-1, ::-1]).max(), float(values.min())
    place = Place(SURFACES, "Even, and never zero")
    yield Erratum(
        8, "002f", "L2 is symmetric, cross-entropy is not.",
        f"At opposite points of the grid cross-entropy is the same, to {ROUNDING:g}.",
        "At the target ½ both are even.", place, bool(apart < ROUNDING),
    )  # fmt: skip
    yield Erratum(
        8, "002f", "Cross-entropy approaches 0.", f"Its least value on the grid is {least:.6f}.",
        f"ln 2 = {math.log(2):.6f}, the entropy of the target ½.", place,
        math.isclose(least, math.log(2)),
    )  # fmt: skip


def _gradients() -> Erratum:
    slopes = Neuron("l2").gradients(*grid())[0]
    turned = slopes[::-1, ::-1]
    even, odd = np.abs(slopes - turned).max(), np.abs(slopes + turned).max()
    return Erratum(
        9, "002g", "The gradient of L2 is symmetric.",
        f"Opposite points differ by up to {even:.4f}; their sum is 0, to {ROUNDING:g}.",
        "It is odd, as the derivative of an even function is.",
        Place(SURFACES, "The steepest place"), bool(odd < ROUNDING < even),
    )  # fmt: skip


def _plane() -> Erratum:
    network = xor.network(42)
    for parameter, trained in zip(
        network.parameters(), xor.Networks([42]).train(3000)[0], strict=True
    ):
        parameter.data = trained
    right, drawn = (xor.plane(layers, (-1, 1), 401)[1] > 0.5 for layers in (network[2], network))
    wrong = float((right != drawn).mean())
    return Erratum(
        10, "002k", "The (h1, h2) plane is the whole network's answer to a grid.",
        f"So a hidden point passes the hidden layer twice. On [−1, 1]² {wrong:.0%} of the area "
        "get the wrong class.".replace("%", " %"),
        "σ(linear2(h)): the last layer alone.", Place(XOR, "How the report draws it"), wrong > 0.5,
    )  # fmt: skip


def _range_of_relu() -> Erratum:
    values = torch.linspace(-20, 20, 4001, dtype=torch.float64).relu()
    return Erratum(
        13, "003m", "The range of ReLU is (−∞, 0].",
        f"From −20 to 20 its values run from {values.min():g} to {values.max():g}.", "[0, ∞).",
        Place(SLIPS, "The range of ReLU"), bool(values.min() == 0 and values.max() > 0),
    )  # fmt: skip


def _sigmoid_output() -> Erratum:
    logits = torch.randn(1000, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ten, one = logits.sigmoid().sum(1), logits.softmax(1).sum(1)
    return Erratum(
        13, "003e", "The output is a sigmoid (with softmax's formula).",
        f"Ten sigmoids of random logits sum to {ten.min():.1f} … {ten.max():.1f}; the ten numbers "
        f"of the formula to {one.mean():g}.",
        "Softmax.", Place("05_mnist_mlp", "The network and its loss"),
        bool((ten - 1).abs().min() > 0.1 and torch.allclose(one, torch.ones_like(one))),
    )  # fmt: skip


def _rotation() -> Erratum:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 1, 28, 28, generator=generator, dtype=torch.float64)
    kernel = torch.randn(1, 1, 3, 3, generator=generator, dtype=torch.float64)

    def features(x: torch.Tensor) -> torch.Tensor:
        return nn.functional.conv2d(x, kernel, padding=1)

    still = features(image)
    moved = equivariance_gap(features, image, 1, 2, border=3)
    turned = float(
        (features(rotate(image, 90)) - rotate(still, 90)).abs().max() / still.abs().max()
    )
    return Erratum(
        13, "003a", "Pooling makes a CNN invariant to translation and rotation.",
        f"Features of a convolution move with the image: gap {moved:g}. They do not turn with it: "
        f"after a quarter turn the gap is {turned:.2f} of the largest feature.",
        "Convolution is equivariant to shifts, pooling nearly invariant to small ones. Neither "
        "has anything for rotations.",
        Place(QUESTIONS, "Are convolutional networks invariant?"), moved < 1e-9 and turned > 0.1,
    )  # fmt: skip


def _two_counts() -> Erratum:
    cnn, perceptron = parameter_count(small_cnn()), parameter_count(mlp((128,)))
    return Erratum(
        13, "003p", "The CNN has 8480 parameters, the MLP 100,770.",
        f"PyTorch counts {cnn:,} and {perceptron:,}.", f"{cnn:,} and {perceptron:,}.",
        Place(SLIPS, "Two counts"), (cnn, perceptron) != (8_480, 100_770),
    )  # fmt: skip


def _text(number: Fraction) -> str:
    return minus(exact.text(number))
