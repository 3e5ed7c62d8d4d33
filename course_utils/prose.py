"""Computed text in a notebook: Markdown, tables, and claims checked where they are printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from course_utils.basics.checks import invalid
from course_utils.basics.output import say

__all__ = ["Markdown", "claim", "table"]


class Markdown(str):
    """Text that notebooks show as Markdown and that prints as it is.

    >>> Markdown(f"The mean is **{(1 + 2) / 2}**.")
    The mean is **1.5**.
    """

    def _repr_markdown_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Markdown:
    """A Markdown table; the first column is text, the others are set flush right.

    A bar or a new line in a cell doesn't end it.

    Raises
    ------
    ValueError
        For a row that is not as long as the header.

    Examples
    --------
    >>> table(["network", "parameters"], [["784–10", f"{7850:,}"]])
    | network | parameters |
    | --- | ---: |
    | 784–10 | 7,850 |
    """
    for row in rows:
        if len(row) != len(header):
            rule = f"use {len(header)} cells in a row, as many as the header has"
            raise invalid("rows", row, rule)
    marks = ["---", *["---:"] * (len(header) - 1)]
    lines = [header, marks, *rows]
    return Markdown("\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines))


def _cell(content: object) -> str:
    """Escape each bar that isn't escaped yet, and write lines as one."""
    lines = filter(None, map(str.strip, str(content).splitlines()))
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", " ".join(lines))


class _Data(Protocol):
    @property
    def is_mnist(self) -> bool: ...


def claim(sentence: str, holds: Any, *, on: _Data | None = None) -> None:
    """Print ``sentence`` if it holds; raise an error with the same words if it does not.

    A claim about MNIST names its data set with ``on``. On stand-in data it prints the same words,
    so that every machine shows the same page, and asserts nothing.

    Raises
    ------
    AssertionError
        If the claim does not hold.
    TypeError
        Unless ``holds`` is one true-or-false value: a bool, or an array or tensor with a single
        bool. An array of comparisons is not a verdict, and neither is nan.

    Examples
    --------
    >>> claim("The network has 101,770 parameters.", 784 * 128 + 128 + 128 * 10 + 10 == 101770)
    ✓ The network has 101,770 parameters.
    """
    verdict = np.asarray(holds)
    if verdict.dtype != np.bool_ or verdict.size != 1:
        raise TypeError(
            f"holds: {type(holds).__name__} of shape {verdict.shape} and dtype {verdict.dtype} is "
            "invalid; use a single true or false, such as x < y or (x == y).all()"
        )
    words = sentence if on is None else f"On MNIST: {sentence}"
    if not verdict.item() and (on is None or on.is_mnist):
        raise AssertionError(words)
    say(f"✓ {words}")
