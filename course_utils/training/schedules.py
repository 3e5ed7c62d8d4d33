"""Schedules: how the learning rate changes from step to step."""

import itertools
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

from course_utils.basics.checks import integer, real

Schedule = Callable[[int, int], float]


def one_cycle(step: int, steps: int, *, warmup: float = 0.3) -> float:
    """Share of the learning rate in a step: up from 1/25 to 1, then down to almost nothing.

    It follows half a cosine each way and peaks after the share ``warmup`` of all steps, as
    ``torch.optim.lr_scheduler.OneCycleLR`` does by default, with momentum left alone. (Smith and
    Topin: Super-convergence, 2018, section 3.)

    Parameters
    ----------
    step, steps : from 0 to steps − 1.
    warmup : above 0 and below 1.

    Raises
    ------
    ValueError
        For a value that breaks a rule above.

    Examples
    --------
    >>> [round(one_cycle(step, 10), 2) for step in range(10)]
    [0.04, 0.52, 1.0, 0.95, 0.81, 0.61, 0.39, 0.19, 0.05, 0.0]
    """
    integer("step", step, least=0, most=integer("steps", steps) - 1)
    real("warmup", warmup, above=0, below=1)
    top, last = warmup * steps - 1, steps - 1
    low, climbed = (1 / 25, step / top) if step < top else (4e-6, (last - step) / (last - top))
    return low + (1 - low) * (1 - math.cos(math.pi * climbed)) / 2


@contextmanager
def scheduled(
    optimizer: torch.optim.Optimizer,
    rates: Sequence[float],
    schedule: Schedule | None,
    done: int,
    steps: int,
) -> Iterator[None]:
    """Set the learning rates to ``rates`` times the schedule before each step, from ``done`` on."""
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


def rates_checksum(schedule: Schedule, steps: int) -> int:
    """Checksum of a schedule's values: another schedule has another one."""
    return zlib.crc32(repr([schedule(step, steps) for step in range(steps)]).encode())
