"""Multilayer perceptrons."""

from collections.abc import Sequence

from torch import nn

from course_utils.basics.checks import integer, real
from course_utils.models.parts import find_activation


def mlp(
    hidden: Sequence[int] = (500,),
    activation: str = "relu",
    batch_norm: bool = False,
    dropout: float = 0.0,
    *,
    in_features: int = 784,
    out_features: int = 10,
) -> nn.Sequential:
    """A multilayer perceptron on images: ``[N, 1, 28, 28]`` in, logits ``[N, 10]`` out.

    Each hidden layer is Linear, activation, then BatchNorm1d and Dropout where asked for.

    Parameters
    ----------
    hidden : widths of the hidden layers; ``()`` gives softmax regression.
    activation : one of "relu", "tanh", "sigmoid", "leaky_relu".
    batch_norm : normalise each hidden layer's activations.
    dropout : probability that a hidden activation is set to zero in training, in [0, 1).
    in_features : pixels in one image, or numbers in one signal.
    out_features : number of classes.

    Raises
    ------
    ValueError
        For a width below 1, an unknown activation, or a dropout outside [0, 1).

    Examples
    --------
    >>> from course_utils.models import parameter_count
    >>> mlp((128,))
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): Linear(in_features=784, out_features=128, bias=True)
      (2): ReLU()
      (3): Linear(in_features=128, out_features=10, bias=True)
    )
    >>> parameter_count(mlp((500,), batch_norm=True)) - parameter_count(mlp((500,)))
    1000
    """
    kind = find_activation(activation)
    real("dropout", dropout, least=0, below=1)

    layers: list[nn.Module] = [nn.Flatten()]
    width_before = integer("in_features", in_features)
    for width in [integer("hidden", width) for width in hidden]:
        layers += [nn.Linear(width_before, width), kind()]
        width_before = width
        if batch_norm:
            layers.append(nn.BatchNorm1d(width))
        if dropout:
            layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(width_before, integer("out_features", out_features)))
