"""Functions of one number: some curves over one axis, with points to remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from course_utils.basics.checks import invalid
from course_utils.plotting.look import WIDTH, style

__all__ = ["functions"]

DASHES = ("-", "--", "-.", ":")  # so that curves differ without colour too


@style()
def functions(
    x: npt.ArrayLike,
    curves: Mapping[str, npt.ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    points: Sequence[tuple[float, float, str]] = (),
    above: bool = False,
    height: float = 3.4,
) -> Axes:
    """Draw each curve [N] over x [N] under its name, and points (x, y, label) on them.

    The labels stand to the right, below their points or ``above``; ``height`` is the figure's, in
    inches.

    Raises
    ------
    ValueError
        For no curve, or one of another shape than x.
    """
    at = np.asarray(x)
    if not curves:
        raise invalid("curves", curves, "use at least one name with its values")
    _, axes = plt.subplots(figsize=(WIDTH, height))
    for i, (name, values) in enumerate(curves.items()):
        if np.shape(values) != at.shape:
            raise ValueError(
                f"curves: {name!r} has shape {np.shape(values)}; use that of x, {at.shape}"
            )
        axes.plot(at, np.asarray(values), DASHES[i % len(DASHES)], label=name, linewidth=2.4)
    for across, up, label in points:
        axes.plot(across, up, "o", color="k", markersize=7, zorder=4)
        axes.annotate(
            label,
            (across, up),
            (7, 4 if above else -4),
            textcoords="offset points",
            va="bottom" if above else "top",
        )
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 4, 5, 10]))
    if len(curves) > 1:
        axes.legend()
    return axes
