"""A class's marks: a row a student, a column an exercise, and how many made which mistake."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.basics.checks import invalid
from course_utils.marking.pages import Page

__all__ = ["ABSENT", "STATUSES", "Class", "Student", "read_points", "tally"]

ABSENT = "not handed in"
# From best to worst; of several notebooks of a page the best counts, but what is forged stays so.
STATUSES = ("right", "wrong", "stopped", "forged", "not attempted", ABSENT)
_RANK = {name: rank for rank, name in enumerate(("forged", *STATUSES[:3], *STATUSES[4:]))}


@dataclass
class Student:
    """A student's answers by exercise, and files, each with its page and what went wrong."""

    name: str
    answers: dict[str, dict[str, Any]]
    files: list[dict[str, Any]] = field(default_factory=list)

    def count(self, names: Iterable[str], status: str = "right") -> int:
        return sum(self.answers[name]["status"] == status for name in names)


@dataclass
class Class:
    """The pages that were set, the students, the points; ``warning`` is "" within a sandbox."""

    pages: Mapping[str, Page]
    students: list[Student]
    points: Mapping[str, float]
    warning: str = ""

    @property
    def exercises(self) -> list[str]:
        return [name for page in self.pages.values() for name in page.titles]

    def counts(self, exercise: str) -> Counter[str]:
        """How many answers to an exercise have which status."""
        return Counter(student.answers[exercise]["status"] for student in self.students)

    def mistakes(self, exercise: str) -> list[tuple[str, list[str]]]:
        """Give each named mistake with the students who made it, the most frequent first."""
        return self._grouped(exercise, "wrong", lambda answer: answer["mistake"])

    def others(self, exercise: str) -> list[tuple[str, list[str]]]:
        """Likewise what is said of wrong answers that are no known mistake, and of the stopped."""
        wrong = self._grouped(exercise, "wrong", lambda a: "" if a["mistake"] else a["text"])
        return wrong + self._grouped(exercise, "stopped", lambda a: a["text"])

    def total(self, student: Student) -> float:
        return sum(
            value for name, value in self.points.items()
            if student.answers[name]["status"] == "right"
        )  # fmt: skip

    def _grouped(self, exercise: str, status: str, said: Any) -> list[tuple[str, list[str]]]:
        groups: dict[str, list[str]] = {}
        for student in self.students:
            answer = student.answers[exercise]
            if answer["status"] == status and said(answer):
                groups.setdefault(said(answer), []).append(student.name)
        return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))

    def as_csv(self) -> str:
        """The table of marks: points where there are any, else the status in words."""
        out = io.StringIO()
        table = csv.writer(out, lineterminator="\n")
        total = ["total"] if self.points else []
        table.writerow(["student", *self.exercises, *total, "trouble"])
        for student in self.students:
            row: list[Any] = [_plain(student.name)]
            for name in self.exercises:
                status = student.answers[name]["status"]
                row.append(self._worth(name, status) if self.points else status)
            row += [f"{self.total(student):g}"] if self.points else []
            trouble = [
                f"{file['name']}: {text}" for file in student.files for text in file["trouble"]
            ]
            table.writerow([*row, _plain("; ".join(trouble))])
        return out.getvalue()

    def _worth(self, name: str, status: str) -> str:
        return f"{self.points.get(name, 0) if status == 'right' else 0:g}"

    def as_json(self) -> dict[str, Any]:
        """Everything, to be read by other programs."""
        return {
            "pages": {name: page.titles for name, page in self.pages.items()},
            "points": dict(self.points),
            "warning": self.warning,
            "exercises": {
                name: {"counts": dict(self.counts(name)), "mistakes": dict(self.mistakes(name))}
                for name in self.exercises
            },
            "students": [
                {"student": s.name, "answers": s.answers, "files": s.files}
                | ({"total": self.total(s)} if self.points else {})
                for s in self.students
            ],
        }


def tally(
    pages: Mapping[str, Page],
    results: Iterable[tuple[str, str, dict[str, Any]]],
    points: Mapping[str, float],
    warning: str = "",
) -> Class:
    """Gather results, given with the student's name and the file's."""
    absent = {"status": ABSENT, "mistake": None, "text": "", "source": ""}
    names = [name for page in pages.values() for name in page.titles]
    students: dict[str, Student] = {}
    for who, file, result in results:
        student = students.setdefault(who, Student(who, {name: dict(absent) for name in names}))
        student.files.append(
            {"name": file, "page": result["page"], "trouble": list(result["trouble"])}
        )
        for name, answer in result["exercises"].items():
            if _RANK[answer["status"]] < _RANK[student.answers[name]["status"]]:
                student.answers[name] = answer
    return Class(pages, list(students.values()), points, warning)


def read_points(path: Path, exercises: Iterable[str]) -> dict[str, float]:
    """Read points from a table with the columns ``exercise`` and ``points``.

    An exercise that it doesn't name is worth nothing.

    Raises
    ------
    ValueError
        For a table without these columns, an exercise that wasn't set, and points below 0.
    """
    known = list(exercises)
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        if not {"exercise", "points"} <= set(table.fieldnames or []):
            raise invalid("points", str(path), "use a table with the columns exercise,points")
        found = {}
        for row in table:
            name = (row["exercise"] or "").strip()
            if name not in known:
                raise invalid("points", name, f"use some of {', '.join(known)}")
            try:
                value = float(row["points"])
            except (TypeError, ValueError):
                value = math.nan
            if not 0 <= value < math.inf:
                raise invalid("points", row["points"], f"use a number of at least 0 for {name}")
            found[name] = value
    return found


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
