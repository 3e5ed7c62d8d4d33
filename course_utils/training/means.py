"""Whether a loss is the plain mean of its examples' losses, as whatever averages batches needs."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.basics.checks import invalid
from course_utils.training.choices import Loss

__all__ = ["plain_mean"]


def plain_mean(loss: Loss, labels: Tensor) -> Loss:
    """Give the loss, which its first call tries on every label that there is.

    Batches' means, weighted by their sizes, add up to the mean of all examples only if each batch
    gives a plain mean. With class weights, ignored labels or a sum, the result would depend on the
    size of the batches. What is tried is a function of made-up logits; where those aren't in its
    domain, of the batch's own.

    Raises
    ------
    ValueError
        From the first call, if it is not a plain mean, or a label is none of the model's classes.

    Examples
    --------
    >>> labels = torch.tensor([0, 1])
    >>> summed = plain_mean(torch.nn.CrossEntropyLoss(reduction="sum"), labels)
    >>> summed(torch.zeros(2, 3), labels)
    Traceback (most recent call last):
    ValueError: loss: CrossEntropyLoss is invalid; use one that is the plain mean of its examples' \
losses, without class weights, ignored labels or a sum
    """
    tried = False

    def checked(logits: Tensor, target: Tensor) -> Tensor:
        nonlocal tried
        if not tried and int(labels.max()) >= logits.shape[1]:
            rule = f"use labels from 0 to {logits.shape[1] - 1}, the model's classes"
            raise invalid("labels", int(labels.max()), rule)
        value = loss(logits, target)
        if not tried and not _is_mean(loss, logits.detach(), labels.unique().to(target)):
            name = getattr(loss, "__name__", type(loss).__name__)
            raise ValueError(
                f"loss: {name} is invalid; use one that is the plain mean of its examples' losses, "
                "without class weights, ignored labels or a sum"
            )
        tried = True
        return value

    return checked


@torch.no_grad()
def _is_mean(loss: Loss, logits: Tensor, labels: Tensor) -> bool:
    """Compare the loss of examples, two of each label, with the mean of each one's alone."""
    twice = labels.repeat(2)
    shape = (len(twice), *logits.shape[1:])
    generator = torch.Generator().manual_seed(0)
    made_up = torch.randn(shape, generator=generator).to(logits.device)
    rows = torch.arange(len(twice), device=logits.device) % len(logits)
    for x in (made_up, logits.float()[rows]):
        whole = _value(loss, x, twice)
        if whole.numel() != 1:
            return False
        if whole.isfinite():
            examples = range(len(twice))
            alone = torch.stack([_value(loss, x[[i]], twice[[i]]).reshape(()) for i in examples])
            off = abs(float(alone.mean() - whole))
            return off <= 1e-4 * float(alone.abs().max())
    return True  # the numbers are not finite, and whoever called for them is told so


def _value(loss: Loss, logits: Tensor, labels: Tensor) -> Tensor:
    """Give the loss of a batch, or nan if it has none, as where a logit isn't in its domain."""
    try:
        return loss(logits, labels).double().cpu()
    except (RuntimeError, ValueError):
        return torch.tensor(torch.nan, dtype=torch.float64)
