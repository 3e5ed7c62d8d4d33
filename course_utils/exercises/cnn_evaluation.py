"""The exercises on evaluation: batch norm's two modes, ReLU on logits, counts, lost normalising."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

Array = npt.NDArray[Any]


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
            "nn.Dropout and F.dropout2d(x) changed places: eval() reaches modules",
            np.array([0, 1, 0, 0, 1, 0]),
        ),
        Mistake(
            "pooling was counted: an average is the same in both modes",
            np.array([0, 1, 0, 1, 0, 1]),
        ),
        Mistake("yes and no changed places", np.array([1, 0, 1, 0, 1, 1])),
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
            "eps was added to the standard deviation; it goes below the root",
            lambda x: (x - x.mean(0)) / (x.std(0) + 1e-5),
        ),
        Mistake("the division is missing", lambda x: x - x.mean(0)),
    ),
    hint="Each channel: minus its mean over the batch, over √(variance + eps), divided by N.",
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
    ),
    hint="running = (1 - momentum) · running + momentum · batch mean, batch after batch.",
)


# --- ReLU on the logits

_LOGITS: tuple[Array, ...] = (
    np.array([[2.0, -1.0, -3.0], [-0.5, -2.0, 1.5]]),
    np.array([[-1.0, -2.0, -0.5, -3.0]]),
    np.array([[0.3, -0.7], [-1.9, 0.4], [2.2, 0.6], [0.8, -1.1], [-1.0, -4.0]]),
    np.sin(np.arange(1.0, 71.0)).reshape(7, 10) * 3,
)
_LABELS: tuple[Array, ...] = (
    np.array([0, 1]),
    np.array([2]),
    np.array([1, 0, 1, 0, 0]),
    np.array([3, 1, 4, 1, 5, 9, 2]),
)
_BOTH = tuple(zip(_LOGITS, _LABELS, strict=True))


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _blame(z: Array, y: Array) -> Array:
    """The gradient at plain logits, for the mean over the images."""
    return np.asarray((_softmax(z) - np.eye(z.shape[1])[y]) / len(y))


def _cut(z: Array) -> Array:
    return np.maximum(z, 0)


CUT_GRADIENT = Exercise(
    name="cut-gradient",
    right=lambda z, y: _blame(_cut(z), y) * (z > 0),
    cases=_BOTH,
    tolerance=1e-5,
    mistakes=(
        Mistake("ReLU was forgotten", _blame),
        Mistake(
            "the gradient after ReLU: none of it passes where the logit is below 0",
            lambda z, y: _blame(_cut(z), y),
        ),
        Mistake("the softmax of the logits before ReLU", lambda z, y: _blame(z, y) * (z > 0)),
        Mistake(
            "the gradient passes where the logit is below 0; it is the other way round",
            lambda z, y: _blame(_cut(z), y) * (z < 0),
        ),
        Mistake("the sign is turned", lambda z, y: -_blame(_cut(z), y) * (z > 0)),
        Mistake(
            "the gradient of the sum: divide by the number of images",
            lambda z, y: len(y) * _blame(_cut(z), y) * (z > 0),
        ),
        Mistake(
            "1 was not subtracted at the true class",
            lambda z, y: _softmax(_cut(z)) * (z > 0) / len(y),
        ),
    ),
    hint="Softmax minus one-hot, over N, at max(0, z); then only where z is above 0.",
)


def _true_logits(z: Array, y: Array) -> Array:
    return np.asarray(z[np.arange(len(y)), y])


SILENT_SHARE = Exercise(
    name="silent-share",
    right=lambda z, y: float((_true_logits(z, y) <= 0).mean()),
    cases=_BOTH,
    mistakes=(
        Mistake(
            "the share of images whose true logit passes",
            lambda z, y: float((_true_logits(z, y) > 0).mean()),
        ),
        Mistake(
            "the number of images; divide by how many there are",
            lambda z, y: float((_true_logits(z, y) <= 0).sum()),
        ),
        Mistake("the share of all logits that are cut", lambda z, y: float((z <= 0).mean())),
        Mistake(
            "the share of images with any logit cut",
            lambda z, y: float((z <= 0).any(axis=1).mean()),
        ),
        Mistake(
            "the share of images with every logit cut",
            lambda z, y: float((z <= 0).all(axis=1).mean()),
        ),
        Mistake(
            "the share of images that are answered wrongly",
            lambda z, y: float((z.argmax(axis=1) != y).mean()),
        ),
    ),
    hint="Pick the true class's logit in each row, and ask whether it is 0 or less.",
)


# --- counts


def _side(kernel: int) -> int:
    """Height and width of the map after two convolutions without padding, each pooled by 2."""
    return ((28 - kernel + 1) // 2 - kernel + 1) // 2


def _convolutions(a: int, b: int, k: int) -> int:
    return a * (k * k + 1) + b * (a * k * k + 1)


CNN_PARAMETERS = Exercise(
    name="small-cnn-parameters",
    right=lambda a, b, k: _convolutions(a, b, k) + (b * _side(k) ** 2 + 1) * 10,
    cases=((10, 20, 5), (8, 16, 3), (6, 4, 7), (32, 64, 5)),
    tolerance=0,
    mistakes=(
        Mistake(
            "the ten biases of the last layer were forgotten",
            lambda a, b, k: _convolutions(a, b, k) + b * _side(k) ** 2 * 10,
        ),
        Mistake(
            "all biases were forgotten",
            lambda a, b, k: a * k * k + b * a * k * k + b * _side(k) ** 2 * 10,
        ),
        Mistake(
            "the second convolution has a kernel for each of its input channels",
            lambda a, b, k: a * (k * k + 1) + b * (k * k + 1) + (b * _side(k) ** 2 + 1) * 10,
        ),
        Mistake(
            "the last layer was counted before the second pooling",
            lambda a, b, k: (
                _convolutions(a, b, k) + (b * ((28 - k + 1) // 2 - k + 1) ** 2 + 1) * 10
            ),
        ),
        Mistake(
            "the convolutions were taken to keep the size: 28, 14, 7",
            lambda a, b, k: _convolutions(a, b, k) + (b * 7 * 7 + 1) * 10,
        ),
        Mistake(
            "the last layer sees the channels only; it sees every place of each",
            lambda a, b, k: _convolutions(a, b, k) + (b + 1) * 10,
        ),
        Mistake("the last layer was forgotten", _convolutions),
    ),
    hint="Each output channel has C_in · k² weights and a bias; the FC layer sees b maps.",
)


# --- normalisation, read off a batch


def _constants(x: Array) -> tuple[float, float]:
    std = 1 / float(x.max() - x.min())
    return -float(x.min()) * std, std


def _images(n: int, size: int, mean: float, std: float) -> Array:
    pixels = np.random.default_rng(n).integers(0, 256, (n, 1, size, size)) / 255
    pixels.flat[:2] = 0, 1
    return np.asarray((pixels - mean) / std)


READ_CONSTANTS = Exercise(
    name="read-constants",
    right=_constants,
    cases=(
        (_images(4, 8, 0.1307, 0.3081),),
        (_images(2, 5, 0.5, 0.5),),
        (_images(3, 6, 0.0, 1.0),),
        (_images(1, 7, 0.2, 0.25),),
    ),
    mistakes=(
        Mistake(
            "mean and deviation of the batch; asked is what was taken off and divided by",
            lambda x: (x.mean(), x.std()),
        ),
        Mistake("the two changed places", lambda x: _constants(x)[::-1]),
        Mistake("the sign of the mean is turned", lambda x: (-_constants(x)[0], _constants(x)[1])),
        Mistake(
            "the distance from lowest to highest; the deviation is one over it",
            lambda x: (_constants(x)[0], x.max() - x.min()),
        ),
        Mistake(
            "the lowest value without its sign: a black pixel is -mean / std, so multiply by std",
            lambda x: (-x.min(), _constants(x)[1]),
        ),
        Mistake(
            "grey levels from 0 to 255; the pixels were scaled to [0, 1] first",
            lambda x: tuple(255 * c for c in _constants(x)),
        ),
        Mistake(
            "the middle between the lowest and the highest value",
            lambda x: ((x.max() + x.min()) / 2, _constants(x)[1]),
        ),
    ),
    hint="Black is (0 - mean) / std and white is (1 - mean) / std: two equations.",
)

EXERCISES = (
    EVAL_REACHES,
    BATCH_NORM,
    RUNNING_MEAN,
    CUT_GRADIENT,
    SILENT_SHARE,
    CNN_PARAMETERS,
    READ_CONSTANTS,
)
