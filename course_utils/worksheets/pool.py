"""Problems on pooling, forwards and backwards, alike enough to be set side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from course_utils import exact
from course_utils.worksheets.draw import Draw, Given, settle
from course_utils.worksheets.lines import answer
from course_utils.worksheets.sheet import Grid, Numbers, Problem, Prompt

FIRST = (
    "Where two numbers of a window are both the largest, the gradient goes to the first of them, "
    "row by row, as in PyTorch."
)


@dataclass(frozen=True)
class PoolPlan:
    """Side of x in pixels, how hard each sheet is, and whether there is a mean to take as well.

    The windows are 2×2, a pixel apart. ``winners`` pixels are the largest of some window,
    ``shared`` of them the largest of several. The means are taken of windows that do not overlap.
    """

    x: int
    winners: int
    shared: int
    average: bool


FULL = PoolPlan(4, winners=5, shared=2, average=True)
SMALL = PoolPlan(3, winners=3, shared=1, average=False)


def problem(draw: Draw, plan: PoolPlan = FULL, *, ties: bool = False) -> Problem:
    """Draw a max pooling with overlapping windows and an upstream gradient, and an average one.

    No window has two largest numbers, or with ``ties`` exactly one has; no gradient that arrives is
    summed to 0.
    """
    upstream = (plan.x - 1, plan.x - 1)

    def propose() -> Given:
        given = {
            "x": draw.whole(0, 9, (plan.x, plan.x)),
            "∂L/∂y": draw.whole(-4, 4, upstream, zero=False),
        }
        if plan.average:
            given["∂M/∂a"] = 2 * draw.whole(-4, 4, (plan.x // 2, plan.x // 2), zero=False)
        return given

    wanted = {
        "winners": plan.winners,
        "shared": plan.shared,
        "gradients": plan.winners,
        "negative": upstream[0] * upstream[1] // 2,
        "ties": int(ties),
    }
    given = settle(propose, measure, wanted)
    x, dy = given["x"], given["∂L/∂y"]
    with exact.worked() as page:
        exact.max_pool2d(x, 2, 1)
        exact.max_pool2d_backward(dy, x, 2, 1)
        if plan.average:
            exact.avg_pool2d(x, 2)
            exact.avg_pool2d_backward(given["∂M/∂a"], x, 2)
    text = (
        "y = max_pool2d(x) with a 2×2 window and stride 1: the windows overlap. L is a loss that "
        "is computed from y; ∂L/∂y is its upstream gradient."
    )
    prompts = [
        Prompt("Take the largest number of each window.", (answer("y", page[0]),)),
        Prompt(
            "Route the upstream gradient back: each ∂L/∂y goes, times 1, to the largest number of "
            "its window, and times 0 to the others. Sum what arrives from several windows. "
            + (FIRST if ties else ""),
            (answer("∂L/∂x", page[1], "dx"),),
        ),
    ]
    if plan.average:
        prompts += [
            Prompt(
                "Now a = avg_pool2d(x) with a 2×2 window and stride 2. Take the means.",
                (answer("a", page[2]),),
            ),
            Prompt(
                "M is a loss that is computed from a, and ∂M/∂a its upstream gradient. Share it "
                "out: each pixel of a window gets a quarter.",
                (answer("∂M/∂x", page[3], "dx"),),
            ),
        ]
    return Problem(
        "Pooling, forwards and backwards",
        text,
        tuple(Grid(label, exact.array(values)) for label, values in given.items()),
        tuple(prompts),
        wanted,
        _reference,
    )


def measure(given: Numbers) -> Iterator[tuple[str, int]]:
    """Count what decides how long the routing takes, and the maxima that are one too many."""
    x, upstream = given["x"], given["∂L/∂y"]
    yield "negative", int((upstream < 0).sum())
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2)).reshape(*upstream.shape, 4)
    largest = windows == windows.max(-1, keepdims=True)
    yield "ties", int(largest.sum()) - upstream.size
    first = largest.argmax(-1)
    times = Counter((i + first[i, j] // 2, j + first[i, j] % 2) for i, j in np.ndindex(first.shape))
    yield "winners", len(times)
    yield "shared", sum(n > 1 for n in times.values())
    yield "gradients", int((_reference(given)["∂L/∂x"] != 0).sum())


def _reference(given: Numbers) -> Numbers:
    import torch
    from torch.nn import functional

    x = torch.tensor(given["x"].astype(float), requires_grad=True)
    y = functional.max_pool2d(x[None], 2, 1)[0]
    (dx,) = torch.autograd.grad(y, x, torch.tensor(given["∂L/∂y"].astype(float)))
    found = {"y": y.detach().numpy(), "∂L/∂x": dx.numpy()}
    if "∂M/∂a" in given:
        a = functional.avg_pool2d(x[None], 2)[0]
        (dx,) = torch.autograd.grad(a, x, torch.tensor(given["∂M/∂a"].astype(float)))
        found |= {"a": a.detach().numpy(), "∂M/∂x": dx.numpy()}
    return found
