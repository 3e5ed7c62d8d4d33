"""A multilayer perceptron in plain NumPy: its weights, forwards, backwards, one step of training.

``layers`` is a list of pairs: weights ``[out, in]`` and biases ``[out]``. A batch has one image in
each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from torch import nn

__all__ = ["backward", "forward", "step", "weights"]

Array = npt.NDArray[Any]
Layers = Sequence[tuple[Array, Array]]


def weights(model: nn.Module) -> list[tuple[Array, Array]]:
    """Give copies of the weights and biases of a model's linear layers, in their order."""
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    return [tuple(p.detach().numpy().copy() for p in layer.parameters()) for layer in linear]  # type: ignore[misc]


def forward(layers: Layers, x: Array) -> list[Array]:
    """Give the input ``[N, in]`` and what each layer makes of it: ReLU in between, logits last.

    >>> one = [(np.array([[1.0], [-1.0]]), np.zeros(2)), (np.array([[2.0, 2.0]]), np.ones(1))]
    >>> forward(one, np.array([[3.0]]))[-1]
    array([[7.]])
    """
    activations = [x]
    for i, (w, b) in enumerate(layers):
        z = activations[-1] @ w.T + b
        activations.append(z if i == len(layers) - 1 else np.maximum(z, 0))
    return activations


def backward(
    layers: Layers, activations: Sequence[Array], labels: Array
) -> list[tuple[Array, Array]]:
    """Give the gradients of the mean cross-entropy, in the form of ``layers``."""
    delta = softmax(activations[-1], axis=1)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    gradients: list[tuple[Array, Array]] = []
    for i in reversed(range(len(layers))):
        gradients.insert(0, (delta.T @ activations[i], delta.sum(0)))
        if i > 0:
            delta = (delta @ layers[i][0]) * (activations[i] > 0)
    return gradients


def step(layers: Layers, x: Array, labels: Array, lr: float) -> None:
    """Move the weights once, in place: one step of plain gradient descent on a batch."""
    gradients = backward(layers, forward(layers, x), labels)
    for (w, b), (dw, db) in zip(layers, gradients, strict=True):
        w -= lr * dw
        b -= lr * db
