"""A student's function tried on every case, in both forms, and what is said of it."""

from __future__ import annotations

import copy
import dis
import inspect
import io
import re
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.exercises.answers import compared
from course_utils.exercises.frame import (
    Case,
    Exercise,
    Form,
    Judgement,
    Mistake,
    not_attempted,
    wrong,
)
from course_utils.exercises.reading import (
    BlankLeft,
    NotNumbers,
    describe,
    floats,
    is_blank,
    shown,
    snapshot,
)
from course_utils.exercises.slips import slips

__all__ = ["judge_function", "told"]

Function = Callable[..., Any]


def judge_function(exercise: Exercise, function: Function) -> Judgement:
    """Judge a function in each form of its arguments, and keep the judgement that says most.

    That is the form in which it's right; else the one with more cases right; else the one with a
    named mistake, before one with a value to speak of, before an error. An error of types counts
    least: a function written for arrays often stops with one when it's given tensors.
    """
    ranked = [_judge_in_form(exercise, function, form) for form in exercise.forms]
    return max(ranked, key=lambda pair: pair[0])[1]


def _judge_in_form(
    exercise: Exercise, function: Function, form: Form
) -> tuple[tuple[int, ...], Judgement]:
    """Judge a function given one form of arguments; the higher rank says more about it."""
    rights = [exercise.right(*copy.deepcopy(case)) for case in exercise.cases]
    results = [_called(function, case, form) for case in exercise.cases]
    if all(_unwritten(function, result) for result in results):
        return (2,), not_attempted(exercise)
    if all(isinstance(result, _Printed) for result in results):
        return (1, 0, 2), wrong(
            exercise,
            "Your function prints its result and returns nothing: write return instead of print.",
        )
    differences = [
        _difference(result, right, exercise.tolerance)
        for result, right in zip(results, rights, strict=True)
    ]
    n, passed = len(exercise.cases), differences.count(None)
    if passed == n:
        return (3,), Judgement("right", f"✓ {exercise.name}: right, in all {n} cases tried.")
    known = _recognised(exercise, results, differences)
    if known:
        mistake, besides = known
        return (1, passed, 3 if besides else 4), wrong(exercise, besides, mistake=mistake)
    first = next(i for i, difference in enumerate(differences) if difference)
    score = f"right in {passed} of {n} cases" if passed else f"wrong in all {n} cases tried"
    how = f"It is {score}. Called with {_arguments(function, exercise.cases[first], form)}, "
    result, difference = results[first], differences[first]
    if isinstance(result, _Raised):
        by_type = isinstance(result.error, TypeError | AttributeError)
        what = f"{how}your function stops with {told(result.error)}."
        return (1, passed, -1 if by_type else 0), wrong(exercise, what)
    return (1, passed, 2), wrong(exercise, f"{how}{_returned(result)} {difference}.")


def _recognised(
    exercise: Exercise, results: list[Any], differences: list[str | None]
) -> tuple[Mistake, str] | None:
    """Find the mistake that gives the same results, and what else is wrong with them.

    Where some cases break, by an error or a nan, the others tell: two wrong ones at least.
    """
    mistakes = (*exercise.mistakes, *slips(exercise))
    everywhere = range(len(results))
    if not any(isinstance(result, _Raised) or _is_nothing(result) for result in results):
        for mistake in mistakes:
            if _same_as(mistake, exercise, results, everywhere):
                return mistake, ""
    sound = [i for i in everywhere if _is_sound(results[i])]
    if len(sound) < len(results) and sum(bool(differences[i]) for i in sound) >= 2:
        for mistake in mistakes:
            if _same_as(mistake, exercise, results, sound):
                return mistake, _besides(results)
    return None


@dataclass(frozen=True)
class _Raised:
    error: BaseException


@dataclass(frozen=True)
class _Printed:
    """It returned nothing, and printed something."""


class _Swallowed(io.TextIOBase):
    """Takes any amount of text, and remembers only whether there was some."""

    wrote = False

    def write(self, text: str) -> int:
        self.wrote = True
        return len(text)


def _called(function: Function, case: Case, form: Form) -> Any:
    """Call a student's function with its own copy of the case, in silence."""
    arguments = [_handed(argument, form) for argument in copy.deepcopy(case)]
    quiet = _Swallowed()
    try:
        with (
            redirect_stdout(quiet),
            redirect_stderr(_Swallowed()),
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            result = function(*arguments)
    except (Exception, SystemExit) as error:
        return _Raised(error.with_traceback(None))  # which would keep what the function made
    return _Printed() if result is None and quiet.wrote else snapshot(result)


def _handed(argument: Any, form: Form) -> Any:
    if not isinstance(argument, np.ndarray) or form == "array":
        return argument
    tensor = torch.as_tensor(argument)
    return tensor.float() if tensor.is_floating_point() else tensor


def _arguments(function: Function, case: Case, form: Form) -> str:
    """The arguments of a call, each by the name the student gave it; short ones written down."""
    handed = [_handed(argument, form) for argument in case]
    try:
        bound = inspect.signature(function).bind(*handed)
        parameters = bound.signature.parameters
        names = [
            f"{name} = "
            for name in bound.arguments
            if parameters[name].kind is not inspect.Parameter.VAR_POSITIONAL
        ]
    except (TypeError, ValueError):
        names = []
    names = names if len(names) == len(handed) else [""] * len(handed)
    for longest in (60, 40, 20, 0):
        told = ", ".join(
            name + shown(argument, longest if np.ndim(argument) else 60)
            for name, argument in zip(names, handed, strict=True)
        )
        if len(told) <= 140:
            break
    return told


def _returned(result: Any) -> str:
    """What a function returned, where that is short, as the start of a sentence on it."""
    if _is_nothing(result):
        return "what it returns"
    text = shown(result, 40)
    return "what it returns" if text == describe(result) else f"it returns {text}, which"


def _unwritten(function: Function, result: Any) -> bool:
    if isinstance(result, _Raised):
        # A stub whose ... meets arithmetic is as unwritten as one that returns it.
        return isinstance(result.error, NotImplementedError) or "ellipsis" in str(result.error)
    if result is None:
        return _is_stub(function)
    return is_blank(result)


def _is_stub(function: Function) -> bool:
    """Say whether a function has an empty body; None of one that has more is an answer.

    >>> def stub(x): ...
    >>> def forgetful(x):
    ...     y = 2 * x
    >>> _is_stub(stub), _is_stub(forgetful)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return True
    empty = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    return all(step.opname in empty for step in dis.get_instructions(code))


def _is_nothing(result: Any) -> bool:
    return isinstance(result, _Printed) or is_blank(result)


def _difference(result: Any, right: Any, tolerance: float) -> str | None:
    if isinstance(result, _Raised):
        return "is an error"
    if _is_nothing(result):
        return "is nothing: does every path through it end in a return?"
    difference = compared(result, right, tolerance)
    return difference.words if difference else None


def _is_sound(result: Any) -> bool:
    """Say whether a result is all finite numbers, or text, whatever they are."""
    if isinstance(result, _Raised) or _is_nothing(result):
        return False
    if isinstance(result, str):
        return True
    try:
        parts = result if isinstance(result, tuple) else [result]
        return all(np.isfinite(floats(part, truths=True)).all() for part in parts)
    except (BlankLeft, NotNumbers, TypeError, ValueError, ArithmeticError, RuntimeError):
        return False


def _besides(results: list[Any]) -> str:
    """Say what else is wrong, in the cases that break."""
    broken = [result for result in results if not _is_sound(result)]
    first = broken[0]
    what = "what it returns isn't all finite numbers"
    if isinstance(first, _Raised):
        what = f"it stops with {told(first.error)}"
    elif _is_nothing(first):
        what = "it returns nothing"
    return f"Besides, in {len(broken)} of {len(results)} cases {what}."


def _same_as(
    mistake: Mistake, exercise: Exercise, results: list[Any], cases: Sequence[int]
) -> bool:
    with np.errstate(all="ignore"):
        return all(
            compared(
                results[i],
                mistake.answer(*copy.deepcopy(exercise.cases[i])),
                exercise.tolerance,
                strict=False,
            )
            is None
            for i in cases
        )


def told(error: BaseException) -> str:
    """Put an error into one short line that is the same in each session (addresses are not).

    >>> told(ValueError("shapes (2, 3)   and (3, 2)."))
    'ValueError: shapes (2, 3) and (3, 2)'
    """
    try:
        words = re.sub(r"0x[0-9a-fA-F]+", "0x…", " ".join(str(error).split()))
    except Exception:
        words = ""
    if isinstance(error, MemoryError) and not words:
        words = "it needs more memory than it may have"
    words = words if len(words) <= 160 else words[:159] + "…"
    return f"{type(error).__name__}: {words.rstrip('.')}" if words else type(error).__name__
