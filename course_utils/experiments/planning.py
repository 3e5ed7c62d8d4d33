"""Planned runs: which file the record of a seed goes to, without looking at any data."""

from __future__ import annotations

import tomllib
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
    """One seed of an experiment on one data set, and the file that its record goes to.

    ``source`` is the data set's name, or "digits" where these stand in for MNIST.
    """

    experiment: Experiment
    seed: int
    source: str
    path: Path

    @property
    def epochs(self) -> int:
        """How long it is."""
        return self.experiment.epochs

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
    source : what MNIST's experiments run on; others have a data set of their own, and nothing
        stands in for it. "auto" plans on MNIST. Where that turns out not to be available, ``run``
        and ``sweep`` plan again, on the digits: the name of that file says so.
    folder : where to put it; see ``run``.

    Raises
    ------
    ValueError
        For another ``source``, ``epochs`` below 1, and a ``seed`` below 0 or not an integer.

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
    own = None if asked == experiment else asked.epochs
    stands_in = source == "digits" and experiment.dataset == "mnist"
    found = "digits" if stands_in else experiment.dataset
    name = records.file_name(integer("seed", seed, least=0), found, own)
    home = folder or _default_folder(name.startswith("trial"))
    path = home / experiment.name / name
    return Run(asked, seed, found, path)


def _default_folder(trial: bool) -> Path:
    mine = records.SHIPPED if _is_checkout(records.SHIPPED.parents[1]) and not trial else None
    return mine or folders.cache_folder() / "recorded"


def _is_checkout(folder: Path) -> bool:
    """Whether it is this project's own; other packages leave files in site-packages too."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        return project["project"]["name"] == "course-utils"
    except (OSError, ValueError, KeyError, TypeError):
        return False
