"""How do sheets become pages to print, with neither TeX nor a browser?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from course_utils.exact import Array
from course_utils.worksheets.lines import number
from course_utils.worksheets.problem import Answer, Exercise, Problem, WorksheetError

# Points. A4 with margins that fit on US Letter too.
MARGIN, CELL_WIDTH, CELL_HEIGHT, GAP = 48, 34, 24, 16
SMALL, TEXT, NUMBERS = 7.5, 9.5, 10.5


def require() -> None:
    """Raise WorksheetError where reportlab is missing."""
    if find_spec("reportlab") is None:
        raise WorksheetError(
            "a PDF needs reportlab, which is not installed: "
            'pip install reportlab, or pip install "course-utils[book]"'
        )


def render(problems: Sequence[Problem], *, key: bool) -> bytes:
    """Give the pages: every sheet begins one. Nothing in them tells the day or the machine."""
    require()
    return _Printer(key).render(problems)


class _Printer:
    """reportlab's parts, in the style of the sheets."""

    def __init__(self, key: bool) -> None:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        # New fonts each time: a font of reportlab's remembers which glyphs came first.
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        for name, file in (("Sheet", "DejaVuSans.ttf"), ("SheetBold", "DejaVuSans-Bold.ttf")):
            pdfmetrics.registerFont(TTFont(name, fonts / file))
        pdfmetrics.registerFontFamily("Sheet", "Sheet", "SheetBold", "Sheet", "SheetBold")
        plain: dict[str, Any] = {"fontName": "Sheet", "splitLongWords": 1}
        self.text = ParagraphStyle("text", **plain, fontSize=TEXT, leading=13, spaceAfter=4)
        self.step = ParagraphStyle("step", **plain, fontSize=SMALL, leading=11)
        self.step.leftIndent, self.step.firstLineIndent = 12, -12
        self.head = ParagraphStyle("head", fontName="SheetBold", fontSize=11.5, leading=15)
        self.head.spaceBefore, self.head.spaceAfter, self.head.keepWithNext = 4, 4, 1
        self.key = key

    def render(self, problems: Sequence[Problem]) -> bytes:
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import (
            BaseDocTemplate,
            Frame,
            NextPageTemplate,
            PageBreak,
            PageTemplate,
        )

        buffer, (self.width, self.height) = BytesIO(), A4
        first = problems[0]
        document = BaseDocTemplate(
            buffer,
            pagesize=A4,
            title=f"{'Key' if self.key else 'Sheets'}: {first.kind}, seed {first.seed}",
            lang="en",
            invariant=1,
            # What zlib makes of a page depends on its version.
            pageCompression=0,
        )
        story: list[Any] = []
        for problem in problems:
            frame = Frame(MARGIN, MARGIN, self.width - 2 * MARGIN, self.height - 2 * MARGIN - 24)
            frame._leftPadding = frame._rightPadding = 0
            template = PageTemplate(
                str(problem.number),
                [frame],
                onPage=lambda page, _, problem=problem: self.frame(page, problem),
            )
            document.addPageTemplates(template)
            story += [NextPageTemplate(template.id), PageBreak()] if story else []
            story += self.problem(problem)
        document.build(story)
        return buffer.getvalue()

    def frame(self, page: Any, problem: Problem) -> None:
        """Draw what stands on every page of a sheet: its number, the student's name, its origin."""
        page.setDateFormatter(lambda *_: "D:20000101000000Z")
        top = self.height - MARGIN
        page.setFont("SheetBold", 15)
        page.drawString(
            MARGIN, top - 4, f"{'Key to sheet' if self.key else 'Sheet'} {problem.number}"
        )
        page.setFont("Sheet", TEXT)
        if not self.key:
            for left, right, word in ((190, 420, "Name"), (432, self.width - MARGIN, "Date")):
                page.drawString(left, top - 4, word)
                page.line(left + 34, top - 6, right, top - 6)
        page.setFont("Sheet", SMALL)
        page.setFillGray(0.35)
        page.drawString(MARGIN, MARGIN - 14, problem.origin)

    def problem(self, problem: Problem) -> Iterable[Any]:
        several = len(problem.exercises) > 1
        for letter, exercise in zip("ABCDEFGH", problem.exercises, strict=False):
            title = f"{letter}. {exercise.title}" if several else exercise.title
            yield self.paragraph(title, self.head)
            yield from self.exercise(exercise)

    def exercise(self, exercise: Exercise) -> Iterable[Any]:
        yield self.paragraph(exercise.text, self.text)
        yield from self.row(
            [self.grid(g.label, g.values, g.values.shape, given=True) for g in exercise.given]
        )
        for i, question in enumerate(exercise.questions, 1):
            yield self.paragraph(f"{i}. {question.text}", self.text)
            if self.key:
                for answer in question.answers:
                    yield from self.answer(answer)
            else:
                yield from self.row([self.grid(a.label, None, a.blank) for a in question.answers])

    def answer(self, answer: Answer) -> Iterable[Any]:
        from reportlab.platypus import Table

        yield from self.row([self.grid(answer.label, answer.values, answer.values.shape)])
        lines = [self.paragraph(line.text, self.step) for line in answer.lines]
        widest = max(self.length(line.text) for line in answer.lines) + 24
        columns = max(1, int((self.width - 2 * MARGIN) / widest))
        rows = [lines[i : i + columns] for i in range(0, len(lines), columns)]
        rows[-1] += [""] * (columns - len(rows[-1]))
        width = (self.width - 2 * MARGIN) / columns
        yield Table(rows, [width] * columns, style=self.bare(), spaceAfter=6)

    def grid(
        self, label: str, values: Array | None, shape: tuple[int, ...], *, given: bool = False
    ) -> tuple[Any, float]:
        """Give a table, its rows and columns counted, with its label above; and its width."""
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        if not shape:
            end = "_" * 8 if values is None else number(values.item())
            text = f"<b>{_markup(label)}</b> = {end}"
            return self.paragraph(text, self.text, ready=True), 24 + self.length(label) * 1.5 + 60
        rows, columns = shape if len(shape) == 2 else (1, shape[0])
        cells = [[""] * columns] * rows
        if values is not None:
            cells = [[number(n) for n in row] for row in np.reshape(values, (rows, columns))]
        counted = [["", *map(str, range(1, columns + 1))]]
        counted += [[str(i), *row] for i, row in enumerate(cells, 1)]
        style = [
            ("FONT", (0, 0), (-1, -1), "Sheet", 6.5),
            ("FONT", (1, 1), (-1, -1), "Sheet", NUMBERS),
            ("TEXTCOLOR", (0, 0), (-1, 0), HexColor(0x595959)),
            ("TEXTCOLOR", (0, 0), (0, -1), HexColor(0x595959)),
            ("ALIGN", (0, 0), (-1, -1), "CENTER"),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("GRID", (1, 1), (-1, -1), 0.6, HexColor(0x444444)),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ]
        if given:
            style.append(("BACKGROUND", (1, 1), (-1, -1), HexColor(0xEEEEEE)))
        table = Table(
            counted, [11] + [CELL_WIDTH] * columns, [10] + [CELL_HEIGHT] * rows, style=style
        )
        table.hAlign = "LEFT"
        return [self.paragraph(label, self.text, bold=True), table], 11 + CELL_WIDTH * columns

    def row(self, grids: Sequence[tuple[Any, float]]) -> Iterable[Any]:
        """Set grids side by side, as many as fit."""
        from reportlab.platypus import Table

        line: list[tuple[Any, float]] = []
        for grid in [*grids, None]:
            taken = sum(width + GAP for _, width in line)
            if line and (grid is None or taken + grid[1] > self.width - 2 * MARGIN):
                widths = [width + GAP for _, width in line]
                table = Table([[g for g, _ in line]], widths, style=self.bare(), spaceAfter=6)
                table.hAlign = "LEFT"
                yield table
                line = []
            if grid is not None:
                line.append(grid)

    def paragraph(self, text: str, style: Any, *, bold: bool = False, ready: bool = False) -> Any:
        from reportlab.platypus import Paragraph

        markup = text if ready else _markup(text)
        return Paragraph(f"<b>{markup}</b>" if bold else markup, style)

    def length(self, text: str) -> float:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return stringWidth(re.sub(r"[_{}]", "", text), "Sheet", SMALL)

    def bare(self) -> list[Any]:
        """A table without lines and padding, for layout."""
        sides = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
        return [("VALIGN", (0, 0), (-1, -1), "TOP")] + [(s, (0, 0), (-1, -1), 0) for s in sides]


def _markup(text: str) -> str:
    return re.sub(r"_\{([^}]*)\}", r'<sub size="6">\1</sub>', escape(text))
