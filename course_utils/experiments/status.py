"""Status: which records are wanted, made, missing or stale, and what the whole sweep costs."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

from course_utils.experiments import records
from course_utils.experiments.definition import Experiment
from course_utils.experiments.registry import ALL, REGISTRY
from course_utils.experiments.tuning import TUNINGS

MAKE_THE_REST = "python -m course_utils run all --seeds wanted"


@dataclass(frozen=True)
class Status:
    """Which seeds of an experiment are recorded, at full length and under its definition."""

    experiment: Experiment
    recorded: list[int]
    stale: list[int]

    @property
    def missing(self) -> list[int]:
        """The seeds that are wanted and have no record at all."""
        return sorted({*range(self.experiment.seeds)} - {*self.recorded, *self.stale})

    @property
    def complete(self) -> bool:
        """Whether no seed is missing or stale."""
        return not self.missing and not self.stale


def status_of(experiment: Experiment, folder: Path | None = None) -> Status:
    """Look up what is recorded of an experiment in a folder; None takes the records that ship.

    Raises
    ------
    ValueError
        If a record can't be read; it names the file.

    Examples
    --------
    >>> status_of(REGISTRY["mlp-500-adam"]).complete
    True
    """
    runs = records.read_all((folder or records.SHIPPED) / experiment.name)
    whole = [run["seed"] for run in runs if _is_whole(run, experiment)]
    return Status(experiment, whole, [r["seed"] for r in runs if r["seed"] not in whole])


def report(folder: Path | None = None) -> str:
    """One line per experiment and per search for a rate; then the command that makes the rest."""
    row = "{:40} {:>8}  {:12} {}"
    found = {name: status_of(experiment, folder) for name, experiment in ALL.items()}
    lines = [row.format("experiment", "recorded", "missing", "stale")]
    lines += [
        row.format(
            name,
            f"{len(found[name].recorded)}/{experiment.seeds}",
            ranges(found[name].missing) or "-",
            ranges(found[name].stale) or "-",
        )
        for name, experiment in REGISTRY.items()
    ]
    lines += ["", row.format("learning rates of", "recorded", "missing", "stale")]
    for name, tuning in TUNINGS.items():
        runs = [found[candidate.name] for candidate in tuning.candidates]
        recorded, missing, stale = (
            sum(map(len, counts))
            for counts in zip(*((r.recorded, r.missing, r.stale) for r in runs), strict=True)
        )
        wanted = tuning.seeds * len(tuning.rates)
        lines.append(row.format(name, f"{recorded}/{wanted}", missing or "-", stale or "-"))
    complete = sum(one.complete for one in found.values())
    last = f"{complete} of {len(found)} experiments are complete"
    if complete < len(found):
        out = "" if folder is None else f" --out {folder}"
        last += f"; the rest: {MAKE_THE_REST}{out}"
    return "\n".join([*lines, last])


def ranges(seeds: Iterable[int]) -> str:
    """Write seeds as the command line takes them.

    >>> ranges([0, 1, 2, 7])
    '0-2,7'
    """
    parts = []
    for _, group in groupby(enumerate(sorted(seeds)), key=lambda pair: pair[1] - pair[0]):
        run = [seed for _, seed in group]
        parts.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}")
    return ",".join(parts)


def seconds_a_run(experiment: Experiment) -> float:
    """Mean training time of its shipped records, in seconds; infinity where there are none."""
    runs = records.read_all(records.SHIPPED / experiment.name)
    return fmean(_seconds(run) for run in runs) if runs else float("inf")


def makespan(seconds: Iterable[float], workers: int) -> float:
    """When the last run ends, if the longest start first, each on the first worker to be free.

    That is at most a third longer than in the best order (R. L. Graham, Bounds on multiprocessing
    timing anomalies, SIAM Journal on Applied Mathematics 17, 1969).

    >>> makespan([3, 3, 2, 2, 2], workers=2)
    7.0
    """
    free = [0.0] * workers
    for length in sorted(seconds, reverse=True):
        heapq.heapreplace(free, free[0] + length)
    return max(free)


def cost(folder: Path | None = None, workers: Iterable[int] = (1, 16, 256)) -> str:
    """How long all the wanted runs take on so many workers, by the seconds in the records."""
    seconds: list[float] = []
    unknown, conditions = 0, set()
    longest = (0.0, "")
    for experiment in ALL.values():
        runs = records.read_all((folder or records.SHIPPED) / experiment.name)
        runs = [run for run in runs if _is_whole(run, experiment)]
        if not runs:
            unknown += 1
            continue
        mean = fmean(_seconds(run) for run in runs)
        longest = max(longest, (mean, experiment.name))
        seconds += [mean] * experiment.seeds
        conditions |= {
            (run["environment"]["device"], run["environment"]["threads"]) for run in runs
        }
    if not seconds:
        return f"Nothing is recorded yet; use {MAKE_THE_REST}"
    on = ", ".join(f"{device} with {n} thread{'s' * (n > 1)}" for device, n in sorted(conditions))
    lines = [f"{'workers':>7} {'hours':>9}"]
    lines += [f"{n:7} {makespan(seconds, n) / 3600:9.2f}" for n in workers]
    lines.append(
        f"{len(seconds)} runs, the longest first. Training steps alone, as recorded on {on}."
    )
    lines.append(f"The longest run is {longest[1]}: {longest[0] / 3600:.2f} hours.")
    if unknown:
        missing = f"{unknown} experiment{'s' * (unknown > 1)}"
        lines.append(f"Not counted, since nothing is recorded: {missing}.")
    return "\n".join(lines)


def _is_whole(run: dict[str, Any], experiment: Experiment) -> bool:
    epochs = len(run["history"]["test_accuracy"])
    return (run["hash"], run["data"]["source"], epochs) == (
        experiment.hash,
        experiment.dataset,
        experiment.epochs,
    )


def _seconds(run: dict[str, Any]) -> float:
    return sum(run["history"]["seconds"])
