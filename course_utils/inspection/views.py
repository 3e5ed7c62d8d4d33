"""What views, slices and joins make of the pixels that their inputs read: a rule for each."""

from __future__ import annotations

from course_utils.inspection.calls import Call, Rule, dims_of
from course_utils.inspection.spans import NAMES, Part, Trail, Unsupported, broadcast, reshaped

__all__ = ["JOINS", "VIEWS"]


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
    places = dims_of(call.arguments.get("dim"), len(trail.dims))
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


def _as_it_was(call: Call) -> Trail:
    trail, tensor = call.trail("self"), call["self"]
    start = tensor.storage_offset()
    before = trail.shape, tensor.stride(), start
    offset = start if call["storage_offset"] is None else call["storage_offset"]
    if before != (call.shape, tuple(call["stride"]), offset):
        raise Unsupported("it reads memory in another order")
    return trail


# Joins


def _cat(call: Call) -> Trail:
    trails, place = call.trails, call["dim"]
    for trail in trails:
        for part in trail.dims[place]:
            if part.axis is not None:
                raise Unsupported(f"it puts maps together along their {NAMES[part.axis]}")
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


# These compute nothing.
VIEWS: dict[str, Rule] = {
    **dict.fromkeys(("view", "_unsafe_view", "_reshape_alias"), _view),
    "permute": _permute,
    **dict.fromkeys(("transpose", "t"), _transpose),
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
    "expand": _expand,
    "select": _select,
    "slice": _slice,
    **dict.fromkeys(("split", "split_with_sizes"), _split),
    "as_strided": _as_it_was,
}
JOINS: dict[str, Rule] = {"cat": _cat, "stack": _stack}
