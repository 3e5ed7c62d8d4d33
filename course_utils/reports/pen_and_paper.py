"""The first network of TMU-HW4 on paper: tasks 000a to 000d."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from course_utils import exact
from course_utils.basics.numerals import minus
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.rules import computed, stated, untold

POOLING, LOSS = anchors("01a_convolution", "ReLU and max pooling", "The loss")
GRADIENT, LINE = anchors(
    "01b_backward", "Through pooling and ReLU", "One dimension, where the flip is")  # fmt: skip
MAP, MAXIMUM = anchors(
    "01c_ties_and_matrices", "The report's map", "What is the gradient of a maximum?")  # fmt: skip

X = exact.array([[3, 1, 9, 2], [0, 0, 3, 3], [0, 3, 1, 1], [8, 2, 8, 7]])
W = exact.array([["0.2", "0.3", "-0.1"], ["0.3", "-1.1", "1.0"], ["-1.0", "1.1", "0.3"]])

# The results of the report's map that are legible in our copy, and the text that the scan
# gave, where a name or a decimal point may be garbled.
READ = {
    "J11": "−2.8", "J12": "9.7", "J13": "−3.4", "J21": "1.7", "J22": "6.6", "J23": "4.11",
    "J31": "12.4", "J32": "−6", "J33": "10.3", "J34": "0.4", "J42": "9", "J43": "−4.4",
}  # fmt: skip
CITES = {
    "J11": "-2.8", "J12": "= 9.7", "J13": "= -3.4", "J21": "321=1.7", "J22": "722= 6.6",
    "J23": "4.11", "J31": "35=124", "J32": "382=-6", "J33": "J32=10.3", "J34": "1334=0.4",
    "J42": "7342 = 9", "J43": "343 = -4.4",
}  # fmt: skip

# The products, pixel and weight, that it writes down for four of them, without the zeros. One
# weight of J43 is garbled in our copy and taken for the kernel's 0.3.
WRITTEN = {
    "J11": [(3, "-1.1"), (1, "1")],
    "J41": [(3, "-0.1"), (8, "-1.1"), (2, "1")],
    "J43": [(3, "0.2"), (1, "0.3"), (1, "-0.1"), (2, "0.3"), (8, "-1.1"), (7, "1")],
    "J44": [(1, "0.2"), (1, "0.3"), (8, "0.3"), (7, "-1.1")],
}

# The report's target, upstream gradient and one-dimensional numbers are illegible in our copy.
# These are ours.
TARGET = exact.array([[9, 2], [12, 11]])
X1, W1, DELTA = exact.array([2, 5, 1, 4, 3]), exact.array([3, -2]), exact.array([1, -1, 2, 3])


def findings() -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from convolution()
    yield from after_convolution()
    yield from pooling_gradient()
    yield from one_dimension()


def convolution() -> Iterator[Finding]:
    """000a, J: the sixteen numbers of the map, twelve of them legible in our copy.

    Where the written products add up to our number but the printed result is another, pen or scan
    may have slipped. That can't be told, so it is not among the errata.
    """
    J = exact.conv2d(X, W, padding=1)
    without = J.copy()
    without[1, 2] -= X[1, 2] * W[1, 1]
    pooled, wrong = (_text(_pooled(m)[0, 1]) for m in (J, without))
    left_out = (
        f"Its sum leaves out {_text(X[1, 2])} · ({_text(W[1, 1])}). Without that product it is "
        f"{_text(without[1, 2])}, near its {READ['J23']}, and the pooled map has {wrong} for "
        f"{pooled}."
    )
    right = f"J23 = {_text(J[1, 2])}, and pooling gives {pooled}."
    partly = "Its products are legible in part, its result is illegible in our copy."
    for i, k in np.ndindex(J.shape):
        name, number = f"J{i + 1}{k + 1}", exact.fraction(J[i, k])
        total = sum((x * exact.fraction(w) for x, w in WRITTEN.get(name, [])), exact.fraction(0))
        slip = f"Its written products add up to {_text(total)}. "
        if name not in READ:
            why = f"{slip}Its result is illegible in our copy." if name in WRITTEN else partly
            yield untold("000a", name, _text(number), MAP, why=why)
        elif name in WRITTEN:
            if name == "J43":
                slip = slip.replace(". ", " if its one garbled weight is 0.3. ")
            yield computed(
                "000a", name, READ[name], number, MAP, otherwise="cannot be told",
                why=f"{slip}The result may be a slip of the pen or of the scan.",
                cites=CITES[name])  # fmt: skip
        else:
            erratum = Erratum(1, f"{name} = {READ[name]}.", right) if name == "J23" else None
            why = left_out if erratum else "The products add up to another number."
            yield computed(
                "000a", name, READ[name], number, MAP, why=why, erratum=erratum,
                cites=CITES[name])  # fmt: skip


def after_convolution() -> Iterator[Finding]:
    """000a, the rest: ReLU, pooling and the loss, of which nothing can be read."""
    J = exact.conv2d(X, W, padding=1)
    P = _pooled(J)
    stride_1 = exact.max_pool2d(exact.relu(J), 2, stride=1)
    lost = "Illegible or absent in our copy of the report."
    stride = f"{lost} Nor is the stride of the pooling given: PyTorch takes the kernel size."
    chosen = f"{_text(exact.l1_loss(P, TARGET))} for the target {_text(TARGET)}, which is ours"
    yield untold("000a", "map after ReLU", _text(exact.relu(J)), POOLING, why=lost)
    yield untold("000a", "pooled map, stride 2", _text(P), POOLING, why=stride)
    yield untold("000a", "pooled map, stride 1", _text(stride_1), POOLING, why=stride)
    yield untold("000a", "L1 loss", chosen, LOSS, why=f"{lost} Neither can its target be read.")


def pooling_gradient() -> Iterator[Finding]:
    """000b: the rule "1 where x is the maximum, else 0", without a tie and at one."""
    plain = np.random.default_rng(0).permutation(16).reshape(4, 4)
    J = exact.conv2d(X, W, padding=1)
    tied = exact.relu(J)[:2, 2:] * 10  # whole numbers, so that PyTorch sees the tie
    ruled, found = _ruled(plain), _by_torch(plain)
    arrived, sent = _ruled(tied).sum(), _by_torch(tied).sum()
    yield stated(
        "000b", "gradient of max pooling, no tie",
        "1 where x is the maximum, else 0; overlapping patches are summed",
        f"PyTorch's gradient of nine overlapping windows is that: {found.sum()} ones arrive",
        GRADIENT, holds=bool((ruled == found).all()),
        why="PyTorch's gradient is another.",
        cites="We sum up the gradients for overlapping patches")  # fmt: skip
    yield stated(
        "000b", "gradient of max pooling at a tie", "1 where x is the maximum, else 0",
        f"by this rule {arrived} arrive for an upstream gradient of 1; PyTorch sends {sent}",
        MAXIMUM, holds=bool(arrived == sent),
        why="Ties are not addressed. J14 and J23 are both 4/5, in one window of the report's "
        "own map: the first of them, or both in equal parts, may have the gradient.",
        cites="will only be backpropagated through maximum values")  # fmt: skip


def one_dimension() -> Iterator[Finding]:
    """000c and 000d: a kernel of two on five numbers, and where a flip is."""
    y = exact.conv1d(X1, W1)
    slopes = np.stack([exact.conv1d(X1, W1 + step) - y for step in ([1, 0], [0, 1])], axis=1)
    _, dw, _ = exact.conv1d_backward(DELTA, X1, W1)
    said = np.convolve(X1.astype(int)[::-1], DELTA.astype(int), mode="valid")
    numbers = f"x = {_text(X1)} and δ = {_text(DELTA)}"
    yield untold(
        "000c", "∂y/∂w", f"rows [x_i, x_(i+1)]: {_text(slopes)} for x = {_text(X1)}", LINE,
        why="Illegible or absent in our copy of the report.")  # fmt: skip
    yield stated(
        "000d", "∂L/∂w", "a convolution between the flipped input and the upstream gradient",
        f"valid cross-correlation, no flip: {_text(dw)} for {numbers}; the sentence gives "
        f"{_text(said)}", LINE, holds=bool((said == dw).all()),
        why="A convolution flips, and of a flipped input it gives the right numbers in reverse "
        "order. The flip is real in ∂L/∂x, a full convolution of δ with w.",
        cites="between the flipped input")  # fmt: skip
    yield untold(
        "000d", "∂L/∂w in numbers", f"{_text(dw)} for {numbers}, which are ours", LINE,
        why="The upstream gradient is illegible in our copy of the report.")  # fmt: skip


def _pooled(J: exact.Array) -> exact.Array:
    return exact.max_pool2d(exact.relu(J), 2)


def _ruled(x: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The report's rule, for windows of 2 × 2 with stride 1 and an upstream gradient of ones."""
    gradient = np.zeros(x.shape, dtype=int)
    for i, k in np.ndindex(x.shape[0] - 1, x.shape[1] - 1):
        window = slice(i, i + 2), slice(k, k + 2)
        gradient[window] += x[window] == x[window].max()
    return gradient


def _by_torch(x: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    pixels = torch.tensor(x.astype(float), requires_grad=True)
    F.max_pool2d(pixels[None, None], 2, stride=1).sum().backward()
    assert pixels.grad is not None
    return pixels.grad.numpy().astype(int)


def _text(numbers: object) -> str:
    return minus(exact.text(numbers))
