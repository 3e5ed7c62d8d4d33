"""The exercises of the page on speed: schedules, smoothed labels, and what a gain is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.exercises.answers import whole_numbers
from course_utils.exercises.formulas import Array, log_softmax, picked
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- what a gain is worth


def _gain(s1: float, f1: float, s2: float, f2: float) -> float:
    """Amdahl's law for two parts."""
    return 1 / (1 - s1 - s2 + s1 / f1 + s2 / f2)


AMDAHL = Exercise(
    name="amdahl",
    right=_gain,
    cases=(
        (0.5, 2.0, 0.25, 5.0),
        (0.4, 10.0, 0.3, 1.5),
        (0.2, 3.0, 0.6, 4.0),
        (0.25, 4.0, 0.75, 2.0),
        (0.1, 8.0, 0.1, 2.0),
    ),
    mistakes=(
        Mistake(
            "the new time, as a share of the old; the speed-up is the old over the new",
            lambda s1, f1, s2, f2: 1 / _gain(s1, f1, s2, f2),
        ),
        Mistake(
            "the rest was forgotten: only the parts that got faster were timed",
            lambda s1, f1, s2, f2: 1 / (s1 / f1 + s2 / f2),
        ),
        Mistake(
            "two gains multiplied, each worked out as if the other part had stayed as it was; "
            "times add up",
            lambda s1, f1, s2, f2: _gain(s1, f1, 0, 1) * _gain(0, 1, s2, f2),
        ),
        Mistake("the first gain alone", lambda s1, f1, s2, f2: _gain(s1, f1, 0, 1)),
        Mistake("the second gain alone", lambda s1, f1, s2, f2: _gain(0, 1, s2, f2)),
        Mistake(
            "gains were averaged; times add up, speeds do not",
            lambda s1, f1, s2, f2: 1 - s1 - s2 + s1 * f1 + s2 * f2,
        ),
        Mistake(
            "the two factors multiplied, as if each held for the whole",
            lambda s1, f1, s2, f2: f1 * f2,
        ),
        Mistake(
            "the mean of the two factors; the parts are not equally long",
            lambda s1, f1, s2, f2: (f1 + f2) / 2,
        ),
    ),
    hint="Add up the new time, piece by piece: what stays, and each part divided by its gain.",
)

_TIMES: tuple[tuple[list[float], list[float]], ...] = (
    ([4.3, 4.4, 4.0], [2.2, 9.0, 2.0]),
    ([3.0, 3.2, 3.1, 8.0, 3.0], [1.0, 1.1, 1.2, 1.0, 1.3]),
    ([10.0], [4.0]),
    ([5.0, 7.0], [2.0, 3.0]),
)


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


RATIO = Exercise(
    name="ratio-of-times",
    right=lambda usual, ours: _median(usual) / _median(ours),
    cases=_TIMES,
    mistakes=(
        Mistake(
            "means were taken: one disturbed run spoils them; take the medians",
            lambda usual, ours: sum(usual) / len(usual) / (sum(ours) / len(ours)),
        ),
        Mistake("the ratio is upside down", lambda usual, ours: _median(ours) / _median(usual)),
        Mistake("the fastest run of each", lambda usual, ours: min(usual) / min(ours)),
        Mistake("the slowest run of each", lambda usual, ours: max(usual) / max(ours)),
        Mistake("the first run of each", lambda usual, ours: usual[0] / ours[0]),
        Mistake(
            "the difference, in seconds; it depends on the machine",
            lambda usual, ours: _median(usual) - _median(ours),
        ),
        Mistake(
            "the median of the ratios, run by run: the runs are not pairs",
            lambda usual, ours: _median([u / o for u, o in zip(usual, ours, strict=True)]),
        ),
        Mistake(
            "the mean of the ratios, run by run: the runs are not pairs",
            lambda usual, ours: sum(u / o for u, o in zip(usual, ours, strict=True)) / len(ours),
        ),
    ),
    hint="A ratio above 1 says that ours is faster. One run of nine seconds should not decide it.",
)

STEPS = Exercise(
    name="steps-of-an-epoch",
    right=lambda n, batch: math.ceil(n / batch),
    cases=((36_000, 128), (60_000, 100), (60_000, 128), (5, 8), (1000, 64)),
    tolerance=0,
    mistakes=(
        Mistake("the last batch, which is smaller, was left out", lambda n, batch: n // batch),
        Mistake("a step too many where the batches fit", lambda n, batch: n // batch + 1),
        Mistake("a step is a batch, not a part of one", lambda n, batch: n / batch),
        Mistake("the batch size", lambda n, batch: batch),
        Mistake("the number of images", lambda n, batch: n),
        Mistake(
            "rounded to the nearest: a batch that is less than half full counts too",
            lambda n, batch: round(n / batch),
        ),
    ),
    hint="The images that are left over make one more, smaller batch.",
)


LEAST, SMALLEST = 1 / 3, 4


def _work(c1: int, c2: int, h: int) -> int:
    """Multiply-adds of the speedrun's network with other widths."""
    return 24 * 24 * 25 * c1 + 10 * 10 * 9 * c1 * c2 + 25 * c2 * h + 10 * h


def _fault_of_widths(answer: Any) -> str | None:
    widths = whole_numbers(answer, 3)
    if widths is None:
        return "The answer should be three whole numbers, [c1, c2, h]."
    c1, c2, h = widths
    if min(c1, c2, h) < SMALLEST:
        return f"A width of {min(c1, c2, h)} is too small; each is at least {SMALLEST}."
    work, whole = _work(c1, c2, h), _work(8, 40, 64)
    if work > whole / 2:
        return f"It needs {work:,} multiply-adds; half of the speedrun's are {whole // 2:,}."
    if work < whole * LEAST:
        least = math.ceil(whole * LEAST)
        return f"It needs {work:,} multiply-adds only; a third of the speedrun's are {least:,}."
    return None


WIDTHS = Exercise(
    name="half-the-work",
    right=[6, 16, 64],
    mistakes=(),
    fault=_fault_of_widths,
    hint="Write the multiply-adds of the four layers as a formula in c1, c2 and h. The first two "
    "terms weigh most.",
)


# --- the recipe


def _smoothed(logits: Array, labels: Array, eps: float, *, to: str = "all") -> float:
    log_p, classes = log_softmax(logits), logits.shape[1]
    true, total = picked(log_p, labels), log_p.sum(axis=1)
    shares = {"all": total / classes, "others": (total - true) / (classes - 1), "each": total}
    return float(-((1 - eps) * true + eps * shares[to]).mean())


_BATCHES = tuple(
    (
        np.sin(np.arange(n * c) * 1.7 + c).reshape(n, c) * 3,
        (np.arange(n) * 2 + 1) % c,
        eps,
    )
    for n, c, eps in ((2, 3, 0.1), (4, 10, 0.2), (1, 5, 0.5), (6, 4, 0.05))
)

SMOOTHING = Exercise(
    name="label-smoothing",
    right=_smoothed,
    cases=_BATCHES,
    mistakes=(
        Mistake("the labels were not smoothed", lambda z, y, eps: _smoothed(z, y, 0.0)),
        Mistake(
            "ε was shared by the wrong classes only; the true one gets its part as well",
            lambda z, y, eps: _smoothed(z, y, eps, to="others"),
        ),
        Mistake(
            "ε was given to each class, not shared by them",
            lambda z, y, eps: _smoothed(z, y, eps, to="each"),
        ),
        Mistake("1 − ε and ε were swapped", lambda z, y, eps: _smoothed(z, y, 1 - eps)),
        Mistake(
            "the sum over the batch, not the mean", lambda z, y, e: _smoothed(z, y, e) * len(y)
        ),
        Mistake("the sign was lost", lambda z, y, eps: -_smoothed(z, y, eps)),
        Mistake(
            "only the part of the true class; what the others were given costs too",
            lambda z, y, eps: float(-(1 - eps) * picked(log_softmax(z), y).mean()),
        ),
    ),
    hint="The target is (1 − ε) on the label plus ε / C on each of the C classes.",
)


def _triangle(step: int, steps: int, warmup: float) -> float:
    """Up to 1 in a straight line until the share ``warmup``, then down to 0 in another."""
    top = warmup * steps
    return step / top if step < top else (steps - step) / (steps - top)


TRIANGLE = Exercise(
    name="triangle-schedule",
    right=_triangle,
    cases=(
        (0, 100, 0.2),
        (10, 100, 0.2),
        (20, 100, 0.2),
        (60, 100, 0.2),
        (99, 100, 0.5),
        (7, 28, 0.25),
    ),
    mistakes=(
        Mistake("the way down was forgotten", lambda i, n, w: min(1.0, i / (w * n))),
        Mistake(
            "the way up was forgotten", lambda i, n, w: (n - i) / (n - w * n) if i > w * n else 1.0
        ),
        Mistake("up and down were swapped", lambda i, n, w: 1 - _triangle(i, n, w)),
        Mistake(
            "the way down starts at the first step", lambda i, n, w: min(i / (w * n), (n - i) / n)
        ),
        Mistake("the top is always halfway", lambda i, n, w: _triangle(i, n, 0.5)),
        Mistake(
            "the top is at `warmup` steps, not at that share of them",
            lambda i, n, w: min(1.0, (n - i) / (n - w)),
        ),
        Mistake("a straight line up to the end; there is a top on the way", lambda i, n, w: i / n),
        Mistake(
            "a straight line down from the start; there is a way up first",
            lambda i, n, w: 1 - i / n,
        ),
    ),
    hint="At step warmup · steps it is 1; at step 0 and at step `steps` it is 0.",
)


def _targets(label: int, classes: int, right: float, others: float) -> Array:
    return np.where(np.arange(classes) == label, right, others)


SMOOTHED_TARGETS = Exercise(
    name="smoothed-targets",
    right=lambda y, c, s: _targets(y, c, 1 - s + s / c, s / c),
    cases=((3, 10, 0.1), (0, 4, 0.2), (1, 2, 0.5), (2, 3, 0.0), (4, 5, 0.9)),
    tolerance=1e-6,
    mistakes=(
        Mistake(
            "the share went to the wrong classes only; it goes to all of them, the right one too",
            lambda y, c, s: _targets(y, c, 1 - s, s / (c - 1)),
        ),
        Mistake("every class got the share, undivided", lambda y, c, s: _targets(y, c, 1, s)),
        Mistake(
            "nothing was taken from the right class: the targets sum to more than 1",
            lambda y, c, s: _targets(y, c, 1 + s / c, s / c),
        ),
        Mistake(
            "the share was taken from the right class and given to none",
            lambda y, c, s: _targets(y, c, 1 - s, 0),
        ),
        Mistake(
            "the right class keeps the share and gives the rest away",
            lambda y, c, s: _targets(y, c, s + (1 - s) / c, (1 - s) / c),
        ),
        Mistake("plain one-hot targets, not smoothed", lambda y, c, s: _targets(y, c, 1, 0)),
        Mistake(
            "the right class gets its part of the share as well: 1 − s + s / c",
            lambda y, c, s: _targets(y, c, 1 - s, s / c),
        ),
        Mistake(
            "the share was given to each of the others, undivided",
            lambda y, c, s: _targets(y, c, 1 - s, s),
        ),
    ),
    hint="The targets sum to 1. Take the share from the right class; deal it out evenly to all.",
)

EXERCISES = (STEPS, RATIO, AMDAHL, WIDTHS, TRIANGLE, SMOOTHED_TARGETS, SMOOTHING)
