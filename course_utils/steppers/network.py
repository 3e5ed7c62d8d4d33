"""A number's way through a whole network, and the way back of its gradient."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from course_utils import exact
from course_utils.exact.steps import Index
from course_utils.steppers.layers import with_padding
from course_utils.steppers.markup import Mark, Panel, Phase, Stepper, StepRow, draw, factor
from course_utils.steppers.phases import (
    convolving,
    expression,
    kernel_gradient,
    one_channel,
    pooling,
)

NUMBERS = ("Numbers", "Each of them", "Values")


def network(
    x: Any,
    w: Any,
    target: Any,
    *,
    padding: Any = 1,
    kernel_size: Any = 2,
    names: tuple[str, str, str] = ("y", "r", "p"),
) -> Stepper:
    """Walk through convolution, ReLU, max-pooling and L1 loss (mean), and back to the kernel.

    ``x`` is [H, W], ``w`` is [kH, kW], ``target`` has the shape of the pooled output. The
    convolution has stride 1, the pooling's stride is its ``kernel_size``; of numbers that tie for a
    maximum the first gets the gradient, as in PyTorch. The last step shows the last number of
    ∂L/∂w. ``names`` are what the page calls the map, the map after ReLU and the pooled map.

    >>> network([[1, 2], [3, 4]], [[1]], [[5]], padding=0)
    Stepper: network, 13 steps

    Raises
    ------
    ValueError
        For several channels, for a stepper of more than 60 KB, and where ``exact`` does.
    """
    x, w = one_channel(x, "x", (2,)), one_channel(w, "w", (2,))
    target = one_channel(target, "target", (2,))
    with exact.worked() as page:
        y = exact.conv2d(x, w, padding=padding)
        r = exact.relu(y)
        p = exact.max_pool2d(r, kernel_size)
        loss = exact.l1_loss(p, target)
        dp, _ = exact.l1_loss_backward(p, target)
        dr = exact.max_pool2d_backward(dp, r, kernel_size, ties="first")
        dy = exact.relu_backward(dr, y)
        _, dw, _ = exact.conv2d_backward(dy, x, w, padding=padding)
    convolved, rectified, pooled, lost, from_loss, routed, passed, returned = page
    gx = with_padding("input x", x, convolved)
    gw, gt = Panel("kernel w", w), Panel("target t", target)
    of_y, of_r, of_p = names
    gy = Panel(of_y, y)
    gr, gp = Panel(f"{of_r}, after ReLU", r), Panel(f"{of_p}, pooled", p)
    gl = Panel("loss L", exact.array([loss]))
    gdp, gdr, gdy, gdw = (
        Panel(f"∂L/∂{name}", values)
        for name, values in {of_p: dp, of_r: dr, of_y: dy, "w": dw}.items()
    )
    phases = [
        convolving(convolved, gx, gw, gy, "1. Convolution: products and their sum", of_y),
        _relu(rectified, gy, gr, of_r),
        pooling(pooled, gr, gp, "3. Max pooling: the largest of each window", of_p),
        _loss(lost, gp, gt, gl),
        _loss_backward(from_loss, gp, gt, gdp),
        _pooling_backward(routed, gdp, gr, gdr),
        _relu_backward(passed, gdr, gy, gdy, of_y),
        kernel_gradient(
            returned, gx, gdy, gdw, "8. Back to the kernel: inputs times gradients", "∂L/∂w"
        ),
    ]
    return draw("network", "A tiny network, forwards and backwards", phases)


def _relu(work: exact.Worked, y: Panel, r: Panel, name: str) -> Phase:
    rows = []
    for i, steps in enumerate(_rows(work)):
        cells = [y.flat(step.index) for step in steps]
        written = "; ".join(f"max(0, {exact.printed(step.terms[0].value)})" for step in steps)
        rows.append(
            StepRow(
                f"{name}, row {i + 1}",
                (written, _values(steps)),
                [Mark(y, "i", cells), Mark(r, "o", cells)],
            )
        )
    return _several("2. ReLU: what is negative becomes 0", (y, r), rows)


def _loss(work: exact.Worked, p: Panel, target: Panel, loss: Panel) -> Phase:
    (step,) = work.steps
    cells = [p.flat(at) for at in np.ndindex(p.values.shape)]
    written = " + ".join(f"|{_difference(p, target, at)}|" for at in np.ndindex(p.values.shape))
    values = " + ".join(map(exact.printed, step.products))
    marks = [Mark(p, "i", cells), Mark(target, "i", cells), Mark(loss, "o", [0])]
    share = exact.printed(step.scale)
    return Phase(
        f"4. L1 loss: the mean distance from the target, {share} of the sum",
        (p, target, loss),
        ("Number", "Distances", "Their values", "Mean"),
        "evr",
        [StepRow("L", (written, values, exact.printed(step.value)), marks)],
        around=(f"{share} · (", ")"),
        across=p.values.shape[-1],
    )


def _loss_backward(work: exact.Worked, p: Panel, target: Panel, dp: Panel) -> Phase:
    steps = [step for step in work.steps if step.result == "dx"]
    cells = [p.flat(step.index) for step in steps]
    written = "; ".join(
        f"{exact.printed(step.scale)} · sign({_difference(p, target, step.index)})"
        for step in steps
    )
    marks = [Mark(p, "i", cells), Mark(target, "i", cells), Mark(dp, "o", cells)]
    line = StepRow(dp.caption, (written, _values(steps)), marks)
    title = "5. Back through the loss: which side of the target"
    return _several(title, (p, target, dp), [line], across=p.values.shape[-1])


def _pooling_backward(work: exact.Worked, dp: Panel, r: Panel, dr: Panel) -> Phase:
    windows: dict[Index, list[exact.Step]] = defaultdict(list)
    for step in work.steps:
        source = step.terms[0].operands[0].index or () if step.terms else ()
        windows[source].append(step)
    outside = windows.pop((), [])
    rows: list[StepRow] = []
    for at, steps in sorted(windows.items()):
        cells = [r.flat(step.index) for step in steps]
        winners = [r.flat(step.index) for step in steps if step.terms[0].operands[1].value]
        marks = [
            Mark(dp, "i", [dp.flat(at)]),
            Mark(r, "i", cells),
            Mark(r, "w", winners),
            Mark(dr, "o", cells),
        ]
        written = "; ".join(expression(step.terms[0]) for step in steps)
        rows.append(
            StepRow(f"{dr.caption}, window {len(rows) + 1}", (written, _values(steps)), marks)
        )
    if outside:
        cells = [r.flat(step.index) for step in outside]
        written = "; ".join("in no window" for _ in outside)
        marks = [Mark(r, "i", cells), Mark(dr, "o", cells)]
        rows.append(StepRow(f"{dr.caption}, the rest", (written, _values(outside)), marks))
    title = "6. Back through the pooling: all to the largest, of a tie to the first"
    kernel: Index = work.options["kernel_size"]
    return _several(title, (dp, r, dr), rows, across=kernel[-1])


def _relu_backward(work: exact.Worked, dr: Panel, y: Panel, dy: Panel, name: str) -> Phase:
    rows = []
    for i, steps in enumerate(_rows(work)):
        cells = [y.flat(step.index) for step in steps]
        marks = [Mark(dr, "i", cells), Mark(y, "i", cells), Mark(dy, "o", cells)]
        written = "; ".join(expression(step.terms[0]) for step in steps)
        rows.append(StepRow(f"{dy.caption}, row {i + 1}", (written, _values(steps)), marks))
    title = f"7. Back through ReLU: times 1 where {name} is positive, times 0 elsewhere"
    return _several(title, (dr, y, dy), rows)


def _several(title: str, panels: tuple[Panel, ...], rows: list[StepRow], across: int = 0) -> Phase:
    """Show several numbers in one step, each with its own working."""
    return Phase(title, panels, NUMBERS, "ev", rows, joint="; ", across=across)


def _rows(work: exact.Worked) -> list[list[exact.Step]]:
    rows: dict[int, list[exact.Step]] = defaultdict(list)
    for step in work.steps:
        rows[step.index[0]].append(step)
    return [*rows.values()]


def _values(steps: list[exact.Step]) -> str:
    return "; ".join(exact.printed(step.value) for step in steps)


def _difference(p: Panel, target: Panel, at: Index) -> str:
    return f"{exact.printed(p.values[at])} − {factor(target.values[at])}"
