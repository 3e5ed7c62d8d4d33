"""The exercises of the page on speed: schedules, smoothed labels, and what a gain is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from course_utils.exercises.formulas import Array, log_softmax, picked
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- what a gain is worth

AMDAHL = Exercise(
    name="amdahl",
    right=lambda share, factor: 1 / (1 - share + share / factor),
    cases=((0.6, 2.0), (0.5, 10.0), (0.9, 3.0), (0.25, 4.0), (1.0, 5.0)),
    mistakes=(
        Mistake("the gain of the part, not of the whole", lambda share, factor: factor),
        Mistake(
            "the new time, as a share of the old; the speed-up is the old over the new",
            lambda share, factor: 1 - share + share / factor,
        ),
        Mistake(
            "the rest was forgotten: only the part that got faster was timed",
            lambda share, factor: factor / share,
        ),
        Mistake("the gain times the share", lambda share, factor: factor * share),
        Mistake(
            "gains were averaged; times add up, speeds do not",
            lambda share, factor: 1 - share + share * factor,
        ),
        Mistake(
            "share and rest were swapped", lambda share, factor: 1 / (share + (1 - share) / factor)
        ),
    ),
    hint="Add up the new time: the rest as it was, and the part divided by its gain.",
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
    ),
    hint="The images that are left over make one more, smaller batch.",
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
    ),
    hint="At step warmup · steps it is 1; at step 0 and at step `steps` it is 0.",
)

EXERCISES = (STEPS, TRIANGLE, SMOOTHING, RATIO, AMDAHL)
