"""Records that nobody ran, and what the reports' findings make of them."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from course_utils import data, reports
from course_utils.experiments import REGISTRY, records
from course_utils.reports import (
    Finding,
    cnn_arithmetic,
    cnn_baseline,
    copied,
    evaluation,
    loss_landscapes,
    mnist_mlp,
    optimizers_and_depth,
    pen_and_paper,
    xor,
)
from course_utils.reports.runs import Runs

LOSSES = ("train_loss", "test_loss", "as_run_loss", "last_batch_loss", "seconds")
ACCURACIES = ("train_accuracy", "test_accuracy", "as_run_accuracy")


def once(compute: Callable[[], Iterable[Finding]]) -> Callable[[], list[Finding]]:
    """The same findings, computed when they are first asked for."""
    return cache(lambda: list(compute()))


# Pages whose findings no record changes.
WITHOUT_RECORDS = {
    page: once(page.findings)
    for page in (pen_and_paper, cnn_arithmetic, loss_landscapes, xor, copied)
}


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


@cache
def digits() -> data.Dataset:
    """The stand-in digits, loaded once."""
    return data.load(source="digits", validation=0)


def findings(folder: Path | None = None) -> list[Finding]:
    """All findings on the stand-in digits, without the three for which networks are trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cnn_baseline, "order", lambda dataset: iter(()))
        for page, found in WITHOUT_RECORDS.items():
            patch.setattr(page, "findings", found)
        return reports.findings(digits(), folder)


def finding(folder: Path | None, task: str, quantity: str) -> Finding:
    """One of them, of a task that was trained, from its page alone."""
    runs = Runs(folder)
    if "001g" <= task <= "001l":
        page = optimizers_and_depth.findings(runs)
    elif task in ("000n", "001c", "001d", "001e"):
        page = cnn_baseline.findings(digits(), runs)
    elif task in ("002n", "002o", "003n", "004n"):
        page = evaluation.findings(digits(), runs)
    else:
        page = mnist_mlp.findings(digits(), runs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cnn_baseline, "order", lambda dataset: iter(()))
        return next(f for f in page if (f.task, f.quantity) == (task, quantity))
