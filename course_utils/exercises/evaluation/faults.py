"""The exercises on faults without a message: ReLU on logits, a count, lost constants."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.formulas import Array, one_hot, picked, softmax
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

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


def _blame(z: Array, y: Array) -> Array:
    """The gradient at plain logits, for the mean over the images."""
    return np.asarray((softmax(z) - one_hot(y, z.shape[1])) / len(y))


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
        Mistake("the sign is flipped", lambda z, y: -_blame(_cut(z), y) * (z > 0)),
        Mistake(
            "the gradient of the sum: divide by the number of images",
            lambda z, y: len(y) * _blame(_cut(z), y) * (z > 0),
        ),
        Mistake(
            "1 was not subtracted at the true class",
            lambda z, y: softmax(_cut(z)) * (z > 0) / len(y),
        ),
    ),
    hint="Softmax minus one-hot, over N, at max(0, z); then only where z is above 0.",
)


SILENT_SHARE = Exercise(
    name="silent-share",
    right=lambda z, y: float((picked(z, y) <= 0).mean()),
    cases=_BOTH,
    mistakes=(
        Mistake(
            "the share of images whose true logit passes",
            lambda z, y: float((picked(z, y) > 0).mean()),
        ),
        Mistake(
            "the number of images; divide by how many there are",
            lambda z, y: float((picked(z, y) <= 0).sum()),
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
        Mistake(
            "the share of the logits of the wrong classes that are cut",
            lambda z, y: float((z <= 0).sum() - (picked(z, y) <= 0).sum()) / (z.size - len(y)),
        ),
        Mistake(
            "a division by the number of logits; divide by the number of images",
            lambda z, y: float((picked(z, y) <= 0).sum() / z.size),
        ),
    ),
    hint="Pick the true class's logit in each row, and ask whether it is 0 or less.",
)


# --- counts


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
            "mean and standard deviation of the batch; find what was subtracted and divided by",
            lambda x: (x.mean(), x.std()),
        ),
        Mistake("the two were swapped", lambda x: _constants(x)[::-1]),
        Mistake("the sign of the mean is flipped", lambda x: (-_constants(x)[0], _constants(x)[1])),
        Mistake(
            "the distance from lowest to highest; the standard deviation is one over it",
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
        Mistake(
            "the lowest and the highest value; work out what made them of 0 and 1",
            lambda x: (x.min(), x.max()),
        ),
    ),
    hint="Black is (0 - mean) / std and white is (1 - mean) / std: two equations.",
)

EXERCISES = (SILENT_SHARE, CUT_GRADIENT, READ_CONSTANTS)
