"""Receptive fields: how much of the input one output sees, found in three ways.

All three take the layers, as a list or as notation, and look only at those with a window: of
kernel size k, stride s and dilation d, whose window is K = d·(k − 1) + 1 pixels wide. Channels and
padding play no part, so these may be "?". A result is in pixels: one number, or (vertical,
horizontal) where the two differ.

Source: Araujo, Norris and Sim, Computing receptive fields of convolutional neural networks, Distill
(2019), section "Single-path networks".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from course_utils.layers import FC, Flatten, Layers, Window, pair, read

Extent = int | tuple[int, int]

LARGEST = 10**1000  # Python writes at most 4,300 digits of an integer

# The windows along one axis, each as (K, s).
_Axis = Sequence[tuple[int, int]]


def receptive_fields(layers: Layers) -> list[Extent]:
    """Give the receptive field after each layer with a window: the recurrence forwards.

    r_i = r_{i−1} + (K_i − 1)·j_{i−1} and j_i = j_{i−1}·s_i, from r_0 = j_0 = 1. A window that is K
    wide adds K − 1 steps of the jump j, the distance between neighbours in pixels of the input.

    >>> receptive_fields("Conv(3,64,3,2,1) -> ReLU -> MaxPool(4,3,0) -> Conv(64,128,3,1,1)")
    [3, 9, 21]

    Raises
    ------
    ValueError
        For a "?" as kernel size or stride, a window after Flatten or FC, and a result of more than
        1,000 digits.
    """

    def forwards(axis: _Axis) -> list[int]:
        r, j, found = 1, 1, []
        for extent, stride in axis:
            r += (extent - 1) * j
            j *= stride
            found.append(r)
        return found

    return _both(layers, forwards)


def receptive_fields_backwards(layers: Layers) -> list[Extent]:
    """Give r_0, r_1, …, r_L: how many outputs of window layer l (the input is 0) one output sees.

    r_{l−1} = s_l·r_l + (K_l − s_l), from r_L = 1 at the end back to the receptive field r_0:
    r_l neighbours are r_l − 1 strides apart, and the last window is K_l wide.

    >>> receptive_fields_backwards("Conv(3,64,3,2,1) -> ReLU -> MaxPool(4,3) -> Conv(64,128,3,1,1)")
    [21, 10, 3, 1]

    Raises
    ------
    ValueError
        As ``receptive_fields`` does.
    """

    def backwards(axis: _Axis) -> list[int]:
        found = [1]
        for extent, stride in reversed(axis):
            found.append(stride * found[-1] + (extent - stride))
        return found[::-1]

    return _both(layers, backwards)


def receptive_field_closed_form(layers: Layers) -> Extent:
    """Give the receptive field after the last layer: r_0 = Σ_l (K_l − 1)·Π_{i<l} s_i + 1.

    >>> receptive_field_closed_form("(Conv(3,3,5,2,2) -> ReLU) * 6")
    253

    Raises
    ------
    ValueError
        As ``receptive_fields`` does.
    """

    def closed(axis: _Axis) -> list[int]:
        strides = [stride for _, stride in axis]
        return [1 + sum((k - 1) * math.prod(strides[:i]) for i, (k, _) in enumerate(axis))]

    return _both(layers, closed)[0]


def effective_stride(layers: Layers) -> Extent:
    """Give the stride of all layers together, Π s_l: pixels of the input between two outputs.

    >>> effective_stride("Conv(3,64,3,2,1) -> ReLU -> MaxPool(4,3,0)")
    6

    Raises
    ------
    ValueError
        As ``receptive_fields`` does.
    """
    return _both(layers, lambda axis: [math.prod(stride for _, stride in axis)])[0]


def _both(layers: Layers, along: Callable[[_Axis], list[int]]) -> list[Extent]:
    """Work along the height and along the width."""
    vertical, horizontal = [], []
    flat = False
    for number, layer in enumerate(read(layers), start=1):
        flat = flat or isinstance(layer, FC | Flatten)
        if not isinstance(layer, Window):
            continue
        name = f"layer {number}, {layer}"
        if flat:
            raise ValueError(f"{name}: input: it gets features; put it before Flatten and FC")
        for parameter in ("kernel_size", "stride"):
            if parameter in layer.blanks or getattr(layer, parameter) is None:
                raise ValueError(f"{name}: {parameter}: '?' is not known; use a number")
        extents = [
            d * (k - 1) + 1
            for k, d in zip(pair(layer.kernel_size), pair(layer.dilation), strict=True)
        ]
        strides = pair(layer.stride)
        vertical.append((extents[0], strides[0]))
        horizontal.append((extents[1], strides[1]))
    found = [*zip(along(vertical), along(horizontal), strict=True)]
    if any(number >= LARGEST for both in found for number in both):
        raise ValueError(
            "layers: a result has over 1,000 digits; use smaller numbers or fewer layers"
        )
    return [v if v == h else (v, h) for v, h in found]
