"""How are the sheets of a class drawn, checked and written?"""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_utils.basics.files import write_atomically
from course_utils.worksheets import html, pdf
from course_utils.worksheets.draw import Draw
from course_utils.worksheets.kinds import KINDS
from course_utils.worksheets.problem import Problem, WorksheetError
from course_utils.worksheets.verify import verify

ATTEMPTS = 100  # at a sheet unlike the others
FILES = ("sheets.pdf", "key.pdf", "sheets.html", "key.html")


def problems(kind: str, *, seed: int, count: int, ties: bool = False) -> list[Problem]:
    """Draw the sheets and check every key against PyTorch.

    All are as hard as one another, and no two have an exercise with the same answers. Sheet 3 is
    the same whether 3 or 30 are asked for. With `ties` each sheet has one window in which two
    numbers are the largest; without, none has.

    >>> [sheet.number for sheet in problems("pool", seed=1, count=2)]
    [1, 2]

    Raises ValueError for an unknown kind, a negative seed, a count below 1, and ties in a kind that
    pools nothing; WorksheetError where a key does not agree with PyTorch.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: {kind!r} is unknown; choose one of {', '.join(KINDS)}")
    seed, count = _whole("seed", seed, 0), _whole("count", count, 1)
    if ties and not KINDS[kind].ties:
        raise ValueError(f"ties: a sheet of kind {kind!r} has no window in which two could tie")
    sheets: list[Problem] = []
    taken: set[Any] = set()
    for number in range(1, count + 1):
        draw = Draw(kind, seed, number)
        for _ in range(ATTEMPTS):
            sheet = Problem(kind, seed, number, KINDS[kind].exercises(draw, ties), ties)
            answers = {_answers(sheet, i) for i in range(len(sheet.exercises))}
            if not answers & taken:
                break
        else:
            raise WorksheetError(f"count: kind {kind!r} has no {number} different sheets")
        taken |= answers
        verify(sheet)
        sheets.append(sheet)
    return sheets


def write(
    kind: str, *, seed: int, count: int, out: str | os.PathLike[str], ties: bool = False
) -> list[Path]:
    """Write `count` sheets and their key into the folder `out`, and say which files those are.

    They are sheets.pdf, key.pdf, sheets.html and key.html. The bytes depend on the arguments
    and on the versions of this package, reportlab and Matplotlib's fonts, on nothing else. Other
    files in the folder are left alone. Nothing is written until everything is made.

    Raises what `problems` raises, ValueError where `out` is no folder, and WorksheetError without
    reportlab.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"out: {str(out)!r} is a file; name a folder, old or new")
    pdf.require()
    sheets = problems(kind, seed=seed, count=count, ties=ties)
    pages = (
        render(sheets, key=key) for render in (pdf.render, html.render) for key in (False, True)
    )
    _write_together({folder / name: page for name, page in zip(FILES, pages, strict=True)})
    return [folder / name for name in FILES]


def _write_together(files: Mapping[Path, bytes]) -> None:
    """Write every file in full beside its place before the first is moved there."""
    if not files:
        return
    (path, content), *others = files.items()

    def fill(part: Path) -> None:
        part.write_bytes(content)
        _write_together(dict(others))

    write_atomically(path, fill)


def _answers(sheet: Problem, i: int) -> Any:
    found = (tuple(answer.values.ravel()) for answer in sheet.exercises[i].answers)
    return i, tuple(found)


def _whole(name: str, value: Any, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise ValueError(f"{name}: {value!r} does not do; it must be an integer from {least} up")
    return number
