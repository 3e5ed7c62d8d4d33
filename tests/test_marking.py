"""Handouts, and each part of marking: no kernel is started here."""

import copy
import csv
import io
import itertools
import json
import re
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import made_up_class
import nbformat
import pytest

from course_utils import exercises
from course_utils.__main__ import main
from course_utils.exercises import answers
from course_utils.marking import kernel, needed, report, running, sandbox, tally
from course_utils.marking.handout import assignment, handout
from course_utils.marking.nursery import Nursery
from course_utils.marking.pages import SOLUTION, asked, read_pages, same
from course_utils.marking.session import Heard, Limits, Session
from course_utils.marking.submissions import collect

BOOK = Path(__file__).resolve().parents[1] / "book"
PAGES = read_pages(BOOK)
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


def codes(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


# --- handouts


@pytest.fixture(scope="module")
def handouts():
    pytest.importorskip("nbconvert", reason="nbconvert is not installed (extra book)")
    return {name: handout(page) for name, page in PAGES.items()}


@each_page
def test_a_handout_has_no_solution_and_all_else(page, handouts):
    made = handouts[page.name]
    kept = [c for c in page.notebook.cells if SOLUTION not in c.metadata.get("tags", [])]
    assert [cell.id for cell in made.cells] == [cell.id for cell in kept]
    assert len(kept) == len(page.notebook.cells) - len(page.titles)
    for before, after in zip(kept, made.cells, strict=True):
        if before.cell_type == "code":
            assert after.source == before.source
            assert after.outputs == ([] if asked(before.source) else before.outputs)
    assert [name for c in codes(made) for name in asked(c.source)] == list(page.titles)
    assert "data-d=" not in nbformat.writes(made)  # a box, in which an answer lies
    assert not re.search(r"[Ss]olutions? (is|are) folded", prose(made))


@each_page
def test_what_is_to_be_recalled_stays_and_its_answers_go(page, handouts):
    before, after = prose(page.notebook), prose(handouts[page.name])
    recall = before[before.index("## Questions to recall") : before.index("## Exercises")]
    left = after[after.index("## Questions to recall") : after.index("## Exercises")]
    questions = re.findall(r"^\*\*\d\..*\*\*$", recall, re.MULTILINE)
    assert re.findall(r"^\*\*\d\..*\*\*$", left, re.MULTILINE) == questions
    options = [s.strip() for s in re.findall(r"<summary>(.*?)</summary>", recall, re.DOTALL)]
    assert [line[2:] for line in left.splitlines() if line.startswith("- ")] == options
    assert "<details>" not in left
    answers = re.findall(r"</summary>\s*(.*?)\s*</details>", recall, re.DOTALL)
    assert len(answers) == len(options) >= 3 * len(questions) > 0
    assert [answer for answer in answers if answer in left] == []
    assert before.count("<details>") - len(options) == after.count("<details>")


@each_page
def test_a_handout_uses_no_name_that_only_a_solution_binds(page, handouts):
    bound, late = (
        set(vars(__builtins__) if not isinstance(__builtins__, dict) else __builtins__),
        {},
    )
    for cell in codes(handouts[page.name]):
        names = needed.names_of(cell.source)
        bound |= names.binds
        assert names.early <= bound, cell.source
        late |= dict.fromkeys(names.late, cell.source)
    assert {name: source for name, source in late.items() if name not in bound} == {}


def test_an_assignment_judges_each_exercise_right_after_its_cell(handouts):
    page = PAGES["02a_sizes_and_receptive_fields"]
    cells = codes(assignment(page))
    graded = [i for i, cell in enumerate(cells) if "nbgrader" in cell.metadata]
    assert [cells[i].metadata.nbgrader.grade_id for i in graded] == list(page.titles)
    for i in graded:
        assert cells[i].metadata.nbgrader.locked and cells[i].metadata.nbgrader.points == 1
        assert asked(cells[i - 1].source) == [cells[i].metadata.nbgrader.grade_id]
    assert 'REGISTRY["jump"], jump)' in cells[graded[2]].source.replace("'", '"')
    nbformat.validate(assignment(page))


def test_the_command_writes_what_is_asked_for(handouts, tmp_path, capsys):
    assert main(["handout", "--out", str(tmp_path), "--book", str(BOOK), "--pages", "01a"]) == 0
    (path,) = tmp_path.iterdir()
    assert capsys.readouterr().out.strip() == str(path)
    assert nbformat.read(path, as_version=4) == handouts["01a_convolution"]
    assert main(["handout", "--out", str(tmp_path), "--book", str(BOOK), "--pages", "99z"]) == 2
    assert "pages: '99z' is invalid; use some of 01a, 01b" in capsys.readouterr().err
    assert main(["handout", "--out", str(tmp_path), "--book", str(tmp_path / "none")]) == 2
    assert "is invalid; use the folder of the book's notebooks" in capsys.readouterr().err


# --- which cells must run: R is the student's root, s another of hers, - the page's

CASES = {
    "what the root names": (["-x = 1", "-y = 2", "Rcheck('a', x)"], "x.x"),
    "the last that binds it": (["-x = 1", "-x = 2", "Rcheck('a', x)"], ".xx"),
    "and what that needs": (["-x = 1", "-x = x + 1", "Rcheck('a', x)"], "xxx"),
    "one that may bind it": (["-x = 1", "-if c:\n    x = 2", "-c = 1", "Rcheck('a', x)"], "xx.x"),
    "what the root binds itself": (["-x = 1", "Rx = 2\ncheck('a', x)"], ".x"),
    "a loop's own": (["-i = 1", "Rfor i in [1]:\n    check('a', i)"], ".x"),
    "an index": (["-x = []", "-x[0] = 1", "-y = 1", "Rcheck('a', x)"], "xx.x"),
    "a method": (["-net = N()", "-net.train()", "-plot.show()", "Rcheck('a', net)"], "xx.x"),
    "being handed over": (["-x = []", "-fill(x)", "-print(len(x))", "Rcheck('a', x)"], "xx.x"),
    "an import": (["-import numpy as np", "-np.show()", "Rcheck('a', np.ones(2))"], "x.x"),
    "a star": (["-from math import *", "-y = 1", "Rcheck('a', pi)"], "x.x"),
    "later, in a function": (
        ["-def f():\n    return z", "-z = 3", "-y = 1", "Rcheck('a', f())"],
        "xx.x",
    ),
    "her own cell, whatever it does": (
        ["-x = 1", "sf(g(x))", "-f(g(x))", "Rcheck('a', x)"],
        "xx.x",
    ),
    "her own, of other names": (["sz = train()", "Rcheck('a', 1)"], ".x"),
    "nothing after the last root": (["Rcheck('a', x)", "-x = 1"], "x."),
    "no root": (["-x = 1", "sy = x"], ".."),
    "magics": (["-%matplotlib inline\nx = 1", "R%%time\ncheck('a', x)"], "xx"),
    "not Python": (["-x = 1", "sx = = 2", "Rcheck('a', x)"], "x.x"),
    "inside out": (["-x = 1", "-y = 1", "Rcheck('a', [x for y in z])"], "x.x"),
    "global": (["-def f():\n    global x\n    x = 1", "-f()", "Rcheck('a', x)"], "x.x"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_must_run_is_found(case):
    cells, expected = CASES[case]
    own = [cell[0] in "sR" for cell in cells]
    roots = [cell[0] == "R" for cell in cells]
    run = needed.needed([cell[1:] for cell in cells], own, [False] * len(cells), roots)
    assert "".join("x" if runs else "." for runs in run) == expected


def test_the_pages_solutions_never_run():
    cells = ["x = 1", "x = 2", "check('a', x)"]
    assert needed.needed(
        cells, [False, False, True], [False, True, False], [False, False, True]
    ) == [
        True,
        False,
        True,
    ]


COMPREHENSIONS = ["[x for x in z]", "{x for x in z}", "{x: x for x in z}", "(x for x in z)"]


@pytest.mark.parametrize("written", COMPREHENSIONS)
def test_a_comprehension_keeps_its_names_to_itself(written):
    for source in (f"y = {written}", f"y = [{written} for _ in range(2)]"):
        names = needed.names_of(source)
        assert (names.early, names.binds, names.late) == ({"z"}, {"y"}, set())


@each_page
def test_a_pages_exercises_need_little_of_it(page):
    """With the solutions as a student's own cells."""
    cells = [cell.source for cell in codes(page.notebook)]
    own = [same(cell) in page.solutions for cell in cells]
    run = needed.needed(cells, own, [False] * len(cells), own)
    others = [cell for cell, runs in zip(cells, run, strict=True) if runs and not asked(cell)]
    assert 1 <= len(others) <= 3


# --- what was handed in


def notebook_of(*sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


NAMES = {
    "anna.ipynb": "anna",
    "anna_01a_convolution.ipynb": "anna",
    "01a_convolution_anna.ipynb": "anna",
    "01a-Anna Lee.ipynb": "Anna Lee",
    "anna/01a_convolution.ipynb": "anna",
    "anna/week 1/01a_convolution.ipynb": "anna",
    "01a_convolution/anna.ipynb": "anna",
    "01a_convolution.ipynb": "01a_convolution",
    "Zoë Øst_123_assignsubmission_file_/01a_convolution.ipynb": "Zoë Øst",
    "Zoë Øst_123_assignsubmission_file/deep/er.ipynb": "Zoë Øst",
    "Zoë Øst_123_assignsubmission_file_01a_convolution.ipynb": "Zoë Øst",
    "leeanna_5512_66_01a_convolution.ipynb": "leeanna",
    "leeanna_LATE_5512_66_01a_convolution-1.ipynb": "leeanna",
    "jo_2.ipynb": "jo_2",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_student_is_known_by_what_the_platform_writes(name, packed, tmp_path):
    if packed:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.writestr(name, b"{}")
            archive.writestr(f"__MACOSX/{name}", b"")
            archive.writestr("anna/.ipynb_checkpoints/a-checkpoint.ipynb", b"")
        folder = tmp_path / "all.zip"
    else:
        folder = tmp_path / "in"
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"{}")
        (folder / "notes.txt").write_text("no notebook", encoding="utf-8")
    (found,) = collect(folder, list(PAGES))
    assert (found.student, found.name, found.content) == (NAMES[name], name, b"{}")


def packed_up(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_archives_in_archives_and_those_that_are_none(tmp_path):
    mine = packed_up(**{"sub/01a_convolution.ipynb": b"mine"})
    moodle = packed_up(
        **{
            "Ann Lee_1_assignsubmission_file_/w.zip": mine,
            "Ann Lee_2_assignsubmission_file_/a.ipynb": b"b",
        }
    )
    (tmp_path / "moodle.zip").write_bytes(moodle)
    (tmp_path / "bert.zip").write_bytes(packed_up(**{"01a_convolution.ipynb": b"bert"}))
    (tmp_path / "carl").mkdir()
    (tmp_path / "carl" / "all.zip").write_bytes(packed_up(**{"x_1_2_y.ipynb": b"carl"}))
    (tmp_path / "dora.zip").write_bytes(b"PK, honestly")
    found = [
        (one.student, one.content, bool(one.problem)) for one in collect(tmp_path, list(PAGES))
    ]
    assert found == [
        ("Ann Lee (1)", b"mine", False),
        ("Ann Lee (2)", b"b", False),
        ("bert", b"bert", False),
        ("carl", b"carl", False),
        ("dora", b"", True),
    ]


def test_what_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("course_utils.marking.submissions.LARGEST", 10)
    (tmp_path / "anna.ipynb").write_bytes(b"x" * 11)
    (tmp_path / "bert.zip").write_bytes(packed_up(**{"a.ipynb": b"x" * 11}))
    found = collect(tmp_path, [])
    assert [(one.student, one.content) for one in found] == [("anna", b""), ("bert", b"")]
    assert all("larger than" in one.problem for one in found)


@pytest.mark.parametrize("name", ["none", "empty"])
def test_a_folder_must_hold_something(name, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="folder: .* is invalid; use "):
        collect(tmp_path / name, [])


# --- signed judgements


@pytest.fixture
def armed(monkeypatch):
    """The exercises' check as a kernel arms it, the bundles that it displays, the key."""
    monkeypatch.setattr(exercises, "check", exercises.check)  # put back afterwards
    shown = []
    parent = {"header": {"msg_id": "request"}}
    shell = SimpleNamespace(
        display_pub=SimpleNamespace(publish=lambda data: shown.append(data[kernel.JUDGEMENT])),
        kernel=SimpleNamespace(get_parent=lambda channel: parent),
    )
    kernel.sign_judgements(shell, b"key")
    return exercises.check, shown


def genuine(told, request="request"):
    return told["signature"] == kernel.signature(b"key", told, request)


def test_check_says_what_it_always_says_and_signs_it(armed, capsys):
    plain, (check, shown) = exercises.judge, armed
    for answer in (..., 12345, exercises.REGISTRY["normalize"].right):
        check("normalize", answer)
        printed = " ".join(capsys.readouterr().out.split())
        judgement = plain(exercises.REGISTRY["normalize"], answer)
        assert printed == judgement.text
        assert (shown[-1]["status"], shown[-1]["text"]) == (judgement.status, judgement.text)
        assert genuine(shown[-1]) and not genuine(shown[-1], "another")
    check("normalize", hint=True)
    with pytest.raises(ValueError, match="name: 'nothing' is invalid"):
        check("nothing", 1)
    assert len(shown) == 3


def test_no_word_of_a_judgement_can_be_changed(armed):
    check, shown = armed
    check("normalize", 12345)
    for field, value in {"exercise": "nll", "status": "right", "mistake": "x", "text": ""}.items():
        assert not genuine(shown[0] | {field: value})


@pytest.mark.parametrize(
    ("module", "name"),
    [(answers, "compared"), (exercises, "judge"), (exercises, "REGISTRY")],
)
def test_a_checker_in_which_something_was_replaced_is_told(armed, monkeypatch, module, name):
    check, shown = armed
    monkeypatch.setattr(module, name, lambda *args, **more: None)
    check("normalize", 12345)
    assert shown[0]["status"] == "forged" and genuine(shown[0])


def test_an_answer_that_replaces_something_as_it_is_judged_is_told(armed, monkeypatch):
    check, shown = armed
    monkeypatch.setattr(answers, "compared", answers.compared)  # put back afterwards

    def answer(*arguments):
        answers.compared = lambda *args, **more: None

    check("nll", answer)
    assert shown[0]["status"] in ("forged", "wrong")  # wrong, if it was judged in another process


@pytest.mark.parametrize("change", ["right", "tolerance"])
def test_an_exercise_that_was_changed_is_told(armed, change):
    check, shown = armed
    exercise = exercises.REGISTRY["normalize"]
    before = getattr(exercise, change)
    object.__setattr__(exercise, change, 12345)
    try:
        check("normalize", 12345)
    finally:
        object.__setattr__(exercise, change, before)
    assert shown[0]["status"] == "forged"


# --- what came of the cells


def told(name, status, **more):
    return {"exercise": name, "status": status, "mistake": None, "text": status} | more


A, B = "conv-by-hand", "conv2d"
GATHERED = {
    "right": ([(told(A, "right"), True)], "", "right"),
    "not signed": ([(told(A, "right"), False)], "", "forged"),
    "signed and not": ([(told(A, "wrong"), True), (told(A, "right"), False)], "", "forged"),
    "the last counts": ([(told(A, "right"), True), (told(A, "wrong"), True)], "", "wrong"),
    "but for a stub": ([(told(A, "right"), True), (told(A, "not attempted"), True)], "", "right"),
    "printed": ([(told(A, "wrong"), True)], f"✓ {A}: right.", "forged"),
    "printed by check": ([(told(A, "right"), True)], f"✓ {A}: right.", "right"),
    "an error": ([], "", "stopped"),
    "an exercise of nobody": ([(told("nothing", "right"), True)], "", "stopped"),
}


@pytest.mark.parametrize("case", GATHERED)
def test_a_cell_is_taken_at_its_signed_word(case):
    judgements, printed, expected = GATHERED[case]
    found = {name: told(name, "not attempted") for name in (A, B)}
    heard = Heard(judgements, printed, "NameError: no such name")
    running.gather(found, f"check({A!r}, x)", heard, rebound=False)
    assert (found[A]["status"], found[B]["status"]) == (expected, "not attempted")
    if expected == "stopped":
        assert found[A]["text"] == "NameError: no such name"


def test_a_check_that_was_bound_anew_is_forged():
    found = {A: told(A, "not attempted")}
    running.gather(found, f"check({A!r}, x)", Heard([], "", ""), rebound=True)
    assert found[A]["status"] == "forged"
    found = {A: told(A, "not attempted")}
    heard = Heard([], "", "TypeError: 'bool' object is not callable")
    running.gather(found, f"check({A!r}, x)", heard, rebound=True)
    assert found[A]["status"] == "stopped"  # who calls a number of hers check, forges nothing


def judged(content, wanted=tuple(PAGES)):
    return running.judged(content, PAGES, wanted, Limits(), nursery=None)


@pytest.mark.parametrize("name", made_up_class.FILES)
def test_what_is_not_a_notebook_is_told(name):
    content, words = made_up_class.FILES[name]
    (trouble,) = judged(content)["trouble"]
    assert words in trouble


def test_no_kernel_is_needed_where_nothing_was_answered(handouts):
    for notebook in (handouts["01a_convolution"], PAGES["01a_convolution"].notebook):
        result = judged(nbformat.writes(notebook).encode())
        assert result["trouble"] == ["no answers"]
        assert {answer["status"] for answer in result["exercises"].values()} == {"not attempted"}


def test_another_chapter_is_told(handouts):
    content = nbformat.writes(handouts["02a_sizes_and_receptive_fields"]).encode()
    result = judged(content, ["01a_convolution"])
    assert result["trouble"] == ["another page: 02a_sizes_and_receptive_fields, which was not set"]
    assert result["exercises"] == {}
    (trouble,) = judged(notebook_of("print('hello')"))["trouble"]
    assert trouble == "another page: none of the book's"


def test_output_beyond_measure_ends_a_notebook():
    killed = []
    session = Session(["x"], Limits())
    session._manager = SimpleNamespace(kill=lambda: killed.append(True))
    message = {
        "msg_type": "stream",
        "parent_header": {"msg_id": "1"},
        "content": {"text": "x" * 10**6},
    }
    for _ in range(20):
        session.hear(copy.deepcopy(message), 0)
    assert session.trouble == ["it printed more than 16 MB"] and killed
    assert len(session.heard[0].printed) < 17 * 10**6


@pytest.mark.parametrize("signed", [None, 5, "é", "0" * 64, ["x"]])
def test_a_forged_bundle_may_have_anything_in_it(signed):
    session = Session(["x"], Limits())
    data = {kernel.JUDGEMENT: {"exercise": A, "status": "right", "signature": signed}}
    message = {
        "msg_type": "display_data",
        "parent_header": {"msg_id": "1"},
        "content": {"data": data},
    }
    session.hear(message, 0)
    assert [valid for _, valid in session.heard[0].judgements] == [False]


def test_a_nursery_that_was_closed_starts_nothing():
    nursery = Nursery()
    nursery.close()
    with pytest.raises(OSError, match="no kernel is started any more"):
        nursery.start({})


# --- marks


def result(page, trouble=(), **statuses):
    answers = {name: told(name, "not attempted", source="") for name in PAGES[page].titles}
    for name, status in statuses.items():
        answers[name.replace("_", "-")] |= {"status": status.split(":")[0]}
        if ":" in status:
            answers[name.replace("_", "-")]["mistake"] = status.split(":")[1]
    return {"page": page, "trouble": list(trouble), "exercises": answers}


@pytest.fixture
def marked():
    page = "01a_convolution"
    results = [
        ("=anna", "a.ipynb", result(page, conv2d="right", output_size="wrong:the <b>stride</b>")),
        ("=anna", "b.ipynb", result(page, conv2d="wrong:x", output_size="wrong:late")),
        ("bert", "c.ipynb", result(page, ["forged: conv2d"], conv2d="forged", output_size="right")),
        ("bert", "d.ipynb", result(page, conv2d="right", output_size="wrong:the <b>stride</b>")),
        ("<i>carl", "e.ipynb", {"page": "", "trouble": ["not a notebook"], "exercises": {}}),
        ("dora", "f.ipynb", result(page, output_size="wrong:the <b>stride</b>")),
    ]
    return tally.tally({page: PAGES[page]}, results, {"conv2d": 2, "output-size": 0.5})


def test_a_row_a_student_a_column_an_exercise(marked):
    table = list(csv.reader(io.StringIO(marked.as_csv())))
    assert table[0] == ["student", *PAGES["01a_convolution"].titles, "total", "trouble"]
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert [(r["student"], r["conv2d"], r["output-size"], r["total"]) for r in rows] == [
        ("'=anna", "2", "0", "2"),  # the best of several; and no formula
        ("bert", "0", "0.5", "0.5"),  # what is forged stays so
        ("<i>carl", "0", "0", "0"),
        ("dora", "0", "0", "0"),
    ]
    assert [row["trouble"] for row in rows] == [
        "", "c.ipynb: forged: conv2d", "e.ipynb: not a notebook", ""
    ]  # fmt: skip
    marked.points = {}
    table = list(csv.reader(io.StringIO(marked.as_csv())))
    assert [row[table[0].index("conv2d")] for row in table[1:]] == [
        "right", "forged", tally.ABSENT, "not attempted"
    ]  # fmt: skip


def test_each_mistake_is_counted(marked):
    assert marked.mistakes("output-size") == [("the <b>stride</b>", ["=anna", "dora"])]
    assert marked.counts("output-size") == {"wrong": 2, "right": 1, tally.ABSENT: 1}
    assert json.loads(json.dumps(marked.as_json()))["exercises"]["conv2d"]["counts"]["forged"] == 1


def test_whatever_a_student_writes_is_text(marked):
    links = report.addresses(student.name for student in marked.students)
    pages = [report.report(marked, links)]
    pages += [report.student_page(marked, student) for student in marked.students]
    for page in pages:
        assert "<i>carl" not in page and "the <b>stride" not in page
    assert "&lt;i&gt;carl" in pages[0] and "the &lt;b&gt;stride" in pages[0]


def test_a_student_gets_nothing_of_another(marked):
    pages = {s.name: report.student_page(marked, s) for s in marked.students}
    for one, other in itertools.permutations(("bert", "dora"), 2):
        assert other not in pages[one]


POINTS = {
    "exercise,points\nconv2d,-1": "points: '-1' is invalid; use a number of at least 0",
    "exercise,points\nconv2d,x": "points: 'x' is invalid",
    "exercise,points\nconv2d,nan": "points: 'nan' is invalid",
    "exercise,points\nconv3d,1": "points: 'conv3d' is invalid; use some of conv-by-hand",
    "name,points\nconv2d,1": "use a table with the columns exercise,points",
}


def test_points_are_read(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("\ufeffexercise,points\nconv2d, 1.5\noutput-size,0\n", encoding="utf-8")
    assert tally.read_points(path, ["conv2d", "output-size"]) == {"conv2d": 1.5, "output-size": 0}


@pytest.mark.parametrize("text", POINTS)
def test_points_that_make_no_sense_are_told(text, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(POINTS[text])):
        tally.read_points(path, PAGES["01a_convolution"].titles)


# --- the sandbox


def test_what_can_be_seen_in_the_sandbox_is_not_the_home_folder():
    for path in map(Path, sandbox.visible()):
        assert not Path.home().is_relative_to(path)
        assert not BOOK.is_relative_to(path)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_there_is_no_sandbox_that_is_said(platform, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    assert sandbox.available.__wrapped__() == f"{platform} has no namespaces"
