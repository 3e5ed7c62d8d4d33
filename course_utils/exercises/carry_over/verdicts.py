"""The exercises on verdicts: how much a test set can tell, and what became of one on another."""

from __future__ import annotations

import math
from collections.abc import Callable

from course_utils.exercises.formulas import share_deviation
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["BECAME", "WIDER"]

# --- what a test set can tell


WIDER = Exercise(
    name="times-as-wide",
    right=lambda p, n, q, m: share_deviation(q, m) / share_deviation(p, n),
    cases=(
        (0.99, 10_000, 0.93, 1000),
        (0.8, 400, 0.5, 100),
        (0.98, 10_000, 0.9, 500),
        (0.6, 50, 0.7, 2000),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the ratio of the variances; take its square root",
            lambda p, n, q, m: (share_deviation(q, m) / share_deviation(p, n)) ** 2,
        ),
        Mistake(
            "the ratio is upside down",
            lambda p, n, q, m: share_deviation(p, n) / share_deviation(q, m),
        ),
        Mistake(
            "only the sizes of the test sets counted; the accuracies do too",
            lambda p, n, q, m: math.sqrt(n / m),
        ),
        Mistake("how many times as many images there are", lambda p, n, q, m: n / m),
        Mistake(
            "only the accuracies counted; the sizes of the test sets do too",
            lambda p, n, q, m: share_deviation(q, 1) / share_deviation(p, 1),
        ),
        Mistake(
            "n and m stand outside the root; they belong inside",
            lambda p, n, q, m: share_deviation(q, 1) / m / (share_deviation(p, 1) / n),
        ),
        Mistake(
            "p instead of p (1 − p), and likewise q", lambda p, n, q, m: math.sqrt(q / m / (p / n))
        ),
        Mistake(
            "1 − p instead of p (1 − p), and likewise q",
            lambda p, n, q, m: math.sqrt((1 - q) / m / ((1 - p) / n)),
        ),
        Mistake(
            "the two test sets were swapped: q goes with m",
            lambda p, n, q, m: share_deviation(q, n) / share_deviation(p, m),
        ),
        Mistake(
            "the second width alone, not divided by the first",
            lambda p, n, q, m: share_deviation(q, m),
        ),
        Mistake(
            "a difference of widths; divide them",
            lambda p, n, q, m: share_deviation(q, m) - share_deviation(p, n),
        ),
        Mistake(
            "the first width alone; divide the second by it",
            lambda p, n, q, m: share_deviation(p, n),
        ),
    ),
    hint="An answer, right with probability p, has the variance p (1 − p). What is that of a mean "
    "of n answers, and how does a width follow from it?",
)


# --- what became of a verdict

Interval = tuple[float, float]


def _kind(interval: Interval, margin: float) -> str:
    """Say what ``Comparison.words`` says of an interval, in one word."""
    low, high = interval
    return "same" if -margin < low and high < margin else _side(low, high)


def _side(low: float, high: float, otherwise: str = "open") -> str:
    return "better" if low > 0 else "worse" if high < 0 else otherwise


def _outcome(first: str, second: str) -> str:
    if "open" in (first, second):
        return "open"
    if first == second:
        return "carries over"
    only = {first: "only on the second", second: "only on the first"}
    return only.get("same", "turns round")


def _became(
    kind: Callable[[Interval, float], str] = _kind,
    outcome: Callable[[str, str], str] = _outcome,
) -> Callable[[Interval, float, Interval, float], str]:
    return lambda a, margin, b, margin_b: outcome(kind(a, margin), kind(b, margin_b))


def _before_margin(interval: Interval, margin: float) -> str:
    return _side(*interval, otherwise=_kind(interval, margin))


def _by_middle(interval: Interval, margin: float) -> str:
    middle = sum(interval) / 2
    return "same" if abs(middle) < margin else _side(middle, middle)


def _touching(interval: Interval, margin: float) -> str:
    low, high = interval
    return "same" if low < margin and high > -margin else _side(low, high)


def _never_open(interval: Interval, margin: float) -> str:
    return "same" if _kind(interval, margin) == "open" else _kind(interval, margin)


def _beyond(interval: Interval, margin: float) -> str:
    low, high = interval
    return "same" if _kind(interval, margin) == "same" else _side(low - margin, high + margin)


# Margins on images are narrow, and on signals wider. No answer but the first is "only on the
# second", so that a function which remembers one word is found out.
_VERDICTS = (
    ((-0.0006, 0.0004), 0.001, (0.012, 0.031), 0.01),
    ((0.0021, 0.0047), 0.001, (0.014, 0.026), 0.005),
    ((-0.0052, -0.0018), 0.001, (-0.021, -0.003), 0.005),
    ((0.0002, 0.0007), 0.001, (-0.002, 0.003), 0.005),
    ((0.0015, 0.0032), 0.001, (-0.033, -0.012), 0.005),
    ((-0.0041, -0.0012), 0.001, (0.002, 0.019), 0.005),
    ((0.0013, 0.0029), 0.001, (-0.006, -0.001), 0.008),
    ((-0.0024, -0.0011), 0.001, (-0.004, 0.007), 0.008),
    ((0.0016, 0.0038), 0.001, (-0.009, 0.016), 0.005),
    ((-0.0017, 0.0008), 0.001, (-0.018, 0.006), 0.005),
    ((-0.0003, 0.0019), 0.001, (-0.002, 0.001), 0.005),
    ((-0.0012, 0.0009), 0.002, (-0.017, 0.004), 0.008),
)

BECAME = Exercise(
    name="what-became-of-it",
    right=_became(),
    cases=_VERDICTS,
    mistakes=(
        Mistake(
            "an interval that holds 0 was called the same; it must lie within ±margin",
            _became(lambda interval, margin: _side(*interval, otherwise="same")),
        ),
        Mistake(
            "better or worse was decided before the margin: within it, both are the same",
            _became(_before_margin),
        ),
        Mistake(
            "the margins were ignored, so nothing is ever the same",
            _became(lambda interval, margin: _side(*interval)),
        ),
        Mistake(
            "the signs of the middles alone; look at both ends",
            _became(lambda interval, margin: _by_middle(interval, 0)),
        ),
        Mistake("the middles were compared with the margins; take both ends", _became(_by_middle)),
        Mistake(
            "an interval that reaches into ±margin was called the same; all of it must lie inside",
            _became(_touching),
        ),
        Mistake(
            "a difference had to lie beyond the margin; it need only leave out 0",
            _became(_beyond),
        ),
        Mistake(
            "the first margin was used for both; each data set has its own",
            lambda a, margin, b, _: _became()(a, margin, b, margin),
        ),
        Mistake(
            "the second margin was used for both; each data set has its own",
            lambda a, _, b, margin: _became()(a, margin, b, margin),
        ),
        Mistake(
            "two open verdicts were said to carry over; where both are open, so is the answer",
            _became(outcome=lambda a, b: "carries over" if a == b else _outcome(a, b)),
        ),
        Mistake(
            "what isn't told apart was called the same; outside ±margin it is open",
            _became(_never_open),
        ),
        Mistake(
            "twice the same was left open; that is a verdict too",
            _became(outcome=lambda a, b: "open" if a == b == "same" else _outcome(a, b)),
        ),
        Mistake(
            "a difference that became the same doesn't turn round; it is on one data set only",
            _became(
                outcome=lambda a, b: (
                    "turns round" if a != b and "open" not in (a, b) else _outcome(a, b)
                )
            ),
        ),
        Mistake(
            "first and second were swapped: name the one that has the difference",
            _became(outcome=lambda a, b: _outcome(b, a)),
        ),
    ),
    hint="Give each interval a word first: the same, better, worse or open. The answer depends on "
    "the two words alone.",
)
