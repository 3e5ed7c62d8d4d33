"""An exercise: a question with its right answer and known mistakes, and what is said of an answer.

An ``Exercise`` asks for a value or for a function. A function is tried on hidden cases of several
shapes; the first is the lesson's own. Known mistakes are wrong answers with a sentence each: an
answer that gives the same numbers as one of them is told so. Where many answers are right, as in a
design, the exercise says what is at fault with one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Case", "Exercise", "Form", "Judgement", "Mistake", "not_attempted", "wrong"]

Case = tuple[Any, ...]
Form = Literal["tensor", "array"]
Status = Literal["not attempted", "right", "wrong"]


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer (a value or a function), and what it looks like."""

    looks_like: str
    answer: Any


@dataclass(frozen=True, eq=False)
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


def not_attempted(exercise: Exercise) -> Judgement:
    """Give the judgement on an answer that nobody has begun."""
    return Judgement("not attempted", f"{exercise.name}: not attempted yet.")


def wrong(exercise: Exercise, what: str = "", *, mistake: Mistake | None = None) -> Judgement:
    """Give the judgement on a wrong answer: which mistake it looks like, and what else is wrong."""
    if mistake is not None:
        what = f"This looks like {mistake.looks_like}. {what}".rstrip()
    return Judgement(
        "wrong", f"✗ {exercise.name}: wrong. {what} Hint: {exercise.hint}", mistake=mistake
    )
