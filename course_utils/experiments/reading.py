"""Reading: an experiment's recorded runs, or the seeds that several have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.basics.checks import lookup
from course_utils.data import Dataset
from course_utils.evaluation import Comparison, compare_seeds
from course_utils.experiments import records
from course_utils.experiments.definition import Experiment
from course_utils.experiments.registry import find
from course_utils.experiments.running import beginning
from course_utils.experiments.tuning import TUNINGS, RateSweep

__all__ = ["Recorded", "compared", "in_common", "load", "recorded_or_none", "recorded_rates"]


@dataclass(frozen=True)
class Recorded:
    """The records of one experiment, one per seed, in the order of their seeds."""

    experiment: Experiment
    runs: tuple[dict[str, Any], ...]
    stale: bool = False

    @property
    def seeds(self) -> list[int]:
        """The seeds that are recorded."""
        return [run["seed"] for run in self.runs]

    def curves(self, metric: str) -> NDArray[np.float64]:
        """A metric of the history: ``[seeds, epochs]``."""
        return np.array([run["history"][metric] for run in self.runs])

    def values(self, metric: str) -> list[float]:
        """A metric after the last epoch: one value per seed."""
        return [float(value) for value in self.curves(metric)[:, -1]]

    @property
    def predicted(self) -> list[int]:
        """The seeds whose records hold test predictions; those made long ago don't."""
        return [run["seed"] for run in self.runs if "test_predictions" in run]

    def predictions(self, dataset: Dataset | None = None) -> NDArray[np.int64]:
        """Classes predicted for the test images after the last epoch: ``[seeds, images]``.

        There is one row for each seed in ``predicted``.

        Parameters
        ----------
        dataset : check the rows against its test labels: they must give the recorded accuracies.

        Raises
        ------
        FileNotFoundError
            If no record holds predictions; it gives the command that records them.
        ValueError
            If the runs had another data set, or a row gives another accuracy than the recorded one.
        """
        kept = [run for run in self.runs if "test_predictions" in run]
        if not kept:
            raise FileNotFoundError(
                f"predictions: the records of {self.experiment.name} hold none; "
                f"use `{_command(self.experiment)} --out FOLDER` to record them in a folder"
            )
        rows = np.array([list(run["test_predictions"]) for run in kept], dtype=np.int64)
        for run, row in zip(kept, rows, strict=True):
            if dataset is not None:
                _check_predictions(f"{self.experiment.name}, seed {run['seed']}", run, row, dataset)
        return rows


def load(name: str, *, folder: Path | None = None, stale: bool = False) -> Recorded:
    """Read the recorded runs of an experiment.

    Parameters
    ----------
    name : a name in the registry, or an inventory number: that task as its report ran it.
    folder : where to look; None takes the records that ship with the course.
    stale : accept records made under another definition than the registry's, flagged ``.stale``.

    Raises
    ------
    ValueError
        If the name means no experiment or several, or a record is stale or broken.
    FileNotFoundError
        If nothing is recorded; it gives the command that records it.

    Examples
    --------
    >>> load("mlp-500-adam").experiment.inventory
    '004d'
    """
    found = find(name)
    if len({experiment.inventory for experiment in found}) > 1:
        raise ValueError(f"name: {name!r} means {len(found)} experiments; use the name of one")
    experiment = next(e for e in found if not e.corrects or e.name == name)
    runs = records.read_all((folder or records.SHIPPED) / experiment.name)
    command = _command(experiment)
    if not runs:
        raise FileNotFoundError(f"name: nothing is recorded for {experiment.name}; use `{command}`")
    old = [r["seed"] for r in runs if r["hash"] != experiment.hash]
    if old and not stale:
        raise ValueError(
            f"name: the records of {experiment.name} with seeds {old} are stale, made under "
            f"another definition than {experiment.hash}; use `{command}` to make them anew"
        )
    return Recorded(experiment, tuple(runs), bool(old))


def recorded_or_none(name: str, *, folder: Path | None = None) -> Recorded | None:
    """``load``, with None where nothing is recorded: for a page that can do without.

    Raises
    ------
    ValueError
        As ``load`` does.
    """
    try:
        return load(name, folder=folder)
    except FileNotFoundError:
        return None


def in_common(names: Iterable[str], *, folder: Path | None = None) -> list[Recorded]:
    """Read the records of several experiments, cut to the seeds that all of them have.

    So they can be compared in pairs. Empty where there are fewer than two such seeds.

    Raises
    ------
    ValueError
        As ``load`` does.

    Examples
    --------
    >>> [len(found.seeds) for found in in_common(["mlp-500-adam", "mlp-500-sgd"])]
    [10, 10]
    """
    found = [recorded_or_none(name, folder=folder) for name in names]
    seeds = set.intersection(*(set(one.seeds) if one else set() for one in found))
    if len(seeds) < 2:
        return []
    return [
        replace(one, runs=tuple(run for run in one.runs if run["seed"] in seeds))
        for one in found
        if one
    ]


def compared(a: Recorded, b: Recorded, metric: str = "test_accuracy") -> Comparison:
    """Compare two recorded experiments after their last epochs, ``a`` against ``b``.

    In pairs, over the seeds that both have, where a seed gives them the same initial weights and
    batches; otherwise by Welch's test, over all seeds of each.

    Raises
    ------
    ValueError
        For fewer than two seeds.

    Examples
    --------
    >>> adam, sgd = load("004d"), load("004a")
    >>> compared(adam, sgd).test, compared(adam, load("004h")).test
    ('paired, n = 10', 'Welch, n = 10 and 10')
    """
    one, other = (dict(zip(x.seeds, x.values(metric), strict=True)) for x in (a, b))
    paired = beginning(a.experiment) == beginning(b.experiment)
    higher_is_better = metric.endswith("accuracy")
    return compare_seeds(one, other, paired=paired, higher_is_better=higher_is_better)


def recorded_rates(name: str, *, folder: Path | None = None) -> RateSweep:
    """Read the recorded search for an experiment's learning rate.

    Raises
    ------
    ValueError
        If ``TUNINGS`` has no such experiment, or as ``load`` does.
    FileNotFoundError
        If a rate is not recorded; it gives the command that records it.

    Examples
    --------
    >>> sweep = recorded_rates("mlp-500-sgd")
    >>> sweep.rates, sweep.accuracies.shape
    ((0.03, 0.1, 0.3, 1.0, 3.0), (5, 2))
    """
    tuning = lookup("name", name, TUNINGS)
    found = [load(candidate.name, folder=folder) for candidate in tuning.candidates]
    return RateSweep(tuning.rates, np.array([one.values("test_accuracy") for one in found]))


def _command(experiment: Experiment) -> str:
    return f"python -m course_utils run {experiment.name} --seeds 0-{experiment.seeds - 1}"


def _check_predictions(
    name: str, run: dict[str, Any], row: NDArray[np.int64], dataset: Dataset
) -> None:
    if dataset.checksum != run["data"]["checksum"]:
        raise ValueError(f"dataset: {name} was tested on other images; use those of its record")
    found = int((row == dataset.test.labels.numpy()).sum()) / len(row)
    recorded = run["history"]["test_accuracy"][-1]
    if found != recorded:
        raise ValueError(
            f"predictions: those of {name} are right {found:.2%} of the time, and its record says "
            f"{recorded:.2%}; delete it and run it again"
        )
