"""How is an experiment run and recorded, and how is its record read?"""

import platform
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from course_utils import data, models, parallel, records, sources
from course_utils.data import Constants, Dataset
from course_utils.history import History
from course_utils.registry import REGISTRY, Claim, Experiment, find
from course_utils.training import fit, make_optimizer, seeded

__all__ = [
    "REGISTRY", "Claim", "Experiment", "Recorded", "Run", "Source", "find", "in_common",
    "load", "make", "plan", "recorded_or_none", "run", "train", "train_all",
]  # fmt: skip

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


@dataclass(frozen=True)
class Recorded:
    """The records of one experiment, one a seed, in the order of their seeds."""

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
        """A metric after the last epoch: one value a seed."""
        return [float(value) for value in self.curves(metric)[:, -1]]


def build(experiment: Experiment, seed: int) -> nn.Module:
    """The experiment's network with the initial weights of a seed."""
    with seeded(seed, "weights"):
        return getattr(models, experiment.model)(**experiment.model_args)


def prepared(experiment: Experiment, dataset: Dataset) -> Dataset:
    """The data set, resized and normalised as the experiment has it."""
    if experiment.resize not in (None, dataset.train.images.shape[-1]):
        dataset = dataset.resized(experiment.resize)
    if experiment.normalization == "own":
        constants = Constants.of(dataset.train.images)
        return dataset.normalized(constants.scaled_mean, constants.scaled_std)
    if experiment.normalization == "half":
        return dataset.normalized(0.5, 0.5)
    return dataset.normalized() if experiment.normalization == "standard" else dataset


def train(
    experiment: Experiment,
    dataset: Dataset,
    seed: int,
    *,
    device: str = "auto",
    precision: str = "fp32",
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[nn.Module, History]:
    """Train the experiment's network on ``dataset.train`` and measure it on ``dataset.test``.

    ``device``, ``precision`` and ``checkpoint`` are those of ``fit``. Records are all in fp32.
    """
    model = build(experiment, seed)
    images = prepared(experiment, dataset)
    history = fit(
        model,
        images.train,
        images.test,
        optimizer=partial(make_optimizer, experiment.optimizer, **experiment.optimizer_args),
        epochs=experiment.epochs,
        batch_size=experiment.batch_size,
        seed=seed,
        loss=experiment.loss,
        device=device,
        precision=precision,
        checkpoint=checkpoint,
        progress=progress,
        as_run=experiment.as_run,
    )
    return model, history


def train_all(
    experiments: Iterable[Experiment],
    dataset: Dataset,
    seeds: Iterable[int],
    *,
    jobs: int | None = None,
) -> dict[str, list[tuple[nn.Module, History]]]:
    """``train`` each experiment with each seed, several at once, and record nothing.

    Returns
    -------
    By the experiment's name: model and history, one pair a seed.

    Raises
    ------
    ValueError : two experiments of one name.
    """
    chosen, wanted = list(experiments), list(seeds)
    names = [e.name for e in chosen]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"experiments: {name} stands there twice; give each a name of its own")
    calls = [partial(_train_one, e, dataset, seed) for seed in wanted for e in chosen]
    jobs, threads = parallel.shares(len(calls), jobs or (1 if torch.cuda.is_available() else None))
    results = parallel.each(calls, jobs, threads)
    done = dict(tqdm(results, total=len(calls), unit="network", leave=False))
    return {e.name: [done[e.name, seed] for seed in wanted] for e in chosen}


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


def load(name: str, *, folder: Path | None = None, stale: bool = False) -> Recorded:
    """The recorded runs of an experiment.

    Parameters
    ----------
    name : a name of the registry, or an inventory number: that task as its report ran it.
    folder : where to look; None takes the records that ship with the course.
    stale : accept records of another definition than the registry's, flagged ``.stale``.

    Raises
    ------
    ValueError : no such experiment, more than one, or a stale or broken record.
    FileNotFoundError : nothing is recorded; it gives the command that records it.

    Examples
    --------
    >>> load("mlp-500-adam").experiment.inventory
    '004d'
    """
    found = find(name)
    if len({experiment.inventory for experiment in found}) > 1:
        raise ValueError(f"name: {name!r} means {len(found)} experiments; name one of them")
    experiment = found[0]
    runs = records.read_all((folder or records.SHIPPED) / experiment.name)
    command = f"python -m course_utils run {experiment.name} --seeds 0-{experiment.seeds - 1}"
    if not runs:
        raise FileNotFoundError(
            f"name: nothing is recorded for {experiment.name}; `{command}` does"
        )
    old = [r["seed"] for r in runs if r["hash"] != experiment.hash]
    if old and not stale:
        raise ValueError(
            f"name: the records of {experiment.name} with seeds {old} are stale: they were made "
            f"under another definition than {experiment.hash}; `{command}` makes them anew"
        )
    return Recorded(experiment, tuple(runs), bool(old))


def recorded_or_none(name: str, *, folder: Path | None = None) -> Recorded | None:
    """``load``, with None where nothing is recorded: for a page that goes on without.

    Raises
    ------
    ValueError : no such experiment, more than one, or a stale or broken record.
    """
    try:
        return load(name, folder=folder)
    except FileNotFoundError:
        return None


def in_common(names: Iterable[str], *, folder: Path | None = None) -> list[Recorded]:
    """The records of several experiments, cut to the seeds that all of them have.

    So they can be compared in pairs. Empty where these seeds are fewer than two.

    Raises
    ------
    ValueError : no such experiment, more than one by a name, or a stale or broken record.

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


def default_folder(trial: bool) -> Path:
    """Where a run is written: see ``run``."""
    checkout = (records.SHIPPED.parent.parent / "pyproject.toml").exists()
    return records.SHIPPED if checkout and not trial else sources.cache_folder() / "recorded"


@cache
def dataset_of(source: Source) -> Dataset:
    """The data set that a run has, loaded once a process."""
    return data.load(source=source, validation=0)


def _train_one(
    experiment: Experiment, dataset: Dataset, seed: int
) -> tuple[tuple[str, int], tuple[nn.Module, History]]:
    return (experiment.name, seed), train(experiment, dataset, seed, progress=False)


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
