"""One neuron's losses and gradients: tasks 002a to 002h of CIS6800."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from course_utils.neuron import (
    Neuron,
    binary_cross_entropy,
    grid,
    sigmoid,
    steepest,
    steps_to_halve,
)
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.rules import computed, power_above, stated, untold

NEURON, LOSSES, EVEN, SLOPES, STEEPEST, STEPS, SUMS = anchors(
    "03_loss_landscapes", "One neuron, two numbers", "Two losses", "Even, and never zero",
    "Their gradients", "The steepest place", "How many steps to halve the distance",
    "A sum in single precision")  # fmt: skip

Floats: TypeAlias = npt.NDArray[np.floating[Any]]

L2, CE = Neuron("l2", target=0.5), Neuron("cross_entropy", target=0.5)
SPACINGS = 3  # float32 numbers that a sum's order may move it by


def findings() -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from sums()
    yield from gradients()
    yield from comparisons()


def sums() -> Iterator[Finding]:
    """002a, 002b and 002d: the sums over the grid, in single and in double precision."""
    w, b = grid()
    outputs, losses = L2.outputs(w, b).sum(), CE.losses(w, b).sum()
    axis = np.linspace(-6, 6, 100, dtype=np.float32)
    a = sigmoid(np.add(*grid(axis)))
    single = float(((a - 0.5) ** 2).sum()), float(binary_cross_entropy(a, 0.5).sum())
    double = float(L2.losses(w, b).sum()), float(losses)
    within = [SPACINGS * float(np.spacing(np.float32(number))) for number in single]
    other = "The grid gives another sum."
    yield untold(
        "002a", "sum of the outputs on the grid", f"{outputs:,.0f}", NEURON,
        why="The report has a plot and no number.")  # fmt: skip
    yield computed(
        "002b", "sum of the L2 losses, in float32", "1769.3123", single[0], SUMS, within=within[0],
        why=f"{other} In float64 it is {double[0]:.8f}.")  # fmt: skip
    yield computed(
        "002d", "sum of the cross-entropies, in float32", "21435.4570", single[1], SUMS,
        within=within[1], why=other)  # fmt: skip
    yield computed(
        "002d", "sum of the cross-entropies, in float64", "21435.4570", double[1], SUMS,
        why="Float32 has seven digits. The last ones were lost in 1 − a, where a is near "
        "1.")  # fmt: skip


def gradients() -> Iterator[Finding]:
    """002c and 002e: the closed forms of both gradients."""
    w, b = grid()
    a = sigmoid(w + b)
    z, slope = (numbers[1] for numbers in steepest(0.5))
    largest = CE.gradients(w, b)[0].max()
    for task, quantity, theirs, values, loss, place, extreme in (
        ("002c", "∂L2/∂w", "2 (σ − ½) σ (1 − σ)", 2 * (a - 0.5) * a * (1 - a), "l2", STEEPEST,
         f"at most {slope:.7f}, at z = {z:.5f}"),
        ("002e", "∂CE/∂w", "σ − ½", a - 0.5, "cross_entropy", SLOPES,
         f"from −{largest:.6f} to {largest:.6f} on the grid"),
    ):  # fmt: skip
        yield stated(
            task, quantity, theirs, f"autograd's, to 1e-14; {extreme}", place,
            holds=bool(np.allclose(values, _by_autograd(w, b, loss), rtol=0, atol=1e-14)),
            why="Autograd's is another.")  # fmt: skip


def comparisons() -> Iterator[Finding]:
    """002f to 002h: what the report says of the losses, of the gradients, and of training."""
    w, b = grid()
    losses = {"L2": L2.losses(w, b), "cross-entropy": CE.losses(w, b)}
    slopes = {"L2": L2.gradients(w, b)[0], "cross-entropy": CE.gradients(w, b)[0]}
    odd = power_above(max(_furthest(slope, -_turned(slope)) for slope in slopes.values()))
    least, most = losses["cross-entropy"].min(), losses["cross-entropy"].max()
    both = Erratum(8, "L2 is symmetric, cross-entropy is not.", "At the target ½ both are even.")
    for name, theirs, even in (
        ("L2", "symmetric", True),
        ("cross-entropy", "not symmetric", False),
    ):
        apart = _furthest(losses[name], _turned(losses[name]))
        yield stated(
            "002f", f"{name} over w + b", theirs,
            f"even: no point differs from its opposite by more than {power_above(apart)}", EVEN,
            holds=(apart < 1e-12) == even, why="At y = ½ it is ln(2 cosh(z/2)), which is even.",
            erratum=None if even else both)  # fmt: skip
    yield stated(
        "002f", "cross-entropy's least value", "approaches 0",
        f"{least:.6f} = ln 2, and at most {most:.7f}", EVEN, holds=bool(least < 0.01),
        why="No output beats the entropy of the target ½. It approaches 0 for y = 0 and 1.",
        erratum=Erratum(8, "Cross-entropy approaches 0."))  # fmt: skip
    yield stated(
        "002g", "gradient of L2", "symmetric",
        f"odd, as is cross-entropy's: turned around, both change sign, to {odd}", STEEPEST,
        holds=_furthest(slopes["L2"], _turned(slopes["L2"])) < 1e-12,
        why="The derivative of an even function is odd.",
        erratum=Erratum(9, "The gradient of L2 is symmetric."))  # fmt: skip
    start = 8.0
    steps_l2, steps_ce = (float(steps_to_halve(n, start, 0, 1)) for n in (L2, CE))
    yield stated(
        "002h", "which loss with a sigmoid", "cross-entropy trains better",
        f"from z = {start:g} the error is halved in {steps_ce:,.0f} steps, with L2 in "
        f"{steps_l2:,.0f}", STEPS, holds=steps_ce < steps_l2,
        why="L2 needs no more steps.")  # fmt: skip


def _turned(values: Floats) -> Floats:
    """The values at (−w, −b)."""
    return values[::-1, ::-1]


def _furthest(a: Floats, b: Floats) -> float:
    return float(np.abs(a - b).max())


def _by_autograd(w: Floats, b: Floats, loss: str) -> Floats:
    weights = torch.tensor(w, requires_grad=True)
    z, y = weights + torch.tensor(b), torch.full(w.shape, 0.5, dtype=torch.float64)
    if loss == "l2":
        total = F.mse_loss(torch.sigmoid(z), y, reduction="sum")
    else:
        total = F.binary_cross_entropy_with_logits(z, y, reduction="sum")
    return torch.autograd.grad(total, weights)[0].numpy()
