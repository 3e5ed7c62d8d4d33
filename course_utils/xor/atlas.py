"""Thousands of such networks, trained all at once, and how often they fail.

Every array ends in the axis of the networks, so each operation runs through all of them without a
gap. A bias is the weight of an input that is always 1. There are only four points: the first layer
of all networks is *one* matrix product, [4, 3] @ [3, hidden · n].
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.basics.checks import integer, lookup, real
from course_utils.threads import threads
from course_utils.xor.choices import ACTIVATIONS, INITS, LOSSES, Activation, PointLoss
from course_utils.xor.network import POINTS, TARGETS

__all__ = ["Networks", "Rate", "rate"]

CHUNK = 20_000  # hidden units · networks trained together: arrays that stay in a cache
MARGIN = 0.01  # an output must be this far from ½ to be an answer


class Rate(NamedTuple):
    """How many of ``n`` runs worked, and the 95 % Wilson interval of the chance that one works."""

    successes: int
    n: int
    low: float
    high: float

    @property
    def mean(self) -> float:
        return self.successes / self.n

    def __str__(self) -> str:
        return f"{self.mean:.1%} [{self.low:.1%}, {self.high:.1%}] (n = {self.n})"


def rate(successes: int, n: int, confidence: float = 0.95) -> Rate:
    """Give the share of successes with Wilson's interval.

    With the share p̂ = successes/n and z = 1.96 for 95 %, the ends are
    (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n). Unlike p̂ ± z √(p̂(1 − p̂)/n) it stays
    within [0, 1] and has a width at 0 and n successes. Source: E. B. Wilson, "Probable inference,
    the law of succession, and statistical inference", J. Am. Stat. Assoc. 22 (1927).

    >>> print(rate(137, 200))
    68.5% [61.8%, 74.5%] (n = 200)

    Raises
    ------
    ValueError
        For n below 1, successes outside 0..n, a confidence outside (0, 1).
    """
    from scipy import stats  # slow to import

    n = integer("n", n)
    successes = integer("successes", successes, least=0, most=n)
    real("confidence", confidence, above=0, below=1)
    interval = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return Rate(successes, n, float(interval.low), float(interval.high))


class Networks:
    """Networks 2–hidden–1 that differ in their seed alone, trained side by side.

    ``Networks(seeds)[i]`` is what ``network(seeds[i])`` becomes when trained alone, to rounding.
    The parameters are ``first`` [3, hidden, n], for the inputs x₁, x₂ and 1, and ``second``
    [hidden + 1, n], for the hidden units and 1.

    Raises
    ------
    ValueError
        For no seeds, a hidden width below 1, an lr that is not positive, and an unknown activation,
        loss or init.
    """

    def __init__(
        self,
        seeds: Iterable[int],
        hidden: int = 2,
        activation: str | Activation = "tanh",
        loss: str = "cross_entropy",
        init: str = "default",
        lr: float = 0.1,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.seeds = [integer("seeds", seed, least=0) for seed in seeds]
        if not self.seeds:
            raise ValueError("seeds: there are none; use at least one")
        self.hidden = integer("hidden", hidden)
        self.activation = (
            lookup("activation", activation, ACTIVATIONS)
            if isinstance(activation, str)
            else activation
        )
        self.loss = lookup("loss", loss, LOSSES)
        self.steps = 0
        first, second = _drawn(self.seeds, hidden, init)
        self.first, self.second = first.to(dtype), second.to(dtype)
        self.lr = torch.full(
            (len(self),), real("lr", lr, above=0), dtype=dtype
        )  # each its own: [n]

    def __len__(self) -> int:
        return len(self.seeds)

    def __getitem__(self, i: int) -> list[Tensor]:
        """Give one network's weights and biases, in the order of ``network(…).parameters()``.

        First weight [hidden, 2], first bias [hidden], second weight [1, hidden], second bias [1].
        """
        first, second = self.first[:, :, i], self.second[:, i]
        return [first[:2].T, first[2], second[None, :-1], second[-1:]]

    @threads(1)
    def train(self, steps: int) -> Networks:
        """Train all networks further, each by itself, and return them."""
        integer("steps", steps, least=0)
        at_once = max(1, CHUNK // self.hidden)
        for start in range(0, len(self), at_once):
            part = slice(start, start + at_once)
            first = self.first[:, :, part].contiguous()
            second, lr = self.second[:, part].contiguous(), self.lr[part]
            with torch.no_grad():  # arrays so small that keeping books on them takes time
                h = _ones(first)
                for _ in range(steps):
                    d_first, d_second = gradients(first, second, self.activation, self.loss, h)
                    first.addcmul_(d_first, lr, value=-1)  # first −= lr · d_first
                    second.addcmul_(d_second, lr, value=-1)
            self.first[:, :, part], self.second[:, part] = first, second
        self.steps += steps
        return self

    def only(self, keep: Tensor) -> Networks:
        """The networks where the bools [n] are true, as they are now."""
        return self._like(
            [seed for seed, kept in zip(self.seeds, keep.tolist(), strict=True) if kept],
            self.first[:, :, keep],
            self.second[:, keep],
            self.lr[keep],
        )

    def widened(self, units: int, seed: int = 0) -> Networks:
        """The same networks with more hidden units.

        The new units have weights and biases from a normal distribution, drawn with ``seed``, and
        weight 0 to the output: until it is trained further, no network computes anything else.
        """
        generator = torch.Generator().manual_seed(seed)
        n = len(self)
        new = torch.randn(3, integer("units", units), n, generator=generator)
        first = torch.cat([self.first, new.to(self.first.dtype)], dim=1)
        old, bias = self.second[:-1], self.second[-1:]
        second = torch.cat([old, old.new_zeros(units, n), bias])
        return self._like(self.seeds, first, second, self.lr)

    def beside(self, *others: Networks) -> Networks:
        """These networks and the others as one; they may differ in seeds, first weights and lr."""
        all_of_them = (self, *others)
        if len({(s.hidden, s.activation, s.loss, s.steps) for s in all_of_them}) > 1:
            raise ValueError(
                f"others: {[(s.hidden, s.steps) for s in all_of_them]} as widths and steps, or the "
                "activations or losses, differ; they must agree"
            )
        return self._like(
            [seed for networks in all_of_them for seed in networks.seeds],
            torch.cat([networks.first for networks in all_of_them], dim=2),
            torch.cat([networks.second for networks in all_of_them], dim=1),
            torch.cat([networks.lr for networks in all_of_them]),
        )

    def _like(self, seeds: list[int], first: Tensor, second: Tensor, lr: Tensor) -> Networks:
        if not seeds:
            raise ValueError("keep: it is true for none of the networks; keep at least one")
        other = copy.copy(self)
        other.seeds, other.hidden = list(seeds), first.shape[1]
        other.first, other.second, other.lr = first.clone(), second.clone(), lr.clone()
        return other

    @threads(1)
    def logits(self) -> Tensor:
        """The output before the sigmoid at each point: [n, 4]."""
        return _forward(self.first, self.second, self.activation, _ones(self.first)).T

    def losses(self) -> Tensor:
        """The loss of each network, summed over the four points: [n]."""
        z = self.logits()
        return self.loss.terms(z, TARGETS.to(z.dtype)).sum(1)

    def right(self) -> Tensor:
        """Whether each output lies on its target's side of ½: bools [n, 4].

        It must do so by more than 0.01. A network that has settled at ½ has not answered, whatever
        side rounding leaves it on.
        """
        p = self.logits().sigmoid()
        return torch.where(TARGETS.bool(), p > 0.5 + MARGIN, p < 0.5 - MARGIN)

    def solved(self) -> Tensor:
        """Whether all four points are right, for each network: bools [n]. All else is a failure."""
        return self.right().all(1)

    def rate(self) -> Rate:
        """How many of the networks have solved XOR, with an interval."""
        return rate(int(self.solved().sum()), len(self))


def gradients(
    first: Tensor,
    second: Tensor,
    activation: Activation,
    loss: PointLoss,
    memory: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Give the gradients of each network's loss, in the shapes of ``first`` and ``second``.

    With δ = ∂L/∂z at the logit of a point, a weight of the second layer gets Σ δ h and one of the
    first Σ δ v f′(·) x, summed over the four points: the chain rule, once. Who takes many steps can
    give ``memory`` for what ``_ones`` makes, to be used in each of them.
    """
    h = _ones(first) if memory is None else memory  # [4, hidden + 1, n]
    z = _forward(first, second, activation, h)  # [4, n]
    inputs, targets = _cases(first.dtype)
    delta = loss.derivative(z, targets)[:, None]  # [4, 1, n]
    at_hidden = activation.derivative(h[:, :-1]).mul_(second[:-1]).mul_(delta)  # [4, hidden, n]
    d_first = (inputs.T @ at_hidden.view(4, -1)).view_as(first)
    return d_first, (h * delta).sum(0)


def _forward(first: Tensor, second: Tensor, activation: Activation, h: Tensor) -> Tensor:
    """Write the hidden units' values into ``h``, whose last row is 1, and give the logits."""
    inputs, _ = _cases(first.dtype)
    h[:, :-1] = activation.function(inputs @ first.flatten(1)).view(4, *first.shape[1:])
    return (h * second).sum(1)


def _ones(first: Tensor) -> Tensor:
    return first.new_ones(4, first.shape[1] + 1, first.shape[2])


@cache
def _cases(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Inputs with a 1 for the bias [4, 3], and targets [4, 1]."""
    return torch.cat([POINTS, torch.ones(4, 1)], dim=1).to(dtype), TARGETS.to(dtype)[:, None]


def _drawn(seeds: list[int], hidden: int, init: str) -> tuple[Tensor, Tensor]:
    """Draw what ``network`` draws, for every seed, into arrays that end in the networks."""
    fill = lookup("init", init, INITS)
    n = len(seeds)
    weight, bias = torch.empty(n, hidden, 2), torch.empty(n, hidden)
    out_weight, out_bias = torch.empty(n, 1, hidden), torch.empty(n, 1)
    generator = torch.Generator()
    for seed, w, b, v, c in zip(seeds, weight, bias, out_weight, out_bias, strict=True):
        generator.manual_seed(seed)
        fill(w, b, generator)
        fill(v, c, generator)
    first = torch.cat([weight.mT, bias[:, None]], dim=1)  # [n, 3, hidden]
    second = torch.cat([out_weight[:, 0], out_bias], dim=1)  # [n, hidden + 1]
    return first.permute(1, 2, 0).contiguous(), second.T.contiguous()
