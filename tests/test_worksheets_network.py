"""Sheets on sizes, receptive fields and counts: the numbers of the key, found in other ways."""

import re
from fractions import Fraction as F

import pytest

from course_utils import worksheets
from course_utils.__main__ import main
from course_utils.plotting.diagrams import fields
from course_utils.worksheets import html, network, pdf

COUNT = 8


@pytest.fixture(scope="module")
def problems():
    sheets = worksheets.sheets("arithmetic", seed=7, count=COUNT)
    return [problem for sheet in sheets for problem in sheet.problems]


def given(problem):
    return {grid.label: grid.values.astype(int) for grid in problem.given}


def key(problem):
    return {answer.label: answer.values.tolist() for answer in problem.answers}


def starts(n, k, s, p):
    """Every place where a kernel can lie, counted one by one."""
    return [i for i in range(-p, n + p) if (i + p) % s == 0 and i + k <= n + p]


def test_the_first_sheet_of_seed_7_by_hand(problems):
    first = problems[0]
    numbers = given(first)
    assert numbers["k, s, p"].tolist() == [[3, 1, 0], [2, 2, 0], [3, 2, 1], [2, 2, 0]]
    assert (int(numbers["n"]), numbers["c"].tolist()) == (25, [2, 4, 16])
    assert key(first) == {
        "n": [25 - 3 + 1, (23 - 2) // 2 + 1, (11 + 2 - 3) // 2 + 1, (6 - 2) // 2 + 1],
        "j": [1, 1 * 2, 2 * 2, 4 * 2],
        "r": [1 + 2, 3 + 1, 4 + 2 * 2, 8 + 1 * 4],
        "P": [4 * (2 * 9 + 1), 16 * (4 * 9 + 1)],
        "M": 4 * 2 * 9 * 23 * 23,
        "F": 16 * 3 * 3,
    }
    assert first.answers[0].lines[2].text == "n_{3} = ⌊(11 + 2·1 − 3) / 2⌋ + 1 = 6"


def test_sizes_and_fields_by_counting(problems):
    for problem in problems:
        numbers, found = given(problem), key(problem)
        side, seen = int(numbers["n"]), []
        for k, s, p in numbers["k, s, p"].tolist():
            side = len(starts(side, k, s, p))
            seen.append(side)
        assert found["n"] == seen
        unpadded = [(k, s, 0) for k, s, _ in numbers["k, s, p"].tolist()]
        for depth in range(1, 5):
            here, there = (fields(unpadded[:depth], 150, output)[0] for output in (0, 1))
            assert found["r"][depth - 1] == len(here)
            assert found["j"][depth - 1] == there.start - here.start


def test_every_printed_equation_holds(problems):
    for answer in (a for problem in problems for a in problem.answers):
        for line in answer.lines:
            _, words, result = line.text.split(" = ")
            python = re.sub(r"⌊(.*) / (\d+)⌋", r"((\1) // \2)", words)
            for sign, operator in (("·", "*"), ("−", "-"), ("²", "**2")):
                python = python.replace(sign, operator)
            assert eval(python) == F(result) == answer.values[line.index or ()]


def test_sheets_are_equally_hard(problems):
    for problem in problems:
        numbers = given(problem)
        windows = numbers["k, s, p"].tolist()
        sides = [int(numbers["n"]), *map(int, key(problem)["n"])]
        unread = [
            starts(n, k, s, p)[-1] + k < n + p
            for n, (k, s, p) in zip(sides[:-1], windows, strict=True)
        ]
        assert problem.difficulty == {
            "strides": sum(s > 1 for _, s, _ in windows),
            "padded": sum(p > 0 for _, _, p in windows),
            "rests": sum(unread),
            "fits": 2 <= sides[-1] <= 5 and key(problem)["M"] <= 40_000,
        }
        assert problem.text == problems[0].text


def test_sheet_and_key_as_web_page_and_pdf():
    sheets = worksheets.sheets("arithmetic", seed=3, count=2)
    sheet, answers = (html.render(sheets, key=is_key).decode() for is_key in (False, True))
    assert "⌋ + 1 = " in answers and "⌋ + 1 = " not in sheet
    for is_key in (False, True):
        assert len(re.findall(rb"/Type /Page\b", pdf.render(sheets, key=is_key))) == 2


def test_a_fault_in_the_arithmetic_stops_the_press(monkeypatch, tmp_path, capsys):
    right = network._fields

    def own_stride(rows):
        r, j = right(rows)
        return [(a + 1, b) for a, b in r], j

    monkeypatch.setattr(network, "_fields", own_stride)
    out = tmp_path / "sheets"
    command = ["worksheet", "--kind", "arithmetic", "--count", "1", "--out", str(out)]
    assert main(command) == 2
    assert "PyTorch" in capsys.readouterr().err
    assert not out.exists()


def test_there_is_nothing_to_tie():
    with pytest.raises(ValueError, match="ties: a sheet of kind 'arithmetic' has no window"):
        worksheets.sheets("arithmetic", seed=1, count=1, ties=True)
