"""Exercises that design a network of ReLUs: for two switches, and for three."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from course_utils.exercises.answers import Difference, numbers
from course_utils.exercises.frame import Exercise
from course_utils.neuron import sigmoid

__all__ = ["EXERCISES"]

_OTHERS = {
    (0, 0, 0, 1): "AND",
    (0, 1, 1, 1): "OR",
    (1, 0, 0, 1): "XNOR, the opposite of XOR: flip the signs of v and c",
    (1, 1, 1, 0): "NAND",
    (1, 0, 0, 0): "NOR",
    (0, 0, 0, 0): "always 0",
    (1, 1, 1, 1): "always 1",
}


def _fault_of(size: int) -> Callable[[Any], str | None]:
    """Run what was handed in, with as many hidden ReLUs as switches, on all of their settings."""
    points = np.array(list(product((0, 1), repeat=size)))
    targets = tuple((points.sum(1) % 2).tolist())
    shapes = {"W": (size, size), "b": (size,), "v": (size,), "c": ()}

    def fault(answer: Any) -> str | None:
        if not isinstance(answer, list | tuple) or len(answer) != 4:
            return "Hand in four things: W, b, v and c."
        arrays = []
        for (name, shape), part in zip(shapes.items(), answer, strict=True):
            array = numbers(part, shape)
            if isinstance(array, Difference):
                return f"{name} {array.words}."
            if not np.isfinite(array).all():
                return f"{name} contains nan or infinity."
            arrays.append(array)
        w, b, v, c = arrays
        p = sigmoid(np.maximum(points @ w.T + b, 0) @ v + c)
        return _fault_of_outputs(p, points, targets)

    return fault


def _fault_of_outputs(
    p: np.ndarray[Any, Any], points: np.ndarray[Any, Any], targets: tuple[int, ...]
) -> str | None:
    undecided = np.abs(p - 0.5) <= 0.01
    if undecided.any():
        return f"Your network gives about ½ at {_listed(points[undecided])}: it can't decide there."
    found = tuple((p > 0.5).astype(int).tolist())
    if found == targets:
        return None
    if found in _OTHERS:
        return f"Your network computes {_OTHERS[found]}."
    wrong = np.array(found) != targets
    if wrong.all():
        return "Your network has the wrong class everywhere: flip the signs of v and c."
    return f"Your network has the wrong class at {_listed(points[wrong])}."


def _listed(points: np.ndarray[Any, Any]) -> str:
    return ", ".join(f"({', '.join(map(str, point))})" for point in points.tolist())


XOR_BY_HAND = Exercise(
    name="xor-by-hand",
    right=([[1, 1], [1, 1]], [0, -1], [1, -2], -0.5),
    mistakes=(),
    fault=_fault_of(2),
    hint="Only the number of switches that are up matters: 0, 1 or 2. Sketch the logit you want "
    "over that number. Where does it turn? Each ReLU gives you one turn.",
)

THREE_SWITCHES = Exercise(
    name="three-switches",
    right=([[1, 1, 1], [1, 1, 1], [1, 1, 1]], [0, -1, -2], [1, -2, 2], -0.5),
    mistakes=(),
    fault=_fault_of(3),
    hint="Sketch the logit over the number of switches that are up, from 0 to 3, and count how "
    "often it has to turn.",
)

EXERCISES = (XOR_BY_HAND, THREE_SWITCHES)
