"""How does a run that was cut off resume with the very same bits?"""

import zlib
from dataclasses import asdict, fields
from pathlib import Path

import torch
from torch import Tensor, nn

from course_utils.basics.files import write_atomically
from course_utils.data import Split
from course_utils.training.history import History


def identity(
    model: nn.Module,
    train: Split,
    optimizer: torch.optim.Optimizer,
    settings: dict[str, object],
) -> dict[str, str]:
    """What must be equal for two runs to be one: network, optimizer, training data, settings."""
    groups = [
        {key: value for key, value in group.items() if key != "params"}
        for group in optimizer.param_groups
    ]
    return {
        "model": repr(model),
        "optimizer": f"{type(optimizer).__name__} {groups}",
        "training data": f"{_crc(train.images)}-{_crc(train.labels)} {train.mean} {train.std}",
        **{name: repr(value) for name, value in settings.items()},
    }


def save(
    path: Path,
    run: dict[str, str],
    history: History,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write the whole state of a run, in one step."""
    state = {
        "run": run,
        "history": asdict(history),
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    write_atomically(path, lambda part: torch.save(state, part))


def resume(
    path: Path, run: dict[str, str], model: nn.Module, optimizer: torch.optim.Optimizer
) -> History | None:
    """Load a checkpoint into model and optimizer: its history, or None where there is no file.

    Raises
    ------
    ValueError : the file is no checkpoint, or one of another run; it names what differs.
    """
    if not path.exists():
        return None
    try:
        state = torch.load(path, weights_only=True)
        known = {f.name for f in fields(History)}
        history = History(**{k: v for k, v in state["history"].items() if k in known})
    except Exception as error:
        raise ValueError(
            f"checkpoint: {path} cannot be read as a checkpoint ({error}); "
            "delete it to start anew, or name another file"
        ) from error
    for name in {**run, **state["run"]}:
        theirs, ours = state["run"].get(name), run.get(name)
        if theirs != ours:
            raise ValueError(
                f"checkpoint: {path} belongs to another run: its {name} is "
                f"{theirs}, yours is {ours}; name another file"
            )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return history


def _crc(values: Tensor) -> int:
    return zlib.crc32(values.cpu().contiguous().numpy().tobytes())
