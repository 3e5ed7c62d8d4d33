"""The trained networks that pages show: stored as half floats, shown in steps of 8 bits."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from course_utils.basics.checks import lookup
from course_utils.basics.files import write_atomically
from course_utils.experiments import REGISTRY, Experiment, build

__all__ = ["NETWORKS", "WEIGHTS", "described", "load", "store"]

WEIGHTS = Path(__file__).parent / "weights"
NETWORKS = {
    "cnn-8-16-32-adam": "three convolutions, 8–16–32",
    "mlp-128-adam-lr-0.002": "MLP, 784–128–10",
    "cnn-32-32-64-bn-adam-lr-0.01": "batch norm, 32–32–64",
}


def store(name: str, network: nn.Module) -> Path:
    """Write the weights and running statistics of a trained network as half floats.

    The file names the hash of the experiment, so that weights of another definition are refused.
    """
    arrays = {key: _half(value) for key, value in network.state_dict().items()}
    path = WEIGHTS / f"{name}.npz"
    digest = np.array(_experiment(name).hash)
    write_atomically(path, lambda part: _save(part, {**arrays, "hash": digest}))
    load.cache_clear()
    return path


def _save(path: Path, arrays: dict[str, Any]) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)


def _half(value: torch.Tensor) -> Any:
    array = value.detach().cpu().numpy()
    return array.astype(np.float16) if array.dtype == np.float32 else array


def _experiment(name: str) -> Experiment:
    lookup("name", name, NETWORKS)
    return REGISTRY[name]


@cache
def load(name: str) -> nn.Sequential:
    """Build a network with its stored weights, rounded as a page has them, in eval mode.

    Raises
    ------
    ValueError
        For a name that is not in ``NETWORKS``, and for weights of another definition.

    Examples
    --------
    >>> load("cnn-8-16-32-adam")[0]
    Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """
    experiment = _experiment(name)
    with np.load(WEIGHTS / f"{name}.npz") as stored:
        arrays = dict(stored)
    if str(arrays.pop("hash")) != experiment.hash:
        raise ValueError(
            f"name: the weights of {name} are those of another definition; "
            f"run python scripts/weights.py {name}"
        )
    network = build(experiment, 0)
    network.load_state_dict({key: torch.from_numpy(a).float() for key, a in arrays.items()})
    assert isinstance(network, nn.Sequential)
    return rounded(network).eval()


def rounded(network: nn.Sequential) -> nn.Sequential:
    """Round a network's weights as ``as_data`` writes them, in place.

    Matrices and kernels become whole numbers of steps, up to 127 on both sides; what has one axis
    becomes half floats.
    """
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            if tensor.ndim > 1:
                steps, step = _in_steps(tensor)
                tensor.copy_(torch.from_numpy(steps * np.float32(step)))
            elif tensor.is_floating_point():
                tensor.copy_(tensor.half())
    return network


def _in_steps(tensor: torch.Tensor) -> tuple[npt.NDArray[np.int8], np.float16]:
    """Give a tensor in steps, and the step: a half float, so that each product is exact.

    The step is 2⁻¹⁴ or more: below that, half floats have fewer digits, and 127 steps might not
    reach the largest weight.
    """
    array = tensor.detach().numpy()
    step = np.float16(max(np.abs(array).max() / 127, 2**-14))
    return np.rint(array / np.float32(step)).astype(np.int8), step


# How each kind of layer is written for the script: its numbers, and the tensors that it has.
_KINDS: dict[type[nn.Module], tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    nn.Conv2d: (
        "conv",
        ("in_channels", "out_channels", "kernel_size", "padding"),
        ("weight", "bias"),
    ),
    nn.Linear: ("linear", ("in_features", "out_features"), ("weight", "bias")),
    nn.BatchNorm1d: (
        "norm",
        ("num_features", "eps"),
        ("weight", "bias", "running_mean", "running_var"),
    ),
    nn.BatchNorm2d: (
        "norm",
        ("num_features", "eps"),
        ("weight", "bias", "running_mean", "running_var"),
    ),
    nn.MaxPool2d: ("max", ("kernel_size",), ()),
    nn.AvgPool2d: ("mean", ("kernel_size",), ()),
    nn.ReLU: ("relu", (), ()),
    nn.Flatten: ("flatten", (), ()),
}


def described(name: str) -> dict[str, Any]:
    """Give a stored network as data, with its name in words."""
    return {"words": NETWORKS[name], **as_data(load(name))}


def as_data(network: nn.Sequential) -> dict[str, Any]:
    """Give a network as data: its layers, and their weights in one string (base64).

    A layer is ``[kind, numbers…]``; tensors follow one another in the string in the order of
    ``_KINDS``, each in PyTorch's own order. One with a single axis is written in half floats; any
    other as its step, a half float, and its weights in steps, a byte each (see ``rounded``).

    >>> as_data(load("mlp-128-adam-lr-0.002"))["layers"]
    [['flatten'], ['linear', 784, 128], ['relu'], ['linear', 128, 10]]
    """
    layers, parts = [], []
    for layer in network:
        kind, numbers, tensors = _KINDS[type(layer)]
        layers.append([kind, *(_number(getattr(layer, key)) for key in numbers)])
        parts += [_bytes(getattr(layer, key)) for key in tensors]
    return {"layers": layers, "weights": base64.b64encode(b"".join(parts)).decode()}


def _bytes(tensor: torch.Tensor) -> bytes:
    if tensor.ndim == 1:
        return tensor.detach().numpy().astype("<f2").tobytes()
    steps, step = _in_steps(tensor)
    return step.astype("<f2").tobytes() + steps.tobytes()


def _number(value: Any) -> int | float:
    return value[0] if isinstance(value, tuple) else value
