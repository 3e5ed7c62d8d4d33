"""A report's conclusion as a contrast of two sides, and what several seeds make of it.

Each is a paired comparison over the seeds that both sides have. One in twenty intervals of 95 %
misses the truth, so among so many comparisons one or two verdicts may be luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from course_utils.basics.numerals import minus
from course_utils.evaluation import Comparison
from course_utils.experiments import as_run
from course_utils.reports.finding import Erratum, Finding, Outcome, Place
from course_utils.reports.runs import Runs, Side, side

Expected = Literal["better", "worse", "indistinguishable"]
BETTER: Expected = "better"
WORSE: Expected = "worse"
SAME: Expected = "indistinguishable"


@dataclass(frozen=True)
class Contrast:
    """A conclusion, and what it expects of ``a`` against ``b``."""

    task: str
    says: str
    expected: Expected
    a: Side
    b: Side
    place: Place

    def __post_init__(self) -> None:
        if self.a.metric.split("_")[-1] != self.b.metric.split("_")[-1]:
            raise ValueError(
                f"b: {self.b.metric} cannot be compared with {self.a.metric}; "
                "use two losses or two accuracies"
            )


@dataclass(frozen=True, kw_only=True)
class Conclusion(Finding):
    """A finding about a contrast. Its verdict is an outcome.

    Where that is "not recorded yet", ``comparison`` is None, and ``why`` says what is missing.
    """

    contrast: Contrast
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


def conclude(contrast: Contrast, runs: Runs, erratum: Erratum | None = None) -> Conclusion:
    """Judge one conclusion by the records."""
    a, b = contrast.a, contrast.b
    of_accuracies = a.metric.endswith("accuracy")
    found = runs.compare(a, b, higher_is_better=of_accuracies)
    ours = ""
    if found:
        ours = f"over our seeds {found.points() if of_accuracies else minus(str(found))}"
    return Conclusion(
        contrast.task, f"{a.label} against {b.label}", contrast.says, ours,
        outcome(contrast.expected, found.verdict) if found else "not recorded yet",
        contrast.place, "" if found else runs.lacking(*a.experiments, *b.experiments),
        erratum=erratum, table=False, contrast=contrast, comparison=found,
    )  # fmt: skip


def without_eval(tasks: str, what: str, printed: str, place: Place) -> Contrast:
    """Contrast the same runs measured in training mode, as the report did, and in eval mode."""
    runs = [as_run(task) for task in tasks.split()]
    return Contrast(
        tasks.split()[0], f"{printed} stands for the network: eval() would change nothing", SAME,
        side(f"{what}, no eval()", *runs, metric="as_run_accuracy"),
        side(f"{what}, eval mode", *runs), place,
    )  # fmt: skip
