"""What each operation makes of the pixels that its inputs read: a rule for each.

The names are those of PyTorch's ATen library, to which every network comes down as it runs.
An elementwise operation needs no rule: PyTorch marks it as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course_utils.inspection.calls import FACTORS, Call, Rule, dims_of
from course_utils.inspection.spans import Part, Trail, Unsupported, broadcast, plain
from course_utils.inspection.views import JOINS, VIEWS

# Elementwise, though not all of their forms are marked so.
ELEMENTWISE = frozenset(
    "_prelu_kernel _to_copy alias celu clamp clone contiguous detach elu fill hardshrink "
    "hardsigmoid hardswish hardtanh leaky_relu lift_fresh log_sigmoid_forward native_dropout "
    "rrelu_with_noise softshrink threshold where".split()
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
    """Give the trails of what an operation returned; its rule may raise Unsupported."""
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
    trail.keep_apart(channels)
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
    dims = list(trail.dims)
    for place, (before, after) in enumerate(zip(trail.shape, call.shape, strict=True)):
        if before != after:
            trail.keep_apart(place)
            dims[place] = (Part(after),)
    return [trail.with_dims(dims)] * 2


def _pad(call: Call) -> Trail:
    trail = call.trail("self")
    amounts = _numbers(call.arguments.get("pad", call.arguments.get("padding")), 1)
    dims = list(trail.dims)
    pairs = zip(amounts[::2], amounts[1::2], strict=True)
    for place, (before, after) in enumerate(pairs, start=1):
        if before or after:  # which can cancel: a shift keeps the size
            axis = trail.axis(-place)
            if axis is not None:
                trail = trail.with_span(axis, trail.spans[axis].shifted(-before))
            dims[-place] = (Part(call.shape[-place], axis),)
    return trail.with_dims(dims)


# Sums over an axis


def _reduce(call: Call) -> list[Trail | None]:
    trail = call.trail("self")
    gone = dims_of(call.arguments.get("dim"), len(trail.dims))
    if call.arguments.get("keepdim"):
        dims = [(Part(1),) if i in gone else dim for i, dim in enumerate(trail.dims)]
    else:
        dims = [dim for i, dim in enumerate(trail.dims) if i not in gone]
    return [trail.with_dims(dims)] * len(call.outputs)


def _copy(call: Call) -> Trail | list[Trail | None]:
    """What was there before is gone."""
    source = call.trail_of(call["src"])
    return [None] if source is None else broadcast([source], call.shape)


def _softmax(call: Call) -> Trail:
    trail = call.trail("self")
    return trail.mixed(dims_of(call["dim"], len(trail.dims)))


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
    kept, summed = (-1, -2) if first is None else (-2, -1)
    trail = second if first is None else first
    assert trail is not None
    trail.keep_apart(summed)
    dims[:-2], dims[kept] = trail.dims[:-2], trail.dims[kept]
    return trail.with_dims(dims)


RULES: dict[str, Rule] = {
    "convolution": _convolution,
    **dict.fromkeys(("constant_pad_nd", "reflection_pad2d", "replication_pad2d"), _pad),
    **dict.fromkeys(("avg_pool2d", "max_pool2d_with_indices", "avg_pool3d"), _pool),
    **dict.fromkeys(("_adaptive_avg_pool2d", "adaptive_max_pool2d"), _adaptive_pool),
    **dict.fromkeys(
        "mean sum amax amin max min var std argmax linalg_vector_norm".split(), _reduce
    ),
    **dict.fromkeys(("_softmax", "_log_softmax"), _softmax),
    "copy": _copy,
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
    **dict.fromkeys(("native_batch_norm", "_native_batch_norm_legit_no_training"), _batch_norm),
    **dict.fromkeys(("addmm", "mm", "bmm"), _product),
    **VIEWS,
    **JOINS,
}
SILENT = frozenset({"alias", "clone", "detach", *VIEWS})  # these compute nothing
HINTS = {
    "_local_scalar_dense": "it reads a number out of a tensor, so the network's path depends on "
    "the image's values",
}
