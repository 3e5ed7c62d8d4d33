"""A network watched while it runs: each operation, each tensor, and which pixels they read.

The network runs once on PyTorch's "meta" device, where tensors have a shape and no data. Each
operation is seen, whatever called it, and each tensor carries along which pixels it reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from course_utils.arithmetic import LayerRow
from course_utils.basics.checks import integer, invalid
from course_utils.inspection.calls import Call, multiply_adds, tensors
from course_utils.inspection.copies import duplicate, without_functions
from course_utils.inspection.operations import SILENT, check, follow
from course_utils.inspection.spans import HEIGHT, WIDTH, Part, Span, Trail, Unsupported

__all__ = ["Shape", "TracedRow", "function_name", "read_shape", "traced_rows"]

Shape = tuple[int, int, int]


def read_shape(input_shape: Sequence[int]) -> Shape:
    """Check (channels, height, width)."""
    try:
        channels, height, width = (integer("input_shape", n) for n in input_shape)
    except (TypeError, ValueError):
        rule = "use (channels, height, width), each an integer of at least 1"
        raise invalid("input_shape", input_shape, rule) from None
    return channels, height, width


@dataclass(frozen=True)
class TracedRow:
    """A row of the table, and where its tensor came from: the n-th call of a function of torch.

    ``dims`` are the tensor's dimensions that run along height and width; ``unused`` names the
    parameters that no operation has needed up to there.
    """

    row: LayerRow
    spans: tuple[Span, Span]
    dims: tuple[int, int] | None
    unused: frozenset[str]
    function: str
    call: int


def traced_rows(module: nn.Module, shape: Shape, *, gates: bool = True) -> list[TracedRow]:
    """Run the module on an image that has this shape and no data, and list the rows."""
    network = duplicate(module, lambda _, tensor: torch.empty_like(tensor, device="meta"))
    without_functions(network.eval())
    floats = [p.dtype for p in network.parameters() if p.is_floating_point()]
    image = torch.empty((1, *shape), dtype=[*floats, torch.float32][0], device="meta")
    watch = _Watch(network, shape, gates)
    watch.put(image, Trail(((Part(1),), (Part(shape[0]),), *_image_axes(shape))))
    with torch.no_grad(), torch.device("meta"), _Operations(watch), _Functions(watch):
        try:
            network(image)
        except Unsupported as error:
            raise ValueError(f"module: {watch.where} can't be followed; {error}") from None
        except (RuntimeError, TypeError, IndexError, ValueError, AssertionError) as error:
            raise ValueError(
                f"input_shape: {shape} does not go through {watch.where}; {error}"
            ) from error
    return watch.rows


def _image_axes(shape: Shape) -> tuple[tuple[Part, ...], ...]:
    return (Part(shape[1], HEIGHT),), (Part(shape[2], WIDTH),)


class _Watch:
    """What has been seen of a network while it runs."""

    def __init__(self, network: nn.Module, shape: Shape, gates: bool):
        self.image, self.gates = shape[1:], gates
        self.rows: list[TracedRow] = []
        self.running: list[tuple[str, str]] = []  # names and types of modules, the innermost last
        self.in_layer = False
        self.function = ""
        self.calls: Counter[str] = Counter()
        self.computed = False  # by the present call of a function of torch
        self.parameters = self.multiply_adds = 0  # since the last row
        self.unused = {id(parameter): name for name, parameter in network.named_parameters()}
        self.seen: dict[int, _Seen] = {}
        self.clock = 0
        self.written: dict[int, int] = {}  # when each storage last came to depend on other pixels
        for name, module in network.named_modules():
            self._hook(name, module)

    @property
    def where(self) -> str:
        label = " ".join(self.running[-1]).strip() if self.running else "the module"
        return f"{label} ({self.function})" if self.function else label

    def trail(self, tensor: Any) -> Trail | None:
        """Give what a tensor reads, or None for one that does not depend on the image."""
        if not isinstance(tensor, Tensor):
            return None
        seen = self.seen.get(id(tensor))
        if (seen.time if seen else 0) < self.written.get(_storage(tensor), 0):
            raise Unsupported("it reads a tensor of which another view has been written to")
        return seen.trail if seen else None

    def put(self, tensor: Tensor, trail: Trail) -> None:
        self.clock += 1
        self.seen[id(tensor)] = _Seen(tensor, trail, self.clock)

    def _hook(self, name: str, module: nn.Module) -> None:
        kind = type(module)
        layer = not [*module.children()] and (name != "" or kind.__module__.startswith("torch."))

        def enter(*_: Any) -> None:
            self.running.append((name, kind.__name__))
            self.in_layer = layer

        def leave(_: nn.Module, inputs: Any, output: Any) -> None:
            if layer:
                self.add(kind.__name__, output)
            self.running.pop()
            self.in_layer = False

        module.register_forward_pre_hook(enter)
        module.register_forward_hook(leave)

    def returned(self, output: Any) -> None:
        """A function of torch returned."""
        self.calls[self.function] += 1
        for tensor in tensors(output):
            if id(tensor) in self.seen:
                self.seen[id(tensor)].origin = self.function, self.calls[self.function]
        if self.computed and not self.in_layer:
            self.add(self.function, output)
        self.computed, self.function = False, ""

    def ran(self, call: Call) -> None:
        """An operation of ATen ran; all functions come down to these."""
        inputs = tensors([*call.arguments.values()])
        for tensor in inputs:
            if self.unused.pop(id(tensor), None):
                self.parameters += tensor.numel()
        if not call.trails:
            return
        self.multiply_adds += multiply_adds(call)
        for output, trail in zip(call.outputs, follow(call), strict=False):
            if trail is None:
                continue
            flattened = trail.is_map != any(before.is_map for before in call.trails)
            self.computed |= flattened or call.name not in SILENT
            in_place = any(output is tensor for tensor in inputs)
            changed = in_place and trail != self.trail(output)
            self.put(output, trail)
            if changed:
                self.written[_storage(output)] = self.clock

    def add(self, label: str, output: Any) -> None:
        """Add a row for what a layer or an operation returned."""
        for tensor in tensors(output)[:1]:
            trail = self.trail(tensor)
            if trail is None:
                return
            field, jump, start = self._field(trail) if trail.is_map else (None, None, None)
            name = f"{self.running[-1][0]} {label}".strip()
            shape = tuple(tensor.shape[1:])
            row = LayerRow(name, shape, field, jump, start, self.parameters, self.multiply_adds)
            unused = frozenset(self.unused.values())
            origin = self.seen[id(tensor)].origin
            self.rows.append(TracedRow(row, trail.spans, trail.map_dims, unused, *origin))
            self.parameters = self.multiply_adds = 0

    def _field(self, trail: Trail) -> tuple[tuple[int, int], tuple[int, int], tuple[float, float]]:
        spans = trail.spans
        height, width = (
            size if span.whole and self.gates else span.size
            for size, span in zip(self.image, spans, strict=True)
        )
        first, second = ((span.low + span.high) / 2 for span in spans)
        return (height, width), (spans[0].jump, spans[1].jump), (first, second)


@dataclass
class _Seen:
    """A tensor and its trail. The tensor is kept, so that no other can get its id."""

    tensor: Tensor
    trail: Trail
    time: int
    origin: tuple[str, int] = ("", 0)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


class _Functions(TorchFunctionMode):
    """Sees each call of a function of torch or method of a tensor, by the name that users know."""

    def __init__(self, watch: _Watch):
        self.watch = watch
        super().__init__()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.watch.function = function_name(func)
        output = func(*args, **(kwargs or {}))
        self.watch.returned(output)
        return output


def function_name(func: Any) -> str:
    """Name a function of torch, its in-place form and its operator the same."""
    return getattr(func, "__name__", str(func)).strip("_")


class _Operations(TorchDispatchMode):
    """Sees each operation of ATen as it runs, and follows what it reads."""

    def __init__(self, watch: _Watch):
        self.watch = watch
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        call = Call.of(func, args, kwargs or {}, self.watch.trail)
        if call.trails:
            check(call)
        output = func(*args, **(kwargs or {}))
        call.outputs = tensors(output)
        self.watch.ran(call)
        return output
