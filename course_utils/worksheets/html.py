"""Sheets as a web page: on a screen, on paper, on a telephone and read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from course_utils.exact import Array, printed
from course_utils.worksheets.sheet import Answer, Problem, Sheet

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --soft: #595959; --line: #767676;
  --head: #f0f0f0; }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #161616; --soft: #b5b5b5;
  --line: #8a8a8a; --head: #2a2a2a; } }
* { box-sizing: border-box; }
body { font: 1rem/1.45 "DejaVu Sans", Verdana, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 56rem; margin: 0 auto; padding: 0 1rem 2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.3rem; } h3 { font-size: 1.1rem; }
.sheet { border-top: 3px solid var(--ink); margin-top: 2.5rem; padding-top: .5rem; }
.name { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; }
.name span { display: flex; align-items: end; gap: .5rem; min-width: 8rem; }
.name .long { flex: 1 1 14rem; }
.name i, .write { border-bottom: 1px solid var(--ink); flex: 1; min-width: 6rem;
  display: inline-block; min-height: 1.6rem; }
.grids { display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: flex-start;
  margin: .75rem 0; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: bold; padding-bottom: .2rem; white-space: nowrap; }
th { font-weight: normal; font-size: .7rem; color: var(--soft); padding: 0 .35rem; }
td { border: 1px solid var(--line); min-width: 2.5rem; height: 2.1rem; padding: 0 .3rem;
  text-align: center; }
td.corner { border: 0; background: none !important; min-width: 0; height: auto; padding: 0; }
.questions { display: flex; flex-wrap: wrap; gap: 0 2rem; }
.questions > div { flex: 1 1 20rem; max-width: 100%; }
.answer { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .5rem 0 1rem; }
.answer > .steps { flex: 1 1 min(100%, var(--widest)); }
.given td { background: var(--head); }
ul.steps { list-style: none; padding: 0; margin: 0; display: grid; align-content: start;
  gap: .1rem 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--widest)), 1fr));
  font-size: .85rem; }
ul.steps li { padding-left: 1rem; text-indent: -1rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; max-width: 100%; }
.origin { color: var(--soft); font-size: .8rem; }
nav a { color: inherit; margin-right: .6rem; display: inline-block; padding: .2rem 0; }
sub { line-height: 0; }
@page { size: PAPER; margin: 15mm; }
@media print { :root { --ink: #000; --paper: #fff; --soft: #444; --line: #555; --head: #eee;
  color-scheme: light; }
  html { font-size: 9.5pt; }
  body { max-width: none; margin: 0; padding: 0; }
  p, .grids, .answer { margin: .4rem 0; } h2, h3 { margin: .6rem 0; }
  .questions > div { flex: 1 1 14rem; }
  .front { display: none; }
  .sheet { border: 0; margin: 0; padding: 0; break-before: page; }
  .front + .sheet { break-before: auto; }
  table, li, h3, section { break-inside: avoid; } h2, h3 { break-after: avoid; } p { orphans: 3; }
  td { print-color-adjust: exact; } }
"""


def render(sheets: Sequence[Sheet], *, key: bool, paper: str = "a4") -> bytes:
    """Give the page, which loads nothing from outside: the sheets, or the key to them."""
    style = STYLE.replace("PAPER", {"a4": "A4"}.get(paper, paper))
    first = sheets[0]
    what = "Key" if key else "Sheets"
    title = f"{what}: {first.kind}, seed {first.seed}"
    body = [f'<header class="front"><h1>{escape(title)}</h1>', "<nav aria-label='Sheets'>"]
    body += [f'<a href="#sheet-{p.number}">{p.number}</a>' for p in sheets]
    body.append("</nav></header>")
    for sheet in sheets:
        body += _sheet(sheet, key)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    ).encode()


def _sheet(sheet: Sheet, key: bool) -> Iterable[str]:
    yield f'<article class="sheet" id="sheet-{sheet.number}">'
    yield f"<h2>{'Key to sheet' if key else 'Sheet'} {sheet.number}</h2>"
    if not key:
        yield '<p class="name"><span class="long">Name <i></i></span><span>Date <i></i></span></p>'
    for title, problem in sheet.titled:
        yield f"<section><h3>{_text(title)}</h3>"
        yield from _problem(problem, key)
        yield "</section>"
    yield f'<p class="origin">{escape(sheet.origin)}</p></article>'


def _problem(problem: Problem, key: bool) -> Iterable[str]:
    yield f"<p>{_text(problem.text)}</p>"
    yield '<div class="grids given">'
    for grid in problem.given:
        yield _numbers(grid.label, grid.values, grid.values.shape)
    yield "</div>"
    yield "<div>" if key else '<div class="questions">'
    for i, prompt in enumerate(problem.prompts, 1):
        yield f"<div><p>{i}. {_text(prompt.text)}</p>"
        if key:
            yield from map(_answer, prompt.answers)
        else:
            blanks = [_numbers(answer.label, None, answer.blank) for answer in prompt.answers]
            yield f'<div class="grids">{"".join(blanks)}</div>'
        yield "</div>"
    yield "</div>"


def _answer(answer: Answer) -> str:
    widest = max(len(re.sub(r"[_{}]", "", line.text)) for line in answer.lines)
    lines = "".join(f"<li>{_text(line.text)}</li>" for line in answer.lines)
    if not answer.values.shape:
        return f'<ul class="steps">{lines}</ul>'
    return (
        f'<div class="answer" style="--widest:{0.55 * widest + 1:.1f}rem">'
        f"{_numbers(answer.label, answer.values, answer.values.shape)}"
        f'<ul class="steps">{lines}</ul></div>'
    )


def _numbers(label: str, values: Array | None, shape: tuple[int, ...]) -> str:
    """Write one number, or a table with its rows and columns counted; blank without values."""
    if not shape:
        end = '<span class="write"></span>' if values is None else printed(values.item())
        return f"<div><b>{_text(label)}</b> = {end}</div>"
    rows, columns = shape if len(shape) == 2 else (1, shape[0])
    cells = [[""] * columns] * rows
    if values is not None:
        cells = [[printed(n) for n in row] for row in np.reshape(values, (rows, columns))]
    head = "".join(f'<th scope="col">{j + 1}</th>' for j in range(columns))
    body = "".join(
        f'<tr><th scope="row">{i + 1}</th>' + "".join(f"<td>{n}</td>" for n in row) + "</tr>"
        for i, row in enumerate(cells)
    )
    return (
        f'<div class="scroll"><table><caption>{_text(label)}</caption>'
        f'<thead><tr><td class="corner"></td>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _text(text: str) -> str:
    return re.sub(r"_\{([^}]*)\}", r"<sub>\1</sub>", escape(text))
