"""Running: an experiment's data, pixels and network, trained with one seed or many at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar, cast, get_args

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from course_utils import data, models
from course_utils.basics.checks import integer
from course_utils.data import Constants, Dataset
from course_utils.experiments import parallel
from course_utils.experiments.definition import Experiment, Measured
from course_utils.experiments.planning import Source
from course_utils.experiments.tuning import RateSweep, candidates
from course_utils.training import fit, make_optimizer, seeded
from course_utils.training.history import History

__all__ = ["beginning", "build", "dataset_of", "prepared", "train", "train_all", "tune"]

T = TypeVar("T")

_loaded: dict[tuple[str, Measured], Dataset] = {}


def dataset_of(source: str, measured_on: Measured = "test") -> Dataset:
    """Give the data set that a run has, loaded once per process.

    With "validation", some training examples are set aside for it, as many as ``data.load`` does.

    Parameters
    ----------
    source : "auto", "mnist" or "digits", or the name of another data set.
    """
    if (source, measured_on) not in _loaded:
        held_out = None if measured_on == "validation" else 0
        if source in get_args(Source):
            dataset = data.load(source=cast(Source, source), validation=held_out)
        else:
            dataset = data.load(source, validation=held_out)
        for name in (source, dataset.source):
            _loaded[name, measured_on] = dataset
    return _loaded[source, measured_on]


def build(experiment: Experiment, seed: int) -> nn.Module:
    """Build the experiment's network with the initial weights of a seed."""
    with seeded(seed, "weights"):
        return getattr(models, experiment.model)(**experiment.model_args)


@cache
def _beginning(model: str, arguments: str, batch_size: int) -> str:
    with seeded(0, "weights"):
        network = getattr(models, model)(**json.loads(arguments))
    digest = hashlib.sha256(str(batch_size).encode())
    for weights in network.parameters():
        digest.update(weights.detach().numpy().tobytes())
    return digest.hexdigest()[:12]


def beginning(experiment: Experiment) -> str:
    """Twelve digits, the same for experiments to which a seed gives the same weights and batches.

    What a seed does to such experiments alike cancels when they are compared in pairs.

    >>> from course_utils.experiments import as_run
    >>> sgd, adam, cnn = (beginning(as_run(task)) for task in ("004a", "004d", "003n"))
    >>> sgd == adam, sgd == cnn
    (True, False)
    """
    arguments = json.dumps(dict(experiment.model_args), sort_keys=True)
    return _beginning(experiment.model, arguments, experiment.batch_size)


def prepared(experiment: Experiment, dataset: Dataset) -> Dataset:
    """Resize and normalise the data set as the experiment asks.

    Where it is measured on validation images, these take the place of the test images.

    Raises
    ------
    ValueError
        If there are no validation images for it.
    """
    if experiment.measured_on == "validation":
        if not len(dataset.validation):
            raise ValueError("dataset: has no validation images; load it with validation=5000")
        dataset = replace(dataset, test=dataset.validation)
    if experiment.resize not in (None, dataset.train.images.shape[-1]):
        dataset = dataset.resized(experiment.resize)
    if experiment.normalization == "own":
        constants = Constants.of(dataset.train.images)
        return dataset.normalized(constants.scaled_mean, constants.scaled_std)
    if experiment.normalization == "half":
        return dataset.normalized(0.5, 0.5)
    if experiment.normalization == "standard":
        return dataset.normalized()
    if dataset.train.images.is_floating_point():
        lowest, highest = dataset.constants.min, dataset.constants.max
        return dataset.normalized(lowest, highest - lowest)
    return dataset


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

    An experiment that is measured on validation images is measured on those instead.

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


def tune(
    experiment: Experiment,
    rates: Sequence[float],
    dataset: Dataset,
    *,
    seeds: int = 2,
    jobs: int | None = None,
) -> RateSweep:
    """Train an experiment at several learning rates and measure it on the validation images.

    A run whose loss is no longer finite counts as right in no case. Whatever is compared with the
    experiment should get as many rates and seeds.

    Raises
    ------
    ValueError
        For rates that do not rise, and a data set without validation images.
    """
    tried = candidates(experiment, rates, integer("seeds", seeds))
    done = _each(_accuracy, tried, dataset, range(seeds), jobs)
    found = [[done[e.name, seed] for seed in range(seeds)] for e in tried]
    return RateSweep(tuple(rates), np.array(found))


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
    done = _each(_train_one, chosen, dataset, wanted, jobs)
    return {e.name: [done[e.name, seed] for seed in wanted] for e in chosen}


def _each(
    call: Callable[[Experiment, Dataset, int], tuple[tuple[str, int], T]],
    experiments: Sequence[Experiment],
    dataset: Dataset,
    seeds: Sequence[int],
    jobs: int | None,
) -> dict[tuple[str, int], T]:
    """Call it for each experiment and seed, several at once, under a bar."""
    calls = [partial(call, e, dataset, seed) for seed in seeds for e in experiments]
    jobs, threads = parallel.shares(len(calls), jobs or (1 if torch.cuda.is_available() else None))
    results = parallel.each(calls, jobs, threads)
    return dict(tqdm(results, total=len(calls), unit="network", leave=False))


def _train_one(
    experiment: Experiment, dataset: Dataset, seed: int
) -> tuple[tuple[str, int], tuple[nn.Module, History]]:
    return (experiment.name, seed), train(experiment, dataset, seed, progress=False)


def _accuracy(experiment: Experiment, dataset: Dataset, seed: int) -> tuple[tuple[str, int], float]:
    try:
        key, (_, history) = _train_one(experiment, dataset, seed)
    except FloatingPointError:
        return (experiment.name, seed), 0.0
    return key, history.test_accuracy[-1]
