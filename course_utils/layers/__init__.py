"""Layers in the course's notation, as objects and as text.

>>> from course_utils import layers
>>> layers.parse("Conv(3,64,3,1,1) -> ReLU -> MaxPool(2,2)")
[Conv(3, 64, 3, 1, 1), ReLU, MaxPool(2, 2)]
>>> layers.text([layers.Conv(3, 16, 5, 2, 1), layers.ReLU()] * 2)
'Conv(3, 16, 5, 2, 1) -> ReLU -> Conv(3, 16, 5, 2, 1) -> ReLU'

A layer is a frozen dataclass with PyTorch's argument names. It says what is written, not what
fits: ``course_utils.arithmetic`` puts layers in a row and counts.
"""

from course_utils.layers.notation import NotationError, parse, read, text
from course_utils.layers.specs import (
    FC,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    Layer,
    Layers,
    LeakyReLU,
    LogSoftmax,
    MaxPool,
    Number,
    ReLU,
    Sigmoid,
    Size,
    Softmax,
    Tanh,
    Window,
    pair,
)

__all__ = [
    "FC",
    "AvgPool",
    "BatchNorm",
    "Conv",
    "Dropout",
    "Flatten",
    "Layer",
    "Layers",
    "LeakyReLU",
    "LogSoftmax",
    "MaxPool",
    "NotationError",
    "Number",
    "ReLU",
    "Sigmoid",
    "Size",
    "Softmax",
    "Tanh",
    "Window",
    "pair",
    "parse",
    "read",
    "text",
]
