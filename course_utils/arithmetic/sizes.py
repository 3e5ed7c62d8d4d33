"""The shape of each layer's output, and the padding that keeps the size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from course_utils.basics.checks import integer, invalid
from course_utils.exact import output_size
from course_utils.layers import FC, BatchNorm, Conv, Flatten, Layer, Number, Window, pair

Shape = tuple[int, ...]


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """Give the padding, in pixels on each side, that keeps the size at stride 1.

    n + 2·p − dilation·(kernel_size − 1) = n gives p = dilation·(kernel_size − 1) / 2.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016),
    relationship 3 ("half padding").

    >>> [same_padding(k) for k in (1, 3, 5, 7)], same_padding(3, dilation=2)
    ([0, 1, 2, 3], 2)

    Raises
    ------
    ValueError
        Where p is not an integer, as for an even kernel with dilation 1.
    """
    both = integer("dilation", dilation) * (integer("kernel_size", kernel_size) - 1)
    if both % 2:
        raise ValueError(
            f"kernel_size: {kernel_size} needs {both} pixels of padding in all, {both / 2:g} on "
            "each side, to keep the size; use an odd kernel"
        )
    return both // 2


def window_output(layer: Window, size: tuple[int, int]) -> tuple[int, int]:
    """Give (height, width) of a window layer's output, from those of its input."""
    axes = (
        size,
        pair(layer.kernel_size),
        pair(layer.stride),
        pair(layer.padding),
        pair(layer.dilation),
    )
    height, width = (output_size(*numbers) for numbers in zip(*axes, strict=True))
    return height, width


def checked_shape(name: str, shape: Any) -> Shape:
    """Read (channels, height, width) or (features,)."""
    numbers = tuple(shape) if isinstance(shape, Sequence) and not isinstance(shape, str) else ()
    if len(numbers) not in (1, 3):
        rule = "use (channels, height, width) or (features,), without the batch"
        raise invalid(name, shape, rule)
    return tuple(integer(name, number) for number in numbers)


class Chain:
    """Shapes, layer by layer. Each layer is checked against what the ones before it give."""

    def __init__(self, input_shape: Any):
        self.shape = self.before_flatten = checked_shape("input_shape", input_shape)
        self.number = 0
        # Words for what gives the present channels or features, and the present height and width.
        self.channels_from = self.size_from = "the input gives"

    def add(self, layer: Layer) -> Shape:
        """Give the shape of the layer's output.

        Raises
        ------
        ValueError
            For a "?" and for what does not fit, with the layer's number and notation.
        """
        self.number += 1
        name = f"layer {self.number}, {layer}"
        try:
            self.shape = self._output(layer)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if isinstance(layer, Conv | FC | Flatten):
            self.channels_from = f"{name}, gives"
        if isinstance(layer, Window | FC):
            self.size_from = f"{name}, gives"
        if not isinstance(layer, Flatten):
            self.before_flatten = self.shape
        return self.shape

    def _output(self, layer: Layer) -> Shape:
        if layer.blanks:
            raise ValueError(
                f"{layer.blanks[0]}: '?' is not known; use a number, or let "
                "arithmetic.solve(layers, input_shape) fill it in"
            )
        if isinstance(layer, BatchNorm) and layer.num_features is not None:
            check_channels("num_features", layer.num_features, self.shape[0], self.channels_from)
        if isinstance(layer, FC):
            check_features(layer, self.before_flatten, self.size_from)
            return (int(layer.out_features),)
        if isinstance(layer, Flatten):
            return (math.prod(self.shape),)
        if not isinstance(layer, Window):
            return self.shape
        if len(self.shape) != 3:
            raise ValueError(
                f"input: it takes channels, height and width, but {self.channels_from} "
                f"{self.shape[0]:,} features; put it before Flatten and FC"
            )
        channels, height, width = self.shape
        if isinstance(layer, Conv):
            check_channels("in_channels", layer.in_channels, channels, self.channels_from)
            channels = int(layer.out_channels)
        return (channels, *window_output(layer, (height, width)))


def check_channels(parameter: str, taken: Number, given: int, source: str) -> None:
    """Compare the channels or features that a layer takes with those it gets."""
    if taken != given:
        raise ValueError(
            f"{parameter}: it takes {taken:,}, but {source} {given:,}; they must agree"
        )


def check_features(layer: FC, shape: Shape, source: str) -> None:
    """Compare the features that a linear layer takes with the shape it gets."""
    if layer.in_features != math.prod(shape):
        raise ValueError(
            f"in_features: it takes {layer.in_features:,}, but {source} "
            f"{features(shape)}; they must agree"
        )


def features(shape: Shape) -> str:
    """Write how many numbers a shape holds.

    >>> features((512, 7, 7)), features((4096,))
    ('512 × 7 × 7 = 25,088', '4,096')
    """
    product = " × ".join(f"{n:,}" for n in shape)
    return product if len(shape) == 1 else f"{product} = {math.prod(shape):,}"
