"""Test costs that rise while a network goes on training: tasks 001g and 001j to 001l."""

from dataclasses import replace

import numpy as np

from course_utils.basics.numerals import minus
from course_utils.evaluation import mean_interval
from course_utils.experiments import as_run
from course_utils.reports.finding import Anchor, Finding
from course_utils.reports.rules import stated, untold
from course_utils.reports.runs import Runs, Side

RISES = Anchor("06b_optimizers_and_depth", "A loss that rises while the accuracy stays")
FROM = 10  # the epoch by which 001g's accuracy has come to about 99 %
SLOWLY = "the cost for the test set slowly increases"


def rising_cost(runs: Runs) -> Finding:
    """001g: the test loss while the accuracy stays."""
    adam, quantity = as_run("001g"), f"test loss, last epoch against epoch {FROM}"
    theirs, recorded, lacking = "slowly increases", runs[adam], runs.lacking(adam)
    if recorded is None or lacking:
        return untold("001g", quantity, "", RISES, theirs=theirs, why=lacking, cites=SLOWLY)
    curves = recorded.curves("test_loss")
    rise = mean_interval(curves[:, -1] - curves[:, FROM - 1])
    lowest = int(np.argmin(curves.mean(axis=0))) + 1
    found = stated(
        "001g", quantity, theirs,
        minus(f"{rise.mean:+.4f} ± {rise.half_width:.4f} (n = {rise.n})"), RISES,
        holds=rise.low > 0, otherwise="not reproduced",
        why="The 95 % interval of the rise reaches below 0.", cites=SLOWLY)  # fmt: skip
    return replace(found, why=f"{found.why} Our mean is lowest after epoch {lowest}.".strip())


def stable(runs: Runs) -> Finding:
    """001g: the test accuracy meanwhile."""
    adam, quantity = as_run("001g"), f"test accuracy, last epoch against epoch {FROM}"
    theirs, cites = "relatively stable", "the accuracy remained relatively stable"
    found = runs.compare(Side("", adam), Side("", adam, epoch=FROM))
    if found is None:
        why = runs.lacking(adam)
        return untold("001g", quantity, "", RISES, theirs=theirs, why=why, cites=cites)
    return stated(
        "001g", quantity, theirs, found.points(), RISES, holds=abs(found.difference) < 0.005,
        otherwise="not reproduced", why="It moves by half a point or more.",
        cites=cites)  # fmt: skip


def later_cost(
    runs: Runs, task: str, place: Anchor, theirs: str, cites: str, limit: str = ""
) -> Finding:
    """001j to 001l: the test loss over the last half of the epochs, by a line through each seed's.

    A line, so that no single epoch decides where it goes. ``limit`` says what of the report's
    sentence this doesn't test.
    """
    experiment = as_run(task)
    half = experiment.epochs // 2
    quantity = f"test loss, a line through it from epoch {half + 1} to the last"
    recorded, lacking = runs[experiment], runs.lacking(experiment)
    if recorded is None or lacking:
        return untold(task, quantity, "", place, theirs=theirs, why=lacking, cites=cites)
    curves = recorded.curves("test_loss")
    epochs = np.arange(half, experiment.epochs)
    rise = mean_interval(np.polyfit(epochs, curves[:, half:].T, 1)[0] * (len(epochs) - 1))
    found = stated(
        task, quantity, theirs,
        minus(f"{rise.mean:+.4f} ± {rise.half_width:.4f} (n = {rise.n})"), place,
        holds=rise.low > 0, otherwise="not reproduced" if rise.high < 0 else "cannot be told",
        why="It falls." if rise.high < 0 else "The interval contains 0.", cites=cites)  # fmt: skip
    mean = curves.mean(axis=0)
    why = f"Our mean is lowest after epoch {mean.argmin() + 1}, {mean.min():.4f}, and ends at "
    return replace(found, why=f"{found.why} {why}{mean[-1]:.4f}. {limit}".strip())
