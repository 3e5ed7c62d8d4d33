"""The drawings of layers along one dimension, against PyTorch's gradients."""

import random

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

from course_utils.plotting.diagrams import fields, wiring


def probed(windows, size, output):
    """The input pixels that have a gradient to one output of a network with weights of 1."""
    x = torch.zeros(1, 1, size, requires_grad=True)
    y = x
    for kernel, stride, padding in windows:
        layer = nn.Conv1d(1, 1, kernel, stride, padding, bias=False)
        nn.init.ones_(layer.weight)
        y = layer(y)
    (gradient,) = torch.autograd.grad(y[0, 0, output], x)
    return gradient[0, 0].nonzero().flatten().tolist(), y.shape[-1]


def test_two_layers_by_hand():
    # Output 1 of the second layer starts at 1·2 = 2 and covers 3: numbers 2, 3, 4 of the first,
    # which cover 2 to 4 + 2 = 6 of the input.
    assert fields([(3, 1, 0), (3, 2, 0)], 9, 1) == [range(2, 7), range(2, 5), range(1, 2)]


def test_the_field_is_what_has_a_gradient():
    draw = random.Random(0)
    tried = 0
    while tried < 200:
        windows = [(draw.randint(1, 4), draw.randint(1, 3), draw.randint(0, 2)) for _ in range(3)]
        size = draw.randint(4, 20)
        if any(stride > kernel for kernel, stride, _ in windows):  # leaves gaps in the field
            continue
        try:
            found = fields(windows, size, 0)
        except ValueError:
            continue
        _, outputs = probed(windows, size, 0)
        output = draw.randrange(outputs)
        found = fields(windows, size, output)
        pixels, _ = probed(windows, size, output)
        assert list(found[0]) == pixels, (windows, size, output)
        tried += 1


def test_a_line_for_each_weight_and_a_dot_for_each_number():
    ax = wiring([(3, 2, 1)], 7)  # (7 + 2 − 3) // 2 + 1 = 4 outputs of 3 weights each
    lines = [
        line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_marker() == "None"
    ]
    assert len(lines) == 4 * 3
    assert [len(dots.get_offsets()) for dots in ax.collections] == [7, 4]
    # Without padding the first output stands above the middle of 0, 1, 2; padding moves it to 0.
    assert ax.collections[1].get_offsets()[:, 0].tolist() == [0, 2, 4, 6]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["input", "layer 1"]
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("windows", "size", "output", "text"),
    [
        ([], 5, 0, "windows: there are none"),
        (
            [(6, 1, 0)],
            5,
            0,
            r"windows: \(6, 1, 0\): kernel_size: 6 is larger than the padded input, 5",
        ),
        ([(2, 0, 0)], 5, 0, r"windows: \(2, 0, 0\): stride: 0 is invalid; .* at least 1"),
        ([(2, 1, -1)], 5, 0, r"windows: \(2, 1, -1\): padding: -1 is invalid; .* at least 0"),
        ([(2, 1, 0)], 5, 4, "output: 4 is invalid; use an integer from 0 to 3"),
    ],
)
def test_what_cannot_be_drawn_is_said(windows, size, output, text):
    with pytest.raises(ValueError, match=text):
        wiring(windows, size, output=output)
