"""Planned runs: which file the record of a seed goes to, without looking at any data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from course_utils.basics.checks import choice, integer
from course_utils.data import folders
from course_utils.experiments import records
from course_utils.experiments.definition import Experiment

__all__ = ["Run", "Source", "plan"]

Source = Literal["auto", "mnist", "digits"]


@dataclass(frozen=True)
class Run:
    """One seed of an experiment on one data set, and the file that its record goes to."""

    experiment: Experiment
    seed: int
    source: Literal["mnist", "digits"]
    path: Path

    @property
    def checkpoint(self) -> Path:
        """What holds the run after each epoch, until it is recorded."""
        return self.path.with_suffix(f".{self.experiment.hash}.checkpoint")

    def recorded(self) -> bool:
        """Whether its record exists, under this definition."""
        return self.path.exists() and records.read(self.path)["hash"] == self.experiment.hash


def plan(
    experiment: Experiment,
    seed: int,
    *,
    epochs: int | None = None,
    source: Source = "auto",
    folder: Path | None = None,
) -> Run:
    """Name the file of a run. No data set is loaded, looked for or downloaded.

    Parameters
    ----------
    epochs : those of a trial; None takes the experiment's own.
    source : "auto" plans on MNIST. Where that turns out not to be available, ``run`` and ``sweep``
        plan again, on the digits: the name of that file says so.
    folder : where to put it; see ``run``.

    Raises
    ------
    ValueError
        For another ``source``, and for ``epochs`` below 1.

    Examples
    --------
    >>> from course_utils.experiments import REGISTRY
    >>> plan(REGISTRY["mlp-500-adam"], 3, folder=Path("mine")).path.as_posix()
    'mine/mlp-500-adam/seed-3.json'
    >>> plan(REGISTRY["mlp-500-adam"], 3, epochs=1, source="digits", folder=Path("mine")).path.name
    'trial-3.epochs-1.digits.json'
    """
    choice("source", source, ["auto", "mnist", "digits"])
    asked = experiment if epochs is None else replace(experiment, epochs=integer("epochs", epochs))
    trial = "" if asked == experiment else f".epochs-{asked.epochs}"
    trial += ".digits" if source == "digits" else ""
    home = (folder or _default_folder(bool(trial))) / experiment.name
    path = home / f"{'trial' if trial else 'seed'}-{seed}{trial}.json"
    return Run(asked, seed, "digits" if source == "digits" else "mnist", path)


def _default_folder(trial: bool) -> Path:
    checkout = (records.SHIPPED.parent.parent / "pyproject.toml").exists()
    return records.SHIPPED if checkout and not trial else folders.cache_folder() / "recorded"
