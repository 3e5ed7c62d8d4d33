"""What a network does to its two planes: the inputs', and the hidden units'."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from course_utils.basics.checks import integer, invalid
from course_utils.xor.network import POINTS

__all__ = ["Side", "plane", "sides"]

Floats = npt.NDArray[np.float64]
Bounds = tuple[float, float]

INPUTS: Bounds = (-0.5, 1.5)
HIDDEN: Bounds = (-1.2, 1.2)


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
