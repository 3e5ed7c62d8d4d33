"""Planes: where a network says 1, and the points it was asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from course_utils.basics.checks import integer, invalid
from course_utils.plotting.look import BLACK, BLUE, GREY, VERMILION, WIDTH, style

__all__ = ["Plane", "planes"]

FILL = "#CFE3F1"


class Plane(NamedTuple):
    """One square of a figure.

    ``p`` [n, n] are the probabilities over ``ticks`` [n] in both directions, rows upwards, as
    Matplotlib's ``contourf`` takes them; ``points`` [N, 2] lie on it. ``name`` is the letter at the
    axes; ``threads`` are lines [M, 2] across the square, as of a grid that is bent. A ``framed``
    square stands out.
    """

    ticks: npt.ArrayLike
    p: npt.ArrayLike
    points: npt.ArrayLike
    title: str = ""
    name: str = ""
    threads: Sequence[npt.ArrayLike] = ()
    framed: bool = False


@style()
def planes(squares: Sequence[Plane], targets: npt.ArrayLike, columns: int = 2) -> list[Axes]:
    """Shade where p is above ½, row by row; a full disc has target 1, a ring target 0.

    With more than three columns the squares are small and have a title alone.

    Raises
    ------
    ValueError
        For no squares, and points of another number than the targets.
    """
    if not squares:
        raise invalid("squares", squares, "use at least one")
    columns = min(integer("columns", columns), len(squares))
    small = columns > 3
    one = np.asarray(targets) > 0
    rows = -(-len(squares) // columns)
    side = WIDTH / columns
    height = rows * (side + (0.3 if small else 0.1)) + (0.35 if small else 0.25)
    figure, grid = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False)
    drawn: list[Axes] = list(grid.flat[: len(squares)])
    for axes in grid.flat[len(squares) :]:
        axes.remove()
    for square, axes in zip(squares, drawn, strict=True):
        _draw(axes, square, one, small)
    marks = drawn[0].get_legend_handles_labels()
    figure.legend(*marks, loc="outside lower center", ncols=2)
    return drawn


def _draw(axes: Axes, square: Plane, one: npt.NDArray[np.bool_], small: bool) -> None:
    at, p, points = (np.asarray(a) for a in (square.ticks, square.p, square.points))
    if points.shape != (len(one), 2):
        raise ValueError(
            f"points: shape {points.shape} for {len(one)} targets; use [N, 2], a row for each"
        )
    axes.contourf(at, at, p, levels=[0.5, 2], colors=[FILL])
    for thread in square.threads:
        axes.plot(*np.asarray(thread).T, color=GREY, linewidth=0.9, alpha=0.8, zorder=2)
    axes.contour(at, at, p, levels=[0.5], colors=BLACK, linewidths=1.2 if small else 2)
    scale = 0.36 if small else 1
    rings: dict[str, Any] = {"s": 260 * scale, "color": "white", "ec": VERMILION}
    axes.scatter(
        *points[~one].T, **rings, lw=1.7 if small else 2.8, zorder=3, label="target 0 (off)"
    )
    discs: dict[str, Any] = {"s": 110 * scale, "color": BLUE, "ec": "white"}
    axes.scatter(*points[one].T, **discs, lw=0.4 if small else 0.8, zorder=4, label="target 1 (on)")
    low, high = at[0], at[-1]
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=BLACK, linewidth=1)
    marked = np.linspace(low, high, 3).round(1)[: 0 if small else 3]
    axes.set(xticks=marked, yticks=marked)
    if square.name:
        axes.set(xlabel=f"${square.name}_1$", ylabel=f"${square.name}_2$")
    if square.framed:
        axes.spines[:].set(color=VERMILION, linewidth=3)
    if square.title:
        title = axes.set_title(square.title, loc="center", fontsize=13, pad=4)
        if square.framed:
            title.set(color=VERMILION, fontweight="bold")
