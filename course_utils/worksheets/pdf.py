"""Sheets as pages to print, made with neither TeX nor a browser."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib
import numpy as np

from course_utils.exact import Array, printed
from course_utils.worksheets.sheet import PAPERS, Answer, Problem, Sheet, WorksheetError

# Points.
MARGIN, GAP = 48, 16
SMALL, TEXT, NUMBERS = 8, 9.5, 10.5

Block: TypeAlias = tuple[Any, float]  # something to print, and its width


def require() -> None:
    """Raise WorksheetError where reportlab is missing."""
    if find_spec("reportlab") is None:
        raise WorksheetError(
            "a PDF needs reportlab, which is not installed: "
            'pip install reportlab, or pip install "course-utils[book]"'
        )


def render(sheets: Sequence[Sheet], *, key: bool, paper: str = "a4") -> bytes:
    """Give the pages: every sheet begins one. Nothing in them tells the day or the machine."""
    require()
    return _Printer(key, paper).render(sheets)


class _Printer:
    """reportlab's parts, in the style of the sheets."""

    def __init__(self, key: bool, paper: str) -> None:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        # New fonts each time: a font of reportlab's remembers which glyphs came first.
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        for name, file in (("Sheet", "DejaVuSans.ttf"), ("SheetBold", "DejaVuSans-Bold.ttf")):
            pdfmetrics.registerFont(TTFont(name, fonts / file))
        pdfmetrics.registerFontFamily("Sheet", "Sheet", "SheetBold", "Sheet", "SheetBold")
        plain: dict[str, Any] = {"fontName": "Sheet", "splitLongWords": 1}
        self.text = ParagraphStyle("text", **plain, fontSize=TEXT, leading=12.5, spaceAfter=3)
        self.text.keepWithNext = 1
        self.step = ParagraphStyle("step", **plain, fontSize=SMALL, leading=10.2)
        self.step.leftIndent, self.step.firstLineIndent, self.step.spaceAfter = 12, -12, 2
        self.head = ParagraphStyle("head", fontName="SheetBold", fontSize=11.5, leading=15)
        self.head.spaceBefore, self.head.spaceAfter, self.head.keepWithNext = 4, 4, 1
        self.key, self.paper = key, paper
        # A student writes into the cells; in the key they hold print.
        self.cell = (29, 16) if key else (34, 24)

    def render(self, sheets: Sequence[Sheet]) -> bytes:
        from reportlab.lib.units import mm
        from reportlab.platypus import (
            BaseDocTemplate,
            Frame,
            NextPageTemplate,
            PageBreak,
            PageTemplate,
        )

        buffer, size = BytesIO(), tuple(length * mm for length in PAPERS[self.paper])
        wide, self.height = size
        self.width = wide - 2 * MARGIN
        first = sheets[0]
        document = BaseDocTemplate(
            buffer,
            pagesize=size,
            title=f"{'Key' if self.key else 'Sheets'}: {first.kind}, seed {first.seed}",
            lang="en",
            invariant=1,
            # What zlib makes of a page depends on its version.
            pageCompression=0,
        )
        story: list[Any] = []
        for sheet in sheets:
            frame = Frame(MARGIN, MARGIN, self.width, self.height - 2 * MARGIN - 24)
            frame._leftPadding = frame._rightPadding = 0
            template = PageTemplate(
                str(sheet.number),
                [frame],
                onPage=lambda page, _, sheet=sheet: self.frame(page, sheet),
            )
            document.addPageTemplates(template)
            story += [NextPageTemplate(template.id), PageBreak()] if story else []
            story += self.sheet(sheet)
        document.build(story)
        return _identified(buffer.getvalue())

    def frame(self, page: Any, sheet: Sheet) -> None:
        """Draw what stands on every page of a sheet: its number, the student's name, its origin."""
        page.setDateFormatter(lambda *_: "D:20000101000000Z")
        top = self.height - MARGIN
        page.setFont("SheetBold", 15)
        page.drawString(
            MARGIN, top - 4, f"{'Key to sheet' if self.key else 'Sheet'} {sheet.number}"
        )
        page.setFont("Sheet", TEXT)
        if not self.key:
            for left, right, word in ((190, 420, "Name"), (432, MARGIN + self.width, "Date")):
                page.drawString(left, top - 4, word)
                page.line(left + 34, top - 6, right, top - 6)
        page.setFont("Sheet", SMALL)
        page.setFillGray(0.35)
        page.drawString(MARGIN, MARGIN - 14, sheet.origin)

    def sheet(self, sheet: Sheet) -> Iterable[Any]:
        from reportlab.platypus import KeepTogether

        for title, problem in sheet.titled:
            parts = [self.paragraph(title, self.head), *self.problem(problem)]
            yield KeepTogether(parts)

    def problem(self, problem: Problem) -> Iterable[Any]:
        yield self.paragraph(problem.text, self.text)
        given = [self.grid(g.label, g.values, g.values.shape, given=True) for g in problem.given]
        yield from self.row(given)
        prompts = [
            (f"{i}. {prompt.text}", prompt.answers) for i, prompt in enumerate(problem.prompts, 1)
        ]
        if self.key:
            for text, answers in prompts:
                yield self.paragraph(text, self.text)
                for answer in answers:
                    yield from self.answer(answer)
        else:
            thirds = [self.prompt(3, *asked) for asked in prompts]
            fit = len(thirds) == 3 and thirds[1][1] < self.width > thirds[2][1]
            halves = [self.prompt(2, *asked) for asked in prompts]
            yield from self.row(thirds if fit else halves)

    def prompt(self, columns: int, text: str, answers: Sequence[Answer]) -> Block:
        """Give a question over its blanks: one of so many columns wide if they fit."""
        grids = [self.grid(answer.label, None, answer.blank) for answer in answers]
        column = (self.width - GAP * (columns - 1)) / columns
        width = column if sum(grid[1] + GAP for grid in grids) - GAP <= column else self.width
        return [self.paragraph(text, self.text), *self.row(grids, width)], width

    def answer(self, answer: Answer) -> Iterable[Any]:
        """Set the steps beside the answer, in columns; below it where they are too long."""
        from reportlab.platypus import Table

        lines: list[Any] = [self.paragraph(line.text, self.step) for line in answer.lines]
        if not answer.values.shape:
            yield from lines
            return
        grid = self.grid(answer.label, answer.values, answer.values.shape)
        widest = max(self.length(line.text) for line in answer.lines) + 2 * GAP
        beside = self.width - grid[1] - GAP
        width = beside if widest <= beside else self.width
        columns = max(1, int(width / widest))
        rows = -(-len(answer.lines) // columns)
        lines += [""] * (rows * columns - len(lines))
        cells = [lines[i::rows] for i in range(rows)]
        steps = Table(cells, [width / columns] * columns, style=self.bare(), hAlign="LEFT")
        yield from self.row([grid, (steps, width)])

    def grid(
        self, label: str, values: Array | None, shape: tuple[int, ...], *, given: bool = False
    ) -> Block:
        """Give a table, its rows and columns counted, with its label above; and its width."""
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        if not shape:
            end = "_" * 8 if values is None else printed(values.item())
            text = f"<b>{_markup(label)}</b> = {end}"
            width = self.length(f"{label} = {end}", TEXT, "SheetBold")
            return self.paragraph(text, self.text, ready=True), width
        rows, columns = shape if len(shape) == 2 else (1, shape[0])
        cells = [[""] * columns] * rows
        if values is not None:
            cells = [[printed(n) for n in row] for row in np.reshape(values, (rows, columns))]
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
        widest = max(self.length(cell, NUMBERS) for row in cells for cell in row) + 4
        widths = [11] + [max(self.cell[0], widest)] * columns
        heights = [10] + [self.cell[1]] * rows
        table = Table(counted, widths, heights, style=style, hAlign="LEFT")
        return [self.paragraph(label, self.text, bold=True), table], sum(widths)

    def row(self, blocks: Sequence[Block], width: float | None = None) -> Iterable[Any]:
        """Set blocks side by side, as many as fit into the width."""
        from reportlab.platypus import Table

        rows: list[list[Block]] = []
        left = 0.0
        for block in blocks:
            if not rows or block[1] > left + 0.01:
                rows.append([])
                left = width or self.width
            rows[-1].append(block)
            left -= block[1] + GAP
        for row in rows:
            widths = [wide + GAP for _, wide in row[:-1]] + [row[-1][1]]
            cells = [[content for content, _ in row]]
            style = [*self.bare(), ("RIGHTPADDING", (0, 0), (-2, -1), GAP)]
            yield Table(cells, widths, style=style, hAlign="LEFT", spaceAfter=6)

    def paragraph(self, text: str, style: Any, *, bold: bool = False, ready: bool = False) -> Any:
        from reportlab.platypus import Paragraph

        markup = text if ready else _markup(text)
        return Paragraph(f"<b>{markup}</b>" if bold else markup, style)

    def length(self, text: str, size: float = SMALL, font: str = "Sheet") -> float:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return stringWidth(re.sub(r"_\{([^}]*)\}", r"\1", text), font, size) + 2

    def bare(self) -> list[Any]:
        """A table without lines and padding, for layout."""
        sides = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
        return [("VALIGN", (0, 0), (-1, -1), "TOP")] + [(s, (0, 0), (-1, -1), 0) for s in sides]


def _identified(content: bytes) -> bytes:
    """Put the digest of everything else where reportlab's, of the environment too, stands."""
    old = re.compile(rb"\[<[0-9a-f]{32}><[0-9a-f]{32}>\]")
    blank = old.sub(b"[<%b><%b>]" % (b"0" * 32, b"0" * 32), content)
    digest = hashlib.sha256(blank).hexdigest()[:32].encode()
    return old.sub(b"[<%b><%b>]" % (digest, digest), content)


def _markup(text: str) -> str:
    return re.sub(r"_\{([^}]*)\}", r'<sub rise="2" size="5.5">\1</sub>', escape(text))
