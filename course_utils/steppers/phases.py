"""Which cells and numbers belong to each step? The worked steps of `exact`, as lines of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from course_utils import exact
from course_utils.exact.steps import Index
from course_utils.steppers.markup import Grid, Line, Mark, Phase, factor, number, subscript


def read(values: Any, name: str, axes: tuple[int, ...] = (1, 2)) -> exact.Array:
    """Read an array of one channel.

    Raises ValueError for another number of axes, and for what `exact.array` refuses.
    """
    array = exact.array(values, name)
    if array.ndim not in axes:
        shapes = " or ".join({1: "[L]", 2: "[H, W]"}[n] for n in reversed(axes))
        raise ValueError(
            f"{name}: shape {array.shape} has {array.ndim} axes; "
            f"a stepper shows one channel, {shapes}"
        )
    return array


def convolving(work: exact.Worked, x: Grid, w: Grid, y: Grid, title: str) -> Phase:
    """Lay the kernel on each window: products, sum."""
    lines = []
    for step in work.steps:
        products = [term for term in step.terms if len(term.operands) == 2]
        inside = [term.operands[1].index or () for term in products]
        marks = [
            Mark(x, "i", [x.flat(_place(work, step.index, at)) for at in inside]),
            Mark(w, "i", [w.flat(at) for at in inside]),
            _result(y, step),
        ]
        lines.append(_sum(step, "y", marks))
    return _sums(title, (x, w, y), lines, across=w.values.shape[-1])


def kernel_gradient(
    work: exact.Worked, x: Grid, upstream: Grid, dw: Grid, title: str, name: str
) -> Phase:
    """Collect, for each weight, the input under it times the upstream gradient."""
    lines = []
    for step in (step for step in work.steps if step.result == "dw"):
        outputs = [term.operands[1].index or () for term in step.terms]
        marks = [
            Mark(x, "i", [x.flat(_place(work, at, step.index)) for at in outputs]),
            Mark(upstream, "i", [upstream.flat(at) for at in outputs]),
            _result(dw, step),
        ]
        lines.append(_sum(step, name, marks))
    return _sums(title, (x, upstream, dw), lines, across=upstream.values.shape[-1])


def input_gradient(
    work: exact.Worked, upstream: Grid, w: Grid, dx: Grid, title: str, name: str
) -> Phase:
    """Collect, for each input, the weights that met it times the upstream gradients."""
    lines = []
    for step in (step for step in work.steps if step.result == "dx"):
        marks = [
            Mark(grid, "i", [grid.flat(term.operands[i].index or ()) for term in step.terms])
            for i, grid in enumerate((upstream, w))
        ]
        lines.append(_sum(step, name, [*marks, _result(dx, step)]))
    return _sums(title, (upstream, w, dx), lines, across=0)


def pooling(work: exact.Worked, x: Grid, y: Grid, title: str, name: str) -> Phase:
    """Take the largest of each window, and say where several tie."""
    kernel: Index = work.options["kernel_size"]
    lines = []
    for step in work.steps:
        window = [x.flat(at) for at in step.window if at is not None]
        places = (_place(work, step.index, at) for at in np.ndindex(kernel))
        padding = [cell for cell in map(x.flat, places) if cell not in window]
        winners = [x.flat(at) for at in step.chosen if at is not None]
        tie = f", a tie of {len(winners)}" if len(winners) > 1 else ""
        marks = [Mark(x, "i", window + padding), Mark(x, "w", winners), _result(y, step)]
        values = ", ".join(map(number, step.products))
        lines.append(Line(subscript(name, step.index), (values, number(step.value) + tie), marks))
    return Phase(
        title,
        (x, y),
        ("Number", "Window", "Largest"),
        "vr",
        lines,
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


def _sums(title: str, grids: tuple[Grid, ...], lines: list[Line], across: int) -> Phase:
    header = ("Number", "Products", "Their values", "Sum")
    return Phase(title, grids, header, "evr", lines, across=across)


def _sum(step: exact.Step, name: str, marks: Iterable[Mark]) -> Line:
    terms = step.terms
    products = " + ".join(map(expression, terms)) or "0"
    values = " + ".join(factor(term.value) for term in terms) or "0"
    return Line(subscript(name, step.index), (products, values, number(step.value)), [*marks])


def _result(grid: Grid, step: exact.Step) -> Mark:
    return Mark(grid, "o", [grid.flat(step.index)])


def _place(work: exact.Worked, output: Index, inside: Index) -> Index:
    """Say where the place `inside` the window of an output lies in the input."""
    options = work.options
    dilation = options.get("dilation", (1,) * len(output))
    axes = zip(output, options["stride"], inside, dilation, options["padding"], strict=True)
    return tuple(o * s + i * d - p for o, s, i, d, p in axes)
