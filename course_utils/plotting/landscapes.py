"""Functions of two numbers: surfaces, maps to read values off, paths on them.

Numbers in, Axes out, in the style of ``course_utils.plotting``. A panel is a title and its values
[B, W] over the grid w, b; the panels of one figure stand side by side, each with its own height and
colours, unless these are in equal ratios: then all panels share one scale. Values of both signs are
white at 0.
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

__all__ = ["contours", "size_maps", "step_maps", "surfaces"]

Panels = Mapping[str, npt.ArrayLike]
Path = Sequence[npt.ArrayLike]  # (w, b) on a map, (w, b, height) on a surface
Paths = Mapping[str, Sequence[Path]]

_SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "#F7F7F7", VERMILION])
_NEVER = "#B8B8B8"


@style()
def surfaces(
    w: npt.ArrayLike,
    b: npt.ArrayLike,
    panels: Panels,
    *,
    zlabel: str = "loss",
    up: float = 0.8,
    paths: Paths | None = None,
) -> list[Axes]:
    """Draw each panel as a surface over the grid w, b [B, W]; gives its 3-D axes.

    One unit of w is as long as one unit of b. The height has its own scale and is ``up`` times the
    width of the grid. ``paths`` holds ways (w, b, height) on a panel, by its title: a ring at the
    start, a dot at the end.

    Raises
    ------
    ValueError
        For no panel, values of another shape than the grid's, or paths on no panel.
    """
    values = _read(w, b, panels)
    ways = _titled(paths, values)
    across, down = np.asarray(w), np.asarray(b)
    n = len(values)
    figure = plt.figure(figsize=(WIDTH, 5.4 if n == 1 else 3.7), layout="none")
    drawn = []
    for i, (title, z) in enumerate(values.items()):
        axes: Any = figure.add_axes(
            (i / n - 0.03, 0, 1 / n - 0.02, 0.92), projection="3d", computed_zorder=False
        )
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
        _draw_paths(axes, ways.get(title, ()))
        axes.set_title(title, loc="center", y=1.0)
        axes.set(xlabel="weight w", ylabel="bias b", facecolor="none")
        axes.zaxis.set_rotate_label(False)
        axes.set_zlabel(zlabel, rotation=90)
        axes.set_box_aspect((np.ptp(across), np.ptp(down), up * np.ptp(across)), zoom=0.86)
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
    paths: Paths | None = None,
) -> list[Axes]:
    """Draw each panel as a map over the grid w, b [B, W], with labelled lines of equal value.

    ``levels`` are the values of the lines; without them, about six round ones are found. ``paths``
    holds ways (w, b) over a panel, by its title: a ring at the start, a dot at the end.

    Raises
    ------
    ValueError
        For no panel, values of another shape than the grid's, or paths over no panel.
    """
    values = _read(w, b, panels)
    ways = _titled(paths, values)
    across, down = np.asarray(w), np.asarray(b)
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
        axes.clabel(lines, fontsize=12, fmt=_number, manual=_spread(lines))
        for label in axes.texts:  # a patch hides the neighbouring lines
            label.set_bbox({"facecolor": "w", "alpha": 0.75, "edgecolor": "none", "pad": 0.6})
        _draw_paths(axes, ways.get(title, ()))
        axes.set(title=title, xlabel="weight w", aspect="equal")
        axes.grid(False)
    drawn[0].set_ylabel("bias b")
    return drawn


@style()
def size_maps(
    w: npt.ArrayLike,
    b: npt.ArrayLike,
    panels: Panels,
    *,
    label: str,
    least: float = 1e-6,
    paths: Paths | None = None,
) -> list[Axes]:
    """Draw sizes of any order by colours in equal ratios, one scale for all panels.

    Each panel holds values [B, W] of at least 0 over the grid w, b; whatever is below ``least`` is
    drawn as that. ``paths`` as in ``contours``.

    Raises
    ------
    ValueError
        For no panel, values of another shape than the grid's or none above ``least``, or paths
        over no panel.
    """
    values = _read(w, b, panels)
    ways = _titled(paths, values)
    across, down = np.asarray(w), np.asarray(b)
    largest = max(float(z.max()) for z in values.values())
    if not largest > least:
        raise invalid("least", least, f"use less than the largest value, {largest:g}")
    figure, drawn = _row(len(values), 1.35)
    for axes, (title, z) in zip(drawn, values.items(), strict=True):
        seen = np.maximum(z, least)
        shown = axes.pcolormesh(
            across, down, seen, norm=LogNorm(least, largest), shading="gouraud", rasterized=True
        )
        _draw_paths(axes, ways.get(title, ()))
        axes.set(title=title, xlabel="weight w", aspect="equal")
        axes.grid(False)
    drawn[0].set_ylabel("bias b")
    figure.colorbar(shown, ax=drawn, label=label, shrink=0.8, location="bottom", aspect=35)
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


def _draw_paths(axes: Any, ways: Sequence[Path]) -> None:
    """Draw each way over everything else: a ring at its start, a dot at its end."""
    for way in ways:
        points = [np.asarray(part) for part in way]
        axes.plot(*points, "-", color="w", linewidth=5, zorder=5)
        axes.plot(*points, "-", color="k", linewidth=2.4, zorder=6)
        for end, size, face in ((slice(1), 13, "w"), (slice(-1, None), 8, "k")):
            at = [part[end] for part in points]
            axes.plot(*at, "o", color="k", mfc=face, mew=2, markersize=size, zorder=7)


def _spread(drawn: QuadContourSet) -> list[tuple[float, float]]:
    """Give a place for a label on each line long enough, away from its ends and other labels."""
    lines = [line for level in drawn.allsegs for line in level if len(line)]
    longest = max((np.ptp(line, axis=0).max() for line in lines), default=0)
    places: list[tuple[float, float]] = []
    for line in (line for line in lines if np.ptp(line, axis=0).max() > longest / 5):
        free = line[(len(line) * np.linspace(0.15, 0.85, 15)).astype(int)]
        apart = [min((float(np.hypot(*(p - q))) for q in places), default=0.0) for p in free]
        x, y = free[int(np.argmax(apart))] if places else free[len(free) // 2]
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


def _titled(paths: Paths | None, values: Mapping[str, object]) -> Paths:
    for title in paths or {}:
        if title not in values:
            raise ValueError(f"paths: {title!r} is not a panel's title; use one of {list(values)}")
    return paths or {}


def _scale(z: npt.NDArray[Any]) -> tuple[float, float, Colormap]:
    low, high = float(z.min()), float(z.max())
    if low < 0 < high:
        end = max(-low, high)
        return -end, end, _SIGNED
    return low, high, plt.get_cmap("viridis")
