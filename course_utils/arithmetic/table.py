"""A table of what each layer of a network gives, sees and costs, one row per layer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from course_utils.arithmetic.sizes import Chain, Shape
from course_utils.basics.numerals import minus
from course_utils.layers import FC, BatchNorm, Conv, Flatten, Layer, Layers, Window, pair, read

HEADER = "layer", "output", "receptive field", "jump", "start", "parameters", "multiply-adds"
FARTHEST = 10**15  # pixels: of half so many, a float still holds the half


@dataclass(frozen=True)
class LayerRow:
    """A layer of a network, in numbers.

    Parameters
    ----------
    layer : its notation, or a module's name.
    output : (channels, height, width) or (features,), without the batch.
    receptive_field : pixels of the input, (vertical, horizontal), that one output can depend on.
    jump : pixels of the input between neighbouring outputs, (vertical, horizontal).
    start : the centre of the first output's field; the first pixel's centre is 0.
    parameters : the count of learned numbers.
    multiply_adds : one for each use of a weight, on one image.

    Receptive field, jump and start are None where they mean nothing, as after Flatten.
    """

    layer: str
    output: tuple[int, ...]
    receptive_field: tuple[int, int] | None
    jump: tuple[int, int] | None
    start: tuple[float, float] | None
    parameters: int
    multiply_adds: int


class Totals(NamedTuple):
    """The sums over a table's rows."""

    parameters: int
    multiply_adds: int


@dataclass(frozen=True, repr=False)
class Table:
    """The rows of a network, its input's shape and its totals. Prints as text and as Markdown."""

    rows: tuple[LayerRow, ...]
    input_shape: tuple[int, ...]

    @property
    def totals(self) -> Totals:
        return Totals(
            sum(row.parameters for row in self.rows), sum(row.multiply_adds for row in self.rows)
        )

    def __str__(self) -> str:
        lines = [HEADER, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        first, *middle, last = (
            (name.replace("|", "\\|"), *others) for name, *others in self._cells()
        )
        lines = [HEADER, ("---", *["---:"] * (len(HEADER) - 1)), first]
        lines += [(f"`{name}`", *others) for name, *others in middle]
        lines += [tuple(f"**{cell}**" if cell else "" for cell in last)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def _cells(self) -> list[tuple[str, ...]]:
        """Give the input, the layers and the sums as text, one tuple per line."""
        spatial = len(self.input_shape) == 3
        start = [_axes((n, n)) for n in (1, 1, 0)] if spatial else ["–"] * 3
        cells = [("input", _shape(self.input_shape), *start, "", "")]
        for row in self.rows:
            places = (_axes(numbers) for numbers in (row.receptive_field, row.jump, row.start))
            counts = (f"{row.parameters:,}", f"{row.multiply_adds:,}")
            cells.append((row.layer, _shape(row.output), *places, *counts))
        return [*cells, ("total", "", "", "", "", *(f"{total:,}" for total in self.totals))]


def trace(layers: Layers, input_shape: Sequence[int]) -> Table:
    """Give a row for each layer: its output's shape, what one output sees, and what it costs.

    With K = dilation·(kernel_size − 1) + 1 along one axis, from r = j = 1 and start = 0:
    r ← r + (K − 1)·j, then start ← start + ((K − 1)/2 − padding)·j, then j ← j·stride.
    A convolution has out·(in/groups·k² + 1) parameters and makes out·(in/groups·k²) multiply-adds
    for each place of its output. FC has out·(in + 1) and makes out·in. Batch norm has 2 for each
    channel; its multiply-adds are not counted, since in evaluation it is part of the layer before.
    Biases, activations and poolings are not counted either.

    ``input_shape`` is (channels, height, width) in pixels, or (features,). FC flattens a feature
    map.

    Sources: for the size ``output_size``; for r, j and start Araujo, Norris and Sim, Computing
    receptive fields of convolutional neural networks, Distill (2019).

    >>> trace("Conv(3,64,3,1,1) -> ReLU -> MaxPool(2,2) -> FC(1024,10)", (3, 8, 8))
    layer                     output  receptive field  jump  start  parameters  multiply-adds
    input                  3 × 8 × 8                1     1      0
    Conv(3, 64, 3, 1, 1)  64 × 8 × 8                3     1      0       1,792        110,592
    ReLU                  64 × 8 × 8                3     1      0           0              0
    MaxPool(2, 2)         64 × 4 × 4                4     2    0.5           0              0
    FC(1024, 10)                  10                –     –      –      10,250         10,240
    total                                                               12,042        120,832

    Raises
    ------
    ValueError
        For channels or features that do not agree with what comes before, a kernel larger than its
        padded input, a window after Flatten or FC, a "?", and a field whose centre no float holds
        exactly, with the layer's number.
    """
    chain = Chain(input_shape)
    fields = [(1, 1, 0.0)] * 2 if len(chain.shape) == 3 else None
    rows = []
    for layer in read(layers):
        before, after = chain.shape, chain.add(layer)
        if isinstance(layer, FC | Flatten):
            fields = None
        elif fields and isinstance(layer, Window):
            numbers = (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
            axes = zip(*map(pair, numbers), strict=True)
            fields = [_field(field, *axis) for field, axis in zip(fields, axes, strict=True)]
            if max(map(abs, itertools.chain(*fields))) > FARTHEST:
                raise ValueError(
                    f"layer {chain.number}, {layer}: its places or their fields are more than "
                    f"{FARTHEST:,} pixels wide or apart; use smaller numbers or fewer layers"
                )
        r, j, start = zip(*fields, strict=True) if fields else (None, None, None)
        rows.append(LayerRow(str(layer), after, r, j, start, *_cost(layer, before, after)))
    return Table(tuple(rows), Chain(input_shape).shape)


def _field(
    before: tuple[int, int, float], k: int, s: int, p: int, d: int
) -> tuple[int, int, float]:
    """Give receptive field, jump and start after a window, along one axis."""
    r, j, start = before
    steps = d * (k - 1)
    moved = (steps - 2 * p) * j
    # Halves are exact up to FARTHEST. What is farther away is refused, and may not even be a float.
    return r + steps * j, j * s, start + moved / 2 if abs(moved) <= FARTHEST else math.inf


def _cost(layer: Layer, before: Shape, after: Shape) -> tuple[int, int]:
    """Give the parameters and the multiply-adds of a layer, from its shapes."""
    if isinstance(layer, BatchNorm):
        return 2 * after[0], 0
    if isinstance(layer, Conv):
        weights = after[0] * (before[0] // layer.groups) * math.prod(pair(layer.kernel_size))
        uses = weights * math.prod(after[1:])
    elif isinstance(layer, FC):
        weights = uses = math.prod(before) * after[0]
    else:
        return 0, 0
    return weights + layer.bias * after[0], uses


def _axes(numbers: tuple[float, float] | None) -> str:
    """Write numbers of pixels, once where height and width have the same."""
    if numbers is None:
        return "–"
    words = [minus(f"{n:,.2f}".rstrip("0").rstrip(".")) for n in numbers]
    return words[0] if words[0] == words[1] else f"{words[0]} × {words[1]}"


def _shape(shape: Shape) -> str:
    return " × ".join(f"{n:,}" for n in shape)
