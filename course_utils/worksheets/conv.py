"""Which convolutions with ReLU are alike enough to be set side by side?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch.nn import functional

from course_utils import exact
from course_utils.worksheets.draw import Draw, Given, settle
from course_utils.worksheets.lines import answer, number
from course_utils.worksheets.problem import Answer, Exercise, Grid, Line, Numbers, Question


@dataclass(frozen=True)
class Size:
    """Shapes of a convolution exercise in pixels, and how hard each of its sheets is.

    Of all products `products` are of two numbers that are not 0, and `negative` sums are below 0.
    """

    x: tuple[int, int]
    kernel: int
    stride: int
    padding: int
    products: int
    negative: int

    @property
    def z(self) -> tuple[int, int]:
        height, width = ((n + 2 * self.padding - self.kernel) // self.stride + 1 for n in self.x)
        return height, width


FULL = Size((4, 6), kernel=3, stride=2, padding=1, products=24, negative=2)
SMALL = Size((3, 3), kernel=2, stride=2, padding=1, products=7, negative=1)


def exercise(draw: Draw, size: Size = FULL) -> Exercise:
    """Draw a convolution with stride and padding, its output size and its ReLU.

    No sum is 0 and none is beyond ±19, so that ReLU's cut is never in doubt.
    """

    def propose() -> Given:
        return {
            "x": draw.whole(0, 4, size.x),
            "w": draw.whole(-2, 3, (size.kernel, size.kernel)),
            "b": draw.whole(-3, 3, (), zero=False),
        }

    wanted = {"products": size.products, "negative": size.negative, "zero": 0, "large": 0}
    given = settle(propose, partial(measure, size), wanted)
    options = {"stride": size.stride, "padding": size.padding}
    with exact.worked() as page:
        z = exact.conv2d(given["x"], given["w"], bias=given["b"], **options)
        exact.relu(z)
    return Exercise(
        "Convolution, output size, ReLU",
        f"z = conv2d(x, w) + b with stride {size.stride} and padding {size.padding} (one ring of "
        "zeros around x), as a cross-correlation, as in PyTorch: lay the kernel w on each window "
        "of x as it stands, without a flip, multiply, and add up the products and b. Then "
        "y = relu(z) = max(0, z).",
        tuple(Grid(label, exact.array(values)) for label, values in given.items()),
        (
            Question(
                "How many rows and columns has z? n pixels become "
                "⌊(n + 2·padding − kernel) / stride⌋ + 1.",
                _sizes(size),
            ),
            Question(
                "Compute z. The grid has room to spare: begin at the top left.",
                (answer("z", page[0], room=_room(size)),),
            ),
            Question("Apply ReLU.", (answer("y", page[1], room=_room(size)),)),
        ),
        wanted,
        partial(_reference, size),
    )


def measure(size: Size, given: Numbers) -> Iterator[tuple[str, int]]:
    """Count the products that are not 0, and the sums that are negative, 0 or large."""
    z = _reference(size, given)["z"]
    yield "negative", int((z < 0).sum())
    yield "zero", int((z == 0).sum())
    yield "large", int((abs(z) > 19).sum())
    ones = {"x": given["x"] != 0, "w": given["w"] != 0, "b": np.array(0)}
    yield "products", int(_reference(size, ones)["z"].sum())


def _reference(size: Size, given: Numbers) -> Numbers:
    x, w, b = (torch.tensor(given[name].astype(float)) for name in "xwb")
    z = functional.conv2d(x[None, None], w[None, None], b[None], size.stride, size.padding)[0, 0]
    rows, columns = map(np.array, z.shape)
    return {"rows": rows, "columns": columns, "z": z.numpy(), "y": functional.relu(z).numpy()}


def _room(size: Size) -> tuple[int, int]:
    """One row and one column too many, so that the blank does not tell the size."""
    return size.z[0] + 1, size.z[1] + 1


def _sizes(size: Size) -> tuple[Answer, ...]:
    k, s, p = size.kernel, size.stride, size.padding
    return tuple(
        Answer(
            label,
            exact.array(n),
            (Line((), f"{label} = ⌊({before} + 2·{p} − {k}) / {s}⌋ + 1 = {number(n)}"),),
        )
        for label, before, n in zip(
            ("rows", "columns"), size.x, map(exact.fraction, size.z), strict=True
        )
    )
