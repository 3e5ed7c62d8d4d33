"""Losses: how far an output is from its target, and in which direction."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from course_utils.basics.checks import choice, integer
from course_utils.exact.inputs import check_axes, check_shape
from course_utils.exact.numbers import Array, array, fraction, latex
from course_utils.exact.steps import Operand, Step, Term, assemble, product, record, total

Reduction = Literal["mean", "sum"]

# Exponentials and logarithms are not fractions. They are taken to so many digits that none is lost
# where 1 cancels beside the smallest float, which is 5e-324.
DIGITS = 400


def l1_loss(x: Any, target: Any, *, reduction: Reduction = "mean") -> Fraction:
    """Add up the absolute differences: (1/n) Σ |x − target|; with reduction="sum", no 1/n.

    >>> l1_loss([1, 4], [2, 2])
    Fraction(3, 2)

    Raises
    ------
    ValueError
        For shapes that differ or another reduction.
    """
    return _loss("l1_loss", x, target, reduction, _distance)


def mse_loss(x: Any, target: Any, *, reduction: Reduction = "mean") -> Fraction:
    """Add up the squared differences: (1/n) Σ (x − target)²; with reduction="sum", no 1/n.

    >>> mse_loss([1, 4], [2, 2])
    Fraction(5, 2)
    """
    return _loss("mse_loss", x, target, reduction, _square)


def l1_loss_backward(
    x: Any, target: Any, *, reduction: Reduction = "mean", upstream: Any = 1
) -> tuple[Array, Array]:
    """Give (dx, dtarget): dx = upstream · sign(x − target) / n and dtarget = −dx.

    Where x equals its target, the absolute value has no derivative; as in PyTorch, it is 0.

    >>> dx, dtarget = l1_loss_backward([1, 2, 4, 0], [2, 2, 2, 2])
    >>> print([str(d) for d in dx])
    ['-1/4', '0', '1/4', '-1/4']
    """

    def slope(difference: Operand) -> Operand:
        sign = Fraction((difference.value > 0) - (difference.value < 0))
        written = rf"\operatorname{{sign}}({difference.written})"
        return Operand("sign", difference.index, sign, written)

    return _loss_backward("l1_loss_backward", x, target, reduction, upstream, slope, 1)


def mse_loss_backward(
    x: Any, target: Any, *, reduction: Reduction = "mean", upstream: Any = 1
) -> tuple[Array, Array]:
    """Give (dx, dtarget): dx = upstream · 2 (x − target) / n and dtarget = −dx.

    >>> dx, dtarget = mse_loss_backward([1, 4], [2, 2])
    >>> dx.tolist() == [-1, 2], dtarget.tolist() == [1, -2]
    (True, True)
    """

    def slope(difference: Operand) -> Operand:
        written = f"({difference.written})"
        return Operand("x - target", difference.index, difference.value, written)

    return _loss_backward("mse_loss_backward", x, target, reduction, upstream, slope, 2)


def _difference(x: Array, target: Array, index: tuple[int, ...]) -> Operand:
    value = x[index] - target[index]
    return Operand("x - target", index, value, _minus(x[index], target[index]))


def _minus(a: Fraction, b: Fraction) -> str:
    return f"{latex(a)} - {latex(b)}" if b >= 0 else f"{latex(a)} - ({latex(b)})"


def _distance(difference: Operand) -> Term:
    written = rf"\lvert {difference.written} \rvert"
    return product(Operand("|x - target|", difference.index, abs(difference.value), written))


def _square(difference: Operand) -> Term:
    written = f"({difference.written})^2"
    return product(Operand("(x - target)²", difference.index, difference.value**2, written))


def _read(x: Any, target: Any, reduction: str) -> tuple[Array, Array, Fraction]:
    """Read both arrays, and the share of one difference in the loss."""
    x, target = array(x, "x"), array(target, "target")
    check_shape("target", target, x.shape, "the shape of x")
    choice("reduction", reduction, get_args(Reduction))
    return x, target, Fraction(1, x.size) if reduction == "mean" else Fraction(1)


def _loss(
    operation: str, x: Any, target: Any, reduction: str, far: Callable[[Operand], Term]
) -> Fraction:
    x, target, share = _read(x, target, reduction)
    terms = [far(_difference(x, target, index)) for index in np.ndindex(x.shape)]
    step = total(operation, "L", (), terms, share)
    loss = cast(Fraction, step.value)
    record(operation, {"x": x, "target": target}, {"reduction": reduction}, {"L": loss}, [step])
    return loss


def _loss_backward(
    operation: str,
    x: Any,
    target: Any,
    reduction: str,
    upstream: Any,
    slope: Callable[[Operand], Operand],
    factor: int,
) -> tuple[Array, Array]:
    x, target, share = _read(x, target, reduction)
    delta = Operand("upstream", (), fraction(upstream, "upstream"))
    steps: list[Step] = []
    for result, sign in (("dx", 1), ("dtarget", -1)):
        for index in np.ndindex(x.shape):
            term = product(slope(_difference(x, target, index)), delta)
            steps.append(total(operation, result, index, [term], sign * factor * share))
    dx, dtarget = assemble(steps[: x.size], x.shape), assemble(steps[x.size :], x.shape)
    record(
        operation,
        {"x": x, "target": target, "upstream": array(delta.value)},
        {"reduction": reduction},
        {"dx": dx, "dtarget": dtarget},
        steps,
    )
    return dx, dtarget


def cross_entropy(x: Any, target: int) -> float:
    """Give −ln softmax(x)[target] = ln Σ_j exp(x[j] − x[target]) for the logits x, [C].

    The differences are exact. There exactness ends, since exp and ln of a fraction are in general
    not fractions: they are taken to 50 digits or more, and the result is the float next to that,
    for the most confident answer, too.

    >>> cross_entropy([0, 0], 1)  # ln 2
    0.6931471805599453

    Raises
    ------
    ValueError
        For x that is not [C], or a target that is not a class, 0 to C − 1.
    """
    x, target = _read_logits(x, target)
    terms = tuple(_against(x, j, target) for j in range(len(x)))
    powers, largest = _power_sum(terms)
    loss = float(_context.add(_context.ln(powers), largest))
    step = Step("cross_entropy", "L", (), "log_sum_exp", terms, loss)
    record("cross_entropy", {"x": x}, {"target": target}, {"L": loss}, [step])
    return loss


def cross_entropy_backward(x: Any, target: int, *, upstream: Any = 1) -> npt.NDArray[np.float64]:
    """Give upstream · (softmax(x) − 1 at the target), as floats, computed to 50 digits or more.

    >>> cross_entropy_backward([0, 0], 1).tolist()
    [0.5, -0.5]
    """
    x, target = _read_logits(x, target)
    scale = fraction(upstream, "upstream")
    steps = []
    for j in range(len(x)):
        terms = tuple(_against(x, k, j) for k in range(len(x)))
        offset = Fraction(-1 if j == target else 0)
        powers, largest = _power_sum(terms)
        share = _context.divide(_context.exp(_context.minus(largest)), powers)
        value = float(_context.multiply(_decimal(scale), _context.add(share, _decimal(offset))))
        steps.append(
            Step("cross_entropy_backward", "dx", (j,), "softmax", terms, value, scale, offset)
        )
    dx = np.array([step.value for step in steps], dtype=np.float64)
    inputs = {"x": x, "upstream": array(scale)}
    record("cross_entropy_backward", inputs, {"target": target}, {"dx": dx}, steps)
    return dx


_context = Context(prec=DIGITS)


def _read_logits(x: Any, target: Any) -> tuple[Array, int]:
    x = array(x, "x")
    check_axes("x", x, (1,), "1 axis, [C]")
    return x, integer("target", target, least=0, most=len(x) - 1)


def _against(x: Array, j: int, other: int) -> Term:
    return product(Operand("x - x", (j,), x[j] - x[other], _minus(x[j], x[other])))


def _power_sum(terms: tuple[Term, ...]) -> tuple[Decimal, Decimal]:
    """Give (s, m) with Σ exp(term) = s · exp(m); no power in s is above 1, so none overflows."""
    m = max(term.value for term in terms)
    s = Decimal(0)
    for term in terms:
        s = _context.add(s, _context.exp(_decimal(term.value - m)))
    return s, _decimal(m)


def _decimal(value: Fraction) -> Decimal:
    return _context.divide(Decimal(value.numerator), Decimal(value.denominator))
