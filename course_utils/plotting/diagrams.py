"""Layers along one dimension as rows of dots: which inputs feed which output."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from course_utils.basics.checks import integer
from course_utils.exact import output_size
from course_utils.plotting.look import BLUE, GREY, VERMILION, WIDTH, style

__all__ = ["Window", "fields", "wiring"]

Window = tuple[int, int, int]  # kernel size, stride, padding


def fields(windows: Sequence[Window], size: int, output: int) -> list[range]:
    """Which numbers one output depends on, row by row from the input up; padding is left out.

    ``windows`` has (kernel_size, stride, padding) for each layer, ``size`` is the length of the
    input, ``output`` the index, from 0, of a number of the last layer. The first range is the
    receptive field, cut off at the borders.

    Raises
    ------
    ValueError
        For a window that is larger than its padded input, and an output that is not there.

    Examples
    --------
    >>> fields([(3, 1, 0), (3, 2, 0)], size=9, output=1)
    [range(2, 7), range(2, 5), range(1, 2)]
    """
    sizes = _sizes(windows, size)
    integer("output", output, least=0, most=sizes[-1] - 1)
    found = [range(output, output + 1)]
    for (kernel, stride, padding), n in zip(windows[::-1], sizes[-2::-1], strict=True):
        first = found[-1].start * stride - padding
        last = (found[-1].stop - 1) * stride - padding + kernel
        found.append(range(max(first, 0), min(last, n)) if found[-1] else range(0))
    return found[::-1]


@style()
def wiring(
    windows: Sequence[Window],
    size: int,
    *,
    output: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each layer's numbers as a row of dots, the input lowest, with a line for each weight.

    A dot stands above the middle of what it sees. What ``output`` (the middle one unless given)
    depends on is drawn in colour, and padding as open dots.

    Raises
    ------
    ValueError
        As ``fields`` does.
    """
    sizes = _sizes(windows, size)
    output = sizes[-1] // 2 if output is None else output
    seen = fields(windows, size, output)
    ax = ax or plt.subplots(figsize=(WIDTH, 1.2 + len(windows)))[1]
    start, jump = 0.0, 1
    for level, (kernel, stride, padding) in enumerate(windows):
        n, outputs = sizes[level], sizes[level + 1]
        above = start + jump * ((kernel - 1) / 2 - padding), jump * stride
        for i in range(outputs):
            chosen = i in seen[level + 1]
            for k in range(i * stride - padding, i * stride - padding + kernel):
                ends = [start + jump * k, above[0] + above[1] * i]
                colour, width = (VERMILION, 1.8) if chosen else ("#CCCCCC", 0.9)
                ax.plot(ends, [level, level + 1], color=colour, lw=width, zorder=1 + chosen)
        ends_of_row = [*range(-padding, 0), *range(n, n + padding)]
        ax.plot(
            [start + jump * k for k in ends_of_row],
            [level] * len(ends_of_row),
            "o",
            mfc="white",
            mec=GREY,
            zorder=3,
        )
        _row(ax, level, start, jump, n, seen[level], BLUE)
        start, jump = above
    _row(ax, len(windows), start, jump, sizes[-1], seen[-1], VERMILION)
    ax.set_yticks(range(len(sizes)), ["input", *(f"layer {i}" for i in range(1, len(sizes)))])
    ax.set(xlabel="position, in input pixels", ylim=(-0.5, len(windows) + 0.5))
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    if title is not None:
        ax.set_title(title)
    return ax


def _row(ax: Axes, level: int, start: float, jump: int, n: int, seen: range, colour: str) -> None:
    colours = [colour if i in seen else GREY for i in range(n)]
    ax.scatter([start + jump * i for i in range(n)], [level] * n, s=60, c=colours, zorder=4)


def _sizes(windows: Sequence[Window], size: int) -> list[int]:
    if not windows:
        raise ValueError("windows: there are none; a drawing needs at least one layer")
    sizes = [size]
    for window in windows:
        try:
            sizes.append(output_size(sizes[-1], *window))
        except ValueError as error:
            raise ValueError(f"windows: {window}: {error}") from None
    return sizes
