"""The worked steps of ``exact`` as rows of a table, with the cells that belong to each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from course_utils import exact
from course_utils.exact.steps import Index
from course_utils.steppers.markup import Mark, Panel, Phase, StepRow, factor, subscript


def one_channel(values: Any, name: str, axes: tuple[int, ...] = (1, 2)) -> exact.Array:
    """Read an array of one channel.

    Raises
    ------
    ValueError
        For another number of axes, and for what ``exact.array`` refuses.
    """
    array = exact.array(values, name)
    if array.ndim not in axes:
        shapes = " or ".join({1: "[L]", 2: "[H, W]"}[n] for n in reversed(axes))
        raise ValueError(
            f"{name}: shape {array.shape} is invalid; use one channel, {shapes}, for a stepper"
        )
    return array


def convolving(
    work: exact.Worked, x: Panel, w: Panel, y: Panel, title: str, name: str = "y"
) -> Phase:
    """Lay the kernel on each window: products, sum."""
    rows = []
    for step in work.steps:
        products = [term for term in step.terms if len(term.operands) == 2]
        inside = [term.operands[1].index or () for term in products]
        marks = [
            Mark(x, "i", [x.flat(_place(work, step.index, at)) for at in inside]),
            Mark(w, "i", [w.flat(at) for at in inside]),
            _result(y, step),
        ]
        rows.append(_sum(step, name, marks))
    return _sums(title, (x, w, y), rows, across=w.values.shape[-1])


def kernel_gradient(
    work: exact.Worked, x: Panel, upstream: Panel, dw: Panel, title: str, name: str
) -> Phase:
    """Collect, for each weight, the input under it times the upstream gradient."""
    rows = []
    for step in (step for step in work.steps if step.result == "dw"):
        outputs = [term.operands[1].index or () for term in step.terms]
        marks = [
            Mark(x, "i", [x.flat(_place(work, at, step.index)) for at in outputs]),
            Mark(upstream, "i", [upstream.flat(at) for at in outputs]),
            _result(dw, step),
        ]
        rows.append(_sum(step, name, marks))
    return _sums(title, (x, upstream, dw), rows, across=upstream.values.shape[-1])


def input_gradient(
    work: exact.Worked, upstream: Panel, w: Panel, dx: Panel, title: str, name: str
) -> Phase:
    """Collect, for each input, the weights that met it times the upstream gradients."""
    rows = []
    for step in (step for step in work.steps if step.result == "dx"):
        marks = [
            Mark(panel, "i", [panel.flat(term.operands[i].index or ()) for term in step.terms])
            for i, panel in enumerate((upstream, w))
        ]
        rows.append(_sum(step, name, [*marks, _result(dx, step)]))
    return _sums(title, (upstream, w, dx), rows, across=0)


def pooling(work: exact.Worked, x: Panel, y: Panel, title: str, name: str) -> Phase:
    """Take the largest of each window, and say where several tie."""
    kernel: Index = work.options["kernel_size"]
    rows = []
    for step in work.steps:
        window = [x.flat(at) for at in step.window if at is not None]
        places = (_place(work, step.index, at) for at in np.ndindex(kernel))
        padding = [cell for cell in map(x.flat, places) if cell not in window]
        winners = [x.flat(at) for at in step.chosen if at is not None]
        tie = f", a tie of {len(winners)}" if len(winners) > 1 else ""
        marks = [Mark(x, "i", window + padding), Mark(x, "w", winners), _result(y, step)]
        values = ", ".join(map(exact.printed, step.products))
        rows.append(
            StepRow(subscript(name, step.index), (values, exact.printed(step.value) + tie), marks)
        )
    return Phase(
        title,
        (x, y),
        ("Number", "Window", "Largest"),
        "vr",
        rows,
        joint=", ",
        around=("max(", ")"),
        across=kernel[-1],
    )


def expression(term: exact.Term) -> str:
    """Write a product of numbers; a bias is written as what it is."""
    if term.operands[0].name == "bias":
        return "bias"
    return "\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}".join(
        factor(operand.value) for operand in term.operands
    )


def _sums(title: str, panels: tuple[Panel, ...], rows: list[StepRow], across: int) -> Phase:
    header = ("Number", "Products", "Their values", "Sum")
    return Phase(title, panels, header, "evr", rows, across=across)


def _sum(step: exact.Step, name: str, marks: Iterable[Mark]) -> StepRow:
    terms = step.terms
    products = " + ".join(map(expression, terms)) or "0"
    values = " + ".join(factor(term.value) for term in terms) or "0"
    return StepRow(
        subscript(name, step.index), (products, values, exact.printed(step.value)), [*marks]
    )


def _result(panel: Panel, step: exact.Step) -> Mark:
    return Mark(panel, "o", [panel.flat(step.index)])


def _place(work: exact.Worked, output: Index, inside: Index) -> Index:
    """Say where the place ``inside`` the window of an output lies in the input."""
    options = work.options
    dilation = options.get("dilation", (1,) * len(output))
    axes = zip(output, options["stride"], inside, dilation, options["padding"], strict=True)
    return tuple(o * s + i * d - p for o, s, i, d, p in axes)
