"""The look of every figure: colours, sizes and lettering.

Colours are Okabe and Ito's, which colour-blind readers can tell apart; figures are opaque white,
so they read the same on light and dark pages, and no lettering is smaller than 9 px when a figure
is 360 px wide.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure

__all__ = ["COLOURS", "headline", "style", "thousands"]

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#000000", "#767676"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
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


def headline(figure: Figure, title: str | None, note: str | None = None) -> None:
    """Write a title, and a note below it, over a figure."""
    if title:
        figure.suptitle(title + ("\n" if note else ""), x=0.01, ha="left", fontweight="bold")
    if note:
        figure.text(0.01, 0.99, ("\n" if title else "") + note, ha="left", va="top", fontsize=13)


def thousands(value: float, _: object = None) -> str:
    """Write a number at an axis, with commas."""
    return f"{value:,.0f}"
