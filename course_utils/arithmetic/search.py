"""The sizes that a row of window layers can give, by trying every number for a "?"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from course_utils.exact import output_size
from course_utils.layers import Conv, Layer, Number, Size, Window, pair

Pair = tuple[int, int]
MOST = 200_000

# Strides that reach past the input all give one output. A few of them stand for the rest.
_FEW = 8


class Way(NamedTuple):
    """Numbers for one window layer, between two sizes; each is (vertical, horizontal)."""

    before: Pair
    kernel_size: Pair
    stride: Pair
    padding: Pair
    after: Pair


class Sizes:
    """All ways through the layers from one size.

    ``ends`` holds the sizes that are possible at the end. It is None if some layer leaves kernel
    size and padding open together: these fit in ways without end.
    """

    def __init__(self, layers: Sequence[Layer], size: Pair):
        self.ends: set[Pair] | None = {size}
        self.ways: dict[int, list[Way]] = {}
        tried = 0
        for number, layer in enumerate(layers, start=1):
            if not isinstance(layer, Window):
                continue
            if any(k == p == "?" for k, p in _axes(layer)):
                self.ends = None
                self.ways.clear()
                return
            found = self.ways[number] = []
            for before in sorted(self.ends):
                for way in _ways(layer, before):
                    found.append(way)
                    tried += 1
                    if tried > MOST:
                        raise ValueError(
                            f"layers: there are more than {MOST:,} sizes to try; give numbers "
                            "for some of the '?'"
                        )
            if not found:
                raise ValueError(f"layer {number}, {layer}: {_why(layer, max(self.ends))}")
            self.ends = {way.after for way in found}

    def keep(self, ends: set[Pair]) -> None:
        """Drop every way that leads to none of these ends."""
        self.ends = ends
        for number in reversed(self.ways):
            self.ways[number] = [way for way in self.ways[number] if way.after in ends]
            ends = {way.before for way in self.ways[number]}

    def values(self, number: int, parameter: str, axis: int) -> tuple[int, ...]:
        """Give the numbers that a layer's argument has on one axis, over all ways."""
        found = {getattr(way, parameter)[axis] for way in self.ways.get(number, ())}
        return tuple(sorted(found))


def _ways(layer: Window, size: Pair) -> Iterator[Way]:
    d = pair(layer.dilation)
    # The largest kernel that the padded input holds, where the padding is known.
    largest = [
        k if isinstance(k, int) else (n + 2 * int(p) - 1) // e + 1
        for n, e, (k, p) in zip(size, d, _axes(layer), strict=True)
    ]
    for k in _numbers(layer.kernel_size, 1, largest):
        extent = [e * (n - 1) + 1 for e, n in zip(d, k, strict=True)]
        most = [e - 1 for e in extent] if isinstance(layer, Conv) else [n // 2 for n in k]
        for p in _numbers(layer.padding, 0, most):
            room = [n + 2 * m - e for n, m, e in zip(size, p, extent, strict=True)]
            half = isinstance(layer, Conv) or all(2 * m <= n for m, n in zip(p, k, strict=True))
            if min(room) < 0 or not half:
                continue
            strides = k if layer.stride is None else layer.stride
            for s in _numbers(strides, 1, [max(room) + _FEW] * 2):
                height, width = map(output_size, size, k, s, p, d)
                yield Way(size, k, s, p, (height, width))


def _axes(layer: Window) -> list[tuple[Number, Number]]:
    """Give kernel size and padding, as they are written, for each axis."""
    k, p = (v if isinstance(v, tuple) else (v, v) for v in (layer.kernel_size, layer.padding))
    return [*zip(k, p, strict=True)]


def _numbers(written: Size, least: int, most: Sequence[int]) -> Iterator[Pair]:
    """Give each pair that may stand for what is written; a single "?" is the same on both axes."""
    if written == "?":
        yield from ((n, n) for n in range(least, min(most) + 1))
    elif isinstance(written, tuple):
        axes = [
            range(least, top + 1) if n == "?" else (n,)
            for n, top in zip(written, most, strict=True)
        ]
        yield from product(*axes)
    else:
        yield (written, written)


def _why(layer: Window, size: Pair) -> str:
    """Say why no number fits: the kernel is too large, even for the largest size there is."""
    if not {"kernel_size", "padding"} & {*layer.blanks}:
        numbers = (layer.kernel_size, layer.padding, layer.dilation)
        for n, k, p, d in zip(size, *map(pair, numbers), strict=True):
            try:
                output_size(n, k, padding=p, dilation=d)
            except ValueError as error:
                return str(error)
    return f"no number fits for '?' with an input of {size[0]} × {size[1]}"
