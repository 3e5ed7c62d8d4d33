"""Arrays as pictures: images of ink, maps with a sign, and tables with their numbers written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.basics.checks import choice
from course_utils.exact import fraction, printed
from course_utils.plotting.look import VERMILION, WIDTH, style

__all__ = ["Panel", "arrays"]

Kind = Literal["table", "map", "image"]

CELL, HEAD, ROOM = 0.36, 0.38, 0.28  # inches: a table's row, a title, the room for a sign


@dataclass(frozen=True, eq=False)
class Panel:
    """An array [H, W] with its title, and how it is drawn.

    A "table" has its numbers written in, on pale blue where they are positive and pale red where
    they are negative; an entry of "" is left blank, and the cells in ``marked`` are framed. A "map"
    has the same colours, strong and without numbers. An "image" is ink on paper, 0 to 1.
    """

    title: str
    values: Any
    kind: Kind = "table"
    marked: Sequence[tuple[int, int]] = ()


@style()
def arrays(rows: Sequence[Sequence[Panel | None]], signs: Sequence[str] = ()) -> list[Axes]:
    """Draw arrays side by side, row by row; None leaves its place empty.

    Where all are tables, their cells are of one size. ``signs`` has a text for each row, "→" or
    "×+×=", that is set between its panels: one sign for all, or one for each gap.

    Raises
    ------
    ValueError
        For no panel, rows of different lengths, another kind, an array that isn't [H, W], and signs
        that don't fit.

    Examples
    --------
    >>> drawn = arrays([[Panel("kernel", [[1, 0], [0, -1]]), Panel("map", [[3, "1/2"]])]], ["→"])
    >>> [axes.get_title() for axes in drawn]
    ['kernel', 'map']
    """
    columns = _columns(rows)
    gaps = [_gaps(sign, columns - 1) for sign in signs or [""] * len(rows)]
    if len(gaps) != len(rows):
        raise ValueError(f"signs: {len(gaps)} for {len(rows)} rows; use one text per row")
    tables = all(panel is None or panel.kind == "table" for row in rows for panel in row)
    widths = [max(_shape(row[c])[1] for row in rows) for c in range(columns)]
    side = WIDTH / columns
    heights = [HEAD + max(map(_height, panels, [side] * columns)) for panels in rows]
    figure, grid = plt.subplots(
        len(rows), columns, figsize=(WIDTH, sum(heights)), squeeze=False,
        width_ratios=widths if tables else None, height_ratios=heights)  # fmt: skip
    if any(any(gap) for gap in gaps):
        wide = ROOM * columns / WIDTH
        figure.get_layout_engine().set(wspace=wide)  # type: ignore[union-attr, call-arg]
    drawn = []
    for axes_of_row, panels, gap in zip(grid, rows, gaps, strict=True):
        for axes, panel, sign in zip(axes_of_row, panels, ["", *gap], strict=True):
            if panel is None:
                axes.remove()
                continue
            _draw(axes, panel)
            if sign:
                _between(axes, sign)
            drawn.append(axes)
    return drawn


def _draw(axes: Axes, panel: Panel) -> None:
    numbers = _numbers(panel)
    if panel.kind == "image":
        axes.imshow(numbers, cmap="gray_r", vmin=0, vmax=1)
    else:
        table = panel.kind == "table"
        top = (np.abs(numbers).max() or 1) * (1.9 if table else 1)
        axes.imshow(numbers, cmap="RdBu", vmin=-top, vmax=top, aspect="auto" if table else "equal")
    if panel.kind == "table":
        for (row, column), value in np.ndenumerate(np.asarray(panel.values, dtype=object)):
            text = "" if value == "" else printed(value)
            axes.text(column, row, text, ha="center", va="center")
        height, width = numbers.shape
        axes.set_xticks(np.arange(-0.5, width), minor=True)
        axes.set_yticks(np.arange(-0.5, height), minor=True)
        axes.grid(visible=True, which="minor", color="white", linewidth=1.5)
        axes.grid(visible=False, which="major")
        axes.tick_params(which="minor", length=0)
    else:
        axes.grid(visible=False)
    for row, column in panel.marked:
        corner = column - 0.46, row - 0.44
        axes.add_patch(Rectangle(corner, 0.92, 0.88, fill=False, ec=VERMILION, lw=2.5, zorder=3))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color="#CCCCCC")
    axes.set_title(panel.title, loc="center", fontsize=13)


def _between(axes: Axes, sign: str) -> None:
    """Write a sign to the left of a panel, in the room before it."""
    place = {"xycoords": "axes fraction", "textcoords": "offset points"}
    text = axes.annotate(
        sign, (0, 0.5), (-36 * ROOM, 0), ha="center", va="center", fontsize=16,
        annotation_clip=False, **place)  # type: ignore[arg-type]  # fmt: skip
    text.set_in_layout(False)


def _numbers(panel: Panel) -> npt.NDArray[np.float64]:
    if panel.kind != "table":
        return np.asarray(panel.values, dtype=float)
    values = np.asarray(panel.values, dtype=object)
    read = [0.0 if value == "" else float(fraction(value)) for value in values.ravel()]
    return np.reshape(read, values.shape)


def _shape(panel: Panel | None) -> tuple[int, int]:
    if panel is None:
        return 0, 0
    choice("kind", panel.kind, get_args(Kind))
    shape = np.shape(np.asarray(panel.values, dtype=object))
    if len(shape) != 2:
        raise ValueError(f"values: {panel.title!r} has shape {shape}; use [H, W]")
    return shape


def _height(panel: Panel | None, side: float) -> float:
    """How high a panel is, in inches, below its title; pictures are ``side`` inches wide."""
    if panel is None:
        return 0
    return CELL * _shape(panel)[0] if panel.kind == "table" else 0.96 * side


def _columns(rows: Sequence[Sequence[Panel | None]]) -> int:
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(
            f"rows: lengths {sorted(lengths)} are invalid; use rows of one length, 1 or more"
        )
    return lengths.pop()


def _gaps(sign: str, gaps: int) -> list[str]:
    found = [*sign] if len(sign) > 1 else [sign] * gaps
    if len(found) != gaps:
        raise ValueError(f"signs: {sign!r} has {len(found)} signs; use one, or one for each gap")
    return found
