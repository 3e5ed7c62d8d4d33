"""What is an erratum?"""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.reports.rows import SOURCES, Place


@dataclass(frozen=True)
class Erratum:
    """An error of a report: what it says, what a run shows, and what is right.

    ``number`` is that of the course's list; an error of several parts has several entries of one
    number. ``shows`` and ``right`` hold numbers computed just now. ``holds`` is the condition,
    computed too, that makes the report wrong.
    """

    number: int
    task: str
    says: str
    shows: str
    right: str
    place: Place
    holds: bool

    @property
    def report(self) -> str:
        """The report's course code."""
        return SOURCES[self.task[:3]]
