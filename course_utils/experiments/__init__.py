"""The experiments of the reports: defined, run, recorded and read, in this order.

An ``Experiment`` defines a training run completely. ``run`` makes it and writes its record;
``load`` reads the records that ship with the course; ``sweep`` makes many runs, on one machine or
more.
"""

from course_utils.experiments.definition import Claim, Experiment
from course_utils.experiments.planning import Run, Source, plan
from course_utils.experiments.reading import Recorded, in_common, load, recorded_or_none
from course_utils.experiments.recording import make, run
from course_utils.experiments.registry import REGISTRY, as_run, corrected, find
from course_utils.experiments.running import build, prepared, train, train_all
from course_utils.experiments.status import Status, cost, makespan, report, status_of
from course_utils.experiments.sweeps import sweep

__all__ = [
    "REGISTRY",
    "Claim",
    "Experiment",
    "Recorded",
    "Run",
    "Source",
    "Status",
    "as_run",
    "build",
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
    "report",
    "run",
    "status_of",
    "sweep",
    "train",
    "train_all",
]  # fmt: skip
