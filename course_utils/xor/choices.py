"""What can be chosen about the network: activation, loss and first weights, each by its name.

What is here serves one network and ten thousand alike, so the two cannot drift apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.basics.checks import real

__all__ = ["ACTIVATIONS", "INITS", "LOSSES", "Activation", "PointLoss", "leaky_relu"]

Init = Callable[[Tensor, Tensor, torch.Generator], None]


@dataclass(frozen=True)
class Activation:
    """A hidden unit's function, its layer, and its derivative as a function of its *value*."""

    function: Callable[[Tensor], Tensor]
    layer: Callable[[], nn.Module]
    derivative: Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class PointLoss:
    """The loss of logits and targets, one term per point, and its slope at the logit."""

    terms: Callable[[Tensor, Tensor], Tensor]
    derivative: Callable[[Tensor, Tensor], Tensor]


def _l2_derivative(z: Tensor, y: Tensor) -> Tensor:
    p = z.sigmoid()
    return 2 * (p - y) * p * (1 - p)


@cache
def leaky_relu(slope: float) -> Activation:
    """Give z for z above 0 and ``slope`` · z below. PyTorch's default is 0.01; 0 makes it ReLU.

    >>> leaky_relu(0.1).function(torch.tensor([-2.0, 3.0]))
    tensor([-0.2000,  3.0000])

    Raises
    ------
    ValueError
        For a slope below 0, where the sign of the value no longer tells the two sides apart.
    """
    real("slope", slope, least=0)
    return Activation(
        partial(F.leaky_relu, negative_slope=slope),
        partial(nn.LeakyReLU, slope),
        lambda h: (h > 0).to(h.dtype) * (1 - slope) + slope,
    )


ACTIVATIONS: Mapping[str, Activation] = {
    "tanh": Activation(torch.tanh, nn.Tanh, lambda h: 1 - h * h),
    "sigmoid": Activation(torch.sigmoid, nn.Sigmoid, lambda h: h - h * h),
    "relu": Activation(torch.relu, nn.ReLU, lambda h: (h > 0).to(h.dtype)),
    "leaky_relu": leaky_relu(0.01),
    "identity": Activation(lambda z: z, nn.Identity, torch.ones_like),
}

# −y ln σ(z) − (1 − y) ln(1 − σ(z)) = ln(1 + eᶻ) − y z: no logarithm of 0, however large z is.
LOSSES: Mapping[str, PointLoss] = {
    "cross_entropy": PointLoss(lambda z, y: F.softplus(z) - y * z, lambda z, y: z.sigmoid() - y),
    "l2": PointLoss(lambda z, y: (z.sigmoid() - y) ** 2, _l2_derivative),
}


def _default(weight: Tensor, bias: Tensor, generator: torch.Generator) -> None:
    bound = 1 / math.sqrt(weight.shape[1])
    weight.uniform_(-bound, bound, generator=generator)
    bias.uniform_(-bound, bound, generator=generator)


def _xavier(weight: Tensor, bias: Tensor, generator: torch.Generator) -> None:
    bound = math.sqrt(6 / sum(weight.shape))
    weight.uniform_(-bound, bound, generator=generator)
    bias.zero_()


def _kaiming(weight: Tensor, bias: Tensor, generator: torch.Generator) -> None:
    weight.normal_(0, math.sqrt(2 / weight.shape[1]), generator=generator)
    bias.zero_()


def _normal(weight: Tensor, bias: Tensor, generator: torch.Generator) -> None:
    weight.normal_(0, 1, generator=generator)
    bias.zero_()


# Each fills a layer's weight [out, in] and its bias [out] in place, weight first, as PyTorch does.
INITS: Mapping[str, Init] = {
    "default": _default,
    "xavier": _xavier,
    "kaiming": _kaiming,
    "normal": _normal,
}
