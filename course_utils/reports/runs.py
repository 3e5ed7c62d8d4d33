"""Recorded runs, and how far apart two experiments are, seed by seed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_utils import experiments
from course_utils.basics.checks import integer
from course_utils.evaluation import Comparison, compare_seeds, mean_interval
from course_utils.experiments import Experiment, Recorded


class Side:
    """One side of a comparison: a metric of recorded runs, one value per seed.

    ``label`` says in words what the side is. Of several experiments it is the mean, seed by seed.
    ``epoch`` counts from 1, None is the last.

    >>> Side("Adam", experiments.as_run("004d"), epoch=6)
    Traceback (most recent call last):
    ValueError: epoch: 6 is invalid; use an integer from 1 to 5
    """

    def __init__(
        self, label: str, *chosen: Experiment, metric: str = "test_accuracy",
        epoch: int | None = None,
    ) -> None:  # fmt: skip
        self.label, self.experiments, self.metric, self.epoch = label, chosen, metric, epoch
        self.names = tuple(experiment.name for experiment in chosen)
        for experiment in chosen:
            if epoch is not None:
                integer("epoch", epoch, most=experiment.epochs)
            if metric.startswith("as_run") and not experiment.as_run:
                raise ValueError(f"metric: {experiment.name} has no {metric}; use test_accuracy")


class Runs:
    """The records of a folder, by experiment; None takes those of the course.

    Each is read once. ``Runs()[experiment]`` is None where nothing is recorded.

    >>> adam, sgd = (Side(task, experiments.as_run(task)) for task in ("004d", "004a"))
    >>> Runs().compare(adam, sgd).verdict
    'better'

    Raises
    ------
    ValueError
        For a stale or broken record.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._read: dict[str, Recorded | None] = {}

    def __getitem__(self, experiment: Experiment) -> Recorded | None:
        name = experiment.name
        if name not in self._read:
            self._read[name] = experiments.recorded_or_none(name, folder=self.folder)
        return self._read[name]

    def by_seed(self, side: Side) -> dict[int, float]:
        """The value of each seed that is recorded for all of a side's experiments."""
        found = []
        for experiment in side.experiments:
            recorded = self[experiment]
            if recorded is None:
                return {}
            curves = recorded.curves(side.metric)
            last = curves[:, -1 if side.epoch is None else side.epoch - 1]
            found.append(dict(zip(recorded.seeds, last.tolist(), strict=True)))
        return {seed: float(np.mean([f[seed] for f in found])) for seed in _in_all(found)}

    def compare(self, a: Side, b: Side, *, higher_is_better: bool = True) -> Comparison | None:
        """The mean difference a − b; None for fewer than two seeds.

        Over the seeds that both have, in pairs, where these begin alike (``begin_alike``); over all
        seeds of each, by Welch's test, where they don't.
        """
        one, other, paired = self.by_seed(a), self.by_seed(b), begin_alike(a, b)
        fewest = len(one.keys() & other.keys()) if paired else min(len(one), len(other))
        if fewest < 2:
            return None
        return compare_seeds(one, other, paired=paired, higher_is_better=higher_is_better)

    def pairs(self, a: Side, b: Side) -> tuple[float, ...]:
        """The differences a − b, seed by seed, where these begin alike; else none."""
        one, two = self.by_seed(a), self.by_seed(b)
        return tuple(one[s] - two[s] for s in _in_all([one, two])) if begin_alike(a, b) else ()

    def lacking(self, *wanted: Experiment) -> str:
        """What a page says where they have fewer than two seeds in common, else nothing."""
        missing = [experiment for experiment in wanted if self[experiment] is None]
        if missing:
            return not_recorded(*missing)
        alone = len({experiment.name for experiment in wanted}) == 1
        enough = len(self.by_seed(Side("", *wanted))) > 1
        return "" if enough else f"Fewer than two seeds{' in common' * (not alone)} so far."

    def told(self, experiment: Experiment, metric: str = "test_accuracy") -> str:
        """The mean of a recorded metric in per cent, or that there is no record."""
        recorded = self[experiment]
        return f"{accuracy(recorded.values(metric))}." if recorded else not_recorded(experiment)

    def both_ways(self, experiment: Experiment) -> str:
        """The recorded accuracies without eval() and with it."""
        if self[experiment] is None:
            return f"At full length: {not_recorded(experiment)}"
        as_run, proper = (self.told(experiment, m) for m in ("as_run_accuracy", "test_accuracy"))
        return f"At full length {as_run.removesuffix('.')}; in eval mode {proper}"


def begin_alike(a: Side, b: Side) -> bool:
    """Whether a seed gives both sides the same initial weights and the same batches.

    Then it does something to both alike, which cancels in pairs. Between other networks it doesn't.

    >>> sgd, adam, cnn = (Side("", experiments.as_run(task)) for task in ("004a", "004d", "003n"))
    >>> begin_alike(sgd, adam), begin_alike(sgd, cnn)
    (True, False)
    """
    one, other = ([*map(experiments.beginning, side.experiments)] for side in (a, b))
    return one == other


def accuracy(values: Sequence[float]) -> str:
    """Write the mean of fractions in per cent, one a seed, and half of its 95 % interval.

    >>> accuracy([0.97, 0.96, 0.98])
    '97.00 ± 2.48 % (n = 3)'
    """
    return mean_interval(values).written(2, scale=100, unit=" %")


def not_recorded(*missing: Experiment) -> str:
    """Say that experiments have no record, and which command makes it.

    >>> not_recorded(experiments.REGISTRY["lenet-adam"]).split(" --")[0]
    'Not recorded yet: `python -m course_utils run lenet-adam'
    """
    names = " ".join(dict.fromkeys(experiment.name for experiment in missing))
    seeds = max(experiment.seeds for experiment in missing)
    return f"Not recorded yet: `python -m course_utils run {names} --seeds 0-{seeds - 1}`."


def _in_all(found: list[dict[int, float]]) -> list[int]:
    return sorted(set.intersection(*(set(values) for values in found)))
