"""The reports' convolutional networks, each a list of layers, top to bottom.

All take images ``[N, 1, 28, 28]`` and return ``[N, 10]``: logits, or log-probabilities where the
last layer is LogSoftmax. With ``dims=1`` they take MNIST-1D's signals, ``[N, 1, 40]``, and their
layers are those for signals: Conv1d for Conv2d, and so on. Where a report's program differs from
its text, an argument makes the difference; by default the network is as it should be.
"""

from collections.abc import Collection
from functools import partial

from torch import nn

from course_utils.basics.checks import choice, integer
from course_utils.models.parts import AlwaysDropout1d, AlwaysDropout2d, head, layer, pairs, stage

WIDTHS = (8, 16, 32)
SIDES = {1: 40, 2: 28}  # numbers in a signal; pixels along a side of an image


def staged_cnn(
    order: str = "activation-pool",
    activation: str = "relu",
    *,
    depth: int = 0,
    skip: int = 0,
    batch_norm: bool = False,
    relu_lost: Collection[int] = (),
    dims: int = 2,
) -> nn.Sequential:
    """Three stages of 8, 16 and 32 channels on 28×28 pixels, and what 1RT720 varies in them.

    Each stage is Conv 3×3, ``depth`` pairs (activation, Conv 3×3), an activation and, in the first
    two, MaxPool2; then FC 1568→10. The report's deep networks have ``depth=3``, but no activation
    before the two poolings: its code has ten ReLUs with skips, not twelve, and seven without.

    Parameters
    ----------
    order : "activation-pool" or "pool-activation" at the end of a stage.
    activation : one of "relu", "tanh", "sigmoid", "leaky_relu".
    depth : pairs added to each stage; 0 or more.
    skip : pairs that one skip leads past. 0: no skips; 1: one per convolution, as the report built
        it; 2 or 3: one per block of two or three, as its task asked. It divides ``depth``.
    batch_norm : BN before the activation of each pair: the pre-activation order.
    relu_lost : widths of the stages whose pairs lack their activation. The report's control
        without skips has ``(16,)``.
    dims : 2 for images, 1 for signals, whose last layer is FC 320→10.

    Raises
    ------
    ValueError
        For a value that breaks a rule above.

    Examples
    --------
    >>> from course_utils.models import parameter_count
    >>> parameter_count(staged_cnn())  # 80 + 1168 + 4640 + 15690
    21578
    >>> staged_cnn(depth=2, skip=2)[1]
    Residual(
      (0): ReLU()
      (1): Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
      (2): ReLU()
      (3): Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    )
    """
    depth, skip = integer("depth", depth, least=0), integer("skip", skip, least=0)
    if skip and (depth == 0 or depth % skip):
        raise ValueError(f"skip: {skip} does not divide depth {depth}; blocks must be equally long")
    if not depth and (batch_norm or relu_lost):
        named = "batch_norm" if batch_norm else "relu_lost"
        raise ValueError(f"{named}: there are no pairs with depth 0; use a depth of at least 1")
    for width in relu_lost:
        choice("relu_lost", width, WIDTHS)

    def between(channels: int) -> list[nn.Module]:
        kept = None if channels in relu_lost else activation
        return pairs(channels, depth, skip=skip, batch_norm=batch_norm, activation=kept, dims=dims)

    same = partial(stage, padding=1, activation=activation, order=order, dims=dims)
    pool = layer("MaxPool", dims)
    return nn.Sequential(
        *same(1, 8, 3, *between(8), pool=pool(2)),  # [N, 8, 14, 14]
        *same(8, 16, 3, *between(16), pool=pool(2)),  # [N, 16, 7, 7]
        *same(16, 32, 3, *between(32)),  # [N, 32, 7, 7]
        *head(32 * (SIDES[dims] // 4) ** dims, 10),
    )


def dropout_cnn(size: int = 14, *, dims: int = 2) -> nn.Sequential:
    """TMU-HW4's: two convolutions, one pooling, dropout; log-probabilities out.

    Parameters
    ----------
    size : height and width of the images in pixels, at least 6; the report resizes to 14.
    dims : 2 for images, 1 for signals of ``size`` numbers.

    Raises
    ------
    ValueError
        For a size that leaves nothing to pool.

    Examples
    --------
    >>> from course_utils.models import parameter_count
    >>> parameter_count(dropout_cnn()), parameter_count(dropout_cnn(28))
    (108618, 596042)
    """
    side = (
        integer("size", size, least=6) - 4
    ) // 2  # each 3×3 convolution takes two pixels, pooling halves
    return nn.Sequential(
        *stage(1, 16, 3, dims=dims),
        *stage(16, 32, 3, pool=layer("MaxPool", dims)(2), dims=dims),  # [N, 32, side, side]
        nn.Dropout(0.25),
        *head(32 * side**dims, 128, 10, dropout=0.5),
        nn.LogSoftmax(1),
    )


def average_pool_cnn(softmax: bool = False, *, dims: int = 2) -> nn.Sequential:
    """CIS6800's: three stages of Conv 5×5, batch norm, ReLU and average pooling; logits out.

    Parameters
    ----------
    softmax : give probabilities, as the report did at first. Cross-entropy takes them for logits.
    dims : 2 for images, 1 for signals.

    Examples
    --------
    >>> from course_utils.models import parameter_count
    >>> parameter_count(average_pool_cnn())
    115690
    """
    norm, pool = layer("BatchNorm", dims), layer("AvgPool", dims)
    same = partial(stage, padding=2, dims=dims)
    return nn.Sequential(
        *same(1, 32, 5, norm(32), pool=pool(2)),  # [N, 32, 14, 14]
        *same(32, 32, 5, norm(32), pool=pool(2)),  # [N, 32, 7, 7]
        *same(32, 64, 5, norm(64), pool=pool(2)),  # [N, 64, 3, 3]
        *head(64 * (SIDES[dims] // 8) ** dims, 64, 10, batch_norm=True),
        *([nn.Softmax(1)] if softmax else []),
    )


def small_cnn(
    dropout_sleeps: bool = True, relu_logits: bool = False, *, dims: int = 2
) -> nn.Sequential:
    """DS5220's: two convolutions of 10 and 20 channels, dropout; log-probabilities out.

    Parameters
    ----------
    dropout_sleeps : dropout rests in eval mode. In the report it never does: it is functional.
    relu_logits : put a ReLU between the last layer and LogSoftmax, as in the report: a logit below
        zero becomes zero and sends no gradient back.
    dims : 2 for images, 1 for signals.

    Examples
    --------
    >>> from course_utils.models import parameter_count
    >>> parameter_count(small_cnn())  # 260 + 5020 + 3210
    8490
    """
    pool, asleep = layer("MaxPool", dims), layer("Dropout", dims)
    dropout = asleep if dropout_sleeps else {1: AlwaysDropout1d, 2: AlwaysDropout2d}[dims]
    same = partial(stage, order="pool-activation", dims=dims)
    return nn.Sequential(
        *same(1, 10, 5, pool=pool(2)),  # [N, 10, 12, 12]
        *same(10, 20, 5, dropout(0.5), pool=pool(2)),  # [N, 20, 4, 4]
        *head(20 * _after_two(dims), 10),
        *([nn.ReLU()] if relu_logits else []),
        nn.LogSoftmax(1),
    )


def lenet(*, dims: int = 2) -> nn.Sequential:
    """CSCI4146's, after LeNet-5: two convolutions, three linear layers; logits out.

    >>> from course_utils.models import parameter_count
    >>> parameter_count(lenet())
    85822
    """
    pool = layer("MaxPool", dims)
    return nn.Sequential(
        *stage(1, 16, 5, pool=pool(2), dims=dims),  # [N, 16, 12, 12]
        *stage(16, 32, 5, pool=pool(2), dims=dims),  # [N, 32, 4, 4]
        *head(32 * _after_two(dims), 120, 84, 10),
    )


def _after_two(dims: int) -> int:
    """Positions left after two stages of a kernel of 5 and a pooling by 2: 4·4 pixels, or 7."""
    side = SIDES[dims]
    for _ in range(2):
        side = (side - 4) // 2
    return side**dims
