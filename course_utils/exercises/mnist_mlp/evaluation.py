"""The exercises on the loss over batches, and on two experiments compared by seeds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]


def _mean_over_examples(losses: Array, sizes: Array) -> float:
    return float((losses * sizes).sum() / sizes.sum())


TEST_LOSS = Exercise(
    name="test-loss",
    right=_mean_over_examples,
    cases=(
        (np.array([0.5, 0.25, 1.5]), np.array([64, 64, 16])),
        (np.array([0.75]), np.array([10])),
        (np.array([0.1, 0.2, 0.4, 0.3, 2.0]), np.array([100, 100, 100, 100, 1])),
        (np.array([1.0, 3.0]), np.array([3, 1])),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the mean of the batch means: the smaller last batch weighs too much",
            lambda losses, sizes: losses.mean(),
        ),
        Mistake(
            "the sum of the batch means divided by the number of examples: "
            "too small by about the batch size",
            lambda losses, sizes: losses.sum() / sizes.sum(),
        ),
        Mistake("the batch means were only added up", lambda losses, sizes: losses.sum()),
        Mistake(
            "the sum over the examples: divide by their number",
            lambda losses, sizes: (losses * sizes).sum(),
        ),
        Mistake(
            "the sum over the examples divided by the number of batches",
            lambda losses, sizes: (losses * sizes).mean(),
        ),
        Mistake("the loss of the last batch alone", lambda losses, sizes: losses[-1]),
        Mistake(
            "every batch was taken to be as large as the first",
            lambda losses, sizes: (losses * sizes).sum() / (len(sizes) * sizes[0]),
        ),
    ),
    hint="A batch of n images with the mean loss m holds a total loss of n times m.",
)


def _interval(difference: float, error: float, degrees: float, level: float = 0.975) -> Array:
    half = float(stats.t.ppf(level, degrees)) * error
    return np.array([difference, difference - half, difference + half])


def _paired(a: Array, b: Array) -> Array:
    d, n = a - b, len(a)
    return _interval(d.mean(), d.std(ddof=1) / math.sqrt(n), n - 1)


def _varied(make: Callable[[Array, int], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: make(a - b, len(a))


def _unpaired(a: Array, b: Array, *, pooled: bool) -> Array:
    n = len(a)
    va, vb = a.var(ddof=1) / n, b.var(ddof=1) / n
    degrees = 2 * n - 2 if pooled else (va + vb) ** 2 * (n - 1) / (va**2 + vb**2)
    return _interval(a.mean() - b.mean(), math.sqrt(va + vb), degrees)


_APART = "the two experiments were treated as unrelated: take the difference seed by seed first"

PAIRED_INTERVAL = Exercise(
    name="paired-interval",
    right=lambda a, b: tuple(float(x) for x in _paired(a, b)),
    cases=(
        (
            np.array([0.972, 0.968, 0.975, 0.970, 0.966]),
            np.array([0.969, 0.967, 0.970, 0.968, 0.965]),
        ),
        (np.array([0.91, 0.95]), np.array([0.92, 0.90])),
        (
            np.array([0.981, 0.979, 0.980, 0.978, 0.982, 0.977, 0.980, 0.979, 0.981, 0.976]),
            np.array([0.979, 0.980, 0.978, 0.979, 0.981, 0.978, 0.977, 0.980, 0.979, 0.978]),
        ),
        (np.array([0.3, 0.5, 0.4]), np.array([0.6, 0.4, 0.7])),
    ),
    tolerance=1e-6,
    forms=("array",),  # of a tensor, d.std() is another thing
    mistakes=(
        Mistake(_APART, lambda a, b: _unpaired(a, b, pooled=True)),
        Mistake(_APART, lambda a, b: _unpaired(a, b, pooled=False)),
        Mistake(
            "the standard deviation in place of the standard error: divide by √n",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1), n - 1)),
        ),
        Mistake(
            "the standard error was divided by n instead of √n",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1) / n, n - 1)),
        ),
        Mistake(
            "the population standard deviation, NumPy's default: give ddof=1",
            _varied(lambda d, n: _interval(d.mean(), d.std() / math.sqrt(n), n - 1)),
        ),
        Mistake(
            "1.96, which is for many seeds: take Student's t with n - 1 degrees of freedom",
            _varied(
                lambda d, n: d.mean() + np.array([0, -1.96, 1.96]) * d.std(ddof=1) / math.sqrt(n)
            ),
        ),
        Mistake(
            "Student's t was taken with n degrees of freedom instead of n - 1",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1) / math.sqrt(n), n)),
        ),
        Mistake(
            "Student's t at 0.95 instead of 0.975: 2.5 % lie beyond each end",
            _varied(lambda d, n: _interval(d.mean(), d.std(ddof=1) / math.sqrt(n), n - 1, 0.95)),
        ),
        Mistake("b minus a instead of a minus b", lambda a, b: _paired(b, a)),
        Mistake(
            "the factor t is missing: mean plus or minus one standard error",
            _varied(lambda d, n: d.mean() + np.array([0, -1, 1]) * d.std(ddof=1) / math.sqrt(n)),
        ),
    ),
    hint="Seed by seed, a - b is a single sample: its mean ± t(0.975, n - 1) · sd / √n.",
)

EXERCISES = (TEST_LOSS, PAIRED_INTERVAL)
