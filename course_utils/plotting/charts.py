"""Charts of plain numbers: grids of images, confusion matrices, intervals, bars.

Accuracies are fractions and are drawn in %.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from course_utils.basics.checks import integer, invalid, square_counts
from course_utils.plotting.look import (
    BLACK,
    BLUE,
    COLOURS,
    SKY,
    VERMILION,
    WIDTH,
    headline,
    style,
    thousands,
)

__all__ = ["bars", "confusion", "image_grid", "intervals"]

HOLLOW: dict[str, Any] = {"marker": "D", "mfc": "white", "mec": BLACK, "mew": 1.5, "ms": 9}


@style()
def image_grid(
    images: npt.ArrayLike,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    *,
    wrong: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
    signed: bool = False,
) -> list[Axes]:
    """Draw grey images [N, 1, H, W] or [N, H, W], row by row, each under its own short title.

    uint8 images run from 0 to 255; others are stretched from the lowest pixel of all images to the
    highest. A pixel that is not finite is vermilion. Where ``wrong`` is true, the title is bold and
    vermilion and the image framed. With ``signed``, what is positive is red, what is negative blue,
    and zero white, each image on its own scale: for weights.

    Raises
    ------
    ValueError
        For images of another shape or none, and titles or ``wrong`` of another number.
    """
    pixels = np.asarray(images)
    if pixels.ndim == 4 and pixels.shape[1] == 1:
        pixels = pixels[:, 0]
    if pixels.ndim != 3 or len(pixels) == 0:
        raise ValueError(
            f"images: shape {np.shape(images)} is invalid; use [N, 1, H, W] or [N, H, W], N at "
            "least 1"
        )
    for name, values in [("titles", titles), ("wrong", wrong)]:
        if values is not None:
            _one_each(name, values, len(pixels), "images")
    integer("columns", columns)
    low, high = (0, 255) if pixels.dtype == np.uint8 else _range(pixels)
    greys = plt.get_cmap("gray").with_extremes(bad=VERMILION)
    columns = min(columns, len(pixels)) if len(pixels) >= 5 else min(columns, 5)
    rows = -(-len(pixels) // columns)
    cell = WIDTH / columns
    lines = max((title.count("\n") + 1 for title in titles), default=0) if titles else 0
    _, grid = plt.subplots(
        rows, columns, figsize=(WIDTH, rows * (cell * 0.92 + 0.23 * lines + 0.03)), squeeze=False
    )
    for axes in grid.flat[len(pixels) :]:
        axes.remove()
    drawn: list[Axes] = list(grid.flat[: len(pixels)])
    for i, axes in enumerate(drawn):
        if signed:
            most = np.abs(pixels[i]).max()
            axes.imshow(pixels[i], cmap="RdBu_r", vmin=-most, vmax=most)
        else:
            axes.imshow(np.ma.masked_invalid(pixels[i]), cmap=greys, vmin=low, vmax=high)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        is_wrong = wrong is not None and bool(wrong[i])
        if titles is not None:
            axes.set_title(
                titles[i],
                loc="center",
                fontsize=13,
                pad=3,
                color=VERMILION if is_wrong else "#1A1A1A",
                fontweight="bold" if is_wrong else "normal",
            )
        if is_wrong:
            axes.spines[:].set(visible=True, color=VERMILION, linewidth=2.5)
    return drawn


@style()
def confusion(
    matrix: npt.ArrayLike, classes: Sequence[str] | None = None, *, title: str | None = None
) -> Axes:
    """Draw a confusion matrix [C, C]: true classes down, predicted classes across, with counts.

    The colour scale belongs to the mistakes alone. The diagonal, many times larger, is grey.

    Raises
    ------
    ValueError
        For a matrix that is not square, or of shares, and another number of classes.
    """
    counts = square_counts("matrix", matrix)
    names = [str(i) for i in range(len(counts))] if classes is None else list(classes)
    _one_each("classes", names, len(counts), "rows")
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    most = max(wrong.max(), 1)
    figure, axes = plt.subplots(figsize=(WIDTH, WIDTH * 0.92))
    blues = LinearSegmentedColormap.from_list("mistakes", ["white", SKY, BLUE])
    axes.imshow(wrong, cmap=blues, vmin=0, vmax=most)
    for (true, predicted), count in np.ndenumerate(counts):
        if true == predicted:
            axes.add_patch(Rectangle((predicted - 0.5, true - 0.5), 1, 1, color="#E8E8E8"))
        elif count == 0:
            continue
        dark = true != predicted and count > 0.7 * most
        axes.text(predicted, true, f"{count}", ha="center", va="center", color="w" if dark else "k")
    axes.set_xticks(range(len(counts)), names)
    axes.set_yticks(range(len(counts)), names)
    axes.set(xlabel="predicted class (the cells count examples)", ylabel="true class")
    axes.grid(False)
    axes.tick_params(length=0)
    axes.spines[:].set(visible=True, color="#CCCCCC")
    headline(figure, title)
    return axes


@style()
def intervals(
    rows: Sequence[Sequence[Any]],
    *,
    names: Sequence[str] = ("ours",),
    xlabel: str = "test accuracy (%)",
    unit: float = 100,
    difference: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw reported values (hollow diamonds) against our means and their 95 % intervals.

    Parameters
    ----------
    rows : (label, reported, ours): ``reported`` a number or None, ``ours`` an ``Interval`` of
        ``course_utils.evaluation`` (anything with mean, low and high), or several of them.
    names : what the intervals of a row are, as many as it has.
    unit : what values are multiplied by: 100 makes % of a fraction.
    difference : whether to draw ours minus the reported value, which shows small differences
        between rows that lie far apart.

    Raises
    ------
    ValueError
        For no rows, one with more or fewer intervals than names, and a difference to None.
    """
    if not rows:
        raise invalid("rows", rows, "use at least one")
    for row in rows:
        if len(row) != 2 + len(names):
            raise ValueError(
                f"rows: {row[0]!r} has {len(row)} entries; use label, reported, {', '.join(names)}"
            )
        if difference and row[1] is None:
            raise ValueError(
                f"rows: {row[0]!r} has no reported value; use one in each row for a difference"
            )
    step = 0.2 if len(names) > 1 else 0.0
    figure, axes = plt.subplots(figsize=(WIDTH, 1.9 + len(rows) * (0.32 + 0.14 * len(names))))
    for y, (_, reported, *ours) in enumerate(rows):
        zero = reported if difference else 0
        if reported is not None:
            axes.plot(unit * (reported - zero), y, zorder=2, **HOLLOW)
        for i, (interval, colour) in enumerate(zip(ours, COLOURS, strict=False)):
            at = y + step * (2 * i - len(names) + 1)
            axes.plot(
                [unit * (interval.low - zero), unit * (interval.high - zero)],
                [at, at],
                "-|",
                color=colour,
                markersize=9,
                linewidth=2.2,
                zorder=3,
            )
            axes.plot(unit * (interval.mean - zero), at, "os^v"[i % 4], color=colour, zorder=4)
    axes.set_yticks(range(len(rows)), [str(row[0]) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"ours − reported: {xlabel}" if difference else xlabel)
    handles = [
        Line2D([], [], color=colour, marker="os^v"[i % 4], label=f"{name}: mean and 95 % interval")
        for i, (name, colour) in enumerate(zip(names, COLOURS, strict=False))
    ]
    handles.insert(0, Line2D([], [], linestyle="none", label="reported", **HOLLOW))
    figure.legend(handles=handles, loc="outside lower center", ncols=1)
    headline(figure, title)
    return axes


@style()
def bars(
    values: Sequence[float] | npt.NDArray[Any],
    labels: Sequence[str] | None = None,
    *,
    xlabel: str = "class",
    ylabel: str = "number of examples",
    title: str | None = None,
) -> Axes:
    """Draw one bar a value, from zero, with its number on top: the balance of the classes, say.

    Raises
    ------
    ValueError
        For labels of another number than the values.
    """
    heights = np.asarray(values)
    names = [str(i) for i in range(len(heights))] if labels is None else list(labels)
    _one_each("labels", names, len(heights), "values")
    figure, axes = plt.subplots(figsize=(WIDTH, 3.6))
    drawn = axes.bar(range(len(names)), heights, color=BLUE, width=0.75)
    axes.set_xticks(range(len(names)), names)  # two bars may have one name
    axes.bar_label(drawn, [f"{height:,}" for height in heights], padding=2, fontsize=12)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.yaxis.set_major_formatter(thousands)
    axes.grid(False, axis="x")
    axes.margins(y=0.12)
    headline(figure, title)
    return axes


def _range(pixels: npt.NDArray[Any]) -> tuple[float, float]:
    """Give the lowest and the highest pixel, of those that are finite."""
    finite = pixels[np.isfinite(pixels)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _one_each(name: str, values: Sized, count: int, of: str) -> None:
    """Require as many values as there are of something."""
    if len(values) != count:
        raise ValueError(f"{name}: {len(values)} for {count} {of}; use one for each")
