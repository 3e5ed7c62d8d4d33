"""The small numbers on a sheet, drawn so that it is as hard as the next one.

Numbers are drawn until what was counted about them is what was asked for. They come from
``random.Random.random``, the one stream of draws that Python's documentation promises never to
change. NumPy promises that for raw bits only, not for the integers that ``Generator`` makes of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from course_utils.worksheets.sheet import WorksheetError

Given: TypeAlias = dict[str, npt.NDArray[Any]]

# The kinds here settle after a thousand draws or so. One that needs many more asks for too much.
TRIES = 100_000


class Draw:
    """Small whole numbers, the same ones whenever and wherever the seed is the same.

    >>> Draw("conv", 7, 1).whole(0, 9, (2, 3)).tolist()
    [[9, 9, 1], [1, 0, 4]]
    """

    def __init__(self, *seed: str | int) -> None:
        self._random = Random()
        # The text is hashed by SHA-512, which no setting of Python's own hash changes.
        self._random.seed("/".join(map(str, seed)), version=2)

    def whole(
        self, low: int, high: int, shape: tuple[int, ...], *, zero: bool = True
    ) -> npt.NDArray[Any]:
        """Draw whole numbers from low to high, both included; ``zero=False`` leaves out 0."""
        allowed = [n for n in range(low, high + 1) if n or zero]
        numbers = np.empty(shape, dtype=np.int64)
        for index in np.ndindex(shape):
            numbers[index] = allowed[self._below(len(allowed))]
        return numbers

    def order(self, items: Sequence[int], shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Put the items in any order into an array of that shape."""
        left = list(items)
        return np.reshape([left.pop(self._below(len(left))) for _ in items], shape)

    def _below(self, n: int) -> int:
        return int(self._random.random() * n)


def settle(
    propose: Callable[[], Given],
    measure: Callable[[Given], Iterable[tuple[str, int]]],
    wanted: Mapping[str, int],
) -> Given:
    """Propose numbers until each thing counted about them is as often there as wanted.

    ``measure`` gives one name and count at a time, the cheap and telling ones first: the first that
    is not as wanted ends the trial.

    >>> draw = Draw("example")
    >>> settle(lambda: {"x": draw.whole(0, 9, (4,))}, lambda g: [("sum", g["x"].sum())], {"sum": 9})
    {'x': array([1, 0, 1, 7])}
    """
    for _ in range(TRIES):
        given = propose()
        if all(wanted[name] == count for name, count in measure(given)):
            return given
    raise WorksheetError(f"no numbers with {dict(wanted)} among {TRIES} draws")
