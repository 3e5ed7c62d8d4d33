"""One training step, one epoch, one evaluation."""

from collections.abc import Callable, Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from course_utils.basics.checks import integer, invalid
from course_utils.data import Split
from course_utils.training.choices import Loss, autocast, find_loss, find_precision
from course_utils.training.history import Evaluation
from course_utils.training.means import plain_mean
from course_utils.training.state import derive_seed, in_mode, seeded


def batches(n: int, batch_size: int, order: Tensor | None = None) -> Iterator[Tensor]:
    """Index tensors ``[<= batch_size]`` that cover 0 … n−1 once, in the given order.

    >>> [b.tolist() for b in batches(5, 2)]
    [[0, 1], [2, 3], [4]]
    """
    order = torch.arange(n) if order is None else order
    return iter(order.split(batch_size))


def outputs(model: nn.Module, x: Tensor) -> Tensor:
    """Give the model's outputs ``[n, classes]`` for the images of a batch.

    Raises
    ------
    ValueError
        For images that don't go through the model, and for outputs of another shape.
    """
    try:
        found = model(x)
    except torch.cuda.OutOfMemoryError:
        raise
    except (RuntimeError, IndexError, ValueError) as error:
        raise ValueError(
            f"model: images of shape {(*x.shape,)} do not go through it; {error}"
        ) from error
    shape = (*found.shape,) if isinstance(found, Tensor) else type(found).__name__
    if len(shape) != 2 or shape[0] != len(x):
        rule = f"give a row of numbers for each of {len(x)} images, one a class"
        raise invalid("model", shape, rule)
    return found


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss: Loss, x: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor]:
    """Update the weights once; return the batch's mean loss and its number of right answers."""
    logits = outputs(model, x)
    value = loss(logits, labels)
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
    return value.detach(), (logits.detach().argmax(1) == labels).sum()


def train_epoch(
    model: nn.Module,
    train: Split,
    optimizer: torch.optim.Optimizer,
    *,
    loss: Loss,
    batch_size: int,
    seed: int,
    epoch: int,
    precision: str = "fp32",
    step_done: Callable[[], object] = lambda: None,
) -> tuple[Evaluation, list[float]]:
    """Pass over the training images in a fresh order: the epoch's means, and each batch's loss.

    Raises
    ------
    ValueError
        For an unknown precision, a loss that is not a plain mean over the examples, and images,
        labels and a model that don't fit each other.
    FloatingPointError
        If a batch's loss is not finite; it names the epoch and the step, both counted from 1.
    """
    device = train.images.device
    precision = find_precision(precision, device)
    generator = torch.Generator().manual_seed(derive_seed(seed, "shuffle", epoch))
    order = torch.randperm(len(train), generator=generator).to(device)
    _check_pairs("train", train)
    loss = plain_mean(loss, train.labels)
    losses, right, sizes = [], [], []
    with in_mode(model, "train"), seeded(seed, "dropout", epoch):
        for index in batches(len(train), batch_size, order):
            with autocast(device, precision):
                x, labels = train.inputs(index), train.labels[index]
                value, correct = train_step(model, optimizer, loss, x, labels)
            losses.append(value)
            right.append(correct)
            sizes.append(len(index))
            step_done()
    per_batch = torch.stack(losses).float().cpu()
    if not per_batch.isfinite().all():
        step = int((~per_batch.isfinite()).nonzero()[0])
        raise FloatingPointError(
            f"loss: {per_batch[step]:g} at epoch {epoch}, step {step + 1} of {len(sizes)} is not "
            "finite, so training stopped; a smaller lr usually helps"
        )
    mean = float((per_batch.double() * torch.tensor(sizes)).sum() / len(train))
    return Evaluation(
        mean, int(torch.stack(right).sum()) / len(train), len(train)
    ), per_batch.tolist()


@torch.no_grad()
def predict(model: nn.Module, split: Split, *, batch_size: int = 500) -> Tensor:
    """The model's outputs ``[N, 10]`` in eval mode, on the CPU; its mode is restored."""
    device = _device_of(model)
    with in_mode(model, "eval"):
        parts = [
            outputs(model, split.inputs(index).to(device)).cpu()
            for index in batches(len(split), batch_size)
        ]
    return torch.cat(parts)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    split: Split,
    *,
    loss: str | Loss = "cross_entropy",
    batch_size: int = 500,
    mode: Literal["eval", "train"] = "eval",
) -> Evaluation:
    """Mean loss and accuracy over all examples, each of which counts once.

    ``mode="train"`` measures what a program without ``model.eval()`` measures: dropout drops,
    and batch norm normalises by the test batch *and moves its running statistics*. The model's
    mode is restored either way.

    Raises
    ------
    ValueError
        For an unknown loss or mode, a loss that is not a plain mean over the examples (class
        weights, ``ignore_index``, a sum), an empty split, a batch size below 1, and images, labels
        and a model that don't fit each other.
    """
    loss_of, batch_size = find_loss(loss), integer("batch_size", batch_size)
    if not len(split):
        raise ValueError("split: there are no examples in it; a mean needs at least one")
    _check_pairs("split", split)
    loss_of = plain_mean(loss_of, split.labels)
    device = _device_of(model)
    total, right = 0.0, 0
    with in_mode(model, mode):
        for index in batches(len(split), batch_size):
            labels = split.labels[index].to(device)
            logits = outputs(model, split.inputs(index).to(device))
            total += float(loss_of(logits, labels)) * len(index)
            right += int((logits.argmax(1) == labels).sum())
    return Evaluation(total / len(split), right / len(split), len(split))


def _check_pairs(name: str, split: Split) -> None:
    images, labels = (*split.images.shape,), (*split.labels.shape,)
    if labels != images[:1]:
        rule = f"use a label for each image; there are {images[0]} images, and labels {labels}"
        raise ValueError(f"{name}: {rule}")


def _device_of(model: nn.Module) -> torch.device:
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device
