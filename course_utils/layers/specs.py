"""The numbers that make a layer: one frozen dataclass per kind, checked when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

from course_utils.basics.checks import choice, integer, invalid, real

Number = int | Literal["?"]
Size = Number | tuple[Number, Number]


@dataclass(frozen=True, repr=False)
class Layer:
    """A layer of a network. ``str(layer)`` writes it in the course's notation."""

    # So many arguments are written even where they have their default.
    _written: ClassVar[int] = 0

    @property
    def blanks(self) -> tuple[str, ...]:
        """The names of the arguments that are "?", or a pair with a "?"."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return tuple(name for name, v in values if v == "?" or (isinstance(v, tuple) and "?" in v))

    def __str__(self) -> str:
        own = [(f, getattr(self, f.name)) for f in fields(self)]
        ordered = [(f, value) for f, value in own if not f.kw_only]
        while len(ordered) > self._written and ordered[-1][1] == ordered[-1][0].default:
            ordered.pop()
        words, named = [], False
        for f, value in ordered:
            if value is None:
                named = True
            else:
                words.append(f"{f.name}={_text(value)}" if named else _text(value))
        words += [f"{f.name}={_text(v)}" for f, v in own if f.kw_only and v != f.default]
        return type(self).__name__ + (f"({', '.join(words)})" if words else "")

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Conv(Layer):
    """A convolution, ``Conv(in_channels, out_channels, kernel_size, stride, padding)``.

    Kernel size, stride, padding and dilation are in pixels, one number or (vertical, horizontal).
    All but dilation and groups may be "?". As in PyTorch there is a bias unless bias=False.

    >>> Conv(3, 16, 5, 2, 1)
    Conv(3, 16, 5, 2, 1)
    >>> Conv("?", 16, (3, 5), groups=2, bias=False)
    Conv(?, 16, (3, 5), 1, 0, groups=2, bias=False)

    Raises
    ------
    ValueError
        For a number that is too small, and for groups that do not divide both counts of channels.
    """

    _written: ClassVar[int] = 5

    in_channels: Number
    out_channels: Number
    kernel_size: Size
    stride: Size = 1
    padding: Size = 0
    dilation: Size = field(default=1, kw_only=True)
    groups: int = field(default=1, kw_only=True)
    bias: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _set(self, in_channels=_number("in_channels", self.in_channels))
        _set(self, out_channels=_number("out_channels", self.out_channels))
        _set_window(self)
        _set(self, groups=integer("groups", self.groups))
        choice("bias", self.bias, (True, False))
        for name, channels in (("in", self.in_channels), ("out", self.out_channels)):
            if channels != "?" and channels % self.groups:
                raise ValueError(
                    f"groups: {self.groups} does not divide {name}_channels = {channels}; "
                    "each group has the same number of channels"
                )


@dataclass(frozen=True, repr=False)
class MaxPool(Layer):
    """Max pooling, ``MaxPool(kernel_size, stride, padding)``.

    The stride is the kernel size if it is None.

    >>> MaxPool(2), MaxPool(4, 3, 0), MaxPool(3, 2, 1)
    (MaxPool(2, 2), MaxPool(4, 3), MaxPool(3, 2, 1))

    Raises
    ------
    ValueError
        For a number that is too small and for padding of more than half the kernel.
    """

    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0
    dilation: Size = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        _set_window(self)
        _check_pooling(self)


@dataclass(frozen=True, repr=False)
class AvgPool(Layer):
    """Average pooling, ``AvgPool(kernel_size, stride, padding)``, with the rules of ``MaxPool``."""

    dilation: ClassVar[Size] = 1

    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0

    def __post_init__(self) -> None:
        _set_window(self)
        _check_pooling(self)


Window = Conv | MaxPool | AvgPool


@dataclass(frozen=True, repr=False)
class FC(Layer):
    """A fully connected (linear) layer, ``FC(in_features, out_features)``.

    After a feature map it flattens first, as the reports write it: no ``Flatten`` is needed.

    >>> FC(25088, 4096)
    FC(25088, 4096)
    """

    in_features: Number
    out_features: Number
    bias: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _set(self, in_features=_number("in_features", self.in_features))
        _set(self, out_features=_number("out_features", self.out_features))
        choice("bias", self.bias, (True, False))


@dataclass(frozen=True, repr=False)
class BatchNorm(Layer):
    """Batch norm. Without ``num_features`` it takes as many channels or features as it is given."""

    num_features: Number | None = None

    def __post_init__(self) -> None:
        if self.num_features is not None:
            _set(self, num_features=_number("num_features", self.num_features))


@dataclass(frozen=True, repr=False)
class ReLU(Layer):
    """max(0, z)."""


@dataclass(frozen=True, repr=False)
class LeakyReLU(Layer):
    """z where z > 0, else ``negative_slope``·z."""

    negative_slope: float = 0.01

    def __post_init__(self) -> None:
        _set(self, negative_slope=_real("negative_slope", self.negative_slope))


@dataclass(frozen=True, repr=False)
class Tanh(Layer):
    """tanh z."""


@dataclass(frozen=True, repr=False)
class Sigmoid(Layer):
    """1/(1 + exp(−z))."""


@dataclass(frozen=True, repr=False)
class Softmax(Layer):
    """Logits to probabilities."""


@dataclass(frozen=True, repr=False)
class LogSoftmax(Layer):
    """Logits to the logarithms of probabilities."""


@dataclass(frozen=True, repr=False)
class Dropout(Layer):
    """Sets each value to zero with probability p while training."""

    p: float = 0.5

    def __post_init__(self) -> None:
        _set(self, p=_real("p", self.p, least=0, most=1))


@dataclass(frozen=True, repr=False)
class Flatten(Layer):
    """[channels, height, width] to [channels · height · width]."""


Layers = str | Sequence[Layer]


def pair(value: Size | None) -> tuple[int, int]:
    """Give (vertical, horizontal) of a size that is known.

    >>> pair(3), pair((3, 5))
    ((3, 3), (3, 5))

    Raises
    ------
    ValueError
        For "?".
    """
    numbers = value if isinstance(value, tuple) else (value, value)
    first, second = numbers
    if not isinstance(first, int) or not isinstance(second, int):
        raise ValueError(f"value: {_text(value)} is not known; use a number or a pair")
    return first, second


def _text(value: Any) -> str:
    return f"({value[0]}, {value[1]})" if isinstance(value, tuple) else str(value)


def _set(layer: Layer, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(layer, name, value)


def _set_window(layer: Window) -> None:
    for name, least in (("kernel_size", 1), ("stride", 1), ("padding", 0)):
        value = getattr(layer, name)
        if value is None:
            # An unknown kernel size leaves None, so that a pooling's stride follows it still.
            value = None if "kernel_size" in layer.blanks else layer.kernel_size
        else:
            value = _size(name, value, least)
        _set(layer, **{name: value})
    if not isinstance(layer, AvgPool):
        _set(layer, dilation=_size("dilation", layer.dilation, 1, blank=False))


def _check_pooling(layer: MaxPool | AvgPool) -> None:
    if {"kernel_size", "padding"} & {*layer.blanks}:
        return
    for k, p in zip(pair(layer.kernel_size), pair(layer.padding), strict=True):
        if 2 * p > k:
            raise ValueError(
                f"padding: {p} is more than half of the kernel size {k}; use at most half"
            )


def _size(name: str, value: Any, least: int, *, blank: bool = True) -> Size:
    if not isinstance(value, tuple | list):
        return _number(name, value, least, pairs=True, blank=blank)
    if len(value) != 2:
        raise invalid(name, value, "use one number or two")
    first, second = (_number(name, v, least, pairs=True, blank=blank) for v in value)
    return first if first == second and first != "?" else (first, second)


def _number(
    name: str, value: Any, least: int = 1, *, pairs: bool = False, blank: bool = True
) -> Any:
    if blank and isinstance(value, str) and value == "?":
        return value
    try:
        return integer(name, value, least=least)
    except ValueError as error:
        others = ", or a pair of them" * pairs + ', or "?"' * blank
        raise ValueError(f"{error}{others}") from None


def _real(name: str, value: Any, **bounds: float) -> float:
    """Read a number; an integer stays one, so that it is written as it was."""
    number = real(name, value, **bounds)
    return value if isinstance(value, int) else number
