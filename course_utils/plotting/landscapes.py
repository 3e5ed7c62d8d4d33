"""Functions of two numbers: surfaces, maps to read values off, paths on them.

Numbers in, Axes out, in the style of ``course_utils.plotting``. A panel is a title and its values
[B, W] over the grid w, b; the panels of one figure stand side by side, each with its own height and
colours. Values of both signs are white at 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_utils.basics.checks import invalid
from course_utils.basics.numerals import minus
from course_utils.plotting.look import BLUE, VERMILION, WIDTH, style

__all__ = ["contours", "step_maps", "surfaces"]

Panels = Mapping[str, npt.ArrayLike]
Path = tuple[npt.ArrayLike, npt.ArrayLike]

_SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "#F7F7F7", VERMILION])
_NEVER = "#B8B8B8"


@style()
def surfaces(
    w: npt.ArrayLike, b: npt.ArrayLike, panels: Panels, *, zlabel: str = "loss", up: float = 0.8
) -> list[Axes]:
    """Draw each panel as a surface over the grid w, b [B, W]; gives its 3-D axes.

    One unit of w is as long as one unit of b. The height has its own scale and is ``up`` times the
    width of the grid.

    Raises
    ------
    ValueError
        For no panel, or values of another shape than the grid's.
    """
    values = _read(w, b, panels)
    across, down = np.asarray(w), np.asarray(b)
    n = len(values)
    figure = plt.figure(figsize=(WIDTH, 5.4 if n == 1 else 4.2), layout="none")
    drawn = []
    for i, (title, z) in enumerate(values.items()):
        axes: Any = figure.add_axes((i / n - 0.03, 0, 1 / n - 0.02, 0.92), projection="3d")
        low, high, colours = _scale(z)
        axes.plot_surface(
            across,
            down,
            z,
            cmap=colours,
            vmin=low,
            vmax=high,
            rcount=50,
            ccount=50,
            linewidth=0.2,
            edgecolor="#00000060",
        )
        axes.set_title(title, loc="center", y=1.0)
        axes.set(xlabel="weight w", ylabel="bias b", facecolor="none")
        axes.zaxis.set_rotate_label(False)
        axes.set_zlabel(zlabel, rotation=90)
        axes.set_box_aspect((np.ptp(across), np.ptp(down), up * np.ptp(across)), zoom=0.84)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_major_locator(MaxNLocator(4))
            axis.labelpad = 5
        axes.zaxis.labelpad = 14
        axes.tick_params(pad=0)
        axes.tick_params(axis="z", pad=6)
        axes.view_init(elev=28, azim=-55)
        drawn.append(axes)
    return drawn


@style()
def contours(
    w: npt.ArrayLike,
    b: npt.ArrayLike,
    panels: Panels,
    *,
    levels: Sequence[float] | None = None,
    paths: Mapping[str, Sequence[Path]] | None = None,
) -> list[Axes]:
    """Draw each panel as a map over the grid w, b [B, W], with labelled lines of equal value.

    ``levels`` are the values of the lines; without them, about six round ones are found. ``paths``
    holds ways (w, b) over a panel, by its title: a dot at the start, a ring at the end.

    Raises
    ------
    ValueError
        For no panel, values of another shape than the grid's, or paths over no panel.
    """
    values = _read(w, b, panels)
    across, down = np.asarray(w), np.asarray(b)
    ways = paths or {}
    for title in ways:
        if title not in values:
            raise ValueError(f"paths: {title!r} is not a panel's title; use one of {list(values)}")
    _, drawn = _row(len(values), 0.9)
    for axes, (title, z) in zip(drawn, values.items(), strict=True):
        low, high, colours = _scale(z)
        at = (
            MaxNLocator(8 if len(values) == 1 else 5).tick_values(low, high)
            if levels is None
            else np.asarray(levels)
        )
        axes.pcolormesh(across, down, z, cmap=colours, vmin=low, vmax=high, alpha=0.6)
        lines = axes.contour(across, down, z, levels=at, colors="k", linewidths=1)
        axes.clabel(lines, fontsize=12, fmt=_number, inline_spacing=2, manual=_spread(lines))
        for path_w, path_b in ways.get(title, ()):
            way_w, way_b = np.asarray(path_w), np.asarray(path_b)
            axes.plot(way_w, way_b, "-", color="k", linewidth=2.4)
            axes.plot(way_w[:1], way_b[:1], "o", color="k", markersize=8)
            axes.plot(way_w[-1:], way_b[-1:], "o", color="k", mfc="w", mew=2, markersize=8)
        axes.set(title=title, xlabel="weight w", aspect="equal")
        axes.grid(False)
    drawn[0].set_ylabel("bias b")
    return drawn


@style()
def step_maps(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    panels: Panels,
    *,
    xlabel: str = "weight w at the start",
    ylabel: str = "bias b at the start",
    most: float | None = None,
    logarithmic_y: bool = False,
) -> list[Axes]:
    """Draw how many steps it takes, from 1 to ``most``, by colours in equal ratios.

    Each panel holds numbers of steps [B, W] over the grid x, y; infinity is drawn grey.

    Raises
    ------
    ValueError
        For no panel, or values of another shape than the grid's.
    """
    values = _read(x, y, panels)
    finite = [z[np.isfinite(z)] for z in values.values()]
    largest = most or max((float(z.max()) for z in finite if z.size), default=10)
    colours = plt.get_cmap("viridis_r").with_extremes(bad=_NEVER)
    norm = LogNorm(1, max(largest, 10))
    figure, drawn = _row(len(values), 1.5)
    for axes, (title, z) in zip(drawn, values.items(), strict=True):
        seen = np.ma.masked_invalid(np.maximum(z, 1))
        shown = axes.pcolormesh(
            np.asarray(x), np.asarray(y), seen, cmap=colours, norm=norm, rasterized=True
        )
        axes.set(title=title, xlabel=xlabel)
        axes.grid(False)
        axes.set_facecolor(_NEVER)
        if logarithmic_y:
            axes.set_yscale("log")
        else:
            axes.set_aspect("equal")
    drawn[0].set_ylabel(ylabel)
    figure.colorbar(
        shown,
        ax=drawn,
        label="steps (grey: more, or never)",
        shrink=0.8,
        location="bottom",
        aspect=35,
    )
    return drawn


def _number(value: float) -> str:
    return minus(f"{value:.4g}")


def _spread(drawn: QuadContourSet) -> list[tuple[float, float]]:
    """Give a place for a label on each line long enough, away from its ends and neighbours."""
    lines = [line for level in drawn.allsegs for line in level if len(line)]
    longest = max((np.ptp(line, axis=0).max() for line in lines), default=0)
    places = []
    for i, line in enumerate(line for line in lines if np.ptp(line, axis=0).max() > longest / 5):
        x, y = line[int(len(line) * (0.2 + 0.6 * (0.382 * i % 1)))]
        places.append((float(x), float(y)))
    return places


def _row(n: int, below: float) -> tuple[Figure, list[Axes]]:
    """Give n square panels in a row, with room below them, in inches."""
    width = WIDTH if n > 1 else WIDTH * 0.8
    figure, drawn = plt.subplots(
        1, n, figsize=(width, width / n + below - 0.35), sharey=True, squeeze=False
    )
    return figure, list(drawn[0])


def _read(x: npt.ArrayLike, y: npt.ArrayLike, panels: Panels) -> dict[str, npt.NDArray[Any]]:
    if not panels:
        raise invalid("panels", panels, "use at least one title with its values")
    values = {title: np.asarray(z, dtype=float) for title, z in panels.items()}
    for title, z in values.items():
        if z.ndim != 2 or not z.shape == np.shape(x) == np.shape(y):
            raise ValueError(
                f"panels: {title!r} has shape {z.shape}; use [B, W], that of the grid, "
                f"{np.shape(x)} and {np.shape(y)}"
            )
    return values


def _scale(z: npt.NDArray[Any]) -> tuple[float, float, Colormap]:
    low, high = float(z.min()), float(z.max())
    if low < 0 < high:
        end = max(-low, high)
        return -end, end, _SIGNED
    return low, high, plt.get_cmap("viridis")
