"""Which pixels reach one place of a feature map, and how much: measured with gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from course_utils.basics.checks import integer
from course_utils.inspection.calls import tensors
from course_utils.inspection.copies import duplicate, without_functions
from course_utils.inspection.watching import (
    Shape,
    TracedRow,
    function_name,
    read_shape,
    traced_rows,
)


def receptive_field(
    module: nn.Module, input_shape: Sequence[int], *, layer: str | None = None, seed: int = 0
) -> tuple[int, int]:
    """Measure the receptive field of the central place of a feature map, in pixels.

    That place's channels are summed and differentiated with respect to an image. The result is the
    (height, width) of the smallest rectangle that holds every pixel with a gradient. Nothing may
    hide one, so a copy of the network is probed in float64 and eval mode, in which weights are
    random and positive, biases 0, batch norm does nothing, dropout neither, and a mean stands for
    each max pooling. The module itself is left as it is.

    Parameters
    ----------
    input_shape : (channels, height, width), in pixels.
    layer : a row of ``trace``'s table, or a module's name, of which the last row counts; without
        it the last feature map is probed. The table is used to find that layer, not the field.

    Raises
    ------
    ValueError
        As ``trace`` does; for a ``layer`` that is not there or has no feature map or no gradient;
        and for an input on which the field reaches the border: part of it could lie beyond. The
        text says which input is large enough. A field that is the whole input of any size is no
        error.

    Examples
    --------
    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(4, 3))
    >>> receptive_field(net, (3, 40, 40)), receptive_field(net, (3, 40, 40), layer="0")
    ((9, 9), (3, 3))
    """
    shape = read_shape(input_shape)
    traced = _choose(module, shape, layer)
    generator = torch.Generator().manual_seed(seed)
    image = 1e-6 * _positive(generator, (1, *shape))
    network = _made_positive(module, traced.unused, generator)
    mask = _gradient(network, image, _Smooth(traced)).ne(0).any(0).any(0)
    if not mask.any():
        raise ValueError(
            f"module: {traced.row.layer!r} has no gradient at all; use a layer that has one"
        )
    extent = []
    for axis, reached in enumerate((mask.any(1), mask.any(0))):
        first, *_, last = [*reached.nonzero().flatten().tolist()] * 2
        clipped = first == 0 or last == len(reached) - 1
        if clipped and not traced.spans[axis].whole:
            raise ValueError(
                f"input_shape: {shape} is too small to probe {traced.row.layer!r}, whose field "
                f"reaches the border; use {_large_enough(module, shape, layer)}, which is enough"
            )
        extent.append(last - first + 1)
    return extent[0], extent[1]


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
        As ``trace`` does; for a ``layer`` that is not there or has no feature map, ``images`` of
        another shape, and fewer than one sample.

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
    if images is None:
        integer("samples", samples)
        images = torch.randn((samples, *shape), generator=torch.Generator().manual_seed(seed))
    if tuple(images.shape[1:]) != shape or not len(images):
        raise ValueError(
            f"images: shape {tuple(images.shape)} is invalid; use (N, *{shape}), N at least 1"
        )
    traced = _choose(module, shape, layer)
    network = without_functions(duplicate(module, _shared).eval())
    like = next(network.parameters(), images)
    total = torch.zeros(shape[1:], dtype=torch.float64)
    for batch in images.split(16):
        gradient = _gradient(network, batch.to(like), _Until(traced))
        total += gradient.abs().double().sum((0, 1)).cpu()
    return (total / (len(images) * shape[0])).numpy()


def _choose(module: nn.Module, shape: Shape, layer: str | None) -> TracedRow:
    """Find the row to probe."""
    found = traced_rows(module, shape)
    inside = (f"{layer} ", f"{layer}.")
    own = [
        traced
        for traced in found
        if layer in (None, traced.row.layer) or traced.row.layer.startswith(inside)
    ]
    if not own:
        names = ", ".join(dict.fromkeys(traced.row.layer for traced in found))
        raise ValueError(f"layer: {layer!r} is not there; use one of {names}")
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
        for span, size, dim in zip(traced.spans, sizes, traced.dims or (), strict=True):
            centre = traced.row.output[dim - 1] // 2 * span.jump
            fits = span.low + centre > 0 and span.high + centre < size - 1
            more.append(0 if fits else max(span.jump, span.size + 2 - size))
        if not any(more):
            break
        sizes = [size + added for size, added in zip(sizes, more, strict=True)]
    return shape


def _positive(generator: torch.Generator, shape: Sequence[int]) -> Tensor:
    """Draw from 0.5 … 1.5."""
    return 0.5 + torch.rand(tuple(shape), generator=generator, dtype=torch.float64)


def _made_positive(
    module: nn.Module, unused: frozenset[str], generator: torch.Generator
) -> nn.Module:
    """Copy a network with weights through which every path counts."""

    def make(name: str, tensor: Tensor) -> Tensor:
        if name in unused:
            return tensor.detach()
        if not tensor.is_floating_point():
            return tensor.clone()
        if not isinstance(tensor, nn.Parameter):
            return tensor.detach().to(torch.float64, copy=True)
        if tensor.dim() > 1:
            # Means rather than sums: numbers stay in the range where no activation saturates.
            return _positive(generator, tensor.shape) * len(tensor) / tensor.numel()
        bias = "bias" in name.rsplit(".")[-1]
        return torch.full(tensor.shape, 0.0 if bias else 1.0, dtype=torch.float64)

    network = without_functions(duplicate(module, make).eval())
    for part in network.modules():
        if isinstance(part, nn.modules.batchnorm._NormBase):
            part.reset_running_stats()
    return network


def _shared(_: str, tensor: Tensor) -> Tensor:
    """Take a parameter itself, which nothing writes to in eval mode, and copy a buffer."""
    return tensor.detach() if isinstance(tensor, nn.Parameter) else tensor.detach().clone()


def _gradient(network: nn.Module, images: Tensor, mode: _Until) -> Tensor:
    """Differentiate the central place of a feature map with respect to the images."""
    images = images.detach().requires_grad_()
    with torch.enable_grad():
        y = mode.run(network, images)
        for dim in mode.traced.dims or ():
            y = y.narrow(dim, y.shape[dim] // 2, 1)
        (gradient,) = torch.autograd.grad(y.sum(), images)
    return gradient


class _Reached(Exception):
    """The network has come to the feature map; the rest of it need not run."""


class _Until(TorchFunctionMode):
    """Runs a network up to the feature map of a row."""

    def __init__(self, traced: TracedRow):
        self.traced, self.calls = traced, 0  # of the row's function
        self.y: Tensor | None = None
        super().__init__()

    def run(self, network: nn.Module, images: Tensor) -> Tensor:
        self.calls, self.y = 0, None if self.traced.call else images
        try:
            with self:
                network(images)
        except _Reached:
            pass
        if self.y is None:
            raise ValueError(
                f"module: {self.traced.row.layer!r} does not come up in a second run; "
                "use a module that calls the same functions in each"
            )
        return self.y

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = self.call(func, args, kwargs or {})
        self.calls += function_name(func) == self.traced.function
        if self.calls == self.traced.call and self.y is None:
            self.y = tensors(output)[0]
            raise _Reached
        return output

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        return func(*args, **kwargs)


class _Smooth(_Until):
    """Lets no pixel's gradient be hidden: a mean for each maximum, and no dropout."""

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        name = function_name(func)
        if "dropout" in name:
            return args[0] if args else kwargs["input"]
        output = super().call(func, args, kwargs)
        if name == "max_pool2d":
            return _mean_pool(output, *args, **kwargs)
        if name == "max_pool2d_with_indices":
            return _mean_pool(output[0], *args, **kwargs), output[1]
        return output


def _mean_pool(
    like: Tensor,
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    *_: Any,
    **__: Any,
) -> Tensor:
    """Take the mean over the windows of a max pooling, whose result is ``like``."""
    k, p, d = (torch.nn.modules.utils._pair(value) for value in (kernel_size, padding, dilation))
    s = torch.nn.modules.utils._pair(stride) if stride else k
    beyond = [
        max(0, (after - 1) * s[i] + d[i] * (k[i] - 1) + 1 - before - p[i])
        for i, (before, after) in enumerate(zip(input.shape[-2:], like.shape[-2:], strict=True))
    ]
    padded = functional.pad(input, (p[1], beyond[1], p[0], beyond[0]))
    kernel = torch.full((1, 1, *k), 1 / (k[0] * k[1]), dtype=input.dtype)
    means = functional.conv2d(
        padded.reshape(-1, 1, *padded.shape[-2:]), kernel, stride=s, dilation=d
    )
    return means[..., : like.shape[-2], : like.shape[-1]].reshape(like.shape)
