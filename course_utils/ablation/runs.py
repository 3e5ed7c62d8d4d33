"""One run of a study: trained once, whatever is cut off on the way, and kept in a file."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.ablation.variants import Settled, probe
from course_utils.basics.files import write_atomically
from course_utils.data import Dataset
from course_utils.experiments import records
from course_utils.training import evaluate, fit
from course_utils.training.checkpoints import identity
from course_utils.training.choices import find_optimizer

__all__ = ["Run", "Start", "folder_of", "make", "read", "start_of", "tidy"]


@dataclass(frozen=True)
class Start:
    """What makes two runs of the same seed one: settings in words, first weights, first outputs."""

    settings: dict[str, str]
    weights: str  # a checksum of the initial weights of seed 0
    outputs: list[float]  # of seed 0, for the first training images

    def differs(self, other: Start) -> str | None:
        """Name what differs from another start; None if nothing does.

        Outputs may differ by what another processor rounds, or another version of PyTorch.
        """
        for name in {**self.settings, **other.settings}:
            mine, theirs = self.settings.get(name), other.settings.get(name)
            if mine != theirs:
                return f"{name} was {theirs}, is {mine}"
        if self.weights != other.weights:
            return "its initial weights are others"
        if not np.allclose(self.outputs, other.outputs, rtol=1e-3, atol=1e-4):
            return "its layers give others than they gave"
        return None


def start_of(one: Settled, dataset: Dataset, epochs: int) -> Start:
    """Find out how a variant starts.

    Raises
    ------
    ValueError
        As ``probe`` does.
    """
    model = one.build(0)
    outputs = probe(one, model, dataset)
    optimizer = find_optimizer(one.optimizer, model, one.lr)
    steps = epochs * -(-len(dataset.train) // one.batch_size)
    settings = identity(
        model, dataset.train, optimizer, one.loss, one.schedule, steps,
        batch_size=one.batch_size, epochs=epochs,
        validation=len(dataset.validation), images=dataset.checksum[:12],
    )  # fmt: skip
    digest = hashlib.sha256()
    for weights in model.parameters():
        digest.update(weights.detach().numpy().tobytes())
    return Start(settings, digest.hexdigest()[:12], outputs.flatten().tolist())


@dataclass(frozen=True)
class Run:
    """One seed of a variant, and the file that it is kept in."""

    variant: Settled
    seed: int
    epochs: int
    start: Start = field(repr=False)
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"seed-{self.seed}.json"

    @property
    def checkpoint(self) -> Path:
        """What holds the run after each epoch, until it is done."""
        text = json.dumps([self.start.settings, self.start.weights], sort_keys=True)
        return self.path.with_suffix(
            f".{hashlib.sha256(text.encode()).hexdigest()[:12]}.checkpoint"
        )

    def done(self) -> bool:
        """Whether its file is there.

        Raises
        ------
        ValueError
            If that is the file of another run; it says what differs.
        """
        if not self.path.exists():
            return False
        other = Start(**read(self.path)["start"])
        if told := self.start.differs(other):
            raise ValueError(
                f"folder: {self.path} is another run of {self.variant.name!r}: {told}; use another "
                "name for this variant, or another folder"
            )
        return True


def make(run: Run, dataset: Dataset, *, device: str, trial: bool = False) -> Path:
    """Train a run and measure it once on the test images, unless it is done; return its file.

    A ``trial`` of a learning rate is measured on the validation images alone, and may diverge: it
    is then right in no case.

    Raises
    ------
    FloatingPointError
        If the loss of any other run is not finite.
    """
    if not run.done():
        with records.locked(run.path):
            if not run.done():  # another process may have made it while this one waited
                _train(run, dataset, device, trial)
    tidy(run)
    return run.path


def tidy(run: Run) -> None:
    """Remove what a run that is done needs no longer; one that was killed may have left it."""
    for left in (run.checkpoint, records.lock_file(run.path)):
        with suppress(OSError):  # it isn't there, or does no harm beside the file
            left.unlink()


def _train(run: Run, dataset: Dataset, device: str, trial: bool) -> None:
    one, seed = run.variant, run.seed
    model = one.build(seed)
    found: dict[str, Any] = {"variant": one.name, "seed": seed, "lr": one.lr, "test": None}
    try:
        history = fit(
            model, dataset.train, dataset.validation,
            optimizer=one.optimizer, lr=one.lr, schedule=one.schedule, loss=one.loss,
            epochs=run.epochs, batch_size=one.batch_size, seed=seed, device=device,
            checkpoint=run.checkpoint, progress=False,
        )  # fmt: skip
    except FloatingPointError as error:
        if not trial:
            raise FloatingPointError(f"{one.name}, seed {seed}: {error}") from error
        found["history"] = None
    else:
        found["history"] = asdict(history)
        if not trial:
            found["test"] = asdict(evaluate(model, dataset.test, loss=one.loss))
    found["start"] = asdict(run.start)
    text = json.dumps(found, indent=1) + "\n"
    write_atomically(run.path, lambda part: part.write_text(text, encoding="utf-8"))


def read(path: Path) -> dict[str, Any]:
    """Read a file that ``make`` wrote.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found.keys() >= {"variant", "seed", "lr", "history", "test", "start"}:
            return found
        error: object = "it lacks parts of a run"
    except (ValueError, AttributeError) as unreadable:
        error = unreadable
    raise ValueError(f"folder: {path} is not a run of a study ({error}); move it away")


def folder_of(home: Path, one: Settled) -> Path:
    """Name the folder of a variant's runs: readable, and another for each name and rate."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", one.name).strip("-.") or "variant"
    name = f"{plain[:40]}-{hashlib.sha256(one.name.encode()).hexdigest()[:6]}"
    return home / name / (f"lr-{one.lr:g}" if one.lr is not None else "lr-default")
