"""Means over seeds with their 95 % intervals, along steps, epochs or layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from course_utils.basics.checks import invalid
from course_utils.evaluation import half_widths
from course_utils.plotting.look import COLOURS, WIDTH, style

__all__ = ["bands"]


@style()
def bands(
    series: Mapping[str, npt.ArrayLike],
    *,
    x: npt.ArrayLike | Mapping[str, npt.ArrayLike] | None = None,
    log: bool = False,
    markers: str = "",
    axes: Axes | None = None,
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw the mean over seeds of each series, and a band for its 95 % interval.

    Parameters
    ----------
    series : by label, numbers [seeds, points]. One seed is a line without a band.
    x : where the points lie, for all series or by label; 1, 2, 3, … by default.
    log : draw an axis of powers; mean and interval are then those of the logarithms.
    markers : one for each series, such as "os^".
    axes : where to draw; a new figure by default.
    xlabel, ylabel : the names of the axes.

    Raises
    ------
    ValueError
        For no series, or more than there are colours; for a series that isn't [seeds, points], and
        with ``log`` for one that has a number of 0 or less.

    Examples
    --------
    >>> axes = bands({"a": [[1, 2, 4], [1, 2, 4]]}, log=True)
    >>> axes.lines[0].get_ydata().round(6).tolist()
    [1.0, 2.0, 4.0]
    """
    if not 1 <= len(series) <= len(COLOURS):
        raise invalid("series", list(series), f"use 1 to {len(COLOURS)}, one per colour")
    if axes is None:
        _, axes = plt.subplots(figsize=(WIDTH, 3.8))
    for place, (label, values) in enumerate(series.items()):
        found = np.asarray(values, dtype=float)
        if found.ndim != 2 or not len(found):
            raise ValueError(f"series: {label!r} has shape {found.shape}; use [seeds, points]")
        if log and found.min() <= 0:
            raise ValueError(f"series: {label!r} has {found.min():g}; use numbers above 0 with log")
        where = x[label] if isinstance(x, Mapping) else x
        at = np.arange(1, found.shape[1] + 1) if where is None else np.asarray(where)
        found = np.log(found) if log else found
        mean, half = found.mean(axis=0), np.nan_to_num(half_widths(found))
        lines = [mean - half, mean, mean + half]
        low, middle, high = map(np.exp, lines) if log else lines
        look: dict[str, Any] = {"marker": markers[place], "markersize": 5} if markers else {}
        axes.plot(at, middle, color=COLOURS[place], label=label, **look)
        axes.fill_between(at, low, high, color=COLOURS[place], alpha=0.2, linewidth=0)
    if log:
        axes.set_yscale("log")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return axes
