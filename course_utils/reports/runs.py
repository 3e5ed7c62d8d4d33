"""Which recorded runs are there, and how far apart are two experiments, seed by seed?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils import experiments
from course_utils.evaluation import Comparison, compare
from course_utils.experiments import Recorded
from course_utils.experiments.definition import Experiment
from course_utils.experiments.registry import REGISTRY


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a metric of recorded runs, one value a seed.

    ``names`` are experiments; of several it is the mean, seed by seed. ``epoch`` counts from 1,
    None is the last. ``label`` says in words what the side is.

    >>> Side(("mlp-500-adam",), epoch=6)
    Traceback (most recent call last):
    ValueError: epoch: 6 must lie in 1..5 for mlp-500-adam
    """

    names: tuple[str, ...]
    metric: str = "test_accuracy"
    epoch: int | None = None
    label: str = ""

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in REGISTRY:
                raise ValueError(f"names: {name!r} is no experiment; `list` shows the registry's")
            epochs = REGISTRY[name].epochs
            if self.epoch is not None and not 1 <= self.epoch <= epochs:
                raise ValueError(f"epoch: {self.epoch} must lie in 1..{epochs} for {name}")
            if self.metric.startswith("as_run") and not REGISTRY[name].as_run:
                raise ValueError(f"metric: {name} is not measured as run; {self.metric} is empty")


class Runs:
    """The records of a folder, by the experiment's name; None takes those of the course.

    Each is read once. ``Runs()[name]`` is None where nothing is recorded, and raises ValueError
    for a stale or broken record.

    >>> runs = Runs()
    >>> adam, sgd = Side(("mlp-500-adam",)), Side(("mlp-500-sgd",))
    >>> runs.compare(adam, sgd).verdict
    'better'
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._read: dict[str, Recorded | None] = {}

    def __getitem__(self, name: str) -> Recorded | None:
        if name not in self._read:
            self._read[name] = experiments.recorded_or_none(name, folder=self.folder)
        return self._read[name]

    def by_seed(self, side: Side) -> dict[int, float]:
        """The value of each seed that is recorded for all of a side's experiments."""
        found = []
        for name in side.names:
            recorded = self[name]
            if recorded is None:
                return {}
            curves = recorded.curves(side.metric)
            last = curves[:, -1 if side.epoch is None else side.epoch - 1]
            found.append(dict(zip(recorded.seeds, last.tolist(), strict=True)))
        return {seed: float(np.mean([f[seed] for f in found])) for seed in _in_all(found)}

    def compare(self, a: Side, b: Side, *, higher_is_better: bool = True) -> Comparison | None:
        """The paired difference a − b over the seeds that both have; None for fewer than two."""
        one, two = self.by_seed(a), self.by_seed(b)
        seeds = _in_all([one, two])
        if len(seeds) < 2:
            return None
        pairs = ([side[seed] for seed in seeds] for side in (one, two))
        return compare(*pairs, higher_is_better=higher_is_better)

    def missing(self, *sides: Side) -> list[Experiment]:
        """The experiments of these sides that are not recorded."""
        return [REGISTRY[name] for side in sides for name in side.names if self[name] is None]


def _in_all(found: list[dict[int, float]]) -> list[int]:
    return sorted(set.intersection(*(set(values) for values in found)))
