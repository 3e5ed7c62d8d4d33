"""What several seeds make of a report's conclusion, or of a question of ours: two sides, compared.

The outcomes have a margin, ``evaluation.MARGIN``, that was set before looking: two accuracies are
the same where the interval of their difference lies within it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from course_utils.basics.numerals import minus
from course_utils.evaluation import MARGIN, Comparison, holm
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
    ``each`` are the differences of a paired comparison, seed by seed.
    ``asked`` marks what no report says: a question of ours to its runs.
    """

    a: Side
    b: Side
    comparison: Comparison | None
    each: tuple[float, ...]
    expected: Expected
    asked: bool = False

    @property
    def p(self) -> float:
        """The p of the test that its outcome rests on: of a difference, or of there being none.

        1 where there is no comparison.
        """
        if self.comparison is None:
            return 1.0
        same = self.expected == SAME and self.verdict == "holds"
        return self.comparison.p_within(MARGIN) if same else self.comparison.p


def outcome(expected: Expected, found: Comparison) -> Outcome:
    """What becomes of a conclusion, by a comparison of a with b.

    A difference holds, is not told apart from none, or is the other way round. That there is none
    holds where the interval lies within the margin. Where it lies on one side of 0 instead, that is
    called backwards, too.

    >>> from course_utils.evaluation import compare
    >>> found = compare([0.97, 0.96, 0.98], [0.95, 0.95, 0.96])
    >>> [outcome(expected, found) for expected in (BETTER, WORSE, SAME)]
    ['holds', 'backwards', 'backwards']
    """
    if expected == SAME and found.within(MARGIN):
        return "holds"
    if found.verdict == "indistinguishable":
        return "not told apart"
    return "holds" if expected == found.verdict else "backwards"


def after_holm(concluded: Sequence[Conclusion]) -> list[Outcome]:
    """The outcomes that are left when the tests are taken together, by Holm's method.

    Among many tests at 95 %, some find what isn't there. Together, all of these are free of such
    luck in 95 of 100 cases. What no longer stands is not told apart.
    """
    adjusted = holm([c.p for c in concluded])
    return [
        "not told apart" if p >= 0.05 and c.comparison else c.verdict  # type: ignore[misc]
        for c, p in zip(concluded, adjusted, strict=True)
    ]


def conclude(
    runs: Runs, task: str, says: str, expected: Expected, a: Side, b: Side, place: Anchor,
    erratum: Erratum | None = None, cites: str = "", *, asked: bool = False,
) -> Conclusion:  # fmt: skip
    """Judge by the records what a report says of ``a`` against ``b``.

    Raises
    ------
    ValueError
        For a loss that is compared with an accuracy, and for losses said to be the same: the margin
        is one of accuracies.
    """
    if a.metric.split("_")[-1] != b.metric.split("_")[-1]:
        rule = "use two losses or two accuracies"
        raise ValueError(f"b: {b.metric} cannot be compared with {a.metric}; {rule}")
    of_accuracies = a.metric.endswith("accuracy")
    if expected == SAME and not of_accuracies:
        raise ValueError(f"expected: {expected!r} is invalid for {a.metric}; use accuracies")
    found = runs.compare(a, b, higher_is_better=of_accuracies)
    told = found and (f"{found.points()}: {found.verdict}" if of_accuracies else minus(f"{found}"))
    return Conclusion(
        task, f"{a.label} against {b.label}", says, f"over our seeds {told}" if told else "",
        outcome(expected, found) if found else "not recorded yet", place,
        "" if found else runs.lacking(*a.experiments, *b.experiments), erratum=erratum, table=False,
        a=a, b=b, comparison=found, each=runs.pairs(a, b), expected=expected, asked=asked,
        cites=cites)  # fmt: skip


def without_eval(runs: Runs, tasks: str, what: str, printed: str, place: Anchor) -> Conclusion:
    """Compare the same runs measured in training mode, as the report did, and in eval mode."""
    chosen = [as_run(task) for task in tasks.split()]
    return conclude(
        runs, tasks.split()[0], f"{printed} stands for the network: eval() would change nothing",
        SAME, Side(f"{what}, no eval()", *chosen, metric="as_run_accuracy"),
        Side("the same in eval mode", *chosen), place, asked=True)  # fmt: skip
