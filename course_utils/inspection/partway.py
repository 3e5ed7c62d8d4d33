"""A network run up to one of its feature maps, and the gradient of the map's central place."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from course_utils.inspection.calls import tensors
from course_utils.inspection.watching import IMAGES, TracedRow, function_name
from course_utils.threads import threads

__all__ = ["Bare", "Until", "gradient_at_centre"]


@threads(1)
def gradient_at_centre(
    network: nn.Module, images: Tensor, mode: Until, generator: torch.Generator | None = None
) -> Tensor:
    """Differentiate the central place of a feature map with respect to the images.

    Its channels are summed; with a generator, each has a random factor.
    """
    alone = len(images) == 1  # which a network could take for an axis too many
    leaf = (images.repeat(IMAGES, 1, 1, 1) if alone else images.detach()).requires_grad_()
    with torch.enable_grad():
        y = mode.run(network, leaf.clone())  # the first layer may write to it
        for dim in mode.traced.dims:
            y = y.narrow(dim, y.shape[dim] // 2, 1)
        if generator is not None:
            y = y * torch.randn(y.shape, generator=generator, dtype=torch.float64).to(y)
        mode.back_from(y.sum())
    gradient = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
    return gradient[: len(images)]


class _Reached(Exception):
    """The network has come to the feature map; the rest of it need not run."""


class Until(TorchFunctionMode):
    """Runs a network up to the feature map of a row."""

    def __init__(self, traced: TracedRow):
        self.traced, self.calls = traced, 0  # of the row's function
        self.y: Tensor | None = None
        self.running = False
        super().__init__()

    def run(self, network: nn.Module, images: Tensor) -> Tensor:
        if not self.traced.call:
            return images
        self.running = True
        try:
            with self:
                network(images)
        except _Reached:
            pass
        except Exception as error:
            if self.y is None:
                raise self._unprobed(error) from error
        finally:
            self.running = False
        if self.y is None:
            raise ValueError(
                f"module: {self.traced.row.layer!r} does not run again in a second pass; "
                "use a module that calls the same functions in each"
            )
        if not self.y.requires_grad:
            raise ValueError(
                f"module: {self.traced.row.layer!r} has no gradient at all, as under "
                "torch.no_grad() and in a reentrant checkpoint; use a layer that has one"
            )
        return self.y

    def back_from(self, total: Tensor) -> None:
        """Take gradients back, also where a checkpoint runs its layers again as they go."""
        backward = torch.autograd.Variable._execution_engine.run_backward
        one = torch.ones_like(total)
        try:
            with self:  # torch.autograd.backward itself would be called without the mode
                backward(
                    (total,), (one,), False, False, (), allow_unreachable=True, accumulate_grad=True
                )
        except Exception as error:
            raise self._unprobed(error) from error

    def _unprobed(self, error: Exception) -> ValueError:
        return ValueError(
            f"module: {self.traced.row.layer!r} can't be probed; {type(error).__name__}: {error}; "
            "use a module that runs on random images, and gradients back through it"
        )

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # What a torch.autograd.Function computes has a gradient once that has returned.
        if self.running and self.y is not None and self.y.requires_grad:
            raise _Reached
        output = self.call(func, args, kwargs or {})
        if self.running and self.y is None and function_name(func) == self.traced.function:
            self.calls += 1
            if self.calls == self.traced.call:
                self.y = tensors(output)[self.traced.member]
                if self.y.requires_grad:
                    raise _Reached
        return output

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        return func(*args, **kwargs)


class Bare(Until):
    """Leaves dropout and narrower types out; if smooth, takes a mean for each maximum."""

    def __init__(self, traced: TracedRow, *, smooth: bool):
        super().__init__(traced)
        self.smooth = smooth

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        name = function_name(func)
        if "dropout" in name:
            return args[0] if args else kwargs["input"]
        output = super().call(func, args, kwargs)
        if self.smooth and name == "max_pool2d":
            return _mean_pool(output, *args, **kwargs)
        if self.smooth and name == "max_pool2d_with_indices":
            return _mean_pool(output[0], *args, **kwargs), output[1]
        if isinstance(output, Tensor) and output.is_floating_point():
            return output.double()  # as x.float() of an image
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
