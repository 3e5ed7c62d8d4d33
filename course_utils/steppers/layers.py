"""What one layer does, step by step: convolution, pooling and the way back."""

from __future__ import annotations

from typing import Any

from course_utils import exact
from course_utils.steppers.markup import Panel, Stepper, draw
from course_utils.steppers.phases import (
    convolving,
    input_gradient,
    kernel_gradient,
    one_channel,
    pooling,
)


def convolution(
    x: Any,
    w: Any,
    *,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    names: tuple[str, str, str] = ("x", "w", "y"),
) -> Stepper:
    """Move the kernel over the padded input: one step for each number of the output.

    ``x`` is [H, W] with ``w`` of [kH, kW], or [L] with [k]; the other arguments are those of
    ``exact.conv2d`` and ``exact.conv1d``, which compute every number. ``names`` are what the page
    calls input, kernel and output.

    >>> convolution([3, 1, 9, 2], [1, -1], stride=2)
    Stepper: convolution, 2 steps

    Raises
    ------
    ValueError
        For several channels, for a stepper of more than 60 KB, and where ``exact`` does.
    """
    x, w = one_channel(x, "x"), one_channel(w, "w")
    operation = exact.conv2d if x.ndim == 2 else exact.conv1d
    with exact.worked() as page:
        y = operation(x, w, bias=bias, stride=stride, padding=padding, dilation=dilation)
    work = page[0]
    of_x, of_w, of_y = names
    panels = (
        with_padding(f"input {of_x}", x, work),
        Panel(f"kernel {of_w}", w),
        Panel(f"output {of_y}", y),
    )
    title = "Convolution, window by window"
    return draw("convolution", title, [convolving(work, *panels, f"Each number of {of_y}", of_y)])


def max_pooling(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    *,
    names: tuple[str, str] = ("x", "y"),
) -> Stepper:
    """Take the largest number of each window: one step for each number of the output.

    ``x`` is [H, W]; the other arguments are those of ``exact.max_pool2d``. Numbers that tie for the
    largest are all marked. The padding shows as −∞: it never wins. ``names`` are what the page
    calls input and output.

    >>> max_pooling([[3, 1, 9, 2], [0, 0, 3, 3]], 2)
    Stepper: max pooling, 2 steps

    Raises
    ------
    ValueError
        For several channels, for a stepper of more than 60 KB, and where ``exact`` does.
    """
    x = one_channel(x, "x", axes=(2,))
    with exact.worked() as page:
        y = exact.max_pool2d(x, kernel_size, stride, padding)
    work = page[0]
    of_x, of_y = names
    panels = with_padding(f"input {of_x}", x, work, filler="−∞"), Panel(f"output {of_y}", y)
    title = "Max pooling, window by window"
    return draw("max pooling", title, [pooling(work, *panels, f"Each number of {of_y}", of_y)])


def backward(
    upstream: Any, x: Any, w: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Stepper:
    """Send a gradient back through a convolution: a step for each number of dw, then of dx.

    ``upstream``, ∂L/∂y, has the shape of the convolution's output; the other arguments are those of
    ``convolution``.

    >>> backward([1, 10], [1, 2, 3], [4, 5])
    Stepper: backward, 5 steps

    Raises
    ------
    ValueError
        For several channels, for a stepper of more than 60 KB, and where ``exact`` does.
    """
    x, w = one_channel(x, "x"), one_channel(w, "w")
    upstream = one_channel(upstream, "upstream")
    operation = exact.conv2d_backward if x.ndim == 2 else exact.conv1d_backward
    with exact.worked() as page:
        dx, dw, _ = operation(upstream, x, w, stride=stride, padding=padding, dilation=dilation)
    work = page[0]
    delta = Panel("upstream ∂L/∂y", upstream)
    to_kernel = kernel_gradient(
        work,
        with_padding("input x", x, work),
        delta,
        Panel("∂L/∂w", dw),
        "To the kernel: inputs under the weight, times the upstream gradient",
        "∂L/∂w",
    )
    to_input = input_gradient(
        work,
        delta,
        Panel("kernel w", w),
        Panel("∂L/∂x", dx),
        "To the input: the upstream gradient, times the weights that met the number",
        "∂L/∂x",
    )
    return draw("backward", "Convolution, backwards", [to_kernel, to_input])


def with_padding(caption: str, values: exact.Array, work: exact.Worked, filler: str = "0") -> Panel:
    """Draw the input of a worked operation with its padding."""
    padding = work.options["padding"]
    return Panel(caption + " with padding" * any(padding), values, padding, filler)
