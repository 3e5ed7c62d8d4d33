"""Searches for a learning rate: the error on validation images over the rates that were tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from course_utils.basics.checks import invalid
from course_utils.plotting.look import COLOURS, WIDTH, headline, style

__all__ = ["learning_rates"]

TICKS = [share * 10.0**power for power in (0, 1) for share in (1, 2, 5)] + [0.5, 100.0]


@style()
def learning_rates(
    sweeps: Mapping[str, Any], *, title: str | None = None, note: str | None = None
) -> Axes:
    """Draw the error in % over the learning rate, both on logarithmic axes.

    A dot is one seed, a line runs through the means, and a ring marks the best rate.

    Parameters
    ----------
    sweeps : by label, objects with ``rates``, their ``accuracies`` [rates, seeds] as fractions, and
        the ``best`` rate, such as ``experiments.RateSweep``.
    title, note : the line above, and the line under it.

    Raises
    ------
    ValueError
        For no sweep, or more than there are colours.
    """
    if not 1 <= len(sweeps) <= len(COLOURS):
        raise invalid("sweeps", list(sweeps), f"use 1 to {len(COLOURS)}, one per colour")
    figure, axes = plt.subplots(figsize=(WIDTH, 4.2))
    for (label, sweep), colour in zip(sweeps.items(), COLOURS, strict=False):
        rates = np.asarray(sweep.rates, dtype=float)
        errors = 100 * (1 - np.asarray(sweep.accuracies, dtype=float))
        mean = errors.mean(axis=1)
        axes.plot(rates, mean, color=colour, label=label)
        for seed in errors.T:
            axes.plot(rates, seed, "o", color=colour, markersize=4)
        best = rates == sweep.best
        axes.plot(rates[best], mean[best], "o", color=colour, mfc="none", markersize=12)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_yticks([tick for tick in TICKS if _between(tick, axes.get_ylim())])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("learning rate")
    axes.set_ylabel("validation error (%)")
    if len(sweeps) > 1:
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=3)
    headline(figure, title, note)
    return axes


def _between(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
