"""Problems on a small network, worked forwards and back from the loss to the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from course_utils import exact
from course_utils.exact import output_size
from course_utils.worksheets.draw import Draw, Given, settle
from course_utils.worksheets.lines import answer
from course_utils.worksheets.pool import FIRST
from course_utils.worksheets.sheet import Grid, Numbers, Problem, Prompt

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class BackwardPlan:
    """Shape of x in pixels and how hard each sheet is; the kernel and the windows are 2×2.

    Of x ``zeros`` numbers are 0, none of them at the border; ``negative`` sums are below 0, and
    ``above`` outputs above their target.
    """

    x: tuple[int, int]
    zeros: int
    negative: int
    above: int

    @property
    def y(self) -> tuple[int, int]:
        height, width = (output_size(output_size(n, 2), 2, 2) for n in self.x)
        return height, width


FULL = BackwardPlan((5, 5), zeros=3, negative=7, above=2)
SMALL = BackwardPlan((3, 5), zeros=1, negative=3, above=1)


def problem(draw: Draw, plan: BackwardPlan = FULL, *, ties: bool = False) -> Problem:
    """Draw x, w and t for convolution, ReLU, max pooling and L1 loss, there and back to ∂L/∂w.

    No sum is 0, no window is cut to 0 as a whole, no output is at its target, no entry of ∂L/∂w is
    0, and no window has two largest numbers; with ``ties`` exactly one has.
    """
    below = plan.y[0] * plan.y[1] - plan.above
    inside = plan.x[0] - 2, plan.x[1] - 2  # pixels that lie in four windows each
    ones = inside[0] * inside[1] - plan.zeros

    def propose() -> Given:
        x = draw.whole(1, 4, plan.x)
        x[1:-1, 1:-1] *= draw.order([0] * plan.zeros + [1] * ones, inside)
        w = draw.whole(1, 3, (2, 2)) * draw.order([1, 1, -1, -1], (2, 2))
        y = _forward(*map(_tensor, (x, w)))["y"].numpy().astype(int).reshape(plan.y)
        signs = draw.order([1] * plan.above + [-1] * below, plan.y)
        return {"x": x, "w": w, "t": y - signs * draw.whole(1, 4, plan.y)}

    wanted = {
        "products": 4 * ((plan.x[0] - 1) * (plan.x[1] - 1) - plan.zeros),
        "negative": plan.negative,
        "zero": 0,
        "dead": 0,
        "ties": int(ties),
        "above": plan.above,
        "below": below,
        "gradients": 4,
    }
    given = settle(propose, measure, wanted)
    x, w, t = given.values()
    with exact.worked() as page:
        z = exact.conv2d(x, w)
        a = exact.relu(z)
        y = exact.max_pool2d(a, 2)
        exact.l1_loss(y, t)
        dy, _ = exact.l1_loss_backward(y, t)
        da = exact.max_pool2d_backward(dy, a, 2)
        dz = exact.relu_backward(da, z)
        exact.conv2d_backward(dz, x, w)
    n = t.size
    return Problem(
        "A small network, forwards and back to its kernel",
        "z = conv2d(x, w), a cross-correlation as in PyTorch (no flip, stride 1, no padding); "
        "a = relu(z); y = max_pool2d(a) with a 2×2 window and stride 2; "
        f"L = l1_loss(y, t), the mean of the {n} distances |y − t|.",
        tuple(Grid(label, exact.array(values)) for label, values in given.items()),
        (
            Prompt(
                "Forwards: compute z, a, y and L.",
                (
                    answer("z", page[0]),
                    answer("a", page[1]),
                    answer("y", page[2]),
                    answer("L", page[3], "L"),
                ),
            ),
            Prompt(
                "Backwards: each gradient is the upstream gradient of the next. Max pooling passes "
                "it on, times 1, to the largest number of a window, and times 0 to the others. "
                "ReLU's gradient is 1 where z > 0 and 0 elsewhere, at 0 too. "
                + (FIRST if ties else ""),
                (
                    answer("∂L/∂y", page[4], "dx"),
                    answer("∂L/∂a", page[5], "dx"),
                    answer("∂L/∂z", page[6], "dx"),
                ),
            ),
            Prompt(
                "The gradient with respect to the kernel: each entry is a sum over the windows.",
                (answer("∂L/∂w", page[7], "dw", without="upstream"),),
            ),
        ),
        wanted,
        _reference,
    )


def measure(given: Numbers) -> Iterator[tuple[str, int]]:
    """Count what decides how long the sums are, and the places where a slope is in doubt."""
    from torch.nn import functional

    x, w, t = (_tensor(given[name]) for name in "xwt")
    z, a, y = _forward(x, w).values()
    yield "negative", int((z < 0).sum())
    yield "zero", int((z == 0).sum())
    windows = functional.unfold(a, 2, stride=2)[0]
    yield "ties", int((windows == y.flatten()).sum()) - y.numel()
    yield "dead", int((y == 0).sum())
    yield "above", int((y > t).sum())
    yield "below", int((y < t).sum())
    yield "gradients", int((_reference(given)["∂L/∂w"] != 0).sum())
    yield "products", int(_forward((x != 0).double(), (w != 0).double())["z"].sum())


def _reference(given: Numbers) -> Numbers:
    import torch
    from torch.nn import functional

    x, w, t = (_tensor(given[name]) for name in "xwt")
    w.requires_grad_()
    found = _forward(x, w)
    found["L"] = functional.l1_loss(found["y"], t[None, None])
    through = {"∂L/∂y": found["y"], "∂L/∂a": found["a"], "∂L/∂z": found["z"], "∂L/∂w": w}
    gradients = torch.autograd.grad(found["L"], [*through.values()])
    found |= dict(zip(through, gradients, strict=True))
    return {name: n.detach().reshape(n.shape[-2:]).numpy() for name, n in found.items()}


def _forward(x: Tensor, w: Tensor) -> dict[str, Tensor]:
    from torch.nn import functional

    z = functional.conv2d(x[None, None], w[None, None])
    a = functional.relu(z)
    return {"z": z, "a": a, "y": functional.max_pool2d(a, 2)}


def _tensor(values: npt.NDArray[Any]) -> Tensor:
    import torch

    return torch.tensor(values.astype(float))
