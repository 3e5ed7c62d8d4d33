"""What a distortion of images does to features and class scores: how far they move or stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from course_utils.basics.checks import integer
from course_utils.data.distortions import shift

__all__ = ["Drift", "drift", "equivariance_gap"]


def equivariance_gap(
    features: Callable[[Tensor], Tensor],
    images: Tensor,
    rows: int,
    columns: int,
    *,
    stride: int = 1,
    border: int = 0,
) -> float:
    """How far features are from moving with their input: 0 if they do exactly.

    The largest |f(shift(x)) − shift(f(x))|, divided by the largest |f(x)|, where a move by
    ``rows`` pixels of the image is one by rows / ``stride`` places of the feature map. Where that
    is no whole number, the better of its two neighbours counts; likewise for columns. (Cohen and
    Welling: Group equivariant convolutional networks, 2016, section 2, give the definition.)

    Parameters
    ----------
    features : from images ``[N, C, H, W]`` to feature maps ``[N, K, h, w]``.
    images : ``[N, C, H, W]``; what enters when they are moved is 0.
    rows, columns : the move, in whole pixels of the image.
    stride : pixels of the image from one place of the feature map to the next.
    border : places at each edge of the feature map that are left out: those that see padding, and
        those that are new after the move.

    Raises
    ------
    ValueError
        As ``shift`` does; for a stride below 1, a border that is negative or leaves nothing, and
        features that are zero everywhere, of which there is no largest.

    Examples
    --------
    >>> x = torch.rand(1, 1, 12, 12, generator=torch.Generator().manual_seed(0))
    >>> pool = torch.nn.MaxPool2d(2)
    >>> equivariance_gap(pool, x, 0, 2, stride=2, border=1)
    0.0
    >>> equivariance_gap(pool, x, 0, 1, stride=2, border=1) > 0.1
    True
    """
    integer("stride", stride)
    with torch.no_grad():
        still, after = features(images), features(shift(images, rows, columns))
    height, width = still.shape[-2:]
    if not 0 <= border < (min(height, width) + 1) // 2:
        raise ValueError(
            f"border: {border!r} is invalid on a map of {height}×{width}; use an integer of at "
            "least 0 that leaves a place"
        )
    inner = (..., slice(border, height - border), slice(border, width - border))
    largest = still.abs().max().item()
    if largest == 0:
        raise ValueError("features: they are 0 everywhere; use ones with a largest to compare with")
    gaps = [
        (after - shift(still, down, right))[inner].abs().max().item()
        for down in {rows // stride, -(-rows // stride)}
        for right in {columns // stride, -(-columns // stride)}
    ]
    return min(gaps) / largest


@dataclass(frozen=True)
class Drift:
    """What a distortion did to class scores: see ``drift``. Both are fractions from 0 to 1."""

    same_class: float
    moved: float


def drift(before: Tensor, after: Tensor) -> Drift:
    """How far class scores stay: the share of images whose class is the same, what mass moved.

    ``before`` and ``after`` are logits or log-probabilities ``[N, C]`` of the same images. What
    moved is the mean total variation distance, ½ Σ |p − q| between the softmaxes: the share of
    probability that went to other classes.

    Raises
    ------
    ValueError
        For shapes that differ, or are not ``[N, C]`` with N of at least 1.

    Examples
    --------
    >>> drift(torch.tensor([[0.0, 0.0]]), torch.tensor([[-100.0, 0.0]]))
    Drift(same_class=0.0, moved=0.5)
    """
    if before.shape != after.shape or before.ndim != 2 or not len(before):
        raise ValueError(
            f"after: shape {list(after.shape)} is invalid with {list(before.shape)} before; use "
            "one shape [N, C] for both, N at least 1"
        )
    same = (before.argmax(1) == after.argmax(1)).double().mean()
    apart = (before.double().softmax(1) - after.double().softmax(1)).abs().sum(1) / 2
    return Drift(same.item(), apart.mean().item())
