"""Which pixels reach one place of a feature map, and how much: measured with gradients."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.basics.checks import integer
from course_utils.inspection.copies import duplicate, without_functions
from course_utils.inspection.partway import Bare, Until, gradient_at_centre
from course_utils.inspection.watching import (
    IMAGES,
    Shape,
    TracedRow,
    read_shape,
    traced_rows,
)

DRAWS = 32
SCALES = 1.0, 1.0, 10.0, 0.1, 1e-3, 30.0


def receptive_field(
    module: nn.Module, input_shape: Sequence[int], *, layer: str | None = None, seed: int = 0
) -> tuple[int, int]:
    """Measure the receptive field of the central place of a feature map, in pixels.

    A random sum of that place's channels is differentiated with respect to images. The result is
    the (height, width) of the smallest rectangle that holds every pixel with a gradient. Nothing
    may hide one, so a copy of the network is probed in float64 and eval mode: at first with random
    positive weights, biases of 0, batch norm and dropout that do nothing, and a mean for each max
    pooling; then at random images with random weights of both signs, on several scales. The module
    itself is left as it is.

    A gradient shows that a pixel is seen, the network's operations that no more can be. Where the
    two differ, the field is between them, and no number is given.

    Parameters
    ----------
    input_shape : (channels, height, width), in pixels.
    layer : a row of ``trace``'s table, or a module's name, of which the last row counts; without
        it the last feature map is probed. Of a network that can't be followed to its end, a layer
        can be probed whose last row comes before.
    seed : of the random numbers.

    Raises
    ------
    ValueError
        As ``trace`` does; for a ``layer`` that is not there or has no feature map or no gradient;
        for a field that gradients don't confirm; and for an input on which the field reaches the
        border: part of it could lie beyond. The text says which input is large enough. A field
        that is the whole input of any size is no error.

    Examples
    --------
    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(4, 3))
    >>> receptive_field(net, (3, 40, 40)), receptive_field(net, (3, 40, 40), layer="0")
    ((9, 9), (3, 3))
    """
    shape = read_shape(input_shape)
    traced = _choose(module, shape, layer)
    limits = []
    for axis, (span, size) in enumerate(zip(traced.spans, shape[1:], strict=True)):
        place = traced.places[axis] // 2
        first, last = span.window_of(place)
        limits.append(span.pixels(place, size))
        if not span.reach and (first <= 0 or last >= size - 1):
            raise ValueError(
                f"input_shape: {shape} is too small to probe {traced.row.layer!r}, whose field "
                f"reaches the border; use {_large_enough(module, shape, layer)}, which is enough"
            )
    generator = torch.Generator().manual_seed(seed)
    seen = torch.zeros(shape[1:], dtype=torch.bool)
    for draw in range(DRAWS):
        network, images = _drawn(module, traced.unused, shape, generator, draw)
        mode = Bare(traced, smooth=not draw)
        seen |= gradient_at_centre(network, images, mode, generator).flatten(0, 1).any(0)
        found = [_extent(seen.any(1)), _extent(seen.any(0))]
        if found == limits:
            return limits[0][1] - limits[0][0] + 1, limits[1][1] - limits[1][0] + 1
    if not seen.any():
        raise ValueError(
            f"module: {traced.row.layer!r} has no gradient at all; use a layer that has one"
        )
    (height, width), (most_height, most_width) = (
        [last - first + 1 for first, last in axes] for axes in (found, limits)
    )
    raise ValueError(
        f"module: the field of {traced.row.layer!r} can't be measured; gradients show {height} × "
        f"{width} pixels, its operations allow {most_height} × {most_width}; use a network that "
        "neither hides pixels, as a detached branch does, nor leaves them out"
    )


def effective_receptive_field(
    module: nn.Module,
    input_shape: Sequence[int],
    *,
    layer: str | None = None,
    images: Tensor | None = None,
    samples: int = 20,
    seed: int = 0,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Measure how much each pixel counts for the central place of a feature map.

    Gives the mean of |∂y/∂x| over images and their channels, an array of [height, width], where y
    is the sum of the channels at the central place. The network is taken as it is, random or
    trained, in eval mode; a copy is used. Where the array is not 0 lies (within) the receptive
    field; most of its weight lies in a smaller part, the effective receptive field.

    Parameters
    ----------
    input_shape, layer : as in ``receptive_field``.
    images : ``[N, channels, height, width]``; without them, standard normal noise is drawn.
    samples, seed : how many images to draw, and with which seed.

    Raises
    ------
    ValueError
        As ``trace`` does; for a ``layer`` that is not there, or has no feature map, no gradient, or
        channels whose sum is constant, as after a softmax over them; for ``images`` of another
        shape, and fewer than one sample.

    Notes
    -----
    Source: Luo et al., Understanding the effective receptive field in deep convolutional neural
    networks (2016), section 3: a gradient of 1 at the centre of the output, taken back to the
    input and averaged.

    Examples
    --------
    >>> from torch import nn
    >>> measured = effective_receptive_field(nn.AvgPool2d(3, 1), (1, 5, 5), samples=1)
    >>> print(measured.round(2)[1:3])
    [[0.   0.11 0.11 0.11 0.  ]
     [0.   0.11 0.11 0.11 0.  ]]
    """
    shape = read_shape(input_shape)
    generator = torch.Generator().manual_seed(seed)
    if images is None:
        integer("samples", samples)
        images = torch.randn((samples, *shape), generator=generator)
    if tuple(images.shape[1:]) != shape or not len(images):
        raise ValueError(
            f"images: shape {tuple(images.shape)} is invalid; use (N, *{shape}), N at least 1"
        )
    traced = _choose(module, shape, layer)
    network = without_functions(duplicate(module, _shared).eval())
    like = next(network.parameters(), images)
    total = torch.zeros(shape[1:], dtype=torch.float64)
    for batch in images.split(16):
        inputs = batch.to(like)
        gradient = gradient_at_centre(network, inputs, Until(traced))
        if not total.any():
            _check_sum(gradient, gradient_at_centre(network, inputs, Until(traced), generator))
        total += gradient.abs().double().sum((0, 1)).cpu()
    return (total / (len(images) * shape[0])).numpy()


def _choose(module: nn.Module, shape: Shape, layer: str | None) -> TracedRow:
    """Find the row to probe."""
    found = traced_rows(module, shape, layer=layer)
    own = [traced for traced in found if layer is None or traced.belongs_to(layer)]
    if not own:
        names = ", ".join(dict.fromkeys(traced.row.layer for traced in found))
        raise ValueError(f"layer: {layer!r} does not exist; use one of {names}")
    maps = [traced for traced in own if traced.row.jump is not None]
    if not maps:
        whose = "module: it" if layer is None else f"layer: {layer!r}"
        raise ValueError(f"{whose} has no feature map; use one with height and width")
    return maps[-1]


def _large_enough(module: nn.Module, shape: Shape, layer: str | None) -> Shape:
    """Give an input on which the central place's field stays off the border, by the table."""
    sizes = list(shape[1:])
    for _ in range(20):
        shape = shape[0], sizes[0], sizes[1]
        traced = _choose(module, shape, layer)
        more = []
        for axis, (span, size) in enumerate(zip(traced.spans, sizes, strict=True)):
            first, last = span.window_of(traced.places[axis] // 2)
            fits = first > 0 and last < size - 1
            more.append(0 if fits else max(span.jump, span.size + 2 - size))
        if not any(more):
            break
        sizes = [size + added for size, added in zip(sizes, more, strict=True)]
    return shape


def _extent(reached: Tensor) -> tuple[int, int]:
    """Give the first and the last place that is reached; (0, -1) without one."""
    places = reached.nonzero().flatten().tolist() or [0, -1]
    return places[0], places[-1]


def _drawn(
    module: nn.Module,
    unused: frozenset[str],
    shape: Shape,
    generator: torch.Generator,
    draw: int,
) -> tuple[nn.Module, Tensor]:
    """Copy a network with random weights, and draw images for it.

    At first all are positive and the images tiny: every path counts, and numbers stay in the range
    where no activation saturates. An activation may be flat right there; so later ones lie around
    0, on scales from tiny to large.
    """
    scale = SCALES[draw % len(SCALES)]

    def positive(size: Sequence[int]) -> Tensor:
        return 0.5 + torch.rand(tuple(size), generator=generator, dtype=torch.float64)

    def normal(size: Sequence[int]) -> Tensor:
        return torch.randn(tuple(size), generator=generator, dtype=torch.float64)

    def make(name: str, tensor: Tensor) -> Tensor:
        if name in unused:
            return tensor.detach()
        if not tensor.is_floating_point():
            return tensor.detach().to("cpu", copy=True)
        if not isinstance(tensor, nn.Parameter):
            return tensor.detach().to("cpu", torch.float64, copy=True)
        if draw:
            fan_in = tensor[0].numel() if tensor.dim() > 1 else 1
            return normal(tensor.shape) / fan_in**0.5
        if tensor.dim() > 1:
            return positive(tensor.shape) * len(tensor) / tensor.numel()  # means rather than sums
        bias = "bias" in name.rsplit(".")[-1]
        return torch.full(tensor.shape, 0.0 if bias else 1.0, dtype=torch.float64)

    network = without_functions(duplicate(module, make).eval())
    for part in network.modules():
        if isinstance(part, nn.modules.batchnorm._NormBase):
            part.reset_running_stats()
    size = (max(IMAGES, min(64, 50_000 // prod(shape))) if draw else IMAGES, *shape)
    return network, scale * normal(size) if draw else 1e-6 * positive(size)


def _shared(_: str, tensor: Tensor) -> Tensor:
    """Take a parameter itself, which nothing writes to in eval mode, and copy a buffer."""
    return tensor.detach() if isinstance(tensor, nn.Parameter) else tensor.detach().clone()


def _check_sum(gradient: Tensor, other: Tensor) -> None:
    """Raise ValueError where the channels' sum is constant: its gradient is rounding at most."""
    rounding = torch.finfo(gradient.dtype).eps ** 0.5
    if gradient.abs().max() < rounding * other.abs().max():
        raise ValueError(
            "module: the sum over the channels is constant, as after a softmax over them; "
            "use the layer before"
        )
