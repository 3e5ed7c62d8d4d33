"""The kinds of sheets that there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from course_utils.worksheets import backward, conv, network, pool
from course_utils.worksheets.draw import Draw
from course_utils.worksheets.sheet import Problem


@dataclass(frozen=True)
class Kind:
    """What a kind of sheet is about, and how to draw the problems of one sheet.

    ``problems`` takes a ``Draw`` and whether a tie is wanted; ``ties`` says whether there can be
    one.
    """

    about: str
    problems: Callable[[Draw, bool], tuple[Problem, ...]]
    ties: bool = False


def _mixed(draw: Draw, ties: bool) -> tuple[Problem, ...]:
    return (
        conv.problem(draw, conv.SMALL),
        pool.problem(draw, pool.SMALL, ties=ties),
        backward.problem(draw, backward.SMALL),
    )


KINDS: dict[str, Kind] = {
    "conv": Kind("convolution, output size and ReLU", lambda draw, _: (conv.problem(draw),)),
    "pool": Kind(
        "max and average pooling, forwards and backwards",
        lambda draw, ties: (pool.problem(draw, ties=ties),),
        ties=True,
    ),
    "backward": Kind(
        "convolution, ReLU, max pooling, L1 loss, and back to the kernel",
        lambda draw, ties: (backward.problem(draw, ties=ties),),
        ties=True,
    ),
    "mixed": Kind("one of each of these, smaller", _mixed, ties=True),
    "arithmetic": Kind(
        "sizes, receptive fields, parameters and multiply-adds of a network",
        lambda draw, _: (network.problem(draw),),
    ),
}
