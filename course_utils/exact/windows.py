"""The output size of a window, and every place where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from course_utils.basics.checks import integer, integers
from course_utils.exact.steps import Index


def output_size(
    n: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Give the size of a window layer's output along one axis, in pixels.

    ⌊(n + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1. The window covers
    dilation·(kernel_size − 1) + 1 of the n + 2·padding pixels in its first place; after that it
    takes as many whole strides as there is room for. All numbers are pixels.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016),
    relationships 6 and 15.

    >>> output_size(28, 5, stride=2, padding=1)
    13

    Raises
    ------
    ValueError
        For a number that is too small, and for a kernel larger than the padded input.
    """
    n, k = integer("n", n), integer("kernel_size", kernel_size)
    s, p = integer("stride", stride), integer("padding", padding, least=0)
    d = integer("dilation", dilation)
    _check_fit(f"kernel_size: {k}", n, k, p, d)
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


@dataclass(frozen=True)
class Windows:
    """All windows of a kernel on an input, with one number per axis in each field."""

    size: Index
    kernel: Index
    stride: Index
    padding: Index
    dilation: Index

    @property
    def output(self) -> Index:
        """The output size along each axis."""
        axes = (self.size, self.kernel, self.stride, self.padding, self.dilation)
        return tuple(map(output_size, *axes))

    def at(self, out: Index) -> Iterator[tuple[Index, Index | None]]:
        """Give each place in the kernel with the input's place under it, None in the padding."""
        for inside in product(*map(range, self.kernel)):
            axes = zip(out, self.stride, self.padding, inside, self.dilation, strict=True)
            place = tuple(o * s - p + i * d for o, s, p, i, d in axes)
            within = all(0 <= i < n for i, n in zip(place, self.size, strict=True))
            yield inside, place if within else None


def windows(
    size: Index,
    kernel: Index,
    stride: Any,
    padding: Any,
    dilation: Any,
    *,
    given: str = "w: a kernel of size",
) -> Windows:
    """Check the numbers against one another; ``given`` names the kernel's size in an error."""
    axes = len(size)
    found = Windows(
        size,
        kernel,
        integers("stride", stride, axes),
        integers("padding", padding, axes, least=0),
        integers("dilation", dilation, axes),
    )
    for n, k, p, d in zip(size, kernel, found.padding, found.dilation, strict=True):
        _check_fit(f"{given} {k}", n, k, p, d)
    return found


def pooling_windows(size: Index, kernel_size: Any, stride: Any, padding: Any) -> Windows:
    """Give the windows of a pooling, whose stride is the kernel size unless given."""
    kernel = integers("kernel_size", kernel_size, len(size))
    stride = kernel if stride is None else stride
    padding = integers("padding", padding, len(size), least=0)
    for k, p in zip(kernel, padding, strict=True):
        if 2 * p > k:
            raise ValueError(
                f"padding: {p} is more than half of the kernel size {k}; use at most half"
            )
    return windows(size, kernel, stride, padding, 1, given="kernel_size:")


def _check_fit(given: str, n: int, k: int, p: int, d: int) -> None:
    """Refuse a kernel that is larger than the padded input."""
    reach = d * (k - 1) + 1
    if reach > n + 2 * p:
        dilated = f", {reach} wide with dilation {d}," if d > 1 else ""
        raise ValueError(
            f"{given}{dilated} is larger than the padded input, "
            f"{n} + 2·{p} = {n + 2 * p}; it must fit"
        )
