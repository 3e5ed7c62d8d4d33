"""The pen-and-paper engine: the worked case by hand, PyTorch on thousands of cases, properties."""

import math
import re
import subprocess
import sys
from collections import defaultdict
from decimal import Context, Decimal
from fractions import Fraction as F
from functools import reduce
from operator import add

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from course_utils import exact

X = [[3, 1, 9, 2], [0, 0, 3, 3], [0, 3, 1, 1], [8, 2, 8, 7]]
W = [[0.2, 0.3, -0.1], [0.3, -1.1, 1.0], [-1.0, 1.1, 0.3]]


def decimals(rows):
    return [[F(number) for number in row.split()] for row in rows]


# The worked case, as arithmetic


def test_the_worked_convolution():
    y = exact.conv2d(X, W, padding=1)
    a, b, c = F(2, 10), F(3, 10), F(-1, 10)
    d, e, f = F(3, 10), F(-11, 10), F(1)
    g, h, i = F(-1), F(11, 10), F(3, 10)
    assert y[0, 0] == 3 * e + 1 * f + 0 * h + 0 * i
    assert y[0, 3] == 9 * d + 2 * e + 3 * g + 3 * h
    assert y[1, 1] == 3 * a + 1 * b + 9 * c + 0 * d + 0 * e + 3 * f + 0 * g + 3 * h + 1 * i
    assert y[1, 2] == 1 * a + 9 * b + 2 * c + 0 * d + 3 * e + 3 * f + 3 * g + 1 * h + 1 * i
    assert y[3, 3] == 1 * a + 1 * b + 8 * d + 7 * e
    assert y.tolist() == decimals(
        ["-2.3 9.7 -3.4 0.8", "1.7 6.6 0.8 0.1", "12.4 -6 10.3 0.4", "-7.1 9 -0.4 -4.8"]
    )


def test_the_dropped_term_gives_the_misprint():
    with exact.worked() as page:
        exact.conv2d(X, W, padding=1)
    j23 = page[0].steps[6]
    assert j23.index == (1, 2)
    without = [product for product in j23.products if product != 3 * F(-11, 10)]
    assert len(without) == 8
    assert j23.value == F(4, 5)
    assert sum(without) == F(41, 10)


def test_the_worked_pooling_with_both_strides():
    j = exact.relu(exact.conv2d(X, W, padding=1))
    assert exact.max_pool2d(j, 2).tolist() == [[F(97, 10), F(4, 5)], [F(62, 5), F(103, 10)]]
    assert exact.max_pool2d(j, 2, stride=1).tolist() == decimals(
        ["9.7 9.7 0.8", "12.4 10.3 10.3", "12.4 10.3 10.3"]
    )


def test_the_tie_under_three_conventions():
    j = exact.relu(exact.conv2d(X, W, padding=1))
    assert j[0, 3] == j[1, 2] == F(4, 5)
    upstream = [[1, 6], [3, 4]]
    j14_j23 = {"first": (6, 0), "split": (3, 3), "all": (6, 6)}
    for ties, (j14, j23) in j14_j23.items():
        dj = exact.max_pool2d_backward(upstream, j, 2, ties=ties)
        assert dj.tolist() == [[0, 1, 0, j14], [0, 0, j23, 0], [3, 0, 4, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_binary_floats_split_the_tie(dtype):
    x, w = torch.tensor([[X]], dtype=dtype), torch.tensor([[W]], dtype=dtype)
    j = functional.conv2d(x, w, padding=1)[0, 0]
    assert j[0, 3] != j[1, 2]
    torch.testing.assert_close(j[0, 3], j[1, 2])


def test_backward_through_the_worked_network():
    """L = the sum of |pool − t| with t above 9.7 and 12.4 and below 0.8 and 10.3, by hand."""
    target = [[10, 0], [13, 10]]
    conv = exact.conv2d(X, W, padding=1)
    j = exact.relu(conv)
    pooled = exact.max_pool2d(j, 2)
    assert exact.l1_loss(pooled, target, reduction="sum") == F("0.3") + F("0.8") + F("0.6") + F(
        "0.3"
    )
    dpool, _ = exact.l1_loss_backward(pooled, target, reduction="sum")
    assert dpool.tolist() == [[-1, 1], [-1, 1]]
    dj = exact.max_pool2d_backward(dpool, j, 2)
    dconv = exact.relu_backward(dj, conv)
    assert dconv.tolist() == [[0, -1, 0, 1], [0, 0, 0, 0], [-1, 0, 1, 0], [0, 0, 0, 0]]
    _, dw, db = exact.conv2d_backward(dconv, X, W, padding=1)
    # Windows of x around J12, J14, J31 and J33, each with the sign of its δ.
    j12 = np.array([[0, 0, 0], [3, 1, 9], [0, 0, 3]])
    j14 = np.array([[0, 0, 0], [9, 2, 0], [3, 3, 0]])
    j31 = np.array([[0, 0, 0], [0, 0, 3], [0, 8, 2]])
    j33 = np.array([[0, 3, 3], [3, 1, 1], [2, 8, 7]])
    assert dw.tolist() == (-j12 + j14 - j31 + j33).tolist()
    assert db.tolist() == [0]
    # L is linear in w around here, so a finite difference of any such size is exact.
    step = F(1, 1000)
    for a, b in np.ndindex(3, 3):
        moved = exact.array(W)
        moved[a, b] += step
        pooled = exact.max_pool2d(exact.relu(exact.conv2d(X, moved, padding=1)), 2)
        after = exact.l1_loss(pooled, target, reduction="sum")
        # The tie breaks as w moves: either of its two pixels may be the maximum then.
        rises = (after - 2) / step
        other = dw[a, b] + (-j14 + np.array([[1, 9, 2], [0, 3, 3], [3, 1, 1]]))[a, b]
        assert rises == max(dw[a, b], other)


def test_one_dimension_by_hand():
    x, w, delta = [1, 2, 3, 4, 5], [10, 1], [1, 0, -2, 3]
    assert exact.conv1d(x, w).tolist() == [10 + 2, 20 + 3, 30 + 4, 40 + 5]
    dx, dw, db = exact.conv1d_backward(delta, x, w)
    assert dw.tolist() == [1 * 1 - 2 * 3 + 3 * 4, 1 * 2 - 2 * 4 + 3 * 5]
    assert dx.tolist() == np.convolve(delta, w).tolist()  # full, with the flip
    assert db.tolist() == [1 + 0 - 2 + 3]
    # ∂y/∂w has the rows [x_i, x_{i+1}]
    rows = [exact.conv1d_backward(np.eye(4, dtype=int)[i], x, w)[1].tolist() for i in range(4)]
    assert rows == [[1, 2], [2, 3], [3, 4], [4, 5]]


def test_one_channel_takes_its_bias_as_a_number_too():
    for bias in (0.5, [0.5]):
        assert exact.conv2d([[1, 2]], [[3]], bias=bias).tolist() == [[F(7, 2), F(13, 2)]]
        assert exact.conv1d([1, 2], [3], bias=bias).tolist() == [F(7, 2), F(13, 2)]


def test_overlapping_windows_are_summed():
    x = [[1, 2, 1], [2, 9, 2], [1, 2, 1]]
    dx = exact.max_pool2d_backward([[1, 10], [100, 1000]], x, 2, stride=1)
    assert dx.tolist() == [[0, 0, 0], [0, 1111, 0], [0, 0, 0]]
    dx = exact.avg_pool2d_backward([[4, 40]], [[0, 0, 0]], (1, 2), stride=1)
    assert dx.tolist() == [[2, 2 + 20, 20]]


def test_relu_passes_nothing_back_at_zero():
    assert exact.relu_backward([7, 7, 7], ["-0.1", 0, "0.1"]).tolist() == [0, 0, 7]


def test_losses_by_hand():
    assert exact.l1_loss([[1, 2], [3, 5]], [[2, 2], [1, 1]]) == F(1 + 0 + 2 + 4, 4)
    assert exact.mse_loss([[1, 2], [3, 5]], [[2, 2], [1, 1]]) == F(1 + 0 + 4 + 16, 4)
    dx, dtarget = exact.l1_loss_backward([1, 2, 3], [2, 2, 1], upstream=6)
    assert (dx.tolist(), dtarget.tolist()) == ([-2, 0, 2], [2, 0, -2])
    dx, dtarget = exact.mse_loss_backward([1, 2, 3], [2, 2, 1], reduction="sum")
    assert (dx.tolist(), dtarget.tolist()) == ([-2, 0, 4], [2, 0, -4])


def test_cross_entropy_is_exact_up_to_the_exponential():
    assert exact.cross_entropy([5], 0) == 0.0
    assert exact.cross_entropy([7] * 10, 3) == math.log(10)
    # Only differences count, and they are exact: no digit is lost next to 10²⁰.
    far = exact.cross_entropy(["100000000000000000000.5", "100000000000000000000"], 0)
    assert far == exact.cross_entropy(["0.5", 0], 0) == math.log1p(math.exp(-0.5))
    assert exact.cross_entropy([0, 10**6], 0) == 10.0**6
    assert exact.cross_entropy_backward([0, 10**6], 0).tolist() == [-1.0, 1.0]
    # −ln softmax of 60 against 0 is 8.76e-27: float64 alone would give 0.
    assert exact.cross_entropy([60, 0], 0) == math.log1p(math.exp(-60))


@pytest.mark.parametrize("far", [60, 120, 200, 700, 744, 745, 800, 10**5])
def test_a_confident_answer_has_the_loss_and_slope_next_to_the_true_ones(far):
    # ln(1 + e) and e / (1 + e) are e, to far more digits than a float has
    tiny = float(Context(prec=30).exp(-far))
    assert exact.cross_entropy([far, 0], 0) == tiny
    assert exact.cross_entropy_backward([far, 0], 0).tolist() == [-tiny, tiny]
    assert exact.cross_entropy([0, far, 0], 1) == float(2 * Context(prec=30).exp(-far))


# What a number may be


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (0.2, F(1, 5)),
        (-1.1, F(-11, 10)),
        (1e-7, F(1, 10**7)),
        (2.5e20, F(25 * 10**19)),
        (3.0, F(3)),
        (np.float32(0.2), F(1, 5)),
        (np.float16(0.2), F(1, 5)),
        (np.int64(-4), F(-4)),
        (torch.tensor(0.2), F(1, 5)),
        (torch.tensor(0.25, requires_grad=True), F(1, 4)),
        (torch.tensor(7), F(7)),
        (np.array(0.2), F(1, 5)),
        ("0.2", F(1, 5)),
        ("−2.3", F(-23, 10)),
        ("2/6", F(1, 3)),
        (Decimal("0.2"), F(1, 5)),
        (F(2, 6), F(1, 3)),
    ],
)
def test_numbers_are_read_as_the_decimals_they_show(value, meaning):
    assert exact.array(value).item() == meaning
    assert exact.array([[value, 1]]).tolist() == [[meaning, 1]]


def test_arrays_and_tensors_of_any_type_are_read():
    for dtype in (torch.float16, torch.float32, torch.float64):
        assert exact.array(torch.tensor(W, dtype=dtype)).tolist() == exact.array(W).tolist()
    assert exact.array(np.array(W)).tolist() == exact.array(W).tolist()
    assert exact.array([torch.tensor([0.1, 2]), (3, "4")]).tolist() == [[F(1, 10), 2], [3, 4]]


def test_numbers_are_written_as_decimals_where_they_end():
    assert exact.text(["97/10", "-4/5", 0, "1/3", "-22/7", 12, "1/1024", "-0.05"]) == (
        "[9.7, -0.8, 0, 1/3, -22/7, 12, 0.0009765625, -0.05]"
    )
    assert exact.latex("-22/7") == r"-\frac{22}{7}"
    assert exact.latex([1, "0.5"]) == r"\begin{bmatrix} 1 & 0.5 \end{bmatrix}"


@settings(max_examples=200)
@given(st.fractions(max_denominator=1000))
def test_what_is_written_is_read_back(number):
    assert exact.fraction(exact.text(number)) == number
    ends = (10**10) % number.denominator == 0
    assert ("/" in exact.text(number)) == (not ends)
    assert (r"\frac" in exact.latex(number)) == (not ends)


# PyTorch in float64, values and gradients


PROBLEMS = defaultdict(set)


def answered(name, *problem):
    """Note a problem on which PyTorch agrees in everything; the same one twice counts once."""
    PROBLEMS[name].add(repr([p.tolist() if hasattr(p, "tolist") else p for p in problem]))


@pytest.fixture(scope="module", autouse=True)
def count_problems(request):
    """Say, after the last test of this file, how many random problems PyTorch was asked."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        counts = {name: len(problems) for name, problems in PROBLEMS.items()}
        each = ", ".join(f"{name} {n}" for name, n in counts.items())
        print(f"\nexact against PyTorch: {sum(counts.values())} different problems ({each})")


def random_problems(n):
    return settings(max_examples=n)


def numbers(draw, *shape, low=-20, high=20):
    """Decimals with one digit after the point."""
    tenths = draw(
        st.lists(st.integers(low, high), min_size=math.prod(shape), max_size=math.prod(shape))
    )
    return exact.array(np.array(tenths, dtype=object)).reshape(shape) / 10


def tensor(values):
    return torch.tensor(values.astype(float), dtype=torch.float64, requires_grad=True)


def assert_equal(exactly, tensors):
    exactly = np.asarray(exactly, dtype=float)
    assert exactly.shape == tuple(tensors.shape)
    np.testing.assert_allclose(exactly, tensors.detach().numpy(), rtol=1e-12, atol=1e-12)


@st.composite
def geometry(draw, axes, most=5):
    """Sizes, strides, paddings and dilations that fit together, each axis its own."""
    kernel, stride, padding, dilation, size = [], [], [], [], []
    for _ in range(axes):
        k, s, p = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(0, 2))
        d = draw(st.integers(1, 2))
        least = max(1, d * (k - 1) + 1 - 2 * p)
        kernel, stride, padding = [*kernel, k], [*stride, s], [*padding, p]
        dilation, size = [*dilation, d], [*size, draw(st.integers(least, max(least, most)))]
    return size, kernel, stride, padding, dilation


@st.composite
def convolutions(draw, axes):
    size, kernel, *options = draw(geometry(axes, most=4 if axes == 2 else 7))
    lead = draw(st.integers(0, 2))  # no channels, channels, a batch too
    n, c, o = (draw(st.integers(1, 2)) for _ in range(3))
    shape_x = ([n, c][2 - lead :] if lead else []) + size
    shape_w = ([o, c] if lead else []) + kernel
    bias = numbers(draw, o if lead else 1) if draw(st.booleans()) else None
    stride, padding, dilation = map(tuple, options)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return numbers(draw, *shape_x), numbers(draw, *shape_w), bias, options, draw(st.randoms())


def check_convolution(axes, problem):
    x, w, bias, options, random = problem
    forward = {1: exact.conv1d, 2: exact.conv2d}[axes]
    backward = {1: exact.conv1d_backward, 2: exact.conv2d_backward}[axes]
    theirs = {1: functional.conv1d, 2: functional.conv2d}[axes]
    y = forward(x, w, bias=bias, **options)
    tx, tw = tensor(x), tensor(w)
    tb = tensor(
        bias if bias is not None else exact.array([0] * (w.shape[0] if w.ndim > axes else 1))
    )
    plain = x.ndim == axes
    ty = theirs(tx[None] if plain else tx, tw[None, None] if plain else tw, tb, **options)
    ty = ty[0] if plain else ty
    assert_equal(y, ty)
    upstream = exact.array(
        np.array([random.randint(-9, 9) for _ in range(y.size)], dtype=object)
    ).reshape(y.shape)
    ty.backward(tensor(upstream).detach())
    dx, dw, db = backward(upstream, x, w, **options)
    assert_equal(dx, tx.grad)
    assert_equal(dw, tw.grad)
    assert_equal(db, tb.grad)
    answered(f"conv{axes}d", x, w, bias, options, upstream)


@random_problems(500)
@given(convolutions(1))
def test_conv1d_is_pytorch(problem):
    check_convolution(1, problem)


@random_problems(600)
@given(convolutions(2))
def test_conv2d_is_pytorch(problem):
    check_convolution(2, problem)


@st.composite
def poolings(draw):
    kernel = [draw(st.integers(1, 3)) for _ in range(2)]
    stride = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = [draw(st.integers(max(1, k - 2 * p), 5)) for k, p in zip(kernel, padding, strict=True)]
    shape = [draw(st.integers(1, 2)) for _ in range(draw(st.integers(0, 2)))] + size
    # Few different numbers, so that windows tie.
    return numbers(draw, *shape, low=-3, high=3), tuple(kernel), stride, padding, draw(st.randoms())


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling_is_pytorch(kind):
    ours = {"max": exact.max_pool2d, "avg": exact.avg_pool2d}[kind]
    ours_backward = {"max": exact.max_pool2d_backward, "avg": exact.avg_pool2d_backward}[kind]
    theirs = {"max": functional.max_pool2d, "avg": functional.avg_pool2d}[kind]
    tied = 0

    @random_problems(350)
    @given(poolings())
    def check(problem):
        nonlocal tied
        x, *window, random = problem
        with exact.worked() as page:
            y = ours(x, *window)
        tied += any(len(step.chosen) > 1 for step in page[0].steps)
        tx = tensor(x)
        ty = theirs(tx[None] if x.ndim == 2 else tx, *window)
        ty = ty[0] if x.ndim == 2 else ty
        assert_equal(y, ty)
        upstream = np.array([random.randint(-9, 9) for _ in range(y.size)]).reshape(y.shape)
        ty.backward(torch.tensor(upstream, dtype=torch.float64))
        assert_equal(ours_backward(upstream, x, *window), tx.grad)
        answered(f"{kind}_pool2d", x, window, upstream)

    check()
    assert kind == "avg" or tied > 100


@random_problems(250)
@given(st.data())
def test_a_linear_layer_and_relu_are_pytorch(data):
    n, i, o = (data.draw(st.integers(1, 3)) for _ in range(3))
    shape = (n, i) if data.draw(st.booleans()) else (i,)
    # Whole numbers: floats are exact then, and a 0 before the ReLU is a 0 in both.
    x, w, b = (10 * numbers(data.draw, *s, low=-3, high=3) for s in (shape, (o, i), (o,)))
    tx, tw, tb = tensor(x), tensor(w), tensor(b)
    z = exact.linear(x, w, b)
    y = exact.relu(z)
    ty = functional.relu(functional.linear(tx, tw, tb))
    assert_equal(y, ty)
    upstream = numbers(data.draw, *y.shape)
    ty.backward(tensor(upstream).detach())
    gradients = exact.linear_backward(exact.relu_backward(upstream, z), x, w)
    for ours, theirs in zip(gradients, (tx, tw, tb), strict=True):
        assert_equal(ours, theirs.grad)
    answered("linear and relu", x, w, b, upstream)


@random_problems(250)
@given(st.data())
def test_losses_are_pytorch(data):
    shape = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    x, target = numbers(data.draw, *shape), numbers(data.draw, *shape)
    reduction = data.draw(st.sampled_from(["mean", "sum"]))
    upstream = data.draw(st.integers(-3, 3))
    for name in ("l1_loss", "mse_loss"):
        tx, tt = tensor(x), tensor(target)
        loss = getattr(functional, name)(tx, tt, reduction=reduction)
        assert_equal(getattr(exact, name)(x, target, reduction=reduction), loss)
        (upstream * loss).backward()
        backward = getattr(exact, f"{name}_backward")
        dx, dtarget = backward(x, target, reduction=reduction, upstream=upstream)
        assert_equal(dx, tx.grad)
        assert_equal(dtarget, tt.grad)
    answered("l1 and mse", x, target, reduction, upstream)


@random_problems(200)
@given(st.data())
def test_cross_entropy_is_pytorch(data):
    x = numbers(data.draw, data.draw(st.integers(1, 5)), low=-100, high=100)
    target = data.draw(st.integers(0, len(x) - 1))
    tx = tensor(x)
    loss = functional.cross_entropy(tx, torch.tensor(target))
    assert_equal(exact.cross_entropy(x, target), loss)
    (loss * 3).backward()
    assert_equal(exact.cross_entropy_backward(x, target, upstream=3), tx.grad)
    answered("cross_entropy", x, target)


# Properties, exactly


@random_problems(60)
@given(convolutions(2), st.data())
def test_convolution_is_linear_in_x_and_in_w(problem, data):
    x, w, _, options, _ = problem
    x2, w2 = numbers(data.draw, *x.shape), numbers(data.draw, *w.shape)
    a, b = F(2, 3), F(-5, 7)

    def conv(x, w):
        return exact.conv2d(x, w, **options)

    assert (conv(a * x + b * x2, w) == a * conv(x, w) + b * conv(x2, w)).all()
    assert (conv(x, a * w + b * w2) == a * conv(x, w) + b * conv(x, w2)).all()


@pytest.mark.parametrize("axes", [1, 2])
def test_backward_is_the_adjoint(axes):
    """⟨conv(x), δ⟩ = ⟨x, dx⟩ = ⟨w, dw⟩, and with a bias of ones also ⟨1, db⟩ = Σ δ."""
    forward = {1: exact.conv1d, 2: exact.conv2d}[axes]
    backward = {1: exact.conv1d_backward, 2: exact.conv2d_backward}[axes]

    @random_problems(60)
    @given(convolutions(axes), st.data())
    def check(problem, data):
        x, w, _, options, _ = problem
        y = forward(x, w, **options)
        delta = numbers(data.draw, *y.shape)
        dx, dw, db = backward(delta, x, w, **options)
        assert (y * delta).sum() == (x * dx).sum() == (w * dw).sum()
        assert db.sum() == delta.sum()

    check()


@random_problems(60)
@given(st.data())
def test_convolution_moves_with_its_input(data):
    """Shifted by one pixel within a border of zeros, the input shifts the output by one pixel."""
    x = np.full((6, 6), F(0))
    x[2:4, 2:4] = numbers(data.draw, 2, 2)
    w = numbers(data.draw, 3, 3)
    axis, by = data.draw(st.sampled_from([0, 1])), data.draw(st.sampled_from([-1, 1]))
    y = exact.conv2d(x, w, padding=1)
    shifted = exact.conv2d(np.roll(x, by, axis), w, padding=1)
    assert (shifted == np.roll(y, by, axis)).all()


@random_problems(60)
@given(poolings())
def test_pooling_passes_on_as_much_as_came_in(problem):
    x, *window, _ = problem
    upstream = np.ones(exact.max_pool2d(x, *window).shape, dtype=int)
    came_in = upstream.sum()
    gradients = {
        ties: exact.max_pool2d_backward(upstream, x, *window, ties=ties)
        for ties in ("first", "split", "all")
    }
    assert gradients["first"].sum() == gradients["split"].sum() == came_in
    assert gradients["all"].sum() >= came_in
    assert ((gradients["all"] == 0) == (gradients["split"] == 0)).all()


# The worked steps


def test_steps_show_window_products_and_sum():
    with exact.worked() as page:
        exact.max_pool2d(exact.relu(exact.conv2d(X, W, padding=1)), 2)
    assert [work.operation for work in page] == ["conv2d", "relu", "max_pool2d"]
    conv, relu, pool = page
    assert conv.options == {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}
    assert conv.inputs["x"].tolist() == X
    first = conv.steps[0]
    assert first.window == (None, None, None, None, (0, 0), (0, 1), None, (1, 0), (1, 1))
    assert first.products == (0, 0, 0, 0, F(-33, 10), 1, 0, 0, 0)
    assert first.latex(padding=False) == (
        r"y_{1,1} = 3 \cdot (-1.1) + 1 \cdot 1 + 0 \cdot 1.1 + 0 \cdot 0.3"
        r" = -3.3 + 1 + 0 + 0 = -2.3"
    )
    assert first.latex().count(r"\cdot") == 9
    assert relu.steps[0].latex() == r"y_{1,1} = \max(0,\; -2.3) = 0"
    assert pool.steps[1].latex() == r"y_{1,2} = \max(0,\; 0.8,\; 0.8,\; 0.1) = 0.8"
    assert pool.steps[1].chosen == ((0, 3), (1, 2))


def test_steps_of_gradients_and_losses_are_written_out():
    with exact.worked() as page:
        exact.conv1d_backward([1, -2], [3, 4, 5], ["0.5", -1])
        exact.max_pool2d_backward([[1, 7]], [[4, 4, 1]], (1, 2), 1, ties="split")
        exact.relu_backward([3], [0])
        exact.avg_pool2d([[-1, -2, 4]], (1, 3))
        exact.linear([1, -2], [["1/3", 4]], [-1])
        exact.l1_loss([1, -2], [3, -4])
        exact.l1_loss_backward([1], [3])
        exact.mse_loss([1], [-3], reduction="sum")
        exact.mse_loss_backward([[1]], [[-3]])
        exact.cross_entropy([1, 3], 0)
        exact.cross_entropy_backward([1, 3], 0)
        exact.conv2d([[1]], [[1]], padding=1)
        exact.conv1d_backward([1, 1], [1, 2, 3], [1], stride=2)
    lines = [step.latex() for work in page for step in work.steps]
    dx, dw = r"\frac{\partial L}{\partial x", r"\frac{\partial L}{\partial w"
    for line in [
        dx + r"_{2}} = 1 \cdot (-1) + (-2) \cdot 0.5 = -1 - 1 = -2",
        dx + r"_{3}} = -2 \cdot (-1) = 2",
        dw + r"_{1}} = 3 \cdot 1 + 4 \cdot (-2) = 3 - 8 = -5",
        r"\frac{\partial L}{\partial b_{1}} = 1 + (-2) = -1",
        dx + r"_{1,2}} = 1 \cdot 0.5 + 7 \cdot 1 = 0.5 + 7 = 7.5",
        dx + r"_{1}} = 3 \cdot 0 = 0",
        r"y_{1,1} = \frac{1}{3} \cdot (-1 + (-2) + 4) = \frac{1}{3}",
        r"y_{1} = 1 \cdot \frac{1}{3} + (-2) \cdot 4 + (-1)"
        r" = \frac{1}{3} - 8 - 1 = -\frac{26}{3}",
        r"L = 0.5 \cdot (\lvert 1 - 3 \rvert + \lvert -2 - (-4) \rvert) = 2",
        dx + r"_{1}} = \operatorname{sign}(1 - 3) \cdot 1 = -1",
        r"L = (1 - (-3))^2 = 16",
        dx + r"_{1,1}} = 2 \cdot (1 - (-3)) \cdot 1 = 8",
        r"L = \ln(e^{1 - 1} + e^{3 - 1}) \approx 2.12693",
        dx + r"_{1}} = (\frac{1}{e^{1 - 1} + e^{3 - 1}} - 1) \approx -0.880797",
        dx + r"_{2}} = \frac{1}{e^{1 - 3} + e^{3 - 3}} \approx 0.880797",
        r"y_{1,1} = 0 \cdot 1 = 0",
        dx + r"_{2}} = 0",  # no window reaches it
    ]:
        assert line in lines
    nothing = next(s for s in page[-2].steps if s.window == (None,))
    assert nothing.latex(padding=False) == "y_{1,1} = 0"


@random_problems(60)
@given(convolutions(2), st.data())
def test_the_steps_add_up_to_the_result(problem, data):
    x, w, bias, options, _ = problem
    with exact.worked() as page:
        y = exact.conv2d(x, w, bias=bias, **options)
        dx, dw, db = exact.conv2d_backward(y, x, w, **options)
    forward, backward = page
    assert len(forward.steps) == y.size
    assert len(backward.steps) == dx.size + dw.size + db.size
    assert forward.results == {"y": y}
    values = {"y": y, "dx": dx, "dw": dw, "db": db}
    arrays = {"x": x, "w": w, "bias": bias, "upstream": y}
    for step in (*forward.steps, *backward.steps):
        assert sum(step.products) == step.value == values[step.result][step.index]
        for term in step.terms:
            assert math.prod(operand.value for operand in term.operands) == term.value
            for operand in term.operands:
                if operand.index is None:
                    assert operand.value == 0
                else:
                    assert arrays[operand.name][operand.index] == operand.value


def test_pages_close_and_nest():
    with exact.worked() as outer:
        exact.relu([1])
        with exact.worked() as inner:
            exact.relu([2])
    exact.relu([3])
    assert [work.inputs["x"].tolist() for work in outer] == [[1], [2]]
    assert [work.inputs["x"].tolist() for work in inner] == [[2]]
    with pytest.raises(ValueError), exact.worked() as broken:
        exact.relu(["a"])
    exact.relu([4])
    assert broken == []


# What is refused


# One by one: from Python 3.12 on, sum makes up for what rounding loses, and finds 10.
HUNDRED = reduce(add, [0.1] * 100)


@pytest.mark.parametrize(
    ("call", "fault", "rule"),
    [
        (lambda: exact.fraction(0.1 + 0.2), "value: 0.30000000000000004", "at most 12 "),
        (lambda: exact.relu([1, 1 / 3]), "x[1]: 0.3333333333333333", "at most 12 "),
        (lambda: exact.relu([HUNDRED]), "x[0]: 9.99999999999998", "at most 12 "),
        (
            lambda: exact.relu(np.array([0.8000002], dtype=np.float32)),
            "x[0]: 0.8000002",
            "at most 6 ",
        ),
        (lambda: exact.conv2d([[1]], [[math.nan]]), "w[0, 0]: nan", "a finite number"),
        (lambda: exact.relu([[1, -math.inf]]), "x[0, 1]: -inf", "a finite number"),
        (lambda: exact.relu(["nan"]), "x[0]: 'nan'", "a decimal or a ratio"),
        (lambda: exact.relu([Decimal("inf")]), "x[0]: Decimal('Infinity')", "a decimal or"),
        (lambda: exact.relu(["1/0"]), "x[0]: '1/0'", "a decimal or a ratio"),
        (lambda: exact.relu([True]), "x[0]: True", "an int, a decimal or a Fraction"),
        (lambda: exact.relu([1j]), "x[0]: 1j", "an int, a decimal or a Fraction"),
        (lambda: exact.relu(None), "x: None", "an int, a decimal or a Fraction"),
        (lambda: exact.conv2d(X, W, stride=0), "stride: 0", "1, or 2 of them"),
        (lambda: exact.conv1d([1], [1], stride=0), "stride: 0", "at least 1"),
        (lambda: exact.max_pool2d(X, 2, stride=0), "stride: 0", "at least 1"),
        (lambda: exact.conv2d(X, W, stride=1.5), "stride: 1.5", "at least 1"),
        (lambda: exact.conv2d(X, W, stride=True), "stride: True", "at least 1"),
        (lambda: exact.conv2d(X, W, stride=(1, 0)), "stride: (1, 0)", "at least 1"),
        (lambda: exact.conv2d(X, W, stride=(1,)), "stride: (1,)", "at least 1"),
        (lambda: exact.conv2d(X, W, stride=()), "stride: ()", "at least 1"),
        (lambda: exact.conv2d(X, W, padding=-1), "padding: -1", "at least 0"),
        (lambda: exact.conv2d(X, W, padding="same"), "padding: 'same'", "at least 0"),
        (lambda: exact.conv2d(X, W, dilation=0), "dilation: 0", "at least 1"),
        (lambda: exact.max_pool2d(X, 0), "kernel_size: 0", "at least 1"),
        (lambda: exact.max_pool2d([1, 2], 1), "x: shape (2,)", "2 axes (one channel) to 4"),
        (lambda: exact.conv2d([1, 2], W), "x: shape (2,)", "2 axes (one channel) to 4"),
        (lambda: exact.conv2d(X, [[W]]), "w: shape (1, 1, 3, 3)", "2 axes, as x has"),
        (lambda: exact.conv2d([X], W), "w: shape (3, 3)", "4 axes, [out, in, k…]"),
        (lambda: exact.conv2d(X, W, bias=[1, 2]), "bias: shape (2,)", "(1,), one number for"),
        (lambda: exact.conv2d_backward([[1]], X, W), "upstream: shape (1, 1)", "(2, 2)"),
        (lambda: exact.relu_backward([1], [[1]]), "upstream: shape (1,)", "(1, 1)"),
        (
            lambda: exact.max_pool2d_backward([[1]], X, 2, ties="last"),
            "ties: 'last'",
            "'split' or 'all'",
        ),
        (lambda: exact.linear([1], [1]), "w: shape (1,)", "2 axes, [out, in]"),
        (lambda: exact.linear(X, [X]), "w: shape (1, 4, 4)", "2 axes, [out, in]"),
        (lambda: exact.linear(1, [[1]]), "x: shape ()", "1 axis, [in], or 2, [N, in]"),
        (lambda: exact.linear([1], [[1]], 1.5j), "bias: 1.5j", "an int, a decimal or a Fraction"),
        (lambda: exact.l1_loss([1, 2], [[1, 2]]), "target: shape (1, 2)", "(2,), the shape of x"),
        (lambda: exact.mse_loss([1], [1], reduction="none"), "reduction: 'none'", "'mean' or"),
        (lambda: exact.l1_loss_backward([1], [1], upstream="?"), "upstream: '?'", "a ratio"),
        (lambda: exact.cross_entropy([[1, 2]], 0), "x: shape (1, 2)", "1 axis, [C]"),
        (lambda: exact.cross_entropy([1, 2], 2), "target: 2", "from 0 to 1"),
        (lambda: exact.cross_entropy([1, 2], 0.0), "target: 0.0", "from 0 to 1"),
        (lambda: exact.cross_entropy_backward([1, 2], True), "target: True", "from 0 to 1"),
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
            lambda: exact.conv2d([[1, 2], [3]], [[1]]),
            "x: row 1 has shape (1,), but row 0 has (2,); all rows must be equally long",
        ),
        (lambda: exact.relu([[[1], [2, 3]]]), "x[0]: row 1 has shape (2,), but row 0 has (1,)"),
        (lambda: exact.relu([[]]), "x[0]: shape (0,) is empty; use at least one number"),
        (lambda: exact.relu(np.ones((2, 0))), "x: shape (2, 0) is empty; use at least one number"),
        (
            lambda: exact.conv2d(X, [[1] * 5]),
            "w: a kernel of size 5 is larger than the padded input, 4 + 2·0 = 4; it must fit",
        ),
        (
            lambda: exact.conv1d([1, 2], [1, 1, 1], padding=1, dilation=2),
            "w: a kernel of size 3, 5 wide with dilation 2, is larger than the padded input, 2 + 2",
        ),
        (
            lambda: exact.max_pool2d(X, (2, 5)),
            "kernel_size: 5 is larger than the padded input, 4 + 2·0 = 4",
        ),
        (
            lambda: exact.max_pool2d(X, 3, padding=2),
            "padding: 2 is more than half of the kernel size 3; use at most half",
        ),
        (
            lambda: exact.avg_pool2d_backward(X, X, 1, padding=1),
            "padding: 1 is more than half of the kernel size 1; use at most half",
        ),
        (
            lambda: exact.conv2d([X, X], [[W]]),
            "w: shape (1, 1, 3, 3) takes 1 input channels, but x has 2; they must agree",
        ),
        (
            lambda: exact.linear([1, 2], [[1, 2, 3]]),
            "w: shape (1, 3) takes 3 numbers, but x has 2; they must agree",
        ),
        (lambda: exact.latex([[[1]]]), "values: 3 axes are too many; use at most 2"),
    ],
)
def test_what_does_not_fit_is_named(call, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        call()


@random_problems(150)
@given(st.data())
def test_what_pytorch_refuses_is_refused(data):
    """Any combination of numbers: both compute, or both refuse."""
    small = st.integers(-1, 3)
    k, s, p, d = (data.draw(small) for _ in range(4))
    size = data.draw(st.integers(1, 4))
    x = np.ones((size, size), dtype=int)
    tx = torch.ones(1, 1, size, size, dtype=torch.float64)
    pairs = [
        (lambda: exact.max_pool2d(x, k, s, p), lambda: functional.max_pool2d(tx, k, s, p)),
        (lambda: exact.avg_pool2d(x, k, s, p), lambda: functional.avg_pool2d(tx, k, s, p)),
    ]
    if k > 0:
        w, tw = np.ones((k, k), dtype=int), torch.ones(1, 1, k, k, dtype=torch.float64)
        options = {"stride": s, "padding": p, "dilation": d}
        pairs.append(
            (lambda: exact.conv2d(x, w, **options), lambda: functional.conv2d(tx, tw, **options))
        )
    for ours, theirs in pairs:
        try:
            expected = theirs()[0, 0]
        except RuntimeError:
            with pytest.raises(ValueError):
                ours()
        else:
            assert_equal(ours(), expected)


def test_the_engine_works_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None; from course_utils import exact; "
        "print(exact.text(exact.conv1d([1, 2], [0.5])))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("[0.5, 1]\n", "")


def test_inputs_are_left_as_they_were():
    x, w = exact.array(X), exact.array(W)
    y = exact.conv2d(x, w)
    y[0, 0] = F(0)
    exact.conv2d_backward(y, x, w)
    assert x.tolist() == X
    assert w.tolist() == exact.array(W).tolist()
