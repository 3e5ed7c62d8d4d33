"""The network of nine parameters that learns XOR, and how it is drawn: tasks 002i to 002l."""

import math
from collections.abc import Iterator

import torch
from torch import nn

from course_utils import xor
from course_utils.basics.checks import integer
from course_utils.basics.numerals import per_cent
from course_utils.reports.finding import Anchor, Erratum, Finding
from course_utils.reports.rules import stated, untold

PAGE, OFTEN = "04a_hidden_layer", "04b_how_often"
SEED, STEPS, EVERY = 42, 3000, 500


def findings() -> Iterator[Finding]:
    """Give the findings of the page. Takes some seconds: it trains 220 networks."""
    count = sum(p.numel() for p in xor.network(SEED).parameters())
    yield untold(
        "002i", "parameters", f"{count}", Anchor(PAGE, "Two neurons in front"),
        why="We have no count of the report's.")  # fmt: skip
    yield from training()
    yield without_activation()


def training(seeds: int = 200) -> Iterator[Finding]:
    """002j and 002k: the report's run beside other seeds, and its picture of the hidden plane."""
    integer("seeds", seeds, least=SEED + 1)  # the report's seed is among them
    many = xor.Networks(range(seeds))
    losses = [many.losses()[SEED].item()]
    for _ in range(STEPS // EVERY):
        losses.append(many.train(EVERY).losses()[SEED].item())
    works = many.train(1).solved()
    outputs = many.logits()[SEED].sigmoid().tolist()
    once = Anchor(PAGE, "Watch it learn")
    lost = "We have no numbers of the report's: it draws plots."
    failed = int((~works).sum())
    yield untold(
        "002j", f"loss every {EVERY} steps, seed {SEED}",
        ", ".join(f"{loss:.4g}" for loss in losses), once, why=lost)  # fmt: skip
    yield untold(
        "002j", f"outputs after {STEPS + 1:,} steps, seed {SEED}",
        ", ".join(f"{p:.5f}" for p in outputs), once, why=lost)  # fmt: skip
    yield stated(
        "002j", "does it learn XOR?", f"yes, with seed {SEED}",
        f"yes, with this seed; of the seeds 0 to {seeds - 1}, {failed} fail",
        Anchor(OFTEN, "A thousand starts"), holds=bool(works[SEED]),
        why="The network does not get all four points right.",
        cites="which allowed the MLP to learn non linear functions")  # fmt: skip
    yield _picture(xor.built(*many[SEED]))


def without_activation(seeds: int = 20, steps: int = 10_000) -> Finding:
    """002l: the same network without tanh."""
    linear = xor.Networks(range(seeds), activation="identity").train(steps)
    losses, p = linear.losses(), linear.logits().sigmoid()
    right = linear.rate().successes
    stuck = (losses - 4 * math.log(2)).abs().max().item() < 1e-4 and right == 0
    return stated(
        "002l", "no hidden activation", "cannot learn",
        f"{right} of {seeds} seeds learn: all outputs within {(p - 0.5).abs().max():.3f} of ½, "
        f"all losses {losses.mean():.6f} = 4 ln 2", Anchor(PAGE, "Why it has to bend"),
        holds=stuck, why="Some seed learns.",
        cites="would not be able to learn the XOR function")  # fmt: skip


def _picture(model: nn.Sequential) -> Finding:
    """002k: how much of the hidden plane has the wrong class, as the report draws it."""
    window = (-1.0, 1.0)  # where tanh has its values
    right, drawn = (xor.plane(layers, window, 401)[1] > 0.5 for layers in (model[2], model))
    wrong = (right != drawn).mean()
    with torch.no_grad():
        at_points = model(model[1](model[0](xor.POINTS))).squeeze(1) > 0
    points = int((at_points != xor.TARGETS.bool()).sum())
    return stated(
        "002k", "line in the (h₁, h₂) plane", "the grid sent through the whole network",
        f"so drawn, {per_cent(wrong, 0)} of [−1, 1]² and {points} of the 4 points have the wrong "
        "class", Anchor(PAGE, "Draw the right plane"), holds=bool(wrong < 0.01),
        why="A point of the hidden plane has passed the hidden layer. What follows is the output "
        "layer alone, σ(v · h + c).",
        erratum=Erratum(10, "The (h1, h2) plane is the whole network's answer to a grid.",
            "σ(linear2(h)): the last layer alone."),
        cites="model_output = network(model_input).reshape(X.shape)")  # fmt: skip
