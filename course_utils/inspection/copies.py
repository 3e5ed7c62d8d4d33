"""A copy of a module with other tensors in place of its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

__all__ = ["duplicate", "without_functions"]

Make = Callable[[str, Tensor], Tensor]


def duplicate(module: nn.Module, make: Make) -> nn.Module:
    """Copy a module, with other tensors in place of its own.

    ``make`` is given the name and the tensor, for each parameter, buffer and plain attribute; a
    tensor that is kept elsewhere, as in a list, has no name. What ``torch.compile`` made is
    replaced by the module it was made from.

    Raises
    ------
    ValueError
        For a parameter without a shape, for a module that TorchScript made, and for an attribute
        that can't be copied.
    """
    own: dict[int, Any] = {}
    with torch.no_grad(), _Tensors(make):
        for prefix, part in module.named_modules():
            if isinstance(part, torch.jit.ScriptModule):
                raise ValueError(
                    f"module: {prefix or 'it'!r} is TorchScript; use the module it was made from"
                )
            for name, tensor in {**vars(part), **part._parameters, **part._buffers}.items():
                if isinstance(tensor, Tensor) and id(tensor) not in own:
                    full = f"{prefix}.{name}".lstrip(".").replace("_orig_mod.", "")
                    if is_lazy(tensor):
                        raise ValueError(f"module: {full!r} has no shape yet; run the module once")
                    new = make(full, tensor)
                    learned = isinstance(tensor, nn.Parameter)
                    own[id(tensor)] = nn.Parameter(new, False) if learned else new
        try:
            return _uncompiled(copy.deepcopy(module, dict(own)))
        except Exception as error:
            raise ValueError(
                f"module: its {_uncopied(module, own)!r} can't be copied; {error}; use a module "
                "without it"
            ) from error


def _uncompiled(network: nn.Module) -> nn.Module:
    network = getattr(network, "_orig_mod", network)
    network._compiled_call_impl = None
    for name, child in network._modules.items():
        if child is not None:
            network._modules[name] = _uncompiled(child)
    return network


def without_functions(network: nn.Module) -> nn.Module:
    """Take the hooks off that are plain functions, in place.

    A copy shares these with its original, and they can reach whatever their author can. Hooks that
    are objects or methods, as those of ``torch.nn.utils``, were copied with the module and stay.
    """
    for part in network.modules():
        for hooks in (
            part._forward_hooks,
            part._forward_pre_hooks,
            part._backward_hooks,
            part._backward_pre_hooks,
        ):
            for key, hook in [*hooks.items()]:
                if isinstance(hook, FunctionType):
                    del hooks[key]
    return network


class _Tensors(TorchFunctionMode):
    """Copies the tensors without a name, also those that a forward pass has left behind."""

    def __init__(self, make: Make):
        self.make = make
        super().__init__()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not Tensor.__deepcopy__:
            return func(*args, **(kwargs or {}))
        tensor, memo = args
        if id(tensor) not in memo:
            memo[id(tensor)] = self.make("", tensor)
        return memo[id(tensor)]


def _uncopied(module: nn.Module, own: dict[int, Any]) -> str:
    """Name an attribute that ``copy.deepcopy`` refuses."""
    for prefix, part in module.named_modules():
        for name, value in vars(part).items():
            try:
                if name != "_modules":
                    copy.deepcopy(value, dict(own))
            except Exception:
                return f"{prefix}.{name}".lstrip(".")
    return type(module).__name__
