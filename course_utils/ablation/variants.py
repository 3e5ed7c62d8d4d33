"""Variants: what differs between the networks of a study, checked before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.basics.checks import integer, invalid, real
from course_utils.data import Dataset
from course_utils.training import Schedule, seeded
from course_utils.training.choices import Loss, MakeOptimizer, find_loss, find_optimizer
from course_utils.training.state import buffers_restored, in_mode
from course_utils.training.steps import outputs

__all__ = ["Build", "Settled", "Variant", "at_rate", "probe", "settle"]

Build = Callable[[], nn.Module]
Rates = float | Sequence[float] | None

PROBES = 8  # images that go through a network to tell it from another
CLASSES = 10


@dataclass(frozen=True)
class Variant:
    """A network and the settings in which it differs from the others of its study.

    Attributes
    ----------
    network : a function that builds the network anew, such as its class.
    optimizer, lr, schedule, loss, batch_size : those of ``training.fit``; None takes the study's. A
        list of learning rates is tried on the validation images, as the study's own.
    prepare : what is done to the data set first, such as ``Dataset.normalized``.

    Examples
    --------
    >>> from course_utils import models
    >>> Variant(models.staged_cnn, optimizer="sgd", lr=0.1).optimizer
    'sgd'
    """

    network: Build
    optimizer: str | MakeOptimizer | None = None
    lr: Rates = None
    schedule: Schedule | None = None
    loss: str | Loss | None = None
    batch_size: int | None = None
    prepare: Callable[[Dataset], Dataset] | None = None


@dataclass(frozen=True)
class Settled:
    """A variant with its name and each of its settings; ``rates`` are those to be tried."""

    name: str
    network: Build
    optimizer: str | MakeOptimizer
    lr: float | None
    rates: tuple[float, ...]
    schedule: Schedule | None
    loss: str | Loss
    batch_size: int
    prepare: Callable[[Dataset], Dataset] | None

    def build(self, seed: int) -> nn.Module:
        """Build the network with the initial weights of a seed."""
        with seeded(seed, "weights"):
            return self.network()


def settle(variants: Mapping[str, Build | Variant], **settings: Any) -> list[Settled]:
    """Give each variant the study's settings where it has none of its own, and check them.

    Raises
    ------
    TypeError, ValueError
        For fewer than two variants, a network that isn't built anew by each call, settings that
        don't exist, and budgets of learning rates that differ.
    """
    if not isinstance(variants, Mapping) or len(variants) < 2:
        raise invalid("variants", variants, "use a dict of at least two, each under its name")
    settled = [_settled(name, variant, settings) for name, variant in variants.items()]
    budgets = {one.name: len(one.rates) for one in settled}
    if len(set(budgets.values())) > 1:
        told = ", ".join(f"{name!r} {count}" for name, count in budgets.items())
        raise ValueError(
            f"lr: the numbers of rates to be tried differ ({told}); give each variant as many"
        )
    return settled


def _settled(name: str, variant: Build | Variant, settings: Mapping[str, Any]) -> Settled:
    if not isinstance(name, str) or not name.strip():
        raise invalid("variants", name, "use a name that says what is varied")
    own = variant if isinstance(variant, Variant) else Variant(variant)
    _check_builds(name, own.network)
    chosen = {
        f.name: settings[f.name] if getattr(own, f.name) is None else getattr(own, f.name)
        for f in fields(Variant)
        if f.name in settings
    }
    lr: Rates = chosen.pop("lr")
    one: float | None = None
    rates: tuple[float, ...] = ()
    if isinstance(lr, Sequence):
        rates = tuple(real("lr", rate, above=0) for rate in lr)
        if len(rates) < 2 or list(rates) != sorted(set(rates)):
            raise invalid(
                "lr", lr, "use one rate, or several of which each is higher than the last"
            )
    elif lr is not None:
        one = real("lr", lr, above=0)
    integer("batch_size", chosen["batch_size"])
    find_loss(chosen["loss"])
    return Settled(name, own.network, lr=one, rates=rates, prepare=own.prepare, **chosen)


def _check_builds(name: str, network: Any) -> None:
    """Ask that each call builds a network of its own, with the weights of its seed."""
    if isinstance(network, nn.Module):
        rule = (
            "use a function that builds one, since each seed trains its own: lambda: Net(), or Net"
        )
        raise ValueError(f"variants: {name!r} is a network; {rule}")
    if not callable(network):
        raise invalid("variants", network, f"use a function that builds the network of {name!r}")
    built = []
    for seed in (0, 1):
        with seeded(seed, "weights"):
            built.append(network())
    for one in built:
        if not isinstance(one, nn.Module):
            rule = "use a function that builds an nn.Module"
            raise ValueError(f"variants: {name!r} builds a {type(one).__name__}; {rule}")
    first, second = ([*one.parameters()] for one in built)
    if not first:
        raise ValueError(f"variants: {name!r} has no parameters; there is nothing to train")
    if built[0] is built[1] or any(a is b for a, b in zip(first, second, strict=False)):
        rule = "use a function that builds it anew, since each seed trains its own"
        raise ValueError(f"variants: {name!r} gives the same network at each call; {rule}")
    if all(torch.equal(a, b) for a, b in zip(first, second, strict=True)):
        rule = "leave torch.manual_seed to the study, or the seeds are one seed"
        raise ValueError(f"variants: {name!r} begins with the same weights for each seed; {rule}")


def probe(one: Settled, model: nn.Module, dataset: Dataset) -> Tensor:
    """Give what a network in training mode makes of the first training images: ``[8, 10]``.

    Raises
    ------
    ValueError
        For a network that gives anything but ten outputs for each image, and an optimizer or a loss
        that doesn't fit it; it names the variant.
    """
    x = dataset.train.inputs(slice(PROBES))
    try:
        find_optimizer(one.optimizer, model, one.lr or next(iter(one.rates), None))
        with (
            torch.no_grad(),
            seeded(0, "dropout"),
            buffers_restored(model),
            in_mode(model, "train"),
        ):
            found = outputs(model, x).float()
            find_loss(one.loss)(found, dataset.train.labels[:PROBES])
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"variants: {one.name!r} can't be trained; {error}") from error
    if found.shape[1] != CLASSES:
        rule = f"use {CLASSES}, one for each class"
        raise ValueError(f"variants: {one.name!r} gives {found.shape[1]} outputs; {rule}")
    return found


def at_rate(one: Settled, lr: float) -> Settled:
    """Give the variant at one of its rates."""
    return replace(one, lr=lr, rates=())
