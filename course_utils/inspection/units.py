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

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils.hooks import RemovableHandle

from course_utils.basics.checks import choice, real
from course_utils.inspection.copies import duplicate

__all__ = ["Units", "dead_units", "gradients_by_depth", "saturation"]

Loss = Callable[[Tensor, Tensor], Tensor]
# Given a layer's name, itself and what it returned; may give what is to go on in place of that.
Keep = Callable[[str, nn.Module, Tensor], Tensor | None]


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
    model : any network; the layers are those with a learned ``weight`` of two dimensions or more.
    x, labels : one batch, ``[N, …]`` and ``[N]``.
    of : "weight" for ∂L/∂w over a layer's weights, which decides how far a step moves them;
        "output" for ∂L/∂y over the layer's outputs y, before any activation.
    loss : of the network's outputs and the labels; as for training, a mean over the batch.

    Raises
    ------
    ValueError
        For an unknown ``of``, an empty batch, labels of another number, no such layer; for a layer
        whose weight is computed anew at each use, or whose outputs are no tensor or come about
        without gradients; and as ``trace`` does for a module that can't be copied.

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

    def keep(name: str, module: nn.Module, output: Tensor) -> Tensor | None:
        if of == "weight":
            weight: Tensor = module.weight  # type: ignore[assignment]
            if module.weight is not weight or not weight.requires_grad:
                raise ValueError(
                    f"model: layer {name!r} computes its weight anew at each use; use of='output'"
                )
            weight.retain_grad()
            found[name] = weight
            return None
        if not output.requires_grad:
            raise ValueError(
                f"model: layer {name!r} runs without gradients, as under torch.no_grad() and in a "
                "reentrant checkpoint; use of='weight'"
            )
        output.retain_grad()
        found[name] = output
        return output.clone()  # what comes next may overwrite it

    with _copied(model, _has_weights, keep) as run, torch.enable_grad():
        value = loss(run(x), labels)
        _require_found(found, "layer with a weight of two dimensions or more")
        if not value.requires_grad:
            raise ValueError("model: its loss has no gradient; use one that runs with gradients")
        value.backward()
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

    with (
        _copied(model, lambda m: isinstance(m, nn.Tanh | nn.Sigmoid), keep) as run,
        torch.no_grad(),
    ):
        run(x)
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
        For an empty batch, no ``nn.ReLU``, and outputs whose first dimension isn't the batch.

    Examples
    --------
    >>> dead_units(nn.ReLU(), torch.tensor([[1.0, -1.0, 0.0], [-1.0, -2.0, 0.0]]))
    {'': Units(dead=2, total=3)}
    """
    _require_batch(x)
    found: dict[str, Units] = {}

    def keep(name: str, _: nn.Module, output: Tensor) -> None:
        examples = len(output) if output.ndim > 1 else 0
        if not examples or examples % len(x) or len(x) == 1 != examples:
            raise ValueError(
                f"model: {name!r} returns shape {list(output.shape)} for {len(x)} examples; use "
                "one that keeps the batch in front, [N, units, …]"
            )
        alive = (output != 0).transpose(0, 1).flatten(1).any(1)  # [units]
        found[name] = Units(int((~alive).sum()), len(alive))

    with _copied(model, lambda m: isinstance(m, nn.ReLU), keep) as run, torch.no_grad():
        run(x)
    _require_found(found, "nn.ReLU")
    return found


@contextmanager
def _copied(
    model: nn.Module, chosen: Callable[[nn.Module], bool], keep: Keep
) -> Iterator[Callable[[Tensor], Tensor]]:
    """Run a copy of the model once, and hand what each chosen layer gives to ``keep``."""
    network = duplicate(model, lambda _, tensor: tensor.detach().clone()).requires_grad_(True)
    runs: dict[str, int] = {}

    def watch(name: str, module: nn.Module) -> RemovableHandle:
        def hook(_: nn.Module, __: object, output: object) -> Tensor | None:
            if not chosen(module):
                return None
            if not isinstance(output, Tensor):
                raise ValueError(
                    f"model: layer {name!r} returns a {type(output).__name__}; "
                    "use layers that return a tensor"
                )
            runs[name] = runs.get(name, 0) + 1
            return keep(name if runs[name] == 1 else f"{name} #{runs[name]}", module, output)

        return module.register_forward_hook(hook)

    handles = [watch(name, module) for name, module in network.named_modules()]

    def run(x: Tensor) -> Tensor:
        y = network(x.detach().clone())  # the first layer may write to it
        for handle in handles:
            handle.remove()  # a checkpoint runs its layers again when gradients go back
        return y

    # Dropout draws. A weight that is computed is computed once, and so has one gradient.
    with torch.random.fork_rng(), parametrize.cached():
        yield run


def _has_weights(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim >= 2 and "weight" not in module._buffers


def _rms(values: Tensor) -> float:
    return values.double().square().mean().sqrt().item()  # a float32 below 1e-23 has no square


def _require_batch(x: Tensor) -> None:
    if x.ndim < 2 or x.numel() == 0:
        raise ValueError(f"x: shape {list(x.shape)} is invalid; use [N, …] with N at least 1")


def _require_found(found: Mapping[str, object], what: str) -> None:
    if not found:
        raise ValueError(f"model: no {what} ran in it; use a model that has one")
