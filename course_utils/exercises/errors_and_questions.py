"""The exercises of the page on errors: an interval, a confused pair, an honest choice, a shift."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from course_utils.exercises.formulas import Array, share_interval
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- how little a sample says


def _normal(k: int, n: int) -> Array:
    return k / n + np.array([-1, 1]) * 1.959964 * math.sqrt(k / n * (1 - k / n) / n)


def _uniform_prior(k: int, n: int) -> Array:
    return np.asarray(special.betaincinv(k + 1, n - k + 1, [0.025, 0.975]))


SHARE_INTERVAL = Exercise(
    name="share-interval",
    right=lambda k, n: tuple(share_interval(k, n)),
    cases=((3, 10), (0, 10), (10, 10), (30, 100), (1, 4)),
    tolerance=2e-4,
    mistakes=(
        Mistake(
            "the normal approximation, which can leave [0, 1] and fails for small samples", _normal
        ),
        Mistake(
            "Wilson's interval: a good one, but the exact one is asked for",
            lambda k, n: share_interval(k, n, method="wilson"),
        ),
        Mistake(
            "5 % beyond each end: that makes an interval of 90 %",
            lambda k, n: share_interval(k, n, 0.90),
        ),
        Mistake("the Bayesian interval for a uniform prior", _uniform_prior),
        Mistake("the share itself at both ends", lambda k, n: (k / n, k / n)),
        Mistake(
            "the interval of the others, n - k of n: low and high of the wrong count",
            lambda k, n: share_interval(n - k, n),
        ),
        Mistake("the high end before the low one", lambda k, n: share_interval(k, n)[[1, 0]]),
        Mistake("counts in place of shares", lambda k, n: n * share_interval(k, n)),
    ),
    hint="The low end is Beta(k, n - k + 1) at 0.025, the high one Beta(k + 1, n - k) at 0.975.",
)


# --- which classes are confused


def _pair(strength: Array) -> tuple[int, int]:
    """The classes a < b of the largest number above the diagonal."""
    above = np.where(np.triu(np.ones(strength.shape, dtype=bool), 1), strength, -np.inf)
    a, b = np.unravel_index(above.argmax(), above.shape)
    return int(a), int(b)


def _confused(m: Array) -> tuple[int, int]:
    return _pair(m + m.T)


def _one_direction(m: Array) -> tuple[int, int]:
    return _pair(np.maximum(m, m.T))


def _largest_entry(m: Array) -> tuple[int, ...]:
    wrong = m - np.diag(np.diag(m))
    return tuple(int(i) for i in np.unravel_index(wrong.argmax(), m.shape))


_MATRICES = (
    np.array([[50, 4, 0], [3, 40, 2], [0, 3, 45]]),
    np.array([[90, 0, 6, 0], [0, 70, 1, 3], [1, 2, 60, 2], [0, 3, 3, 80]]),
    np.array(
        [[9, 1, 0, 0, 6], [0, 8, 4, 0, 1], [2, 4, 7, 0, 0], [3, 0, 0, 9, 1], [0, 2, 0, 0, 9]]
    ),
    np.array([[10, 2, 3, 0, 1, 0], [2, 12, 0, 1, 0, 4], [0, 0, 30, 0, 0, 0], [1, 0, 14, 40, 0, 0],
              [0, 5, 0, 0, 11, 6], [0, 0, 2, 0, 5, 13]]),
)  # fmt: skip

CONFUSED_PAIR = Exercise(
    name="confused-pair",
    right=_confused,
    cases=tuple((m,) for m in _MATRICES),
    tolerance=0,
    mistakes=(
        Mistake("one direction alone: a taken for b and b for a are one pair", _one_direction),
        Mistake("the pair as (b, a): give the smaller class first", lambda m: _confused(m)[::-1]),
        Mistake(
            "the smaller of the two directions instead of their sum",
            lambda m: _pair(np.minimum(m, m.T)),
        ),
        Mistake(
            "the two classes that are most often right: the diagonal holds no mistakes",
            lambda m: _pair(np.diag(m)[:, None] + np.diag(m)[None, :]),
        ),
        Mistake(
            "a pair chosen by share of the images, not by number",
            lambda m: _pair(
                (m + m.T) / (m.sum(1)[:, None] + m.sum(1)[None, :]),
            ),
        ),
        Mistake(
            "the number of confusions; the two classes are asked for",
            lambda m: (int((m + m.T)[_confused(m)]), int((m + m.T)[_confused(m)])),
        ),
        Mistake(
            "one direction alone, and not sorted: a taken for b and b for a are one pair",
            _largest_entry,
        ),
        Mistake("the pair that is confused least", lambda m: _pair(-(m + m.T))),
    ),
    hint="Add the matrix to its transpose and look above the diagonal.",
)


# --- choosing a model


_CHOICES: tuple[tuple[Array, Array], ...] = (
    (np.array([0.981, 0.986, 0.983, 0.979]), np.array([0.984, 0.982, 0.987, 0.975])),
    (np.array([0.91, 0.95, 0.93]), np.array([0.90, 0.92, 0.945])),
    (np.array([0.5, 0.6, 0.4, 0.7, 0.65, 0.3]), np.array([0.74, 0.5, 0.55, 0.6, 0.7, 0.45])),
    (np.array([0.99, 0.98]), np.array([0.97, 0.985])),
)

HONEST_CHOICE = Exercise(
    name="honest-choice",
    right=lambda validation, test: float(test[validation.argmax()]),
    cases=_CHOICES,
    tolerance=1e-5,
    mistakes=(
        Mistake("the model was chosen on the test set", lambda v, t: t.max()),
        Mistake(
            "the validation accuracy of the chosen model: it was chosen for being high there",
            lambda v, t: v.max(),
        ),
        Mistake("the mean over all models, not the chosen one's", lambda v, t: t.mean()),
        Mistake("the worst model on the validation set was chosen", lambda v, t: t[v.argmin()]),
        Mistake("the number of the model instead of its accuracy", lambda v, t: int(v.argmax())),
        Mistake(
            "chosen on the test set and reported on the validation set", lambda v, t: v[t.argmax()]
        ),
        Mistake("chosen by the mean of both sets", lambda v, t: t[(v + t).argmax()]),
        Mistake(
            "the mean of both accuracies of the chosen model",
            lambda v, t: (v.max() + t[v.argmax()]) / 2,
        ),
    ),
    hint="The validation set says which; the test set, used once, says how good.",
)

# --- shifts


def _shift(image: Array, rows: int, columns: int) -> Array:
    r, c = np.indices(image.shape) - np.reshape([rows, columns], (2, 1, 1))
    inside = (r >= 0) & (r < len(image)) & (c >= 0) & (c < image.shape[1])
    return np.where(inside, np.roll(image, (rows, columns), (0, 1)), 0)


def _clamped(image: Array, rows: int, columns: int) -> Array:
    h, w = image.shape
    r, c = (np.arange(n) - by for n, by in ((h, rows), (w, columns)))
    return np.asarray(image[np.clip(r, 0, h - 1)][:, np.clip(c, 0, w - 1)])


_SHIFTS = tuple(
    (np.arange(1.0, h * w + 1).reshape(h, w), rows, columns)
    for h, w, rows, columns in ((3, 4, 1, 2), (4, 4, -1, 1), (2, 5, 0, -2), (5, 3, 2, 0))
)

SHIFT_IMAGE = Exercise(
    name="shift-image",
    right=_shift,
    cases=_SHIFTS,
    tolerance=0,
    mistakes=(
        Mistake(
            "what leaves on one side comes back on the other; zeros should come in",
            lambda image, r, c: np.roll(image, (r, c), (0, 1)),
        ),
        Mistake(
            "the move is up and left; positive is down and right",
            lambda image, r, c: _shift(image, -r, -c),
        ),
        Mistake("rows and columns were swapped", lambda image, r, c: _shift(image, c, r)),
        Mistake("only the rows moved", lambda image, r, c: _shift(image, r, 0)),
        Mistake("only the columns moved", lambda image, r, c: _shift(image, 0, c)),
        Mistake("the edge was repeated; zeros should come in", _clamped),
        Mistake("nothing moved", lambda image, r, c: image),
        Mistake("rows moved up; positive is down", lambda image, r, c: _shift(image, -r, c)),
        Mistake(
            "columns moved to the left; positive is to the right",
            lambda image, r, c: _shift(image, r, -c),
        ),
    ),
    hint="The pixel at row r and column c comes from row r - rows and column c - columns.",
)

EXERCISES = (HONEST_CHOICE, CONFUSED_PAIR, SHIFT_IMAGE, SHARE_INTERVAL)
