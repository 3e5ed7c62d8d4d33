"""Checkpoints: a run that was cut off goes on from its last epoch, with the very same bits."""

from __future__ import annotations

import zlib
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from course_utils.basics.files import write_atomically
from course_utils.data import Split
from course_utils.training.choices import Loss
from course_utils.training.history import History
from course_utils.training.schedules import Schedule, rates_checksum

__all__ = ["Checkpoint", "identity"]


class Checkpoint:
    """The file that holds a run after each epoch: its history, weights, optimizer and identity."""

    def __init__(
        self,
        path: Path,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        identity: dict[str, str],
    ) -> None:
        self.path, self.model, self.optimizer, self.identity = path, model, optimizer, identity

    def save(self, history: History) -> None:
        """Write the whole state of the run, in one step."""
        state = {
            "run": self.identity,
            "history": asdict(history),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        write_atomically(self.path, lambda part: torch.save(state, part))

    def resume(self, epochs: int) -> History | None:
        """Load the file into model and optimizer: its history, or None where there is no file.

        Raises
        ------
        ValueError
            If the file is not a checkpoint, belongs to another run (it names what differs), or
            holds more than so many epochs.
        """
        if not self.path.exists():
            return None
        try:
            state = torch.load(self.path, weights_only=True)
            known = {f.name for f in fields(History)}
            history = History(**{k: v for k, v in state["history"].items() if k in known})
        except Exception as error:
            raise ValueError(
                f"checkpoint: {self.path} cannot be read as a checkpoint ({error}); "
                "delete it to start anew, or name another file"
            ) from error
        for name in {**self.identity, **state["run"]}:
            theirs, ours = state["run"].get(name), self.identity.get(name)
            if theirs != ours:
                raise ValueError(
                    f"checkpoint: {self.path} belongs to another run: its {name} is "
                    f"{theirs}, yours is {ours}; name another file"
                )
        if history.epochs > epochs:
            raise ValueError(
                f"epochs: {epochs} is fewer than the {history.epochs} that checkpoint {self.path} "
                f"holds; use at least {history.epochs}, or name another file"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        return history


def identity(
    model: nn.Module,
    train: Split,
    optimizer: torch.optim.Optimizer,
    loss: str | Loss,
    schedule: Schedule | None,
    steps: int,
    **settings: object,
) -> dict[str, str]:
    """What must be equal for two runs to be one: network, data, optimizer and every setting."""
    groups = [
        {key: value for key, value in group.items() if key != "params"}
        for group in optimizer.param_groups
    ]
    rates = {} if schedule is None else {"schedule": rates_checksum(schedule, steps)}
    return {
        "model": repr(model),
        "optimizer": f"{type(optimizer).__name__} {groups}",
        "training data": f"{_crc(train.images)}-{_crc(train.labels)} {train.mean} {train.std}",
        "loss": loss if isinstance(loss, str) else _named(loss),
        **{name: repr(value) for name, value in {**settings, **rates}.items()},
    }


def _named(function: Loss) -> str:
    """Name a function, and what has been set of its arguments."""
    if isinstance(function, partial):
        return f"{_named(function.func)} {function.args} {function.keywords}"
    return str(getattr(function, "__qualname__", type(function)))


def _crc(values: Tensor) -> int:
    return zlib.crc32(values.cpu().contiguous().numpy().tobytes())
