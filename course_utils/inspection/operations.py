"""What does one operation make of the pixels that its inputs read? A rule for each.

The names are those of PyTorch's ATen library, to which every network comes down as it runs.
An elementwise operation needs no rule: PyTorch marks it as such.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_utils.inspection.calls import FACTORS, Call
from course_utils.inspection.spans import (
    NAMES,
    Part,
    Trail,
    Unsupported,
    broadcast,
    plain,
    reshaped,
)

# Elementwise, though not all of their forms are marked so.
ELEMENTWISE = frozenset(
    "_prelu_kernel _to_copy alias celu clamp clone contiguous copy detach elu fill hardswish "
    "leaky_relu lift_fresh log_sigmoid_forward native_dropout rrelu_with_noise where".split()
)
# Of their input these take the shape only.
NEW = frozenset(
    "empty_like full_like new_empty new_full new_ones new_zeros ones_like rand_like randn_like "
    "zeros_like".split()
)


def check(call: Call) -> None:
    """Raise Unsupported for an operation that has no rule, before it runs."""
    if not (call.elementwise or call.name in ELEMENTWISE | NEW or call.name in RULES):
        raise Unsupported(HINTS.get(call.name, f"{call.name} has no rule"))


def follow(call: Call) -> list[Trail | None]:
    """Give the trails of what an operation returned. Raises Unsupported as its rule says."""
    if call.name in NEW:
        return [None]
    if call.elementwise or call.name in ELEMENTWISE:
        return [broadcast(call.trails, call.shape)]
    found = RULES[call.name](call)
    return list(found) if isinstance(found, list) else [found]


# Windows


def _numbers(value: Any, count: int) -> list[int]:
    values = [value] if isinstance(value, int) else list(value)
    return values * count if len(values) == 1 else values


def _window(call: Call, trail: Trail, kernel: Sequence[int], stride: Any, dilation: Any) -> Trail:
    """Slide a window over the last dimensions, as many as the kernel has."""
    n = len(kernel)
    steps = [_numbers(value, n) for value in (stride or kernel, call["padding"], dilation)]
    dims = list(trail.dims)
    for place, k, s, p, d in zip(range(-n, 0), kernel, *steps, strict=True):
        axis = trail.axis(place)
        if axis is not None:
            trail = trail.with_span(axis, trail.spans[axis].window(k, s, p, d))
        dims[place] = (Part(call.shape[place], axis),)
    return trail.with_dims(dims)


def _convolution(call: Call) -> Trail:
    if call["transposed"]:
        raise Unsupported("it is transposed: the windows of its places differ")
    trail, kernel = call.trail("input"), call["weight"].shape[2:]
    trail = _window(call, trail, kernel, call["stride"], call["dilation"])
    channels = len(trail.dims) - len(kernel) - 1
    dims = list(trail.dims)
    dims[channels] = (Part(call.shape[channels]),)
    return trail.with_dims(dims)


def _pool(call: Call) -> list[Trail | None]:
    count = int(call.name.split("pool")[1][0])
    kernel = _numbers(call["kernel_size"], count)
    dilation = call.arguments.get("dilation", 1)
    return [_window(call, call.trail("self"), kernel, call["stride"], dilation)] * 2


def _adaptive_pool(call: Call) -> list[Trail | None]:
    """Its windows depend on the image's size, and differ; unless there is nothing to pool."""
    trail = call.trail("self")
    kept = [before == after for before, after in zip(trail.shape, call.shape, strict=True)]
    dims = [
        dim if same else (Part(size),)
        for dim, size, same in zip(trail.dims, call.shape, kept, strict=True)
    ]
    return [trail.with_dims(dims)] * 2


def _pad(call: Call) -> Trail:
    trail = call.trail("self")
    amounts = _numbers(call.arguments.get("pad", call.arguments.get("padding")), 1)
    dims = list(trail.dims)
    for place, before in enumerate(amounts[::2], start=1):
        if trail.shape[-place] != call.shape[-place]:
            axis = trail.axis(-place)
            if axis is not None:
                trail = trail.with_span(axis, trail.spans[axis].shifted(-before))
            dims[-place] = (Part(call.shape[-place], axis),)
    return trail.with_dims(dims)


# Sums over an axis


def _places(dims: Any, count: int) -> list[int]:
    if dims is None or dims == []:
        return list(range(count))
    return [dim % count for dim in ([dims] if isinstance(dims, int) else dims)]


def _reduce(call: Call) -> list[Trail | None]:
    trail = call.trail("self")
    gone = _places(call.arguments.get("dim"), len(trail.dims))
    if call.arguments.get("keepdim"):
        dims = [(Part(1),) if i in gone else dim for i, dim in enumerate(trail.dims)]
    else:
        dims = [dim for i, dim in enumerate(trail.dims) if i not in gone]
    return [trail.with_dims(dims)] * len(call.outputs)


def _softmax(call: Call) -> Trail:
    trail = call.trail("self")
    return trail.mixed(_places(call["dim"], len(trail.dims)))


def _layer_norm(call: Call) -> Trail:
    trail = call.trail("input")
    return trail.mixed(range(-len(call["normalized_shape"]), 0))


def _group_norm(call: Call) -> Trail:
    trail = call.trail("input")
    return trail.mixed(range(1, len(trail.dims)))


def _batch_norm(call: Call) -> Trail:
    trail = call.trail("input")
    places = [i for i in range(len(trail.dims)) if i != 1]
    return trail.mixed(places) if call.arguments.get("training") else trail


def _product(call: Call) -> Trail:
    """Sum over the last axis of the first factor and the last but one of the second."""
    first, second = (call.trail_of(call[name]) for name in FACTORS[call.name])
    if first is not None and second is not None:
        raise Unsupported("it multiplies what depends on the image by what does too")
    if first is None and second is None:
        raise Unsupported("only what is added depends on the image")
    dims = list(plain(call.shape))
    kept = -1 if first is None else -2
    trail = second if first is None else first
    assert trail is not None
    dims[:-2], dims[kept] = trail.dims[:-2], trail.dims[kept]
    return trail.with_dims(dims)


# Views


def _view(call: Call) -> Trail:
    return reshaped(call.trail("self"), call.shape)


def _permute(call: Call) -> Trail:
    trail = call.trail("self")
    return trail.with_dims(trail.dims[place] for place in call["dims"])


def _transpose(call: Call) -> Trail:
    trail = call.trail("self")
    dims = list(trail.dims)
    first, second = (0, -1) if call.name == "t" else (call["dim0"], call["dim1"])
    if len(dims) > 1:
        dims[first], dims[second] = dims[second], dims[first]
    return trail.with_dims(dims)


def _unsqueeze(call: Call) -> Trail:
    trail = call.trail("self")
    dims = list(trail.dims)
    dims.insert(call["dim"] % (len(dims) + 1), (Part(1),))
    return trail.with_dims(dims)


def _squeeze(call: Call) -> Trail:
    trail = call.trail("self")
    places = _places(call.arguments.get("dim"), len(trail.dims))
    return trail.with_dims(
        dim for i, dim in enumerate(trail.dims) if i not in places or trail.shape[i] > 1
    )


def _expand(call: Call) -> Trail:
    return broadcast([call.trail("self")], call.shape)


def _select(call: Call) -> Trail:
    trail = call.trail("self")
    place = call["dim"] % len(trail.dims)
    if trail.axes([place]):
        raise Unsupported("it takes one row or column out of a map")
    return trail.with_dims(dim for i, dim in enumerate(trail.dims) if i != place)


def _part(trail: Trail, place: int, start: int, size: int, step: int = 1) -> Trail:
    """Keep ``size`` entries of a dimension, from ``start`` on."""
    if trail.shape[place] == size:
        return trail
    axis, dims = trail.axis(place), list(trail.dims)
    if axis is not None:
        trail = trail.with_span(axis, trail.spans[axis].shifted(start, step))
    dims[place] = (Part(size, axis),)
    return trail.with_dims(dims)


def _slice(call: Call) -> Trail:
    trail, place = call.trail("self"), call["dim"]
    start, before = call["start"] or 0, trail.shape[place]
    start = max(0, min(start + before if start < 0 else start, before))
    return _part(trail, place, start, call.shape[place], call["step"])


def _split(call: Call) -> list[Trail | None]:
    trail, place = call.trail("self"), call["dim"]
    found: list[Trail | None] = []
    start = 0
    for output in call.outputs:
        found.append(_part(trail, place, start, output.shape[place]))
        start += output.shape[place]
    return found


def _cat(call: Call) -> Trail:
    trails, place = call.trails, call["dim"]
    for trail in trails:
        for axis in trail.axes([place]):
            raise Unsupported(f"it puts maps together along their {NAMES[axis]}")
    shape = list(call.shape)
    shape[place] = 1
    dims = [list(trail.dims) for trail in trails]
    for own in dims:
        own[place] = (Part(1),)
    joined = broadcast(
        [trail.with_dims(own) for trail, own in zip(trails, dims, strict=True)], shape
    )
    done = list(joined.dims)
    done[place] = (Part(call.shape[place]),)
    return joined.with_dims(done)


def _stack(call: Call) -> Trail:
    shape = list(call.shape)
    place = call["dim"] % len(shape)
    del shape[place]
    joined = broadcast(call.trails, shape)
    return joined.with_dims(
        [*joined.dims[:place], (Part(call.shape[place]),), *joined.dims[place:]]
    )


def _as_it_was(call: Call) -> Trail:
    trail = call.trail("self")
    if trail.shape != call.shape:
        raise Unsupported("it reads memory in another shape")
    return trail


Rule = Callable[[Call], Trail | list[Trail | None]]

RULES: dict[str, Rule] = {
    "convolution": _convolution,
    **dict.fromkeys(("constant_pad_nd", "reflection_pad2d", "replication_pad2d"), _pad),
    **dict.fromkeys(("avg_pool2d", "max_pool2d_with_indices", "avg_pool3d"), _pool),
    **dict.fromkeys(("_adaptive_avg_pool2d", "adaptive_max_pool2d"), _adaptive_pool),
    **dict.fromkeys(
        "mean sum amax amin max min var std argmax linalg_vector_norm".split(), _reduce
    ),
    **dict.fromkeys(("_softmax", "_log_softmax"), _softmax),
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
    **dict.fromkeys(("native_batch_norm", "_native_batch_norm_legit_no_training"), _batch_norm),
    **dict.fromkeys(("addmm", "mm", "bmm"), _product),
    **dict.fromkeys(("view", "_unsafe_view", "_reshape_alias"), _view),
    "permute": _permute,
    **dict.fromkeys(("transpose", "t"), _transpose),
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
    "expand": _expand,
    "select": _select,
    "slice": _slice,
    **dict.fromkeys(("split", "split_with_sizes"), _split),
    "cat": _cat,
    "stack": _stack,
    "as_strided": _as_it_was,
}
# These compute nothing.
SILENT = frozenset(
    "alias detach view _unsafe_view _reshape_alias permute transpose t unsqueeze squeeze expand "
    "select slice split split_with_sizes as_strided clone".split()
)
HINTS = {
    "_local_scalar_dense": "it reads a number out of a tensor, so the network's path depends on "
    "the image's values",
}
