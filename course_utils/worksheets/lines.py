"""Worked steps of ``course_utils.exact``, written in plain text."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from course_utils import exact
from course_utils.basics.numerals import MINUS, bracketed
from course_utils.exact import printed
from course_utils.worksheets.sheet import Answer, Line

_PLAIN = {r"\lvert ": "|", r" \rvert": "|", r"\operatorname{sign}": "sign", "-": MINUS}


def line(step: exact.Step, label: str, *, without: str | None = None) -> Line:
    """Write a step as one equation for an entry of ``label``; the padding's zeros are left out.

    ``without`` names an operand: terms in which it is 0 are left out too.

    >>> with exact.worked() as page:
    ...     y = exact.conv1d([3, 1, 2], [2, -1])
    >>> line(page[0].steps[0], "z").text
    'z_{1} = 3·2 + 1·(−1) = 6 − 1 = 5'
    """
    terms = [
        term
        for term in step.terms
        if not term.in_padding and not any(o.name == without and not o.value for o in term.operands)
    ]
    products = [_product(term) for term in terms]
    if step.rule == "max":
        parts = [f"max({', '.join(products)})"]
    elif step.rule == "relu":
        parts = [f"max(0, {', '.join(products)})"]
    else:
        parts = _sums(step, terms, products)
    places = ",".join(str(i + 1) for i in step.index)
    symbol = f"{label}_{{{places}}}" if places else label
    result = printed(step.value)
    return Line(step.index, " = ".join([symbol, *(p for p in parts if p != result), result]))


def answer(
    label: str,
    worked: exact.Worked,
    result: str = "y",
    *,
    without: str | None = None,
    room: tuple[int, int] | None = None,
) -> Answer:
    """Give the answer that a worked operation is, with the lines of that result."""
    steps: Iterable[exact.Step] = (step for step in worked.steps if step.result == result)
    lines = tuple(line(step, label, without=without) for step in steps)
    return Answer(label, exact.array(worked.results[result]), lines, room)


def _sums(step: exact.Step, terms: list[exact.Term], products: list[str]) -> list[str]:
    """Write the sum of products, and then what each product is."""
    values = [printed(term.value) for term in terms]
    parts = [_add(products)]
    if any(len(term.operands) > 1 or term.operands[0].written for term in terms):
        parts.append(_add(values))
    if step.scale != 1:
        share, single = printed(step.scale), len(terms) == 1
        parts = [f"{share}·{bracketed(part) if single else f'({part})'}" for part in parts]
        if not single:
            total = sum((term.value for term in terms), Fraction(0))
            parts.append(f"{share}·{bracketed(printed(total))}")
    return list(dict.fromkeys(parts))


def _product(term: exact.Term) -> str:
    written = []
    for operand in term.operands:
        if operand.index == () and operand.value == 1:
            continue  # ∂L/∂L
        text = operand.written or printed(operand.value)
        for latex, plain in _PLAIN.items():
            text = text.replace(latex, plain)
        written.append(text)
    return "·".join([written[0], *map(bracketed, written[1:])])


def _add(parts: list[str]) -> str:
    """Join with plus signs; what is negative is taken away."""
    return " + ".join(parts or ["0"]).replace("+ −", "− ")
