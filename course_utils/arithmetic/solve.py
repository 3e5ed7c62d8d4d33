"""Filling in blanks: channels and features from the neighbours, sizes by trying."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from course_utils.arithmetic.search import Pair, Sizes
from course_utils.arithmetic.sizes import Chain, Shape, check_channels, checked_shape, features
from course_utils.basics.checks import invalid
from course_utils.layers import (
    FC,
    BatchNorm,
    Conv,
    Flatten,
    Layer,
    Layers,
    Number,
    Window,
    read,
    text,
)


@dataclass(frozen=True)
class Blank:
    """A "?" and what may stand there.

    Parameters
    ----------
    number : the layer's, from 1.
    layer : as it was written.
    parameter : the name of its argument.
    axis : 0 (vertical) or 1 (horizontal) for a "?" in a pair, else None.
    values : those that fit, in order, each with some choice for the other blanks; of strides that
        reach past the input only a few. Empty where nothing limits them.
    """

    number: int
    layer: Layer
    parameter: str
    axis: int | None
    values: tuple[int, ...]

    @property
    def value(self) -> int | None:
        """The number that must stand here, or None if it is not determined."""
        return self.values[0] if len(self.values) == 1 else None

    def __str__(self) -> str:
        axis = "" if self.axis is None else f"[{self.axis}]"
        name = f"layer {self.number}, {self.layer}: {self.parameter}{axis}"
        if self.value is not None:
            return f"{name} = {self.value}"
        fitting = f": {_few(self.values)} fit" if self.values else ""
        return f"{name} is not determined{fitting}"


@dataclass(frozen=True, repr=False)
class Solution:
    """A network with its blanks filled in, as far as they are determined.

    ``layers`` still has a "?" for each blank in ``undetermined``.
    """

    layers: tuple[Layer, ...]
    blanks: tuple[Blank, ...]

    @property
    def undetermined(self) -> tuple[Blank, ...]:
        return tuple(blank for blank in self.blanks if blank.value is None)

    def __str__(self) -> str:
        return "\n".join([text(self.layers), *map(str, self.blanks)])

    __repr__ = __str__


def solve(
    layers: Layers, input_shape: Sequence[int], output_shape: Sequence[Number] | None = None
) -> Solution:
    """Fill in every "?" that the other numbers determine.

    Channels and features follow from the neighbours, the inputs of FC from the flattened size.
    Kernel sizes, strides and paddings are tried out: which of them give the size that a later FC,
    or ``output_shape``, asks for? Only where a single value fits it is determined. A padding that
    is looked for is smaller than its kernel, so that each window touches the input. Where kernel
    size and padding of one layer are both "?" (on one axis), k + 2 and p + 1 would fit as well as k
    and p. Neither is determined then, and no size is looked for.

    ``input_shape`` is (channels, height, width) in pixels, or (features,). So is ``output_shape``,
    which may have "?" too.

    >>> solve("Conv(?,?,3,1,1) -> MaxPool(?) -> Conv(64,32,3) -> FC(6272,10)", (3, 32, 32))
    Conv(3, 64, 3, 1, 1) -> MaxPool(2, 2) -> Conv(64, 32, 3, 1, 0) -> FC(6272, 10)
    layer 1, Conv(?, ?, 3, 1, 1): in_channels = 3
    layer 1, Conv(?, ?, 3, 1, 1): out_channels = 64
    layer 2, MaxPool(?): kernel_size = 2

    Raises
    ------
    ValueError
        As ``trace`` does, where no value fits, and where there are more than 200,000 sizes to try.
    """
    shape = checked_shape("input_shape", input_shape)
    network = _Network(read(layers), shape[0], is_map=len(shape) == 3)
    network.meet_output(output_shape)
    sizes = network.settle((shape[1], shape[2])) if len(shape) == 3 else None
    blanks = tuple(network.blanks(sizes))
    solution = Solution(tuple(_filled(network.layers, blanks)), blanks)
    if not solution.undetermined:
        chain = Chain(shape)
        for layer in solution.layers:
            chain.add(layer)
    return solution


class _Count:
    """One number of channels or features, written by every layer that gives or takes it."""

    def __init__(self, written: Number | None, source: str, divisor: int = 1):
        self.values = {written} if isinstance(written, int) else set[int]()
        self.source = self.claim = source
        self.divisor = divisor

    @property
    def value(self) -> int | None:
        return next(iter(self.values)) if len(self.values) == 1 else None

    def meet(self, written: Number, name: str, parameter: str) -> None:
        if isinstance(written, int):
            if not self.values:
                self.values = {written}
                self.source, self.claim = f"{name}, takes", f"{name}: {parameter}: it takes"
            try:
                check_channels(parameter, written, min(self.values), self.source)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None


class _Network:
    """The counts that the layers share, and where the feature map ends."""

    def __init__(self, layers: list[Layer], count: int, *, is_map: bool):
        self.layers = layers
        self.counts: dict[tuple[int, str], _Count] = {}
        self.map_end = len(layers) if is_map else 0
        self.size_from = "the input gives"
        present = self.channels = _Count(count, "the input gives")
        for number, layer in enumerate(layers, start=1):
            name = f"layer {number}, {layer}"
            if is_map and isinstance(layer, FC | Flatten):
                is_map, self.map_end = False, number - 1
                present = _Count(None, f"{name}, gives")
                self.features = present
            if isinstance(layer, Window):
                if not is_map:
                    raise ValueError(
                        f"{name}: input: it takes channels, height and width, but gets features; "
                        "put it before Flatten and FC"
                    )
                self.size_from = f"{name}, gives"
            taken = {Conv: "in_channels", FC: "in_features", BatchNorm: "num_features"}
            parameter = taken.get(type(layer))
            if parameter and (written := getattr(layer, parameter)) is not None:
                present.meet(written, name, parameter)
                self.counts[number, parameter] = present
            if isinstance(layer, Conv):
                present = _Count(layer.out_channels, f"{name}, gives", layer.groups)
                self.counts[number, "out_channels"] = present
                self.channels = present
            elif isinstance(layer, FC):
                present = _Count(layer.out_features, f"{name}, gives")
                self.counts[number, "out_features"] = present
        self.last = present
        self.ends_flat = not is_map
        self.output: tuple[Number, Number] = ("?", "?")

    def meet_output(self, shape: Sequence[Number] | None) -> None:
        """Compare the output that is asked for with the last layer."""
        if shape is None:
            return
        axes = 1 if self.ends_flat else 3
        if len(shape) != axes:
            kind = "(features,)" if self.ends_flat else "(channels, height, width)"
            raise invalid("output_shape", shape, f"use {kind}, as the output has it")
        checked_shape("output_shape", [1 if n == "?" else n for n in shape])
        self.last.meet(shape[0], "output_shape", "features" if self.ends_flat else "channels")
        if not self.ends_flat:
            self.output = (shape[1], shape[2])

    def settle(self, size: Pair) -> Sizes:
        """Find the sizes that lead where they must, and the counts that follow from them."""
        sizes = Sizes(self.layers[: self.map_end], size)
        if sizes.ends is None:
            return sizes
        if self.map_end == len(self.layers):
            wanted = self.output
            away: dict[Shape, int] = {
                end: sum(abs(w - n) for w, n in zip(wanted, end, strict=True) if w != "?")
                for end in sizes.ends
            }
            ends = {end for end in sizes.ends if not away[end]}
            if not ends:
                given = self._given([f"{h} × {w}" for h, w in _nearest(away)])
                raise ValueError(
                    f"output_shape: {wanted[0]} × {wanted[1]} pixels are asked for, but {given}; "
                    "they must agree"
                )
        else:
            found = {end: self._flattened(*end) for end in sizes.ends}
            ends = {end for end, counts in found.items() if counts}
            if not ends:
                raise ValueError(self._flattened_wrong(sizes.ends))
            self.channels.values |= {counts[0] for counts in found.values() if counts} - {0}
            self.features.values |= {counts[1] for counts in found.values() if counts} - {0}
        sizes.keep(ends)
        return sizes

    def _flattened(self, height: int, width: int) -> tuple[int, int] | None:
        """Give channels and features for a size, 0 where they stay unknown, None if none fit."""
        places, c, f = height * width, self.channels.value, self.features.value
        if f is None:
            return (c, c * places) if c else (0, 0)
        if f % places or (f // places) % self.channels.divisor or (c and c * places != f):
            return None
        return f // places, f

    def _flattened_wrong(self, ends: set[Pair]) -> str:
        c, f = self.channels.value, self.features.value or 0
        shapes: list[Shape] = [(c, *end) if c else end for end in ends]
        away: dict[Shape, int] = {shape: abs(math.prod(shape) - f) for shape in shapes}
        given = self._given([features(shape) for shape in _nearest(away)])
        rule = "; they must agree" if c else ", for each channel; no number of channels fits"
        return f"{self.features.claim} {f:,}, but {given}{rule}"

    def _given(self, sizes: list[str]) -> str:
        given = f"{self.size_from} {_few(sizes)}"
        if any({"kernel_size", "stride", "padding"} & {*layer.blanks} for layer in self.layers):
            return f"{given} at the nearest, whatever stands for '?'"
        return given

    def blanks(self, sizes: Sizes | None) -> Iterator[Blank]:
        """Give every "?" in the order in which it is written."""
        for number, layer in enumerate(self.layers, start=1):
            for parameter in layer.blanks:
                written = getattr(layer, parameter)
                if (number, parameter) in self.counts:
                    values = tuple(sorted(self.counts[number, parameter].values))
                    yield Blank(number, layer, parameter, None, values)
                    continue
                pairs = isinstance(written, tuple)
                for axis in [i for i in (0, 1) if written[i] == "?"] if pairs else [0]:
                    values = sizes.values(number, parameter, axis) if sizes else ()
                    yield Blank(number, layer, parameter, axis if pairs else None, values)


def _filled(layers: list[Layer], blanks: Iterable[Blank]) -> Iterator[Layer]:
    for number, layer in enumerate(layers, start=1):
        changes: dict[str, Any] = {}
        for blank in blanks:
            if blank.number == number and blank.value is not None:
                if blank.axis is None:
                    changes[blank.parameter] = blank.value
                else:
                    both = [*changes.get(blank.parameter, getattr(layer, blank.parameter))]
                    both[blank.axis] = blank.value
                    changes[blank.parameter] = tuple(both)
        try:
            yield replace(layer, **changes)
        except ValueError as error:
            raise ValueError(f"layer {number}, {layer}: {error}") from None


def _nearest(away: dict[Shape, int]) -> list[Shape]:
    """Give the three that are the least away, in order."""
    return sorted(sorted(away, key=lambda shape: (away[shape], shape))[:3])


def _few(values: Sequence[object]) -> str:
    """List up to four values, or the first three of more."""
    words = [str(value) for value in values]
    if len(words) > 4:
        return f"{', '.join(words[:3])}, …"
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
