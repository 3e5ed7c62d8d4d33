"""Times of several ways to do something, compared so that a busy machine does not decide."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from course_utils.basics.checks import integer

__all__ = ["fastest_by_turns"]


def fastest_by_turns(works: Mapping[str, Callable[[], Any]], rounds: int = 5) -> dict[str, float]:
    """Run each work by turns, after a warm-up, and give the seconds of its fastest run.

    By turns, so that all meet the same load; the fastest, because whatever else a machine does can
    only make a run slower. Quote ratios: seconds belong to a machine.

    Raises
    ------
    ValueError
        For fewer rounds than 1.

    Examples
    --------
    >>> times = fastest_by_turns({"a sum": lambda: sum(range(9)), "nothing": lambda: None})
    >>> list(times)
    ['a sum', 'nothing']
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(integer("rounds", rounds)):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: min(taken) for name, taken in seconds.items()}
