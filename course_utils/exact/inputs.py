"""What a layer is given, read and checked for whether it fits together."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from course_utils.exact.numbers import Array, array
from course_utils.exact.steps import Index, Operand
from course_utils.exact.windows import Windows, pooling_windows, windows


class Reader:
    """An array under its name, read with all of PyTorch's axes, however few it came with."""

    def __init__(self, name: str, values: Array, axes: int):
        self.name, self.values = name, values
        self.missing = axes - values.ndim
        self.full: Array = values.reshape((1,) * self.missing + values.shape)

    def __call__(self, *index: int) -> Operand:
        return Operand(self.name, self.own(index), self.full[index])

    def own(self, index: Index) -> Index:
        """Drop from an index the axes that the array came without."""
        return index[self.missing :]


@dataclass(frozen=True)
class Convolution:
    """Input and kernel of a convolution, read and checked against each other."""

    x: Reader
    w: Reader
    windows: Windows
    inputs: dict[str, Array]
    options: dict[str, Any]

    @property
    def channels(self) -> int:
        return self.w.full.shape[0]

    @property
    def y_shape(self) -> Index:
        """Shape of the result, with all axes."""
        return (self.x.full.shape[0], self.channels, *self.windows.output)


def read_convolution(
    spatial: int, x: Any, w: Any, stride: Any, padding: Any, dilation: Any
) -> Convolution:
    """Read what a convolution along ``spatial`` axes is given."""
    x, w = array(x, "x"), array(w, "w")
    full = spatial + 2
    check_axes("x", x, (spatial, spatial + 1, full), f"{spatial} axes (one channel) to {full}")
    rule = f"{spatial} axes, as x has" if x.ndim == spatial else f"{full} axes, [out, in, k…]"
    check_axes("w", w, (spatial,) if x.ndim == spatial else (full,), rule)
    read_x, read_w = Reader("x", x, full), Reader("w", w, full)
    x_channels, w_channels = read_x.full.shape[1], read_w.full.shape[1]
    if x_channels != w_channels:
        raise ValueError(
            f"w: shape {w.shape} takes {w_channels} input channels, but x has {x_channels}; "
            "they must agree"
        )
    found = windows(read_x.full.shape[2:], read_w.full.shape[2:], stride, padding, dilation)
    options = {"stride": found.stride, "padding": found.padding, "dilation": found.dilation}
    return Convolution(read_x, read_w, found, {"x": x, "w": w}, options)


@dataclass(frozen=True)
class Pooling:
    """Input of a pooling, read and checked against the window."""

    x: Reader
    windows: Windows
    inputs: dict[str, Array]
    options: dict[str, Any]

    @property
    def y_shape(self) -> Index:
        """Shape of the result, with all axes."""
        return (*self.x.full.shape[:2], *self.windows.output)


def read_pooling(x: Any, kernel_size: Any, stride: Any, padding: Any) -> Pooling:
    """Read what a pooling in the plane is given."""
    x = array(x, "x")
    check_axes("x", x, (2, 3, 4), "2 axes (one channel) to 4")
    read = Reader("x", x, 4)
    found = pooling_windows(read.full.shape[2:], kernel_size, stride, padding)
    options = {"kernel_size": found.kernel, "stride": found.stride, "padding": found.padding}
    return Pooling(read, found, {"x": x}, options)


def window_share(found: Windows) -> Fraction:
    """Give the share of one pixel in the mean of its window."""
    height, width = found.kernel
    return Fraction(1, height * width)


@dataclass(frozen=True)
class Linear:
    """Input and weights of a linear layer, read and checked against each other."""

    x: Reader
    w: Reader
    inputs: dict[str, Array]

    @property
    def y_shape(self) -> Index:
        """Shape of the result, with all axes."""
        return (self.x.full.shape[0], self.w.values.shape[0])


def read_linear(x: Any, w: Any) -> Linear:
    """Read what a linear layer is given."""
    x, w = array(x, "x"), array(w, "w")
    check_axes("x", x, (1, 2), "1 axis, [in], or 2, [N, in]")
    check_axes("w", w, (2,), "2 axes, [out, in]")
    if x.shape[-1] != w.shape[1]:
        raise ValueError(
            f"w: shape {w.shape} takes {w.shape[1]} numbers, but x has {x.shape[-1]}; "
            "they must agree"
        )
    return Linear(Reader("x", x, 2), Reader("w", w, 2), {"x": x, "w": w})


def read_bias(bias: Any, channels: int) -> Reader | None:
    """Read a bias, if there is one: a number for each output channel."""
    if bias is None:
        return None
    b = array(bias, "bias")
    if b.ndim == 0 and channels == 1:
        b = b.reshape(1)
    check_shape("bias", b, (channels,), "one number for each output")
    return Reader("bias", b, 1)


def padded(x: Reader) -> Operand:
    """Give a zero of the padding around x."""
    return Operand(x.name, None, Fraction(0))


def read_upstream(upstream: Any, y_shape: Index, missing: int) -> Reader:
    """Read an upstream gradient, of the shape that the forward result has."""
    values = array(upstream, "upstream")
    check_shape("upstream", values, y_shape[missing:], "the shape of the forward result")
    return Reader("upstream", values, len(y_shape))


def check_axes(name: str, values: Array, allowed: tuple[int, ...], rule: str) -> None:
    """Refuse an array whose number of axes is not allowed."""
    if values.ndim not in allowed:
        raise ValueError(f"{name}: shape {values.shape} is invalid; use {rule}")


def check_shape(name: str, values: Array, shape: Index, rule: str) -> None:
    """Refuse an array of another shape."""
    if values.shape != shape:
        raise ValueError(f"{name}: shape {values.shape} is invalid; use {shape}, {rule}")
