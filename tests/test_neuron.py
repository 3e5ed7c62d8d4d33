"""The surfaces of one neuron, their gradients and the ways down them."""

import math
import re
from itertools import product

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.neuron import (
    Neuron,
    binary_cross_entropy,
    descend,
    grid,
    sigmoid,
    steepest,
    steps_to_halve,
)

L2, CE = Neuron("l2"), Neuron("cross_entropy")
KINDS = [("l2", "sigmoid"), ("l2", "tanh"), ("l2", "relu"), ("cross_entropy", "sigmoid")]
SHAPES = [(), (1,), (7,), (3, 4), (100, 100)]


def in_torch(neuron, w, b):
    """The same neuron by PyTorch: outputs, losses, and the gradients by autograd."""
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (w, b))
    z = w * neuron.x + b
    y = torch.full_like(z, neuron.target)
    a = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[neuron.activation](z)
    if neuron.loss == "l2":
        loss = F.mse_loss(a, y, reduction="none")
    else:
        loss = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    loss.sum().backward()
    return [v.detach().numpy() for v in (a, loss, w.grad, b.grad)]


# --- one point, by hand: σ(ln 3) = 3/4


def test_the_sigmoid_by_hand():
    z = np.log([1, 3, 1 / 3, 9])
    assert sigmoid(z) == pytest.approx([1 / 2, 3 / 4, 1 / 4, 9 / 10], rel=1e-15)
    assert sigmoid([-1e4, -800, 800, 1e4]).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("x", [1, 2, -1])
def test_l2_by_hand(x):
    neuron = Neuron("l2", x=x)
    w, b = math.log(3) / x, 0
    assert neuron.outputs(w, b) == pytest.approx(3 / 4)
    assert neuron.losses(w, b) == pytest.approx((3 / 4 - 1 / 2) ** 2)
    slope = 2 * (3 / 4 - 1 / 2) * (3 / 4) * (1 / 4)  # 3/32
    assert neuron.gradients(w, b) == pytest.approx((slope * x, slope))


@pytest.mark.parametrize("x", [1, 2, -1])
def test_cross_entropy_by_hand(x):
    neuron = Neuron("cross_entropy", target=0.25, x=x)
    w, b = 0, math.log(3)
    expected = -1 / 4 * math.log(3 / 4) - 3 / 4 * math.log(1 / 4)
    assert neuron.losses(w, b) == pytest.approx(expected)
    assert neuron.gradients(w, b) == pytest.approx(((3 / 4 - 1 / 4) * x, 3 / 4 - 1 / 4))


def test_the_sheets_example_by_hand():
    """ReLU with L2: at z = 2 the loss is (2 − ½)², its slope 2 (2 − ½) · 1; below 0 it is flat."""
    neuron = Neuron("l2", activation="relu")
    assert neuron.outputs([2, -2], 0).tolist() == [2, 0]
    assert neuron.losses([2, -2], 0).tolist() == [1.5**2, 0.5**2]
    assert neuron.gradients([2, -2, 0], 0)[0].tolist() == [2 * 1.5, 0, 0]


# --- against PyTorch, and against differences


def test_outputs_losses_and_gradients_are_pytorchs():
    rng = np.random.default_rng(0)
    points = 0
    for (loss, activation), target, x, shape in product(KINDS, [0, 0.1, 0.5, 1], [1, -0.7], SHAPES):
        neuron = Neuron(loss, target, activation, x)
        w, b = rng.normal(0, 4, shape), rng.normal(0, 4, shape)
        ours = (neuron.outputs(w, b), neuron.losses(w, b), *neuron.gradients(w, b))
        for mine, theirs in zip(ours, in_torch(neuron, w, b), strict=True):
            assert mine.shape == theirs.shape == shape
            np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-14)
        points += w.size
    print(f"\n{points:,} points: outputs, losses and gradients equal PyTorch's")


@pytest.mark.parametrize(("loss", "activation"), KINDS)
@pytest.mark.parametrize("target", [0, 0.1, 0.5, 1])
def test_gradients_are_the_differences_of_losses(loss, activation, target):
    neuron = Neuron(loss, target, activation, x=1.5)
    w, b = grid(np.linspace(-6, 6, 40))  # no z is 0, where ReLU has a corner
    h = 1e-5
    for gradient, dw, db in zip(neuron.gradients(w, b), (h, 0), (0, h), strict=True):
        difference = neuron.losses(w + dw, b + db) - neuron.losses(w - dw, b - db)
        np.testing.assert_allclose(gradient, difference / (2 * h), rtol=1e-7, atol=1e-8)


def test_cross_entropy_from_probabilities_is_pytorchs():
    rng = np.random.default_rng(1)
    for shape, y in product(SHAPES, [0, 0.1, 0.5, 1]):
        a = rng.uniform(0.001, 0.999, shape)
        theirs = F.binary_cross_entropy(
            torch.tensor(a), torch.full(shape, float(y), dtype=torch.float64), reduction="none"
        )
        np.testing.assert_allclose(binary_cross_entropy(a, y), theirs.numpy(), rtol=1e-12)
        z = np.log(a / (1 - a))
        loss = Neuron("cross_entropy", y).losses(z, 0)
        np.testing.assert_allclose(binary_cross_entropy(a, y), loss, rtol=1e-9)


# --- the grid and its sums


def test_the_grid_by_hand():
    w, b = grid([1, 2, 4], [-1, 0])
    assert w.tolist() == [[1, 2, 4], [1, 2, 4]]
    assert b.tolist() == [[-1, -1, -1], [0, 0, 0]]
    w, b = grid()
    assert w.shape == b.shape == (100, 100)
    assert (w == b.T).all()
    assert (w.min(), w.max(), w[0, 1] - w[0, 0]) == (-6, 6, pytest.approx(12 / 99))
    w, _ = grid(np.zeros(1, dtype=np.float32))
    assert w.dtype == np.float32


def test_the_sums_in_float64():
    w, b = grid()
    assert L2.outputs(w, b).sum() == pytest.approx(5000, abs=1e-9)
    assert f"{L2.losses(w, b).sum():.8f}" == "1769.31223797"
    assert f"{CE.losses(w, b).sum():.6f}" == "21435.474443"
    assert f"{math.fsum(CE.losses(w, b).ravel()):.6f}" == "21435.474443"
    assert f"{binary_cross_entropy(sigmoid(w + b), 0.5).sum():.6f}" == "21435.474443"


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_the_sums_in_float32(library):
    """They are float32's nearest to the report's, up to the order in which a library adds."""
    w, b = grid(np.linspace(-6, 6, 100, dtype=np.float32))
    if library == "numpy":
        a = sigmoid(w + b)
        assert a.dtype == np.float32
        l2, ce = (a - 0.5) ** 2, binary_cross_entropy(a, 0.5)
    else:
        a = torch.sigmoid(torch.tensor(w + b))
        l2 = (a - 0.5) ** 2
        ce = -0.5 * torch.log(a) - 0.5 * torch.log(1 - a)
    three = 3 * np.spacing(np.float32([1769, 21435]))  # 0.0004 and 0.006
    print(f"\n{library}, float32: {float(l2.sum()):.4f}, {float(ce.sum()):.4f}")
    assert abs(float(l2.sum()) - 1769.3123) < three[0]
    assert abs(float(ce.sum()) - 21435.4570) < three[1]
    # So is the exact sum of the same terms: adding is not what moved it from 21435.4744.
    assert math.fsum(ce.reshape(-1).tolist()) == pytest.approx(21435.4561, abs=1e-3)


def test_in_float32_the_loss_from_logits_keeps_the_digits():
    w, b = grid(np.linspace(-6, 6, 100, dtype=np.float32))
    loss = CE.losses(w, b)
    assert loss.dtype == np.float32
    assert math.fsum(loss.ravel().tolist()) == pytest.approx(21435.4744, abs=5e-4)
    assert all(g.dtype == np.float32 for n in (L2, CE) for g in n.gradients(w, b))


# --- shapes of the surfaces


@pytest.mark.parametrize("neuron", [L2, CE])
def test_at_one_half_losses_are_even_and_gradients_odd(neuron):
    w, b = grid()
    loss, (dw, db) = neuron.losses(w, b), neuron.gradients(w, b)
    np.testing.assert_allclose(loss[::-1, ::-1], loss, rtol=1e-11)
    np.testing.assert_allclose(dw[::-1, ::-1], -dw, rtol=0, atol=1e-15)
    assert (dw == db).all()


@pytest.mark.parametrize("loss", ["l2", "cross_entropy"])
@pytest.mark.parametrize("target", [0, 0.1, 0.3])
def test_turning_z_turns_the_target(loss, target):
    w, b = grid()
    here, there = Neuron(loss, target), Neuron(loss, 1 - target)
    np.testing.assert_allclose(here.losses(w, b), there.losses(-w, -b), rtol=1e-11, atol=1e-15)
    off = np.abs(here.losses(w, b) - here.losses(-w, -b)).max()
    assert off > 0.1  # so neither is even


def test_the_extremes_of_cross_entropy():
    w, b = grid()
    loss, slope = CE.losses(w, b), CE.gradients(w, b)[0]
    assert loss.max() == pytest.approx(6 + math.log(1 + math.exp(-12)), rel=1e-15)
    assert f"{loss.max():.7f}" == "6.0000061"
    assert loss.min() == pytest.approx(math.log(2), abs=1e-15)
    assert (loss >= math.log(2) - 1e-15).all()
    assert slope.max() == -slope.min() == pytest.approx(math.tanh(6) / 2, rel=1e-15)
    assert f"{slope.max():.6f}" == "0.499994"


@pytest.mark.parametrize("target", [0.1, 0.25, 0.5, 0.9])
def test_the_least_cross_entropy_is_the_targets_entropy(target):
    neuron = Neuron("cross_entropy", target)
    z = math.log(target / (1 - target))
    entropy = -target * math.log(target) - (1 - target) * math.log(1 - target)
    assert neuron.losses(z, 0) == pytest.approx(entropy, rel=1e-13)
    assert neuron.gradients(z, 0)[0] == pytest.approx(0, abs=1e-15)
    assert (neuron.losses(np.linspace(-20, 20, 999), 0) >= entropy - 1e-15).all()


def test_the_steepest_places_by_hand():
    z, slope = steepest(0.5)
    assert z == pytest.approx([-math.log(2 + math.sqrt(3)), math.log(2 + math.sqrt(3))])
    assert slope == pytest.approx([-math.sqrt(3) / 18, math.sqrt(3) / 18])
    z, slope = steepest(0)  # σ = 2/3
    assert (z[0], z[1]) == (-np.inf, pytest.approx(math.log(2)))
    assert slope == pytest.approx([0, 2 * (2 / 3) * (2 / 3) * (1 / 3)])
    z, slope = steepest(1)  # σ = 1/3
    assert (z[1], z[0]) == (np.inf, pytest.approx(-math.log(2)))
    assert slope == pytest.approx([2 * (1 / 3 - 1) * (1 / 3) * (2 / 3), 0])


@pytest.mark.parametrize("target", [0, 0.1, 0.3, 0.5, 0.8, 1])
def test_nowhere_is_steeper(target):
    z, slope = steepest(target)
    many = Neuron("l2", target).gradients(np.linspace(-30, 30, 60_001), 0)[0]
    assert (many.min(), many.max()) == pytest.approx(tuple(slope), abs=1e-7)
    inside = torch.tensor(z[np.isfinite(z)], requires_grad=True)
    gradient = (
        2 * (torch.sigmoid(inside) - target) * torch.sigmoid(inside).mul(torch.sigmoid(-inside))
    )
    gradient.sum().backward()
    assert inside.grad.abs().max() < 1e-15


# --- log 0


@pytest.mark.parametrize(("dtype", "bits"), [(np.float32, 24), (np.float64, 53)])
def test_where_probabilities_overflow(dtype, bits):
    """1 + e^(−z) is 1 from z = bits · ln 2 on; e^(−z) is infinite below −128 or −1024 ln 2."""
    z = np.array([bits * math.log(2)], dtype)
    low = np.array([-math.log(2) * {24: 128, 53: 1024}[bits]], dtype)
    near = dtype(1e-3)
    assert np.isinf(binary_cross_entropy(sigmoid(z + near), 0.5)).all()
    assert np.isfinite(binary_cross_entropy(sigmoid(z - near), 0.5)).all()
    assert np.isinf(binary_cross_entropy(sigmoid(low - near), 0.5)).all()
    assert np.isfinite(binary_cross_entropy(sigmoid(low + near), 0.5)).all()
    assert np.isnan(binary_cross_entropy(sigmoid(z + near), 1)).all()  # 0 · (−∞); the loss is ~0
    for far in (z, low, z * 100, low * 100):
        for target in (0, 0.5, 1):
            loss = Neuron("cross_entropy", target).losses(far, dtype(0))
            assert loss == pytest.approx(abs(far) * abs((far > 0) - target), rel=1e-5, abs=1e-7)


# --- ways down


@pytest.mark.parametrize("neuron", [L2, CE, Neuron("l2", 0, "relu"), Neuron("l2", 0.9, x=-2)])
def test_descent_takes_pytorchs_steps(neuron):
    w, b = torch.tensor([3.0, -1.0, 0.5]).double(), torch.tensor([2.0, -4.0, 0.1]).double()
    path = descend(neuron, w.numpy(), b.numpy(), lr=0.3, steps=25)
    w.requires_grad_(), b.requires_grad_()
    optimizer = torch.optim.SGD([w, b], lr=0.3)
    for i in range(26):
        np.testing.assert_allclose(path[0][i], w.detach(), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(path[1][i], b.detach(), rtol=1e-12, atol=1e-15)
        optimizer.zero_grad()
        _, _, dw, db = in_torch(neuron, w.detach().numpy(), b.detach().numpy())
        w.grad, b.grad = torch.tensor(dw), torch.tensor(db)
        optimizer.step()


def test_one_step_by_hand():
    """At z = ln 3 the slope of cross-entropy is ¼: with lr = 2, both numbers fall by ½."""
    w, b = descend(CE, math.log(3), 0, lr=2, steps=1)
    assert w == pytest.approx([math.log(3), math.log(3) - 0.5])
    assert b == pytest.approx([0, -0.5])


def test_many_rates_are_many_descents():
    rates = np.array([[0.1], [2.0]])
    w, b = descend(L2, [3, -1, 0.5], 1, lr=rates, steps=7)
    assert w.shape == b.shape == (8, 2, 3)
    for i, rate in enumerate(rates.ravel()):
        alone = descend(L2, [3, -1, 0.5], 1, lr=rate, steps=7)
        assert np.array_equal(alone[0], w[:, i]) and np.array_equal(alone[1], b[:, i])


@pytest.mark.parametrize("x", [1, 2, -0.5])
def test_paths_are_straight(x):
    w, b = descend(Neuron("l2", x=x), *grid([-3, 1, 2]), lr=0.5, steps=50)
    assert w.shape == b.shape == (51, 3, 3)
    np.testing.assert_allclose(w - x * b, np.broadcast_to(w[0] - x * b[0], w.shape), atol=1e-13)


@pytest.mark.parametrize(("loss", "activation"), KINDS)
@pytest.mark.parametrize("target", [0, 0.1, 0.5, 1])
def test_counted_steps_are_those_of_the_path(loss, activation, target):
    neuron = Neuron(loss, target, activation, x=1.5)
    rng = np.random.default_rng(2)
    w, b, rates = rng.uniform(-3, 3, 40), rng.uniform(-3, 3, 40), (0.05, 0.5)
    for lr in rates:
        error = np.abs(neuron.outputs(*descend(neuron, w, b, lr=lr, steps=60)) - target)
        there = error <= error[0] / 2
        expected = np.where(there.any(0), there.argmax(0), np.inf)
        assert steps_to_halve(neuron, w, b, lr, max_steps=60).tolist() == expected.tolist()
    both = steps_to_halve(neuron, w, b, np.array(rates)[:, None], max_steps=60)
    assert both.shape == (2, 40)
    assert both[1].tolist() == expected.tolist()


@pytest.mark.parametrize(("loss", "steps"), [("cross_entropy", 12), ("l2", None)])
def test_the_far_corner_by_hand(loss, steps):
    """From z = 12 to σ = ¾, so 12 − ln 3 = 10.9 down, by 2 lr · slope a step.

    Cross-entropy's slope is ½ at first. L2's is e^(−z): dz/dt = −2 lr e^(−z) takes
    (e^12 − 3) / 2 steps at lr = 1, up to the corrections near the end.
    """
    counted = steps_to_halve(Neuron(loss), 6, 6, 1, max_steps=100_000)
    if loss == "cross_entropy":
        assert counted == steps
    else:
        assert counted == pytest.approx((math.exp(12) - 3) / 2, rel=1e-3)


def test_nothing_to_halve_and_no_way():
    assert steps_to_halve(L2, 2, -2, 1) == 0
    assert (steps_to_halve(CE, *np.diagonal(grid(), axis1=1, axis2=2), 1) > 0).all()
    assert (steps_to_halve(CE, *np.fliplr(grid()).diagonal(axis1=1, axis2=2), 1) == 0).all()
    # ReLU halves z = 2 in one step of 1: 2 − (1/8) · 2 · 2 · 2. "At most half" counts it.
    assert steps_to_halve(Neuron("l2", 0, "relu"), 1, 1, 1 / 8) == 1
    assert steps_to_halve(Neuron("l2", 0.5, "relu"), -1, -1, 1, max_steps=5) == np.inf
    # One step throws it so far to the other side that the slope there is 0.
    assert steps_to_halve(L2, 1, 1, 1e300, max_steps=50) == np.inf


# --- bad input


@pytest.mark.parametrize(
    ("call", "fault", "rule"),
    [
        (lambda: Neuron("l3"), "loss: 'l3'", "'l2' or 'cross_entropy'"),
        (lambda: Neuron(activation="step"), "activation: 'step'", "'sigmoid', 'tanh' or 'relu'"),
        (lambda: Neuron(target=1.5), "target: 1.5", "from 0 to 1"),
        (lambda: Neuron(target=-0.01), "target: -0.01", "from 0 to 1"),
        (lambda: Neuron(target=math.nan), "target: nan", "from 0 to 1"),
        (lambda: Neuron(x=math.inf), "x: inf", "a finite number"),
        (lambda: binary_cross_entropy(0.5, 2), "target: 2", "from 0 to 1"),
        (lambda: steepest(-1), "target: -1", "from 0 to 1"),
        (lambda: grid([]), "w: shape (0,)", "[n]"),
        (lambda: grid(3), "w: shape ()", "[n]"),
        (lambda: grid([0, 1], [[0], [1]]), "b: shape (2, 1)", "[n]"),
        (lambda: grid([0, math.nan]), "w: nan", "finite numbers"),
        (lambda: grid([0, math.inf]), "w: inf", "finite numbers"),
        (lambda: descend(L2, 0, 0, lr=0, steps=1), "lr: 0", "above 0"),
        (lambda: descend(L2, 0, 0, lr=math.nan, steps=1), "lr: nan", "above 0"),
        (lambda: descend(L2, 0, 0, lr=1, steps=-1), "steps: -1", "at least 0"),
        (lambda: descend(L2, 0, 0, lr=1, steps=2.0), "steps: 2.0", "at least 0"),
        (lambda: steps_to_halve(L2, 0, 0, [1, -1]), "lr: -1", "above 0"),
        (lambda: steps_to_halve(L2, 0, 0, 1, max_steps=0), "max_steps: 0", "at least 1"),
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
        (
            lambda: Neuron("cross_entropy", activation="relu"),
            "activation: 'relu' does not go with cross_entropy, which takes probabilities; use",
        ),
        (lambda: grid([0, 1, 1]), "w: 1, 1 at positions 1, 2 do not increase"),
        (lambda: grid([0, 1], [2, 3, 1]), "b: 3, 1 at positions 1, 2 do not increase"),
    ],
)
def test_what_does_not_fit_is_named(call, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        call()
