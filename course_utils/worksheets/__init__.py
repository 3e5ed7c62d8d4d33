"""How do thirty students get thirty different sheets that are equally hard, and you the key?

`write` makes them: student sheets, and one key with every step, as PDF and as a web page. The same
seed gives the same bytes. Every key is checked against PyTorch before anything is written.

>>> from course_utils import worksheets
>>> (sheet,) = worksheets.problems("conv", seed=7, count=1)
>>> sheet.origin
'conv · seed 7 · sheet 1'
>>> [answer.label for answer in sheet.exercises[0].answers]
['rows', 'columns', 'z', 'y']

A kind of sheet is a function from a `Draw` to the exercises of one sheet; its entry in `KINDS` is
all that makes it known, to the command line too.
"""

from course_utils.worksheets.draw import Draw, settle
from course_utils.worksheets.kinds import KINDS, Kind
from course_utils.worksheets.make import FILES, problems, write
from course_utils.worksheets.problem import (
    Answer,
    Exercise,
    Grid,
    Line,
    Problem,
    Question,
    WorksheetError,
)
from course_utils.worksheets.verify import verify

__all__ = [
    "FILES",
    "KINDS",
    "Answer",
    "Draw",
    "Exercise",
    "Grid",
    "Kind",
    "Line",
    "Problem",
    "Question",
    "WorksheetError",
    "problems",
    "settle",
    "verify",
    "write",
]
