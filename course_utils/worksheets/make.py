"""The sheets of a class, drawn, checked and written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_utils.basics.checks import choice, integer
from course_utils.basics.files import write_atomically
from course_utils.threads import threads
from course_utils.worksheets import html, pdf
from course_utils.worksheets.draw import Draw
from course_utils.worksheets.kinds import KINDS
from course_utils.worksheets.sheet import PAPERS, Sheet, WorksheetError
from course_utils.worksheets.verify import verify

ATTEMPTS = 100  # at a sheet unlike the others
FILES = ("sheets.pdf", "key.pdf", "sheets.html", "key.html")


def sheets(kind: str, *, seed: int, count: int, ties: bool = False) -> list[Sheet]:
    """Draw the sheets and check every key against PyTorch.

    All are as hard as one another, and no two have a problem with the same answers. Sheet 3 is
    the same whether 3 or 30 are asked for. With ``ties`` each sheet has one window in which two
    numbers are the largest; without, none has.

    >>> [sheet.number for sheet in sheets("pool", seed=1, count=2)]
    [1, 2]

    Raises
    ------
    ValueError
        For an unknown kind, a negative seed, a count below 1, and ties in a kind that pools
        nothing.
    WorksheetError
        Where a key does not agree with PyTorch.
    """
    choice("kind", kind, KINDS)
    seed, count = integer("seed", seed, least=0), integer("count", count)
    if ties and not KINDS[kind].ties:
        raise ValueError(
            f"ties: a sheet of kind {kind!r} has no window in which two could tie; leave them out"
        )
    with threads(1):
        return _drawn(kind, seed, count, ties)


def _drawn(kind: str, seed: int, count: int, ties: bool) -> list[Sheet]:
    made: list[Sheet] = []
    taken: set[Any] = set()
    for number in range(1, count + 1):
        draw = Draw(kind, seed, number)
        for _ in range(ATTEMPTS):
            sheet = Sheet(kind, seed, number, KINDS[kind].problems(draw, ties), ties)
            answers = {_answers(sheet, i) for i in range(len(sheet.problems))}
            if not answers & taken:
                break
        else:
            raise WorksheetError(
                f"count: kind {kind!r} has fewer than {number} different sheets; use fewer"
            )
        taken |= answers
        verify(sheet)
        made.append(sheet)
    return made


def write(
    kind: str,
    *,
    seed: int,
    count: int,
    out: str | os.PathLike[str],
    ties: bool = False,
    paper: str = "a4",
) -> list[Path]:
    """Write ``count`` sheets and their key into the folder ``out``, and say which files those are.

    They are sheets.pdf, key.pdf, sheets.html and key.html, to be printed on ``paper``: "a4", or
    "letter". The bytes depend on the arguments
    and on the versions of this package, reportlab and Matplotlib's fonts, on nothing else. Other
    files in the folder are left alone. Nothing is written until everything is made.

    Raises
    ------
    ValueError
        As ``sheets`` does, and where ``out`` is not a folder, for an unknown paper as well.
    WorksheetError
        As ``sheets`` does, and without reportlab.
    """
    choice("paper", paper, PAPERS)
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"out: {str(out)!r} is a file; use a folder, old or new")
    pdf.require()
    made = sheets(kind, seed=seed, count=count, ties=ties)
    pages = (
        render(made, key=key, paper=paper)
        for render in (pdf.render, html.render)
        for key in (False, True)
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


def _answers(sheet: Sheet, i: int) -> Any:
    found = (tuple(answer.values.ravel()) for answer in sheet.problems[i].answers)
    return i, tuple(found)
