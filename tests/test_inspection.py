"""Any network, inspected: the table, the formula, the probe and PyTorch itself must agree."""

import copy
import warnings
from collections import Counter

import numpy as np
import pytest
import torch
import torchinfo
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from torchvision import models

from course_utils import arithmetic, inspection, layers

STACKS, BRANCHES = 2000, 300


def tried(n):
    return settings(derandomize=True, deadline=None, max_examples=n, database=None)


def build(spec, channels):
    """Give the PyTorch module of a layer spec, after so many channels."""
    match spec:
        case layers.Conv():
            return nn.Conv2d(
                spec.in_channels,
                spec.out_channels,
                spec.kernel_size,
                spec.stride,
                spec.padding,
                spec.dilation,
                spec.groups,
                spec.bias,
            )
        case layers.MaxPool():
            return nn.MaxPool2d(spec.kernel_size, spec.stride, spec.padding, spec.dilation)
        case layers.AvgPool():
            return nn.AvgPool2d(spec.kernel_size, spec.stride, spec.padding)
        case layers.FC():
            return nn.Sequential(
                nn.Flatten(), nn.Linear(spec.in_features, spec.out_features, spec.bias)
            )
        case layers.BatchNorm():
            return nn.BatchNorm2d(channels)
        case layers.LeakyReLU():
            return nn.LeakyReLU(spec.negative_slope)
        case _:
            return {"ReLU": nn.ReLU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "Dropout": nn.Dropout}[
                type(spec).__name__
            ]()


def pairs(least, most):
    one = st.integers(least, most)
    return st.one_of(one, st.tuples(one, one))


@st.composite
def stacks(draw):
    """Draw two to five layers, and an image large enough to probe them."""
    channels = first = draw(st.integers(1, 3))
    found = []
    for _ in range(draw(st.integers(2, 5))):
        kind = draw(st.sampled_from(["conv", "conv", "conv", "max", "avg", "plain"]))
        kernel, stride = draw(pairs(1, 4)), draw(pairs(1, 2))
        if kind == "conv":
            out = draw(st.integers(1, 4))
            groups = draw(st.sampled_from([g for g in (1, 2, 3) if channels % g == out % g == 0]))
            padding, dilation = draw(pairs(0, 2)), draw(pairs(1, 2))
            bias = draw(st.booleans())
            found.append(
                layers.Conv(
                    channels,
                    out,
                    kernel,
                    stride,
                    padding,
                    dilation=dilation,
                    groups=groups,
                    bias=bias,
                )
            )
            channels = out
        elif kind == "plain":
            found.append(
                draw(
                    st.sampled_from(
                        [
                            layers.ReLU(),
                            layers.Tanh(),
                            layers.LeakyReLU(),
                            layers.Sigmoid(),
                            layers.BatchNorm(),
                            layers.Dropout(),
                        ]
                    )
                )
            )
        else:
            half = tuple(k // 2 for k in layers.pair(kernel))
            padding = draw(st.sampled_from([0, half]))
            make = layers.MaxPool if kind == "max" else layers.AvgPool
            found.append(make(kernel, stride, padding))
    both = arithmetic.trace(found, (first, 400, 400)).rows[-1]
    extra = draw(st.integers(0, 3))
    # Wherever the centre falls, it lies at most a jump from the image's middle.
    size = tuple(r + j + 2 + extra for r, j in zip(both.receptive_field, both.jump, strict=True))
    return found, (first, *size)


def numbers(row):
    return row.output, row.receptive_field, row.jump, row.start, row.parameters, row.multiply_adds


def test_formula_table_probe_and_pytorch_agree_on_random_stacks():
    seen = Counter()

    @tried(STACKS)
    @given(stacks())
    def agree(drawn):
        specs, shape = drawn
        formula = arithmetic.trace(specs, shape)
        modules, channels = [], shape[0]
        for spec, row in zip(specs, formula.rows, strict=True):
            modules.append(build(spec, channels))
            channels = row.output[0]
        net = nn.Sequential(*modules).eval()
        table = inspection.trace(net, shape)
        assert [*map(numbers, table.rows)] == [*map(numbers, formula.rows)]
        assert table.totals == formula.totals and table.input_shape == shape
        x = torch.zeros(1, *shape)
        for module, row in zip(net, table.rows, strict=True):
            x = module(x)
            assert tuple(x.shape[1:]) == row.output
            assert sum(p.numel() for p in module.parameters()) == row.parameters
        assert inspection.receptive_field(net, shape) == table.rows[-1].receptive_field
        seen.update(type(spec).__name__ for spec in specs)
        seen["stacks"] += 1

    agree()
    assert seen["stacks"] >= STACKS
    print(f"\nrandom stacks, by formula, table, probe and PyTorch: {dict(seen)}")
