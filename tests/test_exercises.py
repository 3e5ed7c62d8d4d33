"""Do the checkers accept what is right, name what is wrong, and survive whatever they get?"""

import math
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from course_utils import evaluation
from course_utils.exercises import CHAPTERS, REGISTRY, Exercise, Mistake, check, judge

# --- right answers to the exercises of the MNIST MLP; the first is the solution in the notebook


def parameters(widths):
    total = 0
    for inputs, outputs in pairwise(widths):
        total += inputs * outputs + outputs
    return total


def parameters_of_a_network(widths):
    layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
    return sum(p.numel() for p in nn.Sequential(*layers).parameters())


def softmax(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    exponentials = shifted.exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def softmax_numpy(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_loops(z):
    rows = []
    for row in z:
        row = [float(v) - float(max(row)) for v in row]
        total = sum(math.exp(v) for v in row)
        rows.append([math.exp(v) / total for v in row])
    return rows


def cross_entropy(logits, labels):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    log_softmax = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_softmax[torch.arange(len(labels)), labels].mean()


def cross_entropy_loops(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        row = [float(v) for v in row]
        top = max(row)
        total += top + math.log(sum(math.exp(v - top) for v in row)) - row[int(label)]
    return total / len(labels)


def cross_entropy_numpy(z, y):
    z = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])


def logit_gradient(logits, labels):
    probabilities = logits.softmax(dim=1)
    one_hot = torch.nn.functional.one_hot(labels, logits.shape[1])
    return (probabilities - one_hot) / len(labels)


def logit_gradient_autograd(logits, labels):
    logits = logits.clone().requires_grad_()
    F.cross_entropy(logits, labels).backward()
    return logits.grad


def logit_gradient_numpy(z, y):
    g = softmax_numpy(z)
    g[np.arange(len(y)), y] -= 1
    return g / len(y)


def logit_gradient_loops(z, y):
    rows = softmax_loops(z)
    for row, label in zip(rows, y, strict=True):
        row[int(label)] -= 1
    return [[v / len(rows) for v in row] for row in rows]


def mean_loss(losses, sizes):
    return (losses * sizes).sum() / sizes.sum()


def mean_loss_loops(losses, sizes):
    total, count = 0.0, 0
    for loss, size in zip(losses, sizes, strict=True):
        total += float(loss) * int(size)
        count += int(size)
    return total / count


def paired_interval(a, b):
    difference = a - b
    n = len(difference)
    t = stats.t.ppf(0.975, n - 1)
    half = t * difference.std(ddof=1) / np.sqrt(n)
    mean = difference.mean()
    return mean, mean - half, mean + half


def paired_interval_torch(a, b):
    d = torch.as_tensor(a) - torch.as_tensor(b)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std() / len(d) ** 0.5
    return torch.stack([d.mean(), d.mean() - half, d.mean() + half])


def paired_interval_loops(a, b):
    d = [x - y for x, y in zip(a, b, strict=True)]
    n, mean = len(d), sum(d) / len(d)
    variance = sum((x - mean) ** 2 for x in d) / (n - 1)
    half = stats.t.ppf(0.975, n - 1) * math.sqrt(variance / n)
    return [mean, mean - half, mean + half]


def paired_interval_scipy(a, b):
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    return np.array([np.mean(a - b), low, high])


def paired_interval_course(a, b):
    c = evaluation.compare(a, b)
    return c.difference, c.low, c.high


BLACK, WHITE = (0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081
RIGHT: dict[str, list[Any]] = {
    "normalize": [
        [(0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081],
        (round(BLACK, 4), round(WHITE, 4)),
        np.array([BLACK, WHITE], dtype=np.float32),
        torch.tensor([BLACK, WHITE], requires_grad=True),
        [Fraction(-1307, 3081), Fraction(8693, 3081)],
        [torch.tensor(BLACK), np.float64(WHITE)],
        torch.tensor([BLACK, WHITE], dtype=torch.float64),
    ],
    "mlp-parameters": [
        parameters,
        parameters_of_a_network,
        lambda w: sum((a + 1) * b for a, b in pairwise(w)),
        lambda w: float(parameters(w)),
        lambda w: torch.tensor(parameters(w)),
        lambda w: np.int64(np.dot(w[:-1], w[1:]) + sum(w[1:])),
        lambda w: Fraction(parameters(w)),
    ],
    "softmax": [
        softmax,
        softmax_numpy,
        softmax_loops,
        lambda z: F.softmax(z, dim=1),
        nn.Softmax(dim=1),
        lambda z: z.log_softmax(1).exp().tolist(),
        lambda z: z.clone().requires_grad_().softmax(-1).double(),
        lambda z: np.stack([softmax_numpy(row[None])[0] for row in np.asarray(z)]),
    ],
    "cross-entropy": [
        cross_entropy,
        cross_entropy_loops,
        cross_entropy_numpy,
        F.cross_entropy,
        nn.CrossEntropyLoss(),
        lambda z, y: F.nll_loss(z.clone().requires_grad_().log_softmax(1), y),
        lambda z, y: (z.logsumexp(1) - z.gather(1, y[:, None])[:, 0]).mean().item(),
        lambda z, y: F.cross_entropy(z.double(), y).reshape(1),
    ],
    "logit-gradient": [
        logit_gradient,
        logit_gradient_autograd,
        logit_gradient_numpy,
        logit_gradient_loops,
        lambda z, y: logit_gradient(z, y).double().numpy(),
        lambda z, y: logit_gradient(z, y).tolist(),
    ],
    "test-loss": [
        mean_loss,
        mean_loss_loops,
        lambda losses, sizes: np.average(losses, weights=sizes),
        lambda losses, sizes: torch.dot(losses, sizes.float()) / sizes.sum(),
        lambda losses, sizes: losses @ (sizes / sizes.sum()),
        lambda losses, sizes: mean_loss(losses, sizes).reshape(1, 1),
        lambda losses, sizes: np.repeat(losses, sizes).mean(),
    ],
    "paired-interval": [
        paired_interval,
        paired_interval_torch,
        paired_interval_loops,
        paired_interval_scipy,
        paired_interval_course,
        lambda a, b: np.array(paired_interval(a, b), dtype=np.float32),
    ],
}

FUNCTIONS = [exercise for exercise in REGISTRY.values() if exercise.cases]
PLANTED = [(exercise, mistake) for exercise in REGISTRY.values() for mistake in exercise.mistakes]


each_exercise = pytest.mark.parametrize("exercise", REGISTRY.values(), ids=REGISTRY)
each_function = pytest.mark.parametrize("exercise", FUNCTIONS, ids=[e.name for e in FUNCTIONS])


# --- every registered exercise


def test_no_two_exercises_share_a_name():
    names = Counter(exercise.name for chapter in CHAPTERS for exercise in chapter.EXERCISES)
    assert names.most_common(1)[0][1] == 1
    assert set(REGISTRY) == set(names) == set(RIGHT)


@each_exercise
def test_right_answers_are_accepted(exercise):
    answers = RIGHT[exercise.name]
    assert len(answers) >= 5
    for i, answer in enumerate(answers):
        judgement = judge(exercise, answer)
        assert judgement.status == "right", f"answer {i}: {judgement.text}"


@pytest.mark.parametrize(("exercise", "mistake"), PLANTED)
def test_a_planted_mistake_is_named(exercise, mistake):
    judgement = judge(exercise, mistake.answer)
    assert judgement.status == "wrong"
    assert judgement.mistake is not None, judgement.text
    assert judgement.mistake.looks_like == mistake.looks_like
    assert f"This looks like {mistake.looks_like}." in judgement.text


@pytest.mark.parametrize(("exercise", "mistake"), PLANTED)
def test_a_mistake_is_named_in_float32_and_in_torch_too(exercise, mistake):
    def single(values):
        return torch.tensor(np.asarray(values, dtype=np.float64), dtype=torch.float32)

    def wrong(*args):
        arrays = [np.asarray(x) if isinstance(x, torch.Tensor) else x for x in args]
        return single(mistake.answer(*arrays))

    answer = wrong if exercise.cases else single(mistake.answer)
    judgement = judge(exercise, answer)
    assert judgement.mistake is not None, judgement.text
    assert judgement.mistake.looks_like == mistake.looks_like


@each_function
def test_a_function_right_on_the_lessons_example_only_is_refused(exercise):
    lesson = exercise.cases[0]
    shapes = [np.shape(argument) for argument in lesson]

    def remembered(*args):
        return exercise.right(*lesson)

    def for_its_shape(*args):
        if [np.shape(argument) for argument in args] == shapes:
            return exercise.right(*(np.asarray(argument) for argument in args))
        raise IndexError("index 3 is out of bounds")

    for answer in (remembered, for_its_shape):
        judgement = judge(exercise, answer)
        assert judgement.status == "wrong"
        assert f"right in 1 of {len(exercise.cases)} cases" in judgement.text


@each_function
def test_hidden_cases_have_several_shapes(exercise):
    shapes = {tuple(np.shape(argument) for argument in case) for case in exercise.cases}
    assert len(shapes) >= 3


@each_exercise
def test_each_sentence_reads_on(exercise):
    for mistake in exercise.mistakes:
        assert not mistake.looks_like.endswith(".")
        assert len(mistake.looks_like) < 120
    assert exercise.hint.endswith(".")


def test_counts(capsys):
    cases = sum(len(exercise.cases) for exercise in FUNCTIONS)
    accepted = sum(
        judge(REGISTRY[name], answer).status == "right" for name in RIGHT for answer in RIGHT[name]
    )
    named = sum(judge(exercise, m.answer).mistake is not None for exercise, m in PLANTED)
    with capsys.disabled():
        print(
            f"\n{len(REGISTRY)} exercises ({len(FUNCTIONS)} functions, {cases} hidden cases); "
            f"{len(PLANTED)} mistakes planted, {named} named; "
            f"{sum(map(len, RIGHT.values()))} right answers, {accepted} accepted"
        )
    assert named == len(PLANTED) and accepted == sum(map(len, RIGHT.values()))


# --- not attempted


def stub(*args): ...


def unfinished(x, *args):
    return ... * x.sum()


def todo(*args):
    raise NotImplementedError


@each_exercise
@pytest.mark.parametrize("answer", [None, ..., [..., ...], (None, [..., None])])
def test_no_answer_is_not_attempted(exercise, answer):
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
    assert wrong.text == "✗ count: wrong. Your answer is a number, but another one. Hint: Count."


def test_one_matching_element_does_not_pass():
    assert "1 wrong value(s) of 4" in judge(FIFTHS, [[9.7, 0.8], [12.4, 10.4]]).text
    assert judge(FIFTHS, np.full((2, 2), 9.7)).status == "wrong"


def test_text_is_compared_as_text():
    assert judge(WORD, " Better ").status == "right"
    assert judge(WORD, "worse").mistake is WORD.mistakes[0]
    assert "has another text" in judge(WORD, "equal").text
    assert "should be text; it is a number" in judge(WORD, 1).text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ([9.7, 0.8, 12.4, 10.3], "should be an array of shape (2, 2); it is a list of 4"),
        (np.zeros((2, 3)), "should be an array of shape (2, 2); it is an array of shape (2, 3)"),
        (torch.zeros(1, 2, 2), "it is a tensor of shape (1, 2, 2)"),
        (np.zeros((100_000, 1000), np.uint8), "it is an array of shape (100000, 1000)"),
        ([0.0] * 1_000_000, "it is a list of 1000000"),
        ([[9.7, 0.8], [12.4, ...]], "still has a blank in it"),
        ([[9.7, 0.8], [12.4]], "should be an array of shape (2, 2); it is a list of 2"),
        ([[9.7], [12.4]], "should be an array of shape (2, 2); it has the shape (2, 1)"),
        ([["9.7", "0.8"], ["12.4", "10.3"]], "it is a list"),
        ([[True, True], [True, True]], "it is a list of 2"),
        ([[True, 0.8], [12.4, 10.3]], "it is a list of 2"),
        (np.array([["9.7", "0.8"], ["12.4", "10.3"]]), "it is an array of shape (2, 2)"),
        (np.ones((2, 2)) * 1j, "it is an array of shape (2, 2)"),
        ([[9.7, 0.8], [12.4, math.inf]], "contains nan or infinity"),
        ([[9.7, 0.8], [12.4, math.nan]], "contains nan or infinity"),
        ([[9.7, 0.8], [12.4, 10**400]], "it is a list"),
        (torch.zeros(2, 2, device="meta"), "it is a tensor of shape (2, 2)"),
        (torch.eye(2).to_sparse(), "it is a tensor of shape (2, 2)"),
        (9.7, "should be an array of shape (2, 2); it has the shape ()"),
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
        (lambda z: z[0], "Called with a tensor of shape (2, 3), what it gives should be an array"),
        (lambda z: softmax(z) if len(z) == 2 else None, "is nothing: does every path of it end"),
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
    assert "array of shape (2, 3)" in text and "Error" not in text


def test_parts_are_judged_one_by_one():
    exercise = REGISTRY["paired-interval"]

    def swapped(a, b):
        mean, low, high = paired_interval(a, b)
        return mean, high, low

    assert "goes wrong at value 2 of 3, which is a number" in judge(exercise, swapped).text
    assert "should be 3 values; it is 2" in judge(exercise, lambda a, b: (0, 1)).text
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
        "smaller last batch weighs too much. Hint: A batch of n images with the\n"
        "mean loss m holds a total loss of n times m.\n"
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
    with pytest.raises(ValueError, match="got 'sofmax'; did you mean 'softmax'"):
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
