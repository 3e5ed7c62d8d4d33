"""Are the answers of the exercises on pen and paper right? See also `test_exercises`."""

from fractions import Fraction

import answers_convolution as right
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils import exact
from course_utils.exercises import PAGES, REGISTRY, judge

CHAPTER = [e for page in ("convolution", "backward", "ties_and_matrices") for e in PAGES[page]]
VALUES = [e.name for e in CHAPTER if np.ndim(e.right) == 2 and not e.fault]
PLACES = [(i, j) for i in range(2) for j in range(3)]  # of the windows of the pooling
MISTAKES = [m.looks_like for exercise in CHAPTER for m in exercise.mistakes]


def whole(rng, *shape):
    return rng.integers(-5, 6, shape).astype(np.float64)


def double(*arrays):
    return [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]


# --- by hand


def test_conv_by_hand_as_arithmetic():
    answer = REGISTRY["conv-by-hand"].right
    assert answer.shape == (3, 3)
    assert answer[0, 0] == 1 * 1 + -2 * 2 + 1 * 1  # five pixels lie in the padding
    assert answer[1, 1] == 1 * 1 - 1 * 2 + 2 * 3 + 1 * 1 - 2 * 2 + 1 * 1
    assert answer[2, 2] == 1 * 1 + 2 * 3 + 1 * 1


def test_channels_by_hand_as_arithmetic():
    first = [[1 + 2 * 2 - 1, 2 + 2 * 1 - 3], [2 + 2 * 2 - 0, 1 + 2 * 0 - 1]]
    second = [[2 * 1 - 2 + 0, 2 * 2 - 0 + 1], [2 * 0 - 1 + 3, 2 * 1 - 3 + 0]]
    summed = np.add(first, second) - 2
    assert (summed < 0).any() and (summed > 0).any()
    assert (REGISTRY["channels-by-hand"].right == np.maximum(summed, 0)).all()


def test_predict_a_step_as_arithmetic():
    """The network itself has this loss, before the step and after it."""

    def loss(kernel):
        out = exact.relu(exact.conv2d(x, kernel, padding=1))
        return exact.l1_loss(exact.max_pool2d(out, 2), [[9, 2], [12, 11]])

    x = [[3, 1, 9, 2], [0, 0, 3, 3], [0, 3, 1, 1], [8, 2, 8, 7]]
    w = exact.array([[0.2, 0.3, -0.1], [0.3, -1, 1], [-1, 1.1, 0.3]])
    gradient = exact.array([[-0.25, -3, -1.25], [0, -0.75, 2], [-1.25, -0.25, -0.75]])
    assert loss(w) == Fraction("0.675")
    after = loss(w - Fraction(2, 1000) * gradient)
    assert after == Fraction("0.64025")
    assert REGISTRY["predict-a-step"].right == pytest.approx(float(after))


def test_weights_in_t_as_arithmetic():
    w = np.arange(1, 10).reshape(3, 3)
    pixels = np.eye(16, dtype=int).reshape(16, 4, 4)
    T = np.stack([exact.conv2d(pixel, w, padding=1).reshape(16) for pixel in pixels])
    assert np.count_nonzero(T) == REGISTRY["weights-in-t"].right(4) == 100


def test_max_pool_backward_as_arithmetic():
    answer = REGISTRY["max-pool-backward"].right
    assert answer.tolist() == [[0, 2, 0, 0], [3, 0, -1 + 4 + 6, 0], [0, 0, 0, -2]]


def test_kernel_gradient_as_arithmetic():
    above = np.array([[0, 0, 0], [4, 0, 0], [2, 3, 4]])  # under J12: too small, −1/4
    left = np.array([[2, 2, 3], [3, 1, 2], [0, 0, 0]])  # under J42: too large, 1/4
    right_corner = np.array([[3, 4, 0], [2, 1, 0], [0, 0, 0]])  # under J44: too large, 1/4
    wanted = (-above + left + right_corner) / 4
    assert (REGISTRY["kernel-gradient"].right == wanted).all()


def test_functions_as_arithmetic():
    def given(name, *arguments):
        return np.asarray(REGISTRY[name].right(*map(np.asarray, arguments))).tolist()

    assert given("output-size", 7, 3, 2, 1) == (7 + 2 * 1 - 3) // 2 + 1 == 4
    conv2d, pool = REGISTRY["conv2d"].right, REGISTRY["max-pool2d"].right
    x = np.array([[1, 2, 3], [4, 5, 6]])
    assert conv2d(x, np.array([[1, 10]]), 2, 0).tolist() == [[1 * 1 + 2 * 10]]
    assert pool(-x, 2, 1).tolist() == [[-1, -2]]
    assert REGISTRY["im2col"].right(x, 2).tolist() == [[1, 2, 4, 5], [2, 3, 5, 6]]
    assert given("relu-backward", [5, 5, 5], [-1, 0, 1]) == [0, 0, 5]
    assert given("conv1d-dw", [1, 10], [1, 2, 3]) == [1 * 1 + 10 * 2, 1 * 2 + 10 * 3]
    assert given("conv1d-dx", [1, 10], [4, 5]) == [4, 5 + 40, 50]
    assert given("l1-backward", [1, 2, 4, 0], [2, 2, 2, 2]) == [-1 / 4, 0, 1 / 4, -1 / 4]


def test_what_the_texts_promise_of_the_numbers():
    windows = [[right.POOLED[i + a][j + b] for a in (0, 1) for b in (0, 1)] for i, j in PLACES]
    assert [window.count(max(window)) for window in windows] == [1, 1, 2, 1, 1, 1]
    y = exact.conv2d(right.NETWORK_X, right.NETWORK_W, padding=1)
    quarters = [sorted(y[i : i + 2, j : j + 2].ravel()) for i in (0, 2) for j in (0, 2)]
    assert all(quarter[-1] > quarter[-2] for quarter in quarters)
    assert [quarter[-1] > 0 for quarter in quarters] == [True, False, True, True]
    assert (y != 0).all()
    pooled = exact.max_pool2d(exact.relu(y), 2)
    assert (np.sign(pooled - right.TARGET) == [[-1, -1], [1, 1]]).all()


# --- against PyTorch and the exact engine


def test_values_agree_with_autograd():
    assert np.allclose(
        REGISTRY["conv-by-hand"].right, right.conv2d_torch(*double(right.X, right.W), 2, 1).detach()
    )
    (x,) = double(right.POOLED)
    F.max_pool2d(x[None], 2, 1)[0].backward(torch.tensor(right.POOL_UPSTREAM).double())
    assert np.allclose(REGISTRY["max-pool-backward"].right.astype(float), x.grad)
    assert np.allclose(
        REGISTRY["kernel-gradient"].right.astype(float), right.kernel_gradient_autograd()
    )


@pytest.mark.parametrize("seed", range(40))
def test_functions_agree_with_pytorch_over_many_sizes(seed):
    rng = np.random.default_rng(seed)
    height, width, rows, columns = rng.integers([3, 3, 1, 1], [9, 9, 4, 4])
    stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 3))
    x, w = whole(rng, height, width), whole(rng, rows, columns)
    x_, w_ = double(x, w)

    def same(name, arguments, wanted):
        answer = REGISTRY[name].right(*arguments)
        assert np.array_equal(np.asarray(answer, dtype=float), wanted.detach())

    y = right.conv2d_torch(x_, w_, stride, padding)
    same("conv2d", (x, w, stride, padding), y)
    same("output-size", (height, rows, stride, padding), torch.tensor(len(y)))
    k = int(min(rows, columns)) + 1
    same("max-pool2d", (x, k, stride), F.max_pool2d(x_[None], k, stride)[0])
    same("im2col", (x, k), F.unfold(x_[None, None], k)[0].T)

    upstream = whole(rng, height, width)
    F.relu(x_).backward(torch.tensor(upstream))
    same("relu-backward", (upstream, x), x_.grad)
    a, b, target = double(x[0], w[0], whole(rng, *x.shape))
    passed = whole(rng, width - columns + 1)
    F.conv1d(a[None, None], b[None, None])[0, 0].backward(torch.tensor(passed))
    same("conv1d-dw", (passed, x[0]), b.grad)
    same("conv1d-dx", (passed, w[0]), a.grad)
    (y_,) = double(x)
    F.l1_loss(y_, target.detach()).backward()
    same("l1-backward", (x, target.detach().numpy()), y_.grad)


@pytest.mark.parametrize("name", ["conv2d", "max-pool2d", "conv1d-dw", "conv1d-dx"])
def test_the_hidden_cases_agree_with_the_exact_engine(name):
    exactly = {
        "conv2d": lambda x, w, s, p: exact.conv2d(x, w, stride=s, padding=p),
        "max-pool2d": exact.max_pool2d,
        "conv1d-dw": exact_dw,
        "conv1d-dx": exact_dx,
    }[name]
    exercise = REGISTRY[name]
    for case in exercise.cases:
        assert np.allclose(exercise.right(*case), exactly(*case).astype(float), atol=1e-12)


def exact_dw(upstream, x):
    return exact.conv1d_backward(upstream, x, [1] * (len(x) - len(upstream) + 1))[1]


def exact_dx(upstream, w):
    return exact.conv1d_backward(upstream, [0] * (len(upstream) + len(w) - 1), w)[0]


# --- properties


@pytest.mark.parametrize("seed", range(10))
def test_the_two_gradients_are_adjoint_to_the_convolution(seed):
    rng = np.random.default_rng(seed)
    x, w = whole(rng, 9), whole(rng, int(rng.integers(1, 5)))
    y = exact.conv1d(x, w).astype(float)
    upstream = whole(rng, len(y))
    dw, dx = REGISTRY["conv1d-dw"].right(upstream, x), REGISTRY["conv1d-dx"].right(upstream, w)
    assert y @ upstream == w @ dw == x @ dx


@pytest.mark.parametrize("seed", range(10))
def test_windows_as_rows_times_the_kernel_are_the_convolution(seed):
    rng = np.random.default_rng(seed)
    x, w = whole(rng, 5, 7), whole(rng, 3, 3)
    product = REGISTRY["im2col"].right(x, 3) @ w.ravel()
    assert (product == REGISTRY["conv2d"].right(x, w, 1, 0).ravel()).all()


# --- mistakes


@pytest.mark.parametrize(
    "words",
    [
        "kernel was flipped",
        "padding was forgotten",
        "stride was ignored",
        "ReLU was skipped",
        "gradient was not routed to the maximum",
        "tie was counted twice",
        "upstream gradient was forgotten",
        "the mean instead of the sum",
        "transposed",
        "off by one row",
    ],
)
def test_every_kind_of_mistake_occurs(words):
    assert any(words in looks_like for looks_like in MISTAKES)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("form", [np.float16, np.float32, object, Fraction])
def test_a_wrong_number_is_wrong_in_every_form(name, form):
    values = np.array(REGISTRY[name].right, dtype=object)
    values[1, 1] += Fraction(1, 4)
    given = (
        [[Fraction(v) for v in row] for row in values] if form is Fraction else values.astype(form)
    )
    judgement = judge(REGISTRY[name], given)
    assert judgement.mistake is None and "1 wrong value of" in judgement.text
