"""Which of the reports' conclusions survive several seeds, which are noise, which are backwards?

Each is a paired comparison over the seeds that both sides have. One in twenty intervals of 95 %
misses the truth, so among so many comparisons one or two verdicts may be luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course_utils.evaluation import Comparison
from course_utils.reports.questions import QUESTIONS, Expected, Question
from course_utils.reports.rows import SOURCES, Place
from course_utils.reports.runs import Runs
from course_utils.reports.words import not_recorded

Outcome = Literal["holds", "noise", "backwards", "not recorded yet"]

OUTCOMES: tuple[Outcome, ...] = ("holds", "noise", "backwards", "not recorded yet")


@dataclass(frozen=True)
class Conclusion:
    """What a report concludes, and what the recorded runs say of it.

    ``a`` and ``b`` are the two sides in words, ``experiments`` the names behind them, ``metric``
    what of ``a`` is compared. ``comparison`` is that of a with b. Where the outcome is "not
    recorded yet" it is None, and ``why`` says what is missing.
    """

    task: str
    says: str
    a: str
    b: str
    experiments: tuple[str, ...]
    metric: str
    comparison: Comparison | None
    outcome: Outcome
    place: Place
    why: str = ""

    @property
    def report(self) -> str:
        """The report's course code."""
        return SOURCES[self.task[:3]]


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


def conclude(question: Question, runs: Runs) -> Conclusion:
    """Answer one question from the records."""
    a, b = question.a, question.b
    found = runs.compare(a, b, higher_is_better=a.metric.endswith("accuracy"))
    missing = runs.missing(a, b)
    told = not_recorded(*missing) if missing else "Fewer than two seeds in common so far."
    return Conclusion(
        question.task, question.says, a.label, b.label,
        tuple(dict.fromkeys(a.names + b.names)), a.metric, found,
        outcome(question.expected, found.verdict) if found else "not recorded yet",
        question.place, "" if found else told,
    )  # fmt: skip


def conclusions(folder: Path | None = None) -> list[Conclusion]:
    """Hold the reports' conclusions against the records, report by report.

    ``folder`` is where the records lie; None takes those that ship with the course. Raises
    ValueError for a stale or broken record.

    >>> [c.outcome for c in conclusions() if c.says == "Adam is the best of the four optimizers"]
    ['noise']
    """
    runs = Runs(folder)
    return [conclude(question, runs) for question in QUESTIONS]
