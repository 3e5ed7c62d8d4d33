"""Right answers to the exercises on CNN arithmetic, by name; the first is the notebook's solution.

The others are written as students may: by formula, in loops, or by asking PyTorch.
"""

from fractions import Fraction

import numpy as np
import torch
from torch import nn

from course_utils import layers


def in_many_forms(number):
    return [
        number,
        float(number),
        Fraction(number),
        np.int64(number),
        torch.tensor(number),
        [number],
    ]


# --- sizes

ALEXNET = [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 2, 0)]


def alexnet_sizes():
    n, sizes = 224, []
    for k, s, p in ALEXNET:
        n = (n + 2 * p - k) // s + 1
        sizes.append(n)
    return sizes


def alexnet_by_pytorch():
    x, sizes = torch.zeros(1, 1, 224, 224), []
    for k, s, p in ALEXNET:
        x = nn.Conv2d(1, 1, k, s, p)(x)
        sizes.append(x.shape[-1])
    return tuple(sizes)


def same_padding(k, d):
    return d * (k - 1) // 2


def same_padding_by_trying(k, d):
    return next(p for p in range(100) if 50 + 2 * p - d * (k - 1) == 50)


def same_padding_by_pytorch(k, d):
    x = torch.zeros(1, 1, 64)
    return next(
        p for p in range(64) if nn.Conv1d(1, 1, k, padding=p, dilation=d)(x).shape == x.shape
    )


# --- receptive fields


def receptive_field(windows):
    field, jump = 1, 1
    for k, s in windows:
        field = field + (k - 1) * jump
        jump = jump * s
    return field


def receptive_field_backwards(windows):
    r = 1
    for k, s in reversed(windows):
        r = s * r + k - s
    return r


def receptive_field_closed(windows):
    ks, ss = np.array(windows).T
    return np.sum((ks - 1) * np.concatenate([[1], np.cumprod(ss)[:-1]])) + 1


def receptive_field_by_pixels(windows):
    low, high = 0, 0
    for k, s in reversed(windows):
        low, high = low * s, high * s + k - 1
    return float(high - low + 1)


def receptive_field_by_probe(windows):
    x = torch.ones(1, 1, 200, requires_grad=True)
    y = x
    for k, s in windows:
        layer = nn.Conv1d(1, 1, k, s, bias=False)
        nn.init.ones_(layer.weight)
        y = layer(y)
    y[0, 0, 0].backward()
    return (x.grad != 0).sum()


def jump(windows):
    product = 1
    for _, s in windows:
        product *= s
    return product


def jump_recursive(windows):
    return windows[0][1] * jump_recursive(windows[1:]) if windows else 1


# --- parameters and multiply-adds


def conv_parameters(i, o, k):
    return o * (i * k**2 + 1)


def conv_parameters_by_pytorch(i, o, k):
    return sum(p.numel() for p in nn.Conv2d(i, o, k).parameters())


def multiply_adds(i, o, k, n):
    return o * i * k**2 * n**2


def multiply_adds_by_hooks(i, o, k, n):
    layer = nn.Conv2d(i, o, k, padding=0, bias=False)
    y = layer(torch.zeros(1, i, n + k - 1, n + k - 1))
    return y.shape[-2] * y.shape[-1] * layer.weight.numel()


def separable(i, o, k):
    return i * k**2 + i * o


def separable_by_pytorch(i, o, k):
    both = nn.Sequential(nn.Conv2d(i, i, k, groups=i, bias=False), nn.Conv2d(i, o, 1, bias=False))
    return sum(p.numel() for p in both.parameters())


# --- designs

BLANKS = (
    "Conv(1, 32, 5, 1, 2) -> ReLU -> MaxPool(2, 2) -> Conv(32, 64, 3, 1, 1) -> MaxPool(2, 2) "
    "-> FC(3136, 50) -> FC(50, 10)"
)
DESIGNS = [
    "Conv(3,8,3,2,1) -> ReLU -> (Conv(8,8,3,1,1) -> ReLU) * 6 -> Conv(8,32,3,1,1)",
    "Conv(3,1,31) -> Conv(1,32,1)",
    "Conv(3,8,3,2,1) -> Conv(8,8,3,2,1) -> Conv(8,8,3,1,1) * 2 -> Conv(8,32,3)",
    "(Conv(3,3,3,1,1) -> Tanh) * 15 -> Conv(3,32,1)",
    "AvgPool(3,2,1) -> Conv(3,16,3,1,1) -> (Conv(16,16,3,1,1) -> BatchNorm) * 6 -> Conv(16,32,1)",
    "Conv(3,16,3,1,2,dilation=2) -> Conv(16,16,3,1,1,dilation=13,groups=16) -> Conv(16,32,1)",
]


_ALL = {
    "alexnet-sizes": [
        alexnet_sizes(),
        tuple(alexnet_sizes()),
        np.array(alexnet_sizes()),
        torch.tensor(alexnet_sizes()),
        [float(n) for n in alexnet_sizes()],
        alexnet_by_pytorch(),
    ],
    "same-padding": [
        same_padding,
        same_padding_by_trying,
        same_padding_by_pytorch,
        lambda k, d: (d * (k - 1) + 1 - 1) / 2,
        lambda k, d: np.int64(d * (k - 1)) // 2,
        lambda k, d: Fraction(d * (k - 1), 2),
    ],
    "receptive-field": [
        receptive_field,
        receptive_field_backwards,
        receptive_field_closed,
        receptive_field_by_pixels,
        receptive_field_by_probe,
    ],
    "jump": [
        jump,
        jump_recursive,
        lambda windows: np.prod([s for _, s in windows]),
        lambda windows: torch.tensor([s for _, s in windows]).prod(),
        lambda windows: float(np.prod(np.array(windows)[:, 1])),
    ],
    "how-many-3x3": in_many_forms(15),
    "dilated-stack": in_many_forms(15),
    "conv-parameters": [
        conv_parameters,
        conv_parameters_by_pytorch,
        lambda i, o, k: i * o * k * k + o,
        lambda i, o, k: np.prod([i, o, k, k]) + o,
        lambda i, o, k: torch.empty(o, i, k, k).numel() + torch.empty(o).numel(),
    ],
    "conv2-parameters": in_many_forms(115_296),
    "conv-multiply-adds": [
        multiply_adds,
        multiply_adds_by_hooks,
        lambda i, o, k, n: np.prod([o, i, k, k, n, n], dtype=np.int64),
        lambda i, o, k, n: float((conv_parameters(i, o, k) - o) * n * n),
        lambda i, o, k, n: sum(o * i * k * k for _ in range(n) for _ in range(n)),
    ],
    "separable-parameters": [
        separable,
        separable_by_pytorch,
        lambda i, o, k: i * (k * k + o),
        lambda i, o, k: float(np.dot([i, i], [k * k, o])),
        lambda i, o, k: torch.tensor(i * k * k) + torch.tensor(i * o),
    ],
    "features-for-fc": in_many_forms(512 * 5 * 5),
    "fill-the-blanks": [
        BLANKS,
        BLANKS.replace(" ", ""),
        BLANKS.replace("->", "→"),
        layers.parse(BLANKS),
        tuple(layers.parse(BLANKS)),
    ],
    "design-31": [*DESIGNS, layers.parse(DESIGNS[0])],
}

OWN = (
    "alexnet-sizes", "same-padding", "jump", "dilated-stack", "receptive-field", "design-31",
)  # fmt: skip
RIGHT = {name: _ALL[name] for name in OWN}
RIGHT_FIELD = {"how-many-3x3": _ALL["how-many-3x3"]}
RIGHT_COUNTS = {k: v for k, v in _ALL.items() if k not in {**RIGHT, **RIGHT_FIELD}}

# Designs with a fault, each with a word of what must be said.
FAULTS = {
    "fill-the-blanks": [
        (BLANKS.replace("3136, 50", "3136, ?"), "Layer 6, FC(3136, ?), still has a blank"),
        (BLANKS.replace("32, 64", "32, 32"), "gives 32 × 7 × 7 = 1,568"),
        (BLANKS.replace("32, 64", "16, 64"), "Layer 4"),
        (BLANKS.replace("Conv(1,", "Conv(3,"), "it takes 3"),
        (BLANKS.replace("ReLU -> ", ""), "There are 6 layers; the exercise has 7"),
        (BLANKS.replace("5, 1, 2", "5, 1, 1"), "Layer 1 should be Conv(?, 32, 5, 1, 2)"),
        ("Conv(1,32", "cannot be read"),
    ],
    "design-31": [
        ("Conv(3,32,31)", "92,288 parameters; fewer than 20,000"),
        ("Conv(3,32,30)", "The receptive field is 30 pixels"),
        ("ReLU", "The receptive field is 1 pixel;"),
        ("Conv(3,1,31) -> Conv(1,16,1)", "must have 32 channels"),
        ("Conv(1,1,31) -> Conv(1,32,1)", "Layer 1"),
        ("Conv(3,1,31) -> Conv(2,32,1)", "Layer 2"),
        ("Conv(3,1,(31,3)) -> Conv(1,32,1)", "The receptive field is (31, 3) pixels"),
        (None, "not attempted"),
    ],
}


def fields_of_all_layers(windows):
    field, jump, fields = 1, 1, []
    for k, s in windows:
        field, jump = field + (k - 1) * jump, jump * s
        fields.append(field)
    return fields


SLIPS = [
    ("alexnet-sizes", [55.25, 27.125, 27.125, 13.0625, 13.0625, 6.03125], "were not rounded"),
    ("same-padding", lambda k, d: k * d // 2, "half of k times d"),
    ("jump", lambda windows: np.cumprod([s for _, s in windows]), "the jump after each layer"),
    ("receptive-field", fields_of_all_layers, "the field after each layer"),
    ("receptive-field", lambda w: 1 + sum(k * s - s for k, s in w), "own stride alone"),
    ("receptive-field", lambda w: sum(k - 1 for k, _ in w), "both the strides and the + 1"),
]
