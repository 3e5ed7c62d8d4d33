"""Which pixels each place of a tensor reads: intervals, and the axes that they belong to.

Along one axis of the image, place i of a feature map reads the pixels from low + i·jump to
high + i·jump. ``Span`` holds the three numbers and says what a window or a sum makes of them
(Araujo, Norris and Sim, Computing receptive fields of convolutional neural networks, Distill
(2019), "Arbitrary computation graphs"). ``Trail`` says which axes of a tensor still run along the
image's height and width, through reshapes, permutations and sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod

HEIGHT, WIDTH, BATCH = 0, 1, 2
NAMES = ("height", "width", "batch")


class Unsupported(Exception):
    """What an operation does can't be followed; the text says why."""


@dataclass(frozen=True)
class Span:
    """Place i reads the pixels low + i·jump … high + i·jump; those outside the image are padding.

    With a ``reach`` it reads from one pixel to another besides, wherever it lies: all that the map
    reads, as after a squeeze-and-excitation gate. Jump 0 means that the places are gone, as after a
    global mean.
    """

    low: int = 0
    high: int = 0
    jump: int = 1
    reach: tuple[int, int] | None = None

    @property
    def size(self) -> int:
        return self.high - self.low + 1

    def window_of(self, place: int) -> tuple[int, int]:
        """Give the first and the last pixel that a place reads, its reach aside."""
        return self.low + place * self.jump, self.high + place * self.jump

    def pixels(self, place: int, size: int) -> tuple[int, int]:
        """Give the first and the last pixel that a place reads, of an image of that size."""
        first, last = _hull([self.window_of(place), *([self.reach] if self.reach else [])])
        return max(first, 0), min(last, size - 1)

    def over(self, places: int) -> Span:
        """Let each place read what so many of them read, from place 0 on."""
        if not self.jump:
            return self
        read = [self.window_of(0), self.window_of(places - 1)]
        return replace(self, reach=_hull([*read, *([self.reach] if self.reach else [])]))

    def gone(self, places: int) -> Span:
        """Give what one number reads that so many places made up."""
        return Span(jump=0, reach=self.over(places).reach)

    def window(self, kernel_size: int, stride: int, padding: int, dilation: int = 1) -> Span:
        """Slide a window over the places."""
        if not self.jump:
            return self
        low = self.low - padding * self.jump
        high = self.high + (dilation * (kernel_size - 1) - padding) * self.jump
        return replace(self, low=low, high=high, jump=self.jump * stride)

    def shifted(self, places: int, step: int = 1) -> Span:
        """Start so many places later, and keep every step-th place."""
        moved = places * self.jump
        return replace(self, low=self.low + moved, high=self.high + moved, jump=self.jump * step)


def _hull(intervals: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(first for first, _ in intervals), max(last for _, last in intervals)


def union(spans: Iterable[Span]) -> Span:
    """Give what the sum of several maps reads. Raises Unsupported where their jumps differ."""
    spans = list(spans)
    placed = [span for span in spans if span.jump]
    reaches = [span.reach for span in spans if span.reach]
    reach = _hull(reaches) if reaches else None
    if not placed:
        return Span(jump=0, reach=reach)
    jumps = sorted({span.jump for span in placed})
    if jumps[1:]:
        raise Unsupported(
            f"its inputs have jumps of {' and '.join(map(str, jumps))} pixels; "
            "places that are joined must lie equally far apart"
        )
    low, high = _hull([(span.low, span.high) for span in placed])
    return Span(low, high, jumps[0], reach)


@dataclass(frozen=True)
class Part:
    """A factor of one axis of a tensor: its entries run along HEIGHT, WIDTH, BATCH or none."""

    size: int
    axis: int | None = None


Dim = tuple[Part, ...]


@dataclass(frozen=True)
class Trail:
    """What is known of a tensor: the parts of each of its axes, and the image's two spans.

    Images go through in a batch, whose axis is followed like height and width, wherever it goes.
    """

    dims: tuple[Dim, ...]
    spans: tuple[Span, Span] = (Span(), Span())

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(_size(dim) for dim in self.dims)

    @property
    def has_batch(self) -> bool:
        return any(part.axis == BATCH for dim in self.dims for part in dim)

    @property
    def of_one_image(self) -> tuple[int, ...]:
        """The shape without the batch."""
        own = (tuple(part for part in dim if part.axis != BATCH) for dim in self.dims)
        return tuple(_size(dim) for dim in own if dim)

    @property
    def map_dims(self) -> tuple[int, int] | None:
        """The dimensions that height and width have to themselves, if each has one."""
        own = {dim[0].axis: place for place, dim in enumerate(self.dims) if len(dim) == 1}
        return (own[HEIGHT], own[WIDTH]) if {HEIGHT, WIDTH} <= {*own} else None

    @property
    def is_map(self) -> bool:
        return self.map_dims is not None

    def axis(self, dim: int) -> int | None:
        """Give the axis along which a whole dimension runs; Unsupported for a mixed one."""
        parts = self.dims[dim]
        self.keep_apart(dim)
        if len(parts) == 1:
            return parts[0].axis
        if any(part.axis is not None for part in parts):
            raise Unsupported("it takes apart an axis in which height or width was flattened")
        return None

    def axes(self, dims: Iterable[int]) -> set[int]:
        """Give the axes of the image that run through any of these dimensions."""
        found = {part.axis for dim in dims for part in self.dims[dim]}
        return {axis for axis in (HEIGHT, WIDTH) if axis in found}

    def keep_apart(self, dim: int) -> None:
        """Raise Unsupported for a dimension along which the images of a batch lie."""
        if any(part.axis == BATCH for part in self.dims[dim]):
            raise Unsupported("it takes the images of a batch together or apart")

    def with_dims(self, dims: Iterable[Dim]) -> Trail:
        """Put other dimensions in; an axis of the image that is in none of them is gone."""
        dims = tuple(dims)
        left = {part.axis for dim in dims for part in dim}
        height, width = (
            span if axis in left else span.gone(self.places(axis))
            for axis, span in enumerate(self.spans)
        )
        return Trail(dims, (height, width))

    def places(self, axis: int) -> int:
        """Count the places along an axis of the image."""
        return prod(part.size for dim in self.dims for part in dim if part.axis == axis)

    def with_span(self, axis: int | None, span: Span) -> Trail:
        if axis is None:
            return self
        height, width = (span if i == axis else own for i, own in enumerate(self.spans))
        return replace(self, spans=(height, width))

    def mixed(self, dims: Iterable[int]) -> Trail:
        """Let every place along these dimensions read all of them."""
        trail = self
        for axis in self.axes(dims):
            trail = trail.with_span(axis, trail.spans[axis].over(self.places(axis)))
        return trail


def _size(dim: Dim) -> int:
    return prod(part.size for part in dim)


def plain(shape: Iterable[int]) -> tuple[Dim, ...]:
    """Give dimensions that run along neither height nor width."""
    return tuple((Part(size),) for size in shape)


def reshaped(trail: Trail, shape: Sequence[int]) -> Trail:
    """Regroup the parts into another shape. Raises Unsupported where height or width is split."""
    parts = [part for dim in trail.dims for part in dim]
    dims: list[Dim] = []
    if not shape:
        return trail.with_dims(())
    for size in shape:
        taken: list[Part] = []
        while (missing := size // _size(tuple(taken))) > 1 or not taken:
            if size == 1 and (not parts or parts[0].size > 1):
                taken.append(Part(1))
                break
            part = parts.pop(0)
            if missing % part.size:
                if part.axis is not None or part.size % missing:
                    raise Unsupported(f"it cuts an axis of {part.size} places into pieces")
                parts.insert(0, Part(part.size // missing))
                part = Part(missing)
            taken.append(part)
        dims.append(tuple(taken))
    dims[-1] += tuple(parts)
    return trail.with_dims(_tidy(dim) for dim in dims)


def _tidy(dim: Dim) -> Dim:
    """Multiply neighbours that run along neither height nor width; drop what is 1."""
    tidy: list[Part] = []
    for part in dim:
        if part.axis is None and tidy and tidy[-1].axis is None:
            tidy[-1] = Part(tidy[-1].size * part.size)
        else:
            tidy.append(part)
    return tuple(part for part in tidy if part != Part(1)) or (Part(1),)


def broadcast(trails: Sequence[Trail], shape: Sequence[int]) -> Trail:
    """Give what an elementwise operation on tensors reads, as they are broadcast to ``shape``.

    Raises Unsupported where jumps differ, and where height meets width.
    """
    dims: list[Dim] = []
    spans: list[list[Span]] = [[], []]
    for trail in trails:
        spread = trail
        for place, dim in enumerate(trail.dims, start=len(shape) - len(trail.dims)):
            # One place that is spread over many is no longer a place of its own.
            axis = dim[0].axis
            if shape[place] > 1 and _size(dim) == 1 and axis is not None:
                spread = spread.with_span(axis, spread.spans[axis].gone(1))
        for axis in (HEIGHT, WIDTH):
            spans[axis].append(spread.spans[axis])
    for place, size in enumerate(shape, start=-len(shape)):
        own = {
            trail.dims[place]
            for trail in trails
            if len(trail.dims) >= -place and trail.shape[place] == size
        }
        running = {dim for dim in own if any(part.axis is not None for part in dim)}
        if len(running) > 1:
            raise Unsupported("its inputs have batch, height and width on different axes")
        dims.append(next(iter(running), (Part(size),)))
    joined = Trail(tuple(dims), (union(spans[HEIGHT]), union(spans[WIDTH])))
    return joined.with_dims(dims)
