"""Panels of numbers and rows of working, made into one piece of HTML.

Everything stands in plain tables, which is all that a reader without script sees. The script reads
the same tables, hides them and shows one line at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils import exact
from course_utils.basics.numerals import bracketed
from course_utils.exact.steps import Index
from course_utils.fragments import Fragment, assemble

LIMIT = 60_000  # bytes of one fragment

HERE = Path(__file__).parent

_PADDING = "padding"  # in place of a number


class Stepper(Fragment):
    """Steps as a piece of HTML that notebooks show, complete in itself; ``html`` is its text."""


@dataclass(frozen=True, eq=False)
class Panel:
    """An array with its padding, drawn as a small table. ``padding`` has one number per axis."""

    caption: str
    values: exact.Array
    padding: Index | None = None
    filler: str = "0"

    def flat(self, index: Index) -> int:
        """Count the cells before an index of the array; indices in the padding lie outside it."""
        position = 0
        for i, n, p in zip(index, self.values.shape, self._padding, strict=True):
            position = position * (n + 2 * p) + i + p
        return position

    @property
    def _padding(self) -> Index:
        return self.padding or (0,) * self.values.ndim

    def html(self) -> str:
        values = self.values.reshape(-1, self.values.shape[-1])
        above, aside = (0, *self._padding)[-2:]
        padded = np.pad(values, [(above, above), (aside, aside)], constant_values=_PADDING)
        rows = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in padded)
        caption = self.caption.replace(" ", "\N{NO-BREAK SPACE}")
        table = f'<table class="g"><caption>{caption}</caption>{rows}</table>'
        return f'<div class="gw">{table}</div>'

    def _cell(self, value: object) -> str:
        return (
            f'<td class="p">{self.filler}</td>'
            if value == _PADDING
            else f"<td>{exact.printed(value)}</td>"
        )


@dataclass(frozen=True)
class Mark:
    """Cells that a step lights up: as its "i"nputs, its "o"utputs, or "w"inners of a maximum."""

    panel: Panel
    kind: str
    cells: Sequence[int]


@dataclass(frozen=True)
class StepRow:
    """One step: its label, the texts of its columns, and the cells it lights up."""

    label: str
    cells: Sequence[str]
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Phase:
    """Steps of one kind, one table. ``header`` names the label and then the columns.

    ``columns`` says what each column holds: "e", expressions; "v", their values; "r", the result.
    Expressions and values are lists, with ``joint`` between their parts; ``around`` is what stands
    around the values where the whole line is written as an equation. ``across`` parts go into a
    row.
    """

    title: str
    panels: Sequence[Panel]
    header: Sequence[str]
    columns: str
    rows: Sequence[StepRow]
    joint: str = " + "
    around: tuple[str, str] = ("", "")
    across: int = 0


def factor(value: object) -> str:
    """Write a number for the inside of a sum or product: negative ones in brackets."""
    return bracketed(exact.printed(value))


def subscript(name: str, index: Index) -> str:
    """Write the name of one number; indices count from 1, as in mathematics."""
    return f"{name}<sub>{','.join(str(i + 1) for i in index)}</sub>"


def draw(kind: str, title: str, phases: Sequence[Phase]) -> Stepper:
    """Write the phases as one fragment.

    Raises
    ------
    ValueError
        If it would have more than 60,000 bytes.
    """
    numbers: dict[Panel, int] = {}
    parts = []
    for phase in phases:
        fresh = [panel for panel in phase.panels if panel not in numbers]
        for panel in fresh:
            numbers[panel] = len(numbers)
        if fresh:
            parts.append(f'<div class="gs">{"".join(panel.html() for panel in fresh)}</div>')
        parts.append(_table(phase, numbers))
    steps = sum(len(phase.rows) for phase in phases)
    summary = f"{kind}, {counted(steps)}"
    return Stepper(summary, fragment(kind, title, "".join(parts)))


def counted(steps: int) -> str:
    """Write how many steps there are."""
    return f"{steps} step{'s' * (steps != 1)}"


def fragment(
    kind: str,
    title: str,
    source: str,
    *,
    script: str = "stepper.js",
    styles: Sequence[str] = ("stepper.css",),
    own: str = "",
) -> str:
    """Put a title, the plain source, styles and script together.

    ``own`` is for a script of its own: what that starts from.

    Raises
    ------
    ValueError
        If the fragment has more than 60,000 bytes.
    """
    text = assemble(
        title,
        source,
        name="cst",
        folder=HERE,
        script=script,
        styles=styles,
        attributes={"data-own": own} if own else {},
    )
    size = len(text.encode())
    if size > LIMIT:
        raise ValueError(
            f"{kind}: the stepper has {size:,} bytes, but {LIMIT:,} are allowed; "
            "use fewer or smaller inputs"
        )
    return text


def _table(phase: Phase, numbers: dict[Panel, int]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in phase.header)
    panels = ",".join(str(numbers[panel]) for panel in phase.panels)
    before, after = phase.around
    body = "".join(_row(row, numbers) for row in phase.rows)
    return (
        f'<div class="sw"><table class="s" data-g="{panels}" data-c="{phase.columns}" '
        f'data-j="{phase.joint}" data-b="{before}" data-a="{after}" data-w="{phase.across}">'
        f"<caption>{phase.title}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: StepRow, numbers: dict[Panel, int]) -> str:
    marks = ";".join(
        f"{numbers[mark.panel]}{mark.kind}{','.join(map(str, mark.cells))}" for mark in row.marks
    )
    cells = "".join(f"<td>{cell}</td>" for cell in row.cells)
    return f'<tr data-m="{marks}"><th scope="row">{row.label}</th>{cells}</tr>'
