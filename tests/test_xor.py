"""XOR: the report's run to its digits, the batch against one network alone, the intervals."""

import math
import re
from itertools import pairwise, product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import nn

from course_utils import xor
from course_utils.xor import atlas

CHOICES = list(product(xor.ACTIVATIONS, xor.LOSSES, xor.INITS))


def parameters(model):
    return [p.detach() for p in model.parameters()]


def largest_difference(ours, theirs):
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


# The problem and the network


def test_the_points_are_all_pairs_and_the_targets_are_their_exclusive_or():
    assert xor.POINTS.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert xor.TARGETS.tolist() == [int(a) ^ int(b) for a, b in xor.POINTS.tolist()]


def test_nine_parameters():
    assert [p.numel() for p in xor.network(42).parameters()] == [2 * 2, 2, 2 * 1, 1]
    for hidden in range(1, 12):
        count = sum(p.numel() for p in xor.network(0, hidden).parameters())
        assert count == 2 * hidden + hidden + hidden + 1


@pytest.mark.parametrize("hidden", [1, 2, 3, 4, 8, 20])
def test_first_weights_are_those_of_manual_seed_bit_for_bit(hidden):
    for seed in range(100):
        torch.manual_seed(seed)
        first, second = nn.Linear(2, hidden), nn.Linear(hidden, 1)
        theirs = [first.weight, first.bias, second.weight, second.bias]
        assert all(map(torch.equal, parameters(xor.network(seed, hidden)), theirs))


@pytest.mark.parametrize("hidden", [1, 2, 3, 4, 8, 20])
@pytest.mark.parametrize(
    ("init", "fill"),
    [
        ("xavier", nn.init.xavier_uniform_),
        ("kaiming", lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("normal", nn.init.normal_),
    ],
)
def test_the_other_first_weights_are_those_of_nn_init(init, fill, hidden):
    first, second = nn.Linear(2, hidden), nn.Linear(hidden, 1)
    for seed in range(30):
        torch.manual_seed(seed)
        fill(first.weight)
        fill(second.weight)
        w, b, v, c = parameters(xor.network(seed, hidden, init=init))
        torch.testing.assert_close(w, first.weight.detach(), rtol=1e-6, atol=0)
        torch.testing.assert_close(v, second.weight.detach(), rtol=1e-6, atol=0)
        assert not b.any() and not c.any()


def test_building_a_network_leaves_the_generator_of_the_reader_alone():
    torch.manual_seed(7)
    before = torch.get_rng_state()
    xor.network(42)
    xor.Networks(range(3)).train(1).widened(1)
    assert torch.equal(torch.get_rng_state(), before)


# The report's run


@pytest.fixture(scope="module")
def run():
    """The report's network after 3001 steps, and the loss before each of them."""
    model = xor.network(42)
    return model, xor.train(model, 3001)


def test_the_run_of_the_report_to_its_digits(run):
    _, losses = run
    assert [f"{losses[i]:.4f}" for i in (0, 500)] == ["3.0252", "1.2334"]
    assert [f"{losses[i]:.5f}" for i in range(1000, 3000, 500)] == [
        "0.06496", "0.03193", "0.02108", "0.01571"
    ]  # fmt: skip
    assert f"{losses[3000]:.5f}" == "0.01251"
    outputs = xor.Networks([42]).train(3000).logits().sigmoid()[0].tolist()
    assert [f"{p:.5f}" for p in outputs] == ["0.00229", "0.99591", "0.99588", "0.00199"]


def test_training_is_that_of_the_report_with_its_own_layers_and_loss():
    torch.manual_seed(42)
    first, second = nn.Linear(2, 2), nn.Linear(2, 1)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
    criterion, theirs = nn.BCELoss(reduction="sum"), []
    for _ in range(300):
        p = torch.sigmoid(second(torch.tanh(first(xor.POINTS)))).squeeze(1)
        loss = criterion(p, xor.TARGETS)
        theirs.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert xor.train(xor.network(42), 300) == pytest.approx(theirs, abs=2e-6)


def test_the_first_loss_by_hand():
    """All weights 0: each p is ½, so each of four terms is ln 2, or ¼ with L2."""
    model = xor.network(0)
    for p in model.parameters():
        nn.init.zeros_(p)
    assert xor.train(model, 1) == pytest.approx([4 * math.log(2)])
    assert xor.train(model, 1, loss="l2") == [4 * 0.25]


def test_no_logarithm_of_zero():
    """A hundred on the wrong side costs 100 nats, where −ln(1 − σ(100)) is infinite."""
    terms = xor.LOSSES["cross_entropy"].terms(torch.tensor([100.0, -100.0]), torch.tensor([0, 1]))
    assert terms.tolist() == [100, 100]


# Without an activation


def test_no_activation_ends_at_one_half():
    linear = xor.Networks(range(100), activation="identity").train(6000)
    assert linear.rate().successes == 0
    assert linear.losses().numpy() == pytest.approx(np.full(100, 4 * math.log(2)), abs=1e-4)
    assert linear.logits().sigmoid().numpy() == pytest.approx(np.full((100, 4), 0.5), abs=2e-3)


@settings(max_examples=50)
@given(st.lists(st.integers(-50, 50), min_size=3, max_size=3))
def test_the_proof_in_numbers(weights):
    a, b, c = weights
    z = [a * x1 + b * x2 + c for x1, x2 in product((0, 1), repeat=2)]
    assert z[0] + z[3] == z[1] + z[2]
    assert not (z[1] > 0 and z[2] > 0 and z[0] < 0 and z[3] < 0)


# The batch


@pytest.mark.parametrize(("activation", "loss", "init"), CHOICES)
@pytest.mark.parametrize("hidden", [1, 2, 5])
def test_gradients_are_those_of_autograd(activation, loss, init, hidden):
    many = xor.Networks(range(50), hidden, activation, loss, init, dtype=torch.float64)
    first, second = many.first.clone().requires_grad_(), many.second.clone().requires_grad_()
    x = xor.POINTS.double()
    z = torch.einsum("pi,ihn->phn", x, first[:2]) + first[2]
    layer = xor.ACTIVATIONS[activation].layer()
    p = ((layer(z) * second[:-1]).sum(1) + second[-1]).sigmoid()
    y = xor.TARGETS.double()[:, None].expand_as(p)
    how = F.binary_cross_entropy if loss == "cross_entropy" else F.mse_loss
    how(p, y, reduction="sum").backward()
    ours = atlas.gradients(many.first, many.second, many.activation, many.loss)
    torch.testing.assert_close(ours[0], first.grad, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(ours[1], second.grad, rtol=1e-10, atol=1e-12)


def test_a_gradient_by_hand():
    """One unit w = (1, 0), b = 0, v = 2, c = 0, without activation: z = 2 x₁, δ = σ(z) − y."""
    one = xor.Networks([0], hidden=1, activation="identity", dtype=torch.float64)
    one.first[:, 0, 0], one.second[:, 0] = torch.tensor([1.0, 0, 0]), torch.tensor([2.0, 0])
    s = 1 / (1 + math.exp(-2))
    delta = [0.5 - 0, 0.5 - 1, s - 1, s - 0]
    d_first, d_second = atlas.gradients(one.first, one.second, one.activation, one.loss)
    assert d_first[:, 0, 0].tolist() == pytest.approx(
        [2 * (delta[2] + delta[3]), 2 * (delta[1] + delta[3]), 2 * sum(delta)]
    )
    assert d_second[:, 0].tolist() == pytest.approx([delta[2] + delta[3], sum(delta)])


@pytest.mark.parametrize("slope", [0, 0.01, 0.1, 0.5])
def test_leaky_relu_takes_any_slope(slope):
    """A unit w = (1, 0), b = −½, v = 2, c = 0: z = −½ at x₁ = 0, where only the slope acts."""
    one = xor.Networks([0], 1, xor.leaky_relu(slope), dtype=torch.float64)
    one.first[:, 0, 0], one.second[:, 0] = torch.tensor([1.0, 0, -0.5]), torch.tensor([2.0, 0])
    assert one.logits()[0].tolist() == [-slope, -slope, 1, 1]
    left, right = 1 / (1 + math.exp(slope)), 1 / (1 + math.exp(-1))
    delta = [left - 0, left - 1, right - 1, right - 0]
    d_first, _ = atlas.gradients(one.first, one.second, one.activation, one.loss)
    bias = 2 * slope * (delta[0] + delta[1]) + 2 * (delta[2] + delta[3])
    assert d_first[:, 0, 0].tolist() == pytest.approx(
        [2 * (delta[2] + delta[3]), 2 * slope * delta[1] + 2 * delta[3], bias]
    )
    assert xor.leaky_relu(slope).layer()(torch.tensor(-1.0)).item() == pytest.approx(-slope)


def test_leaky_relu_with_slope_0_is_relu_and_a_negative_slope_is_refused():
    relu, leaky = (
        xor.Networks(range(50), activation=a).train(300) for a in ("relu", xor.leaky_relu(0))
    )
    assert torch.equal(relu.first, leaky.first)
    with pytest.raises(ValueError, match="slope: -0.1 is invalid; use a finite number of at least"):
        xor.leaky_relu(-0.1)


@pytest.mark.parametrize(("activation", "loss", "init"), CHOICES)
@pytest.mark.parametrize("hidden", [1, 2, 4])
def test_the_batch_starts_as_each_network_alone_bit_for_bit(activation, loss, init, hidden):
    many = xor.Networks(range(40), hidden, activation, loss, init)
    for i in range(40):
        alone = xor.network(i, hidden, activation, init)
        assert all(map(torch.equal, many[i], parameters(alone)))


def test_alone_and_in_the_batch_are_the_same_run():
    """150 steps of 60 networks in float32.

    Each step rounds in another order, to about 6e-8 of a weight; near the saddle that most runs
    cross, differences grow before they shrink. 150 steps lie before or within the crossing: 1e-5
    leaves room for a growth of a hundred.
    """
    seeds = range(100, 160)
    many = xor.Networks(seeds).train(150)
    worst = 0.0
    for i, seed in enumerate(seeds):
        model = xor.network(seed)
        xor.train(model, 150)
        worst = max(worst, largest_difference(many[i], parameters(model)))
    print(f"\nlargest difference of a weight, 60 seeds, 150 steps, float32: {worst:.1e}")
    assert worst < 1e-5


@pytest.mark.parametrize(
    ("hidden", "activation", "loss", "init", "lr"),
    [
        (2, "tanh", "cross_entropy", "default", 0.1),
        (3, "sigmoid", "l2", "xavier", 1.0),
        (1, "relu", "cross_entropy", "kaiming", 0.03),
        (8, "leaky_relu", "l2", "normal", 0.3),
        (4, "identity", "cross_entropy", "default", 0.1),
    ],
)
def test_alone_and_in_the_batch_in_double_precision(hidden, activation, loss, init, lr):
    """In float64 rounding is 5e8 times finer, so 300 steps and a large growth stay below 1e-11."""
    seeds = (3, 42)
    many = xor.Networks(seeds, hidden, activation, loss, init, lr, torch.float64).train(300)
    for i, seed in enumerate(seeds):
        model = xor.network(seed, hidden, activation, init, torch.float64)
        xor.train(model, 300, lr, loss)
        assert largest_difference(many[i], parameters(model)) < 1e-11


def test_a_network_does_not_feel_its_neighbours(monkeypatch):
    many = xor.Networks(range(50), dtype=torch.float64).train(200)
    turned = xor.Networks(range(49, -1, -1), dtype=torch.float64).train(200)
    torch.testing.assert_close(many.first, turned.first.flip(-1), rtol=0, atol=1e-10)
    monkeypatch.setattr(atlas, "CHUNK", 14)  # seven networks at once
    parts = xor.Networks(range(50), dtype=torch.float64).train(150).train(50)
    assert parts.steps == many.steps == 200
    torch.testing.assert_close(many.second, parts.second, rtol=0, atol=1e-10)


def test_losses_are_the_sum_that_is_trained():
    for loss in xor.LOSSES:
        many = xor.Networks(range(20), loss=loss)
        alone = [xor.train(xor.network(seed), 1, loss=loss)[0] for seed in range(20)]
        assert many.losses().tolist() == pytest.approx(alone, rel=1e-5)


# What the atlas says


def test_63_of_200_seeds_fail():
    many = xor.Networks(range(200)).train(3001)
    failed = many.only(~many.solved())
    losses = failed.losses()
    near = ((losses - 1.391).abs() < 0.006).sum().item()
    print(f"\n{len(failed)} of 200 seeds fail, {near} of them at a loss of 1.391 ± 0.006")
    assert abs(len(failed) - 63) <= 8
    assert near >= 0.9 * len(failed)
    assert 42 not in failed.seeds


def test_a_stuck_network_confuses_two_neighbours():
    many = xor.Networks(range(1000)).train(3000)
    stuck = many.only((many.losses() - 1.39).abs() < 0.02)
    undecided = (stuck.logits().sigmoid() - 0.5).abs() < 0.02
    assert len(stuck) > 250
    assert (undecided.sum(1) == 2).all()
    # (0, 0) with (1, 1), or (0, 1) with (1, 0), would be the opposite corners of the square.
    pairs = {tuple(row) for row in undecided.int().tolist()}
    assert pairs == {(1, 1, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1), (0, 0, 1, 1)}
    # Two points at ½ cost 2 ln 2 = 1.3863. The other two are almost right, and cost the rest.
    rest = stuck.losses() - 2 * math.log(2)
    assert ((rest > 0.002) & (rest < 0.02)).all()


def test_a_wider_network_computes_the_same_and_then_gets_free():
    many = xor.Networks(range(300)).train(3000)
    stuck = many.only(~many.solved())
    wider = stuck.widened(2)
    assert wider.hidden == 4 and stuck.hidden == 2
    torch.testing.assert_close(wider.logits(), stuck.logits())
    assert wider.rate().successes == 0
    assert wider.train(3000).rate().mean > 0.95
    assert stuck.train(3000).rate().mean < 0.05


def test_more_hidden_units_fail_less():
    rates = [xor.Networks(range(500), hidden).train(3000).rate() for hidden in (1, 2, 3, 4)]
    print("\n" + ", ".join(f"width {i}: {r}" for i, r in enumerate(rates, start=1)))
    assert rates[0].successes == 0
    for narrow, wide in pairwise(rates):
        assert narrow.high < wide.low or wide.mean > 0.98


def test_one_half_is_no_answer():
    many = xor.Networks([0], hidden=1)
    many.first[:], many.second[:] = 0, 0
    for logit in (1e-7, -1e-7, 0.03, -0.03):
        many.second[-1] = logit
        assert not many.right().any()
    many.second[-1] = 0.05  # σ(0.05) = 0.5125
    assert many.right().tolist() == [[False, True, True, False]]


# Many settings


def test_a_survey_counts_what_each_setting_gives_alone():
    rows = xor.survey(
        range(60), 400, hidden=(2, 3), activation=("tanh", "relu"), loss=("l2",),
        init=("default", "normal"), lr=(0.5, 1.0),
    )  # fmt: skip
    assert [row[:5] for row in rows] == list(
        product((2, 3), ("tanh", "relu"), ("l2",), ("default", "normal"), (0.5, 1.0))
    )
    assert len({row.rate.successes for row in rows}) > 8
    for row in rows:
        alone = xor.Networks(range(60), *row[:5]).train(400).rate()
        assert abs(row.rate.successes - alone.successes) <= 1  # rounding may decide one
        assert row.rate.n == 60


def test_networks_beside_one_another_stay_what_they_are():
    slow, fast = xor.Networks(range(10), lr=0.01), xor.Networks(range(5), init="normal", lr=1.0)
    both = slow.beside(fast).train(50)
    assert both.seeds == [*range(10), *range(5)]
    expected = torch.cat([slow.train(50).logits(), fast.train(50).logits()])
    torch.testing.assert_close(both.logits(), expected, rtol=1e-4, atol=1e-5)


# Intervals


def test_wilson_by_hand():
    """8 of 10: p̂ = 0.8, z = 1.96, z² = 3.8415."""
    z2 = 1.959964**2
    middle = (0.8 + z2 / 20) / (1 + z2 / 10)
    half = math.sqrt(z2) * math.sqrt(0.8 * 0.2 / 10 + z2 / 400) / (1 + z2 / 10)
    found = xor.rate(8, 10)
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half), abs=1e-7)
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)
    assert str(found) == "80.0% [49.0%, 94.3%] (n = 10)"


def test_wilson_is_the_formula_and_exact_at_its_ends():
    for n in (1, 2, 5, 10, 63, 200, 1000):
        for k in {0, 1, n // 3, n // 2, n - 1, n}:
            for confidence in (0.5, 0.9, 0.95, 0.99):
                z, p = stats.norm.ppf((1 + confidence) / 2), k / n
                half = z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
                ends = [(p + z * z / (2 * n) + sign * half) / (1 + z * z / n) for sign in (-1, 1)]
                found = xor.rate(k, n, confidence)
                assert (found.low, found.high) == pytest.approx(ends, abs=1e-12)
                assert (found.low == 0) == (k == 0) and (found.high == 1) == (k == n)


@given(st.integers(1, 10_000), st.data())
def test_wilson_is_symmetric_and_holds_its_share(n, data):
    k = data.draw(st.integers(0, n))
    found, mirrored = xor.rate(k, n), xor.rate(n - k, n)
    assert 0 <= found.low <= k / n <= found.high <= 1
    assert found.low < found.high
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


# Planes


def test_a_plane_has_its_second_coordinate_in_rows():
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight[:], layer.bias[:] = torch.tensor([[1.0, 10.0]]), 2.0
    ticks, p = xor.plane(layer, (-1, 3), size=5)
    assert ticks.tolist() == [-1, 0, 1, 2, 3]
    assert p[2, 4] == pytest.approx(1 / (1 + math.exp(-(1 * 3 + 10 * 1 + 2))))
    for i, j in product(range(5), repeat=2):
        assert p[i, j] == pytest.approx(1 / (1 + math.exp(-(ticks[j] + 10 * ticks[i] + 2))))


def test_the_plot_of_the_report_has_the_wrong_class_on_58_percent_of_the_square(run):
    model, _ = run
    _, last_layer = xor.plane(model[2], (-1, 1), 401)
    _, whole = xor.plane(model, (-1, 1), 401)
    share = ((last_layer > 0.5) != (whole > 0.5)).mean()
    print(f"\nwrong class on {share:.1%} of [−1, 1]²")
    assert share == pytest.approx(0.58, abs=0.005)


def test_both_sides_hold_the_points_and_a_grid_and_its_image(run):
    model, _ = run
    left, right = xor.sides(model)
    assert np.array_equal(left.points, xor.POINTS)
    assert len(left.threads) == len(right.threads) == 18
    for line, image in zip(
        [left.points, *left.threads], [right.points, *right.threads], strict=True
    ):
        hidden = model[1](model[0](torch.tensor(line, dtype=torch.float32)))
        assert np.allclose(image, hidden.detach(), atol=1e-6)
    straight = [np.ptp(line, axis=0).min() for line in left.threads]
    assert max(straight) == 0
    assert np.array_equal(left.p, xor.plane(model, (-0.5, 1.5))[1])
    assert np.array_equal(right.p, xor.plane(model[2], (-1.2, 1.2))[1])


def test_a_network_is_built_from_its_weights():
    many = xor.Networks(range(3), hidden=4).train(50)
    for i in range(3):
        model = xor.built(*many[i])
        assert all(map(torch.equal, parameters(model), many[i]))
        assert torch.allclose(model(xor.POINTS).squeeze(1), many.logits()[i], atol=1e-6)


# Bad input


@pytest.mark.parametrize(
    ("call", "fault", "rule"),
    [
        (lambda: xor.Networks([1, -1]), "seeds: -1", "at least 0"),
        (lambda: xor.Networks([1.5]), "seeds: 1.5", "at least 0"),
        (lambda: xor.Networks([1], hidden=0), "hidden: 0", "at least 1"),
        (lambda: xor.Networks([1], hidden=True), "hidden: True", "at least 1"),
        (
            lambda: xor.Networks([1], activation="tanhh"),
            "activation: 'tanhh'",
            "'tanh', 'sigmoid', 'relu', 'leaky_relu' or 'identity'",
        ),
        (lambda: xor.Networks([1], loss="mse"), "loss: 'mse'", "'cross_entropy' or 'l2'"),
        (
            lambda: xor.Networks([1], init="zeros"),
            "init: 'zeros'",
            "'default', 'xavier', 'kaiming' or 'normal'",
        ),
        (lambda: xor.Networks([1], lr=0), "lr: 0", "above 0"),
        (lambda: xor.Networks([1], lr=math.nan), "lr: nan", "above 0"),
        (lambda: xor.Networks([1]).train(-1), "steps: -1", "at least 0"),
        (lambda: xor.Networks([1]).widened(0), "units: 0", "at least 1"),
        (lambda: xor.survey([1], lr=()), "lr: ()", "a sequence of at least one value"),
        (
            lambda: xor.survey([1], activation="tanh"),
            "activation: 'tanh'",
            "a sequence of at least one value",
        ),
        (lambda: xor.network(-1), "seed: -1", "at least 0"),
        (lambda: xor.network(1, hidden=0), "hidden: 0", "at least 1"),
        (lambda: xor.network(1, activation="sin"), "activation: 'sin'", "'tanh'"),
        (lambda: xor.network(1, init="he"), "init: 'he'", "'default'"),
        (lambda: xor.train(xor.network(1), 1, loss="bce"), "loss: 'bce'", "'cross_entropy'"),
        (lambda: xor.train(xor.network(1), -2), "steps: -2", "at least 0"),
        (lambda: xor.train(xor.network(1), 1, lr=-1), "lr: -1", "above 0"),
        (lambda: xor.rate(1, 0), "n: 0", "at least 1"),
        (lambda: xor.rate(-1, 5), "successes: -1", "from 0 to 5"),
        (lambda: xor.rate(6, 5), "successes: 6", "from 0 to 5"),
        (lambda: xor.rate(1, 5, 1.0), "confidence: 1.0", "above 0 and below 1"),
        (
            lambda: xor.plane(nn.Linear(2, 1), (1, 1)),
            "window: (1, 1)",
            "(low, high) with low < high",
        ),
        (lambda: xor.plane(nn.Linear(2, 1), (0, 1), 1), "size: 1", "at least 2"),
    ],
)
def test_invalid_values_are_named_with_the_rule(call, fault, rule):
    with pytest.raises(ValueError) as error:
        call()
    said, wanted = str(error.value).split(" is invalid; ")
    assert said == fault and rule in wanted


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: xor.Networks([]), "seeds: there are none; use at least one"),
        (
            lambda: xor.Networks([1]).only(torch.tensor([False])),
            "keep: it is true for none of the networks",
        ),
        (
            lambda: xor.Networks([1]).beside(xor.Networks([1], hidden=3)),
            "others: [(2, 0), (3, 0)] as widths and steps",
        ),
        (lambda: xor.survey([]), "seeds: there are none; use at least one"),
        (lambda: xor.sides(xor.network(0, hidden=3)), "model: it has 3 hidden units"),
    ],
)
def test_what_does_not_fit_is_named(call, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        call()
