"""How does the learning rate change from step to step?"""

import itertools
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

Schedule = Callable[[int, int], float]


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


@contextmanager
def scheduled(
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


def rates_checksum(schedule: Schedule, steps: int) -> int:
    """Give a number that tells schedules apart."""
    return zlib.crc32(repr([schedule(step, steps) for step in range(steps)]).encode())
