"""What do the numbers look like? Numbers in, Axes out, in one style for the whole course.

Accuracies are fractions and are drawn in %. Colours are Okabe and Ito's, which colour-blind
readers can tell apart; figures are opaque white, so they read the same on light and dark pages,
and no lettering is smaller than 9 px when a figure is 360 px wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from cycler import cycler
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

__all__ = ["COLOURS", "bars", "confusion", "image_grid", "intervals", "learning_curves", "style"]

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#000000", "#767676"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
HOLLOW: dict[str, Any] = {"marker": "D", "mfc": "white", "mec": BLACK, "mew": 1.5, "ms": 9}
WIDTH = 7.2  # inches; 13 pt of it are 9 px on a telephone 360 px wide

STYLE: dict[str, Any] = {
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "axes.facecolor": "white",
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "font.size": 13,
    "axes.labelsize": 13,
    "axes.titlesize": 14,
    "figure.titlesize": 14,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "legend.fontsize": 13,
    "legend.frameon": False,
    "grid.color": "#DDDDDD",
    "lines.linewidth": 1.8,
    "text.color": "#1A1A1A",
    "axes.labelcolor": "#1A1A1A",
    "xtick.color": "#1A1A1A",
    "ytick.color": "#1A1A1A",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the course inside this block, and leave Matplotlib as it was.

    >>> with style():
    ...     plt.rcParams["figure.facecolor"]
    'white'
    """
    with plt.style.context(["default", STYLE]):
        yield


@style()
def learning_curves(
    histories: Any,
    *,
    labels: Sequence[str] | None = None,
    x: Literal["epoch", "examples"] = "epoch",
    first: int = 1,
    title: str | None = None,
    note: str | None = None,
) -> tuple[Axes, Axes]:
    """Draw cost and accuracy during training: train dashed, test solid, one colour an experiment.

    ``histories`` is one experiment or a list of them. An experiment is an object with the lists
    ``train_loss``, ``train_accuracy``, ``test_loss``, ``test_accuracy`` (one value an epoch; a test list
    may be empty) and ``examples_seen``; or a list of such objects, one a seed; or an object whose
    ``curves("test_loss")`` gives [seeds, epochs]. Several seeds become their mean, and a band from
    the lowest to the highest. ``first`` is the first epoch to be drawn: a later one lets a long run
    be read that starts far from where it ends; the axis says so. Where experiments differ in seeds,
    a label gets its own number of them. ``note`` is the line under the title: batch size, rate,
    epochs, time.

    Raises ValueError when labels and experiments differ in number, or seeds in epochs; or when
    ``first`` is no epoch of an experiment.
    """
    experiments = list(histories) if isinstance(histories, list | tuple) else [histories]
    if not experiments:
        raise ValueError("histories must hold at least one history; got none")
    if labels is not None and len(labels) != len(experiments):
        raise ValueError(
            f"labels must name each history; got {len(labels)} for {len(experiments)} histories"
        )
    if x not in ("epoch", "examples"):
        raise ValueError(f'x must be "epoch" or "examples"; got {x!r}')
    figure, (cost, accuracy) = plt.subplots(1, 2, figsize=(WIDTH, 4.6))
    runs, tested, most = list[int](), False, 0
    for experiment, colour in zip(experiments, _colours(len(experiments)), strict=True):
        for axes, what, unit in [(cost, "loss", 1), (accuracy, "accuracy", 100)]:
            for part, dashes in [("train", "--"), ("test", "-")]:
                curves = unit * _curves(experiment, f"{part}_{what}")
                seeds, epochs = curves.shape
                if epochs == 0:
                    continue
                if not 1 <= first <= epochs:
                    raise ValueError(f"first must be one of the {epochs} epochs; got {first}")
                at = np.arange(1, epochs + 1)
                if x == "examples":
                    at = _curves(experiment, "examples_seen")[0]
                at, curves = at[first - 1 :], curves[:, first - 1 :]
                marker = "o" if len(at) == 1 else None
                fill = "white" if part == "train" else colour
                axes.plot(at, curves.mean(0), dashes, color=colour, marker=marker, mfc=fill)
                tested |= part == "test"
                most = max(most, epochs)
                if seeds > 1:
                    axes.fill_between(
                        at, curves.min(0), curves.max(0), color=colour, alpha=0.2, linewidth=0
                    )
        runs.append(seeds)
    along = {"epoch": "epoch", "examples": "training examples seen"}[x]
    if first > 1:
        along += f", from {first} on" if x == "epoch" else f", from epoch {first} on"
    for axes, name in [(cost, "cost (nats)"), (accuracy, "accuracy (%)")]:
        axes.set_title(name)
        axes.set_xlabel(along)
        if x == "epoch":
            axes.xaxis.get_major_locator().set_params(integer=True, nbins=5)
            if most == 1:
                axes.set_xticks([1])
        else:
            axes.xaxis.set_major_locator(MaxNLocator(3))
            axes.xaxis.set_major_formatter(_thousands)
    handles: list[Artist] = [Line2D([], [], color=GREY, linestyle="--", label="train")]
    if tested:
        handles.append(Line2D([], [], color=GREY, label="test"))
    counts = sorted(set(runs))
    if counts != [1]:
        band = f"mean and min–max, {' or '.join(map(str, counts))} seeds"
        handles.append(Rectangle((0, 0), 1, 1, color=GREY, alpha=0.3, label=band))
    for label, colour, seeds in zip(labels or [], COLOURS, runs, strict=False):
        own = f"{label} (n = {seeds})" if len(counts) > 1 else label
        handles.append(Line2D([], [], color=colour, linewidth=4, label=own))
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = max(1, min(len(handles), 76 // (longest + 7)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    figure.set_figheight(3.5 + 0.27 * (-(-len(handles) // columns) + bool(title) + bool(note)))
    _headline(figure, title, note)
    return cost, accuracy


@style()
def image_grid(
    images: npt.ArrayLike,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    *,
    wrong: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
) -> list[Axes]:
    """Draw grey images [N, 1, H, W] or [N, H, W], row by row, each under its own short title.

    uint8 images run from 0 to 255; others are stretched from the lowest pixel of all images to the
    highest. Where ``wrong`` is true, the title is bold and vermilion and the image framed.
    """
    pixels = np.asarray(images)
    if pixels.ndim == 4 and pixels.shape[1] == 1:
        pixels = pixels[:, 0]
    if pixels.ndim != 3 or len(pixels) == 0:
        raise ValueError(
            f"images must be [N, 1, H, W] or [N, H, W] with N > 0; got shape {np.shape(images)}"
        )
    for name, values in [("titles", titles), ("wrong", wrong)]:
        if values is not None and len(values) != len(pixels):
            raise ValueError(
                f"{name} must have one entry an image; got {len(values)} for {len(pixels)}"
            )
    if columns < 1:
        raise ValueError(f"columns must be at least 1; got {columns}")
    low, high = (0, 255) if pixels.dtype == np.uint8 else (pixels.min(), pixels.max())
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
        axes.imshow(pixels[i], cmap="gray", vmin=low, vmax=high)
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
    """
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(f"matrix must be square, [classes, classes]; got shape {counts.shape}")
    names = [str(i) for i in range(len(counts))] if classes is None else list(classes)
    if len(names) != len(counts):
        raise ValueError(f"classes must name each class; got {len(names)} for {len(counts)}")
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    most = max(int(wrong.max()), 1)
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
    _headline(figure, title)
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

    A row is (label, reported, ours): ``reported`` a number or None, ``ours`` an ``Interval`` of
    ``course_utils.evaluation`` (anything with mean, low and high). A row may end in several
    intervals, as many as there are ``names``. Values are multiplied by ``unit``: 100 makes % of a
    fraction. With ``difference``, ours minus the reported value is drawn, which shows small
    differences between rows that lie far apart.
    """
    if not rows:
        raise ValueError("rows must hold at least one row; got none")
    for row in rows:
        if len(row) != 2 + len(names):
            raise ValueError(
                f"rows must be (label, reported, {', '.join(names)}); got {len(row)} entries "
                f"in the row {row[0]!r}"
            )
        if difference and row[1] is None:
            raise ValueError(f"difference needs a reported value in each row; {row[0]!r} has None")
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
    _headline(figure, title)
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
    """Draw one bar a value, from zero, with its number on top: the balance of the classes, say."""
    heights = np.asarray(values)
    names = [str(i) for i in range(len(heights))] if labels is None else list(labels)
    if len(names) != len(heights):
        raise ValueError(f"labels must name each value; got {len(names)} for {len(heights)}")
    figure, axes = plt.subplots(figsize=(WIDTH, 3.6))
    drawn = axes.bar(names, heights, color=BLUE, width=0.75)
    axes.bar_label(drawn, [f"{height:,}" for height in heights], padding=2, fontsize=12)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.yaxis.set_major_formatter(_thousands)
    axes.grid(False, axis="x")
    axes.margins(y=0.12)
    _headline(figure, title)
    return axes


def _curves(experiment: Any, name: str) -> npt.NDArray[np.float64]:
    """Give one quantity of one experiment as [seeds, epochs]."""
    if hasattr(experiment, "curves"):
        values = experiment.curves(name)
    elif isinstance(experiment, list | tuple):
        values = [getattr(history, name) for history in experiment]
        if len({len(v) for v in values}) > 1:
            raise ValueError(
                f"histories of one experiment must have as many epochs each; "
                f"{name} has {[len(v) for v in values]}"
            )
    else:
        values = getattr(experiment, name)
    return np.atleast_2d(np.asarray(values, dtype=float))


def _colours(n: int) -> tuple[str, ...]:
    if n > len(COLOURS):
        raise ValueError(f"histories must be at most {len(COLOURS)}, one a colour; got {n}")
    return COLOURS[:n]


def _headline(figure: Figure, title: str | None, note: str | None = None) -> None:
    if title:
        figure.suptitle(title + ("\n" if note else ""), x=0.01, ha="left", fontweight="bold")
    if note:
        figure.text(0.01, 0.99, ("\n" if title else "") + note, ha="left", va="top", fontsize=13)


def _thousands(value: float, _: Any = None) -> str:
    return f"{value:,.0f}"
