"""Losses, optimizers, devices and precisions by their names."""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.basics.checks import choice, invalid, lookup

Loss = Callable[[Tensor, Tensor], Tensor]
MakeOptimizer = Callable[..., torch.optim.Optimizer]  # of the parameters, and of lr where given

LOSSES: dict[str, Loss] = {"cross_entropy": F.cross_entropy, "nll": F.nll_loss}
OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {"fused": True}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9, "fused": True}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {"fused": True}),
}
PRECISIONS = ("fp32", "bf16", "auto")


def make_optimizer(
    name: str, parameters: Iterable[nn.Parameter], **arguments: object
) -> torch.optim.Optimizer:
    """Make "sgd", "momentum" (SGD, 0.9), "rmsprop" or "adam", with PyTorch's arguments.

    Raises
    ------
    ValueError
        For any other name.
    """
    kind, defaults = lookup("optimizer", name, OPTIMIZERS)
    return kind(parameters, **{**defaults, **arguments})


def supports_bf16(device: str | torch.device) -> bool:
    """Whether a processor computes in bfloat16 itself, rather than in float32 with rounding.

    An x86 does so with AVX-512 BF16 or AMX, a GPU from compute capability 8.0 on.
    """
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, bool)() for check in checks)


def find_loss(loss: str | Loss) -> Loss:
    """Give the loss that a name means, or the function itself."""
    return lookup("loss", loss, LOSSES) if isinstance(loss, str) else loss


def find_device(device: str) -> torch.device:
    """Give the device that a name means; "auto" is a GPU where there is one.

    >>> find_device("abacus")
    Traceback (most recent call last):
    ValueError: device: 'abacus' is invalid; use 'auto', 'cpu' or 'cuda'

    Raises
    ------
    ValueError
        For a name that PyTorch doesn't know, and a device that this machine doesn't have or that
        doesn't compute.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError):
        raise invalid("device", device, "use 'auto', 'cpu' or 'cuda'") from None
    if not _works(found):
        raise ValueError(f"device: this machine has no {device!r}; use 'auto' or 'cpu'")
    return found


def _works(device: torch.device) -> bool:
    """Whether it is here and gives numbers back, which "meta" doesn't."""
    if device.type == "cuda":  # a number on it would take memory that only workers need
        return (device.index or 0) < torch.cuda.device_count()
    try:
        return torch.ones(1, device=device).item() == 1
    except Exception:  # each kind of device has its own error
        return False


def find_precision(precision: str, device: torch.device) -> str:
    """Give the precision that a name means; "auto" is bf16 where the processor computes in it."""
    if choice("precision", precision, PRECISIONS) == "auto":
        return "bf16" if supports_bf16(device) else "fp32"
    return precision


def find_optimizer(
    optimizer: str | torch.optim.Optimizer | MakeOptimizer, model: nn.Module, lr: float | None
) -> torch.optim.Optimizer:
    """Give the optimizer: made from its name, or by a function, or as it is.

    Raises
    ------
    ValueError
        For a learning rate beside an optimizer that is made already, or beside a function that
        takes none.
    """
    rate = {} if lr is None else {"lr": lr}
    if isinstance(optimizer, str):
        return make_optimizer(optimizer, model.parameters(), **rate)
    if isinstance(optimizer, torch.optim.Optimizer):
        if lr is not None:
            raise ValueError(
                f"lr: {lr!r} comes too late for an optimizer that is made; set it where you make it"
            )
        return optimizer
    try:
        signature(optimizer).bind(model.parameters(), **rate)
    except TypeError as error:
        rule = "use a function of the parameters and lr, such as torch.optim.SGD"
        raise ValueError(f"optimizer: {optimizer!r} is invalid ({error}); {rule}") from error
    return optimizer(model.parameters(), **rate)


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Compute in the precision inside this block."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
