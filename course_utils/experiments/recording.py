"""Runs and their records: where one goes, and making it once, whatever is cut off on the way."""

from __future__ import annotations

import platform
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from course_utils import data, models
from course_utils.data import Dataset, folders
from course_utils.experiments import records
from course_utils.experiments.definition import Experiment
from course_utils.experiments.running import train
from course_utils.training.history import History

__all__ = ["Run", "Source", "dataset_of", "make", "plan", "run"]

Source = Literal["auto", "mnist", "digits"]


@dataclass(frozen=True)
class Run:
    """One seed of an experiment, and the file that its record goes to."""

    experiment: Experiment
    seed: int
    path: Path

    @property
    def checkpoint(self) -> Path:
        """What holds the run after each epoch, until it is recorded."""
        return self.path.with_suffix(f".{self.experiment.hash}.checkpoint")

    def recorded(self) -> bool:
        """Whether its record is there, and of this definition."""
        return self.path.exists() and records.read(self.path)["hash"] == self.experiment.hash


def plan(
    experiment: Experiment,
    seed: int,
    *,
    epochs: int | None = None,
    source: Source = "auto",
    folder: Path | None = None,
) -> Run:
    """What ``run`` with the same arguments makes, and where it puts it."""
    asked = experiment if epochs is None else replace(experiment, epochs=epochs)
    found = dataset_of(source).source
    trial = "" if asked == experiment else f".epochs-{asked.epochs}"
    trial += "" if found == "mnist" else f".{found}"
    home = (folder or default_folder(bool(trial))) / experiment.name
    return Run(asked, seed, home / f"{'trial' if trial else 'seed'}-{seed}{trial}.json")


def run(
    experiment: Experiment,
    seed: int,
    *,
    epochs: int | None = None,
    source: Source = "auto",
    folder: Path | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Path:
    """Train one seed and record it; skip what is recorded, resume what was cut off.

    A run at full length on MNIST is a record. Any other (``epochs`` given, or the stand-in
    digits) is a trial: its file name says so, and ``load`` does not read it. Of several processes
    that make the same run, one trains and the others wait for its record.

    Returns
    -------
    The record's file, below ``folder``. None means the course's own records, from a checkout;
    a folder in the user's cache for a trial or from an installed package.

    Raises
    ------
    FloatingPointError : the loss was not finite; it names experiment, seed, epoch and step.
    """
    planned = plan(experiment, seed, epochs=epochs, source=source, folder=folder)
    return make(planned, source=source, device=device, progress=progress)


def make(
    planned: Run, *, source: Source = "auto", device: str = "auto", progress: bool = True
) -> Path:
    """``run``, of what ``plan`` gave."""
    if not planned.recorded():
        with records.locked(planned.path):
            if not planned.recorded():  # another process may have made it while this one waited
                _train_and_record(planned, dataset_of(source), device, progress)
    for left in (planned.checkpoint, records.lock_file(planned.path)):
        with suppress(OSError):  # not there; or there, and of no harm beside a record
            left.unlink()
    return planned.path


def default_folder(trial: bool) -> Path:
    """Where a run is written: see ``run``."""
    checkout = (records.SHIPPED.parent.parent / "pyproject.toml").exists()
    return records.SHIPPED if checkout and not trial else folders.cache_folder() / "recorded"


@cache
def dataset_of(source: Source) -> Dataset:
    """The data set that a run has, loaded once a process."""
    return data.load(source=source, validation=0)


def _train_and_record(planned: Run, dataset: Dataset, device: str, progress: bool) -> None:
    experiment, seed = planned.experiment, planned.seed
    try:
        model, history = train(
            experiment,
            dataset,
            seed,
            device=device,
            checkpoint=planned.checkpoint,
            progress=progress,
        )
    except FloatingPointError as error:
        raise FloatingPointError(f"{experiment.name}, seed {seed}: {error}") from error
    records.write(_record(experiment, seed, dataset, model, history), planned.path)


def _record(
    experiment: Experiment, seed: int, dataset: Dataset, model: nn.Module, history: History
) -> dict[str, Any]:
    device = next(model.parameters()).device
    metrics = (
        "train_loss", "train_accuracy", "test_loss", "test_accuracy",
        "as_run_loss", "as_run_accuracy", "last_batch_loss", "seconds",
    )  # fmt: skip
    return {
        "schema": 1,
        "experiment": experiment.name,
        "hash": experiment.hash,
        "definition": experiment.definition,
        "seed": seed,
        "parameters": models.parameter_count(model),
        "history": {metric: getattr(history, metric) for metric in metrics},
        "data": {
            "name": dataset.name,
            "source": dataset.source,
            "checksum": dataset.checksum,
            "train": len(dataset.train),
            "test": len(dataset.test),
        },
        "environment": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "course_utils": version("course-utils"),
            "machine": f"{platform.system()} {platform.machine()}",
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
            "threads": torch.get_num_threads(),
            "precision": "fp32",
        },
    }
