"""How often each combination of settings fails, over the same seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from course_utils.basics.checks import invalid
from course_utils.xor.atlas import Networks, Rate, rate

__all__ = ["SurveyRow", "survey"]


class SurveyRow(NamedTuple):
    """One combination of settings, and how many of its networks worked."""

    hidden: int
    activation: str
    loss: str
    init: str
    lr: float
    rate: Rate


def survey(
    seeds: Iterable[int],
    steps: int = 3000,
    *,
    hidden: Sequence[int] = (2,),
    activation: Sequence[str] = ("tanh",),
    loss: Sequence[str] = ("cross_entropy",),
    init: Sequence[str] = ("default",),
    lr: Sequence[float] = (0.1,),
) -> list[SurveyRow]:
    """Train every combination of the settings from every seed, and count the successes.

    What is not named stays as CIS6800 has it. The rows come in the order of the settings, the
    last one changing fastest.

    >>> [row.lr for row in survey(range(5), steps=1, lr=(0.1, 1.0))]
    [0.1, 1.0]

    Raises
    ------
    ValueError
        For a setting without values, and where ``Networks`` does.
    """
    settings = {
        "hidden": hidden, "activation": activation, "loss": loss, "init": init, "lr": lr
    }  # fmt: skip
    for name, values in settings.items():
        if isinstance(values, str) or not values:
            raise invalid(name, values, "use a sequence of at least one value")
    seeds = list(seeds)
    starts = list(product(init, lr))
    rows = []
    for shape in product(hidden, activation, loss):
        # What differs in its first weights and its lr alone is trained side by side.
        parts = [Networks(seeds, *shape, *start) for start in starts]
        solved = parts[0].beside(*parts[1:]).train(steps).solved().view(len(starts), len(seeds))
        for start, worked in zip(starts, solved.sum(1).tolist(), strict=True):
            rows.append(SurveyRow(*shape, *start, rate(worked, len(seeds))))
    return rows
