"""Records that nobody ran, for tests of what is made of records."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_utils.experiments import records
from course_utils.experiments.registry import REGISTRY

LOSSES = ("train_loss", "test_loss", "as_run_loss", "last_batch_loss", "seconds")
ACCURACIES = ("train_accuracy", "test_accuracy", "as_run_accuracy")


def record(folder: Path, name: str, seeds: Sequence[int], **values: object) -> None:
    """Write valid records of an experiment, one a seed.

    A metric is given as one number a seed, the same at all epochs, or as one list a seed with a
    number an epoch. What is not given is 0.5.
    """
    experiment = REGISTRY[name]
    unknown = values.keys() - {*LOSSES, *ACCURACIES}
    assert not unknown, f"no metrics: {unknown}"
    curves = {}
    for metric in (*LOSSES, *ACCURACIES):
        given = np.asarray(values.get(metric, [0.5] * len(seeds)), dtype=float)
        given = given[:, None] if given.ndim == 1 else given
        curves[metric] = np.broadcast_to(given, (len(seeds), experiment.epochs)).tolist()
    for i, seed in enumerate(seeds):
        history = {metric: curve[i] for metric, curve in curves.items()}
        if not experiment.as_run:
            history |= {"as_run_loss": [], "as_run_accuracy": []}
        made = {
            "schema": 1,
            "experiment": name,
            "hash": experiment.hash,
            "definition": experiment.definition,
            "seed": seed,
            "parameters": 1,
            "history": history,
            "data": {"name": "mnist", "source": "mnist", "checksum": "0", "train": 1, "test": 1},
            "environment": {
                "python": "3", "torch": "2", "numpy": "2", "course_utils": "0", "machine": "none",
                "device": "cpu", "threads": 1, "precision": "fp32",
            },
        }  # fmt: skip
        path = folder / name / f"seed-{seed}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        records.write(made, path)
