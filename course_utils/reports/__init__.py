"""The reports' numbers beside ours, their errors, and what is left of their conclusions.

All are findings, one module for each page of the book. The rows, the errata and the conclusions
are three views of them.
"""

from collections.abc import Iterable
from pathlib import Path

from course_utils.data import Dataset
from course_utils.reports import (
    cnn_arithmetic,
    cnn_baseline,
    copied,
    errors_and_questions,
    evaluation,
    loss_landscapes,
    mnist_mlp,
    optimizers_and_depth,
    pen_and_paper,
    xor,
)
from course_utils.reports.conclusions import Conclusion
from course_utils.reports.finding import OUTCOMES, SOURCES, VERDICTS, Anchor, Erratum, Finding
from course_utils.reports.runs import Runs
from course_utils.threads import threads

__all__ = [
    "OUTCOMES", "SOURCES", "VERDICTS", "Anchor", "Conclusion", "Erratum", "Finding",
    "conclusions", "errata", "findings", "rows",
]  # fmt: skip


@threads(1)
def findings(dataset: Dataset, folder: Path | None = None) -> list[Finding]:
    """Give all findings, page by page: each is computed now, in about ten seconds.

    What is about MNIST is computed from ``dataset``, all 60,000 training images of it; on the
    digits that stand in for it such a finding says that it needs MNIST. Training runs are the
    records in ``folder``; None takes those that ship with the course.

    Raises
    ------
    ValueError
        For a stale or broken record.
    """
    runs = Runs(folder)
    return [
        *pen_and_paper.findings(),
        *cnn_arithmetic.findings(),
        *loss_landscapes.findings(),
        *xor.findings(),
        *mnist_mlp.findings(dataset, runs),
        *copied.findings(),
        *cnn_baseline.findings(dataset, runs),
        *optimizers_and_depth.findings(runs),
        *evaluation.findings(dataset, runs),
        *errors_and_questions.findings(dataset, runs),
    ]


def rows(found: Iterable[Finding]) -> list[Finding]:
    """Choose the numbers and sentences beside ours, in the order of the tasks."""
    return sorted((f for f in found if f.table), key=lambda f: f.task)


def errata(found: Iterable[Finding]) -> list[Finding]:
    """Choose the errata, in the order of the course's list.

    One of which nothing can be told, without a record, is left out.
    """
    untold = ("cannot be told", "not recorded yet")
    entries = (f for f in found if f.number and f.verdict not in untold)
    return sorted(entries, key=lambda f: (f.number, f.task))


def conclusions(found: Iterable[Finding]) -> list[Conclusion]:
    """Choose the conclusions, report by report."""
    return sorted((f for f in found if isinstance(f, Conclusion)), key=lambda f: f.task[:3])
