"""The exercises on what eval() reaches, and on batch norm's two kinds of statistics."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- what eval() reaches

EVAL_REACHES = Exercise(
    name="eval-reaches",
    right=np.array([0, 1, 0, 1, 0, 0]),
    tolerance=0,
    mistakes=(
        Mistake(
            "F.dropout2d(x) was counted: a function has no mode, and its training is True",
            np.array([0, 1, 0, 1, 1, 0]),
        ),
        Mistake(
            "batch norm was left out: its batch statistics give way to the running ones",
            np.array([0, 0, 0, 1, 0, 0]),
        ),
        Mistake(
            "nn.Dropout was left out: in eval mode it passes everything on",
            np.array([0, 1, 0, 0, 0, 0]),
        ),
        Mistake(
            "nn.Dropout and F.dropout2d(x) were swapped: eval() reaches modules",
            np.array([0, 1, 0, 0, 1, 0]),
        ),
        Mistake(
            "pooling was counted: an average is the same in both modes",
            np.array([0, 1, 0, 1, 0, 1]),
        ),
        Mistake("yes and no were swapped", np.array([1, 0, 1, 0, 1, 1])),
        Mistake("every layer; most compute the same in both modes", np.ones(6)),
    ),
    hint="eval() sets module.training to False: look for the modules that read it.",
)


# --- batch norm: the batch's statistics, and the running ones


def _normalized(x: Array, eps: float = 1e-5, *, ddof: int = 0) -> Array:
    return np.asarray((x - x.mean(0)) / np.sqrt(x.var(0, ddof=ddof) + eps))


def _features(n: int, c: int) -> Array:
    """Features [n, c] of several scales, their last channel nearly constant."""
    x = np.random.default_rng(10 * n + c).normal(size=(n, c)) * np.arange(1, c + 1) + 2
    x[:, -1] = 0.5 + 0.002 * x[:, -1] / c
    return np.asarray(x.round(4))


BATCH_NORM = Exercise(
    name="batch-norm",
    right=_normalized,
    cases=((_features(4, 3),), (_features(2, 2),), (_features(7, 5),), (_features(10, 1),)),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            "the sample variance, PyTorch's default: give unbiased=False, or correction=0",
            lambda x: _normalized(x, ddof=1),
        ),
        Mistake(
            "the statistics were taken over the channels instead of the batch",
            lambda x: _normalized(x.T).T,
        ),
        Mistake(
            "one mean and one variance for all channels; each has its own",
            lambda x: (x - x.mean()) / np.sqrt(x.var() + 1e-5),
        ),
        Mistake("the mean was not subtracted", lambda x: x / np.sqrt(x.var(0) + 1e-5)),
        Mistake(
            "the root of the variance is missing", lambda x: (x - x.mean(0)) / (x.var(0) + 1e-5)
        ),
        Mistake("eps was left out", lambda x: (x - x.mean(0)) / x.std(0)),
        Mistake(
            "eps was added to the standard deviation; it belongs under the root",
            lambda x: (x - x.mean(0)) / (x.std(0) + 1e-5),
        ),
        Mistake("the division is missing", lambda x: x - x.mean(0)),
    ),
    hint="Each channel: (x − mean) / √(variance + eps), both over the batch, both divided by N.",
)


def _running(means: Array, start: float, momentum: float) -> float:
    for mean in means:
        start = (1 - momentum) * start + momentum * float(mean)
    return float(start)


RUNNING_MEAN = Exercise(
    name="running-mean",
    right=_running,
    cases=(
        (np.array([1.0, 2.0, 4.0]), 0.5, 0.1),
        (np.array([3.0]), -1.0, 0.25),
        (np.array([0.2, -0.4, 0.9, 1.4, 2.5]), 1.0, 0.4),
        (np.array([5.0, 1.0]), 2.0, 0.01),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "momentum times the old value: in PyTorch it is the share of the new batch",
            lambda m, start, share: _running(m, start, 1 - share),
        ),
        Mistake("the start was forgotten", lambda m, start, share: _running(m, 0, share)),
        Mistake("the plain mean of the batches", lambda m, start, share: m.mean()),
        Mistake("the last batch alone", lambda m, start, share: m[-1]),
        Mistake(
            "only the last batch was mixed in",
            lambda m, start, share: _running(m[-1:], start, share),
        ),
        Mistake(
            "only the first batch was mixed in",
            lambda m, start, share: _running(m[:1], start, share),
        ),
        Mistake(
            "the batches came in reverse order",
            lambda m, start, share: _running(m[::-1], start, share),
        ),
        Mistake(
            "the old value was not shrunk: (1 - momentum) belongs to it",
            lambda m, start, share: start + share * m.sum(),
        ),
        Mistake(
            "the mean of the start and of all batches, equally weighted",
            lambda m, start, share: (start + m.sum()) / (len(m) + 1),
        ),
    ),
    hint="running = (1 - momentum) · running + momentum · batch mean, batch after batch.",
)

EXERCISES = (EVAL_REACHES, BATCH_NORM, RUNNING_MEAN)
