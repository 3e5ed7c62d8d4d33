"""The box under an exercise: does it judge in the page as the checker judges in a notebook?"""

import base64
import json
import math
import re
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch

from course_utils import exercises
from course_utils.exercises import PAGES, REGISTRY, box, check, judge
from course_utils.exercises.box import NOTEBOOK
from course_utils.exercises.reading import is_blank
from course_utils.exercises.slips import slips
from course_utils.fragments import packed

HERE = Path(exercises.__file__).parent
VALUES = [e for e in REGISTRY.values() if not e.cases and not e.fault]
RIGHT = {
    name: answers
    for page in PAGES
    for name, answers in import_module(f"answers_{page}").RIGHT.items()
}


def lists(answer):
    """An answer as lists of Python's own numbers, fractions kept."""
    if isinstance(answer, torch.Tensor | np.ndarray | np.generic):
        answer = (answer.detach() if isinstance(answer, torch.Tensor) else answer).tolist()
    if isinstance(answer, list | tuple):
        return [lists(part) for part in answer]
    return answer if isinstance(answer, Fraction) else number(answer)


def number(value):
    return ... if is_blank(value) else value if isinstance(value, int) else float(value)


def typed(answer, brackets="[]", comma=", ", minus="-"):
    """What one types: brackets and commas, or other signs."""
    if isinstance(answer, list):
        return (
            brackets[0] + comma.join(typed(a, brackets, comma, minus) for a in answer) + brackets[1]
        )
    return (
        "..."
        if answer is ...
        else str(answer).replace("-", minus, 1 if str(answer)[0] == "-" else 0)
    )


def ways(answer):
    """The same answer as different people type it."""
    yield typed(answer)
    yield typed(answer, "()", "  ", "−")
    if isinstance(answer, list) and not any(isinstance(part, list) for part in answer):
        yield typed(answer, minus="−")[1:-1]
        yield typed(answer, comma=" ")[1:-1]
    if isinstance(answer, list) and all(isinstance(p, list) for p in answer):
        rows = [typed(row, comma=" ", minus="–")[1:-1] for row in answer]
        if len(rows) > 1 and not any("[" in row for row in rows):
            yield "\n".join(rows)
            yield ";".join(rows)


def exported(exercise):
    """What the page holds of an exercise."""
    code = re.search(r'data-d="([^"]*)"', box(exercise).html)[1]
    return json.loads(base64.b64decode(code))


# --- what is exported


def test_what_is_exported_is_the_exercise_and_no_glance_reads_it():
    for exercise in VALUES:
        data = exported(exercise)
        mistakes = (*exercise.mistakes, *slips(exercise))
        assert [words for words, _ in data["mistakes"]] == [m.looks_like for m in mistakes]
        assert data["hint"] == exercise.hint
        assert all(m.looks_like not in box(exercise).html for m in mistakes)
        right = data["right"]["parts"] if isinstance(exercise.right, tuple) else data["right"]
        assert judge(exercise, right).status == "right"
        for mistake, (_, wrong) in zip(mistakes, data["mistakes"], strict=True):
            assert (
                judge(exercise, wrong["parts"] if isinstance(wrong, dict) else wrong).mistake
                is mistake
            )


def test_every_exercise_has_its_box_or_says_where_it_is_tried():
    for exercise in REGISTRY.values():
        made = box(exercise)
        assert repr(made) == f"{exercise.name}: not attempted yet."
        assert repr(made) in made.html
        assert made.html == box(exercise).html
        assert ("<script>" in made.html) == (exercise in VALUES)
        assert (NOTEBOOK in made.html) == (exercise not in VALUES)
        assert not re.search(r"\bid=|\bsrc=|@import|url\(|fetch\(|import\(|https?:", made.html)
        assert len(made.html.encode()) < 25_000


def test_check_shows_the_box_where_nothing_was_tried(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("sys.displayhook", shown.append)
    check("normalize", [..., ...])
    assert [made.html for made in shown] == [box(REGISTRY["normalize"]).html]
    check("normalize", [0, 1])
    check("normalize", hint=True)
    assert len(shown) == 1
    assert "right" not in shown[0].html.split("<style>")[0]
    assert capsys.readouterr().out.startswith("✗ normalize: wrong.")


# --- the same judgement in the page


@pytest.fixture(scope="module")
def tab(browser):
    tab = browser.new_page()
    tab.evaluate(f"window.judge = {packed(HERE / 'judge.js')}")
    yield tab
    tab.close()


JUDGE = """([exercise, texts, one]) => texts.map((text) => {
    try {
        const { status, says } = judge.judge(exercise, judge.read(text, one));
        return [status, says];
    } catch (error) { return ["unread", error.message]; }
})"""


def in_page(tab, exercise, texts):
    data = exported(exercise)
    return tab.evaluate(JUDGE, [data, texts, np.shape(exercise.right) == ()])


def in_notebook(exercise, answer):
    """Status and words, without the name and the hint, which the box shows apart."""
    found = judge(exercise, answer)
    words = re.fullmatch(r"✗ [\w-]+: wrong\. (.*) Hint: .*", found.text)
    return [found.status, words[1] if words else ""]


def test_page_and_notebook_agree_on_every_right_answer_and_every_planted_mistake(tab):
    """Typed in all ways that people type, of all 26 value exercises."""
    rights = mistakes = texts = 0
    for exercise in VALUES:
        for answer in RIGHT[exercise.name]:
            given = list(ways(lists(answer)))
            assert in_page(tab, exercise, given) == [["right", ""]] * len(given), answer
            rights, texts = rights + 1, texts + len(given)
        for mistake in (*exercise.mistakes, *slips(exercise)):
            given = list(ways(lists(mistake.answer)))
            wanted = ["wrong", f"This looks like {mistake.looks_like}."]
            assert judge(exercise, mistake.answer).mistake is mistake
            assert in_page(tab, exercise, given) == [wanted] * len(given)
            mistakes, texts = mistakes + 1, texts + len(given)
    print(f"{len(VALUES)} exercises, {rights} right answers, {mistakes} mistakes, {texts} texts")
    assert (
        len(VALUES)
        == sum(not e.cases and not e.fault for page in PAGES.values() for e in page)
        >= 26
    )
    assert rights == sum(len(RIGHT[e.name]) for e in VALUES)
    assert mistakes == sum(len(e.mistakes) + len(slips(e)) for e in VALUES)


def spoilt(answer):
    """Answers that are wrong otherwise: other numbers, shapes, blanks, rows of unequal length."""
    yield from (7.25, -1, [], [1], [1, 2, 3, 4, 5, 6, 7], [[1, 2], [3, 4]], [[1, 2], [3]], [[1], 2])
    yield from (
        [[]],
        [1, ...],
        [..., [2, ...]],
        ...,
        [...],
        [[1, 2], [..., 4]],
        [[[1, 2]], [[3, 4]]],
    )
    if isinstance(answer, list):
        yield [*answer, 1]
        yield answer[:-1]
        for i in range(len(answer)):
            for other in (..., [answer[i]], 99):
                yield [*answer[:i], other, *answer[i + 1 :]]
    else:
        yield from ([answer, answer], [[answer]], answer + 1)


def test_they_say_the_same_of_whatever_else_is_wrong(tab):
    compared = 0
    for exercise in VALUES:
        answers = list(spoilt(lists(np.asarray(exercise.right, dtype=float))))
        found = in_page(tab, exercise, [typed(answer) for answer in answers])
        for answer, said in zip(answers, found, strict=True):
            assert said == in_notebook(exercise, answer), (exercise.name, answer)
            compared += 1
    print(f"{compared} other answers")
    assert compared > 500


def test_they_draw_the_line_at_the_same_place(tab):
    """Inside the tolerance, or half a unit of the third digit, is right; outside isn't."""
    for exercise in VALUES:
        right = lists(np.asarray(exercise.right, dtype=float))
        if isinstance(right, list):
            continue
        room = exercise.tolerance * max(1, abs(right))
        if room and not right.is_integer():
            room = max(room, 10.0 ** (math.floor(math.log10(abs(right))) - 2) / 2)
        for by in (0.999, 1.001, -0.999, -1.001):
            answer = right + by * room
            assert in_page(tab, exercise, [repr(answer)]) == [in_notebook(exercise, answer)]
            assert (in_notebook(exercise, answer)[0] == "right") == (abs(by) < 1 or not room)


def rounded(value, digits, cut):
    """A number as someone writes it down with a few digits."""
    if not value:
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - digits)
    return float(f"{(math.trunc if cut else round)(value / unit) * unit:.12g}")


def all_rounded(answer, digits, cut):
    if isinstance(answer, list):
        return [all_rounded(part, digits, cut) for part in answer]
    return rounded(answer, digits, cut)


def test_they_say_the_same_of_numbers_written_with_few_digits(tab):
    said = set()
    for exercise in VALUES:
        for answer in (exercise.right, *(mistake.answer for mistake in exercise.mistakes)):
            exact = lists(np.asarray(answer, dtype=float))
            given = [all_rounded(exact, n, cut) for n in (1, 2, 3, 4, 5) for cut in (False, True)]
            found = in_page(tab, exercise, [typed(g) for g in given])
            assert found == [in_notebook(exercise, g) for g in given], (exercise.name, answer)
            said |= {words for _, words in found}
    assert "Your answer is close: give three digits, and round the last." in said


def test_they_say_the_same_of_answers_in_another_shape(tab):
    said = set()
    for exercise in VALUES:
        for answer in (exercise.right, *(mistake.answer for mistake in exercise.mistakes)):
            flat = lists(np.ravel(np.asarray(answer, dtype=float)))
            whole = lists(np.asarray(answer, dtype=float))
            given = [flat, [whole], [[whole]], [[v] for v in flat], flat[::-1]]
            found = in_page(tab, exercise, [typed(g) for g in given])
            assert found == [in_notebook(exercise, g) for g in given], (exercise.name, answer)
            said |= {words for _, words in found}
    assert any("has the right numbers in the wrong shape" in words for words in said)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), (" −0.5 ", -0.5), ("–3", -3), ("+4", 4), (".5", 0.5), ("5.", 5), ("2/3", 2 / 3),
        ("−1 / 2", -0.5), ("1e-3", 1e-3), ("1.2 × 10^8", 1.2e8), ("2·10^−3", 2e-3),
        ("3*10**2", 300), ("101,770", 101_770), ("1,213,000.5", 1_213_000.5), ("[7]", [7]),
        ("1, 2", [1, 2]), ("1,2", [1, 2]), ("0,800", [0, 800]), ("1;2", [[1], [2]]),
        ("1 2\n3 4\n", [[1, 2], [3, 4]]),
        ("1, , 2", [1, None, 2]), ("?", None), ("…", None), ("", None), ("[1 2\n3]", [1, 2, 3]),
        ("(1, (2, 3))", [1, [2, 3]]), ("1, 2,", [1, 2]),
    ],
)  # fmt: skip
def test_what_people_type_is_read(tab, text, number):
    assert tab.evaluate("(text) => judge.read(text, true)", text) == number


@pytest.mark.parametrize(
    "text",
    ["five", "1/0", "1/2/3", "0x10", "1e999", "NaN", "Infinity", "- 5 -", "[1, 2", "1]", "[1) ",
     "[1] 2", "2 + 2", "1 2 x", "[a]", "12 %", "1..2", "--1", "[1]]", "1 [2]"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(tab, text):
    found = tab.evaluate(
        "(t) => { try { return [judge.read(t, true)] } catch { return 'no' } }", text
    )
    assert found == "no"


# --- driven


def page(*names):
    return "<!doctype html><html lang=en><title>t</title>" + "".join(
        f"<section>{box(REGISTRY[name]).html}</section>" for name in names
    )


def test_a_box_is_driven_by_keyboard_alone_and_remembers(open_alone):
    tab = open_alone(page("total-surprise", "alexnet-sizes"), 1280)
    first, second = tab.get_by_role("group").all()
    said, keys = first.get_by_role("status"), tab.keyboard

    keys.press("Tab")
    assert tab.evaluate("document.activeElement.labels[0].innerText").strip() == "Your answer"
    keys.press("Enter")
    assert "nothing to check yet" in said.inner_text()
    keys.type("rain")
    keys.press("Enter")
    assert "“rain” can't be read" in said.inner_text()
    keys.press("Control+a")
    keys.type("−3.0366")
    keys.press("Enter")
    assert (
        said.inner_text() == "✗ This looks like the sign is flipped: a surprise is never below 0."
    )
    for _ in range(2):
        keys.press("Tab")
    keys.press("Space")
    assert f"Hint: {REGISTRY['total-surprise'].hint}" in said.inner_text()
    keys.press("Space")
    assert "Hint" not in said.inner_text()

    for _ in range(2):
        keys.press("Tab")
    keys.type("55 27 27 13 13 6")
    keys.press("Tab")
    keys.press("Enter")
    assert second.get_by_role("status").inner_text() == "✓ Right."

    tab.reload()
    assert first.get_by_role("textbox").input_value() == "−3.0366"
    assert "the sign is flipped" in said.inner_text()
    assert second.get_by_role("status").inner_text() == "✓ Right."
    second.get_by_role("button", name="Clear").press("Enter")
    assert second.get_by_role("status").inner_text() == ""
    assert second.get_by_role("textbox").evaluate("(e) => e === document.activeElement")
    tab.reload()
    assert second.get_by_role("textbox").input_value() == ""
    assert first.get_by_role("textbox").input_value() == "−3.0366"
    tab.problems.clear()  # the requests for the page itself


def test_a_matrix_has_cells_whose_number_is_the_readers(open_alone):
    tab = open_alone(page("conv-by-hand"), 390)
    said = tab.get_by_role("status")
    cells = tab.get_by_role("textbox")
    assert cells.count() == 4  # and not three by three, which would say how large the answer is
    exercise = REGISTRY["conv-by-hand"]
    for cell, value in zip(cells.all(), np.ravel(exercise.mistakes[1].answer), strict=True):
        cell.fill(str(value))
    tab.get_by_role("button", name="Check").click()
    assert said.inner_text() == f"✗ This looks like {exercise.mistakes[1].looks_like}."

    tab.get_by_label("rows").fill("3")
    tab.get_by_label("columns").fill("3")
    tab.get_by_label("columns").press("Enter")
    assert cells.count() == 9
    assert tab.get_by_label("row 1, column 2", exact=True).input_value() == "3"
    assert said.inner_text() == "✗ Your answer still has a blank in it."
    for cell, value in zip(cells.all(), np.ravel(exercise.right), strict=True):
        cell.fill(str(value).replace("-", "−"))
    cells.last.press("Enter")
    assert said.inner_text() == "✓ Right."
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.reload()
    assert cells.count() == 9
    assert said.inner_text() == "✓ Right."
    tab.get_by_role("button", name="Clear").click()
    assert cells.evaluate_all("(all) => all.map((e) => e.value)") == [""] * 4

    for text, count in (("1 2 3\n4 5 6", 6), ("[[1, 2], [3, 4], [5, 6]]", 6)):
        cells.first.evaluate(
            """(cell, text) => { const data = new DataTransfer(); data.setData("text", text);
            cell.dispatchEvent(new ClipboardEvent("paste",
                {clipboardData: data, bubbles: true, cancelable: true})); }""",
            text,
        )
        assert cells.count() == count
        assert cells.evaluate_all("(all) => all.map((e) => e.value)") == list("123456")
    tab.problems.clear()


def test_without_memory_it_still_judges(open_alone):
    text = page("total-surprise").replace(
        "<section>",
        "<script>Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
        "</script><section>",
        1,
    )
    tab = open_alone(text, 390)
    tab.get_by_role("textbox").fill("3.0366")
    tab.get_by_role("button", name="Check").click()
    assert tab.get_by_role("status").inner_text() == "✓ Right."
    tab.get_by_role("button", name="Clear").click()
    assert tab.get_by_role("status").inner_text() == ""


def test_without_script_and_on_paper(open_alone):
    tab = open_alone(page("total-surprise"), 700, java_script_enabled=False)
    assert tab.get_by_role("textbox").count() == 0
    assert tab.get_by_text("put your answer in place of the").is_visible()
    tab = open_alone(page("total-surprise"), 700)
    tab.emulate_media(media="print")
    assert tab.locator("input:visible, button:visible").count() == 0
    assert tab.get_by_text("Your answer to total-surprise").is_visible()


def test_what_is_typed_is_none_of_the_pages_keys(open_alone):
    text = page("conv-by-hand", "normalize")
    tab = open_alone(
        text + "<script>heard = []; onkeydown = (e) => heard.push(e.key)</script>", 700
    )
    for field in (*tab.get_by_role("textbox").all(), *tab.get_by_role("spinbutton").all()):
        field.press("d")
        assert field.evaluate("(e) => e.dataset.lmSuppressShortcuts") == "true"
    tab.get_by_label("rows").fill("3")
    tab.get_by_label("rows").press("Tab")
    new = tab.get_by_label("row 3, column 1", exact=True)
    new.press("m")
    assert new.evaluate("(e) => e.dataset.lmSuppressShortcuts") == "true"
    assert "d" not in tab.evaluate("heard") and "m" not in tab.evaluate("heard")
