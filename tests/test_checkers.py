"""Do the checkers survive a hundred students: what they type and forget, and are told?"""

import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from course_utils.exercises import REGISTRY, Exercise, Mistake, judge

FUNCTIONS = [exercise for exercise in REGISTRY.values() if exercise.cases]
TENSORS = [e for e in FUNCTIONS if any(isinstance(v, np.ndarray) for v in e.cases[0])]
VALUES = [e for e in REGISTRY.values() if not e.cases and not e.fault]

each_of = pytest.mark.parametrize


def said(name, answer):
    exercise = REGISTRY[name] if isinstance(name, str) else name
    return judge(exercise, answer).text


# --- the form that is judged


def loops(x, w, stride, padding):
    """A convolution by loops over arrays, for square kernels."""
    x = np.pad(x, padding)
    k = len(w)
    return [
        [(x[i : i + k, j : j + k] * w).sum() for j in range(0, x.shape[1] - k + 1, stride)]
        for i in range(0, x.shape[0] - k + 1, stride)
    ]


def test_the_form_with_more_cases_right_is_the_one_that_is_told_of():
    text = said("conv2d", loops)
    assert "right in 4 of 6 cases" in text
    assert "Called with x = an array of shape (5, 7), w = array([[" in text
    assert "ValueError: operands could not be broadcast" in text


def as_array(x):
    if isinstance(x, torch.Tensor):
        raise TypeError("this function is for arrays")
    return x


@each_of("exercise", TENSORS, ids=lambda e: e.name)
def test_a_function_for_arrays_is_never_told_of_tensors(exercise):
    """It's right for the lesson's shapes alone, and doesn't take tensors at all."""
    lesson = [np.shape(argument) for argument in exercise.cases[0]]

    def for_arrays(*args):
        args = [as_array(argument) for argument in args]
        if [np.shape(argument) for argument in args] != lesson:
            raise IndexError("index 3 is out of bounds")
        return exercise.right(*args)

    text = said(exercise, for_arrays)
    assert "right in" in text and "IndexError" in text and "TypeError" not in text


@each_of("exercise", TENSORS, ids=lambda e: e.name)
def test_an_error_of_types_is_told_only_where_there_is_no_other(exercise):
    def for_arrays(*args):
        args = [as_array(argument) for argument in args]
        return args[7]

    if "array" in exercise.forms and "tensor" in exercise.forms:
        assert "IndexError: list index out of range" in said(exercise, for_arrays)


def soft(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


@each_of(
    ("name", "answer", "words"),
    [
        (
            "softmax",
            lambda z: np.exp(z) / np.exp(z).sum(),
            "over the whole batch instead of each row. Besides, in 1 of 5 cases what it returns "
            "isn't all finite numbers.",
        ),
        (
            "cross-entropy",
            lambda z, y: -np.log(soft(np.asarray(z))[:, y]).mean(),
            "index the rows as well. Besides, in 2 of 6 cases what it returns isn't all finite",
        ),
        (
            "conv2d",
            lambda x, w, s, p: loops(x, np.flipud(w), s, p),
            "it slides over the image as it stands. Besides, in 2 of 6 cases it stops with "
            "ValueError: operands could not be broadcast",
        ),
        (
            "conv2d",
            lambda x, w, s, p: loops(x, np.flipud(w), s, p) if len(x) < 8 else None,
            "Besides, in 3 of 6 cases it stops with ValueError",
        ),
    ],
)
def test_a_mistake_is_named_where_some_cases_break(name, answer, words):
    assert words in said(name, answer)
    assert judge(REGISTRY[name], answer).mistake


# --- what it was called with


@each_of("exercise", FUNCTIONS, ids=lambda e: e.name)
def test_each_number_and_each_small_array_that_it_was_called_with_is_shown(exercise):
    text = said(exercise, lambda *args: "nothing that could be right")
    called = re.search(r"Called with (.*?), it returns", text)
    assert called, text
    assert "a number" not in called[1]
    assert not re.search(r"a list of [123]\b", called[1])
    assert re.search(r"\d", called[1])


def test_arguments_have_the_names_the_student_gave_them():
    def output_size(n, kernel_size, stride, padding):
        return n

    text = said("output-size", output_size)
    assert "Called with n = 5, kernel_size = 3, stride = 2, padding = 1, it returns 5," in text
    assert "Called with 5, 3, 2, 1, it returns 7," in said("output-size", lambda *args: 7)
    assert "Called with n = 5, k = 3, s = 2, p = 1," in said(
        "output-size", lambda n, k, s, p, unused=4: 7
    )


def test_a_large_array_is_named_by_kind_and_shape():
    text = said("read-constants", lambda x: (0, 0))
    assert "x = a tensor of shape (4, 1, 8, 8), it returns (0, 0), which goes wrong" in text


# --- printing, and returning nothing


def prints(n, k, s, p):
    print((n + 2 * p - k) // s + 1)


def forgets(n, k, s, p):
    size = (n + 2 * p - k) // s + 1  # noqa: F841


def prints_a_stub(n, k, s, p):
    print("later")
    return ...


def only_a_word(n, k, s, p):
    """A stub with a docstring."""


def test_a_function_that_prints_and_returns_nothing_is_told_so():
    text = said("output-size", prints)
    assert "prints its result and returns nothing: write return instead of print" in text


def test_a_function_that_forgets_its_return_is_told_so():
    assert "it is nothing" not in said("output-size", forgets)
    assert "does every path through it end in a return?" in said("output-size", forgets)


@each_of("stub", [prints_a_stub, only_a_word, lambda n, k, s, p: None, lambda *args: ...])
def test_a_stub_stays_not_attempted(stub):
    assert judge(REGISTRY["output-size"], stub).status == "not attempted"


# --- rounded answers

ROUNDED = [e for e in VALUES if e.tolerance]


def to_digits(value, digits, how=round):
    if not value:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - digits)
    return float(f"{how(float(value) / unit) * unit:.12g}")


def with_digits(exercise, digits, how=round):
    right = exercise.right
    if isinstance(right, tuple):
        return [to_digits(v, digits, how) for v in right]
    return np.reshape([to_digits(v, digits, how) for v in np.ravel(right)], np.shape(right))


@each_of("exercise", ROUNDED, ids=lambda e: e.name)
@each_of("digits", [3, 4, 5, 6])
def test_a_value_that_is_right_to_three_digits_is_right(exercise, digits):
    assert judge(exercise, with_digits(exercise, digits)).status == "right"


@each_of("exercise", ROUNDED, ids=lambda e: e.name)
@each_of(("digits", "how"), [(2, round), (2, math.trunc), (3, math.trunc)])
def test_one_with_fewer_digits_is_right_or_told_to_give_three(exercise, digits, how):
    found = judge(exercise, with_digits(exercise, digits, how))
    close = "Your answer is close: give three digits, and round the last."
    assert found.status == "right" or close in found.text or found.mistake


def test_the_two_decimals_of_a_page_are_told_to_be_three():
    assert "close: give three digits" in said("normalize", [-0.42, 2.82])
    assert judge(REGISTRY["normalize"], [-0.424, 2.82]).status == "right"
    assert "close" not in said("normalize", [-0.42, 2.9])


@each_of("exercise", [e for e in VALUES if not e.tolerance], ids=lambda e: e.name)
def test_counts_stay_exact(exercise):
    for by in (1e-9, 0.001):
        answer = [v + by for v in np.ravel(exercise.right)]
        answer = np.reshape(answer, np.shape(exercise.right))
        assert judge(exercise, answer if answer.ndim else float(answer)).status == "wrong"


def test_whole_numbers_stay_exact_whatever_their_tolerance():
    exact = np.array(REGISTRY["conv-by-hand"].right, dtype=float)
    assert judge(REGISTRY["conv-by-hand"], exact + 0.004).status == "wrong"


@each_of("name", ["silent-share", "constant-accuracy", "share-interval"])
def test_per_cent_instead_of_a_share_is_named(name):
    right = REGISTRY[name].right

    def per_cent(*args):
        found = right(*(np.asarray(v) if isinstance(v, torch.Tensor) else v for v in args))
        return tuple(100 * v for v in found) if isinstance(found, tuple) else 100 * found

    assert "per cent instead of a share" in said(name, per_cent)


def test_per_cent_is_named_in_a_value_too():
    right = REGISTRY["six-seeds"].right
    assert "per cent instead of a share" in said("six-seeds", 100 * np.asarray(right))
    assert "per cent instead of a share" in said("six-seeds", [37.7, 100.0])


def test_a_function_that_rounds_is_told_to_return_it_as_it_is():
    right = REGISTRY["accuracy-deviation"].right
    text = said("accuracy-deviation", lambda p, n: round(right(p, n), 3))
    assert "rounded to 3 decimals: return it as it is" in text
    assert "rounded to a whole number" in said(
        "running-mean",
        lambda m, start, share: round(REGISTRY["running-mean"].right(np.asarray(m), start, share)),
    )


# --- what people type

PAIR = Exercise("pair", right=[0.5, -3.0], mistakes=(Mistake("both halves", [0.5, 0.5]),), hint=".")
GRID = Exercise("grid", right=np.array([[1.5, 2], [3, 4]]), mistakes=(), hint=".")


class Symbolic:
    """A number as SymPy has it: no Real of Python, but it can be made a float."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)


@each_of(
    "answer",
    [
        ["1/2", "-3"],
        ["0.5", "−3"],
        [" .5 ", "–3.0"],
        np.array(["1/2", "-3"]),
        np.array(["1/2", -3], dtype=object),
        [Decimal("0.5"), Decimal(-3)],
        [Fraction(1, 2), Decimal("-3")],
        [Symbolic(0.5), Symbolic(-3)],
        [0.5 + 0j, -3 + 0j],
        np.array([0.5, -3], dtype=complex),
        torch.tensor([0.5, -3], dtype=torch.complex64),
        torch.tensor([0.5, -3], dtype=torch.complex64).conj(),
        torch.tensor([0.5, -3], requires_grad=True),
        torch.nn.Parameter(torch.tensor([0.5, -3])),
        torch.tensor([0.5, -3], dtype=torch.bfloat16),
        [[0.5, -3]],
        [[["1/2", -3]]],
        torch.tensor([[[0.5, -3.0]]]),
        np.array([[0.5, -3.0]]),
        np.matrix([0.5, -3.0]),
        (torch.tensor(0.5), np.float32(-3)),
        [torch.tensor([0.5]).sum(), [-3.0][0]],
    ],
)
def test_what_people_type_is_right(answer):
    assert said(PAIR, answer) == "✓ pair: right."


def test_sympys_numbers_are_read():
    sympy = pytest.importorskip("sympy")
    answer = [sympy.Rational(1, 2), sympy.log(sympy.exp(-3))]
    assert said(PAIR, answer) == "✓ pair: right."
    assert said(PAIR, sympy.Matrix(answer).tolist()) != "✓ pair: right."
    assert "right numbers in the wrong shape: (2, 1) instead of (2,)" in said(
        PAIR, sympy.Matrix(answer).tolist()
    )
    assert judge(PAIR, sympy.Symbol("x")).status == "wrong"


def test_a_mistake_in_leading_axes_is_named():
    assert "both halves" in said(PAIR, torch.tensor([[[0.5, 0.5]]]))


@each_of("name", ["conv2d", "max-pool2d", "conv1d", "im2col"])
def test_a_result_with_batch_and_channel_is_right(name):
    right = REGISTRY[name].right

    def framed(*args):
        args = [np.asarray(v) if isinstance(v, torch.Tensor) else v for v in args]
        return torch.as_tensor(np.asarray(right(*args)))[None, None]

    assert judge(REGISTRY[name], framed).status == "right"


@each_of(
    ("answer", "words"),
    [
        ([[0.5], [-3]], "has the right numbers in the wrong shape: (2, 1) instead of (2,)"),
        ([[0.5], [-2]], "should be 2 numbers; it has the shape (2, 1)"),
        ([0.5, 1j], "should be 2 numbers; it is a list of 2 that holds complex numbers"),
        ([0.5, "three"], "should be 2 numbers; it is a list of 2 that holds text"),
        ([0.5, True], "should be 2 numbers; it is a list of 2 that holds truth values"),
        ([0.5, None], "still has a blank in it"),
        ([0.5, "..."], "still has a blank in it"),
        (True, "should be 2 numbers; it is a truth value"),
        ("0.5", "should be 2 numbers; it is text"),
        (0.5, "should be 2 numbers; it is a number"),
    ],
)
def test_what_cannot_be_right_is_told_why(answer, words):
    assert words in said(PAIR, answer)


@each_of(
    "answer",
    [
        np.ones((2, 2)) * 1j,
        np.array([["a", "b"], ["c", "d"]]),
        np.ones((2, 2), dtype=bool),
        torch.ones(2, 2, device="meta"),
        torch.eye(2).to_sparse(),
        np.ma.masked_array(np.ones((2, 2)), mask=True),
        np.array([[None, 1], [2, 3]]),
        np.full((2, 2), "2020", dtype="datetime64[Y]"),
    ],
)
def test_no_sentence_contradicts_itself(answer):
    text = said(GRID, answer)
    assert "blank" in text or re.search(r"shape \(2, 2\) (that holds|whose numbers)", text), text


@each_of("name", ["field-of-40", "half-the-work", "plan-a-study", "design-a-kernel"])
def test_designs_are_read_in_any_form_too(name):
    right = np.array(REGISTRY[name].right)
    for answer in (right.astype(float), right.astype(str).tolist(), torch.tensor(right)[None]):
        assert judge(REGISTRY[name], answer).status == "right", answer
    assert judge(REGISTRY[name], right[:-1].tolist()).status == "wrong"
    assert "cannot be read" not in said(name, right[:-1].tolist())


# --- truth values


def test_truth_values_are_0_and_1_where_all_that_is_right_is():
    assert judge(REGISTRY["relu-gradient"], lambda z: z > 0).status == "right"
    assert "convention there is 0" in said("relu-gradient", lambda z: z >= 0)
    assert "upstream gradient was forgotten" in said("relu-backward", lambda upstream, x: x > 0)
    answer = [False, True, False, True, False, False]
    assert judge(REGISTRY["eval-reaches"], answer).status == "right"
    assert judge(REGISTRY["eval-reaches"], np.array(answer)).status == "right"
    assert "should be 6 numbers; it is a list of 2" in said("eval-reaches", [1, 3])


def test_truth_values_are_no_other_numbers():
    assert judge(PAIR, [True, True]).status == "wrong"
    assert "it is a truth value" in said("output-size", lambda n, k, s, p: True)


# --- the right answer spoilt, whatever the exercise


def spoilt(right, spoil):
    if isinstance(right, tuple):
        return tuple(spoilt(part, spoil) for part in right)
    return spoil(np.asarray(right, dtype=np.float64))


def by_case(exercise, spoil):
    def answer(*args):
        args = [np.asarray(v) if isinstance(v, torch.Tensor) else v for v in args]
        return spoilt(exercise.right(*args), spoil)

    return answer if exercise.cases else spoilt(exercise.right, spoil)


def numeric(exercise):
    rights = [exercise.right(*case) for case in exercise.cases] or [exercise.right]
    return not exercise.fault and not isinstance(rights[0], str)


NUMERIC = [exercise for exercise in REGISTRY.values() if numeric(exercise)]


@each_of("exercise", NUMERIC, ids=lambda e: e.name)
def test_a_flipped_sign_is_named_in_every_exercise(exercise):
    found = judge(exercise, by_case(exercise, lambda right: -right))
    assert found.status == "right" or found.mistake, found.text


@each_of("exercise", NUMERIC, ids=lambda e: e.name)
def test_a_transposed_or_turned_result_is_named_in_every_exercise(exercise):
    for spoil in (np.transpose, np.flipud, np.fliplr):
        rights = [exercise.right(*case) for case in exercise.cases] or [exercise.right]
        if any(np.ndim(part) != 2 for r in rights for part in (r if type(r) is tuple else [r])):
            continue
        found = judge(exercise, by_case(exercise, spoil))
        assert found.mistake, (spoil, found.text)
