"""Learning rates: each tried on validation images, so that the test images never choose.

Two networks, or two optimizers, are compared fairly at their own best rates, found with the same
number of rates. ``TUNINGS`` has the course's searches, which are recorded; ``experiments.tune``
makes one of your own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from course_utils.basics.checks import invalid, real
from course_utils.experiments.convolutional import CNNS
from course_utils.experiments.definition import Experiment
from course_utils.experiments.perceptrons import MLPS
from course_utils.experiments.signals import SIGNALS

__all__ = ["TUNINGS", "RateSweep", "Tuning", "at_rate", "candidates"]


def at_rate(experiment: Experiment, lr: float) -> Experiment:
    """Give the same experiment at another learning rate, with the name that belongs to it.

    Raises
    ------
    TypeError, ValueError
        For a rate that is not a positive number.

    Examples
    --------
    >>> at_rate(MLPS[5], 0.3).name, at_rate(MLPS[5], 0.3).optimizer_args
    ('mlp-500-sgd-lr-0.3', {'lr': 0.3})
    """
    lr = real("lr", lr, above=0)
    return replace(
        experiment,
        name=f"{experiment.name}-lr-{lr:g}",
        summary=re.sub(r"at lr [\d.]+", f"at lr {lr:g}", experiment.summary),
        optimizer_args={**experiment.optimizer_args, "lr": lr},
        claims=(),
    )


def candidates(experiment: Experiment, rates: Sequence[float], seeds: int = 2) -> list[Experiment]:
    """Give one experiment for each rate, measured on validation images.

    Raises
    ------
    ValueError
        For rates that do not rise, or none.
    """
    if not rates or sorted(set(rates)) != list(rates):
        raise invalid("rates", rates, "use one or more, each higher than the one before")
    return [
        replace(
            at_rate(experiment, lr),
            name=f"{experiment.name}-lr-{lr:g}-validation",
            as_run=False,
            measured_on="validation",
            seeds=seeds,
        )
        for lr in rates
    ]


@dataclass(frozen=True)
class RateSweep:
    """The validation accuracies of an experiment at several learning rates.

    ``rates`` rise. ``accuracies`` are those after the last epoch, ``[rates, seeds]``.
    """

    rates: tuple[float, ...]
    accuracies: NDArray[np.float64]

    @property
    def best(self) -> float:
        """The rate of the highest mean accuracy; of those equal but for rounding, the lowest.

        >>> RateSweep((0.01, 0.1, 1.0), np.array([[0.8, 0.9], [0.9, 0.92], [0.1, 0.5]])).best
        0.1
        """
        means = self.accuracies.mean(axis=1)
        return self.rates[int((means >= means.max() - 1e-12).argmax())]

    @property
    def at_edge(self) -> bool:
        """Whether the best rate is the lowest or the highest, so that a better may lie beyond."""
        return self.best in (self.rates[0], self.rates[-1])


@dataclass(frozen=True)
class Tuning:
    """A recorded search: an experiment, the rates it is tried at, and the rate that won.

    ``best`` stands here so that the experiment at that rate is known without reading a record; a
    test compares it with the records. ``seeds`` are the runs of each rate.
    """

    base: Experiment
    rates: tuple[float, ...]
    best: float
    seeds: int = 2

    @property
    def candidates(self) -> list[Experiment]:
        """One experiment for each rate, measured on validation images."""
        return candidates(self.base, self.rates, self.seeds)

    @property
    def tuned(self) -> Experiment:
        """The experiment at its best rate, trained on all training images, as it is compared."""
        if self.base.optimizer_args["lr"] == self.best:
            return self.base
        return replace(at_rate(self.base, self.best), corrects="tuned rate")


_BEST = {
    "mlp-500-sgd": 1.0,
    "mlp-500-momentum": 0.1,
    "mlp-500-rmsprop": 1e-3,
    "mlp-500-adam": 1e-3,
    "mlp-500-bn-sgd": 0.3,
    "mlp-500-bn-momentum": 0.03,
    "mlp-500-bn-rmsprop": 1e-3,
    "mlp-500-bn-adam": 3e-4,
    "mlp-500-bn-dropout-sgd": 0.1,
    "mlp-500-bn-dropout-momentum": 0.01,
    "mlp-500-bn-dropout-rmsprop": 3e-4,
    "mlp-500-bn-dropout-adam": 3e-4,
}
_BEST_OF_TEN_EPOCHS = {"cnn-8-16-32-sgd": 0.3, "cnn-8-16-32-adam": 3e-3}

# Half decades about the rate that textbooks or PyTorch begin with.
_RATES: dict[str, tuple[float, ...]] = {
    "sgd": (0.03, 0.1, 0.3, 1.0, 3.0),
    "momentum": (0.003, 0.01, 0.03, 0.1, 0.3),
    "rmsprop": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "adam": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
}

_HALF_DECADES = (1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0)
# On MNIST-1D there are fewer steps, and the best rates are higher.
_HIGHEST = {"sgd": 3.0, "momentum": 1.0, "rmsprop": 0.1, "adam": 0.1}


def _rates_on_signals(experiment: Experiment) -> tuple[float, ...]:
    """Five half decades up to the highest rate at which training doesn't diverge.

    Convolutions take SGD's rates down by a half decade, and so does batch norm.
    """
    top = _HALF_DECADES.index(_HIGHEST[experiment.optimizer])
    if experiment.optimizer in ("sgd", "momentum"):
        top -= (experiment.model != "mlp") + ("batch_norm" in experiment.model_args)
    return _HALF_DECADES[top - 4 : top + 1]


def _tunings() -> Iterator[Tuning]:
    named = {experiment.name: experiment for experiment in (*MLPS, *CNNS)}
    for name, best in _BEST.items():
        yield Tuning(named[name], _RATES[named[name].optimizer], best)
    for name, best in _BEST_OF_TEN_EPOCHS.items():
        summary = named[name].summary.replace("100 epochs", "10 epochs")
        brief = replace(named[name], name=f"{name}-10-epochs", summary=summary, epochs=10)
        rates = (0.01, 0.03, 0.1, 0.3, 1.0) if brief.optimizer == "sgd" else _RATES["adam"]
        yield Tuning(brief, rates, best)
    for experiment in SIGNALS:
        best = experiment.optimizer_args["lr"]
        yield Tuning(experiment, _rates_on_signals(experiment), best)


TUNINGS: dict[str, Tuning] = {tuning.base.name: tuning for tuning in _tunings()}
