"""Problems on a convolution with ReLU, alike enough to be set side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from course_utils import exact
from course_utils.exact import output_size, printed
from course_utils.worksheets.draw import Draw, Given, settle
from course_utils.worksheets.lines import answer
from course_utils.worksheets.sheet import Answer, Grid, Line, Numbers, Problem, Prompt


@dataclass(frozen=True)
class ConvPlan:
    """Shapes of a convolution problem in pixels, and how hard each of its sheets is.

    Of all products ``products`` are of two numbers that are not 0, and ``negative`` sums are below
    0.
    """

    x: tuple[int, int]
    kernel: int
    stride: int
    padding: int
    products: int
    negative: int

    @property
    def z(self) -> tuple[int, int]:
        numbers = (self.kernel, self.stride, self.padding)
        height, width = (output_size(n, *numbers) for n in self.x)
        return height, width


FULL = ConvPlan((4, 6), kernel=3, stride=2, padding=1, products=24, negative=2)
SMALL = ConvPlan((3, 3), kernel=2, stride=2, padding=1, products=7, negative=1)


def problem(draw: Draw, plan: ConvPlan = FULL) -> Problem:
    """Draw a convolution with stride and padding, its output size and its ReLU.

    No sum is 0 and none is beyond ±19, so that ReLU's cut is never in doubt.
    """

    def propose() -> Given:
        return {
            "x": draw.whole(0, 4, plan.x),
            "w": draw.whole(-2, 3, (plan.kernel, plan.kernel)),
            "b": draw.whole(-3, 3, (), zero=False),
        }

    wanted = {"products": plan.products, "negative": plan.negative, "zero": 0, "large": 0}
    given = settle(propose, partial(measure, plan), wanted)
    options = {"stride": plan.stride, "padding": plan.padding}
    with exact.worked() as page:
        z = exact.conv2d(given["x"], given["w"], bias=given["b"], **options)
        exact.relu(z)
    return Problem(
        "Convolution, output size, ReLU",
        f"z = conv2d(x, w) + b with stride {plan.stride} and padding {plan.padding} (one ring of "
        "zeros around x), as a cross-correlation, as in PyTorch: lay the kernel w on each window "
        "of x as it stands, without a flip, multiply, and add up the products and b. Then "
        "y = relu(z) = max(0, z).",
        tuple(Grid(label, exact.array(values)) for label, values in given.items()),
        (
            Prompt(
                "How many rows and columns has z? n pixels become "
                "⌊(n + 2·padding − kernel) / stride⌋ + 1.",
                _sizes(plan),
            ),
            Prompt(
                "Compute z. The grid has room to spare: begin at the top left.",
                (answer("z", page[0], room=_room(plan)),),
            ),
            Prompt("Apply ReLU.", (answer("y", page[1], room=_room(plan)),)),
        ),
        wanted,
        partial(_reference, plan),
    )


def measure(plan: ConvPlan, given: Numbers) -> Iterator[tuple[str, int]]:
    """Count the products that are not 0, and the sums that are negative, 0 or large."""
    z = _reference(plan, given)["z"]
    yield "negative", int((z < 0).sum())
    yield "zero", int((z == 0).sum())
    yield "large", int((abs(z) > 19).sum())
    ones = {"x": given["x"] != 0, "w": given["w"] != 0, "b": np.array(0)}
    yield "products", int(_reference(plan, ones)["z"].sum())


def _reference(plan: ConvPlan, given: Numbers) -> Numbers:
    import torch
    from torch.nn import functional

    x, w, b = (torch.tensor(given[name].astype(float)) for name in "xwb")
    z = functional.conv2d(x[None, None], w[None, None], b[None], plan.stride, plan.padding)[0, 0]
    rows, columns = map(np.array, z.shape)
    return {"rows": rows, "columns": columns, "z": z.numpy(), "y": functional.relu(z).numpy()}


def _room(plan: ConvPlan) -> tuple[int, int]:
    """One row and one column too many, so that the blank does not tell the size."""
    return plan.z[0] + 1, plan.z[1] + 1


def _sizes(plan: ConvPlan) -> tuple[Answer, ...]:
    k, s, p = plan.kernel, plan.stride, plan.padding
    return tuple(
        Answer(
            label,
            exact.array(n),
            (Line((), f"{label} = ⌊({before} + 2·{p} − {k}) / {s}⌋ + 1 = {printed(n)}"),),
        )
        for label, before, n in zip(
            ("rows", "columns"), plan.x, map(exact.fraction, plan.z), strict=True
        )
    )
