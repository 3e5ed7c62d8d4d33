"""Running: an experiment's data, pixels and network, trained with one seed or many at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from course_utils import data, models
from course_utils.data import Constants, Dataset
from course_utils.experiments import parallel
from course_utils.experiments.definition import Experiment
from course_utils.experiments.planning import Source
from course_utils.training import fit, make_optimizer, seeded
from course_utils.training.history import History

__all__ = ["build", "dataset_of", "prepared", "train", "train_all"]

_loaded: dict[str, Dataset] = {}


def dataset_of(source: Source) -> Dataset:
    """Give the data set that a run has, loaded once per process."""
    if source not in _loaded:
        dataset = data.load(source=source, validation=0)
        _loaded[source] = _loaded[dataset.source] = dataset
    return _loaded[source]


def build(experiment: Experiment, seed: int) -> nn.Module:
    """Build the experiment's network with the initial weights of a seed."""
    with seeded(seed, "weights"):
        return getattr(models, experiment.model)(**experiment.model_args)


def prepared(experiment: Experiment, dataset: Dataset) -> Dataset:
    """Resize and normalise the data set as the experiment asks."""
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

    ``device``, ``precision`` and ``checkpoint`` are those of ``fit``. All records are in fp32.
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
    By the experiment's name: model and history, one pair per seed.

    Raises
    ------
    ValueError
        For two experiments with the same name.
    """
    chosen, wanted = list(experiments), list(seeds)
    names = [e.name for e in chosen]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"experiments: {name} appears twice; give each its own name")
    calls = [partial(_train_one, e, dataset, seed) for seed in wanted for e in chosen]
    jobs, threads = parallel.shares(len(calls), jobs or (1 if torch.cuda.is_available() else None))
    results = parallel.each(calls, jobs, threads)
    done = dict(tqdm(results, total=len(calls), unit="network", leave=False))
    return {e.name: [done[e.name, seed] for seed in wanted] for e in chosen}


def _train_one(
    experiment: Experiment, dataset: Dataset, seed: int
) -> tuple[tuple[str, int], tuple[nn.Module, History]]:
    return (experiment.name, seed), train(experiment, dataset, seed, progress=False)
