"""What is wrong in the reports? Each error: what it says, the run that shows it, what is right."""

from __future__ import annotations

from pathlib import Path

from course_utils.reports import errata_computed, errata_concluded, errata_measured
from course_utils.reports.erratum import Erratum
from course_utils.reports.runs import Runs

__all__ = ["Erratum", "errata"]


def errata(folder: Path | None = None) -> list[Erratum]:
    """Give the errata by their numbers, each computed or run now, in about a second.

    What took long is quoted from the records in ``folder``; None takes those of the course.
    Raises ValueError for a stale or broken record.

    >>> sorted({erratum.number for erratum in errata()}) == list(range(1, 22))
    True
    """
    runs = Runs(folder)
    found = [
        *errata_computed.errata(), *errata_measured.errata(runs), *errata_concluded.errata(runs),
    ]  # fmt: skip
    return sorted(found, key=lambda erratum: erratum.number)
