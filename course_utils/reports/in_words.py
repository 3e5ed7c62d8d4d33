"""What do the reports say of trained networks in words, and what do they leave out?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from course_utils.evaluation import mean_interval
from course_utils.experiments.registry import find
from course_utils.reports.places import COST_RISES, TIME_OF_DEPTH, place
from course_utils.reports.rows import Row, minus, stated, untold
from course_utils.reports.runs import Runs, Side
from course_utils.reports.words import mean_per_cent, not_recorded, per_cent, points

FROM = 10  # the epoch by which 001g's accuracy has come to about 99 %


def rows(runs: Runs) -> Iterator[Row]:
    """Give the rows of 1RT720's sentences, and of the run that DS5220 left out."""
    yield _rising_cost(runs)
    yield _time_of_depth()
    yield _slightly_better()
    yield from _rerun(runs)


def _rising_cost(runs: Runs) -> Row:
    quantity = f"test loss, last epoch against epoch {FROM}"
    adam = find("001g")[0]
    recorded = runs[adam.name]
    if recorded is None or len(recorded.runs) < 2:
        why = "Fewer than two seeds so far." if recorded else not_recorded(adam)
        return untold("001g", quantity, "", COST_RISES, theirs="rises", why=why)
    curves = recorded.curves("test_loss")
    rise = mean_interval(curves[:, -1] - curves[:, FROM - 1])
    ours = f"{rise.mean:+.4f} ± {rise.half_width:.4f} (n = {rise.n})"
    lowest = int(np.argmin(curves.mean(axis=0))) + 1
    row = stated(
        "001g", quantity, "rises", minus(ours), COST_RISES, holds=rise.low > 0,
        otherwise="not reproduced", why="The 95 % interval of the rise reaches below 0.",
    )  # fmt: skip
    return replace(row, why=f"{row.why} Our mean is lowest after epoch {lowest}.".strip())


def _time_of_depth() -> Row:
    deep, plain = find("001h")[0], find("001c")[0]
    of_deep, of_plain = (e.claimed("seconds", "total") for e in (deep, plain))
    ratio = of_deep / deep.epochs / (of_plain / plain.epochs)
    return stated(
        "001h", "time of an epoch, against 001c", "hardly more", f"{ratio:.1f} times",
        TIME_OF_DEPTH, holds=ratio < 1.1,
        why=f"Its {of_deep:g} s are of {deep.epochs} epochs, "
        f"the {of_plain:g} s of 001c are of {plain.epochs}.",
    )  # fmt: skip


def _slightly_better() -> Row:
    k, g = (find(task)[0].claimed("test_accuracy") for task in ("001k", "001g"))
    return stated(
        "001k", "test accuracy, against 001g", "slightly better",
        f"{per_cent(k)} against {per_cent(g)}", place("001k"), holds=k > g,
        why=f"By the report's own numbers it is worse, by {100 * (g - k):.2f} points.",
    )  # fmt: skip


def _rerun(runs: Runs) -> Iterator[Row]:
    """003l: normalised input, at the report's rate and at a fifth of it."""
    plain = {e.optimizer_args["lr"]: e for e in find("003h")}
    for experiment in find("003l"):
        rate = experiment.optimizer_args["lr"]
        sides = Side((experiment.name,)), Side((plain[rate].name,))
        found = runs.compare(*sides)
        ours = list(runs.by_seed(sides[0]).values())
        missing = runs.missing(*sides)
        told = "Fewer than two seeds in common." if not missing else not_recorded(*missing)
        if found:
            told = f"Against plain pixels {points(found)}: {found.verdict}."
        yield untold(
            "003l", f"test accuracy, normalised input, rate {rate:g}",
            mean_per_cent(ours) if ours else "", place("003l"),
            why=f"The report leaves it out. {told}",
        )  # fmt: skip
