"""Worksheets: the same bytes again, different and equally hard sheets, keys that are right."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction as F
from html import unescape
from html.parser import HTMLParser
from itertools import product
from math import floor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from course_utils import exact, worksheets
from course_utils.__main__ import main
from course_utils.exact import backward as exact_backward
from course_utils.exact import forward as exact_forward
from course_utils.exact import losses as exact_losses
from course_utils.worksheets import html, lines, pdf
from course_utils.worksheets.draw import Draw

CASES = [
    ("conv", False),
    ("pool", False),
    ("pool", True),
    ("backward", False),
    ("backward", True),
    ("mixed", False),
    ("mixed", True),
]
COUNT = 4
FILES = ["key.html", "key.pdf", "sheets.html", "sheets.pdf"]
PDFTOTEXT = shutil.which("pdftotext")


@pytest.fixture(scope="module")
def drawn():
    return {
        (kind, ties): worksheets.sheets(kind, seed=7, count=COUNT, ties=ties)
        for kind, ties in CASES
    }


def given(problem):
    return {grid.label: grid.values.astype(int) for grid in problem.given}


def answers(problem):
    return {answer.label: answer.values for answer in problem.answers}


def key_of(sheet):
    return [{name: v.tolist() for name, v in answers(e).items()} for e in sheet.problems]


def problems(sheets):
    return [problem for sheet in sheets for problem in sheet.problems]


def every_answer(sheets):
    return [answer for problem in problems(sheets) for answer in problem.answers]


# A sheet as arithmetic


def test_the_first_convolution_of_seed_7_by_hand():
    (sheet,) = worksheets.sheets("conv", seed=7, count=1)
    (problem,) = sheet.problems
    x, w, b = given(problem).values()
    assert x.tolist() == [
        [4, 1, 3, 4, 3, 2],
        [2, 3, 3, 0, 2, 1],
        [4, 0, 0, 4, 0, 2],
        [0, 1, 3, 4, 1, 3],
    ]
    assert (w.tolist(), b) == ([[3, -2, -2], [1, 0, 1], [0, 1, -1]], 1)
    key = answers(problem)
    z11 = 4 * 0 + 1 * 1 + 2 * 1 + 3 * -1 + 1
    z23 = 0 * 3 + 2 * -2 + 1 * -2 + 4 * 1 + 0 * 0 + 2 * 1 + 4 * 0 + 1 * 1 + 3 * -1 + 1
    assert (key["z"][0, 0], key["z"][1, 2]) == (z11, z23) == (1, -1)
    assert (key["y"][0, 0], key["y"][1, 2]) == (1, 0)
    assert (key["rows"], key["columns"]) == ((4 + 2 - 3) // 2 + 1, (6 + 2 - 3) // 2 + 1)
    first = problem.answers[2].lines[0].text
    assert first == "z_{1,1} = 4·0 + 1·1 + 2·1 + 3·(−1) + 1 = 0 + 1 + 2 − 3 + 1 = 1"


# Keys


def by_autograd(problem):
    """Every answer from PyTorch's own modules, from what the sheet gives and its title says."""
    numbers = {k: torch.tensor(v, dtype=torch.float64) for k, v in given(problem).items()}
    x = numbers["x"][None, None].requires_grad_()
    if problem.title.startswith("Convolution"):
        w, b = numbers["w"], numbers["b"]
        layer = torch.nn.Conv2d(1, 1, w.shape[0], stride=2, padding=1, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(w[None, None])
            layer.bias.copy_(b)
        z = layer(x)
        found = {"rows": z.new_tensor(z.shape[2]), "columns": z.new_tensor(z.shape[3])}
        return found | {"z": z[0, 0], "y": z.clamp(min=0)[0, 0]}
    if problem.title.startswith("Pooling"):
        y = torch.nn.MaxPool2d(2, stride=1)(x)
        (y[0, 0] * numbers["∂L/∂y"]).sum().backward()
        found = {"y": y[0, 0], "∂L/∂x": x.grad[0, 0].clone()}
        if "∂M/∂a" in numbers:
            x.grad = None
            a = torch.nn.AvgPool2d(2)(x)
            (a[0, 0] * numbers["∂M/∂a"]).sum().backward()
            found |= {"a": a[0, 0], "∂M/∂x": x.grad[0, 0]}
        return found
    assert problem.title.startswith("A small network")
    w = numbers["w"][None, None].requires_grad_()
    z = functional.conv2d(x, w)
    a = torch.nn.ReLU()(z)
    y = torch.nn.MaxPool2d(2)(a)
    loss = torch.nn.L1Loss()(y, numbers["t"][None, None])
    for tensor in (z, a, y):
        tensor.retain_grad()
    loss.backward()
    found = {"z": z, "a": a, "y": y, "∂L/∂y": y.grad, "∂L/∂a": a.grad, "∂L/∂z": z.grad}
    return {k: v[0, 0] for k, v in (found | {"∂L/∂w": w.grad}).items()} | {"L": loss}


@pytest.mark.parametrize("case", CASES)
def test_every_answer_is_autograds(case, drawn):
    compared = 0
    for problem in problems(drawn[case]):
        found = by_autograd(problem)
        key = answers(problem)
        assert key.keys() == found.keys()
        for label, values in key.items():
            assert found[label].tolist() == values.astype(float).tolist(), label
            compared += values.size
    print(f"{case}: {compared} numbers compared")


def value_of(side):
    """What a side of a printed equation comes to."""
    text = side.replace("·", "*").replace("−", "-").replace("⌊", "floor(").replace("⌋", ")")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    names = {"floor": floor, "max": max, "abs": abs, "sign": lambda n: (n > 0) - (n < 0)}
    return eval(text, {"__builtins__": {}}, names)


@pytest.mark.parametrize("case", CASES)
def test_every_printed_equation_holds(case, drawn):
    sides = 0
    for answer in every_answer(drawn[case]):
        assert sorted(line.index for line in answer.lines) == [*np.ndindex(answer.values.shape)]
        for line in answer.lines:
            symbol, *equal = line.text.split(" = ")
            places = ",".join(str(i + 1) for i in line.index)
            assert symbol == answer.label + (f"_{{{places}}}" if places else "")
            assert [value_of(side) for side in equal] == [answer.values[line.index]] * len(equal)
            sides += len(equal)
    print(f"{case}: {sides} sides of equations computed")


def test_a_step_shows_window_products_and_sum():
    with exact.worked() as page:
        exact.conv2d([[3, 0], [-1, 2]], [[2, -5]], padding=(0, 1), bias=-4)
        exact.avg_pool2d([[1, 4], [2, -3]], 2)
        exact.l1_loss([1, 4], [2, -2])
    z, mean, loss = page
    texts = [lines.line(z.steps[i], "z").text for i in (0, 1, 3)]
    assert texts == [
        "z_{1,1} = 3·(−5) − 4 = −15 − 4 = −19",
        "z_{1,2} = 3·2 + 0·(−5) − 4 = 6 + 0 − 4 = 2",
        "z_{2,1} = −1·(−5) − 4 = 5 − 4 = 1",
    ]
    assert lines.line(mean.steps[0], "y").text == "y_{1,1} = 0.25·(1 + 4 + 2 − 3) = 0.25·4 = 1"
    text = "L = 0.5·(|1 − 2| + |4 − (−2)|) = 0.5·(1 + 6) = 0.5·7 = 3.5"
    assert lines.line(loss.steps[0], "L").text == text


# A fault is found before anything is written


def wrong_total(*arguments, **options):
    step = exact_total(*arguments, **options)
    return replace(step, value=step.value + (step.index == (1, 1)))


def wrong_largest(operation, result, index, terms):
    step = exact_largest(operation, result, index, terms)
    return replace(step, value=min(term.value for term in step.terms))


def without_cut(operation, result, index, operand):
    return replace(exact_rectified(operation, result, index, operand), value=operand.value)


exact_total, exact_largest = exact_forward.total, exact_forward.largest
exact_rectified = exact_forward.rectified

FAULTS = [
    ("conv", exact_forward, "total", wrong_total, "z[2, 2]: the key says"),
    ("conv", exact_forward, "rectified", without_cut, "y[2, 1]: the key says -10, PyTorch 0.0"),
    ("pool", exact_forward, "largest", wrong_largest, "y[1, 1]: the key says"),
    ("pool", exact_backward, "total", wrong_total, "∂L/∂x[2, 2]: the key says"),
    ("backward", exact_backward, "total", wrong_total, "∂L/∂a[2, 2]: the key says 1, PyTorch 0.0"),
    (
        "backward",
        exact_losses,
        "total",
        lambda *a: exact_total(*a[:3], a[3][:1], *a[4:]),
        "L: the key says",
    ),
]


@pytest.mark.parametrize("kind, module, name, fault, message", FAULTS)
def test_a_fault_in_the_engine_stops_the_press(
    kind, module, name, fault, message, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(module, name, fault)
    with pytest.raises(worksheets.WorksheetError, match=re.escape(message)):
        worksheets.write(kind, seed=7, count=4, out=tmp_path / "new")
    words = ["worksheet", "--kind", kind, "--seed", "7", "--count", "4", "--out", f"{tmp_path}/new"]
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def spoilt(sheet, change):
    """The sheet with one part of its second answer changed."""
    (problem,) = sheet.problems
    first, second, *others = problem.prompts[0].answers + problem.prompts[1].answers
    prompt = replace(problem.prompts[0], answers=(first, change(second), *others))
    changed = replace(problem, prompts=(prompt, *problem.prompts[2:]))
    return replace(sheet, problems=(changed,))


def test_lines_and_labels_are_checked_too(drawn):
    sheet = drawn["pool", False][0]
    worksheets.verify(spoilt(sheet, lambda answer: answer))
    with pytest.raises(worksheets.WorksheetError, match="sheet 1, .*∂L/∂x: the lines end in"):
        worksheets.verify(spoilt(sheet, lambda answer: replace(answer, lines=answer.lines[1:])))
    twice = spoilt(sheet, lambda a: replace(a, lines=a.lines + a.lines[:1]))
    with pytest.raises(worksheets.WorksheetError, match="∂L/∂x: the lines end in"):
        worksheets.verify(twice)
    with pytest.raises(worksheets.WorksheetError, match="asked .*'dx'.*, PyTorch computed"):
        worksheets.verify(spoilt(sheet, lambda answer: replace(answer, label="dx")))
    turned = spoilt(sheet, lambda a: replace(a, values=a.values[:2]))
    with pytest.raises(worksheets.WorksheetError, match=r"shape \(2, 4\), PyTorch has \(4, 4\)"):
        worksheets.verify(turned)


@pytest.mark.parametrize(
    "number, off, agrees",
    [
        (F(1, 3), 1e-13, True),
        (F(1, 3), 1e-11, False),
        (F(1, 4), 0.0, True),
        (F(1, 4), 1e-16, False),
    ],
)
def test_what_float64_cannot_hold_is_compared_to_12_digits(number, off, agrees):
    line = worksheets.Line((), f"m = {exact.printed(number)}")
    answer = worksheets.Answer("m", exact.array(number), (line,))
    reference = {"m": np.array(float(number) + off)}
    prompt = worksheets.Prompt("?", (answer,))
    problem = worksheets.Problem("Mean", "", (), (prompt,), {}, lambda given: reference)
    sheet = worksheets.Sheet("mean", 0, 1, (problem,))
    if agrees:
        worksheets.verify(sheet)
    else:
        with pytest.raises(worksheets.WorksheetError, match=f"the key says {number}, PyTorch 0"):
            worksheets.verify(sheet)


# Different and equally hard


def plain_windows(x, kernel, stride=1, padding=0):
    """Each window as (row, column, number) of what lies inside x, and where in the kernel."""
    rows, columns = len(x), len(x[0])
    counts = [(n + 2 * padding - kernel) // stride + 1 for n in (rows, columns)]
    for i, j in product(*map(range, counts)):
        places = [
            (i * stride - padding + a, j * stride - padding + b, a, b)
            for a, b in product(range(kernel), repeat=2)
        ]
        yield [(r, c, x[r][c], a, b) for r, c, a, b in places if 0 <= r < rows and 0 <= c < columns]


def counted(problem):
    """How hard the problem is, counted with plain loops from what the sheet and its key show."""
    numbers = {label: values.tolist() for label, values in given(problem).items()}
    key = answers(problem)
    x = numbers["x"]
    if problem.title.startswith("Pooling"):
        maxima = [
            [(r, c) for r, c, v, *_ in w if v == max(e[2] for e in w)] for w in plain_windows(x, 2)
        ]
        wins = Counter(places[0] for places in maxima)
        return {
            "winners": len(wins),
            "shared": sum(n > 1 for n in wins.values()),
            "gradients": sum(n != 0 for n in key["∂L/∂x"].ravel()),
            "negative": sum(n < 0 for row in numbers["∂L/∂y"] for n in row),
            "ties": sum(len(places) - 1 for places in maxima),
        }
    w, z = numbers["w"], key["z"].ravel()
    options = (2, 1) if problem.title.startswith("Convolution") else (1, 0)
    found = {
        "products": sum(
            v * w[a][b] != 0
            for window in plain_windows(x, len(w), *options)
            for _, _, v, a, b in window
        ),
        "negative": sum(n < 0 for n in z),
        "zero": sum(n == 0 for n in z),
    }
    if problem.title.startswith("Convolution"):
        return found | {"large": sum(abs(n) > 19 for n in z)}
    a = key["a"].tolist()
    blocks = [
        [a[i + k][j + m] for k in (0, 1) for m in (0, 1)]
        for i in range(0, len(a), 2)
        for j in range(0, len(a[0]), 2)
    ]
    pairs = list(zip(key["y"].ravel(), np.ravel(numbers["t"]), strict=True))
    return found | {
        "dead": sum(max(block) == 0 for block in blocks),
        "ties": sum(block.count(max(block)) - 1 for block in blocks),
        "above": sum(y > t for y, t in pairs),
        "below": sum(y < t for y, t in pairs),
        "gradients": sum(n != 0 for n in key["∂L/∂w"].ravel()),
    }


@pytest.mark.parametrize("case", CASES)
def test_sheets_are_equally_hard(case, drawn):
    sheets = drawn[case]
    for i, first in enumerate(sheets[0].problems):
        alike = [sheet.problems[i] for sheet in sheets]
        for problem in alike:
            assert counted(problem) == problem.difficulty == first.difficulty
            assert problem.text == first.text
            assert [g.values.shape for g in problem.given] == [g.values.shape for g in first.given]
            shapes = [a.values.shape for a in problem.answers]
            assert shapes == [a.values.shape for a in first.answers]
    print(case, [dict(problem.difficulty) for problem in sheets[0].problems])


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_small_and_relu_cuts_some_but_not_all(case, drawn):
    for problem in problems(drawn[case]):
        whole = [n for grid in problem.given for n in grid.values.ravel()]
        assert all(n.denominator == 1 and abs(n) < 40 for n in whole)
        key = answers(problem)
        if "z" in key:
            assert (key["z"] < 0).any() and (key["z"] > 0).any()
        for label, values in key.items():
            assert all(n.denominator in (1, 2, 4) and abs(n) < 60 for n in values.ravel())
            assert not label.startswith("∂") or values.any()


@pytest.mark.parametrize("case", CASES)
def test_there_is_a_tie_where_asked_and_nowhere_else(case, drawn):
    _, ties = case
    for sheet in drawn[case]:
        counts = [counted(problem).get("ties", 0) for problem in sheet.problems]
        assert sum(counts) == (1 if ties else 0)
        told = [("the first of them" in q.text) for e in sheet.problems for q in e.prompts]
        assert sum(told) == (1 if ties else 0)
        assert ("ties" in sheet.origin) == ties


@pytest.mark.parametrize("kind", worksheets.KINDS)
def test_thirty_sheets_and_keys_all_differ(kind):
    sheets = worksheets.sheets(kind, seed=1, count=30)
    assert [sheet.number for sheet in sheets] == [*range(1, 31)]
    for i in range(len(sheets[0].problems)):
        asked = [str(given(sheet.problems[i])) for sheet in sheets]
        keys = [str(key_of(sheet)[i]) for sheet in sheets]
        assert len(set(asked)) == len(set(keys)) == 30


def test_a_repeated_answer_is_drawn_again(monkeypatch):
    kind = worksheets.KINDS["conv"]
    same = worksheets.Draw("the same")
    first = kind.problems(same, False)
    drawn = iter([first, first, kind.problems(same, False)])
    repeating = replace(kind, problems=lambda draw, ties: next(drawn))
    monkeypatch.setitem(worksheets.KINDS, "conv", repeating)
    one, two = worksheets.sheets("conv", seed=0, count=2)
    assert key_of(one) != key_of(two)
    stuck = replace(kind, problems=lambda draw, ties: first)
    monkeypatch.setitem(worksheets.KINDS, "conv", stuck)
    with pytest.raises(worksheets.WorksheetError, match="'conv' has fewer than 2 different sheets"):
        worksheets.sheets("conv", seed=0, count=2)


def test_numbers_that_never_fit_are_given_up(monkeypatch):
    monkeypatch.setattr("course_utils.worksheets.draw.TRIES", 10)
    draw = Draw(1)
    with pytest.raises(worksheets.WorksheetError, match="no numbers with .*'n': 11.* among 10"):
        worksheets.settle(
            lambda: {"x": draw.whole(1, 6, ())}, lambda g: [("n", int(g["x"]))], {"n": 11}
        )


def test_draws_are_fair():
    numbers = Draw("fair").whole(-2, 2, (4000,), zero=False).tolist()
    assert sorted(set(numbers)) == [-2, -1, 1, 2]
    assert all(abs(n - 1000) < 150 for n in Counter(numbers).values())
    orders = Counter(tuple(Draw("order", i).order([1, 2, 3], (3,)).tolist()) for i in range(1200))
    assert len(orders) == 6 and all(abs(n - 200) < 70 for n in orders.values())


# The same again


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_year(tmp_path):
    words = ["--kind", "mixed", "--seed", "3", "--count", "2", "--out", str(tmp_path / "one")]
    other = {
        "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1",
        "SOURCE_DATE_EPOCH": "1",
        "TZ": "Asia/Tokyo",
    }
    command = [sys.executable, "-m", "course_utils", "worksheet", *words]
    done = subprocess.run(command, env=os.environ | other, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.split()] == list(worksheets.FILES)
    # Here other sheets were printed before, which must not show either.
    worksheets.write("pool", seed=1, count=1, out=tmp_path / "other")
    worksheets.write("mixed", seed=3, count=2, out=tmp_path / "two")
    first = contents(tmp_path / "one")
    assert sorted(first) == FILES
    assert contents(tmp_path / "two") == first
    dates = {date for page in first.values() for date in re.findall(rb"\(D:\S*", page)}
    assert dates == {b"(D:20000101000000Z)"}
    for name, page in first.items():
        assert b"FlateDecode" not in page, name
        assert str(tmp_path).encode() not in page


def test_another_seed_gives_other_sheets_and_more_sheets_keep_the_first():
    three, again, other = (
        [key_of(s) for s in worksheets.sheets("conv", seed=seed, count=count)]
        for seed, count in [(7, 3), (7, 5), (8, 5)]
    )
    assert again[:3] == three
    assert all(a != b for a, b in product(again, other))


# What is printed


class Page(HTMLParser):
    """The tables of a page, its articles' texts, and the tags and attributes in it."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.steps, self.tags, self.attributes = [], [], Counter(), Counter()
        self.into = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes.update(name for name, _ in attributes)
        if tag == "table":
            self.tables.append({"caption": "", "th": [], "td": [], "scopes": []})
        if tag == "li":
            self.steps.append("")
        if tag in ("th", "td"):
            self.tables[-1][tag].append("")
            self.tables[-1]["scopes"] += [v for name, v in attributes if name == "scope"]
        if tag in ("caption", "th", "td", "li"):
            self.into = tag

    def handle_endtag(self, tag):
        self.into = None if tag == self.into else self.into

    def handle_data(self, data):
        if self.into == "li":
            self.steps[-1] += data
        elif self.into == "caption":
            self.tables[-1]["caption"] += data
        elif self.into:
            self.tables[-1][self.into][-1] += data


def plain(text):
    return re.sub(r"_\{([^}]*)\}", r"\1", text)


def cells(values):
    return [exact.printed(n) for n in values.ravel()]


@pytest.mark.parametrize("case", CASES)
def test_the_html_key_holds_every_answer_and_step(case, drawn):
    sheets = drawn[case]
    page = Page(html.render(sheets, key=True).decode())
    assert page.steps == [plain(line.text) for a in every_answer(sheets) for line in a.lines]
    tables = [
        (g.label, cells(g.values))
        for e in problems(sheets)
        for g in [*e.given, *e.answers]
        if g.values.ndim
    ]
    # The first cell is the corner between the counted rows and columns.
    assert [(t["caption"], t["td"][1:]) for t in page.tables] == tables
    print(f"{case}: {len(page.steps)} steps and {len(tables)} tables read back")


@pytest.mark.parametrize("case", CASES)
def test_pages_load_nothing_and_tables_are_tables(case, drawn):
    for key in (False, True):
        text = html.render(drawn[case], key=key).decode()
        page = Page(text)
        assert not {"script", "link", "img", "iframe"} & page.tags.keys()
        assert not {"src", "srcset"} & page.attributes.keys()
        assert not re.search(r"https?:|@import|url\(", text)
        assert re.search(r'<html lang="en">', text) and "prefers-color-scheme: dark" in text
        assert "break-before: page" in text and 'content="width=device-width' in text
        for table in page.tables:
            assert table["caption"]
            assert len(table["scopes"]) == len(table["th"]) > 1
            columns = table["scopes"].count("col")
            assert len(table["td"]) == 1 + columns * table["scopes"].count("row")
        ids = re.findall(r'id="([^"]*)"', text)
        assert ids == [f"sheet-{n}" for n in range(1, COUNT + 1)]
        assert re.findall(r'href="#([^"]*)"', text) == ids


def blanked(answer):
    """The same answer with other numbers and other steps."""
    values = exact.array(answer.values + F(12345))
    return replace(answer, values=values, lines=(worksheets.Line((), "12345 = 12345"),))


@pytest.mark.parametrize("case", CASES)
def test_sheets_do_not_depend_on_the_answers(case, drawn):
    sheets = drawn[case][:2]
    others = [
        replace(
            sheet,
            problems=tuple(
                replace(
                    problem,
                    prompts=tuple(
                        replace(q, answers=tuple(map(blanked, q.answers))) for q in problem.prompts
                    ),
                )
                for problem in sheet.problems
            ),
        )
        for sheet in sheets
    ]
    for renderer in (html, pdf):
        assert renderer.render(sheets, key=False) == renderer.render(others, key=False)
        assert renderer.render(sheets, key=True) != renderer.render(others, key=True)


def test_the_blank_for_an_output_size_does_not_tell_it(drawn):
    page = Page(html.render(drawn["conv", False][:1], key=False).decode())
    z = next(table for table in page.tables if table["caption"] == "z")
    assert (z["scopes"].count("row"), z["scopes"].count("col")) == (2 + 1, 3 + 1)
    assert set(z["td"]) == {""}


def pages_of(content):
    return len(re.findall(rb"/Type /Page\b", content))


@pytest.mark.parametrize("case", CASES)
def test_every_sheet_begins_a_page_and_takes_as_many_as_the_next(case, drawn):
    sheets = drawn[case]
    each = 2 if case[0] == "mixed" else 1
    assert pages_of(pdf.render(sheets, key=False)) == each * COUNT
    alone = [pages_of(pdf.render([sheet], key=True)) for sheet in sheets[:2]]
    assert pages_of(pdf.render(sheets[:2], key=True)) == sum(alone) <= 2 * 2


@pytest.mark.skipif(PDFTOTEXT is None, reason="needs pdftotext, of poppler")
@pytest.mark.parametrize("case", CASES)
def test_the_text_of_the_pdf(case, drawn, tmp_path):
    sheets = drawn[case][:2]
    words = {}
    for key in (False, True):
        path = tmp_path / "sheets.pdf"
        path.write_bytes(pdf.render(sheets, key=key))
        text = subprocess.run(
            [PDFTOTEXT, "-layout", path, "-"], capture_output=True, check=True, encoding="utf-8"
        ).stdout
        words[key] = Counter(re.findall(r"−?[\d.]+", text))
        title = "Key to sheet" if key else "Sheet"
        assert {f"{title} {n}" for n in (1, 2)} <= set(re.findall(rf"{title} \d+", text))
        assert ("Name" in text) == (not key)
        assert sheets[0].origin in text and sheets[1].origin in text
        assert "□" not in text and "\ufffd" not in text
        squeezed = re.sub(r"\s", "", text)
        assert "∂L/∂" in squeezed or case[0] == "conv"
        # Long lines may turn; a short one stands whole, but for its index, which is set lower.
        for line in (line for a in every_answer(sheets) for line in a.lines):
            end = line.text.split(" = ", 1)[1].replace(" ", "")
            if len(end) < 40 and "·" in end:
                assert (end in squeezed) == key, end
    for grid in (g for e in problems(sheets) for g in e.given):
        for number in cells(grid.values):
            assert words[False][number] and words[True][number]
    for answer in every_answer(sheets):
        assert all(words[True][number] for number in cells(answer.values))


# Writing


def test_other_files_are_left_alone_and_old_sheets_replaced(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "key.pdf").write_text("old", encoding="utf-8")
    paths = worksheets.write("conv", seed=np.int64(1), count=1, out=str(tmp_path))
    assert paths == [tmp_path / name for name in worksheets.FILES]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*FILES, "notes.txt"])
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "key.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", worksheets.FILES)
def test_a_full_disk_leaves_no_new_file(name, tmp_path, monkeypatch):
    (tmp_path / "key.pdf").write_text("old", encoding="utf-8")
    whole = Path.write_bytes

    def full(path, content):
        if name in path.name:
            whole(path, content[:100])
            raise OSError("no space left")
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space left"):
        worksheets.write("conv", seed=1, count=1, out=tmp_path)
    assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == {"key.pdf": "old"}


BAD = [
    (
        {"kind": "sudoku"},
        "kind: 'sudoku' is invalid; use 'conv', 'pool', 'backward', 'mixed' or 'arithmetic'",
    ),
    ({"count": 0}, "count: 0 is invalid; use an integer of at least 1"),
    ({"count": 2.5}, "count: 2.5 is invalid; use an integer of at least 1"),
    ({"count": True}, "count: True is invalid"),
    ({"seed": -1}, "seed: -1 is invalid; use an integer of at least 0"),
    ({"seed": "7"}, "seed: '7' is invalid; use an integer of at least 0"),
    ({"ties": True}, "ties: a sheet of kind 'conv' has no window in which two could tie"),
]


@pytest.mark.parametrize("changed, message", BAD)
def test_bad_arguments_are_named(changed, message, tmp_path):
    arguments = {"kind": "conv", "seed": 1, "count": 1, "out": tmp_path / "new"} | changed
    with pytest.raises(ValueError, match=re.escape(message)):
        worksheets.write(**arguments)
    assert not (tmp_path / "new").exists()


def test_a_file_is_not_a_folder(tmp_path):
    path = tmp_path / "file"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="out: .*file' is a file; use a folder, old or new"):
        worksheets.write("conv", seed=1, count=1, out=path)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "words, message",
    [
        (["--kind", "sudoku"], "invalid choice: 'sudoku'"),
        (["--kind", "conv", "--count", "0"], "'0' is invalid"),
        (["--kind", "conv", "--seed", "-1"], "seed: -1 is invalid"),
        (["--kind", "conv", "--seed", "x"], "invalid int value: 'x'"),
        (["--kind", "conv", "--ties"], "ties: a sheet of kind 'conv'"),
        ([], "required: --kind"),
    ],
)
def test_the_command_names_bad_words(words, message, tmp_path, capsys):
    try:
        code = main(["worksheet", "--out", str(tmp_path / "new"), *words])
    except SystemExit as stop:
        code = stop.code
    assert code == 2 and message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_command_names_a_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert main(["worksheet", "--kind", "conv", "--out", str(tmp_path / "file")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: out: ") and error.count("\n") == 1


def test_the_command_writes_and_says_where(tmp_path, capsys):
    words = ["--kind", "pool", "--seed", "5", "--count", "2", "--ties"]
    assert main(["worksheet", *words, "--out", str(tmp_path / "a" / "b")]) == 0
    shown = [Path(line) for line in capsys.readouterr().out.split()]
    assert shown == [tmp_path / "a" / "b" / name for name in worksheets.FILES]
    assert all(path.stat().st_size > 1000 for path in shown)
    worksheets.write("pool", seed=5, count=2, ties=True, out=tmp_path / "c")
    assert contents(tmp_path / "c") == contents(tmp_path / "a" / "b")


def test_without_reportlab_the_command_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(pdf, "find_spec", lambda name: None)
    assert main(["worksheet", "--kind", "conv", "--out", str(tmp_path / "new")]) == 2
    assert 'pip install "course-utils[book]"' in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_reportlab_is_imported_only_where_it_is_needed():
    for path in Path(worksheets.__file__).parent.glob("*.py"):
        imports = [
            node
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert imports
        assert not any("reportlab" in ast.unparse(node) for node in imports), path.name


# A new kind


def test_a_kind_is_one_function(monkeypatch, tmp_path, capsys):
    """Numbers, rows and fractions, in a kind that has nothing to do with convolution."""

    def shares(draw, ties):
        n = exact.array(draw.whole(2, 40, (3,)))
        third, halves = n.sum() / 3, n / 2
        third_line = worksheets.Line((), f"m = {n[0]}/3 + … = {exact.printed(third)}")
        half_lines = tuple(
            worksheets.Line((i,), f"h_{{{i + 1}}} = {n[i]}/2 = {exact.printed(halves[i])}")
            for i in range(3)
        )
        asked = (
            worksheets.Prompt(
                "<The> mean?", (worksheets.Answer("m", exact.array(third), (third_line,)),)
            ),
            worksheets.Prompt("Half?", (worksheets.Answer("h", halves, half_lines),)),
        )
        return (
            worksheets.Problem(
                "Shares & means",
                "Divide.",
                (worksheets.Grid("n", n),),
                asked,
                {},
                lambda g: {"m": np.mean(g["n"].astype(float)), "h": g["n"].astype(float) / 2},
            ),
        )

    monkeypatch.setitem(worksheets.KINDS, "shares", worksheets.Kind("means", shares))
    assert main(["worksheet", "--kind", "shares", "--count", "3", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "key.html").read_text(encoding="utf-8")
    assert "<The> mean?" in unescape(text) and "<The>" not in text and "Shares &amp; means" in text
    assert pages_of((tmp_path / "sheets.pdf").read_bytes()) == 3


def test_sheets_are_set_on_the_paper_that_is_asked_for(tmp_path):
    sizes = {"a4": b"595.2756 841.8898", "letter": b"612 792"}
    for paper, size in sizes.items():
        words = ["worksheet", "--kind", "conv", "--count", "2", "--paper", paper]
        assert main([*words, "--out", str(tmp_path / paper)]) == 0
        for name in ("sheets", "key"):
            page = (tmp_path / paper / f"{name}.pdf").read_bytes()
            assert b"/MediaBox [ 0 0 " + size in page
            style = (tmp_path / paper / f"{name}.html").read_text(encoding="utf-8")
            assert f"@page {{ size: {'A4' if paper == 'a4' else paper}; margin" in style
    worksheets.write("conv", seed=0, count=2, out=tmp_path / "usual")
    for name in FILES:
        assert (tmp_path / "usual" / name).read_bytes() == (tmp_path / "a4" / name).read_bytes()
    with pytest.raises(ValueError, match="paper: 'a5' is invalid; use 'a4' or 'letter'"):
        worksheets.write("conv", seed=0, count=2, out=tmp_path, paper="a5")
