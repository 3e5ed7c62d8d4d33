"""The experiments of the reports: defined, run, recorded and read, in this order.

An ``Experiment`` defines a training run completely. ``run`` makes it and writes its record;
``load`` reads the records that ship with the course; ``sweep`` makes many runs, on one machine or
more.

PyTorch takes seconds to import, and much of the command line does without it: what needs it is
imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from course_utils.experiments.definition import Claim, Experiment
from course_utils.experiments.registry import ALL, REGISTRY, as_run, corrected, find
from course_utils.experiments.status import Status, cost, makespan, report, status_of
from course_utils.experiments.tuning import TUNINGS, RateSweep, Tuning, at_rate

if TYPE_CHECKING:
    from course_utils.experiments.planning import Run, Source, plan
    from course_utils.experiments.reading import (
        Recorded,
        compared,
        in_common,
        load,
        recorded_or_none,
        recorded_rates,
    )
    from course_utils.experiments.recording import make, run
    from course_utils.experiments.running import beginning, build, prepared, train, train_all, tune
    from course_utils.experiments.sweeps import sweep

__all__ = [
    "ALL",
    "REGISTRY",
    "TUNINGS",
    "Claim",
    "Experiment",
    "RateSweep",
    "Recorded",
    "Run",
    "Source",
    "Status",
    "Tuning",
    "as_run",
    "at_rate",
    "beginning",
    "build",
    "compared",
    "corrected",
    "cost",
    "find",
    "in_common",
    "load",
    "make",
    "makespan",
    "plan",
    "prepared",
    "recorded_or_none",
    "recorded_rates",
    "report",
    "run",
    "status_of",
    "sweep",
    "train",
    "train_all",
    "tune",
]  # fmt: skip


_LATER = ("planning", "reading", "recording", "running", "sweeps")


def __getattr__(name: str) -> Any:
    for module in _LATER if name in __all__ else ():
        found = import_module(f"{__name__}.{module}")
        if hasattr(found, name):
            return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
