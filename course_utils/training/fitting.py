"""How is a whole run made, cut off and resumed?"""

import time
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from course_utils.data import Split
from course_utils.training import checkpoints
from course_utils.training.choices import (
    Loss,
    MakeOptimizer,
    find_device,
    find_loss,
    find_optimizer,
    find_precision,
    require_count,
)
from course_utils.training.history import History
from course_utils.training.schedules import Schedule, rates_checksum, scheduled
from course_utils.training.state import buffers_restored, seeded
from course_utils.training.steps import evaluate, train_epoch


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
        model's parameters; or a function from parameters to an optimizer.
    epochs : passes over the training images.
    batch_size : images a step; the last batch of an epoch may be smaller.
    seed : fixes shuffling and dropout, each by a generator of its own. The initial weights are
        the model's: build it after ``torch.manual_seed``.
    lr : learning rate, with an optimizer named by a string; None takes PyTorch's default.
    schedule : what the learning rate is multiplied by in a step, as a function of the step, from 0,
        and the number of all steps: ``one_cycle``, for one. None leaves the rate alone.
    loss : "cross_entropy" (from logits), "nll" (from log-probabilities), or a function.
    device : "auto" takes a GPU where there is one.
    precision : "fp32"; "bf16" for autocast; or "auto", which is "bf16" where the processor computes
        in it (``supports_bf16``) and "fp32" elsewhere.
    checkpoint : a file that holds the run after each epoch. A run that was cut off resumes from
        it and ends with the same bits.
    progress : show a bar on stderr.
    as_run : also measure the test set in training mode, as a program without ``eval()`` does
        (batches of ``batch_size``). The running statistics of batch norm, which such a program
        mixes with test data, are put back: it never reads them, so its numbers are the same.

    Raises
    ------
    ValueError : a value that breaks a rule above, or a checkpoint of another run.
    FloatingPointError : the loss was not finite, with its epoch and step.
    """
    for name, count in {"epochs": epochs, "batch_size": batch_size}.items():
        require_count(name, count)
    loss_of = find_loss(loss)
    target = find_device(device)
    precision = find_precision(precision, target)
    # Convolutions run faster on weights [out, in, kH, kW] that lie in memory as [out, kH, kW, in].
    model.to(target).to(memory_format=torch.channels_last)
    train = train.to(target)
    test = None if test is None else test.to(target)
    update = find_optimizer(optimizer, model, lr)
    rates = [group["lr"] for group in update.param_groups]

    history, identity = History(batch_size, len(train)), {}
    if checkpoint is not None:
        name_of_loss = loss if isinstance(loss, str) else getattr(loss, "__qualname__", type(loss))
        settings = {
            "seed": seed,
            "batch_size": batch_size,
            "loss": name_of_loss,
            "precision": precision,
            "as_run": as_run,
        }
        if schedule is not None:
            settings["schedule"] = rates_checksum(schedule, epochs * history.steps_per_epoch)
        identity = checkpoints.identity(model, train, update, settings)
        history = checkpoints.resume(Path(checkpoint), identity, model, update) or history
    if history.epochs > epochs:
        raise ValueError(
            f"epochs: {epochs} is fewer than the {history.epochs} that checkpoint {checkpoint} "
            "holds; ask for as many or more, or name another file"
        )

    steps = history.steps_per_epoch
    with (
        tqdm(
            total=epochs * steps,
            initial=history.epochs * steps,
            disable=not progress,
            unit="step",
            leave=False,
        ) as bar,
        scheduled(update, rates, schedule, history.epochs * steps, epochs * steps),
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
                with seeded(seed, "test", epoch):  # for dropout that eval mode does not reach
                    history.append_test(evaluate(model, test, loss=loss_of), "test")
            if test is not None and as_run:
                with seeded(seed, "as_run", epoch), buffers_restored(model):
                    measured = evaluate(
                        model, test, loss=loss_of, batch_size=batch_size, mode="train"
                    )
                history.append_test(measured, "as_run")
            if checkpoint is not None:
                checkpoints.save(Path(checkpoint), identity, history, model, update)
            bar.set_postfix(epoch=epoch, loss=f"{trained.loss:.4f}")
    return history
