"""What a network does to its two planes: the inputs', and the hidden units'."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from course_utils.basics.checks import integer, invalid
from course_utils.xor.network import POINTS, TARGETS

__all__ = ["Side", "picture", "plane", "sides"]

Floats = npt.NDArray[np.float64]
Bounds = tuple[float, float]

INPUTS: Bounds = (-0.5, 1.5)
HIDDEN: Bounds = (-1.2, 1.2)
SIDE, GAP, GRID = 400, 80, 25  # units of the drawing; points a side at which p is taken
ONE, ZERO, FILL, INK = "#0072B2", "#D55E00", "#CFE3F1", "#1A1A1A"


def plane(
    layers: Callable[[Tensor], Tensor], window: Bounds, size: int = 201
) -> tuple[Floats, Floats]:
    """Send a square of points through ``layers`` and give p = σ(logit) at each.

    ``layers`` maps points [N, 2] to logits [N, 1]: a whole network takes points of the input plane,
    its last layer takes points (h₁, h₂) of the hidden plane. The square has ``size`` points a side,
    from window[0] to window[1] in both directions. Returns the ticks [size] and p [size, size],
    whose rows are the *second* coordinate, from low to high, as Matplotlib's ``contourf`` takes
    them.

    >>> ticks, p = plane(nn.Linear(2, 1), (-1, 1), size=3)
    >>> ticks.tolist(), p.shape
    ([-1.0, 0.0, 1.0], (3, 3))

    Raises
    ------
    ValueError
        For a window that does not run from low to high, or a size below 2.
    """
    low, high = window
    if not low < high:
        raise invalid("window", window, "use (low, high) with low < high")
    ticks = torch.linspace(low, high, integer("size", size, least=2))
    second, first = torch.meshgrid(ticks, ticks, indexing="ij")
    points = torch.stack([first.flatten(), second.flatten()], dim=1)
    with torch.no_grad():
        p = layers(points).double().sigmoid().view(size, size)
    return ticks.double().numpy(), p.numpy()


class Side(NamedTuple):
    """One plane of a network: p over its ticks, the four points, and the lines of a grid."""

    ticks: Floats
    p: Floats
    points: Floats
    title: str
    name: str
    threads: list[Floats]


def sides(model: nn.Sequential) -> tuple[Side, Side]:
    """Give the plane of the inputs, with a grid, and that of the hidden units, with its image.

    Each is what ``plotting.Plane`` takes.

    >>> from course_utils.xor import network
    >>> left, right = sides(network(42))
    >>> left.points.tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> left.name, right.name, len(left.threads) == len(right.threads)
    ('x', 'h', True)

    Raises
    ------
    ValueError
        For a network that does not have two hidden units.
    """
    first, activation, second = model
    if first.out_features != 2:
        raise ValueError(f"model: it has {first.out_features} hidden units; use one with 2")

    def hidden(points: npt.ArrayLike) -> Floats:
        with torch.no_grad():
            found = activation(first(torch.as_tensor(points, dtype=torch.float32)))
        return np.asarray(found.double())

    points = POINTS.double().numpy()
    along = np.linspace(*INPUTS, 81)
    upright = [np.column_stack([np.full(81, at), along]) for at in np.linspace(*INPUTS, 9)]
    square = upright + [line[:, [1, 0]] for line in upright]
    bent = [hidden(line) for line in square]
    left = Side(*plane(model, INPUTS), points, "the two switches", "x", square)
    return left, Side(*plane(second, HIDDEN), hidden(points), "after the hidden layer", "h", bent)


def picture(model: nn.Sequential) -> str:
    """Draw both planes of a network with two hidden units, as a small SVG.

    On the left the inputs, on the right what the hidden units make of them. Shaded is where the
    output is above ½; a full disc is a point with target 1, a ring one with target 0.

    Raises
    ------
    ValueError
        For a network that does not have two hidden units.
    """
    first, activation, second = model
    if first.out_features != 2:
        raise ValueError(f"model: it has {first.out_features} hidden units; use one with 2")
    with torch.no_grad():
        hidden = activation(first(POINTS))
    width, height = 2 * SIDE + GAP + 52, SIDE + 84
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-44 -4 {width} {height}" '
        'font-family="sans-serif" font-size="28" style="display:block;width:100%;max-width:560px">'
        f'<path d="M-44-4h{width}v{height}H-44z" fill="#fff"/>'
        + _panel(model, POINTS, INPUTS, 0, "x")
        + _panel(second, hidden, HIDDEN, SIDE + GAP, "h")
        + "</svg>"
    )


def _panel(
    layers: Callable[[Tensor], Tensor], points: Tensor, window: Bounds, left: int, name: str
) -> str:
    """One square: the region, its frame, the four points and the names of the axes."""
    low, high = window
    scale = SIDE / (high - low)
    discs = ""
    for (a, b), target in zip(points.tolist(), TARGETS.tolist(), strict=True):
        x, y = round((a - low) * scale), round((high - b) * scale)
        fill, colour = (ONE, "#fff") if target else ("#fff", ZERO)
        discs += f'<circle cx="{x}" cy="{y}" r="14" fill="{fill}" stroke="{colour}"/>'
    below = SIDE + 32
    return (
        f'<g transform="translate({left})">'
        f'<path d="{_region(layers, window)}" fill="{FILL}" stroke="{INK}" stroke-width="3"/>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="{INK}" stroke-width="3"/>'
        f'<g stroke-width="6">{discs}</g>'
        f'<g fill="{INK}" text-anchor="middle"><text x="{SIDE // 2}" y="{SIDE + 66}">{name}₁</text>'
        f'<text x="-24" y="{SIDE // 2}">{name}₂</text>'
        f'<text x="14" y="{below}">{low}</text><text x="{SIDE - 14}" y="{below}">{high}</text>'
        "</g></g>"
    )


def _region(layers: Callable[[Tensor], Tensor], window: Bounds) -> str:
    """Where p > ½, as closed polygons of an SVG path, in whole units from the upper left."""
    ticks, p = plane(layers, window, size=GRID)
    p = p.clip(1e-12, 1 - 1e-12)
    # Borders are interpolated between the grid's points, and the logit is straighter than p.
    above = Figure().add_subplot().contourf(ticks, ticks, np.log(p / (1 - p)), levels=[0, 99])
    low, high = window
    path = ""
    for polygon in above.get_paths()[0].to_polygons():
        x, y = (np.asarray(polygon)[:-1].T - low) * SIDE / (high - low)
        corners = zip(np.rint(x).astype(int), np.rint(SIDE - y).astype(int), strict=True)
        path += "M" + "L".join(f"{a} {b}" for a, b in corners) + "z"
    return path
