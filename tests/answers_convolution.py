"""Right answers to the exercises on pen and paper, by name; the first is the notebook's solution.

The others are written as students may: with NumPy, PyTorch, lists in loops, or exact fractions.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from scipy import signal
from torch import nn
from torch.nn import functional as F

from course_utils import exact


def tensor(values):
    return torch.as_tensor(values, dtype=torch.float64)


def exactly(values):
    """Nested lists of Fractions, whatever holds the numbers."""
    return exact.array(np.asarray(values)).tolist()


def in_many_forms(values):
    """A right value (nested lists of short decimals) as it may be handed in."""
    return [
        values,
        tuple(tuple(row) for row in values),
        np.array(values),
        exact.array(values),
        exactly(values),
        torch.tensor(values, dtype=torch.float16),
        torch.tensor(values, dtype=torch.float32, requires_grad=True),
        np.array(values, dtype=np.float16),
        np.array(values, dtype=np.float32),
        np.array(values, dtype=np.float64),
        [torch.tensor(row) for row in values],
        [np.array(row, dtype=object) for row in values],
    ]


# --- a convolution by hand

X = [[1, 0, 2, 1, 3], [2, 1, 0, 2, 0], [0, 3, 1, 0, 2], [1, 0, 2, 1, 1], [2, 1, 0, 3, 1]]
W = [[1, 0, -1], [2, 1, 0], [0, -2, 1]]


def conv_by_hand():
    padded = np.pad(X, 1)
    starts = (0, 2, 4)
    return [[(padded[i : i + 3, j : j + 3] * W).sum() for j in starts] for i in starts]


# --- two channels

CHANNELS = [[[1, 2, 0], [2, 1, 3], [2, 0, 1]], [[0, 1, 2], [2, 0, 1], [1, 3, 0]]]
SLICES = [[[1, 0], [2, -1]], [[0, 2], [-1, 1]]]


def channels_by_hand():
    y = exact.conv2d(CHANNELS, [SLICES], bias=[-2])[0]
    return exact.relu(y).astype(int).tolist()


def channels_torch():
    x, w = tensor(CHANNELS)[None], tensor(SLICES)[None]
    return F.conv2d(x, w, tensor([-2.0])).relu()[0, 0]


# --- the size of the result


def output_size(n, kernel_size, stride, padding):
    return (n + 2 * padding - kernel_size) // stride + 1


def output_size_by_counting(n, kernel_size, stride, padding):
    return sum(1 for _ in range(0, n + 2 * padding - kernel_size + 1, stride))


def output_size_by_trying(n, kernel_size, stride, padding):
    return nn.Conv1d(1, 1, kernel_size, stride, padding)(torch.zeros(1, 1, n)).shape[-1]


# --- convolution and pooling


def conv2d(x, w, stride, padding):
    x, w = np.pad(x, padding), np.asarray(w)
    height, width = w.shape
    rows = range(0, x.shape[0] - height + 1, stride)
    columns = range(0, x.shape[1] - width + 1, stride)
    return [[(x[i : i + height, j : j + width] * w).sum() for j in columns] for i in rows]


def conv2d_torch(x, w, stride, padding):
    return F.conv2d(x[None, None], w[None, None], stride=stride, padding=padding)[0, 0]


def conv2d_scipy(x, w, stride, padding):
    return signal.correlate2d(np.pad(x, padding), w, mode="valid")[::stride, ::stride]


def conv2d_unfold(x, w, stride, padding):
    rows = F.unfold(x[None, None], tuple(w.shape), stride=stride, padding=padding)
    height = (x.shape[0] + 2 * padding - w.shape[0]) // stride + 1
    return (w.reshape(1, -1) @ rows[0]).reshape(height, -1)


def conv2d_lists(x, w, stride, padding):
    x = [[Fraction(float(v)) for v in row] for row in x]
    result = []
    for i in range(-padding, len(x) + padding - len(w) + 1, stride):
        result.append([])
        for j in range(-padding, len(x[0]) + padding - len(w[0]) + 1, stride):
            total = Fraction(0)
            for a in range(len(w)):
                for b in range(len(w[0])):
                    if 0 <= i + a < len(x) and 0 <= j + b < len(x[0]):
                        total += x[i + a][j + b] * Fraction(float(w[a][b]))
            result[-1].append(total)
    return result


def max_pool2d(x, kernel_size, stride):
    x = np.asarray(x)
    rows = range(0, x.shape[0] - kernel_size + 1, stride)
    columns = range(0, x.shape[1] - kernel_size + 1, stride)
    return [[x[i : i + kernel_size, j : j + kernel_size].max() for j in columns] for i in rows]


def max_pool2d_lists(x, kernel_size, stride):
    result = []
    for i in range(0, len(x) - kernel_size + 1, stride):
        row = []
        for j in range(0, len(x[0]) - kernel_size + 1, stride):
            largest = -math.inf
            for a in range(kernel_size):
                for b in range(kernel_size):
                    largest = max(largest, float(x[i + a][j + b]))
            row.append(largest)
        result.append(row)
    return result


def im2col(x, kernel_size):
    x = np.asarray(x)
    rows = range(x.shape[0] - kernel_size + 1)
    columns = range(x.shape[1] - kernel_size + 1)
    return [x[i : i + kernel_size, j : j + kernel_size].ravel() for i in rows for j in columns]


def im2col_lists(x, k):
    return [
        [float(x[i + a][j + b]) for a in range(k) for b in range(k)]
        for i in range(len(x) - k + 1)
        for j in range(len(x[0]) - k + 1)
    ]


# --- backwards through one layer

POOLED = [[1, 4, 2, 0], [3, 0, 5, 5], [2, 1, 4, 6]]
POOL_UPSTREAM = [[2, -1, 4], [3, 6, -2]]


def max_pool_backward():
    dx = np.zeros((3, 4))
    for i, j in np.ndindex(2, 3):
        window = np.asarray(POOLED)[i : i + 2, j : j + 2]
        a, b = divmod(window.argmax(), 2)
        dx[i + a, j + b] += POOL_UPSTREAM[i][j]
    return dx.tolist()


def relu_backward(upstream, x):
    return upstream * (x > 0)


def relu_backward_autograd(upstream, x):
    x = x.clone().requires_grad_()
    F.relu(x).backward(upstream)
    return x.grad


def conv1d_dw(upstream, x):
    n = len(upstream)
    return [(upstream * x[k : k + n]).sum() for k in range(len(x) - n + 1)]


def conv1d_dw_autograd(upstream, x):
    w = torch.zeros(len(x) - len(upstream) + 1, requires_grad=True)
    F.conv1d(x[None, None], w[None, None])[0, 0].backward(upstream)
    return w.grad


def conv1d_dw_lists(upstream, x):
    dw = [Fraction(0)] * (len(x) - len(upstream) + 1)
    for i, passed in enumerate(upstream):
        for k in range(len(dw)):
            dw[k] += Fraction(float(passed)) * Fraction(float(x[i + k]))
    return dw


def conv1d_dx(upstream, w):
    dx = np.zeros(len(upstream) + len(w) - 1)
    for i, passed in enumerate(upstream):
        for k, weight in enumerate(w):
            dx[i + k] += passed * weight
    return dx


def conv1d_dx_autograd(upstream, w):
    x = torch.zeros(len(upstream) + len(w) - 1, requires_grad=True)
    F.conv1d(x[None, None], w[None, None])[0, 0].backward(upstream)
    return x.grad


def conv1d_dx_padded(upstream, w):
    padded = np.pad(upstream, len(w) - 1)
    return [padded[j : j + len(w)] @ np.asarray(w)[::-1] for j in range(len(padded) - len(w) + 1)]


def l1_backward(y, target):
    y, target = np.asarray(y), np.asarray(target)
    return np.sign(y - target) / y.size


def l1_backward_autograd(y, target):
    y = y.clone().requires_grad_()
    F.l1_loss(y, target).backward()
    return y.grad


def l1_backward_exactly(y, target):
    y, target = exact.array(np.asarray(y)), exact.array(np.asarray(target))
    signs = np.where(y > target, Fraction(1), np.where(y < target, Fraction(-1), Fraction(0)))
    return signs / y.size


# --- backwards through the whole network

NETWORK_X = [[4, 0, 0, 0], [2, 3, 4, 2], [2, 2, 3, 4], [3, 1, 2, 1]]
NETWORK_W = [[2, 1, -2], [2, -2, -1], [-2, -1, 1]]
TARGET = [[7, 3], [1, 9]]


def kernel_gradient():
    y = exact.conv2d(NETWORK_X, NETWORK_W, padding=1)
    rectified = exact.relu(y)
    delta = exact.l1_loss_backward(exact.max_pool2d(rectified, 2), TARGET)[0]
    delta = exact.max_pool2d_backward(delta, rectified, 2)
    delta = exact.relu_backward(delta, y)
    return exact.conv2d_backward(delta, NETWORK_X, NETWORK_W, padding=1)[1].astype(float).tolist()


def kernel_gradient_autograd():
    w = torch.tensor(NETWORK_W, dtype=torch.float32, requires_grad=True)
    y = F.conv2d(torch.tensor(NETWORK_X).float()[None, None], w[None, None], padding=1)
    F.l1_loss(F.max_pool2d(F.relu(y), 2)[0, 0], torch.tensor(TARGET).float()).backward()
    return w.grad


_ALL: dict[str, list[Any]] = {
    "design-a-kernel": [
        [[0, 0, 0], [-0.5, 1, -0.5], [0, 0, 0]],
        np.array([[-1, 2, -1], [-0.5, 1, -0.5], [0, 0, 0]]),
        [[0, -1, 0], [0, 1, 0], [0, 0, 0]],
        torch.tensor([[0.0, -0.25, 0.0], [-0.25, 1.0, -0.25], [0.0, -0.25, 0.0]]),
        [[0, Fraction(-1, 2), 0], [0, 1, 0], [0, Fraction(-1, 2), 0]],
    ],
    "channels-by-hand": [
        *in_many_forms(channels_by_hand()),
        channels_torch(),
    ],
    "conv-by-hand": [
        *in_many_forms(exact.conv2d(X, W, stride=2, padding=1).astype(int).tolist()),
        conv_by_hand(),
        conv2d_torch(tensor(X), tensor(W), 2, 1),
    ],
    "output-size": [
        output_size,
        output_size_by_counting,
        output_size_by_trying,
        lambda n, k, s, p: math.floor((n + 2 * p - k) / s + 1),
        lambda n, k, s, p: int((n + 2 * p - k) / s) + 1,
        lambda n, k, s, p: torch.tensor(output_size(n, k, s, p)),
        lambda n, k, s, p: np.float32(output_size(n, k, s, p)),
        lambda n, k, s, p: Fraction(output_size(n, k, s, p)),
    ],
    "conv2d": [
        conv2d,
        conv2d_torch,
        conv2d_scipy,
        conv2d_unfold,
        conv2d_lists,
        lambda x, w, s, p: exact.conv2d(x, w, stride=s, padding=p),
        lambda x, w, s, p: conv2d_torch(x, w.clone().requires_grad_(), s, p).half(),
        lambda x, w, s, p: np.float32(conv2d(x, w, s, p)),
    ],
    "max-pool2d": [
        max_pool2d,
        max_pool2d_lists,
        lambda x, k, s: F.max_pool2d(x[None, None], k, s)[0, 0],
        lambda x, k, s: nn.MaxPool2d(k, s)(x[None])[0].double().numpy(),
        lambda x, k, s: x.unfold(0, k, s).unfold(1, k, s).amax((2, 3)),
        lambda x, k, s: exact.max_pool2d(x, k, s),
        lambda x, k, s: np.float16(max_pool2d(x, k, s)),
        lambda x, k, s: exactly(max_pool2d(x, k, s)),
    ],
    "im2col": [
        im2col,
        im2col_lists,
        lambda x, k: F.unfold(x[None, None], k)[0].T,
        lambda x, k: x.unfold(0, k, 1).unfold(1, k, 1).flatten(2).flatten(0, 1),
        lambda x, k: np.lib.stride_tricks.sliding_window_view(x, (k, k)).reshape(-1, k * k),
        lambda x, k: exactly(im2col(x, k)),
        lambda x, k: np.float16(im2col(x, k)),
        lambda x, k: [torch.as_tensor(row) for row in im2col(x, k)],
    ],
    "max-pool-backward": in_many_forms(max_pool_backward()),
    "relu-backward": [
        relu_backward,
        relu_backward_autograd,
        lambda upstream, x: np.where(x > 0, upstream, 0),
        lambda upstream, x: torch.where(x > 0, upstream, 0).half(),
        lambda upstream, x: upstream * np.heaviside(x, 0),
        lambda upstream, x: exact.relu_backward(upstream, x),
        lambda upstream, x: exact.relu_backward(upstream, x).tolist(),
        lambda upstream, x: (upstream * (x > 0)).tolist(),
    ],
    "conv1d-dw": [
        conv1d_dw,
        conv1d_dw_autograd,
        conv1d_dw_lists,
        lambda upstream, x: np.correlate(x, upstream, "valid"),
        lambda upstream, x: F.conv1d(x[None, None], upstream[None, None])[0, 0],
        lambda upstream, x: upstream @ x.unfold(0, len(x) - len(upstream) + 1, 1),
        lambda upstream, x: exact.conv1d(x, upstream),
        lambda upstream, x: np.float16(conv1d_dw(upstream, x)),
    ],
    "conv1d-dx": [
        conv1d_dx,
        conv1d_dx_autograd,
        conv1d_dx_padded,
        np.convolve,
        lambda upstream, w: np.convolve(w, upstream).tolist(),
        lambda upstream, w: F.conv_transpose1d(upstream[None, None], w[None, None])[0, 0],
        lambda upstream, w: F.conv1d(
            upstream[None, None], w.flip(0)[None, None], padding=len(w) - 1
        ).flatten(),
        lambda upstream, w: exact.conv1d_backward(upstream, [0] * (len(upstream) + len(w) - 1), w)[
            0
        ],
        lambda upstream, w: np.float16(conv1d_dx(upstream, w)),
    ],
    "l1-backward": [
        l1_backward,
        l1_backward_autograd,
        l1_backward_exactly,
        lambda y, target: (y - target).sign() / y.numel(),
        lambda y, target: exact.l1_loss_backward(y, target)[0],
        lambda y, target: l1_backward(y, target).tolist(),
        lambda y, target: l1_backward(y, target).astype(np.float16),
        lambda y, target: ((y > target).float() - (y < target).float()) / y.nelement(),
    ],
    "kernel-gradient": [*in_many_forms(kernel_gradient()), kernel_gradient_autograd()],
}

BACKWARD = (
    "relu-backward",
    "l1-backward",
    "max-pool-backward",
    "conv1d-dw",
    "conv1d-dx",
    "kernel-gradient",
)
RIGHT = {name: found for name, found in _ALL.items() if name not in (*BACKWARD, "im2col")}
RIGHT_BACKWARD = {name: _ALL[name] for name in BACKWARD}
RIGHT_MATRICES = {"im2col": _ALL["im2col"]}

# Designs with a fault, each with a word of what must be said.
FAULTS = {
    "design-a-kernel": [
        ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], "On nine equal pixels of 1 it gives 9, not 0"),
        ([[0, 0, 0], [-1, 1, 0], [0, 0, 0]], "On a ramp 0, 1, 2 from left to right it gives 1"),
        ([[0, 0, 0], [-1, 2, -1], [0, 0, 0]], "In the middle of a single pixel of 1 it gives 2"),
        ([[1, -1]], "3 rows of 3 weights"),
    ],
}


# --- slips, as students write them


def flip(w):
    return w.flip(0, 1)


def framed(x):
    return x[None, None]


def routed_by(route):
    """As the solution, with another rule for what a window of two by two sends back."""
    dx = np.zeros((3, 4))
    for (i, j), passed in np.ndenumerate(POOL_UPSTREAM):
        window = np.array(POOLED)[i : i + 2, j : j + 2]
        dx[i : i + 2, j : j + 2] += passed * route(window)
    return dx


def through_torch(activation, reduction="mean", loss=F.l1_loss, pool=F.max_pool2d):
    w = torch.tensor(NETWORK_W).float().requires_grad_()
    y = activation(F.conv2d(framed(torch.tensor(NETWORK_X).float()), framed(w), padding=1))
    loss(pool(y, 2)[0, 0], torch.tensor(TARGET).float(), reduction=reduction).backward()
    return w.grad


def square_kernel(x, w, stride, padding):
    x, k = np.pad(x, padding), len(w)
    result = []
    for i in range(0, x.shape[0] - k + 1, stride):
        result.append([])
        for j in range(0, x.shape[1] - k + 1, stride):
            result[-1].append(sum(x[i + a, j + b] * w[a, b] for a in range(k) for b in range(k)))
    return result


def last_window_missed(x, w, stride, padding):
    x, (height, width) = np.pad(x, padding), w.shape
    return [
        [
            (x[i : i + height, j : j + width] * np.asarray(w)).sum()
            for j in range(0, x.shape[1] - width, stride)
        ]
        for i in range(0, x.shape[0] - height, stride)
    ]


def pooled_from_zero(x, kernel_size, stride):
    result = []
    for i in range(0, len(x) - kernel_size + 1, stride):
        result.append([])
        for j in range(0, len(x[0]) - kernel_size + 1, stride):
            largest = 0.0
            for a in range(kernel_size):
                for b in range(kernel_size):
                    largest = max(largest, float(x[i + a][j + b]))
            result[-1].append(largest)
    return result


IMAGE, KERNEL = torch.tensor(X).float(), torch.tensor(W).float()
SLIPS = [
    (
        "channels-by-hand",
        F.conv2d(tensor(CHANNELS)[None], tensor(SLICES)[None]).relu()[0, 0],
        "the bias was forgotten",
    ),
    (
        "channels-by-hand",
        F.conv2d(tensor(CHANNELS)[None], tensor(SLICES)[:, None], tensor([-2.0, -2.0]), groups=2)[0]
        .relu()
        .numpy(),
        "one map per channel",
    ),
    ("conv-by-hand", signal.convolve2d(X, W, "same")[::2, ::2], "was flipped"),
    (
        "conv-by-hand",
        F.conv2d(framed(IMAGE), framed(KERNEL), stride=2)[0, 0],
        "padding was forgotten",
    ),
    (
        "conv-by-hand",
        F.conv2d(framed(IMAGE), framed(KERNEL), padding=1)[0, 0],
        "stride was ignored",
    ),
    (
        "conv-by-hand",
        F.conv2d(framed(IMAGE), framed(KERNEL)).squeeze().tolist(),
        "both padding and stride",
    ),
    ("conv-by-hand", exact.conv2d(IMAGE.T, KERNEL.T, stride=2, padding=1), "result was transposed"),
    ("output-size", lambda n, k, s, p: (n + 2 * p - k) / s + 1, "not rounded"),
    ("output-size", lambda n, k, s, p: -((k - n - 2 * p) // s) + 1, "rounded up"),
    ("output-size", lambda n, k, s, p: len(range(0, n + 2 * p - k, s)), "off by one"),
    ("conv2d", lambda x, w, s, p: conv2d_torch(x, flip(w), s, p), "kernel was flipped"),
    (
        "conv2d",
        lambda x, w, s, p: signal.convolve2d(np.pad(x, p), w, "valid")[::s, ::s],
        "kernel was flipped",
    ),
    ("conv2d", lambda x, w, s, p: conv2d_torch(x, w, s, 0), "padding was forgotten"),
    ("conv2d", lambda x, w, s, p: conv2d_torch(x, w, 1, p).numpy(), "stride was ignored"),
    (
        "conv2d",
        lambda x, w, s, p: exact.conv2d(x.T, w.T, stride=s, padding=p).tolist(),
        "result was transposed",
    ),
    ("conv2d", square_kernel, "taken to be square"),
    ("conv2d", last_window_missed, "off by one row and column"),
    (
        "conv2d",
        lambda x, w, s, p: conv2d_torch(F.pad(framed(x), (0, p, 0, p))[0, 0], w, s, 0),
        "below and on the right only",
    ),
    ("max-pool2d", lambda x, k, s: F.avg_pool2d(framed(x), k, s)[0, 0], "the mean instead of"),
    ("max-pool2d", lambda x, k, s: F.max_pool2d(framed(x), k)[0, 0], "moved by its own size"),
    ("max-pool2d", lambda x, k, s: nn.MaxPool2d(k, 1)(framed(x))[0, 0], "moved by one pixel"),
    ("max-pool2d", pooled_from_zero, "starts from 0"),
    (
        "max-pool2d",
        lambda x, k, s: F.max_pool2d(x.T[None], k, s)[0],
        "transposed",
    ),
    ("im2col", lambda x, k: F.unfold(framed(x), k)[0], "was transposed"),
    ("im2col", lambda x, k: F.unfold(framed(x), k, stride=k)[0].T, "do not overlap"),
    (
        "max-pool-backward",
        routed_by(lambda x: np.full(4, 0.25).reshape(2, 2)),
        "not routed",
    ),
    ("max-pool-backward", routed_by(lambda x: x == x.max()), "tie was counted twice"),
    (
        "max-pool-backward",
        routed_by(lambda x: (x == x.max()) / (x == x.max()).sum()),
        "tie was split",
    ),
    ("relu-backward", lambda upstream, x: upstream, "ReLU was skipped"),
    ("relu-backward", lambda upstream, x: (x > 0).float(), "upstream gradient was forgotten"),
    ("relu-backward", lambda upstream, x: torch.relu(upstream), "the sign of x decides"),
    ("conv1d-dw", lambda upstream, x: np.convolve(x, upstream, "valid"), "was flipped"),
    ("conv1d-dw", lambda upstream, x: np.convolve(x[::-1], upstream, "valid"), "is flipped"),
    ("conv1d-dw", lambda upstream, x: np.correlate(x, upstream, "full"), "only whole windows"),
    ("conv1d-dx", lambda upstream, w: np.correlate(upstream, w, "full"), "was not flipped"),
    ("conv1d-dx", lambda upstream, w: np.convolve(upstream, w, "valid"), "padding was forgotten"),
    ("l1-backward", lambda y, target: (y - target).sign(), "the sum instead of the mean"),
    ("l1-backward", lambda y, target: (target - y).sign() / y.numel(), "sign is flipped"),
    ("l1-backward", lambda y, target: F.l1_loss(y, target), "the loss itself"),
    ("kernel-gradient", through_torch(lambda y: y), "ReLU was skipped, forwards"),
    ("kernel-gradient", through_torch(F.relu, "sum"), "the sum instead of the mean"),
    ("kernel-gradient", through_torch(F.relu, loss=F.mse_loss), "squared error"),
    ("kernel-gradient", through_torch(F.relu).flip(0, 1), "there is no flip"),
    ("kernel-gradient", through_torch(F.relu).T.tolist(), "transposed"),
]


def stride_in_the_size(x, w, stride, padding):
    x, (height, width) = np.pad(x, padding), w.shape
    result = np.zeros([(n - k) // stride + 1 for n, k in zip(x.shape, w.shape, strict=True)])
    for i, j in np.ndindex(result.shape):
        result[i, j] = (x[i : i + height, j : j + width] * np.asarray(w)).sum()
    return result


def pooled_with_stride_in_the_size(x, kernel_size, stride):
    rows, columns = ((n - kernel_size) // stride + 1 for n in x.shape)
    k = kernel_size
    return [[x[i : i + k, j : j + k].max() for j in range(columns)] for i in range(rows)]


SLIPS += [
    ("channels-by-hand", F.conv2d(tensor(CHANNELS)[None], tensor(SLICES)[None]).relu()[0] - 2,
     "ReLU came before the bias"),
    ("channels-by-hand", np.transpose(channels_by_hand()), "transposed"),
    ("conv-by-hand", F.conv2d(framed(IMAGE), framed(KERNEL.flip(0)), stride=2, padding=1),
     "turned upside down"),
    ("conv-by-hand", F.conv2d(framed(IMAGE), framed(KERNEL.flip(1)), stride=2, padding=1),
     "mirrored, left to right"),
    ("conv-by-hand", stride_in_the_size(IMAGE, KERNEL, 2, 1), "the stride went into the size only"),
    ("conv-by-hand", np.flipud(conv_by_hand()), "rows are in reverse order"),
    ("output-size", lambda n, k, s, p: (n - k) // s, "both the padding and the + 1"),
    ("output-size", lambda n, k, s, p: round((n + 2 * p - k) / s) + 1, "rounded to the nearest"),
    ("output-size", lambda n, k, s, p: (n + 2 * p - k) / s, "was not rounded"),
    ("output-size", lambda n, k, s, p: n + 2 * p - k + 1 / s, "brackets are missing"),
    ("output-size", lambda n, k, s, p: n - k + 1, "both the padding and the stride"),
    ("output-size", lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)) + 1, "1 too many"),
    ("conv2d", stride_in_the_size, "the stride went into the size only"),
    ("conv2d", lambda x, w, s, p: conv2d_torch(x, w.flip(0), s, p), "turned upside down"),
    ("conv2d", lambda x, w, s, p: conv2d_torch(x, w.flip(1), s, p), "mirrored, left to right"),
    ("conv2d", lambda x, w, s, p: conv2d_torch(x, w.T, s, p), "the kernel was transposed"),
    ("conv2d", lambda x, w, s, p: -conv2d_torch(x, w, s, p), "the sign is flipped"),
    ("max-pool2d", pooled_with_stride_in_the_size, "the stride went into the size only"),
    ("max-pool2d", lambda x, k, s: F.max_pool2d(framed(x), k, s, ceil_mode=True)[0, 0],
     "the size was rounded up"),
    ("max-pool2d", lambda x, k, s: F.max_pool2d(framed(x), k, 1)[0, 0, ::s],
     "counted downwards only"),
    ("relu-backward", lambda upstream, x: upstream * torch.where(x > 0, 1, 0.01),
     "leaky ReLU"),
    ("l1-backward", lambda y, target: 2 * torch.sign(y - target) / y.numel(), "a factor 2"),
    ("conv1d-dx", lambda upstream, w: np.convolve(upstream, w, "same"), "half of the padding"),
]  # fmt: skip
