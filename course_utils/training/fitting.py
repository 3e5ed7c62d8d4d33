"""A whole fit: epochs of training, each followed by a measurement, cut off and resumed at will."""

import time
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from course_utils.basics.checks import integer
from course_utils.data import Split
from course_utils.training.checkpoints import Checkpoint, identity
from course_utils.training.choices import (
    Loss,
    MakeOptimizer,
    find_device,
    find_loss,
    find_optimizer,
    find_precision,
)
from course_utils.training.history import History
from course_utils.training.schedules import Schedule, scheduled
from course_utils.training.state import buffers_restored, seeded
from course_utils.training.steps import evaluate, predict, train_epoch

__all__ = ["fit", "predicted_classes"]


def fit(
    model: nn.Module,
    train: Split,
    test: Split | None = None,
    *,
    optimizer: str | torch.optim.Optimizer | MakeOptimizer,
    epochs: int,
    batch_size: int,
    seed: int,
    lr: float | None = None,
    schedule: Schedule | None = None,
    loss: str | Loss = "cross_entropy",
    device: str = "auto",
    precision: str = "fp32",
    checkpoint: str | Path | None = None,
    progress: bool = True,
    as_run: bool = False,
) -> History:
    """Train the model in place and return what was measured.

    Parameters
    ----------
    train, test : images and labels; the test set is measured after every epoch.
    optimizer : "sgd", "momentum", "rmsprop" or "adam" with ``lr``; or a PyTorch optimizer on the
        model's parameters; or a function that makes one of the parameters, and of ``lr`` if that
        is given, such as ``torch.optim.SGD``.
    epochs : passes over the training images.
    batch_size : images per step; the last batch of an epoch may be smaller.
    seed : fixes shuffling and dropout, each with a generator of its own. The initial weights are
        the model's: build it under ``seeded(seed, "weights")``.
    lr : learning rate of an optimizer that isn't made yet; None takes its default.
    schedule : what the learning rate is multiplied by in a step: a function of the step, from 0,
        and the number of all steps, such as ``one_cycle``. None leaves the rate alone.
    loss : "cross_entropy" (from logits), "nll" (from log-probabilities), or a function that gives
        the plain mean of its examples' losses.
    device : "auto" takes a GPU where there is one.
    precision : "fp32"; "bf16" for autocast; or "auto", which is "bf16" where the processor computes
        in it (``supports_bf16``) and "fp32" elsewhere.
    checkpoint : a file that holds the run after each epoch. A run that was cut off resumes from
        it and ends with the same bits.
    progress : show a bar on stderr.
    as_run : also measure the test set in training mode, as a program without ``eval()`` does
        (batches of ``batch_size``). The running statistics of batch norm, into which such a program
        mixes test data, are put back: it never reads them, so its numbers are the same.

    Raises
    ------
    ValueError
        For a value that breaks a rule above, such as a loss with class weights, or a checkpoint of
        another run; and for images, labels and a model that don't fit each other.
    FloatingPointError
        If the loss is not finite; it names the epoch and the step.
    """
    epochs, batch_size = integer("epochs", epochs), integer("batch_size", batch_size)
    loss_of, target = find_loss(loss), find_device(device)
    precision = find_precision(precision, target)
    # Convolutions run faster on weights [out, in, kH, kW] that lie in memory as [out, kH, kW, in].
    # PyTorch refuses that for five axes, as a Conv3d's weights have.
    model.to(target)
    if all(tensor.ndim != 5 for tensor in (*model.parameters(), *model.buffers())):
        model.to(memory_format=torch.channels_last)
    train = train.to(target)
    test = None if test is None else test.to(target)
    update = find_optimizer(optimizer, model, lr)
    rates = [group["lr"] for group in update.param_groups]

    history, held = History(batch_size, len(train)), None
    steps = history.steps_per_epoch
    if checkpoint is not None:
        settings = {
            "seed": seed,
            "batch_size": batch_size,
            "precision": precision,
            "as_run": as_run,
        }
        run = identity(model, train, update, loss, schedule, epochs * steps, **settings)
        held = Checkpoint(Path(checkpoint), model, update, run)
        history = held.resume(epochs) or history

    done, total = history.epochs * steps, epochs * steps
    with (
        tqdm(total=total, initial=done, disable=not progress, unit="step", leave=False) as bar,
        scheduled(update, rates, schedule, done, total),
    ):
        for epoch in range(history.epochs + 1, epochs + 1):
            start = time.perf_counter()
            trained, batch_loss = train_epoch(
                model,
                train,
                update,
                loss=loss_of,
                batch_size=batch_size,
                seed=seed,
                epoch=epoch,
                precision=precision,
                step_done=bar.update,
            )
            history.append(trained, batch_loss, time.perf_counter() - start)
            if test is not None:
                _measure(history, model, test, loss_of, seed, as_run)
            if held is not None:
                held.save(history)
            bar.set_postfix(epoch=epoch, loss=f"{trained.loss:.4f}")
    return history


def predicted_classes(model: nn.Module, test: Split, *, seed: int, epochs: int) -> Tensor:
    """Give the classes ``[N]`` behind the test accuracy of a ``fit`` with this seed and length."""
    with seeded(seed, "test", epochs):
        return predict(model, test).argmax(1)


def _measure(
    history: History, model: nn.Module, test: Split, loss: Loss, seed: int, as_run: bool
) -> None:
    """Append the test set's loss and accuracy after the last epoch of a history."""
    with seeded(seed, "test", history.epochs):  # for dropout that eval mode does not reach
        history.append_test(evaluate(model, test, loss=loss), "test")
    if as_run:
        with seeded(seed, "as_run", history.epochs), buffers_restored(model):
            size = history.batch_size
            measured = evaluate(model, test, loss=loss, batch_size=size, mode="train")
        history.append_test(measured, "as_run")
