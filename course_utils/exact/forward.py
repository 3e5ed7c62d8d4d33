"""What layers compute, each number of the result as a sum of products or a maximum."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exact.inputs import (
    padded,
    read_bias,
    read_convolution,
    read_linear,
    read_pooling,
    window_share,
)
from course_utils.exact.numbers import Array, array
from course_utils.exact.steps import Operand, assemble, largest, product, record, rectified, total


def conv2d(
    x: Any,
    w: Any,
    *,
    bias: Any = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
) -> Array:
    """Lay the kernel on every window and add up the products, as PyTorch does (no flip).

    y[o, i, j] = bias[o] + Σ_{c, a, b} x[c, i', j'] · w[o, c, a, b], where
    i' = i·stride + a·dilation − padding, and j' likewise from j and b.

    This is cross-correlation; outside x stand zeros. Source: the formula of ``torch.nn.Conv2d``.

    Parameters
    ----------
    x : [H, W] with a kernel ``w`` of [kH, kW]; or [C, H, W] or [N, C, H, W] with ``w`` of
        [O, C, kH, kW].
    bias : [O], one number for each output channel ([1] or a number, for a kernel of [kH, kW]).
    stride, padding, dilation : pixels, one number or (vertical, horizontal).

    Returns
    -------
    Fractions of [H', W'], [O, H', W'] or [N, O, H', W'], with as many axes as x, where
    H' = ⌊(H + 2·padding − dilation·(kH − 1) − 1) / stride⌋ + 1, as ``output_size`` says.

    Raises
    ------
    ValueError
        For shapes that do not fit, a kernel larger than the padded input, a stride or dilation
        below 1, a negative padding, and numbers that ``fraction`` refuses.

    Examples
    --------
    >>> conv2d([[1, 2], [3, 4]], [[1, "1/2"]], bias=10).tolist()
    [[Fraction(12, 1)], [Fraction(15, 1)]]
    """
    return _convolve("conv2d", 2, x, w, bias, stride, padding, dilation)


def conv1d(
    x: Any, w: Any, *, bias: Any = None, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Array:
    """Convolve along one axis as ``conv2d`` does along two.

    y[i] = bias + Σ_a x[i·stride + a·dilation − padding] · w[a].

    ``x`` is [L] with ``w`` of [k]; or [C, L] or [N, C, L] with ``w`` of [O, C, k].

    >>> conv1d([1, 2, 3], [1, -1]).tolist()
    [Fraction(-1, 1), Fraction(-1, 1)]
    """
    return _convolve("conv1d", 1, x, w, bias, stride, padding, dilation)


def _convolve(
    operation: str,
    spatial: int,
    x: Any,
    w: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
) -> Array:
    conv = read_convolution(spatial, x, w, stride, padding, dilation)
    b = read_bias(bias, conv.channels)
    steps = []
    for n, o, *place in np.ndindex(conv.y_shape):
        terms = [
            product(conv.x(n, c, *at) if at else padded(conv.x), conv.w(o, c, *inside))
            for c in range(conv.w.full.shape[1])
            for inside, at in conv.windows.at(tuple(place))
        ]
        if b is not None:
            terms.append(product(b(o)))
        steps.append(total(operation, "y", conv.x.own((n, o, *place)), terms))
    y = assemble(steps, conv.x.own(conv.y_shape))
    inputs = conv.inputs if b is None else conv.inputs | {"bias": b.values}
    record(operation, inputs, conv.options, {"y": y}, steps)
    return y


def relu(x: Any) -> Array:
    """Replace what is negative by 0: y = max(0, x), for an array of any shape.

    >>> relu([-2, 0, "1/2"]).tolist()
    [Fraction(0, 1), Fraction(0, 1), Fraction(1, 2)]
    """
    x = array(x, "x")
    steps = [
        rectified("relu", "y", index, Operand("x", index, x[index]))
        for index in np.ndindex(x.shape)
    ]
    y = assemble(steps, x.shape)
    record("relu", {"x": x}, {}, {"y": y}, steps)
    return y


def max_pool2d(
    x: Any,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> Array:
    """Take the largest number of each window; the windows stand ``stride`` pixels apart.

    ``x`` is [H, W], [C, H, W] or [N, C, H, W]; the result has as many axes. ``stride`` is the
    kernel size unless given, as in PyTorch. The padding never wins: its places do not count.

    >>> max_pool2d([[1, 4], [2, 3]], 2).tolist()
    [[Fraction(4, 1)]]

    Raises
    ------
    ValueError
        For a kernel larger than the padded input, a stride below 1, or a padding of more than half
        the kernel size.
    """
    pool = read_pooling(x, kernel_size, stride, padding)
    steps = []
    for n, c, *place in np.ndindex(pool.y_shape):
        terms = [product(pool.x(n, c, *at)) for _, at in pool.windows.at(tuple(place)) if at]
        steps.append(largest("max_pool2d", "y", pool.x.own((n, c, *place)), terms))
    y = assemble(steps, pool.x.own(pool.y_shape))
    record("max_pool2d", pool.inputs, pool.options, {"y": y}, steps)
    return y


def avg_pool2d(
    x: Any,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> Array:
    """Take the mean of each window, the zeros of the padding included, as PyTorch does.

    Arguments, shapes and errors are those of ``max_pool2d``.

    >>> avg_pool2d([[1, 4], [2, 3]], 2).tolist()
    [[Fraction(5, 2)]]
    """
    pool = read_pooling(x, kernel_size, stride, padding)
    share = window_share(pool.windows)
    steps = []
    for n, c, *place in np.ndindex(pool.y_shape):
        terms = [
            product(pool.x(n, c, *at) if at else padded(pool.x))
            for _, at in pool.windows.at(tuple(place))
        ]
        steps.append(total("avg_pool2d", "y", pool.x.own((n, c, *place)), terms, share))
    y = assemble(steps, pool.x.own(pool.y_shape))
    record("avg_pool2d", pool.inputs, pool.options, {"y": y}, steps)
    return y


def linear(x: Any, w: Any, bias: Any = None) -> Array:
    """Multiply by the weights and add the bias: y[o] = bias[o] + Σ_i x[i] · w[o, i].

    ``x`` is [in] or [N, in], ``w`` is [out, in], ``bias`` is [out].
    The result is [out] or [N, out].

    >>> linear([1, 2], [[3, 4], [5, 6]], [0, 1]).tolist()
    [Fraction(11, 1), Fraction(18, 1)]

    Raises
    ------
    ValueError
        For shapes that do not fit.
    """
    layer = read_linear(x, w)
    outputs, features = layer.w.values.shape
    b = read_bias(bias, outputs)
    steps = []
    for n, o in np.ndindex(layer.y_shape):
        terms = [product(layer.x(n, i), layer.w(o, i)) for i in range(features)]
        if b is not None:
            terms.append(product(b(o)))
        steps.append(total("linear", "y", layer.x.own((n, o)), terms))
    y = assemble(steps, layer.x.own(layer.y_shape))
    record(
        "linear",
        layer.inputs if b is None else layer.inputs | {"bias": b.values},
        {},
        {"y": y},
        steps,
    )
    return y
