"""Worksheets: thirty different ones for thirty students, all equally hard, and the key.

``write`` makes them: student sheets, and one key with every step, as PDF and as a web page. The
same seed gives the same bytes. Every key is checked against PyTorch before anything is written.

>>> from course_utils import worksheets
>>> (sheet,) = worksheets.sheets("conv", seed=7, count=1)
>>> sheet.origin
'conv · seed 7 · sheet 1'
>>> [answer.label for answer in sheet.problems[0].answers]
['rows', 'columns', 'z', 'y']

A kind of sheet is a function from a ``Draw`` to the problems of one sheet; its entry in ``KINDS``
is all that makes it known, to the command line too.
"""

from course_utils.worksheets.draw import Draw, settle
from course_utils.worksheets.kinds import KINDS, Kind
from course_utils.worksheets.make import FILES, sheets, write
from course_utils.worksheets.sheet import (
    PAPERS,
    Answer,
    Grid,
    Line,
    Problem,
    Prompt,
    Sheet,
    WorksheetError,
)
from course_utils.worksheets.verify import verify

__all__ = [
    "FILES",
    "KINDS",
    "PAPERS",
    "Answer",
    "Draw",
    "Grid",
    "Kind",
    "Line",
    "Problem",
    "Prompt",
    "Sheet",
    "WorksheetError",
    "settle",
    "sheets",
    "verify",
    "write",
]
