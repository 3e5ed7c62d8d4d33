"""The exercises of the page on a first CNN: its input, loss, size, dropout and activations."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.answers import Difference, numbers
from course_utils.exercises.formulas import Array, log_softmax, picked
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

# --- the input

WRONG_CONSTANTS = Exercise(
    name="wrong-constants",
    right=lambda m, s, mean, std: ((m - mean) / std, s / std),
    cases=(
        (0.1309, 0.2506, 0.1307, 0.3081),
        (0.2, 0.5, 0.4, 0.25),
        (0.6, 0.1, 0.1, 0.3),
        (0.5, 0.3, 0.5, 0.5),
    ),
    tolerance=1e-6,
    mistakes=(
        Mistake(
            "the two sets of constants were swapped",
            lambda m, s, mean, std: ((mean - m) / s, std / s),
        ),
        Mistake(
            "mean 0 and standard deviation 1, which only the images' own constants give",
            lambda m, s, mean, std: (0.0, 1.0),
        ),
        Mistake(
            "the mean was subtracted from the standard deviation too; a shift changes no spread",
            lambda m, s, mean, std: ((m - mean) / std, (s - mean) / std),
        ),
        Mistake(
            "the difference of the means was not divided",
            lambda m, s, mean, std: (m - mean, s / std),
        ),
        Mistake("std was not divided", lambda m, s, mean, std: ((m - mean) / std, float(s))),
        Mistake(
            "the difference of the standard deviations instead of their quotient",
            lambda m, s, mean, std: ((m - mean) / std, s - std),
        ),
        Mistake(
            "a division of the standard deviation by the variance",
            lambda m, s, mean, std: ((m - mean) / std, s / std**2),
        ),
        Mistake(
            "the standard deviation comes first in your answer; the mean is asked for first",
            lambda m, s, mean, std: (s / std, (m - mean) / std),
        ),
        Mistake(
            "the sign of the mean is flipped: m minus mean",
            lambda m, s, mean, std: ((mean - m) / std, s / std),
        ),
    ),
    hint="The mean of x goes where x goes: to (x − mean) / std. A shift leaves a spread alone.",
)


# --- the loss


NLL = Exercise(
    name="nll",
    right=lambda log_p, y: float(-picked(log_p, y).mean()),
    cases=(
        (log_softmax(np.array([[2.0, 1.0, 0.1], [0.5, 2.5, -1.0]])), np.array([0, 2])),
        (log_softmax(np.array([[1.0, -1.0, 0.5, 3.0]])), np.array([1])),
        (log_softmax(np.sin(np.arange(70.0)).reshape(7, 10) * 3), np.array([3, 1, 4, 1, 5, 9, 2])),
        (log_softmax(np.array([[300.0, 0.0], [1.0, 3.0], [0.2, 0.1]])), np.array([1, 0, 0])),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake("the minus sign is missing", lambda log_p, y: picked(log_p, y).mean()),
        Mistake(
            "the sum over the images instead of the mean", lambda log_p, y: -picked(log_p, y).sum()
        ),
        Mistake(
            "the probability of the right class, its logarithm undone",
            lambda log_p, y: np.exp(picked(log_p, y)).mean(),
        ),
        Mistake(
            "minus the mean probability of the right class: what nll_loss makes of probabilities",
            lambda log_p, y: -np.exp(picked(log_p, y)).mean(),
        ),
        Mistake(
            "the softmax was taken of the probabilities: they are given as logarithms already",
            lambda log_p, y: -picked(log_softmax(np.exp(log_p)), y).mean(),
        ),
        Mistake("the mean over images and classes", lambda log_p, y: -log_p.mean()),
        Mistake(
            "a division by the number of classes as well",
            lambda log_p, y: -picked(log_p, y).mean() / log_p.shape[1],
        ),
        Mistake("one loss for each image; take their mean", lambda log_p, y: -picked(log_p, y)),
        Mistake(
            "the likeliest class was taken in each row; take the right one",
            lambda log_p, y: -log_p.max(axis=1).mean(),
        ),
        Mistake(
            "the first class was taken in each row; take the right one",
            lambda log_p, y: -log_p[:, 0].mean(),
        ),
        Mistake(
            "every pair of an image and a label, which log_p[:, y] takes; index the rows as well",
            lambda log_p, y: -log_p[:, y].mean(),
        ),
    ),
    hint="The log-probabilities are given. Pick one in each row, flip the sign, average.",
)


# --- the network


def _dropout_cnn(size: int, *, biases: bool = True, lost: int = 4, pooled: int = 2) -> int:
    side = (size - lost) // pooled
    weights = 9 * 16 + 9 * 16 * 32 + 32 * side**2 * 128 + 128 * 10
    return weights + (16 + 32 + 128 + 10 if biases else 0)


DROPOUT_CNN_PARAMETERS = Exercise(
    name="dropout-cnn-parameters",
    right=_dropout_cnn,
    cases=((14,), (28,), (6,), (21,), (32,)),
    tolerance=0,
    mistakes=(
        Mistake("the biases were forgotten", lambda n: _dropout_cnn(n, biases=False)),
        Mistake(
            "the convolutions were given padding: without it each removes two pixels",
            lambda n: _dropout_cnn(n, lost=0),
        ),
        Mistake(
            "each convolution removed one pixel; a 3×3 one removes two",
            lambda n: _dropout_cnn(n, lost=2),
        ),
        Mistake("the pooling was forgotten", lambda n: _dropout_cnn(n, pooled=1)),
        Mistake("the pooling was counted twice", lambda n: _dropout_cnn(n, pooled=4)),
        Mistake(
            "the second convolution was counted with one input channel; it has 16",
            lambda n: _dropout_cnn(n) - 9 * 15 * 32,
        ),
        Mistake(
            "only one channel was flattened: 32 maps go into the linear layer",
            lambda n: _dropout_cnn(n) - 31 * ((n - 4) // 2) ** 2 * 128,
        ),
    ),
    hint="Only the first linear layer depends on the size: 32 maps of (size − 4) // 2 pixels.",
)


# --- dropout

_X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
_KEPT = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])

DROPOUT = Exercise(
    name="dropout",
    right=lambda x, kept, p, training: x * kept / (1 - p) if training else x,
    cases=(
        (_X, _KEPT, 0.25, True),
        (_X, _KEPT, 0.25, False),
        (_X[0], _KEPT[1], 0.5, True),
        (_X[1], _KEPT[0], 0.8, False),
        (np.arange(8.0).reshape(2, 2, 2), np.eye(2)[None] * np.ones((2, 1, 1)), 0.6, True),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "units are dropped in eval mode too",
            lambda x, kept, p, training: x * kept / (1 - p),
        ),
        Mistake(
            "what is kept was not scaled up by 1 / (1 − p)",
            lambda x, kept, p, training: x * kept if training else x,
        ),
        Mistake(
            "the scaling was done in eval mode; PyTorch does it in training",
            lambda x, kept, p, training: x * kept if training else x * (1 - p),
        ),
        Mistake(
            "a division by p: p is the share that is dropped, 1 − p the one that is kept",
            lambda x, kept, p, training: x * kept / p if training else x,
        ),
        Mistake(
            "a product with 1 − p instead of a quotient",
            lambda x, kept, p, training: x * kept * (1 - p) if training else x,
        ),
        Mistake(
            "what should be kept was dropped, and the other way round",
            lambda x, kept, p, training: x * (1 - kept) / (1 - p) if training else x,
        ),
        Mistake(
            "the two modes were swapped",
            lambda x, kept, p, training: x if training else x * kept / (1 - p),
        ),
        Mistake(
            "the input is scaled in eval mode; there it stays as it is",
            lambda x, kept, p, training: x * kept / (1 - p) if training else x / (1 - p),
        ),
        Mistake(
            "units are dropped in eval mode too, and what is kept was not scaled up",
            lambda x, kept, p, training: x * kept,
        ),
    ),
    hint="In training the mean must stay what it is in eval mode: E[kept] = 1 − p.",
)


# --- activations

TANH_SLOPE = Exercise(
    name="tanh-slope",
    right=lambda y: 1 - y**2,
    cases=(
        (np.array([0.0, 0.5, -0.5, 0.99]),),
        (np.array([[0.1, -0.9], [0.7, 0.3]]),),
        (np.tanh(np.arange(-3.0, 3.0)),),
        (np.array([-1.0, 1.0]),),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake("the slope of a sigmoid, y(1 − y)", lambda y: y * (1 - y)),
        Mistake("tanh was taken once more: y is tanh(x) already", lambda y: 1 - np.tanh(y) ** 2),
        Mistake("the square is missing", lambda y: 1 - y),
        Mistake("1 − |y|: the square is missing", lambda y: 1 - np.abs(y)),
        Mistake("the 1 is missing: −y²", lambda y: -(y**2)),
        Mistake("1 + y² instead of 1 − y²", lambda y: 1 + y**2),
        Mistake("the square root of the slope", lambda y: np.sqrt(1 - y**2)),
        Mistake("the square of the slope", lambda y: (1 - y**2) ** 2),
        Mistake("1 − 2y instead of 1 − y²", lambda y: 1 - 2 * y),
    ),
    hint="The derivative of tanh is 1 at 0, and nearly 0 where y is nearly 1 or −1.",
)

_LOWEST = -1.2784645  # where x · σ(x) has its minimum


def _silu(x: Array) -> Array:
    return np.asarray(x / (1 + np.exp(-np.clip(x, -700, 700))))


def _fault_of_window(answer: Any) -> str | None:
    found = numbers(answer)
    if isinstance(found, Difference):
        return f"Your answer {found.words}."
    x = found.ravel()
    if x.size != 4:
        return f"A 2×2 window holds four numbers; yours holds {x.size}."
    if not np.isfinite(x).all():
        return "The four numbers must be finite."
    if _silu(x).max() - _silu(x.max()) > 1e-6:
        return None
    if x.max() >= 0:
        return (
            "Its largest number is not negative. There SiLU is at least 0 and rising, "
            "so the largest number has the largest SiLU, in either order."
        )
    if x.min() >= _LOWEST:
        return "All four lie where SiLU still rises (from −1.278 on); there it commutes with max."
    return "The largest SiLU is still that of the largest number: move another one further left."


SILU_WINDOW = Exercise(
    name="silu-window",
    right=[-1.5, -2.0, -3.0, -5.0],
    mistakes=(),
    hint="From left to right, SiLU falls from 0 to its minimum at −1.278, then rises.",
    fault=_fault_of_window,
)

EXERCISES = (
    WRONG_CONSTANTS,
    NLL,
    DROPOUT_CNN_PARAMETERS,
    DROPOUT,
    SILU_WINDOW,
    TANH_SLOPE,
)
