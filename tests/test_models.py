"""The networks: their layers, their sizes, and what they refuse."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models import (
    AlwaysDropout2d,
    Residual,
    average_pool_cnn,
    by_hand,
    dropout_cnn,
    lenet,
    mlp,
    parameter_count,
    small_cnn,
    staged_cnn,
)
from course_utils.models.parts import head, pairs, stage

# Perceptrons


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


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
def test_a_network_by_hand_learns_as_pytorchs_does(hidden):
    torch.manual_seed(0)
    model = mlp(hidden, in_features=6, out_features=3).double()
    x, labels = torch.randn(8, 6, dtype=torch.float64), torch.randint(3, (8,))
    layers = by_hand.weights(model)
    F.cross_entropy(model(x), labels).backward()
    gradients = by_hand.backward(layers, by_hand.forward(layers, x.numpy()), labels.numpy())
    ours = [array for pair in gradients for array in pair]
    for parameter, gradient in zip(model.parameters(), ours, strict=True):
        np.testing.assert_allclose(gradient, parameter.grad, atol=1e-14)
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    before = by_hand.weights(model)[0][0].copy()
    by_hand.step(layers, x.numpy(), labels.numpy(), lr=0.1)
    for (w, b), (w_torch, b_torch) in zip(layers, by_hand.weights(model), strict=True):
        np.testing.assert_allclose(w, w_torch, atol=1e-14)
        np.testing.assert_allclose(b, b_torch, atol=1e-14)
    assert (by_hand.weights(model)[0][0] == before).all()  # copies: the model is left alone


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
        ({"hidden": (0,)}, "hidden: 0 is invalid; .* at least 1"),
        ({"hidden": (2.5,)}, "hidden: 2.5 is invalid"),
        ({"in_features": True}, "in_features: True is invalid"),
        ({"out_features": -1}, "out_features: -1 is invalid"),
        ({"activation": "swish"}, "activation: 'swish' is invalid; use 'relu', "),
        ({"activation": "swish", "hidden": ()}, "activation: 'swish' is invalid; use 'relu', "),
        ({"dropout": 1.0}, "dropout: 1.0 is invalid; .* at least 0 and below 1"),
        ({"dropout": float("nan")}, "dropout: nan is invalid"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mlp(**arguments)


# Convolutional networks: their sizes

CONVOLUTIONS = [1 * 8 * 9 + 8, 8 * 16 * 9 + 16, 16 * 32 * 9 + 32]  # in · out · 3·3 + biases
PAIRS = [8 * 8 * 9 + 8, 16 * 16 * 9 + 16, 32 * 32 * 9 + 32]
LAST = 32 * 7 * 7 * 10 + 10
NORMS = 2 * (8 + 16 + 32)  # scales and shifts


@pytest.mark.parametrize(
    "model, total, parts",
    [
        (staged_cnn(), 21_578, [*CONVOLUTIONS, LAST]),
        (staged_cnn("pool-activation", "tanh"), 21_578, [*CONVOLUTIONS, LAST]),
        (staged_cnn(depth=3, skip=1), 58_034, [*CONVOLUTIONS, *3 * PAIRS, LAST]),
        (staged_cnn(depth=3, skip=3), 58_034, [*CONVOLUTIONS, *3 * PAIRS, LAST]),
        (staged_cnn(depth=3), 58_034, [*CONVOLUTIONS, *3 * PAIRS, LAST]),
        (staged_cnn(depth=3, relu_lost=[16]), 58_034, [*CONVOLUTIONS, *3 * PAIRS, LAST]),
        (staged_cnn(depth=2, skip=2), 45_882, [*CONVOLUTIONS, *2 * PAIRS, LAST]),
        (
            staged_cnn(depth=3, skip=1, batch_norm=True),
            58_370,
            [*CONVOLUTIONS, *3 * PAIRS, 3 * NORMS, LAST],
        ),
        (
            dropout_cnn(),
            108_618,
            [1 * 16 * 9 + 16, 16 * 32 * 9 + 32, 32 * 5 * 5 * 128 + 128, 128 * 10 + 10],
        ),
        (
            dropout_cnn(28),
            596_042,
            [1 * 16 * 9 + 16, 16 * 32 * 9 + 32, 32 * 12 * 12 * 128 + 128, 128 * 10 + 10],
        ),
        (
            average_pool_cnn(),
            115_690,
            [
                1 * 32 * 25 + 32, 2 * 32, 32 * 32 * 25 + 32, 2 * 32, 32 * 64 * 25 + 64, 2 * 64,
                64 * 3 * 3 * 64 + 64, 2 * 64, 64 * 10 + 10,
            ],
        ),
        (small_cnn(), 8_490, [1 * 10 * 25 + 10, 10 * 20 * 25 + 20, 20 * 4 * 4 * 10 + 10]),
        (small_cnn(False, True), 8_490, [260, 5_020, 3_210]),
        (
            lenet(),
            85_822,
            [
                1 * 16 * 25 + 16, 16 * 32 * 25 + 32, 32 * 4 * 4 * 120 + 120, 120 * 84 + 84,
                84 * 10 + 10,
            ],
        ),
    ],
)  # fmt: skip
def test_parameters_of_the_reports_convolutional_networks(model, total, parts):
    assert parameter_count(model) == total == sum(parts)


NETWORKS = {
    "staged": staged_cnn,
    "deep": lambda: staged_cnn(depth=3, skip=1, batch_norm=True),
    "dropout 14": dropout_cnn,
    "dropout 28": lambda: dropout_cnn(28),
    "average pool": average_pool_cnn,
    "small": small_cnn,
    "small as run": lambda: small_cnn(dropout_sleeps=False, relu_logits=True),
    "lenet": lenet,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_shapes_and_log_probabilities(name):
    torch.manual_seed(0)
    size = 14 if name == "dropout 14" else 28
    outputs = NETWORKS[name]()(torch.rand(3, 1, size, size))
    assert outputs.shape == (3, 10)
    sums = outputs.exp().sum(1)
    probabilities = name.startswith(("small", "dropout"))
    assert torch.allclose(sums, torch.ones(3)) == probabilities
    print(f"{name}: {parameter_count(NETWORKS[name]()):,} parameters")


@pytest.mark.parametrize("size", [6, 7, 14, 15, 28, 31])
def test_the_dropout_network_takes_any_size_that_pools(size):
    torch.manual_seed(0)
    assert dropout_cnn(size)(torch.rand(2, 1, size, size)).shape == (2, 10)


# What they compute, against the formula of the report


def staged_formula(x: Tensor, p: list[Tensor], order: str, f, depth: int, skip: int) -> Tensor:
    """The parameters come in the order of the layers."""
    p = iter(p)
    for number in range(3):
        x = F.conv2d(x, next(p), next(p), padding=1)
        for _ in range(depth // max(skip, 1)):
            before = x
            for _ in range(max(skip, 1)):
                x = F.conv2d(f(x), next(p), next(p), padding=1)
            x = before + x if skip else x
        if order == "pool-activation":
            x = f(F.max_pool2d(x, 2) if number < 2 else x)
        else:
            x = F.max_pool2d(f(x), 2) if number < 2 else f(x)
    return F.linear(x.flatten(1), next(p), next(p))


@pytest.mark.parametrize("order", ["activation-pool", "pool-activation"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("depth, skip", [(0, 0), (3, 0), (3, 1), (3, 3), (2, 2), (4, 2)])
def test_the_staged_network_computes_what_its_formula_says(order, activation, depth, skip):
    torch.manual_seed(0)
    model = staged_cnn(order, activation, depth=depth, skip=skip).double()
    x = torch.randn(2, 1, 28, 28, dtype=torch.float64)
    f = {"relu": torch.relu, "tanh": torch.tanh}[activation]
    expected = staged_formula(x, list(model.parameters()), order, f, depth, skip)
    torch.testing.assert_close(model(x), expected)


def test_the_other_networks_compute_what_their_formulas_say():
    torch.manual_seed(0)
    x = torch.randn(4, 1, 28, 28, dtype=torch.float64)

    model = dropout_cnn(28).double().eval()
    a, a0, b, b0, c, c0, d, d0 = model.parameters()
    h = F.max_pool2d(F.conv2d(F.conv2d(x, a, a0).relu(), b, b0).relu(), 2)
    h = F.linear(F.linear(h.flatten(1), c, c0).relu(), d, d0)
    torch.testing.assert_close(model(x), h.log_softmax(1))

    model = small_cnn().double().eval()
    a, a0, b, b0, c, c0 = model.parameters()
    h = F.max_pool2d(F.conv2d(x, a, a0), 2).relu()
    h = F.linear(F.max_pool2d(F.conv2d(h, b, b0), 2).relu().flatten(1), c, c0)
    torch.testing.assert_close(model(x), h.log_softmax(1))

    model = lenet().double()
    a, a0, b, b0, *linear = model.parameters()
    h = F.max_pool2d(F.conv2d(x, a, a0).relu(), 2)
    h = F.max_pool2d(F.conv2d(h, b, b0).relu(), 2).flatten(1)
    h = F.linear(F.linear(h, *linear[:2]).relu(), *linear[2:4]).relu()
    torch.testing.assert_close(model(x), F.linear(h, *linear[4:]))

    model = average_pool_cnn().double()  # in training mode: batch norm by the batch
    p = iter(model.parameters())
    h = x
    for _ in range(3):
        h = F.conv2d(h, next(p), next(p), padding=2)
        h = F.avg_pool2d(F.batch_norm(h, None, None, next(p), next(p), training=True).relu(), 2)
    h = F.linear(h.flatten(1), next(p), next(p))
    h = F.batch_norm(h, None, None, next(p), next(p), training=True).relu()
    logits = F.linear(h, next(p), next(p))
    torch.testing.assert_close(model(x), logits)

    ending = average_pool_cnn(softmax=True).double()
    ending.load_state_dict(model.state_dict())
    torch.testing.assert_close(ending(x), logits.softmax(1))


def test_batch_norm_stands_before_the_activation_of_each_pair():
    block = staged_cnn(depth=3, skip=1, batch_norm=True)[1]
    assert [type(layer) for layer in block] == [nn.BatchNorm2d, nn.ReLU, nn.Conv2d]


# One choice, one difference


def lines(model: nn.Module) -> list[str]:
    return [f"{name} {layer}" for name, layer in model.named_modules() if not [*layer.children()]]


def layers(model: nn.Module) -> list[str]:
    """The layers without their places, skips opened."""
    return [repr(layer) for layer in model.modules() if not [*layer.children()]]


def test_as_run_and_put_right_differ_in_one_layer():
    right = small_cnn()
    changed = [
        (a, b)
        for a, b in zip(lines(right), lines(small_cnn(dropout_sleeps=False)), strict=True)
        if a != b
    ]
    dropouts = "4 Dropout2d(p=0.5, inplace=False)", "4 AlwaysDropout2d(p=0.5, inplace=False)"
    assert changed == [dropouts]
    with_relu = layers(small_cnn(relu_logits=True))
    assert with_relu == [*layers(right)[:-1], "ReLU()", "LogSoftmax(dim=1)"]


def test_the_reports_control_lacks_three_activations_of_its_16_channel_stage():
    whole, lost = layers(staged_cnn(depth=3)), layers(staged_cnn(depth=3, relu_lost=[16]))
    assert whole.count("ReLU()") - lost.count("ReLU()") == 3
    first = next(i for i, layer in enumerate(whole) if layer.startswith("Conv2d(16, 16"))
    for step in range(3):
        assert whole[first - 1 + 2 * step] == "ReLU()"
    assert lost == [x for i, x in enumerate(whole) if i not in (first - 1, first + 1, first + 3)]


def test_a_skip_changes_no_layer():
    plain = staged_cnn(depth=6)
    for skip in (1, 2, 3, 6):
        model = staged_cnn(depth=6, skip=skip)
        assert layers(model) == layers(plain)
        assert sum(isinstance(m, Residual) for m in model.modules()) == 3 * 6 // skip


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("depth, skip", [(3, 1), (3, 3), (2, 2)])
def test_residual_blocks_with_zeroed_convolutions_are_the_identity(depth, skip, batch_norm):
    """So the deep network starts as the shallow one; without skips it would be dead."""
    torch.manual_seed(0)
    deep = staged_cnn(depth=depth, skip=skip, batch_norm=batch_norm)
    blocks = [m for m in deep.modules() if isinstance(m, Residual)]
    assert len(blocks) == 3 * depth // skip
    for block in blocks:
        for layer in block:
            if isinstance(layer, nn.Conv2d):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
        x = torch.randn(2, next(block.parameters()).shape[0], 7, 7)
        assert torch.equal(block(x), x)
    shallow = nn.Sequential(*(layer for layer in deep if not isinstance(layer, Residual)))
    assert layers(shallow) == layers(staged_cnn())
    x = torch.randn(2, 1, 28, 28)
    assert torch.equal(deep(x), shallow(x))


# Pooling before or after the activation


def both_orders(activation: str, steps: int) -> list[list[Tensor]]:
    """The outputs and the weights of the two orders after some steps on the same random data."""
    results = []
    for order in ("activation-pool", "pool-activation"):
        torch.manual_seed(0)
        model = staged_cnn(order, activation)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        x, labels = torch.rand(16, 1, 28, 28), torch.randint(0, 10, (16,))
        first = model(x).detach()
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x), labels).backward()
            optimizer.step()
        results.append([first, *(p.detach() for p in model.parameters())])
    return results


def test_the_order_of_pooling_and_relu_changes_no_bit():
    """Max commutes with a function that never falls; the gradients go the same way too."""
    one, two = both_orders("relu", steps=20)
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    torch.manual_seed(0)
    assert not torch.equal(one[1], next(staged_cnn().parameters()))  # they did train


def test_the_order_of_pooling_and_tanh_changes_the_rounding_alone():
    one, two = both_orders("tanh", steps=20)
    for a, b in zip(one, two, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-5)


def test_the_order_matters_to_average_pooling():
    torch.manual_seed(0)
    convolution, *first = stage(1, 4, 3, pool=nn.AvgPool2d(2))
    _, *last = stage(1, 4, 3, pool=nn.AvgPool2d(2), order="pool-activation")
    x = convolution(torch.randn(2, 1, 8, 8))
    assert [type(m) for m in first] == [type(m) for m in reversed(last)]
    assert not torch.allclose(nn.Sequential(*first)(x), nn.Sequential(*last)(x))


# Dropout that never sleeps


def test_dropout_that_never_sleeps_drops_whole_channels_in_eval_mode():
    torch.manual_seed(0)
    x = torch.ones(50, 20, 3, 3)
    found = AlwaysDropout2d(0.5).eval()(x)
    assert torch.equal(nn.Dropout2d(0.5).eval()(x), x)
    assert set(found.unique().tolist()) == {0.0, 2.0}  # kept channels are scaled by 1 / (1 − p)
    assert torch.equal(found.amax((2, 3)), found.amin((2, 3)))
    dropped = float((found == 0).float().mean())  # of 1000 channels; standard deviation .016
    assert abs(dropped - 0.5) < 0.08


def test_dropout_that_never_sleeps_is_the_functional_one():
    x = torch.ones(50, 20, 3, 3)
    torch.manual_seed(3)
    wanted = F.dropout2d(x)
    torch.manual_seed(3)
    assert torch.equal(AlwaysDropout2d(0.5).eval()(x), wanted)


def test_in_eval_mode_only_the_network_as_run_answers_twice_differently():
    torch.manual_seed(0)
    x = torch.rand(5, 1, 28, 28)
    right, as_run = small_cnn().eval(), small_cnn(dropout_sleeps=False).eval()
    assert torch.equal(right(x), right(x))
    assert not torch.equal(as_run(x), as_run(x))
    as_run.load_state_dict(right.state_dict())
    as_run[4] = nn.Identity()  # without its dropout it is the same network
    assert torch.equal(as_run(x), right(x))


def test_a_relu_on_the_logits_stops_the_gradient_of_those_below_zero():
    torch.manual_seed(0)
    model = small_cnn(relu_logits=True).eval()
    with torch.no_grad():
        model[-3].bias.copy_(torch.tensor([-9.0] * 5 + [9.0] * 5))
    model(torch.rand(2, 1, 28, 28))[:, 0].sum().backward()
    gradient = model[-3].bias.grad
    assert (gradient[:5] == 0).all() and (gradient[5:] != 0).all()


# The parts


def test_a_stage_and_a_head_are_lists_in_the_order_of_their_layers():
    def kinds(made):
        return [type(layer) for layer in made]

    pool, norm = nn.MaxPool2d(2), nn.BatchNorm2d(4)
    assert kinds(stage(1, 4, 3)) == [nn.Conv2d, nn.ReLU]
    assert kinds(stage(1, 4, 3, norm, pool=pool)) == [
        nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d,
    ]  # fmt: skip
    assert kinds(stage(1, 4, 3, activation="tanh", pool=pool, order="pool-activation")) == [
        nn.Conv2d, nn.MaxPool2d, nn.Tanh,
    ]  # fmt: skip
    assert kinds(head(8, 4)) == [nn.Flatten, nn.Linear]
    assert kinds(head(8, 4, 2, batch_norm=True, dropout=0.5)) == [
        nn.Flatten, nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Dropout, nn.Linear,
    ]  # fmt: skip
    assert kinds(pairs(4, 1, skip=0, batch_norm=True, activation=None)) == [
        nn.BatchNorm2d, nn.Conv2d,
    ]  # fmt: skip
    assert pairs(4, 0, skip=0, activation="relu") == []


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"order": "relu-pool"}, "order: 'relu-pool' is invalid; use 'activation-pool' or "),
        ({"activation": "swish"}, "activation: 'swish' is invalid; use 'relu', "),
        ({"depth": -1}, "depth: -1 is invalid; .* at least 0"),
        ({"depth": True}, "depth: True is invalid"),
        ({"depth": 3, "skip": 1.0}, "skip: 1.0 is invalid; .* at least 0"),
        ({"depth": 3, "skip": 2}, "skip: 2 does not divide depth 3; blocks must be equally long"),
        ({"skip": 1}, "skip: 1 does not divide depth 0"),
        ({"batch_norm": True}, "batch_norm: there are no pairs with depth 0; .* at least 1"),
        ({"relu_lost": [16]}, "relu_lost: there are no pairs with depth 0"),
        ({"depth": 3, "relu_lost": [12]}, "relu_lost: 12 is invalid; use 8, 16 or 32"),
    ],
)
def test_bad_arguments_of_the_staged_network_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        staged_cnn(**arguments)


@pytest.mark.parametrize("size", [5, 0, -14, 14.0, True, "14"])
def test_a_size_that_leaves_nothing_is_named(size):
    with pytest.raises(
        ValueError, match=f"size: {size!r} is invalid; use an integer of at least 6"
    ):
        dropout_cnn(size)
