"""What goes through a network at one moment: its gradients, its saturated and its dead units.

A probe sends one batch through a copy of the network, in the network's own mode, and returns a
number for each layer in the order in which they ran. So nothing of the network changes: no weight,
gradient, running average or random number. A layer that runs again has a second entry, "name #2".

>>> import torch
>>> from torch import nn
>>> net = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 2))
>>> with torch.no_grad():
...     for parameter, values in zip(net.parameters(), ([1.0, 2.0, -1.0], [0.0, 0.0, 0.0])):
...         _ = parameter.copy_(torch.tensor(values).reshape(parameter.shape))
>>> x = torch.tensor([[1.0], [2.0]])  # the third unit is max(0, −x): 0 for both
>>> dead_units(net, x)
{'1': Units(dead=1, total=3)}
>>> list(gradients_by_depth(net, x, torch.tensor([0, 1])))
['0', '2']
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.basics.checks import choice, real

__all__ = ["Units", "dead_units", "gradients_by_depth", "saturation"]

Loss = Callable[[Tensor, Tensor], Tensor]


class Units(NamedTuple):
    """How many units of a layer are dead, and how many there are."""

    dead: int
    total: int


def gradients_by_depth(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    *,
    of: Literal["weight", "output"] = "weight",
    loss: Loss = F.cross_entropy,
) -> dict[str, float]:
    """Root mean square of the loss's gradient at each layer that has a weight matrix or kernels.

    Parameters
    ----------
    model : any network; the layers are those with a ``weight`` of two dimensions or more.
    x, labels : one batch, ``[N, …]`` and ``[N]``.
    of : "weight" for ∂L/∂w over a layer's weights, which decides how far a step moves them;
        "output" for ∂L/∂y over the layer's outputs y, before any activation.
    loss : of the network's outputs and the labels; as for training, a mean over the batch.

    Raises
    ------
    ValueError
        For an unknown ``of``, an empty batch, labels of another number, no such layer.

    Notes
    -----
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010), section 4.2.

    Examples
    --------
    >>> layer = nn.Linear(2, 1, bias=False)
    >>> x, y = torch.tensor([[3.0, 4.0]]), torch.tensor([0])
    >>> gradients_by_depth(layer, x, y, loss=lambda out, _: out.sum())  # √((3² + 4²) / 2)
    {'': 3.5355339059327378}
    """
    choice("of", of, ["weight", "output"])
    _require_batch(x)
    if len(labels) != len(x):
        raise ValueError(f"labels: {len(labels)} is not the number of examples; use {len(x)}")
    found: dict[str, Tensor] = {}

    def keep(name: str, module: nn.Module, output: Tensor) -> None:
        found[name] = module.weight if of == "weight" else output  # type: ignore[assignment]
        found[name].retain_grad()

    with _copied(model, _has_weights, keep) as network, torch.enable_grad():
        network.requires_grad_(True)
        loss(network(x), labels).backward()
    _require_found(found, "layer with a weight of two dimensions or more")
    return {name: 0.0 if t.grad is None else _rms(t.grad) for name, t in found.items()}


def saturation(model: nn.Module, x: Tensor, *, level: float = 0.99) -> dict[str, float]:
    """Share of each tanh's and sigmoid's outputs that lie near an end of its range.

    Near means ``|tanh(z)| >= level``; for a sigmoid, which is (1 + tanh(z/2)) / 2, it means
    ``|2σ(z) − 1| >= level``. Beyond the level the slope, 1 − tanh², is below 1 − level²: 0.02 for
    0.99. Counted are all outputs for all examples of the batch ``x``, ``[N, …]``.

    Raises
    ------
    ValueError
        For a level outside (0, 1), an empty batch, no ``nn.Tanh`` or ``nn.Sigmoid``.

    Examples
    --------
    >>> saturation(nn.Tanh(), torch.tensor([[-3.0, -1.0, 0.0, 2.7]]))
    {'': 0.5}
    """
    real("level", level, above=0, below=1)
    _require_batch(x)
    found: dict[str, float] = {}

    def keep(name: str, module: nn.Module, output: Tensor) -> None:
        y = 2 * output - 1 if isinstance(module, nn.Sigmoid) else output
        found[name] = (y.abs() >= level).double().mean().item()

    with _copied(model, lambda m: isinstance(m, nn.Tanh | nn.Sigmoid), keep) as network:
        _run(network, x)
    _require_found(found, "nn.Tanh or nn.Sigmoid")
    return found


def dead_units(model: nn.Module, x: Tensor) -> dict[str, Units]:
    """How many units of each ReLU give 0 for every example: no gradient reaches their weights.

    A unit is an index of the second dimension: a hidden unit of outputs ``[N, units]``, a channel
    of ``[N, C, H, W]``, which is dead if it is 0 at every place of every example. A unit that is
    dead for a few examples may live for others: give as many as you can.

    Raises
    ------
    ValueError
        For an empty batch, no ``nn.ReLU``.

    Examples
    --------
    >>> dead_units(nn.ReLU(), torch.tensor([[1.0, -1.0, 0.0], [-1.0, -2.0, 0.0]]))
    {'': Units(dead=2, total=3)}
    """
    _require_batch(x)
    found: dict[str, Units] = {}

    def keep(name: str, _: nn.Module, output: Tensor) -> None:
        alive = (output != 0).transpose(0, 1).flatten(1).any(1)  # [units]
        found[name] = Units(int((~alive).sum()), len(alive))

    with _copied(model, lambda m: isinstance(m, nn.ReLU), keep) as network:
        _run(network, x)
    _require_found(found, "nn.ReLU")
    return found


@contextmanager
def _copied(
    model: nn.Module,
    chosen: Callable[[nn.Module], bool],
    keep: Callable[[str, nn.Module, Tensor], None],
) -> Iterator[nn.Module]:
    """A copy of the model that hands what each chosen layer gives to ``keep``, as it gives it."""
    network = copy.deepcopy(model)
    runs: dict[str, int] = {}

    def watch(name: str, module: nn.Module) -> None:
        def hook(_: nn.Module, __: object, output: Tensor) -> None:
            runs[name] = runs.get(name, 0) + 1
            keep(name if runs[name] == 1 else f"{name} #{runs[name]}", module, output)

        module.register_forward_hook(hook)

    for name, module in network.named_modules():
        if chosen(module):
            watch(name, module)
    with torch.random.fork_rng():  # dropout draws
        yield network


def _run(network: nn.Module, x: Tensor) -> None:
    with torch.no_grad():
        network(x)


def _has_weights(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim >= 2


def _rms(values: Tensor) -> float:
    return values.double().square().mean().sqrt().item()  # a float32 below 1e-23 has no square


def _require_batch(x: Tensor) -> None:
    if x.ndim < 2 or x.numel() == 0:
        raise ValueError(f"x: shape {list(x.shape)} is invalid; use [N, …] with N at least 1")


def _require_found(found: Mapping[str, object], what: str) -> None:
    if not found:
        raise ValueError(f"model: no {what} ran in it; use a model that has one")
