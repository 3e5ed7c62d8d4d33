"""One neuron's losses and gradients: tasks 002a to 002h of CIS6800."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from course_utils.basics.numerals import per_cent
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

SURPRISE, LOSSES, SLOPES, STEPS = anchors(
    "03a_two_losses", "How surprised are you?", "One valley, two kinds of wall",
    "Where does the slope go?", "Thirty steps downhill")  # fmt: skip
SYMMETRY, SUMS = anchors(
    "03b_float32_and_paths", "What symmetry tells you", "A sum that lost its digits"
)

Floats: TypeAlias = npt.NDArray[np.floating[Any]]

L2, CE = Neuron("l2", target=0.5), Neuron("cross_entropy", target=0.5)
SPACINGS = 3  # float32 numbers that a sum's order may move it by


def findings() -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from sums()
    yield from gradients()
    yield from comparisons()
    yield from sizes()
    yield from steepness()


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
        "002a", "sum of the outputs on the grid", f"{outputs:,.0f}", SYMMETRY,
        why="The report has a plot and no number.")  # fmt: skip
    yield computed(
        "002b", "sum of the L2 losses, in float32", "1769.3123", single[0], SUMS, within=within[0],
        why=f"{other} In float64 it is {double[0]:.8f}.", cites="tensor(1769.3123)")  # fmt: skip
    yield computed(
        "002d", "sum of the cross-entropies, in float32", "21435.4570", single[1], SUMS,
        within=within[1], why=other, cites="tensor(21435.4570)")  # fmt: skip
    yield computed(
        "002d", "sum of the cross-entropies, in float64", "21435.4570", double[1], SUMS,
        why="Float32 has seven digits. The last ones were lost in 1 − a, where a is near "
        "1.", cites="tensor(21435.4570)")  # fmt: skip


def gradients() -> Iterator[Finding]:
    """002c and 002e: the closed forms of both gradients."""
    w, b = grid()
    a = sigmoid(w + b)
    z, slope = (numbers[1] for numbers in steepest(0.5))
    largest = CE.gradients(w, b)[0].max()
    for task, quantity, theirs, values, loss, place, extreme, cites in (
        ("002c", "∂L2/∂w", "2 (σ − ½) σ (1 − σ)", 2 * (a - 0.5) * a * (1 - a), "l2", SLOPES,
         f"at most {slope:.7f}, at z = {z:.5f}",
         "gradient = 2* (output - 0.5) * output * (1-output)"),
        ("002e", "∂CE/∂w", "σ − ½", a - 0.5, "cross_entropy", SLOPES,
         f"from −{largest:.6f} to {largest:.6f} on the grid",
         "grad = (output - 0.5)"),
    ):  # fmt: skip
        yield stated(
            task, quantity, theirs, f"autograd's, to 1e-14; {extreme}", place,
            holds=bool(np.allclose(values, _by_autograd(w, b, loss), rtol=0, atol=1e-14)),
            why="Autograd's is another.", cites=cites)  # fmt: skip


def comparisons() -> Iterator[Finding]:
    """002f to 002h: what the report says of the losses, of the gradients, and of training."""
    w, b = grid()
    losses = {"L2": L2.losses(w, b), "cross-entropy": CE.losses(w, b)}
    slopes = {"L2": L2.gradients(w, b)[0], "cross-entropy": CE.gradients(w, b)[0]}
    odd = power_above(max(_furthest(slope, -_turned(slope)) for slope in slopes.values()))
    least, most = losses["cross-entropy"].min(), losses["cross-entropy"].max()
    both = Erratum(8, "L2 is symmetric, cross-entropy is not.", "At the target ½ both are even.")
    for name, theirs, even, cites in (
        ("L2", "symmetric", True, "L2 loss is symmetric"),
        ("cross-entropy", "not symmetric", False, "while cross entropy loss isn't"),
    ):
        apart = _furthest(losses[name], _turned(losses[name]))
        yield stated(
            "002f", f"{name} over w + b", theirs,
            f"even: no point differs from its opposite by more than {power_above(apart)}", SYMMETRY,
            holds=(apart < 1e-12) == even, why="At y = ½ it is ln(2 cosh(z/2)), which is even.",
            erratum=None if even else both, cites=cites)  # fmt: skip
    yield stated(
        "002f", "cross-entropy's least value", "can approach zero, but not be equal to zero",
        f"{least:.6f} = ln 2, and at most {most:.7f}", SURPRISE, holds=bool(least < 0.01),
        why="No output beats the entropy of the target ½, and where the prediction is the target "
        "it has just that. It can approach 0 for y = 0 and 1.",
        erratum=Erratum(8, "Where prediction and target are equal, cross-entropy can approach zero "
            "but not be equal to zero."),
        cites="cross entropy loss can approach zero but not be equal")  # fmt: skip
    yield stated(
        "002g", "gradient of L2", "again symmetric, just as the loss is",
        f"odd, as is cross-entropy's: turned around, both change sign, to {odd}", SYMMETRY,
        holds=_furthest(slopes["L2"], _turned(slopes["L2"])) < 1e-12,
        why="The derivative of an even function is odd: symmetric about a point, not about the "
        "line w + b = 0 as the loss is.",
        erratum=Erratum(9, "The plot of L2's gradient is again symmetric, just as the loss is."),
        cites="just like the loss was symmetric")  # fmt: skip
    start = 8.0
    steps_l2, steps_ce = (float(steps_to_halve(n, start, 0, 1)) for n in (L2, CE))
    yield stated(
        "002h", "which loss with a sigmoid", "cross-entropy trains better",
        f"from z = {start:g} the error is halved in {steps_ce:,.0f} steps, with L2 in "
        f"{steps_l2:,.0f}", STEPS, holds=steps_ce < steps_l2,
        why="L2 needs no more steps.",
        cites="cross entropy loss is better with sigmoid for overall learning")  # fmt: skip


def sizes() -> Iterator[Finding]:
    """002f and 002g: cross-entropy and its gradient are larger than L2's, and L2 flattens first."""
    w, b = grid()
    z = w + b
    losses, slopes = [n.losses(w, b) for n in (L2, CE)], [n.gradients(w, b)[0] for n in (L2, CE)]
    for task, quantity, values, bound, place, cites in (
        ("002f", "the two losses", losses, 5, LOSSES,
         "is much larger than L2 loss which indicates"),
        ("002g", "the two gradients", slopes, 2, SLOPES, "much larger in magnitude compared to L2"),
    ):  # fmt: skip
        l2, ce = (np.abs(v)[np.abs(z) > 1e-9] for v in values)  # at z = 0 L2 and its slope are 0
        yield stated(
            task, f"size of {quantity}", "cross-entropy's is much larger",
            f"it is at least {float((ce / l2).min()):.1f} times L2's wherever that is not 0, and "
            f"at most {ce.max():.4f} against {l2.max():.4f}", place,
            holds=bool((ce > bound * l2 * (1 - 1e-9)).all()),
            why=f"Somewhere it is less than {bound} times L2's.", cites=cites)  # fmt: skip
    near = [float(np.abs(z)[v >= 0.9 * v.max()].min()) for v in losses]
    yield stated(
        "002f", "where the losses flatten", "L2 peaks very fast",
        f"on the grid L2 has nine tenths of its highest value once z is {near[0]:.1f} from 0, "
        f"cross-entropy at {near[1]:.1f}", LOSSES, holds=near[0] < near[1] / 2,
        why="L2 is not there in half the distance.",
        cites="which indicates that L2 loss peaks very fast")  # fmt: skip


def steepness() -> Iterator[Finding]:
    """002f: whether each loss, over w and b, is steepest where the output is farthest off."""
    w, b = grid()
    error = np.abs(sigmoid(w + b) - 0.5)
    for name, neuron in (("L2", L2), ("cross-entropy", CE)):
        slope = np.abs(neuron.gradients(w, b)[0])
        at, corner = slope.argmax(), error.argmax()
        share = per_cent(slope.flat[corner] / slope.max(), 3)
        yield stated(
            "002f", f"where {name} is steepest", "when the prediction is far from actual",
            f"on the grid {np.abs(w + b).flat[at]:.2f} from w + b = 0, where the output is "
            f"{error.flat[at]:.2f} off; where it is farthest off, by {error.flat[corner]:.2f}, the "
            f"slope is {share} of that", SLOPES,
            holds=bool(slope.flat[corner] > 0.99 * slope.max()),
            why="Behind a sigmoid the slope over w and b has the factor σ(1 − σ), which fades "
            "where the output is far off. As a function of the output alone it does grow.",
            cites="steepest when the prediction is far from actual")  # fmt: skip


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
