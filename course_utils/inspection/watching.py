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
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from course_utils.arithmetic import LayerRow
from course_utils.basics.checks import integer, invalid
from course_utils.inspection.calls import Call, multiply_adds, tensors
from course_utils.inspection.copies import duplicate, without_functions
from course_utils.inspection.operations import SILENT, check, follow
from course_utils.inspection.spans import (
    BATCH,
    HEIGHT,
    WIDTH,
    Part,
    Span,
    Trail,
    Unsupported,
    plain,
)

__all__ = ["Shape", "TracedRow", "function_name", "read_shape", "traced_rows"]

Shape = tuple[int, int, int]
IMAGES = 2
NOWHERE = "", 0, 0  # what no function returned


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

    ``spans`` are the tensor's, ``dims`` its dimensions that run along height and width, and
    ``places`` their sizes; ``unused`` names the parameters that nothing has needed up to there.
    The call returned the tensor as the ``member``-th of several.
    """

    row: LayerRow
    spans: tuple[Span, Span]
    dims: tuple[int, ...]
    places: tuple[int, ...]
    unused: frozenset[str]
    function: str
    call: int
    member: int

    def belongs_to(self, layer: str) -> bool:
        """Say whether this is a layer's row, or one of a module's rows."""
        return self.row.layer == layer or self.row.layer.startswith((f"{layer} ", f"{layer}."))


def traced_rows(
    module: nn.Module, shape: Shape, *, gates: bool = True, layer: str | None = None
) -> list[TracedRow]:
    """Run the module on images that have this shape and no data, and list the rows.

    What can't be followed is no error if a ``layer`` is asked for, a row or a module, and comes
    before. A batch of one is not tried: a network that drops axes of size 1 would drop it.
    """
    network = duplicate(module, lambda _, tensor: torch.empty_like(tensor, device="meta"))
    without_functions(network.eval())
    floats = [p.dtype for p in network.parameters() if p.is_floating_point()]
    images = torch.empty((IMAGES, *shape), dtype=[*floats, torch.float32][0], device="meta")
    watch = _Watch(network, shape, gates)
    axes = (IMAGES, BATCH), (shape[0], None), (shape[1], HEIGHT), (shape[2], WIDTH)
    watch.put(images, Trail(tuple((Part(size, axis),) for size, axis in axes)))
    with torch.no_grad(), torch.device("meta"), _Operations(watch), _Functions(watch):
        try:
            network(images)
            watch.finish()
        except Unsupported as error:
            if layer not in watch.done:
                raise ValueError(f"module: {watch.where} can't be followed; {error}") from None
        except (RuntimeError, TypeError, IndexError, ValueError, AssertionError) as error:
            raise ValueError(
                f"input_shape: a batch of {shape} does not go through {watch.where}; {error}"
            ) from error
    return watch.rows


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
        self.counted: tuple[str, Tensor] | None = None  # where, and what came out of it
        self.done: set[str | None] = set()  # rows, and names of modules that have returned
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
            for tensor in tensors(output):
                self.use(tensor, kind.__name__, tensor)  # one that is handed out as it is
            if layer:
                self.add(kind.__name__, output)
            self.running.pop()
            self.in_layer = False
            self.done.add(name)

        module.register_forward_pre_hook(enter)
        module.register_forward_hook(leave)

    def returned(self, output: Any) -> None:
        """A function of torch returned."""
        self.calls[self.function] += 1
        for member, tensor in enumerate(tensors(output)):
            if id(tensor) in self.seen:
                self.seen[id(tensor)].origin = self.function, self.calls[self.function], member
        if self.computed and not self.in_layer:
            self.add(self.function, output)
        self.computed, self.function = False, ""

    def ran(self, call: Call) -> None:
        """An operation of ATen ran; all functions come down to these."""
        inputs = tensors([*call.arguments.values()])
        for tensor in inputs:
            self.use(tensor, self.function, *call.outputs)
        if not call.trails:
            return
        trails = follow(call)
        if added := multiply_adds(call):
            self.multiply_adds += added // (IMAGES if trails[0] and trails[0].has_batch else 1)
            self.counted = self.name(self.function), call.outputs[0]
        for output, trail in zip(call.outputs, trails, strict=False):
            if trail is None:
                continue
            flattened = trail.is_map != any(before.is_map for before in call.trails)
            self.computed |= flattened or call.name not in SILENT
            in_place = any(output is tensor for tensor in inputs)
            changed = in_place and trail != self.trail(output)
            self.put(output, trail)
            if changed:
                self.written[_storage(output)] = self.clock

    def use(self, tensor: Tensor, label: str, *outputs: Tensor) -> None:
        """Count a parameter that has not been used before."""
        if self.unused.pop(id(tensor), None):
            self.parameters += tensor.numel()
            self.counted = self.name(label), [*outputs, tensor][0]

    def name(self, label: str) -> str:
        return f"{self.running[-1][0] if self.running else ''} {label}".strip()

    def add(self, label: str, output: Any) -> None:
        """Add a row for what a layer or an operation returned, if it depends on the image."""
        for tensor in tensors(output):
            if self.trail(tensor) is not None:
                self._add(self.name(label), tensor)
                return

    def finish(self) -> None:
        """Add a row for what was counted after the last."""
        if self.counted and (self.parameters or self.multiply_adds):
            self._add(*self.counted)

    def _add(self, name: str, tensor: Tensor) -> None:
        trail = self.trail(tensor) or Trail(plain(tensor.shape))
        field, jump, start = self._field(trail) if trail.is_map else (None, None, None)
        counts = self.parameters, self.multiply_adds
        row = LayerRow(name, trail.of_one_image, field, jump, start, *counts)
        dims = trail.map_dims or ()
        places = tuple(trail.shape[dim] for dim in dims)
        unused = frozenset(self.unused.values())
        origin = self.seen[id(tensor)].origin if id(tensor) in self.seen else NOWHERE
        self.rows.append(TracedRow(row, trail.spans, dims, places, unused, *origin))
        self.done.add(name)
        self.parameters = self.multiply_adds = 0

    def _field(self, trail: Trail) -> tuple[tuple[int, int], tuple[int, int], tuple[float, float]]:
        spans, sizes = trail.spans, []
        for axis, span in enumerate(spans):
            first, last = span.pixels(trail.places(axis) // 2, self.image[axis])
            sizes.append(last - first + 1 if span.reach and self.gates else span.size)
        height, width = sizes
        start, beside = ((span.low + span.high) / 2 for span in spans)
        return (height, width), (spans[0].jump, spans[1].jump), (start, beside)


@dataclass
class _Seen:
    """A tensor and its trail. The tensor is kept, so that no other can get its id."""

    tensor: Tensor
    trail: Trail
    time: int
    origin: tuple[str, int, int] = NOWHERE


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


class _Functions(TorchFunctionMode):
    """Sees each call of a function of torch or method of a tensor, by the name that users know."""

    def __init__(self, watch: _Watch):
        self.watch = watch
        super().__init__()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.watch.function = function_name(func)
        if func is functional.pad:
            args, kwargs = _plainly_padded(*args, **(kwargs or {}))
        output = func(*args, **(kwargs or {}))
        self.watch.returned(output)
        return output


def _plainly_padded(
    input: Tensor, pad: Any, mode: str = "constant", value: Any = None
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Pad with a constant where the opposite edge is wanted: as beyond any edge, it is padding."""
    return (input, pad, "constant" if mode == "circular" else mode, value), {}


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
