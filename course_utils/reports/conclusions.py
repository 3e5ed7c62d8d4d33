"""What several seeds make of a report's conclusion: two sides, compared in pairs.

One in twenty intervals of 95 % misses the truth, so among so many comparisons one or two outcomes
may be luck.
"""

from dataclasses import dataclass
from typing import Literal

from course_utils.basics.numerals import minus
from course_utils.evaluation import Comparison
from course_utils.experiments import as_run
from course_utils.reports.finding import Anchor, Erratum, Finding, Outcome
from course_utils.reports.runs import Runs, Side

Expected = Literal["better", "worse", "indistinguishable"]
BETTER: Expected = "better"
WORSE: Expected = "worse"
SAME: Expected = "indistinguishable"


@dataclass(frozen=True, kw_only=True)
class Conclusion(Finding):
    """What a report concludes of ``a`` against ``b``. Its verdict is an outcome.

    Where that is "not recorded yet", ``comparison`` is None, and ``why`` says what is missing.
    """

    a: Side
    b: Side
    comparison: Comparison | None


def outcome(expected: Expected, verdict: Expected) -> Outcome:
    """What becomes of a conclusion, by the verdict on a against b.

    A difference holds, is noise, or is the other way round. That there is none holds, or there is
    one: that is called backwards, too.

    >>> outcome("better", "better"), outcome("better", "worse"), outcome("worse", "better")
    ('holds', 'backwards', 'backwards')
    >>> outcome("better", "indistinguishable"), outcome("indistinguishable", "worse")
    ('noise', 'backwards')
    """
    if expected == verdict:
        return "holds"
    return "noise" if verdict == "indistinguishable" else "backwards"


def conclude(
    runs: Runs, task: str, says: str, expected: Expected, a: Side, b: Side, place: Anchor,
    erratum: Erratum | None = None, cites: str = "",
) -> Conclusion:  # fmt: skip
    """Judge by the records what a report says of ``a`` against ``b``.

    Raises
    ------
    ValueError
        For a loss that is compared with an accuracy.
    """
    if a.metric.split("_")[-1] != b.metric.split("_")[-1]:
        rule = "use two losses or two accuracies"
        raise ValueError(f"b: {b.metric} cannot be compared with {a.metric}; {rule}")
    of_accuracies = a.metric.endswith("accuracy")
    found = runs.compare(a, b, higher_is_better=of_accuracies)
    told = found and (f"{found.points()}: {found.verdict}" if of_accuracies else minus(f"{found}"))
    return Conclusion(
        task, f"{a.label} against {b.label}", says, f"over our seeds {told}" if told else "",
        outcome(expected, found.verdict) if found else "not recorded yet", place,
        "" if found else runs.lacking(*a.experiments, *b.experiments), erratum=erratum, table=False,
        cites=cites, a=a, b=b, comparison=found)  # fmt: skip


def without_eval(runs: Runs, tasks: str, what: str, printed: str, place: Anchor) -> Conclusion:
    """Compare the same runs measured in training mode, as the report did, and in eval mode."""
    chosen = [as_run(task) for task in tasks.split()]
    return conclude(
        runs, tasks.split()[0], f"{printed} stands for the network: eval() would change nothing",
        SAME, Side(f"{what}, no eval()", *chosen, metric="as_run_accuracy"),
        Side(f"{what}, eval mode", *chosen), place)  # fmt: skip
