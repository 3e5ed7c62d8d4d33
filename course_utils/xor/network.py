"""One small network, built and trained on XOR in the ordinary way."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn.utils import skip_init

from course_utils.basics.checks import integer, lookup, real
from course_utils.xor.choices import ACTIVATIONS, INITS, LOSSES

__all__ = ["POINTS", "TARGETS", "built", "network", "train"]

POINTS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # [4, 2]
TARGETS = torch.tensor([0.0, 1.0, 1.0, 0.0])  # [4]: 1 where exactly one input is 1


def network(
    seed: int,
    hidden: int = 2,
    activation: str = "tanh",
    init: str = "default",
    dtype: torch.dtype = torch.float32,
) -> nn.Sequential:
    """Build the network 2–hidden–1, from points [N, 2] to logits [N, 1].

    It has 4·hidden + 1 parameters. Their first values come from a generator of its own, seeded with
    ``seed``, layer by layer. With ``init="default"`` they are, bit for bit, what PyTorch makes
    them: ``torch.manual_seed(seed)``, then ``nn.Linear(2, hidden)``, then ``nn.Linear(hidden, 1)``.
    They are drawn in float32 whatever the ``dtype``.

    >>> sum(p.numel() for p in network(42).parameters())
    9

    Raises
    ------
    ValueError
        For a hidden width below 1 and for an unknown activation or init.
    """
    hidden = integer("hidden", hidden)
    layer = lookup("activation", activation, ACTIVATIONS).layer
    fill = lookup("init", init, INITS)
    first, second = skip_init(nn.Linear, 2, hidden), skip_init(nn.Linear, hidden, 1)
    generator = torch.Generator().manual_seed(integer("seed", seed, least=0))
    with torch.no_grad():
        for linear in (first, second):
            fill(linear.weight, linear.bias, generator)
    return nn.Sequential(first, layer(), second).to(dtype)


def built(w: ArrayLike, b: ArrayLike, v: ArrayLike, c: ArrayLike) -> nn.Sequential:
    """Build the network with tanh from its weights: [hidden, 2], [hidden], [hidden] and one number.

    >>> model = built([[10, 10], [10, 10]], [-5, -15], [10, -10], -10)
    >>> (model(POINTS).squeeze(1) > 0).tolist()
    [False, True, True, False]
    """
    values = [torch.as_tensor(np.asarray(part, dtype=np.float32)) for part in (w, b, v, c)]
    model = network(0, len(values[1]))
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(value.view_as(parameter))
    return model


def train(
    model: nn.Module, steps: int, lr: float = 0.1, loss: str = "cross_entropy"
) -> list[float]:
    """Train in place with SGD on all four points, and return the loss before each step.

    The loss is *summed* over the four points: −Σ y ln p + (1 − y) ln(1 − p), with p = σ(logit), or
    Σ (p − y)² for ``loss="l2"``.

    >>> round(train(network(42), steps=1)[0], 4)
    3.0252

    Raises
    ------
    ValueError
        For an unknown loss, a negative number of steps, an lr that is not positive.
    """
    terms = lookup("loss", loss, LOSSES).terms
    optimizer = torch.optim.SGD(model.parameters(), lr=real("lr", lr, above=0))
    dtype = next(model.parameters()).dtype
    points, targets = POINTS.to(dtype), TARGETS.to(dtype)
    losses = []
    for _ in range(integer("steps", steps, least=0)):
        total = terms(_logits(model, points), targets).sum()
        losses.append(total.item())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    return losses


def _logits(model: nn.Module, points: Tensor) -> Tensor:
    return model(points).squeeze(1)  # [N, 1] → [N]
