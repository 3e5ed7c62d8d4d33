"""A call of an operation: its arguments by name, and how often it uses a weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from math import prod
from typing import Any

import torch

from course_utils.inspection.spans import Trail, Unsupported


@dataclass
class Call:
    """An operation as it was called and, once it has run, what it returned."""

    name: str
    arguments: dict[str, Any]
    elementwise: bool
    trail_of: Callable[[Any], Trail | None]
    outputs: list[torch.Tensor] = field(default_factory=list)

    @classmethod
    def of(cls, func: Any, args: Any, kwargs: Any, trail_of: Callable[[Any], Trail | None]) -> Call:
        """Name the arguments of an operation as its schema does, and fill in their defaults."""
        schema = func._schema.arguments
        arguments = {argument.name: argument.default_value for argument in schema}
        arguments |= {argument.name: value for argument, value in zip(schema, args, strict=False)}
        name = func.overloadpacket.__name__
        own = name[:-1] if name.endswith("_") else name
        elementwise = torch.Tag.pointwise in func.tags
        return cls(own, arguments | kwargs, elementwise, trail_of)

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.outputs[0].shape)

    @property
    def trails(self) -> list[Trail]:
        """The trails of all tensors that were handed in and depend on the image."""
        found = map(self.trail_of, tensors(list(self.arguments.values())))
        return [trail for trail in found if trail is not None]

    def trail(self, argument: str) -> Trail:
        """Give the trail of the one argument that may depend on the image."""
        trail = self.trail_of(self[argument])
        if trail is None or len(self.trails) > 1:
            raise Unsupported(f"more than its {argument!r} depends on the image")
        return trail


Rule = Callable[[Call], Trail | list[Trail | None]]


def tensors(value: Any) -> list[torch.Tensor]:
    """List the tensors in a value: in lists, mappings, dataclasses and their members too."""
    if isinstance(value, torch.Tensor):
        return [value]
    members: Iterable[Any] = ()
    if isinstance(value, Mapping):
        members = value.values()
    elif isinstance(value, list | tuple):
        members = value
    elif is_dataclass(value) and not isinstance(value, type):
        members = (getattr(value, f.name, None) for f in fields(value))
    return [tensor for member in members for tensor in tensors(member)]


def dims_of(value: Any, count: int) -> list[int]:
    """List the dimensions that an argument names, of so many; all of them for None and []."""
    if value is None or value == []:
        return list(range(count))
    return [dim % count for dim in ([value] if isinstance(value, int) else value)]


def multiply_adds(call: Call) -> int:
    """Count how often the operation uses a weight; a tensor that no pixel enters is a weight."""
    if call.name not in FACTORS:
        return 0
    values, weight = (call[argument] for argument in FACTORS[call.name])
    if (call.trail_of(values) is None) == (call.trail_of(weight) is None):
        return 0
    # So many products make up one number of the result.
    terms = prod(weight.shape[1:]) if call.name == "convolution" else values.shape[-1]
    return call.outputs[0].numel() * terms


FACTORS = {
    "convolution": ("input", "weight"),
    "addmm": ("mat1", "mat2"),
    "mm": ("self", "mat2"),
    "bmm": ("self", "mat2"),
}
