"""Recording: a planned run is made once, whatever is cut off on the way, and its record written."""

from __future__ import annotations

import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import course_utils
from course_utils import models
from course_utils.data import Dataset
from course_utils.experiments import records
from course_utils.experiments.definition import Experiment
from course_utils.experiments.planning import Run, Source, plan
from course_utils.experiments.running import dataset_of, prepared, train
from course_utils.training.fitting import predicted_classes
from course_utils.training.history import History

__all__ = ["make", "plan_on_hand", "run"]


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

    A full-length run on its own data set is a record. Any other (with ``epochs``, or on the digits
    that stand in for MNIST) is a trial: its file name says so, and ``load`` doesn't read it. When
    several processes make the same run, one trains and the others wait for its record. The record
    holds what was measured after each epoch and, after the last one, the class predicted for each
    test image.

    Parameters
    ----------
    epochs : those of a trial; None takes the experiment's own.
    source : "mnist"; "digits"; or "auto", which is MNIST where it is available or the record on it
        exists already, and otherwise the digits.
    folder : where to put it. None means the course's own records, from a checkout; for a trial, or
        from an installed package, a folder in the user's cache.
    device, progress : those of ``training.fit``.

    Returns
    -------
    The record's file.

    Raises
    ------
    FloatingPointError
        If the loss is not finite; it names experiment, seed, epoch and step.
    """
    planned = plan_on_hand(experiment, seed, epochs=epochs, source=source, folder=folder)
    return make(planned, device=device, progress=progress)


def plan_on_hand(
    experiment: Experiment,
    seed: int,
    *,
    epochs: int | None = None,
    source: Source = "auto",
    folder: Path | None = None,
) -> Run:
    """``plan``, with "auto" settled: MNIST is loaded for it only if no record exists."""
    planned = plan(experiment, seed, epochs=epochs, source=source, folder=folder)
    if source != "auto" or experiment.dataset != "mnist" or planned.recorded():
        return planned
    found: Source = "digits" if dataset_of(source).source == "digits" else "mnist"
    return plan(experiment, seed, epochs=epochs, source=found, folder=folder)


def make(planned: Run, *, device: str = "auto", progress: bool = True) -> Path:
    """Make a planned run and write its record, unless that exists; return the record's file."""
    if not planned.recorded():
        with records.locked(planned.path):
            if not planned.recorded():  # another process may have made it while this one waited
                _train_and_record(planned, device, progress)
    for left in (planned.checkpoint, records.lock_file(planned.path)):
        with suppress(OSError):  # it isn't there, or does no harm beside a record
            left.unlink()
    return planned.path


def _dataset_of(planned: Run) -> Dataset:
    return dataset_of(planned.source, planned.experiment.measured_on)


def _train_and_record(planned: Run, device: str, progress: bool) -> None:
    experiment, seed, dataset = planned.experiment, planned.seed, _dataset_of(planned)
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
    test = prepared(experiment, dataset).test
    predictions = {}
    if experiment.measured_on == "test":
        classes = predicted_classes(model, test, seed=seed, epochs=experiment.epochs)
        predictions["test_predictions"] = "".join(map(str, classes.tolist()))
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
        **predictions,
        "data": {
            "name": dataset.name,
            "source": dataset.source,
            "checksum": dataset.checksum,
            "train": len(dataset.train),
            "test": len(test),
        },
        "environment": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "course_utils": course_utils.__version__,
            "machine": f"{platform.system()} {platform.machine()}",
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
            "threads": torch.get_num_threads(),
            "precision": "fp32",
        },
    }
