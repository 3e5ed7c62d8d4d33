"""Do the checkers accept what is right, name what is wrong, and survive whatever they get?"""

import math
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from answers_data_pipeline import mean_loss
from answers_mnist_mlp import softmax, softmax_numpy
from answers_recipes import paired_interval
from torch import nn

from course_utils.exercises import PAGES, REGISTRY, Exercise, Mistake, check, judge
from course_utils.exercises import answers as reading
from course_utils.exercises.answers import compared
from course_utils.exercises.slips import slips

BOOK = Path(__file__).resolve().parents[1] / "book"

# What students write, in a file a page: right answers, slips that are known mistakes, and faults.
ANSWERS = [import_module(f"answers_{page}") for page in PAGES]
RIGHT = {name: answers for page in ANSWERS for name, answers in page.RIGHT.items()}
SLIPS = [slip for page in ANSWERS for slip in getattr(page, "SLIPS", [])]
FAULTS = [
    (name, *fault)
    for page in ANSWERS
    for name, faults in getattr(page, "FAULTS", {}).items()
    for fault in faults
]
FUNCTIONS = [exercise for exercise in REGISTRY.values() if exercise.cases]

each_exercise = pytest.mark.parametrize("exercise", REGISTRY.values(), ids=REGISTRY)
each_function = pytest.mark.parametrize("exercise", FUNCTIONS, ids=[e.name for e in FUNCTIONS])


# --- every registered exercise


def known(exercise):
    """The mistakes planted in an exercise, and the general slips."""
    return (*exercise.mistakes, *slips(exercise))


@cache
def judged(name):
    """What is said of each right answer to an exercise, and of each mistake known to it."""
    exercise = REGISTRY[name]
    right = [judge(exercise, answer) for answer in RIGHT[name]]
    return right, [judge(exercise, mistake.answer) for mistake in known(exercise)]


def test_no_two_exercises_share_a_name():
    names = Counter(exercise.name for page in PAGES.values() for exercise in page)
    assert names.most_common(1)[0][1] == 1
    assert set(REGISTRY) == set(names) == set(RIGHT)


def test_each_chapter_of_the_book_has_its_exercises_under_its_own_name():
    chapters = [path.stem.split("_", 1)[1] for path in BOOK.glob("[0-9]*.ipynb")]
    assert sorted(chapters) == sorted(PAGES)


@each_exercise
def test_right_answers_are_accepted(exercise):
    judgements, _ = judged(exercise.name)
    assert len(judgements) >= 5
    for i, judgement in enumerate(judgements):
        assert judgement.status == "right", f"answer {i}: {judgement.text}"


@each_exercise
def test_each_planted_mistake_is_named(exercise):
    _, judgements = judged(exercise.name)
    for mistake, judgement in zip(known(exercise), judgements, strict=True):
        assert judgement.status == "wrong"
        assert judgement.mistake is mistake, judgement.text
        assert f"This looks like {mistake.looks_like}." in judgement.text


@pytest.mark.parametrize("page", PAGES)
def test_counts(page, capsys):
    exercises = PAGES[page]
    right, mistakes = zip(*(judged(exercise.name) for exercise in exercises), strict=True)
    cases = sum(len(exercise.cases) for exercise in exercises)
    named = sum(judgement.mistake is not None for of_one in mistakes for judgement in of_one)
    planted = sum(len(exercise.mistakes) for exercise in exercises)
    accepted = sum(judgement.status == "right" for of_one in right for judgement in of_one)
    with capsys.disabled():
        print(
            f"\n{page}: {len(exercises)} exercises ({cases} hidden cases), {named} of "
            f"{sum(map(len, mistakes))} mistakes are named ({planted} planted in them, the rest "
            f"general slips), {accepted} of "
            f"{sum(map(len, right))} right answers are accepted"
        )
    assert exercises  # how many there must be, `page_shape` says


@pytest.mark.parametrize(("name", "answer", "words"), SLIPS)
def test_a_slip_as_students_write_it_is_recognised(name, answer, words):
    judgement = judge(REGISTRY[name], answer)
    assert judgement.status == "wrong"
    assert judgement.mistake and words in judgement.mistake.looks_like, judgement.text


@pytest.mark.parametrize(("name", "answer", "words"), FAULTS)
def test_a_fault_is_named(name, answer, words):
    judgement = judge(REGISTRY[name], answer)
    assert judgement.status == ("not attempted" if words == "not attempted" else "wrong")
    assert words in judgement.text


@each_exercise
def test_a_mistake_is_named_in_float32_and_in_torch_too(exercise):
    def single(values):
        if isinstance(values, str):
            return values
        return torch.tensor(np.asarray(values, dtype=np.float64), dtype=torch.float32)

    def wrong(mistake):
        def wrong(*args):
            arrays = [np.asarray(x) if isinstance(x, torch.Tensor) else x for x in args]
            return single(mistake.answer(*arrays))

        return wrong if exercise.cases else single(mistake.answer)

    for mistake in known(exercise):
        # A float32 has no room for the last digit of a hundred million multiply-adds.
        if exercise.name == "conv-multiply-adds" and "in every case" in mistake.looks_like:
            continue
        judgement = judge(exercise, wrong(mistake))
        assert judgement.mistake is not None, judgement.text
        assert judgement.mistake.looks_like == mistake.looks_like


def sizes(case):
    """The shapes of the arrays of a case, and whatever else it names."""
    return [np.shape(argument) or argument for argument in case]


@each_exercise
def test_no_two_answers_are_the_same(exercise):
    """Else the wrong mistake would be named, or a right answer be a mistake."""

    def given(answer):
        with np.errstate(all="ignore"):
            return [answer(*case) for case in exercise.cases] if exercise.cases else [answer]

    answers = [("the right one", given(exercise.right))]
    answers += [(mistake.looks_like, given(mistake.answer)) for mistake in known(exercise)]
    for (name, one), (other, another) in combinations(answers, 2):
        differences = [
            compared(a, b, exercise.tolerance, strict=False)
            for a, b in zip(one, another, strict=True)
        ]
        assert any(differences), f"{name} = {other}"


@each_function
def test_a_function_right_on_the_lessons_example_only_is_refused(exercise):
    lesson = exercise.cases[0]

    def remembered(*args):
        return exercise.right(*lesson)

    def for_its_shape(*args):
        if sizes(args) == sizes(lesson):
            return exercise.right(*(np.asarray(argument) for argument in args))
        raise IndexError("index 3 is out of bounds")

    for answer in (remembered, for_its_shape):
        judgement = judge(exercise, answer)
        assert judgement.status == "wrong"
        assert f"right in 1 of {len(exercise.cases)} cases" in judgement.text


@each_function
def test_hidden_cases_have_several_shapes(exercise):
    assert len({str(sizes(case)) for case in exercise.cases}) >= 3


@each_exercise
def test_each_sentence_reads_on(exercise):
    for mistake in exercise.mistakes:
        assert not mistake.looks_like.endswith(".")
        assert len(mistake.looks_like) < 120
    assert exercise.hint.endswith((".", "?"))


# --- not attempted


def stub(*args): ...


def unfinished(x, *args):
    return ... * x.sum()


def todo(*args):
    raise NotImplementedError


@each_exercise
def test_no_answer_is_not_attempted(exercise):
    for answer in (None, ..., [..., ...], (None, [..., None])):
        assert judge(exercise, answer).text == f"{exercise.name}: not attempted yet."


@pytest.mark.parametrize("answer", [stub, lambda *a: ..., lambda *a: (..., ...), unfinished, todo])
def test_a_stub_is_not_attempted(answer):
    assert judge(REGISTRY["softmax"], answer).status == "not attempted"


# --- values

FIFTHS = Exercise(
    name="fifths",
    right=[[Fraction(97, 10), Fraction(4, 5)], [Fraction(62, 5), Fraction(103, 10)]],
    mistakes=(Mistake("the transpose", [[9.7, 12.4], [0.8, 10.3]]),),
    hint="Look at each window.",
    tolerance=1e-6,
)
COUNT = Exercise(
    name="count",
    right=101_770,
    mistakes=(Mistake("the biases were forgotten", 101_632),),
    hint="Count.",
    tolerance=0,
)
WORD = Exercise(name="word", right="better", mistakes=(Mistake("luck", "worse"),), hint="Look.")


@pytest.mark.parametrize(
    "answer",
    [
        [[9.7, 0.8], [12.4, 10.3]],
        ((Fraction(97, 10), 0.8), (Fraction(62, 5), np.float32(10.3))),
        np.array([[9.7, 0.8], [12.4, 10.3]], dtype=np.float32),
        np.array([[Fraction(97, 10), Fraction(4, 5)], [Fraction(62, 5), 10.3]], dtype=object),
        torch.tensor([[9.7, 0.8], [12.4, 10.3]], requires_grad=True),
        [torch.tensor([9.7, 0.8]), np.array([12.4, 10.3])],
        np.asfortranarray([[9.7, 0.8], [12.4, 10.3]]),
    ],
)
def test_a_matrix_is_right_in_any_form(answer):
    assert judge(FIFTHS, answer).status == "right"


@pytest.mark.parametrize("answer", [101_770, 101_770.0, Fraction(101_770), np.uint32(101_770)])
@pytest.mark.parametrize(
    "wrap", [Fraction, lambda x: [x], np.array, lambda x: torch.tensor(float(x))]
)
def test_a_number_is_right_in_any_form(answer, wrap):
    assert judge(COUNT, wrap(answer)).status == "right"
    wrong = judge(COUNT, wrap(answer + 1))
    assert (
        wrong.text == "✗ count: wrong. Your answer is a number, but not the right one. Hint: Count."
    )


NOT_NUMBERS = {
    "text": lambda v: f"about {v}",
    "an imaginary part": lambda v: v + 5j,
    "a truth value": lambda v: v > 0,
    "NumPy's truth value": lambda v: np.bool_(v > 0),
    "a truth value in a tensor": lambda v: torch.tensor(v > 0),
    "an array of text": lambda v: np.array(f"{v} or so"),
    "bytes": lambda v: str(v).encode(),
    "what a mask hides": lambda v: np.ma.masked_array(v, mask=True),
}
ONE = Exercise(name="one", right=[1.0, 2.0], mistakes=(), hint="Count.")
DESIGNED = Exercise(
    name="designed",
    right=[1.0, 1.0],
    mistakes=(),
    hint="Count.",
    fault=lambda answer: getattr(reading.numbers(answer, (2,)), "words", None),
)


def as_objects(parts):
    array = np.empty(len(parts), dtype=object)
    array[:] = parts
    return array


@pytest.mark.parametrize("exercise", [ONE, DESIGNED], ids=lambda e: e.name)
@pytest.mark.parametrize("spoil", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
@pytest.mark.parametrize("form", [list, tuple, as_objects])
def test_what_is_no_number_is_none_in_any_form(exercise, spoil, form):
    assert judge(exercise, form([1.0, 2.0])).status == "right"
    for parts in ([spoil(1.0), spoil(2.0)], [1.0, spoil(2.0)]):
        assert judge(exercise, form(parts)).status == "wrong"


def test_what_a_mask_hides_is_not_handed_in():
    for mask in (True, [True, False]):
        assert judge(ONE, np.ma.masked_array([1.0, 2.0], mask=mask)).status == "wrong"
    assert judge(ONE, np.ma.masked_array([1.0, 2.0], mask=False)).status == "right"
    assert judge(ONE, np.array([True, True])).status == "wrong"
    assert judge(ONE, torch.tensor([True, True])).status == "wrong"


@pytest.mark.parametrize(
    "kind", [Decimal, Fraction, np.float16, np.int8, np.longdouble, torch.tensor]
)
def test_a_number_of_any_kind_is_right_in_any_form(kind):
    number = Exercise(name="number", right=2, mistakes=(), hint="Count.", tolerance=0)
    pair = Exercise(name="pair", right=[2, 2], mistakes=(), hint="Count.", tolerance=0)
    assert judge(number, kind(2)).status == judge(number, [kind(2)]).status == "right"
    for form in (list, tuple, as_objects):
        assert judge(pair, form([kind(2), kind(2)])).status == "right"


def test_a_tensor_that_autograd_follows_may_be_a_design():
    followed = torch.ones(2, requires_grad=True) * 1
    assert judge(DESIGNED, followed).status == "right"


def test_a_design_cannot_be_spoilt():
    def fault(answer):
        answer[0][0] = 7
        return None

    answer = [np.zeros(1), [0]]
    judge(replace(DESIGNED, fault=fault), answer)
    assert answer[0][0] == 0


def test_one_matching_element_does_not_pass():
    assert "1 wrong value of 4" in judge(FIFTHS, [[9.7, 0.8], [12.4, 10.4]]).text
    assert judge(FIFTHS, np.full((2, 2), 9.7)).status == "wrong"


def test_text_is_compared_as_text():
    assert judge(WORD, " Better ").status == "right"
    assert judge(WORD, "worse").mistake is WORD.mistakes[0]
    assert "is not the right text" in judge(WORD, "equal").text
    assert "should be text; it is a number" in judge(WORD, 1).text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ([9.7, 0.8, 12.4, 10.2], "should be an array of shape (2, 2); it has the shape (4,)"),
        (np.zeros((2, 3)), "should be an array of shape (2, 2); it is an array of shape (2, 3)"),
        (torch.zeros(1, 2, 2), "has the right shape and 4 wrong values of 4"),
        (torch.zeros(1, 2, 3), "it is a tensor of shape (1, 2, 3)"),
        (np.zeros((100_000, 1000), np.uint8), "it is an array of shape (100000, 1000)"),
        ([0.0] * 1_000_000, "it is a list of 1000000"),
        ([[9.7, 0.8], [12.4, ...]], "still has a blank in it"),
        ([[9.7, 0.8], [12.4]], "it is a list of 2 whose rows differ in length"),
        ([[9.7], [12.4]], "should be an array of shape (2, 2); it has the shape (2, 1)"),
        ([["9.7", "0.8"], ["12.4", "ten"]], "it is a list of 2 that holds text"),
        ([[True, True], [True, True]], "it is a list of 2 that holds truth values"),
        ([[True, 0.8], [12.4, 10.3]], "it is a list of 2"),
        (np.array([["9.7", "0.8"], ["12.4", "-"]]), "an array of shape (2, 2) that holds text"),
        (np.ones((2, 2)) * 1j, "it is an array of shape (2, 2) that holds complex numbers"),
        ([[9.7, 0.8], [12.4, math.inf]], "contains nan or infinity"),
        ([[9.7, 0.8], [12.4, math.nan]], "contains nan or infinity"),
        ([[9.7, 0.8], [12.4, 10**400]], "it is a list"),
        (torch.zeros(2, 2, device="meta"), "a tensor of shape (2, 2) whose numbers can't be read"),
        (torch.eye(2).to_sparse(), "a tensor of shape (2, 2) whose numbers can't be read"),
        (9.7, "should be an array of shape (2, 2); it is a number"),
        ("9.7 0.8", "it is text"),
        ({"J11": 9.7}, "it is a dict"),
        (iter([9.7]), "it is of the type list_iterator"),
        (object(), "it is of the type object"),
        (stub, "asks for a value, and the answer is a function"),
    ],
)
def test_a_wrong_value_is_told_what_is_wrong(answer, text):
    judgement = judge(FIFTHS, answer)
    assert judgement.status == "wrong" and text in judgement.text


def test_overflow_is_a_value_of_its_own_where_mistakes_are_compared():
    overflown = Exercise("big", 1.0, (Mistake("nan", math.nan), Mistake("inf", math.inf)), "Look.")
    for value in (math.nan, math.inf):
        mistake = judge(overflown, value).mistake
        assert mistake is not None and mistake.looks_like == str(value)
    assert judge(overflown, -math.inf).mistake is None


# --- many right answers


def test_a_design_has_many_right_answers_and_a_fault_is_named():
    def fault(answer):
        return None if sum(answer) == 10 else f"The sum is {sum(answer)}, not 10."

    design = Exercise("ten", right=[5, 5], mistakes=(), hint="Add up.", fault=fault)
    for answer in ([5, 5], (1, 9), np.array([2, 3, 5])):
        assert judge(design, answer).text == "✓ ten: right."
    assert judge(design, [5, 6]).text == "✗ ten: wrong. The sum is 11, not 10. Hint: Add up."
    assert judge(design, [..., ...]).status == "not attempted"
    assert "cannot be read: TypeError" in judge(design, 7).text


# --- functions


def raises_value_error(z):
    raise ValueError("shapes (2,3)\n  and (3,2) not aligned")


def names_an_address(z):
    raise RuntimeError(f"cannot use {object()}")


def shouts(z):
    print("!" * 10_000)
    print("!" * 10_000, file=sys.stderr)
    return softmax(z)


def spoils_its_input(z):
    p = softmax(z)
    z.zero_()
    return p


def leaves(z):
    sys.exit(3)


def dives(z):
    return dives(z)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (raises_value_error, "stops with ValueError: shapes (2,3) and (3,2) not aligned."),
        (names_an_address, "stops with RuntimeError: cannot use <object object at 0x…>."),
        (leaves, "stops with SystemExit: 3."),
        (dives, "stops with RecursionError"),
        (
            lambda: 1,
            "TypeError: <lambda>() takes 0 positional arguments but 1 was given",
        ),
        (
            lambda z: z[0],
            "Called with z = tensor([[2, 1, 0.1], [0.5, 2.5, -1]]), it returns "
            "tensor([2, 1, 0.1]), which should be an array of shape (2, 3)",
        ),
        (
            lambda z: softmax(z) if len(z) == 2 else None,
            "is nothing: does every path through it end",
        ),
        (lambda z: (row for row in z), "it is of the type generator"),
        (lambda z: softmax, "it is of the type function"),
        (0.5, "asks for a function, and the answer is a number. Hand in the function itself"),
        (torch.ones(2, 3), "and the answer is a tensor of shape (2, 3)"),
    ],
)
def test_a_wrong_function_is_told_what_is_wrong(answer, text):
    judgement = judge(REGISTRY["softmax"], answer)
    assert judgement.status == "wrong" and text in judgement.text


def test_a_loud_or_careless_function_may_still_be_right(capsys):
    assert judge(REGISTRY["softmax"], shouts).status == "right"
    assert judge(REGISTRY["softmax"], spoils_its_input).status == "right"
    assert judge(REGISTRY["softmax"], softmax).status == "right"
    assert capsys.readouterr() == ("", "")


def test_hidden_cases_cannot_be_spoilt():
    def spoils_arrays(z):
        p = softmax_numpy(z)
        z[:] = 0
        return p

    before = [z.copy() for (z,) in REGISTRY["softmax"].cases]
    assert judge(REGISTRY["softmax"], spoils_arrays).status == "right"
    for (z,), kept in zip(REGISTRY["softmax"].cases, before, strict=True):
        assert (z == kept).all()


def test_the_message_is_about_the_form_in_which_the_function_runs():
    text = judge(REGISTRY["softmax"], lambda z: 2 * z.max(axis=1, keepdims=True) + z).text
    assert "z = array([[" in text and "Error" not in text


@pytest.mark.parametrize("form", ["an array", "a tensor", "parts", "nested"])
def test_results_may_be_views_of_one_buffer(form):
    doubled = Exercise(
        name="doubled",
        right=lambda x: (2 * x, x) if form == "parts" else 2 * x,
        cases=((np.array([1.0, 2.0]),), (np.array([3.0, 4.0, 5.0]),), (np.array([6.0]),)),
        mistakes=(),
        hint="Twice.",
    )
    held, tensor = np.zeros(8), torch.zeros(8, dtype=torch.float64)

    def function(x):
        if form == "a tensor":
            return torch.mul(torch.as_tensor(x), 2, out=tensor[: len(x)])
        view = held[: len(x)]
        view[:] = 2 * np.asarray(x)
        return {"an array": view, "parts": (view, x), "nested": list(view)}[form]

    assert judge(doubled, function).status == "right"


def test_one_list_that_is_filled_anew_may_be_the_result():
    doubled = Exercise(
        name="doubled",
        right=lambda x: [2 * v for v in x],
        cases=(([1.0, 2.0],), ([3.0, 4.0, 5.0],)),
        mistakes=(),
        hint="Twice.",
    )
    results = []

    def function(x):
        results[:] = [2 * v for v in x]
        return results

    assert judge(doubled, function).status == "right"


def test_parts_are_judged_one_by_one():
    exercise = REGISTRY["paired-interval"]

    def swapped(a, b):
        mean, low, high = paired_interval(a, b)
        return mean, high, low

    assert "goes wrong at value 2 of 3, which is a number" in judge(exercise, swapped).text
    assert "should be 3 values; there are 2" in judge(exercise, lambda a, b: (0, 1)).text
    assert "should be 3 values; it is a number" in judge(exercise, lambda a, b: 0.0).text
    assert "should be 3 values; it is a tensor" in judge(exercise, lambda a, b: torch.ones(())).text
    assert "value 2 of 3, which should be one number; it is left blank" in (
        judge(exercise, lambda a, b: ((a - b).mean(), ..., 0)).text
    )


class HostileError(Exception):
    def __str__(self):
        raise ZeroDivisionError


class Hostile:
    """Everything one may ask of it fails, and so does asking why."""

    def __getattribute__(self, name):
        raise HostileError


def raises_hostile_error(*args):
    raise HostileError


@each_exercise
def test_nothing_raises(exercise):
    endless: list[object] = []
    endless.append(endless)
    things = [Hostile(), [Hostile()], endless, [], {}, set(), type, len, b"\x00", -(10**400)]
    numpy_and_torch = [np.array(None), np.datetime64("2020"), torch.zeros(0), nn.Linear(3, 2)]
    functions = [raises_hostile_error, lambda *a: Hostile(), lambda *a: endless]
    for answer in [*things, *numpy_and_torch, *functions]:
        assert judge(exercise, answer).status == "wrong"


# --- what is printed


def test_check_prints_one_short_paragraph(capsys):
    check("test-loss", lambda losses, sizes: losses.mean())
    assert capsys.readouterr().out == (
        "✗ test-loss: wrong. This looks like the mean of the batch means: the\n"
        "smaller last batch weighs too much. Hint: How much loss do all the\n"
        "images of one batch have together?\n"
    )
    check("test-loss", mean_loss)
    assert capsys.readouterr().out == "✓ test-loss: right, in all 4 cases tried.\n"


@each_exercise
def test_a_paragraph_is_short(exercise):
    def fails(*args):
        raise ValueError("long " * 1000)

    for answer in [fails, "text", *(mistake.answer for mistake in exercise.mistakes)]:
        assert len(judge(exercise, answer).text) < 500


def test_an_unknown_exercise_is_the_authors_mistake():
    with pytest.raises(ValueError, match=r"^name: 'sofmax' is invalid; did you mean 'softmax'\?$"):
        check("sofmax", ...)


def test_another_process_prints_the_same(capsys):
    code = "".join(
        f"check({name!r}, {answer})\n"
        for name, answer in [
            ("softmax", "lambda z: [].pop(object())"),
            ("softmax", "lambda z: z.exp()"),
            ("normalize", "{'a', 'b', 'c'}"),
            ("cross-entropy", "lambda z, y: z[y]"),
        ]
    )
    exec(code, {"check": check})
    printed = capsys.readouterr().out
    assert printed.count("✗") == 4
    elsewhere = subprocess.run(
        [sys.executable, "-c", f"from course_utils.exercises import check\n{code}"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"},
    )
    assert elsewhere.stdout == printed
