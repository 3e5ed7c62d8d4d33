"""What is drawn of an experiment: the mean of each metric over seeds by epoch, and its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from course_utils.basics.checks import choice
from course_utils.evaluation import half_widths, mean_interval

Floats = npt.NDArray[np.float64]

SCALE = 100_000  # curves are whole multiples of 1/SCALE: 0.001 %, or 0.00001 nats


class Metric(NamedTuple):
    """How a metric is written: ``factor`` times a value in ``unit``, a difference in ``points``."""

    label: str
    unit: str
    points: str
    factor: int
    digits: int
    higher_is_better: bool

    def write(self, value: float) -> str:
        # Rounded first to 12 places: there, all machines agree.
        return f"{round(value, 12) * self.factor:.{self.digits}f}"


def _accuracy(label: str) -> Metric:
    return Metric(label, "%", "points", 100, 2, True)


def _loss(label: str) -> Metric:
    return Metric(label, "nats", "nats", 1, 4, False)


METRICS: dict[str, Metric] = {
    "test_accuracy": _accuracy("test accuracy"),
    "test_loss": _loss("test loss"),
    "train_accuracy": _accuracy("training accuracy"),
    "train_loss": _loss("training loss"),
    "as_run_accuracy": _accuracy("test accuracy without eval()"),
}


@dataclass(frozen=True, eq=False)
class Curves:
    """What one experiment measured: each metric by seed and epoch.

    Parameters
    ----------
    name : the experiment's name, as the registry has it.
    label : what it trains, in a line.
    group : what it is listed under: its report.
    seeds : the seeds, as many as each metric has rows.
    metrics : by name, one of ``METRICS``, an array [seeds, epochs]; accuracies are fractions. A
        metric of no epochs was not measured and is left out.
    begins : what a seed gives it to begin with, such as ``experiments.beginning``. Experiments with
        the same text are compared in pairs of seeds, others by the means of all of theirs.

    Raises
    ------
    ValueError
        For an unknown metric, other shapes, a seed twice, values that are not finite, and where
        nothing is measured.

    Examples
    --------
    >>> runs = Curves("a", "a net", "me", [0, 1], {"test_accuracy": [[0.9, 0.96], [0.9, 0.98]]})
    >>> runs.epochs, runs.final("test_accuracy")
    (2, '97.00 ± 12.71')
    """

    name: str
    label: str
    group: str
    seeds: Sequence[int]
    metrics: Mapping[str, npt.ArrayLike]
    begins: str = ""

    def __post_init__(self) -> None:
        kept = {}
        for metric, values in self.metrics.items():
            choice("metrics", metric, METRICS)
            array = np.asarray(values, dtype=np.float64)
            if array.ndim != 2 or len(array) != len(self.seeds) or not len(array):
                raise ValueError(
                    f"metrics: {metric} of {self.name} has shape {array.shape}; "
                    f"use [{len(self.seeds)} seeds, epochs], of one seed or more"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"metrics: {metric} of {self.name} is not finite; use numbers")
            if array.shape[1]:
                kept[metric] = array
        if len({array.shape[1] for array in kept.values()}) != 1:
            shapes = {metric: array.shape for metric, array in kept.items()}
            raise ValueError(f"metrics: {self.name} has {shapes}; use as many epochs in each")
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds: {list(self.seeds)} of {self.name} repeat; use each once")
        object.__setattr__(self, "seeds", [int(seed) for seed in self.seeds])
        object.__setattr__(self, "metrics", {m: kept[m] for m in METRICS if m in kept})

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return self._array(next(iter(self.metrics))).shape[1]

    def last(self, metric: str) -> list[float]:
        """The values after the last epoch, one a seed."""
        return [float(value) for value in self._array(metric)[:, -1]]

    def final(self, metric: str) -> str:
        """The mean after the last epoch and its 95 % interval, in the metric's unit."""
        how, found = METRICS[metric], mean_interval(self.last(metric))
        return how.write(found.mean) + (f" ± {how.write(found.half_width)}" if found.n > 1 else "")

    def band(self, metric: str) -> tuple[list[int], list[int]]:
        """Mean and half width of its 95 % interval by epoch, in 1/100,000; one seed has no width.

        >>> Curves("a", "", "", [4], {"test_loss": [[0.5, 0.25]]}).band("test_loss")
        ([50000, 25000], [])
        """
        values = self._array(metric)
        half = half_widths(values) if len(values) > 1 else np.empty(0)
        return _whole(values.mean(axis=0)), _whole(half)

    def _array(self, metric: str) -> Floats:
        values: Any = self.metrics[metric]
        return np.asarray(values)


def _whole(values: Floats) -> list[int]:
    found = np.rint(np.round(values * SCALE, 6))  # what is nearly 0.5 is 0.5, on every machine
    return [int(value) for value in found]
