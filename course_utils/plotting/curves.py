"""Learning curves: loss and accuracy during training, of one experiment or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from course_utils.basics.checks import choice, integer, invalid
from course_utils.evaluation import half_widths
from course_utils.plotting.look import COLOURS, GREY, WIDTH, headline, style, thousands

__all__ = ["learning_curves"]

ALONG = {"epoch": "epoch", "examples": "training examples seen"}


class Drawn(NamedTuple):
    """What was drawn of an experiment: how many seeds and epochs, and whether a test."""

    seeds: int
    epochs: int
    tested: bool


@style()
def learning_curves(
    histories: Any,
    *,
    labels: Sequence[str] | None = None,
    x: Literal["epoch", "examples"] = "epoch",
    first: int = 1,
    error: bool = False,
    title: str | None = None,
    note: str | None = None,
) -> tuple[Axes, Axes]:
    """Draw loss and accuracy during training: train dashed, test solid, one colour per experiment.

    Accuracies are fractions and are drawn in %. Several seeds become their mean, and a band for
    its 95 % interval.

    Parameters
    ----------
    histories : one experiment or a list of them. An experiment is an object with the lists
        ``train_loss``, ``train_accuracy``, ``test_loss``, ``test_accuracy`` (one value per epoch; a
        test list may be empty) and ``examples_seen``; or a list of such objects, one a seed; or an
        object whose ``curves("test_loss")`` gives [seeds, epochs].
    labels : a name for each experiment. Where experiments differ in seeds, a label gets its own
        number of them.
    x : what runs along the axis.
    first : the first epoch to be drawn: a later one lets a long run be read that starts far from
        where it ends; the axis says so.
    error : draw the share of mistakes on an axis of powers instead of the accuracy, whose curves
        lie on each other above 95 %. The axis ends at a tenth of the lowest test error: a training
        error below that leaves it at its foot.
    title, note : the line above, and the line under it: batch size, rate, epochs, time.

    Raises
    ------
    ValueError
        When labels and experiments differ in number, or seeds in epochs; when there are more
        experiments than colours; and when ``first`` is not an epoch of an experiment.
    """
    experiments = list(histories) if isinstance(histories, list | tuple) else [histories]
    if not 1 <= len(experiments) <= len(COLOURS):
        raise ValueError(
            f"histories: {len(experiments)} is an invalid number of them; use 1 to {len(COLOURS)}, "
            "one per colour"
        )
    if labels is not None and len(labels) != len(experiments):
        raise invalid("labels", labels, f"use one for each of the {len(experiments)} histories")
    choice("x", x, ALONG)
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 4.6))
    drawn = [
        _draw(panels, experiment, colour, x, first, error)
        for experiment, colour in zip(experiments, COLOURS, strict=False)
    ]
    _name_axes(panels, x, first, error, most=max(one.epochs for one in drawn))
    lines = _add_legend(figure, drawn, labels or [])
    figure.set_figheight(3.5 + 0.27 * (lines + bool(title) + bool(note)))
    headline(figure, title, note)
    loss, accuracy = panels
    return loss, accuracy


def _read(experiment: Any, name: str) -> npt.NDArray[np.float64]:
    """Give one quantity of one experiment as [seeds, epochs]."""
    if hasattr(experiment, "curves"):
        values = experiment.curves(name)
    elif isinstance(experiment, list | tuple):
        values = [getattr(history, name) for history in experiment]
        lengths = [len(value) for value in values]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"histories: {name} of one experiment has {lengths} epochs; use as many in each"
            )
    else:
        values = getattr(experiment, name)
    return np.atleast_2d(np.asarray(values, dtype=float))


def _draw(
    panels: Sequence[Axes], experiment: Any, colour: str, x: str, first: int, error: bool
) -> Drawn:
    """Draw the losses and accuracies of one experiment, those that it has."""
    seeds, most, tested = 1, 0, False
    for axes, what, unit in zip(panels, ("loss", "accuracy"), (1, 100), strict=True):
        for part, dashes, fill in [("train", "--", "white"), ("test", "-", colour)]:
            curves = unit * _read(experiment, f"{part}_{what}")
            if error and what == "accuracy":
                curves = unit - curves
            seeds, epochs = curves.shape
            if epochs == 0:
                continue
            integer("first", first, most=epochs)
            at = np.arange(1, epochs + 1) if x == "epoch" else _read(experiment, "examples_seen")[0]
            at, curves = at[first - 1 :], curves[:, first - 1 :]
            marker = "o" if len(at) == 1 else None
            axes.plot(at, curves.mean(0), dashes, color=colour, marker=marker, mfc=fill)
            if seeds > 1:
                half = half_widths(curves)
                ends = curves.mean(0) - half, curves.mean(0) + half
                axes.fill_between(at, *ends, color=colour, alpha=0.2, linewidth=0)
            most, tested = max(most, epochs), tested or part == "test"
    return Drawn(seeds, most, tested)


def _name_axes(panels: Sequence[Axes], x: str, first: int, error: bool, most: int) -> None:
    """Give both panels their titles, and the axes names and ticks."""
    along = ALONG[x]
    if first > 1:
        along += f", from {first} on" if x == "epoch" else f", from epoch {first} on"
    of_answers = "error (%)" if error else "accuracy (%)"
    for axes, name in zip(panels, ("loss (nats)", of_answers), strict=True):
        axes.set(title=name, xlabel=along)
        if x == "epoch":
            axes.locator_params(axis="x", integer=True, nbins=5)
            if most == 1:
                axes.set_xticks([1])
        else:
            axes.xaxis.set_major_locator(MaxNLocator(3))
            axes.xaxis.set_major_formatter(thousands)
    if error:
        mistakes = panels[1]
        mistakes.set_yscale("log")
        mistakes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        mistakes.yaxis.set_major_formatter("{x:g}")
        mistakes.yaxis.set_minor_formatter(NullFormatter())
        tested = [line for line in mistakes.get_lines() if line.get_linestyle() == "-"]
        errors = np.concatenate([[0], *(np.asarray(line.get_ydata()) for line in tested)])
        foot = errors[errors > 0].min(initial=np.inf) / 10
        if np.isfinite(foot):
            mistakes.set_ylim(bottom=max(mistakes.get_ylim()[0], foot))


def _add_legend(figure: Figure, drawn: Sequence[Drawn], labels: Sequence[str]) -> int:
    """Write below the figure what dashes, bands and colours mean; give the number of lines."""
    handles: list[Artist] = [Line2D([], [], color=GREY, linestyle="--", label="train")]
    if any(one.tested for one in drawn):
        handles.append(Line2D([], [], color=GREY, label="test"))
    counts = sorted({one.seeds for one in drawn})
    if counts != [1]:
        band = f"mean and 95 % interval, {' or '.join(map(str, counts))} seeds"
        handles.append(Rectangle((0, 0), 1, 1, color=GREY, alpha=0.3, label=band))
    for label, colour, one in zip(labels, COLOURS, drawn, strict=False):
        own = f"{label} (n = {one.seeds})" if len(counts) > 1 else label
        handles.append(Line2D([], [], color=colour, linewidth=4, label=own))
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = max(1, min(len(handles), 76 // (longest + 7)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return -(-len(handles) // columns)
