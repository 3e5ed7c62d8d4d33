"""What a sheet asks, what the student fills in, and what the key says.

A sheet is plain data: texts, tables of numbers, and lines of arithmetic. Those who print it know
nothing of convolution, and those who make it know nothing of paper. In texts and labels ``_{1,2}``
is a subscript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any, TypeAlias

import numpy.typing as npt

from course_utils.exact import Array

Numbers: TypeAlias = Mapping[str, npt.NDArray[Any]]

PAPERS = {"a4": (210, 297), "letter": (215.9, 279.4)}  # width and height in millimetres


class WorksheetError(Exception):
    """A sheet that must not be handed out, or that cannot be made here."""


@dataclass(frozen=True)
class Grid:
    """A given number, row or table of numbers and what it is called."""

    label: str
    values: Array


@dataclass(frozen=True)
class Line:
    """A worked step: the arithmetic in plain text, and the place in the answer that it fills."""

    index: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Answer:
    """Something to find: a number (no axes), a row (one axis) or a table (two).

    ``lines`` show how; there is one for each number. The sheet prints a blank of the same shape, or
    of the shape ``room`` where the shape itself is asked for.
    """

    label: str
    values: Array
    lines: tuple[Line, ...]
    room: tuple[int, int] | None = None

    @property
    def blank(self) -> tuple[int, ...]:
        """Shape of what is left to fill in on the sheet."""
        return self.room or self.values.shape


@dataclass(frozen=True)
class Prompt:
    """One question of a problem, which may ask for several things."""

    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Problem:
    """Given numbers and the questions about them.

    ``reference`` computes every answer again from what is given, with PyTorch: from label to
    numbers, to label to numbers. ``difficulty`` counts what makes the work long or tricky; it is
    the same on all sheets of a kind.
    """

    title: str
    text: str
    given: tuple[Grid, ...]
    prompts: tuple[Prompt, ...]
    difficulty: Mapping[str, int]
    reference: Callable[[Numbers], Numbers] = field(repr=False, compare=False)

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(answer for prompt in self.prompts for answer in prompt.answers)


@dataclass(frozen=True)
class Sheet:
    """A student's sheet: the problems, and what the sheet's foot says it came from."""

    kind: str
    seed: int
    number: int
    problems: tuple[Problem, ...]
    ties: bool = False

    @property
    def origin(self) -> str:
        """Kind, seed and number: enough to print the same sheet again."""
        ties = " · ties" if self.ties else ""
        return f"{self.kind} · seed {self.seed}{ties} · sheet {self.number}"

    @property
    def titled(self) -> Iterator[tuple[str, Problem]]:
        """Each problem with its title, which has a letter if there are several."""
        for i, problem in enumerate(self.problems):
            letter = f"{ascii_uppercase[i]}. " if len(self.problems) > 1 else ""
            yield letter + problem.title, problem
