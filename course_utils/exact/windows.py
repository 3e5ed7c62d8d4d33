"""Where does a window stand? Kernel size, stride, padding and dilation, checked and counted out."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from course_utils.exact.steps import Index


@dataclass(frozen=True)
class Windows:
    """All windows of a kernel on an input, one number an axis in each field.

    Output size an axis: ⌊(input + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 pixels.
    """

    size: Index
    kernel: Index
    stride: Index
    padding: Index
    dilation: Index

    @property
    def output(self) -> Index:
        return tuple(
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, k, s, p, d in zip(
                self.size, self.kernel, self.stride, self.padding, self.dilation, strict=True
            )
        )

    def at(self, out: Index) -> Iterator[tuple[Index, Index | None]]:
        """Give each place in the kernel with the input's place under it, None in the padding."""
        for inside in product(*map(range, self.kernel)):
            axes = zip(out, self.stride, self.padding, inside, self.dilation, strict=True)
            place = tuple(o * s - p + i * d for o, s, p, i, d in axes)
            within = all(0 <= i < n for i, n in zip(place, self.size, strict=True))
            yield inside, place if within else None


def windows(
    size: Index, kernel: Index, stride: Any, padding: Any, dilation: Any, *, name: str = "w"
) -> Windows:
    """Check the numbers against one another; `name` is what the kernel's size came from."""
    axes = len(size)
    found = Windows(
        size,
        kernel,
        whole_numbers("stride", stride, axes, least=1),
        whole_numbers("padding", padding, axes, least=0),
        whole_numbers("dilation", dilation, axes, least=1),
    )
    for n, k, p, d in zip(size, kernel, found.padding, found.dilation, strict=True):
        reach = d * (k - 1) + 1
        if reach > n + 2 * p:
            dilated = f", {reach} wide with dilation {d}," if d > 1 else ""
            raise ValueError(
                f"{name}: a kernel of size {k}{dilated} is larger than the padded input, "
                f"{n} + 2·{p} = {n + 2 * p}; it must fit"
            )
    return found


def pooling_windows(size: Index, kernel_size: Any, stride: Any, padding: Any) -> Windows:
    """Give the windows of a pooling, whose stride is the kernel size unless stated."""
    kernel = whole_numbers("kernel_size", kernel_size, len(size), least=1)
    stride = kernel if stride is None else stride
    padding = whole_numbers("padding", padding, len(size), least=0)
    for k, p in zip(kernel, padding, strict=True):
        if 2 * p > k:
            raise ValueError(
                f"padding: {p} is more than half of the kernel size {k}; use at most half"
            )
    return windows(size, kernel, stride, padding, 1, name="kernel_size")


def whole_numbers(name: str, value: Any, axes: int, *, least: int) -> Index:
    """Read one integer, or one an axis, none below `least`."""
    values = value if isinstance(value, tuple | list) else (value,) * axes
    try:
        numbers = tuple(operator.index(v) for v in values)
    except TypeError:
        numbers = ()
    if len(numbers) != axes or any(isinstance(v, bool) for v in values) or min(numbers) < least:
        each = f" or {axes} of them" if axes > 1 else ""
        raise ValueError(
            f"{name}: {value!r} does not do; it must be an integer from {least} up{each}"
        )
    return numbers
