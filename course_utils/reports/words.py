"""How are the numbers of recorded runs put into words?"""

from __future__ import annotations

from collections.abc import Sequence

from course_utils.evaluation import Comparison, mean_interval
from course_utils.experiments.definition import Experiment
from course_utils.reports.rows import in_full, minus


def per_cent(fraction: float, digits: int = 2) -> str:
    """A fraction of 1 in per cent.

    >>> per_cent(0.9803)
    '98.03 %'
    """
    return minus(f"{100 * fraction:.{digits}f} %")


def mean_per_cent(values: Sequence[float], digits: int = 2) -> str:
    """The mean of fractions in per cent, one a seed, and half of its 95 % interval.

    >>> mean_per_cent([0.97, 0.96, 0.98])
    '97.00 ± 2.48 % (n = 3)'
    >>> mean_per_cent([0.97])
    '97.00 % (n = 1)'
    """
    return in_full(mean_interval([100 * value for value in values]), digits, " %")


def points(found: Comparison, digits: int = 2) -> str:
    """A difference of accuracies in points, with its 95 % interval and the number of seeds.

    >>> points(Comparison(-0.0173, -0.0218, -0.0127, 10, "worse"))
    '−1.73 points, 95 % interval −2.18 to −1.27 (n = 10)'
    """
    difference, low, high = (
        minus(f"{100 * x:+.{digits}f}") for x in (found.difference, found.low, found.high)
    )
    return f"{difference} points, 95 % interval {low} to {high} (n = {found.n})"


def not_recorded(*missing: Experiment) -> str:
    """What a page says where experiments have no record, and the command that makes it.

    >>> from course_utils.experiments.registry import REGISTRY
    >>> not_recorded(REGISTRY["lenet-adam"]).split(" --")[0]
    'Not recorded yet: `python -m course_utils run lenet-adam'
    """
    names = " ".join(dict.fromkeys(experiment.name for experiment in missing))
    seeds = max(experiment.seeds for experiment in missing)
    return f"Not recorded yet: `python -m course_utils run {names} --seeds 0-{seeds - 1}`."
