"""An exercise, and the judge that says whether an answer is right or which mistake it looks like.

An ``Exercise`` asks for a value or for a function. A function is tried on hidden cases of several
shapes; the first is the lesson's own. Known mistakes are wrong answers with a sentence each: an
answer that gives the same numbers as one of them is told so. Where many answers are right, as in a
design, the exercise says what is at fault with one.
"""

from __future__ import annotations

import copy
import io
import re
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from course_utils.exercises.answers import Difference, compared, describe, is_blank, snapshot
from course_utils.threads import threads

__all__ = ["Exercise", "Judgement", "Mistake", "judge"]

Case = tuple[Any, ...]
Form = Literal["tensor", "array"]
Status = Literal["not attempted", "right", "wrong"]


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer (a value or a function), and what it looks like."""

    looks_like: str
    answer: Any


@dataclass(frozen=True)
class Exercise:
    """A question with its right answer, the known mistakes and a hint.

    With ``cases``, the answer is a function, called with the arguments of each case. Arrays among
    them are handed over in each of ``forms`` (as float32 tensors, as arrays), and a function is
    right if it is right in one of them; all else is handed over as it is. Numbers are compared
    up to ``tolerance`` · max(1, |right|); 0 means exactly.

    With ``fault``, many answers are right and ``right`` is one of them: ``fault(answer)`` says what
    is wrong with an answer, as a sentence, or is None.
    """

    name: str
    right: Any
    mistakes: tuple[Mistake, ...]
    hint: str
    cases: tuple[Case, ...] = ()
    tolerance: float = 1e-4
    forms: tuple[Form, ...] = ("tensor", "array")
    fault: Callable[[Any], str | None] | None = None


@dataclass(frozen=True)
class Judgement:
    """The status of an answer, the paragraph that is printed, and the mistake it looks like."""

    status: Status
    text: str
    mistake: Mistake | None = None


def judge(exercise: Exercise, answer: Any) -> Judgement:
    """Judge an answer, whatever it is: nothing a student hands in raises an error here."""
    try:
        with threads(1):
            if exercise.fault:
                return _judge_design(exercise, answer, exercise.fault)
            if exercise.cases:
                return _judge_function(exercise, answer)
            return _judge_value(exercise, answer)
    except (Exception, SystemExit) as error:
        return _wrong(exercise, f"The answer cannot be read: {_told(error)}.")


def _judge_value(exercise: Exercise, answer: Any) -> Judgement:
    if is_blank(answer):
        return _not_attempted(exercise)
    if callable(answer):
        return _wrong(exercise, "This exercise asks for a value, and the answer is a function.")
    difference = compared(answer, exercise.right, exercise.tolerance)
    if difference is None:
        return Judgement("right", f"✓ {exercise.name}: right.")
    for mistake in exercise.mistakes:
        if compared(answer, mistake.answer, exercise.tolerance, strict=False) is None:
            return _wrong(exercise, mistake=mistake)
    return _wrong(exercise, f"Your answer {difference.words}.")


def _judge_design(exercise: Exercise, answer: Any, fault: Callable[[Any], str | None]) -> Judgement:
    if is_blank(answer):
        return _not_attempted(exercise)
    found = fault(snapshot(answer))
    if found is None:
        return Judgement("right", f"✓ {exercise.name}: right.")
    return _wrong(exercise, found)


def _judge_function(exercise: Exercise, answer: Any) -> Judgement:
    if is_blank(answer):
        return _not_attempted(exercise)
    if not callable(answer):
        return _wrong(
            exercise,
            f"This exercise asks for a function, and the answer is {describe(answer)}. "
            "Hand in the function itself, without calling it.",
        )
    ranked = [_judge_in_form(exercise, answer, form) for form in exercise.forms]
    return max(ranked, key=lambda pair: pair[0])[1]


def _judge_in_form(
    exercise: Exercise, function: Callable[..., Any], form: Form
) -> tuple[int, Judgement]:
    """Judge a function given one form of arguments; the higher rank says more about it."""
    rights = [exercise.right(*copy.deepcopy(case)) for case in exercise.cases]
    results = [_called(function, case, form) for case in exercise.cases]
    if all(_unwritten(result) for result in results):
        return 2, _not_attempted(exercise)
    differences = [
        _difference(result, right, exercise.tolerance)
        for result, right in zip(results, rights, strict=True)
    ]
    n = len(exercise.cases)
    if not any(differences):
        return 4, Judgement("right", f"✓ {exercise.name}: right, in all {n} cases tried.")
    for mistake in exercise.mistakes:
        if _same_as(mistake, exercise, results):
            return 3, _wrong(exercise, mistake=mistake)
    first = next(i for i, difference in enumerate(differences) if difference)
    called = ", ".join(describe(_shown(arg, form)) for arg in exercise.cases[first])
    passed = differences.count(None)
    result, difference = results[first], differences[first]
    score = f"right in {passed} of {n} cases" if passed else f"wrong in all {n} cases tried"
    how = f"It is {score}. Called with {called}, "
    if isinstance(result, _Raised):
        return 0, _wrong(exercise, f"{how}your function stops with {_told(result.error)}.")
    return 1, _wrong(exercise, f"{how}what it returns {difference.words if difference else ''}.")


@dataclass(frozen=True)
class _Raised:
    error: BaseException


def _called(function: Callable[..., Any], case: Case, form: Form) -> Any:
    """Call a student's function with its own copy of the case, in silence."""
    arguments = [_shown(argument, form) for argument in copy.deepcopy(case)]
    quiet = io.StringIO()
    try:
        with (
            redirect_stdout(quiet),
            redirect_stderr(quiet),
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            return snapshot(function(*arguments))
    except (Exception, SystemExit) as error:
        return _Raised(error)


def _shown(argument: Any, form: Form) -> Any:
    if not isinstance(argument, np.ndarray) or form == "array":
        return argument
    tensor = torch.as_tensor(argument)
    return tensor.float() if tensor.is_floating_point() else tensor


def _unwritten(result: Any) -> bool:
    if isinstance(result, _Raised):
        # A stub whose ... meets arithmetic is as unwritten as one that returns it.
        return isinstance(result.error, NotImplementedError) or "ellipsis" in str(result.error)
    return is_blank(result)


def _difference(result: Any, right: Any, tolerance: float) -> Difference | None:
    if isinstance(result, _Raised):
        return Difference("is an error")
    if is_blank(result):
        return Difference("is nothing: does every path through it end in a return?")
    return compared(result, right, tolerance)


def _same_as(mistake: Mistake, exercise: Exercise, results: list[Any]) -> bool:
    if any(isinstance(result, _Raised) or is_blank(result) for result in results):
        return False
    with np.errstate(all="ignore"):
        wrongs = [mistake.answer(*copy.deepcopy(case)) for case in exercise.cases]
    return all(
        compared(result, wrong, exercise.tolerance, strict=False) is None
        for result, wrong in zip(results, wrongs, strict=True)
    )


def _not_attempted(exercise: Exercise) -> Judgement:
    return Judgement("not attempted", f"{exercise.name}: not attempted yet.")


def _wrong(exercise: Exercise, what: str = "", *, mistake: Mistake | None = None) -> Judgement:
    if mistake is not None:
        what = f"This looks like {mistake.looks_like}."
    return Judgement(
        "wrong", f"✗ {exercise.name}: wrong. {what} Hint: {exercise.hint}", mistake=mistake
    )


def _told(error: BaseException) -> str:
    """An error in one short line that is the same in each session (addresses are not)."""
    try:
        words = re.sub(r"0x[0-9a-fA-F]+", "0x…", " ".join(str(error).split()))
    except Exception:
        words = ""
    words = words if len(words) <= 160 else words[:159] + "…"
    return f"{type(error).__name__}: {words.rstrip('.')}" if words else type(error).__name__
