"""How is a network trained and measured? One step, one epoch, one evaluation, one whole fit."""

import itertools
import math
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from course_utils import checkpoints
from course_utils.data import Split
from course_utils.history import Evaluation, History

Loss = Callable[[Tensor, Tensor], Tensor]
MakeOptimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]
Schedule = Callable[[int, int], float]

LOSSES: dict[str, Loss] = {"cross_entropy": F.cross_entropy, "nll": F.nll_loss}
OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {"fused": True}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9, "fused": True}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {"fused": True}),
}
PRECISIONS = ("fp32", "bf16", "auto")


def derive_seed(seed: int, source: str, epoch: int = 0) -> int:
    """A seed of its own for each source of randomness and each epoch.

    So a run that resumes at epoch 7 draws what it would have drawn, whatever came before.

    >>> derive_seed(0, "shuffle", 1) == derive_seed(0, "dropout", 1)
    False
    """
    return zlib.crc32(f"{seed}/{source}/{epoch}".encode())


@contextmanager
def seeded(seed: int, source: str, epoch: int = 0) -> Iterator[None]:
    """Seed PyTorch's global generators inside the block and restore them after it."""
    with torch.random.fork_rng():
        torch.manual_seed(derive_seed(seed, source, epoch))
        yield


@contextmanager
def in_mode(model: nn.Module, mode: Literal["train", "eval"]) -> Iterator[None]:
    """Put the model into a mode for the block; give every submodule its own back after it."""
    if mode not in ("train", "eval"):
        raise ValueError(f"mode: {mode!r} is unknown; choose 'train' or 'eval'")
    before = [(module, module.training) for module in model.modules()]
    model.train(mode == "train")
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


@contextmanager
def buffers_restored(model: nn.Module) -> Iterator[None]:
    """Put the model's buffers (batch norm's running statistics) back after the block."""
    before = [buffer.clone() for buffer in model.buffers()]
    try:
        yield
    finally:
        for buffer, value in zip(model.buffers(), before, strict=True):
            buffer.copy_(value)


def make_optimizer(
    name: str, parameters: Iterable[nn.Parameter], **arguments: object
) -> torch.optim.Optimizer:
    """One of "sgd", "momentum" (SGD, 0.9), "rmsprop", "adam" with PyTorch's arguments.

    Raises
    ------
    ValueError : an unknown name.
    """
    if name not in OPTIMIZERS:
        raise ValueError(f"optimizer: {name!r} is unknown; choose one of {[*OPTIMIZERS]}")
    kind, defaults = OPTIMIZERS[name]
    return kind(parameters, **{**defaults, **arguments})


def one_cycle(step: int, steps: int, *, warmup: float = 0.3) -> float:
    """Share of the learning rate in a step: up from 1/25 to 1, then down to almost nothing.

    Both ways along half a cosine, with the top after the share ``warmup`` of all steps: what
    ``torch.optim.lr_scheduler.OneCycleLR`` does with its defaults, momentum left alone. (Smith and
    Topin: Super-convergence, 2018, section 3.)

    Parameters
    ----------
    step, steps : from 0 to steps − 1.
    warmup : above 0 and below 1.

    Examples
    --------
    >>> [round(one_cycle(step, 10), 2) for step in range(10)]
    [0.04, 0.52, 1.0, 0.95, 0.81, 0.61, 0.39, 0.19, 0.05, 0.0]

    Raises
    ------
    ValueError : a value that breaks a rule above.
    """
    if not 0 <= step < steps:
        raise ValueError(f"step: {step!r} is none of {steps!r} steps; use 0 to steps − 1")
    if not 0 < warmup < 1:
        raise ValueError(f"warmup: {warmup!r} is no share; use one above 0 and below 1")
    top, last = warmup * steps - 1, steps - 1
    low, climbed = (1 / 25, step / top) if step < top else (4e-6, (last - step) / (last - top))
    return low + (1 - low) * (1 - math.cos(math.pi * climbed)) / 2


def supports_bf16(device: str | torch.device) -> bool:
    """Whether a processor computes in bfloat16 itself, rather than in float32 with roundings.

    On an x86 that is AVX-512 BF16 or AMX, on a GPU compute capability 8.0 or more.
    """
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, bool)() for check in checks)


def batches(n: int, batch_size: int, order: Tensor | None = None) -> Iterator[Tensor]:
    """Index tensors ``[<= batch_size]`` that cover 0 … n−1 once, in the given order.

    >>> [b.tolist() for b in batches(5, 2)]
    [[0, 1], [2, 3], [4]]
    """
    order = torch.arange(n) if order is None else order
    return iter(order.split(batch_size))


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss: Loss, x: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor]:
    """One update of the weights: the batch's mean loss and its number of right answers."""
    logits = model(x)
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
    """One pass over the training images in a fresh order: the epoch's means, each batch's loss.

    Raises
    ------
    FloatingPointError : a batch's loss was not finite; it names epoch and step, from 1.
    """
    device = train.images.device
    precision = _find_precision(precision, device)
    generator = torch.Generator().manual_seed(derive_seed(seed, "shuffle", epoch))
    order = torch.randperm(len(train), generator=generator).to(device)
    losses, right, sizes = [], [], []
    with in_mode(model, "train"), seeded(seed, "dropout", epoch):
        for index in batches(len(train), batch_size, order):
            with _autocast(device, precision):
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
            f"the loss is {per_batch[step]:g} at epoch {epoch}, step {step + 1} of {len(sizes)}: "
            "training stopped; a smaller lr is the usual remedy"
        )
    mean = float((per_batch.double() * torch.tensor(sizes)).sum() / len(train))
    return Evaluation(
        mean, int(torch.stack(right).sum()) / len(train), len(train)
    ), per_batch.tolist()


@torch.no_grad()
def predict(model: nn.Module, split: Split, *, batch_size: int = 1000) -> Tensor:
    """The model's outputs ``[N, 10]`` in eval mode, on the CPU; its mode is restored."""
    device = _device_of(model)
    with in_mode(model, "eval"):
        parts = [
            model(split.inputs(index).to(device)).cpu() for index in batches(len(split), batch_size)
        ]
    return torch.cat(parts)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    split: Split,
    *,
    loss: str | Loss = "cross_entropy",
    batch_size: int = 1000,
    mode: Literal["eval", "train"] = "eval",
) -> Evaluation:
    """Mean loss and accuracy over all examples, each example counting once.

    ``mode="train"`` measures what a program without ``model.eval()`` measures: dropout drops,
    and batch norm normalises by the test batch *and moves its running statistics*. The model's
    mode is restored either way.

    Raises
    ------
    ValueError : an unknown loss or mode, an empty split, a batch size below 1.
    """
    loss_of = _find_loss(loss)
    _require_count("batch_size", batch_size)
    if not len(split):
        raise ValueError("split: it holds no examples; a mean needs at least one")
    device = _device_of(model)
    total, right = 0.0, 0
    with in_mode(model, mode):
        for index in batches(len(split), batch_size):
            labels = split.labels[index].to(device)
            logits = model(split.inputs(index).to(device))
            total += float(loss_of(logits, labels)) * len(index)
            right += int((logits.argmax(1) == labels).sum())
    return Evaluation(total / len(split), right / len(split), len(split))


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
        _require_count(name, count)
    loss_of = _find_loss(loss)
    target = _find_device(device)
    precision = _find_precision(precision, target)
    # Convolutions run faster on weights [out, in, kH, kW] that lie in memory as [out, kH, kW, in].
    model.to(target).to(memory_format=torch.channels_last)
    train = train.to(target)
    test = None if test is None else test.to(target)
    update = _find_optimizer(optimizer, model, lr)
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
            settings["schedule"] = _rates_checksum(schedule, epochs * history.steps_per_epoch)
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
        _scheduled(update, rates, schedule, history.epochs * steps, epochs * steps),
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


def _find_loss(loss: str | Loss) -> Loss:
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(f"loss: {loss!r} is unknown; choose one of {[*LOSSES]} or a function")
        return LOSSES[loss]
    return loss


def _find_device(device: str) -> torch.device:
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def _find_precision(precision: str, device: torch.device) -> str:
    if precision not in PRECISIONS:
        raise ValueError(f"precision: {precision!r} is unknown; choose one of {[*PRECISIONS]}")
    if precision == "auto":
        return "bf16" if supports_bf16(device) else "fp32"
    return precision


def _find_optimizer(
    optimizer: str | torch.optim.Optimizer | MakeOptimizer, model: nn.Module, lr: float | None
) -> torch.optim.Optimizer:
    if isinstance(optimizer, str):
        return make_optimizer(optimizer, model.parameters(), **({} if lr is None else {"lr": lr}))
    if lr is not None:
        raise ValueError(
            f"lr: {lr!r} goes with an optimizer named by a string; this one has its own"
        )
    if isinstance(optimizer, torch.optim.Optimizer):
        return optimizer
    return optimizer(model.parameters())


@contextmanager
def _scheduled(
    optimizer: torch.optim.Optimizer,
    rates: Sequence[float],
    schedule: Schedule | None,
    done: int,
    steps: int,
) -> Iterator[None]:
    """Set the learning rates, ``rates`` times the schedule, before each step from ``done`` on."""
    if schedule is None:
        yield
        return
    step = itertools.count(done)

    def set_rates(*_: object) -> None:
        share = schedule(next(step), steps)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = share * rate

    hook = optimizer.register_step_pre_hook(set_rates)
    try:
        yield
    finally:
        hook.remove()
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate


def _rates_checksum(schedule: Schedule, steps: int) -> int:
    return zlib.crc32(repr([schedule(step, steps) for step in range(steps)]).encode())


def _autocast(device: torch.device, precision: str) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def _device_of(model: nn.Module) -> torch.device:
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _require_count(name: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name}: {value!r} is not a count; use an integer from 1 up")
