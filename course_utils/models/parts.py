"""What the course's networks are built from: stages, skips and a head, each a few layers.

A stage and a head are lists of layers, so that a network is one flat list, read top to bottom.
"""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.basics.checks import choice, integer, lookup

__all__ = [
    "ACTIVATIONS", "AlwaysDropout1d", "AlwaysDropout2d", "Residual",
    "find_activation", "head", "layer", "pairs", "parameter_count", "stage",
]  # fmt: skip

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "leaky_relu": nn.LeakyReLU,
}
ORDERS = ("activation-pool", "pool-activation")


class Residual(nn.Sequential):
    """Layers and a skip past them: x + layers(x), of the shape of x.

    >>> Residual(nn.Identity())(Tensor([1.0, 2.0]))
    tensor([2., 4.])
    """

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x)


class AlwaysDropout1d(nn.Dropout1d):
    """``AlwaysDropout2d`` on signals."""

    def forward(self, x: Tensor) -> Tensor:
        return F.dropout1d(x, self.p, training=True)


class AlwaysDropout2d(nn.Dropout2d):
    """Dropout of whole channels that ``eval()`` does not reach.

    It is what ``F.dropout2d(x)`` in a ``forward`` does: its ``training`` is True unless given.
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.dropout2d(x, self.p, training=True)


def find_activation(name: str) -> type[nn.Module]:
    """Give the kind of layer that an activation's name means.

    Raises
    ------
    ValueError
        If it is not in ``ACTIVATIONS``.
    """
    return lookup("activation", name, ACTIVATIONS)


def layer(kind: str, dims: int) -> type[nn.Module]:
    """Give PyTorch's layer of a kind for images (``dims`` 2) or signals (1).

    >>> layer("Conv", 1).__name__, layer("MaxPool", 2).__name__
    ('Conv1d', 'MaxPool2d')

    Raises
    ------
    ValueError
        For other ``dims``.
    """
    return getattr(nn, f"{kind}{integer('dims', dims, most=2)}d")


def stage(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    *between: nn.Module,
    padding: int = 0,
    activation: str = "relu",
    pool: nn.Module | None = None,
    order: str = "activation-pool",
    dims: int = 2,
) -> list[nn.Module]:
    """Convolution, the layers between, activation and pooling: ``[N, in, H, W]`` in.

    With ``dims=1`` it takes signals, ``[N, in, L]``, as ``pool`` and the layers between must, too.
    ``order`` is "activation-pool" or "pool-activation"; without ``pool`` they are the same.

    Raises
    ------
    ValueError
        For an unknown activation or order, or other ``dims``.

    Examples
    --------
    >>> [type(layer).__name__ for layer in stage(1, 8, 3, nn.BatchNorm2d(8), activation="tanh")]
    ['Conv2d', 'BatchNorm2d', 'Tanh']
    """
    choice("order", order, ORDERS)
    last = [find_activation(activation)(), *([] if pool is None else [pool])]
    return [
        layer("Conv", dims)(in_channels, out_channels, kernel_size, padding=padding),
        *between,
        *(last if order == "activation-pool" else reversed(last)),
    ]


def pairs(
    channels: int,
    count: int,
    *,
    skip: int,
    batch_norm: bool = False,
    activation: str | None,
    dims: int = 2,
) -> list[nn.Module]:
    """``count`` pairs of an activation and a 3×3 convolution, ``[N, channels, H, W]`` in and out.

    With ``dims=1`` the kernels have three numbers, and signals ``[N, channels, L]`` pass. A skip
    leads past each ``skip`` of the pairs (0: past none). Batch norm, where asked for, comes before
    the activation. ``activation=None`` leaves the convolutions bare.

    >>> [len(block) for block in pairs(8, 4, skip=2, activation="relu")]  # 2 × (ReLU, Conv)
    [4, 4]
    """
    each: list[list[nn.Module]] = [
        [
            *([layer("BatchNorm", dims)(channels)] if batch_norm else []),
            *([] if activation is None else [find_activation(activation)()]),
            layer("Conv", dims)(channels, channels, 3, padding=1),
        ]
        for _ in range(count)
    ]
    if not skip:
        return [layer for pair in each for layer in pair]
    return [
        Residual(*(layer for pair in each[start : start + skip] for layer in pair))
        for start in range(0, count, skip)
    ]


def head(*widths: int, batch_norm: bool = False, dropout: float = 0.0) -> list[nn.Module]:
    """Linear layers on flattened features: ``[N, …]`` with widths[0] features in.

    Every layer but the last is followed by batch norm and dropout, where asked for, around ReLU.

    >>> [type(layer).__name__ for layer in head(512, 120, 10)]
    ['Flatten', 'Linear', 'ReLU', 'Linear']
    """
    layers: list[nn.Module] = [nn.Flatten()]
    for before, width in pairwise(widths[:-1]):
        layers.append(nn.Linear(before, width))
        layers += [nn.BatchNorm1d(width)] if batch_norm else []
        layers.append(nn.ReLU())
        layers += [nn.Dropout(dropout)] if dropout else []
    return [*layers, nn.Linear(widths[-2], widths[-1])]


def parameter_count(model: nn.Module) -> int:
    """Number of trainable parameters: weights, biases, and batch norm's scales and shifts.

    >>> parameter_count(nn.Conv2d(1, 8, 3))  # 8·(1·3·3) weights and 8 biases
    80
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
