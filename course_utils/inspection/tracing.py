"""The table of a network's layers: what each gives, sees and costs."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from course_utils.arithmetic import LayerRow, Table
from course_utils.inspection.watching import read_shape, traced_rows

__all__ = ["last_feature_map", "trace"]


def trace(module: nn.Module, input_shape: Sequence[int], *, gates: bool = True) -> Table:
    """Give a row for each layer of any network: branches, sums and concatenations included.

    The table is that of ``arithmetic.trace``, with the same conventions, taken from the network
    as it runs in eval mode. A row is a layer (a module without modules inside), named by its
    qualified name and type, or an operation that a larger module does itself, as "layer1.0 add".

    A sum or concatenation sees what any of its inputs sees. ``receptive_field``, ``jump`` and
    ``start`` are None once the places are gone, after flattening, a global mean or adaptive
    pooling: from there on the whole input counts as seen. A map that is multiplied by a
    squeeze-and-excitation gate, or normalized over its own height and width, sees whatever any of
    its places sees, mostly the whole input, and keeps its places; with ``gates=False`` that is left
    out, and what its windows see is given.

    Parameters are counted where they are first used, or in a last row where no other follows;
    those that eval mode does not use, such as an auxiliary classifier's, are not counted.
    Multiply-adds are those of convolutions and matrix products, one for each use of a weight, on
    one image.

    A batch of two images goes through, and its axis is followed wherever it goes: all shapes and
    counts are those of one image.

    Parameters
    ----------
    module : any network. It is left as it is; no data is copied. Hooks that are plain functions
        don't run, and what ``torch.compile`` made is taken as the module it was made from.
    input_shape : (channels, height, width), in pixels.
    gates : whether a gate, or a norm over height and width, lets a place see the whole input.

    Raises
    ------
    ValueError
        For an ``input_shape`` that does not go through the network, and for an operation that
        can't be followed, which it names: one that mixes places in other ways, such as attention,
        upsampling, or maps with different jumps that are added; and for a module that can't be
        copied.

    Notes
    -----
    Source of the algebra: Araujo, Norris and Sim, Computing receptive fields of convolutional
    neural networks, Distill (2019); for several paths its section on arbitrary computation graphs.

    Examples
    --------
    >>> from torch import nn
    >>> trace(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)), (3, 8, 8))
    layer           output  receptive field  jump  start  parameters  multiply-adds
    input        3 × 8 × 8                1     1      0
    0 Conv2d     8 × 8 × 8                3     1      0         224         13,824
    1 ReLU       8 × 8 × 8                3     1      0           0              0
    2 MaxPool2d  8 × 4 × 4                4     2    0.5           0              0
    total                                                        224         13,824
    """
    shape = read_shape(input_shape)
    return Table(tuple(traced.row for traced in traced_rows(module, shape, gates=gates)), shape)


def last_feature_map(table: Table) -> LayerRow:
    """Give the last row that still has places: the map that the classifier starts from.

    Raises
    ------
    ValueError
        For a table with no feature map in it.

    Examples
    --------
    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(64, 10))
    >>> last_feature_map(trace(net, (1, 8, 8))).layer
    '1 ReLU'
    """
    rows = [row for row in table.rows if row.jump is not None]
    if not rows:
        raise ValueError("table: no row has a feature map; use a network that has one")
    return rows[-1]
