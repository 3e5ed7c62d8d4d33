"""The check that PyTorch finds what the key says."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from course_utils.exact import printed
from course_utils.worksheets.sheet import Answer, Sheet, WorksheetError


def verify(sheet: Sheet) -> None:
    """Compute every answer again from what the sheet gives, and compare.

    A fraction that float64 can hold must be met exactly, another one to 12 digits. Every number of
    an answer must have its one line, which ends in that number.

    Raises
    ------
    WorksheetError
        For whatever does not agree; it names sheet, answer and place.
    """
    for problem in sheet.problems:
        where = f"{sheet.origin}, {problem.title!r}"
        found = problem.reference({g.label: g.values for g in problem.given})
        labels = [answer.label for answer in problem.answers]
        if sorted(labels) != sorted(found):
            raise WorksheetError(f"{where}: asked {labels}, PyTorch computed {[*found]}")
        for answer in problem.answers:
            _compare(f"{where}, {answer.label}", answer.values, found[answer.label])
            _compare_lines(f"{where}, {answer.label}", answer)


def _compare(where: str, values: Any, found: Any) -> None:
    if values.shape != found.shape:
        raise WorksheetError(f"{where}: shape {values.shape}, PyTorch has {found.shape}")
    for index in np.ndindex(values.shape):
        ours, theirs = values[index], float(found[index])
        if not _agree(ours, theirs):
            place = [i + 1 for i in index] or ""
            raise WorksheetError(f"{where}{place}: the key says {ours}, PyTorch {theirs}")


def _compare_lines(where: str, answer: Answer) -> None:
    ends = {line.index: line.text.rsplit(" = ", 1)[-1] for line in answer.lines}
    wanted = {index: printed(value) for index, value in np.ndenumerate(answer.values)}
    if ends != wanted or len(ends) != len(answer.lines):
        raise WorksheetError(f"{where}: the lines end in {ends}, the key says {wanted}")


def _agree(ours: Fraction, theirs: float) -> bool:
    if Fraction(float(ours)) == ours:
        return theirs == ours
    return abs(theirs - float(ours)) <= 1e-12 * abs(float(ours))
