"""The exercises on batch norm in use, and on slopes of activations."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import sigmoid

__all__ = ["EXERCISES"]

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


BATCH_NORM_EVAL = Exercise(
    name="batch-norm-eval",
    right=_scaled,
    cases=(_case(4, 2), _case(3, 3), _case(5, 1), _case(6, 4, small=True)),
    mistakes=(
        Mistake(
            "the mean and variance of the batch; eval mode uses the running ones",
            lambda x, m, v, g, b: _scaled(x, x.mean(0), x.var(0), g, b),
        ),
        Mistake("γ is missing", lambda x, m, v, g, b: _scaled(x, m, v, np.ones_like(g), b)),
        Mistake("β is missing", lambda x, m, v, g, b: _scaled(x, m, v, g, np.zeros_like(b))),
        Mistake(
            "both γ and β are missing", lambda x, m, v, g, b: _scaled(x, m, v, g * 0 + 1, b * 0)
        ),
        Mistake("γ and β were swapped", lambda x, m, v, g, b: _scaled(x, m, v, b, g)),
        Mistake(
            "a division by the variance instead of the standard deviation",
            lambda x, m, v, g, b: np.asarray(g * (x - m) / (v + _EPS) + b),
        ),
        Mistake("the mean was not subtracted", lambda x, m, v, g, b: _scaled(x, m * 0, v, g, b)),
        Mistake("ε is missing", lambda x, m, v, g, b: _scaled(x, m, v, g, b, 0)),
        Mistake(
            "ε was added to the standard deviation; it belongs to the variance",
            lambda x, m, v, g, b: np.asarray(g * (x - m) / (np.sqrt(v) + _EPS) + b),
        ),
        Mistake(
            "β was added before the product with γ",
            lambda x, m, v, g, b: np.asarray(g * ((x - m) / np.sqrt(v + _EPS) + b)),
        ),
        Mistake("γ, β and ε are missing", lambda x, m, v, g, b: (x - m) / np.sqrt(v)),
    ),
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
        Mistake("1 below zero and 0 above: turned around", lambda z: (z < 0).astype(float)),
        Mistake("leaky ReLU's derivative", lambda z: np.where(z > 0, 1.0, 0.01)),
        Mistake(
            "the derivative of the sigmoid",
            lambda z: 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z))),
        ),
        Mistake("1 wherever z isn't 0; below zero ReLU is flat", lambda z: (z != 0).astype(float)),
    ),
    hint="Above zero ReLU rises with slope 1, below it is flat. At zero PyTorch takes the 0.",
)


def _slope(z: Array) -> Array:
    return np.asarray(sigmoid(z) * (1 - sigmoid(z)))


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
            "the sigmoids themselves instead of their slopes", lambda z, w: np.prod(w * sigmoid(z))
        ),
        Mistake("the weights are missing", lambda z, w: np.prod(_slope(z))),
        Mistake(
            "a sum over the layers; the chain rule multiplies", lambda z, w: np.sum(w * _slope(z))
        ),
        Mistake("the largest slope, 1/4, at every layer", lambda z, w: np.prod(w * 0.25)),
        Mistake("the slopes of tanh", lambda z, w: np.prod(w * (1 - np.tanh(z) ** 2))),
        Mistake("one factor per layer; multiply them", lambda z, w: w * _slope(z)),
        Mistake("the first layer was left out", lambda z, w: np.prod((w * _slope(z))[1:])),
        Mistake("the last layer was left out", lambda z, w: np.prod((w * _slope(z))[:-1])),
    ),
    hint="Each layer multiplies by its weight and by σ(z)(1 - σ(z)), which is 1/4 at most.",
)

EXERCISES = (RELU_GRADIENT, BATCH_NORM_EVAL, SIGMOID_CHAIN)
