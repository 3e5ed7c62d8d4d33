"""Worked steps: the numbers that went into each number of a result, as data and as LaTeX.

Indices count from 0, as in Python; in LaTeX they count from 1, as in mathematics.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np

from course_utils.exact.numbers import Array, latex

Index: TypeAlias = tuple[int, ...]
Rule = Literal["sum", "max", "relu", "log_sum_exp", "softmax"]

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Operand:
    """A number that goes into a step: ``value``, which stands at ``index`` of the array ``name``.

    An index of None is a place in the padding. ``written`` is its LaTeX where it is itself a small
    sum, as the difference in a loss.
    """

    name: str
    index: Index | None
    value: Fraction
    written: str = ""

    def latex(self) -> str:
        return self.written or latex(self.value)


@dataclass(frozen=True, slots=True)
class Term:
    """A product of operands (or a single one), and its value."""

    operands: tuple[Operand, ...]
    value: Fraction

    @property
    def in_padding(self) -> bool:
        return any(operand.index is None for operand in self.operands)

    def latex(self, *, first: bool = True) -> str:
        """Write the product; after a plus sign a negative factor needs brackets."""
        written = [operand.latex() for operand in self.operands]
        return r" \cdot ".join(
            _bracket(number) if i or not first else number for i, number in enumerate(written)
        )


@dataclass(frozen=True, slots=True)
class Step:
    """How one number of a result comes about.

    The number stands at ``index`` of the array ``result`` ("y", "dx", …). By ``rule`` it is

    - "sum": ``scale`` times the sum of the terms;
    - "max": the largest of the terms; "relu": the larger of 0 and the only term;
    - "log_sum_exp": ln Σ exp(term), and "softmax": scale · (1 / Σ exp(term) + offset). Here
      exactness ends: the terms are exact, ``value`` is a float.

    The first operand of each term is the one that a window selects.
    """

    operation: str
    result: str
    index: Index
    rule: Rule
    terms: tuple[Term, ...]
    value: Fraction | float
    scale: Fraction = ONE
    offset: Fraction = Fraction(0)

    @property
    def window(self) -> tuple[Index | None, ...]:
        """Where the first operands stand in their array, in order; None is padding."""
        return tuple(term.operands[0].index for term in self.terms)

    @property
    def products(self) -> tuple[Fraction, ...]:
        """The values of the terms, in the same order."""
        return tuple(term.value for term in self.terms)

    @property
    def chosen(self) -> tuple[Index | None, ...]:
        """Where the largest terms stand: one place, or several when they tie."""
        return tuple(
            at for at, value in zip(self.window, self.products, strict=True) if value == self.value
        )

    def latex(self, *, padding: bool = True) -> str:
        """Write the step as one equation; ``padding=False`` leaves out the zeros of the padding."""
        terms = [term for term in self.terms if padding or not term.in_padding]
        written = [_symbol(self.result, self.index)]
        if self.rule in ("max", "relu"):
            numbers = ["0"] * (self.rule == "relu") + [term.latex() for term in terms]
            written.append(r"\max(" + r",\; ".join(numbers) + ")")
        elif self.rule == "sum":
            written += self._sums(terms)
        else:
            powers = " + ".join(f"e^{{{term.latex()}}}" for term in terms)
            written.append(self._of_powers(powers))
            return " = ".join(written) + rf" \approx {_rounded(float(self.value))}"
        return " = ".join([*written, latex(self.value)])

    def _sums(self, terms: list[Term]) -> list[str]:
        """Write the sum of products, and below it what each product is."""
        products = " + ".join(term.latex(first=i == 0) for i, term in enumerate(terms))
        values = [latex(term.value) for term in terms]
        sums = [products or "0"]
        if self.scale != ONE:
            brackets = f"({products})" if len(terms) > 1 else _bracket(products or "0")
            sums = [rf"{latex(self.scale)} \cdot {brackets}"]
        elif len(terms) > 1 and any(len(term.operands) > 1 for term in terms):
            sums.append(" + ".join(values).replace("+ -", "- "))
        return [s for s in sums if s != latex(self.value)]

    def _of_powers(self, powers: str) -> str:
        if self.rule == "log_sum_exp":
            return rf"\ln({powers})"
        share = rf"\frac{{1}}{{{powers}}}"
        if self.offset:
            share = f"({share} - {latex(-self.offset)})"
        return share if self.scale == ONE else rf"{latex(self.scale)} \cdot {share}"


@dataclass(frozen=True)
class Worked:
    """One operation on a worked page: what went in, what came out, and each step between."""

    operation: str
    inputs: Mapping[str, Array]
    options: Mapping[str, Any]
    results: Mapping[str, Any]
    steps: tuple[Step, ...]


_pages: ContextVar[tuple[list[Worked], ...]] = ContextVar("pages", default=())


@contextmanager
def worked() -> Iterator[list[Worked]]:
    """Collect the worked steps of every exact operation inside the block, in order.

    >>> from course_utils import exact
    >>> with worked() as page:
    ...     y = exact.conv1d([1, 2, 3], [10, 1])
    >>> [operation.operation for operation in page]
    ['conv1d']
    >>> step = page[0].steps[1]
    >>> step.index, step.window, [int(p) for p in step.products], int(step.value)
    ((1,), ((1,), (2,)), [20, 3], 23)
    >>> print(step.latex())
    y_{2} = 2 \\cdot 10 + 3 \\cdot 1 = 20 + 3 = 23
    """
    page: list[Worked] = []
    token = _pages.set((*_pages.get(), page))
    try:
        yield page
    finally:
        _pages.reset(token)


def record(
    operation: str,
    inputs: Mapping[str, Array],
    options: Mapping[str, Any],
    results: Mapping[str, Any],
    steps: Iterable[Step],
) -> None:
    """Write a finished operation on every open page."""
    for page in _pages.get():
        page.append(Worked(operation, inputs, options, results, tuple(steps)))


def product(*operands: Operand) -> Term:
    """Multiply the operands."""
    return Term(operands, math.prod((o.value for o in operands), start=ONE))


def total(
    operation: str, result: str, index: Index, terms: Iterable[Term], scale: Fraction = ONE
) -> Step:
    """Add the terms up."""
    terms = tuple(terms)
    value = scale * sum((term.value for term in terms), Fraction(0))
    return Step(operation, result, index, "sum", terms, value, scale)


def largest(operation: str, result: str, index: Index, terms: Iterable[Term]) -> Step:
    """Take the largest of the terms."""
    terms = tuple(terms)
    value = max(term.value for term in terms)
    return Step(operation, result, index, "max", terms, value)


def rectified(operation: str, result: str, index: Index, operand: Operand) -> Step:
    """Take the operand, or 0 where it is negative."""
    value = max(Fraction(0), operand.value)
    return Step(operation, result, index, "relu", (product(operand),), value)


def assemble(steps: Iterable[Step], shape: Index) -> Array:
    """Put the values of the steps where they belong."""
    values = np.empty(shape, dtype=object)
    for step in steps:
        values[step.index] = step.value
    return values


def _symbol(result: str, index: Index) -> str:
    places = ",".join(str(i + 1) for i in index)
    name = result.removeprefix("d")
    symbol = name if len(name) == 1 else rf"\mathrm{{{name}}}"
    symbol += f"_{{{places}}}" if places else ""
    return rf"\frac{{\partial L}}{{\partial {symbol}}}" if result.startswith("d") else symbol


def _bracket(written: str) -> str:
    return f"({written})" if written.startswith("-") else written


def _rounded(value: float) -> str:
    return f"{value:.6g}"
