"""The exercises of the chapter on the MNIST MLP: parameters, loss, gradient, evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

Array = npt.NDArray[Any]


# --- parameters of an MLP


def _parameters(widths: Sequence[int]) -> int:
    return sum(a * b + b for a, b in pairwise(widths))


MLP_PARAMETERS = Exercise(
    name="mlp-parameters",
    right=_parameters,
    cases=(
        ([784, 500, 10],),
        ([784, 50, 50, 10],),
        ([784, 10],),
        ([196, 30, 20, 40, 10],),
        ([3, 2],),
    ),
    tolerance=0,
    mistakes=(
        Mistake("the biases were forgotten", lambda w: sum(a * b for a, b in pairwise(w))),
        Mistake("the output layer was forgotten", lambda w: _parameters(w[:-1])),
        Mistake("the first layer was forgotten", lambda w: _parameters(w[1:])),
        Mistake("the output layer has no biases", lambda w: _parameters(w) - w[-1]),
        Mistake(
            "each layer has one bias for every input; it has one for every output",
            lambda w: sum(a * b + a for a, b in pairwise(w)),
        ),
        Mistake(
            "each layer has a single bias; it has one for every output",
            lambda w: sum(a * b + 1 for a, b in pairwise(w)),
        ),
        Mistake("the input layer was given biases too", lambda w: _parameters(w) + w[0]),
        Mistake(
            "only the first and the last layer were counted",
            lambda w: _parameters(w) if len(w) < 4 else _parameters(w[:2]) + _parameters(w[-2:]),
        ),
    ),
    hint="A layer from a to b units multiplies by a matrix and adds a vector.",
)


# --- softmax, cross-entropy and its gradient

# The rows that hold numbers of about 2000 overflow, or underflow, unless the maximum of the
# row is subtracted first.
_LOGITS: tuple[Array, ...] = (
    np.array([[2.0, 1.0, 0.1], [0.5, 2.5, -1.0]]),
    np.array([[1.0, -1.0, 0.5, 3.0]]),
    np.array([[0.3, 0.7], [1.9, -0.4], [-2.2, 0.6], [0.0, 1.1], [1.0, 4.0]]),
    np.array([[2000.0, 1999.0, 1998.5], [-2000.0, -2001.5, -2000.5], [0.2, 0.4, -0.3]]),
    np.sin(np.arange(70.0)).reshape(7, 10) * 3,
)
_LABELS: tuple[Array, ...] = (
    np.array([0, 2]),
    np.array([1]),
    np.array([1, 0, 1, 0, 0]),
    np.array([2, 1, 0]),
    np.array([3, 1, 4, 1, 5, 9, 2]),
)
# A probability that underflows to 0: its logarithm is to be taken before, not after.
_FAR = (np.array([[2000.0, 0.0], [1.0, 3.0]]), np.array([1, 0]))


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _softmax_naive(z: Array) -> Array:
    return np.asarray(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


def _log_softmax(z: Array) -> Array:
    z = z - z.max(axis=1, keepdims=True)
    return np.asarray(z - np.log(np.exp(z).sum(axis=1, keepdims=True)))


def _softmax_down(z: Array) -> Array:
    return _softmax(z.T).T


def _softmax_one_maximum(z: Array) -> Array:
    return _softmax_naive(z - z.max())


def _softmax_over_all(z: Array) -> Array:
    e = np.exp(z - z.max())
    return np.asarray(e / e.sum())


SOFTMAX = Exercise(
    name="softmax",
    right=_softmax,
    cases=tuple((z,) for z in _LOGITS),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the exponentials overflow or underflow: subtract the maximum of each row first",
            _softmax_naive,
        ),
        Mistake("the sum runs over the images instead of the classes", _softmax_down),
        Mistake("the sum runs over the whole batch instead of each row", _softmax_over_all),
        Mistake(
            "one maximum was subtracted from the whole batch: rows far below it underflow",
            _softmax_one_maximum,
        ),
        Mistake(
            "the exponentials were not divided by their sum",
            lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
        ),
        Mistake("the logarithm of the softmax", _log_softmax),
        Mistake(
            "the logits were divided by their sum without the exponential",
            lambda z: z / z.sum(axis=1, keepdims=True),
        ),
        Mistake("the sign of the logits was turned", lambda z: _softmax(-z)),
    ),
    hint="Each row of the result is positive and sums to 1, however large the logits.",
)


def _picked(values: Array, labels: Array) -> Array:
    return np.asarray(values[np.arange(len(labels)), labels])


def _cross_entropy(z: Array, y: Array) -> float:
    return float(-_picked(_log_softmax(z), y).mean())


def _one_hot(z: Array, y: Array) -> Array:
    return np.asarray(np.eye(z.shape[1])[y])


CROSS_ENTROPY = Exercise(
    name="cross-entropy",
    right=_cross_entropy,
    cases=(*zip(_LOGITS, _LABELS, strict=True), _FAR),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the sum over the images instead of the mean",
            lambda z, y: _cross_entropy(z, y) * len(y),
        ),
        Mistake("the minus sign is missing", lambda z, y: -_cross_entropy(z, y)),
        Mistake("the softmax was applied twice", lambda z, y: _cross_entropy(_softmax(z), y)),
        Mistake(
            "the logarithm to base 10; the natural one is meant",
            lambda z, y: _cross_entropy(z, y) / math.log(10),
        ),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            lambda z, y: _cross_entropy(z, y) / math.log(2),
        ),
        Mistake(
            "the mean over images and classes; divide by the number of images only",
            lambda z, y: _cross_entropy(z, y) / z.shape[1],
        ),
        Mistake(
            "the logarithm of the mean probability instead of the mean of the logarithms",
            lambda z, y: -np.log(_picked(_softmax(z), y).mean()),
        ),
        Mistake(
            "the mean probability of the right class, without a logarithm",
            lambda z, y: _picked(_softmax(z), y).mean(),
        ),
        Mistake(
            "the mean logit of the right class: the softmax is missing",
            lambda z, y: -_picked(z, y).mean(),
        ),
        Mistake(
            "the exponentials overflow or underflow: subtract the maximum of each row first",
            lambda z, y: -np.log(_picked(_softmax_naive(z), y)).mean(),
        ),
        Mistake(
            "the logarithm of a probability that underflowed to 0: "
            "log softmax is the logit minus the log of the sum of exponentials",
            lambda z, y: -np.log(_picked(_softmax(z), y)).mean(),
        ),
        Mistake(
            "one loss for each image; take their mean", lambda z, y: -_picked(_log_softmax(z), y)
        ),
    ),
    hint="Take the logarithm of the softmax, pick the true class in each row, and average.",
)

LOGIT_GRADIENT = Exercise(
    name="logit-gradient",
    right=lambda z, y: (_softmax(z) - _one_hot(z, y)) / len(y),
    cases=tuple(zip(_LOGITS, _LABELS, strict=True)),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the gradient of the sum: divide by the number of images",
            lambda z, y: _softmax(z) - _one_hot(z, y),
        ),
        Mistake("the sign is turned", lambda z, y: (_one_hot(z, y) - _softmax(z)) / len(y)),
        Mistake("1 was not subtracted at the true class", lambda z, y: _softmax(z) / len(y)),
        Mistake(
            "only the true class was given a gradient; every logit has one",
            lambda z, y: (_softmax(z) - 1) * _one_hot(z, y) / len(y),
        ),
        Mistake(
            "1 was subtracted at every class instead of the true one",
            lambda z, y: (_softmax(z) - 1) / len(y),
        ),
        Mistake(
            "a division by images and classes; divide by the number of images only",
            lambda z, y: (_softmax(z) - _one_hot(z, y)) / z.size,
        ),
        Mistake(
            "a division by the number of classes; divide by the number of images",
            lambda z, y: (_softmax(z) - _one_hot(z, y)) / z.shape[1],
        ),
        Mistake(
            "the softmax is missing: the one-hot labels were subtracted from the logits",
            lambda z, y: (z - _one_hot(z, y)) / len(y),
        ),
        Mistake(
            "the softmax runs over the images instead of the classes",
            lambda z, y: (_softmax_down(z) - _one_hot(z, y)) / len(y),
        ),
        Mistake(
            "the exponentials overflow or underflow: subtract the maximum of each row first",
            lambda z, y: (_softmax_naive(z) - _one_hot(z, y)) / len(y),
        ),
    ),
    hint="Each row sums to 0: what the true class loses, the others share.",
)


# --- evaluation


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


# --- the input

_MEAN, _STD = 0.1307, 0.3081

NORMALIZE = Exercise(
    name="normalize",
    right=np.array([(0 - _MEAN) / _STD, (1 - _MEAN) / _STD]),
    tolerance=5e-4,
    mistakes=(
        Mistake(
            "the pixels were left at 0 to 255: ToTensor divides them by 255 first",
            np.array([(0 - _MEAN) / _STD, (255 - _MEAN) / _STD]),
        ),
        Mistake("the mean was subtracted after the division", np.array([-_MEAN, 1 / _STD - _MEAN])),
        Mistake("the division by the standard deviation is missing", np.array([-_MEAN, 1 - _MEAN])),
        Mistake("the mean was not subtracted", np.array([0, 1 / _STD])),
        Mistake(
            "a product with the standard deviation instead of a quotient",
            np.array([-_MEAN * _STD, (1 - _MEAN) * _STD]),
        ),
        Mistake(
            "a division by the variance instead of the standard deviation",
            np.array([-_MEAN / _STD**2, (1 - _MEAN) / _STD**2]),
        ),
        Mistake("the mean was added", np.array([_MEAN / _STD, (1 + _MEAN) / _STD])),
        Mistake("the pixels after ToTensor, before Normalize", np.array([0, 1])),
        Mistake(
            "white and black changed places", np.array([(1 - _MEAN) / _STD, (0 - _MEAN) / _STD])
        ),
    ),
    hint="Scale to [0, 1], subtract the mean, then divide by the standard deviation.",
)

EXERCISES = (
    NORMALIZE,
    MLP_PARAMETERS,
    SOFTMAX,
    CROSS_ENTROPY,
    LOGIT_GRADIENT,
    TEST_LOSS,
    PAIRED_INTERVAL,
)
