"""The networks: their layers, their sizes, and what they refuse."""

import pytest
import torch
from torch import nn

from course_utils.models import mlp, parameter_count


@pytest.mark.parametrize(
    "hidden, batch_norm, total",
    [
        ((50, 50), False, 784 * 50 + 50 + 50 * 50 + 50 + 50 * 10 + 10),
        ((128,), False, 784 * 128 + 128 + 128 * 10 + 10),
        ((500,), False, 784 * 500 + 500 + 500 * 10 + 10),
        ((500,), True, 784 * 500 + 500 + 2 * 500 + 500 * 10 + 10),
    ],
)
def test_parameters_of_the_reports_networks(hidden, batch_norm, total):
    assert total in (42_310, 101_770, 397_510, 398_510)
    assert parameter_count(mlp(hidden, batch_norm=batch_norm)) == total


def test_batch_norm_stands_after_the_activation_and_dropout_after_it():
    kinds = [type(layer) for layer in mlp((500,), batch_norm=True, dropout=0.5)]
    assert kinds == [nn.Flatten, nn.Linear, nn.ReLU, nn.BatchNorm1d, nn.Dropout, nn.Linear]


def test_the_network_computes_what_its_formula_says():
    torch.manual_seed(0)
    model = mlp((7,), activation="tanh").double()
    x = torch.randn(3, 1, 28, 28, dtype=torch.float64)
    w1, b1, w2, b2 = model.parameters()
    expected = torch.tanh(x.reshape(3, 784) @ w1.T + b1) @ w2.T + b2
    torch.testing.assert_close(model(x), expected)


def test_no_hidden_layer_is_softmax_regression():
    assert parameter_count(mlp(())) == 784 * 10 + 10


def test_frozen_parameters_do_not_count():
    model = mlp((500,))
    model[1].requires_grad_(False)
    assert parameter_count(model) == 500 * 10 + 10


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"hidden": (0,)}, "hidden: 0 is not a width"),
        ({"hidden": (2.5,)}, "hidden: 2.5 is not a width"),
        ({"out_features": -1}, "out_features: -1 is not a width"),
        ({"activation": "swish"}, "activation: 'swish' is unknown; choose one of"),
        ({"dropout": 1.0}, "dropout: 1.0 is no probability below 1"),
        ({"dropout": float("nan")}, "dropout: nan is no probability"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mlp(**arguments)
