"""The exercises of the page on errors and questions: samples, choices, shifts, BN, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

Array = npt.NDArray[Any]


# --- how little a sample says


def _exact(k: int, n: int, tail: float = 0.025) -> tuple[float, float]:
    low = 0.0 if k == 0 else float(stats.beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k == n else float(stats.beta.ppf(1 - tail, k + 1, n - k))
    return low, high


def _normal(k: int, n: int, factor: float = 1.959964) -> tuple[float, float]:
    p = k / n
    half = factor * math.sqrt(p * (1 - p) / n)
    return p - half, p + half


def _wilson(k: int, n: int) -> tuple[float, float]:
    z, p = 1.959964, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return middle - half, middle + half


def _uniform_prior(k: int, n: int) -> tuple[float, float]:
    both = stats.beta.ppf([0.025, 0.975], k + 1, n - k + 1)
    return float(both[0]), float(both[1])


SHARE_INTERVAL = Exercise(
    name="share-interval",
    right=_exact,
    cases=((3, 10), (0, 10), (10, 10), (30, 100), (1, 4)),
    tolerance=2e-4,
    mistakes=(
        Mistake("the normal approximation, which can leave [0, 1] and fails for few", _normal),
        Mistake("Wilson's interval: a good one, but the exact one is asked for", _wilson),
        Mistake(
            "5 % beyond each end: that makes an interval of 90 %", lambda k, n: _exact(k, n, 0.05)
        ),
        Mistake("the interval of a Bayesian with an even prior", _uniform_prior),
        Mistake("the share itself at both ends", lambda k, n: (k / n, k / n)),
        Mistake(
            "the interval of the others, n - k of n: low and high of the wrong count",
            lambda k, n: _exact(n - k, n),
        ),
        Mistake("the high end before the low one", lambda k, n: _exact(k, n)[::-1]),
        Mistake("counts in place of shares", lambda k, n: tuple(n * end for end in _exact(k, n))),
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


_MATRICES = (
    np.array([[50, 4, 0], [3, 40, 2], [0, 3, 45]]),
    np.array([[90, 0, 6, 0], [0, 70, 1, 3], [1, 2, 60, 2], [0, 3, 3, 80]]),
    np.array(
        [[9, 1, 0, 0, 6], [0, 8, 4, 0, 1], [2, 4, 7, 0, 0], [3, 0, 0, 9, 1], [0, 2, 0, 0, 9]]
    ),
    np.array([[10, 2, 3, 0, 1, 0], [2, 12, 0, 1, 0, 4], [0, 0, 30, 14, 0, 0], [1, 0, 0, 40, 0, 0],
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
        Mistake("the number of confusions; the two classes are asked for", lambda m: (
            int((m + m.T)[_confused(m)]), int((m + m.T)[_confused(m)])
        )),
    ),
    hint="Add the matrix to its transpose and look above the diagonal.",
)  # fmt: skip


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
    moved = np.zeros_like(image)
    h, w = image.shape
    for r in range(h):
        for c in range(w):
            if 0 <= r - rows < h and 0 <= c - columns < w:
                moved[r, c] = image[r - rows, c - columns]
    return moved


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
            "what leaves on one side comes back on the other; 0 should enter",
            lambda image, r, c: np.roll(image, (r, c), (0, 1)),
        ),
        Mistake(
            "the move is up and left; positive is down and right",
            lambda image, r, c: _shift(image, -r, -c),
        ),
        Mistake("rows and columns changed places", lambda image, r, c: _shift(image, c, r)),
        Mistake("only the rows moved", lambda image, r, c: _shift(image, r, 0)),
        Mistake("only the columns moved", lambda image, r, c: _shift(image, 0, c)),
        Mistake("the edge was repeated; 0 should enter", _clamped),
        Mistake("nothing moved", lambda image, r, c: image),
    ),
    hint="The pixel at row r and column c comes from row r - rows and column c - columns.",
)


# --- batch norm in use

_EPS = 1e-5


def _case(n: int, c: int, small: bool = False) -> tuple[Array, ...]:
    x = np.sin(np.arange(1.0, n * c + 1)).reshape(n, c) * 2
    mean, var = np.cos(np.arange(1.0, c + 1)) / 2, 0.5 + np.arange(1.0, c + 1) % 3
    if small:  # a channel that hardly varies: ε counts here
        x[:, 0], var[0] = mean[0] + 0.01 * np.arange(1, n + 1), 4e-5
    return x, mean, var, 1.5 - 0.4 * np.arange(c), 0.3 + 0.2 * np.arange(c)


def _scaled(
    x: Array, mean: Array, var: Array, gamma: Array, beta: Array, eps: float = _EPS
) -> Array:
    return np.asarray(gamma * (x - mean) / np.sqrt(var + eps) + beta)


BatchNorm = Callable[[Array, Array, Array, Array, Array], Array]
_BATCH_NORM: tuple[tuple[str, BatchNorm], ...] = (
    (
        "the mean and variance of the batch; in eval mode the running ones count",
        lambda x, m, v, g, b: _scaled(x, x.mean(0), x.var(0), g, b),
    ),
    ("γ is missing", lambda x, m, v, g, b: _scaled(x, m, v, np.ones_like(g), b)),
    ("β is missing", lambda x, m, v, g, b: _scaled(x, m, v, g, np.zeros_like(b))),
    ("both γ and β are missing", lambda x, m, v, g, b: _scaled(x, m, v, g * 0 + 1, b * 0)),
    ("γ and β changed places", lambda x, m, v, g, b: _scaled(x, m, v, b, g)),
    (
        "a division by the variance instead of the standard deviation",
        lambda x, m, v, g, b: np.asarray(g * (x - m) / (v + _EPS) + b),
    ),
    ("the mean was not subtracted", lambda x, m, v, g, b: _scaled(x, m * 0, v, g, b)),
    ("ε is missing", lambda x, m, v, g, b: _scaled(x, m, v, g, b, 0)),
    (
        "ε was added to the standard deviation; it belongs to the variance",
        lambda x, m, v, g, b: np.asarray(g * (x - m) / (np.sqrt(v) + _EPS) + b),
    ),
    (
        "β was added before the product with γ",
        lambda x, m, v, g, b: np.asarray(g * ((x - m) / np.sqrt(v + _EPS) + b)),
    ),
)

BATCH_NORM_EVAL = Exercise(
    name="batch-norm-eval",
    right=_scaled,
    cases=(_case(4, 2), _case(3, 3), _case(5, 1), _case(6, 4, small=True)),
    mistakes=tuple(Mistake(words, wrong) for words, wrong in _BATCH_NORM),
    hint="Subtract the running mean, divide by √(running variance + ε), times γ, plus β.",
)


# --- activations

RELU_GRADIENT = Exercise(
    name="relu-gradient",
    right=lambda z: (z > 0).astype(float),
    cases=(
        (np.array([-2.0, -0.5, 0.0, 0.25, 3.0]),),
        (np.array([[0.0, 1.5, -1.0], [2.0, 0.0, -4.0]]),),
        (np.array([7.0]),),
        (np.array([0.0, -1e-6, 1e-6]),),
    ),
    mistakes=(
        Mistake(
            "1 at zero, as DS5220 writes it; PyTorch's convention there is 0",
            lambda z: (z >= 0).astype(float),
        ),
        Mistake(
            "one half at zero, the mean of both sides; PyTorch's convention is 0",
            lambda z: np.heaviside(z, 0.5),
        ),
        Mistake("ReLU itself; its derivative is asked for", lambda z: np.maximum(z, 0)),
        Mistake("the derivative of the identity", lambda z: np.ones_like(z)),
        Mistake("the sign: below zero ReLU is flat", lambda z: np.sign(z)),
        Mistake("1 below zero and 0 above: turned round", lambda z: (z < 0).astype(float)),
        Mistake("leaky ReLU's derivative", lambda z: np.where(z > 0, 1.0, 0.01)),
        Mistake(
            "the derivative of the sigmoid",
            lambda z: 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z))),
        ),
    ),
    hint="Above zero ReLU rises with slope 1, below it is flat. At zero PyTorch takes the 0.",
)


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def _slope(z: Array) -> Array:
    return np.asarray(_sigmoid(z) * (1 - _sigmoid(z)))


SIGMOID_CHAIN = Exercise(
    name="sigmoid-chain",
    right=lambda z, w: float(np.prod(w * _slope(z))),
    cases=(
        (np.array([0.5, -1.0, 2.0]), np.array([4.0, 5.0, -6.0])),
        (np.array([0.0]), np.array([3.0])),
        (np.array([1.0, -0.3, 0.7, -2.0, 0.2]), np.array([5.0, 4.5, 6.0, 8.0, 4.0])),
        (np.array([3.0, 0.1]), np.array([9.0, -2.0])),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the sigmoids themselves instead of their slopes", lambda z, w: np.prod(w * _sigmoid(z))
        ),
        Mistake("the weights are missing", lambda z, w: np.prod(_slope(z))),
        Mistake(
            "a sum over the layers; the chain rule multiplies", lambda z, w: np.sum(w * _slope(z))
        ),
        Mistake("the largest slope, 1/4, at every layer", lambda z, w: np.prod(w * 0.25)),
        Mistake("the slopes of tanh", lambda z, w: np.prod(w * (1 - np.tanh(z) ** 2))),
        Mistake("one factor a layer; multiply them", lambda z, w: w * _slope(z)),
        Mistake("the first layer was left out", lambda z, w: np.prod((w * _slope(z))[1:])),
        Mistake("the last layer was left out", lambda z, w: np.prod((w * _slope(z))[:-1])),
    ),
    hint="Each layer multiplies by its weight and by σ(z)(1 - σ(z)), which is 1/4 at most.",
)

EXERCISES = (
    SHARE_INTERVAL,
    CONFUSED_PAIR,
    HONEST_CHOICE,
    SHIFT_IMAGE,
    BATCH_NORM_EVAL,
    RELU_GRADIENT,
    SIGMOID_CHAIN,
)
