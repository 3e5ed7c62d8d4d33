"""Differences between experiments: each pair of seeds, the mean with its interval, and zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from course_utils.basics.checks import invalid
from course_utils.basics.numerals import signed
from course_utils.plotting.look import BLUE, GREY, VERMILION, WIDTH, headline, style

__all__ = ["differences"]

LINEAR = (
    1.0  # points on both sides of zero that are drawn to scale; beyond, the axis is logarithmic
)
TICKS = (-10, -3, -1, -0.5, 0, 0.5, 1, 3, 10, 100)


@style()
def differences(
    rows: Sequence[tuple[str, Any, Sequence[float]]],
    *,
    margin: float | None = None,
    xlabel: str = "difference of the test accuracies, points",
    title: str | None = None,
    note: str | None = None,
) -> Axes:
    """Draw differences of accuracies in points, one row each, about a line at zero.

    An interval that reaches across zero is grey.

    Parameters
    ----------
    rows : (label, comparison, each): a ``Comparison`` of ``course_utils.evaluation`` (anything with
        difference, low and high), and the difference of each pair of seeds; none where it is
        unpaired. All are fractions.
    margin : a fraction; differences inside ±margin are the same, and lie on a grey band.
    title, note : the line above, and the line under it.

    Raises
    ------
    ValueError
        For no rows.
    """
    if not rows:
        raise invalid("rows", rows, "use at least one")
    figure, axes = plt.subplots(figsize=(WIDTH, 1.3 + 0.55 * len(rows)))
    if margin is not None:
        axes.axvspan(-100 * margin, 100 * margin, color="#DDDDDD", linewidth=0)
    axes.axvline(0, color="black", linewidth=1)
    for y, (label, found, each) in enumerate(rows):
        colour = GREY if found.low <= 0 <= found.high else BLUE if found.low > 0 else VERMILION
        ends = [100 * found.low, 100 * found.high]
        axes.plot(ends, [y, y], "-|", color=colour, markersize=9, linewidth=2.2)
        axes.plot(100 * np.asarray(each), np.full(len(each), y + 0.14), ".", color=colour)
        axes.plot(100 * found.difference, y, "o", color=colour)
        axes.annotate(
            label, (0, y - 0.3), (0, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", fontsize=12, va="center", bbox={"color": "white", "pad": 1},
        )  # fmt: skip
    if max(map(abs, axes.get_xlim())) > LINEAR:
        axes.set_xscale("symlog", linthresh=LINEAR)
        axes.autoscale(axis="x")
        ticks = [tick for tick in TICKS if _between(tick, axes.get_xlim())]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())
        xlabel += f" (log beyond ±{LINEAR:g})"
    axes.xaxis.set_major_formatter(FuncFormatter(_written))
    axes.set_yticks([])
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(xlabel)
    headline(figure, title, note)
    return axes


def _between(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _written(points: float, _: object = None) -> str:
    decimals = f"{points:.6f}".rstrip("0").partition(".")[2]
    return signed(points, len(decimals)) if decimals or round(points) else "0"
